"""Stored areas as a map in the browser wants them: GeoJSON to draw, and the box to look at."""

from typing import Any

from openconsular.domain.geo.area import Area
from openconsular.domain.geo.errors import AreaError

# A map is at most some 800 pixels wide: finer than this share of the area's width nobody sees.
_PIXELS = 800
_FINEST_DEGREES = 0.001


def feature_collection(content: bytes, **properties: str) -> dict[str, Any]:
    """`Area.to_bytes()` as a GeoJSON FeatureCollection of one feature; of none where there is no usable area."""
    shape = _read(content)
    box = shape.bounds
    if box is None:
        return {"type": "FeatureCollection", "features": []}
    tolerance = max(_FINEST_DEGREES, max(box.north - box.south, box.east - box.west) / _PIXELS)
    feature = {"type": "Feature", "geometry": shape.simplified_geojson(tolerance), "properties": properties}
    return {"type": "FeatureCollection", "features": [feature]}


def bounds_text(content: bytes) -> str:
    """The box round an area as "[[west,south],[east,north]]"; empty where there is no usable area."""
    box = _read(content).bounds
    return f"[[{box.west},{box.south}],[{box.east},{box.north}]]" if box else ""


def _read(content: bytes) -> Area:
    try:
        return Area.from_bytes(content) if content else Area()
    except AreaError:
        return Area()
