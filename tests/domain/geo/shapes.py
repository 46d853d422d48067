"""Shapes for the tests, and an oracle of its own: rational arithmetic on the ring as it was written."""

import itertools
import math
from fractions import Fraction

from hypothesis import strategies as st

Ring = list[tuple[float, float]]


def degrees(low: float, high: float) -> st.SearchStrategy[float]:
    """Numbers as authorities write them, with nine decimals at most."""
    return st.floats(low, high).map(lambda value: round(value, 9) + 0.0)


latitudes = degrees(-90, 90)
longitudes = degrees(-180, 180)
places = st.tuples(latitudes, longitudes)


def star(lat: float, lon: float, radii: list[float]) -> Ring:
    """A ring round a centre that never crosses itself; (latitude, longitude), closed, longitudes wrapped."""
    ring = []
    for number, radius in enumerate(radii):
        angle = 2 * math.pi * number / len(radii)
        north, east = radius * math.sin(angle), radius * math.cos(angle)
        ring.append((round(lat + north, 9), round(wrapped(lon + east), 9)))
    return [*ring, ring[0]]


def wrapped(lon: float) -> float:
    return lon - 360 if lon > 180 else lon + 360 if lon < -180 else lon


stars = st.builds(
    star,
    degrees(-60, 60),
    longitudes,
    st.lists(degrees(0.01, 25), min_size=5, max_size=24),
)
stars_over_the_antimeridian = st.builds(
    star, degrees(-60, 60), degrees(178, 180), st.lists(degrees(0.5, 25), min_size=5, max_size=24)
)
tiny_stars = st.builds(
    star,
    degrees(-60, 60),
    longitudes,
    st.lists(degrees(1e-6, 1e-4), min_size=5, max_size=9),
)
tangles = st.lists(st.tuples(degrees(-40, 40), degrees(-60, 60)), min_size=3, max_size=9).map(
    lambda points: [*points, points[0]]
)


def oracle(ring: Ring, lat: float, lon: float) -> tuple[int, bool]:
    """How often the ring winds round a place, and whether the place is on the ring; exact.

    The ring must not need more than one turn round the globe; edges take the shorter way.
    """
    unrolled = [Fraction(ring[0][1])]
    for (_, before), (_, after) in itertools.pairwise(ring):
        step = Fraction(after) - Fraction(before)
        step += 360 if step < -180 else -360 if step > 180 else 0
        unrolled.append(unrolled[-1] + step)
    path = [(x, Fraction(lat_)) for x, (lat_, _) in zip(unrolled, ring, strict=True)]
    winding, touching = 0, False
    for turn in (-720, -360, 0, 360, 720):
        found, on = _wind(path, Fraction(lon) + turn, Fraction(lat))
        winding, touching = winding + found, touching or on
    return winding, touching


def _wind(path: list[tuple[Fraction, Fraction]], x: Fraction, y: Fraction) -> tuple[int, bool]:
    winding = 0
    for (x1, y1), (x2, y2) in itertools.pairwise(path):
        side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
        if side == 0 and min(x1, x2) <= x <= max(x1, x2) and min(y1, y2) <= y <= max(y1, y2):
            return 0, True
        if y1 <= y < y2 and side > 0:
            winding += 1
        if y2 <= y < y1 and side < 0:
            winding -= 1
    return winding, False
