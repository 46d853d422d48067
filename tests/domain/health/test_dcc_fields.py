"""Every field of an EU DCC through the whole verification: what each kind must say, and what is handed on of it."""

from typing import Any

import pytest

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.verdict import Layer, State
from tests.domain.health.hcert_world import DOSE, NAME, RECOVERY, TEST, claims, dcc, judge, text_of

FULL = {
    "v": DOSE,
    "t": {**TEST, "nm": "Rapid test", "dr": "2026-05-30T14:00:00Z"},
    "r": RECOVERY,
}
MUST = {
    "v": ("tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci"),
    "t": ("tg", "tt", "sc", "tr", "co", "is", "ci"),
    "r": ("tg", "fr", "co", "is", "df", "du", "ci"),
}
MAY = {"v": (), "t": ("nm", "ma", "dr", "tc"), "r": ()}


def of(group: str, entry: dict[str, Any], **changes: Any) -> Any:
    return judge(text_of(claims(dcc(**{"v": None, group: [entry], **changes}))))


@pytest.mark.parametrize("group", FULL)
def test_every_field_is_a_text_of_at_most_eighty_letters_and_most_must_be_there(group):
    full = FULL[group]
    assert of(group, full).state is State.VALID
    assert set(full) == {*MUST[group], *MAY[group]}
    assert of(group, {**full, "is": "x" * 80, "ci": "x" * 80, "tg": "x" * 80}).state is State.VALID
    for name in full:
        without = {other: value for other, value in full.items() if other != name}
        wrong = [{**full, name: value} for value in (b"x", "x" * 81, ["x"], {"x": 1}, False)]
        if name in MUST[group]:
            wrong += [without, {**full, name: None}]
        else:
            assert of(group, without).state is of(group, {**full, name: None}).state is State.VALID
        for entry in wrong:
            verdict = of(group, entry)
            assert (verdict.state, verdict.layer) == (State.BROKEN, Layer.SCHEMA), entry
            assert verdict.certificate is None


@pytest.mark.parametrize("name", NAME)
def test_names_are_texts_of_at_most_eighty_letters(name):
    for value in (b"x", "x" * 81, ["x"], 5):
        assert of("v", DOSE, nam={**NAME, name: value}).state is State.BROKEN
    assert (
        of("v", DOSE, nam={other: value for other, value in NAME.items() if other != name}).state
        is State.VALID
    )
    if name in ("fnt", "gnt"):
        assert of("v", DOSE, nam={**NAME, name: "müller"}).state is State.BROKEN


@pytest.mark.parametrize(
    "sign",
    [
        *"\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069",
        *"\x00\x1b\x7f\x85\n\u2028\u2029\ue000\U0001f600",
    ],
)
@pytest.mark.parametrize("around", ["Ana", "Ána", "安娜"])
def test_signs_that_are_in_no_name_are_refused_in_any_script(sign, around):
    for name in ("fn", "gn"):
        assert of("v", DOSE, nam={**NAME, name: around}).state is State.VALID
        for value in (around + sign, sign + around, f"{around}{sign}{around}"):
            verdict = of("v", DOSE, nam={**NAME, name: value})
            assert (verdict.state, verdict.layer) == (State.BROKEN, Layer.SCHEMA)


@pytest.mark.parametrize("day", ["", "20260218", "2026-W08-3", "2026-049", "2026-02", "2026-02-30"])
def test_a_day_is_written_in_one_way_and_must_be_there(day):
    assert of("v", {**DOSE, "dt": day}).reason == "schema"
    for name in ("fr", "df", "du"):
        assert of("r", {**RECOVERY, name: day}).reason == "schema"


@pytest.mark.parametrize(
    ("taken", "state"),
    [
        ("2026-05-30t12:34:56z", State.VALID),
        ("2026-05-30 12:34:56Z", State.VALID),
        ("2026-05-30T12:34:56.123456789Z", State.VALID),
        ("2026-05-30T12:34:56+02", State.VALID),
        ("2026-05-30T12:34:56+0200", State.VALID),
        ("2026-05-30T12:34:56-11:30", State.VALID),
        ("2026-06-01T08:00:01Z", State.NOT_YET_VALID),
        ("2026-06-01T10:00:01+02", State.NOT_YET_VALID),
        ("2026-05-31T22:00:01-1000", State.NOT_YET_VALID),
        ("2026-05-30T12:34Z", State.BROKEN),
        ("2026-05-30T12:34:56", State.BROKEN),
        ("2026-02-30T12:34:56Z", State.BROKEN),
        ("2026-05-30T25:00:00Z", State.BROKEN),
        ("2026-05-30T12:34:56+2", State.BROKEN),
        ("20260530T123456Z", State.BROKEN),
        ("", State.BROKEN),
    ],
)
def test_an_instant_has_seconds_and_a_zone_however_they_are_written(taken, state):
    assert of("t", {**TEST, "sc": taken}).state is state


def test_what_is_not_told_is_empty():
    for told in ({"fnt": "A"}, {"gnt": "B"}):
        holder = of("v", DOSE, nam=told).certificate.holder
        assert (holder.family_name, holder.given_name, holder.full_name) == ("", "", "")
        assert holder.standard_family_name == told.get("fnt", "")
        assert holder.standard_given_name == told.get("gnt", "")
    [entry] = of("r", RECOVERY).certificate.entries
    assert (entry.kind, entry.dose, entry.doses) == (Kind.RECOVERY, None, None)
    told = (entry.vaccine, entry.product, entry.maker, entry.test_type, entry.result)
    assert {one.code for one in told} == {""} and entry.place == ""
    assert (entry.happened_on, entry.valid_from, entry.valid_until) == (
        "2026-02-20",
        "2026-04-04",
        "2026-10-04",
    )


def test_what_is_told_is_handed_on():
    [dose] = of("v", DOSE).certificate.entries
    assert (dose.kind, dose.identifier, dose.disease.code) == (Kind.VACCINATION, DOSE["ci"], "840539006")
    assert (dose.vaccine.code, dose.product.code, dose.maker.code) == (DOSE["vp"], DOSE["mp"], DOSE["ma"])
    assert (dose.dose, dose.doses, dose.happened_on) == (1, 2, "2026-02-18")
    assert (dose.country, dose.issuer, dose.valid_until) == ("AT", "Ministry of Health", "")
    [test] = of("t", FULL["t"]).certificate.entries
    assert (test.kind, test.product.code, test.maker.code) == (Kind.TEST, "Rapid test", "1232")
    assert (test.test_type.code, test.result.code, test.place) == (TEST["tt"], TEST["tr"], "Test centre")


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"dn": 0}, State.BROKEN),
        ({"sd": 0}, State.BROKEN),
        ({"dn": -1}, State.BROKEN),
        ({"sd": -1}, State.BROKEN),
        ({"dn": True}, State.BROKEN),
        ({"sd": True}, State.BROKEN),
        ({"sd": "2"}, State.BROKEN),
        ({"sd": 1.5}, State.BROKEN),
        ({"dn": 1, "sd": 1}, State.VALID),
        ({"dn": 3, "sd": 2}, State.VALID),
        ({"dn": 2.0, "sd": 2.0}, State.VALID),
    ],
)
def test_doses_are_counted_from_one(changes, state):
    assert of("v", {**DOSE, **changes}).state is state


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0"])
def test_early_versions_counted_doses_from_nothing_and_let_countries_be_empty(version):
    for group in FULL:
        assert of(group, {**FULL[group], "co": ""}, ver=version).state is State.VALID
        assert of(group, {**FULL[group], "co": ""}, ver="1.2.0").state is State.BROKEN
    verdict = of("v", {**DOSE, "dn": 0, "sd": 0}, ver=version)
    [dose] = verdict.certificate.entries
    assert (verdict.state, dose.dose, dose.doses) == (State.VALID, 0, 0)
    assert of("v", {**DOSE, "dn": -1}, ver=version).state is State.BROKEN
    assert of("v", {**DOSE, "sd": -1}, ver=version).state is State.BROKEN


@pytest.mark.parametrize("spot", ["claim", "name", "dose"])
def test_a_field_nobody_knows_must_be_a_value_of_json_wherever_it_stands(spot):
    def with_more(value: Any) -> Any:
        more = {"more": value}
        claim = dcc(v=[{**DOSE, **(more if spot == "dose" else {})}], **(more if spot == "claim" else {}))
        claim["nam"] |= more if spot == "name" else {}
        return judge(text_of(claims(claim)))

    assert with_more({"a": [1, "x"]}).state is State.VALID
    verdict = with_more(b"bytes")
    assert (verdict.state, verdict.layer) == (State.BROKEN, Layer.CBOR)


@pytest.mark.parametrize(
    ("born", "state", "reason"),
    [
        ("2026-02-18", State.VALID, ""),
        ("2026-02-18T00:00:00", State.VALID, ""),
        ("2026-02-19", State.AMBIGUOUS, "born-later"),
        ("2026-02", State.VALID, ""),
        ("2026-03", State.AMBIGUOUS, "born-later"),
        ("2026", State.VALID, ""),
        ("2027", State.BROKEN, "born-later"),
        ("", State.VALID, ""),
        ("1998-00-00", State.VALID, ""),
    ],
)
def test_a_birth_after_the_dose(born, state, reason):
    verdict = of("v", DOSE, dob=born)
    assert (verdict.state, verdict.reason) == (state, reason)
