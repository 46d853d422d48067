"""The envelope of a SMART Health Card: a compact JWS (RFC 7515) with ES256 and a deflated payload.

Only the protected header speaks: what it may say is fixed, and keys inside it (`jwk`, `x5c`) are not looked at.
"""

import base64
import binascii
import re
import struct
import zlib
from dataclasses import dataclass

from openconsular.domain.health import jsontext
from openconsular.domain.health.certificate import Algorithm
from openconsular.domain.health.verdict import Layer, Unreadable

JWS_MOST = 64 * 1024
HEADER_MOST = 4096
INFLATED_MOST = 256 * 1024
KEY_ID_MOST = 256
# Raw r and s of P-256 (RFC 7518 section 3.4). DER, as X.509 has it, is another length.
SIGNATURE_BYTES = 64

_GZIP_END = struct.Struct("<II")
_SHAPE = re.compile(r"([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Envelope:
    """A JWS taken apart; `payload` is inflated JSON."""

    key_id: str
    payload: bytes
    message: bytes
    signature: bytes


def is_compact(text: str) -> bool:
    """Whether a text has the shape of a compact JWS."""
    return len(text) <= JWS_MOST and _SHAPE.fullmatch(text) is not None


def open_envelope(text: str) -> Envelope:
    """Takes a compact JWS apart. Raises `Unreadable` with layer JWS, COMPRESSION or SIGNATURE."""
    match = _SHAPE.fullmatch(text) if len(text) <= JWS_MOST else None
    if match is None:
        raise Unreadable(Layer.JWS, "jws-malformed", "not three texts of base64url with dots between")
    key_id = _key_id(_decode(match[1]))
    signature = _decode(match[3])
    if len(signature) != SIGNATURE_BYTES:
        raise Unreadable(
            Layer.SIGNATURE, "signature-length", f"{len(signature)} bytes where {SIGNATURE_BYTES} are due"
        )
    message = text[: match.end(2)].encode("ascii")
    return Envelope(key_id, inflate(_decode(match[2])), message, signature)


def inflate(data: bytes) -> bytes:
    """Raw DEFLATE (RFC 1951), the whole of it and nothing behind it.

    But for the end of a gzip file (RFC 1952 section 2.3.1), where checksum and size are right: issuers in earnest cut
    off its beginning only.
    """
    machine = zlib.decompressobj(wbits=-zlib.MAX_WBITS)
    try:
        out = machine.decompress(data, INFLATED_MOST + 1)
    except zlib.error as error:
        raise Unreadable(Layer.COMPRESSION, "deflate-malformed", str(error)) from error
    if len(out) > INFLATED_MOST:
        raise Unreadable(Layer.COMPRESSION, "inflated-too-long", f"more than {INFLATED_MOST} bytes")
    if not machine.eof:
        raise Unreadable(Layer.COMPRESSION, "deflate-cut-short", "the compressed text ends too early")
    if machine.unused_data not in (b"", _GZIP_END.pack(zlib.crc32(out), len(out))):
        raise Unreadable(Layer.COMPRESSION, "deflate-trailing-bytes", "bytes follow the compressed text")
    return out


def _decode(text: str) -> bytes:
    """Base64url without padding and with its unused bits zero (RFC 4648 section 3.5), so that there is one text for it."""
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise Unreadable(Layer.JWS, "base64url-malformed", str(error)) from error
    if base64.urlsafe_b64encode(data).rstrip(b"=") != text.encode():
        raise Unreadable(Layer.JWS, "base64url-malformed", "its last character has bits too many")
    return data


def _key_id(header: bytes) -> str:
    fields = jsontext.parse_object(header, most=HEADER_MOST, layer=Layer.JWS)
    if fields.get("alg") != Algorithm.ES256:
        raise Unreadable(Layer.JWS, "algorithm-not-allowed", "a health card is signed with ES256")
    if fields.get("zip") != "DEF":
        raise Unreadable(Layer.JWS, "zip-not-def", "a health card is compressed with DEFLATE")
    if "crit" in fields or "b64" in fields:
        raise Unreadable(Layer.JWS, "header-not-understood", "the header demands an extension")
    key_id = fields.get("kid")
    if not isinstance(key_id, str) or not 0 < len(key_id) <= KEY_ID_MOST:
        raise Unreadable(Layer.JWS, "key-id-absent", "the header names no key")
    return key_id
