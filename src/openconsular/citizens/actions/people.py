"""Registering, and who travels along."""

from datetime import datetime

from django.db import transaction

from openconsular.citizens.actions.consent import write_consent
from openconsular.citizens.entries import ContactFacts, PersonFacts, checked_person, wording
from openconsular.citizens.models import Contact, Person, Stay
from openconsular.citizens.queries.people import contact_hash, document_hash, subject_of
from openconsular.citizens.rights import locked, require_may_change
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput
from openconsular.foundation.permissions import Actor

MOST_COMPANIONS = 30


def register_citizen(
    *,
    facts: PersonFacts,
    contact: ContactFacts,
    consents: tuple[str, ...],
    text_version: str,
    by: Actor,
    now: datetime,
    is_synthetic: bool = False,
) -> Person:
    """Enter a person into the registry with the contact they have proved to be theirs.

    Consent to `warnings` is what the registry is for, so it is needed. Raises InvalidInput naming the fields.
    """
    facts = checked_person(facts, now.date())
    if "warnings" not in consents:
        raise InvalidInput(fields={"consent": wording("consent_missing")})
    with transaction.atomic():
        person = _write_person(facts, lead=None, now=now)
        if is_synthetic:
            Person.objects.filter(pk=person.pk).update(is_synthetic=True)
        Contact.objects.create(
            person=person,
            kind=contact.kind,
            value=contact.value,
            value_hash=contact_hash(contact.value),
            verified_at=now,
            created_at=now,
        )
        for purpose in consents:
            write_consent(person, purpose, text_version, now)
        audit.record(by=by, action="person.register", subject=subject_of(person), now=now)
    return person


def change_person(*, person_id: int, facts: PersonFacts, by: Actor, now: datetime) -> Person:
    """Correct a person's names, date of birth, document or languages. The audit says which, not from what to what."""
    facts = checked_person(facts, now.date())
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        before = _facts_of(person)
        changed = [name for name, value in vars(facts).items() if vars(before)[name] != value]
        _fill(person, facts, now)
        person.save()
        audit.record(
            by=by, action="person.change", subject=subject_of(person), now=now, detail={"fields": changed}
        )
    return person


def add_companion(*, lead_id: int, facts: PersonFacts, by: Actor, now: datetime) -> Person:
    """Someone who lives or travels with a registered person and is reached through them: they go where the lead goes."""
    facts = checked_person(facts, now.date())
    with transaction.atomic():
        lead = locked(lead_id)
        require_may_change(by, lead)
        if lead.lead_id is not None:
            raise Conflict(wording("companion_of_companion"))
        if lead.companions.count() >= MOST_COMPANIONS:
            raise Conflict(wording("companions_many"))
        companion = _write_person(facts, lead=lead, now=now)
        _follow_everything(companion, lead, now)
        audit.record(by=by, action="person.add_companion", subject=subject_of(companion), now=now)
    return companion


def _write_person(facts: PersonFacts, lead: Person | None, now: datetime) -> Person:
    person = Person(lead=lead, created_at=now)
    _fill(person, facts, now)
    if lead is not None:
        person.languages = list(facts.languages or lead.languages)
        person.wants_warnings = lead.wants_warnings
        person.is_synthetic = lead.is_synthetic
    person.save(force_insert=True)
    return person


def _fill(person: Person, facts: PersonFacts, now: datetime) -> None:
    person.native_name, person.latin_name = facts.native_name, facts.latin_name
    person.born_on, person.languages = facts.born_on, list(facts.languages)
    person.document_number = facts.document_number or None
    person.document_hash = document_hash(facts.document_number) if facts.document_number else None
    person.relation, person.updated_at = facts.relation, now


def _facts_of(person: Person) -> PersonFacts:
    return PersonFacts(
        person.native_name,
        person.latin_name,
        person.born_on,
        person.document_number or "",
        tuple(person.languages),
        person.relation,
    )


def _follow_everything(companion: Person, lead: Person, now: datetime) -> None:
    stays = [stay for stay in lead.stays.all() if stay.ends_at is None or stay.ends_at > now]
    Stay.objects.bulk_create([following(stay, companion.pk) for stay in stays])


def following(stay: Stay, person_id: int) -> Stay:
    """A companion's copy of a lead's stay, not saved."""
    copy = Stay.objects.model(**{name: getattr(stay, name) for name in COPIED})
    copy.person_id, copy.follows = person_id, stay
    return copy


COPIED = (
    "trip_id",
    "kind",
    "source",
    "label",
    "place_id",
    "country",
    "region",
    "mission_id",
    "lat",
    "lon",
    "uncertainty_m",
    "morton",
    "timezone",
    "starts_at",
    "ends_at",
)
