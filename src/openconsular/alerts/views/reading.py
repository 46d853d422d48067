"""A warning as its pages show it: what it says, whom it reaches, and who did what to it."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from openconsular.accounts import queries as accounts
from openconsular.alerts import figures, queries, timeline, wording
from openconsular.alerts.models import Warning, WarningText
from openconsular.alerts.views import figures as shown
from openconsular.alerts.views.console import switch_context
from openconsular.domain import texts
from openconsular.domain.geo.drawing import bounds_text
from openconsular.domain.sms.segments import TextNotSendable
from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.permissions import Actor, Permission

UNDO_SECONDS = 60
FIELDS = ("sms", "subject", "body")


def context_of(this: Warning, by: Actor) -> dict[str, Any]:
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
        "channels": None if this.released_at else figures.reachable_by_channel(this),
        "written_to": sum(count for _code, count in audience.country),
        "bounds": bounds_text(bytes(this.area)),
        "history": [
            {"at": one.at, "title": what_was_done(one.what), "text": _who(one)}
            for one in figures.history_of(this)
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
    names = {"sms": _("Text message"), "subject": _("Subject"), "body": _("Body of the e-mail")}
    return {"field_name": names.get(problem.field, problem.field), "words": problem.said(_)}


def what_was_done(done: str) -> str:
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
        parts.append(_("%(count)s people") % {"count": f"{one.detail['audience']:,}"})
    if one.detail.get("reason"):
        parts.append(f"“{one.detail['reason']}”")
    return " · ".join(parts)


def outcome_of(this: Warning) -> dict[str, Any]:
    row = shown.warning_rows([this])[0]
    waiting = sum(figure.waiting for _name, figure in row["channels"])
    fresh = shown.is_fresh(this.finished_at, timezone.now(), UNDO_SECONDS)
    total = sum(figure.total for _name, figure in row["channels"])
    return {
        "row": row,
        "waiting": waiting,
        "total": total,
        "handed": sum(figure.handed for _name, figure in row["channels"]),
        "undo_seconds": UNDO_SECONDS if fresh else 0,
    }


def steps_of(this: Warning) -> list[str]:
    steps = [_("Texts"), _("Read back"), _("Second person"), _("Sent")]
    return steps if this.needs_approval else [steps[0], steps[1], steps[3]]


def conflict_words(error: OpenConsularError) -> str:
    said = {
        "sending-stopped": _("All sending is stopped. Somebody has to switch it on again first."),
        "empty-audience": _("Nobody would be told. There is nothing to send."),
        "second-person": _("A second person has to approve what you submitted."),
        "audience-changed": _(
            "The number of people has changed since it was confirmed. It is back at the desk."
        ),
    }
    return said.get(error.code) or _(error.message)
