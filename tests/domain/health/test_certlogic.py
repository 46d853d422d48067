"""CertLogic 1.3.3: what the specification says, sentence by sentence, and the published suites where they lie."""

import json
from pathlib import Path
from types import MappingProxyType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.conformance import rules as suites
from openconsular.domain.health.rules import errors
from tests.domain.health.certlogic_world import error, value

# The machine may be busy with other tests; how fast rules are is measured by bench/certificates_rules.py.
unhurried = settings(deadline=None)
SHARED = Path(__file__).parents[3] / "../shared/data/health"


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


def test_a_vector_that_trims_texts_is_explained(tmp_path):
    """One implementation's own vectors take " bar" for "bar"."""
    case = {
        "certLogicExpression": {"in": [{"var": ""}, ["foo", "bar"]]},
        "assertions": [{"data": " bar\n", "expected": True}, {"data": "ba r", "expected": True}],
    }
    (tmp_path / "own.json").write_text(json.dumps({"cases": [case]}))
    (suite,) = suites.run(tmp_path)
    assert [one.cause for one in suite.disagreements] == [suites.TRIMMED, None]
