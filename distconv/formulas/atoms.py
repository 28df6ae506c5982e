"""What sums of formula laws are made of: laws that answer for their cumulants and generating function."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distconv.formulas.pieces import Piece, closed_sum
from distconv.laws import registry
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class NamedAtom:
    """A family with letters among its parameters."""

    name: str
    parameters: tuple[sympy.Expr, ...]

    @property
    def known(self) -> registry.Letters:
        """What is known of the family."""
        return registry.letters(self.name)

    def pieces(self, index: sympy.Symbol) -> tuple[Piece, ...]:
        """The PMF."""
        return (Piece(self.known.formula(index, *self.parameters), *self.ends()),)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        return self.known.ends(*self.parameters)

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        return self.known.pgf(z, *self.parameters)

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1."""
        import sympy

        closed = self.known.cumulant(order, *self.parameters)
        if closed is not None:
            return closed
        cgf = self.known.cgf
        if cgf is None:
            index = sympy.Dummy("k", integer=True)
            return _cumulant_of_sums(self.pieces(index), index, order)
        return _derivative_at_zero(lambda t: cgf(t, *self.parameters), order)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> NamedAtom:
        """The family with other parameters."""
        return NamedAtom(self.name, tuple(p.subs(values, simultaneous=True) for p in self.parameters))

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return {s for p in self.parameters for s in p.free_symbols}


@dataclass(frozen=True, slots=True)
class FormulaAtom:
    """A law by a formula in an index."""

    piece: Piece
    index: sympy.Symbol

    def pieces(self, index: sympy.Symbol) -> tuple[Piece, ...]:
        """The PMF."""
        return (Piece(self.piece.expression.subs(self.index, index), self.piece.low, self.piece.high),)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        return self.piece.low, self.piece.high

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        term = self.piece.expression * z**self.index
        return closed_sum(term, self.index, self.piece.low, self.piece.high)

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1."""
        return _cumulant_of_sums((self.piece,), self.index, order)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> FormulaAtom:
        """The law with values in place of letters."""
        return FormulaAtom(self.piece.subs(values), self.index)

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        parts = (self.piece.expression, self.piece.low, self.piece.high)
        return {s for part in parts for s in part.free_symbols} - {self.index}


@dataclass(frozen=True, slots=True)
class GeneratedAtom:
    """A law by its generating function, an expression in z."""

    expression: sympy.Expr
    z: sympy.Symbol

    def pieces(self, index: sympy.Symbol) -> None:
        """No formula is known."""

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """0 and infinity: what a power series can tell."""
        import sympy

        return sympy.Integer(0), sympy.oo

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        return self.expression.subs(self.z, z)

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1."""
        import sympy

        return _derivative_at_zero(lambda t: sympy.log(self.pgf(sympy.exp(t))), order)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> GeneratedAtom:
        """The law with values in place of letters."""
        return GeneratedAtom(self.expression.subs(values), self.z)

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return set(self.expression.free_symbols - {self.z})


@dataclass(frozen=True, slots=True)
class ConcreteAtom:
    """A finite law with weights that are numbers or expressions."""

    law: Law

    def pieces(self, index: sympy.Symbol) -> tuple[Piece, ...]:
        """The PMF: one piece for each outcome, an integer."""
        return tuple(Piece(w, x, x) for x, w in self._expressions())

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        return expression_of(self.law.low), expression_of(self.law.high)

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        return sum((w * z**x for x, w in self._expressions()), start=expression_of(0))

    def _expressions(self) -> Iterator[tuple[sympy.Expr, sympy.Expr]]:
        """Pairs (outcome, probability)."""
        return ((expression_of(x), expression_of(w)) for x, w in self.law.entries())

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1."""
        return expression_of(self.law.moments.cumulant(order))

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> ConcreteAtom:
        """The law with values in place of its letters."""
        inside = {s: v for s, v in values.items() if s in self.law.letters}
        return ConcreteAtom(self.law.subs(inside)) if inside else self

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return set(self.law.letters)


Atom = NamedAtom | FormulaAtom | GeneratedAtom | ConcreteAtom


def _derivative_at_zero(function: Callable[[sympy.Expr], sympy.Expr], order: int) -> sympy.Expr:
    """The derivative of an order at 0, simplified."""
    import sympy

    t = sympy.Dummy("t")
    derivative = sympy.diff(function(t), t, order)
    value = derivative.subs(t, 0)
    if value.has(sympy.nan, sympy.zoo):
        value = sympy.limit(derivative, t, 0)
    return sympy.factor(sympy.simplify(value))


def _cumulant_of_sums(pieces: tuple[Piece, ...], index: sympy.Symbol, order: int) -> sympy.Expr:
    """A cumulant from sums of powers of the index."""
    import sympy

    raw = [sympy.Integer(1)]
    raw.extend(
        sum(closed_sum(p.expression * index**power, index, p.low, p.high) for p in pieces)
        for power in range(1, order + 1)
    )
    cumulants = [sympy.Integer(0)]
    for n in range(1, order + 1):
        lower = sum(math.comb(n - 1, j - 1) * cumulants[j] * raw[n - j] for j in range(1, n))
        cumulants.append(raw[n] - lower)
    value = cumulants[order]
    return value if value.has(sympy.Sum) else sympy.factor(sympy.simplify(value))
