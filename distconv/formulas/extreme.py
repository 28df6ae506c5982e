"""The largest, the smallest, the k-th smallest of independent draws from laws by formulas: functions of their CDFs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from math import comb
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError
from distconv.formulas.atom import Atom, is_numeric, replaced, tidy
from distconv.formulas.exponential import exponential
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.mixed import lattice
from distconv.formulas.pieces import Piece, are_disjoint, closed_sum, index_letter, value_at
from distconv.formulas.sums import as_formula
from distconv.laws import image, registry
from distconv.laws.extreme import extreme
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of
from distconv.support.outcomes import whole
from distconv.typing import NumberLike

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class ExtremeAtom(Atom):
    """The draw of a rank among independent draws, 1 for the smallest; of several laws the smallest or the largest.

    Attributes:
        draws: the laws, on integers, and how often each is drawn.
        rank: which draw it is, in ascending order.
    """

    draws: tuple[tuple[FormulaLaw, int], ...]
    rank: int

    @property
    def count(self) -> int:
        """How many draws there are."""
        return sum(n for _, n in self.draws)

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return {s for law, _ in self.draws for s in law.letters}

    def _of_cdfs(self, values: Sequence[sympy.Expr]) -> sympy.Expr:
        """P(this draw is <= x), from those of single draws."""
        one = expression_of(1)
        if self.rank == self.count:
            return reduce(lambda p, f: p * f, (f**n for f, (_, n) in zip(values, self.draws, strict=True)), one)
        if self.rank == 1:
            return 1 - reduce(lambda p, f: p * f, ((1 - f) ** n for f, (_, n) in zip(values, self.draws, strict=True)))
        (f,), count = values, self.count
        return sum(comb(count, j) * f**j * (1 - f) ** (count - j) for j in range(self.rank, count + 1))

    def pieces(self) -> tuple[Piece, ...]:
        """The differences of the CDF: without cases between numbers, or on the one range of all laws."""
        index = index_letter()
        single = [law.on_integers() for law, _ in self.draws]
        ranges = {(p.low, p.high) for own in single if own for p in own}
        known = [own for own in single if own and are_disjoint(own)]
        plain = len(ranges) == 1 or all(end.is_number for ends in ranges for end in ends)
        if len(known) == len(single) and plain and all(low.is_finite for low, _ in ranges):
            return self._stretches(known, ranges)
        before = self.below(index).subs(index, index - 1)
        return (Piece(self.below(index) - before, *self.ends()),)

    def _stretches(
        self, known: list[tuple[Piece, ...]], ranges: set[tuple[sympy.Expr, sympy.Expr]]
    ) -> tuple[Piece, ...]:
        """The pieces between the ends of those of the laws."""
        index = index_letter()
        starts = [low for low, _ in ranges]
        if len(ranges) > 1:
            starts = sorted({*starts, *(high + 1 for _, high in ranges if high.is_finite)})
        last = next(iter(ranges))[1] if len(ranges) == 1 else max(high for _, high in ranges)
        result = []
        for low, after in zip(starts, [*starts[1:], last + 1], strict=True):
            together = self._of_cdfs([_cdf_from(own, low) for own in known])
            difference = together - together.xreplace({index: index - 1})
            parts = exponential(difference, index)
            weight = difference if parts is None else parts.written(low)
            if weight != 0 and low != after:
                result.append(Piece(weight, low, after - 1))
        return tuple(result)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        import sympy

        chosen = sympy.Max if self.rank == self.count else sympy.Min
        return chosen(*(law.low for law, _ in self.draws)), chosen(*(law.high for law, _ in self.draws))

    def at(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X = place) at a number: by the pieces, a difference of finite sums where these hold sums or cases."""
        import sympy

        if not place.is_number:
            return None
        pieces = self.pieces()
        closed = not any(p.expression.has(sympy.Sum, sympy.Piecewise) for p in pieces)
        return tidy(value_at(pieces, index_letter(), place) if closed else self.below(place) - self.below(place - 1))

    def below(self, place: sympy.Expr) -> sympy.Expr:
        """P(X <= place)."""
        return tidy(self._of_cdfs([law.beside(place, "cdf") for law, _ in self.draws]))

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        index = index_letter()
        parts = (closed_sum(p.expression * z**index, index, p.low, p.high) for p in self.pieces())
        return sum(parts, start=expression_of(0))

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> ExtremeAtom:
        """The draw with exact values in place of letters."""
        return ExtremeAtom(tuple((law.replaced(values), n) for law, n in self.draws), self.rank)

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The draw of laws of numbers."""
        laws = [(replaced(law, values), n) for law, n in self.draws]
        return self._drawn_from(laws) if all(is_numeric(law) for law, _ in laws) else None

    def numbers(self) -> Law:
        """The draw of the laws of numbers."""
        return self._drawn_from([(law.numbers, n) for law, n in self.draws])

    def _drawn_from(self, laws: Sequence[tuple[Law, int]]) -> Law:
        if self.rank == 1:
            return image.scaled(extreme([(image.scaled(law, -1), n) for law, n in laws], self.count), -1)
        return extreme(laws, self.rank)

    def shown(self) -> str:
        """The call that makes it."""
        names = ", ".join(name for law, n in self.draws for name in [law.name()] * n)
        if self.rank in (1, self.count):
            return f"{'minimum' if self.rank == 1 else 'maximum'}({names})"
        return f"order_statistic({self.draws[0][0].name()}, {self.count}, {self.rank})"


def drawn(draws: Sequence[tuple[Law, int]], rank: int) -> Law:
    """The law of the draw of a rank among independent draws, of which some have letters.

    Raises:
        DistconvTypeError: the laws lie on different lattices.
    """
    laws = [(as_formula(law), n) for law, n in draws]
    base, scale = lattice([law for law, _ in laws])
    inner = [(law.displaced(-base).scaled(1 / scale), n) for law, n in laws]
    if not all(law.offset.is_integer for law, _ in inner):
        raise DistconvTypeError(
            "extremes of laws with letters need laws on one lattice; substitute numbers first, X.subs({...})"
        )
    atom = ExtremeAtom(_opened(inner), rank)
    conditions = frozenset[Any]().union(*(law.conditions for law, _ in laws))
    known = _by_name(atom)
    if known is not None and scale == 1:
        return image.moved(known, 1, base) if base else known
    return of_atom(atom, base, conditions, scale)


def _cdf_from(pieces: tuple[Piece, ...], start: sympy.Expr) -> sympy.Expr:
    """P(X <= k) for k from start on to the end of the piece that start lies in."""
    import sympy

    index, a = index_letter(), sympy.Dummy("a", integer=True)
    if len(pieces) > 1 or pieces[0].high.is_number:
        if all(p.high < start for p in pieces):
            return sympy.Integer(1)
        pieces = tuple(p for p in pieces if p.low <= start)
    terms = ((p.expression.xreplace({index: a}), p) for p in pieces)
    ends = ((t, p, p.high if p.high.is_number and p.high < start else index) for t, p in terms)
    return sympy.Add(*(closed_sum(term, a, p.low, end) for term, p, end in ends))


def _opened(draws: Sequence[tuple[FormulaLaw, int]]) -> tuple[tuple[FormulaLaw, int], ...]:
    """The draws, equal laws together."""
    merged: list[tuple[FormulaLaw, int]] = []
    for law, n in draws:
        for place, (other, m) in enumerate(merged):
            if other.summands == law.summands and other.offset == law.offset:
                merged[place] = other, m + n
                break
        else:
            merged.append((law, n))
    return tuple(merged)


def _by_name(atom: ExtremeAtom) -> Law | None:
    """The family of the draw, where its weights are those of one that forgets."""
    import sympy

    pieces = atom.pieces()
    if len(pieces) != 1 or pieces[0].high is not sympy.oo or pieces[0].expression.has(sympy.Sum, sympy.Piecewise):
        return None
    (piece,) = pieces
    known = exponential(piece.expression, index_letter())
    chance = None if known is None else known.forgets(piece.low)
    if chance is None:
        return None
    return image.moved(registry.family("Geometric").with_letters(chance), 1, whole(piece.low - 1))
