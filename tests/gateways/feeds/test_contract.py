"""What everything that reads feeds keeps to: the web and a folder alike."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from openconsular.gateways.feeds.base import FeedReader, FeedUnavailable
from openconsular.gateways.feeds.folder import FolderFeeds
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from tests.gateways.feeds.bad_server import BadServer, conditional, page

LIMITS = Limits(connect=1, read=0.5, total=1.5, body_bytes=200_000)


@dataclass
class World:
    """A reader and the place it reads: put a document there and get its address."""

    reader: FeedReader
    put: object
    link: object


@pytest.fixture(params=["web", "folder"])
def world(request, tmp_path: Path):
    if request.param == "folder":
        reader = FolderFeeds(tmp_path, body_bytes=LIMITS.body_bytes)

        def put(name: str, body: bytes) -> str:
            (tmp_path / name).write_bytes(body)
            return name

        yield World(reader, put, lambda name: f"https://feeds.example.org/cap/{name}")
        reader.close()
        return
    server = BadServer()
    reader = HttpFeeds(inner_hosts=["127.0.0.1", "localhost"], limits=LIMITS)

    def serve(name: str, body: bytes) -> str:
        server.pages[f"/{name}"] = conditional(body, f'"{hash(body)}"')
        return server.url(f"/{name}")

    yield World(reader, serve, lambda name: f"/{name}")
    reader.close()
    server.close()


def test_the_document_comes_whole(world):
    address = world.put("a.xml", b"<a/>" * 1000)
    assert world.reader.read(address).body == b"<a/>" * 1000


def test_what_has_not_changed_is_not_read_again(world):
    address = world.put("a.xml", b"<a/>")
    first = world.reader.read(address)
    assert first.etag
    assert world.reader.read(address, etag=first.etag).body is None
    world.put("a.xml", b"<b/>")
    assert world.reader.read(address, etag=first.etag).body == b"<b/>"


def test_what_is_too_large_is_refused(world):
    address = world.put("a.xml", b"x" * (LIMITS.body_bytes + 1))
    with pytest.raises(FeedUnavailable) as caught:
        world.reader.read(address)
    assert caught.value.code == "feed-too-large"
    assert world.reader.read(world.put("b.xml", b"x" * LIMITS.body_bytes)).body


def test_what_is_not_there_is_said(world):
    address = world.put("a.xml", b"x")
    with pytest.raises(FeedUnavailable) as caught:
        world.reader.read(address.replace("a.xml", "missing.xml"))
    assert caught.value.message


def test_links_lead_to_the_neighbours(world):
    base = world.put("index.xml", b"x")
    world.put("alert.xml", b"found")
    assert world.reader.read(world.reader.follow(world.link("alert.xml"), base=base)).body == b"found"


@pytest.mark.parametrize(
    "link", ["file:///etc/hostname", "ftp://a.example.org/x", "http://", "https://u:p@a.example.org/", "\x00"]
)
def test_links_lead_nowhere_else(world, link):
    base = world.put("index.xml", b"x")
    with pytest.raises(FeedUnavailable):
        world.reader.read(world.reader.follow(link, base=base))


def test_no_way_out_of_the_folder(tmp_path):
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "secret.xml").write_bytes(b"secret")
    (inner / "index.xml").write_bytes(b"x")
    reader = FolderFeeds(inner)
    for address in ("../secret.xml", str(tmp_path / "secret.xml")):
        with pytest.raises(FeedUnavailable):
            reader.read(address)
        with pytest.raises(FeedUnavailable):
            reader.follow(address, base="index.xml")


def test_a_reader_can_be_closed_twice(world):
    world.reader.close()
    world.reader.close()


def test_pages_of_the_server_work():
    server = BadServer(pages={"/a": page(b"1")})
    reader = HttpFeeds(inner_hosts=["127.0.0.1", "localhost"], limits=LIMITS)
    assert reader.read(server.url("/a")).body == b"1"
    reader.close()
    server.close()
