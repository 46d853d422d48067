"""How fast a warning leaves: 100,000 people over SMPP with durable state, and one Celery task per message beside it.

    python -m bench.fanout [--json] [--small]

Ours is the product's own path: a worker process takes shards off the queue, claims, words, hands over to a message
centre on the same machine, and writes outcomes and ledger. `per_second` counts from the officer's release being
committed to the last outcome being so; writing the deliveries down is `release_seconds`, and is left out for the rival
too. The rival does the same for each message in a task of its own. Everything shares the machine's cores.

`lost` are people without an accepted message, or accepted ones the message centre never saw; `duplicates` are messages
it saw twice.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from bench.fanout_rival import Rival, measure_rival
from openconsular.gateways.sinks.process import SinkProcess

Say = Callable[[str], None]
PEOPLE, FEW_PEOPLE = 100_000, 5_000
WORKERS = 1
PATIENCE_S = 600
DATABASE = "openconsular_fanout"


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument(
        "--json", action="store_true", help="one line of JSON on standard output and nothing else"
    )
    reader.add_argument("--small", action="store_true", help=f"{FEW_PEOPLE} people, to see that it works")
    reader.add_argument("--people", type=int, default=PEOPLE)
    reader.add_argument("--no-rival", action="store_true", help="leave Celery out")
    wanted = reader.parse_args()
    count = FEW_PEOPLE if wanted.small else wanted.people

    def say(line: str) -> None:
        if not wanted.json:
            print(line, file=sys.stderr, flush=True)

    with tempfile.TemporaryDirectory(prefix="fanout-") as folder, SinkProcess("smsc") as sink:
        _prepare_environment(Path(folder), sink.port)
        figures = _measure_ours(count, sink, say)
        rival = None if wanted.no_rival else measure_rival(200 if wanted.small else 1_500, Path(folder), say)
    _report(figures, rival, as_json=wanted.json)


def _prepare_environment(folder: Path, port: int) -> None:
    """A database made anew, and a gateway that reaches nothing but the sink."""
    from openconsular.config import env
    from openconsular.foundation import embedded

    base = os.environ.get("DATABASE_URL") or embedded.start(env.state_folder() / "postgresql")
    embedded.make_database(base, DATABASE, anew=True)
    os.environ["DATABASE_URL"] = urlunsplit(urlsplit(base)._replace(path=f"/{DATABASE}"))
    os.environ["OPENCONSULAR_DRILL"] = "1"
    os.environ["OPENCONSULAR_INSECURE_HTTP"] = "1"
    os.environ["OPENCONSULAR_SMS_URL"] = f"smpp://drill:drill@127.0.0.1:{port}?window=1000"
    os.environ["DJANGO_SETTINGS_MODULE"] = "openconsular.config.settings"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def _measure_ours(count: int, sink: SinkProcess, say: Say) -> dict[str, Any]:
    from django.db.models import Sum
    from django.utils import timezone

    from bench import fanout_world as world
    from openconsular.alerts import actions
    from openconsular.alerts.models import Delivery, Warning

    say(f"making {count} synthetic people ...")
    by = world.officer()
    world.people(count)
    warning = world.warning()
    command = [sys.executable, "-m", "openconsular.config.main", "worker", "--queues", "urgent"]
    workers = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(WORKERS)]
    try:
        _wait_for_workers()
        load = round(os.getloadavg()[0], 1)
        say("releasing ...")
        started = time.perf_counter()
        actions.submit(warning_id=warning.pk, confirmed_size=warning.audience_size, by=by, now=timezone.now())
        released = time.perf_counter()
        while Warning.objects.get(pk=warning.pk).state != Warning.State.SENT:
            if time.perf_counter() - started > PATIENCE_S:
                raise SystemExit("The warning was not sent in time.")
            time.sleep(0.1)
        ended = time.perf_counter()
    finally:
        for worker in workers:
            worker.terminate()
        for worker in workers:
            worker.wait(30)
    rows = Delivery.objects.filter(warning=warning)
    handed = rows.filter(state__in=("handed", "delivered")).count()
    seen = sink.counters()
    return {
        "recipients": count,
        "per_second": round(count / (ended - released)),
        "seconds": round(ended - released, 3),
        "release_seconds": round(released - started, 3),
        "per_second_with_release": round(count / (ended - started)),
        "lost": count - handed + max(0, handed - seen["distinct"]),
        "duplicates": seen["repeated"],
        "in_doubt": rows.aggregate(n=Sum("in_doubt"))["n"],
        "reached": warning.incident.recipients.filter(reached_at__isnull=False).count(),
        "load_before": load,
        "cores": os.cpu_count(),
    }


def _wait_for_workers() -> None:
    from django.db import connection

    while True:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM procrastinate_workers")
            if cursor.fetchone()[0] >= WORKERS:
                return
        time.sleep(0.1)


def _report(figures: dict[str, Any], rival: Rival | None, *, as_json: bool) -> None:
    figures["ratio_celery"] = round(figures["per_second"] / rival.per_second, 1) if rival else None
    if rival:
        figures["celery_per_second"] = rival.per_second
        figures["celery_empty_tasks_per_second"] = rival.empty_per_second
        figures["celery_broker"] = rival.broker
    if as_json:
        print(json.dumps(figures))
        return
    for name, value in figures.items():
        print(f"{name:32} {value}")


if __name__ == "__main__":
    main()
