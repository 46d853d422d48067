"""Which cells of the Z-order lie in an area, which touch it, and which have nothing to do with it."""

from typing import Any, NamedTuple

import numpy as np
import shapely

from openconsular.domain.geo.area import Area
from openconsular.domain.geo.disc import Disc
from openconsular.domain.geo.morton import BITS, Codes, cell_boxes, place_codes
from openconsular.domain.geo.sphere import EARTH_RADIUS_KM, Bools, Floats, distances_km, reach_degrees

# A hundredth of the width of the smallest cell: more than any rounding in the codes.
MARGIN = 360.0 / (1 << BITS) / 100


class Boxes(NamedTuple):
    """Boxes in degrees, as four arrays."""

    south: Floats
    west: Floats
    north: Floats
    east: Floats


class Judge:
    """Tells cells apart for one area and one reach (metres) that positions in the cells may have.

    Both answers are careful: a cell called inside has every place of it in the area, and a cell that is
    not called touching has no position whose circle could touch the area.
    """

    def __init__(self, area: Area, reach_m: float = 0.0) -> None:
        self._area = area
        self._reach_km = reach_m / 1000

    def start(self) -> tuple[Codes, int]:
        """The few cells to begin with, and their level."""
        if self._area.bounds is None:
            return np.zeros(0, dtype=np.int64), 0
        box = self._grown(Boxes(*(np.array([side]) for side in self._area.bounds)))
        south, west, north, east = (float(side[0]) for side in box)
        if west < -180 or east > 180 or east - west >= 180 or north - south >= 90:
            return np.zeros(1, dtype=np.int64), 0
        level = int(min(np.log2(360 / (east - west)), np.log2(180 / (north - south)), BITS))
        south, north = max(south, -90.0), min(north, 90.0)
        corners = place_codes([south, south, north, north], [west, east, west, east])
        return np.unique(corners >> (2 * (BITS - level))), level

    def touching(self, cells: Codes, level: int) -> tuple[Bools, Bools]:
        """For every cell: whether it touches the area, and whether it is wholly inside."""
        south, west, north, east = cell_boxes(cells, level)
        padded = Boxes(south - MARGIN, west - MARGIN, north + MARGIN, east + MARGIN)
        inner = Boxes(
            *(np.clip(side, -lim, lim) for side, lim in zip(padded, (90, 180, 90, 180), strict=True))
        )
        touches = self._touches_polygons(self._grown(padded))
        inside = np.zeros(len(cells), dtype=np.bool_)
        near = np.flatnonzero(touches)
        if len(near):
            boxes = _boxes(Boxes(*(side[near] for side in inner)))
            inside[near] = shapely.covers(self._area.polygons, boxes)
        for disc in self._area.discs:
            touches_disc, inside_disc = _disc(disc, padded, self._reach_km)
            touches |= touches_disc
            inside |= inside_disc
        return touches, inside

    def _grown(self, box: Boxes) -> Boxes:
        if self._reach_km == 0:
            return Boxes(box.south - MARGIN, box.west - MARGIN, box.north + MARGIN, box.east + MARGIN)
        highest = np.minimum(np.maximum(np.abs(box.south), np.abs(box.north)), 90.0)
        height, width = reach_degrees(self._reach_km, highest)
        return Boxes(box.south - height, box.west - width, box.north + height, box.east + width)

    def _touches_polygons(self, boxes: Boxes) -> Bools:
        polygons = self._area.polygons
        touches: Bools = np.asarray(shapely.intersects(polygons, _boxes(boxes)), dtype=np.bool_)
        for turn, over in ((360.0, boxes.west < -180), (-360.0, boxes.east > 180)):
            seam = np.flatnonzero(over & ~touches)
            if len(seam):
                south, west, north, east = (side[seam] for side in boxes)
                touches[seam] = shapely.intersects(
                    polygons, _boxes(Boxes(south, west + turn, north, east + turn))
                )
        return touches


def _boxes(boxes: Boxes) -> Any:
    return shapely.box(boxes.west, boxes.south, boxes.east, boxes.north)


def _disc(disc: Disc, boxes: Boxes, reach_km: float) -> tuple[Bools, Bools]:
    """By the distance of the middle of a cell and a bound on how far its corners are from the middle."""
    lats, lons = (boxes.south + boxes.north) / 2, (boxes.west + boxes.east) / 2
    lowest = np.where(
        boxes.south * boxes.north <= 0, 0.0, np.minimum(np.abs(boxes.south), np.abs(boxes.north))
    )
    tall = np.radians(boxes.north - boxes.south) / 2
    wide = np.radians(boxes.east - boxes.west) / 2 * np.cos(np.radians(np.minimum(lowest, 90.0)))
    half_km = EARTH_RADIUS_KM * (tall + wide) * (1 + 1e-9) + 1e-6
    away = distances_km(disc.lat, disc.lon, np.clip(lats, -90.0, 90.0), lons)
    touches: Bools = away - half_km <= disc.radius_km + reach_km
    inside: Bools = away + half_km <= disc.radius_km
    if disc.cut is not None and inside.any():
        inside &= ~np.asarray(shapely.intersects(disc.cut, _boxes(boxes)), dtype=np.bool_)
    return touches, inside
