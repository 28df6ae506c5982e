"""Comparing measures: equality, total variation, Wasserstein distance, closeness of every weight."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from distconv import missing
from distconv.measure.arranging import positive_cells
from distconv.measure.measure import Measure, kept
from distconv.numbers.doubles import to_double
from distconv.support.lattice import aligned_step
from distconv.support.outcomes import quotient
from distconv.support.points import cells_of, indices_of
from distconv.typing import AnyArray, Number, Scalar
from distconv.weights.unify import check_mixed, same

#: Every double is a multiple of 2**-1074.
SUBNORMAL_BITS = 1074


def equal(a: Measure, b: Measure) -> bool:
    """Whether two measures have the same points, the same weights as numbers, and the same missing mass."""
    if a.box != b.box or (a.missing != b.missing and missing.bound(a) != missing.bound(b)):
        return False
    if not np.array_equal(positive_cells(a), positive_cells(b)):
        return False
    return same(a.weights, b.weights)


def exact_weights(measure: Measure) -> list[Any]:
    """The positive weights, as the exact numbers or expressions that they are."""
    return [measure.weights.exact_at(rank) for rank in measure.weights.positive().tolist()]


@kept
def fingerprint(measure: Measure) -> int:
    """A hash that equal measures share."""
    ranks = measure.weights.positive()
    return hash((measure.box, *(measure.weights.fingerprint(int(ranks[end])) for end in (0, -1))))


def paired(a: Measure, b: Measure) -> Iterator[tuple[Any, Any]]:
    """The weights of two measures at every point of either, 0 where one has none, in ascending order."""
    cells_a, cells_b = common_cells(a, b)
    x = dict(zip(cells_a.tolist(), _values(a), strict=True))
    y = dict(zip(cells_b.tolist(), _values(b), strict=True))
    for cell in sorted(x.keys() | y.keys()):
        yield x.get(cell, 0), y.get(cell, 0)


def _values(measure: Measure) -> list[Any]:
    """The positive weights: fractions of an exact measure, doubles of a floating one."""
    return measure.weights.numbers(measure.weights.positive())


def common_cells(a: Measure, b: Measure) -> tuple[AnyArray, AnyArray]:
    """The positive points of two measures as cells of one lattice."""
    step = aligned_step(a.box, b.box)
    low = tuple(min(p, q) for p, q in zip(a.box.origin, b.box.origin, strict=True))
    high = [max(p, q) for p, q in zip(a.box.high, b.box.high, strict=True)]
    shape = tuple(quotient(h - lo, s).numerator + 1 for h, lo, s in zip(high, low, step, strict=True))
    size = math.prod(shape)
    result = []
    for measure in (a, b):
        box = measure.box
        indices = []
        for index, o, lo, s, fine in zip(
            indices_of(positive_cells(measure), box.shape), box.origin, low, box.step, step, strict=True
        ):
            wide = index.astype(object if size >= 2**62 else np.int64)
            indices.append(wide * quotient(s, fine).numerator + quotient(o - lo, fine).numerator)
        result.append(cells_of(indices, shape))
    return result[0], result[1]


def total_variation(a: Measure, b: Measure) -> Number:
    """Half the sum of |difference| over all points."""
    check_mixed(a.weights, b.weights)
    differences = [abs(x - y) for x, y in paired(a, b)]
    if any(isinstance(d, float) for d in differences):
        return min(1.0, math.fsum(float(d) for d in differences) / 2)
    return sum(differences, start=Fraction(0)) / 2


def wasserstein(a: Measure, b: Measure) -> Number:
    """The integral of |CDF difference| of two 1-D measures: the mean distance mass must move."""
    check_mixed(a.weights, b.weights)
    cells_a, cells_b = common_cells(a, b)
    step: Scalar = aligned_step(a.box, b.box)[0]
    values = [_values(a), _values(b)]
    exact = not any(isinstance(v[0], float) for v in values)
    # Gaps are summed exactly, doubles as multiples of the smallest: a rounding times 10**15 is no small one.
    unit = 1 if exact else 1 << SUBNORMAL_BITS
    change: dict[int, Any] = {}
    for sign, cells, weights in ((1, cells_a, values[0]), (-1, cells_b, values[1])):
        for cell, value in zip(cells.tolist(), weights, strict=True):
            part = value if exact else round(Fraction(value) * unit)
            change[cell] = change.get(cell, 0) + sign * part
    order = sorted(change)
    gap: Any = 0
    total: Any = 0
    for cell, following in pairwise(order):
        gap += change[cell]
        total += abs(gap) * (following - cell)
    result = Fraction(total, unit) * step if not exact else total * Fraction(step)
    return result if exact else to_double(result)


def worst_difference(a: Measure, b: Measure) -> float:
    """The largest relative difference of two weights of the same point; infinite where only one has the point."""
    x, y = _canonical_pairs(a), _canonical_pairs(b)
    cells_a, cells_b = common_cells(a, b)
    if not np.array_equal(cells_a, cells_b):
        return math.inf
    ratio = np.ldexp(x[0] / y[0], np.clip(x[1] - y[1], -1100, 1000).astype(np.int32))
    return float(np.max(np.abs(ratio - 1), initial=0.0))


def _canonical_pairs(measure: Measure) -> tuple[AnyArray, AnyArray]:
    """Positive weights as significands and exponents, exact ones rounded."""
    floats = measure.weights.as_floating()
    return floats.take(floats.positive()).pairs()
