"""From a signed text to a decision: certificates issued here with throw-away keys, read again, judged by rules."""

from datetime import UTC, date, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert.issue import Payload, issue
from openconsular.domain.health.rules import decide as deciding
from openconsular.domain.health.rules import ihr
from openconsular.domain.health.rules.decide import decide
from openconsular.domain.health.rules.ihr import Disease
from openconsular.domain.health.rules.outcome import Arrival, Result
from openconsular.domain.health.rules.read import read_rule
from openconsular.domain.health.rules.rule import RuleSet
from openconsular.domain.health.signing.keys import signing_with

NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
KEY = ec.generate_private_key(ec.SECP256R1())
HOLDER = Holder(
    family_name="Specimen", given_name="Ada", standard_family_name="SPECIMEN", standard_given_name="ADA",
    full_name="Ada Specimen", born_on="1980-05-17", sex="female", document_number="P1", document_type="PPN",
    nationality="CN",
)  # fmt: skip
DOSE = Entry(
    Kind.VACCINATION, identifier="URN:UVCI:01:PT:CLINIC7/ABC#A", disease=Coded("840539006"),
    vaccine=Coded("1119349007"), product=Coded("EU/1/20/1528"), maker=Coded("ORG-100030215"), dose=2, doses=2,
    happened_on="2026-05-01", country="PT", issuer="A clinic",
)  # fmt: skip
TEST = Entry(
    Kind.TEST, identifier="URN:UVCI:01:PT:CLINIC7/DEF#A", disease=Coded("840539006"), test_type=Coded("LP6464-4"),
    product=Coded("A test"), happened_on="2026-05-31T08:00:00Z", result=Coded("260415000"), place="A clinic",
    country="PT", issuer="A clinic",
)  # fmt: skip
RECOVERY = Entry(
    Kind.RECOVERY, identifier="URN:UVCI:01:PT:CLINIC7/GHI#A", disease=Coded("840539006"), happened_on="2026-01-01",
    valid_from="2026-01-12", valid_until="2026-06-30", country="PT", issuer="A clinic",
)  # fmt: skip
YELLOW_FEVER = Entry(
    Kind.VACCINATION, product=Coded(ihr.approved_products(Disease.YELLOW_FEVER)[0]), batch="B1",
    happened_on="2026-05-25", clinician="Dr Example", issuer="A clinic", country="PT",
)  # fmt: skip


def certificate(entry, format_=Format.EU_DCC):
    algorithm, sign = signing_with(KEY)
    text = issue(
        Payload(format_, HOLDER, entry), sign=sign, algorithm=algorithm, key_id=bytes(8), issuer="PT",
        issued_at=NOW, expires_at=datetime(2027, 6, 1, tzinfo=UTC),
    )  # fmt: skip
    return formats.read(text).certificate


def rule(identifier, kind, logic, fields, **changes):
    return read_rule(
        {
            "Identifier": identifier, "Type": "Acceptance", "Country": "XA", "Version": "1.0.0",
            "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC", "EngineVersion": "0.7.5", "CertificateType": kind,
            "Description": [{"lang": "en", "desc": identifier}], "ValidFrom": "2026-01-01T00:00:00Z",
            "ValidTo": "2027-01-01T00:00:00Z", "AffectedFields": fields, "Logic": logic,
        }
        | changes
    )  # fmt: skip


def var(path):
    return {"var": path}


def day(path, amount=0, unit="day"):
    return {"plusTime": [var(path), amount, unit]}


CLOCK = day("external.validationClock")
RULES = RuleSet(
    (
        rule("GR-XA-0001", "General", {"in": [{"if": [var("payload.v.0"), var("payload.v.0.tg"), {"if": [var("payload.t.0"), var("payload.t.0.tg"), var("payload.r.0.tg")]}]}, var("external.valueSets.diseases")]}, ["v.0.tg"]),
        rule("VR-XA-0001", "Vaccination", {"and": [{"===": [var("payload.v.0.dn"), var("payload.v.0.sd")]}, {"in": [var("payload.v.0.mp"), var("external.valueSets.vaccines")]}]}, ["v.0.dn", "v.0.sd", "v.0.mp"]),
        rule("VR-XA-0002", "Vaccination", {"not-after": [day("payload.v.0.dt", 14), CLOCK, day("payload.v.0.dt", 365)]}, ["v.0.dt"]),
        rule("TR-XA-0001", "Test", {"before": [CLOCK, day("payload.t.0.sc", 72, "hour")]}, ["t.0.sc"]),
        rule("RR-XA-0001", "Recovery", {"not-after": [day("payload.r.0.df"), CLOCK, day("payload.r.0.du")]}, ["r.0.df", "r.0.du"]),
        rule("VR-XA-0003", "Vaccination", {"after": [CLOCK, {"dccDateOfBirth": [var("payload.dob")]}]}, ["dob"]),
        rule("IR-PT-0001", "General", {"!": [{"in": [{"extractFromUVCI": [var("payload.v.0.ci"), 2]}, ["CLINIC9"]]}]}, ["v.0.ci"], Type="Invalidation", Country="PT"),
    )
)  # fmt: skip
VALUE_SETS = {"diseases": ["840539006"], "vaccines": ["EU/1/20/1528", "EU/1/20/1507"]}


def ask(of, on=date(2026, 6, 2), **more):
    return decide(of, rules=RULES, arrival=Arrival("XA", on), value_sets=VALUE_SETS, now=NOW, **more)


def failed(decision):
    return [one.rule.identifier for one in decision.failed]


@pytest.mark.parametrize("entry", [DOSE, TEST, RECOVERY])
def test_a_good_certificate_meets_the_rules(entry):
    found = ask(certificate(entry))
    assert (found.result, found.reason) == (Result.PASSED, ""), found.rules
    assert len(found.rules) == {Kind.VACCINATION: 5, Kind.TEST: 3, Kind.RECOVERY: 3}[entry.kind]


def test_claims_are_what_rules_can_follow():
    """Plain dicts and lists all the way: what a rule cannot follow it takes as absent."""
    claims = certificate(DOSE).claims
    assert type(claims["v"]) is list
    assert type(claims["v"][0]) is dict
    assert type(claims["nam"]) is dict
    assert claims["ver"] == "1.3.0"


@pytest.mark.parametrize(
    ("entry", "on", "expected"),
    [
        (DOSE, date(2026, 5, 10), ["VR-XA-0002"]),
        (DOSE, date(2026, 7, 1), []),
        (TEST, date(2026, 6, 4), ["TR-XA-0001"]),
        (RECOVERY, date(2026, 7, 1), ["RR-XA-0001"]),
    ],
)
def test_time_passes(entry, on, expected):
    assert failed(ask(certificate(entry), on)) == expected


def test_what_a_rule_looked_at_is_told():
    half = Entry(**{name: getattr(DOSE, name) for name in DOSE.__slots__} | {"dose": 1})
    (found,) = ask(certificate(half)).failed
    assert [(one.path, one.value) for one in found.fields] == [
        ("v.0.dn", "1"),
        ("v.0.sd", "2"),
        ("v.0.mp", "EU/1/20/1528"),
    ]


def test_the_issuer_may_invalidate_what_one_clinic_gave():
    fake = Entry(
        **{name: getattr(DOSE, name) for name in DOSE.__slots__}
        | {"identifier": "URN:UVCI:01:PT:CLINIC9/ABC#A"}
    )
    assert failed(ask(certificate(fake))) == ["IR-PT-0001"]


@pytest.mark.parametrize(
    ("on", "expected"), [(date(2026, 6, 3), ["VR-ZZ-0002"]), (date(2026, 6, 4), []), (date(2056, 6, 4), [])]
)
def test_a_yellow_card_from_text_to_decision(on, expected):
    card = certificate(YELLOW_FEVER, Format.ICVP)
    found = ihr.decide(
        card, against=Disease.YELLOW_FEVER, arrival=Arrival("CHN", on), now=NOW, languages=("zh-Hans",)
    )
    assert failed(found) == expected
    assert ask(card).reason == deciding.OTHER_FORMAT
    assert (
        ihr.decide(card, against=Disease.POLIO, arrival=Arrival("CHN", on), now=NOW).reason
        == ihr.NOT_AGAINST_IT
    )


def test_a_dcc_is_no_yellow_card():
    found = ihr.decide(
        certificate(DOSE), against=Disease.YELLOW_FEVER, arrival=Arrival("CN", NOW.date()), now=NOW
    )
    assert found.reason == ihr.NOT_INTERNATIONAL
