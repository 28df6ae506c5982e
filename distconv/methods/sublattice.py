"""Supports that fill only a sublattice of their box: a checkerboard, a diagonal; in its own coordinates it has no gaps.

The differences of the points generate a lattice, whose basis is reduced (Lenstra, Lenstra, Lovasz 1982), so that the
points' coordinates stay small. Of n steps to the four neighbours half of the cells are empty; along diagonals none are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv.measure import Measure
from distconv.measure.arranging import arranged, positive_cells
from distconv.measure.measure import kept
from distconv.support.outcomes import quotient
from distconv.support.points import indices_of
from distconv.typing import AnyArray, Vector

#: Coordinates up to this size are mapped in doubles and checked in integers.
MOST_COORDINATE = 2**24


@dataclass(frozen=True, slots=True, eq=False)
class Chart:
    """How coordinates on a sublattice map to points: first + coordinates @ basis, in units of the steps."""

    measure: Measure
    basis: AnyArray
    first: Vector
    step: Vector

    def image(self, found: Measure, copies: int) -> Measure:
        """The measure of a sum of so many copies, made in these coordinates, on the points themselves."""
        box = found.box
        ranks = found.weights.positive()
        indices = indices_of(positive_cells(found), box.shape)
        places = [index * int(s) + int(o) for index, s, o in zip(indices, box.step, box.origin, strict=True)]
        columns = [
            sum((c * int(b) for c, b in zip(places, column, strict=True)), start=np.zeros(len(ranks), dtype=np.int64))
            for column in self.basis.T
        ]
        origin = tuple(copies * v for v in self.first)
        # In the order of the points, so that long fractions move only once.
        order = np.lexsort(columns[::-1])
        columns = [column[order] for column in columns]
        return arranged(columns, origin, self.step, found.weights.take(ranks[order]), found.missing)

    def place(self, vector: Vector, copies: int) -> Vector | None:
        """The coordinates of a point of a sum of so many copies; None where the lattice has no such point."""
        units = [
            quotient(x - copies * first, step) for x, first, step in zip(vector, self.first, self.step, strict=True)
        ]
        if any(unit.denominator != 1 for unit in units):
            return None
        import flint

        basis = flint.fmpz_mat(self.basis.tolist())
        # The basis has full rank in its rows: x = c B has c = x B' (B B')**-1.
        gram = flint.fmpq_mat(basis * basis.transpose()).inv()
        point = flint.fmpz_mat(1, len(units), [int(unit) for unit in units])
        found = [(int(v.p), int(v.q)) for v in (flint.fmpq_mat(point * basis.transpose()) * gram).entries()]
        whole = flint.fmpz_mat(1, len(found), [top for top, _ in found])
        return (
            tuple(top for top, _ in found) if all(below == 1 for _, below in found) and whole * basis == point else None
        )


@kept
def chart(measure: Measure) -> Chart | None:
    """The coordinates of a measure on the lattice that its points generate; None where that is the box's own."""
    box = measure.box
    if box.ndim == 1 or max(box.shape) > MOST_COORDINATE:
        return None
    cells = positive_cells(measure)
    if len(cells) < 2 or len(cells) == box.size:
        return None
    points = np.stack([index.astype(np.int64) for index in indices_of(cells, box.shape)], axis=1)
    differences = points - points[0]
    basis = basis_of(differences)
    square = basis.shape[0] == basis.shape[1]
    if square and abs(round(float(np.linalg.det(basis.astype(np.float64))))) == 1:
        return None
    coordinates = np.rint(differences @ np.linalg.pinv(basis.astype(np.float64))).astype(np.int64)
    if not np.array_equal(coordinates @ basis, differences):
        return None
    ranks = measure.weights.positive()
    own = arranged(
        list(coordinates.T), (0,) * len(basis), (1,) * len(basis), measure.weights.take(ranks), measure.missing
    )
    return Chart(own, basis, box.vector(int(cells[0])), box.step)


def basis_of(differences: AnyArray) -> AnyArray:
    """A reduced basis, as rows, of the lattice that integer vectors generate."""
    import flint

    rows: Any = np.unique(differences, axis=0)
    matrix = flint.fmpz_mat(len(rows), rows.shape[1], rows.ravel().tolist()).hnf()
    kept = [row for row in np.array([int(v) for v in matrix.entries()]).reshape(rows.shape) if row.any()]
    reduced = flint.fmpz_mat(len(kept), rows.shape[1], [int(v) for row in kept for v in row]).lll()
    return np.array([int(v) for v in reduced.entries()], dtype=np.int64).reshape(len(kept), rows.shape[1])
