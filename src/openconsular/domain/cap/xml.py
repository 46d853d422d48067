"""XML from strangers: no DOCTYPE, no entities, no network, and a bound on everything."""

import re

from lxml import etree

from openconsular.domain.cap.reasons import CapError

MAX_BYTES = 10_000_000
MAX_DEPTH = 64
MAX_ELEMENTS = 600_000  # the largest national feed seen, 9.4 MB, has some 200,000
MAX_TEXT = 2_500_000  # the largest real polygon, 41,009 points, has 0.8 million characters

_MISC = re.compile(r"\s+|<\?.*?\?>|<!--.*?-->", re.DOTALL)
_DECLARED_UTF_16 = re.compile(rb"""^<\?xml[^>]*encoding\s*=\s*["']utf-?16(?:le|be)?["']""", re.IGNORECASE)


def parse_xml(
    raw: bytes, *, max_bytes: int = MAX_BYTES, keep_all: bool = False, no_blanks: bool = False
) -> etree._Element:
    """The root element of `raw`, or CapError (document-*, xml-*, text-too-long).

    Comments and processing instructions are dropped unless `keep_all`; `no_blanks` also drops indentation.
    """
    raw = raw.lstrip(b"\xef\xbb\xbf\r\n\t ") if not raw.startswith((b"\xff\xfe", b"\xfe\xff")) else raw
    if not raw:
        raise CapError("document-empty")
    if len(raw) > max_bytes:
        raise CapError("document-too-large", size=len(raw), limit=max_bytes)
    _refuse_doctype(raw)
    root = _parse(raw, keep_all=keep_all, no_blanks=no_blanks)
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


def _parse(raw: bytes, *, keep_all: bool, no_blanks: bool) -> etree._Element:
    # Some issuers serialise from a UTF-16 string and send UTF-8: the declaration is then wrong, the bytes are right.
    mislabelled = _DECLARED_UTF_16.match(raw) is not None
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
