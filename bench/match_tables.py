"""The tables of the comparison: ours with its B-tree, the rival's with its GiST index, filled by COPY."""

from collections.abc import Callable

import numpy as np
import psycopg
from numpy.typing import NDArray

from openconsular.domain.geo import position_codes

Ids = NDArray[np.int64]
# One row of binary COPY: the number of fields, then length and value of each (PostgreSQL manual, COPY).
COLUMNS = {"id": ">i8", "morton": ">i8", "lat": ">f8", "lon": ">f8"}
LENGTHS = [f"{name}_length" for name in COLUMNS]
FIELDS = [pair for name, kind in COLUMNS.items() for pair in ((f"{name}_length", ">i4"), (name, kind))]
ROW = np.dtype([("fields", ">i2"), *FIELDS])
CHUNK = 200_000
# What PostGIS may do: the plain question, the same on two processes, and the usual cure for large polygons.
# Points on the cuts of a subdivision would count twice; there are none here, and sorting them out costs more.
PLAIN = (
    "SELECT string_agg(int8send(id), ''::bytea) FROM people WHERE ST_Covers(ST_GeomFromWKB(%b, 4326), place)"
)
PIECES = """SELECT string_agg(int8send(id), ''::bytea)
FROM ST_Subdivide(ST_GeomFromWKB(%b, 4326), 256) AS piece JOIN people ON ST_Covers(piece, place)"""
RIVALS = {
    "ST_Covers": (PLAIN, 0),
    "ST_Covers in parallel": (PLAIN, 2),
    "ST_Covers of ST_Subdivide": (PIECES, 0),
}


def load_ours(connection: psycopg.Connection, lats: NDArray[np.float64], lons: NDArray[np.float64]) -> None:
    """Table `stays` with the columns of the registry that count here, in the order of the codes."""
    codes = position_codes(lats, lons, np.zeros(len(lats)))
    order = np.argsort(codes)
    connection.execute(
        "CREATE TABLE stays (id bigint, morton bigint, lat float8, lon float8, uncertainty_m integer DEFAULT 0,"
        " starts_at timestamptz DEFAULT '2026-01-01', ends_at timestamptz)"
    )
    with (
        connection.cursor() as cursor,
        cursor.copy("COPY stays (id, morton, lat, lon) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.write(b"PGCOPY\n\xff\r\n\0" + bytes(8))
        for start in range(0, len(order), CHUNK):
            part = order[start : start + CHUNK]
            rows = np.empty(len(part), dtype=ROW)
            rows["fields"] = len(COLUMNS)
            for length in LENGTHS:
                rows[length] = 8
            rows["id"], rows["morton"], rows["lat"], rows["lon"] = part, codes[part], lats[part], lons[part]
            copy.write(rows.tobytes())
        copy.write(b"\xff\xff")
    connection.execute("CREATE INDEX ON stays (morton)")
    connection.execute("VACUUM ANALYZE stays")


def load_rival(connection: psycopg.Connection) -> None:
    """Table `people` from `stays`: points with a GiST index, laid out along that index, as PostGIS likes it."""
    connection.execute(
        "CREATE TABLE people AS SELECT id, ST_SetSRID(ST_MakePoint(lon, lat), 4326)::geometry(Point, 4326) AS place FROM stays"
    )
    connection.execute("CREATE INDEX people_place ON people USING gist (place)")
    connection.execute("CLUSTER people USING people_place")
    connection.execute("VACUUM ANALYZE people")


def drop(connection: psycopg.Connection) -> None:
    """Make room for the next size."""
    connection.execute("DROP TABLE IF EXISTS stays, people")


def rival_sides(connections: dict[int, psycopg.Connection]) -> dict[str, Callable[[bytes], Ids]]:
    """Every way of asking PostGIS, by a connection for each number of extra processes it may use.

    The ids come as packed bytes, as they do for ours.
    """

    def ask(connection: psycopg.Connection, statement: str, wkb: bytes) -> Ids:
        with connection.cursor(binary=True) as cursor:
            row = cursor.execute(statement, [wkb]).fetchone()
        return np.frombuffer(row[0] or b"", dtype=">i8").astype(np.int64)

    return {
        name: lambda wkb, statement=statement, workers=workers: ask(connections[workers], statement, wkb)  # type: ignore[misc]
        for name, (statement, workers) in RIVALS.items()
    }


def connected(address: str, workers: int) -> psycopg.Connection:
    """A connection whose queries may use so many extra processes."""
    connection = psycopg.connect(address, autocommit=True)
    connection.execute(f"SET max_parallel_workers_per_gather = {workers}")
    return connection
