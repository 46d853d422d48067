"""Handing a shard over: marked before it leaves, no transaction over the network, written down when it is known.

While some deliveries are with the gateway the next ones are marked, addressed and worded, so that neither the
database nor the operator waits for the other. A worker killed at any moment leaves at most two portions in doubt;
those go again, counted, after its lease has run out. Nothing is ever lost, and nothing is ever in doubt silently.
"""

import os
import socket
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from datetime import datetime

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction

from openconsular.alerts import claims
from openconsular.alerts.claims import Claim, Conclusion, Taken
from openconsular.alerts.models import Delivery, Warning
from openconsular.alerts.reaching import mark_reached
from openconsular.alerts.rendering import Renderer
from openconsular.alerts.watching import finish_if_done
from openconsular.citizens import queries as citizens
from openconsular.gateways.base import Gateway, LiveGatewayRefused, Outcome, OutgoingMessage
from openconsular.gateways.configured import gateway_for

PORTION = 1000
"""Deliveries marked and handed over at a time."""

_SIGN_OF_LIFE_S = 8.0
_DATABASE_BACK_WITHIN_S = 60.0

Clock = Callable[[], datetime]


def deliver_shard(*, shard_id: int, clock: Clock, gateway: Gateway | None = None) -> bool:
    """Hand over what is left of a shard. False when it was not its turn. `gateway` is the configured one by default."""
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    claim = claims.claim(shard_id, worker, clock())
    if claim is None:
        return False
    if gateway is None:
        gateway = gateway_for("sms" if claim.channel == "sms" else "email", exercise=claim.is_exercise)
    turn = _Turn(claim, gateway, clock)
    turn.run()
    if claim.finish(clock(), failed=turn.has_failures):
        finish_if_done(claim.warning_id, now=clock())
    return True


def due_shards(*, now: datetime) -> list[int]:
    """Shards to be queued: their turn has come, or their worker died. Closes what stopped warnings left."""
    claims.call_off(now)
    return claims.due(now)


class _Turn:
    """One claim worked off, portion by portion."""

    def __init__(self, claim: Claim, gateway: Gateway, clock: Clock) -> None:
        self._claim = claim
        self._gateway = gateway
        self._clock = clock
        self.has_failures = False
        warning = Warning.objects.get(pk=claim.warning_id)
        self._is_reminder = warning.kind == Warning.Kind.REMINDER
        self._renderer = Renderer(
            warning.texts.order_by("pk"), exercise=warning.is_exercise or settings.IS_DRILL
        )

    def run(self) -> None:
        with ThreadPoolExecutor(1, thread_name_prefix="hand-over") as pool:
            portion, messages = self._next()
            while portion:
                under_way = pool.submit(self._hand_over, messages)
                following = self._next()
                self._write(portion, self._wait(under_way))
                portion, messages = following

    def _next(self) -> tuple[list[Taken], list[OutgoingMessage]]:
        """The next portion, marked, with a message for each delivery that still has an address."""
        portion = self._claim.take(PORTION, self._clock())
        addresses = citizens.addresses_of([one.contact_id for one in portion if one.contact_id])
        messages = [
            self._renderer.message(
                channel=self._claim.channel,
                key=one.delivery_id,
                recipient_id=one.recipient_id,
                address=addresses[one.contact_id],
                language=one.language,
            )
            for one in portion
            if one.contact_id in addresses
        ]
        return portion, messages

    def _hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        try:
            return self._gateway.hand_over(messages)
        except LiveGatewayRefused as refusal:
            return [Outcome(one.key, "refused", "", refusal.code, refusal.message) for one in messages]

    def _wait(self, under_way: "Future[list[Outcome]]") -> list[Outcome]:
        """The outcomes, with a sign of life every few seconds until they are there."""
        while True:
            try:
                return under_way.result(timeout=_SIGN_OF_LIFE_S)
            except NotYet:
                _patiently(lambda: self._claim.stay(self._clock()))

    def _write(self, portion: Sequence[Taken], outcomes: Sequence[Outcome]) -> None:
        now = self._clock()
        by_key = {outcome.key: outcome for outcome in outcomes}
        conclusions = list(_conclusions(portion, by_key))
        handed_ids = {one.delivery_id for one in conclusions if one.state == Delivery.State.HANDED}
        self.has_failures |= any(one.state == Delivery.State.QUEUED for one in conclusions)
        handed = [one for one in portion if one.delivery_id in handed_ids]

        def write() -> None:
            with transaction.atomic():
                self._claim.conclude(conclusions, now)
                mark_reached(self._claim, handed, is_reminder=self._is_reminder, now=now)

        _patiently(write)


def _conclusions(portion: Sequence[Taken], outcomes: dict[int | str, Outcome]) -> Iterator[Conclusion]:
    for one in portion:
        outcome = outcomes.get(one.delivery_id)
        if outcome is None:
            yield Conclusion(one.delivery_id, Delivery.State.REFUSED.value, error_code="no-contact")
        elif outcome.state == "accepted":
            yield Conclusion(one.delivery_id, Delivery.State.HANDED.value, outcome.provider_ref)
        elif outcome.state == "refused" or one.attempts >= claims.MOST_ATTEMPTS:
            doubt = int(outcome.in_doubt)
            yield Conclusion(one.delivery_id, Delivery.State.REFUSED.value, "", outcome.error_code, doubt)
        else:
            doubt = int(outcome.in_doubt)
            yield Conclusion(one.delivery_id, Delivery.State.QUEUED.value, "", outcome.error_code, doubt)


def _patiently(write: Callable[[], None]) -> None:
    """Write what is known although the database is away for a while: forgetting it would send messages twice."""
    give_up_at = time.monotonic() + _DATABASE_BACK_WITHIN_S
    pause = 0.2
    while True:
        try:
            write()
            return
        except (OperationalError, InterfaceError):
            if time.monotonic() > give_up_at:
                raise
            time.sleep(pause)
            pause = min(5.0, pause * 2)
            close_old_connections()
