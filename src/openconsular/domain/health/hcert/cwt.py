"""The CBOR Web Token inside an HCERT (RFC 8392, HCERT section 3.3.2): who issued it, when, until when, and what."""

import math
from dataclasses import dataclass
from typing import Any

from openconsular.domain.health.hcert import cbor
from openconsular.domain.health.limits import INSTANT_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

ISSUER, EXPIRES, NOT_BEFORE, ISSUED = 1, 4, 5, 6
HEALTH_CLAIM = -260


@dataclass(slots=True)
class Token:
    """Claims of a token. Instants are seconds since 1970, None where absent; `everything` is the whole map."""

    issuer: str
    expires_at: float | None
    not_before: float | None
    issued_at: float | None
    everything: dict[Any, Any]


def read(payload: bytes) -> Token:
    """Reads a token's claims. Raises `Unreadable` with layer CBOR or CLAIMS."""
    claims = cbor.read(payload)
    if type(claims) is not dict:
        raise Unreadable(Layer.CLAIMS, "claims-structure", "The token is not a map of claims.")
    issuer = claims.get(ISSUER, "")
    if type(issuer) is not str:
        raise Unreadable(Layer.CLAIMS, "issuer-type", "The issuer is not a text.")
    return Token(
        issuer, _instant(claims, EXPIRES), _instant(claims, NOT_BEFORE), _instant(claims, ISSUED), claims
    )


def _instant(claims: dict[Any, Any], number: int) -> float | None:
    """A NumericDate: seconds, whole or not, without a tag (RFC 8392 section 2). Milliseconds are refused."""
    value = claims.get(number)
    if type(value) is int:
        if 0 <= value <= INSTANT_MOST:
            return value
    elif value is None:
        if number not in claims:
            return None
    elif type(value) is float and math.isfinite(value) and 0 <= value <= INSTANT_MOST:
        return value
    raise Unreadable(Layer.CLAIMS, "instant", "An instant is not a number of seconds since 1970.")
