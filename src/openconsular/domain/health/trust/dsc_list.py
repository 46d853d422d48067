"""Lists of document signers as European states published them and the gateways do.

Entries in the gateway's terms (country, type, thumbprint, CMS signature), objects with the key id as name,
{"eu_keys": {key id: [{"subjectPk", "keyUsage"}]}}, JWKs by country, CBOR: `dsc_shapes`. What they are wrapped in and
signed with: `envelopes`.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey

from openconsular.domain.health.trust.bundle import unpack
from openconsular.domain.health.trust.draft import Draft, Listed, Origin
from openconsular.domain.health.trust.dsc_shapes import entries_of
from openconsular.domain.health.trust.envelopes import Opened, open_parts
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.gateway import GatewayAnchor, vouch
from openconsular.domain.health.trust.json_text import base64_bytes, key_id_hex, long_text_in, text_in
from openconsular.domain.health.trust.jwk import key_of_jwk
from openconsular.domain.health.trust.model import ALL_KINDS, Environment, Family, Proof, TrustList
from openconsular.domain.health.trust.publisher import Publisher
from openconsular.domain.health.trust.usage import kinds_named
from openconsular.domain.health.trust.x509 import read_public_key

_SIGNER, _AUTHORITY = "DSC", "CSCA"
_CERTIFICATE_NAMES = ("rawData", "certificate", "cert", "x509", "raw")
_KEY_NAMES = ("publicKeyPem", "subjectPk", "subjectPublicKeyInfo", "publicKey", "pk")


@dataclass(frozen=True, slots=True)
class DscAnchors:
    """Who vouches for a list: whoever signs it as a whole, the gateway's trust anchor that signs its authorities and
    uploaders, or a person who compared the SHA-256 (hex) of the file. Whatever is configured must hold.
    """

    publisher: Publisher | EllipticCurvePublicKey | None = None
    gateway: GatewayAnchor | None = None
    confirmed: str = ""

    @property
    def signer(self) -> Publisher | None:
        held = self.publisher
        return held if held is None or isinstance(held, Publisher) else Publisher(key=held)


def read_dsc_list(
    raw: bytes,
    *,
    list_id: str,
    environment: Environment,
    fetched_at: datetime,
    anchors: DscAnchors | None = None,
) -> TrustList:
    """The list in `raw`, one file or several (`bundle`).

    Its sequence is the time it was signed, or for the many that carry none the time it was fetched. Raises
    TrustRefused: what `envelopes.open_parts` and `dsc_shapes.entries_of` raise, and "fingerprint-wrong".
    """
    anchors = anchors or DscAnchors()
    parts = unpack(raw)
    _demand_confirmed(raw, anchors.confirmed)
    opened = open_parts(parts, anchors.signer, fetched_at)
    entries = entries_of([one.document for one in opened])
    as_of, dates = _dates(opened, fetched_at, is_signed=anchors.signer is not None)
    draft = Draft(Origin(list_id, environment, as_of), Family.HCERT, must_chain=anchors.gateway is not None)
    proof = _proof(anchors)
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
    return draft.finish(
        proof,
        reason,
        sequence=max(dates.values(), default=None),
        parts=dates,
        is_dated=bool(dates),
        valid_until=min((one.valid_until for one in opened if one.valid_until), default=None),
    )


def _demand_confirmed(raw: bytes, confirmed: str) -> None:
    if confirmed and hashlib.sha256(raw).hexdigest() != confirmed.strip().replace(":", "").lower():
        raise TrustRefused("fingerprint-wrong", "The file is not the one whose fingerprint was confirmed.")


def _proof(anchors: DscAnchors) -> Proof:
    if anchors.publisher is not None:
        return Proof.VERIFIED
    return Proof.CONFIRMED if anchors.confirmed else Proof.NOT_CHECKED


def _dates(opened: list[Opened], fetched_at: datetime, *, is_signed: bool) -> tuple[datetime, dict[str, int]]:
    """How old the list is, and when each part was signed. Dates count only where a signature over them was checked."""
    signed = [one.signed_at for one in opened if one.signed_at is not None]
    if not is_signed or len(signed) < len(opened):
        return fetched_at, {}
    return min(signed), {
        f"part {number}": int(at.astimezone(UTC).timestamp()) for number, at in enumerate(signed, start=1)
    }


def _take(draft: Draft, entry: Mapping[str, Any]) -> None:
    kind = text_in(entry, "certificateType").upper() or _SIGNER
    name = text_in(entry, "kid") or text_in(entry, "keyId") or text_in(entry, "kid_hex")
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
                key_id=_key_id(entry, name) if kind == _SIGNER else "",
                country=text_in(entry, "country"),
                domain=text_in(entry, "domain"),
                kinds=_kinds(entry),
            ),
        )
    except KeyRefused as fault:
        draft.refuse(label, fault)


def _key_id(entry: Mapping[str, Any], name: str) -> str:
    return text_in(entry, "kid_hex") or (key_id_hex(name) if name else "")


def _add(draft: Draft, entry: Mapping[str, Any], kind: str, listed: Listed) -> None:
    der = _certificate(entry)
    if der:
        if kind == _AUTHORITY:
            draft.add_authority(der, listed)
        else:
            draft.add_certificate(der, listed)
        return
    bare = next((text for name in _KEY_NAMES if (text := long_text_in(entry, name))), "")
    jwk = entry.get("jwk")
    if not (bare or jwk) or not listed.key_id or kind == _AUTHORITY:
        raise KeyRefused("entry-empty", "The entry holds neither a certificate nor a named key.")
    key = read_public_key(base64_bytes(_without_armour(bare))) if bare else key_of_jwk(jwk)
    draft.add_key(key, listed)


def _certificate(entry: Mapping[str, Any]) -> bytes:
    """The certificate of an entry in DER, b"" where it has none."""
    der = entry.get("der")
    if isinstance(der, bytes):
        return der
    text = next((text for name in _CERTIFICATE_NAMES if (text := long_text_in(entry, name))), "")
    return base64_bytes(_without_armour(text)) if text else b""


def _kinds(entry: Mapping[str, Any]) -> Any:
    letters = entry.get("keyUsage", entry.get("use"))
    if isinstance(letters, list):
        letters = "".join(letter for letter in letters if isinstance(letter, str))
    return kinds_named(letters) if isinstance(letters, str) and letters not in ("", "sig") else ALL_KINDS


def _without_armour(text: str) -> str:
    """PEM without its first and last line."""
    return "".join(line for line in text.splitlines() if not line.startswith("-----"))
