"""Forgetting: at once when a person asks, and by itself when a purpose has ended."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, ProtectedError, Q

from openconsular.citizens.models import Attempt, Person, SignInCode, Stay, Trip
from openconsular.citizens.queries.people import subject_of
from openconsular.citizens.rationing import KEPT
from openconsular.citizens.rights import locked, require_may_change
from openconsular.foundation import audit
from openconsular.foundation.errors import Conflict
from openconsular.foundation.permissions import SYSTEM, Actor

# France's Ariane destroys travel data 30 days after the return; time enough to sort out what a crisis left behind.
STAYS_KEPT = timedelta(days=30)
CRISIS_ENTRIES_KEPT = timedelta(days=90)


@dataclass(frozen=True)
class Forgotten:
    """How many rows of each kind `retention` removed."""

    stays: int
    trips: int
    codes: int
    attempts: int
    people: int


def delete_everything(*, person_id: int, by: Actor, now: datetime) -> None:
    """Delete a person, their companions, contacts, trips, consents and codes. It cannot be taken back.

    Where a ledger or a case refers to a person, its row stays standing with nothing of the person in it: who was
    warned and when must remain countable. What such ledgers hold in their own words is theirs to clear first.
    """
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        if person.lead_id is not None and by.person_id == person.pk:
            raise Conflict
        subject = subject_of(person)
        people = _party(person)
        for one in people:
            _erase(one, now)
        audit.record(by=by, action="person.delete", subject=subject, now=now, detail={"people": len(people)})


def remove_companion(*, person_id: int, by: Actor, now: datetime) -> None:
    """Take a companion out of a registration, and forget them."""
    with transaction.atomic():
        person = locked(person_id)
        if person.lead_id is None:
            raise Conflict
        require_may_change(by, person)
        subject = subject_of(person)
        _erase(person, now)
        audit.record(by=by, action="person.remove_companion", subject=subject, now=now)


def retention(*, now: datetime) -> Forgotten:
    """Delete what has served its purpose. Run daily; running it twice changes nothing more."""
    with transaction.atomic():
        is_position = Q(kind=Stay.Kind.POSITION, ends_at__lte=now)
        is_old = Q(ends_at__lte=now - STAYS_KEPT)
        # A trip goes as a whole once its last place is old; what of it is over stays visible to the person till then.
        of_trip = Stay.objects.filter(trip=OuterRef("pk"))
        ended = Trip.objects.filter(
            ~Exists(of_trip.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now - STAYS_KEPT))),
            created_at__lte=now - STAYS_KEPT,
        )
        positions = Stay.objects.filter(is_position).delete()[1].get("citizens.Stay", 0)
        trips = ended.delete()[1]
        stays = Stay.objects.filter(is_old, trip__isnull=True).delete()[1].get("citizens.Stay", 0)
        codes = SignInCode.objects.filter(expires_at__lte=now - KEPT).delete()[0]
        attempts = Attempt.objects.filter(at__lte=now - KEPT).delete()[0]
        people = _forget_crisis_entries(now)
        forgotten = Forgotten(
            stays=positions + stays + trips.get("citizens.Stay", 0),
            trips=trips.get("citizens.Trip", 0),
            codes=codes,
            attempts=attempts,
            people=people,
        )
        audit.record(by=SYSTEM, action="people.retention", subject="people", now=now, detail=vars(forgotten))
    return forgotten


def _forget_crisis_entries(now: datetime) -> int:
    old = Person.objects.filter(
        from_crisis_form=True, erased_at__isnull=True, updated_at__lte=now - CRISIS_ENTRIES_KEPT
    )
    count = 0
    for person in old.exclude(stays__ends_at__gt=now):
        _erase(person, now)
        count += 1
    return count


def _party(person: Person) -> list[Person]:
    """A person, who hangs on them, and crisis entries that proved to be theirs; the person last."""
    hanging = Person.objects.filter(Q(lead=person) | Q(merged_into=person) | Q(merged_into__lead=person))
    return [*hanging.exclude(pk=person.pk), person]


def _erase(person: Person, now: datetime) -> None:
    hashes = list(person.contacts.values_list("value_hash", flat=True))
    SignInCode.objects.filter(contact_hash__in=hashes).delete()
    for belongings in (person.contacts, person.trips, person.stays, person.consents):
        belongings.all().delete()
    try:
        with transaction.atomic():
            person.delete()
    except ProtectedError:
        Person.objects.filter(pk=person.pk).update(
            native_name="",
            latin_name="",
            born_on=None,
            document_number=None,
            document_hash=None,
            languages=[],
            relation="",
            wants_warnings=False,
            lead=None,
            merged_into=None,
            erased_at=now,
            updated_at=now,
        )
