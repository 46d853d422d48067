"""What officers do with a case, who may, and how it is taken back."""

from datetime import timedelta

import pytest

from openconsular.accounts import actions as accounts
from openconsular.casework import actions, queries
from openconsular.casework.models import Case
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM, Actor, Role

STEPS = {
    "take": lambda n, by, now: actions.take_case(number=n, by=by, now=now),
    "hand_over": lambda n, by, now: actions.hand_over(number=n, to_id=by.officer_id or 0, by=by, now=now),
    "note": lambda n, by, now: actions.add_note(number=n, text="x", by=by, now=now),
    "wait": lambda n, by, now: actions.set_state(number=n, state="waiting", by=by, now=now),
    "urgency": lambda n, by, now: actions.set_urgency(number=n, urgency=1, by=by, now=now),
    "close": lambda n, by, now: actions.close_case(number=n, reason="done", by=by, now=now),
}


@pytest.mark.parametrize("step", STEPS)
def test_each_step_is_done_on_the_timeline_and_in_the_audit(case, cebu, now, step):
    one = case("cebu")
    later = now + timedelta(minutes=3)
    done = STEPS[step](one.number, cebu.actor, later)
    assert (done.event.by, done.event.at) == (cebu.actor.label, later)
    one.refresh_from_db()
    assert one.updated_at == later
    entry = AuditEntry.objects.latest("number")
    assert (entry.actor, entry.subject) == (cebu.actor.label, f"case:{one.number}")


@pytest.mark.parametrize("step", STEPS)
def test_another_missions_case_does_not_exist(case, manila, now, step):
    one = case("cebu")
    with pytest.raises(NotFound):
        STEPS[step](one.number, manila.actor, now)


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize(
    "by",
    [Actor("staff:1", Role.AUDITOR, officer_id=1), Actor("citizen:1", person_id=1)],
    ids=["auditor", "citizen"],
)
def test_who_does_not_work_cases_does_nothing(case, now, by, step):
    one = case("cebu")
    with pytest.raises(NotAllowed):
        STEPS[step](one.number, by, now)


@pytest.mark.parametrize("step", ["take", "hand_over", "wait", "urgency", "close"])
def test_a_closed_case_has_to_be_reopened_first(case, duty, now, step):
    one = case()
    actions.close_case(number=one.number, reason="done", by=duty.actor, now=now)
    with pytest.raises(Conflict):
        STEPS[step](one.number, duty.actor, now)
    actions.reopen(number=one.number, by=duty.actor, now=now)
    assert STEPS[step](one.number, duty.actor, now)


def test_a_case_in_hand_is_handed_over_not_taken(case, duty, cebu, now):
    one = case("cebu")
    actions.take_case(number=one.number, by=cebu.actor, now=now)
    with pytest.raises(Conflict):
        actions.take_case(number=one.number, by=duty.actor, now=now)
    step = actions.hand_over(number=one.number, to_id=duty.pk, by=duty.actor, now=now)
    assert (step.case.owner_id, step.case.state) == (duty.pk, Case.State.IN_HAND)
    assert step.event.is_internal


def test_a_case_goes_only_to_who_can_see_it(case, staff, duty, cebu, manila, now):
    one = case("cebu")
    assert set(queries.possible_owners(one)) == {duty, cebu}
    gone = staff("gone")
    accounts.deactivate(officer_id=gone.pk, by=SYSTEM, now=now)
    for other in (manila, gone, staff("auditor", Role.AUDITOR)):
        with pytest.raises(InvalidInput):
            actions.hand_over(number=one.number, to_id=other.pk, by=duty.actor, now=now)


def test_putting_back_lets_go_of_the_case(case, duty, now):
    one = case()
    actions.take_case(number=one.number, by=duty.actor, now=now)
    step = actions.set_state(number=one.number, state="open", by=duty.actor, now=now)
    assert (step.case.owner_id, step.case.state) == (None, Case.State.OPEN)


@pytest.mark.parametrize("state", ["closed", "", "nonsense"])
def test_states_that_cannot_be_set(case, duty, now, state):
    one = case()
    with pytest.raises(InvalidInput):
        actions.set_state(number=one.number, state=state, by=duty.actor, now=now)


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001])
def test_a_note_says_something(case, duty, now, text):
    one = case()
    for call in (
        lambda: actions.add_note(number=one.number, text=text, by=duty.actor, now=now),
        lambda: actions.close_case(number=one.number, reason=text, by=duty.actor, now=now),
    ):
        with pytest.raises(InvalidInput):
            call()


def test_only_the_centre_assigns_missions(case, duty, cebu, missions, now):
    one = case("cebu")
    actions.take_case(number=one.number, by=cebu.actor, now=now)
    with pytest.raises(NotFound):
        actions.assign_mission(number=one.number, mission_id=None, by=cebu.actor, now=now)
    moved = actions.assign_mission(
        number=one.number, mission_id=missions["manila"].pk, by=duty.actor, now=now
    ).case
    assert (moved.mission.code, moved.owner_id, moved.state) == ("manila", None, Case.State.OPEN)
    assert not queries.visible_to(cebu.actor).exists()


def state_of(number):
    return Case.objects.values("state", "owner_id", "urgency", "mission_id", "closed_at").get(number=number)


@pytest.mark.parametrize("step", ["take", "hand_over", "wait", "urgency", "close"])
def test_a_step_is_taken_back_whole(case, duty, now, step):
    one = case()
    before = state_of(one.number)
    done = STEPS[step](one.number, duty.actor, now)
    assert state_of(one.number) != before
    actions.undo(number=one.number, event_id=done.event.pk, by=duty.actor, now=now + timedelta(minutes=14))
    assert state_of(one.number) == before


def test_reopening_is_taken_back_too(case, duty, now):
    one = case()
    actions.close_case(number=one.number, reason="done", by=duty.actor, now=now)
    before = state_of(one.number)
    done = actions.reopen(number=one.number, by=duty.actor, now=now)
    actions.undo(number=one.number, event_id=done.event.pk, by=duty.actor, now=now)
    assert state_of(one.number) == before


def test_what_cannot_be_taken_back(case, duty, cebu, now):
    one = case("cebu")
    done = actions.take_case(number=one.number, by=duty.actor, now=now)

    def undo(by=duty.actor, at=now, event=done.event.pk):
        with pytest.raises(Conflict):
            actions.undo(number=one.number, event_id=event, by=by, now=at)

    undo(by=cebu.actor)
    undo(at=now + timedelta(minutes=16))
    undo(event=done.event.pk - 1)
    note = actions.add_note(number=one.number, text="later", by=duty.actor, now=now)
    undo()
    undo(event=note.event.pk)


def test_two_open_cases_for_one_emergency_cannot_be_made_by_reopening(case, person, duty, now):
    who = person()
    first = case(who=who)
    actions.close_case(number=first.number, reason="done", by=duty.actor, now=now)
    case(who=who)
    with pytest.raises(Conflict):
        actions.reopen(number=first.number, by=duty.actor, now=now)
