"""Nothing is said to a server whose certificate does not hold, on any channel; and everything goes over one that does."""

import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from openconsular.foundation.errors import InvalidInput
from openconsular.gateways.base import Gateway, OutgoingMessage, Reply
from openconsular.gateways.email.smtp import open_smtp
from openconsular.gateways.sinks.smsc import SmscSink
from openconsular.gateways.sinks.smtp import SmtpSink
from openconsular.gateways.sms.smpp import open_smpp
from tests.gateways.rigs import until
from tests.gateways.tls_front import Authority, TlsFront

Open = Callable[[str], Gateway]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def open_sms(url: str) -> Gateway:
    return open_smpp(f"smpps://drill:drill@{url}", "GOV", live=False)


def open_mail(url: str) -> Gateway:
    return open_smtp(f"smtps://{url}", "alerts@ministry.example", live=False)


CHANNELS = pytest.mark.parametrize(("sink_of", "opened"), [(SmscSink, open_sms), (SmtpSink, open_mail)])


def messages(opened: Open, count: int = 3) -> list[OutgoingMessage]:
    addresses = ["+86130{:08d}" if opened is open_sms else "person{}@example.org"] * count
    return [OutgoingMessage(n, one.format(n), f"Notice {n}", "Notice") for n, one in enumerate(addresses)]


def hand_over(gateway: Gateway, batch: list[OutgoingMessage]) -> set[str]:
    try:
        return {outcome.state for outcome in gateway.hand_over(batch)}
    finally:
        gateway.close()


@CHANNELS
def test_a_server_of_an_authority_that_was_named_is_believed(sink_of, opened, authority):
    with sink_of() as sink, TlsFront(authority.server_context("127.0.0.1"), sink.port) as front:
        gateway = opened(f"127.0.0.1:{front.port}?ca={authority.path}")
        assert hand_over(gateway, messages(opened, 1500)) == {"accepted"}
        assert sink.counters.distinct == 1500
        assert front.shaken


@CHANNELS
def test_an_authority_nobody_named_is_not(sink_of, opened, authority):
    with sink_of() as sink, TlsFront(authority.server_context("127.0.0.1"), sink.port) as front:
        assert hand_over(opened(f"127.0.0.1:{front.port}"), messages(opened)) == {"retry"}
        assert (front.shaken, sink.counters.connections) == (0, 0)


@CHANNELS
@pytest.mark.parametrize(("host", "days"), [("127.0.0.2", 2), ("other.example", 2), ("127.0.0.1", -1)])
def test_a_certificate_of_another_host_or_past_its_time_is_not(sink_of, opened, authority, host, days):
    with sink_of() as sink, TlsFront(authority.server_context(host, days=days), sink.port) as front:
        gateway = opened(f"127.0.0.1:{front.port}?ca={authority.path}")
        assert hand_over(gateway, messages(opened)) == {"retry"}
        assert sink.counters.connections == 0


@CHANNELS
def test_a_server_without_tls_is_not(sink_of, opened, authority):
    with sink_of() as sink:
        gateway = opened(f"127.0.0.1:{sink.port}?ca={authority.path}")
        assert hand_over(gateway, messages(opened, 1)) == {"retry"}
        assert sink.counters.distinct == 0


@pytest.mark.parametrize("opened", [open_sms, open_mail])
def test_a_file_that_holds_no_authority_is_refused_in_words(opened, tmp_path):
    with pytest.raises(InvalidInput):
        opened(f"127.0.0.1:1?ca={tmp_path / 'none.pem'}")


def test_replies_come_over_tls_as_well(authority):
    got: list[Reply] = []
    stop = threading.Event()
    with SmscSink() as sink, TlsFront(authority.server_context("127.0.0.1"), sink.port) as front:
        gateway = open_smpp(f"smpps://d:d@127.0.0.1:{front.port}?ca={authority.path}", "GOV", live=False)
        listening = threading.Thread(target=gateway.listen, args=[lambda _: None, got.extend, stop])
        listening.start()
        try:
            until(lambda: sink.counters.connections)
            sink.reply("+8613000000001", "平安")
            until(lambda: got)
        finally:
            stop.set()
            listening.join(10)
            gateway.close()
    assert [one.text for one in got] == ["平安"]
