"""A hazard becomes a proposal to exactly those in its way; a Cancel, a test or a broken area warns nobody."""

from datetime import timedelta

import pytest

from openconsular.alerts import actions, queries
from openconsular.alerts.models import Incident, Recipient, Warning
from openconsular.alerts.proposing import NoArea, usable_area
from openconsular.citizens.models import Stay
from openconsular.domain.geo import Area
from openconsular.foundation.permissions import SYSTEM
from tests.alerts.conftest import LUZON, MANILA_ONLY, NOWHERE

pytestmark = pytest.mark.django_db


def people_truly_in(polygon, now):
    """The oracle: every stay tested one by one."""
    area = Area.of([[*polygon, polygon[0]]])
    inside = set()
    for stay in Stay.objects.filter(starts_at__lt=now + timedelta(hours=24)).exclude(ends_at__lte=now):
        reach = area.within_reach([stay.lat], [stay.lon], [stay.uncertainty_m])[0]
        if reach:
            inside.add(stay.person_id)
    return inside


def test_everyone_in_the_way_is_in_the_ledger_and_nobody_else(typhoon, now):
    ledger = set(typhoon.incident.recipients.values_list("person_id", flat=True))
    assert ledger == people_truly_in(LUZON, now)
    assert 20 < len(ledger) < 300
    assert typhoon.audience_size == len(ledger)
    assert typhoon.state == Warning.State.PROPOSED


def test_who_left_between_the_hazard_and_its_message_is_looked_for(publish, people, now):
    stays = Stay.objects.filter(lat__range=(14.4, 14.8), lon__range=(120.9, 121.2), starts_at__lt=now)
    leaves, left_long_ago = list(stays.filter(ends_at__gt=now).order_by("pk"))[:2]
    later = now + timedelta(hours=30)
    for stay, hours in ((leaves, 29), (left_long_ago, 5)):
        Stay.objects.filter(person_id=stay.person_id).exclude(pk=stay.pk).delete()
        Stay.objects.filter(pk=stay.pk).update(ends_at=now + timedelta(hours=hours))
    hazard = publish("late", polygon=LUZON, now=now, lasts_hours=48)
    warning = actions.match(hazard_id=hazard, by=SYSTEM, now=later)
    found = set(warning.incident.recipients.values_list("person_id", flat=True))
    assert leaves.person_id in found
    assert left_long_ago.person_id not in found


def test_texts_are_proposed_in_every_language_needed(typhoon):
    needed = set(typhoon.incident.recipients.values_list("language", flat=True))
    written = {text.language: text for text in typhoon.texts.all()}
    assert needed <= set(written)
    for text in written.values():
        assert "{link}" in text.sms
        assert "{link}" in text.body


def test_a_hazard_where_nobody_is_opens_no_incident(publish, people, now):
    assert actions.match(hazard_id=publish("far", polygon=NOWHERE, now=now), by=SYSTEM, now=now) is None
    assert not Incident.objects.exists()


@pytest.mark.parametrize("content", [b"", b"rubbish that is no area", Area.of([]).to_bytes()])
def test_an_area_that_is_missing_empty_or_broken_means_nobody(content):
    with pytest.raises(NoArea):
        usable_area(content)


def test_matching_twice_changes_nothing(typhoon, now):
    again = actions.match(hazard_id=typhoon.incident.hazard_id, by=SYSTEM, now=now + timedelta(minutes=5))
    assert again is None
    assert typhoon.incident.warnings.count() == 1
    assert typhoon.texts.count() >= 1


def test_an_update_replaces_the_proposal_and_keeps_those_who_left_the_area(typhoon, publish, now):
    later = now + timedelta(minutes=30)
    publish(
        "two",
        msg_type="Update",
        references=(("one", now),),
        polygon=MANILA_ONLY,
        severity="Extreme",
        now=later,
    )
    update = actions.match(hazard_id=typhoon.incident.hazard_id, by=SYSTEM, now=later)
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.DISCARDED
    assert update.kind == Warning.Kind.WARNING  # nobody was told yet, so it is still the first warning
    rows = Recipient.objects.filter(incident=typhoon.incident)
    assert rows.count() == typhoon.audience_size  # nobody was removed
    assert rows.filter(is_in_area=True).count() == update.audience_size < typhoon.audience_size


def test_an_update_after_sending_goes_to_the_told_as_well(released, publish, now):
    later = now + timedelta(minutes=30)
    publish(
        "two",
        msg_type="Update",
        references=(("one", now),),
        polygon=MANILA_ONLY,
        severity="Extreme",
        now=later,
    )
    update = actions.match(hazard_id=released.incident.hazard_id, by=SYSTEM, now=later)
    assert update.kind == Warning.Kind.UPDATE
    told = released.deliveries.values("recipient__party").distinct().count()
    assert update.audience_size >= told


def test_a_cancel_before_anything_was_sent_warns_nobody(typhoon, publish, now):
    later = now + timedelta(minutes=5)
    publish("stop", msg_type="Cancel", references=(("one", now),), now=later)
    assert actions.match(hazard_id=typhoon.incident.hazard_id, by=SYSTEM, now=later) is None
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.DISCARDED
    assert (
        typhoon.incident.closed_at is None or typhoon.incident.warnings.filter(released_at=None).count() == 1
    )
    assert Incident.objects.get().closed_at == later


def test_an_all_clear_is_proposed_to_those_who_were_told(released, publish, now):
    later = now + timedelta(hours=2)
    publish(
        "over",
        msg_type="Update",
        references=(("one", now),),
        response="AllClear",
        urgency="Past",
        severity="Minor",
        now=later,
    )
    clear = actions.match(hazard_id=released.incident.hazard_id, by=SYSTEM, now=later)
    assert clear.kind == Warning.Kind.ALL_CLEAR
    parties = set(released.deliveries.values_list("recipient__party", flat=True))
    assert clear.audience_size == released.incident.recipients.filter(party__in=parties).count()


def test_those_who_come_later_get_a_proposal_of_their_own(released, now, staff):
    from openconsular.citizens.actions import load_synthetic

    later = now + timedelta(minutes=10)
    before = released.incident.recipients.count()
    load_synthetic(count=80, seed=99, now=later, by=SYSTEM, share={"PH": 1.0})
    extra = actions.match(hazard_id=released.incident.hazard_id, by=SYSTEM, now=later)
    came = released.incident.recipients.count() - before
    assert came > 0
    assert extra.kind == Warning.Kind.WARNING
    assert came <= extra.audience_size < before


def test_a_proposal_an_officer_dropped_does_not_come_back(typhoon, staff, now):
    actions.discard(warning_id=typhoon.pk, by=staff.duty, now=now)
    assert (
        actions.match(hazard_id=typhoon.incident.hazard_id, by=SYSTEM, now=now + timedelta(minutes=6)) is None
    )
    actions.restore(warning_id=typhoon.pk, by=staff.duty, now=now)
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.PROPOSED


def test_the_number_of_queries_does_not_grow_with_the_people(
    publish, people, now, django_assert_max_num_queries
):
    hazard = publish("one", now=now)
    with django_assert_max_num_queries(60):
        actions.match(hazard_id=hazard, by=SYSTEM, now=now)


def test_a_mission_sees_its_own_district_only(typhoon, staff):
    everyone = queries.visible_to(staff.duty).count()
    manila = set(queries.visible_to(staff.manila).values_list("mission__code", flat=True))
    assert manila == {"manila"}
    assert queries.visible_to(staff.manila).count() < everyone
    assert queries.visible_to(staff.auditor).count() == 0
    assert queries.visible_to(staff.administrator).count() == 0
    assert queries.ledger_of(typhoon.incident, staff.auditor).affected == everyone
