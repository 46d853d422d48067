"""CertLogic 1.3.3: a checked expression becomes functions within functions, once; evaluating calls the outermost.

Every function takes the data and a meter, a list of one number: the work `reduce` may still repeat. Depth and size of
the expression itself are bounded by `check`, so nothing a rule says can exhaust stack, memory or time.
"""

from collections.abc import Callable
from datetime import datetime
from operator import ge, gt, le, lt
from typing import Any

from openconsular.domain.health.rules.access import access_to
from openconsular.domain.health.rules.check import issues_of
from openconsular.domain.health.rules.errors import INVALID, TOO_MUCH_WORK, TYPE_MISMATCH, RuleError
from openconsular.domain.health.rules.identifiers import extract
from openconsular.domain.health.rules.instants import date_of_birth, instant, plus
from openconsular.domain.health.rules.limits import STEPS_MOST
from openconsular.domain.health.rules.values import add, equal, integer, is_in, name_of_type, truth

Meter = list[int]
Step = Callable[[Any, Meter], Any]

_ORDERS: dict[str, Callable[[Any, Any], bool]] = {"<": lt, ">": gt, "<=": le, ">=": ge}
_TIME_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "before": lt,
    "after": gt,
    "not-after": le,
    "not-before": ge,
}


class Expression:
    """A checked expression. `evaluate` may be called from several threads at once."""

    __slots__ = ("_step",)

    def __init__(self, step: Step) -> None:
        self._step = step

    def evaluate(self, data: Any, meter: Meter | None = None) -> Any:
        """The value for the data, a JSON value. Raises RuleError where the specification says it is an error.

        `meter` is the work that is left where several expressions share it; by default each has its own.
        """
        return self._step(data, [STEPS_MOST] if meter is None else meter)


def compile_expression(source: Any) -> Expression:
    """Raises RuleError with the first issue when the JSON value is no expression."""
    issues = issues_of(source)
    if issues:
        raise RuleError(INVALID, issues[0].message)
    return Expression(_compile(source, is_repeated=False))


def _compile(source: Any, *, is_repeated: bool) -> Step:
    """`is_repeated` within the lambda of a `reduce`, where work that depends on the data is metered."""
    if _is_literal(source):
        return lambda data, meter: source
    if isinstance(source, list):
        return _array([_compile(one, is_repeated=is_repeated) for one in source])
    ((operator, operands),) = source.items()
    if operator == "var":
        return access_to(operands)
    if operator in _WITH_LITERALS:
        return _WITH_LITERALS[operator](_compile(operands[0], is_repeated=is_repeated), *operands[1:])
    if operator == "reduce":
        return _reduce(operands, is_repeated=is_repeated)
    if operator == "in" and is_repeated:
        return _metered_in(*(_compile(one, is_repeated=True) for one in operands))
    steps = [_compile(one, is_repeated=is_repeated) for one in operands]
    return _operation(operator, operands, steps)


def _is_literal(source: Any) -> bool:
    """Boolean, number, text, or an array of them: it is its own value."""
    parts = source if isinstance(source, list) else (source,)
    return not any(isinstance(one, list | dict) for one in parts)


def _operation(operator: str, operands: list[Any], steps: list[Step]) -> Step:
    if operator in _ORDERS:
        return _chain(steps, _ORDERS[operator], integer)
    if operator in _TIME_ORDERS:
        return _chain(steps, _TIME_ORDERS[operator], _instant_of)
    if operator == "===" and isinstance(operands[1], str):
        return _equals_text(steps[0], operands[1])
    return _OPERATIONS[operator](*steps)


def _array(steps: list[Step]) -> Step:
    return lambda data, meter: [step(data, meter) for step in steps]


def _if(guard: Step, then: Step, otherwise: Step) -> Step:
    def step(data: Any, meter: Meter) -> Any:
        found = guard(data, meter)
        if found is True or (found is not False and truth(found)):
            return then(data, meter)
        return otherwise(data, meter)

    return step


def _and(*steps: Step) -> Step:
    def step(data: Any, meter: Meter) -> Any:
        found: Any = True
        for one in steps:
            found = one(data, meter)
            if found is False or (found is not True and not truth(found)):
                return found
        return found

    return step


def _not(inner: Step) -> Step:
    return lambda data, meter: not truth(inner(data, meter))


def _equals(left: Step, right: Step) -> Step:
    return lambda data, meter: equal(left(data, meter), right(data, meter))


def _equals_text(left: Step, text: str) -> Step:
    return lambda data, meter: left(data, meter) == text


def _in(left: Step, right: Step) -> Step:
    return lambda data, meter: is_in(left(data, meter), right(data, meter))


def _metered_in(left: Step, right: Step) -> Step:
    def step(data: Any, meter: Meter) -> bool:
        value, items = left(data, meter), right(data, meter)
        if isinstance(items, list):
            _spend(meter, len(items))
        return is_in(value, items)

    return step


def _plus(left: Step, right: Step) -> Step:
    return lambda data, meter: add(left(data, meter), right(data, meter))


def _chain(steps: list[Step], holds: Callable[[Any, Any], bool], as_operand: Callable[[Any], Any]) -> Step:
    """Two operands, or three of which each stands so to the next; all are evaluated, as all must be of the type."""
    first, second = steps[:2]
    if len(steps) == 2:
        return lambda data, meter: holds(as_operand(first(data, meter)), as_operand(second(data, meter)))
    third = steps[2]

    def step(data: Any, meter: Meter) -> bool:
        low, middle = as_operand(first(data, meter)), as_operand(second(data, meter))
        high = as_operand(third(data, meter))
        return holds(low, middle) and holds(middle, high)

    return step


def _instant_of(value: Any) -> datetime:
    if type(value) is datetime:
        return value
    raise RuleError(TYPE_MISMATCH, f"A date-time is needed, not a {name_of_type(value)}.")


def _text_of(value: Any, operator: str) -> str:
    if type(value) is str:
        return value
    raise RuleError(TYPE_MISMATCH, f'"{operator}" needs a string, not a {name_of_type(value)}.')


def _plus_time(inner: Step, number: float, unit: str) -> Step:
    amount = int(number)
    if amount == 0:
        return lambda data, meter: instant(_text_of(inner(data, meter), "plusTime"))
    return lambda data, meter: plus(instant(_text_of(inner(data, meter), "plusTime")), amount, unit)


def _date_of_birth(inner: Step) -> Step:
    return lambda data, meter: date_of_birth(_text_of(inner(data, meter), "dccDateOfBirth"))


def _extract(inner: Step, number: float) -> Step:
    index = int(number)

    def step(data: Any, meter: Meter) -> str | None:
        value = inner(data, meter)
        return None if value is None else extract(_text_of(value, "extractFromUVCI"), index)

    return step


def _reduce(operands: list[Any], *, is_repeated: bool) -> Step:
    items_of, initial = (_compile(operands[place], is_repeated=is_repeated) for place in (0, 2))
    each = _compile(operands[1], is_repeated=True)
    cost = _size(operands[1])

    def step(data: Any, meter: Meter) -> Any:
        items, accumulator = items_of(data, meter), initial(data, meter)
        if items is None:
            return accumulator
        if not isinstance(items, list):
            raise RuleError(TYPE_MISMATCH, f'"reduce" needs an array, not a {name_of_type(items)}.')
        for current in items:
            _spend(meter, cost)
            accumulator = each({"accumulator": accumulator, "current": current}, meter)
        return accumulator

    return step


def _spend(meter: Meter, steps: int) -> None:
    meter[0] -= steps
    if meter[0] < 0:
        raise RuleError(TOO_MUCH_WORK, f'"reduce" repeats more than {STEPS_MOST} steps.')


def _size(source: Any) -> int:
    """Nodes of a checked expression."""
    if isinstance(source, dict):
        ((_, operands),) = source.items()
        return 1 + _size(operands)
    return 1 + sum(_size(one) for one in source) if isinstance(source, list) else 1


# Operations of which all operands but the first are literals.
_WITH_LITERALS: dict[str, Callable[..., Step]] = {"plusTime": _plus_time, "extractFromUVCI": _extract}
_OPERATIONS: dict[str, Callable[..., Step]] = {
    "if": _if,
    "and": _and,
    "!": _not,
    "===": _equals,
    "in": _in,
    "+": _plus,
    "dccDateOfBirth": _date_of_birth,
}
