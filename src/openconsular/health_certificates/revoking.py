"""How a revocation takes effect: the decision, the certificates, the audit, in one transaction."""

from collections.abc import Sequence
from datetime import datetime

from django.conf import settings

from openconsular.foundation import audit, jobs
from openconsular.foundation.permissions import SYSTEM, Actor
from openconsular.health_certificates.models import Issued, Record, Revocation, RevokedCertificate


def take_effect(revocation: Revocation, issued: Sequence[Issued], *, by: Actor, now: datetime) -> int:
    """Revoke certificates that are not revoked yet, for a decision that is right; returns how many."""
    revocation.effective_at = now
    revocation.save()
    held = set(
        RevokedCertificate.objects.filter(issued__in=[one.pk for one in issued]).values_list(
            "issued_id", flat=True
        )
    )
    fresh = [one for one in issued if one.pk not in held]
    RevokedCertificate.objects.bulk_create(
        [RevokedCertificate(issued=one, revocation=revocation, at=now) for one in fresh], batch_size=2000
    )
    entries = (
        (f"certificate:{one.identifier}", {"reason": revocation.reason, "revocation": revocation.pk})
        for one in fresh
    )
    audit.record_many(by=by, action="certificate.revoke", now=now, entries=entries)
    jobs.after_commit_by_name("publish_revocations", queue=jobs.URGENT)
    return len(fresh)


def revoke_corrected(record: Record, *, now: datetime) -> None:
    """What a correction replaces ends when the correction is signed. Two persons stand behind it: who wrote the
    correction and who approved it."""
    assert record.replaces_id is not None
    issued = list(Issued.objects.filter(pk=record.replaces_id, revoked=None))
    if issued:
        revocation = Revocation.objects.create(
            environment=settings.CERTIFICATES,
            mission_id=record.mission_id,
            reason=Revocation.Reason.CORRECTED,
            size=1,
            wanted=[record.replaces_id],
            proposed_by=record.recorded_by,
            proposed_at=record.recorded_at,
            confirmed_by=record.approved_by,
            confirmed_at=record.approved_at,
        )
        take_effect(revocation, issued, by=SYSTEM, now=now)
