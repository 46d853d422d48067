"""Polygons of real alerts, where the collection of them is at hand: read or refused, and matched exactly."""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from openconsular.domain.geo import Area, AreaError, PositionIndex, cover
from openconsular.domain.geo.morton import place_codes
from openconsular.domain.geo.sphere import evenly_spread

COLLECTION = Path(__file__).parents[4] / "shared" / "data" / "cap"
POLYGON = re.compile(r"<(?:\w+:)?polygon>([^<]*)</", re.IGNORECASE)
LARGEST_FILE = 4_000_000


def polygons() -> Iterator[list[tuple[str, ...]]]:
    seen = set()
    for path in sorted(COLLECTION.rglob("*")):
        if (
            not path.is_file()
            or path.suffix not in (".xml", ".cap", ".atom")
            or path.stat().st_size > LARGEST_FILE
        ):
            continue
        for text in POLYGON.findall(path.read_text(encoding="utf-8", errors="replace")):
            if text not in seen:
                seen.add(text)
                yield [tuple(pair.split(",")) for pair in text.split()]


@pytest.mark.skipif(not COLLECTION.exists(), reason="the collection of real alerts is not at hand")
def test_real_polygons_are_read_or_refused_and_matched_exactly() -> None:
    lats, lons = evenly_spread(20_000)
    index = PositionIndex(np.arange(len(lats)), lats, lons)
    codes = place_codes(lats, lons)
    told: Counter[str] = Counter()
    for ring in polygons():
        try:
            area = Area.of([ring])  # type: ignore[list-item]
        except AreaError as error:
            told[error.code] += 1
            continue
        told["read"] += 1
        told["repaired"] += any(note.code == "repaired" for note in area.notes)
        inside = area.covers_many(lats, lons)
        assert np.array_equal(np.sort(index.match(area).ids), np.flatnonzero(inside))
        ranges = cover(area, cells=100)
        covered = np.zeros(len(codes), dtype=np.bool_)
        for part in (ranges.inner, ranges.border):
            covered |= np.searchsorted(part.first, codes, "right") > np.searchsorted(part.end, codes, "right")
        assert not (inside & ~covered).any()
        assert Area.from_bytes(area.to_bytes()) == area == Area.from_geojson(area.to_geojson())
    assert told["read"] > 200 and told["repaired"] and told["open_ring"] and told["latitude_range"] > 100, (
        told
    )
