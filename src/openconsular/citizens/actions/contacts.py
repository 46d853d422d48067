"""How to reach a person, and whom they trust."""

from datetime import datetime

from django.db import transaction

from openconsular.citizens import jobs_queue
from openconsular.citizens.actions.codes import Proven
from openconsular.citizens.actions.consent import TRUSTED_CONTACT, write_consent
from openconsular.citizens.entries import TEXT_VERSION, ContactFacts, wording
from openconsular.citizens.models import Consent, Contact, Person
from openconsular.citizens.queries.people import contact_hash, subject_of
from openconsular.citizens.rights import locked, require_may_change
from openconsular.domain.people.errors import PeopleError
from openconsular.domain.people.names import parse_name
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.permissions import Actor

MOST_CONTACTS = 6


def add_contact(*, person_id: int, proven: Proven, by: Actor, now: datetime) -> Contact:
    """One more phone or e-mail, proved by a code. The person's other contacts are told of it."""
    facts = proven.contact
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        mine = person.contacts.filter(is_trusted_other=False)
        known = mine.filter(value_hash=contact_hash(facts.value)).first()
        if known is not None:
            return known
        if mine.count() >= MOST_CONTACTS:
            raise Conflict(wording("contacts_many"))
        jobs_queue.tell_of_change(person.pk)
        contact = _create(person, facts, now, verified_at=now)
        audit.record(
            by=by, action="contact.add", subject=subject_of(person), now=now, detail={"kind": facts.kind}
        )
    return contact


def remove_contact(*, person_id: int, contact_id: int, by: Actor, now: datetime) -> None:
    """Remove one contact; the last one stays, because without it nobody could be reached or sign in."""
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        mine = person.contacts.filter(is_trusted_other=False)
        contact = mine.filter(pk=contact_id).first()
        if contact is None:
            raise NotFound
        if mine.count() == 1:
            raise Conflict(wording("contact_last"))
        contact.delete()
        jobs_queue.tell_of_change(person.pk)
        audit.record(
            by=by, action="contact.remove", subject=subject_of(person), now=now, detail={"kind": contact.kind}
        )


def set_trusted_contact(
    *, person_id: int, name: str, contact: ContactFacts | None, by: Actor, now: datetime
) -> None:
    """Whom to ask when the person does not answer. One; a new one takes the place of the old, None removes it."""
    try:
        plain = parse_name(name) if contact else ""
    except PeopleError as error:
        raise InvalidInput(fields={"name": wording(error.code)}) from error
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        person.contacts.filter(is_trusted_other=True).delete()
        if contact is not None:
            _create(person, contact, now, is_trusted_other=True, other_name=plain)
            write_consent(person, TRUSTED_CONTACT, TEXT_VERSION, now)
        else:
            Consent.objects.filter(person=person, purpose=TRUSTED_CONTACT, withdrawn_at__isnull=True).update(
                withdrawn_at=now
            )
        audit.record(
            by=by,
            action="contact.trust",
            subject=subject_of(person),
            now=now,
            detail={"is_set": bool(contact)},
        )


def _create(
    person: Person,
    facts: ContactFacts,
    now: datetime,
    *,
    verified_at: datetime | None = None,
    is_trusted_other: bool = False,
    other_name: str = "",
) -> Contact:
    return Contact.objects.create(
        person=person,
        kind=facts.kind,
        value=facts.value,
        value_hash=contact_hash(facts.value),
        verified_at=verified_at,
        created_at=now,
        is_trusted_other=is_trusted_other,
        other_name=other_name,
    )
