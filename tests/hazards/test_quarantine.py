"""What cannot be used waits for an officer, once, with a reason."""

import json
from datetime import timedelta

import pytest

from openconsular.domain.geo import Area
from openconsular.foundation.errors import Conflict, NotAllowed, NotFound
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.hazards import actions, queries
from openconsular.hazards.models import Hazard, Quarantined
from openconsular.hazards.outcomes import Outcome
from tests.conftest import NOW
from tests.domain.cap.messages import alert, geocodes, info
from tests.gateways.feeds.test_weather_service import feature

pytestmark = pytest.mark.django_db

CODED = alert(info(area=geocodes(("EMMA_ID", "AT001"))))
AUSTRIA = Area.of([[(47.0, 16.0), (47.0, 17.0), (48.0, 17.0), (48.0, 16.0), (47.0, 16.0)]])
OFFICER = Actor(label="staff:1", role=Role.DUTY_OFFICER)


def load():
    actions.load_geocodes(entries=[("EMMA_ID", "AT001", AUSTRIA)], by=SYSTEM, now=NOW)


def test_the_same_content_again_is_the_same_item(record):
    for _ in range(3):
        record(CODED)
    item = Quarantined.objects.get()
    assert item.times_seen == 3
    assert "AT001" in item.reason


def test_codes_loaded_later_settle_it(record):
    record(CODED)
    load()
    result = actions.retry_quarantined(quarantined_id=Quarantined.objects.get().pk, by=OFFICER, now=NOW)
    assert [item.outcome for item in result.items] == [Outcome.HAZARD]
    settled = Quarantined.objects.get()
    assert (settled.state, settled.decided_by, settled.hazard) == ("retried", "staff:1", Hazard.objects.get())
    assert Area.from_bytes(bytes(Hazard.objects.get().area)).covers(47.5, 16.5)


def test_all_that_waited_for_codes_at_once(record):
    record(CODED)
    record(CODED.replace(b">one<", b">two<").replace(b"Flood", b"Storm"))
    record(b"<html/>")
    load()
    assert actions.retry_unresolved(by=SYSTEM, now=NOW).count(Outcome.HAZARD) == 2
    assert queries.open_quarantined_count() == 1


def test_relative_times_of_saved_answers_count_from_when_they_were_read():
    saved = feature(geocode={"EMMA_ID": ["AT001"]}, sent="date:now -1 hour", expires="date:now +2 hours")
    files = actions.files_source(now=NOW)
    actions.record_document(source=files, raw=json.dumps(saved).encode(), now=NOW, by=SYSTEM, saved=True)
    load()
    assert actions.retry_unresolved(by=SYSTEM, now=NOW + timedelta(hours=1)).count(Outcome.HAZARD) == 1
    assert Hazard.objects.get().expires_at == NOW + timedelta(hours=2)


def test_what_still_cannot_be_used_stays_open(record):
    record(CODED)
    actions.retry_quarantined(quarantined_id=Quarantined.objects.get().pk, by=OFFICER, now=NOW)
    assert Quarantined.objects.get().state == "open"


def test_dismissed_stays_dismissed(record):
    record(CODED)
    pk = Quarantined.objects.get().pk
    actions.dismiss_quarantined(quarantined_id=pk, by=OFFICER, now=NOW)
    record(CODED)
    assert Quarantined.objects.get().state == "dismissed"
    assert queries.open_quarantined_count() == 0
    with pytest.raises(Conflict):
        actions.retry_quarantined(quarantined_id=pk, by=OFFICER, now=NOW)


def test_who_may_decide(record):
    record(CODED)
    pk = Quarantined.objects.get().pk
    for actor in (
        Actor(label="x"),
        Actor(label="m", role=Role.MISSION_OFFICER),
        Actor(label="a", role=Role.AUDITOR),
    ):
        with pytest.raises(NotAllowed):
            actions.dismiss_quarantined(quarantined_id=pk, by=actor, now=NOW)
        assert not queries.quarantined_visible_to(actor).exists()
    assert queries.quarantined_visible_to(OFFICER).get().pk == pk
    with pytest.raises(NotFound):
        actions.dismiss_quarantined(quarantined_id=0, by=OFFICER, now=NOW)


def test_reasons_are_in_words(record, settings):
    from django.utils.translation import override

    record(CODED)
    item = Quarantined.objects.get()
    with override("en"):
        assert queries.reason_text(item.code, item.values) == item.reason
    assert queries.reason_text("gone-since", {}) == "gone-since"
    assert queries.reason_text("expired", {}) != ""
