"""Work that runs later, at least once: Procrastinate, plus the sweep it leaves to us.

Queues by urgency: `urgent` (warnings, answers), `feeds` (hazards in), `bulk` (reminders, reports, upkeep). A job
carries ids, never content, is queued after commit, and may run twice without harm.
"""

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.core.management import call_command
from django.db import connection, transaction
from procrastinate.contrib.django import app

from openconsular.foundation import audit

log = logging.getLogger(__name__)

URGENT, FEEDS, BULK = "urgent", "feeds", "bulk"
# A worker says it is alive every 10 s (Procrastinate's default); three missed beats and its jobs go back.
STALLED_AFTER = timedelta(seconds=30)

task = app.task
periodic = app.periodic


def after_commit(job: Callable[..., Any], **ids: Any) -> None:
    """Queue `job` once the transaction has committed; at once outside a transaction."""
    transaction.on_commit(lambda: job.defer(**ids))  # type: ignore[attr-defined]


def after_commit_by_name(name: str, *, queue: str, **ids: Any) -> None:
    """Queue a job of a room above, known here by its name only, once the transaction has committed."""
    transaction.on_commit(lambda: app.configure_task(name, queue=queue).defer(**ids) and None)


_SWEEP = """
UPDATE procrastinate_jobs SET status = 'todo', worker_id = NULL
WHERE status = 'doing' AND NOT EXISTS (
    SELECT 1 FROM procrastinate_workers w
    WHERE w.id = procrastinate_jobs.worker_id AND w.last_heartbeat > now() - make_interval(secs => %s)
)
RETURNING id
"""


def sweep_stalled(*, stalled_after: timedelta = STALLED_AFTER) -> int:
    """Put back the jobs of dead workers (Procrastinate leaves them in `doing` for ever). Returns how many.

    It is one statement and takes no queue lock, so it cannot itself be what a dead worker blocks.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SWEEP, [stalled_after.total_seconds()])
        rows = cursor.fetchall()
    if rows:
        log.warning("%d job(s) of a worker that died were put back", len(rows))
    return len(rows)


@periodic(cron="* * * * * */10", periodic_id="sweep")
@task(queue=BULK, name="sweep_stalled_jobs", queueing_lock="sweep_stalled_jobs")
def sweep_stalled_jobs(timestamp: int) -> None:
    sweep_stalled()


@periodic(cron="40 3 * * *", periodic_id="sessions")
@task(queue=BULK, name="clear_sessions", queueing_lock="clear_sessions")
def clear_sessions(timestamp: int) -> None:
    """Every night: sessions that have ended, with what was waiting in them."""
    call_command("clearsessions")


@periodic(cron="* * * * * */5", periodic_id="audit")
@task(queue=BULK, name="seal_audit", queueing_lock="seal_audit")
def seal_audit(timestamp: int) -> None:
    """Every five seconds: put new audit entries into the chain."""
    audit.seal()
