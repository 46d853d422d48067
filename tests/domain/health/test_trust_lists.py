"""Published lists of keys, in the shapes they really have."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.trust.did import did_address, name_of, read_did, read_document
from openconsular.domain.health.trust.did_proof import CONTEXTS, DidAnchor, document_statements, verify_proof
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.jwk import key_of_jwk
from openconsular.domain.health.trust.model import Environment, Proof, TrustList, TrustStore
from tests.domain.health.trust_world import (
    NOW,
    Held,
    did_anchor,
    did_bytes,
    did_document,
    did_method,
    make,
    number64,
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


def test_lists_from_the_same_bytes_are_the_same() -> None:
    raw = did_bytes([did_method(":DCC:PRT:DSC", SIGNER.jwk(ROOT))], PUBLISHER)
    assert read(raw).digest == read(raw).digest != read(did_bytes([], PUBLISHER)).digest
    assert NOW - read(raw).as_of < timedelta(days=1)
