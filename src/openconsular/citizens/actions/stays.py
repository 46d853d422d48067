"""Where people are and will be: trips, residences and the position a device sends."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from openconsular.accounts import queries as accounts
from openconsular.citizens import places
from openconsular.citizens.actions.people import COPIED, following
from openconsular.citizens.entries import StayFacts, as_invalid, wording
from openconsular.citizens.models import Person, Stay, Trip
from openconsular.citizens.queries.people import subject_of
from openconsular.citizens.rights import locked, require_may_change
from openconsular.domain.geo import position_code
from openconsular.domain.people.errors import PeopleError
from openconsular.domain.people.windows import Dates, check_leg, check_trip, last_day, start_of_day, window
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import Actor

# A pin set by hand on a small map is good to about this; a device says itself how good it is.
PIN_UNCERTAINTY_M = 200
# A position tells where somebody was a while ago. Outside a trip it is dropped after this.
POSITION_KEPT = timedelta(hours=24)
MOST_TRIPS = 50


@dataclass(frozen=True)
class RemovedTrip:
    """What `remove_trip` took away, for taking that back."""

    title: str
    legs: tuple[StayFacts, ...]


def add_trip(*, person_id: int, title: str = "", legs: Sequence[StayFacts], by: Actor, now: datetime) -> Trip:
    """A journey of a person and their companions, with its places in order. Raises InvalidInput on field `legs`."""
    _check_legs(legs, now)
    with transaction.atomic():
        person = _lead(person_id, by)
        if person.trips.count() >= MOST_TRIPS:
            raise Conflict(wording("trips_many"))
        trip = Trip.objects.create(person=person, title=" ".join(title.split())[:120], created_at=now)
        for leg in legs:
            _write(person, leg, kind=Stay.Kind.LEG, trip=trip)
        _note(by, "trip.add", person, now, legs=len(legs))
    return trip


def change_leg(*, stay_id: int, facts: StayFacts, by: Actor, now: datetime) -> Stay:
    """Correct one stay of a trip, or a residence; companions' stays change with it."""
    with transaction.atomic():
        stay, person = _own_stay(stay_id, by)
        if stay.kind == Stay.Kind.POSITION:
            raise Conflict
        if stay.kind == Stay.Kind.LEG:
            _check_one(facts, now)
        fill_stay(stay, facts, stay.kind)
        stay.save()
        stay.followers.update(**{name: getattr(stay, name) for name in COPIED})
        _note(by, "stay.change", person, now)
    return stay


def add_leg(*, trip_id: int, facts: StayFacts, by: Actor, now: datetime) -> Stay:
    """One more place of a trip."""
    _check_one(facts, now)
    with transaction.atomic():
        trip = Trip.objects.filter(pk=trip_id).first()
        if trip is None:
            raise NotFound
        person = _lead(trip.person_id, by)
        stay = _write(person, facts, kind=Stay.Kind.LEG, trip=trip)
        _note(by, "trip.add_leg", person, now)
    return stay


def end_trip(*, trip_id: int, by: Actor, now: datetime) -> None:
    """Home again: stays to come are dropped, the present one ends now, and so does every position sent on the way."""
    with transaction.atomic():
        trip, person = _own_trip(trip_id, by)
        trip.legs.filter(starts_at__gte=now).delete()
        trip.legs.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now)).update(ends_at=now)
        _drop_positions(person)
        _note(by, "trip.end", person, now)


def remove_trip(*, trip_id: int, by: Actor, now: datetime) -> RemovedTrip:
    """Delete a trip. What it was comes back, so that it can be added again."""
    with transaction.atomic():
        trip, person = _own_trip(trip_id, by)
        legs = trip.legs.filter(person=person).exclude(kind=Stay.Kind.POSITION).order_by("starts_at")
        removed = RemovedTrip(trip.title, tuple(facts for leg in legs if (facts := facts_of(leg))))
        trip.delete()
        _note(by, "trip.remove", person, now)
    return removed


def add_residence(*, person_id: int, facts: StayFacts, by: Actor, now: datetime) -> Stay:
    """Where a person and their companions live abroad, without an end."""
    with transaction.atomic():
        person = _lead(person_id, by)
        if person.stays.filter(kind=Stay.Kind.RESIDENCE, ends_at__isnull=True).exists():
            raise Conflict(wording("residence_exists"))
        stay = _write(person, facts, kind=Stay.Kind.RESIDENCE)
        _note(by, "residence.add", person, now)
    return stay


def move_residence(*, person_id: int, facts: StayFacts, by: Actor, now: datetime) -> Stay:
    """A new residence from its first day on; the old one ends there. Without an old one it is simply added."""
    with transaction.atomic():
        person = _lead(person_id, by)
        moves_at = start_of_day(facts.first, facts.place.timezone)
        old = Stay.objects.filter(
            Q(person=person) | Q(person__lead=person), kind=Stay.Kind.RESIDENCE, ends_at__isnull=True
        )
        old.filter(starts_at__gte=moves_at).delete()
        old.update(ends_at=moves_at)
        stay = _write(person, facts, kind=Stay.Kind.RESIDENCE)
        _note(by, "residence.move", person, now)
    return stay


def end_residence(*, person_id: int, by: Actor, now: datetime) -> None:
    """No longer living abroad."""
    with transaction.atomic():
        person = _lead(person_id, by)
        Stay.objects.filter(
            Q(person=person) | Q(person__lead=person), kind=Stay.Kind.RESIDENCE, ends_at__isnull=True
        ).update(ends_at=now)
        _note(by, "residence.end", person, now)


def report_position(
    *, person_id: int, lat: float, lon: float, uncertainty_m: int, by: Actor, now: datetime
) -> Stay:
    """Where a device says it is now. It replaces the position before, and ends with the trip it was sent on.

    Outside a trip it ends after 24 hours. Raises InvalidInput for what is not on the globe.
    """
    if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 <= uncertainty_m <= 20_000_000):
        raise InvalidInput(fields={"position": wording("place_missing")})
    place, _distance = places.gazetteer().nearest(lat, lon)
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        _drop_positions(person)
        leg = (
            person.stays.filter(kind=Stay.Kind.LEG, starts_at__lte=now, ends_at__gt=now)
            .order_by("-ends_at")
            .first()
        )
        ends_at = min(leg.ends_at, now + timedelta(days=30)) if leg and leg.ends_at else now + POSITION_KEPT
        facts = StayFacts(
            place, now.date(), lat=round(lat, 5), lon=round(lon, 5), uncertainty_m=max(uncertainty_m, 10)
        )
        stay = Stay(person=person, trip=leg.trip if leg else None)
        fill_stay(stay, facts, Stay.Kind.POSITION)
        stay.source, stay.starts_at, stay.ends_at = Stay.Source.DEVICE, now, ends_at
        stay.save(force_insert=True)
        if person.lead_id is None:
            Stay.objects.bulk_create([following(stay, pk) for pk in _companions(person)])
        _note(by, "position.report", person, now)
    return stay


def facts_of(stay: Stay) -> StayFacts | None:
    """A stay as it was entered; None where its place is not known any more."""
    place = places.place_by_id(stay.place_id) if stay.place_id is not None else None
    if place is None:
        return None
    is_pin = stay.source != Stay.Source.GAZETTEER
    return StayFacts(
        place=place,
        first=last_day(stay.starts_at, stay.timezone, is_exclusive=False),
        last=last_day(stay.ends_at, stay.timezone) if stay.ends_at else None,
        lat=stay.lat if is_pin else None,
        lon=stay.lon if is_pin else None,
        uncertainty_m=stay.uncertainty_m if is_pin else None,
        label=stay.label,
    )


def _check_legs(legs: Sequence[StayFacts], now: datetime) -> None:
    try:
        check_trip([Dates(leg.first, leg.last or leg.first) for leg in legs], now.date())
    except PeopleError as error:
        raise as_invalid(error, "legs") from error


def _check_one(facts: StayFacts, now: datetime) -> None:
    try:
        check_leg(Dates(facts.first, facts.last or facts.first), now.date())
    except PeopleError as error:
        raise as_invalid(error, "last") from error


def _lead(person_id: int, by: Actor) -> Person:
    person = locked(person_id)
    require_may_change(by, person)
    if person.lead_id is not None:
        raise Conflict(wording("companion_follows"))
    return person


def _own_trip(trip_id: int, by: Actor) -> tuple[Trip, Person]:
    trip = Trip.objects.filter(pk=trip_id).first()
    if trip is None:
        raise NotFound
    return trip, _lead(trip.person_id, by)


def _own_stay(stay_id: int, by: Actor) -> tuple[Stay, Person]:
    stay = Stay.objects.filter(pk=stay_id, follows__isnull=True).first()
    if stay is None:
        raise NotFound
    return stay, _lead(stay.person_id, by)


def _write(person: Person, facts: StayFacts, *, kind: str, trip: Trip | None = None) -> Stay:
    stay = Stay(person=person, trip=trip)
    fill_stay(stay, facts, kind)
    stay.save(force_insert=True)
    Stay.objects.bulk_create([following(stay, pk) for pk in _companions(person)])
    return stay


def _companions(person: Person) -> list[int]:
    return list(person.companions.filter(erased_at__isnull=True).values_list("pk", flat=True))


def fill_stay(stay: Stay, facts: StayFacts, kind: str) -> None:
    """Everything of a stay that follows from what was entered; not saved."""
    place = facts.place
    stay.kind, stay.place_id, stay.timezone = kind, place.id, place.timezone
    stay.label = (facts.label or place.name)[:120]
    stay.country, stay.region = place.country, place.region
    mission = accounts.mission_for(place.country, place.region)
    stay.mission_id = mission.pk if mission else None
    if facts.lat is not None and facts.lon is not None:
        stay.source, stay.lat, stay.lon = Stay.Source.PIN, facts.lat, facts.lon
        standard = PIN_UNCERTAINTY_M
    else:
        stay.source, stay.lat, stay.lon = Stay.Source.GAZETTEER, place.lat, place.lon
        standard = place.uncertainty_m
    stay.uncertainty_m = standard if facts.uncertainty_m is None else facts.uncertainty_m
    stay.morton = position_code(stay.lat, stay.lon, stay.uncertainty_m)
    stay.starts_at = start_of_day(facts.first, place.timezone)
    stay.ends_at = None
    if kind == Stay.Kind.LEG:
        stay.starts_at, stay.ends_at = window(Dates(facts.first, facts.last or facts.first), place.timezone)


def _drop_positions(person: Person) -> None:
    Stay.objects.filter(person=person, kind=Stay.Kind.POSITION).delete()


def _note(by: Actor, action: str, person: Person, now: datetime, **detail: int) -> None:
    """The audit says that a stay changed, not where to: places of a person are not kept for ever."""
    audit.record(by=by, action=action, subject=subject_of(person), now=now, detail=detail)
