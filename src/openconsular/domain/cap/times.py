"""Instants as issuers really write them. The standard asks for 2002-05-24T16:49:00-07:00 (section 3.3.2)."""

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from openconsular.domain.cap.reasons import CapError

_ISO = re.compile(
    r"(?P<year>\d{1,4})[-/.](?P<month>\d{1,2})[-/.](?P<day>\d{1,2})"
    r"(?:[T\s,]*(?P<half>上午|下午|AM|PM|am|pm)?\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,]\d+)?)?"
    r"\s*(?P<half_after>AM|PM|am|pm)?)"
    r"\s*(?P<offset>Z|z|UTC|GMT|[+\-−]\d{1,2}(?::?\d{2})?)?"
)
_RFC_822 = re.compile(r"(?:[A-Za-z]{3},?\s+)?\d{1,2}\s+[A-Za-z]{3}\s+\d{4}\s+\d{1,2}:\d{2}")
_EARLIEST_YEAR, _LATEST_YEAR = 1990, 2400
_BUDDHIST_ERA = 543  # years between the Buddhist and the common era as used in Thailand


def read_time(text: str, element: str) -> tuple[datetime, bool]:
    """The instant in `text` and whether it had an offset; without one the answer is naive wall time as if in UTC.

    Raises CapError: time-unreadable, time-buddhist-era, time-year-impossible.
    """
    text = " ".join(text.split())
    matched = _ISO.fullmatch(text)
    if matched is None:
        return _read_rfc_822(text, element)
    _check_year(int(matched["year"]), element)
    try:
        instant = _wall_time(matched).replace(tzinfo=_offset(matched["offset"]))
        instant.astimezone(UTC)
    except (ValueError, OverflowError) as cause:
        raise CapError("time-unreadable", element=element, value=text) from cause
    return instant, matched["offset"] is not None


def offset_text(instant: datetime) -> str:
    """The offset as in "+07:00"."""
    return instant.strftime("%z")[:3] + ":" + instant.strftime("%z")[3:5]


def in_words(instant: datetime) -> str:
    """An instant for a sentence, in UTC and without doubt: 2025-03-07 12:00 UTC."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def _wall_time(matched: re.Match[str]) -> datetime:
    hour = int(matched["hour"])
    half = (matched["half"] or matched["half_after"] or "").lower()
    if half in ("下午", "pm") and hour < 12:
        hour += 12
    elif half in ("上午", "am") and hour == 12:
        hour = 0
    next_day = hour == 24 and matched["minute"] == "00"  # ISO 8601 lets a day end at 24:00
    day = datetime(  # noqa: DTZ001 - the offset is put on by the caller
        int(matched["year"]),
        int(matched["month"]),
        int(matched["day"]),
        0 if next_day else hour,
        int(matched["minute"]),
        59 if matched["second"] == "60" else int(matched["second"] or 0),  # a leap second
    )
    return day + timedelta(days=1) if next_day else day


def _offset(text: str | None) -> timezone:
    if text is None or text.upper() in ("Z", "UTC", "GMT"):
        return UTC
    digits = text[1:].replace(":", "").zfill(2)
    hours, minutes = (int(digits[:-2]), int(digits[-2:])) if len(digits) > 2 else (int(digits), 0)
    if hours > 14 or minutes > 59:
        raise ValueError(text)
    difference = timedelta(hours=hours, minutes=minutes)
    return timezone(difference if text[0] == "+" else -difference)


def _read_rfc_822(text: str, element: str) -> tuple[datetime, bool]:
    """Dates as feeds write them: Tue, 25 Feb 2025 00:00:00 GMT."""
    if not _RFC_822.match(text):
        raise CapError("time-unreadable", element=element, value=text)
    try:
        instant = parsedate_to_datetime(text)
        _check_year(instant.year, element)
        had_offset = instant.tzinfo is not None
        instant = instant if had_offset else instant.replace(tzinfo=UTC)
        instant.astimezone(UTC)
    except CapError:
        raise
    except (ValueError, TypeError, OverflowError, IndexError) as cause:
        raise CapError("time-unreadable", element=element, value=text) from cause
    return instant, had_offset


def _check_year(year: int, element: str) -> None:
    if _LATEST_YEAR <= year <= _LATEST_YEAR + 300:
        raise CapError("time-buddhist-era", element=element, year=year, common_year=year - _BUDDHIST_ERA)
    if not _EARLIEST_YEAR <= year < _LATEST_YEAR:
        raise CapError("time-year-impossible", element=element, year=year)
