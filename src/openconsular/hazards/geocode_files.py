"""Registries of area codes from files: one GeoJSON file a code, alone, in folders or in tar archives.

Inside archives a code may be a link to another code's file (NUTS2/AT11 -> ../EMMA_ID/AT008), also to one in another
archive. Archives are read in memory and nothing is unpacked, so that no name in them can reach the file system.
"""

import json
import posixpath
import tarfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from openconsular.domain.geo import Area, AreaError

MAX_FILE_BYTES = 20_000_000
MAX_ARCHIVE_BYTES = 2_000_000_000
MAX_ENTRIES = 200_000
_MAX_LINKS = 5
_ENDINGS = (".geojson", ".json")
_ARCHIVES = (".tar", ".tar.gz", ".tgz", ".tar.xz", ".tar.bz2")


@dataclass
class Registries:
    """What was found. `faults` are sentences on what could not be used."""

    areas: dict[tuple[str, str], Area] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def entries(self) -> Iterator[tuple[str, str, Area]]:
        return ((registry, code, area) for (registry, code), area in self.areas.items())


class _Collection:
    """Files by "REGISTRY/CODE" and links between them, from all places together."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}
        self.links: dict[str, str] = {}
        self.faults: list[str] = []


def read_registries(paths: Iterable[Path], progress: Callable[[str], None] | None = None) -> Registries:
    """Every code below `paths`: archives, folders named like a registry, or single files in such folders."""
    found = _Collection()
    for path in paths:
        for file in _files(path):
            if progress:
                progress(file.name)
            if file.name.endswith(_ARCHIVES):
                _read_archive(file, found)
            elif file.name.endswith(_ENDINGS):
                _read_file(file, found)
    return _resolve(found)


def holds_registries(folder: Path) -> bool:
    """Whether a folder looks as if registries could be read from it."""
    return folder.is_dir() and any(_files(folder))


def _files(path: Path) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from sorted(p for p in path.rglob("*") if p.name.endswith(_ARCHIVES + _ENDINGS) and p.is_file())


def _read_file(file: Path, found: _Collection) -> None:
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            found.faults.append(f"{file.name} is larger than {MAX_FILE_BYTES} bytes.")
        else:
            found.contents[_key(file.parent.name, file.name)] = file.read_bytes()
    except OSError as error:
        found.faults.append(f"{file.name} cannot be read: {error.strerror}")


def _read_archive(file: Path, found: _Collection) -> None:
    """Stops at the first bound that is passed; what was read until then counts."""
    total = 0
    try:
        with tarfile.open(file, mode="r|*") as archive:
            for count, member in enumerate(archive):
                folder, name = posixpath.split(posixpath.normpath(member.name))
                total += member.size
                if count >= MAX_ENTRIES or total > MAX_ARCHIVE_BYTES:
                    found.faults.append(f"{file.name} is too large; the rest was not read.")
                    return
                if not name.endswith(_ENDINGS):
                    continue
                key = _key(posixpath.basename(folder), name)
                if member.issym() or member.islnk():
                    target = posixpath.normpath(posixpath.join(folder, member.linkname))
                    found.links[key] = _key(
                        posixpath.basename(posixpath.dirname(target)), posixpath.basename(target)
                    )
                elif member.isfile() and member.size <= MAX_FILE_BYTES:
                    content = archive.extractfile(member)
                    found.contents[key] = content.read() if content else b""
    except (tarfile.TarError, OSError, EOFError, zlib.error, ValueError) as error:
        found.faults.append(f"{file.name} cannot be read: {error}")


def _resolve(found: _Collection) -> Registries:
    registries = Registries(faults=found.faults)
    known: dict[str, Area] = {}
    for key in sorted(found.contents.keys() | found.links.keys()):
        target = key
        for _ in range(_MAX_LINKS):
            target = found.links.get(target, target)
        if target not in found.contents:
            registries.faults.append(f"{key} points to {target}, which is in none of the files.")
            continue
        if target not in known:
            area = _area(target, found.contents[target], registries.faults)
            if area is None:
                continue
            known[target] = area
        registry, _slash, code = key.partition("/")
        registries.areas[registry, code] = known[target]
    return registries


def _area(key: str, content: bytes, faults: list[str]) -> Area | None:
    try:
        area = Area.from_geojson(json.loads(content))
    except (ValueError, RecursionError):
        faults.append(f"{key} is not JSON.")
        return None
    except AreaError as error:
        faults.append(f"{key}: {error}")
        return None
    if area.is_empty:
        faults.append(f"{key} has no area.")
        return None
    return area


def _key(folder: str, name: str) -> str:
    """The folder names the registry, the file the code: EMMA_ID/AT001.geojson -> EMMA_ID/AT001."""
    return f"{folder.upper()[:60]}/{name.rpartition('.')[0].upper()[:120]}"
