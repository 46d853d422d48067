"""Lists over HTTPS, with the bounds that feeds from strangers have."""

from collections.abc import Collection

from openconsular.domain.health.trust.limits import LIST_BYTES_MOST
from openconsular.gateways.feeds.base import FeedUnavailable
from openconsular.gateways.feeds.http import HttpFeeds, Limits
from openconsular.gateways.trust_lists.base import ListDocument, ListSource, ListUnavailable

LIMITS = Limits(total=120.0, session=600.0, body_bytes=LIST_BYTES_MOST)


class HttpLists:
    """Fetches only what an operator configured, and where that list may lead. Use it in one thread.

    `inner_hosts` ("host" or "host:port") alone may lie outside of the public Internet.
    """

    def __init__(
        self, *, inner_hosts: Collection[str] = (), limits: Limits = LIMITS, contact: str = ""
    ) -> None:
        self._inner_hosts = tuple(inner_hosts)
        self._limits = limits
        self._contact = contact
        self._feeds: dict[ListSource, HttpFeeds] = {}

    def read(
        self, source: ListSource, address: str = "", *, etag: str = "", last_modified: str = ""
    ) -> ListDocument:
        address = address or source.address
        source.demand_reachable(address)
        try:
            got = self._connection(source).read(address, etag=etag, last_modified=last_modified)
        except FeedUnavailable as fault:
            words = fault.message.replace("The feed", "The list")
            raise ListUnavailable(words, code=fault.code.replace("feed-", "list-", 1)) from fault
        source.demand_reachable(got.url)
        return ListDocument(got.url, got.body, got.etag, got.last_modified)

    def close(self) -> None:
        for feeds in self._feeds.values():
            feeds.close()
        self._feeds.clear()

    def _connection(self, source: ListSource) -> HttpFeeds:
        """One for each source: what one list may lead to, another may not."""
        if source not in self._feeds:
            self._feeds[source] = HttpFeeds(
                allowed_hosts=source.allowed_hosts,
                inner_hosts=self._inner_hosts,
                limits=self._limits,
                contact=self._contact,
            )
        return self._feeds[source]
