"""`Atom`: one law by a formula, before it is moved, scaled or added to others; each source of formulas is a kind."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.formulas.pieces import Piece, closed_sum, index_letter, value_at
from distconv.laws import rules
from distconv.laws.law import Law
from distconv.numbers.letters import exact_expression, expression_of
from distconv.typing import NumberLike
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy

#: Decimal digits of the fractions that stand for irrational parameters in numbers.
DIGITS = 100
#: By how much, at most, P(X <= x) differs once the parameters of a family are rounded to `DIGITS` digits: the distance
#: of two laws is at most that of their parameters times the root of the Fisher information, below 10**60 in use.
MARGIN = Fraction(1, 10**40)
#: The same where P(X <= x) is summed in doubles: many times their tolerance.
LOOSE = Fraction(1, 10**8)


class Atom:
    """A law on integers by a formula: it answers for its PMF, its ends, its generating function and its cumulants.

    Subclasses are frozen dataclasses; they define `ends`, `pgf`, `subs`, `letters` and `shown`, and what else they
    know. What they do not know is found from `pieces`.
    """

    __slots__ = ()

    #: Whether only the generating function is known, so that equality is proven by series.
    is_generated = False
    #: Whether cumulants are known otherwise than from the moments.
    knows_cumulants = False

    @property
    def is_whole(self) -> bool:
        """Whether all outcomes are known to be whole numbers."""
        return True

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        raise NotImplementedError

    def pieces(self) -> tuple[Piece, ...] | None:
        """The PMF as expressions in `index_letter()`, on ranges; None where none is known."""
        return None

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        raise NotImplementedError

    def at(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X = place) where that is known otherwise than by pieces; None of others."""
        return None

    def below(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X <= place) where that is known otherwise than as a sum; None of others."""
        return None

    def many_at(self, place: sympy.Expr, count: sympy.Expr) -> sympy.Expr | None:
        """P(the sum of so many copies = place), as a finite sum; None where none is known."""
        return None

    def many_below(self, place: sympy.Expr, count: sympy.Expr) -> sympy.Expr | None:
        """P(the sum of so many copies <= place); None where none is known."""
        return None

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        raise NotImplementedError

    def from_end(self, side: int, count: int) -> list[sympy.Expr] | None:
        """The probabilities of so many outcomes from the lowest (side 0) up, or from the highest (side 1) down.

        None where none are known, or they hang on cases of letters.
        """
        import sympy

        end, pieces = self.ends()[side], self.pieces()
        if pieces is None or end.is_infinite:
            return None
        found = [value_at(pieces, index_letter(), end - i if side else end + i) for i in range(count)]
        unknown = found[0] == 0 or any(w.has(sympy.Sum, sympy.Piecewise, sympy.nan, sympy.zoo) for w in found)
        return None if unknown else found

    def moment(self, order: int) -> sympy.Expr:
        """E X**order, from the pieces."""
        index = index_letter()
        pieces = self.pieces()
        if pieces is None:
            return derivative_at_zero(lambda t: self.pgf(exponential(t)), order)
        parts = (closed_sum(p.expression * index**order, index, p.low, p.high) for p in pieces)
        return sum(parts, start=expression_of(0))

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1."""
        return cumulant_from([self.moment(k) for k in range(1, order + 1)])

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> Atom:
        """The law with exact values in place of letters."""
        raise NotImplementedError

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The law of numbers once all letters have a value; None where it stays a formula."""
        return None

    def numbers(self) -> Law | None:
        """The law of numbers where there are no letters, irrational ones rounded; None where none is known."""
        return self.numeric({})

    def margin(self) -> Fraction:
        """By how much P(X <= x) of that law may be off."""
        return LOOSE

    def no_limit(self, letter: sympy.Symbol, point: sympy.Expr) -> str | None:
        """Why there is no limit law as a letter goes to a point, where that is known otherwise than by formulas."""
        return None

    def times(self, count: sympy.Expr) -> Atom | None:
        """The law of so many copies, where that is one of its kind; None of others."""
        return None

    def joined(self, other: Atom, sign: int) -> Atom | None:
        """The law of X + Y or, with sign -1, of X - Y, where that is known by name; None of others."""
        return None

    def named(self) -> tuple[str, tuple[sympy.Expr, ...]] | None:
        """The family and its parameters; None of laws that are of none."""
        return None

    def shown(self) -> str:
        """The law as it is written."""
        raise NotImplementedError


def replaced(law: Law, values: Mapping[Any, Any]) -> Law:
    """A law with values in place of those letters that it has."""
    inside = {s: v for s, v in values.items() if s in law.letters}
    found = rules.apply("substitute", law, inside)
    if found is not None:
        return found
    return law.subs(inside) if inside else law


def is_numeric(law: Law) -> bool:
    """Whether the weights of a law are fractions or doubles."""
    return law.kind in ("exact", "float")


def exactly(values: Mapping[sympy.Symbol, NumberLike]) -> dict[sympy.Symbol, sympy.Expr]:
    """The values of letters as sympy's, a float as the fraction that it is."""
    return {s: exact_expression(v) for s, v in values.items()}


def derivative_at_zero(function: Callable[[sympy.Expr], sympy.Expr], order: int) -> sympy.Expr:
    """The derivative of an order at 0, simplified."""
    import sympy

    t = sympy.Dummy("t")
    derivative = sympy.diff(function(t), t, order)
    value = derivative.subs(t, 0)
    if value.has(sympy.nan, sympy.zoo):
        value = sympy.limit(derivative, t, 0)
    return tidy(value)


def cumulant_from(moments: Sequence[sympy.Expr]) -> sympy.Expr:
    """The cumulant of the order of the last of the moments 1, 2, ..."""
    import sympy

    raw = [sympy.Integer(1), *moments]
    cumulants = [sympy.Integer(0)]
    for n in range(1, len(raw)):
        lower = sum(math.comb(n - 1, j - 1) * cumulants[j] * raw[n - j] for j in range(1, n))
        cumulants.append(raw[n] - lower)
    return tidy(cumulants[-1])


def exponential(t: sympy.Expr) -> sympy.Expr:
    """exp(t)."""
    import sympy

    return sympy.exp(t)
