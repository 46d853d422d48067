"""One client of the short message centre."""

import asyncio
import time
from typing import TYPE_CHECKING, cast

from openconsular.domain.sms.message import ShortMessage, decode_short_message
from openconsular.domain.sms.pdu import (
    RESPONSE,
    Command,
    Frame,
    MalformedPdu,
    Status,
    c_octets,
    decode_bind,
    encode_frame,
    take_frames,
)
from openconsular.gateways.base import DRILL_MARK
from openconsular.gateways.sinks.records import Arrived

if TYPE_CHECKING:
    from openconsular.gateways.sinks.smsc import SmscSink

MOST_UNACKNOWLEDGED = 500
"""deliver_sm on their way to one client."""
_AGAIN_SECONDS = 0.2
_BINDS = (Command.BIND_TRANSMITTER, Command.BIND_RECEIVER, Command.BIND_TRANSCEIVER)


class Peer(asyncio.Protocol):
    """Answers what a client asks, all that arrived together in one piece."""

    def __init__(self, sink: "SmscSink") -> None:
        self._sink = sink
        self._incoming = bytearray()
        self._transport: asyncio.Transport | None = None
        self._bound: int = 0
        self._sequence = 0
        self._unacknowledged: dict[int, bytes] = {}

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._sink.counters.connections += 1

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None
        self._sink.deliveries.extendleft(reversed(self._unacknowledged.values()))
        self._unacknowledged.clear()
        self._sink.forget(self)

    def data_received(self, data: bytes) -> None:
        self._incoming += data
        try:
            frames = take_frames(self._incoming)
        except MalformedPdu:
            self.abort()
            return
        answers: list[bytes] = []
        receipts: list[tuple[str, ShortMessage]] = []
        now = time.monotonic()
        for frame in frames:
            if frame.command == Command.SUBMIT_SM:
                if not self._take_submit(frame, answers, receipts, now):
                    break
            else:
                self._take_other(frame, answers)
        self._sink.records.flush()
        self._answer(b"".join(answers))
        self._sink.send_receipts(receipts)

    def push_deliveries(self) -> None:
        """Send what waits if this client receives and keeps up."""
        if self._bound not in (Command.BIND_RECEIVER, Command.BIND_TRANSCEIVER) or self._transport is None:
            return
        waiting, pieces = self._sink.deliveries, []
        while waiting and len(self._unacknowledged) < MOST_UNACKNOWLEDGED:
            self._sequence += 1
            body = self._unacknowledged[self._sequence] = waiting.popleft()
            pieces.append(encode_frame(Command.DELIVER_SM, Status.ESME_ROK, self._sequence, body))
        if pieces:
            self._transport.write(b"".join(pieces))

    def abort(self) -> None:
        if self._transport:
            self._transport.abort()

    def _take_submit(
        self, frame: Frame, answers: list[bytes], receipts: list[tuple[str, ShortMessage]], now: float
    ) -> bool:
        """False when the connection has just been dropped on purpose."""
        sink = self._sink
        sink.counters.submitted += 1
        status, message_id = self._judge(frame, receipts, now)
        if sink.faults.drop_after:
            sink.faults.drop_after -= 1
            if not sink.faults.drop_after:
                sink.counters.dropped_connections += 1
                self.abort()
                return False
        body = c_octets(message_id, 65) if status == Status.ESME_ROK else b""
        answers.append(encode_frame(Command.SUBMIT_SM_RESP, status, frame.sequence, body))
        return True

    def _judge(self, frame: Frame, receipts: list[tuple[str, ShortMessage]], now: float) -> tuple[int, str]:
        sink = self._sink
        if self._bound not in (Command.BIND_TRANSMITTER, Command.BIND_TRANSCEIVER):
            return Status.ESME_RINVBNDSTS, ""
        try:
            message = decode_short_message(frame.body)
        except MalformedPdu:
            return Status.ESME_RINVMSGLEN, ""
        address = f"+{message.destination.digits}"
        status = sink.status_for(address, now)
        if status != Status.ESME_ROK:
            return status, ""
        message_id = sink.next_id()
        if message.registered_delivery & 1:
            receipts.append((message_id, message))
        self._keep(message, address, now)
        return status, message_id

    def _keep(self, message: ShortMessage, address: str, now: float) -> None:
        records = self._sink.records
        if message.part is None and not records.wants_texts:
            records.count(hash((address, message.user_data)))
            return
        whole = self._sink.assembly.add(message, 0, now)
        if whole:
            records.count(hash((address, whole.text)))
            records.keep(Arrived(address, whole.text, whole.source, parts=whole.parts))

    def _take_other(self, frame: Frame, answers: list[bytes]) -> None:
        if frame.command in _BINDS:
            answers.append(self._bind(frame))
        elif frame.command == Command.ENQUIRE_LINK:
            answers.append(encode_frame(Command.ENQUIRE_LINK_RESP, Status.ESME_ROK, frame.sequence))
        elif frame.command == Command.DELIVER_SM_RESP:
            body = self._unacknowledged.pop(frame.sequence, None)
            if body is not None and frame.status != Status.ESME_ROK:
                self._sink.deliveries.append(body)
                self._sink.loop.call_later(_AGAIN_SECONDS, self._sink.deliver)
            else:
                self.push_deliveries()
        elif frame.command == Command.UNBIND:
            self._bound = 0
            answers.append(encode_frame(Command.UNBIND_RESP, Status.ESME_ROK, frame.sequence))
        elif not frame.command & RESPONSE:
            answers.append(encode_frame(Command.GENERIC_NACK, Status.ESME_RINVCMDID, frame.sequence))

    def _bind(self, frame: Frame) -> bytes:
        sink, command = self._sink, frame.command | RESPONSE
        try:
            bind = decode_bind(frame)
        except MalformedPdu:
            return encode_frame(command, Status.ESME_RINVCMDLEN, frame.sequence)
        if sink.faults.refuses_binds:
            return encode_frame(command, Status.ESME_RBINDFAIL, frame.sequence)
        if sink.password and bind.password != sink.password:
            return encode_frame(command, Status.ESME_RINVPASWD, frame.sequence)
        self._bound = bind.command
        sink.loop.call_soon(self.push_deliveries)
        return encode_frame(command, Status.ESME_ROK, frame.sequence, c_octets(DRILL_MARK, 16))

    def _answer(self, octets: bytes) -> None:
        faults = self._sink.faults
        if not octets or self._transport is None or self._transport.is_closing() or faults.is_silent:
            return
        if faults.slow_seconds:
            self._sink.loop.call_later(faults.slow_seconds, self._write, octets)
        else:
            self._write(octets)

    def _write(self, octets: bytes) -> None:
        if self._transport:
            self._transport.write(octets)
