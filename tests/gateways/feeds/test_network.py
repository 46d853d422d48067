"""No feed, link or redirect reaches what is not on the public Internet, however the address is written."""

import ipaddress
import socket

import pytest

from openconsular.gateways.feeds import network
from openconsular.gateways.feeds.base import FeedUnavailable
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from tests.gateways.feeds.bad_server import BadServer, page, redirect

LIMITS = Limits(connect=0.5, read=0.5, total=1.5)


@pytest.fixture
def server():
    server = BadServer()
    yield server
    server.close()


@pytest.fixture
def reader():
    reader = HttpFeeds(limits=LIMITS)
    yield reader
    reader.close()


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "2130706433",
        "0x7f.1",
        "127.1",
        "0.0.0.0",  # noqa: S104
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[::]",
    ],
)
def test_the_machine_itself_is_not_a_feed(server, reader, host):
    server.pages["/"] = page(b"<secret/>")
    port = server.url("/").rsplit(":", 1)[1].strip("/")
    with pytest.raises(FeedUnavailable) as refused:
        reader.read(f"http://{host}:{port}/")
    assert refused.value.code in {"feed-address-inner", "feed-unreachable"}
    assert not server.asked


@pytest.mark.parametrize(
    "address",
    [
        *(
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "224.0.0.1",
            "255.255.255.255",
        ),
        *("fd00::1", "fe80::1", "::ffff:10.0.0.1", "2002:0a00:0001::", "64:ff9b::a00:1", "ff02::1"),
    ],
)
def test_inner_addresses(address):
    assert not network.is_public(ipaddress.ip_address(address))


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "2606:2800:220:1::1", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]
)
def test_public_addresses(address):
    assert network.is_public(ipaddress.ip_address(address))


def test_a_name_that_turns_inward_the_second_time_is_refused(server, reader, monkeypatch):
    """DNS rebinding: what counts is the address connected to, not one looked up before."""
    answers = iter(["93.184.216.34", "127.0.0.1"])
    asked = []

    def lookup(host, port, *args, **kwargs):
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (next(answers), port))]

    monkeypatch.setattr(socket, "getaddrinfo", lookup)
    next(answers)
    with pytest.raises(FeedUnavailable) as refused:
        reader.read(server.url("/").replace("127.0.0.1", "feed.example"))
    assert asked == ["feed.example"]
    assert refused.value.code == "feed-address-inner"
    assert not server.asked


def test_an_inner_host_is_reached_once_the_operator_named_it(server):
    server.pages["/"] = page(b"<feed/>")
    reader = HttpFeeds(inner_hosts=["127.0.0.1"], limits=LIMITS)
    try:
        assert reader.read(server.url("/")).body == b"<feed/>"
        server.pages["/away"] = redirect(server.url("/").replace("127.0.0.1", "127.0.0.2"))
        with pytest.raises(FeedUnavailable):
            reader.read(server.url("/away"))
    finally:
        reader.close()
