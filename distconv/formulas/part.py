"""`Part`: the outcomes of a law by a formula between two ends, and sums over them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvValueError
from distconv.formulas.pieces import Piece, closed_sum, index_letter
from distconv.numbers.letters import expression_of, letters_of
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw

#: Outcomes up to which a part is summed one by one.
MOST_TERMS = 200


@dataclass(frozen=True, slots=True)
class Part:
    """The outcomes low..high of a law on integers, not divided by their total."""

    law: FormulaLaw
    low: Any
    high: Any

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in the law, and in the ends."""
        return letters_of(self.low) | letters_of(self.high) | set(self.law.letters)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> Part:
        """The part with exact values in place of letters."""
        return Part(self.law.replaced(values), self.low.subs(values), self.high.subs(values))

    def chance(self) -> sympy.Expr:
        """P(low <= X <= high)."""
        one = expression_of(1)
        return tidy(self.total(lambda _: one, lambda: one))

    def pieces(self) -> tuple[Piece, ...] | None:
        """The pieces of the law, cut."""
        import sympy

        own = self.law.on_integers()
        if own is None:
            return None
        if self.low.is_infinite and self.high.is_infinite:
            return own
        cut = (Piece(p.expression, sympy.Max(p.low, self.low), sympy.Min(p.high, self.high), p.born) for p in own)
        return tuple(p for p in cut if not (p.high - p.low).is_negative)

    def total(self, weigh: Callable[[sympy.Expr], sympy.Expr], over_all: Callable[[], sympy.Expr]) -> sympy.Expr:
        """The sum of weigh(k) P(X = k) over low..high; `over_all` gives it over all outcomes.

        A finite sum where there is one: of the outcomes, or of those that are left out.
        """
        import sympy

        low, high = sympy.Max(self.low, self.law.low), sympy.Min(self.high, self.law.high)
        inner = self._summed(weigh, low, high)
        if inner is not None:
            return inner
        left = self._summed(weigh, self.law.low, low - 1) if high == self.law.high else None
        if left is None and low == self.law.low:
            left = self._summed(weigh, high + 1, self.law.high)
        if left is not None:
            return over_all() - left
        pieces = self.pieces()
        if pieces is None:
            raise DistconvValueError(f"no closed form is known for sums over the part {self.low}..{self.high} of a law")
        # Not over the letter of the outcome, for which numbers and other expressions are put.
        a = sympy.Dummy("k", integer=True)
        terms = ((p.expression.subs(index_letter(), a) * weigh(a), p) for p in pieces)
        parts = (closed_sum(term, a, p.low, p.high) for term, p in terms)
        return sum(parts, start=expression_of(0))

    def _summed(
        self, weigh: Callable[[sympy.Expr], sympy.Expr], low: sympy.Expr, high: sympy.Expr
    ) -> sympy.Expr | None:
        """The plain sum over few outcomes; None of more, or where their number is not known."""
        count = high - low
        if not (count.is_Integer and count < MOST_TERMS):
            return None
        outcomes = [low + i for i in range(int(count) + 1)]
        return sum((weigh(x) * self.law.chance_at(x) for x in outcomes), start=expression_of(0))
