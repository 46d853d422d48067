"""Reading staff and missions."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from openconsular.accounts.models import Mission as Mission
from openconsular.accounts.models import Officer as Officer
from openconsular.foundation.errors import NotAllowed, NotFound
from openconsular.foundation.permissions import GRANTS, Actor, Permission, Role

# ------------------------------------------------------------------ missions


def missions() -> QuerySet[Mission]:
    return Mission.objects.order_by("country", "code")


def mission_by_code(code: str) -> Mission | None:
    return Mission.objects.filter(code=code).first()


def mission_for(country: str, region: str) -> Mission | None:
    """The mission that looks after a place: `country` as "PH", `region` as "PH-07" or empty.

    The longest district code wins, so that a consulate general goes before the embassy. None means that no
    mission is accredited there and the ministry itself takes care.
    """
    found = Mission.objects.filter(district__overlap=[code for code in (country, region) if code])
    return min(found, key=lambda one: (region not in one.district, one.code), default=None)


def mission_index() -> dict[str, int]:
    """District code -> mission id, in one query: load it once, then place thousands (see `mission_id_in`).

    It is not kept between calls: another process may have loaded missions meanwhile.
    """
    index: dict[str, int] = {}
    for mission_id, district in Mission.objects.order_by("code").values_list("id", "district"):
        for code in district:
            index.setdefault(code, mission_id)
    return index


def mission_id_in(index: dict[str, int], country: str, region: str) -> int | None:
    """What `mission_for` answers, out of a loaded index."""
    return index.get(region) or index.get(country)


# ------------------------------------------------------------------ staff


def visible_to(actor: Actor) -> QuerySet[Officer]:
    """The members of staff an actor may know of: everyone for who keeps or audits the list, else colleagues."""
    if actor.can(Permission.MANAGE_STAFF) or actor.can(Permission.SEE_AUDIT):
        return Officer.objects.select_related("mission")
    if actor.role is None:
        return Officer.objects.none()
    colleagues = Officer.objects.select_related("mission").filter(is_active=True)
    return colleagues if actor.sees_every_mission else colleagues.filter(mission_id=actor.mission_id or 0)


def find_staff(
    actor: Actor, *, text: str = "", role: str = "", is_active: bool | None = None
) -> QuerySet[Officer]:
    """Staff by part of a name, user name, e-mail or mission, sorted by name."""
    found = visible_to(actor)
    for word in text.split():
        found = found.filter(
            Q(display_name__icontains=word)
            | Q(username__icontains=word)
            | Q(email__icontains=word)
            | Q(mission__code__icontains=word)
        )
    if role:
        found = found.filter(role=role)
    if is_active is not None:
        found = found.filter(is_active=is_active)
    return found.order_by("display_name", "pk")


def officer_by_id(officer_id: int, *, by: Actor) -> Officer:
    officer = visible_to(by).filter(pk=officer_id).first()
    if officer is None:
        raise NotFound
    return officer


def officer_by_username(username: str) -> Officer | None:
    return Officer.objects.filter(username__iexact=username).first()


def officer_of(actor: Actor) -> Officer:
    """The member of staff behind an actor. NotAllowed for the system, for citizens and for who has left."""
    officer = Officer.objects.filter(pk=actor.officer_id or 0, is_active=True).first()
    if officer is None:
        raise NotAllowed
    return officer


def active_officers_of(mission: Mission | None) -> QuerySet[Officer]:
    """Staff at one mission; with None those at the ministry itself."""
    return Officer.objects.filter(is_active=True, mission=mission).order_by("display_name", "pk")


def active_officers_who(permission: Permission) -> QuerySet[Officer]:
    roles = [role.value for role in Role if permission in GRANTS[role]]
    return Officer.objects.filter(is_active=True, role__in=roles).order_by("display_name", "pk")


def names_of(labels: Iterable[str]) -> dict[str, str]:
    """Actor labels of staff ("staff:7") -> names, in one query. Other labels are left out."""
    numbers = {label.removeprefix("staff:") for label in labels if label.startswith("staff:")}
    found = Officer.objects.filter(pk__in=[int(n) for n in numbers if n.isdecimal()])
    return {f"staff:{pk}": name for pk, name in found.values_list("pk", "display_name")}
