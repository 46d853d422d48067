"""The area of a hazard or a warning: where it is, and the exact test who is in it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.errors import GEOSException

from openconsular.domain.geo import exchange, reach
from openconsular.domain.geo.disc import Disc, read_disc
from openconsular.domain.geo.errors import AreaError
from openconsular.domain.geo.rings import MAX_POINTS, Note, read_ring
from openconsular.domain.geo.sphere import (
    EARTH_RADIUS_KM,
    HEMISPHERE_KM2,
    Bools,
    Bounds,
    evenly_spread,
    polygon_surface_km2,
)
from openconsular.domain.geo.tangles import is_tangled

Ring = Sequence[Sequence[float]]


@dataclass(frozen=True)
class Area:
    """Polygons and discs on the globe, immutable, equal when they cover the same ground by the same shapes.

    Make one with `Area.of` (from CAP), `Area.from_geojson`, `Area.from_bytes` or `Area.union`; all of them
    refuse with `AreaError` what must not be used, above all any area larger than a hemisphere.
    Edges are straight in longitude and latitude, like PostGIS `geometry`; discs are great-circle discs.
    The boundary belongs to the area. Longitudes of -180 and 180 are the same place.
    An area may be empty (`is_empty`): nobody is in it, and `notes` say why.
    """

    polygons: Any = field(default_factory=shapely.MultiPolygon)
    """A valid shapely MultiPolygon in degrees, x longitude and y latitude, within -180 to 180."""
    discs: tuple[Disc, ...] = ()
    notes: tuple[Note, ...] = field(default=(), compare=False)
    """What was repaired or left out when the shapes were read."""

    def __post_init__(self) -> None:
        shapely.prepare(self.polygons)
        _refuse_too_large(self)

    @staticmethod
    def of(
        polygons: Iterable[Ring] = (),
        *,
        excluded: Iterable[Ring] = (),
        discs: Iterable[Sequence[float]] = (),
    ) -> Area:
        """The union of rings and discs, less the excluded rings (DWD writes them as EXCLUDE_POLYGON).

        Rings are closed lists of (latitude, longitude) in degrees, in the order of CAP; discs are
        (latitude, longitude, radius in km). A disc of radius 0 is a point and covers nobody: it is left out
        with the note `zero_radius`. Raises `AreaError`.
        """
        notes: list[Note] = []
        shapes = [shape for place, ring in enumerate(polygons) for shape in _read(ring, place, notes)]
        cuts = [shape for place, ring in enumerate(excluded) for shape in _read(ring, place, notes)]
        cut = _merged(cuts) if cuts else None
        read = [read_disc(values, place, cut, notes) for place, values in enumerate(discs)]
        circles = [disc for disc in read if disc is not None]
        whole = _merged(shapes)
        return Area(
            _less(whole, cut) if cut is not None else whole, _sorted(circles), _told(notes, shapes, circles)
        )

    @staticmethod
    def union(areas: Iterable[Area]) -> Area:
        """Everywhere that any of the areas covers."""
        known = list(areas)
        shapes = [part for area in known for part in shapely.get_parts(area.polygons)]
        circles = {disc for area in known for disc in area.discs}
        notes = tuple(dict.fromkeys(note for area in known for note in area.notes))
        return Area(_merged(shapes), _sorted(circles), notes)

    @property
    def is_empty(self) -> bool:
        """Whether the area covers nothing at all."""
        return bool(self.polygons.is_empty) and not self.discs

    @property
    def vertex_count(self) -> int:
        """How many points the polygons have, closing points included."""
        return int(shapely.get_num_coordinates(self.polygons))

    @cached_property
    def surface_km2(self) -> float:
        """Surface in square kilometres; overlapping discs are counted more than once."""
        flat = sum(polygon_surface_km2(part) for part in shapely.get_parts(self.polygons))
        return flat + sum(disc.surface_km2 for disc in self.discs)

    @cached_property
    def bounds(self) -> Bounds | None:
        """The box round everything, None for an empty area."""
        boxes = [disc.bounds for disc in self.discs]
        if not self.polygons.is_empty:
            west, south, east, north = self.polygons.bounds
            boxes.append(Bounds(south, west, north, east))
        if not boxes:
            return None
        south, west, north, east = zip(*boxes, strict=True)
        return Bounds(min(south), min(west), max(north), max(east))

    def covers(self, lat: float, lon: float) -> bool:
        """Whether a place in degrees is in the area or on its boundary."""
        return bool(self.covers_many([lat], [lon])[0])

    def covers_many(self, lats: ArrayLike, lons: ArrayLike) -> Bools:
        """For many places at once: arrays of degrees in, an array of booleans out."""
        y, x = np.asarray(lats, dtype=np.float64), np.asarray(lons, dtype=np.float64)
        inside: Bools = np.asarray(shapely.intersects_xy(self.polygons, x, y), dtype=np.bool_)
        seam = np.abs(x) == 180.0
        if seam.any():
            inside[seam] |= shapely.intersects_xy(self.polygons, -x[seam], y[seam])
        for disc in self.discs:
            inside |= disc.covers_many(y, x)
        return inside

    def within_reach(self, lats: ArrayLike, lons: ArrayLike, radius_m: ArrayLike) -> Bools:
        """Whether the circle of uncertainty round each place touches the area.

        `radius_m` is one radius in metres or an array of them. Places in the area are always in.
        Outside of it the test never misses a circle that touches; it may count one that falls short of
        a polygon by a few percent of its radius, more towards the poles.
        """
        y, x = np.asarray(lats, dtype=np.float64), np.asarray(lons, dtype=np.float64)
        radius_km = np.broadcast_to(np.asarray(radius_m, dtype=np.float64) / 1000, y.shape)
        near = self.covers_many(y, x)
        rest = np.flatnonzero(~near & (radius_km > 0))
        if len(rest):
            near[rest] = reach.touches(self.polygons, y[rest], x[rest], radius_km[rest])
            for disc in self.discs:
                near[rest] |= disc.within_reach(y[rest], x[rest], radius_km[rest])
        return near

    def to_geojson(self) -> dict[str, Any]:
        """A GeoJSON Feature without loss: a MultiPolygon, discs and notes in its properties."""
        return exchange.to_geojson(self.polygons, self.discs, self.notes)

    @staticmethod
    def from_geojson(document: Mapping[str, Any]) -> Area:
        """From `to_geojson`, or any Polygon, MultiPolygon, GeometryCollection, Feature or FeatureCollection."""
        shapes, circles, notes = exchange.from_geojson(document)
        return Area(_merged(shapes), _sorted(circles), tuple(notes))

    def to_bytes(self) -> bytes:
        """A compact form without loss, for a binary column."""
        return exchange.to_bytes(self.polygons, self.discs, self.notes)

    @staticmethod
    def from_bytes(content: bytes) -> Area:
        """From `to_bytes`. Raises `AreaError` with the code not_bytes for anything else."""
        polygons, circles, notes = exchange.from_bytes(bytes(content))
        return Area(polygons, tuple(circles), tuple(notes))

    def simplified_geojson(self, tolerance: float = 0.01) -> dict[str, Any]:
        """A GeoJSON MultiPolygon to draw on a map, off by at most `tolerance` degrees; discs become polygons."""
        shapes = list(shapely.get_parts(self.polygons))
        for disc in self.discs:
            shapes += disc.outline()
        return exchange.drawing(_merged(shapes), tolerance)


def _read(ring: Ring, place: int, notes: list[Note]) -> list[Any]:
    reading = read_ring(ring, place)
    notes += reading.notes
    return reading.polygons


def _merged(shapes: Sequence[Any]) -> Any:
    if sum(map(shapely.get_num_coordinates, shapes)) > MAX_POINTS:
        raise AreaError("too_many_points", f"An area may have {MAX_POINTS} points at most.")
    if len(shapes) > 1 and is_tangled(shapes):
        raise AreaError("tangled", "The polygons cross each other too often to be joined.")
    try:
        whole = shapes[0] if len(shapes) == 1 else shapely.union_all(list(shapes))
    except GEOSException as error:
        raise AreaError("geometry_failed", "The polygons cannot be joined.") from error
    return exchange.as_multipolygon(whole)


def _less(whole: Any, cut: Any) -> Any:
    if is_tangled([whole, cut]):
        raise AreaError("tangled", "The excluded polygons cross the others too often to be cut out.")
    try:
        return exchange.as_multipolygon(shapely.difference(whole, cut))
    except GEOSException as error:
        raise AreaError("geometry_failed", "The excluded polygons cannot be cut out.") from error


def _sorted(discs: Iterable[Disc]) -> tuple[Disc, ...]:
    return tuple(sorted(set(discs), key=lambda disc: (disc.lat, disc.lon, disc.radius_km, str(disc.cut))))


def _told(notes: list[Note], shapes: Sequence[Any], circles: Sequence[Disc]) -> tuple[Note, ...]:
    if not shapes and not circles:
        notes = [*notes, Note("empty", "There is no shape that could cover anybody.")]
    return tuple(dict.fromkeys(notes))


def _refuse_too_large(area: Area) -> None:
    """Nobody warns half the world. A shape that large is a mistake or an attack."""
    if _box_surface_km2(area.bounds) <= HEMISPHERE_KM2 or area.surface_km2 <= HEMISPHERE_KM2:
        return
    # Overlapping discs may add up to more than they cover: look at places all over the globe instead.
    lats, lons = evenly_spread(20_000)
    if not area.discs or np.mean(area.covers_many(lats, lons)) > 0.5:
        raise AreaError("too_large", "The area is larger than half of the Earth.")


def _box_surface_km2(bounds: Bounds | None) -> float:
    """Surface of the box round an area: a bound that costs nothing."""
    if bounds is None:
        return 0.0
    south, west, north, east = np.radians(bounds)
    return float(EARTH_RADIUS_KM**2 * (east - west) * (np.sin(north) - np.sin(south)))
