"""`openconsular ingest`: every file, every item, a reason for each, and never a traceback."""

import io
import json
import os

import pytest
from django.core.management import CommandError, call_command

from openconsular.foundation.permissions import SYSTEM
from openconsular.hazards.ingesting import as_json, ingest
from openconsular.hazards.models import Hazard, Quarantined
from tests.conftest import NOW
from tests.domain.cap.messages import alert, geocodes, info, polygons
from tests.hazards.test_area_codes import archive, shape

pytestmark = pytest.mark.django_db

OVER = "<effective>2026-05-30T06:00:00Z</effective><expires>2026-05-31T18:00:00Z</expires>"
COUNTS = {"read", "hazards", "quarantined", "ignored"}


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "alerts"
    for name, content in {
        "at/one.xml": alert(),
        "at/over.xml": alert(info(times=OVER), identifier="over"),
        "at/swapped.cap": alert(info(area=polygons("100,13 101,13 101,14 100,13")), identifier="s"),
        "us/feed.atom": b'<feed xmlns="http://www.w3.org/2005/Atom"><entry><link type="application/cap+xml" href="https://a.example.org/1"/></entry></feed>',
        "us/bomb.xml": b'<!DOCTYPE a [<!ENTITY x "y">]><alert>&x;</alert>',
        "us/empty.xml": b"",
        "notes.txt": b"Hello",
    }.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return root


def run(*arguments):
    out = io.StringIO()
    call_command("ingest", *map(str, arguments), "--as-of", NOW.isoformat(), stdout=out)
    return out.getvalue()


def test_the_shape_of_the_report(folder):
    report = json.loads(run(folder, "--json"))
    assert {name: report[name] for name in COUNTS} == {
        "read": 7,
        "hazards": 1,
        "quarantined": 3,
        "ignored": 3,
    }
    assert set(report["sources"]) == {"alerts", "at", "us"}
    for source in report["sources"].values():
        assert set(source) == COUNTS | {"items"}
        assert (
            source["read"]
            == source["hazards"] + source["quarantined"] + source["ignored"]
            == len(source["items"])
        )
        for item in source["items"]:
            assert set(item) == {"file", "outcome", "code", "reason", "remarks", "title", "hazard"}
            assert item["reason"] or item["outcome"] == "hazard"
    by_file = {
        item["file"]: item["code"] for source in report["sources"].values() for item in source["items"]
    }
    assert by_file == {
        "at/one.xml": "new",
        "at/over.xml": "expired",
        "at/swapped.cap": "coordinates-swapped",
        "notes.txt": "text-only",
        "us/bomb.xml": "xml-doctype",
        "us/empty.xml": "document-empty",
        "us/feed.atom": "link-not-followed",
    }
    assert report["changed"] == [Hazard.objects.get().pk]


def test_in_words(folder):
    said = run(folder)
    assert "at: 3 read, 1 hazards, 1 quarantined, 1 ignored" in said
    assert "Total: 7 read, 1 hazards, 3 quarantined, 3 ignored" in said
    assert "Expired on 2026-05-31 18:00 UTC" in said
    assert "longitude was written first" in said


def test_again_nothing_new_happens(folder):
    run(folder)
    report = json.loads(run(folder, "--json"))
    assert (report["hazards"], report["changed"]) == (0, [])
    assert Hazard.objects.count() == 1
    assert Quarantined.objects.count() == 3


@pytest.mark.parametrize(
    ("as_of", "code"),
    [("2026-05-31T12:00", "new"), ("2026-06-01T08:00", "expired"), ("2026-05-20", "sent-in-the-future")],
)
def test_at_another_time(folder, as_of, code):
    out = io.StringIO()
    call_command("ingest", str(folder / "at/over.xml"), "--json", "--as-of", as_of, stdout=out)
    assert json.loads(out.getvalue())["sources"]["over.xml"]["items"][0]["code"] == code


def test_an_instant_that_is_none_is_said(folder, capsys):
    with pytest.raises(CommandError, match="not an instant"):
        call_command("ingest", str(folder), "--as-of", "yesterday")


def test_a_cancel_from_another_file_and_run_counts(folder):
    run(folder / "at/one.xml")
    cancel = folder / "cancel.xml"
    cancel.write_bytes(
        alert(
            identifier="c",
            sent="2026-06-01T06:00:00Z",
            msg_type="Cancel",
            references="office@example.org,one,2026-06-01T05:00:00Z",
        )
    )
    assert json.loads(run(cancel, "--json"))["sources"]["cancel.xml"]["items"][0]["code"] == "cancelled"
    assert not Hazard.objects.get().is_active


def test_codes_are_loaded_when_asked_and_offered_when_not(folder):
    registries = folder.parent / "geocode"
    registries.mkdir()
    archive(registries / "EMMA_ID.tar.gz", [("EMMA_ID/AT001.geojson", shape())])
    coded = folder / "at" / "coded.xml"
    coded.write_bytes(alert(info(area=geocodes(("EMMA_ID", "AT001"))), identifier="coded"))
    said = run(folder)
    assert "openconsular geocodes" in said
    assert Hazard.objects.count() == 1
    [hint] = json.loads(run(coded, "--json"))["hints"]
    assert "1 alerts" in hint and "EMMA_ID" in hint and "--geocodes" in hint
    report = json.loads(run(coded, "--json", "--geocodes", registries))
    assert report["hints"] == []
    assert report["hazards"] == 1


def test_what_is_not_there_or_not_readable(folder, monkeypatch):
    assert "is not there" in run(folder / "nothing")
    if os.geteuid() != 0:
        (folder / "at/one.xml").chmod(0)
        assert "cannot be read" in run(folder / "at/one.xml")


def test_large_files_are_not_read(folder, monkeypatch):
    monkeypatch.setattr("openconsular.hazards.ingesting.MAX_DOCUMENT_BYTES", 100)
    report = json.loads(run(folder / "at/one.xml", "--json"))
    assert report["sources"]["one.xml"]["items"][0]["code"] == "document-too-large"


def test_the_core_is_callable(folder):
    seen = []
    report = ingest(
        [folder], as_of=NOW, by=SYSTEM, progress=lambda number, count, name: seen.append((number, count))
    )
    assert seen == [(n, 7) for n in range(1, 8)]
    assert report.changed == [Hazard.objects.get().pk]
    assert as_json(report)["hazards"] == 1


def test_names_of_files_cannot_command_the_terminal(folder):
    (folder / "at" / "x\x1b[2J\udcff.xml").write_bytes(b"")
    said = run(folder)
    assert "\x1b" not in said
    said.encode()
