"""Bulk ways into PostgreSQL, where the ORM's row by row would be too slow."""

from collections.abc import Iterable, Sequence
from typing import Any

import psycopg
from django.db import connection, transaction
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


# Fewer rows than this mislead no plan; and a table is counted anew when it has grown by a tenth, as autovacuum does.
_FEW, _GROWN = 200, 0.1


def count_anew(table: str, written: int) -> None:
    """After the commit, let PostgreSQL look at a table that has just grown by `written` rows.

    Autovacuum does it too, within a minute; but the minute after a mass of rows was written is when everybody looks, and a
    plan made for an empty table joins thousands of rows one by one.
    """
    if written < _FEW:
        return

    def look() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            if written > _GROWN * cursor.fetchone()[0]:
                cursor.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(table)))

    transaction.on_commit(look, robust=True)


def raw_connection() -> psycopg.Connection[Any]:
    """Django's present connection as psycopg knows it: same session, same transaction."""
    connection.ensure_connection()
    raw = connection.connection
    assert isinstance(raw, psycopg.Connection)
    return raw
