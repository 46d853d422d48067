"""Lists as files: what people wrote stays text."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.foundation.csv_download import csv_download


def read(rows, header=("a",)):
    content = b"".join(csv_download("x.csv", header, rows).streaming_content).decode("utf-8")
    assert content.startswith("\ufeff")
    return list(csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline="")))[1:]


@pytest.mark.parametrize("text", ["=1+1", "+86138", "-1", "@x", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_nothing_starts_a_formula(text):
    assert read([[text]]) == [[f"'{text}"]]


@given(
    st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2), max_size=5)
)
def test_every_text_comes_back_but_for_the_apostrophe(rows):
    back = read(rows)
    assert [
        [cell.removeprefix("'") if cell != text else cell for cell, text in zip(b, r, strict=True)]
        for b, r in zip(back, rows, strict=True)
    ] == rows
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in back for cell in row)


def test_nothing_is_an_empty_cell():
    assert read([[None, 0, "x"]]) == [["", "0", "x"]]
