"""Whoever looks at a person leaves a trace that names the person, and no name in it."""

import pytest

from openconsular.accounts.models import Officer
from openconsular.alerts import actions
from openconsular.alerts.models import Recipient
from openconsular.alerts.replying import record_replies
from openconsular.casework.models import Case
from openconsular.citizens.models import Person
from openconsular.foundation.errors import NotAllowed
from openconsular.foundation.models import AuditEntry
from openconsular.gateways.base import Reply
from tests.alerts.test_answering import a_family, answer

pytestmark = pytest.mark.django_db


@pytest.fixture
def duty(client, staff):
    client.force_login(Officer.objects.get(pk=staff.duty.officer_id))
    return client


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.IS_DRILL = True


def named(action):
    found = AuditEntry.objects.filter(action=action)
    return {one for entry in found for one in entry.detail.get("people", [])}


def test_one_persons_page_names_all_whose_names_stand_on_it(duty, released):
    row = a_family(released)
    party = set(Recipient.objects.filter(party=row.party).values_list("person_id", flat=True))
    assert duty.get(f"/console/incidents/{row.incident_id}/people/{row.pk}/").status_code == 200
    assert named("people.read") == party


def test_a_name_on_the_map_is_a_read(duty, released):
    row = released.incident.recipients.select_related("person").first()
    path = f"/console/incidents/{row.incident_id}/cells.geojson"
    assert duty.get(path, {"zoom": 14}).status_code == 200
    assert not AuditEntry.objects.filter(action="people.locate").exists()
    name = row.person.native_name or row.person.latin_name
    assert duty.get(path, {"zoom": 14, "q": name}).status_code == 200
    assert row.person_id in named("people.locate")


def test_the_words_searched_for_are_not_kept(duty, released):
    path = f"/console/incidents/{released.incident_id}"
    duty.get(f"{path}/people/export.csv", {"q": "Canary"}).getvalue()
    duty.get(f"{path}/cells.geojson", {"q": "Canary"})
    duty.get("/console/cases/", {"q": "Canary"})
    duty.post("/console/people/", {"text": "Canary"})
    assert AuditEntry.objects.filter(action="people.export").exists()
    for entry in AuditEntry.objects.all():
        assert "anary" not in str(entry.detail)


def test_a_search_names_who_was_found(duty, people):
    person = Person.objects.filter(lead=None).exclude(latin_name="").first()
    duty.post("/console/people/", {"text": person.latin_name})
    assert person.pk in named("people.search")


def test_an_exported_list_of_cases_names_every_case_and_person(duty, released, now):
    row = a_family(released)
    answer(row, "help", "k", now)
    content = duty.get("/console/cases/export.csv").getvalue()
    case = Case.objects.get()
    assert case.number.encode() in content
    (entry,) = AuditEntry.objects.filter(action="casework.exported")
    assert entry.detail == {"cases": [case.number], "people": [case.person_id]}


def test_an_officer_of_a_mission_settles_no_reply_to_the_centre(released, staff, now):
    record_replies([Reply("+99911122233", "?", now)], now=now)
    with pytest.raises(NotAllowed):
        actions.settle_unread(reply_id=1, by=staff.cebu, now=now)
