"""Strict CBOR (RFC 8949): one item and nothing after it, and only what a certificate can be made of.

Duplicate keys, deep nesting, shared references and every tag but dates (0, 1) and the two that wrap a signed token
(18, 61) are refused before anything is built from them. Indefinite lengths are allowed: published vectors use them.
"""

import math
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from typing import Any, NoReturn

from cbor2 import CBORDecoder, CBORError, dumps, loads, undefined

from openconsular.domain.health.limits import DEPTH_MOST, INSTANT_MOST, ITEMS_MOST
from openconsular.domain.health.verdict import Layer, Unreadable

# Tags cbor2 would act on (big numbers, decimals, regular expressions, references, sets, addresses, ...).
_ACTED_ON = (
    0, 1, 2, 3, 4, 5, 21, 22, 23, 25, 28, 29, 30, 35, 36, 37, 52, 54, 100, 256, 258, 260, 261, 1004, 43000, 55799,
)  # fmt: skip


class _ForeignTag(Exception):
    """A tag no certificate has."""


def _refuse(*_: Any) -> NoReturn:
    raise _ForeignTag


def _dated_text(value: Any, _: bool) -> str:
    """Tag 0 wraps the text a certificate would otherwise hold; some issuers add it (RFC 8949 section 3.4.1)."""
    if type(value) is not str:
        raise _ForeignTag
    return value


def _counted_instant(value: Any, _: bool) -> str:
    """Tag 1 wraps seconds since 1970 (section 3.4.2); given as the text of tag 0."""
    if type(value) not in (int, float) or not 0 <= value <= INSTANT_MOST:
        raise _ForeignTag
    return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")


_DECODERS: dict[int, Callable[[Any, bool], Any]] = {
    **dict.fromkeys(_ACTED_ON, _refuse),
    0: _dated_text,
    1: _counted_instant,
}
_FAULTS = (CBORError, _ForeignTag, ValueError, TypeError, OverflowError, MemoryError, RecursionError)


def read(data: bytes) -> Any:
    """The one item `data` is. Raises `Unreadable` with layer CBOR.

    Wrapping the item in a list without length shows in one pass whether something follows it, unless a byte 0xFF
    (which ends such a list, and occurs neither in text nor in most numbers) stands somewhere inside.
    """
    if not data:
        raise Unreadable(Layer.CBOR, "cbor-empty", "There is nothing to read.")
    if b"\xff" in data:
        return _read_measured(data)
    try:
        items = loads(
            b"\x9f%b\xff" % data,
            semantic_decoders=_DECODERS,
            tag_hook=_refuse,
            max_depth=DEPTH_MOST,
            allow_duplicate_keys=False,
        )
    except _FAULTS:
        # The fault may lie in what follows the item; reading the item alone tells which.
        return _read_measured(data)
    if len(items) != 1:
        raise Unreadable(Layer.CBOR, "cbor-trailing-bytes", "Something follows the CBOR item.")
    return items[0]


def _read_measured(data: bytes) -> Any:
    source = BytesIO(data)
    try:
        value = CBORDecoder(
            source,
            semantic_decoders=_DECODERS,
            tag_hook=_refuse,
            max_depth=DEPTH_MOST,
            allow_duplicate_keys=False,
        ).decode()
    except _FAULTS as fault:
        raise _named(fault, data) from None
    if source.read(1):
        raise Unreadable(Layer.CBOR, "cbor-trailing-bytes", "Something follows the CBOR item.")
    return value


def _named(fault: BaseException, data: bytes) -> Unreadable:
    """What was wrong, as exactly as can be told at this price: it is the path of bad input only."""
    cause: BaseException | None = fault
    while cause is not None:
        if isinstance(cause, _ForeignTag):
            return Unreadable(Layer.CBOR, "cbor-tag", "A tag no certificate has.")
        cause = cause.__cause__ or cause.__context__
    text = str(fault)
    if "nesting depth" in text:
        return Unreadable(Layer.CBOR, "cbor-depth", text)
    try:
        loads(data, semantic_decoders=_DECODERS, tag_hook=_refuse, max_depth=DEPTH_MOST)
    except _FAULTS:
        return Unreadable(Layer.CBOR, "cbor-malformed", text)
    return Unreadable(Layer.CBOR, "cbor-duplicate-key", "A map says two things under one key.")


def plain(value: Any) -> Any:
    """`value` as JSON knows it: text keys, text, whole and finite numbers, truth values, null, lists and maps.

    Undefined becomes null. Raises `Unreadable` with layer CBOR for byte strings, other keys, NaN, simple values, and
    for more values than a certificate has.
    """
    left = [ITEMS_MOST]
    return _plain(value, left)


def _plain(value: Any, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise Unreadable(Layer.CBOR, "cbor-too-many-items", "There are more values than a certificate has.")
    kind = type(value)
    if kind is str or kind is int or kind is bool or value is None:
        return value
    if kind is dict:
        if not all(type(key) is str for key in value):
            raise Unreadable(Layer.CBOR, "cbor-key", "A map has a key that is not a text.")
        return {key: _plain(member, left) for key, member in value.items()}
    if kind is list:
        return [_plain(member, left) for member in value]
    if kind is float and math.isfinite(value):
        return value
    if value is undefined:
        return None
    raise Unreadable(Layer.CBOR, "cbor-value", "There is a value that JSON does not have.")


def write(value: Any) -> bytes:
    """The shortest CBOR of plain values, map keys in the order given."""
    return dumps(value)
