"""Reads rules and value sets from JSON. A rule that cannot be read refuses the whole list, so that none goes missing.

A rule whose logic is no CertLogic is kept with its fault: it is told as open wherever it would apply.
"""

import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from openconsular.domain.health.rules.certlogic import Expression, compile_expression
from openconsular.domain.health.rules.check import data_paths
from openconsular.domain.health.rules.errors import MALFORMED, RuleError
from openconsular.domain.health.rules.instants import instant
from openconsular.domain.health.rules.limits import LIST_BYTES_MOST, RULES_MOST
from openconsular.domain.health.rules.rule import CERTIFICATE_TYPES, Rule, RuleSet, RuleType, Version
from openconsular.domain.health.trust.countries import same_country

ValueSets = Mapping[str, list[str]]

_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})(?:[-+].*)?", re.ASCII)
_PAYLOAD = "payload."


def read_rules(source: bytes | str, *, as_of: datetime | None = None) -> RuleSet:
    """A JSON array of rules, one rule, or an object with them under "rules". Raises RuleError."""
    value = parse(source)
    if isinstance(value, dict):
        value = value.get("rules", [value])
    if not isinstance(value, list) or len(value) > RULES_MOST:
        raise RuleError(MALFORMED, f"A list of at most {RULES_MOST} rules is needed.")
    return RuleSet(tuple(read_rule(one) for one in value), as_of)


def read_rule(value: Any) -> Rule:
    """One rule as a JSON object. Raises RuleError naming the member at fault."""
    if not isinstance(value, dict):
        raise RuleError(MALFORMED, "A rule is a JSON object.")
    logic, fault = _logic(value.get("Logic"))
    identifier = _text(value, "Identifier")
    return Rule(
        identifier=identifier,
        type=RuleType(_one_of(value, "Type", tuple(RuleType))),
        country=same_country(_text(value, "Country")),
        region=_text(value, "Region", default="").strip().upper(),
        version=_version(value, "Version"),
        schema_version=_version(value, "SchemaVersion"),
        engine=_text(value, "Engine"),
        engine_version=_version(value, "EngineVersion"),
        kind=CERTIFICATE_TYPES[_one_of(value, "CertificateType", tuple(CERTIFICATE_TYPES))],
        valid_from=_instant(value, "ValidFrom"),
        valid_to=_instant(value, "ValidTo"),
        descriptions=_descriptions(value),
        fields=_fields(value),
        logic=logic,
        fault=fault,
    )


def read_value_sets(source: bytes | str) -> ValueSets:
    """Value sets by name, as rules use them: an object of code lists, or one set as the EU publishes it
    (`valueSetId`, `valueSetValues`). Raises RuleError."""
    value = parse(source)
    if isinstance(value, dict) and "valueSetValues" in value:
        codes = value["valueSetValues"]
        if isinstance(codes, dict):
            return {_text(value, "valueSetId"): list(codes)}
    elif isinstance(value, dict) and all(_is_texts(codes) for codes in value.values()):
        return value
    raise RuleError(MALFORMED, "Value sets are an object of lists of codes.")


def parse(source: bytes | str) -> Any:
    """The JSON value, of which no object has a name twice. Raises RuleError."""
    if len(source) > LIST_BYTES_MOST:
        raise RuleError(MALFORMED, f"A list of rules has at most {LIST_BYTES_MOST} bytes.")
    try:
        return json.loads(source, object_pairs_hook=_without_duplicates)
    except (ValueError, RecursionError) as error:
        raise RuleError(MALFORMED, f"The rules are not JSON: {str(error)[:200]}") from error


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return members


def _logic(source: Any) -> tuple[Expression | None, str]:
    try:
        return compile_expression(source), ""
    except RuleError as error:
        return None, error.message


def _text(value: Mapping[str, Any], name: str, *, default: str | None = None) -> str:
    found = value.get(name, default)
    if found is None and default is not None:
        return default
    if not isinstance(found, str) or (not found and default is None):
        raise _fault(value, name, "is a text")
    return found


def _one_of(value: Mapping[str, Any], name: str, allowed: tuple[str, ...]) -> str:
    found = _text(value, name)
    if found not in allowed:
        raise _fault(value, name, f"is one of {', '.join(allowed)}")
    return found


def _version(value: Mapping[str, Any], name: str) -> Version:
    version = as_version(value.get(name))
    if version is None:
        raise _fault(value, name, "is three numbers with dots")
    return version


def as_version(text: Any) -> Version | None:
    """A semantic version without what follows its three numbers; None when it is none."""
    found = _VERSION.fullmatch(text) if isinstance(text, str) and len(text) <= 64 else None
    return (int(found[1]), int(found[2]), int(found[3])) if found else None


def _instant(value: Mapping[str, Any], name: str) -> datetime:
    try:
        return instant(_text(value, name))
    except RuleError as error:
        raise _fault(value, name, "is an ISO 8601 date-time") from error


def _descriptions(value: Mapping[str, Any]) -> dict[str, str]:
    found = value.get("Description")
    texts: dict[str, str] = {}
    for one in found if isinstance(found, list) else ():
        if isinstance(one, dict) and isinstance(one.get("lang"), str) and isinstance(one.get("desc"), str):
            texts[one["lang"]] = one["desc"]
    return texts


def _fields(value: Mapping[str, Any]) -> tuple[str, ...]:
    """The declared fields; where none are, those the logic reads."""
    declared = value.get("AffectedFields")
    if _is_texts(declared) and declared:
        return tuple(declared)
    return tuple(
        path.removeprefix(_PAYLOAD) for path in data_paths(value.get("Logic")) if path.startswith(_PAYLOAD)
    )


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _fault(value: Mapping[str, Any], name: str, what: str) -> RuleError:
    identifier = value.get("Identifier")
    who = f"rule {identifier[:40]}" if isinstance(identifier, str) else "a rule"
    return RuleError(MALFORMED, f"{name} of {who} {what}.")
