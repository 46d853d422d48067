"""From dates on a calendar at a place to instants."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from openconsular.domain.people.errors import PeopleError

LONGEST_LEG = timedelta(days=366)
FARTHEST_AHEAD = timedelta(days=2 * 366)
MOST_LEGS = 20
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Dates:
    """First and last day at a place, both included, as the calendar there shows them."""

    first: date
    last: date


def window(dates: Dates, zone: str) -> tuple[datetime, datetime]:
    """The instants (UTC) from the beginning of the first day to the end of the last, exclusive."""
    return start_of_day(dates.first, zone), start_of_day(dates.last + DAY, zone)


def start_of_day(day: date, zone: str) -> datetime:
    """The first instant of a day at a place, in UTC. An unknown or empty zone counts as UTC.

    Where clocks jump over midnight the day begins at the jump; where midnight comes twice, at the first. A day a
    place left out entirely (Apia, 30 December 2011) begins and ends where the next one begins.
    """
    try:
        place = ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        place = UTC
    midnight = datetime.combine(day, time.min, tzinfo=place)
    before, after = midnight.replace(fold=0).astimezone(UTC), midnight.replace(fold=1).astimezone(UTC)
    # In a gap fold 0 means the offset before the jump, which gives the later instant: the moment of the jump.
    if after < before:
        return _jump(after, before, place)
    return before


def _jump(low: datetime, high: datetime, place: ZoneInfo | object) -> datetime:
    """The instant between two at which the offset at a place changes, to the second."""
    assert isinstance(place, ZoneInfo)
    old = low.astimezone(place).utcoffset()
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) // 2
        if middle.astimezone(place).utcoffset() == old:
            low = middle
        else:
            high = middle
    return high.replace(microsecond=0)


def last_day(ends_at: datetime, zone: str, *, is_exclusive: bool = True) -> date:
    """The last day, included, of a window that ends at an instant; if not exclusive, the day of the instant."""
    try:
        place = ZoneInfo(zone) if zone else UTC
    except (ZoneInfoNotFoundError, ValueError):
        place = UTC
    return (ends_at - timedelta(seconds=1 if is_exclusive else 0)).astimezone(place).date()


def check_leg(dates: Dates, today: date) -> None:
    """Raises PeopleError `dates_order`, `dates_long`, `dates_past` or `dates_far`."""
    if dates.last < dates.first:
        raise PeopleError("dates_order", "The last day is before the first.")
    if dates.last - dates.first > LONGEST_LEG:
        raise PeopleError("dates_long", "A stay on a trip is at most a year. For longer, enter a residence.")
    # One day of grace: at the place it may still be yesterday.
    if dates.last < today - DAY:
        raise PeopleError("dates_past", "This stay is over already.")
    if dates.first > today + FARTHEST_AHEAD:
        raise PeopleError("dates_far", "This is more than two years away.")


def check_trip(legs: Sequence[Dates], today: date) -> None:
    """Every leg by itself, and the legs one after the other; the day of moving on may be shared.

    Raises PeopleError as `check_leg`, and `legs_missing`, `legs_many` or `legs_order`.
    """
    if not legs:
        raise PeopleError("legs_missing", "Enter at least one place.")
    if len(legs) > MOST_LEGS:
        raise PeopleError("legs_many", f"A trip has at most {MOST_LEGS} places.")
    for leg in legs:
        check_leg(leg, today)
    if any(later.first < earlier.last for earlier, later in pairwise(legs)):
        raise PeopleError("legs_order", "The places overlap in time. Enter them one after the other.")
