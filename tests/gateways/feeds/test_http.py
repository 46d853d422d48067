"""A feed server that hangs, lies, floods or sends us elsewhere costs a bounded time and nothing more."""

import gzip
import socket
import time

import pytest

from openconsular.gateways.feeds.base import FeedUnavailable
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from tests.gateways.feeds.bad_server import BadServer, coded, endless, gzip_bomb, page, redirect, self_signed

LIMITS = Limits(connect=0.5, read=0.4, total=1.0, body_bytes=1_000_000, redirects=2)


@pytest.fixture
def server():
    server = BadServer()
    yield server
    server.close()


@pytest.fixture
def reader():
    reader = HttpFeeds(inner_hosts=["127.0.0.1", "localhost"], limits=LIMITS, contact="duty@ministry.example")
    yield reader
    reader.close()


def failure(reader, url, within=1.6):
    started = time.perf_counter()
    with pytest.raises(FeedUnavailable) as caught:
        reader.read(url)
    assert time.perf_counter() - started < within
    assert "127.0.0.1" in caught.value.message or "web address" in caught.value.message
    return caught.value.code


@pytest.mark.parametrize("way", ["hang", "trickle", "trickle_head"])
def test_a_server_that_takes_its_time_is_left(server, reader, way):
    server.pages["/feed"] = getattr(server, way)
    assert failure(reader, server.url("/feed")) == "feed-timeout"


def test_a_port_where_nobody_answers(reader):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert failure(reader, f"http://127.0.0.1:{port}/") == "feed-unreachable"


@pytest.mark.parametrize("announced", [10, 5_000_000])
def test_a_length_that_lies(server, reader, announced):
    """Too short: only what was announced is taken. Too long: the rest never comes and that is an error."""
    server.pages["/feed"] = page(b"x" * 3000, length=announced)
    if announced == 10:
        assert reader.read(server.url("/feed")).body == b"x" * 10
    else:
        assert failure(reader, server.url("/feed")) == "feed-unreachable"


def test_fifty_megabytes_are_not_read(server, reader):
    server.pages["/feed"] = endless(50_000_000)
    assert failure(reader, server.url("/feed")) == "feed-too-large"


def test_a_small_body_that_unpacks_to_much(server, reader):
    server.pages["/feed"] = gzip_bomb(300_000_000)
    assert failure(reader, server.url("/feed"), within=4) == "feed-too-large"


def test_gzip_is_unpacked_and_other_codings_are_not(server, reader):
    server.pages["/gzip"] = coded(b"<a/>", "gzip")
    server.pages["/br"] = coded(b"<a/>", "br")
    assert reader.read(server.url("/gzip")).body == b"<a/>"
    assert failure(reader, server.url("/br")) == "feed-unreachable"


def test_broken_gzip(server, reader):
    server.pages["/feed"] = page(b"no gzip at all", headers="Content-Encoding: gzip\r\n")
    with pytest.raises(FeedUnavailable):
        reader.read(server.url("/feed"))


@pytest.mark.parametrize("status", ["404 Not Found", "401 Unauthorized", "500 Broken", "204 No Content"])
def test_other_statuses_are_errors_and_not_empty_feeds(server, reader, status):
    server.pages["/feed"] = page(b"", status=status)
    assert failure(reader, server.url("/feed")) == "feed-status"


def test_what_is_not_http(server, reader):
    server.pages["/feed"] = lambda connection, head: connection.sendall(b"\x00\xff" * 500)
    assert failure(reader, server.url("/feed")) == "feed-unreachable"


def test_redirects_at_home_are_followed_a_few_times(server, reader):
    server.pages |= {
        "/1": redirect("/2"),
        "/2": redirect("/3"),
        "/3": page(b"there"),
        "/loop": redirect("/back"),
        "/back": redirect("/loop"),
        "/self": redirect("/self"),
    }
    assert reader.read(server.url("/1")).body == b"there"
    assert failure(reader, server.url("/loop")) == "feed-redirects"


@pytest.mark.parametrize(
    "target",
    [
        "http://127.0.0.2:{port}/x",
        "http://localhost:{port}/x",
        "http://169.254.169.254/latest",
        "file:///etc/hostname",
        "",
    ],
)
def test_redirects_lead_to_no_other_machine(server, reader, target):
    server.pages["/feed"] = redirect(target.format(port=server.port))
    server.pages["/x"] = page(b"secret")
    with pytest.raises(FeedUnavailable):
        reader.read(server.url("/feed"))
    assert not any("GET /x" in head for head in server.asked)


def test_another_port_of_the_same_machine_is_elsewhere(reader):
    with pytest.raises(FeedUnavailable) as caught:
        reader.follow("http://127.0.0.1:22/", base="http://127.0.0.1:8000/feed")
    assert caught.value.code == "feed-link-elsewhere"


def test_hosts_can_be_allowed():
    reader = HttpFeeds(allowed_hosts=["Data.example.org", "127.0.0.1:8001"], limits=LIMITS)
    base = "https://www.example.org/feed/index.xml"
    assert reader.follow("https://data.example.org/1.xml", base=base) == "https://data.example.org/1.xml"
    assert reader.follow("http://127.0.0.1:8001/1.xml", base=base)
    assert reader.follow("a/1.xml", base=base) == "https://www.example.org/feed/a/1.xml"
    for link in (
        "https://data.example.org:8443/1.xml",
        "https://x.data.example.org/",
        "https://example.org/",
    ):
        with pytest.raises(FeedUnavailable):
            reader.follow(link, base=base)
    reader.close()


def test_an_upgrade_to_https_is_at_home(reader):
    assert (
        reader.follow("https://a.example.org/1", base="http://a.example.org/feed")
        == "https://a.example.org/1"
    )


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("http://a.example.org/1?x=2", "https://a.example.org/1?x=2"),
        ("http://a.example.org:80/1", "https://a.example.org/1"),
        ("//a.example.org/1", "https://a.example.org/1"),
    ],
)
def test_a_plain_link_of_a_secure_feed_to_itself_is_fetched_securely(reader, link, address):
    assert reader.follow(link, base="https://a.example.org/feed") == address


@pytest.mark.parametrize("link", ["http://a.example.org:8080/1", "http://b.example.org/1"])
def test_no_other_plain_link_of_a_secure_feed_is_followed(reader, link):
    with pytest.raises(FeedUnavailable):
        reader.follow(link, base="https://a.example.org/feed")


def test_it_says_who_it_is_and_asks_for_changes_only(server, reader):
    server.pages["/feed"] = page(b"x")
    reader.read(server.url("/feed"), etag='"7"', last_modified="Mon, 01 Jun 2026 05:00:00 GMT")
    head = server.asked[-1].lower()
    assert "user-agent: openconsular/" in head
    assert "(duty@ministry.example)" in head
    assert 'if-none-match: "7"' in head
    assert "if-modified-since: mon, 01 jun 2026" in head


@pytest.mark.parametrize(
    "url", ["", "feed", "gopher://127.0.0.1/", "http://", "http://[::", "http://127.0.0.1:99999/"]
)
def test_what_is_no_address(reader, url):
    with pytest.raises(FeedUnavailable):
        reader.read(url)


@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_gzip_body_that_breaks_off_is_no_document(server, reader, kept):
    packed = gzip.compress(bytes(range(256)) * 400)
    server.pages["/feed"] = page(packed[: int(len(packed) * kept)], headers="Content-Encoding: gzip\r\n")
    with pytest.raises(FeedUnavailable) as caught:
        reader.read(server.url("/feed"))
    assert caught.value.code == "feed-unreachable"


def test_a_server_without_a_trusted_certificate_is_not_read(tmp_path, reader):
    """Whoever sits between could forge every warning."""
    server = BadServer(pages={"/feed": page(b"x")}, tls=self_signed(tmp_path))
    with pytest.raises(FeedUnavailable) as caught:
        reader.read(f"https://localhost:{server.port}/feed")
    assert caught.value.code == "feed-unreachable"
    assert "certificate" in caught.value.message.lower()
    server.close()


def test_plain_speech_on_a_secure_port(server, reader):
    server.pages["/feed"] = page(b"x")
    with pytest.raises(FeedUnavailable) as caught:
        reader.read(server.url("/feed").replace("http:", "https:"))
    assert caught.value.code == "feed-unreachable"
