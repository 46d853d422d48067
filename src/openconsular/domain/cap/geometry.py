"""Where a message warns: the areas of its infos as one `domain.geo.Area`, or a reason why that is not certain.

What contradicts itself (swapped, out of range, unreadable) makes the whole message doubtful and is refused.
What merely covers nothing (an epicentre, a line) is left out when something else covers, with a remark.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import NamedTuple, TypeVar

from openconsular.domain.cap.geocodes import is_hole
from openconsular.domain.cap.model import Area as CapArea
from openconsular.domain.cap.model import Info, NamedValue
from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.domain.cap.resolution import NoRegistries, Registries, Resolution
from openconsular.domain.cap.shapes import Point, read_circle, read_polygon
from openconsular.domain.geo import Area, AreaError

_COVERS_NOTHING = {"polygon-too-few-points", "circle-radius-zero"}
_SHOWN = 12
Disc = tuple[float, float, float]
Shape = TypeVar("Shape")


@dataclass
class Coverage:
    """`area` is never empty. `missing` names the codes that could not be placed."""

    area: Area
    remarks: tuple[Remark, ...] = ()
    missing: tuple[str, ...] = ()


class _Shapes(NamedTuple):
    rings: list[list[Point]]
    holes: list[list[Point]]
    discs: list[Disc]


@dataclass
class _Findings:
    """What was seen on the way, over all areas of the message."""

    remarks: list[Remark] = field(default_factory=list)
    nothings: list[CapError] = field(default_factory=list)
    words_only: list[str] = field(default_factory=list)


def cover(infos: Iterable[Info], registries: Registries) -> Coverage:
    """Everywhere the infos' areas cover. Raises CapError when it is not certain that this is anywhere."""
    areas = _distinct(area for info in infos for area in info.areas)
    if not areas:
        raise CapError("area-missing")
    findings = _Findings()
    resolution = Resolution(registries)
    parts: list[Area] = []
    for area in areas:
        shapes = _shapes(area, findings)
        if shapes.rings or shapes.discs:
            parts.append(_area_of(shapes, findings))
        elif codes := [code for code in area.geocodes if not is_hole(code)]:
            resolution.ask(codes)
        elif not area.polygons and not area.circles:
            findings.words_only.append(area.area_desc)
    parts += resolution.areas()
    parts = [part for part in parts if not part.is_empty]
    if not parts:
        raise _why_nothing(findings, resolution)
    return Coverage(_union(parts), _remarks(findings, resolution), tuple(resolution.missing))


def shape_fault(infos: Iterable[Info]) -> CapError | None:
    """What is wrong with the shapes of a message that warns nobody anyway: worth knowing about its issuer."""
    try:
        cover(infos, NoRegistries())
    except CapError as error:
        return None if error.code.startswith(("geocode-", "area-")) else error
    return None


def _distinct(areas: Iterable[CapArea]) -> list[CapArea]:
    """Infos in several languages repeat their areas under other names; one of each is enough."""
    by_shape = {(area.polygons, area.circles, area.geocodes): area for area in areas}
    return list(by_shape.values())


def _shapes(area: CapArea, findings: _Findings) -> _Shapes:
    def ring(text: str) -> list[Point]:
        return read_polygon(text, findings.remarks)

    holes = [_without_name(code) for code in area.geocodes if is_hole(code) and code.value]
    return _Shapes(
        _readable(area.polygons, ring, findings),
        _readable(holes, ring, findings) if area.polygons or area.circles else [],
        _readable(area.circles, read_circle, findings),
    )


def _readable(texts: Iterable[str], read: Callable[[str], Shape], findings: _Findings) -> list[Shape]:
    found: list[Shape] = []
    for text in texts:
        try:
            found.append(read(text))
        except CapError as error:
            if error.code not in _COVERS_NOTHING:
                raise
            findings.nothings.append(error)
    return found


def _without_name(code: NamedValue) -> str:
    return " ".join(code.value.split())


def _area_of(shapes: _Shapes, findings: _Findings) -> Area:
    try:
        area = Area.of(shapes.rings, excluded=shapes.holes, discs=shapes.discs)
    except AreaError as error:
        if error.code == "no_surface":  # a line there and back: it covers nothing, the others still may
            return _area_of_each(shapes, findings)
        raise CapError("polygon-unusable", detail=error) from error
    if shapes.holes:
        findings.remarks.append(remark("area-excluded", count=len(shapes.holes)))
    findings.remarks += [remark("shape-mended", detail=note.message) for note in area.notes]
    return area


def _area_of_each(shapes: _Shapes, findings: _Findings) -> Area:
    usable = []
    for ring in shapes.rings:
        try:
            Area.of([ring])
            usable.append(ring)
        except AreaError as error:
            if error.code != "no_surface":
                raise CapError("polygon-unusable", detail=error) from error
            findings.nothings.append(CapError("polygon-unusable", detail=error))
    if not usable and not shapes.discs:
        return Area()
    return _area_of(shapes._replace(rings=usable), findings)


def _union(parts: list[Area]) -> Area:
    try:
        return parts[0] if len(parts) == 1 else Area.union(parts)
    except AreaError as error:
        raise CapError("polygon-unusable", detail=error) from error


def _remarks(findings: _Findings, resolution: Resolution) -> tuple[Remark, ...]:
    found = findings.remarks + [remark("shape-skipped", detail=error.message) for error in findings.nothings]
    found += resolution.remarks
    found += [remark("area-words-skipped", description=words) for words in dict.fromkeys(findings.words_only)]
    if resolution.missing:
        found.append(remark("geocode-partly-unresolved", codes=listed(resolution.missing)))
    distinct: list[Remark] = []
    for one in found:
        if one not in distinct:
            distinct.append(one)
    return tuple(distinct)


def _why_nothing(findings: _Findings, resolution: Resolution) -> CapError:
    if findings.nothings and not resolution.tried_loaded:
        return findings.nothings[0]
    if resolution.missing:
        unknown = resolution.unknown_registries
        if unknown and not resolution.tried_loaded:
            codes = listed(resolution.missing)
            return CapError("geocode-registry-unknown", registries=", ".join(unknown), codes=codes)
        return CapError("geocode-unresolved", codes=listed(resolution.missing))
    words = "; ".join(filter(None, dict.fromkeys(findings.words_only)))
    return CapError("area-description-only", description=words) if words else CapError("area-missing")


def listed(names: Iterable[str]) -> str:
    names = list(names)
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" (+{more})" if more > 0 else "")
