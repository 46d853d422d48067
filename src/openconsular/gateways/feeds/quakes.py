"""Earthquakes as seismological services tell them: a point, a depth and a magnitude, in GeoJSON and in GeoRSS.

The GeoJSON is that of the US Geological Survey's summary feeds, which others use too (longitude, latitude, depth in km
as coordinates; `mag`, `place`, milliseconds in `time` and `updated`, `status`, `alert` as properties).
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from openconsular.domain.cap import quakes
from openconsular.domain.cap.read import alert_from_element
from openconsular.domain.cap.reasons import CapError, Remark, remark
from openconsular.domain.cap.times import read_time
from openconsular.domain.cap.write import time_text
from openconsular.gateways.feeds.elements import to_alert_element
from openconsular.gateways.feeds.items import AlertItem, IgnoredItem, Item, ignored

LASTS = timedelta(days=7)
"""Aftershocks and damage outlast the shaking; an officer may end it sooner."""

_MAGNITUDE = re.compile(
    r"(?:^|[^A-Za-z])(?:M(?:[wbsldWBSLD]{1,2})?|mag(?:nitude)?)[\s:=.]{0,3}(\d{1,2}(?:[.,]\d{1,2})?)(?![\d.:/-])",
    re.IGNORECASE,
)
_GONE = {"deleted": "Cancel"}
_GRAVE = ("orange", "red")

Content = Mapping[str, Any]


@dataclass(frozen=True)
class Quake:
    """Degrees, km and instants. `depth_km` is None where it is not told; other networks' numbers of it are other names."""

    identifier: str
    sender: str
    title: str
    at: datetime
    updated: datetime
    lat: float
    lon: float
    magnitude: float
    depth_km: float | None = None
    status: str = ""
    web: str = ""
    is_grave: bool = False
    also_known_as: tuple[str, ...] = ()


def is_quake(feature: Content) -> bool:
    """A feature with a magnitude and a point."""
    properties, shape = feature.get("properties"), feature.get("geometry")
    return (
        isinstance(properties, Mapping)
        and ("mag" in properties or "magnitude" in properties)
        and isinstance(shape, Mapping)
        and shape.get("type") == "Point"
    )


def read_feature(feature: Content, raw: bytes) -> Item:
    """One earthquake of a GeoJSON feed. Raises CapError: quake-unreadable and those of a circle."""
    own: Content = feature["properties"]
    place = own.get("place") or own.get("flynn_region") or own.get("locality") or feature.get("id") or "?"
    magnitude = own.get("mag", own.get("magnitude"))
    title = str(own.get("title") or f"M {magnitude} - {place}")
    if magnitude is None:
        return ignored("point-only", title=title)
    point = feature["geometry"].get("coordinates")
    lon, lat, *rest = (point if isinstance(point, list) else []) + [None] * 3
    address = str(own.get("url") or own.get("detail") or "")
    at = _instant(own.get("time"), title)
    updated = own.get("updated") or own.get("lastupdate")
    # Where the depth is told by name it goes before the third coordinate, which some count downwards as negative.
    depth = own["depth"] if own.get("depth") is not None else rest[0]
    return as_item(
        Quake(
            identifier=str(feature.get("id") or own.get("code") or own.get("publicID") or ""),
            sender=host_of(address) or str(own.get("net") or own.get("source_catalog") or "earthquakes"),
            title=title,
            at=at,
            updated=_instant(updated, title) if updated else at,
            lat=_number(lat, "latitude", title, 90),
            lon=_number(lon, "longitude", title, 360),
            magnitude=_number(magnitude, "magnitude", title, quakes.LARGEST_MAGNITUDE),
            depth_km=None if depth is None else _number(depth, "depth", title, quakes.DEEPEST_KM),
            status=str(own.get("status") or "").lower(),
            web=address,
            is_grave=own.get("alert") in _GRAVE,
            also_known_as=tuple(filter(None, str(own.get("ids") or "").split(",")))[:20],
        ),
        raw,
    )


def host_of(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def magnitude_in(title: str) -> float | None:
    """The magnitude a headline tells: "M 7.8 - 67 km NNE of Bharatpur", "Magnitude: 5,1"."""
    matched = _MAGNITUDE.search(title)
    found = float(matched[1].replace(",", ".")) if matched else None
    return found if found is not None and 0 < found < quakes.LARGEST_MAGNITUDE else None


def is_harmful(magnitude: float) -> bool:
    """Whether it may do harm when it is shallow."""
    return quakes.harmful_radius_km(magnitude, quakes.USUAL_DEPTH_KM) > 0


def as_item(quake: Quake, raw: bytes) -> AlertItem | IgnoredItem:
    """An alert with a circle, or why it needs nobody's attention."""
    if not quake.identifier:
        raise CapError("quake-unreadable", title=quake.title, element="id")
    depth_km = max(quakes.USUAL_DEPTH_KM if quake.depth_km is None else quake.depth_km, 0.0)
    radius_km = quakes.harmful_radius_km(quake.magnitude, depth_km)
    if radius_km == 0 and quake.is_grave:
        # The service counts people and houses too and says that there is damage: the relation is wrong here.
        radius_km = max(depth_km, quakes.USUAL_DEPTH_KM)
    values = {"magnitude": f"{quake.magnitude:g}", "depth": f"{depth_km:g}"}
    if radius_km == 0 and quake.status not in _GONE:
        return ignored("quake-harmless", title=quake.title, **values)
    alert = alert_from_element(to_alert_element(_content(quake, depth_km, radius_km)))
    notes: list[Remark] = [remark("quake-circle", radius=f"{radius_km:g}", **values)]
    if quake.depth_km is None:
        notes.append(remark("quake-depth-taken", depth=f"{depth_km:g}"))
    return AlertItem(replace(alert, remarks=tuple(notes)), raw)


def _content(quake: Quake, depth_km: float, radius_km: float) -> dict[str, Any]:
    sent = time_text(max(quake.updated, quake.at))
    is_gone = quake.status in _GONE
    names = dict.fromkeys((quake.identifier,) * is_gone + quake.also_known_as)
    if not is_gone:
        names.pop(quake.identifier, None)
    place = f"{quake.lat:g},{quake.lon:g}"
    info = {
        "language": "en",
        "category": "Geo",
        "event": "Earthquake",
        "urgency": "Immediate",
        "severity": quakes.severity(quake.magnitude, depth_km).value,
        "certainty": "Likely" if quake.status == "automatic" else "Observed",
        "effective": time_text(quake.at),
        "onset": time_text(quake.at),
        "expires": time_text(quake.at + LASTS),
        "headline": quake.title,
        "web": quake.web,
        "area": {"areaDesc": quake.title, "circle": f"{place} {radius_km:g}"},
    }
    return {
        "identifier": quake.identifier,
        "sender": quake.sender,
        "sent": sent,
        "status": "Actual",
        "msgType": _GONE.get(quake.status, "Alert"),
        "scope": "Public",
        # A service may change which network's number is the first: all of them are one event.
        "references": " ".join(f"{quake.sender},{name},{sent}" for name in names),
        "info": None if is_gone else info,
    }


def _number(value: Any, element: str, title: str, limit: float) -> float:
    if (
        isinstance(value, bool)
        or not isinstance(value, int | float)
        or not math.isfinite(value)
        or abs(value) > limit
    ):
        raise CapError("quake-unreadable", title=title, element=element)
    return float(value)


def _instant(value: Any, title: str) -> datetime:
    """Milliseconds since 1970, or ISO 8601 with an offset."""
    try:
        if isinstance(value, str):
            instant, had_offset = read_time(value, "time")
            if not had_offset:
                raise CapError("quake-unreadable", title=title, element="time")
            return instant

        return datetime.fromtimestamp(_number(value, "time", title, 1e14) / 1000, UTC).replace(microsecond=0)
    except CapError as cause:
        raise CapError("quake-unreadable", title=title, element="time") from cause
    except (OverflowError, ValueError, OSError) as cause:
        raise CapError("quake-unreadable", title=title, element="time") from cause
