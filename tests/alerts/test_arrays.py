"""Arrays written by hand say to PostgreSQL what they say to Python."""

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openconsular.alerts import arrays


@pytest.mark.django_db
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20),
        min_size=1,
        max_size=9,
    ),
    st.lists(st.integers(-(2**62), 2**62), max_size=9),
)
def test_arrays_come_back_from_the_database(texts: list[str], ints: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[], %s::bigint[]", [arrays.texts(texts), arrays.ints(ints)])
        assert cursor.fetchone() == (texts, ints)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "text", ['"},{"', "\\", '\\"', "NULL", "", "{}", ",", "a\0b", "'; DROP TABLE x; --", "中\n"]
)
def test_no_text_ends_its_own_quotes(text: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::text[]", [arrays.texts([text, "last"])])
        assert cursor.fetchone() == ([text.replace("\0", ""), "last"],)
