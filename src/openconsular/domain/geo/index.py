"""Many positions in memory, and who of them is in an area."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from openconsular.domain.geo.area import Area
from openconsular.domain.geo.cells import Judge
from openconsular.domain.geo.cover import NO_CODES, QUARTERS, joined
from openconsular.domain.geo.morton import BITS, CODE_BITS, REACH_CLASSES_M, Codes, position_codes
from openconsular.domain.geo.sphere import Bools

# Judging a cell costs as much as testing some twenty places, and dividing one means judging four: below this
# many places a cell is not divided further. For the same reason nothing is divided at all where there are
# fewer places near an area than a share of its points, which have to be sorted before cells can be judged.
FEW = 100
POINTS_PER_PLACE = 3
FIRST_DIVISIONS = 3

Kind = TypeVar("Kind", bound=np.generic)


@dataclass(frozen=True)
class Matched:
    """Who is in an area: ids in no order, and for each whether the position itself is in.

    Where `is_inside` is False the position lies outside but its circle of uncertainty touches the area:
    the person is possibly in.
    """

    ids: NDArray[np.int64]
    is_inside: Bools

    @property
    def inside(self) -> NDArray[np.int64]:
        """Ids of the positions that are in the area."""
        return self.ids[self.is_inside]

    @property
    def possible(self) -> NDArray[np.int64]:
        """Ids of the positions outside whose circle of uncertainty touches the area."""
        return self.ids[~self.is_inside]


class PositionIndex:
    """Positions sorted by code, immutable; 32 bytes each, 36 where the position is uncertain."""

    def __init__(
        self, ids: ArrayLike, lats: ArrayLike, lons: ArrayLike, uncertainties_m: ArrayLike | None = None
    ) -> None:
        """From arrays of the same length: ids (int64), degrees, and metres of uncertainty (none: exact)."""
        number = np.asarray(ids, dtype=np.int64)
        y, x = np.asarray(lats, dtype=np.float64), np.asarray(lons, dtype=np.float64)
        radii = (
            np.zeros(number.shape)
            if uncertainties_m is None
            else np.asarray(uncertainties_m, dtype=np.float64)
        )
        codes = position_codes(y, x, radii)
        order = np.argsort(codes, kind="stable")
        self._codes, self._ids = codes[order], number[order]
        self._lats, self._lons = y[order], x[order]
        self._exact = int(np.searchsorted(self._codes, 1 << CODE_BITS))
        # Uncertain positions come after the exact ones, so only they need a radius.
        self._radii = np.ceil(np.minimum(radii[order[self._exact :]], REACH_CLASSES_M[-1])).astype(np.int32)

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def nbytes(self) -> int:
        """Bytes of memory that the positions take, all in."""
        arrays = (self._codes, self._ids, self._lats, self._lons, self._radii)
        return sum(array.nbytes for array in arrays)

    def match(self, area: Area) -> Matched:
        """Everyone whose position is in the area, or whose circle of uncertainty touches it."""
        inside, possible = self._exactly_in(area), NO_CODES
        if self._exact < len(self._ids):
            found = [self._uncertain(area, number) for number in range(1, len(REACH_CLASSES_M))]
            inside = np.concatenate([inside, *(sure for sure, _ in found)])
            possible = np.concatenate([maybe for _, maybe in found])
        flags = np.zeros(len(inside) + len(possible), dtype=np.bool_)
        flags[: len(inside)] = True
        return Matched(np.concatenate([inside, possible]) if len(possible) else inside, flags)

    def _exactly_in(self, area: Area) -> Codes:
        inner, border = self._slices(area, 0)
        lats, lons = _gathered(self._lats, border), _gathered(self._lons, border)
        near = _gathered(self._ids, border)[area.covers_many(lats, lons)]
        return np.concatenate([*(self._ids[start:end] for start, end in inner), near])

    def _uncertain(self, area: Area, number: int) -> tuple[Codes, Codes]:
        first, last = np.searchsorted(self._codes, [number << CODE_BITS, (number + 1) << CODE_BITS])
        if first == last:
            return NO_CODES, NO_CODES
        inner, border = self._slices(area, number)
        lats, lons = _gathered(self._lats, border), _gathered(self._lons, border)
        ids = _gathered(self._ids, border)
        radii = _gathered(self._radii, [(start - self._exact, end - self._exact) for start, end in border])
        is_in = area.covers_many(lats, lons)
        maybe = ~is_in & area.within_reach(lats, lons, radii)
        return np.concatenate([*(self._ids[start:end] for start, end in inner), ids[is_in]]), ids[maybe]

    def _slices(self, area: Area, number: int) -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        """Slices of the positions of one class: those in the area, and those to test.

        Cells are divided only where positions are: the cost follows who is near the boundary.
        """
        judge = Judge(area, REACH_CLASSES_M[number])
        base, codes = number << CODE_BITS, self._codes
        cells, level = judge.start(FIRST_DIVISIONS)
        inner: list[tuple[Codes, Codes]] = []
        border: list[tuple[Codes, Codes]] = []
        shift = 2 * (BITS - level)
        low = np.searchsorted(codes, base + (cells << shift))
        high = np.searchsorted(codes, base + ((cells + 1) << shift))
        if POINTS_PER_PLACE * int((high - low).sum()) < area.vertex_count:
            return [], _merged([(low, high)])
        while True:
            some = high > low
            cells, low, high = cells[some], low[some], high[some]
            few = high - low <= FEW
            border.append((low[few], high[few]))
            cells, low, high = cells[~few], low[~few], high[~few]
            if not len(cells):
                break
            touches, inside = judge.touching(cells, level)
            inner.append((low[inside], high[inside]))
            rest = touches & ~inside
            cells, low, high = cells[rest], low[rest], high[rest]
            if level == BITS:
                border.append((low, high))
                break
            cells, level = (cells[:, None] * 4 + QUARTERS).ravel(), level + 1
            edges = np.searchsorted(codes, base + (cells.reshape(-1, 4)[:, 1:] << (2 * (BITS - level))))
            low, high = np.column_stack([low, edges]).ravel(), np.column_stack([edges, high]).ravel()
        return _merged(inner), _merged(border)


def _merged(parts: list[tuple[Codes, Codes]]) -> list[tuple[int, int]]:
    first = np.concatenate([NO_CODES, *(low for low, _ in parts)])
    end = np.concatenate([NO_CODES, *(high for _, high in parts)])
    first, end = joined(first, end)
    return list(zip(first.tolist(), end.tolist(), strict=True))


def _gathered(values: NDArray[Kind], slices: list[tuple[int, int]]) -> NDArray[Kind]:
    return np.concatenate([values[:0], *(values[start:end] for start, end in slices)])
