"""From the text of a QR code to the signed token: prefix, Base45, zlib."""

import zlib

from openconsular.domain.health.hcert import base45
from openconsular.domain.health.limits import INFLATED_MOST, TEXT_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

# Context identifier and version (HCERT section 4.3).
PREFIX = "HC1:"


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
        found = inflater.decompress(data, INFLATED_MOST)
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
    return PREFIX + base45.encode(zlib.compress(token, 9))
