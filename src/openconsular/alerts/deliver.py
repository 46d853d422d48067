"""Handing a shard over: claim it, let go of the transaction, call the gateway, write what became of it.

At least once, and counted: every delivery is set to `sending` durably before it may leave. What a dead worker
leaves in `sending` is taken up again by the next claim and counted as in doubt, because nobody knows whether it
left. No transaction is open during the call.
"""

import logging
import os
import socket
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from openconsular.alerts import watching
from openconsular.alerts.links import link_for
from openconsular.alerts.models import Delivery, Shard, Warning, WarningText
from openconsular.alerts.releasing import is_sending_stopped
from openconsular.citizens import queries as citizens
from openconsular.domain.texts import with_link
from openconsular.gateways.base import Outcome, OutgoingMessage
from openconsular.gateways.configured import gateway_for

log = logging.getLogger(__name__)

# Longer than any hand-over of one shard may take; a sweep takes over afterwards.
LEASE = timedelta(seconds=90)
# Then the wait before the next try doubles; after the last a delivery is refused and its person looked for.
FIRST_RETRY_AFTER = timedelta(seconds=5)
MOST_ATTEMPTS = 8

_CLAIM = """
UPDATE alerts_shard SET state = 'claimed', claimed_by = %(worker)s, lease_until = %(until)s, attempts = attempts + 1
WHERE id = (
    SELECT id FROM alerts_shard
    WHERE id = %(shard)s AND not_before <= %(now)s
      AND (state = 'queued' OR (state = 'claimed' AND lease_until < %(now)s))
    FOR UPDATE SKIP LOCKED
)
RETURNING warning_id, channel, attempts
"""
_TAKE = """
UPDATE alerts_delivery
SET state = 'sending', attempts = attempts + 1, in_doubt = in_doubt + (CASE WHEN state = 'sending' THEN 1 ELSE 0 END)
WHERE shard_id = %s AND state IN ('queued', 'sending')
RETURNING id, recipient_id, contact_id, language
"""
_OUTCOMES = """
UPDATE alerts_delivery d
SET state = o.state, handed_at = CASE WHEN o.state = 'handed' THEN %(now)s::timestamptz END,
    provider_ref = o.ref, error_code = o.error, in_doubt = d.in_doubt + o.doubt
FROM unnest(%(ids)s::bigint[], %(states)s::text[], %(refs)s::text[], %(errors)s::text[], %(doubts)s::smallint[])
     AS o (id, state, ref, error, doubt)
WHERE d.id = o.id AND d.state = 'sending'
"""
# Whoever travels with somebody who was reached is reached.
_REACHED = """
UPDATE alerts_recipient r SET state = 'reached', state_at = %(now)s, reached_at = %(now)s
FROM (
    SELECT DISTINCT t.incident_id, t.party FROM alerts_recipient t
    JOIN alerts_delivery d ON d.recipient_id = t.id WHERE d.id = ANY(%(handed)s)
) AS told
WHERE r.incident_id = told.incident_id AND r.party = told.party AND r.state = 'not_reached'
"""


@dataclass(frozen=True)
class Claim:
    """One turn at a shard: what to send, to whom."""

    shard_id: int
    warning_id: int
    channel: str
    attempt: int
    rows: list[tuple[int, int, int | None, str]]


def deliver_shard(*, shard_id: int) -> int:
    """Hand over what a shard still holds. Returns how many messages a gateway took; safe to run at any time."""
    if is_sending_stopped():
        return 0
    claim = _claim(shard_id, timezone.now())
    if claim is None:
        return 0
    outcomes = _hand_over(claim)
    return _settle(claim, outcomes, timezone.now())


def due_shards(*, now: datetime) -> list[int]:
    """Shards whose turn it is: queued ones whose time has come, and claimed ones whose worker let the lease run out."""
    if is_sending_stopped():
        return []
    queued = Shard.objects.filter(state=Shard.State.QUEUED, not_before__lte=now)
    lost = Shard.objects.filter(state=Shard.State.CLAIMED, lease_until__lt=now)
    return [*queued.values_list("pk", flat=True), *lost.values_list("pk", flat=True)]


def _claim(shard_id: int, now: datetime) -> Claim | None:
    worker = f"{socket.gethostname()}:{os.getpid()}"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"shard": shard_id, "worker": worker, "until": now + LEASE, "now": now})
        claimed = cursor.fetchone()
        if claimed is None:
            return None
        warning_id, channel, attempt = claimed
        cursor.execute(_TAKE, [shard_id])
        return Claim(shard_id, warning_id, channel, attempt, cursor.fetchall())


def _hand_over(claim: Claim) -> list[Outcome]:
    warning = Warning.objects.get(pk=claim.warning_id)
    texts = {text.language: text for text in warning.texts.all()}
    addresses = citizens.addresses_of([contact for _, _, contact, _ in claim.rows if contact])
    messages, outcomes = [], []
    for delivery, recipient, contact, language in claim.rows:
        address = addresses.get(contact or 0)
        if address is None:
            outcomes.append(Outcome(delivery, "refused", error_code="no-address"))
        else:
            text = texts.get(language) or next(iter(texts.values()))
            messages.append(_message(delivery, address, text, link_for(recipient), claim.channel, warning))
    gateway = gateway_for(claim.channel, exercise=warning.is_exercise)  # type: ignore[arg-type]
    return outcomes + gateway.hand_over(messages)


def _message(
    delivery: int, address: str, text: WarningText, link: str, channel: str, warning: Warning
) -> OutgoingMessage:
    is_sms = channel == "sms"
    return OutgoingMessage(
        key=delivery,
        address=address,
        text=with_link(text.sms if is_sms else text.body, link),
        subject="" if is_sms else text.subject,
        language=text.language,
        exercise=warning.is_exercise,
    )


def _settle(claim: Claim, outcomes: list[Outcome], now: datetime) -> int:
    """Write every outcome and what follows from it in one transaction."""
    is_last_try = claim.attempt >= MOST_ATTEMPTS
    states = [_state_after(one, is_last_try) for one in outcomes]
    handed = [one.key for one, state in zip(outcomes, states, strict=True) if state == Delivery.State.HANDED]
    retries = states.count(Delivery.State.QUEUED)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            _OUTCOMES,
            {
                "now": now,
                "ids": [one.key for one in outcomes],
                "states": [state.value for state in states],
                "refs": [one.provider_ref[:80] for one in outcomes],
                "errors": [one.error_code[:40] for one in outcomes],
                "doubts": [int(one.in_doubt) for one in outcomes],
            },
        )
        cursor.execute(_REACHED, {"now": now, "handed": handed})
        again = now + FIRST_RETRY_AFTER * 2 ** (claim.attempt - 1)
        Shard.objects.filter(pk=claim.shard_id).update(
            state=Shard.State.QUEUED if retries else Shard.State.DONE,
            not_before=again if retries else now,
            lease_until=None,
        )
    if retries:
        log.warning("shard %d: %d messages are tried again at %s", claim.shard_id, retries, again)
    else:
        watching.finish_if_done(claim.warning_id, now=now)
    return len(handed)


def _state_after(outcome: Outcome, is_last_try: bool) -> Delivery.State:
    if outcome.state == "accepted":
        return Delivery.State.HANDED
    if outcome.state == "refused" or is_last_try:
        return Delivery.State.REFUSED
    return Delivery.State.QUEUED
