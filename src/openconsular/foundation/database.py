"""Bulk ways into PostgreSQL, where the ORM's row by row would be too slow."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection
from psycopg import sql


def copy_rows(
    table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]], types: Sequence[str] | None = None
) -> int:
    """Load rows by COPY into `table`, in the current transaction. Returns how many.

    `types` names the PostgreSQL types of the columns; with them the binary format is used, which is faster.
    """
    count = 0
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    form = sql.SQL(" (FORMAT BINARY)") if types else sql.SQL("")
    statement = sql.SQL("COPY {} ({}) FROM STDIN{}").format(sql.Identifier(table), names, form)
    with raw_connection().cursor() as cursor, cursor.copy(statement) as copy:
        if types:
            copy.set_types(list(types))
        for row in rows:
            copy.write_row(row)
            count += 1
    return count


def raw_connection() -> psycopg.Connection[Any]:
    """Django's present connection as psycopg knows it: same session, same transaction."""
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    return raw
