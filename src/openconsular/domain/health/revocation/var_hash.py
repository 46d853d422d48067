"""Lists of shortened hashes in the binary form of the EU's revocation distribution (PartialVariableHashFilter, 2022).

Big-endian: version (2 bytes), wanted false positive rate (float, 4), elements planned (4), bytes per hash (1), then the
hashes. With 16 bytes per hash the list is exact.
"""

import struct

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HASH_BYTES

_HEAD = struct.Struct(">hfiB")
_VERSION = 1


class VarHashList:
    """Shortened hashes as a distribution service wrote them."""

    __slots__ = ("planned", "rate", "values")

    def __init__(self, values: HashSet, *, rate: float, planned: int) -> None:
        self.values = values
        self.rate = rate
        self.planned = planned

    def __contains__(self, value: bytes) -> bool:
        return value in self.values or _as_written(value[: self.values.width]) in self.values

    @property
    def width(self) -> int:
        return self.values.width

    @property
    def false_positives(self) -> float:
        return self.values.false_positives

    def to_bytes(self) -> bytes:
        return _HEAD.pack(_VERSION, self.rate, self.planned, self.values.width) + self.values.packed


def make_var_hash(values: HashSet, *, rate: float = 0.0) -> VarHashList:
    """The list of hashes already cut to the width wanted; `rate` is what the width was chosen for."""
    return VarHashList(values, rate=rate, planned=len(values))


def width_for(count: int, rate: float) -> int:
    """Bytes per hash so that a hash not among `count` is found at `rate` or less."""
    width = 1
    while width < HASH_BYTES and count / 256.0**width > rate:
        width += 1
    return width


def read_var_hash(raw: bytes) -> VarHashList:
    """Raises RevocationRefused "filter-malformed", "list-too-long"."""
    if len(raw) < _HEAD.size:
        raise RevocationRefused("filter-malformed", "The list of hashes is cut short.")
    version, rate, planned, width = _HEAD.unpack_from(raw)
    body = raw[_HEAD.size :]
    if version != _VERSION or not 1 <= width <= HASH_BYTES or len(body) % width or planned < 0:
        raise RevocationRefused("filter-malformed", "The list of hashes is of another kind, or cut short.")
    return VarHashList(HashSet(body, width=width), rate=rate, planned=planned)


def _as_written(value: bytes) -> bytes:
    """How the distribution service writes a hash that begins with 0xFF.

    It goes through a signed number, whose needless leading bytes are dropped and filled up with zeros instead of 0xFF.
    """
    number = int.from_bytes(value, signed=True)
    if number >= 0:
        return value
    length = (number + 1).bit_length() // 8 + 1
    return number.to_bytes(length, signed=True).rjust(len(value), b"\0")
