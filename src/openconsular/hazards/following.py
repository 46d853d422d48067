"""Alerts a feed only links to: each is fetched once, a bounded number a round, and what fails shows as the feed's health."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from openconsular.domain.cap.reasons import remark
from openconsular.foundation.permissions import Actor
from openconsular.gateways.feeds.base import FeedReader, FeedUnavailable, Fetched
from openconsular.gateways.feeds.documents import read_document
from openconsular.gateways.feeds.items import IgnoredItem, Item, LinkItem
from openconsular.hazards import storing
from openconsular.hazards.models import FollowedLink, Source
from openconsular.hazards.outcomes import IngestResult

MAX_LINKS = 100  # a round; what is left comes in the next ones
MAX_TIMEOUTS = 3  # a round; a server that hangs on every link would hold the worker for an hour
_KEEP_LINKS = timedelta(days=30)
_FORBIDDEN = ("feed-link-elsewhere", "feed-link-unusable")


@dataclass
class Followed:
    """What came of a round's links. `is_done` when none is left; `fault` when links were tried and none could be had."""

    result: IngestResult
    is_done: bool
    fault: FeedUnavailable | None = None


def follow(
    source: Source, reader: FeedReader, feed: Fetched, links: list[LinkItem], by: Actor, now: datetime
) -> Followed:
    """Fetch the alerts the feed links to and that were not fetched yet. What cannot be had now is tried again."""
    fresh = _fresh(source, links, now)
    followed = Followed(IngestResult(), len(fresh) <= MAX_LINKS)
    had, timeouts = 0, 0
    for digest, link in list(fresh.items())[:MAX_LINKS]:
        try:
            body = reader.read(reader.follow(link.url, base=feed.url)).body or b""
        except FeedUnavailable as error:
            _note(source, error)
            if error.code in _FORBIDDEN:
                items = [_not_followed(link, error)]
                followed.result += storing.store(source=source, items=items, now=now, by=by)
                _mark(source, digest, now)
                continue
            followed.is_done, followed.fault = False, error
            timeouts += error.code == "feed-timeout"
            if timeouts >= MAX_TIMEOUTS:
                break
            continue
        had += 1
        followed.result += storing.store(source=source, items=read_document(body), now=now, by=by)
        _mark(source, digest, now)
    followed.fault = None if had else followed.fault
    FollowedLink.objects.filter(source=source, followed_at__lt=now - _KEEP_LINKS).exclude(
        digest__in=[_digest(link) for link in links]
    ).delete()
    return followed


def _fresh(source: Source, links: Iterable[LinkItem], now: datetime) -> dict[str, LinkItem]:
    """Links not followed yet, in the feed's order; in another after a round with faults, lest the same ones block it."""
    by_digest = {_digest(link): link for link in links}
    rows = FollowedLink.objects.filter(source=source, digest__in=list(by_digest))
    known = set(rows.values_list("digest", flat=True))
    order = list(by_digest)
    if source.last_error_code:
        order.sort(key=lambda digest: hashlib.sha256(f"{digest} {now.isoformat()}".encode()).digest())
    return {digest: by_digest[digest] for digest in order if digest not in known}


def _not_followed(link: LinkItem, error: FeedUnavailable) -> Item:
    if error.code == "feed-link-unusable":
        return IgnoredItem(remark("link-unusable", url=link.url))
    return IgnoredItem(remark("link-elsewhere", host=link.url))


def _mark(source: Source, digest: str, now: datetime) -> None:
    FollowedLink.objects.update_or_create(source=source, digest=digest, defaults={"followed_at": now})


def _digest(link: LinkItem) -> str:
    return hashlib.sha256(f"{link.url}\x1f{link.revision}".encode("utf-8", "surrogatepass")).hexdigest()


def _note(source: Source, error: FeedUnavailable) -> None:
    Source.objects.filter(pk=source.pk).update(
        last_error_code=error.code[:60], last_error=error.message[:500]
    )
