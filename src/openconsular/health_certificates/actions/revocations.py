"""Revoking: one certificate by one person with a reason, several only when a second person agrees. Never undone."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import Issued, Record, Revocation
from openconsular.health_certificates.queries.records import visible_to
from openconsular.health_certificates.queries.revocations import proposals
from openconsular.health_certificates.revoking import take_effect
from openconsular.health_certificates.sealing import uci_hash

MOST_AT_ONCE = 1_000_000


@transaction.atomic
def revoke(
    *, identifiers: Sequence[str], reason: str, note: str = "", by: Actor, now: datetime
) -> Revocation:
    """Revoke certificates by their identifiers. One is revoked now; more wait for `confirm_revocation`.

    Raises InvalidInput when one of them is unknown, not the actor's to see, or revoked already.
    """
    wanted = [uci_hash(one.strip().upper()) for one in identifiers]
    return _propose(Issued.objects.filter(uci_hash__in=wanted), len(set(wanted)), reason, note, by, now)


@transaction.atomic
def revoke_batch(*, batch_id: UUID, reason: str, note: str = "", by: Actor, now: datetime) -> Revocation:
    """Revoke everything of a batch that is not revoked yet."""
    found = Issued.objects.filter(record__batch__public_id=batch_id, revoked=None)
    return _propose(found, None, reason, note, by, now)


@transaction.atomic
def revoke_key(*, label: str, reason: str, note: str = "", by: Actor, now: datetime) -> Revocation:
    """Revoke everything a key signed that is not revoked yet: when a key was compromised."""
    return _propose(Issued.objects.filter(key__label=label, revoked=None), None, reason, note, by, now)


def _propose(
    found: QuerySet[Issued], count: int | None, reason: str, note: str, by: Actor, now: datetime
) -> Revocation:
    by.require(Permission.REVOKE_HEALTH)
    if reason not in Revocation.Reason.values:
        raise InvalidInput(_("There is no such reason."), fields={"reason": _("unknown")})
    mine = found.filter(environment=settings.CERTIFICATES, record__in=visible_to(by), revoked=None)
    numbers = list(mine.order_by("pk").values_list("pk", flat=True)[: MOST_AT_ONCE + 1])
    if not numbers or len(numbers) > MOST_AT_ONCE or (count is not None and len(numbers) != count):
        raise InvalidInput(_("Not all of these certificates are there to be revoked."))
    revocation = Revocation.objects.create(
        environment=settings.CERTIFICATES,
        mission_id=None if by.sees_every_mission else by.mission_id,
        reason=reason,
        note=note.strip()[:300],
        size=len(numbers),
        wanted=numbers,
        proposed_by=by.label[:60],
        proposed_at=now,
    )
    detail = {"size": len(numbers), "reason": reason}
    subject = f"revocation:{revocation.public_id}"
    audit.record(by=by, action="certificate.propose_revocation", subject=subject, now=now, detail=detail)
    if len(numbers) == 1:
        take_effect(revocation, list(Issued.objects.filter(pk__in=numbers)), by=by, now=now)
    return revocation


@transaction.atomic
def confirm_revocation(*, public_id: UUID, confirmed_size: int, by: Actor, now: datetime) -> Revocation:
    """Agree to a revocation of several, by reading back how many. Not by who proposed it."""
    revocation = _open(public_id, by)
    if revocation.proposed_by == by.label:
        raise NotAllowed(_("Another person than who proposed it agrees to it."))
    if confirmed_size != revocation.size:
        reason = _("The number is not that of the certificates.")
        raise InvalidInput(reason, fields={"confirmed_size": reason})
    revocation.confirmed_by, revocation.confirmed_at = by.label[:60], now
    take_effect(revocation, list(Issued.objects.filter(pk__in=revocation.wanted)), by=by, now=now)
    return revocation


@transaction.atomic
def withdraw_revocation(*, public_id: UUID, by: Actor, now: datetime) -> Revocation:
    """Take back a proposal that nobody has agreed to. Not one of somebody else's about what one wrote down or approved."""
    revocation = _open(public_id, by)
    if revocation.proposed_by != by.label and _took_part(revocation, by):
        raise NotAllowed(_("It is about what you wrote down or approved: another person takes it back."))
    revocation.withdrawn_by = by.label[:60]
    revocation.save(update_fields=["withdrawn_by"])
    subject = f"revocation:{revocation.public_id}"
    audit.record(by=by, action="certificate.withdraw_revocation", subject=subject, now=now)
    return revocation


def _open(public_id: UUID, by: Actor) -> Revocation:
    by.require(Permission.REVOKE_HEALTH)
    revocation = proposals(by=by).select_for_update().filter(public_id=public_id).first()
    if revocation is None:
        raise NotFound
    if revocation.effective_at or revocation.withdrawn_by:
        raise Conflict(_("This was decided already."))
    return revocation


def _took_part(revocation: Revocation, by: Actor) -> bool:
    mine = Q(recorded_by=by.label) | Q(approved_by=by.label) | Q(batch__approved_by=by.label)
    return Record.objects.filter(mine, pk__in=revocation.wanted).exists()
