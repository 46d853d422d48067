"""Identifiers with their check character."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.records.uvci import identifier, is_well_formed


@given(st.binary(min_size=15, max_size=15), st.integers(0, 40), st.sampled_from("ABCXYZ0129"))
def test_one_wrong_sign_is_noticed(random, place, sign):
    whole = identifier("XA", random)
    assert is_well_formed(whole)
    place %= len(whole) - 2
    if whole[place] not in (sign, "#"):
        assert not is_well_formed(whole[:place] + sign + whole[place + 1 :])


@given(st.binary(min_size=15, max_size=15), st.integers(12, 38))
def test_two_signs_changed_about_are_noticed(random, place):
    whole = identifier("XA", random)
    a, b = whole[place], whole[place + 1]
    # Luhn cannot tell first and last sign of the alphabet apart when they are neighbours.
    if a != b and "#" not in (a, b) and {a, b} != {"A", ":"}:
        assert not is_well_formed(whole[:place] + b + a + whole[place + 2 :])


@pytest.mark.parametrize("text", ["", "#", "URN:UVCI:01:XA:ABC", "URN:UVCI:01:XA:é#A", "URN:UVCI:02:XA:A#A"])
def test_what_is_none(text):
    assert not is_well_formed(text)
