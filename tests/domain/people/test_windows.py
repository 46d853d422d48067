"""Days at a place as instants."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.people.errors import PeopleError
from openconsular.domain.people.windows import Dates, check_leg, check_trip, last_day, start_of_day, window

ZONES = sorted(zone for zone in available_timezones() if "/" in zone)
DAYS = st.dates(date(2000, 1, 1), date(2035, 12, 31))


def test_days_are_those_of_the_place():
    starts_at, ends_at = window(Dates(date(2026, 6, 1), date(2026, 6, 3)), "Asia/Manila")
    assert starts_at == datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert ends_at == datetime(2026, 6, 3, 16, tzinfo=UTC)


def test_a_day_without_midnight_begins_at_the_jump():
    # Clocks in Beirut went from 0:00 to 1:00 on 31 March 2024.
    assert start_of_day(date(2024, 3, 31), "Asia/Beirut") == datetime(2024, 3, 30, 22, tzinfo=UTC)


def test_a_midnight_that_comes_twice_counts_from_the_first():
    # Havana's clocks go back from 1:00 to 0:00.
    assert start_of_day(date(2024, 11, 3), "America/Havana") == datetime(2024, 11, 3, 4, tzinfo=UTC)


def test_an_unknown_zone_counts_as_utc():
    assert start_of_day(date(2026, 1, 1), "Nowhere/Place") == datetime(2026, 1, 1, tzinfo=UTC)
    assert start_of_day(date(2026, 1, 1), "../etc") == datetime(2026, 1, 1, tzinfo=UTC)


@given(DAYS, st.sampled_from(ZONES))
def test_days_touch_and_hold_every_instant_of_theirs(day, zone):
    starts_at, ends_at = window(Dates(day, day), zone)
    assert ends_at == start_of_day(day + timedelta(days=1), zone)
    assert starts_at <= ends_at
    if starts_at < ends_at:
        assert starts_at.astimezone(ZoneInfo(zone)).date() == day
        assert last_day(ends_at, zone) == day


@given(DAYS, st.sampled_from(ZONES), st.integers(0, 86_399))
def test_every_local_time_of_a_day_lies_in_its_window(day, zone, second):
    local = (datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)).replace(
        tzinfo=ZoneInfo(zone)
    )
    instant = local.astimezone(UTC)
    if instant.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != local.replace(tzinfo=None):
        return  # this wall time did not exist
    starts_at, ends_at = window(Dates(day, day), zone)
    assert starts_at <= instant < ends_at


TODAY = date(2026, 6, 1)


@pytest.mark.parametrize(
    ("first", "last", "code"),
    [
        (date(2026, 6, 5), date(2026, 6, 4), "dates_order"),
        (date(2026, 6, 5), date(2027, 8, 4), "dates_long"),
        (date(2026, 5, 1), date(2026, 5, 30), "dates_past"),
        (date(2029, 5, 1), date(2029, 5, 30), "dates_far"),
    ],
)
def test_legs_that_cannot_be(first, last, code):
    with pytest.raises(PeopleError) as caught:
        check_leg(Dates(first, last), TODAY)
    assert caught.value.code == code


def test_a_trip_goes_on_from_place_to_place():
    one, two = Dates(date(2026, 6, 1), date(2026, 6, 3)), Dates(date(2026, 6, 3), date(2026, 6, 9))
    check_trip([one, two], TODAY)
    for legs, code in (([two, one], "legs_order"), ([], "legs_missing"), ([one] * 21, "legs_many")):
        with pytest.raises(PeopleError) as caught:
            check_trip(legs, TODAY)
        assert caught.value.code == code
