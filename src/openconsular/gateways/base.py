"""The contract of everything that hands a message to the outside world.

One message has one address: a gateway never puts two people into one envelope. `hand_over` returns exactly one
outcome for each message, whatever happens to the network, and may be called from several threads. It raises only
LiveGatewayRefused. All gateways pass the tests in tests/gateways/contract.py.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal, NamedTuple, Protocol, runtime_checkable

from openconsular.foundation.errors import NotAllowed

DRILL_MARK = "OC-DRILL-SINK"
"""How a drill sink names itself on connection; a gateway that is not live hands over to nothing else."""

Key = int | str
State = Literal["accepted", "refused", "retry"]


class LiveGatewayRefused(NotAllowed):
    """An exercise message must not leave through a live gateway."""

    code = "exercise-live-gateway"


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """One message to one address.

    `key` is unique in a batch and stays the same when the message is tried again. `address` is an E.164 number
    ("+8613912345678") or an e-mail address. `subject`, `html` and `language` (BCP 47) are for channels that have them.
    """

    key: Key
    address: str
    text: str
    subject: str = ""
    html: str = ""
    language: str = ""
    exercise: bool = False


class Outcome(NamedTuple):
    """What became of one message.

    accepted  the provider has taken it; `provider_ref` is what its receipts will name
    refused   it will never be taken as it stands; `error_code` and `reason` say why
    retry     not taken now. With `in_doubt` the connection ended before the answer: the provider may have
              taken it, so trying again may send it twice
    """

    key: Key
    state: State
    provider_ref: str = ""
    error_code: str = ""
    reason: str = ""
    in_doubt: bool = False


class Receipt(NamedTuple):
    """What became of an accepted message later. `provider_ref` is that of its outcome."""

    provider_ref: str
    state: Literal["delivered", "failed", "pending"]
    error_code: str
    received_at: datetime


class Reply(NamedTuple):
    """What a person wrote back from an address."""

    address: str
    text: str
    received_at: datetime


OnReceipts = Callable[[Sequence[Receipt]], None]
OnReplies = Callable[[Sequence[Reply]], None]


@runtime_checkable
class Gateway(Protocol):
    """A way out. `name` appears in ledgers and metrics; `live` says whether real people are behind it."""

    @property
    def name(self) -> str: ...

    @property
    def live(self) -> bool: ...

    def hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        """Offer every message to the provider; one outcome each, in the same order."""

    def close(self) -> None:
        """Let go of connections; the next hand-over opens new ones."""


@runtime_checkable
class TwoWayGateway(Gateway, Protocol):
    """A way out through which people also answer."""

    def listen(self, on_receipts: OnReceipts, on_replies: OnReplies, stop: threading.Event) -> None:
        """Receive until `stop` is set, across broken connections.

        Callbacks get several at once and must have stored them when they return: only then is the provider told
        that they arrived. What a callback raises ends listening, and the provider delivers those again.
        """


class ExerciseOnly:
    """The only door through which a drill reaches the world: it leads to no live gateway.

    Raises LiveGatewayRefused when made around a live gateway, and again on every hand-over should that change.
    """

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._refuse_live()

    @property
    def name(self) -> str:
        return self._gateway.name

    @property
    def live(self) -> bool:
        return False

    def hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self._refuse_live()
        return self._gateway.hand_over(messages)

    def close(self) -> None:
        self._gateway.close()

    def _refuse_live(self) -> None:
        if self._gateway.live is not False:
            raise LiveGatewayRefused(
                f"The gateway {self._gateway.name} is live and an exercise must not use it."
            )


def refuse_exercises(gateway: Gateway, messages: Sequence[OutgoingMessage]) -> None:
    """The second wall, inside every live gateway. Raises LiveGatewayRefused before anything is sent."""
    if gateway.live and any(message.exercise for message in messages):
        raise LiveGatewayRefused(f"The gateway {gateway.name} is live and was given an exercise message.")


def read_clock() -> datetime:
    """The instant at which something arrived from outside; gateways take another clock as an argument."""
    return datetime.now(UTC)  # noqa: TID251 - the edge of the system is where arrivals are stamped
