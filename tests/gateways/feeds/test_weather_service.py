"""Alerts of the National Weather Service as GeoJSON."""

import json
from datetime import datetime, timedelta

import pytest

from openconsular.domain.cap.model import MsgType
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import AlertItem, RefusedItem
from tests.gateways.feeds.documents_world import SENT


def feature(**properties):
    own = {
        "id": "urn:oid:1",
        "sender": "office@example.org",
        "sent": "2026-06-01T05:00:00+00:00",
        "expires": "2026-06-01T18:00:00+00:00",
        "status": "Actual",
        "messageType": "Alert",
        "event": "Flood Warning",
        "severity": "Severe",
        "urgency": "Immediate",
        "certainty": "Observed",
        "areaDesc": "Two counties",
        "geocode": {"UGC": ["NVC013", "NVC019"], "SAME": ["032013"]},
    }
    return {"type": "Feature", "geometry": None, "properties": own | properties}


class TestNationalWeatherService:
    def read(self, *features, **more):
        raw = json.dumps({"type": "FeatureCollection", "features": list(features)})
        return read_document(raw.encode(), **more)

    def one(self, *features, **more):
        [item] = self.read(*features, **more)
        return item.alert

    def test_zones_become_codes(self):
        area = self.one(feature()).infos[0].areas[0]
        assert [(c.name, c.value) for c in area.geocodes] == [
            ("UGC", "NVC013"),
            ("UGC", "NVC019"),
            ("SAME", "032013"),
        ]

    def test_zones_from_addresses_where_codes_are_missing(self):
        only_zones = feature(
            geocode={"SAME": [], "UGC": []}, affectedZones=["https://api.example.org/zones/forecast/ALZ024"]
        )
        assert self.one(only_zones).infos[0].areas[0].geocodes[0].value == "ALZ024"

    def test_shapes_are_turned_to_latitude_first_and_holes_kept(self):
        shaped = feature() | {
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [[20, 10], [21, 10], [21, 11], [20, 10]],
                    [[20.5, 10.1], [20.6, 10.1], [20.6, 10.2], [20.5, 10.1]],
                ],
            }
        }
        area = self.one(shaped).infos[0].areas[0]
        assert area.polygons == ("10,20 10,21 11,21 10,20",)
        assert area.geocodes[-1].name == "EXCLUDE_POLYGON"

    def test_several_polygons(self):
        ring = [[20, 10], [21, 10], [21, 11], [20, 10]]
        shape = {
            "type": "GeometryCollection",
            "geometries": [{"type": "MultiPolygon", "coordinates": [[ring], [ring]]}],
        }
        assert len(self.one(feature() | {"geometry": shape}).infos[0].areas[0].polygons) == 2

    def test_references_and_ends(self):
        earlier = [
            {"identifier": "zero", "sender": "office@example.org", "sent": "2026-06-01T04:00:00+00:00"}
        ]
        read = self.one(feature(messageType="Update", references=earlier, ends="2026-06-02T00:00:00+00:00"))
        assert read.msg_type is MsgType.UPDATE
        assert read.references[0].identifier == "zero"
        assert read.infos[0].parameters[0].value == "2026-06-02T00:00:00+00:00"

    def test_each_feature_on_its_own(self):
        kinds = [type(item) for item in self.read(feature(), feature(sent="never"), feature(), {"x": 1})]
        assert kinds == [AlertItem, RefusedItem, AlertItem, RefusedItem]

    def test_a_single_feature_and_a_list_by_the_other_name(self):
        assert len(read_document(json.dumps(feature()).encode())) == 1
        assert len(read_document(json.dumps({"alerts": [feature()["properties"]]}).encode())) == 1

    def test_nothing_at_present(self):
        [item] = self.read()
        assert item.reason.code == "feed-empty"

    def test_relative_times_count_for_files_and_never_for_the_network(self):
        saved = feature(sent="date:now -1 hour", expires="date:now +90 minutes")
        [refused] = self.read(saved)
        assert refused.reason.code == "time-unreadable"
        read = self.one(saved, saved_at=SENT)
        assert read.sent == SENT - timedelta(hours=1)
        assert read.infos[0].expires == SENT + timedelta(minutes=90)
        assert [remark.code for remark in read.remarks] == [
            "time-relative",
            *[r.code for r in read.remarks[1:]],
        ] or "time-relative" in [remark.code for remark in read.remarks]

    @pytest.mark.parametrize(
        ("written", "meant"),
        [
            ("date:today 16:00:-5 -24 hours", "2026-05-31T16:00:00-05:00"),
            ("date:today 11:00:-06 +2 days", "2026-06-03T11:00:00-06:00"),
            ("date:today 00:30", "2026-06-01T00:30:00+00:00"),
            ("date:today 25:00:-5", None),
            ("date:today 11:00:-99", None),
        ],
    )
    def test_clock_times_of_saved_answers(self, written, meant):
        saved = feature(sent=SENT.isoformat(), expires=written)
        [item] = read_document(json.dumps(saved).encode(), saved_at=SENT.replace(hour=12))
        if meant is None:
            assert item.reason.code == "time-unreadable"
        else:
            assert item.alert.infos[0].expires == datetime.fromisoformat(meant)

    def test_half_a_character_and_a_zero_do_no_harm(self):
        raw = json.dumps(feature(headline="x\ud800y\x00z", areaDesc="\udfff")).encode()
        [item] = read_document(raw)
        assert item.alert.infos[0].headline == "xyz"

    @pytest.mark.parametrize(
        "wrong",
        [
            {"geocode": 7},
            {"parameters": []},
            {"references": "x"},
            {"affectedZones": 3},
            {"event": ["a", {}]},
            {"expires": 12},
        ],
    )
    def test_wrong_types_end_in_an_item(self, wrong):
        assert len(self.read(feature(**wrong))) == 1

    @pytest.mark.parametrize(
        "geometry",
        [
            {"type": "Polygon"},
            {"type": "Polygon", "coordinates": [[1, 2]]},
            {"type": "Point", "coordinates": [1, 2]},
            [1],
            "x",
        ],
    )
    def test_wrong_shapes_end_in_an_item(self, geometry):
        assert len(self.read(feature() | {"geometry": geometry})) == 1
