"""What PostgreSQL knows of a table is fit for the moment after thousands of rows were written."""

import pytest
from django.db import connection, transaction

from openconsular.foundation.database import copy_rows, count_anew


def known_rows():
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE relname = 'grown'")
        return cursor.fetchone()[0]


@pytest.fixture
def grown(committed_db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE grown (number int) WITH (autovacuum_enabled = false)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE grown")


def write(count):
    with transaction.atomic():
        copy_rows("grown", ["number"], ((number,) for number in range(count)))
        count_anew("grown", count)


def test_a_table_that_grew_is_counted_after_the_commit(grown):
    write(500)
    assert known_rows() == 500
    write(5000)
    assert known_rows() == 5500


def test_little_growth_costs_nothing(grown):
    write(50)
    assert known_rows() == -1
    write(5000)
    write(300)
    assert known_rows() == 5050


def test_what_was_not_committed_is_not_counted(grown):
    with pytest.raises(RuntimeError), transaction.atomic():
        count_anew("grown", 500)
        raise RuntimeError
    assert known_rows() == -1
