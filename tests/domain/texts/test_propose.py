"""Every profile can speak in every situation, in all its languages, without a fault."""

from datetime import UTC, datetime

import pytest

from openconsular.domain import texts
from openconsular.foundation.profile import load

FACTS = {
    "places": {"zh-Hans": "中米沙鄢", "en": "Central Visayas", "ar": "منطقة سيبو", "fr": "Visayas centrales"},
    "event_words": {"en": "Super Typhoon ODETTE"},
    "until": datetime(2026, 6, 1, 12, tzinfo=UTC),
    "issued": datetime(2026, 6, 1, 2, tzinfo=UTC),
    "timezone": "Asia/Manila",
}
SITUATIONS = [
    (code, kind, event)
    for code in ("cn", "xa")
    for kind in texts.KINDS
    for event in load(code).texts[load(code).default_language]["events"]
]


def proposed(code, kind, event, **changed):
    profile = load(code)
    facts = texts.Facts(event=event, grade=profile.grades[-1].code, **{**FACTS, **changed})
    return texts.propose_texts(profile, kind, facts)


@pytest.mark.parametrize(("code", "kind", "event"), SITUATIONS)
def test_what_is_proposed_could_be_sent(code, kind, event):
    for language, words in proposed(code, kind, event).items():
        found = texts.check_text(
            kind, words, allowed_hosts={"consular.example"}, words=load(code).sms_words[language]
        )
        assert [one for one in found if one.code != "many-parts"] == []


@pytest.mark.parametrize("kind", texts.KINDS)
def test_short_messages_stay_within_two_parts_in_the_first_profile(kind):
    for event in load("cn").event_keywords:
        for words in proposed("cn", kind, event).values():
            assert texts.count_parts(words["sms"]) <= 2


def test_the_facts_stand_in_the_words():
    told = proposed("cn", "warning", "cyclone")
    assert "中米沙鄢台风" in told["zh-Hans"]["sms"]
    assert "当地时间6月1日20:00" in told["zh-Hans"]["sms"]
    assert "台风（当地发布：Super Typhoon ODETTE）" in told["zh-Hans"]["body"]
    assert "1 Jun 20:00 local time" in told["en"]["sms"]
    assert all("{link}" in words["sms"] and "{link}" in words["body"] for words in told.values())


def test_an_unknown_event_keeps_the_words_of_its_issuer():
    told = proposed("xa", "warning", "other", event_words={"en": "Red  tide\n{warning}"})
    assert told["fr"]["subject"] == "Quittez la zone : Red tide (warning), Visayas centrales"


def test_what_is_not_told_in_a_language_is_told_in_english():
    told = proposed(
        "xa",
        "warning",
        "cyclone",
        places={"zh-Hans": "吕宋岛", "en": "Luzon"},
        event_words={"zh-Hans": "台风", "en-US": "Typhoon"},
    )
    assert "Luzon" in told["fr"]["sms"]
    assert "cyclone tropical (texte d’origine : Typhoon), Luzon" in told["fr"]["body"]


def test_without_an_end_the_words_say_so():
    assert "至另行通知" in proposed("cn", "warning", "flood", until=None)["zh-Hans"]["sms"]


def test_an_unknown_zone_is_told_in_utc():
    assert "世界时6月1日12:00" in proposed("cn", "warning", "flood", timezone="Mars/Base")["zh-Hans"]["sms"]


def test_what_is_not_there_is_a_typed_error():
    for kind, grade, languages, code in [
        ("rumour", "caution", (), "unknown-kind"),
        ("warning", "purple", (), "unknown-grade"),
        ("warning", "caution", ("tlh",), "unknown-language"),
    ]:
        facts = texts.Facts(event="flood", grade=grade, **FACTS)
        with pytest.raises(texts.TextError) as refused:
            texts.propose_texts(load("cn"), kind, facts, languages)
        assert refused.value.code == code
