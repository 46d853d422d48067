"""What is done to sources, hazards and what could not be used. The only way in from outside, beside queries."""

import zlib
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from openconsular.domain.cap.reasons import remark
from openconsular.domain.cap.times import in_words
from openconsular.domain.geo import Area
from openconsular.foundation import audit
from openconsular.foundation.database import copy_rows
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.gateways.feeds.base import FeedReader
from openconsular.gateways.feeds.documents import read_document
from openconsular.hazards import gazetteer, polling, storing
from openconsular.hazards.models import Geocode, Hazard, Quarantined, Source
from openconsular.hazards.outcomes import IngestResult, ItemOutcome, Outcome

MIN_POLL_SECONDS, MAX_POLL_SECONDS = 5, 86_400
# Reasons that a registry of area codes can settle, loaded later.
UNRESOLVED = ("geocode-unresolved", "geocode-registry-unknown")


# ------------------------------------------------------------------ sources


def add_source(
    *,
    name: str,
    kind: str,
    url: str = "",
    countries: Collection[str] = (),
    territory: Area | None = None,
    allowed_hosts: Collection[str] = (),
    is_drill: bool = False,
    poll_seconds: int = 60,
    by: Actor,
    now: datetime,
) -> Source:
    """Add a feed, confined to `countries` (ISO 3166-1 alpha-2) or to `territory`. Raises InvalidInput, Conflict.

    Folders are for whoever sits at the machine: over the web they would let an administrator read its files.
    """
    by.require(Permission.MANAGE_SOURCES)
    if kind == Source.Kind.FOLDER and not by.is_system:
        raise NotAllowed(_("A folder is added on the machine itself, with “openconsular feeds add”."))
    codes = sorted({code.upper() for code in countries})
    _check_source(name, kind, url, codes, poll_seconds)
    with transaction.atomic():
        source, is_new = Source.objects.get_or_create(
            name=name.strip(),
            defaults={
                "kind": kind,
                "url": url,
                "countries": codes,
                "territory": territory.to_bytes() if territory else None,
                "allowed_hosts": sorted(allowed_hosts),
                "is_drill": is_drill,
                "poll_seconds": poll_seconds,
                "next_poll_at": None if kind == Source.Kind.FILES else now,
                "added_at": now,
            },
        )
        if not is_new:
            raise Conflict(_("There is a source with this name already."))
        audit.record(
            by=by, action="source.add", subject=f"source:{source.pk}", now=now, detail={"name": name}
        )
    return source


def set_source_active(*, source_id: int, is_active: bool, by: Actor, now: datetime) -> None:
    """Switch polling of a source on or off; its hazards stay."""
    by.require(Permission.MANAGE_SOURCES)
    with transaction.atomic():
        if not Source.objects.filter(pk=source_id).update(is_active=is_active, next_poll_at=now):
            raise NotFound
        action = "source.switch_on" if is_active else "source.switch_off"
        audit.record(by=by, action=action, subject=f"source:{source_id}", now=now)


def files_source(*, now: datetime) -> Source:
    """The source of whatever an officer reads in by hand. It is confined to no territory."""
    source, _is_new = Source.objects.get_or_create(
        kind=Source.Kind.FILES, defaults={"name": "Files read in by hand", "added_at": now}
    )
    return source


def poll_source(
    *, source_id: int, reader: FeedReader | None = None, by: Actor, now: datetime
) -> IngestResult:
    """Fetch a feed and record what is new in it. Failures end in the source's health, never in an exception."""
    return polling.poll(source_id=source_id, reader=reader, by=by, now=now)


# ------------------------------------------------------------------ hazards


def record_document(
    *, source: Source, raw: bytes, now: datetime, by: Actor, saved: bool = False
) -> IngestResult:
    """Everything a document holds becomes a hazard, is quarantined or ignored; links are ignored here.

    `saved` says that the document comes from a file: relative times in it count from `now`.
    """
    items = read_document(raw, saved_at=now if saved else None)
    return storing.store(source=source, items=items, now=now, by=by)


def end_hazard(*, hazard_id: int, note: str, by: Actor, now: datetime) -> Hazard:
    """An officer ends a hazard, above all one to which its issuer gives no expiry."""
    by.require(Permission.EDIT_WARNINGS)
    with transaction.atomic():
        hazard = Hazard.objects.select_for_update().filter(pk=hazard_id).first()
        if hazard is None:
            raise NotFound
        if not hazard.is_active:
            raise Conflict(_("The hazard has ended already."))
        storing.end(hazard, remark("ended-by-officer", note=note.strip() or "-"), now)
        audit.record(
            by=by, action="hazard.end", subject=f"hazard:{hazard_id}", now=now, detail={"note": note[:200]}
        )
    return hazard


def end_expired(*, by: Actor, now: datetime) -> list[int]:
    """End every hazard whose time is over. Returns their ids."""
    with transaction.atomic():
        due = Hazard.objects.select_for_update(skip_locked=True).filter(
            state=Hazard.State.ACTIVE, lasts_until__lte=now
        )
        ended = list(due)
        for hazard in ended:
            storing.end(hazard, remark("ran-out", expires=in_words(hazard.lasts_until)), now)
        if ended:
            detail = {"hazards": [hazard.pk for hazard in ended]}
            audit.record(by=by, action="hazard.expire", subject="hazards", now=now, detail=detail)
    return [hazard.pk for hazard in ended]


# ------------------------------------------------------------------ quarantine


def retry_quarantined(*, quarantined_id: int, by: Actor, now: datetime) -> IngestResult:
    """Judge a quarantined item again, for instance after area codes were loaded. Still unusable: it stays open."""
    by.require(Permission.SORT_QUARANTINE)
    with transaction.atomic():
        item = _open_quarantined(quarantined_id)
        if not item.is_whole:
            raise Conflict(_("Only the beginning of this item was kept. It cannot be tried again."))
        raw = zlib.decompress(bytes(item.raw))
        items = read_document(
            raw, saved_at=item.received_at if item.source.kind == Source.Kind.FILES else None
        )
        result = storing.store(source=item.source, items=items, now=now, by=by, retrying=item)
        if all(outcome.outcome is not Outcome.QUARANTINED for outcome in result.items):
            _decide(item, Quarantined.State.RETRIED, result.items, by=by, now=now)
    return result


def dismiss_quarantined(*, quarantined_id: int, by: Actor, now: datetime) -> None:
    """An officer looked and there is nothing to warn of. The item stays on record."""
    by.require(Permission.SORT_QUARANTINE)
    with transaction.atomic():
        _decide(_open_quarantined(quarantined_id), Quarantined.State.DISMISSED, (), by=by, now=now)


def reopen_quarantined(*, quarantined_id: int, by: Actor, now: datetime) -> None:
    """Undo a dismissal: the item waits for a decision again."""
    by.require(Permission.SORT_QUARANTINE)
    with transaction.atomic():
        item = Quarantined.objects.select_for_update().filter(pk=quarantined_id).first()
        if item is None:
            raise NotFound
        if item.state != Quarantined.State.DISMISSED:
            raise Conflict(_("Only a dismissed item can be opened again."))
        item.state, item.decided_at, item.decided_by = Quarantined.State.OPEN, None, ""
        item.save(update_fields=["state", "decided_at", "decided_by"])
        audit.record(by=by, action="quarantined.reopen", subject=f"quarantined:{item.pk}", now=now)


def retry_unresolved(*, by: Actor, now: datetime) -> IngestResult:
    """Try again everything that failed for an unknown area code."""
    by.require(Permission.SORT_QUARANTINE)
    result = IngestResult()
    rows = Quarantined.objects.filter(state=Quarantined.State.OPEN, code__in=UNRESOLVED, is_whole=True)
    for quarantined_id in rows.order_by("pk").values_list("pk", flat=True):
        result += retry_quarantined(quarantined_id=quarantined_id, by=by, now=now)
    return result


# ------------------------------------------------------------------ area codes


def load_geocodes(*, entries: Iterable[tuple[str, str, Area]], by: Actor, now: datetime) -> int:
    """Load (registry, code, area); known codes get the new area. Returns how many. Raises InvalidInput."""
    by.require(Permission.MANAGE_SOURCES)
    with transaction.atomic():
        fresh: dict[tuple[str, str], bytes] = {}
        for registry, code, area in entries:
            if not registry or not code or area.is_empty:
                raise InvalidInput(_("A code needs a registry, a name and an area."))
            fresh[registry, code] = area.to_bytes()
        for registry in {registry for registry, _code in fresh}:
            codes = [code for name, code in fresh if name == registry]
            Geocode.objects.filter(registry=registry, code__in=codes).delete()
        copy_rows("hazards_geocode", ("registry", "code", "area"), _rows(fresh))
        registries = sorted({registry for registry, _code in fresh})
        detail: dict[str, Any] = {"registries": registries, "codes": len(fresh)}
        audit.record(by=by, action="geocodes.load", subject="geocodes", now=now, detail=detail)
    return len(fresh)


def _rows(fresh: dict[tuple[str, str], bytes]) -> Iterator[tuple[str, str, bytes]]:
    return ((registry, code, content) for (registry, code), content in fresh.items())


def _open_quarantined(quarantined_id: int) -> Quarantined:
    rows = Quarantined.objects.select_for_update(of=("self",)).select_related("source")
    item = rows.filter(pk=quarantined_id).first()
    if item is None:
        raise NotFound
    if item.state != Quarantined.State.OPEN:
        raise Conflict(_("Somebody has decided on this item already."))
    return item


def _decide(
    item: Quarantined, state: Quarantined.State, outcomes: Iterable[ItemOutcome], *, by: Actor, now: datetime
) -> None:
    item.state, item.decided_at, item.decided_by = state, now, by.label
    item.hazard_id = next((one.hazard_id for one in outcomes if one.hazard_id is not None), None)
    item.save(update_fields=["state", "decided_at", "decided_by", "hazard"])
    audit.record(by=by, action=f"quarantined.{state}", subject=f"quarantined:{item.pk}", now=now)


def _check_source(name: str, kind: str, url: str, countries: list[str], poll_seconds: int) -> None:
    faults: dict[str, str] = {}
    if not name.strip() or len(name) > 120:
        faults["name"] = _("A source needs a name of at most 120 characters.")
    if kind not in Source.Kind.values:
        faults["kind"] = _("There is no such kind of source.")
    if kind == Source.Kind.HTTP and urlsplit(url).scheme not in ("http", "https"):
        faults["url"] = _("A feed on the web has an address that starts with https:// or http://.")
    if kind == Source.Kind.FOLDER and not url:
        faults["url"] = _("Give the path of the folder.")
    unknown = [code for code in countries if code not in gazetteer.known_countries()]
    if unknown:
        faults["countries"] = _("These are no country codes: %(codes)s") % {"codes": ", ".join(unknown)}
    if not MIN_POLL_SECONDS <= poll_seconds <= MAX_POLL_SECONDS:
        faults["poll_seconds"] = _("Poll every 5 seconds at most and once a day at least.")
    if faults:
        raise InvalidInput(" ".join(faults.values()), fields=faults)
