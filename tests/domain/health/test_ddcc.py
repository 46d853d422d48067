"""WHO's DDCC, in its claim and at the top of the token."""

import pytest

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.verdict import Layer, State
from tests.domain.health.hcert_world import DAY, NOW, claims, judge, text_of

SEX = {"code": "female", "system": "http://hl7.org/fhir/administrative-gender"}
DOSE = {
    "name": "Nemo Nobody", "birthDate": "1980-01-02", "sex": SEX, "identifier": "P1", "hcid": "H1",
    "vaccine": {"code": "1119349007", "system": "http://snomed.info/sct"}, "brand": {"code": "B"}, "lot": "PT123F",
    "ma_holder": {"code": "M"}, "date": "2026-01-08", "dose": 1, "total_doses": 2, "country": {"code": "AUT"},
    "centre": "Site", "disease": {"code": "840539006"}, "pha": "Ministry", "hw": "A. Healer",
    "valid_from": "2026-01-08", "valid_until": "2027-01-08", "vaccine_valid": "2026-01-22", "due_date": "2026-02-01",
}  # fmt: skip
TEST = {
    "name": "Nemo Nobody", "birthDate": "1980-01-02", "identifier": "P1", "meta": {"notarisedOn": "x"},
    "test": {"pathogen": {"code": "XN109"}, "type": {"code": "LP6464-4"}, "date": "2026-05-30T06:15:00Z",
             "result": {"code": "260415000", "display": "Not detected"}, "country": {"code": "AUT"}, "centre": "Lab"},
}  # fmt: skip


def at_the_top(claim, **told):
    top = claims({}, **told)
    del top[-260]
    return text_of({**top, 2: "subject", 7: b"id", **claim})


@pytest.mark.parametrize("text", [text_of(claims(DOSE, 3)), at_the_top(DOSE)])
def test_vaccination(text):
    verdict = judge(text)
    assert verdict.state is State.VALID
    certificate = verdict.certificate
    [dose] = certificate.entries
    assert (certificate.format, dose.kind) == (Format.DDCC_VS, Kind.VACCINATION)
    assert (dose.batch, dose.dose, dose.doses, dose.maker.code) == ("PT123F", 1, 2, "M")
    assert (dose.valid_from, dose.valid_until, dose.clinician) == ("2026-01-22", "2027-01-08", "A. Healer")
    assert certificate.claims == DOSE


@pytest.mark.parametrize("text", [text_of(claims(TEST, 4)), at_the_top(TEST)])
def test_test(text):
    verdict = judge(text)
    assert verdict.state is State.VALID
    [test] = verdict.certificate.entries
    assert (verdict.certificate.format, test.kind) == (Format.DDCC_TR, Kind.TEST)
    assert (test.result.display, test.test_type.code, test.place) == ("Not detected", "LP6464-4", "Lab")


def test_its_own_days_count():
    assert judge(text_of(claims({**DOSE, "valid_until": "2026-05-20"}, 3))).state is State.EXPIRED
    assert judge(text_of(claims({**DOSE, "valid_from": "2026-07-01"}, 3))).state is State.NOT_YET_VALID
    assert judge(text_of(claims({**DOSE, "date": "2026-07-01"}, 3))).reason == "happened-in-future"
    last = {**DOSE, "valid_until": "2026-05-31T23:59:59Z", "valid_from": "2026-05-31T00:00:00Z"}
    assert judge(text_of(claims(last, 3)), now=NOW + DAY / 8).state is State.VALID
    assert judge(text_of(claims(last, 3)), now=NOW + DAY / 6).state is State.EXPIRED
    coming = {**DOSE, "valid_from": "2026-06-02T23:00:00Z"}
    assert judge(text_of(claims(coming, 3)), now=NOW + DAY / 13).state is State.NOT_YET_VALID
    assert judge(text_of(claims(coming, 3)), now=NOW + DAY / 12).state is State.VALID
    assert judge(text_of(claims(coming, 3)), now=NOW + DAY / 12).certificate.version == ""


@pytest.mark.parametrize(
    ("claim", "number"),
    [
        ({**DOSE, "name": 5}, 3), ({**DOSE, "vaccine": 5}, 3), ({**DOSE, "vaccine": {}}, 3), ({**DOSE, "date": "soon"}, 3),
        ({**DOSE, "birthDate": "x"}, 3), ({**DOSE, "dose": "1"}, 3), ({"name": "x"}, 3),
        ({**TEST, "test": []}, 4), ({**TEST, "test": {**TEST["test"], "result": None}}, 4), (DOSE, 4),
    ],
)  # fmt: skip
def test_what_is_wrong(claim, number):
    verdict = judge(text_of(claims(claim, number)))
    assert (verdict.state, verdict.layer, verdict.reason) == (State.BROKEN, Layer.SCHEMA, "schema")
    assert verdict.certificate is None
