"""Rules of States as they are read: members, versions, value sets, and the words that explain them."""

import json

import pytest

from openconsular.domain.health.rules import errors
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.read import as_version, read_rules, read_value_sets
from openconsular.domain.health.rules.rule import RuleType
from openconsular.domain.health.rules.wording import best_text
from tests.domain.health.test_rules import NEVER, NOW, ask, rule_set, source

# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("name", ["Identifier", "Type", "Country", "Version", "SchemaVersion", "Engine", "EngineVersion", "CertificateType", "ValidFrom", "ValidTo"])  # fmt: skip
@pytest.mark.parametrize("wrong", [None, "", 7, [], {}, "x" * 70])
def test_a_rule_with_a_wrong_member_refuses_the_list(name, wrong):
    if name in ("Identifier", "Country", "Engine") and isinstance(wrong, str) and wrong:
        return
    with pytest.raises(RuleError) as caught:
        read_rules(json.dumps([source(), source() | {name: wrong}]))
    assert caught.value.code == errors.MALFORMED
    assert name in caught.value.message


def test_a_rule_without_words_has_none():
    for words in (None, [], "text", [{"lang": "en"}], [{"desc": "x"}], [7]):
        assert ask(source(NEVER, Description=words)).rules[0].explanation == ""


def test_rules_are_read_alone_listed_or_named():
    one = source()
    for text in (json.dumps(one), json.dumps([one]), json.dumps({"rules": [one]}).encode()):
        assert [rule.identifier for rule in read_rules(text, as_of=NOW).rules] == ["VR-XA-0001"]
    assert read_rules("[]").rules == ()
    for text in ("7", '"x"', "null", '{"rules": 3}', "[3]"):
        with pytest.raises(RuleError):
            read_rules(text)


def test_value_sets_are_read_in_both_forms():
    assert read_value_sets('{"a": ["1", "2"], "b": []}') == {"a": ["1", "2"], "b": []}
    published = {
        "valueSetId": "a",
        "valueSetDate": "2026-01-01",
        "valueSetValues": {"1": {"active": True}, "2": {}},
    }
    assert read_value_sets(json.dumps(published)) == {"a": ["1", "2"]}
    for text in (
        "[]",
        '{"a": 1}',
        '{"a": [1]}',
        '{"valueSetValues": [1], "valueSetId": "a"}',
        '{"valueSetValues": {}}',
    ):
        with pytest.raises(RuleError):
            read_value_sets(text)


def test_versions():
    assert as_version("1.10.2") == (1, 10, 2)
    assert as_version("1.0.0-rc.1") == (1, 0, 0)
    for wrong in ("1.0", "1.0.0.0", "v1.0.0", "１.0.0", " 1.0.0", "1.0." + "9" * 99, None, 1.0):
        assert as_version(wrong) is None


def test_a_set_knows_its_rules():
    rules = rule_set(source(), source(Version="1.0.1"), source(Type="Invalidation", Identifier="IR-XA-0001"))
    assert len(rules.of(RuleType.ACCEPTANCE, "XA")) == 2
    assert rules.of(RuleType.ACCEPTANCE, "XB") == ()


# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("languages", "expected"),
    [
        (("zh-Hans",), "zh"),
        (("zh_Hans", "de"), "zh"),
        (("zh-Hant-HK",), "zh"),
        (("de-AT",), "de"),
        (("pt",), "pt"),
        (("fr", "de"), "de"),
        (("fr",), "en"),
        ((), "en"),
    ],
)
def test_the_best_language(languages, expected):
    texts = {"de": "de", "en": "en", "zh-hans": "zh", "pt-br": "pt"}
    assert best_text(texts, languages)[1] == expected


def test_without_english_any_text_is_better_than_none():
    assert best_text({"bg": "текст", "en": " "}, ("fr",)) == ("bg", "текст")
    assert best_text({}, ("fr",)) == ("", "")
