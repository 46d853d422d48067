"""What the rules of a country say about a certificate: passed, failed, open or unruled, and why, rule by rule.

Open is what cannot be told: a rule for a newer engine or schema, one that is faulty or cannot be evaluated, one that
depends on the hour of arrival when only the day is known, a country of which no rules are had, or not all of them.
Unruled is a certificate of a kind that no rule of the country speaks about. Failing outweighs open, open outweighs
passing: nobody passes because a rule could not be read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from openconsular.domain.health.certificate import Certificate, Format, Kind
from openconsular.domain.health.rules.access import access_to
from openconsular.domain.health.rules.certlogic import Meter
from openconsular.domain.health.rules.errors import TOO_MUCH_WORK, RuleError
from openconsular.domain.health.rules.limits import ALL_STEPS_MOST, STEPS_MOST
from openconsular.domain.health.rules.outcome import Arrival, Decision, Result, RuleResult, Shown
from openconsular.domain.health.rules.read import ValueSets, as_version
from openconsular.domain.health.rules.rule import Rule, RuleSet, RuleType, Version
from openconsular.domain.health.rules.wording import best_text
from openconsular.domain.health.trust.countries import same_country

ENGINE = "CERTLOGIC"
# Engines are numbered apart from the specification; 0.x and 1.x all implement up to its 1.3.
ENGINE_MAJOR_MOST = 1

NOT_MET = "rule-not-met"
NO_RULES = "no-rules-for-country"
NO_RULE_APPLIES = "no-rule-applies"
INCOMPLETE = "rules-incomplete"
OTHER_ENGINE = "rule-engine-unknown"
NEWER_ENGINE = "rule-engine-too-new"
OTHER_SCHEMA = "rule-schema-mismatch"
OTHER_FORMAT = "rules-for-another-format"
FAULTY = "rule-faulty"
NOT_BOOLEAN = "rule-says-neither-yes-nor-no"
DEPENDS_ON_HOUR = "rule-depends-on-hour-of-arrival"

_SHOWN_MOST = 200


def decide(
    certificate: Certificate,
    *,
    rules: RuleSet,
    arrival: Arrival,
    value_sets: ValueSets,
    now: datetime,
    languages: Sequence[str] = ("en",),
) -> Decision:
    """Whether an EU DCC meets the entry rules of the country of arrival and is not invalidated by its issuer's.

    Other formats are unruled: the rules States exchange are written over the claims of a DCC (see `ihr.decide` for
    certificates under the International Health Regulations). `now` counts when the arrival is today.
    """
    if certificate.format is not Format.EU_DCC:
        return Decision(Result.UNRULED, (), OTHER_FORMAT, rules.as_of)
    country, issuer = same_country(arrival.country), same_country(certificate.issuer_country)
    kinds, payload = kinds_of(certificate), dict(certificate.claims)
    external = external_of(certificate, country, arrival.region, value_sets)
    schema = as_version(payload.get("ver"))
    applying: dict[Rule, list[dict[str, Any]]] = {}
    clocks = arrival.clocks(now)
    work = [ALL_STEPS_MOST]
    for at in clocks:
        context = {"payload": payload, "external": {**external, "validationClock": _written(at)}}
        for rule in _in_force(rules, country, issuer, at, arrival.region):
            if concerns(rule, kinds):
                applying.setdefault(rule, []).append(context)
    results = [
        explained(rule, *_judge(rule, schema, contexts, len(clocks), work), payload, languages)
        for rule, contexts in applying.items()
    ]
    found = conclude(results, as_of=rules.as_of)
    if found.reason == NO_RULES and has_rules(rules, arrival, now):
        found = replace(found, result=Result.UNRULED, reason=NO_RULE_APPLIES)
    if found.result in (Result.PASSED, Result.UNRULED) and {country, issuer} & rules.incomplete:
        found = replace(found, result=Result.OPEN, reason=INCOMPLETE)
    return found


def has_rules(rules: RuleSet, arrival: Arrival, now: datetime) -> bool:
    """Whether any acceptance rule of the country of arrival is in force then."""
    country = same_country(arrival.country)
    return any(rules.in_force(RuleType.ACCEPTANCE, country, at, arrival.region) for at in arrival.clocks(now))


def conclude(results: list[RuleResult], *, as_of: datetime | None = None) -> Decision:
    """One decision of several rules: failing outweighs open, open outweighs passing. Open when no acceptance rule
    applied: that nothing is known about a country does not let anybody in."""
    order = (Result.FAILED, Result.OPEN, Result.PASSED)
    ranked = tuple(sorted(results, key=lambda one: order.index(one.result)))
    if ranked and ranked[0].result is not Result.PASSED:
        return Decision(ranked[0].result, ranked, ranked[0].reason, as_of)
    if not any(one.rule.type is RuleType.ACCEPTANCE for one in ranked):
        return Decision(Result.OPEN, ranked, NO_RULES, as_of)
    return Decision(Result.PASSED, ranked, "", as_of)


def kinds_of(certificate: Certificate) -> frozenset[Kind]:
    return frozenset(entry.kind for entry in certificate.entries)


def concerns(rule: Rule, kinds: frozenset[Kind]) -> bool:
    return rule.kind is None or rule.kind in kinds


def external_of(certificate: Certificate, country: str, region: str, value_sets: ValueSets) -> dict[str, Any]:
    """What a rule may ask besides the payload (names as in the EU's verifiers); the clock is set for each evaluation."""
    return {
        "valueSets": dict(value_sets),
        "countryCode": country,
        "region": region,
        "issuerCountryCode": same_country(certificate.issuer_country),
        "iat": _written(certificate.issued_at),
        "exp": _written(certificate.expires_at),
    }


def _in_force(rules: RuleSet, country: str, issuer: str, at: datetime, region: str) -> Iterator[Rule]:
    yield from rules.in_force(RuleType.ACCEPTANCE, country, at, region)
    yield from rules.in_force(RuleType.INVALIDATION, issuer, at)


def _judge(
    rule: Rule, schema: Version | None, contexts: Sequence[Mapping[str, Any]], clocks: int, work: Meter
) -> tuple[Result, str]:
    """A rule in force at only some of the clocks is met at the others. `work` is what is left for all rules."""
    reason = unfit(rule, schema)
    if reason:
        return Result.OPEN, reason
    found = {evaluate(rule, context, work) for context in contexts}
    if (Result.OPEN, TOO_MUCH_WORK) in found:
        return Result.OPEN, TOO_MUCH_WORK
    if len(contexts) < clocks:
        found.add((Result.PASSED, ""))
    return found.pop() if len(found) == 1 else (Result.OPEN, DEPENDS_ON_HOUR)


def unfit(rule: Rule, schema: Version | None) -> str:
    """Why the rule cannot be asked about a payload of this schema version; empty when it can."""
    if rule.engine.upper() != ENGINE:
        return OTHER_ENGINE
    if rule.engine_version[0] > ENGINE_MAJOR_MOST:
        return NEWER_ENGINE
    if schema is None or schema[0] != rule.schema_version[0] or schema < rule.schema_version:
        return OTHER_SCHEMA
    return ""


def evaluate(rule: Rule, context: Mapping[str, Any], work: Meter | None = None) -> tuple[Result, str]:
    """The rule's result, and the reason when it is not met. What it repeats is taken off `work`, shared with others."""
    if rule.logic is None:
        return Result.OPEN, FAULTY
    most = STEPS_MOST if work is None else max(0, min(STEPS_MOST, work[0]))
    meter = [most]
    try:
        value = rule.logic.evaluate(context, meter)
    except RuleError as error:
        return Result.OPEN, error.code
    finally:
        if work is not None:
            work[0] -= most - meter[0]
    if value is True:
        return Result.PASSED, ""
    return (Result.FAILED, NOT_MET) if value is False else (Result.OPEN, NOT_BOOLEAN)


def explained(
    rule: Rule, result: Result, reason: str, payload: Mapping[str, Any], languages: Sequence[str]
) -> RuleResult:
    """The result with the rule's words for it and what the certificate says in the fields it looks at."""
    language, words = best_text(rule.descriptions, languages)
    fields = tuple(Shown(path, shown(access_to(path)(payload, []))) for path in rule.fields)
    return RuleResult(rule, result, reason, words, language, fields)


def shown(value: Any) -> str | None:
    """A value as a person reads it; of lists and objects only how many there are in it."""
    if value is None:
        return None
    if isinstance(value, list | dict):
        return f"({len(value)})"
    return str(value)[:_SHOWN_MOST]


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="milliseconds")
