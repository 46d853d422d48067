"""Lists as CSV files that open well in a spreadsheet and do nothing there.

A byte-order mark tells spreadsheets that it is UTF-8. A cell that would start a formula gets an apostrophe in
front (OWASP, "CSV Injection"): what citizens write must not run on an officer's machine. A spreadsheet that cuts
at semicolons or tabs makes cells of its own, so what would start a formula behind one of those gets one as well;
and full-width signs count, which some spreadsheets take for the plain ones.
"""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse

_STARTS_FORMULA = re.compile(r"(^|[;\t\r\n|])(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]|[\t\r])")
# As many lines as go over the network, and from the database's thread to the network's, at a time.
_LINES_AT_ONCE = 200


class _Download(StreamingHttpResponse):
    """Streams in portions also where the server is asynchronous; Django itself would read the whole list first."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # The thread of the request: it holds the connection from which the rows are read.
        portion = sync_to_async(_portion, thread_sensitive=True)
        parts = iter(self)
        while octets := await portion(parts):
            yield octets


def _portion(parts: Iterator[bytes]) -> bytes:
    return b"".join(islice(parts, _LINES_AT_ONCE))


def csv_download(
    filename: str, header: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """A download that is written while the rows are read. `filename` is plain ASCII with its ending."""
    response = _Download(_lines(header, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}"'
    response["Cache-Control"] = "private, no-store"
    return response


def csv_text(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> str:
    """The same as one text, for who asks on a command line."""
    return "".join(_lines(header, rows)).removeprefix("\ufeff").rstrip("\r\n")


def _lines(header: Sequence[Any], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield "\ufeff" + _line(header)
    for row in rows:
        yield _line(row)


def _line(row: Sequence[Any]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow([_harmless(value) for value in row])
    return out.getvalue()


def _harmless(value: Any) -> str:
    text = "" if value is None else str(value)
    return _STARTS_FORMULA.sub(r"\1'", text)
