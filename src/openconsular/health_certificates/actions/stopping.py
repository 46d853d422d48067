"""Ending or holding one batch: taken back by who sent it, stopped in the middle of its signing, let go on."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.foundation import audit, jobs
from openconsular.foundation.errors import Conflict, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.models import Batch
from openconsular.health_certificates.queries.batches import visible_to

State = Batch.State
BEFORE_APPROVAL = (State.RECEIVING, State.CHECKING, State.SUBMITTED)


@transaction.atomic
def withdraw_batch(*, public_id: UUID, by: Actor, now: datetime) -> Batch:
    """Take one's own batch back before it was approved; nothing of it is ever signed."""
    by.require(Permission.RECORD_HEALTH)
    batch = _lock(public_id, by)
    if batch.recorded_by != by.label:
        raise NotFound
    if batch.state not in BEFORE_APPROVAL:
        raise Conflict(_("This was decided already."))
    batch.state, batch.refused_by, batch.refusal = State.REFUSED, by.label[:60], _("taken back by its sender")
    batch.save(update_fields=["state", "refused_by", "refusal"])
    _audit(batch, "withdraw", by, now)
    return batch


@transaction.atomic
def stop_batch(*, public_id: UUID, by: Actor, now: datetime) -> Batch:
    """Hold the signing of a batch. Rows in hand at this moment, a chunk for each worker, are still signed."""
    by.require(Permission.APPROVE_HEALTH)
    batch = _lock(public_id, by)
    if batch.state != State.APPROVED:
        raise Conflict(_("This batch is not being signed."))
    return _move(batch, State.STOPPED, "stop", by, now)


@transaction.atomic
def go_on_with_batch(*, public_id: UUID, by: Actor, now: datetime) -> Batch:
    """Let the signing of a stopped batch go on where it was. Not by who sent it: somebody had a reason to stop it."""
    by.require(Permission.APPROVE_HEALTH)
    batch = _lock(public_id, by)
    if batch.recorded_by == by.label:
        raise NotAllowed(_("Another person than who sent the batch lets it go on."))
    if batch.state != State.STOPPED:
        raise Conflict(_("This batch is not stopped."))
    _move(batch, State.APPROVED, "go_on", by, now)
    jobs.after_commit_by_name("work_batch", queue=jobs.BULK, batch_id=batch.pk)
    return batch


def _lock(public_id: UUID, by: Actor) -> Batch:
    batch = visible_to(by).select_for_update(of=("self",)).filter(public_id=public_id).first()
    if batch is None:
        raise NotFound
    return batch


def _move(batch: Batch, state: Batch.State, action: str, by: Actor, now: datetime) -> Batch:
    batch.state = state
    batch.save(update_fields=["state"])
    _audit(batch, action, by, now)
    return batch


def _audit(batch: Batch, action: str, by: Actor, now: datetime) -> None:
    subject, detail = (
        f"batch:{batch.public_id}",
        {"environment": batch.environment, "mission": batch.mission_id},
    )
    audit.record(by=by, action=f"certificate.batch_{action}", subject=subject, now=now, detail=detail)
