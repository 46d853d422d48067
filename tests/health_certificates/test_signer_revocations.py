"""An authority of ours says which of its signers were compromised."""

from datetime import timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates.actions import keys, trust
from openconsular.health_certificates.actions.signer_revocations import sign_signer_revocations
from tests.health_certificates.conftest import KEEPER, SECOND_KEEPER

pytestmark = pytest.mark.django_db

SCA = "sca-test-dsc"


def signed(now, **more):
    return sign_signer_revocations(label=SCA, by=KEEPER, now=now, **more)


def serials(text):
    return {one.serial_number for one in x509.load_pem_x509_crl(text.encode())}


def serial_of(key):
    return x509.load_der_x509_certificate(bytes(key.certificate)).serial_number


@pytest.fixture
def second(signing_key, now):
    keys.make_key(label="second", purpose=Purpose.DSC, by=KEEPER, now=now)
    keys.certify_with(label="second", authority=SCA, crl_address="http://pki.example/c", by=KEEPER, now=now)
    return keys.activate_key(label="second", by=SECOND_KEEPER, now=now)


def test_the_compromised_and_no_others(signing_key, second, now):
    assert serials(signed(now)) == set()
    keys.retire_key(label="second", reason="over", by=KEEPER, now=now)
    assert serials(signed(now)) == set()
    keys.retire_key(label="test-dsc", reason="lost", is_compromised=True, by=KEEPER, now=now)
    assert serials(signed(now)) == {serial_of(signing_key)}
    entries = AuditEntry.objects.filter(action="certificate.crl_sign").order_by("pk")
    assert [one.detail["revoked"] for one in entries] == [0, 0, 1]


def test_our_own_verifier_takes_it_and_only_newer_ones(signing_key, second, now):
    first = signed(now).encode()
    keys.retire_key(label="test-dsc", reason="lost", is_compromised=True, by=KEEPER, now=now)
    later = now + timedelta(hours=1)
    full = signed(later).encode()
    trust.add_source(name="own-crl", kind="crl", by=KEEPER, now=now)
    pem = x509.load_der_x509_certificate(bytes(second.authority.certificate))

    anchors = {"public_key": pem.public_bytes(Encoding.PEM).decode()}
    trust.add_source(name="ours", kind="crl", anchors=anchors, by=KEEPER, now=now)
    assert trust.import_list(name="ours", content=full, by=KEEPER, now=later).key_count == 1
    with pytest.raises(InvalidInput) as refused:
        trust.import_list(name="ours", content=first, by=KEEPER, now=later)
    assert refused.value.code == "list-older"


def test_who_and_what(signing_key, people, now):
    for name in set(people) - {"admin"}:
        with pytest.raises(NotAllowed):
            sign_signer_revocations(label=SCA, by=people[name], now=now)
    with pytest.raises(NotFound):
        sign_signer_revocations(label="none", by=KEEPER, now=now)
    with pytest.raises(Conflict):
        sign_signer_revocations(label="test-dsc", by=KEEPER, now=now)
    keys.make_key(label="third", purpose=Purpose.DSC, by=KEEPER, now=now)
    with pytest.raises(InvalidInput):
        keys.certify_with(label="third", authority=SCA, crl_address="ldap://x", by=KEEPER, now=now)
