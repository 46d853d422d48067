"""Suites as a table with the reasons under it, and as JSON."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from openconsular.domain.health.conformance import Cause, Disagreement, Suite
from openconsular.domain.health.conformance.left_out import LeftOut

_NAMED_MOST = 12
_NO_CAUSE = "No reason is known for this: it is a fault to be found."


def merged(suites: Iterable[Suite]) -> list[Suite]:
    """One suite a name, in the order they came, as two rooms may each find a part of one; none that found nothing."""
    found: dict[str, Suite] = {}
    for one in suites:
        other = found.get(one.name, Suite(one.name, 0))
        found[one.name] = Suite(
            one.name,
            other.vectors + one.vectors,
            other.disagreements + one.disagreements,
            other.skipped + one.skipped,
        )
    return [suite for suite in found.values() if suite.vectors or suite.skipped]


def as_json(suites: Sequence[Suite], left_out: Sequence[LeftOut] = ()) -> dict[str, Any]:
    """{"suites": {name: counts}, "skipped": {name: count}, "disagreements": [...], "left_out": [{"file", "why"}]}."""
    return {
        "suites": {
            suite.name: {
                "vectors": suite.vectors,
                "agree": suite.agree,
                "explained": suite.explained,
                "unexplained": suite.unexplained,
            }
            for suite in suites
        },
        "skipped": {suite.name: suite.skipped for suite in suites if suite.skipped},
        "disagreements": [_disagreement(suite, one) for suite in suites for one in suite.disagreements],
        "left_out": [{"file": one.file, "why": one.why} for one in left_out],
    }


def _disagreement(suite: Suite, one: Disagreement) -> dict[str, Any]:
    return {
        "suite": suite.name,
        "vector": one.vector,
        "expected": one.expected,
        "found": one.found,
        "cause": one.cause.code if one.cause else None,
        "reason": one.cause.text if one.cause else _NO_CAUSE,
    }


def as_lines(suites: Sequence[Suite], left_out: Sequence[LeftOut] = ()) -> Iterator[str]:
    """A row a suite, each cause with the vectors it explains, everything unexplained in full, and what was not run."""
    width = max((len(suite.name) for suite in suites), default=0)
    yield f"{'suite':<{width}}  {'vectors':>8} {'agree':>8} {'explained':>10} {'unexplained':>12} {'skipped':>8}"
    for suite in suites:
        counts = f"{suite.vectors:>8} {suite.agree:>8} {suite.explained:>10} {suite.unexplained:>12}"
        yield f"{suite.name:<{width}}  {counts} {suite.skipped:>8}"
    for suite in suites:
        for cause in _causes(suite):
            yield from _told(suite, cause)
    if left_out:
        yield from ("", f"{len(left_out)} files were not run")
    yield from (f"    {one.file}: {one.why}" for one in left_out[:_NAMED_MOST])
    if len(left_out) > _NAMED_MOST:
        yield f"    and {len(left_out) - _NAMED_MOST} more (--json lists all)"


def _causes(suite: Suite) -> list[Cause | None]:
    """The suite's causes by code, the lack of one last."""
    known = {one.cause for one in suite.disagreements if one.cause}
    last: list[Cause | None] = [None] if suite.unexplained else []
    return [*sorted(known, key=lambda cause: cause.code), *last]


def _told(suite: Suite, cause: Cause | None) -> Iterator[str]:
    vectors = [one for one in suite.disagreements if one.cause == cause]
    yield ""
    yield f"{suite.name}: {len(vectors)} × {cause.code if cause else 'unexplained'}"
    yield f"  {cause.text if cause else _NO_CAUSE}"
    shown = vectors if cause is None else vectors[:_NAMED_MOST]
    for one in shown:
        yield f"    {one.vector}: expected {one.expected}, found {one.found}"
    if len(shown) < len(vectors):
        yield f"    and {len(vectors) - len(shown)} more (--json lists all)"
