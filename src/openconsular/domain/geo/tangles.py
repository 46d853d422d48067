"""Shapes drawn, by mistake or on purpose, so that working on them would take minutes or all memory."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import shapely

# Joining or repairing costs time and memory with the crossings of edges. The worst real alert has a few
# dozen; neighbouring regions touch all along their borders, which a share for every edge allows for.
MOST_MEETINGS = 200_000
MEETINGS_PER_EDGE = 20
# Below this many points even the worst tangle is done in a moment.
FEW_POINTS = 1_000
PAIRS_AT_ONCE = 5_000_000


def is_tangled(geometries: Iterable[Any]) -> bool:
    """Whether the boxes of so many edges meet that their crossings had better not be computed."""
    rings = [shapely.get_coordinates(ring) for ring in _rings(geometries)]
    if sum(map(len, rings)) < FEW_POINTS:
        return False
    edges = np.concatenate([shapely.linestrings(np.stack([ring[:-1], ring[1:]], axis=1)) for ring in rings])
    tree, met = shapely.STRtree(edges), 0
    batch = max(1, PAIRS_AT_ONCE // len(edges))  # bounds the memory of one question
    for start in range(0, len(edges), batch):
        met += tree.query(edges[start : start + batch]).shape[1]
        if met > MOST_MEETINGS + MEETINGS_PER_EDGE * (start + batch):
            return True
    return False


def _rings(geometries: Iterable[Any]) -> Any:
    polygons = shapely.get_parts(np.array(list(geometries), dtype=object))
    return shapely.get_rings(polygons)
