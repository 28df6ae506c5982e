"""What is certain of a law of which probability is missing: both ends of its answers, and the law without it."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds, missing
from distconv.answers import read_level
from distconv.averages import Averages
from distconv.coordinates import asked
from distconv.measure.reading import collected, is_collection
from distconv.queries.totals import FloatSums
from distconv.transforms.conditioning import normalized

if TYPE_CHECKING:
    from distconv.distribution import Distribution
    from distconv.planning import How
    from distconv.typing import Outcome


class Brackets(Averages):
    """Answers with both ends, and the law of the outcomes that are known."""

    __slots__ = ()

    _plan: How
    _of: Callable[..., Distribution]

    def cdf_bounds(self, x: Any) -> tuple[Any, Any]:
        """(low, high) between which P(X <= x) lies for certain, rounding and missing mass included.

        Args:
            x: a number, or an array of numbers: then both ends are arrays.

        >>> from distconv import Distribution
        >>> Distribution({1: "1/2", 2: "1/4"}, missing="1/4").cdf_bounds(1)
        (Fraction(1, 2), Fraction(3, 4))
        """
        return self._each(x, lambda v: self._between_ends(v, head=True))

    def sf_bounds(self, x: Any) -> tuple[Any, Any]:
        """(low, high) between which P(X > x) lies for certain, rounding and missing mass included.

        Args:
            x: as in `cdf_bounds`.

        >>> from distconv import Distribution
        >>> Distribution({1: "1/2", 2: "1/4"}, missing="1/4").sf_bounds(1)
        (Fraction(1, 4), Fraction(1, 2))
        """
        return self._each(x, lambda v: self._between_ends(v, head=False))

    def ppf_bounds(self, q: Any) -> tuple[Any, Any]:
        """(low, high) between which the quantile `ppf(q)` lies for certain, rounding and missing mass included.

        Args:
            q: a level in [0, 1], or an array of them: then both ends are arrays.

        Returns:
            Outcomes; ``-math.inf`` or ``math.inf`` where the missing mass could lie below or above all of them and
            reach the level.

        >>> from distconv import Distribution
        >>> X = Distribution({1: "1/2", 2: "1/4"}, missing="1/4")
        >>> X.ppf_bounds("2/3"), X.ppf_bounds("9/10")
        ((1, 2), (2, inf))
        """
        self._only_1d("quantiles")
        self._only_numbers("quantiles")
        return self._each(q, lambda v: self._quantile_ends(read_level(v, "q")))

    def without_missing(self) -> Distribution:
        """The law of X, given that it is one of the outcomes that are known: nothing is `missing` from it.

        Its weights are those that are there, divided by their total. It is the law of X only where what is missing is
        nothing, or is not meant to count: a walk that never arrives, a loss that was never reported.

        >>> from distconv import Distribution
        >>> X = Distribution({1: "1/2", 2: "1/4"}, missing="1/4")
        >>> X.without_missing().to_dict()
        {1: Fraction(2, 3), 2: Fraction(1, 3)}
        """
        measure = self._measure
        if not measure.missing:
            return self  # type: ignore[return-value]
        return self._of(normalized(measure, 0.0), self._plan)

    @staticmethod
    def _each(x: Any, ends: Callable[[Any], tuple[Any, Any]]) -> tuple[Any, Any]:
        """The ends at one number, or arrays of them at many."""
        if not (isinstance(x, tuple) or is_collection(x)):
            return ends(x)
        points = np.asarray(asked(collected(x, "x")), dtype=object)
        found = [ends(v) for v in points.ravel()]
        low, high = (np.array([pair[i] for pair in found], dtype=object).reshape(points.shape) for i in (0, 1))
        if any(isinstance(v, float) and math.isfinite(v) for pair in found for v in pair):
            return low.astype(np.float64), high.astype(np.float64)
        return low, high

    def _between_ends(self, x: Any, *, head: bool) -> tuple[Any, Any]:
        """The ends of P(X <= x), or of P(X > x)."""
        self._only_1d("bounds")
        count, size = self._count(x), self._measure.support.size
        low = self._head(count) if head else self._tail(count)
        lost = missing.left(self._measure)
        if self.is_exact:
            return low, min(Fraction(1), low + Fraction(lost)) if lost else low
        if count == (0 if head else size):
            return 0.0, float(lost)
        if count == (size if head else 0) and not lost:
            return 1.0, 1.0
        sums = self._sums()
        assert isinstance(sums, FloatSums)
        totals = sums.heads if head else sums.tails
        slack = totals.error + bounds.UNIT
        off = abs(1 - float(sums.heads.at(sums.size - 1))) if not lost else 0.0
        # A subnormal more and less: below the smallest doubles nothing else is certain.
        high = low * (1 + 2 * slack) + lost + off + bounds.SUBNORMAL
        return max(0.0, low * (1 - slack) - bounds.SUBNORMAL), min(1.0, high * (1 + 8 * bounds.UNIT))

    def _quantile_ends(self, q: Fraction) -> tuple[Any, Any]:
        """The lowest and the highest outcome that the quantile may be."""
        outcomes = self.support
        lost = missing.left(self._measure)
        if not lost and q in (0, 1):
            end: Outcome = outcomes[0] if q == 0 else outcomes[-1]
            return end, end
        return self._first(0, q, lost), self._first(1, q, lost)

    def _first(self, side: int, q: Fraction, lost: Any) -> Any:
        """The first outcome at which the lower or the upper end of the CDF reaches a level."""
        if side == 0 and q <= lost:
            return -math.inf
        # From above P(X <= x) may come by missing mass, so it is reached where the highest CDF reaches the level.
        outcomes = self.support
        low, high = 0, len(outcomes)
        while low < high:
            middle = (low + high) // 2
            reached = self._between_ends(outcomes[middle], head=True)[1 - side] >= q
            low, high = (low, middle) if reached else (middle + 1, high)
        return outcomes[low] if low < len(outcomes) else math.inf
