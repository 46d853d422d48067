"""CertLogic 1.3.3: date-times, how they are made, moved and compared."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.rules import errors
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.instants import instant, plus
from tests.domain.health.certlogic_world import error, value

# The machine may be busy with other tests; how fast rules are is measured by bench/certificates_rules.py.
unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021", "2021-12-31T00:00:00"),
        ("2021-02", "2021-02-28T00:00:00"),
        ("2024-02", "2024-02-29T00:00:00"),
        ("2021-05-04", "2021-05-04T00:00:00"),
        ("2021-05-04T13:37:42", "2021-05-04T13:37:42"),
        ("2021-05-04T13:37:42Z", "2021-05-04T13:37:42"),
        ("2021-08-20T12:03:12+2", "2021-08-20T10:03:12"),
        ("2021-08-20T12:03:12+02", "2021-08-20T10:03:12"),
        ("2021-08-20T12:03:12+230", "2021-08-20T09:33:12"),
        ("2021-08-20T12:03:12-0230", "2021-08-20T14:33:12"),
        ("2021-08-20T12:03:12+2:30", "2021-08-20T09:33:12"),
        ("2021-08-20T12:03:12+02:30", "2021-08-20T09:33:12"),
        ("2021-08-01T00:00:00.1Z", "2021-08-01T00:00:00.100"),
        ("2021-08-01T00:00:00.0019999999", "2021-08-01T00:00:00.001"),
        ("2021-08-01T00:00:00.0001+1", "2021-07-31T23:00:00"),
    ],
)
def test_forms_of_date_times(text, expected):
    assert value({"plusTime": [{"var": ""}, 0, "hour"]}, text) == datetime.fromisoformat(expected + "+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "21", "20210504", "2021-W01-1", "2021-1-1", "2021-13", "2021-00", "2021-02-30", "0000-01-01",
        "2021-05-04 13:37:42", "2021-05-04T13:37", "2021-05-04T24:00:00Z", "2021-05-04T13:60:00Z",
        "2021-05-04T13:37:42z", "2021-05-04T13:37:42,5Z", "2021-05-04T13:37:42+25:00", "2021-05-04T13:37:42+02:60",
        "2021-05-04T13:37:42Z\n", "２０２１-05-04", "+2021-05-04", "2021-05-04T13:37:42." + "0" * 100,
    ],
)  # fmt: skip
def test_other_texts_are_no_date_times(text):
    assert error({"plusTime": [{"var": ""}, 0, "day"]}, text) == errors.NOT_A_DATE
    assert error({"dccDateOfBirth": [{"var": ""}]}, text) == errors.NOT_A_DATE


def test_a_date_of_birth_has_no_time():
    assert value({"dccDateOfBirth": ["2004-02"]}) == datetime(2004, 2, 29, tzinfo=UTC)
    assert error({"dccDateOfBirth": ["2004-02-01T00:00:00Z"]}) == errors.NOT_A_DATE


@pytest.mark.parametrize("operand", [None, 5, True, [], {}])
def test_date_times_are_made_of_texts_only(operand):
    assert error({"plusTime": [{"var": ""}, 0, "day"]}, operand) == errors.TYPE_MISMATCH
    assert error({"dccDateOfBirth": [{"var": ""}]}, operand) == errors.TYPE_MISMATCH


def test_a_date_time_is_no_operand_of_plus_time():
    inner = {"plusTime": ["2021-01-01", 0, "day"]}
    assert error({"plusTime": [inner, 1, "day"]}) == errors.TYPE_MISMATCH


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        # The table of the specification, "Leap days".
        ("2020-02-29", 1, "day", "2020-03-01"),
        ("2020-02-29", 1, "month", "2020-03-29"),
        ("2020-02-29", 1, "year", "2021-03-01"),
        # Months roll over as setUTCMonth does.
        ("2021-01-31", 1, "month", "2021-03-03"),
        ("2021-03-31", -1, "month", "2021-03-03"),
        ("2021-12-01", 1, "month", "2022-01-01"),
        ("2021-12-01", -12, "month", "2020-12-01"),
        ("2021-06-23", -180, "day", "2020-12-25"),
        ("2004-02", 18, "year", "2022-03-01"),
        ("2021-06-23", 72, "hour", "2021-06-26"),
    ],
)
def test_adding_time(start, amount, unit, expected):
    assert value({"plusTime": [start, amount, unit]}) == instant(expected)


@unhurried
@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(-50_000, 50_000),
    st.sampled_from(["day", "hour"]),
)
def test_days_and_hours_add_up(day, amount, unit):
    start = datetime(day.year, day.month, day.day, 13, 37, 42, tzinfo=UTC)
    found = value({"plusTime": [start.isoformat(), amount, unit]})
    assert found - start == (timedelta(days=amount) if unit == "day" else timedelta(hours=amount))


@unhurried
@given(st.dates(date(1901, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_end_in_the_month_meant_or_the_next(day, amount):
    found = plus(instant(day.isoformat()), amount, "month")
    wanted = (day.year * 12 + day.month - 1 + amount) % 12 + 1
    same_day = found.day == day.day and found.month == wanted
    assert same_day or ((found.month - wanted) % 12 == 1 and found.day <= 3)


@pytest.mark.parametrize(
    ("start", "amount", "unit"),
    [
        ("2021-01-01", 8_000, "year"),
        ("2021-01-01", -2_021, "year"),
        ("2021-01-01", 100_000, "month"),
        ("2021-01-01", 10**7, "day"),
        ("2021-01-01", 10**400, "day"),
        ("2021-01-01", -(10**400), "hour"),
        ("2021-01-01", 10**400, "year"),
        ("9999-12-31", 1, "hour"),
        ("9999-12-31", 25, "hour"),
        ("0001-01-01T00:00:00+1", 0, "hour"),
        ("9999-12-31T23:59:59-1", 0, "hour"),
    ],
)
def test_a_year_that_overflows_is_told(start, amount, unit):
    if (start, amount) == ("9999-12-31", 1):
        assert value({"plusTime": [start, amount, unit]}).hour == 1
    else:
        assert error({"plusTime": [start, amount, unit]}) == errors.DATE_OUT_OF_RANGE


@unhurried
@given(st.text(max_size=40))
def test_any_text_is_a_date_time_or_an_error(text):
    try:
        assert isinstance(value({"plusTime": [{"var": ""}, 1, "month"]}, text), datetime)
    except RuleError as caught:
        assert caught.code in (errors.NOT_A_DATE, errors.DATE_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("operator", "order", "expected"),
    [
        ("after", (2, 1), True), ("after", (1, 1), False), ("before", (1, 2), True), ("before", (1, 2, 2), False),
        ("not-after", (1, 1, 2), True), ("not-after", (1, 3, 2), False), ("not-before", (2, 2, 1), True),
        ("not-before", (1, 2), False), ("after", (3, 2, 1), True), ("before", (1, 3, 2), False),
    ],
)  # fmt: skip
def test_comparing_date_times(operator, order, expected):
    operands = [{"plusTime": [f"2021-01-0{day}", 0, "day"]} for day in order]
    assert value({operator: operands}) is expected


def test_only_date_times_are_before_one_another():
    moment = {"plusTime": ["2021-01-01", 0, "day"]}
    for wrong in ("2021-01-01", 5, None):
        assert error({"before": [{"var": ""}, moment]}, wrong) == errors.TYPE_MISMATCH
        assert error({"after": [moment, moment, {"var": ""}]}, wrong) == errors.TYPE_MISMATCH
    assert error({"<": [moment, moment]}) == errors.TYPE_MISMATCH


def test_date_times_are_never_equal_however_they_were_made():
    for amount in (0, 1):
        made = {"plusTime": [{"var": "x"}, amount, "day"]}
        assert value({"===": [made, made]}, {"x": "2021-03-04"}) is False
        assert value({"in": [made, [made]]}, {"x": "2021-03-04"}) is False


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        ("2020-02-29", 4, "year", "2024-02-29"),
        ("2020-02-29", -4, "year", "2016-02-29"),
        ("2004-02-29", 18, "year", "2022-03-01"),
        ("2004-02-29", -2, "year", "2002-03-01"),
        ("2021-03-01", -1, "year", "2020-03-01"),
        ("2020-03-29", -1, "month", "2020-02-29"),
        ("2021-03-31", -1, "month", "2021-03-03"),
        ("2021-01-31", 1, "month", "2021-03-03"),
        ("2021-12-31", 2, "month", "2022-03-03"),
        ("2021-01-01", -1, "month", "2020-12-01"),
        ("2021-06-23", -180, "day", "2020-12-25"),
        ("2021-06-23", -72, "hour", "2021-06-20"),
        ("1999", 1, "day", "2000-01-01"),
        ("2004-02", 1, "month", "2004-03-29"),
        ("2004-02", 1, "year", "2005-03-01"),
    ],
)
def test_months_and_leap_days_roll_over_in_both_directions(start, amount, unit, expected):
    found = value({"plusTime": [start, amount, unit]})
    assert found == datetime.fromisoformat(f"{expected}T00:00:00+00:00")


@pytest.mark.parametrize("operator", ["after", "before", "not-after", "not-before"])
@pytest.mark.parametrize("other", [1, "2021-01-01", None, True, [], {}])
def test_a_date_time_compares_with_nothing_else_at_any_place(operator, other):
    day = {"plusTime": ["2021-01-01", 0, "day"]}
    for operands in (
        [day, {"var": "x"}],
        [{"var": "x"}, day],
        [day, day, {"var": "x"}],
        [{"var": "x"}, day, day],
    ):
        assert error({operator: operands}, {"x": other}) == errors.TYPE_MISMATCH
