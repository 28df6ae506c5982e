"""Moments from cumulants, of laws that know these in closed form; those of a sum are sums of those of its terms."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Protocol

import numpy as np

from distconv.numbers.doubles import root, to_double
from distconv.queries.moments import central_from_cumulants, raw_from_central
from distconv.typing import Moment


class Moments(Protocol):
    """What answers for the moments of a law: its measure, its cumulants, or its formula."""

    def mean(self) -> Moment:
        """The expected outcome."""

    def var(self) -> Moment:
        """The variance."""

    def std(self) -> float | Any:
        """The standard deviation."""

    def cov(self) -> Moment:
        """The covariance matrix."""

    def skewness(self) -> Moment:
        """The third central moment over the standard deviation cubed."""

    def kurtosis(self) -> Moment:
        """The fourth central moment over the variance squared, less 3."""

    def moment(self, k: int) -> Moment:
        """E[X**k]."""

    def cumulant(self, k: int) -> Moment:
        """The k-th cumulant."""


@dataclass(frozen=True, slots=True, eq=False)
class CumulantMoments:
    """The moments of a 1-D law that knows its cumulants; each cumulant is asked for once.

    Attributes:
        of: the cumulant of an order, before it is rounded.
        told: a number as it is answered: of floating parameters a double, rounded once.
        known: the cumulants that were computed, by order.
    """

    of: Callable[[int], Any]
    told: Callable[[Any], Any]
    known: dict[int, Any]

    def exact(self, k: int) -> Moment:
        """The k-th cumulant before it is rounded."""
        if k not in self.known:
            self.known[k] = self.of(k)
        return self.known[k]

    def mean(self) -> Moment:
        """The mean."""
        return self.told(self.exact(1))

    def var(self) -> Moment:
        """The variance."""
        return self.told(self.exact(2))

    def std(self) -> float:
        """The standard deviation, a float: also where the variance is beyond the doubles."""
        return root(self.exact(2))

    def cov(self) -> Moment:
        """The covariance matrix, (1, 1)."""
        return np.array([[self.var()]])

    def skewness(self) -> float:
        """The third cumulant over sd**3, a float; NaN for one point."""
        variance, third = self.exact(2), self.exact(3)
        if not variance:
            return math.nan
        if isinstance(variance, Fraction) and isinstance(third, Fraction):
            size = root(third**2 / variance**3)
            return -size if third < 0 else size
        return to_double(third) / to_double(variance) / root(variance)

    def kurtosis(self) -> Moment:
        """Excess kurtosis, from the cumulants: no difference of nearly equal numbers; NaN for one point."""
        variance = self.exact(2)
        return self.told(self.exact(4) / variance / variance) if variance else math.nan

    def moment(self, k: int) -> Moment:
        """E[X**k], from the cumulants."""
        cumulants = [0, *(self.exact(j) for j in range(1, k + 1))]
        central = central_from_cumulants(cumulants)[: k + 1]
        return self.told(raw_from_central(central, cumulants[1] if k else 0, k))

    def cumulant(self, k: int) -> Moment:
        """The k-th cumulant."""
        return self.told(self.exact(k))
