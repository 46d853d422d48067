"""JSON of list publishers, read strictly: one value for a name, no NaN, no endless nesting."""

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any, NoReturn

from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.limits import KEY_ID_BYTES_MOST, LIST_BYTES_MOST, TEXT_MOST


def read_json(raw: bytes) -> Any:
    """The value. Raises TrustRefused: "list-too-large", "list-unreadable"."""
    if len(raw) > LIST_BYTES_MOST:
        raise TrustRefused("list-too-large", f"The list has {len(raw)} bytes.")
    try:
        return json.loads(raw.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_constant)
    except (ValueError, RecursionError) as cause:
        raise TrustRefused("list-unreadable", f"The list is not JSON as it should be: {cause}") from cause


def text_in(item: object, name: str) -> str:
    """A text of an object, "" where it is missing or something else, never longer than a line."""
    value = item.get(name, "") if isinstance(item, Mapping) else ""
    return value[:TEXT_MOST] if isinstance(value, str) else ""


def long_text_in(item: object, name: str) -> str:
    """A text that may be long, such as a certificate."""
    value = item.get(name, "") if isinstance(item, Mapping) else ""
    return value if isinstance(value, str) else ""


def base64_bytes(text: str) -> bytes:
    """Base64 or base64url, padded or not, with line breaks as PEM has them. Raises KeyRefused "not-base64"."""
    plain = "".join(text.split()).replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as cause:
        raise KeyRefused("not-base64", f"“{text[:40]}” is not base64.") from cause


def key_id_hex(text: str) -> str:
    """A key id written in base64 as lower-case hex. Raises KeyRefused: "not-base64", "key-id-length"."""
    raw = base64_bytes(text)
    if not 1 <= len(raw) <= KEY_ID_BYTES_MOST:
        raise KeyRefused("key-id-length", f"A key id of {len(raw)} bytes.")
    return raw.hex()


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name occurs twice in one object")
    return found


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
