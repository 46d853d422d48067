"""The tokens in vectors as a plain CBOR library reads them, without this program's rules: what causes are computed from."""

import math
import zlib
from collections.abc import Mapping
from typing import Any, NamedTuple

import cbor2

from openconsular.domain.health.conformance import Cause
from openconsular.domain.health.hcert import base45
from openconsular.domain.health.hcert.envelope import PREFIX
from openconsular.domain.health.limits import INFLATED_MOST, INSTANT_MOST
from openconsular.domain.health.verdict import Unreadable

HEALTH, ISSUED_AT, NOT_BEFORE, EXPIRES_AT = -260, 6, 5, 4
_KEY_ID = 4
UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, zlib.error, cbor2.CBORError, Unreadable)

ODD_INSTANT = Cause(
    "instant-not-a-number",
    "A time in the token is no number of seconds (NaN, milliseconds, a text): RFC 8392 section 2 asks for one.",
)


class Token(NamedTuple):
    """`key_id` is that of the signed header, else of the other."""

    key_id: Any
    claims: Mapping[Any, Any]


def token_of(message: bytes) -> Token:
    """A COSE_Sign1 taken apart. Raises one of `UNREADABLE`."""
    parts = loads(message)
    while isinstance(parts, cbor2.CBORTag):
        parts = parts.value
    protected, unprotected, payload, _ = parts
    headers = {**unprotected, **(loads(protected) if protected else {})}
    claims = loads(payload)
    if not isinstance(claims, dict):
        raise TypeError("the token is no map of claims")
    return Token(headers.get(_KEY_ID), claims)


def message_in(text: str) -> bytes:
    """The COSE_Sign1 in the text of a code. Raises one of `UNREADABLE`."""
    packed = base45.decode(text.removeprefix(PREFIX))
    return zlib.decompressobj().decompress(packed, INFLATED_MOST)


def loads(data: bytes) -> Any:
    """Dates with tag 0 stay the texts they are."""
    return cbor2.loads(data, semantic_decoders={0: lambda value, _: value})


def has_odd_instant(claims: Mapping[Any, Any]) -> bool:
    """Whether one of the times in a token is no NumericDate up to the year 9999."""
    times = [claims[number] for number in (ISSUED_AT, NOT_BEFORE, EXPIRES_AT) if number in claims]
    return any(not _is_number(value) or not 0 <= value <= INSTANT_MOST for value in times)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
