"""The probability that an outcome lies in a box, of a measure."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from distconv.measure import Measure
from distconv.measure.lookup import axis_indices
from distconv.support.outcomes import quotient
from distconv.typing import Corner, IntArray, Number, Scalar


def prob_box(measure: Measure, low: Corner, high: Corner) -> Number:
    """P(low <= X <= high), on every axis.

    Sums that are kept as terms are asked without being laid out: the probability that a million steps in the plane end
    in a region takes some milliseconds.

    Args:
        low, high: the corners, which belong to the box: a number in 1-D, else a tuple. None leaves an end open, of one
            axis where it stands in a tuple.

    Returns:
        A `Fraction` of an exact law; a float within `error` and some roundings, relative.

    Raises:
        DimensionError: corners of another dimension.

    >>> from distconv import Die, joint
    >>> Die(6).prob_box(2, 4)
    Fraction(1, 2)
    >>> joint(Die(6), Die(6)).prob_box((2, 5), (3, None))
    Fraction(1, 9)
    """
    found = measure.weights.take(ranks_in(measure, low, high)).total()
    return found if measure.weights.is_exact else min(1.0, found)


def ranks_in(measure: Measure, low: Corner, high: Corner) -> IntArray:
    """The ranks of the points in a box."""
    box = measure.box
    inside = np.ones(measure.support.size, dtype=bool)
    axes = zip(
        axis_indices(measure), ends_of(low, box.ndim), ends_of(high, box.ndim), box.origin, box.step, strict=True
    )
    for index, least, most, origin, step in axes:
        if least is not None:
            inside &= index >= math.ceil(quotient(least - origin, step))
        if most is not None:
            inside &= index <= math.floor(quotient(most - origin, step))
    return np.flatnonzero(inside)


def ends_of(corner: Corner, ndim: int) -> Sequence[Scalar | None]:
    """The corner on each axis."""
    return (None,) * ndim if corner is None else corner
