"""A sparse support: some cells of a box, sorted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv.support.lattice import Lattice
from distconv.typing import AnyArray, IntArray, Vector

#: Cells are numbered in int64 below this many (the sums of two numbers then fit too), in Python integers above.
INT64_CELLS = 2**62


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Some cells of a box, in ascending order.

    Attributes:
        box: the smallest box that holds them, with the coarsest steps.
        cells: their row-major numbers in the box, ascending and distinct; int64, or Python integers where
            the box has 2**62 cells or more.
    """

    box: Lattice
    cells: AnyArray

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.box.shape)

    @property
    def size(self) -> int:
        """The number of points."""
        return len(self.cells)

    def vector(self, index: int) -> Vector:
        """The point with a given rank, as a tuple."""
        return self.box.vector(int(self.cells[index]))

    def rank(self, vector: Vector) -> int | None:
        """The rank of a point, or None where the support does not hold it."""
        cell = self.box.cell(vector)
        if cell is None:
            return None
        rank = int(np.searchsorted(self.cells, cell))
        return rank if rank < len(self.cells) and self.cells[rank] == cell else None

    def cells_at(self, ranks: AnyArray) -> AnyArray:
        """The cells of the points with these ranks."""
        return self.cells[ranks]

    def count_below(self, cells: int | AnyArray) -> IntArray | Any:
        """How many points come before each of these cells."""
        return np.searchsorted(self.cells, cells, side="left")

    def on(self, box: Lattice) -> Points:
        """The same points in another box of that shape."""
        return Points(box, self.cells)

    def reflected(self) -> Points:
        """The negated points."""
        return Points(self.box.reflected(), (self.box.size - 1 - self.cells)[::-1])

    def vectors(self) -> Iterator[Vector]:
        """All points, ascending."""
        return (self.box.vector(int(cell)) for cell in self.cells)


def cell_array(cells: list[int], size: int) -> AnyArray:
    """Cell numbers of a box of that size as an array of the type that holds their sums."""
    return np.array(cells, dtype=np.int64 if size < INT64_CELLS else object)


def indices_of(cells: AnyArray, shape: tuple[int, ...]) -> list[AnyArray]:
    """The index of each cell on every axis."""
    indices = []
    for n in reversed(shape):
        indices.append(cells % n)
        cells = cells // n
    return indices[::-1]


def cells_of(indices: list[AnyArray], shape: tuple[int, ...]) -> AnyArray:
    """The row-major numbers of the cells with these indices in a box of that shape."""
    size = 1
    for n in shape:
        size *= n
    dtype = np.int64 if size < INT64_CELLS else object
    cells = indices[0].astype(dtype)
    for index, n in zip(indices[1:], shape[1:], strict=True):
        cells = cells * n + index.astype(dtype)
    return cells
