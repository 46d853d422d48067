"""To the holder and nobody else: codes that work once, links that end, a wallet for the family, little for guards."""

import contextlib
from datetime import timedelta

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from openconsular.citizens.actions import TooMany, actor_of
from openconsular.citizens.models import Person
from openconsular.domain.health.verdict import State
from openconsular.health_certificates import delivery, forgetting
from openconsular.health_certificates.actions import claims, records
from openconsular.health_certificates.delivery import WrongCode, code_hash, make_code
from openconsular.health_certificates.models import ClaimCode, Issued, Record
from openconsular.health_certificates.queries.trust import verify
from openconsular.health_certificates.queries.wallet import certificates_of_family, reduced

pytestmark = pytest.mark.django_db
BORN = "1980-05-17"


@pytest.fixture
def claim(issued, people, now):
    made = issued()
    return made, claims.make_claim(public_id=made.record.public_id, by=people["clinic"], now=now)


def by_code(code, now, born_on=BORN, address="192.0.2.1", **more):
    return claims.claim_by_code(code=code, born_on=born_on, address=address, now=now, **more)


def test_a_code_works_once(claim, now):
    made, told = claim
    held = by_code(told.code.lower().replace("-", " "), now)
    assert (held.text, held.state) == (made.text, "valid")
    assert Issued.objects.get(pk=made.pk).delivered_at == now
    with pytest.raises(WrongCode):
        by_code(told.code, now)


def test_neither_code_nor_its_plain_hash_is_stored(claim):
    with connection.cursor() as cursor:
        cursor.execute("SELECT c::text FROM health_certificates_claimcode c")
        assert claim[1].code.replace("-", "") not in cursor.fetchone()[0]


def test_a_code_needs_the_day_of_birth_and_dies_of_wrong_ones(claim, now):
    for _ in range(5):
        with pytest.raises(WrongCode):
            by_code(claim[1].code, now, born_on="1980-05-18")
    with pytest.raises(WrongCode):
        by_code(claim[1].code, now)
    assert ClaimCode.objects.get().tries == 5


def test_a_code_ends_by_time_and_by_a_newer_one(claim, people, now):
    made, told = claim
    with pytest.raises(WrongCode):
        by_code(told.code, now + timedelta(days=15))
    newer = claims.make_claim(public_id=made.record.public_id, by=people["clinic"], now=now)
    with pytest.raises(WrongCode):
        by_code(told.code, now)
    assert by_code(newer.code, now).text


def test_guessing_is_rationed(claim, now):
    for _ in range(60):
        with pytest.raises(WrongCode):
            by_code(make_code(), now)
    with pytest.raises(TooMany):
        by_code(claim[1].code, now)
    assert by_code(claim[1].code, now, address="192.0.2.2").text


def test_a_link_opens_until_its_end_with_the_day_of_birth(claim, now):
    made, told = claim

    def by_link(token, at=now, born_on=BORN):
        return claims.claim_by_link(token=token, born_on=born_on, address="192.0.2.1", now=at)

    assert by_link(told.token).identifier == made.identifier
    for wrong in (told.token[:-1], "B" + told.token[1:], "", "é", told.token + "AAAA", told.token.swapcase()):
        with pytest.raises(WrongCode):
            by_link(wrong)
    with pytest.raises(WrongCode):
        by_link(told.token, now + timedelta(days=4))
    with pytest.raises(WrongCode):
        by_link(told.token, born_on="")


@given(st.text(max_size=40))
def test_what_is_no_code_is_refused_before_anything_is_asked(text):
    with contextlib.suppress(WrongCode):
        assert len(code_hash(text)) == 16


@given(st.data())
def test_one_wrong_sign_in_a_code_is_noticed(data):
    code = make_code().replace("-", "")
    place = data.draw(st.integers(0, 9))
    other = data.draw(st.sampled_from("23456789ABCDEFGH"))
    if code[place] != other:
        changed = code[:place] + other + code[place + 1 :]
        with pytest.raises(WrongCode):
            code_hash(changed)


def test_a_link_for_another_certificate_cannot_be_made_of_this_one(now):
    token = delivery.make_token(7, now + timedelta(days=1))
    assert delivery.issued_of(token, now) == 7
    assert len(token) == 31


def test_the_wallet_of_a_family(claim, issued, now):
    def person(**fields):
        return Person.objects.create(native_name="x", created_at=now, updated_at=now, **fields)

    parent = person()
    child, stranger = person(lead=parent), person()
    made, told = claim
    by_code(told.code, now, by=actor_of(parent))
    issued(given_name="Si")
    assert [one.identifier for one in certificates_of_family(by=actor_of(parent), now=now)] == [
        made.identifier
    ]
    assert certificates_of_family(by=actor_of(stranger), now=now) == []
    claims.give_to_companion(
        public_id=made.record.public_id, companion_id=child.pk, by=actor_of(parent), now=now
    )
    held = certificates_of_family(by=actor_of(parent), now=now)
    assert held[0].person_id == child.pk
    parent.delete()
    assert set(Record.objects.values_list("person_id", flat=True)) == {None}


def test_a_guard_sees_the_word_the_name_and_the_year(issued, now):
    text = issued().text
    seen = reduced(verify(text, now=now))
    assert (seen.is_valid, seen.name, seen.birth_year) == (True, "San Zhang", "1980")
    late = reduced(verify(text, now=now + timedelta(days=3000)))
    assert (late.state, late.is_valid) == (State.EXPIRED, False)
    broken = reduced(verify(text[:-8] + "AAAAAAAA", now=now))
    assert (broken.is_valid, broken.name, broken.birth_year) == (False, "", "")


def test_words_are_forgotten_by_their_term_and_the_register_stays(claim, written, people, now):
    made, told = claim
    by_code(told.code, now)
    refused = written(given_name="Wu")
    records.refuse_record(public_id=refused.public_id, reason="twice", by=people["officer"], now=now)
    assert forgetting.forget(now=now + timedelta(days=29)) == forgetting.Forgotten(0, 0)
    assert forgetting.forget(now=now + timedelta(days=91)) == forgetting.Forgotten(1, 1)
    kept = Issued.objects.select_related("record").get(pk=made.pk)
    assert (kept.text, kept.record.content, kept.identifier) == (None, None, made.identifier)
    assert Record.objects.get(pk=refused.pk).content is None
    with pytest.raises(WrongCode):
        claims.claim_by_link(token=told.token, born_on=BORN, address="a", now=now + timedelta(days=1))
