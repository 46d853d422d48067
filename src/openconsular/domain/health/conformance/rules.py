"""CertLogic's own suites and the rules of States with their tests, found by their shape.

Evaluation suite (ehn-dcc-development/eu-dcc-business-rules): {"name", "directive"?, "cases": [{"name", "directive"?,
"certLogicExpression"?, "assertions": [{"certLogicExpression"?, "data", "expected", "directive"?}]}]}.
Validation suite: {"cases": [{"certLogicExpression", "issues": [{"expr", "message"}]}]}.
Rules (eu-digital-green-certificates/dgc-business-rules-testdata): a rule in JSON, and in "tests" beside it
{"payload"?, "external", "expected"}.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from openconsular.domain.health.conformance import Cause, Disagreement, Suite, files, name_of, read_json
from openconsular.domain.health.rules.certlogic import compile_expression
from openconsular.domain.health.rules.check import issues_of
from openconsular.domain.health.rules.errors import DATE_OUT_OF_RANGE, RuleError
from openconsular.domain.health.rules.read import read_rule
from openconsular.domain.health.rules.values import equal

NO_CLOCK = Cause(
    "clock-missing",
    "The test gives no validation clock, and the rule needs it where this payload leads: nothing can be computed.",
)
OTHER_WORDS = Cause(
    "issue-worded-differently",
    "Both find the same parts of the expression at fault and say it in other words.",
)
FAR_YEAR = Cause(
    "year-out-of-range",
    "The test reaches a year before 1 or after 9999, which is told as an error here and never computed with.",
)
TRIMMED = Cause(
    "white-space-ignored",
    "The test expects white space around a text to be ignored, as one implementation does. The specification has no "
    "such thing: a text is what it is.",
)


def run(data: Path) -> Iterable[Suite]:
    """Suites "certlogic", "certlogic-validation" and "business-rules"; those of which nothing is found are left out."""
    values = [(path, read_json(path)) for path in files(data, ".json")]
    found = (
        _evaluations(data, values),
        _validations(data, values),
        _rules(data, values),
    )
    return [suite for suite in found if suite.vectors or suite.skipped]


Files = list[tuple[Path, Any]]


def _evaluations(data: Path, values: Files) -> Suite:
    vectors = skipped = 0
    disagreements: list[Disagreement] = []
    for path, value in values:
        for case, assertion, is_skipped in _assertions(value):
            if is_skipped:
                skipped += 1
                continue
            vectors += 1
            expression = assertion.get("certLogicExpression", case.get("certLogicExpression"))
            name = name_of(data, path, str(assertion.get("message") or case.get("name", "")))
            disagreements += _compare(name, expression, assertion["data"], assertion["expected"])
    return Suite("certlogic", vectors, tuple(disagreements), skipped)


def _assertions(value: Any) -> Iterator[tuple[dict[str, Any], dict[str, Any], bool]]:
    """Each case with each of its assertions, and whether the publisher marks it as not to be run."""
    for case in _cases(value):
        for assertion in _dicts(case.get("assertions")):
            if "expected" in assertion and "data" in assertion:
                marks = (one.get("directive") for one in (value, case, assertion))
                yield case, assertion, "skip" in marks


def _validations(data: Path, values: Files) -> Suite:
    vectors = skipped = 0
    disagreements: list[Disagreement] = []
    for path, value in values:
        for case in _cases(value):
            if not isinstance(case.get("issues"), list) or "certLogicExpression" not in case:
                continue
            if "skip" in (value.get("directive"), case.get("directive")):
                skipped += 1
                continue
            vectors += 1
            expression = case["certLogicExpression"]
            found = [{"expr": one.expression, "message": one.message} for one in issues_of(expression)]
            if not is_same(found, case["issues"]):
                name = name_of(data, path, _short(expression))
                cause = _wording(found, case["issues"])
                disagreements.append(Disagreement(name, _short(case["issues"]), _short(found), cause))
    return Suite("certlogic-validation", vectors, tuple(disagreements), skipped)


def _wording(found: list[dict[str, Any]], issues: list[Any]) -> Cause | None:
    """Explained when both find the same parts at fault, none of them none."""
    parts = [one.get("expr") for one in _dicts(issues)]
    return OTHER_WORDS if parts and is_same([one["expr"] for one in found], parts) else None


def _rules(data: Path, values: Files) -> Suite:
    by_folder: dict[Path, list[dict[str, Any]]] = {}
    for path, value in values:
        if isinstance(value, dict) and "Logic" in value and "Identifier" in value:
            by_folder.setdefault(path.parent, []).append(value)
    broken = _unreadable(data, by_folder)
    vectors, disagreements = len(broken), broken
    for path, test in values:
        if not isinstance(test, dict) or not {"expected", "external"} <= test.keys():
            continue
        vectors += 1
        rule = _rule_of(path, by_folder)
        if rule is None:
            disagreements.append(
                Disagreement(name_of(data, path), _short(test["expected"]), "no rule beside the test")
            )
            continue
        context = {name: test[name] for name in ("payload", "external") if name in test}
        disagreements += _compare(name_of(data, path), rule["Logic"], context, test["expected"])
    return Suite("business-rules", vectors, tuple(disagreements))


def _unreadable(data: Path, by_folder: dict[Path, list[dict[str, Any]]]) -> list[Disagreement]:
    """Rules a published set has and this code cannot read."""
    found = []
    for folder, rules in by_folder.items():
        for rule in rules:
            try:
                read_rule(rule)
            except RuleError as error:
                found.append(Disagreement(name_of(data, folder), "a rule", error.message))
    return found


def _rule_of(test: Path, by_folder: dict[Path, list[dict[str, Any]]]) -> dict[str, Any] | None:
    """The rule in the nearest folder above the test; of several there, the one the path names."""
    for folder in test.parents:
        rules = by_folder.get(folder, [])
        named = [rule for rule in rules if rule["Identifier"] in (*test.parts, test.stem)]
        if named or len(rules) == 1:
            return (named or rules)[0]
    return None


def _compare(name: str, expression: Any, data: Any, expected: Any) -> list[Disagreement]:
    try:
        found = compile_expression(expression).evaluate(data)
    except RuleError as error:
        return [Disagreement(name, _short(expected), error.code, _why(error, expression, data))]
    if is_same(found, expected):
        return []
    return [Disagreement(name, _short(expected), _short(found), _is_trimmed(expression, data, expected))]


def _is_trimmed(expression: Any, data: Any, expected: Any) -> Cause | None:
    """Explained when white space around texts of the data is all that parts us."""
    try:
        found = compile_expression(expression).evaluate(_without_space(data))
    except RuleError:
        return None
    return TRIMMED if is_same(found, expected) else None


def _without_space(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_space(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_without_space(one) for one in value]
    return value.strip() if isinstance(value, str) else value


def _why(error: RuleError, expression: Any, data: Any) -> Cause | None:
    """What in the vector itself makes this error right."""
    if error.code == DATE_OUT_OF_RANGE:
        return FAR_YEAR
    external = data.get("external") if isinstance(data, dict) else None
    needs_clock = '"external.validationClock"' in json.dumps(expression)
    if needs_clock and isinstance(external, dict) and not external.get("validationClock"):
        return NO_CLOCK
    return None


def is_same(left: Any, right: Any) -> bool:
    """Equal as JSON values: true is not 1, 1.0 is 1."""
    if isinstance(left, list) and isinstance(right, list):
        return len(left) == len(right) and all(map(is_same, left, right))
    if isinstance(left, dict) and isinstance(right, dict):
        return left.keys() == right.keys() and all(is_same(left[key], right[key]) for key in left)
    return equal(left, right)


def _cases(value: Any) -> list[dict[str, Any]]:
    return _dicts(value.get("cases")) if isinstance(value, dict) else []


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _short(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)[:160]
