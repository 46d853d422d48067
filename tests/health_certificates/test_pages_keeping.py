"""Batches, revocations, the switch, keys, lists and the check, as they are used in a browser."""

import csv
import hashlib
import io
import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from openconsular.domain.health.carriers import codes
from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import batching
from openconsular.health_certificates.actions import issuing, records, trust
from openconsular.health_certificates.actions.confirming import import_confirmed_list
from openconsular.health_certificates.models import (
    Alarm,
    Batch,
    Issued,
    IssuingSwitch,
    Revocation,
    SigningKey,
    TrustSource,
)
from tests.health_certificates.conftest import KEEPER, make_chain
from tests.health_certificates.test_batches import file_of, line

pytestmark = pytest.mark.django_db
BATCHES = "/console/certificates/batches/"


def text_of(answer):
    return answer.content.decode()


def audited(action):
    return AuditEntry.objects.filter(action=action).count()


def upload(browser, content, **more):
    file = SimpleUploadedFile("may.csv", content, "text/csv")
    return browser.post(BATCHES, {"name": "May", "what": "eu-dcc/vaccination", "file": file} | more)


@pytest.fixture
def today():
    return timezone.now()


@pytest.fixture
def batch(as_, today):
    """Three rows of a clinic, of which one cannot be used, sent through the page and checked."""
    make_chain(today)
    answer = upload(as_("clinic"), file_of(line(1), line(2, born_on="yesterday"), line(3)))
    assert answer.status_code == 302, text_of(answer)
    sent = Batch.objects.get()
    batching.work(sent.pk, timezone.now)
    sent.refresh_from_db()
    return sent


def address(name, one):
    return reverse(f"certificate-batch-{name}" if name else "certificate-batch", args=[one.public_id])


def test_refused_rows_are_told_on_the_page_and_in_a_file(as_, batch):
    page = text_of(as_("clinic").get(address("", batch)))
    assert "Write a day as 2026-05-17." in page and "1 row refused" in page
    sheet = b"".join(as_("clinic").get(address("refused", batch))).decode()
    rows = list(csv.reader(io.StringIO(sheet)))
    assert [row[:4] for row in rows[1:]] == [["3", "r2", "born_on", "not-a-day"]]


def test_a_batch_is_approved_by_another_person_who_types_its_number(as_, batch):
    assert "somebody else has to approve it" in text_of(as_("clinic").get(address("", batch)))
    assert as_("clinic").post(address("approve", batch), {"typed": "2"}).status_code == 403
    wrong = as_("officer").post(address("approve", batch), {"typed": "3"})
    assert wrong.status_code == 400 and "not that of the accepted rows" in text_of(wrong)
    as_("officer").post(address("approve", batch), {"typed": "2"})
    batching.work(batch.pk, timezone.now)
    page = text_of(as_("officer").get(address("", batch)))
    assert Issued.objects.count() == 2 and "hx-get" not in page
    assert audited("certificate.batch_approve") == 1
    sheet = b"".join(as_("officer").get(address("certificates", batch))).decode()
    assert sheet.count("HC1:") == 2


def test_a_batch_is_stopped_in_the_middle_and_let_go_on(as_, batch):
    as_("officer").post(address("approve", batch), {"typed": "2"})
    page = text_of(as_("officer").get(address("", batch)))
    assert 'hx-trigger="every 3s"' in page and address("stop", batch) in page
    as_("officer").post(address("stop", batch))
    batching.work(batch.pk, timezone.now)
    assert not Issued.objects.exists()
    as_("officer").post(address("go-on", batch))
    batching.work(batch.pk, timezone.now)
    assert Issued.objects.count() == 2
    assert audited("certificate.batch_stop") == audited("certificate.batch_go_on") == 1


def test_its_sender_takes_a_batch_back_and_nobody_can_approve_it_then(as_, batch):
    as_("clinic").post(address("withdraw", batch))
    as_("officer").post(address("approve", batch), {"typed": "2"})
    batch.refresh_from_db()
    assert batch.state == "refused" and batch.approved_at is None


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "not a list of columns|columns that nobody knows"),
        (b"key,colour\r\n1,red\r\n", "columns that nobody knows: colour"),
    ],
)
def test_a_file_with_other_columns_becomes_no_batch(as_, content, told):
    answer = upload(as_("clinic"), content)
    assert answer.status_code == 400
    assert any(one in text_of(answer) for one in told.split("|")) or not content
    assert not Batch.objects.exists()


def test_an_empty_file_with_all_columns_can_be_had(as_):
    sheet = b"".join(as_("clinic").get(reverse("certificate-batch-template"))).decode()
    assert sheet.startswith("\ufeffkey,family_name")


def test_several_are_revoked_only_when_a_second_person_types_the_number(as_, issued):
    numbers = [issued(given_name=name).identifier for name in ("Yi", "Er")]
    where = reverse("certificate-revocations")
    as_("officer").post(where, {"identifiers": "\n".join(numbers), "reason": "product", "note": "lot 7"})
    proposal = Revocation.objects.get()
    assert proposal.effective_at is None
    assert "somebody else has to agree" in text_of(as_("officer").get(where))
    confirm = reverse("certificate-revocation-confirm", args=[proposal.public_id])
    assert as_("officer").post(confirm, {"typed": "2"}).status_code == 403
    as_("second").post(confirm, {"typed": "1"})
    proposal.refresh_from_db()
    assert proposal.effective_at is None
    as_("second").post(confirm, {"typed": "2"})
    proposal.refresh_from_db()
    assert proposal.effective_at is not None
    unknown = as_("officer").post(where, {"identifiers": "URN:UVCI:01:XX:NONE", "reason": "error"})
    assert unknown.status_code == 400


def test_the_switch_says_who_and_why_and_another_person_lets_signing_go_on(as_, people):
    stop, resume = reverse("certificate-issuing-stop"), reverse("certificate-issuing-resume")
    assert as_("duty").post(stop, {"reason": ""}).status_code == 400
    as_("duty").post(stop, {"reason": "a key was lost"})
    page = text_of(as_("health").get("/console/certificates/"))
    assert "Signing is stopped" in page and "a key was lost" in page and "Duty" in page
    as_("duty").post(resume)
    assert IssuingSwitch.objects.get().is_stopped
    as_("health").post(resume)
    assert not IssuingSwitch.objects.get().is_stopped
    assert audited("certificate.stop_issuing") == audited("certificate.resume_issuing") == 1


def test_an_alarm_is_settled_by_another_person_with_what_was_found(as_, people, now):
    alarm = Alarm.objects.create(
        environment="test",
        scope="recorder",
        subject=people["health"].label,
        count=90,
        limit=60,
        raised_at=now,
    )
    settle = reverse("certificate-alarm-settle", args=[alarm.pk])
    assert "It is about you" in text_of(as_("health").get(reverse("certificate-issuing")))
    as_("health").post(settle, {"note": "I am fast", "allow": "200"})
    assert as_("duty").post(settle, {"note": "", "allow": "200"}).status_code == 400
    alarm.refresh_from_db()
    assert alarm.settled_at is None
    as_("duty").post(settle, {"note": "a school class", "allow": "200"})
    alarm.refresh_from_db()
    assert (alarm.note, alarm.allowed) == ("a school class", 200)


def test_a_key_s_whole_life_by_its_pages(as_):
    browser, make = as_("admin"), reverse("certificate-key-make")
    browser.post(make, {"label": "root", "purpose": "sca"})
    browser.post(reverse("certificate-key-certify", args=["root"]))
    browser.post(reverse("certificate-key-activate", args=["root"]))
    browser.post(
        make, {"label": "one", "purpose": "dsc", "kinds": ["vaccination"], "most_certificates": "10"}
    )
    request = browser.get(reverse("certificate-key-request", args=["one"]))
    assert request.content.startswith(b"-----BEGIN CERTIFICATE REQUEST-----")
    wanted = {"authority": "root", "days": "730", "sign_days": "180"}
    browser.post(reverse("certificate-key-certify", args=["one"]), wanted)
    browser.post(reverse("certificate-key-activate", args=["one"]))
    key = SigningKey.objects.get(label="one")
    assert (key.state, key.kinds, key.most_certificates) == ("active", ["vaccination"], 10)
    assert b"BEGIN CERTIFICATE" in browser.get(reverse("certificate-key-certificate", args=["one"])).content
    follow = text_of(browser.get(f"{make}?like=one"))
    assert "It follows one" in follow and 'value="vaccination"' in follow
    retire = reverse("certificate-key-retire", args=["one"])
    assert browser.post(retire, {"reason": "over", "typed": "other"}).status_code == 400
    browser.post(retire, {"reason": "over", "typed": "one"})
    key.refresh_from_db()
    assert key.state == "retired"
    page = text_of(browser.get(reverse("certificate-keys")))
    assert "PRIVATE KEY" not in page and "root" in page


def test_a_certificate_that_does_not_fit_is_refused_where_it_was_pasted(as_, today):
    make_chain(today)
    browser = as_("admin")
    browser.post(reverse("certificate-key-make"), {"label": "next", "purpose": "dsc"})
    other = browser.get(reverse("certificate-key-certificate", args=["test-dsc"])).content.decode()
    install = reverse("certificate-key-install", args=["next"])
    answer = browser.post(install, {"text": other})
    assert answer.status_code == 400 and "for another key" in text_of(answer)
    assert browser.post(install, {"text": "nonsense"}).status_code == 400
    assert browser.post(install, {}).status_code == 400


def test_turns_that_overlap_are_told(as_, today):
    make_chain(today - timedelta(days=100), label="old")
    make_chain(today, label="new")
    page = text_of(as_("admin").get(reverse("certificate-key", args=["test-old"])))
    assert reverse("certificate-key", args=["test-new"]) in page


def test_a_list_is_added_taken_by_file_and_never_rolled_back(as_, list_key, now, today, monkeypatch):
    trust.add_source(name="empty", kind="jwks", by=KEEPER, now=now)
    browser = as_("admin")
    browser.post(
        reverse("certificate-list-add"), {"name": "others", "kind": "dsc-list", "stale_after_hours": "48"}
    )
    assert TrustSource.objects.filter(name="others").exists()
    take = reverse("certificate-list-import", args=["others"])
    answer = browser.post(take, {"file": SimpleUploadedFile("list.txt", b"nonsense")})
    assert answer.status_code == 400
    assert TrustSource.objects.get(name="others").editions.count() == 0
    page = text_of(as_("health").get(reverse("certificate-lists")))
    assert "never taken" in page and reverse("certificate-list-add") not in page
    assert as_("health").post(take).status_code == 403


# The example key of the SMART Health Cards framework.
EXAMPLE_KEY = {
    "kty": "EC",
    "kid": "3Kfdg-XwP-7gXyywtUfUADwBumDOPKMQx-iELL11W9s",
    "use": "sig",
    "alg": "ES256",
    "crv": "P-256",
    "x": "11XvRWy1I2S0EyJlyf_bWfw_TQ5CJJNLw78bHXNxcgw",
    "y": "eZXwxvO1hvCY0KucrPfKo7yAyMT6Ajc3N7OkAB6VYy8",
}


@pytest.fixture
def cards(now):
    """A list that comes from its issuer's own address."""
    issuer = "https://health.example"
    url = f"{issuer}/.well-known/jwks.json"
    return trust.add_source(name="cards", kind="jwks", issuer=issuer, url=url, by=KEEPER, now=now)


KEYS = json.dumps({"keys": [EXAMPLE_KEY]}).encode()


def keys_file():
    return SimpleUploadedFile("jwks.json", KEYS)


def test_a_list_taken_by_file_shows_its_keys_and_can_be_disbelieved(as_, cards):
    browser, page = as_("admin"), reverse("certificate-list", args=["cards"])
    take, told = reverse("certificate-list-import", args=["cards"]), hashlib.sha256(KEYS).hexdigest()
    unconfirmed = browser.post(take, {"file": keys_file()})
    assert unconfirmed.status_code == 400 and "list-not-vouched-for" in text_of(unconfirmed)
    assert browser.post(take, {"file": keys_file(), "confirmed": "0" * 64}).status_code == 400
    assert browser.post(take, {"file": keys_file(), "confirmed": told})["Location"] == page
    assert EXAMPLE_KEY["kid"] in text_of(browser.get(page))
    assert EXAMPLE_KEY["kid"] not in text_of(browser.get(f"{page}?q=nothing"))
    assert audited("certificate.list_import") == 1
    browser.post(reverse("certificate-list-switch", args=["cards"]), {"enabled": "0"})
    assert not TrustSource.objects.get(name="cards").is_enabled


def test_an_older_edition_is_refused_with_why_and_what_is_held_stays(as_, cards, today):
    tomorrow = today + timedelta(days=1)
    told = hashlib.sha256(KEYS).hexdigest()
    import_confirmed_list(name="cards", content=KEYS, confirmed=told, by=KEEPER, now=tomorrow)
    take = reverse("certificate-list-import", args=["cards"])
    answer = as_("admin").post(take, {"file": keys_file(), "confirmed": told})
    assert answer.status_code == 400
    assert "This list is older than the one that is held. (list-older)" in text_of(answer)
    assert cards.editions.get().taken_at == tomorrow


def test_a_certificate_is_checked_by_text_and_by_picture_and_nothing_is_kept(as_, written, people, today):
    make_chain(today)
    record = written(at=today)
    records.approve_record(public_id=record.public_id, by=people["officer"], now=today)
    one = issuing.sign_record(record_id=record.pk, now=today)
    where = reverse("certificate-check")
    browser = as_("duty")
    valid = text_of(browser.post(where, {"text": one.text}))
    assert 'data-color="success" role="alert"' in valid and "Zhang" in valid
    picture = SimpleUploadedFile("code.png", codes.qr_png(one.text), "image/png")
    assert "Zhang" in text_of(browser.post(where, {"file": picture}))
    forged = text_of(browser.post(where, {"text": one.text[:-4] + "0000"}))
    assert "Damaged or forged" in forged and 'data-color="success" role="alert"' not in forged
    assert browser.post(where, {}).status_code == 400
    blank = SimpleUploadedFile("x.png", b"no picture", "image/png")
    answer = browser.post(where, {"file": blank})
    assert answer.status_code == 400 and "picture-unknown" in text_of(answer)
    photo = SimpleUploadedFile("IMG_1.HEIC", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(99), "image/heic")
    answer = browser.post(where, {"file": photo})
    assert answer.status_code == 400 and "Send it as JPEG, or take a screenshot" in text_of(answer)
    told = list(AuditEntry.objects.filter(action="certificate.check").values_list("detail", flat=True))
    assert len(told) == 3 and "Zhang" not in str(told)
