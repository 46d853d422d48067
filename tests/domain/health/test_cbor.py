"""CBOR is read strictly: what is taken is what was written, once, and only what a certificate is made of."""

import math

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.hcert import cbor
from openconsular.domain.health.limits import DEPTH_MOST, ITEMS_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

scalars = st.none() | st.booleans() | st.integers(-(2**64), 2**64 - 1) | st.text(max_size=20)
values = st.recursive(
    scalars | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=8), inner, max_size=5),
    max_leaves=25,
)


def refused(data: bytes) -> str:
    with pytest.raises(Unreadable) as caught:
        cbor.plain(cbor.read(data))
    assert caught.value.layer is Layer.CBOR
    return caught.value.code


@given(values)
def test_what_was_written_is_read(value):
    assert cbor.plain(cbor.read(cbor2.dumps(value))) == value


@given(values)
def test_lengths_may_be_left_open(value):
    assert cbor.plain(cbor.read(cbor2.dumps(value, indefinite_containers=True))) == value


@given(values, st.binary(min_size=1, max_size=4))
def test_nothing_may_follow(value, more):
    assert refused(cbor2.dumps(value) + more)


@given(values)
def test_no_beginning_is_a_whole(value):
    data = cbor2.dumps(value)
    for end in range(len(data)):
        assert refused(data[:end])


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(data):
    try:
        cbor.plain(cbor.read(data))
    except Unreadable as fault:
        assert fault.layer is Layer.CBOR


@pytest.mark.parametrize(
    ("told", "code"),
    [
        ("a2616101616102", "cbor-duplicate-key"),
        ("81a2616101616102", "cbor-duplicate-key"),
        ("bf61610161610261ff01ff", "cbor-malformed"),
        ("d81c81d81d00", "cbor-tag"),  # a list that holds itself
        ("d823635e2e2a", "cbor-tag"),  # a regular expression
        ("c249010000000000000000", "cbor-tag"),  # a big number
        ("c4821b7fffffffffffffff01", "cbor-tag"),  # a decimal with a huge exponent
        ("d81e820102", "cbor-tag"),
        ("d901028101", "cbor-tag"),
        ("d9d9f700", "cbor-tag"),
        ("d8641a00010000", "cbor-tag"),
        ("d9270f00", "cbor-tag"),
        ("c001", "cbor-tag"),  # a date that is no text
        ("c1617a", "cbor-tag"),
        ("c1fb7ff0000000000000", "cbor-tag"),
        ("f97e00", "cbor-value"),  # not a number
        ("f97c00", "cbor-value"),
        ("a1f97e0001", "cbor-key"),
        ("a182010203", "cbor-key"),
        ("a10102", "cbor-key"),
        ("4101", "cbor-value"),
        ("e0", "cbor-value"),
        ("f820", "cbor-value"),
        ("61ff", "cbor-malformed"),  # not UTF-8
        ("9b7fffffffffffffff", "cbor-malformed"),
        ("7b7fffffffffffffff61", "cbor-malformed"),
        ("1c", "cbor-malformed"),
        ("ff", "cbor-malformed"),
        ("", "cbor-empty"),
        ("0000", "cbor-trailing-bytes"),
        ("9f01ff00", "cbor-trailing-bytes"),
        ("00ff", "cbor-trailing-bytes"),
    ],
)
def test_what_is_refused_and_why(told, code):
    assert refused(bytes.fromhex(told)) == code


def test_nesting_has_an_end():
    assert refused(b"\x81" * (DEPTH_MOST + 4) + b"\x00") == "cbor-depth"
    assert refused(b"\xd8\x3d" * 5000 + b"\x00") in ("cbor-tag", "cbor-depth")
    assert cbor.read(b"\x81" * (DEPTH_MOST - 2) + b"\x00")


def test_many_values_are_too_many():
    assert cbor.plain(cbor.read(cbor2.dumps([0] * (ITEMS_MOST - 1))))
    assert refused(cbor2.dumps([0] * ITEMS_MOST)) == "cbor-too-many-items"


def test_dates_with_a_tag_are_the_text_they_wrap():
    assert cbor.read(bytes.fromhex("c074323031332d30332d32315432303a30343a30305a")) == "2013-03-21T20:04:00Z"
    assert cbor.read(bytes.fromhex("c11a514b67b0")) == "2013-03-21T20:04:00Z"


def test_undefined_is_null():
    assert cbor.plain(cbor.read(b"\xf7")) is None


def test_infinity_is_no_number_of_json():
    assert refused(cbor2.dumps(math.inf)) == "cbor-value"
