"""CAP alone or wrapped (EDXL-DE, SOAP, Atom, RSS), and feeds that only name alerts."""

import re
from collections.abc import Iterator
from dataclasses import replace

from lxml import etree

from openconsular.domain.cap.fields import text_of
from openconsular.domain.cap.read import alert_from_element, is_alert
from openconsular.domain.cap.reasons import CapError, remark
from openconsular.domain.cap.signature import is_signed, was_changed
from openconsular.domain.cap.xml import local_name, namespace_of, parse_xml
from openconsular.gateways.feeds import georss_quakes, quakes
from openconsular.gateways.feeds.items import (
    AlertItem,
    IgnoredItem,
    Item,
    LinkItem,
    RefusedItem,
    ignored,
    refused,
)

_CAP_TYPES = ("application/cap+xml", "application/common-alerting-protocol+xml")
_XML_TYPES = ("text/xml", "application/xml", "text/cap+xml")
_CAP_ADDRESS = re.compile(
    r"\.(?:xml|cap)(?:$|[?#])|[^a-z]cap(?:$|[^a-z])|capid=|getcap|capget|wwacapget", re.IGNORECASE
)
_ALERT_AS_TEXT = re.compile(
    r"\s*(?:<\?xml[^>]*>\s*)?(?:<!--(?:(?!-->).){0,2000}-->\s*){0,8}<(?:\w+:)?alert[\s>]", re.DOTALL
)
_POINTS = {"point", "lat", "Point"}
_SHAPES = {"polygon", "box", "Polygon", "circle", "line", "LineString", "Envelope"}


def read(root: etree._Element, raw: bytes) -> list[Item] | None:
    """The items of a document, or None when it is no feed and holds no alert."""
    if is_alert(root):
        return [_doubted(_alert(root, raw), raw)]
    kind = local_name(root)
    if kind in ("feed", "rss", "RDF"):
        return _read_feed(root)
    alerts = list(_alerts_in(root))
    if kind == "EDXLDistribution" and alerts:
        return _distribution(root, alerts)
    if alerts:
        return [_alert(alert) for alert in alerts]
    if kind in ("EDXLDistribution", "Envelope"):
        written = [item for element in root.iter() if (item := _written_out(element)) is not None]
        if written and (kind == "Envelope" or _is_actual(root)):
            return written
        if written:
            return _distribution(root, [root] * len(written))
        return [RefusedItem(CapError("wrapped-content-missing", element=kind).remark, _bytes(root))]
    return None


def _distribution(root: etree._Element, alerts: list[etree._Element]) -> list[Item]:
    """EDXL-DE 1.0, section 3.2.2: a wrapper that is a test or an exercise makes everything in it one."""
    if not _is_actual(root):
        return [ignored("wrapper-not-actual", status=_distribution_status(root)) for _ in alerts]
    return [_alert(alert) for alert in alerts]


def _is_actual(root: etree._Element) -> bool:
    return _distribution_status(root).casefold() in ("actual", "unknown", "")


def _distribution_status(root: etree._Element) -> str:
    return next((text_of(child) for child in root if local_name(child) == "distributionStatus"), "Actual")


def _read_feed(root: etree._Element) -> list[Item]:
    entries = [element for element in root.iter() if local_name(element) in ("entry", "item")]
    inside = set(entries)  # a feed may have ten thousand
    outside = [alert for alert in _alerts_in(root) if inside.isdisjoint(alert.iterancestors())]
    items: list[Item] = [_alert(alert) for alert in outside]
    for entry in entries:
        items += _read_entry(entry)
    return items or [ignored("feed-empty")]


def _read_entry(entry: etree._Element) -> list[Item]:
    alerts = list(_alerts_in(entry))
    if alerts:
        return [_alert(alert) for alert in alerts]
    escaped = _escaped_alert(entry)
    if escaped is not None:
        return [escaped]
    title = next((" ".join(text_of(child).split()) for child in entry if local_name(child) == "title"), "")
    link = _cap_link(entry)
    if link:
        return [LinkItem(link, title, _first(entry, "updated", "pubDate", "published", "datemodified"))]
    if _speaks_cap(entry):
        return [RefusedItem(CapError("summary-only", title=title).remark, _bytes(entry))]
    inside = {local_name(element) for element in entry.iter()}
    if inside & _SHAPES:
        return [RefusedItem(CapError("georss-area", title=title).remark, _bytes(entry))]
    if inside & _POINTS:
        return [_read_point(entry, title)]
    return [ignored("information-only", title=title or "?")]


def _read_point(entry: etree._Element, title: str) -> Item:
    """An earthquake, or a danger of which only the place is told: the grave ones are for an officer."""
    level = next((text_of(e) for e in entry.iter() if local_name(e) == "alertlevel"), "")
    if level.casefold() in ("orange", "red"):
        error = CapError("danger-without-area", title=title, sign=f"alertlevel: {level}")
        return RefusedItem(error.remark, _bytes(entry))
    magnitude = quakes.magnitude_in(title)
    if magnitude is None or not quakes.is_harmful(magnitude):
        return ignored("point-only", title=title or "?")
    try:
        return georss_quakes.read_entry(entry, title, magnitude, _bytes(entry))
    except CapError as error:
        return RefusedItem(error.remark, _bytes(entry))


def _escaped_alert(entry: etree._Element) -> Item | None:
    """A whole message written as text into content or description."""
    for child in entry:
        if local_name(child) in ("content", "description", "encoded", "summary"):
            found = _written_out(child)
            if found is not None:
                return found
    return None


def _written_out(element: etree._Element) -> Item | None:
    text = text_of(element) if len(element) == 0 else ""
    if not _ALERT_AS_TEXT.match(text):
        return None
    raw = re.sub(r"^\s*<\?xml[^>]*>", "", text).encode()
    try:
        return _alert(parse_xml(raw), raw)
    except CapError as error:
        return refused(error, raw)


def _cap_link(entry: etree._Element) -> str:
    """The address of the entry's CAP message, most certain sign first; empty when it links to none."""
    links = [
        (_address(link), (link.get("type") or "").lower(), link.get("rel") or "") for link in _links(entry)
    ]
    for wanted in (_CAP_TYPES, _XML_TYPES):
        for address, kind, _ in links:
            if address and kind in wanted:
                return address
    named = next(
        (text_of(e) for e in entry.iter() if local_name(e) == "cap" and text_of(e).startswith("http")), ""
    )
    if named:
        return named
    plain = [
        address for address, kind, rel in links if address and not kind and rel in ("", "alternate", "self")
    ]
    # Some give the address as the entry's identifier only.
    plain += [
        a for a in (_first(entry, "id"), _first(entry, "guid")) if a.startswith(("https://", "http://"))
    ]
    speaks_cap = _speaks_cap(entry)
    return next((address for address in plain if speaks_cap or _CAP_ADDRESS.search(address)), "")


def _speaks_cap(entry: etree._Element) -> bool:
    """Whether an entry tells single facts of an alert, such as cap:severity."""
    return any(":cap:" in namespace_of(element) for element in entry.iter())


def _links(entry: etree._Element) -> Iterator[etree._Element]:
    """Also Atom's content that lies elsewhere (RFC 4287, section 4.1.3.2)."""
    return (
        child
        for child in entry
        if local_name(child) in ("link", "enclosure") or (local_name(child) == "content" and child.get("src"))
    )


def _address(link: etree._Element) -> str:
    return (link.get("href") or link.get("url") or link.get("src") or text_of(link)).strip()


def _first(entry: etree._Element, *names: str) -> str:
    return next((text_of(child) for name in names for child in entry if local_name(child) == name), "")


def _alerts_in(root: etree._Element) -> Iterator[etree._Element]:
    return (element for element in root.iter() if is_alert(element))


def _alert(element: etree._Element, raw: bytes = b"") -> AlertItem | RefusedItem | IgnoredItem:
    raw = raw or _bytes(element)
    try:
        return AlertItem(alert_from_element(element), raw)
    except CapError as error:
        return refused(error, raw)


def _doubted(item: Item, raw: bytes) -> Item:
    """Only a message that stands alone is as its issuer wrote it: a feed may have indented what it embeds."""
    if not isinstance(item, AlertItem) or not is_signed(raw):
        return item
    if was_changed(raw):
        return replace(item, doubt=remark("signature-broken"))
    note = remark("signer-unchecked")
    return replace(item, alert=replace(item.alert, remarks=(*item.alert.remarks, note)))


def _bytes(element: etree._Element) -> bytes:
    written: bytes = etree.tostring(element, encoding="UTF-8", with_tail=False)
    return written
