"""What entry rules say of what was presented, as a page shows it: the whole, each need, and each rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openconsular.citizens.queries import country_name
from openconsular.domain.health.rules.listing import written_version
from openconsular.domain.health.rules.outcome import Arrival, Decision, Result, RuleResult
from openconsular.domain.health.rules.traveller import Need, TravellerDecision
from openconsular.domain.health.verdict import Verdict
from openconsular.health_certificates.queries import rules
from openconsular.health_certificates.rule_reading import field_name
from openconsular.health_certificates.rule_words import (
    ASKED,
    NEEDS,
    RESULTS,
    explained,
    reason_words,
    sentence,
)


@dataclass(frozen=True)
class Judged:
    """`entries` belong to the codes in their order; `together` is the traveller's, None where nothing was asked."""

    country: str
    entries: Sequence[dict[str, Any] | None]
    together: dict[str, Any] | None
    country_code: str = ""
    result: str = ""

    def as_detail(self) -> dict[str, Any]:
        """What the audit trail learns."""
        return {"arriving": self.country_code, "rules": self.result} if self.together else {}


NOT_ASKED = Judged("", (), None)


def judged(verdicts: Sequence[Verdict], arrival: Arrival | None, now: datetime) -> Judged:
    if arrival is None:
        return Judged("", [None] * len(verdicts), None)
    language = get_language() or "en"
    common: dict[str, Any] = {"arrival": arrival, "now": now, "languages": (language,)}
    entries = [_entry(one, language) for one in rules.decisions(verdicts, **common)]
    (found,) = rules.decisions_together([verdicts], **common)
    country = country_name(arrival.country, language)
    return Judged(country, entries, _together(found, language), arrival.country, str(found.result))


def _entry(found: Decision | None, language: str) -> dict[str, Any] | None:
    if found is None:
        return None
    return {
        **_result(found.result),
        "sentence": sentence(found, (language,)),
        "rules": [_rule(one, language) for one in found.rules],
        "notes": [reason_words(one) for one in found.notes],
    }


def _result(result: Result) -> dict[str, str]:
    word, colour = RESULTS[result]
    return {"word": str(word), "colour": colour}


def _rule(one: RuleResult, language: str) -> dict[str, Any]:
    words, tag = explained(one, (language,))
    return {
        **_result(one.result),
        "identifier": one.rule.identifier,
        "version": written_version(one.rule),
        "words": words,
        "language": tag,
        "why": reason_words(one.reason) if one.result is Result.OPEN else "",
        "fields": [
            {"name": field_name(field.path) or field.path, "value": field.value or _("nothing")}
            for field in one.fields
        ],
    }


def _together(found: TravellerDecision, language: str) -> dict[str, Any]:
    headlines = {
        Result.PASSED: _("Meets what is known to be asked"),
        Result.FAILED: _("Does not meet what is asked"),
        Result.OPEN: _("Cannot be told"),
        Result.UNRULED: _("No rule speaks about this"),
    }
    return {
        **_result(found.result),
        "headline": headlines[found.result],
        "sentence": sentence(found, (language,)) if found.result is not Result.PASSED else "",
        "needs": [_need(one, language) for one in found.needs],
    }


def _need(one: Need, language: str) -> dict[str, Any]:
    asked, colour = ASKED[one.asked]
    is_told = one.counts or one.met_by is not None
    return {
        "name": str(NEEDS[one.name]),
        "asked": str(asked),
        "asked_colour": colour,
        "why": reason_words(one.why),
        "result": _result(one.result) if is_told else None,
        "met_by": None if one.met_by is None else one.met_by + 1,
        "reason": sentence(one, (language,)) if is_told and one.result is not Result.PASSED else "",
        "notes": [reason_words(note) for note in one.notes],
    }
