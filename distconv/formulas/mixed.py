"""Mixtures with letters: in the laws that are mixed, in their shares, or in both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import TYPE_CHECKING, Any

from distconv.algebra import mixture as numbers
from distconv.algebra import sums
from distconv.errors import DistconvTypeError
from distconv.formulas.atom import Atom, is_numeric, replaced
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.pieces import MOST_PIECES, Piece, separated
from distconv.formulas.sums import as_formula
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of, number_of
from distconv.support.outcomes import rational_gcd
from distconv.typing import NumberLike

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class MixedAtom(Atom):
    """One of several laws by formulas.

    Attributes:
        choice: the law of the place of the one that is taken.
        laws: what is mixed, on integers.
    """

    choice: Law
    laws: tuple[FormulaLaw, ...]

    def _parts(self) -> Iterator[tuple[sympy.Expr, FormulaLaw]]:
        """Pairs (share, law)."""
        return ((expression_of(w), self.laws[_place(place)]) for place, w in self.choice.entries())

    @property
    def is_whole(self) -> bool:
        """Whether all outcomes of all laws are: not of one that is moved by a letter of which nothing is known."""
        return all(law.is_whole for law in self.laws)

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return set(self.choice.letters).union(*(law.letters for law in self.laws))

    def pieces(self) -> tuple[Piece, ...] | None:
        """The pieces of all laws, times their shares; None where one has none, or is on another lattice."""
        result: list[Piece] = []
        for share, law in self._parts():
            inner = law.on_integers()
            if inner is None:
                return None
            result += [Piece(share * p.expression, p.low, p.high, p.born) for p in inner]
        return separated(tuple(result), MOST_PIECES)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        import sympy

        return sympy.Min(*(law.low for law in self.laws)), sympy.Max(*(law.high for law in self.laws))

    def at(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X = place), where the laws are not on one lattice."""
        if all(law.on_integers() is not None for law in self.laws):
            return None
        return self._averaged(lambda law: law.at(place))

    def below(self, place: sympy.Expr) -> sympy.Expr:
        """P(X <= place): those of the laws, averaged."""
        return self._averaged(lambda law: law.beside(place, "cdf"))

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        return self._averaged(lambda law: law.generated(z))

    def moment(self, order: int) -> sympy.Expr:
        """E X**order."""
        return self._averaged(lambda law: law.moments.moment(order))

    def _averaged(self, of: Averaged) -> sympy.Expr:
        """The mean of an answer over the laws."""
        return sum((share * of(law) for share, law in self._parts()), start=expression_of(0))

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> MixedAtom:
        """The mixture with exact values in place of letters."""
        return MixedAtom(replaced(self.choice, values), tuple(law.replaced(values) for law in self.laws))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The mixture of the laws of numbers."""
        choice = replaced(self.choice, values)
        laws = [replaced(law, values) for law in self.laws]
        # Shares that are irrational numbers have a law of such numbers where all laws can be laid out.
        is_laid = not choice.letters and all(law.is_laid_out() and law.fits() for law in laws)
        if not is_laid and not all(map(is_numeric, (choice, *laws))):
            return None
        return numbers.mixture(laws, choice.measure)

    def numbers(self) -> Law:
        """The mixture of the laws of numbers; irrational shares become doubles."""
        choice = sums.in_doubles(self.choice)
        return numbers.mixture([sums.in_doubles(law.numbers) for law in self.laws], choice.measure)

    def shown(self) -> str:
        """The call that makes it."""
        parts = ", ".join(f"({law.name()}, {share})" for share, law in self._parts())
        return f"mixture([{parts}])"


def mixed(laws: Sequence[Law], choice: Law) -> Law:
    """The law of one of several 1-D laws, whose place has the law `choice`.

    Raises:
        DistconvTypeError: floating shares, or a floating law.
    """
    import sympy

    if not choice.is_exact and not any(law.letters for law in laws):
        return numbers.mixture([sums.in_doubles(law) for law in laws], choice.measure)
    if not choice.is_exact:
        raise DistconvTypeError(
            "a mixture of laws with letters has exact shares, and these are floats; write them as strings: '0.5'"
        )
    parts = [as_formula(law) for law in laws]
    places = [_place(place) for place in choice.support]
    if all(parts[i] is parts[places[0]] for i in places):
        return laws[places[0]]
    base, unit = lattice(parts)
    inner = tuple(part.displaced(-base).scaled(1 / unit) for part in parts)
    conditions = frozenset(choice.assumptions).union(*(part.conditions for part in parts)) - {sympy.true}
    return of_atom(MixedAtom(choice, inner), base, conditions, unit)


def _place(outcome: Any) -> int:
    return int(outcome)


def lattice(laws: Sequence[FormulaLaw]) -> tuple[sympy.Expr, sympy.Expr]:
    """(base, unit): all laws lie at base + unit * integers, as far as that can be told."""
    import sympy

    offsets = [law.offset for law in laws if law.offset.is_Rational]
    base = next((o for o in offsets if not o.is_Integer), sympy.Integer(0))
    steps = [law.scale for law in laws if law.low != law.high] + [o - base for o in offsets if o != base]
    if not steps or any(not step.is_Rational for step in steps):
        return base, sympy.Integer(1)
    if len(offsets) < len(laws):
        steps.append(sympy.Integer(1))
    return base, expression_of(Fraction(reduce(rational_gcd, map(number_of, steps))))


if TYPE_CHECKING:
    from collections.abc import Callable

    Averaged = Callable[[FormulaLaw], sympy.Expr]
