"""Convolution over another operation than addition: sum over a o b = c of f(a) g(b), each by its fast way.

Maxima multiply CDFs, residues fold a sum, exclusive ors multiply Walsh-Hadamard transforms; every other operation tries
all pairs of outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np

from distconv import bounds, convolution
from distconv.arrangement import arranged, arranged_vectors, positive_ranks, reordered
from distconv.cumulative import running_sums
from distconv.errors import DimensionError, SizeLimitError
from distconv.measure import Measure
from distconv.methods.walsh import xor_product
from distconv.moments import axis_indices
from distconv.monoids import Monoid, identity_of, maximum
from distconv.planning import Plan
from distconv.settings import current_settings
from distconv.support.outcomes import as_outcome, read_outcome, whole
from distconv.transforms import affine
from distconv.transforms.comparison import common_cells
from distconv.transforms.images import outer, positive_vectors
from distconv.typing import AnyArray, Vector
from distconv.weights import Floating, Rational, Symbolic
from distconv.weights.conversion import ratios_to_floating, to_floating, to_rational
from distconv.weights.floating import plus, times
from distconv.weights.rational import reduced

#: Pairs of outcomes that are tried, at most.
MOST_PAIRS = 20_000_000
#: Up to so many pairs are tried even where a transform exists.
FEW_PAIRS = 4096


def convolve(a: Measure, b: Measure, monoid: Monoid) -> tuple[Measure, Plan]:
    """The law of a o b, and how it was computed."""
    way = WAYS.get(monoid.way, _by_pairs)
    return way(a, b, monoid)


def power(a: Measure, n: int, monoid: Monoid) -> tuple[Measure, Plan]:
    """The law of n independent outcomes combined, by repeated squaring (the operation is associative)."""
    if n == 0:
        vector = identity_of(monoid, a.box.ndim)
        vector = vector if isinstance(vector, tuple) else (vector,)
        return arranged_vectors([vector], reduced([1], 1)), Plan(monoid.way, reason="0 copies are the identity")
    if monoid.way == "add":
        return convolution.power(a, n)
    square = folded(a, monoid.modulus) if monoid.way == "modulo" else a
    result: Measure | None = None
    plan = Plan(monoid.way, reason=f"{n} copies need no operation")
    products = 0
    while True:
        if n & 1:
            if result is None:
                result = square
            else:
                result, plan = convolve(_bounded(result), _bounded(square), monoid)
                products += 1
        n >>= 1
        if not n:
            break
        square = _bounded(square)
        square, plan = convolve(square, square, monoid)
        products += 1
    assert result is not None
    return result, Plan(plan.method, plan.kind, plan.cells, reason=f"{plan.reason}; {products} products by squaring")


def _bounded(measure: Measure) -> Measure:
    """A measure whose square is still within the limit of exact results; floating where it would not be."""
    weights = measure.weights
    if isinstance(weights, Rational):
        bits = 2 * weights.denominator.bit_length() * measure.support.size
        if bits > current_settings().exact_limit:
            return convolution.as_floating(measure)
    return measure


# Addition modulo n ----------------------------------------------------------------------------------------------------


def folded(measure: Measure, modulus: Any) -> Measure:
    """The law of the residues: each coordinate modulo a positive number."""
    box = measure.box
    moduli = modulus if isinstance(modulus, tuple) else (modulus,) * box.ndim
    if len(moduli) != box.ndim:
        raise DimensionError(f"a modulus for each of {box.ndim} coordinates is needed, got {len(moduli)}: {modulus}")
    columns, units = [], []
    for index, origin, step, m in zip(axis_indices(measure), box.origin, box.step, moduli, strict=True):
        scale = math.lcm(origin.denominator, step.denominator, m.denominator)
        start, stride, size = (int(v * scale) for v in (origin, step, m))
        start, stride = start % size, stride % size
        wide = stride * box.size + start >= 2**62 or size >= 2**62
        column = index.astype(object) if wide else index.astype(np.int64)
        columns.append((column * stride + start) % size)
        units.append(whole(Fraction(1, scale)))
    return arranged(columns, (0,) * box.ndim, tuple(units), measure.weights, measure.missing)


def _modulo(a: Measure, b: Measure, monoid: Monoid) -> tuple[Measure, Plan]:
    """A circular convolution: the sum of residues, folded."""
    x = folded(a, monoid.modulus)
    y = x if b is a else folded(b, monoid.modulus)
    found, plan = convolution.convolve(x, y)
    return folded(found, monoid.modulus), Plan(plan.method, plan.kind, plan.cells, reason=f"{plan.reason}, then folded")


# Maximum and minimum --------------------------------------------------------------------------------------------------


def _maximum(a: Measure, b: Measure, monoid: Monoid) -> tuple[Measure, Plan]:
    """P(max = x) = f(x) G(x) + F(x-) g(x): sums of products, so no digit is lost in either tail."""
    if a.box.ndim > 1 or isinstance(a.weights, Symbolic) or isinstance(b.weights, Symbolic):
        return _by_pairs(a, b, monoid)
    cells_a, cells_b = common_cells(a, b)
    cells = np.union1d(cells_a, cells_b)
    points = _points(a, cells_a, cells_b, cells, b)
    missing = min(1.0, a.missing + b.missing)
    if isinstance(a.weights, Rational) and isinstance(b.weights, Rational):
        f, g = _spread_exact(a, cells_a, cells), _spread_exact(b, cells_b, cells)
        below, below_g = list(accumulate(f, initial=0)), list(accumulate(g, initial=0))
        values = [x * q + p * y for x, y, p, q in zip(f, g, below[:-1], below_g[1:], strict=True)]
        weights: Any = reduced(values, a.weights.denominator * b.weights.denominator)
        return arranged_vectors(points, weights, missing), Plan("extrema", "exact", len(cells), reason="running totals")
    x = _spread_floating(a, cells_a, cells)
    y = _spread_floating(b, cells_b, cells)
    before = running_sums(x.significands, x.exponents, x.error)
    shifted = Floating(
        np.concatenate(([0.0], before.significands[:-1])),
        None if before.exponents is None else np.concatenate(([0], before.exponents[:-1])),
        before.error,
    )
    weights = plus(times(x, running_sums(y.significands, y.exponents, y.error)), times(shifted, y))
    return arranged_vectors(points, weights, missing), Plan("extrema", "float", len(cells), reason="running totals")


def _minimum(a: Measure, b: Measure, _monoid: Monoid) -> tuple[Measure, Plan]:
    """min(a, b) = -max(-a, -b)."""
    found, plan = _maximum(affine.reflected(a), affine.reflected(b), maximum)
    return affine.reflected(found), plan


def _points(a: Measure, cells_a: AnyArray, cells_b: AnyArray, cells: AnyArray, b: Measure) -> list[Vector]:
    """The points of both measures, in the order of their common cells."""
    place: dict[int, Vector] = {}
    for measure, mine in ((a, cells_a), (b, cells_b)):
        place.update(zip(mine.tolist(), positive_vectors(measure), strict=True))
    return [place[cell] for cell in cells.tolist()]


def _spread_exact(measure: Measure, mine: AnyArray, cells: AnyArray) -> list[Any]:
    """A measure's positive numerators among all cells, 0 elsewhere."""
    import flint

    weights = measure.weights
    assert isinstance(weights, Rational)
    values = [flint.fmpz(0)] * len(cells)
    stored = weights.integers(measure.support.size)
    for place, rank in zip(np.searchsorted(cells, mine).tolist(), positive_ranks(weights).tolist(), strict=True):
        values[place] = stored[rank]
    return values


def _spread_floating(measure: Measure, mine: AnyArray, cells: AnyArray) -> Floating:
    """A measure's positive weights among all cells, 0 elsewhere."""
    floats = to_floating(measure.weights, measure.support.size)
    floats = floats.take(positive_ranks(floats))
    places = np.searchsorted(cells, mine)
    significands = np.zeros(len(cells))
    significands[places] = floats.significands
    exponents = None
    if floats.exponents is not None:
        exponents = np.zeros(len(cells), dtype=np.int64)
        exponents[places] = floats.exponents
    return Floating(significands, exponents, floats.error)


# Exclusive or ---------------------------------------------------------------------------------------------------------


def _xor(a: Measure, b: Measure, monoid: Monoid) -> tuple[Measure, Plan]:
    """Walsh-Hadamard transforms of integers: exact; doubles are taken for the dyadic numbers that they are."""
    few = a.support.size * b.support.size <= FEW_PAIRS
    if few or isinstance(a.weights, Symbolic) or isinstance(b.weights, Symbolic):
        return _by_pairs(a, b, monoid)
    shape = _binary_shape(a, b, monoid)
    size = math.prod(shape)
    x = to_rational(a.weights)
    y = x if b is a else to_rational(b.weights)
    bits = x.denominator.bit_length() + y.denominator.bit_length()
    if size * bits > current_settings().exact_limit:
        return _by_pairs(a, b, monoid)
    f = _on_cube(a, x, shape)
    values = xor_product(f, f if b is a else _on_cube(b, y, shape), bits)
    missing = min(1.0, a.missing + b.missing)
    denominator = x.denominator * y.denominator
    weights: Any
    if a.weights.is_exact and b.weights.is_exact:
        weights = reduced(values, denominator)
    else:
        rounded = ratios_to_floating(values, denominator)
        error = bounds.compose(a.weights.error, b.weights.error, rounded.error)
        weights = Floating(rounded.significands, rounded.exponents, error)
    columns = list(np.unravel_index(np.arange(size), shape))
    found = arranged(columns, (0,) * len(shape), (1,) * len(shape), weights, missing)
    return found, Plan("walsh", found.weights.kind, size, reason="exact Walsh-Hadamard transforms of integers")


def _binary_shape(a: Measure, b: Measure, monoid: Monoid) -> tuple[int, ...]:
    """The smallest powers of two above all coordinates, which must be integers >= 0."""
    shape = []
    for axis in range(a.box.ndim):
        for measure in (a, b):
            box = measure.box
            for value in (box.origin[axis], box.origin[axis] + box.step[axis]):
                if value < 0 or value.denominator > 1:
                    monoid.op(value, 0)
        top = max(int(m.box.high[axis]) for m in (a, b))
        shape.append(1 << top.bit_length())
    return tuple(shape)


def _on_cube(measure: Measure, weights: Rational, shape: tuple[int, ...]) -> list[int]:
    """The numerators on a whole cube of integers, row-major."""
    box = measure.box
    columns = [
        int(o) + int(s) * index.astype(np.int64)
        for index, o, s in zip(axis_indices(measure), box.origin, box.step, strict=True)
    ]
    cells = np.ravel_multi_index(tuple(columns), shape).tolist()
    values = [0] * math.prod(shape)
    for cell, value in zip(cells, weights.integers(measure.support.size), strict=True):
        values[cell] = int(value)
    return values


# Any operation --------------------------------------------------------------------------------------------------------


def _by_pairs(a: Measure, b: Measure, monoid: Monoid) -> tuple[Measure, Plan]:
    """All pairs of outcomes, equal images merged."""
    ranks_a, ranks_b = positive_ranks(a.weights), positive_ranks(b.weights)
    pairs = len(ranks_a) * len(ranks_b)
    if pairs > MOST_PAIRS:
        raise SizeLimitError(
            f"{monoid.name} has to try {pairs:,} pairs of outcomes, more than {MOST_PAIRS:,}; round the outcomes to "
            "fewer first: X.map(lambda x: round(x, 1))"
        )
    others = [as_outcome(v) for v in positive_vectors(b)]
    images: list[Vector] = []
    for vector in positive_vectors(a):
        x = as_outcome(vector)
        for y in others:
            image = monoid.op(x, y)
            if type(image) is not int:
                image = read_outcome(image, f"{x} {monoid.name} {y}")
            images.append(image if isinstance(image, tuple) else (image,))
    if len({len(v) for v in images}) > 1:
        raise DimensionError(
            f"{monoid.name} gives outcomes of different dimensions: {sorted({len(v) for v in images})}"
        )
    weights = outer(reordered(a.weights, ranks_a), len(ranks_a), reordered(b.weights, ranks_b), len(ranks_b))
    found = arranged_vectors(images, weights, min(1.0, a.missing + b.missing))
    return found, Plan("pairs", found.weights.kind, pairs, reason=f"{pairs:,} pairs of outcomes under {monoid.name}")


def _add(a: Measure, b: Measure, _monoid: Monoid) -> tuple[Measure, Plan]:
    return convolution.convolve(a, b)


#: The fast ways, by the name that a monoid gives.
WAYS: dict[str, Callable[[Measure, Measure, Monoid], tuple[Measure, Plan]]] = {
    "add": _add,
    "modulo": _modulo,
    "maximum": _maximum,
    "minimum": _minimum,
    "xor": _xor,
}
