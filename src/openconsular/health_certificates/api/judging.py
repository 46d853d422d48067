"""What entry rules say, as JSON; and the arrival a question is about."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings

from openconsular.domain.health.rules.listing import written_version
from openconsular.domain.health.rules.outcome import Arrival, Decision, RuleResult
from openconsular.domain.health.rules.traveller import Need, TravellerDecision
from openconsular.domain.health.trust.countries import may_stand, same_country
from openconsular.foundation.errors import InvalidInput
from openconsular.health_certificates.rule_words import explained, sentence

_MEMBERS = {"country", "region", "at", "on", "departedFrom", "departedOn"}
_TEXT_MOST = 60


def arrival_of(told: Any, now: datetime) -> Arrival:
    """An arrival as JSON tells it: {"country", "region", "at" or "on", "departedFrom", "departedOn"}. Without an instant
    and a day it is now. Raises InvalidInput."""
    if not isinstance(told, dict) or set(told) - _MEMBERS:
        raise _malformed(f"“arrival” is an object with no other members than {', '.join(sorted(_MEMBERS))}.")
    if not all(isinstance(one, str) and len(one) <= _TEXT_MOST for one in told.values()):
        raise _malformed("The members of “arrival” are short texts.")
    at = _instant(told["at"]) if "at" in told else None
    on = _day(told["on"]) if "on" in told else None
    if at is None and on is None:
        at = now
    departed_from = told.get("departedFrom", "")
    return Arrival(
        country=_country(told.get("country", "")),
        on=on or (at or now).date(),
        region=told.get("region", ""),
        at=at,
        departed_from=_country(departed_from) if departed_from else "",
        departed_on=_day(told["departedOn"]) if "departedOn" in told else None,
    )


def _malformed(message: str) -> InvalidInput:
    return InvalidInput(message, code="arrival-malformed")


def _country(code: str) -> str:
    if not may_stand(code, for_tests=settings.CERTIFICATES != "live"):
        raise _malformed("A country is its code of two or three letters (ISO 3166-1).")
    return same_country(code)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        raise _malformed("“at” is an instant as 2026-05-17T14:30:00+08:00.") from error
    if at.tzinfo is None:
        raise _malformed("“at” is an instant with its zone, as 2026-05-17T14:30:00+08:00.")
    return at


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise _malformed("A day is written as 2026-05-17.") from error


def decision_json(
    found: Decision | None, languages: Sequence[str], *, is_personal: bool
) -> dict[str, Any] | None:
    """What the rules say of one certificate; null when it is not judged because it is not valid. Values of its fields
    only when `is_personal`."""
    if found is None:
        return None
    return {
        "result": str(found.result),
        "reason": found.reason,
        "explanation": sentence(found, languages),
        "rulesAsOf": found.rules_as_of.isoformat(timespec="seconds") if found.rules_as_of else None,
        "notes": list(found.notes),
        "rules": [_rule_json(one, languages, is_personal=is_personal) for one in found.rules],
    }


def _rule_json(one: RuleResult, languages: Sequence[str], *, is_personal: bool) -> dict[str, Any]:
    words, language = explained(one, languages)
    return {
        "identifier": one.rule.identifier,
        "version": written_version(one.rule),
        "type": str(one.rule.type),
        "country": one.rule.country,
        "region": one.rule.region,
        "result": str(one.result),
        "reason": one.reason,
        "explanation": words,
        "language": language,
        "fields": [
            {"path": field.path, **({"value": field.value} if is_personal else {})} for field in one.fields
        ],
    }


def traveller_json(
    found: TravellerDecision, places: Sequence[int], languages: Sequence[str]
) -> dict[str, Any]:
    """What the rules say of all certificates of one traveller; `places` are those of the codes in the question."""
    return {
        "codes": list(places),
        "result": str(found.result),
        "reason": found.reason,
        "explanation": sentence(found, languages),
        "needs": [_need_json(one, places, languages) for one in found.needs],
    }


def _need_json(one: Need, places: Sequence[int], languages: Sequence[str]) -> dict[str, Any]:
    return {
        "name": str(one.name),
        "asked": str(one.asked),
        "why": one.why,
        "counts": one.counts,
        "result": str(one.result),
        "reason": one.reason,
        "explanation": sentence(one, languages),
        "metBy": None if one.met_by is None else places[one.met_by],
        "rules": [
            {
                "identifier": rule.identifier,
                "version": rule.version,
                "results": [
                    {"code": places[place], "result": str(result)} for place, result in rule.results.items()
                ],
            }
            for rule in one.rules
        ],
        "notes": list(one.notes),
    }
