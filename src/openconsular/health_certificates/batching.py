"""Working off a batch, chunk by chunk, by as many processes as there are.

A chunk is claimed by the lock on its row: whoever dies lets go of it, and everything it did for the chunk with it. So
a chunk is done once and whole, and nothing waits for a lease to run out. What a chunk is signed with and when is
written down before, so that signing it again after a crash makes the very same certificates.
"""

import os
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

import psycopg
from django.db import IntegrityError, transaction
from django.db.models import Sum

from openconsular.foundation import audit
from openconsular.foundation.database import copy_rows, raw_connection
from openconsular.foundation.secrets import seal, unseal
from openconsular.health_certificates import alarms, batch_rows, rules, signing
from openconsular.health_certificates.batch_rows import Accepted, Fault
from openconsular.health_certificates.models import Alarm, Batch, Chunk, Record
from openconsular.health_certificates.queries.keys import signing_key
from openconsular.health_certificates.signing import ToSign

Clock = Callable[[], datetime]
# A worker that is killed counts as well; what kills a hundred of them is looked at by a person.
MOST_ATTEMPTS = 100

_RECORD = {
    "public_id": "uuid",
    "environment": "varchar",
    "format": "varchar",
    "kind": "varchar",
    "mission_id": "int8",
    "batch_id": "int8",
    "row_number": "int4",
    "row_hash": "bytea",
    "content": "bytea",
    "content_mac": "bytea",
    "holder_hash": "bytea",
    "document_hash": "bytea",
    "recorded_by": "varchar",
    "recorded_at": "timestamptz",
}
_FAULT = {
    "batch_id": "int8",
    "row": "int4",
    "key": "bytea",
    "field": "varchar",
    "code": "varchar",
    "line": "bytea",
}
_OF_CHUNK = """
SELECT id, public_id, format, content, content_mac FROM health_certificates_record
WHERE batch_id = %s AND row_number BETWEEN %s AND %s ORDER BY id
"""
State = Chunk.State


def work(batch_id: int, clock: Clock, *, most: int | None = None) -> int:
    """Check or sign chunks of a batch until none is left for this process, or `most` are done. Returns how many."""
    done = 0
    while most is None or done < most:
        if not _one(batch_id, clock):
            break
        done += 1
    _settle(batch_id, clock())
    return done


def _one(batch_id: int, clock: Clock) -> bool:
    """One chunk of whatever the batch is at. False when nothing is left, or what is left others have in hand."""
    batch = Batch.objects.get(pk=batch_id)
    if batch.state == Batch.State.CHECKING:
        return _check_one(batch, clock)
    if batch.state == Batch.State.APPROVED:
        return _sign_one(batch, clock)
    return False


def _claim(batch: Batch, state: str) -> Chunk | None:
    chunks = Chunk.objects.select_for_update(skip_locked=True)
    return chunks.filter(batch=batch, state=state, attempts__lt=MOST_ATTEMPTS).order_by("number").first()


def _check_one(batch: Batch, clock: Clock) -> bool:
    chunk: Chunk | None = None
    try:
        with transaction.atomic():
            chunk = _claim(batch, State.RECEIVED)
            if chunk is None:
                return False
            accepted, faults = batch_rows.check_rows(batch, chunk.first_row, chunk.raw or "[]", clock())
            _store_records(batch, accepted)
            _store_faults(batch, faults)
            chunk.state, chunk.raw = State.CHECKED, None
            chunk.accepted, chunk.refused = len(accepted), len(faults)
            chunk.save(update_fields=["state", "raw", "accepted", "refused"])
    except IntegrityError:
        # The same row in another file at this very moment: with that one committed, this one is a duplicate.
        if chunk is not None:
            Chunk.objects.filter(pk=chunk.pk).update(attempts=chunk.attempts + 1)
    return True


def _store_records(batch: Batch, accepted: Sequence[Accepted]) -> None:
    rows = (
        (
            _ordered_uuid(),
            batch.environment,
            batch.format,
            batch.kind,
            batch.mission_id,
            batch.pk,
            one.row,
            one.row_hash,
            seal(one.content, "health_certificates.record.content"),
            one.content_mac,
            one.holder_hash,
            one.document_hash,
            batch.recorded_by,
            batch.recorded_at,
        )
        for one in accepted
    )
    copy_rows("health_certificates_record", list(_RECORD), rows, types=list(_RECORD.values()))


def _ordered_uuid() -> uuid.UUID:
    """A UUID of version 7 (RFC 9562 section 5.7): rows written together lie together in the index."""
    random = int.from_bytes(os.urandom(10), "big")
    bits = (time.time_ns() // 1_000_000) << 80 | random & ~(0xF << 76) & ~(0x3 << 62)
    return uuid.UUID(int=bits | 0x7 << 76 | 0x2 << 62)


def _store_faults(batch: Batch, faults: Sequence[Fault]) -> None:
    rows = (
        (
            batch.pk,
            one.row,
            seal(one.key, "health_certificates.batchfault.key"),
            one.field,
            one.code,
            None if one.line is None else seal(one.line, "health_certificates.batchfault.line"),
        )
        for one in faults
    )
    copy_rows("health_certificates_batchfault", list(_FAULT), rows, types=list(_FAULT.values()))


# ------------------------------------------------------------------ signing


def _sign_one(batch: Batch, clock: Clock) -> bool:
    signing.require_running()
    if _is_held(batch):
        return False
    now = clock()
    with transaction.atomic():
        chunk = _claim(batch, State.CHECKED)
        if chunk is None:
            return False
        if chunk.signs_at is None:
            # Durable before the first signature: see the top of this file.
            key = signing_key(
                kind=batch.kind, now=now, lives=rules.current().valid_for[batch.format], count=chunk.accepted
            )
            chunk.key, chunk.signs_at = key, signing.whole_second(now)
        chunk.attempts += 1
        chunk.save(update_fields=["key", "signs_at", "attempts"])
    with transaction.atomic():
        mine = Chunk.objects.select_for_update(skip_locked=True, of=("self",)).filter(
            pk=chunk.pk, state=State.CHECKED
        )
        taken = mine.select_related("key").first()
        if taken is not None and taken.key is not None and taken.signs_at is not None:
            _sign_chunk(batch, taken)
    return True


def _is_held(batch: Batch) -> bool:
    subjects = [batch.recorded_by, f"mission:{batch.mission_id}"]
    return Alarm.objects.filter(environment=batch.environment, subject__in=subjects, settled_at=None).exists()


def _sign_chunk(batch: Batch, chunk: Chunk) -> None:
    assert chunk.key is not None and chunk.signs_at is not None
    sealer = signing.sealer_of(chunk.key)
    signed, failures = signing.sign(_to_sign(batch, chunk), key=chunk.key, sealer=sealer, at=chunk.signs_at)
    signing.store(signed, key=chunk.key, at=chunk.signs_at)
    for failure in failures:
        Record.objects.filter(pk=failure.record_id).update(fault=failure.code[:40])
    rows = dict(
        Record.objects.filter(pk__in=[one.record_id for one in failures]).values_list("pk", "row_number")
    )
    _store_faults(batch, [Fault(rows[one.record_id] or 0, "", "", one.code) for one in failures])
    chunk.state, chunk.signed, chunk.failed = State.SIGNED, len(signed), len(failures)
    chunk.save(update_fields=["state", "signed", "failed"])


def _to_sign(batch: Batch, chunk: Chunk) -> Iterator[ToSign]:
    # Django's own cursors bind on our side and cannot take binary answers, which are half the work here.
    with psycopg.Cursor(raw_connection()) as cursor:
        values = [batch.pk, chunk.first_row, chunk.first_row + chunk.rows - 1]
        cursor.execute(_OF_CHUNK, values, binary=True)
        for record_id, public_id, form, content, content_mac in cursor.fetchall():
            words = unseal(content, "health_certificates.record.content")
            yield ToSign(record_id, public_id, form, words, content_mac)


# ------------------------------------------------------------------ the batch as a whole


def _settle(batch_id: int, now: datetime) -> None:
    """Move a batch on when its last chunk is done. Every worker looks after its own last commit; one will see all."""
    with transaction.atomic():
        batch = Batch.objects.select_for_update().get(pk=batch_id)
        open_ones = Chunk.objects.filter(batch=batch)
        if batch.state == Batch.State.CHECKING and not open_ones.filter(state=State.RECEIVED).exists():
            batch.accepted_count = open_ones.aggregate(sum=Sum("accepted"))["sum"] or 0
            batch.state = Batch.State.SUBMITTED
        elif batch.state == Batch.State.APPROVED and not open_ones.exclude(state=State.SIGNED).exists():
            batch.state, batch.finished_at = Batch.State.DONE, now
        else:
            return
        batch.save(update_fields=["accepted_count", "state", "finished_at"])
        audit.record(
            by=alarms.WATCH,
            action=f"certificate.batch_{batch.state}",
            subject=f"batch:{batch.public_id}",
            now=now,
            detail={"accepted": batch.accepted_count},
        )
