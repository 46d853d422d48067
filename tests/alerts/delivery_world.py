"""A small warning on its way, and gateways that do as they are told."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from openconsular.alerts.models import Delivery, Incident, Recipient, Shard, Warning, WarningText
from openconsular.citizens.models import Contact, Person
from openconsular.gateways.base import Outcome, OutgoingMessage
from openconsular.hazards.models import Hazard, Source

Answer = Callable[[OutgoingMessage], Outcome]


class ToldGateway:
    """Answers each message as `answer` says, and remembers what it was given. It reaches nobody."""

    name = "told"
    live = False

    def __init__(self, answer: Answer | None = None) -> None:
        self.answer: Answer = answer or (
            lambda message: Outcome(message.key, "accepted", f"ref-{message.key}")
        )
        self.given: list[OutgoingMessage] = []

    def hand_over(self, messages: Sequence[OutgoingMessage]) -> list[Outcome]:
        self.given += messages
        return [self.answer(message) for message in messages]

    def close(self) -> None:
        pass


def retry(message: OutgoingMessage) -> Outcome:
    return Outcome(message.key, "retry", "", "no-answer", "", in_doubt=True)


def incident(now: datetime) -> Incident:
    source = Source.objects.create(name="test", kind="files", added_at=now)
    hazard = Hazard.objects.create(
        source=source,
        sender="test@example.org",
        category="Geo",
        severity="Extreme",
        urgency="Immediate",
        certainty="Observed",
        headlines={"en": "Earthquake"},
        area=b"area",
        area_digest="test",
        area_key="test",
        lasts_until=now + timedelta(days=1),
        sent_at=now,
        first_seen_at=now,
        changed_at=now,
    )
    return Incident.objects.create(hazard=hazard, title="Earthquake", opened_at=now)


def person(now: datetime, number: int, *, contact: str = "", lead: Person | None = None) -> Person:
    made = Person.objects.create(
        native_name=f"示例{number}",
        languages=["en"],
        lead=lead,
        is_synthetic=True,
        created_at=now,
        updated_at=now,
    )
    if contact:
        Contact.objects.create(
            person=made,
            kind="email" if "@" in contact else "phone",
            value=contact,
            value_hash=str(number).encode(),
            verified_at=now,
            created_at=now,
        )
    return made


def row(incident: Incident, person: Person, now: datetime, *, language: str = "en") -> Recipient:
    return Recipient.objects.create(
        incident=incident,
        person=person,
        party=person.lead_id or person.pk,
        country="PH",
        region="PH-07",
        language=language,
        reason={},
        state_at=now,
    )


def warning(
    incident: Incident, now: datetime, *, kind: str = "warning", is_exercise: bool = False
) -> Warning:
    made = Warning.objects.create(
        incident=incident, kind=kind, grade="red", area=b"area", approval_above=10_000, proposed_at=now
    )
    texts = {"en": "Earthquake. {link}", "ar": "زلزال. {link}"}
    for language, words in texts.items():
        WarningText.objects.create(
            warning=made,
            language=language,
            sms=words,
            subject="Earthquake",
            body=f"{words}\n\nStay <outside> & safe.",
        )
    return made


def release(made: Warning, now: datetime, officer_id: int, *, channel: str = "sms") -> Shard:
    """Put everybody of the incident with a contact of the channel into one shard, as a release does."""
    kind = "email" if channel == "email" else "phone"
    rows = made.incident.recipients.filter(person__contacts__kind=kind).order_by("pk")
    count = rows.count()
    made.state, made.released_at, made.submitted_by_id = Warning.State.SENDING, now, officer_id
    made.audience_size = made.confirmed_size = count
    made.save()
    shard = Shard.objects.create(warning=made, channel=channel, number=0, size=count, not_before=now)
    for one in rows:
        Delivery.objects.create(
            warning=made,
            shard=shard,
            recipient=one,
            contact=one.person.contacts.get(kind=kind),
            channel=channel,
            language=one.language,
        )
    return shard
