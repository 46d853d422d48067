"""Lists of who issues SMART cards and of who signs visible seals."""

import hashlib
import json
from typing import Any

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.trust.jwk import thumbprint
from openconsular.domain.health.trust.jwks import read_directory, read_jwks
from openconsular.domain.health.trust.model import Environment, TrustList, TrustStore
from openconsular.domain.health.trust.vds_signers import carried_key, read_vds_signers
from tests.domain.health.trust_world import (
    NOW,
    Held,
    cms_of,
    make,
    number64,
    sequence,
)

ROOT = make("CSCA PT", authority=True)
SIGNER = make("DSC PT", by=ROOT)
OTHER = make("DSC ES", by=make("CSCA ES", authority=True, country="ES"), country="ES")

ISSUER = "https://health.example/issuer"


def smart_jwk(held: Held, **more: Any) -> dict[str, Any]:
    numbers = held.key.public_key().public_numbers()
    found = {
        "kty": "EC",
        "crv": "P-256",
        "use": "sig",
        "alg": "ES256",
        "x": number64(numbers.x),
        "y": number64(numbers.y),
    }
    return {**found, "kid": thumbprint(held.key.public_key()), **more}


def jwks(*keys: Any, **more: Any) -> Any:
    raw = json.dumps({"keys": list(keys)}).encode()
    values = {"issuer": ISSUER, "list_id": "smart", "environment": Environment.LIVE, "fetched_at": NOW}
    return read_jwks(raw, **{**values, **more})


def test_the_keys_of_a_smart_issuer() -> None:
    found = jwks(smart_jwk(SIGNER, crlVersion=3), from_issuer=True)
    [key] = found.keys.keys
    store = TrustStore().with_list(found.keys)
    assert store.candidates(key.key_id, Format.SMART, ISSUER) == (key,)
    assert store.candidates(key.key_id, Format.SMART, "https://other.example") == ()
    assert found.crl_versions == {(ISSUER, key.key_id): 3}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"kid": "wrong"}, "key-id-not-of-key"),
        ({"use": "enc"}, "key-usage-not-signing"),
        ({"alg": "ES384"}, "key-usage-not-signing"),
        ({"d": "AAAA"}, "key-private"),
        ({"crv": "P-384"}, "key-unreadable"),
        ({"crv": "P-999"}, "curve-not-allowed"),
        ({"kty": "oct"}, "key-type-not-allowed"),
        ({"x": ""}, "key-unreadable"),
        ({"y": "AAAA"}, "key-unreadable"),
    ],
)
def test_keys_a_smart_issuer_may_not_have(change: dict[str, str], code: str) -> None:
    found = jwks(smart_jwk(SIGNER, **change))
    assert found.keys.keys == () and [problem.code for problem in found.keys.problems] == [code]


@pytest.mark.parametrize("issuer", ["http://health.example", "https://health.example/", ""])
def test_an_issuer_is_an_address(issuer: str) -> None:
    assert jwks(smart_jwk(SIGNER), issuer=issuer).keys.keys == ()


def test_a_directory_of_issuers() -> None:
    key = smart_jwk(SIGNER, crlVersion=2)
    crl = {"kid": key["kid"], "method": "rid", "ctr": 2, "rids": ["abc"]}
    info = [
        {"issuer": {"iss": ISSUER, "name": "Health"}, "keys": [key], "crls": [crl]},
        {"issuer": {}, "keys": []},
    ]
    raw = json.dumps({"directory": "x", "time": "2026", "issuerInfo": info}).encode()
    found = read_directory(
        raw, list_id="vci", environment=Environment.LIVE, fetched_at=NOW, from_publisher=True
    )
    assert [one.issuer for one in found.keys.keys] == [ISSUER]
    assert found.revocations == ((ISSUER, crl),)
    assert [problem.code for problem in found.keys.problems] == ["issuer-unusable"]


# --- visible seals ---


def vds(raw: bytes, **more: Any) -> TrustList:
    return read_vds_signers(raw, list_id="vds", environment=Environment.LIVE, fetched_at=NOW, **more)


def test_signers_and_authorities_of_seals_from_files() -> None:
    for raw in (SIGNER.pem + ROOT.pem, SIGNER.der + ROOT.der):
        held = vds(raw, confirmed=hashlib.sha256(raw).hexdigest())
        [key] = held.keys
        assert key.certificate == SIGNER.der and key.authority == ROOT.der and len(held.authorities) == 1
        store = TrustStore().with_list(held)
        for name in (SIGNER.key_id, hashlib.sha256(SIGNER.der).hexdigest()):
            assert store.candidates(name, Format.VDS_NC) == (key,)


def test_a_master_list_of_authorities() -> None:
    class Certificates(core.SetOf):
        _child_spec = core.Any

    inner = Certificates([core.Any.load(ROOT.der)]).dump()
    master = sequence(core.Integer(0).dump(), inner)
    for message in (cms_of(master, make("master list signer"), detached=False),):
        assert cms.ContentInfo.load(message)["content_type"].native == "signed_data"
        assert [one.certificate for one in vds(message).authorities] == [ROOT.der]


def test_a_signer_a_seal_carries_is_believed_when_an_authority_signed_it() -> None:
    raw = ROOT.pem
    store = TrustStore().with_list(vds(raw, confirmed=hashlib.sha256(raw).hexdigest()))
    key = carried_key(SIGNER.der, store)
    assert key.certificate == SIGNER.der and key.authority == ROOT.der and "certificate-carried" in key.notes
    with pytest.raises(KeyRefused) as refused:
        carried_key(OTHER.der, store)
    assert refused.value.code == "chain-missing"
    forged = make(
        "DSC PT", by=Held(ec.generate_private_key(ec.SECP256R1()), ROOT.certificate), identifiers=False
    )
    with pytest.raises(KeyRefused) as refused:
        carried_key(forged.der, store)
    assert refused.value.code == "chain-signature"
