"""One certificate by everything that is known of the country of arrival, whatever kind of certificate it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from openconsular.domain.health.certificate import Certificate, Format
from openconsular.domain.health.rules import ihr
from openconsular.domain.health.rules.decide import NO_RULE_APPLIES, decide
from openconsular.domain.health.rules.demands import Demands
from openconsular.domain.health.rules.ihr import ExitStates
from openconsular.domain.health.rules.outcome import Arrival, Decision, Result
from openconsular.domain.health.rules.read import ValueSets
from openconsular.domain.health.rules.rule import RuleSet

RUNS_OUT = "expires-before-arrival"
BEST_FIRST = (Result.PASSED, Result.OPEN, Result.FAILED, Result.UNRULED)


@dataclass(frozen=True, slots=True)
class RuleBook:
    """All that certificates are judged by."""

    rules: RuleSet = field(default_factory=lambda: RuleSet(()))
    value_sets: ValueSets | None = None
    exit_states: ExitStates | None = None
    demands: Demands | None = None


def judge(
    certificate: Certificate,
    *,
    book: RuleBook,
    arrival: Arrival,
    now: datetime,
    languages: Sequence[str] = ("en",),
) -> Decision:
    """By the rules of its kind: an EU DCC by those of the States, an ICVP by the International Health Regulations. Of an
    ICVP against several diseases the one that fares best counts. A certificate no rule speaks about is UNRULED, and one
    that runs out before the arrival FAILED, whatever the rules say."""
    if certificate.expires_at is not None and certificate.expires_at < arrival.clocks(now)[0]:
        return Decision(Result.FAILED, (), RUNS_OUT)
    if certificate.format is not Format.ICVP:
        return decide(
            certificate,
            rules=book.rules,
            arrival=arrival,
            value_sets=book.value_sets or {},
            now=now,
            languages=languages,
        )
    diseases = ihr.diseases_of(certificate)
    if not diseases:
        return Decision(Result.UNRULED, (), NO_RULE_APPLIES)
    found = [
        ihr.decide(
            certificate,
            against=one,
            arrival=arrival,
            now=now,
            exit_states=book.exit_states,
            languages=languages,
        )
        for one in diseases
    ]
    return min(found, key=lambda one: BEST_FIRST.index(one.result))
