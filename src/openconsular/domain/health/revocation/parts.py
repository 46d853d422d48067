"""One part of a list as it travels: a Bloom filter or a list of hashes, whole or shortened, named by its SHA-256."""

import hashlib
from collections.abc import Callable
from enum import StrEnum

from openconsular.domain.health.revocation.bloom import make_bloom, read_bloom
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HASH_BYTES
from openconsular.domain.health.revocation.lists import Part
from openconsular.domain.health.revocation.var_hash import make_var_hash, read_var_hash

Slices = Callable[[str], bytes]  # the content of a slice by its name; KeyError where it is missing


class SliceType(StrEnum):
    """The names the EU's distribution gives them."""

    BLOOM = "BLOOMFILTER"
    VAR_HASH = "VARHASHLIST"


def make_part(values: HashSet, slice_type: SliceType, *, width: int, rate: float) -> bytes:
    """The binary form of whole hashes: a filter that lets others pass at `rate`, or hashes cut to `width` bytes."""
    if slice_type is SliceType.BLOOM:
        packed = values.packed
        hashes = [packed[start : start + HASH_BYTES] for start in range(0, len(packed), HASH_BYTES)]
        return make_bloom(hashes, rate=rate).to_bytes()
    if width == HASH_BYTES:
        return make_var_hash(values).to_bytes()
    return make_var_hash(values.cut(width), rate=rate).to_bytes()


def fetched(digest: str, slice_named: Slices) -> bytes:
    """A slice that is what its name says. Raises RevocationRefused: "slice-missing", "slice-wrong"."""
    try:
        binary = slice_named(digest)
    except KeyError as cause:
        raise RevocationRefused("slice-missing", f"The slice {digest[:16]} is missing.") from cause
    if hashlib.sha256(binary).hexdigest() != digest:
        raise RevocationRefused("slice-wrong", f"The slice {digest[:16]} is not what the index says.")
    return binary


def read_part(slice_type: SliceType, binary: bytes) -> Part:
    """Raises RevocationRefused: "filter-malformed", "filter-too-large", "list-too-long"."""
    return read_bloom(binary) if slice_type is SliceType.BLOOM else read_var_hash(binary)
