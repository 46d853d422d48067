"""Lists from a folder that mirrors their addresses: for offices without a network, imports by stick, and trying out."""

from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

from openconsular.domain.health.trust.limits import LIST_BYTES_MOST
from openconsular.gateways.trust_lists.base import ListDocument, ListSource, ListUnavailable


class FolderLists:
    """Reads https://host/a/did.json from <folder>/host/a/did.json, and nothing outside the folder."""

    def __init__(self, folder: Path, *, body_bytes: int = LIST_BYTES_MOST) -> None:
        self._folder = folder.resolve()
        self._limit = body_bytes

    def read(
        self, source: ListSource, address: str = "", *, etag: str = "", last_modified: str = ""
    ) -> ListDocument:
        address = address or source.address
        source.demand_reachable(address)
        body = self._body(address)
        mark = f'"{sha256(body).hexdigest()[:32]}"'
        return ListDocument(address, None if mark == etag else body, mark)

    def close(self) -> None:
        """Nothing is held open."""

    def _body(self, address: str) -> bytes:
        path = self._path(address)
        try:
            with path.open("rb") as file:
                body = file.read(self._limit + 1)
        except (OSError, ValueError) as cause:
            raise ListUnavailable(f"{path.name} cannot be read: {cause}", code="list-unreachable") from cause
        if len(body) > self._limit:
            raise ListUnavailable(f"{path.name} has more than {self._limit} bytes.", code="list-too-large")
        return body

    def _path(self, address: str) -> Path:
        parts = urlsplit(address)
        host = (parts.hostname or "") + (f"_{parts.port}" if parts.port else "")
        path = self._folder / host / unquote(parts.path).lstrip("/")
        try:
            is_inside = path.resolve().is_relative_to(self._folder)
        except (OSError, ValueError):
            is_inside = False
        if not is_inside:
            raise ListUnavailable(f"“{address[:200]}” is not in the folder.", code="list-elsewhere")
        return path
