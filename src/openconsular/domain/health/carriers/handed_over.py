"""The texts to verify in whatever somebody hands over: a picture, a PDF, a file of health cards, text."""

import codecs
import json
from collections.abc import Iterable
from typing import Any

from openconsular.domain.health import jsontext
from openconsular.domain.health.carriers import pages, pasted, pictures
from openconsular.domain.health.smart import numeric, read
from openconsular.domain.health.verdict import Layer, Unreadable

_JSON_MOST = read.FILE_MOST
_LINES_MOST = 10_000
_ARCHIVE = b"PK\x03\x04"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def texts_in(data: bytes) -> tuple[str, ...]:
    """What `verify` takes, one text for each certificate; the codes of a card in several pieces become one.

    JSON is a file of health cards where it says so, and one certificate otherwise, or a list of either; other text is
    one a line, tidied (`pasted`). Raises `Unreadable`.
    """
    if data.startswith(_ARCHIVE):
        # What is in the code of a zipped credential.
        return (data.decode("latin-1"),)
    text = None if pages.is_pdf(data) or pages.is_svg(data) else _as_text(data)
    if text is None:
        return whole(pictures.codes_in(data))
    if text.startswith(("{", "[")):
        return _in_json(text)
    if text.count("\n") > _LINES_MOST:
        raise Unreadable(Layer.TEXT, "text-empty", f"1 to {_LINES_MOST} lines are read")
    lines = pasted.codes_of(text)
    if not 0 < len(lines) <= _LINES_MOST:
        raise Unreadable(Layer.TEXT, "text-empty", f"1 to {_LINES_MOST} lines are read")
    return whole(lines)


def whole(texts: Iterable[str]) -> tuple[str, ...]:
    """The texts with all pieces of a health card put together, where the first of them stood.

    Raises `Unreadable` with "piece-missing" while some are not there yet, and which.
    """
    found: list[str] = []
    pieces: list[str] = []
    for text in texts:
        if not numeric.is_piece(text):
            found.append(text)
        elif text not in pieces:
            pieces.append(text)
    return (*((numeric.join(pieces),) if pieces else ()), *found)


def _as_text(data: bytes) -> str | None:
    """The text of a file that is one: UTF-8 without control characters at its beginning, or UTF-16 with its mark."""
    if len(data) > _JSON_MOST:
        return None
    is_wide = data.startswith(_WIDE)
    if not is_wide and any(byte < 9 for byte in data[:64]):
        return None
    try:
        return data.decode("utf-16" if is_wide else "utf-8-sig").strip()
    except UnicodeDecodeError:
        return None


def _in_json(text: str) -> tuple[str, ...]:
    try:
        content = jsontext.parse(text, most=_JSON_MOST)
    except Unreadable:
        # Its own reader says what is wrong with it.
        return (text,)
    if isinstance(content, list) and content:
        return whole(one for part in content[:_LINES_MOST] for one in _in_part(part))
    return read.cards_in(text.encode()) if _is_card_file(content) else (text,)


def _in_part(part: Any) -> tuple[str, ...]:
    """Of a list: a text as it stands, an object as a document of its own."""
    if isinstance(part, str):
        return tuple(pasted.codes_of(part))
    text = json.dumps(part, ensure_ascii=False, separators=(",", ":"))
    return read.cards_in(text.encode()) if _is_card_file(part) else (text,)


def _is_card_file(content: Any) -> bool:
    return isinstance(content, dict) and (
        "verifiableCredential" in content or content.get("resourceType") == "Parameters"
    )
