"""Every gateway with a world behind it that can be told to misbehave: what the contract is tested on."""

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.smtp import SMTP

from openconsular.gateways.base import Gateway, OutgoingMessage
from openconsular.gateways.console import ConsoleGateway
from openconsular.gateways.email.console import ConsoleEmail
from openconsular.gateways.email.smtp import open_smtp
from openconsular.gateways.sinks.loop import LoopThread
from openconsular.gateways.sinks.records import Arrived
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink, read_mail
from openconsular.gateways.sms.console import ConsoleSms
from openconsular.gateways.sms.smpp import open_smpp

SENDER = "alerts@ministry.example"


@dataclass
class Rig:
    """A gateway and its world. A fault that the world cannot have is None."""

    gateway: Gateway
    is_sms: bool
    arrived: Callable[[], list[tuple[str, str]]]
    throttle: Callable[[], None] | None = None
    drop_after: Callable[[int], None] | None = None
    drop_all: Callable[[], None] | None = None
    refuse: Callable[[str], None] | None = None
    extra: dict[str, Any] = field(default_factory=dict)

    def address(self, number: int) -> str:
        return f"+86130{number:08d}" if self.is_sms else f"person{number}@example.org"

    def message(self, number: int, text: str = "", **details: Any) -> OutgoingMessage:
        subject = "" if self.is_sms else f"Notice {number}"
        words = text or f"Notice {number}"
        return OutgoingMessage(number, self.address(number), words, **{"subject": subject, **details})


def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Wait for something another thread does."""
    give_up = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < give_up, "This did not happen in time."
        time.sleep(0.005)


@contextlib.contextmanager
def sms_console() -> Iterator[Rig]:
    gateway = ConsoleSms()
    yield Rig(gateway, True, _kept(gateway))


@contextlib.contextmanager
def email_console() -> Iterator[Rig]:
    gateway = ConsoleEmail()
    yield Rig(gateway, False, _kept(gateway))


@contextlib.contextmanager
def smpp(options: str = "window=50") -> Iterator[Rig]:
    got: list[Arrived] = []
    with SmscSink(on_message=got.append, receipts=True) as sink:
        gateway = open_smpp(f"smpp://user:secret@127.0.0.1:{sink.port}?{options}", "12308", live=False)
        rig = Rig(gateway, True, lambda: [(one.address, one.text) for one in got], extra={"sink": sink})

        def throttle() -> None:
            sink.faults.throttle_above = 40

        def drop_after(count: int) -> None:
            sink.faults.drop_after = count

        def refuse(address: str) -> None:
            sink.faults.refuses = lambda one: one == address

        rig.throttle, rig.drop_after, rig.drop_all, rig.refuse = (
            throttle,
            drop_after,
            sink.drop_connections,
            refuse,
        )
        yield rig
        gateway.close()


@contextlib.contextmanager
def smtp(*, offers_pipelining: bool = True) -> Iterator[Rig]:
    got: list[Arrived] = []
    with SmtpSink(on_message=got.append, offers_pipelining=offers_pipelining) as sink:
        gateway = open_smtp(f"smtp://127.0.0.1:{sink.port}?connections=2", SENDER, live=False)
        rig = Rig(gateway, False, lambda: [(one.address, one.text) for one in got], extra={"sink": sink})

        def throttle() -> None:
            sink.faults.throttle_next = 3

        def drop_after(count: int) -> None:
            sink.faults.drop_after = count

        def refuse(address: str) -> None:
            sink.faults.refuses = lambda one: one == address

        rig.throttle, rig.drop_after, rig.drop_all, rig.refuse = (
            throttle,
            drop_after,
            sink.drop_connections,
            refuse,
        )
        yield rig
        gateway.close()


@contextlib.contextmanager
def smtp_without_pipelining() -> Iterator[Rig]:
    with smtp(offers_pipelining=False) as rig:
        yield rig


class _Mailbox:
    """What aiosmtpd, a mail server the project did not write, hands its mail to."""

    def __init__(self) -> None:
        self.got: list[Arrived] = []
        self.most_recipients = 0
        self.refused = ""

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: list[str]
    ) -> str:
        if address == self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.most_recipients = max(self.most_recipients, len(envelope.rcpt_tos))
        self.got.append(read_mail(envelope.content, envelope.rcpt_tos[0]))
        return "250 OK"


class _ForeignServer(LoopThread):
    """aiosmtpd's protocol on our thread; its own controller cannot listen on a port of the system's choice."""

    def __init__(self, box: _Mailbox) -> None:
        super().__init__("127.0.0.1", 0)
        self._box = box
        self._open: list[SMTP] = []

    def protocol(self) -> SMTP:
        self._open.append(SMTP(self._box, hostname="localhost", loop=self.loop))
        return self._open[-1]

    def at_end(self) -> None:
        for server in self._open:
            if server.transport:
                server.transport.abort()


@contextlib.contextmanager
def smtp_to_aiosmtpd() -> Iterator[Rig]:
    box = _Mailbox()

    def refuse(address: str) -> None:
        box.refused = address

    def arrived() -> list[tuple[str, str]]:
        assert box.most_recipients <= 1
        return [(one.address, one.text) for one in box.got]

    with _ForeignServer(box) as server:
        gateway = open_smtp(f"smtp://127.0.0.1:{server.port}", SENDER, live=True)
        yield Rig(gateway, False, arrived, refuse=refuse, extra={"port": server.port})
        gateway.close()


def _kept(gateway: ConsoleGateway) -> Callable[[], list[tuple[str, str]]]:
    return lambda: [(message.address, message.text) for message in gateway.sent]
