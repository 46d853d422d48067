"""Lists of the WHO's network since the summer of 2026: a third context signs what a key is for."""

import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.trust.did import missing_references, read_did, read_document
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.model import Environment, Proof, TrustList
from tests.domain.health.trust_world import NOW, did_anchor, did_bytes, did_method, make

PUBLISHER = ec.generate_private_key(ec.SECP256R1())
ROOT = make("CSCA PT", authority=True)
SIGNER = make("DSC PT", by=ROOT)
LIVE = ("https://smart.who.int/trust/tng-context/v1.jsonld", "https://smart.who.int/trust/{}.jsonld")
BUILT = "https://worldhealthorganization.github.io/smart-trust/"
CODES = {
    "domain": {"code": "#ICVP"},
    "participant": {"code": "#PRT"},
    "keyusage": {"code": "#DSC"},
}


def read(raw: bytes, environment: Environment = Environment.LIVE) -> TrustList:
    document = read_document(raw, environment=environment, fetched_at=NOW, anchor=did_anchor(PUBLISHER))
    return read_did([document], list_id="who", environment=environment)


def refusal(raw: bytes) -> str:
    with pytest.raises(TrustRefused) as refused:
        read(raw)
    return refused.value.code


def document(codes: dict[str, Any], pair: tuple[str, str] = LIVE, path: str = ":-:PRT:DSC") -> bytes:
    method = did_method(path, SIGNER.jwk(ROOT), **codes)
    return did_bytes([method], PUBLISHER, context=pair[0], value_sets=pair[1])


@pytest.mark.parametrize(
    "pair",
    [
        LIVE,
        (LIVE[0], BUILT + "{}.jsonld"),
        (BUILT + "tng-context/v1.jsonld", BUILT + "{}.jsonld"),
        (BUILT + "tng-context/v1-DEV.jsonld", BUILT + "{}-DEV.jsonld"),
        (LIVE[0].replace("v1", "v1-UAT"), LIVE[1].replace("{}", "{}-UAT")),
    ],
)
def test_the_network_s_own_context(pair: tuple[str, str]) -> None:
    held = read(document(CODES, pair))
    assert held.proof is Proof.VERIFIED and not held.problems
    [key] = held.keys
    assert key.domain == "ICVP" and key.formats == {Format.ICVP} and key.authority == ROOT.der


@pytest.mark.parametrize(
    "pair",
    [
        (LIVE[0], "https://smart.who.int/trust/{}-DEV.jsonld"),
        (LIVE[0], "https://elsewhere.example/{}.jsonld"),
    ],
)
def test_value_sets_the_context_does_not_name(pair: tuple[str, str]) -> None:
    assert refusal(document(CODES, pair)) == "proof-wrong"


@pytest.mark.parametrize(
    "context",
    [
        "https://smart.who.int.evil.example/trust/tng-context/v1.jsonld",
        "https://evil.example/tng-context/v1.jsonld",
        "https://smart.who.int/trust/tng-context/v2.jsonld",
        "http://smart.who.int/trust/tng-context/v1.jsonld",
    ],
)
def test_another_context(context: str) -> None:
    assert refusal(document(CODES, (context, LIVE[1]))) == "proof-context"


def test_the_contexts_before_the_network_s_own_are_the_usual_two() -> None:
    told = json.loads(document(CODES))
    for others in ([], told["@context"][:1], told["@context"][1::-1], ["https://evil.example/v1"] * 2):
        changed = {**told, "@context": [*others, told["@context"][-1]]}
        assert refusal(json.dumps(changed).encode()) == "proof-context"


def test_a_code_changed_after_signing_breaks_the_proof() -> None:
    signed = document(CODES)
    assert refusal(signed.replace(b"#ICVP", b"#DDCC")) == "proof-wrong"


@pytest.mark.parametrize(
    "value",
    ["ICVP", {"code": "ICVP"}, {"code": "#A> <x:y"}, {"code": 1}, {"code": "#A", "also": 1}, ["#A"], None],
)
def test_what_is_no_code_cannot_be_checked(value: Any) -> None:
    raw = document(CODES).replace(b'{"code": "#ICVP"}', json.dumps(value).encode())
    assert refusal(raw) == "proof-malformed"


def test_a_domain_beside_the_name_narrows_a_key() -> None:
    [key] = read(document({**CODES, "domain": {"code": "#PH4H"}})).keys
    assert key.formats == frozenset()
    [named] = read(document({**CODES, "domain": {"code": "#PH4H"}}, path=":ICVP:PRT:DSC")).keys
    assert named.formats == {Format.ICVP}


def test_a_usage_beside_the_name_may_object() -> None:
    held = read(document({**CODES, "keyusage": {"code": "#SCA"}}))
    assert held.keys == () and [one.code for one in held.problems] == ["usage-conflict"]


def test_a_usage_nobody_knows_is_said() -> None:
    held = read(document({}, path=":-:PRT:XYZ"))
    assert held.keys == () and [one.code for one in held.problems] == ["usage-unknown"]


def test_a_list_of_references_alone_is_no_list() -> None:
    below = "did:web:lists.example:v2:trustlist:-:PRT:DSC"
    root = did_bytes([below], PUBLISHER, did="did:web:lists.example:v2:trustlist-ref:-")
    assert refusal(root) == "references-missing"
    leaf = did_bytes([did_method(":-:PRT:DSC", SIGNER.jwk(ROOT))], PUBLISHER, did=below)
    whole = [
        read_document(raw, environment=Environment.LIVE, fetched_at=NOW, anchor=did_anchor(PUBLISHER))
        for raw in (root, leaf)
    ]
    assert missing_references(whole) == [] and missing_references(whole[:1]) == [below]
    assert len(read_did(whole, list_id="who", environment=Environment.LIVE).keys) == 1
