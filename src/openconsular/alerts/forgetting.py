"""A person's right to be forgotten, and the end of a purpose: the ledger keeps the count, not the words."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from openconsular.alerts.models import Answer, Recipient, TimelineEvent, UnreadReply
from openconsular.casework import actions as casework
from openconsular.casework import queries as cases
from openconsular.citizens import queries as citizens
from openconsular.foundation.permissions import SYSTEM, Actor

# As long as stays themselves are kept after their end, and long enough for questions after a closed emergency.
POSITIONS_KEPT = timedelta(days=30)
REPLIES_KEPT = timedelta(days=90)

# A stay without an end is a residence: where somebody lives is no part of an emergency that is over.
_ENDED = """
UPDATE alerts_recipient r SET lat = NULL, lon = NULL
FROM alerts_incident i
WHERE i.id = r.incident_id AND r.lat IS NOT NULL
  AND ((r.reason->>'until')::timestamptz < %(now)s OR i.closed_at < %(before)s)
"""


def forget_party(*, person_id: int, by: Actor, now: datetime) -> None:
    """Clear what incidents and cases hold in words about a person and their companions. Their rows stay, counted."""
    people = citizens.party_ids(person_id)
    with transaction.atomic():
        # Before the registry deletes the contacts by which they are found.
        UnreadReply.objects.filter(sender_hash__in=citizens.contact_hashes_of(people)).delete()
        _forget(people, by=by, now=now)


def forget_erased(*, now: datetime) -> int:
    """Clear the words about everybody the registry has erased meanwhile, however that came about. Returns how many.

    A companion who was taken out, a crisis entry whose time was over: the registry stands below and asks nobody.
    """
    ledgers = Recipient.objects.filter(person__erased_at__isnull=False).exclude(reason={})
    people = {*ledgers.values_list("person_id", flat=True), *cases.erased_people_with_words()}
    if people:
        with transaction.atomic():
            _forget(people, by=SYSTEM, now=now)
    return len(people)


def _forget(people: Collection[int], *, by: Actor, now: datetime) -> None:
    rows = Recipient.objects.filter(person_id__in=people)
    answers = Answer.objects.filter(recipient__in=rows)
    numbers = list(answers.exclude(case=None).values_list("case__number", flat=True).distinct())
    incidents = rows.values_list("incident_id", flat=True).distinct()
    for event in TimelineEvent.objects.filter(incident__in=list(incidents), data__case__in=numbers):
        event.data = event.data | {"place": ""}
        event.save(update_fields=["data"])
    answers.update(note="")
    rows.update(lat=None, lon=None, reason={})
    casework.forget_people(person_ids=people, by=by, now=now)


def forget_positions(*, now: datetime) -> int:
    """A position is kept no longer than the stay it came from, or 30 days after the emergency. How many were cleared."""
    with connection.cursor() as cursor:
        cursor.execute(_ENDED, {"now": now, "before": now - POSITIONS_KEPT})
        return int(cursor.rowcount)


def forget_replies(*, now: datetime) -> int:
    """Replies an officer settled long ago. Returns how many were deleted."""
    return UnreadReply.objects.filter(settled_at__lt=now - REPLIES_KEPT).delete()[0]


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
