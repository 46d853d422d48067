"""Synthetic people: plainly no one, spread like cities, the same for the same seed."""

from collections import Counter

import pytest

from openconsular.citizens import actions, queries
from openconsular.citizens.models import Consent, Contact, Person, Stay
from openconsular.domain.geo import position_code
from openconsular.domain.people.errors import PeopleError
from openconsular.domain.people.phones import parse_phone
from openconsular.foundation.errors import NotAllowed
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import ANONYMOUS, SYSTEM

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(now):
    def make(count: int = 2000, seed: int = 7, **options):
        return actions.load_synthetic(count=count, seed=seed, now=now, by=SYSTEM, **options)

    return make


def test_they_are_plainly_no_one(load, settings):
    loaded = load()
    assert loaded.people == Person.objects.filter(is_synthetic=True).count() == 2000
    for person in Person.objects.all()[:200]:
        assert person.native_name.startswith("示例") or person.latin_name.startswith("Sample Person")
    values = [contact.value for contact in Contact.objects.all()]
    assert len(set(values)) == len(values) == loaded.contacts
    for value in values:
        if value.startswith("+"):
            assert value.startswith("+999")
            with pytest.raises(PeopleError):
                parse_phone(value, "CN")
        else:
            assert value.endswith("@citizens.example")


def test_everybody_is_somewhere_abroad_now_and_parties_stay_together(load, now):
    load()
    present = Stay.objects.filter(starts_at__lte=now).exclude(ends_at__lte=now)
    assert present.values("person_id").distinct().count() == present.count() == 2000
    assert not Stay.objects.filter(country__in=("CN", "HK", "MO", "TW")).exists()
    for stay in Stay.objects.filter(follows__isnull=False).select_related("follows", "person")[:100]:
        assert stay.person.lead_id == stay.follows.person_id
        assert (stay.lat, stay.lon, stay.ends_at) == (
            stay.follows.lat,
            stay.follows.lon,
            stay.follows.ends_at,
        )
    for stay in Stay.objects.all()[:100]:
        assert stay.morton == position_code(stay.lat, stay.lon, stay.uncertainty_m)


def test_companions_have_no_contacts_and_leads_have_at_least_one(load):
    loaded = load()
    companions = Person.objects.filter(lead__isnull=False)
    assert 0.2 < companions.count() / loaded.people < 0.45
    assert not Contact.objects.filter(person__in=companions).exists()
    assert not Person.objects.filter(lead__isnull=True, contacts__isnull=True).exists()
    assert Consent.objects.count() == loaded.leads


def test_a_share_is_concentrated_where_wanted(load, missions):
    load(share={"PH": 0.5, "JP-32": 0.1})
    leads = Stay.objects.filter(follows__isnull=True)
    by_country = Counter(leads.values_list("country", flat=True))
    assert 0.44 < by_country["PH"] / leads.count() < 0.58
    assert leads.filter(region="JP-32").count() / leads.count() > 0.07
    assert set(leads.filter(region="PH-07").values_list("mission_id", flat=True)) == {missions["cebu"]}
    assert set(leads.filter(region="PH-40").values_list("mission_id", flat=True)) == {missions["manila"]}


def test_the_same_seed_makes_the_same_people(load):
    def picture():
        people = list(
            Person.objects.order_by("latin_name").values_list("public_id", "native_name", "born_on")
        )
        stays = list(Stay.objects.order_by("pk").values_list("lat", "lon", "starts_at", "label"))
        values = sorted(contact.value for contact in Contact.objects.all())
        return people, stays, values

    load(300)
    first = picture()
    Person.objects.all().delete()
    load(300)
    assert picture() == first
    Person.objects.all().delete()
    load(300, seed=8)
    assert picture()[0] != first[0]


def test_one_audit_entry_and_progress_to_the_end(load):
    told = []
    load(600, progress=lambda done, total: told.append((done, total)))
    assert AuditEntry.objects.get().detail == {"people": 600, "seed": 7}
    assert told[-1] == (600, 600)
    assert told == sorted(told)


def test_nobody_from_outside_loads_people(now):
    with pytest.raises(NotAllowed):
        actions.load_synthetic(count=1, seed=1, now=now, by=ANONYMOUS)


def test_bulk_reads_hold_all_of_them(load):
    loaded = load()
    rows = list(queries.stays_for(Stay.objects.values_list("pk", flat=True)))
    assert len(rows) == loaded.stays
    contacts = list(queries.contacts_of({row.person_id for row in rows}))
    assert len(contacts) == loaded.contacts
    addresses = queries.addresses_of([contact.contact_id for contact in contacts])
    assert set(addresses.values()) == {contact.value for contact in Contact.objects.all()}
