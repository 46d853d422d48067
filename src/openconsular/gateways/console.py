"""The twin that needs nothing: it keeps what it is given in memory and can write it to a stream."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import TextIO

from openconsular.gateways.base import OnReceipts, OnReplies, Outcome, OutgoingMessage, Reply

MOST_KEPT = 100_000


class ConsoleGateway:
    """Accepts every message that `check` finds no fault with, once for each key.

    `check` returns an error code or "". A key that comes again is accepted again with the same reference and is not
    kept twice, as a provider that honours keys would do.
    """

    live = False

    def __init__(
        self, name: str, check: Callable[[OutgoingMessage], str], stream: TextIO | None = None
    ) -> None:
        self.name = name
        self.sent: deque[OutgoingMessage] = deque(maxlen=MOST_KEPT)
        self._check = check
        self._stream = stream
        self._references: dict[int | str, str] = {}
        self._replies: deque[Reply] = deque()
        self._lock = threading.Lock()

    def hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        with self._lock:
            return [self._take(message) for message in messages]

    def close(self) -> None:
        if self._stream:
            self._stream.flush()

    def put_reply(self, reply: Reply) -> None:
        """A person answers: the next `listen` hands it on."""
        with self._lock:
            self._replies.append(reply)

    def listen(self, on_receipts: OnReceipts, on_replies: OnReplies, stop: threading.Event) -> None:
        """Hand on what was put; there are no receipts from a console."""
        while not stop.is_set():
            with self._lock:
                replies = list(self._replies)
                self._replies.clear()
            if replies:
                on_replies(replies)
            stop.wait(0.05)

    def _take(self, message: OutgoingMessage) -> Outcome:
        error_code = self._check(message)
        if error_code:
            return Outcome(
                message.key, "refused", "", error_code, "The console twin found a fault in the message."
            )
        if message.key not in self._references:
            self._references[message.key] = f"{self.name}-{len(self._references) + 1}"
            self.sent.append(message)
            if self._stream:
                subject = f" {message.subject!r}" if message.subject else ""
                self._stream.write(f"{self.name} to {message.address}{subject}: {message.text!r}\n")
        return Outcome(message.key, "accepted", self._references[message.key])
