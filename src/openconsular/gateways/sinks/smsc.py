"""A short message centre on loopback: SMPP 3.4 in full for what the platform uses, people included.

with SmscSink(on_message=person_reads, receipts=True) as sink:
    ...  # a gateway hands over to sink.port
    sink.reply("+8613912345678", "1")
"""

import asyncio
import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from openconsular.domain.sms.assembly import Assembly
from openconsular.domain.sms.message import IS_RECEIPT, RECEIPTED_MESSAGE_ID, Address, ShortMessage
from openconsular.domain.sms.pdu import Status
from openconsular.domain.sms.receipt import DeliveryReceipt, write_receipt
from openconsular.domain.sms.segments import Encoding, segments
from openconsular.gateways.sinks.loop import LoopThread
from openconsular.gateways.sinks.peer import Peer
from openconsular.gateways.sinks.records import Counters, OnMessage, Records

_HOLD_SECONDS = 30.0


@dataclass(slots=True)
class SmscFaults:
    """How the centre misbehaves; may be changed while it runs.

    `slow_seconds` delays every answer; `throttle_above` is the most submits a second, 0 for none;
    `refuses` names addresses answered with ESME_RINVDSTADR; `fails_with` answers every submit with a status;
    `drop_after` ends the connection at that many submits from now on, whose last are taken but not answered;
    `is_silent` takes everything and never answers; `refuses_binds` answers binds with ESME_RBINDFAIL.
    """

    slow_seconds: float = 0.0
    throttle_above: int = 0
    refuses: Callable[[str], bool] | None = None
    fails_with: int = 0
    drop_after: int = 0
    is_silent: bool = False
    refuses_binds: bool = False


class SmscSink(LoopThread):
    """`receipts` sends a delivery receipt for every message that asks for one, after `receipt_seconds`; an address
    for which `undeliverable` says so gets a failed one. Addresses are E.164 with the plus sign."""

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = 0,
        *,
        on_message: OnMessage | None = None,
        record_to: Path | None = None,
        receipts: bool = False,
        receipt_seconds: float = 0.0,
        undeliverable: Callable[[str], bool] | None = None,
        password: str = "",
    ) -> None:
        super().__init__(host, port)
        self.faults = SmscFaults()
        self.records = Records(on_message, record_to)
        self.assembly = Assembly(_HOLD_SECONDS)
        self.deliveries: deque[bytes] = deque()
        self.password = password
        self.gives_receipts = receipts
        self._receipt_seconds = receipt_seconds
        self._undeliverable = undeliverable
        self._peers: list[Peer] = []
        self._ids = itertools.count(1)
        self._references = itertools.count(1)
        self._second = 0
        self._in_second = 0

    @property
    def counters(self) -> Counters:
        return self.records.counters

    def reply(self, address: str, text: str, to: str = "70001") -> None:
        """A person answers; delivered when a receiving client is bound, again until it is acknowledged."""
        self.in_loop(self._put_reply, address, text, to)

    def drop_connections(self) -> None:
        """Every connection ends at once, without a goodbye."""
        self.in_loop(self._drop)

    def protocol(self) -> asyncio.BaseProtocol:
        peer = Peer(self)
        self._peers.append(peer)
        return peer

    def forget(self, peer: Peer) -> None:
        self._peers.remove(peer)
        self.deliver()

    def at_end(self) -> None:
        self._drop()
        self.records.close()

    def next_id(self) -> str:
        return f"{next(self._ids):x}"

    def status_for(self, address: str, now: float) -> int:
        """The status with which a submit to an address is answered."""
        faults = self.faults
        if faults.throttle_above:
            second = int(now)
            if second != self._second:
                self._second, self._in_second = second, 0
            self._in_second += 1
            if self._in_second > faults.throttle_above:
                self.counters.throttled += 1
                return Status.ESME_RTHROTTLED
        if faults.refuses and faults.refuses(address):
            self.counters.refused += 1
            return Status.ESME_RINVDSTADR
        if faults.fails_with:
            self.counters.refused += 1
        return faults.fails_with

    def send_receipts(self, wanted: list[tuple[str, ShortMessage]]) -> None:
        """Receipts for accepted messages, by their identifiers."""
        if wanted and self.gives_receipts:
            self.loop.call_later(self._receipt_seconds, self._put_receipts, wanted)

    def deliver(self) -> None:
        """Push what waits to the clients that receive."""
        for peer in self._peers:
            peer.push_deliveries()

    def _put_receipts(self, wanted: list[tuple[str, ShortMessage]]) -> None:
        written_at = time.strftime("%y%m%d%H%M", time.gmtime())
        for message_id, message in wanted:
            failed = bool(self._undeliverable and self._undeliverable(f"+{message.destination.digits}"))
            receipt = (
                DeliveryReceipt(message_id, "failed", "001")
                if failed
                else DeliveryReceipt(message_id, "delivered")
            )
            parameters = {RECEIPTED_MESSAGE_ID: message_id.encode() + b"\0"}
            text = write_receipt(receipt, written_at).encode("ascii")
            self.deliveries.append(
                ShortMessage(message.destination, message.source, text, 0, IS_RECEIPT, 0, parameters).encode()
            )
        self.counters.receipts += len(wanted)
        self.deliver()

    def _put_reply(self, address: str, text: str, to: str) -> None:
        cut = segments(text)
        esm_class = 0x40 if len(cut.bodies) > 1 else 0
        coding = cut.encoding.value if cut.encoding is Encoding.UCS2 else 0
        source, destination = Address(address.lstrip("+")), Address(to.lstrip("+"))
        for user_data in cut.user_data(next(self._references)):
            self.deliveries.append(ShortMessage(source, destination, user_data, coding, esm_class).encode())
        self.counters.replies += 1
        self.deliver()

    def _drop(self) -> None:
        for peer in list(self._peers):
            peer.abort()
