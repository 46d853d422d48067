"""Attacks on whom we believe, each by its name. What is refused must leave what was held as it was."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256

from openconsular.domain.health.certificate import Format
from openconsular.domain.health.trust.dsc_list import DscAnchors
from openconsular.domain.health.trust.model import Environment, Proof, TrustList, TrustStore
from tests.domain.health.attacks_trust_world import (
    ANCHORS,
    GATEWAY,
    GOOD,
    MALLORY,
    PUBLISHER,
    ROGUE,
    ROOT,
    SIGNER,
    UPLOADER,
    codes,
    did,
    eu,
    refusal,
)
from tests.domain.health.trust_world import (
    NOW,
    YEAR,
    Held,
    did_document,
    did_method,
    gateway_entry,
    listed,
    make,
)


class TestForgedLists:
    def test_a_list_signed_by_somebody_else(self) -> None:
        assert refusal(lambda: did(did_document([], MALLORY))) == "proof-wrong"

    def test_a_list_that_names_another_signer(self) -> None:
        forged = {**GOOD, "proof": {**GOOD["proof"], "verificationMethod": "did:web:evil.example:signing"}}
        assert refusal(lambda: did(forged)) == "proof-other-signer"

    def test_a_list_without_a_proof(self) -> None:
        bare = {name: value for name, value in GOOD.items() if name != "proof"}
        assert refusal(lambda: did(bare)) == "proof-missing"

    def test_an_unsigned_list_is_not_taken_into_the_store(self) -> None:
        held = did(GOOD, anchor=None)
        assert held.proof is Proof.NOT_CHECKED
        assert refusal(lambda: TrustStore().with_list(held)) == "list-not-vouched-for"
        assert refusal(lambda: TrustStore().with_list(eu([SIGNER.text]))) == "list-not-vouched-for"

    @pytest.mark.parametrize(
        "header",
        [
            {"alg": "none", "b64": False, "crit": ["b64"]},
            {"alg": "HS256", "b64": False, "crit": ["b64"]},
            {"alg": "ES256"},
            {"alg": "ES256", "b64": False, "crit": []},
            {"alg": "ES256", "b64": False, "crit": ["b64", "exp"], "exp": 1},
            {"alg": "ES256", "b64": False, "crit": ["b64"], "jwk": {}},
            ["ES256"],
        ],
    )
    def test_a_proof_with_another_header(self, header: Any) -> None:
        said = base64.urlsafe_b64encode(json.dumps(header).encode()).decode().rstrip("=")
        signature = GOOD["proof"]["jws"].split("..")[1]
        forged = {**GOOD, "proof": {**GOOD["proof"], "jws": f"{said}..{signature}"}}
        assert refusal(lambda: did(forged)) == "proof-malformed"

    @pytest.mark.parametrize("signature", [b"", b"\x30", bytes(64), b"\xff" * 64, b"\x30\x80" + bytes(70)])
    def test_a_proof_with_another_signature(self, signature: bytes) -> None:
        header = GOOD["proof"]["jws"].split("..")[0]
        text = base64.urlsafe_b64encode(signature).decode().rstrip("=")
        forged = {**GOOD, "proof": {**GOOD["proof"], "jws": f"{header}..{text}"}}
        assert refusal(lambda: did(forged)) == "proof-wrong"

    def test_a_signature_of_zeros_in_der(self) -> None:
        header = GOOD["proof"]["jws"].split("..")[0]
        text = base64.urlsafe_b64encode(encode_dss_signature(0, 0)).decode().rstrip("=")
        forged = {**GOOD, "proof": {**GOOD["proof"], "jws": f"{header}..{text}"}}
        assert refusal(lambda: did(forged)) == "proof-wrong"

    @pytest.mark.parametrize("name", ["id", "controller"])
    def test_a_changed_statement(self, name: str) -> None:
        assert refusal(lambda: did({**GOOD, name: GOOD[name] + ":X"})) == "proof-wrong"

    def test_a_key_slipped_into_a_signed_list(self) -> None:
        methods = [*GOOD["verificationMethod"], did_method(":DCC:PRT:DSC", ROGUE.jwk())]
        assert refusal(lambda: did({**GOOD, "verificationMethod": methods})) == "proof-wrong"

    def test_a_key_taken_out_of_a_signed_list(self) -> None:
        assert refusal(lambda: did({**GOOD, "verificationMethod": []})) == "proof-wrong"

    def test_a_certificate_swapped_in_a_signed_list(self) -> None:
        [method] = GOOD["verificationMethod"]
        jwk = {**method["publicKeyJwk"], "x5c": [ROGUE.text]}
        assert (
            refusal(lambda: did({**GOOD, "verificationMethod": [{**method, "publicKeyJwk": jwk}]}))
            == "proof-wrong"
        )

    def test_another_vocabulary_could_unsay_everything(self) -> None:
        """With a context of one's own, every word could mean something else, or nothing."""
        for context in (
            ["https://evil.example/v1"],
            [*GOOD["@context"], {"publicKeyJwk": None}],
            "https://www.w3.org/ns/did/v1",
        ):
            assert refusal(lambda context=context: did({**GOOD, "@context": context})) == "proof-context"

    @pytest.mark.parametrize("name", ["created", "nonce"])
    def test_a_changed_time_of_signing(self, name: str) -> None:
        forged = {**GOOD, "proof": {**GOOD["proof"], name: "2026-03-01T00:00:01Z"}}
        assert refusal(lambda: did(forged)) == "proof-wrong"

    def test_a_statement_smuggled_into_a_name(self) -> None:
        evil = "did:web:lists.example> <https://w3id.org/security#controller> <did:web:evil.example"
        assert refusal(lambda: did({**GOOD, "id": evil})) == "proof-malformed"

    def test_a_statement_smuggled_into_a_nonce(self) -> None:
        forged = {**GOOD, "proof": {**GOOD["proof"], "nonce": 'x" .\n_:c14n0 <y> "'}}
        assert refusal(lambda: did(forged)) == "proof-malformed"

    def test_an_unsigned_property_cannot_make_a_signer_an_authority(self) -> None:
        [method] = GOOD["verificationMethod"]
        held = did({**GOOD, "verificationMethod": [{**method, "keyusage": "CSCA"}]})
        assert held.keys == () and codes(held) == ["usage-conflict"]

    def test_an_unsigned_property_cannot_widen_a_domain(self) -> None:
        document = did_document(
            [did_method(":PH4H:PRT:DSC", SIGNER.jwk(), domain="DCC", participant="ESP")], PUBLISHER
        )
        [key] = did(document).keys
        assert (key.domain, key.country) == ("PH4H", "PT") and not key.formats

    def test_a_file_other_than_the_one_confirmed(self) -> None:
        raw = json.dumps(GOOD).encode()
        good = hashlib.sha256(raw).hexdigest()
        assert did(raw, anchor=None, confirmed=good).proof is Proof.CONFIRMED
        assert refusal(lambda: did(raw + b"\n", anchor=None, confirmed=good)) == "fingerprint-wrong"

    def test_a_jwk_that_says_another_key_than_its_certificate(self) -> None:
        jwk = {**ROGUE.jwk(), "x5c": [SIGNER.text]}
        held = did(did_document([did_method(":DCC:PRT:DSC", jwk)], PUBLISHER))
        assert held.keys == () and codes(held) == ["key-conflict"]

    def test_a_published_secret_key(self) -> None:
        held = did(did_document([did_method(":DCC:PRT:DSC", SIGNER.jwk(d="AAAA"))], PUBLISHER))
        assert held.keys == () and codes(held) == ["key-private"]


class TestGoingBack:
    def test_an_older_list_is_refused_and_the_newer_stays(self) -> None:
        store = TrustStore().with_list(did(GOOD))
        older = did_document(
            [did_method(":DCC:PRT:DSC", ROGUE.jwk())], PUBLISHER, created="2026-02-28T23:59:59Z"
        )
        assert refusal(lambda: store.with_list(did(older))) == "list-older"
        assert store.candidates(SIGNER.key_id, Format.EU_DCC) and not store.candidates(
            ROGUE.key_id, Format.EU_DCC
        )

    def test_a_removed_key_does_not_come_back_with_an_old_list(self) -> None:
        """A state that lost a key takes it off the list; whoever found the key would serve the list of yesterday."""
        store = TrustStore().with_list(did(GOOD))
        store = store.with_list(did(did_document([], PUBLISHER, created="2026-03-01T06:00:00Z")))
        assert store.candidates(SIGNER.key_id, Format.EU_DCC) == ()
        assert refusal(lambda: store.with_list(did(GOOD))) == "list-older"

    def test_two_lists_of_the_same_moment(self) -> None:
        store = TrustStore().with_list(did(GOOD))
        assert refusal(lambda: store.with_list(did(did_document([], PUBLISHER)))) == "list-conflict"

    def test_a_list_from_the_future_would_shut_out_all_that_follow(self) -> None:
        assert (
            refusal(lambda: did(did_document([], PUBLISHER, created="2099-01-01T00:00:00Z")))
            == "list-from-the-future"
        )

    def test_a_list_under_another_lists_name(self) -> None:
        """The list's id is the operator's, not the document's: a document cannot choose which list it replaces."""
        other = did_document([], PUBLISHER, did="did:web:lists.example:v2:trustlist:other")
        assert did(other).list_id == "who"


class TestLiveAndTest:
    def test_a_test_list_stays_out_of_a_live_store(self) -> None:
        held = did(GOOD, Environment.TEST)
        assert refusal(lambda: TrustStore(Environment.LIVE).with_list(held)) == "other-environment"
        assert refusal(lambda: TrustStore(Environment.LIVE, {"who": held})) == "other-environment"
        assert refusal(lambda: TrustStore(Environment.TEST).with_list(did(GOOD))) == "other-environment"

    @pytest.mark.parametrize(
        "host",
        ["tng-cdn-dev.who.int", "tng-cdn-uat.who.int", "worldhealthorganization.github.io:tng-cdn-dev"],
    )
    def test_the_development_list_configured_as_live(self, host: str) -> None:
        document = did_document([], PUBLISHER, did=f"did:web:{host}:v2:trustlist")
        assert refusal(lambda: did(document)) == "other-environment"
        assert did(document, Environment.TEST).environment is Environment.TEST

    @pytest.mark.parametrize("country", ["XXA", "XCL", "XA", "ZZ"])
    def test_an_invented_country_in_a_live_list(self, country: str) -> None:
        document = did_document([did_method(f":DCC:{country}:DSC", SIGNER.jwk())], PUBLISHER)
        assert did(document).keys == () and codes(did(document)) == ["test-country"]
        assert len(did(document, Environment.TEST).keys) == 1

    def test_an_invented_country_only_in_the_certificate(self) -> None:
        held = eu([{"kid": ROGUE.kid64, "rawData": make("DSC XX", country="XX").text}])
        assert held.keys == () and codes(held) == ["test-country"]

    def test_a_country_in_its_own_signers_certificate_does_not_speak_for_another(self) -> None:
        posing = make("DSC", by=ROOT, country="DE")
        [key] = listed(posing, country="PT").keys
        assert key.is_of("PT") and not key.is_of("DE")

    def test_test_participants_go_by_two_codes(self) -> None:
        [key] = listed(make("DSC XL", country="XL"), country="XCL", environment=Environment.TEST).keys
        assert key.is_of("XCL") and key.is_of("XL") and not key.is_of("XA")


class TestGatewayLists:
    chain = (gateway_entry(ROOT, "CSCA", GATEWAY), gateway_entry(UPLOADER, "UPLOAD", GATEWAY))

    def read(self, *entries: dict[str, Any]) -> TrustList:
        return eu([*self.chain, *entries], anchors=ANCHORS)

    def test_a_signer_nobody_uploaded(self) -> None:
        held = self.read(gateway_entry(SIGNER, "DSC", make("UP PT")))
        assert held.keys == () and codes(held) == ["signature-wrong"]

    def test_an_uploader_the_anchor_did_not_sign(self) -> None:
        false = make("UP ES")
        held = self.read(
            gateway_entry(false, "UPLOAD", make("Gateway anchor"), "ES"),
            gateway_entry(SIGNER, "DSC", false, "ES"),
        )
        assert held.keys == () and codes(held) == ["signature-wrong", "uploader-unknown"]

    def test_one_country_uploads_for_another(self) -> None:
        held = self.read(gateway_entry(SIGNER, "DSC", UPLOADER, "ES"))
        assert held.keys == () and codes(held) == ["uploader-unknown"]

    def test_an_authority_the_anchor_did_not_sign(self) -> None:
        held = eu(
            [gateway_entry(ROOT, "CSCA", UPLOADER), self.chain[1], gateway_entry(SIGNER, "DSC", UPLOADER)],
            anchors=ANCHORS,
        )
        assert held.keys == () and set(codes(held)) == {"signature-wrong", "chain-missing"}

    def test_a_signer_no_authority_of_the_list_signed(self) -> None:
        held = self.read(gateway_entry(ROGUE, "DSC", UPLOADER))
        assert held.keys == () and codes(held) == ["chain-missing"]

    def test_a_signature_lifted_from_another_entry(self) -> None:
        good = gateway_entry(SIGNER, "DSC", UPLOADER)
        held = self.read({**good, "rawData": make("DSC PT 2", by=ROOT).text})
        assert held.keys == () and codes(held) == ["cms-other-content"]

    @pytest.mark.parametrize(
        "change", [{"signature": ""}, {"signature": "AAAA"}, {"rawData": ""}, {"signature": None}]
    )
    def test_an_entry_without_its_signature(self, change: dict[str, Any]) -> None:
        assert self.read({**gateway_entry(SIGNER, "DSC", UPLOADER), **change}).keys == ()

    def test_an_entry_that_does_not_say_what_it_is(self) -> None:
        held = self.read({"kid": SIGNER.kid64, "rawData": SIGNER.text, "country": "PT"})
        assert held.keys == () and codes(held) == ["entry-kind"]

    def test_the_uploader_is_no_signer_of_certificates(self) -> None:
        assert self.read().keys == ()


class TestChains:
    def test_a_signer_its_authority_did_not_sign(self) -> None:
        forged = make("DSC PT", by=Held(MALLORY, ROOT.certificate), identifiers=False)
        held = listed(forged, authorities=(ROOT,))
        assert held.keys == () and codes(held) == ["chain-signature"]

    def test_an_authority_of_another_country(self) -> None:
        held = listed(SIGNER, authorities=(ROOT,), country="PT")
        assert held.keys
        spanish = did_document(
            [did_method(":DCC:PRT:SCA", ROOT.jwk()), did_method(":DCC:ESP:DSC", SIGNER.jwk())], PUBLISHER
        )
        assert did(spanish).keys == () and codes(did(spanish)) == ["chain-country"]

    def test_expired_keys_stay_known_and_are_told_apart(self) -> None:
        [key] = listed(make("DSC", by=ROOT, end=NOW - timedelta(days=1)), authorities=(ROOT,)).keys
        assert key.fault_at(NOW) == "key-expired"

    def test_a_key_outlives_its_authority(self) -> None:
        short = make("CSCA short", authority=True, end=NOW - timedelta(days=1))
        [key] = listed(make("DSC", by=short, end=NOW + YEAR), authorities=(short,)).keys
        assert key.fault_at(NOW) == "authority-expired"


def test_the_signature_above_a_list_covers_all_of_it() -> None:
    body = json.dumps({"certificates": [{"kid": SIGNER.kid64, "rawData": SIGNER.text}]}).encode()
    line = base64.b64encode(PUBLISHER.sign(body, ec.ECDSA(SHA256())))
    other = body.replace(SIGNER.text.encode(), ROGUE.text.encode())
    anchors = DscAnchors(publisher=PUBLISHER.public_key())
    assert eu(line + b"\n" + body, anchors=anchors).keys
    assert refusal(lambda: eu(line + b"\n" + other, anchors=anchors)) == "proof-wrong"
    assert refusal(lambda: eu(b"\n" + body, anchors=anchors)) == "proof-missing"
