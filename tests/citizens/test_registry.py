"""Registering, travelling, taking somebody along: what the registry then says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from openconsular.citizens import actions, queries
from openconsular.citizens.models import Consent, Person, Stay, Trip
from openconsular.domain.geo import Area
from openconsular.foundation.errors import Conflict, InvalidInput, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import ANONYMOUS, SYSTEM, Actor, Role

pytestmark = pytest.mark.django_db
ROUND_CEBU = Area.from_geojson(
    {
        "type": "Polygon",
        "coordinates": [[[123.5, 10.0], [124.2, 10.0], [124.2, 10.7], [123.5, 10.7], [123.5, 10.0]]],
    }
)


def owner(person: Person) -> Actor:
    return actions.actor_of(person)


def found(now: datetime, area: Area = ROUND_CEBU, days: int = 3) -> set[int]:
    return {
        row.person_id for row in queries.stays_in(area, starts_at=now, ends_at=now + timedelta(days=days))
    }


def test_who_registers_a_trip_is_found_while_it_lasts(register, cebu, manila, leg, now):
    person = register()
    actions.add_trip(
        person_id=person.pk,
        legs=[leg(cebu, date(2026, 6, 1), date(2026, 6, 4)), leg(manila, date(2026, 6, 4), date(2026, 6, 9))],
        by=owner(person),
        now=now,
    )
    assert found(now) == {person.pk}
    assert found(now + timedelta(days=5)) == set()
    rows = list(queries.stays_in(ROUND_CEBU, starts_at=now, ends_at=now + timedelta(days=1)))
    assert (rows[0].region, rows[0].kind, rows[0].is_certain, rows[0].lead_id) == ("PH-07", "leg", True, None)
    assert rows[0].ends_at == datetime(2026, 6, 4, 16, tzinfo=UTC)
    assert rows[0].languages == ["zh-Hans", "en"]


def test_companions_go_where_the_lead_goes(register, cebu, osaka, leg, now):
    person = register()
    me = owner(person)
    trip = actions.add_trip(
        person_id=person.pk, legs=[leg(cebu, date(2026, 6, 1), date(2026, 6, 4))], by=me, now=now
    )
    child = actions.add_companion(
        lead_id=person.pk, facts=actions.PersonFacts(native_name="示例乙", relation="child"), by=me, now=now
    )
    assert found(now) == {person.pk, child.pk}
    assert child.languages == ["zh-Hans", "en"]
    row = next(r for r in queries.stays_in(ROUND_CEBU, starts_at=now, ends_at=now) if r.person_id == child.pk)
    assert row.lead_id == person.pk

    stay = trip.legs.get(person=person)
    actions.change_leg(stay_id=stay.pk, facts=leg(osaka, date(2026, 6, 1), date(2026, 6, 4)), by=me, now=now)
    assert found(now) == set()
    assert set(Stay.objects.values_list("country", flat=True)) == {"JP"}

    actions.remove_companion(person_id=child.pk, by=me, now=now)
    assert not Person.objects.filter(pk=child.pk).exists()
    assert Stay.objects.count() == 1


def test_ending_a_trip_ends_the_present_stay_and_drops_those_to_come(register, cebu, manila, leg, now):
    person = register()
    legs = [leg(cebu, date(2026, 5, 30), date(2026, 6, 4)), leg(manila, date(2026, 6, 4), date(2026, 6, 9))]
    trip = actions.add_trip(person_id=person.pk, legs=legs, by=owner(person), now=now)
    actions.report_position(
        person_id=person.pk, lat=10.3, lon=123.9, uncertainty_m=20, by=owner(person), now=now
    )
    actions.end_trip(trip_id=trip.pk, by=owner(person), now=now)
    stay = Stay.objects.get()
    assert (stay.kind, stay.ends_at) == ("leg", now)
    assert found(now) == set()


def test_a_removed_trip_can_be_added_again_as_it_was(register, cebu, leg, now):
    person = register()
    pin = leg(
        cebu, date(2026, 6, 1), date(2026, 6, 4), lat=10.31, lon=123.9, uncertainty_m=50, label="Sample Inn"
    )
    trip = actions.add_trip(person_id=person.pk, title="Holiday", legs=[pin], by=owner(person), now=now)
    before = Stay.objects.values(
        "lat", "lon", "uncertainty_m", "starts_at", "ends_at", "label", "source"
    ).get()
    removed = actions.remove_trip(trip_id=trip.pk, by=owner(person), now=now)
    assert not Stay.objects.exists()
    actions.add_trip(person_id=person.pk, title=removed.title, legs=removed.legs, by=owner(person), now=now)
    after = Stay.objects.values(
        "lat", "lon", "uncertainty_m", "starts_at", "ends_at", "label", "source"
    ).get()
    assert after == before
    assert Trip.objects.get().title == "Holiday"


def test_moving_house_ends_the_old_residence(register, cebu, osaka, leg, now):
    person = register()
    actions.add_residence(person_id=person.pk, facts=leg(cebu, date(2020, 1, 1)), by=owner(person), now=now)
    with pytest.raises(Conflict):
        actions.add_residence(
            person_id=person.pk, facts=leg(osaka, date(2026, 1, 1)), by=owner(person), now=now
        )
    actions.move_residence(
        person_id=person.pk, facts=leg(osaka, date(2026, 6, 10)), by=owner(person), now=now
    )
    old, new = Stay.objects.order_by("starts_at")
    assert old.ends_at == new.starts_at == datetime(2026, 6, 9, 15, tzinfo=UTC)
    assert found(now) == {person.pk}
    assert found(now + timedelta(days=20)) == set()


def test_a_position_lasts_no_longer_than_its_trip(register, cebu, leg, now):
    person = register()
    actions.add_trip(
        person_id=person.pk, legs=[leg(cebu, date(2026, 6, 1), date(2026, 6, 4))], by=owner(person), now=now
    )
    for lat in (10.30, 10.35):
        actions.report_position(
            person_id=person.pk, lat=lat, lon=123.9, uncertainty_m=20, by=owner(person), now=now
        )
    position = Stay.objects.get(kind="position")
    assert (position.lat, position.ends_at) == (10.35, datetime(2026, 6, 4, 16, tzinfo=UTC))
    actions.retention(now=position.ends_at)
    assert not Stay.objects.filter(kind="position").exists()


@pytest.mark.parametrize("lat, lon", [(91, 0), (0, 181), (float("nan"), 0), (0, float("inf"))])
def test_a_position_off_the_globe_is_refused(register, lat, lon, now):
    person = register()
    with pytest.raises(InvalidInput):
        actions.report_position(
            person_id=person.pk, lat=lat, lon=lon, uncertainty_m=5, by=owner(person), now=now
        )


def test_withdrawn_consent_takes_effect_at_once(register, cebu, leg, now):
    person = register()
    me = owner(person)
    child = actions.add_companion(
        lead_id=person.pk, facts=actions.PersonFacts(native_name="示例乙"), by=me, now=now
    )
    actions.add_residence(person_id=person.pk, facts=leg(cebu, date(2020, 1, 1)), by=me, now=now)
    assert found(now) == {person.pk, child.pk}
    contacts = list(queries.contacts_of({person.pk, child.pk}))
    assert [c.person_id for c in contacts] == [person.pk]

    actions.withdraw_consent(person_id=person.pk, purpose="warnings", by=me, now=now)
    assert found(now) == set()
    assert list(queries.contacts_of({person.pk})) == []
    assert queries.addresses_of([contacts[0].contact_id]) == {}
    assert Consent.objects.get().withdrawn_at == now

    actions.give_consent(person_id=person.pk, purpose="warnings", text_version="test", by=me, now=now)
    assert found(now) == {person.pk, child.pk}
    assert queries.addresses_of([contacts[0].contact_id]) == {contacts[0].contact_id: "+639171234567"}


def test_nobody_registers_without_consent_or_name(db, now):
    def attempt(name: str, consents: tuple[str, ...]) -> dict[str, str]:
        with pytest.raises(InvalidInput) as caught:
            actions.register_citizen(
                facts=actions.PersonFacts(native_name=name),
                contact=actions.phone_or_email("a@example.org", "CN"),
                consents=consents,
                text_version="test",
                by=ANONYMOUS,
                now=now,
            )
        return caught.value.fields

    assert attempt("示例甲", ()).keys() == {"consent"}
    assert attempt(" ", ("warnings",)).keys() == {"native_name"}
    assert not Person.objects.exists()


def test_strangers_change_nothing_and_learn_nothing(register, cebu, leg, now):
    mine, other = register(), register("示例乙", "b@example.org")
    trip = actions.add_trip(
        person_id=mine.pk, legs=[leg(cebu, date(2026, 6, 1), date(2026, 6, 2))], by=owner(mine), now=now
    )
    thief = owner(other)
    for attempt in (
        lambda: actions.remove_trip(trip_id=trip.pk, by=thief, now=now),
        lambda: actions.end_trip(trip_id=trip.pk, by=thief, now=now),
        lambda: actions.change_leg(
            stay_id=trip.legs.get().pk, facts=leg(cebu, date(2026, 6, 1)), by=thief, now=now
        ),
        lambda: actions.delete_everything(person_id=mine.pk, by=thief, now=now),
        lambda: actions.delete_everything(person_id=mine.pk, by=ANONYMOUS, now=now),
        lambda: actions.withdraw_consent(person_id=mine.pk, purpose="warnings", by=thief, now=now),
        lambda: actions.delete_everything(person_id=mine.pk, by=Actor("staff:1", Role.AUDITOR), now=now),
        lambda: queries.person_for(actor=thief, public_id=mine.public_id, now=now),
    ):
        with pytest.raises(NotFound):
            attempt()
    assert Trip.objects.count() == 1


def test_officers_see_the_people_of_their_mission_and_every_look_is_noted(register, cebu, leg, missions, now):
    person = register(document_number="e 1234-5678".replace("-", ""))
    actions.add_residence(person_id=person.pk, facts=leg(cebu, date(2020, 1, 1)), by=owner(person), now=now)
    child = actions.add_companion(
        lead_id=person.pk, facts=actions.PersonFacts(latin_name="Sample Child"), by=owner(person), now=now
    )
    near = Actor("staff:1", Role.MISSION_OFFICER, mission_id=missions["cebu"])
    far = Actor("staff:2", Role.MISSION_OFFICER, mission_id=missions["manila"])
    centre = Actor("staff:3", Role.DUTY_OFFICER)
    for text in ("示例", "0917 123 4567", "E12345678"):
        assert queries.search_people(actor=near, text=text, region="PH", now=now) == [person]
        assert queries.search_people(actor=centre, text=text, region="PH", now=now) == [person]
        assert queries.search_people(actor=far, text=text, region="PH", now=now) == []
    assert queries.search_people(actor=near, text="sample CHILD", region="PH", now=now) == [child]
    assert queries.person_for(actor=near, public_id=person.public_id, now=now) == person
    with pytest.raises(NotFound):
        queries.person_for(actor=far, public_id=person.public_id, now=now)
    for nobody in (Actor("staff:4", Role.ADMINISTRATOR), Actor("staff:5", Role.AUDITOR), ANONYMOUS):
        assert not queries.visible_to(nobody).exists()
    looks = AuditEntry.objects.filter(action="person.read").values_list("actor", "subject")
    assert list(looks) == [("staff:1", f"person:{person.public_id}")]
    searches = AuditEntry.objects.filter(action="people.search")
    assert searches.count() == 10
    assert "示例" not in "".join(str(entry.detail) for entry in searches)


def test_the_audit_names_no_place_and_no_person(register, cebu, leg, now):
    person = register(document_number="E12345678")
    actions.add_residence(person_id=person.pk, facts=leg(cebu, date(2020, 1, 1)), by=owner(person), now=now)
    actions.change_person(
        person_id=person.pk, facts=actions.PersonFacts(native_name="示例丙"), by=owner(person), now=now
    )
    text = "".join(f"{e.subject}{e.detail}" for e in AuditEntry.objects.all())
    for secret in ("示例", "917123", "E1234", "Cebu", "PH"):
        assert secret not in text
    assert AuditEntry.objects.get(action="person.change").detail == {
        "fields": ["native_name", "document_number", "languages"]
    }


def test_the_bulk_reads_take_few_queries(django_assert_num_queries, register, cebu, leg, now):
    people = [register(f"示例{sign}", f"p{n}@example.org") for n, sign in enumerate("甲乙丙丁戊己庚辛")]
    for person in people:
        actions.add_residence(person_id=person.pk, facts=leg(cebu, date(2020, 1, 1)), by=SYSTEM, now=now)
    ids = list(Stay.objects.values_list("pk", flat=True))
    with django_assert_num_queries(0):  # none through the ORM
        assert len(list(queries.stays_for(ids))) == 8
        assert len(list(queries.contacts_of({p.pk for p in people}))) == 8
        assert queries.present_between(ids, now, now + timedelta(hours=1)) == set(ids)
        assert queries.present_between(ids, now - timedelta(days=9000), now - timedelta(days=8000)) == set()
