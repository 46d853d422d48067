"""One client of the mail server: RFC 5321 as far as sending goes, with pipelining (RFC 2920)."""

import asyncio
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from openconsular.gateways.base import DRILL_MARK

if TYPE_CHECKING:
    from openconsular.gateways.sinks.smtp import SmtpSink

MOST_OCTETS = 1_000_000
MOST_LINE = 1_000
MOST_RECIPIENTS = 100

_PATH = re.compile(rb"(?:FROM|TO): ?<([^<>\s]*)>", re.IGNORECASE)
_END, _EMPTY = b"\r\n.\r\n", b".\r\n"


class MailPeer(asyncio.Protocol):
    """Answers what a client says, all that arrived together in one piece."""

    def __init__(self, sink: "SmtpSink") -> None:
        self._sink = sink
        self._incoming = bytearray()
        self._transport: asyncio.Transport | None = None
        self._has_sender = False
        self._recipients: list[str] = []
        self._in_content = False
        self._verbs: dict[bytes, Callable[[bytes], str | None]] = {
            b"EHLO": self._greet,
            b"HELO": self._forget,
            b"MAIL": self._open,
            b"RCPT": self._address,
            b"DATA": self._begin_content,
            b"RSET": self._forget,
            b"NOOP": self._nothing,
            b"QUIT": self._quit,
        }

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._sink.counters.connections += 1
        self._say([f"220 localhost {DRILL_MARK}"])

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._sink.forget(self)

    def data_received(self, data: bytes) -> None:
        self._incoming += data
        answers: list[str] = []
        while self._transport and not self._transport.is_closing():
            answer = self._take_content() if self._in_content else self._take_line()
            if answer is None:
                break
            answers.append(answer)
        self._say(answers)

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _take_line(self) -> str | None:
        line, end, rest = self._incoming.partition(b"\r\n")
        if not end:
            if len(line) > MOST_LINE:
                self.abort()
            return None
        self._incoming = rest
        verb, _, words = bytes(line).partition(b" ")
        obey = self._verbs.get(verb.upper())
        return obey(words) if obey else "500 5.5.2 Not understood"

    def _greet(self, words: bytes) -> str:
        self._reset()
        offers = ["localhost", f"SIZE {MOST_OCTETS}", "8BITMIME", "ENHANCEDSTATUSCODES"]
        offers += ["PIPELINING"] if self._sink.offers_pipelining else []
        return "\r\n".join(f"250-{offer}" for offer in offers[:-1]) + f"\r\n250 {offers[-1]}"

    def _forget(self, words: bytes) -> str:
        self._reset()
        return "250 2.0.0 Well"

    def _nothing(self, words: bytes) -> str:
        return "250 2.0.0 Well"

    def _begin_content(self, words: bytes) -> str:
        if not self._recipients:
            return "503 5.5.1 No recipient yet"
        self._in_content = True
        return "354 Go ahead"

    def _quit(self, words: bytes) -> str | None:
        self._say(["221 2.0.0 Goodbye"])
        if self._transport:
            self._transport.close()
        return None

    def _open(self, words: bytes) -> str:
        if self._has_sender or not _PATH.match(words):
            return "503 5.5.1 Not now"
        self._has_sender = True
        return "250 2.1.0 Yes"

    def _address(self, words: bytes) -> str:
        found = _PATH.match(words)
        if not self._has_sender or not found or not found[1]:
            return "503 5.5.1 Not now"
        address = found[1].decode("utf-8", "replace")
        if self._sink.faults.refuses and self._sink.faults.refuses(address):
            self._sink.counters.refused += 1
            return "550 5.1.1 No such mailbox"
        if len(self._recipients) >= MOST_RECIPIENTS:
            return "452 4.5.3 Too many recipients"
        self._recipients.append(address)
        return "250 2.1.5 Yes"

    def _take_content(self) -> str | None:
        if self._incoming.startswith(_EMPTY):
            content, length = b"", len(_EMPTY)
        else:
            end = self._incoming.find(_END)
            if end < 0:
                if len(self._incoming) > MOST_OCTETS:
                    self.abort()
                return None
            content, length = bytes(self._incoming[: end + 2]), end + len(_END)
        del self._incoming[:length]
        self._in_content = False
        return self._judge(content.replace(b"\r\n..", b"\r\n."))

    def _judge(self, content: bytes) -> str:
        faults, counters = self._sink.faults, self._sink.counters
        counters.submitted += 1
        recipients = self._recipients
        self._reset()
        if faults.throttle_next:
            faults.throttle_next -= 1
            counters.throttled += 1
            return "451 4.7.1 Too fast, try again later"
        self._sink.take(content, recipients)
        if faults.drop_after:
            faults.drop_after -= 1
            if not faults.drop_after:
                counters.dropped_connections += 1
                self.abort()
        return "250 2.0.0 Taken"

    def _reset(self) -> None:
        self._has_sender, self._recipients = False, []

    def _say(self, answers: list[str]) -> None:
        faults = self._sink.faults
        if not answers or faults.is_silent:
            return
        octets = "".join(f"{answer}\r\n" for answer in answers).encode("ascii")
        if faults.slow_seconds:
            self._sink.loop.call_later(faults.slow_seconds, self._write, octets)
        else:
            self._write(octets)

    def _write(self, octets: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(octets)
