"""Lists that grow by segments: what is new is a small segment of its own, and eight of one size become a larger one.

So publishing costs what is new costs, and whoever keeps a list fetches what is new. The index (form 2) names for each
key its segments; a segment is a slice that names the slices with the hashes, by the hexadecimal digits these begin
with. All slices are named by their SHA-256 and never change. The same segments are written in three ways (`Writing`).
"""

import hashlib
import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import ENTRIES_MOST, HashSet
from openconsular.domain.health.revocation.identify import HASH_BYTES, HashType
from openconsular.domain.health.revocation.lists import KeyRevocations, Part
from openconsular.domain.health.revocation.parts import Slices, SliceType, fetched, make_part, read_part
from openconsular.domain.health.revocation.var_hash import VarHashList
from openconsular.domain.health.trust.errors import TrustRefused
from openconsular.domain.health.trust.json_text import read_json
from openconsular.domain.health.trust.model import Environment

FORM = 2
JOINED_AT = 8
_SMALLEST = 256
# Slices of whole hashes have at most 16,384 of them: a quarter of a megabyte, one breath of a slow line.
_SLICE_ENTRIES = 16_384
DIGITS_MOST = 4
_SEGMENTS_MOST = 4_096
# 40 bits: among ten million entries one hash in 110,000 is found that is not there.
SHORT_BYTES = 5
BLOOM_RATE = 1e-6


class Writing(StrEnum):
    """Whole hashes: a hit is certain. Shortened hashes and filters: a hit is to be confirmed."""

    WHOLE = "whole"
    SHORT = "short"
    BLOOM = "bloom"


_WRITTEN = {
    Writing.WHOLE: (SliceType.VAR_HASH, HASH_BYTES, 0.0),
    Writing.SHORT: (SliceType.VAR_HASH, SHORT_BYTES, 0.0),
    Writing.BLOOM: (SliceType.BLOOM, HASH_BYTES, BLOOM_RATE),
}


@dataclass(frozen=True, slots=True)
class Segment:
    """`digest` names the slice that names the others; `slices` are all of them by name, that one included."""

    digest: str
    entries: int
    slices: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class KeySegments:
    """What an index says of one key."""

    key: str
    hash_types: frozenset[HashType]
    segments: Sequence[str]


def level_of(entries: int) -> int:
    """How often segments were joined to one of this size, about."""
    return max(0, int(math.log(max(entries, 1) / _SMALLEST, JOINED_AT))) if entries > _SMALLEST else 0


def to_join(sizes: Sequence[int]) -> list[int]:
    """Which segments, by their place in `sizes` (entries), become one: eight or more of one level; none is empty."""
    by_level: dict[int, list[int]] = {}
    for place, size in enumerate(sizes):
        by_level.setdefault(level_of(size), []).append(place)
    for level in sorted(by_level):
        places = by_level[level]
        if len(places) >= JOINED_AT and sum(sizes[place] for place in places) <= ENTRIES_MOST:
            return places
    return []


def write_segment(values: HashSet, writing: Writing) -> Segment:
    """Whole hashes as a segment. Same hashes, same bytes."""
    slice_type, width, rate = _WRITTEN[writing]
    digits = _digits_for(len(values))
    places, slices = {}, {}
    for place, packed in values.parts(digits).items():
        binary = make_part(HashSet(packed, is_sorted=True), slice_type, width=width, rate=rate)
        name = hashlib.sha256(binary).hexdigest()
        places[place], slices[name] = name, binary
    said = {"form": FORM, "type": str(slice_type), "digits": digits, "entries": len(values), "slices": places}
    content = json.dumps(said, separators=(",", ":"), sort_keys=True).encode()
    digest = hashlib.sha256(content).hexdigest()
    return Segment(digest, len(values), {**slices, digest: content})


def write_index(
    keys: Iterable[KeySegments],
    *,
    list_id: str,
    environment: Environment,
    version: int,
    as_of: datetime,
    covers: frozenset[str],
) -> bytes:
    """What a verifier reads first, to be signed."""
    said = [
        {"kid": one.key, "hashTypes": sorted(one.hash_types), "segments": list(one.segments)}
        for one in sorted(keys, key=lambda one: one.key)
    ]
    index = {
        "form": FORM,
        "list": list_id,
        "environment": str(environment),
        "version": version,
        "asOf": as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "covers": sorted(covers),
        "keys": said,
    }
    return json.dumps(index, separators=(",", ":"), sort_keys=True).encode()


def read_key(entry: Any, slice_named: Slices) -> tuple[str, KeyRevocations]:
    """What an index of form 2 says of one key. Raises RevocationRefused as `slices.read_publication` does."""
    try:
        name, segments = entry["kid"], entry["segments"]
        hash_types = frozenset(HashType(one) for one in entry["hashTypes"])
        if not hash_types or not isinstance(name, str) or len(segments) > _SEGMENTS_MOST:
            raise ValueError(name)
        read = [read_segment(str(digest), slice_named) for digest in segments]
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise RevocationRefused("list-unreadable", "A key of the index is not as it should be.") from cause
    whole: list[bytes] = []
    parts: dict[str, list[Part]] = {}
    for segment in read:
        for place, part in segment:
            if isinstance(part, VarHashList) and part.width == HASH_BYTES:
                whole.append(part.values.packed)
            else:
                parts.setdefault(place, []).append(part)
    exact = HashSet(b"".join(whole)) if whole or not parts else None
    held = {place: tuple(found) for place, found in parts.items()}
    return name, KeyRevocations(hash_types, exact, held, max(map(len, parts), default=0))


def read_segment(digest: str, slice_named: Slices) -> list[tuple[str, Part]]:
    """The parts of a segment with the digits their hashes begin with. Raises RevocationRefused, ValueError, KeyError."""
    said = _json(fetched(digest, slice_named))
    digits, slice_type = said["digits"], SliceType(said["type"])
    if said["form"] != FORM or not isinstance(digits, int) or not 0 <= digits <= DIGITS_MOST:
        raise ValueError(digits)
    found = []
    for place, name in said["slices"].items():
        if len(place) != digits or place.strip("0123456789abcdef"):
            raise ValueError(place)
        found.append((place, read_part(slice_type, fetched(str(name), slice_named))))
    return found


def names_in_index(index: bytes) -> list[str]:
    """The segments an index of form 2 names, each once. Raises RevocationRefused "list-unreadable"."""
    said = _json(index)
    try:
        if said["form"] != FORM:
            raise ValueError(said["form"])
        return list(dict.fromkeys(str(name) for key in said["keys"] for name in key["segments"]))
    except (KeyError, TypeError, ValueError) as cause:
        raise RevocationRefused("list-unreadable", "This is no index that grows by segments.") from cause


def names_in_segment(segment: bytes) -> list[str]:
    """The slices a segment names. Raises RevocationRefused "list-unreadable"."""
    said = _json(segment)
    try:
        return [str(name) for name in said["slices"].values()]
    except (KeyError, TypeError, AttributeError) as cause:
        raise RevocationRefused("list-unreadable", "A segment of the list cannot be read.") from cause


def _json(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except TrustRefused as fault:
        raise RevocationRefused(fault.code, fault.message) from fault


def _digits_for(entries: int) -> int:
    digits = 0
    while digits < DIGITS_MOST and entries > _SLICE_ENTRIES * 16**digits:
        digits += 1
    return digits
