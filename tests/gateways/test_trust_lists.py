"""Trust lists from outside: the contract of every reader, and what must never be fetched."""

import gzip
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from openconsular.gateways.feeds.http import Limits
from openconsular.gateways.trust_lists.base import (
    ListDocument,
    ListReader,
    ListSource,
    ListUnavailable,
    read_with_references,
)
from openconsular.gateways.trust_lists.folder import FolderLists
from openconsular.gateways.trust_lists.http import HttpLists
from tests.gateways.feeds.bad_server import BadServer
from tests.gateways.rigs import until

SMALL = Limits(connect=1, read=1, total=3, body_bytes=1_000, redirects=3)
# Where time is not what is tried: the machine may be busy with other tests.
PATIENT = Limits(connect=30, read=30, total=60, body_bytes=1_000, redirects=3)


@dataclass
class World:
    """A reader, the list it is configured for, and how to put a page there."""

    reader: ListReader
    source: ListSource
    put: Callable[[str, bytes], str]


def answer(body: bytes, head: str = "HTTP/1.1 200 OK") -> Callable[[object, str], None]:
    def write(connection: object, _: str) -> None:
        connection.sendall(f'{head}\r\nETag: "e1"\r\nContent-Length: {len(body)}\r\n\r\n'.encode() + body)  # type: ignore[attr-defined]

    return write


@pytest.fixture
def server() -> Iterator[BadServer]:
    found = BadServer()
    # It listens in a thread, which must have begun before it is told to end.
    until(lambda: not os.get_blocking(found._listener.fileno()))
    yield found
    found.close()


@pytest.fixture(params=["http", "folder"])
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    if request.param == "http":
        server: BadServer = request.getfixturevalue("server")

        def serve(path: str, body: bytes) -> str:
            server.pages[path] = answer(body)
            return server.url(path)

        reader = HttpLists(inner_hosts=["127.0.0.1"], limits=PATIENT)
        yield World(reader, ListSource(server.url("/list/did.json"), plain=True), serve)
        reader.close()
        return

    def write(path: str, body: bytes) -> str:
        file = tmp_path / "127.0.0.1_8080" / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(body)
        return f"http://127.0.0.1:8080{path}"

    source = ListSource("http://127.0.0.1:8080/list/did.json", plain=True)
    yield World(FolderLists(tmp_path, body_bytes=1_000), source, write)


def refusal(attempt: Callable[[], object]) -> str:
    with pytest.raises(ListUnavailable) as refused:
        attempt()
    assert refused.value.message
    return refused.value.code


def test_a_list_is_read(world: World) -> None:
    world.put("/list/did.json", b"keys")
    document = world.reader.read(world.source)
    assert (document.address, document.body) == (world.source.address, b"keys") and document.etag


def test_a_list_that_is_not_there(world: World) -> None:
    assert refusal(lambda: world.reader.read(world.source)).startswith("list-")


def test_a_list_larger_than_any(world: World) -> None:
    world.put("/list/did.json", b"x" * 1_001)
    assert refusal(lambda: world.reader.read(world.source)) == "list-too-large"


@pytest.mark.parametrize(
    "address",
    [
        "https://evil.example/did.json",
        "http://169.254.169.254/latest/meta-data",
        "http://127.0.0.1:1/did.json",
        "http://localhost/did.json",
        "http://[::1]/did.json",
        "file:///etc/passwd",
        "ftp://127.0.0.1/x",
        "gopher://127.0.0.1/x",
        "//evil.example/x",
        "https://user:secret@evil.example/",
        "https://127.0.0.1@evil.example/",
        "http://[bad",
        "",
        "did.json",
    ],
)
def test_nothing_is_fetched_from_elsewhere(world: World, address: str) -> None:
    if not address:
        return
    assert refusal(lambda: world.reader.read(world.source, address)) == "list-elsewhere"


def test_references_are_followed_on_the_same_host_each_once(world: World) -> None:
    root = world.put("/list/did.json", b"a b a")
    world.put("/a", b"b")
    world.put("/b", b"")
    got = list(read_with_references(world.reader, world.source, words, address_of=on(root)))
    assert [urlsplit(one.address).path for one in got] == ["/list/did.json", "/a", "/b"]


def test_references_elsewhere_end_the_reading(world: World) -> None:
    world.put("/list/did.json", b"evil")
    attempt = lambda: list(  # noqa: E731
        read_with_references(
            world.reader, world.source, words, address_of=lambda did: f"https://{did}.example/did.json"
        )
    )
    assert refusal(attempt) == "list-elsewhere"


def test_references_without_end(world: World) -> None:
    root = world.put("/list/did.json", b"1")
    for number in range(1, 12):
        world.put(f"/{number}", f"{number + 1}".encode())
    attempt = lambda: list(read_with_references(world.reader, world.source, words, address_of=on(root)))  # noqa: E731
    assert refusal(attempt) == "list-endless"


def test_a_connection_closed_meanwhile_is_opened_again(world: World) -> None:
    for number in range(40):
        world.put("/list/did.json", f"keys {number}".encode())
        assert world.reader.read(world.source).body == f"keys {number}".encode()


def test_a_name_that_is_none_is_not_followed(world: World) -> None:
    world.put("/list/did.json", b"did:web:x%2Fy")
    assert (
        refusal(lambda: list(read_with_references(world.reader, world.source, words))) == "reference-unusable"
    )


def words(document: ListDocument) -> list[str]:
    return (document.body or b"").decode().split()


def on(root: str) -> Callable[[str], str]:
    return lambda did: root.replace("/list/did.json", f"/{did}")


class TestOverHttp:
    @pytest.fixture
    def reader(self) -> Iterator[HttpLists]:
        found = HttpLists(inner_hosts=["127.0.0.1"], limits=SMALL)
        yield found
        found.close()

    def redirect(self, target: str) -> Callable[[object, str], None]:
        return answer(b"", f"HTTP/1.1 302 Found\r\nLocation: {target}")

    def test_without_tls_only_where_the_operator_said_so(self, reader: HttpLists, server: BadServer) -> None:
        server.pages["/x"] = answer(b"keys")
        assert refusal(lambda: reader.read(ListSource(server.url("/x")))) == "list-elsewhere"
        assert server.asked == []

    @pytest.mark.parametrize(
        "target", ["https://evil.example/", "http://127.0.0.2:9/", "file:///etc/passwd", "//evil.example/"]
    )
    def test_a_redirect_elsewhere(self, reader: HttpLists, server: BadServer, target: str) -> None:
        server.pages["/x"] = self.redirect(target)
        source = ListSource(server.url("/x"), plain=True)
        assert refusal(lambda: reader.read(source)) in ("list-link-elsewhere", "list-link-unusable")

    def test_redirects_without_end(self, reader: HttpLists, server: BadServer) -> None:
        server.pages["/x"] = self.redirect("/x")
        assert refusal(lambda: reader.read(ListSource(server.url("/x"), plain=True))) == "list-redirects"

    def test_what_one_list_may_lead_to_another_may_not(self, reader: HttpLists, server: BadServer) -> None:
        other = BadServer()
        try:
            other.pages["/y"] = answer(b"keys")
            server.pages["/x"] = self.redirect(other.url("/y"))
            allowed = ListSource(server.url("/x"), (f"127.0.0.1:{other.port}",), plain=True)
            assert reader.read(allowed).body == b"keys"
            assert (
                refusal(lambda: reader.read(ListSource(server.url("/x"), plain=True)))
                == "list-link-elsewhere"
            )
        finally:
            other.close()

    def test_a_body_that_unpacks_to_more_than_any_list(self, reader: HttpLists, server: BadServer) -> None:
        packed = gzip.compress(bytes(1_000_000))
        server.pages["/x"] = answer(packed, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip")
        assert refusal(lambda: reader.read(ListSource(server.url("/x"), plain=True))) == "list-too-large"

    def test_a_server_that_never_ends(self, reader: HttpLists, server: BadServer) -> None:
        server.pages["/x"] = server.trickle
        assert refusal(lambda: reader.read(ListSource(server.url("/x"), plain=True))) == "list-timeout"

    def test_a_server_that_is_slow_with_each_of_many(self, server: BadServer) -> None:
        reader = HttpLists(inner_hosts=("127.0.0.1",), limits=Limits(total=3, session=0.6, body_bytes=1_000))

        def slowly(connection: object, head: str) -> None:
            time.sleep(0.2)
            answer(b"keys")(connection, head)

        server.pages["/x"] = slowly
        source, read = ListSource(server.url("/x"), plain=True), 0
        try:
            with pytest.raises(ListUnavailable) as refused:
                for read in range(50):  # noqa: B007
                    reader.read(source)
            assert refused.value.code == "list-timeout" and 0 < read < 5
        finally:
            reader.close()

    def test_unchanged_since_last_time(self, reader: HttpLists, server: BadServer) -> None:
        server.pages["/x"] = answer(b"", "HTTP/1.1 304 Not Modified")
        document = reader.read(ListSource(server.url("/x"), plain=True), etag='"e1"')
        assert document.body is None and 'if-none-match: "e1"' in server.asked[0].lower()


class TestFolders:
    @pytest.mark.parametrize(
        "path", ["/../../secret", "/%2e%2e/%2e%2e/secret", "/..%2f..%2fsecret", "/a/../../../secret"]
    )
    def test_nothing_outside_the_folder(self, tmp_path: Path, path: str) -> None:
        (tmp_path / "secret").write_bytes(b"secret")
        reader = FolderLists(tmp_path / "lists")
        source = ListSource(f"https://lists.example{path}")
        assert refusal(lambda: reader.read(source)) == "list-elsewhere"

    def test_a_link_out_of_the_folder(self, tmp_path: Path) -> None:
        (tmp_path / "secret").write_bytes(b"secret")
        place = tmp_path / "lists" / "lists.example"
        place.mkdir(parents=True)
        (place / "x").symlink_to(tmp_path / "secret")
        source = ListSource("https://lists.example/x")
        assert refusal(lambda: FolderLists(tmp_path / "lists").read(source)) == "list-elsewhere"

    def test_unchanged_since_last_time(self, tmp_path: Path) -> None:
        place = tmp_path / "lists.example"
        place.mkdir()
        (place / "x").write_bytes(b"keys")
        reader, source = FolderLists(tmp_path), ListSource("https://lists.example/x")
        first = reader.read(source)
        assert reader.read(source, etag=first.etag).body is None
