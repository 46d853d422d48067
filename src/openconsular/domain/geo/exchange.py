"""Areas as GeoJSON and as bytes, without loss."""

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from shapely.errors import GEOSException

from openconsular.domain.geo.disc import Disc, read_disc
from openconsular.domain.geo.errors import AreaError
from openconsular.domain.geo.rings import MAX_POINTS, Note, read_ring, surfaces

MAGIC = b"AREA1"
MAX_DEPTH = 6
Parts = tuple[list[Any], list[Disc], list[Note]]


def as_multipolygon(geometry: Any) -> Any:
    """Any geometry's polygons as one MultiPolygon in a canonical order of rings and points."""
    return shapely.normalize(shapely.MultiPolygon(surfaces(geometry)))


def to_geojson(polygons: Any, discs: Sequence[Disc], notes: Sequence[Note]) -> dict[str, Any]:
    """A Feature (RFC 7946); a disc with a cut carries it as a geometry of its own."""
    circles = [
        {"lat": disc.lat, "lon": disc.lon, "radius_km": disc.radius_km}
        | ({} if disc.cut is None else {"cut": _geometry(disc.cut)})
        for disc in discs
    ]
    properties = {"discs": circles, "notes": [list(note) for note in notes]}
    return {"type": "Feature", "geometry": _geometry(polygons), "properties": properties}


def from_geojson(document: Mapping[str, Any]) -> Parts:
    """Polygons, discs and notes of a document; `AreaError` for anything that is not one of ours or GeoJSON."""
    notes: list[Note] = []
    circles: list[Disc] = []
    shapes = [
        shape
        for place, rings in enumerate(_polygons(document, circles, notes, MAX_DEPTH))
        for shape in _read_polygon(rings, place, notes)
    ]
    return shapes, circles, list(dict.fromkeys(notes))


def drawing(polygons: Any, tolerance: float) -> dict[str, Any]:
    """A MultiPolygon geometry for maps, simplified but never to nothing."""
    simple = as_multipolygon(shapely.simplify(polygons, tolerance, preserve_topology=True))
    return _geometry(polygons if simple.is_empty else simple)


def to_bytes(polygons: Any, discs: Sequence[Disc], notes: Sequence[Note]) -> bytes:
    """A mark, a checksum, the length of the head, a head in JSON (discs and notes), the polygons in WKB."""
    circles = [
        [disc.lat, disc.lon, disc.radius_km, None if disc.cut is None else shapely.to_wkb(disc.cut, hex=True)]
        for disc in discs
    ]
    head = json.dumps([circles, [list(note) for note in notes]]).encode()
    wkb: bytes = shapely.to_wkb(polygons)
    body = struct.pack(">I", len(head)) + head + wkb
    return MAGIC + struct.pack(">I", zlib.crc32(body)) + body


def from_bytes(content: bytes) -> Parts:
    """What `to_bytes` wrote: a MultiPolygon, discs, notes."""
    mark, body = content[: len(MAGIC) + 4], content[len(MAGIC) + 4 :]
    try:
        if mark != MAGIC + struct.pack(">I", zlib.crc32(body)):
            raise ValueError("no mark, or a wrong checksum")
        (length,) = struct.unpack(">I", body[:4])
        circles, notes = json.loads(body[4 : 4 + length])
        polygons = shapely.from_wkb(body[4 + length :])
        discs = [
            Disc(lat, lon, radius_km, None if cut is None else shapely.from_wkb(cut))
            for lat, lon, radius_km, cut in circles
        ]
        return polygons, discs, [Note(code, message) for code, message in notes]
    except (ValueError, TypeError, struct.error, GEOSException, RecursionError) as error:
        raise AreaError("not_bytes", "These bytes are not an area.") from error


def _geometry(polygons: Any) -> dict[str, Any]:
    return {
        "type": "MultiPolygon",
        "coordinates": [
            [[list(map(float, xy)) for xy in ring.coords] for ring in (part.exterior, *part.interiors)]
            for part in shapely.get_parts(polygons)
        ],
    }


def _polygons(node: Any, circles: list[Disc], notes: list[Note], depth: int) -> Iterator[Any]:
    """The coordinates of every polygon in a document; discs and notes are gathered on the way."""
    if not isinstance(node, Mapping) or depth == 0:
        raise AreaError("not_geojson", "This is not a GeoJSON object, or it is nested too deeply.")
    kind = node.get("type")
    if kind == "Polygon":
        yield node.get("coordinates")
    elif kind == "MultiPolygon":
        yield from _list(node.get("coordinates"))
    elif kind in ("GeometryCollection", "FeatureCollection"):
        for member in _list(node.get("geometries" if kind == "GeometryCollection" else "features")):
            yield from _polygons(member, circles, notes, depth - 1)
    elif kind == "Feature":
        properties = node.get("properties")
        if isinstance(properties, Mapping):
            _read_properties(properties, circles, notes)
        if node.get("geometry") is not None:
            yield from _polygons(node["geometry"], circles, notes, depth - 1)
    else:
        raise AreaError("not_geojson", f"A GeoJSON object of this type has no area: {str(kind)[:40]}.")


def _read_properties(properties: Mapping[str, Any], circles: list[Disc], notes: list[Note]) -> None:
    for place, item in enumerate(_list(properties.get("discs", []))):
        if not isinstance(item, Mapping):
            raise AreaError("not_geojson", "A disc is an object.", polygon=place)
        cut = None
        if "cut" in item:
            shapes, _, _ = from_geojson({"type": "Feature", "geometry": item["cut"]})
            cut = as_multipolygon(shapely.union_all(shapes))
        values = [item.get("lat"), item.get("lon"), item.get("radius_km")]
        disc = read_disc(values, place, cut, notes)  # type: ignore[arg-type]
        if disc is not None:
            circles.append(disc)
    for note in _list(properties.get("notes", [])):
        if isinstance(note, list | tuple) and len(note) == 2 and all(isinstance(text, str) for text in note):
            notes.append(Note(*note))


def _list(value: Any) -> Sequence[Any]:
    if not isinstance(value, list | tuple):
        raise AreaError("not_geojson", "A list is expected here.")
    return value


def _read_polygon(rings: Any, place: int, notes: list[Note]) -> list[Any]:
    """One GeoJSON polygon: a shell and holes, each a list of [longitude, latitude]."""
    paths = [_path(ring, place) for ring in _list(rings)]
    if not paths:
        return []
    as_drawn = _as_drawn(paths)
    if as_drawn is not None:
        return [as_drawn]
    shell, *holes = (read_ring(path[:, ::-1], place) for path in paths)
    notes += [note for reading in (shell, *holes) for note in reading.notes]
    if not holes:
        return shell.polygons
    cut = shapely.union_all([shape for hole in holes for shape in hole.polygons])
    return [part for shape in shell.polygons for part in surfaces(shapely.difference(shape, cut))]


def _path(ring: Any, place: int) -> Any:
    try:
        pairs = [(point[0], point[1]) for point in _list(ring)]  # a third number is the height
        path = np.array(pairs, dtype=np.float64)
    except (TypeError, ValueError, IndexError, KeyError) as error:
        raise AreaError("not_a_ring", "A ring is a list of coordinate pairs.", polygon=place) from error
    if path.ndim != 2 or len(path) > MAX_POINTS:
        raise AreaError("not_a_ring", "A ring is a list of coordinate pairs.", polygon=place)
    return path


def _as_drawn(paths: Sequence[Any]) -> Any:
    """The polygon exactly as written, where it lies on the flat map and is valid (RFC 7946, 3.1.9)."""
    for path in paths:
        stride = np.abs(np.diff(path[:, 0]))
        is_flat = np.isfinite(path).all() and np.all(np.abs(path) <= [180.0, 90.0])
        if (
            not is_flat
            or len(path) < 4
            or np.any((stride > 180) & (stride != 360))
            or np.any(path[0] != path[-1])
        ):
            return None
    polygon = shapely.Polygon(paths[0], paths[1:])
    return polygon if polygon.area > 0 and shapely.is_valid(polygon) else None
