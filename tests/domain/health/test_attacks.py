"""Attacks on codes, CBOR and COSE, one by name: each ends in a verdict, quickly, and none lets anybody pass.

Those on trust lists, on other formats and on rules stand in the files beside this one.
"""

import time
import zlib

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from openconsular.domain.health.certificate import Algorithm
from openconsular.domain.health.hcert import base45, cose, envelope
from openconsular.domain.health.signing.keys import signing_with
from openconsular.domain.health.signing.seals import to_der
from openconsular.domain.health.verdict import Layer, State
from tests.domain.health.hcert_world import (
    DAY,
    KEY,
    KEY_ID,
    NOW,
    RSA_KEY,
    TEST,
    TRUST,
    claims,
    dcc,
    dose,
    judge,
    signed,
    store,
    text_of,
    trusted,
)

PAYLOAD = cbor2.dumps(claims(dcc()))
TOKEN = signed(PAYLOAD)
GOOD = envelope.close_text(TOKEN)
ORDER = bytes.fromhex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551")


def code(token):
    return envelope.close_text(token)


def header(**parts):
    names = {"alg": 1, "crit": 2, "kid": 4}
    return cbor2.dumps({names[name]: value for name, value in parts.items()})


def with_signature(signature):
    return code(signed(PAYLOAD, signature=signature))


def payload_of(hexadecimal):
    """A rightly signed token whose payload is these bytes; "…" stands for a good payload."""
    return text_of(bytes.fromhex(hexadecimal.replace("…", PAYLOAD.hex())))


def raw(message=PAYLOAD, key=KEY, **how):
    algorithm, sign = signing_with(key)
    protected = how.get("protected", cose.protected_header(algorithm, KEY_ID))
    return sign(cose.to_be_signed(protected, message))


GOOD_SIGNATURE = raw()
R, S = GOOD_SIGNATURE[:32], GOOD_SIGNATURE[32:]
NOBODYS = ec.generate_private_key(ec.SECP256R1())
NESTED = b"\x81" * 400 + b"\x00"
BOMB = code(bytes(3_000_000))
TWICE = envelope.PREFIX + base45.encode(zlib.compress(zlib.compress(bytes(60_000_000), 9), 9))
SEVERAL_LAYERS = code(zlib.compress(TOKEN))

ATTACKS = {
    # Text and Base45
    "text of three megabytes": ("HC1:" + "0" * 3_000_000, State.BROKEN, "text-too-long"),
    "lower case": (GOOD.lower(), State.BROKEN, "format-unknown"),
    "lower case after the prefix": ("HC1:" + GOOD[4:].lower(), State.BROKEN, "base45-alphabet"),
    "trailing newline": (GOOD + "\n", State.BROKEN, "base45-alphabet"),
    "letters that only look alike": (GOOD.replace("A", "\u0410", 1), State.BROKEN, "base45-alphabet"),
    "digits of another script": ("HC1:" + "\u0660" * 30, State.BROKEN, "base45-alphabet"),
    "half a surrogate": ("HC1:\ud800", State.BROKEN, "base45-alphabet"),
    "three characters for more than two bytes": ("HC1::::", State.BROKEN, "base45-overflow"),
    "one character too many": ("HC1:" + "0" * 31, State.BROKEN, "base45-length"),
    "context of another version": ("HC2:" + GOOD[4:], State.BROKEN, "prefix"),
    "prefix left out": (GOOD[4:], State.BROKEN, "format-unknown"),
    "prefix twice": ("HC1:" + GOOD, State.BROKEN, None),
    # Compression
    "zlib bomb": (BOMB, State.BROKEN, "zlib-too-large"),
    "zlib bomb in a bomb": (TWICE, State.BROKEN, None),
    "deflated twice": (SEVERAL_LAYERS, State.BROKEN, None),
    "not compressed": (envelope.PREFIX + base45.encode(TOKEN), State.BROKEN, "zlib"),
    "bytes after the compressed data": (
        envelope.PREFIX + base45.encode(zlib.compress(TOKEN) + b"x"), State.BROKEN, "zlib-trailing-bytes",
    ),
    "compressed data cut short": (
        envelope.PREFIX + base45.encode(zlib.compress(TOKEN)[:-6]), State.BROKEN, "zlib-truncated",
    ),
    "checksum wrong": (envelope.PREFIX + base45.encode(zlib.compress(TOKEN)[:-1] + b"\x00"), State.BROKEN, "zlib"),
    # CBOR
    "duplicate key, last wins elsewhere": (payload_of("a2040104" + "1a7fffffff"), State.BROKEN, "cbor-duplicate-key"),
    "duplicate health claim": (
        text_of(b"\xa2\x39\x01\x03\xa1\x01\xa0\x39\x01\x03\xa1\x01\xa0"), State.BROKEN, "cbor-duplicate-key",
    ),
    "bytes after the payload": (payload_of("…00"), State.BROKEN, "cbor-trailing-bytes"),
    "bytes after the message": (code(TOKEN + b"\x00"), State.BROKEN, "cbor-trailing-bytes"),
    "break after the message": (code(TOKEN + b"\xff"), State.BROKEN, "cbor-trailing-bytes"),
    "list that holds itself": (payload_of("d81c81d81d00"), State.BROKEN, "cbor-tag"),
    "regular expression that never ends": (
        text_of(cbor2.dumps(cbor2.CBORTag(35, "(a+)+$"))), State.BROKEN, "cbor-tag",
    ),
    "big number": (payload_of("c258ff" + "ff" * 255), State.BROKEN, "cbor-tag"),
    "decimal bomb": (payload_of("c4821b7fffffffffffffff01"), State.BROKEN, "cbor-tag"),
    "fraction": (payload_of("d81e820100"), State.BROKEN, "cbor-tag"),
    "set": (payload_of("d9010280"), State.BROKEN, "cbor-tag"),
    "network address": (payload_of("d9010444c0a80001"), State.BROKEN, "cbor-tag"),
    "not a number": (payload_of("f97e00"), State.BROKEN, "claims-structure"),
    "not a number as a key": (payload_of("a1f97e0000"), State.BROKEN, "no-health-claim"),
    "list as a key": (payload_of("a1820102" + "03"), State.BROKEN, "no-health-claim"),
    "map as a key": (payload_of("a1a0a0"), State.BROKEN, None),
    "nested four hundred deep": (text_of(NESTED), State.BROKEN, "cbor-depth"),
    "tags forty thousand deep": (text_of(b"\xc1" * 40_000 + b"\x00"), State.BROKEN, None),
    "a list of nine quintillion": (payload_of("9b7fffffffffffffff"), State.BROKEN, "cbor-malformed"),
    "a text of nine quintillion": (payload_of("7b7fffffffffffffff61"), State.BROKEN, "cbor-malformed"),
    "simple value": (payload_of("f8ff"), State.BROKEN, None),
    "text that is no UTF-8": (payload_of("61ff"), State.BROKEN, "cbor-malformed"),
    "sixty thousand members": (text_of(cbor2.dumps([0] * 60_000)), State.BROKEN, "claims-structure"),
    "sixty thousand members in the claim": (
        text_of(claims({**dcc(), "x": [0] * 60_000})), State.BROKEN, "cbor-too-many-items",
    ),
    "bytes where a name is due": (text_of(claims(dcc(nam={"fnt": b"A"}))), State.BROKEN, "schema"),
    # COSE
    "tag of a message for several signers": (code(signed(PAYLOAD, tag=98)), State.BROKEN, "cbor-tag"),
    "tag of a MAC": (code(signed(PAYLOAD, tag=17)), State.BROKEN, "cbor-tag"),
    "algorithm none": (text_of(PAYLOAD, protected=header(alg=0, kid=KEY_ID)), State.BROKEN, "algorithm-unknown"),
    "algorithm left out": (text_of(PAYLOAD, protected=header(kid=KEY_ID)), State.BROKEN, "algorithm-missing"),
    "algorithm nobody knows": (text_of(PAYLOAD, protected=header(alg=-99, kid=KEY_ID)), State.BROKEN, "algorithm-unknown"),
    "algorithm of a MAC": (text_of(PAYLOAD, protected=header(alg=5, kid=KEY_ID)), State.BROKEN, "algorithm-unknown"),
    "RSA with PKCS #1 v1.5": (text_of(PAYLOAD, protected=header(alg=-257, kid=KEY_ID)), State.BROKEN, "algorithm-unknown"),
    "algorithm in the unprotected header only": (
        # Each key has one algorithm: what the header says there can only agree with it or be refused.
        text_of(PAYLOAD, protected=header(kid=KEY_ID), unprotected={1: -37}), State.BROKEN, "algorithm-not-of-key",
    ),
    "everything in the unprotected header": (
        text_of(PAYLOAD, protected=b"", unprotected={1: -257, 4: KEY_ID}), State.BROKEN, "algorithm-unknown",
    ),
    "algorithm of another type of key": (
        text_of(PAYLOAD, protected=header(alg=-37, kid=KEY_ID)), State.BROKEN, "algorithm-not-of-key",
    ),
    "algorithm of another curve": (
        text_of(PAYLOAD, protected=header(alg=-35, kid=KEY_ID)), State.BROKEN, "curve-not-allowed",
    ),
    "critical header nobody understands": (
        text_of(PAYLOAD, protected=cbor2.dumps({1: -7, 2: [99], 4: KEY_ID, 99: 1})), State.BROKEN, "cose-critical",
    ),
    "key identifier of seven bytes": (
        text_of(PAYLOAD, protected=header(alg=-7, kid=KEY_ID[:7])), State.UNKNOWN_ISSUER, "key-id-length",
    ),
    "key identifier of nine bytes": (
        text_of(PAYLOAD, protected=header(alg=-7, kid=KEY_ID + b"x")), State.UNKNOWN_ISSUER, "key-id-length",
    ),
    "key identifier left out": (text_of(PAYLOAD, protected=header(alg=-7)), State.UNKNOWN_ISSUER, "key-id-missing"),
    "key identifier that is a text": (text_of(PAYLOAD, protected=header(alg=-7, kid="12345678")), State.BROKEN, "key-id-type"),
    "key identifier of somebody else": (
        text_of(PAYLOAD, protected=header(alg=-7, kid=b"\0" * 8)), State.UNKNOWN_ISSUER, "key-unknown",
    ),
    "wrong protected and right unprotected key identifier": (
        text_of(PAYLOAD, protected=header(alg=-7, kid=b"\0" * 8), unprotected={4: KEY_ID}), State.UNKNOWN_ISSUER, "key-unknown",
    ),
    "payload left out": (code(cbor2.dumps(cbor2.CBORTag(18, [header(alg=-7), {}, None, bytes(64)]))), State.BROKEN, "cose-structure"),
    "header of half a kilobyte": (text_of(PAYLOAD, protected=header(alg=-7, kid=bytes(600))), State.BROKEN, "cose-too-large"),
    # Signature
    "signed by nobody": (text_of(PAYLOAD, key=NOBODYS), State.BROKEN, "signature-wrong"),
    "signature empty": (with_signature(b""), State.BROKEN, "signature-length"),
    "signature of zeros": (with_signature(bytes(64)), State.BROKEN, "signature-range"),
    "r zero": (with_signature(bytes(32) + S), State.BROKEN, "signature-range"),
    "s zero": (with_signature(R + bytes(32)), State.BROKEN, "signature-range"),
    "r the order": (with_signature(ORDER + S), State.BROKEN, "signature-range"),
    "s above the order": (with_signature(R + b"\xff" * 32), State.BROKEN, "signature-range"),
    "signature of 65 bytes": (with_signature(GOOD_SIGNATURE + b"\0"), State.BROKEN, "signature-length"),
    "signature in DER": (with_signature(to_der(R, S)), State.BROKEN, "signature-length"),
    "signature of 72 bytes": (with_signature(GOOD_SIGNATURE + bytes(8)), State.BROKEN, "signature-length"),
    "signature of another payload": (with_signature(raw(b"other")), State.BROKEN, "signature-wrong"),
    "signature half the other way round": (with_signature(S + R), State.BROKEN, "signature-wrong"),
    # Claims
    "issued in the future": (text_of(claims(dcc(), iat=int((NOW + DAY).timestamp()))), State.NOT_YET_VALID, "issued-in-future"),
    "milliseconds": (text_of(claims(dcc(), exp=int(NOW.timestamp() * 1000))), State.BROKEN, "instant"),
    "expiry without end": (text_of(claims(dcc(), exp=float("inf"))), State.BROKEN, "instant"),
    "expiry that compares to nothing": (text_of(claims(dcc(), exp=float("nan"))), State.BROKEN, "instant"),
    "expiry null": (text_of({**claims(dcc()), 4: None}), State.BROKEN, "instant"),
    "expiry as a text": (text_of(claims(dcc(), exp="never")), State.BROKEN, "instant"),
    "year ten thousand": (text_of(claims(dcc(), exp=253_402_300_800)), State.BROKEN, "instant"),
    "country of somebody else": (text_of(claims(dcc(), iss="PT")), State.UNKNOWN_ISSUER, "issuer-differs"),
    "several certificates in one": (text_of(claims(dcc(v=dose() + dose()))), State.BROKEN, "several-entries"),
    "a test beside the dose": (text_of(claims(dcc(t=[TEST]))), State.BROKEN, "several-entries"),
    "two kinds of certificate in one": (text_of({1: "AT", -260: {1: dcc(), 3: {}}}), State.BROKEN, "several-claims"),
    "direction of writing turned": (text_of(claims(dcc(nam={"fnt": "A", "fn": "\u202eliva"}))), State.BROKEN, "schema"),
    "date that is none": (text_of(claims(dcc(v=dose(dt="2026-02-30")))), State.BROKEN, "schema"),
    "date in other digits": (text_of(claims(dcc(v=dose(dt="٢٠٢٦-٠٢-٠١")))), State.BROKEN, "schema"),
    "dose of tomorrow": (text_of(claims(dcc(v=dose(dt="2026-06-03")))), State.NOT_YET_VALID, "happened-in-future"),
    "link to health data": (text_of(claims({"u": "https://evil.example"}, 5)), State.BROKEN, "health-link"),
}  # fmt: skip


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name):
    text, state, reason = ATTACKS[name]
    began = time.process_time()
    verdict = judge(text)
    assert time.process_time() - began < 1
    assert verdict.state is state
    assert reason is None or verdict.reason == reason
    assert verdict.reason


def test_what_looks_like_an_attack_and_is_none():
    """Oddities that real issuers have, and vectors demand to be taken."""
    for text in (
        GOOD,
        code(b"\xd8\x3d" + TOKEN),
        code(TOKEN[1:]),
        text_of(PAYLOAD, protected=header(alg=-7), unprotected={4: KEY_ID}),
        text_of(PAYLOAD, unprotected={4: KEY_ID}),
        text_of(PAYLOAD, unprotected={4: b"foo"}),
        text_of(PAYLOAD, unprotected={3: 60, 99: b"x"}),
        text_of(cbor2.dumps(claims(dcc()), indefinite_containers=True)),
        text_of(cbor2.dumps({**claims(dcc()), 2: "somebody", 7: b"id"})),
        text_of(claims(dcc(), exp=(NOW + DAY).timestamp() + 0.5)),
        text_of(claims(dcc(v=None, t=[{**TEST, "sc": cbor2.CBORTag(0, "2026-05-30T12:34:56Z")}]))),
        text_of(claims(dcc(nam={"fnt": "E", "fn": "e\u0301"}))),
    ):
        assert judge(text).state is State.VALID


def test_rsa_signatures_of_another_length():
    trust = store(trusted(RSA_KEY))
    good = raw(key=RSA_KEY)
    assert judge(text_of(PAYLOAD, key=RSA_KEY), trust).state is State.VALID
    for signature in (b"", good[:-1], good + b"\0", b"\0" + good, bytes(256), GOOD_SIGNATURE):
        verdict = judge(code(signed(PAYLOAD, key=RSA_KEY, signature=signature)), trust)
        assert (verdict.state, verdict.layer) == (State.BROKEN, Layer.SIGNATURE)


def test_public_key_as_the_secret_of_a_mac():
    """The confusion of JWT: a MAC made with what everybody has."""
    verdict = judge(text_of(PAYLOAD, protected=header(alg=5, kid=KEY_ID)), TRUST)
    assert verdict.reason == "algorithm-unknown"
    assert Algorithm.ES256 in trusted().algorithms


def test_malleable_signature_is_still_the_same_certificate():
    """n - s verifies as well; who revokes by signature must hash r only (see the revocation tests)."""
    other = (int.from_bytes(ORDER) - int.from_bytes(S)).to_bytes(32)
    assert judge(with_signature(R + other)).state is State.VALID


def test_cut_short_anywhere():
    for end in range(len(GOOD)):
        assert judge(GOOD[:end]).state is State.BROKEN
    for end in range(len(TOKEN)):
        assert judge(code(TOKEN[:end])).state is State.BROKEN
    for end in range(len(PAYLOAD)):
        assert judge(text_of(PAYLOAD[:end])).state is State.BROKEN


def test_any_bit_turned_in_the_token():
    """Whatever is signed over or signs; the unprotected header is empty, its one byte is turned as well."""
    for position in range(len(TOKEN)):
        for bit in range(8):
            turned = bytearray(TOKEN)
            turned[position] ^= 1 << bit
            assert judge(code(bytes(turned))).state is not State.VALID, (position, bit)


def test_any_letter_changed_in_the_text():
    """Broken, unless only bits changed that deflate leaves unused: then it is the same token, and as good."""
    for position in range(len(GOOD)):
        for letter in "0Z:":
            if GOOD[position] != letter:
                changed = GOOD[:position] + letter + GOOD[position + 1 :]
                is_broken = judge(changed).state is State.BROKEN
                assert is_broken or envelope.open_text(changed) == TOKEN


def test_any_byte_turned_in_a_payload_that_is_signed_all_the_same():
    """A careless issuer: the reader must come to a verdict whatever was signed."""
    for position in range(len(PAYLOAD)):
        for value in (0x00, 0x7F, 0xFF, PAYLOAD[position] ^ 0x20):
            turned = PAYLOAD[:position] + bytes((value,)) + PAYLOAD[position + 1 :]
            assert judge(text_of(turned)).state in State
