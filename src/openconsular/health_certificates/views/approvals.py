"""What waits for another person: looked at one by one, or several approved by reading back how many they are."""

from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from openconsular.domain.health.records.recording import Written
from openconsular.domain.health.records.value_names import name_of
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.permissions import Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.actions.approving import MOST_AT_ONCE, approve_several
from openconsular.health_certificates.forms.deciding import read_count
from openconsular.health_certificates.models import Batch, Record
from openconsular.health_certificates.queries import batches, register
from openconsular.health_certificates.queries.records import visible_to, waiting_for
from openconsular.health_certificates.queries.revocations import proposals
from openconsular.health_certificates.views.certificate import no_store
from openconsular.health_certificates.views.frame import framed, names
from openconsular.health_certificates.views.narrowing import groups_of, wanted_of

PAGE = 50


@require_safe
@staff_page(Permission.APPROVE_HEALTH)
def approvals(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    wanted, waiting = replace(wanted_of(request), states=()), waiting_for(by=by)
    found = register.narrow(waiting, wanted)
    page = Paginator(_with_content(found), PAGE).get_page(request.GET.get("page"))
    own = visible_to(by).filter(recorded_by=by.label, approved_at=None, refused_at=None, batch=None)
    context = framed(
        request,
        "certificate-approvals",
        page=page,
        rows=_rows(list(page.object_list), by, now),
        groups=groups_of(wanted, register.missions_of(waiting) if by.sees_every_mission else ()),
        active=bool(wanted.as_detail()),
        own=_rows(list(own.select_related("mission").order_by("-pk")[:PAGE]), by, now),
        batches=batches.visible_to(by)
        .filter(state=Batch.State.SUBMITTED)
        .exclude(recorded_by=by.label)[:PAGE],
        revocations=proposals(by=by)
        .filter(effective_at=None, withdrawn_by="")
        .exclude(proposed_by=by.label)[:PAGE],
    )
    return no_store(render(request, "health_certificates/staff/approvals.html", context))


def _with_content(found: Any) -> Any:
    return found.defer(None).select_related("mission")


def _rows(found: list[Record], by: Any, now: Any) -> list[dict[str, Any]]:
    words, called = register.words_of(found, by=by, now=now), names(one.recorded_by for one in found)
    twins = register.with_twins(words, found, by=by)
    rows = []
    for one in found:
        written = words.get(one.pk)
        rows.append(
            {
                "record": one,
                "written": written,
                "has_twin": one.pk in twins,
                "product": _product(written) if written else "",
                "recorded_by": called.get(one.recorded_by, one.recorded_by),
            }
        )
    return rows


def _product(written: Written) -> str:
    """What was given or done, by its name: the product, else the vaccine, else the kind of test."""
    entry = written.entry
    for coded in (entry.product, entry.vaccine, entry.test_type):
        if coded.code:
            named = name_of(coded) or coded.display or coded.code
            return " · ".join(one for one in (_(named), entry.batch) if one)
    return ""


@require_POST
@staff_page(Permission.APPROVE_HEALTH)
def approve_chosen(request: HttpRequest) -> HttpResponse:
    """Two steps: what was ticked is shown again, and its number is typed; then all of it is approved or none."""
    by, now = actor_of(request), timezone.now()
    chosen = _chosen(request)
    if not chosen:
        messages.error(request, _("Tick the records first."))
        return redirect("certificate-approvals")
    error = ""
    typed = request.POST.get("typed")
    if typed is not None:
        try:
            approved = approve_several(public_ids=chosen, confirmed_count=read_count(typed), by=by, now=now)
        except InvalidInput as refusal:
            error = refusal.message
        except (Conflict, NotAllowed) as refusal:
            messages.error(request, refusal.message)
            return redirect("certificate-approvals")
        else:
            said = ngettext("%(count)d record is approved.", "%(count)d records are approved.", len(approved))
            messages.success(request, said % {"count": len(approved)})
            return redirect("certificate-approvals")
    found = list(_with_content(waiting_for(by=by)).filter(public_id__in=chosen))
    context = framed(
        request,
        "certificate-approvals",
        rows=_rows(found, by, now),
        expected=len(found),
        error=error,
        hidden=[("record", one.public_id) for one in found],
    )
    status = 400 if error else 200
    return no_store(render(request, "health_certificates/staff/approve_chosen.html", context, status=status))


def _chosen(request: HttpRequest) -> list[UUID]:
    found = []
    for one in request.POST.getlist("record")[: MOST_AT_ONCE + 1]:
        try:
            found.append(UUID(one))
        except ValueError:
            continue
    return found
