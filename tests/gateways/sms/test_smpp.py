"""SMPP with a message centre that is slow, silent, gone, or talks back."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from openconsular.domain.sms.pdu import Status
from openconsular.foundation.errors import InvalidInput
from openconsular.gateways.base import OutgoingMessage, Receipt, Reply, TwoWayGateway
from openconsular.gateways.sinks.records import Arrived
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sms.pace import Pace
from openconsular.gateways.sms.session import Endpoint
from openconsular.gateways.sms.smpp import SmppGateway, SmppSettings, open_smpp
from tests.gateways.rigs import until


class World:
    """A message centre, a gateway to it with short patience, and what arrived."""

    def __init__(self, sink: SmscSink, got: list[Arrived]) -> None:
        self.sink = sink
        self.got = got
        endpoint = Endpoint(
            host="127.0.0.1", port=sink.port, live=False, response_seconds=0.4, connect_seconds=1
        )
        self.settings = SmppSettings(endpoint=endpoint, sender="GOV", window=20, patience_seconds=1.5)
        self.gateway = SmppGateway(self.settings)
        self.receipts: list[Receipt] = []
        self.replies: list[Reply] = []

    def messages(self, count: int) -> list[OutgoingMessage]:
        return [OutgoingMessage(f"d{n}", f"+86130{n:08d}", f"Notice {n}") for n in range(count)]


@pytest.fixture
def world() -> Iterator[World]:
    got: list[Arrived] = []
    with SmscSink(on_message=got.append, receipts=True) as sink:
        made = World(sink, got)
        yield made
        made.gateway.close()


@pytest.fixture
def listen(world: World) -> Iterator[Callable[[], threading.Thread]]:
    """Starts listening; everything received lands in the world's lists."""
    stop, threads = threading.Event(), []

    def start() -> threading.Thread:
        run = lambda: world.gateway.listen(world.receipts.extend, world.replies.extend, stop)  # noqa: E731
        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return threads[-1]

    yield start
    stop.set()
    for thread in threads:
        thread.join(3)
        assert not thread.is_alive()


def test_a_silent_centre_leaves_everything_in_doubt_or_untried(world: World) -> None:
    world.gateway.hand_over(world.messages(1))
    world.sink.faults.is_silent = True
    started = time.monotonic()
    outcomes = world.gateway.hand_over(world.messages(100))
    assert time.monotonic() - started < 4
    assert {one.state for one in outcomes} == {"retry"}
    # No more than the window can be in doubt; the reconnection is not answered either, so the rest never left.
    assert sum(one.in_doubt for one in outcomes) == 20
    assert {one.error_code for one in outcomes if not one.in_doubt} == {"unreachable"}


def test_a_centre_that_is_gone_leaves_everything_untried(world: World) -> None:
    world.sink.stop()
    outcomes = world.gateway.hand_over(world.messages(10))
    assert {(one.state, one.in_doubt, one.error_code) for one in outcomes} == {
        ("retry", False, "unreachable")
    }


def test_a_connection_that_is_never_answered_is_given_up(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        endpoint = replace(world.settings.endpoint, port=deaf.getsockname()[1])
        outcomes = SmppGateway(replace(world.settings, endpoint=endpoint)).hand_over(world.messages(3))
    assert {(one.state, one.error_code) for one in outcomes} == {("retry", "unreachable")}


def test_a_slow_centre_is_waited_for(world: World) -> None:
    world.sink.faults.slow_seconds = 0.1
    assert {one.state for one in world.gateway.hand_over(world.messages(60))} == {"accepted"}


def test_a_refused_bind_says_why_and_is_not_repeated(world: World) -> None:
    world.sink.faults.refuses_binds = True
    outcomes = world.gateway.hand_over(world.messages(2))
    assert {(one.state, one.error_code) for one in outcomes} == {("retry", "bind-rbindfail")}
    assert world.sink.counters.connections == 1


def test_a_wrong_password_says_so(world: World) -> None:
    world.sink.password = "right"
    assert {one.error_code for one in world.gateway.hand_over(world.messages(2))} == {"bind-rinvpaswd"}


def test_a_server_that_speaks_something_else_does_no_harm(world: World) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def chatter() -> None:
            for _ in range(3):
                connection, _ = server.accept()
                with connection:
                    connection.sendall(b"220 mail.example ESMTP welcome to the wrong place\r\n" * 9)
                    connection.recv(1000)

        thread = threading.Thread(target=chatter)
        thread.start()
        endpoint = replace(world.settings.endpoint, port=server.getsockname()[1])
        outcomes = SmppGateway(replace(world.settings, endpoint=endpoint)).hand_over(world.messages(2))
        thread.join(3)
    assert {(one.state, one.error_code) for one in outcomes} == {("retry", "not-smpp")}


@pytest.mark.parametrize(
    ("status", "state"),
    [
        (Status.ESME_RINVSRCADR, "refused"),
        (Status.ESME_RINVMSGLEN, "refused"),
        (Status.ESME_RSYSERR, "retry"),
        (0x0412, "retry"),
    ],
)
def test_statuses_are_final_or_worth_another_try(world: World, status: int, state: str) -> None:
    world.sink.faults.fails_with = status
    assert {(one.state, one.in_doubt) for one in world.gateway.hand_over(world.messages(5))} == {
        (state, False)
    }


def test_throttling_without_end_gives_the_rest_back_in_time(world: World) -> None:
    world.sink.faults.fails_with = Status.ESME_RTHROTTLED
    started = time.monotonic()
    outcomes = world.gateway.hand_over(world.messages(30))
    assert time.monotonic() - started < 4
    assert {(one.state, one.in_doubt, one.error_code) for one in outcomes} == {
        ("retry", False, "patience-ended")
    }
    # The window shrank and the pauses grew: far fewer tries than an eager client would make.
    assert world.sink.counters.submitted < 120


def test_a_long_text_with_a_part_refused_is_refused_once(world: World) -> None:
    world.sink.faults.throttle_above = 2
    patient = SmppGateway(replace(world.settings, patience_seconds=15))
    (outcome,) = patient.hand_over([OutgoingMessage("k", "+8613012345678", "中" * 200)])
    patient.close()
    assert outcome.state == "accepted"
    assert world.got[0].text == "中" * 200
    assert world.got[0].parts == 3


def test_parts_of_a_message_tried_again_complete_the_first_ones(world: World) -> None:
    message = OutgoingMessage("k", "+8613012345678", "中" * 200)
    world.sink.faults.drop_after = 2
    (first,) = world.gateway.hand_over([message])
    assert (first.state, first.in_doubt) == ("retry", True)
    (second,) = world.gateway.hand_over([message])
    assert second.state == "accepted"
    # Same key, same reference: the telephone puts parts of both tries together instead of keeping two halves.
    assert world.got[0].text == "中" * 200


def test_receipts_name_the_references_of_their_outcomes(
    world: World, listen: Callable[[], threading.Thread]
) -> None:
    world.sink._undeliverable = lambda address: address.endswith("3")
    listen()
    outcomes = world.gateway.hand_over(world.messages(10))
    until(lambda: len(world.receipts) == 10)
    assert {one.provider_ref for one in world.receipts} == {one.provider_ref for one in outcomes}
    failed = {one.provider_ref for one in world.receipts if one.state == "failed"}
    assert failed == {outcomes[3].provider_ref}
    assert next(one.error_code for one in world.receipts if one.state == "failed") == "001"


@pytest.mark.parametrize(
    "text", ["2", "救命！我们在山上，两个孩子，没有水。" * 9, "I am safe € [home]", "😀"]
)
def test_replies_arrive_to_the_letter(
    world: World, listen: Callable[[], threading.Thread], text: str
) -> None:
    listen()
    world.sink.reply("+8613000000007", text)
    until(lambda: len(world.replies) == 1)
    assert (world.replies[0].address, world.replies[0].text) == ("+8613000000007", text)


def test_what_was_not_stored_is_delivered_again(world: World, listen: Callable[[], threading.Thread]) -> None:
    class DatabaseGone(Exception):
        pass

    def fail(_: object) -> None:
        raise DatabaseGone

    world.sink.reply("+8613000000007", "2")
    with pytest.raises(DatabaseGone):
        world.gateway.listen(fail, fail, threading.Event())
    listen()
    until(lambda: len(world.replies) == 1)
    assert world.replies[0].text == "2"


def test_listening_survives_lost_connections(world: World, listen: Callable[[], threading.Thread]) -> None:
    listen()
    for n in range(3):
        world.sink.reply("+8613000000007", str(n))
        until(lambda n=n: str(n) in {one.text for one in world.replies})  # type: ignore[misc]
        world.sink.drop_connections()
    # At least once: a reply may come twice when its acknowledgement was lost with the connection.
    assert {one.text for one in world.replies} == {"0", "1", "2"}


def test_one_kind_of_bind_for_both_ways(world: World, listen: Callable[[], threading.Thread]) -> None:
    world.gateway = SmppGateway(replace(world.settings, transceiver=True))
    world.gateway.hand_over(world.messages(1))
    world.sink.reply("+8613000000007", "2")
    listen()
    # The sending session may be offered the reply first; it hands it back, and the listener gets it.
    give_up = time.monotonic() + 5
    while not world.replies and time.monotonic() < give_up:
        world.gateway.hand_over(world.messages(1))
    assert {one.text for one in world.replies} == {"2"}


def test_several_threads_share_a_gateway(world: World) -> None:
    batches = [[replace(one, key=f"{b}-{one.key}") for one in world.messages(100)] for b in range(6)]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(world.gateway.hand_over, batches))
    assert all(one.state == "accepted" for outcomes in done for one in outcomes)
    assert world.sink.counters.submitted == 600
    assert world.sink.counters.connections <= world.settings.connections


def test_an_agreed_rate_is_kept(world: World) -> None:
    gateway = SmppGateway(replace(world.settings, per_second=100, connections=1))
    started = time.monotonic()
    assert {one.state for one in gateway.hand_over(world.messages(60))} == {"accepted"}
    assert time.monotonic() - started > 0.45
    gateway.close()


def test_pace_halves_when_throttled_and_recovers() -> None:
    pace = Pace(100)
    assert pace.room(0, 0.0) == 100
    pace.answered(5, 3, 1.0)
    assert pace.room(0, 1.05) == 0
    pace.answered(0, 9, 1.05)
    assert pace.room(0, 1.1) == 50
    pace.answered(0, 1, 1.2)
    assert (pace.room(0, 1.39), pace.room(0, 1.41)) == (0, 25)
    for _ in range(500):
        pace.answered(25, 0, 2.0)
    assert pace.room(40, 2.0) == 60


@pytest.mark.parametrize(
    "url", ["", "http://x", "smpp://", "smpp://host:99999", "smpp://host?window=many", "smpp://[::1"]
)
def test_an_unusable_address_is_refused_in_words(url: str) -> None:
    with pytest.raises(InvalidInput) as error:
        open_smpp(url, "12308", live=True)
    assert error.value.code == "sms-url"


@pytest.mark.parametrize("sender", ["", "a name too long", "领事", "\n"])
def test_an_unusable_sender_is_refused_in_words(sender: str) -> None:
    with pytest.raises(InvalidInput):
        open_smpp("smpp://host", sender, live=True)


def test_it_is_a_two_way_gateway() -> None:
    assert isinstance(
        open_smpp("smpps://u:p%40ss@host?transceiver=1&per_second=30", "+8610123456", live=True),
        TwoWayGateway,
    )
