"""What a verdict says of each thing looked at, beside its state: the outcome, the reason, and the age of the list."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.trust.model import Environment
from openconsular.domain.health.verdict import Check, CheckName, Layer, Outcome, State
from openconsular.domain.health.verify import NoRevocations, Policy, verify, verify_many
from tests.domain.health import test_ddcc as ddcc
from tests.domain.health.hcert_world import (
    DAY,
    NOW,
    RECOVERY,
    TEST,
    claims,
    dcc,
    dose,
    icvp,
    judge,
    store,
    text_of,
    trusted,
)

GOOD = text_of(claims(dcc()))
SINCE = NOW - DAY
OTHER = ec.generate_private_key(ec.SECP256R1())
PASSED, FAILED, NOT_CHECKED = Outcome.PASSED, Outcome.FAILED, Outcome.NOT_CHECKED


def found(verdict, name):
    [check] = [one for one in verdict.checks if one.name is name]
    return check.outcome, check.reason, check.as_of


def test_a_good_certificate_passes_without_a_reason():
    assert judge(GOOD).checks == (
        Check(CheckName.FORMAT, PASSED),
        Check(CheckName.SIGNATURE, PASSED, "", SINCE),
        Check(CheckName.ISSUER, PASSED, "", SINCE),
        Check(CheckName.KEY_USAGE, PASSED, "", SINCE),
        Check(CheckName.KEY_VALIDITY, PASSED, "", SINCE),
        Check(CheckName.VALIDITY, PASSED),
        Check(CheckName.REVOCATION, NOT_CHECKED, "no-list"),
        Check(CheckName.CONTENT, PASSED),
    )


def test_of_what_cannot_be_read_nothing_else_is_said():
    verdict = judge("hello")
    assert verdict.checks == (
        Check(CheckName.FORMAT, FAILED, "format-unknown"),
        *[Check(name, NOT_CHECKED, "not-readable") for name in list(CheckName)[1:]],
    )
    assert (verdict.presented, verdict.layer) == (None, Layer.TEXT)


@pytest.mark.parametrize(
    ("trust", "outcome", "reason", "layer"),
    [
        (store(), NOT_CHECKED, "key-unknown", None),
        (store(trusted(OTHER)), FAILED, "signature-wrong", Layer.SIGNATURE),
    ],
)
def test_where_nobody_signed_nothing_is_said_of_a_key(trust, outcome, reason, layer):
    verdict = judge(GOOD, trust)
    assert verdict.layer is layer
    assert verdict.checks == (
        Check(CheckName.FORMAT, PASSED),
        Check(CheckName.SIGNATURE, outcome, reason),
        Check(CheckName.ISSUER, NOT_CHECKED, reason),
        Check(CheckName.KEY_USAGE, NOT_CHECKED, reason),
        Check(CheckName.KEY_VALIDITY, NOT_CHECKED, reason),
        Check(CheckName.VALIDITY, PASSED),
        Check(CheckName.REVOCATION, NOT_CHECKED, reason),
        Check(CheckName.CONTENT, PASSED),
    )


@pytest.mark.parametrize(
    ("changes", "name", "reason"),
    [
        ({"country": "PT"}, CheckName.ISSUER, "issuer-differs"),
        ({"formats": frozenset({Format.ICVP})}, CheckName.KEY_USAGE, "trust-domain"),
        ({"kinds": frozenset({Kind.TEST})}, CheckName.KEY_USAGE, "key-usage"),
        ({"not_after": NOW - DAY / 2}, CheckName.KEY_VALIDITY, "key-expired"),
        ({"not_before": NOW - DAY / 2}, CheckName.KEY_VALIDITY, "issued-before-key"),
    ],
)
def test_what_fails_by_a_list_tells_how_old_the_list_is(changes, name, reason):
    assert found(judge(GOOD, store(trusted(**changes))), name) == (FAILED, reason, SINCE)


def test_a_key_is_valid_until_its_last_instant_and_from_its_first():
    assert judge(GOOD, store(trusted(not_after=NOW))).state is State.VALID
    late = judge(GOOD, store(trusted(not_after=NOW - timedelta(seconds=1))))
    assert (late.state, late.reason) == (State.EXPIRED, "key-expired")
    made = datetime.fromtimestamp(int((NOW - DAY).timestamp()), UTC)
    assert judge(GOOD, store(trusted(not_before=made))).state is State.VALID
    early = judge(GOOD, store(trusted(not_before=made + timedelta(seconds=1))))
    assert (early.state, early.reason, early.layer) == (State.BROKEN, "issued-before-key", Layer.CLAIMS)


def test_a_certificate_that_tells_no_time_of_issue_was_not_issued_before_its_key():
    assert judge(text_of(claims(dcc(), iat=None))).state is State.VALID
    assert judge(GOOD, store(trusted(not_before=None, not_after=None))).state is State.VALID


def test_a_list_is_old_only_beyond_the_time_it_lasts():
    assert judge(GOOD, policy=Policy(lists_last=DAY)).state is State.VALID
    old = judge(GOOD, policy=Policy(lists_last=DAY - timedelta(seconds=1)))
    assert old.state is State.AMBIGUOUS
    assert found(old, CheckName.SIGNATURE) == (FAILED, "trust-list-old", SINCE)


def test_an_issuer_nobody_names_cannot_be_compared():
    silent = judge(text_of(claims(dcc(), iss=None)))
    assert found(silent, CheckName.ISSUER) == (NOT_CHECKED, "issuer-not-stated", SINCE)
    listed = judge(GOOD, store(trusted(country="")))
    assert listed.state is State.VALID
    assert found(listed, CheckName.ISSUER) == (NOT_CHECKED, "list-names-no-country", SINCE)


@pytest.mark.parametrize(("named", "listed"), [("XXA", "AT"), ("AT", "XXB"), ("XXA", "XXB")])
def test_an_invented_country_on_either_side_is_told_in_a_test_list(named, listed):
    text = text_of(claims(dcc(), iss=named))
    testing = judge(text, store(trusted(country=listed, environment=Environment.TEST)))
    assert testing.state is State.VALID
    assert found(testing, CheckName.ISSUER) == (NOT_CHECKED, "issuer-invented-for-tests", SINCE)
    assert judge(text, store(trusted(country=listed))).reason == "issuer-differs"


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        (claims(dcc()), Kind.VACCINATION),
        (claims(dcc(v=None, t=[TEST])), Kind.TEST),
        (claims(dcc(v=None, r=[RECOVERY])), Kind.RECOVERY),
        (claims(ddcc.DOSE, 3), Kind.VACCINATION),
        (claims(ddcc.TEST, 4), Kind.TEST),
        (claims(icvp(), -6), Kind.VACCINATION),
    ],
)
def test_a_key_limited_to_a_kind_signs_that_kind_alone_in_every_form(told, kind):
    text = text_of(told)
    for limit in Kind:
        verdict = judge(text, store(trusted(kinds=frozenset({limit}))))
        assert verdict.state is (State.VALID if limit is kind else State.WRONG_KEY_USAGE), limit
        assert verdict.presented.kinds == {kind}


@pytest.mark.parametrize(
    ("health", "reason"),
    [
        ([1], "no-health-claim"),
        ([[1, dcc()]], "no-health-claim"),
        ("x", "no-health-claim"),
        (5, "no-health-claim"),
        (None, "no-health-claim"),
        ({}, "no-health-claim"),
        ({1: "x"}, "claim-unknown"),
        ({1: [dcc()]}, "claim-unknown"),
        ({-6: None}, "claim-unknown"),
        ({"1": dcc()}, "claim-unknown"),
        ({1.0: dcc()}, "claim-unknown"),
        ({2: dcc()}, "claim-unknown"),
        ({5: {}}, "health-link"),
        ({1: dcc(), 3: {}}, "several-claims"),
    ],
)
def test_a_health_claim_of_another_shape_is_named(health, reason):
    verdict = judge(text_of({**claims(dcc()), -260: health}))
    assert (verdict.state, verdict.reason, verdict.layer) == (State.BROKEN, reason, Layer.CLAIMS)


def test_two_real_countries_differ_in_a_test_list_too():
    text = text_of(claims(dcc(), iss="PT"))
    assert judge(text, store(trusted(environment=Environment.TEST))).reason == "issuer-differs"


def test_a_stranger_of_the_same_key_id_does_not_lend_its_rights():
    """Two keys of one name, of which the limited one signed: what the other one may do does not matter."""
    limited, stranger = trusted(kinds=frozenset({Kind.TEST})), trusted(OTHER)
    for keys in ((limited, stranger), (stranger, limited)):
        verdict = judge(GOOD, store(*keys))
        assert (verdict.state, verdict.reason) == (State.WRONG_KEY_USAGE, "key-usage")


@pytest.mark.parametrize(
    ("at", "day", "state"),
    [
        ("2026-06-01T09:59:59+00:00", "2026-06-02", State.NOT_YET_VALID),
        ("2026-06-01T10:00:00+00:00", "2026-06-02", State.VALID),
    ],
)
def test_a_day_has_come_when_it_has_begun_anywhere(at, day, state):
    """Kiribati is fourteen hours ahead."""
    told = text_of(claims(dcc(v=dose(dt=day))))
    assert judge(told, now=datetime.fromisoformat(at)).state is state


def test_leeway_is_for_the_beginning_only():
    policy = Policy(clock_leeway=timedelta(minutes=5))
    now = int(NOW.timestamp())
    for told, state in (
        ({"iat": now + 300}, State.VALID),
        ({"iat": now + 301}, State.NOT_YET_VALID),
        ({"nbf": now + 300}, State.VALID),
        ({"nbf": now + 301}, State.NOT_YET_VALID),
        ({"exp": now - 1}, State.EXPIRED),
    ):
        assert judge(text_of(claims(dcc(), **told)), policy=policy).state is state


@pytest.mark.parametrize(
    ("ends", "state"),
    [
        (0, State.EXPIRED),
        (0.0, State.EXPIRED),
        (253_402_300_799, State.VALID),
        (253_402_300_799.0, State.VALID),
        (253_402_300_800, State.BROKEN),
        (253_402_300_800.0, State.BROKEN),
        (-1, State.BROKEN),
        (-0.5, State.BROKEN),
        (float("inf"), State.BROKEN),
        (float("nan"), State.BROKEN),
        (True, State.BROKEN),
        ("1", State.BROKEN),
    ],
)
def test_an_instant_lies_between_1970_and_the_last_day_of_the_calendar(ends, state):
    for told in ({"exp": ends}, {"exp": ends, "iat": 0, "nbf": 0.0}):
        assert judge(text_of(claims(dcc(), **told)), store(trusted(not_before=None))).state is state
    assert judge(text_of({**claims(dcc()), 6: None})).reason == "instant", "null is no instant"


def test_without_lists_a_verdict_says_why_nobody_looked():
    verdict = verify(GOOD, trust=store(trusted()), revocations=NoRevocations(), now=NOW)
    assert found(verdict, CheckName.REVOCATION) == (NOT_CHECKED, "no-list", None)


def test_broken_claims_name_their_layer_and_leave_the_key_judged():
    verdict = judge(text_of(claims(dcc(dob="x"))))
    assert (verdict.state, verdict.layer) == (State.BROKEN, Layer.SCHEMA)
    assert found(verdict, CheckName.CONTENT) == (FAILED, "schema", None)
    assert found(verdict, CheckName.ISSUER) == (PASSED, "", SINCE)


def test_a_crowd_of_every_kind_is_judged_as_one_by_one():
    """Credentials without a seal and texts that are none stand between certificates in their places."""
    from tests.domain.health import test_attacks_formats as others

    credential = deepcopy(others.CREDENTIAL)
    texts = [others.SEAL, others.json.dumps(credential), "hello", others.CARD, GOOD, others.SEAL]
    how = {"trust": others.STORE, "revocations": NoRevocations(), "now": NOW}
    alone = [verify(text, **how) for text in texts]
    together = list(verify_many(texts, **how))
    assert [(one.state, one.reason, one.layer, one.checks) for one in together] == [
        (one.state, one.reason, one.layer, one.checks) for one in alone
    ]
    assert [one.presented and one.presented.format for one in together] == [
        Format.VDS_NC, Format.DIVOC, None, Format.SMART, Format.EU_DCC, Format.VDS_NC,
    ]  # fmt: skip


def test_a_crowd_with_a_bad_text_is_judged_as_one_by_one():
    texts = [GOOD, "HC1:A", GOOD, "HC1:" + "0" * 20_000, GOOD[:-3], text_of(b"\xff"), GOOD]
    together = list(verify_many(texts, trust=store(trusted()), revocations=NoRevocations(), now=NOW))
    assert [one.reason for one in together][:4] == ["", "base45-length", "", "text-too-long"]
    assert [(one.state, one.reason) for one in together] == [
        (one.state, one.reason) for one in (judge(text) for text in texts)
    ]
