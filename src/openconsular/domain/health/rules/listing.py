"""Lists of rules and of value sets as they are published, taken entry by entry: what cannot be used stays out, with why.

Forms known for rules: a JSON array of rules, one rule, an object with them under "rules"; what a gateway gives out
(GET /rules/{country}: {"VR-XA-0001": [{"version", "cms"}]}, each rule in a CMS message signed by its country); and a list of
hashes with the rules beside it, as verifiers' services publish them ({"index": [{"identifier", "version", "country",
"hash"}], "texts": {hash: rule as text}}, the hash being SHA-256 over the text).
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from openconsular.domain.health.rules.errors import (
    CONFLICT,
    MALFORMED,
    OTHER_HASH,
    UNSIGNED,
    WINDOW,
    RuleError,
)
from openconsular.domain.health.rules.limits import CODES_MOST, RULES_MOST, VALUE_SETS_MOST
from openconsular.domain.health.rules.read import parse, read_rule
from openconsular.domain.health.rules.rule import Rule
from openconsular.domain.health.trust.cms import content_of, verify_detached
from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.json_text import base64_bytes, long_text_in, text_in
from openconsular.domain.health.trust.x509 import SigningCertificate


@dataclass(frozen=True, slots=True)
class Refusal:
    """An entry that stays out: its place in the list from 1, what of it can be told, and why (a stable code)."""

    place: int
    identifier: str
    country: str
    version: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A rule and the JSON it was read from. A rule with a fault is taken: it is open wherever it applies."""

    rule: Rule
    source: Mapping[str, Any]
    is_signed: bool = False


@dataclass(frozen=True, slots=True)
class RuleList:
    rules: tuple[Listed, ...]
    refused: tuple[Refusal, ...]


@dataclass(frozen=True, slots=True)
class ValueSet:
    """Codes by the name rules ask for them; `on` is the edition ("" where none is given), an ISO date."""

    name: str
    codes: tuple[str, ...]
    on: str = ""


@dataclass(frozen=True, slots=True)
class ValueSetList:
    sets: tuple[ValueSet, ...]
    refused: tuple[Refusal, ...]


def list_rules(
    content: bytes, *, signers: Mapping[str, Sequence[SigningCertificate]] | None = None
) -> RuleList:
    """Raises RuleError when the whole is no list. `signers` are the certificates a country signs its rules with, by
    alpha-2 code: where they are given, a rule without such a signature is refused ("rule-not-signed")."""
    taken: dict[tuple[str, str, str, str], Listed] = {}
    refused: list[Refusal] = []
    for place, entry in enumerate(_entries(parse(content)), start=1):
        if place > RULES_MOST:
            raise RuleError(MALFORMED, f"A list of at most {RULES_MOST} rules is needed.")
        value = entry
        try:
            value, is_signed = _opened(entry, signers or {})
            listed = Listed(read_rule(value), value, is_signed)
            _check(listed, taken, is_due=signers is not None)
        except RuleError as error:
            refused.append(_refusal(place, value, error))
    return RuleList(tuple(taken.values()), tuple(refused))


def list_value_sets(content: bytes) -> ValueSetList:
    """Value sets: one as the EU publishes it (`valueSetId`, `valueSetDate`, `valueSetValues`), an array of them, a list of
    hashes with the sets beside it, or an object of code lists. Raises RuleError when the whole is none of these."""
    sets: dict[str, ValueSet] = {}
    refused: list[Refusal] = []
    for place, (name, entry) in enumerate(_set_entries(parse(content)), start=1):
        if place > VALUE_SETS_MOST:
            raise RuleError(MALFORMED, f"A list of at most {VALUE_SETS_MOST} value sets is needed.")
        try:
            found = _value_set(name, entry)
            if sets.setdefault(found.name, found) != found:
                raise RuleError(CONFLICT, f"The value set {found.name[:80]} is in the list twice.")
        except RuleError as error:
            refused.append(
                Refusal(place, name or text_in(entry, "valueSetId"), "", "", error.code, error.message)
            )
    return ValueSetList(tuple(sets.values()), tuple(refused))


def _entries(value: Any) -> Iterator[Any]:
    """The entries of a list of any known form, not yet looked at."""
    if isinstance(value, list):
        return iter(value)
    if not isinstance(value, dict):
        raise RuleError(MALFORMED, "This is no list of rules.")
    if isinstance(value.get("rules"), list):
        return iter(value["rules"])
    if is_packed(value):
        return ({"hashed": one, "text": value["texts"].get(text_in(one, "hash"))} for one in value["index"])
    if value and all(isinstance(versions, list) for versions in value.values()):
        return (
            {"cms": long_text_in(one, "cms"), "identifier": identifier}
            for identifier, versions in value.items()
            for one in versions
        )
    return iter([value])


def is_packed(value: Any) -> bool:
    """Whether it is a list of hashes with the texts beside it."""
    return (
        isinstance(value, dict)
        and isinstance(value.get("index"), list)
        and isinstance(value.get("texts"), dict)
    )


def _opened(entry: Any, signers: Mapping[str, Sequence[SigningCertificate]]) -> tuple[dict[str, Any], bool]:
    """The rule of an entry, and whether its country's signature over it was found right."""
    if isinstance(entry, dict) and "hashed" in entry and "text" in entry:
        return _hashed(entry["hashed"], entry["text"]), False
    if isinstance(entry, dict) and "cms" in entry and "Logic" not in entry:
        return _signed(entry, signers)
    if not isinstance(entry, dict):
        raise RuleError(MALFORMED, "A rule is a JSON object.")
    return entry, False


def _hashed(named: Any, text: Any) -> Any:
    digest = text_in(named, "hash").lower()
    if not isinstance(text, str):
        raise RuleError(OTHER_HASH, f"The rule with the hash {digest[:16]} is not there.")
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != digest:
        raise RuleError(OTHER_HASH, f"The rule does not have the hash {digest[:16]}.")
    return parse(text)


def _signed(
    entry: Mapping[str, Any], signers: Mapping[str, Sequence[SigningCertificate]]
) -> tuple[dict[str, Any], bool]:
    try:
        message = base64_bytes(entry["cms"])
        content = content_of(message)
    except KeyRefused as cause:
        raise RuleError(UNSIGNED, cause.message) from cause
    value = parse(content)
    if not isinstance(value, dict):
        raise RuleError(MALFORMED, "A rule is a JSON object.")
    if text_in(value, "Identifier") != entry["identifier"]:
        raise RuleError(
            MALFORMED, f"The list calls the rule {entry['identifier'][:40]}, and it says another name."
        )
    for signer in signers.get(same_country(text_in(value, "Country")), ()):
        try:
            verify_detached(message, content, signer)
        except KeyRefused:
            continue
        return value, True
    return value, False


def _check(listed: Listed, taken: dict[tuple[str, str, str, str], Listed], *, is_due: bool) -> None:
    """Add the rule to those taken. Raises RuleError when it cannot stand beside them."""
    rule = listed.rule
    if is_due and not listed.is_signed:
        raise RuleError(UNSIGNED, "The rule has no signature of its country that fits.")
    if not _is_storable(listed.source):
        raise RuleError(MALFORMED, "The rule holds signs that are no text.")
    if rule.valid_from >= rule.valid_to:
        raise RuleError(WINDOW, "The rule ends before it begins.")
    key = (rule.country, rule.region, rule.identifier, written_version(rule))
    if key in taken and taken[key].source != listed.source:
        raise RuleError(CONFLICT, "The list says something else under the same name and version.")
    taken.setdefault(key, listed)


def _is_storable(source: Mapping[str, Any]) -> bool:
    """Halves of characters and NUL are in no text that anybody can read."""
    text = canonical(source)
    return "\\u0000" not in text and not any("\ud800" <= one <= "\udfff" for one in text)


def written_version(rule: Rule) -> str:
    return ".".join(map(str, rule.version))


def _refusal(place: int, value: Any, error: RuleError) -> Refusal:
    """What can be told of a rule that cannot be read."""
    told = value.get("hashed", value) if isinstance(value, dict) else {}
    identifier = text_in(told, "Identifier") or text_in(told, "identifier")
    country = text_in(told, "Country") or text_in(told, "country") or _country_in(identifier)
    version = text_in(told, "Version") or text_in(told, "version")
    return Refusal(place, identifier[:80], same_country(country)[:8], version[:20], error.code, error.message)


def _country_in(identifier: str) -> str:
    """ "VR-XA-0001" is a rule of XA."""
    parts = identifier.split("-")
    return parts[1] if len(parts) == 3 and len(parts[1]) == 2 else ""


def _set_entries(value: Any) -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict) and "valueSetValues" in value:
        yield "", value
    elif isinstance(value, list):
        yield from (("", one) for one in value)
    elif is_packed(value):
        for one in value["index"]:
            yield text_in(one, "id"), {"hashed": one, "text": value["texts"].get(text_in(one, "hash"))}
    elif isinstance(value, dict):
        yield from value.items()
    else:
        raise RuleError(MALFORMED, "This is no list of value sets.")


def _value_set(name: str, entry: Any) -> ValueSet:
    if isinstance(entry, dict) and "hashed" in entry:
        entry = _hashed(entry["hashed"], entry["text"])
    if isinstance(entry, dict):
        name, codes, on = text_in(entry, "valueSetId") or name, entry.get("valueSetValues"), _day(entry)
        codes = list(codes) if isinstance(codes, dict) else codes
    else:
        codes, on = entry, ""
    if not name or not isinstance(codes, list) or not all(isinstance(one, str) for one in codes):
        raise RuleError(MALFORMED, "A value set is a name and a list of codes.")
    if len(codes) > CODES_MOST:
        raise RuleError(MALFORMED, f"A value set has at most {CODES_MOST} codes.")
    return ValueSet(name, tuple(codes), on)


def _day(entry: Mapping[str, Any]) -> str:
    written = text_in(entry, "valueSetDate")
    try:
        return date.fromisoformat(written[:10]).isoformat() if written else ""
    except ValueError as error:
        raise RuleError(MALFORMED, "The date of the value set is no date.") from error


def canonical(source: Mapping[str, Any]) -> str:
    """The rule as the one text it is kept and compared as."""
    return json.dumps(source, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
