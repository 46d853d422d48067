"""From the text of a QR code to the signed token: prefix, Base45, zlib."""

import zlib
from collections.abc import Sequence

from deflate import zlib_compress

from openconsular.domain.health.hcert import base45
from openconsular.domain.health.limits import INFLATED_MOST, TEXT_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

# Context identifier and version (HCERT section 4.3).
PREFIX = "HC1:"
# Room asked for at first; the largest certificate seen inflates to a third of it.
_USUAL_SIZE = 4096
# The level whose header says "best compression" (RFC 1950 section 2.2); some readers look for it.
_LEVEL = 9


def open_text(text: str) -> bytes:
    """The CWT in a text that starts with "HC1:". Raises `Unreadable` with layer TEXT, BASE45 or COMPRESSION."""
    return inflate(base45.decode(without_prefix(text)))


def without_prefix(text: str) -> str:
    """What follows "HC1:". Raises `Unreadable` with layer TEXT."""
    if len(text) > TEXT_MOST:
        raise Unreadable(Layer.TEXT, "text-too-long", "The text is longer than any certificate.")
    if not text.startswith(PREFIX):
        raise Unreadable(Layer.TEXT, "prefix", "The text does not start with HC1:.")
    return text[len(PREFIX) :]


def inflate(data: bytes) -> bytes:
    """What zlib deflated (RFC 1950), once, whole and below the cap. Raises `Unreadable` with layer COMPRESSION."""
    inflater = zlib.decompressobj()
    try:
        found = inflater.decompress(data, _USUAL_SIZE)
        if inflater.unconsumed_tail:
            found += inflater.decompress(inflater.unconsumed_tail, INFLATED_MOST - _USUAL_SIZE)
    except zlib.error as error:
        raise Unreadable(Layer.COMPRESSION, "zlib", str(error)) from None
    if inflater.unconsumed_tail:
        raise Unreadable(Layer.COMPRESSION, "zlib-too-large", "It inflates to more than any certificate.")
    if not inflater.eof:
        raise Unreadable(Layer.COMPRESSION, "zlib-truncated", "The compressed data ends too early.")
    if inflater.unused_data:
        raise Unreadable(Layer.COMPRESSION, "zlib-trailing-bytes", "Something follows the compressed data.")
    return found


def close_text(token: bytes) -> str:
    """The text of a QR code for a CWT."""
    return PREFIX + base45.encode(deflate(token))


def close_texts(tokens: Sequence[bytes]) -> list[str]:
    """The texts of QR codes for several, which is quicker."""
    return [PREFIX + text for text in base45.encode_many([deflate(token) for token in tokens])]


def deflate(token: bytes) -> bytes:
    """A zlib stream (RFC 1950) of `token`, as small as it gets."""
    return bytes(zlib_compress(token, _LEVEL))
