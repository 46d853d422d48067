"""The desk: one warning from proposal to sent, read back by one person and, where many are told, by a second."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from openconsular.alerts import actions, queries, wording
from openconsular.alerts.forms import GradeForm, TextForm
from openconsular.alerts.models import Warning, WarningText
from openconsular.alerts.views.reading import (
    FIELDS,
    conflict_words,
    context_of,
    outcome_of,
    steps_of,
    verdict,
    what_was_done,
)
from openconsular.alerts.views.sending import second_person
from openconsular.foundation.errors import Conflict, InvalidInput, OpenConsularError
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of, staff_page


@require_safe
@staff_page(Permission.SEE_INCIDENTS)
def warning(request: HttpRequest, warning_id: int) -> HttpResponse:
    """The page of a warning: the desk while it is a proposal, the second person's view, or what became of it."""
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    if this.state == Warning.State.PROPOSED and by.can(Permission.EDIT_WARNINGS):
        return _desk(request, this, by)
    if this.state == Warning.State.SUBMITTED:
        return second_person(request, this, by)
    return render(request, "alerts/warning.html", context_of(this, by) | outcome_of(this))


# ------------------------------------------------------------------ editing


def _desk(
    request: HttpRequest, this: Warning, by: Actor, data: Any = None, status: int = 200
) -> HttpResponse:
    context = context_of(this, by)
    forms = [TextForm.of(one["text"], data) for one in context["texts"]]
    context |= {
        "rows": list(zip(context["texts"], forms, strict=True)),
        "forms": forms,
        "grade_form": GradeForm(data, initial={"grade": this.grade}),
        "sent_back": next(
            (one for one in context["history"] if one["title"] == what_was_done("send_back")), None
        ),
        "step": 1,
        "steps": steps_of(this),
    }
    return render(request, "alerts/desk.html", context, status=status)


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
    response = context_of(this, by)
    forms = [TextForm.of(one["text"], request.POST) for one in response["texts"]]
    for form in forms:
        language = str(form.prefix)
        for one in wording.problems(this.kind, language, words[language]):
            if one.is_error and one.field not in form.errors:
                form.add_error(one.field, one.said(_))
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
        "steps": steps_of(this),
    }
    return render(request, "alerts/desk.html", response, status=400)


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def check(request: HttpRequest, warning_id: int, language: str) -> HttpResponse:
    """What is wrong with one language's words as typed so far: asked while somebody types."""
    this = queries.warning_for(actor_of(request), warning_id)
    words = {name: _posted(request, language, name) for name in FIELDS}
    return render(request, "alerts/desk/verdict.html", {"one": verdict(this, language, words)})


@require_POST
@staff_page(Permission.EDIT_WARNINGS)
def recount(request: HttpRequest, warning_id: int) -> HttpResponse:
    by = actor_of(request)
    this = queries.warning_for(by, warning_id)
    try:
        size = actions.recount(warning_id=this.pk, by=by, now=timezone.now())
        messages.info(request, _("Counted again: it reaches %(count)s people.") % {"count": f"{size:,}"})
    except OpenConsularError as error:
        messages.error(request, _(error.message))
    return redirect("warning", this.pk)


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
        messages.error(request, conflict_words(error))
    return redirect("warning", this.pk)
