"""Z-order codes: one whole number for a place, so that a plain sorted list or B-tree finds places by area.

Longitude and latitude become 26 bits each, woven together (G. M. Morton, 1966): 52 bits, cells of
0.6 m by 0.3 m at the equator. The cells of level L have L bits of each; all codes of a cell are one range.

A position that is only known to some metres is filed under a class of reach: three more bits above the
52. Without them, every search would have to look as far round an area as the vaguest position of all.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openconsular.domain.geo.errors import AreaError
from openconsular.domain.geo.sphere import Floats

Codes = NDArray[np.int64]

BITS = 26
SIDE = 1 << BITS
CODE_BITS = 2 * BITS
# A position belongs to the first class that is no smaller than its uncertainty; the last one means anywhere.
REACH_CLASSES_M = (0, 1_000, 5_000, 25_000, 100_000, 500_000, 2_500_000, 20_040_000)

# Bits are woven and unwoven by halves: each step moves half of every group and masks the rest away.
_STEPS = tuple(
    (np.uint64(shift), np.uint64(mask), np.uint64(before))
    for shift, mask, before in (
        (16, 0x0000FFFF0000FFFF, 0x00000000FFFFFFFF),
        (8, 0x00FF00FF00FF00FF, 0x0000FFFF0000FFFF),
        (4, 0x0F0F0F0F0F0F0F0F, 0x00FF00FF00FF00FF),
        (2, 0x3333333333333333, 0x0F0F0F0F0F0F0F0F),
        (1, 0x5555555555555555, 0x3333333333333333),
    )
)


def place_code(lat: float, lon: float) -> int:
    """The 52-bit code of a place; longitude 180 is the same place as -180."""
    return int(place_codes([lat], [lon])[0])


def place_codes(lats: ArrayLike, lons: ArrayLike) -> Codes:
    """The codes of many places, as int64. Raises `AreaError` for what is not on the globe."""
    y = np.asarray(lats, dtype=np.float64)
    x = np.asarray(lons, dtype=np.float64)
    if not np.all(np.abs(y) <= 90):  # also true of NaN
        raise AreaError("latitude_range", "A latitude is beyond 90 degrees or not a number.")
    if not np.all(np.abs(x) <= 180):
        raise AreaError("longitude_range", "A longitude is beyond 180 degrees or not a number.")
    column = np.floor((x + 180.0) * (SIDE / 360.0)).astype(np.int64) & (SIDE - 1)
    row = np.clip(np.floor((y + 90.0) * (SIDE / 180.0)), 0, SIDE - 1).astype(np.int64)
    return woven(column, row)


def position_code(lat: float, lon: float, uncertainty_m: float) -> int:
    """What a stored position is filed under: the class of its uncertainty above the code of its place."""
    return int(position_codes([lat], [lon], [uncertainty_m])[0])


def position_codes(lats: ArrayLike, lons: ArrayLike, uncertainties_m: ArrayLike) -> Codes:
    """`position_code` of many positions. An uncertainty beyond all classes counts as anywhere."""
    radii = np.asarray(uncertainties_m, dtype=np.float64)
    if not np.all(radii >= 0):
        raise AreaError("radius_range", "An uncertainty is negative or not a number.")
    classes = np.searchsorted(REACH_CLASSES_M, radii)
    classes = np.minimum(classes, len(REACH_CLASSES_M) - 1).astype(np.int64)
    return place_codes(lats, lons) | (classes << CODE_BITS)


def cell_boxes(cells: Any, level: int) -> tuple[Floats, Floats, Floats, Floats]:
    """South, west, north and east in degrees of cells, given as the first 2 * level bits of their codes."""
    numbers = np.asarray(cells, dtype=np.int64)
    width, height = 360.0 / (1 << level), 180.0 / (1 << level)
    west: Floats = np.asarray(_gather(numbers) * width - 180.0, dtype=np.float64)
    south: Floats = np.asarray(_gather(numbers >> 1) * height - 90.0, dtype=np.float64)
    return south, west, south + height, west + width


def woven(column: Codes, row: Codes) -> Codes:
    """Columns and rows of cells as codes: their bits in turn."""
    return _spread(column) | (_spread(row) << 1)


def _spread(values: Codes) -> Codes:
    bits = values.astype(np.uint64)
    for shift, mask, _ in _STEPS:
        bits = (bits | (bits << shift)) & mask
    return bits.astype(np.int64)


def _gather(values: Codes) -> Codes:
    bits = values.astype(np.uint64) & _STEPS[-1][1]
    for shift, _, before in reversed(_STEPS):
        bits = (bits | (bits >> shift)) & before
    return bits.astype(np.int64)
