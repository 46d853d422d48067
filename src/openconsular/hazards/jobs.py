"""Hazards in, around the clock: whose turn it is, one job for each feed, and an end for what has expired."""

from contextlib import suppress
from datetime import UTC, datetime

from procrastinate.exceptions import AlreadyEnqueued

from openconsular.foundation.jobs import FEEDS, periodic, task
from openconsular.foundation.permissions import Actor
from openconsular.hazards import actions, polling

FEED_READER = Actor(label="system:feeds", is_system=True)


@periodic(cron="* * * * * */5", periodic_id="hazards")
@task(queue=FEEDS, name="poll_due_sources", queueing_lock="poll_due_sources")
def poll_due_sources(timestamp: int) -> None:
    """Queue one job for every source whose turn it is, and end what has expired."""
    now = datetime.now(UTC)
    for source_id in polling.claim_due(now):
        lock = f"source:{source_id}"
        # One round of a source waits at most: a slow feed must not fill the queue with its own rounds.
        with suppress(AlreadyEnqueued):
            poll_one_source.configure(lock=lock, queueing_lock=lock).defer(source_id=source_id)
    actions.end_expired(by=FEED_READER, now=now)


@task(queue=FEEDS, name="poll_one_source")
def poll_one_source(source_id: int) -> None:
    actions.poll_source(source_id=source_id, by=FEED_READER, now=datetime.now(UTC))
