"""Convolution over another operation than addition: sum over a o b = c of f(a) g(b), each by its fast way.

Maxima multiply CDFs, residues fold a sum, exclusive ors multiply Walsh-Hadamard transforms; every other operation tries
all pairs of outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np

from distconv import convolution, missing, planning
from distconv.errors import DimensionError, SizeLimitError
from distconv.measure import Measure
from distconv.measure.arranging import arranged, arranged_vectors
from distconv.measure.lookup import axis_indices, positive_vectors
from distconv.methods.squaring import by_squaring
from distconv.methods.walsh import xor_product
from distconv.monoids import Monoid, identity_of, maximum
from distconv.planning import How, Origin, Outline, Plan, costs
from distconv.queries.totals import running_sums
from distconv.settings import current_settings
from distconv.support import Lattice
from distconv.support.outcomes import as_outcome, as_vector, on_each_axis, quotient, read_outcome, whole
from distconv.transforms import affine, order
from distconv.transforms.comparison import common_cells
from distconv.typing import AnyArray, Vector
from distconv.weights import Floating, Rational
from distconv.weights.floating import from_ratios, plus
from distconv.weights.rational import exactly, reduced
from distconv.weights.unify import are_numbers, unified

#: Pairs of outcomes that are tried, at most.
MOST_PAIRS = 20_000_000
#: Up to so many pairs are tried even where a transform exists.
FEW_PAIRS = 4096


def convolve(a: Measure, b: Measure, monoid: Monoid) -> tuple[Measure, How]:
    """The law of a o b, and how it was computed."""
    if WAYS.get(monoid.way, _by_pairs) is _by_pairs:
        planning.announced(_plan_pairs(a.support.size * b.support.size, monoid))
    return _product(a, b, monoid, None)


def _product(a: Measure, b: Measure, monoid: Monoid, tolerance: float | None) -> tuple[Measure, How]:
    """The law of a o b; one of many products is given its part of the tolerance."""
    return WAYS.get(monoid.way, _by_pairs)(a, b, monoid, tolerance)


def power(a: Measure, n: int, monoid: Monoid) -> tuple[Measure, How]:
    """The law of n independent outcomes combined: extremes by one power of the CDF, others by repeated squaring."""
    if n == 0:
        vector = identity_of(monoid, a.box.ndim)
        vector = as_vector(vector)
        return arranged_vectors([vector], reduced([1], 1)), Origin(monoid.way, "0 copies are the identity")
    if monoid.way == "add":
        return convolution.power(a, n)
    if n == 1:
        one = folded(a, monoid.modulus) if monoid.way == "modulo" else a
        return one, Origin(monoid.way, "1 copies need no operation")
    if monoid.way in ("maximum", "minimum") and a.box.ndim == 1 and are_numbers(a.weights):
        return order.statistic(a, n, n if monoid.way == "maximum" else 1)
    square = folded(a, monoid.modulus) if monoid.way == "modulo" else a
    plan = planning.announced(plan_power(square, n, monoid))
    if monoid.way == "modulo" and plan.kind == "float" and are_numbers(square.weights):
        square = convolution.as_floating(square)
    products = n.bit_length() + n.bit_count() - 2
    last: How = plan

    def product(x: Measure, y: Measure, of: int) -> Measure:
        """x o y, the law of so many outcomes: its error is carried n / of times into the result."""
        nonlocal last
        share = current_settings().tolerance * of / n / products
        if monoid.way == "pairs" and monoid.elements is None:
            planning.announced(_plan_pairs(x.support.size * y.support.size, monoid))
        same = y is x
        x = _bounded(x)
        found, last = _product(x, x if same else _bounded(y), monoid, share)
        return found

    result = by_squaring(square, n, product)
    reason = f"{last.reason}; {plan.reason}"
    return result, replace(plan, method=last.method, kind=result.weights.kind, reason=reason)


def plan_power(a: Measure, n: int, monoid: Monoid) -> Plan:
    """How n outcomes would be combined by repeated squaring; residues are folded already."""
    products = n.bit_length() + n.bit_count() - 2
    story = f"{products} products by squaring"
    if monoid.way == "modulo":
        return _plan_residues(a, n, monoid, products, story)
    if monoid.way == "xor" and are_numbers(a.weights):
        size = math.prod(_binary_shape(a, a, monoid))
        pairs = products * min(size, a.support.size**2) ** 2 * costs.MONOID_PAIR_SECONDS
        if size * size <= FEW_PAIRS:
            return Plan(
                "pairs",
                a.weights.kind,
                size,
                size * costs.CUBE_BYTES,
                products * costs.MONOID_PRODUCT_SECONDS + pairs,
                story,
            )
        seconds = products * (costs.MONOID_PRODUCT_SECONDS + size * costs.CUBE_SECONDS)
        return Plan("walsh", a.weights.kind, size, size * costs.CUBE_BYTES, seconds, story)
    size, pairs, most = a.support.size, 0, math.inf if monoid.elements is None else len(monoid.elements)
    for _ in range(products):
        # Without known elements, as many outcomes as there are: a product that has more announces itself.
        size = size if monoid.elements is None else int(min(most, size * size))
        pairs += size * size
    seconds = pairs * costs.MONOID_PAIR_SECONDS + products * costs.MONOID_PRODUCT_SECONDS
    return Plan("pairs", a.weights.kind, pairs, size * size * costs.MONOID_PAIR_BYTES, seconds, story)


def _plan_residues(a: Measure, n: int, monoid: Monoid, products: int, story: str) -> Plan:
    """The plan of a power modulo a number: exact where its last product is."""
    counts = []
    for m, step, cells in zip(moduli_of(monoid.modulus, a.box.ndim), a.box.step, a.box.shape, strict=True):
        counts.append(min(n * (cells - 1) + 1, math.ceil(quotient(m, step))))
    box = Lattice(a.box.origin, a.box.step, tuple(counts))
    bits = Outline.of(a).bits * n
    if bits and 2 * bits * box.size <= current_settings().exact_limit:
        half = Outline(box, box.size, bits // 2 + 1)
        one = planning.plan_convolution(half, half)
        return replace(
            one, seconds=costs.RESIDUE_SECONDS * bits * box.size + products * costs.MONOID_PRODUCT_SECONDS, reason=story
        )
    points = min(box.size, max(a.support.size, n))
    half = Outline(box, points, 0)
    one = planning.plan_convolution(half, half)
    return replace(one, seconds=products * (one.seconds + costs.MONOID_PRODUCT_SECONDS), reason=story)


def _plan_pairs(pairs: int, monoid: Monoid) -> Plan:
    """The plan of one product by pairs.

    Raises:
        SizeLimitError: there are too many.
    """
    limits = current_settings()
    if pairs > MOST_PAIRS or pairs * costs.MONOID_PAIR_BYTES > limits.max_bytes:
        most = min(MOST_PAIRS, limits.max_bytes // costs.MONOID_PAIR_BYTES)
        raise SizeLimitError(
            f"{monoid.name} has to try {pairs:,} pairs of outcomes, more than {most:,}; round the outcomes to "
            "fewer first: X.map(lambda x: round(x, 1))"
        )
    reason = f"{pairs:,} pairs of outcomes under {monoid.name}"
    return Plan("pairs", "", pairs, pairs * costs.MONOID_PAIR_BYTES, pairs * costs.MONOID_PAIR_SECONDS, reason)


def _bounded(measure: Measure) -> Measure:
    """A measure whose square is still within the limit of exact results; floating where it would not be."""
    bits = 2 * measure.weights.bits * measure.support.size
    return convolution.as_floating(measure) if bits > current_settings().exact_limit else measure


# Addition modulo n ----------------------------------------------------------------------------------------------------


def folded(measure: Measure, modulus: Any) -> Measure:
    """The law of the residues: each coordinate modulo a positive number.

    >>> from distconv import Die
    >>> (Die(6) % 4).to_dict()
    {0: Fraction(1, 6), 1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 6)}
    """
    box = measure.box
    moduli = moduli_of(modulus, box.ndim)
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


def moduli_of(modulus: Any, ndim: int) -> tuple[Any, ...]:
    """A modulus for each axis."""
    moduli = on_each_axis(modulus, ndim)
    if len(moduli) != ndim:
        raise DimensionError(f"a modulus for each of {ndim} coordinates is needed, got {len(moduli)}: {modulus}")
    return moduli


def _modulo(a: Measure, b: Measure, monoid: Monoid, tolerance: float | None) -> tuple[Measure, How]:
    """A circular convolution: the sum of residues, folded."""
    x = folded(a, monoid.modulus)
    y = x if b is a else folded(b, monoid.modulus)
    share = None if tolerance is None else convolution.asked_of(x, y, tolerance)
    found, plan = convolution.convolve(x, y, tolerance=share)
    return folded(found, monoid.modulus), replace(plan, reason=f"{plan.reason}, then folded")


# Maximum and minimum --------------------------------------------------------------------------------------------------


def _maximum(a: Measure, b: Measure, monoid: Monoid, _tolerance: float | None = None) -> tuple[Measure, How]:
    """P(max = x) = f(x) G(x) + F(x-) g(x): sums of products, so no digit is lost in either tail."""
    if a.box.ndim > 1 or not are_numbers(a.weights, b.weights):
        return _by_pairs(a, b, monoid)
    cells_a, cells_b = common_cells(a, b)
    cells = np.union1d(cells_a, cells_b)
    points = _points(a, cells_a, cells_b, cells, b)
    lost = missing.joined(a.missing, b.missing)
    x, y = (m.weights.take(m.weights.positive()) for m in (a, b))
    x, y = (w.spread(np.searchsorted(cells, mine), len(cells)) for w, mine in ((x, cells_a), (y, cells_b)))
    if x.is_exact and y.is_exact:
        exact_x, exact_y = x.as_rational(), y.as_rational()
        f, g = exact_x.integers(), exact_y.integers()
        below, below_g = list(accumulate(f, initial=0)), list(accumulate(g, initial=0))
        values = [x * q + p * y for x, y, p, q in zip(f, g, below[:-1], below_g[1:], strict=True)]
        weights: Any = reduced(values, exact_x.denominator * exact_y.denominator)
        return arranged_vectors(points, weights, lost), Plan(
            "extrema", weights.kind, len(cells), reason="running totals"
        )
    u, v = x.as_floating(), y.as_floating()
    before = running_sums(u.significands, u.exponents, u.error)
    shifted = Floating(
        np.concatenate(([0.0], before.significands[:-1])),
        None if before.exponents is None else np.concatenate(([0], before.exponents[:-1])),
        before.error,
    )
    weights = plus(u.times(running_sums(v.significands, v.exponents, v.error)), shifted.times(v))
    return arranged_vectors(points, weights, lost), Plan("extrema", weights.kind, len(cells), reason="running totals")


def _minimum(a: Measure, b: Measure, _monoid: Monoid, _tolerance: float | None) -> tuple[Measure, How]:
    """min(a, b) = -max(-a, -b)."""
    found, plan = _maximum(affine.reflected(a), affine.reflected(b), maximum)
    return affine.reflected(found), plan


def _points(a: Measure, cells_a: AnyArray, cells_b: AnyArray, cells: AnyArray, b: Measure) -> list[Vector]:
    """The points of both measures, in the order of their common cells."""
    place: dict[int, Vector] = {}
    for measure, mine in ((a, cells_a), (b, cells_b)):
        place.update(zip(mine.tolist(), positive_vectors(measure), strict=True))
    return [place[cell] for cell in cells.tolist()]


# Exclusive or ---------------------------------------------------------------------------------------------------------


def _xor(a: Measure, b: Measure, monoid: Monoid, _tolerance: float | None) -> tuple[Measure, How]:
    """Walsh-Hadamard transforms of integers: exact; doubles are taken for the dyadic numbers that they are."""
    if a.support.size * b.support.size <= FEW_PAIRS or not are_numbers(a.weights, b.weights):
        return _by_pairs(a, b, monoid)
    shape = _binary_shape(a, b, monoid)
    size = math.prod(shape)
    x = exactly(a.weights)
    y = x if b is a else exactly(b.weights)
    bits = x.denominator.bit_length() + y.denominator.bit_length()
    if size * bits > current_settings().exact_limit:
        return _by_pairs(a, b, monoid)
    f = _on_cube(a, x, shape)
    values = xor_product(f, f if b is a else _on_cube(b, y, shape), bits)
    lost = missing.joined(a.missing, b.missing)
    denominator = x.denominator * y.denominator
    weights: Any
    if a.weights.is_exact and b.weights.is_exact:
        weights = reduced(values, denominator)
    else:
        weights = from_ratios(values, denominator).off_by(a.weights.error, b.weights.error)
    columns = list(np.unravel_index(np.arange(size), shape))
    found = arranged(columns, (0,) * len(shape), (1,) * len(shape), weights, lost)
    return found, Origin("walsh", "exact Walsh-Hadamard transforms of integers")


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
    for cell, value in zip(cells, weights.integers(), strict=True):
        values[cell] = int(value)
    return values


# Any operation --------------------------------------------------------------------------------------------------------


def _by_pairs(a: Measure, b: Measure, monoid: Monoid, _tolerance: float | None = None) -> tuple[Measure, How]:
    """All pairs of outcomes, equal images merged."""
    ranks_a, ranks_b = a.weights.positive(), b.weights.positive()
    plan = _plan_pairs(len(ranks_a) * len(ranks_b), monoid)
    others = [as_outcome(v) for v in positive_vectors(b)]
    images: list[Vector] = []
    for vector in positive_vectors(a):
        x = as_outcome(vector)
        for y in others:
            image = monoid.op(x, y)
            if type(image) is not int:
                image = read_outcome(image, f"{x} {monoid.name} {y}")
            images.append(as_vector(image))
    if len({len(v) for v in images}) > 1:
        raise DimensionError(
            f"{monoid.name} gives outcomes of different dimensions: {sorted({len(v) for v in images})}"
        )
    p, q = unified(a.weights.take(ranks_a), b.weights.take(ranks_b))
    found = arranged_vectors(images, p.outer(q), missing.joined(a.missing, b.missing))
    return found, replace(plan, kind=found.weights.kind)


def _add(a: Measure, b: Measure, _monoid: Monoid, tolerance: float | None) -> tuple[Measure, How]:
    return convolution.convolve(a, b, tolerance=tolerance)


#: The fast ways, by the name that a monoid gives.
WAYS: dict[str, Callable[[Measure, Measure, Monoid, float | None], tuple[Measure, How]]] = {
    "add": _add,
    "modulo": _modulo,
    "maximum": _maximum,
    "minimum": _minimum,
    "xor": _xor,
}
