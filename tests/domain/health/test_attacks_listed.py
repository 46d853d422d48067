"""The attacks the European test list describes without a file (BasicDgcTestsList of dgc-testdata), made by hand."""

import io
from datetime import timedelta

import cbor2
import numpy as np
import pytest
import zxingcpp
from PIL import Image

from openconsular.domain.health.carriers import pictures
from openconsular.domain.health.certificate import Algorithm
from openconsular.domain.health.hcert import cose
from openconsular.domain.health.verdict import State, Verdict
from tests.domain.health.hcert_world import (
    DAY,
    KEY_ID,
    NOW,
    RSA_KEY,
    TEST,
    claims,
    dcc,
    judge,
    signed,
    store,
    text_of,
    trusted,
)

TOLD = claims(dcc())
BODY = cbor2.dumps(TOLD)
GOOD = signed(BODY)[-64:]


def with_header(**header: object) -> str:
    names = {"algorithm": 1, "key_id": 4}
    return text_of(TOLD, protected=cbor2.dumps({names[name]: value for name, value in header.items()}))


def of_test(**changes: object) -> Verdict:
    return judge(text_of(claims(dcc(v=None, t=[{**TEST, **changes}]))))


@pytest.mark.parametrize(
    "algorithm", [-8, -16, -36, -47, -38, -257, -65535, 5, 0, 7, "ES256", -7.0, None, [-7]]
)
def test_co4_an_algorithm_nobody_signs_with(algorithm: object) -> None:
    """EdDSA, hashes alone, ES512, ES256K, PS384, PKCS #1, HMAC, numbers and texts of nothing."""
    verdict = judge(with_header(algorithm=algorithm, key_id=KEY_ID))
    assert (verdict.state, verdict.reason) in {
        (State.BROKEN, "algorithm-unknown"),
        (State.BROKEN, "algorithm-missing"),
    }


@pytest.mark.parametrize(
    "signature",
    [
        GOOD + bytes(1),
        bytes(1) + GOOD,
        GOOD[:32] + bytes(3) + GOOD[32:] + bytes(3),
        GOOD + bytes(7),
        GOOD * 2,
        b"\xff" * 71,
        b"\xff" * 132,
        b"\x30\x45\x02\x21\x00" + GOOD[:32] + b"\x02\x20" + GOOD[32:],
        GOOD[:-1],
        bytes(64),
        b"",
    ],
    # Not by what they hold: the key, and so the signature, is another one in every process.
    ids=range(11),
)
def test_co24_a_signature_of_the_wrong_length(signature: bytes) -> None:
    verdict = judge(text_of(TOLD, signature=signature))
    assert verdict.state is State.BROKEN and verdict.reason


@pytest.mark.parametrize("size", [0, 1, 4, 7, 9, 16, 32])
def test_co25_co26_a_key_identifier_of_another_length(size: int) -> None:
    """No identifier that only begins like a key's, or that a key's only begins like, names that key."""
    verdict = judge(with_header(algorithm=-7, key_id=(KEY_ID * 4)[:size]))
    assert verdict.state is not State.VALID


@pytest.mark.parametrize("size", [7, 9])
def test_co25_co26_even_where_a_list_knows_a_key_by_it(size: int) -> None:
    name = (KEY_ID * 2)[:size]
    verdict = judge(with_header(algorithm=-7, key_id=name), store(trusted(key_ids=(name.hex(),))))
    assert (verdict.state, verdict.reason) == (State.UNKNOWN_ISSUER, "key-id-length")


def test_co27_the_identifier_of_rsa_over_a_signature_of_a_curve() -> None:
    for trust in (store(trusted()), store(trusted(RSA_KEY)), store(trusted(), trusted(RSA_KEY))):
        for number in (-37, -257):
            assert judge(with_header(algorithm=number, key_id=KEY_ID), trust).state is State.BROKEN
        protected = cose.protected_header(Algorithm.ES256, KEY_ID)
        assert judge(text_of(TOLD, key=RSA_KEY, protected=protected), trust).state is State.BROKEN
    assert judge(with_header(algorithm=-7, key_id=KEY_ID)).state is State.VALID


def test_dgc7_a_test_that_found_the_disease() -> None:
    verdict = of_test(tr="260373001")
    assert (verdict.state, verdict.reason) == (State.AMBIGUOUS, "test-detected")
    assert of_test(tr="260415000").state is State.VALID
    for result in ("260373002", "", "detected"):
        assert of_test(tr=result).state is not State.VALID


@pytest.mark.parametrize("after", [timedelta(hours=1), DAY, 400 * DAY])
def test_dgc8_a_sample_taken_in_the_future(after: timedelta) -> None:
    verdict = of_test(sc=(NOW + after).isoformat())
    assert (verdict.state, verdict.reason) == (State.NOT_YET_VALID, "happened-in-future")
    assert of_test(sc=(NOW - after).isoformat()).state is State.VALID


def test_q2_a_code_drawn_in_another_encoding_says_the_same() -> None:
    """How a picture writes its text is no property of a certificate, so the same text in bytes is read. What only bytes
    can write, and no alphanumeric code could, is refused."""
    text = text_of(TOLD)
    drawn = zxingcpp.create_barcode(text.encode(), zxingcpp.BarcodeFormat.QRCode)
    picture = io.BytesIO()
    Image.fromarray(np.array(zxingcpp.write_barcode_to_image(drawn, scale=4))).save(picture, "PNG")
    assert pictures.codes_in(picture.getvalue()) == (text,)
    assert judge(text).state is State.VALID
    head, body = text[:4], text[4:]
    for other in (head + body.lower(), head + body[:40] + "\u00c4" + body[40:], text + "\x00"):
        assert judge(other).state is not State.VALID
