"""The EU Digital COVID Certificate: what claim -260/1 may say, schema versions 1.0.0 to 1.3.x.

Source: eHealth Network, "EU DCC JSON schema" with Implementing Decision (EU) 2021/1073, annex II. Older versions let
groups be null; one entry in all of them together is the rule since 1.3.0, and what every verifier demands.
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
    is_partial_date,
    number,
    text,
)
from openconsular.domain.health.verdict import Layer, Unreadable

GROUPS = {"v": Kind.VACCINATION, "t": Kind.TEST, "r": Kind.RECOVERY}
# Codes of annex II sections 3.3.4 and 3.3.7; closed lists, unlike those of vaccines and diseases.
DETECTED, NOT_DETECTED = "260373001", "260415000"
_TEST_TYPES = ("LP6464-4", "LP217198-3")
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
_BORN = re.compile(r"(?:19|20).*", re.DOTALL)


def kinds(claim: Mapping[str, Any]) -> frozenset[Kind]:
    """What a claim attests, as far as its groups tell."""
    return frozenset(kind for group, kind in GROUPS.items() if claim.get(group))


def version(claim: Mapping[str, Any]) -> str:
    """The schema version. Raises `Unreadable` with layer SCHEMA."""
    found = text(claim, "ver")
    if not _VERSION.fullmatch(found):
        raise broken("ver", "is not a version")
    return found


def is_known(found: str) -> bool:
    return found.startswith("1.")


def check(claim: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    """Demands the structure of a DCC; gives the group's letter and its only entry.

    Fields no version knows are allowed, but must be values JSON has. Raises `Unreadable` with layer SCHEMA (code
    "schema", "several-entries" or "no-entry") or CBOR.
    """
    version(claim)
    group, entry = _only_entry(claim)
    _check_name(claim)
    _check_born(claim)
    _CHECKS[group](entry)
    if not (
        claim.keys() <= _KNOWN
        and claim["nam"].keys() <= _KNOWN_NAMES
        and entry.keys() <= _KNOWN_FIELDS[group]
    ):
        cbor.plain(claim)
    return group, entry


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
    text(name, "fn", path="nam.", required=False)
    text(name, "gn", path="nam.", required=False)
    standard = (
        text(name, "fnt", path="nam.", required=False),
        text(name, "gnt", path="nam.", required=False),
    )
    if name.get("fnt") is None and name.get("gnt") is None:
        raise broken("nam", "has neither a standardised family name nor a given name")
    for part in standard:
        if not _STANDARD_NAME.fullmatch(part):
            raise broken("nam", "has a standardised name with other letters than A to Z and <")


def _check_born(claim: Mapping[str, Any]) -> None:
    """A day, month or year from 1900 to 2099, or empty (schema, `dob`)."""
    born = text(claim, "dob", required=True)
    if born and not (is_partial_date(born) and _BORN.fullmatch(born)):
        raise broken("dob", "is not a date from 1900 to 2099")


def _check_common(entry: Mapping[str, Any], path: str) -> None:
    text(entry, "tg", path=path)
    text(entry, "is", path=path)
    text(entry, "ci", path=path)
    if not _COUNTRY.fullmatch(text(entry, "co", path=path)):
        raise broken(path + "co", "is not a country code")


def _check_vaccination(entry: Mapping[str, Any]) -> None:
    _check_common(entry, "v.")
    for name in ("vp", "mp", "ma"):
        text(entry, name, path="v.")
    number(entry, "dn", path="v.")
    number(entry, "sd", path="v.")
    day(entry, "dt", path="v.")


def _check_test(entry: Mapping[str, Any]) -> None:
    _check_common(entry, "t.")
    if text(entry, "tt", path="t.") not in _TEST_TYPES:
        raise broken("t.tt", "is not a type of test")
    if text(entry, "tr", path="t.") not in (DETECTED, NOT_DETECTED):
        raise broken("t.tr", "is not a result")
    for name in ("nm", "ma", "dr", "tc"):
        text(entry, name, path="t.", required=False)
    if instant(text(entry, "sc", path="t.")) is None:
        raise broken("t.sc", "is not an instant with a zone")


def _check_recovery(entry: Mapping[str, Any]) -> None:
    _check_common(entry, "r.")
    for name in ("fr", "df", "du"):
        day(entry, name, path="r.")


_CHECKS: dict[str, Callable[[Mapping[str, Any]], None]] = {
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
        born_on=claim["dob"],
    )


def entry_of(group: str, entry: Mapping[str, Any]) -> Entry:
    """The entry of a checked claim."""
    return Entry(
        kind=GROUPS[group],
        identifier=entry["ci"],
        disease=Coded(entry["tg"]),
        vaccine=Coded(entry.get("vp") or ""),
        product=Coded(entry.get("mp") or entry.get("nm") or ""),
        maker=Coded(entry.get("ma") or ""),
        dose=number(entry, "dn", required=False),
        doses=number(entry, "sd", required=False),
        happened_on=entry.get("dt") or entry.get("sc") or entry.get("fr") or "",
        valid_from=entry.get("df") or "",
        valid_until=entry.get("du") or "",
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
