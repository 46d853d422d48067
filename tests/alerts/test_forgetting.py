"""Deletion is real: of what a person said in an emergency only the count remains."""

import json
from datetime import timedelta

import pytest

from openconsular.alerts import actions
from openconsular.alerts.models import Answer, Recipient
from openconsular.casework.models import Case, CaseEvent
from openconsular.citizens.models import Person
from tests.alerts.test_answering import a_family, answer
from tests.alerts.test_own_page import signed_in

pytestmark = pytest.mark.django_db


def test_after_deletion_no_word_of_the_emergency_is_left(released, staff, now):
    row = a_family(released)
    lead = Person.objects.get(pk=row.party)
    mine = Recipient.objects.get(incident=released.incident, person=lead)
    answer(mine, "help", "k", now, note="my leg is broken", place="blue hotel")
    client = signed_in(lead.pk)
    export = json.loads(client.get("/me/data/export.json").content)
    assert "my leg is broken" in json.dumps(export, ensure_ascii=False)
    before = Recipient.objects.filter(incident=released.incident).count()
    reply = client.post("/me/data/delete/", {"typed": "DELETE"}, headers={"Accept-Language": "en"})
    if reply.status_code == 200:
        reply = client.post("/me/data/delete/", {"typed": "删除"})
    assert reply.status_code == 302
    words = [
        *Answer.objects.values_list("note", flat=True),
        *Case.objects.values_list("summary", "place"),
        *CaseEvent.objects.filter(is_coded=False).values_list("text", flat=True),
        *Recipient.objects.filter(party=lead.pk).values_list("reason", "lat", "lon"),
    ]
    told = json.dumps(words, ensure_ascii=False)
    assert "broken" not in told
    assert "blue hotel" not in told
    assert str(mine.lat) not in told
    assert Recipient.objects.filter(incident=released.incident).count() == before
    assert Case.objects.count() == 1


def test_a_position_ends_with_its_stay(released, now):
    rows = Recipient.objects.filter(incident=released.incident)
    ending = [row for row in rows if row.reason.get("until")]
    assert ending
    actions.forget_positions(now=now)
    assert rows.filter(lat=None).count() == 0
    actions.forget_positions(now=now + timedelta(days=4000))
    assert rows.filter(lat=None).count() == len(ending)
