"""Rules of States: which are in force, whom they concern, and what they decide with which explanation."""

from datetime import UTC, date, datetime, timedelta

import pytest

from openconsular.domain.health.certificate import Certificate, Entry, Format, Holder, Kind
from openconsular.domain.health.rules import decide as deciding
from openconsular.domain.health.rules import errors
from openconsular.domain.health.rules.decide import decide
from openconsular.domain.health.rules.outcome import Arrival, Result
from openconsular.domain.health.rules.read import read_rule
from openconsular.domain.health.rules.rule import RuleSet

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ARRIVAL = Arrival("XA", date(2026, 6, 20))
DOSE = {
    "dn": 2,
    "sd": 2,
    "dt": "2026-05-01",
    "mp": "EU/1/20/1528",
    "tg": "840539006",
    "ci": "URN:UVCI:01:XB:123",
}
CLAIMS = {"ver": "1.3.0", "nam": {"fnt": "MUSTER"}, "dob": "1980-01-01", "v": [DOSE]}
ALL_DOSES = {"===": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}
NEVER, ALWAYS = {"in": [{"var": "payload.ver"}, []]}, {"!": [{"var": "payload.nothing"}]}


def certificate(**changes):
    kinds = changes.pop("kinds", (Kind.VACCINATION,))
    known = {
        "format": Format.EU_DCC,
        "version": "1.3.0",
        "holder": Holder(standard_family_name="MUSTER"),
        "entries": tuple(Entry(kind) for kind in kinds),
        "issuer_country": "XB",
        "issued_at": datetime(2026, 5, 1, tzinfo=UTC),
        "expires_at": datetime(2027, 5, 1, tzinfo=UTC),
        "claims": CLAIMS,
    }
    return Certificate(**(known | changes))


def source(logic=ALL_DOSES, **changes):
    return {
        "Identifier": "VR-XA-0001",
        "Type": "Acceptance",
        "Country": "XA",
        "Version": "1.0.0",
        "SchemaVersion": "1.0.0",
        "Engine": "CERTLOGIC",
        "EngineVersion": "0.7.5",
        "CertificateType": "Vaccination",
        "Description": [
            {"lang": "en", "desc": "All doses."},
            {"lang": "zh-hans", "desc": "须接种全部剂次。"},
        ],
        "ValidFrom": "2026-01-01T00:00:00Z",
        "ValidTo": "2027-01-01T00:00:00Z",
        "AffectedFields": ["v.0.dn", "v.0.sd"],
        "Logic": logic,
    } | changes


def rule_set(*sources):
    return RuleSet(tuple(read_rule(one) for one in sources), as_of=NOW)


def ask(*sources, of=None, arrival=ARRIVAL, value_sets=None, **more):
    of = of or certificate()
    return decide(of, rules=rule_set(*sources), arrival=arrival, value_sets=value_sets or {}, now=NOW, **more)


# ---------------------------------------------------------------- deciding


def test_a_rule_that_is_met():
    found = ask(source())
    assert (found.result, found.reason) == (Result.PASSED, "")
    assert found.rules_as_of == NOW
    assert [one.result for one in found.rules] == [Result.PASSED]


def test_a_rule_that_is_not_met_explains_itself():
    claims = CLAIMS | {"v": [DOSE | {"dn": 1}]}
    found = ask(
        source(),
        source(ALWAYS, Identifier="VR-XA-0000"),
        of=certificate(claims=claims),
        languages=("zh-Hans",),
    )
    assert (found.result, found.reason) == (Result.FAILED, deciding.NOT_MET)
    (failed,) = found.failed
    assert found.rules[0] is failed
    assert (failed.explanation, failed.language) == ("须接种全部剂次。", "zh-hans")
    assert [(one.path, one.value) for one in failed.fields] == [("v.0.dn", "1"), ("v.0.sd", "2")]


def test_fields_say_what_is_there_and_what_is_not():
    found = ask(source(AffectedFields=["v", "nam", "v.0.dn", "v.0.co", "r"]))
    assert [one.value for one in found.rules[0].fields] == ["(1)", "(1)", "2", None, None]


def test_fields_are_those_of_the_logic_where_none_are_declared():
    for declared in ([], None, "v.0.dn"):
        found = ask(source(AffectedFields=declared))
        assert [one.path for one in found.rules[0].fields] == ["v.0.dn", "v.0.sd"]


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ((ALWAYS, ALWAYS), Result.PASSED),
        ((ALWAYS, NEVER), Result.FAILED),
        ((ALWAYS, {"var": "payload.ver"}), Result.OPEN),
        ((NEVER, {"var": "payload.ver"}), Result.FAILED),
    ],
)
def test_failing_outweighs_open_and_open_passing(results, expected):
    sources = [source(logic, Identifier=f"VR-XA-000{number}") for number, logic in enumerate(results)]
    assert ask(*sources).result is expected


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Logic": {"or": [1, 2]}}, deciding.FAULTY),
        ({"Logic": {"var": "payload.ver"}}, deciding.NOT_BOOLEAN),
        ({"Logic": {"and": [1, 2]}}, deciding.NOT_BOOLEAN),
        ({"Logic": {"+": [{"var": "payload.ver"}, 1]}}, errors.TYPE_MISMATCH),
        ({"Engine": "RULER"}, deciding.OTHER_ENGINE),
        ({"EngineVersion": "2.0.0"}, deciding.NEWER_ENGINE),
        ({"SchemaVersion": "1.3.1"}, deciding.OTHER_SCHEMA),
        ({"SchemaVersion": "2.0.0"}, deciding.OTHER_SCHEMA),
    ],
)
def test_what_cannot_be_told_is_open(changes, reason):
    found = ask(source() | changes)
    assert (found.result, found.reason) == (Result.OPEN, reason)
    assert found.rules[0].explanation == "All doses."


@pytest.mark.parametrize("version", [None, "1", "one", 13])
def test_a_payload_without_version_is_open(version):
    assert ask(source(), of=certificate(claims=CLAIMS | {"ver": version})).reason == deciding.OTHER_SCHEMA


@pytest.mark.parametrize("format_", [one for one in Format if one is not Format.EU_DCC])
def test_rules_over_claims_of_a_dcc_say_nothing_about_other_formats(format_):
    found = ask(source(NEVER), of=certificate(format=format_))
    assert (found.result, found.reason, found.rules) == (Result.UNRULED, deciding.OTHER_FORMAT, ())


def test_what_tells_of_a_further_dose_is_not_asked_at_a_border():
    booster = source(NEVER, Type="BoosterNotification", Identifier="BNR-XA-0001")
    assert ask(source(), booster).result is Result.PASSED
    assert ask(booster).reason == deciding.NO_RULES


def test_a_country_without_rules_lets_nobody_in():
    assert ask(source(), arrival=Arrival("XC", date(2026, 6, 20))).reason == deciding.NO_RULES
    assert ask().result is Result.OPEN
    # Nor when its rules are all of another time.
    assert ask(source(ValidTo="2026-06-01T00:00:00Z")).reason == deciding.NO_RULES


def test_a_kind_no_rule_speaks_about_does_not_pass():
    found = ask(source(CertificateType="Test"))
    assert (found.result, found.reason) == (Result.UNRULED, deciding.NO_RULE_APPLIES)
    ban = source(
        ALWAYS, Type="Invalidation", Identifier="IR-XB-0001", Country="XB", CertificateType="General"
    )
    assert ask(source(CertificateType="Test"), ban).result is Result.UNRULED


@pytest.mark.parametrize("missing_of", ["XA", "XB"])
def test_nobody_passes_because_a_rule_could_not_be_read(missing_of):
    rules = RuleSet((read_rule(source(ALWAYS)),), as_of=NOW, incomplete=frozenset({missing_of}))
    of = {"arrival": ARRIVAL, "value_sets": {}, "now": NOW}
    found = decide(certificate(), rules=rules, **of)
    assert (found.result, found.reason) == (Result.OPEN, deciding.INCOMPLETE)
    rules = RuleSet((read_rule(source(NEVER)),), incomplete=frozenset({missing_of}))
    assert decide(certificate(), rules=rules, **of).result is Result.FAILED


# ---------------------------------------------------------------- which rules apply


def test_the_highest_version_in_force_counts():
    versions = [
        source(NEVER, Version="1.9.9"),
        source(ALWAYS, Version="1.10.0"),
        source(NEVER, Version="2.0.0", ValidFrom="2026-06-21T00:00:00Z"),
        source(NEVER, Version="3.0.0", ValidTo="2026-06-20T00:00:00Z"),
    ]
    for order in (versions, versions[::-1]):
        found = ask(*order)
        assert [one.rule.version for one in found.rules] == [(1, 10, 0)]
        assert found.result is Result.PASSED


def test_a_faulty_newer_version_is_not_passed_over():
    assert ask(source(ALWAYS), source({"or": []}, Version="1.0.1")).reason == deciding.FAULTY


def test_validity_begins_and_ends_on_the_second():
    rule = read_rule(source(ValidFrom="2026-01-01T08:00:00+08:00", ValidTo="2026-02-01T00:00:00Z"))
    start, end = datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC)
    assert rule.is_in_force(start)
    assert not rule.is_in_force(start - timedelta(seconds=1))
    assert not rule.is_in_force(end)


@pytest.mark.parametrize(
    ("type_", "kinds", "applies"),
    [
        ("General", (Kind.TEST,), True),
        ("Test", (Kind.TEST,), True),
        ("Test", (Kind.VACCINATION,), False),
        ("Recovery", (Kind.VACCINATION, Kind.RECOVERY), True),
        ("Vaccination", (Kind.RECOVERY,), False),
    ],
)
def test_rules_concern_a_kind_of_certificate(type_, kinds, applies):
    found = ask(source(NEVER, CertificateType=type_), of=certificate(kinds=kinds))
    assert found.result is (Result.FAILED if applies else Result.UNRULED)


def test_rules_of_a_region_come_on_top_of_those_of_the_country():
    rules = source(ALWAYS), source(NEVER, Identifier="VR-XA-0002", Region="r1")
    assert ask(*rules).result is Result.PASSED
    assert ask(*rules, arrival=Arrival("XA", ARRIVAL.on, region="R2")).result is Result.PASSED
    assert ask(*rules, arrival=Arrival("XA", ARRIVAL.on, region="R1")).result is Result.FAILED
    assert ask(*rules, arrival=Arrival("XA", ARRIVAL.on, region="r1")).result is Result.FAILED


def test_invalidation_is_by_the_country_that_issued():
    ban = source(NEVER, Type="Invalidation", Identifier="IR-XB-0001", Country="XB", CertificateType="General")
    assert ask(source(ALWAYS), ban).result is Result.FAILED
    assert ask(source(ALWAYS), ban, of=certificate(issuer_country="XC")).result is Result.PASSED
    # The country of arrival cannot invalidate another's, and an issuer's entry rules do not apply elsewhere.
    assert ask(source(ALWAYS), ban | {"Country": "XA"}).result is Result.PASSED
    assert ask(source(ALWAYS), source(NEVER, Country="XB", Identifier="VR-XB-0001")).result is Result.PASSED


def test_invalidation_alone_lets_nobody_in():
    ban = source(ALWAYS, Type="Invalidation", Identifier="IR-XB-0001", Country="XB")
    assert ask(ban).reason == deciding.NO_RULES


def test_countries_go_by_either_code():
    rules = (
        source(NEVER, Country="PT"),
        source(NEVER, Type="Invalidation", Identifier="IR-DE-0001", Country="DE"),
    )
    found = ask(*rules, of=certificate(issuer_country="DEU"), arrival=Arrival("PRT", ARRIVAL.on))
    assert len(found.failed) == 2


# ---------------------------------------------------------------- time of arrival


def not_older_than(hours):
    sampled = {"plusTime": [{"var": "payload.t.0.sc"}, hours, "hour"]}
    clock = {"plusTime": [{"var": "external.validationClock"}, 0, "day"]}
    return source({"not-before": [sampled, clock]}, CertificateType="Test")


@pytest.mark.parametrize(
    ("hours", "at", "expected"),
    [
        (72, None, Result.PASSED),
        (24, None, Result.FAILED),
        (48, None, Result.OPEN),
        (48, datetime(2026, 6, 20, 8, tzinfo=UTC), Result.PASSED),
        (48, datetime(2026, 6, 20, 20, tzinfo=UTC), Result.FAILED),
    ],
)
def test_a_rule_that_counts_hours_asks_for_the_hour(hours, at, expected):
    tested = certificate(kinds=(Kind.TEST,), claims={"ver": "1.3.0", "t": [{"sc": "2026-06-18T12:00:00Z"}]})
    found = ask(not_older_than(hours), of=tested, arrival=Arrival("XA", ARRIVAL.on, at=at))
    assert found.result is expected
    if expected is Result.OPEN:
        assert found.reason == deciding.DEPENDS_ON_HOUR


def test_who_arrives_today_does_not_arrive_in_the_past():
    tested = certificate(kinds=(Kind.TEST,), claims={"ver": "1.3.0", "t": [{"sc": "2026-06-14T06:00:00Z"}]})
    # At midnight the test was 18 hours old, now it is 30.
    assert ask(not_older_than(24), of=tested, arrival=Arrival("XA", NOW.date())).result is Result.FAILED


def test_a_rule_that_begins_that_day_is_open_when_it_matters():
    begins = source(NEVER, ValidFrom="2026-06-20T12:00:00Z")
    found = ask(source(ALWAYS, Identifier="VR-XA-0002"), begins)
    assert (found.result, found.reason) == (Result.OPEN, deciding.DEPENDS_ON_HOUR)
    late = Arrival("XA", ARRIVAL.on, at=datetime(2026, 6, 20, 13, tzinfo=UTC))
    assert ask(source(ALWAYS, Identifier="VR-XA-0002"), begins, arrival=late).result is Result.FAILED


def test_rules_may_ask_for_what_stands_beside_the_payload():
    asked = {
        "countryCode": "XA", "region": "R1", "issuerCountryCode": "XB",
        "iat": "2026-05-01T00:00:00.000+00:00", "exp": "2027-05-01T00:00:00.000+00:00",
        "validationClock": "2026-06-20T08:30:00.000+00:00", "valueSets.vaccines.0": "A",
    }  # fmt: skip
    rules = [
        source({"===": [{"var": f"external.{name}"}, told]}, Identifier=f"VR-XA-00{n:02}")
        for n, (name, told) in enumerate(asked.items())
    ]
    at = datetime(2026, 6, 20, 16, 30, tzinfo=UTC).astimezone()
    found = ask(
        *rules,
        arrival=Arrival("XA", ARRIVAL.on, "R1", at - timedelta(hours=8)),
        value_sets={"vaccines": ["A"]},
    )
    assert found.result is Result.PASSED


def test_thousands_of_the_most_expensive_rules_take_no_longer_than_a_few():
    """Each stays below its own bound; together they are stopped, and what was not looked at is open."""
    inner = {"reduce": [list(range(60)), {"+": [{"var": "accumulator"}, {"var": "current"}]}, 0]}
    outer = {"reduce": [list(range(60)), {"+": [{"var": "accumulator"}, inner]}, 0]}
    rules = [read_rule(source({">": [outer, 5]}, Identifier=f"VR-XA-{at:04d}")) for at in range(300)]
    found = decide(certificate(), rules=RuleSet(tuple(rules)), arrival=ARRIVAL, value_sets={}, now=NOW)
    told = [one.result for one in found.rules]
    assert found.result is Result.OPEN and found.reason == errors.TOO_MUCH_WORK
    assert 1 <= told.count(Result.PASSED) < 40 and len(told) == 300
