"""The list of cases, with its filters in the address, and the same list as a file."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from openconsular.accounts import queries as accounts
from openconsular.casework import queries
from openconsular.casework.forms import FilterForm
from openconsular.casework.models import Case
from openconsular.casework.queries import CaseFilter
from openconsular.foundation import audit
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page

PAGE = 50
LARGEST_EXPORT = 50_000
# As many as one entry of the audit trail names.
EXPORTED_AT_ONCE = 1000


@require_safe
@staff_page(Permission.WORK_CASES)
def case_list(request: HttpRequest) -> HttpResponse:
    by = actor_of(request)
    missions = _missions(by)
    wanted = FilterForm(request.GET, missions).wanted()
    page = Paginator(queries.find_cases(wanted, by=by), PAGE).get_page(request.GET.get("page"))
    queries.record_list_read(wanted, [one.number for one in page], by=by, now=timezone.now())
    context = {
        "section": "cases",
        "page": page,
        "search": {"name": "q", "label": _("Search"), "value": wanted.text},
        "groups": _groups(wanted, missions, by),
        "keep": [("hazard", wanted.hazard_id)] if wanted.hazard_id else [],
        "active": bool(wanted.as_detail()),
        "can_export": by.can(Permission.EXPORT_PEOPLE),
        "query": request.GET.urlencode(),
        "without_owner": queries.count_without_owner(by=by),
    }
    return render(request, "casework/list.html", context)


@require_safe
@staff_page(Permission.EXPORT_PEOPLE)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list under its filters as CSV, at most 50,000 cases. Who took which list away is audited."""
    by, now = actor_of(request), timezone.now()
    wanted = FilterForm(request.GET, _missions(by)).wanted()
    found = queries.find_cases(wanted, by=by)[:LARGEST_EXPORT]
    detail = {"filter": wanted.as_detail(), "cases": found.count()}
    audit.record(by=by, action="casework.export", subject="cases", now=now, detail=detail)
    header = [
        _("Number"),
        _("Urgency"),
        _("State"),
        _("Name"),
        _("People"),
        _("Place"),
        _("Summary"),
        _("Mission"),
        _("Owner"),
        _("Opened (UTC)"),
        _("Updated (UTC)"),
    ]
    return csv_download(f"cases-{now:%Y%m%d-%H%M%S}.csv", header, _rows(found, by, now))


def _rows(found: Any, by: Actor, now: datetime) -> Iterator[tuple[Any, ...]]:
    """Every case is named in the audit trail before it leaves."""
    cases = found.iterator(chunk_size=EXPORTED_AT_ONCE)
    while part := list(islice(cases, EXPORTED_AT_ONCE)):
        detail = {"cases": [one.number for one in part], "people": [one.person_id for one in part]}
        audit.record(by=by, action="casework.exported", subject="cases", now=now, detail=detail)
        yield from map(_row, part)


def _row(one: Case) -> tuple[Any, ...]:
    return (
        one.number,
        one.get_urgency_display(),
        one.get_state_display(),
        one.person,
        one.people_count,
        one.place,
        one.summary,
        one.mission or "",
        one.owner or "",
        one.opened_at.strftime("%Y-%m-%d %H:%M"),
        one.updated_at.strftime("%Y-%m-%d %H:%M"),
    )


def _missions(by: Actor) -> list[tuple[str, str]]:
    """The missions one may filter by; a mission officer has but one."""
    if not by.sees_every_mission:
        return []
    return [("0", _("The ministry")), *((str(one.pk), str(one)) for one in accounts.missions())]


def _groups(wanted: CaseFilter, missions: list[tuple[str, str]], by: Actor) -> list[dict[str, object]]:
    counts = queries.count_by_state(wanted, by=by)

    def choice(value: object, label: object, chosen: tuple[object, ...], **more: object) -> dict[str, object]:
        return {"value": value, "label": label, "checked": value in chosen, **more}

    states = [choice(v, label, wanted.states, count=counts.get(v, 0)) for v, label in Case.State.choices]
    urgencies = [choice(v, label, wanted.urgencies) for v, label in Case.Urgency.choices]
    owners = [choice("me", _("me"), (wanted.owner,)), choice("none", _("nobody yet"), (wanted.owner,))]
    groups: list[dict[str, object]] = [
        {"name": "state", "label": _("State"), "choices": states},
        {"name": "urgency", "label": _("Urgency"), "choices": urgencies},
        {"name": "owner", "label": _("Owner"), "choices": owners},
    ]
    if missions:
        # All two hundred would bury the page: those with open cases, and those chosen.
        busy = queries.missions_with_open_cases(by=by) | set(wanted.missions)
        shown = [choice(int(v), label, wanted.missions) for v, label in missions if int(v) in busy]
        groups.append({"name": "mission", "label": _("Mission"), "choices": shown})
    return groups
