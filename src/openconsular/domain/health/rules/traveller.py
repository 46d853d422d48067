"""All certificates of one traveller together, of which any one suffices: a vaccination or a test or a recovery meets the
entry rules, a yellow card the demand for one. What is asked is told need by need, and rule by rule which certificate meets
it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from openconsular.domain.health.certificate import Certificate, Format, Holder
from openconsular.domain.health.rules import ihr
from openconsular.domain.health.rules.decide import NO_RULES, has_rules
from openconsular.domain.health.rules.demands import Asked, asked, known_demands
from openconsular.domain.health.rules.ihr import Disease, known_exit_states
from openconsular.domain.health.rules.judge import BEST_FIRST, RuleBook, judge
from openconsular.domain.health.rules.outcome import Arrival, Decision, Result
from openconsular.domain.health.trust.countries import same_country

OTHER_HOLDERS = "different-holders"
NONE_SHOWN = "no-certificate-shown"
NOTHING_KNOWN = "nothing-known-to-be-asked"
LIST_DUE = "demand-list-due"
_WORST_FIRST = (Result.FAILED, Result.UNRULED, Result.OPEN, Result.PASSED)


class NeedName(StrEnum):
    """What a country may ask for."""

    ENTRY_RULES = "entry-rules"
    YELLOW_FEVER = "yellow-fever"
    POLIO = "polio"


@dataclass(frozen=True, slots=True)
class RuleAcross:
    """One rule and what it says of each certificate it concerns, by the certificate's place from 0."""

    identifier: str
    version: str
    results: Mapping[int, Result]


@dataclass(frozen=True, slots=True)
class Need:
    """`asked` and `why` (a stable code) say whether this traveller is asked for it; `met_by` is the place of the
    certificate that meets it. What the State of departure asks at its own border is told and does not count for the
    arrival.
    """

    name: NeedName
    asked: Asked
    why: str
    result: Result
    reason: str = ""
    met_by: int | None = None
    rules: tuple[RuleAcross, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> bool:
        return self.asked is not Asked.NO and self.name is not NeedName.POLIO


@dataclass(frozen=True, slots=True)
class TravellerDecision:
    """`decisions` are in the order of the certificates, None for those that do not count. The result is that of what is
    asked, the worst first; OPEN when nothing is known to be asked or the certificates are of several people."""

    result: Result
    reason: str
    needs: tuple[Need, ...]
    decisions: tuple[Decision | None, ...]


def judge_traveller(
    certificates: Sequence[Certificate | None],
    *,
    book: RuleBook,
    arrival: Arrival,
    now: datetime,
    languages: Sequence[str] = ("en",),
) -> TravellerDecision:
    """All certificates of one traveller together. None stands for one that was not found genuine: it does not count."""
    decisions = tuple(
        one if one is None else judge(one, book=book, arrival=arrival, now=now, languages=languages)
        for one in certificates
    )
    holders = [one.holder for one in certificates if one is not None]
    if any(not is_same_person(holders[0], one) for one in holders[1:]):
        return TravellerDecision(Result.OPEN, OTHER_HOLDERS, (), decisions)
    born_on = max((one.born_on for one in holders), key=len, default="")
    of = _Shown(certificates, decisions, book, arrival, now, languages)
    needs = (_entry_need(of), _yellow_fever_need(of, born_on), _polio_need(of))
    return _together(needs, decisions)


def _together(needs: tuple[Need, ...], decisions: tuple[Decision | None, ...]) -> TravellerDecision:
    counted = [one for one in needs if one.counts]
    if not counted:
        return TravellerDecision(Result.OPEN, NOTHING_KNOWN, needs, decisions)
    worst = min(counted, key=lambda one: _WORST_FIRST.index(one.result))
    return TravellerDecision(worst.result, worst.reason, needs, decisions)


def is_same_person(one: Holder, other: Holder) -> bool:
    """Whether two certificates may be the same person's: days of birth that do not contradict each other, and names with
    two parts in common as passports write them, or the one there is. Twins share a day and a family name."""
    days = sorted((one.born_on, other.born_on), key=len)
    if not days[1].startswith(days[0]):
        return False
    names = sorted((_name_parts(one), _name_parts(other)), key=len)
    return len(names[0] & names[1]) >= min(2, len(names[0]))


def _name_parts(holder: Holder) -> set[str]:
    standard = f"{holder.standard_family_name}<{holder.standard_given_name}"
    if standard == "<":
        standard = f"{holder.family_name} {holder.given_name} {holder.full_name}"
    return {part for part in standard.upper().replace("<", " ").replace(",", " ").split() if part}


@dataclass(frozen=True, slots=True)
class _Shown:
    """What a traveller shows, and where to."""

    certificates: Sequence[Certificate | None]
    decisions: Sequence[Decision | None]
    book: RuleBook
    arrival: Arrival
    now: datetime
    languages: Sequence[str]

    def against(self, disease: Disease) -> list[tuple[int, Decision]]:
        """The cards against a disease by their place, each with what the Regulations say of it."""
        found = []
        for place, one in enumerate(self.certificates):
            if one is None or one.format is not Format.ICVP or disease not in ihr.diseases_of(one):
                continue
            decision = ihr.decide(
                one,
                against=disease,
                arrival=self.arrival,
                now=self.now,
                exit_states=self.book.exit_states,
                languages=self.languages,
            )
            found.append((place, decision))
        return found

    def others(self) -> list[tuple[int, Decision]]:
        """Certificates that are no cards of the Regulations, with what the rules of the country say of them."""
        return [
            (place, decision)
            for place, (one, decision) in enumerate(zip(self.certificates, self.decisions, strict=True))
            if one is not None and decision is not None and one.format is not Format.ICVP
        ]


def _entry_need(of: _Shown) -> Need:
    """The rules of the country itself, which any one certificate may meet."""
    if not has_rules(of.book.rules, of.arrival, of.now):
        return Need(NeedName.ENTRY_RULES, Asked.NO, NO_RULES, Result.OPEN, NO_RULES)
    return _need(NeedName.ENTRY_RULES, Asked.YES, "asked-of-everybody", of.others())


def _yellow_fever_need(of: _Shown, born_on: str) -> Need:
    demands = of.book.demands or known_demands()
    is_asked, why = asked(demands, of.arrival, born_on)
    notes = (LIST_DUE,) if demands.is_due(of.arrival.country, of.now) else ()
    return _need(NeedName.YELLOW_FEVER, is_asked, why, of.against(Disease.YELLOW_FEVER), notes)


def _polio_need(of: _Shown) -> Need:
    """Asked by the State of departure, of residents and of visitors of more than four weeks: who that is, nobody here
    knows."""
    states = of.book.exit_states or known_exit_states()
    start = same_country(of.arrival.departed_from)
    is_asked, why = Asked.NO, "not-asked-from-there"
    if not start:
        why = ihr.DEPARTURE_UNKNOWN
    elif start in states.countries:
        is_asked, why = Asked.DEPENDS, "asked-of-residents"
    elif start in states.encouraged:
        why = "advised-to-residents"
    notes = (ihr.LIST_DUE,) if states.is_due(of.now) else ()
    return _need(NeedName.POLIO, is_asked, why, of.against(Disease.POLIO), notes)


def _need(
    name: NeedName,
    is_asked: Asked,
    why: str,
    found: Sequence[tuple[int, Decision]],
    notes: tuple[str, ...] = (),
) -> Need:
    """The need with the certificate that fares best. What is asked and not shown fails; what may be asked is open."""
    rules = _across(found)
    if not found:
        result = Result.FAILED if is_asked is Asked.YES else Result.OPEN
        return Need(name, is_asked, why, result, NONE_SHOWN, None, rules, notes)
    place, best = min(found, key=lambda one: BEST_FIRST.index(one[1].result))
    if best.result is Result.PASSED:
        return Need(name, is_asked, why, Result.PASSED, "", place, rules, notes)
    # Whether it is asked at all is not known: what was shown does not decide against the traveller.
    result = best.result if is_asked is Asked.YES else Result.OPEN
    return Need(name, is_asked, why, result, best.reason, None, rules, notes)


def _across(found: Sequence[tuple[int, Decision]]) -> tuple[RuleAcross, ...]:
    results: dict[tuple[str, str], dict[int, Result]] = {}
    for place, decision in found:
        for one in decision.rules:
            version = ".".join(map(str, one.rule.version))
            results.setdefault((one.rule.identifier, version), {})[place] = one.result
    return tuple(RuleAcross(*key, by_place) for key, by_place in sorted(results.items()))
