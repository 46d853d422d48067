"""One round of one feed: fetch, take apart, follow links, record, note the health. No transaction over the network."""

import hashlib
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F

from openconsular.domain.cap.reasons import remark
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor
from openconsular.gateways.feeds.base import FeedReader, FeedUnavailable, Fetched
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.folder import FolderFeeds
from openconsular.gateways.feeds.http import HttpFeeds
from openconsular.gateways.feeds.items import IgnoredItem, Item, LinkItem
from openconsular.hazards import storing
from openconsular.hazards.models import FollowedLink, Source
from openconsular.hazards.outcomes import IngestResult

MAX_LINKS = 100  # a round; what is left comes in the next ones
LONGEST_PAUSE = timedelta(minutes=15)
_KEEP_LINKS = timedelta(days=30)


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
    try:
        for name in _folder_names(source) if is_folder else [source.url]:
            results += _poll_document(source, reader, name, by, now)
    except FeedUnavailable as error:
        _note_failure(source, error, now)
        return results
    Source.objects.filter(pk=source.pk).update(
        last_tried_at=now, last_ok_at=now, failures=0, last_error="", last_error_code=""
    )
    return results


def _poll_document(source: Source, reader: FeedReader, url: str, by: Actor, now: datetime) -> IngestResult:
    is_http = source.kind == Source.Kind.HTTP
    fetched = reader.read(
        url, etag=source.etag if is_http else "", last_modified=source.last_modified if is_http else ""
    )
    if fetched.body is None:
        return IngestResult()
    items = read_document(fetched.body)
    links = [item for item in items if isinstance(item, LinkItem)]
    result = storing.store(
        source=source, items=[item for item in items if not isinstance(item, LinkItem)], now=now, by=by
    )
    followed, is_done = _follow(source, reader, fetched, links, by, now)
    if is_http and is_done:
        # Only when everything was read: else the unread rest would hide behind "not modified".
        Source.objects.filter(pk=source.pk).update(etag=fetched.etag, last_modified=fetched.last_modified)
    return result + followed


def _follow(
    source: Source, reader: FeedReader, feed: Fetched, links: list[LinkItem], by: Actor, now: datetime
) -> tuple[IngestResult, bool]:
    """Fetch the alerts the feed links to and that were not fetched yet; and whether all of them are done now."""
    fresh = _fresh(source, links)
    result, is_done = IngestResult(), len(fresh) <= MAX_LINKS
    for digest, link in list(fresh.items())[:MAX_LINKS]:
        try:
            address = reader.follow(link.url, base=feed.url)
            body = reader.read(address).body or b""
        except FeedUnavailable as error:
            if error.code in ("feed-link-elsewhere", "feed-link-unusable"):
                result += storing.store(source=source, items=[_not_followed(link, error)], now=now, by=by)
                _mark(source, digest, now)
            else:
                is_done = False
                _note_link_failure(source, error)
            continue
        result += storing.store(source=source, items=read_document(body), now=now, by=by)
        _mark(source, digest, now)
    FollowedLink.objects.filter(source=source, followed_at__lt=now - _KEEP_LINKS).exclude(
        digest__in=[_digest(link) for link in links]
    ).delete()
    return result, is_done


def _fresh(source: Source, links: Iterable[LinkItem]) -> dict[str, LinkItem]:
    by_digest = {_digest(link): link for link in links}
    rows = FollowedLink.objects.filter(source=source, digest__in=list(by_digest))
    known = set(rows.values_list("digest", flat=True))
    return {digest: link for digest, link in by_digest.items() if digest not in known}


def _not_followed(link: LinkItem, error: FeedUnavailable) -> Item:
    if error.code == "feed-link-unusable":
        return IgnoredItem(remark("link-unusable", url=link.url))
    return IgnoredItem(remark("link-elsewhere", host=link.url))


def _mark(source: Source, digest: str, now: datetime) -> None:
    FollowedLink.objects.update_or_create(source=source, digest=digest, defaults={"followed_at": now})


def _digest(link: LinkItem) -> str:
    return hashlib.sha256(f"{link.url}\x1f{link.revision}".encode("utf-8", "surrogatepass")).hexdigest()


def _note_failure(source: Source, error: FeedUnavailable, now: datetime) -> None:
    Source.objects.filter(pk=source.pk).update(
        last_tried_at=now,
        failures=F("failures") + 1,
        last_error_code=error.code[:60],
        last_error=error.message[:500],
    )


def _note_link_failure(source: Source, error: FeedUnavailable) -> None:
    Source.objects.filter(pk=source.pk).update(
        last_error_code=error.code[:60], last_error=error.message[:500]
    )


def _reader(source: Source) -> FeedReader:
    if source.kind == Source.Kind.FOLDER:
        return FolderFeeds(Path(source.url))
    return HttpFeeds(allowed_hosts=source.allowed_hosts)


def _folder_names(source: Source) -> list[str]:
    folder = Path(source.url)
    if not folder.is_dir():
        raise FeedUnavailable("The folder is not there.", code="feed-unreachable")
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file() and not p.is_symlink())
