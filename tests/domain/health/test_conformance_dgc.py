"""Vectors as the EU's members publish them, stage by stage, and the causes of those that contradict the standards."""

import base64
import copy
import json
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.carriers.codes import qr_png
from openconsular.domain.health.conformance import dgc, dgc_causes
from openconsular.domain.health.hcert import cose, envelope
from tests.domain.health.hcert_world import DAY, NOW, claims, dcc, dose, signed
from tests.domain.health.trust_world import make

SIGNER = make("signer")
EVERY = (
    "SCHEMAVALIDATION", "DECODE", "VERIFY", "UNPREFIX", "VALIDJSON", "COMPRESSION", "B45DECODE", "PICTUREDECODE",
    "EXPIRATIONCHECK", "KEYUSAGE",
)  # fmt: skip


def vector(claim=None, *, held=SIGNER, key_id=None, expected=True, token=None, **context):
    """A vector in which everything fits, made from one claim."""
    claim = dcc() if claim is None else claim
    payload = cbor2.dumps(claims(claim) if token is None else token)
    identifier = bytes.fromhex(held.key_id) if key_id is None else key_id
    message = signed(payload, key=held.key, protected=cbor2.dumps({1: -7, 4: identifier}))
    packed = envelope.deflate(message)
    text = envelope.close_text(message)
    return {
        "JSON": claim,
        "CBOR": cbor2.dumps(claim).hex(),
        "COSE": message.hex(),
        "COMPRESSED": packed.hex(),
        "BASE45": text.removeprefix("HC1:"),
        "PREFIX": text,
        "2DCODE": base64.b64encode(qr_png(text)).decode(),
        "TESTCTX": {"VERSION": 1, "CERTIFICATE": held.text, "VALIDATIONCLOCK": NOW.isoformat()} | context,
        "EXPECTEDRESULTS": {f"EXPECTED{stage}": expected for stage in EVERY},
    }


def run(folder, *vectors, sets=None):
    for number, one in enumerate(vectors):
        path = folder / f"XA/2DCode/raw/{number}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(one if isinstance(one, bytes) else json.dumps(one).encode())
    if sets is not None:
        (folder / "sets.json").write_text(json.dumps(sets))
    return {suite.name.removeprefix("dgc-testdata-"): suite for suite in dgc.run(folder)}


def differing(suites):
    return {
        name: [(one.found, one.cause) for one in suite.disagreements]
        for name, suite in suites.items()
        if suite.disagreements
    }


def test_a_vector_in_which_everything_fits(tmp_path):
    suites = run(tmp_path, vector())
    assert {name: suite.agree for name, suite in suites.items()} == dict.fromkeys(dgc.STAGES, 1)


@pytest.mark.parametrize(
    "write",
    [
        lambda one: b"\xef\xbb\xbf" + json.dumps(one).encode(),
        lambda one: json.dumps(one, indent=4).replace("\n", "\r\n").encode(),
        lambda one: one | {"COSE": one["COSE"].upper(), "CBOR": one["CBOR"].upper()},
        lambda one: one | {"JSON": json.dumps(one["JSON"])},
        lambda one: one | {"TESTCTX": one["TESTCTX"] | {"CERTIFICATE": SIGNER.pem.decode()}},
        lambda one: one | {"2DCODE": "data:image/png;base64," + one["2DCODE"]},
        lambda one: one | {"CBOR": cbor2.dumps(claims(dcc())).hex()},
        lambda one: one | {"SOMETHING": "new", "EXPECTEDRESULTS": one["EXPECTEDRESULTS"] | {"EXPECTEDNEW": True}},
    ],
    ids=["mark", "line ends", "capitals", "json in a text", "pem", "data address", "whole token", "newer"],
)  # fmt: skip
def test_the_same_written_in_another_way(tmp_path, write):
    assert differing(run(tmp_path, write(vector()))) == {}


def test_a_vector_of_the_code_alone_is_verified_by_it(tmp_path):
    bare = {
        name: value
        for name, value in vector().items()
        if name not in ("CBOR", "COSE", "COMPRESSED", "2DCODE")
    }
    lacks = dgc_causes.LACKS_FIELD
    assert differing(run(tmp_path, bare)) == {
        "picturedecode": [("lacks 2DCODE", lacks)],
        "compression": [("lacks COMPRESSED", lacks)],
        "decode": [("lacks CBOR", lacks)],
    }


def test_a_mandatory_field_that_is_not_there(tmp_path):
    missing = {name: value for name, value in dcc().items() if name != "ver"}
    half = dcc(v=dose(ci=None))
    null = dcc(v=[{**dose()[0], "ci": None}])
    suites = run(tmp_path, vector(missing), vector(half), vector(null))
    assert [one.cause for one in suites["schemavalidation"].disagreements] == [
        dgc_causes.MANDATORY,
        dgc_causes.MANDATORY,
        None,
    ]


def test_a_code_of_no_value_set_is_the_only_reason_to_want_a_payload_refused(tmp_path):
    unlisted = vector(dcc(v=dose(co="XY")), expected=False)
    maker = vector(dcc(v=dose(ma="ORG-1")), expected=False)
    fine = vector(expected=False)
    for one in (unlisted, maker, fine):
        one["EXPECTEDRESULTS"] = {"EXPECTEDSCHEMAVALIDATION": False}
    cause = dgc_causes.NOT_OF_SCHEMA
    suites = run(tmp_path, unlisted, maker, fine)
    assert [one.cause for one in suites["schemavalidation"].disagreements] == [cause, None, None]
    held = {
        "valueSetId": "vaccines-covid-19-auth-holders",
        "valueSetValues": {"ORG-100030215": {"display": "A maker"}},
    }
    other = tmp_path / "other"
    suites = run(other, unlisted, maker, fine, sets=held)
    assert [one.cause for one in suites["schemavalidation"].disagreements] == [cause, cause, None]


@pytest.mark.parametrize("away", [-2 * DAY, 31 * DAY])
def test_a_clock_at_which_the_certificate_is_not_valid(tmp_path, away):
    suites = run(tmp_path, vector(VALIDATIONCLOCK=(NOW + away).isoformat()))
    assert [one.cause for one in suites["expiration"].disagreements] == [dgc_causes.CLOCK]
    assert not suites["verify"].disagreements


def test_a_dose_in_the_future_is_not_explained_by_the_clock(tmp_path):
    suites = run(tmp_path, vector(dcc(v=dose(dt="2026-06-09"))))
    assert [one.cause for one in suites["expiration"].disagreements] == [None]


def test_the_key_identifier_of_another_key(tmp_path):
    suites = run(tmp_path, vector(key_id=b"12345678"))
    found = [("differs: key-unknown", dgc_causes.OTHER_KEY)]
    assert differing(suites) == {"verify": found, "keyusage": found}
    spoilt = vector()
    spoilt["COSE"] = spoilt["COSE"][:-2] + ("00" if spoilt["COSE"][-2:] != "00" else "01")
    assert [one.cause for one in run(tmp_path, spoilt)["verify"].disagreements] == [None]


def test_a_claim_in_bytes(tmp_path):
    token = claims(cbor2.dumps(dcc()))
    suites = run(tmp_path, vector(token=token))
    assert {one.cause for suite in suites.values() for one in suite.disagreements} == {dgc_causes.WRAPPED}


def test_json_about_somebody_else(tmp_path):
    other = vector() | {"JSON": dcc(dob="1977-07-07")}
    suites = run(tmp_path, other)
    cause = dgc_causes.CONTRADICTS_ITSELF
    assert differing(suites) == {
        "decode": [("differs: JSON", cause)],
        "validjson": [("differs: JSON", cause)],
    }


def test_several_entries(tmp_path):
    suites = run(tmp_path, vector(dcc(v=dose() + dose(dn=2))))
    assert [one.cause for one in suites["schemavalidation"].disagreements] == [dgc_causes.SEVERAL_ENTRIES]


def test_another_curve(tmp_path):
    held = make("p384", key=ec.generate_private_key(ec.SECP384R1()))
    payload, header = cbor2.dumps(claims(dcc())), cbor2.dumps({1: -7, 4: bytes.fromhex(held.key_id)})
    made = vector()
    to_sign = cose.to_be_signed(header, payload)
    made["COSE"] = signed(payload, protected=header, signature=sign_with_p384(held.key, to_sign)).hex()
    made["TESTCTX"] = made["TESTCTX"] | {"CERTIFICATE": held.text}
    suites = run(tmp_path, made)
    assert [one.cause for one in suites["verify"].disagreements] == [dgc_causes.CURVE]


def sign_with_p384(key, message):
    from cryptography.hazmat.primitives.asymmetric import utils
    from cryptography.hazmat.primitives.hashes import SHA256

    r, s = utils.decode_dss_signature(key.sign(message, ec.ECDSA(SHA256())))
    return r.to_bytes(48) + s.to_bytes(48)


def test_a_cause_is_never_found_for_what_should_have_been_refused(tmp_path):
    wrong = vector(expected=False)
    assert {one.cause for suite in run(tmp_path, wrong).values() for one in suite.disagreements} == {None}


def test_what_is_run_is_not_what_a_file_is_called(tmp_path):
    one = vector(key_id=b"12345678")
    there, here = tmp_path / "a", tmp_path / "b"
    named = run(there, one)["verify"].disagreements
    (here / "common").mkdir(parents=True)
    (here / "common/CO22.json").write_text(json.dumps(copy.deepcopy(one)))
    [other] = next(suite for suite in dgc.run(here) if suite.name.endswith("verify")).disagreements
    assert (named[0].found, named[0].cause) == (other.found, other.cause)


def test_clocks_without_a_zone_are_utc():
    told = dgc.Vector("a", {"TESTCTX": {"VALIDATIONCLOCK": "2026-01-01T00:00:00"}}).clock
    assert told == datetime(2026, 1, 1, tzinfo=UTC) == told + timedelta(0)
