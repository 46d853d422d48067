"""An offline gazetteer: find a place by the start of any of its names, or the one nearest to a point.

Tens of thousands of places with hundreds of thousands of names are kept as columns, not as objects: one text with
all folded names in order, and arrays beside it.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, cos, pi, radians, sqrt
from sys import intern
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

EARTH_RADIUS_M = 6_371_008.8  # mean radius R1 of WGS 84 (IUGG)
# People in a square kilometre of a built-up area, in round figures; see `city_radius_m`.
PEOPLE_PER_KM2 = 4_000
LEAST_RADIUS_M, MOST_RADIUS_M = 2_000, 30_000
# What a name met whole, a place's main name, or one met only in its middle weighs, in powers of ten of people.
EXACT_BONUS, MAIN_BONUS, MIDDLE_MALUS = 1.5, 1.0, 2.0
LONGEST_QUERY = 80
_MARKS = re.compile("[\u0300-\u036f]")
_SEPARATORS = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class PlaceRecord:
    """One place as a source tells it. `names` are other spellings in any script; `chinese` is in simplified script."""

    id: int
    name: str
    country: str
    admin1: str
    lat: float
    lon: float
    timezone: str
    population: int
    names: Sequence[str] = ()
    chinese: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """A place as found. `region` is "PH-07", or "PH" where the source knows no subdivision.

    `uncertainty_m` is the radius in metres within which someone "in" this place is taken to be.
    """

    id: int
    name: str
    chinese: str
    country: str
    region: str
    lat: float
    lon: float
    timezone: str
    population: int
    uncertainty_m: int

    def name_in(self, language: str) -> str:
        return self.chinese if self.chinese and language.lower().startswith("zh") else self.name


def folded(text: str) -> str:
    """What is compared: no diacritics, case, width, spaces or punctuation. "Šibenik " and "SIBENIK" are equal."""
    if text.isascii():
        return _SEPARATORS.sub("", text[:LONGEST_QUERY].lower())
    plain = unicodedata.normalize("NFKD", text[:LONGEST_QUERY])
    return unicodedata.normalize("NFC", _SEPARATORS.sub("", _MARKS.sub("", plain).casefold()))


def city_radius_m(population: int) -> int:
    """How far from its centre a city's people are, in metres, to the nearest hundred.

    The radius of a disc in which the population lives at 4,000 to a square kilometre, the order of built-up areas in
    the Global Human Settlement Layer (GHS-UCDB), and within 2 to 30 km: a village has surroundings too, and beyond
    30 km someone should name the suburb. A million people make 8.9 km.
    """
    radius = 1000 * sqrt(max(population, 0) / (PEOPLE_PER_KM2 * pi))
    return int(min(max(ceil(radius / 100) * 100, LEAST_RADIUS_M), MOST_RADIUS_M))


# What a place is made of, in the order of `Place`, with how it is kept as a column; text columns are None.
COLUMNS: dict[str, type[np.generic] | None] = {
    "id": np.int64,
    "name": None,
    "chinese": None,
    "country": None,
    "region": None,
    "lat": np.float64,
    "lon": np.float64,
    "timezone": None,
    "population": np.int64,
}
Columns = dict[str, list[Any]]


class Gazetteer:
    """Places of one source, immutable. Ids are the source's own. Made by `of`, or from what `to_arrays` gave."""

    def __init__(self, columns: Columns, names: bytes, owners: Any, is_main: Any) -> None:
        self._columns = columns
        # Each name is preceded by a line feed, which no folded name holds: so a match tells whose name it is in.
        self._names = names
        self._starts: NDArray[np.int64] = np.append(
            np.flatnonzero(np.frombuffer(names, dtype=np.uint8) == ord("\n")), len(names)
        )
        self._owners: NDArray[np.int32] = np.asarray(owners, dtype=np.int32)
        self._is_main: NDArray[np.bool_] = np.asarray(is_main, dtype=np.bool_)
        self._population = np.array(columns["population"], dtype=np.float64)
        self._vectors = _unit_vectors(np.array(columns["lat"]), np.array(columns["lon"]))
        self._number_of = {place_id: number for number, place_id in enumerate(columns["id"])}

    @classmethod
    def of(cls, records: Iterable[PlaceRecord]) -> Self:
        rows: list[tuple[Any, ...]] = []
        pairs: dict[tuple[str, int], bool] = {}
        for number, one in enumerate(records):
            region = f"{one.country}-{one.admin1}" if one.admin1 else one.country
            row = (one.id, one.name, one.chinese, one.country, region, one.lat, one.lon, one.timezone)
            rows.append((*row, one.population))
            pairs.update(((folded(name), number), False) for name in one.names)
            pairs.update(((folded(name), number), True) for name in (one.name, one.chinese))
        ordered = sorted(pair for pair in pairs if pair[0])
        names = "".join(f"\n{key}" for key, _ in ordered).encode()
        values = zip(*rows, strict=True) if rows else ([] for _ in COLUMNS)
        columns = {name: list(column) for name, column in zip(COLUMNS, values, strict=True)}
        return cls(columns, names, [number for _, number in ordered], [pairs[pair] for pair in ordered])

    def to_arrays(self) -> dict[str, NDArray[Any]]:
        """All of it as plain arrays of numbers and bytes, to be kept in a file and read back in a moment."""
        arrays: dict[str, NDArray[Any]] = {"owners": self._owners, "is_main": self._is_main}
        arrays["names"] = np.frombuffer(self._names, dtype=np.uint8)
        for name, kind in COLUMNS.items():
            column = self._columns[name]
            text = "\n".join(column).encode() if kind is None else b""
            arrays[f"place.{name}"] = (
                np.frombuffer(text, dtype=np.uint8) if kind is None else np.array(column, kind)
            )
        return arrays

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, NDArray[Any]]) -> Self:
        """Raises KeyError or ValueError where the arrays are not those of `to_arrays`."""
        columns: Columns = {}
        for name, kind in COLUMNS.items():
            column = arrays[f"place.{name}"]
            # Countries and time zones are few: each text is kept once.
            columns[name] = (
                [intern(text) for text in column.tobytes().decode().split("\n")]
                if kind is None
                else column.tolist()
            )
        if len({len(column) for column in columns.values()}) != 1:
            raise ValueError("the columns differ in length")
        return cls(columns, arrays["names"].tobytes(), arrays["owners"], arrays["is_main"])

    def __len__(self) -> int:
        return len(self._number_of)

    def __iter__(self) -> Iterator[Place]:
        return map(self._place, range(len(self)))

    def by_id(self, place_id: int) -> Place | None:
        number = self._number_of.get(place_id)
        return None if number is None else self._place(number)

    def search(self, query: str, *, limit: int = 8, countries: frozenset[str] = frozenset()) -> list[Place]:
        """The likeliest places for what someone has typed so far, the likeliest first.

        Larger places come before smaller, but a name met whole counts as much as 30 times the people, a main name as
        10 times, and a name met only in its middle as a hundredth. `countries` confines to ISO codes.
        """
        key = folded(query).encode()
        if not key:
            return []
        scores = self._scored(key)
        if countries:
            scores = {n: score for n, score in scores.items() if self._columns["country"][n] in countries}
        best = sorted(scores, key=lambda n: (-scores[n], self._columns["id"][n]))[:limit]
        return [self._place(number) for number in best]

    def nearest(self, lat: float, lon: float) -> tuple[Place, float]:
        """The place nearest to a point in degrees, and its distance in metres."""
        place = self._place(
            int(np.argmax(self._vectors @ _unit_vectors(np.array([lat]), np.array([lon]))[0]))
        )
        return place, distance_m(place, lat, lon)

    def _scored(self, key: bytes) -> dict[int, float]:
        low, high = self._bounds(key)
        owners = self._owners[low:high]
        fame = np.log10(np.maximum(self._population[owners], 1)) + MAIN_BONUS * self._is_main[low:high]
        scores: dict[int, float] = {}
        for index, (number, score) in enumerate(zip(owners.tolist(), fame.tolist(), strict=True), start=low):
            whole = EXACT_BONUS if self._key(index) == key else 0.0
            scores[number] = max(scores.get(number, -9.0), score + whole)
        if len(key) >= 3:
            for number in self._owners[self._inside(key)].tolist():
                scores.setdefault(number, float(np.log10(max(self._population[number], 1))) - MIDDLE_MALUS)
        return scores

    def _inside(self, key: bytes, most: int = 2_000) -> list[int]:
        """Which names hold the key in their middle."""
        places = [
            match.start()
            for _, match in zip(range(most), re.finditer(re.escape(key), self._names), strict=False)
        ]
        return sorted(set((np.searchsorted(self._starts, places, side="right") - 1).tolist()))

    def _bounds(self, key: bytes) -> tuple[int, int]:
        """The first and last (exclusive) name that begins with the key."""
        return self._first(key), self._first(key + b"\xff")

    def _first(self, key: bytes) -> int:
        low, high = 0, len(self._owners)
        while low < high:
            middle = (low + high) // 2
            if self._key(middle) < key:
                low = middle + 1
            else:
                high = middle
        return low

    def _key(self, index: int) -> bytes:
        return self._names[int(self._starts[index]) + 1 : int(self._starts[index + 1])]

    def _place(self, number: int) -> Place:
        row = [self._columns[name][number] for name in COLUMNS]
        row.append(city_radius_m(row[-1]))
        return Place(*row)


def populated_centre(places: Sequence[Place], *, share: float = 0.98) -> tuple[float, float, int]:
    """Where a country's people are in the middle, and the radius in metres within which `share` of them live.

    The mean of the unit vectors of its places weighted by population, and the distance within which the places hold
    the share. Raises ValueError without any place.
    """
    if not places:
        raise ValueError("a country without places has no centre")
    lats, lons = np.array([p.lat for p in places]), np.array([p.lon for p in places])
    weights = np.array([max(p.population, 1) for p in places], dtype=np.float64)
    vectors = _unit_vectors(lats, lons)
    x, y, z = (vectors * weights[:, None]).sum(axis=0)
    lat, lon = float(np.degrees(np.arctan2(z, np.hypot(x, y)))), float(np.degrees(np.arctan2(y, x)))
    chords = np.linalg.norm(vectors - _unit_vectors(np.array([lat]), np.array([lon]))[0], axis=1)
    distances = 2 * EARTH_RADIUS_M * np.arcsin(np.minimum(chords / 2, 1.0))
    order = np.argsort(distances)
    held = np.cumsum(weights[order]) / weights.sum()
    last = min(int(np.searchsorted(held, share)), len(order) - 1)
    return lat, lon, max(int(distances[order][last]), MOST_RADIUS_M)


def distance_m(place: Place, lat: float, lon: float) -> float:
    """From a place's centre to a point in degrees, in metres, on the sphere."""
    here, there = _unit_vectors(np.array([place.lat, lat]), np.array([place.lon, lon]))
    return 2 * EARTH_RADIUS_M * float(np.arcsin(min(float(np.linalg.norm(here - there)) / 2, 1.0)))


def destination(lat: float, lon: float, *, north_m: float, east_m: float) -> tuple[float, float]:
    """A point some metres away, good for distances within a city; kept on the globe."""
    new_lat = min(max(lat + north_m / 111_195.0, -89.9), 89.9)
    new_lon = lon + east_m / (111_195.0 * max(cos(radians(lat)), 0.01))
    return new_lat, (new_lon + 180) % 360 - 180


def _unit_vectors(lats: NDArray[np.float64], lons: NDArray[np.float64]) -> NDArray[np.float64]:
    phi, lam = np.radians(lats), np.radians(lons)
    return np.column_stack([np.cos(phi) * np.cos(lam), np.cos(phi) * np.sin(lam), np.sin(phi)])
