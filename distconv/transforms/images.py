"""Images of measures under maps: any function, matrices, clipping, projections to axes, products."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import missing
from distconv.coordinates import Columns, read_vectors
from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import arranged, arranged_vectors
from distconv.measure.lookup import axis_indices, outcomes_of
from distconv.support.outcomes import as_outcome, as_vector, whole
from distconv.typing import AnyArray, Outcome, Scalar, Vector
from distconv.weights.unify import unified


def pushforward(measure: Measure, function: Callable[[Any], Any]) -> Measure:
    """The measure of function(outcome); images that are equal merge.

    Floats that together are a grid to within rounding are that grid, as in `Distribution`. Of an infinite law the
    outcomes of a window are mapped; what it misses is `missing`.

    Raises:
        DistconvValueError: floats that differ by rounding alone and are no grid.

    >>> from distconv import Die
    >>> (Die(6) - Die(6)).map(abs).pmf(0)
    Fraction(1, 6)
    """
    outcomes = list(outcomes_of(measure))
    way = "round them: X.map(lambda x: round(f(x), {places}))"
    images = read_vectors([function(x) for x in outcomes], lambda i: f"image of {outcomes[i]}", way=way)
    weights = measure.weights.take(measure.weights.positive())
    return arranged_vectors(images, weights, measure.missing)


def clipped(measure: Measure, low: Vector | None, high: Vector | None) -> Measure:
    """The measure of min(max(outcome, low), high), coordinate by coordinate; None leaves an end open.

    Raises:
        DistconvValueError: low is above high.
    """
    check_ends(low, high)

    def clamp(x: Outcome) -> Outcome:
        vector: Vector = as_vector(x)
        if low is not None:
            vector = tuple(max(v, bound) for v, bound in zip(vector, low, strict=True))
        if high is not None:
            vector = tuple(min(v, bound) for v, bound in zip(vector, high, strict=True))
        return as_outcome(vector)

    return pushforward(measure, clamp)


def check_ends(low: Vector | None, high: Vector | None) -> None:
    """Refuses ends of which the lower is above the higher.

    Raises:
        DistconvValueError: they are so.
    """
    if low is not None and high is not None and any(a > b for a, b in zip(low, high, strict=True)):
        raise DistconvValueError(f"low must be <= high, got low={as_outcome(low)!r}, high={as_outcome(high)!r}")


def rounded(measure: Measure, steps: Vector) -> Measure:
    """The measure of the outcomes at the nearest multiples of a step per axis; halves go to the even multiple.

    Exact weights stay exact. Of an infinite law the outcomes of a window are rounded; what it misses is `missing`.

    Args:
        steps: numbers > 0 ("0.1", 0.1 and Fraction(1, 10) mean the same), in n-D one for all axes or one per axis.

    >>> from distconv import Distribution
    >>> Distribution({"0.98": "1/4", "1.01": "1/4", "2.6": "1/2"}).round("0.5").to_dict()
    {1: Fraction(1, 2), Fraction(5, 2): Fraction(1, 2)}
    """
    box = measure.box
    places = Columns(axis_indices(measure), box.origin, box.step).rounded(steps)
    return arranged(places.columns, places.offsets, places.units, measure.weights, measure.missing)


def floored(measure: Measure, steps: Vector) -> Measure:
    """The measure of floor(outcome / step), per axis; steps other than 0."""
    box = measure.box
    places = Columns(axis_indices(measure), box.origin, box.step).floored(steps)
    return arranged(places.columns, places.offsets, places.units, measure.weights, measure.missing)


def linear(measure: Measure, matrix: Sequence[Sequence[Scalar]]) -> Measure:
    """The measure of matrix @ outcome."""
    box = measure.box
    indices = axis_indices(measure)
    columns, offsets, units = [], [], []
    for row in matrix:
        gains = [Fraction(m * s) for m, s in zip(row, box.step, strict=True)]
        denominator = math.lcm(*(g.denominator for g in gains))
        factors = [int(g * denominator) for g in gains]
        reach = sum(abs(f) * n for f, n in zip(factors, box.shape, strict=True))
        dtype: Any = np.int64 if reach < 2**61 else object
        column: AnyArray = np.zeros(measure.support.size, dtype=dtype)
        for factor, index in zip(factors, indices, strict=True):
            column = column + index.astype(dtype) * factor
        columns.append(column)
        offsets.append(whole(Fraction(sum(m * o for m, o in zip(row, box.origin, strict=True)))))
        units.append(whole(Fraction(1, denominator)))
    return arranged(columns, tuple(offsets), tuple(units), measure.weights, measure.missing)


def marginal(measure: Measure, axes: Sequence[int]) -> Measure:
    """The measure of some coordinates, in the order given."""
    indices, box = axis_indices(measure), measure.box
    return arranged(
        [indices[i] for i in axes],
        tuple(box.origin[i] for i in axes),
        tuple(box.step[i] for i in axes),
        measure.weights,
        measure.missing,
    )


def product(a: Measure, b: Measure) -> Measure:
    """The joint measure of two independent ones: dimensions concatenated."""
    x, y = unified(a.weights, b.weights)
    columns = [np.repeat(i, y.size) for i in axis_indices(a)] + [np.tile(i, x.size) for i in axis_indices(b)]
    weights = x.outer(y)
    offsets, units = a.box.origin + b.box.origin, a.box.step + b.box.step
    return arranged(columns, offsets, units, weights, missing.joined(a.missing, b.missing))
