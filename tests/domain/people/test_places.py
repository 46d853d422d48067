"""Finding places by name and by point, on a small invented world."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.people.places import (
    LEAST_RADIUS_M,
    MOST_RADIUS_M,
    Gazetteer,
    PlaceRecord,
    city_radius_m,
    destination,
    folded,
    populated_centre,
)

WORLD = Gazetteer.of(
    [
        PlaceRecord(1, "Alpha", "XA", "01", 10.0, 20.0, "UTC", 1_000_000, ["Álfa", "АЛЬФА"], "阿尔法"),
        PlaceRecord(2, "Alphaville", "XA", "02", 11.0, 21.0, "UTC", 5_000_000),
        PlaceRecord(3, "New Alpha", "XB", "", -10.0, 179.9, "UTC", 30_000),
        PlaceRecord(4, "Šibenik-Example", "XB", "07", -10.0, -179.9, "UTC", 0),
    ]
)


def ids(query, **options):
    return [place.id for place in WORLD.search(query, **options)]


def test_a_whole_name_goes_before_a_larger_place_that_begins_with_it():
    assert ids("alpha") == [1, 2, 3]
    assert ids("alph") == [2, 1, 3]


@pytest.mark.parametrize("query", ["ÁLFA", "альфа", "阿尔法", "阿尔", " al pha", "ＡＬＰＨＡ"])
def test_script_case_width_and_marks_do_not_matter(query):
    assert ids(query)[0] == 1 or ids(query) == [1, 2, 3]


def test_diacritics_do_not_matter():
    assert ids("sibenik example") == [4]


def test_countries_confine():
    assert ids("alpha", countries=frozenset({"XB"})) == [3]
    assert ids("alpha", limit=1) == [1]


@pytest.mark.parametrize("query", ["", " ", "!!", "zzz", "\n"])
def test_nothing_is_found_for_nothing(query):
    assert ids(query) == []


@given(st.text(max_size=100))
def test_any_text_may_be_searched(query):
    for place in WORLD.search(query):
        assert place.id in {1, 2, 3, 4}


@given(st.text(max_size=100))
def test_folding_twice_is_folding_once(text):
    assert folded(folded(text)) == folded(text)


def test_regions_and_ids():
    place = WORLD.by_id(1)
    assert place.region == "XA-01"
    assert WORLD.by_id(3).region == "XB"
    assert WORLD.by_id(99) is None
    assert place.name_in("zh-Hans") == "阿尔法"
    assert place.name_in("fr") == "Alpha"
    assert WORLD.by_id(2).name_in("zh-Hans") == "Alphaville"


def test_the_nearest_place_over_the_antimeridian():
    place, distance_m = WORLD.nearest(-10.0, -179.99)
    assert place.id == 4
    assert distance_m == pytest.approx(9_855, rel=0.01)


def test_radius_grows_with_the_people_within_bounds():
    assert city_radius_m(0) == LEAST_RADIUS_M
    assert city_radius_m(1_000_000) == 9_000
    assert city_radius_m(50_000_000) == MOST_RADIUS_M


@given(st.integers(0, 10**8), st.integers(0, 10**8))
def test_more_people_never_make_a_smaller_radius(one, other):
    assert (city_radius_m(one) <= city_radius_m(other)) == (one <= other) or city_radius_m(
        one
    ) == city_radius_m(other)


def test_the_centre_of_a_country_is_where_its_people_are():
    lat, lon, radius_m = populated_centre([WORLD.by_id(1), WORLD.by_id(2)])
    assert 10.5 < lat < 11
    assert 20.5 < lon < 21
    assert radius_m == pytest.approx(130_000, rel=0.1)
    # Two places on either side of the antimeridian: the middle is there, not in Africa.
    _, lon, _ = populated_centre([WORLD.by_id(3), WORLD.by_id(4)])
    assert abs(lon) > 179


@given(st.floats(-89, 89), st.floats(-180, 180), st.floats(-30_000, 30_000), st.floats(-30_000, 30_000))
def test_a_step_stays_on_the_globe(lat, lon, north, east):
    new_lat, new_lon = destination(lat, lon, north_m=north, east_m=east)
    assert -90 <= new_lat <= 90
    assert -180 <= new_lon <= 180


def test_what_is_kept_and_read_back_is_the_same():
    again = Gazetteer.from_arrays(WORLD.to_arrays())
    assert list(again) == list(WORLD)
    for query in ("alpha", "альфа", "阿尔", "sibenik", ""):
        assert again.search(query) == WORLD.search(query)
    assert again.nearest(1, 2) == WORLD.nearest(1, 2)


def test_arrays_that_are_not_a_gazetteer_are_refused():
    arrays = WORLD.to_arrays()
    with pytest.raises(KeyError):
        Gazetteer.from_arrays({name: array for name, array in arrays.items() if name != "names"})
    with pytest.raises(ValueError, match="length"):
        Gazetteer.from_arrays({**arrays, "place.lat": arrays["place.lat"][:2]})


def test_a_world_without_places():
    empty = Gazetteer.of([])
    assert (len(empty), list(empty), empty.search("x"), empty.by_id(1)) == (0, [], [], None)
