"""What is asked of a traveller, and which of their certificates meet it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from openconsular.domain.health.certificate import Coded, Format, Holder, Kind
from openconsular.domain.health.rules import demands, ihr, traveller
from openconsular.domain.health.rules.decide import NO_RULE_APPLIES, NO_RULES, OTHER_FORMAT
from openconsular.domain.health.rules.demands import Asked, Asks, Demand, Demands, asked, known_demands
from openconsular.domain.health.rules.errors import RuleError
from openconsular.domain.health.rules.ihr import Disease, ExitStates
from openconsular.domain.health.rules.judge import RuleBook, judge
from openconsular.domain.health.rules.outcome import Arrival, Result
from openconsular.domain.health.rules.traveller import NeedName, is_same_person, judge_traveller
from tests.domain.health.test_ihr import POLIO, YELLOW_FEVER, dose
from tests.domain.health.test_ihr import certificate as card_of
from tests.domain.health.test_rules import ALWAYS, ARRIVAL, NEVER, NOW, certificate, rule_set, source

SINCE = date(2026, 1, 1)
KNOWN = Demands(
    by_country={
        "XA": Demand(Asks.EVERYBODY, SINCE, "told", from_age_months=9),
        "XC": Demand(Asks.FROM_RISK, SINCE, "told", from_age_months=12, to_age_months=720),
        "XD": Demand(Asks.FROM_RISK, SINCE, "told", only_from=frozenset({"XY"})),
        "XE": Demand(Asks.NOBODY, SINCE, "told"),
    },
    whole=frozenset({"XW"}),
    part=frozenset({"XP"}),
    as_of=SINCE,
    review_after=timedelta(days=365),
)
EXITS = ExitStates(frozenset({"XQ"}), NOW, NOW + timedelta(days=1), frozenset({"XR"}))
VACCINATED = source({"===": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]}, Identifier="VR-XA-0001")
TESTED = source(ALWAYS, Identifier="TR-XA-0001", CertificateType="Test")
RECOVERED = source(NEVER, Identifier="RR-XA-0001", CertificateType="Recovery")


def book(*sources, known=KNOWN):
    return RuleBook(rule_set(*sources), {}, EXITS, known)


def together(*certificates, rules=(), arrival=ARRIVAL, known=KNOWN, now=NOW):
    return judge_traveller(certificates, book=book(*rules, known=known), arrival=arrival, now=now)


def needs(found):
    return {one.name: one for one in found.needs}


def card(product=YELLOW_FEVER, happened_on="2026-01-01"):
    return replace(card_of(dose(product, happened_on)), holder=Holder(full_name="Erika Muster"))


def to(country, start="", on=ARRIVAL.on):
    return Arrival(country, on, departed_from=start)


# ---------------------------------------------------------------- one certificate


def test_each_kind_of_certificate_is_judged_by_its_own_rules():
    held = book(VACCINATED)
    common = {"book": held, "arrival": ARRIVAL, "now": NOW}
    assert judge(certificate(), **common).result is Result.PASSED
    assert [one.rule.identifier for one in judge(card(), **common).rules] == ["VR-ZZ-0001", "VR-ZZ-0002"]
    assert judge(card(happened_on="2026-06-19"), **common).result is Result.FAILED
    assert judge(certificate(kinds=(Kind.TEST,)), **common).reason == NO_RULE_APPLIES
    assert judge(certificate(format=Format.SMART), **common).reason == OTHER_FORMAT
    cholera = card_of(dose("", disease=Coded("1A00")))
    found = judge(cholera, **common)
    assert (found.result, found.reason) == (Result.UNRULED, NO_RULE_APPLIES)


def test_a_card_against_several_diseases_counts_for_each():
    both = card_of(dose(YELLOW_FEVER, "2026-06-19"), dose(POLIO))
    assert judge(both, book=book(), arrival=to("XA", "XB"), now=NOW).result is Result.PASSED
    found = needs(together(both, arrival=to("XA", "XQ")))
    assert found[NeedName.YELLOW_FEVER].result is Result.FAILED
    assert found[NeedName.POLIO].result is Result.PASSED


def test_a_certificate_that_runs_out_before_the_arrival_does_not_count():
    late = datetime(2027, 5, 1, 12, tzinfo=UTC)
    common = {"book": book(VACCINATED), "now": NOW}
    found = judge(certificate(), arrival=Arrival("XA", late.date(), at=late), **common)
    assert (found.result, found.reason) == (Result.FAILED, "expires-before-arrival")
    assert judge(certificate(), arrival=Arrival("XA", date(2026, 12, 31)), **common).result is Result.PASSED


# ---------------------------------------------------------------- several


def test_any_one_certificate_meets_the_entry_rules():
    half = certificate(claims={"ver": "1.3.0", "v": [{"dn": 1, "sd": 2}]})
    test = certificate(kinds=(Kind.TEST,))
    recovery = certificate(kinds=(Kind.RECOVERY,))
    rules = (VACCINATED, TESTED, RECOVERED)
    arrival = to("XA")
    known = Demands({}, frozenset(), frozenset(), SINCE, timedelta(days=365))
    found = together(half, recovery, test, rules=rules, arrival=arrival, known=known)
    assert (found.result, found.reason) == (Result.PASSED, "")
    need = needs(found)[NeedName.ENTRY_RULES]
    assert (need.asked, need.met_by) == (Asked.YES, 2)
    assert [(one.identifier, dict(one.results)) for one in need.rules] == [
        ("RR-XA-0001", {1: Result.FAILED}),
        ("TR-XA-0001", {2: Result.PASSED}),
        ("VR-XA-0001", {0: Result.FAILED}),
    ]
    assert together(half, recovery, rules=rules, arrival=arrival, known=known).result is Result.FAILED
    assert [one.result for one in found.decisions] == [Result.FAILED, Result.FAILED, Result.PASSED]


def test_what_was_not_found_genuine_does_not_count():
    found = together(None, rules=(VACCINATED,))
    assert found.result is Result.FAILED
    assert found.decisions == (None,)
    assert needs(found)[NeedName.ENTRY_RULES].reason == traveller.NONE_SHOWN
    assert together().result is Result.FAILED


def test_entry_rules_and_a_card_are_both_asked():
    assert together(certificate(), rules=(VACCINATED,)).result is Result.FAILED
    assert together(card(), rules=(VACCINATED,)).result is Result.FAILED
    assert together(certificate(), card(), rules=(VACCINATED,)).result is Result.PASSED


def test_a_kind_nothing_is_said_about_does_not_pass():
    found = together(certificate(format=Format.SMART), rules=(VACCINATED,), arrival=to("XA"))
    assert needs(found)[NeedName.ENTRY_RULES].result is Result.UNRULED
    only = together(certificate(format=Format.SMART), card(), rules=(VACCINATED,))
    assert (only.result, only.reason) == (Result.UNRULED, OTHER_FORMAT)


def test_where_nothing_is_known_to_be_asked_nobody_passes():
    found = together(certificate(), arrival=to("XE"))
    assert (found.result, found.reason) == (Result.OPEN, traveller.NOTHING_KNOWN)
    assert needs(found)[NeedName.ENTRY_RULES].why == NO_RULES


def test_certificates_of_two_people_do_not_add_up():
    mine = certificate(holder=Holder(standard_family_name="MUSTER", born_on="1980-01-01"))
    for other in (
        Holder(standard_family_name="MUSTER", born_on="1981-01-01"),
        Holder(standard_family_name="ANDER"),
    ):
        found = together(mine, certificate(holder=other), rules=(VACCINATED,))
        assert (found.result, found.reason) == (Result.OPEN, traveller.OTHER_HOLDERS)


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Holder(full_name="Zhang San", born_on="1980-05-17"), Holder(standard_family_name="ZHANG", standard_given_name="SAN", born_on="1980"), True),
        (Holder(full_name="Zhang San"), Holder(full_name="LI SI"), False),
        (Holder(full_name="Zhang San", born_on="1980-05-17"), Holder(full_name="Zhang San", born_on="1980-05-18"), False),
        (Holder(full_name="Muster Max", born_on="1980-05-17"), Holder(full_name="Muster Erika", born_on="1980-05-17"), False),
        (Holder(full_name="Maria Muster Lopez"), Holder(standard_family_name="MUSTER<LOPEZ", standard_given_name="MARIA<ANA"), True),
        (Holder(), Holder(full_name="Zhang San"), True),
    ],
)  # fmt: skip
def test_the_same_person(one, other, expected):
    assert is_same_person(one, other) is is_same_person(other, one) is expected


# ---------------------------------------------------------------- yellow fever


@pytest.mark.parametrize(
    ("country", "start", "born_on", "expected"),
    [
        ("XA", "", "1980-01-01", (Asked.YES, "asked-of-everybody")),
        ("XA", "", "2025-09-21", (Asked.NO, "asked-of-other-ages")),
        ("XA", "", "2025-09-20", (Asked.YES, "asked-of-everybody")),
        ("XA", "", "1980", (Asked.YES, "asked-of-everybody")),
        ("XC", "", "1980-01-01", (Asked.DEPENDS, "departure-unknown")),
        ("XC", "XW", "1980-01-01", (Asked.YES, "asked-from-there")),
        ("XC", "XW", "1966-06-20", (Asked.NO, "asked-of-other-ages")),
        ("XC", "XP", "1980-01-01", (Asked.DEPENDS, "asked-from-parts")),
        ("XC", "XZ", "1980-01-01", (Asked.NO, "not-asked-from-there")),
        ("XD", "XW", "1980-01-01", (Asked.NO, "not-asked-from-there")),
        ("XD", "XY", "1980-01-01", (Asked.YES, "asked-from-there")),
        ("XE", "XW", "1980-01-01", (Asked.NO, "asked-of-nobody")),
        ("XZ", "XW", "1980-01-01", (Asked.NO, "asked-of-nobody")),
    ],
)
def test_who_is_asked_for_a_yellow_card(country, start, born_on, expected):
    assert asked(KNOWN, to(country, start), born_on) == expected


def test_what_may_be_asked_and_is_not_shown_is_open_and_what_is_shown_may_meet_it():
    assert together(arrival=to("XC", "XP")).result is Result.OPEN
    assert together(card(), arrival=to("XC", "XP")).result is Result.PASSED
    assert together(card(happened_on="2026-06-19"), arrival=to("XC", "XP")).result is Result.OPEN
    assert together(card(happened_on="2026-06-19"), arrival=to("XC", "XW")).result is Result.FAILED


def test_old_knowledge_says_so():
    late = datetime(2027, 6, 1, tzinfo=UTC)
    found = needs(together(card(), arrival=to("XA", on=late.date()), now=late))
    assert found[NeedName.YELLOW_FEVER].notes == (traveller.LIST_DUE,)
    assert found[NeedName.POLIO].notes == (ihr.LIST_DUE,)
    assert needs(together(card()))[NeedName.YELLOW_FEVER].notes == ()


# ---------------------------------------------------------------- polio


@pytest.mark.parametrize(
    ("start", "asked_", "why"),
    [
        ("", Asked.NO, ihr.DEPARTURE_UNKNOWN),
        ("XQ", Asked.DEPENDS, "asked-of-residents"),
        ("XR", Asked.NO, "advised-to-residents"),
        ("XZ", Asked.NO, "not-asked-from-there"),
    ],
)
def test_polio_is_asked_by_the_state_of_departure_and_does_not_decide_the_arrival(start, asked_, why):
    found = together(card(), arrival=to("XA", start))
    need = needs(found)[NeedName.POLIO]
    assert (need.asked, need.why, need.counts) == (asked_, why, False)
    assert found.result is Result.PASSED


# ---------------------------------------------------------------- the data that come along


def test_the_list_that_comes_along_names_its_sources():
    known = known_demands()
    assert len(known.by_country) > 100
    assert not known.whole & known.part
    assert {one.asks for one in known.by_country.values()} == set(Asks)
    assert all(one.source and one.as_of for one in known.by_country.values())
    assert known.of("AGO").asks is Asks.EVERYBODY
    assert known.of("CN").asks is Asks.FROM_RISK
    assert known.of("PT") is None


def test_a_ministry_may_know_better():
    better = demands.read_demand({"asks": "everybody", "as_of": "2026-05-01", "source": "its embassy"})
    known = demands.with_changes(known_demands(), {"PRT": better})
    assert asked(known, to("PT"), "1980-01-01")[0] is Asked.YES
    assert not known.is_due("PT", NOW)
    assert known.is_due("CN", NOW)


@pytest.mark.parametrize(
    "row",
    [
        {},
        {"asks": "some", "as_of": "2026-05-01", "source": "x"},
        {"asks": "nobody", "as_of": "May", "source": "x"},
        {"asks": "nobody", "as_of": "2026-05-01"},
        {"asks": "nobody", "as_of": "2026-05-01", "source": "x", "from_age": 1},
        {"asks": "nobody", "as_of": "2026-05-01", "source": "x", "only_from": 3},
    ],
)
def test_a_line_that_cannot_be_read_says_so(row):
    with pytest.raises(RuleError):
        demands.read_demand(row)


def test_diseases_of_a_card():
    assert ihr.diseases_of(card()) == (Disease.YELLOW_FEVER,)
    assert ihr.diseases_of(card(POLIO)) == (Disease.POLIO,)
    assert ihr.diseases_of(card_of()) == ()
