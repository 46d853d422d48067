"""What every page about certificates shows around itself: where one can go, what waits there, and that a test is one."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from openconsular.accounts import queries as accounts
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.staff_pages import actor_of
from openconsular.health_certificates.queries.issuing import open_alarm_count, switch_state
from openconsular.health_certificates.queries.records import waiting_for

P = Permission
OPENED_BY: dict[str, tuple[Permission, ...]] = {
    "certificates": (P.SEE_HEALTH,),
    "certificate-new": (P.RECORD_HEALTH,),
    "certificate-approvals": (P.APPROVE_HEALTH,),
    "certificate-batches": (P.SEE_HEALTH,),
    "certificate-revocations": (P.REVOKE_HEALTH,),
    "certificate-check": (P.SEE_HEALTH, P.SEE_PEOPLE),
    "certificate-issuing": (P.STOP_ISSUING,),
    "certificate-keys": (P.MANAGE_HEALTH_KEYS,),
    "certificate-lists": (P.MANAGE_HEALTH_KEYS, P.SEE_HEALTH),
    "certificate-rules": (P.MANAGE_ENTRY_RULES, P.SEE_HEALTH),
}


def opened_to(by: Actor, name: str) -> bool:
    return any(by.can(one) for one in OPENED_BY[name])


def framed(request: HttpRequest, here: str, **more: Any) -> dict[str, Any]:
    """The context of a page; `here` is the name of the tab it belongs to."""
    by = actor_of(request)
    words = {
        "certificates": _("The register"),
        "certificate-new": _("Write down"),
        "certificate-approvals": _("To approve"),
        "certificate-batches": _("Batches"),
        "certificate-revocations": _("Revocations"),
        "certificate-check": _("Check a certificate"),
        "certificate-issuing": _("Signing"),
        "certificate-keys": _("Keys"),
        "certificate-lists": _("Trust lists"),
        "certificate-rules": _("Rules"),
    }
    counts = {
        "certificate-approvals": waiting_for(by=by).count(),
        "certificate-issuing": open_alarm_count(by=by),
    }
    tabs = [
        {"href": reverse(name), "label": words[name], "count": counts.get(name, 0), "is_here": name == here}
        for name in OPENED_BY
        if opened_to(by, name)
    ]
    switch = switch_state()
    return {
        "section": "certificates",
        "tabs": tabs,
        "is_test": settings.CERTIFICATES != "live",
        "switch": switch,
        "switch_by": names([switch.changed_by]).get(switch.changed_by, switch.changed_by),
        **more,
    }


def names(labels: Iterable[str]) -> dict[str, str]:
    """Who stands behind labels in the register, as a person would call them."""
    wanted = {one for one in labels if one}
    program = {one: _("the program") for one in wanted if one.startswith("system")}
    interfaces = {one: one.removeprefix("api:") for one in wanted if one.startswith("api:")}
    return program | interfaces | accounts.names_of(wanted)


def days_between(since: datetime, until: datetime) -> int:
    return max(0, (until - since).days)
