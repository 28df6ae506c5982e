"""Setting points on the support that suits them: the smallest box, the coarsest steps, sorted, equal points merged.

The support of a measure is a function of its points alone (up to dense or sparse), so equal laws have equal boxes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction

import numpy as np

from distconv.measure.measure import Measure
from distconv.support import Lattice, Points
from distconv.support.outcomes import whole
from distconv.support.points import cells_of, indices_of
from distconv.typing import AnyArray, Scalar, Vector
from distconv.weights import Weights

#: A sparse result whose box has at most so many cells for each point is stored dense.
DENSE_CELLS = 4


def arranged(
    columns: Sequence[AnyArray], offsets: Vector, units: Vector, weights: Weights, missing: float = 0.0
) -> Measure:
    """The measure of the points offset + unit * integer, one array of integers per axis, in any order.

    Points of weight 0 are dropped, equal points merged by adding.
    """
    kept = weights.positive()
    if len(kept) < len(columns[0]):
        columns = [column[kept] for column in columns]
        weights = weights.take(kept)
    indices: list[AnyArray] = []
    origin: list[Scalar] = []
    step: list[Scalar] = []
    for column, offset, unit in zip(columns, offsets, units, strict=True):
        low = column.min()
        distances = column - low
        gap = int(np.gcd.reduce(distances))
        indices.append(distances // gap if gap > 1 else distances)
        origin.append(whole(offset + unit * int(low)))
        step.append(whole(unit * gap) if gap else 1)
    box = Lattice(tuple(origin), tuple(step), tuple(int(i.max()) + 1 for i in indices))
    cells = cells_of(indices, box.shape)
    if len(cells) > 1 and not bool((cells[1:] > cells[:-1]).all()):
        order = np.argsort(cells, kind="stable")
        cells = cells[order]
        weights = weights.take(order)
        fresh = np.concatenate(([True], cells[1:] != cells[:-1]))
        if not fresh.all():
            starts = np.flatnonzero(fresh)
            cells, weights = cells[starts], weights.merged(starts)
    return compacted(Measure(Points(box, cells), weights, missing))


def arranged_vectors(vectors: Sequence[Vector], weights: Weights, missing: float = 0.0) -> Measure:
    """The measure of points given as tuples of scalars, in any order."""
    columns, units = [], []
    for axis in range(len(vectors[0])):
        denominator = math.lcm(*(v[axis].denominator for v in vectors))
        numbers = [v[axis].numerator * (denominator // v[axis].denominator) for v in vectors]
        columns.append(integer_array(numbers))
        units.append(whole(Fraction(1, denominator)))
    return arranged(columns, (0,) * len(units), tuple(units), weights, missing)


def integer_array(numbers: list[int]) -> AnyArray:
    """Integers as int64 where their differences fit, else as Python integers."""
    fits = max(numbers) < 2**61 and min(numbers) > -(2**61)
    return np.array(numbers, dtype=np.int64 if fits else object)


def positive_cells(measure: Measure) -> AnyArray:
    """The cells, in the box, of the points that carry weight, ascending."""
    return measure.support.cells_at(measure.weights.positive())


def tightened(measure: Measure) -> Measure:
    """The measure on the smallest box and the coarsest steps that hold the points that carry weight."""
    box, cells = measure.box, measure.support.cells
    return arranged(indices_of(cells, box.shape), box.origin, box.step, measure.weights, measure.missing)


def compacted(measure: Measure) -> Measure:
    """The measure with the support that suits it: dense where its points fill a good part of their box."""
    support = measure.support
    if not isinstance(support, Points) or support.size * DENSE_CELLS < support.box.size:
        return measure
    size = support.box.size
    if size == support.size:
        return Measure(support.box, measure.weights, measure.missing)
    weights = measure.weights.spread(support.cells.astype(np.int64), size)
    return Measure(support.box, weights, measure.missing)


def select(measure: Measure, keep: AnyArray) -> Measure:
    """The part of a measure on the points with these ranks, not normalised."""
    box, cells = measure.box, measure.support.cells_at(keep)
    return arranged(indices_of(cells, box.shape), box.origin, box.step, measure.weights.take(keep), measure.missing)
