"""An area as ranges of Z-order codes, for a database that knows only numbers."""

from dataclasses import dataclass

import numpy as np

from openconsular.domain.geo.area import Area
from openconsular.domain.geo.cells import Judge
from openconsular.domain.geo.morton import BITS, Codes

NO_CODES: Codes = np.zeros(0, dtype=np.int64)
QUARTERS: Codes = np.arange(4)


@dataclass(frozen=True)
class Ranges:
    """Half-open ranges of codes, sorted, apart from each other: `first` belongs, `end` does not."""

    first: Codes
    end: Codes

    def __len__(self) -> int:
        return len(self.first)


@dataclass(frozen=True)
class Cover:
    """Every place of the inner ranges is in the area; a place in the border ranges has to be tested.

    A place in neither is not in the area, and its circle of uncertainty (up to the reach the cover was
    made for) does not touch it.
    """

    inner: Ranges
    border: Ranges


def cover(area: Area, *, reach_m: float = 0.0, cells: int = 400) -> Cover:
    """Cover an area with about `cells` border cells; more cells mean fewer places to test, more ranges to read."""
    judge = Judge(area, reach_m)
    frontier, level = judge.start()
    inner: list[tuple[Codes, int]] = []
    while len(frontier):
        touches, inside = judge.touching(frontier, level)
        inner.append((frontier[inside], level))
        frontier = frontier[touches & ~inside]
        if level == BITS or 4 * len(frontier) > 2 * cells:
            break
        frontier, level = (frontier[:, None] * 4 + QUARTERS).ravel(), level + 1
    return Cover(_ranges(inner), _ranges([(frontier, level)]))


def _ranges(parts: list[tuple[Codes, int]]) -> Ranges:
    """Cells of several levels as ranges, neighbours joined."""
    first = np.concatenate([NO_CODES, *(cells << (2 * (BITS - level)) for cells, level in parts)])
    end = np.concatenate([NO_CODES, *((cells + 1) << (2 * (BITS - level)) for cells, level in parts)])
    return Ranges(*joined(first, end))


def joined(first: Codes, end: Codes) -> tuple[Codes, Codes]:
    """Ranges that do not overlap, sorted, with those that meet made one."""
    order = np.argsort(first)
    first, end = first[order], end[order]
    if len(first) < 2:
        return first, end
    breaks = first[1:] != end[:-1]
    return first[np.concatenate([[True], breaks])], end[np.concatenate([breaks, [True]])]
