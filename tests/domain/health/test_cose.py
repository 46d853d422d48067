"""COSE_Sign1: what is signed over, which headers count, and how seals are checked."""

import io

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.certificate import Algorithm, Seal
from openconsular.domain.health.hcert import cose
from openconsular.domain.health.signing import seals
from openconsular.domain.health.signing.keys import from_der, signing_with
from openconsular.domain.health.verdict import Layer, Unreadable
from tests.domain.health.hcert_world import KEY, KEY_ID, RSA_KEY, signed

ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


@given(st.binary(max_size=300), st.binary(max_size=70_000), st.binary(max_size=40))
def test_structure_signed_over_is_the_standards(protected, payload, external):
    ours = cose.to_be_signed(protected, payload, external)
    header = b"" if protected == b"\xa0" else protected
    assert ours == cbor2.dumps(["Signature1", header, external, payload])


@given(st.binary(max_size=80), st.binary(max_size=300), st.binary(min_size=64, max_size=64))
def test_what_is_written_is_read(more, payload, signature):
    protected = cose.protected_header(Algorithm.ES256, KEY_ID)
    message = cose.write(protected, payload + more, signature)
    assert message == cbor2.dumps(cbor2.CBORTag(18, [protected, {}, payload + more, signature]))
    found = cose.read(message)
    assert (found.payload, found.signature, found.key_id) == (payload + more, signature, KEY_ID.hex())
    assert found.algorithm is Algorithm.ES256


USUAL = cose.write(cose.protected_header(Algorithm.ES256, KEY_ID), bytes(range(256)) * 2, b"\x01" * 64)


@given(
    st.integers(0, len(USUAL) - 1),
    st.integers(0, 255),
    st.sampled_from(("change", "cut", "longer")),
)
def test_a_message_cut_at_its_lengths_is_what_cbor_makes_of_it(at, byte, how):
    message = {
        "change": USUAL[:at] + bytes((byte,)) + USUAL[at + 1 :],
        "cut": USUAL[:at] + USUAL[at + 1 :],
        "longer": USUAL[:at] + bytes((byte,)) + USUAL[at:],
    }[how]
    try:
        found = cose.read(message)
    except Unreadable:
        return
    wrapped = cbor2.loads(message)
    parts = wrapped.value if isinstance(wrapped, cbor2.CBORTag) else wrapped
    assert (found.protected, found.payload, found.signature) == (parts[0], parts[2], parts[3])
    # Nothing may be left over: a reader that ignored it would not see what another one shows.
    source = io.BytesIO(message)
    cbor2.CBORDecoder(source).decode()
    assert source.read() == b""


def test_tags_that_may_stand_around():
    plain = signed(b"x", tag=None)
    assert cose.read(b"\xd2" + plain) == cose.read(b"\xd8\x3d\xd2" + plain) == cose.read(plain)
    assert cose.read(b"\xd8\x12" + plain) == cose.read(plain), "a tag need not be in its shortest form"


@pytest.mark.parametrize("before", ["d903e6", "d83d", "d2d2", "d2d83d", "d83dd83dd2", "d1", "d862"])
def test_other_tags_are_refused(before):
    with pytest.raises(Unreadable):
        cose.read(bytes.fromhex(before) + signed(b"x", tag=None))


@pytest.mark.parametrize(
    "message",
    [
        [b"", {}, b""],
        [b"", {}, b"", b"", b""],
        ["", {}, b"", b""],
        [b"", [], b"", b""],
        [b"", {}, None, b""],
        [b"", {}, b"", "s"],
        {"0": b""},
        b"",
        [b"\x81\x00", {}, b"", b""],
        [b"\xa0\x00", {}, b"", b""],
        [b"\xa2\x01\x26\x01\x25", {}, b"", b""],
        [b"\xa1\x04\x61\x31", {}, b"", b""],
        [b"\xa1\x01\x26" + b"\x00" * 600, {}, b"", b""],
        [b"\xa1\x01\x26", {4: 1}, b"", b""],
        [b"\xa1\x01\x26", {}, b"", b"s" * 600],
    ],
)
def test_other_structures_are_refused(message):
    with pytest.raises(Unreadable) as caught:
        cose.read(cbor2.dumps(message))
    assert caught.value.layer in (Layer.COSE, Layer.CBOR)


def header(**parts):
    names = {"alg": 1, "crit": 2, "kid": 4, "odd": 99}
    return cbor2.dumps({names[name]: value for name, value in parts.items()})


def test_algorithm_that_is_signed_over_counts_and_another_is_noted():
    assert cose.read(signed(b"x", protected=header(kid=KEY_ID))).algorithm_fault == "algorithm-missing"
    outside = cose.read(signed(b"x", protected=b"", unprotected={1: -7, 4: KEY_ID}))
    assert (outside.algorithm, outside.notes) == (
        Algorithm.ES256,
        ("key-id-unprotected", "algorithm-unprotected"),
    )
    strange = cose.read(signed(b"x", protected=b"", unprotected={1: -257, 4: KEY_ID}))
    assert (strange.algorithm, strange.algorithm_fault) == (None, "algorithm-unknown")
    both = cose.read(signed(b"x", protected=header(alg=-37), unprotected={1: -7}))
    assert both.algorithm is Algorithm.PS256
    for strange in (-257, 0, 5, "ES256", -8, None, True):
        assert cose.read(signed(b"x", protected=header(alg=strange))).algorithm is None


def test_protected_key_identifier_wins():
    assert (
        cose.read(signed(b"x", protected=header(alg=-7, kid=b"a" * 8), unprotected={4: b"b" * 8})).key_id
        == "61" * 8
    )
    only = cose.read(signed(b"x", protected=header(alg=-7), unprotected={4: b"b" * 8}))
    assert (only.key_id, only.notes) == ("62" * 8, ("key-id-unprotected",))
    assert cose.read(signed(b"x", protected=header(alg=-7))).key_id == ""


def test_critical_headers_must_be_understood():
    assert cose.read(signed(b"x", protected=header(alg=-7, crit=[1]))).algorithm is Algorithm.ES256
    for critical in ([99], [], 1, ["kid"], [4], [[1]]):
        with pytest.raises(Unreadable) as caught:
            cose.read(signed(b"x", protected=header(alg=-7, crit=critical, odd=1)))
        assert caught.value.code == "cose-critical"


def fault(signature, key=KEY, algorithm=Algorithm.ES256, message=b"m"):
    return seals.fault(Seal(algorithm, message, signature), key.public_key())


@given(st.binary(max_size=200))
def test_seals_hold_for_what_was_signed_and_nothing_else(message):
    for key in (KEY, RSA_KEY):
        algorithm, sign = signing_with(key)
        assert fault(sign(message), key, algorithm, message) == ""
        assert fault(sign(message), key, algorithm, message + b"!") == "signature-wrong"


def test_seals_of_other_keys_and_algorithms():
    _, sign = signing_with(KEY)
    _, rsa_sign = signing_with(RSA_KEY)
    p384 = ec.generate_private_key(ec.SECP384R1())
    assert fault(sign(b"m"), ec.generate_private_key(ec.SECP256R1())) == "signature-wrong"
    assert fault(sign(b"m"), RSA_KEY) == "algorithm-not-of-key"
    assert fault(rsa_sign(b"m"), KEY, Algorithm.PS256) == "algorithm-not-of-key"
    assert fault(bytes(96), p384) == "curve-not-allowed"
    assert fault(sign(b"m"), KEY, Algorithm.ES384) == "curve-not-allowed"
    assert fault(rsa_sign(b"m")[:-1], RSA_KEY, Algorithm.PS256) == "signature-length"


def test_numbers_of_a_signature_are_in_range():
    _, sign = signing_with(KEY)
    good = sign(b"m")
    zero, order, most = bytes(32), ORDER.to_bytes(32), b"\xff" * 32
    for r, s in ((zero, good[32:]), (good[:32], zero), (order, good[32:]), (good[:32], order), (most, most)):
        assert fault(r + s) == "signature-range"
    for length in (0, 1, 63, 65, 70, 72, 96, 128):
        assert fault(good[:length].ljust(length, b"\0")) == "signature-length"


def test_der_is_refused_where_raw_is_due():
    _, sign = signing_with(KEY)
    good = sign(b"m")
    assert fault(seals.to_der(good[:32], good[32:])) == "signature-length"


@given(st.integers(1, ORDER - 1), st.integers(1, ORDER - 1))
def test_numbers_are_written_as_der_and_back(r, s):
    der = seals.to_der(r.to_bytes(32), s.to_bytes(32))
    assert from_der(der, 32) == r.to_bytes(32) + s.to_bytes(32)


@given(st.sampled_from((32, 48, 66)), st.data())
def test_numbers_of_any_curve_are_written_in_their_shortest_form(size, data):
    """Numbers that begin with zeros, one time in 256, are written without them (X.690 section 8.3.2)."""
    r, s = (data.draw(st.integers(1, 256**octets - 1) | st.integers(1, 300)) for octets in (size, size))
    for first, second in (
        (r, s),
        (r >> 9 or 1, s >> 17 or 1),
        (1 << 8 * size - 1, 0x80),
        (0x7F, 1 << 8 * size - 9),
    ):
        der = seals.to_der(first.to_bytes(size), second.to_bytes(size))
        assert der == encode_dss_signature(first, second)


def test_keys_of_odd_sizes_sign_whole_bytes():
    key = rsa.generate_private_key(65537, 2050)
    algorithm, sign = signing_with(key)
    assert len(sign(b"m")) == 257 and fault(sign(b"m"), key, algorithm) == ""


def test_only_two_kinds_of_key_issue():
    with pytest.raises(ValueError, match="P-256"):
        signing_with(ec.generate_private_key(ec.SECP384R1()))
