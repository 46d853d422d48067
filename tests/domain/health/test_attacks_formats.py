"""Attacks on cards, seals and credentials, each by name, through the whole verification: none passes, none surprises."""

import base64
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import rfc8785
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, utils

from openconsular.domain.health import vds_nc
from openconsular.domain.health.smart import numeric, read
from openconsular.domain.health.smart.issue import base64url, claims_of, issue_smart
from openconsular.domain.health.trust.jwks import read_jwks
from openconsular.domain.health.trust.model import Environment, TrustStore
from openconsular.domain.health.trust.vds_signers import read_vds_signers
from openconsular.domain.health.verdict import CheckName, Layer, Outcome, State, Verdict
from openconsular.domain.health.verify import NoRevocations, verify
from tests.domain.health import test_smart as cards
from tests.domain.health.test_divoc import CREDENTIAL, archive, as_code
from tests.domain.health.test_vds_nc import VACCINATION

NOW = datetime(2026, 6, 1, tzinfo=UTC)
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def jwk_of(key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = key.public_key().public_numbers()
    jwk = {"crv": "P-256", "kty": "EC"}
    jwk |= {"x": base64url(numbers.x.to_bytes(32)), "y": base64url(numbers.y.to_bytes(32))}
    digest = hashes.Hash(hashes.SHA256())
    digest.update(json.dumps(jwk, separators=(",", ":")).encode())
    return {**jwk, "kid": base64url(digest.finalize()), "use": "sig", "alg": "ES256"}


JWK = jwk_of(cards.KEY)


def certificate_of(key: ec.EllipticCurvePrivateKey, country: str = "CN") -> bytes:
    name = x509.Name(
        [
            x509.NameAttribute(x509.NameOID.COUNTRY_NAME, country),
            x509.NameAttribute(x509.NameOID.COMMON_NAME, "A signer"),
        ]
    )
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(NOW - timedelta(days=300))
        .not_valid_after(NOW + timedelta(days=300))
        .add_extension(
            x509.KeyUsage(
                digital_signature=True,
                **dict.fromkeys(
                    (
                        *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
                        *("key_cert_sign", "crl_sign", "encipher_only", "decipher_only"),
                    ),
                    False,
                ),
            ),
            critical=True,
        )
        .sign(key, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.DER)


SIGNER = certificate_of(cards.KEY)


def store() -> TrustStore:
    jwks = read_jwks(
        json.dumps({"keys": [JWK]}).encode(),
        issuer=cards.CARD.issuer,
        list_id="cards",
        environment=Environment.TEST,
        fetched_at=NOW,
        from_issuer=True,
    )
    digest = hashes.Hash(hashes.SHA256())
    digest.update(SIGNER)
    signers = read_vds_signers(
        SIGNER,
        list_id="seals",
        environment=Environment.TEST,
        fetched_at=NOW,
        confirmed=digest.finalize().hex(),
    )
    return TrustStore(Environment.TEST).with_list(jwks.keys).with_list(signers)


STORE = store()


def verdict(text: str, now: datetime = NOW) -> Verdict:
    return verify(text, trust=STORE, revocations=NoRevocations(), now=now)


def card(claims: object = None, header: dict | None = None, sign=cards.sign) -> str:
    payload = claims if isinstance(claims, bytes) else json.dumps(claims or claims_of(cards.CARD)).encode()
    header = {"zip": "DEF", "alg": "ES256", "kid": JWK["kid"]} if header is None else header
    message = f"{base64url(json.dumps(header).encode())}.{base64url(cards.raw_deflate(payload))}"
    return f"{message}.{base64url(sign(message.encode()))}"


def seal(data: dict | None = None, cer: bytes = SIGNER, sign=cards.sign, **fields: object) -> str:
    data = data or {**VACCINATION["data"], "hdr": {"t": "icao.vacc", "v": 1, "is": "CHN"}}
    signature = {"alg": "ES256", "sigvl": base64url(sign(rfc8785.dumps(data))), "cer": base64url(cer)}
    return json.dumps({"data": data, "sig": {**signature, **fields}})


CARD, SEAL = card(), seal()


def test_the_good_ones_are_good():
    for text in (CARD, numeric.codes(CARD)[0], SEAL, CARD + "\n"):
        found = verdict(text)
        assert (found.state, found.reason) == (State.VALID, "")
    issued = issue_smart(cards.CARD, key_id=JWK["kid"], sign=cards.sign)
    assert verdict(issued.codes[0]).state is State.VALID


def numbers(signature: bytes) -> tuple[int, int]:
    return int.from_bytes(signature[:32]), int.from_bytes(signature[32:])


def raw(r: int, s: int) -> bytes:
    return r.to_bytes(32) + s.to_bytes(32)


BAD_SIGNATURES = {
    "r is zero": lambda message: raw(0, numbers(cards.sign(message))[1]),
    "s is zero": lambda message: raw(numbers(cards.sign(message))[0], 0),
    "both are zero": lambda message: bytes(64),
    "r is the order": lambda message: raw(ORDER, numbers(cards.sign(message))[1]),
    "s is beyond the order": lambda message: raw(numbers(cards.sign(message))[0], 2**256 - 1),
    "DER where raw is due": lambda message: utils.encode_dss_signature(*numbers(cards.sign(message))),
    "a byte too many": lambda message: cards.sign(message) + b"\0",
    "a byte too few": lambda message: cards.sign(message)[:-1],
    "nothing": lambda message: b"",
    "of something else": lambda message: cards.sign(message + b"."),
    "turned round": lambda message: cards.sign(message)[32:] + cards.sign(message)[:32],
}


@pytest.mark.parametrize("name", BAD_SIGNATURES)
def test_bad_signatures_break_at_the_signature(name):
    for text in (card(sign=BAD_SIGNATURES[name]), seal(sign=BAD_SIGNATURES[name])):
        found = verdict(text)
        assert found.state is State.BROKEN
        # A text whose last part is empty is no JWS at all.
        assert found.layer is (Layer.TEXT if name == "nothing" and text[0] != "{" else Layer.SIGNATURE)


def test_a_signature_changed_into_its_other_form_is_still_the_same_card():
    """ECDSA allows s and its negative: nothing may depend on the text of a card, so revocation goes by its id."""

    def negated(message: bytes) -> bytes:
        r, s = numbers(cards.sign(message))
        return raw(r, ORDER - s)

    assert verdict(card(sign=negated)).state is State.VALID
    assert card(sign=negated) != CARD


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "zip": "DEF", "kid": JWK["kid"]},
        {"alg": "HS256", "zip": "DEF", "kid": JWK["kid"]},
        {"alg": "RS256", "zip": "DEF", "kid": JWK["kid"]},
        {"alg": "ES384", "zip": "DEF", "kid": JWK["kid"]},
        {"alg": "ES256", "zip": "GZ", "kid": JWK["kid"]},
        {"alg": "ES256", "zip": "DEF", "kid": JWK["kid"], "crit": ["exp"]},
    ],
)
def test_algorithm_games(header):
    found = verdict(card(header=header))
    assert (found.state, found.layer) == (State.BROKEN, Layer.JWS)


def test_a_key_brought_along_in_the_header_is_not_believed():
    thief = ec.derive_private_key(99, ec.SECP256R1())

    def sign(message: bytes) -> bytes:
        der = thief.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        return raw(*utils.decode_dss_signature(der))

    header = {"zip": "DEF", "alg": "ES256", "kid": JWK["kid"], "jwk": jwk_of(thief)}
    assert verdict(card(header=header, sign=sign)).layer is Layer.SIGNATURE
    header["kid"] = jwk_of(thief)["kid"]
    assert verdict(card(header=header, sign=sign)).state is State.UNKNOWN_ISSUER
    forged = seal(cer=certificate_of(thief), sign=sign)
    assert verdict(forged).state is State.UNKNOWN_ISSUER
    assert verdict(seal(sign=sign)).layer is Layer.SIGNATURE


def test_another_issuer_with_the_same_key_id_is_unknown():
    other = {**claims_of(cards.CARD), "iss": "https://elsewhere.example.org"}
    assert verdict(card(other)).state is State.UNKNOWN_ISSUER


def test_a_seal_that_names_another_country_than_its_signer():
    data = {**VACCINATION["data"], "hdr": {"t": "icao.vacc", "v": 1, "is": "FRA"}}
    assert verdict(seal(data)).state is State.UNKNOWN_ISSUER


def test_times():
    began = cards.CARD.valid_from
    assert verdict(CARD, began - timedelta(minutes=5)).state is State.NOT_YET_VALID
    assert verdict(CARD, cards.CARD.expires_at).state is State.EXPIRED
    milliseconds = {**claims_of(cards.CARD), "nbf": 1_780_000_000_000}
    del milliseconds["exp"]
    assert verdict(card(milliseconds)).state is State.NOT_YET_VALID
    assert verdict(SEAL, NOW + timedelta(days=400)).state is State.EXPIRED


BOMBS = {
    "deflated zeros": lambda: card(bytes(50_000_000)),
    "deflated twice": lambda: card(zlib.compress(bytes(50_000_000))),
    "deep JSON": lambda: card(b'{"iss":' + b"[" * 200_000 + b"]" * 200_000 + b"}"),
    "a number with many digits": lambda: card(b'{"iss":"https://a.example","nbf":' + b"9" * 100_000 + b"}"),
    "a float out of range": lambda: card(b'{"iss":"https://a.example","nbf":1e99999}'),
    "NaN": lambda: card(b'{"iss":"https://a.example","nbf":NaN}'),
    "a name twice": lambda: card(b'{"iss":"https://a.example","iss":"https://b.example","nbf":1}'),
    "half a surrogate pair": lambda: card(b'{"iss":"https://a.example","nbf":1,"vc":"\\ud800"}'),
    "NUL": lambda: card(b'{"iss":"https://a.example","nbf":1,"vc":"\\u0000"}'),
    "not UTF-8": lambda: card(b'{"iss":"\xff"}'),
    "a byte order mark": lambda: card(b"\xef\xbb\xbf{}"),
    "blanks around the payload": lambda: card(b" " + json.dumps(claims_of(cards.CARD)).encode()),
    "a JSON text in a JSON text": lambda: card(json.dumps(json.dumps(claims_of(cards.CARD))).encode()),
    "deep seal": lambda: '{"data":{"hdr":' + "[" * 5000 + "]" * 5000 + "}}",
    "a seal with a name twice": lambda: SEAL.replace('"hdr":', '"hdr":{},"hdr":'),
    "a seal with a number JSON has not": lambda: SEAL.replace('"v": 1', '"v": NaN'),
    "a long text": lambda: "shc:/" + "5" * 5_000_000,
    "a seal that never ends": lambda: SEAL[:-1] + " " * 5_000_000,
    "zipped zeros": lambda: as_code(archive(("a.json", bytes(10_000_000)))),
    "a zip in a zip": lambda: as_code(archive(("a.zip", archive(("a.json", b"{}"))))),
    "a path in a zip": lambda: as_code(archive(("../../a.json", b"{}"))),
    "many pieces": lambda: "shc:/1/999/" + "56" * 100,
}


@pytest.mark.parametrize("name", BOMBS)
def test_bombs_and_odd_texts_break(name):
    found = verdict(BOMBS[name]())
    assert found.state is State.BROKEN and found.layer is not None and found.certificate is None


def test_links_are_not_followed():
    for text in ("shlink:/eyJ1cmwiOiJodHRwczovL2V4YW1wbGUub3JnIn0", "https://v.example/#shlink:/eyJ1"):
        assert verdict(text).reason == "health-link"
    # Sockets are forbidden in tests: a context that were fetched would fail loudly.
    remote = {**CREDENTIAL, "@context": ["https://attacker.example/context.jsonld"]}
    found = verdict(json.dumps(remote))
    assert found.state in (State.AMBIGUOUS, State.UNKNOWN_ISSUER)
    assert {check.name: check.outcome for check in found.checks}[CheckName.SIGNATURE] is Outcome.NOT_CHECKED


@pytest.mark.parametrize("sample", ["card", "code", "seal", "zip"])
def test_no_text_cut_short_or_changed_anywhere_passes(sample):
    text = {
        "card": CARD,
        "code": numeric.codes(CARD)[0],
        "seal": SEAL,
        "zip": as_code(archive(("certificate.json", json.dumps(CREDENTIAL).encode()))),
    }[sample]
    for at in range(len(text)):
        assert verdict(text[:at]).state is not State.VALID
        for letter in ("0", "A", chr(ord(text[at]) ^ 1)):
            changed = f"{text[:at]}{letter}{text[at + 1 :]}"
            if changed == text:
                continue
            found = verdict(changed)
            assert found.state is not State.VALID or _says_the_same(sample, text, changed), (at, letter)


def _says_the_same(sample: str, text: str, changed: str) -> bool:
    """A seal may be written in several ways; what is signed is its canonical form."""
    return sample == "seal" and vds_nc.read(text).seal.message == vds_nc.read(changed).seal.message


ANYTHING = (
    None,
    True,
    0,
    -1,
    2**70,
    1.5,
    "",
    "x",
    "\u202e",
    [],
    [1],
    ["x"],
    [{}],
    {},
    {"x": 1},
    {"code": {}},
)


def everywhere(value: object) -> Iterator[object]:
    """The value with each of its parts, at every depth, made into anything else; and without it."""
    if isinstance(value, dict):
        for name in value:
            yield {other: part for other, part in value.items() if other != name}
            yield from ({**value, name: changed} for changed in everywhere(value[name]))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from ([*value[:at], changed, *value[at + 1 :]] for changed in everywhere(part))
    yield from ANYTHING


@pytest.mark.parametrize("sample", ["card", "seal", "credential"])
def test_claims_with_anything_anywhere_surprise_nobody(sample):
    """Rightly signed and of any shape: whoever may sign may also be wrong."""
    make, claims = {
        "card": (lambda made: card(json.dumps(made).encode()), claims_of(cards.CARD)),
        "seal": (lambda made: seal(made or {"x": 1}), json.loads(SEAL)["data"]),
        "credential": (json.dumps, CREDENTIAL),
    }[sample]
    tried = 0
    for made in everywhere(claims):
        if sample == "seal" and not isinstance(made, dict):
            continue
        try:
            text = make(made)
        except rfc8785.CanonicalizationError:
            continue
        found = verdict(text)
        assert found.state in State and (found.state is not State.VALID or found.certificate is not None)
        tried += 1
    assert tried > 400


def test_published_signatures_are_right_and_changed_ones_are_not():
    path = Path(__file__).parents[3] / "../shared/data/health/gdhcn-validator/SHCQR1Contents.txt"
    if not path.exists():
        pytest.skip("the published samples are not beside this checkout")
    jws = numeric.join([path.read_text().strip()])
    head, payload, signature = jws.split(".")
    changed = base64url(base64.urlsafe_b64decode(signature + "==")[::-1])
    assert read.read(f"{head}.{payload}.{changed}").claims == read.read(jws).claims
    assert verdict(jws).state is State.UNKNOWN_ISSUER
