"""Checking before boarding: an airline asks about thousands of codes at once, and nothing of them is kept but how many."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from openconsular.domain.health.rules.outcome import Arrival
from openconsular.domain.health.verdict import State, Verdict
from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput, NotAllowed
from openconsular.foundation.permissions import Actor
from openconsular.health_certificates.actions import access
from openconsular.health_certificates.api.answers import json_api, read_object
from openconsular.health_certificates.api.judging import arrival_of, decision_json, traveller_json
from openconsular.health_certificates.models import ApiClient
from openconsular.health_certificates.queries import rules, trust
from openconsular.health_certificates.queries.wallet import reduced

T = TypeVar("T")

CODES_MOST = 5000
CODE_LENGTH_MOST = 16 * 1024
LANGUAGES_MOST = 10
# 5,000 codes as they are issued take a second or two; one made to be slow takes 20 ms, a hundred seconds for 5,000.
SECONDS_MOST = 30.0
_MEMBERS = {"codes", "personal", "arrival", "travellers", "languages"}


class TooSlow(InvalidInput):
    """Reading these codes takes too long. Send fewer at a time; codes of this kind are not issued by anybody."""

    code = "codes-too-slow"
    http_status = 413


@dataclass(frozen=True)
class Question:
    """`travellers` are places of codes that belong to one person each; empty unless an arrival is asked about."""

    codes: list[str]
    is_personal: bool
    arrival: Arrival | None
    travellers: list[list[int]]
    languages: list[str]


@json_api("POST")
def verify_codes(request: HttpRequest) -> HttpResponse:
    """POST {"codes": [...], "personal": false, "arrival": {...}}: a verdict for each, in their order, and
    what the entry rules say of each and of all of a traveller's together."""
    now = timezone.now()  # noqa: TID251 - the edge
    client = access.client_of(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
    if not set(client.scopes) & {ApiClient.Scope.VERIFY, ApiClient.Scope.VERIFY_PERSONAL}:
        raise NotAllowed
    asked = _read(request, now)
    if asked.is_personal and ApiClient.Scope.VERIFY_PERSONAL not in client.scopes:
        raise NotAllowed(code="scope-missing")
    access.take_turn(client=client, codes=len(asked.codes), now=now)
    ends = time.monotonic() + SECONDS_MOST
    verdicts = trust.verify_all(_in_time(asked.codes, ends), now=now)
    valid = sum(one.state is State.VALID for one in verdicts)
    access.note_valid(client=client, valid=valid, now=now)
    if asked.is_personal:
        by = Actor(label=f"client:{client.pk}")
        detail = {"certificates": len(asked.codes)}
        audit.record(
            by=by, action="certificate.verify_personal", subject=f"client:{client.pk}", now=now, detail=detail
        )
    return _answer(asked, verdicts, now, ends)


def _in_time(items: Iterable[T], ends: float) -> Iterator[T]:
    """One by one, until the time of a request is over."""
    for one in items:
        if time.monotonic() > ends:
            raise TooSlow
        yield one


def _read(request: HttpRequest, now: datetime) -> Question:
    body = read_object(request)
    unknown = set(body) - _MEMBERS
    if unknown:
        raise InvalidInput("There are members nobody knows.", code="unknown-member")
    codes, personal = body.get("codes"), body.get("personal", False)
    if not isinstance(codes, list) or not 1 <= len(codes) <= CODES_MOST:
        raise InvalidInput(f"“codes” is a list of 1 to {CODES_MOST} texts.", code="codes-malformed")
    if not all(isinstance(one, str) and len(one) <= CODE_LENGTH_MOST for one in codes):
        raise InvalidInput("A code is a text of at most 16 KiB.", code="codes-malformed")
    if not isinstance(personal, bool):
        raise InvalidInput("“personal” is true or false.", code="personal-malformed")
    arrival = arrival_of(body["arrival"], now) if "arrival" in body else None
    travellers = _travellers(body.get("travellers", []), len(codes))
    if travellers and arrival is None:
        raise InvalidInput(
            "Travellers are judged for an arrival, which is missing.", code="arrival-malformed"
        )
    return Question(codes, personal, arrival, travellers, _languages(body.get("languages", ["en"])))


def _travellers(told: Any, codes: int) -> list[list[int]]:
    """Each traveller's codes by their place from 0; a code belongs to one traveller."""
    malformed = InvalidInput(
        "“travellers” is a list of lists of places in “codes”, each place once.", code="travellers-malformed"
    )
    if not isinstance(told, list) or len(told) > CODES_MOST or not all(isinstance(one, list) for one in told):
        raise malformed
    places = [place for one in told for place in one]
    if not all(type(place) is int and 0 <= place < codes for place in places) or len(set(places)) < len(
        places
    ):
        raise malformed
    return told


def _languages(told: Any) -> list[str]:
    is_fit = isinstance(told, list) and len(told) <= LANGUAGES_MOST
    if not is_fit or not all(isinstance(one, str) and len(one) <= 35 for one in told):
        message = f"“languages” is a list of at most {LANGUAGES_MOST} language tags, the best first."
        raise InvalidInput(message, code="languages-malformed")
    return list(told)


def _answer(asked: Question, verdicts: list[Verdict], now: datetime, ends: float) -> JsonResponse:
    lists = [
        {"name": one.name, "asOf": _instant(one.as_of), "isStale": one.is_stale}
        for one in trust.lists(now=now)
        if one.is_enabled
    ]
    told = [verdict_json(one, is_personal=asked.is_personal) for one in verdicts]
    body: dict[str, Any] = {
        "checkedAt": _instant(now),
        "valid": sum(one.state is State.VALID for one in verdicts),
        "lists": lists,
        "verdicts": told,
    }
    if asked.arrival is not None:
        body |= _judged(asked, asked.arrival, verdicts, told, now, ends)
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "no-store"
    return answer


def _judged(
    asked: Question,
    arrival: Arrival,
    verdicts: list[Verdict],
    told: list[dict[str, Any]],
    now: datetime,
    ends: float,
) -> dict[str, Any]:
    """The travellers and the lists of rules; beside each verdict what the rules say of it."""
    common: dict[str, Any] = {"arrival": arrival, "now": now, "languages": asked.languages}
    for one, found in zip(told, rules.decisions(_in_time(verdicts, ends), **common), strict=True):
        one["entry"] = decision_json(found, asked.languages, is_personal=asked.is_personal)
    shown = [[verdicts[place] for place in places] for places in asked.travellers]
    travellers = [
        traveller_json(found, places, asked.languages)
        for found, places in zip(
            rules.decisions_together(_in_time(shown, ends), **common), asked.travellers, strict=True
        )
    ]
    lists = [
        {"name": one.source.name, "asOf": _instant(one.seen_at), "isStale": one.is_stale}
        for one in rules.rule_lists(now=now)
        if one.source.is_enabled
    ]
    return {"travellers": travellers, "ruleLists": lists}


def verdict_json(verdict: Verdict, *, is_personal: bool) -> dict[str, Any]:
    """A verdict as JSON. Name and year of birth only when `is_personal`, and only of what is signed."""
    certificate = verdict.certificate
    found: dict[str, Any] = {
        "state": str(verdict.state),
        "isValid": verdict.state is State.VALID,
        "reason": verdict.reason,
        "layer": str(verdict.layer) if verdict.layer else None,
        "format": str(certificate.format) if certificate else None,
        "kinds": sorted({str(entry.kind) for entry in certificate.entries}) if certificate else [],
        "issuerCountry": certificate.issuer_country if certificate else "",
        "checks": [
            {
                "name": str(one.name),
                "outcome": str(one.outcome),
                "reason": one.reason,
                "asOf": _instant(one.as_of),
            }
            for one in verdict.checks
        ],
    }
    if is_personal:
        seen = reduced(verdict)
        found |= {"name": seen.name, "birthYear": seen.birth_year}
    return found


def _instant(when: datetime | None) -> str | None:
    return when.isoformat(timespec="seconds").replace("+00:00", "Z") if when else None
