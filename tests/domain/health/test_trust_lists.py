"""Published lists of keys, in the shapes they really have."""

import base64
import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from asn1crypto import cms, core
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from openconsular.domain.health.certificate import Format, Kind
from openconsular.domain.health.trust.did import did_address, name_of, read_did, read_document
from openconsular.domain.health.trust.did_proof import CONTEXTS, DidAnchor, document_statements, verify_proof
from openconsular.domain.health.trust.dsc_list import DscAnchors, read_dsc_list
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.gateway import GatewayAnchor
from openconsular.domain.health.trust.jwk import key_of_jwk, thumbprint
from openconsular.domain.health.trust.jwks import read_directory, read_jwks
from openconsular.domain.health.trust.model import ALL_KINDS, Environment, Proof, TrustList, TrustStore
from openconsular.domain.health.trust.vds_signers import carried_key, read_vds_signers
from tests.domain.health.trust_world import (
    NOW,
    Held,
    cms_of,
    did_anchor,
    did_bytes,
    did_document,
    did_method,
    gateway_entry,
    make,
    number64,
    raw_of,
    sequence,
)

PUBLISHER = ec.generate_private_key(ec.SECP256R1())
ROOT = make("CSCA PT", authority=True)
SIGNER = make("DSC PT", by=ROOT)
OTHER = make("DSC ES", by=make("CSCA ES", authority=True, country="ES"), country="ES")
THIRD = make("DSC FR", country="FR")

# Signed by the WHO's development network on 2025-06-21 and 2025-07-15; the first two of its lists with no key of their
# own in them, as published at tng-cdn-dev.who.int, and the key published for them in tng-participants-dev.
WHO_SIGNER = (
    "did:web:raw.githubusercontent.com:WorldHealthOrganization:tng-participants-dev:main:WHO:signing:DID"
)
WHO_KEY = ("mB9T6oJ57ZKlC1f150-34M3JkxN22Ld1BQVPqJfgH6k", "vW7GmCn5eNzbjdjI8PYWvanovWIIYoqv0ZE_lvuD2d8")
WHO_HEADER = "eyJiNjQiOmZhbHNlLCJjcml0IjpbImI2NCJdLCJhbGciOiJFUzI1NiJ9"
WHO_EMPTY = (
    "did:web:tng-cdn-dev.who.int:v2:trustlist:DCC:WHO",
    "did:web:tng-cdn-dev.who.int:v2:trustlist:DCC",
    [],
    "2025-06-21T12:00:02Z",
    "IHztexfJ0PiN58bMKARwIQB5RqP7r9ni",
    "MEUCIAxzvjYlhCXBYWq4jU4Avz-RdECbGBSTuxZPQim4ztGpAiEAsV2QACUp9HrXVfz1sJlvXhjQBcTfX6UqcdJ1q6s2VMQ",
)
WHO_REFERENCE = (
    "did:web:tng-cdn-dev.who.int:v2:trustlist-ref:DCC:XCL:SCA",
    "did:web:tng-cdn-dev.who.int:v2:trustlist-ref:DCC:XCL",
    ["did:web:tng-cdn-dev.who.int:v2:trustlist:DCC:XCL:SCA"],
    "2025-06-21T12:00:16Z",
    "0dJ5O3nYKeThO7r9jFFiZc9jTZIh5wca",
    "MEYCIQC_Z6niHz1i6mGT-dyPHrMl1tmDhONH1PSxniaPgjjYXgIhAPXSrdtjanMP_IqSgWKALUHB49U1pHy-hHB9JZbFYija",
)


def who_document(
    did: str, controller: str, methods: list[str], created: str, nonce: str, signature: str
) -> Any:
    return {
        "@context": list(CONTEXTS),
        "id": did,
        "controller": controller,
        "verificationMethod": methods,
        "proof": {
            "type": "JsonWebSignature2020",
            "created": created,
            "nonce": nonce,
            "proofPurpose": "assertionMethod",
            "verificationMethod": WHO_SIGNER,
            "jws": f"{WHO_HEADER}..{signature}",
        },
    }


def who_anchor() -> DidAnchor:
    key = key_of_jwk({"kty": "EC", "crv": "P-256", "x": WHO_KEY[0], "y": WHO_KEY[1]})
    assert isinstance(key, ec.EllipticCurvePublicKey)
    return DidAnchor(WHO_SIGNER, key)


@pytest.mark.parametrize("parts", [WHO_EMPTY, WHO_REFERENCE], ids=["embedded", "reference"])
def test_the_proof_of_published_documents_holds(parts: tuple[Any, ...]) -> None:
    document = who_document(*parts)
    verify_proof(document, who_anchor())
    for name, value in (
        ("id", parts[0] + "X"),
        ("controller", parts[1] + "X"),
        ("verificationMethod", ["did:web:x.example"]),
    ):
        with pytest.raises(TrustRefused) as refused:
            verify_proof({**document, name: value}, who_anchor())
        assert refused.value.code == "proof-wrong"


def read(raw: bytes, environment: Environment = Environment.LIVE, **more: Any) -> TrustList:
    document = read_document(
        raw, environment=environment, fetched_at=NOW, **{"anchor": did_anchor(PUBLISHER), **more}
    )
    return read_did([document], list_id="who", environment=environment)


def test_a_version_2_list() -> None:
    raw = did_bytes(
        [did_method(":DCC:PRT:DSC", SIGNER.jwk(ROOT)), did_method(":DCC:PRT:SCA", ROOT.jwk())], PUBLISHER
    )
    held = read(raw)
    assert held.proof is Proof.VERIFIED and held.problems == ()
    assert held.as_of == datetime(2026, 3, 1, tzinfo=UTC) and held.sequence == int(held.as_of.timestamp())
    [key] = held.keys
    assert (key.key_id, key.country, key.domain) == (SIGNER.key_id, "PT", "DCC")
    assert key.authority == ROOT.der and [one.country for one in held.authorities] == ["PT"]
    assert TrustStore().with_list(held).candidates(SIGNER.key_id, Format.EU_DCC) == (key,)


def test_the_signature_may_also_be_written_as_the_standard_has_it() -> None:
    assert read(did_bytes([did_method(":DCC:PRT:DSC", SIGNER.jwk())], PUBLISHER, raw_signature=True)).keys


def test_a_version_1_list() -> None:
    jwk = SIGNER.jwk()
    del jwk["kid"]
    method = {**did_method(":prt", jwk), "id": f"did:web:lists.example:trustlist:prt#{SIGNER.kid64}"}
    [key] = read(did_bytes([method], PUBLISHER, did="did:web:lists.example:trustlist")).keys
    assert (key.key_id, key.country, key.domain) == (SIGNER.key_id, "PT", "")
    assert key.may_sign_format(Format.ICVP)


def test_the_list_of_2024_encoded_its_fragments_twice() -> None:
    jwk = SIGNER.jwk()
    del jwk["kid"]
    twice = base64.b64encode(SIGNER.kid64.encode()).decode()
    method = {**did_method(":-:-:DSC", jwk), "id": f"did:web:lists.example:v2.0.0:trustlist:-:-:DSC#{twice}"}
    [key] = read(did_bytes([method], PUBLISHER)).keys
    assert key.key_ids == (SIGNER.key_id,) and key.country == "PT"


def test_coordinates_with_a_leading_zero_are_numbers_still() -> None:
    numbers = SIGNER.key.public_key().public_numbers()
    jwk = {**SIGNER.jwk(), "x": number64(numbers.x, 33), "y": number64(numbers.y, 33)}
    assert key_of_jwk(jwk).public_numbers() == numbers
    [key] = read(did_bytes([did_method(":DCC:PRT:DSC", jwk)], PUBLISHER)).keys
    assert key.certificate == SIGNER.der


def test_a_key_without_a_certificate_counts_too() -> None:
    jwk = {name: value for name, value in SIGNER.jwk().items() if name != "x5c"}
    [key] = read(did_bytes([did_method(":DCC:PRT:DSC", jwk)], PUBLISHER)).keys
    assert (key.key_id, key.country, key.certificate, key.not_after) == (SIGNER.key_id, "PT", None, None)


def test_a_key_id_twice_is_two_keys() -> None:
    jwk = OTHER.jwk(kid=SIGNER.kid64)
    held = read(
        did_bytes([did_method(":DCC:PRT:DSC", SIGNER.jwk()), did_method(":DCC:ESP:DSC", jwk)], PUBLISHER)
    )
    found = TrustStore().with_list(held).candidates(SIGNER.key_id, Format.EU_DCC)
    assert {key.country for key in found} == {"PT", "ES"}


@pytest.mark.parametrize(
    ("domain", "form", "may"),
    [
        ("ICVP", Format.ICVP, True),
        ("ICVP", Format.EU_DCC, False),
        ("PH4H", Format.EU_DCC, False),
        ("IPS-PILGRIMAGE", Format.DDCC_VS, False),
        ("DDCC", Format.DDCC_TR, True),
        ("DDCC", Format.ICVP, False),
        ("DCC", Format.ICVP, True),
        ("-", Format.ICVP, True),
    ],
)
def test_the_domain_of_the_path_limits_a_key(domain: str, form: Format, may: bool) -> None:
    [key] = read(did_bytes([did_method(f":{domain}:PRT:DSC", SIGNER.jwk())], PUBLISHER)).keys
    assert key.may_sign_format(form) is may


def test_keys_for_other_uses_are_passed_over() -> None:
    methods = [did_method(f":DCC:PRT:{usage}", SIGNER.jwk()) for usage in ("TLS", "UP", "DECA", "DESC")]
    held = read(did_bytes(methods, PUBLISHER))
    assert held.keys == held.authorities == held.problems == ()


def test_references_are_gathered_and_not_fetched() -> None:
    reference = "did:web:lists.example:v2:trustlist:DCC:PRT:DSC"
    document = read_document(
        did_bytes([reference], PUBLISHER),
        environment=Environment.LIVE,
        fetched_at=NOW,
        anchor=did_anchor(PUBLISHER),
    )
    assert document.references == (reference,)
    assert did_address(reference) == "https://lists.example/v2/trustlist/DCC/PRT/DSC/did.json"
    assert did_address("did:web:lists.example%3A8443") == "https://lists.example:8443/.well-known/did.json"


def test_several_documents_make_one_list_as_old_as_the_oldest() -> None:
    def document(name: str, held: Held, created: str) -> Any:
        raw = did_bytes(
            [did_method(f":DCC:{name}:DSC", held.jwk())],
            PUBLISHER,
            did=f"did:web:lists.example:{name}",
            created=created,
        )
        return read_document(raw, environment=Environment.LIVE, fetched_at=NOW, anchor=did_anchor(PUBLISHER))

    old, new = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
    first = read_did(
        [document("PRT", SIGNER, old), document("ESP", OTHER, new)],
        list_id="who",
        environment=Environment.LIVE,
    )
    assert (first.as_of.month, len(first.keys)) == (2, 2)
    store = TrustStore().with_list(first)
    newer = [
        document("PRT", SIGNER, old),
        document("ESP", OTHER, "2026-02-15T00:00:00Z"),
        document("FRA", THIRD, "2026-03-02T00:00:00Z"),
    ]
    with pytest.raises(TrustRefused) as refused:
        store.with_list(read_did(newer, list_id="who", environment=Environment.LIVE))
    assert refused.value.code == "list-older"


def test_statements_are_written_as_the_standard_has_them() -> None:
    method = {**did_method(":DCC:PRT:DSC", {"kty": "EC", "kid": 'a"\\b'}), "id": "did:web:lists.example#1"}
    document = did_document([method], PUBLISHER)
    joined = "".join(document_statements(document))
    assert '"{\\"kid\\":\\"a\\\\\\"\\\\\\\\b\\",\\"kty\\":\\"EC\\"}"^^' in joined


@pytest.mark.parametrize(
    ("method_id", "expected"),
    [
        ("did:web:h:v2:trustlist:DCC:XCL:SCA#x", ("DCC", "XCL", "SCA", "x")),
        ("did:web:h:trustlist:nld#x", ("", "NLD", "", "x")),
        ("did:web:h:v2:trustlist:-:ISL:DSC#x", ("-", "ISL", "DSC", "x")),
        ("did:web:h:elsewhere#x", ("", "", "", "x")),
        ("did:web:h:v2:trustlist:PH4H#x", ("PH4H", "", "", "x")),
    ],
)
def test_names_of_keys(method_id: str, expected: tuple[str, ...]) -> None:
    name = name_of(method_id)
    assert (name.domain, name.participant, name.usage, name.fragment) == expected


# --- lists of European states ---


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


# --- SMART issuers ---

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


def test_lists_from_the_same_bytes_are_the_same() -> None:
    raw = did_bytes([did_method(":DCC:PRT:DSC", SIGNER.jwk(ROOT))], PUBLISHER)
    assert read(raw).digest == read(raw).digest != read(did_bytes([], PUBLISHER)).digest
    assert NOW - read(raw).as_of < timedelta(days=1)
