"""Whatever somebody hands over on the command line: each code once, and a reason where there is none."""

import pytest

from openconsular.health_certificates.presented_files import codes_in


@pytest.fixture
def file(tmp_path):
    def write(name, content):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


def told(path):
    return [(found.text, found.fault) for found in codes_in(path)]


def test_a_card_in_pieces_is_one_code(file):
    # The pieces of one card are put together, in whatever order they come.
    assert len(told(file("card.txt", b"shc:/2/2/0405\nshc:/1/2/0102\n"))) == 1


def test_a_list_with_half_a_card_loses_nothing_else(file):
    assert told(file("list.txt", b"HC1:ONE\nshc:/1/2/0102\nHC1:TWO\n")) == [
        ("HC1:ONE", ""),
        ("shc:/1/2/0102", ""),
        ("HC1:TWO", ""),
    ]


def test_a_list_longer_than_one_person_hands_over_is_read_whole(file):
    assert len(told(file("many.txt", b"HC1:X\n" * 12_000))) == 12_000


@pytest.mark.parametrize(
    "content", [b"", b"\x89PNG\r\n\x1a\nnothing", b"<svg xmlns='x'>\n</svg>", b"%PDF-1.4\nnothing"]
)
def test_what_holds_no_code_says_why(file, content):
    ((text, fault),) = told(file("odd", content))
    assert text == "" and fault
