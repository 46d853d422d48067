"""The revocation list of an authority of ours, as other programs and our own reader take it."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from openconsular.domain.health.signing.signer_revocations import TakenBack, make_crl
from openconsular.domain.health.trust.chain import read_authority
from openconsular.domain.health.trust.crl import demand_newer, read_crl
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.health_certificates.custody import signer_with
from tests.domain.health.trust_world import NOW, make

ROOT = make("CSCA PT", authority=True)
LOST, ENDED = make("DSC 1", by=ROOT), make("DSC 2", by=ROOT)


def made(*taken_back: TakenBack, number: int = 5) -> bytes:
    return make_crl(
        taken_back,
        authority=ROOT.der,
        sign=signer_with(ROOT.key),
        number=number,
        made_at=NOW,
        next_at=NOW + timedelta(days=30),
    )


def test_read_by_another_program() -> None:
    found = x509.load_der_x509_crl(made(TakenBack(LOST.der, NOW, True), TakenBack(ENDED.der, NOW, False)))
    assert found.is_signature_valid(ROOT.certificate.public_key())
    assert found.issuer == ROOT.certificate.subject and found.next_update_utc == NOW + timedelta(days=30)
    assert found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number == 5
    lost = found.get_revoked_certificate_by_serial_number(LOST.certificate.serial_number)
    ended = found.get_revoked_certificate_by_serial_number(ENDED.certificate.serial_number)
    reasons = [
        one.extensions.get_extension_for_class(x509.CRLReason).value.reason for one in (lost, ended) if one
    ]
    assert reasons == [x509.ReasonFlags.key_compromise, x509.ReasonFlags.cessation_of_operation]


def test_read_by_our_own_reader() -> None:
    known = [read_authority(ROOT.der, "PT")]
    empty = read_crl(made(), authorities=known, fetched_at=NOW)
    full = read_crl(made(TakenBack(LOST.der, NOW, True), number=6), authorities=known, fetched_at=NOW)
    assert empty.revoked == {} and full.revoked == {LOST.certificate.serial_number: "key_compromise"}
    demand_newer(full, empty)
    with pytest.raises(TrustRefused):
        demand_newer(empty, full)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
def test_openssl_refuses_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "root.pem").write_bytes(ROOT.pem)
    crl = x509.load_der_x509_crl(made(TakenBack(LOST.der, NOW, True)))

    (tmp_path / "crl.pem").write_bytes(crl.public_bytes(Encoding.PEM))
    for held, says in ((LOST, "certificate revoked"), (ENDED, "OK")):
        (tmp_path / "one.pem").write_bytes(held.pem)
        check = ["openssl", "verify", "-crl_check", "-attime", str(int(NOW.timestamp()))]
        check += ["-CAfile", "root.pem", "-CRLfile", "crl.pem", "one.pem"]
        done = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert says in done.stdout + done.stderr
