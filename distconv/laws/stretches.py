"""Ever wider stretches of an infinite law's outcomes, with the log of what lies outside, however little that is."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from distconv.laws import chernoff
from distconv.numbers.doubles import log_of_sum
from distconv.typing import Scalar

if TYPE_CHECKING:
    from distconv.laws.law import Law

#: The first stretch reaches so many standard deviations to either side, and so many steps of the lattice more.
DEVIATIONS, STEPS = 10.0, 8
#: By how much the next one is wider.
GROWTH = 2


def stretches(law: Law, least: Scalar | None, most: Scalar | None) -> Iterator[tuple[Scalar, Scalar, float]]:
    """(low, high, log P(X < low or X > high and within the bounds)) of ever wider stretches about the mean.

    Args:
        law: a 1-D law.
        least: nothing below this counts, and no stretch reaches there; None for no bound.
        most: the same above.
    """
    reach = first_reach(law)
    bounds = [v for v in (least, law.low) if v is not None], [v for v in (most, law.high) if v is not None]
    first, last = max(bounds[0], default=None), min(bounds[1], default=None)
    middle: Scalar = math.floor(law.mean())
    middle = middle if first is None else max(middle, first)
    middle = middle if last is None else min(middle, last)
    while True:
        low, high = middle - reach, middle + reach
        outside: list[float] = []
        if first is not None and low <= first:
            low = first
        else:
            outside.append(float(law.beside(low, "cdf", log=True)))
        if last is not None and high >= last:
            high = last
        else:
            outside.append(float(law.beside(high, "sf", log=True)))
        yield low, high, log_of_sum(outside)
        reach *= GROWTH


def first_reach(law: Law) -> Scalar:
    """How far the first stretch reaches to either side."""
    return math.ceil(DEVIATIONS * chernoff.width(law)) + STEPS * math.ceil(law.spacing())
