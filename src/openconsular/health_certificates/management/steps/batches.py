"""`certificates issue-batch`, `batch`: a clinic's file from the command line; two persons here as everywhere."""

import os
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, cast
from uuid import UUID

from django.core.management.base import CommandError

from openconsular.accounts import queries as accounts
from openconsular.domain.health.certificate import Format, Kind
from openconsular.foundation.csv_download import csv_download
from openconsular.health_certificates import batch_processes, batch_rows
from openconsular.health_certificates.actions import batches as actions
from openconsular.health_certificates.management.steps.asking import Say, Steps, actor_of, add_by
from openconsular.health_certificates.models import Batch
from openconsular.health_certificates.queries import batches as queries


def add_parsers(steps: Steps) -> None:
    send = steps.add_parser("issue-batch", help="send a file of many records and check it")
    send.add_argument("file", type=Path)
    send.add_argument("--format", default="eu-dcc", choices=["eu-dcc", "icvp", "smart-health-card"])
    send.add_argument("--kind", default="vaccination", choices=[one.value for one in Kind])
    send.add_argument("--mission", default="", help="code of the mission")
    send.add_argument("--resume", default="", help="number of a batch that broke off")
    send.add_argument("--processes", type=int, default=2)
    add_by(send)
    parser = steps.add_parser(
        "batch", help="a batch that was sent: status, approve, refuse, faults, mend, export"
    )
    parser.add_argument(
        "batch_step", choices=["status", "approve", "refuse", "work", "faults", "mend", "export"]
    )
    parser.add_argument("id", type=UUID)
    parser.add_argument("--count", type=int, help="how many rows are approved, read back")
    parser.add_argument("--reason", default="")
    parser.add_argument("--out", type=Path, help="the file to write")
    parser.add_argument("--processes", type=int, default=2)
    add_by(parser)


def run_send(options: dict[str, Any], say: Say, now: datetime) -> int:
    by = actor_of(options["by"])
    if options["resume"]:
        batch = queries.batch_by_id(UUID(options["resume"]), by=by)
    else:
        mission = accounts.mission_by_code(options["mission"]) if options["mission"] else None
        if options["mission"] and mission is None:
            raise CommandError(f"There is no mission “{options['mission']}”.")
        batch = actions.open_batch(
            name=options["file"].name,
            certificate_format=Format(options["format"]),
            kind=Kind(options["kind"]),
            mission_id=mission.pk if mission else None,
            by=by,
            now=now,
        )
    say(f"batch {batch.public_id}")
    if batch.state == Batch.State.RECEIVING:
        with options["file"].open("rb") as file:
            lines = batch_rows.lines_of(file)
            actions.receive(public_id=batch.public_id, lines=lines, by=by, now=now)
    batch_processes.run(batch.pk, options["processes"])
    return _status(batch.public_id, options, say)


def run(options: dict[str, Any], say: Say, now: datetime) -> int:
    step, by, number = options["batch_step"], actor_of(options["by"]), options["id"]
    if step == "approve":
        count = options["count"]
        if count is None:
            raise CommandError("Say with --count how many rows you approve.")
        batch = actions.approve_batch(public_id=number, confirmed_count=count, by=by, now=now)
        batch_processes.run(batch.pk, options["processes"])
    elif step == "refuse":
        actions.refuse_batch(public_id=number, reason=options["reason"], by=by, now=now)
    elif step == "work":
        batch_processes.run(queries.batch_by_id(number, by=by).pk, options["processes"])
    elif step == "faults":
        rows = ((one.row, one.key, one.field, one.reason) for one in queries.refused_rows(number, by=by))
        return _write(options["out"], ("row", "key", "field", "reason"), rows, say)
    elif step == "mend":
        header, to_mend = queries.rows_to_mend(number, by=by, now=now)
        return _write(options["out"], header, to_mend, say)
    elif step == "export":
        found = queries.certificates_of(number, by=by, now=now)
        return _write(options["out"], ("row", "identifier", "text"), found, say)
    return _status(number, options, say)


def _status(number: UUID, options: dict[str, Any], say: Say) -> int:
    told = queries.progress(queries.batch_by_id(number, by=actor_of(options["by"])))
    say(
        f"{told.batch.state}: {told.rows} rows, {told.accepted} accepted, {told.refused} refused,"
        f" {told.signed} signed, {told.failed} not to be signed"
    )
    return 0


def _write(path: Path | None, header: Sequence[str], rows: Any, say: Say) -> int:
    if path is None:
        raise CommandError("Say with --out which file to write.")
    # It holds certificates: for whoever asked for it and nobody else.
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        # The same harmless cells as in every other list that leaves the program.
        for part in cast("Iterator[bytes]", csv_download("list.csv", header, rows).streaming_content):
            file.write(part)
    say(f"{path} is written.")
    return 0
