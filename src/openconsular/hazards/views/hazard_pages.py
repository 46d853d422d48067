"""Hazards as a list and one by one, with their area on the map and the messages that speak of them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.domain.geo.drawing import bounds_text, feature_collection
from openconsular.foundation import profile
from openconsular.foundation.errors import Conflict, NotFound
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.hazards import actions, queries
from openconsular.hazards.forms import EndForm
from openconsular.hazards.models import Hazard

PAGE = 50
SEVERITIES = ("Extreme", "Severe", "Moderate", "Minor", "Unknown")
STATE_COLOURS = {"active": "warning", "ended": "neutral", "cancelled": "neutral"}


def severity_names() -> dict[str, str]:
    """CAP's severities (section 3.2.2) in the reader's words."""
    return {
        "Extreme": _("extreme"),
        "Severe": _("severe"),
        "Moderate": _("moderate"),
        "Minor": _("minor"),
        "Unknown": _("unknown"),
    }


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def hazard_list(request: HttpRequest) -> HttpResponse:
    every = queries.visible_to(actor_of(request))
    ticked, text = asked(request, "state", "severity", "source")
    found = _narrowed(every, ticked, text).select_related("incident").defer("area", "texts")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "hazards",
        "page": page,
        "rows": [_row(one) for one in page.object_list],
        "groups": _groups(every, ticked),
        "search": {"name": "q", "label": _("Find a hazard"), "value": text},
        "active": bool(text) or any(ticked.values()),
    }
    return render(request, "hazards/hazards.html", context)


def asked(request: HttpRequest, *names: str) -> tuple[dict[str, list[str]], str]:
    """What is ticked for each name, and the words searched for, without what no database can hold."""
    ticked = {name: [one for one in request.GET.getlist(name)[:30] if "\0" not in one] for name in names}
    return ticked, request.GET.get("q", "").replace("\0", "").strip()[:100]


def _narrowed(rows: QuerySet[Hazard], ticked: dict[str, list[str]], text: str) -> QuerySet[Hazard]:
    if ticked["state"]:
        rows = rows.filter(state__in=ticked["state"])
    if ticked["severity"]:
        rows = rows.filter(severity__in=ticked["severity"])
    if ticked["source"]:
        rows = rows.filter(
            source__in=[int(one) for one in ticked["source"] if one.isdecimal() and len(one) < 18]
        )
    for word in text.split()[:5]:
        said = Q(headlines__icontains=word) | Q(events__icontains=word) | Q(places__icontains=word)
        rows = rows.filter(said | Q(sender__icontains=word))
    return rows


def _row(hazard: Hazard) -> dict[str, Any]:
    return {
        "hazard": hazard,
        "grade": profile.current().grade_for(hazard.severity),
        "place": profile.in_language(hazard.places) if hazard.places else "",
        "state_colour": STATE_COLOURS[hazard.state],
        # Whoever reads this page may see incidents; which of them, the page of the incident decides.
        "has_incident": getattr(hazard, "incident", None) is not None,
    }


def _groups(every: QuerySet[Hazard], ticked: dict[str, list[str]]) -> list[dict[str, Any]]:
    names = severity_names()
    bare = every.order_by()
    states = dict(bare.values_list("state").annotate(Count("pk")))
    severities = dict(bare.values_list("severity").annotate(Count("pk")))
    sources = bare.values_list("source_id", "source__name").annotate(n=Count("pk")).order_by("-n")[:20]
    rows = {
        "state": [(value, str(label), states.get(value, 0)) for value, label in Hazard.State.choices],
        "severity": [(value, names[value], severities.get(value, 0)) for value in SEVERITIES],
        "source": [(str(pk), name, count) for pk, name, count in sources],
    }
    labels = {"state": _("State"), "severity": _("Severity"), "source": _("Feed")}
    return [group(name, labels[name], rows[name], ticked[name]) for name in rows]


def group(name: str, label: str, rows: list[tuple[str, str, int]], ticked: list[str]) -> dict[str, Any]:
    """One group of filters for `components/filters.html`."""
    choices = [
        {"value": value, "label": text, "count": count, "checked": value in ticked}
        for value, text, count in rows
    ]
    return {"name": name, "label": label, "choices": choices}


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def hazard(request: HttpRequest, hazard_id: int) -> HttpResponse:
    return _page(request, hazard_id)


def _page(request: HttpRequest, hazard_id: int, form: EndForm | None = None) -> HttpResponse:
    by = actor_of(request)
    this = queries.visible_to(by).select_related("incident").filter(pk=hazard_id).first()
    if this is None:
        raise NotFound
    received = this.messages.select_related("source").defer("raw").order_by("-sent", "-pk")[:50]
    context = _row(this) | {
        "section": "hazards",
        "bounds": bounds_text(bytes(this.area)),
        "severity": severity_names().get(this.severity, this.severity),
        "event": profile.in_language(this.events) if this.events else "",
        "texts": _texts(this),
        "remarks": [queries.reason_text(one["code"], one["values"]) for one in this.remarks],
        "end_reason": queries.reason_text(this.end_code, this.end_values) if this.end_code else "",
        "received": [
            (one, queries.reason_text(one.code, one.values) if one.code else "") for one in received
        ],
        "may_end": by.can(Permission.EDIT_WARNINGS) and this.is_active,
        "form": form or EndForm(),
    }
    return render(request, "hazards/hazard.html", context, status=400 if form else 200)


def _texts(this: Hazard) -> list[dict[str, str]]:
    """What the issuer writes, the reader's own language first."""
    mine = (get_language() or "").split("-")[0]
    ordered = sorted(this.texts.items(), key=lambda one: (not one[0].lower().startswith(mine), one[0]))
    return [{"language": language, **said} for language, said in ordered]


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def area(request: HttpRequest, hazard_id: int) -> HttpResponseBase:
    this = queries.visible_to(actor_of(request)).filter(pk=hazard_id).first()
    if this is None:
        raise NotFound
    grade = profile.current().grade_for(this.severity)
    drawn = feature_collection(
        bytes(this.area),
        title=this.title,
        word=grade.name,
        colour=grade.colour,
        href=reverse("hazard", args=[this.pk]),
    )
    headers = {"Cache-Control": "private, max-age=30"}
    return JsonResponse(drawn, content_type="application/geo+json", headers=headers)


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def end(request: HttpRequest, hazard_id: int) -> HttpResponse:
    """An officer ends a hazard whose issuer does not; those who were warned are then proposed an all-clear."""
    form = EndForm(request.POST)
    if not form.is_valid():
        return _page(request, hazard_id, form)
    try:
        actions.end_hazard(
            hazard_id=hazard_id, note=form.cleaned_data["note"], by=actor_of(request), now=timezone.now()
        )
        messages.success(
            request, _("The hazard is over. Where people were warned, an all-clear is proposed.")
        )
    except Conflict as error:
        messages.error(request, error.message)
    return redirect("hazard", hazard_id)
