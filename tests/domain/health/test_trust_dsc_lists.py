"""Lists of the keys of European states, in the shapes they really have."""

import base64
import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.trust.dsc_list import DscAnchors, read_dsc_list
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.gateway import GatewayAnchor
from openconsular.domain.health.trust.model import ALL_KINDS, Environment, Proof, TrustList, TrustStore
from tests.domain.health.trust_world import (
    NOW,
    gateway_entry,
    make,
    raw_of,
)

PUBLISHER = ec.generate_private_key(ec.SECP256R1())
ROOT = make("CSCA PT", authority=True)
SIGNER = make("DSC PT", by=ROOT)
OTHER = make("DSC ES", by=make("CSCA ES", authority=True, country="ES"), country="ES")
THIRD = make("DSC FR", country="FR")


def dsc(document: Any, **anchors: Any) -> TrustList:
    raw = document if isinstance(document, bytes) else json.dumps(document).encode()
    return read_dsc_list(
        raw,
        list_id="eu",
        environment=Environment.LIVE,
        fetched_at=NOW,
        anchors=DscAnchors(**anchors) if anchors else None,
    )


@pytest.mark.parametrize(
    "document",
    [
        {SIGNER.kid64: SIGNER.text},
        {SIGNER.kid64: {"rawData": SIGNER.text, "country": "PT"}},
        {SIGNER.kid64: {"certificate": SIGNER.pem.decode()}},
        [{"kid": SIGNER.kid64, "rawData": SIGNER.text, "country": "PT", "certificateType": "DSC"}],
        {"certificates": [{"kid": SIGNER.kid64, "rawData": SIGNER.text, "country": "PT"}]},
        [SIGNER.text],
    ],
    ids=["texts", "objects", "pem", "array", "certificates", "bare"],
)
def test_shapes_of_signer_lists(document: Any) -> None:
    held = dsc(document)
    [key] = held.keys
    assert (key.key_id, key.country, key.certificate) == (SIGNER.key_id, "PT", SIGNER.der)
    assert held.proof is Proof.NOT_CHECKED and held.problems == ()


def test_bare_keys_with_their_uses() -> None:
    spki = SIGNER.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    entry = {"subjectPk": base64.b64encode(spki).decode(), "keyUsage": ["v", "r"]}
    [key] = dsc({"eu_keys": {SIGNER.kid64: [entry]}}).keys
    assert (key.key_id, key.kinds) == (SIGNER.key_id, {Kind.VACCINATION, Kind.RECOVERY})
    pem = SIGNER.key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    [key] = dsc({SIGNER.kid64: {"publicKeyPem": pem}}).keys
    assert key.kinds == ALL_KINDS


@pytest.mark.parametrize("as_der", [True, False])
def test_a_signature_above_the_list(as_der: bool) -> None:
    body = json.dumps({"certificates": [{"kid": SIGNER.kid64, "rawData": SIGNER.text}]}).encode()
    signature = PUBLISHER.sign(body, ec.ECDSA(SHA256()))
    line = base64.b64encode(signature if as_der else raw_of(signature))
    held = dsc(line + b"\n" + body, publisher=PUBLISHER.public_key())
    assert held.proof is Proof.VERIFIED and held.keys
    with pytest.raises(TrustRefused) as refused:
        dsc(line + b"\n" + body + b" ", publisher=PUBLISHER.public_key())
    assert refused.value.code == "proof-wrong"
    with pytest.raises(TrustRefused) as refused:
        dsc(body, publisher=PUBLISHER.public_key())
    assert refused.value.code == "proof-missing"


def test_the_chain_of_a_gateway_list() -> None:
    anchor = make("Gateway anchor")
    uploader = make("UP PT")
    entries = [
        gateway_entry(ROOT, "CSCA", anchor),
        gateway_entry(uploader, "UPLOAD", anchor),
        gateway_entry(make("TLS PT"), "AUTHENTICATION", anchor),
        gateway_entry(SIGNER, "DSC", uploader),
    ]
    held = dsc(entries, gateway=GatewayAnchor.of(anchor.der))
    assert held.proof is Proof.ENTRIES and held.problems == ()
    assert [key.certificate for key in held.keys] == [SIGNER.der] and held.keys[0].authority == ROOT.der
    TrustStore().with_list(held)


def test_a_file_somebody_compared() -> None:
    raw = json.dumps([SIGNER.text]).encode()
    digest = hashlib.sha256(raw).hexdigest().upper()
    assert dsc(raw, confirmed=digest).proof is Proof.CONFIRMED
    with pytest.raises(TrustRefused) as refused:
        dsc(raw + b" ", confirmed=digest)
    assert refused.value.code == "fingerprint-wrong"
