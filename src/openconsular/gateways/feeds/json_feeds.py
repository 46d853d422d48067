"""Alerts as JSON: the US National Weather Service, Germany's MoWaS, Switzerland's Alertswiss, Meteoalarm and plain CAP
in JSON, and the earthquakes of the US Geological Survey.

Each is written as a CAP element and read by the one reader of `domain.cap`, so that the same rules hold for all.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from openconsular.domain.cap.read import alert_from_element
from openconsular.domain.cap.reasons import CapError, remark, shorten
from openconsular.domain.cap.times import in_words
from openconsular.gateways.feeds import alertswiss, nws, quakes
from openconsular.gateways.feeds.elements import to_alert_element
from openconsular.gateways.feeds.items import AlertItem, Item, LinkItem, ignored, refused

MAX_DEPTH = 40
MAX_ENTRIES = 20_000
_LISTS = ("alerts", "warnings", "features", "items", "entries")

# Names other services use for how bad something is: a shape with one of them may be meant as a warning.
_DANGER_SIGNS = (
    "severity",
    "alertlevel",
    "alert_level",
    "warninglevel",
    "eventtype",
    "hazard",
    "event",
    "headline",
)

Content = Mapping[str, Any]


def read(raw: bytes, saved_at: datetime | None = None) -> list[Item]:
    """The items of a JSON document. Raises CapError: json-*, document-too-deep.

    `saved_at` is given for files only: relative times of saved answers count from it.
    """
    try:
        document = json.loads(raw)
    except RecursionError as cause:
        raise CapError("document-too-deep", limit=MAX_DEPTH) from cause
    except (ValueError, UnicodeDecodeError) as cause:
        raise CapError("json-malformed", detail=cause) from cause
    _check_depth(document)
    entries = _entries(document)
    if entries is None:
        raise CapError("json-not-alerts")
    if len(entries) > MAX_ENTRIES:
        raise CapError("document-too-many-elements", limit=MAX_ENTRIES)
    return [item for entry in entries for item in _read_entry(entry, saved_at)] or [ignored("feed-empty")]


def _entries(document: Any) -> list[Any] | None:
    """The single alerts of a document; None when it is no list of alerts of any kind known here."""
    if isinstance(document, list):
        return document if all(_reader_of(entry) for entry in document) else None
    if not isinstance(document, dict):
        return None
    if _reader_of(document) is not None:
        return [document]
    for key in _LISTS:
        inner = document.get(key)
        if isinstance(inner, list) and (not inner or any(_reader_of(entry) for entry in inner)):
            return inner
    return None


def _read_entry(entry: Any, saved_at: datetime | None) -> Iterator[Item]:
    reader = _reader_of(entry)
    raw = json.dumps(entry).encode()
    if reader is None:
        yield refused(CapError("json-not-alerts"), raw)
        return
    try:
        yield _read_nws(entry, raw, saved_at) if reader is _read_nws else reader(entry, raw)
    except CapError as error:
        yield refused(error, raw)


def _reader_of(entry: Any) -> Callable[[Content, bytes], Item] | None:
    if not isinstance(entry, dict):
        return None
    if _wrapped(entry) is not None:  # Meteoalarm: {"alert": {...}, "uuid": "..."}
        return _read_wrapped
    properties = entry.get("properties")
    if entry.get("type") == "Feature" and quakes.is_quake(entry):
        return quakes.read_feature
    if entry.get("type") == "Feature" and isinstance(properties, dict):
        return _read_nws if "messageType" in properties or "sent" in properties else _read_shape
    if "identifier" in entry and ("publishDate" in entry or "testAlert" in entry):
        return _read_alertswiss
    if "identifier" in entry and ("msgType" in entry or "messageType" in entry):
        return _read_plain
    if "messageType" in entry and "areaDesc" in entry:
        return _read_nws
    if "id" in entry and "i18nTitle" in entry:
        return _read_index
    return None


def _read_nws(entry: Content, raw: bytes, saved_at: datetime | None = None) -> Item:
    feature = entry if isinstance(entry.get("properties"), Mapping) else {"properties": entry}
    changed = False
    if saved_at is not None:
        feature, changed = nws.with_times(feature, saved_at)
    alert = alert_from_element(to_alert_element(nws.as_cap(feature)))
    if changed and saved_at is not None:
        note = remark("time-relative", saved=in_words(saved_at))
        alert = replace(alert, remarks=(*alert.remarks, note))
    return AlertItem(alert, raw)


def _read_alertswiss(entry: Content, raw: bytes) -> Item:
    return AlertItem(alert_from_element(to_alert_element(alertswiss.as_cap(entry))), raw)


def _read_plain(entry: Content, raw: bytes) -> Item:
    return AlertItem(alert_from_element(to_alert_element(entry)), raw)


def _wrapped(entry: Content) -> Content | None:
    inner = entry.get("alert")
    is_alert = isinstance(inner, dict) and "identifier" in inner and ("msgType" in inner or "sent" in inner)
    return inner if is_alert else None


def _read_wrapped(entry: Content, raw: bytes) -> Item:
    return _read_plain(_wrapped(entry) or {}, raw)


def _read_shape(entry: Content, raw: bytes) -> Item:
    """Shapes of alerts told elsewhere, such as MoWaS's, are nothing; those that speak of a danger are for an officer."""
    properties: Content = entry["properties"]
    by_name = {name.casefold(): value for name, value in properties.items()}
    sign = next((name for name in _DANGER_SIGNS if by_name.get(name)), None)
    if sign is None:
        return ignored("shapes-only")
    title = next(
        (str(by_name[name]) for name in ("title", "name", "headline", "event") if by_name.get(name)), "?"
    )
    raise CapError("feature-unknown", title=title, sign=f"{sign}: {by_name[sign]}")


def _read_index(entry: Content, raw: bytes) -> Item:
    """MoWaS: .../api31/mowas/mapData.json lists what lies at .../api31/warnings/<id>.json."""
    identifier = shorten(entry["id"])
    return LinkItem(f"../warnings/{identifier}.json", identifier, shorten(entry.get("version", "")))


def _check_depth(document: Any) -> None:
    level, depth = [document], 0
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise CapError("document-too-deep", limit=MAX_DEPTH)
        level = [
            inner
            for one in level
            if isinstance(one, dict | list)
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, dict | list)
        ]
