"""The desk: one warning from proposal to sent, read back by one person and, where many are told, by a second."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from openconsular.accounts import queries as accounts
from openconsular.alerts import actions, figures, queries, timeline, wording
from openconsular.alerts.forms import GradeForm, ReadBackForm, SendBackForm, TextForm
from openconsular.alerts.models import Warning, WarningText
from openconsular.alerts.releasing import AudienceChanged
from openconsular.alerts.views import figures as shown
from openconsular.alerts.views.console import switch_context
from openconsular.domain import texts
from openconsular.domain.geo.drawing import bounds_text
from openconsular.domain.sms.segments import TextNotSendable
from openconsular.foundation.errors import Conflict, InvalidInput, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page

UNDO_SECONDS = 60
FIELDS = ("sms", "subject", "body")


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def warning(request: HttpRequest, warning_id: int) -> HttpResponse:
    """The page of a warning: the desk while it is a proposal, the second person's view, or what became of it."""
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    if this.state == Warning.State.PROPOSED and by.can(Permission.EDIT_WARNINGS):
        return _desk(request, this, by)
    if this.state == Warning.State.SUBMITTED:
        return _second_person(request, this, by)
    return render(request, "alerts/warning.html", _context(this, by) | _outcome(this))


def _context(this: Warning, by: Actor) -> dict[str, Any]:
    missions = {one.pk: str(one) for one in accounts.missions()}
    audience = figures.audience_of(this)
    return {
        "section": "approvals",
        "warning": this,
        "incident": this.incident,
        "headline": queries.headline_of(this.incident),
        "kind": timeline.kind_name(this.kind),
        "state_colour": shown.WARNING_COLOURS[this.state],
        "grade": shown.grade(this.grade),
        "texts": [_reading(this, one) for one in this.texts.order_by("-language")],
        "numbers": [
            (_("By country or region"), [(shown.country(code), n) for code, n in audience.country]),
            (_("By language"), [(shown.language_name(code), n) for code, n in audience.language]),
            (_("By certainty"), [(shown.certainty_name(code), n) for code, n in audience.certainty]),
            (
                _("By mission"),
                [(missions.get(pk or 0, _("the ministry itself")), n) for pk, n in audience.mission],
            ),
        ],
        "channels": figures.reachable_by_channel(this),
        "bounds": bounds_text(bytes(this.area)),
        "history": [
            {"at": one.at, "title": _what(one.what), "text": _who(one)} for one in figures.history_of(this)
        ],
        "is_mine": this.submitted_by_id is not None and this.submitted_by_id == by.officer_id,
        "may_edit": by.can(Permission.EDIT_WARNINGS),
        "may_send": by.can(Permission.SEND_WARNINGS),
        "may_approve": by.can(Permission.APPROVE_WARNINGS),
        **switch_context(by),
    }


def _reading(this: Warning, text: WarningText) -> dict[str, Any]:
    """One language as it will be read, with everything found wrong or worth a thought."""
    words = {name: getattr(text, name) for name in FIELDS}
    return {
        "text": text,
        "language": shown.language_name(text.language),
        **verdict(this, text.language, words),
    }


def verdict(this: Warning, language: str, words: dict[str, str]) -> dict[str, Any]:
    """Problems, hints and the number of parts of a text message, for words as they stand in the form."""
    found = wording.problems(this.kind, language, words)
    try:
        parts = texts.count_parts(words["sms"], wording.sample_link())
    except TextNotSendable:
        parts = 0
    return {
        "code": language,
        "parts": parts,
        "length": len(words["sms"]),
        "faults": [_found(one) for one in found if one.is_error],
        "hints": [_found(one) for one in found if not one.is_error],
    }


def _found(problem: texts.Problem) -> dict[str, str]:
    names = {"sms": _("Text message"), "subject": _("Subject"), "body": _("E-mail")}
    return {"field_name": names.get(problem.field, problem.field), "words": _(problem.message)}


def _what(done: str) -> str:
    said = {
        "propose": _("Proposed"),
        "edit": _("Texts changed"),
        "submit": _("Number confirmed and submitted"),
        "approve": _("Approved by a second person"),
        "send_back": _("Sent back to the desk"),
        "discard": _("Put aside"),
        "restore": _("Taken up again"),
        "stop": _("Stopped"),
    }
    return said.get(done, done)


def _who(one: figures.Done) -> str:
    parts = [one.who or _("by the system")]
    if one.what in {"propose", "submit", "approve"} and "audience" in one.detail:
        parts.append(_("%(count)d people") % {"count": one.detail["audience"]})
    if one.detail.get("reason"):
        parts.append(f"“{one.detail['reason']}”")
    return " · ".join(parts)


def _outcome(this: Warning) -> dict[str, Any]:
    row = shown.warning_rows([this])[0]
    waiting = sum(figure.waiting for _name, figure in row["channels"])
    fresh = shown.is_fresh(this.finished_at, timezone.now(), UNDO_SECONDS)
    return {"row": row, "waiting": waiting, "undo_seconds": UNDO_SECONDS if fresh else 0}


# ------------------------------------------------------------------ editing


def _desk(
    request: HttpRequest, this: Warning, by: Actor, data: Any = None, status: int = 200
) -> HttpResponse:
    context = _context(this, by)
    forms = [TextForm.of(one["text"], data) for one in context["texts"]]
    context |= {
        "rows": list(zip(context["texts"], forms, strict=True)),
        "forms": forms,
        "grade_form": GradeForm(data, initial={"grade": this.grade}),
        "sent_back": next((one for one in context["history"] if one["title"] == _what("send_back")), None),
        "step": 1,
        "steps": _steps(this),
    }
    return render(request, "alerts/desk.html", context, status=status)


def _steps(this: Warning) -> list[str]:
    steps = [_("Texts"), _("Read back"), _("Second person"), _("Sent")]
    return steps if this.needs_approval else [steps[0], steps[1], steps[3]]


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def save(request: HttpRequest, warning_id: int) -> HttpResponse:
    """Keep the texts; with the button "check and send", go on to the read-back."""
    by, now = actor_of(request), timezone.now()
    this = queries.warning_for(by, warning_id)
    rows = list(this.texts.all())
    words = {one.language: {name: _posted(request, one.language, name) for name in FIELDS} for one in rows}
    try:
        if _has_changed(this, rows, words, request.POST.get("grade", "")):
            actions.edit_texts(
                warning_id=this.pk, texts=words, grade=request.POST.get("grade", ""), by=by, now=now
            )
            messages.success(request, _("The texts are saved."))
    except InvalidInput as error:
        return _with_faults(request, this, by, words, error)
    except Conflict as error:
        messages.error(request, _(error.message))
        return redirect("warning", this.pk)
    return redirect("warning-send" if request.POST.get("then") == "send" else "warning", this.pk)


def _posted(request: HttpRequest, language: str, name: str) -> str:
    """Browsers send line ends as CR LF; a text message counts them twice."""
    return request.POST.get(f"{language}-{name}", "").replace("\r\n", "\n").strip()


def _has_changed(
    this: Warning, rows: list[WarningText], words: dict[str, dict[str, str]], grade: str
) -> bool:
    return grade != this.grade or any(
        getattr(one, name) != words[one.language][name] for one in rows for name in FIELDS
    )


def _with_faults(
    request: HttpRequest, this: Warning, by: Actor, words: dict[str, dict[str, str]], error: InvalidInput
) -> HttpResponse:
    """The desk again with what was typed, every fault at its field and in the summary on top."""
    response = _context(this, by)
    forms = [TextForm.of(one["text"], request.POST) for one in response["texts"]]
    for form in forms:
        language = str(form.prefix)
        for one in wording.problems(this.kind, language, words[language]):
            if one.is_error and one.field not in form.errors:
                form.add_error(one.field, _(one.message))
    grade_form = GradeForm(request.POST)
    if "grade" in error.fields and grade_form.is_valid():
        grade_form.add_error("grade", _(error.message))
    checked = [
        one | verdict(this, one["text"].language, words[one["text"].language]) for one in response["texts"]
    ]
    response |= {
        "rows": list(zip(checked, forms, strict=True)),
        "forms": [*forms, grade_form],
        "grade_form": grade_form,
        "step": 1,
        "steps": _steps(this),
    }
    return render(request, "alerts/desk.html", response, status=400)


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def check(request: HttpRequest, warning_id: int, language: str) -> HttpResponse:
    """What is wrong with one language's words as typed so far: asked while somebody types."""
    this = queries.warning_for(actor_of(request), warning_id)
    words = {name: _posted(request, language, name) for name in FIELDS}
    return render(request, "alerts/desk/verdict.html", {"one": verdict(this, language, words)})


# ------------------------------------------------------------------ sending


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
        messages.error(request, _conflict(error))
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
    context = _context(this, by)
    context |= {
        "form": form,
        "has_moved": has_moved,
        "step": 2,
        "steps": _steps(this),
        "is_blocked": any(one["faults"] for one in context["texts"]),
    }
    return render(request, "alerts/desk_send.html", context, status=status)


def _conflict(error: OpenConsularError) -> str:
    said = {
        "sending-stopped": _("All sending is stopped. Somebody has to switch it on again first."),
        "empty-audience": _("Nobody would be told. There is nothing to send."),
        "second-person": _("A second person has to approve what you submitted."),
        "audience-changed": _(
            "The number of people has changed since it was confirmed. It is back at the desk."
        ),
    }
    return said.get(error.code) or _(error.message)


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def recount(request: HttpRequest, warning_id: int) -> HttpResponse:
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    try:
        size = actions.recount(warning_id=this.pk, by=by, now=timezone.now())
        messages.info(request, _("Counted again: it reaches %(count)d people.") % {"count": size})
    except OpenConsularError as error:
        messages.error(request, _(error.message))
    return redirect("warning", this.pk)


# ------------------------------------------------------------------ the second person


def _second_person(
    request: HttpRequest,
    this: Warning,
    by: Actor,
    form: ReadBackForm | None = None,
    back_form: SendBackForm | None = None,
) -> HttpResponse:
    context = _context(this, by)
    context |= {
        "form": form or ReadBackForm(expected=this.confirmed_size or 0),
        "back_form": back_form or SendBackForm(prefix="back"),
        "step": 3,
        "steps": _steps(this),
    }
    return render(request, "alerts/desk_approve.html", context, status=400 if form or back_form else 200)


@require_POST
@staff_page(Permission.APPROVE_WARNINGS)
def approve(request: HttpRequest, warning_id: int) -> HttpResponse:
    by, now = actor_of(request), timezone.now()
    this = queries.warning_for(by, warning_id)
    form = ReadBackForm(request.POST, expected=this.confirmed_size or 0)
    if this.state == Warning.State.SUBMITTED and not form.is_valid():
        return _second_person(request, this, by, form=form)
    try:
        actions.approve(warning_id=this.pk, by=by, now=now)
    except OpenConsularError as error:
        messages.error(request, _conflict(error))
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
        return _second_person(request, this, by, back_form=form)
    reason = "" if is_mine else form.cleaned_data["reason"]
    return _then(
        request, this, lambda: actions.send_back(warning_id=this.pk, reason=reason, by=by, now=timezone.now())
    )


# ------------------------------------------------------------------ putting aside, stopping


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def discard(request: HttpRequest, warning_id: int) -> HttpResponse:
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    return _then(request, this, lambda: actions.discard(warning_id=this.pk, by=by, now=timezone.now()))


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def restore(request: HttpRequest, warning_id: int) -> HttpResponse:
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    return _then(request, this, lambda: actions.restore(warning_id=this.pk, by=by, now=timezone.now()))


@require_POST
@staff_page(Permission.STOP_SENDING)
def stop(request: HttpRequest, warning_id: int) -> HttpResponse:
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    return _then(request, this, lambda: actions.stop_warning(warning_id=this.pk, by=by, now=timezone.now()))


def _then(request: HttpRequest, this: Warning, act: Any) -> HttpResponse:
    """Do it and show the warning again; a conflict becomes a sentence on that page."""
    try:
        act()
    except Conflict as error:
        messages.error(request, _conflict(error))
    return redirect("warning", this.pk)
