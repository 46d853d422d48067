"""My data: agree and take it back, see all of it, take it along, have it deleted. And the privacy page for everyone."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openconsular.citizens import actions, queries, session
from openconsular.citizens.actions.consent import WARNINGS
from openconsular.citizens.actions.erasure import CRISIS_ENTRIES_KEPT, STAYS_KEPT
from openconsular.citizens.entries import TEXT_VERSION
from openconsular.citizens.models import Person
from openconsular.citizens.queries.journeys import residence_of, trips_of
from openconsular.citizens.session import citizen_required

# What the apps above know of a person: (person) -> a part of the export; and clearing it before a deletion.
More = Callable[[Person], dict[str, Any]]
Forget = Callable[[Person, datetime], None]


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept, why, for how long, and who sees it. Public."""
    context = {
        "days_kept": STAYS_KEPT.days,
        "crisis_days_kept": CRISIS_ENTRIES_KEPT.days,
        "version": TEXT_VERSION,
    }
    return render(request, "citizens/privacy.html", context)


@require_http_methods(["GET", "POST"])
@citizen_required
def consent(request: HttpRequest, person: Person) -> HttpResponseBase:
    by, now = actions.actor_of(person), datetime.now(UTC)
    if request.method == "POST" and "give" in request.POST:
        actions.give_consent(person_id=person.pk, purpose=WARNINGS, text_version=TEXT_VERSION, by=by, now=now)
        messages.success(request, _("You get warnings again."))
        return redirect("me-consent")
    if request.method == "POST" and "withdraw" in request.POST:
        actions.withdraw_consent(person_id=person.pk, purpose=WARNINGS, by=by, now=now)
        messages.success(request, _("You get no warnings any more, from this moment on."))
        return redirect("me-consent")
    consents = person.consents.order_by("-given_at")
    context = {"person": person, "consents": consents, "section": "me-data", "version": TEXT_VERSION}
    return render(request, "citizens/consent.html", context)


@require_safe
@citizen_required
def my_data(request: HttpRequest, person: Person) -> HttpResponse:
    """Everything kept, readable."""
    now = datetime.now(UTC)
    context = {
        "section": "me-data",
        "data": queries.everything_about(person=person, by=actions.actor_of(person), now=now),
        "trips": trips_of(person, now),
        "residence": residence_of(person, now),
    }
    return render(request, "citizens/data.html", context)


@require_safe
@citizen_required
def export(request: HttpRequest, person: Person, more: More | None = None) -> HttpResponseBase:
    """The same as a file that machines read. `more` adds what the apps above know."""
    content = queries.everything_about(person=person, by=actions.actor_of(person), now=datetime.now(UTC))
    if more is not None:
        content |= more(person)
    response = JsonResponse(content, json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="my-data.json"'
    return response


@require_http_methods(["GET", "POST"])
@citizen_required
def delete(request: HttpRequest, person: Person, forget: Forget | None = None) -> HttpResponseBase:
    """Delete everything, after a word is typed. `forget` clears first what the apps above hold in their words."""
    expected = _("DELETE")
    error = ""
    if request.method == "POST":
        if request.POST.get("typed", "").strip().casefold() == expected.casefold():
            now = datetime.now(UTC)
            if forget is not None:
                forget(person, now)
            actions.delete_everything(person_id=person.pk, by=actions.actor_of(person), now=now)
            session.end(request)
            response: HttpResponseBase = redirect("deleted")
            response["Clear-Site-Data"] = '"cache", "storage"'
            return response
        error = _("This is not the word. Nothing has been deleted.")
    context = {"expected": expected, "error": error, "section": "me-data"}
    return render(request, "citizens/delete.html", context)


@require_safe
def deleted(request: HttpRequest) -> HttpResponse:
    return render(request, "citizens/deleted.html")
