"""The switch that ends all signing, and the alarms that hold it, with who did it and why."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.accounts import queries as accounts
from openconsular.foundation.errors import InvalidInput, NotAllowed
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.actions import issuing as actions
from openconsular.health_certificates.forms.deciding import ReasonForm, SettleForm
from openconsular.health_certificates.models import Alarm
from openconsular.health_certificates.queries.issuing import alarms, switch_state
from openconsular.health_certificates.views.frame import framed, names

PAGE = 50


@require_safe
@staff_page(Permission.STOP_ISSUING)
def issuing(request: HttpRequest) -> HttpResponse:
    return _page(request)


def _page(
    request: HttpRequest,
    status: int = 200,
    *,
    stopping: ReasonForm | None = None,
    settled: tuple[int, SettleForm] | None = None,
) -> HttpResponse:
    by = actor_of(request)
    page = Paginator(alarms(by=by), PAGE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    called = names([one.subject for one in found] + [one.settled_by for one in found])
    missions = {f"mission:{one.pk}": str(one) for one in accounts.missions()}
    rows = [
        {
            "alarm": one,
            "about": missions.get(one.subject) or called.get(one.subject, one.subject),
            "settled_by": called.get(one.settled_by, one.settled_by),
            "is_own": one.subject == by.label,
            "form": settled[1] if settled and settled[0] == one.pk else _settle_form(one),
        }
        for one in found
    ]
    context = framed(
        request,
        "certificate-issuing",
        rows=rows,
        page=page,
        stopping=stopping or ReasonForm(auto_id="stop_%s"),
        is_own_stop=switch_state().changed_by == by.label,
    )
    return render(request, "health_certificates/staff/issuing.html", context, status=status)


def _settle_form(alarm: Alarm) -> SettleForm:
    return SettleForm(auto_id=f"settle_{alarm.pk}_%s", initial={"allow": alarm.count * 2})


@require_POST
@staff_page(Permission.STOP_ISSUING)
def stop(request: HttpRequest) -> HttpResponse:
    form = ReasonForm(request.POST, auto_id="stop_%s")
    if not form.is_valid():
        return _page(request, status=400, stopping=form)
    actions.stop_issuing(reason=form.cleaned_data["reason"], by=actor_of(request), now=timezone.now())
    messages.success(request, _("Signing is stopped, everywhere and at once."))
    return redirect("certificate-issuing")


@require_POST
@staff_page(Permission.STOP_ISSUING)
def resume(request: HttpRequest) -> HttpResponse:
    try:
        actions.resume_issuing(by=actor_of(request), now=timezone.now())
    except NotAllowed as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Signing goes on."))
    return redirect("certificate-issuing")


@require_POST
@staff_page(Permission.STOP_ISSUING)
def settle(request: HttpRequest, alarm_id: int) -> HttpResponse:
    form = SettleForm(request.POST, auto_id=f"settle_{alarm_id}_%s")
    if not form.is_valid():
        return _page(request, status=400, settled=(alarm_id, form))
    wanted = form.cleaned_data
    try:
        actions.settle_alarm(
            alarm_id=alarm_id,
            allow=wanted["allow"],
            note=wanted["note"],
            by=actor_of(request),
            now=timezone.now(),
        )
    except (InvalidInput, NotAllowed) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Settled. What waited is signed within a minute."))
    return redirect("certificate-issuing")
