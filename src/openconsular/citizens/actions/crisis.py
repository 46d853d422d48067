"""The crisis form: three fields, no account, no riddle. Whoever fills it in is counted and looked for at once."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import ProtectedError

from openconsular.citizens import rationing
from openconsular.citizens.actions.consent import WARNINGS, write_consent
from openconsular.citizens.actions.stays import fill_stay
from openconsular.citizens.entries import TEXT_VERSION, ContactFacts, PersonFacts, StayFacts, checked_person
from openconsular.citizens.models import Contact, Person, Stay
from openconsular.citizens.queries.people import contact_hash, subject_of
from openconsular.foundation import audit
from openconsular.foundation.jobs import URGENT, after_commit_by_name
from openconsular.foundation.permissions import SYSTEM, Actor

STAYS_FOR = timedelta(days=14)
# Someone who gets no answer presses again: the same words within this time are the same person.
SAME_WITHIN = timedelta(minutes=30)


def enter_crisis_form(
    *,
    name: str,
    contact: ContactFacts,
    stay: StayFacts,
    languages: tuple[str, ...],
    address: str,
    known_entry: int | None,
    by: Actor,
    now: datetime,
) -> Person:
    """A person, their contact and where they are, matched with hazards from now on. Returns the entry.

    Nothing of an existing registration is read, changed or told: it is an entry of its own until the contact is
    proved by a code (`merge_entries`). `known_entry` is the id of the entry this session has made before; the
    same contact then corrects it. Raises InvalidInput, or TooMany after very many from one address.
    """
    facts = checked_person(PersonFacts(native_name=name, languages=languages), now.date())
    rationing.use(rationing.CRISIS_AN_ADDRESS, address, now)
    rationing.use(rationing.CRISIS_A_CONTACT, contact.value, now)
    value_hash = contact_hash(contact.value)
    with transaction.atomic():
        person = _entry_before(known_entry, value_hash, now)
        if person is None:
            person = _new_entry(facts, contact, value_hash, now)
        Person.objects.filter(pk=person.pk).update(native_name=facts.native_name, updated_at=now)
        person.stays.all().delete()
        _write_stay(person, stay, now)
        audit.record(by=by, action="crisis_form.enter", subject=subject_of(person), now=now)
        after_commit_by_name("match_person", queue=URGENT, person_id=person.pk)
    person.native_name = facts.native_name
    return person


def merge_entries(*, into: Person, entries: Sequence[Person], now: datetime) -> None:
    """Crisis entries that proved to be a registered person: where they said they are moves over.

    An entry that a ledger or a case refers to stays as a shell with its name, so that the duty room finds it, but is
    matched and written to no more. Call it in a transaction.
    """
    for entry in entries:
        newest = entry.stays.order_by("-starts_at").first()
        if newest is not None:
            into.stays.filter(kind=Stay.Kind.POSITION).delete()
            entry.stays.filter(pk=newest.pk).update(person=into)
        entry.stays.all().delete()
        audit.record(
            by=SYSTEM,
            action="crisis_form.merge",
            subject=subject_of(entry),
            now=now,
            detail={"into": subject_of(into)},
        )
        try:
            with transaction.atomic():
                entry.delete()
        except ProtectedError:
            entry.contacts.all().delete()
            Person.objects.filter(pk=entry.pk).update(
                merged_into=into, wants_warnings=False, document_number=None, updated_at=now
            )


def _entry_before(known_entry: int | None, value_hash: bytes, now: datetime) -> Person | None:
    if known_entry is None:
        return None
    return (
        Person.objects.select_for_update()
        .filter(pk=known_entry, from_crisis_form=True, erased_at__isnull=True, merged_into__isnull=True)
        .filter(created_at__gt=now - SAME_WITHIN, contacts__value_hash=value_hash)
        .first()
    )


def _new_entry(facts: PersonFacts, contact: ContactFacts, value_hash: bytes, now: datetime) -> Person:
    person = Person.objects.create(
        native_name=facts.native_name,
        languages=list(facts.languages),
        from_crisis_form=True,
        created_at=now,
        updated_at=now,
    )
    Contact.objects.create(
        person=person, kind=contact.kind, value=contact.value, value_hash=value_hash, created_at=now
    )
    write_consent(person, WARNINGS, TEXT_VERSION, now)
    return person


def _write_stay(person: Person, facts: StayFacts, now: datetime) -> None:
    stay = Stay(person=person)
    fill_stay(stay, facts, Stay.Kind.POSITION)
    stay.starts_at, stay.ends_at = now, now + STAYS_FOR
    stay.save(force_insert=True)
