"""A person's right to be forgotten, and the end of a position's use: the ledger keeps the count, not the words."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction

from openconsular.alerts.models import Answer, Recipient
from openconsular.casework import actions as casework
from openconsular.citizens import queries as citizens
from openconsular.foundation.permissions import Actor

_ENDED = """
UPDATE alerts_recipient SET lat = NULL, lon = NULL
WHERE lat IS NOT NULL AND (reason->>'until')::timestamptz < %s
"""


def forget_party(*, person_id: int, by: Actor, now: datetime) -> None:
    """Clear what incidents and cases hold in words about a person and their companions. Their rows stay, counted."""
    people = citizens.party_ids(person_id)
    with transaction.atomic():
        rows = Recipient.objects.filter(person_id__in=people)
        Answer.objects.filter(recipient__in=rows).update(note="")
        rows.update(lat=None, lon=None, reason={})
        casework.forget_people(person_ids=people, by=by, now=now)


def forget_positions(*, now: datetime) -> int:
    """A position is kept no longer than the stay it came from. Returns how many were cleared."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, [now])
        return int(cursor.rowcount)


def known_about(person_id: int) -> dict[str, Any]:
    """What incidents hold about a person, for their own export."""
    rows = (
        Recipient.objects.filter(person_id=person_id).select_related("incident").prefetch_related("answers")
    )
    return {
        "incidents": [
            {
                "title": row.incident.title,
                "why": row.reason,
                "state": row.state,
                "reached_at": row.reached_at,
                "answers": [
                    {"value": one.value, "at": one.at, "note": one.note, "undone_at": one.undone_at}
                    for one in row.answers.all()
                ],
            }
            for row in rows
        ]
    }
