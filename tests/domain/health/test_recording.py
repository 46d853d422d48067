"""What is written down, and what is refused at the desk."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.records.recording import FIELDS, LONGEST, Refused, write_down
from openconsular.domain.health.records.standard_names import is_standard, standard_name

TODAY = date(2026, 6, 1)
DOSE = {
    "family_name": "Müller-O’Hara",
    "given_name": "José María",
    "born_on": "1980-05-17",
    "vaccine": "1119349007",
    "product": "EU/1/20/1528",
    "maker": "ORG-100030215",
    "dose": "2",
    "doses": "2",
    "happened_on": "2026-05-30",
}
TEST = {
    **{name: DOSE[name] for name in ("family_name", "given_name", "born_on")},
    "happened_on": "2026-05-31T22:10:00+08:00",
    "test_type": "LP6464-4",
    "result": "260415000",
    "place": "Clinic of the embassy",
}
RECOVERY = {
    **{name: DOSE[name] for name in ("family_name", "given_name", "born_on")},
    "happened_on": "2026-05-01",
    "valid_from": "2026-05-12",
    "valid_until": "2026-10-28",
}
YELLOW = {
    **{name: DOSE[name] for name in ("family_name", "given_name", "born_on", "happened_on")},
    "sex": "female",
    "nationality": "FR",
    "document_number": "X123",
    "product": next(one.code for one in catalogue().values() if one.for_life),
    "batch": "A7",
    "clinician": "Dr A",
}
ALL = {
    (Format.EU_DCC, Kind.VACCINATION): DOSE,
    (Format.EU_DCC, Kind.TEST): TEST,
    (Format.EU_DCC, Kind.RECOVERY): RECOVERY,
    (Format.ICVP, Kind.VACCINATION): YELLOW,
    (Format.SMART, Kind.VACCINATION): {**DOSE, "vaccine": "208"},
}


def written(fields, form=Format.EU_DCC, kind=Kind.VACCINATION):
    return write_down(
        fields, certificate_format=form, kind=kind, country="XA", issuer="Ministry", today=TODAY
    )


@pytest.mark.parametrize(("form", "kind"), ALL)
def test_what_is_whole_is_taken(form, kind):
    found = written(ALL[form, kind], form, kind)
    assert found.holder.standard_family_name == "MUELLER<OHARA"
    assert found.holder.standard_given_name == "JOSE<MARIA"
    assert (found.entry.kind, found.entry.country, found.entry.issuer) == (kind, "XA", "Ministry")


@pytest.mark.parametrize(("form", "kind"), ALL)
def test_whatever_is_left_out_is_missed_or_optional(form, kind):
    optional = {"given_name", "place"} if kind is not Kind.TEST else {"given_name"}
    if form is Format.SMART:
        optional |= {"product", "maker", "dose", "doses"}
    if form is Format.ICVP:
        optional |= {"clinician", "document_number"}
    for name in ALL[form, kind]:
        fields = {key: value for key, value in ALL[form, kind].items() if key != name}
        if name in optional | {"family_name"}:
            written(fields, form, kind)
        else:
            with pytest.raises(Refused):
                written(fields, form, kind)


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"happened_on": "2026-06-02"}, "happened_on", "in-the-future"),
        ({"happened_on": "20260530"}, "happened_on", "not-a-day"),
        ({"happened_on": "2026-W22-6"}, "happened_on", "not-a-day"),
        ({"happened_on": "1980-05-16"}, "happened_on", "before-birth"),
        ({"born_on": "2027-01-01"}, "born_on", "in-the-future"),
        ({"dose": "0"}, "dose", "not-a-number"),
        ({"dose": "²"}, "dose", "not-a-number"),
        ({"dose": "100"}, "dose", "not-a-number"),
        ({"vaccine": "=cmd()"}, "vaccine", "not-a-code"),
        ({"family_name": "张"}, "standard_family_name", "needed-for-script"),
        ({"standard_family_name": "müller"}, "standard_family_name", "not-standard"),
        ({"family_name": "A\u202eB"}, "family_name", "unfit-signs"),
        ({"family_name": "A" * 101}, "family_name", "too-long"),
        ({"country": "xa"}, "country", "not-a-country"),
    ],
)
def test_what_is_wrong_is_named(change, field, code):
    with pytest.raises(Refused) as refusal:
        written(DOSE | change)
    assert (refusal.value.field, refusal.value.code) == (field, code)


def test_another_script_comes_with_the_passport_s_spelling():
    found = written(DOSE | {"family_name": "张", "standard_family_name": "ZHANG"})
    assert (found.holder.family_name, found.holder.standard_family_name) == ("张", "ZHANG")


def test_a_yellow_card_is_in_latin_letters():
    chinese = {
        "family_name": "张",
        "standard_family_name": "ZHANG",
        "given_name": "三",
        "standard_given_name": "SAN",
    }
    assert written(YELLOW | chinese, Format.ICVP).holder.full_name == "San Zhang"
    with pytest.raises(Refused):
        written(YELLOW | {"clinician": "李医生"}, Format.ICVP)


def test_a_yellow_card_takes_only_what_the_catalogue_has():
    with pytest.raises(Refused) as refusal:
        written(YELLOW | {"product": "AnyVaccine"}, Format.ICVP)
    assert refusal.value.code == "not-in-catalogue"
    with pytest.raises(Refused):
        written(YELLOW, Format.ICVP, Kind.TEST)


@given(
    st.sampled_from(list(ALL)),
    st.dictionaries(st.sampled_from(FIELDS), st.text(max_size=LONGEST + 5), max_size=4),
)
def test_nothing_else_comes_out_of_it(which, change):
    form, kind = which
    try:
        found = written(ALL[which] | change, form, kind)
    except Refused as refusal:
        assert refusal.field
    else:
        assert is_standard(found.holder.standard_family_name or found.holder.standard_given_name)


@given(st.text(max_size=200))
def test_a_standard_name_is_one_or_none(name):
    made = standard_name(name)
    assert made == "" or is_standard(made)
