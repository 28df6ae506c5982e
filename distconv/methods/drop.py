"""One step of a sum of many in any dimension: its weights, and the lattice that its points make."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations, pairwise, product
from typing import TYPE_CHECKING

import numpy as np

from distconv.measure import Measure
from distconv.measure.arranging import positive_cells
from distconv.methods import sublattice
from distconv.methods.bell import Dual
from distconv.methods.operands import Operand
from distconv.methods.saddle import Coarse
from distconv.numbers.balls import ball_of_pair
from distconv.numbers.doubles import PAIR_ERROR, left_of
from distconv.support.points import indices_of
from distconv.typing import AnyArray, FloatArray, IntArray, Shape

if TYPE_CHECKING:
    import flint

#: Most nodes of modulus 1, and cells of the box of a step or of its own coordinates.
MOST_TURNS = 64
MOST_CELLS = 2**16


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """A step on those axes that tell where it is; the others are affine functions of these.

    Attributes:
        doubles: the weights as significands in [1/2, 1) or 0, with exponents.
        rest: what they leave of exact weights, in units of 2**exponent.
        coarse: the largest entries, for saddle points.
        axes: the axes of the step that are kept.
        slopes: for each other axis, its number and by how much it moves with each of the kept ones.
        first: a point of the step, on all axes.
        cells: the cells of positive weight on the kept axes, one row each.
        basis: of the lattice that their differences make, as rows.
        own_cells, own_shape: the cells in coordinates of that lattice.
        dual: the nodes at which the characteristic function has modulus 1.
    """

    doubles: Operand
    rest: FloatArray
    coarse: Coarse
    axes: tuple[int, ...]
    slopes: tuple[tuple[int, tuple[Fraction, ...]], ...]
    first: tuple[int, ...]
    cells: IntArray
    basis: IntArray
    own_cells: IntArray
    own_shape: Shape
    dual: Dual

    @property
    def is_dense(self) -> bool:
        """Whether the differences of the cells make all cells."""
        return len(self.dual.turns) == 1

    def straightened(self) -> Step:
        """The step in coordinates of its lattice, where its differences make all cells."""
        significands, rest = np.zeros(self.own_shape), np.zeros(self.own_shape)
        exponents = np.zeros(self.own_shape, dtype=np.int64)
        new, old = tuple(self.own_cells.T), tuple(self.cells.T)
        assert self.doubles.exponents is not None
        significands[new], exponents[new] = self.doubles.significands[old], self.doubles.exponents[old]
        rest[new] = self.rest[old]
        doubles = Operand(significands, exponents, bool(significands.min() > 0))
        unit = np.eye(len(self.basis), dtype=np.int64)
        dual = Dual(1, ((0,) * len(unit),), tuple(self.own_cells[0].tolist()))
        return replace(
            self, doubles=doubles, rest=rest, coarse=Coarse.of(doubles), cells=self.own_cells, basis=unit, dual=dual
        )

    def straight(self, n: int, cell: list[int]) -> list[int]:
        """A cell of the sum of n points in those coordinates."""
        import flint

        rank = len(self.basis)
        off = [c - n * f for c, f in zip(cell, self.dual.cell, strict=True)]
        square = flint.fmpq_mat(rank, rank, [int(v) for v in self.basis.T.ravel()])
        found = square.solve(flint.fmpq_mat(rank, 1, off)).entries()
        return [int(v.p) + n * int(o) for v, o in zip(found, self.own_cells[0], strict=True)]

    @property
    def shape(self) -> Shape:
        """The array's shape."""
        return self.doubles.shape

    @classmethod
    def of(cls, measure: Measure) -> Step | None:
        """A law of numbers or vectors as a step; None where its box or its lattice is too large for that."""
        box = measure.box
        if box.size > MOST_CELLS:
            return None
        cells = positive_cells(measure)
        points = np.stack([index.astype(np.int64) for index in indices_of(cells, box.shape)], axis=1)
        if len(points) < 2:
            return None
        basis = sublattice.basis_of(points - points[0])
        axes = _telling_axes(basis)
        slopes = tuple((axis, _slope(basis, axes, axis)) for axis in range(box.ndim) if axis not in axes)
        kept = points[:, axes]
        own_basis = basis[:, axes]
        inverse = np.linalg.inv(own_basis.astype(np.float64))
        own = np.rint((kept - kept[0]) @ inverse).astype(np.int64)
        own -= own.min(axis=0)
        shape = tuple((own.max(axis=0) + 1).tolist())
        turns = _turns(own_basis)
        if turns is None or math.prod(shape) > MOST_CELLS:
            return None
        doubles, rest = _weights(measure, kept, tuple(box.shape[axis] for axis in axes))
        period, whole = turns
        first = tuple(points[0].tolist())
        dual = Dual(period, whole, tuple(kept[0].tolist()))
        return cls(doubles, rest, Coarse.of(doubles), axes, slopes, first, kept, own_basis, own, shape, dual)

    def total(self, tilt: list[float]) -> flint.arb:
        """The sum of weight x 2**(tilt . cell) as a ball."""
        import flint

        two = flint.arb(2)
        powers = [[two ** (flint.arb(t) * k) for k in range(m)] for t, m in zip(tilt, self.shape, strict=True)]
        exponents = self.doubles.exponents
        assert exponents is not None
        found = flint.arb(0)
        for place in map(tuple, self.cells.tolist()):
            weight = ball_of_pair(float(self.doubles.significands[place]), int(exponents[place]))
            if self.rest[place]:
                left = ball_of_pair(float(self.rest[place]), int(exponents[place]))
                weight = (weight + left) * flint.arb(1, PAIR_ERROR)
            for along, k in zip(powers, place, strict=True):
                weight *= along[k]
            found += weight
        return found

    def reached(self, n: int, cell: list[int]) -> bool:
        """Whether a cell on the kept axes lies on the lattice of the sums of n points."""
        off = [c - n * f for c, f in zip(cell, self.dual.cell, strict=True)]
        return all(
            sum(k * x for k, x in zip(turns, off, strict=True)) % self.dual.period == 0 for turns in self.dual.turns
        )

    def kept(self, n: int, low: list[int], high: list[int]) -> tuple[list[int], list[int]] | None:
        """A box of cells of the sum of n points on the kept axes; None where no sum lies there.

        Raises:
            ValueError: on the kept axes it is no box.
        """
        a, b = [low[axis] for axis in self.axes], [high[axis] for axis in self.axes]
        start = [n * self.first[axis] for axis in self.axes]
        for axis, slope in self.slopes:
            least, most = low[axis] - n * self.first[axis], high[axis] - n * self.first[axis]
            moving = [i for i, s in enumerate(slope) if s]
            if a == b or not moving:
                place = sum((s * (c - o) for s, c, o in zip(slope, a, start, strict=True)), start=Fraction(0))
                if not least <= place <= most:
                    return None
                continue
            if len(moving) > 1:
                raise ValueError
            i, s = moving[0], slope[moving[0]]
            ends = sorted((least / s, most / s))
            a[i], b[i] = max(a[i], start[i] + math.ceil(ends[0])), min(b[i], start[i] + math.floor(ends[1]))
        last = [n * (m - 1) for m in self.shape]
        a, b = [max(x, 0) for x in a], [min(x, y) for x, y in zip(b, last, strict=True)]
        return None if any(x > y for x, y in zip(a, b, strict=True)) else (a, b)

    def faces(self) -> Iterator[tuple[list[int], int]]:
        """(normal, most): normal . cell <= most for all cells, with equality on a face of their hull."""
        dimension = len(self.axes)
        if dimension == 1:
            yield [1], self.shape[0] - 1
            yield [-1], 0
            return
        for corners in _edges(self.cells) if dimension == 2 else _facets(self.cells):
            normal = _normal(corners[1:] - corners[0])
            heights = self.cells @ np.array(normal)
            level = int(corners[0] @ np.array(normal))
            if (heights <= level).all():
                yield normal, level
            elif (heights >= level).all():
                yield [-k for k in normal], -level


def _telling_axes(basis: IntArray) -> tuple[int, ...]:
    """The first axes on which the vectors of a basis are independent."""
    for axes in combinations(range(basis.shape[1]), len(basis)):
        if round(float(np.linalg.det(basis[:, axes].astype(np.float64)))):
            return axes
    raise AssertionError("a basis is independent on some axes")


def _slope(basis: IntArray, axes: tuple[int, ...], axis: int) -> tuple[Fraction, ...]:
    """By how much an axis moves with each of the kept ones."""
    import flint

    rank = len(basis)
    square = flint.fmpq_mat(rank, rank, [int(v) for v in basis[:, axes].ravel()])
    found = square.solve(flint.fmpq_mat(rank, 1, [int(v) for v in basis[:, axis]]))
    return tuple(Fraction(int(v.p), int(v.q)) for v in found.entries())


def _turns(basis: IntArray) -> tuple[int, tuple[tuple[int, ...], ...]] | None:
    """(parts of a turn, the nodes of modulus 1 in them): those whose product with each vector is whole turns."""
    period = abs(round(float(np.linalg.det(basis.astype(np.float64)))))
    if period > MOST_TURNS or period ** len(basis) > MOST_CELLS:
        return None
    found = [k for k in product(range(period), repeat=len(basis)) if not (basis @ np.array(k) % period).any()]
    return period, tuple(found)


def _weights(measure: Measure, cells: IntArray, shape: Shape) -> tuple[Operand, FloatArray]:
    """The weights at cells of an array as doubles, and what they leave of exact ones."""
    ranks = measure.weights.positive()
    held = measure.weights.take(ranks)
    significands, exponents = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    rest = np.zeros(shape)
    fractions, powers = held.as_floating().pairs()
    where = tuple(cells.T)
    significands[where], exponents[where] = fractions, powers
    if measure.weights.is_exact:
        stored = held.as_rational()
        pairs = zip(stored.integers(), fractions.tolist(), powers.tolist(), strict=True)
        rest[where] = [left_of(int(v), stored.denominator, f, e) for v, f, e in pairs]
    return Operand(significands, exponents, bool(significands.min() > 0)), rest


def _edges(cells: IntArray) -> Iterator[IntArray]:
    """Pairs of corners of the hull of points in the plane, by Andrew's scan from below and from above."""
    for points in (sorted(map(tuple, cells.tolist())), sorted(map(tuple, cells.tolist()), reverse=True)):
        chain: list[tuple[int, ...]] = []
        for x, y in points:
            while len(chain) > 1:
                (a, b), (c, d) = chain[-2:]
                if (c - a) * (y - b) > (d - b) * (x - a):
                    break
                chain.pop()
            chain.append((x, y))
        yield from (np.array(pair) for pair in pairwise(chain))


def _facets(cells: IntArray) -> Iterator[IntArray]:
    """The corners of the facets of the hull of points."""
    from scipy.spatial import ConvexHull

    yield from (cells[simplex] for simplex in ConvexHull(cells).simplices.tolist())


def _normal(vectors: AnyArray) -> list[int]:
    """A vector that is orthogonal to d - 1 vectors: their minors, with signs."""
    dimension = vectors.shape[1]
    minors = (np.delete(vectors, axis, axis=1).astype(np.float64) for axis in range(dimension))
    return [(-1) ** axis * round(float(np.linalg.det(minor))) for axis, minor in enumerate(minors)]
