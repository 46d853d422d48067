"""Handing over: nothing is lost, nothing is in doubt silently, and what was stopped does not leave."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from openconsular.accounts import actions as accounts
from openconsular.alerts import claims, deliver, receiving
from openconsular.alerts.models import (
    Delivery,
    EarlyReceipt,
    Incident,
    Recipient,
    SendingSwitch,
    Shard,
    Warning,
)
from openconsular.foundation.permissions import SYSTEM, Role
from openconsular.gateways.base import LiveGatewayRefused, Outcome, OutgoingMessage, Receipt
from tests.alerts import delivery_world as world
from tests.alerts.delivery_world import ToldGateway

pytestmark = pytest.mark.django_db


class Clock:
    """A clock that moves when told to."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> None:
        self.now += timedelta(**span)


@pytest.fixture
def clock(now: datetime) -> Clock:
    return Clock(now)


@pytest.fixture
def officer_id(now: datetime) -> int:
    made = accounts.add_officer(
        username="duty", display_name="Duty", role=Role.DUTY_OFFICER, by=SYSTEM, now=now
    )
    return int(made.pk)


@pytest.fixture
def told(now: datetime, officer_id: int) -> Callable[..., Shard]:
    """A released shard with so many people."""

    def make(people: int, *, channel: str = "sms", kind: str = "warning") -> Shard:
        incident = world.incident(now)
        for n in range(people):
            contact = f"p{n}@example.org" if channel == "email" else f"+999{n:09d}"
            world.row(incident, world.person(now, n, contact=contact), now)
        return world.release(world.warning(incident, now, kind=kind), now, officer_id, channel=channel)

    return make


def states(shard: Shard) -> dict[str, int]:
    counts: dict[str, int] = {}
    for state in shard.deliveries.values_list("state", flat=True):
        counts[state] = counts.get(state, 0) + 1
    return counts


def test_everybody_is_handed_over_once_with_a_link_of_their_own(
    told: Callable[..., Shard], clock: Clock
) -> None:
    shard, gateway = told(25), ToldGateway()
    assert deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert states(shard) == {"handed": 25}
    assert sorted(one.address for one in gateway.given) == [f"+999{n:09d}" for n in range(25)]
    assert len({one.text for one in gateway.given}) == 25
    assert all("{link}" not in one.text and "/a/" in one.text for one in gateway.given)
    shard.refresh_from_db()
    assert (shard.state, shard.claimed_by, shard.lease_until) == ("done", "", None)
    assert Warning.objects.get().state == Warning.State.SENT
    for one in shard.deliveries.all():
        assert (one.attempts, one.in_doubt, one.handed_at, one.provider_ref) == (
            1,
            0,
            clock.now,
            f"ref-{one.pk}",
        )
    assert set(Recipient.objects.values_list("state", "reached_at")) == {("reached", clock.now)}


def test_a_shard_is_one_workers_at_a_time_and_done_once(told: Callable[..., Shard], clock: Clock) -> None:
    shard, gateway = told(3), ToldGateway()
    assert claims.claim(shard.pk, "another", clock.now)
    assert not deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert not gateway.given
    clock.forward(minutes=1)
    assert deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert not deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert len(gateway.given) == 3


def test_many_portions_overlap_without_losing_or_repeating_anybody(
    told: Callable[..., Shard], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "PORTION", 7)
    shard, gateway = told(50), ToldGateway()
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert states(shard) == {"handed": 50}
    assert len({one.key for one in gateway.given}) == len(gateway.given) == 50


def test_what_is_to_be_tried_again_waits_longer_each_time_and_ends(
    told: Callable[..., Shard], clock: Clock
) -> None:
    shard, gateway = told(2), ToldGateway(world.retry)
    pauses = []
    for _ in range(claims.MOST_ATTEMPTS):
        assert deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
        shard.refresh_from_db()
        pauses.append((shard.not_before - clock.now).total_seconds())
        assert not deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
        clock.now = shard.not_before
    assert pauses[:6] == [10, 30, 120, 300, 900, 1800]
    assert states(shard) == {"refused": 2}
    one = shard.deliveries.first()
    assert one is not None
    assert (one.attempts, one.in_doubt, one.error_code) == (8, 8, "no-answer")
    assert len(gateway.given) == 16
    assert {message.key for message in gateway.given} == set(shard.deliveries.values_list("pk", flat=True))
    shard.refresh_from_db()
    assert shard.state == "done"
    assert set(Recipient.objects.values_list("state", flat=True)) == {"not_reached"}


def test_only_what_failed_is_tried_again_and_not_in_the_same_turn(
    told: Callable[..., Shard], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deliver, "PORTION", 2)
    shard = told(10)
    late = set(shard.deliveries.values_list("pk", flat=True)[:4])

    def answer(message: OutgoingMessage) -> Outcome:
        return (
            Outcome(message.key, "retry", "", "rthrottled")
            if message.key in late
            else Outcome(message.key, "accepted")
        )

    gateway = ToldGateway(answer)
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert states(shard) == {"handed": 6, "queued": 4}
    assert len(gateway.given) == 10
    assert deliver.due_shards(now=clock.now) == []
    clock.forward(seconds=11)
    assert deliver.due_shards(now=clock.now) == [shard.pk]
    gateway = ToldGateway()
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert {one.key for one in gateway.given} == late
    assert states(shard) == {"handed": 10}


def test_refusals_are_final_and_say_why(told: Callable[..., Shard], clock: Clock) -> None:
    shard = told(3)
    gateway = ToldGateway(lambda message: Outcome(message.key, "refused", "", "rinvdstadr", "no such number"))
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert set(shard.deliveries.values_list("state", "error_code")) == {("refused", "rinvdstadr")}
    assert set(Recipient.objects.values_list("state", flat=True)) == {"not_reached"}


def test_a_worker_that_dies_leaves_a_doubt_that_is_counted_and_sent_again(
    told: Callable[..., Shard], clock: Clock
) -> None:
    shard = told(6)
    dead = claims.claim(shard.pk, "dead", clock.now)
    assert dead is not None
    in_flight = {one.delivery_id for one in dead.take(4, clock.now)}
    assert states(shard) == {"sending": 4, "queued": 2}
    assert deliver.due_shards(now=clock.now) == []
    clock.forward(seconds=31)
    assert deliver.due_shards(now=clock.now) == [shard.pk]
    gateway = ToldGateway()
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert states(shard) == {"handed": 6}
    doubts = dict(shard.deliveries.values_list("pk", "in_doubt"))
    assert {pk for pk, doubt in doubts.items() if doubt} == in_flight
    # Back from the dead, it changes nothing any more.
    assert dead.take(4, clock.now) == []
    dead.conclude([claims.Conclusion(pk, "queued") for pk in in_flight], clock.now)
    assert not dead.finish(clock.now, failed=True)
    assert states(shard) == {"handed": 6}


@pytest.mark.parametrize("how", ["warning", "everything"])
def test_what_was_stopped_does_not_leave(
    told: Callable[..., Shard], clock: Clock, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(deliver, "PORTION", 5)
    shard = told(30)

    gateway = ToldGateway()
    take = claims.Claim.take

    def take_then_stop(claim: claims.Claim, most: int, now: datetime) -> list[claims.Taken]:
        taken = take(claim, most, now)
        if how == "warning":
            Warning.objects.update(state=Warning.State.STOPPED)
        else:
            SendingSwitch.objects.update_or_create(id=1, defaults={"is_stopped": True})
        return taken

    monkeypatch.setattr(claims.Claim, "take", take_then_stop)
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    monkeypatch.setattr(claims.Claim, "take", take)
    assert len(gateway.given) == 5
    assert states(shard) == {"handed": 5, "queued": 25}
    assert deliver.due_shards(now=clock.now) == []
    assert not deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    if how == "warning":
        assert states(shard) == {"handed": 5, "cancelled": 25}
        assert Shard.objects.get().state == "done"
        return
    SendingSwitch.objects.update(is_stopped=False)
    assert deliver.due_shards(now=clock.now) == [shard.pk]
    assert deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert states(shard) == {"handed": 30}
    assert len(gateway.given) == 30


def test_a_contact_that_is_gone_is_said_to_be_gone(told: Callable[..., Shard], clock: Clock) -> None:
    shard, gateway = told(3), ToldGateway()
    Delivery.objects.filter(pk=shard.deliveries.values_list("pk", flat=True)[0]).update(contact=None)
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert states(shard) == {"handed": 2, "refused": 1}
    assert shard.deliveries.get(state="refused").error_code == "no-contact"


def test_an_exercise_that_meets_a_live_gateway_is_refused_and_sends_nothing(
    told: Callable[..., Shard], clock: Clock
) -> None:
    shard = told(3)

    class Live(ToldGateway):
        live = True

        def hand_over(self, messages: object) -> list[Outcome]:
            raise LiveGatewayRefused

    gateway = Live()
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    assert set(shard.deliveries.values_list("state", "error_code")) == {("refused", "exercise-live-gateway")}


def test_those_who_travel_with_a_lead_are_reached_through_the_lead(
    now: datetime, officer_id: int, clock: Clock
) -> None:
    incident = world.incident(now)
    lead = world.person(now, 1, contact="+999000000001")
    child = world.person(now, 2, lead=lead)
    other_lead = world.person(now, 3)
    alone = world.person(now, 4, contact="+999000000004", lead=other_lead)
    sibling = world.person(now, 5, lead=other_lead)
    rows = {one.pk: world.row(incident, one, now) for one in (lead, child, other_lead, alone, sibling)}
    shard = world.release(world.warning(incident, now), now, officer_id)
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=ToldGateway())
    reached = {pk for pk, one in rows.items() if Recipient.objects.get(pk=one.pk).state == "reached"}
    # The sibling's companion has a telephone of their own, which is not the party's.
    assert reached == {lead.pk, child.pk, alone.pk}


def test_an_answer_given_before_is_not_undone_by_a_reminder(
    told: Callable[..., Shard], clock: Clock, now: datetime
) -> None:
    shard = told(2, kind="reminder")
    first = Recipient.objects.order_by("pk")[0]
    Recipient.objects.filter(pk=first.pk).update(state="silent", reached_at=now - timedelta(hours=1))
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=ToldGateway())
    first.refresh_from_db()
    assert (first.state, first.reached_at, first.reminders) == ("silent", now - timedelta(hours=1), 1)
    assert set(Recipient.objects.values_list("reminders", flat=True)) == {1}


def test_an_email_has_words_a_link_and_the_direction_of_its_script(
    told: Callable[..., Shard], clock: Clock
) -> None:
    shard, gateway = told(2, channel="email"), ToldGateway()
    shard.deliveries.filter(pk=shard.deliveries.order_by("pk")[0].pk).update(language="ar")
    shard.deliveries.filter(pk=shard.deliveries.order_by("pk")[1].pk).update(language="tlh")
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=gateway)
    arabic, unknown = gateway.given
    assert (arabic.language, unknown.language) == ("ar", "en")
    assert arabic.subject == "Earthquake"
    assert 'dir="rtl"' in arabic.html
    assert "Stay &lt;outside&gt; &amp; safe." in arabic.html
    link = arabic.text.split()[1]
    assert f'<a href="{link}">{link}</a>' in arabic.html


def test_a_receipt_that_comes_before_the_outcome_is_not_forgotten(
    told: Callable[..., Shard], clock: Clock, now: datetime
) -> None:
    shard = told(3)
    refs = [f"ref-{pk}" for pk in shard.deliveries.values_list("pk", flat=True)]
    early = [
        Receipt(refs[0], "delivered", "", now),
        Receipt(refs[1], "failed", "001", now),
        Receipt("other", "delivered", "", now),
    ]
    assert receiving.record_receipts(early, now=now) == 0
    deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=ToldGateway())
    assert receiving.record_receipts([Receipt(refs[2], "delivered", "", now)], now=now) == 1
    assert receiving.settle_early_receipts(now=now) == 2
    assert states(shard) == {"delivered": 2, "undelivered": 1}
    assert receiving.settle_early_receipts(now=now + timedelta(days=4)) == 0
    assert EarlyReceipt.objects.count() == 0


def test_statements_do_not_grow_with_people(
    told: Callable[..., Shard], clock: Clock, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    shard = told(200)
    with django_assert_max_num_queries(45):  # type: ignore[attr-defined]
        deliver.deliver_shard(shard_id=shard.pk, clock=clock, gateway=ToldGateway())
    assert states(shard) == {"handed": 200}
    assert Incident.objects.count() == 1
    assert connection.vendor == "postgresql"
