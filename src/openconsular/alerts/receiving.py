"""Receipts: what became of messages after they were handed over."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from openconsular.alerts.models import Delivery
from openconsular.gateways.base import Receipt

_STATE = {"delivered": Delivery.State.DELIVERED, "failed": Delivery.State.UNDELIVERED}

# In bulk, because receipts come as fast as messages went out. A receipt never takes back a better one.
_RECEIPTS = """
UPDATE alerts_delivery d
SET state = r.state, receipt_at = %(now)s, error_code = r.error
FROM unnest(%(refs)s::text[], %(states)s::text[], %(errors)s::text[]) AS r(ref, state, error)
WHERE d.provider_ref = r.ref AND d.provider_ref <> '' AND d.state IN ('sending', 'handed', 'undelivered')
"""


def record_receipts(receipts: Sequence[Receipt], *, now: datetime) -> int:
    """Store final receipts; "pending" ones say nothing new. Returns how many deliveries they changed."""
    final = {one.provider_ref: one for one in receipts if one.state in _STATE and one.provider_ref}
    if not final:
        return 0
    values = {
        "now": now,
        "refs": list(final),
        "states": [_STATE[one.state].value for one in final.values()],
        "errors": [one.error_code[:40] for one in final.values()],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECEIPTS, values)
        return cursor.rowcount
