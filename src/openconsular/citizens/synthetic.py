"""Synthetic citizens by the hundred thousand, for drills, demonstrations and benches.

They are plainly no one: names say "示例" or "Sample Person", phones lie under +999, which ITU-T has assigned to nobody
(list of E.164 country codes), and addresses under example domains (RFC 2606). The same seed makes the same people.
"""

import random
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import accumulate

from django.db import connection

from openconsular.accounts import queries as accounts
from openconsular.citizens import places
from openconsular.citizens.models import Stay
from openconsular.domain.geo import position_codes
from openconsular.domain.people.places import Place, destination
from openconsular.foundation.database import copy_rows
from openconsular.foundation.secrets import lookup_hash, seal

Progress = Callable[[int, int], None]
WITH_COMPANIONS, RESIDENTS, WITH_PHONE, WITH_BOTH = 0.30, 0.40, 0.55, 0.30
SPEAK_CHINESE = 0.9
SIGNS = "甲乙丙丁戊己庚辛壬癸"
CONSENT_VERSION = "synthetic"

PEOPLE, CONTACTS, CONSENTS = "citizens_person", "citizens_contact", "citizens_consent"
TRIPS, STAYS = "citizens_trip", "citizens_stay"
PERSON = {
    "id": "int8",
    "public_id": "uuid",
    "native_name": "varchar",
    "latin_name": "varchar",
    "born_on": "date",
    "document_number": "bytea",
    "document_hash": "bytea",
    "languages": "varchar[]",
    "lead_id": "int8",
    "relation": "varchar",
    "is_synthetic": "bool",
    "from_crisis_form": "bool",
    "created_at": "timestamptz",
    "updated_at": "timestamptz",
}
CONTACT = {
    "person_id": "int8",
    "kind": "varchar",
    "value": "bytea",
    "value_hash": "bytea",
    "is_trusted_other": "bool",
    "other_name": "varchar",
    "verified_at": "timestamptz",
    "created_at": "timestamptz",
}
TRIP = {"id": "int8", "person_id": "int8", "title": "varchar", "created_at": "timestamptz"}
STAY = {
    "id": "int8",
    "person_id": "int8",
    "trip_id": "int8",
    "follows_id": "int8",
    "kind": "varchar",
    "source": "varchar",
    "label": "varchar",
    "place_id": "int4",
    "country": "varchar",
    "region": "varchar",
    "mission_id": "int8",
    "lat": "float8",
    "lon": "float8",
    "uncertainty_m": "int4",
    "morton": "int8",
    "timezone": "varchar",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
}
CONSENT = {
    "person_id": "int8",
    "purpose": "varchar",
    "text_version": "varchar",
    "given_at": "timestamptz",
    "withdrawn_at": "timestamptz",
}


@dataclass(frozen=True)
class Loaded:
    """How many rows of each kind were made."""

    people: int
    leads: int
    contacts: int
    stays: int


@dataclass(frozen=True)
class _Member:
    id: int
    lead_id: int | None
    number: int
    speaks_chinese: bool


@dataclass(frozen=True)
class _Leg:
    place: Place
    kind: str
    starts_at: datetime
    ends_at: datetime | None


class _Cities:
    """Draws cities like the people who live in them, with shares set for some countries or regions."""

    def __init__(self, home: frozenset[str], share: Mapping[str, float]) -> None:
        abroad = [place for place in places.gazetteer() if place.country not in home]
        self._pools: list[tuple[float, list[Place], list[int]]] = []
        for code, part in share.items():
            there = [p for p in abroad if code in (p.region, p.country)]
            if there:
                self._pools.append((part, there, list(accumulate(p.population for p in there))))
        self._pools.append((1.0, abroad, list(accumulate(p.population for p in abroad))))

    def draw(self, dice: random.Random) -> Place:
        at = dice.random()
        for part, there, weights in self._pools:
            if at < part or there is self._pools[-1][1]:
                return dice.choices(there, cum_weights=weights)[0]
            at -= part
        raise AssertionError("the last pool takes all")


def load(
    *,
    count: int,
    seed: int,
    now: datetime,
    share: Mapping[str, float] | None = None,
    progress: Progress | None = None,
) -> Loaded:
    """Make `count` people in one go, in the current transaction. `share` is {"PH": 0.3, "JP-40": 0.1}."""
    dice = random.Random(seed)  # noqa: S311 - synthetic people must come out the same again
    cities = _Cities(places.home_territories(), share or {})
    tell = progress or (lambda done, total: None)
    parties = list(_parties(count, dice, _next_ids(PEOPLE, count)))
    itineraries = [_itinerary(cities, dice, now) for _ in parties]
    tell(count // 10, count)
    people = copy_rows(
        PEOPLE,
        [*PERSON],
        _watched(_people(parties, dice, now), tell, count),
        [*PERSON.values()],
    )
    contacts = copy_rows(CONTACTS, [*CONTACT], _contacts(parties, dice, seed, now), [*CONTACT.values()])
    tell(count * 8 // 10, count)
    stays = _copy_stays(parties, itineraries, dice, now)
    copy_rows(CONSENTS, [*CONSENT], _consents(parties, now), [*CONSENT.values()])
    tell(count, count)
    return Loaded(people, len(parties), contacts, stays)


def _next_ids(table: str, count: int) -> Iterator[int]:
    """Reserve ids from the table's own sequence, so that rows can refer to one another before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
            [table, count],
        )
        return iter([row[0] for row in cursor.fetchall()])


def _parties(count: int, dice: random.Random, ids: Iterator[int]) -> Iterator[list[_Member]]:
    number = 0
    while number < count:
        size = 1 + (dice.choice((1, 1, 1, 2, 2, 3)) if dice.random() < WITH_COMPANIONS else 0)
        chinese = dice.random() < SPEAK_CHINESE
        lead = next(ids)
        party = [_Member(lead, None, number + 1, chinese)]
        for extra in range(2, min(size, count - number) + 1):
            party.append(_Member(next(ids), lead, number + extra, chinese))
        number += len(party)
        yield party


def _itinerary(cities: _Cities, dice: random.Random, now: datetime) -> list[_Leg]:
    """Where a party is: at a residence without end, or on a trip of one to three legs that goes on now."""
    if dice.random() < RESIDENTS:
        since = now - timedelta(days=dice.randint(30, 3000))
        return [_Leg(cities.draw(dice), Stay.Kind.RESIDENCE, since, None)]
    nights = [dice.randint(2, 10) for _ in range(dice.choice((1, 1, 2, 3)))]
    current = dice.randrange(len(nights))
    starts = now - timedelta(days=sum(nights[:current]), hours=dice.randint(1, 24 * nights[current] - 12))
    legs = []
    for stay in nights:
        ends = starts + timedelta(days=stay)
        legs.append(_Leg(cities.draw(dice), Stay.Kind.LEG, starts, ends))
        starts = ends
    return legs


def _people(
    parties: Sequence[Sequence[_Member]], dice: random.Random, now: datetime
) -> Iterator[Sequence[object]]:
    for party in parties:
        for one in party:
            document = f"X{one.number:08d}"
            yield (
                one.id,
                uuid.UUID(int=dice.getrandbits(128), version=4),
                f"示例{SIGNS[one.number % 10]}{one.number:06d}" if one.speaks_chinese else "",
                f"Sample Person {one.number:06d}",
                date(1945 + dice.randint(0, 60), dice.randint(1, 12), dice.randint(1, 28)),
                seal(document, "citizens.person.document_number"),
                lookup_hash(document, "document"),
                ["zh-Hans", "en"] if one.speaks_chinese else ["en"],
                one.lead_id,
                dice.choice(("spouse", "child", "parent", "friend")) if one.lead_id else "",
                True,
                False,
                now,
                now,
            )


def _contacts(
    parties: Sequence[Sequence[_Member]], dice: random.Random, seed: int, now: datetime
) -> Iterator[Sequence[object]]:
    """A phone, an e-mail or both for every lead; companions have none and are reached through the lead."""
    for lead, *_ in parties:
        at = dice.random()
        if at < WITH_PHONE + WITH_BOTH:
            yield _contact(lead.id, "phone", f"+999{seed % 1000:03d}{lead.number:08d}", now)
        if at >= WITH_PHONE:
            yield _contact(lead.id, "email", f"sample{lead.number:07d}.{seed}@citizens.example", now)


def _contact(person_id: int, kind: str, value: str, now: datetime) -> Sequence[object]:
    sealed = seal(value, "citizens.contact.value")
    return (person_id, kind, sealed, lookup_hash(value, "contact"), False, "", now, now)


def _copy_stays(
    parties: Sequence[Sequence[_Member]],
    itineraries: Sequence[Sequence[_Leg]],
    dice: random.Random,
    now: datetime,
) -> int:
    trips = sum(legs[0].kind == Stay.Kind.LEG for legs in itineraries)
    trip_ids = _next_ids(TRIPS, trips)
    numbered = [next(trip_ids) if legs[0].kind == Stay.Kind.LEG else None for legs in itineraries]
    copy_rows(
        TRIPS,
        [*TRIP],
        (
            (trip, party[0].id, "", now)
            for trip, party in zip(numbered, parties, strict=True)
            if trip is not None
        ),
        [*TRIP.values()],
    )
    total = sum(len(party) * len(legs) for party, legs in zip(parties, itineraries, strict=True))
    # Read before the COPY begins: a connection that copies can do nothing else.
    missions = accounts.mission_index()
    rows = _stays(parties, itineraries, numbered, dice, missions, _next_ids(STAYS, total))
    return copy_rows(STAYS, [*STAY], rows, [*STAY.values()])


def _stays(
    parties: Sequence[Sequence[_Member]],
    itineraries: Sequence[Sequence[_Leg]],
    trips: Sequence[int | None],
    dice: random.Random,
    missions: dict[str, int],
    ids: Iterator[int],
) -> Iterator[Sequence[object]]:
    legs = [leg for itinerary in itineraries for leg in itinerary]
    points = [_within(leg.place, dice) for leg in legs]
    # Half say no more than the city; the others have set a pin, good to 50 m.
    radii = [
        leg.place.uncertainty_m if exact else 50 for leg, (_, _, exact) in zip(legs, points, strict=True)
    ]
    codes = position_codes([p[0] for p in points], [p[1] for p in points], radii).tolist()
    at = iter(zip(points, radii, codes, strict=True))
    for party, itinerary, trip in zip(parties, itineraries, trips, strict=True):
        for leg in itinerary:
            (lat, lon, is_city), radius, code = next(at)
            place = leg.place
            first: int | None = None
            for one in party:
                stay_id = next(ids)
                yield (
                    stay_id,
                    one.id,
                    trip,
                    first,
                    str(leg.kind),
                    str(Stay.Source.GAZETTEER if is_city else Stay.Source.PIN),
                    place.name_in("zh-Hans" if one.speaks_chinese else "en"),
                    place.id,
                    place.country,
                    place.region,
                    accounts.mission_id_in(missions, place.country, place.region),
                    lat,
                    lon,
                    radius,
                    code,
                    place.timezone,
                    leg.starts_at,
                    leg.ends_at,
                )
                first = first or stay_id


def _within(place: Place, dice: random.Random) -> tuple[float, float, bool]:
    if dice.random() < 0.5:
        return place.lat, place.lon, True
    spread = place.uncertainty_m / 2
    lat, lon = destination(place.lat, place.lon, north_m=dice.gauss(0, spread), east_m=dice.gauss(0, spread))
    return round(lat, 5), round(lon, 5), False


def _consents(parties: Sequence[Sequence[_Member]], now: datetime) -> Iterator[Sequence[object]]:
    for lead, *_ in parties:
        yield (lead.id, "warnings", CONSENT_VERSION, now, None)


def _watched(rows: Iterator[Sequence[object]], tell: Progress, total: int) -> Iterator[Sequence[object]]:
    for number, row in enumerate(rows, start=1):
        if number % 5_000 == 0:
            tell(total // 10 + number * 4 // 10, total)
        yield row
