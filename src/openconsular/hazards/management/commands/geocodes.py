"""openconsular geocodes FILE_OR_FOLDER...: load registries of area codes, then try what waited for them again."""

from argparse import ArgumentParser
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from openconsular.foundation.permissions import Actor
from openconsular.hazards import actions, queries
from openconsular.hazards.geocode_files import read_registries
from openconsular.hazards.outcomes import Outcome

OPERATOR = Actor(label="operator:command", is_system=True)
_SHOWN_FAULTS = 20


class Command(BaseCommand):
    help = "Load registries of area codes (EMMA_ID, NUTS, UGC, SAME ...) from archives, folders or GeoJSON files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="FILE_OR_FOLDER")

    def handle(self, *args: Any, **options: Any) -> None:
        load(options["paths"], self.stdout.write)
        now = datetime.now(UTC)
        retried = actions.retry_unresolved(by=OPERATOR, now=now)
        if retried.read:
            count = retried.count(Outcome.HAZARD)
            self.stdout.write(f"{retried.read} quarantined items were tried again; {count} are hazards now.")


def load(paths: list[Path], say: Callable[[str], object]) -> None:
    """Read and store, and say what was loaded and what could not be."""
    missing = [path for path in paths if not path.exists()]
    for path in missing:
        say(f"{path} is not there.")
    found = read_registries([path for path in paths if path.exists()])
    count = actions.load_geocodes(entries=found.entries(), by=OPERATOR, now=datetime.now(UTC))
    say(f"{count} area codes loaded.")
    for registry, codes in queries.loaded_registries().items():
        say(f"  {registry:<12} {codes:>7}")
    for fault in found.faults[:_SHOWN_FAULTS]:
        say(f"  left out: {fault}")
    if len(found.faults) > _SHOWN_FAULTS:
        say(f"  and {len(found.faults) - _SHOWN_FAULTS} more")
