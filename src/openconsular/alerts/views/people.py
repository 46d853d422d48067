"""The people of an incident as a list, one of them by themselves, and an answer noted on their behalf."""

import secrets
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.accounts import queries as accounts
from openconsular.alerts import actions, board, figures, queries, reasons
from openconsular.alerts.answering import UNDO_WITHIN
from openconsular.alerts.forms import AnswerForm
from openconsular.alerts.models import Answer, Channel, Delivery, Incident, Recipient
from openconsular.alerts.views import figures as shown
from openconsular.foundation import audit
from openconsular.foundation.csv_download import csv_download
from openconsular.foundation.errors import Conflict, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page

PAGE = 50
PRINTED = 1000
# As many as one entry of the audit trail names.
EXPORTED_AT_ONCE = 1000
_DELIVERY_COLOURS = {
    Delivery.State.DELIVERED.value: "success",
    Delivery.State.UNDELIVERED.value: "danger",
    Delivery.State.REFUSED.value: "danger",
    Delivery.State.CANCELLED.value: "neutral",
}


@require_safe
@staff_page(Permission.SEE_PEOPLE)
def people(request: HttpRequest, incident_id: int) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    this = queries.incident_for(by, incident_id)
    filters = board.Filters.of(request.GET)
    found = board.people(this, by, filters, sort=request.GET.get("sort", ""))
    is_print = request.GET.get("print") == "1" and by.can(Permission.EXPORT_PEOPLE)
    page = Paginator(found, PRINTED if is_print else PAGE).get_page(request.GET.get("page"))
    rows = queries.audited_people(list(page.object_list), by, now, why="print" if is_print else "list")
    context = {
        "section": "console",
        "incident": this,
        "headline": queries.headline_of(this),
        "grade": shown.grade(queries.grade_of(this)),
        "filters": filters,
        "active": filters.is_active,
        "search": {"name": "q", "label": _("Name"), "value": filters.q},
        "keep": [("sort", request.GET["sort"])] if request.GET.get("sort") else [],
        "page": page,
        "rows": table_rows(rows),
        "may_export": by.can(Permission.EXPORT_PEOPLE),
        "now": now,
    }
    if is_print:
        return render(request, "alerts/people_print.html", context)
    context["groups"] = shown.filter_groups(this, by, filters)
    return render(request, "alerts/people.html", context)


def table_rows(rows: list[Recipient]) -> list[dict[str, Any]]:
    """Each person with why they are concerned and how far the last message to them got."""
    deliveries = figures.last_deliveries(one.pk for one in rows)
    return [
        {
            "row": one,
            "colour": shown.STATE_COLOURS[one.state],
            "country": shown.country(one.country),
            "language": shown.language_name(one.language),
            "why": reasons.for_officers(one),
            "channels": [_channel(delivery) for delivery in deliveries.get(one.pk, [])],
        }
        for one in rows
    ]


def _channel(delivery: Delivery) -> dict[str, str]:
    return {
        "name": str(Channel(delivery.channel).label),
        "state": str(Delivery.State(delivery.state).label),
        "colour": _DELIVERY_COLOURS.get(delivery.state, "info"),
        "code": delivery.error_code,
    }


@require_safe
@staff_page(Permission.EXPORT_PEOPLE)
def export(request: HttpRequest, incident_id: int) -> HttpResponseBase:
    """What the filters find, as CSV. Every person in it is named in the audit trail as it leaves."""
    by, now = actor_of(request), timezone.now()
    this = queries.incident_for(by, incident_id)
    filters = board.Filters.of(request.GET)
    found = board.people(this, by, filters, sort=request.GET.get("sort", ""))
    audit.record(
        by=by,
        action="people.export",
        subject=f"incident:{this.pk}",
        now=now,
        detail={"filters": filters.as_detail(), "people": found.count()},
    )
    name = f"incident-{this.pk}-{now:%Y%m%d-%H%M%S}.csv"
    return csv_download(name, _columns(), _exported(this, by, found, now))


def _columns() -> list[str]:
    return [
        *(
            _("Name"),
            _("Name in Latin letters"),
            _("State"),
            _("Since (UTC)"),
            _("Country or region"),
            _("Mission"),
        ),
        *(_("Language"), _("Why they are concerned"), _("Reminders"), _("Text message"), _("E-mail")),
    ]


def _exported(this: Incident, by: Actor, found: Any, now: datetime) -> Iterator[list[Any]]:
    keys = list(found.values_list("pk", flat=True))
    for start in range(0, len(keys), EXPORTED_AT_ONCE):
        part = keys[start : start + EXPORTED_AT_ONCE]
        by_key = {
            one.pk: one
            for one in queries.visible_to(by).select_related("person", "mission").filter(pk__in=part)
        }
        rows = queries.audited_people([by_key[pk] for pk in part if pk in by_key], by, now, why="exported")
        for one in table_rows(rows):
            row: Recipient = one["row"]
            told = {channel["name"]: channel["state"] for channel in one["channels"]}
            yield [
                *(row.person.native_name, row.person.latin_name, row.get_state_display()),
                *(
                    f"{row.state_at:%Y-%m-%d %H:%M}",
                    one["country"],
                    row.mission or "",
                    one["language"],
                    one["why"],
                ),
                *(row.reminders, *(told.get(str(channel.label), "") for channel in Channel)),
            ]


# ------------------------------------------------------------------ one person


@require_safe
@staff_page(Permission.SEE_PEOPLE)
def person(request: HttpRequest, incident_id: int, recipient_id: int) -> HttpResponse:
    by = actor_of(request)
    return _person_page(request, _row(by, incident_id, recipient_id), by)


def _row(by: Actor, incident_id: int, recipient_id: int) -> Recipient:
    """One row of the ledger the actor may see. NotFound where it is not theirs."""
    rows = queries.visible_to(by).filter(incident_id=incident_id, pk=recipient_id)
    row = rows.select_related("person", "mission", "incident", "incident__hazard").first()
    if row is None:
        raise NotFound
    return row


def _person_page(
    request: HttpRequest, row: Recipient, by: Actor, form: AnswerForm | None = None
) -> HttpResponse:
    now = timezone.now()
    party = queries.party_of(row.pk)
    # Their names stand on the page as well.
    queries.audited_people([row, *party.others], by, now, why="read")
    answers = _answers(row)
    last = party.last
    can_undo = (
        last is not None
        and last.via == Answer.Via.OFFICER
        and last.by == by.label
        and now - last.at < UNDO_WITHIN
    )
    context = {
        "section": "console",
        "incident": row.incident,
        "headline": queries.headline_of(row.incident),
        "one": table_rows([row])[0],
        "others": party.others,
        "deliveries": _deliveries(row),
        "answers": answers,
        "last": last,
        "can_undo": can_undo,
        "undo_seconds": int((last.at + UNDO_WITHIN - now).total_seconds()) if last and can_undo else 0,
        "may_answer": by.can(Permission.WORK_CASES) and row.incident.closed_at is None,
        "form": form or _empty_form(party.others),
    }
    return render(request, "alerts/person.html", context, status=400 if form else 200)


def _empty_form(others: list[Recipient]) -> AnswerForm:
    return AnswerForm(initial={"key": secrets.token_hex(12), "for_party": True}, others=len(others))


def _answers(row: Recipient) -> list[dict[str, Any]]:
    """The answers that count for this person, newest first; those taken back stay, marked."""
    given = Answer.objects.filter(recipient__incident_id=row.incident_id, recipient__party=row.party)
    found = list(given.select_related("recipient__person", "case").order_by("-at", "-pk")[:30])
    names = accounts.names_of({one.by for one in found})
    return [
        {
            "at": one.at,
            "title": one.get_value_display(),
            "text": " · ".join(filter(None, [_told_by(one, names), one.note, _taken_back(one)])),
            "colour": "neutral" if one.undone_at else shown.STATE_COLOURS[one.value],
        }
        for one in found
    ]


def _told_by(one: Answer, names: dict[str, str]) -> str:
    officer = names.get(one.by, "")
    return (
        f"{one.get_via_display()}: {officer}"
        if officer
        else _("%(channel)s (%(person)s)")
        % {"channel": one.get_via_display(), "person": one.recipient.person}
    )


def _taken_back(one: Answer) -> str:
    return _("taken back") if one.undone_at else ""


def _deliveries(row: Recipient) -> list[dict[str, Any]]:
    sent = Delivery.objects.filter(recipient=row).select_related("warning").order_by("-pk")[:50]
    return [{"delivery": one, "kind": one.warning.get_kind_display(), **_channel(one)} for one in sent]


@require_POST
@staff_page(Permission.WORK_CASES)
def note_answer(request: HttpRequest, incident_id: int, recipient_id: int) -> HttpResponse:
    """Note what somebody said, with how it is known. The key in the form makes a double click one answer."""
    by, now = actor_of(request), timezone.now()
    row = _row(by, incident_id, recipient_id)
    form = AnswerForm(request.POST, others=len(queries.party_of(row.pk).others))
    if not form.is_valid():
        return _person_page(request, row, by, form)
    wanted = form.cleaned_data
    given = actions.Given(
        recipient_id=row.pk,
        value=wanted["value"],
        via=Answer.Via.OFFICER,
        key=f"officer:{row.pk}:{wanted['key']}",
        for_party=bool(wanted.get("for_party")),
        note=wanted["note"],
        place=wanted["place"],
    )
    answer = actions.record_answer(given, by=by, now=now)
    if answer.case_id:
        messages.success(request, _("Noted. The case has the number %(number)s.") % {"number": answer.case})
    else:
        messages.success(request, _("Noted."))
    return redirect("incident-person", incident_id, recipient_id)


@require_POST
@staff_page(Permission.WORK_CASES)
def undo_answer(request: HttpRequest, incident_id: int, recipient_id: int, answer_id: int) -> HttpResponse:
    by = actor_of(request)
    row = _row(by, incident_id, recipient_id)
    try:
        actions.undo_answer(answer_id=answer_id, recipient_id=row.pk, by=by, now=timezone.now())
        messages.success(request, _("The answer is taken back."))
    except Conflict as error:
        messages.error(request, _(error.message))
    return redirect("incident-person", incident_id, recipient_id)
