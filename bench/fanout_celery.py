"""The rival: one Celery task per message, each doing by itself what a shard does for thousands.

Loads the delivery, marks it, words it, hands it to the same gateway, writes the outcome and the ledger: the same
promises kept in the usual way. `nothing` is an empty task, the least that one task per message can cost.
"""

import os

import django
from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "openconsular.config.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from openconsular.alerts.models import Delivery, Recipient  # noqa: E402
from openconsular.alerts.rendering import Renderer  # noqa: E402
from openconsular.gateways.configured import gateway_for  # noqa: E402

app = Celery("fanout", broker=os.environ["FANOUT_BROKER"])
app.conf.task_ignore_result = True
app.conf.broker_connection_retry_on_startup = False
if os.environ["FANOUT_BROKER"].startswith("filesystem"):
    app.conf.broker_transport_options = {
        "data_folder_in": os.environ["FANOUT_FOLDER"],
        "data_folder_out": os.environ["FANOUT_FOLDER"],
        "control_folder": os.environ["FANOUT_FOLDER"] + "-control",
        "polling_interval": 0.01,
    }


@app.task
def nothing(number: int) -> None:
    """An empty task."""


@app.task
def deliver_one(delivery_id: int) -> None:
    """One message by itself."""
    delivery = Delivery.objects.select_related("recipient", "contact", "warning").get(pk=delivery_id)
    if delivery.state != Delivery.State.QUEUED:
        return
    delivery.state, delivery.attempts = Delivery.State.SENDING, delivery.attempts + 1
    delivery.save(update_fields=["state", "attempts"])
    message = Renderer(delivery.warning.texts.order_by("pk"), exercise=True).message(
        channel=delivery.channel,
        key=delivery.pk,
        recipient_id=delivery.recipient_id,
        address=delivery.contact.value,
        language=delivery.language,
    )
    (outcome,) = gateway_for("sms").hand_over([message])
    now = timezone.now()
    delivery.state = Delivery.State.HANDED if outcome.state == "accepted" else Delivery.State.REFUSED
    delivery.handed_at, delivery.provider_ref = now, outcome.provider_ref
    delivery.save(update_fields=["state", "handed_at", "provider_ref"])
    Recipient.objects.filter(pk=delivery.recipient_id, reached_at=None).update(
        state="reached", reached_at=now
    )
