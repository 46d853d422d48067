"""A message that was changed after it was signed is doubted; how it is laid out afterwards is not."""

import base64
import hashlib

import pytest
from lxml import etree

from openconsular.domain.cap.signature import was_changed
from tests.domain.cap.messages import alert

INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
DS = "http://www.w3.org/2000/09/xmldsig#"


def sign(
    raw=None, *, canonical=INCLUSIVE, digest="http://www.w3.org/2001/04/xmlenc#sha256", uri="", value=None
):
    """A message with a signature element that holds its digest; the signature value itself is left empty."""
    root = etree.fromstring(raw or alert())
    content = etree.tostring(root.getroottree(), method="c14n", exclusive="exc" in canonical)
    name = {"1": "sha1", "6": "sha256", "2": "sha512"}[digest[-1]]
    found = value or base64.b64encode(hashlib.new(name, content).digest()).decode()
    signature = (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo><ds:Reference URI="{uri}"><ds:Transforms>'
        f'<ds:Transform Algorithm="{DS}enveloped-signature"/><ds:Transform Algorithm="{canonical}"/></ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue>{found}</ds:DigestValue></ds:Reference></ds:SignedInfo>'
        "<ds:SignatureValue/></ds:Signature>"
    )
    root.append(etree.fromstring(signature))
    return etree.tostring(root)


@pytest.mark.parametrize(
    "canonical",
    [INCLUSIVE, "http://www.w3.org/2001/10/xml-exc-c14n#", "http://www.w3.org/2006/12/xml-c14n11"],
)
@pytest.mark.parametrize(
    "digest",
    [DS + "sha1", "http://www.w3.org/2001/04/xmlenc#sha256", "http://www.w3.org/2001/04/xmlenc#sha512"],
)
def test_what_was_signed_fits_and_what_was_changed_does_not(canonical, digest):
    signed = sign(canonical=canonical, digest=digest)
    assert not was_changed(signed)
    assert was_changed(signed.replace(b"Severe", b"Minor"))
    assert was_changed(signed.replace(b"11,21", b"51,21"))


def test_indenting_afterwards_is_forgiven():
    indented = etree.tostring(etree.fromstring(sign()), pretty_print=True)
    assert not was_changed(indented)
    assert was_changed(indented.replace(b"Severe", b"Minor"))


def test_a_second_signature_over_the_first():
    twice = sign(sign())
    assert not was_changed(twice)
    assert was_changed(twice.replace(b"Severe", b"Minor"))


@pytest.mark.parametrize(
    "raw",
    [
        alert(),
        sign(uri="#other", value="AAAA"),
        sign(canonical="http://www.example.org/c14n-of-tomorrow", value="AAAA"),
        alert(extra="<note>DigestValue</note>"),
    ],
)
def test_without_a_signature_of_a_known_kind_nothing_is_doubted(raw):
    assert not was_changed(raw)


def test_a_digest_that_is_none():
    assert was_changed(sign(value="not base64 at all!"))
