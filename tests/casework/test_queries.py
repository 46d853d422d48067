"""Who sees which case, the list with its filters, and what the person concerned sees."""

from datetime import timedelta

import pytest

from openconsular.casework import actions, queries
from openconsular.casework.queries import CaseFilter
from openconsular.foundation.errors import NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM, Actor, Role

ALL = ("open", "in_hand", "waiting", "closed")


def numbers(cases):
    return [one.number for one in cases]


def test_visibility_by_role_and_mission(case, staff, duty, cebu, manila):
    mine, theirs, nobodys = case("cebu"), case("manila"), case(None)
    everything = {mine.pk, theirs.pk, nobodys.pk}

    def seen(actor):
        return set(queries.visible_to(actor).values_list("pk", flat=True))

    assert seen(duty.actor) == seen(staff("chief", Role.APPROVER).actor) == seen(SYSTEM) == everything
    assert seen(cebu.actor) == {mine.pk}
    assert seen(manila.actor) == {theirs.pk}
    assert seen(staff("auditor", Role.AUDITOR).actor) == set()
    assert seen(staff("root", Role.ADMINISTRATOR).actor) == set()
    assert seen(Actor("staff:0", Role.MISSION_OFFICER)) == set()
    assert seen(Actor("citizen:1", person_id=mine.person_id)) == set()


def test_reading_a_case_is_audited_and_a_foreign_one_is_not_there(case, cebu, manila, now):
    one = case("cebu")
    assert queries.case_by_number(one.number, by=cebu.actor, now=now).pk == one.pk
    entry = AuditEntry.objects.latest("number")
    assert (entry.action, entry.actor, entry.subject) == (
        "casework.read",
        cebu.actor.label,
        f"case:{one.number}",
    )
    assert entry.detail == {"person": one.person_id}
    for number in (one.number, "2026-999999", "", "'"):
        with pytest.raises(NotFound):
            queries.case_by_number(number, by=manila.actor, now=now)


def test_the_list_puts_danger_to_life_first_then_the_oldest(case, duty, now):
    old = case(urgency=2, now=now - timedelta(hours=2))
    new, life = case(urgency=2), case(urgency=1)
    assert numbers(queries.find_cases(CaseFilter(), by=duty.actor)) == [life.number, old.number, new.number]


def test_the_filters(case, person, duty, missions, hazard, now):
    flood = case("cebu", who=person("张伟", latin_name="Zhang Wei"), summary="被困", urgency=1)
    lost = case("manila", who=person("王芳"), summary="护照丢失", place="马卡蒂", hazard_id=None, urgency=3)
    done = case(None, who=person("刘洋"))
    actions.take_case(number=lost.number, by=duty.actor, now=now)
    actions.close_case(number=done.number, reason="安全", by=duty.actor, now=now)

    def found(**wanted):
        return set(numbers(queries.find_cases(CaseFilter(**wanted), by=duty.actor)))

    f, p, d = flood.number, lost.number, done.number
    assert found() == {f, p}
    assert found(states=ALL) == {f, p, d}
    assert found(states=("closed",)) == {d}
    assert found(states=("in_hand",)) == {p}
    assert found(urgencies=(1,)) == {f}
    assert found(missions=(missions["manila"].pk,)) == {p}
    assert found(missions=(0,), states=ALL) == {d}
    assert found(missions=(0, missions["manila"].pk), states=ALL) == {p, d}
    assert found(urgencies=(1, 3)) == {f, p}
    assert found(hazard_id=hazard.pk, states=ALL) == {f, d}
    assert found(owner="me") == {p}
    assert found(owner="none") == {f}
    assert found(text="zhang") == found(text="张伟") == found(text="被困 wei") == {f}
    assert found(text="马卡蒂") == {p}
    assert found(text=f[5:]) == {f}
    assert found(text="张伟 马卡蒂") == set()
    assert dict(queries.count_by_state(CaseFilter(), by=duty.actor)) == {"open": 1, "in_hand": 1, "closed": 1}


def test_the_list_takes_one_query_however_long(case, duty, django_assert_num_queries):
    for _ in range(12):
        case()
    with django_assert_num_queries(1):
        rows = [
            (str(one.person), str(one.mission), str(one.owner), one.hazard)
            for one in queries.find_cases(CaseFilter(), by=duty.actor)
        ]
    assert len(rows) == 12


def test_a_person_sees_the_own_case_without_names_and_internal_notes(case, person, duty, now):
    who = person()
    one = case(who=who)
    actions.take_case(number=one.number, by=duty.actor, now=now)
    actions.add_note(number=one.number, text="私下猜测", by=duty.actor, now=now)
    actions.add_note(number=one.number, text="我们已联系消防。", is_internal=False, by=duty.actor, now=now)
    own = queries.own_cases(by=Actor(f"citizen:{who.pk}", person_id=who.pk))
    assert [mine.number for mine in own] == [one.number]
    told = own[0].timeline
    assert [entry.kind for entry in told] == ["message", "taken", "opened"]
    assert "私下" not in repr(told)
    assert "Duty" not in repr(told)
    assert all(entry.author == "" for entry in told)
    staff_sees = queries.timeline(one)
    assert {entry.author for entry in staff_sees} == {"Duty", ""}
    assert any(entry.is_internal for entry in staff_sees)


def test_own_cases_are_those_of_the_party_and_nobody_elses(case, person):
    lead, stranger = person(), person()
    child = person("小明", lead=lead)
    case(who=child)
    case(who=stranger)

    def own(who):
        return [one.number for one in queries.own_cases(by=Actor("citizen:1", person_id=who.pk))]

    assert len(own(lead)) == len(own(child)) == len(own(stranger)) == 1
    assert own(lead) == own(child) != own(stranger)
    assert queries.own_cases(by=SYSTEM) == []


def test_words_of_the_program_are_read_in_the_readers_language(case, duty, now, settings):
    one = case()
    actions.set_state(number=one.number, state="waiting", by=duty.actor, now=now)
    assert queries.timeline(one)[0].text != "state:waiting"
    actions.add_note(number=one.number, text="state:open", by=duty.actor, now=now)
    assert queries.timeline(one)[0].text == "state:open"
