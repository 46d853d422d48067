"""What a drill did, read from the ledger and checked against what the sinks saw."""

from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from openconsular.alerts import queries
from openconsular.drills.room import Room
from openconsular.foundation.permissions import SYSTEM

_ONE_ROW = """
WITH told AS (
    SELECT DISTINCT incident_id AS id FROM alerts_warning WHERE state IN ('sending', 'sent', 'stopped')
), rows AS (
    SELECT r.* FROM alerts_recipient r JOIN told ON told.id = r.incident_id
    -- Whom an update took out of the area before anything was sent was never to be told.
    WHERE r.is_in_area OR r.reached_at IS NOT NULL OR r.answered_at IS NOT NULL
)
SELECT (SELECT count(*) FROM citizens_person),
       count(*), count(*) FILTER (WHERE reached_at IS NOT NULL),
       count(*) FILTER (WHERE state IN ('safe', 'help', 'elsewhere')),
       count(*) FILTER (WHERE state = 'safe'), count(*) FILTER (WHERE state = 'help'),
       count(*) FILTER (WHERE state = 'elsewhere'),
       count(*) FILTER (WHERE state IN ('not_reached', 'reached', 'silent')),
       count(*) FILTER (WHERE state = 'not_reached'),
       (SELECT count(*) FROM casework_case),
       count(*) FILTER (WHERE state = 'help' AND NOT EXISTS (
           SELECT FROM alerts_answer a JOIN alerts_recipient o ON o.id = a.recipient_id
           WHERE a.case_id IS NOT NULL AND o.incident_id = rows.incident_id AND o.party = rows.party))
FROM rows
"""
_DELIVERIES = """
SELECT count(*), count(*) FILTER (WHERE handed_at IS NOT NULL), count(*) FILTER (WHERE state = 'refused'),
       count(*) FILTER (WHERE state IN ('queued', 'sending')), coalesce(sum(in_doubt), 0),
       (SELECT count(*) FROM alerts_answer WHERE via IN ('sms', 'link')) + (SELECT count(*) FROM alerts_unreadreply)
FROM alerts_delivery WHERE state <> 'cancelled'
"""
# Percentiles of what a person waits for: publication to hand-over, hand-over to answer.
_SPANS = """
SELECT w.id, w.kind, w.proposed_at, w.submitted_at, w.approved_at, w.released_at, w.finished_at, w.audience_size,
       count(d.id), min(d.handed_at), max(d.handed_at),
       percentile_disc(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY d.handed_at)
FROM alerts_warning w LEFT JOIN alerts_delivery d ON d.warning_id = w.id AND d.handed_at IS NOT NULL
WHERE w.released_at IS NOT NULL GROUP BY w.id ORDER BY w.released_at
"""
_ANSWERS = """
SELECT percentile_disc(ARRAY[0.5, 0.95, 0.99])
       WITHIN GROUP (ORDER BY extract(epoch FROM answered_at - reached_at)::float8)
FROM alerts_recipient WHERE answered_at IS NOT NULL AND reached_at IS NOT NULL AND answered_at >= reached_at
"""


@dataclass(frozen=True)
class Numbers:
    """The figures a drill prints. People, unless named otherwise; seconds from publication to hand-over.

    `affected` counts whoever is in the area as last told, or was told anything. `silent` counts everybody without an answer, those never reached included (`not_reached` of them), so that
    affected = safe + help + elsewhere + silent. `lost` counts deliveries never handed over, messages the ledger
    calls handed over that no sink saw, answers given that no ledger has, and people who need help without a case of
    theirs or of the party they travel with. `duplicates` counts messages that
    arrived twice.
    """

    registered: int
    affected: int
    warned: int
    answered: int
    safe: int
    help: int
    elsewhere: int
    silent: int
    cases: int
    lost: int
    duplicates: int
    seconds_to_first: float | None
    seconds_to_last: float | None
    not_reached: int
    messages: int
    refused: int
    in_doubt: int
    details: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def numbers(*, room: Room, published: dict[str, datetime]) -> Numbers:
    with connection.cursor() as cursor:
        cursor.execute(_ONE_ROW)
        (
            registered,
            affected,
            warned,
            answered,
            safe,
            helped,
            elsewhere,
            silent,
            not_reached,
            cases,
            forgotten,
        ) = cursor.fetchone()
        cursor.execute(_DELIVERIES)
        planned, handed, refused, unsent, in_doubt, stored = cursor.fetchone()
        cursor.execute(_SPANS)
        warnings = [_span(row, published) for row in cursor.fetchall()]
        cursor.execute(_ANSWERS)
        answer_s = cursor.fetchone()[0]
    seen = room.sms.counters.distinct + room.email.counters.distinct
    lost_answers = max(0, room.crowd.answered.total() - stored) + room.crowd.failed
    first = warnings[0] if warnings else {}
    return Numbers(
        registered=registered,
        affected=affected,
        warned=warned,
        answered=answered,
        safe=safe,
        help=helped,
        elsewhere=elsewhere,
        silent=silent,
        cases=cases,
        lost=unsent + max(0, handed - seen) + lost_answers + forgotten,
        duplicates=room.sms.counters.repeated + room.email.counters.repeated,
        seconds_to_first=first.get("seconds_to_first"),
        seconds_to_last=first.get("seconds_to_last"),
        not_reached=not_reached,
        messages=planned,
        refused=refused,
        in_doubt=in_doubt,
        details={"warnings": warnings, "answer_seconds": _percentiles(answer_s), "incidents": _incidents()},
    )


def _span(row: tuple[Any, ...], published: dict[str, datetime]) -> dict[str, Any]:
    pk, kind, proposed, submitted, approved, released, finished, size, handed, first, last, shares = row
    # The message it answers to: the newest one published before it was proposed.
    since = max((at for at in published.values() if at <= proposed), default=proposed)
    seconds = [_seconds(since, at) for at in shares] if shares else None
    return {
        "warning": pk,
        "kind": kind,
        "people": size,
        "handed_over": handed,
        "published_at": since.isoformat(),
        "seconds_to_proposal": _seconds(since, proposed),
        "seconds_to_submission": _seconds(since, submitted),
        "seconds_to_approval": _seconds(since, approved),
        "seconds_to_release": _seconds(since, released),
        "seconds_to_first": _seconds(since, first),
        "seconds_to_last": _seconds(since, last),
        "seconds_to_handover": _percentiles(seconds),
        "finished_at": finished.isoformat() if finished else None,
    }


def _seconds(start: datetime, end: datetime | None) -> float | None:
    return round((end - start).total_seconds(), 2) if end else None


def _percentiles(values: list[float | None] | None) -> dict[str, float | None]:
    fifty, ninety_five, ninety_nine = values or [None, None, None]
    return {
        "p50": fifty and round(fifty, 2),
        "p95": ninety_five and round(ninety_five, 2),
        "p99": ninety_nine and round(ninety_nine, 2),
    }


def _incidents() -> list[dict[str, Any]]:
    incidents = list(queries.incidents_for(SYSTEM))
    ledgers = queries.ledgers_of([one.pk for one in incidents], SYSTEM)
    return [
        {
            "incident": one.pk,
            "title": one.title,
            "closed": one.closed_at is not None,
            **asdict(ledgers[one.pk]),
        }
        for one in incidents
    ]
