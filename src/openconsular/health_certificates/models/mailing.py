"""E-mails that tell a holder where a certificate waits: the ledger of what was asked for and what became of it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.secrets import SealedTextField
from openconsular.health_certificates.models.records import Issued


class ClaimMail(models.Model):
    """One e-mail to one address. The address is sealed, and goes when the certificate was fetched or the link is over.

    `address_hash` (16 bytes, keyed) tells a second press of the button from a second wish. `busy_until` is set while a
    worker talks to the mail server; `via` is the gateway that took it.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("on its way")
        SENT = "sent", _("sent")
        FAILED = "failed", _("not sent")

    issued = models.ForeignKey(Issued, on_delete=models.CASCADE, related_name="mails")
    address = SealedTextField(context="health_certificates.claimmail.address", null=True)
    address_hash = models.BinaryField(max_length=16, null=True)
    language = models.CharField(max_length=12)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    link_expires_at = models.DateTimeField()
    state = models.CharField(max_length=6, choices=State, default=State.QUEUED)
    tries = models.PositiveSmallIntegerField(default=0)
    busy_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    via = models.CharField(max_length=40, blank=True)
    fault = models.CharField(max_length=40, blank=True)
    fault_told = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="claim_mail_sent_at"
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(fault=""), name="claim_mail_says_why"),
        ]
        indexes = [
            models.Index(fields=["created_at"], condition=Q(state="queued"), name="claim_mail_queued"),
            models.Index(
                fields=["link_expires_at"], condition=Q(address__isnull=False), name="claim_mail_addressed"
            ),
        ]
