"""What a verifier without a network carries: trusted keys as one JSON document, revocations as one file of bytes.

Read again by frontend/verifier/certificate (trust.js, revocation.js), which must come to the same verdicts; keys are
already read, chained and limited here, so that the browser need not know how any list is published.
"""

import base64
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.revocation.bloom import BloomFilter
from openconsular.domain.health.revocation.lists import KeyRevocations, RevocationList
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.smart_lists import SmartList
from openconsular.domain.health.trust.model import Authority, PublicKey, TrustedKey, TrustList, TrustStore

FORM = 1
_NOTHING: Mapping[str, datetime] = {}
# The names of RFC 7518 section 6.2.1.1; keys on other curves are listed as refused.
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
# The one reason only a browser gives: it cannot check an authority on a curve it does not have.
AUTHORITY_CURVE = "authority-curve"
_HEAD_BYTES = 4
# Of the EU's binary form (`revocation.bloom`): what stands before the words of the filter.
_BLOOM_HEAD = 20


def trust_document(store: TrustStore, fresh: Mapping[str, datetime] = _NOTHING) -> dict[str, Any]:
    """{"form", "environment", "lists": [{"id", "asOf", "sequence", "keys", "authorities"}]}.

    Instants are seconds since 1970. Keys are SubjectPublicKeyInfo in Base64. `fresh` gives, by list id, when the lists
    were looked at that whoever packs them makes itself: they are as true then as when they last changed.
    """
    return {
        "form": FORM,
        "environment": str(store.environment),
        "lists": [_trust_list(held, fresh.get(held.list_id)) for held in store.lists.values()],
    }


def revocation_bytes(revocations: Revocations, fresh: Mapping[str, datetime] = _NOTHING) -> bytes:
    """The length of a JSON head (4 bytes, big-endian), the head, then hashes and filters as the head places them.

    `fresh` as for `trust_document`.
    """
    body = _Body()
    head = {
        "form": FORM,
        "environment": str(revocations.environment),
        "lists": [
            _revocation_list(held, body, fresh.get(held.list_id)) for held in revocations.lists.values()
        ],
        "smart": [_smart_list(held) for held in revocations.smart_lists.values()],
        "smartVersions": [[*name, version] for name, version in revocations.smart_versions.items()],
    }
    words = json.dumps(head, separators=(",", ":"), ensure_ascii=False).encode()
    return len(words).to_bytes(_HEAD_BYTES) + words + b"".join(body.parts)


class _Body:
    """Bytes one after the other, and where each lot of them stands."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.length = 0

    def add(self, part: bytes) -> list[int]:
        place = [self.length, len(part)]
        self.parts.append(part)
        self.length += len(part)
        return place


def _trust_list(held: TrustList, looked_at: datetime | None) -> dict[str, Any]:
    as_of = looked_at or held.as_of
    return {
        "id": held.list_id,
        "asOf": as_of.timestamp(),
        "sequence": held.sequence,
        "keys": [_key(key, looked_at or key.as_of, as_of) for key in held.keys],
        "authorities": [_authority(one) for one in held.authorities],
    }


def _key(key: TrustedKey, as_of: datetime, of_list: datetime) -> dict[str, Any]:
    said = {
        "keyIds": list(key.key_ids),
        "family": str(key.family),
        "country": key.country,
        "certificateCountry": key.certificate_country,
        "issuer": key.issuer,
        "algorithms": sorted(key.algorithms),
        "formats": sorted(key.formats),
        "kinds": sorted(key.kinds),
        "notBefore": _seconds(key.not_before),
        "notAfter": _seconds(key.not_after),
        "authorityNotBefore": _seconds(key.authority_not_before),
        "authorityNotAfter": _seconds(key.authority_not_after),
        "refused": key.refused,
        **_public(key.public_key),
    }
    return said if as_of == of_list else {**said, "asOf": as_of.timestamp()}


def _authority(one: Authority) -> dict[str, Any]:
    return {
        "country": one.country,
        "subject": _text(one.subject),
        "keyIdentifier": one.key_identifier.hex(),
        "pathLength": one.path_length,
        "fingerprint": one.fingerprint,
        "notBefore": _seconds(one.not_before),
        "notAfter": _seconds(one.not_after),
        **_public(one.public_key),
    }


def _public(key: PublicKey) -> dict[str, Any]:
    curve = key.curve.name if isinstance(key, EllipticCurvePublicKey) else ""
    return {
        "type": _CURVES.get(curve, curve) if curve else "RSA",
        "bits": key.key_size,
        "spki": _text(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    }


def _revocation_list(held: RevocationList, body: _Body, looked_at: datetime | None) -> dict[str, Any]:
    return {
        "id": held.list_id,
        "version": held.version,
        "asOf": (looked_at or held.as_of).timestamp(),
        "covers": sorted(held.covers),
        "keys": {name: _revoked(one, body) for name, one in held.keys.items()},
    }


def _revoked(one: KeyRevocations, body: _Body) -> dict[str, Any]:
    return {
        "types": sorted(one.hash_types),
        "exact": None if one.exact is None else body.add(one.exact.packed),
        "digits": one.digits,
        "parts": {place: [_part(part, body) for part in parts] for place, parts in one.parts.items()},
    }


def _part(part: Any, body: _Body) -> Mapping[str, Any]:
    if isinstance(part, BloomFilter):
        return {"functions": part.functions, "at": body.add(part.to_bytes()[_BLOOM_HEAD:])}
    return {"width": part.width, "at": body.add(part.values.packed)}


def _smart_list(held: SmartList) -> dict[str, Any]:
    """A revocation for ever is null: JSON has no infinity."""
    return {
        "issuer": held.issuer,
        "keyId": held.key_id,
        "counter": held.counter,
        "asOf": held.as_of.timestamp(),
        "rids": {rid: None if until == float("inf") else until for rid, until in held.rids.items()},
    }


def _seconds(when: datetime | None) -> float | None:
    return None if when is None else when.timestamp()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
