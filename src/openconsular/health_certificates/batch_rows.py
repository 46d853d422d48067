"""Lines of a batch's file: bounded reading, the header, and what becomes of one chunk of lines.

Every line stands for itself, so that a stray quotation mark spoils one row and not the rest of the file.
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import BinaryIO, NamedTuple

from django.db import connection
from django.utils.translation import gettext as _

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.recording import FIELDS, Refused, Written, write_down
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.secrets import lookup_hash
from openconsular.health_certificates import contents, rules, sealing
from openconsular.health_certificates.models import Batch

LINE_MOST = 8192
TOO_LONG = "\0"
# What a list of refused rows says beside them. It may be sent again as it is, with its rows mended.
TOLD = ("refused_row", "refused_column", "refused_reason")
_KNOWN = frozenset((*FIELDS, *TOLD))
# An apostrophe that kept a cell from being a formula in a spreadsheet (`foundation.csv_download`).
_GUARDED = re.compile(r"^'(?=\s*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20])")


class Accepted(NamedTuple):
    row: int
    row_hash: bytes
    content: str
    content_mac: bytes
    holder_hash: bytes
    document_hash: bytes | None


class Fault(NamedTuple):
    """A row that was refused. `line` is what it said, None where there is nothing in it to mend."""

    row: int
    key: str
    field: str
    code: str
    line: str | None = None


def lines_of(file: BinaryIO) -> Iterator[str]:
    """The lines of a file without their ends, none longer than 8 KiB: a longer one comes as a mark. Memory stays small."""
    while line := file.readline(LINE_MOST):
        whole = line.endswith(b"\n")
        if not whole and len(line) == LINE_MOST:
            while (rest := file.readline(LINE_MOST)) and not rest.endswith(b"\n"):
                continue
            yield TOO_LONG
            continue
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def read_header(line: str) -> list[str]:
    """The names of the columns. Raises InvalidInput that names those nobody knows."""
    try:
        names = [name.strip().lower() for name in next(csv.reader([line.removeprefix("\ufeff")]), [])]
    except csv.Error as error:
        raise InvalidInput(_("The first line is not a list of columns.")) from error
    unknown = [name for name in names if name not in _KNOWN]
    if not set(names) - set(TOLD) or unknown:
        told = ", ".join(unknown[:5]) or "-"
        raise InvalidInput(_("The first line names columns that nobody knows: %(names)s") % {"names": told})
    if len(set(names)) != len(names):
        raise InvalidInput(_("The first line names a column twice."))
    return names


def written_line(cells: Iterable[str]) -> str:
    """A line of CSV without its end."""
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow(list(cells))
    return out.getvalue()


def pack_lines(lines: Sequence[str]) -> str:
    return json.dumps(lines, ensure_ascii=False, separators=(",", ":"))


def check_rows(
    batch: Batch, first_row: int, packed: str, now: datetime
) -> tuple[list[Accepted], list[Fault]]:
    """Every line of a chunk as a record to be, or as a fault with its reason."""
    lines: list[str] = json.loads(packed)
    reader = _Reader(batch, now)
    accepted: list[Accepted] = []
    faults: list[Fault] = []
    for row, line in enumerate(lines, start=first_row):
        found = reader.read(row, line)
        if isinstance(found, Fault):
            faults.append(found)
        else:
            accepted.append(found)
    known = _known([one.row_hash for one in accepted])
    fresh: dict[bytes, Accepted] = {}
    for one in accepted:
        if one.row_hash in known or one.row_hash in fresh:
            faults.append(Fault(one.row, "", "key", "duplicate-row"))
        else:
            fresh[one.row_hash] = one
    return list(fresh.values()), sorted(faults)


def _known(hashes: list[bytes]) -> set[bytes]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT row_hash FROM health_certificates_record WHERE row_hash = ANY(%s::bytea[])", [hashes]
        )
        return {bytes(row[0]) for row in cursor.fetchall()}


class _Reader:
    """The rules for every row of a batch, looked up once."""

    def __init__(self, batch: Batch, now: datetime) -> None:
        self._header: list[str] = batch.header
        self._is_mended = not set(TOLD).isdisjoint(self._header)
        self._format, self._kind = Format(batch.format), Kind(batch.kind)
        self._policy = rules.current()
        self._for_tests = rules.is_for_tests()
        self._now, self._today = now, now.date()
        self._space = f"{batch.environment}|{batch.mission_id}|{batch.format}|"

    def read(self, row: int, line: str) -> Accepted | Fault:
        if line == TOO_LONG:
            return Fault(row, "", "", "row-too-long")
        try:
            cells = next(csv.reader([line], strict=True), [])
        except csv.Error:
            return Fault(row, "", "", "row-unreadable", line)
        if len(cells) != len(self._header):
            return Fault(row, "", "", "wrong-columns", line)
        if "\ufffd" in line:
            return Fault(row, "", "", "not-utf-8", line)
        fields = {name: value.strip() for name, value in zip(self._header, cells, strict=True)}
        if self._is_mended:
            line, fields = self._without_what_was_told(fields)
        key = fields.pop("key", "")
        try:
            written = self._written(fields)
            sealing.check(written, self._format, self._now)
        except Refused as refusal:
            return Fault(row, key[:100], refusal.field, refusal.code, line)
        except sealing.CannotSeal as fault:
            return Fault(row, key[:100], "", fault.code, line)
        content = contents.pack(written)
        holder = written.holder
        return Accepted(
            row=row,
            row_hash=lookup_hash(self._space + (key or line), "health.row"),
            content=content,
            content_mac=contents.mac(content),
            holder_hash=contents.holder_hash_of(holder),
            document_hash=contents.document_hash(holder.document_number) if holder.document_number else None,
        )

    def _without_what_was_told(self, fields: dict[str, str]) -> tuple[str, dict[str, str]]:
        """A mended row as it would have stood in the file first sent, so that it counts as the same row there."""
        kept = {name: _GUARDED.sub("", value) for name, value in fields.items() if name not in TOLD}
        return written_line(kept.values()), kept

    def _written(self, fields: dict[str, str]) -> Written:
        return write_down(
            fields,
            certificate_format=self._format,
            kind=self._kind,
            country=self._policy.country,
            issuer=self._policy.issuer,
            today=self._today,
            for_tests=self._for_tests,
        )
