"""A document signer's certificate goes to the trust network, signed with the upload key, and off it again."""

import base64
from datetime import timedelta

import pytest
from django.urls import reverse

from openconsular.domain.health.signing.key_certificates import Purpose
from openconsular.domain.health.trust.cms import content_of, verify_detached
from openconsular.domain.health.trust.x509 import read_certificate
from openconsular.foundation.errors import Conflict, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.gateways.trust_uploads.base import Outcome, UploadUnavailable
from openconsular.gateways.trust_uploads.folder import FolderUploads
from openconsular.health_certificates.actions import keys, uploading
from openconsular.health_certificates.models import SigningKey
from tests.health_certificates.conftest import KEEPER, SECOND_KEEPER
from tests.health_certificates.test_commands import run

pytestmark = pytest.mark.django_db


def certified(purpose: Purpose, label: str, now) -> SigningKey:
    keys.make_key(label=label, purpose=purpose, by=KEEPER, now=now)
    keys.certify_with(label=label, authority="sca-test-dsc", sign_days=None, by=KEEPER, now=now)
    return keys.activate_key(label=label, by=SECOND_KEEPER, now=now)


@pytest.fixture
def upload_key(signing_key, now):
    return certified(Purpose.UP, "up", now)


def acted(action):
    return AuditEntry.objects.filter(action=f"certificate.{action}").order_by("pk")


def test_the_message(signing_key, upload_key, now):
    made = uploading.sign_upload(label="test-dsc", domain="ICVP", by=KEEPER, now=now)
    assert content_of(made.message.cms) == bytes(signing_key.certificate)
    verify_detached(
        made.message.cms, bytes(signing_key.certificate), read_certificate(bytes(upload_key.certificate))
    )
    assert (made.message.key_id, made.signed_by) == (bytes(signing_key.kid).hex(), "up")
    [entry] = acted("upload_sign")
    assert entry.detail == {"environment": "test", "upload_key": "up", "domain": "ICVP"}


def test_who_and_what(signing_key, upload_key, people, now):
    for name in set(people) - {"admin"}:
        with pytest.raises(NotAllowed):
            uploading.sign_upload(label="test-dsc", by=people[name], now=now)
    for label in ("sca-test-dsc", "up"):
        with pytest.raises(Conflict):
            uploading.sign_upload(label=label, by=KEEPER, now=now)
    keys.make_key(label="bare", purpose=Purpose.DSC, by=KEEPER, now=now)
    with pytest.raises(Conflict):
        uploading.sign_upload(label="bare", by=KEEPER, now=now)
    with pytest.raises(NotFound):
        uploading.sign_upload(label="none", by=KEEPER, now=now)


def test_without_an_upload_key_in_use(signing_key, now):
    with pytest.raises(Conflict):
        uploading.sign_upload(label="test-dsc", by=KEEPER, now=now)
    certified(Purpose.UP, "up", now)
    with pytest.raises(Conflict):
        uploading.sign_upload(label="test-dsc", by=KEEPER, now=now + timedelta(days=9999))
    keys.retire_key(label="up", reason="over", by=KEEPER, now=now)
    with pytest.raises(Conflict):
        uploading.sign_upload(label="test-dsc", by=KEEPER, now=now)


def test_a_compromised_signer_is_taken_off(signing_key, upload_key, tmp_path, now):
    target = FolderUploads(tmp_path)
    common = {"label": "test-dsc", "to": target, "by": KEEPER, "now": now}
    assert uploading.send_upload(**common) is Outcome.TAKEN
    keys.retire_key(label="test-dsc", reason="lost", is_compromised=True, by=KEEPER, now=now)
    assert uploading.send_upload(removes=True, **common) is Outcome.REMOVED
    with pytest.raises(Conflict):
        uploading.send_upload(**common)
    assert not (tmp_path / f"{bytes(signing_key.kid).hex()}.cms").exists()
    assert [one.detail["outcome"] for one in acted("network_put")] == ["taken"]
    assert [one.detail["outcome"] for one in acted("network_remove")] == ["removed"]


def test_what_failed_stands_in_the_record(signing_key, upload_key, tmp_path, now):
    (tmp_path / "file").write_text("x")
    with pytest.raises(UploadUnavailable):
        uploading.send_upload(label="test-dsc", to=FolderUploads(tmp_path / "file"), by=KEEPER, now=now)
    assert acted("network_put").get().detail["outcome"] == "upload-unavailable"


def test_the_key_of_the_connection(signing_key, people, now):
    with pytest.raises(Conflict):
        uploading.client_key(environment="test", by=KEEPER, now=now)
    made = certified(Purpose.TLS, "tls", now)
    found = uploading.client_key(environment="test", by=KEEPER, now=now)
    assert found.certificate.count(b"BEGIN CERTIFICATE") == 2 and b"PRIVATE KEY" in found.private_key
    assert "PRIVATE" not in repr(found)
    assert acted("tls_use").count() == 1
    with pytest.raises(NotAllowed):
        uploading.client_key(environment="test", by=people["officer"], now=now)
    SigningKey.objects.filter(pk=made.pk).update(token_label="tls", private_key=None)
    with pytest.raises(Conflict):
        uploading.client_key(environment="test", by=KEEPER, now=now)


def test_on_the_command_line(upload_key, tmp_path, signing_key):
    printed = run("keys", "upload", "test-dsc").strip()
    assert content_of(base64.b64decode(printed)) == bytes(signing_key.certificate)
    assert "test-dsc: taken." in run("keys", "upload", "test-dsc", "--folder", tmp_path / "out")
    assert "test-dsc: removed." in run("keys", "upload", "test-dsc", "--remove", "--folder", tmp_path / "out")
    assert [one.suffixes for one in (tmp_path / "out").iterdir()] == [[".delete", ".cms"]]


def test_on_the_page(upload_key, signing_key, as_):
    browser = as_("admin")
    page = browser.get(reverse("certificate-key", args=["test-dsc"])).content.decode()
    address = reverse("certificate-key-certificate", args=["test-dsc"])
    assert f'action="{address}"' in page
    assert address not in browser.get(reverse("certificate-key", args=["up"])).content.decode()
    answer = browser.post(address)
    assert answer["Content-Disposition"] == 'attachment; filename="test-dsc.cms.txt"'
    assert content_of(base64.b64decode(answer.content)) == bytes(signing_key.certificate)
    keys.retire_key(label="up", reason="over", by=KEEPER, now=upload_key.created_at)
    assert browser.post(address).status_code == 302
    assert as_("health").post(address).status_code == 403
