"""Signing in by code: nothing to guess, nothing to learn about others."""

import re
from datetime import timedelta

import pytest

from openconsular.citizens import actions
from openconsular.citizens.jobs import send_code
from openconsular.citizens.models import Contact, SignInCode
from openconsular.citizens.rationing import TooMany
from openconsular.foundation.errors import InvalidInput, Unavailable
from openconsular.gateways.base import Outcome

pytestmark = pytest.mark.django_db
PHONE = "+639171234567"


@pytest.fixture
def ask(doing_jobs, outbox, now):
    def ask_for(contact: str = PHONE, *, new: bool = False, at=now, address: str = "192.0.2.1") -> str | None:
        """Ask for a code; the code as it arrives, or None."""
        sent = outbox["email" if "@" in contact else "sms"].sent
        before = len(sent)
        with doing_jobs():
            actions.request_code(
                contact=actions.phone_or_email(contact, "CN"), address=address, is_new_welcome=new, now=at
            )
        return re.search(r"\d{6}", sent[-1].text).group() if len(sent) > before else None

    return ask_for


@pytest.fixture
def answer(now):
    def try_code(code: str, contact: str = PHONE, *, at=now, address: str = "192.0.2.1") -> list:
        proven = actions.check_code(
            contact=actions.phone_or_email(contact, "CN"), code=code, address=address, now=at
        )
        return list(proven.people)

    return try_code


def test_the_right_code_signs_in_once(register, ask, answer):
    person = register()
    code = ask()
    assert answer(f" {code[:3]} {code[3:]} ") == [person]
    with pytest.raises(InvalidInput):
        answer(code)


def test_a_code_dies_after_ten_minutes_and_with_the_next_one(register, ask, answer, now):
    register()
    code = ask()
    with pytest.raises(InvalidInput):
        answer(code, at=now + timedelta(minutes=10))
    first, second = ask(at=now + timedelta(minutes=11)), ask(at=now + timedelta(minutes=12))
    with pytest.raises(InvalidInput):
        answer(first if first != second else "000000x", at=now + timedelta(minutes=12))
    answer(second, at=now + timedelta(minutes=12))


def test_after_five_wrong_tries_the_right_code_is_dead_too(register, ask, answer):
    register()
    code = ask()
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(5):
        with pytest.raises(InvalidInput):
            answer(wrong)
    with pytest.raises(InvalidInput):
        answer(code)


def test_guessing_is_rationed_over_fresh_codes_too(register, ask, answer, now):
    register()
    tries = 0
    with pytest.raises(TooMany):
        for number in range(1000):
            if number % 4 == 0:
                ask(address=f"192.0.2.{number % 250}", at=now + timedelta(seconds=number))
            try:
                answer("000000", at=now + timedelta(seconds=number), address=f"192.0.2.{number % 250}")
            except InvalidInput:
                tries += 1
    assert tries <= 20


def test_known_and_unknown_contacts_look_alike(register, ask, answer, now):
    register()
    assert ask(PHONE) is not None
    assert ask("+639171234568") is None
    known, unknown = SignInCode.objects.order_by("pk")
    assert (known.kind, known.expires_at) == (unknown.kind, unknown.expires_at)
    for contact in (PHONE, "+639171234568"):
        with pytest.raises(InvalidInput) as caught:
            answer("000000", contact)
        assert caught.value.fields.keys() == {"code"}
    for number in range(4):
        ask("+639171234568", address=f"192.0.2.{number}")
        ask(PHONE, address=f"192.0.2.{number}")
    for contact in (PHONE, "+639171234568"):
        with pytest.raises(TooMany):
            ask(contact)


def test_one_address_cannot_ask_for_everybody(ask):
    with pytest.raises(TooMany):
        for number in range(100):
            ask(f"+6391712340{number:02d}", new=True)


def test_a_newcomer_proves_the_contact_before_anything_is_kept(ask, answer):
    code = ask("new@example.org", new=True)
    assert answer(code, "new@example.org") == []
    assert not Contact.objects.exists()


def test_nothing_of_a_code_stays_once_it_has_left(register, ask):
    register()
    ask()
    row = SignInCode.objects.get()
    assert (row.address, row.sealed_code) == (None, None)
    assert row.sent_at is not None


def test_the_message_has_no_link_and_no_name(register, ask, outbox):
    register()
    register("示例乙", "b@example.org")
    ask()
    ask("b@example.org")
    for message in (outbox["sms"].sent[-1], outbox["email"].sent[-1]):
        assert "http" not in message.text + message.html
        assert "/" not in message.text
        assert "示例" not in message.text


def test_a_code_is_sent_again_after_a_lost_answer_and_never_twice_for_good(
    register, ask, outbox, monkeypatch, now
):
    register()
    tries = []

    def lost(messages):
        tries.append(messages)
        return [Outcome(messages[0].key, "retry", in_doubt=True)]

    with monkeypatch.context() as broken:
        broken.setattr(outbox["sms"], "hand_over", lost)
        with pytest.raises(Unavailable):
            ask()
    row = SignInCode.objects.get()
    assert row.sent_at is None
    send_code(row.pk)
    send_code(row.pk)
    assert len(outbox["sms"].sent) == 1


def test_an_unconfirmed_contact_opens_no_door(register, ask, now):
    person = register()
    Contact.objects.filter(person=person).update(verified_at=None)
    assert ask() is None


def test_the_trusted_contact_opens_no_door(register, ask, now):
    person = register()
    actions.set_trusted_contact(
        person_id=person.pk,
        name="示例丁",
        contact=actions.phone_or_email("trusted@example.org", "CN"),
        by=actions.actor_of(person),
        now=now,
    )
    assert ask("trusted@example.org") is None


def test_changed_contacts_are_told_to_the_others(register, ask, doing_jobs, outbox, now):
    person = register()
    proven = actions.Proven(actions.phone_or_email("second@example.org", "CN"), ())
    with doing_jobs():
        contact = actions.add_contact(
            person_id=person.pk, proven=proven, by=actions.actor_of(person), now=now
        )
    assert len(outbox["sms"].sent) == 1
    with doing_jobs():
        actions.remove_contact(
            person_id=person.pk, contact_id=contact.pk, by=actions.actor_of(person), now=now
        )
    assert len(outbox["sms"].sent) + len(outbox["email"].sent) >= 2
    assert list(person.contacts.values_list("kind", flat=True)) == ["phone"]
