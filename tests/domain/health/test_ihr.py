"""Yellow fever and polio under the International Health Regulations: WHO's decision tables, day by day."""

import json
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Certificate, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.rules import ihr
from openconsular.domain.health.rules.ihr import Disease, ExitStates
from openconsular.domain.health.rules.outcome import Arrival, Result, Shown

NOW = datetime(2026, 6, 15, 12, tzinfo=UTC)
ON = date(2026, 6, 20)
YELLOW_FEVER = ihr.approved_products(Disease.YELLOW_FEVER)[0]
POLIO = ihr.approved_products(Disease.POLIO)[0]
LEAVING = {"departed_from": "AFG", "departed_on": date(2026, 6, 19)}
unhurried = settings(deadline=None)


def dose(product=YELLOW_FEVER, happened_on="2026-01-01", **more):
    return Entry(Kind.VACCINATION, product=Coded(product), happened_on=happened_on, **more)


def certificate(*doses, format_=Format.ICVP):
    return Certificate(format=format_, version="1.0.0", holder=Holder(full_name="Specimen"), entries=doses)


def judge(
    *doses,
    against=Disease.YELLOW_FEVER,
    format_=Format.ICVP,
    on=ON,
    languages=("en",),
    exit_states=None,
    **journey,
):
    arrival = Arrival("CN", on, **journey)
    given_to = certificate(*doses, format_=format_)
    return ihr.decide(
        given_to, against=against, arrival=arrival, now=NOW, languages=languages, exit_states=exit_states
    )


def failed(decision):
    return [one.rule.identifier for one in decision.failed]


# ---------------------------------------------------------------- ICVP.DT.1


@pytest.mark.parametrize(
    ("days", "expected"), [(0, Result.FAILED), (9, Result.FAILED), (10, Result.PASSED), (11, Result.PASSED)]
)
def test_yellow_fever_holds_from_the_tenth_day(days, expected):
    found = judge(dose(happened_on=(ON - timedelta(days=days)).isoformat()))
    assert found.result is expected
    assert failed(found) == ([] if expected is Result.PASSED else ["VR-ZZ-0002"])


def test_yellow_fever_holds_for_life_whatever_an_older_certificate_says():
    for happened_on in ("1962-03-01", "2016-07-10", "1980"):
        assert judge(dose(happened_on=happened_on, valid_until="2020-01-01")).result is Result.PASSED
    assert judge(dose(valid_until="life")).result is Result.PASSED


def test_a_dose_in_the_future_does_not_count():
    assert judge(dose(happened_on="2026-06-25")).result is Result.FAILED


def test_a_month_without_day_is_taken_as_its_last():
    assert judge(dose(happened_on="2026-06")).result is Result.FAILED
    assert judge(dose(happened_on="2026-05")).result is Result.PASSED


def test_a_dose_without_date_does_not_count_and_a_strange_one_is_open():
    assert failed(judge(dose(happened_on=""))) == ["VR-ZZ-0002"]
    assert judge(dose(happened_on="last year")).result is Result.OPEN


def test_an_unapproved_product_fails_though_the_disease_is_right():
    found = judge(dose(product="HomeMade1", disease=Coded("1D47")))
    assert failed(found) == ["VR-ZZ-0001"]
    assert found.rules[0].fields == (Shown("vaccination.product", "HomeMade1"),)


def test_the_catalogue_says_what_a_product_is_against():
    assert judge(dose(product=POLIO, disease=Coded("1D47"))).reason == ihr.NOT_AGAINST_IT
    assert judge(dose(product=POLIO)).reason == ihr.NOT_AGAINST_IT
    assert judge().result is Result.FAILED
    assert judge(Entry(Kind.TEST, disease=Coded("1D47"))).reason == ihr.NOT_AGAINST_IT


def test_of_several_doses_the_best_counts():
    recent = dose(happened_on="2026-06-19")
    assert judge(recent, dose()).result is Result.PASSED
    assert judge(dose(), recent).result is Result.PASSED


@pytest.mark.parametrize("format_", [one for one in Format if one is not Format.ICVP])
def test_other_certificates_are_for_the_state_to_judge(format_):
    found = judge(dose(), format_=format_)
    assert (found.result, found.reason) == (Result.UNRULED, ihr.NOT_INTERNATIONAL)


def test_every_rule_speaks_both_languages():
    for disease in Disease:
        for rule in ihr.rules_against(disease):
            assert set(rule.descriptions) == {"en", "zh-hans"}
            assert not rule.fault
            assert "。" in rule.descriptions["zh-hans"] and ", " not in rule.descriptions["zh-hans"]
    found = judge(dose(happened_on="2026-06-15"), languages=("zh-Hans",))
    assert found.failed[0].explanation.startswith("黄热病疫苗必须在入境前至少10天接种")


# ---------------------------------------------------------------- ICVP.DT.2 and the temporary recommendations


def polio(happened_on, **more):
    return judge(dose(POLIO, happened_on, **more.pop("entry", {})), against=Disease.POLIO, **more)


def test_polio_asks_for_an_approved_product_only_when_nothing_else_is_asked():
    assert polio("2001-01-01", departed_from="XA").result is Result.PASSED
    assert failed(
        judge(dose("HomeMade1", disease=Coded("1C81")), against=Disease.POLIO, departed_from="XA")
    ) == ["VR-ZZ-0003"]


@pytest.mark.parametrize(
    ("happened_on", "expected"),
    [
        ("2026-05-22", []),
        ("2025-06-19", []),
        ("2025-06-18", ["VR-ZZ-0006"]),
        ("2026-06-21", ["VR-ZZ-0004", "VR-ZZ-0005"]),
    ],
)
def test_leaving_a_state_with_polio_takes_four_weeks_to_twelve_months(happened_on, expected):
    assert failed(polio(happened_on, **LEAVING)) == expected


@pytest.mark.parametrize("happened_on", ["2026-05-23", "2026-06-19"])
def test_a_late_dose_before_an_urgent_journey_is_for_the_state_to_judge(happened_on):
    found = polio(happened_on, **LEAVING)
    assert (found.result, found.reason) == (Result.OPEN, ihr.STATE_DECIDES)
    assert [one.rule.identifier for one in found.rules if one.result is Result.OPEN] == ["VR-ZZ-0005"]


def test_where_the_journey_began_must_be_known():
    found = polio("2026-01-01")
    assert (found.result, found.reason) == (Result.OPEN, ihr.DEPARTURE_UNKNOWN)
    assert polio("2026-01-01", departed_from="PK").result is Result.PASSED


def test_without_the_day_of_leaving_that_of_arrival_is_taken():
    assert polio("2026-05-24", departed_from="AF").reason == ihr.STATE_DECIDES


def test_a_certificate_against_polio_may_run_out():
    entry = {"valid_until": "2026-06-19"}
    assert failed(polio("2026-01-01", entry=entry, departed_from="XA")) == ["VR-ZZ-0004"]
    for until in ("2026-06-20", "life", ""):
        assert polio("2026-01-01", entry={"valid_until": until}, departed_from="XA").result is Result.PASSED


def test_the_list_of_states_is_data_and_its_age_is_told():
    listed = ExitStates(frozenset({"XA"}), datetime(2026, 6, 1, tzinfo=UTC))
    assert polio("2001-01-01", exit_states=listed, **LEAVING).result is Result.PASSED
    found = polio("2001-01-01", exit_states=listed, departed_from="XA")
    assert failed(found) == ["VR-ZZ-0006"]
    assert found.rules_as_of == listed.as_of
    assert ihr.known_exit_states().countries >= {"AF", "PK"}
    assert judge(dose()).rules_as_of is None


def test_a_list_past_its_time_says_so():
    known = ihr.known_exit_states()
    assert known.review_by is not None and known.as_of < known.review_by <= known.as_of + timedelta(days=93)
    for now, notes in ((known.review_by - timedelta(days=1), ()), (known.review_by, (ihr.LIST_DUE,))):
        arrival = Arrival("CN", now.date(), departed_from="PK", departed_on=now.date())
        found = ihr.decide(certificate(dose(POLIO)), against=Disease.POLIO, arrival=arrival, now=now)
        assert found.notes == notes
    assert known.encouraged and known.source


# ---------------------------------------------------------------- for all days


@unhurried
@given(st.dates(date(1950, 1, 1), date(2030, 1, 1)), st.dates(date(2020, 1, 1), date(2030, 1, 1)))
def test_yellow_fever_by_arithmetic(happened_on, on):
    expected = (on - happened_on).days >= 10
    assert (judge(dose(happened_on=happened_on.isoformat()), on=on).result is Result.PASSED) == expected


@unhurried
@given(st.dates(date(2024, 1, 1), date(2027, 1, 1)), st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_polio_by_arithmetic(happened_on, left_on):
    found = judge(
        dose(POLIO, happened_on.isoformat()),
        against=Disease.POLIO,
        on=left_on,
        departed_from="AF",
        departed_on=left_on,
    )
    # A dose less than four weeks before is for the State to judge, so it does not pass by itself.
    a_year_later = (happened_on.year + 1, happened_on.month, happened_on.day)
    within = (left_on - happened_on).days >= 28 and (left_on.year, left_on.month, left_on.day) <= a_year_later
    # A dose on 29 February counts up to 1 March of the next year.
    leap = happened_on.month == 2 and happened_on.day == 29 and (left_on.month, left_on.day) == (3, 1)
    assert (found.result is Result.PASSED) == within or leap


@pytest.mark.parametrize("code", sorted(catalogue()))
def test_every_product_of_the_catalogue_is_approved_for_its_disease(code):
    disease = Disease(catalogue()[code].disease)
    assert judge(dose(code), against=disease, departed_from="XA").result is Result.PASSED


def test_the_data_names_its_sources():
    told = json.loads(
        files("openconsular.domain.health").joinpath("data/ihr_rules.json").read_text(encoding="utf-8")
    )
    assert set(told["sources"]) == set(told["rules"]) == set(Disease)
    assert told["polio_exit_states"]["source"] and told["polio_exit_states"]["as_of"]
