"""Personal fields at rest are sealed, bound to their column, and outlive a change of keys."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.foundation import secrets


@given(st.text())
def test_what_is_sealed_opens_again_and_does_not_show(text):
    sealed = secrets.seal(text, "a.b")
    assert secrets.unseal(sealed, "a.b") == text
    assert len(text) < 4 or text.encode() not in sealed


def test_equal_values_seal_differently_but_are_found_alike():
    assert secrets.seal("+63 2 8866 7010", "x") != secrets.seal("+63 2 8866 7010", "x")
    assert secrets.lookup_hash("a", "phone") == secrets.lookup_hash("a", "phone")
    assert secrets.lookup_hash("a", "phone") != secrets.lookup_hash("a", "email")


def test_a_value_moved_to_another_column_does_not_open():
    with pytest.raises(secrets.Unreadable):
        secrets.unseal(secrets.seal("E12345678", "citizens.person.document_number"), "citizens.contact.value")


@pytest.mark.parametrize("position", [0, 5, 20, -1])
def test_a_changed_byte_does_not_open(position):
    sealed = bytearray(secrets.seal("E12345678", "a.b"))
    sealed[position] ^= 1
    with pytest.raises(secrets.Unreadable):
        secrets.unseal(bytes(sealed), "a.b")


def test_old_keys_still_read_after_a_new_one_writes(settings):
    old = secrets.seal("before", "a.b")
    settings.FIELD_KEYS = {**settings.FIELD_KEYS, 7: os.urandom(32)}
    assert secrets.unseal(old, "a.b") == "before"
    assert secrets.seal("after", "a.b")[0] == 7
