"""Incidents, warnings, who is told, how it went, and what they answered.

    Incident 1--n Warning 1--n WarningText
    Incident 1--n Recipient (the ledger: one row a person, their state)   1--n Answer
    Warning  1--n Shard 1--n Delivery (one row a contact)                 n--1 Recipient

The safety rules of a mass warning stand here as constraints, so that no view and no mistake gets past them.
"""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from openconsular.foundation.secrets import SealedTextField

RELEASED = ("sending", "sent", "stopped")


class Channel(models.TextChoices):
    SMS = "sms", _("SMS")
    EMAIL = "email", _("e-mail")


class Incident(models.Model):
    """One emergency as the duty room sees it: a hazard, the people in its way, and what became of them."""

    hazard = models.OneToOneField("hazards.Hazard", on_delete=models.PROTECT, related_name="incident")
    title = models.CharField(max_length=300)
    is_exercise = models.BooleanField(default=False)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.title


class Matched(models.Model):
    """Which version of a hazard was last matched against the registry, and when."""

    hazard = models.OneToOneField(
        "hazards.Hazard", primary_key=True, on_delete=models.CASCADE, related_name="+"
    )
    version = models.IntegerField()
    matched_at = models.DateTimeField()


class Warning(models.Model):
    """One message to everyone concerned: proposed by the system, edited and sent by an officer, approved by a second.

    `audience_size` is how many people it will reach as last counted; `confirmed_size` is the number the officer
    read back. Above `approval_above` people a second officer must have approved. `reminds` marks a message to
    those only who have not answered.
    """

    class Kind(models.TextChoices):
        WARNING = "warning", _("warning")
        UPDATE = "update", _("update")
        ALL_CLEAR = "all_clear", _("all-clear")
        RETRACTION = "retraction", _("retraction")
        REMINDER = "reminder", _("reminder")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("proposed")
        SUBMITTED = "submitted", _("waiting for approval")
        SENDING = "sending", _("being sent")
        SENT = "sent", _("sent")
        STOPPED = "stopped", _("stopped")
        DISCARDED = "discarded", _("discarded")

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="warnings")
    kind = models.CharField(max_length=12, choices=Kind)
    state = models.CharField(max_length=12, choices=State, default=State.PROPOSED)
    grade = models.CharField(max_length=40)
    area = models.BinaryField()
    hazard_version = models.IntegerField(default=1)
    audience_size = models.IntegerField(default=0)
    confirmed_size = models.IntegerField(null=True, blank=True)
    approval_above = models.IntegerField()
    is_exercise = models.BooleanField(default=False)
    proposed_at = models.DateTimeField()
    submitted_by = models.ForeignKey(
        "accounts.Officer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    submitted_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(
        "accounts.Officer", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    approved_at = models.DateTimeField(null=True, blank=True)
    released_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "proposed_at"], name="warning_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True)
                | Q(submitted_by__isnull=False) & ~Q(approved_by=F("submitted_by")),
                name="warning_two_persons",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=RELEASED)
                | Q(submitted_by__isnull=False)
                & Q(confirmed_size=F("audience_size"))
                & (Q(audience_size__lte=F("approval_above")) | Q(approved_by__isnull=False)),
                name="warning_released_as_approved",
            ),
            models.CheckConstraint(
                condition=Q(audience_size__gte=0, approval_above__gte=0), name="warning_sizes"
            ),
            models.UniqueConstraint(
                fields=["incident", "kind"],
                condition=Q(state__in=("proposed", "submitted")),
                name="one_open_proposal_a_kind",
            ),
        ]

    @property
    def needs_approval(self) -> bool:
        return self.audience_size > self.approval_above


class WarningText(models.Model):
    """The words of a warning in one language. `{link}` is replaced by each person's own answer link."""

    warning = models.ForeignKey(Warning, on_delete=models.CASCADE, related_name="texts")
    language = models.CharField(max_length=12)
    sms = models.TextField()
    subject = models.CharField(max_length=200)
    body = models.TextField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["warning", "language"], name="one_text_a_language")]


class Recipient(models.Model):
    """The ledger: one person in one incident, why they are in it, and their state. Nobody is ever removed.

    `party` is the person id of the lead of those who travel together: an answer may count for all of them.
    `reason` holds what the words are made of: {"kind", "label", "until", "certainty"}. `lat`, `lon` are cleared
    when the stay they came from ends.
    """

    class State(models.TextChoices):
        NOT_REACHED = "not_reached", _("not reached")
        REACHED = "reached", _("reached")
        SILENT = "silent", _("silent")
        SAFE = "safe", _("safe")
        HELP = "help", _("needs help")
        ELSEWHERE = "elsewhere", _("elsewhere")

    ANSWERED = (State.SAFE, State.HELP, State.ELSEWHERE)

    # Every index here is written again with every change of a row that does not stay on its page, and a mass send
    # changes every row: so each earns its place, and none holds the state.
    incident = models.ForeignKey(
        Incident, on_delete=models.PROTECT, related_name="recipients", db_index=False
    )
    person = models.ForeignKey("citizens.Person", on_delete=models.PROTECT, related_name="+", db_index=False)
    party = models.BigIntegerField()
    mission = models.ForeignKey(
        "accounts.Mission", null=True, blank=True, on_delete=models.SET_NULL, db_index=False
    )
    country = models.CharField(max_length=2)
    region = models.CharField(max_length=12)
    language = models.CharField(max_length=12)
    lat = models.FloatField(null=True)
    lon = models.FloatField(null=True)
    reason = models.JSONField()
    is_in_area = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State, default=State.NOT_REACHED)
    state_at = models.DateTimeField()
    reached_at = models.DateTimeField(null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    reminders = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "person"], name="one_row_a_person")]
        indexes = [
            models.Index(fields=["incident", "mission"], name="recipient_mission"),
            models.Index(fields=["incident", "party"], name="recipient_party"),
            models.Index(fields=["person"], name="recipient_person"),
        ]


class Shard(models.Model):
    """A few thousand deliveries of one warning over one channel: the unit of work, claimed by one worker at a time.

    The claim is durable before anything leaves: `claimed_by` and `lease_until` tell a sweep whose turn is over.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        CLAIMED = "claimed", _("claimed")
        DONE = "done", _("done")

    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="shards")
    channel = models.CharField(max_length=8, choices=Channel)
    number = models.IntegerField()
    size = models.IntegerField()
    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    not_before = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0)
    claimed_by = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["warning", "channel", "number"], name="shard_number")]
        indexes = [models.Index(fields=["state", "lease_until"], name="shard_lease")]


class Delivery(models.Model):
    """One message to one contact, and the send ledger: its state is durable before and after it leaves.

    queued -> sending (claimed; may have left) -> handed (the gateway took it) -> delivered | undelivered (receipt)
                                               -> refused (never again)  or back to queued (try later)
    `attempts` counts how often it was set to `sending`; `in_doubt` counts those of which nobody knows the end,
    so that possible duplicates can be told exactly.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        SENDING = "sending", _("being sent")
        HANDED = "handed", _("handed over")
        DELIVERED = "delivered", _("delivered")
        UNDELIVERED = "undelivered", _("not delivered")
        REFUSED = "refused", _("refused")
        CANCELLED = "cancelled", _("cancelled")

    # Indexes as few as in the ledger, and for the same reason.
    warning = models.ForeignKey(Warning, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    shard = models.ForeignKey(Shard, on_delete=models.PROTECT, related_name="deliveries")
    recipient = models.ForeignKey(
        Recipient, on_delete=models.PROTECT, related_name="deliveries", db_index=False
    )
    contact = models.ForeignKey(
        "citizens.Contact", null=True, on_delete=models.SET_NULL, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=8, choices=Channel)
    language = models.CharField(max_length=12)
    state = models.CharField(max_length=12, choices=State, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    in_doubt = models.PositiveSmallIntegerField(default=0)
    handed_at = models.DateTimeField(null=True, blank=True)
    receipt_at = models.DateTimeField(null=True, blank=True)
    provider_ref = models.CharField(max_length=80, blank=True)
    error_code = models.CharField(max_length=40, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["recipient"], name="delivery_recipient"),
            models.Index(fields=["provider_ref"], name="delivery_ref", condition=~Q(provider_ref="")),
            models.Index(fields=["contact"], name="delivery_contact"),
        ]
        constraints = [
            # One person, one warning, one message: whoever stands in two shards is still told once.
            models.UniqueConstraint(fields=["warning", "contact"], name="one_message_a_contact"),
        ]


class EarlyReceipt(models.Model):
    """A receipt that came before the outcome of its message was written down; settled by the sweep, soon after."""

    provider_ref = models.CharField(max_length=80, primary_key=True)
    state = models.CharField(max_length=12)
    error_code = models.CharField(max_length=40, blank=True)
    received_at = models.DateTimeField()


class Answer(models.Model):
    """What somebody answered, once: `key` makes a repeated request the same answer. Undone answers stay, marked."""

    class Value(models.TextChoices):
        SAFE = "safe", _("I am safe")
        HELP = "help", _("I need help")
        ELSEWHERE = "elsewhere", _("I am elsewhere")

    class Via(models.TextChoices):
        LINK = "link", _("answer link")
        SMS = "sms", _("SMS reply")
        PAGE = "page", _("own page")
        OFFICER = "officer", _("noted by an officer")

    recipient = models.ForeignKey(Recipient, on_delete=models.PROTECT, related_name="answers")
    value = models.CharField(max_length=12, choices=Value)
    via = models.CharField(max_length=8, choices=Via)
    for_party = models.BooleanField(default=True)
    note = models.CharField(max_length=500, blank=True)
    key = models.CharField(max_length=80, unique=True)
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    undone_at = models.DateTimeField(null=True, blank=True)
    before = models.JSONField(default=dict)
    case = models.ForeignKey(
        "casework.Case", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        indexes = [models.Index(fields=["recipient", "at"], name="answer_recipient")]
        constraints = [
            # No acknowledgement without a stored case.
            models.CheckConstraint(condition=~Q(value="help") | Q(case__isnull=False), name="help_has_case")
        ]


class UnreadReply(models.Model):
    """A reply by SMS nobody could place: unknown sender, no open incident, or words we do not know. An officer reads it.

    `sender_hash` finds the replies of a phone without opening any, so that they can be forgotten with their sender.
    """

    sender = SealedTextField(context="alerts.unread.sender")
    text = SealedTextField(context="alerts.unread.text")
    sender_hash = models.BinaryField(max_length=16, null=True, editable=False)
    reason = models.CharField(max_length=40)
    received_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.CharField(max_length=60, blank=True)


class SendingSwitch(models.Model):
    """The one switch that stops all sending. A single row; absent means sending is allowed."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    is_stopped = models.BooleanField(default=False)
    changed_by = models.CharField(max_length=60, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="one_switch")]


class TimelineEvent(models.Model):
    """What the duty room sees happening in an incident, newest first. `data` fills the words of `kind`."""

    incident = models.ForeignKey(Incident, on_delete=models.CASCADE, related_name="timeline")
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    data = models.JSONField(default=dict)
    mission = models.ForeignKey("accounts.Mission", null=True, blank=True, on_delete=models.SET_NULL)

    class Meta:
        indexes = [models.Index(fields=["incident", "id"], name="timeline_incident")]
