"""Tables every app stands on: the audit trail, and the cache shared by all processes."""

from django.db import models


class AuditEntry(models.Model):
    """One thing that was done or read. Append-only: a trigger refuses update, delete and truncate.

    `number` has no gaps, and `mac` chains every entry to the one before (see foundation.audit).
    """

    number = models.BigIntegerField(primary_key=True)
    at = models.DateTimeField()
    actor = models.TextField()
    action = models.TextField()
    subject = models.TextField()
    detail = models.JSONField()
    mac = models.BinaryField()

    class Meta:
        indexes = [
            models.Index(fields=["subject", "number"], name="audit_subject"),
            models.Index(fields=["actor", "number"], name="audit_actor"),
        ]
