"""The after-action report: what happened when, how fast, and who is still silent. As HTML, PDF and JSON."""

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import typst
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.translation import gettext as _

from openconsular.accounts.queries import mission_by_code
from openconsular.alerts import queries
from openconsular.citizens.queries import country_name
from openconsular.drills.measure import Numbers
from openconsular.drills.scenario import Scenario
from openconsular.foundation import profile
from openconsular.foundation.permissions import SYSTEM
from openconsular.foundation.profile import in_language

FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Written:
    """Where a report lies."""

    json: Path
    html: Path
    pdf: Path


def write(*, scenario: Scenario, numbers: Numbers, speed: float, now: datetime, folder: Path) -> Written:
    """Write all three into `folder`, in the profile's first language. The PDF is typeset, not printed from HTML."""
    folder.mkdir(parents=True, exist_ok=True)
    written = Written(folder / "report.json", folder / "report.html", folder / "report.pdf")
    written.json.write_text(json.dumps(numbers.as_dict(), indent=1, ensure_ascii=False), "utf-8")
    language = profile.current().default_language
    with translation.override(language.lower()):
        content = contents(scenario, numbers, speed, now)
        written.html.write_text(
            render_to_string("drills/report.html", {**content, "language": language}), "utf-8"
        )
    data = json.dumps(content, ensure_ascii=False, default=str)
    typst.compile(
        str(FOLDER / "report.typ"), output=str(written.pdf), sys_inputs={"data": data, "lang": language[:2]}
    )
    return written


def contents(scenario: Scenario, numbers: Numbers, speed: float, now: datetime) -> dict[str, Any]:
    """Everything the report says, as texts and numbers: the same for HTML and PDF."""
    return {
        "title": in_language(scenario.title),
        "heading": _("After-action report"),
        "note": _(
            "An exercise with synthetic people. Answers came %(speed)g times as fast as real ones would."
        )
        % {"speed": speed},
        "made": _("Made on %(date)s (UTC)") % {"date": now.strftime("%Y-%m-%d %H:%M")},
        "figures": _figures(numbers),
        "warnings_heading": _("From publication to the last phone"),
        "warnings_columns": [
            _("Message"),
            _("People"),
            _("Handed over"),
            _("Proposed"),
            _("Released"),
            _("First"),
            _("Half"),
            "95 %",
            "99 %",
            _("Last"),
        ],
        "warnings": [_warning(one) for one in numbers.details["warnings"]],
        "warnings_note": " ".join(
            (
                _("Seconds since the hazard was published, the officers' time included."),
                _("Those who travel together get one message and, when they need help, one case."),
            )
        ),
        "answers_heading": _("From the phone to the answer"),
        "answers": _answers(numbers),
        "silent_heading": _("Still silent"),
        "silent_columns": [_("Mission"), _("Country"), _("People")],
        "silent": [
            [_mission(code), country_name(country, translation.get_language()) or "—", f"{people:,}"]
            for code, country, people in queries.silent_by_mission(SYSTEM)
        ],
        "silent_none": _("Everyone has answered."),
        "timeline_heading": _("Timeline"),
        "timeline": [
            [event.at.strftime("%H:%M:%S"), queries.event_line(event)]
            for event in queries.whole_timeline(SYSTEM)
        ],
    }


def _figures(numbers: Numbers) -> list[list[str]]:
    rows = [
        (_("registered"), numbers.registered),
        (_("in the way"), numbers.affected),
        (_("warned"), numbers.warned),
        (_("answered"), numbers.answered),
        (_("safe"), numbers.safe),
        (_("needed help"), numbers.help),
        (_("elsewhere"), numbers.elsewhere),
        (_("without an answer"), numbers.silent),
        (_("cases"), numbers.cases),
        (_("lost"), numbers.lost),
        (_("sent twice"), numbers.duplicates),
    ]
    return [[name, f"{value:,}"] for name, value in rows]


def _mission(code: str | None) -> str:
    found = mission_by_code(code) if code else None
    return str(found) if found else "—"


def _warning(one: dict[str, Any]) -> list[str]:
    kinds = {
        "warning": _("warning"),
        "update": _("update"),
        "all_clear": _("all-clear"),
        "retraction": _("retraction"),
        "reminder": _("reminder"),
    }
    spans = one["seconds_to_handover"]
    seconds = (
        *(one["seconds_to_proposal"], one["seconds_to_release"], one["seconds_to_first"]),
        *(spans["p50"], spans["p95"], spans["p99"], one["seconds_to_last"]),
    )
    return [
        kinds.get(one["kind"], one["kind"]),
        f"{one['people']:,}",
        f"{one['handed_over']:,}",
        *("—" if value is None else f"{value:.1f}" for value in seconds),
    ]


def _answers(numbers: Numbers) -> str:
    spans = numbers.details["answer_seconds"]
    if spans["p50"] is None:
        return _("Nobody has answered.")
    words = _(
        "Half answered within %(p50)s s of their message, 95 %% within %(p95)s s, 99 %% within %(p99)s s."
    )
    return str(words % spans)
