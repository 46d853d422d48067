"""From a ring as an authority wrote it to valid polygons on the flat map of -180 to 180 degrees.

Edges are straight in longitude and latitude, as in every map that draws CAP (CAP 1.2, 3.2.4: WGS 84
coordinate pairs, first equals last) and in PostGIS `geometry`. Between two points the shorter way
round the globe is meant: an edge of more than 180 degrees crosses the antimeridian.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import shapely
from shapely.errors import GEOSException

from openconsular.domain.geo.errors import AreaError
from openconsular.domain.geo.sphere import Floats, polygon_surface_km2
from openconsular.domain.geo.tangles import is_tangled

# The largest real alert seen has 41,009 points, the largest coast in public data sets some 220,000.
MAX_POINTS = 500_000
# A ring round a pole needs three points at least; longer steps leave open which way round they go.
MAX_POLAR_STEP = 120.0
MAP = shapely.box(-180.0, -90.0, 180.0, 90.0)


class Note(NamedTuple):
    """What was changed in a shape, or left out of it, before it could be used."""

    code: str
    message: str


class Reading(NamedTuple):
    """Valid polygons in degrees (x longitude, y latitude) and what was done to get them."""

    polygons: list[Any]
    notes: list[Note]


def read_ring(points: Sequence[Sequence[float]] | Floats, place: int) -> Reading:
    """Read a closed ring of (latitude, longitude) pairs; `place` is its position in the list, for errors."""
    lats, lons = _checked(points, place)
    unrolled = lons + 360.0 * _turns(lons)
    if np.ptp(unrolled) > 360.0:
        raise AreaError("too_wide", "The polygon is wider than the globe.", polygon=place)
    drawn = _drawn_edge_to_edge(lons, lats)
    if unrolled[0] == unrolled[-1]:
        reading = mended(shapely.Polygon(np.column_stack([unrolled, lats])), place)
        if not reading.polygons and drawn is not None:
            reading = Reading([drawn], [])
    elif drawn is not None:
        reading = Reading([drawn], [])
    else:
        reading = _round_a_pole(unrolled, lats, place)
    flat = [part for polygon in reading.polygons for part in _onto_the_map(polygon, lons)]
    if not flat:
        raise AreaError("no_surface", "The polygon encloses no surface.", polygon=place)
    return Reading(flat, reading.notes)


def mended(polygon: Any, place: int | None) -> Reading:
    """The valid polygons of a polygon. Self-crossing ones are repaired so that every lobe stays in."""
    if shapely.is_valid(polygon):
        return Reading([polygon] if polygon.area > 0 else [], [])
    reason = shapely.is_valid_reason(polygon)
    if is_tangled([polygon]):
        raise AreaError("tangled", "The polygon crosses itself too often to be repaired.", polygon=place)
    try:
        whole = shapely.make_valid(polygon, method="structure", keep_collapsed=False)
    except GEOSException as error:
        raise AreaError("geometry_failed", "The polygon cannot be repaired.", polygon=place) from error
    return Reading(surfaces(whole), [Note("repaired", f"The polygon was repaired: {reason}.")])


def surfaces(geometry: Any) -> list[Any]:
    """The polygons in any geometry; points and lines have no surface and are dropped."""
    parts = shapely.get_parts(geometry, return_index=False)
    if any(shapely.get_type_id(part) == 7 for part in parts):
        return [polygon for part in parts for polygon in surfaces(part)]
    flat = shapely.get_parts(parts) if len(parts) else parts
    return [part for part in flat if shapely.get_type_id(part) == 3 and part.area > 0]


def _checked(points: Sequence[Sequence[float]] | Floats, place: int) -> tuple[Floats, Floats]:
    try:
        ring = np.array(points, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise AreaError("not_a_ring", "A polygon is a list of coordinate pairs.", polygon=place) from error
    if ring.size == 0:
        raise AreaError("too_few_points", "The polygon is empty.", polygon=place)
    if ring.ndim != 2 or ring.shape[1] != 2:
        raise AreaError("not_a_ring", "A polygon is a list of coordinate pairs.", polygon=place)
    lats, lons = ring[:, 0], ring[:, 1]
    checks = (
        (len(ring) < 4, "too_few_points", "A polygon needs four points or more."),
        (len(ring) > MAX_POINTS, "too_many_points", f"A polygon may have {MAX_POINTS} points at most."),
        (not np.isfinite(ring).all(), "not_a_number", "A coordinate is not a number."),
        (bool(np.any(np.abs(lats) > 90)), "latitude_range", "A latitude is beyond 90 degrees."),
        (bool(np.any(np.abs(lons) > 360)), "longitude_range", "A longitude is beyond 360 degrees."),
    )
    for is_wrong, code, message in checks:
        if is_wrong:
            raise AreaError(code, message, polygon=place)
    lons = np.where(lons > 180, lons - 360, np.where(lons < -180, lons + 360, lons)) + 0.0
    if lats[0] != lats[-1] or (lons[0] - lons[-1]) % 360 != 0:
        raise AreaError("open_ring", "The polygon is not closed: first and last differ.", polygon=place)
    return lats + 0.0, lons


def _turns(lons: Floats) -> Floats:
    """How many times the ring has gone round the globe, eastward, at each of its points."""
    step = np.diff(lons)
    over = np.where(step > 180, -1.0, np.where(step < -180, 1.0, 0.0))
    return np.concatenate([[0.0], np.cumsum(over)])


def _drawn_edge_to_edge(lons: Floats, lats: Floats) -> Any:
    """The polygon as drawn on the flat map, if it has an edge from -180 to 180 in one step and is sound.

    Such an edge has no length on the globe. Authorities write it for a band round the globe, and
    along a pole.
    """
    if not np.any(np.abs(np.diff(lons)) == 360.0) or lons[0] != lons[-1]:
        return None
    polygon = shapely.Polygon(np.column_stack([lons, lats]))
    return polygon if polygon.area > 0 and shapely.is_valid(polygon) else None


def _round_a_pole(unrolled: Floats, lats: Floats, place: int) -> Reading:
    """A ring that goes once round the globe parts it in two; the smaller part is meant."""
    if np.max(np.abs(np.diff(unrolled))) > MAX_POLAR_STEP:
        raise AreaError("pole_unclear", "The polygon leaves open how it goes round the pole.", polygon=place)
    ends = np.array([unrolled[-1], unrolled[0], unrolled[0]])
    candidates = []
    for pole in (90.0, -90.0):
        path = np.column_stack(
            [np.concatenate([unrolled, ends]), np.concatenate([lats, [pole, pole, lats[0]]])]
        )
        candidates.append(mended(shapely.Polygon(path), place))
    return min(candidates, key=lambda reading: sum(map(polygon_surface_km2, reading.polygons)))


def _onto_the_map(polygon: Any, lons: Floats) -> list[Any]:
    """Cut an unrolled polygon at the antimeridian; the authority's own points come out unchanged."""
    west, _, east, _ = polygon.bounds
    if west >= -180 and east <= 180:
        return [polygon]
    parts = []
    for turn in range(int(np.floor((west + 180) / 360)), int(np.ceil((east - 180) / 360)) + 1):
        shifted = shapely.transform(polygon, lambda xy, by=turn: xy - [360.0 * by, 0.0])
        parts += [_snapped(part, lons) for part in surfaces(shapely.intersection(shifted, MAP))]
    return parts


def _snapped(polygon: Any, lons: Floats) -> Any:
    """Undo the rounding that shifting by 360 degrees and back leaves in the last digit."""
    known = np.unique(lons)

    def nearest(xy: Floats) -> Floats:
        at = np.clip(np.searchsorted(known, xy[:, 0]), 1, len(known) - 1)
        left, right = known[at - 1], known[at]
        near = np.where(xy[:, 0] - left < right - xy[:, 0], left, right)
        return np.column_stack([np.where(np.abs(near - xy[:, 0]) < 1e-12, near, xy[:, 0]), xy[:, 1]])

    snapped = shapely.transform(polygon, nearest)
    return snapped if shapely.is_valid(snapped) else polygon
