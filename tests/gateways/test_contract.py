"""What every gateway promises, whatever is behind it."""

import random
from collections.abc import Iterator

import pytest

from openconsular.gateways.base import ExerciseOnly, Gateway, LiveGatewayRefused, Outcome
from tests.gateways import rigs
from tests.gateways.rigs import Rig

RIGS = {
    "sms-console": rigs.sms_console,
    "smpp": rigs.smpp,
    "email-console": rigs.email_console,
    "smtp": rigs.smtp,
    "smtp-without-pipelining": rigs.smtp_without_pipelining,
    "smtp-to-aiosmtpd": rigs.smtp_to_aiosmtpd,
}


@pytest.fixture(params=list(RIGS))
def rig(request: pytest.FixtureRequest) -> Iterator[Rig]:
    with RIGS[request.param]() as made:
        yield made


def test_it_is_a_gateway(rig: Rig) -> None:
    assert isinstance(rig.gateway, Gateway)
    assert rig.gateway.name


def test_nothing_in_nothing_out(rig: Rig) -> None:
    assert rig.gateway.hand_over([]) == []


def test_every_message_is_accepted_and_arrives_once_at_its_own_address(rig: Rig) -> None:
    messages = [rig.message(number) for number in range(300)]
    outcomes = rig.gateway.hand_over(messages)
    assert [(one.key, one.state) for one in outcomes] == [(number, "accepted") for number in range(300)]
    assert len({one.provider_ref for one in outcomes}) == 300
    assert sorted(rig.arrived()) == sorted((one.address, one.text) for one in messages)


@pytest.mark.parametrize(
    "text",
    [
        "请立即远离海岸，前往高处。回复 1 平安，2 求助。",
        "Señal Ω ~ [€] {x} ^ \\ | \x0c",
        "😀" * 200,
        "a" * 1000,
        "line one\nline two\n.\n..dots\n",
        "زلزال قريب منك",
        "MAIL FROM:<x@y>\r\nRCPT TO:<z@y>".replace("\r\n", "\n"),
    ],
)
def test_texts_arrive_to_the_letter(rig: Rig, text: str) -> None:
    (outcome,) = rig.gateway.hand_over([rig.message(1, text)])
    assert outcome.state == "accepted"
    assert [arrived for _, arrived in rig.arrived()] == [text]


@pytest.mark.parametrize(
    "address", ["", "no address", "+", "+86\r\nRCPT TO:<x@y>", "a@b@c", "x@y>\r\nDATA", "＋8613"]
)
def test_an_address_that_is_none_is_refused_and_the_others_go(rig: Rig, address: str) -> None:
    messages = [rig.message(1), rig.message(2, "x"), rig.message(3)]
    bad = messages[1].__class__("bad", address, "x")
    outcomes = rig.gateway.hand_over([messages[0], bad, messages[2]])
    assert [one.state for one in outcomes] == ["accepted", "refused", "accepted"]
    assert outcomes[1].error_code == "address-invalid"
    assert len(rig.arrived()) == 2


def test_an_address_the_provider_does_not_know_is_refused_with_its_reason(rig: Rig) -> None:
    if rig.refuse is None:
        pytest.skip("A console knows every address.")
    rig.refuse(rig.address(7))
    outcomes = rig.gateway.hand_over([rig.message(number) for number in range(20)])
    assert [one.key for one in outcomes if one.state == "refused"] == [7]
    assert outcomes[7].error_code in ("rinvdstadr", "smtp-550")
    assert outcomes[7].reason
    assert sum(one.state == "accepted" for one in outcomes) == 19


def test_throttled_messages_are_accepted_in_the_end_and_arrive_once(rig: Rig) -> None:
    if rig.throttle is None:
        pytest.skip("Nothing throttles here.")
    rig.throttle()
    waiting = [rig.message(number) for number in range(60)]
    for _ in range(5):
        outcomes = rig.gateway.hand_over(waiting)
        assert not any(one.state == "refused" or one.in_doubt for one in outcomes)
        again = {one.key for one in outcomes if one.state == "retry"}
        waiting = [message for message in waiting if message.key in again]
        if not waiting:
            break
    assert sorted(rig.arrived()) == sorted((rig.address(number), f"Notice {number}") for number in range(60))


def test_a_connection_lost_in_the_middle_leaves_no_message_without_an_outcome(rig: Rig) -> None:
    if rig.drop_after is None:
        pytest.skip("There is no connection to lose.")
    rig.drop_after(30)
    messages = [rig.message(number) for number in range(200)]
    outcomes = rig.gateway.hand_over(messages)
    assert [one.key for one in outcomes] == list(range(200))
    assert {one.state for one in outcomes} <= {"accepted", "retry"}
    arrived = [address for address, _ in rig.arrived()]
    for outcome in outcomes:
        times = arrived.count(rig.address(int(outcome.key)))
        # Accepted: exactly once. In doubt: perhaps. Otherwise certainly not, so that trying again is safe.
        assert times == 1 if outcome.state == "accepted" else times <= outcome.in_doubt, outcome
    assert any(one.in_doubt for one in outcomes)
    again = [message for message, outcome in zip(messages, outcomes, strict=True) if outcome.state == "retry"]
    assert all(one.state == "accepted" for one in rig.gateway.hand_over(again))
    assert {address for address, _ in rig.arrived()} == {rig.address(number) for number in range(200)}


def test_a_kept_connection_that_was_closed_meanwhile_is_opened_again(rig: Rig) -> None:
    if rig.drop_all is None:
        pytest.skip("There is no connection to close.")
    first = rig.gateway.hand_over([rig.message(1)])
    sink = rig.extra["sink"]
    rig.drop_all()
    sink.in_loop(lambda: None)
    outcomes: list[Outcome] = []
    for _ in range(2):
        outcomes = rig.gateway.hand_over([rig.message(2)])
        if outcomes[0].state == "accepted":
            break
    assert [first[0].state, outcomes[0].state] == ["accepted", "accepted"]


def test_the_order_of_messages_does_not_matter(rig: Rig) -> None:
    messages = [rig.message(number, "中" * (number % 200) + str(number)) for number in range(40)]
    random.Random(4).shuffle(messages)
    outcomes = rig.gateway.hand_over(messages)
    assert [one.key for one in outcomes] == [one.key for one in messages]
    assert sorted(rig.arrived()) == sorted((one.address, one.text) for one in messages)


def test_an_exercise_never_leaves_through_a_live_gateway(rig: Rig) -> None:
    exercise = rig.message(1, exercise=True)
    if rig.gateway.live:
        with pytest.raises(LiveGatewayRefused):
            rig.gateway.hand_over([rig.message(2), exercise])
        with pytest.raises(LiveGatewayRefused):
            ExerciseOnly(rig.gateway)
        assert not rig.arrived()
    else:
        assert ExerciseOnly(rig.gateway).hand_over([exercise])[0].state == "accepted"
