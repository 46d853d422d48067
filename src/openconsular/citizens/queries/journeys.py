"""A person's stays as they are shown to them and to officers."""

from dataclasses import dataclass
from datetime import date, datetime

from openconsular.citizens import places
from openconsular.citizens.models import Person, Stay, Trip
from openconsular.citizens.queries.labels import described, place_label
from openconsular.domain.people.windows import last_day


@dataclass(frozen=True)
class StayLine:
    """One stay. `first` and `last` are days by the calendar of the place; a residence has no `last`."""

    stay_id: int
    trip_id: int | None
    kind: str
    place: str
    first: date
    last: date | None
    is_now: bool
    is_to_come: bool
    is_pin: bool

    @property
    def is_over(self) -> bool:
        return not self.is_now and not self.is_to_come


@dataclass(frozen=True)
class TripLine:
    trip: Trip
    stays: list[StayLine]

    @property
    def name(self) -> str:
        return self.trip.title or " – ".join(dict.fromkeys(stay.place for stay in self.stays))

    @property
    def is_over(self) -> bool:
        return all(stay.is_over for stay in self.stays)


def stays_of(person: Person, now: datetime) -> list[StayLine]:
    """A person's stays that are not over, in the order of their beginning."""
    return [line for line in _lines(person, now) if not line.is_over]


def trips_of(person: Person, now: datetime) -> list[TripLine]:
    """A person's trips with their places, in order; those over last."""
    by_trip: dict[int, list[StayLine]] = {}
    for line in _lines(person, now):
        if line.trip_id is not None and line.kind == Stay.Kind.LEG:
            by_trip.setdefault(line.trip_id, []).append(line)
    trips = [TripLine(trip, by_trip.get(trip.pk, [])) for trip in person.trips.all()]
    return sorted(trips, key=lambda one: (one.is_over, one.stays[0].first if one.stays else date.max))


def residence_of(person: Person, now: datetime) -> StayLine | None:
    """Where a person lives abroad, if they said so."""
    homes = [one for one in _lines(person, now) if one.kind == Stay.Kind.RESIDENCE and not one.is_over]
    return homes[-1] if homes else None


def _lines(person: Person, now: datetime) -> list[StayLine]:
    return [_line(stay, now) for stay in person.stays.order_by("starts_at", "pk")]


def _line(stay: Stay, now: datetime) -> StayLine:
    place = places.place_by_id(stay.place_id) if stay.place_id is not None else None
    return StayLine(
        stay_id=stay.pk,
        trip_id=stay.trip_id,
        kind=stay.kind,
        place=described(place) if place else place_label(None, stay.label),
        first=last_day(stay.starts_at, stay.timezone, is_exclusive=False),
        last=last_day(stay.ends_at, stay.timezone) if stay.ends_at else None,
        is_now=stay.starts_at <= now and (stay.ends_at is None or stay.ends_at > now),
        is_to_come=stay.starts_at > now,
        is_pin=stay.source != Stay.Source.GAZETTEER,
    )
