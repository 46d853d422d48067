"""The Chinese catalogue is whole, and the tool that says so sees what is missing or wrong."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
_spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
messages = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(messages)

PYTHON = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext, pgettext
def words(n):
    return [_("One"), gettext_lazy("Two"), ngettext("%(n)d case", "%(n)d cases", n), pgettext("duty", "Shift")]
"""
TEMPLATE = """
{% load i18n %}
<p>It's {% translate "Safe" %}</p> ( {% translate "Open" context "door" %}
  {% blocktranslate count n=people|length trimmed %}{{ n }} person
  {% plural %}{{ n }} people{% endblocktranslate %}
    {# not a message: {% translate "Hidden" %} #}
"""


@pytest.fixture
def program(tmp_path):
    (tmp_path / "words.py").write_text(PYTHON, encoding="utf-8")
    (tmp_path / "page.html").write_text(TEMPLATE, encoding="utf-8")
    return tmp_path


@pytest.fixture
def catalogue(program):
    return program / "zh_Hans" / "LC_MESSAGES" / "django.po"


def translate(catalogue, program, **strings):
    """Write the catalogue of the program with every text translated as “译”, but for `strings`."""
    found = messages.gather(program)
    messages.update(catalogue, "zh_Hans", found, [])
    lines = catalogue.read_text("utf-8").split("\n\n")
    for at, block in enumerate(lines[1:], start=1):
        given = next((zh for text, zh in strings.items() if f'"{text}"' in block), None)
        holder = "%(n)d" if "%(n)d" in block else "%(n)s" if "%(n)s" in block else ""
        filled = f"译{holder}" if given is None else given
        lines[at] = block.replace('msgstr ""', f'msgstr "{filled}"').replace(
            'msgstr[0] ""', f'msgstr[0] "{filled}"'
        )
    catalogue.write_text("\n\n".join(lines), encoding="utf-8")
    return found


def test_the_shipped_catalogue_is_whole():
    found = messages.gather(messages.SOURCE)
    assert len(found) > 300
    path = messages.catalogue_path("zh_Hans")
    assert messages.check(path, "zh_Hans", found) == []


def test_messages_are_found_in_code_and_pages(program):
    found = messages.gather(program)
    assert set(found) == {
        (None, "One"),
        (None, "Two"),
        (None, "%(n)d case"),
        ("duty", "Shift"),
        (None, "Safe"),
        ("door", "Open"),
        (None, "%(n)s person"),
    }
    assert found[(None, "%(n)d case")].plural == "%(n)d cases"


def test_what_errors_say_is_found(tmp_path):
    (tmp_path / "rooms.py").write_text(
        '''
class OpenConsularError(Exception):
    """Something went wrong."""
class NoArea(OpenConsularError):
    """There is no area."""
class Other(ValueError):
    """Not ours."""
def act(n):
    if n > 1:
        raise NoArea("Draw one.")
    if n:
        raise NoArea(f"Draw {n}.")
    raise Other("Not ours either.")
''',
        encoding="utf-8",
    )
    assert {text for _context, text in messages.gather(tmp_path)} == {
        "Something went wrong.",
        "There is no area.",
        "Draw one.",
    }


def test_an_untranslated_message_is_told(program, catalogue):
    found = translate(catalogue, program, Two="")
    assert messages.check(catalogue, "zh_Hans", found) == ["zh_Hans: “Two” (words.py) has no translation"]


def test_a_whole_catalogue_has_no_problem_and_stays_as_it_is(program, catalogue):
    found = translate(catalogue, program)
    assert messages.check(catalogue, "zh_Hans", found) == []
    messages.update(catalogue, "zh_Hans", found, [])
    before = catalogue.read_bytes()
    messages.update(catalogue, "zh_Hans", found, [])
    assert catalogue.read_bytes() == before
    assert messages.check(catalogue, "zh_Hans", found) == []


@pytest.mark.parametrize(
    ("text", "zh", "fault"),
    [
        ("%(n)d case", "案件", "other placeholders"),
        ("%(n)d case", "%(m)d个案件", "other placeholders"),
        ("Safe", "平安%(n)s", "other placeholders"),
        ("Safe", "平安,勿念", "ASCII punctuation"),
    ],
)
def test_a_wrong_translation_is_told(program, catalogue, text, zh, fault):
    found = translate(catalogue, program, **{text: zh})
    problems = messages.check(catalogue, "zh_Hans", found)
    assert len(problems) == 1
    assert fault in problems[0]


def test_drafts_are_taken_and_what_is_there_wins(program, catalogue, tmp_path):
    found = translate(catalogue, program, Two="", One="一")
    draft = tmp_path / "draft.po"
    draft.write_text('msgid "One"\nmsgstr "壹"\n\nmsgid "Two"\nmsgstr "二"\n', encoding="utf-8")
    messages.update(catalogue, "zh_Hans", found, [draft])
    known = messages.translated(messages.read(catalogue, "zh_Hans"))
    assert known[(None, "One")].string == "一"
    assert known[(None, "Two")].string == "二"
