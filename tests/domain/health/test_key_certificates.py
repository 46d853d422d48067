"""Requests and certificates, read back by another implementation."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.signing import key_certificates as kc
from openconsular.domain.health.trust.x509 import read_certificate

TERM = kc.Term(datetime(2026, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC), 77)


def pair():
    private = ec.generate_private_key(ec.SECP256R1())
    spki = private.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )

    def sign(message):
        r, s = decode_dss_signature(private.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")

    return spki, sign


def subject(name):
    return kc.Subject("XA", "Ministry of Examples", name)


def test_a_request_proves_possession_and_asks_for_its_usages():
    spki, sign = pair()
    pem = kc.request(subject("DSC 1"), spki, kc.Purpose.DSC, {Kind.VACCINATION, Kind.TEST}, sign)
    read = x509.load_pem_x509_csr(pem.encode())
    assert read.is_signature_valid
    assert read.subject.rfc4514_string() == "CN=DSC 1,O=Ministry of Examples,C=XA"
    usages = read.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert {one.dotted_string for one in usages} == {kc.USAGES[Kind.VACCINATION], kc.USAGES[Kind.TEST]}


def test_a_chain_holds():
    root_key, root_sign = pair()
    root = kc.certify(subject("SCA"), root_key, kc.Purpose.SCA, (), TERM, root_sign)
    leaf_key, _ = pair()
    leaf = kc.certify(
        subject("DSC"), leaf_key, kc.Purpose.DSC, {Kind.RECOVERY}, TERM, root_sign, authority=root
    )
    above, below = x509.load_der_x509_certificate(root), x509.load_der_x509_certificate(leaf)
    above.verify_directly_issued_by(above)
    below.verify_directly_issued_by(above)
    basic = above.extensions.get_extension_for_class(x509.BasicConstraints)
    assert basic.critical and basic.value.ca and basic.value.path_length == 0
    assert below.extensions.get_extension_for_class(x509.KeyUsage).value.digital_signature
    identifier = below.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    assert identifier == x509.SubjectKeyIdentifier.from_public_key(above.public_key()).digest


def test_what_a_certificate_says_is_read_from_der_and_pem():
    spki, sign = pair()
    made = kc.certify(subject("DSC"), spki, kc.Purpose.DSC, {Kind.TEST}, TERM, sign)
    facts = kc.read(made)
    assert (facts.country, facts.kinds, facts.is_authority) == ("XA", frozenset({Kind.TEST}), False)
    assert facts.public_key == spki
    assert (facts.not_before, facts.not_after) == (TERM.not_before, TERM.not_after)
    pem = x509.load_der_x509_certificate(made).public_bytes(serialization.Encoding.PEM)
    assert kc.read(pem) == facts


@pytest.mark.parametrize("junk", [b"", b"-----BEGIN CERTIFICATE-----", b"\x30\x03\x02\x01\x01", b"x" * 500])
def test_what_is_no_certificate_is_refused(junk):
    with pytest.raises(kc.CertificateRefused):
        kc.read(junk)


def test_the_usage_period_of_the_private_key():
    spki, sign = pair()
    ends = TERM.not_before + timedelta(days=180)
    term = kc.Term(TERM.not_before, TERM.not_after, 5, ends)
    der = kc.certify(subject("DSC 1"), spki, kc.Purpose.DSC, (), term, sign)
    assert kc.read(der).signs_until == ends and read_certificate(der).notes == ()
    found = x509.load_der_x509_certificate(der).extensions.get_extension_for_oid(
        x509.ObjectIdentifier("2.5.29.16")
    )
    assert not found.critical and found.value.not_after == ends.replace(tzinfo=None)
    without = kc.certify(subject("DSC 1"), spki, kc.Purpose.DSC, (), TERM, sign)
    assert kc.read(without).signs_until is None
