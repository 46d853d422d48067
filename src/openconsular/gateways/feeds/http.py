"""Feeds over HTTP from strangers: bounded in time, size, redirects and destinations."""

import asyncio
import math
import zlib
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx

from openconsular import __version__
from openconsular.gateways.feeds.base import FeedUnavailable, Fetched
from openconsular.gateways.feeds.documents import MAX_DOCUMENT_BYTES
from openconsular.gateways.feeds.network import guarded_transport

# MET Norway and others ask readers to say who they are; the address is the operator's to add.
USER_AGENT = f"OpenConsular/{__version__}"
_ACCEPT = (
    "application/cap+xml, application/atom+xml, application/rss+xml, application/geo+json, "
    "application/xml;q=0.9, application/json;q=0.9, application/zip;q=0.8, */*;q=0.1"
)
_DEFAULT_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes. `total` runs over one document with its redirects, so that a trickle ends too; `session` over
    all documents of one reader, from the first one asked for: who is slow with each of ten thousand ends as well."""

    connect: float = 5.0
    read: float = 10.0
    total: float = 30.0
    session: float = math.inf
    body_bytes: int = MAX_DOCUMENT_BYTES
    redirects: int = 3


class HttpFeeds:
    """Reads over HTTP. Links and redirects lead to the feed's own host or to `allowed_hosts`, nowhere else.

    `allowed_hosts` are "host" or "host:port"; so are `inner_hosts`, which alone may lie outside of the public
    Internet (see `network`). Proxies and .netrc of the environment are not used. Keeps
    connections until `close`; use it in one thread, outside of any event loop.
    """

    def __init__(
        self,
        *,
        allowed_hosts: Collection[str] = (),
        inner_hosts: Collection[str] = (),
        limits: Limits | None = None,
        contact: str = "",
    ) -> None:
        self._allowed = {host.lower() for host in allowed_hosts}
        self._limits = limits or Limits()
        self._loop = asyncio.new_event_loop()
        self._ends_at: float | None = None
        self._client = httpx.AsyncClient(
            timeout=httpx.Timeout(self._limits.read, connect=self._limits.connect),
            headers={
                "User-Agent": f"{USER_AGENT} ({contact})" if contact else USER_AGENT,
                "Accept": _ACCEPT,
                # Nothing else is unpacked: other codings can hide gigabytes in a few bytes.
                "Accept-Encoding": "gzip",
            },
            follow_redirects=False,
            transport=guarded_transport(inner_hosts),
            trust_env=False,
        )

    def read(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {name: value for name, value in conditions.items() if value and value.isascii()}
        try:
            return self._loop.run_until_complete(
                asyncio.wait_for(self._read(_checked(url), headers), min(self._limits.total, self._left()))
            )
        except (httpx.TimeoutException, TimeoutError) as cause:
            raise FeedUnavailable(f"{_host(url)} does not answer in time.", code="feed-timeout") from cause
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError, UnicodeError) as cause:
            raise FeedUnavailable(f"{_host(url)} cannot be read: {cause}", code="feed-unreachable") from cause

    def _left(self) -> float:
        """Seconds until this reader asks for nothing more; the count begins with the first document."""
        if self._ends_at is None:
            self._ends_at = self._loop.time() + self._limits.session
        return max(0.0, self._ends_at - self._loop.time())

    def follow(self, link: str, *, base: str) -> str:
        address = self._resolve(link, base=base, home=base)
        if address == base:
            raise _no_address(link)
        return address

    def _resolve(self, link: str, *, base: str, home: str) -> str:
        """The address `link` means in the document at `base`, when it is at home or allowed."""
        try:
            address = _secured(_checked(urljoin(base, link.strip())), home)
        except ValueError as cause:
            raise _no_address(link) from cause
        if _place(address) != _place(home) and not self._allows(address, home):
            raise FeedUnavailable(
                f"The feed leads to {_host(address)}, which is not allowed for it.",
                code="feed-link-elsewhere",
            )
        return address

    def close(self) -> None:
        if not self._loop.is_closed():
            self._loop.run_until_complete(self._client.aclose())
            self._loop.run_until_complete(self._loop.shutdown_asyncgens())
            self._loop.close()

    def _allows(self, address: str, base: str) -> bool:
        host, port = _place(address)
        scheme = urlsplit(address).scheme
        is_upgrade = host == _place(base)[0] and scheme == "https" and port == 443
        is_usual = port == _DEFAULT_PORTS[scheme]
        return is_upgrade or f"{host}:{port}" in self._allowed or (is_usual and host in self._allowed)

    async def _read(self, url: str, headers: dict[str, str]) -> Fetched:
        address = url
        for _ in range(self._limits.redirects + 1):
            async with aclosing(await self._answer(address, headers)) as response:
                if not response.has_redirect_location:
                    return await self._fetched(address, headers, response)
                target = str(response.headers.get("Location", ""))
            address = self._resolve(target, base=address, home=url)
        raise FeedUnavailable(f"{_host(url)} redirects too often.", code="feed-redirects")

    async def _answer(self, address: str, headers: dict[str, str]) -> httpx.Response:
        """What the server begins to answer. A kept connection may have been closed by it meanwhile: then a new one is asked."""
        request = self._client.build_request("GET", address, headers=headers)
        try:
            return await self._client.send(request, stream=True)
        except (httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
            return await self._client.send(request, stream=True)

    async def _fetched(self, url: str, headers: dict[str, str], response: httpx.Response) -> Fetched:
        get = response.headers.get
        if response.status_code == httpx.codes.NOT_MODIFIED:
            return Fetched(url, None, headers.get("If-None-Match", ""), headers.get("If-Modified-Since", ""))
        if response.status_code != httpx.codes.OK:
            raise FeedUnavailable(
                f"{_host(url)} answers with HTTP status {response.status_code}.", code="feed-status"
            )
        body = await self._body(url, response)
        return Fetched(
            url, body, get("ETag", "")[:400], get("Last-Modified", "")[:100], get("Content-Type", "")[:200]
        )

    async def _body(self, url: str, response: httpx.Response) -> bytes:
        """Counts what arrives and what it unpacks to, whatever length was announced."""
        limit = self._limits.body_bytes
        coding = response.headers.get("Content-Encoding", "").strip().lower()
        if coding not in ("", "identity", "gzip", "x-gzip"):
            raise FeedUnavailable(f"{_host(url)} sends an unknown coding.", code="feed-unreachable")
        body = bytearray()
        async for chunk in _unpacked(response.aiter_raw(), gzip=coding.endswith("gzip"), limit=limit):
            body += chunk
            if len(body) > limit:
                raise FeedUnavailable(f"{_host(url)} sends more than {limit} bytes.", code="feed-too-large")
        return bytes(body)


async def _unpacked(chunks: AsyncIterator[bytes], *, gzip: bool, limit: int) -> AsyncIterator[bytes]:
    if not gzip:
        async for chunk in chunks:
            yield chunk
        return
    unpacker, has_come = zlib.decompressobj(wbits=31), False
    async for chunk in chunks:
        has_come = has_come or bool(chunk)
        try:
            yield unpacker.decompress(chunk, limit + 1)
        except zlib.error as cause:
            raise FeedUnavailable("The feed sends a broken gzip body.", code="feed-unreachable") from cause
        if unpacker.unconsumed_tail:
            return  # more than the limit came out of one chunk: the caller has seen enough
    if has_come and not unpacker.eof:
        raise FeedUnavailable("The feed's gzip body breaks off.", code="feed-unreachable")


def _checked(url: str) -> str:
    """The address, when it is one of the web without a password in it."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in _DEFAULT_PORTS and parts.hostname and parts.port != 0
    except ValueError as cause:
        raise _no_address(url) from cause
    if not is_usable or parts.username or parts.password:
        raise _no_address(url)
    return url


def _secured(address: str, home: str) -> str:
    """A plain link of a secure feed to its own host is fetched securely: GDACS links to its alerts in that way."""
    parts, own = urlsplit(address), urlsplit(home)
    is_home = parts.hostname == own.hostname and own.scheme == "https" and own.port in (None, 443)
    if parts.scheme == "http" and is_home and parts.port in (None, 80):
        return parts._replace(scheme="https", netloc=own.netloc).geturl()
    return address


def _no_address(url: str) -> FeedUnavailable:
    return FeedUnavailable(f"“{url[:120]}” is not a web address.", code="feed-link-unusable")


def _place(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return (parts.hostname or "").lower(), parts.port or _DEFAULT_PORTS.get(parts.scheme, 0)


def _host(url: str) -> str:
    return urlsplit(url).netloc or url[:80]
