"""Sets and filters of hashes at their edges: lengths that do not add up, nothing in them, too much in them."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openconsular.domain.health.revocation.bloom import BloomFilter, make_bloom
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import ENTRIES_MOST, HashSet
from openconsular.domain.health.revocation.identify import hash_of


def refusal(*arguments: object, **more: int) -> str:
    with pytest.raises(RevocationRefused) as refused:
        HashSet(*arguments, **more)  # type: ignore[arg-type]
    return refused.value.code


def test_halves_of_hashes_are_not_put_together() -> None:
    with pytest.raises(RevocationRefused) as refused:
        HashSet.of([b"a" * 8, b"b" * 8])
    assert refused.value.code == "hashes-malformed"
    with pytest.raises(RevocationRefused):
        HashSet.of([b"a" * 4], width=4) | HashSet.of([b"a" * 5], width=5)
    assert refusal(b"", width=0) == refusal(b"", width=17) == refusal(b"abc", width=2) == "hashes-malformed"


def test_the_beginning_of_a_hash_is_not_in_the_set() -> None:
    held = HashSet.of([b"beginning-of-it."])
    assert b"beginning-of-it." in held and b"beginning-of-it.and more" in held
    for short in (b"beginning", b"b", b""):
        assert short not in held


def test_a_list_has_an_end() -> None:
    assert len(HashSet(b"".join(one.to_bytes(16) for one in range(200_000)), is_sorted=True)) == 200_000
    assert refusal(bytes(ENTRIES_MOST + 1), width=1) == "list-too-long"


def test_nothing_is_in_an_empty_set() -> None:
    empty = HashSet()
    assert (len(empty), empty.parts(0), empty.parts(2), empty.packed) == (0, {}, {}, b"")
    assert bytes(16) not in empty and empty <= HashSet.of([bytes(16)])
    assert empty.false_positives == 0.0
    nothing = make_bloom([], rate=0.01)
    assert nothing.false_positives == 0.0 and hash_of("x") not in nothing


def test_equal_sets_are_one() -> None:
    one, same = (
        HashSet.of([hash_of("a"), hash_of("b")]),
        HashSet.of([hash_of("b"), hash_of("a"), hash_of("a")]),
    )
    assert one == same and hash(one) == hash(same)
    assert one != HashSet.of([hash_of("a")]) and one != one.packed
    assert one.cut(8) == HashSet.of([hash_of("a"), hash_of("b")], width=8) != one
    assert not one <= one.cut(8)


@given(
    st.binary(min_size=4, max_size=8).map(lambda words: words[: len(words) // 4 * 4]), st.binary(max_size=16)
)
def test_a_filter_looks_at_its_own_bits_alone(words: bytes, value: bytes) -> None:
    """Bits count from the left; each is that of SHA-256 over the value and the function's number, as a signed number."""
    bits = "".join(f"{octet:08b}" for octet in words)
    for functions in (1, 2):
        digests = [hashlib.sha256(value + bytes((number,))).digest() for number in range(functions)]
        places = [int.from_bytes(digest, signed=True) % len(bits) for digest in digests]
        held = BloomFilter(words, functions=functions, rate=0.1, planned=1, held=1)
        assert (value in held) is all(bits[place] == "1" for place in places)
