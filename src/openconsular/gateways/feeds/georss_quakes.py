"""An earthquake as an entry of Atom or RSS: a headline with a magnitude, a point, and a time."""

import re
from collections.abc import Iterator
from datetime import datetime

from lxml import etree

from openconsular.domain.cap.fields import text_of
from openconsular.domain.cap.reasons import CapError
from openconsular.domain.cap.times import read_time
from openconsular.domain.cap.xml import local_name
from openconsular.gateways.feeds.items import Item
from openconsular.gateways.feeds.quakes import Quake, as_item, host_of

_TIMES = ("time", "date", "issued", "pubDate", "published", "updated")
_NUMBER = re.compile(r"[+-]?\d{1,3}(?:\.\d{1,10})?")


def read_entry(entry: etree._Element, title: str, magnitude: float, raw: bytes) -> Item:
    """An alert with a circle. Raises CapError: quake-unreadable, time-*."""
    lat, lon = _point(entry, title)
    at = _time(entry, title)
    address = next(filter(None, (_text(entry, "guid"), _text(entry, "id"), _link(entry))), "")
    return as_item(
        Quake(
            identifier=address[:400],
            sender=host_of(_link(entry) or address) or "earthquakes",
            title=title,
            at=at,
            updated=at,
            lat=lat,
            lon=lon,
            magnitude=magnitude,
            depth_km=_depth(entry),
            web=_link(entry),
        ),
        raw,
    )


def _point(entry: etree._Element, title: str) -> tuple[float, float]:
    """GeoRSS and GML write latitude first, in one element; W3C's vocabulary has two."""
    texts = [text_of(e) for e in entry.iter() if local_name(e) in ("point", "pos")]
    texts.append(f"{_anywhere(entry, 'lat')} {_anywhere(entry, 'long') or _anywhere(entry, 'lon')}")
    for text in texts:
        numbers = [float(part) for part in re.split(r"[\s,]+", text.strip()) if _NUMBER.fullmatch(part)]
        if len(numbers) == 2 and abs(numbers[0]) <= 90 and abs(numbers[1]) <= 360:
            return numbers[0], numbers[1]
    raise CapError("quake-unreadable", title=title, element="point")


def _time(entry: etree._Element, title: str) -> datetime:
    for text in (found for name in _TIMES for found in _texts(entry, name)):
        try:
            instant, had_offset = read_time(text, "time")
        except CapError:
            continue
        if had_offset:
            return instant
    raise CapError("quake-unreadable", title=title, element="time")


def _depth(entry: etree._Element) -> float | None:
    """GeoRSS `elev` is in metres and negative below the ground; a `depth` is in km, or in metres when it says so."""
    elevation, depth = _anywhere(entry, "elev"), _anywhere(entry, "depth")
    if _NUMBER.fullmatch(elevation) or re.fullmatch(r"-\d{1,6}(?:\.\d+)?", elevation):
        return max(-float(elevation) / 1000, 0.0)
    return float(depth) if _NUMBER.fullmatch(depth) and 0 <= float(depth) <= 800 else None


def _link(entry: etree._Element) -> str:
    links = (child for child in entry if local_name(child) == "link")
    return next((found for link in links if (found := (link.get("href") or text_of(link)).strip())), "")


def _text(entry: etree._Element, name: str) -> str:
    return next(iter(_texts(entry, name)), "")


def _texts(entry: etree._Element, name: str) -> Iterator[str]:
    return (text for child in entry if local_name(child) == name and (text := text_of(child)))


def _anywhere(entry: etree._Element, name: str) -> str:
    return next((text for e in entry.iter() if local_name(e) == name and (text := text_of(e))), "")
