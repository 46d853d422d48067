"""Whether circles of uncertainty touch a shape on the map: never missing one, seldom one too many.

A geodesic of length r from latitude p stays below the latitude |p| + r. On that stretch a degree of
longitude is never shorter than the cosine of that latitude says, so the straight distance on a map whose
longitudes are shrunk by that cosine is never longer than the true one: testing it cannot miss.
"""

from typing import Any

import numpy as np
import shapely

from openconsular.domain.geo.sphere import KM_PER_DEGREE, Bools, Floats, reach_degrees

# Shrink factors are rounded down in steps of one percent, so that few copies of a shape are made.
STEP = 0.99


def touches(geometry: Any, lats: Floats, lons: Floats, radius_km: Floats) -> Bools:
    """Whether the circle round each place touches the geometry (degrees, x longitude, y latitude)."""
    found = np.zeros(lats.shape, dtype=np.bool_)
    if geometry.is_empty:
        return found
    west, south, east, north = geometry.bounds
    height, width = reach_degrees(radius_km, lats)
    tall = (lats + height >= south) & (lats - height <= north)
    for turn in (0.0, 360.0, -360.0):
        x = lons + turn
        near = np.flatnonzero(tall & ~found & (x + width >= west) & (x - width <= east))
        if len(near):
            found[near] = _close(geometry, lats[near], x[near], radius_km[near])
    return found


def _close(geometry: Any, lats: Floats, lons: Floats, radius_km: Floats) -> Bools:
    degrees = radius_km / KM_PER_DEGREE + 1e-9
    shrink = np.cos(np.radians(np.minimum(np.abs(lats) + degrees, 90.0)))
    # Beyond 89.5 degrees longitudes no longer count: every place of the parallel is taken as near.
    steps = np.where(shrink > 0.009, np.ceil(np.log(np.maximum(shrink, 1e-9)) / np.log(STEP)), 0)
    steps = np.where(shrink > 0.009, steps, 10_000).astype(np.int64)
    found = np.zeros(lats.shape, dtype=np.bool_)
    for step in np.unique(steps):
        mine = np.flatnonzero(steps == step)
        factor = 0.0 if step == 10_000 else STEP ** int(step)
        if factor == 0.0:
            _, south, _, north = geometry.bounds
            found[mine] = (lats[mine] + degrees[mine] >= south) & (lats[mine] - degrees[mine] <= north)
            continue
        scaled = shapely.transform(geometry, lambda xy, by=factor: xy * [by, 1.0])
        shapely.prepare(scaled)
        points = shapely.points(lons[mine] * factor, lats[mine])
        found[mine] = shapely.dwithin(scaled, points, degrees[mine])
    return found
