"""Tokens and codes by which a certificate reaches its holder, and nobody else.

A claim code is ten signs a person can type, with one more against slips; only its keyed hash is kept. A link names one
certificate and its end, and a MAC over both; whoever has it still has to say the holder's day of birth.
"""

import base64
import binascii
import hashlib
import hmac
import secrets
from datetime import UTC, datetime

from django.conf import settings

from openconsular.foundation.errors import NotFound
from openconsular.foundation.secrets import lookup_hash

# Without the letters that are taken for digits or for each other (Crockford's Base32).
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SIGNS_LONG = 10
_ALIKE = str.maketrans({"O": "0", "I": "1", "L": "1", "U": "V", " ": "", "-": ""})


class WrongCode(NotFound):
    """This code or link does not lead to a certificate, or not any more."""

    code = "wrong-claim"


def make_code() -> str:
    """A claim code as it is written: "4F7Q9-2MX8T-P". 50 random bits."""
    body = "".join(secrets.choice(_SIGNS) for _ in range(_SIGNS_LONG))
    return f"{body[:5]}-{body[5:]}-{_check(body)}"


def code_hash(code: str) -> bytes:
    """By which a code is found. Raises WrongCode for what cannot be one, before anybody is asked."""
    plain = code.upper().translate(_ALIKE)
    if len(plain) != _SIGNS_LONG + 1 or any(sign not in _SIGNS for sign in plain):
        raise WrongCode
    if plain[-1] != _check(plain[:-1]):
        raise WrongCode
    return lookup_hash(plain, "health.claim")


def _check(body: str) -> str:
    return _SIGNS[sum((place + 1) * _SIGNS.index(sign) for place, sign in enumerate(body)) % 31]


def make_token(issued_id: int, expires_at: datetime) -> str:
    """The part of a link that names a certificate: 30 signs of base64url."""
    body = issued_id.to_bytes(6, "big") + int(expires_at.timestamp()).to_bytes(5, "big")
    return base64.urlsafe_b64encode(body + _mac(body)).decode().rstrip("=")


def issued_of(token: str, now: datetime) -> int:
    """Which certificate a token names. Raises WrongCode where it is cut, altered, invented or over."""
    try:
        raw = base64.urlsafe_b64decode(token[:64] + "=" * (-len(token) % 4))
    except (ValueError, binascii.Error) as error:
        raise WrongCode from error
    if len(raw) != 23 or not hmac.compare_digest(raw[11:], _mac(raw[:11])):
        raise WrongCode
    if now > datetime.fromtimestamp(int.from_bytes(raw[6:11], "big"), UTC):
        raise WrongCode
    return int.from_bytes(raw[:6], "big")


def _mac(body: bytes) -> bytes:
    return hmac.digest(settings.LINK_KEY, b"certificate" + body, hashlib.sha256)[:12]
