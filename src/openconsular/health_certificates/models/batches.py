"""Batches: a clinic's file of many doses, worked off in chunks."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.secrets import SealedTextField
from openconsular.health_certificates.models.environments import Environment


class Batch(models.Model):
    """A file of rows for one mission. Its numbers are what the approver reads back.

    receiving -> checking -> submitted (every row read) -> approved -> done; or refused, or stopped.
    """

    class State(models.TextChoices):
        RECEIVING = "receiving", _("being received")
        CHECKING = "checking", _("being checked")
        SUBMITTED = "submitted", _("waiting for approval")
        APPROVED = "approved", _("being signed")
        STOPPED = "stopped", _("stopped")
        DONE = "done", _("done")
        REFUSED = "refused", _("refused")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    environment = models.CharField(max_length=4, choices=Environment)
    format = models.CharField(max_length=20)
    kind = models.CharField(max_length=12)
    name = models.CharField(max_length=120)
    mission = models.ForeignKey(
        "accounts.Mission", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField(max_length=10, choices=State, default=State.RECEIVING)
    header = models.JSONField(default=list)
    rows = models.IntegerField(default=0)
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    confirmed_count = models.IntegerField(null=True, blank=True)
    approved_by = models.CharField(max_length=60, blank=True)
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.CharField(max_length=60, blank=True)
    refusal = models.CharField(max_length=300, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # How many rows became records, written when the last chunk has been checked.
    accepted_count = models.IntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by="")
                | Q(approved_at__isnull=False) & ~Q(approved_by="") & ~Q(approved_by=F("recorded_by")),
                name="batch_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(confirmed_count=F("accepted_count")),
                name="batch_approved_as_counted",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=("approved", "done")) | Q(approved_at__isnull=False),
                name="batch_signed_as_approved",
            ),
        ]


class Chunk(models.Model):
    """Some thousand rows of a batch: the unit of work, claimed by one worker at a time.

    received (rows sealed here) -> checked (rows became records and faults) -> signed. `signs_at` is fixed by the
    first attempt to sign, so that every further one signs the very same words.
    """

    class State(models.TextChoices):
        RECEIVED = "received", _("received")
        CHECKED = "checked", _("checked")
        SIGNED = "signed", _("signed")

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="chunks")
    number = models.IntegerField()
    first_row = models.IntegerField()
    rows = models.IntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.RECEIVED)
    raw = SealedTextField(context="health_certificates.chunk.raw", null=True)
    accepted = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    signed = models.IntegerField(default=0)
    # Accepted and yet not to be signed, found only then; each is a fault like those found before.
    failed = models.IntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    signs_at = models.DateTimeField(null=True)
    key = models.ForeignKey(
        "health_certificates.SigningKey", null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "number"], name="one_chunk_a_number"),
            models.CheckConstraint(
                condition=Q(state="received") | Q(rows=F("accepted") + F("refused")), name="chunk_adds_up"
            ),
            models.CheckConstraint(
                condition=~Q(state="signed") | Q(accepted=F("signed") + F("failed")), name="chunk_all_signed"
            ),
        ]
        indexes = [models.Index(fields=["batch", "state", "number"], name="chunk_next")]


class BatchFault(models.Model):
    """A row that was refused, by its number in the file (the header is line 1) and why.

    `line` is the row itself, sealed, so that it can be mended; it goes by the term of what was refused. None for rows
    that were sent before, and for those that are no text.
    """

    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="faults", db_index=False)
    row = models.IntegerField()
    key = SealedTextField(context="health_certificates.batchfault.key")
    field = models.CharField(max_length=40)
    code = models.CharField(max_length=40)
    line = SealedTextField(context="health_certificates.batchfault.line", null=True)

    class Meta:
        indexes = [models.Index(fields=["batch", "row"], name="fault_row")]
