"""Personal fields at rest: sealed with AES-256-GCM, found again by a keyed hash.

A sealed value is: 1 byte key number, 12 bytes nonce, ciphertext with its 16-byte tag (NIST SP 800-38D). The
context (table and column) is authenticated, so a value moved to another column does not open. Several keys may
be in use; the highest number writes, the others still read until `rotate` has passed over the tables.
"""

import functools
import hmac
import os
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

from openconsular.foundation.errors import OpenConsularError


class Unreadable(OpenConsularError):
    """A protected value cannot be opened: its key is missing or it was altered."""

    code = "unreadable"


@functools.cache
def _cipher(number: int, key: bytes) -> AESGCM:
    return AESGCM(key)


def writing_key() -> int:
    return max(settings.FIELD_KEYS)


def seal(text: str, context: str) -> bytes:
    number = writing_key()
    nonce = os.urandom(12)
    cipher = _cipher(number, settings.FIELD_KEYS[number])
    return bytes((number,)) + nonce + cipher.encrypt(nonce, text.encode(), context.encode())


def unseal(sealed: bytes, context: str) -> str:
    sealed = bytes(sealed)
    key = settings.FIELD_KEYS.get(sealed[0]) if sealed else None
    if key is None:
        raise Unreadable
    try:
        return _cipher(sealed[0], key).decrypt(sealed[1:13], sealed[13:], context.encode()).decode()
    except InvalidTag as error:
        raise Unreadable from error


def lookup_hash(value: str, purpose: str) -> bytes:
    """16 bytes by which an equal value is found without opening any: HMAC-SHA-256, keyed, per purpose."""
    return hmac.digest(settings.LOOKUP_KEY, f"{purpose}\0{value}".encode(), "sha256")[:16]


class SealedTextField(models.BinaryField):  # type: ignore[type-arg]
    """A text kept sealed. In Python a str; in the table bytea. It cannot be filtered on: keep a lookup hash beside it."""

    def __init__(self, *, context: str, **options: Any) -> None:
        self.context = context
        options.setdefault("editable", True)
        super().__init__(**options)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        return name, path, list(args), {**kwargs, "context": self.context}

    def from_db_value(self, value: bytes | None, *_: Any) -> str | None:
        return None if value is None else unseal(value, self.context)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        sealed = value if value is None or isinstance(value, bytes) else seal(value, self.context)
        return super().get_db_prep_value(sealed, connection, prepared)

    def value_to_string(self, obj: models.Model) -> str:
        raise Unreadable("A sealed value is never written out in clear.")
