"""How fast entry rules are evaluated, and panzi-json-logic (the CertLogic on PyPI) beside it on the same work.

    python -m bench.certificates_rules [--small]

The work is rules as States write them, each on certificates that meet it and that do not; where published rules and
their tests lie beside the checkout, those. Both evaluate the same pairs of rule and certificate in turns, one core,
CPU time; answers are compared before anything is timed. Ours compiles a rule once, as it is kept; compiling all rules
is timed apart.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from json_logic.cert_logic import certLogic

from openconsular.domain.health.rules.certlogic import compile_expression

PUBLISHED = Path(__file__).parents[1] / "../shared/data/health/dgc-business-rules-testdata"
ROUNDS, FEW_ROUNDS = 9, 3
ROUND_S, SHORT_ROUND_S = 0.5, 0.1

Work = list[tuple[Any, dict[str, Any]]]


def run(small: bool) -> dict[str, Any]:
    """Evaluations a second, how many times those of panzi-json-logic, and rules compiled a second."""
    work, source = _work()
    logics = {id(logic): logic for logic, _ in work}
    compiled = {key: compile_expression(logic) for key, logic in logics.items()}
    ours = [(compiled[id(logic)].evaluate, data) for logic, data in work]
    _check_answers(work)

    def evaluate_ours() -> None:
        for evaluate, data in ours:
            evaluate(data)

    def evaluate_rival() -> None:
        for logic, data in work:
            certLogic(logic, data)

    seconds = SHORT_ROUND_S if small else ROUND_S
    rounds = []
    for _ in range(FEW_ROUNDS if small else ROUNDS):
        rounds.append((_rate(evaluate_ours, len(work), seconds), _rate(evaluate_rival, len(work), seconds)))
    compiling = _rate(lambda: [compile_expression(logic) for logic in logics.values()], len(logics), seconds)
    return {
        "rules_per_second": round(statistics.median(mine for mine, _ in rounds)),
        "rules_ratio_panzi": round(statistics.median(mine / other for mine, other in rounds), 2),
        "rules_panzi_per_second": round(statistics.median(other for _, other in rounds)),
        "rules_compiled_per_second": round(compiling),
        "rules_work": source,
    }


def _rate(act: Callable[[], object], count: int, seconds: float) -> float:
    """Things done a second of CPU, in at least that many seconds of it."""
    started, done = time.process_time(), 0
    while time.process_time() - started < seconds:
        act()
        done += count
    return done / (time.process_time() - started)


def _check_answers(work: Work) -> None:
    for logic, data in work:
        mine, other = compile_expression(logic).evaluate(data), certLogic(logic, data)
        assert mine is other, f"{json.dumps(logic)} gives {mine!r} here and {other!r} there"


def _work() -> tuple[Work, str]:
    if PUBLISHED.is_dir():
        work = [pair for rule in sorted(PUBLISHED.glob("*/*/rule.json")) for pair in _published(rule)]
        if work:
            return work, f"{len(work)} published tests of rules"
    work = [(logic, data) for logic in RULES for data in CERTIFICATES]
    return work, f"{len(work)} pairs of own rules and certificates"


def _published(rule: Path) -> Work:
    logic = json.loads(rule.read_bytes())["Logic"]
    tests = [json.loads(path.read_bytes()) for path in sorted((rule.parent / "tests").glob("*.json"))]
    return [(logic, {"payload": test.get("payload"), "external": test["external"]}) for test in tests]


def _var(path: str) -> dict[str, Any]:
    return {"var": path}


def _day(path: str, amount: int = 0) -> dict[str, Any]:
    return {"plusTime": [_var(path), amount, "day"]}


_CLOCK = _day("external.validationClock")
_SEVERAL = {"+": [_var("accumulator"), {"if": [_var("current.0"), 1, 0]}]}
RULES: list[Any] = [
    {"===": [{"reduce": [[_var("payload.r"), _var("payload.t"), _var("payload.v")], _SEVERAL, 0]}, 1]},
    {
        "if": [
            _var("payload.v.0"),
            {"in": [_var("payload.v.0.mp"), _var("external.valueSets.vaccines")]},
            True,
        ]
    },
    {"if": [_var("payload.v.0"), {">=": [_var("payload.v.0.dn"), _var("payload.v.0.sd")]}, True]},
    {
        "if": [
            _var("payload.v.0"),
            {"not-after": [_day("payload.v.0.dt", 14), _CLOCK, _day("payload.v.0.dt", 270)]},
            True,
        ]
    },
    {
        "if": [
            _var("payload.t.0"),
            {"before": [_CLOCK, {"plusTime": [_var("payload.t.0.sc"), 72, "hour"]}]},
            True,
        ]
    },
    {
        "if": [
            _var("payload.r.0"),
            {"not-after": [_day("payload.r.0.df"), _CLOCK, _day("payload.r.0.du")]},
            True,
        ]
    },
]
_OUTSIDE = {
    "validationClock": "2026-06-20T08:30:00Z",
    "valueSets": {"vaccines": [f"EU/1/{year}/{number}" for year in (20, 21) for number in range(1500, 1540)]},
}
_DOSE = {"mp": "EU/1/20/1528", "dn": 2, "sd": 2, "dt": "2026-03-01"}
_RECOVERY = {"df": "2026-04-01", "du": "2026-09-01"}
CERTIFICATES = [
    {"payload": payload, "external": _OUTSIDE}
    for payload in (
        {"v": [_DOSE]},
        {"v": [_DOSE | {"dn": 1}]},
        {"v": [_DOSE | {"mp": "unknown", "dt": "2020-03-01"}]},
        {"t": [{"sc": "2026-06-18T12:00:00Z"}]},
        {"t": [{"sc": "2026-06-01T12:00:00+02:00"}]},
        {"r": [_RECOVERY]},
        {"r": [_RECOVERY | {"du": "2026-05-01"}]},
    )
]


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--small", action="store_true", help="to see that it works")
    print(json.dumps(run(reader.parse_args().small), indent=1))


if __name__ == "__main__":
    main()
