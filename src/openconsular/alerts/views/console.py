"""The duty room: every incident at a glance, one incident as a board, and what waits for a decision."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.accounts import queries as accounts
from openconsular.alerts import actions, board, figures, queries
from openconsular.alerts.models import Incident, Recipient, Warning
from openconsular.alerts.views import figures as shown
from openconsular.alerts.views.live import live_context
from openconsular.domain.geo.drawing import bounds_text
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.hazards import queries as hazards

PAGE = 40
QUIET_SHOWN = 30


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def console(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    found = queries.incidents_for(by)
    wants_closed = request.GET.get("closed") == "1"
    page = Paginator(found.filter(closed_at__isnull=not wants_closed), PAGE).get_page(request.GET.get("page"))
    incidents = list(page.object_list)
    quiet = hazards.active(now).exclude(incident__isnull=False)
    sources = hazards.sources_visible_to(by, now)
    return render(
        request,
        "alerts/console.html",
        {
            "section": "console",
            "page": page,
            "rows": _incident_rows(incidents, by),
            "wants_closed": wants_closed,
            "closed_count": found.filter(closed_at__isnull=False).count(),
            "quiet": list(quiet.order_by("-first_seen_at")[:QUIET_SHOWN]),
            "quiet_count": quiet.count(),
            "sources": sources,
            "unwell": [
                one for one in sources if one.source.is_active and (one.is_silent or one.source.failures)
            ],
            **switch_context(by),
        },
    )


def switch_context(by: Actor) -> dict[str, Any]:
    """Whether messages may leave at present, and whether the reader may change it."""
    switch = queries.switch()
    who = accounts.names_of([switch.changed_by]).get(switch.changed_by, "") if switch.is_stopped else ""
    return {"switch": switch, "switched_by": who, "may_stop": by.can(Permission.STOP_SENDING)}


def _incident_rows(incidents: list[Incident], by: Actor) -> list[dict[str, Any]]:
    ids = [one.pk for one in incidents]
    ledgers, grades, waiting = (
        queries.ledgers_of(ids, by),
        figures.grades_of(ids),
        figures.open_proposals(ids),
    )
    return [
        {
            "incident": one,
            "headline": queries.headline_of(one),
            "ledger": ledgers[one.pk],
            "shares": shown.shares(ledgers[one.pk]),
            "grade": shown.grade(grades.get(one.pk, "")),
            "waiting": waiting.get(one.pk, []),
        }
        for one in incidents
    ]


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    this = queries.incident_for(by, incident_id)
    filters = board.Filters.of(request.GET)
    if filters.q:
        return redirect(f"{reverse('incident-people', args=[this.pk])}?{filters.query}")
    context = {
        "section": "console",
        "incident": this,
        "headline": queries.headline_of(this),
        "grade": shown.grade(queries.grade_of(this)),
        "filters": filters,
        "groups": shown.filter_groups(this, by, filters),
        "search": {"name": "q", "label": _("Find a name"), "value": ""},
        "active": filters.is_active,
        "bounds": bounds_text(bytes(this.hazard.area or b"")),
        "may_see_people": by.can(Permission.SEE_PEOPLE),
        "may_edit": by.can(Permission.EDIT_WARNINGS),
        "may_send": by.can(Permission.SEND_WARNINGS),
        "left": _left(this),
        "now": now,
        **switch_context(by),
        **live_context(this, by),
    }
    return render(request, "alerts/incident.html", context)


def _left(this: Incident) -> list[tuple[str, str, int]]:
    """Who keeps it open: (state, its name, people)."""
    counts, names = figures.unaccounted(this), dict(Recipient.State.choices)
    return [(state, str(names[state]), counts.get(state, 0)) for state in shown.UNANSWERED]


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def propose_more(request: HttpRequest, incident_id: int) -> HttpResponse:
    """A reminder to the silent or a retraction, as a proposal: one click, and the desk opens."""
    this = queries.incident_for(actor_of(request), incident_id)
    try:
        warning = actions.propose_more(
            incident_id=this.pk,
            kind=request.POST.get("kind", ""),
            by=actor_of(request),
            now=timezone.now(),
        )
    except (Conflict, InvalidInput) as error:
        messages.error(request, _(error.message))
        return redirect("incident", this.pk)
    return redirect("warning", warning.pk)


@require_POST
@staff_page(Permission.SEND_WARNINGS)
def close(request: HttpRequest, incident_id: int) -> HttpResponse:
    this = queries.incident_for(actor_of(request), incident_id)
    try:
        actions.close_incident(incident_id=this.pk, by=actor_of(request), now=timezone.now())
    except Conflict as error:
        messages.error(
            request, _not_accounted_for(this) if error.code == "not-accounted-for" else _(error.message)
        )
        return redirect("incident", this.pk)
    messages.success(request, _("The incident is closed: everybody is accounted for."))
    return redirect("console")


def _not_accounted_for(this: Incident) -> str:
    people = sum(figures.unaccounted(this).values())
    return _("It stays open: %(people)s people are not accounted for yet.") % {"people": f"{people:,}"}


@require_POST
@staff_page(Permission.STOP_SENDING)
def stop_sending(request: HttpRequest) -> HttpResponse:
    reason = request.POST.get("reason", "").replace("\0", "").strip()[:200]
    if not reason:
        messages.error(request, _("Say in a few words why all sending stops: others will read it."))
        return redirect("console")
    actions.stop_sending(reason=reason, by=actor_of(request), now=timezone.now())
    messages.warning(request, _("All sending is stopped. What is queued waits; nothing is lost."))
    return redirect("console")


@require_POST
@staff_page(Permission.STOP_SENDING)
def resume_sending(request: HttpRequest) -> HttpResponse:
    actions.resume_sending(by=actor_of(request), now=timezone.now())
    messages.success(request, _("Messages leave again. What waited goes out now."))
    return redirect("console")


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def approvals(request: HttpRequest) -> HttpResponse:
    """What waits for a decision: first for a second person, then the proposals."""
    by = actor_of(request)
    submitted = list(queries.warnings_for(by, states=(Warning.State.SUBMITTED,)).order_by("submitted_at"))
    proposed = queries.warnings_for(by, states=(Warning.State.PROPOSED,)).filter(
        incident__closed_at__isnull=True
    )
    page = Paginator(proposed, PAGE).get_page(request.GET.get("page"))
    context = {
        "section": "approvals",
        "submitted": [_approval_row(one, by) for one in submitted],
        "proposed": [_approval_row(one, by) for one in page.object_list],
        "page": page,
        **switch_context(by),
    }
    return render(request, "alerts/approvals.html", context)


def _approval_row(warning: Warning, by: Actor) -> dict[str, Any]:
    return {
        "warning": warning,
        "headline": queries.headline_of(warning.incident),
        "grade": shown.grade(warning.grade),
        "is_mine": warning.submitted_by_id is not None and warning.submitted_by_id == by.officer_id,
    }
