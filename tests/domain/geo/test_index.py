"""Codes, covers and the index in memory give the answer of testing everyone."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from openconsular.domain.geo import (
    CODE_BITS,
    REACH_CLASSES_M,
    Area,
    AreaError,
    PositionIndex,
    cover,
    position_code,
    position_codes,
)
from openconsular.domain.geo.morton import BITS, cell_boxes, place_code, place_codes
from tests.domain.geo.shapes import Ring, latitudes, longitudes, stars, tangles, tiny_stars


def everyone(seed: int, count: int = 3_000) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Places in crowds and alone, on the seam, at the poles, and how uncertain each is."""
    rng = np.random.default_rng(seed)
    lats = np.concatenate([rng.uniform(-90, 90, count), rng.normal(10, 1, count), [90, -90, 0, 0, 45, 45]])
    lons = np.concatenate(
        [rng.uniform(-180, 180, count), rng.normal(20, 1, count), [7, 7, 180, -180, 180, -180]]
    )
    radii = rng.choice([0, 0, 0, 40, 1_000, 3_000, 60_000, 450_000, 2e6, 9e8], len(lats))
    return lats, lons, radii


LATS, LONS, RADII = everyone(1)
EXACT = PositionIndex(np.arange(len(LATS)), LATS, LONS)
VAGUE = PositionIndex(np.arange(len(LATS)), LATS, LONS, RADII)


def made(ring: Ring) -> Area:
    try:
        return Area.of([ring])
    except AreaError:
        assume(False)
        raise


@given(latitudes, longitudes)
def test_a_place_lies_in_the_cell_of_its_code(lat: float, lon: float) -> None:
    code = place_code(lat, lon)
    assert 0 <= code < 1 << CODE_BITS
    for level in (0, 1, 7, BITS):
        south, west, north, east = (float(side) for side in cell_boxes(code >> (2 * (BITS - level)), level))
        assert south - 1e-7 <= lat <= north + 1e-7
        assert west - 1e-7 <= lon <= east + 1e-7 or abs(lon) == 180


def test_codes_are_the_woven_bits_of_column_and_row() -> None:
    assert place_code(-90, -180) == place_code(-90, 180) == 0
    assert place_code(90, 179.9999999) == (1 << CODE_BITS) - 1
    assert place_code(0, -180) == 1 << (CODE_BITS - 1) and place_code(-90, 0) == 1 << (CODE_BITS - 2)
    column, row = 0b10110, 0b01101
    lat, lon = (row + 0.5) * 180 / 2**BITS - 90, (column + 0.5) * 360 / 2**BITS - 180
    woven = "".join(r + c for r, c in zip(f"{row:05b}", f"{column:05b}", strict=True))
    assert place_code(lat, lon) == int(woven, 2)


def test_vague_positions_are_filed_apart() -> None:
    assert position_code(10, 20, 0) == place_code(10, 20)
    classes = [position_code(10, 20, radius) >> CODE_BITS for radius in (0, 1, 1_000, 1_001, 2_500_001, 1e12)]
    assert classes == [0, 1, 1, 2, 7, 7] and max(classes) < len(REACH_CLASSES_M)


@pytest.mark.parametrize(
    ("lat", "lon", "radius"), [(91, 0, 0), (0, 181, 0), (np.nan, 0, 0), (0, 0, -1), (0, 0, np.nan)]
)
def test_a_place_off_the_globe_has_no_code(lat: float, lon: float, radius: float) -> None:
    with pytest.raises(AreaError):
        position_codes([lat], [lon], [radius])


@settings(deadline=None, max_examples=150)
@given(st.one_of(stars, tangles, tiny_stars))
def test_memory_answers_as_testing_everyone_does(ring: Ring) -> None:
    area = made(ring)
    found = EXACT.match(area)
    assert np.array_equal(np.sort(found.ids), np.flatnonzero(area.covers_many(LATS, LONS)))
    assert found.is_inside.all()


@settings(deadline=None, max_examples=60)
@given(st.one_of(stars, tiny_stars), st.tuples(latitudes, longitudes, st.floats(0.1, 5_000)))
def test_uncertain_positions_are_possibly_in(ring: Ring, disc: tuple[float, float, float]) -> None:
    area = Area.union([made(ring), Area.of(discs=[disc])]) if disc[2] < 3_000 else Area.of(discs=[disc])
    found = VAGUE.match(area)
    inside = area.covers_many(LATS, LONS)
    touched = area.within_reach(LATS, LONS, np.minimum(RADII, REACH_CLASSES_M[-1]))
    assert np.array_equal(np.sort(found.inside), np.flatnonzero(inside))
    assert np.array_equal(np.sort(found.possible), np.flatnonzero(touched & ~inside))


@settings(deadline=None, max_examples=80)
@given(stars)
def test_places_on_corners_and_edges_are_found(ring: Ring) -> None:
    area = made(ring)
    lats = np.array([lat for lat, _ in ring])
    lons = np.array([lon for _, lon in ring])
    found = PositionIndex(np.arange(len(ring)), lats, lons).match(area)
    assert len(found.ids) == np.count_nonzero(area.covers_many(lats, lons))
    if not area.notes:
        assert len(found.ids) == len(ring)


@settings(deadline=None, max_examples=80)
@given(stars, st.sampled_from(REACH_CLASSES_M[:6]), st.integers(4, 600))
def test_a_cover_leaves_nobody_out_and_takes_nobody_in(ring: Ring, reach_m: int, cells: int) -> None:
    area = made(ring)
    ranges = cover(area, reach_m=reach_m, cells=cells)
    codes = place_codes(LATS, LONS)
    inner, border = (
        np.logical_or.reduce(
            [(codes >= first) & (codes < end) for first, end in zip(part.first, part.end, strict=True)],
            axis=0,
        )
        & np.ones(len(codes), dtype=bool)
        for part in (ranges.inner, ranges.border)
    )
    assert not (inner & border).any()
    assert area.covers_many(LATS[inner], LONS[inner]).all()
    rest = ~(inner | border)
    assert not area.within_reach(LATS[rest], LONS[rest], reach_m).any()
    assert len(ranges.border) <= 4 * cells + 16


def test_a_crowd_in_one_place_is_found_in_every_number() -> None:
    count = 5_000
    crowd = PositionIndex(np.arange(count), np.full(count, 12.5), np.full(count, 99.25))
    assert len(crowd.match(Area.of([[(12.5, 99.25), (12.5, 100), (13, 100), (12.5, 99.25)]])).ids) == count
    assert len(crowd.match(Area.of([[(12.6, 99.25), (12.6, 100), (13, 100), (12.6, 99.25)]])).ids) == 0


@pytest.mark.parametrize("side", [180.0, -180.0])
def test_a_crowd_on_the_antimeridian_is_on_both_sides_of_it(side: float) -> None:
    count = 500
    crowd = PositionIndex(np.arange(count), np.linspace(-20, -10, count), np.full(count, side))
    for edge in (170, -170):
        area = Area.of([[(-30, edge), (-30, side), (0, side), (0, edge), (-30, edge)]])
        assert len(crowd.match(area).ids) == count


def test_nobody_and_nothing() -> None:
    nobody = PositionIndex([], [], [])
    assert len(nobody) == 0 and len(nobody.match(Area.of(discs=[(0, 0, 100)])).ids) == 0
    assert len(VAGUE.match(Area.of()).ids) == 0


def test_a_position_takes_little_memory() -> None:
    assert EXACT.nbytes / len(EXACT) <= 32 and VAGUE.nbytes / len(VAGUE) <= 36
