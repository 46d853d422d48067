"""Reading incidents, warnings and the ledger. Visibility is decided here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, F, Max, Q, QuerySet, Subquery

from openconsular.alerts import reasons
from openconsular.alerts.forgetting import known_about as known_about
from openconsular.alerts.links import token_for
from openconsular.alerts.models import (
    Answer,
    Delivery,
    Incident,
    Recipient,
    SendingSwitch,
    TimelineEvent,
    UnreadReply,
    Warning,
)
from openconsular.alerts.proposing import people_of
from openconsular.alerts.timeline import event_line as event_line
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission, Role
from openconsular.foundation.profile import in_language


def visible_to(actor: Actor) -> QuerySet[Recipient]:
    """Rows of the ledger an actor may see: all for the centre, the district for a mission, none for others."""
    rows = Recipient.objects.all()
    if not actor.can(Permission.SEE_PEOPLE):
        return rows.none()
    if actor.sees_every_mission:
        return rows
    return rows.filter(mission_id=actor.mission_id) if actor.mission_id else rows.none()


def _counted_for(actor: Actor) -> QuerySet[Recipient]:
    """Rows an actor may see figures of. The auditor sees figures, not people."""
    if actor.role == Role.AUDITOR:
        return Recipient.objects.all()
    return visible_to(actor)


def incidents_for(actor: Actor) -> QuerySet[Incident]:
    """Incidents an actor may see, open ones first, the newest first."""
    rows = Incident.objects.select_related("hazard").order_by("closed_at", "-opened_at", "-pk")
    if not actor.can(Permission.SEE_INCIDENTS):
        return rows.none()
    if actor.sees_every_mission:
        return rows
    if not actor.mission_id:
        return rows.none()
    return rows.filter(pk__in=Recipient.objects.filter(mission_id=actor.mission_id).values("incident_id"))


def incident_for(actor: Actor, incident_id: int) -> Incident:
    incident = incidents_for(actor).filter(pk=incident_id).first()
    if incident is None:
        raise NotFound
    return incident


@dataclass(frozen=True)
class Ledger:
    """Everyone of one incident by state. `affected` is the sum: nobody is left out."""

    not_reached: int = 0
    reached: int = 0
    silent: int = 0
    safe: int = 0
    help: int = 0
    elsewhere: int = 0

    @property
    def affected(self) -> int:
        return self.not_reached + self.reached + self.silent + self.answered

    @property
    def answered(self) -> int:
        return self.safe + self.help + self.elsewhere

    @property
    def unanswered(self) -> int:
        return self.not_reached + self.reached + self.silent

    @property
    def answered_percent(self) -> int:
        return round(100 * self.answered / self.affected) if self.affected else 0


def ledger_of(incident: Incident, actor: Actor) -> Ledger:
    rows = _counted_for(actor).filter(incident=incident)
    return Ledger(**dict(rows.values_list("state").annotate(Count("pk"))))


def ledgers_of(incident_ids: list[int], actor: Actor) -> dict[int, Ledger]:
    """The figures of many incidents in one query."""
    counts: dict[int, dict[str, int]] = {pk: {} for pk in incident_ids}
    rows = _counted_for(actor).filter(incident_id__in=incident_ids)
    for pk, state, count in rows.values_list("incident_id", "state").annotate(Count("pk")):
        counts[pk][state] = count
    return {pk: Ledger(**states) for pk, states in counts.items()}


def people_in(incident: Incident, actor: Actor, filters: Mapping[str, Any]) -> QuerySet[Recipient]:
    """The ledger as a list: filters are `state` (several), `country`, `mission`, `language`, `certainty`, `q`."""
    rows = visible_to(actor).filter(incident=incident).select_related("person", "mission")
    if states := [one for one in filters.get("state", []) if one in Recipient.State.values]:
        rows = rows.filter(state__in=states)
    for name in ("country", "language"):
        if filters.get(name):
            rows = rows.filter(**{name: filters[name]})
    if filters.get("mission"):
        rows = rows.filter(mission__code=filters["mission"])
    if filters.get("certainty"):
        rows = rows.filter(reason__certainty=filters["certainty"])
    if words := str(filters.get("q") or "").strip():
        rows = rows.filter(Q(person__native_name__icontains=words) | Q(person__latin_name__icontains=words))
    return rows.order_by("state_at", "pk")


def audited_people(rows: list[Recipient], actor: Actor, now: datetime, *, why: str) -> list[Recipient]:
    """A page of people, with the reading of it written into the audit trail."""
    if rows:
        audit.record(
            by=actor,
            action=f"people.{why}",
            subject=f"incident:{rows[0].incident_id}",
            now=now,
            detail={"people": [row.person_id for row in rows]},
        )
    return rows


def breakdown(warning: Warning) -> dict[str, list[tuple[str, int]]]:
    """How many people a proposal reaches by country, language and certainty, the most first."""
    sent = Recipient.objects.filter(deliveries__warning=warning)
    rows = sent if warning.released_at else people_of(warning)

    def by(field: str) -> list[tuple[str, int]]:
        return list(rows.order_by().values_list(field).annotate(n=Count("pk", distinct=True)).order_by("-n"))

    return {"country": by("country"), "language": by("language"), "certainty": by("reason__certainty")}


def deliveries_of(warning: Warning) -> dict[str, dict[str, int]]:
    """{channel: {state: count}} of one warning."""
    counts: dict[str, dict[str, int]] = {}
    rows = Delivery.objects.filter(warning=warning).values_list("channel", "state").annotate(Count("pk"))
    for channel, state, count in rows:
        counts.setdefault(channel, {})[state] = count
    return counts


def warnings_for(actor: Actor, *, states: tuple[str, ...]) -> QuerySet[Warning]:
    rows = Warning.objects.filter(incident__in=incidents_for(actor).values("pk"), state__in=states)
    return rows.select_related("incident", "incident__hazard", "submitted_by", "approved_by").order_by(
        "-proposed_at"
    )


def warning_for(actor: Actor, warning_id: int) -> Warning:
    warning = warnings_for(actor, states=tuple(Warning.State.values)).filter(pk=warning_id).first()
    if warning is None:
        raise NotFound
    return warning


# The people on the map as square cells of `step` degrees: never more than a screenful, and never one person's
# position to those who may only see figures.
_CELLS = """
SELECT floor(lat / %(step)s) AS row, floor(lon / %(step)s) AS col, count(*),
       count(*) FILTER (WHERE state = 'help'),
       count(*) FILTER (WHERE state IN ('not_reached', 'reached', 'silent')),
       avg(lat), avg(lon)
FROM alerts_recipient
WHERE incident_id = %(incident)s AND lat BETWEEN %(south)s AND %(north)s
  AND (CASE WHEN %(west)s <= %(east)s THEN lon BETWEEN %(west)s AND %(east)s
            ELSE lon >= %(west)s OR lon <= %(east)s END)
  AND (%(all)s OR mission_id = %(mission)s)
GROUP BY 1, 2
ORDER BY 3 DESC
LIMIT 2000
"""


@dataclass(frozen=True)
class Cell:
    """People near one another on the map: how many, how many need help, how many have not answered."""

    lat: float
    lon: float
    people: int
    help: int
    unanswered: int


def cells(
    incident: Incident, actor: Actor, *, west: float, south: float, east: float, north: float, step: float
) -> list[Cell]:
    """Grid cells of `step` degrees within the given bounds (which may cross the antimeridian: west > east)."""
    if not (actor.can(Permission.SEE_PEOPLE) and (actor.sees_every_mission or actor.mission_id)):
        return []
    values = {
        "incident": incident.pk,
        "step": step,
        "all": actor.sees_every_mission,
        "mission": actor.mission_id,
        "west": west,
        "south": south,
        "east": east,
        "north": north,
    }
    with connection.cursor() as cursor:
        cursor.execute(_CELLS, values)
        return [Cell(lat, lon, n, helped, silent) for _, _, n, helped, silent, lat, lon in cursor.fetchall()]


def timeline_of(incident: Incident, actor: Actor, *, after: int = 0, limit: int = 50) -> list[TimelineEvent]:
    """The newest lines of an incident's timeline, newest first; `after` leaves out those seen already."""
    rows = TimelineEvent.objects.filter(incident=incident, pk__gt=after)
    if not actor.sees_every_mission:
        rows = rows.filter(Q(mission=None) | Q(mission_id=actor.mission_id))
    return list(rows.order_by("-pk")[:limit])


def version_of(incident: Incident) -> str:
    """A short text that changes whenever the incident's page would: for ETags and live updates."""
    last = TimelineEvent.objects.filter(incident=incident).aggregate(Max("pk"))["pk__max"]
    moved = Recipient.objects.filter(incident=incident).aggregate(Max("state_at"))["state_at__max"]
    return f"{last or 0}-{moved.timestamp() if moved else 0:.3f}"


def switch() -> SendingSwitch:
    return SendingSwitch.objects.filter(pk=1).first() or SendingSwitch()


@dataclass(frozen=True)
class Party:
    """What an answer page shows: the one who was asked, and those with them."""

    me: Recipient
    others: list[Recipient]
    last: Answer | None


# Thousands open the answer page at once: no area (megabytes, for some) and no sealed document is read for it.
_ON_THE_PAGE = (
    *("incident", "person", "mission", "party", "country", "language", "reason", "state", "is_in_area"),
    *("person__native_name", "person__latin_name"),
    *(
        "incident__title",
        "incident__hazard",
        "incident__is_exercise",
        "incident__opened_at",
        "incident__closed_at",
    ),
    *("incident__hazard__headlines", "incident__hazard__timezone", "incident__hazard__expires_at"),
)


def party_of(recipient_id: int) -> Party:
    mine = Recipient.objects.filter(pk=recipient_id).values("incident_id", "party")
    party = Recipient.objects.select_related("person", "incident", "incident__hazard").only(*_ON_THE_PAGE)
    together = party.filter(
        incident_id=Subquery(mine.values("incident_id")), party=Subquery(mine.values("party"))
    )
    rows = list(together.order_by("pk"))
    me = next((row for row in rows if row.pk == recipient_id), None)
    if me is None:
        raise NotFound
    answers = Answer.objects.filter(recipient__in=[row.pk for row in rows], undone_at__isnull=True)
    last = answers.select_related("case").order_by("-at", "-pk").first()
    return Party(me, [row for row in rows if row.pk != recipient_id], last)


def person_answering(recipient_id: int) -> tuple[int, datetime | None]:
    """The id of the person a row of the ledger is about, and when their incident was closed."""
    rows = Recipient.objects.filter(pk=recipient_id).values_list("person_id", "incident__closed_at")
    found = rows.first()
    if found is None:
        raise NotFound
    return found


def concerning(person_id: int) -> list[Recipient]:
    """The open incidents that concern a citizen, with what was last sent: the banner on their page."""
    rows = Recipient.objects.filter(person_id=person_id, incident__closed_at__isnull=True, is_in_area=True)
    sent = rows.filter(incident__warnings__state__in=("sending", "sent")).distinct()
    return list(sent.select_related("incident", "incident__hazard").order_by("-incident__opened_at"))


def reason_in_words(row: Recipient) -> str:
    """Why somebody is in an incident, in the reader's language."""
    return reasons.in_words(row)


def token_of(row: Recipient) -> str:
    """What stands in a person's answer link."""
    return token_for(row.pk)


def grade_of(incident: Incident) -> str:
    """The code of the grade last told to people, or last proposed."""
    told = incident.warnings.exclude(state=Warning.State.DISCARDED).order_by(
        F("released_at").desc(nulls_last=True), "-proposed_at"
    )
    return told.values_list("grade", flat=True).first() or ""


def headline_of(incident: Incident) -> str:
    """What happened, in the reader's language where the issuer wrote it, else in the issuer's words."""
    return in_language(incident.hazard.headlines) if incident.hazard.headlines else incident.title


def silent_by_mission(actor: Actor) -> list[tuple[str | None, str, int]]:
    """(mission code, country, people) of those without an answer in incidents where something was sent."""
    told = Warning.objects.filter(state__in=("sending", "sent", "stopped")).values("incident_id")
    rows = visible_to(actor).filter(incident_id__in=told).exclude(state__in=Recipient.ANSWERED)
    return list(rows.values_list("mission__code", "country").annotate(n=Count("pk")).order_by("-n"))


def whole_timeline(actor: Actor) -> list[TimelineEvent]:
    """Every line of every incident an actor may see, in order: for reports."""
    rows = TimelineEvent.objects.filter(incident__in=incidents_for(actor).values("pk"))
    return list(rows.order_by("at", "pk")[:500])


def waiting_count(actor: Actor) -> int:
    """How many warnings wait for somebody who may edit or approve them."""
    if not (actor.can(Permission.EDIT_WARNINGS) or actor.can(Permission.APPROVE_WARNINGS)):
        return 0
    states = (Warning.State.PROPOSED, Warning.State.SUBMITTED)
    visible = incidents_for(actor).filter(closed_at__isnull=True).order_by().values("pk")
    return Warning.objects.filter(state__in=states, incident__in=visible).count()


def unread_count(actor: Actor) -> int:
    """How many replies by SMS wait for an officer to read them."""
    if not actor.can(Permission.EDIT_WARNINGS):
        return 0
    return UnreadReply.objects.filter(settled_at__isnull=True).count()
