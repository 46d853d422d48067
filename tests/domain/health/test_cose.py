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


@pytest.mark.parametrize("tag", ["d2", "d812", "d90012", "da00000012", "db0000000000000012"])
def test_a_tag_may_be_written_in_any_length(tag):
    plain = signed(b"x", tag=None)
    message = bytes.fromhex(tag) + plain
    assert cose.read(message) == cose.read(plain)
    assert cose.read(b"\xd8\x3d" + message) == cose.read(message)


@pytest.mark.parametrize("size", [0, 1, 23, 24, 255, 256, 257, 65_535, 65_536])
def test_lengths_signed_over_are_in_their_shortest_form(size):
    some = bytes(size)
    assert cose.to_be_signed(some, some, some) == cbor2.dumps(["Signature1", some, some, some])
    assert list(cbor2.loads(cose.write(some, some, some)).value) == [some, {}, some, some]


def test_an_empty_map_as_header_is_signed_over_as_nothing():
    """RFC 9052 section 4.4: however an empty header was sent."""
    told = [cose.read(signed(b"x", protected=form, unprotected={1: -7})) for form in (b"\xa0", b"")]
    assert told[0].to_be_signed() == told[1].to_be_signed() == cbor2.dumps(["Signature1", b"", b"", b"x"])
    assert told[0].algorithm is told[1].algorithm is Algorithm.ES256


def test_lengths_need_not_be_sent_in_their_shortest_form():
    protected, payload, signature = header(alg=-7, kid=bytes(18)), bytes(range(200)), bytes(64)
    assert len(protected) == 23
    usual = cose.read(cose.write(protected, payload, signature))
    for first in (b"\x57", b"\x58\x17", b"\x59\x00\x17"):
        for second in (b"\x58\xc8", b"\x59\x00\xc8", b"\x5a\x00\x00\x00\xc8"):
            for third in (b"\x58\x40", b"\x59\x00\x40"):
                parts = (b"\xd2\x84", first, protected, b"\xa0", second, payload, third, signature)
                assert cose.read(b"".join(parts)) == usual


def test_lengths_that_do_not_add_up_are_refused():
    message = cose.write(header(alg=-7, kid=KEY_ID), bytes(range(200)) * 2, bytes(64))
    assert message[:3] == b"\xd2\x84\x4d"
    spots = {"header": 2, "unprotected": 16, "payload": 18, "signature": len(message) - 65}
    for at in spots.values():
        for other in (message[at] - 1, message[at] + 1):
            with pytest.raises(Unreadable):
                cose.read(message[:at] + bytes((other,)) + message[at + 1 :])
    for cut in (message[:-1], message + b"\0"):
        with pytest.raises(Unreadable):
            cose.read(cut)


@pytest.mark.parametrize(
    ("before", "layer", "code"),
    [
        ("d83d", Layer.COSE, "cose-tag"),
        ("d83dd83dd2", Layer.COSE, "cose-tag"),
        ("dc00000000000000000000000000000012", Layer.CBOR, "cbor-malformed"),
        ("df", Layer.CBOR, "cbor-malformed"),
        ("d1", Layer.CBOR, "cbor-tag"),
    ],
)
def test_what_is_wrong_with_a_tag_is_told(before, layer, code):
    with pytest.raises(Unreadable) as caught:
        cose.read(bytes.fromhex(before) + signed(b"x", tag=None))
    assert (caught.value.layer, caught.value.code) == (layer, code)


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


def test_a_key_identifier_twice_is_odd_only_where_they_differ():
    twice = header(alg=-7, kid=b"a" * 8)
    assert cose.read(signed(b"x", protected=twice, unprotected={4: b"a" * 8})).notes == ()
    assert cose.read(signed(b"x", protected=twice, unprotected={4: b"b" * 8})).notes == ("key-ids-differ",)
    assert cose.read(signed(b"x", protected=twice, unprotected={3: 0})).notes == ()
    assert cose.read(signed(b"x", protected=twice, unprotected={1: -37})).algorithm is Algorithm.ES256


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
        (1 << 8 * size - 1, 256**size - 1),
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
