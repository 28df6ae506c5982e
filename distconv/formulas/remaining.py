"""Laws by formulas of which a remainder is known: even Poisson counts, every third throw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distconv.construction import from_mapping
from distconv.errors import DistconvValueError
from distconv.formulas.atom import Atom, derivative_at_zero, exponential, is_numeric, replaced
from distconv.formulas.expecting import remainder_chances
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.mixed import mixed
from distconv.formulas.pieces import Piece, closed_sum, index_letter
from distconv.laws import image, restricting
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of
from distconv.support.outcomes import quotient
from distconv.typing import NumberLike

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class EveryAtom(Atom):
    """(X - remainder) / modulus of a law on integers, known that this is whole; `chance` is its probability."""

    law: FormulaLaw
    modulus: int
    remainder: int
    chance: sympy.Expr

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return set(self.law.letters)

    def pieces(self) -> tuple[Piece, ...] | None:
        """The pieces of the law at every so many outcomes."""
        import sympy

        own, index = self.law.on_integers(), index_letter()
        if own is None:
            return None
        m, r = self.modulus, self.remainder
        return tuple(
            Piece(
                p.expression.subs(index, m * index + r) / self.chance,
                sympy.ceiling((p.low - r) / m),
                sympy.floor((p.high - r) / m),
            )
            for p in own
        )

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        import sympy

        low, high = ((end - self.remainder) / self.modulus for end in (self.law.low, self.law.high))
        return sympy.ceiling(low), sympy.floor(high)

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X; of even and odd outcomes from G(z) and G(-z)."""
        import sympy

        if self.modulus == 2:
            root = sympy.powdenest(sympy.sqrt(z), force=True)
            return self._half(root, self.law.pgf) / root**self.remainder
        index = index_letter()
        parts = (closed_sum(p.expression * z**index, index, p.low, p.high) for p in self.pieces() or ())
        return sum(parts, start=expression_of(0))

    def moment(self, order: int) -> sympy.Expr:
        """E X**order: of even and odd outcomes from the derivatives of G(exp(t)) and G(-exp(t))."""
        if self.modulus != 2:
            return Atom.moment(self, order)
        return derivative_at_zero(
            lambda t: self._half(exponential(t / 2), self.law.pgf) / exponential(t * self.remainder / 2), order
        )

    def _half(self, place: sympy.Expr, of: Callable[[sympy.Expr], sympy.Expr]) -> sympy.Expr:
        """The part of an analytic function that is even, or odd, over the probability."""
        return (of(place) + (-1) ** self.remainder * of(-place)) / (2 * self.chance)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> EveryAtom:
        """The law with exact values in place of letters."""
        return EveryAtom(self.law.replaced(values), self.modulus, self.remainder, self.chance.subs(values))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The law of numbers, known the same."""
        law = replaced(self.law, values)
        return self._of(law) if is_numeric(law) else None

    def numbers(self) -> Law:
        """The law of numbers, known the same."""
        return self._of(self.law.numbers)

    def _of(self, law: Law) -> Law:
        found = restricting.given(law, lambda x: x % self.modulus == self.remainder)
        return image.moved(found, quotient(1, self.modulus), quotient(-self.remainder, self.modulus))

    def shown(self) -> str:
        """What it is."""
        return f"({self.law.name()}.given(lambda x: x % {self.modulus} == {self.remainder}) // {self.modulus})"


def given_remainders(law: FormulaLaw, modulus: int, remainders: list[int]) -> Law:
    """The law of X, known that its remainder is one of these."""
    chances = remainder_chances(law, modulus, remainders)
    pairs = [(r, c) for r, c in zip(remainders, chances, strict=True) if c != 0]
    if not pairs:
        raise DistconvValueError(f"the event has probability 0: no outcome of {law.name()} has such a remainder")
    laws = [of_atom(EveryAtom(law, modulus, r, c), r, law.conditions, modulus) for r, c in pairs]
    if len(laws) == 1:
        return laws[0]
    total = sum((c for _, c in pairs), start=expression_of(0))
    return mixed(laws, Finite(from_mapping({i: c / total for i, (_, c) in enumerate(pairs)})))
