"""Keys: two persons, one environment, a roll-over without a gap, an end that is one."""

import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography import x509
from django.db import IntegrityError, connection, transaction

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation import rotation
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import Actor, Role
from openconsular.health_certificates import custody
from openconsular.health_certificates.actions import keys
from openconsular.health_certificates.models import SigningKey
from openconsular.health_certificates.queries import keys as reading
from openconsular.health_certificates.queries.trust import verify
from tests.health_certificates.conftest import KEEPER, SECOND_KEEPER, make_chain

pytestmark = pytest.mark.django_db


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


def test_a_chain_verifies_and_the_private_half_is_sealed(signing_key):
    below = x509.load_der_x509_certificate(bytes(signing_key.certificate))
    above = x509.load_der_x509_certificate(bytes(signing_key.authority.certificate))
    below.verify_directly_issued_by(above)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT private_key FROM health_certificates_signingkey WHERE id = %s", [signing_key.pk]
        )
        assert b"PRIVATE KEY" not in bytes(cursor.fetchone()[0])
    words = list(AuditEntry.objects.values_list("detail", flat=True))
    assert words and "PRIVATE" not in str(words)


def test_signing_is_deterministic_and_verifies(signing_key):
    sign = custody.signer_of(signing_key)
    assert sign(b"words") == sign(b"words") != sign(b"other words")


def test_a_live_key_takes_two_persons_in_the_action_and_in_the_table(now):
    keys.make_key(label="live", purpose=Purpose.SCA, environment="live", by=KEEPER, now=now)
    keys.certify_self(label="live", by=KEEPER, now=now)
    with pytest.raises(NotAllowed):
        keys.activate_key(label="live", by=KEEPER, now=now)
    with pytest.raises(IntegrityError):
        raw(
            "UPDATE health_certificates_signingkey SET state='active', activated_by=created_by, activated_at=now()"
        )
    assert keys.activate_key(label="live", by=SECOND_KEEPER, now=now).state == "active"


def test_live_and_test_never_vouch_for_each_other(now):
    make_chain(now, "test")
    keys.make_key(label="other", purpose=Purpose.DSC, environment="live", by=KEEPER, now=now)
    with pytest.raises(NotAllowed):
        keys.certify_with(label="other", authority="sca-test-dsc", by=KEEPER, now=now)
    with pytest.raises(IntegrityError):
        raw("UPDATE health_certificates_signingkey SET environment='live' WHERE label='test-dsc'")


def test_the_newest_key_signs_until_its_turn_ends(now):
    old = make_chain(now, label="old")
    new = make_chain(now + timedelta(days=170), label="new")

    def signs(at):
        return reading.signing_key(kind="vaccination", now=at, lives=timedelta(days=1), environment="test").pk

    assert signs(now + timedelta(days=1)) == old.pk
    assert signs(now + timedelta(days=171)) == new.pk
    assert signs(now + timedelta(days=200)) == new.pk
    with pytest.raises(reading.NoKey):
        signs(now + timedelta(days=400))


def test_a_key_signs_only_its_kinds_and_its_number(now):
    key = make_chain(now, kinds=["test"], most_certificates=5)

    def signs(kind, count=1):
        found = reading.signing_key(
            kind=kind, now=now, lives=timedelta(days=1), environment="test", count=count
        )
        return found.pk

    assert signs("test", 5) == key.pk
    for kind, count in (("vaccination", 1), ("test", 6)):
        with pytest.raises(reading.NoKey):
            signs(kind, count)
    with pytest.raises(IntegrityError):
        raw("UPDATE health_certificates_signingkey SET signed_count = 6 WHERE label = %s", key.label)


def test_a_certificate_must_fit_its_key(now, signing_key):
    keys.make_key(label="next", purpose=Purpose.DSC, kinds=[Kind.TEST], by=KEEPER, now=now)
    for wrong in (bytes(signing_key.certificate), b"no certificate"):
        with pytest.raises(InvalidInput):
            keys.install_certificate(label="next", certificate=wrong, by=KEEPER, now=now)


def test_a_compromised_key_is_gone(now, signing_key):
    keys.retire_key(label=signing_key.label, reason="lost", is_compromised=True, by=KEEPER, now=now)
    signing_key.refresh_from_db()
    assert signing_key.private_key is None
    with pytest.raises(custody.KeyUnavailable):
        custody.signer_of(signing_key)
    with pytest.raises(Conflict):
        keys.activate_key(label=signing_key.label, by=KEEPER, now=now)
    for sql in (
        "UPDATE health_certificates_signingkey SET state = 'active' WHERE label = %s",
        "DELETE FROM health_certificates_signingkey WHERE label = %s",
    ):
        with pytest.raises(IntegrityError):
            raw(sql, signing_key.label)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_who_keeps_keys_touches_them(role, now):
    with pytest.raises(NotAllowed):
        keys.make_key(label="x", purpose=Purpose.DSC, by=Actor("staff:1", role), now=now)
    assert not SigningKey.objects.exists()


def test_sealed_keys_survive_a_rotation_of_field_keys(signing_key, settings):
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 9: b"9" * 32}
    assert rotation.rotate() >= 2
    assert custody.signer_of(SigningKey.objects.get(pk=signing_key.pk))(b"words")


SOFTHSM = next(
    (
        path
        for path in map(
            Path,
            (
                "/usr/lib/softhsm/libsofthsm2.so",
                "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
                "/usr/lib64/pkcs11/libsofthsm2.so",
            ),
        )
        if path.exists()
    ),
    None,
)


@pytest.mark.skipif(
    SOFTHSM is None or not shutil.which("softhsm2-util"), reason="SoftHSM is not installed on this machine"
)
def test_a_key_in_a_token_signs_and_never_leaves_it(now, tmp_path, settings, monkeypatch):
    (tmp_path / "tokens").mkdir()
    conf = tmp_path / "softhsm2.conf"
    conf.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(conf))
    subprocess.run(
        ["softhsm2-util", "--init-token", "--free", "--label", "t", "--pin", "1234", "--so-pin", "5678"],
        check=True,
        capture_output=True,
    )
    settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN = str(SOFTHSM), "t", "1234"
    for label, purpose in (("sca", Purpose.SCA), ("dsc", Purpose.DSC)):
        keys.make_key(label=label, purpose=purpose, in_token=True, by=KEEPER, now=now)
        if purpose is Purpose.SCA:
            keys.certify_self(label=label, by=KEEPER, now=now)
            keys.activate_key(label=label, by=KEEPER, now=now)
    key = keys.certify_with(label="dsc", authority="sca", by=KEEPER, now=now)
    assert key.private_key is None
    assert x509.load_pem_x509_csr(key.request_pem.encode()).is_signature_valid
    below = x509.load_der_x509_certificate(bytes(key.certificate))
    below.verify_directly_issued_by(x509.load_der_x509_certificate(bytes(key.authority.certificate)))
    assert len(custody.signer_of(key)(b"words")) == 64
    keys.activate_key(label="dsc", by=KEEPER, now=now)
    keys.retire_key(label="dsc", reason="lost", is_compromised=True, by=KEEPER, now=now)
    with pytest.raises(custody.KeyUnavailable):
        custody.signer_of(key)(b"words")
    assert AuditEntry.objects.get(action="certificate.key_retire").detail["destroyed"] is True


def test_that_a_key_was_compromised_may_come_out_after_it_was_retired(issued, now):
    made = issued()
    keys.retire_key(label=made.key.label, reason="rolled over", by=KEEPER, now=now)
    assert verify(made.text, now=now).state == "valid"
    with pytest.raises(Conflict):
        keys.retire_key(label=made.key.label, reason="again", by=KEEPER, now=now)
    keys.retire_key(label=made.key.label, reason="stolen", is_compromised=True, by=KEEPER, now=now)
    made.key.refresh_from_db()
    assert (made.key.state, made.key.private_key) == ("compromised", None)
    assert verify(made.text, now=now).state == "unknown-issuer"
    with pytest.raises(Conflict):
        keys.retire_key(label=made.key.label, reason="again", is_compromised=True, by=KEEPER, now=now)
