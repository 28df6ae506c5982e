"""The moments of laws by formulas: expressions, from the cumulants or from the moments of their terms."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.formulas.atom import Atom, cumulant_from
from distconv.formulas.terms import Term
from distconv.numbers.letters import expression_of
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True, eq=False)
class FormulaMoments:
    """The moments of a sum of terms; each cumulant, and each moment of a term, is asked for once.

    Attributes:
        summands: the independent terms.
        offset: what is added to their sum.
        known: what was computed: cumulants by order, and moments of terms by place and order.
    """

    summands: tuple[Term, ...]
    offset: sympy.Expr
    known: dict[Any, Any]

    def cumulant(self, k: int) -> sympy.Expr:
        """The k-th cumulant: the cumulants of the summands, added."""
        if k not in self.known:
            parts = (t.copies * t.factor**k * self._of(i, t.atom, k) for i, t in enumerate(self.summands))
            self.known[k] = tidy(sum(parts, start=self.offset if k == 1 else expression_of(0)))
        return self.known[k]

    def _of(self, place: int, atom: Atom, k: int) -> sympy.Expr:
        """The k-th cumulant of what one term is copies of."""
        if atom.knows_cumulants:
            return atom.cumulant(k)
        return cumulant_from([self._raw(place, atom, j) for j in range(1, k + 1)])

    def _raw(self, place: int, atom: Atom, k: int) -> sympy.Expr:
        """E X**k of what one term is copies of."""
        if (place, k) not in self.known:
            self.known[place, k] = tidy(atom.moment(k))
        return self.known[place, k]

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
        """E[X**k]: of one term that tells moments those, moved; of others from the cumulants."""
        import sympy

        (first, *more) = self.summands
        if not more and first.copies == 1 and not first.atom.knows_cumulants:
            own = [sympy.Integer(1), *(self._raw(0, first.atom, j) for j in range(1, k + 1))]
            parts = (math.comb(k, j) * self.offset ** (k - j) * first.factor**j * own[j] for j in range(k + 1))
            return sympy.factor(sum(parts, start=sympy.Integer(0)))
        raw = [sympy.Integer(1)]
        for n in range(1, k + 1):
            raw.append(sum(math.comb(n - 1, j - 1) * self.cumulant(j) * raw[n - j] for j in range(1, n + 1)))
        return sympy.factor(raw[k])
