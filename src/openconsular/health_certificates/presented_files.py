"""Codes in what somebody hands over: text, a picture, a PDF, a folder of them."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openconsular.domain.health.carriers.handed_over import texts_in
from openconsular.domain.health.verdict import Unreadable

FILE_MOST = 32 * 1024 * 1024


class Found(NamedTuple):
    """A code and where it was, or why there was none (`fault`, a stable code)."""

    source: str
    text: str
    fault: str = ""


def codes_in(path: Path) -> Iterator[Found]:
    """Every code in a file or in the files of a folder, in their order."""
    if path.is_dir():
        for one in sorted(path.rglob("*")):
            if one.is_file():
                yield from _codes_in_file(one)
    else:
        yield from _codes_in_file(path)


def _codes_in_file(path: Path) -> Iterator[Found]:
    if path.stat().st_size > FILE_MOST:
        yield Found(str(path), "", "file-too-large")
        return
    content = path.read_bytes()
    try:
        found = texts_in(content)
    except Unreadable as fault:
        if _is_list(content):
            # Longer than what one person hands over, or with pieces of several people's cards: line by line.
            yield from codes_in_text(str(path), content.decode("utf-8-sig"))
        else:
            yield Found(str(path), "", fault.code)
        return
    for text in found:
        yield Found(str(path), text)


def _is_list(content: bytes) -> bool:
    """Whether it is text of several lines, and neither JSON nor a drawing nor a PDF."""
    if b"\n" not in content.strip() or content.lstrip().startswith((b"{", b"<", b"%PDF")):
        return False
    try:
        return "\0" not in content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False


def codes_in_text(source: str, text: str) -> Iterator[Found]:
    """A code a line; what is one JSON document is one code."""
    if text.lstrip().startswith("{"):
        yield Found(source, text.strip())
        return
    for line in text.splitlines():
        if line.strip():
            yield Found(source, line.strip())
