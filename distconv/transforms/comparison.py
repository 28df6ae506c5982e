"""Comparing measures: equality, total variation, Wasserstein distance, closeness of every weight."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from distconv.measure import Measure
from distconv.measure.arranging import positive_cells, positive_ranks
from distconv.support.lattice import aligned_step
from distconv.support.outcomes import quotient
from distconv.support.points import cells_of, indices_of
from distconv.typing import AnyArray, Scalar
from distconv.weights import Floating, Rational, Symbolic
from distconv.weights.conversion import to_double, to_floating
from distconv.weights.symbolic import unified

#: Every double is a multiple of 2**-1074.
SUBNORMAL_BITS = 1074


def equal(a: Measure, b: Measure) -> bool:
    """Whether two measures have the same points, the same weights as numbers, and the same missing mass."""
    if a.box != b.box or a.missing != b.missing:
        return False
    if not np.array_equal(positive_cells(a), positive_cells(b)):
        return False
    x, y = a.weights, b.weights
    if isinstance(x, Rational) and isinstance(y, Rational):
        if x.denominator != y.denominator:
            return False
        return [w for w in x.numerators.coeffs() if w] == [w for w in y.numerators.coeffs() if w]
    if isinstance(x, Floating) and isinstance(y, Floating):
        return all(np.array_equal(p, q) for p, q in zip(_canonical(x), _canonical(y), strict=True))
    if isinstance(x, Symbolic) and isinstance(y, Symbolic):
        p, q = unified(x, y)
        return p.denominator == q.denominator and [n for n in p.numerators if n != 0] == [
            n for n in q.numerators if n != 0
        ]
    if isinstance(x, Symbolic) or isinstance(y, Symbolic):
        return False
    return exact_weights(a) == exact_weights(b)


def _canonical(weights: Floating) -> tuple[AnyArray, AnyArray]:
    """Positive weights as significands in [1/2, 1) and exponents."""
    fractions, shifts = np.frexp(weights.significands[weights.significands > 0])
    if weights.exponents is None:
        return fractions, shifts.astype(np.int64)
    return fractions, shifts + weights.exponents[weights.significands > 0]


def exact_weights(measure: Measure) -> list[Any]:
    """The positive weights, as the exact numbers or expressions that they are."""
    weights = measure.weights
    if not isinstance(weights, Floating):
        return [weights.value(w) for w in weights.coefficients() if w != 0]
    return [weights.exact_at(int(i)) for i in positive_ranks(weights)]


def fingerprint(measure: Measure) -> int:
    """A hash that equal measures share."""
    ranks = positive_ranks(measure.weights)
    return hash((measure.box, *(weight_hash(measure.weights, int(ranks[end])) for end in (0, -1))))


def weight_hash(weights: Rational | Floating | Symbolic, rank: int) -> int:
    """The hash of the number that a weight is; Python's own, without writing out 2**-(10**12)."""
    if not isinstance(weights, Floating):
        return hash(weights.at(rank))
    numerator, denominator = float(weights.significands[rank]).as_integer_ratio()
    modulus, shift = sys.hash_info.modulus, weights.exponent_at(rank) - (denominator.bit_length() - 1)
    return numerator * pow(2, shift, modulus) % modulus


def paired(a: Measure, b: Measure) -> Iterator[tuple[Any, Any]]:
    """The weights of two measures at every point of either, 0 where one has none, in ascending order."""
    cells_a, cells_b = common_cells(a, b)
    x = dict(zip(cells_a.tolist(), _values(a), strict=True))
    y = dict(zip(cells_b.tolist(), _values(b), strict=True))
    for cell in sorted(x.keys() | y.keys()):
        yield x.get(cell, 0), y.get(cell, 0)


def _values(measure: Measure) -> list[Any]:
    """The positive weights: fractions of an exact measure, doubles of a floating one."""
    weights = measure.weights
    if isinstance(weights, Floating):
        return list(weights.values()[positive_ranks(weights)])
    return list(exact_weights(measure))


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


def total_variation(a: Measure, b: Measure) -> Any:
    """Half the sum of |difference| over all points."""
    differences = [abs(x - y) for x, y in paired(a, b)]
    if any(isinstance(d, float) for d in differences):
        return min(1.0, math.fsum(float(d) for d in differences) / 2)
    return sum(differences, start=Fraction(0)) / 2


def wasserstein(a: Measure, b: Measure) -> Any:
    """The integral of |CDF difference| of two 1-D measures: the mean distance mass must move."""
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
    return _canonical(to_floating(measure.weights, measure.support.size))
