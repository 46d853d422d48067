"""What is known of hazards, sources and quarantine. Never writes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext

from openconsular.domain.cap.reasons import TEXTS
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.hazards.models import Geocode, Hazard, Quarantined, Source

SILENT_AFTER = 5  # missed turns after which a feed counts as silent


def lock(hazard_id: int) -> Hazard:
    """One hazard, locked until the end of the caller's transaction. Raises NotFound."""
    hazard = Hazard.objects.select_for_update().filter(pk=hazard_id).first()
    if hazard is None:
        raise NotFound
    return hazard


def get(hazard_id: int) -> Hazard:
    """One hazard. Raises NotFound."""
    hazard = Hazard.objects.select_related("source").filter(pk=hazard_id).first()
    if hazard is None:
        raise NotFound
    return hazard


def versions(changed_since: datetime) -> Iterator[tuple[int, int]]:
    """(id, version) of every hazard that changed at `changed_since` or later, oldest first."""
    rows = Hazard.objects.filter(changed_at__gte=changed_since).order_by("changed_at", "pk")
    return iter(rows.values_list("pk", "version"))


def active_ids(now: datetime) -> list[int]:
    """Hazards that hold at `now`, oldest first."""
    return list(active(now).order_by("pk").values_list("pk", flat=True))


def active(now: datetime) -> QuerySet[Hazard]:
    """Hazards that hold at `now`, whether or not the expired ones were ended already."""
    return Hazard.objects.filter(state=Hazard.State.ACTIVE, lasts_until__gt=now)


def visible_to(actor: Actor) -> QuerySet[Hazard]:
    """Hazards are public knowledge: whoever may see incidents sees all of them, nobody else sees any."""
    hazards = Hazard.objects.select_related("source").order_by("-first_seen_at", "-pk")
    return hazards if actor.can(Permission.SEE_INCIDENTS) else hazards.none()


def quarantined_visible_to(actor: Actor) -> QuerySet[Quarantined]:
    """What waits for an officer's decision, newest first; `defer`s the raw content."""
    rows = Quarantined.objects.select_related("source").defer("raw").order_by("-received_at", "-pk")
    return rows if actor.can(Permission.SORT_QUARANTINE) else rows.none()


def open_quarantined_count() -> int:
    return Quarantined.objects.filter(state=Quarantined.State.OPEN).count()


def reason_text(code: str, values: dict[str, str]) -> str:
    """A stored reason in the reader's language; the code itself where it is no longer known."""
    template = TEXTS.get(code)
    if template is None:
        return code
    try:
        return gettext(template).format(**values)
    except (KeyError, IndexError, ValueError):
        return template


@dataclass(frozen=True)
class SourceHealth:
    """One source and how it does. `is_silent`: it should have answered several times since and did not."""

    source: Source
    hazards: int
    quarantined: int
    is_silent: bool


def sources_visible_to(actor: Actor, now: datetime) -> list[SourceHealth]:
    if not (actor.can(Permission.MANAGE_SOURCES) or actor.can(Permission.SEE_INCIDENTS)):
        return []
    active_hazards = Count("hazards", filter=Q(hazards__state=Hazard.State.ACTIVE), distinct=True)
    waiting = Count("quarantined", filter=Q(quarantined__state=Quarantined.State.OPEN), distinct=True)
    rows = Source.objects.annotate(hazard_count=active_hazards, waiting_count=waiting).order_by("name")
    return [SourceHealth(row, row.hazard_count, row.waiting_count, _is_silent(row, now)) for row in rows]


def loaded_registries() -> dict[str, int]:
    """{registry: number of codes}."""
    rows = Geocode.objects.values_list("registry").annotate(Count("pk")).order_by("registry")
    return dict(rows)


def _is_silent(source: Source, now: datetime) -> bool:
    if source.kind == Source.Kind.FILES or not source.is_active:
        return False
    since = source.last_ok_at or source.added_at
    return now - since > SILENT_AFTER * timedelta(seconds=max(source.poll_seconds, 60))
