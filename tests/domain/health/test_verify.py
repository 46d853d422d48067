"""From text to verdict: the state, its reason, and every check that could be made."""

from datetime import timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.trust.model import Environment
from openconsular.domain.health.verdict import Check, CheckName, Layer, Outcome, State
from openconsular.domain.health.verify import NoRevocations, Policy, verify, verify_many
from tests.domain.health.hcert_world import (
    DAY,
    NOW,
    RSA_KEY,
    TEST,
    TRUST,
    claims,
    dcc,
    dose,
    judge,
    store,
    text_of,
    trusted,
)

GOOD = text_of(claims(dcc()))


def seconds(when):
    return int(when.timestamp())


def outcomes(verdict):
    return {check.name: check.outcome for check in verdict.checks}


def test_valid_and_everything_looked_at():
    verdict = judge(GOOD)
    assert (verdict.state, verdict.reason, verdict.layer) == (State.VALID, "", None)
    assert tuple(check.name for check in verdict.checks) == tuple(CheckName)
    assert outcomes(verdict) == dict.fromkeys(CheckName, Outcome.PASSED) | {
        CheckName.REVOCATION: Outcome.NOT_CHECKED
    }
    assert all(check.as_of == NOW - DAY for check in verdict.checks[1:5]), "the age of the list"
    assert verdict.certificate.holder.family_name == "Musterfrau-Gößinger"


@pytest.mark.parametrize(
    ("text", "trust", "state", "reason"),
    [
        ("hello", TRUST, State.BROKEN, "format-unknown"),
        ("", TRUST, State.BROKEN, "format-unknown"),
        ("HC2:BB8", TRUST, State.BROKEN, "prefix"),
        ("HC1:bb8", TRUST, State.BROKEN, "base45-alphabet"),
        (GOOD, store(), State.UNKNOWN_ISSUER, "key-unknown"),
        (GOOD, store(trusted(ec.generate_private_key(ec.SECP256R1()))), State.BROKEN, "signature-wrong"),
        (GOOD, store(trusted(RSA_KEY)), State.BROKEN, "algorithm-not-of-key"),
        (GOOD, store(trusted(ec.generate_private_key(ec.SECP384R1()))), State.BROKEN, "curve-not-allowed"),
        (GOOD, store(trusted(algorithms=frozenset())), State.BROKEN, "algorithm-not-of-key"),
        (GOOD, store(trusted(country="PT")), State.UNKNOWN_ISSUER, "issuer-differs"),
        (GOOD, store(trusted(kinds=frozenset({Kind.TEST}))), State.WRONG_KEY_USAGE, "key-usage"),
        (GOOD, store(trusted(formats=frozenset({Format.ICVP}))), State.WRONG_KEY_USAGE, "trust-domain"),
        (GOOD, store(trusted(not_after=NOW - DAY)), State.EXPIRED, "key-expired"),
        (GOOD, store(trusted(not_before=NOW + DAY)), State.NOT_YET_VALID, "key-not-yet-valid"),
        (GOOD, store(trusted(not_before=NOW - DAY / 2)), State.BROKEN, "issued-before-key"),
    ],
)
def test_what_the_key_decides(text, trust, state, reason):
    verdict = judge(text, trust)
    assert (verdict.state, verdict.reason) == (state, reason)


@pytest.mark.parametrize(
    ("told", "state", "reason"),
    [
        ({"exp": seconds(NOW)}, State.VALID, ""),
        ({"exp": seconds(NOW) - 1}, State.EXPIRED, "expired"),
        ({"iat": seconds(NOW)}, State.VALID, ""),
        ({"iat": seconds(NOW) + 1}, State.NOT_YET_VALID, "issued-in-future"),
        ({"nbf": seconds(NOW) + 1}, State.NOT_YET_VALID, "not-yet-valid"),
        ({"nbf": seconds(NOW)}, State.VALID, ""),
        ({"exp": float(seconds(NOW) + 5)}, State.VALID, ""),
        ({"exp": seconds(NOW) * 1000}, State.BROKEN, "instant"),
        ({"exp": float("nan")}, State.BROKEN, "instant"),
        ({"exp": "2027-01-01"}, State.BROKEN, "instant"),
        ({"exp": -1}, State.BROKEN, "instant"),
        ({"iss": 5}, State.BROKEN, "issuer-type"),
    ],
)
def test_what_its_own_dates_decide(told, state, reason):
    verdict = judge(text_of(claims(dcc(), **told)))
    assert (verdict.state, verdict.reason) == (state, reason)


@pytest.mark.parametrize(
    ("claim", "state", "reason"),
    [
        (dcc(dob="1809-02-28"), State.BROKEN, "schema"),
        (dcc(v=dose() + dose()), State.BROKEN, "several-entries"),
        (dcc(v=None), State.BROKEN, "no-entry"),
        (dcc(ver="2.0.0"), State.AMBIGUOUS, "version-unknown"),
        (dcc(v=dose(dt="2026-06-03")), State.NOT_YET_VALID, "happened-in-future"),
        (dcc(v=dose(dt="2026-06-01")), State.VALID, ""),
        (dcc(v=None, t=[TEST]), State.VALID, ""),
        (dcc(v=None, t=[{**TEST, "tr": "260373001"}]), State.AMBIGUOUS, "test-detected"),
        (dcc(v=None, t=[{**TEST, "tr": "maybe"}]), State.AMBIGUOUS, "test-result-unknown"),
        (dcc(v=None, t=[{**TEST, "sc": "2026-06-01T08:00:01Z"}]), State.NOT_YET_VALID, "happened-in-future"),
        (dcc(v=None, t=[{**TEST, "sc": "2026-06-01T10:00:00+02"}]), State.VALID, ""),
    ],
)
def test_what_the_content_decides(claim, state, reason):
    verdict = judge(text_of(claims(claim)))
    assert (verdict.state, verdict.reason) == (state, reason)
    assert (verdict.certificate is None) == (state is State.BROKEN)


def test_first_thing_wrong_names_the_state_and_the_rest_is_told():
    text = text_of(claims(dcc(dob="x"), exp=seconds(NOW - DAY)))
    verdict = judge(text, store(trusted(kinds=frozenset({Kind.TEST}))))
    assert (verdict.state, verdict.reason) == (State.WRONG_KEY_USAGE, "key-usage")
    failed = {check.name: check.reason for check in verdict.checks if check.outcome is Outcome.FAILED}
    assert failed == {
        CheckName.KEY_USAGE: "key-usage",
        CheckName.VALIDITY: "expired",
        CheckName.CONTENT: "schema",
    }
    unknown = judge(text, store())
    assert unknown.state is State.UNKNOWN_ISSUER
    assert outcomes(unknown)[CheckName.VALIDITY] is Outcome.FAILED
    assert outcomes(unknown)[CheckName.SIGNATURE] is Outcome.NOT_CHECKED


def test_every_key_of_a_name_is_tried():
    """HCERT section 3.3.1: two issuers' certificates may begin with the same eight bytes of hash."""
    others = [trusted(ec.generate_private_key(ec.SECP256R1()), country="PT") for _ in range(3)]
    assert judge(GOOD, store(*others, trusted())).state is State.VALID
    assert judge(GOOD, store(*others, trusted(RSA_KEY))).reason == "signature-wrong"


def test_least_limited_of_two_listings_of_one_key_counts():
    limited = trusted(kinds=frozenset({Kind.TEST}))
    assert judge(GOOD, store(limited, trusted())).state is State.VALID
    assert judge(GOOD, store(trusted(), limited)).state is State.VALID
    assert judge(GOOD, store(limited)).state is State.WRONG_KEY_USAGE


def test_codes_of_countries_that_do_not_exist_are_for_tests():
    text = text_of(claims(dcc(), iss="XXA"))
    testing = store(trusted(country="XXB", environment=Environment.TEST))
    assert judge(text, testing).state is State.VALID
    assert judge(text, TRUST).reason == "issuer-differs"


def test_expiry_an_issuer_forgot_is_shown_to_a_human():
    verdict = judge(text_of(claims(dcc(), exp=None)))
    assert (verdict.state, verdict.reason) == (State.AMBIGUOUS, "expiry-missing")


def test_two_and_three_letters_are_one_country():
    assert judge(text_of(claims(dcc(), iss="AUT"))).state is State.VALID
    silent = judge(text_of(claims(dcc(), iss=None)))
    assert (silent.state, outcomes(silent)[CheckName.ISSUER]) == (State.VALID, Outcome.NOT_CHECKED)


def test_clock_that_is_behind_may_be_allowed_for():
    text = text_of(claims(dcc(), iat=seconds(NOW) + 120))
    assert judge(text).state is State.NOT_YET_VALID
    assert judge(text, policy=Policy(clock_leeway=timedelta(minutes=5))).state is State.VALID


def test_list_that_is_old_may_be_shown_to_a_human():
    policy = Policy(lists_last=timedelta(hours=12))
    verdict = judge(GOOD, policy=policy)
    assert (verdict.state, verdict.reason) == (State.AMBIGUOUS, "trust-list-old")
    assert judge(GOOD, policy=Policy(lists_last=2 * DAY)).state is State.VALID


class Lists:
    """A twin of the revocation lists that answers as told."""

    def __init__(self, outcome, reason):
        self.answer = Check(CheckName.REVOCATION, outcome, reason, NOW)

    def check(self, presented, key):
        assert presented.seal.key_ids == key.key_ids
        return self.answer


@pytest.mark.parametrize(
    ("outcome", "reason", "state"),
    [
        (Outcome.FAILED, "revoked", State.REVOKED),
        (Outcome.FAILED, "revocation-uncertain", State.AMBIGUOUS),
        (Outcome.PASSED, "", State.VALID),
        (Outcome.NOT_CHECKED, "no-list", State.VALID),
    ],
)
def test_revocation(outcome, reason, state):
    verdict = verify(GOOD, trust=TRUST, revocations=Lists(outcome, reason), now=NOW)
    assert verdict.state is state
    assert Check(CheckName.REVOCATION, outcome, reason, NOW) in verdict.checks


def test_without_any_list_nobody_claims_to_have_looked():
    verdict = verify(GOOD, trust=TRUST, revocations=NoRevocations(), now=NOW)
    assert outcomes(verdict)[CheckName.REVOCATION] is Outcome.NOT_CHECKED


def test_many_are_judged_as_one_by_one():
    texts = [
        GOOD,
        "hello",
        text_of(claims(dcc(), exp=1)),
        GOOD[:-3],
        text_of(claims(dcc(ver="2.0.0"))),
        "",
        GOOD + "BB8",
    ]
    texts = texts * 60 + [text_of(claims(dcc(), exp=seconds(NOW + number * DAY))) for number in range(5)]
    together = list(verify_many(texts, trust=TRUST, revocations=Revocations(), now=NOW))
    assert [(one.state, one.reason, one.layer, one.checks) for one in together] == [
        (one.state, one.reason, one.layer, one.checks) for one in map(judge, texts)
    ]
    assert together[0].certificate == judge(GOOD).certificate


def test_many_are_judged_as_they_come():
    def endless():
        while True:
            yield GOOD

    verdicts = verify_many(endless(), trust=TRUST, revocations=Revocations(), now=NOW)
    assert next(verdicts).state is State.VALID


def test_claims_other_readers_show_are_all_there():
    told = dcc(extra={"more": [1, 2.5, None, True]})
    assert judge(text_of(claims(told))).certificate.claims == told
    assert cbor2.loads(cbor2.dumps(told)) == told


def test_broken_layer_is_named():
    assert judge(GOOD[:-1]).layer in (Layer.BASE45, Layer.COMPRESSION)
    assert judge(text_of(b"\xff")).layer is Layer.CBOR
    assert judge(text_of(claims(dcc(), number=77))).reason == "claim-unknown"
    assert judge(text_of(claims({"url": "x"}, number=5))).reason == "health-link"
    assert judge(text_of({1: "AT", -260: {}})).reason == "no-health-claim"
    assert judge(text_of({1: "AT"})).reason == "no-health-claim"
    assert judge(text_of([1])).reason == "claims-structure"
    assert judge(text_of({-260: {1: dcc(), -6: {}}})).reason == "several-claims"
