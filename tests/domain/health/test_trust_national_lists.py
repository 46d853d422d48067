"""Lists of signers in the wrappings European states published them in, with keys of nobody."""

import base64
import hashlib
import json
from datetime import timedelta
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, pkcs7

from openconsular.domain.health.certificate import Kind
from openconsular.domain.health.trust.bundle import pack, unpack
from openconsular.domain.health.trust.dsc_list import DscAnchors, read_dsc_list
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.limits import LIST_BYTES_MOST
from openconsular.domain.health.trust.model import Environment, Proof, TrustList
from openconsular.domain.health.trust.publisher import Publisher
from tests.domain.health.trust_world import NOW, YEAR, Held, cms_of, make, number64, raw_of

ROOT = make("Government Root", authority=True, path_length=None)
MIDDLE = make("Government Online", authority=True, by=ROOT)
PUBLISHER = make("lists.example", by=MIDDLE)
OTHER = make("others.example", by=MIDDLE)
STRANGER = make("lists.example", by=make("Another Root", authority=True))
LATE = make("lists.example", by=MIDDLE, end=NOW - timedelta(days=1))
SIGNER, SECOND = make("DSC PT"), make("DSC ES", country="ES")
BELOW = Publisher.of_certificate(ROOT.der, "lists.example")
PINNED = Publisher.of_certificate(PUBLISHER.der)
STAMP = int(NOW.timestamp())


def read(raw: bytes, publisher: Publisher | None = None, confirmed: str = "") -> TrustList:
    return read_dsc_list(
        raw,
        list_id="national",
        environment=Environment.LIVE,
        fetched_at=NOW + timedelta(hours=2),
        anchors=DscAnchors(publisher=publisher, confirmed=confirmed),
    )


def refusal(raw: bytes, publisher: Publisher | None = None, confirmed: str = "") -> str:
    with pytest.raises(TrustRefused) as refused:
        read(raw, publisher, confirmed)
    return refused.value.code


def key_ids(held: TrustList) -> list[str]:
    return sorted(key.key_id for key in held.keys)


def spki(one: Held) -> bytes:
    return one.key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def url64(raw: bytes) -> bytes:
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def jws(claims: object, by: Held, *chain: Held, **header: Any) -> bytes:
    head = {"alg": "ES256", "typ": "JOSE", "x5c": [one.text for one in (by, *chain)], **header}
    head = {name: value for name, value in head.items() if value is not None}
    signed = url64(json.dumps(head).encode()) + b"." + url64(json.dumps(claims).encode())
    if isinstance(by.key, rsa.RSAPrivateKey):
        signature = by.key.sign(signed, padding.PKCS1v15(), SHA256())
    else:
        signature = raw_of(by.key.sign(signed, ec.ECDSA(SHA256())))
    return signed + b"." + url64(signature)


class TestSweden:
    """A JWS with JWKs by country (DSC Trust List, format 1.0)."""

    CLAIMS = {
        "iss": "https://lists.example",
        "iat": STAMP,
        "exp": STAMP + 86400,
        "dsc_trust_list": {
            "PT": {"eku": {}, "keys": [SIGNER.jwk()]},
            "ES": {"eku": {}, "keys": [SECOND.jwk()]},
        },
    }

    def test_signed_below_a_pinned_authority(self) -> None:
        held = read(jws(self.CLAIMS, PUBLISHER, MIDDLE), BELOW)
        assert held.proof is Proof.VERIFIED and key_ids(held) == sorted([SIGNER.key_id, SECOND.key_id])
        assert {key.country for key in held.keys} == {"PT", "ES"}
        assert held.is_dated and held.as_of == NOW and held.sequence == STAMP
        assert held.valid_until == NOW + timedelta(days=1)

    def test_signed_with_a_pinned_key(self) -> None:
        assert len(read(jws(self.CLAIMS, PUBLISHER), PINNED).keys) == 2
        assert refusal(jws(self.CLAIMS, OTHER), PINNED) == "proof-wrong"

    @pytest.mark.parametrize(
        ("signer", "chain", "code"),
        [
            (OTHER, (MIDDLE,), "proof-other-signer"),
            (STRANGER, (MIDDLE,), "proof-chain"),
            (PUBLISHER, (), "proof-chain"),
            (PUBLISHER, (ROOT,), "proof-chain"),
            (LATE, (MIDDLE,), "proof-chain"),
        ],
    )
    def test_by_whom_else(self, signer: Held, chain: tuple[Held, ...], code: str) -> None:
        assert refusal(jws(self.CLAIMS, signer, *chain), BELOW) == code

    @pytest.mark.parametrize(
        ("header", "code"),
        [
            ({"alg": "none"}, "proof-algorithm"),
            ({"alg": "HS256"}, "proof-algorithm"),
            ({"alg": "RS256"}, "proof-algorithm"),
            ({"alg": "ES384"}, "proof-algorithm"),
            ({"alg": None}, "proof-algorithm"),
            ({"crit": ["exp"]}, "proof-malformed"),
            ({"jku": "https://evil.example"}, "proof-malformed"),
            ({"x5c": "text"}, "proof-malformed"),
            ({"x5c": [1]}, "proof-malformed"),
            ({"x5c": []}, "proof-chain"),
            ({"x5c": ["AAAA"]}, "proof-chain"),
        ],
    )
    def test_headers_that_mislead(self, header: dict[str, Any], code: str) -> None:
        assert refusal(jws(self.CLAIMS, PUBLISHER, MIDDLE, **header), BELOW) == code

    def test_every_part_is_signed(self) -> None:
        whole = jws(self.CLAIMS, PUBLISHER, MIDDLE)
        for part, other in ((0, b'{"alg":"ES256"}'), (1, b'{"dsc_trust_list":{}}'), (2, b"x" * 64)):
            parts = whole.split(b".")
            parts[part] = url64(other)
            assert refusal(b".".join(parts), PINNED) == "proof-wrong"

    def test_from_the_future(self) -> None:
        claims = {**self.CLAIMS, "iat": STAMP + 30 * 86400}
        assert refusal(jws(claims, PUBLISHER), PINNED) == "list-from-the-future"

    @pytest.mark.parametrize("moment", ["soon", True, -1, 10**18, None, [1]])
    def test_instants_that_are_none(self, moment: Any) -> None:
        held = read(jws({**self.CLAIMS, "iat": moment, "exp": moment}, PUBLISHER), PINNED)
        assert held.valid_until is None and not held.is_dated and len(held.keys) == 2


class TestSwitzerland:
    """Two JWS, RS256: the keys ever published, and the key ids in force."""

    SIGNER = make("sealing", by=MIDDLE, key=rsa.generate_private_key(65537, 2048))
    PUBLISHER = Publisher.of_certificate(ROOT.der, "sealing")

    def part(self, claims: object) -> bytes:
        return jws(claims, self.SIGNER, MIDDLE, alg="RS256", typ="JWT")

    @staticmethod
    def entry(one: Held, **more: Any) -> dict[str, Any]:
        numbers = one.key.public_key().public_numbers()
        found = {"keyId": one.kid64, "use": "sig", "alg": "ES256", "n": None, "e": None, "crv": "P-256"}
        return {**found, "x": number64(numbers.x), "y": number64(numbers.y), **more}

    def updates(self) -> bytes:
        certs = [
            self.entry(SIGNER, use="v"),
            self.entry(SECOND, subjectPublicKeyInfo=b64(spki(SECOND)), x=None, y=None),
        ]
        return self.part({"certs": certs, "iat": STAMP})

    def active(self, *held: Held) -> bytes:
        return self.part(
            {"activeKeyIds": [one.kid64 for one in held], "validDuration": 172800000, "iat": STAMP}
        )

    def test_keys_in_force(self) -> None:
        held = read(pack([self.updates(), self.active(SIGNER, SECOND)]), self.PUBLISHER)
        assert key_ids(held) == sorted([SIGNER.key_id, SECOND.key_id]) and held.proof is Proof.VERIFIED
        assert held.valid_until == NOW + timedelta(days=2)
        only = read(pack([self.updates(), self.active(SIGNER)]), self.PUBLISHER)
        assert key_ids(only) == [SIGNER.key_id] and only.keys[0].kinds == {Kind.VACCINATION}
        assert read(pack([self.active(), self.updates()]), self.PUBLISHER).keys == ()

    def test_either_alone_is_not_enough(self) -> None:
        assert refusal(self.updates(), self.PUBLISHER) == "list-incomplete"
        assert refusal(self.active(SIGNER), self.PUBLISHER) == "list-incomplete"

    def test_each_is_signed(self) -> None:
        unsigned = json.dumps({"activeKeyIds": [SIGNER.kid64, SECOND.kid64]}).encode()
        assert refusal(pack([self.updates(), unsigned]), self.PUBLISHER) == "proof-missing"
        foreign = jws({"activeKeyIds": [SIGNER.kid64]}, OTHER, MIDDLE)
        assert refusal(pack([self.updates(), foreign]), self.PUBLISHER) == "proof-other-signer"

    def test_neither_may_be_older_later(self) -> None:
        first = read(pack([self.updates(), self.active(SIGNER)]), self.PUBLISHER)
        older = self.part({"activeKeyIds": [SECOND.kid64], "iat": STAMP - 60})
        newer = self.part({"certs": [self.entry(SIGNER), self.entry(SECOND)], "iat": STAMP + 60})
        again = read(pack([newer, older]), self.PUBLISHER)
        from openconsular.domain.health.trust.model import TrustStore

        store = TrustStore(Environment.LIVE).with_list(first)
        with pytest.raises(TrustRefused) as refused:
            store.with_list(again)
        assert refused.value.code == "list-older"


class TestTheNetherlands:
    """{"payload", "signature"}: JSON and a detached CMS signature."""

    BODY = json.dumps(
        {"cl_keys": [], "eu_keys": {SIGNER.kid64: [{"subjectPk": b64(spki(SIGNER)), "keyUsage": ["t", "v"]}]}}
    ).encode()

    def wrapped(self, by: Held, *chain: Held, body: bytes = BODY, signed: bytes = BODY) -> bytes:
        builder = pkcs7.PKCS7SignatureBuilder().set_data(signed)
        builder = builder.add_signer(by.certificate, by.key, SHA256())
        for one in chain:
            builder = builder.add_certificate(one.certificate)
        options = [pkcs7.PKCS7Options.Binary, pkcs7.PKCS7Options.DetachedSignature]
        message = builder.sign(Encoding.DER, options)
        return json.dumps({"payload": b64(body), "signature": b64(message)}).encode()

    @pytest.mark.parametrize("publisher", [BELOW, PINNED], ids=["below", "pinned"])
    def test_signed(self, publisher: Publisher) -> None:
        held = read(self.wrapped(PUBLISHER, MIDDLE), publisher)
        [key] = held.keys
        assert key.key_id == SIGNER.key_id and key.kinds == {Kind.TEST, Kind.VACCINATION}
        assert held.proof is Proof.VERIFIED and not held.is_dated

    def test_by_whom_else(self) -> None:
        assert refusal(self.wrapped(OTHER, MIDDLE), BELOW) == "proof-other-signer"
        assert refusal(self.wrapped(STRANGER, MIDDLE), BELOW) == "proof-chain"
        assert refusal(self.wrapped(PUBLISHER), BELOW) == "proof-chain"
        assert refusal(self.wrapped(OTHER, MIDDLE, PUBLISHER), PINNED) == "proof-wrong"

    def test_another_payload(self) -> None:
        other = self.BODY.replace(b'"t"', b'"r"')
        assert refusal(self.wrapped(PUBLISHER, MIDDLE, body=other), BELOW) == "proof-wrong"

    @pytest.mark.parametrize("signature", ["", "AAAA", "?", 1])
    def test_what_is_no_signature(self, signature: Any) -> None:
        raw = json.dumps({"payload": b64(self.BODY), "signature": signature}).encode()
        assert refusal(raw, BELOW) in ("proof-wrong", "proof-chain")

    def test_signature_of_a_single_certificate_file(self) -> None:
        raw = json.dumps({"payload": b64(self.BODY), "signature": b64(cms_of(self.BODY, PUBLISHER))}).encode()
        assert len(read(raw, PINNED).keys) == 1


class TestAustria:
    """A CBOR list, and a COSE_Sign1 over its SHA-256 with the time it is good for."""

    LIST = cbor2.dumps({"c": [{"i": bytes.fromhex(one.key_id), "c": one.der} for one in (SIGNER, SECOND)]})

    def seal(
        self, by: Held = PUBLISHER, content: bytes = LIST, claims: Any = None, algorithm: int = -7
    ) -> bytes:
        said = (
            {5: STAMP, 4: STAMP + 172800, 2: hashlib.sha256(content).digest()} if claims is None else claims
        )
        protected = cbor2.dumps({1: algorithm, 4: bytes.fromhex(by.key_id), 42: 2})
        payload = cbor2.dumps(said)
        signed = cbor2.dumps(["Signature1", protected, b"", payload])
        signature = raw_of(by.key.sign(signed, ec.ECDSA(SHA256())))
        return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload, signature]))

    def test_list_and_signature(self) -> None:
        for order in ([self.LIST, self.seal()], [self.seal(), self.LIST]):
            held = read(pack(order), PINNED)
            assert key_ids(held) == sorted([SIGNER.key_id, SECOND.key_id])
            assert held.as_of == NOW and held.valid_until == NOW + timedelta(hours=48) and held.is_dated

    def test_what_does_not_belong_together(self) -> None:
        assert refusal(self.LIST, PINNED) == "proof-missing"
        assert refusal(self.seal(), PINNED) == "list-unreadable"
        assert refusal(pack([self.LIST, self.seal(OTHER)]), PINNED) == "proof-wrong"
        assert refusal(pack([self.LIST, self.seal(content=b"\xa0")]), PINNED) == "proof-wrong"
        assert refusal(pack([self.LIST, self.seal(claims=[1])]), PINNED) == "proof-wrong"
        assert refusal(pack([self.LIST, self.seal(algorithm=-37)]), PINNED) == "proof-algorithm"
        assert refusal(pack([self.LIST, self.seal()[:-9]]), PINNED) == "list-unreadable"

    def test_a_list_whose_file_was_compared(self) -> None:
        held = read(self.LIST, confirmed=hashlib.sha256(self.LIST).hexdigest())
        assert held.proof is Proof.CONFIRMED and len(held.keys) == 2

    @pytest.mark.parametrize(
        "entry", [1, {}, {"i": 1, "c": 2}, {"i": b"x" * 8, "c": b"junk"}, {"i": b"", "c": SIGNER.der}]
    )
    def test_entries_that_are_none(self, entry: Any) -> None:
        content = cbor2.dumps({"c": [entry, {"i": bytes.fromhex(SECOND.key_id), "c": SECOND.der}]})
        held = read(content)
        assert SECOND.key_id in key_ids(held) and len(held.keys) + len(held.problems) == 2


class TestListsNobodySigns:
    """France, Italy, Norway, the United Kingdom: a person compares the file."""

    def take(self, document: object) -> TrustList:
        raw = document if isinstance(document, bytes) else json.dumps(document).encode()
        held = read(raw, confirmed=hashlib.sha256(raw).hexdigest())
        assert held.proof is Proof.CONFIRMED and read(raw).proof is Proof.NOT_CHECKED
        return held

    def test_france(self) -> None:
        twice = {SIGNER.kid64: b64(b64(SIGNER.der).encode()), SECOND.kid64: b64(b64(spki(SECOND)).encode())}
        held = self.take(
            {"certificatesDCC": {**twice, "AAAAAAAAAAA=": "AAAA"}, "certificates2DDoc": {"x": "y"}}
        )
        assert key_ids(held) == sorted([SIGNER.key_id, SECOND.key_id]) and len(held.problems) == 1

    def test_the_united_kingdom(self) -> None:
        held = self.take([{"kid": SIGNER.kid64, "publicKey": b64(spki(SIGNER))}])
        assert key_ids(held) == [SIGNER.key_id]

    def test_norway(self) -> None:
        assert key_ids(self.take([{"kid": SIGNER.kid64, "pk": b64(spki(SIGNER))}])) == [SIGNER.key_id]

    def test_italy(self) -> None:
        gathered = json.dumps({SIGNER.kid64: SIGNER.text, SECOND.kid64: SECOND.text}).encode()
        status = json.dumps([SECOND.kid64]).encode()
        assert len(self.take(gathered).keys) == 2
        assert key_ids(self.take(pack([gathered, status]))) == [SECOND.key_id]
        assert refusal(status) == "list-incomplete"

    def test_one_certificate_of_a_list_in_pieces(self) -> None:
        assert refusal(SIGNER.text.encode()) == "list-in-pieces"


def test_germany_by_a_pinned_certificate() -> None:
    body = json.dumps(
        {"certificates": [{"kid": SIGNER.kid64, "rawData": SIGNER.text, "country": "PT"}]}
    ).encode()
    line = base64.b64encode(raw_of(PUBLISHER.key.sign(body, ec.ECDSA(SHA256()))))
    assert len(read(line + b"\n" + body, PINNED).keys) == 1
    assert refusal(line + b"\n" + body, BELOW) == "proof-chain"
    assert refusal(body, PINNED) == "proof-missing"


def test_an_authority_vouches_for_nobody_without_a_name() -> None:
    with pytest.raises(TrustRefused) as refused:
        Publisher.of_certificate(ROOT.der)
    assert refused.value.code == "publisher-unnamed"


def test_a_namesake_of_the_authority_vouches_for_nobody() -> None:
    namesake = make("Government Root", authority=True, path_length=None)
    leaf = make("lists.example", by=namesake)
    assert refusal(jws(TestSweden.CLAIMS, leaf), BELOW) == "proof-chain"
    assert refusal(jws(TestSweden.CLAIMS, leaf, namesake), BELOW) == "proof-chain"


def test_who_may_not_certify_is_no_link_of_the_path() -> None:
    leaf = make("lists.example", by=OTHER)
    assert refusal(jws(TestSweden.CLAIMS, leaf, OTHER, MIDDLE), BELOW) == "proof-chain"


def test_an_authority_that_has_ended_vouches_for_nobody() -> None:
    ended = make("Old Root", authority=True, path_length=None, end=NOW - timedelta(days=1))
    leaf = make("lists.example", by=ended, end=NOW + YEAR)
    publisher = Publisher.of_certificate(ended.der, "lists.example")
    assert refusal(jws(TestSweden.CLAIMS, leaf), publisher) == "proof-chain"


class TestBundles:
    def test_there_and_back(self) -> None:
        parts = [b"{}", b"\x00\xff", b""]
        assert unpack(pack(parts)) == tuple(parts)
        assert pack([b"one"]) == b"one" and unpack(b"one") == (b"one",)

    @pytest.mark.parametrize(
        "raw", [b'{"parts":["', b'{"parts":["!"]}', b'{"parts":["",1]}', b'{"parts":["QQ=="],"parts":3}']
    )
    def test_what_is_none(self, raw: bytes) -> None:
        with pytest.raises(TrustRefused):
            unpack(raw)

    def test_caps(self) -> None:
        with pytest.raises(TrustRefused):
            unpack(bytes(LIST_BYTES_MOST + 1))
        with pytest.raises(TrustRefused):
            unpack(pack([b""] * 2_001))


@pytest.mark.parametrize("cut", range(0, 400, 7))
def test_cut_lists_are_refused_or_hold_less(cut: int) -> None:
    wrapped = (
        jws(TestSweden.CLAIMS, PUBLISHER, MIDDLE)[: -cut or None],
        TestAustria.LIST[:cut],
        TestTheNetherlands().wrapped(PUBLISHER)[: 600 - cut],
    )
    for raw in wrapped:
        try:
            read(raw, PINNED)
        except TrustRefused as refused:
            assert refused.code
        else:
            assert cut == 0
