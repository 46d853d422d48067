"""A clinic's file: every row that can be is signed once, every other is told with its reason, whatever dies meanwhile."""

import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Format, Kind
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import batch_rows, batching, signing
from openconsular.health_certificates.actions import batches, issuing
from openconsular.health_certificates.models import Batch, BatchFault, Chunk, Issued, Record, SigningKey
from openconsular.health_certificates.queries import batches as reading
from tests.health_certificates.conftest import work

HEADER = "key,family_name,given_name,born_on,vaccine,product,maker,dose,doses,happened_on"


def line(i, **change):
    fields = {
        "key": f"r{i}",
        "family_name": "Zhang",
        "given_name": f"San{chr(65 + i % 26)}",
        "born_on": "1980-05-17",
        "vaccine": "1119349007",
        "product": "EU/1/20/1528",
        "maker": "ORG-100030215",
        "dose": "1",
        "doses": "2",
        "happened_on": "2026-05-30",
    } | change
    return ",".join(fields.values())


def file_of(*lines):
    return "\r\n".join((HEADER, *lines, "")).encode()


def approve(batch, people, now, by="officer"):
    return batches.approve_batch(
        public_id=batch.public_id, confirmed_count=batch.accepted_count, by=people[by], now=now
    )


@pytest.mark.django_db
def test_a_batch_from_file_to_certificates(submitted, people, signing_key, now):
    batch = submitted(file_of(*(line(i) for i in range(12))))
    assert (batch.state, batch.rows, batch.accepted_count) == ("submitted", 12, 12)
    assert not Issued.objects.exists()
    approve(batch, people, now)
    work(batch, now)
    told = reading.progress(batch)
    assert (batch.state, told.signed, told.share) == ("done", 12, 1.0)
    rows = list(reading.certificates_of(batch.public_id, by=people["officer"], now=now))
    assert [row for row, *_ in rows] == list(range(2, 14))
    names = {formats.read(text).certificate.holder.given_name for _, _, text in rows}
    assert names == {f"San{chr(65 + i)}" for i in range(12)}
    signed = AuditEntry.objects.filter(action=signing.ACTION).values_list("subject", flat=True)
    assert sorted(signed) == sorted(f"certificate:{identifier}" for _, identifier, _ in rows)
    assert SigningKey.objects.get(pk=signing_key.pk).signed_count == 12


@pytest.mark.django_db
def test_a_refused_row_stops_nothing_and_is_told(submitted, people, now):
    bad = [
        line(1, happened_on="2031-01-01"),
        '"a stray quotation mark,' + line(2),
        line(3) + ",one column more",
        line(4, family_name="张"),
        "x" * 9000,
        line(0),
        line(6, family_name="=HYPERLINK()"),
        line(7, maker="=1+1"),
    ]
    batch = submitted(file_of(line(0), *bad, line(9)) + b"\xff\xfe,broken\r\n")
    assert (batch.rows, batch.accepted_count) == (11, 2)
    told = {
        one.row: (one.field, one.code) for one in reading.refused_rows(batch.public_id, by=people["clinic"])
    }
    assert told == {
        3: ("happened_on", "in-the-future"),
        4: ("", "row-unreadable"),
        5: ("", "wrong-columns"),
        6: ("standard_family_name", "needed-for-script"),
        7: ("", "row-too-long"),
        8: ("key", "duplicate-row"),
        9: ("standard_family_name", "needed-for-script"),
        10: ("maker", "not-a-code"),
        12: ("", "wrong-columns"),
    }
    assert all(one.reason != one.code for one in reading.refused_rows(batch.public_id, by=people["clinic"]))


@pytest.mark.django_db
def test_a_key_that_would_be_a_formula_is_harmless_in_the_export(submitted, people):
    batch = submitted(file_of(line(1, key="=cmd|' /C calc'!A0", happened_on="")))
    rows = [
        (one.row, one.key, one.reason) for one in reading.refused_rows(batch.public_id, by=people["clinic"])
    ]
    text = b"".join(csv_download("faults.csv", ("row", "key", "reason"), rows).streaming_content).decode()
    assert "2,'=cmd|" in text


@pytest.mark.django_db
def test_the_same_rows_again_are_not_certified_again(submitted):
    content = file_of(*(line(i) for i in range(7)))
    assert submitted(content).accepted_count == 7
    again = submitted(content + line(8).encode())
    assert again.accepted_count == 1
    assert set(BatchFault.objects.filter(batch=again).values_list("code", flat=True)) == {"duplicate-row"}


@pytest.mark.django_db
def test_a_broken_off_transfer_goes_on_where_it_was(send, people, now):
    content = file_of(*(line(i) for i in range(12)))
    batch = batches.open_batch(
        name="x", certificate_format=Format.EU_DCC, kind=Kind.VACCINATION, by=people["clinic"], now=now
    )

    def broken():
        yield from list(batch_rows.lines_of(io.BytesIO(content)))[:8]
        raise ConnectionError

    with pytest.raises(ConnectionError):
        batches.receive(public_id=batch.public_id, lines=broken(), by=people["clinic"], now=now)
    assert Chunk.objects.filter(batch=batch).count() == 1
    assert send(content, batch=batch).rows == 12
    assert list(Chunk.objects.filter(batch=batch).order_by("number").values_list("first_row", "rows")) == [
        (2, 5),
        (7, 5),
        (12, 2),
    ]
    with pytest.raises(Conflict):
        send(content, batch=batch)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content", [b"", b"key,shoe_size\n1,2\n", HEADER.encode(), b"key,key\n1,2\n", b"\x00\x01\x02\xff"]
)
def test_a_file_without_sense_is_refused_as_a_whole(send, content):
    with pytest.raises(InvalidInput):
        send(content)


@pytest.mark.django_db
def test_two_persons_and_the_number_read_back(submitted, people, now):
    batch = submitted(file_of(line(1), line(2)), by="officer")
    with pytest.raises(NotAllowed):
        approve(batch, people, now, by="officer")
    with pytest.raises(InvalidInput):
        batches.approve_batch(public_id=batch.public_id, confirmed_count=3, by=people["second"], now=now)
    for sql in (
        "UPDATE health_certificates_batch SET approved_by = recorded_by, approved_at = now(), confirmed_count = 2",
        "UPDATE health_certificates_batch SET approved_by = 'x', approved_at = now(), confirmed_count = 3",
        "UPDATE health_certificates_batch SET state = 'approved'",
    ):
        with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    approve(batch, people, now, by="second")


@pytest.mark.django_db
def test_nothing_is_added_to_a_batch_that_was_approved(submitted, people, now):
    batch = submitted(file_of(line(1), line(2)))
    approve(batch, people, now)
    record = Record.objects.first()
    record.pk, record.public_id, record.row_hash, record._state.adding = None, batch.public_id, None, True
    with pytest.raises(IntegrityError), transaction.atomic():
        record.save(force_insert=True)


@pytest.mark.django_db
def test_who_may_decide_about_a_batch(submitted, people, now):
    for name in people:
        if name in ("officer", "second", "health", "health2"):
            continue
        batch = submitted(file_of(line(1, key=name)))
        with pytest.raises((NotAllowed, NotFound)):
            approve(batch, people, now, by=name)


@pytest.mark.django_db
def test_stopping_ends_a_batch_in_its_middle(submitted, people, signing_key, now):
    batch = submitted(file_of(*(line(i) for i in range(12))))
    approve(batch, people, now)
    batching.work(batch.pk, lambda: now, most=1)
    issuing.stop_issuing(reason="wrong vaccine", by=people["health"], now=now)
    with pytest.raises(signing.Stopped):
        work(batch, now)
    assert Issued.objects.count() == 5
    issuing.resume_issuing(by=people["health2"], now=now)
    assert work(batch, now).state == "done"
    assert Issued.objects.count() == 12


@pytest.mark.django_db
def test_a_chunk_signed_again_is_the_same_certificates(submitted, people, signing_key, now):
    batch = submitted(file_of(*(line(i) for i in range(5))))
    approve(batch, people, now)

    class Died(Exception):
        pass

    seen = []

    def die(signed, **_):
        seen.append([one.sealed.text for one in signed])
        raise Died

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(signing, "store", die)
        for minute in range(2):
            with pytest.raises(Died):
                batching.work(batch.pk, lambda at=minute: now + timedelta(minutes=at))
    work(batch, now + timedelta(minutes=5))
    stored = list(Issued.objects.order_by("record_id").values_list("text", flat=True))
    assert seen[0] == seen[1] == stored


WORKER = """
import sys, django
django.setup()
from django.db import connections
from django.utils import timezone
connections["default"].settings_dict["NAME"] = sys.argv[2]
from openconsular.health_certificates import batching
print("ready", flush=True)
batching.work(int(sys.argv[1]), timezone.now)
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_workers_killed_at_any_moment_lose_nothing_and_sign_nothing_twice(
    send, people, signing_key, monkeypatch
):
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 40)
    count = 800
    batch = send(file_of(*(line(i) for i in range(count))))
    environment = dict(os.environ, DJANGO_SETTINGS_MODULE="openconsular.config.settings")
    killed = 0

    def start():
        return subprocess.Popen(
            [sys.executable, "-c", WORKER, str(batch.pk), connection.settings_dict["NAME"]],
            env=environment,
            stdout=subprocess.PIPE,
        )

    def until(state):
        nonlocal killed
        for attempt in range(40):
            batch.refresh_from_db()
            if batch.state == state:
                return
            worker = start()
            worker.stdout.readline()
            # At a different moment each time; later ones are let live longer, so that it comes to an end.
            time.sleep(0.05 + 0.07 * attempt)
            if worker.poll() is None:
                worker.send_signal(signal.SIGKILL)
                killed += 1
            worker.wait()
            worker.stdout.close()
        raise AssertionError(batch.state)

    until("submitted")
    assert batch.accepted_count == count
    approve(batch, people, timezone.now())
    until("done")
    assert killed >= 3
    assert Issued.objects.count() == count == Record.objects.filter(batch=batch).count()
    subjects = list(AuditEntry.objects.filter(action=signing.ACTION).values_list("subject", flat=True))
    assert len(subjects) == len(set(subjects)) == count
    assert SigningKey.objects.get(pk=signing_key.pk).signed_count == count
    assert set(Batch.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.django_db
def test_a_row_that_turns_out_not_to_be_signable_is_told_and_stops_nothing(
    submitted, people, signing_key, now
):
    batch = submitted(file_of(line(1), line(2), line(3)))
    record = Record.objects.get(row_number=3)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', 'replica', true)")
    Record.objects.filter(pk=record.pk).update(content_mac=b"x" * 32)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('session_replication_role', 'origin', true)")
    approve(batch, people, now)
    assert work(batch, now).state == "done"
    told = reading.progress(batch)
    assert (told.signed, told.failed) == (2, 1)
    codes = {one.row: one.code for one in reading.refused_rows(batch.public_id, by=people["clinic"])}
    assert codes == {3: "record-altered"}
