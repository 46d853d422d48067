"""Revocation lists on their way: the gateway's batches, and the slices of a distribution service.

A batch (dgc-gateway, RevocationBatchDto) is what one country revoked of one key: {"country", "expires", "kid",
"hashType", "entries": [{"hash"}]}. A distribution (dgca-revocation-distribution-service) cuts all hashes of a key by
their first hexadecimal digits x, y and z: POINT keeps a key in one partition, VECTOR has one for each x, COORDINATE one
for each x and y; within it a slice for each next digit, as a Bloom filter or a list of shortened hashes, named by its
SHA-256. That is form 1 of the index; form 2, which grows by segments, is written and read by `segments`.
"""

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from openconsular.domain.health.revocation import segments
from openconsular.domain.health.revocation.errors import RevocationRefused
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HASH_BYTES, HashType
from openconsular.domain.health.revocation.lists import (
    COUNTRY_MARK,
    KeyRevocations,
    Part,
    RevocationList,
    digest_of,
)
from openconsular.domain.health.revocation.parts import SliceType, fetched, make_part, read_part
from openconsular.domain.health.revocation.var_hash import VarHashList
from openconsular.domain.health.trust.countries import same_country
from openconsular.domain.health.trust.errors import KeyRefused, TrustRefused
from openconsular.domain.health.trust.json_text import base64_bytes, key_id_hex, read_json, text_in
from openconsular.domain.health.trust.model import Environment

BATCH_ENTRIES_MOST = 1_000  # the gateway's own limit
_UNKNOWN_KEY = "UNKNOWN_KID"
_FORM = 1
_SLICES_MOST = 2_000_000
_POINT_MOST, _VECTOR_MOST = 20_000, 500_000
_NO_END = "9999-12-31T23:59:59Z"


class Mode(StrEnum):
    """How far the hashes of a key are cut apart."""

    POINT = "POINT"
    VECTOR = "VECTOR"
    COORDINATE = "COORDINATE"


_PARTITION_DIGITS = {Mode.POINT: 0, Mode.VECTOR: 1, Mode.COORDINATE: 2}


@dataclass(frozen=True, slots=True)
class Batch:
    """`key` is a key id in hex, or "country:" and the country where the key was not known."""

    key: str
    country: str
    hash_type: HashType
    hashes: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Publication:
    """What a publisher puts up: the index, to be signed, and the slices by the name it calls them."""

    index: bytes
    slices: Mapping[str, bytes]


def read_batch(raw: bytes) -> Batch:
    """A gateway batch, its signature already checked (`trust.cms`). Raises RevocationRefused."""
    document = _json(raw)
    entries = document.get("entries") if isinstance(document, dict) else None
    if not isinstance(entries, list) or len(entries) > BATCH_ENTRIES_MOST:
        raise RevocationRefused(
            "list-unreadable", "This is no batch of revocations, or one that is too long."
        )
    country = same_country(text_in(document, "country"))
    named = text_in(document, "kid")
    try:
        hash_type = HashType(text_in(document, "hashType"))
        key = COUNTRY_MARK + country if named == _UNKNOWN_KEY else key_id_hex(named)
        hashes = tuple(base64_bytes(text_in(entry, "hash")) for entry in entries)
    except (ValueError, KeyRefused) as cause:
        raise RevocationRefused("list-unreadable", f"The batch cannot be read: {cause}") from cause
    if any(len(one) != HASH_BYTES for one in hashes):
        raise RevocationRefused("hashes-malformed", "A hash of the batch has another length than 128 bits.")
    return Batch(key, country, hash_type, hashes)


def hashes_of(batches: Iterable[Batch]) -> dict[str, dict[HashType, HashSet]]:
    """Batches joined by key and kind of hash, as `lists.list_of` takes them."""
    gathered: dict[str, dict[HashType, list[bytes]]] = {}
    for batch in batches:
        gathered.setdefault(batch.key, {}).setdefault(batch.hash_type, []).extend(batch.hashes)
    return {
        key: {hash_type: HashSet.of(hashes) for hash_type, hashes in kinds.items()}
        for key, kinds in gathered.items()
    }


def publish(
    revoked: RevocationList,
    *,
    slice_type: SliceType = SliceType.VAR_HASH,
    width: int = HASH_BYTES,
    rate: float = 1e-6,
) -> Publication:
    """The list cut into slices. With VAR_HASH and 16 bytes nothing is lost; otherwise whole hashes become filters.

    Same list, same bytes. Raises RevocationRefused "not-exact" when the list itself holds only filters.
    """
    slices: dict[str, bytes] = {}
    keys = []
    for name in sorted(revoked.keys):
        held = revoked.keys[name]
        if held.exact is None or held.parts:
            raise RevocationRefused("not-exact", "Only a list of whole hashes can be published.")
        mode = _mode_for(len(held.exact))
        digits = _PARTITION_DIGITS[mode] + 1
        chunks: dict[str, dict[str, dict[str, Any]]] = {}
        for place, packed in held.exact.parts(digits).items():
            binary = make_part(HashSet(packed, is_sorted=True), slice_type, width=width, rate=rate)
            digest = hashlib.sha256(binary).hexdigest()
            slices[digest] = binary
            said = {"type": str(slice_type), "version": "1.0", "hash": digest}
            chunks.setdefault(place[:-1], {})[place[-1]] = {_NO_END: said}
        keys.append(
            {
                "kid": name,
                "mode": str(mode),
                "hashTypes": sorted(held.hash_types),
                "partitions": [_partition(place, parts) for place, parts in sorted(chunks.items())],
            }
        )
    index = {
        "form": _FORM,
        "list": revoked.list_id,
        "environment": str(revoked.environment),
        "version": revoked.version,
        "asOf": revoked.as_of.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"),
        "covers": sorted(revoked.covers),
        "keys": keys,
    }
    return Publication(json.dumps(index, separators=(",", ":"), sort_keys=True).encode(), slices)


def read_publication(
    index: bytes, slice_named: Callable[[str], bytes], *, list_id: str, environment: Environment
) -> RevocationList:
    """The list an index and its slices make, the index's signature already checked.

    Every slice must hash to its name. `list_id` and `environment` are as configured; an index that says otherwise is
    refused. Raises RevocationRefused: "list-unreadable", "list-other", "slice-wrong", "slice-missing".
    """
    document = _json(index)
    if (
        not isinstance(document, dict)
        or document.get("form") not in (_FORM, segments.FORM)
        or not isinstance(document.get("keys"), list)
    ):
        raise RevocationRefused("list-unreadable", "This is no index of revocations in a known form.")
    if document.get("list") != list_id or document.get("environment") != str(environment):
        raise RevocationRefused("list-other", "The index belongs to another list or environment.")
    version, as_of = document.get("version"), _instant(document.get("asOf"))
    if not isinstance(version, int) or isinstance(version, bool) or version < 0 or as_of is None:
        raise RevocationRefused("list-unreadable", "The index has no version or no date.")
    covers = document.get("covers", [])
    if not isinstance(covers, list) or not all(isinstance(one, str) for one in covers):
        raise RevocationRefused("list-unreadable", "The index does not say what it covers.")
    keys = {}
    read_key = segments.read_key if document["form"] == segments.FORM else _key
    for entry in document["keys"]:
        name, held = read_key(entry, slice_named)
        if name in keys:
            raise RevocationRefused("list-unreadable", "A key stands in the index twice.")
        keys[name] = held
    return RevocationList(list_id, environment, version, as_of, keys, frozenset(covers), digest_of(keys))


def _key(entry: Any, slice_named: Callable[[str], bytes]) -> tuple[str, KeyRevocations]:
    try:
        mode = Mode(entry["mode"])
        hash_types = frozenset(HashType(one) for one in entry["hashTypes"])
        places = list(_places(entry["partitions"], mode))
        name = entry["kid"]
    except (KeyError, TypeError, ValueError, AttributeError) as cause:
        raise RevocationRefused("list-unreadable", "A key of the index is not as it should be.") from cause
    if not isinstance(name, str) or not hash_types or len(places) > _SLICES_MOST:
        raise RevocationRefused("list-unreadable", "A key of the index is not as it should be.")
    whole: list[bytes] = []
    parts: dict[str, list[Part]] = {}
    for place, kind, digest in places:
        part = read_part(kind, fetched(digest, slice_named))
        if isinstance(part, VarHashList) and part.width == HASH_BYTES:
            whole.append(part.values.packed)
        else:
            parts.setdefault(place, []).append(part)
    exact = HashSet(b"".join(whole)) if whole or not parts else None
    digits = _PARTITION_DIGITS[mode] + 1
    return name, KeyRevocations(
        hash_types, exact, {place: tuple(held) for place, held in parts.items()}, digits
    )


def _places(partitions: Any, mode: Mode) -> Iterable[tuple[str, SliceType, str]]:
    """Every slice with the digits its hashes begin with, its type and its name."""
    for partition in partitions:
        before = partition["id"] or ""
        if len(before) != _PARTITION_DIGITS[mode]:
            raise ValueError(before)
        for digit, by_end in partition["chunks"].items():
            if len(digit) != 1:
                raise ValueError(digit)
            for said in by_end.values():
                yield (before + digit).lower(), SliceType(said["type"]), str(said["hash"])


def _partition(place: str, chunks: Mapping[str, Any]) -> dict[str, Any]:
    x, y = (*place, None, None)[:2]
    return {"id": place or None, "x": x, "y": y, "z": None, "chunks": chunks}


def _mode_for(count: int) -> Mode:
    if count <= _POINT_MOST:
        return Mode.POINT
    return Mode.VECTOR if count <= _VECTOR_MOST else Mode.COORDINATE


def _instant(text: Any) -> datetime | None:
    try:
        when = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except (AttributeError, ValueError):
        return None
    return when.astimezone(UTC) if when.tzinfo else None


def _json(raw: bytes) -> Any:
    try:
        return read_json(raw)
    except TrustRefused as fault:
        raise RevocationRefused(fault.code, fault.message) from fault
