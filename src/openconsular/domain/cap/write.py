"""Alert -> CAP 1.2 XML, elements in the order the schema demands (OASIS CAP 1.2, appendix A)."""

from datetime import UTC, datetime
from typing import Any

from lxml import etree

from openconsular.domain.cap.model import Alert, Area, Info, NamedValue, Reference, Resource
from openconsular.domain.cap.read import NAMESPACE

# lxml writes the default namespace for the key None, which its type stubs do not know.
_NSMAP: dict[Any, str] = {None: NAMESPACE}


def to_xml(alert: Alert) -> bytes:
    """The message as UTF-8 bytes, valid by the schema when the alert has what the schema asks for."""
    root = etree.Element(f"{{{NAMESPACE}}}alert", nsmap=_NSMAP)
    _add(root, "identifier", alert.identifier)
    _add(root, "sender", alert.sender)
    _add(root, "sent", time_text(alert.sent))
    _add(root, "status", alert.status)
    _add(root, "msgType", alert.msg_type)
    _add(root, "source", alert.source)
    _add(root, "scope", alert.scope)
    _add(root, "restriction", alert.restriction)
    _add(root, "addresses", alert.addresses)
    for code in alert.codes:
        _add(root, "code", code)
    _add(root, "note", alert.note)
    _add(root, "references", " ".join(map(_reference, alert.references)))
    _add(root, "incidents", alert.incidents)
    for info in alert.infos:
        _add_info(root, info)
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)
    return written


def time_text(instant: datetime) -> str:
    """Section 3.3.2: no Z, and -00:00 where the sender's offset is unknown, which is how UTC is written."""
    text = instant.replace(microsecond=0).isoformat()
    return text[:-6] + "-00:00" if instant.tzinfo is UTC or text.endswith("+00:00") else text


def _reference(reference: Reference) -> str:
    if reference.sent is None:
        return f"{reference.sender},{reference.identifier}"
    return f"{reference.sender},{reference.identifier},{time_text(reference.sent)}"


def _add_info(root: etree._Element, info: Info) -> None:
    element = _child(root, "info")
    _add(element, "language", info.language)
    for category in info.categories:
        _add(element, "category", category)
    _add(element, "event", info.event)
    for response in info.response_types:
        _add(element, "responseType", response)
    _add(element, "urgency", info.urgency)
    _add(element, "severity", info.severity)
    _add(element, "certainty", info.certainty)
    _add(element, "audience", info.audience)
    _add_named(element, "eventCode", info.event_codes)
    for name, instant in (("effective", info.effective), ("onset", info.onset), ("expires", info.expires)):
        _add(element, name, time_text(instant) if instant else "")
    for name, text in (
        ("senderName", info.sender_name),
        ("headline", info.headline),
        ("description", info.description),
        ("instruction", info.instruction),
        ("web", info.web),
        ("contact", info.contact),
    ):
        _add(element, name, text)
    _add_named(element, "parameter", info.parameters)
    for resource in info.resources:
        _add_resource(element, resource)
    for area in info.areas:
        _add_area(element, area)


def _add_resource(info: etree._Element, resource: Resource) -> None:
    element = _child(info, "resource")
    _add(element, "resourceDesc", resource.resource_desc)
    _add(element, "mimeType", resource.mime_type)
    _add(element, "size", resource.size)
    _add(element, "uri", resource.uri)
    _add(element, "digest", resource.digest)


def _add_area(info: etree._Element, area: Area) -> None:
    element = _child(info, "area")
    _add(element, "areaDesc", area.area_desc)
    for polygon in area.polygons:
        _add(element, "polygon", polygon)
    for circle in area.circles:
        _add(element, "circle", circle)
    _add_named(element, "geocode", area.geocodes)
    _add(element, "altitude", area.altitude)
    _add(element, "ceiling", area.ceiling)


def _add_named(parent: etree._Element, name: str, pairs: tuple[NamedValue, ...]) -> None:
    for pair in pairs:
        element = _child(parent, name)
        _child(element, "valueName").text = _xml_text(pair.name)
        _child(element, "value").text = _xml_text(pair.value)


def _add(parent: etree._Element, name: str, text: str) -> None:
    if text:
        _child(parent, name).text = _xml_text(text)


def _child(parent: etree._Element, name: str) -> etree._Element:
    return etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")


def _xml_text(text: str) -> str:
    """XML 1.0 has no control characters and no surrogates (section 2.2 of that standard)."""
    return "".join(
        c for c in str(text) if c in "\t\n" or (c >= " " and not "\ud800" <= c <= "\udfff" and c not in "￾￿")
    )
