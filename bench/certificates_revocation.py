"""Is this certificate revoked: our set of hashes beside Python's own set, SQLite and the gateway's Bloom filter.

    python -m bench.certificates_revocation [--small]

Hashes are seeded. Half of the look-ups hit. Times are processor time; for each side the better of three passes, the
sides in turns. Memory of ours is what its two buffers hold, of the set what the process grew by, of SQLite its pages.
Target: 10 million entries, less than 10 us for one look-up.
"""

import argparse
import gc
import json
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from openconsular.domain.health.certificate import Algorithm, Certificate, Entry, Format, Holder, Kind, Seal
from openconsular.domain.health.revocation.bloom import make_bloom
from openconsular.domain.health.revocation.hash_set import HashSet
from openconsular.domain.health.revocation.identify import HashType, Identity
from openconsular.domain.health.revocation.lists import list_of
from openconsular.domain.health.revocation.model import Answer, Revocations
from openconsular.domain.health.revocation.segments import Writing, read_segment, write_segment
from openconsular.domain.health.trust.model import Environment

FULL, SMALL = (10_000, 100_000, 1_000_000, 10_000_000), (10_000, 100_000)
LOOKUPS, PASSES = 100_000, 3
# Short enough for its false positives to be counted; nobody would publish so short ones.
SHORT_BYTES, BLOOM_RATE, BLOOM_MOST = 4, 1e-6, 100_000
NEW, STRANGERS = 1_000, 200_000
KEY_ID = "0123456789abcdef"


def run(small: bool) -> dict[str, Any]:
    """Figures by name; `growth` has a row for each number of entries."""
    rows = [_size(entries) for entries in (SMALL if small else FULL)]
    last = rows[-1]
    return {
        "revocation_lookup_us": last["ours_us"],
        "revocation_find_us": _find_us(last["entries"]),
        "revocation_entries": last["entries"],
        "revocation_bytes_per_entry": last["ours_bytes"],
        "revocation_false_positives": last["ours_false_positives"],
        "revocation_short_bytes_per_entry": last["short_bytes"],
        "revocation_short_false_positives": last["short_false_positives"],
        "revocation_short_false_positives_expected": last["short_false_positives_expected"],
        "revocation_set_us": last["set_us"],
        "revocation_set_bytes_per_entry": last["set_bytes"],
        "revocation_sqlite_us": last["sqlite_us"],
        "revocation_sqlite_bytes_per_entry": last["sqlite_bytes"],
        "revocation_ratio_sqlite": round(last["sqlite_us"] / last["ours_us"], 1),
        "growth": rows,
        **_publishing(),
    }


def _publishing() -> dict[str, Any]:
    """Publishing what is new, in three ways of writing, and how often strangers are found in each."""
    random = np.random.default_rng(5)
    new, strangers = HashSet(random.bytes(16 * NEW)), random.bytes(16 * STRANGERS)
    best = 1e9
    for _ in range(PASSES):
        started = time.process_time()
        for writing in Writing:
            write_segment(new, writing)
        best = min(best, time.process_time() - started)
    found: dict[str, Any] = {"revocation_publish_1000_ms": round(best * 1000, 1)}
    for writing, entries in ((Writing.SHORT, 1_000_000), (Writing.BLOOM, 50_000)):
        made = write_segment(HashSet(random.bytes(16 * entries)), writing)
        parts: dict[str, list[Any]] = {}
        for place, part in read_segment(made.digest, dict(made.slices).__getitem__):
            parts.setdefault(place, []).append(part)
        digits = max(map(len, parts))
        hits = 0
        for at in range(0, len(strangers), 16):
            one = strangers[at : at + 16]
            hits += any(one in part for part in parts.get(one.hex()[:digits], ()))
        found[f"revocation_{writing}_false_positives"] = f"{hits} of {STRANGERS} in {entries}"
        found[f"revocation_{writing}_bytes_per_entry"] = round(
            sum(map(len, made.slices.values())) / entries, 2
        )
    return found


def _size(entries: int) -> dict[str, Any]:
    random = np.random.default_rng(entries)
    packed, others = random.bytes(16 * entries), random.bytes(16 * LOOKUPS)
    step = max(1, entries // (LOOKUPS // 2))
    inside = [packed[at * 16 : at * 16 + 16] for at in range(0, entries, step)][: LOOKUPS // 2]
    outside = [others[at * 16 : at * 16 + 16] for at in range(LOOKUPS // 2)]
    asked = [one for pair in zip(inside, outside, strict=False) for one in pair]
    started = time.process_time()
    ours = HashSet(packed)
    built = time.process_time() - started
    short = HashSet(_cut(packed, SHORT_BYTES), width=SHORT_BYTES)
    row = {
        "entries": entries,
        "build_s": round(built, 3),
        "ours_bytes": round(ours.bytes_used / entries, 2),
        "ours_false_positives": sum(one in ours for one in outside) / len(outside),
        "short_bytes": round(short.bytes_used / entries, 2),
        "short_false_positives": sum(one in short for one in outside) / len(outside),
        "short_false_positives_expected": short.false_positives,
    }
    database = _database(packed)
    before = _resident()
    rival = {packed[at : at + 16] for at in range(0, len(packed), 16)}
    row["set_bytes"] = round((_resident() - before) / entries, 1)
    pages, page_bytes = (
        database.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "page_size")
    )
    row["sqlite_bytes"] = round(pages * page_bytes / entries, 1)
    bloomed = inside[:BLOOM_MOST]
    bloom = make_bloom(bloomed, rate=BLOOM_RATE)
    sides: dict[str, Callable[[bytes], bool]] = {
        "ours": ours.__contains__,
        "short": short.__contains__,
        "set": rival.__contains__,
        "sqlite": lambda one: (
            database.execute("SELECT 1 FROM revoked WHERE hash = ?", (one,)).fetchone() is not None
        ),
        "bloom": bloom.__contains__,
    }
    expected = len(inside)
    for name, seconds in _race(sides, asked, expected).items():
        row[f"{name}_us"] = round(seconds / len(asked) * 1e6, 3)
    database.close()
    del rival
    gc.collect()
    return row


def _race(
    sides: dict[str, Callable[[bytes], bool]], asked: Sequence[bytes], expected: int
) -> dict[str, float]:
    best: dict[str, float] = {}
    for _ in range(PASSES):
        for name, holds in sides.items():
            started = time.process_time()
            hits = sum(map(holds, asked))
            best[name] = min(best.get(name, 1e9), time.process_time() - started)
            assert hits == expected or (hits > expected and name in ("short", "bloom")), (
                f"{name}: {hits} of {expected}"
            )
    return best


def _find_us(entries: int) -> float:
    """One certificate through the whole of it: its three hashes worked out, the list found, all three looked up."""
    packed = np.random.default_rng(1).bytes(16 * entries)
    third = len(packed) // 48 * 16
    kinds = {kind: HashSet(packed[at * third : (at + 1) * third]) for at, kind in enumerate(HashType)}
    now = datetime(2026, 1, 1, tzinfo=UTC)
    held = list_of({KEY_ID: kinds}, list_id="bench", environment=Environment.LIVE, version=1, as_of=now)
    revocations = Revocations().with_list(held)
    shown = [_Shown(number) for number in range(LOOKUPS // 10)]
    best = 1e9
    for _ in range(PASSES):
        started = time.process_time()
        for one in shown:
            found = revocations.find(Identity(one), (KEY_ID,), Format.EU_DCC, country="PT")
            assert found.answer is Answer.CLEAR
        best = min(best, time.process_time() - started)
    return round(best / len(shown) * 1e6, 2)


class _Shown:
    """A certificate as presented, already read."""

    format = Format.EU_DCC
    kinds = frozenset({Kind.VACCINATION})

    def __init__(self, number: int) -> None:
        entry = Entry(Kind.VACCINATION, f"URN:UVCI:01:PT:{number:032d}", country="PT")
        self.seal = Seal(Algorithm.ES256, b"", number.to_bytes(64), (KEY_ID,), "PT")
        self.certificate = Certificate(self.format, "1.3.0", Holder(), (entry,), issuer_country="PT")


def _database(packed: bytes) -> sqlite3.Connection:
    database = sqlite3.connect(":memory:")
    database.execute("CREATE TABLE revoked (hash BLOB PRIMARY KEY) WITHOUT ROWID")
    rows = np.sort(np.frombuffer(packed, dtype="S16"))
    database.executemany("INSERT INTO revoked VALUES (?)", ((one.ljust(16, b"\0"),) for one in rows.tolist()))
    return database


def _cut(packed: bytes, width: int) -> bytes:
    return np.frombuffer(packed, dtype=np.uint8).reshape(-1, 16)[:, :width].tobytes()


def _resident() -> int:
    gc.collect()
    [line] = [one for one in Path("/proc/self/status").read_text().splitlines() if one.startswith("VmRSS")]
    return int(line.split()[1]) * 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    options.add_argument("--small", action="store_true")
    json.dump(run(options.parse_args().small), sys.stdout, indent=2)
    print()


if __name__ == "__main__":
    main()
