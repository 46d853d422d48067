"""`openconsular conformance health --data FOLDER`: published test vectors, run on this installation's own code."""

import json
import sys
import time
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from openconsular.domain.health.conformance import Suite
from openconsular.domain.health.conformance.left_out import left_out
from openconsular.domain.health.conformance.report import as_json, as_lines, merged
from openconsular.domain.health.conformance.suites import RUNS


class Command(BaseCommand):
    help = "Run published vectors for health certificates and rules; fails when one disagrees for no known reason."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("subject", choices=["health"], help="what to try")
        parser.add_argument(
            "--data", type=Path, required=True, metavar="FOLDER", help="where the vectors lie"
        )
        parser.add_argument("--only", choices=list(RUNS), help="one kind of vectors only")
        parser.add_argument("--json", action="store_true", help="print counts and disagreements as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        data: Path = options["data"]
        if not data.is_dir():
            raise CommandError(f"There is no folder {data}. Name the one that holds the vectors with --data.")
        suites = self._run(data, [options["only"]] if options["only"] else list(RUNS))
        if not suites:
            raise CommandError(f"Nothing below {data} has the shape of a vector that is known here.")
        others = list(left_out(data))
        if options["json"]:
            self.stdout.write(json.dumps(as_json(suites, others), indent=1))
        else:
            for line in as_lines(suites, others):
                # A vector may hold halves of characters, which no terminal takes.
                self.stdout.write(line.encode("utf-8", "backslashreplace").decode())
        unexplained = sum(suite.unexplained for suite in suites)
        if unexplained:
            raise CommandError(f"{unexplained} vectors disagree and no reason is known.")

    def _run(self, data: Path, names: list[str]) -> list[Suite]:
        """Each kind in turn; what is being done goes to standard error, so that JSON stays alone on the other."""
        found: list[Suite] = []
        for name in names:
            started = time.monotonic()
            suites = list(RUNS[name](data))
            found += suites
            vectors = sum(suite.vectors for suite in suites)
            took = time.monotonic() - started
            print(f"{name}: {vectors} vectors in {took:.1f} s", file=sys.stderr, flush=True)  # noqa: T201
        return merged(found)
