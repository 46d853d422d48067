"""Reading batches: who may see which, how far one is, what was refused and why."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum

from openconsular.domain.health.carriers import codes
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.health_certificates.batch_rows import TOLD
from openconsular.health_certificates.models import Batch, BatchFault, Chunk, Issued
from openconsular.health_certificates.reasons import reason_text


def visible_to(actor: Actor) -> QuerySet[Batch]:
    """As with records: health officers see all, a mission's staff its own, a clinic what it sent itself."""
    batches = Batch.objects.filter(environment=settings.CERTIFICATES)
    if not actor.can(Permission.SEE_HEALTH):
        return batches.none()
    if actor.sees_every_mission:
        return batches
    batches = batches.filter(mission_id=actor.mission_id or 0)
    return batches if actor.can(Permission.APPROVE_HEALTH) else batches.filter(recorded_by=actor.label)


@dataclass(frozen=True)
class Progress:
    """How far a batch is, in rows."""

    batch: Batch
    rows: int
    checked: int
    accepted: int
    refused: int
    signed: int
    failed: int

    @property
    def share(self) -> float:
        """0 to 1, of what it is at: checking or signing."""
        if self.batch.state in (Batch.State.APPROVED, Batch.State.DONE):
            return (self.signed + self.failed) / self.accepted if self.accepted else 1.0
        return self.checked / self.rows if self.rows else 0.0


def batch_by_id(public_id: UUID, *, by: Actor) -> Batch:
    batch = visible_to(by).select_related("mission").filter(public_id=public_id).first()
    if batch is None:
        raise NotFound
    return batch


def progress(batch: Batch) -> Progress:
    chunks = Chunk.objects.filter(batch=batch)
    sums = chunks.aggregate(
        rows=Sum("rows"),
        accepted=Sum("accepted"),
        refused=Sum("refused"),
        signed=Sum("signed"),
        failed=Sum("failed"),
    )
    numbers = {name: value or 0 for name, value in sums.items()}
    return Progress(batch=batch, checked=numbers["accepted"] + numbers["refused"], **numbers)


@dataclass(frozen=True)
class RefusedRow:
    """`row` is the line in the file; the header is line 1."""

    row: int
    key: str
    field: str
    code: str
    reason: str


def refused_rows(public_id: UUID, *, by: Actor) -> Iterator[RefusedRow]:
    """Every refused row with its reason, in the order of the file, without holding all in memory."""
    batch = batch_by_id(public_id, by=by)
    faults = BatchFault.objects.filter(batch=batch).order_by("row", "pk")
    for one in faults.iterator(chunk_size=2000):
        yield RefusedRow(one.row, one.key, one.field, one.code, reason_text(one.code))


def rows_to_mend(public_id: UUID, *, by: Actor, now: datetime) -> tuple[list[str], Iterator[list[str]]]:
    """(header, rows): the refused rows as they were sent, each with its number, column and reason behind it.

    Mended, the list may be sent as a file. Rows that were sent before are not in it, nor any whose words went by their
    term. Audited, since it holds what clinics wrote of people.
    """
    batch = batch_by_id(public_id, by=by)
    audit.record(
        by=by, action="certificate.batch_mend", subject=f"batch:{batch.public_id}", now=now, detail={}
    )
    header = [name for name in batch.header if name not in TOLD]
    faults = BatchFault.objects.filter(batch=batch, line__isnull=False).order_by("row", "pk")

    def rows() -> Iterator[list[str]]:
        for one in faults.iterator(chunk_size=2000):
            cells = _cells(one.line or "", batch.header)
            yield [*cells, str(one.row), one.field, reason_text(one.code)]

    return [*header, *TOLD], rows()


def _cells(line: str, header: list[str]) -> list[str]:
    """The cells of a refused row under its header; of one that has other columns as many as there are to show."""
    try:
        cells = next(csv.reader([line]), [])
    except csv.Error:
        cells = [line]
    if len(cells) == len(header):
        return [cell for name, cell in zip(header, cells, strict=True) if name not in TOLD]
    own = len(set(header) - set(TOLD))
    cells = [*cells[: own - 1], ",".join(cells[own - 1 :])]
    return [*cells, *("",) * (own - len(cells))]


def certificates_of(public_id: UUID, *, by: Actor, now: datetime) -> Iterator[tuple[int, str, str]]:
    """(row, identifier, text of its code) of every certificate of a batch, for printing.

    A health card of several codes has one a line. The reading is audited as one.
    """
    batch = batch_by_id(public_id, by=by)
    audit.record(
        by=by, action="certificate.batch_export", subject=f"batch:{batch.public_id}", now=now, detail={}
    )
    found = Issued.objects.filter(record__batch=batch).order_by("record__row_number")
    rows = found.values_list("record__row_number", "identifier", "text")
    for row, identifier, text in rows.iterator(chunk_size=2000):
        yield row or 0, identifier, "\n".join(codes.texts_of(str(text))) if text else ""


def unfinished(*, now: datetime) -> list[int]:
    """Batches with work to be done: for the sweep, whatever became of their jobs."""
    at_work = (Batch.State.CHECKING, Batch.State.APPROVED)
    batches = Batch.objects.filter(environment=settings.CERTIFICATES, state__in=at_work)
    return list(batches.order_by("pk").values_list("pk", flat=True)[:50])
