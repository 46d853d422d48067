"""openconsular feeds: list the sources of warnings, or add one on the machine itself."""

from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.permissions import Actor
from openconsular.hazards import actions, queries
from openconsular.hazards.models import Source

OPERATOR = Actor(label="operator:command", is_system=True)


class Command(BaseCommand):
    help = "List the sources of warnings and how they do, or add one: an address on the web or a folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        steps = parser.add_subparsers(dest="step", required=True)
        steps.add_parser("list", help="every source and how it does")
        add = steps.add_parser("add", help="add a source")
        add.add_argument("name")
        add.add_argument("address", help="https://..., or the path of a folder")
        add.add_argument(
            "--countries", default="", help="ISO 3166-1 codes with commas; elsewhere it may not warn"
        )
        add.add_argument("--allowed-hosts", default="", help="other hosts it may link to, with commas")
        add.add_argument("--poll-seconds", type=int, default=60)
        add.add_argument("--drill", action="store_true", help="for exercises only")

    def handle(self, *args: Any, **options: Any) -> None:
        now = datetime.now(UTC)
        if options["step"] == "list":
            for health in queries.sources_visible_to(OPERATOR, now):
                self.stdout.write(_line(health))
            return
        is_web = options["address"].lower().startswith(("http://", "https://"))
        try:
            source = actions.add_source(
                name=options["name"],
                kind=Source.Kind.HTTP if is_web else Source.Kind.FOLDER,
                url=options["address"] if is_web else str(Path(options["address"]).resolve()),
                countries=_listed(options["countries"]),
                allowed_hosts=_listed(options["allowed_hosts"]),
                poll_seconds=options["poll_seconds"],
                is_drill=options["drill"],
                by=OPERATOR,
                now=now,
            )
        except OpenConsularError as error:
            raise CommandError(error.message) from error
        self.stdout.write(f"{source.name} is added and is asked from now on.")


def _line(health: queries.SourceHealth) -> str:
    source = health.source
    state = "off" if not source.is_active else "silent" if health.is_silent else "ok"
    last = source.last_ok_at.strftime("%Y-%m-%d %H:%M UTC") if source.last_ok_at else "never"
    words = f"{source.name}: {state}, last answer {last}, {health.hazards} hazards, {health.quarantined} quarantined"
    return f"{words}; {source.last_error}" if source.last_error else words


def _listed(text: str) -> list[str]:
    return [one.strip() for one in text.split(",") if one.strip()]
