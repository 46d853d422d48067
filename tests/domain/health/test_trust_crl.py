"""Revocation lists of authorities: read, signed, never older; what they revoke signs no more, wherever it stands."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from asn1crypto import crl as asn1
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.trust.chain import read_authority
from openconsular.domain.health.trust.crl import demand_newer, read_crl
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.limits import CRL_BYTES_MOST
from openconsular.domain.health.trust.model import Environment, Family, TrustStore
from openconsular.domain.health.trust.revoked_signers import SignerRevocations
from openconsular.domain.health.trust.revoking import with_revoked
from openconsular.domain.health.trust.vds_signers import carried_key
from tests.domain.health.trust_world import NOW, Held, key_usage, listed, make

DAY = timedelta(days=1)
ROOT = make("CSCA PT", authority=True)
RENEWED = make("CSCA PT", authority=True)
SIGNER, GONE = make("DSC 1", by=ROOT), make("DSC 2", by=ROOT)
ROOTS = [read_authority(ROOT.der, "PT"), read_authority(RENEWED.der, "PT")]
FLAGS = x509.ReasonFlags


def crl(
    *revoked: Held,
    by: Held = ROOT,
    number: int | None = 7,
    made: Any = NOW,
    until: Any = NOW + DAY,
    reason: FLAGS | None = FLAGS.key_compromise,
    extra: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    of_entry: tuple[tuple[x509.ExtensionType, bool], ...] = (),
    identifier: bool = True,
) -> bytes:
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(by.certificate.subject)
        .last_update(made)
        .next_update(until)
    )
    if number is not None:
        builder = builder.add_extension(x509.CRLNumber(number), critical=False)
    if identifier:
        named = x509.AuthorityKeyIdentifier.from_issuer_public_key(by.key.public_key())
        builder = builder.add_extension(named, critical=False)
    for extension, critical in extra:
        builder = builder.add_extension(extension, critical=critical)
    for one in revoked:
        entry = x509.RevokedCertificateBuilder().serial_number(one.certificate.serial_number)
        entry = entry.revocation_date(NOW - DAY)
        if reason is not None:
            entry = entry.add_extension(x509.CRLReason(reason), critical=False)
        for extension, critical in of_entry:
            entry = entry.add_extension(extension, critical=critical)
        builder = builder.add_revoked_certificate(entry.build())
    return builder.sign(by.key, SHA256()).public_bytes(Encoding.DER)


def read(raw: bytes, authorities: Any = ROOTS) -> SignerRevocations:
    return read_crl(raw, authorities=authorities, fetched_at=NOW)


def refusal(raw: bytes, authorities: Any = ROOTS) -> str:
    with pytest.raises(TrustRefused) as refused:
        read(raw, authorities)
    return refused.value.code


def store(*lists: Any) -> TrustStore:
    held = lists or (listed(SIGNER, GONE, authorities=(ROOT,)),)
    return TrustStore(Environment.LIVE, {one.list_id: one for one in held})


def refused_in(found: TrustStore) -> list[str]:
    assert all(not key.algorithms for key in found.keys if key.refused == "signer-revoked")
    return [key.key_id for key in found.keys if key.refused == "signer-revoked"]


def test_what_it_says() -> None:
    found = read(crl(GONE))
    assert found.revoked == {GONE.certificate.serial_number: "key_compromise"}
    assert (found.number, found.sequence, found.as_of, found.valid_until) == (7, 7, NOW, NOW + DAY)
    assert found.signed_by == ROOTS[0].fingerprint
    pem = x509.load_der_x509_crl(crl(GONE)).public_bytes(Encoding.PEM)
    assert read(pem).revoked == found.revoked
    assert read(crl()).revoked == {}


def test_a_revoked_signer_signs_no_more() -> None:
    found = with_revoked(store(), [read(crl(GONE))])
    assert refused_in(found) == [GONE.key_id]
    assert [one.code for one in found.lists["national"].problems] == ["signer-revoked"]
    [key] = found.candidates(GONE.key_id, Format.EU_DCC)
    assert key.refused == "signer-revoked"
    assert refused_in(with_revoked(store(), [])) == [] == refused_in(with_revoked(store(), [read(crl())]))


def test_in_every_list_it_stands_in() -> None:
    national = listed(GONE, authorities=(ROOT,))
    bare = replace(
        listed(GONE, list_id="bare"),
        keys=(replace(listed(GONE, list_id="bare").keys[0], certificate=None, fingerprint=""),),
    )
    found = with_revoked(store(national, bare), [read(crl(GONE))])
    assert refused_in(found) == [GONE.key_id] * 2


@pytest.mark.parametrize(
    ("reason", "both"),
    [
        (FLAGS.key_compromise, True),
        (None, True),
        (FLAGS.superseded, False),
        (FLAGS.cessation_of_operation, False),
    ],
)
def test_a_lost_key_is_lost_under_every_certificate(reason: FLAGS | None, both: bool) -> None:
    again = make("DSC 2 renewed", by=ROOT, key=GONE.key)
    found = with_revoked(store(listed(GONE, again, authorities=(ROOT,))), [read(crl(GONE, reason=reason))])
    assert sorted(refused_in(found)) == sorted([GONE.key_id, again.key_id] if both else [GONE.key_id])


def test_a_certificate_taken_off_the_list_again() -> None:
    assert read(crl(GONE, reason=FLAGS.remove_from_crl)).revoked == {}
    assert read(crl(GONE, reason=FLAGS.certificate_hold)).revoked != {}


def test_another_authority_s_numbers_are_its_own() -> None:
    other = make("CSCA ES", authority=True, country="ES")
    twin = replace(read(crl(GONE)), issuer=other.certificate.subject.public_bytes(), key_identifier=b"")
    assert refused_in(with_revoked(store(), [twin])) == []
    renewed = read(crl(GONE, by=RENEWED))
    assert renewed.signed_by == ROOTS[1].fingerprint
    assert refused_in(with_revoked(store(), [renewed])) == []


def test_a_certificate_a_seal_carries() -> None:
    seals = listed(SIGNER, list_id="seals", family=Family.VDS_NC, authorities=(ROOT,))
    assert carried_key(GONE.der, with_revoked(store(seals), [read(crl(SIGNER))]))
    with pytest.raises(KeyRefused) as refused:
        carried_key(GONE.der, with_revoked(store(seals), [read(crl(GONE))]))
    assert refused.value.code == "signer-revoked"


def test_who_signed_it() -> None:
    stranger = make("CSCA PT", authority=True)
    assert refusal(crl(GONE, by=stranger)) == "crl-signer-unknown"
    assert refusal(crl(GONE, by=stranger, identifier=False)) == "proof-wrong"
    assert refusal(crl(GONE), []) == "crl-signer-unknown"
    silent = make(
        "CSCA PT", authority=True, key=ROOT.key, usage=False, extra=(key_usage(signs_certificates=False),)
    )
    with pytest.raises(KeyRefused):
        read_authority(silent.der, "PT")
    assert read(crl(GONE), None).signed_by == ""


def test_every_byte_is_signed() -> None:
    whole = crl(GONE)
    serial = GONE.certificate.serial_number.to_bytes(20).lstrip(b"\0")
    assert refusal(whole.replace(serial, bytes(len(serial) - 1) + b"\1")) in (
        "proof-wrong",
        "list-unreadable",
    )


@pytest.mark.parametrize(
    "extension",
    [
        (x509.DeltaCRLIndicator(3), True),
        (point := x509.IssuingDistributionPoint(None, None, False, True, None, False, False), True),
        (x509.IssuingDistributionPoint(None, None, False, False, None, True, False), True),
        (
            x509.IssuingDistributionPoint(
                None, None, False, False, frozenset([FLAGS.superseded]), False, False
            ),
            True,
        ),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), True),
    ],
)
def test_a_part_of_a_list_is_not_taken_for_the_whole(extension: tuple[x509.ExtensionType, bool]) -> None:
    assert refusal(crl(GONE, extra=(extension,))) == "crl-scope"


def test_a_list_of_signers_alone_is_whole() -> None:
    only_users = x509.IssuingDistributionPoint(None, None, True, False, None, False, False)
    assert read(crl(GONE, extra=((only_users, True),))).revoked


def test_entries_of_other_issuers() -> None:
    issuer = x509.CertificateIssuer([x509.DirectoryName(SIGNER.certificate.subject)])
    assert refusal(crl(GONE, of_entry=((issuer, True),))) == "crl-scope"
    date = x509.InvalidityDate((NOW - DAY).replace(tzinfo=None))
    assert read(crl(GONE, of_entry=((date, False),))).revoked


@pytest.mark.parametrize(
    ("held", "new", "code"),
    [
        ({"number": 7}, {"number": 6}, "list-older"),
        ({"number": 7}, {"number": 8, "made": NOW - DAY}, "list-older"),
        ({"number": 7}, {"number": None}, "list-older"),
        ({"number": None}, {"number": None, "made": NOW - DAY}, "list-older"),
        ({"number": 7}, {"number": 8}, ""),
        ({"number": 7}, {"number": 7}, ""),
        ({"number": None, "made": NOW - DAY}, {"number": None}, ""),
        ({"number": None, "made": NOW - DAY}, {"number": 1}, ""),
    ],
)
def test_a_list_only_gets_newer(held: dict[str, Any], new: dict[str, Any], code: str) -> None:
    pair = read(crl(GONE, **new)), read(crl(GONE, **held))
    if not code:
        demand_newer(*pair)
        return
    with pytest.raises(TrustRefused) as refused:
        demand_newer(*pair)
    assert refused.value.code == code


def test_two_lists_of_one_number() -> None:
    with pytest.raises(TrustRefused) as refused:
        demand_newer(read(crl()), read(crl(GONE)))
    assert refused.value.code == "list-conflict"
    other = make("CSCA ES", authority=True, country="ES")
    foreign = read(crl(by=other), [read_authority(other.der, "ES")])
    with pytest.raises(TrustRefused) as refused:
        demand_newer(foreign, read(crl(GONE)))
    assert refused.value.code == "crl-other-authority"


def test_from_the_future() -> None:
    assert refusal(crl(made=NOW + 3 * DAY, until=NOW + 4 * DAY)) == "list-from-the-future"


def test_caps() -> None:
    assert refusal(bytes(CRL_BYTES_MOST + 1)) == "list-too-large"
    parsed = asn1.CertificateList.load(crl(GONE))
    entry = parsed["tbs_cert_list"]["revoked_certificates"][0]
    bare = asn1.RevokedCertificate(
        {"user_certificate": 1, "revocation_date": entry["revocation_date"].copy()}
    )
    parsed["tbs_cert_list"]["revoked_certificates"] = asn1.RevokedCertificates([bare] * 20_001)
    assert refusal(parsed.dump(force=True)) == "list-too-long"


def test_a_key_on_another_curve_signs_lists_too() -> None:
    wide = make("CSCA PT", authority=True, key=ec.generate_private_key(ec.SECP384R1()))
    assert read(crl(GONE, by=wide), [read_authority(wide.der)]).revoked


def test_cut_and_flipped_bytes_at_every_position() -> None:
    whole = crl(GONE)
    for position in range(len(whole)):
        flipped = whole[:position] + bytes([whole[position] ^ 0x41]) + whole[position + 1 :]
        assert refusal(flipped if position % 2 else whole[:position])
