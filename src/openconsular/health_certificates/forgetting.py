"""Forgetting: the words of a record and the text of its certificate go when they have served; keyed hashes stay.

Revocation, reconciliation and the finding of a record by a name somebody states work without the words.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from openconsular.foundation import audit
from openconsular.foundation.permissions import SYSTEM
from openconsular.health_certificates import mailing, rules
from openconsular.health_certificates.models import ApiUse, ClaimCode

# Counts of machines' questions are for bills and for alarms, not for ever.
USES_KEPT = timedelta(days=400)
# How a certificate was handed over, for whoever asks at the desk why it did not arrive.
CLAIMS_KEPT = timedelta(days=30)
_PORTION = 5000

_ISSUED = """
WITH old AS (
    SELECT record_id FROM health_certificates_issued
    WHERE forgotten_at IS NULL AND (delivered_at < %(delivered)s OR delivered_at IS NULL AND signed_at < %(undelivered)s)
    LIMIT %(most)s
), words AS (
    UPDATE health_certificates_record SET content = NULL WHERE id IN (SELECT record_id FROM old)
)
UPDATE health_certificates_issued SET text = NULL, forgotten_at = %(now)s
WHERE record_id IN (SELECT record_id FROM old)
"""
_REFUSED = """
UPDATE health_certificates_record SET content = NULL WHERE id IN (
    SELECT r.id FROM health_certificates_record r LEFT JOIN health_certificates_batch b ON b.id = r.batch_id
    WHERE r.content IS NOT NULL
        AND (r.refused_at < %(refused)s OR b.state = 'refused' AND b.recorded_at < %(refused)s)
    LIMIT %(most)s
)
"""
_REFUSED_ROWS = """
UPDATE health_certificates_batchfault SET line = NULL WHERE id IN (
    SELECT f.id FROM health_certificates_batchfault f JOIN health_certificates_batch b ON b.id = f.batch_id
    WHERE f.line IS NOT NULL AND b.recorded_at < %(refused)s
    LIMIT %(most)s
)
"""


@dataclass(frozen=True)
class Forgotten:
    """How many records lost their words: of certificates, and of what was refused."""

    issued: int
    refused: int


def forget(*, now: datetime) -> Forgotten:
    """Clear what the profile's terms say. In portions; may be stopped and run again."""
    policy = rules.current()
    never = now - timedelta(days=365 * 500)
    values = {
        "now": now,
        "most": _PORTION,
        "delivered": now - policy.keep_delivered if policy.keep_delivered else never,
        "undelivered": now - policy.keep_undelivered if policy.keep_undelivered else never,
        "refused": now - policy.keep_refused if policy.keep_refused else never,
    }
    found = Forgotten(_all(_ISSUED, values), _all(_REFUSED, values))
    _all(_REFUSED_ROWS, values)
    ClaimCode.objects.filter(expires_at__lt=now - CLAIMS_KEPT).delete()
    mailing.forget_old(now=now, rows_after=CLAIMS_KEPT)
    ApiUse.objects.filter(minute__lt=now - USES_KEPT).delete()
    if found.issued or found.refused:
        audit.record(
            by=SYSTEM, action="certificate.retention", subject="records", now=now, detail=vars(found)
        )
    return found


def _all(statement: str, values: dict[str, Any]) -> int:
    total = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
            changed = int(cursor.rowcount)
        total += changed
        if changed < _PORTION:
            return total
