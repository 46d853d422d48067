"""The contract of everything feeds are read from. Both implementations pass tests/gateways/feeds/contract.py."""

from dataclasses import dataclass
from typing import Protocol

from openconsular.foundation.errors import Unavailable


class FeedUnavailable(Unavailable):
    """A feed does not answer as it should. `code` says how; the source shows it as its health."""

    code = "feed-unavailable"


@dataclass(frozen=True)
class Fetched:
    """What a feed gave. `body` is None when nothing has changed since `etag` and `last_modified`."""

    url: str
    body: bytes | None
    etag: str = ""
    last_modified: str = ""
    content_type: str = ""


class FeedReader(Protocol):
    """Reads documents by address. Raises FeedUnavailable and nothing else, and never takes longer than it says."""

    def read(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        """The document at `url`."""

    def follow(self, link: str, *, base: str) -> str:
        """The address a link in the document at `base` leads to, or FeedUnavailable when it must not be followed."""

    def close(self) -> None:
        """Let go of connections."""
