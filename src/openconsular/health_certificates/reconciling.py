"""Do the numbers agree: every signature with one record, one audit entry, one key's count, and words that verify; every
revocation on a list or waiting for one."""

from dataclasses import dataclass, field

from django.db import connection

from openconsular.domain.health.revocation.identify import HashType
from openconsular.health_certificates import contents, signing
from openconsular.health_certificates.models import Record

_SUBJECTS = """
SELECT
    (SELECT count(*) FROM foundation_auditentry WHERE action = %(action)s),
    (SELECT count(*) FROM health_certificates_issued),
    (SELECT count(*) FROM health_certificates_issued i WHERE NOT EXISTS (
        SELECT 1 FROM foundation_auditentry e
        WHERE e.subject = 'certificate:' || i.identifier AND e.action = %(action)s)),
    (SELECT count(*) FROM foundation_auditentry e WHERE e.action = %(action)s AND NOT EXISTS (
        SELECT 1 FROM health_certificates_issued i WHERE 'certificate:' || i.identifier = e.subject)),
    (SELECT count(*) FROM (SELECT subject FROM foundation_auditentry WHERE action = %(action)s
        GROUP BY subject HAVING count(*) > 1) twice)
"""
_KEYS = """
SELECT k.label, k.signed_count, (SELECT count(*) FROM health_certificates_issued i WHERE i.key_id = k.id)
FROM health_certificates_signingkey k
WHERE k.signed_count <> (SELECT count(*) FROM health_certificates_issued i WHERE i.key_id = k.id)
"""
_UNAPPROVED = """
SELECT count(*) FROM health_certificates_issued i
JOIN health_certificates_record r ON r.id = i.record_id
LEFT JOIN health_certificates_batch b ON b.id = r.batch_id
WHERE (coalesce(r.approved_at, b.approved_at) <= i.signed_at
    AND coalesce(nullif(r.approved_by, ''), b.approved_by) <> r.recorded_by) IS NOT TRUE
"""


# Cards are on lists of their own, which are made of the register itself.
_UNLISTED = """
SELECT (SELECT count(*) FROM health_certificates_revokedcertificate c
        JOIN health_certificates_record r ON r.id = c.issued_id WHERE r.format <> 'smart-health-card')
    - (SELECT count(*) FROM health_certificates_unpublishedrevocation u
        JOIN health_certificates_record r ON r.id = u.issued_id WHERE r.format <> 'smart-health-card')
    - (SELECT coalesce(sum(entries), 0) / %s FROM health_certificates_revocationsegment WHERE joined_at IS NULL)
"""


@dataclass
class Reconciliation:
    """`problems` is empty where everything agrees."""

    issued: int = 0
    audited: int = 0
    opened: int = 0
    problems: list[str] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        return not self.problems


def reconcile(*, sample: int = 1000) -> Reconciliation:
    """Count everything, and open the newest `sample` records to see that their words are those approved."""
    found = Reconciliation()
    with connection.cursor() as cursor:
        cursor.execute(_SUBJECTS, {"action": signing.ACTION})
        found.audited, found.issued, silent, unknown, twice = cursor.fetchone()
        for count, words in (
            (silent, "certificates without an audit entry"),
            (unknown, "audit entries of certificates that are not in the register"),
            (twice, "certificates with more than one audit entry"),
        ):
            if count:
                found.problems.append(f"{count} {words}")
        cursor.execute(_KEYS)
        for label, told, counted in cursor.fetchall():
            found.problems.append(f"key {label} says {told} signatures and has {counted}")
        cursor.execute(_UNAPPROVED)
        if unapproved := cursor.fetchone()[0]:
            found.problems.append(f"{unapproved} certificates of records nobody else approved")
        cursor.execute(_UNLISTED, [len(HashType)])
        if unlisted := cursor.fetchone()[0]:
            found.problems.append(
                f"{unlisted:.0f} revoked certificates that are on no list and do not wait for one"
            )
    altered = _altered(sample, found)
    if altered:
        found.problems.append(f"{altered} records that say something else than was written down")
    return found


def _altered(sample: int, found: Reconciliation) -> int:
    rows = Record.objects.filter(content__isnull=False, issued__isnull=False).order_by("-pk")[:sample]
    altered = 0
    for content, expected in rows.values_list("content", "content_mac"):
        found.opened += 1
        altered += contents.mac(str(content)) != bytes(expected)
    return altered
