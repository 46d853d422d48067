"""Batches: a clinic's file sent, watched while it is checked and signed, approved or refused by another person."""

from collections.abc import Callable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.domain.health.records.recording import FIELDS
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates import batch_rows
from openconsular.health_certificates.actions import batches as actions
from openconsular.health_certificates.actions import issuing, stopping
from openconsular.health_certificates.forms.batches import BatchForm, FileForm
from openconsular.health_certificates.forms.deciding import RefuseForm, RevokeForm, read_count
from openconsular.health_certificates.models import Batch, Record
from openconsular.health_certificates.queries import batches as queries
from openconsular.health_certificates.views.certificate import no_store
from openconsular.health_certificates.views.frame import framed, names

PAGE = 50
FAULTS_SHOWN = 50
STATE_COLOURS = {
    "receiving": "warning",
    "checking": "info",
    "submitted": "warning",
    "approved": "info",
    "stopped": "danger",
    "done": "success",
    "refused": "neutral",
}
Step = Callable[[Actor, datetime], object]


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.SEE_HEALTH)
def batch_list(request: HttpRequest) -> HttpResponse:
    """The batches, newest first, and the form that sends one."""
    by, now = actor_of(request), timezone.now()
    may_send = by.can(Permission.RECORD_HEALTH)
    data = (request.POST, request.FILES) if request.method == "POST" else ()
    form = BatchForm(*data, offered=issuing.formats(), names_mission=by.sees_every_mission)
    if request.method == "POST" and may_send and form.is_valid():
        try:
            return redirect("certificate-batch", _sent(form, by, now).public_id)
        except InvalidInput as error:
            _refuse(form, error)
    found = queries.visible_to(by).select_related("mission").order_by("-pk")
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    called = names(one.recorded_by for one in page.object_list)
    rows = [
        {"batch": one, "colour": STATE_COLOURS[one.state], "by": called.get(one.recorded_by, one.recorded_by)}
        for one in page.object_list
    ]
    context = framed(
        request, "certificate-batches", page=page, rows=rows, form=form, may_send=may_send, columns=FIELDS
    )
    status = 400 if form.errors else 200
    return no_store(render(request, "health_certificates/staff/batches.html", context, status=status))


def _sent(form: BatchForm, by: Actor, now: datetime) -> Batch:
    """A new batch with its file. The columns are looked at before there is a batch."""
    file = form.cleaned_data["file"]
    batch_rows.read_header(next(batch_rows.lines_of(file), ""))
    file.seek(0)
    certificate_format, kind = form.wanted()
    mission = form.cleaned_data.get("mission") or ""
    batch = actions.open_batch(
        name=form.cleaned_data["name"],
        certificate_format=certificate_format,
        kind=kind,
        mission_id=int(mission) if mission else None,
        by=by,
        now=now,
    )
    return actions.receive(public_id=batch.public_id, lines=batch_rows.lines_of(file), by=by, now=now)


def _refuse(form: forms.Form, error: InvalidInput) -> None:
    for name, text in error.fields.items():
        form.add_error(name if name in form.fields else "file", text)
    if not error.fields:
        form.add_error("file", error.message)


@require_safe
@staff_page(Permission.SEE_HEALTH)
def batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    return _page(request, batch_id)


def _page(request: HttpRequest, batch_id: UUID, status: int = 200, **bound: Any) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    found = queries.batch_by_id(batch_id, by=by)
    progress = queries.progress(found)
    called = names([found.recorded_by, found.approved_by, found.refused_by])
    is_own = found.recorded_by == by.label
    may_decide = found.state == Batch.State.SUBMITTED and by.can(Permission.APPROVE_HEALTH) and not is_own
    before_approval = found.state in (Batch.State.RECEIVING, Batch.State.CHECKING, Batch.State.SUBMITTED)
    context = framed(
        request,
        "certificate-batches",
        batch=found,
        progress=progress,
        state_colour=STATE_COLOURS[found.state],
        is_at_work=found.state in (Batch.State.CHECKING, Batch.State.APPROVED),
        is_signing=found.state in (Batch.State.APPROVED, Batch.State.STOPPED, Batch.State.DONE),
        at_work=(progress.signed + progress.failed, progress.accepted),
        faults=list(islice(queries.refused_rows(batch_id, by=by), FAULTS_SHOWN)),
        fault_count=progress.refused + progress.failed,
        is_own=is_own,
        may_decide=may_decide,
        may_resend=is_own and found.state == Batch.State.RECEIVING,
        may_withdraw=is_own and before_approval,
        may_stop=found.state == Batch.State.APPROVED and by.can(Permission.APPROVE_HEALTH),
        may_go_on=found.state == Batch.State.STOPPED and by.can(Permission.APPROVE_HEALTH) and not is_own,
        may_revoke=found.state in (Batch.State.DONE, Batch.State.STOPPED)
        and by.can(Permission.REVOKE_HEALTH),
        called={label: called.get(label, label) for label in called},
        facts=_facts(found, called),
        resending=bound.get("resending") or FileForm(auto_id="again_%s"),
        refusing=bound.get("refusing") or RefuseForm(auto_id="refuse_%s"),
        revoking=RevokeForm(auto_id="revoke_%s"),
        count_error=bound.get("count_error", ""),
        checked_at=now,
    )
    return no_store(render(request, "health_certificates/staff/batch.html", context, status=status))


def _facts(found: Batch, called: dict[str, str]) -> list[tuple[str, Any]]:
    return [
        (_("Certificate"), f"{_format_name(found)}"),
        (_("Mission"), found.mission or _("The ministry")),
        (_("Sent by"), called.get(found.recorded_by, found.recorded_by)),
        (_("Approved by"), called.get(found.approved_by, found.approved_by)),
        (_("Refused by"), called.get(found.refused_by, found.refused_by)),
        (_("Why"), found.refusal),
    ]


def _format_name(found: Batch) -> str:
    formats, kinds = dict(Record.Format.choices), dict(Record.Kind.choices)
    return f"{formats[found.format]} · {kinds[found.kind]}"


@require_POST
@staff_page(Permission.RECORD_HEALTH)
def resend(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """The same file again, where the sending was broken off: it goes on where it was."""
    form = FileForm(request.POST, request.FILES, auto_id="again_%s")
    if form.is_valid():
        by, now = actor_of(request), timezone.now()
        try:
            lines = batch_rows.lines_of(form.cleaned_data["file"])
            actions.receive(public_id=batch_id, lines=lines, by=by, now=now)
            return redirect("certificate-batch", batch_id)
        except (InvalidInput, Conflict) as error:
            form.add_error("file", error.message)
    return _page(request, batch_id, status=400, resending=form)


@require_POST
@staff_page(Permission.APPROVE_HEALTH)
def approve(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    count = read_count(request.POST.get("typed", ""))
    try:
        actions.approve_batch(public_id=batch_id, confirmed_count=count, by=by, now=now)
    except InvalidInput as error:
        return _page(request, batch_id, status=400, count_error=error.message)
    except Conflict as error:
        messages.error(request, error.message)
    else:
        messages.success(request, _("Approved. The rows are being signed."))
    return redirect("certificate-batch", batch_id)


@require_POST
@staff_page(Permission.APPROVE_HEALTH)
def refuse(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    form = RefuseForm(request.POST, auto_id="refuse_%s")

    def step(by: Actor, now: datetime) -> None:
        actions.refuse_batch(public_id=batch_id, reason=form.cleaned_data["reason"], by=by, now=now)

    if not form.is_valid():
        return _page(request, batch_id, status=400, refusing=form)
    return _do(request, batch_id, step)


@require_POST
@staff_page(Permission.RECORD_HEALTH)
def withdraw(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    return _do(request, batch_id, lambda by, now: stopping.withdraw_batch(public_id=batch_id, by=by, now=now))


@require_POST
@staff_page(Permission.APPROVE_HEALTH)
def stop(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    return _do(request, batch_id, lambda by, now: stopping.stop_batch(public_id=batch_id, by=by, now=now))


@require_POST
@staff_page(Permission.APPROVE_HEALTH)
def go_on(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    return _do(
        request, batch_id, lambda by, now: stopping.go_on_with_batch(public_id=batch_id, by=by, now=now)
    )


def _do(request: HttpRequest, batch_id: UUID, step: Step) -> HttpResponseBase:
    try:
        step(actor_of(request), timezone.now())
    except (Conflict, InvalidInput) as error:
        messages.error(request, error.message)
    return redirect("certificate-batch", batch_id)


@require_safe
@staff_page(Permission.SEE_HEALTH)
def refused_rows(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Every refused row with its reason, for whoever mends the file."""
    by = actor_of(request)
    found = queries.batch_by_id(batch_id, by=by)
    header = [_("Row"), _("Row key"), _("Column"), _("Code"), _("Reason")]
    rows = (
        (one.row, one.key, one.field, one.code, one.reason) for one in queries.refused_rows(batch_id, by=by)
    )
    return csv_download(f"refused-{str(found.public_id)[:8]}.csv", header, rows)


@require_safe
@staff_page(Permission.SEE_HEALTH)
def rows_to_mend(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """The refused rows as they were sent, to be mended in this list and sent again. Who took them away is audited."""
    header, rows = queries.rows_to_mend(batch_id, by=actor_of(request), now=timezone.now())
    return csv_download(f"mend-{str(batch_id)[:8]}.csv", header, rows)


@require_safe
@staff_page(Permission.SEE_HEALTH)
def certificates(request: HttpRequest, batch_id: UUID) -> HttpResponseBase:
    """Every certificate of a batch as the text of its code, for the clinic's own printer."""
    by, now = actor_of(request), timezone.now()
    found = queries.batch_by_id(batch_id, by=by)
    header = [_("Row"), _("Certificate number"), _("Text of the code")]
    rows: Iterator[Any] = queries.certificates_of(batch_id, by=by, now=now)
    return csv_download(f"certificates-{str(found.public_id)[:8]}.csv", header, rows)


@require_safe
@staff_page(Permission.RECORD_HEALTH)
def template(request: HttpRequest) -> HttpResponseBase:
    """An empty file with the columns there are."""
    return csv_download("rows.csv", FIELDS, [])
