"""The table answers as memory does, and as testing every row does."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import psycopg
import pytest
from django.db import connection as django_connection

from openconsular.citizens import positions
from openconsular.citizens.positions import match_table
from openconsular.domain.geo import Area, PositionIndex, position_codes
from openconsular.foundation.database import raw_connection

pytestmark = pytest.mark.django_db
DAY = datetime(2026, 6, 1, tzinfo=UTC)


class Rows:
    """A table of positions of its own, with what is in it."""

    def __init__(self, count: int, *, vague: bool) -> None:
        rng = np.random.default_rng(5)
        crowd = count // 2
        self.lats = np.concatenate([rng.uniform(-90, 90, crowd), rng.normal(14.6, 1, crowd), [0, 0, 90, 45]])
        self.lons = np.concatenate(
            [rng.uniform(-180, 180, crowd), rng.normal(121, 1, crowd), [180, -180, 3, 180]]
        )
        radii = rng.choice([0, 0, 0, 500, 4_000, 80_000, 300_000, 2_000_000, 2_100_000_000], len(self.lats))
        self.radii = radii if vague else np.zeros(len(self.lats), dtype=np.int64)
        self.ids = rng.permutation(len(self.lats)) + 10_000_000_000
        self.begins = [DAY + timedelta(days=int(day)) for day in rng.integers(0, 30, len(self.lats))]
        self.ends = [
            begin + timedelta(days=int(days)) if days else None
            for begin, days in zip(self.begins, rng.integers(0, 9, len(self.lats)), strict=True)
        ]

    def load(self, session: psycopg.Connection[Any]) -> None:
        session.execute(
            "CREATE TEMPORARY TABLE positions (id bigint, morton bigint, lat float8, lon float8,"
            " uncertainty_m integer, starts_at timestamptz, ends_at timestamptz) ON COMMIT DROP"
        )
        codes = position_codes(self.lats, self.lons, self.radii)
        columns = (self.ids, codes, self.lats, self.lons, self.radii)
        with session.cursor() as cursor, cursor.copy("COPY positions FROM STDIN") as copy:
            for row in zip(*(column.tolist() for column in columns), self.begins, self.ends, strict=True):
                copy.write_row(row)
        session.execute("CREATE INDEX ON positions (morton)")
        session.execute("ANALYZE positions")


@pytest.fixture
def session() -> Iterator[psycopg.Connection[Any]]:
    yield raw_connection()


def areas() -> list[Area]:
    ring = [(14 + np.sin(t) * (1 + 0.3 * np.sin(9 * t)), 121 + np.cos(t)) for t in np.linspace(0, 6.2, 300)]
    return [
        Area.of([[*ring, ring[0]]]),
        Area.of(
            [[*ring, ring[0]]],
            excluded=[[(14, 121), (14, 121.4), (14.4, 121.4), (14, 121)]],
            discs=[(15, 120, 80)],
        ),
        Area.of([[(-10, 170), (-10, -170), (50, -170), (50, 170), (-10, 170)]]),
        Area.of([[(60, lon) for lon in (0, 90, 180, -90, 0)]]),
        Area.of(discs=[(89, 0, 900), (14.6, 121, 0.5)]),
        Area.of([[(0, 0), (40, 90), (0, 90), (40, 0), (0, 0)]]),
        Area.of(),
    ]


@pytest.mark.parametrize("vague", [False, True])
def test_table_memory_and_testing_everyone_agree(session: psycopg.Connection[Any], vague: bool) -> None:
    rows = Rows(6_000, vague=vague)
    rows.load(session)
    index = PositionIndex(rows.ids, rows.lats, rows.lons, rows.radii)
    found_any = 0
    for area in areas():
        found = match_table(session, area, table="positions")
        inside = area.covers_many(rows.lats, rows.lons)
        touched = area.within_reach(rows.lats, rows.lons, np.minimum(rows.radii, 20_040_000))
        assert sorted(found.inside) == sorted(rows.ids[inside])
        assert sorted(found.possible) == sorted(rows.ids[touched & ~inside])
        memory = index.match(area)
        assert sorted(memory.inside) == sorted(found.inside)
        assert sorted(memory.possible) == sorted(found.possible)
        found_any += len(found.ids)
    assert found_any > 1_000


@pytest.mark.parametrize("until", [DAY + timedelta(days=12), None])
def test_only_those_who_are_there_in_the_window(
    session: psycopg.Connection[Any], until: datetime | None
) -> None:
    rows = Rows(4_000, vague=True)
    rows.load(session)
    since = DAY + timedelta(days=10)
    there = np.array(
        [
            (until is None or begin < until) and (end is None or end > since)
            for begin, end in zip(rows.begins, rows.ends, strict=True)
        ]
    )
    area = areas()[0]
    found = match_table(session, area, table="positions", at_window=(since, until))
    near = area.within_reach(rows.lats, rows.lons, np.minimum(rows.radii, 20_040_000)) & there
    assert 0 < len(found.ids) < len(match_table(session, area, table="positions").ids)
    assert sorted(found.ids) == sorted(rows.ids[near])


def test_a_cursor_will_do_and_an_empty_table_too(session: psycopg.Connection[Any]) -> None:
    Rows(0, vague=False).load(session)
    session.execute("DELETE FROM positions")
    with django_connection.cursor() as cursor:
        assert len(match_table(cursor.cursor, areas()[0], table="positions").ids) == 0
    assert len(match_table(session, areas()[0]).ids) == 0  # the registry itself


def test_every_range_is_looked_up_in_the_index(session: psycopg.Connection[Any]) -> None:
    Rows(20_000, vague=True).load(session)
    statement = positions._match_statement("positions", False)
    one = dict.fromkeys(("inner_first", "border_first"), "{0,5,9}")
    two = dict.fromkeys(("inner_end", "border_end"), "{1,6,10}")
    plan = session.execute(b"EXPLAIN " + statement.as_bytes(session), one | two).fetchall()
    text = "\n".join(line for (line,) in plan)
    assert "Seq Scan on positions" not in text and "Index" in text
