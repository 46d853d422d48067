"""A folder as a feed: needs no network, for drills, for archives and for trying things out."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openconsular.gateways.feeds.base import FeedUnavailable, Fetched
from openconsular.gateways.feeds.documents import MAX_DOCUMENT_BYTES


class FolderFeeds:
    """Reads files below one folder by their relative name. Links lead to a file of the same name in the folder."""

    def __init__(self, folder: Path, *, body_bytes: int = MAX_DOCUMENT_BYTES) -> None:
        self._folder = folder.resolve()
        self._limit = body_bytes

    def read(self, url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
        path = self._path(url)
        try:
            with path.open("rb") as file:
                body = file.read(self._limit + 1)
        except OSError as cause:
            raise FeedUnavailable(
                f"{path.name} cannot be read: {cause.strerror}", code="feed-unreachable"
            ) from cause
        if len(body) > self._limit:
            raise FeedUnavailable(f"{path.name} has more than {self._limit} bytes.", code="feed-too-large")
        mark = f'"{sha256(body).hexdigest()[:32]}"'
        return Fetched(url, None if mark == etag else body, mark)

    def follow(self, link: str, *, base: str) -> str:
        parts = urlsplit(link.strip())
        name = unquote(parts.path)
        here = self._path(base).parent
        for candidate in (here / name.lstrip("/"), here / Path(name).name):
            if self._is_inside(candidate) and candidate.is_file():
                return str(candidate.resolve().relative_to(self._folder))
        raise FeedUnavailable(f"“{link[:120]}” is not in this folder.", code="feed-link-elsewhere")

    def close(self) -> None:
        """Nothing is held open."""

    def _path(self, url: str) -> Path:
        path = self._folder / url
        if not self._is_inside(path):
            raise FeedUnavailable(f"“{url[:120]}” is not in this folder.", code="feed-link-elsewhere")
        return path

    def _is_inside(self, path: Path) -> bool:
        try:
            return path.resolve().is_relative_to(self._folder)
        except (OSError, ValueError):
            return False
