"""A warning to very many people, ready to be released: plainly synthetic, one telephone each."""

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from openconsular.accounts import actions as accounts
from openconsular.alerts.models import Incident, Matched, Recipient, Warning, WarningText
from openconsular.citizens.models import Contact, Person
from openconsular.domain.geo import Area
from openconsular.foundation.database import copy_rows
from openconsular.foundation.permissions import SYSTEM, Actor, Role
from openconsular.foundation.secrets import lookup_hash, seal
from openconsular.hazards.models import Hazard, Source

# One part with the longest link there is: what a warning in a Latin script takes. In Chinese it would take two.
SMS = "EXERCISE: strong earthquake near you. Leave the coast for high ground. Reply 1 safe, 2 help, or open {link}"
SQUARE = [[(14.0, 120.0), (14.0, 122.0), (16.0, 122.0), (16.0, 120.0), (14.0, 120.0)]]


_TIMES = ("created_at", "updated_at")


def officer() -> Actor:
    made = accounts.add_officer(
        username="fanout",
        display_name="Benchmark (exercise)",
        role=Role.DUTY_OFFICER,
        mission_id=None,
        by=SYSTEM,
        now=timezone.now(),
    )
    return made.actor


def people(count: int) -> None:
    """Persons and their telephones, under +999, which the ITU has given to nobody."""
    now = timezone.now()
    zeros = ((f"示例{n}", ["en"]) for n in range(count))
    copy_rows(
        "citizens_person",
        (
            "public_id",
            "native_name",
            "latin_name",
            "languages",
            "relation",
            "is_synthetic",
            "from_crisis_form",
            *_TIMES,
        ),
        ((uuid.uuid4(), name, "", spoken, "", True, False, now, now) for name, spoken in zeros),
        ("uuid", "varchar", "varchar", "varchar[]", "varchar", "bool", "bool", "timestamptz", "timestamptz"),
    )
    ids = Person.objects.order_by("pk").values_list("pk", flat=True)
    copy_rows(
        "citizens_contact",
        (
            "person_id",
            "kind",
            "value",
            "value_hash",
            "is_trusted_other",
            "other_name",
            "verified_at",
            "created_at",
        ),
        (
            (
                pk,
                "phone",
                seal(f"+999{n:09d}", "citizens.contact.value"),
                lookup_hash(str(n), "bench"),
                False,
                "",
                now,
                now,
            )
            for n, pk in enumerate(ids)
        ),
        ("int8", "varchar", "bytea", "bytea", "bool", "varchar", "timestamptz", "timestamptz"),
    )


def hazard_in(area: Area, now: datetime) -> Hazard:
    """One that the workers take for matched: their matching would find nobody at this made-up place."""
    source = Source.objects.create(name="bench", kind="files", added_at=now)
    hazard = Hazard.objects.create(
        source=source,
        sender="bench@example.org",
        is_exercise=True,
        category="Geo",
        severity="Extreme",
        urgency="Immediate",
        certainty="Observed",
        headlines={"zh-Hans": "地震（演练）"},
        area=area.to_bytes(),
        area_digest="bench",
        area_key="bench",
        lasts_until=now + timedelta(days=1),
        sent_at=now,
        first_seen_at=now,
        changed_at=now,
    )
    Matched.objects.create(hazard=hazard, version=hazard.version, matched_at=now + timedelta(hours=1))
    return hazard


def everybody_in(incident: Incident, now: datetime) -> None:
    """Everybody stands in the ledger, each alone."""
    columns = (
        "incident_id",
        "person_id",
        "party",
        "country",
        "region",
        "language",
        "reason",
        "is_in_area",
        "state",
    )
    copy_rows(
        "alerts_recipient",
        (*columns, "state_at", "reminders"),
        (
            (
                incident.pk,
                pk,
                pk,
                "PH",
                "PH-07",
                "zh-Hans",
                "{}",
                True,
                Recipient.State.NOT_REACHED.value,
                now,
                0,
            )
            for pk in Contact.objects.order_by("person_id").values_list("person_id", flat=True)
        ),
    )


def warning() -> Warning:
    """A proposed reminder to everybody: its audience stands in the ledger, so that no matching is measured here."""
    now = timezone.now()
    area = Area.of(SQUARE)
    hazard = hazard_in(area, now)
    incident = Incident.objects.create(hazard=hazard, title="地震（演练）", is_exercise=True, opened_at=now)
    everybody_in(incident, now)
    size = incident.recipients.count()
    made = Warning.objects.create(
        incident=incident,
        kind=Warning.Kind.REMINDER,
        grade="red",
        area=area.to_bytes(),
        audience_size=size,
        approval_above=10_000_000,
        is_exercise=True,
        proposed_at=now,
    )
    WarningText.objects.create(
        warning=made, language="en", sms=SMS, subject="Earthquake (exercise)", body=SMS
    )
    return made
