"""Deletion is real: of what a person said in an emergency only the count remains."""

import json
from datetime import timedelta

import pytest

from openconsular.alerts import actions
from openconsular.alerts.models import Answer, Recipient, TimelineEvent, UnreadReply
from openconsular.casework.models import Case, CaseEvent
from openconsular.citizens import actions as citizens
from openconsular.citizens.models import Contact, Person
from openconsular.foundation.permissions import SYSTEM
from openconsular.gateways.base import Reply
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
        *TimelineEvent.objects.values_list("data", flat=True),
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


def words_left():
    return json.dumps(
        [
            *Answer.objects.values_list("note", flat=True),
            *Case.objects.values_list("summary", "place"),
            *CaseEvent.objects.filter(is_coded=False).values_list("text", flat=True),
            *TimelineEvent.objects.values_list("data", flat=True),
            *[(one.sender, one.text) for one in UnreadReply.objects.all()],
        ],
        ensure_ascii=False,
    )


def test_replies_nobody_could_place_go_with_their_sender(released, now):
    contact = Contact.objects.filter(
        person__in=released.incident.recipients.values("person"), kind="phone"
    ).first()
    actions.record_replies([Reply(contact.value, "what about my canary?", now)], now=now)
    actions.record_replies([Reply("+99911122233", "somebody else", now)], now=now)
    lead = contact.person
    signed_in(lead.pk).post("/me/data/delete/", {"typed": "删除"}, headers={"Accept-Language": "zh-hans"})
    assert not Person.objects.filter(pk=lead.pk, erased_at=None).exists()
    assert "canary" not in words_left()
    assert "somebody else" in words_left()


def test_who_was_taken_out_of_a_registration_is_forgotten_by_the_night(released, now):
    row = a_family(released)
    companion = Recipient.objects.filter(party=row.party).exclude(person_id=row.party).first()
    answer(companion, "help", "k", now, note="canary in the cellar", place="canary street")
    citizens.remove_companion(person_id=companion.person_id, by=SYSTEM, now=now)
    assert actions.forget_erased(now=now) == 1
    assert "canary" not in words_left()
    assert actions.forget_erased(now=now) == 0


def test_where_somebody_lives_is_no_part_of_an_emergency_long_over(released, now):
    rows = Recipient.objects.filter(incident=released.incident)
    residents = rows.filter(reason__until=None).count()
    assert residents
    released.incident.closed_at = now
    released.incident.save()
    actions.forget_positions(now=now + timedelta(days=29))
    assert rows.exclude(lat=None).filter(reason__until=None).count() == residents
    actions.forget_positions(now=now + timedelta(days=31))
    assert rows.exclude(lat=None).count() == 0


def test_settled_replies_do_not_stay_for_ever(released, staff, now):
    actions.record_replies(
        [Reply("+99911122233", "canary", now), Reply("+99911122234", "open", now)], now=now
    )
    actions.settle_unread(reply_id=UnreadReply.objects.first().pk, by=staff.duty, now=now)
    assert actions.forget_replies(now=now + timedelta(days=91)) == 1
    assert "open" in words_left()
