"""Reading single elements of a message: text, enumerations and times, with remarks on whatever had to be assumed."""

import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from lxml import etree

from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.domain.cap.text import clean_text, has_markup
from openconsular.domain.cap.times import offset_text, read_time
from openconsular.domain.cap.xml import local_name

Choice = TypeVar("Choice", bound=StrEnum)

MAX_NAME = 500  # characters of an identifier or a sender; the longest seen has 120
TIME_ELEMENTS = ("sent", "effective", "onset", "expires")
# The first and last instants of common programming libraries stand for "none given".
_PLACEHOLDER = re.compile(r"(?:0001-01-01|9999-12-31)(?:$|[T\s])")
_OLDER_SPELLINGS = {"very likely": "Likely"}  # CAP 1.0


class Fields:
    """One message being read. Collects remarks; knows the offset to borrow for times that have none."""

    def __init__(self, root: etree._Element) -> None:
        self.remarks: list[Remark] = []
        self.dropped_files = 0
        self._lender = _first_offset(root)

    def note(self, code: str, /, **values: object) -> None:
        found = remark(code, **values)
        if found not in self.remarks:
            self.remarks.append(found)

    def text(self, parent: etree._Element, name: str) -> str:
        """The first such child as one line; empty when absent."""
        return next(
            (" ".join(text_of(child).split()) for child in children(parent, name) if text_of(child)), ""
        )

    def all_text(self, parent: etree._Element, name: str) -> str:
        """Every such child, cleaned of markup, one below the other: some issuers repeat `instruction`."""
        raw = [text_of(child) for child in children(parent, name)]
        if any(has_markup(text) for text in raw):
            self.note("markup-removed", element=name)
        return "\n".join(filter(None, (clean_text(text) for text in raw)))

    def mandatory(self, parent: etree._Element, name: str) -> str:
        found = self.text(parent, name)
        if not found:
            raise CapError("element-missing", element=name)
        if len(found) > MAX_NAME:
            raise CapError("identifier-unusable", element=name, value=found, limit=MAX_NAME)
        return found

    def mandatory_choice(self, parent: etree._Element, name: str, kind: type[Choice]) -> Choice:
        """status and msgType decide whether anyone is warned: a value the standard does not know is no value."""
        found = self.mandatory(parent, name)
        taken = _choose(found, kind)
        if taken is None:
            raise CapError("value-unknown", element=name, value=found)
        self._note_spelling(name, found, taken)
        return taken

    def choice(self, parent: etree._Element, name: str, kind: type[Choice], otherwise: Choice) -> Choice:
        found = self.text(parent, name)
        taken = _choose(found, kind)
        if taken is not None:
            self._note_spelling(name, found, taken)
            return taken
        if found:
            self.note("value-unknown-taken", element=name, value=found, taken=otherwise)
        else:
            self.note("element-defaulted", element=name, taken=otherwise)
        return otherwise

    def choices(
        self, parent: etree._Element, name: str, kind: type[Choice], otherwise: Choice
    ) -> tuple[Choice, ...]:
        chosen: list[Choice] = []
        for child in children(parent, name):
            found = text_of(child)
            taken = _choose(found, kind)
            if taken is None and found:
                self.note("value-unknown-taken", element=name, value=found, taken=otherwise)
                taken = otherwise
            if taken is not None and taken not in chosen:
                chosen.append(taken)
        return tuple(chosen)

    def time(self, parent: etree._Element, name: str) -> datetime | None:
        """An optional instant; unreadable text is an error, for a wrong expiry is worse than none."""
        found = self.text(parent, name)
        if _PLACEHOLDER.match(found):
            self.note("time-placeholder", element=name, value=found)
            return None
        return self._instant(found, name) if found else None

    def start_time(self, parent: etree._Element, name: str) -> datetime | None:
        """effective and onset say when it begins: without them a warning is merely early, so junk is left out."""
        try:
            return self.time(parent, name)
        except CapError as error:
            if error.code != "time-unreadable":
                raise
            self.note("time-optional-dropped", element=name, value=error.values["value"])
            return None

    def mandatory_time(self, parent: etree._Element, name: str) -> datetime:
        return self._instant(self.mandatory(parent, name), name)

    def _instant(self, text: str, name: str) -> datetime:
        instant, had_offset = read_time(text, name)
        if had_offset:
            return instant
        if self._lender is None:
            raise CapError("time-without-offset", element=name, value=text)
        self.note("time-offset-borrowed", element=name, value=text, offset=offset_text(self._lender))
        return instant.replace(tzinfo=self._lender.tzinfo)

    def _note_spelling(self, name: str, found: str, taken: StrEnum) -> None:
        if found != taken.value:
            self.note("value-spelling", element=name, value=found, taken=taken)


def children(parent: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in parent if local_name(child) == name)


def text_of(element: etree._Element) -> str:
    """All text inside, also inside markup some issuers put unescaped into a description."""
    if len(element) == 0:
        return (element.text or "").strip()
    return "".join(map(str, element.itertext())).strip()


def _choose(found: str, kind: type[Choice]) -> Choice | None:
    wanted = _OLDER_SPELLINGS.get(found.casefold(), found).casefold()
    return next((member for member in kind if member.value.casefold() == wanted), None)


def _first_offset(root: etree._Element) -> datetime | None:
    for element in root.iter():
        if local_name(element) in TIME_ELEMENTS and text_of(element):
            try:
                instant, had_offset = read_time(text_of(element), "sent")
            except CapError:
                continue
            if had_offset:
                return instant
    return None
