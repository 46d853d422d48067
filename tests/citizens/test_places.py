"""The gazetteer as shipped: Chinese and English names, whole countries, and every place found again by its own label."""

import random

import pytest
from django.utils import translation

from openconsular.citizens import places
from openconsular.citizens.queries import described, place_label
from tests.citizens.conftest import CEBU, MANILA, OSAKA


def ids(query: str, language: str = "zh-hans") -> list[int]:
    return [place.id for place in places.search(query, language=language)]


@pytest.mark.parametrize(
    ("query", "place"),
    [
        ("宿务", CEBU),
        ("菲律宾宿务", CEBU),
        ("Cebu", CEBU),
        ("cebu, philippines", CEBU),
        ("马尼拉", MANILA),
        ("馬尼拉", MANILA),
        ("Манила", MANILA),
        ("大阪", OSAKA),
        ("Ōsaka", OSAKA),
    ],
)
def test_cities_by_their_names(query, place):
    assert ids(query)[0] == ids(query, "en")[0] == place


def test_several_places_of_one_name_are_all_offered():
    assert len(ids("Victoria")) > 3
    assert len(set(ids("Springfield, United States"))) > 2
    assert len(ids("Springfield, IL, United States")) == 1


@pytest.mark.parametrize("query", ["菲律宾", "Philippines", "PH"])
def test_whole_countries(query):
    place = places.place_by_id(ids(query)[0])
    assert (place.id < 0, place.country, place.region) == (True, "PH", "PH")
    assert place.uncertainty_m > 500_000
    assert 8 < place.lat < 16


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_place_is_found_again_by_what_it_is_called(language):
    sample = random.Random(5).sample(list(places.gazetteer()), 150)
    everyone = [*sample, *(country.place for country in list(places.countries().values())[::10])]
    with translation.override(language):
        lost = [described(one) for one in everyone if one.id not in ids(described(one), language)]
    assert len(lost) <= 2, lost


def test_large_cities_have_chinese_names():
    largest = sorted(places.gazetteer(), key=lambda place: -place.population)[:150]
    assert sum(bool(place.chinese) for place in largest) > 140


def test_what_this_ministry_counts_as_home_and_calls_its_parts(settings):
    settings.PROFILE = "cn"
    assert places.home_territories() == {"CN", "HK", "MO", "TW"}
    assert places.country_name("TW", "zh-hans") == "中国台湾"
    assert places.country_name("PH", "zh-hans") == "菲律宾"
    assert places.country_name("PH", "xx-nonsense") == "Philippines"
    assert places.country_name("QQ", "en") == "QQ"


@pytest.mark.parametrize("place_id", [-1, -65_536, 0, 10**9, -(10**9)])
def test_ids_of_nothing_are_nothing(place_id):
    assert places.place_by_id(place_id) is None
    assert place_label(place_id, "as entered") == "as entered"


def test_labels_are_in_the_readers_language():
    with translation.override("zh-hans"):
        assert place_label(CEBU, "Cebu City") == "宿务"
    with translation.override("en"):
        assert place_label(CEBU, "宿务") == "Cebu City"


def test_every_place_has_a_zone_or_counts_as_utc():
    without = [place.name for place in places.gazetteer() if not place.timezone]
    assert len(without) < 10


def test_the_index_is_kept_for_other_processes_and_a_broken_one_is_made_again(settings, tmp_path):
    settings.STATE = tmp_path
    made = places._gazetteer.__wrapped__()
    kept = next((tmp_path / "cache").iterdir())
    again = places._gazetteer.__wrapped__()
    assert list(again) == list(made)
    assert again.search("宿务") == made.search("宿务")
    kept.write_bytes(kept.read_bytes()[:100_000])
    assert len(places._gazetteer.__wrapped__()) == len(made)
    assert kept.stat().st_size > 1_000_000
    settings.STATE = tmp_path / "cache" / kept.name  # no folder can be made inside a file
    assert len(places._gazetteer.__wrapped__()) == len(made)
