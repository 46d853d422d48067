"""The digital ICVP: three generations told apart, and WHO's rules (REQ-CC-01 to REQ-DE-27)."""

from datetime import timedelta

import pytest

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.verdict import Layer, State
from tests.domain.health.hcert_world import BIOPOLIO, DAY, NOW, STAMARIL, claims, icvp, judge, text_of

DOSE_2025 = {
    "vp": STAMARIL,
    "dt": "2026-05-01",
    "cn": "A. Healer",
    "is": "AUT",
    "bo": "1",
    "vls": "2026-05-11",
}
DRAFT_2025 = {
    "n": "Nemo Nobody", "dob": "1980-01-02", "s": "F", "ntl": "AUT", "nid": "P1", "ndt": "PPN", "gn": "Outis",
    "v": [{**DOSE_2025, "vle": "life of person vaccinated"}],
}  # fmt: skip
DRAFT_2024 = {
    "n": "Nemo Nobody", "dob": "1980-01-02", "s": "F", "ntl": "AT", "nid": "P1",
    "v": {"dn": "Primary", "tg": "1D47", "vp": "XM0N24", "mp": "1", "ma": "Maker", "mid": "25", "dt": "2026-05-01",
          "bo": "1", "cn": "A. Healer", "is": "AUT", "vls": "2026-05-11", "vle": "2036-05-11"},
}  # fmt: skip


def found(claim, number=-6, now=NOW, **told):
    return judge(text_of(claims(claim, number, **told)), now=now)


def vx(**changes):
    dose = {**icvp()["vx"], **changes}
    return icvp(vx={name: value for name, value in dose.items() if value is not None})


def test_form_of_2026():
    verdict = found(icvp(gn="Outis"))
    assert verdict.state is State.VALID
    certificate = verdict.certificate
    [dose] = certificate.entries
    assert (certificate.format, certificate.version) == (Format.ICVP, "1")
    assert certificate.holder.nationality == "AUT"
    assert (certificate.holder.document_number, certificate.holder.document_type) == ("P1234567", "PPN")
    assert certificate.holder.guardian == "Outis"
    assert (dose.disease.code, dose.maker.display, dose.product.display) == (
        "1D47",
        "Sanofi Pasteur",
        "STAMARIL",
    )
    assert (dose.happened_on, dose.valid_from, dose.valid_until) == ("2026-05-01", "2026-05-11", "life")


def test_form_of_2025():
    verdict = found(DRAFT_2025)
    assert verdict.state is State.VALID
    [dose] = verdict.certificate.entries
    assert (dose.valid_until, verdict.certificate.holder.document_type) == ("life", "PPN")
    assert (
        found({**DRAFT_2025, "v": [{**DOSE_2025, "vle": "vie entière du sujet vacciné"}]}).state
        is State.VALID
    )
    ended = found({**DRAFT_2025, "v": [{**DOSE_2025, "vle": "2026-05-20"}]})
    assert (ended.state, ended.reason) == (State.EXPIRED, "expired")
    assert found({**DRAFT_2025, "v": [{**DOSE_2025, "vle": "for ever"}]}).reason == "schema"
    assert found({**DRAFT_2025, "v": [DOSE_2025, DOSE_2025]}).reason == "several-entries"
    assert found({**DRAFT_2025, "v": []}).reason == "no-entry"


def test_form_of_2024_is_shown_to_a_human():
    verdict = found(DRAFT_2024)
    assert (verdict.state, verdict.reason) == (State.AMBIGUOUS, "draft-form")
    [dose] = verdict.certificate.entries
    assert (dose.disease.code, dose.maker.code, dose.valid_until) == ("1D47", "25", "2036-05-11")


def test_the_form_of_2024_may_name_a_product_of_the_catalogue():
    told = {"vp": STAMARIL, "dt": "2026-05-01", "bo": "1", "vls": "2026-05-01"}
    verdict = found(
        {"n": "Nemo Nobody", "dob": "1980-01-02", "s": "male", "nid": "P1", "ndt": "NI", "v": told}
    )
    assert (verdict.state, verdict.reason) == (State.AMBIGUOUS, "draft-form")
    [dose] = verdict.certificate.entries
    assert (dose.disease.code, dose.product.code, dose.batch) == ("1D47", STAMARIL, "1")
    assert (dose.valid_from, dose.valid_until) == ("2026-05-11", "life")


def test_version_nobody_knows_is_shown_to_a_human():
    verdict = found(icvp(v="2"))
    assert (verdict.state, verdict.reason) == (State.AMBIGUOUS, "version-unknown")
    assert verdict.certificate.holder.full_name == "Nemo Nobody"


def test_number_not_assigned_yet():
    assert found(icvp(), number=6).reason == "claim-number-unknown"
    assert found(icvp(), number=6).state is State.AMBIGUOUS


def test_date_of_the_dose_may_have_its_older_name():
    assert found(vx(dv=None, dt="2026-05-01")).state is State.VALID


@pytest.mark.parametrize(
    ("claim", "layer", "reason"),
    [
        (vx(vp="XM0N24"), Layer.CLAIMS, "product-not-in-catalogue"),
        (vx(bo=None), Layer.SCHEMA, "schema"),
        (vx(bo=" "), Layer.SCHEMA, "schema"),
        (vx(**{"cn": None, "is": None}), Layer.SCHEMA, "schema"),
        (vx(dv=None), Layer.SCHEMA, "schema"),
        (vx(dv="2026-05"), Layer.SCHEMA, "schema"),
        (vx(dv="2026-06-03"), Layer.CLAIMS, "dose-after-issue"),
        (icvp(n=None), Layer.SCHEMA, "schema"),
        (icvp(n=" "), Layer.SCHEMA, "schema"),
        (icvp(dob="1980"), Layer.SCHEMA, "schema"),
        (icvp(s=None), Layer.SCHEMA, "schema"),
        (icvp(nt=None), Layer.SCHEMA, "schema"),
        (icvp(vx=[]), Layer.SCHEMA, "schema"),
        (icvp(vx=None), Layer.SCHEMA, "schema"),
        (icvp(v=1), Layer.SCHEMA, "schema"),
        (icvp(n="\u202eydoboN"), Layer.SCHEMA, "schema"),
    ],
)
def test_what_the_regulations_do_not_allow(claim, layer, reason):
    verdict = found(claim)
    assert (verdict.state, verdict.layer, verdict.reason) == (State.BROKEN, layer, reason)


def test_exists_since_19_september_2025():
    day = NOW.replace(year=2025, month=9, day=18, hour=8)
    early = found(vx(dv="2025-09-01"), iat=int(day.timestamp()))
    assert early.reason == "issued-before-amendments"
    assert found(vx(dv="2025-09-01"), iat=int((day + DAY).timestamp())).state is State.VALID


def test_yellow_fever_counts_from_the_tenth_day_on():
    """DT.1 rules 2 and 3; the day has begun as soon as it has anywhere."""
    claim = vx(dv="2026-05-25")
    assert found(claim, now=NOW).reason == "not-yet-valid"
    assert found(claim, now=NOW).state is State.NOT_YET_VALID
    assert found(claim, now=NOW + timedelta(days=3)).state is State.VALID
    assert found(vx(dv="2026-05-25", vp=BIOPOLIO)).state is State.VALID, "polio counts at once (DT.2)"


def test_catalogue():
    products = catalogue()
    assert len(products) == 60
    assert {one.disease for one in products.values()} == {"1D47", "1C81"}
    assert all(code == one.code and one.name and one.maker for code, one in products.items())
    assert sum(one.for_life for one in products.values()) == 11
