"""Lists of document signers as European states publish them.

Four shapes: the gateway's trust list (an array of entries with country, type, thumbprint and a CMS signature), the
same within {"certificates": [...]}, possibly below a line with a signature over the rest; objects with the key id as
name; and {"eu_keys": {key id: [{"subjectPk", "keyUsage"}]}}.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.gateway import GatewayAnchor, vouch
from openconsular.domain.health.trust.json_text import (
    base64_bytes,
    key_id_hex,
    long_text_in,
    read_json,
    text_in,
)
from openconsular.domain.health.trust.limits import ENTRIES_MOST, LIST_BYTES_MOST, TEXT_MOST
from openconsular.domain.health.trust.model import ALL_KINDS, Environment, Family, Proof, TrustList
from openconsular.domain.health.trust.usage import kinds_named
from openconsular.domain.health.trust.x509 import read_public_key

_RAW_BYTES = 64
_SIGNER, _AUTHORITY = "DSC", "CSCA"
_CERTIFICATE_NAMES = ("rawData", "certificate", "cert", "x509", "raw")
_KEY_NAMES = ("publicKeyPem", "subjectPk", "subjectPublicKeyInfo", "publicKey")


@dataclass(frozen=True, slots=True)
class DscAnchors:
    """Who vouches for a list: a key that signs it as a whole, the gateway's trust anchor that signs its authorities and
    uploaders, or a person who compared the SHA-256 (hex) of the file. Whatever is configured must hold.
    """

    publisher: EllipticCurvePublicKey | None = None
    gateway: GatewayAnchor | None = None
    confirmed: str = ""


def read_dsc_list(
    raw: bytes,
    *,
    list_id: str,
    environment: Environment,
    fetched_at: datetime,
    anchors: DscAnchors | None = None,
) -> TrustList:
    """The list in `raw`. Its sequence is the time it was fetched, since none of these lists carries its own.

    Raises TrustRefused: "list-unreadable", "list-too-large", "list-too-long", "proof-wrong", "proof-missing",
    "fingerprint-wrong".
    """
    if len(raw) > LIST_BYTES_MOST:
        raise TrustRefused("list-too-large", f"The list has {len(raw)} bytes.")
    anchors = anchors or DscAnchors()
    proof, body = _vouched(raw, anchors)
    entries = list(_entries(read_json(body)))
    draft = Draft(
        Origin(list_id, environment, fetched_at), Family.HCERT, must_chain=anchors.gateway is not None
    )
    if anchors.gateway is not None:
        entries = vouch(entries, anchors.gateway, draft.refuse)
        proof = Proof.ENTRIES if proof is Proof.NOT_CHECKED else proof
    for entry in entries:
        _take(draft, entry)
    reason = (
        ""
        if proof is not Proof.NOT_CHECKED
        else "it bears no signature that is configured, and nobody confirmed it."
    )
    return draft.finish(proof, reason)


def _vouched(raw: bytes, anchors: DscAnchors) -> tuple[Proof, bytes]:
    first, _, rest = raw.partition(b"\n")
    body = rest if first and not first.lstrip(b"\xef\xbb\xbf \t").startswith((b"{", b"[")) else raw
    if anchors.publisher is not None:
        if body is raw:
            raise TrustRefused("proof-missing", "The list has no signature above it.")
        _verify_line(first, rest, anchors.publisher)
        return Proof.VERIFIED, body
    if anchors.confirmed:
        if hashlib.sha256(raw).hexdigest() != anchors.confirmed.strip().replace(":", "").lower():
            raise TrustRefused(
                "fingerprint-wrong", "The file is not the one whose fingerprint was confirmed."
            )
        return Proof.CONFIRMED, body
    return Proof.NOT_CHECKED, body


def _verify_line(line: bytes, body: bytes, publisher: EllipticCurvePublicKey) -> None:
    """Base64 of r‖s, or of DER, over the bytes below (the German list; ECDSA with SHA-256)."""
    try:
        signature = base64_bytes(line[:TEXT_MOST].decode("ascii"))
        if len(signature) == _RAW_BYTES:
            signature = encode_dss_signature(int.from_bytes(signature[:32]), int.from_bytes(signature[32:]))
        publisher.verify(signature, body, ec.ECDSA(SHA256()))
    except (KeyRefused, UnicodeDecodeError, InvalidSignature) as cause:
        raise TrustRefused("proof-wrong", "The signature of the list does not fit.") from cause


def _entries(document: object) -> Iterator[dict[str, Any]]:
    """Each entry in the gateway's terms, with its key id in `kid` wherever the list writes it."""
    items, named = _items(document)
    if len(items) + len(named) > ENTRIES_MOST:
        raise TrustRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")
    for item in items:
        yield item if isinstance(item, dict) else {"rawData": item}
    for name, value in named.items():
        for one in value if isinstance(value, list) else [value]:
            yield {"kid": name, **one} if isinstance(one, dict) else {"kid": name, "rawData": one}


def _items(document: object) -> tuple[Sequence[Any], Mapping[str, Any]]:
    if isinstance(document, list):
        return document, {}
    if not isinstance(document, dict):
        raise TrustRefused("list-unreadable", "This is no list of signers.")
    for name in ("certificates", "certs"):
        if isinstance(document.get(name), list):
            return document[name], {}
    held = document.get("eu_keys")
    return [], held if isinstance(held, dict) else document


def _take(draft: Draft, entry: Mapping[str, Any]) -> None:
    kind = text_in(entry, "certificateType").upper() or _SIGNER
    name = text_in(entry, "kid") or text_in(entry, "keyId")
    if kind not in (_SIGNER, _AUTHORITY):
        return
    label = f"{text_in(entry, 'country')} {name}".strip() or "entry without a name"
    try:
        _add(
            draft,
            entry,
            kind,
            Listed(
                entry=label,
                key_id=key_id_hex(name) if name and kind == _SIGNER else "",
                country=text_in(entry, "country"),
                domain=text_in(entry, "domain"),
                kinds=_kinds(entry),
            ),
        )
    except KeyRefused as fault:
        draft.refuse(label, fault)


def _add(draft: Draft, entry: Mapping[str, Any], kind: str, listed: Listed) -> None:
    certificate = next((text for name in _CERTIFICATE_NAMES if (text := long_text_in(entry, name))), "")
    if certificate:
        der = base64_bytes(_without_armour(certificate))
        if kind == _AUTHORITY:
            draft.add_authority(der, listed)
        else:
            draft.add_certificate(der, listed)
        return
    bare = next((text for name in _KEY_NAMES if (text := long_text_in(entry, name))), "")
    if not bare or not listed.key_id or kind == _AUTHORITY:
        raise KeyRefused("entry-empty", "The entry holds neither a certificate nor a named key.")
    draft.add_key(read_public_key(base64_bytes(_without_armour(bare))), listed)


def _kinds(entry: Mapping[str, Any]) -> Any:
    letters = entry.get("keyUsage", entry.get("use"))
    if isinstance(letters, list):
        letters = "".join(letter for letter in letters if isinstance(letter, str))
    return kinds_named(letters) if isinstance(letters, str) and letters not in ("", "sig") else ALL_KINDS


def _without_armour(text: str) -> str:
    """PEM without its first and last line."""
    return "".join(line for line in text.splitlines() if not line.startswith("-----"))
