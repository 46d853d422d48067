"""The command line: from keys to a verified batch, and numbers that agree."""

import io
import json

import pytest
from django.core.management import call_command
from django.db import connection

from openconsular.domain.health.carriers.codes import qr_png
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import batch_processes, batching
from openconsular.health_certificates.models import Batch, Issued
from tests.health_certificates.test_batches import file_of, line

pytestmark = pytest.mark.django_db


def run(*arguments, code=0):
    out = io.StringIO()
    try:
        call_command("certificates", *map(str, arguments), stdout=out)
        got = 0
    except SystemExit as end:
        got = end.code
    assert got == code, out.getvalue()
    return out.getvalue()


@pytest.fixture
def in_this_process(monkeypatch):
    """A test's transaction cannot be seen from another process."""
    from django.utils import timezone

    monkeypatch.setattr(batch_processes, "run", lambda pk, processes: batching.work(pk, timezone.now))


def test_from_keys_to_a_batch_that_verifies(tmp_path, people, in_this_process):
    assert run("keys", "demo").count("in use") == 3
    assert "test-dsc: test dsc active" in run("keys", "list")
    assert "BEGIN CERTIFICATE" in run("keys", "show", "test-dsc")
    path = tmp_path / "may.csv"
    path.write_bytes(file_of(line(1), line(2), line(3, dose="x")))
    told = run("issue-batch", path, "--by", "clinic")
    number = told.split()[1]
    assert "3 rows, 2 accepted, 1 refused" in told
    assert "2 signed" in run("batch", "approve", number, "--count", 2, "--by", "officer")
    run("batch", "faults", number, "--out", tmp_path / "faults.csv", "--by", "officer")
    assert "\n4,r3,dose," in (tmp_path / "faults.csv").read_text("utf-8-sig")
    run("batch", "export", number, "--out", tmp_path / "out.csv", "--by", "officer")
    assert (tmp_path / "out.csv").stat().st_mode & 0o777 == 0o600, "it holds certificates"
    texts = [row.split(",")[2] for row in (tmp_path / "out.csv").read_text("utf-8-sig").splitlines()[1:]]
    folder = tmp_path / "handed over"
    folder.mkdir()
    (folder / "codes.txt").write_text("\n".join(texts))
    (folder / "code.png").write_bytes(qr_png(texts[0]))
    (folder / "noise.png").write_bytes(b"\x89PNG nothing")
    (folder / "other.txt").write_text("HC1:NOTHING\n")
    rows = [json.loads(row) for row in run("verify", folder, "--json", code=1).splitlines()]
    assert [row["state"] for row in rows].count("valid") == 3
    assert {row["layer"] for row in rows if not row["isValid"]} >= {"picture"}
    assert "2 of 2 valid" in run("verify", folder / "codes.txt", "--names")
    assert Batch.objects.get().state == "done"
    agreed = run("reconcile")
    assert "everything agrees" in agreed
    run("publish")
    identifier = Issued.objects.first().identifier
    assert "revoked" in run("revoke", identifier, "--reason", "error", "--by", "officer")
    run("publish")
    assert "1 of 2 valid" in run("verify", folder / "codes.txt", code=1)


def test_numbers_that_do_not_agree_are_told(issued):
    issued()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE health_certificates_signingkey SET signed_count = 7")
        cursor.execute("DELETE FROM foundation_auditentry WHERE action = 'certificate.sign'")
        cursor.execute("UPDATE health_certificates_record SET approved_by = recorded_by WHERE false")
        cursor.execute("SET session_replication_role = origin")
    told = run("reconcile", code=1)
    assert "1 certificates without an audit entry" in told
    assert "says 7 signatures and has 1" in told
    assert AuditEntry.objects.exists()


def test_lists_and_clients(tmp_path, signing_key):
    run("trust", "add", "their-list", "--kind", "dsc-list")
    assert "never taken" in run("trust", "list", code=1)
    told = run("client", "add", "Airline", "--scope", "verify")
    assert "oc_" in told
    run("client", "end", told.split()[0])
    assert "ended" in run("client", "list")
