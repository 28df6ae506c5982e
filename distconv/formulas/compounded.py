"""Sums of a random number of terms with letters: generating functions are composed, and so are cumulants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from distconv.formulas.atom import Atom, is_numeric, replaced
from distconv.formulas.law import FormulaLaw
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of
from distconv.typing import NumberLike
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy


#: Outcome up to which a probability is written out: tenths of a second.
MOST_WRITTEN = 24


@dataclass(frozen=True, slots=True)
class CompoundedAtom(Atom):
    """X_1 + ... + X_N.

    Attributes:
        count: the law of N >= 0.
        term: the law of each term.
        with_numbers: what sums a random number of terms once both laws are numbers.
    """

    count: FormulaLaw
    term: FormulaLaw
    with_numbers: Callable[[Law, Law], Law]
    is_generated = True
    knows_cumulants = True

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The fewest of the lowest terms, or the most of them where they are negative; the other end likewise."""
        import sympy

        low, high = self.term.low, self.term.high
        fewest, most = self.count.low, self.count.high
        return (
            sympy.Integer(0) if low.is_zero else low * (fewest if low.is_nonnegative else most),
            sympy.Integer(0) if high.is_zero else high * (fewest if high.is_nonpositive else most),
        )

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X: that of the count at that of a term."""
        return self.count.generated(self.term.generated(z))

    def at(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X = place) of a small whole number, where terms are whole and not negative; None of others.

        The sum over m of G^(m)(f(0)) / m! times the coefficient of z**place in (f(1) z + f(2) z**2 + ...)**m, where G
        generates the count and f is the PMF of a term.
        """
        import sympy

        if not (place.is_Integer and self.term.low.is_nonnegative and self.term.is_whole):
            return None
        if place < 0 or place > MOST_WRITTEN:
            return sympy.Integer(0) if place < 0 else None
        first, *rest = (self.term.at(sympy.Integer(k)) for k in range(int(place) + 1))
        u = sympy.Dummy("u")
        total, power, derivative = (
            sympy.Integer(0),
            [sympy.Integer(1)] + [sympy.Integer(0)] * len(rest),
            self.count.generated(u),
        )
        for m in range(int(place) + 1):
            if power[-1] != 0:
                outer = (
                    self.count.at(sympy.Integer(m)) if first == 0 else derivative.subs(u, first) / sympy.factorial(m)
                )
                total += outer * power[-1]
            derivative = derivative.diff(u)
            power = [sum(rest[i] * power[k - 1 - i] for i in range(k)) for k in range(len(power))]
        return tidy(total)

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1: cumulant generating functions are composed, too (Faà di Bruno)."""
        import sympy

        terms = tuple(self.term.cumulant(k) for k in range(1, order + 1))
        return tidy(
            sum(
                (self.count.cumulant(k) * sympy.bell(order, k, terms[: order - k + 1]) for k in range(1, order + 1)),
                start=expression_of(0),
            )
        )

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> CompoundedAtom:
        """The sum with exact values in place of letters."""
        return replace(self, count=self.count.replaced(values), term=self.term.replaced(values))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The sum of a random number of terms, all numbers."""
        count, term = replaced(self.count, values), replaced(self.term, values)
        return self.with_numbers(count, term) if is_numeric(count) and is_numeric(term) else None

    def numbers(self) -> Law:
        """The sum of a random number of terms, the numbers that they are."""
        return self.with_numbers(self.count.numbers, self.term.numbers)

    def shown(self) -> str:
        """The operation that makes it."""
        return f"({self.count.name()}) @ ({self.term.name()})"

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return {*self.count.letters, *self.term.letters}
