"""Stays and contacts of very many people at once, in a few statements, for whoever tells them something.

Written as SQL because a million rows as model instances would take a minute and gigabytes; psycopg makes these
tuples in seconds. All of it respects consent: who has withdrawn `warnings`, or had everything deleted, is not in it.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import LiteralString, NamedTuple, TypeVar

import psycopg
from psycopg.rows import BaseRowFactory, args_row, tuple_row

from openconsular.citizens import positions
from openconsular.domain.geo import Area
from openconsular.foundation.database import raw_connection
from openconsular.foundation.secrets import unseal

BATCH = 50_000
Row = TypeVar("Row", bound=tuple[object, ...])


class StayRow(NamedTuple):
    """One stay of one person. `lead_id` is None for who is reached directly, else the person who leads the party.

    `is_certain` is False where only the circle of uncertainty touches the area asked about.
    """

    stay_id: int
    person_id: int
    lead_id: int | None
    languages: list[str]
    country: str
    region: str
    mission_id: int | None
    lat: float
    lon: float
    label: str
    place_id: int | None
    timezone: str
    kind: str
    starts_at: datetime
    ends_at: datetime | None
    is_certain: bool


class ContactRow(NamedTuple):
    """One way to reach a person: `kind` is "phone" or "email"."""

    contact_id: int
    person_id: int
    kind: str


STAYS_SQL = """
SELECT s.id, s.person_id, p.lead_id, p.languages, s.country, s.region, s.mission_id, s.lat, s.lon, s.label,
       s.place_id, s.timezone, s.kind, s.starts_at, s.ends_at, asked.is_certain
FROM unnest(%s::bigint[], %s::bool[]) AS asked (id, is_certain)
JOIN citizens_stay s ON s.id = asked.id
JOIN citizens_person p ON p.id = s.person_id
WHERE p.wants_warnings AND p.erased_at IS NULL
"""

# A contact that nobody confirmed may be a stranger's: it counts only for people of the crisis form, who had no time.
CONTACTS_SQL = """
SELECT c.id, c.person_id, c.kind
FROM unnest(%s::bigint[]) AS asked (id)
JOIN citizens_contact c ON c.person_id = asked.id
JOIN citizens_person p ON p.id = asked.id
WHERE NOT c.is_trusted_other AND p.wants_warnings AND p.erased_at IS NULL
  AND (c.verified_at IS NOT NULL OR p.from_crisis_form)
ORDER BY c.person_id, c.id
"""

PRESENT_SQL = """
SELECT id FROM citizens_stay WHERE id = ANY(%s::bigint[]) AND starts_at < %s AND (ends_at IS NULL OR ends_at > %s)
"""


OWN_STAYS_SQL = """
SELECT id FROM citizens_stay WHERE person_id = ANY(%s::bigint[]) AND starts_at < %s AND (ends_at IS NULL OR ends_at > %s)
"""

ADDRESSES_SQL = """
SELECT c.id, c.value FROM citizens_contact c JOIN citizens_person p ON p.id = c.person_id
WHERE c.id = ANY(%s::bigint[]) AND p.wants_warnings AND p.erased_at IS NULL
"""


def stays_in(area: Area, *, starts_at: datetime, ends_at: datetime) -> Iterator[StayRow]:
    """Every stay in `area` at some moment between the two instants, certain or possible."""
    found = positions.match_table(raw_connection(), area, at_window=(starts_at, ends_at))
    return _stays(found.ids.tolist(), found.is_inside.tolist())


def stays_for(stay_ids: Collection[int]) -> Iterator[StayRow]:
    """The stays with these ids, as many as there are."""
    return _stays(list(stay_ids), [True] * len(stay_ids))


def stays_of_people(
    person_ids: Collection[int], *, starts_at: datetime, ends_at: datetime
) -> Iterator[StayRow]:
    """The stays of these people at some moment between the two instants."""
    with raw_connection().cursor() as cursor:
        cursor.execute(OWN_STAYS_SQL, [list(person_ids), ends_at, starts_at])
        ids = [row[0] for row in cursor.fetchall()]
    return stays_for(ids)


def _stays(ids: Sequence[int], certain: Sequence[bool]) -> Iterator[StayRow]:
    for start in range(0, len(ids), BATCH):
        end = start + BATCH
        yield from _rows(STAYS_SQL, [_array(ids[start:end]), _array(certain[start:end])], args_row(StayRow))


def contacts_of(person_ids: Collection[int]) -> Iterator[ContactRow]:
    """How to reach these people, each by as many ways as they gave."""
    ids = sorted(person_ids)
    for start in range(0, len(ids), BATCH):
        yield from _rows(CONTACTS_SQL, [_array(ids[start : start + BATCH])], args_row(ContactRow))


def present_between(stay_ids: Collection[int], starts_at: datetime, ends_at: datetime) -> set[int]:
    """Which of these stays overlap the time from `starts_at` to `ends_at`."""
    return {row[0] for row in _rows(PRESENT_SQL, [_array(stay_ids), ends_at, starts_at], tuple_row)}


def addresses_of(contact_ids: Collection[int]) -> dict[int, str]:
    """Contact id -> phone in E.164 or e-mail address, opened. Contacts gone meanwhile, or withdrawn, are not in it."""
    found: dict[int, str] = {}
    ids = list(contact_ids)
    for start in range(0, len(ids), BATCH):
        for number, value in _rows(ADDRESSES_SQL, [_array(ids[start : start + BATCH])], tuple_row):
            found[number] = unseal(value, "citizens.contact.value")
    return found


def _rows(statement: LiteralString, parameters: Sequence[object], make: BaseRowFactory[Row]) -> list[Row]:
    """All rows at once, in the binary format: half the time of the text that Django's own cursor asks for."""
    with psycopg.Cursor(raw_connection(), row_factory=make) as cursor:
        cursor.execute(statement, parameters, binary=True)
        return cursor.fetchall()


def _array(values: Collection[int]) -> str:
    """Numbers or truths as PostgreSQL writes an array. As text, because a list is adapted one by one."""
    return "{" + ",".join(map(str, values)) + "}"
