"""Date-times of CertLogic: `plusTime`, `dccDateOfBirth` (specification 1.3.3, sections of those names).

An instant is an aware UTC `datetime` cut to milliseconds. Adding months and years rolls over, as ECMAScript's
`setUTCMonth` and `setUTCFullYear` do: 2020-02-29 and a year is 2021-03-01. Years outside 1 to 9999 are an error.
"""

import re
from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from openconsular.domain.health.rules.errors import DATE_OUT_OF_RANGE, NOT_A_DATE, RuleError
from openconsular.domain.health.rules.limits import DATE_TIME_MOST

UNITS = ("year", "month", "day", "hour")

_DATE_TIME = re.compile(
    r"\d{4}-\d{2}-\d{2}T(?:[01]\d|2[0-3]):\d{2}:\d{2}(?:\.(\d+))?(?:Z|([+-])(\d{1,2})(?::?(\d{2}))?)?",
    re.ASCII,
)
_PARTIAL = re.compile(r"(\d{4})(?:-(\d{2}))?", re.ASCII)
_MOST_HOURS = 10_000 * 366 * 24


# The clock of an evaluation and the days of a certificate come up in one rule after the other.
@lru_cache(maxsize=1024)
def instant(text: str) -> datetime:
    """A date, date-time or partial date (YYYY, YYYY-MM: its last day). Raises RuleError when it is none of them."""
    try:
        if len(text) == 10 and text[4] == text[7] == "-" and text.isascii():
            return datetime.fromisoformat(text + "T00:00:00+00:00")
        return _date_time(text) if len(text) > 10 else _last_day(text)
    except ValueError:
        raise _not_a_date() from None
    except OverflowError:
        raise out_of_range() from None


def date_of_birth(text: str) -> datetime:
    """The last instant-of-day consistent with a date of birth of which month or day may be unknown."""
    if len(text) > 10:
        raise _not_a_date()
    return instant(text)


def plus(start: datetime, amount: int, unit: str) -> datetime:
    """`amount` (may be negative) of one of UNITS later. Raises RuleError beyond the years 1 to 9999."""
    try:
        if unit == "day" or unit == "hour":
            return start + span(amount, unit)
        months = start.year * 12 + start.month - 1 + (amount * 12 if unit == "year" else amount)
        year, month = divmod(months, 12)
        # From the first of the month, so that the 31st of a shorter month is in the next one.
        return start.replace(year=year, month=month + 1, day=1) + timedelta(days=start.day - 1)
    except (ValueError, OverflowError):
        raise out_of_range() from None


@lru_cache(maxsize=256)
def span(amount: int, unit: str) -> timedelta:
    """Days or hours as a time span. Raises RuleError when no date could bear it."""
    hours = amount * 24 if unit == "day" else amount
    if -_MOST_HOURS <= hours <= _MOST_HOURS:
        return timedelta(hours=hours)
    raise out_of_range()


def out_of_range() -> RuleError:
    return RuleError(DATE_OUT_OF_RANGE, "The date is outside the years 1 to 9999.")


def _date_time(text: str) -> datetime:
    found = _DATE_TIME.fullmatch(text) if len(text) <= DATE_TIME_MOST else None
    if found is None:
        raise _not_a_date()
    start = datetime.fromisoformat(text[:19] + "+00:00")
    decimals, sign, hours, minutes = found.groups()
    if decimals:
        start += timedelta(milliseconds=int(decimals[:3].ljust(3, "0")))
    if sign:
        start -= _offset(sign, int(hours), int(minutes or 0))
    return start


def _offset(sign: str, hours: int, minutes: int) -> timedelta:
    if hours > 23 or minutes > 59:
        raise _not_a_date()
    return timedelta(minutes=(hours * 60 + minutes) * (-1 if sign == "-" else 1))


def _last_day(text: str) -> datetime:
    found = _PARTIAL.fullmatch(text)
    if found is None:
        raise _not_a_date()
    year, month = int(found[1]), int(found[2] or 12)
    if not 1 <= month <= 12:
        raise _not_a_date()
    return datetime(year, month, monthrange(year, month)[1], tzinfo=UTC)


def _not_a_date() -> RuleError:
    return RuleError(NOT_A_DATE, "The text is not a date or date-time of an allowed form.")
