"""A citizen's own data across rooms: the registry shows and deletes its own, and asks here for what lies above it."""

from datetime import datetime
from typing import Any

from django.utils import timezone

from openconsular.alerts import actions as alerts
from openconsular.alerts import queries
from openconsular.casework import queries as casework
from openconsular.citizens.actions import actor_of
from openconsular.citizens.queries import Person
from openconsular.health_certificates.queries import wallet


def forget(person: Person, now: datetime) -> None:
    """What incidents and cases hold in words, cleared before the registry deletes the rest."""
    alerts.forget_party(person_id=person.pk, by=actor_of(person), now=now)


def more(person: Person) -> dict[str, Any]:
    """What incidents, cases and the certificates' register know about a person, for the export."""
    cases = casework.own_cases(by=actor_of(person))
    certificates = wallet.certificates_of_family(by=actor_of(person), now=timezone.now())
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
        "certificates": [
            {
                "identifier": one.identifier,
                "format": one.format,
                "name": one.name,
                "born_on": one.born_on,
                "happened_on": one.happened_on,
                "issued_at": one.issued_at,
                "expires_at": one.expires_at,
                "state": one.state,
                "text": one.text,
            }
            for one in certificates
        ],
    }
