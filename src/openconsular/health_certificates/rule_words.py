"""Entry rules in words: what came out, why, and what is asked of a traveller. Never empty, whatever a rule leaves unsaid."""

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from openconsular.domain.health.rules.decide import NOT_MET
from openconsular.domain.health.rules.demands import Asked
from openconsular.domain.health.rules.outcome import Decision, Result, RuleResult
from openconsular.domain.health.rules.traveller import Need, NeedName, TravellerDecision

# Word, colour.
RESULTS = {
    Result.PASSED: (_("met"), "success"),
    Result.FAILED: (_("not met"), "danger"),
    Result.OPEN: (_("cannot be told"), "warning"),
    Result.UNRULED: (_("no rule applies"), "neutral"),
}
NEEDS = {
    NeedName.ENTRY_RULES: _("The country’s entry rules"),
    NeedName.YELLOW_FEVER: _("Yellow fever"),
    NeedName.POLIO: _("Polio, asked by the State of departure"),
}
ASKED = {
    Asked.YES: (_("asked"), "info"),
    Asked.NO: (_("not asked"), "neutral"),
    Asked.DEPENDS: (_("perhaps asked"), "warning"),
}
_ENGINE = _("The rule is written for another version of what reads it or of the certificate.")
_FAULTY = _("The rule itself has a fault, or the certificate says something it cannot work with.")
REASONS = {
    "rule-not-met": _("The certificate does not meet this rule."),
    "no-rules-for-country": _("No rules of this country are held here."),
    "no-rule-applies": _("None of the rules held here speaks about this kind of certificate."),
    "rules-for-another-format": _("None of the rules held here speaks about this kind of certificate."),
    "rules-incomplete": _(
        "A rule of this country could not be read, so nobody can be said to meet them all."
    ),
    "rule-depends-on-hour-of-arrival": _(
        "It depends on the hour of arrival. Say when the traveller arrives."
    ),
    "rule-engine-unknown": _ENGINE,
    "rule-engine-too-new": _ENGINE,
    "rule-schema-mismatch": _ENGINE,
    "not-against-this-disease": _("No dose against this disease."),
    "not-an-international-certificate": _("This is no international certificate of vaccination."),
    "departure-unknown": _("It depends on where the journey began. Say where from."),
    "state-decides": _(
        "The dose was given less than 4 weeks before leaving. On urgent journeys the authorities decide."
    ),
    "expires-before-arrival": _("The certificate runs out before the arrival."),
    "polio-list-due": _(
        "The recommendations of the WHO on polio that are held here have ended, unless a newer statement prolongs them: look at the current statement."
    ),
    "demand-list-due": _(
        "What is known here about this country is old: look at what its authorities say now."
    ),
    "asked-of-everybody": _("Asked of everybody who arrives."),
    "asked-from-there": _("Asked of whoever comes from where this journey began."),
    "asked-from-parts": _("Yellow fever may be caught in parts of the country where the journey began."),
    "asked-of-residents": _(
        "That State asks its residents, and visitors of more than 4 weeks, at its own border."
    ),
    "advised-to-residents": _("The State of departure advises a dose and asks for no certificate."),
    "asked-of-nobody": _("As far as is known, nobody is asked."),
    "asked-of-other-ages": _("Asked of people of another age."),
    "not-asked-from-there": _("Not asked of whoever comes from where this journey began."),
    "no-certificate-shown": _("No such certificate was shown."),
    "nothing-known-to-be-asked": _("Nothing is known here that this country asks, so nothing can be told."),
    "different-holders": _("The certificates name different people. Only those of one person add up."),
}


def result_word(result: Result) -> str:
    return str(RESULTS[result][0])


def reason_words(code: str) -> str:
    """A sentence for every code; those of faults inside a rule share one."""
    return str(REASONS.get(code, _FAULTY)) if code else ""


def language_of(languages: Sequence[str]) -> str:
    """The language of ours that is nearest to the reader's."""
    for one in languages:
        plain = one.strip().lower().replace("_", "-")
        if plain.startswith("zh"):
            return "zh-hans"
        if plain.startswith("en"):
            return "en"
    return "en"


def explained(one: RuleResult, languages: Sequence[str]) -> tuple[str, str]:
    """What a rule says in the reader's language, or the nearest it has, and the tag of that language. A rule without
    words is told by its name and what came out."""
    if one.explanation:
        return one.explanation, one.language
    own = language_of(languages)
    with translation.override(own):
        said = reason_words(one.reason) or result_word(one.result)
        return f"{one.rule.identifier}: {said}", own


_NONE_IS_ENOUGH = _("None of the certificates shown is enough.")


def sentence(found: Decision | TravellerDecision | Need, languages: Sequence[str]) -> str:
    """What came out, in one sentence."""
    with translation.override(language_of(languages)):
        if found.reason == NOT_MET and not isinstance(found, Decision):
            return str(_NONE_IS_ENOUGH)
        said = found.result is not Result.PASSED and reason_words(found.reason)
        return said or str(result_word(found.result))
