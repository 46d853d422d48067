"""What the published revocation list is made of: segments that only join, and what is not published yet."""

from django.db import models
from django.db.models import Q

from openconsular.health_certificates.models.environments import Environment
from openconsular.health_certificates.models.records import Issued


class UnpublishedRevocation(models.Model):
    """A certificate that is revoked and in no edition yet. A trigger writes it, publishing takes it away."""

    issued = models.OneToOneField(
        Issued, primary_key=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    environment = models.CharField(max_length=4, choices=Environment)


class RevocationSegment(models.Model):
    """Hashes of one key that were published together, in three ways of writing (`domain.health.revocation.segments`).

    Each digest names a slice that names the others. Joined segments stay as they were; `joined_at` says since when a
    larger one stands for them.
    """

    environment = models.CharField(max_length=4, choices=Environment)
    key_id = models.CharField(max_length=64)
    entries = models.IntegerField()
    whole = models.CharField(max_length=64)
    short = models.CharField(max_length=64)
    bloom = models.CharField(max_length=64)
    made_at = models.DateTimeField()
    joined_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(entries__gte=1), name="segment_of_something"),
        ]
        indexes = [
            models.Index(
                fields=["environment", "key_id"], condition=Q(joined_at__isnull=True), name="segment_in_force"
            )
        ]
