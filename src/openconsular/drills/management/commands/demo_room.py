"""`openconsular demo_room`: the demonstration's own process; `openconsular demo` starts it and shows its progress."""

import contextlib
import json
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from openconsular.drills import clinic, scenario
from openconsular.drills.run import Done, Order, run


class Command(BaseCommand):
    help = "Run the demonstration until stopped, telling its progress as lines of JSON (see `demo`)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--scenario", default="typhoon-luzon")
        parser.add_argument("--people", type=int, default=100_000)
        parser.add_argument("--speed", type=float, default=120.0)

    def handle(self, *args: Any, **options: Any) -> None:
        order = Order(
            scenario=scenario.load(options["scenario"]),
            people=options["people"],
            seed=1,
            speed=options["speed"],
            port=settings.PORT,
            stay=True,
            has_clinic=True,
        )
        run(
            order,
            clock=timezone.now,
            environment=settings.PROCESS_ENVIRONMENT,
            progress=lambda stage, done, total: self._tell(stage=stage, done=done, total=total),
            ready=self._ready,
        )

    def _ready(self, done: Done) -> None:
        self._tell(
            ready=True,
            numbers=done.numbers.as_dict(),
            html=str(done.written.html),
            pdf=str(done.written.pdf),
            url=done.url,
            sign_ins=[asdict(one) for one in done.sign_ins],
            clinic=clinic.told(done.clinic, done.url),
        )

    def _tell(self, **what: Any) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody listens any more; the room goes on
            self.stdout.write(json.dumps(what, default=str))
            self.stdout.flush()
