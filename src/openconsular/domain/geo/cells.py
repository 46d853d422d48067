"""Which cells of the Z-order lie in an area, which touch it, and which have nothing to do with it."""

from typing import Any, NamedTuple

import numpy as np
import shapely

from openconsular.domain.geo.area import Area
from openconsular.domain.geo.disc import Disc
from openconsular.domain.geo.morton import BITS, Codes, cell_boxes, woven
from openconsular.domain.geo.reach import span_degrees
from openconsular.domain.geo.sphere import EARTH_RADIUS_KM, KM_PER_DEGREE, Bools, Floats, distances_km

# A hundredth of the width of the smallest cell: more than any rounding in the codes.
MARGIN = 360.0 / (1 << BITS) / 100


class Boxes(NamedTuple):
    """Boxes in degrees, as four arrays."""

    south: Floats
    west: Floats
    north: Floats
    east: Floats

    def shapes(self) -> Any:
        """The boxes as shapely polygons."""
        return shapely.box(self.west, self.south, self.east, self.north)

    def turned(self, degrees: float, which: Any) -> "Boxes":
        """Some of the boxes, as many degrees further east."""
        south, west, north, east = (side[which] for side in self)
        return Boxes(south, west + degrees, north, east + degrees)


class Judge:
    """Tells cells apart for one area and one reach (metres) that positions in the cells may have.

    Both answers are careful: a cell called inside has every place of it in the area, and a cell that is
    not called touching has no position whose circle could touch the area.
    """

    def __init__(self, area: Area, reach_m: float = 0.0) -> None:
        self._area = area
        self._reach_km = reach_m / 1000
        bounds = area.bounds
        self._ends_at_map_edge = bounds is not None and (
            max(-bounds.west, bounds.east) >= 180 or max(-bounds.south, bounds.north) >= 90
        )

    def start(self, divisions: int = 2) -> tuple[Codes, int]:
        """The few cells to begin with, and their level: an area is 2 ** divisions to twice as many of them wide.

        Fewer would only be divided again, which costs more than judging some cells that lie apart.
        """
        if self._area.bounds is None:
            return np.zeros(0, dtype=np.int64), 0
        box = self._grown(Boxes(*(np.array([side]) for side in self._area.bounds)))
        south, west, north, east = (float(side[0]) for side in box)
        if west < -180 or east > 180 or east - west >= 180 or north - south >= 90:
            return np.zeros(1, dtype=np.int64), 0
        level = min(int(min(np.log2(360 / (east - west)), np.log2(180 / (north - south)))) + divisions, BITS)
        side = 1 << level
        columns = np.arange(int((west + 180) / 360 * side), min(int((east + 180) / 360 * side), side - 1) + 1)
        rows = np.arange(
            max(int((south + 90) / 180 * side), 0), min(int((north + 90) / 180 * side), side - 1) + 1
        )
        return np.sort(woven(np.tile(columns, len(rows)), np.repeat(rows, len(columns)))), level

    def touching(self, cells: Codes, level: int) -> tuple[Bools, Bools]:
        """For every cell: whether it touches the area, and whether it is wholly inside."""
        south, west, north, east = cell_boxes(cells, level)
        padded = Boxes(south - MARGIN, west - MARGIN, north + MARGIN, east + MARGIN)
        shapes = padded.shapes()
        touches = self._touches_polygons(padded, shapes)
        near = np.flatnonzero(touches)
        inside = np.zeros(len(cells), dtype=np.bool_)
        if self._ends_at_map_edge:  # nothing lies beyond the edge of the map: do not ask for it
            limits = zip(padded, (90.0, 180.0, 90.0, 180.0), strict=True)
            shapes = Boxes(*(np.clip(side, -limit, limit) for side, limit in limits)).shapes()
        inside[near] = shapely.covers(self._area.polygons, shapes[near])
        for disc in self._area.discs:
            touches_disc, inside_disc = _disc(disc, padded, self._reach_km)
            touches |= touches_disc
            inside |= inside_disc
        return touches, inside

    def _grown(self, box: Boxes) -> Boxes:
        height = self._reach_km / KM_PER_DEGREE + MARGIN
        highest = np.maximum(np.abs(box.south), np.abs(box.north)) + height
        _, width = span_degrees(self._reach_km, np.minimum(highest, 90.0))
        return Boxes(
            box.south - height, box.west - width - MARGIN, box.north + height, box.east + width + MARGIN
        )

    def _touches_polygons(self, boxes: Boxes, shapes: Any) -> Bools:
        polygons = self._area.polygons
        if self._reach_km:
            boxes = self._grown(boxes)
            shapes = boxes.shapes()
        touches: Bools = np.asarray(shapely.intersects(polygons, shapes), dtype=np.bool_)
        if self._reach_km or self._ends_at_map_edge:
            for turn, over in ((360.0, boxes.west < -180), (-360.0, boxes.east > 180)):
                seam = np.flatnonzero(over & ~touches)
                if len(seam):
                    touches[seam] = shapely.intersects(polygons, boxes.turned(turn, seam).shapes())
        return touches


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
        inside &= ~np.asarray(shapely.intersects(disc.cut, boxes.shapes()), dtype=np.bool_)
    return touches, inside
