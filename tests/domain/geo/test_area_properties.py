"""What must hold for every area, against an oracle in rational arithmetic."""

import itertools
import math

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from openconsular.domain.geo import Area, AreaError
from openconsular.domain.geo.sphere import HEMISPHERE_KM2, distances_km, evenly_spread
from tests.domain.geo.shapes import (
    Ring,
    latitudes,
    longitudes,
    oracle,
    places,
    stars,
    stars_over_the_antimeridian,
    tangles,
    tiny_stars,
)

WORLD = evenly_spread(2_000)


def built(**shapes: object) -> Area | None:
    try:
        return Area.of(**shapes)  # type: ignore[arg-type]
    except AreaError:
        return None


@settings(deadline=None, max_examples=150)
@given(stars, st.lists(places, min_size=1, max_size=10))
def test_a_sound_ring_covers_what_rational_arithmetic_says(
    ring: Ring, others: list[tuple[float, float]]
) -> None:
    area = built(polygons=[ring])
    assume(area is not None and not area.notes)
    crosses = any(abs(a[1] - b[1]) > 180 for a, b in itertools.pairwise(ring))
    middles = [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2) for a, b in itertools.pairwise(ring)]
    near = [(lat, lon) for lat, lon in [*middles, *others] if abs(lon) <= 180]
    for lat, lon in near:
        winding, on_edge = oracle(ring, lat, lon)
        if crosses and abs(abs(lon) - 180) > 1e-9 and not _clear(ring, lat, lon):
            continue  # cutting at the antimeridian moves an edge by a rounding error
        assert area.covers(lat, lon) == (on_edge or winding != 0)


def _clear(ring: Ring, lat: float, lon: float) -> bool:
    """Whether a place is farther from every edge than rounding can move the edge."""
    around = [
        oracle(ring, lat + up, lon + right) for up in (-1e-11, 0, 1e-11) for right in (-1e-11, 0, 1e-11)
    ]
    return len(set(around)) == 1


@settings(deadline=None, max_examples=150)
@given(st.one_of(stars, tiny_stars, stars_over_the_antimeridian))
def test_the_corners_belong_to_the_area(ring: Ring) -> None:
    area = built(polygons=[ring])
    assume(area is not None and not area.notes)
    assert area.covers_many([lat for lat, _ in ring], [lon for _, lon in ring]).all()


@settings(deadline=None, max_examples=150)
@given(tangles, st.lists(places, min_size=1, max_size=20))
def test_a_crossed_ring_covers_what_it_winds_round(ring: Ring, others: list[tuple[float, float]]) -> None:
    area = built(polygons=[ring])
    assume(area is not None)
    for lat, lon in others:
        if _clear(ring, lat, lon):
            assert area.covers(lat, lon) == (oracle(ring, lat, lon)[0] != 0)


@settings(deadline=None, max_examples=100)
@given(stars, stars, places)
def test_a_union_covers_what_one_of_them_covers(
    first: Ring, second: Ring, place: tuple[float, float]
) -> None:
    one, two = built(polygons=[first]), built(polygons=[second])
    assume(one is not None and two is not None)
    assert Area.union([one, two]).covers(*place) == (one.covers(*place) or two.covers(*place))


@settings(deadline=None, max_examples=200)
@given(stars, st.data())
def test_a_damaged_ring_never_covers_everyone(ring: Ring, data: st.DataObject) -> None:
    damaged: list[object] = list(ring)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        kind = data.draw(
            st.sampled_from(["drop", "swap", "sign", "wild", "nan", "cut", "repeat", "order", "text"])
        )
        lat, lon = damaged[at] if isinstance(damaged[at], tuple) else (0.0, 0.0)  # type: ignore[misc]
        match kind:
            case "drop":
                damaged.pop(at)
            case "swap":
                damaged[at] = (lon, lat)
            case "sign":
                damaged[at] = (lat, -lon)
            case "wild":
                damaged[at] = (data.draw(latitudes), data.draw(longitudes))
            case "nan":
                damaged[at] = (math.nan, lon)
            case "cut":
                damaged = damaged[: at + 1]
            case "repeat":
                damaged.insert(at, damaged[at])
            case "order":
                damaged[at], damaged[-at] = damaged[-at], damaged[at]
            case "text":
                damaged[at] = "12,34"
        if not damaged:
            break
    area = built(polygons=[damaged])
    if area is not None:
        assert 0 < area.surface_km2 <= HEMISPHERE_KM2
        assert np.mean(area.covers_many(*WORLD)) < 0.52


@settings(deadline=None, max_examples=60)
@given(stars, st.lists(places, min_size=1, max_size=5), st.floats(1, 600_000))
def test_reach_never_misses_a_circle_that_touches(
    ring: Ring, others: list[tuple[float, float]], radius_m: float
) -> None:
    area = built(polygons=[ring])
    assume(area is not None and not area.notes)
    lats, lons = _along(ring)
    for lat, lon in [*others, (ring[0][0] * 0.99, ring[0][1] * 0.999), (min(lats) - 1, ring[0][1])]:
        if abs(lat) > 90:
            continue
        nearest_km = float(np.min(distances_km(lat, lon, lats, lons)))
        if area.covers(lat, lon) or nearest_km * 1000 <= radius_m:
            assert area.within_reach([lat], [lon], radius_m)[0]
        elif nearest_km > 40 and abs(lat) + radius_m / 111_000 < 70 and nearest_km * 1000 > 2.5 * radius_m:
            assert not area.within_reach([lat], [lon], radius_m)[0]


def _along(ring: Ring) -> tuple[np.ndarray, np.ndarray]:
    """Many places on the edges of a ring."""
    share = np.linspace(0, 1, 50)
    lats, lons = [], []
    for (lat1, lon1), (lat2, lon2) in itertools.pairwise(ring):
        step = (lon2 - lon1 + 180) % 360 - 180
        lats.append(lat1 + (lat2 - lat1) * share)
        lons.append(lon1 + step * share)
    return np.clip(np.concatenate(lats), -90, 90), (np.concatenate(lons) + 180) % 360 - 180


@settings(deadline=None, max_examples=100)
@given(places, st.floats(0.001, 9_000), places)
def test_a_disc_is_a_distance(
    centre: tuple[float, float], radius_km: float, place: tuple[float, float]
) -> None:
    def vector(lat: float, lon: float) -> np.ndarray:
        lat, lon = math.radians(lat), math.radians(lon)
        return np.array([math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)])

    one, two = vector(*centre), vector(*place)
    away_km = 6371.0088 * math.atan2(float(np.linalg.norm(np.cross(one, two))), float(one @ two))
    assume(abs(away_km - radius_km) > 1e-3)
    assert Area.of(discs=[(*centre, radius_km)]).covers(*place) == (away_km < radius_km)
