"""Distances and surfaces on the mean sphere; latitudes and longitudes in degrees, lengths in kilometres."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

# Mean radius R1 of the GRS80 and WGS 84 ellipsoids (IUGG; Moritz, Geodetic Reference System 1980).
EARTH_RADIUS_KM = 6371.0088
HEMISPHERE_KM2 = 2 * math.pi * EARTH_RADIUS_KM**2
QUARTER_KM = math.pi / 2 * EARTH_RADIUS_KM
KM_PER_DEGREE = math.pi / 180 * EARTH_RADIUS_KM

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


class Bounds(NamedTuple):
    """A box in degrees. West is never east of east: a shape over the antimeridian spans -180 to 180."""

    south: float
    west: float
    north: float
    east: float


def distances_km(lat: float, lon: float, lats: Floats, lons: Floats) -> Floats:
    """Great-circle distances from one point to many (haversine: exact for near points, as for far ones)."""
    phi, phis = math.radians(lat), np.radians(lats)
    half = np.sin((phis - phi) / 2) ** 2
    half += math.cos(phi) * np.cos(phis) * np.sin(np.radians(lons - lon) / 2) ** 2
    result: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return result


def ring_surface_km2(lons: Floats, lats: Floats) -> float:
    """Surface inside a closed ring whose edges are straight in longitude and latitude.

    The integral of sin(latitude) over the longitude is exact for such edges, so no sampling is needed.
    """
    step = np.diff(np.radians(lons))
    start, end = np.radians(lats[:-1]), np.radians(lats[1:])
    rise = end - start
    level = np.abs(rise) < 1e-9
    mean = np.where(level, np.sin((start + end) / 2), 0.0)
    np.divide(np.cos(start) - np.cos(end), rise, out=mean, where=~level)
    return abs(float(np.sum(step * mean))) * EARTH_RADIUS_KM**2


def polygon_surface_km2(polygon: Any) -> float:
    """Surface of one valid shapely polygon in degrees (x longitude, y latitude), without its holes."""
    if polygon.is_empty:
        return 0.0
    shell, *holes = (np.asarray(ring.coords) for ring in (polygon.exterior, *polygon.interiors))
    total = ring_surface_km2(shell[:, 0], shell[:, 1])
    return total - sum(ring_surface_km2(hole[:, 0], hole[:, 1]) for hole in holes)


def reach_degrees(radius_km: float | Floats, lats: Floats) -> tuple[Floats, Floats]:
    """Half height and half width, in degrees, of the box that holds every circle of a radius at a latitude.

    Where a circle reaches a pole it spans all longitudes: the half width is then 180. Both values are
    widened by a hair, so that rounding never cuts a circle.
    """
    angle = np.radians(np.asarray(radius_km, dtype=np.float64) / KM_PER_DEGREE)
    height = np.broadcast_to(np.degrees(angle), np.shape(lats)) + 1e-9
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.sin(np.minimum(angle, np.pi / 2)) / np.cos(np.radians(lats))
    over_pole = (np.abs(lats) + height >= 90.0) | (ratio >= 1.0)
    width = np.degrees(np.arcsin(np.clip(ratio, 0.0, 1.0))) + 1e-9
    return height, np.where(over_pole, 180.0, width)


def evenly_spread(count: int) -> tuple[Floats, Floats]:
    """Latitudes and longitudes of `count` points spread evenly over the globe (a Fibonacci lattice)."""
    step = np.arange(count) + 0.5
    lats: Floats = np.degrees(np.arcsin(1 - 2 * step / count))
    lons: Floats = (step * 360 * (math.sqrt(5) - 1) / 2) % 360 - 180
    return lats, lons
