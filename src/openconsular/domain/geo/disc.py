"""A great-circle disc: every place within a distance of a point, over poles and the antimeridian too."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from openconsular.domain.geo import reach
from openconsular.domain.geo.errors import AreaError
from openconsular.domain.geo.rings import Note, read_ring
from openconsular.domain.geo.sphere import (
    EARTH_RADIUS_KM,
    HEMISPHERE_KM2,
    QUARTER_KM,
    Bools,
    Bounds,
    Floats,
    distances_km,
    reach_degrees,
)


@dataclass(frozen=True)
class Disc:
    """Centre in degrees, radius in kilometres, and a shapely geometry that is cut out, or None."""

    lat: float
    lon: float
    radius_km: float
    cut: Any = None

    @property
    def surface_km2(self) -> float:
        """Surface of the spherical cap in square kilometres, whatever is cut out."""
        return float(HEMISPHERE_KM2 * (1 - np.cos(self.radius_km / EARTH_RADIUS_KM)))

    @property
    def bounds(self) -> Bounds:
        """The box round the disc; -180 to 180 where it lies over the antimeridian or a pole."""
        height, width = (float(half[0]) for half in reach_degrees(self.radius_km, np.array([self.lat])))
        west, east = self.lon - width, self.lon + width
        if west < -180 or east > 180:
            west, east = -180.0, 180.0
        return Bounds(max(self.lat - height, -90.0), west, min(self.lat + height, 90.0), east)

    def covers_many(self, lats: Floats, lons: Floats) -> Bools:
        """Whether places are in the disc and not inside of what is cut out."""
        inside: Bools = distances_km(self.lat, self.lon, lats, lons) <= self.radius_km
        if self.cut is not None and inside.any():
            inside[inside] = ~_strictly_inside(self.cut, lats[inside], lons[inside])
        return inside

    def within_reach(self, lats: Floats, lons: Floats, radius_km: Floats) -> Bools:
        """Whether circles touch the disc; exact, or generous beside what is cut out."""
        near: Bools = distances_km(self.lat, self.lon, lats, lons) <= self.radius_km + radius_km
        if self.cut is not None and near.any():
            y, x, radii = lats[near], lons[near], radius_km[near]
            deep = _strictly_inside(self.cut, y, x)
            deep &= ~reach.touches(shapely.boundary(self.cut), y, x, radii)
            near[near] = ~deep
        return near

    def outline(self) -> list[Any]:
        """Polygons of 64 corners on the circle, for drawing."""
        angle = self.radius_km / EARTH_RADIUS_KM
        bearing = np.linspace(0, 2 * np.pi, 64, endpoint=False)
        phi = np.radians(self.lat)
        lats = np.arcsin(np.sin(phi) * np.cos(angle) + np.cos(phi) * np.sin(angle) * np.cos(bearing))
        lons = np.arctan2(
            np.sin(bearing) * np.sin(angle) * np.cos(phi), np.cos(angle) - np.sin(phi) * np.sin(lats)
        )
        ring = np.column_stack([np.degrees(lats), (np.degrees(lons) + self.lon + 180) % 360 - 180])
        shapes = read_ring(np.vstack([ring, ring[:1]]), 0).polygons
        return shapes if self.cut is None else [shapely.difference(shape, self.cut) for shape in shapes]


def read_disc(values: Sequence[float], place: int, cut: Any, notes: list[Note]) -> Disc | None:
    """A disc from (latitude, longitude, radius in km); None with a note where the radius is 0."""
    try:
        lat, lon, radius_km = (float(value) for value in values)
    except (TypeError, ValueError) as error:
        raise AreaError("not_a_number", "A disc is latitude, longitude, radius.", polygon=place) from error
    if not np.isfinite([lat, lon, radius_km]).all():
        raise AreaError("not_a_number", "A number of the disc is not a number.", polygon=place)
    if abs(lat) > 90:
        raise AreaError("latitude_range", "A latitude is beyond 90 degrees.", polygon=place)
    if abs(lon) > 360:
        raise AreaError("longitude_range", "A longitude is beyond 360 degrees.", polygon=place)
    if radius_km < 0 or radius_km > QUARTER_KM:
        raise AreaError("radius_range", "The radius is negative or beyond a hemisphere.", polygon=place)
    if radius_km == 0:
        notes.append(Note("zero_radius", "A disc of radius 0 is a point and covers nobody."))
        return None
    return Disc(lat, lon if abs(lon) <= 180 else lon - np.sign(lon) * 360, radius_km, cut)


def _strictly_inside(cut: Any, lats: Floats, lons: Floats) -> Bools:
    inside: Bools = np.asarray(shapely.contains_xy(cut, lons, lats), dtype=np.bool_)
    return inside
