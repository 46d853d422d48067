"""Running the whole on one machine: database, migrations, web, workers, listener."""

import os
import sys
import threading
import time
from collections.abc import Callable

from openconsular.config import env
from openconsular.foundation import embedded
from openconsular.foundation.supervisor import Part, Supervisor, stop_on_signals

# Warnings and answers never wait behind feeds, reminders or upkeep: they have workers of their own.
PARTS = (
    ("web", ["web"]),
    ("urgent", ["worker", "--queues", "urgent", "--concurrency", "2"]),
    ("worker", ["worker", "--queues", "feeds,bulk", "--concurrency", "2"]),
    ("listen", ["listen"]),
)
DATABASE_CHECK_S = 2.0


def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)  # noqa: T201


def parts() -> list[Part]:
    return [Part(name, arguments) for name, arguments in PARTS]


def database_upkeep() -> Callable[[], None]:
    """Start the embedded database again when it died; nothing to do for a configured one."""
    url = os.environ.get("DATABASE_URL", "")
    folder = env.state_folder() / "postgresql"
    if str(folder) not in url.replace("%2F", "/"):
        return lambda: None
    last = [0.0]

    def check() -> None:
        if time.monotonic() - last[0] > DATABASE_CHECK_S:
            last[0] = time.monotonic()
            embedded.restart_if_dead(folder)

    return check


def up(*, say: Callable[[str], None] = say, ready: Callable[[], None] | None = None) -> None:
    """Supervise everything until a signal comes; then stop it in order."""
    supervisor = Supervisor(parts(), dict(os.environ), say, database_upkeep())
    done = threading.Event()

    def stop() -> None:
        if not done.is_set():
            done.set()
            threading.Thread(target=supervisor.stop).start()

    with stop_on_signals(stop):
        supervisor.start()
        if ready:
            ready()
        supervisor.watch()
    supervisor.stop()
