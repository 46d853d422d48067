"""The verifier's addresses: what it may do in a browser, what it fetches, and what it does for browsers without scripts."""

import base64
import hashlib
import json
from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key
from django.urls import reverse

from openconsular.citizens import actions as citizens
from openconsular.domain.health.carriers.codes import qr_png
from openconsular.domain.health.verifier_revocations import shortened
from openconsular.health_certificates import publishing, trusting
from openconsular.health_certificates.actions import revocations
from openconsular.health_certificates.queries import verifier
from openconsular.health_certificates.views import verifier as views

pytestmark = pytest.mark.django_db
PAGE = "/verify/"


@pytest.fixture
def genuine(issued):
    return issued().text


def picture(text, name="code.png"):
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile(name, qr_png(text), content_type="image/png")


def test_the_page_may_use_the_camera_and_web_assembly_and_nothing_more(client):
    answer = client.get(PAGE)
    rules = answer["Content-Security-Policy"]
    assert "'wasm-unsafe-eval'" in rules and "'unsafe-eval'" not in rules and "'unsafe-inline'" not in rules
    assert (
        "camera=(self)" in answer["Permissions-Policy"] and "geolocation=()" in answer["Permissions-Policy"]
    )
    # Nowhere else.
    other = client.get(reverse("offline"))
    assert "wasm" not in other["Content-Security-Policy"] and "camera=()" in other["Permissions-Policy"]


def test_the_kept_page_says_nothing_that_was_said_to_somebody(issued, people, as_, now):
    record = issued().record
    browser = as_("health")
    browser.post(reverse("certificate-approve", args=[record.public_id]))
    kept, next_page = browser.get(PAGE), browser.get(reverse("certificates"))
    assert "oc-alert__body" not in kept.content.decode()
    assert "This was decided already" in next_page.content.decode()


def test_without_scripts_the_server_says_what_it_is(client, genuine):
    answer = client.post(PAGE, {"text": genuine})
    assert answer.status_code == 200 and answer["Cache-Control"] == "no-store"
    assert "ZHANG" in answer.content.decode().upper()
    forged = client.post(PAGE, {"file": picture(genuine[:-4] + "0000")}).content.decode()
    assert "signature-wrong" in forged or "zlib" in forged
    nothing = client.post(PAGE, {"text": ""})
    assert nothing.status_code == 400


def test_a_document_is_read_by_the_server_and_verified_by_the_browser(client, genuine):
    answer = client.post(PAGE, {"file": picture(genuine)}, HTTP_ACCEPT="application/json")
    assert answer.json() == {"codes": [genuine], "faults": []}
    from django.core.files.uploadedfile import SimpleUploadedFile

    broken = SimpleUploadedFile("code.pdf", b"%PDF-1.7 nothing", content_type="application/pdf")
    refused = client.post(PAGE, {"file": broken}, HTTP_ACCEPT="application/json")
    assert refused.status_code == 400 and refused.json()["codes"] == [] and refused.json()["faults"]


def test_nobody_makes_the_server_check_without_end(client, genuine, monkeypatch):
    few = citizens.Ration("verify-address", 2, views.CHECKS_AN_ADDRESS.within)
    monkeypatch.setattr(views, "CHECKS_AN_ADDRESS", few)
    assert [client.post(PAGE, {"text": genuine}).status_code for _ in range(3)] == [200, 200, 429]


def test_the_lists_are_signed_with_a_key_the_page_brings_along(client, genuine, list_key):
    content = client.get(reverse("verifier-head")).content
    line, _, body = content.partition(b"\n")
    raw = base64.b64decode(line, validate=True)
    (public,) = verifier.list_keys()
    signature = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
    load_der_public_key(base64.b64decode(public)).verify(signature, body, ec.ECDSA(SHA256()))
    assert public in client.get(PAGE).content.decode()
    size = int.from_bytes(body[4:8])
    head = json.loads(body[8 : 8 + size])
    assert (body[:4], head["environment"], head["listsLast"]) == (b"OCV2", "test", 72 * 3600)
    assert len(body) == 8 + size
    (own,) = [one for one in head["trust"]["lists"] if one["id"] == "own"]
    assert own["asOf"] == head["madeAt"] and own["keys"][0]["country"] == "CN"


def test_revocations_come_in_bundles_that_never_change(client, issued, list_key, people, now):
    made = issued()
    revocations.revoke(identifiers=[made.identifier], reason="error", by=people["health"], now=now)
    publishing.publish_revocations(now=now)
    content = client.get(reverse("verifier-head")).content.partition(b"\n")[2]
    head = json.loads(content[8:])
    [[name, length]] = head["revocations"]["bundles"]
    answer = client.get(reverse("verifier-bundle", args=[name]))
    assert "immutable" in answer["Cache-Control"] and len(answer.content) == length
    assert hashlib.sha256(answer.content).hexdigest() == name
    assert bytes(made.uci_hash) in answer.content
    assert client.get(reverse("verifier-bundle", args=["0" * 64])).status_code == 404
    assert client.get(reverse("verifier-lists")).content.endswith(answer.content)


def test_long_lists_of_ours_keep_their_bundles_while_they_grow(
    client, issued, list_key, people, now, monkeypatch
):
    """With the bound set low: what was revoked first is not carried again when more is revoked."""
    monkeypatch.setattr(verifier, "EXACT_MOST", 0)
    monkeypatch.setattr(verifier, "shortened", lambda held: shortened(held, exact_most=0))
    named = []
    for name, minutes in (("Yi", 1), ("Er", 2)):
        made = issued(given_name=name)
        revocations.revoke(identifiers=[made.identifier], reason="error", by=people["health"], now=now)
        publishing.publish_revocations(now=now + timedelta(minutes=minutes))
        named.append({one for one, _ in verifier._carried(trusting.believed()).head["bundles"]})
    assert len(named[0]) == 1 and len(named[1]) == 2 and named[0] < named[1]


def test_lists_without_a_key_for_lists_say_so(client, genuine):
    content = client.get(reverse("verifier-lists")).content
    assert content.startswith(b"\nOCV2") and verifier.list_keys() == []


def test_it_installs_as_a_program_of_its_own(client):
    worker = client.get(reverse("verifier-worker"))
    assert worker["Content-Type"] == "text/javascript" and b"zxing_reader" in worker.content
    found = client.get(reverse("verifier-manifest")).json()
    assert (found["start_url"], found["scope"], found["display"]) == (PAGE, PAGE, "standalone")
    assert reverse("verifier-manifest") in client.get(PAGE).content.decode()
