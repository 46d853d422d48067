"""The filters of lists of records: as they stand in the address, and as they are shown."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from openconsular.accounts import queries as accounts
from openconsular.health_certificates.models import Record
from openconsular.health_certificates.queries import register
from openconsular.health_certificates.queries.register import RecordFilter


def wanted_of(request: HttpRequest) -> RecordFilter:
    """The filters as they stand in the address. A value that cannot be is left out, never an error page."""

    def among(name: str, known: Collection[str]) -> tuple[str, ...]:
        return tuple(one for one in dict.fromkeys(request.GET.getlist(name)) if one in known)

    missions = (
        one for one in request.GET.getlist("mission") if one.isascii() and one.isdecimal() and len(one) < 10
    )
    return RecordFilter(
        states=among("state", register.STATES),
        formats=among("format", Record.Format.values),
        kinds=among("kind", Record.Kind.values),
        missions=tuple(int(one) for one in missions),
    )


def groups_of(wanted: RecordFilter, missions: Collection[int]) -> list[dict[str, Any]]:
    """Certificate, kind and, where `missions` names some, whose they are."""
    groups = [
        group("format", _("Certificate"), Record.Format.choices, wanted.formats),
        group("kind", _("Kind"), Record.Kind.choices, wanted.kinds),
    ]
    here = set(missions) | set(wanted.missions)
    if missions:
        known = [(one.pk, str(one)) for one in accounts.missions() if one.pk in here]
        groups.append(group("mission", _("Mission"), known, wanted.missions))
    return groups


def group(
    name: str,
    label: str,
    pairs: Iterable[tuple[Any, Any]],
    chosen: Collection[Any],
    counted: Mapping[Any, int] | None = None,
) -> dict[str, Any]:
    """One group of boxes to tick."""
    choices = [
        {
            "value": value,
            "label": words,
            "checked": value in chosen,
            "count": counted.get(value, 0) if counted else None,
        }
        for value, words in pairs
    ]
    return {"name": name, "label": label, "choices": choices}
