"""The operator and the mail server gone, slow, throttling, refusing or silent in the middle of a warning.

Real gateways, real sinks, real protocols; only the clock jumps, so that a back-off of half an hour takes no time.
Whatever happens, every delivery ends handed over or refused with a reason, and the warning ends.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from openconsular.accounts import actions as accounts
from openconsular.alerts import claims, deliver
from openconsular.alerts.links import token_for
from openconsular.alerts.models import Delivery, Shard, Warning
from openconsular.alerts.watching import finish_warnings
from openconsular.citizens import queries as citizens
from openconsular.domain.sms.pdu import Status
from openconsular.foundation.permissions import SYSTEM, Role
from openconsular.gateways.base import Gateway
from openconsular.gateways.email.session import MailEndpoint
from openconsular.gateways.email.smtp import SmtpGateway, SmtpSettings
from openconsular.gateways.sinks.records import Arrived
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink
from openconsular.gateways.sms.session import Endpoint
from openconsular.gateways.sms.smpp import SmppGateway, SmppSettings
from tests.alerts import delivery_world as world
from tests.faults import verdict
from tests.faults.people import LINK

pytestmark = pytest.mark.django_db

PEOPLE = 60
CHANNELS = ("sms", "email")
Sink = SmscSink | SmtpSink


@dataclass
class Outside:
    """The world behind a gateway; `leave` and `come_back` are an operator's outage, the port staying its own."""

    channel: str
    arrivals: Counter[tuple[str, str]] = field(default_factory=Counter)
    most_recipients: int = 0

    def __post_init__(self) -> None:
        self.sink: Sink = self._make(0)
        self.sink.start()
        self.port = self.sink.port
        self.is_there = True

    def leave(self) -> None:
        if self.is_there:
            self.sink.stop()
            self.is_there = False

    def come_back(self) -> None:
        self.sink = self._make(self.port)
        self.sink.start()
        self.is_there = True

    def gateway(self) -> Gateway:
        """Impatient, so that silence is noticed in a second."""
        if self.channel == "sms":
            endpoint = Endpoint(host="127.0.0.1", port=self.port, response_seconds=0.4, live=False)
            return SmppGateway(SmppSettings(endpoint=endpoint, sender="12308", window=20, patience_seconds=2))
        mail = MailEndpoint(
            host="127.0.0.1", port=self.port, starttls=False, response_seconds=0.4, live=False
        )
        return SmtpGateway(
            SmtpSettings(endpoint=mail, sender="alerts@ministry.example", connections=2, patience_seconds=2)
        )

    def _make(self, port: int) -> Sink:
        if self.channel == "sms":
            return SmscSink(port=port, on_message=self._read)
        return SmtpSink(port=port, on_message=self._read)

    def _read(self, message: Arrived) -> None:
        link = LINK.search(message.text)
        assert link is not None
        self.arrivals[message.address, link.group(1)] += 1


@dataclass
class Course:
    """How a warning went: when each turn began, and how many deliveries it left open."""

    turns: list[datetime] = field(default_factory=list)
    left_open: list[int] = field(default_factory=list)

    @property
    def pauses_s(self) -> list[float]:
        return [(b - a).total_seconds() for a, b in zip(self.turns, self.turns[1:], strict=False)]


@contextmanager
def opened(channel: str) -> Iterator[Outside]:
    outside = Outside(channel)
    yield outside
    outside.leave()


def release(channel: str, now: datetime) -> Warning:
    officer = accounts.add_officer(
        username="duty", display_name="Duty", role=Role.DUTY_OFFICER, by=SYSTEM, now=now
    )
    incident = world.incident(now)
    for n in range(PEOPLE):
        contact = f"p{n}@example.org" if channel == "email" else f"+999{n:09d}"
        world.row(incident, world.person(now, n, contact=contact), now)
    return world.release(world.warning(incident, now), now, officer.pk, channel=channel).warning


def work_off(
    warning: Warning, gateway: Gateway, now: datetime, after_turn: Callable[[int], None] = lambda turn: None
) -> Course:
    """What the workers and the sweep do, turn after turn, with a clock that jumps to the next one."""
    course = Course()
    for turn in range(1, claims.MOST_ATTEMPTS + 3):
        finish_warnings(now=now)
        warning.refresh_from_db()
        if warning.state != Warning.State.SENDING:
            break
        now = max(now, warning.shards.exclude(state=Shard.State.DONE).get().not_before)
        (shard_id,) = deliver.due_shards(now=now)
        at = now
        assert deliver.deliver_shard(shard_id=shard_id, clock=lambda at=at: at, gateway=gateway)
        course.turns.append(now)
        course.left_open.append(warning.deliveries.filter(state="queued").count())
        after_turn(turn)
    gateway.close()
    return course


def ends_well(warning: Warning, outside: Outside) -> Counter[str]:
    """The states in the end, having checked each delivery against what arrived."""
    warning.refresh_from_db()
    assert warning.state == Warning.State.SENT and warning.finished_at is not None
    rows = list(warning.deliveries.all())
    addresses = citizens.addresses_of([one.contact_id for one in rows])
    for one in rows:
        arrived = outside.arrivals[addresses[one.contact_id], token_for(one.recipient_id)]
        assert verdict.faults_of(one, arrived) == [], (one.pk, one.state, one.attempts, one.in_doubt, arrived)
    assert outside.arrivals.total() >= sum(one.state in verdict.HANDED for one in rows)
    return Counter(one.state for one in rows)


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_operator_who_was_away_gets_everything_when_back(channel, now):
    with opened(channel) as outside:
        warning = release(channel, now)
        outside.leave()
        course = work_off(
            warning, outside.gateway(), now, lambda turn: outside.come_back() if turn == 3 else None
        )
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
    assert course.left_open == [PEOPLE, PEOPLE, PEOPLE, 0]
    # Longer each time: 10 s, 30 s, 2 min.
    assert course.pauses_s == [span.total_seconds() for span in claims.RETRY_AFTER[:3]]
    assert max(outside.arrivals.values()) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_operator_who_never_comes_back_ends_in_refusals_with_a_reason(channel, now):
    with opened(channel) as outside:
        warning = release(channel, now)
        outside.leave()
        course = work_off(warning, outside.gateway(), now)
        assert ends_well(warning, outside) == {Delivery.State.REFUSED: PEOPLE}
    assert set(warning.deliveries.values_list("error_code", "attempts")) == {
        ("unreachable", claims.MOST_ATTEMPTS)
    }
    assert course.pauses_s == sorted(course.pauses_s) and len(course.turns) == claims.MOST_ATTEMPTS


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_connection_that_breaks_in_the_middle_is_taken_up_again(channel, now):
    with opened(channel) as outside:
        warning = release(channel, now)
        outside.sink.faults.drop_after = PEOPLE // 3
        work_off(warning, outside.gateway(), now)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
        assert outside.sink.counters.dropped_connections == 1
    # What was answered to nobody went again, and stands in the ledger as a doubt.
    again = outside.arrivals.total() - PEOPLE
    assert again <= sum(warning.deliveries.values_list("in_doubt", flat=True))


@pytest.mark.parametrize("channel", CHANNELS)
def test_an_operator_who_takes_everything_and_says_nothing_leaves_doubts_on_record(channel, now):
    with opened(channel) as outside:
        warning = release(channel, now)
        gateway = outside.gateway()
        if channel == "sms":
            # Bound before the silence: a bind that is never answered leaves no doubt at all.
            gateway._put_back(gateway._take_line())
        else:
            gateway._free.append(gateway._take_session())
        outside.sink.faults.is_silent = True

        def speak(turn: int) -> None:
            outside.sink.faults.is_silent = turn < 2

        course = work_off(warning, gateway, now, speak)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
    assert len(course.turns) == 3
    if channel == "sms":
        doubts = sum(warning.deliveries.values_list("in_doubt", flat=True))
        assert 0 < outside.arrivals.total() - PEOPLE <= doubts


def test_a_throttling_operator_gets_what_it_can_take_and_the_rest_later(now):
    with opened("sms") as outside:
        warning = release("sms", now)
        outside.sink.faults.throttle_above = 25
        work_off(warning, outside.gateway(), now)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
        assert outside.sink.counters.throttled > 0
    assert max(outside.arrivals.values()) == 1


def test_a_throttling_mail_server_gets_the_rest_after_a_pause(now):
    with opened("email") as outside:
        warning = release("email", now)
        outside.sink.faults.throttle_next = 30
        course = work_off(warning, outside.gateway(), now)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
    assert course.left_open == [30, 0] and course.pauses_s == [10]
    assert max(outside.arrivals.values()) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_addresses_that_are_refused_end_with_a_reason_and_hold_nobody_up(channel, now):
    with opened(channel) as outside:
        warning = release(channel, now)
        outside.sink.faults.refuses = lambda address: address.split("@")[0].endswith("7")
        course = work_off(warning, outside.gateway(), now)
        refused = PEOPLE // 10
        assert ends_well(warning, outside) == {
            Delivery.State.HANDED: PEOPLE - refused,
            Delivery.State.REFUSED: refused,
        }
    reasons = set(warning.deliveries.filter(state="refused").values_list("error_code", flat=True))
    assert reasons == {"rinvdstadr" if channel == "sms" else "smtp-550"}
    assert len(course.turns) == 1


@pytest.mark.parametrize("channel", CHANNELS)
def test_a_slow_operator_is_waited_for(channel, now):
    with opened(channel) as outside:
        warning = release(channel, now)
        outside.sink.faults.slow_seconds = 0.02
        work_off(warning, outside.gateway(), now)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
    assert max(outside.arrivals.values()) == 1


def test_an_operator_with_a_fault_of_its_own_is_tried_again_later(now):
    with opened("sms") as outside:
        warning = release("sms", now)
        outside.sink.faults.fails_with = Status.ESME_RSYSERR

        def mend(turn: int) -> None:
            outside.sink.faults.fails_with = 0

        course = work_off(warning, outside.gateway(), now, mend)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
    assert course.left_open == [PEOPLE, 0] and course.pauses_s == [10]


def test_a_worker_that_comes_late_finds_the_shard_taken(now):
    """The lease holds a second worker off until it has run out, and the sweep finds it then."""
    with opened("sms") as outside:
        warning = release("sms", now)
        shard = warning.shards.get()
        assert claims.claim(shard.pk, "dead", now) is not None
        soon, later = now + claims.LEASE / 2, now + claims.LEASE + timedelta(seconds=1)
        assert deliver.due_shards(now=soon) == []
        assert not deliver.deliver_shard(shard_id=shard.pk, clock=lambda: soon, gateway=outside.gateway())
        assert deliver.due_shards(now=later) == [shard.pk]
        work_off(warning, outside.gateway(), later)
        assert ends_well(warning, outside) == {Delivery.State.HANDED: PEOPLE}
