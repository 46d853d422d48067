"""Codes and what they unpack to, from WHO's validator (gdhcn-validator): EU DCC, digital ICVP and DDCC.

A vector is a text file that starts with "HC1:", with what its publisher read from it beside it: one named `...Unpacked`
of `{protectedAttributes, unprotectedAttributes, contents}`, or of the contents alone, and a `...FHIRBundle`. The keys that
signed them are not published, so the signatures are not checked.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.conformance import (
    Cause,
    Disagreement,
    Suite,
    content_of,
    files,
    name_of,
    read_json,
)
from openconsular.domain.health.conformance.beside import difference
from openconsular.domain.health.conformance.tokens import (
    ODD_INSTANT,
    UNREADABLE,
    has_odd_instant,
    message_in,
    token_of,
)
from openconsular.domain.health.hcert import cose, read
from openconsular.domain.health.hcert.cwt import HEALTH_CLAIM
from openconsular.domain.health.hcert.envelope import PREFIX
from openconsular.domain.health.verdict import Layer, Unreadable

DATE_MISSING = Cause(
    "date-of-dose-missing",
    "The contents agree, and give no date of vaccination: WHO's core data set of a DDCC requires one.",
)
_SUITES = {
    Format.EU_DCC: "eu-dcc",
    Format.ICVP: "icvp",
    Format.DDCC_VS: "ddcc",
    Format.DDCC_TR: "ddcc",
}
_SUFFIX = "Contents"
_WRAPPER = frozenset(("contents", "protectedAttributes", "unprotectedAttributes"))


class Vector(NamedTuple):
    """A code, and what is told beside it: contents, and headers where they are told."""

    path: Path
    text: str
    contents: Mapping[str, Any] | None
    protected: Mapping[str, Any]
    unprotected: Mapping[str, Any]


def run(data: Path) -> Iterator[Suite]:
    """Every code of WHO's validator below `data`, a suite for each kind of certificate."""
    counted = dict.fromkeys(dict.fromkeys(_SUITES.values()), 0)
    disagreements: dict[str, list[Disagreement]] = {name: [] for name in counted}
    for vector in _vectors(data):
        suite, found, cause = _outcome(vector)
        counted[suite] += 1
        if found:
            disagreements[suite].append(Disagreement(name_of(data, vector.path), "as unpacked", found, cause))
    for name, number in counted.items():
        yield Suite(name, number, tuple(disagreements[name]))


def _vectors(data: Path) -> Iterator[Vector]:
    for path in files(data, ".txt"):
        text = content_of(path).decode("utf-8-sig", "replace").strip()
        if not text.startswith(PREFIX):
            continue
        stem = path.stem.removesuffix(_SUFFIX)
        told = [read_json(path.with_name(f"{stem}Unpacked{suffix}")) for suffix in (".json", ".txt")]
        unpacked = next((one for one in told if isinstance(one, dict) and one), None)
        if unpacked is not None or read_json(path.with_name(f"{stem}FHIRBundle.json")) is not None:
            yield _vector(path, text, unpacked)


def _vector(path: Path, text: str, unpacked: Mapping[str, Any] | None) -> Vector:
    if unpacked is None or not _WRAPPER & unpacked.keys():
        return Vector(path, text, unpacked, {}, {})
    parts = [
        part if isinstance(part := unpacked.get(name), dict) else {}
        for name in ("contents", "protectedAttributes", "unprotectedAttributes")
    ]
    return Vector(path, text, *parts)


def _outcome(vector: Vector) -> tuple[str, str, Cause | None]:
    """The suite a vector belongs to, what differs, and why."""
    suite = _expected_suite(vector.contents)
    try:
        presented = read.read(vector.text)
    except Unreadable as fault:
        return suite or "eu-dcc", f"{fault.code}: {fault.message}", _why_unread(fault, vector.text)
    suite = suite or _SUITES[presented.format]
    if _SUITES[presented.format] != suite:
        return suite, presented.format, None
    found = _differs(presented, vector)
    if found:
        return suite, found, None
    try:
        return suite, difference(vector.path, presented.certificate), None
    except Unreadable as fault:
        return suite, f"{fault.code}: {fault.message}", _why(fault, vector.contents)


def _differs(presented: read.HcertPresented, vector: Vector) -> str:
    """What was unpacked otherwise, "" for nothing."""
    claim = presented.everything.get(HEALTH_CLAIM)
    own = [presented.everything, claim, presented.claim]
    if vector.contents is not None and vector.contents not in [_as_json(one) for one in own]:
        return "the contents differ"
    seal = presented.seal
    header = {**vector.unprotected, **vector.protected}
    if "1" in header and header["1"] != cose.NUMBERS[seal.algorithm]:
        return "the algorithm differs"
    if "4" in header and seal.key_ids != (_hex(header["4"]),):
        return "the key identifier differs"
    return ""


def _why_unread(fault: Unreadable, text: str) -> Cause | None:
    try:
        is_odd = fault.code == "instant" and has_odd_instant(token_of(message_in(text)).claims)
    except UNREADABLE:
        return None
    return ODD_INSTANT if is_odd else None


def _why(fault: Unreadable, contents: Mapping[str, Any] | None) -> Cause | None:
    is_about_date = fault.layer is Layer.SCHEMA and fault.message.startswith("date:")
    return DATE_MISSING if is_about_date and contents is not None and contents.get("date") is None else None


def _expected_suite(contents: Mapping[str, Any] | None) -> str:
    """By the claim's number; what stands at the top of the token is a DDCC. "" where nothing is told."""
    if contents is None:
        return ""
    claims = contents.get(str(HEALTH_CLAIM))
    if not isinstance(claims, dict):
        return "eu-dcc" if "ver" in contents and "nam" in contents else "ddcc"
    return "icvp" if "-6" in claims else "eu-dcc" if "1" in claims else "ddcc"


def _as_json(value: Any) -> Any:
    """What CBOR calls undefined is null."""
    if isinstance(value, dict):
        return {str(key): _as_json(member) for key, member in value.items()}
    if isinstance(value, list):
        return [_as_json(member) for member in value]
    return value if isinstance(value, str | int | float | bytes) else None


def _hex(text: Any) -> str:
    """A key identifier in base64url; "" for what is none, which is no key's."""
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).hex()
    except (TypeError, ValueError, binascii.Error):
        return ""
