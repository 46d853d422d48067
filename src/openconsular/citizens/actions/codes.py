"""Signing in with a one-time code: nothing to remember, nothing to steal from us, nothing said about who is registered."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils.translation import get_language

from openconsular.citizens import jobs_queue, rationing
from openconsular.citizens.actions.crisis import merge_entries
from openconsular.citizens.entries import ContactFacts, wording
from openconsular.citizens.models import Contact, Person, SignInCode
from openconsular.citizens.queries.people import contact_hash, sign_in_people, subject_of
from openconsular.foundation import audit
from openconsular.foundation.errors import InvalidInput
from openconsular.foundation.permissions import Actor
from openconsular.foundation.secrets import lookup_hash

LIVES_FOR = timedelta(minutes=10)
MOST_TRIES = 5
DIGITS = 6


@dataclass(frozen=True)
class Proven:
    """A contact somebody has shown to be theirs, and the registered people it belongs to."""

    contact: ContactFacts
    people: tuple[Person, ...]


def request_code(*, contact: ContactFacts, address: str, is_new_welcome: bool, now: datetime) -> None:
    """Send a code to a contact. Whether anybody has it changes nothing that the asker can see.

    `address` is the network address that asks. With `is_new_welcome` an unknown contact gets a code too (it is about
    to be registered); else only a row is made, as for a known one. Raises TooMany, for known and unknown alike.
    """
    rationing.use(rationing.CODES_AN_ADDRESS, address, now)
    rationing.use(rationing.CODES_A_CONTACT, contact.value, now)
    if is_new_welcome:
        rationing.use(rationing.CODES_TO_NEWCOMERS, "all", now)
    value_hash = contact_hash(contact.value)
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    is_sent = is_new_welcome or bool(sign_in_people(value_hash))
    with transaction.atomic():
        # A new code ends the ones before.
        SignInCode.objects.filter(contact_hash=value_hash, used_at__isnull=True).update(expires_at=now)
        row = SignInCode.objects.create(
            contact_hash=value_hash,
            code_hash=_code_hash(value_hash, code),
            kind=contact.kind,
            language=get_language() or "",
            address=contact.value if is_sent else None,
            sealed_code=code if is_sent else None,
            created_at=now,
            expires_at=now + LIVES_FOR,
        )
        jobs_queue.send_code(row.pk)


def check_code(*, contact: ContactFacts, code: str, address: str, now: datetime) -> Proven:
    """Prove a contact with the newest code sent to it. A code works once, for ten minutes and five tries.

    Raises InvalidInput on field `code`, whatever was wrong, or TooMany.
    """
    rationing.use(rationing.TRIES_AN_ADDRESS, address, now)
    rationing.use(rationing.TRIES_A_CONTACT, contact.value, now)
    value_hash = contact_hash(contact.value)
    # The try is committed before the answer is known, so that no error and no race gives one for free.
    if not _use_try(value_hash, "".join(code.split()), now):
        raise InvalidInput(fields={"code": wording("code_wrong")})
    with transaction.atomic():
        return Proven(contact, tuple(_welcome(value_hash, now)))


def sign_in(*, person: Person, now: datetime) -> None:
    """Note that a person has signed in. The session is the view's."""
    audit.record(by=actor_of(person), action="citizen.sign_in", subject=subject_of(person), now=now)


def actor_of(person: Person) -> Actor:
    """A citizen as an actor."""
    return Actor(label=f"citizen:{person.public_id}", person_id=person.pk)


def _use_try(value_hash: bytes, code: str, now: datetime) -> bool:
    with transaction.atomic():
        row = (
            SignInCode.objects.select_for_update()
            .filter(contact_hash=value_hash, used_at__isnull=True, expires_at__gt=now, tries__lt=MOST_TRIES)
            .order_by("-created_at", "-pk")
            .first()
        )
        if row is None:
            return False
        is_right = secrets.compare_digest(bytes(row.code_hash), _code_hash(value_hash, code))
        used = {"used_at": now, "address": None, "sealed_code": None} if is_right else {}
        SignInCode.objects.filter(pk=row.pk).update(tries=F("tries") + 1, **used)
        return is_right


def _code_hash(value_hash: bytes, code: str) -> bytes:
    """32 bytes: keyed, so that a copy of the table does not tell a code even to whoever tries all million."""
    text = f"{value_hash.hex()}:{code}"
    return lookup_hash(text, "sign-in code, first half") + lookup_hash(text, "sign-in code, second half")


def _welcome(value_hash: bytes, now: datetime) -> list[Person]:
    people = sign_in_people(value_hash)
    registered = [person for person in people if not person.from_crisis_form]
    entries = [person for person in people if person.from_crisis_form]
    if len(registered) == 1:
        merge_entries(into=registered[0], entries=entries, now=now)
        people = registered
    Contact.objects.filter(
        value_hash=value_hash, is_trusted_other=False, verified_at__isnull=True, person__in=people
    ).update(verified_at=now)
    return people
