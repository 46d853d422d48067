"""ZIP archives of alerts, as the German weather service publishes them: read in memory, bounded, never unpacked."""

import io
import zipfile
import zlib
from collections.abc import Iterator

from openconsular.domain.cap.reasons import CapError
from openconsular.domain.cap.xml import MAX_BYTES

MAX_MEMBERS = 5_000
MAX_UNPACKED = 200_000_000


def members(raw: bytes) -> Iterator[bytes]:
    """The content of every file in the archive. Raises CapError: archive-*, document-too-large."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            names = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(names) > MAX_MEMBERS:
                raise CapError("archive-too-many", limit=MAX_MEMBERS)
            total = 0
            for entry in names:
                content = _content(archive, entry)
                total += len(content)
                if total > MAX_UNPACKED:
                    raise CapError("archive-too-large", limit=MAX_UNPACKED)
                yield content
    except (
        zipfile.BadZipFile,
        zlib.error,
        RuntimeError,
        NotImplementedError,
        EOFError,
        OSError,
        ValueError,
    ) as cause:
        if isinstance(cause, CapError):
            raise
        raise CapError("archive-unreadable", detail=cause) from cause


def _content(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Reads no more than allowed, whatever size the archive claims."""
    with archive.open(entry) as file:
        content = file.read(MAX_BYTES + 1)
    if len(content) > MAX_BYTES:
        raise CapError("document-too-large", size=f">{MAX_BYTES}", limit=MAX_BYTES)
    return content
