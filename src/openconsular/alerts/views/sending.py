"""Sending: the read-back by one person and, where many are told, the decision of a second."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openconsular.alerts import actions, queries
from openconsular.alerts.forms import ReadBackForm, SendBackForm
from openconsular.alerts.models import Warning
from openconsular.alerts.releasing import AudienceChanged
from openconsular.alerts.views.reading import conflict_words, context_of, steps_of
from openconsular.foundation.errors import Conflict, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.SEND_WARNINGS)
def send(request: HttpRequest, warning_id: int) -> HttpResponseBase:
    """The read-back: what, where and to how many; the number is typed again, and the server compares."""
    by, now = actor_of(request), timezone.now()
    this = queries.warning_for(by, warning_id)
    if this.state != Warning.State.PROPOSED:
        return redirect("warning", this.pk)
    if request.method != "POST":
        return _read_back(request, this, by, ReadBackForm(expected=this.audience_size))
    form = ReadBackForm(request.POST, expected=this.audience_size)
    if not form.is_valid():
        return _read_back(request, this, by, form, status=400)
    try:
        done = actions.submit(warning_id=this.pk, confirmed_size=form.cleaned_data["typed"], by=by, now=now)
    except AudienceChanged:
        return _number_moved(request, this.pk, by)
    except Conflict as error:
        messages.error(request, conflict_words(error))
        return redirect("warning", this.pk)
    if done.state == Warning.State.SUBMITTED:
        messages.info(request, _("It waits for a second person now. Nothing has been sent yet."))
    else:
        messages.success(request, _("The warning is on its way."))
    return redirect("warning", this.pk)


def _number_moved(request: HttpRequest, warning_id: int, by: Actor) -> HttpResponse:
    """The number changed between reading and sending: show the new one and ask again, with an empty field."""
    this = queries.warning_for(by, warning_id)
    form = ReadBackForm(expected=this.audience_size)
    return _read_back(request, this, by, form, status=409, has_moved=True)


def _read_back(
    request: HttpRequest,
    this: Warning,
    by: Actor,
    form: ReadBackForm,
    *,
    status: int = 200,
    has_moved: bool = False,
) -> HttpResponse:
    context = context_of(this, by)
    context |= {
        "form": form,
        "has_moved": has_moved,
        "step": 2,
        "steps": steps_of(this),
        "is_blocked": any(one["faults"] for one in context["texts"]),
    }
    return render(request, "alerts/desk_send.html", context, status=status)


def second_person(
    request: HttpRequest,
    this: Warning,
    by: Actor,
    form: ReadBackForm | None = None,
    back_form: SendBackForm | None = None,
) -> HttpResponse:
    context = context_of(this, by)
    context |= {
        "form": form or ReadBackForm(expected=this.confirmed_size or 0),
        "back_form": back_form or SendBackForm(prefix="back"),
        "step": 3,
        "steps": steps_of(this),
    }
    return render(request, "alerts/desk_approve.html", context, status=400 if form or back_form else 200)


@require_POST
@staff_page(Permission.APPROVE_WARNINGS)
def approve(request: HttpRequest, warning_id: int) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    this = queries.warning_for(by, warning_id)
    form = ReadBackForm(request.POST, expected=this.confirmed_size or 0)
    if this.state == Warning.State.SUBMITTED and not form.is_valid():
        return second_person(request, this, by, form=form)
    try:
        actions.approve(warning_id=this.pk, by=by, now=now)
    except OpenConsularError as error:
        messages.error(request, conflict_words(error))
    else:
        messages.success(request, _("Approved. The warning is on its way."))
    return redirect("warning", this.pk)


@require_POST
@staff_page(Permission.SEND_WARNINGS)
def send_back(request: HttpRequest, warning_id: int) -> HttpResponse:
    """The approver's no, with a reason; whoever submitted it may take it back without one."""
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    form = SendBackForm(request.POST, prefix="back")
    is_mine = this.submitted_by_id == by.officer_id
    if not is_mine and not form.is_valid():
        return second_person(request, this, by, back_form=form)
    reason = "" if is_mine else form.cleaned_data["reason"]
    try:
        actions.send_back(warning_id=this.pk, reason=reason, by=by, now=timezone.now())
    except Conflict as error:
        messages.error(request, conflict_words(error))
    return redirect("warning", this.pk)
