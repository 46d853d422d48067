"""Every reason code in the code stands in docs/reference/health-reasons.md, and none that is no longer there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
HEALTH = ROOT / "src" / "openconsular" / "domain" / "health"
APP = ROOT / "src" / "openconsular" / "health_certificates"
PAGE = ROOT / "docs" / "reference" / "health-reasons.md"

WORDS = re.compile(r"[a-z][a-z0-9]*(?:-[a-z0-9]+)+")
WORD = re.compile(r"[a-z]+")
# Who takes a reason, and at which place among the arguments.
TAKERS = {
    "Unreadable": 1,
    "Refused": 1,
    "failed": 2,
    "_demand": 1,
    "RuleError": 0,
    "TrustRefused": 0,
    "KeyRefused": 0,
}
# Texts of the same look that are no reasons: names of formats, checks, outcomes, operators and file parts.
OTHERS = {
    "ddcc-tr", "ddcc-vs", "eu-dcc", "smart-health-card", "vds-nc",
    "key-validity", "not-checked", "unknown-issuer", "wrong-key-usage",
    "date-time", "not-after", "not-before", "polio-exit-states", "entry-rules", "yellow-fever", "from-risk",
    "entered-in-error", "not-done",
    "latin-1", "utf-8", "utf-8-sig", "utf-16", "site-packages", "trustlist-ref", "ua-1",
}  # fmt: skip


def codes_in(source):
    """Texts of several words with hyphens anywhere, and single words where a reason is taken."""
    tree = ast.parse(source)
    found = {
        one.value
        for one in ast.walk(tree)
        if isinstance(one, ast.Constant) and isinstance(one.value, str) and WORDS.fullmatch(one.value)
    }
    for call in ast.walk(tree):
        if isinstance(call, ast.Call):
            place = TAKERS.get(ast.unparse(call.func).split(".")[-1])
            if place is not None and len(call.args) > place:
                value = getattr(call.args[place], "value", None)
                if isinstance(value, str) and WORD.fullmatch(value):
                    found.add(value)
    return found - OTHERS


def codes_of_errors_in(source):
    """Codes of the application's errors and of rows: `code = "..."`, `code="..."`, and texts by code."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "code":
            found.add(getattr(node.value, "value", None))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_REASONS":
            found |= {key.value for key in node.value.keys}
        elif isinstance(node, ast.keyword) and node.arg == "code":
            found.add(getattr(node.value, "value", None))
    return {
        code for code in found if isinstance(code, str) and (WORDS.fullmatch(code) or WORD.fullmatch(code))
    }


def codes_of_the_program():
    pure = [path for path in HEALTH.rglob("*.py") if "conformance" not in path.parts]
    app = [path for path in APP.rglob("*.py") if "migrations" not in path.parts]
    assert len(pure) > 30
    assert len(app) > 10
    found = [codes_in(path.read_text("utf-8")) for path in pure]
    return set().union(*found, *(codes_of_errors_in(path.read_text("utf-8")) for path in app))


def rows_of_the_page():
    return re.findall(r"^\| `([a-z0-9-]+)` \| (.+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)


def test_every_reason_is_told_once_and_no_other():
    told = [code for code, _ in rows_of_the_page()]
    program = codes_of_the_program()
    assert sorted(program - set(told)) == [], "not in docs/reference/health-reasons.md"
    assert sorted(set(told) - program) == [], "in docs/reference/health-reasons.md and nowhere in the code"
    assert len(told) == len(set(told))


def test_every_reason_is_a_sentence():
    assert not [code for code, words in rows_of_the_page() if not words.endswith(".")]


@pytest.mark.parametrize(
    ("line", "codes"),
    [
        ('raise Unreadable(Layer.TEXT, "prefix", "no")', {"prefix"}),
        ('return "issuer-differs"', {"issuer-differs"}),
        ('FAULT = "a-b-c"', {"a-b-c"}),
        ('raise Unreadable(Layer.TEXT, code, "no-sentence here")', set()),
        ('x = "utf-8"; y = {"a": "word"}', set()),
        ('raise Refused(name, "missing")', {"missing"}),
    ],
)
def test_reasons_are_found(line, codes):
    assert codes_in(line) == codes


def test_codes_of_errors_are_found():
    source = 'class A(E):\n    code = "a-b"\nraise A(x, code="list")\n_REASONS = {"c-d": 1}\nf(code=other, mode="e-f")'
    assert codes_of_errors_in(source) == {"a-b", "list", "c-d"}
