"""Who may verify by machine, and how a certificate reaches its holder."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models.environments import Environment
from openconsular.health_certificates.models.records import Issued


class ApiClient(models.Model):
    """An airline or a border system. Only a hash of its key is kept; `codes_a_minute` is what it may ask."""

    class Scope(models.TextChoices):
        VERIFY = "verify", _("verdicts without personal data")
        VERIFY_PERSONAL = "verify:personal", _("verdicts with name and year of birth")

    name = models.CharField(max_length=80)
    environment = models.CharField(max_length=4, choices=Environment)
    key_hash = models.BinaryField(max_length=16, unique=True)
    scopes = ArrayField(models.CharField(max_length=20, choices=Scope), default=list)
    codes_a_minute = models.IntegerField(default=60_000)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(codes_a_minute__gte=1), name="client_may_ask")]


class ApiUse(models.Model):
    """How many codes a client had checked in one minute, and how many of them were valid. Nothing else is kept."""

    client = models.ForeignKey(ApiClient, on_delete=models.CASCADE, related_name="uses", db_index=False)
    minute = models.DateTimeField()
    codes = models.IntegerField(default=0)
    valid = models.IntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["client", "minute"], name="one_use_a_minute")]


class ClaimCode(models.Model):
    """A one-time code by which a holder fetches a certificate. Only its keyed hash is kept; it dies by use, time or tries."""

    issued = models.ForeignKey(Issued, on_delete=models.CASCADE, related_name="claims")
    code_hash = models.BinaryField(max_length=16, unique=True)
    created_by = models.CharField(max_length=60)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True, blank=True)
