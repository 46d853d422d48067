"""When seals, cards and credentials happened and last: the latest entry counts, and a time that is no instant by its day."""

import json
from copy import deepcopy
from datetime import timedelta

import pytest

from openconsular.domain.health.smart.issue import claims_of
from openconsular.domain.health.verdict import CheckName, Outcome, State
from tests.domain.health import test_smart as cards
from tests.domain.health import test_vds_nc as seals
from tests.domain.health.test_attacks_formats import CREDENTIAL, NOW, card, seal, verdict


def sealed_test(**dates: str) -> str:
    data = deepcopy(seals.TEST["data"])
    data["hdr"]["is"] = "CHN"
    data["msg"]["dat"] = {"sc": "2026-05-31T12:00:00Z", "ri": "2026-05-31T13:00:00Z", **dates}
    return seal(data)


@pytest.mark.parametrize(
    ("taken", "state"),
    [
        ("2026-05-31T23:59:59Z", State.VALID),
        ("2026-06-01T00:00:00Z", State.VALID),
        ("2026-06-01T00:00:01Z", State.NOT_YET_VALID),
        ("2026-06-01", State.VALID),
        ("2026-06-02", State.NOT_YET_VALID),
        ("2026-05-31T12:00Z", State.VALID),
        ("2026-06-01T12:00+08:00", State.VALID),
        ("2026-06-02T12:00+08:00", State.NOT_YET_VALID),
        ("2027-01-01T12:00Z", State.NOT_YET_VALID),
    ],
)
def test_a_test_that_is_still_to_be_taken(taken, state):
    found = verdict(sealed_test(sc=taken))
    assert (found.state, found.reason) == (state, "" if state is State.VALID else "happened-in-future")


@pytest.mark.parametrize("day", ["2026-02-31", "2026-13-01", "2025-02-29", "2026-00-10", "0000-01-01"])
@pytest.mark.parametrize("time", ["", "T12:00:00Z"])
def test_a_day_that_no_calendar_has_is_no_date(day, time):
    dated = [
        sealed_test(sc=day + time),
        card(cards.with_resource(occurrenceDateTime=day + time)),
        json.dumps({**CREDENTIAL, "evidence": [{**CREDENTIAL["evidence"][0], "date": day + time}]}),
    ]
    # Nobody can check the seal of the last one here, but what it says is looked at all the same.
    contents = [verdict(text).checks[-1] for text in dated]
    assert [(one.name, one.outcome, one.reason) for one in contents] == [
        (CheckName.CONTENT, Outcome.FAILED, "date-malformed")
    ] * 3


@pytest.mark.parametrize(
    ("born", "is_one"),
    [
        ("1980-02-30", False),
        ("1980-13", False),
        ("1980-XX-31", True),
        ("1980-02-XX", True),
        ("1980-02-29", True),
    ],
)
def test_a_day_of_birth_that_no_calendar_has(born, is_one):
    data = deepcopy(seals.TEST["data"])
    data["hdr"]["is"] = "CHN"
    data["msg"]["pid"]["dob"] = born
    content = verdict(seal(data)).checks[-1]
    assert content.outcome is (Outcome.PASSED if is_one else Outcome.FAILED)


@pytest.mark.parametrize(
    ("when", "state"),
    [
        ("2026-05", State.VALID),
        ("2026-07", State.NOT_YET_VALID),
        ("2026-05-02T12:00", State.VALID),
        ("2026-06-02T12:00", State.NOT_YET_VALID),
        ("2026-06-02T12:00:00", State.NOT_YET_VALID),
        ("2026-06-02T12:00:00+08:00", State.NOT_YET_VALID),
    ],
)
def test_a_dose_that_is_still_to_be_given(when, state):
    found = verdict(card(cards.with_resource(occurrenceDateTime=when)))
    assert (found.state, found.reason) == (state, "" if state is State.VALID else "happened-in-future")


def test_the_latest_of_several_doses_counts():
    data = deepcopy(seals.VACCINATION["data"])
    data["hdr"]["is"] = "CHN"
    first, second = data["msg"]["ve"][0]["vd"]
    assert verdict(seal(data)).state is State.VALID
    for dose in (first, second):
        made, dose["dvc"] = dose["dvc"], "2026-06-02"
        assert verdict(seal(data)).reason == "happened-in-future"
        dose["dvc"] = made


def test_a_card_about_nobody_or_nothing_is_shown_to_a_human():
    for at, reason in ((slice(0, 1), "holder-absent"), (slice(1, None), "nothing-attested")):
        made = deepcopy(claims_of(cards.CARD))
        del made["vc"]["credentialSubject"]["fhirBundle"]["entry"][at]
        found = verdict(card(made))
        assert (found.state, found.reason) == (State.AMBIGUOUS, reason)


def test_a_card_ends_with_its_last_second_and_an_hcert_after_it():
    made = claims_of(cards.CARD)
    now = int(NOW.timestamp())
    assert verdict(card({**made, "exp": now + 1})).state is State.VALID
    assert verdict(card({**made, "exp": now})).state is State.EXPIRED
    assert verdict(card({**made, "nbf": now})).state is State.VALID
    found = verdict(card({**made, "nbf": now + 1}))
    assert (found.state, found.reason) == (State.NOT_YET_VALID, "issued-in-future")


def test_claims_of_a_card_that_cannot_be_read_leave_the_rest_not_checked():
    made = claims_of(cards.CARD)
    del made["nbf"]
    found = verdict(card(made))
    assert (found.state, found.reason) == (State.BROKEN, "nbf-absent")
    told = {check.name: (check.outcome, check.reason) for check in found.checks}
    assert told[CheckName.SIGNATURE][0] is Outcome.PASSED
    for name in (CheckName.ISSUER, CheckName.KEY_USAGE, CheckName.VALIDITY):
        assert told[name] == (Outcome.NOT_CHECKED, "not-readable")
    assert told[CheckName.CONTENT] == (Outcome.FAILED, "nbf-absent")


@pytest.mark.parametrize(
    ("changes", "outcome", "reason"),
    [
        ({}, Outcome.PASSED, ""),
        ({"issuanceDate": "2026-06-01T00:00:01Z"}, Outcome.FAILED, "issued-in-future"),
        ({"expirationDate": "2026-05-31T23:59:59Z"}, Outcome.FAILED, "expired"),
        ({"expirationDate": "2026-06-01T00:00:00Z"}, Outcome.PASSED, ""),
    ],
)
def test_dates_of_a_credential_are_looked_at_though_its_signature_is_not(changes, outcome, reason):
    found = verdict(json.dumps({**CREDENTIAL, **changes}))
    assert found.state is State.UNKNOWN_ISSUER
    [check] = [one for one in found.checks if one.name is CheckName.VALIDITY]
    assert (check.outcome, check.reason) == (outcome, reason)
    assert verdict(json.dumps(CREDENTIAL), NOW + timedelta(days=1)).presented.format == "divoc"
