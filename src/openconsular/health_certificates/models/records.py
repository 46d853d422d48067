"""Records, and the register of what was signed."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.secrets import SealedTextField
from openconsular.health_certificates.models.environments import Environment
from openconsular.health_certificates.models.keys import SigningKey


class Record(models.Model):
    """A dose, a test or a recovery that somebody wrote down. It never changes; what was wrong is corrected by another.

    `content` is sealed JSON (`domain` form of holder and entry) and is cleared when it has served its purpose;
    `content_mac` (32 bytes, keyed) stays and holds approved and signed to the same words. `holder_hash` and
    `document_hash` find it. A record of a batch is approved with its batch, any other by itself.
    """

    class Format(models.TextChoices):
        EU_DCC = "eu-dcc", _("EU DCC")
        ICVP = "icvp", _("digital yellow card (ICVP)")
        SMART = "smart-health-card", _("SMART Health Card")

    class Kind(models.TextChoices):
        VACCINATION = "vaccination", _("vaccination")
        TEST = "test", _("test")
        RECOVERY = "recovery", _("recovery")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    environment = models.CharField(max_length=4, choices=Environment)
    format = models.CharField(max_length=20, choices=Format)
    kind = models.CharField(max_length=12, choices=Kind)
    mission = models.ForeignKey(
        "accounts.Mission", null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    person = models.ForeignKey(
        "citizens.Person", null=True, blank=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    batch = models.ForeignKey(
        "health_certificates.Batch",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="records",
        db_index=False,
    )
    # Which line of the batch's file it was; the header is line 1.
    row_number = models.IntegerField(null=True)
    row_hash = models.BinaryField(max_length=16, null=True)
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    content = SealedTextField(context="health_certificates.record.content", null=True)
    content_mac = models.BinaryField(max_length=32)
    holder_hash = models.BinaryField(max_length=16)
    document_hash = models.BinaryField(max_length=16, null=True)
    recorded_by = models.CharField(max_length=60)
    recorded_at = models.DateTimeField()
    approved_by = models.CharField(max_length=60, blank=True, db_default="")
    approved_at = models.DateTimeField(null=True, blank=True)
    refused_by = models.CharField(max_length=60, blank=True, db_default="")
    refused_at = models.DateTimeField(null=True, blank=True)
    refusal = models.CharField(max_length=300, blank=True, db_default="")
    # Why the signer could not sign it, though it was approved: a code. Somebody has to look.
    fault = models.CharField(max_length=40, blank=True, db_default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by="")
                | Q(approved_at__isnull=False) & ~Q(approved_by="") & ~Q(approved_by=F("recorded_by")),
                name="record_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True) | Q(refused_at__isnull=True), name="record_one_decision"
            ),
            # The same line of the same clinic is one record, however often its file is sent.
            models.UniqueConstraint(
                fields=["row_hash"], condition=Q(row_hash__isnull=False), name="one_record_a_row"
            ),
        ]
        indexes = [
            models.Index(
                fields=["mission", "recorded_at"],
                condition=Q(approved_at__isnull=True, refused_at__isnull=True, batch__isnull=True),
                name="record_to_approve",
            ),
            models.Index(
                fields=["approved_at"], condition=Q(approved_at__isnull=False), name="record_approved"
            ),
            models.Index(
                fields=["recorded_by", "recorded_at"], condition=Q(batch__isnull=True), name="record_rate"
            ),
            models.Index(
                fields=["batch", "row_number"], condition=Q(batch__isnull=False), name="record_of_batch"
            ),
            models.Index(fields=["holder_hash"], name="record_holder"),
            models.Index(
                fields=["document_hash"], condition=Q(document_hash__isnull=False), name="record_document"
            ),
            models.Index(fields=["person"], condition=Q(person__isnull=False), name="record_person"),
        ]


class Issued(models.Model):
    """The register: one row a signature, and never more than one signature a record. Rows are only added.

    `text` is the certificate itself, sealed, and is cleared with its record's content; `text_hash` (SHA-256) stays.
    The three `*_hash` columns (16 bytes) are what revocation lists name it by (`domain.health.revocation`).
    """

    record = models.OneToOneField(
        Record, primary_key=True, on_delete=models.PROTECT, related_name="issued", db_index=False
    )
    key = models.ForeignKey(SigningKey, on_delete=models.PROTECT, related_name="issued", db_index=False)
    environment = models.CharField(max_length=4, choices=Environment)
    identifier = models.CharField(max_length=80)
    text = SealedTextField(context="health_certificates.issued.text", null=True)
    text_hash = models.BinaryField(max_length=32)
    signature_hash = models.BinaryField(max_length=16)
    uci_hash = models.BinaryField(max_length=16, unique=True)
    country_uci_hash = models.BinaryField(max_length=16)
    signed_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    delivered_at = models.DateTimeField(null=True, blank=True)
    forgotten_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(expires_at__gt=F("signed_at")), name="issued_for_a_time")
        ]
        # Few, since a batch writes each of them for every row.
        indexes = [models.Index(fields=["signed_at"], name="issued_signed")]
