"""Lists for verifiers, signed with the key for lists: the first line is base64 of r‖s over everything below it.

Revocations of certificates are published by `revoked_lists`; those of cards here.
"""

import base64
import hashlib
import json
from datetime import UTC, datetime

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection

from openconsular.domain.health.revocation.smart_lists import make_smart_list
from openconsular.domain.health.signing.key_certificates import jwk
from openconsular.domain.health.trust.model import TrustedKey, TrustStore
from openconsular.health_certificates import sealing
from openconsular.health_certificates.list_signing import list_id, signed
from openconsular.health_certificates.models import SigningKey
from openconsular.health_certificates.revoked_lists import publish_revocations

__all__ = [
    "card_revocations",
    "jwks",
    "list_id",
    "own_list",
    "own_signers",
    "publish_revocations",
    "signed",
    "store_document",
]

_OF_KEY = """
FROM health_certificates_revokedcertificate c
JOIN health_certificates_issued i ON i.record_id = c.issued_id
JOIN health_certificates_record r ON r.id = i.record_id
WHERE i.environment = %s AND i.key_id = %s AND r.format = 'smart-health-card'
"""
_COUNT_CARDS = f"SELECT count(*) {_OF_KEY}"
_REVOKED_CARDS = f"SELECT c.id, i.identifier {_OF_KEY} AND c.id > %s"
_CARDS: dict[tuple[str, str, int], tuple[int, dict[str, None]]] = {}


def card_revocations(key: SigningKey) -> dict[str, object]:
    """The revocation list of one SMART key, as its issuer publishes it beside the keys."""
    rids = _revoked_cards(key)
    # It only grows, so how many there are is a number that only grows as well.
    return make_smart_list(key_id=sealing.smart_key_id(key), counter=len(rids) + 1, rids=rids)


def _revoked_cards(key: SigningKey) -> dict[str, None]:
    """The ids of a key's revoked cards. A process reads on from the row it read last; rows are never taken away.

    A transaction may commit after one that took a later number, so the number of rows is compared as well.
    """
    name = (settings.DATABASES["default"]["NAME"], settings.CERTIFICATES, key.pk)
    last, rids = _CARDS.get(name, (0, {}))
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_CARDS, [settings.CERTIFICATES, key.pk])
        (count,) = cursor.fetchone()
        if count != len(rids):
            cursor.execute(_REVOKED_CARDS, [settings.CERTIFICATES, key.pk, last])
            fresh = cursor.fetchall()
            if len(rids) + len(fresh) != count:
                rids = {}
                cursor.execute(_REVOKED_CARDS, [settings.CERTIFICATES, key.pk, 0])
                fresh = cursor.fetchall()
            rids = {**rids, **{sealing.card_id(identifier): None for _, identifier in fresh}}
            _CARDS[name] = (max((row for row, _ in fresh), default=last), rids)
    return rids


def jwks() -> dict[str, object]:
    """Our keys as the issuer of SMART Health Cards publishes them (/.well-known/jwks.json)."""
    keys = []
    for key in own_signers():
        count = len(card_revocations(key)["rids"])  # type: ignore[arg-type]
        member = {
            "kid": sealing.smart_key_id(key),
            "use": "sig",
            "alg": "ES256",
            **jwk(bytes(key.public_key)),
        }
        keys.append(member | ({"crlVersion": count + 1} if count else {}))
    return {"keys": keys}


def own_signers() -> list[SigningKey]:
    """Document signers whose certificates count: in use, or retired in good order."""
    states = (SigningKey.State.ACTIVE, SigningKey.State.RETIRED)
    found = SigningKey.objects.defer("private_key").select_related("authority")
    return list(
        found.filter(environment=settings.CERTIFICATES, purpose="dsc", state__in=states).order_by("pk")
    )


def own_list() -> bytes:
    """Our authorities and signers as a list of the European kind, without its signature."""
    entries: dict[bytes, dict[str, str]] = {}
    for key in own_signers():
        above = key.authority
        if above is not None and above.state != SigningKey.State.COMPROMISED and above.certificate:
            entries[bytes(above.certificate)] = _entry(above, "CSCA")
        if key.certificate and (above is None or above.state != SigningKey.State.COMPROMISED):
            entries[bytes(key.certificate)] = _entry(key, "DSC")
    return json.dumps(
        {"certificates": list(entries.values())}, separators=(",", ":"), sort_keys=True
    ).encode()


def _entry(key: SigningKey, kind: str) -> dict[str, str]:
    der = bytes(key.certificate or b"")
    return {
        "certificateType": kind,
        "country": key.country,
        "kid": base64.b64encode(bytes(key.kid or b"")).decode(),
        "thumbprint": hashlib.sha256(der).hexdigest(),
        "rawData": base64.b64encode(der).decode(),
    }


def store_document(store: TrustStore) -> bytes:
    """Everything a verifier without a network needs to know of keys, as JSON (see the OpenAPI document).

    It is as old as its newest list; the same lists make the same bytes.
    """
    lists = [
        {
            "id": one.list_id,
            "asOf": _instant(one.as_of),
            "sequence": one.sequence,
            "proof": str(one.proof),
            "keys": len(one.keys),
        }
        for one in store.lists.values()
    ]
    document = {
        "form": 1,
        "environment": str(store.environment),
        "asOf": _instant(max(one.as_of for one in store.lists.values())),
        "lists": lists,
        "keys": [_key(one) for one in store.keys if not one.refused],
    }
    return json.dumps(document, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()


def _key(key: TrustedKey) -> dict[str, object]:
    spki = key.public_key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    last = min((one for one in (key.not_after, key.authority_not_after) if one), default=None)
    return {
        "kids": list(key.key_ids),
        "family": str(key.family),
        "country": key.country,
        "issuer": key.issuer,
        "spki": base64.b64encode(spki).decode(),
        "algorithms": sorted(map(str, key.algorithms)),
        "formats": sorted(map(str, key.formats)),
        "kinds": sorted(map(str, key.kinds)),
        "notBefore": _instant(key.not_before) if key.not_before else None,
        "notAfter": _instant(last) if last else None,
        "list": key.list_id,
    }


def _instant(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
