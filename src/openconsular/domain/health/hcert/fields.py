"""Fields of a payload, each checked as it is taken, with a refusal that names it."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from openconsular.domain.health.verdict import Layer, Unreadable

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_PARTIAL_DATE = re.compile(r"\d{4}(?:-\d{2}(?:-\d{2})?)?", re.ASCII)
_NOT_IN_NAMES = frozenset(("So", "Cc", "Cs", "Co", "Zl", "Zp"))
_TURNING = frozenset(("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"))
# RFC 3339, with the offsets the DCC guidelines allow besides: +hh and +hhmm.
_INSTANT = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?(?:[Zz]|[+-]\d{2}(?::?\d{2})?)", re.ASCII
)

_TIMED_DAY = re.compile(
    r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?(?:Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII
)


def broken(name: str, message: str) -> Unreadable:
    """`name` is the field's path, as in "v.dn"; the reason code is the same for all, the message tells which."""
    return Unreadable(Layer.SCHEMA, "schema", f"{name}: {message}")


def text(
    holder: Mapping[str, Any], name: str, *, path: str = "", most: int = 80, required: bool = True
) -> str:
    """A text of at most `most` characters; "" when absent or null and not required."""
    value = holder.get(name)
    if value is None:
        if required:
            raise broken(path + name, "is missing")
        return ""
    if type(value) is not str:
        raise broken(path + name, "is not a text")
    if len(value) > most:
        raise broken(path + name, f"is longer than {most} characters")
    return value


def is_date(value: str) -> bool:
    """Whether it is a day of the calendar, written YYYY-MM-DD."""
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True


def is_partial_date(value: str) -> bool:
    """Whether it is a year, a month or a day of the calendar."""
    if not _PARTIAL_DATE.fullmatch(value):
        return False
    return is_date(value + "-01-01"[len(value) - 4 :]) if len(value) < 10 else is_date(value)


def day(holder: Mapping[str, Any], name: str, *, path: str = "", required: bool = True) -> str:
    """A day of the calendar; "" when absent and not required."""
    value = without_time(text(holder, name, path=path, required=required))
    if value and not is_date(value):
        raise broken(path + name, "is not a date")
    if required and not value:
        raise broken(path + name, "is empty")
    return value


def without_time(value: str) -> str:
    """A day that some issuers wrote with a time, some of them with a zone: the day is the one written."""
    return value[:10] if len(value) > 10 and _TIMED_DAY.fullmatch(value) else value


def instant(value: str) -> datetime | None:
    """The instant a text with a zone stands for; None when it is none."""
    if not _INSTANT.fullmatch(value):
        return None
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        return None


def number(
    holder: Mapping[str, Any], name: str, *, path: str = "", least: int = 1, required: bool = True
) -> int | None:
    """A whole number; None when absent and not required."""
    value = holder.get(name)
    if value is None and not required:
        return None
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise broken(path + name, "is not a whole number")
    if value < least:
        raise broken(path + name, f"is less than {least}")
    return value


def words(
    holder: Mapping[str, Any], name: str, *, path: str = "", most: int = 80, required: bool = False
) -> str:
    """A name of somebody: text without symbols, control characters or marks that turn the direction of writing.

    Those are in nobody's passport, and let one name look like another on a screen.
    """
    value = text(holder, name, path=path, most=most, required=required)
    if not value.isascii():
        for sign in value:
            if unicodedata.category(sign) in _NOT_IN_NAMES or unicodedata.bidirectional(sign) in _TURNING:
                raise broken(path + name, "has signs that are in no name")
    elif not value.isprintable():
        raise broken(path + name, "has signs that are in no name")
    return value
