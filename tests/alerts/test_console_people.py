"""The people of an incident: narrowed, printed, exported, one by one; every look at them is on record."""

import csv
import io

import pytest
from django.urls import reverse

from openconsular.alerts.models import Answer, Recipient
from openconsular.casework.models import Case
from openconsular.foundation.models import AuditEntry
from tests.alerts.console_world import as_, now, text_of  # noqa: F401


@pytest.fixture
def rows(typhoon):
    return list(typhoon.incident.recipients.select_related("person").order_by("state_at", "pk"))


def of(typhoon, name="incident-people", query=""):
    return reverse(name, args=[typhoon.incident_id]) + query


def person_at(row, step=""):
    return reverse(f"incident-person{step}", args=[row.incident_id, row.pk])


def looks(action):
    entries = AuditEntry.objects.filter(action=action).order_by("number")
    return [one.detail["people"] for one in entries]


def test_the_list_says_why_each_is_in_it_and_is_audited(as_, typhoon, rows):  # noqa: F811
    page = as_("duty").get(of(typhoon))
    assert f"{len(rows)} people" in text_of(page)
    assert "Stay in" in text_of(page) or "Residence in" in text_of(page)
    (seen,) = looks("people.list")
    assert seen == [row.person_id for row in rows[:50]]


def test_filters_sorting_and_pages_work_together(as_, typhoon, rows, now):  # noqa: F811
    Recipient.objects.filter(pk__in=[row.pk for row in rows[:60]]).update(state="safe", state_at=now)
    client = as_("duty")
    page = client.get(of(typhoon, query="?state=safe&sort=-name&page=2"))
    assert "60 people" in text_of(page)
    assert looks("people.list") == [looks("people.list")[0]]
    assert len(looks("people.list")[0]) == 10
    assert 'value="safe" checked' in page.content.decode()
    assert "sort=name" in page.content.decode(), "the heading turns the order round"


@pytest.mark.parametrize(
    "query",
    [
        "?state=nonsense",
        "?mission=x",
        "?mission=99999999999999999999",
        "?page=x",
        "?sort=x",
        "?certainty=%00x",
    ],
)
def test_an_address_that_makes_no_sense_is_a_page_all_the_same(as_, typhoon, query):  # noqa: F811
    assert as_("duty").get(of(typhoon, query=query)).status_code in (200, 400)


def test_a_mission_lists_and_opens_its_own_people_only(as_, typhoon, staff):  # noqa: F811
    own = typhoon.incident.recipients.filter(mission_id=staff.manila.mission_id)
    other = typhoon.incident.recipients.exclude(mission_id=staff.manila.mission_id).first()
    client = as_("manila-officer")
    assert f"{own.count()} people" in text_of(client.get(of(typhoon)))
    assert client.get(person_at(own.first())).status_code == 200
    assert client.get(person_at(other)).status_code == 404
    assert client.post(person_at(other, "-answer"), {"value": "safe"}).status_code == 404
    assert client.get(of(typhoon, "incident-people-export")).status_code == 403


def test_the_export_holds_everybody_found_and_nothing_that_runs(as_, typhoon, rows):  # noqa: F811
    rows[0].person.native_name = '=HYPERLINK("http://evil.example")'
    rows[0].person.save()
    answer = as_("duty").get(of(typhoon, "incident-people-export", "?country=PH"))
    content = b"".join(answer.streaming_content).decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(content)))
    assert len(table) == 1 + len(rows)
    assert table[1][0] == '\'=HYPERLINK("http://evil.example")'
    assert AuditEntry.objects.filter(action="people.export").get().detail["people"] == len(rows)
    assert sorted(pk for part in looks("people.exported") for pk in part) == sorted(
        row.person_id for row in rows
    )


def test_the_print_view_has_everybody_on_one_page(as_, typhoon, rows):  # noqa: F811
    page = as_("duty").get(of(typhoon, query="?print=1"))
    assert page.content.decode().count("<tr>") >= len(rows)
    assert looks("people.print") == [[row.person_id for row in rows]]


# ------------------------------------------------------------------ one person


def noted(row, **changes):
    """What the form posts."""
    return {"value": "safe", "note": "Called, 10:20, her brother", "key": "abc123", "place": ""} | changes


def test_one_person_shows_messages_and_party_and_is_audited(as_, released):  # noqa: F811
    row = Recipient.objects.filter(deliveries__isnull=False).first()
    page = text_of(as_("duty").get(person_at(row)))
    assert str(row.person) in page
    assert "Messages to this person" in page
    # Those who travel with them stand on the page by name as well.
    party = Recipient.objects.filter(incident=row.incident, party=row.party).values_list(
        "person_id", flat=True
    )
    (seen,) = looks("people.read")
    assert seen[0] == row.person_id
    assert sorted(seen) == sorted(party)


def test_an_answer_noted_by_an_officer_counts_once_and_keeps_its_reason(as_, rows):  # noqa: F811
    row, client = rows[0], as_("duty")
    for _again in range(2):
        client.post(person_at(row, "-answer"), noted(row))
    row.refresh_from_db()
    assert row.state == "safe"
    answer = Answer.objects.get()
    assert (answer.via, answer.note) == ("officer", "Called, 10:20, her brother")
    assert answer.by.startswith("staff:")
    assert "noted by an officer: duty" in text_of(client.get(person_at(row)))


def test_without_a_reason_nothing_is_noted(as_, rows):  # noqa: F811
    answer = as_("duty").post(person_at(rows[0], "-answer"), noted(rows[0], note=" "))
    assert answer.status_code == 400
    assert not Answer.objects.exists()


def test_help_noted_by_an_officer_opens_a_case(as_, rows):  # noqa: F811
    answer = as_("duty").post(person_at(rows[0], "-answer"), noted(rows[0], value="help"), follow=True)
    assert Case.objects.get().number in text_of(answer)


def test_a_party_is_answered_for_only_when_that_is_said(as_, rows):  # noqa: F811
    lead = next(row for row in rows if sum(one.party == row.party for one in rows) > 1)
    others = [one for one in rows if one.party == lead.party and one.pk != lead.pk]
    as_("duty").post(person_at(lead, "-answer"), noted(lead, key="alone"))
    assert {one.state for one in Recipient.objects.filter(pk__in=[one.pk for one in others])} == {
        "not_reached"
    }
    as_("duty").post(person_at(lead, "-answer"), noted(lead, key="all", for_party="on"))
    assert {one.state for one in Recipient.objects.filter(pk__in=[one.pk for one in others])} == {"safe"}


def test_an_answer_noted_by_mistake_is_taken_back(as_, rows):  # noqa: F811
    row, client = rows[0], as_("duty")
    client.post(person_at(row, "-answer"), noted(row))
    answer = Answer.objects.get()
    undo = reverse("incident-person-undo", args=[row.incident_id, row.pk, answer.pk])
    assert undo in client.get(person_at(row)).content.decode()
    client.post(undo)
    row.refresh_from_db()
    assert row.state == "not_reached"
    assert undo not in client.get(person_at(row)).content.decode()
