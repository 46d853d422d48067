"""What a verifier without a network carries of keys: one JSON document. Of revocations see `verifier_revocations`.

Read again by frontend/verifier/certificate/trust.js, which must come to the same verdicts; keys are already read,
chained and limited here, so that the browser need not know how any list is published.
"""

import base64
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.trust.model import Authority, PublicKey, TrustedKey, TrustList, TrustStore
from openconsular.domain.health.trust.revoked_signers import SignerRevocations

FORM = 1
_NOTHING: Mapping[str, datetime] = {}
# The names of RFC 7518 section 6.2.1.1; keys on other curves are listed as refused.
_CURVES = {"secp256r1": "P-256", "secp384r1": "P-384", "secp521r1": "P-521"}
# The one reason only a browser gives: it cannot check an authority on a curve it does not have.
AUTHORITY_CURVE = "authority-curve"


def trust_document(store: TrustStore, fresh: Mapping[str, datetime] = _NOTHING) -> dict[str, Any]:
    """{"form", "environment", "lists": [{"id", "asOf", "sequence", "keys", "authorities"}]}.

    Instants are seconds since 1970. Keys are SubjectPublicKeyInfo in Base64. `fresh` gives, by list id, when the lists
    were looked at that whoever packs them makes itself: they are as true then as when they last changed.
    """
    return {
        "form": FORM,
        "environment": str(store.environment),
        "lists": [
            _trust_list(held, fresh.get(held.list_id), store.revoked_signers) for held in store.lists.values()
        ],
    }


def _trust_list(
    held: TrustList, looked_at: datetime | None, revoked: Sequence[SignerRevocations]
) -> dict[str, Any]:
    as_of = looked_at or held.as_of
    return {
        "id": held.list_id,
        "asOf": as_of.timestamp(),
        "sequence": held.sequence,
        "keys": [_key(key, looked_at or key.as_of, as_of) for key in held.keys],
        "authorities": [_authority(one, revoked) for one in held.authorities],
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


def _authority(one: Authority, revoked: Sequence[SignerRevocations]) -> dict[str, Any]:
    """`revoked` are the serial numbers (hex) of signers it took back, for certificates that seals carry."""
    said = [held for held in revoked if held.speaks_of(one.subject, one.key_identifier)]
    serials = sorted({f"{serial:x}" for held in said for serial in held.revoked})
    return {
        **({"revoked": serials} if serials else {}),
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


def _seconds(when: datetime | None) -> float | None:
    return None if when is None else when.timestamp()


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
