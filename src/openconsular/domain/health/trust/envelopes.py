"""What national lists came wrapped in, and the check of the signature over it.

- a line with a signature above the JSON (Germany): ECDSA with SHA-256 over the bytes below
- a JWS with the signer's certificates in `x5c` (Switzerland, and Sweden's "DSC Trust List", format 1.0)
- {"payload", "signature"}, a detached CMS signature over the payload (the Netherlands)
- a CBOR list and beside it a COSE_Sign1 over its SHA-256 (Austria, "TrustListV2")
- the bare list (France, Italy, Norway, the United Kingdom, and the gateways' own)

As read by the verifiers their publishers or others opened: hcert-kotlin, the Swiss SDK, CoronaCheck, verify-ehc.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from openconsular.domain.health.hcert import cbor, cose
from openconsular.domain.health.limits import INSTANT_MOST
from openconsular.domain.health.trust.cms import certificates_of, signing_certificate, verify_detached
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import base64_bytes, long_text_in, read_json
from openconsular.domain.health.trust.limits import CHAIN_MOST, TEXT_MOST
from openconsular.domain.health.trust.publisher import Publisher, verify_with
from openconsular.domain.health.verdict import Unreadable

_CBOR_MAP, _COSE_STARTS = 5, (b"\xd2", b"\x84", b"\xd8")
_SUBJECT, _EXPIRES, _NOT_BEFORE = 2, 4, 5  # CWT claims (RFC 8392 section 3.1.1)
_CLOCKS_APART = timedelta(days=1)
_JOSE_NAMES = frozenset({"alg", "typ", "cty", "kid", "x5c", "x5t", "x5t#S256", "iat"})


@dataclass(frozen=True, slots=True)
class Opened:
    """One part of a list without its wrapping. The instants (UTC) are those that its signature covers."""

    document: Any
    signed_at: datetime | None = None
    valid_until: datetime | None = None


def open_parts(parts: Sequence[bytes], publisher: Publisher | None, fetched_at: datetime) -> list[Opened]:
    """Every part that holds something, each signed by `publisher` where there is one.

    Raises TrustRefused: "proof-missing", "proof-wrong", "proof-malformed", "proof-chain", "proof-algorithm",
    "proof-other-signer", "list-from-the-future", "list-unreadable".
    """
    seals = [part for part in parts if part[:1] in _COSE_STARTS]
    found = [_opened(part, seals, publisher, fetched_at) for part in parts if part not in seals]
    if not found:
        raise TrustRefused("list-unreadable", "There is a signature here, and not the list that it is over.")
    for one in found:
        if one.signed_at is not None and one.signed_at > fetched_at + _CLOCKS_APART:
            raise TrustRefused(
                "list-from-the-future", f"The list says it was signed at {one.signed_at:%Y-%m-%d %H:%M}."
            )
    return found


def _opened(part: bytes, seals: Sequence[bytes], publisher: Publisher | None, at: datetime) -> Opened:
    plain = part.lstrip(b"\xef\xbb\xbf \t\r\n")
    if plain.startswith(b"ey") and plain.count(b".") == 2:
        return _jws(plain.strip(), publisher, at)
    if part and part[0] >> 5 == _CBOR_MAP:
        return _sealed_cbor(part, seals, publisher, at)
    if plain.startswith((b"{", b"[")):
        document = read_json(part)
        if isinstance(document, dict) and document.keys() == {"payload", "signature"}:
            return _cms(document, publisher, at)
        if publisher is not None:
            raise TrustRefused("proof-missing", "The list has no signature above it.")
        return Opened(document)
    line, _, rest = part.partition(b"\n")
    if rest.lstrip()[:1] not in (b"{", b"["):
        return Opened(_bare_text(part))
    if publisher is not None:
        key = publisher.key_for((), at)
        verify_with(key, "ES256", _decoded(line[:TEXT_MOST]), rest)
    return Opened(read_json(rest))


def _bare_text(part: bytes) -> Any:
    """Neither JSON nor any wrapping. A verifier service hands out its list so, one certificate an answer."""
    try:
        if base64_bytes(part[: 64 * 1024].decode("ascii"))[:1] == b"\x30":
            raise TrustRefused(
                "list-in-pieces",
                "This is one certificate of a list that is served piece by piece (x-resume-token). Gather them as"
                " {key id: certificate} and import that.",
            )
    except (KeyRefused, UnicodeDecodeError):
        pass
    return read_json(part)


def _jws(token: bytes, publisher: Publisher | None, at: datetime) -> Opened:
    """RFC 7515, compact. Only the protected header is there; what it names beyond the usual is refused."""
    head, payload, signature = token.split(b".")
    header, claims = read_json(_decoded(head)), read_json(_decoded(payload))
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise TrustRefused("proof-malformed", "The signed list is no list of claims.")
    if publisher is not None:
        if not header.keys() <= _JOSE_NAMES:
            raise TrustRefused("proof-malformed", "The signature says more than is known here.")
        carried = header.get("x5c", [])
        if not isinstance(carried, list) or not all(isinstance(one, str) for one in carried):
            raise TrustRefused("proof-malformed", "The certificates of the signature are no list.")
        key = publisher.key_for([_decoded(one.encode()) for one in carried[: CHAIN_MOST + 1]], at)
        verify_with(key, long_text_in(header, "alg"), _decoded(signature), head + b"." + payload)
    signed_at, until = _instant(claims.get("iat")), _instant(claims.get("exp"))
    lasts = claims.get("validDuration")  # milliseconds, in the Swiss list of keys in force
    if until is None and signed_at is not None and isinstance(lasts, int) and 0 < lasts < 10**12:
        until = signed_at + timedelta(milliseconds=lasts)
    return Opened(claims, signed_at, until)


def _cms(document: Mapping[str, Any], publisher: Publisher | None, at: datetime) -> Opened:
    body = _decoded(long_text_in(document, "payload").encode())
    if publisher is not None:
        message = _decoded(long_text_in(document, "signature").encode())
        try:
            carried = certificates_of(message)
            if publisher.authority is not None:
                publisher.key_for(carried, at)
            signer = signing_certificate(carried, publisher.key)
            verify_detached(message, body, signer)
        except KeyRefused as fault:
            raise TrustRefused("proof-wrong", fault.message) from fault
    return Opened(read_json(body))


def _sealed_cbor(part: bytes, seals: Sequence[bytes], publisher: Publisher | None, at: datetime) -> Opened:
    try:
        document = cbor.read(part)
        claims = _claims_of_seal(part, seals, publisher, at)
    except Unreadable as cause:
        raise TrustRefused("list-unreadable", f"The list is not CBOR as it should be: {cause}") from cause
    return Opened(document, _instant(claims.get(_NOT_BEFORE)), _instant(claims.get(_EXPIRES)))


def _claims_of_seal(
    part: bytes, seals: Sequence[bytes], publisher: Publisher | None, at: datetime
) -> Mapping[Any, Any]:
    if not seals:
        if publisher is not None:
            raise TrustRefused("proof-missing", "The list came without the file with its signature.")
        return {}
    sealed = cose.read(seals[0])
    claims = cbor.read(sealed.payload)
    if not isinstance(claims, dict) or claims.get(_SUBJECT) != hashlib.sha256(part).digest():
        raise TrustRefused("proof-wrong", "The signature is over another list.")
    if publisher is None:
        return claims
    key = publisher.key_for((), at)
    verify_with(key, str(sealed.algorithm or ""), sealed.signature, sealed.to_be_signed())
    return claims


def _decoded(text: bytes) -> bytes:
    try:
        return base64_bytes(text.decode("ascii"))
    except (KeyRefused, UnicodeDecodeError) as cause:
        raise TrustRefused("proof-wrong", "The signature of the list cannot be read.") from cause


def _instant(value: object) -> datetime | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= INSTANT_MOST:
        return None
    return datetime.fromtimestamp(value, UTC)
