"""What the International Health Regulations (2005) ask of a certificate of vaccination: annexes 6 and 7.

Yellow fever: WHO's decision table ICVP.DT.1 (an approved product, 10 days before arrival, then for life). Polio:
ICVP.DT.2 (an approved product) and the temporary recommendations for leaving certain States. The rules, with their
sources and the States meant, are data in ihr_rules.json, under the country "ZZ", which ISO 3166-1 leaves to its users.
Whether a country asks for such a certificate at all is its own decision and not told here.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import cache
from importlib.resources import files
from typing import Any

from openconsular.domain.health.certificate import Certificate, Entry, Format, Kind
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.rules.check import data_paths
from openconsular.domain.health.rules.decide import NOT_BOOLEAN, conclude, evaluate, explained
from openconsular.domain.health.rules.demands import as_instant
from openconsular.domain.health.rules.outcome import Arrival, Decision, Result, RuleResult
from openconsular.domain.health.rules.read import read_rule
from openconsular.domain.health.rules.rule import Rule
from openconsular.domain.health.trust.countries import same_country

NOT_INTERNATIONAL = "not-an-international-certificate"
NOT_AGAINST_IT = "not-against-this-disease"
DEPARTURE_UNKNOWN = "departure-unknown"
STATE_DECIDES = "state-decides"
LIST_DUE = "polio-list-due"

_DEPARTURE = "external.departedFrom"


class Disease(StrEnum):
    """Diseases for which a State may ask for the international certificate, by their ICD-11 codes."""

    YELLOW_FEVER = "1D47"
    POLIO = "1C81"


@dataclass(frozen=True, slots=True)
class ExitStates:
    """States (alpha-2) that residents and long-term visitors are asked to leave with a polio certificate, as WHO last
    listed them. In those `encouraged` a dose is advised and no certificate asked for. At `review_by` the
    recommendations end unless a newer statement says otherwise.
    """

    countries: frozenset[str]
    as_of: datetime
    review_by: datetime | None = None
    encouraged: frozenset[str] = frozenset()
    source: str = ""

    def is_due(self, now: datetime) -> bool:
        return self.review_by is not None and now >= self.review_by


@dataclass(frozen=True, slots=True)
class _Shipped:
    """`needs_departure` are the rules that look at where the journey began."""

    rules: dict[Disease, tuple[Rule, ...]]
    needs_departure: frozenset[str]
    exit_states: ExitStates


def rules_against(disease: Disease) -> tuple[Rule, ...]:
    return _shipped().rules[disease]


def known_exit_states() -> ExitStates:
    """The list this version was made with. A ministry keeps a newer one and gives it to `decide`."""
    return _shipped().exit_states


def decide(
    certificate: Certificate,
    *,
    against: Disease,
    arrival: Arrival,
    now: datetime,
    exit_states: ExitStates | None = None,
    languages: Sequence[str] = ("en",),
) -> Decision:
    """Whether the certificate proves what the Regulations ask against a disease, for this arrival.

    Of several doses the one that fares best counts. Certificates that are no ICVP are unruled: whether a State takes
    them is its own decision (article 36). `arrival.on` is the local day; polio also needs where the journey began.
    """
    if certificate.format is not Format.ICVP:
        return Decision(Result.UNRULED, (), NOT_INTERNATIONAL)
    states = exit_states or known_exit_states()
    doses = [one for one in certificate.entries if one.kind is Kind.VACCINATION and _is_against(one, against)]
    if not doses:
        return Decision(Result.FAILED, (), NOT_AGAINST_IT)
    order = (Result.PASSED, Result.OPEN, Result.FAILED)
    decisions = [_of_dose(one, against, arrival, now, states, languages) for one in doses]
    return min(decisions, key=lambda one: order.index(one.result))


def diseases_of(certificate: Certificate) -> tuple[Disease, ...]:
    """The diseases of the Regulations that its doses are against."""
    doses = [one for one in certificate.entries if one.kind is Kind.VACCINATION]
    return tuple(one for one in Disease if any(_is_against(dose, one) for dose in doses))


def _is_against(entry: Entry, disease: Disease) -> bool:
    product = catalogue().get(entry.product.code)
    return (product.disease if product else entry.disease.code) == disease


def _of_dose(
    entry: Entry,
    disease: Disease,
    arrival: Arrival,
    now: datetime,
    states: ExitStates,
    languages: Sequence[str],
) -> Decision:
    payload = payload_of(entry)
    context = {"payload": payload, "external": _external(arrival, now, states)}
    results = [_judge(rule, context, arrival, languages) for rule in rules_against(disease)]
    if disease is not Disease.POLIO:
        return conclude(results)
    notes = (LIST_DUE,) if states.is_due(now) else ()
    return replace(conclude(results, as_of=states.as_of), notes=notes)


def _judge(rule: Rule, context: dict[str, Any], arrival: Arrival, languages: Sequence[str]) -> RuleResult:
    result, reason = evaluate(rule, context)
    if reason == NOT_BOOLEAN:
        reason = STATE_DECIDES
    if rule.identifier in _shipped().needs_departure and not arrival.departed_from:
        result, reason = Result.OPEN, DEPARTURE_UNKNOWN
    return explained(rule, result, reason, context["payload"], languages)


def payload_of(entry: Entry) -> dict[str, Any]:
    """The dose as the rules see it, with the same names whatever the certificate's generation."""
    vaccination = {
        "product": entry.product.code,
        "disease": entry.disease.code,
        "date": entry.happened_on,
        "validUntil": entry.valid_until,
        "batch": entry.batch,
        "country": entry.country,
    }
    return {"vaccination": {name: value for name, value in vaccination.items() if value}}


def _external(arrival: Arrival, now: datetime, states: ExitStates) -> dict[str, Any]:
    return {
        "validationClock": now.astimezone(UTC).isoformat(timespec="milliseconds"),
        "countryCode": same_country(arrival.country),
        "arrivalOn": arrival.on.isoformat(),
        "departedFrom": same_country(arrival.departed_from) or None,
        "departedOn": (arrival.departed_on or arrival.on).isoformat(),
        "valueSets": {
            **{f"icvp-{disease}": approved_products(disease) for disease in Disease},
            "polio-exit-states": sorted(states.countries),
        },
    }


@cache
def approved_products(disease: Disease) -> list[str]:
    """Codes of the products WHO's catalogue has against a disease."""
    return sorted(code for code, product in catalogue().items() if product.disease == disease)


@cache
def _shipped() -> _Shipped:
    source = files("openconsular.domain.health").joinpath("data/ihr_rules.json")
    told = json.loads(source.read_text(encoding="utf-8"))
    listed = told["polio_exit_states"]
    return _Shipped(
        rules={disease: tuple(map(read_rule, told["rules"][disease])) for disease in Disease},
        needs_departure=frozenset(
            rule["Identifier"]
            for rules in told["rules"].values()
            for rule in rules
            if _DEPARTURE in data_paths(rule["Logic"])
        ),
        exit_states=ExitStates(
            frozenset(listed["states"]),
            as_instant(date.fromisoformat(listed["as_of"])),
            as_instant(date.fromisoformat(listed["review_by"])),
            frozenset(listed["encouraged"]),
            listed["source"],
        ),
    )
