"""What the registry does later: sending codes, and forgetting."""

from datetime import UTC, datetime

from django.conf import settings
from django.utils import translation
from procrastinate import RetryStrategy

from openconsular.citizens.actions.erasure import retention
from openconsular.citizens.messages import change_message, code_message
from openconsular.citizens.models import Contact, SignInCode
from openconsular.foundation import jobs
from openconsular.foundation.errors import Unavailable
from openconsular.gateways.base import OutgoingMessage, read_clock
from openconsular.gateways.configured import ChannelName, gateway_for

CHANNELS: dict[str, ChannelName] = {Contact.Kind.PHONE: "sms", Contact.Kind.EMAIL: "email"}


@jobs.task(queue=jobs.URGENT, name="citizens.send_code", retry=RetryStrategy(max_attempts=6, wait=5))
def send_code(code_id: int) -> None:
    """Hand one code to its gateway. Code and address are forgotten as soon as it has left."""
    row = SignInCode.objects.filter(pk=code_id, sent_at__isnull=True, used_at__isnull=True).first()
    if row is None or not row.address or not row.sealed_code or row.expires_at <= read_clock():
        return
    with translation.override(row.language or settings.LANGUAGE_CODE):
        message = code_message(f"code:{row.pk}", row.kind, row.address, row.sealed_code)
    _hand_over(row.kind, message)
    SignInCode.objects.filter(pk=row.pk).update(address=None, sealed_code=None, sent_at=read_clock())


@jobs.task(queue=jobs.BULK, name="citizens.tell_of_change", retry=RetryStrategy(max_attempts=6, wait=60))
def tell_of_change(person_id: int) -> None:
    """Tell every confirmed contact of a person that their contacts changed: whoever did it, the owner learns of it."""
    contacts = Contact.objects.filter(
        person_id=person_id, is_trusted_other=False, verified_at__isnull=False
    ).select_related("person")
    for contact in contacts:
        spoken = (contact.person.languages or [settings.LANGUAGE_CODE])[0]
        with translation.override(spoken.lower()):
            message = change_message(f"change:{contact.pk}", contact.kind, contact.value)
        _hand_over(contact.kind, message)


def _hand_over(kind: str, message: OutgoingMessage) -> None:
    outcome = gateway_for(CHANNELS[kind]).hand_over([message])[0]
    # An answer that got lost may mean a second message; a code that never came is worse.
    if outcome.state == "retry":
        raise Unavailable(outcome.error_code)


@jobs.periodic(cron="17 3 * * *", periodic_id="citizens.retention")
@jobs.task(queue=jobs.BULK, name="citizens.retention", queueing_lock="citizens.retention")
def forget(timestamp: int) -> None:
    retention(now=datetime.fromtimestamp(timestamp, UTC))
