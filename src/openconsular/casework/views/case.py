"""One case: who needs what, what was done, and the buttons for what comes next."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.casework import actions, queries
from openconsular.casework.forms import CloseForm, HandOverForm, MissionForm, NoteForm, UrgencyForm
from openconsular.casework.models import Case
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page

Step = Callable[[Actor, datetime], object]


@require_safe
@staff_page(Permission.WORK_CASES)
def case_page(request: HttpRequest, number: str) -> HttpResponse:
    case = queries.case_by_number(number, by=actor_of(request), now=timezone.now())
    return _page(request, case)


@require_POST
@staff_page(Permission.WORK_CASES)
def take(request: HttpRequest, number: str) -> HttpResponseBase:
    return _do(request, number, lambda by, now: actions.take_case(number=number, by=by, now=now))


@require_POST
@staff_page(Permission.WORK_CASES)
def hand_over(request: HttpRequest, number: str) -> HttpResponseBase:
    to_id = _number(request, "to")
    return _do(
        request, number, lambda by, now: actions.hand_over(number=number, to_id=to_id or 0, by=by, now=now)
    )


@require_POST
@staff_page(Permission.WORK_CASES)
def set_state(request: HttpRequest, number: str) -> HttpResponseBase:
    state = request.POST.get("state", "")
    return _do(request, number, lambda by, now: actions.set_state(number=number, state=state, by=by, now=now))


@require_POST
@staff_page(Permission.WORK_CASES)
def set_urgency(request: HttpRequest, number: str) -> HttpResponseBase:
    urgency = _number(request, "urgency") or 0
    return _do(
        request, number, lambda by, now: actions.set_urgency(number=number, urgency=urgency, by=by, now=now)
    )


@require_POST
@staff_page(Permission.WORK_CASES)
def assign_mission(request: HttpRequest, number: str) -> HttpResponseBase:
    mission_id = _number(request, "mission")
    return _do(
        request,
        number,
        lambda by, now: actions.assign_mission(number=number, mission_id=mission_id, by=by, now=now),
    )


@require_POST
@staff_page(Permission.WORK_CASES)
def reopen(request: HttpRequest, number: str) -> HttpResponseBase:
    return _do(request, number, lambda by, now: actions.reopen(number=number, by=by, now=now))


@require_POST
@staff_page(Permission.WORK_CASES)
def undo(request: HttpRequest, number: str, event_id: int) -> HttpResponseBase:
    return _do(
        request, number, lambda by, now: actions.undo(number=number, event_id=event_id, by=by, now=now)
    )


@require_POST
@staff_page(Permission.WORK_CASES)
def add_note(request: HttpRequest, number: str) -> HttpResponseBase:
    form = NoteForm(request.POST)

    def step(by: Actor, now: datetime) -> object:
        wanted = form.cleaned_data
        return actions.add_note(
            number=number, text=wanted["text"], is_internal=not wanted["is_public"], by=by, now=now
        )

    return _do_with(form, "note", request, number, step)


@require_POST
@staff_page(Permission.WORK_CASES)
def close(request: HttpRequest, number: str) -> HttpResponseBase:
    form = CloseForm(request.POST)

    def step(by: Actor, now: datetime) -> object:
        return actions.close_case(number=number, reason=form.cleaned_data["reason"], by=by, now=now)

    return _do_with(form, "close", request, number, step)


# ------------------------------------------------------------------ the pages' common ground


def _do(request: HttpRequest, number: str, step: Step) -> HttpResponseBase:
    """Take a step and go back to the case; what stands against it is said there."""
    try:
        step(actor_of(request), timezone.now())
    except (Conflict, InvalidInput) as error:
        messages.error(request, error.message)
    return redirect("case", number)


def _do_with(form: forms.Form, name: str, request: HttpRequest, number: str, step: Step) -> HttpResponseBase:
    """The same for a form with words in it: what was typed is kept when it cannot be used."""
    if form.is_valid():
        return _do(request, number, step)
    case = queries.case_by_number(number, by=actor_of(request), now=timezone.now())
    return _page(request, case, status=400, **{name: form})


def _number(request: HttpRequest, name: str) -> int | None:
    raw = request.POST.get(name, "")
    return int(raw) if raw.isdecimal() and len(raw) < 16 else None


def _page(request: HttpRequest, case: Case, status: int = 200, **bound: forms.Form) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    person = queries.person_of(case, by=by, now=now)
    last = queries.undoable(case, by=by, now=now)
    context: dict[str, Any] = {
        "section": "cases",
        "case": case,
        "person": person,
        "spoken": person.languages,
        "zone": case.mission.timezone if case.mission else "",
        "timeline": queries.timeline(case),
        "is_closed": case.state == Case.State.CLOSED,
        "is_mine": case.owner_id is not None and case.owner_id == by.officer_id,
        "undo": last,
        "undo_seconds": int((queries.UNDO_WITHIN - (now - last.at)).total_seconds()) if last else 0,
        "note": bound.get("note") or NoteForm(auto_id="note_%s"),
        "close": bound.get("close") or CloseForm(auto_id="close_%s"),
        "hand_over": HandOverForm(case),
        "urgency": UrgencyForm(initial={"urgency": case.urgency}),
        "mission": MissionForm(initial={"mission": case.mission_id}) if by.sees_every_mission else None,
        "facts": [
            (_("Urgency"), case.get_urgency_display()),
            (_("State"), case.get_state_display()),
            (_("People"), case.people_count),
            (_("Place"), case.place),
            (_("Mission"), case.mission or _("The ministry")),
            (_("Owner"), case.owner or _("nobody yet")),
        ],
    }
    return render(request, "casework/case.html", context, status=status)
