"""Figures as the components of a page want them: numbers with words, colours and addresses."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from openconsular.accounts import queries as accounts
from openconsular.alerts import board, figures, queries, timeline
from openconsular.alerts.models import Channel, Incident, Recipient, TimelineEvent, Warning
from openconsular.casework import queries as casework
from openconsular.citizens import queries as citizens
from openconsular.foundation import profile
from openconsular.foundation.permissions import Actor

STATE_COLOURS = {
    Recipient.State.HELP.value: "danger",
    Recipient.State.SILENT.value: "warning",
    Recipient.State.NOT_REACHED.value: "warning",
    Recipient.State.REACHED.value: "info",
    Recipient.State.SAFE.value: "success",
    Recipient.State.ELSEWHERE.value: "success",
}
WARNING_COLOURS = {
    Warning.State.PROPOSED.value: "warning",
    Warning.State.SUBMITTED.value: "danger",
    Warning.State.SENDING.value: "info",
    Warning.State.SENT.value: "success",
    Warning.State.STOPPED.value: "neutral",
    Warning.State.DISCARDED.value: "neutral",
}
_LINE_COLOURS = {
    "help": "danger",
    "proposed": "warning",
    "submitted": "warning",
    "released": "info",
    "sent": "success",
    "silent": "warning",
    "stopped": "danger",
    "no_area": "danger",
    "discarded": "neutral",
    "sent_back": "neutral",
}
# The states in the order in which they need an officer.
STATE_ORDER = ("help", "silent", "not_reached", "reached", "safe", "elsewhere")
UNANSWERED = ("silent", "not_reached", "reached")
MOST_CHOICES = 12
OPEN_CASES_SHOWN = 6


def grade(code: str) -> profile.Grade | None:
    return next((one for one in profile.current().grades if one.code == code), None)


def country(code: str) -> str:
    return citizens.country_name(code, get_language() or "en") if code else _("country unknown")


def language_name(code: str) -> str:
    """A language as the profile's site calls it, else its tag."""
    names = {"zh-Hans": _("Chinese"), "en": _("English")}
    return names.get(code, code)


def certainty_name(code: str) -> str:
    return {"certain": _("certain"), "possible": _("possible")}.get(code, code)


def kpis(ledger: queries.Ledger, incident_id: int) -> list[dict[str, Any]]:
    """The row of figures; each leads to the people behind it."""
    people = reverse("incident-people", args=[incident_id])

    def figure(label: str, value: int, states: Iterable[str], colour: str = "") -> dict[str, Any]:
        share = f"{round(100 * value / ledger.affected)}%" if ledger.affected and states else ""
        query = "&".join(f"state={state}" for state in states)
        return {"label": label, "value": value, "share": share, "colour": colour, "href": f"{people}?{query}"}

    return [
        figure(_("In the way"), ledger.affected, ()),
        figure(_("Safe or elsewhere"), ledger.safe + ledger.elsewhere, ("safe", "elsewhere"), "success"),
        figure(_("Need help"), ledger.help, ("help",), "danger" if ledger.help else ""),
        figure(_("Silent"), ledger.silent, ("silent",), "warning" if ledger.silent else ""),
        figure(_("Reached, no answer yet"), ledger.reached, ("reached",)),
        figure(_("Not reached"), ledger.not_reached, ("not_reached",)),
    ]


def shares(ledger: queries.Ledger) -> list[dict[str, Any]]:
    return [
        {"value": ledger.safe + ledger.elsewhere, "label": _("Safe or elsewhere"), "colour": "success"},
        {"value": ledger.help, "label": _("Need help"), "colour": "danger"},
        {"value": ledger.unanswered, "label": _("No answer"), "colour": "neutral"},
    ]


def filter_groups(incident: Incident, actor: Actor, filters: board.Filters) -> list[dict[str, Any]]:
    """The filters with how many people each choice holds in the whole incident."""
    counts = figures.facets(incident, actor)
    missions = {str(one.pk): str(one) for one in accounts.missions()}
    states = dict(Recipient.State.choices)
    names = {
        "state": lambda value: str(states.get(value, value)),
        "country": country,
        "mission": lambda value: missions.get(value) or _("the ministry itself"),
        "language": language_name,
        "certainty": certainty_name,
    }
    labels = {
        "state": _("State"),
        "country": _("Country or region"),
        "mission": _("Mission"),
        "language": _("Language"),
        "certainty": _("Certainty"),
    }
    groups = []
    for name, label in labels.items():
        ordered = _ordered(name, counts[name], filters.ticked[name])
        choices = [
            {
                "value": value,
                "label": names[name](value),
                "count": count,
                "checked": value in filters.ticked[name],
            }
            for value, count in ordered
        ]
        if name == "state" or len(choices) > 1 or filters.ticked[name]:
            groups.append({"name": name, "label": label, "choices": choices})
    return groups


def _ordered(name: str, counts: Mapping[str, int], ticked: Iterable[str]) -> list[tuple[str, int]]:
    """Choices in a useful order, few enough to read; whatever is ticked stays."""
    if name == "state":
        return [(state, counts.get(state, 0)) for state in STATE_ORDER]
    rows = [
        (value or board.NO_MISSION if name == "mission" else value, count) for value, count in counts.items()
    ]
    known = {value for value, _count in rows[:MOST_CHOICES]}
    return rows[:MOST_CHOICES] + [(value, dict(rows).get(value, 0)) for value in ticked if value not in known]


def lines(events: Iterable[TimelineEvent]) -> list[dict[str, Any]]:
    """The timeline for `oc_timeline`; a call for help leads to its case."""
    return [
        {
            "at": one.at,
            "title": timeline.event_line(one),
            "colour": _LINE_COLOURS.get(one.kind, "accent"),
            "href": _case_address(one),
        }
        for one in events
    ]


def _case_address(event: TimelineEvent) -> str:
    number = event.data.get("case")
    return reverse("case", args=[number]) if number else ""


def open_cases(incident: Incident, actor: Actor) -> dict[str, Any]:
    """The most urgent open cases of an incident, and how many there are in all."""
    found = casework.find_cases(casework.CaseFilter(hazard_id=incident.hazard_id), by=actor)
    return {"cases": list(found[:OPEN_CASES_SHOWN]), "case_count": found.count()}


def warning_rows(warnings: Iterable[Warning]) -> list[dict[str, Any]]:
    """Warnings with what became of their messages over each channel."""
    known = list(warnings)
    sent = figures.delivery_figures(one.pk for one in known)
    names = dict(Channel.choices)
    return [
        {
            "warning": one,
            "kind": timeline.kind_name(one.kind),
            "grade": grade(one.grade),
            "colour": WARNING_COLOURS[one.state],
            "channels": [
                (names.get(channel, channel), figure) for channel, figure in sent.get(one.pk, {}).items()
            ],
        }
        for one in known
    ]


def is_fresh(at: datetime | None, now: datetime, seconds: int) -> bool:
    return at is not None and (now - at).total_seconds() < seconds
