"""Infinite laws that make a window between any two numbers at once, far out too, from the laws they are made of."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from distconv import convolution, planning
from distconv.laws import levels
from distconv.laws.chernoff import some
from distconv.laws.law import Law
from distconv.laws.unbounded import Unbounded
from distconv.measure import Measure
from distconv.queries.moments import MeasureMoments
from distconv.queries.totals import Side
from distconv.settings import under_own_settings
from distconv.support.outcomes import quotient, whole
from distconv.typing import Moment, Outcome, Scalar

#: What the window that moments are summed over may miss: by Cauchy and Schwarz a k-th central moment lacks at most
#: 1e-20 of the square root of the one of order 2 k.
MOMENT_TAIL = 1e-40


class Windowed(Unbounded):
    """A law that is as easily asked far out as near its mean.

    Subclasses define `low`, `high`, `_made`, `_edges`, `anchor`, `spacing` and `held`.
    """

    __slots__ = ()

    def _made(self, low: Scalar, high: Scalar) -> Measure | None:
        """The outcomes from low to high, two points of the lattice, and no others; None where there are none."""
        raise NotImplementedError

    def _edges(self, tail: float) -> tuple[Scalar, Scalar]:
        """Two points of the lattice outside of which at most `tail` lies."""
        raise NotImplementedError

    def anchor(self) -> Scalar:
        """A point of the lattice; 0 where the outcomes have no end."""
        raise NotImplementedError

    # Windows ------------------------------------------------------------------------------------------------------

    @under_own_settings
    def around(self, low: Scalar, high: Scalar) -> Measure | None:
        low = low if self.low is None else max(low, self.low)
        high = high if self.high is None else min(high, self.high)
        first, last = self._place(low, math.ceil), self._place(high, math.floor)
        if first > last:
            return None
        planning.check_cells(last - first + 1, "the outcomes between these")
        return self._made(self._point(first), self._point(last))

    def up_to(self, x: Scalar) -> Measure | None:
        assert self.low is not None
        return self.around(self.low, x)

    def down_to(self, x: Scalar) -> Measure | None:
        assert self.high is not None
        return self.around(x, self.high)

    @under_own_settings
    def covering(self, tail: float) -> Measure:
        return replace(some(self.around(*self._edges(tail))), missing=tail)

    def _place(self, x: Scalar, rounded: Callable[[Scalar], int]) -> int:
        """The number of a point of the lattice next to x, counted from the anchor."""
        return rounded(quotient(x - self.anchor(), self.spacing()))

    def _point(self, place: int) -> Scalar:
        """The point of the lattice of that number."""
        return whole(self.anchor() + self.spacing() * place)

    # Answers ------------------------------------------------------------------------------------------------------

    def is_far_side(self, x: Scalar, side: Side) -> bool:
        return False

    def _is_surely_below(self, x: Scalar) -> bool:
        return False

    def quantile(self, q: Fraction, side: Side, rounded: bool) -> Outcome:
        last = self._last(q, side)
        if last is not None:
            return last
        start = self._point(self._place(some_end(self), math.floor))
        return levels.first_reaching(self, q, side, rounded=rounded, start=start)

    @under_own_settings
    def cumulant(self, k: int) -> Moment:
        """In doubles, from a window that misses `MOMENT_TAIL`."""
        window: Measure | None = self.memory.get("summed")
        if window is None:
            window = self.memory["summed"] = convolution.as_floating(self.covering(MOMENT_TAIL))
        return MeasureMoments(window).cumulant(k)


def some_end(law: Law) -> Scalar:
    """The end of a law that has one; else 0."""
    return law.low if law.low is not None else law.high if law.high is not None else 0
