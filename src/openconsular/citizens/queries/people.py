"""Who may see whom, and finding people. Every look at a person's record goes into the audit."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from openconsular.citizens.models import Contact, Person, Stay
from openconsular.domain.people.emails import parse_email
from openconsular.domain.people.errors import PeopleError
from openconsular.domain.people.phones import parse_phone
from openconsular.foundation import audit
from openconsular.foundation.errors import NotFound
from openconsular.foundation.permissions import Actor, Permission
from openconsular.foundation.secrets import lookup_hash

MOST_FOUND = 50


def contact_hash(value: str) -> bytes:
    """By which an E.164 phone or a normalised e-mail address is found."""
    return lookup_hash(value, "contact")


def document_hash(number: str) -> bytes:
    return lookup_hash("".join(number.split()).upper(), "document")


def visible_to(actor: Actor) -> QuerySet[Person]:
    """The people an actor may see.

    The centre sees everyone; an officer of a mission those with a stay in its district, and their party; a citizen
    themselves and their companions; anybody else nobody.
    """
    everyone = Person.objects.filter(erased_at__isnull=True)
    if actor.can(Permission.SEE_PEOPLE):
        if actor.sees_every_mission:
            return everyone
        here = Stay.objects.filter(mission_id=actor.mission_id or 0)
        return everyone.filter(
            Exists(here.filter(person=OuterRef("pk")))
            | Exists(here.filter(person=OuterRef("lead_id")))
            | Exists(here.filter(person__lead=OuterRef("pk")))
        )
    if actor.person_id is not None:
        return everyone.filter(Q(pk=actor.person_id) | Q(lead_id=actor.person_id))
    return everyone.none()


def person_for(*, actor: Actor, public_id: UUID, now: datetime) -> Person:
    """One person's record. NotFound when there is none or it is not for this actor; both read alike."""
    person = visible_to(actor).select_related("lead").filter(public_id=public_id).first()
    if person is None:
        raise NotFound
    if actor.person_id != person.pk:
        audit.record(by=actor, action="person.read", subject=subject_of(person), now=now)
    return person


def subject_of(person: Person) -> str:
    return f"person:{person.public_id}"


def person_by_id(person_id: int) -> Person | None:
    """The person of a signed-in citizen's session. Who was erased, or merged into a registration, is gone."""
    return Person.objects.filter(pk=person_id, erased_at__isnull=True, merged_into__isnull=True).first()


def party_ids(person_id: int) -> list[int]:
    """A person, the companions who hang on them, and entries of the crisis form that proved to be theirs."""
    hanging = Q(lead=person_id) | Q(merged_into=person_id) | Q(merged_into__lead=person_id)
    found = Person.objects.filter(hanging).exclude(pk=person_id)
    return [person_id, *found.values_list("pk", flat=True)]


def contact_hashes_of(person_ids: Collection[int]) -> list[bytes]:
    """By which messages from the phones and e-mail addresses of these people are found."""
    mine = Contact.objects.filter(person__in=person_ids, is_trusted_other=False)
    return [bytes(one) for one in mine.values_list("value_hash", flat=True)]


def companion_count(person_id: int) -> int:
    return Person.objects.filter(lead_id=person_id, erased_at__isnull=True).count()


def search_people(*, actor: Actor, text: str, region: str, now: datetime) -> list[Person]:
    """Up to 50 people by part of a name, or by a whole phone, e-mail or document number. The search is audited.

    `region` is the country a phone without "+" is read for. The words searched for do not go into the audit: they
    are personal data, and the audit is for ever.
    """
    actor.require(Permission.SEE_PEOPLE)
    wanted = text.strip()
    if not wanted:
        return []
    by_hash = Q(document_hash=document_hash(wanted)) | Q(pk__in=_owners(wanted, region))
    by_name = Q()
    for word in wanted.split()[:5]:
        by_name &= Q(native_name__icontains=word) | Q(latin_name__icontains=word)
    found = visible_to(actor).filter(by_hash | by_name).select_related("lead")
    people = list(found.order_by(F("lead_id").asc(nulls_first=True), "pk")[:MOST_FOUND])
    detail = {"found": len(people), "people": [person.pk for person in people]}
    audit.record(by=actor, action="people.search", subject="people", now=now, detail=detail)
    return people


def _owners(text: str, region: str) -> list[int]:
    hashes = [contact_hash(value) for value in _as_contacts(text, region)]
    return list(Contact.objects.filter(value_hash__in=hashes).values_list("person_id", flat=True))


def _as_contacts(text: str, region: str) -> list[str]:
    values = []
    with suppress(PeopleError):
        values.append(parse_phone(text, region))
    with suppress(PeopleError):
        values.append(parse_email(text))
    return values


def people_of_contact(value_hash: bytes) -> list[Person]:
    """Whose own contact this is, the registered before entries of the crisis form, the newest last."""
    mine = Contact.objects.filter(value_hash=value_hash, is_trusted_other=False, person=OuterRef("pk"))
    people = Person.objects.filter(Exists(mine), erased_at__isnull=True)
    return list(people.order_by("from_crisis_form", "pk"))


def sign_in_people(value_hash: bytes) -> list[Person]:
    """Who may sign in with a contact: people it was confirmed for, and entries of the crisis form not yet confirmed.

    A contact that a registered person typed and never confirmed may be a stranger's, who must not get in by it.
    """
    mine = Contact.objects.filter(value_hash=value_hash, is_trusted_other=False, person=OuterRef("pk"))
    people = Person.objects.filter(erased_at__isnull=True, merged_into__isnull=True, lead__isnull=True)
    people = people.filter(
        Exists(mine.filter(verified_at__isnull=False)) | Q(from_crisis_form=True) & Exists(mine)
    )
    return list(people.order_by("from_crisis_form", "pk"))


def contact_ids_of_phone(number: str) -> list[int]:
    """The contacts with this phone number, as an operator writes it."""
    mine = Contact.objects.filter(value_hash=phone_hash(number), is_trusted_other=False)
    return list(mine.values_list("pk", flat=True))


def phone_hash(number: str) -> bytes:
    """By which a phone is found, as an operator writes it ("+8613…", "8613…", "008613…")."""
    digits = "".join(sign for sign in number if sign.isdecimal())
    return contact_hash(f"+{digits.removeprefix('00')}")


def same_contact(person: Person) -> list[Person]:
    """Others who gave the same phone or e-mail: perhaps the same person entered twice. For staff only."""
    hashes = list(person.contacts.filter(is_trusted_other=False).values_list("value_hash", flat=True))
    others = Contact.objects.filter(value_hash__in=hashes, is_trusted_other=False).exclude(person=person)
    return list(Person.objects.filter(pk__in=others.values("person_id"), erased_at__isnull=True))
