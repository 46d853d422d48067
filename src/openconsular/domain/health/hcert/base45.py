"""Base45 (RFC 9285), strict: no other alphabet, no lower case, no white space around, no overflow.

Vectorised, because decoding character by character takes as long as half of an ECDSA verification.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from openconsular.domain.health.verdict import Layer, Unreadable

ALPHABET = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_STRANGER = 255
_VALUES = np.full(256, _STRANGER, dtype=np.uint8)
_VALUES[np.frombuffer(ALPHABET, dtype=np.uint8)] = np.arange(45, dtype=np.uint8)
_TRANSLATED = _VALUES.tobytes()
# Floating point, exact far beyond the largest group, because that is what numpy multiplies fastest.
_WEIGHTS = np.array([1, 45, 45 * 45], dtype=np.float32)


_LETTERS = np.frombuffer(ALPHABET, dtype=np.uint8)
_SINGLES = tuple(chr(ALPHABET[value % 45]) + chr(ALPHABET[value // 45]) for value in range(256))
_BYTES = {pair: bytes((value,)) for value, pair in enumerate(_SINGLES)}


def _triples() -> NDArray[np.bytes_]:
    """The three letters of each two bytes, by their value, the least significant first."""
    values = np.arange(1 << 16)
    digits = np.stack((values % 45, values // 45 % 45, values // 2025), axis=1)
    return _LETTERS[digits].view("S3").reshape(-1)


_TRIPLES = _triples()


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
    numbers = np.frombuffer(values, np.uint8, 3 * whole).reshape(whole, 3).astype(np.float32).dot(_WEIGHTS)
    if whole and np.maximum.reduce(numbers) > 0xFFFF:
        raise Unreadable(
            Layer.BASE45, "base45-overflow", "A group of characters stands for more than two bytes."
        )
    found: bytes = numbers.astype(">u2").tobytes()
    return found + _last_byte(text[-2:]) if rest else found


def _last_byte(pair: str) -> bytes:
    """What two characters of the alphabet at the end stand for."""
    found = _BYTES.get(pair)
    if found is None:
        raise Unreadable(Layer.BASE45, "base45-overflow", "The last characters stand for more than one byte.")
    return found


def decode_many(texts: Sequence[str]) -> list[bytes]:
    """The bytes of each text, all worked out at once. Raises `Unreadable` when one of them is bad, not saying which."""
    whole = [len(text) // 3 * 3 for text in texts]
    groups = decode("".join([text[:end] for text, end in zip(texts, whole, strict=True)]))
    found, begin = [], 0
    for text, end in zip(texts, whole, strict=True):
        size = end // 3 * 2
        if end == len(text):
            found.append(groups[begin : begin + size])
        else:
            rest = text[end:]
            found.append(groups[begin : begin + size] + (_BYTES.get(rest) or decode(rest)))
        begin += size
    return found


def encode(data: bytes) -> str:
    """The Base45 text of some bytes."""
    whole = len(data) & ~1
    groups: str = _TRIPLES[np.frombuffer(data, ">u2", whole // 2)].tobytes().decode("ascii")
    return groups if whole == len(data) else groups + _SINGLES[data[-1]]


def encode_many(several: Sequence[bytes]) -> list[str]:
    """The Base45 text of each, all worked out at once."""
    pairs = [len(data) // 2 for data in several]
    whole = b"".join([data[: 2 * count] for data, count in zip(several, pairs, strict=True)])
    groups: str = _TRIPLES[np.frombuffer(whole, ">u2")].tobytes().decode("ascii")
    found, begin = [], 0
    for data, count in zip(several, pairs, strict=True):
        size = 3 * count
        rest = "" if len(data) == 2 * count else _SINGLES[data[-1]]
        found.append(groups[begin : begin + size] + rest)
        begin += size
    return found
