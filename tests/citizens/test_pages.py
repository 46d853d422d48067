"""Citizens' pages through HTTP: registering, signing in, trips, deleting; none of it needs a script."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse

from openconsular.citizens import actions, jobs
from openconsular.citizens.models import Contact, Person, Stay, Trip
from openconsular.foundation.models import AuditEntry
from openconsular.gateways.base import read_clock
from tests.citizens.conftest import CEBU

pytestmark = pytest.mark.django_db
PHONE = "+639171234567"
# The edge reads the real clock, so the days of these tests are counted from today.
TODAY = datetime.now(UTC).date()


def day(offset: int) -> str:
    return (TODAY + timedelta(days=offset)).isoformat()


@pytest.fixture
def client() -> Client:
    return Client(headers={"accept-language": "en"})


@pytest.fixture(autouse=True)
def real_clock(outbox, monkeypatch):
    monkeypatch.setattr(jobs, "read_clock", read_clock)


@pytest.fixture
def post(doing_jobs):
    def send(client: Client, name: str, data: dict | None = None, *args):
        with doing_jobs():
            return client.post(reverse(name, args=args), data or {}, headers={"accept-language": "en"})

    return send


@pytest.fixture
def latest(outbox):
    return lambda kind="sms": re.search(r"\d{6}", outbox[kind].sent[-1].text).group()


@pytest.fixture
def enter(post, latest):
    """Register by HTTP and stay signed in."""

    def go(client: Client, contact: str = PHONE, name: str = "示例甲") -> Person:
        post(client, "register", {"contact": contact})
        post(client, "sign-in-code", {"code": latest("email" if "@" in contact else "sms")})
        answer = post(
            client, "register-person", {"native_name": name, "consent": "on", "languages": ["zh-Hans"]}
        )
        assert answer.url == reverse("register-place")
        return Person.objects.get(native_name=name)

    return go


def test_registering_step_by_step(client, post, latest):
    assert post(client, "register", {"contact": "hello"}).status_code == 200
    answer = post(client, "register", {"contact": "1234567"})
    assert answer.status_code == 200
    assert b"error-summary" in answer.content
    assert post(client, "register", {"contact": "+63 917 123 4567"}).url == reverse("sign-in-code")
    page = client.get(reverse("sign-in-code")).content.decode()
    assert "+63 ••• 67" in page
    assert PHONE not in page
    assert post(client, "sign-in-code", {"code": "abc"}).status_code == 200
    assert post(client, "sign-in-code", {"code": latest()}).url == reverse("register-person")
    assert not Person.objects.exists()
    assert b"agree" in post(client, "register-person", {"native_name": "示例甲"}).content
    assert post(client, "register-person", {"native_name": "示例甲", "consent": "on"}).status_code == 302
    assert post(client, "trip-add", {"place": "宿务", "first": day(0), "last": day(5)}).url == reverse(
        "trips"
    )
    assert client.get(reverse("me")).status_code == 200
    stay = Stay.objects.get()
    assert (stay.place_id, stay.timezone, stay.person.contacts.get().value) == (CEBU, "Asia/Manila", PHONE)


def test_going_on_later_means_signing_in_with_the_same_contact(client, post, enter, latest):
    person = enter(client)
    other = Client()
    post(other, "sign-in", {"contact": PHONE, "next": "/me/trips/"})
    assert post(other, "sign-in-code", {"code": latest()}).url == "/me/trips/"
    assert other.session["citizen_id"] == person.pk
    # Registering again with a known contact signs in as well, and makes nobody twice.
    third = Client()
    post(third, "register", {"contact": PHONE})
    post(third, "sign-in-code", {"code": latest()})
    assert third.session["citizen_id"] == person.pk
    assert Person.objects.count() == 1


def test_a_planted_session_is_worth_nothing(client, post, enter, latest):
    enter(Client())
    client.get(reverse("sign-in"))
    post(client, "sign-in", {"contact": PHONE})
    before = client.session.session_key
    post(client, "sign-in-code", {"code": latest()})
    assert client.session.session_key != before


def test_known_and_unknown_contacts_get_the_same_pages(client, post, enter, outbox):
    enter(Client())
    sent = len(outbox["sms"].sent)
    pages = []
    for contact in (PHONE, "+639171234568"):
        visitor = Client(headers={"accept-language": "en"})
        answer = post(visitor, "sign-in", {"contact": contact})
        page = visitor.get(reverse("sign-in-code")).content.decode()
        wrong = post(visitor, "sign-in-code", {"code": "000000"}).content.decode()
        last_digits = contact[-2:]
        pages.append(
            (
                answer.status_code,
                answer.url,
                re.sub(r'value="\w{64}"', "", page).replace(last_digits, ""),
                re.sub(r'value="\w{64}"', "", wrong).replace(last_digits, ""),
            )
        )
    assert pages[0] == pages[1]
    assert len(outbox["sms"].sent) == sent + 1


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "javascript:alert(1)", "/\\evil.example"]
)
def test_after_signing_in_nobody_is_sent_elsewhere(client, post, enter, latest, wanted):
    enter(Client())
    post(client, "sign-in", {"contact": PHONE, "next": wanted})
    assert post(client, "sign-in-code", {"code": latest()}).url == reverse("me")


def test_several_people_of_one_contact_choose(client, post, enter, latest):
    enter(Client())
    second = actions.register_citizen(
        facts=actions.PersonFacts(native_name="示例乙"),
        contact=actions.phone_or_email(PHONE, "CN"),
        consents=("warnings",),
        text_version="test",
        by=actions.actor_of(Person.objects.get()),
        now=datetime.now(UTC),
    )
    stranger = actions.register_citizen(
        facts=actions.PersonFacts(native_name="示例丙"),
        contact=actions.phone_or_email("c@example.org", "CN"),
        consents=("warnings",),
        text_version="test",
        by=actions.actor_of(second),
        now=datetime.now(UTC),
    )
    post(client, "sign-in", {"contact": PHONE})
    assert post(client, "sign-in-code", {"code": latest()}).url == reverse("sign-in-choose")
    assert "示例乙" in client.get(reverse("sign-in-choose")).content.decode()
    post(client, "sign-in-choose", {"person": str(stranger.public_id)})
    assert "citizen_id" not in client.session
    post(client, "sign-in-choose", {"person": str(second.public_id)})
    assert client.session["citizen_id"] == second.pk


OWN = (
    "me", "me-where", "trips", "trips-print", "trip-add", "residence", "me-people", "companion-add", "me-contacts",
    "me-trusted", "me-consent", "me-data", "me-export", "me-delete", "register-place",
)  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_own_pages_need_a_signed_in_citizen_and_are_not_kept(client, enter, name):
    answer = client.get(reverse(name))
    assert answer.status_code == 302
    assert answer.url.startswith(reverse("sign-in"))
    enter(client)
    answer = client.get(reverse(name))
    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert len(answer.content) < 30_000


def test_the_own_page_takes_few_queries(client, enter, post, django_assert_max_num_queries):
    enter(client)
    for number in range(5):
        post(client, "trip-add", {"place": "宿务", "first": day(number), "last": day(number)})
    with django_assert_max_num_queries(12):
        client.get(reverse("me"))
    with django_assert_max_num_queries(12):
        client.get(reverse("trips"))


def test_an_ambiguous_place_is_chosen_from_a_list(client, post, enter):
    enter(client)
    fields = {"place": "Victoria", "first": day(1), "last": day(2)}
    page = post(client, "trip-add", fields).content.decode()
    choices = re.findall(r'type="radio"[^>]*value="(-?\d+)"|value="(-?\d+)"[^>]*type="radio"', page)
    assert len(choices) > 2
    assert "Choose the place you mean." in page
    assert not Trip.objects.exists()
    picked = next(one or other for one, other in choices)
    assert post(client, "trip-add", {**fields, "choice": picked}).status_code == 302
    assert str(Stay.objects.get().place_id) == picked


def test_a_country_is_a_place(client, post, enter):
    enter(client)
    post(client, "trip-add", {"place": "菲律宾", "first": day(1), "last": day(2)})
    stay = Stay.objects.get()
    assert (stay.country, stay.region) == ("PH", "PH")
    assert stay.uncertainty_m > 500_000


def test_a_pin_counts_near_its_place_and_not_far_from_it(client, post, enter):
    enter(client)
    fields = {"place": "宿务", "first": day(1), "last": day(2), "lat": "10.33", "lon": "123.91"}
    assert post(client, "trip-add", {**fields, "lat": "50.0"}).status_code == 200
    assert post(client, "trip-add", fields).status_code == 302
    stay = Stay.objects.get()
    assert (stay.lat, stay.lon, stay.source, stay.uncertainty_m) == (10.33, 123.91, "pin", 200)


def test_removing_a_trip_can_be_taken_back(client, post, enter):
    enter(client)
    post(client, "trip-add", {"place": "宿务", "first": day(0), "last": day(5), "title": "Holiday"})
    before = Stay.objects.values("lat", "lon", "starts_at", "ends_at", "label").get()
    post(client, "trip-remove", {}, Trip.objects.get().pk)
    assert not Trip.objects.exists()
    assert "Holiday" in client.get(reverse("trips")).content.decode()
    assert "Holiday" not in json.dumps(dict(client.session))
    post(client, "trip-undo")
    assert Stay.objects.values("lat", "lon", "starts_at", "ends_at", "label").get() == before
    assert post(client, "trip-undo").status_code == 409


def test_nobody_touches_the_trips_of_others(client, post, enter):
    mine = enter(client)
    post(client, "trip-add", {"place": "宿务", "first": day(0), "last": day(5)})
    trip, stay = Trip.objects.get(), Stay.objects.get()
    thief = Client()
    enter(thief, "thief@example.org", "示例乙")
    for name, number in (
        ("trip-remove", trip.pk),
        ("trip-end", trip.pk),
        ("trip-add-leg", trip.pk),
        ("stay-change", stay.pk),
    ):
        assert (
            post(thief, name, {"place": "宿务", "first": day(0), "last": day(1)}, number).status_code == 404
        )
    for name in ("person-change", "companion-remove"):
        assert post(thief, name, {"native_name": "x"}, mine.public_id).status_code == 404
    assert post(thief, "contact-remove", {}, mine.contacts.get().pk).status_code == 404
    assert Stay.objects.get() == stay


def test_companions_contacts_and_the_trusted_person(client, post, enter, latest):
    person = enter(client)
    post(client, "companion-add", {"native_name": "示例乙", "relation": "child"})
    child = person.companions.get()
    assert post(client, "person-change", {"native_name": "示例己"}, child.public_id).status_code == 302
    post(client, "me-contacts", {"contact": "second@example.org"})
    assert Contact.objects.count() == 1
    assert post(client, "me-contact-code", {"code": "000000"}).status_code in (200, 302)
    post(client, "me-contact-code", {"code": latest("email")})
    assert set(Contact.objects.values_list("kind", flat=True)) == {"phone", "email"}
    post(client, "me-trusted", {"name": "示例丁", "contact": "trusted@example.org"})
    assert Contact.objects.get(is_trusted_other=True).other_name == "示例丁"
    page = client.get(reverse("me-data")).content.decode()
    for word in ("示例甲", "示例己", "second@example.org", "trusted@example.org"):
        assert word in page
    file = client.get(reverse("me-export"))
    assert "attachment" in file["Content-Disposition"]
    assert json.loads(file.content)["companions"][0]["native_name"] == "示例己"
    assert AuditEntry.objects.filter(action="person.export").count() == 2
    post(client, "me-trusted", {"remove": "1"})
    post(client, "companion-remove", {}, child.public_id)
    assert Person.objects.get() == person
    assert not Contact.objects.filter(is_trusted_other=True).exists()


def test_deleting_needs_the_word_and_ends_the_session(client, post, enter):
    enter(client)
    assert post(client, "me-delete", {"typed": "yes"}).status_code == 200
    assert Person.objects.exists()
    answer = post(client, "me-delete", {"typed": "delete"})
    assert answer.url == reverse("deleted")
    assert "storage" in answer["Clear-Site-Data"]
    assert not Person.objects.exists()
    assert client.get(reverse("me")).status_code == 302


def test_taking_consent_back_and_giving_it_again(client, post, enter):
    person = enter(client)
    post(client, "me-consent", {"withdraw": "1"})
    person.refresh_from_db()
    assert not person.wants_warnings
    post(client, "me-consent", {"give": "1"})
    person.refresh_from_db()
    assert person.wants_warnings


def test_the_crisis_form_takes_three_fields_and_leads_to_the_answer(client, post):
    fields = {"name": "示例戊", "contact": "+63 917 123 4567", "place": "Cebu City"}
    answer = post(client, "crisis", fields)
    assert answer.url == reverse("me")
    entry = Person.objects.get()
    assert (entry.from_crisis_form, entry.stays.get().region) == (True, "PH-07")
    assert "示例戊" in client.get(reverse("me")).content.decode()
    post(client, "crisis", {**fields, "place": "Manila"})
    assert Person.objects.get().stays.get().region == "PH-NCR"


def test_the_crisis_form_answers_alike_whether_somebody_is_registered(client, post, enter):
    enter(Client())
    fields = {"name": "示例甲", "place": "Cebu City"}
    known = post(Client(), "crisis", {**fields, "contact": PHONE})
    unknown = post(Client(), "crisis", {**fields, "contact": "+639171234568"})
    assert (known.status_code, known.url) == (unknown.status_code, unknown.url)
    assert Person.objects.filter(from_crisis_form=True).count() == 2


def test_signing_out_clears_the_telephone(client, post, enter):
    enter(client)
    assert client.get(reverse("sign-out")).status_code == 405
    answer = post(client, "sign-out")
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    assert client.get(reverse("me")).status_code == 302


def test_where_i_am_now(client, post, enter):
    enter(client)
    post(client, "me-where", {"lat": "10.33", "lon": "123.91", "place": ""})
    assert Stay.objects.get().kind == "position"
    assert "Cebu" in client.get(reverse("me")).content.decode() or Stay.objects.get().region == "PH-07"
    assert post(client, "me-where", {"lat": "nan", "lon": "0"}).status_code == 200


@pytest.mark.parametrize("query, first", [("q=宿务", CEBU), ("q=cebu", CEBU), ("lat=10.32&lon=123.89", CEBU)])
def test_places_as_json(client, query, first):
    rows = client.get(f"{reverse('places')}?{query}").json()["places"]
    assert rows[0]["id"] == first
    assert rows[0]["label"] == "Cebu City, Philippines"


@pytest.mark.parametrize(
    "query", ["", "q=", "lat=1", "lat=x&lon=y", "lat=900&lon=0", "lat=nan&lon=nan", "q=" + "x" * 5000]
)
def test_places_for_nonsense_are_none(client, query):
    assert client.get(f"{reverse('places')}?{query}").json() == {"places": []}


@pytest.mark.parametrize("name", ["home", "sign-in", "register", "crisis", "privacy", "deleted"])
def test_open_pages_in_both_languages(name):
    for language in ("en", "zh-hans"):
        answer = Client(headers={"accept-language": language}).get(reverse(name))
        assert answer.status_code == 200
        assert len(answer.content) < 30_000
