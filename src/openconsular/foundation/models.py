"""Tables every app stands on: the audit trail and its chain."""

from django.db import models


class AuditEntry(models.Model):
    """One thing that was done or read. Append-only: a trigger refuses update, delete and truncate.

    `number` is the order of writing, with gaps. `mac` proves the entry itself; its place is proved by its link.
    """

    number = models.BigAutoField(primary_key=True)
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


class AuditLink(models.Model):
    """One link of the chain, append-only as well: `position` counts from 1 without gaps, `mac` seals all before it.

    No foreign key: a link whose entry has gone is exactly what `verify` looks for.
    """

    position = models.BigIntegerField(primary_key=True)
    entry_number = models.BigIntegerField(unique=True)
    mac = models.BinaryField()
