"""One drill from beginning to end: prepare, play, measure, report; then close the room or leave it open."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import httpx
from django.conf import settings
from django.utils.module_loading import import_string

from openconsular.drills import clinic as clinics
from openconsular.drills import measure, report, room
from openconsular.drills.play import Play
from openconsular.drills.scenario import Scenario
from openconsular.foundation.errors import Unavailable
from openconsular.foundation.permissions import SYSTEM
from openconsular.foundation.supervisor import Part, stop_on_signals
from openconsular.hazards import actions as hazards

READY_WITHIN_S = 120


@dataclass(frozen=True)
class Order:
    """What kind of drill: `speed` is minutes of the scenario in a minute of the drill, `stay` leaves it open.

    `has_clinic` adds a day of health certificates to look at (`drills.clinic`); the figures know nothing of it.
    """

    scenario: Scenario
    people: int
    seed: int
    speed: float
    port: int
    stay: bool
    has_clinic: bool = False


@dataclass(frozen=True)
class Done:
    numbers: measure.Numbers
    written: report.Written
    sign_ins: list[room.SignIn]
    url: str
    clinic: clinics.Clinic | None = None


def run(
    order: Order,
    *,
    clock: Callable[[], datetime],
    environment: dict[str, str],
    progress: room.Progress,
    ready: Callable[[Done], None],
) -> Done:
    """Run a drill. `ready` is called with the result while the room is still open; with `stay` it then stays so."""
    progress("database", 0, 1)
    officers, sign_ins = room.prepare(
        scenario=order.scenario, people=order.people, seed=order.seed, now=clock(), progress=progress
    )
    folder = settings.STATE / "drills" / clock().strftime("%Y%m%d-%H%M%S")
    folder.mkdir(parents=True, exist_ok=True)
    log = (folder / "log.txt").open("a", encoding="utf-8", buffering=1)
    stop = threading.Event()
    desk = None
    if order.has_clinic:
        progress("certificates", 0, 1)
        desk = clinics.prepare(
            officers=officers,
            sign_ins=sign_ins,
            folder=folder,
            now=clock(),
            say=lambda line: print(line, file=log),
        )
        progress("certificates", 1, 1)
    with (
        log,
        stop_on_signals(stop.set),
        room.opened(
            officers=officers,
            sign_ins=sign_ins,
            parts=_parts(),
            environment=environment,
            port=room.free_port(order.port),
            seed=order.seed,
            speed=order.speed,
            messages_to=folder / "messages",
            say=lambda line: print(line, file=log),
        ) as opened,
    ):
        watcher = threading.Thread(target=opened.supervisor.watch, daemon=True)
        watcher.start()
        _wait_until_ready(opened, folder / "log.txt")
        done = replace(_perform(order, opened, clock, progress, folder), clinic=desk)
        ready(done)
        while order.stay and not stop.wait(1):
            pass
    return done


def _parts() -> list[Part]:
    """The same processes as in service. A drill on this machine needs no more of them than that."""
    parts: list[Part] = import_string(settings.PARTS_OF_EVERYTHING)()
    return parts


def _perform(
    order: Order, opened: room.Room, clock: Callable[[], datetime], progress: room.Progress, folder: Path
) -> Done:
    now = clock()
    hazards.add_source(
        name=f"drill-{order.scenario.name}",
        kind="http",
        url=opened.feed.url,
        poll_seconds=5,
        is_drill=True,
        by=SYSTEM,
        now=now,
    )
    play = Play(
        scenario=order.scenario,
        room=opened,
        speed=order.speed,
        clock=clock,
        progress=progress,
        run=now.strftime("%Y%m%d%H%M%S"),
    )
    play.perform()
    numbers = measure.numbers(room=opened, published=play.published)
    written = report.write(
        scenario=order.scenario, numbers=numbers, speed=order.speed, now=clock(), folder=folder
    )
    return Done(numbers, written, opened.sign_ins, opened.url)


def _wait_until_ready(opened: room.Room, log: Path) -> None:
    """The site answers and the queue is worked on."""
    deadline = time.monotonic() + READY_WITHIN_S
    while time.monotonic() < deadline:
        try:
            if httpx.get(f"{opened.url}/healthz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.2)
    raise Unavailable(f"The site did not start. Its log: {log}")
