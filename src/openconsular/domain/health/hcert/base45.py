"""Base45 (RFC 9285), strict: no other alphabet, no lower case, no white space around, no overflow.

Vectorised, because decoding character by character takes as long as half of an ECDSA verification.
"""

from collections.abc import Sequence

import numpy as np

from openconsular.domain.health.verdict import Layer, Unreadable

ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_STRANGER = 255
_VALUES = np.full(256, _STRANGER, dtype=np.uint8)
_VALUES[np.frombuffer(ALPHABET, dtype=np.uint8)] = np.arange(45, dtype=np.uint8)
_TRANSLATED = _VALUES.tobytes()
_WEIGHTS = np.array([1, 45, 45 * 45], dtype=np.int32)


def _triples() -> tuple[bytes, ...]:
    """The three characters of each pair of bytes, by the pair's value."""
    letters = [bytes([letter]) for letter in ALPHABET]
    pairs = [low + middle for middle in letters for low in letters]
    return tuple(pairs[value % 2025] + letters[value // 2025] for value in range(1 << 16))


_TRIPLES = np.frombuffer(b"".join(_triples()), dtype="S3")


def decode(text: str) -> bytes:
    """The bytes of a Base45 text. Raises `Unreadable` with layer BASE45."""
    try:
        values = text.encode("ascii").translate(_TRANSLATED)
    except UnicodeEncodeError:
        raise Unreadable(
            Layer.BASE45, "base45-alphabet", "There are characters Base45 does not have."
        ) from None
    if b"\xff" in values:
        raise Unreadable(Layer.BASE45, "base45-alphabet", "There are characters Base45 does not have.")
    whole, rest = divmod(len(values), 3)
    if rest == 1:
        raise Unreadable(Layer.BASE45, "base45-length", "The text ends in the middle of a character group.")
    numbers = np.frombuffer(values, np.uint8, 3 * whole).reshape(whole, 3).dot(_WEIGHTS)
    if whole and np.maximum.reduce(numbers) > 0xFFFF:
        raise Unreadable(
            Layer.BASE45, "base45-overflow", "A group of characters stands for more than two bytes."
        )
    found: bytes = numbers.astype(">u2").tobytes()
    if not rest:
        return found
    last = values[-2] + 45 * values[-1]
    if last > 0xFF:
        raise Unreadable(Layer.BASE45, "base45-overflow", "The last characters stand for more than one byte.")
    return found + bytes((last,))


def decode_many(texts: Sequence[str]) -> list[bytes]:
    """The bytes of each text, all worked out at once. Raises `Unreadable` when one of them is bad, not saying which."""
    whole = [len(text) // 3 * 3 for text in texts]
    groups = decode("".join([text[:end] for text, end in zip(texts, whole, strict=True)]))
    found, begin = [], 0
    for text, end in zip(texts, whole, strict=True):
        size = end // 3 * 2
        rest = decode(text[end:]) if end < len(text) else b""
        found.append(groups[begin : begin + size] + rest)
        begin += size
    return found


def encode(data: bytes) -> str:
    """The Base45 text of some bytes."""
    even = len(data) & ~1
    text: bytes = _TRIPLES[np.frombuffer(data, ">u2", even // 2)].tobytes()
    if even != len(data):
        text += bytes((ALPHABET[data[-1] % 45], ALPHABET[data[-1] // 45]))
    return text.decode("ascii")
