"""Every trap found in real feeds, on the real messages, where they are at hand: they are not part of the project."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from openconsular.domain.cap.geometry import cover
from openconsular.domain.cap.judgement import judge
from openconsular.domain.cap.reasons import CapError
from openconsular.domain.cap.resolution import NoRegistries
from openconsular.foundation.permissions import SYSTEM
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import AlertItem, IgnoredItem, LinkItem, RefusedItem
from openconsular.hazards import actions
from openconsular.hazards.geocode_files import read_registries
from openconsular.hazards.ingesting import ingest
from openconsular.hazards.models import Hazard
from openconsular.hazards.outcomes import Outcome

DATA = Path(__file__).parents[2] / ".." / "shared" / "data"
CORPUS = DATA / "cap"
pytestmark = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpus of real alerts is not beside the checkout"
)

KDE = "KDE-foss-public-alert-server/foss_public_alert_server/lib/testdata/"
OLD_KDE = "KDE-foss-public-alert-server/_history/foss_public_alert_server/lib/testdata/"
GOOGLE = "google-cap-library/testdata/"
OLD_GOOGLE = "google-cap-library/_history/testdata/"


def files():
    return sorted(path for path in CORPUS.rglob("*") if path.is_file()) if CORPUS.is_dir() else []


def place(name):
    """What becomes of the first message of a file at the time it was sent: a code, or "area"."""
    item = read_document((CORPUS / name).read_bytes())[0]
    if not isinstance(item, AlertItem):
        return "link" if isinstance(item, LinkItem) else item.reason.code
    verdict = judge(item.alert, at=item.alert.sent)
    try:
        cover(verdict.infos or item.alert.infos, NoRegistries())
    except CapError as error:
        return error.code
    return "area"


@pytest.mark.parametrize("path", files(), ids=lambda path: path.name[:60])
def test_every_file_ends_in_items_with_reasons(path):
    items = read_document(path.read_bytes(), saved_at=datetime(2026, 6, 1, tzinfo=UTC))
    assert items
    for item in items:
        match item:
            case AlertItem(alert, raw):
                assert alert.identifier
                assert raw
                judge(alert, at=alert.sent)
            case IgnoredItem(reason) | RefusedItem(reason, _):
                assert reason.message
            case LinkItem(url):
                assert url.startswith("http")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (OLD_KDE + "TMD25680225051318_2@82361df6.xml", "time-buddhist-era"),
        (KDE + "gdacs-cap_1023542.xml", "polygon-parentheses"),
        (KDE + "gdacs-cap_1470644.xml", "area"),
        (KDE + "ru-20250301222516-0086037.xml", "area"),
        (KDE + "il-488abaaf-cad5-4d2b-93b2-703016878453.xml", "geocode-registry-unknown"),
        (KDE + "ie-2.49.0.1.372.0.250413231648.N_Norm002_SmallCraft.xml", "geocode-registry-unknown"),
        (KDE + "alertswiss-TEST-1163.xml", "area-missing"),
        (KDE + "au-bom-en.rss.xml", "link"),
        (OLD_GOOGLE + "australia@1663c0fb.cap", "circle-radius-zero"),
        (OLD_GOOGLE + "earthquake@6d4a0019.cap", "circle-radius-zero"),
        (OLD_GOOGLE + "noaa_errors@59473b0e.cap", "area"),
        (GOOGLE + "xee.cap", "xml-doctype"),
        (GOOGLE + "xee.atom", "xml-doctype"),
        (GOOGLE + "invalid.cap", "area-description-only"),
        (GOOGLE + "no_optional_fields.cap", "area-missing"),
        (GOOGLE + "amber.atom", "geocode-registry-unknown"),
    ],
)
def test_known_traps(name, expected):
    if not (CORPUS / name).exists():
        pytest.skip(f"{name} is not part of this copy of the corpus")
    assert place(name) == expected


@pytest.mark.django_db
def test_the_whole_corpus_as_files_of_today():
    """Old alerts are all over; what is left is counted, and every item is accounted for."""
    report = ingest([CORPUS / "KDE-foss-public-alert-server", CORPUS / "google-cap-library", CORPUS / "wmo-im-capvalidator"],
                    as_of=datetime(2026, 11, 22, tzinfo=UTC), by=SYSTEM)  # fmt: skip
    result = report.result
    assert result.read == sum(result.count(outcome) for outcome in Outcome) > 100
    assert Hazard.objects.count() == result.count(Outcome.HAZARD) == 1
    assert all(item.reason for item in result.items if item.outcome is not Outcome.HAZARD)


@pytest.mark.django_db
def test_most_zones_of_the_weather_service_are_resolved():
    archives = [DATA / "geocode" / f"{name}.tar.gz" for name in ("UGC", "SAME")]
    if not all(path.exists() for path in archives):
        pytest.skip("the registries of area codes are not beside the checkout")
    found = read_registries(archives)
    assert found.faults == []
    actions.load_geocodes(entries=found.entries(), by=SYSTEM, now=datetime(2026, 6, 1, tzinfo=UTC))
    path = next(CORPUS.glob("weather-gov*/**/testing/**/*.json"))
    count = len(json.loads(path.read_bytes())["features"])
    report = ingest([path], as_of=datetime(2026, 6, 1, tzinfo=UTC), by=SYSTEM)
    assert report.result.read == count
    assert report.result.count(Outcome.HAZARD) > count * 0.6
