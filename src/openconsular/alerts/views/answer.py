"""The answer page: opened from a message, without sign-in and without JavaScript.

The token in the address is the whole authority, nothing rests on a cookie; so a form posted from elsewhere gains
nothing it could not do by opening the link, and there is no CSRF token to lose on a phone that keeps no cookies.
"""

import secrets
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from openconsular.alerts import actions, links, queries, reasons
from openconsular.alerts.answering import UNDO_WITHIN
from openconsular.alerts.models import Answer
from openconsular.casework import queries as casework
from openconsular.foundation import profile
from openconsular.foundation.permissions import Actor


@never_cache
@csrf_exempt
@require_http_methods(["GET", "POST"])
def answer(request: HttpRequest, token: str) -> HttpResponse:
    recipient_id = links.recipient_of(token)
    if request.method == "POST":
        return _record(request, token, recipient_id)
    party = queries.party_of(recipient_id)
    links.require_open(party.me.incident.closed_at, timezone.now())
    with _language_of(request, party):
        return render(request, "alerts/answer.html", _context(token, party))


def _record(request: HttpRequest, token: str, recipient_id: int) -> HttpResponse:
    given = actions.Given(
        recipient_id=recipient_id,
        value=request.POST.get("answer", ""),
        via=Answer.Via.LINK,
        key=f"link:{recipient_id}:{(request.POST.get('key') or secrets.token_hex(12))[:40]}",
        for_party=request.POST.get("alone") != "1",
        note=request.POST.get("note", "").strip(),
        place=request.POST.get("place", "").strip(),
    )
    actions.record_answer(given, by=_answering(recipient_id), now=timezone.now())
    # Only after the commit does anybody read "we have it".
    return redirect(reverse("answer", args=[token]) + "#answered")


@csrf_exempt
@require_POST
def undo(request: HttpRequest, token: str) -> HttpResponse:
    recipient_id = links.recipient_of(token)
    wanted = request.POST.get("answer", "")
    answer_id = int(wanted) if wanted.isdecimal() and len(wanted) < 18 else 0
    actions.undo_answer(
        answer_id=answer_id,
        recipient_id=recipient_id,
        by=_answering(recipient_id),
        now=timezone.now(),
    )
    return redirect("answer", token=token)


@never_cache
@require_GET
def stray(request: HttpRequest, token: str = "") -> HttpResponse:
    """A link that lost its end: says what to do instead of failing."""
    raise links.BrokenLink


def _answering(recipient_id: int) -> Actor:
    """The citizen behind a link, while it lives."""
    person_id, closed_at = queries.person_answering(recipient_id)
    links.require_open(closed_at, timezone.now())
    return _citizen(person_id)


def _citizen(person_id: int) -> Actor:
    return Actor(label=f"citizen:{person_id}", person_id=person_id)


def _language_of(request: HttpRequest, party: queries.Party) -> Any:
    """The language the message came in, unless the reader has chosen one on this site."""
    for wanted in (request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, ""), party.me.language.lower()):
        with suppress(LookupError):
            return translation.override(translation.get_supported_language_variant(wanted))
    return translation.override(settings.LANGUAGE_CODE)


def _context(token: str, party: queries.Party) -> dict[str, Any]:
    now = timezone.now()
    last = party.last
    rules = profile.current()
    grade = queries.grade_of(party.me.incident)
    number = last.case.number if last and last.case else ""
    own = casework.own_cases(by=_citizen(party.me.person_id)) if number else []
    case = next((one for one in own if one.number == number), None)
    return {
        "token": token,
        "key": secrets.token_hex(12),
        "me": party.me,
        "others": party.others,
        "incident": party.me.incident,
        "grade": next((one for one in rules.grades if one.code == grade), rules.grades[0]),
        "headline": queries.headline_of(party.me.incident),
        "reason": reasons.in_words(party.me),
        "last": last,
        "can_undo": bool(last and now - last.at <= UNDO_WITHIN),
        "undo_seconds": int(UNDO_WITHIN.total_seconds() - (now - last.at).total_seconds()) if last else 0,
        "case": case,
        "timeline": [{"at": one.at, "title": one.kind_label, "text": one.text} for one in case.timeline]
        if case
        else [],
    }
