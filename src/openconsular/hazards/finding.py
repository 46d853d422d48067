"""Which messages and hazards a message speaks of, by reference, by the issuer's number or by the same ground."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from openconsular.domain.cap.geometry import cover
from openconsular.domain.cap.judgement import Verdict
from openconsular.domain.cap.model import Alert
from openconsular.domain.cap.reasons import CapError, Remark
from openconsular.hazards import drafting
from openconsular.hazards.models import Hazard, Message, Source
from openconsular.hazards.registries import LoadedRegistries

SPLIT_WITHIN = timedelta(minutes=10)
"""Messages that continue the same one within this time are its parts and not each other's successors."""


@dataclass
class Received:
    """One message on its way through. `doubt` is why it must not do anything by itself."""

    source: Source
    alert: Alert
    raw: bytes
    now: datetime
    verdict: Verdict
    doubt: Remark | None


def is_repeated(this: Received) -> bool:
    """The same message again after it did something; the same bytes under another time of sending too.

    One that did nothing then (it had expired, say) is judged anew, for it may come in other words or at another time.
    """
    alert = this.alert
    known = Message.objects.filter(sender=alert.sender, identifier=alert.identifier)
    same = known.filter(Q(sent=alert.sent) | Q(digest=digest(this.raw)))
    return same.exclude(effect=Message.Effect.IGNORED).exists()


def is_kept(this: Received, code: str) -> bool:
    """Whether this very message is on record with this very reason for doing nothing."""
    alert = this.alert
    rows = Message.objects.filter(sender=alert.sender, identifier=alert.identifier, sent=alert.sent)
    return rows.filter(digest=digest(this.raw), effect=Message.Effect.IGNORED, code=code).exists()


def later_message(this: Received) -> Message | None:
    """A message, received already, that refers to this one and was sent after it."""
    alert = this.alert
    later = Message.objects.filter(
        references__contains=[key(alert.sender, alert.identifier)], sent__gt=alert.sent
    )
    if this.source.kind != Source.Kind.FILES:
        later = later.filter(source=this.source)
    return later.exclude(identifier=alert.identifier).order_by("-sent").first()


def referred(this: Received) -> list[Hazard]:
    """Hazards of the messages it refers to, and of earlier copies of itself; the newest first."""
    named = {(ref.sender, ref.identifier) for ref in this.alert.references} | {
        (this.alert.sender, this.alert.identifier)
    }
    ids: set[int] = set()
    for sender, identifier in named:
        found = Message.objects.filter(sender=sender, identifier=identifier, hazard__isnull=False)
        ids.update(found.values_list("hazard_id", flat=True))
    return _locked(Hazard.objects.filter(pk__in=ids))


def same_event(this: Received, draft: dict[str, Any]) -> list[Hazard]:
    """Without a reference: the issuer's own number of the event, or the same ground at the same time."""
    incident = same_incident(this)
    if incident:
        return incident
    alike = _locked(
        Hazard.objects.filter(
            area_key=draft["area_key"],
            is_exercise=draft["is_exercise"],
            state=Hazard.State.ACTIVE,
            source=this.source,
        )
    )
    return [hazard for hazard in alike if _overlaps(hazard, draft)][:1]


def same_incident(this: Received) -> list[Hazard]:
    key = drafting.incident_key(this.alert, this.alert.infos)
    return _locked(Hazard.objects.filter(incident_key=key, source=this.source))[:1] if key else []


def same_ground(this: Received) -> list[Hazard]:
    """For an all-clear that refers to nothing: the active hazard of the same event on the same ground.

    A message that has merely expired, or is past, says nothing about others of its kind.
    """
    if this.verdict.reason is None or this.verdict.reason.code not in ("all-clear", "status-ended"):
        return []
    try:
        coverage = cover(this.alert.infos, LoadedRegistries())
    except CapError:
        return []
    key = drafting.area_key(this.alert, this.alert.infos, drafting.area_digest(coverage.area))
    return _locked(Hazard.objects.filter(area_key=key, state=Hazard.State.ACTIVE, source=this.source))[:1]


def is_sibling(hazard: Hazard, draft: dict[str, Any], this: Received) -> bool:
    """Whether the hazard was just continued by another message, for other ground: one event became two.

    The US National Weather Service updates one alert by several at once, each for a part of the area.
    """
    last = hazard.messages.exclude(effect=Message.Effect.IGNORED).order_by("-sent", "-pk").first()
    if last is None or hazard.area_digest == draft["area_digest"] or last.identifier == this.alert.identifier:
        return False
    is_named = any(ref.identifier == last.identifier for ref in this.alert.references)
    return not is_named and abs(this.alert.sent - last.sent) <= SPLIT_WITHIN


def _overlaps(hazard: Hazard, draft: dict[str, Any]) -> bool:
    """Tomorrow's heat is another event than today's, though sender, event and area are the same."""
    start = draft["onset_at"] or draft["effective_at"] or draft["sent_at"]
    ends_before = hazard.lasts_until < start
    starts_after = draft["lasts_until"] < hazard.starts_at
    return not ends_before and not starts_after


def _locked(hazards: QuerySet[Hazard]) -> list[Hazard]:
    return list(hazards.select_for_update(of=("self",)).order_by("-sent_at", "-pk"))


def key(sender: str, identifier: str) -> str:
    return f"{sender} {identifier}"


def digest(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()
