"""Rules written to harm: deep, huge, never ending, overflowing. Each is an error with a code, soon and in little memory."""

import hashlib
import json
import sys
import time
from datetime import UTC, datetime

import pytest

from openconsular.domain.health.rules import errors, limits
from openconsular.domain.health.rules.certlogic import compile_expression
from openconsular.domain.health.rules.check import issues_of
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.listing import list_rules, list_value_sets
from openconsular.domain.health.rules.read import read_rules, read_value_sets
from tests.domain.health.test_rules import source

SOON_S = 2.0
ACCUMULATOR, CURRENT = {"var": "accumulator"}, {"var": "current"}


@pytest.fixture(autouse=True)
def soon():
    """Whatever a rule does, it is over soon; the limit is generous because the machine may be busy."""
    started = time.process_time()
    yield
    assert time.process_time() - started < SOON_S


def code_of(act, *args):
    with pytest.raises(RuleError) as caught:
        act(*args)
    return caught.value.code


def evaluate(expression, data=None):
    return compile_expression(expression).evaluate(data)


def nested(depth, make):
    inner = 1
    for _ in range(depth):
        inner = make(inner)
    return inner


# ---------------------------------------------------------------- deep


@pytest.mark.parametrize(
    "make",
    [
        lambda inner: {"!": [inner]},
        lambda inner: [inner],
        lambda inner: {"if": [True, inner, 1]},
        lambda inner: {"reduce": [[1], inner, 1]},
        lambda inner: {"plusTime": [inner, 1, "day"]},
    ],
)
def test_deep_rules_are_refused(make):
    assert code_of(compile_expression, nested(limits.DEPTH_MOST + 2, make)) == errors.INVALID
    assert code_of(compile_expression, nested(5_000, make)) == errors.INVALID


def test_the_deepest_rule_allowed_is_evaluated():
    deepest = nested(limits.DEPTH_MOST, lambda inner: {"!": [inner]})
    assert evaluate(deepest) in (True, False)
    # Also where the stack is used up already to some part.
    assert nested_call(lambda: evaluate(deepest), sys.getrecursionlimit() // 3) in (True, False)


def nested_call(act, depth):
    return act() if depth == 0 else nested_call(act, depth - 1)


def test_deep_json_is_no_rule():
    for text in ("[" * 200_000, '{"a":' * 200_000, "[" * 200_000 + "]" * 200_000):
        assert code_of(read_rules, text) == errors.MALFORMED
        assert code_of(read_value_sets, text) == errors.MALFORMED


def test_a_list_that_holds_itself_is_refused():
    loop = []
    loop.append(loop)
    assert code_of(compile_expression, loop) == errors.INVALID
    knot = {"and": []}
    knot["and"] += [knot, knot]
    assert code_of(compile_expression, knot) == errors.INVALID


# ---------------------------------------------------------------- huge


def test_huge_rules_are_refused():
    assert code_of(compile_expression, [1] * (limits.NODES_MOST + 1)) == errors.INVALID
    assert code_of(compile_expression, {"and": [True] * 1_000_000}) == errors.INVALID
    doubled = nested(60, lambda inner: [inner, inner])
    assert code_of(compile_expression, doubled) == errors.INVALID


def test_issues_of_a_hopeless_rule_stay_few():
    assert len(issues_of([None] * (limits.NODES_MOST - 1))) == limits.ISSUES_MOST
    assert len(issues_of([None] * 1_000_000)) == 1


def test_long_paths_and_messages_are_cut():
    (issue,) = issues_of({"var": "a." * 1_000_000})
    assert len(issue.message) < 2 * limits.PATH_MOST
    (issue,) = issues_of({"plusTime": ["x", "y" * 1_000_000, "day"]})
    assert len(issue.message) < 300


def test_long_lists_of_rules_are_refused():
    assert code_of(read_rules, b" " * (limits.LIST_BYTES_MOST + 1)) == errors.MALFORMED
    assert code_of(read_rules, json.dumps([{}] * (limits.RULES_MOST + 1))) == errors.MALFORMED


@pytest.mark.parametrize("digits", [5_000, 1_000_000])
def test_numbers_with_many_digits_are_no_rule(digits):
    assert code_of(read_rules, '{"Logic": ' + "9" * digits + "}") == errors.MALFORMED


@pytest.mark.parametrize(
    "text", ["", "nothing", '{"a":1,"a":1}', "[1,", "\ufeff[]", b"\xff\xfe", "NaN", '"\\ud800"']
)
def test_texts_that_are_no_rules(text):
    assert code_of(read_rules, text) == errors.MALFORMED


# ---------------------------------------------------------------- never ending


def test_a_reduce_over_much_data_ends():
    lambda_ = {"if": [{"in": [CURRENT, ["a", "b", "c"]]}, {"+": [ACCUMULATOR, 1]}, ACCUMULATOR]}
    assert evaluate({"reduce": [{"var": "x"}, lambda_, 0]}, {"x": ["a"] * 1_000}) == 1_000
    assert (
        code_of(evaluate, {"reduce": [{"var": "x"}, lambda_, 0]}, {"x": ["a"] * 1_000_000})
        == errors.TOO_MUCH_WORK
    )


def test_reduces_within_reduces_end():
    tens = list(range(10))
    inner = ACCUMULATOR
    for _ in range(12):
        inner = {"reduce": [tens, {"+": [ACCUMULATOR, 1]}, {"reduce": [tens, inner, 0]}]}
    bomb = {"reduce": [tens, inner, 0]}
    for _ in range(8):
        bomb = {"reduce": [tens, bomb, 0]}
    assert code_of(evaluate, bomb) in (errors.TOO_MUCH_WORK, errors.TYPE_MISMATCH, errors.INVALID)


def test_a_result_that_doubles_stays_small_and_is_not_compared_by_content():
    """Thirty doublings of a list are 10^9 items for whoever walks through them; nobody does."""
    doubling = {"reduce": [list(range(30)), [ACCUMULATOR, ACCUMULATOR], 0]}
    assert evaluate({"===": [doubling, doubling]}) is False
    assert evaluate({"in": [doubling, [doubling]]}) is False
    assert evaluate({"if": [doubling, 1, 2]}) == 1


def test_searching_a_long_list_again_and_again_ends():
    bomb = {
        "reduce": [
            {"var": "x"},
            {"if": [{"in": ["no", ACCUMULATOR]}, ACCUMULATOR, ACCUMULATOR]},
            {"var": "x"},
        ]
    }
    assert code_of(evaluate, bomb, {"x": ["a"] * 60_000}) == errors.TOO_MUCH_WORK


def test_splitting_a_long_identifier_again_and_again_ends():
    bomb = {"reduce": [list(range(5_000)), {"extractFromUVCI": [ACCUMULATOR, 0]}, {"var": "x"}]}
    assert evaluate(bomb, {"x": ":" * 5_000_000}) is None


def test_long_texts_as_date_times_are_refused_unread():
    for text in ("2021-01-01T00:00:00." + "1" * 5_000_000, "2021-" * 1_000_000, "1" * 5_000_000):
        assert code_of(evaluate, {"plusTime": [{"var": "x"}, 0, "day"]}, {"x": text}) == errors.NOT_A_DATE


# ---------------------------------------------------------------- overflowing


def test_sums_do_not_grow_without_end():
    double = {"reduce": [list(range(5_000)), {"+": [ACCUMULATOR, ACCUMULATOR]}, 1]}
    assert code_of(evaluate, double) == errors.INTEGER_OUT_OF_RANGE


@pytest.mark.parametrize("unit", ["year", "month", "day", "hour"])
@pytest.mark.parametrize("amount", [10**9, -(10**9), 10**18, -(10**300), 1e300])
def test_dates_do_not_overflow(unit, amount):
    assert code_of(evaluate, {"plusTime": ["2021-06-01", amount, unit]}) == errors.DATE_OUT_OF_RANGE


def test_data_a_certificate_cannot_hold_is_no_trouble():
    """The reader of certificates gives JSON values; a rule meeting others says so and nothing worse."""
    strange = {
        "when": datetime(2026, 1, 1, tzinfo=UTC),
        "bytes": b"x",
        "set": {1},
        "number": float("nan"),
        "many": 10**400,
    }
    for name in strange:
        path = {"var": name}
        for expression in (
            {"!": [path]},
            {"<": [path, 1]},
            {"in": ["a", path]},
            {"plusTime": [path, 0, "day"]},
            {"+": [path, path]},
        ):
            try:
                evaluate(expression, strange)
            except RuleError:
                continue


# ---------------------------------------------------------------- lists


def test_lists_nested_deep_or_with_a_name_twice_are_no_lists():
    for text in (
        "[" * 200_000,
        '{"rules":' * 200_000,
        '{"rules": [], "rules": []}',
        "NaN",
        "[1e400",
        '{"a":' + "[" * 900,
    ):
        assert code_of(list_rules, text.encode()) == errors.MALFORMED
        assert code_of(list_value_sets, text.encode()) == errors.MALFORMED


def test_a_list_of_junk_is_refused_entry_by_entry_and_soon():
    junk = [
        None,
        7,
        "x",
        [],
        {},
        {"cms": "x"},
        {"hashed": 3, "text": 4},
        {"Logic": 1},
        {"Identifier": "x" * 2_000},
    ]
    found = list_rules(json.dumps(junk * 500).encode())
    assert found.rules == ()
    assert len(found.refused) == len(junk) * 500
    assert max(len(one.identifier) for one in found.refused) <= 80


@pytest.mark.parametrize(
    "message",
    ["", "AAAA", "MIAGCSqGSIb3DQEHAqCA", "M" * 100_000, "\u00e9", "MIIB" + "/" * 50_000],
)
def test_messages_that_are_none_are_refused(message):
    found = list_rules(
        json.dumps({"VR-XA-0001": [{"cms": message, "version": "1.0.0"}]}).encode(), signers={}
    )
    assert [one.code for one in found.refused] == [errors.UNSIGNED]


@pytest.mark.parametrize(
    "index", [7, [7], [{}], [{"hash": 3}], [{"hash": "../../etc"}], [{"hash": "x" * 100_000}]]
)
def test_an_index_of_junk_is_refused(index):
    content = json.dumps({"index": index, "texts": {"x": 3}}).encode()
    try:
        assert {one.code for one in list_rules(content).refused} <= {errors.OTHER_HASH, errors.MALFORMED}
    except RuleError as error:
        assert error.code == errors.MALFORMED


def test_a_rule_inside_a_rule_inside_a_hash_is_not_followed():
    """What stands behind a hash is one rule, never another list."""
    text = json.dumps([{"rules": []}])
    digest = hashlib.sha256(text.encode()).hexdigest()
    content = json.dumps({"index": [{"hash": digest}], "texts": {digest: text}}).encode()
    assert [one.code for one in list_rules(content).refused] == [errors.MALFORMED]


def test_texts_no_table_can_hold_stay_out():
    for words in ("\ud800", "\x00"):
        rule = source(Description=[{"lang": "en", "desc": words}])
        assert [one.code for one in list_rules(json.dumps([rule]).encode()).refused] == [errors.MALFORMED]
        rule = source({"===": [{"var": "x"}, words]})
        assert [one.code for one in list_rules(json.dumps([rule]).encode()).refused] == [errors.MALFORMED]
