"""The text of <polygon> and <circle> as numbers (OASIS CAP 1.2, section 3.2.4). Only certain repairs are made."""

import math
import re

from openconsular.domain.cap.reasons import CapError, Remark, remark

MAX_POINTS = 100_000  # the largest real polygon has 41,009
HEMISPHERE_KM = 10_007  # a quarter of a great circle: a wider circle is no area but an error

Point = tuple[float, float]
_NUMBER = r"[+\-−]?(?:\d{1,3}(?:\.\d*)?|\.\d+)(?:[eE][+\-]?\d{1,2})?"
_PAIR = re.compile(rf"({_NUMBER}),({_NUMBER})(,?)")
_TORN_PAIR = re.compile(rf"({_NUMBER})\s*,\s*({_NUMBER})(?:\s+|$)")
_CIRCLE = re.compile(
    rf"({_NUMBER})\s*,\s*({_NUMBER})[\s,]+([+\-−]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+\-]?\d{{1,2}})?)\s*(?:km)?"
)


def read_polygon(text: str, remarks: list[Remark]) -> list[Point]:
    """A closed ring of (latitude, longitude). Raises CapError: polygon-*, latitude-*, longitude-*, coordinates-swapped."""
    if "(" in text or ")" in text:
        place = re.search(r"\S*[()]\S*", text)
        raise CapError("polygon-parentheses", value=place[0] if place else text)
    pairs = _pairs(text, remarks)
    if len(pairs) > MAX_POINTS:
        raise CapError("polygon-too-many-points", count=len(pairs), limit=MAX_POINTS)
    ring = [(_number(lat), _number(lon)) for lat, lon in pairs]
    _check_range(ring)
    if len(set(ring)) < 3:
        raise CapError("polygon-too-few-points", count=len(set(ring)))
    if any(abs(lon) > 180 for _, lon in ring):
        _add(remarks, "longitude-wrapped")
    if ring[0] != ring[-1]:
        # The standard wants it closed; an outline that is left open has only one way to be closed.
        _add(remarks, "polygon-closed")
        ring.append(ring[0])
    return ring


def read_circle(text: str) -> tuple[float, float, float]:
    """(latitude, longitude, radius in km). Raises CapError: circle-*, latitude-*, longitude-*, coordinates-swapped."""
    matched = _CIRCLE.fullmatch(text.strip())
    if matched is None:
        raise CapError("circle-unreadable", value=text)
    lat, lon, radius_km = (_number(matched[part]) for part in (1, 2, 3))
    _check_range([(lat, lon)])
    if radius_km == 0:
        raise CapError("circle-radius-zero", value=f"{lat:g},{lon:g}")
    if not 0 < radius_km <= HEMISPHERE_KM:
        raise CapError("circle-radius-impossible", value=f"{radius_km:g}")
    return lat, lon, radius_km


def _pairs(text: str, remarks: list[Remark]) -> list[tuple[str, str]]:
    """The pairs as text; "52.8, 7.7 52.4, 13.9" is certain too when the whole polygon is written like that."""
    matches = [_PAIR.fullmatch(token) for token in text.split()]
    if all(matches):
        if any(matched[3] for matched in matches if matched):
            _add(remarks, "polygon-punctuation")
        return [(matched[1], matched[2]) for matched in matches if matched]
    position, pairs = 0, []
    while torn := _TORN_PAIR.match(text, position):
        pairs.append((torn[1], torn[2]))
        position = torn.end()
    if position < len(text):
        bad = next(token for token, matched in zip(text.split(), matches, strict=True) if matched is None)
        raise CapError("polygon-unreadable", value=bad)
    return pairs


def _number(text: str) -> float:
    value = float(text.replace("−", "-"))
    if not math.isfinite(value):
        raise CapError("polygon-unreadable", value=text)
    return value


def _check_range(ring: list[Point]) -> None:
    beyond = next((point for point in ring if abs(point[0]) > 90), None)
    if beyond is not None:
        fits_swapped = all(abs(lat) <= 180 and abs(lon) <= 90 for lat, lon in ring)
        code = "coordinates-swapped" if fits_swapped else "latitude-out-of-range"
        raise CapError(code, value=f"{beyond[0]:g},{beyond[1]:g}")
    far = next((point for point in ring if abs(point[1]) > 360), None)
    if far is not None:
        raise CapError("longitude-out-of-range", value=f"{far[0]:g},{far[1]:g}")


def _add(remarks: list[Remark], code: str) -> None:
    if remark(code) not in remarks:
        remarks.append(remark(code))
