"""What comes back: receipts, which say what became of messages, and replies."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, close_old_connections
from django.utils import timezone

from openconsular.alerts import arrays
from openconsular.alerts.claims import by_keys
from openconsular.alerts.models import Delivery, EarlyReceipt
from openconsular.alerts.replying import record_replies
from openconsular.foundation.storable import storable
from openconsular.gateways.base import Receipt
from openconsular.gateways.configured import two_way_sms

log = logging.getLogger(__name__)

RETRY_AFTER_S = (0.5, 1.0, 2.0, 4.0, 8.0)

_STATE = {"delivered": Delivery.State.DELIVERED, "failed": Delivery.State.UNDELIVERED}

# In bulk, because receipts come as fast as messages went out. A receipt never takes back a better one.
_RECEIPTS = """
UPDATE alerts_delivery d
SET state = r.state, receipt_at = %(now)s, error_code = r.error
FROM unnest(%(refs)s::text[], %(states)s::text[], %(errors)s::text[]) AS r(ref, state, error)
WHERE d.provider_ref = r.ref AND d.provider_ref <> '' AND d.state IN ('sending', 'handed', 'undelivered')
RETURNING r.ref
"""

# A quick network answers before the outcome of the hand-over is written. Such a receipt is kept until it is.
_SETTLE = """
WITH settled AS (
    UPDATE alerts_delivery d SET state = e.state, receipt_at = e.received_at, error_code = e.error_code
    FROM alerts_earlyreceipt e
    WHERE d.provider_ref = e.provider_ref AND d.provider_ref <> '' AND d.state IN ('handed', 'undelivered')
    RETURNING e.provider_ref
)
DELETE FROM alerts_earlyreceipt e USING settled s WHERE e.provider_ref = s.provider_ref
"""
FORGOTTEN_AFTER = timedelta(days=3)


def record_receipts(receipts: Sequence[Receipt], *, now: datetime) -> int:
    """Store final receipts; "pending" ones say nothing new. Returns how many deliveries they changed."""
    clean = [
        one._replace(provider_ref=storable(one.provider_ref), error_code=storable(one.error_code))
        for one in receipts
        if one.state in _STATE
    ]
    final = {one.provider_ref: one for one in clean if one.provider_ref}
    if not final:
        return 0
    values: dict[str, Any] = {
        "now": now,
        "refs": arrays.texts(final),
        "states": arrays.texts(_STATE[one.state].value for one in final.values()),
        "errors": arrays.texts(one.error_code[:40] for one in final.values()),
    }
    with by_keys() as cursor:
        cursor.execute(_RECEIPTS, values)
        known = {ref for (ref,) in cursor.fetchall()}
        early = [one for ref, one in final.items() if ref not in known]
        EarlyReceipt.objects.bulk_create(
            (
                EarlyReceipt(one.provider_ref[:80], _STATE[one.state].value, one.error_code[:40], now)
                for one in early
            ),
            ignore_conflicts=True,
        )
    return len(known)


def settle_early_receipts(*, now: datetime) -> int:
    """Apply receipts that came before their outcome was written. Those of messages nobody knows go after three days."""
    EarlyReceipt.objects.filter(received_at__lt=now - FORGOTTEN_AFTER).delete()
    with by_keys() as cursor:
        cursor.execute(_SETTLE)
        return int(cursor.rowcount)


def listen(stop: threading.Event) -> None:
    """Receive replies and receipts until `stop` is set. Without a two-way gateway it just waits, and says so."""
    gateway = two_way_sms()
    if gateway is None:
        log.info("no SMS gateway is configured; there is nothing to listen to")
        stop.wait()
        return
    log.info("listening for replies and receipts")
    gateway.listen(
        lambda receipts: _stored(lambda: record_receipts(receipts, now=timezone.now())),
        lambda replies: _stored(lambda: record_replies(replies, now=timezone.now())),
        stop,
    )


def _stored(store: Callable[[], int]) -> None:
    """Store what came in, waiting out a database that is away: only then may the gateway confirm it."""
    for pause_s in (*RETRY_AFTER_S, None):
        close_old_connections()
        try:
            store()
            return
        except OperationalError:
            if pause_s is None:
                raise
            time.sleep(pause_s)
