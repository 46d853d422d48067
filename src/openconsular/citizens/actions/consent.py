"""Agreeing, and taking it back."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q

from openconsular.citizens.models import Consent, Person
from openconsular.citizens.queries.people import subject_of
from openconsular.citizens.rights import locked, require_may_change
from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.permissions import Actor

WARNINGS, TRUSTED_CONTACT = "warnings", "trusted_contact"
PURPOSES = (WARNINGS, TRUSTED_CONTACT)


def give_consent(*, person_id: int, purpose: str, text_version: str, by: Actor, now: datetime) -> None:
    """Agree to one purpose in the words of one version. Agreeing again to the same changes nothing."""
    _require_known(purpose)
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        if write_consent(person, purpose, text_version, now):
            audit.record(
                by=by,
                action="consent.give",
                subject=subject_of(person),
                now=now,
                detail={"purpose": purpose, "version": text_version},
            )


def withdraw_consent(*, person_id: int, purpose: str, by: Actor, now: datetime) -> None:
    """Take consent back, at once: without `warnings` the person and their companions are matched with no hazard."""
    _require_known(purpose)
    with transaction.atomic():
        person = locked(person_id)
        require_may_change(by, person)
        open_ones = person.consents.filter(purpose=purpose, withdrawn_at__isnull=True)
        if open_ones.update(withdrawn_at=now):
            audit.record(
                by=by,
                action="consent.withdraw",
                subject=subject_of(person),
                now=now,
                detail={"purpose": purpose},
            )
        if purpose == WARNINGS:
            _set_wanted(person, False)


def write_consent(person: Person, purpose: str, text_version: str, now: datetime) -> bool:
    """The row itself; False when there is one already."""
    _require_known(purpose)
    is_new = not person.consents.filter(purpose=purpose, withdrawn_at__isnull=True).exists()
    if is_new:
        Consent.objects.create(person=person, purpose=purpose, text_version=text_version, given_at=now)
    if purpose == WARNINGS:
        _set_wanted(person, True)
    return is_new


def _set_wanted(person: Person, is_wanted: bool) -> None:
    person.wants_warnings = is_wanted
    Person.objects.filter(Q(pk=person.pk) | Q(lead=person.pk)).update(wants_warnings=is_wanted)


def _require_known(purpose: str) -> None:
    if purpose not in PURPOSES:
        raise InvalidInput
