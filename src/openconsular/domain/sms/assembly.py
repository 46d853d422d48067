"""Long texts put together from their parts, in whatever order these arrive."""

from collections.abc import Hashable
from dataclasses import dataclass, field

from openconsular.domain.sms.message import ShortMessage, text_of
from openconsular.domain.sms.segments import Part

MOST_OPEN = 10_000
"""Texts waiting for parts at one time; the oldest is handed on unfinished when more come."""


@dataclass(slots=True)
class Whole:
    """A text and who wrote it to whom. `tokens` are what the caller gave with each part, in order of arrival."""

    source: str
    destination: str
    text: str
    parts: int
    is_complete: bool
    tokens: list[int]


@dataclass(slots=True)
class _Open:
    first: ShortMessage
    total: int
    since: float
    bodies: dict[int, bytes] = field(default_factory=dict)
    tokens: list[int] = field(default_factory=list)

    def close(self) -> Whole:
        joined = b"".join(self.bodies[number] for number in sorted(self.bodies))
        text = text_of(joined, self.first.data_coding)
        source, destination = self.first.source.digits, self.first.destination.digits
        return Whole(source, destination, text, self.total, len(self.bodies) == self.total, self.tokens)


class Assembly:
    """Collects parts; `now` is a rising number of seconds."""

    def __init__(self, hold_seconds: float) -> None:
        self._hold_seconds = hold_seconds
        self._open: dict[Hashable, _Open] = {}

    def add(self, message: ShortMessage, token: int, now: float) -> Whole | None:
        """The text this part completes, at once for a text of one part."""
        part = message.part
        if part is None or part.total == 1:
            text = text_of(message.body, message.data_coding)
            return Whole(message.source.digits, message.destination.digits, text, 1, True, [token])
        key = (message.source.digits, message.destination.digits, part.reference, part.total)
        return self._add_part(key, message, part, token, now)

    def overdue(self, now: float) -> list[Whole]:
        """Texts that have waited longer than the hold, with what has come of them, oldest first."""
        late = []
        for key, texts in list(self._open.items()):
            if now - texts.since < self._hold_seconds and len(self._open) <= MOST_OPEN:
                break
            late.append(self._open.pop(key).close())
        return late

    def _add_part(
        self, key: Hashable, message: ShortMessage, part: Part, token: int, now: float
    ) -> Whole | None:
        texts = self._open.get(key)
        if texts is None:
            texts = self._open[key] = _Open(message, part.total, now)
        texts.bodies[part.number] = message.body
        texts.tokens.append(token)
        if len(texts.bodies) < part.total:
            return None
        return self._open.pop(key).close()
