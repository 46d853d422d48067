"""An alert of the US National Weather Service's API (GeoJSON feature) with the standard's names.

Nine in ten have no shape: they name zones and counties (UGC, SAME), in `geocode` or as `affectedZones`.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta, timezone
from typing import Any

Content = Mapping[str, Any]

_SAME_NAME = (
    "status",
    "category",
    "event",
    "urgency",
    "severity",
    "certainty",
    "effective",
    "onset",
    "expires",
    "senderName",
    "headline",
    "description",
    "instruction",
    "web",
)
_RELATIVE = re.compile(r"date:now(?:\s*([+-]?)\s*(\d{1,7})\s+(second|minute|hour|day)s?)?")
_CLOCK_TIME = re.compile(
    r"date:today (\d{1,2}):(\d{2})(?::([+-]?\d{1,2}))?(?:\s*([+-]?)\s*(\d{1,7})\s+(second|minute|hour|day)s?)?"
)
_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}


def with_times(feature: Content, saved_at: datetime) -> tuple[dict[str, Any], bool]:
    """The feature with "date:now +1 hour", as saved answers write instants, counted from `saved_at`.

    Answers the service gives over the network never hold such times; there they stay what they are, unreadable.
    """
    own = dict(_mapping(feature.get("properties")))
    counted = {
        name: _counted(own.get(name), saved_at) for name in ("sent", "effective", "onset", "expires", "ends")
    }
    parameters = dict(_mapping(own.get("parameters")))
    parameters["eventEndingTime"] = [
        _counted(one, saved_at) for one in _list(parameters.get("eventEndingTime"))
    ]
    changed = any(counted[name] != own.get(name) for name in counted)
    references = [
        {**reference, "sent": _counted(reference.get("sent"), saved_at)}
        for reference in _list(own.get("references"))
        if isinstance(reference, Mapping)
    ]
    return {
        **feature,
        "properties": own | counted | {"parameters": parameters, "references": references},
    }, changed


def _counted(value: Any, saved_at: datetime) -> Any:
    """ "date:now +1 hour" counts from the instant, "date:today 16:00:-5 +1 day" from the clock of that offset's day."""
    if not isinstance(value, str):
        return value
    start = saved_at
    matched = _RELATIVE.fullmatch(value)
    sign, number, unit = matched.groups() if matched else (None, None, None)
    if matched is None:
        clock = _CLOCK_TIME.fullmatch(value)
        if clock is None or int(clock[1]) > 23 or int(clock[2]) > 59 or abs(int(clock[3] or 0)) > 14:
            return value
        there = saved_at.astimezone(timezone(timedelta(hours=int(clock[3] or 0))))
        start = there.replace(hour=int(clock[1]), minute=int(clock[2]), second=0, microsecond=0)
        sign, number, unit = clock[4], clock[5], clock[6]
    distance = timedelta(seconds=int(number or 0) * _SECONDS[unit or "second"])
    return (start - distance if sign == "-" else start + distance).isoformat(timespec="seconds")


def as_cap(feature: Content) -> dict[str, Any]:
    """CAP content. The API leaves out `scope`, for all it gives is public."""
    own = _mapping(feature.get("properties"))
    info = {name: own.get(name) for name in _SAME_NAME if name != "status"}
    info["language"] = own.get("language")
    info["responseType"] = own.get("response")
    info["parameter"] = _parameters(own)
    info["eventCode"] = _named(_mapping(own.get("eventCode")))
    info["area"] = {
        "areaDesc": own.get("areaDesc"),
        "polygon": list(_rings(feature.get("geometry"))),
        "geocode": _geocodes(own)
        + [{"valueName": "EXCLUDE_POLYGON", "value": h} for h in _holes(feature.get("geometry"))],
    }
    return {
        "identifier": own.get("id") or own.get("identifier") or feature.get("id"),
        "sender": own.get("sender"),
        "sent": own.get("sent"),
        "status": own.get("status"),
        "msgType": own.get("messageType") or own.get("msgType"),
        "scope": own.get("scope") or "Public",
        "references": " ".join(_references(own)),
        "info": info,
    }


def _parameters(own: Content) -> list[dict[str, Any]]:
    parameters = _named(_mapping(own.get("parameters")))
    if own.get("ends"):
        parameters = [p for p in parameters if p["valueName"] != "eventEndingTime"]
        parameters.append({"valueName": "eventEndingTime", "value": own["ends"]})
    return parameters


def _geocodes(own: Content) -> list[dict[str, Any]]:
    codes = _named(_mapping(own.get("geocode")))
    if not any(code["valueName"] == "UGC" for code in codes):
        zones = [str(zone).rpartition("/")[2] for zone in _list(own.get("affectedZones"))]
        codes += [{"valueName": "UGC", "value": zone} for zone in zones if zone]
    return codes


def _references(own: Content) -> Iterator[str]:
    for reference in _list(own.get("references")):
        if isinstance(reference, Mapping) and reference.get("identifier"):
            yield ",".join(str(reference.get(key) or "") for key in ("sender", "identifier", "sent"))


def _rings(geometry: Any) -> Iterator[str]:
    return (text for rings in _polygons(geometry) for text in rings[:1])


def _holes(geometry: Any) -> Iterator[str]:
    return (text for rings in _polygons(geometry) for text in rings[1:])


def _polygons(geometry: Any) -> Iterator[list[str]]:
    shape = _mapping(geometry)
    kind, coordinates = shape.get("type"), shape.get("coordinates")
    if kind == "Polygon":
        yield [_ring(ring) for ring in _list(coordinates)]
    elif kind == "MultiPolygon":
        yield from ([_ring(ring) for ring in _list(polygon)] for polygon in _list(coordinates))
    elif kind == "GeometryCollection":
        for member in _list(shape.get("geometries"))[:1000]:
            if _mapping(member).get("type") != "GeometryCollection":
                yield from _polygons(member)


def _ring(points: Any) -> str:
    """GeoJSON writes longitude first (RFC 7946, section 3.1.1), CAP latitude."""
    return " ".join(
        f"{point[1]},{point[0]}" if isinstance(point, list) and len(point) >= 2 else "?"
        for point in _list(points)
    )


def _named(values: Content) -> list[dict[str, Any]]:
    return [
        {"valueName": name, "value": value}
        for name, several in values.items()
        for value in (several if isinstance(several, list) else [several])
    ]


def _mapping(value: Any) -> Content:
    return value if isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
