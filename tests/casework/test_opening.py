"""Whoever calls for help has exactly one open case for it, however often and through however many doors."""

import threading
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from openconsular.casework import actions
from openconsular.casework.actions import CaseRequest
from openconsular.casework.models import Case, CaseEvent
from openconsular.foundation.errors import InvalidInput, NotAllowed
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import ANONYMOUS, SYSTEM, Actor, Role


def kinds(case):
    return list(case.events.order_by("pk").values_list("kind", flat=True))


def citizen(person):
    return Actor(label=f"citizen:{person.pk}", person_id=person.pk)


def test_a_case_has_a_number_people_can_say(case, now):
    first, second = case(), case()
    assert first.number.startswith("2026-")
    assert len(first.number) == len("2026-000123")
    assert int(second.number[5:]) > int(first.number[5:])
    assert kinds(first) == ["opened"]


def test_asking_again_adds_an_answer_and_never_calms_down(case, person, now):
    who = person()
    first = case(who=who, urgency=2, people_count=2, place="宿务")
    again = case(who=who, urgency=3, people_count=1, place="", summary="水涨到二楼")
    assert again.pk == first.pk
    assert (again.urgency, again.people_count, again.place) == (2, 2, "宿务")
    worse = case(who=who, urgency=1, people_count=5, place="屋顶", now=now + timedelta(minutes=5))
    assert (worse.urgency, worse.people_count, worse.place) == (1, 5, "屋顶")
    assert worse.updated_at == now + timedelta(minutes=5)
    assert kinds(first) == ["opened", "answer", "answer"]


def test_without_a_hazard_it_is_one_case_too(case, person):
    who = person()
    assert case(who=who, hazard_id=None).pk == case(who=who, hazard_id=None).pk


def test_after_closing_a_new_cry_is_a_new_case(case, person, duty, now):
    who = person()
    first = case(who=who)
    actions.close_case(number=first.number, reason="安全返回", by=duty.actor, now=now)
    assert case(who=who).pk != first.pk


def test_a_waiting_case_comes_back_to_its_owner(case, person, duty, now):
    who = person()
    first = case(who=who)
    actions.take_case(number=first.number, by=duty.actor, now=now)
    actions.set_state(number=first.number, state="waiting", by=duty.actor, now=now)
    again = case(who=who)
    assert (again.state, again.owner_id) == ("in_hand", duty.pk)


def test_a_citizen_opens_for_the_own_party_only(case, person):
    lead, stranger = person("李四"), person("王五")
    child = person("李小", lead=lead)
    assert case(who=lead, by=citizen(lead)).person_id == lead.pk
    assert case(who=child, by=citizen(lead)).person_id == child.pk
    assert case(who=lead, by=citizen(child)).person_id == lead.pk
    before = Case.objects.count()
    with pytest.raises(NotAllowed):
        case(who=stranger, by=citizen(lead))
    assert Case.objects.count() == before


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.ADMINISTRATOR])
def test_who_does_not_work_cases_opens_none(case, role):
    with pytest.raises(NotAllowed):
        case(by=Actor("staff:1", role))


def test_strangers_open_none(case):
    with pytest.raises(NotAllowed):
        case(by=ANONYMOUS)


def test_a_mission_officer_opens_for_the_own_mission(case, cebu):
    assert case("cebu", by=cebu.actor)
    for other in ("manila", None):
        with pytest.raises(NotAllowed):
            case(other, by=cebu.actor)


@pytest.mark.parametrize(
    "fields", [{"urgency": 0}, {"urgency": 9}, {"people_count": 0}, {"people_count": 10**6}]
)
def test_numbers_that_cannot_be_are_refused(case, fields):
    with pytest.raises(InvalidInput):
        case(**fields)


def requests_of(people, hazard, missions, **fields):
    return [CaseRequest(one.pk, hazard.pk, missions["cebu"].pk, **fields) for one in people]


def test_a_batch_answers_each_request_in_order(person, hazard, missions, now):
    people = [person(f"人{i}") for i in range(5)]
    known = actions.open_cases(requests_of(people[:2], hazard, missions), by=SYSTEM, now=now)
    batch = requests_of([people[3], people[0], people[3], people[4]], hazard, missions, summary="help")
    cases = actions.open_cases(batch, by=SYSTEM, now=now)
    assert [one.person_id for one in cases] == [people[i].pk for i in (3, 0, 3, 4)]
    assert cases[1].pk == known[0].pk
    assert cases[0].pk == cases[2].pk
    assert kinds(cases[0]) == ["opened", "answer"]
    assert kinds(cases[1]) == ["opened", "answer"]
    entry = AuditEntry.objects.latest("number")
    assert entry.detail["opened"] == sorted({cases[0].number, cases[3].number})
    assert entry.detail["answered"] == sorted({cases[0].number, cases[1].number})


def test_the_same_request_object_twice_is_one_case(person, hazard, missions, now):
    one = requests_of([person()], hazard, missions)[0]
    cases = actions.open_cases([one, one], by=SYSTEM, now=now)
    assert kinds(cases[0]) == ["opened", "answer"]


def test_the_number_of_queries_does_not_grow_with_the_batch(
    person, hazard, missions, now, django_assert_max_num_queries
):
    few = requests_of([person() for _ in range(2)], hazard, missions)
    many = requests_of([person() for _ in range(300)], hazard, missions)
    for batch in (few, many, many):
        with django_assert_max_num_queries(14):
            assert len(actions.open_cases(batch, by=SYSTEM, now=now)) == len(batch)
    assert Case.objects.count() == 302
    assert CaseEvent.objects.count() == 602


def test_an_empty_batch_is_nothing_and_an_endless_one_is_refused(person, hazard, missions, now):
    assert actions.open_cases([], by=SYSTEM, now=now) == []
    one = requests_of([person()], hazard, missions)
    with pytest.raises(InvalidInput):
        actions.open_cases(one * (actions.LARGEST_BATCH + 1), by=SYSTEM, now=now)


def test_other_answers_go_on_the_timeline_and_close_nothing(case, person, hazard, now):
    who = person()
    mine = case(who=who)
    for value in ("safe", "withdrawn"):
        actions.note_answer(
            person_ids=[who.pk, person().pk], hazard_id=hazard.pk, value=value, by=citizen(who), now=now
        )
    mine.refresh_from_db()
    assert (mine.state, kinds(mine)) == ("open", ["opened", "answer", "answer"])


def test_an_answer_without_a_case_costs_one_query(person, hazard, now, django_assert_num_queries):
    who = person()
    with django_assert_num_queries(3):  # savepoint, look, release
        found = actions.note_answer(
            person_ids=[who.pk], hazard_id=hazard.pk, value="safe", by=citizen(who), now=now
        )
    assert found == 0


def test_two_batches_at_once_make_one_case_each(committed_db, person, hazard, missions, now):
    people = [person(f"人{i}") for i in range(40)]
    batch = requests_of(people, hazard, missions)
    start = threading.Barrier(2)
    failures, answers = [], []

    def run(own):
        try:
            start.wait()
            with transaction.atomic():
                answers.append({one.pk for one in actions.open_cases(own, by=SYSTEM, now=now)})
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(own,)) for own in (batch, batch[::-1])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert answers[0] == answers[1]
    assert Case.objects.count() == 40
    assert CaseEvent.objects.filter(kind="answer").count() == 40
