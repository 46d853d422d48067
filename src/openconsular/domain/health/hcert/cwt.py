"""The CBOR Web Token inside an HCERT (RFC 8392, HCERT section 3.3.2): who issued it, when, until when, and what."""

import math
from typing import Any

from openconsular.domain.health.hcert import cbor
from openconsular.domain.health.limits import INSTANT_MOST
from openconsular.domain.health.terms import Terms
from openconsular.domain.health.verdict import Layer, Unreadable

ISSUER, EXPIRES, NOT_BEFORE, ISSUED = 1, 4, 5, 6
HEALTH_CLAIM = -260


def read(payload: bytes) -> tuple[Terms, dict[Any, Any]]:
    """A token's terms and all its claims. Raises `Unreadable` with layer CBOR or CLAIMS."""
    claims = cbor.read(payload)
    if type(claims) is not dict:
        raise Unreadable(Layer.CLAIMS, "claims-structure", "The token is not a map of claims.")
    issuer = claims.get(ISSUER, "")
    if type(issuer) is not str:
        raise Unreadable(Layer.CLAIMS, "issuer-type", "The issuer is not a text.")
    not_before = _instant(claims, NOT_BEFORE) if NOT_BEFORE in claims else None
    return Terms(issuer, _instant(claims, ISSUED), not_before, _instant(claims, EXPIRES)), claims


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
