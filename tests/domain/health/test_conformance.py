"""The harness itself: counts, causes computed from the vector, and vectors in layouts nobody told of."""

import importlib
import json
import pkgutil
import re
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from openconsular.domain.health import conformance
from openconsular.domain.health.conformance import (
    Cause,
    Disagreement,
    Suite,
    dcc_schema,
    files,
    name_of,
    read_json,
)
from openconsular.domain.health.conformance import rules as suites
from openconsular.domain.health.conformance.report import as_json, as_lines, merged
from openconsular.domain.health.conformance.suites import RUNS

CAUSE = Cause("one-cause", "Because.")
RULE = {
    "Identifier": "VR-XA-0001", "Type": "Acceptance", "Country": "XA", "Version": "1.0.0", "SchemaVersion": "1.0.0",
    "Engine": "CERTLOGIC", "EngineVersion": "0.7.5", "CertificateType": "Vaccination", "Description": [],
    "ValidFrom": "2026-01-01T00:00:00Z", "ValidTo": "2027-01-01T00:00:00Z", "AffectedFields": ["dn"],
    "Logic": {"===": [{"var": "payload.dn"}, 2]},
}  # fmt: skip


def write(folder, name, value):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(value if isinstance(value, str) else json.dumps(value), encoding="utf-8")


def run(folder):
    return {suite.name: suite for suite in suites.run(folder)}


def evaluation(*assertions, **more):
    return {"name": "a suite", "cases": [{"name": "a case", "assertions": list(assertions)} | more]}


# ---------------------------------------------------------------- evaluation


def test_agreement_and_disagreement_are_counted(tmp_path):
    right = {"certLogicExpression": {"+": [1, 2]}, "data": {}, "expected": 3}
    wrong = right | {"expected": 4, "message": "odd"}
    write(tmp_path, "somewhere/new/suite.json", evaluation(right, wrong, right))
    suite = run(tmp_path)["certlogic"]
    assert (suite.vectors, suite.agree, suite.explained, suite.unexplained) == (3, 2, 0, 1)
    assert suite.disagreements[0] == Disagreement("somewhere/new/suite.json: odd", "4", "3")


@pytest.mark.parametrize("expected", [1, "true", None, [True]])
def test_true_is_nothing_but_true(tmp_path, expected):
    write(
        tmp_path,
        "a.json",
        evaluation({"certLogicExpression": {"<": [1, 2]}, "data": {}, "expected": expected}),
    )
    assert run(tmp_path)["certlogic"].unexplained == 1


@pytest.mark.parametrize("level", ["suite", "case", "assertion"])
def test_what_the_publisher_skips_is_not_run(tmp_path, level):
    wrong = {"certLogicExpression": 1, "data": {}, "expected": 2}
    marked = wrong | ({"directive": "skip"} if level == "assertion" else {})
    value = evaluation(marked, **({"directive": "skip"} if level == "case" else {}))
    write(tmp_path, "a.json", value | ({"directive": "skip"} if level == "suite" else {}))
    suite = run(tmp_path)["certlogic"]
    assert (suite.vectors, suite.skipped) == (0, 1)


def test_an_expression_may_stand_on_the_case(tmp_path):
    write(tmp_path, "a.json", evaluation({"data": {"x": 5}, "expected": 5}, certLogicExpression={"var": "x"}))
    assert run(tmp_path)["certlogic"].agree == 1


def test_an_error_is_explained_only_by_what_the_vector_holds(tmp_path):
    far = {"plusTime": ["2021-01-01", 9_000, "year"]}
    write(
        tmp_path,
        "far.json",
        evaluation({"certLogicExpression": {"after": [far, far]}, "data": {}, "expected": False}),
    )
    write(
        tmp_path, "bad.json", evaluation({"certLogicExpression": {"+": ["1", 2]}, "data": {}, "expected": 3})
    )
    suite = run(tmp_path)["certlogic"]
    assert {one.vector: one.cause for one in suite.disagreements} == {
        "far.json: a case": suites.FAR_YEAR,
        "bad.json: a case": None,
    }


# ---------------------------------------------------------------- validation


def test_issues_in_other_words_are_explained_and_missed_ones_are_not(tmp_path):
    bad = {"or": [1]}
    cases = [
        {"certLogicExpression": bad, "issues": [{"expr": bad, "message": "what is that"}]},
        {"certLogicExpression": bad, "issues": []},
        {"certLogicExpression": 1, "issues": [{"expr": 1, "message": "not one"}]},
        {"certLogicExpression": None, "issues": [{"expr": None, "message": "invalid CertLogic expression"}]},
    ]
    write(tmp_path, "v.json", {"name": "v", "cases": cases})
    suite = run(tmp_path)["certlogic-validation"]
    assert (suite.vectors, suite.agree, suite.explained, suite.unexplained) == (4, 1, 1, 2)


# ---------------------------------------------------------------- rules of States


def rule_test(dn, expected, external=None):
    return {"payload": {"dn": dn}, "external": external or {}, "expected": expected}


@pytest.mark.parametrize(
    ("rule", "test"),
    [
        ("XX/VR-XA-0001/rule.json", "XX/VR-XA-0001/tests/test001.json"),
        ("deep/er/rules/first.json", "deep/er/rules/cases/one/two.json"),
        ("set/VR-XA-0001.json", "set/tests/a.json"),
    ],
)
def test_rules_are_found_wherever_they_lie(tmp_path, rule, test):
    write(tmp_path, rule, RULE)
    write(tmp_path, test, rule_test(2, True))
    write(tmp_path, test.replace(".json", "-no.json"), rule_test(1, False))
    suite = run(tmp_path)["business-rules"]
    assert (suite.vectors, suite.agree) == (2, 2)


def test_of_several_rules_in_a_folder_the_path_names_the_one(tmp_path):
    write(tmp_path, "one.json", RULE)
    write(
        tmp_path,
        "two.json",
        RULE | {"Identifier": "VR-XA-0002", "Logic": {"===": [{"var": "payload.dn"}, 3]}},
    )
    write(tmp_path, "tests/VR-XA-0001/a.json", rule_test(2, True))
    write(tmp_path, "tests/VR-XA-0002/a.json", rule_test(2, False))
    write(tmp_path, "tests/neither/a.json", rule_test(2, False))
    suite = run(tmp_path)["business-rules"]
    assert (suite.vectors, suite.agree, suite.unexplained) == (3, 2, 1)


def test_a_published_rule_that_cannot_be_read_is_a_fault(tmp_path):
    write(tmp_path, "a/rule.json", RULE | {"Version": "new"})
    write(tmp_path, "a/tests/1.json", rule_test(2, True))
    suite = run(tmp_path)["business-rules"]
    assert (suite.vectors, suite.unexplained) == (2, 1)


def test_a_missing_clock_explains_an_error_and_nothing_else(tmp_path):
    clock = {"plusTime": [{"var": "external.validationClock"}, 0, "day"]}
    write(
        tmp_path,
        "a/rule.json",
        RULE | {"Logic": {"if": [{"var": "payload.dn"}, {"before": [clock, clock]}, False]}},
    )
    write(tmp_path, "a/tests/1.json", rule_test(2, False))
    write(tmp_path, "a/tests/2.json", rule_test(0, True))
    write(tmp_path, "a/tests/3.json", rule_test(2, False, {"validationClock": "sometime"}))
    suite = run(tmp_path)["business-rules"]
    assert [one.cause for one in suite.disagreements] == [suites.NO_CLOCK, None, None]


def test_strange_files_do_no_harm(tmp_path):
    strange = [
        "",
        "[",
        "7",
        "null",
        '{"cases": 7}',
        '{"cases": [7, {}]}',
        '{"cases": [{"assertions": [3]}]}',
        "[" * 100_000,
        "\ufeff{}",
    ]
    for number, text in enumerate(
        [*strange, '{"Logic": 3, "Identifier": [1]}', '{"expected": 1, "external": 2}']
    ):
        write(tmp_path, f"{number}.json", text)
    (tmp_path / "raw.json").write_bytes(b"\xff\xfe\x00")
    assert {name: suite.unexplained for name, suite in run(tmp_path).items()} == {"business-rules": 2}


SHAPES = [
    {"JSON": {"ver": "1.3.0", "nam": {"fnt": "A"}, "dob": "1980", "v": [{"dn": 1}]}, "CBOR": "a0", "COSE": "d28440a04040", "COMPRESSED": "78", "BASE45": "NCF", "PREFIX": "HC1:NCF", "2DCODE": "iVBORw0KGgo=", "TESTCTX": {"VERSION": 1, "SCHEMA": "1.3.0", "CERTIFICATE": "MIIB", "VALIDATIONCLOCK": "2026-01-01T00:00:00Z"}, "EXPECTEDRESULTS": {f"EXPECTED{stage}": True for stage in ("VERIFY", "DECODE", "VALIDJSON", "KEYUSAGE", "EXPIRATIONCHECK", "COMPRESSION", "B45DECODE", "UNPREFIX", "PICTUREDECODE", "SCHEMAVALIDATION")}},
    {"title": "a", "input": {"plaintext": "x", "sign0": {"key": {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}, "alg": "ES256", "protected": {"alg": "ES256"}}}, "intermediates": {"ToBeSign_hex": "00"}, "output": {"cbor": "d28443a10126a04040"}},
    {"data": {"hdr": {"t": "icao.vacc", "v": 1, "is": "XAA"}, "msg": {"uvci": "a", "pid": {"n": "A"}}}, "sig": {"alg": "ES256", "cer": "AA", "sigvl": "AA"}},
    {"verifiableCredential": ["a.b.c"]},
    {"name": "a", "cases": [{"certLogicExpression": {"+": [1, 2]}, "assertions": [{"data": {}, "expected": 3}], "issues": [{"expr": 1, "message": "x"}]}]},
    RULE,
    {"payload": {"dn": 2}, "external": {"validationClock": "2026-01-01"}, "expected": True},
]  # fmt: skip
ODD = [None, True, -1, 2.5, "", "é", "x" * 300, [], [1], {}, {"a": 1}]


def variants(value):
    """The value with each part of it, at any depth, replaced by each odd one, or left out."""
    yield from ODD
    if isinstance(value, dict):
        for key in value:
            yield {name: part for name, part in value.items() if name != key}
            yield from (value | {key: other} for other in variants(value[key]))
    elif isinstance(value, list):
        yield from ([other] for part in value[:1] for other in variants(part))


@pytest.mark.parametrize("number", range(len(SHAPES)))
def test_no_room_stops_at_a_vector_that_is_odd(tmp_path, number):
    count = 0
    for count, value in enumerate(variants(SHAPES[number]), 1):
        write(tmp_path, f"{number}/{count}/valid/vector.json", value)
    assert count > 15
    for name, run_ in RUNS.items():
        assert all(isinstance(suite, Suite) for suite in run_(tmp_path)), name


# ---------------------------------------------------------------- what all suites share


def test_counts_of_a_suite():
    suite = Suite("a", 5, (Disagreement("x", "1", "2", CAUSE), Disagreement("y", "1", "2")))
    assert (suite.agree, suite.explained, suite.unexplained) == (3, 1, 1)


def test_suites_of_one_name_are_one():
    both = merged(
        [
            Suite("a", 2, (Disagreement("x", "1", "2"),), 1),
            Suite("b", 1),
            Suite("c", 0),
            Suite("a", 3, skipped=1),
        ]
    )
    assert both == [Suite("a", 5, (Disagreement("x", "1", "2"),), 2), Suite("b", 1)]


def test_the_report_names_every_cause_and_everything_unexplained():
    many = tuple(Disagreement(f"v{number}", "1", "2", CAUSE) for number in range(30))
    suites_ = [Suite("a", 60, (*many, *(Disagreement(f"u{number}", "1", "2") for number in range(20))))]
    text = "\n".join(as_lines(suites_))
    assert "30 × one-cause" in text and "Because." in text and "and 18 more" in text
    assert all(f"u{number}:" in text for number in range(20))
    told = as_json(suites_)
    assert told["suites"] == {"a": {"vectors": 60, "agree": 10, "explained": 30, "unexplained": 20}}
    assert len(told["disagreements"]) == 50


def test_files_are_walked_in_order_and_odd_ones_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr("openconsular.domain.health.conformance.LARGEST_FILE", 10)
    for name in ("b.json", "a/c.JSON", "d.txt"):
        write(tmp_path, name, "{}")
    write(tmp_path, "huge.json", " " * 11)
    (tmp_path / "folder.json").mkdir()
    found = [name_of(tmp_path, path) for path in files(tmp_path, ".json")]
    assert found == ["a/c.JSON", "b.json"]
    assert read_json(tmp_path / "b.json") == {}


# ---------------------------------------------------------------- the command


def command(folder, *more):
    out = StringIO()
    call_command("conformance", "health", "--data", str(folder), *more, stdout=out)
    return out.getvalue()


def test_the_command_prints_counts(tmp_path):
    write(tmp_path, "a.json", evaluation({"certLogicExpression": 1, "data": {}, "expected": 1}))
    counts = {"vectors": 1, "agree": 1, "explained": 0, "unexplained": 0}
    assert json.loads(command(tmp_path, "--json"))["suites"] == {"certlogic": counts}
    assert "certlogic" in command(tmp_path, "--only", "rules")


def test_the_command_fails_on_one_unexplained_vector(tmp_path):
    write(tmp_path, "a.json", evaluation({"certLogicExpression": 1, "data": {}, "expected": 2}))
    with pytest.raises(CommandError, match="1 vectors disagree") as caught:
        command(tmp_path, "--json")
    assert caught.value.returncode == 1


def test_the_command_prints_whatever_a_vector_holds(tmp_path):
    write(
        tmp_path,
        "a.json",
        '{"cases": [{"assertions": [{"certLogicExpression": 1, "data": {}, "expected": "\\ud800"}]}]}',
    )
    for more in ([], ["--json"]):
        out = TextIOWrapper(BytesIO(), encoding="utf-8")
        with pytest.raises(CommandError, match="1 vectors disagree"):
            call_command("conformance", "health", "--data", str(tmp_path), *more, stdout=out)
        out.flush()


def test_the_command_wants_a_folder_with_vectors(tmp_path):
    with pytest.raises(CommandError, match="There is no folder"):
        command(tmp_path / "nowhere")
    with pytest.raises(CommandError, match="has the shape of a vector"):
        command(tmp_path)


# ---------------------------------------------------------------- every cause is told


def causes():
    rooms = [
        importlib.import_module(f"{conformance.__name__}.{one.name}")
        for one in pkgutil.iter_modules(conformance.__path__)
    ]
    return {value for room in rooms for value in vars(room).values() if isinstance(value, Cause)}


def test_every_cause_is_told_in_the_documentation():
    page = (Path(__file__).parents[3] / "docs/reference/health-conformance.md").read_text("utf-8")
    told = dict(
        re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", page.partition("| Cause | Why |")[2], re.MULTILINE)
    )
    assert told == {one.code: one.text for one in causes()}


def test_causes_have_codes_of_their_own():
    assert len({one.code for one in causes()}) == len(causes()) >= 3


# ---------------------------------------------------------------- payloads by the schema


def test_payloads_are_judged_by_the_folder_they_lie_in(tmp_path):
    dose = {
        "tg": "840539006",
        "vp": "1119349007",
        "mp": "A",
        "ma": "B",
        "dn": 1,
        "sd": 1,
        "dt": "2026-01-01",
        "co": "XA",
        "is": "A clinic",
        "ci": "URN:UVCI:01:XA:1",
    }
    good = {"ver": "1.3.0", "nam": {"fnt": "SPECIMEN"}, "dob": "1980", "v": [dose]}
    bad = good | {"dob": "1809-01-01"}
    write(tmp_path, "a/test/valid/good.json", good)
    write(tmp_path, "a/test/invalid/bad.json", bad)
    write(tmp_path, "b/invalid/good.json", good)
    write(tmp_path, "b/examples/vaccination/bad.json", bad)
    write(tmp_path, "elsewhere/bad.json", bad)
    write(tmp_path, "a/valid/other.json", {"cases": []})
    (suite,) = dcc_schema.run(tmp_path)
    assert (suite.vectors, suite.agree, suite.unexplained) == (4, 2, 2)
    assert [one.vector for one in suite.disagreements] == [
        "b/examples/vaccination/bad.json",
        "b/invalid/good.json",
    ]
