"""What ends or holds the signing of certificates."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openconsular.health_certificates.models.environments import Environment


class IssuingSwitch(models.Model):
    """The one switch that ends all signing. A single row; absent means signing is allowed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_stopped = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_issuing_switch")]


class Alarm(models.Model):
    """More in an hour than is usual. While it is open, nothing of `subject` is signed.

    `subject` is a recorder's label ("staff:7") or a mission ("mission:3"). Settling lets the hour go on up to
    `allowed`; nobody settles an alarm about themselves.
    """

    class Scope(models.TextChoices):
        RECORDER = "recorder", _("recorder")
        MISSION = "mission", _("mission")

    environment = models.CharField(max_length=4, choices=Environment)
    scope = models.CharField(max_length=8, choices=Scope)
    subject = models.CharField(max_length=60)
    count = models.IntegerField()
    limit = models.IntegerField()
    raised_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=60, blank=True)
    allowed = models.IntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["environment", "subject"],
                condition=Q(settled_at__isnull=True),
                name="one_open_alarm_a_subject",
            ),
            models.CheckConstraint(
                condition=Q(settled_by="") | ~Q(settled_by=F("subject")), name="alarm_settled_by_another"
            ),
        ]
