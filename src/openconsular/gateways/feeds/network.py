"""Where feeds may lead: to the public Internet, and to inner hosts the operator has named.

The address is checked at the moment of connecting, and that very address is connected to. So neither a redirect,
nor a spelling ("2130706433", "[::ffff:10.0.0.1]"), nor a name that answers differently the second time (DNS
rebinding) reaches the machine itself, its network, or a cloud's metadata service.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Collection, Iterable
from typing import Any

import httpcore
import httpx

from openconsular.gateways.feeds.base import FeedUnavailable

IpAddress = ipaddress.IPv4Address | ipaddress.IPv6Address
# RFC 6052: an IPv4 address behind a translator.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class InnerAddress(FeedUnavailable):
    """The feed's address is not on the public Internet, and its host is not named in OPENCONSULAR_INNER_FEEDS."""

    code = "feed-address-inner"


def is_public(address: IpAddress) -> bool:
    """Whether an address belongs to the public Internet, by the IANA special-purpose registries (RFC 6890).

    An IPv6 address that stands for an IPv4 one (mapped, 6to4, Teredo, NAT64) is as public as that one.
    """
    if isinstance(address, ipaddress.IPv6Address):
        inner = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
        if address in _NAT64:
            inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
        if any(one is not None and not is_public(one) for one in inner):
            return False
        if address.ipv4_mapped is not None or address in _NAT64:
            return True
    return address.is_global and not address.is_multicast


class GuardedNetwork(httpcore.AnyIOBackend):
    """Connects to public addresses, and to any address of the `inner_hosts`."""

    def __init__(self, inner_hosts: Collection[str]) -> None:
        self._inner = {host.lower() for host in inner_hosts}

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        trouble: Exception | None = None
        for address in await self._addresses(host, port, timeout):
            try:
                return await super().connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble or httpcore.ConnectError(f"{host} has no address")

    async def _addresses(self, host: str, port: int, timeout: float | None) -> list[str]:
        loop = asyncio.get_running_loop()
        try:
            looked_up = loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = [str(info[4][0]) for info in await asyncio.wait_for(looked_up, timeout)]
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} cannot be looked up in time") from error
        except OSError as error:
            raise httpcore.ConnectError(f"{host}: {error}") from error
        if host.lower() in self._inner or f"{host}:{port}".lower() in self._inner:
            return found
        public = [one for one in found if is_public(ipaddress.ip_address(one.partition("%")[0]))]
        if found and not public:
            raise InnerAddress
        return public


def guarded_transport(inner_hosts: Collection[str]) -> httpx.AsyncHTTPTransport:
    """A transport of httpx over `GuardedNetwork`, without proxies of the environment."""
    context: ssl.SSLContext = httpx.create_ssl_context(trust_env=False)
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    # httpx has no door for a network of one's own; the tests fail should this one close.
    transport._pool = httpcore.AsyncConnectionPool(  # noqa: SLF001
        ssl_context=context, keepalive_expiry=5.0, network_backend=GuardedNetwork(inner_hosts)
    )
    return transport
