"""The banner of a citizen's own page: what concerns them now, with the answer one tap away."""

import secrets
from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.translation import gettext as _

from openconsular.alerts import queries as alerts
from openconsular.citizens.queries import Person
from openconsular.foundation import profile
from openconsular.foundation.profile import Grade

register = template.Library()


@dataclass(frozen=True)
class Concern:
    """One emergency as the person it concerns sees it. `key` makes a repeated tap the same answer."""

    headline: str
    grade: Grade
    reason: str
    token: str
    key: str
    is_party: bool
    answer: str
    case: str


@register.inclusion_tag("web/concerns.html", takes_context=True)
def concerns(context: template.Context, person: Person) -> dict[str, Any]:
    rows = alerts.concerning(person.pk)
    return {
        "warnings": [_concern(row) for row in rows],
        "profile": context.get("profile"),
        "csrf_token": context.get("csrf_token"),
        "request": context.get("request"),
    }


def _concern(row: Any) -> Concern:
    party = alerts.party_of(row.pk)
    grades = profile.current().grades
    code = alerts.grade_of(row.incident)
    said = {
        "safe": _("We have it: you are safe."),
        "help": _("We have it: you need help."),
        "elsewhere": _("We have it: you are elsewhere."),
    }
    return Concern(
        headline=alerts.headline_of(row.incident),
        grade=next((one for one in grades if one.code == code), grades[0]),
        reason=alerts.reason_in_words(row),
        token=alerts.token_of(row),
        key=secrets.token_hex(12),
        is_party=bool(party.others),
        answer=said.get(party.last.value, "") if party.last else "",
        case=party.last.case.number if party.last and party.last.case else "",
    )
