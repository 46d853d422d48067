"""A citizen's own page: what concerns them stands first, and help is one tap away even when nothing is known."""

from datetime import timedelta

import pytest
from django.test import Client

from openconsular.alerts import actions, queries
from openconsular.alerts.models import Recipient
from openconsular.casework.models import Case
from openconsular.citizens.actions import load_synthetic
from openconsular.citizens.session import CITIZEN_KEY
from openconsular.foundation.permissions import SYSTEM

pytestmark = pytest.mark.django_db


def signed_in(person_id):
    client = Client()
    session = client.session
    session[CITIZEN_KEY] = person_id
    session.save()
    return client


def test_the_warning_and_its_answer_stand_on_the_page(released):
    row = released.incident.recipients.filter(state=Recipient.State.REACHED, person__lead=None).first()
    page = signed_in(row.person_id).get("/me/").content.decode()
    assert f"/a/{queries.token_of(row)}" in page
    assert 'value="help"' in page
    assert queries.headline_of(released.incident) in page


def test_what_does_not_concern_me_is_not_shown(released, now):
    inside = released.incident.recipients.values_list("person_id", flat=True)
    from openconsular.citizens.models import Person

    other = Person.objects.exclude(pk__in=inside).filter(lead=None).first()
    page = signed_in(other.pk).get("/me/").content.decode()
    assert "/a/" not in page
    assert "/me/help/" in page


def test_help_outside_any_emergency_opens_a_case_at_the_mission_there(people, now):
    from openconsular.citizens.models import Stay

    stay = Stay.objects.filter(mission__code="cebu", person__lead=None, ends_at=None).first()
    reply = signed_in(stay.person_id).post("/me/help/", {"note": "robbed", "place": "bus station"})
    assert reply.status_code == 302
    case = Case.objects.get()
    assert (case.mission.code, case.summary, case.place) == ("cebu", "robbed", "bus station")


def test_whoever_has_just_told_us_where_they_are_is_counted_at_once(released, now):
    from openconsular.citizens.models import Person

    known = set(Person.objects.values_list("pk", flat=True))
    later = now + timedelta(minutes=1)
    load_synthetic(count=40, seed=5, now=later, by=SYSTEM, share={"PH": 1.0})
    new = Person.objects.exclude(pk__in=known)
    for person in new:
        actions.match_person(person.pk, by=SYSTEM, now=later)
    assert released.incident.recipients.filter(person__in=new).exists()
