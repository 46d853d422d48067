"""CertLogic 1.3.3: what the specification says, sentence by sentence, and the published suites where they lie."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.conformance import rules as suites
from openconsular.domain.health.rules import errors
from openconsular.domain.health.rules.certlogic import compile_expression
from openconsular.domain.health.rules.check import data_paths, issues_of
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.instants import instant, plus

# The machine may be busy with other tests; how fast rules are is measured by bench/certificates_rules.py.
unhurried = settings(deadline=None)
SHARED = Path(__file__).parents[3] / "../shared/data/health"


def value(expression, data=None):
    return compile_expression(expression).evaluate(data)


def error(expression, data=None):
    with pytest.raises(RuleError) as caught:
        value(expression, data)
    return caught.value.code


# ---------------------------------------------------------------- values

FALSY = [False, None, "", 0, 0.0, [], {}]
TRUTHY = [True, "x", "0", 1, -1, 2.0, [0], {"a": None}]


@pytest.mark.parametrize("data", FALSY)
def test_falsy(data):
    assert value({"if": [{"var": ""}, "yes", "no"]}, data) == "no"
    assert value({"!": [{"var": ""}]}, data) is True


@pytest.mark.parametrize("data", TRUTHY)
def test_truthy(data):
    assert value({"if": [{"var": ""}, "yes", "no"]}, data) == "yes"
    assert value({"!": [{"var": ""}]}, data) is False


@pytest.mark.parametrize("expression", [{"var": "x"}, {"plusTime": ["2026-01-01", 0, "day"]}])
def test_fractions_and_date_times_are_neither(expression):
    for whole in ({"!": [expression]}, {"if": [expression, 1, 2]}, {"and": [expression, True]}):
        assert error(whole, {"x": 0.5}) == errors.NO_TRUTH
    assert error({"and": [True, expression]}, {"x": 0.5}) == errors.NO_TRUTH


def test_and_is_lazy_and_gives_the_value_that_decides():
    assert value({"and": ["", {"+": ["no", "number"]}]}) == ""
    assert value({"and": [1, [2], "three"]}) == "three"
    assert error({"and": [1, {"+": ["no", "number"]}]}) == errors.TYPE_MISMATCH


def test_if_evaluates_only_the_branch_taken():
    fails = {"+": ["no", "number"]}
    assert value({"if": [True, 1, fails]}) == 1
    assert value({"if": [False, fails, 2]}) == 2


# ---------------------------------------------------------------- equality and membership


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("a", "a", True),
        ("a", "b", False),
        (1, 1, True),
        (1, 1.0, True),
        (1, True, False),
        (0, False, False),
        (0, "", False),
        (None, None, True),
        (None, False, False),
        ([1], [1], False),
        ({}, {}, False),
    ],
)
def test_equality_is_without_coercion(left, right, expected):
    data = {"left": left, "right": right}
    assert value({"===": [{"var": "left"}, {"var": "right"}]}, data) is expected
    assert value({"in": [{"var": "left"}, [{"var": "right"}]]}, data) is expected


def test_equality_with_a_literal_text():
    assert value({"===": [{"var": "x"}, "a"]}, {"x": "a"}) is True
    for other in (None, 1, True, ["a"], {"a": 1}):
        assert value({"===": [{"var": "x"}, "a"]}, {"x": other}) is False


@pytest.mark.parametrize("items", [None, "abc", {"a": 1}, 3])
def test_in_needs_an_array(items):
    assert error({"in": ["a", {"var": "x"}]}, {"x": items}) == errors.TYPE_MISMATCH


# ---------------------------------------------------------------- numbers


def test_comparisons_take_two_or_three_integers():
    assert value({"<": [1, 2]}) is True
    assert value({"<": [1, 2, 2]}) is False
    assert value({">=": [3, 3, 1]}) is True
    assert value({"<": [{"var": ""}, 3]}, 2.0) is True
    for wrong in ("1", None, True, 1.5, [1]):
        assert error({"<": [{"var": ""}, 2]}, wrong) == errors.TYPE_MISMATCH
    # The third is of the wrong type though the first two decide.
    assert error({"<": [2, 1, "x"]}) == errors.TYPE_MISMATCH


@unhurried
@given(st.integers(-(2**51), 2**51), st.integers(-(2**51), 2**51))
def test_sums(left, right):
    assert value({"+": [{"var": "0"}, {"var": "1"}]}, [left, right]) == left + right


def test_a_sum_that_json_readers_round_is_an_error():
    assert value({"+": [2**53 - 2, 1]}) == 2**53 - 1
    assert error({"+": [2**53 - 1, 1]}) == errors.INTEGER_OUT_OF_RANGE
    assert error({"+": [-(2**53) + 1, -1]}) == errors.INTEGER_OUT_OF_RANGE


# ---------------------------------------------------------------- paths


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("", [1], [1]),
        ("a.1.b", {"a": [0, {"b": 7}]}, 7),
        ("a.1", {"a": {"1": "named"}}, "named"),
        ("a.01", {"a": [5, 6]}, 6),
        ("a.2", {"a": [1]}, None),
        ("a.-1", {"a": [1]}, None),
        ("a.0", {"a": "text"}, None),
        ("a.length", {"a": [1, 2]}, None),
        ("a.b", {"a": 3}, None),
        ("a", None, None),
        ("a." + "9" * 400, {"a": [1]}, None),
        ("a.٣", {"a": [0, 1, 2, 3]}, None),
    ],
)
def test_what_is_not_there_is_null(path, data, expected):
    assert value({"var": path}, data) == expected


def test_other_maps_are_followed_too():
    frozen = MappingProxyType({"b": [MappingProxyType({"c": 7})]})
    assert value({"var": "a.b.0.c"}, {"a": frozen}) == 7
    assert value({"var": "b"}, frozen) == frozen["b"]
    assert value({"var": "a.x.y"}, {"a": frozen}) is None


# ---------------------------------------------------------------- date-times


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2021", "2021-12-31T00:00:00"),
        ("2021-02", "2021-02-28T00:00:00"),
        ("2024-02", "2024-02-29T00:00:00"),
        ("2021-05-04", "2021-05-04T00:00:00"),
        ("2021-05-04T13:37:42", "2021-05-04T13:37:42"),
        ("2021-05-04T13:37:42Z", "2021-05-04T13:37:42"),
        ("2021-08-20T12:03:12+2", "2021-08-20T10:03:12"),
        ("2021-08-20T12:03:12+02", "2021-08-20T10:03:12"),
        ("2021-08-20T12:03:12+230", "2021-08-20T09:33:12"),
        ("2021-08-20T12:03:12-0230", "2021-08-20T14:33:12"),
        ("2021-08-20T12:03:12+2:30", "2021-08-20T09:33:12"),
        ("2021-08-20T12:03:12+02:30", "2021-08-20T09:33:12"),
        ("2021-08-01T00:00:00.1Z", "2021-08-01T00:00:00.100"),
        ("2021-08-01T00:00:00.0019999999", "2021-08-01T00:00:00.001"),
        ("2021-08-01T00:00:00.0001+1", "2021-07-31T23:00:00"),
    ],
)
def test_forms_of_date_times(text, expected):
    assert value({"plusTime": [{"var": ""}, 0, "hour"]}, text) == datetime.fromisoformat(expected + "+00:00")


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "x", "21", "20210504", "2021-W01-1", "2021-1-1", "2021-13", "2021-00", "2021-02-30", "0000-01-01",
        "2021-05-04 13:37:42", "2021-05-04T13:37", "2021-05-04T24:00:00Z", "2021-05-04T13:60:00Z",
        "2021-05-04T13:37:42z", "2021-05-04T13:37:42,5Z", "2021-05-04T13:37:42+25:00", "2021-05-04T13:37:42+02:60",
        "2021-05-04T13:37:42Z\n", "２０２１-05-04", "+2021-05-04", "2021-05-04T13:37:42." + "0" * 100,
    ],
)  # fmt: skip
def test_other_texts_are_no_date_times(text):
    assert error({"plusTime": [{"var": ""}, 0, "day"]}, text) == errors.NOT_A_DATE
    assert error({"dccDateOfBirth": [{"var": ""}]}, text) == errors.NOT_A_DATE


def test_a_date_of_birth_has_no_time():
    assert value({"dccDateOfBirth": ["2004-02"]}) == datetime(2004, 2, 29, tzinfo=UTC)
    assert error({"dccDateOfBirth": ["2004-02-01T00:00:00Z"]}) == errors.NOT_A_DATE


@pytest.mark.parametrize("operand", [None, 5, True, [], {}])
def test_date_times_are_made_of_texts_only(operand):
    assert error({"plusTime": [{"var": ""}, 0, "day"]}, operand) == errors.TYPE_MISMATCH
    assert error({"dccDateOfBirth": [{"var": ""}]}, operand) == errors.TYPE_MISMATCH


def test_a_date_time_is_no_operand_of_plus_time():
    inner = {"plusTime": ["2021-01-01", 0, "day"]}
    assert error({"plusTime": [inner, 1, "day"]}) == errors.TYPE_MISMATCH


@pytest.mark.parametrize(
    ("start", "amount", "unit", "expected"),
    [
        # The table of the specification, "Leap days".
        ("2020-02-29", 1, "day", "2020-03-01"),
        ("2020-02-29", 1, "month", "2020-03-29"),
        ("2020-02-29", 1, "year", "2021-03-01"),
        # Months roll over as setUTCMonth does.
        ("2021-01-31", 1, "month", "2021-03-03"),
        ("2021-03-31", -1, "month", "2021-03-03"),
        ("2021-12-01", 1, "month", "2022-01-01"),
        ("2021-12-01", -12, "month", "2020-12-01"),
        ("2021-06-23", -180, "day", "2020-12-25"),
        ("2004-02", 18, "year", "2022-03-01"),
        ("2021-06-23", 72, "hour", "2021-06-26"),
    ],
)
def test_adding_time(start, amount, unit, expected):
    assert value({"plusTime": [start, amount, unit]}) == instant(expected)


@unhurried
@given(
    st.dates(date(1900, 1, 1), date(2100, 1, 1)),
    st.integers(-50_000, 50_000),
    st.sampled_from(["day", "hour"]),
)
def test_days_and_hours_add_up(day, amount, unit):
    start = datetime(day.year, day.month, day.day, 13, 37, 42, tzinfo=UTC)
    found = value({"plusTime": [start.isoformat(), amount, unit]})
    assert found - start == (timedelta(days=amount) if unit == "day" else timedelta(hours=amount))


@unhurried
@given(st.dates(date(1901, 1, 1), date(2100, 1, 1)), st.integers(-600, 600))
def test_months_end_in_the_month_meant_or_the_next(day, amount):
    found = plus(instant(day.isoformat()), amount, "month")
    wanted = (day.year * 12 + day.month - 1 + amount) % 12 + 1
    same_day = found.day == day.day and found.month == wanted
    assert same_day or ((found.month - wanted) % 12 == 1 and found.day <= 3)


@pytest.mark.parametrize(
    ("start", "amount", "unit"),
    [
        ("2021-01-01", 8_000, "year"),
        ("2021-01-01", -2_021, "year"),
        ("2021-01-01", 100_000, "month"),
        ("2021-01-01", 10**7, "day"),
        ("2021-01-01", 10**400, "day"),
        ("2021-01-01", -(10**400), "hour"),
        ("2021-01-01", 10**400, "year"),
        ("9999-12-31", 1, "hour"),
        ("9999-12-31", 25, "hour"),
        ("0001-01-01T00:00:00+1", 0, "hour"),
        ("9999-12-31T23:59:59-1", 0, "hour"),
    ],
)
def test_a_year_that_overflows_is_told(start, amount, unit):
    if (start, amount) == ("9999-12-31", 1):
        assert value({"plusTime": [start, amount, unit]}).hour == 1
    else:
        assert error({"plusTime": [start, amount, unit]}) == errors.DATE_OUT_OF_RANGE


@unhurried
@given(st.text(max_size=40))
def test_any_text_is_a_date_time_or_an_error(text):
    try:
        assert isinstance(value({"plusTime": [{"var": ""}, 1, "month"]}, text), datetime)
    except RuleError as caught:
        assert caught.code in (errors.NOT_A_DATE, errors.DATE_OUT_OF_RANGE)


@pytest.mark.parametrize(
    ("operator", "order", "expected"),
    [
        ("after", (2, 1), True), ("after", (1, 1), False), ("before", (1, 2), True), ("before", (1, 2, 2), False),
        ("not-after", (1, 1, 2), True), ("not-after", (1, 3, 2), False), ("not-before", (2, 2, 1), True),
        ("not-before", (1, 2), False), ("after", (3, 2, 1), True), ("before", (1, 3, 2), False),
    ],
)  # fmt: skip
def test_comparing_date_times(operator, order, expected):
    operands = [{"plusTime": [f"2021-01-0{day}", 0, "day"]} for day in order]
    assert value({operator: operands}) is expected


def test_only_date_times_are_before_one_another():
    moment = {"plusTime": ["2021-01-01", 0, "day"]}
    for wrong in ("2021-01-01", 5, None):
        assert error({"before": [{"var": ""}, moment]}, wrong) == errors.TYPE_MISMATCH
        assert error({"after": [moment, moment, {"var": ""}]}, wrong) == errors.TYPE_MISMATCH
    assert error({"<": [moment, moment]}) == errors.TYPE_MISMATCH


# ---------------------------------------------------------------- reduce, identifiers


def test_reduce_folds_from_the_left_and_takes_null_for_nothing():
    collect = {"+": [{"var": "accumulator"}, {"var": "current"}]}
    assert value({"reduce": [{"var": "x"}, collect, 10]}, {"x": [1, 2, 3]}) == 16
    for nothing in ({"x": []}, {"x": None}, {}, None):
        assert value({"reduce": [{"var": "x"}, collect, 10]}, nothing) == 10
    for wrong in ("abc", 3, {"a": 1}, True):
        assert error({"reduce": [{"var": "x"}, collect, 10]}, {"x": wrong}) == errors.TYPE_MISMATCH


def test_reduce_sees_nothing_but_item_and_result():
    assert value({"reduce": [[1], {"var": "x"}, 0]}, {"x": 5}) is None
    assert value({"reduce": [[1, 2], [{"var": "accumulator"}, {"var": "current"}], 0]}) == [[0, 1], 2]


def test_identifiers_are_split():
    def at(index, text):
        return value({"extractFromUVCI": [{"var": ""}, index]}, text)

    assert [at(i, "URN:UVCI:01:NL:187/37512422923") for i in range(-1, 5)] == [
        None,
        "01",
        "NL",
        "187",
        "37512422923",
        None,
    ]
    assert at(0, "urn:uvci:01:NL") == "urn"
    assert at(2, "a::c/#/f") == "c"
    assert at(0, None) is None
    for wrong in (1, True, [], {}):
        assert error({"extractFromUVCI": [{"var": ""}, 0]}, wrong) == errors.TYPE_MISMATCH


# ---------------------------------------------------------------- what is no expression


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
    assert suites.is_same(found, first.evaluate(data)) or isinstance(found, datetime)


# ---------------------------------------------------------------- the published suites


@pytest.mark.skipif(
    not (SHARED / "certlogic").is_dir(), reason="the published suites are not beside this checkout"
)
def test_the_published_suites_agree():
    found = {suite.name: suite for suite in suites.run(SHARED)}
    assert (found["certlogic"].vectors, found["certlogic"].agree, found["certlogic"].skipped) == (
        218,
        218,
        14,
    )
    assert (found["certlogic-validation"].vectors, found["certlogic-validation"].agree) == (23, 23)
    rules = found["business-rules"]
    assert rules.vectors >= 715
    assert rules.agree == rules.vectors
