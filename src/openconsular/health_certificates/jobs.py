"""What the certificates do in the background. Each job takes ids, may run twice, and leaves its outcome in the tables."""

import contextlib

from django.utils import timezone
from procrastinate import RetryStrategy
from procrastinate.exceptions import AlreadyEnqueued

from openconsular.foundation.errors import OpenConsularError
from openconsular.foundation.jobs import BULK, URGENT, periodic, task
from openconsular.foundation.permissions import SYSTEM
from openconsular.health_certificates import batching, forgetting, mailing, publishing
from openconsular.health_certificates.actions import issuing
from openconsular.health_certificates.actions.rules import fetch_rules
from openconsular.health_certificates.actions.trust import fetch_list
from openconsular.health_certificates.queries.batches import unfinished
from openconsular.health_certificates.queries.keys import NoKey
from openconsular.health_certificates.queries.rules import sources_to_fetch as rule_sources_to_fetch
from openconsular.health_certificates.queries.trust import sources_to_fetch
from openconsular.health_certificates.signing import Stopped


@task(queue=URGENT, name="sign_record")
def sign_record(record_id: int) -> None:
    """Sign a record that was approved: a certificate on the phone while its holder is still in the room."""
    with contextlib.suppress(NoKey, Stopped):
        # The sweep comes back to it every minute.
        issuing.sign_record(record_id=record_id, now=timezone.now())


@periodic(cron="* * * * *", periodic_id="certificates")
@task(queue=BULK, name="sign_what_is_left", queueing_lock="sign_what_is_left")
def sign_what_is_left(timestamp: int) -> None:
    """Every minute: what was approved while signing was stopped, held, or without a key."""
    for record_id in issuing.unsigned(now=timezone.now()):
        sign_record.defer(record_id=record_id)


# A job ends after some chunks, so that a stopping worker is never far from its end.
CHUNKS_A_JOB = 10


@task(queue=BULK, name="work_batch")
def work_batch(batch_id: int) -> None:
    """Check or sign some chunks of a batch, and come again while there are more."""
    with contextlib.suppress(NoKey, Stopped):
        if batching.work(batch_id, timezone.now, most=CHUNKS_A_JOB) == CHUNKS_A_JOB:
            work_batch.defer(batch_id=batch_id)


@task(
    queue=URGENT,
    name="send_claim_mail",
    retry=RetryStrategy(max_attempts=mailing.MOST_TRIES, exponential_wait=4),
)
def send_claim_mail(mail_id: int) -> None:
    """Hand over the e-mail that leads a holder to a certificate; again after 4, 16, 64 seconds and so on."""
    mailing.deliver(mail_id, timezone.now())


@periodic(cron="*/5 * * * *", periodic_id="claim-mails")
@task(queue=BULK, name="sweep_claim_mails", queueing_lock="sweep_claim_mails")
def sweep_claim_mails(timestamp: int) -> None:
    """Every five minutes: e-mails whose job was lost with its worker."""
    for mail_id in mailing.left_behind(now=timezone.now()):
        with contextlib.suppress(AlreadyEnqueued):
            send_claim_mail.configure(queueing_lock=f"claim-mail-{mail_id}").defer(mail_id=mail_id)


@periodic(cron="* * * * * */30", periodic_id="batches")
@task(queue=BULK, name="sweep_batches", queueing_lock="sweep_batches")
def sweep_batches(timestamp: int) -> None:
    """Every thirty seconds: batches whose workers died, or that waited for a key or the switch."""
    for batch_id in unfinished(now=timezone.now()):
        with contextlib.suppress(AlreadyEnqueued):
            work_batch.configure(queueing_lock=f"batch-{batch_id}").defer(batch_id=batch_id)


@task(queue=URGENT, name="publish_revocations")
def publish_revocations() -> None:
    """A new edition of the revocation list, as soon as something was revoked."""
    with contextlib.suppress(NoKey):
        publishing.publish_revocations(now=timezone.now())


@periodic(cron="7 * * * *", periodic_id="lists")
@task(queue=BULK, name="look_after_lists", queueing_lock="look_after_lists")
def look_after_lists(timestamp: int) -> None:
    """Every hour: lists of others from their addresses, and our own said again when it grows old."""
    publish_revocations.defer()
    for name in sources_to_fetch():
        with contextlib.suppress(OpenConsularError):
            # What went wrong is kept with the list.
            fetch_list(name=name, by=SYSTEM, now=timezone.now())
    for name in rule_sources_to_fetch():
        with contextlib.suppress(OpenConsularError):
            fetch_rules(name=name, by=SYSTEM, now=timezone.now())


@periodic(cron="40 2 * * *", periodic_id="certificate-retention")
@task(queue=BULK, name="forget_certificates", queueing_lock="forget_certificates")
def forget_certificates(timestamp: int) -> None:
    """Every night: the words of records that have served their purpose."""
    forgetting.forget(now=timezone.now())
