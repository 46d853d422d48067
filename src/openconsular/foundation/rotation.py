"""Rotation of field keys: every sealed value is opened and sealed anew with the key that writes.

Sealed columns find themselves. What lies sealed inside something else (a library's JSON) is named in
`settings.SEALED_ELSEWHERE`: functions that rotate it and return how many values they changed.
"""

from collections.abc import Callable, Iterator

from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction
from django.utils.module_loading import import_string
from psycopg import sql

from openconsular.foundation.secrets import SealedTextField, seal, unseal, writing_key

BATCH = 2000


def sealed_fields() -> Iterator[tuple[type[models.Model], SealedTextField]]:
    """Every sealed column of every table."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedTextField):
                yield model, field


def rotate(*, progress: Callable[[str, int], None] = lambda table, done: None) -> int:
    """Seal anew what an older key sealed. May be stopped and run again; returns how many values it changed."""
    total = 0
    for model, field in sealed_fields():
        done = 0
        while changed := _rotate_batch(model, str(field.column), field.context):
            done += changed
            progress(f"{model._meta.db_table}.{field.column}", done)
        total += done
    for name in settings.SEALED_ELSEWHERE:
        total += import_string(name)()
    return total


def resealed(sealed: bytes, context: str) -> bytes | None:
    """The value under the key that writes; None where it is already."""
    return None if sealed[0] == writing_key() else seal(unseal(sealed, context), context)


def _rotate_batch(model: type[models.Model], column: str, context: str) -> int:
    parts = {"table": model._meta.db_table, "column": column, "key": str(model._meta.pk.column)}
    names = {name: sql.Identifier(part) for name, part in parts.items()}
    # The first byte of a sealed value is the number of its key.
    find = sql.SQL(
        "SELECT {key}, {column} FROM {table} WHERE {column} IS NOT NULL AND get_byte({column}, 0) <> %s"
        " ORDER BY {key} LIMIT %s FOR UPDATE"
    ).format(**names)
    put = sql.SQL("UPDATE {table} SET {column} = %s WHERE {key} = %s").format(**names)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(find, [writing_key(), BATCH])
        rows = cursor.fetchall()
        cursor.executemany(put, [(seal(unseal(value, context), context), pk) for pk, value in rows])
    return len(rows)
