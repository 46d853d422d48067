"""Entry rules as they are used in a browser: lists, one rule in words, and a certificate tried for an arrival."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from openconsular.foundation.models import AuditEntry
from openconsular.health_certificates.actions import rules as actions
from openconsular.health_certificates.models import EntryRule, RuleSource
from openconsular.health_certificates.rule_reading import read
from tests.domain.health.test_rules import ALWAYS, source
from tests.health_certificates.conftest import KEEPER
from tests.health_certificates.test_entry_rules import Web
from tests.health_certificates.test_judging import ANYTIME, DOSED

pytestmark = pytest.mark.django_db
RULES = "/console/certificates/rules/"
CHECK = "/console/certificates/check/"


def text_of(answer):
    return answer.content.decode()


def rule(number, logic=ALWAYS, **more):
    return source(logic, Identifier=f"VR-XA-{number:04}", **(ANYTIME | more))


@pytest.fixture(autouse=True)
def clock(monkeypatch, now):
    monkeypatch.setattr("django.utils.timezone.now", lambda: now)


@pytest.fixture
def states(db, now):
    actions.add_rule_source(name="states", kind="rules", by=KEEPER, now=now)

    def take(*sources):
        content = json.dumps(list(sources)).encode()
        return actions.import_rules(name="states", content=content, may_shrink=True, by=KEEPER, now=now)

    return take


def file_of(*sources):
    return SimpleUploadedFile("rules.json", json.dumps(list(sources)).encode(), "application/json")


# ---------------------------------------------------------------- lists


def test_a_health_officer_names_a_list_and_takes_it(as_):
    browser = as_("health")
    assert "No list of rules yet" in text_of(browser.get(RULES))
    answer = browser.post(f"{RULES}add/", {"name": "states", "kind": "rules", "stale_after_hours": "48"})
    assert answer.headers["Location"] == f"{RULES}lists/states/"
    bad = rule(2, ValidFrom="soon")
    answer = browser.post(f"{RULES}lists/states/import/", {"file": file_of(rule(1), bad)}, follow=True)
    page = text_of(answer)
    assert "Held: 1. New: 1. Withdrawn: 0. Refused: 1." in page
    assert "VR-XA-0002" in page and "rule-malformed" in page
    assert "nobody is called admissible" in page
    page = text_of(browser.get(RULES))
    assert "VR-XA-0001" in page and "All doses." in page
    assert AuditEntry.objects.filter(action="certificate.rules_import").count() == 1


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"name": "states"}, "There is a list of this name already."),
        ({"name": "b", "url": "http://rules.example"}, "https only"),
        ({"name": "b", "signers": "x"}, "PEM"),
        ({"name": "no name"}, "name"),
    ],
)
def test_a_list_that_cannot_be_named(as_, states, typed, said):
    answer = as_("health").post(f"{RULES}add/", {"kind": "rules", "stale_after_hours": "48"} | typed)
    assert answer.status_code == 400
    assert said in text_of(answer)
    assert RuleSource.objects.count() == 1


def test_a_file_that_is_no_list_says_why(as_, states):
    states(rule(1))
    browser = as_("health")
    for content, code in ((b"x", "rule-malformed"), (b"[]", "rules-empty")):
        file = SimpleUploadedFile("x.json", content)
        answer = browser.post(f"{RULES}lists/states/import/", {"file": file})
        assert answer.status_code == 400
        assert code in text_of(answer)


def test_a_list_that_shrinks_needs_a_tick(as_, states):
    states(*(rule(number) for number in range(1, 6)))
    browser = as_("health")
    answer = browser.post(f"{RULES}lists/states/import/", {"file": file_of(rule(1))})
    assert "rules-shrunk" in text_of(answer)
    browser.post(f"{RULES}lists/states/import/", {"file": file_of(rule(1)), "may_shrink": "on"})
    assert EntryRule.objects.filter(withdrawn_at=None).count() == 1


def test_from_its_address_and_switched_off(as_, monkeypatch, now):
    home = "https://rules.example/rules"
    actions.add_rule_source(name="far", kind="rules", url=home, by=KEEPER, now=now)
    web = Web({})
    monkeypatch.setattr(actions, "_reader", lambda: web)
    browser = as_("health")
    page = text_of(browser.post(f"{RULES}lists/far/fetch/", follow=True))
    assert "Not there." in page and "The last try failed" in page
    web.pages[home] = json.dumps([rule(1)]).encode()
    assert "Held: 1." in text_of(browser.post(f"{RULES}lists/far/fetch/", follow=True))
    page = text_of(browser.post(f"{RULES}lists/far/switch/", {"enabled": "0"}, follow=True))
    assert "switched off" in page
    assert not RuleSource.objects.get().is_enabled


def test_an_old_list_is_called_stale(as_, states, monkeypatch, now):
    states(rule(1))
    monkeypatch.setattr("django.utils.timezone.now", lambda: now + timedelta(days=3))
    assert "stale" in text_of(as_("health").get(f"{RULES}lists/states/"))
    assert "3 days ago" in text_of(as_("health").get(RULES))


def test_value_sets_have_a_page(as_, now):
    actions.add_rule_source(name="sets", kind="value-sets", by=KEEPER, now=now)
    content = {"valueSetId": "vaccines-x", "valueSetDate": "2026-01-01", "valueSetValues": {"A": {}}}
    file = SimpleUploadedFile("x.json", json.dumps(content).encode())
    page = text_of(as_("health").post(f"{RULES}lists/sets/import/", {"file": file}, follow=True))
    assert "vaccines-x" in page and "2026-01-01" in page


# ---------------------------------------------------------------- finding and reading


def test_rules_are_found_by_words_country_and_kind(as_, states):
    states(rule(1), source(Identifier="TR-XB-0002", Country="XB", CertificateType="Test", **ANYTIME))
    browser = as_("clinic")
    for query, found, missing in (
        ("q=xb-0002", "TR-XB-0002", "VR-XA-0001"),
        ("country=XA", "VR-XA-0001", "TR-XB-0002"),
        ("kind=test", "TR-XB-0002", "VR-XA-0001"),
    ):
        page = text_of(browser.get(f"{RULES}?{query}"))
        assert found in page and missing not in page
    assert "No rule matches." in text_of(browser.get(f"{RULES}?q=zzzz"))
    assert "Add a list" not in page


def test_one_rule_in_words_of_the_reader(as_, states):
    states(rule(1, DOSED))
    one = EntryRule.objects.get()
    browser = as_("health")
    page = text_of(browser.get(f"{RULES}{one.pk}/"))
    assert "All doses." in page
    assert "dose number (v.0.dn) is doses in all (v.0.sd)" in page
    page = text_of(browser.get(f"{RULES}{one.pk}/", headers={"Accept-Language": "zh-hans"}))
    assert "须接种全部剂次。" in page
    assert "剂次序号 (v.0.dn) 为 总剂次 (v.0.sd)" in page


def test_a_rule_with_a_fault_says_what_it_means(as_, states):
    states(rule(1, {"or": [1, 2]}, Description=[]))
    page = text_of(as_("health").get(f"{RULES}{EntryRule.objects.get().pk}/"))
    assert "This rule cannot be used" in page and "nobody passes because of it" in page
    assert "no words of its own" in page


VACCINATED, CLOCK = {"var": "payload.v.0"}, {"var": "external.validationClock"}
PCR = {"===": [{"var": "payload.t.0.tt"}, "LP6464-4"]}


@pytest.mark.parametrize(
    ("logic", "expected"),
    [
        (True, "true"),
        ({"!": [{"var": "payload.v.1"}]}, "“v.1” is absent or empty"),
        ({"!": [PCR]}, "not: kind of test (t.0.tt) is “LP6464-4”"),
        (
            {"before": [CLOCK, {"plusTime": [{"var": "payload.t.0.sc"}, 72, "hour"]}]},
            "the time of arrival is before time of the sample (t.0.sc) plus 72 hours",
        ),
        (
            {"not-after": [{"plusTime": ["2020", -1, "year"]}, CLOCK, {"dccDateOfBirth": [{"var": "payload.dob"}]}]},
            "“2020” minus 1 year is not after the time of arrival and the time of arrival is not after the latest "
            "day that may be date of birth (dob)",
        ),
        ({"===": [{"extractFromUVCI": [{"var": "payload.v.0.ci"}, 1]}, "X"]}, "part 2 of certificate number (v.0.ci) is “X”"),
        ({">": [{"+": [{"var": "payload.v.0.dn"}, 1]}, 2]}, "dose number (v.0.dn) + 1 > 2"),
        ({"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines"}]}, "vaccine product (v.0.mp) is one of the value set “vaccines”"),
        (
            {"===": [{"reduce": [[VACCINATED], {"+": [{"var": "accumulator"}, 1]}, 0]}, 1]},
            "what “the result so far + 1” makes of every item of [a vaccination (v.0)], beginning with 0 is 1",
        ),
        ({"===": [{"if": [VACCINATED, 1, {"and": [True, False]}]}, 1]}, "(if a vaccination (v.0): 1, otherwise (true and false)) is 1"),
        ({"var": "payload.v"}, "the vaccinations (v) is there"),
    ],
)  # fmt: skip
def test_logic_in_words(logic, expected):
    with translation.override("en"):
        assert read(logic).text == expected


def test_logic_with_parts_is_a_list():
    with translation.override("en"):
        found = read({"if": [VACCINATED, {"and": [PCR, {"!": [{"and": [True, True]}]}]}, False]})
    assert found.text == "It depends:"
    assert [one.text for one in found.parts] == [
        "If a vaccination (v.0) is there",
        "then All of these hold:",
        "otherwise false",
    ]
    assert [one.text for one in found.parts[1].parts] == [
        "kind of test (t.0.tt) is “LP6464-4”",
        "This does not hold:",
    ]
    with translation.override("en"):
        many = read({"in": [{"var": "payload.v.0.mp"}, [f"product number {count}" for count in range(12)]]})
    assert [one.text for one in many.parts[-2:]] == ["“product number 7”", "and 4 more"]


# ---------------------------------------------------------------- trying a certificate


def test_a_certificate_is_tried_for_an_arrival(as_, issued, states):
    states(rule(1, DOSED), rule(2, CertificateType="Test"))
    text = issued(dose="1").text
    browser = as_("health")
    page = text_of(browser.post(CHECK, {"text": text, "arriving": "xa"}))
    assert "Does not meet what is asked" in page
    assert "All doses." in page and "dose number: 1" in page
    assert "VR-XA-0002" not in page
    entry = AuditEntry.objects.get(action="certificate.check")
    assert entry.detail == {"states": ["valid"], "arriving": "XA", "rules": "failed"}
    page = text_of(browser.post(CHECK, {"text": text}))
    assert "Does not meet" not in page


def test_what_meets_is_told_in_the_readers_language(as_, issued, states):
    states(rule(1, DOSED))
    browser = as_("health")
    answer = browser.post(
        CHECK,
        {"text": issued().text, "arriving": "XA", "on": "2026-06-20"},
        headers={"Accept-Language": "zh-hans"},
    )
    assert "符合已知的要求" in text_of(answer)


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"arriving": "??"}, "two letters of a country"),
        ({"departing": "XA"}, "Say where somebody arrives."),
        ({"region": "R1"}, "Say where somebody arrives."),
        ({"arriving": "XA", "on": "soon"}, "date"),
    ],
)
def test_an_arrival_that_makes_no_sense_says_so(as_, typed, said):
    answer = as_("health").post(CHECK, {"text": "HC1:X"} | typed)
    assert answer.status_code == 400
    assert said in text_of(answer)
