"""Revoked is revoked: by two where it is many, for ever, and known to every verifier within one fetch."""

import base64
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.db import IntegrityError, connection, transaction

from openconsular.domain.health.certificate import Format, Seal
from openconsular.domain.health.revocation.slices import read_publication
from openconsular.domain.health.signing.seals import fault
from openconsular.domain.health.trust.model import Environment
from openconsular.foundation.errors import InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import publishing
from openconsular.health_certificates.actions import revocations
from openconsular.health_certificates.models import Issued, RevocationEdition, RevokedCertificate
from openconsular.health_certificates.queries.trust import verify

pytestmark = pytest.mark.django_db


def raw(sql, *values):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def revoke(people, now):
    def revoke(*made, by="officer", reason="error"):
        return revocations.revoke(
            identifiers=[one.identifier for one in made], reason=reason, by=people[by], now=now
        )

    return revoke


def test_a_certificate_of_ours_is_valid_until_it_is_revoked(issued, revoke, list_key, now):
    made = issued()
    later = now + timedelta(minutes=1)
    assert verify(made.text, now=later).state == "valid"
    revoke(made)
    publishing.publish_revocations(now=later)
    assert verify(made.text, now=later).state == "revoked"


def test_cards_are_revoked_by_their_own_kind_of_list(issued, revoke, list_key, signing_key, now):
    made = issued(certificate_format=Format.SMART, vaccine="208")
    assert publishing.card_revocations(signing_key)["rids"] == []
    revoke(made)
    listed = publishing.card_revocations(signing_key)
    assert len(listed["rids"]) == 1 and listed["ctr"] == 2
    assert publishing.jwks()["keys"][0]["crlVersion"] == 2


def test_several_wait_for_a_second_person_who_reads_back_the_number(issued, revoke, people, now):
    proposal = revoke(issued(), issued(given_name="Si"))
    assert not RevokedCertificate.objects.exists()

    def confirm(size, by):
        return revocations.confirm_revocation(
            public_id=proposal.public_id, confirmed_size=size, by=people[by], now=now
        )

    with pytest.raises(NotAllowed):
        confirm(2, "officer")
    with pytest.raises(InvalidInput):
        confirm(3, "second")
    with pytest.raises(NotFound):
        confirm(2, "elsewhere")
    confirm(2, "second")
    assert RevokedCertificate.objects.count() == 2
    assert AuditEntry.objects.filter(action="certificate.revoke").count() == 2


def test_no_sql_revokes_many_alone_or_takes_anything_back(issued, revoke, now):
    first, second = issued(), issued(given_name="Si")
    revoke(first, second)
    with pytest.raises(IntegrityError):
        raw("UPDATE health_certificates_revocation SET effective_at = now()")
    with pytest.raises(IntegrityError):
        raw(
            "INSERT INTO health_certificates_revokedcertificate (issued_id, revocation_id, at)"
            " SELECT i.record_id, v.id, now() FROM health_certificates_issued i, health_certificates_revocation v"
        )
    revoke(first)
    for sql in (
        "DELETE FROM health_certificates_revokedcertificate",
        "UPDATE health_certificates_revokedcertificate SET at = now()",
        "DELETE FROM health_certificates_revocation",
        "UPDATE health_certificates_revocation SET effective_at = NULL",
    ):
        with pytest.raises(IntegrityError):
            raw(sql)


@pytest.mark.parametrize("name", ["clinic", "duty", "approver", "auditor", "admin"])
def test_who_may_not_revoke(issued, revoke, name):
    with pytest.raises(NotAllowed):
        revoke(issued(), by=name)


def test_another_mission_s_certificates_are_not_there_to_be_revoked(issued, revoke):
    with pytest.raises(InvalidInput):
        revoke(issued(), by="elsewhere")


def test_editions_count_up_only_grow_and_read_back(issued, revoke, list_key, now):
    assert publishing.publish_revocations(now=now).version == 1
    assert publishing.publish_revocations(now=now + timedelta(minutes=1)) is None
    made = issued()
    revoke(made)
    second = publishing.publish_revocations(now=now + timedelta(minutes=2))
    assert (second.version, second.entries) == (2, 3)
    assert publishing.publish_revocations(now=now + timedelta(hours=7)).version == 3
    for version, entries in ((4, 2), (6, 3), (3, 3)):
        with pytest.raises(IntegrityError), transaction.atomic():
            RevocationEdition.objects.create(
                environment="test",
                version=version,
                entries=entries,
                published_at=now,
                index_json="",
                digest="",
            )
    with pytest.raises(IntegrityError):
        raw("DELETE FROM health_certificates_revocationedition")


def test_the_index_is_signed_and_its_slices_hash_to_their_names(issued, revoke, list_key, now):
    made = issued()
    revoke(made)
    edition = publishing.publish_revocations(now=now)
    line, _, body = edition.index_json.encode().partition(b"\n")
    key = load_der_public_key(bytes(list_key.public_key))
    assert fault(Seal("ES256", body, base64.b64decode(line)), key) == ""
    from openconsular.health_certificates.queries.revocations import slice_content

    read = read_publication(body, slice_content, list_id="CN-test", environment=Environment.TEST)
    assert read.version == 1
    held = read.keys[made.key.kid.hex()]
    for one in (made.uci_hash, made.country_uci_hash, made.signature_hash):
        assert held.look(bytes(one)) == "hit"
    assert Issued.objects.count() == 1
