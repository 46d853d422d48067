"""Every field of an ICVP in its three generations: how long, whether it must be there, and what is handed on of it."""

import pytest

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.verdict import Layer, State
from tests.domain.health.hcert_world import NOW, claims, icvp, judge, text_of
from tests.domain.health.test_icvp import DOSE_2025, DRAFT_2024, DRAFT_2025, found, vx


def of_2025(dose=None, **changes):
    made = {**DRAFT_2025, "v": [{**DOSE_2025, **(dose or {})}], **changes}
    made["v"] = [{name: value for name, value in made["v"][0].items() if value is not None}]
    return found({name: value for name, value in made.items() if value is not None})


def of_2024(**changes):
    dose = {**DRAFT_2024["v"], **changes}
    return found({**DRAFT_2024, "v": {name: value for name, value in dose.items() if value is not None}})


def test_texts_end_after_two_hundred_letters_and_names_of_things_after_eighty():
    for make, most in (
        (lambda value: found(icvp(n=value)), 200),
        (lambda value: found(icvp(gn=value)), 200),
        (lambda value: found(vx(cn=value)), 200),
        (lambda value: found(vx(bo=value)), 200),
        (lambda value: found(icvp(id=value)), 80),
        (lambda value: found(icvp(nt=value)), 80),
    ):
        assert make("x" * most).state is State.VALID
        assert make("x" * (most + 1)).reason == "schema"
    assert found(icvp(v="x" * 200)).certificate.version == "x" * 200
    assert found(icvp(v="x" * 201)).reason == "schema"


@pytest.mark.parametrize("blank", [None, "", " "])
def test_a_clinician_or_an_issuer_vouches(blank):
    assert found(vx(cn=blank)).state is found(vx(**{"is": blank})).state is State.VALID
    assert found(vx(**{"cn": blank, "is": blank})).reason == "schema"
    assert of_2025({"cn": blank, "is": blank}).reason == "schema"


def test_the_draft_of_2025_hands_on_what_it_says():
    holder = of_2025().certificate.holder
    assert (holder.nationality, holder.document_number, holder.document_type) == ("AUT", "P1", "PPN")
    assert (holder.sex, holder.guardian) == ("F", "Outis")
    for absent in ("ntl", "nid", "ndt", "s", "gn", "dob"):
        assert of_2025(**{absent: None}).state is State.VALID
    assert of_2025(n=None).reason == "schema"
    [dose] = of_2025({"bo": None}).certificate.entries
    assert (dose.batch, dose.happened_on, dose.valid_from) == ("", "2026-05-01", "2026-05-11")
    assert of_2025({"dt": None}).reason == of_2025({"vp": None}).reason == "schema"


@pytest.mark.parametrize(
    ("born", "state"),
    [
        ("1980", State.VALID),
        ("1980-05", State.VALID),
        ("1980-05-17", State.VALID),
        ("1980-13", State.BROKEN),
        ("1980-00", State.BROKEN),
        ("1980-05-32", State.BROKEN),
        ("0000", State.BROKEN),
        ("1980-5", State.BROKEN),
        ("19800517", State.BROKEN),
        ("x", State.BROKEN),
    ],
)
def test_a_draft_may_know_the_year_or_the_month_of_birth_alone(born, state):
    assert of_2025(dob=born).state is state
    assert found(icvp(dob=born)).state is (state if len(born) == 10 else State.BROKEN)


def test_the_draft_of_2024_hands_on_what_it_says():
    [dose] = of_2024().certificate.entries
    assert (dose.vaccine.code, dose.product.code, dose.maker.display) == ("XM0N24", "1", "Maker")
    assert (dose.batch, dose.happened_on, dose.clinician, dose.issuer) == (
        "1",
        "2026-05-01",
        "A. Healer",
        "AUT",
    )
    assert dose.valid_from == "2026-05-11"
    [forever] = of_2024(vle="life of person vaccinated").certificate.entries
    assert forever.valid_until == "life"
    for absent in ("tg", "mp", "mid", "ma", "bo", "vls", "vle", "cn", "is"):
        assert of_2024(**{absent: None}).reason == "draft-form"
    for absent in ("vp", "dt"):
        assert of_2024(**{absent: None}).reason == "schema"


@pytest.mark.parametrize("day", ["9999-12-25", "9999-12-31"])
def test_a_dose_at_the_end_of_the_calendar_has_no_tenth_day(day):
    assert found(vx(dv=day)).reason == "schema"


@pytest.mark.parametrize("day", ["", "20260501", "2026-W18-5", "2026-05-01Z", "2026-5-1", " 2026-05-01"])
def test_a_day_is_written_in_one_way(day):
    assert found(vx(dv=day)).reason == "schema"


def test_the_time_of_issue_is_compared_where_it_is_told():
    assert found(icvp(), iat=None).state is State.VALID
    assert found(vx(dv="2026-05-31"), iat=int(NOW.timestamp()) - 86400).reason == "not-yet-valid"
    assert found(vx(dv="2026-06-01"), iat=int(NOW.timestamp()) - 86400).reason == "dose-after-issue"
    # It was the first of June already where days begin first.
    assert found(vx(dv="2026-06-01"), iat=int(NOW.timestamp()) - 22 * 3600).reason == "not-yet-valid"
    assert found(vx(dv="2026-06-01"), iat=int(NOW.timestamp()) - 22 * 3600 - 1).reason == "dose-after-issue"


@pytest.mark.parametrize("claim", ["n", "nnn", ["n", "v"], 5, {"n": 1}, {"v": []}, {"vx": {}}])
def test_a_number_nobody_knows_is_looked_at_only_where_it_has_the_form(claim):
    verdict = judge(text_of(claims(claim, 77)))
    assert (verdict.state, verdict.layer, verdict.reason) == (State.BROKEN, Layer.CLAIMS, "claim-unknown")


def test_all_generations_are_of_one_format():
    for verdict in (found(icvp()), of_2025(), of_2024()):
        assert verdict.certificate.format is Format.ICVP
    assert [one.certificate.version for one in (found(icvp()), of_2025(), of_2024())] == ["1", "2025", "2024"]
