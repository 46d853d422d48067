"""Measuring the rival: Celery with Redis where redis-server is installed, with its filesystem broker where not."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PROCESSES = 2
PATIENCE_S = 300


@dataclass(frozen=True)
class Rival:
    """Messages and empty tasks a second, from the first task queued to the last one done."""

    per_second: float
    empty_per_second: float
    broker: str


def measure_rival(count: int, folder: Path, say: Callable[[str], None]) -> Rival:
    """Deliver `count` messages one task each, and as many empty tasks."""
    with _broker(folder) as broker, _worker(folder):
        say(f"{count} tasks by Celery over {broker} ...")
        empty = _run_empty(count)
        return Rival(round(count / _run_deliveries(count), 1), round(count / empty, 1), broker)


@contextmanager
def _broker(folder: Path) -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        inbox = folder / "celery"
        inbox.mkdir()
        (folder / "celery-control").mkdir()
        os.environ["FANOUT_BROKER"], os.environ["FANOUT_FOLDER"] = "filesystem://", str(inbox)
        yield "filesystem"
        return
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    os.environ["FANOUT_BROKER"] = f"redis://127.0.0.1:{port}/0"
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.05)
        yield "redis"
    finally:
        server.terminate()
        server.wait(10)


@contextmanager
def _worker(folder: Path) -> Iterator[None]:
    command = [sys.executable, "-m", "celery", "-A", "bench.fanout_celery", "worker", "--loglevel", "ERROR"]
    command += [
        "--concurrency",
        str(PROCESSES),
        "--without-gossip",
        "--without-mingle",
        "--without-heartbeat",
    ]
    with (folder / "celery.log").open("w") as log:
        worker = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            yield
        finally:
            worker.terminate()
            worker.wait(30)


def _run_empty(count: int) -> float:
    """Seconds for empty tasks. One that also takes note when it is run tells that the worker is up, and the end."""
    from bench.fanout_celery import nothing
    from openconsular.alerts.models import Delivery

    first, last = _deliveries(2)
    from bench.fanout_celery import deliver_one

    deliver_one.delay(first)
    _wait_until(lambda: not Delivery.objects.filter(pk=first, state="queued").exists())
    started = time.perf_counter()
    for number in range(count):
        nothing.delay(number)
    deliver_one.delay(last)
    _wait_until(lambda: not Delivery.objects.filter(pk=last, state="queued").exists())
    return time.perf_counter() - started


def _run_deliveries(count: int) -> float:
    from bench.fanout_celery import deliver_one
    from openconsular.alerts.models import Delivery

    keys = _deliveries(count)
    started = time.perf_counter()
    for key in keys:
        deliver_one.delay(key)
    _wait_until(lambda: not Delivery.objects.filter(pk__in=keys, state__in=("queued", "sending")).exists())
    return time.perf_counter() - started


def _deliveries(count: int) -> list[int]:
    """Deliveries of a warning of their own to the first people there are."""
    from django.db.models import F
    from django.utils import timezone

    from openconsular.alerts.models import Delivery, Recipient, Shard, Warning, WarningText
    from openconsular.citizens.models import Contact

    first = Warning.objects.order_by("pk")[0]
    texts = list(first.texts.all())
    now = timezone.now()
    made = Warning.objects.create(
        incident=first.incident,
        kind="update",
        state="discarded",
        grade=first.grade,
        area=first.area,
        approval_above=first.approval_above,
        is_exercise=True,
        proposed_at=now,
    )
    for text in texts:
        WarningText.objects.create(
            warning=made, language=text.language, sms=text.sms, subject=text.subject, body=text.body
        )
    shard = Shard.objects.create(
        warning=made, channel="sms", number=0, size=count, not_before=now, state="done"
    )
    people = Recipient.objects.filter(incident=first.incident).order_by("pk")[:count]
    Recipient.objects.filter(pk__in=people.values("pk")).update(reached_at=None, state="not_reached")
    contacts = dict(Contact.objects.filter(person__in=people.values("person")).values_list("person", "pk"))
    rows = Delivery.objects.bulk_create(
        Delivery(
            warning=made,
            shard=shard,
            recipient=one,
            contact_id=contacts[one.person_id],
            channel="sms",
            language=one.language,
        )
        for one in people.annotate(key=F("pk"))
    )
    return [row.pk for row in rows]


def _wait_until(condition: Callable[[], bool]) -> None:
    give_up = time.perf_counter() + PATIENCE_S
    while not condition():
        if time.perf_counter() > give_up:
            raise SystemExit("Celery did not finish in time.")
        time.sleep(0.05)
