"""Whether a signed message still is what was signed (W3C XML Signature 1.1, section 3.2.1: reference validation).

Only the digest is checked, which finds every change made after signing. Who signed is not judged: issuers publish no
list of keys, and a forger would bring a key of his own. Trust in a feed comes from its address and its territory.
"""

import base64
import hashlib
from itertools import product

from lxml import etree

from openconsular.domain.cap.xml import parse_xml

_DS = "{http://www.w3.org/2000/09/xmldsig#}"
_ENVELOPED = "http://www.w3.org/2000/09/xmldsig#enveloped-signature"
# algorithm -> (exclusive, with comments); sections 6.5.1 to 6.5.3
_CANONICAL = {
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315": (False, False),
    "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments": (False, True),
    "http://www.w3.org/2006/12/xml-c14n11": (False, False),
    "http://www.w3.org/2006/12/xml-c14n11#WithComments": (False, True),
    "http://www.w3.org/2001/10/xml-exc-c14n#": (True, False),
    "http://www.w3.org/2001/10/xml-exc-c14n#WithComments": (True, True),
}
_MAX_SIGNATURES = 4
_DIGESTS = {
    "http://www.w3.org/2000/09/xmldsig#sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    "http://www.w3.org/2001/04/xmldsig-more#sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}


def was_changed(raw: bytes) -> bool:
    """Whether the message carries signatures over itself and none of their digests fits.

    False also when there is no signature, or one of a kind not read here: that alone makes nothing doubtful. Of several
    signatures, later ones cover earlier ones, so each is tried without itself and without all. Some issuers (those that
    use WMO's CAP composer) indent a message after signing it, so it is also tried without indentation.
    """
    if b"DigestValue" not in raw:
        return False
    count = len(_signatures(parse_xml(raw)))
    ways = product(range(count), (True, False), (False, True))
    checks = [fits for place, alone, flat in ways if (fits := _fits(raw, place, alone, flat)) is not None]
    return bool(checks) and not any(checks)


def is_signed(raw: bytes) -> bool:
    """Whether the message carries a signature of any kind over itself."""
    return b"SignatureValue" in raw and bool(_signatures(parse_xml(raw)))


def _fits(raw: bytes, place: int, alone: bool, flat: bool) -> bool | None:
    """Whether a signature's digest fits the message without that signature, or without any; None for other kinds."""
    root = parse_xml(raw, keep_all=not flat, no_blanks=flat)
    signatures = _signatures(root)
    reference = signatures[place].find(f"./{_DS}SignedInfo/{_DS}Reference")
    if reference is None or reference.get("URI") != "":
        return None
    method = reference.find(f"./{_DS}DigestMethod")
    digest = _DIGESTS.get(method.get("Algorithm", "") if method is not None else "")
    steps = [step.get("Algorithm", "") for step in reference.iterfind(f"./{_DS}Transforms/{_DS}Transform")]
    others = [step for step in steps if step != _ENVELOPED]
    if (
        digest is None
        or _ENVELOPED not in steps
        or len(others) > 1
        or any(s not in _CANONICAL for s in others)
    ):
        return None
    exclusive, with_comments = _CANONICAL[others[0]] if others else (False, False)
    expected = "".join((reference.findtext(f"./{_DS}DigestValue") or "").split())
    for signature in [signatures[place]] if alone else signatures:
        _take_out(signature)
    content = etree.tostring(
        root.getroottree(), method="c14n", exclusive=exclusive, with_comments=with_comments
    )
    return base64.b64encode(hashlib.new(digest, content).digest()).decode() == expected


def _signatures(root: etree._Element) -> list[etree._Element]:
    return list(root.iterfind(f"./{_DS}Signature"))[:_MAX_SIGNATURES]


def _take_out(signature: etree._Element) -> None:
    """Remove the element and keep the text after it, which belongs to what was signed."""
    parent, tail = signature.getparent(), signature.tail or ""
    if parent is None:
        return
    before = signature.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    parent.remove(signature)
