"""The same typhoon, warned of by another country: its languages, grade, limit and number, from hazard to answer."""

import re

import pytest

from openconsular.alerts import actions
from openconsular.alerts.models import Recipient, UnreadReply, Warning
from openconsular.alerts.rendering import Renderer
from openconsular.foundation import profile
from openconsular.gateways.base import Reply


@pytest.fixture(autouse=True)
def country(settings):
    settings.PROFILE = "xa"
    return profile.load("xa")


def test_the_proposal_speaks_with_the_voice_of_its_country(typhoon, country):
    assert typhoon.grade == "level-3"
    assert typhoon.approval_above == 250
    texts = {text.language: text for text in typhoon.texts.all()}
    assert set(texts) <= {"ar", "fr"}
    assert "ar" in texts
    for text in texts.values():
        assert country.hotline_dial in text.sms
        assert not re.search(r"[\u4e00-\u9fff]|12308", text.sms + text.subject + text.body)


def test_its_missions_look_after_the_people(typhoon):
    codes = set(typhoon.incident.recipients.values_list("mission__code", flat=True))
    assert codes <= {"manila", "cebu"}
    assert "manila" in codes


def test_messages_run_from_right_to_left(typhoon):
    message = Renderer(typhoon.texts.all(), exercise=False).message(
        channel="email", key=1, recipient_id=1, address="one@example.org", language="ar"
    )
    assert 'lang="ar" dir="rtl"' in message.html
    assert "/a/" in message.text


@pytest.mark.parametrize(("words", "state"), [("بخير", "safe"), ("AIDE", "help"), ("غير آمن", "help")])
def test_its_people_answer_in_their_words(released, now, phone_of_one, words, state):
    recipient, phone = phone_of_one
    assert actions.record_replies([Reply(address=phone, text=words, received_at=now)], now=now) == 1
    assert Recipient.objects.get(pk=recipient.pk).state == state


def test_the_place_they_are_known_at_may_be_named(released, now, phone_of_one):
    recipient, phone = phone_of_one
    text = f"Nous sommes en sécurité. {recipient.reason['label']}"
    assert actions.record_replies([Reply(address=phone, text=text, received_at=now)], now=now) == 1
    elsewhere = "Nous sommes en sécurité. Nullepart"
    assert actions.record_replies([Reply(address=phone, text=elsewhere, received_at=now)], now=now) == 0


def test_words_of_another_country_are_for_an_officer(released, now, phone_of_one):
    _recipient, phone = phone_of_one
    assert actions.record_replies([Reply(address=phone, text="平安", received_at=now)], now=now) == 0
    assert UnreadReply.objects.get().reason == "unknown-words"
    assert released.kind == Warning.Kind.WARNING


@pytest.fixture
def phone_of_one(released):
    """Somebody who got an SMS, and their number."""
    delivery = released.deliveries.filter(channel="sms").select_related("recipient", "contact").first()
    return delivery.recipient, delivery.contact.value
