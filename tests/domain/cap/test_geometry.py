"""Where a message warns, or why that is not certain."""

import pytest

from openconsular.domain.cap.geometry import cover
from openconsular.domain.cap.read import parse_alert
from openconsular.domain.cap.reasons import CapError
from openconsular.domain.cap.resolution import NoRegistries
from openconsular.domain.geo import Area
from tests.domain.cap.messages import SQUARE, alert, circle, geocodes, info, polygons

SQUARES = {
    ("UGC", "NVC013"): (40.0, -118.0),
    ("UGC", "NVC019"): (41.0, -118.0),
    ("SAME", "032013"): (50.0, 0.0),
    ("SAME", "032031"): (51.0, 0.0),
    ("EMMA_ID", "AT001"): (47.0, 16.0),
}


class Loaded:
    """Registries in memory: each code is a square of one degree with this south-west corner."""

    def loaded(self):
        return {registry for registry, _ in SQUARES}

    def find(self, codes):
        return {code: square(*SQUARES[code[:2]]) for code in codes if code[:2] in SQUARES}


def square(lat, lon, size=1.0):
    ring = [(lat, lon), (lat, lon + size), (lat + size, lon + size), (lat + size, lon), (lat, lon)]
    return Area.of([ring])


def coverage(*areas, registries=None):
    return cover(parse_alert(alert(info(area="".join(areas)))).infos, registries or Loaded())


def refusal(*areas, registries=None):
    with pytest.raises(CapError) as caught:
        coverage(*areas, registries=registries)
    return caught.value


def codes(found):
    return [remark.code for remark in found.remarks]


class TestPolygons:
    def test_latitude_comes_first(self):
        found = coverage(polygons(SQUARE))
        assert found.area.covers(10.5, 20.5)
        assert not found.area.covers(20.5, 10.5)
        assert codes(found) == []

    def test_several_are_joined(self):
        found = coverage(polygons(SQUARE, "30,40 30,41 31,41 30,40"))
        assert found.area.covers(10.5, 20.5)
        assert found.area.covers(30.2, 40.8)

    def test_an_open_ring_is_closed(self):
        found = coverage(polygons("10,20 10,21 11,21 11,20"))
        assert found.area.covers(10.5, 20.5)
        assert codes(found) == ["polygon-closed"]

    def test_repeated_points_and_line_ends_do_no_harm(self):
        assert coverage(polygons("10,20\n\t10,20 10,21  11,21\n11,20 10,20")).area.covers(10.5, 20.5)

    def test_stray_commas_and_spaces_after_commas(self):
        assert codes(coverage(polygons("10,20, 10,21, 11,21, 10,20"))) == ["polygon-punctuation"]
        assert coverage(polygons("10, 20 10, 21 11, 21 11, 20 10, 20")).area.covers(10.5, 20.5)

    def test_swapped_order_is_refused_and_not_turned(self):
        error = refusal(polygons("100,13 101,13 101,14 100,13"))
        assert error.code == "coordinates-swapped"
        assert "100,13" in error.message

    def test_one_swapped_polygon_makes_the_message_doubtful(self):
        assert refusal(polygons(SQUARE, "100,13 101,13 101,14 100,13")).code == "coordinates-swapped"

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("95,200 96,200 96,201 95,200", "latitude-out-of-range"),
            ("10,400 10,401 11,401 10,400", "longitude-out-of-range"),
            ("8.7,-68.1 8.8),-68.2 8.9,(-68.3 8.7,-68.1", "polygon-parentheses"),
            ("10,20 10,x 11,21 10,20", "polygon-unreadable"),
            ("10,20,10,21,11,21,10,20", "polygon-unreadable"),
            ("10 20 10 21 11 21 10 20", "polygon-unreadable"),
            ("10,20;10,21;11,21;10,20", "polygon-unreadable"),
            ("nan,20 10,21 11,21 nan,20", "polygon-unreadable"),
            ("10,20 10,21", "polygon-too-few-points"),
            ("10,20 10,20 10,21 10,20", "polygon-too-few-points"),
            ("10,20 10,21 10,22 10,20", "polygon-unusable"),
        ],
    )
    def test_what_is_not_certain_is_refused_by_name(self, text, code):
        assert refusal(polygons(text)).code == code

    def test_a_line_beside_a_polygon_is_left_out(self):
        found = coverage(polygons(SQUARE, "30,40 30,41"))
        assert codes(found) == ["shape-skipped"]
        assert found.area.covers(10.5, 20.5)
        assert codes(coverage(polygons(SQUARE, "30,40 30,41 30,42 30,40"))) == ["shape-skipped"]

    def test_beyond_the_antimeridian(self):
        found = coverage(polygons("-22,-179 -22,-181 -21,-181 -21,-179 -22,-179"))
        assert found.area.covers(-21.5, -179.5)
        assert found.area.covers(-21.5, 179.5)
        assert not found.area.covers(-21.5, 0)
        assert codes(found) == ["longitude-wrapped"]

    def test_half_the_world_is_refused(self):
        assert (
            refusal(polygons("-80,-179 -80,0 -80,179 80,179 80,0 80,-179 -80,-179")).code
            == "polygon-unusable"
        )

    def test_a_hole_the_issuer_names_is_cut_out(self):
        hole = ("EXCLUDE_POLYGON", "10.4,20.4 10.4,20.6 10.6,20.6 10.6,20.4 10.4,20.4")
        found = coverage(geocodes(hole, inside=f"<polygon>{SQUARE}</polygon>"))
        assert not found.area.covers(10.5, 20.5)
        assert found.area.covers(10.2, 20.2)
        assert codes(found) == ["area-excluded"]


class TestCircles:
    def test_a_circle_is_a_circle(self):
        area = coverage(circle("60,10 111")).area
        assert area.covers(60, 11.9)
        assert not area.covers(60.9, 11.9)

    @pytest.mark.parametrize(
        ("text", "code"),
        [
            ("10,20 0", "circle-radius-zero"),
            ("10,20 0.0", "circle-radius-zero"),
            ("10,20 -5", "circle-radius-impossible"),
            ("10,20 99999", "circle-radius-impossible"),
            ("10,20", "circle-unreadable"),
            ("11.9,46.5 14.2,48.1", "circle-unreadable"),
            ("100,20 5", "coordinates-swapped"),
        ],
    )
    def test_epicentres_and_nonsense_warn_nobody(self, text, code):
        assert refusal(circle(text)).code == code

    def test_an_epicentre_beside_an_area_is_left_out(self):
        found = coverage(polygons(SQUARE), circle("50,50 0"))
        assert codes(found) == ["shape-skipped"]
        assert not found.area.covers(50, 50)


class TestGeocodes:
    def test_codes_are_resolved_in_short_hand_too(self):
        found = coverage(geocodes(("ugc", "NVC013-019-")))
        assert found.area.covers(40.5, -117.5)
        assert found.area.covers(41.5, -117.5)

    def test_a_shape_goes_before_codes(self):
        found = coverage(geocodes(("UGC", "NVC013"), inside=f"<polygon>{SQUARE}</polygon>"))
        assert not found.area.covers(40.5, -117.5)

    def test_an_empty_polygon_falls_back_on_codes(self):
        assert coverage(geocodes(("EMMA_ID", "AT001"), inside="<polygon/>")).area.covers(47.5, 16.5)

    def test_an_epicentre_falls_back_on_codes(self):
        found = coverage(geocodes(("EMMA_ID", "AT001"), inside="<circle>47.5,16.5 0</circle>"))
        assert found.area.covers(47.1, 16.1)
        assert codes(found) == ["shape-skipped"]

    def test_the_better_registry_is_believed_when_it_knows_all(self):
        area = coverage(geocodes(("SAME", "032013"), ("UGC", "NVC013"))).area
        assert area.covers(40.5, -117.5)
        assert not area.covers(50.5, 0.5)

    def test_another_registry_helps_out(self):
        area = coverage(geocodes(("UGC", "XXC999"), ("SAME", "032013"))).area
        assert area.covers(50.5, 0.5)

    def test_a_part_of_a_county_is_the_county(self):
        found = coverage(geocodes(("FIPS6", "232013")))
        assert found.area.covers(50.5, 0.5)
        assert codes(found) == ["geocode-widened"]

    def test_partly_unknown_codes_warn_the_rest_and_are_named(self):
        found = coverage(geocodes(("UGC", "NVC013"), ("UGC", "XXC999")))
        assert found.missing == ("UGC XXC999",)
        assert "geocode-partly-unresolved" in codes(found)

    def test_unknown_codes_are_refused_by_name(self):
        error = refusal(geocodes(("EMMA_ID", "ZZ999")))
        assert error.code == "geocode-unresolved"
        assert "ZZ999" in error.message

    def test_an_unknown_registry_is_named(self):
        error = refusal(geocodes(("CISORP", "2102")))
        assert error.code == "geocode-registry-unknown"
        assert "CISORP" in error.message

    def test_with_nothing_loaded_nothing_is_warned(self):
        assert (
            refusal(geocodes(("EMMA_ID", "AT001")), registries=NoRegistries()).code
            == "geocode-registry-unknown"
        )


def test_words_alone_are_no_area():
    error = refusal("<area><areaDesc>The coast</areaDesc></area>")
    assert error.code == "area-description-only"
    assert "The coast" in error.message


def test_no_area_at_all():
    assert refusal("").code == "area-missing"


def test_words_beside_a_shape_are_remarked():
    assert codes(coverage(polygons(SQUARE), "<area><areaDesc>The coast</areaDesc></area>")) == [
        "area-words-skipped"
    ]
