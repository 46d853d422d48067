"""The register: a list with filters, a search for a holder or a number, and the same list as a file."""

from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from openconsular.foundation import audit
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page
from openconsular.health_certificates.forms.people import HolderSearchForm
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries import records, register
from openconsular.health_certificates.queries.register import RecordFilter
from openconsular.health_certificates.views.certificate import STATE_COLOURS, no_store, state_words
from openconsular.health_certificates.views.frame import OPENED_BY, framed, names, opened_to
from openconsular.health_certificates.views.narrowing import group, groups_of, wanted_of

PAGE = 50
LARGEST_EXPORT = 50_000
EXPORTED_AT_ONCE = 1000
P = Permission


@require_safe
@staff_page(P.SEE_HEALTH, P.STOP_ISSUING, P.MANAGE_HEALTH_KEYS)
def record_list(request: HttpRequest) -> HttpResponse:
    """The register; for those who may not see it, the first of the pages that are theirs."""
    by, now = actor_of(request), timezone.now()
    if not by.can(P.SEE_HEALTH):
        return redirect(
            next(name for name in reversed(OPENED_BY) if name != "certificate-lists" and opened_to(by, name))
        )
    wanted = wanted_of(request)
    counts = register.count(wanted, by=by)
    pages = _Counted(register.find_records(wanted, by=by), PAGE)
    pages.count = counts.of(wanted.states)
    page = pages.get_page(request.GET.get("page"))
    context = framed(
        request,
        "certificates",
        page=page,
        rows=_rows(list(page.object_list), by, now),
        groups=_groups(wanted, counts.by_state, by),
        active=bool(wanted.as_detail()),
        query=request.GET.urlencode(),
        form=HolderSearchForm(),
        may_record=by.can(P.RECORD_HEALTH),
    )
    return no_store(render(request, "health_certificates/staff/register.html", context))


@require_http_methods(["GET", "HEAD", "POST"])
@staff_page(P.SEE_HEALTH)
def search(request: HttpRequest) -> HttpResponse:
    """By POST: whom one looks for is personal and stays out of addresses and logs."""
    by, now = actor_of(request), timezone.now()
    form = HolderSearchForm(request.POST or None)
    found: list[Record] | None = None
    if request.method == "POST" and form.is_valid():
        found = _found(form.cleaned_data, by, now)
        if len(found) == 1:
            return redirect("certificate", found[0].public_id)
    context = framed(
        request,
        "certificates",
        form=form,
        is_asked=found is not None,
        rows=_rows(found or [], by, now),
        back=reverse("certificates"),
    )
    status = 400 if request.method == "POST" and form.errors else 200
    return no_store(render(request, "health_certificates/staff/search.html", context, status=status))


def _found(typed: dict[str, Any], by: Actor, now: datetime) -> list[Record]:
    if typed["identifier"]:
        return records.find_by_identifier(identifier=typed["identifier"], by=by, now=now)
    if typed["document_number"]:
        return records.find_by_document(number=typed["document_number"], by=by, now=now)
    return records.find_by_holder(
        family_name=typed["family_name"],
        given_name=typed["given_name"],
        born_on=typed["born_on"].isoformat(),
        by=by,
        now=now,
    )


def _rows(found: list[Record], by: Actor, now: datetime) -> list[dict[str, Any]]:
    words, called = register.words_of(found, by=by, now=now), names(one.recorded_by for one in found)
    states = state_words()
    rows = []
    for one in found:
        state, written = records.state_of(one), words.get(one.pk)
        holder = written.holder if written else None
        rows.append(
            {
                "record": one,
                "holder": " ".join(part for part in (holder.family_name, holder.given_name) if part)
                if holder
                else "",
                "born_on": holder.born_on if holder else "",
                "happened_on": written.entry.happened_on[:10] if written else "",
                "state": states[state],
                "colour": STATE_COLOURS[state],
                "recorded_by": called.get(one.recorded_by, one.recorded_by),
            }
        )
    return rows


class _Counted(Paginator):  # type: ignore[type-arg]
    """Pages of a list whose length is known: counting a million rows takes longer than showing fifty."""

    count = 0


def _groups(wanted: RecordFilter, counts: dict[str, int], by: Actor) -> list[dict[str, Any]]:
    states = state_words()
    missions = register.missions_with_records(by=by) if by.sees_every_mission else set()
    return [group("state", _("State"), states.items(), wanted.states, counts), *groups_of(wanted, missions)]


@require_safe
@staff_page(P.SEE_HEALTH)
def export(request: HttpRequest) -> HttpResponseBase:
    """The list under its filters as CSV, at most 50,000 rows, without anybody's name. Who took it away is audited."""
    by, now = actor_of(request), timezone.now()
    wanted = wanted_of(request)
    found = register.find_records(wanted, by=by)[:LARGEST_EXPORT]
    detail = {"filter": wanted.as_detail(), "records": found.count()}
    audit.record(by=by, action="certificate.export", subject="records", now=now, detail=detail)
    header = [
        _("Certificate number"),
        _("Certificate"),
        _("Kind"),
        _("State"),
        _("Mission"),
        _("Written down by"),
        _("Written down (UTC)"),
        _("Signed (UTC)"),
        _("Valid until (UTC)"),
    ]
    return csv_download(f"certificates-{now:%Y%m%d-%H%M%S}.csv", header, _exported(found))


def _exported(found: Any) -> Iterator[tuple[Any, ...]]:
    states = state_words()
    stream = found.iterator(chunk_size=EXPORTED_AT_ONCE)
    while part := list(islice(stream, EXPORTED_AT_ONCE)):
        called = names(one.recorded_by for one in part)
        for one in part:
            issued = getattr(one, "issued", None)
            yield (
                issued.identifier if issued else "",
                one.get_format_display(),
                one.get_kind_display(),
                states[records.state_of(one)],
                one.mission or "",
                called.get(one.recorded_by, one.recorded_by),
                _stamp(one.recorded_at),
                _stamp(issued.signed_at) if issued else "",
                _stamp(issued.expires_at) if issued else "",
            )


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M")
