"""What the alerts do in the background. Each job takes ids, may run twice, and leaves its outcome in the tables."""

import contextlib

from django.utils import timezone
from procrastinate.exceptions import AlreadyEnqueued

from openconsular.alerts import deliver, forgetting, matching, receiving, watching
from openconsular.foundation.jobs import BULK, URGENT, periodic, task
from openconsular.foundation.permissions import SYSTEM


@task(queue=URGENT, name="propose_warning")
def propose_warning(hazard_id: int) -> None:
    """Match a new or changed hazard and propose what to tell whom."""
    matching.match(hazard_id=hazard_id, by=SYSTEM, now=timezone.now())


@task(queue=URGENT, name="match_person")
def match_person(person_id: int) -> None:
    """Somebody has just told us where they are: see what concerns them."""
    matching.match_person(person_id, by=SYSTEM, now=timezone.now())


@periodic(cron="* * * * * */5", periodic_id="match")
@task(queue=URGENT, name="match_hazards", queueing_lock="match_hazards")
def match_hazards(timestamp: int) -> None:
    """Every five seconds: hazards not matched in their present version, and all active ones for those who came since."""
    matching.match_due(by=SYSTEM, now=timezone.now())


@task(queue=URGENT, name="deliver_shard")
def deliver_shard(shard_id: int) -> None:
    """Hand one shard over to its gateway."""
    deliver.deliver_shard(shard_id=shard_id, clock=timezone.now)


@periodic(cron="* * * * * */10", periodic_id="shards")
@task(queue=URGENT, name="sweep_shards", queueing_lock="sweep_shards")
def sweep_shards(timestamp: int) -> None:
    """Every ten seconds: shards whose worker died or whose turn has come again, and receipts that came too soon."""
    for shard_id in deliver.due_shards(now=timezone.now()):
        # One waiting job a shard is enough; a job that comes too late finds nothing to claim.
        with contextlib.suppress(AlreadyEnqueued):
            deliver_shard.configure(queueing_lock=f"shard-{shard_id}").defer(shard_id=shard_id)
    watching.finish_warnings(now=timezone.now())
    receiving.settle_early_receipts(now=timezone.now())


@periodic(cron="* * * * *", periodic_id="silent")
@task(queue=BULK, name="mark_silent", queueing_lock="mark_silent")
def mark_silent(timestamp: int) -> None:
    """Every minute: those who were reached and stay silent."""
    watching.mark_silent(now=timezone.now())


@periodic(cron="20 3 * * *", periodic_id="positions")
@task(queue=BULK, name="forget_positions", queueing_lock="forget_positions")
def forget_positions(timestamp: int) -> None:
    """Every night: positions of stays that have ended, words about the erased, and replies settled long ago."""
    now = timezone.now()
    forgetting.forget_positions(now=now)
    forgetting.forget_erased(now=now)
    forgetting.forget_replies(now=now)
