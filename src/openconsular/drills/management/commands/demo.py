"""`openconsular demo`: the main job on 100,000 synthetic citizens; the site stays up afterwards."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from openconsular.drills import demonstration, scenario, terminal


class Command(BaseCommand):
    help = "Run the main job on synthetic citizens and leave the site up; --stop ends it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--people", type=int, default=100_000, help="how many citizens (default 100,000)")
        parser.add_argument("--scenario", default="typhoon-luzon", choices=scenario.names())
        parser.add_argument("--stop", action="store_true", help="end a running demonstration")

    def handle(self, *args: Any, **options: Any) -> None:
        note: Path = settings.STATE / "demo.json"
        if options["stop"]:
            was_running = demonstration.stop(note=note)
            self.stdout.write(
                "The demonstration has ended." if was_running else "No demonstration is running."
            )
            return
        told: dict[str, Any] = {}
        with terminal.Screen() as screen:
            for told in demonstration.start(
                note=note,
                log=settings.STATE / "demo.log",
                arguments=["--people", str(options["people"]), "--scenario", options["scenario"]],
                environment=settings.PROCESS_ENVIRONMENT,
            ):
                if "stage" in told:
                    screen.progress(told["stage"], told["done"], told["total"])
        terminal.show_figures(screen.console, told["numbers"])
        terminal.show_report(screen.console, told["html"], told["pdf"])
        terminal.show_sign_ins(screen.console, told["url"], told["sign_ins"])
        if told.get("clinic"):
            terminal.show_clinic(screen.console, told["clinic"])
        screen.console.print("It runs in the background until `make stop` (or `openconsular demo --stop`).")
