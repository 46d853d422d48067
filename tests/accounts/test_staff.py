"""Adding, changing and ending staff access."""

import pytest
from django.db import IntegrityError, transaction

from openconsular.accounts import actions, queries
from openconsular.accounts.models import Officer
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import SYSTEM, Actor, Permission, Role


def actions_of(officer):
    entries = AuditEntry.objects.filter(subject=f"staff:{officer.pk}").order_by("number")
    return [one.action.removeprefix("accounts.") for one in entries]


def test_a_user_name_is_taken_whatever_its_case(staff, now):
    staff("li-na")
    with pytest.raises(Conflict):
        staff("Li-Na")


@pytest.mark.parametrize("username", ["", "a b", "李", "x" * 60, "a/b"])
def test_a_user_name_that_cannot_be_used_is_refused_with_its_field(staff, username):
    with pytest.raises(InvalidInput) as refused:
        staff(username)
    assert "username" in refused.value.fields


@pytest.mark.parametrize("password", ["short", "password12345", "123456789012"])
def test_a_weak_password_is_refused(staff, password):
    with pytest.raises(InvalidInput):
        staff("li", password=password)
    assert queries.officer_by_username("li") is None


def test_passwords_are_kept_with_argon2(staff):
    assert staff("li").password.startswith("argon2")


def test_a_mission_officer_needs_a_mission_in_the_action_and_in_the_database(staff, now):
    with pytest.raises(InvalidInput):
        staff("li", Role.MISSION_OFFICER)
    officer = staff("wang")
    with pytest.raises(IntegrityError), transaction.atomic():
        Officer.objects.filter(pk=officer.pk).update(role=Role.MISSION_OFFICER.value)


@pytest.mark.parametrize("role", [role for role in Role if role != Role.ADMINISTRATOR])
def test_nobody_but_an_administrator_manages_staff(staff, now, role):
    target = staff("target")
    by = Actor("staff:999", role, mission_id=1)
    calls = [
        lambda: actions.add_officer(username="x", display_name="X", role=role, by=by, now=now),
        lambda: actions.change_role(officer_id=target.pk, role=Role.APPROVER, by=by, now=now),
        lambda: actions.deactivate(officer_id=target.pk, by=by, now=now),
        lambda: actions.reactivate(officer_id=target.pk, by=by, now=now),
        lambda: actions.reset_access(officer_id=target.pk, by=by, now=now),
        lambda: actions.issue_setup_link(officer_id=target.pk, by=by, now=now),
    ]
    for call in calls:
        with pytest.raises(NotAllowed):
            call()
    target.refresh_from_db()
    assert (target.role, target.is_active) == (Role.DUTY_OFFICER, True)


def test_nobody_changes_their_own_access(staff, now):
    root, _other = staff("root", Role.ADMINISTRATOR), staff("other", Role.ADMINISTRATOR)
    for call in (
        lambda: actions.change_role(officer_id=root.pk, role=Role.APPROVER, by=root.actor, now=now),
        lambda: actions.deactivate(officer_id=root.pk, by=root.actor, now=now),
        lambda: actions.reset_access(officer_id=root.pk, by=root.actor, now=now),
    ):
        with pytest.raises(Conflict):
            call()


def test_the_last_administrator_stays(staff, now):
    root = staff("root", Role.ADMINISTRATOR)
    for call in (
        lambda: actions.change_role(officer_id=root.pk, role=Role.APPROVER, by=SYSTEM, now=now),
        lambda: actions.deactivate(officer_id=root.pk, by=SYSTEM, now=now),
    ):
        with pytest.raises(Conflict):
            call()
    staff("second", Role.ADMINISTRATOR)
    assert actions.deactivate(officer_id=root.pk, by=SYSTEM, now=now).is_active is False


def test_a_life_of_an_account_is_told_by_the_audit_trail(staff, missions, now):
    officer = staff("li")
    root = staff("root", Role.ADMINISTRATOR).actor
    cebu = missions["cebu"].pk
    changed = actions.change_role(
        officer_id=officer.pk, role=Role.MISSION_OFFICER, mission_id=cebu, by=root, now=now
    )
    assert (changed.actor.role, changed.actor.mission_id) == (Role.MISSION_OFFICER, cebu)
    actions.deactivate(officer_id=officer.pk, by=root, now=now)
    actions.reactivate(officer_id=officer.pk, by=root, now=now)
    assert actions_of(officer) == ["add_officer", "change_role", "deactivate", "reactivate"]


def test_visibility_of_staff(staff):
    duty, root = staff("duty"), staff("root", Role.ADMINISTRATOR)
    auditor = staff("auditor", Role.AUDITOR)
    cebu, manila = (staff(code, Role.MISSION_OFFICER, code) for code in ("cebu", "manila"))

    def seen(actor):
        return {one.username for one in queries.visible_to(actor)}

    everyone = {"duty", "root", "auditor", "cebu", "manila"}
    assert seen(root.actor) == seen(auditor.actor) == seen(duty.actor) == everyone
    assert seen(cebu.actor) == {"cebu"}
    assert seen(manila.actor) == {"manila"}
    assert seen(Actor("citizen:1", person_id=1)) == set()


def test_who_can_work_cases(staff):
    for role in (Role.DUTY_OFFICER, Role.APPROVER, Role.AUDITOR, Role.ADMINISTRATOR):
        staff(role.value.replace("_", "-"), role)
    found = {one.username for one in queries.active_officers_who(Permission.WORK_CASES)}
    assert found == {"duty-officer", "approver"}


def test_names_of_labels_take_one_query(staff, django_assert_num_queries):
    officer = staff("li")
    with django_assert_num_queries(1):
        names = queries.names_of([officer.actor.label, "system", "citizen:3", "staff:x"])
    assert names == {officer.actor.label: "Li"}
