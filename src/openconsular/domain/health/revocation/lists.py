"""A revocation list as it is held: per key the hashes, exact or as filters."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from openconsular.domain.health.revocation.bloom import BloomFilter
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HASH_BYTES, HashType
from openconsular.domain.health.revocation.var_hash import VarHashList
from openconsular.domain.health.trust.model import Environment

Part = BloomFilter | VarHashList
EVERY_COUNTRY = "*"
COUNTRY_MARK = "country:"
# A filter's hit counts as certain from here on: 64 bits match by chance once in 10^12 look-ups in ten million entries.
_CERTAIN_BYTES = 8


class Look(StrEnum):
    HIT = "hit"
    CLEAR = "clear"
    UNCERTAIN = "uncertain"


_CLEAR = Look.CLEAR


@dataclass(frozen=True, slots=True)
class KeyRevocations:
    """What was revoked of one key (or, under a country, of keys not named).

    `exact` holds whole hashes. `parts` are filters by the first hexadecimal digits of a hash, at most `digits`.
    """

    hash_types: frozenset[HashType]
    exact: HashSet | None = None
    parts: Mapping[str, tuple[Part, ...]] = field(default_factory=dict)
    digits: int = 0

    @property
    def is_exact(self) -> bool:
        return self.exact is not None and not self.parts

    def look(self, value: bytes) -> Look:
        if self.exact is not None and value in self.exact:
            return Look.HIT
        if not self.parts:
            return _CLEAR
        found, digits = _CLEAR, value.hex()[: self.digits]
        for length in range(len(digits) + 1):
            for part in self.parts.get(digits[:length], ()):
                if value in part:
                    if isinstance(part, VarHashList) and part.width >= _CERTAIN_BYTES:
                        return Look.HIT
                    found = Look.UNCERTAIN
        return found


@dataclass(frozen=True, slots=True)
class RevocationList:
    """One publisher's list. `version` only grows, and so do the entries.

    `keys` is by key id (hex), or by "country:" and a country for entries that name none. `covers` are the countries
    (as `same_country` gives them) whose every revocation would be in it, or EVERY_COUNTRY; a key of another country is
    only covered when `keys` has it.
    """

    list_id: str
    environment: Environment
    version: int
    as_of: datetime
    keys: Mapping[str, KeyRevocations]
    covers: frozenset[str] = frozenset()
    digest: str = ""

    @property
    def entries(self) -> int:
        """How many whole hashes it holds."""
        return sum(len(key.exact) for key in self.keys.values() if key.exact is not None)

    def covers_key(self, key_ids: tuple[str, ...], country: str) -> bool:
        covers = self.covers
        if EVERY_COUNTRY in covers or (country and country in covers):
            return True
        return not self.keys.keys().isdisjoint(key_ids)

    def about(self, key_ids: tuple[str, ...], country: str) -> list[KeyRevocations]:
        """What it says of a key by any of its names, and of its country's keys that were not named."""
        names = (*key_ids, COUNTRY_MARK + country) if country else key_ids
        return [held for name in names if (held := self.keys.get(name)) is not None]


def list_of(
    hashes: Mapping[str, Mapping[HashType, HashSet]],
    *,
    list_id: str,
    environment: Environment,
    version: int,
    as_of: datetime,
    covers: frozenset[str] = frozenset(),
) -> RevocationList:
    """A list of whole hashes by key id and kind of hash."""
    keys = {}
    for key_id, kinds in hashes.items():
        joined = HashSet(b"".join(values.packed for values in kinds.values()), width=HASH_BYTES)
        keys[key_id] = KeyRevocations(frozenset(kinds), joined)
    return RevocationList(list_id, environment, version, as_of, keys, covers, digest_of(keys))


def digest_of(keys: Mapping[str, KeyRevocations]) -> str:
    """SHA-256 over what a list says."""
    said = hashlib.sha256()
    for name in sorted(keys):
        held = keys[name]
        said.update(f"{name} {' '.join(sorted(held.hash_types))} {held.digits}\n".encode())
        if held.exact is not None:
            said.update(held.exact.packed)
        for place in sorted(held.parts):
            for part in held.parts[place]:
                said.update(place.encode() + hashlib.sha256(part.to_bytes()).digest())
    return said.hexdigest()
