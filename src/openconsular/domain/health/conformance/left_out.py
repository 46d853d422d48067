"""Files that look like vectors and are not run, so that nobody takes a count for more than it is."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from openconsular.domain.health.conformance import LARGEST_FILE, name_of, read_json
from openconsular.domain.health.hcert.envelope import PREFIX

NOT_JSON = "not JSON"
TOO_LARGE = "larger than any vector"
UNREADABLE = "cannot be opened"
NOTHING_BESIDE = "a code with nothing beside it to compare it with"


class LeftOut(NamedTuple):
    """`file` is a path below the data folder."""

    file: str
    why: str


def left_out(data: Path) -> Iterator[LeftOut]:
    """Every such file below `data`, in the order of their names."""
    for path in sorted(data.rglob("*")):
        if path.suffix.lower() in (".json", ".txt"):
            why = _why(path)
            if why:
                yield LeftOut(name_of(data, path), why)


def _why(path: Path) -> str:
    try:
        if path.is_dir():
            return ""
        if path.stat().st_size > LARGEST_FILE:
            return TOO_LARGE
        content = path.read_bytes()
    except OSError:
        return UNREADABLE
    if path.suffix.lower() == ".json":
        return NOT_JSON if read_json(path) is None and content.strip() != b"null" else ""
    is_code = content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(PREFIX.encode())
    return NOTHING_BESIDE if is_code and not _has_company(path) else ""


def _has_company(path: Path) -> bool:
    stem = path.stem.removesuffix("Contents")
    beside = (f"{stem}{name}" for name in ("Unpacked.json", "Unpacked.txt", "FHIRBundle.json"))
    return any(path.with_name(name).is_file() for name in beside)
