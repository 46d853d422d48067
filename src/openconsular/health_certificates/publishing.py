"""Lists for verifiers, signed with the key for lists: the first line is base64 of r‖s over everything below it."""

import base64
import hashlib
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.db import connection, transaction

from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType
from openconsular.domain.health.revocation.lists import list_of
from openconsular.domain.health.revocation.slices import publish
from openconsular.domain.health.revocation.smart_lists import make_smart_list
from openconsular.domain.health.signing.key_certificates import jwk
from openconsular.domain.health.trust.model import Environment, TrustedKey, TrustStore
from openconsular.foundation import audit
from openconsular.foundation.permissions import SYSTEM
from openconsular.health_certificates import custody, rules, sealing
from openconsular.health_certificates.models import RevocationEdition, RevocationSlice, SigningKey
from openconsular.health_certificates.queries.keys import signing_key

# A list that says nothing new is said again this often, so that verifiers know it is not held back.
SAID_AGAIN = timedelta(hours=6)
_LOCK = 731_012
_REVOKED = """
SELECT encode(k.kid, 'hex'), i.uci_hash, i.country_uci_hash, i.signature_hash
FROM health_certificates_revokedcertificate c
JOIN health_certificates_issued i ON i.record_id = c.issued_id
JOIN health_certificates_signingkey k ON k.id = i.key_id
JOIN health_certificates_record r ON r.id = i.record_id
WHERE i.environment = %s AND r.format <> 'smart-health-card'
"""
_REVOKED_CARDS = """
SELECT i.identifier
FROM health_certificates_revokedcertificate c
JOIN health_certificates_issued i ON i.record_id = c.issued_id
JOIN health_certificates_record r ON r.id = i.record_id
WHERE i.environment = %s AND i.key_id = %s AND r.format = 'smart-health-card'
"""


def list_id() -> str:
    """The name of our revocation list among all."""
    return f"{rules.current().country}-{settings.CERTIFICATES}"


def signed(body: bytes, now: datetime) -> bytes:
    """`body` below the line with its signature. Raises NoKey."""
    key = signing_key(kind="", now=now, lives=timedelta(0), purpose=SigningKey.Purpose.LIST)
    return base64.b64encode(custody.signer_of(key)(body)) + b"\n" + body


@transaction.atomic
def publish_revocations(*, now: datetime) -> RevocationEdition | None:
    """A new edition when something was revoked since the last, or when that is old. None when there is nothing to say."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        cursor.execute(_REVOKED, [settings.CERTIFICATES])
        rows = cursor.fetchall()
    last = RevocationEdition.objects.filter(environment=settings.CERTIFICATES).order_by("-version").first()
    version = last.version + 1 if last else 1
    revoked = list_of(
        _hashes(rows),
        list_id=list_id(),
        environment=Environment(settings.CERTIFICATES),
        version=version,
        as_of=now,
        covers=frozenset({rules.current().country}),
    )
    if last and last.digest == revoked.digest and last.published_at > now - SAID_AGAIN:
        return None
    made = publish(revoked)
    RevocationSlice.objects.bulk_create(
        [
            RevocationSlice(
                environment=settings.CERTIFICATES, name=digest[:16], digest=digest, content=content
            )
            for digest, content in made.slices.items()
        ],
        ignore_conflicts=True,
    )
    edition = RevocationEdition.objects.create(
        environment=settings.CERTIFICATES,
        version=version,
        entries=revoked.entries,
        published_at=now,
        index_json=signed(made.index, now).decode(),
        digest=revoked.digest,
    )
    detail = {"version": version, "entries": edition.entries}
    audit.record(
        by=SYSTEM, action="certificate.publish_revocations", subject="revocations", now=now, detail=detail
    )
    return edition


def _hashes(rows: Iterable[tuple[str, bytes, bytes, bytes]]) -> dict[str, dict[HashType, HashSet]]:
    gathered: dict[str, tuple[list[bytes], list[bytes], list[bytes]]] = {}
    for kid, uci, country_uci, signature in rows:
        held = gathered.setdefault(kid, ([], [], []))
        held[0].append(bytes(uci))
        held[1].append(bytes(country_uci))
        held[2].append(bytes(signature))
    kinds = (HashType.UCI, HashType.COUNTRY_UCI, HashType.SIGNATURE)
    return {
        kid: {kind: HashSet.of(values) for kind, values in zip(kinds, held, strict=True)}
        for kid, held in gathered.items()
    }


def card_revocations(key: SigningKey) -> dict[str, object]:
    """The revocation list of one SMART key, as its issuer publishes it beside the keys."""
    with connection.cursor() as cursor:
        cursor.execute(_REVOKED_CARDS, [settings.CERTIFICATES, key.pk])
        rids = {sealing.card_id(row[0]): None for row in cursor.fetchall()}
    # It only grows, so how many there are is a number that only grows as well.
    return make_smart_list(key_id=sealing.smart_key_id(key), counter=len(rids) + 1, rids=rids)


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
