"""SMPP 3.4: the protocol in which operators and aggregators take short messages in bulk.

Sending binds as transmitter and listening as receiver, so that no receipt or reply ever reaches a process that
cannot store it; operators that allow only one kind of bind are met with `transceiver`.
"""

import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import parse_qs, unquote, urlsplit

from openconsular.domain.sms.message import SubmitTemplate
from openconsular.domain.sms.pdu import Command, Frame, Status, encode_frame
from openconsular.domain.sms.segments import TextNotSendable, segments
from openconsular.foundation.errors import InvalidInput
from openconsular.gateways.base import (
    OnReceipts,
    OnReplies,
    Outcome,
    OutgoingMessage,
    read_clock,
    refuse_exercises,
)
from openconsular.gateways.sms.address import digits_of, sender_address
from openconsular.gateways.sms.batch import Batch, SubmitPart
from openconsular.gateways.sms.listening import Listener
from openconsular.gateways.sms.pace import Pace
from openconsular.gateways.sms.session import ConnectionLost, Endpoint, Session
from openconsular.gateways.trust import tls_context

_CONNECT_TRIES = 3
_IDLE_SECONDS = 25.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SmppSettings:
    """How to send. `sender` is a number, a short code or up to 11 letters and digits.

    `window` is the most unanswered parts on a connection, `connections` the most binds for sending,
    `per_second` the agreed rate over all of them (0: none), `patience_seconds` how long one hand-over may go on.
    """

    endpoint: Endpoint
    sender: str
    window: int = 200
    connections: int = 2
    per_second: float = 0.0
    patience_seconds: float = 60.0
    wants_receipts: bool = True
    wide_reference: bool = False
    transceiver: bool = False


@dataclass(slots=True)
class _Line:
    session: Session
    pace: Pace


class SmppGateway:
    """Many messages in flight over few connections, which are opened when first needed and kept."""

    def __init__(self, settings: SmppSettings, name: str = "smpp") -> None:
        self.name = name
        self._settings = settings
        self._template = SubmitTemplate(sender_address(settings.sender))
        self._free: list[_Line] = []
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(settings.connections)

    @property
    def live(self) -> bool:
        return self._settings.endpoint.live

    def hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        refuse_exercises(self, messages)
        batch = Batch(messages, self._encode)
        give_up_at = time.monotonic() + self._settings.patience_seconds
        with self._places:
            while not batch.is_settled():
                try:
                    line = self._take_line()
                except ConnectionLost as lost:
                    batch.give_up(lost.code, str(lost))
                    break
                try:
                    self._send(batch, line, give_up_at)
                except ConnectionLost as lost:
                    batch.lose(lost.code, str(lost))
                    line.session.close()
                else:
                    self._put_back(line)
        return batch.outcomes()

    def listen(self, on_receipts: OnReceipts, on_replies: OnReplies, stop: threading.Event) -> None:
        bind = Command.BIND_TRANSCEIVER if self._settings.transceiver else Command.BIND_RECEIVER
        Listener(self._settings.endpoint, bind, read_clock).run(on_receipts, on_replies, stop)

    def close(self) -> None:
        with self._lock:
            lines, self._free = self._free, []
        for line in lines:
            line.session.close()

    def _send(self, batch: Batch, line: _Line, give_up_at: float) -> None:
        session, pace, patience = line.session, line.pace, self._settings.endpoint.response_seconds
        answers = b""
        while not batch.is_settled():
            now = time.monotonic()
            if now >= give_up_at and not batch.on_the_way:
                batch.give_up("patience-ended", "The operator did not take it in the time there was.")
                return
            room = pace.room(batch.on_the_way, now) if now < give_up_at else 0
            before = batch.on_the_way
            octets = batch.take(room, self._template, session.next_sequence, now)
            pace.sent(batch.on_the_way - before)
            if batch.is_settled():
                break
            frames = session.exchange(answers + octets, pace.wait_seconds(now))
            accepted, throttled = batch.settle(frames)
            now = time.monotonic()
            pace.answered(accepted, throttled, now)
            answers = _send_elsewhere(frames)
            if now - batch.oldest_sent_at(otherwise=now) > patience:
                raise ConnectionLost("no-answer", f"The operator has been silent for {patience:g} seconds.")

    def _put_back(self, line: _Line) -> None:
        if self._settings.transceiver:
            # An idle session of this kind would be given replies that nobody reads.
            line.session.close()
            return
        with self._lock:
            self._free.append(line)

    def _take_line(self) -> _Line:
        while True:
            with self._lock:
                line = self._free.pop() if self._free else None
            if line is None:
                return self._open_line()
            if time.monotonic() - line.session.used_at < _IDLE_SECONDS or line.session.is_alive():
                return line
            line.session.close()

    def _open_line(self) -> _Line:
        settings = self._settings
        bind = Command.BIND_TRANSCEIVER if settings.transceiver else Command.BIND_TRANSMITTER
        tries = _CONNECT_TRIES
        while True:
            try:
                session = Session(settings.endpoint, bind)
            except ConnectionLost as lost:
                tries -= 1
                if not tries or lost.code.startswith("bind-"):
                    raise
                time.sleep(0.1 * 3 ** (_CONNECT_TRIES - tries - 1))
            else:
                return _Line(session, Pace(settings.window, settings.per_second / settings.connections))

    def _encode(self, index: int, message: OutgoingMessage) -> list[SubmitPart] | Outcome:
        digits = digits_of(message.address).encode("ascii")
        if not digits:
            return Outcome(
                message.key, "refused", "", "address-invalid", "This is no E.164 telephone number."
            )
        try:
            cut = segments(message.text, wide_reference=self._settings.wide_reference)
        except TextNotSendable as error:
            return Outcome(message.key, "refused", "", error.code, str(error))
        last = len(cut.bodies) - 1
        wants_receipts, tail = self._settings.wants_receipts, self._template.tail
        return [
            SubmitPart(
                index,
                digits,
                tail(
                    user_data,
                    cut.encoding,
                    has_header=last > 0,
                    wants_receipt=wants_receipts and number == last,
                ),
                number == last,
            )
            for number, user_data in enumerate(cut.user_data(reference_of(message.key)))
        ]


def reference_of(key: int | str) -> int:
    """The 16-bit reference of a message's parts. The same message tried again has the same, so that a telephone
    which already holds some parts completes them instead of showing two halves."""
    return zlib.crc32(str(key).encode()) & 0xFFFF


def open_smpp(url: str, sender: str, *, live: bool) -> SmppGateway:
    """The gateway behind smpp://user:password@host:port, or smpps:// for TLS.

    The query may hold window, connections, per_second, system_type and transceiver=1, and for TLS ca, a file of
    authorities to believe instead of the machine's. Raises InvalidInput.
    """
    try:
        parts = urlsplit(url)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        if parts.scheme not in ("smpp", "smpps") or not parts.hostname:
            raise ValueError("it does not begin with smpp://host or smpps://host")
        endpoint = Endpoint(
            host=parts.hostname,
            port=parts.port or 2775,
            system_id=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
            system_type=query.get("system_type", ""),
            tls=tls_context(query.get("ca", "")) if parts.scheme == "smpps" else None,
            live=live,
        )
        settings = SmppSettings(
            endpoint=endpoint,
            sender=sender,
            window=min(10_000, max(1, int(query.get("window", "200")))),
            connections=min(50, max(1, int(query.get("connections", "2")))),
            per_second=max(0.0, float(query.get("per_second", "0"))),
            transceiver=query.get("transceiver") == "1",
        )
    except ValueError as error:
        raise InvalidInput(
            f"The address of the SMS gateway cannot be used: {error}.", code="sms-url"
        ) from error
    return SmppGateway(settings)


def _send_elsewhere(frames: Sequence[Frame]) -> bytes:
    """What people wrote, arriving where it cannot be stored: the operator keeps it for the listening session."""
    return b"".join(
        encode_frame(Command.DELIVER_SM_RESP, Status.ESME_RX_T_APPN, frame.sequence, b"\0")
        for frame in frames
        if frame.command == Command.DELIVER_SM
    )
