"""One-time codes after RFC 6238 (SHA-1, 30 s, six digits), written from the text: a twin of an authenticator app."""

import base64
import hashlib
import hmac
import struct


def code_at(secret: str, unix_time: float) -> str:
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(unix_time) // 30), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = struct.unpack(">I", digest[offset : offset + 4])[0] & 0x7FFFFFFF
    return f"{number % 10**6:06d}"
