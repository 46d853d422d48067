"""CertLogic beside another implementation: on expressions of the right types both say the same.

panzi-json-logic is JsonLogic with additions. Where types do not fit it converts, and elsewhere it goes its own way, so
these are left out: true equals 1 and arrays compare by content there, "length" of an array and characters of a text are
paths, the initial value of `reduce` is not evaluated, and months or years that end in no day are an error.
"""

from datetime import UTC, datetime
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from json_logic.cert_logic import certLogic

from tests.domain.health.certlogic_world import value

unhurried = settings(deadline=None, max_examples=300)

NUMBERS = {"one": 1, "two": 2, "many": 41}
TEXTS = {"name": "x", "code": "URN:UVCI:01:AT:X#Y/1", "empty": ""}
DAYS = {"day": "2021-02-28", "moment": "2021-12-31T23:59:59.999+02:00", "leap": "2020-02-29T01:02:03Z"}
DATA: dict[str, Any] = {
    **NUMBERS,
    **TEXTS,
    **DAYS,
    "list": ["x", "y", ""],
    "none": None,
    "deep": {"v": [{"n": 2}]},
}


def var(names: Any) -> st.SearchStrategy[Any]:
    return st.sampled_from(sorted(names)).map(lambda name: {"var": name})


def operation(operator: str, *operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.tuples(*operands).map(lambda found: {operator: list(found)})


def chain(operators: list[str], operand: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    operands = st.lists(operand, min_size=2, max_size=3)
    return st.tuples(st.sampled_from(operators), operands).map(lambda pair: {pair[0]: pair[1]})


texts = st.sampled_from(["x", "AT", ""]) | var(TEXTS)
texts |= operation("extractFromUVCI", var(["code"]), st.integers(0, 3))
simple_numbers = st.integers(-9, 9) | var(NUMBERS) | st.just({"var": "deep.v.0.n"})
numbers = st.recursive(
    simple_numbers,
    lambda inner: (
        operation("+", inner, inner)
        | operation(
            "reduce", st.just({"var": "list"}), st.just({"+": [{"var": "accumulator"}, 1]}), st.integers(0, 5)
        )
    ),
    max_leaves=4,
)
starts = var(DAYS) | st.sampled_from(["2021-03-15", "2021-03-15T10:00:00+01:30"])
days = operation("plusTime", starts, st.integers(-400, 400), st.sampled_from(["day", "hour"]))
# The 28th is a day of every month.
days |= operation("plusTime", var(["day"]), st.integers(-30, 30), st.sampled_from(["month", "year"]))
truths = st.recursive(
    st.booleans()
    | chain(["<", ">", "<=", ">="], numbers)
    | chain(["before", "after", "not-before", "not-after"], days)
    | operation("===", texts, texts)
    | operation("===", numbers, numbers)
    | operation("in", texts, st.just({"var": "list"}) | st.lists(texts, max_size=3))
    | operation("!", var(["none", "list", "empty", "missing", "missing.too", "deep.v", "deep.v.3", "one"])),
    lambda inner: (
        st.lists(inner, min_size=2, max_size=3).map(lambda found: {"and": found})
        | operation("!", inner)
        | operation("if", inner | texts | numbers, inner, inner)
    ),
    max_leaves=8,
)


def normal(found: Any) -> Any:
    """Their dates keep the offset they were written with, and their sums may be floats."""
    if isinstance(found, datetime):
        return found.astimezone(UTC).isoformat(timespec="milliseconds")
    return found


@unhurried
@given(truths)
def test_both_say_the_same_of_conditions(expression: Any) -> None:
    assert value(expression, DATA) is certLogic(expression, DATA)


@unhurried
@given(numbers | texts | days)
def test_both_make_the_same_values(expression: Any) -> None:
    assert normal(value(expression, DATA)) == normal(certLogic(expression, DATA))
