"""An earthquake's point in a feed becomes one hazard, however often it is computed anew and by whatever name."""

import json
from datetime import timedelta

import pytest

from openconsular.domain.cap import quakes
from openconsular.domain.geo import Area
from openconsular.foundation.permissions import SYSTEM
from openconsular.hazards import actions
from openconsular.hazards.models import Hazard
from tests.conftest import NOW

pytestmark = pytest.mark.django_db


def feed(*, minutes=30, identifier="xx1", **more):
    at = NOW - timedelta(minutes=30)
    updated = at + timedelta(minutes=minutes)
    own = {
        "mag": 6.8, "title": "M 6.8 - Somewhere", "time": int(at.timestamp() * 1000),
        "updated": int(updated.timestamp() * 1000), "status": "automatic", "url": "https://quakes.example.org/x", **more,
    }  # fmt: skip
    shape = {"type": "Point", "coordinates": [85.0, 28.0, 10.0]}
    return json.dumps(
        {
            "type": "FeatureCollection",
            "features": [{"type": "Feature", "id": identifier, "properties": own, "geometry": shape}],
        }
    ).encode()


def told(now=NOW, **more):
    source = actions.files_source(now=now)
    [item] = actions.record_document(source=source, raw=feed(**more), now=now, by=SYSTEM, saved=True).items
    return item


def test_it_is_a_hazard_of_the_size_the_rule_says():
    item = told()
    assert item.code == "new"
    assert [one.code for one in item.remarks] == ["quake-circle"]
    hazard = Hazard.objects.get()
    assert (hazard.category, hazard.severity) == ("Geo", "Severe")
    area = Area.from_bytes(bytes(hazard.area))
    radius_degrees = quakes.harmful_radius_km(6.8, 10) / 111.2
    assert area.covers(28.0 + 0.99 * radius_degrees, 85.0)
    assert not area.covers(28.0 + 1.01 * radius_degrees, 85.0)
    assert hazard.lasts_until == NOW - timedelta(minutes=30) + timedelta(days=7)


def test_computed_anew_it_is_the_same_hazard_with_a_wider_area():
    told()
    before = Area.from_bytes(bytes(Hazard.objects.get().area)).discs[0].radius_km
    assert told(minutes=40, mag=7.4).code == "updated"
    assert Area.from_bytes(bytes(Hazard.objects.get().area)).discs[0].radius_km > before
    assert Hazard.objects.get().version == 2


def test_a_look_that_changes_nothing_tells_nobody():
    told()
    assert told(minutes=40, felt=900).code == "unchanged"
    assert told(minutes=40, felt=900).code == "repeated"


def test_another_networks_name_for_it_is_the_same_hazard():
    told()
    assert told(minutes=45, identifier="us77", ids=",us77,xx1,").code in ("unchanged", "updated")
    assert Hazard.objects.count() == 1


def test_one_that_was_none_is_cancelled():
    told()
    assert told(minutes=50, status="deleted").code == "cancelled"
    assert Hazard.objects.get().state == Hazard.State.CANCELLED


def test_one_of_last_month_is_over():
    assert told(now=NOW + timedelta(days=30), minutes=60 * 24 * 29).code == "expired"
    assert not Hazard.objects.exists()
