"""What the certificates do in the background. Each job takes ids, may run twice, and leaves its outcome in the tables."""

from django.utils import timezone

from openconsular.foundation.jobs import BULK, URGENT, periodic, task
from openconsular.health_certificates.actions import issuing


@task(queue=URGENT, name="sign_record")
def sign_record(record_id: int) -> None:
    """Sign a record that was approved: a certificate on the phone while its holder is still in the room."""
    issuing.sign_record(record_id=record_id, now=timezone.now())


@periodic(cron="* * * * *", periodic_id="certificates")
@task(queue=BULK, name="sign_what_is_left", queueing_lock="sign_what_is_left")
def sign_what_is_left(timestamp: int) -> None:
    """Every minute: what was approved while signing was stopped, held, or without a key."""
    for record_id in issuing.unsigned(now=timezone.now()):
        sign_record.defer(record_id=record_id)
