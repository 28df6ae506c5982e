"""What is certain of a measure of which probability is missing: both ends of its answers."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import bounds, missing
from distconv.coordinates import asked
from distconv.measure import Measure
from distconv.measure.lookup import count_asked, support_of
from distconv.measure.reading import collected
from distconv.queries.arrays import is_many, object_array
from distconv.queries.refusals import only_1d, only_numbers
from distconv.queries.totals import Side, float_totals, total
from distconv.typing import Asked, Level, Outcome, Question
from distconv.weights.symbolic import tidied


def each_pair(ends: Callable[[Any], tuple[Any, Any]], x: Question | Level) -> tuple[Any, Any]:
    """The ends at one number, or arrays of them at many."""
    if not is_many(x):
        return ends(x)
    points = np.asarray(asked(collected(x, "x")), dtype=object)
    found = [ends(v) for v in points.ravel()]
    low, high = (object_array([pair[i] for pair in found], points.shape) for i in (0, 1))
    if any(isinstance(v, float) and math.isfinite(v) for pair in found for v in pair):
        return low.astype(np.float64), high.astype(np.float64)
    return low, high


def ends_beside(measure: Measure, x: Asked, side: Side) -> tuple[Any, Any]:
    """The ends of P(X <= x), or of P(X > x).

    Args:
        x: a number, or an array of numbers: then both ends are arrays.

    >>> from distconv import Distribution
    >>> X = Distribution({1: "1/2", 2: "1/4"}, missing="1/4")
    >>> X.cdf_bounds(1), X.sf_bounds(1)
    ((Fraction(1, 2), Fraction(3, 4)), (Fraction(1, 4), Fraction(1, 2)))
    """
    only_1d(measure, "bounds")
    count, size = count_asked(measure, x), measure.support.size
    low = total(measure, count, side)
    lost = missing.left(measure)
    if measure.weights.is_exact:
        # What is left of 1 by all weights is no more than by some.
        return low, tidied(low + lost) if lost else low
    if count == (0 if side == "cdf" else size):
        return 0.0, float(lost)
    if count == (size if side == "cdf" else 0) and not lost:
        return 1.0, 1.0
    sums = float_totals(measure)
    slack = sums.place(count, side)[0].error + bounds.UNIT
    off = abs(1 - float(sums.heads.at(sums.size - 1))) if not lost else 0.0
    # A subnormal more and less: below the smallest doubles nothing else is certain.
    high = low * (1 + 2 * slack) + lost + off + bounds.SUBNORMAL
    return max(0.0, low * (1 - slack) - bounds.SUBNORMAL), min(1.0, high * (1 + 8 * bounds.UNIT))


def quantile_ends(measure: Measure, q: Fraction) -> tuple[Any, Any]:
    """The lowest and the highest outcome that the quantile may be.

    ``-math.inf`` or ``math.inf`` where the missing mass could lie below or above all outcomes and reach the level; of
    an array of levels, arrays of both ends.

    >>> from distconv import Distribution
    >>> X = Distribution({1: "1/2", 2: "1/4"}, missing="1/4")
    >>> X.ppf_bounds("2/3"), X.ppf_bounds("9/10")
    ((1, 2), (2, inf))
    """
    only_1d(measure, "quantiles")
    only_numbers(measure, "quantiles")
    outcomes = support_of(measure)
    lost = missing.left(measure)
    if not lost and q in (0, 1):
        end: Outcome = outcomes[0] if q == 0 else outcomes[-1]
        return end, end
    return _first(measure, 0, q, lost), _first(measure, 1, q, lost)


def _first(measure: Measure, end: int, q: Fraction, lost: Any) -> Any:
    """The first outcome at which the lower or the upper end of the CDF reaches a level."""
    if end == 0 and q <= lost:
        return -math.inf
    # From above P(X <= x) may come by missing mass, so it is reached where the highest CDF reaches the level.
    outcomes = support_of(measure)
    low, high = 0, len(outcomes)
    while low < high:
        middle = (low + high) // 2
        reached = ends_beside(measure, outcomes[middle], "cdf")[1 - end] >= q
        low, high = (low, middle) if reached else (middle + 1, high)
    return outcomes[low] if low < len(outcomes) else math.inf
