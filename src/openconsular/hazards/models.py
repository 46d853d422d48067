"""Where hazards come from, what they are, the messages that say so, and what could not be used.

Source 1--n Message n--1 Hazard          Source 1--n Quarantined
Geocode: area codes and their areas, loaded from registries
"""

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.profile import in_language


class Source(models.Model):
    """A feed of one authority, and its health. It may speak only of its own territory, where that is given.

    `countries` are ISO 3166-1 alpha-2 codes; `territory` is an exact area and goes before them.
    """

    class Kind(models.TextChoices):
        HTTP = "http", _("feed on the web")
        FOLDER = "folder", _("folder")
        FILES = "files", _("files read in by hand")

    name = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=8, choices=Kind)
    url = models.CharField(max_length=1000, blank=True)
    countries = ArrayField(models.CharField(max_length=2), default=list, blank=True)
    territory = models.BinaryField(null=True, blank=True)
    allowed_hosts = ArrayField(models.CharField(max_length=260), default=list, blank=True)
    is_drill = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    poll_seconds = models.PositiveIntegerField(default=60)
    next_poll_at = models.DateTimeField(null=True, blank=True)
    etag = models.CharField(max_length=400, blank=True)
    last_modified = models.CharField(max_length=100, blank=True)
    last_tried_at = models.DateTimeField(null=True, blank=True)
    last_ok_at = models.DateTimeField(null=True, blank=True)
    last_error_code = models.CharField(max_length=60, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    failures = models.PositiveIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["next_poll_at"], name="source_due", condition=Q(is_active=True))]

    def __str__(self) -> str:
        return self.name

    @property
    def is_healthy(self) -> bool:
        return self.failures == 0


class Hazard(models.Model):
    """One event, however many messages speak of it. Its texts are the issuer's, by language.

    `area` holds `domain.geo.Area.to_bytes()` and is never empty. `version` grows when something changes that
    people in the area need to know. `expires_at` is what the issuer says, `lasts_until` when we stop believing it:
    the same, or a week after it was sent where nothing is said. `missing` names area codes and places that could not be placed.
    """

    class State(models.TextChoices):
        ACTIVE = "active", _("active")
        ENDED = "ended", _("ended")
        CANCELLED = "cancelled", _("cancelled")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="hazards")
    sender = models.CharField(max_length=500)
    state = models.CharField(max_length=10, choices=State, default=State.ACTIVE)
    version = models.PositiveIntegerField(default=1)
    is_exercise = models.BooleanField(default=False)
    category = models.CharField(max_length=10)
    severity = models.CharField(max_length=10)
    urgency = models.CharField(max_length=10)
    certainty = models.CharField(max_length=10)
    events = models.JSONField(default=dict)
    headlines = models.JSONField(default=dict)
    places = models.JSONField(default=dict)
    texts = models.JSONField(default=dict)
    event_codes = models.JSONField(default=list)
    response_types = models.JSONField(default=list)
    area = models.BinaryField()
    area_digest = models.CharField(max_length=64)
    timezone = models.CharField(max_length=60, blank=True)
    missing = models.JSONField(default=list)
    remarks = models.JSONField(default=list)
    effective_at = models.DateTimeField(null=True, blank=True)
    onset_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    lasts_until = models.DateTimeField()
    sent_at = models.DateTimeField()
    first_seen_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    end_code = models.CharField(max_length=60, blank=True)
    end_values = models.JSONField(default=dict)
    incident_key = models.CharField(max_length=64, blank=True)
    area_key = models.CharField(max_length=64)

    class Meta:
        indexes = [
            models.Index(fields=["state", "lasts_until"], name="hazard_state"),
            models.Index(fields=["area_key"], name="hazard_area_key"),
            models.Index(fields=["incident_key"], name="hazard_incident", condition=~Q(incident_key="")),
            models.Index(fields=["-first_seen_at"], name="hazard_newest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="active", ended_at__isnull=True)
                | ~Q(state="active") & Q(ended_at__isnull=False),
                name="hazard_ended_has_time",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_active(self) -> bool:
        return self.state == self.State.ACTIVE

    @property
    def starts_at(self) -> datetime:
        """When it begins as far as the issuer says; `sent` when nothing is said (CAP 1.2, section 3.2.2)."""
        return self.onset_at or self.effective_at or self.sent_at

    @property
    def title(self) -> str:
        """Headline, or else the event, in the reader's language or the first there is."""
        texts = self.headlines or self.events
        return in_language(texts) if texts else self.sender


class Message(models.Model):
    """One message as received and what it did. `raw` is compressed with zlib; `references` are "sender identifier"."""

    class Effect(models.TextChoices):
        NEW = "new", _("new hazard")
        UPDATED = "updated", _("hazard updated")
        UNCHANGED = "unchanged", _("hazard unchanged")
        CANCELLED = "cancelled", _("hazard cancelled")
        ENDED = "ended", _("hazard ended")
        IGNORED = "ignored", _("ignored")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="messages")
    hazard = models.ForeignKey(Hazard, null=True, on_delete=models.PROTECT, related_name="messages")
    sender = models.CharField(max_length=500)
    identifier = models.CharField(max_length=500)
    sent = models.DateTimeField()
    msg_type = models.CharField(max_length=8)
    status = models.CharField(max_length=10)
    references = ArrayField(models.CharField(max_length=1001), default=list)
    effect = models.CharField(max_length=10, choices=Effect)
    code = models.CharField(max_length=60, blank=True)
    values = models.JSONField(default=dict)
    digest = models.CharField(max_length=64)
    raw = models.BinaryField()
    received_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "identifier", "sent"], name="message_once")]
        indexes = [
            GinIndex(fields=["references"], name="message_references"),
            models.Index(fields=["source", "-received_at"], name="message_source"),
        ]


class Quarantined(models.Model):
    """Something that may have been meant as a warning and cannot be used: an officer reads `reason` and decides.

    The same content again is the same row: `times_seen` counts. `is_whole` says whether `raw` is all of it.
    """

    class State(models.TextChoices):
        OPEN = "open", _("open")
        RETRIED = "retried", _("used after all")
        DISMISSED = "dismissed", _("dismissed")

    source = models.ForeignKey(Source, on_delete=models.PROTECT, related_name="quarantined")
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    code = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    reason = models.TextField()
    title = models.CharField(max_length=300, blank=True)
    raw = models.BinaryField()
    is_whole = models.BooleanField(default=True)
    digest = models.CharField(max_length=64)
    times_seen = models.PositiveIntegerField(default=1)
    received_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.CharField(max_length=60, blank=True)
    hazard = models.ForeignKey(Hazard, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="quarantined_once")]
        indexes = [models.Index(fields=["state", "-received_at"], name="quarantined_state")]


class FollowedLink(models.Model):
    """A link of a feed that was fetched, in the revision the feed named: it is not fetched again."""

    source = models.ForeignKey(Source, on_delete=models.CASCADE, related_name="links")
    digest = models.CharField(max_length=64)
    followed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="link_once")]


class Geocode(models.Model):
    """The area of one code in one registry of area codes (EMMA_ID, NUTS3, UGC, SAME ...)."""

    registry = models.CharField(max_length=60)
    code = models.CharField(max_length=120)
    area = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["registry", "code"], name="geocode_once")]
