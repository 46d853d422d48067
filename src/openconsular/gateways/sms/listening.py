"""Receipts and replies over deliver_sm: stored first, acknowledged afterwards."""

import threading
import time
from collections.abc import Callable
from datetime import datetime

from openconsular.domain.sms.assembly import Assembly, Whole
from openconsular.domain.sms.message import decode_short_message
from openconsular.domain.sms.pdu import Command, Frame, MalformedPdu, Status, encode_frame
from openconsular.domain.sms.receipt import read_receipt
from openconsular.gateways.base import OnReceipts, OnReplies, Receipt, Reply
from openconsular.gateways.sms.session import ConnectionLost, Endpoint, Session

HOLD_SECONDS = 2.0
"""How long the parts of a reply wait, unacknowledged, for the rest. Then what came is handed on as it is: an
operator that sends one part at a time waits no longer, and half a call for help is better than none."""

_ENQUIRE_SECONDS = 25.0
_TICK_SECONDS = 0.2
_LONGEST_PAUSE_SECONDS = 10.0


class Listener:
    """One receiving session, opened again whenever it ends."""

    def __init__(self, endpoint: Endpoint, bind: Command, clock: Callable[[], datetime]) -> None:
        self._endpoint = endpoint
        self._bind = bind
        self._clock = clock

    def run(self, on_receipts: OnReceipts, on_replies: OnReplies, stop: threading.Event) -> None:
        """Until `stop` is set. What the callbacks raise passes through, and nothing they had is acknowledged."""
        pause = 0.1
        while not stop.is_set():
            try:
                session = Session(self._endpoint, self._bind)
            except ConnectionLost:
                stop.wait(pause)
                pause = min(_LONGEST_PAUSE_SECONDS, pause * 2)
                continue
            pause = 0.1
            try:
                self._receive(session, on_receipts, on_replies, stop)
            except ConnectionLost:
                stop.wait(pause)
            finally:
                session.close()

    def _receive(
        self, session: Session, on_receipts: OnReceipts, on_replies: OnReplies, stop: threading.Event
    ) -> None:
        assembly, answers, enquired_at = Assembly(HOLD_SECONDS), b"", time.monotonic()
        while not stop.is_set():
            frames = session.exchange(answers, _TICK_SECONDS)
            now = time.monotonic()
            receipts, wholes, answers = self._sort(frames, assembly, now)
            wholes += assembly.overdue(now)
            if receipts:
                on_receipts(receipts)
            if wholes:
                received_at = self._clock()
                on_replies([Reply(f"+{whole.source}", whole.text, received_at) for whole in wholes])
                answers += b"".join(_taken(sequence) for whole in wholes for sequence in whole.tokens)
            if now - session.used_at > _ENQUIRE_SECONDS + self._endpoint.response_seconds:
                raise ConnectionLost("no-answer", "The operator does not answer on the receiving session.")
            if now - max(session.used_at, enquired_at) > _ENQUIRE_SECONDS:
                enquired_at = now
                answers += encode_frame(Command.ENQUIRE_LINK, Status.ESME_ROK, session.next_sequence())
        session.exchange(answers, 0)

    def _sort(
        self, frames: list[Frame], assembly: Assembly, now: float
    ) -> tuple[list[Receipt], list[Whole], bytes]:
        """Receipts, replies that are whole, and the answers that may be sent once the receipts are stored."""
        receipts: list[Receipt] = []
        wholes: list[Whole] = []
        answers: list[bytes] = []
        for frame in frames:
            if frame.command != Command.DELIVER_SM:
                continue
            try:
                message = decode_short_message(frame.body)
            except MalformedPdu:
                answers.append(_answer(frame.sequence, Status.ESME_RX_P_APPN))
                continue
            if message.is_receipt:
                receipt = read_receipt(message)
                if receipt:
                    receipts.append(Receipt(receipt.message_id, receipt.state, receipt.error, self._clock()))
                answers.append(_taken(frame.sequence))
                continue
            whole = assembly.add(message, frame.sequence, now)
            if whole:
                wholes.append(whole)
        return receipts, wholes, b"".join(answers)


def _taken(sequence: int) -> bytes:
    return _answer(sequence, Status.ESME_ROK)


def _answer(sequence: int, status: Status) -> bytes:
    return encode_frame(Command.DELIVER_SM_RESP, status, sequence, b"\0")
