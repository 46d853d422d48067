"""The EU Digital COVID Certificate: what claim -260/1 may say, schema versions 1.0.0 to 1.3.x.

Source: eHealth Network, "EU DCC JSON schema" with Implementing Decision (EU) 2021/1073, annex II. Older versions let
groups be null; one entry in all of them together is the rule since 1.3.0, and what every verifier demands. Codes are
not checked against the value sets: they grew after certificates were issued, and rules of entry look at them.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from openconsular.domain.health.certificate import Coded, Entry, Holder, Kind
from openconsular.domain.health.hcert import cbor
from openconsular.domain.health.hcert.fields import (
    broken,
    day,
    instant,
    number,
    text,
    without_time,
    words,
)
from openconsular.domain.health.verdict import Layer, Unreadable

GROUPS = {"v": Kind.VACCINATION, "t": Kind.TEST, "r": Kind.RECOVERY}
# Results of a test (annex II section 3.3.7).
DETECTED, NOT_DETECTED = "260373001", "260415000"
_ONE_KIND = {group: frozenset((kind,)) for group, kind in GROUPS.items()}
_DOSE = _ONE_KIND["v"]
_KNOWN = frozenset(("ver", "nam", "dob", "v", "t", "r"))
_KNOWN_NAMES = frozenset(("fn", "gn", "fnt", "gnt"))
_KNOWN_FIELDS = {
    "v": frozenset(("tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci")),
    "t": frozenset(("tg", "tt", "nm", "ma", "sc", "dr", "tr", "tc", "co", "is", "ci")),
    "r": frozenset(("tg", "fr", "co", "is", "df", "du", "ci")),
}
_VERSION = re.compile(r"\d+\.\d+\.\d+", re.ASCII)
_STANDARD_NAME = re.compile(r"[A-Z<]*")
_COUNTRY = re.compile(r"[A-Z]{1,10}")
# A month or day nobody knows may be 00.
_BORN = re.compile(r"(?:(?:19|20)\d\d(?:-\d\d){0,2})?", re.ASCII)
# Before 1.2.0 doses were counted from 0, and a country could be left empty.
_EARLY = ("1.0.", "1.1.")


def kinds(claim: Mapping[str, Any]) -> frozenset[Kind]:
    """What a claim attests, as far as its groups tell."""
    if claim.get("v") and not (claim.get("t") or claim.get("r")):
        return _DOSE
    found = [group for group in GROUPS if claim.get(group)]
    return _ONE_KIND[found[0]] if len(found) == 1 else frozenset(GROUPS[group] for group in found)


def version(claim: Mapping[str, Any]) -> str:
    """The schema version. Raises `Unreadable` with layer SCHEMA."""
    found = text(claim, "ver")
    if not _VERSION.fullmatch(found):
        raise broken("ver", "is not a version")
    return found


def check(claim: Mapping[str, Any]) -> tuple[str, Mapping[str, Any], str]:
    """Demands the structure of a DCC; gives the group's letter, its only entry, and when that happened.

    Fields no version knows are allowed, but must be values JSON has. Raises `Unreadable` with layer SCHEMA (code
    "schema", "several-entries" or "no-entry"), CLAIMS or CBOR.
    """
    is_early = version(claim).startswith(_EARLY)
    group, entry = _only_entry(claim)
    _check_name(claim)
    happened_on = _CHECKS[group](entry, is_early)
    _check_born(claim, happened_on)
    if not (
        claim.keys() <= _KNOWN
        and claim["nam"].keys() <= _KNOWN_NAMES
        and entry.keys() <= _KNOWN_FIELDS[group]
    ):
        cbor.plain(claim)
    return group, entry, happened_on


def _only_entry(claim: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    found = [(group, entries) for group in GROUPS if (entries := claim.get(group)) is not None]
    for group, entries in found:
        if type(entries) is not list:
            raise broken(group, "is not a list")
    filled = [(group, entry) for group, entries in found for entry in entries]
    if len(filled) > 1:
        raise Unreadable(Layer.SCHEMA, "several-entries", "There is more than one entry in the certificate.")
    if not filled:
        raise Unreadable(Layer.SCHEMA, "no-entry", "There is no vaccination, test or recovery in it.")
    group, entry = filled[0]
    if type(entry) is not dict:
        raise broken(group, "is not a map")
    return group, entry


def _check_name(claim: Mapping[str, Any]) -> None:
    name = claim.get("nam")
    if type(name) is not dict:
        raise broken("nam", "is missing or not a map")
    words(name, "fn", path="nam.")
    words(name, "gn", path="nam.")
    if name.get("fnt") is None and name.get("gnt") is None:
        raise broken("nam", "has neither a standardised family name nor a given name")
    for part in ("fnt", "gnt"):
        if not _STANDARD_NAME.fullmatch(text(name, part, path="nam.", required=False)):
            raise broken("nam." + part, "has other letters than A to Z and <")


def _check_born(claim: Mapping[str, Any], happened_on: str) -> None:
    """From 1900 to 2099 or empty (schema, `dob`), and not in a later year than what is attested.

    A later day of the same year is left to `doubt`: published certificates have it, and day and month are easily swapped.
    """
    born = without_time(text(claim, "dob"))
    if not _BORN.fullmatch(born):
        raise broken("dob", "is not a date from 1900 to 2099")
    if born[:4] > happened_on[:4]:
        raise Unreadable(Layer.CLAIMS, "born-later", "The holder was born after what is attested.")


def _check_common(entry: Mapping[str, Any], path: str, is_early: bool) -> None:
    text(entry, "tg", path=path)
    text(entry, "is", path=path)
    text(entry, "ci", path=path)
    if not _COUNTRY.fullmatch(text(entry, "co", path=path)) and not is_early:
        raise broken(path + "co", "is not a country code")


def _check_vaccination(entry: Mapping[str, Any], is_early: bool) -> str:
    _check_common(entry, "v.", is_early)
    for name in ("vp", "mp", "ma"):
        text(entry, name, path="v.")
    number(entry, "dn", path="v.", least=0 if is_early else 1)
    number(entry, "sd", path="v.", least=0 if is_early else 1)
    return day(entry, "dt", path="v.")


def _check_test(entry: Mapping[str, Any], is_early: bool) -> str:
    _check_common(entry, "t.", is_early)
    text(entry, "tt", path="t.")
    text(entry, "tr", path="t.")
    for name in ("nm", "ma", "dr", "tc"):
        text(entry, name, path="t.", required=False)
    taken_at = text(entry, "sc", path="t.")
    if instant(taken_at) is None:
        raise broken("t.sc", "is not an instant with a zone")
    return taken_at


def _check_recovery(entry: Mapping[str, Any], is_early: bool) -> str:
    _check_common(entry, "r.", is_early)
    day(entry, "df", path="r.")
    day(entry, "du", path="r.")
    return day(entry, "fr", path="r.")


_CHECKS: dict[str, Callable[[Mapping[str, Any], bool], str]] = {
    "v": _check_vaccination,
    "t": _check_test,
    "r": _check_recovery,
}


def holder(claim: Mapping[str, Any]) -> Holder:
    """Whom a checked claim is about."""
    name = claim["nam"]
    return Holder(
        family_name=name.get("fn") or "",
        given_name=name.get("gn") or "",
        full_name=" ".join(part for part in (name.get("gn"), name.get("fn")) if part),
        standard_family_name=name.get("fnt") or "",
        standard_given_name=name.get("gnt") or "",
        born_on=without_time(claim["dob"]),
    )


def is_born_later(claim: Mapping[str, Any], happened_on: str) -> bool:
    """Whether the holder was born after what a checked claim attests: a slip of the pen, or worse."""
    born = without_time(claim["dob"])[:10]
    return bool(born > happened_on[: len(born)])


def doubt(claim: Mapping[str, Any], entry: Mapping[str, Any], happened_on: str) -> str:
    """Why a human should look at a checked claim: an unknown version, dates that cannot be, a test that is not plainly
    negative."""
    if not claim["ver"].startswith("1."):
        return "version-unknown"
    if is_born_later(claim, happened_on):
        return "born-later"
    result = entry.get("tr")
    if result is None or result == NOT_DETECTED:
        return ""
    return "test-detected" if result == DETECTED else "test-result-unknown"


def entry_of(group: str, entry: Mapping[str, Any], happened_on: str) -> Entry:
    """The entry of a checked claim."""
    return Entry(
        kind=GROUPS[group],
        identifier=entry["ci"],
        disease=Coded(entry["tg"]),
        vaccine=Coded(entry.get("vp") or ""),
        product=Coded(entry.get("mp") or entry.get("nm") or ""),
        maker=Coded(entry.get("ma") or ""),
        dose=number(entry, "dn", least=0, required=False),
        doses=number(entry, "sd", least=0, required=False),
        happened_on=happened_on,
        valid_from=without_time(entry.get("df") or ""),
        valid_until=without_time(entry.get("du") or ""),
        country=entry["co"],
        issuer=entry["is"],
        place=entry.get("tc") or "",
        test_type=Coded(entry.get("tt") or ""),
        result=Coded(entry.get("tr") or ""),
    )


def plain(claim: Any) -> dict[str, Any]:
    """The claim as JSON values. Raises `Unreadable` with layer CBOR or SCHEMA."""
    found = cbor.plain(claim)
    if type(found) is not dict:
        raise broken("hcert", "is not a map")
    return found
