"""Whether a JSON value is a CertLogic expression, and what is wrong where it is not (specification, "Operations").

Messages are those of the published validation suite, so that authors of rules find in every tool the same words.
An expression nested too deeply or too large is one issue and is not looked into further.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from openconsular.domain.health.rules.instants import UNITS
from openconsular.domain.health.rules.limits import DEPTH_MOST, ISSUES_MOST, NODES_MOST, PATH_MOST

COMPARISONS = ("<", ">", "<=", ">=", "after", "before", "not-after", "not-before")
BINARY = ("===", "in", "+")

_PATH = re.compile(r"[^.]+(\.[^.]+)*")
_NO_OPERATION = 'operation not of the form { "<operator>": [ <values...> ] }'


@dataclass(frozen=True, slots=True)
class Issue:
    """`expression` is the part at fault."""

    expression: Any
    message: str


@dataclass(slots=True)
class _Report:
    issues: list[Issue] = field(default_factory=list)
    nodes: int = 0

    def add(self, expression: Any, message: str) -> None:
        if len(self.issues) < ISSUES_MOST:
            self.issues.append(Issue(expression, message))

    @property
    def is_full(self) -> bool:
        return self.nodes > NODES_MOST


def issues_of(expression: Any) -> tuple[Issue, ...]:
    """What is wrong with the expression; nothing when it can be evaluated."""
    report = _Report()
    _check(expression, report, 0)
    if report.is_full:
        return (Issue(None, f"the expression has more than {NODES_MOST} parts"),)
    return tuple(report.issues)


def data_paths(expression: Any) -> tuple[str, ...]:
    """Every path the expression reads, sorted, each once; nothing when it is no expression."""
    found: set[str] = set()
    if not issues_of(expression):
        _collect(expression, found)
    return tuple(sorted(found))


def _collect(expression: Any, found: set[str]) -> None:
    if isinstance(expression, dict):
        ((operator, operands),) = expression.items()
        if operator == "var":
            found.add(operands)
        else:
            _collect(operands, found)
    elif isinstance(expression, list):
        for one in expression:
            _collect(one, found)


def is_whole(value: Any) -> bool:
    """Whether a JSON number is an integer; 42.0 is."""
    return type(value) is int or (type(value) is float and value.is_integer())


def _check(expression: Any, report: _Report, depth: int) -> None:
    report.nodes += 1
    if report.is_full:
        return
    if depth > DEPTH_MOST:
        report.add(None, f"the expression is nested more than {DEPTH_MOST} deep")
    elif isinstance(expression, list):
        _check_all(expression, report, depth)
    elif isinstance(expression, dict):
        _check_operation(expression, report, depth)
    elif type(expression) is float and not expression.is_integer():
        report.add(expression, f"{expression} is a non-integer number")
    elif not isinstance(expression, str | int | float):
        report.add(expression, "invalid CertLogic expression")


def _check_all(expressions: list[Any], report: _Report, depth: int) -> None:
    for one in expressions:
        if report.is_full:
            return
        _check(one, report, depth + 1)


def _check_operation(expression: dict[Any, Any], report: _Report, depth: int) -> None:
    if len(expression) != 1:
        report.add(expression, f"expression object must have exactly one key, but it has {len(expression)}")
        return
    ((operator, values),) = expression.items()
    if operator == "var":
        _check_path(expression, values, report)
    elif not isinstance(values, list):
        report.add(expression, _NO_OPERATION)
    elif operator in _FORMS:
        _FORMS[operator](expression, values, report, depth)
    else:
        report.add(expression, f'unrecognised operator: "{operator}"')


def _check_path(expression: Any, path: Any, report: _Report) -> None:
    if not isinstance(path, str):
        report.add(expression, 'not of the form { "var": "<path>" }')
    elif path and (len(path) > PATH_MOST or not _PATH.fullmatch(path)):
        report.add(expression, f"data access path doesn't have a valid format: {path[:PATH_MOST]}")


Form = Callable[[Any, list[Any], _Report, int], None]


def _infix(operator: str, least: int, most: int | None) -> Form:
    """An operation on operands of which there are `least` to `most`."""

    def check(expression: Any, values: list[Any], report: _Report, depth: int) -> None:
        count = len(values)
        if count < least or (most is not None and count > most):
            what = (
                'an "and" operation must have at least 2 operands'
                if most is None
                else _wanted(operator, most)
            )
            report.add(expression, f"{what}, but it has {count}")
        _check_all(values[:most], report, depth)

    return check


def _wanted(operator: str, most: int) -> str:
    return f'an operation with operator "{operator}" must have {"2 or 3" if most == 3 else "2"} operands'


def _fixed(operator: str, article: str, count: int) -> Form:
    """An operation of exactly `count` expressions."""

    def check(expression: Any, values: list[Any], report: _Report, depth: int) -> None:
        _check_count(expression, values, report, f'{article} "{operator}"-operation', count)
        _check_all(values[:count], report, depth)

    return check


def _check_count(expression: Any, values: list[Any], report: _Report, what: str, count: int) -> None:
    if len(values) != count:
        noun = "value/operand" if count == 1 else "values/operands"
        report.add(expression, f"{what} must have exactly {count} {noun}, but it has {len(values)}")


def _check_not(expression: Any, values: list[Any], report: _Report, depth: int) -> None:
    if len(values) == 1:
        _check(values[0], report, depth + 1)
    else:
        what = "a !-operation (logical not/negation) must have exactly 1 operand"
        report.add(expression, f"{what}, but it has {len(values)}")


def _check_plus_time(expression: Any, values: list[Any], report: _Report, depth: int) -> None:
    _check_count(expression, values, report, 'a "plusTime"-operation', 3)
    _check_all(values[:1], report, depth)
    for amount in values[1:2]:
        if not is_whole(amount):
            message = f'"amount" argument (#2) of "plusTime" must be an integer, but it is: {_shown(amount)}'
            report.add(expression, message)
    for unit in values[2:3]:
        if unit not in UNITS:
            names = ", ".join(UNITS)
            message = (
                f'"unit" argument (#3) of "plusTime" must be a string equal to one of {names}, but it is: '
            )
            message += _shown(unit)
            report.add(expression, message)


def _check_extract(expression: Any, values: list[Any], report: _Report, depth: int) -> None:
    _check_count(expression, values, report, 'an "extractFromUVCI"-operation', 2)
    _check_all(values[:1], report, depth)
    for index in values[1:2]:
        if not is_whole(index):
            message = (
                f'"index" argument (#2) of "extractFromUVCI" must be an integer, but it is: {_shown(index)}'
            )
            report.add(expression, message)


def _shown(value: Any) -> str:
    return str(value)[:80] if isinstance(value, str | int | float) else type(value).__name__


_FORMS: dict[str, Form] = {
    "if": _fixed("if", "an", 3),
    "and": _infix("and", 2, None),
    "!": _check_not,
    "plusTime": _check_plus_time,
    "reduce": _fixed("reduce", "a", 3),
    "extractFromUVCI": _check_extract,
    "dccDateOfBirth": _fixed("dccDateOfBirth", "a", 1),
    **{operator: _infix(operator, 2, 3) for operator in COMPARISONS},
    **{operator: _infix(operator, 2, 2) for operator in BINARY},
}
