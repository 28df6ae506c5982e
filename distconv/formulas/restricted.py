"""Laws by formulas that are known to lie in an interval, or are moved into it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.atom import Atom, exactly, is_numeric, replaced
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.making import recognised
from distconv.formulas.part import Part
from distconv.formulas.pieces import Piece, index_letter
from distconv.formulas.remaining import given_remainders
from distconv.laws import restricting
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.numbers.letters import expression_of, letters_of, number_of
from distconv.queries.interval import function_at, interval_of
from distconv.queries.remainders import remainders_of
from distconv.support.outcomes import whole
from distconv.typing import NumberLike, Scalar
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class RestrictedAtom(Atom):
    """A law on integers, known to lie in low..high: a part of it over its probability."""

    part: Part
    chance: Any

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return self.part.letters

    def pieces(self) -> tuple[Piece, ...] | None:
        """The pieces of the part, over its probability."""
        own = self.part.pieces()
        return None if own is None else tuple(Piece(p.expression / self.chance, p.low, p.high, p.born) for p in own)

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        import sympy

        return sympy.Max(self.part.low, self.part.law.low), sympy.Min(self.part.high, self.part.law.high)

    def at(self, place: sympy.Expr) -> sympy.Expr | None:
        """P(X = place) of a law without pieces."""
        if self.part.pieces() is not None:
            return None
        return Piece(self.part.law.at(place) / self.chance, self.part.low, self.part.high).at(index_letter(), place)

    def below(self, place: sympy.Expr) -> sympy.Expr:
        """P(X <= place): the part up to there, over the whole part."""
        import sympy

        low, high = self.ends()
        if sympy.Lt(place, low) == sympy.true:
            return sympy.Integer(0)
        if sympy.Ge(place, high) == sympy.true:
            return sympy.Integer(1)
        inner = tidy(Part(self.part.law, self.part.low, place).chance() / self.chance) if place.is_number else None
        if inner is not None:
            return inner
        before = self.part.law.beside(low - 1, "cdf") if low != self.part.law.low else sympy.Integer(0)
        value = (self.part.law.beside(place, "cdf") - before) / self.chance
        return sympy.Piecewise((0, sympy.Lt(place, low)), (value, sympy.Lt(place, high)), (1, True))

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        return self.part.total(lambda k: z**k, lambda: self.part.law.generated(z)) / self.chance

    def moment(self, order: int) -> sympy.Expr:
        """E X**order."""
        total = self.part.total(lambda k: k**order, lambda: self.part.law.moments.moment(order))
        return tidy(total / self.chance)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> RestrictedAtom:
        """The law with exact values in place of letters."""
        return RestrictedAtom(self.part.subs(values), self.chance.subs(values))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The law of numbers, known the same."""
        law = replaced(self.part.law, values)
        return self._of(law, exactly(values)) if is_numeric(law) else None

    def numbers(self) -> Law:
        """The law of numbers, known the same."""
        return self._of(self.part.law.numbers)

    def _of(self, law: Law, values: Mapping[sympy.Symbol, sympy.Expr] | None = None) -> Law:
        return restricting.truncated(law, _corner(self.part.low, values), _corner(self.part.high, values))

    def shown(self) -> str:
        """The call that makes it."""
        return _call(self.part, "truncate")


@dataclass(frozen=True, slots=True)
class ClippedAtom(Atom):
    """min(max(X, low), high) of a law on integers; `part` is what lies strictly between."""

    part: Part
    low: Any
    high: Any

    @property
    def letters(self) -> set[sympy.Symbol]:
        """The letters in it."""
        return self.part.letters | letters_of(self.low) | letters_of(self.high)

    def _points(self) -> list[tuple[sympy.Expr, sympy.Expr]]:
        """Pairs (end, what is moved there)."""
        points = []
        if self.low.is_finite:
            points.append((self.low, self.part.law.beside(self.low, "cdf")))
        if self.high.is_finite:
            points.append((self.high, self.part.law.beside(self.high - 1, "sf")))
        return points

    def pieces(self) -> tuple[Piece, ...] | None:
        """The part between, and the two ends."""
        own = self.part.pieces()
        return None if own is None else (*own, *(Piece(tidy(w), x, x) for x, w in self._points()))

    def ends(self) -> tuple[sympy.Expr, sympy.Expr]:
        """The lowest and the highest outcome."""
        import sympy

        inner = self.part.law
        return sympy.Max(self.low, inner.low), sympy.Min(self.high, sympy.Max(inner.high, self.low))

    def below(self, place: sympy.Expr) -> sympy.Expr:
        """P(X <= place): that of the law, between the ends."""
        import sympy

        if place.is_number and (place < self.low or place >= self.high):
            return sympy.Integer(0 if place < self.low else 1)
        inner = self.part.law.beside(place, "cdf")
        cases = [(0, sympy.Lt(place, self.low)), (inner, sympy.Lt(place, self.high)), (1, True)]
        return inner if place.is_number else sympy.Piecewise(*cases)

    def pgf(self, z: sympy.Expr) -> sympy.Expr:
        """E z**X."""
        inner = self.part.total(lambda k: z**k, lambda: self.part.law.generated(z))
        return sum((w * z**x for x, w in self._points()), start=inner)

    def moment(self, order: int) -> sympy.Expr:
        """E X**order."""
        inner = self.part.total(lambda k: k**order, lambda: self.part.law.moments.moment(order))
        return sum((w * x**order for x, w in self._points()), start=inner)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> ClippedAtom:
        """The law with exact values in place of letters."""
        return ClippedAtom(self.part.subs(values), self.low.subs(values), self.high.subs(values))

    def numeric(self, values: Mapping[sympy.Symbol, NumberLike]) -> Law | None:
        """The law of numbers, moved into the interval."""
        law = replaced(self.part.law, values)
        return self._of(law, exactly(values)) if is_numeric(law) else None

    def numbers(self) -> Law:
        """The law of numbers, moved into the interval."""
        return self._of(self.part.law.numbers)

    def _of(self, law: Law, values: Mapping[sympy.Symbol, sympy.Expr] | None = None) -> Law:
        return restricting.clipped(law, _corner(self.low, values), _corner(self.high, values))

    def shown(self) -> str:
        """The call that makes it."""
        return _call(Part(self.part.law, self.low, self.high), "clip")


def _corner(end: sympy.Expr, values: Mapping[sympy.Symbol, sympy.Expr] | None) -> tuple[Scalar] | None:
    """An end as laws of numbers take it, once letters have values."""
    end = end.subs(values or {})
    return (whole(end),) if end.is_finite else None


def _call(part: Part, name: str) -> str:
    ends = [f"{key}={end}" for key, end in (("low", part.low), ("high", part.high)) if end.is_finite]
    law = part.law.name()
    return f"{f'({law})' if ' ' in law.split('(')[0] or law[-1] != ')' else law}.{name}({', '.join(ends)})"


def _on_integers(law: FormulaLaw) -> tuple[FormulaLaw, sympy.Expr, sympy.Expr]:
    """(inner, scale, shift): law = scale * inner + shift, and inner lies on the integers."""
    import sympy

    shift = sympy.Integer(0) if law.scale == 1 and law.offset.is_integer else law.offset
    return law.displaced(-shift).scaled(1 / law.scale), law.scale, shift


def _is_between(end: sympy.Expr) -> bool:
    """Whether an end may lie between whole numbers, as far as the assumptions on its letters tell."""
    return not (end.is_infinite or end.is_integer)


@rule("truncate", FormulaLaw, needed=True)
def truncated(law: FormulaLaw, low: Scalar | None, high: Scalar | None) -> Law:
    """The law of X, known that low <= X <= high."""
    import sympy

    inner, scale, shift = _on_integers(law)
    first = -sympy.oo if low is None else sympy.ceiling((expression_of(low) - shift) / scale)
    last = sympy.oo if high is None else sympy.floor((expression_of(high) - shift) / scale)
    if (first > inner.high) == sympy.true or (last < inner.low) == sympy.true or (first > last) == sympy.true:
        raise DistconvValueError(
            f"the event low <= X <= high has probability 0: the outcomes of {law.name()} lie in {law.low}..{law.high}"
        )
    if (first <= inner.low) == sympy.true and (last >= inner.high) == sympy.true:
        return law
    part = Part(inner, first, last)
    atom = RestrictedAtom(part, part.chance())
    known = _by_name(atom) if scale == 1 else None
    return of_atom(atom, shift, law.conditions, scale) if known is None else _displaced(known, shift)


def _displaced(law: Law, by: sympy.Expr) -> Law:
    """A law by a formula, moved."""
    moved = law.displaced(by) if by != 0 else law
    return law if moved is None else moved


def _by_name(atom: RestrictedAtom) -> Law | None:
    """The family of a law that forgets: its generating function is rational, and known."""
    import sympy

    z = sympy.Symbol("z")
    if atom.ends()[1] is not sympy.oo or not atom.part.law.generated(z).is_rational_function(z):
        return None
    return recognised(sympy.cancel(atom.pgf(z)), z)


@rule("clip", FormulaLaw, needed=True)
def clipped(law: FormulaLaw, low: Scalar | None, high: Scalar | None) -> Law:
    """The law of min(max(X, low), high)."""
    import sympy

    inner, scale, shift = _on_integers(law)
    first = -sympy.oo if low is None else (expression_of(low) - shift) / scale
    last = sympy.oo if high is None else (expression_of(high) - shift) / scale
    if low is not None and high is not None and low > high:
        raise DistconvValueError(f"low must be <= high, got {low} > {high}")
    if any(map(_is_between, (first, last))):
        raise DistconvValueError(
            f"a law by a formula is clipped at its own lattice, {law.low} + {scale} * integers, got {low}..{high}; "
            "substitute numbers for its letters first, X.subs({...}), or say which are whole: "
            "sympy.Symbol('n', integer=True)"
        )
    first = -sympy.oo if (first <= inner.low) == sympy.true else first
    last = sympy.oo if (last >= inner.high) == sympy.true else last
    if first is -sympy.oo and last is sympy.oo:
        return law
    return of_atom(ClippedAtom(Part(inner, first + 1, last - 1), first, last), shift, law.conditions, scale)


@rule("map", FormulaLaw, needed=True)
def mapped(law: FormulaLaw, f: Callable[..., object]) -> Law | None:
    """The law of a multiple of X, moved; None of laws that are laid out.

    Raises:
        DistconvTypeError: f is no such function.
    """
    import sympy

    if law.laid is not None or not law.letters:
        return None
    k = sympy.Symbol("k", integer=True)
    value = sympy.expand(function_at(f, k, "map"))
    slope = sympy.diff(value, k)
    if not slope.is_Rational or slope == 0:
        raise DistconvTypeError(
            f"the image of {law.name()} under {value} is by a formula where that is a*k + b, a a number other than 0; "
            "substitute numbers first, X.subs({...}).map(f)"
        )
    return law.scaled(whole(number_of(slope))).displaced(value - slope * k)


@rule("given", FormulaLaw, needed=True)
def given(law: FormulaLaw, predicate: Callable[[Any], object]) -> Law | None:
    """The law of X, known that it lies in the interval where a predicate holds; None of laws that are laid out."""
    if law.laid is not None:
        return None
    periodic = remainders_of(predicate)
    if periodic is not None:
        return given_remainders(law, *periodic)
    low, high = interval_of(predicate, "X.truncate(low=3)")
    return truncated(law, *(None if end.is_infinite else end for end in (low, high)))
