"""Bloom filters in the binary form of the EU's revocation distribution (BloomFilterImpl, version 1, 2022).

Big-endian: version (2 bytes), number of hash functions (1), hash function used (1, 0 is SHA-256), wanted false positive
rate (float, 4), elements planned (4), elements held (4), length in words (4), then the words. Function i of an element
is SHA-256 over the element and the byte i, as a signed number, modulo the number of bits; bits count from the left.
"""

import hashlib
import math
import struct
from collections.abc import Collection, Iterable

from openconsular.domain.health.revocation.errors import RevocationRefused

_HEAD = struct.Struct(">hBBfiii")
_VERSION = 1
_WORD_BITS = 32
_FUNCTIONS_MOST = 64
WORDS_MOST = 16 * 1024 * 1024


class BloomFilter:
    """Says of a hash that it is certainly not in the list, or that it may be."""

    __slots__ = ("_bits", "_words", "functions", "held", "planned", "rate")

    def __init__(self, words: bytes, *, functions: int, rate: float, planned: int, held: int) -> None:
        self._words = words
        self._bits = 8 * len(words)
        self.functions = functions
        self.rate = rate
        self.planned = planned
        self.held = held

    def __contains__(self, value: bytes) -> bool:
        words = self._words
        for position in _positions(value, self.functions, self._bits):
            if not words[position >> 3] & (0x80 >> (position & 7)):
                return False
        return True

    @property
    def false_positives(self) -> float:
        """The chance that a hash not in the list passes, for as many as were put in."""
        return float((1 - math.exp(-self.functions * max(self.held, 0) / self._bits)) ** self.functions)

    def to_bytes(self) -> bytes:
        head = _HEAD.pack(
            _VERSION,
            self.functions,
            0,
            self.rate,
            self.planned,
            self.held,
            len(self._words) * 8 // _WORD_BITS,
        )
        return head + self._words


def make_bloom(hashes: Collection[bytes], *, rate: float) -> BloomFilter:
    """A filter for `hashes` that lets others pass at `rate`, of the size the gateway's own would have."""
    if not 0 < rate < 1:
        raise RevocationRefused("filter-malformed", "A rate lies between 0 and 1.")
    count = max(len(hashes), 1)
    bits = math.ceil(count * math.log(rate) / math.log(1 / 2 ** math.log(2)))
    octets = bits // 8 + 1
    words = octets // 4 + octets % 4
    if words > WORDS_MOST:
        raise RevocationRefused("filter-too-large", f"The filter would have {words} words.")
    functions = min(max(1, round(words * _WORD_BITS / count * math.log(2))), _FUNCTIONS_MOST)
    field = bytearray(4 * words)
    _fill(field, hashes, functions)
    return BloomFilter(bytes(field), functions=functions, rate=rate, planned=count, held=len(hashes))


def read_bloom(raw: bytes) -> BloomFilter:
    """A filter from its binary form. Raises RevocationRefused: "filter-malformed", "filter-too-large"."""
    if len(raw) < _HEAD.size:
        raise RevocationRefused("filter-malformed", "The filter is cut short.")
    version, functions, function, rate, planned, held, words = _HEAD.unpack_from(raw)
    if functions == 0:  # the distribution service of early 2022 wrote the two bytes the other way round
        functions, function = function, functions
    if version != _VERSION or function != 0 or not 1 <= functions <= _FUNCTIONS_MOST or held < 0:
        raise RevocationRefused("filter-malformed", "The filter is of another kind.")
    if words > WORDS_MOST:
        raise RevocationRefused("filter-too-large", f"The filter has {words} words.")
    if words < 1 or len(raw) != _HEAD.size + 4 * words:
        raise RevocationRefused("filter-malformed", "The filter is longer or shorter than it says.")
    return BloomFilter(raw[_HEAD.size :], functions=functions, rate=rate, planned=planned, held=held)


def _fill(field: bytearray, hashes: Iterable[bytes], functions: int) -> None:
    bits = 8 * len(field)
    for value in hashes:
        for position in _positions(value, functions, bits):
            field[position >> 3] |= 0x80 >> (position & 7)


def _positions(value: bytes, functions: int, bits: int) -> Iterable[int]:
    start = hashlib.sha256(value)
    for function in range(functions):
        one = start.copy()
        one.update(bytes((function,)))
        yield int.from_bytes(one.digest(), signed=True) % bits
