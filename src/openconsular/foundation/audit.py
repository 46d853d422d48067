"""The audit trail: who did or read what, when. Append-only and chained, so that a change shows.

Each entry's MAC is HMAC-SHA-256 over the previous MAC and the entry's canonical JSON, keyed with a key the
database does not hold. Alteration, removal and re-ordering are found by `verify`; a trail cut off at its end is
found only against a head noted elsewhere, which is why `verify` prints the head.
"""

import hashlib
import hmac
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import Actor

# Any constant will do; it names the lock under which the chain grows by one entry at a time.
CHAIN_LOCK = 7_310_108


def record(
    *, by: Actor, action: str, subject: str, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Add one entry, in the caller's transaction. Call it last in an action: the chain is locked until commit."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CHAIN_LOCK])
        cursor.execute("SELECT number, mac FROM foundation_auditentry ORDER BY number DESC LIMIT 1")
        last = cursor.fetchone()
        number, previous = (last[0] + 1, bytes(last[1])) if last else (1, b"")
        entry = AuditEntry(
            number=number, at=now, actor=by.label, action=action, subject=subject, detail=detail or {}
        )
        entry.mac = _mac(previous, entry)
        entry.save(force_insert=True)


def _mac(previous: bytes, entry: AuditEntry) -> bytes:
    body = json.dumps(
        [entry.number, entry.at.timestamp(), entry.actor, entry.action, entry.subject, entry.detail],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hmac.new(settings.AUDIT_KEY, previous + body.encode(), hashlib.sha256).digest()


def head() -> tuple[int, str]:
    """Number and MAC (hexadecimal) of the last entry, to be noted outside; (0, "") for an empty trail."""
    last = AuditEntry.objects.order_by("-number").first()
    return (last.number, bytes(last.mac).hex()) if last else (0, "")


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found. `head` is to be noted outside, to show later that nothing was cut off."""

    entries: int
    broken_at: int | None
    head: str

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def verify(*, head_number: int = 0, head: str = "") -> Verdict:
    """Walk the whole chain. `head_number` and `head`, noted earlier, must still be found in it."""
    previous, count = b"", 0
    for entry in _entries():
        count += 1
        is_noted_head = entry.number == head_number
        if (
            entry.number != count
            or not hmac.compare_digest(bytes(entry.mac), _mac(previous, entry))
            or (is_noted_head and head and bytes(entry.mac).hex() != head)
        ):
            return Verdict(count, entry.number, previous.hex())
        previous = bytes(entry.mac)
    broken = count + 1 if head_number > count else None
    return Verdict(count, broken, previous.hex())


def _entries() -> Iterator[AuditEntry]:
    return AuditEntry.objects.order_by("number").iterator(chunk_size=5000)
