"""A citizen's own data across rooms: the registry shows and deletes its own, and asks here for what lies above it."""

from datetime import datetime
from typing import Any

from openconsular.alerts import actions as alerts
from openconsular.alerts import queries
from openconsular.casework import queries as casework
from openconsular.citizens.actions import actor_of
from openconsular.citizens.queries import Person


def forget(person: Person, now: datetime) -> None:
    """What incidents and cases hold in words, cleared before the registry deletes the rest."""
    alerts.forget_party(person_id=person.pk, by=actor_of(person), now=now)


def more(person: Person) -> dict[str, Any]:
    """What incidents and cases know about a person, for the export."""
    cases = casework.own_cases(by=actor_of(person))
    return {
        **queries.known_about(person.pk),
        "cases": [
            {
                "number": one.number,
                "state": one.state,
                "opened_at": one.opened_at,
                "closed_at": one.closed_at,
                "place": one.place,
                "timeline": [{"at": step.at, "what": step.kind, "text": step.text} for step in one.timeline],
            }
            for one in cases
        ],
    }
