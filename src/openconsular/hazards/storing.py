"""The items of a document into the database, each on its own: one that fails takes nothing with it."""

import hashlib
import zlib
from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import F

from openconsular.domain.cap.reasons import Remark, remark
from openconsular.foundation import audit
from openconsular.foundation.permissions import Actor
from openconsular.gateways.feeds.items import (
    KEPT_OF_REFUSED,
    AlertItem,
    IgnoredItem,
    Item,
    LinkItem,
    RefusedItem,
)
from openconsular.hazards import recording
from openconsular.hazards.models import Hazard, Quarantined, Source
from openconsular.hazards.outcomes import IngestResult, ItemOutcome, Outcome


def store(
    *, source: Source, items: Iterable[Item], now: datetime, by: Actor, retrying: Quarantined | None = None
) -> IngestResult:
    """What became of each item, in order. Hazards that changed stand in the audit trail."""
    outcomes = tuple(_store_one(source, item, now, retrying) for item in items)
    result = IngestResult(outcomes)
    if result.changed:
        detail = {"hazards": result.changed[:200], "read": result.read}
        audit.record(by=by, action="hazard.record", subject=f"source:{source.pk}", now=now, detail=detail)
    return result


def end(hazard: Hazard, reason: Remark, now: datetime) -> None:
    """End an active hazard the caller has locked."""
    recording.close(hazard, Hazard.State.ENDED, reason, now)


def _store_one(source: Source, item: Item, now: datetime, retrying: Quarantined | None) -> ItemOutcome:
    match item:
        case IgnoredItem(reason):
            return ItemOutcome(Outcome.IGNORED, reason.code, reason)
        case LinkItem(url, title, _revision):
            reason = remark("link-not-followed", url=url)
            return ItemOutcome(Outcome.IGNORED, reason.code, reason, title=title[:300])
        case RefusedItem(reason, raw):
            return _quarantine(source, reason, raw, "", now, retrying, is_whole=len(raw) < KEPT_OF_REFUSED)
        case AlertItem():
            return _record(source, item, now, retrying)


def _record(source: Source, item: AlertItem, now: datetime, retrying: Quarantined | None) -> ItemOutcome:
    try:
        with transaction.atomic():
            return recording.record_alert(
                source=source, alert=item.alert, raw=item.raw, doubt=item.doubt, now=now
            )
    except recording.Refused as refused:
        title = recording.title_of(item.alert)
        return _quarantine(source, refused.reason, item.raw, title, now, retrying, is_whole=True)


def _quarantine(
    source: Source,
    reason: Remark,
    raw: bytes,
    title: str,
    now: datetime,
    retrying: Quarantined | None,
    *,
    is_whole: bool,
) -> ItemOutcome:
    """The same content again is the same row, and stays decided when an officer has decided on it."""
    digest = hashlib.sha256(raw).hexdigest()
    facts = {"code": reason.code, "values": dict(reason.values), "reason": reason.message, "title": title}
    if retrying is not None:
        Quarantined.objects.filter(pk=retrying.pk).update(**facts, last_seen_at=now)
    else:
        row, is_new = Quarantined.objects.get_or_create(
            source=source,
            digest=digest,
            defaults={
                **facts,
                "raw": zlib.compress(raw),
                "is_whole": is_whole,
                "received_at": now,
                "last_seen_at": now,
            },
        )
        if not is_new:
            Quarantined.objects.filter(pk=row.pk).update(
                **facts, times_seen=F("times_seen") + 1, last_seen_at=now
            )
    return ItemOutcome(Outcome.QUARANTINED, reason.code, reason, title=title)
