"""Lines of a batch's file: bounded reading, the header, and what becomes of one chunk of lines.

Every line stands for itself, so that a stray quotation mark spoils one row and not the rest of the file.
"""

import csv
import json
from collections.abc import Iterator, Sequence
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
_COLUMN = {name: name for name in FIELDS}


class Accepted(NamedTuple):
    row: int
    row_hash: bytes
    content: str
    content_mac: bytes
    holder_hash: bytes
    document_hash: bytes | None


class Fault(NamedTuple):
    row: int
    key: str
    field: str
    code: str


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
    unknown = [name for name in names if name not in _COLUMN]
    if not names or unknown:
        told = ", ".join(unknown[:5]) or "-"
        raise InvalidInput(_("The first line names columns that nobody knows: %(names)s") % {"names": told})
    if len(set(names)) != len(names):
        raise InvalidInput(_("The first line names a column twice."))
    return names


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
            return Fault(row, "", "", "row-unreadable")
        if len(cells) != len(self._header):
            return Fault(row, "", "", "wrong-columns")
        if "\ufffd" in line:
            return Fault(row, "", "", "not-utf-8")
        fields = {name: value.strip() for name, value in zip(self._header, cells, strict=True)}
        key = fields.pop("key", "")
        try:
            written = self._written(fields)
            sealing.check(written, self._format, self._now)
        except Refused as refusal:
            return Fault(row, key[:100], refusal.field, refusal.code)
        except sealing.CannotSeal as fault:
            return Fault(row, key[:100], "", fault.code)
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
