"""What people enter, as the actions take it: checked and brought into one form before anything is written."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import TypeVar

from django.utils.translation import gettext as _

from openconsular.domain.people import emails, languages, names, phones
from openconsular.domain.people.errors import PeopleError
from openconsular.domain.people.places import Place
from openconsular.foundation.errors import InvalidInput

T = TypeVar("T")
TEXT_VERSION = "2026-06"
"""Which words of the consent and privacy pages a person agrees to; it changes whenever those words change."""
LONGEST_DOCUMENT = 20


@dataclass(frozen=True)
class PersonFacts:
    """Who somebody is. One of the names is enough; `languages` are BCP 47 tags, the preferred first."""

    native_name: str = ""
    latin_name: str = ""
    born_on: date | None = None
    document_number: str = ""
    languages: tuple[str, ...] = ()
    relation: str = ""


@dataclass(frozen=True)
class ContactFacts:
    """A phone in E.164 or an e-mail address, normalised. Made by `phone_or_email`."""

    kind: str
    value: str


@dataclass(frozen=True)
class StayFacts:
    """A place and, if known better than that, a point in degrees with its uncertainty in metres."""

    place: Place
    first: date
    last: date | None = None
    lat: float | None = None
    lon: float | None = None
    uncertainty_m: int | None = None
    label: str = ""
    timezone: str = field(default="")


def checked_person(facts: PersonFacts, today: date) -> PersonFacts:
    """The facts, normalised. Raises InvalidInput naming the fields that cannot be used."""
    native = _checked("native_name", names.parse_name, facts.native_name) if facts.native_name.strip() else ""
    latin = _checked("latin_name", names.parse_name, facts.latin_name) if facts.latin_name.strip() else ""
    if not native and not latin:
        raise InvalidInput(fields={"native_name": wording("name_missing")})
    document = "".join(facts.document_number.split()).upper()
    if document and (len(document) > LONGEST_DOCUMENT or not document.isalnum() or not document.isascii()):
        raise InvalidInput(fields={"document_number": wording("document_unreadable")})
    if facts.born_on and not (today.replace(year=today.year - 130, day=1) < facts.born_on <= today):
        raise InvalidInput(fields={"born_on": wording("born_impossible")})
    tags = tuple(dict.fromkeys(_checked("languages", languages.parse_tag, tag) for tag in facts.languages))
    return PersonFacts(native, latin, facts.born_on, document, tags[:5], facts.relation.strip()[:40])


def phone_or_email(text: str, region: str, field_name: str = "contact") -> ContactFacts:
    """A phone or an e-mail, told apart by the "@". Raises InvalidInput with the field's name."""
    if "@" in text or "＠" in text:
        return ContactFacts("email", _checked(field_name, emails.parse_email, text))
    return ContactFacts("phone", _checked(field_name, lambda one: phones.parse_phone(one, region), text))


def _checked(name: str, parse: Callable[[str], T], text: str) -> T:
    try:
        return parse(text)
    except PeopleError as error:
        raise InvalidInput(fields={name: wording(error.code)}) from error


def as_invalid(error: PeopleError, name: str) -> InvalidInput:
    return InvalidInput(fields={name: wording(error.code)})


def wording(code: str) -> str:
    """What is said to a person about a fault, in their language."""
    texts = {
        "name_missing": _("Enter a name."),
        "name_long": _("This name is too long. At most 120 characters fit."),
        "name_signs": _("A name holds letters, and no symbols."),
        "phone_unreadable": _("Enter a phone number with its country code, for example +63 917 123 4567."),
        "phone_unknown": _("There is no such phone number. Check the country code and the digits."),
        "email_unreadable": _("Enter an e-mail address such as name@example.org."),
        "language_unreadable": _("Choose a language from the list."),
        "document_unreadable": _("A document number has only letters and digits."),
        "born_impossible": _("This date of birth cannot be."),
        "dates_order": _("The last day is before the first."),
        "dates_long": _("A stay on a trip is at most a year. For longer, enter a residence."),
        "dates_past": _("This stay is over already."),
        "dates_far": _("This is more than two years away."),
        "legs_missing": _("Enter at least one place."),
        "legs_many": _("A trip has at most 20 places."),
        "legs_order": _("The places overlap in time. Enter them one after the other."),
        "place_missing": _("Choose a place from the list."),
        "trips_many": _("You have entered as many trips as fit. Remove one that is over."),
        "residence_exists": _("You have a residence already. Move it instead."),
        "companion_follows": _("Companions go where the person they travel with goes."),
        "companion_of_companion": _("Add companions to the person who registered."),
        "companions_many": _("At most 30 people fit into one registration."),
        "contacts_many": _("At most 6 phones and e-mail addresses fit. Remove one first."),
        "contact_last": _("This is your only contact. Add another one first."),
        "code_wrong": _("This code is not right, or too old. Check it, or ask for a new one."),
        "consent_missing": _("We can only warn you if you agree."),
    }
    return texts.get(code, _("This cannot be used."))
