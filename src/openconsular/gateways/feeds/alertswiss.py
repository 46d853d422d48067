"""A message of Alertswiss (alert.swiss) with the standard's names."""

from collections.abc import Iterator, Mapping
from typing import Any

Content = Mapping[str, Any]


def as_cap(message: Content) -> dict[str, Any]:
    """CAP content. Times: `reference` ends in the exact instant; `sent` is a wall time without offset."""
    is_test = message.get("testAlert") is True or message.get("technicalTestAlert") is True
    all_clear = message.get("allClear") is True
    return {
        "identifier": message.get("identifier"),
        "sender": message.get("sender"),
        "sent": str(message.get("reference") or "").rpartition(",")[2] or message.get("sent"),
        "status": "Test" if is_test else "Actual",
        "msgType": "Update" if all_clear else "Alert",
        "scope": "Public",
        "info": {
            "language": str(message.get("gtransOrigin") or "").partition("-x-")[0] or None,
            "category": "Safety",
            "event": message.get("event"),
            "responseType": "AllClear" if all_clear else None,
            "urgency": "Unknown",
            "severity": str(message.get("severity") or "").capitalize() or None,
            "certainty": "Unknown",
            "senderName": message.get("publisherName"),
            "headline": _text(message.get("title"), "title"),
            "description": _text(message.get("description"), "description"),
            "instruction": [_text(one, "text") for one in _list(message.get("instructions"))],
            "web": message.get("link"),
            "contact": _text(message.get("contact"), "contact"),
            "area": [_area(area) for area in _list(message.get("areas"))],
        },
    }


def _area(area: Any) -> dict[str, Any]:
    own: Content = area if isinstance(area, Mapping) else {}
    return {
        "areaDesc": _text(own.get("description"), "description"),
        "polygon": [" ".join(_points(shape)) for shape in _list(own.get("polygons"))],
        "circle": [_circle(shape) for shape in _list(own.get("circles"))],
    }


def _points(shape: Any) -> Iterator[str]:
    for point in _list(shape.get("coordinates") if isinstance(shape, Mapping) else None):
        yield f"{point[0]},{point[1]}" if isinstance(point, list) and len(point) >= 2 else "?"


def _circle(shape: Any) -> str:
    """The unit of the radius is documented nowhere, so a circle is handed on as unreadable and an officer sees it."""
    own: Content = shape if isinstance(shape, Mapping) else {}
    return f"{own.get('centerPosition')} {own.get('radius')} ?"


def _text(value: Any, name: str) -> str:
    found = value.get(name) if isinstance(value, Mapping) else value
    return found if isinstance(found, str) else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
