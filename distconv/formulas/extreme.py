"""The largest, the smallest, the k-th smallest of independent draws from laws by formulas: functions of their CDFs."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Any, TypeAlias

from distconv.algebra.sums import in_doubles
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.atom import Atom, exactly, is_numeric, replaced
from distconv.formulas.exponential import exponential
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.mixed import lattice
from distconv.formulas.naming import family_of
from distconv.formulas.part import Part
from distconv.formulas.pieces import MOST_CASES, Piece, are_disjoint, cases_in, closed_sum, index_letter, value_at
from distconv.formulas.sums import as_formula
from distconv.laws import image, registry
from distconv.laws.extreme import extreme
from distconv.laws.law import Law
from distconv.numbers.letters import expression_of, letters_of
from distconv.support.outcomes import whole
from distconv.typing import NumberLike
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy

#: A number of draws, or an expression that says how many.
Count: TypeAlias = Any
#: Outcomes up to which an extreme is told one by one.
MOST_ALONE = 40


@dataclass(frozen=True, slots=True)
class ExtremeAtom(Atom):
    """The draw of a rank among independent draws, 1 for the smallest; of several laws the smallest or the largest.

    Attributes:
        draws: the laws, on integers, and how often each is drawn; a letter says so of one law alone.
        rank: which draw it is, in ascending order; the largest, or some number below it, of so many as a letter says.
    """

    draws: tuple[tuple[FormulaLaw, Count], ...]
    rank: Count

    @property
    def count(self) -> Count:
        """How many draws there are."""
        return sum(n for _, n in self.draws)

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        found = {s for law, _ in self.draws for s in law.letters}
        return found | letters_of(self.count) | letters_of(self.rank)

    def _of_cdfs(self, values: Sequence[sympy.Expr]) -> sympy.Expr:
        """P(this draw is <= x), from those of single draws."""
        one = expression_of(1)
        if self.rank == self.count:
            return reduce(lambda p, f: p * f, (_power(f, n) for f, (_, n) in zip(values, self.draws, strict=True)), one)
        if self.rank == 1:
            draws = zip(values, self.draws, strict=True)
            return 1 - reduce(lambda p, f: p * f, (_power(1 - f, n) for f, (_, n) in draws))
        (f,), count = values, self.count

        def so_many(j: Count) -> sympy.Expr:
            """P(j of the draws are <= x)."""
            return binomial(count, j) * _power(f, j) * _power(1 - f, count - j)

        if is_letter(self.rank) or not is_letter(count):
            return sum(so_many(count - i) for i in range(int(count - self.rank) + 1))
        return 1 - sum(so_many(j) for j in range(int(self.rank)))

    def pieces(self) -> tuple[Piece, ...] | None:
        """The differences of the CDF: of few outcomes one by one, without cases where the order of all ends is known.

        None of many cases.
        """
        index = index_letter()
        low, high = self.ends()
        least, most = _number_below(low), _number_above(high)
        if least is not None and most is not None and most - least < MOST_ALONE:
            places = [expression_of(place) for place in range(int(least), int(most) + 1)]
            points = [Piece(self._at_number(place), place, place) for place in places]
            return tuple(point for point in points if point.expression != 0)
        single = [law.on_integers() for law, _ in self.draws]
        ranges = {(p.low, p.high) for own in single if own for p in own}
        known = [own for own in single if own and are_disjoint(own)]
        starts = _ordered({end for first, last in ranges for end in (first, last + 1)})
        if len(known) == len(single) and starts is not None and starts[0].is_finite:
            return self._stretches(known, starts)
        below = self.below(index)
        difference = below - below.subs(index, index - 1)
        return None if cases_in(difference) > MOST_CASES else (Piece(difference, low, high),)

    def _at_number(self, place: sympy.Expr) -> sympy.Expr:
        """P(X = place) of a number, from finite sums."""
        return tidy(self.below(place) - self.below(place - 1))

    def _stretches(self, known: list[tuple[Piece, ...]], starts: list[sympy.Expr]) -> tuple[Piece, ...]:
        """The pieces between the ends of those of the laws, in ascending order."""
        index = index_letter()
        result = []
        for low, after in itertools.pairwise(starts):
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
        if pieces is None or any(p.expression.has(sympy.Sum, sympy.Piecewise) for p in pieces):
            return self._at_number(place)
        return tidy(value_at(pieces, index_letter(), place))

    def below(self, place: sympy.Expr) -> sympy.Expr:
        """P(X <= place)."""
        return tidy(self._of_cdfs([law.beside(place, "cdf") for law, _ in self.draws]))

    def moment(self, order: int) -> sympy.Expr:
        """E X**order."""
        found = self._beside_tail(lambda k: k**order, lambda law: law.moments.moment(order))
        # By the class itself: a frozen class with slots is another than the one that `super` knows here.
        return Atom.moment(self, order) if found is None else found

    def _beside_tail(
        self, weigh: Callable[[sympy.Expr], sympy.Expr], over_all: Callable[[FormulaLaw], sympy.Expr]
    ) -> sympy.Expr | None:
        """The sum of weigh(k) P(X = k), where but one law goes beyond some number: there the largest is that one's.

        None where it is not so.
        """
        import sympy

        first, most = _number_below(self.ends()[0]), [(law, n, _number_above(law.high)) for law, n in self.draws]
        beyond = [(law, n) for law, n, high in most if high is None]
        if self.rank != self.count or len(beyond) != 1 or beyond[0][1] != 1 or first is None or len(most) == 1:
            return None
        last = max(high for _, _, high in most if high is not None)
        if last - first >= MOST_ALONE:
            return None
        law = beyond[0][0]
        places = [expression_of(place) for place in range(int(first), int(last) + 1)]
        points = (weigh(place) * self._at_number(place) for place in places)
        return sum(points, start=Part(law, last + 1, sympy.oo).total(weigh, lambda: over_all(law)))

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        found = self._beside_tail(lambda k: z**k, lambda law: law.generated(z))
        if found is not None:
            return found
        index, pieces = index_letter(), self.pieces()
        if pieces is None:
            raise DistconvValueError(
                f"no closed form is known for the generating function of {self.shown()}: its outcomes are told in many "
                "cases of letters; at numbers there is one: X.subs({...})"
            )
        parts = (closed_sum(p.expression * z**index, index, p.low, p.high) for p in pieces)
        return sum(parts, start=expression_of(0))

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> ExtremeAtom:
        """The draw with exact values in place of letters.

        Raises:
            DistconvValueError: the number of draws is none, or there are not so many.
        """
        draws = tuple((law.replaced(values), put(n, values)) for law, n in self.draws)
        found = ExtremeAtom(draws, put(self.rank, values))
        if not (is_letter(found.count) or is_letter(found.rank) or 1 <= found.rank <= found.count):
            raise DistconvValueError(
                f"there is no draw {found.rank} of {found.count}: the rank must be between 1 and the number of draws"
            )
        return found

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The draw of laws of numbers."""
        there = self.subs(exactly(values))
        laws = [(replaced(law, values), n) for (law, _), (_, n) in zip(self.draws, there.draws, strict=True)]
        is_known = all(is_numeric(law) and not is_letter(n) for law, n in laws) and not is_letter(there.rank)
        return there.drawn_from(laws) if is_known else None

    def numbers(self) -> Law:
        """The draw of the laws of numbers; irrational ones that are laid out become doubles."""
        return self.drawn_from([(in_doubles(law.numbers), n) for law, n in self.draws])

    def drawn_from(self, laws: Sequence[tuple[Law, Count]]) -> Law:
        """The draw of laws of numbers, which stand in place of its own."""
        if self.rank == 1:
            return image.scaled(extreme([(image.scaled(law, -1), n) for law, n in laws], self.count), -1)
        return extreme(laws, self.rank)

    def no_limit(self, letter: sympy.Symbol, point: sympy.Expr) -> str | None:
        """The largest of more and more draws without a highest outcome is beyond any number."""
        import sympy

        ((law, _), *others), below = self.draws, self.count - self.rank
        if others or point is not sympy.oo or self.count != letter or is_letter(below) or law.high is not sympy.oo:
            return None
        family = family_of(law)
        chance = family[1][0] if family is not None and family[0] == "Geometric" and below == 0 else None
        why = "the mass escapes to infinity, P(X <= k) tends to 0 for every k"
        if chance is None:
            return why
        q = expression_of(1) - chance
        return (
            f"{why}; moved back by about log({letter})/log(1/q), q = {q}, it has none either, since its outcomes are "
            f"whole: P(X <= m + k) tends to exp(-c*q**k) only along {letter} with {letter}*q**m -> c (Anderson 1970); "
            f"exp(-{letter}*q**x), Gumbel's law, is near P(X <= x) for all of them"
        )

    def shown(self) -> str:
        """The call that makes it."""
        if not is_letter(self.count) and self.rank in (1, self.count):
            names = ", ".join(name for law, n in self.draws for name in [law.name()] * n)
            return f"{'minimum' if self.rank == 1 else 'maximum'}({names})"
        return f"order_statistic({self.draws[0][0].name()}, {self.count}, {self.rank})"


def drawn(draws: Sequence[tuple[Law, Count]], rank: Count) -> Law:
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


def is_letter(value: Count) -> bool:
    """Whether a number of draws is an expression with letters."""
    return bool(letters_of(value))


def put(value: Count, values: Mapping[sympy.Symbol, sympy.Expr]) -> Count:
    """A number of draws with values in place of letters; a whole number as such."""
    if not is_letter(value):
        return value
    found = value.subs(values)
    if found.is_number and not found.is_Integer:
        raise DistconvValueError(f"the number of draws {value} becomes {found}; it must be an integer >= 1")
    return int(found) if found.is_number else found


def _power(base: sympy.Expr, exponent: Count) -> sympy.Expr:
    """base**exponent, of a number of draws that is not 0 where a letter says it."""
    return base if base == 0 and is_letter(exponent) else base**exponent


def binomial(n: Count, k: Count) -> sympy.Expr:
    """In how many ways k of n draws are chosen: of the two numbers that are not chosen by a letter."""
    import sympy

    rest = n - k
    return sympy.binomial(n, k if not is_letter(k) else rest)


def _cdf_from(pieces: tuple[Piece, ...], start: sympy.Expr) -> sympy.Expr:
    """P(X <= k) for k from start on to the end of the piece that start lies in."""
    import sympy

    index, a = index_letter(), sympy.Dummy("a", integer=True)
    passed = {p: _is_below(p.high + 1, start) for p in pieces}
    if all(passed.values()):
        return sympy.Integer(1)
    for last in pieces:
        if last.high is sympy.oo and _is_below(last.low, start):
            # What is beyond has no case of a ratio that is 1: it would have no sum.
            beyond = closed_sum(last.expression.xreplace({index: a}), a, index + 1, sympy.oo)
            if not beyond.has(sympy.Sum):
                parts = exponential(beyond, index)
                return 1 - (beyond if parts is None else parts.written(sympy.Integer(0)))
    terms = ((p.expression.xreplace({index: a}), p) for p in pieces if _is_below(p.low, start))
    return sympy.Add(*(closed_sum(term, a, p.low, p.high if passed[p] else index) for term, p in terms))


def _is_below(first: sympy.Expr, second: sympy.Expr) -> bool:
    """Whether the first is known to be at most the second."""
    import sympy

    # Of 2*m - 2, m a positive integer, sympy does not know that it is not negative; of m - 1 it does.
    return bool(sympy.Le(first, second) == sympy.true or (second - first).primitive()[1].is_nonnegative)


def _ordered(ends: set[sympy.Expr]) -> list[sympy.Expr] | None:
    """The ends in ascending order; None where it depends on letters."""
    ascending: list[sympy.Expr] = []
    for end in ends:
        place = sum(_is_below(other, end) for other in ascending)
        if not all(_is_below(end, other) for other in ascending[place:]):
            return None
        ascending.insert(place, end)
    return ascending


def _number_above(end: sympy.Expr) -> sympy.Expr | None:
    """A whole number that an end, the least or the largest of some, is at most; None where none is known."""
    import sympy

    if not isinstance(end, (sympy.Min, sympy.Max)):
        return end if end.is_Integer else None
    known = [above for above in map(_number_above, end.args) if above is not None]
    if isinstance(end, sympy.Min):
        return min(known, default=None)
    return max(known) if len(known) == len(end.args) else None


def _number_below(end: sympy.Expr) -> sympy.Expr | None:
    """A whole number that an end is at least; None where none is known."""
    import sympy

    turned = {sympy.Min: sympy.Max, sympy.Max: sympy.Min}
    if type(end) not in turned:
        return end if end.is_Integer else None
    above = _number_above(turned[type(end)](*(-e for e in end.args)))
    return None if above is None else -above


def _opened(draws: Sequence[tuple[FormulaLaw, Count]]) -> tuple[tuple[FormulaLaw, Count], ...]:
    """The draws, equal laws together."""
    merged: list[tuple[FormulaLaw, Count]] = []
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

    ((law, count), *others) = atom.draws
    family = None if others else family_of(law)
    if family is not None and family[0] == "Geometric" and atom.rank == 1 and is_letter(count):
        # None has come by k where none of so many has.
        return registry.family("Geometric").with_letters(1 - (1 - family[1][0]) ** count)
    pieces = atom.pieces()
    if (
        pieces is None
        or len(pieces) != 1
        or pieces[0].high is not sympy.oo
        or pieces[0].expression.has(sympy.Sum, sympy.Piecewise)
    ):
        return None
    (piece,) = pieces
    known = exponential(piece.expression, index_letter())
    chance = None if known is None else known.forgets(piece.low)
    if chance is None:
        return None
    return image.moved(registry.family("Geometric").with_letters(chance), 1, whole(piece.low - 1))
