"""Why a vector of dgc-testdata and this code may rightly differ, each computed from the vector itself."""

import hashlib
import re
import zlib
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import cbor2

from openconsular.domain.health.conformance import Cause
from openconsular.domain.health.conformance.certificates import der_of
from openconsular.domain.health.conformance.keys import trusted
from openconsular.domain.health.conformance.value_sets import strangers
from openconsular.domain.health.hcert import base45
from openconsular.domain.health.hcert.fields import instant
from openconsular.domain.health.limits import INFLATED_MOST
from openconsular.domain.health.trust.errors import KeyRefused
from openconsular.domain.health.verdict import Unreadable

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

_HEALTH, _ISSUED_AT, _EXPIRES_AT, _KEY_ID = -260, 6, 4, 4
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
    """By the token's own instants, or by the day of what it attests."""
    message, now = _message(one.fields), _clock(one.fields)
    if one.stage != "expiration" or message is None or now is None:
        return False
    payload = message.payload
    issued, expires = payload.get(_ISSUED_AT), payload.get(_EXPIRES_AT)
    return (isinstance(issued, int | float) and issued > now) or (
        isinstance(expires, int | float) and expires < now
    )


def _is_of_another_key(one: Difference) -> bool:
    message = _message(one.fields)
    if one.found != "differs: key-unknown" or message is None:
        return False
    try:
        digest = hashlib.sha256(der_of(one.fields["TESTCTX"]["CERTIFICATE"])).digest()
    except (KeyError, TypeError, ValueError):
        return False
    return message.key_id is not None and message.key_id != digest[:8]


def _is_wrapped(one: Difference) -> bool:
    message = _message(one.fields)
    health = message.payload.get(_HEALTH) if message is not None else None
    return (
        one.found.startswith("claim-unknown")
        and isinstance(health, dict)
        and isinstance(health.get(1), bytes)
    )


def _carried(fields: Mapping[str, Any]) -> Any:
    """The claims in the vector's own CBOR, else in its code, read without this program's rules; None where it has none."""
    return _tried(_in_cbor, fields) or _tried(_in_code, fields)


_UNREADABLE = (LookupError, TypeError, ValueError, AttributeError, zlib.error, cbor2.CBORError, Unreadable)


def _tried(read: Callable[[Mapping[str, Any]], Any], fields: Mapping[str, Any]) -> Any:
    try:
        found = read(fields)
        return found[_HEALTH][1] if isinstance(found, dict) and _HEALTH in found else found
    except _UNREADABLE:
        return None


class _Message(NamedTuple):
    key_id: bytes | None
    payload: Mapping[Any, Any]


def _message(fields: Mapping[str, Any]) -> _Message | None:
    """The token in the vector's COSE, else in its code's text, as a plain CBOR library reads it."""
    for read in (_of_cose, _of_code):
        try:
            protected, unprotected, payload, _ = read(fields)
            headers = {**unprotected, **(_loads(protected) if protected else {})}
            told = _loads(payload)
        except _UNREADABLE:
            continue
        if isinstance(told, dict):
            return _Message(headers.get(_KEY_ID), told)
    return None


def _of_cose(fields: Mapping[str, Any]) -> Any:
    return _untagged(_loads(bytes.fromhex(fields["COSE"])))


def _of_code(fields: Mapping[str, Any]) -> Any:
    packed = base45.decode(fields["PREFIX"].removeprefix("HC1:"))
    return _untagged(_loads(zlib.decompressobj().decompress(packed, INFLATED_MOST)))


def _untagged(value: Any) -> Any:
    while isinstance(value, cbor2.CBORTag):
        value = value.value
    return value


def _in_cbor(fields: Mapping[str, Any]) -> Any:
    return _loads(bytes.fromhex(fields["CBOR"]))


def _in_code(fields: Mapping[str, Any]) -> Any:
    return _loads(_of_code(fields)[2])


def _loads(data: bytes) -> Any:
    """Dates with tag 0 stay the texts they are."""
    return cbor2.loads(data, semantic_decoders={0: lambda value, _: value})


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
)
_ACCEPTED: _Reasons = ((_is_not_of_schema, NOT_OF_SCHEMA),)
