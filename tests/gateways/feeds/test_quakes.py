"""Earthquakes told as points become circles where they do harm, by a rule with a source."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.cap import quakes
from openconsular.domain.cap.model import Certainty, MsgType, Severity
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import AlertItem, IgnoredItem, RefusedItem
from openconsular.gateways.feeds.quakes import magnitude_in

AT = datetime(2026, 6, 1, 5, tzinfo=UTC)


def feature(*, point=(85.0, 28.0, 10.0), identifier="xx1", **more):
    millis = int(AT.timestamp() * 1000)
    own = {
        "mag": 7.8, "place": "Somewhere", "time": millis, "updated": millis + 600_000, "status": "reviewed",
        "title": "M 7.8 - Somewhere", "url": "https://quakes.example.org/xx1", "type": "earthquake", **more,
    }  # fmt: skip
    shape = {"type": "Point", "coordinates": list(point)}
    return {"type": "Feature", "id": identifier, "properties": own, "geometry": shape}


def read(*features):
    return read_document(json.dumps({"type": "FeatureCollection", "features": features}).encode())


def only(*args, **more):
    [item] = read(feature(*args, **more))
    return item


def entry(title="M 7.8 - Somewhere", inside="", time="<pubDate>Mon, 01 Jun 2026 05:00:00 GMT</pubDate>"):
    place = inside or "<georss:point>28.0 85.0</georss:point>"
    text = (
        '<rss xmlns:georss="http://www.georss.org/georss" xmlns:geo="http://www.w3.org/2003/01/geo/wgs84_pos#">'
        f"<channel><item><title>{title}</title><guid>https://quakes.example.org/1</guid>{time}{place}</item></channel></rss>"
    )
    [item] = read_document(text.encode())
    return item


class TestTheRule:
    @pytest.mark.parametrize(
        ("magnitude", "depth_km", "between"),
        [
            (5.5, 10, (10, 20)),
            (6.0, 10, (20, 30)),
            (7.0, 10, (65, 85)),
            (7.8, 8, (150, 200)),
            (9.1, 29, (600, 800)),
        ],
    )
    def test_circles_of_known_kinds(self, magnitude, depth_km, between):
        assert between[0] <= quakes.harmful_radius_km(magnitude, depth_km) <= between[1]

    @pytest.mark.parametrize(("magnitude", "depth_km"), [(4.9, 1), (5.0, 10), (6.2, 100), (7.5, 550)])
    def test_weak_and_deep_ones_do_no_harm(self, magnitude, depth_km):
        assert quakes.harmful_radius_km(magnitude, depth_km) == 0

    @given(st.floats(5.0, 9.5), st.floats(1, 700))
    def test_the_rim_shakes_as_said(self, magnitude, depth_km):
        radius = quakes.harmful_radius_km(magnitude, depth_km)
        if radius == 0:
            assert quakes.intensity(magnitude, depth_km) < quakes.HARMFUL_INTENSITY
        else:
            assert (
                quakes.intensity(magnitude, (radius**2 + depth_km**2) ** 0.5)
                <= quakes.HARMFUL_INTENSITY + 1e-9
            )

    @given(st.floats(5.0, 9.4), st.floats(1, 600))
    def test_stronger_reaches_further_and_deeper_less_far(self, magnitude, depth_km):
        here = quakes.harmful_radius_km(magnitude, depth_km)
        assert quakes.harmful_radius_km(magnitude + 0.1, depth_km) >= here
        assert quakes.harmful_radius_km(magnitude, depth_km + 50) <= here


class TestGeoJson:
    def test_a_strong_one_is_an_alert_with_a_circle_and_says_that_it_is_an_estimate(self):
        item = only()
        assert isinstance(item, AlertItem)
        [info] = item.alert.infos
        assert (info.severity, info.certainty, info.onset) == (Severity.EXTREME, Certainty.OBSERVED, AT)
        lat, lon_and_radius = info.areas[0].circles[0].split(",")
        assert float(lat) == 28 and lon_and_radius.split()[0] == "85"
        assert float(lon_and_radius.split()[1]) == quakes.harmful_radius_km(7.8, 10)
        assert [one.code for one in item.alert.remarks] == ["quake-circle"]
        assert item.alert.sender == "quakes.example.org"

    def test_last_months_quake_that_was_looked_at_again_has_run_out(self):
        item = only(updated=int((AT + timedelta(days=20)).timestamp() * 1000))
        assert item.alert.infos[0].expires == AT + timedelta(days=7)

    def test_other_networks_numbers_are_the_same_event(self):
        assert [one.identifier for one in only(ids=",xx1,yy2,zz3,").alert.references] == ["yy2", "zz3"]

    def test_one_that_was_none_is_cancelled(self):
        item = only(status="deleted", mag=3.0)
        assert item.alert.msg_type is MsgType.CANCEL
        assert item.alert.references[0].identifier == "xx1"

    def test_a_first_computation_is_likely(self):
        assert only(status="automatic").alert.infos[0].certainty is Certainty.LIKELY

    def test_weak_ones_are_ignored_by_name(self):
        item = only(mag=4.1, title="M 4.1 - Somewhere")
        assert isinstance(item, IgnoredItem)
        assert item.reason.code == "quake-harmless"
        assert "4.1" in item.reason.message

    def test_where_the_service_counts_victims_a_weak_one_counts(self):
        assert isinstance(only(mag=5.0, alert="red"), AlertItem)

    def test_without_a_depth(self):
        item = only(point=(85.0, 28.0))
        assert [one.code for one in item.alert.remarks] == ["quake-circle", "quake-depth-taken"]

    def test_another_services_words(self):
        """ISO times, the depth by name and as a negative height."""
        item = only(point=(85.0, 28.0, -600.0), time=AT.isoformat(), updated=None, depth=20.0)
        assert item.alert.infos[0].onset == AT
        assert item.alert.infos[0].areas[0].circles[0].endswith(f" {quakes.harmful_radius_km(7.8, 20):g}")

    def test_a_magnitude_by_its_whole_name(self):
        own = feature()
        own["properties"]["magnitude"] = own["properties"].pop("mag")
        assert isinstance(read(own)[0], AlertItem)

    def test_an_address_that_is_none_does_no_harm(self):
        assert only(url="https://[", net="us").alert.sender == "us"
        assert isinstance(entry(inside="<georss:point>28 85</georss:point><link>https://[</link>"), AlertItem)

    def test_without_a_magnitude_yet(self):
        assert isinstance(only(mag=None), IgnoredItem)

    @pytest.mark.parametrize(
        ("wrong", "value"),
        [("mag", "7.8"), ("mag", 78), ("mag", True), ("time", None), ("time", "now"), ("time", 1e300), ("point", ()),
         ("point", (85.0, 95.0, 1.0)), ("point", ("85", "28")), ("identifier", "")],
    )  # fmt: skip
    def test_what_cannot_be_read_goes_to_an_officer(self, wrong, value):
        item = only(**{wrong: value})
        assert isinstance(item, RefusedItem)
        assert item.reason.code == "quake-unreadable"

    def test_each_on_its_own(self):
        items = read(feature(), feature(mag="?"), feature(mag=2))
        assert [type(item) for item in items] == [AlertItem, RefusedItem, IgnoredItem]


class TestGeoRss:
    def test_a_strong_one_is_an_alert(self):
        item = entry()
        assert isinstance(item, AlertItem)
        assert item.alert.infos[0].areas[0].circles[0].startswith("28,85 ")
        assert item.alert.infos[0].onset == AT

    @pytest.mark.parametrize(
        "inside",
        [
            "<geo:lat>28.0</geo:lat><geo:long>85.0</geo:long>",
            '<georss:where><gml:Point xmlns:gml="urn:g"><gml:pos>28.0 85.0</gml:pos></gml:Point></georss:where>',
        ],
    )
    def test_points_in_other_words(self, inside):
        assert entry(inside=inside).alert.infos[0].areas[0].circles[0].startswith("28,85 ")

    def test_a_depth_below_the_ground_in_metres(self):
        item = entry(inside="<georss:point>28 85</georss:point><georss:elev>-600000</georss:elev>")
        assert item.reason.code == "quake-harmless"

    def test_weak_ones_and_other_points(self):
        assert entry("M 3.1 - Somewhere").reason.code == "point-only"
        assert entry("Bushfire").reason.code == "point-only"

    def test_without_a_time_or_a_place_it_goes_to_an_officer(self):
        assert isinstance(entry(time=""), RefusedItem)
        assert isinstance(entry(inside="<georss:point>somewhere</georss:point>"), RefusedItem)


@pytest.mark.parametrize(
    ("title", "magnitude"),
    [
        ("M 7.8 - 67 km NNE of Somewhere", 7.8),
        ("Mw6.1, Somewhere", 6.1),
        ("ML 5,2 Somewhere", 5.2),
        ("Magnitude: 5.1", 5.1),
        ("Sismo mag. 6 en algún lugar", 6.0),
        ("Fire at km 7.8", None),
        ("M25 closed", None),
        ("Terremoto: 18/03/2019", None),
        ("Motorway M1/2", None),
    ],
)
def test_magnitudes_in_headlines(title, magnitude):
    assert magnitude_in(title) == magnitude
