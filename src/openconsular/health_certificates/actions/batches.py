"""A batch: received, checked, approved by another person who reads back its number, signed."""

from collections.abc import Iterable
from datetime import datetime
from itertools import islice
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.recording import OFFERED
from openconsular.foundation import audit, jobs
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates import batch_rows
from openconsular.health_certificates.actions.records import mission_of
from openconsular.health_certificates.models import Batch, Chunk
from openconsular.health_certificates.queries.batches import visible_to
from openconsular.health_certificates.signing import whole_second

ROWS_A_CHUNK = 2000
ROWS_MOST = 1_000_000
# Jobs that work on one batch at once; how many processes that is, is how many workers there are.
WORKERS = 4


@transaction.atomic
def open_batch(
    *,
    name: str,
    certificate_format: Format,
    kind: Kind,
    mission_id: int | None = None,
    by: Actor,
    now: datetime,
) -> Batch:
    """A batch to be filled by `receive`."""
    by.require(Permission.RECORD_HEALTH)
    if kind not in OFFERED[certificate_format]:
        reason = _("This kind of certificate cannot say that.")
        raise InvalidInput(reason, fields={"kind": reason})
    batch = Batch.objects.create(
        environment=settings.CERTIFICATES,
        format=certificate_format.value,
        kind=kind.value,
        name=name.strip()[:120],
        mission_id=mission_of(by, mission_id),
        recorded_by=by.label[:60],
        recorded_at=now,
    )
    _audit(batch, "open", by, now, format=batch.format)
    return batch


def receive(*, public_id: UUID, lines: Iterable[str], by: Actor, now: datetime) -> Batch:
    """Take in the lines of a file (`batch_rows.lines_of`), the header first. Nothing is judged but the header.

    Each chunk is durable at once. Broken off and begun again with the same file, it goes on where it was: chunks that
    are there are passed over. Raises InvalidInput for a header nobody knows and for more than a million rows.
    """
    batch = _own(public_id, by)
    stream = iter(lines)
    _begin(batch, batch_rows.read_header(next(stream, "")))
    there = set(Chunk.objects.filter(batch=batch).values_list("number", flat=True))
    total, number = 0, 0
    while chunk := list(islice(stream, ROWS_A_CHUNK)):
        if total + len(chunk) > ROWS_MOST:
            raise InvalidInput(_("A batch has at most a million rows."))
        if number not in there:
            _take_in(batch, number, total + 2, chunk)
        total, number = total + len(chunk), number + 1
    if not total:
        raise InvalidInput(_("The file has no rows."))
    return _received(batch, total, by, now)


@transaction.atomic
def _begin(batch: Batch, header: list[str]) -> None:
    batch = _still_open(batch)
    if batch.header not in ([], header):
        raise Conflict(_("This is another file than the one begun with."))
    batch.header = header
    batch.save(update_fields=["header"])


@transaction.atomic
def _take_in(batch: Batch, number: int, first_row: int, lines: list[str]) -> None:
    """One chunk; where the same file comes twice at once, the first to bring it."""
    _still_open(batch)
    raw = batch_rows.pack_lines(lines)
    Chunk.objects.get_or_create(
        batch=batch, number=number, defaults={"first_row": first_row, "rows": len(lines), "raw": raw}
    )


def _still_open(batch: Batch) -> Batch:
    """The batch as it is now, locked: a file takes minutes, and somebody may have taken the batch back meanwhile."""
    batch = Batch.objects.select_for_update().get(pk=batch.pk)
    if batch.state == Batch.State.REFUSED:
        raise Conflict(_("This was decided already."))
    if batch.state != Batch.State.RECEIVING:
        raise Conflict(_("This batch was received whole."))
    return batch


@transaction.atomic
def _received(batch: Batch, total: int, by: Actor, now: datetime) -> Batch:
    batch = _still_open(batch)
    batch.rows, batch.state = total, Batch.State.CHECKING
    batch.save(update_fields=["rows", "state"])
    _audit(batch, "receive", by, now, rows=total)
    _queue(batch)
    return batch


def _own(public_id: UUID, by: Actor) -> Batch:
    by.require(Permission.RECORD_HEALTH)
    batch = visible_to(by).filter(public_id=public_id, recorded_by=by.label).first()
    if batch is None:
        raise NotFound
    if batch.state != Batch.State.RECEIVING:
        raise Conflict(_("This batch was received whole."))
    return batch


@transaction.atomic
def approve_batch(*, public_id: UUID, confirmed_count: int, by: Actor, now: datetime) -> Batch:
    """Approve every accepted row of a batch by reading back how many they are. Not by who sent it."""
    batch = _submitted(public_id, by)
    if batch.recorded_by == by.label:
        raise NotAllowed(_("Another person than who sent the batch approves it."))
    if confirmed_count != batch.accepted_count:
        reason = _("The number is not that of the accepted rows.")
        raise InvalidInput(reason, fields={"confirmed_count": reason})
    if not batch.accepted_count:
        raise Conflict(_("No row of this batch was accepted."))
    batch.approved_by, batch.approved_at = by.label[:60], whole_second(now)
    batch.confirmed_count = confirmed_count
    batch.state = Batch.State.APPROVED
    batch.save(update_fields=["approved_by", "approved_at", "confirmed_count", "state"])
    Chunk.objects.filter(batch=batch).update(attempts=0)
    _audit(batch, "approve", by, now, count=confirmed_count)
    _queue(batch)
    return batch


@transaction.atomic
def refuse_batch(*, public_id: UUID, reason: str, by: Actor, now: datetime) -> Batch:
    """Refuse a batch as a whole; nothing of it is ever signed."""
    batch = _submitted(public_id, by)
    if not reason.strip():
        raise InvalidInput(_("Say why."), fields={"reason": _("missing")})
    batch.refused_by, batch.refusal = by.label[:60], reason.strip()[:300]
    batch.state = Batch.State.REFUSED
    batch.save(update_fields=["refused_by", "refusal", "state"])
    _audit(batch, "refuse", by, now)
    return batch


def _submitted(public_id: UUID, by: Actor) -> Batch:
    by.require(Permission.APPROVE_HEALTH)
    batch = visible_to(by).select_for_update(of=("self",)).filter(public_id=public_id).first()
    if batch is None:
        raise NotFound
    if batch.state != Batch.State.SUBMITTED:
        raise Conflict(_("This batch does not wait for a decision."))
    return batch


def _queue(batch: Batch) -> None:
    for _number in range(WORKERS):
        jobs.after_commit_by_name("work_batch", queue=jobs.BULK, batch_id=batch.pk)


def _audit(batch: Batch, action: str, by: Actor, now: datetime, **detail: object) -> None:
    audit.record(
        by=by,
        action=f"certificate.batch_{action}",
        subject=f"batch:{batch.public_id}",
        now=now,
        detail={"environment": batch.environment, "mission": batch.mission_id, **detail},
    )
