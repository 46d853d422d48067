"""Named fields in a text: `{event}`. Nothing else is special, and `{{` `}}` stand for braces.

Python's own format strings reach into attributes and indexes of what they are given ("{event.__class__}"), so
that a text could show what it was never meant to; here a field is a name and its value is a string.
"""

import re
from collections.abc import Mapping

from openconsular.domain.texts.errors import TextError

FIELDS = ("event", "grade", "place", "until", "instruction", "hotline", "link", "sender", "issued")
"""Every field a template may use. `link` is each person's own and is filled only at delivery."""

LINK = "{link}"

_PIECE = re.compile(r"\{\{|\}\}|\{([a-z_]+)\}|[{}]")


def fields_in(template: str) -> list[str]:
    """The fields a text uses, each once, in order. Raises TextError for a brace that belongs to no field."""
    found: list[str] = []
    for piece in _PIECE.finditer(template):
        if piece.group() in "{}":
            raise TextError("stray-brace", "A curly bracket in the text belongs to no field.")
        if piece.group(1) and piece.group(1) not in found:
            found.append(piece.group(1))
    return found


def fill(template: str, fields: Mapping[str, str]) -> str:
    """The template with every field replaced by its value; values are taken as they are, never filled again.

    Raises TextError: unknown-field for a name outside FIELDS, missing-field for one that has no value here,
    stray-brace for a bracket on its own.
    """
    for name in fields_in(template):
        if name not in FIELDS:
            raise TextError("unknown-field", f"There is no field “{{{name}}}”.")
        if name not in fields:
            raise TextError("missing-field", f"The field “{{{name}}}” has no value.")

    def value(piece: re.Match[str]) -> str:
        return fields[piece.group(1)] if piece.group(1) else piece.group()[0]

    return _PIECE.sub(value, template)


def with_link(text: str, link: str) -> str:
    """A finished text with the person's own link. Never fails: whatever else stands in the text is kept."""
    return text.replace(LINK, link)
