"""What a verifier without a network carries of revocations: a head, and bundles of hashes and filters.

Read again by frontend/verifier/certificate/revocation.js. Bundles are named by their SHA-256 and fetched once; a
look-up opens the one it needs. Lists up to EXACT_MOST hashes are carried whole. Larger ones are shortened to 40 bits, of
which the first 16 stand in a table: about three bytes a hash, so that ten million are some 30 MB. A hit among shortened
hashes is "revocation-uncertain" until the server confirms it.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from openconsular.domain.health.revocation.bloom import BloomFilter
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.lists import KeyRevocations, RevocationList
from openconsular.domain.health.revocation.model import Revocations
from openconsular.domain.health.revocation.segments import SHORT_BYTES
from openconsular.domain.health.revocation.smart_lists import SmartList
from openconsular.domain.health.revocation.var_hash import make_var_hash

EXACT_MOST = 200_000
# A reason only a browser gives: a bundle the head names is not on the device.
NOT_HERE = "list-not-here"
_NOTHING: Mapping[str, datetime] = {}
# Of the EU's binary form (`revocation.bloom`): what stands before the words of the filter.
_BLOOM_HEAD = 20
# A bundle is closed when it has so many bytes; nothing in it is larger than twice that, but for filters of others.
_BUNDLE_BYTES = 512 * 1024
_TABLE_DIGITS = 4
Grown = Mapping[str, Mapping[str, Sequence[HashSet]]]


@dataclass(frozen=True, slots=True)
class Carried:
    """`head` is JSON to be signed; `bundles` are in the order in which it numbers them."""

    head: dict[str, Any]
    bundles: tuple[bytes, ...]


def shortened(revocations: Revocations, *, exact_most: int = EXACT_MOST) -> Revocations:
    """What a browser holds: the same lists, the whole hashes of long ones cut short."""
    lists = {
        name: _shortened(held) if held.entries > exact_most else held
        for name, held in revocations.lists.items()
    }
    return Revocations(revocations.environment, lists, revocations.smart_lists, revocations.smart_versions)


def _shortened(held: RevocationList) -> RevocationList:
    keys = {}
    for name, about in held.keys.items():
        parts = dict(about.parts)
        if about.exact is not None and len(about.exact):
            parts[""] = (*parts.get("", ()), make_var_hash(about.exact.cut(SHORT_BYTES)))
            about = KeyRevocations(about.hash_types, None, parts, about.digits)
        keys[name] = about
    return replace(held, keys=keys)


def carried(
    revocations: Revocations, fresh: Mapping[str, datetime] = _NOTHING, grown: Grown | None = None
) -> Carried:
    """Revocations as `shortened` makes them.

    `fresh` gives, by list id, when the lists were looked at that whoever packs them makes itself: they are as true then
    as when they last changed. `grown` gives by list id and key the segments of shortened hashes such a list has grown
    by; each has bundles of its own, which stay while it grows on.
    """
    bundles = _Bundles()
    lists = [
        _list(held, bundles, fresh.get(held.list_id), (grown or {}).get(held.list_id))
        for held in revocations.lists.values()
    ]
    head = {
        "environment": str(revocations.environment),
        "lists": lists,
        "smart": [_smart_list(held) for held in revocations.smart_lists.values()],
        "smartVersions": [[*name, version] for name, version in revocations.smart_versions.items()],
        "bundles": [],
    }
    contents = bundles.closed()
    head["bundles"] = [[hashlib.sha256(one).hexdigest(), len(one)] for one in contents]
    return Carried(head, contents)


class _Bundles:
    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._open: list[bytes] = []
        self._length = 0

    def add(self, content: bytes) -> list[int]:
        """Which bundle it is in, where, and how long."""
        if self._length >= _BUNDLE_BYTES:
            self.close()
        place = [len(self._done), self._length, len(content)]
        self._open.append(content)
        self._length += len(content)
        return place

    def close(self) -> None:
        if self._open:
            self._done.append(b"".join(self._open))
            self._open, self._length = [], 0

    def closed(self) -> tuple[bytes, ...]:
        self.close()
        return tuple(self._done)


def _list(
    held: RevocationList,
    bundles: _Bundles,
    looked_at: datetime | None,
    grown: Mapping[str, Sequence[HashSet]] | None,
) -> dict[str, Any]:
    return {
        "id": held.list_id,
        "version": held.version,
        "asOf": (looked_at or held.as_of).timestamp(),
        "covers": sorted(held.covers),
        "keys": {
            name: _key(one, bundles, None if grown is None else grown.get(name, ()))
            for name, one in held.keys.items()
        },
    }


def _key(about: KeyRevocations, bundles: _Bundles, segments: Sequence[HashSet] | None) -> dict[str, Any]:
    parts: list[dict[str, Any]] = []
    if segments is not None:
        for values in segments:
            bundles.close()
            parts += _hashes(values, bundles)
        bundles.close()
        return {"types": sorted(about.hash_types), "isExact": False, "parts": parts}
    if about.exact is not None:
        parts += _hashes(about.exact, bundles)
    for place, filters in about.parts.items():
        for one in filters:
            if isinstance(one, BloomFilter):
                at = bundles.add(one.to_bytes()[_BLOOM_HEAD:])
                parts.append({"place": place, "functions": one.functions, "at": at})
            elif place:
                # As a distribution cut it: it may write a hash in a way that begins otherwise (`var_hash`).
                at = bundles.add(one.values.packed)
                parts.append({"place": place, "width": one.width, "at": at})
            else:
                parts += _hashes(one.values, bundles)
    return {"types": sorted(about.hash_types), "isExact": about.is_exact, "parts": parts}


def _hashes(values: HashSet, bundles: _Bundles) -> Iterable[dict[str, Any]]:
    """Hashes of one width, those beginning alike together, so that a look-up opens little."""
    digits = 0
    while digits < _TABLE_DIGITS and len(values.packed) > _BUNDLE_BYTES * 16**digits:
        digits += 1
    for place, packed in values.parts(digits).items():
        said: dict[str, Any] = {"place": place, "width": values.width}
        if _is_worth_a_table(len(packed) // values.width, digits, values.width):
            packed, said["table"] = _tabled(packed, values.width, digits), True
        yield {**said, "at": bundles.add(packed)}


def _is_worth_a_table(count: int, digits: int, width: int) -> bool:
    """Two bytes a hash are saved, two bytes a row are spent. Whole hashes stay as they are published."""
    return width == SHORT_BYTES and count > 16 ** (_TABLE_DIGITS - digits) and count < 2**16


def _tabled(packed: bytes, width: int, digits: int) -> bytes:
    """How many hashes begin with each two bytes (two bytes each, big-endian), then all hashes without these bytes."""
    rows = np.frombuffer(packed, dtype=np.uint8).reshape(-1, width)
    beginnings = rows[:, :2].copy().view(">u2").ravel().astype(np.uint32)
    span = 16 ** (_TABLE_DIGITS - digits)
    counts = np.bincount(beginnings % span, minlength=span)
    return counts.astype(">u2").tobytes() + rows[:, 2:].tobytes()


def _smart_list(held: SmartList) -> dict[str, Any]:
    """A revocation for ever is null: JSON has no infinity."""
    return {
        "issuer": held.issuer,
        "keyId": held.key_id,
        "counter": held.counter,
        "asOf": held.as_of.timestamp(),
        "rids": {rid: None if until == float("inf") else until for rid, until in held.rids.items()},
    }
