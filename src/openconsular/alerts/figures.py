"""The figures of the duty room's pages, each for a whole page in one query: facets, grades, deliveries, history."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Q, QuerySet

from openconsular.accounts import queries as accounts
from openconsular.alerts.models import Delivery, Incident, Recipient, TimelineEvent, Warning
from openconsular.alerts.proposing import people_of
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import Actor, Permission

# One pass over an incident's people counts every filter at once; five GROUP BYs would read the rows five times.
_FACETS = """
SELECT GROUPING(state, country, mission_id, language, reason->>'certainty') AS which,
       coalesce(state, country, mission_id::text, language, reason->>'certainty', '') AS value, count(*)
FROM alerts_recipient
WHERE incident_id = %(incident)s AND (%(all)s OR mission_id = %(mission)s)
GROUP BY GROUPING SETS ((state), (country), (mission_id), (language), (reason->>'certainty'))
"""
# Bits of GROUPING(): 0 marks the column that was grouped by.
_WHICH = {0b01111: "state", 0b10111: "country", 0b11011: "mission", 0b11101: "language", 0b11110: "certainty"}


def facets(incident: Incident, actor: Actor) -> dict[str, dict[str, int]]:
    """{"state": {"safe": 412, ...}, "country": ..., "mission": {id as text: count}, "language": ..., "certainty": ...}."""
    counts: dict[str, dict[str, int]] = {name: {} for name in _WHICH.values()}
    if not (actor.can(Permission.SEE_PEOPLE) and (actor.sees_every_mission or actor.mission_id)):
        return counts
    values = {"incident": incident.pk, "all": actor.sees_every_mission, "mission": actor.mission_id}
    with connection.cursor() as cursor:
        cursor.execute(_FACETS, values)
        for which, value, count in cursor.fetchall():
            counts[_WHICH[which]][value] = count
    return {name: dict(sorted(one.items(), key=lambda row: -row[1])) for name, one in counts.items()}


def grades_of(incident_ids: Iterable[int]) -> dict[int, str]:
    """The code of the grade last told, or last proposed, in each incident (see `queries.grade_of`)."""
    rows = Warning.objects.filter(incident_id__in=list(incident_ids)).exclude(state=Warning.State.DISCARDED)
    ordered = rows.order_by("incident_id", "-released_at", "-proposed_at").distinct("incident_id")
    return dict(ordered.values_list("incident_id", "grade"))


def open_proposals(incident_ids: Iterable[int]) -> dict[int, list[Warning]]:
    """Warnings that wait for a decision, by incident."""
    waiting: dict[int, list[Warning]] = {}
    states = (Warning.State.PROPOSED, Warning.State.SUBMITTED)
    for one in Warning.objects.filter(incident_id__in=list(incident_ids), state__in=states).order_by("pk"):
        waiting.setdefault(one.incident_id, []).append(one)
    return waiting


@dataclass
class ChannelFigures:
    """Messages of one warning over one channel: `handed` counts also those delivered and those not."""

    total: int = 0
    handed: int = 0
    delivered: int = 0
    failed: int = 0
    waiting: int = 0
    cancelled: int = 0

    def add(self, state: str, count: int) -> None:
        self.total += count
        for name in _COUNTS_AS[state]:
            setattr(self, name, getattr(self, name) + count)


_STATE = Delivery.State
_COUNTS_AS: dict[str, tuple[str, ...]] = {
    _STATE.QUEUED.value: ("waiting",),
    _STATE.SENDING.value: ("waiting",),
    _STATE.HANDED.value: ("handed",),
    _STATE.DELIVERED.value: ("handed", "delivered"),
    _STATE.UNDELIVERED.value: ("handed", "failed"),
    _STATE.REFUSED.value: ("failed",),
    _STATE.CANCELLED.value: ("cancelled",),
}


def delivery_figures(warning_ids: Iterable[int]) -> dict[int, dict[str, ChannelFigures]]:
    """{warning: {channel: figures}} of several warnings in one query."""
    found: dict[int, dict[str, ChannelFigures]] = {}
    rows = Delivery.objects.filter(warning_id__in=list(warning_ids)).order_by("channel")
    for warning, channel, state, count in rows.values_list("warning_id", "channel", "state").annotate(
        Count("pk")
    ):
        found.setdefault(warning, {}).setdefault(channel, ChannelFigures()).add(state, count)
    return found


def last_deliveries(recipient_ids: Iterable[int]) -> dict[int, list[Delivery]]:
    """The newest delivery over each channel, by person in the ledger."""
    rows = Delivery.objects.filter(recipient_id__in=list(recipient_ids))
    newest: dict[int, list[Delivery]] = {}
    for one in rows.order_by("recipient_id", "channel", "-pk").distinct("recipient_id", "channel"):
        newest.setdefault(one.recipient_id, []).append(one)
    return newest


@dataclass(frozen=True)
class Audience:
    """Whom a proposal reaches, for its read-back: [(code, people)], the most first; `missions` are ids."""

    country: list[tuple[str, int]] = field(default_factory=list)
    mission: list[tuple[int | None, int]] = field(default_factory=list)
    language: list[tuple[str, int]] = field(default_factory=list)
    certainty: list[tuple[str, int]] = field(default_factory=list)


def audience_of(warning: Warning) -> Audience:
    """Counted over everyone concerned, whoever looks: the number that is read back is the whole number."""
    rows = (_written_to(warning) if warning.released_at else people_of(warning)).order_by()
    sums: dict[str, dict[Any, int]] = {"country": {}, "mission": {}, "language": {}, "certainty": {}}
    grouped = rows.values_list("country", "mission_id", "language", "reason__certainty")
    for *values, count in grouped.annotate(n=Count("pk", distinct=True)):
        for name, value in zip(sums, values, strict=True):
            sums[name][value] = sums[name].get(value, 0) + count
    ordered = {name: sorted(one.items(), key=lambda row: -row[1]) for name, one in sums.items()}
    return Audience(**ordered)


def _written_to(warning: Warning) -> QuerySet[Recipient]:
    """Those a warning went to, themselves or through whoever they travel with."""
    told = Recipient.objects.filter(incident=warning.incident_id, deliveries__warning=warning)
    return Recipient.objects.filter(incident=warning.incident_id, party__in=told.values("party"))


@dataclass(frozen=True)
class Reach:
    """How many of the people of a proposal have a phone, an e-mail address, or neither, companions through their lead."""

    sms: int
    email: int
    nothing: int


def reachable_by_channel(warning: Warning) -> Reach:
    """Counted without making up the messages themselves, which takes seconds for a hundred thousand people."""
    rows = people_of(warning).order_by()
    trusted = Q(person__contacts__is_trusted_other=False)
    lead_trusted = Q(person__lead__contacts__is_trusted_other=False)
    phone = trusted & Q(person__contacts__kind="phone") | lead_trusted & Q(
        person__lead__contacts__kind="phone"
    )
    email = trusted & Q(person__contacts__kind="email") | lead_trusted & Q(
        person__lead__contacts__kind="email"
    )
    counted = rows.aggregate(
        sms=Count("pk", filter=phone, distinct=True),
        email=Count("pk", filter=email, distinct=True),
        any=Count("pk", filter=phone | email, distinct=True),
    )
    return Reach(counted["sms"], counted["email"], warning.audience_size - counted["any"])


@dataclass(frozen=True)
class Done:
    """One thing that was done to a warning, from the audit trail. `who` is empty for the system."""

    at: datetime
    what: str
    who: str
    detail: Mapping[str, Any]


def history_of(warning: Warning) -> list[Done]:
    """Who did what to a warning, newest first."""
    entries = list(AuditEntry.objects.filter(subject=f"warning:{warning.pk}").order_by("-number")[:50])
    names = accounts.names_of({one.actor for one in entries})
    return [
        Done(one.at, one.action.removeprefix("warning."), names.get(one.actor, ""), one.detail)
        for one in entries
    ]


def last_line(incident: Incident) -> int:
    """The number of the newest line of the timeline, 0 where there is none."""
    newest = TimelineEvent.objects.filter(incident=incident).order_by("-pk").values_list("pk", flat=True)
    return newest.first() or 0


def unaccounted(incident: Incident) -> dict[str, int]:
    """People without an answer by state: who keeps an incident from being closed."""
    rows = Recipient.objects.filter(incident=incident).exclude(state__in=Recipient.ANSWERED)
    return dict(rows.order_by().values_list("state").annotate(Count("pk")))
