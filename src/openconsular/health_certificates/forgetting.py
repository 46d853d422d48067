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
# What nobody decided in its term has ended: files that broke off, batches that wait, batches held half signed.
_ABANDONED = """
UPDATE health_certificates_batch SET refused_by = 'system',
    state = CASE WHEN state = 'stopped' THEN 'done' ELSE 'refused' END,
    finished_at = CASE WHEN state = 'stopped' THEN %(now)s ELSE finished_at END
WHERE id IN (
    SELECT id FROM health_certificates_batch
    WHERE state IN ('receiving', 'checking') AND recorded_at < %(refused)s
        OR state IN ('submitted', 'stopped') AND recorded_at < %(undelivered)s
    LIMIT %(most)s
)
"""
_RAW = """
UPDATE health_certificates_chunk SET raw = NULL WHERE id IN (
    SELECT c.id FROM health_certificates_chunk c JOIN health_certificates_batch b ON b.id = c.batch_id
    WHERE c.raw IS NOT NULL AND b.state = 'refused' AND b.recorded_at < %(refused)s
    LIMIT %(most)s
)
"""
# Never signed: nobody decided, or it could not be signed. What waits alone is refused, so that it waits no more.
_UNSIGNED = """
UPDATE health_certificates_record SET content = NULL,
    refused_by = CASE WHEN {waits} THEN 'system' ELSE refused_by END,
    refused_at = CASE WHEN {waits} THEN %(now)s ELSE refused_at END,
    replaces_id = CASE WHEN {waits} THEN NULL ELSE replaces_id END
WHERE id IN (
    SELECT r.id FROM health_certificates_record r
    LEFT JOIN health_certificates_issued i ON i.record_id = r.id
    LEFT JOIN health_certificates_batch b ON b.id = r.batch_id
    WHERE r.content IS NOT NULL AND i.record_id IS NULL AND r.recorded_at < %(undelivered)s
        AND b.state IS DISTINCT FROM 'approved'
    LIMIT %(most)s
)
""".replace("{waits}", "approved_at IS NULL AND refused_at IS NULL AND batch_id IS NULL")
_REFUSED_ROWS = """
UPDATE health_certificates_batchfault SET line = NULL WHERE id IN (
    SELECT f.id FROM health_certificates_batchfault f JOIN health_certificates_batch b ON b.id = f.batch_id
    WHERE f.line IS NOT NULL AND b.recorded_at < %(refused)s
    LIMIT %(most)s
)
"""


@dataclass(frozen=True)
class Forgotten:
    """How many records lost their words: of certificates, and of what was refused or never signed."""

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
    _all(_ABANDONED, values)
    found = Forgotten(_all(_ISSUED, values), _all(_REFUSED, values) + _all(_UNSIGNED, values))
    _all(_REFUSED_ROWS, values)
    _all(_RAW, values)
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
