"""All that is kept about a person, for them."""

from datetime import datetime
from typing import Any

from openconsular.citizens.models import Person
from openconsular.citizens.queries.people import subject_of
from openconsular.domain.people.windows import last_day
from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor


def everything_about(*, person: Person, by: Actor, now: datetime) -> dict[str, Any]:
    """Every column of every row that belongs to a person and their companions, opened, as JSON can hold it. Audited.

    Keys are the names of tables and columns in English, so that the file reads the same everywhere.
    """
    companions = person.companions.filter(erased_at__isnull=True).order_by("pk")
    content = {
        "made_at": now.isoformat(),
        "person": _person(person),
        "companions": [_person(one) for one in companions],
    }
    audit.record(by=by, action="person.export", subject=subject_of(person), now=now)
    return content


def _person(person: Person) -> dict[str, Any]:
    return {
        "id": str(person.public_id),
        "native_name": person.native_name,
        "latin_name": person.latin_name,
        "born_on": person.born_on.isoformat() if person.born_on else None,
        "document_number": person.document_number,
        "languages": list(person.languages),
        "relation": person.relation,
        "wants_warnings": person.wants_warnings,
        "from_crisis_form": person.from_crisis_form,
        "registered_at": person.created_at.isoformat(),
        "changed_at": person.updated_at.isoformat(),
        "contacts": [
            {
                "kind": one.kind,
                "value": one.value,
                "is_trusted_other": one.is_trusted_other,
                "name": one.other_name,
                "confirmed_at": one.verified_at.isoformat() if one.verified_at else None,
            }
            for one in person.contacts.order_by("pk")
        ],
        "stays": [
            {
                "kind": one.kind,
                "trip": one.trip.title if one.trip else None,
                "place": one.label,
                "country": one.country,
                "region": one.region,
                "lat": one.lat,
                "lon": one.lon,
                "uncertainty_m": one.uncertainty_m,
                "timezone": one.timezone,
                "first_day": last_day(one.starts_at, one.timezone, is_exclusive=False).isoformat(),
                "last_day": last_day(one.ends_at, one.timezone).isoformat() if one.ends_at else None,
                "starts_at": one.starts_at.isoformat(),
                "ends_at": one.ends_at.isoformat() if one.ends_at else None,
                "mission": one.mission.code if one.mission else None,
            }
            for one in person.stays.select_related("trip", "mission").order_by("starts_at")
        ],
        "consents": [
            {
                "purpose": one.purpose,
                "version": one.text_version,
                "given_at": one.given_at.isoformat(),
                "withdrawn_at": one.withdrawn_at.isoformat() if one.withdrawn_at else None,
            }
            for one in person.consents.order_by("given_at")
        ],
    }
