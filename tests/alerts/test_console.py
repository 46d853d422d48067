"""The incident list and the board of one incident: right figures, own district, few queries, current without scripts."""

import asyncio
import json

import pytest
from asgiref.sync import sync_to_async
from django.db import connection
from django.urls import reverse

from openconsular.alerts import actions, queries
from openconsular.alerts.models import Incident, Recipient, TimelineEvent, Warning
from openconsular.alerts.views import live
from openconsular.citizens.models import Person
from openconsular.foundation.database import copy_rows
from openconsular.foundation.permissions import SYSTEM
from tests.alerts.conftest import NOWHERE
from tests.alerts.console_world import as_, now, text_of  # noqa: F401


def of(typhoon, name="incident", query=""):
    return reverse(name, args=[typhoon.incident_id]) + query


def answered(incident, count, value, now, **wanted):  # noqa: F811
    """The first `count` people of an incident answer, each for themselves."""
    for row in incident.recipients.filter(state="not_reached", **wanted).order_by("pk")[:count]:
        given = actions.Given(recipient_id=row.pk, value=value, via="link", key=f"k{row.pk}", for_party=False)
        actions.record_answer(given, by=SYSTEM, now=now)


def test_the_list_shows_each_incident_with_its_figures(as_, typhoon, now):  # noqa: F811
    answered(typhoon.incident, 5, "safe", now)
    answered(typhoon.incident, 2, "help", now)
    page = text_of(as_("duty").get("/console/"))
    assert "Typhoon over Luzon" in page
    assert f"{typhoon.audience_size} 7 " in page
    assert "Proposed: warning" in page


def test_hazards_nobody_is_in_the_way_of_stand_apart(as_, typhoon, publish, now):  # noqa: F811
    far = publish("far", now=now, polygon=NOWHERE)
    assert actions.match(hazard_id=far, by=SYSTEM, now=now) is None
    page = as_("duty").get("/console/")
    assert "Active hazards nobody is in the way of (1)" in text_of(page)
    assert reverse("hazard", args=[far]) in page.content.decode()


def test_an_empty_room_says_why(as_):  # noqa: F811
    page = text_of(as_("duty").get("/console/"))
    assert "No open incident" in page
    assert "No feed has been added yet" in page


def test_a_mission_sees_its_own_district_only(as_, typhoon, staff):  # noqa: F811
    own = Recipient.objects.filter(mission_id=staff.manila.mission_id).count()
    assert 0 < own < typhoon.audience_size
    board = as_("manila-officer").get(of(typhoon))
    assert f"{own} In the way" in text_of(board) or f"In the way {own}" in text_of(board)
    cells = json.loads(as_("manila-officer").get(of(typhoon, "incident-cells")).content)
    assert sum(one["properties"]["n"] for one in cells["features"]) == own


def test_the_auditor_sees_figures_and_no_people(as_, typhoon):  # noqa: F811
    client = as_("auditor")
    assert str(typhoon.audience_size) in text_of(client.get(of(typhoon)))
    assert json.loads(client.get(of(typhoon, "incident-cells")).content)["features"] == []
    assert client.get(of(typhoon, "incident-people")).status_code == 403


def test_filters_count_everybody_and_stand_in_the_address(as_, typhoon, now):  # noqa: F811
    answered(typhoon.incident, 4, "help", now)
    page = as_("duty").get(of(typhoon, query="?state=help&country=PH")).content.decode()
    assert 'name="state" value="help" checked' in page
    assert f"{of(typhoon, 'incident-cells')}?state=help&amp;country=PH" in page
    cells = json.loads(as_("duty").get(of(typhoon, "incident-cells", "?state=help")).content)
    assert sum(one["properties"]["n"] for one in cells["features"]) == 4
    assert all(one["properties"]["help"] == one["properties"]["n"] for one in cells["features"])


def test_searching_a_name_leads_to_the_list_of_people(as_, typhoon):  # noqa: F811
    answer = as_("duty").get(of(typhoon, query="?q=示例&state=safe"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(of(typhoon, "incident-people"))
    assert "state=safe" in answer["Location"]


@pytest.mark.parametrize(
    "query", ["?bbox=a,b,c,d", "?bbox=1,2,3", "?zoom=x", "?bbox=1e9,0,1,1", "?bbox=nan,0,1,1"]
)
def test_a_view_of_the_map_that_makes_no_sense_is_refused(as_, typhoon, query):  # noqa: F811
    assert as_("duty").get(of(typhoon, "incident-cells", query)).status_code == 400


def test_the_map_sees_across_the_antimeridian(as_, typhoon):  # noqa: F811
    whole = as_("duty").get(of(typhoon, "incident-cells", "?bbox=100,-10,-170,30&zoom=3"))
    assert (
        sum(one["properties"]["n"] for one in json.loads(whole.content)["features"]) == typhoon.audience_size
    )
    none = as_("duty").get(of(typhoon, "incident-cells", "?bbox=-170,-10,100,30&zoom=3"))
    assert json.loads(none.content)["features"] == []


def test_the_area_is_drawn_in_the_grades_colour(as_, typhoon):  # noqa: F811
    drawn = json.loads(as_("duty").get(of(typhoon, "incident-area")).content)
    (feature,) = drawn["features"]
    assert feature["geometry"]["type"] == "MultiPolygon"
    assert feature["properties"]["colour"] == "orange"
    assert feature["properties"]["href"] == reverse("hazard", args=[typhoon.incident.hazard_id])


# ------------------------------------------------------------------ live


def test_parts_come_only_when_something_changed(as_, typhoon, now):  # noqa: F811
    client, parts = as_("duty"), of(typhoon, "incident-parts")
    version = queries.version_of(typhoon.incident)
    assert client.get(parts, {"seen": version}).status_code == 204
    etag = client.get(parts)["ETag"]
    assert client.get(parts, headers={"If-None-Match": etag}).status_code == 304
    before = TimelineEvent.objects.order_by("-pk").first().pk
    answered(typhoon.incident, 1, "help", now)
    answer = client.get(parts, {"seen": version, "after": before}, headers={"If-None-Match": etag})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert page.count("oc-timeline__when") == 1, "only the line that is new"
    assert "Help needed" in page
    assert 'id="live-kpis"' in page
    assert client.get(parts, {"seen": queries.version_of(typhoon.incident)}).status_code == 204


def test_the_board_of_another_district_streams_nothing(as_, typhoon, staff):  # noqa: F811
    typhoon.incident.recipients.filter(mission_id=staff.cebu.mission_id).update(mission=None)
    assert as_("cebu-officer").get(of(typhoon, "incident-stream")).status_code == 404
    assert as_("cebu-officer").get(of(typhoon, "incident-parts")).status_code == 404


def test_the_stream_says_that_something_changed(committed_db, as_, typhoon, now, monkeypatch):  # noqa: F811
    monkeypatch.setattr(live, "LOOK_EVERY_S", 0.05)
    monkeypatch.setattr(live, "STREAM_LASTS_S", 20)
    answer = as_("duty").get(of(typhoon, "incident-stream"))
    assert answer["Content-Type"].startswith("text/event-stream")
    assert answer["X-Accel-Buffering"] == "no"
    incident_id, version = typhoon.incident_id, queries.version_of(typhoon.incident)

    async def listen():
        events = answer.streaming_content
        first = await anext(events)
        await sync_to_async(_one_line)(incident_id, now)
        return first, await anext(events)

    first, second = asyncio.run(listen())
    assert version in _text(first)
    assert "event: changed" in _text(second)
    assert version not in _text(second)


def _one_line(incident_id, at):
    TimelineEvent.objects.create(incident_id=incident_id, at=at, kind="silent", data={"people": 1})
    connection.close()


def _text(part) -> str:
    return part.decode() if isinstance(part, bytes) else part


# ------------------------------------------------------------------ what can be done


def test_stopping_everything_needs_a_reason_and_shows_on_every_page(as_, typhoon):  # noqa: F811
    client = as_("duty")
    client.post("/console/sending/stop/", {"reason": "  "})
    assert not queries.switch().is_stopped
    client.post("/console/sending/stop/", {"reason": "texts went to the wrong district"})
    assert queries.switch().is_stopped
    for page in ("/console/", of(typhoon), reverse("warning", args=[typhoon.pk]), "/console/approvals/"):
        assert "texts went to the wrong district" in text_of(client.get(page)), page
    client.post("/console/sending/resume/")
    assert not queries.switch().is_stopped


def test_an_incident_closes_only_when_everybody_is_accounted_for(as_, typhoon, now):  # noqa: F811
    client, incident = as_("duty"), typhoon.incident
    answer = client.post(of(typhoon, "incident-close"), follow=True)
    assert f"{typhoon.audience_size} people are not accounted for" in text_of(answer)
    incident.refresh_from_db()
    assert incident.closed_at is None
    Recipient.objects.filter(incident=incident).update(state="safe", state_at=now)
    client.post(of(typhoon, "incident-close"))
    incident.refresh_from_db()
    assert incident.closed_at is not None


def test_a_reminder_and_a_retraction_are_one_click_away_once_something_was_sent(as_, released):  # noqa: F811
    client = as_("duty")
    for kind in ("reminder", "retraction"):
        answer = client.post(of(released, "incident-propose"), {"kind": kind})
        made = Warning.objects.get(kind=kind)
        assert answer["Location"] == reverse("warning", args=[made.pk])
        assert made.state == "proposed"


def test_approvals_list_what_waits_and_for_whom(as_, typhoon, staff, now):  # noqa: F811
    Warning.objects.update(approval_above=0)
    assert "not needed" not in text_of(as_("duty").get("/console/approvals/"))
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    assert "somebody else has to approve" in text_of(as_("duty").get("/console/approvals/"))
    page = text_of(as_("approver").get("/console/approvals/"))
    assert "For a second person" in page
    assert "somebody else has to approve" not in page
    assert "Approvals 1" in page


# ------------------------------------------------------------------ many people


@pytest.fixture
def crowded(typhoon, now):  # noqa: F811
    """Twenty thousand more in the ledger, in every state, of people already known."""
    people = Person.objects.bulk_create(
        Person(
            native_name=f"测试{n}", languages=["zh-Hans"], created_at=now, updated_at=now, is_synthetic=True
        )
        for n in range(20_000)
    )
    states = Recipient.State.values
    columns = ("incident_id", "person_id", "party", "country", "region", "language", "lat", "lon", "reason")
    rest = ("is_in_area", "state", "state_at", "reminders")
    reason = json.dumps({"kind": "residence", "label": "Manila", "certainty": "certain"})
    rows = (
        (
            *(typhoon.incident_id, one.pk, one.pk, "PH", "PH-NCR", "zh-Hans"),
            *(14 + n % 200 / 100, 121 + n % 170 / 100, reason, True, states[n % len(states)], now, 0),
        )
        for n, one in enumerate(people)
    )
    types = ("int8", "int8", "int8", "varchar", "varchar", "varchar", "float8", "float8", "jsonb")
    copy_rows("alerts_recipient", columns + rest, rows, (*types, "bool", "varchar", "timestamptz", "int2"))
    return typhoon


@pytest.mark.parametrize(
    ("page", "most"),
    [("incident", 20), ("incident-parts", 16), ("incident-cells", 8), ("incident-people", 19)],
)
def test_a_page_asks_few_questions_however_many_people_there_are(
    as_,  # noqa: F811
    crowded,
    page,
    most,
    django_assert_max_num_queries,
):
    client = as_("duty")
    with django_assert_max_num_queries(most):
        assert client.get(of(crowded, page)).status_code == 200


def test_the_list_of_incidents_asks_as_much_for_one_as_for_many(
    as_,  # noqa: F811
    crowded,
    publish,
    now,  # noqa: F811
    django_assert_max_num_queries,
):
    for n in range(6):
        actions.match(hazard_id=publish(f"more-{n}", now=now, severity="Extreme"), by=SYSTEM, now=now)
    assert Incident.objects.count() >= 1
    client = as_("duty")
    with django_assert_max_num_queries(20):
        assert client.get("/console/").status_code == 200
