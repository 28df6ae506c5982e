"""Laws by formulas that are made of nothing else: families, formulas, generating functions, finite laws."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from distconv.construction import from_mapping
from distconv.errors import DistconvValueError
from distconv.formulas.atom import (
    DIGITS,
    LOOSE,
    MARGIN,
    Atom,
    cumulant_from,
    derivative_at_zero,
    exactly,
    is_numeric,
    replaced,
)
from distconv.formulas.pieces import MOST_PIECES, Piece, closed_sum, index_letter
from distconv.laws import registry
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.numbers.copies import added_up_to, binomial_of, dice_of, of_equal, of_equal_below, of_three, term_letter
from distconv.numbers.letters import expression_of, is_expression, letters_of, number_of
from distconv.support.outcomes import whole
from distconv.typing import NumberLike, Scalar

if TYPE_CHECKING:
    import sympy

#: Outcomes up to which a formula with numbers in its range is written out.
MOST_OUTCOMES = 100_000


def written(name: str, parameters: tuple[sympy.Expr, ...]) -> str:
    """A family with its parameters."""
    return f"{name}({', '.join(map(str, parameters))})"


def has_letter_powers(value: sympy.Expr) -> bool:
    """Whether powers with letters in their exponents stand in an expression."""
    import sympy

    return any(letters_of(power.exp) for power in value.atoms(sympy.Pow))


def everyday(name: str, parameters: tuple[sympy.Expr, ...]) -> tuple[str, tuple[sympy.Expr, ...]]:
    """A family by its everyday name, and the parameters that go with it."""
    if name == "Uniform" and parameters[0] == 1:
        return "Die", parameters[1:]
    return name, parameters


@dataclass(frozen=True, slots=True)
class NamedAtom(Atom):
    """A family with letters among its parameters."""

    name: str
    parameters: tuple[sympy.Expr, ...]
    knows_cumulants = True

    @property
    def known(self) -> registry.Letters:
        """What is known of the family."""
        return registry.letters(self.name)

    def pieces(self) -> tuple[Piece, ...]:
        """The PMF."""
        return (Piece(self.known.formula(index_letter(), *self.parameters), *self.ends()),)

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
            return cumulant_from([self.moment(k) for k in range(1, order + 1)])
        # Parameters with powers stand by names meanwhile: of (1 - p)**n factors make (-1)**n (p - 1)**n.
        names = {p: sympy.Dummy(positive=p.is_positive) for p in self.parameters if has_letter_powers(p)}
        known = [names.get(p, p) for p in self.parameters]
        found = derivative_at_zero(lambda t: cgf(t, *known), order)
        return found.xreplace({name: p for p, name in names.items()})

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> NamedAtom:
        """The family with other parameters."""
        return NamedAtom(self.name, tuple(p.subs(values, simultaneous=True) for p in self.parameters))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The family with numbers as parameters, one that came from a float floating.

        None where one is irrational, and where numbers of sympy's ask for answers in them that are no fractions.
        """
        exact, floats = exactly(values), {s for s, v in values.items() if isinstance(v, float)}
        arguments: list[Scalar | float] = []
        for parameter in self.parameters:
            value = parameter.subs(exact, simultaneous=True)
            if not value.is_Rational:
                return None
            number = whole(number_of(value))
            arguments.append(float(number) if parameter.free_symbols & floats and number.denominator > 1 else number)
        law: Law = registry.family(self.name).law(*arguments)
        asked = any(is_expression(v) for s, v in values.items() if s in self.letters)
        return law if law.is_exact or not asked else None

    def numbers(self) -> Law:
        """The family of numbers."""
        import sympy

        values = (number_of(p if p.is_Rational else sympy.Rational(str(sympy.N(p, DIGITS)))) for p in self.parameters)
        return registry.family(self.name).law(*map(whole, values))

    def margin(self) -> Fraction:
        """By how much P(X <= x) of that law may be off: not at all where all parameters are fractions."""
        return Fraction(0) if all(p.is_Rational for p in self.parameters) else MARGIN

    def times(self, count: sympy.Expr) -> NamedAtom | None:
        """The family of so many copies."""
        more = self.known.copies(count, self.parameters)
        return None if more is None else NamedAtom(self.name, more)

    def many_at(self, place: sympy.Expr, count: sympy.Expr) -> sympy.Expr | None:
        """P(the sum of so many copies = place)."""
        return self.known.many(place, count, *self.parameters)

    def many_below(self, place: sympy.Expr, count: sympy.Expr) -> sympy.Expr | None:
        """P(the sum of so many copies <= place)."""
        return self.known.many_below(place, count, *self.parameters)

    def joined(self, other: Atom, sign: int) -> NamedAtom | None:
        """The sum of two laws of a family that adds; the difference of two Poisson laws is a Skellam law."""
        mine, theirs = self.named(), other.named()
        if theirs is None or mine[0] != theirs[0]:
            return None
        if sign < 0:
            return NamedAtom("Skellam", (*mine[1], *theirs[1])) if self.name == "Poisson" else None
        both = self.known.add(mine[1], theirs[1])
        return None if both is None else NamedAtom(self.name, both)

    def named(self) -> tuple[str, tuple[sympy.Expr, ...]]:
        """The family and its parameters."""
        return self.name, self.parameters

    def shown(self) -> str:
        """The family by its everyday name."""
        return written(*everyday(self.name, self.parameters))

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return {s for p in self.parameters for s in p.free_symbols}


@dataclass(frozen=True, slots=True)
class FormulaAtom(Atom):
    """A law by a formula in an index."""

    piece: Piece
    index: sympy.Symbol

    def pieces(self) -> tuple[Piece, ...]:
        """The PMF."""
        return (Piece(self.piece.expression.subs(self.index, index_letter()), self.piece.low, self.piece.high),)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        return self.piece.low, self.piece.high

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        term = self.piece.expression * z**self.index
        return closed_sum(term, self.index, self.piece.low, self.piece.high)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> FormulaAtom:
        """The law with values in place of letters."""
        return FormulaAtom(self.piece.subs(values), self.index)

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The law written out, where the range has ends."""
        exact = exactly(values)
        low, high = (end.subs(exact) for end in (self.piece.low, self.piece.high))
        if not (low.is_finite and high.is_finite):
            return None
        if not (low.is_Integer and high.is_Integer and low <= high):
            raise DistconvValueError(f"the range becomes {low}..{high}; its ends must be integers, low <= high")
        if high - low >= MOST_OUTCOMES:
            raise DistconvValueError(f"the range becomes {low}..{high}, more than {MOST_OUTCOMES:,} outcomes")
        # The ends first: the weights are then expressions in the other letters, evaluated with a bound on their error.
        ends = {s: v for s, v in exact.items() if s in self.piece.low.free_symbols | self.piece.high.free_symbols}
        body = self.piece.expression.subs(ends)
        law = Finite(from_mapping({i: body.subs(self.index, i).doit() for i in range(int(low), int(high) + 1)}))
        return law.subs({s: values[s] for s in law.letters})

    def shown(self) -> str:
        """The call that makes it."""
        import sympy

        body = self.piece.expression.subs(self.index, sympy.Symbol("k", integer=True))
        return f"Formula({body}, k, {self.piece.low}, {self.piece.high})"

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        parts = (self.piece.expression, self.piece.low, self.piece.high)
        return {s for part in parts for s in part.free_symbols} - {self.index}


@dataclass(frozen=True, slots=True)
class GeneratedAtom(Atom):
    """A law by its generating function, an expression in z."""

    expression: sympy.Expr
    z: sympy.Symbol
    is_generated = True
    knows_cumulants = True

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

        return derivative_at_zero(lambda t: sympy.log(self.pgf(sympy.exp(t))), order)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> GeneratedAtom:
        """The law with values in place of letters."""
        return GeneratedAtom(self.expression.subs(values), self.z)

    def shown(self) -> str:
        """The call that makes it."""
        return f"from_pgf({self.expression}, {self.z})"

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return set(self.expression.free_symbols - {self.z})


@dataclass(frozen=True, slots=True)
class ConcreteAtom(Atom):
    """A finite law with weights that are numbers or expressions."""

    law: Law
    knows_cumulants = True

    def pieces(self) -> tuple[Piece, ...] | None:
        """The PMF: one piece for each outcome, an integer; None of very many."""
        if len(self.law.support) > MOST_PIECES:
            return None
        return tuple(Piece(w, x, x) for x, w in self._expressions())

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        return expression_of(self.law.low), expression_of(self.law.high)

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        return sum((w * z**x for x, w in self._expressions()), start=expression_of(0))

    def times(self, count: sympy.Expr) -> Atom | None:
        """Copies of a law with the weights of a binomial one, which all laws of two outcomes have."""
        weights = self._in_a_row()
        if weights is None:
            return None
        if len(weights) == 1:
            return self
        found = binomial_of(weights)
        return None if found is None else NamedAtom("Binomial", (count * found[0], found[1]))

    def many_at(self, place: sympy.Expr, count: sympy.Expr) -> sympy.Expr | None:
        """P(the sum of so many copies = place), of sums of dice, or of three outcomes."""
        found = self._dice()
        if found is not None:
            return of_equal(place, found[0] * count, *map(expression_of, (0, found[1])))
        if self.law.low != 0 or len(self.law.support) != 3:
            return None
        (_, none), (middle, one), (last, most) = self._expressions()
        if middle == 1:
            return of_three(place, count, (none, one, most), int(last))
        if last - middle == 1:
            return of_three(count * last - place, count, (most, one, none), int(last))
        return None

    def many_below(self, place: sympy.Expr, count: sympy.Expr) -> sympy.Expr | None:
        """P(the sum of so many copies <= place), of sums of dice, or as the sum of those of three outcomes."""
        found = self._dice()
        if found is not None:
            return of_equal_below(place, found[0] * count, *map(expression_of, (0, found[1])))
        index = term_letter(place, count, *self.letters)
        one = None if place.is_number else self.many_at(index, count)
        return None if one is None else added_up_to(one, index, place)

    def _dice(self) -> tuple[int, int] | None:
        """How many dice it is the sum of, and the highest outcome of each, the lowest being 0; None of others."""
        weights = self._in_a_row()
        return None if weights is None or len(weights) == 1 else dice_of(weights)

    def _in_a_row(self) -> list[sympy.Expr] | None:
        """The probabilities of 0, 1, 2, ... where these are the outcomes, and not too many; None of others."""
        count = len(self.law.support)
        if self.law.low != 0 or self.law.high != count - 1 or count > MOST_PIECES:
            return None
        return [w for _, w in self._expressions()]

    def _expressions(self) -> Iterator[tuple[sympy.Expr, sympy.Expr]]:
        """Pairs (outcome, probability)."""
        return ((expression_of(x), expression_of(w)) for x, w in self.law.entries())

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1."""
        return expression_of(self.law.moments.cumulant(order))

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> ConcreteAtom:
        """The law with values in place of its letters."""
        return ConcreteAtom(replaced(self.law, values))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law:
        """The law with numbers."""
        return replaced(self.law, values)

    def margin(self) -> Fraction:
        """0 of fractions."""
        return Fraction(0) if is_numeric(self.law) else LOOSE

    def shown(self) -> str:
        """How many outcomes there are, or the point that it is."""
        count = len(self.law.support)
        return f"Point({self.law.low})" if count == 1 else f"Distribution({count} outcomes)"

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return set(self.law.letters)
