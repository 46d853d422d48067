"""What values mean in CertLogic: which are true, which are equal, which are whole numbers (specification, "Values")."""

from datetime import datetime
from typing import Any

from openconsular.domain.health.rules.errors import INTEGER_OUT_OF_RANGE, NO_TRUTH, TYPE_MISMATCH, RuleError
from openconsular.domain.health.rules.limits import INTEGER_MOST

_PLAIN = frozenset((bool, str, int, list, dict))


def truth(value: Any) -> bool:
    """Whether the value is truthy. False, null, "", 0, [] and {} are falsy; fractions and date-times are neither."""
    if value is True:
        return True
    if value is None or type(value) in _PLAIN:
        return bool(value)
    if type(value) is float and value.is_integer():
        return value != 0
    raise RuleError(NO_TRUTH, f"A {name_of_type(value)} is neither truthy nor falsy.")


def equal(left: Any, right: Any) -> bool:
    """`===`: same type and value. Arrays and objects equal only themselves, as in ECMAScript: comparing them by content
    is left open by the specification, and costs without bound. Date-times are never equal: of two made alike
    ECMAScript says so, and whether two are one and the same must not depend on how they are kept here."""
    if left is right:
        return type(left) is not datetime
    kind, other = type(left), type(right)
    if kind is str or kind is int or kind is float:
        return bool(left == right) if other is kind or (_is_number(kind) and _is_number(other)) else False
    return False


def integer(value: Any) -> int:
    """The value as an integer; 2.0 is one, as every JSON number that is whole. Raises RuleError for others."""
    if type(value) is int:
        return value
    if type(value) is float and value.is_integer():
        return int(value)
    raise RuleError(TYPE_MISMATCH, f"An integer is needed, not a {name_of_type(value)}.")


def add(left: Any, right: Any) -> int:
    """`+`. Raises RuleError when an operand is no integer or the sum is not kept exactly by every JSON reader."""
    total = integer(left) + integer(right)
    if -INTEGER_MOST <= total <= INTEGER_MOST:
        return total
    raise RuleError(INTEGER_OUT_OF_RANGE, "The sum is too large to be kept exactly.")


def is_in(value: Any, items: Any) -> bool:
    """`in`: whether an array has the value. Raises RuleError when `items` is no array."""
    if not isinstance(items, list):
        raise RuleError(TYPE_MISMATCH, f'The right side of "in" is an array, not a {name_of_type(items)}.')
    if type(value) is str or value is None:
        return value in items
    return any(equal(value, item) for item in items)


def name_of_type(value: Any) -> str:
    """The JSON name of the value's type; a value itself is never told, it may be somebody's."""
    names = {bool: "boolean", str: "string", int: "number", float: "number", list: "array", dict: "object"}
    return "null" if value is None else names.get(type(value), "date-time")


def _is_number(kind: type) -> bool:
    return kind is int or kind is float
