"""The texts to verify in whatever somebody hands over: a picture, a PDF, a file of health cards, text."""

from collections.abc import Iterable

from openconsular.domain.health import jsontext
from openconsular.domain.health.carriers import pages, pictures
from openconsular.domain.health.smart import numeric, read
from openconsular.domain.health.verdict import Layer, Unreadable

_JSON_MOST = read.FILE_MOST
_LINES_MOST = 10_000


def texts_in(data: bytes) -> tuple[str, ...]:
    """What `verify` takes, one text for each certificate; the codes of a card in several pieces become one.

    JSON is a file of health cards where it says so, and one certificate otherwise; other text is one a line. Raises
    `Unreadable`.
    """
    text = None if pages.is_pdf(data) or pages.is_svg(data) else _as_text(data)
    if text is None:
        return whole(pictures.codes_in(data))
    if text.startswith("{"):
        return _in_json(data, text)
    lines = [line for line in text.splitlines() if line.strip()]
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
    """The text of a file that is one: UTF-8 without control characters at its beginning."""
    if len(data) > _JSON_MOST or any(byte < 9 for byte in data[:64]):
        return None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _in_json(data: bytes, text: str) -> tuple[str, ...]:
    try:
        content = jsontext.parse_object(text.rstrip("\r\n"), most=_JSON_MOST)
    except Unreadable:
        # Its own reader says what is wrong with it.
        return (text,)
    is_file = "verifiableCredential" in content or content.get("resourceType") == "Parameters"
    return read.cards_in(data) if is_file else (text,)
