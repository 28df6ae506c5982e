"""Conditioning on an event: the weights of the outcomes in it, divided by their total."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np

from distconv import missing
from distconv.errors import DistconvValueError
from distconv.measure import Measure
from distconv.measure.arranging import positive_cells, select
from distconv.measure.lookup import count_up_to, event, rank
from distconv.support.outcomes import as_outcome, as_vector
from distconv.typing import Outcome, Scalar, Vector


def given(measure: Measure, predicate: Callable[[Any], Any]) -> tuple[Measure, Any]:
    """The law of the outcome, known that the predicate holds, and the probability that it does.

    How likely that was is in ``how()``, and is ``X.prob(predicate)``. Of an infinite law it is asked on a window, and
    what that may miss is `missing`: where the condition is an interval, ``X.truncate(low, high)`` needs none.

    Raises:
        DistconvValueError: no outcome satisfies the predicate.

    >>> from distconv import Die
    >>> even = Die(6).given(lambda x: x % 2 == 0)
    >>> even.pmf(2)
    Fraction(1, 3)
    >>> print(even.how())
    given: known an event of probability 1/2
    """
    ranks = event(measure, predicate)
    if not ranks:
        raise DistconvValueError(
            f"no outcome satisfies the condition: its probability is 0 (support from "
            f"{as_outcome(measure.box.origin)} to {as_outcome(measure.box.high)})"
        )
    part = select(measure, np.array(ranks, dtype=np.int64))
    return normalized(part, missing.left(measure)), part.weights.total()


def within(measure: Measure, low: Vector | None, high: Vector | None) -> tuple[Measure, Any]:
    """The law of the outcome, known that it lies between two corners, ends included, and the probability of that.

    `clip` moves what is outside to the ends instead.

    Raises:
        DistconvValueError: no outcome lies there.

    >>> from distconv import Die, Geometric
    >>> Die(6).truncate(low=5).to_dict()
    {5: Fraction(1, 2), 6: Fraction(1, 2)}
    >>> Geometric("1/2").truncate(high=2).pmf(1)
    Fraction(2, 3)
    """

    def is_inside(x: Outcome) -> bool:
        vector = as_vector(x)
        above = low is None or all(v >= bound for v, bound in zip(vector, low, strict=True))
        return above and (high is None or all(v <= bound for v, bound in zip(vector, high, strict=True)))

    part = None
    if measure.box.ndim == 1:
        part = inside(measure, *ends(low, high))
    if part is None:
        return given(measure, is_inside)
    return normalized(part, missing.left(measure)), part.weights.total()


def ends(low: Vector | None, high: Vector | None) -> tuple[Scalar | None, Scalar | None]:
    """Two corners as numbers."""
    return None if low is None else low[0], None if high is None else high[0]


def least(measure: Measure) -> Scalar:
    """The least outcome of a 1-D measure that carries weight."""
    return measure.box.vector(int(positive_cells(measure)[0]))[0]


def inside(measure: Measure, low: Scalar | None, high: Scalar | None) -> Measure | None:
    """The outcomes of a 1-D measure from low to high that carry weight, not normalised; None where there are none."""
    start = 0 if low is None else count_up_to(measure, low) - (rank(measure, (low,)) is not None)
    end = measure.support.size if high is None else count_up_to(measure, high)
    ranks = measure.weights.positive()
    if len(ranks) == measure.support.size and start == 0 and end == measure.support.size:
        return measure
    ranks = ranks[(ranks >= start) & (ranks < end)]
    return select(measure, ranks) if len(ranks) else None


def normalized(part: Measure, lost: Fraction | float | None = None) -> Measure:
    """A measure divided by its total and what is missing (its own where not given), at most: lower bounds stay such."""
    weights, rest = part.weights.normalised(part.missing if lost is None else lost)
    return Measure(part.support, weights, rest)
