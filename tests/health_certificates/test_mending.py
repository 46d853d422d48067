"""Refused rows as a list to mend: harmless in a spreadsheet, sent again as it is, and nobody is certified twice."""

import csv
import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.urls import reverse

from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import forgetting
from openconsular.health_certificates.actions import batches
from openconsular.health_certificates.forms import batches as forms
from openconsular.health_certificates.models import Batch, BatchFault, Record
from openconsular.health_certificates.queries import batches as reading
from tests.health_certificates.conftest import work
from tests.health_certificates.test_batches import HEADER, file_of, line

pytestmark = pytest.mark.django_db


@pytest.fixture
def mend(as_):
    """The list as a browser gets it: (text, rows)."""

    def fetch(batch, by="clinic"):
        answer = as_(by).get(reverse("certificate-batch-mend", args=[batch.public_id]))
        text = b"".join(answer.streaming_content).decode("utf-8-sig")
        return text, list(csv.DictReader(io.StringIO(text)))

    return fetch


def sheet(rows):
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return ("\ufeff" + out.getvalue()).encode()


def test_refused_rows_come_back_whole_and_are_taken_when_they_are_mended(
    submitted, mend, signing_key, people, now
):
    bad = [line(1, happened_on="2031-01-01"), line(2, family_name="张"), line(4, maker="=1+1")]
    batch = submitted(file_of(line(0), *bad, line(0), line(5)))
    assert batch.accepted_count == 2
    text, rows = mend(batch)
    assert [row["key"] for row in rows] == ["r1", "r2", "r4"]
    assert rows[0]["refused_row"] == "3" and rows[0]["refused_column"] == "happened_on"
    assert "future" in rows[0]["refused_reason"]
    assert rows[2]["maker"] == "'=1+1" and ",=1" not in text
    assert "duplicate" not in text
    rows[0]["happened_on"] = "2026-05-01"
    rows[2]["maker"] = "ORG-100030215"
    again = submitted(sheet(rows))
    assert again.accepted_count == 2
    assert {one.field for one in reading.refused_rows(again.public_id, by=people["clinic"])} == {
        "standard_family_name"
    }
    _text, rest = mend(again)
    assert [row["key"] for row in rest] == ["r2"] and rest[0]["family_name"] == "张"
    # The whole file again, and the mended list again: nobody new.
    assert submitted(file_of(line(0), *bad, line(5))).accepted_count == 0
    assert submitted(sheet(rows)).accepted_count == 0
    assert Record.objects.count() == 4


def test_rows_without_a_key_are_the_same_row_in_both_files(submitted, mend):
    header = HEADER.removeprefix("key,")
    right, wrong = (line(1).partition(",")[2], line(2, happened_on="2031-01-01").partition(",")[2])
    batch = submitted("\r\n".join((header, right, wrong, "")).encode())
    rows = mend(batch)[1]
    rows[0]["happened_on"] = "2026-05-01"
    assert submitted(sheet(rows)).accepted_count == 1
    mended = wrong.replace("2031-01-01", "2026-05-01")
    whole = submitted("\r\n".join((header, right, mended, "")).encode())
    assert whole.accepted_count == 0


def test_a_row_that_is_no_row_is_there_to_be_looked_at(submitted, mend):
    batch = submitted(file_of('"stray', line(3) + ",one,more", "a,b", line(9), "x" * 9000))
    rows = {row["refused_row"]: row for row in mend(batch)[1]}
    assert set(rows) == {"2", "3", "4"}
    assert rows["3"]["happened_on"] == "2026-05-30,one,more"
    assert (rows["4"]["key"], rows["4"]["family_name"], rows["4"]["given_name"]) == ("a", "b", "")


def test_an_apostrophe_of_a_name_stays(submitted, mend):
    batch = submitted(file_of(line(1, family_name="'t Hart", happened_on="")))
    rows = mend(batch)[1]
    assert rows[0]["family_name"] == "'t Hart"
    rows[0]["happened_on"] = "2026-05-01"
    assert submitted(sheet(rows)).accepted_count == 1


def test_the_list_is_for_its_own_sealed_audited_and_goes_by_its_term(submitted, mend, as_, people, now):
    batch = submitted(file_of(line(1, family_name="Qwerty", happened_on="")))
    for name in ("elsewhere", "duty", "admin"):
        assert as_(name).get(reverse("certificate-batch-mend", args=[batch.public_id])).status_code in (
            403,
            404,
        )
    assert mend(batch, "officer")[1]
    assert AuditEntry.objects.filter(action="certificate.batch_mend").count() == 1
    with connection.cursor() as cursor:
        cursor.execute("SELECT f::text FROM health_certificates_batchfault f")
        assert b"Qwerty".hex() not in cursor.fetchone()[0]
    forgetting.forget(now=now + timedelta(days=29))
    assert BatchFault.objects.get().line
    forgetting.forget(now=now + timedelta(days=31))
    assert BatchFault.objects.get().line is None
    assert mend(batch)[1] == []
    assert BatchFault.objects.get().key == "r1"


def test_a_file_of_reasons_alone_is_no_file(submitted):
    with pytest.raises(InvalidInput):
        submitted(b"refused_row,refused_reason\r\n1,x\r\n")


def test_progress_shows_without_scripts_and_stops_when_there_is_nothing_to_wait_for(send, as_, now):
    batch = send(file_of(line(1), line(2, happened_on="")))
    address = reverse("certificate-batch", args=[batch.public_id])
    page = as_("clinic").get(address).content.decode()
    assert '<noscript><meta http-equiv="refresh"' in page and "Look again" in page
    work(batch, now)
    page = as_("clinic").get(address).content.decode()
    assert "http-equiv" not in page and reverse("certificate-batch-mend", args=[batch.public_id]) in page


def test_a_file_too_large_says_how_large_and_how_much_is_taken(monkeypatch):
    monkeypatch.setattr(forms, "FILE_MOST", 3 * forms.MEGABYTE)
    form = forms.FileForm({}, {"file": SimpleUploadedFile("a.csv", bytes(5 * forms.MEGABYTE))})
    assert not form.is_valid()
    assert "5 MB" in form.errors["file"][0] and "3 MB" in form.errors["file"][0]


def test_a_batch_that_was_sent_by_the_desk_is_one_batch(as_, monkeypatch):
    monkeypatch.setattr(batches, "ROWS_A_CHUNK", 2)
    file = SimpleUploadedFile("May.csv", file_of(*(line(i) for i in range(5))), "text/csv")
    answer = as_("clinic").post(
        reverse("certificate-batches"), {"name": "May", "what": "eu-dcc/vaccination", "file": file}
    )
    batch = Batch.objects.get()
    assert answer["Location"] == reverse("certificate-batch", args=[batch.public_id])
    assert (batch.rows, batch.state, batch.chunks.count()) == (5, "checking", 3)
