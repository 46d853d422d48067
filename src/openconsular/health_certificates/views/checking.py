"""Checking what somebody presents, by all lists held here: the verdict, its reasons, and every single check."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from openconsular.domain.health.carriers.pictures import codes_in
from openconsular.domain.health.verdict import Unreadable, Verdict
from openconsular.foundation import audit
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.forms.rules import ArrivalCheckForm
from openconsular.health_certificates.queries import trust
from openconsular.health_certificates.views import judging, verdict_words
from openconsular.health_certificates.views.certificate import no_store
from openconsular.health_certificates.views.frame import framed
from openconsular.health_certificates.views.lists import age_words
from openconsular.health_certificates.views.said import said


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.SEE_HEALTH, Permission.SEE_PEOPLE)
def check(request: HttpRequest) -> HttpResponse:
    """Nothing of what is presented is kept; the audit trail learns that somebody checked, and what came out."""
    by, now = actor_of(request), timezone.now()
    form = ArrivalCheckForm(*((request.POST, request.FILES) if request.method == "POST" else ()))
    results: list[dict[str, Any]] | None = None
    judged = judging.NOT_ASKED
    if request.method == "POST" and form.is_valid():
        try:
            texts = _texts(form.cleaned_data)
        except Unreadable as fault:
            words = verdict_words.reason_words(fault.code) or fault.message
            form.add_error("file", f"{words} ({fault.code})")
        else:
            verdicts = trust.verify_all(texts, now=now)
            judged = judging.judged(verdicts, form.arrival(now), now)
            detail = {"states": [one.state.value for one in verdicts], **judged.as_detail()}
            audit.record(by=by, action="certificate.check", subject="check", now=now, detail=detail)
            results = [
                _shown(one, number) | {"entry": entry}
                for number, (one, entry) in enumerate(zip(verdicts, judged.entries, strict=True), start=1)
            ]
    context = framed(
        request,
        "certificate-check",
        form=form,
        results=results,
        judged=judged,
        lists=_lists(now),
        checked_at=now,
    )
    status = 400 if form.errors else 200
    return no_store(render(request, "health_certificates/staff/check.html", context, status=status))


def _texts(typed: dict[str, Any]) -> tuple[str, ...]:
    file = typed.get("file")
    return codes_in(file.read()) if file is not None else (typed["text"].strip(),)


def _shown(verdict: Verdict, number: int) -> dict[str, Any]:
    certificate = verdict.certificate
    return {
        "id": f"checks-{number}",
        "rules_id": f"rules-{number}",
        "headline": verdict_words.headline(verdict),
        "checks": [verdict_words.check_row(one) for one in verdict.checks],
        "groups": said(certificate) if certificate is not None else [],
        "format": certificate.format.value if certificate is not None else "",
        "country": certificate.issuer_country if certificate is not None else "",
    }


def _lists(now: datetime) -> list[dict[str, Any]]:
    return [{"one": one, "age": age_words(one.age)} for one in trust.lists(now=now) if one.is_enabled]
