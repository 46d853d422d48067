"""What leaves, leaves by the decision of the right people, to the right number, and can be stopped."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from openconsular.alerts import actions, queries
from openconsular.alerts.models import Delivery, Recipient, SendingSwitch, Shard, Warning
from openconsular.alerts.releasing import AudienceChanged
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.models import AuditEntry
from tests.alerts.conftest import hand_over

pytestmark = pytest.mark.django_db


def make_large(warning):
    """As if the profile asked for a second person above ten people."""
    Warning.objects.filter(pk=warning.pk).update(approval_above=10)
    warning.refresh_from_db()


def test_the_number_has_to_be_read_back(typhoon, staff, now):
    with pytest.raises(AudienceChanged):
        actions.submit(
            warning_id=typhoon.pk, confirmed_size=typhoon.audience_size + 1, by=staff.duty, now=now
        )
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.PROPOSED
    assert not Delivery.objects.exists()


def test_a_small_warning_leaves_at_once(released):
    assert released.state == Warning.State.SENT
    states = set(released.deliveries.values_list("state", flat=True))
    assert states == {Delivery.State.HANDED}
    assert set(
        released.incident.recipients.filter(party__in=_parties(released)).values_list("state", flat=True)
    ) == {Recipient.State.REACHED}


def _parties(warning):
    return warning.deliveries.values("recipient__party")


def test_every_envelope_has_one_address_and_a_link_of_its_own(released, outbox):
    kept = [
        *outbox("sms", exercise=True)._gateway.sent,
        *outbox("email", exercise=True)._gateway.sent,
    ]
    assert len(kept) == released.deliveries.count() > 20
    assert len({message.address for message in kept}) == len(kept)
    links = {word for message in kept for word in message.text.split() if "/a/" in word}
    assert len(links) == released.deliveries.values("recipient").distinct().count()


def test_a_large_warning_waits_for_a_second_person(typhoon, staff, now):
    make_large(typhoon)
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.SUBMITTED
    assert not Delivery.objects.exists()
    actions.approve(warning_id=typhoon.pk, by=staff.approver, now=now)
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.SENDING
    assert Delivery.objects.exists()


def test_nobody_approves_their_own(typhoon, staff, now):
    make_large(typhoon)
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.approver, now=now)
    with pytest.raises(NotAllowed):
        actions.approve(warning_id=typhoon.pk, by=staff.approver, now=now)


@pytest.mark.parametrize("who", ["manila", "auditor", "administrator"])
def test_others_cannot_send_approve_or_stop(typhoon, staff, now, who):
    actor = getattr(staff, who)
    with pytest.raises(NotAllowed):
        actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=actor, now=now)
    with pytest.raises(NotAllowed):
        actions.approve(warning_id=typhoon.pk, by=actor, now=now)
    with pytest.raises(NotAllowed):
        actions.stop_sending(reason="", by=actor, now=now)
    with pytest.raises(NotAllowed):
        actions.approve(warning_id=typhoon.pk, by=staff.duty, now=now)


@pytest.mark.parametrize(
    "shortcut",
    [
        {"state": "sending"},
        {"state": "sent", "confirmed_size": 1},
        {"state": "sending", "submitted_by_id": "duty", "confirmed_size": "size"},
        {"submitted_by_id": "duty", "approved_by_id": "duty"},
        {"approved_by_id": "duty"},
        {"state": "sending", "submitted_by_id": "duty", "approved_by_id": "approver", "confirmed_size": 3},
    ],
)
def test_the_table_itself_refuses_a_shortcut(typhoon, staff, shortcut):
    """Straight at the table, as a mistaken view or script would: the constraints hold."""
    make_large(typhoon)
    officers = {
        "duty": staff.duty.officer_id,
        "approver": staff.approver.officer_id,
        "size": typhoon.audience_size,
    }
    values = {name: officers.get(value, value) for name, value in shortcut.items()}
    with pytest.raises(IntegrityError), transaction.atomic():
        Warning.objects.filter(pk=typhoon.pk).update(**values)


def test_the_switch_stops_everything_and_nothing_is_lost(typhoon, staff, now, outbox):
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    actions.stop_sending(reason="wrong area", by=staff.duty, now=now)
    hand_over(typhoon)
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.QUEUED}
    assert queries.switch().is_stopped
    actions.resume_sending(by=staff.duty, now=now)
    hand_over(typhoon)
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.HANDED}
    assert not SendingSwitch.objects.get().is_stopped


def test_nothing_is_released_while_the_switch_is_off(typhoon, staff, now):
    actions.stop_sending(reason="", by=staff.duty, now=now)
    with pytest.raises(Conflict):
        actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    typhoon.refresh_from_db()
    assert typhoon.state == Warning.State.PROPOSED
    assert not Delivery.objects.exists()


def test_a_stopped_warning_cancels_what_is_queued(typhoon, staff, now):
    actions.submit(warning_id=typhoon.pk, confirmed_size=typhoon.audience_size, by=staff.duty, now=now)
    actions.stop_warning(warning_id=typhoon.pk, by=staff.duty, now=now)
    hand_over(typhoon)
    assert set(Delivery.objects.values_list("state", flat=True)) == {Delivery.State.CANCELLED}


def test_handing_a_shard_over_again_sends_nothing_twice(released, outbox):
    before = len(outbox("sms", exercise=True)._gateway.sent)
    Shard.objects.update(state=Shard.State.QUEUED)
    hand_over(released)
    assert len(outbox("sms", exercise=True)._gateway.sent) == before


def test_a_retraction_goes_to_those_who_were_told(released, staff, now):
    retraction = actions.propose_more(
        incident_id=released.incident_id, kind="retraction", by=staff.duty, now=now + timedelta(minutes=2)
    )
    parties = set(released.deliveries.values_list("recipient__party", flat=True))
    assert retraction.audience_size == released.incident.recipients.filter(party__in=parties).count()


def test_a_reminder_goes_to_the_silent_only(released, staff, now):
    row = released.incident.recipients.filter(state=Recipient.State.REACHED).first()
    actions.record_answer(
        actions.Given(recipient_id=row.pk, value="safe", via="link", key="k1"), by=staff.duty, now=now
    )
    answered = released.incident.recipients.filter(state=Recipient.State.SAFE).count()
    reminder = actions.propose_more(incident_id=released.incident_id, kind="reminder", by=staff.duty, now=now)
    assert reminder.audience_size == released.incident.recipients.count() - answered


def test_words_with_a_foreign_link_are_refused(typhoon, staff, now):
    text = typhoon.texts.first()
    words = {"sms": "Go to https://evil.example/login {link}", "subject": text.subject, "body": text.body}
    with pytest.raises(InvalidInput):
        actions.edit_texts(
            warning_id=typhoon.pk, texts={text.language: words}, grade=typhoon.grade, by=staff.duty, now=now
        )
    text.refresh_from_db()
    assert "evil" not in text.sms


def test_every_step_is_audited(released):
    steps = list(AuditEntry.objects.filter(subject=f"warning:{released.pk}").values_list("action", flat=True))
    assert steps == ["warning.propose", "warning.submit"]
