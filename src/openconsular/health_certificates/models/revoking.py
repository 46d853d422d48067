"""Revocations: who asked, who agreed, which certificates, and the lists verifiers fetch. All of it only grows."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models.environments import Environment
from openconsular.health_certificates.models.records import Issued


class Revocation(models.Model):
    """A decision to revoke `size` certificates. More than one takes a second person."""

    class Reason(models.TextChoices):
        CORRECTED = "corrected", _("replaced by a corrected certificate")
        ERROR = "error", _("issued in error")
        FRAUD = "fraud", _("obtained by fraud")
        PRODUCT = "product", _("batch of vaccine withdrawn")
        KEY = "key", _("signing key compromised")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    environment = models.CharField(max_length=4, choices=Environment)
    # Where it was proposed; none for the ministry.
    mission = models.ForeignKey(
        "accounts.Mission", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    reason = models.CharField(max_length=10, choices=Reason)
    note = models.CharField(max_length=300, blank=True)
    size = models.IntegerField()
    # The certificates meant, as record numbers, until the decision is taken.
    wanted = models.JSONField(default=list)
    proposed_by = models.CharField(max_length=60)
    proposed_at = models.DateTimeField()
    confirmed_by = models.CharField(max_length=60, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.CharField(max_length=60, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(size__gte=1), name="revocation_of_something"),
            models.CheckConstraint(
                condition=Q(confirmed_by="") | ~Q(confirmed_by=F("proposed_by")),
                name="revocation_two_persons",
            ),
            models.CheckConstraint(
                condition=Q(effective_at__isnull=True)
                | Q(size=1)
                | Q(confirmed_at__isnull=False) & ~Q(confirmed_by=""),
                name="revocation_of_many_confirmed",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_by="") | Q(effective_at__isnull=True), name="revocation_stays"
            ),
        ]


class RevokedCertificate(models.Model):
    """A certificate that is revoked, for ever."""

    issued = models.OneToOneField(Issued, on_delete=models.PROTECT, related_name="revoked")
    revocation = models.ForeignKey(Revocation, on_delete=models.PROTECT, related_name="certificates")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["at"], name="revoked_at")]


class RevocationEdition(models.Model):
    """The revocation list as published: `version` counts up in each environment, `entries` never shrinks.

    `index_json` is the signed index verifiers read first; `short_json` and `bloom_json` are those of the same list in
    shortened hashes and in filters.
    """

    environment = models.CharField(max_length=4, choices=Environment)
    version = models.IntegerField()
    entries = models.IntegerField()
    published_at = models.DateTimeField()
    index_json = models.TextField()
    short_json = models.TextField(default="", db_default="")
    bloom_json = models.TextField(default="", db_default="")
    digest = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["environment", "version"], name="one_edition_a_version")
        ]


class RevocationSlice(models.Model):
    """A part of a list, named by its content: the same part in two editions is one row."""

    environment = models.CharField(max_length=4, choices=Environment)
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64)
    content = models.BinaryField()
    media_type = models.CharField(max_length=60, default="application/octet-stream")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["environment", "digest"], name="one_slice_a_content")]
