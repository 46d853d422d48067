"""One document, whatever it is, into items. Never raises: what cannot be read is an item with its reason."""

import gzip
import re
import zlib
from dataclasses import replace
from datetime import datetime

from openconsular.domain.cap.reasons import CapError, remark
from openconsular.domain.cap.xml import local_name, mended, namespace_of, parse_xml
from openconsular.gateways.feeds import archives, json_feeds, xml_feeds
from openconsular.gateways.feeds.items import AlertItem, Item, ignored, refused

MAX_DOCUMENT_BYTES = 32_000_000  # the largest national feed seen has 9.4 MB
_ZIP, _GZIP = b"PK\x03\x04", b"\x1f\x8b"
_EMPTY_ZIP = b"PK\x05\x06"
_TEXT_PROBE = 4096
_XML_LATER = re.compile(rb"<\?xml\s|<(?:\w+:)?(?:alert|feed|rss)[\s>]")
_WEB_PAGE = re.compile(
    rb"[\xef\xbb\xbf\s]*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.IGNORECASE | re.DOTALL
)


def read_document(raw: bytes, *, saved_at: datetime | None = None) -> list[Item]:
    """Every alert, link, ignored and refused part of a document.

    The content alone decides what it is: names and content types come from strangers and are often wrong.
    `saved_at` is for files: saved answers may hold times relative to the instant at which they are read.
    """
    try:
        return _read(raw, saved_at, depth=0)
    except CapError as error:
        return [refused(error, raw)]


def _read(raw: bytes, saved_at: datetime | None, *, depth: int) -> list[Item]:
    if len(raw) > MAX_DOCUMENT_BYTES:
        raise CapError("document-too-large", size=len(raw), limit=MAX_DOCUMENT_BYTES)
    if raw[:4] in (_ZIP, _EMPTY_ZIP):
        return _read_archive(raw, saved_at, depth=depth)
    if raw[:2] == _GZIP:
        return _read(_gunzip(raw), saved_at, depth=depth + 1) if depth < 2 else [ignored("archive-nested")]
    start = _start_of(raw)
    if start in ("{", "["):
        return json_feeds.read(raw, saved_at)
    if start == "<":
        return _read_xml(raw)
    if not raw.strip():
        raise CapError("document-empty")
    if _is_text(raw):
        if _XML_LATER.search(raw):  # such as a server's complaint before the alert
            raise CapError("xml-malformed", detail="text stands before it")
        return [ignored("text-only")]
    raise CapError("document-unknown")


def _read_xml(raw: bytes) -> list[Item]:
    if _WEB_PAGE.match(raw[:_TEXT_PROBE]):
        raise CapError("web-page")
    try:
        return _items_of(raw)
    except CapError as error:
        whole = mended(raw) if error.code == "xml-malformed" else None
        if whole is None:
            raise
        return _mended_items(raw, whole, error)


def _mended_items(raw: bytes, whole: bytes, error: CapError) -> list[Item]:
    """A document that was broken in its characters only, with a remark on each alert; else the first error stands."""
    try:
        items = _items_of(whole)
    except CapError:
        raise error from None
    note = remark("document-mended")
    found: list[Item] = [
        replace(item, alert=replace(item.alert, remarks=(*item.alert.remarks, note)))
        if isinstance(item, AlertItem)
        else item
        for item in items
    ]
    if len(found) == 1 and isinstance(found[0], AlertItem):
        return [replace(found[0], raw=raw)]  # kept as it came
    return found


def _items_of(raw: bytes) -> list[Item]:
    root = parse_xml(raw, max_bytes=MAX_DOCUMENT_BYTES)
    if namespace_of(root) == "http://www.w3.org/2001/XMLSchema":
        return [ignored("xml-schema")]
    items = xml_feeds.read(root, raw)
    if items is None:
        if local_name(root).lower() in ("html", "kml"):
            raise CapError("web-page" if local_name(root).lower() == "html" else "map-shapes")
        raise CapError("not-cap", element=local_name(root))
    return items


def _read_archive(raw: bytes, saved_at: datetime | None, *, depth: int) -> list[Item]:
    if depth > 0:
        raise CapError("archive-nested")
    items: list[Item] = []
    for member in archives.members(raw):
        try:
            items += _read(member, saved_at, depth=depth + 1)
        except CapError as error:
            items.append(refused(error, member))
    return items or [ignored("feed-empty")]


def _gunzip(raw: bytes) -> bytes:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        whole = unpacker.decompress(raw, MAX_DOCUMENT_BYTES + 1)
    except (zlib.error, gzip.BadGzipFile) as cause:
        raise CapError("archive-unreadable", detail=cause) from cause
    if len(whole) > MAX_DOCUMENT_BYTES:
        raise CapError("archive-too-large", limit=MAX_DOCUMENT_BYTES)
    return whole


def _start_of(raw: bytes) -> str:
    """The first character that is not space or a byte order mark, in any Unicode encoding."""
    head = raw[:64]
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return head.decode("utf-16", errors="replace").lstrip("\ufeff \t\r\n")[:1]
    return head.replace(b"\x00", b"").decode("utf-8", errors="replace").lstrip("\ufeff \t\r\n")[:1]


def _is_text(raw: bytes) -> bool:
    try:
        probe = raw[:_TEXT_PROBE].decode("utf-8")
    except UnicodeDecodeError as error:
        probe = raw[: error.start].decode("utf-8") if error.start > _TEXT_PROBE - 4 else "\x00"
    return "\x00" not in probe
