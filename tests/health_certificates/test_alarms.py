"""Unusual rates: whose, over which hour, and what the word of somebody who looked allows."""

from dataclasses import replace
from datetime import timedelta

import pytest

from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates import rules
from openconsular.health_certificates.actions import issuing, records
from openconsular.health_certificates.models import Alarm

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


@pytest.fixture
def limits(monkeypatch):
    def set_to(**changes):
        changed = replace(rules.current(), **changes)
        monkeypatch.setattr(rules, "current", lambda: changed)

    return set_to


@pytest.fixture
def is_signed(written, people, signing_key):
    """Writes down, approves and asks for the signature at an instant: whether it came."""
    names = iter("ABCDEFGHIJKLMNOP")

    def ask(at, by="clinic", approver="health2"):
        record = written(by=by, at=at, given_name=f"Name{next(names)}")
        records.approve_record(public_id=record.public_id, by=people[approver], now=at)
        return issuing.sign_record(record_id=record.pk, now=at) is not None

    return ask


def test_a_mission_s_desks_are_counted_together_and_no_other_s(is_signed, limits, people, now):
    limits(an_hour_recorder=9, an_hour_mission=2)
    assert is_signed(now, "clinic") and is_signed(now + MINUTE, "officer")
    assert is_signed(now + MINUTE, "elsewhere")
    assert not is_signed(now + 2 * MINUTE, "second")
    alarm = Alarm.objects.get()
    subject = f"mission:{people['clinic'].mission_id}"
    assert (alarm.scope, alarm.subject, alarm.count, alarm.limit) == ("mission", subject, 3, 2)
    assert not is_signed(now + 3 * MINUTE, "clinic"), "every desk of that mission waits"
    assert is_signed(now + 3 * MINUTE, "elsewhere") and is_signed(now + 3 * MINUTE, "health")
    assert Alarm.objects.count() == 1
    [told] = AuditEntry.objects.filter(action="certificate.alarm")
    assert told.subject == f"rate:{subject}"


def test_the_ministry_s_own_records_are_of_no_mission(is_signed, limits, now):
    limits(an_hour_recorder=9, an_hour_mission=1)
    assert all(is_signed(now + number * MINUTE, "health") for number in range(3))
    assert not Alarm.objects.exists()


@pytest.mark.parametrize(("late", "signed"), [(timedelta(seconds=3599), False), (timedelta(hours=1), True)])
def test_an_hour_has_sixty_minutes(is_signed, limits, now, late, signed):
    limits(an_hour_recorder=1)
    assert is_signed(now)
    assert is_signed(now + late) is signed


def test_what_was_allowed_holds_for_the_hour(is_signed, limits, people, now):
    limits(an_hour_recorder=1)
    assert is_signed(now) and not is_signed(now + MINUTE)
    assert is_signed(now + MINUTE, "officer"), "another desk does not wait"
    issuing.settle_alarm(
        alarm_id=Alarm.objects.get().pk, allow=3, note="a school", by=people["health"], now=now + MINUTE
    )
    assert is_signed(now + 2 * MINUTE)
    assert not is_signed(now + 3 * MINUTE), "the fourth was not allowed"
    assert Alarm.objects.count() == 2
