"""Laws of other libraries that are no families here, by formulas: their moments and sums are known in closed form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distconv.construction import from_vectors
from distconv.formulas.atom import Atom, cumulant_from, exactly
from distconv.formulas.pieces import Piece, closed_sum, index_letter, value_at
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of
from distconv.typing import NumberLike

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Special:
    """What is known of one law.

    Attributes:
        pieces: (k, *parameters) -> the PMF.
        moment: (order, *parameters) -> E X**order, where it is finite.
        pgf: (z, *parameters) -> E z**X, or None where the sum has no closed form.
        below: (k, *parameters) -> P(X <= k) of an outcome k, or None.
        conditions: parameters -> what they must satisfy.
    """

    pieces: Callable[..., tuple[Piece, ...]]
    moment: Callable[..., sympy.Expr]
    conditions: Callable[..., tuple[sympy.Basic, ...]]
    pgf: Callable[..., sympy.Expr | None] = lambda *_: None
    below: Callable[..., sympy.Expr | None] = lambda *_: None


@dataclass(frozen=True, slots=True)
class SpecialAtom(Atom):
    """A law of a name that is known in `SPECIAL`."""

    name: str
    parameters: tuple[sympy.Expr, ...]
    knows_cumulants = True

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return {s for p in self.parameters for s in p.free_symbols}

    def pieces(self) -> tuple[Piece, ...]:
        """The PMF."""
        return SPECIAL[self.name].pieces(index_letter(), *self.parameters)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        pieces = self.pieces()
        return pieces[0].low, pieces[-1].high

    def below(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X <= place), in closed form where there is one."""
        import sympy

        found = SPECIAL[self.name].below(place, *self.parameters)
        low, high = self.ends()
        if found is None:
            return None
        return sympy.Piecewise((0, sympy.Lt(place, low)), (1, sympy.Ge(place, high)), (found, True))

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        known = SPECIAL[self.name].pgf(z, *self.parameters)
        if known is not None:
            return known
        index = index_letter()
        parts = (closed_sum(p.expression * z**index, index, p.low, p.high) for p in self.pieces())
        return sum(parts, start=expression_of(0))

    def moment(self, order: int) -> sympy.Expr:
        """E X**order."""
        return SPECIAL[self.name].moment(order, *self.parameters)

    def cumulant(self, order: int) -> sympy.Expr:
        """The cumulant of an order >= 1; infinite, or not defined, where a moment is infinite."""
        import sympy

        raw = [self.moment(k) for k in range(1, order + 1)]
        if raw[-1] is sympy.oo:
            return sympy.oo if order == 1 or raw[0] is not sympy.oo else sympy.nan
        return cumulant_from(raw)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> SpecialAtom:
        """The law with other parameters."""
        return SpecialAtom(self.name, tuple(p.subs(values, simultaneous=True) for p in self.parameters))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The law written out, where its range has ends that are numbers; None of others."""
        import sympy

        there = self.subs(exactly(values))
        low, high = there.ends()
        if not (low.is_Integer and high.is_Integer):
            return None
        pieces = there.pieces()
        places = range(int(low), int(high) + 1)
        weights = [value_at(pieces, index_letter(), expression_of(k)) for k in places]
        conditions = frozenset(SPECIAL[self.name].conditions(*there.parameters)) - {sympy.true}
        return Finite(from_vectors([(k,) for k in places], weights, assumptions=conditions))

    def shown(self) -> str:
        """The name and the parameters."""
        return f"{self.name}({', '.join(map(str, self.parameters))})"


def from_falling(order: int, falling: Callable[[int], sympy.Expr]) -> sympy.Expr:
    """E X**order from the factorial moments E X (X - 1) ... (X - r + 1) of r = 1, ..., order."""
    from sympy.functions.combinatorial.numbers import stirling

    parts = [stirling(order, r) * falling(r) for r in range(1, order + 1)]
    return sum(parts, start=expression_of(0))


def _zeta_pieces(k: sympy.Expr, s: sympy.Expr) -> tuple[Piece, ...]:
    import sympy

    return (Piece(k**-s / sympy.zeta(s), sympy.Integer(1), sympy.oo),)


def _zeta_moment(order: int, s: sympy.Expr) -> sympy.Expr:
    import sympy

    return sympy.oo if (s - order - 1).is_nonpositive else sympy.zeta(s - order) / sympy.zeta(s)


def _zeta_pgf(z: sympy.Expr, s: sympy.Expr) -> sympy.Expr:
    import sympy

    return sympy.polylog(s, z) / sympy.zeta(s)


def _zeta_below(k: sympy.Expr, s: sympy.Expr) -> sympy.Expr:
    import sympy

    return sympy.harmonic(k, s) / sympy.zeta(s)


def _above(bound: int) -> Callable[[sympy.Expr], tuple[sympy.Basic, ...]]:
    """The condition that a parameter is larger than a number."""
    return lambda value: (value > bound,)


def _yule_pieces(k: sympy.Expr, rho: sympy.Expr) -> tuple[Piece, ...]:
    import sympy

    return (Piece(rho * sympy.factorial(k - 1) / sympy.rf(rho + 1, k), sympy.Integer(1), sympy.oo),)


def _yule_moment(order: int, rho: sympy.Expr) -> sympy.Expr:
    """From the geometric law with chance p, whose p has the density rho p**(rho - 1)."""
    import sympy

    def falling(r: int) -> sympy.Expr:
        return rho * sympy.factorial(r) * sympy.factorial(r - 1) / sympy.rf(rho - r, r)

    return sympy.oo if (rho - order).is_nonpositive else from_falling(order, falling)


def _yule_pgf(z: sympy.Expr, rho: sympy.Expr) -> sympy.Expr:
    import sympy

    return rho * z / (rho + 1) * sympy.hyper([1, 1], [rho + 2], z)


def _yule_below(k: sympy.Expr, rho: sympy.Expr) -> sympy.Expr:
    import sympy

    return 1 - sympy.factorial(k) / sympy.rf(rho + 1, k)


def _beta_binomial_pieces(k: sympy.Expr, n: sympy.Expr, a: sympy.Expr, b: sympy.Expr) -> tuple[Piece, ...]:
    import sympy

    ways = sympy.binomial(n, k) * sympy.rf(a, k) * sympy.rf(b, n - k) / sympy.rf(a + b, n)
    return (Piece(ways, sympy.Integer(0), n),)


def _beta_binomial_moment(order: int, n: sympy.Expr, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
    import sympy

    return from_falling(order, lambda r: sympy.ff(n, r) * sympy.rf(a, r) / sympy.rf(a + b, r))


def _beta_binomial_pgf(z: sympy.Expr, n: sympy.Expr, a: sympy.Expr, b: sympy.Expr) -> sympy.Expr:
    import sympy

    return sympy.hyper([-n, a], [a + b], 1 - z)


def _soliton_pieces(k: sympy.Expr, n: sympy.Expr) -> tuple[Piece, ...]:
    import sympy

    one, two = sympy.Integer(1), sympy.Integer(2)
    return Piece(1 / n, one, one), Piece(1 / (k * (k - 1)), two, n)


def _soliton_moment(order: int, n: sympy.Expr) -> sympy.Expr:
    import sympy

    return from_falling(order, lambda r: sympy.harmonic(n) if r == 1 else sympy.ff(n - 1, r - 1) / (r - 1))


def _soliton_below(k: sympy.Expr, n: sympy.Expr) -> sympy.Expr:
    return 1 / n + 1 - 1 / k


#: The laws of sympy.stats that are told so, by its names and with its parameters.
SPECIAL = {
    "BetaBinomial": Special(
        _beta_binomial_pieces, _beta_binomial_moment, lambda n, a, b: (n >= 0, a > 0, b > 0), _beta_binomial_pgf
    ),
    "IdealSoliton": Special(_soliton_pieces, _soliton_moment, _above(0), below=_soliton_below),
    "YuleSimon": Special(_yule_pieces, _yule_moment, _above(0), _yule_pgf, _yule_below),
    "Zeta": Special(_zeta_pieces, _zeta_moment, _above(1), _zeta_pgf, _zeta_below),
}
