"""Published test vectors, run on this code: how many agree, and why the others do not.

Each room beside this one knows one kind of vectors and has `run(data: Path) -> Iterable[Suite]`; `suites.py` lists
them. A room finds its vectors by their shape wherever they lie below `data`, so that a folder of another country or
a later release is run too. A disagreement is explained when its cause is *computed* from the vector itself: a `Cause`
is a constant of its room, and docs/reference/health-conformance.md has a line for each of them.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

# A vector file larger than this is none (the largest published one is under 200 KiB).
LARGEST_FILE = 16 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a vector and this code may differ with neither a bug here nor a traveller harmed. `code` is kebab case."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`vector` is a path below the data folder, with the case's name where a file holds several."""

    vector: str
    expected: str
    found: str
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Suite:
    """What became of one kind of vectors. `skipped` are those the publisher marks as not to be run; not counted."""

    name: str
    vectors: int
    disagreements: tuple[Disagreement, ...] = ()
    skipped: int = 0

    @property
    def agree(self) -> int:
        return self.vectors - len(self.disagreements)

    @property
    def explained(self) -> int:
        return sum(1 for one in self.disagreements if one.cause is not None)

    @property
    def unexplained(self) -> int:
        return len(self.disagreements) - self.explained


def files(data: Path, *suffixes: str) -> Iterator[Path]:
    """Every file below `data` with one of the suffixes (".json"), in a stable order; none of them huge."""
    for path in sorted(data.rglob("*")):
        try:
            is_one = path.suffix.lower() in suffixes and path.is_file()
            if is_one and path.stat().st_size <= LARGEST_FILE:
                yield path
        except OSError:
            continue


def content_of(path: Path) -> bytes:
    """The file's bytes; none where it is not there or may not be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


def read_json(path: Path) -> Any:
    """The file's JSON value, or None where it is not JSON: other people's folders hold all sorts of things."""
    try:
        return json.loads(content_of(path).decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return None


def name_of(data: Path, path: Path, case: str = "") -> str:
    """How a vector is called in reports: its path below `data`, then the case."""
    relative = path.relative_to(data).as_posix()
    return f"{relative}: {case}" if case else relative
