"""Registries of area codes from files, also from files made to hurt."""

import io
import json
import tarfile

import pytest
from django.core.management import call_command

from openconsular.foundation.permissions import SYSTEM
from openconsular.hazards import actions, queries
from openconsular.hazards.geocode_files import read_registries
from openconsular.hazards.models import Geocode, Hazard
from tests.conftest import NOW
from tests.domain.cap.messages import alert, geocodes, info

FEATURE = {
    "type": "Feature",
    "properties": {},
    "geometry": {"type": "Polygon", "coordinates": [[[16, 47], [17, 47], [17, 48], [16, 47]]]},
}


def archive(path, files=(), links=()):
    """files: (name, bytes); links: (name, target)."""
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files:
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for name, target in links:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return path


def shape(x=16):
    ring = [[x, 47], [x + 1, 47], [x + 1, 48], [x, 47]]
    return json.dumps({**FEATURE, "geometry": {"type": "Polygon", "coordinates": [ring]}}).encode()


def test_an_archive_with_links_into_another(tmp_path):
    archive(tmp_path / "EMMA_ID.tar.gz", [("data/EMMA_ID/AT001.geojson", shape())])
    archive(tmp_path / "NUTS2.tar.gz", links=[("data/NUTS2/AT11.geojson", "../EMMA_ID/AT001.geojson")])
    found = read_registries([tmp_path])
    assert set(found.areas) == {("EMMA_ID", "AT001"), ("NUTS2", "AT11")}
    assert found.areas["NUTS2", "AT11"].covers(47.4, 16.8)
    assert found.faults == []


def test_a_folder_of_files(tmp_path):
    (tmp_path / "UGC").mkdir()
    (tmp_path / "UGC" / "nvc013.geojson").write_bytes(shape())
    assert set(read_registries([tmp_path]).areas) == {("UGC", "NVC013")}


@pytest.mark.parametrize(
    ("files", "links"),
    [
        ([("../../../etc/X/a.geojson", b"{")], []),
        ([("X/a.geojson", b"[" * 10_000)], []),
        ([("X/a.geojson", b'{"type": "Point", "coordinates": [1, 2]}')], []),
        ([("X/a.geojson", b'{"type": "FeatureCollection", "features": []}')], []),
        ([], [("X/a.geojson", "/etc/hostname")]),
        ([], [("X/a.geojson", "../../../../etc/passwd.geojson")]),
        ([], [("X/a.geojson", "b.geojson"), ("X/b.geojson", "a.geojson")]),
        ([], [("X/a.geojson", "a.geojson")]),
    ],
)
def test_what_cannot_be_used_is_a_sentence(tmp_path, files, links):
    found = read_registries([archive(tmp_path / "X.tar.gz", files, links)])
    assert found.areas == {}
    assert len(found.faults) >= 1


def test_bombs_and_rubbish(tmp_path, monkeypatch):
    (tmp_path / "a.tar.gz").write_bytes(b"no archive")
    assert read_registries([tmp_path]).faults
    archive(tmp_path / "b.tar.gz", [("X/a.geojson", b" " * 25_000_000), ("X/b.geojson", shape())])
    assert set(read_registries([tmp_path / "b.tar.gz"]).areas) == {("X", "B")}
    monkeypatch.setattr("openconsular.hazards.geocode_files.MAX_ARCHIVE_BYTES", 10_000_000)
    assert read_registries([tmp_path / "b.tar.gz"]).areas == {}


@pytest.mark.django_db
class TestLoading:
    def test_loading_twice_replaces(self, tmp_path):
        for x in (16, 30):
            found = read_registries([archive(tmp_path / "a.tar.gz", [("EMMA_ID/AT001.geojson", shape(x))])])
            assert actions.load_geocodes(entries=found.entries(), by=SYSTEM, now=NOW) == 1
        assert Geocode.objects.count() == 1
        assert queries.loaded_registries() == {"EMMA_ID": 1}

    def test_the_command_tries_again_what_waited(self, tmp_path, record, capsys):
        waiting = alert(
            info(area=geocodes(("emma_id", "AT001")), times="<expires>2199-01-01T00:00:00Z</expires>")
        )
        assert record(waiting).code == "geocode-registry-unknown"
        archive(tmp_path / "EMMA_ID.tar.gz", [("data/EMMA_ID/AT001.geojson", shape())])
        call_command("geocodes", str(tmp_path), str(tmp_path / "missing"))
        said = capsys.readouterr().out
        assert "1 area codes loaded" in said
        assert "EMMA_ID" in said
        assert "missing is not there" in said
        assert "1 are hazards now" in said or Hazard.objects.count() == 1
