"""Cases: one person who needs something, one owner, one state, one timeline."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Case(models.Model):
    """A request for help. `number` is what people say on the phone: year and a running count."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        IN_HAND = "in_hand", _("in hand")
        WAITING = "waiting", _("waiting")
        CLOSED = "closed", _("closed")

    class Urgency(models.IntegerChoices):
        LIFE = 1, _("danger to life")
        HIGH = 2, _("high")
        NORMAL = 3, _("normal")

    number = models.CharField(max_length=20, unique=True)
    person = models.ForeignKey("citizens.Person", on_delete=models.PROTECT, related_name="cases")
    hazard = models.ForeignKey(
        "hazards.Hazard", null=True, blank=True, on_delete=models.PROTECT, related_name="cases"
    )
    mission = models.ForeignKey("accounts.Mission", null=True, blank=True, on_delete=models.PROTECT)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    urgency = models.PositiveSmallIntegerField(choices=Urgency, default=Urgency.HIGH)
    summary = models.CharField(max_length=500, blank=True)
    place = models.CharField(max_length=200, blank=True)
    people_count = models.PositiveSmallIntegerField(default=1)
    owner = models.ForeignKey("accounts.Officer", null=True, blank=True, on_delete=models.SET_NULL)
    opened_at = models.DateTimeField()
    updated_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["state", "urgency", "opened_at"], name="case_queue")]
        constraints = [
            # One open case for a person in one emergency, however often "help" is pressed.
            models.UniqueConstraint(
                fields=["person", "hazard"],
                condition=~models.Q(state="closed"),
                nulls_distinct=False,
                name="one_open_case_each",
            )
        ]

    def __str__(self) -> str:
        return self.number


class CaseEvent(models.Model):
    """One step of a case's timeline. What `is_internal` stays with the staff; `by` is an actor's label.

    With `is_coded` the text is a code ("state:waiting") that is put into words for each reader.
    """

    class Kind(models.TextChoices):
        OPENED = "opened", _("opened")
        TAKEN = "taken", _("taken in hand")
        NOTE = "note", _("note")
        MESSAGE = "message", _("message")
        STATE = "state", _("state changed")
        ANSWER = "answer", _("answer received")
        UNDONE = "undone", _("step undone")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="events")
    at = models.DateTimeField()
    by = models.CharField(max_length=60)
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.TextField(blank=True)
    is_coded = models.BooleanField(default=False)
    is_internal = models.BooleanField(default=False)
    # What the case was before this step, so that the step can be taken back.
    before = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["case", "at"], name="caseevent_case")]
