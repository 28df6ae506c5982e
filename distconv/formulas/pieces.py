"""PMFs given by formulas on ranges, and their convolution with the limits of every region.

Sums are closed where a closed form is known; others stay unevaluated, and still have a value at numbers.

A PMF is a sum of pieces, expressions in an integer index on ranges low..high; the ends may be letters or infinite.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Piece:
    """An expression in `index`, on the integers low..high; 0 elsewhere."""

    expression: sympy.Expr
    low: sympy.Expr
    high: sympy.Expr
    #: What the pieces of one convolution of two single pieces share: they are the disjoint regions of its limits.
    born: sympy.Symbol | None = None

    def moved(self, index: sympy.Symbol, by: sympy.Expr) -> Piece:
        """The piece `by` further to the right."""
        return Piece(self.expression.xreplace({index: index - by}), self.low + by, self.high + by, self.born)

    def reflected(self, index: sympy.Symbol) -> Piece:
        """The piece at the negated indices."""
        return Piece(self.expression.xreplace({index: -index}), -self.high, -self.low, self.born)

    def subs(self, values: Mapping[sympy.Symbol, sympy.Expr]) -> Piece:
        """The piece with values in place of letters."""
        return Piece(self.expression.subs(values), self.low.subs(values), self.high.subs(values), self.born)

    def at(self, index: sympy.Symbol, place: sympy.Expr) -> sympy.Expr:
        """The value at a place: 0 outside, by cases where the ends leave it open."""
        import sympy

        inside = sympy.And(sympy.Le(self.low, place), sympy.Le(place, self.high))
        if inside == sympy.false:
            return sympy.Integer(0)
        value = self.expression.subs(index, place)
        if not value.free_symbols or not place.free_symbols:
            value = value.doit()
        return value if inside == sympy.true else sympy.Piecewise((value, inside), (0, True))


def index_letter() -> sympy.Symbol:
    """The one letter in which the pieces of all laws are written."""
    import sympy

    return sympy.Symbol("_k", integer=True)


def are_disjoint(pieces: tuple[Piece, ...]) -> bool:
    """Whether the pieces are known not to overlap: the regions of one convolution, or single points."""
    import sympy

    if all(p.low == p.high for p in pieces):
        return len({p.low for p in pieces}) == len(pieces)
    for i, p in enumerate(pieces):
        for q in pieces[:i]:
            apart = sympy.Or(sympy.Lt(p.high, q.low), sympy.Lt(q.high, p.low))
            if apart != sympy.true and (p.born is None or p.born != q.born):
                return False
    return True


def convolve(first: tuple[Piece, ...], second: tuple[Piece, ...], index: sympy.Symbol) -> tuple[Piece, ...]:
    """The pieces of the convolution of two PMFs in the same index."""
    return tuple(piece for f in first for g in second for piece in _pair(f, g, index))


def _pair(f: Piece, g: Piece, index: sympy.Symbol) -> list[Piece]:
    """The convolution of two pieces: sum over a of f(a) g(c - a), in the regions of c where its limits differ.

    The sum runs from max(low_f, c - high_g) to min(high_f, c - low_g).
    """
    import sympy

    a = sympy.Dummy("a", integer=True)
    term = f.expression.xreplace({index: a}) * g.expression.xreplace({index: index - a})
    if -sympy.oo in (f.low, g.low):
        whole = sympy.Sum(term, (a, sympy.Max(f.low, index - g.high), sympy.Min(f.high, index - g.low)))
        return [Piece(whole, f.low + g.low, f.high + g.high)]
    first_full, second_full = f.high + g.low, f.low + g.high
    nearer, farther = sympy.Min(first_full, second_full), sympy.Max(first_full, second_full)
    regions = [
        # rising: neither is used up
        (f.low, index - g.low, f.low + g.low, nearer),
        # one is wholly inside the other
        (f.low, f.high, first_full + 1, second_full - 1),
        (index - g.high, index - g.low, second_full + 1, first_full - 1),
        # falling: both are cut
        (index - g.high, f.high, sympy.Max(nearer + 1, farther), f.high + g.high),
    ]
    result = []
    for start, end, low, high in regions:
        if low is sympy.oo or sympy.oo in (start,) or (high - low).is_negative:
            continue
        result.append(Piece(closed_sum(term, a, start, end), low, high, a))
    return result


def closed_sum(term: sympy.Expr, a: sympy.Symbol, start: sympy.Expr, end: sympy.Expr) -> sympy.Expr:
    """The sum of a term over a = start, ..., end: in closed form for exponential polynomials, else unevaluated."""
    import sympy

    parts = [_exponential_polynomial(part, a) for part in sympy.Add.make_args(sympy.expand_mul(sympy.powsimp(term)))]
    if any(part is None for part in parts):
        return sympy.Sum(term, (a, start, end))
    ratios: dict[Any, Any] = {}
    for part in parts:
        assert part is not None
        polynomial, ratio = part
        ratios[ratio] = ratios.get(ratio, sympy.Integer(0)) + polynomial
    return sympy.Add(*(_geometric(p, r, a, start, end) for r, p in ratios.items()))


def _exponential_polynomial(term: sympy.Expr, a: sympy.Symbol) -> tuple[Any, Any] | None:
    """(P, r) with term = P(a) r**a, P a polynomial in a; None where there are none."""
    import sympy

    polynomial, ratio = sympy.Integer(1), sympy.Integer(1)
    for factor in sympy.Mul.make_args(term):
        if factor.is_Pow and not factor.base.has(a) and factor.exp.has(a):
            slope = factor.exp.diff(a)
            if slope.has(a):
                return None
            ratio *= factor.base**slope
            polynomial *= factor.base ** (factor.exp - slope * a).expand()
        elif not factor.has(a) or factor.is_polynomial(a):
            polynomial *= factor
        else:
            return None
    return polynomial, sympy.powsimp(sympy.simplify(ratio)) if ratio != 1 else ratio


def _geometric(
    polynomial: sympy.Expr, ratio: sympy.Expr, a: sympy.Symbol, start: sympy.Expr, end: sympy.Expr
) -> sympy.Expr:
    """The sum of P(a) r**a over a = start, ..., end."""
    import sympy

    flat = sympy.factor(sympy.summation(sympy.expand(polynomial), (a, start, end)))
    if ratio == 1:
        return flat
    # P(a) r**a = difference of Q(a) r**a, where r Q(a + 1) - Q(a) = P(a): solved from the leading coefficient down.
    coefficients = sympy.Poly(polynomial, a).all_coeffs()[::-1]
    degree = len(coefficients) - 1
    solved = [sympy.Integer(0)] * (degree + 1)
    for j in range(degree, -1, -1):
        carried = sum(solved[i] * sympy.binomial(i, j) for i in range(j + 1, degree + 1))
        solved[j] = (coefficients[j] - ratio * carried) / (ratio - 1)
    quotient = sum(c * a**j for j, c in enumerate(solved))
    upper = (quotient * ratio**a).subs(a, end + 1) if end != sympy.oo else sympy.Integer(0)
    value = sympy.simplify(upper - (quotient * ratio**a).subs(a, start))
    if ratio.is_number or sympy.simplify(ratio - 1).is_nonzero:
        return value
    return sympy.Piecewise((flat, sympy.Eq(ratio, 1)), (value, True))
