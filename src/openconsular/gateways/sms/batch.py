"""The messages of one hand-over: parts that wait, parts on their way, and what became of each message."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from openconsular.domain.sms.message import SubmitTemplate
from openconsular.domain.sms.pdu import Command, Frame, Status, status_name
from openconsular.gateways.base import Outcome, OutgoingMessage

THROTTLED = frozenset({Status.ESME_RTHROTTLED, Status.ESME_RMSGQFUL})
"""The operator asks to slow down: the part waits and goes again in the same hand-over."""

REFUSED = frozenset(
    {
        Status.ESME_RINVMSGLEN,
        Status.ESME_RINVCMDLEN,
        Status.ESME_RINVCMDID,
        Status.ESME_RINVSRCADR,
        Status.ESME_RINVDSTADR,
        Status.ESME_RINVSRCTON,
        Status.ESME_RINVSRCNPI,
        Status.ESME_RINVDSTTON,
        Status.ESME_RINVDSTNPI,
        Status.ESME_RX_P_APPN,
        Status.ESME_RX_R_APPN,
    }
)
"""Trying again cannot help. Every other status, operators' own included, is tried again later: a warning that is
tried once too often does less harm than one given up too early, and the sender's ledger limits the tries."""


class SubmitPart(NamedTuple):
    """One submit_sm to be: `place` of the message in the batch, number as ASCII digits, the encoded rest, whether the last part."""

    place: int
    digits: bytes
    tail: bytes
    is_last: bool


Encode = Callable[[int, OutgoingMessage], list[SubmitPart] | Outcome]


class Batch:
    """Every message ends in exactly one outcome. A message of several parts is accepted when all of them are; its
    provider reference is that of the last part, the only one for which a receipt is asked."""

    def __init__(self, messages: Sequence[OutgoingMessage], encode: Encode) -> None:
        self._messages = messages
        self._encode = encode
        self._outcomes: list[Outcome | None] = [None] * len(messages)
        self._open = len(messages)
        self._missing = [0] * len(messages)
        self._taken = [0] * len(messages)
        self._references = [""] * len(messages)
        self._fresh = self._encode_all()
        self._again: deque[SubmitPart] = deque()
        self._on_the_way: dict[int, tuple[SubmitPart, float]] = {}

    def is_settled(self) -> bool:
        return not self._open

    @property
    def on_the_way(self) -> int:
        return len(self._on_the_way)

    def oldest_sent_at(self, otherwise: float) -> float:
        """When the part that has waited longest for its answer was sent."""
        for _, sent_at in self._on_the_way.values():
            return sent_at
        return otherwise

    def take(
        self, room: int, template: SubmitTemplate, next_sequence: Callable[[], int], now: float
    ) -> bytes:
        """Up to `room` parts as frames; they count as on their way."""
        pieces: list[bytes] = []
        while len(pieces) < room:
            part = self._again.popleft() if self._again else next(self._fresh, None)
            if part is None:
                break
            if self._outcomes[part.place] is not None:
                continue
            sequence = next_sequence()
            self._on_the_way[sequence] = (part, now)
            pieces.append(template.encode(sequence, part.digits, part.tail))
        return b"".join(pieces)

    def settle(self, frames: Sequence[Frame]) -> tuple[int, int]:
        """Take in the operator's answers; how many parts were accepted and how many throttled."""
        accepted = throttled = 0
        for frame in frames:
            if frame.command not in (Command.SUBMIT_SM_RESP, Command.GENERIC_NACK):
                continue
            sent = self._on_the_way.pop(frame.sequence, None)
            if sent is None:
                continue
            if frame.status == Status.ESME_ROK:
                accepted += 1
                self._accept(sent[0], frame.body)
            elif frame.status in THROTTLED:
                throttled += 1
                self._again.append(sent[0])
            else:
                self._fail(sent[0], frame.status)
        return accepted, throttled

    def lose(self, code: str, reason: str) -> None:
        """The connection ended: what was on its way is in doubt, the rest can go over another one."""
        for part, _ in self._on_the_way.values():
            self._conclude(
                part.place, Outcome(self._key(part.place), "retry", "", code, reason, in_doubt=True)
            )
        self._on_the_way.clear()

    def give_up(self, code: str, reason: str) -> None:
        """Nothing more will be sent now. Parts already accepted leave their message in doubt."""
        for index in range(len(self._messages)):
            doubt = self._taken[index] > 0
            self._conclude(index, Outcome(self._key(index), "retry", "", code, reason, in_doubt=doubt))

    def outcomes(self) -> list[Outcome]:
        """In the order of the messages, once settled."""
        return [outcome for outcome in self._outcomes if outcome is not None]

    def _encode_all(self) -> Iterator[SubmitPart]:
        for index, message in enumerate(self._messages):
            parts = self._encode(index, message)
            if isinstance(parts, Outcome):
                self._conclude(index, parts)
                continue
            self._missing[index] = len(parts)
            yield from parts

    def _accept(self, part: SubmitPart, body: bytes) -> None:
        index = part.place
        self._taken[index] += 1
        self._missing[index] -= 1
        if part.is_last:
            self._references[index] = body.split(b"\0", 1)[0][:65].decode("latin-1")
        if not self._missing[index]:
            self._conclude(index, Outcome(self._key(index), "accepted", self._references[index]))

    def _fail(self, part: SubmitPart, status: int) -> None:
        name = status_name(status)
        if status in REFUSED:
            outcome = Outcome(self._key(part.place), "refused", "", name, f"The operator refuses it: {name}.")
        else:
            reason = f"The operator cannot take it now: {name}."
            doubt = self._taken[part.place] > 0
            outcome = Outcome(self._key(part.place), "retry", "", name, reason, in_doubt=doubt)
        self._conclude(part.place, outcome)

    def _conclude(self, index: int, outcome: Outcome) -> None:
        if self._outcomes[index] is None:
            self._outcomes[index] = outcome
            self._open -= 1

    def _key(self, index: int) -> int | str:
        return self._messages[index].key
