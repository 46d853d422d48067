"""`openconsular drill SCENARIO`: the main job on synthetic people, from published hazard to everyone accounted for."""

import json
import os
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from openconsular.drills import scenario, terminal
from openconsular.drills.run import Done, Order, run


class Command(BaseCommand):
    help = "Play a scenario on synthetic people in a database of its own and report how it went."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("scenario", help=f"one of: {', '.join(scenario.names())}")
        parser.add_argument("--people", type=int, default=20_000, help="how many synthetic citizens (default 20,000)")
        parser.add_argument("--speed", type=float, default=120.0, help="scenario minutes in a minute (default 120)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same people (default 1)")
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
                    self._tell(screen, done, as_json=options["json"])

            done = run(
                order,
                clock=timezone.now,
                environment=dict(os.environ),  # noqa: TID251 - handed on to the drill's processes as it is
                progress=screen.progress,
                ready=ready,
            )
        if not order.stay:
            self._tell(screen, done, as_json=options["json"])

    def _tell(self, screen: terminal.Screen, done: Done, *, as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(done.numbers.as_dict() | {"report": str(done.written.html)}, indent=1))
            return
        terminal.show_figures(screen.console, done)
        terminal.show_report(screen.console, done)
        if done.url:
            terminal.show_sign_ins(screen.console, done)
