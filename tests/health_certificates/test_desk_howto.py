"""The how-to for the desk names its buttons as the desk does, in both languages."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "certificates-desk.md").read_text("utf-8")
CATALOGUE = ROOT / "src" / "openconsular" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"


@pytest.fixture(scope="module")
def chinese():
    with CATALOGUE.open("rb") as file:
        found = read_po(file)
    return {str(one.id): str(one.string) for one in found if isinstance(one.id, str) and one.id}


def test_every_label_is_one_of_the_program(chinese):
    plain = PAGE.replace("**", "")
    labels = {" ".join(one.split()) for one in re.findall(r"(?<!\*)\*([^*]+)\*(?!\*)", plain)}
    assert len(labels) > 30
    assert sorted(labels - set(chinese)) == []


def test_the_chinese_labels_are_those_on_the_screen(chinese):
    rows = re.findall(r"^\| \*([^*]+)\* \| (.+) \|$", PAGE, re.MULTILINE)
    assert len(rows) > 10
    assert dict(rows) == {label: chinese[label] for label, _told in rows}
