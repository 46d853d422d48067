"""What the duty console narrows its view by, and the same people as a list and as cells on the map.

Every filter stands in the address of the page, so that a view can be passed on and found again.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Avg, Count, F, Q, QuerySet
from django.db.models.functions import Floor
from django.http import QueryDict

from openconsular.alerts.models import Incident, Recipient
from openconsular.alerts.queries import Cell, visible_to
from openconsular.foundation.permissions import Actor

NAMES = ("state", "country", "mission", "language", "certainty")
# A mission's id, or this where nobody is accredited and the ministry itself takes care.
NO_MISSION = "none"
MOST_CELLS = 2000
# Cells as wide as a thumb: the map shows 360 degrees on 512 pixels at zoom 0 and a cell spans 64 of them.
CELL_DEGREES_AT_ZOOM_0 = 45.0
SORTS = {
    "name": ("person__native_name", "person__latin_name", "pk"),
    "state": ("state", "state_at", "pk"),
    "country": ("country", "region", "pk"),
    "since": ("state_at", "pk"),
}


@dataclass(frozen=True)
class Filters:
    """Values ticked for each name, and words of a name searched for."""

    ticked: Mapping[str, tuple[str, ...]]
    q: str = ""

    @staticmethod
    def of(query: QueryDict) -> "Filters":
        """What makes no sense finds nobody; what no database can hold, a NUL, is left out."""
        ticked = {name: tuple(dict.fromkeys(query.getlist(name)[:40])) for name in NAMES}
        usable = {name: tuple(one for one in values if "\0" not in one) for name, values in ticked.items()}
        return Filters(usable, query.get("q", "").replace("\0", "").strip()[:100])

    @property
    def is_active(self) -> bool:
        return bool(self.q) or any(self.ticked.values())

    @property
    def query(self) -> str:
        """The same filters as the query of an address, without the question mark."""
        pairs = [(name, value) for name, values in self.ticked.items() for value in values]
        return urlencode([*pairs, *([("q", self.q)] if self.q else [])])

    def as_detail(self) -> dict[str, Any]:
        """For the audit trail. The name searched for stays out of it: it is personal data, and the trail is for ever."""
        detail: dict[str, Any] = {name: list(values) for name, values in self.ticked.items() if values}
        return {**detail, "q": "..."} if self.q else detail


def people(incident: Incident, actor: Actor, filters: Filters, *, sort: str = "") -> QuerySet[Recipient]:
    """Rows of the ledger the actor may see, narrowed and sorted (`since`, `-since`, `name` ...)."""
    rows = narrowed(visible_to(actor).filter(incident=incident), filters)
    order = SORTS.get(sort.lstrip("-"), SORTS["since"])
    turned = [f"-{name}" for name in order] if sort.startswith("-") else list(order)
    return rows.select_related("person", "mission").order_by(*turned)


def narrowed(rows: QuerySet[Recipient], filters: Filters) -> QuerySet[Recipient]:
    ticked = filters.ticked
    for name in ("state", "country", "language"):
        if ticked[name]:
            rows = rows.filter(**{f"{name}__in": ticked[name]})
    if ticked["certainty"]:
        rows = rows.filter(reason__certainty__in=ticked["certainty"])
    if ticked["mission"]:
        ids = [int(one) for one in ticked["mission"] if one.isdecimal() and len(one) < 18]
        wanted = Q(mission_id__in=ids)
        rows = rows.filter(wanted | Q(mission=None) if NO_MISSION in ticked["mission"] else wanted)
    for word in filters.q.split()[:5]:
        rows = rows.filter(Q(person__native_name__icontains=word) | Q(person__latin_name__icontains=word))
    return rows


@dataclass(frozen=True)
class Bounds:
    """A part of the map in degrees; where it crosses the antimeridian, `west` is greater than `east`."""

    west: float
    south: float
    east: float
    north: float


def cells(incident: Incident, actor: Actor, filters: Filters, bounds: Bounds, *, zoom: int) -> list[Cell]:
    """People as counts on a grid, never as points: at most MOST_CELLS of them, the fullest first."""
    step = CELL_DEGREES_AT_ZOOM_0 / 2 ** min(max(zoom, 0), 14)
    rows = narrowed(visible_to(actor).filter(incident=incident), filters)
    rows = rows.filter(lat__gte=bounds.south, lat__lte=bounds.north)
    east, west = Q(lon__lte=bounds.east), Q(lon__gte=bounds.west)
    rows = rows.filter(east & west if bounds.west <= bounds.east else east | west)
    grid = rows.order_by().values(row=Floor(F("lat") / step), column=Floor(F("lon") / step))
    counted = grid.annotate(
        people=Count("pk"),
        help=Count("pk", filter=Q(state=Recipient.State.HELP)),
        unanswered=Count("pk", filter=~Q(state__in=Recipient.ANSWERED)),
        y=Avg("lat"),
        x=Avg("lon"),
    ).order_by("-people", "row", "column")
    return [
        Cell(one["y"], one["x"], one["people"], one["help"], one["unanswered"])
        for one in counted[:MOST_CELLS]
    ]
