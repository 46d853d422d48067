"""Whether circles of uncertainty touch a shape on the map: never missing one, seldom one too many.

A geodesic of length r from latitude p stays below the latitude |p| + r. On that stretch a degree of
longitude is never shorter than the cosine of that latitude says, so the straight distance on a map whose
longitudes are shrunk by that cosine is never longer than the true one: testing it cannot miss.
"""

from typing import Any

import numpy as np
import shapely

from openconsular.domain.geo.sphere import KM_PER_DEGREE, Bools, Floats

# Shrink factors are rounded down in steps of one percent, so that few copies of a shape are made.
STEP = 0.99
# Within half a degree of a pole longitudes no longer count: every place of the parallel is taken as near.
LEAST_SHRINK = 0.009


def span_degrees(radius_km: float | Floats, lats: Floats) -> tuple[Floats, Floats]:
    """Half height and half width in degrees of a box that holds all that `touches` may call near."""
    degrees = np.asarray(radius_km, dtype=np.float64) / KM_PER_DEGREE + 1e-9
    shrink = _shrink(degrees, lats)
    width = degrees / (STEP * np.maximum(shrink, LEAST_SHRINK))
    return np.broadcast_to(degrees, np.shape(lats)), np.where(
        shrink > LEAST_SHRINK, np.minimum(width, 180.0), 180.0
    )


def touches(geometry: Any, lats: Floats, lons: Floats, radius_km: Floats) -> Bools:
    """Whether the circle round each place touches the geometry (degrees, x longitude, y latitude)."""
    found = np.zeros(lats.shape, dtype=np.bool_)
    if geometry.is_empty:
        return found
    west, south, east, north = geometry.bounds
    height, width = span_degrees(radius_km, lats)
    tall = (lats + height >= south) & (lats - height <= north)
    for turn in (0.0, 360.0, -360.0):
        x = lons + turn
        near = np.flatnonzero(tall & ~found & (x + width >= west) & (x - width <= east))
        if len(near):
            found[near] = _close(geometry, lats[near], x[near], radius_km[near])
    return found


def _close(geometry: Any, lats: Floats, lons: Floats, radius_km: Floats) -> Bools:
    degrees = radius_km / KM_PER_DEGREE + 1e-9
    shrink = _shrink(degrees, lats)
    found: Bools = shrink <= LEAST_SHRINK  # these are near by their latitude, which was looked at before
    steps = np.ceil(np.log(np.maximum(shrink, LEAST_SHRINK)) / np.log(STEP)).astype(np.int64)
    for step in np.unique(steps[~found]):
        mine = np.flatnonzero((steps == step) & (shrink > LEAST_SHRINK))
        factor = STEP ** int(step)
        scaled = shapely.transform(geometry, lambda xy, by=factor: xy * [by, 1.0])
        shapely.prepare(scaled)
        points = shapely.points(lons[mine] * factor, lats[mine])
        found[mine] = shapely.dwithin(scaled, points, degrees[mine])
    return found


def _shrink(degrees: Floats, lats: Floats) -> Floats:
    highest = np.minimum(np.abs(lats) + degrees, 90.0)
    return np.asarray(np.cos(np.radians(highest)), dtype=np.float64)
