"""Who of all stays in the registry is in an area, straight from the table.

The answer is that of testing every row, and of `domain.geo.PositionIndex`. Rows in the inner ranges of the
area's cover are in without a look; rows in the border ranges come over as arrays and are tested here.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import numpy as np
import psycopg
from numpy.typing import NDArray
from psycopg import sql
from psycopg.rows import tuple_row

from openconsular.domain.geo import CODE_BITS, REACH_CLASSES_M, Area, Cover, Matched, cover

# More cells mean fewer rows to test and more places of the index to look up. The rows to test grow with the
# table and shrink with the cells, so the best number follows the root of the rows; bench/match.py measures it.
FEWEST_CELLS, MOST_CELLS = 12, 400
ROWS_PER_CELL_SQUARED = 250

# How many rows there are, by the planner's estimate, and which classes of reach have any: seven looks into
# the index.
CLASSES_SQL = sql.SQL("""
    SELECT coalesce(array_agg(number), '{{}}'::bigint[]) FROM generate_series(1, {last}::bigint) AS number
    WHERE EXISTS (SELECT FROM {table} WHERE morton >= number << {bits} AND morton < (number + 1) << {bits})
""")
SIZE_SQL = sql.SQL("SELECT ({classes}), (SELECT reltuples FROM pg_class WHERE oid = {name}::regclass)")

# Written by hand because a QuerySet can neither join to a list of ranges nor return rows as packed bytes.
# - One statement: a row that moves while we look is seen where it was or where it is, never nowhere.
# - LATERAL with OFFSET 0: every range is looked up in the index; joined freely, the planner may choose to
#   compare every row with every range.
# - string_agg of what PostgreSQL sends for a number: numpy reads it as it comes, ten times faster than rows.
MATCH_SQL = sql.SQL("""
SELECT sure.packed, near.packed, ({classes})
FROM (
    SELECT string_agg(int8send(id), ''::bytea) AS packed
    FROM unnest(%(inner_first)s::bigint[], %(inner_end)s::bigint[]) AS inside (first, stop)
    CROSS JOIN LATERAL (SELECT id FROM {table} WHERE morton >= first AND morton < stop {window} OFFSET 0) AS found
) AS sure, (
    SELECT string_agg(int8send(id) || float8send(lat) || float8send(lon) || int4send(uncertainty_m), ''::bytea)
        AS packed
    FROM unnest(%(border_first)s::bigint[], %(border_end)s::bigint[]) AS border (first, stop)
    CROSS JOIN LATERAL (
        SELECT id, lat, lon, uncertainty_m FROM {table} WHERE morton >= first AND morton < stop {window} OFFSET 0
    ) AS found
) AS near
""")
WINDOW_SQL = sql.SQL(
    "AND starts_at < coalesce(%(until)s::timestamptz, 'infinity')"
    " AND (ends_at IS NULL OR ends_at > %(since)s::timestamptz)"
)
ID = np.dtype(">i8")
ROW = np.dtype([("id", ">i8"), ("lat", ">f8"), ("lon", ">f8"), ("uncertainty_m", ">i4")])


@dataclass(frozen=True)
class _Found:
    """Rows as PostgreSQL packed them, and the classes of reach that have rows."""

    sure: bytes
    near: bytes
    classes: frozenset[int]


def match_table(
    connection: psycopg.Connection[Any] | psycopg.Cursor[Any],
    area: Area,
    *,
    table: str = "citizens_stay",
    at_window: tuple[datetime, datetime | None] | None = None,
) -> Matched:
    """Ids of all rows that are in the area, or possibly in it, at some moment of the window.

    `table` has the columns id, morton (bigint: `domain.geo.position_code` of the row, with a B-tree), lat, lon
    (double precision, degrees), uncertainty_m (integer), starts_at and ends_at (timestamptz, a null end is
    open). The window is from an instant until another, not included; None as its end is without end. Without
    a window every row counts. Reads in the present transaction of the connection, and writes nothing.
    """
    if area.is_empty:
        return Matched(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
    session = connection.connection if isinstance(connection, psycopg.Cursor) else connection
    with psycopg.Cursor(session, row_factory=tuple_row) as cursor:
        numbers, rows = cursor.execute(_size_statement(table)).fetchone() or ((), 0)
        classes = frozenset([0, *numbers])
        cells = int(np.clip(np.sqrt(max(rows, 0) / ROWS_PER_CELL_SQUARED), FEWEST_CELLS, MOST_CELLS))
        while True:
            covers = {number: cover(area, reach_m=REACH_CLASSES_M[number], cells=cells) for number in classes}
            found = _look(cursor, covers, table, at_window)
            if found.classes <= classes:
                return _tested(area, found)
            classes |= found.classes  # rows of another class came in between the two looks


def _look(
    cursor: psycopg.Cursor[Any],
    covers: Mapping[int, Cover],
    table: str,
    window: tuple[datetime, datetime | None] | None,
) -> _Found:
    """The rows in the covers of the classes of reach, in one statement."""
    inner = {number: each.inner for number, each in covers.items()}
    border = {number: each.border for number, each in covers.items()}
    parameters: dict[str, Any] = {
        "inner_first": _array([part.first + (number << CODE_BITS) for number, part in inner.items()]),
        "inner_end": _array([part.end + (number << CODE_BITS) for number, part in inner.items()]),
        "border_first": _array([part.first + (number << CODE_BITS) for number, part in border.items()]),
        "border_end": _array([part.end + (number << CODE_BITS) for number, part in border.items()]),
    }
    if window is not None:
        parameters["since"], parameters["until"] = window
    cursor.execute(_match_statement(table, window is not None), parameters, binary=True)
    row = cursor.fetchone()
    if row is None:  # an aggregate always has a row
        raise AssertionError("no row")
    return _Found(row[0] or b"", row[1] or b"", frozenset(row[2]))


def _tested(area: Area, found: _Found) -> Matched:
    """The rows of the border, each by its own place and circle, joined to those that are in for sure."""
    sure = np.frombuffer(found.sure, dtype=ID).astype(np.int64)
    near = np.frombuffer(found.near, dtype=ROW)
    lats, lons = near["lat"].astype(np.float64), near["lon"].astype(np.float64)
    is_inside = area.covers_many(lats, lons)
    is_near = is_inside.copy()
    vague = np.flatnonzero(~is_inside & (near["uncertainty_m"] > 0))
    radii = np.minimum(near["uncertainty_m"][vague].astype(np.float64), REACH_CLASSES_M[-1])
    is_near[vague] = area.within_reach(lats[vague], lons[vague], radii)
    ids = np.concatenate([sure, near["id"][is_near].astype(np.int64)])
    return Matched(ids, np.concatenate([np.ones(len(sure), dtype=np.bool_), is_inside[is_near]]))


@cache
def _classes_statement(table: str) -> sql.Composed:
    return CLASSES_SQL.format(**_names(table))


@cache
def _size_statement(table: str) -> sql.Composed:
    names = _names(table)
    name = sql.Literal(names["table"].as_string(None))
    return SIZE_SQL.format(classes=_classes_statement(table), name=name)


@cache
def _match_statement(table: str, has_window: bool) -> sql.Composed:
    window = WINDOW_SQL if has_window else sql.SQL("")
    return MATCH_SQL.format(**_names(table), classes=_classes_statement(table), window=window)


def _names(table: str) -> dict[str, sql.Composable]:
    return {
        "table": sql.Identifier(*table.split(".")),
        "bits": sql.Literal(CODE_BITS),
        "last": sql.Literal(len(REACH_CLASSES_M) - 1),
    }


def _array(parts: list[NDArray[np.int64]]) -> str:
    """Whole numbers as the text of a PostgreSQL array, which is faster than converting each of them."""
    return "{" + ",".join(map(str, np.concatenate(parts).tolist())) + "}"
