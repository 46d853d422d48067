"""CertLogic 1.3.3: what is no expression, in the words of the published validation suite, and that nothing else breaks."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.rules import errors
from openconsular.domain.health.rules.certlogic import compile_expression
from openconsular.domain.health.rules.check import data_paths, issues_of
from openconsular.domain.health.rules.errors import RuleError

unhurried = settings(deadline=None)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (None, "invalid CertLogic expression"),
        (3.14, "3.14 is a non-integer number"),
        (float("inf"), "inf is a non-integer number"),
        ({}, "expression object must have exactly one key, but it has 0"),
        ({"if": [1, 2]}, 'an "if"-operation must have exactly 3 values/operands, but it has 2'),
        ({"if": []}, 'an "if"-operation must have exactly 3 values/operands, but it has 0'),
        ({"and": [1]}, 'an "and" operation must have at least 2 operands, but it has 1'),
        ({"<": [1, 2, 3, 4]}, 'an operation with operator "<" must have 2 or 3 operands, but it has 4'),
        ({"in": [1]}, 'an operation with operator "in" must have 2 operands, but it has 1'),
        ({"!": [1, 2]}, "a !-operation (logical not/negation) must have exactly 1 operand, but it has 2"),
        ({"plusTime": ["x", "1", "day"]}, '"amount" argument (#2) of "plusTime" must be an integer, but it is: 1'),
        ({"plusTime": ["x", 1, "week"]}, '"unit" argument (#3) of "plusTime" must be a string equal to one of year, month, day, hour, but it is: week'),
        ({"plusTime": ["x", 1, ["day"]]}, '"unit" argument (#3) of "plusTime" must be a string equal to one of year, month, day, hour, but it is: list'),
        ({"extractFromUVCI": ["x", {"var": "i"}]}, '"index" argument (#2) of "extractFromUVCI" must be an integer, but it is: dict'),
        ({"var": ["x"]}, 'not of the form { "var": "<path>" }'),
        ({"var": "a..b"}, "data access path doesn't have a valid format: a..b"),
        ({"or": [1, 2]}, 'unrecognised operator: "or"'),
        ({"==": [1, 1]}, 'unrecognised operator: "=="'),
        ({1: [1]}, 'unrecognised operator: "1"'),
    ],
)  # fmt: skip
def test_issues(expression, message):
    assert [one.message for one in issues_of(expression)] == [message]
    with pytest.raises(RuleError) as caught:
        compile_expression(expression)
    assert caught.value.code == errors.INVALID


def test_issues_name_the_part_at_fault():
    found = issues_of({"and": [{"or": [1]}, {"if": [True, None, {"var": 1}]}]})
    assert [one.expression for one in found] == [{"or": [1]}, None, {"var": 1}]


def test_paths_of_an_expression():
    expression = {
        "if": [{"var": "payload.v.0"}, {"in": [{"var": "b"}, [{"var": "payload.v.0"}, "var"]]}, False]
    }
    assert data_paths(expression) == ("b", "payload.v.0")
    assert data_paths({"or": [{"var": "a"}]}) == ()


json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.floats(allow_nan=False)
    | st.sampled_from(["", "a", "2021-01-01", "x.0"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["x", "y", "0"]), inner, max_size=3)
    ),
    max_leaves=8,
)
operators = ["if", "and", "!", "===", "in", "+", "<", ">", "<=", ">=", "after", "before", "not-after", "not-before", "plusTime", "reduce", "extractFromUVCI", "dccDateOfBirth", "var", "or"]  # fmt: skip
expressions = st.recursive(
    json_values,
    lambda inner: st.tuples(st.sampled_from(operators), st.lists(inner, max_size=4) | st.sampled_from(["x", "x.0", ""])).map(lambda pair: {pair[0]: pair[1]}) | st.lists(inner, max_size=3),
    max_leaves=20,
)  # fmt: skip


@unhurried
@given(expressions, json_values)
def test_anything_is_a_value_or_a_typed_error(expression, data):
    try:
        first = compile_expression(expression)
        found = first.evaluate(data)
    except RuleError:
        return
    assert not issues_of(expression)
    assert repr(found) == repr(first.evaluate(data))
