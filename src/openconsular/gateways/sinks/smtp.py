"""A mail server on loopback that takes everything and delivers nothing.

with SmtpSink(on_message=person_reads) as sink:
    ...  # a gateway hands over to sink.port
"""

import asyncio
import email
from collections.abc import Callable
from dataclasses import dataclass
from email.header import decode_header, make_header
from pathlib import Path

from openconsular.gateways.sinks.loop import LoopThread
from openconsular.gateways.sinks.mail_peer import MailPeer
from openconsular.gateways.sinks.records import Arrived, Counters, OnMessage, Records


@dataclass(slots=True)
class SmtpFaults:
    """How the server misbehaves; may be changed while it runs.

    `slow_seconds` delays every answer; `refuses` names addresses answered with 550; `throttle_next` answers that many
    contents with 451; `drop_after` ends the connection at that many contents from now on, whose last is taken but not
    answered; `is_silent` takes everything and never answers.
    """

    slow_seconds: float = 0.0
    refuses: Callable[[str], bool] | None = None
    throttle_next: int = 0
    drop_after: int = 0
    is_silent: bool = False


class SmtpSink(LoopThread):
    """`on_message` gets every e-mail once for each recipient, on the sink's thread."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        on_message: OnMessage | None = None,
        record_to: Path | None = None,
        offers_pipelining: bool = True,
    ) -> None:
        super().__init__(host, port)
        self.faults = SmtpFaults()
        self.records = Records(on_message, record_to)
        self.offers_pipelining = offers_pipelining
        self._peers: set[MailPeer] = set()

    @property
    def counters(self) -> Counters:
        return self.records.counters

    def protocol(self) -> asyncio.BaseProtocol:
        peer = MailPeer(self)
        self._peers.add(peer)
        return peer

    def forget(self, peer: MailPeer) -> None:
        self._peers.discard(peer)

    def drop_connections(self) -> None:
        """Every connection ends at once, without a goodbye."""
        self.in_loop(self._drop)

    def at_end(self) -> None:
        self._drop()
        self.records.close()

    def take(self, content: bytes, recipients: list[str]) -> None:
        """An e-mail has arrived whole."""
        counters, records = self.counters, self.records
        counters.most_recipients = max(counters.most_recipients, len(recipients))
        for address in recipients:
            records.count(hash((address, _message_id(content))))
            if records.wants_texts:
                records.keep(read_mail(content, address))
        records.flush()

    def _drop(self) -> None:
        for peer in list(self._peers):
            peer.abort()


def read_mail(content: bytes, address: str) -> Arrived:
    """An e-mail as its reader sees it: the first text and the first HTML in it."""
    mail = email.message_from_bytes(content)
    texts: dict[str, str] = {}
    for part in mail.walk():
        payload = part.get_payload(decode=True)
        if isinstance(payload, bytes) and part.get_content_maintype() == "text":
            text = payload.decode(part.get_content_charset("utf-8"), "replace").replace("\r\n", "\n")
            texts.setdefault(part.get_content_subtype(), text)
    sender, subject = (str(make_header(decode_header(mail.get(name, "")))) for name in ("From", "Subject"))
    return Arrived(address, texts.get("plain", ""), sender, subject, texts.get("html", ""))


def _message_id(content: bytes) -> bytes:
    start = content.find(b"\r\nMessage-ID:")
    return content[start : content.find(b"\r\n", start + 2)] if start >= 0 else content
