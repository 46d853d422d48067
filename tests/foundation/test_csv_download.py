"""Lists as files: what people wrote stays text."""

import csv
import io
import re

import pytest
from asgiref.sync import async_to_sync
from hypothesis import given
from hypothesis import strategies as st

from openconsular.foundation.csv_download import _line, csv_download


def read(rows, header=("a",)):
    content = b"".join(csv_download("x.csv", header, rows).streaming_content).decode("utf-8")
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))[1:]


@pytest.mark.parametrize("text", ["=1+1", "+86138", "-1", "@x", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_nothing_starts_a_formula(text):
    [[cell]] = read([[text]])
    assert cell.startswith("'")
    assert cell.replace("'", "") == text


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5)
)
def test_every_text_comes_back_but_for_the_apostrophes(rows):
    back = read(rows)
    bare = [[cell.replace("'", "") for cell in row] for row in (*back, *rows)]
    assert bare[: len(rows)] == bare[len(rows) :]
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in back for cell in row)


def test_nothing_is_an_empty_cell():
    assert read([[None, 0, "x"]]) == [["", "0", "x"]]


@pytest.mark.parametrize(
    "cell",
    [
        " =1+1",
        "\n=1+1",
        "＝1+1",
        "＋1",
        "＠SUM(A1)",
        "Wang;=HYPERLINK(1)",
        "Wang\t=HYPERLINK(1)",
        "Wang\r\n@SUM(A1)",
    ],
)
def test_nothing_that_some_spreadsheet_takes_for_a_formula_stands_alone(cell):
    (value,) = next(csv.reader(io.StringIO(_line([cell]), newline="")))
    for sign in "=+-@＝＋－＠":
        for cut in re.split(r"[;\t\r\n|]", value):
            assert not cut.lstrip().startswith(sign)


@pytest.mark.parametrize(
    "cell", ["Mary-Jane O'Neill", "a=b", "2026-06-01 08:00", "roof, 3rd floor - left", "王小明"]
)
def test_what_is_harmless_stays_as_it_is(cell):
    assert next(csv.reader(io.StringIO(_line([cell])))) == [cell]


def test_an_asynchronous_server_gets_it_in_portions(recwarn):
    read = []

    def rows():
        for number in range(1000):
            read.append(number)
            yield [number]

    async def first_portion():
        response = csv_download("list.csv", ["n"], rows())
        portions = aiter(response)
        first = await anext(portions)
        seen = len(read)
        rest = [one async for one in portions]
        return first, seen, rest

    first, seen, rest = async_to_sync(first_portion)()
    assert first.startswith("\ufeffn\r\n".encode())
    assert seen < 250
    assert b"".join([first, *rest]).count(b"\r\n") == 1001
    assert not recwarn.list
