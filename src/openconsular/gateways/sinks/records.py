"""What a sink remembers of the messages that reached it."""

import json
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

MOST_REMEMBERED = 5_000_000


@dataclass(frozen=True, slots=True)
class Arrived:
    """One whole message as a person would read it. `parts` counts short message parts, 1 for e-mail."""

    address: str
    text: str
    sender: str = ""
    subject: str = ""
    html: str = ""
    parts: int = 1


@dataclass(slots=True)
class Counters:
    """Numbers since the start. `distinct` and `repeated` tell apart messages by address and content;
    `most_recipients` is the largest number of people any envelope had."""

    connections: int = 0
    submitted: int = 0
    messages: int = 0
    distinct: int = 0
    repeated: int = 0
    refused: int = 0
    throttled: int = 0
    dropped_connections: int = 0
    receipts: int = 0
    replies: int = 0
    most_recipients: int = 0

    def as_dict(self) -> dict[str, int]:
        return asdict(self)


OnMessage = Callable[[Arrived], None]


class Records:
    """Counts, a file of JSON lines if wanted, and a callback if wanted; used on the sink's thread only."""

    def __init__(self, on_message: OnMessage | None, record_to: Path | None) -> None:
        self.counters = Counters()
        self.wants_texts = on_message is not None or record_to is not None
        self._on_message = on_message
        self._file = record_to.open("a", encoding="utf-8") if record_to else None
        self._seen: set[int] = set()
        self._lock = threading.Lock()

    def count(self, content: int) -> None:
        """One more message; `content` is a hash of its address and content."""
        counters = self.counters
        counters.messages += 1
        if content in self._seen:
            counters.repeated += 1
        elif len(self._seen) < MOST_REMEMBERED:
            self._seen.add(content)
            counters.distinct += 1

    def keep(self, message: Arrived) -> None:
        if self._file:
            with self._lock:
                self._file.write(json.dumps(asdict(message), ensure_ascii=False) + "\n")
        if self._on_message:
            self._on_message(message)

    def flush(self) -> None:
        if self._file:
            self._file.flush()

    def close(self) -> None:
        if self._file:
            self._file.close()
