"""The console's navigation: what the reader may open, and what waits behind it, counted only when a page shows it."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from openconsular.alerts import queries as alerts
from openconsular.casework import queries as casework
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of
from openconsular.hazards import queries as hazards
from openconsular.health_certificates.queries.records import waiting_for

# Address name -> any of these permissions opens it; the page itself decides, this only spares dead ends.
OPENED_BY: dict[str, tuple[Permission, ...]] = {
    "console": (Permission.SEE_INCIDENTS,),
    "approvals": (Permission.SEE_INCIDENTS,),
    "replies": (Permission.EDIT_WARNINGS,),
    "cases": (Permission.WORK_CASES,),
    "hazards": (Permission.SEE_INCIDENTS,),
    "quarantine": (Permission.SORT_QUARANTINE,),
    "certificates": (Permission.SEE_HEALTH, Permission.STOP_ISSUING, Permission.MANAGE_HEALTH_KEYS),
    "sources": (Permission.SEE_INCIDENTS, Permission.MANAGE_SOURCES),
    "staff": (Permission.MANAGE_STAFF,),
    "audit": (Permission.SEE_AUDIT,),
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """`nav_open` (names of addresses) and `nav_counts` for `base_staff.html`: five short queries where it is shown."""
    by = actor_of(request)
    return {
        "nav_open": [name for name, needed in OPENED_BY.items() if any(by.can(one) for one in needed)],
        "nav_counts": SimpleLazyObject(lambda: _counted(by)),
    }


def _counted(by: Actor) -> dict[str, int]:
    return {
        "approvals": alerts.waiting_count(by),
        "replies": alerts.unread_count(by),
        "cases": casework.count_without_owner(by=by) if by.can(Permission.WORK_CASES) else 0,
        "certificates": waiting_for(by=by).count(),
        "quarantine": hazards.open_quarantined_count() if by.can(Permission.SORT_QUARANTINE) else 0,
    }
