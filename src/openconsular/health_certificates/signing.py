"""The signer. It signs stored, approved records and nothing else, each once, and every signature has its audit entry.

What it may sign is decided by the database (trigger `issued_signed_as_approved`); the same is asked here first, so
that what cannot be kept is not signed. Register, audit and the key's count are one transaction.
"""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection
from django.db.models import F

from openconsular.domain.health.certificate import Format
from openconsular.foundation import audit
from openconsular.foundation.database import copy_rows
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import Actor
from openconsular.foundation.secrets import seal
from openconsular.health_certificates import contents, custody, rules
from openconsular.health_certificates.models import Environment, IssuingSwitch, SigningKey
from openconsular.health_certificates.sealing import Asked, Sealed, Sealer

SIGNER = Actor(label="system:signer", is_system=True)
ACTION = "certificate.sign"

_COLUMNS = {
    "record_id": "int8",
    "key_id": "int8",
    "environment": "varchar",
    "identifier": "varchar",
    "text": "bytea",
    "text_hash": "bytea",
    "signature_hash": "bytea",
    "uci_hash": "bytea",
    "country_uci_hash": "bytea",
    "signed_at": "timestamptz",
    "expires_at": "timestamptz",
}


class Stopped(Conflict):
    """Signing is stopped, or an alarm holds it."""

    code = "issuing-stopped"


class ToSign(NamedTuple):
    """A record that is approved, as the table has it."""

    record_id: int
    public_id: UUID
    format: str
    content: str
    content_mac: bytes


class Signed(NamedTuple):
    record: ToSign
    identifier: str
    sealed: Sealed
    until: datetime


@dataclass(frozen=True)
class Failure:
    """A record that could not be signed, and why."""

    record_id: int
    code: str


def require_running() -> None:
    if IssuingSwitch.objects.filter(is_stopped=True).exists():
        raise Stopped


def sealer_of(key: SigningKey) -> Sealer:
    assert key.kid is not None
    for_tests = key.environment == Environment.TEST
    return Sealer(key.country, bytes(key.kid), bytes(key.public_key), custody.signer_of(key), for_tests)


def sign(
    records: Iterable[ToSign], *, key: SigningKey, sealer: Sealer, at: datetime
) -> tuple[list[Signed], list[Failure]]:
    """Sign records with one key, in memory. `at` (whole seconds) is when; the same `at` makes the same text."""
    lives = rules.current().valid_for
    assert key.not_after is not None
    signed: list[Signed] = []
    failures: list[Failure] = []
    by_format: dict[str, list[tuple[ToSign, Asked]]] = {}
    for one in records:
        identifier = contents.identifier_of(sealer.country, one.public_id.bytes)
        try:
            written = contents.opened(one.content, one.content_mac, identifier)
        except contents.Altered as error:
            failures.append(Failure(one.record_id, error.code))
            continue
        by_format.setdefault(one.format, []).append((one, Asked(written, identifier)))
    for name, pairs in by_format.items():
        until = min(at + lives[name], key.not_after)
        asked = [pair[1] for pair in pairs]
        made = sealer.seal_many(asked, certificate_format=Format(name), at=at, until=until)
        for (record, what), sealed in zip(pairs, made, strict=True):
            if isinstance(sealed, Sealed):
                signed.append(Signed(record, what.identifier, sealed, until))
            else:
                failures.append(Failure(record.record_id, sealed.code))
    return signed, failures


def store(signed: Sequence[Signed], *, key: SigningKey, at: datetime) -> None:
    """Write the register, the audit and the count, in the caller's transaction. The database has the last word."""
    if not signed:
        return
    copy_rows(
        "health_certificates_issued", list(_COLUMNS), _rows(signed, key, at), types=list(_COLUMNS.values())
    )
    kid = bytes(key.kid or b"").hex()
    entries = (
        (
            f"certificate:{one.identifier}",
            {"record": one.record.record_id, "key": kid, "until": one.until.isoformat()},
        )
        for one in signed
    )
    audit.record_many(by=SIGNER, action=ACTION, now=at, entries=entries)
    SigningKey.objects.filter(pk=key.pk).update(signed_count=F("signed_count") + len(signed))


def _rows(signed: Sequence[Signed], key: SigningKey, at: datetime) -> Iterable[Sequence[object]]:
    for record, identifier, sealed, until in signed:
        yield (
            record.record_id,
            key.pk,
            key.environment,
            identifier,
            seal(sealed.text, "health_certificates.issued.text"),
            hashlib.sha256(sealed.text.encode()).digest(),
            sealed.signature_hash,
            sealed.uci_hash,
            sealed.country_uci_hash,
            at,
            until,
        )


def whole_second(now: datetime) -> datetime:
    """Certificates count in seconds, and approvals with them: what is approved and signed within one is signed then."""
    return now.replace(microsecond=0)


def lock_record(record_id: int) -> bool:
    """Take the turn with one record in this transaction. False where it has its signature."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [731_011, record_id & 0x7FFFFFFF])
        cursor.execute("SELECT 1 FROM health_certificates_issued WHERE record_id = %s", [record_id])
        return cursor.fetchone() is None
