"""The crisis form, and forgetting."""

from datetime import date, timedelta

import pytest
from django.db import connection

from openconsular.citizens import actions, queries
from openconsular.citizens.models import Contact, Person, SignInCode, Stay
from openconsular.citizens.rationing import TooMany
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import ANONYMOUS, SYSTEM
from openconsular.foundation.secrets import Unreadable, unseal

pytestmark = pytest.mark.django_db
PHONE = "+639171234567"


@pytest.fixture
def crisis(cebu, now):
    def enter(
        name: str = "示例戊", contact: str = PHONE, *, place=cebu, known=None, address="192.0.2.9", at=now
    ):
        return actions.enter_crisis_form(
            name=name,
            contact=actions.phone_or_email(contact, "CN"),
            stay=actions.StayFacts(place=place, first=at.date()),
            languages=("zh-Hans",),
            address=address,
            known_entry=known,
            by=ANONYMOUS,
            now=at,
        )

    return enter


def test_three_fields_are_enough_to_be_found_and_reached(crisis, now):
    person = crisis()
    stay = Stay.objects.get()
    assert (stay.person, stay.country, stay.ends_at) == (person, "PH", now + timedelta(days=14))
    assert [c.person_id for c in queries.contacts_of({person.pk})] == [person.pk]


def test_it_touches_and_tells_nothing_of_a_registration(register, crisis, now):
    mine = register("示例甲", PHONE)
    before = Person.objects.filter(pk=mine.pk).values().get()
    entry = crisis("Somebody Else")
    assert entry.pk != mine.pk
    assert Person.objects.filter(pk=mine.pk).values().get() == before
    assert not Stay.objects.filter(person=mine).exists()
    assert [one.pk for one in queries.same_contact(mine)] == [entry.pk]


def test_pressing_twice_makes_one_entry_and_corrects_the_place(crisis, osaka, now):
    first = crisis()
    second = crisis(place=osaka, known=first.pk)
    assert second.pk == first.pk
    assert Stay.objects.get().country == "JP"
    assert crisis("Another", "x@example.org", known=first.pk).pk != first.pk


def test_many_may_share_an_address_but_not_a_machine_gun(crisis):
    with pytest.raises(TooMany):
        for number in range(400):
            crisis(contact=f"p{number}@example.org")
    assert Person.objects.count() == 300


def test_a_proved_contact_brings_entry_and_registration_together(register, crisis, outbox, doing_jobs, now):
    mine = register("示例甲", PHONE)
    crisis()
    with doing_jobs():
        actions.request_code(
            contact=actions.phone_or_email(PHONE, "CN"), address="192.0.2.1", is_new_welcome=False, now=now
        )
    code = next(word for word in outbox["sms"].sent[-1].text.split() if word[:6].isdecimal())[:6]
    proven = actions.check_code(
        contact=actions.phone_or_email(PHONE, "CN"), code=code, address="192.0.2.1", now=now
    )
    assert list(proven.people) == [mine]
    assert Stay.objects.get().person == mine
    assert Person.objects.count() == 1


def test_an_entry_with_a_case_stays_as_a_shell(register, crisis, now):
    from openconsular.casework.models import Case
    from openconsular.citizens.actions.crisis import merge_entries

    mine, entry = register("示例甲", PHONE), crisis()
    Case.objects.create(number="C-1", person=entry, opened_at=now, updated_at=now)
    merge_entries(into=mine, entries=[entry], now=now)
    entry.refresh_from_db()
    assert (entry.merged_into, entry.wants_warnings) == (mine, False)
    assert not entry.contacts.exists()
    actions.delete_everything(person_id=mine.pk, by=actions.actor_of(mine), now=now)
    entry.refresh_from_db()
    assert (entry.native_name, entry.erased_at, entry.merged_into) == ("", now, None)


SECRETS = (
    "示例甲",
    "Sample Alpha",
    "E12345678",
    "639171234567",
    "alpha@example.org",
    "示例乙",
    "示例丁",
    "trusted@",
)


def everything_stored() -> str:
    """Every text, JSON, array and bytes column of every table, sealed values opened."""
    contexts = (
        "citizens.person.document_number",
        "citizens.contact.value",
        "citizens.signincode.address",
        "citizens.signincode.code",
    )
    parts = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - names from the catalogue
            for value in (value for row in cursor.fetchall() for value in row):
                if not isinstance(value, bytes | memoryview):
                    parts.append(str(value))
                    continue
                parts.append(bytes(value).decode("utf-8", "replace"))
                for context in contexts:
                    try:
                        parts.append(unseal(bytes(value), context))
                    except Unreadable:
                        continue
    return "\n".join(parts)


@pytest.mark.parametrize("is_referred_to", [False, True])
def test_deleting_everything_leaves_nothing_anywhere(
    register, cebu, leg, outbox, doing_jobs, now, is_referred_to
):
    from openconsular.casework.models import Case

    person = register(
        "示例甲", PHONE, latin_name="Sample Alpha", document_number="E12345678", born_on=date(1990, 1, 2)
    )
    me = actions.actor_of(person)
    email = actions.phone_or_email("alpha@example.org", "CN")
    actions.add_contact(person_id=person.pk, proven=actions.Proven(email, ()), by=me, now=now)
    actions.set_trusted_contact(
        person_id=person.pk,
        name="示例丁",
        contact=actions.phone_or_email("trusted@example.org", "CN"),
        by=me,
        now=now,
    )
    actions.add_companion(lead_id=person.pk, facts=actions.PersonFacts(native_name="示例乙"), by=me, now=now)
    actions.add_trip(
        person_id=person.pk,
        title="示例甲's trip",
        legs=[leg(cebu, date(2026, 6, 1), date(2026, 6, 4))],
        by=me,
        now=now,
    )
    with doing_jobs():
        actions.request_code(contact=email, address="192.0.2.1", is_new_welcome=False, now=now)
    if is_referred_to:
        Case.objects.create(number="C-1", person=person, opened_at=now, updated_at=now)
    stored = everything_stored()
    assert all(secret in stored for secret in SECRETS)

    actions.delete_everything(person_id=person.pk, by=me, now=now)

    stored = everything_stored()
    assert [secret for secret in SECRETS if secret in stored] == []
    assert not Contact.objects.exists()
    assert not Stay.objects.exists()
    assert not SignInCode.objects.exists()
    assert Person.objects.count() == (1 if is_referred_to else 0)
    if is_referred_to:
        shell = Person.objects.get()
        assert (shell.erased_at, shell.born_on, shell.languages, shell.document_hash) == (now, None, [], None)
        assert queries.person_by_id(shell.pk) is None
        assert not queries.visible_to(SYSTEM).exists()
    assert AuditEntry.objects.filter(action="person.delete", subject=f"person:{person.public_id}").exists()


def test_what_has_ended_is_forgotten_after_thirty_days(register, cebu, manila, leg, crisis, now):
    person = register("示例甲", "a@example.org")
    me = actions.actor_of(person)
    actions.add_trip(
        person_id=person.pk,
        legs=[leg(cebu, date(2026, 6, 1), date(2026, 6, 2)), leg(manila, date(2026, 6, 2), date(2026, 6, 9))],
        by=me,
        now=now,
    )
    actions.add_residence(person_id=person.pk, facts=leg(cebu, date(2020, 1, 1)), by=me, now=now)
    entry = crisis()
    assert actions.retention(now=now + timedelta(days=35)).trips == 0
    assert Stay.objects.filter(trip__isnull=False).count() == 2
    assert not Stay.objects.filter(person=entry).exists()
    assert actions.retention(now=now + timedelta(days=40)).trips == 1
    assert Stay.objects.get().kind == "residence"
    assert actions.retention(now=now + timedelta(days=91)).people == 1
    assert not Person.objects.filter(pk=entry.pk).exists()
    again = actions.retention(now=now + timedelta(days=91))
    assert (again.people, again.trips, again.stays) == (0, 0, 0)
    assert Person.objects.filter(pk=person.pk).exists()
