"""The pages of hazards, quarantine and feeds, as officers and administrators use them."""

import json

import pytest
from django.urls import reverse
from django.utils import timezone

from openconsular.accounts.models import Officer
from openconsular.alerts.models import Incident
from openconsular.foundation.permissions import SYSTEM
from openconsular.hazards import actions
from openconsular.hazards.models import Hazard, Quarantined, Source
from tests.accounts.conftest import missions, staff  # noqa: F401
from tests.domain.cap.messages import alert

ROLES = {"duty": "duty_officer", "admin": "administrator", "auditor": "auditor"}
BAD = b"\x00\x01 this is <script>alert(1)</script> not an alert"


@pytest.fixture
def as_(client, settings, staff):  # noqa: F811
    settings.IS_DRILL = True
    client.cookies["language"] = "en"

    def sign_in(name):
        officer = Officer.objects.filter(username=name).first() or staff(name, ROLES[name])
        client.force_login(officer)
        return client

    return sign_in


@pytest.fixture
def hazard(record):
    record(alert())
    return Hazard.objects.get()


@pytest.fixture
def item(source):
    actions.record_document(source=source, raw=BAD, now=timezone.now(), by=SYSTEM)
    return Quarantined.objects.get()


def at(name, *args, query=""):
    return reverse(name, args=args) + query


def test_the_list_narrows_by_state_severity_feed_and_words(as_, hazard):
    client = as_("duty")
    assert hazard.title in client.get(at("hazards")).content.decode()
    fitting = f"?state=active&severity={hazard.severity}&source={hazard.source_id}"
    assert hazard.title in client.get(at("hazards", query=fitting)).content.decode()
    for none in ("?state=ended", "?severity=Nothing", "?source=999999", "?q=nowhere-at-all", "?q=%00zzz"):
        page = client.get(at("hazards", query=none))
        assert page.status_code == 200
        assert at("hazard", hazard.pk) not in page.content.decode(), none


def test_a_hazard_shows_its_area_messages_and_the_way_to_its_incident(as_, hazard):
    client = as_("duty")
    body = client.get(at("hazard", hazard.pk)).content.decode()
    assert at("hazard-area", hazard.pk) in body
    assert hazard.messages.get().identifier in body
    assert at("incident-of-hazard", hazard.pk) not in body
    drawn = json.loads(client.get(at("hazard-area", hazard.pk)).content)
    assert [one["geometry"]["type"] for one in drawn["features"]] == ["MultiPolygon"]
    Incident.objects.create(hazard=hazard, title="x", opened_at=timezone.now())
    assert at("incident-of-hazard", hazard.pk) in client.get(at("hazard", hazard.pk)).content.decode()


def test_an_officer_ends_a_hazard_with_a_reason(as_, hazard):
    client = as_("duty")
    assert client.post(at("hazard-end", hazard.pk), {"note": ""}).status_code == 400
    client.post(at("hazard-end", hazard.pk), {"note": "The issuer said so on the phone"})
    hazard.refresh_from_db()
    assert hazard.state == "ended"
    assert "The issuer said so on the phone" in client.get(at("hazard", hazard.pk)).content.decode()
    assert as_("auditor").post(at("hazard-end", hazard.pk), {"note": "x"}).status_code == 403


# ------------------------------------------------------------------ quarantine


def test_quarantine_says_why_and_shows_the_content_as_text_only(as_, item):
    client = as_("duty")
    body = client.get(at("quarantine")).content.decode()
    assert "neither XML nor JSON" in body
    body = client.get(at("quarantined", item.pk)).content.decode()
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in body
    assert "<script>alert" not in body
    assert "\x00" not in body


def test_a_large_item_is_unpacked_no_further_than_it_is_shown(as_, source):
    actions.record_document(source=source, raw=BAD + b"x" * 300_000, now=timezone.now(), by=SYSTEM)
    page = as_("duty").get(at("quarantined", Quarantined.objects.get().pk))
    assert "Only the beginning is shown." in page.content.decode()
    assert len(page.content) < 60_000


def test_a_dismissal_can_be_undone(as_, item):
    client = as_("duty")
    page = client.post(at("quarantined-dismiss", item.pk), follow=True).content.decode()
    assert at("quarantined-reopen", item.pk) in page
    assert at("quarantined", item.pk) not in client.get(at("quarantine")).content.decode()
    client.post(at("quarantined-reopen", item.pk))
    item.refresh_from_db()
    assert (item.state, item.decided_by) == ("open", "")


def test_trying_again_what_still_cannot_be_used_keeps_it_open(as_, item):
    page = as_("duty").post(at("quarantined-retry", item.pk), follow=True)
    assert "It still cannot be used" in page.content.decode()
    item.refresh_from_db()
    assert item.state == "open"


def test_two_officers_deciding_is_a_sentence_and_no_fault(as_, item):
    client = as_("duty")
    client.post(at("quarantined-dismiss", item.pk))
    page = client.post(at("quarantined-dismiss", item.pk), follow=True)
    assert page.status_code == 200
    assert "decided on this item already" in page.content.decode()


def test_the_list_asks_few_questions(as_, source, django_assert_max_num_queries):
    for n in range(60):
        actions.record_document(source=source, raw=b"bad %d" % n, now=timezone.now(), by=SYSTEM)
    client = as_("duty")
    for page in ("quarantine", "hazards", "sources"):
        with django_assert_max_num_queries(14):
            client.get(at(page))


# ------------------------------------------------------------------ feeds


def test_an_administrator_adds_a_feed_and_switches_it_off_and_on(as_):
    client = as_("admin")
    wanted = {"name": "Met office", "kind": "http", "url": "https://feed.example.org/", "poll_seconds": "60"}
    client.post(at("source-add"), wanted | {"countries": "ph， JP", "allowed_hosts": "a.example.org"})
    source = Source.objects.get()
    assert source.allowed_hosts == ["a.example.org"]
    assert source.countries == ["JP", "PH"]
    for active in ("0", "1"):
        client.post(at("source-switch", source.pk), {"active": active})
        source.refresh_from_db()
        assert source.is_active is (active == "1")


@pytest.mark.parametrize(
    ("field", "value"),
    [("url", "ftp://x"), ("countries", "ZZ"), ("poll_seconds", "1"), ("name", "")],
)
def test_a_feed_that_cannot_work_is_refused_at_the_field(as_, field, value):
    wanted = {"name": "Met", "kind": "http", "url": "https://feed.example.org/", "poll_seconds": "60"}
    page = as_("admin").post(at("source-add"), wanted | {field: value})
    assert page.status_code == 400
    assert f'href="#id_{field}"' in page.content.decode()
    assert not Source.objects.exists()


def test_a_failing_feed_shows_why_and_only_administrators_switch(as_, source):
    Source.objects.update(failures=3, last_error="The host did not answer", last_error_code="timeout")
    body = as_("duty").get(at("sources")).content.decode()
    assert "3 failures" in body
    assert "The host did not answer" in body
    assert at("source-switch", source.pk) not in body
    assert as_("duty").post(at("source-switch", source.pk), {"active": "0"}).status_code == 403
