"""Certificates as they come: sound ones, odd ones that must be read, and chains to authorities."""

from datetime import timedelta
from pathlib import Path

import pytest
from asn1crypto.algos import SignedDigestAlgorithm
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.hashes import SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtensionOID
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Algorithm, Kind
from openconsular.domain.health.trust.chain import Authorities, read_authority
from openconsular.domain.health.trust.countries import alpha_3, is_for_tests, is_known, same_country
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.limits import CERTIFICATE_BYTES_MOST
from openconsular.domain.health.trust.model import ALL_KINDS, Family
from openconsular.domain.health.trust.signatures import verify
from openconsular.domain.health.trust.usage import algorithms_of, formats_of, kinds_of
from openconsular.domain.health.trust.x509 import read_certificate, read_public_key
from tests.domain.health.trust_world import (
    NOW,
    YEAR,
    Held,
    make,
    with_extension_twice,
    with_trailing_algorithm_data,
)

ROOT = make("CSCA PT 1", authority=True)
SIGNER = make("DSC PT 1", by=ROOT)
ICAO = Path(__file__).parents[3] / "../shared/data/health/gdhcn-validator"


def test_a_certificate_is_read() -> None:
    read = read_certificate(SIGNER.der)
    assert read.key_id == SIGNER.key_id
    assert (read.country, read.is_authority, read.notes) == ("PT", False, ())
    assert read.not_before == NOW - YEAR and read.not_after == NOW + YEAR
    assert read.public_key.public_numbers() == SIGNER.key.public_key().public_numbers()
    assert read.authority_key_identifier == read_authority(ROOT.der).key_identifier
    assert read.extended_key_usage is None and read.key_usage == {"digital_signature"}


@pytest.mark.parametrize(
    "extension",
    [
        x509.UnrecognizedExtension(ExtensionOID.BASIC_CONSTRAINTS, bytes.fromhex("3003010100")),
        x509.UnrecognizedExtension(ExtensionOID.EXTENDED_KEY_USAGE, bytes.fromhex("3000")),
    ],
    ids=["encoded-default", "empty-extended-key-usage"],
)
def test_extensions_stricter_readers_refuse_are_read_and_noted(extension: x509.UnrecognizedExtension) -> None:
    odd = make("DSC PT odd", by=ROOT, extra=(extension,))
    read = read_certificate(odd.der)
    assert read.notes == ("certificate-malformed",)
    assert not read.is_authority
    assert kinds_of(read.extended_key_usage, Family.HCERT) == ALL_KINDS
    assert Authorities.of([read_authority(ROOT.der)]).signer_of(read, "PT") is not None


def test_trailing_data_in_an_algorithm_does_not_hide_the_key() -> None:
    odd = with_trailing_algorithm_data(SIGNER)
    read = read_certificate(odd)
    assert read.notes == ("certificate-malformed",)
    assert read.public_key.public_numbers() == SIGNER.key.public_key().public_numbers()


def test_a_first_version_certificate_has_no_extensions() -> None:
    """Iceland and Latvia signed with such certificates."""
    plain = make("DSC PT plain", by=ROOT, identifiers=False, usage=False)
    read = read_certificate(plain.der)
    assert (read.key_usage, read.extended_key_usage, read.path_length) == (None, None, None)
    assert Authorities.of([read_authority(ROOT.der)]).signer_of(read, "PRT") is not None


@given(st.integers(0, len(SIGNER.der) - 1), st.integers(1, 255))
def test_a_changed_certificate_is_refused_or_no_longer_chained(position: int, change: int) -> None:
    changed = bytearray(SIGNER.der)
    changed[position] ^= change
    try:
        read = read_certificate(bytes(changed))
        found = Authorities.of([read_authority(ROOT.der)]).signer_of(read, "PT")
    except KeyRefused:
        return
    assert found is None or position >= len(SIGNER.der) - 90  # the signature's own encoding has some slack


@given(st.binary(max_size=300))
def test_noise_is_refused(noise: bytes) -> None:
    with pytest.raises(KeyRefused):
        read_certificate(noise)


@given(st.integers(0, len(SIGNER.der) - 1))
def test_a_shortened_certificate_is_refused(length: int) -> None:
    with pytest.raises(KeyRefused) as refused:
        read_certificate(SIGNER.der[:length])
    assert refused.value.code == "certificate-unreadable"


def test_a_huge_certificate_is_refused_unread() -> None:
    with pytest.raises(KeyRefused) as refused:
        read_certificate(SIGNER.der + bytes(CERTIFICATE_BYTES_MOST))
    assert refused.value.code == "certificate-too-large"


def test_a_repeated_extension_is_refused() -> None:
    with pytest.raises(KeyRefused) as refused:
        read_certificate(with_extension_twice(SIGNER))
    assert "occurs twice" in refused.value.message


def test_other_kinds_of_keys_are_refused() -> None:
    spki = ed25519.Ed25519PrivateKey.generate().public_key()
    with pytest.raises(KeyRefused) as refused:
        read_public_key(spki.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    assert refused.value.code == "key-type-not-allowed"


@pytest.mark.parametrize("digest", [SHA384(), SHA512()])
@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.BrainpoolP256R1()),
        rsa.generate_private_key(65537, 2048),
    ],
    ids=["p384", "brainpool", "rsa"],
)
def test_authorities_sign_in_many_ways(key: ec.EllipticCurvePrivateKey, digest: SHA384) -> None:
    root = make("CSCA PT other", authority=True, key=key, digest=digest)
    signer = make("DSC PT other", by=root, digest=digest)
    assert (
        Authorities.of([read_authority(root.der)]).signer_of(read_certificate(signer.der), "PT") is not None
    )


def test_an_authority_of_the_same_name_that_did_not_sign_is_told() -> None:
    namesake = make("CSCA PT 1", authority=True, identifiers=False)
    unmarked = make("DSC PT forged", by=Held(namesake.key, ROOT.certificate), identifiers=False)
    with pytest.raises(KeyRefused) as refused:
        Authorities.of([read_authority(ROOT.der)]).signer_of(read_certificate(unmarked.der), "PT")
    assert refused.value.code == "chain-signature"


def test_a_renewed_authority_of_the_same_name_is_another_authority() -> None:
    renewed = make("CSCA PT 1", authority=True)
    assert Authorities.of([read_authority(renewed.der)]).signer_of(read_certificate(SIGNER.der), "PT") is None
    both = Authorities.of([read_authority(renewed.der), read_authority(ROOT.der)])
    found = both.signer_of(read_certificate(SIGNER.der), "PT")
    assert found is not None and found.certificate == ROOT.der


def test_an_authority_speaks_for_its_own_country_only() -> None:
    with pytest.raises(KeyRefused) as refused:
        Authorities.of([read_authority(ROOT.der)]).signer_of(read_certificate(SIGNER.der), "ES")
    assert refused.value.code == "chain-country"


def test_one_authority_may_serve_several_countries_of_a_list() -> None:
    both = Authorities.of([read_authority(ROOT.der, "ES"), read_authority(ROOT.der, "PT")])
    for country in ("PT", "ES"):
        found = both.signer_of(read_certificate(SIGNER.der), country)
        assert found is not None and found.country == country


def test_a_signer_is_no_authority() -> None:
    unmarked = make("no flag", usage=False)
    for held in (SIGNER, unmarked):
        with pytest.raises(KeyRefused) as refused:
            read_authority(held.der)
        assert refused.value.code == "not-an-authority"
    flagged = make("flag without usage", authority=True, usage=False)
    assert read_authority(flagged.der).country == "PT"


def test_no_chain_of_three() -> None:
    middle = make("sub CA", by=ROOT, authority=True, path_length=None)
    with pytest.raises(KeyRefused):
        Authorities.of([read_authority(ROOT.der)]).signer_of(read_certificate(middle.der), "PT")


@pytest.mark.parametrize(
    ("purposes", "kinds"),
    [
        (None, ALL_KINDS),
        (("1.3.6.1.4.1.1847.2021.1.1",), {Kind.TEST}),
        (("1.3.6.1.4.1.0.1847.2021.1.2",), {Kind.VACCINATION}),
        (("1.3.6.1.4.1.0.1847.2021.1.3", "1.3.6.1.4.1.1847.2021.1.1"), {Kind.RECOVERY, Kind.TEST}),
        (("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.4"), ALL_KINDS),
        (("1.3.6.1.5.5.7.3.2", "1.3.6.1.4.1.1847.2021.1.2"), {Kind.VACCINATION}),
        (("2.23.136.1.1.14.2",), set()),
    ],
)
def test_purposes(purposes: tuple[str, ...] | None, kinds: set[Kind]) -> None:
    read = read_certificate(make("DSC", by=ROOT, purposes=purposes).der)
    assert kinds_of(read.extended_key_usage, Family.HCERT) == kinds


@pytest.mark.parametrize(
    ("key", "family", "expected"),
    [
        (ec.generate_private_key(ec.SECP256R1()), Family.HCERT, Algorithm.ES256),
        (ec.generate_private_key(ec.SECP384R1()), Family.HCERT, "curve-not-allowed"),
        (ec.generate_private_key(ec.SECP256K1()), Family.HCERT, "curve-not-allowed"),
        (ec.generate_private_key(ec.SECP384R1()), Family.VDS_NC, Algorithm.ES384),
        (rsa.generate_private_key(65537, 2048), Family.HCERT, Algorithm.PS256),
        (rsa.generate_private_key(65537, 1024), Family.HCERT, "key-too-short"),  # noqa: S505 - refused
        (rsa.generate_private_key(3, 2048), Family.HCERT, "key-exponent"),
        (rsa.generate_private_key(65537, 2048), Family.SMART, "key-type-not-allowed"),
    ],
    ids=["p256", "p384", "k1", "p384-vds", "rsa", "rsa-1024", "rsa-e3", "rsa-smart"],
)
def test_keys_and_their_algorithms(key: ec.EllipticCurvePrivateKey, family: Family, expected: str) -> None:
    algorithms, refused = algorithms_of(key.public_key(), family)
    assert (algorithms, refused) == (
        ({expected}, "") if isinstance(expected, Algorithm) else (set(), expected)
    )


@pytest.mark.parametrize("name", ["sha1_ecdsa", "sha1_rsa", "md5_rsa", "ed25519"])
def test_weak_or_unknown_algorithms_sign_nothing(name: str) -> None:
    with pytest.raises(KeyRefused) as refused:
        verify(SIGNER.key.public_key(), b"", b"", SignedDigestAlgorithm({"algorithm": name}))
    assert refused.value.code == "signature-algorithm"


def test_domains_name_formats() -> None:
    assert formats_of("", Family.HCERT) == formats_of("-", Family.HCERT) == formats_of("DCC", Family.HCERT)
    assert {form.value for form in formats_of("ICVP", Family.HCERT)} == {"icvp"}
    assert formats_of("PH4H", Family.HCERT) == formats_of("NO-SUCH", Family.HCERT) == frozenset()


@pytest.mark.parametrize(
    ("one", "other"), [("PT", "PRT"), ("pt", "PT"), ("EL", "GRC"), ("UK", "GB"), ("XK", "XKX"), ("CN", "CHN")]
)
def test_codes_of_one_country(one: str, other: str) -> None:
    assert same_country(one) == same_country(other) and alpha_3(one) == alpha_3(other) and is_known(one)


@pytest.mark.parametrize("code", ["XX", "XA", "XXA", "XCL", "AA", "ZZ", "QM", "ZZZ", "xy", "UTO"])
def test_codes_for_tests(code: str) -> None:
    assert is_for_tests(code) and not is_known(code)


@pytest.mark.parametrize(
    "code", ["PT", "PRT", "QA", "QAT", "XK", "XKX", "XOM", "ZA", "ZAF", "IOM", "", "WHO"]
)
def test_codes_in_earnest(code: str) -> None:
    assert not is_for_tests(code)


def test_published_seal_signers_are_read() -> None:
    """Signer certificates of Australia's and Japan's seals, the latter malformed."""
    import json

    if not ICAO.is_dir():
        pytest.skip("the published seals are not on this machine")
    from openconsular.domain.health.trust.json_text import base64_bytes

    for name in ("ICAOAUQR1Contents.txt", "ICAOJPQR1Contents.txt"):
        seal = json.loads((ICAO / name).read_text())
        read = read_certificate(base64_bytes(seal["sig"]["cer"]))
        assert same_country(read.country) in ("AU", "JP")
        assert read.not_after - read.not_before > timedelta(days=1)
