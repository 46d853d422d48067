"""Checking before boarding: an airline asks about thousands of codes at once, and nothing of them is kept but how many."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone

from openconsular.domain.health.verdict import State, Verdict
from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput, NotAllowed
from openconsular.foundation.permissions import Actor
from openconsular.health_certificates.actions import access
from openconsular.health_certificates.api.answers import json_api, read_object
from openconsular.health_certificates.models import ApiClient
from openconsular.health_certificates.queries import trust
from openconsular.health_certificates.queries.wallet import reduced

CODES_MOST = 5000
CODE_LENGTH_MOST = 16 * 1024


@json_api("POST")
def verify_codes(request: HttpRequest) -> HttpResponse:
    """POST {"codes": [...], "personal": false}: a verdict for each, in their order."""
    now = timezone.now()  # noqa: TID251 - the edge
    client = access.client_of(request.headers.get("Authorization", "").removeprefix("Bearer ").strip())
    if not set(client.scopes) & {ApiClient.Scope.VERIFY, ApiClient.Scope.VERIFY_PERSONAL}:
        raise NotAllowed
    codes, is_personal = _read(request)
    if is_personal and ApiClient.Scope.VERIFY_PERSONAL not in client.scopes:
        raise NotAllowed(code="scope-missing")
    access.take_turn(client=client, codes=len(codes), now=now)
    verdicts = trust.verify_all(codes, now=now)
    valid = sum(one.state is State.VALID for one in verdicts)
    access.note_valid(client=client, valid=valid, now=now)
    if is_personal:
        by = Actor(label=f"client:{client.pk}")
        detail = {"certificates": len(codes)}
        audit.record(
            by=by, action="certificate.verify_personal", subject=f"client:{client.pk}", now=now, detail=detail
        )
    return _answer(verdicts, is_personal, now)


def _read(request: HttpRequest) -> tuple[list[str], bool]:
    body = read_object(request)
    unknown = set(body) - {"codes", "personal"}
    if unknown:
        raise InvalidInput("There are members nobody knows.", code="unknown-member")
    codes, personal = body.get("codes"), body.get("personal", False)
    if not isinstance(codes, list) or not 1 <= len(codes) <= CODES_MOST:
        raise InvalidInput(f"“codes” is a list of 1 to {CODES_MOST} texts.", code="codes-malformed")
    if not all(isinstance(one, str) and len(one) <= CODE_LENGTH_MOST for one in codes):
        raise InvalidInput("A code is a text of at most 16 KiB.", code="codes-malformed")
    if not isinstance(personal, bool):
        raise InvalidInput("“personal” is true or false.", code="personal-malformed")
    return codes, personal


def _answer(verdicts: list[Verdict], is_personal: bool, now: datetime) -> JsonResponse:
    lists = [
        {"name": one.name, "asOf": _instant(one.as_of), "isStale": one.is_stale}
        for one in trust.lists(now=now)
        if one.is_enabled
    ]
    body = {
        "checkedAt": _instant(now),
        "valid": sum(one.state is State.VALID for one in verdicts),
        "lists": lists,
        "verdicts": [verdict_json(one, is_personal=is_personal) for one in verdicts],
    }
    answer = JsonResponse(body, json_dumps_params={"ensure_ascii": False})
    answer["Cache-Control"] = "no-store"
    return answer


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
