"""Published lists of rules and value sets: every known form, and each entry that cannot be used with its reason."""

import base64
import hashlib
import json

import pytest

from openconsular.domain.health.rules import errors
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.limits import CODES_MOST, RULES_MOST, VALUE_SETS_MOST
from openconsular.domain.health.rules.listing import list_rules, list_value_sets
from openconsular.domain.health.trust.x509 import read_certificate
from tests.domain.health.test_rules import source
from tests.domain.health.trust_world import cms_of, make


def as_bytes(value):
    return json.dumps(value).encode()


def names(found):
    return [one.rule.identifier for one in found.rules]


def refusals(found):
    return [(one.place, one.code) for one in found.refused]


def hashed(*sources):
    texts = [json.dumps(one, indent=1) for one in sources]
    digests = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    index = [
        {
            "identifier": one["Identifier"],
            "version": one["Version"],
            "country": one["Country"],
            "hash": digest,
        }
        for one, digest in zip(sources, digests, strict=True)
    ]
    return {"index": index, "texts": dict(zip(digests, texts, strict=True))}


def gateway(one, message):
    return {one["Identifier"]: [{"version": one["Version"], "cms": base64.b64encode(message).decode()}]}


@pytest.mark.parametrize(
    "value",
    [source(), [source()], {"rules": [source()]}, hashed(source())],
    ids=["one", "list", "named", "hashes"],
)
def test_a_rule_is_found_in_every_form(value):
    found = list_rules(as_bytes(value))
    assert names(found) == ["VR-XA-0001"]
    assert found.refused == ()
    assert found.rules[0].source == source()


def test_what_cannot_be_used_stays_out_and_the_rest_goes_in():
    found = list_rules(
        as_bytes(
            [
                source(),
                source(Identifier="VR-XB-0002", Country="XB", ValidFrom="soon"),
                7,
                source(Identifier="VR-XA-0003", ValidTo="2026-01-01T00:00:00Z"),
                source(Identifier="VR-XA-0004", Description=[{"lang": "en", "desc": "\x00"}]),
                source(Identifier="VR-XA-0005"),
            ]
        )
    )
    assert names(found) == ["VR-XA-0001", "VR-XA-0005"]
    assert refusals(found) == [
        (2, errors.MALFORMED),
        (3, errors.MALFORMED),
        (4, errors.WINDOW),
        (5, errors.MALFORMED),
    ]
    told = found.refused[0]
    assert (told.identifier, told.country, told.version) == ("VR-XB-0002", "XB", "1.0.0")
    assert "ValidFrom" in told.message
    assert found.refused[1].country == ""


def test_the_country_of_a_refused_rule_is_told_by_its_name_where_need_be():
    found = list_rules(as_bytes([source(Identifier="VR-PT-0002", Country=None)]))
    assert found.refused[0].country == "PT"


def test_a_rule_whose_logic_is_none_is_taken_with_its_fault():
    found = list_rules(as_bytes([source({"or": [1, 2]})]))
    assert found.refused == ()
    assert "or" in found.rules[0].rule.fault


def test_the_same_rule_twice_is_one_and_another_under_its_name_is_refused():
    other = source(Description=[{"lang": "en", "desc": "Other words."}])
    found = list_rules(as_bytes([source(), source(), other, source(Version="1.0.1"), source(Region="R1")]))
    assert names(found) == ["VR-XA-0001"] * 3
    assert refusals(found) == [(3, errors.CONFLICT)]


@pytest.mark.parametrize("value", [7, "x", None, {"VR-XA-0001": [{}], "b": 1}, {"rules": 3, "b": {}}])
def test_what_is_no_list_is_refused_or_says_why_of_its_one_entry(value):
    try:
        assert list_rules(as_bytes(value)).refused[0].code == errors.MALFORMED
    except RuleError as error:
        assert error.code == errors.MALFORMED


def test_an_endless_list_is_refused():
    with pytest.raises(RuleError):
        list_rules(as_bytes([0] * (RULES_MOST + 1)))


def test_a_rule_with_another_hash_or_none_there_is_refused():
    packed = hashed(source(), source(Identifier="VR-XA-0002"))
    first, second = (one["hash"] for one in packed["index"])
    packed["texts"] = {first: packed["texts"][second]}
    found = list_rules(as_bytes(packed))
    assert refusals(found) == [(1, errors.OTHER_HASH), (2, errors.OTHER_HASH)]
    assert [one.identifier for one in found.refused] == ["VR-XA-0001", "VR-XA-0002"]
    assert {one.country for one in found.refused} == {"XA"}


# ---------------------------------------------------------------- signed by their country


@pytest.fixture(scope="module")
def uploader():
    return make("upload", country="XA")


def test_a_rule_signed_by_its_country(uploader):
    message = cms_of(as_bytes(source()), uploader, detached=False)
    signers = {"XA": [read_certificate(uploader.der)]}
    found = list_rules(as_bytes(gateway(source(), message)), signers=signers)
    assert names(found) == ["VR-XA-0001"]
    assert found.rules[0].is_signed
    # Without certificates to hold it to, it is read and not called signed.
    assert not list_rules(as_bytes(gateway(source(), message))).rules[0].is_signed


def test_a_rule_signed_by_somebody_else_is_refused(uploader):
    stranger = make("stranger", country="XA")
    signers = {"XA": [read_certificate(uploader.der)], "XB": [read_certificate(stranger.der)]}
    for message in (
        cms_of(as_bytes(source()), stranger, detached=False),
        cms_of(as_bytes(source(Country="XB", Identifier="VR-XB-0001")), uploader, detached=False),
        b"nothing",
        cms_of(b"detached", uploader),
    ):
        one = source(Country="XB", Identifier="VR-XB-0001") if b"VR-XB" in message else source()
        assert refusals(list_rules(as_bytes(gateway(one, message)), signers=signers)) == [
            (1, errors.UNSIGNED)
        ]
    assert refusals(list_rules(as_bytes([source()]), signers=signers)) == [(1, errors.UNSIGNED)]


def test_a_signed_rule_goes_by_its_own_name(uploader):
    message = cms_of(as_bytes(source()), uploader, detached=False)
    named = {"VR-XA-0009": gateway(source(), message)["VR-XA-0001"]}
    assert refusals(list_rules(as_bytes(named))) == [(1, errors.MALFORMED)]


# ---------------------------------------------------------------- value sets

PUBLISHED = {
    "valueSetId": "tests",
    "valueSetDate": "2026-01-31",
    "valueSetValues": {"b": {}, "a": {"active": True}},
}


def test_value_sets_in_every_form():
    text = json.dumps(PUBLISHED)
    packed = {
        "index": [{"id": "tests", "hash": hashlib.sha256(text.encode()).hexdigest()}],
        "texts": {hashlib.sha256(text.encode()).hexdigest(): text},
    }
    for value in (PUBLISHED, [PUBLISHED], [PUBLISHED, PUBLISHED], packed):
        (found,) = list_value_sets(as_bytes(value)).sets
        assert (found.name, found.codes, found.on) == ("tests", ("b", "a"), "2026-01-31")
    plain = list_value_sets(b'{"tests": ["b"], "other": []}').sets
    assert [(one.name, one.codes, one.on) for one in plain] == [("tests", ("b",), ""), ("other", (), "")]


@pytest.mark.parametrize(
    "entry",
    [
        {**PUBLISHED, "valueSetDate": "yesterday"},
        {**PUBLISHED, "valueSetValues": 7},
        {"valueSetValues": {}},
        {**PUBLISHED, "valueSetValues": [1]},
        {**PUBLISHED, "valueSetValues": ["x"] * (CODES_MOST + 1)},
        8,
    ],
)
def test_a_value_set_that_cannot_be_used_stays_out(entry):
    found = list_value_sets(as_bytes([entry, PUBLISHED]))
    assert [one.name for one in found.sets] == ["tests"]
    assert refusals(found) == [(1, errors.MALFORMED)]


def test_two_editions_of_one_value_set_in_a_list_are_one_too_many():
    found = list_value_sets(as_bytes([PUBLISHED, {**PUBLISHED, "valueSetValues": {}}]))
    assert refusals(found) == [(2, errors.CONFLICT)]


def test_no_list_of_value_sets():
    for value in (7, "x", [0] * (VALUE_SETS_MOST + 1)):
        with pytest.raises(RuleError):
            list_value_sets(as_bytes(value))
