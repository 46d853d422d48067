"""The contract of everything trust lists are read from. All pass tests/gateways/test_trust_lists.py."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from time import monotonic
from typing import Protocol
from urllib.parse import urlsplit

from openconsular.domain.health.trust.did import did_address
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.limits import LIST_BYTES_MOST
from openconsular.foundation.errors import Unavailable


class ListUnavailable(Unavailable):
    """A trust list cannot be fetched. What was held before stays in use, and its age is shown."""

    code = "list-unavailable"


@dataclass(frozen=True, slots=True)
class ListSource:
    """A list as an operator configured it.

    `allowed_hosts` ("host" or "host:port") are where redirects and references of its documents may lead beside its own
    host. `plain` allows http, for a list served on the same machine.
    """

    address: str
    allowed_hosts: tuple[str, ...] = ()
    plain: bool = False

    def may_lead_to(self, address: str) -> bool:
        """Whether a document of this list may send the reader there."""
        try:
            here, there = urlsplit(self.address), urlsplit(address)
            place = (there.hostname or "").lower()
            with_port = f"{place}:{there.port}" if there.port else place
            own = (here.hostname or "").lower(), here.port
        except ValueError:
            return False
        if there.scheme != "https" and not (self.plain and there.scheme == "http"):
            return False
        if there.username or there.password or not place:
            return False
        allowed = {host.lower() for host in self.allowed_hosts}
        return (place, there.port) == own or with_port in allowed

    def demand_reachable(self, address: str) -> None:
        """Raises ListUnavailable "list-elsewhere"."""
        if not self.may_lead_to(address):
            raise ListUnavailable(
                f"The list leads to “{address[:200]}”, which is not allowed for it.", code="list-elsewhere"
            )


@dataclass(frozen=True, slots=True)
class ListDocument:
    """One document. `body` is None when it has not changed since `etag` and `last_modified`."""

    address: str
    body: bytes | None
    etag: str = ""
    last_modified: str = ""


class ListReader(Protocol):
    """Reads lists. Raises ListUnavailable and nothing else, and takes a bounded time."""

    def read(
        self, source: ListSource, address: str = "", *, etag: str = "", last_modified: str = ""
    ) -> ListDocument:
        """The document at `address`, by default the list's own. Others must be where the source may lead."""

    def close(self) -> None:
        """Let go of connections."""


# A list of references by domain, participant and usage is four levels deep before the keys come.
_LEVELS_MOST = 5
DOCUMENTS_MOST = 1_000
# Of a list and all it refers to, whatever each document may take alone.
SECONDS_MOST = 600.0


def read_with_references(
    reader: ListReader,
    source: ListSource,
    references_in: "ReferencesIn",
    *,
    address_of: "AddressOf" = did_address,
    bytes_most: int = LIST_BYTES_MOST,
    clock: "Clock" = monotonic,
) -> Iterator[ListDocument]:
    """A list and all documents it refers to, each once.

    `references_in` gives the DIDs a document leaves to others; it is where the caller reads and checks the document,
    and may raise. Raises ListUnavailable: "list-elsewhere", "list-endless", "list-too-large" and "list-timeout" for
    all documents together.
    """
    seen = {source.address}
    left, ends = bytes_most, clock() + SECONDS_MOST
    level = [source.address]
    for _ in range(_LEVELS_MOST):
        below: list[str] = []
        for address in level:
            document = reader.read(source, address)
            left -= len(document.body or b"")
            if left < 0:
                raise ListUnavailable("The documents are too large together.", code="list-too-large")
            if clock() > ends:
                raise ListUnavailable("The documents take too long together.", code="list-timeout")
            yield document
            for did in references_in(document):
                next_address = _address(did, address_of)
                source.demand_reachable(next_address)
                if next_address not in seen:
                    seen.add(next_address)
                    below.append(next_address)
        if len(seen) > DOCUMENTS_MOST:
            raise ListUnavailable(
                f"The list refers to more than {DOCUMENTS_MOST} documents.", code="list-endless"
            )
        if not below:
            return
        level = below
    raise ListUnavailable("The references of the list lead to ever more references.", code="list-endless")


class ReferencesIn(Protocol):
    def __call__(self, document: ListDocument) -> Collection[str]: ...


class Clock(Protocol):
    def __call__(self) -> float: ...


class AddressOf(Protocol):
    def __call__(self, did: str) -> str: ...


def _address(did: str, address_of: AddressOf) -> str:
    try:
        return address_of(did)
    except TrustRefused as fault:
        raise ListUnavailable(fault.message, code=fault.code) from fault
