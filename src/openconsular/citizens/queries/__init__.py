"""Reading the registry: the only way in for the apps above."""

from openconsular.citizens.models import Person
from openconsular.citizens.places import country_name
from openconsular.citizens.queries.bulk import (
    ContactRow,
    StayRow,
    addresses_of,
    contacts_of,
    present_between,
    stays_for,
    stays_in,
    stays_of_people,
)
from openconsular.citizens.queries.export import everything_about
from openconsular.citizens.queries.labels import described, place_label
from openconsular.citizens.queries.people import (
    companion_count,
    contact_hash,
    contact_hashes_of,
    contact_ids_of_phone,
    party_ids,
    people_of_contact,
    person_by_id,
    person_for,
    phone_hash,
    same_contact,
    search_people,
    subject_of,
    visible_to,
)

__all__ = [
    "ContactRow",
    "Person",
    "StayRow",
    "addresses_of",
    "companion_count",
    "contact_hash",
    "contact_hashes_of",
    "contact_ids_of_phone",
    "contacts_of",
    "country_name",
    "described",
    "everything_about",
    "party_ids",
    "people_of_contact",
    "person_by_id",
    "person_for",
    "phone_hash",
    "place_label",
    "present_between",
    "same_contact",
    "search_people",
    "stays_for",
    "stays_in",
    "stays_of_people",
    "subject_of",
    "visible_to",
]
