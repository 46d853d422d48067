"""openconsular ingest FILE_OR_FOLDER...: read saved alerts in the way feeds are read, and say what became of each."""

import json
from argparse import ArgumentParser, ArgumentTypeError
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.module_loading import import_string

from openconsular.hazards import ingesting
from openconsular.hazards.management.commands import geocodes
from openconsular.hazards.outcomes import ItemOutcome, Outcome, SourceReport


def instant(text: str) -> datetime:
    """An ISO 8601 instant; without an offset it is UTC."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as cause:
        raise ArgumentTypeError(f"“{text}” is not an instant like 2025-03-06T12:00:00+00:00") from cause
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    help = (
        "Record alerts from files and folders. Every item is a hazard, quarantined or ignored, with a reason."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")
        parser.add_argument("--json", action="store_true", help="print one JSON document instead of text")
        parser.add_argument("--geocodes", type=Path, metavar="FOLDER", help="load area codes from here first")
        parser.add_argument(
            "--as-of", type=instant, metavar="INSTANT", help="judge expiry at this time (default now)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["geocodes"]:
            say = self.stderr.write if options["json"] else self.stdout.write
            geocodes.load([options["geocodes"]], say)
        report = ingesting.ingest(
            options["paths"],
            as_of=options["as_of"] or datetime.now(UTC),
            by=geocodes.OPERATOR,
            progress=None if options["json"] or not self.stdout.isatty() else self._progress,
        )
        match_changed = import_string(settings.AFTER_INGEST)
        proposed = match_changed(
            report.changed, by=geocodes.OPERATOR, now=options["as_of"] or datetime.now(UTC)
        )
        if options["json"]:
            document = {**ingesting.as_json(report), "proposed": proposed}
            self.stdout.write(json.dumps(document, ensure_ascii=False, indent=1))
        else:
            self._print(report)
            self.stdout.write(f"{proposed} warnings proposed")

    def _progress(self, number: int, count: int, name: str) -> None:
        self.stdout.write(f"\r\x1b[K{number}/{count} {name[-80:]}", ending="\n" if number == count else "")
        self.stdout.flush()

    def _print(self, report: ingesting.IngestReport) -> None:
        for name, source in report.sources.items():
            self._print_source(name, source)
        self._print_counts("Total", report.result)
        for hint in report.hints:
            self.stdout.write(hint)

    def _print_source(self, name: str, source: SourceReport) -> None:
        self._print_counts(name, source.result)
        for file, item in source.items:
            self.stdout.write(f"  {item.outcome.value:<11} {file}: {_said(item)}")

    def _print_counts(self, name: str, result: Any) -> None:
        counts = ", ".join(
            f"{result.count(outcome)} {words}"
            for outcome, words in (
                (Outcome.HAZARD, "hazards"),
                (Outcome.QUARANTINED, "quarantined"),
                (Outcome.IGNORED, "ignored"),
            )
        )
        self.stdout.write(f"{name}: {result.read} read, {counts}")


def _said(item: ItemOutcome) -> str:
    what = f"{item.code} hazard {item.hazard_id} “{item.title}”" if item.outcome is Outcome.HAZARD else ""
    return " ".join(filter(None, (what, item.sentence, f"[{item.code}]" if not what else "")))
