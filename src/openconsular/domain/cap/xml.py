"""XML from strangers: no DOCTYPE, no entities, no network, and a bound on everything."""

import codecs
import re

from lxml import etree

from openconsular.domain.cap.reasons import CapError

MAX_BYTES = 10_000_000
MAX_DEPTH = 64
MAX_ELEMENTS = 600_000  # the largest national feed seen, 9.4 MB, has some 200,000
MAX_TEXT = 2_500_000  # the largest real polygon, 41,009 points, has 0.8 million characters

_UTF_8_MARK = b"\xef\xbb\xbf"
_CHARACTER_SETS = ("iso8859", "cp", "gb", "big5", "shift_jis", "euc", "koi8", "tis", "ascii")
_MISC = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED = re.compile(rb"""^<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_CONTROLS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_LONE_AMPERSAND = re.compile(r"&(?!(?:amp|lt|gt|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)")
_DECLARED_UTF_16 = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']utf-?16(?:le|be)?["']""", re.IGNORECASE)


def parse_xml(
    raw: bytes, *, max_bytes: int = MAX_BYTES, keep_all: bool = False, no_blanks: bool = False
) -> etree._Element:
    """The root element of `raw`, or CapError (document-*, xml-*, text-too-long).

    Comments and processing instructions are dropped unless `keep_all`; `no_blanks` also drops indentation.
    """
    is_marked_utf_8 = raw.startswith(_UTF_8_MARK)
    raw = raw.lstrip(b"\xef\xbb\xbf\r\n\t ") if not raw.startswith((b"\xff\xfe", b"\xfe\xff")) else raw
    if not raw:
        raise CapError("document-empty")
    if len(raw) > max_bytes:
        raise CapError("document-too-large", size=len(raw), limit=max_bytes)
    _refuse_doctype(raw)
    # A byte order mark is believed before the declaration (XML 1.0, appendix F.1).
    root = _parse(raw, is_utf_8=is_marked_utf_8, keep_all=keep_all, no_blanks=no_blanks)
    if root.getroottree().docinfo.internalDTD is not None:
        raise CapError("xml-doctype")
    _check_bounds(root)
    return root


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: etree._Element) -> str:
    tag = str(element.tag)
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""


def mended(raw: bytes) -> bytes | None:
    """The document without what broke it, where that cannot change what it says; None when nothing was to mend.

    Bytes that are not of the declared encoding become U+FFFD, characters XML 1.0 knows not (section 2.2) go, and an
    "&" that begins none of XML's own entities is taken as written. Numbers, codes and element names are ASCII, so
    what was damaged stays visible in them and is refused by whoever reads them.
    """
    if len(raw) > MAX_BYTES:
        return None
    text = _decoded(raw)
    whole = _LONE_AMPERSAND.sub("&amp;", _CONTROLS.sub("", _DECLARATION.sub("", text.lstrip("\ufeff"))))
    found = whole.strip().encode("utf-8", "replace")
    return found if found != raw else None


def _decoded(raw: bytes) -> str:
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return raw.decode("utf-16", "replace")
    declared = _DECLARED.match(raw.lstrip())
    name = declared[1].decode() if declared and not raw.startswith(_UTF_8_MARK) else "utf-8"
    try:
        known = codecs.lookup(name).name
    except LookupError:
        known = ""
    # UTF-16 said in single bytes cannot be true, and not all of Python's codecs are character sets of documents.
    return raw.decode(known if known.startswith(_CHARACTER_SETS) else "utf-8", "replace")


def _parse(raw: bytes, *, is_utf_8: bool, keep_all: bool, no_blanks: bool) -> etree._Element:
    # Some issuers serialise from a UTF-16 string and send UTF-8: the declaration is then wrong, the bytes are right.
    mislabelled = is_utf_8 or _DECLARED_UTF_16.match(raw) is not None
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        huge_tree=False,
        load_dtd=False,
        dtd_validation=False,
        remove_comments=not keep_all,
        remove_pis=not keep_all,
        remove_blank_text=no_blanks,
        encoding="utf-8" if mislabelled else None,
    )
    try:
        return etree.fromstring(raw, parser)
    except (etree.XMLSyntaxError, LookupError, ValueError) as cause:
        raise CapError("xml-malformed", detail=cause) from cause


def _refuse_doctype(raw: bytes) -> None:
    """Looks before the parser does: what may come before the root is only space, comments and instructions."""
    encoding = "latin-1"
    if raw[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    elif b"\x00" in raw[:4]:
        encoding = "utf-16-be" if raw[:1] == b"\x00" else "utf-16-le"
    head = raw[:65_536].decode(encoding, errors="replace")
    position = 0
    while found := _MISC.match(head, position):
        position = found.end()
    if head.startswith("<!", position) and not head.startswith("<!--", position):
        raise CapError("xml-doctype")


def _check_bounds(root: etree._Element) -> None:
    depth = count = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if event == "end":
            depth -= 1
            continue
        depth += 1
        count += 1
        if depth > MAX_DEPTH:
            raise CapError("document-too-deep", limit=MAX_DEPTH)
        if count > MAX_ELEMENTS:
            raise CapError("document-too-many-elements", limit=MAX_ELEMENTS)
        size = len(element.text or "")
        if size > MAX_TEXT and local_name(element) != "derefUri":
            raise CapError("text-too-long", element=local_name(element), size=size, limit=MAX_TEXT)
