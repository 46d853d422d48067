"""How large a SMART Health Card, its parts and a file of cards may be, and what each part of its envelope must say."""

import json
import zlib

import pytest

from openconsular.domain.health.smart import jws, read
from openconsular.domain.health.smart.issue import base64url, claims_of
from openconsular.domain.health.verdict import Layer, State, Unreadable
from tests.domain.health import test_smart as cards
from tests.domain.health.test_attacks_formats import CARD, JWK, card, verdict

HEADER = {"zip": "DEF", "alg": "ES256", "kid": JWK["kid"]}


def refusal(text: str) -> tuple[Layer, str]:
    return cards.refusal(text)


def stored(data: bytes) -> bytes:
    """Raw DEFLATE without compression, so that its length can be chosen."""
    machine = zlib.compressobj(level=0, wbits=-zlib.MAX_WBITS)
    return machine.compress(data) + machine.flush()


def as_long_as(size: int) -> str:
    """A compact JWS of exactly so many letters, give or take the three that base64url cannot hit."""
    rest = size - len(cards.jws_of(json.dumps(HEADER).encode(), stored(b"")))
    return cards.jws_of(json.dumps(HEADER).encode(), stored(b" " * (rest * 3 // 4 - 16)))


def test_a_text_longer_than_any_card_is_not_taken_apart():
    inside = as_long_as(jws.JWS_MOST)
    assert jws.JWS_MOST - 100 < len(inside) <= jws.JWS_MOST
    assert jws.is_compact(inside) and refusal(inside)[0] is Layer.JSON
    for text in (inside + "A" * 200, as_long_as(jws.JWS_MOST + 1000)):
        assert not jws.is_compact(text)
        with pytest.raises(Unreadable) as caught:
            jws.open_envelope(text)
        assert (caught.value.layer, caught.value.code) == (Layer.JWS, "jws-malformed")


def test_a_key_is_named_by_one_to_256_letters():
    for kid, code in (
        ("k" * 256, "key-unknown"),
        ("k", "key-unknown"),
        ("k" * 257, "key-id-absent"),
        ("", "key-id-absent"),
        (5, "key-id-absent"),
        (None, "key-id-absent"),
    ):
        found = verdict(card(header={**HEADER, "kid": kid}))
        assert found.reason == code
        assert found.state is (State.UNKNOWN_ISSUER if code == "key-unknown" else State.BROKEN)


def test_a_header_has_at_most_4096_letters():
    room = jws.HEADER_MOST - len(json.dumps({**HEADER, "x": ""}))
    assert verdict(card(header={**HEADER, "x": "x" * room})).state is State.VALID
    assert verdict(card(header={**HEADER, "x": "x" * (room + 1)})).layer is Layer.JWS


@pytest.mark.parametrize("name", ["crit", "b64"])
@pytest.mark.parametrize("value", [[], ["exp"], True, False, None])
def test_a_header_that_demands_an_extension_is_refused(name, value):
    assert refusal(card(header={**HEADER, name: value})) == (Layer.JWS, "header-not-understood")


def test_a_payload_inflates_to_at_most_256_kib():
    most = jws.INFLATED_MOST
    inside = cards.raw_deflate(json.dumps({"x": "x" * (most - 9)}).encode())
    assert len(jws.inflate(inside)) == most
    with pytest.raises(Unreadable) as caught:
        jws.inflate(cards.raw_deflate(b"x" * (most + 1)))
    assert (caught.value.layer, caught.value.code) == (Layer.COMPRESSION, "inflated-too-long")


def test_a_part_that_is_no_base64url_is_named():
    head, payload, signature = CARD.split(".")
    for text in (f"{head}A.{payload}.{signature}", f"{head}.{payload}.{signature[:-1]}B"):
        layer, code = refusal(text)
        assert (layer, code) == (Layer.JWS, "base64url-malformed")


def test_a_signature_of_another_length_breaks_before_any_key_is_looked_for():
    head, payload, _ = CARD.split(".")
    for octets in (1, 63, 65, 70, 96):
        text = f"{head}.{payload}.{base64url(bytes(octets))}"
        assert refusal(text) == (Layer.SIGNATURE, "signature-length")


def test_pieces_of_one_are_noted():
    [code] = cards.numeric.codes(CARD)
    assert read.read(code).notes == ()
    alone = code.replace("shc:/", "shc:/1/1/")
    assert read.read(alone).notes == ("pieces-needless",)
    assert "pieces-needless" in read.read(alone).certificate.notes
    assert verdict(alone).state is State.VALID


def parameters(*values: object, name: str = "verifiableCredential") -> bytes:
    said = [{"name": name, "valueString": value} for value in values]
    return json.dumps({"resourceType": "Parameters", "parameter": said}).encode()


def test_cards_handed_over_by_a_server_are_found():
    assert read.cards_in(parameters("a.b.c", "d.e.f")) == ("a.b.c", "d.e.f")
    more = json.loads(parameters("a.b.c"))
    more["parameter"] += [{"name": "resourceLink", "valueString": "x"}, 5, None, []]
    assert read.cards_in(json.dumps(more).encode()) == ("a.b.c",)
    assert read.cards_in(json.dumps({"verifiableCredential": ["a.b.c"] * 50}).encode()) == ("a.b.c",) * 50


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"{}", "cards-absent"),
        (b'{"verifiableCredential":"a.b.c"}', "cards-absent"),
        (b'{"verifiableCredential":{"a":"b"}}', "cards-absent"),
        (b'{"verifiableCredential":[]}', "cards-absent"),
        (json.dumps({"verifiableCredential": ["a.b.c"] * 51}).encode(), "cards-absent"),
        (b'{"verifiableCredential":["a.b.c",5]}', "cards-malformed"),
        (b'{"verifiableCredential":[null,"a.b.c"]}', "cards-malformed"),
        (parameters(), "cards-absent"),
        (parameters("a.b.c", name="other"), "cards-absent"),
        (parameters("a.b.c", 5), "cards-malformed"),
        (b'{"resourceType":"Parameters","parameter":"x"}', "cards-absent"),
        (b'{"resourceType":"Parameters","verifiableCredential":["a.b.c"]}', "cards-absent"),
    ],
)
def test_files_without_cards_are_refused(file, code):
    with pytest.raises(Unreadable) as caught:
        read.cards_in(file)
    assert (caught.value.layer, caught.value.code) == (Layer.JSON, code)


def test_a_file_has_at_most_a_mebibyte():
    wrapped = b'{"verifiableCredential":["%b"]}'
    room = read.FILE_MOST - len(wrapped % b"")
    assert read.cards_in(wrapped % (b"x" * room))
    with pytest.raises(Unreadable):
        read.cards_in(wrapped % (b"x" * (room + 1)))


@pytest.mark.parametrize(
    ("issuer", "code"),
    [
        ("http://cards.example.org", "issuer-not-https"),
        ("https://", "issuer-not-https"),
        ("https://cards.example.org/", "issuer-malformed"),
        ("https://cards.example.org?x", "issuer-malformed"),
        ("https://cards.example.org#x", "issuer-malformed"),
        ("https://cards.example.org x", "issuer-malformed"),
        ("https://cards.exämple.org", "issuer-malformed"),
        ("https://c\\.example.org", "issuer-malformed"),
        ("", "issuer-absent"),
        (5, "issuer-absent"),
        (None, "issuer-absent"),
        ("https://" + "x" * 2041, "issuer-absent"),
    ],
)
def test_an_issuer_is_an_address(issuer, code):
    assert refusal(card({**claims_of(cards.CARD), "iss": issuer})) == (Layer.CLAIMS, code)


def test_the_shortest_and_the_longest_issuer_are_addresses():
    for issuer in ("https://x", "https://" + "x" * 2040):
        assert verdict(card({**claims_of(cards.CARD), "iss": issuer})).reason == "key-unknown"


def piece(at: int, count: int, letters: int) -> str:
    return f"shc:/{at}/{count}/" + "52" * letters


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        (["shc:/" + "52" * 3544], "jws-malformed"),
        (["shc:/" + "52" * 3545], "digits-odd"),
        (["shc:/" + "5" * 101], "digits-odd"),
        (["shc:/5278"], "digits-out-of-range"),
        (["shc:/5277"], "jws-malformed"),
        ([piece(1, 2, 1191), piece(2, 2, 1191)], "jws-malformed"),
        ([piece(1, 2, 1192), piece(2, 2, 1)], "piece-too-long"),
        ([piece(at, 64, 1) for at in range(1, 65)], "jws-malformed"),
        ([piece(at, 65, 1) for at in range(1, 66)], "piece-out-of-range"),
        ([piece(0, 2, 1), piece(2, 2, 1)], "piece-out-of-range"),
        ([piece(1, 2, 1), piece(3, 2, 1)], "piece-out-of-range"),
        ([piece(1, 2, 1)], "piece-missing"),
        ([piece(2, 2, 1)], "piece-missing"),
        ([piece(1, 2, 1), piece(1, 2, 1)], "piece-twice"),
        ([piece(1, 2, 1), piece(2, 3, 1)], "pieces-disagree"),
        ([], "piece-missing"),
    ],
)
def test_codes_and_pieces_at_their_edges(codes: list[str], code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read.read_pieces(codes)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("rid", "notes"),
    [
        ("a", ()),
        ("A-z_0" + "9" * 19, ()),
        ("x" * 25, ("rid-malformed",)),
        ("", ("rid-malformed",)),
        ("a.b", ("rid-malformed",)),
        (5, ("rid-malformed",)),
    ],
)
def test_an_odd_revocation_id_is_noted_and_no_more(rid: object, notes: tuple[str, ...]) -> None:
    made = claims_of(cards.CARD)
    made["vc"]["rid"] = rid
    found = verdict(card(made))
    assert (found.state, found.certificate.notes) == (State.VALID, notes)


def test_a_card_may_be_valid_since_1970() -> None:
    assert verdict(card({**claims_of(cards.CARD), "nbf": 0})).state is State.VALID
    assert refusal(card({**claims_of(cards.CARD), "nbf": -1})) == (Layer.CLAIMS, "nbf-malformed")
    assert refusal(card({**claims_of(cards.CARD), "nbf": True})) == (Layer.CLAIMS, "nbf-malformed")
