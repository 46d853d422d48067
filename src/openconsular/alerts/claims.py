"""The send ledger's statements: claim a shard, take some of its deliveries, write what became of them.

By hand, because each is one statement over thousands of rows, and because the order of commits is the promise: what
may leave is marked before it leaves, and whoever lost their turn can change nothing any more.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from openconsular.alerts import arrays

LEASE = timedelta(seconds=30)
"""How long a worker's turn lasts without a sign of life; with the sweep, the longest a warning waits for a dead one."""

RETRY_AFTER = tuple(timedelta(seconds=seconds) for seconds in (10, 30, 120, 300, 900, 1800))
MOST_ATTEMPTS = 8

_MAY_SEND = "w.state = 'sending' AND NOT EXISTS (SELECT 1 FROM alerts_sendingswitch WHERE is_stopped)"

_CLAIM = f"""
UPDATE alerts_shard s
SET state = 'claimed', claimed_by = %(worker)s, lease_until = %(lease_until)s, attempts = s.attempts + 1
FROM alerts_warning w
WHERE s.id = %(shard)s AND w.id = s.warning_id AND {_MAY_SEND}
  AND (s.state = 'queued' AND s.not_before <= %(now)s OR s.state = 'claimed' AND s.lease_until < %(now)s)
RETURNING s.id, s.warning_id, s.channel, s.attempts, w.incident_id, w.is_exercise
"""  # noqa: S608 - put together from constants

# Whatever the worker before us left on its way may have arrived: it goes again, and is counted as a doubt.
_RECOVER = """
UPDATE alerts_delivery SET state = 'queued', in_doubt = in_doubt + 1, error_code = 'worker-lost'
WHERE shard_id = %(shard)s AND state = 'sending'
"""

_RENEW = f"""
UPDATE alerts_shard s SET lease_until = %(lease_until)s FROM alerts_warning w
WHERE s.id = %(shard)s AND s.claimed_by = %(worker)s AND s.state = 'claimed' AND w.id = s.warning_id AND {_MAY_SEND}
"""  # noqa: S608

_STAY = """
UPDATE alerts_shard SET lease_until = %(lease_until)s
WHERE id = %(shard)s AND claimed_by = %(worker)s AND state = 'claimed'
"""

# A delivery is taken once in each turn of its shard: what has to be tried again waits for the next turn.
_TAKE = """
WITH taken AS MATERIALIZED (
    SELECT id FROM alerts_delivery
    WHERE shard_id = %(shard)s AND state = 'queued' AND attempts < %(attempts)s
    ORDER BY id LIMIT %(most)s FOR UPDATE
)
UPDATE alerts_delivery d SET state = 'sending', attempts = d.attempts + 1
FROM taken, alerts_recipient r WHERE d.id = taken.id AND r.id = d.recipient_id
RETURNING d.id, d.recipient_id, d.contact_id, d.language, d.attempts, r.party
"""

_CONCLUDE = """
UPDATE alerts_delivery d
SET state = o.state, provider_ref = o.ref, error_code = o.code, in_doubt = d.in_doubt + o.doubt,
    handed_at = CASE WHEN o.state = 'handed' THEN %(now)s ELSE d.handed_at END
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(refs)s::text[], %(codes)s::text[], %(doubts)s::int[])
     AS o(id, state, ref, code, doubt)
WHERE d.id = o.id AND d.state = 'sending'
"""

_FINISH = """
UPDATE alerts_shard s
SET state = CASE WHEN rest.is_open THEN 'queued' ELSE 'done' END, not_before = %(not_before)s,
    claimed_by = '', lease_until = NULL
FROM (SELECT EXISTS (SELECT 1 FROM alerts_delivery
                     WHERE shard_id = %(shard)s AND state IN ('queued', 'sending')) AS is_open) rest
WHERE s.id = %(shard)s AND s.claimed_by = %(worker)s AND s.state = 'claimed'
RETURNING s.state
"""

# A warning stopped while a worker had a shard: what was not taken never leaves, what was is in doubt for ever.
_CALL_OFF = """
UPDATE alerts_delivery d
SET in_doubt = d.in_doubt + CASE WHEN d.state = 'sending' THEN 1 ELSE 0 END, state = 'cancelled'
FROM alerts_shard s, alerts_warning w
WHERE s.id = d.shard_id AND w.id = s.warning_id AND w.state = 'stopped' AND d.state IN ('queued', 'sending')
  AND (s.state = 'queued' OR s.state = 'claimed' AND s.lease_until < %(now)s)
"""
_CLOSE_CALLED_OFF = """
UPDATE alerts_shard s SET state = 'done', claimed_by = '', lease_until = NULL
FROM alerts_warning w
WHERE w.id = s.warning_id AND w.state = 'stopped'
  AND (s.state = 'queued' OR s.state = 'claimed' AND s.lease_until < %(now)s)
"""

_DUE = f"""
SELECT s.id FROM alerts_shard s JOIN alerts_warning w ON w.id = s.warning_id
WHERE {_MAY_SEND}
  AND (s.state = 'queued' AND s.not_before <= %(now)s OR s.state = 'claimed' AND s.lease_until < %(now)s)
ORDER BY s.id
"""  # noqa: S608


# What was written a moment ago has no statistics yet, and a plan made without them reads whole tables where a few
# hundred keys are meant.
_BY_KEYS = """
SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
       set_config('enable_mergejoin', 'off', true)
"""


@contextmanager
def by_keys() -> Iterator[CursorWrapper]:
    """A cursor, in a transaction of its own or the caller's, whose statements find rows by their keys."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_KEYS)
        yield cursor


class Taken(NamedTuple):
    """A delivery that may be on its way from now on."""

    delivery_id: int
    recipient_id: int
    contact_id: int | None
    language: str
    attempts: int
    party: int


class Conclusion(NamedTuple):
    """What became of a delivery: `state` is one of Delivery.State."""

    delivery_id: int
    state: str
    provider_ref: str = ""
    error_code: str = ""
    doubt: int = 0


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's turn with one shard."""

    worker: str
    shard_id: int
    warning_id: int
    channel: str
    attempts: int
    incident_id: int
    is_exercise: bool

    def take(self, most: int, now: datetime) -> list[Taken]:
        """Mark up to `most` deliveries as on their way, and prolong the lease. Empty when none is left, when the
        warning or all sending was stopped, or when the turn was lost."""
        with by_keys() as cursor:
            cursor.execute(_RENEW, self._values(lease_until=now + LEASE))
            if not cursor.rowcount:
                return []
            cursor.execute(_TAKE, self._values(attempts=self.attempts, most=most))
            return sorted(map(Taken._make, cursor.fetchall()))

    def stay(self, now: datetime) -> None:
        """A sign of life while the gateway is at work."""
        with connection.cursor() as cursor:
            cursor.execute(_STAY, self._values(lease_until=now + LEASE))

    def conclude(self, conclusions: Sequence[Conclusion], now: datetime) -> None:
        """Write what became of deliveries, in the caller's transaction. May be repeated without harm."""
        if not conclusions:
            return
        ids, states, refs, codes, doubts = zip(*conclusions, strict=True)
        values: dict[str, Any] = {"now": now, "ids": arrays.ints(ids), "doubts": arrays.ints(doubts)}
        values["states"] = arrays.texts(states)
        values["refs"] = arrays.texts(ref[:80] for ref in refs)
        values["codes"] = arrays.texts(code[:40] for code in codes)
        with by_keys() as cursor:
            cursor.execute(_CONCLUDE, values)

    def finish(self, now: datetime, *, failed: bool) -> bool:
        """End the turn. True when nothing of the shard is left. Else it waits for its next one: longer each time when
        deliveries `failed`, and not at all when it was only interrupted."""
        pause = RETRY_AFTER[min(self.attempts, len(RETRY_AFTER)) - 1] if failed else timedelta(0)
        with by_keys() as cursor:
            cursor.execute(_FINISH, self._values(not_before=now + pause))
            row = cursor.fetchone()
        return row is not None and row[0] == "done"

    def _values(self, **more: Any) -> dict[str, Any]:
        return {"worker": self.worker, "shard": self.shard_id, **more}


def claim(shard_id: int, worker: str, now: datetime) -> Claim | None:
    """A turn with a shard whose time has come and which nobody holds; None otherwise."""
    values: dict[str, Any] = {"worker": worker, "shard": shard_id, "now": now, "lease_until": now + LEASE}
    with by_keys() as cursor:
        cursor.execute(_CLAIM, values)
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(_RECOVER, values)
    return Claim(worker, *row)


def due(now: datetime) -> list[int]:
    """Shards whose turn has come: never begun, to be tried again, or left by a dead worker."""
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now})
        return [row[0] for row in cursor.fetchall()]


def call_off(now: datetime) -> None:
    """Close what stopped warnings have left behind."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CALL_OFF, {"now": now})
        cursor.execute(_CLOSE_CALLED_OFF, {"now": now})
