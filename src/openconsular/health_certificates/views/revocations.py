"""Revocations: several at once by one person, in force when a second one agrees to their number."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.actions import revocations as actions
from openconsular.health_certificates.forms.deciding import RevokeForm, RevokeSeveralForm, read_count
from openconsular.health_certificates.models import Batch, Revocation
from openconsular.health_certificates.queries.batches import batch_by_id
from openconsular.health_certificates.queries.revocations import newest_edition, proposals
from openconsular.health_certificates.views.certificate import no_store
from openconsular.health_certificates.views.frame import framed, names

PAGE = 50


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(Permission.REVOKE_HEALTH)
def revocation_list(request: HttpRequest) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    form = RevokeSeveralForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wanted = form.cleaned_data
        try:
            made = actions.revoke(
                identifiers=wanted["identifiers"],
                reason=wanted["reason"],
                note=wanted["note"],
                by=by,
                now=now,
            )
        except InvalidInput as error:
            form.add_error("identifiers", error.message)
        else:
            _say(request, made)
            return redirect("certificate-revocations")
    page = Paginator(proposals(by=by).select_related("mission"), PAGE).get_page(request.GET.get("page"))
    context = framed(
        request,
        "certificate-revocations",
        page=page,
        rows=_rows(list(page.object_list), by),
        form=form,
        edition=newest_edition(),
    )
    status = 400 if form.errors else 200
    return no_store(render(request, "health_certificates/staff/revocations.html", context, status=status))


def _rows(found: list[Revocation], by: Actor) -> list[dict[str, object]]:
    called = names(label for one in found for label in (one.proposed_by, one.confirmed_by, one.withdrawn_by))
    return [
        {
            "one": one,
            "proposed_by": called.get(one.proposed_by, one.proposed_by),
            "confirmed_by": called.get(one.confirmed_by, one.confirmed_by),
            "waits": not one.effective_at and not one.withdrawn_by,
            "is_own": one.proposed_by == by.label,
        }
        for one in found
    ]


def _say(request: HttpRequest, made: Revocation) -> None:
    if made.effective_at:
        messages.success(request, _("Revoked. Verifiers learn of it with their next list."))
    else:
        messages.info(request, _("Proposed. It takes effect when a second person agrees."))


@require_POST
@staff_page(Permission.REVOKE_HEALTH)
def revoke_batch(request: HttpRequest, batch_id: UUID) -> HttpResponse:
    """Propose to revoke everything of a batch."""
    by, now = actor_of(request), timezone.now()
    batch: Batch = batch_by_id(batch_id, by=by)
    form = RevokeForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why."))
        return redirect("certificate-batch", batch.public_id)
    wanted = form.cleaned_data
    try:
        made = actions.revoke_batch(
            batch_id=batch_id, reason=wanted["reason"], note=wanted["note"], by=by, now=now
        )
    except InvalidInput as error:
        messages.error(request, error.message)
        return redirect("certificate-batch", batch.public_id)
    _say(request, made)
    return redirect("certificate-revocations")


@require_POST
@staff_page(Permission.REVOKE_HEALTH)
def confirm(request: HttpRequest, revocation_id: UUID) -> HttpResponseBase:
    count = read_count(request.POST.get("typed", ""))
    return _decide(
        request,
        _("Revoked. Verifiers learn of it with their next list."),
        lambda by, now: actions.confirm_revocation(
            public_id=revocation_id, confirmed_size=count, by=by, now=now
        ),
    )


@require_POST
@staff_page(Permission.REVOKE_HEALTH)
def withdraw(request: HttpRequest, revocation_id: UUID) -> HttpResponseBase:
    try:
        return _decide(
            request,
            _("Taken back. Nothing was revoked."),
            lambda by, now: actions.withdraw_revocation(public_id=revocation_id, by=by, now=now),
        )
    except NotAllowed as error:
        if not actor_of(request).can(Permission.REVOKE_HEALTH):
            raise
        messages.error(request, error.message)
        return redirect("certificate-revocations")


def _decide(request: HttpRequest, done: str, step: Callable[[Actor, datetime], object]) -> HttpResponseBase:
    try:
        step(actor_of(request), timezone.now())
    except (Conflict, InvalidInput) as error:
        messages.error(request, error.message)
    else:
        messages.success(request, done)
    return redirect("certificate-revocations")
