"""An infinite law once something else is known of its outcome: every weight times a chance, over what that totals.

Bayes' rule, and the law of one summand once the sum is known. Chances are at most 1. So what the weights total outside
of a stretch is at most what the law itself has there, and their whole is known from a stretch outside of which that is
nothing beside it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from distconv import bounds
from distconv.errors import DistconvValueError
from distconv.laws.chernoff import WINDOW_TAIL
from distconv.laws.law import Law, Maker
from distconv.laws.stretches import GROWTH, first_reach, stretches
from distconv.laws.windowed import Windowed
from distconv.measure import Measure, arranging, lookup
from distconv.numbers.doubles import added, log_of_pair
from distconv.planning import Origin
from distconv.queries.totals import Side
from distconv.settings import current_settings, under_own_settings
from distconv.support.outcomes import whole
from distconv.typing import Key, Scalar
from distconv.weights.floating import divided, total_of

#: Where no outcome is possible within stretches that leave less than exp of this outside, none is looked for beyond.
LEAST_OUTSIDE = -20_000.0
#: Multiplies a measure's weights by the chances of its points; None where all are 0.
Chances = Callable[[Measure], Measure | None]
#: A positive number of any range.
Pair = tuple[float, int]


def reweighted(base: Law, chances: Chances, ends: tuple[Scalar | None, Scalar | None], story: str) -> Reweighted:
    """The law of X, known that what had a chance of c(x) has happened, between ends beyond which it cannot have.

    Raises:
        DistconvValueError: nothing is possible as far as one looked.
    """
    return Reweighted(base.in_numbers(), chances, ends, story).possible()


@dataclass(frozen=True, slots=True, eq=False)
class Bulk:
    """A stretch of the outcomes that holds all that counts of the whole.

    Attributes:
        low, high: its ends.
        part: the weights there, times their chances.
        total: what these total.
        error: a bound on the relative error of that as the whole.
    """

    low: Scalar
    high: Scalar
    part: Measure
    total: Pair
    error: float


class Reweighted(Windowed):
    """The law of X, known that what had a chance of c(x) has happened: weights P(X = x) c(x) over their sum."""

    __slots__ = ("base", "chances", "ends")

    base: Law
    chances: Chances
    ends: tuple[Scalar | None, Scalar | None]

    def __init__(self, base: Law, chances: Chances, ends: tuple[Scalar | None, Scalar | None], story: str) -> None:
        self.describe(Origin("given", story), base=base, chances=chances, ends=ends)

    def anew(self) -> Maker:
        return Reweighted, (self.base, self.chances, self.ends, str(self.origin.reason))

    def key(self) -> Key:
        return ("reweighted", self.base, self.chances), 1, 0

    def possible(self) -> Reweighted:
        """The law itself, known to have an outcome that is possible."""
        assert self._bulk.total[0]
        return self

    @property
    def is_exact(self) -> bool:
        """False: what all weights total is an infinite sum."""
        return False

    @property
    @under_own_settings
    def error(self) -> float:
        """A bound on the relative error of every weight."""
        return bounds.compose(self.measure.weights.error, current_settings().tolerance)

    @property
    def lost(self) -> float:
        return self.base.lost

    @property
    def low(self) -> Scalar | None:
        """The lowest outcome, or one below it where the bulk lies far above; None where there is none."""
        bulk, end = self._bulk, self._bounds[0]
        return bulk.part.box.origin[0] if end is not None and bulk.low <= end else end

    @property
    def high(self) -> Scalar | None:
        """The highest outcome, or one above it where the bulk lies far below; None where there is none."""
        bulk, end = self._bulk, self._bounds[1]
        return bulk.part.box.high[0] if end is not None and bulk.high >= end else end

    @property
    def _bounds(self) -> tuple[Scalar | None, Scalar | None]:
        """The nearer ones of the law's ends and those of what else is known, on the lattice."""
        (least, most), ends = self.ends, (self.base.low, self.base.high)
        first = None if least is None else self._point(self._place(least, math.ceil))
        last = None if most is None else self._point(self._place(most, math.floor))
        lows, highs = [v for v in (ends[0], first) if v is not None], [v for v in (ends[1], last) if v is not None]
        return max(lows, default=None), min(highs, default=None)

    def anchor(self) -> Scalar:
        return self.base.anchor()

    def spacing(self) -> Scalar:
        return self.base.spacing()

    def log_mgf(self, t: float) -> float:
        """An upper bound: chances are at most 1."""
        return self.base.log_mgf(t) - log_of_pair(*self._bulk.total)

    # Windows ------------------------------------------------------------------------------------------------------

    @property
    @under_own_settings
    def _bulk(self) -> Bulk:
        """A stretch outside of which nothing lies beside what its weights total.

        Raises:
            DistconvValueError: nothing is possible as far as one looked.
        """
        found: Bulk | None = self.memory.get("bulk")
        if found is not None:
            return found
        for low, high, outside in stretches(self.base, *self._bounds):
            part = self._chosen(low, high)
            if part is not None:
                weights = part.weights.as_floating()
                total = total_of(weights)
                if outside <= math.log(WINDOW_TAIL) + log_of_pair(*total):
                    off = bounds.compose(weights.error, bounds.total(weights.size), 2 * WINDOW_TAIL)
                    found = self.memory["bulk"] = Bulk(low, high, part, total, off)
                    return found
            elif outside < LEAST_OUTSIDE:
                break
        raise DistconvValueError(
            f"what is known to have happened is impossible with every outcome from {low} to {high}, and beyond lies "
            f"less than exp({outside:.6g}) of the probability; cut the law to where it is possible, if it is: "
            "X.truncate(low=1000, high=2000)"
        )

    def _chosen(self, low: Scalar, high: Scalar) -> Measure | None:
        """The weights times their chances on a stretch."""
        part = self.base.around(low, high)
        if part is None:
            return None
        first = lookup.count_up_to(part, low) - (lookup.rank(part, (low,)) is not None)
        ranks = np.arange(first, lookup.count_up_to(part, high))
        ranks = np.intersect1d(ranks, part.weights.positive())
        return self.chances(arranging.select(part, ranks)) if len(ranks) else None

    def _made(self, low: Scalar, high: Scalar) -> Measure | None:
        part = self._chosen(low, high)
        if part is None:
            return None
        floats, bulk = part.weights.as_floating(), self._bulk
        error = bounds.compose(floats.error, bounds.reciprocal(bulk.error), 2 * bounds.UNIT)
        return Measure(part.support, replace(divided(floats, *bulk.total), error=error), 1.0)

    def _edges(self, tail: float) -> tuple[Scalar, Scalar]:
        least = math.log(tail) + log_of_pair(*self._bulk.total)
        low, high = next((low, high) for low, high, outside in stretches(self.base, *self._bounds) if outside <= least)
        return self._point(self._place(low, math.ceil)), self._point(self._place(high, math.floor))

    # Tails --------------------------------------------------------------------------------------------------------

    def held(self, x: Scalar, side: Side, *, log: bool = False) -> float:
        (top, exponent), (whole_top, whole_exponent) = self._beyond(x, side), self._bulk.total
        if log:
            return min(0.0, log_of_pair(top, exponent) - log_of_pair(whole_top, whole_exponent))
        return min(1.0, math.ldexp(top / whole_top, max(exponent - whole_exponent, -1100))) if top else 0.0

    @under_own_settings
    def _beyond(self, x: Scalar, side: Side) -> Pair:
        """What the weights on one side of x total, from stretches that leave out nothing beside it."""
        place, reach = self._place(x, math.floor) + (side == "sf"), first_reach(self.base)
        start, sign = self._point(place), 1 if side == "sf" else -1
        end = self.high if side == "sf" else self.low
        total: Pair = (0.0, 0)
        near = start
        while True:
            far = whole(start + sign * reach)
            is_last = end is not None and (end - far) * sign <= 0
            far = end if is_last and end is not None else far
            part = self._chosen(min(near, far), max(near, far))
            if part is not None:
                more = total_of(part.weights.as_floating())
                total = added(total, more) if total[0] else more
            outside: Any = self.base.beside(far, side, log=True)
            if is_last or outside <= math.log(WINDOW_TAIL) + log_of_pair(*total):
                return total
            near, reach = whole(far + sign * self.spacing()), GROWTH * reach
            near = self._point(self._place(near, math.ceil if sign < 0 else math.floor))
