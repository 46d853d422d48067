"""Reads JSON that a stranger wrote: bounded, without duplicate names, NaN or texts that nothing else can hold.

RFC 8259 leaves duplicate names and lone surrogates to the reader; a signature over a text that two readers
understand differently vouches for nothing, so both are refused.
"""

import json
import math
import re
from typing import Any, NoReturn

from openconsular.domain.health.verdict import Layer, Unreadable

# Health certificates nest a FHIR resource some ten levels deep.
DEPTH_MOST = 32

_STRING = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_BRACKET = re.compile(r"[\[\]{}]")
_AROUND = " \t\r\n"


def parse(text: str | bytes, *, most: int, layer: Layer = Layer.JSON) -> Any:
    """The JSON value of `text`, which fills it from the first character to the last.

    `most` is in characters or bytes. Raises `Unreadable` with `layer`.
    """
    if len(text) > most:
        raise Unreadable(layer, "json-too-long", f"{len(text)} where at most {most} are read")
    try:
        text = text.decode() if isinstance(text, bytes) else text
        if text[:1] in _AROUND or text[-1:] in _AROUND:
            raise Unreadable(layer, "trailing-characters", "the JSON is empty or has blanks around it")
        if text.startswith("\ufeff"):
            raise Unreadable(layer, "byte-order-mark", "a byte order mark stands before the JSON")
        _check_depth(text, layer)
        value = json.loads(
            text,
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_float=_finite,
        )
        _check_characters(text, value)
    except (ValueError, RecursionError) as error:
        raise Unreadable(layer, "json-malformed", str(error)[:200]) from error
    return value


def parse_object(text: str | bytes, *, most: int, layer: Layer = Layer.JSON) -> dict[str, Any]:
    """As `parse`, for a text that must be a JSON object."""
    value = parse(text, most=most, layer=layer)
    if not isinstance(value, dict):
        raise Unreadable(layer, "json-not-an-object", "the JSON is not an object")
    return value


def _check_depth(text: str, layer: Layer) -> None:
    if text.count("[") + text.count("{") <= DEPTH_MOST:
        return
    depth = 0
    for bracket in _BRACKET.findall(_STRING.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        if depth > DEPTH_MOST:
            raise Unreadable(layer, "json-too-deep", f"nested more than {DEPTH_MOST} deep")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("a name occurs twice in an object")
    return members


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError("a number is beyond what JSON readers agree on")
    return number


def _check_characters(text: str, value: Any) -> None:
    """U+0000 and lone surrogates can come in only by an escape; no database and no UTF-8 text can hold them."""
    lowered = text.lower()
    if "\\u0000" not in lowered and "\\ud" not in lowered:
        return
    written = json.dumps(value, ensure_ascii=False)
    written.encode()
    if "\\u0000" in written.replace("\\\\", ""):
        raise ValueError("a text holds U+0000")
