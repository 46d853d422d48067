"""Why a vector of dgc-testdata and this code may rightly differ, each computed from the vector itself."""

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from openconsular.domain.health.conformance import Cause
from openconsular.domain.health.conformance.certificates import der_of
from openconsular.domain.health.conformance.keys import trusted
from openconsular.domain.health.conformance.tokens import (
    EXPIRES_AT,
    HEALTH,
    ISSUED_AT,
    ODD_INSTANT,
    UNREADABLE,
    Token,
    has_odd_instant,
    loads,
    message_in,
    token_of,
)
from openconsular.domain.health.conformance.value_sets import strangers
from openconsular.domain.health.hcert.fields import instant
from openconsular.domain.health.trust.errors import KeyRefused

LACKS_FIELD = Cause(
    "vector-lacks-field", "The vector expects an outcome but has not the field the stage works on."
)
CURVE = Cause(
    "curve-not-allowed",
    "ES256 with a key on another curve than P-256: allowed by RFC 8152, not by the WHO's certificate governance 4.1.",
)
CONTRADICTS_ITSELF = Cause(
    "vector-contradicts-itself",
    "A plain CBOR library reads the same from the vector's code as this program, and its JSON field says another thing.",
)
SEVERAL_ENTRIES = Cause(
    "several-entries",
    "More than one entry in a certificate: refused since schema 1.3.0 and by the vector DGC2, once allowed by 1.0.0.",
)
MANDATORY = Cause(
    "mandatory-field-missing",
    "The vector calls a payload valid that lacks a field every version of the EU's schema requires.",
)
NOT_OF_SCHEMA = Cause(
    "code-not-of-a-value-set",
    "The only fault is a code in no value set: the schema lets any code stand there, and rules of entry look at it.",
)
CLOCK = Cause(
    "clock-outside-certificate",
    "The vector's clock is before its certificate was issued or after it expired: the vectors CO16 and CO17 refuse that.",
)
OTHER_KEY = Cause(
    "key-id-of-another-key",
    "The key identifier is not that of the vector's certificate (HCERT 3.3.1): the vectors CO22 and CO23 refuse that.",
)
WRAPPED = Cause(
    "claim-in-bytes",
    "The certificate stands as a string of bytes in claim -260, where HCERT 3.3.2 asks for a map.",
)

_MISSING = re.compile(r"schema: (?:([vtr])\.)?(\w+): is missing")
# Required members (eu-dcc-schema 1.0.0 to 1.3.2), of the whole and of each kind of entry.
_REQUIRED = {
    None: frozenset(("ver", "nam", "dob")),
    "v": frozenset(("tg", "vp", "mp", "ma", "dn", "sd", "dt", "co", "is", "ci")),
    "t": frozenset(("tg", "tt", "sc", "tr", "co", "is", "ci")),
    "r": frozenset(("tg", "fr", "co", "is", "df", "du", "ci")),
}


class Difference(NamedTuple):
    """What was asked of a vector's fields, what came out, and the value sets beside the vectors."""

    stage: str
    fields: Mapping[str, Any]
    expected: bool
    found: str
    sets: Mapping[str, frozenset[str]]


def cause_of(difference: Difference) -> Cause | None:
    """The cause of a disagreement; None when none of those known here applies."""
    reasons = _REFUSED if difference.expected else _ACCEPTED
    return next((cause for fits, cause in reasons if fits(difference)), None)


def _is_on_other_curve(one: Difference) -> bool:
    if "curve-not-allowed" not in one.found:
        return False
    try:
        return trusted(der_of(one.fields["TESTCTX"]["CERTIFICATE"])).refused == "curve-not-allowed"
    except (KeyError, TypeError, ValueError, KeyRefused):
        return False


def _contradicts_itself(one: Difference) -> bool:
    if one.found != "differs: JSON":
        return False
    carried = [claim for read in (_in_cbor, _in_code) if (claim := _tried(read, one.fields)) is not None]
    return bool(carried) and all(claim != one.fields.get("JSON") for claim in carried)


def _has_several_entries(one: Difference) -> bool:
    told = _carried(one.fields) or one.fields.get("JSON")
    groups = [told.get(group) for group in "vtr"] if isinstance(told, dict) else []
    return (
        one.found.startswith("several-entries")
        and sum(len(group) for group in groups if isinstance(group, list)) > 1
    )


def _lacks_mandatory(one: Difference) -> bool:
    named = _MISSING.match(one.found)
    if named is None or named[2] not in _REQUIRED[named[1]]:
        return False
    told = _carried(one.fields) or one.fields.get("JSON")
    holders = told.get(named[1]) if named[1] and isinstance(told, dict) else [told]
    return isinstance(holders, list) and any(
        isinstance(holder, dict) and named[2] not in holder for holder in holders
    )


def _is_not_of_schema(one: Difference) -> bool:
    return one.stage == "schemavalidation" and bool(
        strangers(_carried(one.fields) or one.fields.get("JSON"), one.sets)
    )


def _is_clock_outside(one: Difference) -> bool:
    """By the token's own instants."""
    token, now = _token(one.fields), _clock(one.fields)
    if one.stage != "expiration" or token is None or now is None:
        return False
    issued, expires = token.claims.get(ISSUED_AT), token.claims.get(EXPIRES_AT)
    return (isinstance(issued, int | float) and issued > now) or (
        isinstance(expires, int | float) and expires < now
    )


def _is_of_another_key(one: Difference) -> bool:
    token = _token(one.fields)
    if one.found != "differs: key-unknown" or token is None:
        return False
    try:
        digest = hashlib.sha256(der_of(one.fields["TESTCTX"]["CERTIFICATE"])).digest()
    except (KeyError, TypeError, ValueError):
        return False
    return token.key_id is not None and bool(token.key_id != digest[:8])


def _is_wrapped(one: Difference) -> bool:
    token = _token(one.fields)
    health = token.claims.get(HEALTH) if token is not None else None
    return (
        one.found.startswith("claim-unknown")
        and isinstance(health, dict)
        and isinstance(health.get(1), bytes)
    )


def _has_odd_instant(one: Difference) -> bool:
    token = _token(one.fields)
    return one.found.startswith("instant:") and token is not None and has_odd_instant(token.claims)


def _carried(fields: Mapping[str, Any]) -> Any:
    """The claims in the vector's own CBOR, else in its code, read without this program's rules; None where it has none."""
    return _tried(_in_cbor, fields) or _tried(_in_code, fields)


def _tried(read: Callable[[Mapping[str, Any]], Any], fields: Mapping[str, Any]) -> Any:
    try:
        found = read(fields)
        return found[HEALTH][1] if isinstance(found, dict) and HEALTH in found else found
    except UNREADABLE:
        return None


def _token(fields: Mapping[str, Any]) -> Token | None:
    """The token in the vector's COSE, else in its code's text."""
    for message in (_in_cose, _in_text):
        try:
            return token_of(message(fields))
        except UNREADABLE:
            continue
    return None


def _in_cose(fields: Mapping[str, Any]) -> bytes:
    return bytes.fromhex(fields["COSE"])


def _in_text(fields: Mapping[str, Any]) -> bytes:
    return message_in(fields["PREFIX"])


def _in_cbor(fields: Mapping[str, Any]) -> Any:
    return loads(bytes.fromhex(fields["CBOR"]))


def _in_code(fields: Mapping[str, Any]) -> Any:
    return token_of(_in_text(fields)).claims


def _clock(fields: Mapping[str, Any]) -> float | None:
    context = fields.get("TESTCTX")
    told = str(context.get("VALIDATIONCLOCK", "")) if isinstance(context, dict) else ""
    when = instant(told) or instant(told + "Z")
    return None if when is None else when.timestamp()


_Reasons = tuple[tuple[Callable[[Difference], bool], Cause], ...]
_REFUSED: _Reasons = (
    (lambda one: one.found.startswith("lacks "), LACKS_FIELD),
    (_is_on_other_curve, CURVE),
    (_contradicts_itself, CONTRADICTS_ITSELF),
    (_has_several_entries, SEVERAL_ENTRIES),
    (_lacks_mandatory, MANDATORY),
    (_is_clock_outside, CLOCK),
    (_is_of_another_key, OTHER_KEY),
    (_is_wrapped, WRAPPED),
    (_has_odd_instant, ODD_INSTANT),
)
_ACCEPTED: _Reasons = ((_is_not_of_schema, NOT_OF_SCHEMA),)
