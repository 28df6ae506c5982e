"""Losses: what exceeds a retention, on average."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from distconv.measure import Measure
from distconv.measure.lookup import axis_indices, count_up_to
from distconv.numbers.doubles import multiples, to_double
from distconv.weights.floating import normal_form, total_of


def excess(measure: Measure, d: Any) -> Any:
    """E max(X - d, 0) over the points of a 1-D measure."""
    weights = measure.weights
    if isinstance(d, float):
        if d > 0:
            return Fraction(0) if weights.is_exact else 0.0
        return math.inf
    (index,) = axis_indices(measure)
    (origin,), (step,) = measure.box.origin, measure.box.step
    ranks = weights.positive()
    ranks = ranks[ranks >= count_up_to(measure, d)]
    if weights.is_exact:
        exact = weights.as_rational()
        stored = exact.integers()
        total = sum((int(stored[r]) * (origin + step * int(index[r]) - d) for r in ranks.tolist()), start=Fraction(0))
        return total / exact.denominator
    if not len(ranks):
        return 0.0
    # Distances are exact multiples of the step from the first outcome above d, rounded once.
    first = Fraction(origin) + Fraction(step) * int(index[ranks[0]]) - d
    distances = to_double(first) + multiples(step, index[ranks] - index[ranks[0]])
    # Products of any range, at the scale of the largest.
    total, exponent = total_of(weights.take(ranks).as_floating().times(normal_form(distances, None, 0.0)))
    return math.ldexp(total, max(exponent, -5000))
