"""The audit trail: who did or read what, when. Append-only and chained, so that a change shows.

An entry is written in the transaction of what it tells of, with a MAC of its own (HMAC-SHA-256 with a key the
database does not hold). Within seconds `seal` puts it into the chain: each link's MAC covers the link before it and
the entry's MAC. The two steps are apart because a chain grows by one link at a time, and no mass warning and no
answer may wait for that. Alteration shows at once; removal and re-ordering from the moment of sealing; a trail cut
off at its end only against a head noted elsewhere, which is why `verify` tells the head.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from openconsular.foundation.database import copy_rows
from openconsular.foundation.models import AuditEntry, AuditLink
from openconsular.foundation.permissions import Actor

# Any constant will do; it names the lock under which the chain grows by one link at a time.
CHAIN_LOCK = 7_310_108
# An entry committed later than this many others is found by `verify`, which looks at all of them.
LOOK_BACK = 100_000

_UNSEALED = """
SELECT e.number, e.mac FROM foundation_auditentry e
WHERE e.number > %s AND NOT EXISTS (SELECT 1 FROM foundation_auditlink l WHERE l.entry_number = e.number)
ORDER BY e.number LIMIT 20000
"""
_CHAIN = """
SELECT l.position, l.entry_number, l.mac, e.at, e.actor, e.action, e.subject, e.detail, e.mac
FROM foundation_auditlink l LEFT JOIN foundation_auditentry e ON e.number = l.entry_number
WHERE l.position > %s ORDER BY l.position LIMIT 5000
"""


def record(
    *, by: Actor, action: str, subject: str, now: datetime, detail: dict[str, Any] | None = None
) -> None:
    """Add one entry, in the caller's transaction: it is there if and only if what it tells of is."""
    values = (now, by.label, action, subject, detail or {})
    AuditEntry.objects.create(
        at=now,
        actor=by.label,
        action=action,
        subject=subject,
        detail=detail or {},
        mac=_mac_of_entry(*values),
    )


def record_many(
    *, by: Actor, action: str, now: datetime, entries: Iterable[tuple[str, dict[str, Any]]]
) -> int:
    """One entry each for many (subject, detail), in the caller's transaction. Returns how many."""
    rows = (
        (
            now,
            by.label,
            action,
            subject,
            json.dumps(detail, ensure_ascii=False),
            _mac_of_entry(now, by.label, action, subject, detail),
        )
        for subject, detail in entries
    )
    return copy_rows("foundation_auditentry", ("at", "actor", "action", "subject", "detail", "mac"), rows)


def _mac_of_entry(at: datetime, actor: str, action: str, subject: str, detail: dict[str, Any]) -> bytes:
    body = json.dumps(
        [at.timestamp(), actor, action, subject, detail],
        sort_keys=True,
        separators=(",", ":"),
        ensure_ascii=False,
    )
    return hmac.digest(settings.AUDIT_KEY, b"entry" + body.encode(), hashlib.sha256)


def _mac_of_link(previous: bytes, entry: bytes) -> bytes:
    return hmac.digest(settings.AUDIT_KEY, b"link" + previous + entry, hashlib.sha256)


def seal(*, whole: bool = False) -> int:
    """Put entries that are not yet in the chain into it. Returns how many; 0 where another process is at it.

    `whole` waits for its turn and looks at every entry there is, however late it was committed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        attempt = "pg_advisory_xact_lock" if whole else "pg_try_advisory_xact_lock"
        cursor.execute(f"SELECT {attempt}(%s)", [CHAIN_LOCK])
        if not whole and not cursor.fetchone()[0]:
            return 0
        cursor.execute("SELECT position, mac FROM foundation_auditlink ORDER BY position DESC LIMIT 1")
        last = cursor.fetchone()
        position, previous = (last[0], bytes(last[1])) if last else (0, b"")
        cursor.execute("SELECT coalesce(max(entry_number), 0) FROM foundation_auditlink")
        newest = cursor.fetchone()[0]
        cursor.execute(_UNSEALED, [0 if whole else newest - LOOK_BACK])
        links = []
        for number, mac in cursor.fetchall():
            position, previous = position + 1, _mac_of_link(previous, bytes(mac))
            links.append(AuditLink(position=position, entry_number=number, mac=previous))
        AuditLink.objects.bulk_create(links, batch_size=2000)
    return len(links)


def head() -> tuple[int, str]:
    """Position and MAC of the last link, in hexadecimal: what to note elsewhere."""
    seal(whole=True)
    last = AuditLink.objects.order_by("-position").first()
    return (last.position, bytes(last.mac).hex()) if last else (0, "")


@dataclass(frozen=True)
class Verdict:
    """What checking the chain found. `broken_at` is a position in it; `head` is to be noted outside."""

    entries: int
    broken_at: int | None
    head: str

    @property
    def is_whole(self) -> bool:
        return self.broken_at is None


def verify(*, head_number: int = 0, head: str = "") -> Verdict:
    """Seal what is open, then walk the whole chain. `head_number` and `head`, noted earlier, must be found in it."""
    while seal(whole=True):
        continue
    previous, count = b"", 0
    while rows := _chain_after(count):
        for position, _number, mac, at, actor, action, subject, detail, entry_mac in rows:
            if position != count + 1 or at is None:
                return Verdict(count, count + 1, previous.hex())
            detail = json.loads(detail) if isinstance(detail, str) else detail
            true_entry = _mac_of_entry(at, actor, action, subject, detail)
            true_link = _mac_of_link(previous, true_entry)
            is_noted = position == head_number
            if (
                not hmac.compare_digest(bytes(entry_mac), true_entry)
                or not hmac.compare_digest(bytes(mac), true_link)
                or (is_noted and head and true_link.hex() != head)
            ):
                return Verdict(count, position, previous.hex())
            count, previous = position, true_link
    return Verdict(count, count + 1 if head_number > count else None, previous.hex())


def _chain_after(position: int) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_CHAIN, [position])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
