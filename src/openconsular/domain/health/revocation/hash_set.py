"""Millions of hashes in little memory: sorted, side by side, with a table of where each first letter begins."""

import math
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.identify import HASH_BYTES

_BITS_MOST = 20
# Entries in a bucket on average: few enough to be searched in one go, many enough to keep the table small.
_PER_BUCKET_BITS = 3
ENTRIES_MOST = 50_000_000


class HashSet:
    """An immutable set of hashes cut to `width` bytes.

    With all 16 bytes a hit is certain. Cut shorter, a hash not in the set is found with a probability of about
    `false_positives`. A look-up costs about a microsecond whatever the size.
    """

    __slots__ = ("_shift", "_sorted", "_starts", "width")

    def __init__(self, packed: bytes = b"", *, width: int = HASH_BYTES, is_sorted: bool = False) -> None:
        """`packed` holds the hashes one after the other, in any order and with repetitions unless `is_sorted`."""
        if not 1 <= width <= HASH_BYTES or len(packed) % width:
            raise RevocationRefused("hashes-malformed", "The hashes are not of one length.")
        if len(packed) // width > ENTRIES_MOST:
            raise RevocationRefused("list-too-long", f"The list has more than {ENTRIES_MOST} entries.")
        self._sorted = packed if is_sorted else _in_order(packed, width)
        self.width = width
        count = len(self)
        bits = min(_BITS_MOST, 8 * width, max(0, math.ceil(math.log2(count or 1)) - _PER_BUCKET_BITS))
        # From the first three bytes of a hash, or as many as there are, to its bucket.
        self._shift = 8 * min(3, width) - bits
        self._starts = self._table(count, bits)

    @classmethod
    def of(cls, hashes: Iterable[bytes], *, width: int = HASH_BYTES) -> "HashSet":
        """Hashes of at least `width` bytes, cut to it."""
        parts = [one[:width] for one in hashes]
        if any(len(part) != width for part in parts):
            raise RevocationRefused("hashes-malformed", "A hash is shorter than the list wants it.")
        return cls(b"".join(parts), width=width)

    def __len__(self) -> int:
        return len(self._sorted) // self.width

    def __contains__(self, value: bytes) -> bool:
        """Whether a hash of at least `width` bytes is in the set."""
        width = self.width
        wanted = value[:width]
        if len(wanted) != width:
            return False
        bucket = int.from_bytes(wanted[:3]) >> self._shift
        start, end = self._starts[bucket] * width, self._starts[bucket + 1] * width
        found = self._sorted.find(wanted, start, end)
        while found >= 0 and (found - start) % width:
            found = self._sorted.find(wanted, found + 1, end)
        return found >= 0

    @property
    def packed(self) -> bytes:
        """The hashes in order, one after the other."""
        return self._sorted

    @property
    def bytes_used(self) -> int:
        return len(self._sorted) + self._starts.nbytes

    @property
    def false_positives(self) -> float:
        """The chance that a hash not in the set is found in it."""
        return 0.0 if self.width == HASH_BYTES else min(1.0, len(self) / 256.0**self.width)

    def cut(self, width: int) -> "HashSet":
        """The same hashes, each cut to its first `width` bytes."""
        rows = np.frombuffer(self._sorted, dtype=np.uint8).reshape(-1, self.width)[:, :width]
        return HashSet(rows.tobytes(), width=width)

    def near(self, head: bytes) -> bytes:
        """The hashes that begin with `head`, packed and in order."""
        width = self.width
        first, last = (int.from_bytes(head[:3].ljust(3, fill)) >> self._shift for fill in (b"\0", b"\xff"))
        start, end = self._starts[first] * width, self._starts[last + 1] * width
        found = (self._sorted[at : at + width] for at in range(start, end, width))
        return b"".join(one for one in found if one.startswith(head))

    def parts(self, digits: int) -> dict[str, bytes]:
        """The hashes by their first hexadecimal digits (at most 4), packed and in order. Empty parts are left out."""
        if not digits:
            return {"": self._sorted} if self._sorted else {}
        octets = np.zeros((len(self), 2), dtype=np.uint8)
        shown = min(2, self.width)
        octets[:, :shown] = np.frombuffer(self._sorted, dtype=np.uint8).reshape(-1, self.width)[:, :shown]
        numbers = octets.view(">u2").ravel().astype(np.uint32) >> np.uint32(16 - 4 * digits)
        edges = np.searchsorted(numbers, np.arange(16**digits + 1, dtype=np.uint32)) * self.width
        cuts = ((f"{part:0{digits}x}", int(edges[part]), int(edges[part + 1])) for part in range(16**digits))
        return {name: self._sorted[start:end] for name, start, end in cuts if end > start}

    def __or__(self, other: "HashSet") -> "HashSet":
        if other.width != self.width:
            raise RevocationRefused("hashes-malformed", "Sets of different lengths cannot be joined.")
        return HashSet(self._sorted + other._sorted, width=self.width)

    def __le__(self, other: "HashSet") -> bool:
        """Whether `other` has all of these."""
        return self.width == other.width and len(self) <= len(other) and len(self | other) == len(other)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, HashSet) and self.width == other.width and self._sorted == other._sorted

    def __hash__(self) -> int:
        return hash((self.width, self._sorted))

    def _table(self, count: int, bits: int) -> memoryview:
        heads = np.zeros((count, 4), dtype=np.uint8)
        shown = min(3, self.width)
        rows = np.frombuffer(self._sorted, dtype=np.uint8).reshape(count, self.width)
        heads[:, 4 - shown :] = rows[:, :shown]
        numbers = heads.view(">u4").ravel().astype(np.uint32) >> np.uint32(self._shift)
        edges = np.arange((1 << bits) + 1, dtype=np.uint32)
        return memoryview(np.searchsorted(numbers, edges, side="left").astype(np.uint32).data)


def _in_order(packed: bytes, width: int) -> bytes:
    """The entries sorted as bytes are, each once. As pairs of 64-bit numbers they sort many times faster than as texts."""
    rows = np.frombuffer(packed, dtype=np.uint8).reshape(-1, width)
    halves = np.zeros((len(rows), HASH_BYTES), dtype=np.uint8)
    halves[:, :width] = rows
    high, low = halves.view(">u8").astype(np.uint64).T
    order = np.argsort(high)
    if _has_repetitions(high[order]):
        order = np.lexsort((low, high))
        high, low = high[order], low[order]
        is_new = np.ones(len(order), dtype=np.bool_)
        is_new[1:] = (high[1:] != high[:-1]) | (low[1:] != low[:-1])
        order = order[is_new]
    return rows[order].tobytes()


def _has_repetitions(ordered: NDArray[np.uint64]) -> bool:
    return bool((ordered[1:] == ordered[:-1]).any())
