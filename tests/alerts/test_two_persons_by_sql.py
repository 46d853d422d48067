"""The rules of a mass warning hold against whoever writes to the tables directly, not only against the pages."""

import pytest
from django.db import IntegrityError, connection, transaction

from openconsular.alerts import actions
from openconsular.alerts.models import Warning

pytestmark = pytest.mark.django_db


def refused(sql, *values):
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return True


@pytest.fixture
def submitted(typhoon, staff, now):
    Warning.objects.filter(pk=typhoon.pk).update(approval_above=10)
    size = actions.recount(warning_id=typhoon.pk, by=staff.duty, now=now)
    done = actions.submit(warning_id=typhoon.pk, confirmed_size=size, by=staff.duty, now=now)
    assert done.state == Warning.State.SUBMITTED
    return done


@pytest.mark.parametrize(
    "change",
    [
        "state = 'sending'",
        "state = 'sent'",
        "state = 'sending', approved_by_id = submitted_by_id",
        "approved_by_id = submitted_by_id",
        "approval_above = 1000000",
        "state = 'sending', approval_above = 1000000",
        "state = 'sending', audience_size = 1, confirmed_size = 1",
        "submitted_by_id = NULL, approved_by_id = NULL, state = 'sending'",
        "area = '\\x00'::bytea",
        "grade = 'blue'",
        "is_exercise = NOT is_exercise",
    ],
)
def test_a_submitted_warning_does_not_leave_but_by_a_second_person(submitted, change):
    assert refused(f"UPDATE alerts_warning SET {change} WHERE id = %s", submitted.pk)  # noqa: S608 - the test's own


@pytest.mark.parametrize(
    "change", ["state = 'sending'", "state = 'sending', audience_size = 5, confirmed_size = 5"]
)
def test_nor_does_a_proposal_nobody_submitted(typhoon, change):
    assert refused(f"UPDATE alerts_warning SET {change} WHERE id = %s", typhoon.pk)  # noqa: S608


def test_the_words_approved_are_the_words_submitted(submitted):
    pk = submitted.pk
    assert refused("UPDATE alerts_warningtext SET sms = 'something else' WHERE warning_id = %s", pk)
    assert refused("DELETE FROM alerts_warningtext WHERE warning_id = %s", pk)
    assert refused(
        "INSERT INTO alerts_warningtext (warning_id, language, sms, subject, body) VALUES (%s, 'xx', 'a', 'b', 'c')",
        pk,
    )


def test_what_has_been_sent_is_not_rewritten(released):
    assert refused("UPDATE alerts_warningtext SET sms = 'never said' WHERE warning_id = %s", released.pk)
    assert refused("UPDATE alerts_warning SET submitted_by_id = NULL WHERE id = %s", released.pk)
    assert refused("UPDATE alerts_warning SET kind = 'all_clear' WHERE id = %s", released.pk)


def test_the_ways_of_the_desk_stay_open(submitted, staff, now):
    actions.send_back(warning_id=submitted.pk, reason="shorter", by=staff.approver, now=now)
    actions.discard(warning_id=submitted.pk, by=staff.duty, now=now)
    actions.restore(warning_id=submitted.pk, by=staff.duty, now=now)
    size = actions.recount(warning_id=submitted.pk, by=staff.duty, now=now)
    actions.submit(warning_id=submitted.pk, confirmed_size=size, by=staff.duty, now=now)
    assert actions.approve(warning_id=submitted.pk, by=staff.approver, now=now).state == Warning.State.SENDING
    actions.stop_warning(warning_id=submitted.pk, by=staff.duty, now=now)
