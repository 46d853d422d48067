"""`openconsular drill SCENARIO`: the main job on synthetic people, from published hazard to everyone accounted for."""

import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from openconsular.drills import scenario, terminal
from openconsular.drills.run import Done, Order, run


class Command(BaseCommand):
    help = "Play a scenario on synthetic people in a database of its own and report how it went."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scenario", help=f"one of: {', '.join(scenario.names())}")
        parser.add_argument(
            "--people", type=int, default=20_000, help="how many synthetic citizens (default 20,000)"
        )
        parser.add_argument(
            "--speed", type=float, default=120.0, help="scenario minutes in a minute (default 120)"
        )
        parser.add_argument(
            "--seed", type=int, default=1, help="the same seed makes the same people (default 1)"
        )
        parser.add_argument("--port", type=int, default=0, help="the site's port (default: any free one)")
        parser.add_argument("--stay", action="store_true", help="leave the site up until stopped")
        parser.add_argument("--json", action="store_true", help="print the figures as JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(
            scenario=scenario.load(options["scenario"]),
            people=max(1, options["people"]),
            seed=options["seed"],
            speed=max(1.0, options["speed"]),
            port=options["port"],
            stay=options["stay"],
        )
        with terminal.Screen() as screen:

            def ready(done: Done) -> None:
                if order.stay:
                    self._tell(screen, done, options)

            done = run(
                order,
                clock=timezone.now,
                environment=settings.PROCESS_ENVIRONMENT,
                progress=screen.progress,
                ready=ready,
            )
        if not order.stay:
            self._tell(screen, done, options)

    def _tell(self, screen: terminal.Screen, done: Done, options: dict[str, Any]) -> None:
        if options["json"]:
            self.stdout.write(
                json.dumps(done.numbers.as_dict() | {"report": str(done.written.html)}, indent=1)
            )
            return
        terminal.show_figures(screen.console, done.numbers.as_dict())
        terminal.show_report(screen.console, str(done.written.html), str(done.written.pdf))
        if options["stay"]:
            terminal.show_sign_ins(screen.console, done.url, [asdict(one) for one in done.sign_ins])
