"""What a list with many documents may cost together, and that no name leads into one's own network."""

from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from openconsular.gateways.trust_lists.base import (
    DOCUMENTS_MOST,
    SECONDS_MOST,
    ListDocument,
    ListSource,
    ListUnavailable,
    read_with_references,
)
from openconsular.gateways.trust_lists.folder import FolderLists
from openconsular.gateways.trust_lists.http import HttpLists

SOURCE = ListSource("https://lists.example/root")


def folder(tmp_path: Path, **documents: str) -> FolderLists:
    place = tmp_path / "lists.example"
    place.mkdir()
    for name, text in documents.items():
        (place / name).write_text(text)
    return FolderLists(tmp_path)


def words(document: ListDocument) -> list[str]:
    return [word for word in (document.body or b"").decode().split() if not word.startswith("-")]


def read(reader: FolderLists, **limits: object) -> list[str]:
    found = read_with_references(
        reader,
        SOURCE,
        words,
        address_of=lambda did: f"https://lists.example/{did}",
        **limits,  # type: ignore[arg-type]
    )
    return [urlsplit(one.address).path for one in found]


def refusal(reader: FolderLists, **limits: object) -> str:
    with pytest.raises(ListUnavailable) as refused:
        read(reader, **limits)
    return refused.value.code


def test_all_together_are_no_larger_than_one(tmp_path: Path) -> None:
    reader = folder(tmp_path, root="a b", a="-" * 40, b="-" * 40)
    assert read(reader, bytes_most=83) == ["/root", "/a", "/b"]
    assert refusal(reader, bytes_most=82) == "list-too-large"


def test_all_together_take_a_bounded_time(tmp_path: Path) -> None:
    reader = folder(tmp_path, root="a b", a="", b="")
    ticks = count(0, SECONDS_MOST / 2)
    assert refusal(reader, clock=lambda: float(next(ticks))) == "list-timeout"


def test_more_documents_than_any_list_has(tmp_path: Path) -> None:
    many = [f"d{number}" for number in range(DOCUMENTS_MOST + 1)]
    assert refusal(folder(tmp_path, root=" ".join(many))) == "list-endless"


@pytest.mark.parametrize(
    "host",
    ["127.0.0.1", "localhost", "[::1]", "10.0.0.1", "169.254.169.254", "0.0.0.0", "[::ffff:127.0.0.1]"],  # noqa: S104
)
def test_no_address_of_one_s_own_network(host: str) -> None:
    """Whatever a name stands for: the address it resolves to is looked at when the connection is made."""
    reader = HttpLists()
    with pytest.raises(ListUnavailable) as refused:
        reader.read(ListSource(f"https://{host}/did.json"))
    reader.close()
    assert refused.value.code == "list-address-inner"


@pytest.mark.parametrize(
    "address",
    [
        "https://lists.example.evil.example/x",
        "https://lists.example@evil.example/x",
        "https://evil.example/lists.example",
        "https://lists.example:8443/x",
        "http://lists.example/x",
        "ftp://lists.example/x",
        "//lists.example/x",
        "https:///x",
    ],
)
def test_places_that_only_look_like_the_list_s_own(address: str) -> None:
    assert not SOURCE.may_lead_to(address)
    assert SOURCE.may_lead_to("https://LISTS.example/y")
