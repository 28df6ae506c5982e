"""The moments of laws by formulas: expressions, from cumulants."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True, eq=False)
class FormulaMoments:
    """The moments of a law whose cumulants are expressions; each cumulant is asked for once.

    Attributes:
        of: the cumulant of an order.
        known: the cumulants that were computed, by order.
    """

    of: Callable[[int], Any]
    known: dict[int, Any]

    def cumulant(self, k: int) -> sympy.Expr:
        """The k-th cumulant."""
        if k not in self.known:
            self.known[k] = self.of(k)
        return self.known[k]

    def mean(self) -> sympy.Expr:
        """The expected outcome."""
        return self.cumulant(1)

    def var(self) -> sympy.Expr:
        """The variance."""
        return self.cumulant(2)

    def std(self) -> sympy.Expr:
        """The standard deviation."""
        import sympy

        return sympy.sqrt(self.cumulant(2))

    def cov(self) -> sympy.Expr:
        """The covariance matrix, (1, 1)."""
        return np.array([[self.var()]])

    def skewness(self) -> sympy.Expr:
        """The third cumulant over the 3/2 power of the variance."""
        import sympy

        return tidy(self.cumulant(3) / sympy.sqrt(self.cumulant(2)) ** 3)

    def kurtosis(self) -> sympy.Expr:
        """The fourth cumulant over the squared variance."""
        return tidy(self.cumulant(4) / self.cumulant(2) ** 2)

    def moment(self, k: int) -> sympy.Expr:
        """E[X**k]."""
        import sympy

        raw = [sympy.Integer(1)]
        for n in range(1, k + 1):
            raw.append(sum(math.comb(n - 1, j - 1) * self.cumulant(j) * raw[n - j] for j in range(1, n + 1)))
        return sympy.factor(raw[k])
