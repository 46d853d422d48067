"""Issuing: what is written is what a verifier reads, and what the rules forbid is not written."""

from datetime import timedelta

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health import formats
from openconsular.domain.health.certificate import Algorithm, Coded, Entry, Format, Holder, Kind
from openconsular.domain.health.hcert import cose, envelope
from openconsular.domain.health.hcert.issue import Issuance, Payload, Unissuable, issue_many
from openconsular.domain.health.records.products import catalogue
from openconsular.domain.health.signing.keys import signing_with
from openconsular.domain.health.verdict import State
from tests.domain.health.hcert_world import (
    DAY,
    KEY,
    KEY_ID,
    NOW,
    PERSON,
    RSA_KEY,
    STAMARIL,
    YELLOW_FEVER,
    issued,
    judge,
    store,
    trusted,
)

COVID = Coded("840539006")
DOSE = Entry(
    Kind.VACCINATION, identifier="URN:UVCI:01:AT:1#A", disease=COVID, vaccine=Coded("1119349007"),
    product=Coded("EU/1/20/1528"), maker=Coded("ORG-100030215"), dose=1, doses=2, happened_on="2026-05-01",
    country="AUT", issuer="Ministry of Health",
)  # fmt: skip
TEST = Entry(
    Kind.TEST, identifier="URN:UVCI:01:AT:2#B", disease=COVID, test_type=Coded("LP217198-3"), maker=Coded("1232"),
    result=Coded("260415000"), happened_on="2026-05-30T12:00:00Z", place="Centre", country="AT", issuer="Ministry",
)  # fmt: skip
RECOVERY = Entry(
    Kind.RECOVERY, identifier="URN:UVCI:01:AT:3#C", disease=COVID, happened_on="2026-04-01", valid_from="2026-04-12",
    valid_until="2026-09-28", country="AT", issuer="Ministry",
)  # fmt: skip


def changed(told, **changes):
    return type(told)(**{name: changes.get(name, getattr(told, name)) for name in told.__dataclass_fields__})


def why(**told):
    with pytest.raises(Unissuable) as caught:
        issued(**told)
    return caught.value.code


@pytest.mark.parametrize("entry", [DOSE, TEST, RECOVERY])
def test_eu_dcc_is_read_as_it_was_told(entry):
    verdict = judge(issued(entry=entry, form=Format.EU_DCC))
    assert verdict.state is State.VALID
    certificate = verdict.certificate
    assert certificate.entries == (changed(entry, country="AT"),)
    assert certificate.holder.standard_family_name == "NOBODY"
    assert certificate.expires_at == NOW + 300 * DAY
    assert certificate.issued_at == NOW - DAY


def test_icvp_is_read_as_it_was_told():
    verdict = judge(issued())
    assert verdict.state is State.VALID
    [dose] = verdict.certificate.entries
    holder = verdict.certificate.holder
    assert (dose.product.code, dose.batch, dose.happened_on) == (STAMARIL, "23543657LOT", "2026-05-01")
    assert (holder.full_name, holder.sex, holder.nationality) == ("Nemo Nobody", "female", "AUT")


def test_icvp_signs_only_what_who_lists():
    claims = cbor2.loads(cose.read(envelope.open_text(issued())).payload)
    assert set(claims[-260][-6]) == {"n", "dob", "s", "nt", "id", "vx", "v"}
    assert set(claims[-260][-6]["vx"]) == {"vp", "dv", "cn", "is", "bo"}
    assert claims[-260][-6]["v"] == "1"


def test_validity_for_life_needs_no_end_and_a_covid_certificate_does():
    verdict = judge(issued(expires_at=None), now=NOW + 3000 * DAY, trust=store(trusted(not_after=None)))
    assert verdict.state is State.VALID
    assert verdict.certificate.entries[0].valid_until == "life"
    assert why(entry=DOSE, form=Format.EU_DCC, expires_at=None) == "expiry-missing"


def test_a_dose_of_yesterday_counts_in_ten_days():
    text = issued(entry=changed(YELLOW_FEVER, happened_on="2026-05-31"))
    assert judge(text).state is State.NOT_YET_VALID
    assert judge(text, now=NOW + 8 * DAY).state is State.NOT_YET_VALID
    assert judge(text, now=NOW + 9 * DAY).state is State.VALID


def test_a_key_in_a_token_signs_through_the_same_door():
    """Whatever signs is given the bytes and gives back a signature; RSA as well."""
    algorithm, sign = signing_with(RSA_KEY)
    seen = []

    def in_a_token(message):
        seen.append(message)
        return sign(message)

    text = issued(sign=in_a_token, algorithm=algorithm)
    assert judge(text, store(trusted(RSA_KEY))).state is State.VALID
    assert len(seen) == 1
    assert cbor2.loads(seen[0])[0] == "Signature1"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"key_id": b"short"}, "key-id-length"),
        ({"algorithm": Algorithm.ES384}, "algorithm"),
        ({"issuer": "Nowhere"}, "issuer-unknown"),
        ({"expires_at": NOW - 2 * DAY}, "expires-before-issue"),
        ({"sign": lambda message: b"short"}, "signature-length"),
        ({"form": Format.SMART}, "format"),
        (
            {"issued_at": NOW.replace(year=2025, month=9, day=18), "expires_at": NOW},
            "issued-before-amendments",
        ),
        ({"entry": changed(YELLOW_FEVER, product=Coded("XM0N24"))}, "product-not-in-catalogue"),
        ({"entry": changed(YELLOW_FEVER, batch=" ")}, "batch-missing"),
        ({"entry": changed(YELLOW_FEVER, clinician="", issuer="")}, "schema"),
        ({"entry": changed(YELLOW_FEVER, clinician="王医生")}, "not-latin"),
        ({"entry": changed(YELLOW_FEVER, happened_on="2026-06-03")}, "dose-after-issue"),
        ({"entry": TEST}, "not-a-dose"),
        ({"holder": changed(PERSON, full_name="李明")}, "not-latin"),
        ({"holder": changed(PERSON, full_name="", given_name="", family_name="")}, "schema"),
        ({"holder": changed(PERSON, born_on="1980")}, "schema"),
        ({"holder": changed(PERSON, nationality="")}, "nationality-unknown"),
        ({"form": Format.EU_DCC, "entry": changed(DOSE, dose=None)}, "schema"),
        ({"form": Format.EU_DCC, "entry": changed(DOSE, happened_on="2026-06-03")}, "dose-after-issue"),
        (
            {
                "form": Format.EU_DCC,
                "entry": DOSE,
                "holder": changed(PERSON, family_name="李", given_name="明"),
            },
            "schema",
        ),
        ({"form": Format.EU_DCC, "entry": changed(DOSE, happened_on="1970-01-01")}, "born-later"),
        ({"form": Format.EU_DCC, "entry": changed(TEST, happened_on="2026-05-30")}, "schema"),
    ],
)
def test_what_is_not_issued(changes, code):
    assert why(**changes) == code


@pytest.mark.parametrize("code", ["XA", "XXA", "QM", "ZZ"])
def test_an_invented_country_issues_for_tests_and_in_earnest_never(code):
    holder = changed(PERSON, nationality=code)
    assert why(issuer=code) == "issuer-unknown"
    assert why(holder=holder) == "nationality-unknown"
    read = formats.read(issued(issuer=code, holder=holder, for_tests=True)).certificate
    assert (read.issuer_country, read.holder.nationality) == (code, code)


@pytest.mark.parametrize("code", ["", "Nowhere", "JJ", "1X", "<script>"])
def test_what_is_no_code_at_all_issues_nothing_even_for_tests(code):
    assert why(issuer=code, for_tests=True) == "issuer-unknown"


def test_not_before_the_amendments():
    early = NOW.replace(year=2025, month=9, day=1)
    entry = changed(YELLOW_FEVER, happened_on="2025-08-01")
    assert why(issued_at=early, entry=entry) == "issued-before-amendments"


def test_sexes_nobody_lists_are_unknown():
    for told, signed in (
        ("M", "male"),
        ("f", "female"),
        ("X", "unknown"),
        ("", "unknown"),
        ("other", "other"),
    ):
        verdict = judge(issued(holder=changed(PERSON, sex=told)))
        assert verdict.certificate.holder.sex == signed


def test_many_at_once_are_each_as_one():
    algorithm, sign = signing_with(KEY)
    by = Issuance(sign, algorithm, KEY_ID, "AT", NOW - DAY, NOW + 300 * DAY)
    payloads = [Payload(Format.ICVP, PERSON, YELLOW_FEVER), Payload(Format.EU_DCC, PERSON, DOSE)] * 3
    texts = issue_many(payloads, by)
    assert [judge(text).certificate.format for text in texts] == [Format.ICVP, Format.EU_DCC] * 3
    assert all(judge(text).state is State.VALID for text in texts)
    assert issue_many((), by) == []


def test_nothing_is_signed_when_one_of_many_may_not_be():
    algorithm, sign = signing_with(KEY)
    seen = []

    def counting(message):
        seen.append(message)
        return sign(message)

    by = Issuance(counting, algorithm, KEY_ID, "AT", NOW - DAY, NOW + 300 * DAY)
    bad = Payload(Format.ICVP, PERSON, changed(YELLOW_FEVER, batch=""))
    with pytest.raises(Unissuable):
        issue_many([Payload(Format.ICVP, PERSON, YELLOW_FEVER), bad], by)
    assert seen == []


def test_small_enough_for_a_small_code():
    """Version 13 at level Q holds 352 signs in alphanumeric mode, version 17 holds 557."""
    assert len(issued()) < 460
    assert len(issued(entry=DOSE, form=Format.EU_DCC)) < 557


names = st.text(
    st.characters(codec="latin-1", categories=("Lu", "Ll"), exclude_characters="µ"), min_size=1, max_size=30
)


@given(
    names,
    names,
    st.sampled_from(sorted(catalogue())),
    st.text("0123456789ABC-", min_size=1, max_size=20),
    st.integers(0, 230),
)
def test_any_icvp_comes_back(given_name, family_name, code, batch, days_ago):
    day = (NOW - timedelta(days=days_ago + 1)).date().isoformat()
    holder = Holder(
        full_name=f"{given_name} {family_name}", born_on="1980-01-02", sex="female", nationality="CHN"
    )
    entry = Entry(Kind.VACCINATION, product=Coded(code), batch=batch, happened_on=day, issuer="CHN")
    verdict = judge(issued(holder, entry))
    product = catalogue()[code]
    waits = product.days_until_valid > days_ago + 1
    assert verdict.state is (State.NOT_YET_VALID if waits else State.VALID)
    [found] = verdict.certificate.entries
    assert (found.product.code, found.batch, found.happened_on) == (code, batch, day)
    assert (found.disease.code, verdict.certificate.holder.full_name) == (product.disease, holder.full_name)


@given(
    names,
    names,
    st.integers(1, 9),
    st.integers(1, 9),
    st.text("0123456789ABCDEF", min_size=1, max_size=60),
    st.integers(0, 300),
)
def test_any_dose_comes_back(given_name, family_name, number, of, unique, days_ago):
    day = (NOW - timedelta(days=days_ago + 1)).date().isoformat()
    holder = Holder(family_name=family_name, given_name=given_name, born_on="1980-01-02",
                    standard_family_name="A", standard_given_name="B")  # fmt: skip
    entry = changed(DOSE, dose=number, doses=of, identifier=unique, happened_on=day, country="AT")
    verdict = judge(issued(holder, entry, Format.EU_DCC))
    assert verdict.state is State.VALID
    assert verdict.certificate.entries == (entry,)
    assert (verdict.certificate.holder.family_name, verdict.certificate.holder.given_name) == (
        family_name,
        given_name,
    )


def test_same_payload_same_bytes():
    """Only the signature differs between two issues of one payload."""
    one, two = (cose.read(envelope.open_text(issued())) for _ in range(2))
    assert (one.protected, one.payload) == (two.protected, two.payload)
    assert cbor2.dumps(cbor2.loads(one.payload), canonical=True) == one.payload
