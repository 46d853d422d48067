"""One round of one feed: fetch, take apart, follow links, record, note the health. No transaction over the network."""

from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F

from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor
from openconsular.gateways.feeds.base import FeedReader, FeedUnavailable
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.folder import FolderFeeds
from openconsular.gateways.feeds.http import HttpFeeds
from openconsular.gateways.feeds.items import Item, LinkItem, RefusedItem
from openconsular.hazards import storing
from openconsular.hazards.following import follow
from openconsular.hazards.models import Source
from openconsular.hazards.outcomes import IngestResult

_NO_DOCUMENT = (
    "xml-malformed",
    "json-malformed",
    "archive-unreadable",
    "document-empty",
    "document-unknown",
    "web-page",
)
LONGEST_PAUSE = timedelta(minutes=15)


def poll(*, source_id: int, reader: FeedReader | None, by: Actor, now: datetime) -> IngestResult:
    source = Source.objects.filter(pk=source_id).first()
    if source is None:
        raise NotFound
    with closing(reader or _reader(source)) as open_reader:
        return _poll(source, open_reader, by, now)


def claim_due(now: datetime, limit: int = 20) -> list[int]:
    """Sources whose turn it is; each is claimed by one worker until its next turn."""
    with transaction.atomic():
        due = Source.objects.select_for_update(skip_locked=True).filter(is_active=True, next_poll_at__lte=now)
        sources = list(due.order_by("next_poll_at")[:limit])
        for source in sources:
            source.next_poll_at = now + pause(source)
            source.save(update_fields=["next_poll_at"])
    return [source.pk for source in sources]


def pause(source: Source) -> timedelta:
    """Until the next turn; a feed that fails is asked less and less often, as courtesy and to save time."""
    usual = timedelta(seconds=source.poll_seconds)
    longer: timedelta = usual * 2 ** min(source.failures, 10)
    return min(max(LONGEST_PAUSE, usual), longer)


def _poll(source: Source, reader: FeedReader, by: Actor, now: datetime) -> IngestResult:
    is_folder = source.kind == Source.Kind.FOLDER
    results = IngestResult()
    # What goes wrong with single links is noted while they are followed and stays until the next round.
    Source.objects.filter(pk=source.pk).update(last_tried_at=now, last_error="", last_error_code="")
    try:
        for name in _folder_names(source) if is_folder else [source.url]:
            result, fault = _poll_document(source, reader, name, by, now)
            results += result
            if fault is not None:
                _note_failure(source, fault, now)
                return results
    except FeedUnavailable as error:
        _note_failure(source, error, now)
        return results
    Source.objects.filter(pk=source.pk).update(last_ok_at=now, failures=0)
    return results


def _poll_document(
    source: Source, reader: FeedReader, url: str, by: Actor, now: datetime
) -> tuple[IngestResult, FeedUnavailable | None]:
    """What came of one document, and why it is of no use when none of the alerts it links to can be had."""
    is_http = source.kind == Source.Kind.HTTP
    fetched = reader.read(
        url, etag=source.etag if is_http else "", last_modified=source.last_modified if is_http else ""
    )
    if fetched.body is None:
        return IngestResult(), None
    items = read_document(fetched.body)
    links = [item for item in items if isinstance(item, LinkItem)]
    result = storing.store(
        source=source, items=[item for item in items if not isinstance(item, LinkItem)], now=now, by=by
    )
    unusable = _unusable(items) if is_http else None  # of a folder's files each counts for itself
    if unusable is not None:
        # Not remembered by its ETag either: what broke off must be asked for again.
        return result, unusable
    followed = follow(source, reader, fetched, links, by, now)
    if is_http and followed.is_done:
        # Only when everything was read: else the unread rest would hide behind "not modified".
        Source.objects.filter(pk=source.pk).update(etag=fetched.etag, last_modified=fetched.last_modified)
    return result + followed.result, followed.fault


def _unusable(items: list[Item]) -> FeedUnavailable | None:
    """Why a document as a whole is none a feed would give: cut off, empty, or the page of a server in trouble."""
    match items:
        case [RefusedItem(reason)] if reason.code in _NO_DOCUMENT:
            return FeedUnavailable(reason.message, code="feed-unusable")
    return None


def _note_failure(source: Source, error: FeedUnavailable, now: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(
        last_tried_at=now,
        failures=F("failures") + 1,
        last_error_code=error.code[:60],
        last_error=error.message[:500],
    )


def _reader(source: Source) -> FeedReader:
    if source.kind == Source.Kind.FOLDER:
        return FolderFeeds(Path(source.url))
    return HttpFeeds(allowed_hosts=source.allowed_hosts, inner_hosts=settings.INNER_FEEDS)


def _folder_names(source: Source) -> list[str]:
    folder = Path(source.url)
    if not folder.is_dir():
        raise FeedUnavailable("The folder is not there.", code="feed-unreachable")
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
