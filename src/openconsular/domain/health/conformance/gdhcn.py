"""Codes and what they unpack to, from WHO's validator (gdhcn-validator): EU DCC, digital ICVP and DDCC.

A vector is a text file that starts with "HC1:", and beside it one named `...Unpacked` with `{protectedAttributes,
unprotectedAttributes, contents}`. The keys that signed them are not published, so the signatures are not checked.
"""

import base64
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.conformance import (
    LARGEST_FILE,
    Disagreement,
    Suite,
    files,
    name_of,
    read_json,
)
from openconsular.domain.health.hcert import cose, read
from openconsular.domain.health.hcert.envelope import PREFIX
from openconsular.domain.health.verdict import Unreadable

_SUITES = {
    Format.EU_DCC: "eu-dcc",
    Format.ICVP: "icvp",
    Format.DDCC_VS: "ddcc",
    Format.DDCC_TR: "ddcc",
}


def run(data: Path) -> Iterator[Suite]:
    """Every code of WHO's validator below `data`, a suite for each kind of certificate."""
    counted = dict.fromkeys(dict.fromkeys(_SUITES.values()), 0)
    disagreements: dict[str, list[Disagreement]] = {name: [] for name in counted}
    for path, unpacked in _vectors(data):
        suite, found = _outcome(path, unpacked)
        counted[suite] += 1
        if found:
            disagreements[suite].append(Disagreement(name_of(data, path), "as unpacked", found))
    for name, number in counted.items():
        yield Suite(name, number, tuple(disagreements[name]))


def _vectors(data: Path) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    for path in files(data, ".txt"):
        if path.stat().st_size > LARGEST_FILE or not path.read_bytes().startswith(PREFIX.encode()):
            continue
        stem = path.stem.removesuffix("Contents")
        for beside in (path.with_name(f"{stem}Unpacked.json"), path.with_name(f"{stem}Unpacked.txt")):
            told = read_json(beside) if beside.is_file() else None
            if isinstance(told, dict) and isinstance(told.get("contents"), dict):
                yield path, told


def _outcome(path: Path, unpacked: Mapping[str, Any]) -> tuple[str, str]:
    """The suite a vector belongs to, and what differs."""
    suite = _expected_suite(unpacked)
    try:
        presented = read.read(path.read_bytes().decode("utf-8", "replace").strip("\r\n"))
        certificate = presented.certificate
    except Unreadable as fault:
        return suite, f"{fault.code}: {fault.message}"
    if _SUITES[certificate.format] != suite:
        return suite, certificate.format
    if _as_json(presented.everything) != unpacked["contents"]:
        return suite, "the contents differ"
    seal = presented.seal
    header = {**unpacked.get("unprotectedAttributes", {}), **unpacked.get("protectedAttributes", {})}
    if header.get("1") != cose.NUMBERS[seal.algorithm]:
        return suite, "the algorithm differs"
    if "4" in header and seal.key_ids != (_hex(header["4"]),):
        return suite, "the key identifier differs"
    return suite, ""


def _expected_suite(unpacked: Mapping[str, Any]) -> str:
    """By the claim's number; what stands at the top of the token is a DDCC."""
    claims = unpacked["contents"].get("-260")
    if not isinstance(claims, dict):
        return "ddcc"
    return "icvp" if "-6" in claims else "eu-dcc" if "1" in claims else "ddcc"


def _as_json(value: Any) -> Any:
    if isinstance(value, dict):
        return {str(key): _as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_json(member) for member in value]
    return value


def _hex(text: str) -> str:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
