"""Who is in the way of a hazard: exactly those whose stay lies in its area while it lasts, each with the reason."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from openconsular.citizens import queries as citizens
from openconsular.domain.geo import Area
from openconsular.foundation import profile


@dataclass(frozen=True)
class Member:
    """One person in the way. `reason` is what the words are made of (see Recipient.reason)."""

    person_id: int
    party: int
    mission_id: int | None
    country: str
    region: str
    language: str
    lat: float
    lon: float
    reason: dict[str, Any]


# A message comes after its earthquake, and may come late: who left meanwhile may still be under the rubble. Longer ago
# than this, people have moved on, and a warning would only frighten them.
LOOK_BACK = timedelta(hours=24)


def window_since(hazard_starts_at: datetime, now: datetime) -> datetime:
    """From when on a stay counts: since the hazard began, but not for ever."""
    return max(hazard_starts_at, now - LOOK_BACK)


def find(area: Area, *, starts_at: datetime, ends_at: datetime) -> list[Member]:
    """Everybody with a stay in `area` at some moment between the two instants, once each.

    A person with several stays there is in it for the most certain and earliest one. Raises nothing for an
    empty area: the caller has refused it before.
    """
    stays = citizens.stays_in(area, starts_at=starts_at, ends_at=ends_at)
    by_person: dict[int, citizens.StayRow] = {}
    for stay in stays:
        known = by_person.get(stay.person_id)
        if known is None or _rank(stay) < _rank(known):
            by_person[stay.person_id] = stay
    return list(_members(by_person.values()))


def _rank(stay: citizens.StayRow) -> tuple[bool, bool, datetime]:
    """Certain before possible, an own position before a booking, the earlier before the later."""
    return (not stay.is_certain, stay.kind != "position", stay.starts_at)


def _members(stays: Iterable[citizens.StayRow]) -> Iterable[Member]:
    rules = profile.current()
    languages: dict[tuple[str, ...], str] = {}
    for stay in stays:
        spoken = tuple(stay.languages)
        if spoken not in languages:
            languages[spoken] = rules.language_for(list(spoken))
        yield Member(
            person_id=stay.person_id,
            party=stay.lead_id or stay.person_id,
            mission_id=stay.mission_id,
            country=stay.country,
            region=stay.region,
            language=languages[spoken],
            lat=stay.lat,
            lon=stay.lon,
            reason={
                "kind": stay.kind,
                "label": stay.label,
                "place_id": stay.place_id,
                "until": stay.ends_at.isoformat() if stay.ends_at else None,
                "timezone": stay.timezone,
                "certainty": "certain" if stay.is_certain else "possible",
            },
        )
