"""To whom a certificate is handed over, to whom not, and how often one may ask: at the edges of every rule."""

from datetime import timedelta
from uuid import uuid4

import pytest

from openconsular.citizens.actions import TooMany, actor_of
from openconsular.citizens.models import Person
from openconsular.foundation.errors import Conflict, InvalidInput, NotAllowed, NotFound
from openconsular.foundation.models import AuditEntry
from openconsular.foundation.permissions import ANONYMOUS
from openconsular.health_certificates.actions import access, claims
from openconsular.health_certificates.delivery import WrongCode
from openconsular.health_certificates.models import ApiClient, ApiUse, ClaimCode, Issued, Record
from tests.health_certificates.conftest import KEEPER

pytestmark = pytest.mark.django_db
BORN = "1980-05-17"
SECOND = timedelta(seconds=1)


@pytest.fixture
def made(issued):
    return issued()


@pytest.fixture
def told(made, people, now):
    return claims.make_claim(public_id=made.record.public_id, by=people["clinic"], now=now)


def by_code(code, now, born_on=BORN, address="192.0.2.1", **more):
    return claims.claim_by_code(code=code, born_on=born_on, address=address, now=now, **more)


def by_link(token, now, born_on=BORN, address="192.0.2.1", **more):
    return claims.claim_by_link(token=token, born_on=born_on, address=address, now=now, **more)


@pytest.fixture
def person(now):
    def make(**fields):
        return Person.objects.create(native_name="x", created_at=now, updated_at=now, **fields)

    return make


def test_a_code_is_made_by_who_may_see_the_record_and_for_nothing_unsigned(made, written, people, now):
    for name in ("elsewhere", "admin"):
        with pytest.raises((NotFound, NotAllowed)):
            claims.make_claim(public_id=made.record.public_id, by=people[name], now=now)
    unsigned = written(given_name="Si")
    for public_id in (unsigned.public_id, uuid4()):
        with pytest.raises(NotFound):
            claims.make_claim(public_id=public_id, by=people["clinic"], now=now)
    assert not ClaimCode.objects.exists()


def test_a_code_lives_until_its_last_instant(told, now):
    with pytest.raises(WrongCode):
        by_code(told.code, told.expires_at)
    assert by_code(told.code, told.expires_at - SECOND).text


def test_a_link_lives_until_its_end(told, now):
    with pytest.raises(WrongCode):
        by_link(told.token, told.link_expires_at + SECOND)
    assert by_link(told.token, told.link_expires_at - SECOND).text
    assert told.link_expires_at == now + timedelta(days=3)


def test_four_wrong_days_leave_a_last_try(told, now):
    for _ in range(4):
        with pytest.raises(WrongCode):
            by_code(told.code, now, born_on="1980-05-18")
    assert by_code(told.code, now, born_on=f" {BORN} ").text


@pytest.mark.parametrize("claim", [by_code, by_link])
def test_what_is_of_another_environment_is_not_handed_over(told, now, settings, claim):
    settings.CERTIFICATES = "live"
    with pytest.raises(WrongCode):
        claim(told.code if claim is by_code else told.token, now)


def test_handing_over_is_audited_and_the_first_time_is_kept(made, told, now):
    by_link(told.token, now)
    by_link(told.token, now + timedelta(hours=2))
    assert Issued.objects.get(pk=made.pk).delivered_at == now
    handed = AuditEntry.objects.filter(action="certificate.claim", subject=f"certificate:{made.identifier}")
    assert handed.count() == 2
    assert AuditEntry.objects.filter(action="certificate.make_claim").count() == 1


def test_a_link_is_rationed_by_the_hour_and_by_the_day_whatever_the_address(told, now):
    def wrong(at, number):
        with pytest.raises(WrongCode):
            by_link(told.token, at, born_on="1980-05-18", address=f"192.0.2.{number}")

    for hour in range(3):
        at = now + timedelta(hours=2 * hour)
        for number in range(10):
            wrong(at, number)
        with pytest.raises(TooMany):
            by_link(told.token, at, address="192.0.2.99")
    with pytest.raises(TooMany):
        by_link(told.token, now + timedelta(hours=8), address="192.0.2.98")


def test_links_of_one_address_are_rationed_together(told, now):
    for _ in range(60):
        with pytest.raises(WrongCode):
            by_link("A" * 31, now)
    with pytest.raises(TooMany):
        by_link(told.token, now)
    assert by_link(told.token, now, address="192.0.2.2").text


def test_who_is_signed_in_keeps_what_they_claim_and_nobody_takes_it_from_them(told, person, now):
    first, second = person(), person()
    by_link(told.token, now, by=actor_of(first))
    by_link(told.token, now, by=actor_of(second))
    by_link(told.token, now)
    assert Record.objects.get().person_id == first.pk


def test_a_certificate_is_put_into_a_wallet_once(made, person, now, settings):
    first, second = person(), person()
    how = {"public_id": made.record.public_id, "now": now}
    with pytest.raises(NotFound):
        claims.keep_in_wallet(**how, by=ANONYMOUS)
    with pytest.raises(NotFound):
        claims.keep_in_wallet(public_id=uuid4(), now=now, by=actor_of(first))
    settings.CERTIFICATES = "live"
    with pytest.raises(NotFound):
        claims.keep_in_wallet(**how, by=actor_of(first))
    settings.CERTIFICATES = "test"
    claims.keep_in_wallet(**how, by=actor_of(first))
    for again in (first, second):
        with pytest.raises(NotFound):
            claims.keep_in_wallet(**how, by=actor_of(again))
    assert Record.objects.get().person_id == first.pk
    assert AuditEntry.objects.filter(action="certificate.keep").count() == 1


def test_a_certificate_goes_to_nobody_outside_the_family_and_from_nobody_outside(made, person, now):
    parent, stranger = person(), person()
    child = person(lead=parent)
    claims.keep_in_wallet(public_id=made.record.public_id, by=actor_of(parent), now=now)

    def give(to, by):
        claims.give_to_companion(
            public_id=made.record.public_id, companion_id=to.pk, by=actor_of(by) if by else ANONYMOUS, now=now
        )

    for to, by in ((stranger, parent), (stranger, stranger), (child, stranger), (child, None)):
        with pytest.raises(NotFound):
            give(to, by)
    assert Record.objects.get().person_id == parent.pk
    give(child, parent)
    assert Record.objects.get().person_id == child.pk
    give(parent, parent)
    assert Record.objects.get().person_id == parent.pk
    assert AuditEntry.objects.filter(action="certificate.give").count() == 2


@pytest.fixture
def machine(now):
    return access.add_client(name=" An airline ", scopes=["verify"], codes_a_minute=10, by=KEEPER, now=now)


def test_a_machine_s_key_opens_until_it_is_ended_and_only_where_it_was_made(machine, people, now, settings):
    assert machine.client.name == "An airline" and machine.key.startswith("oc_")
    assert access.client_of(machine.key) == machine.client
    for wrong in ("", machine.key[:-1], machine.key + "A", machine.key.swapcase()):
        with pytest.raises(access.UnknownClient):
            access.client_of(wrong)
    settings.CERTIFICATES = "live"
    with pytest.raises(access.UnknownClient):
        access.client_of(machine.key)
    settings.CERTIFICATES = "test"
    with pytest.raises(NotAllowed):
        access.end_client(client_id=machine.client.pk, by=people["clinic"], now=now)
    access.end_client(client_id=machine.client.pk, by=KEEPER, now=now)
    with pytest.raises(access.UnknownClient):
        access.client_of(machine.key)
    with pytest.raises(Conflict):
        access.end_client(client_id=machine.client.pk, by=KEEPER, now=now)
    with pytest.raises(NotFound):
        access.end_client(client_id=machine.client.pk + 1, by=KEEPER, now=now)
    actions = AuditEntry.objects.filter(subject=f"client:{machine.client.pk}").values_list(
        "action", flat=True
    )
    assert sorted(actions) == ["certificate.add_client", "certificate.end_client"]


def test_a_machine_has_a_name_a_scope_and_a_number(people, now):
    good = {"name": "A", "scopes": ["verify"], "codes_a_minute": 1, "by": KEEPER, "now": now}
    for wrong in ({"name": " "}, {"scopes": []}, {"scopes": ["verify", "all"]}, {"codes_a_minute": 0}):
        with pytest.raises(InvalidInput):
            access.add_client(**{**good, **wrong})
    with pytest.raises(NotAllowed):
        access.add_client(**{**good, "by": people["clinic"]})
    assert not ApiClient.objects.exists()
    assert access.add_client(**good).client.codes_a_minute == 1


def test_a_minute_holds_what_was_agreed_and_not_one_more(machine, now):
    client = machine.client
    with pytest.raises(access.TooManyCodes):
        access.take_turn(client=client, codes=11, now=now)
    access.take_turn(client=client, codes=4, now=now)
    with pytest.raises(access.TooManyCodes):
        access.take_turn(client=client, codes=7, now=now + 59 * SECOND)
    access.take_turn(client=client, codes=6, now=now + 59 * SECOND)
    with pytest.raises(access.TooManyCodes):
        access.take_turn(client=client, codes=1, now=now)
    access.take_turn(client=client, codes=10, now=now + 60 * SECOND)
    access.note_valid(client=client, valid=3, now=now + 30 * SECOND)
    access.note_valid(client=client, valid=2, now=now)
    access.note_valid(client=client, valid=2, now=now + 600 * SECOND)
    uses = ApiUse.objects.filter(client=client).order_by("minute")
    assert [(use.codes, use.valid) for use in uses] == [(10, 5), (10, 0)]
