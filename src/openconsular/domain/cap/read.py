"""XML -> Alert. Lenient where issuers are wrong but their meaning is certain, strict where it is not.

`remarks` of the alert say what was repaired. Everything uncertain is a CapError with a reason an officer can read.
"""

import re

from lxml import etree

from openconsular.domain.cap.fields import MAX_NAME, Fields, children, text_of
from openconsular.domain.cap.model import (
    DEFAULT_LANGUAGE,
    Alert,
    Area,
    Category,
    Certainty,
    Info,
    MsgType,
    NamedValue,
    Reference,
    Resource,
    ResponseType,
    Scope,
    Severity,
    Status,
    Urgency,
)
from openconsular.domain.cap.reasons import CapError, Remark
from openconsular.domain.cap.times import read_time
from openconsular.domain.cap.xml import MAX_BYTES, local_name, namespace_of, parse_xml

NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
_OLDER = {
    "urn:oasis:names:tc:emergency:cap:1.1": "1.1",
    "urn:oasis:names:tc:emergency:cap:1.0": "1.0",
    "http://www.incident.com/cap/1.0": "1.0",
}
MAX_INFOS = 500
_REFERENCE = re.compile(r"\s*([^,\s][^,]*?)\s*,\s*([^,]+?)\s*,\s*(\d{1,4}-\d{2}-\d{2}T[^\s,]+)")
_QUOTED = re.compile(r'"([^"]{1,1500})"')
_COMMA = "\x1f"  # stands for one inside quotation marks; no text of an XML document holds it
_LANGUAGES = {
    "english": "en",
    "french": "fr",
    "français": "fr",
    "german": "de",
    "spanish": "es",
    "español": "es",
}
_LANGUAGE_TAG = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{1,8})*")


def parse_alert(raw: bytes, *, max_bytes: int = MAX_BYTES) -> Alert:
    """One CAP message from its bytes. Raises CapError."""
    return alert_from_element(parse_xml(raw, max_bytes=max_bytes))


def is_alert(element: etree._Element) -> bool:
    """An element named alert in a CAP namespace, or one that has a message's mandatory children (section 3.2.1)."""
    if local_name(element) != "alert":
        return False
    namespace = namespace_of(element)
    if namespace == NAMESPACE or namespace in _OLDER:
        return True
    present = {local_name(child) for child in element}
    return len(present & {"identifier", "sender", "sent", "status", "msgType"}) >= 3


def alert_from_element(root: etree._Element) -> Alert:
    """One CAP message from its `alert` element, wherever that stood. Raises CapError."""
    if not is_alert(root):
        raise CapError("not-cap", element=local_name(root))
    fields = Fields(root)
    _note_namespace(fields, namespace_of(root))
    infos = list(children(root, "info"))
    if len(infos) > MAX_INFOS:
        raise CapError("too-many-infos", count=len(infos), limit=MAX_INFOS)
    sender = fields.mandatory(root, "sender")
    identifier = fields.mandatory(root, "identifier")
    return Alert(
        identifier=identifier,
        sender=sender,
        sent=fields.mandatory_time(root, "sent"),
        status=fields.mandatory_choice(root, "status", Status),
        msg_type=fields.mandatory_choice(root, "msgType", MsgType),
        scope=_scope(fields, root),
        source=fields.text(root, "source"),
        restriction=fields.text(root, "restriction"),
        addresses=fields.text(root, "addresses"),
        codes=tuple(filter(None, (text_of(child) for child in children(root, "code")))),
        note=fields.all_text(root, "note"),
        references=_references(fields, fields.text(root, "references"), sender),
        incidents=fields.text(root, "incidents"),
        infos=tuple(_info(fields, info) for info in infos),
        remarks=_remarks(fields),
    )


def _remarks(fields: Fields) -> tuple[Remark, ...]:
    if fields.dropped_files:
        fields.note("embedded-dropped", count=fields.dropped_files)
    return tuple(fields.remarks)


def _note_namespace(fields: Fields, namespace: str) -> None:
    if namespace in _OLDER:
        fields.note("namespace-older", version=_OLDER[namespace])
    elif namespace != NAMESPACE:
        fields.note("namespace-other", namespace=namespace)


def _scope(fields: Fields, root: etree._Element) -> Scope:
    """Absent means public, as everything in a public feed; an unknown value means nothing we may act on."""
    if not fields.text(root, "scope"):
        fields.note("element-defaulted", element="scope", taken=Scope.PUBLIC)
        return Scope.PUBLIC
    return fields.mandatory_choice(root, "scope", Scope)


def _references(fields: Fields, text: str, sender: str) -> tuple[Reference, ...]:
    """ "sender,identifier,sent" separated by spaces (section 3.2.1); bare identifiers are the sender's own."""
    found: list[Reference] = []
    text = _QUOTED.sub(_unquoted, text)
    for matched in _REFERENCE.finditer(text):
        try:
            sent, had_offset = read_time(matched[3], "references")
        except CapError:
            had_offset = False
        sender_named, identifier = (matched[part].replace(_COMMA, ",") for part in (1, 2))
        found.append(Reference(sender_named, identifier, sent if had_offset else None))
    for token in _REFERENCE.sub(" ", text).split():
        fields.note("references-loose", value=token.replace(_COMMA, ","))
        parts = [part.replace(_COMMA, ",") for part in token.split(",") if part]
        if parts and max(map(len, parts)) <= MAX_NAME:
            found.append(Reference(parts[0], parts[1]) if len(parts) > 1 else Reference(sender, parts[0]))
    return tuple(dict.fromkeys(found))


def _unquoted(quoted: re.Match[str]) -> str:
    """What holds spaces or commas may stand in quotation marks: one part of a reference, or all three of them."""
    inside = quoted[1]
    return inside if inside.count(",") >= 2 else inside.replace(",", _COMMA)


def _info(fields: Fields, info: etree._Element) -> Info:
    headline = fields.all_text(info, "headline")
    event_codes = _named_values(info, "eventCode")
    return Info(
        event=_event(fields, info, headline, event_codes),
        language=_language(fields, info),
        categories=_categories(fields, info),
        response_types=fields.choices(info, "responseType", ResponseType, ResponseType.NONE),
        urgency=fields.choice(info, "urgency", Urgency, Urgency.UNKNOWN),
        severity=fields.choice(info, "severity", Severity, Severity.UNKNOWN),
        certainty=fields.choice(info, "certainty", Certainty, Certainty.UNKNOWN),
        audience=fields.text(info, "audience"),
        event_codes=event_codes,
        effective=fields.start_time(info, "effective"),
        onset=fields.start_time(info, "onset"),
        expires=fields.time(info, "expires"),
        sender_name=fields.all_text(info, "senderName"),
        headline=headline,
        description=fields.all_text(info, "description"),
        instruction=fields.all_text(info, "instruction"),
        web=fields.text(info, "web"),
        contact=fields.all_text(info, "contact"),
        parameters=_named_values(info, "parameter"),
        resources=tuple(_resource(fields, resource) for resource in children(info, "resource")),
        areas=tuple(_area(fields, area) for area in children(info, "area")),
    )


def _event(fields: Fields, info: etree._Element, headline: str, codes: tuple[NamedValue, ...]) -> str:
    event = fields.all_text(info, "event").replace("\n", " ")
    if event:
        return event
    taken = headline.replace("\n", " ") or next((code.value for code in codes if code.value), "")
    if not taken:
        raise CapError("element-missing", element="event")
    fields.note("element-defaulted", element="event", taken=taken)
    return taken


def _categories(fields: Fields, info: etree._Element) -> tuple[Category, ...]:
    categories = fields.choices(info, "category", Category, Category.OTHER)
    if not categories:
        fields.note("element-defaulted", element="category", taken=Category.OTHER)
    return categories or (Category.OTHER,)


def _language(fields: Fields, info: etree._Element) -> str:
    attribute = info.get("{http://www.w3.org/XML/1998/namespace}lang") or info.get("lang") or ""
    found = fields.text(info, "language") or attribute.strip()
    if not found:
        return DEFAULT_LANGUAGE
    if found.casefold() in _LANGUAGES:
        taken = _LANGUAGES[found.casefold()]
    elif _LANGUAGE_TAG.fullmatch(found):
        taken = found.replace("_", "-")
    else:
        taken = DEFAULT_LANGUAGE
    if taken != found:
        fields.note("value-spelling", element="language", value=found, taken=taken)
    return taken


def _named_values(parent: etree._Element, name: str) -> tuple[NamedValue, ...]:
    """valueName and value; CAP 1.0 wrote name=value into the element itself."""
    found: list[NamedValue] = []
    for child in children(parent, name):
        key = next((text_of(part) for part in children(child, "valueName")), "")
        value = next((text_of(part) for part in children(child, "value")), "")
        if len(child) == 0 and "=" in text_of(child):
            key, _, value = text_of(child).partition("=")
        if key or value:
            found.append(NamedValue(key.strip(), value.strip()))
    return tuple(found)


def _resource(fields: Fields, resource: etree._Element) -> Resource:
    fields.dropped_files += sum(1 for child in children(resource, "derefUri") if text_of(child))
    return Resource(
        resource_desc=fields.text(resource, "resourceDesc"),
        mime_type=fields.text(resource, "mimeType"),
        size=fields.text(resource, "size"),
        uri=fields.text(resource, "uri"),
        digest=fields.text(resource, "digest"),
    )


def _area(fields: Fields, area: etree._Element) -> Area:
    polygons = tuple(" ".join(text_of(child).split()) for child in children(area, "polygon"))
    if polygons and not all(polygons):
        fields.note("polygon-empty")
    return Area(
        area_desc=fields.all_text(area, "areaDesc").replace("\n", " "),
        polygons=tuple(filter(None, polygons)),
        circles=tuple(
            " ".join(text_of(child).split()) for child in children(area, "circle") if text_of(child)
        ),
        geocodes=_named_values(area, "geocode"),
        altitude=fields.text(area, "altitude"),
        ceiling=fields.text(area, "ceiling"),
    )
