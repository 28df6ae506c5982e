"""PMFs given by formulas on ranges, and their convolution with the limits of every region.

Sums are closed where a closed form is known; others stay unevaluated, and still have a value at numbers.

A PMF is a sum of pieces, expressions in an integer index on ranges low..high; the ends may be letters or infinite.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvValueError
from distconv.formulas.cases import by_cases

if TYPE_CHECKING:
    import sympy

    #: A polynomial, and powers (base, slope) of which the product is multiplied by it.
    ExponentialPolynomial = tuple[sympy.Expr, frozenset[tuple[sympy.Expr, sympy.Expr]]]

#: Outcomes of a finite law, and pieces of a sum, up to which the formula is written out.
MOST_PIECES = 200
#: Highest power up to which a fraction is cancelled: some milliseconds.
MOST_CANCELLED = 12
#: Terms up to which a sum between two numbers is written out, where it has no closed form, and where it may have one.
MOST_ALONE = 200
MOST_WRITTEN_OUT = 6
#: Products up to which a term is multiplied out for its closed sum: more take seconds.
MOST_PRODUCTS = 600
#: Cases up to which a term is summed: the sum of a term of more takes many seconds to write down.
MOST_CASES = 100


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

    def holds(self, place: sympy.Expr) -> sympy.Basic:
        """The condition that a place is in the range."""
        import sympy

        if self.low == self.high:
            return sympy.Eq(place, self.low)
        return sympy.And(sympy.Le(self.low, place), sympy.Le(place, self.high))

    def at(self, index: sympy.Symbol, place: sympy.Expr) -> sympy.Expr:
        """The value at a place: 0 outside, by cases where the ends leave it open."""
        import sympy

        inside = self.holds(place)
        if not place.free_symbols:
            inside = whole_range(inside)
        if inside == sympy.false:
            return sympy.Integer(0)
        value = self.expression.subs(index, place)
        if not value.free_symbols or not place.free_symbols:
            value = without_gap(term_by_term(value).doit() if not value.free_symbols else term_by_term(value))
        return value if inside == sympy.true else sympy.Piecewise((value, inside), (0, True))


def whole_range(condition: sympy.Basic) -> sympy.Basic:
    """Bounds on one whole letter, linear in it, as whole bounds; other conditions as they are."""
    import sympy

    bounds = sympy.And.make_args(condition)
    letters = condition.free_symbols
    if len(letters) != 1 or not all(isinstance(b, (sympy.Le, sympy.Ge)) for b in bounds):
        return condition
    (letter,) = letters
    least, most = -sympy.oo, sympy.oo
    for bound in bounds:
        excess = sympy.expand(bound.gts - bound.lts)
        slope = excess.coeff(letter)
        root = letter - excess / slope if slope.is_Rational and slope else letter
        root = sympy.expand(root)
        if not (letter.is_integer and root.is_Rational):
            return condition
        if slope > 0:
            least = sympy.Max(least, sympy.ceiling(root))
        else:
            most = sympy.Min(most, sympy.floor(root))
    if least >= most:
        return sympy.Eq(letter, least) if least == most else sympy.false
    return sympy.And(sympy.Ge(letter, least), sympy.Le(letter, most))


def term_by_term(value: sympy.Expr) -> sympy.Expr:
    """The sums between two numbers in an expression written out; others stay as they are."""
    import sympy

    known = {}
    for found in value.atoms(sympy.Sum):
        if len(found.limits) == 1 and all(end.is_Integer for end in found.limits[0][1:]):
            index, low, high = found.limits[0]
            if high - low < MOST_ALONE:
                terms = (found.function.subs(index, place) for place in range(int(low), int(high) + 1))
                known[found] = sympy.Add(*terms)
    return value.xreplace(known)


def without_gap(value: sympy.Expr) -> sympy.Expr:
    """A sum by cases as one fraction, where the exception is only a denominator that can be cancelled."""
    import sympy

    if not (value.is_Piecewise and len(value.args) == 2 and isinstance(value.args[0].cond, sympy.Eq)):
        return value
    if max((e.exp for e in value.atoms(sympy.Pow) if e.exp.is_Integer), default=0) > MOST_CANCELLED:
        return value
    gap = value.args[0].cond.lhs - value.args[0].cond.rhs
    top, bottom = sympy.fraction(sympy.cancel(value.args[1].expr))
    # A common factor would be 0 where the exception is.
    return value if sympy.gcd(bottom, gap).free_symbols else sympy.factor(top / bottom)


def index_letter() -> sympy.Symbol:
    """The one letter in which the pieces of all laws are written."""
    import sympy

    return sympy.Symbol("_k", integer=True)


def value_at(pieces: tuple[Piece, ...], index: sympy.Symbol, place: sympy.Expr) -> sympy.Expr:
    """The PMF at a place: by cases where the pieces do not overlap, else their sum."""
    import sympy

    if place.is_number or len(pieces) == 1 or not are_disjoint(pieces):
        return by_cases([piece.at(index, place) for piece in pieces])
    cases = ((piece.expression.subs(index, place), piece.holds(place)) for piece in pieces)
    return sympy.Piecewise(*cases, (0, True))


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


def separated(pieces: tuple[Piece, ...], most: int) -> tuple[Piece, ...]:
    """The same PMF in pieces that do not overlap, where all ends are numbers and there are at most so many."""
    import sympy

    if any(not end.is_number for p in pieces for end in (p.low, p.high)):
        return pieces
    starts = sorted({p.low for p in pieces} | {p.high + 1 for p in pieces if p.high.is_finite})
    if len(starts) > most or any(start.is_infinite for start in starts):
        return pieces
    result = []
    for low, after in zip(starts, [*starts[1:], sympy.oo], strict=True):
        here = [p.expression for p in pieces if p.low <= low <= p.high]
        if here:
            whole = sympy.Add(*here)
            alone = after - low == 1
            result.append(Piece(whole.subs(index_letter(), low).doit() if alone else whole, low, after - 1))
    return tuple(result)


def convolve(first: tuple[Piece, ...], second: tuple[Piece, ...], index: sympy.Symbol) -> tuple[Piece, ...]:
    """The pieces of the convolution of two PMFs in the same index."""
    return tuple(piece for f in first for g in second for piece in _pair(f, g, index))


def _pair(f: Piece, g: Piece, index: sympy.Symbol) -> list[Piece]:
    """The convolution of two pieces: sum over a of f(a) g(c - a), in the regions of c where its limits differ.

    The sum runs from max(low_f, c - high_g) to min(high_f, c - low_g).
    """
    import sympy

    if -sympy.oo in (f.low, g.low) and sympy.oo not in (f.high, g.high):
        return [piece.reflected(index) for piece in _pair(f.reflected(index), g.reflected(index), index)]
    a = sympy.Dummy("a", integer=True)
    term = f.expression.xreplace({index: a}) * g.expression.xreplace({index: index - a})
    if -sympy.oo in (f.low, g.low):
        return _across(f, g, index)
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


def _across(f: Piece, g: Piece, index: sympy.Symbol) -> list[Piece]:
    """The convolution of two pieces of which one has no lowest and one no highest outcome."""
    import sympy

    a = sympy.Dummy("a", integer=True)
    if f.high == sympy.oo:
        f, g = g, f
    if sympy.oo in (f.high, -g.low):
        term = f.expression.xreplace({index: a}) * g.expression.xreplace({index: index - a})
        start, end = sympy.Max(f.low, index - g.high), sympy.Min(f.high, index - g.low)
        return [Piece(unevaluated(term, a, start, end), -sympy.oo, sympy.oo)]
    # f ends at its highest outcome, g begins at its lowest: the sum runs down from whichever is reached first.
    term = f.expression.xreplace({index: -a}) * g.expression.xreplace({index: index + a})
    meeting = f.high + g.low
    return [
        Piece(closed_sum(term, a, g.low - index, sympy.oo), -sympy.oo, meeting, a),
        Piece(closed_sum(term, a, -f.high, sympy.oo), meeting + 1, sympy.oo, a),
    ]


def closed_sum(term: sympy.Expr, a: sympy.Symbol, start: sympy.Expr, end: sympy.Expr) -> sympy.Expr:
    """The sum of a term over a = start, ..., end: in closed form for exponential polynomials, else unevaluated.

    A sum of few terms between two numbers is written out, and one of more where it has no closed form. A sum without an
    end is taken to converge, as sums of probabilities do.
    """
    import sympy

    if start is sympy.S.NegativeInfinity and end is not sympy.oo:
        # Upwards from the other side: what a primitive tends to far below, sympy could not say.
        return closed_sum(term.xreplace({a: -a}), a, -end, sympy.oo)
    count = end - start + 1
    if count.is_Integer and count <= MOST_WRITTEN_OUT:
        return _written_out(term, a, start, int(count))
    terms = None if term.has(sympy.Sum, sympy.Piecewise) else spread(term, a)
    parts = [] if terms is None else [exponential_polynomial(t, a) for t in terms]
    if terms is None or any(part is None for part in parts):
        few = count.is_Integer and count <= MOST_ALONE and not term.has(sympy.Sum, sympy.Piecewise)
        return _written_out(term, a, start, int(count)) if few else unevaluated(term, a, start, end)
    rates: dict[Any, Any] = {}
    for part in parts:
        assert part is not None
        polynomial, powers = part
        rates[powers] = rates.get(powers, sympy.Integer(0)) + polynomial
    return sympy.Add(*(_geometric(p, powers, a, start, end) for powers, p in rates.items()))


def cases_in(value: sympy.Expr) -> int:
    """How many cases an expression is told in, once those of all its parts are taken together."""
    import sympy

    return math.prod(len(found.args) for found in value.atoms(sympy.Piecewise))


def unevaluated(term: sympy.Expr, a: sympy.Symbol, start: sympy.Expr, end: sympy.Expr) -> sympy.Expr:
    """The sum as sympy's own.

    Raises:
        DistconvValueError: the term is told in many cases, which sympy takes all together, one inside the other; or in
            cases of sums of numbers, whose signs it looks for.
    """
    import sympy

    numbers = term.free_symbols <= {a} and term.has(sympy.Piecewise) and term.has(sympy.Sum)
    if numbers or cases_in(term) > MOST_CASES:
        raise DistconvValueError(
            "no closed form is known for a sum whose terms are told in many cases; at numbers that are fractions there "
            "is one: X.subs({...})"
        )
    return sympy.Sum(term, (a, start, end))


def _written_out(term: sympy.Expr, a: sympy.Symbol, start: sympy.Expr, count: int) -> sympy.Expr:
    """The sum of so many terms, one by one."""
    import sympy

    return sympy.Add(*(term.subs(a, start + i) for i in range(count)))


def spread(term: sympy.Expr, a: sympy.Symbol) -> list[sympy.Expr] | None:
    """Products whose sum is a term, multiplied out as far as `a` is in them: other factors, and bases, stay whole.

    None where there would be very many.
    """
    import sympy

    names: dict[sympy.Expr, sympy.Symbol] = {}

    def named(part: sympy.Expr) -> sympy.Expr:
        """A part with names in place of the sums without `a` that are factors in it, or bases."""
        if part.is_Atom or (not part.has(a) and not part.has(sympy.Add)):
            return part
        return part.func(*(
            names.setdefault(inner, sympy.Dummy(positive=inner.is_positive, nonzero=inner.is_nonzero))
            if inner.is_Add and not inner.has(a) and not part.is_Add and not (part.is_Pow and place)
            else named(inner)
            for place, inner in enumerate(part.args)
        ))  # fmt: skip

    short = named(_without_binomials(term, a))
    if _products(short) > MOST_PRODUCTS:
        return None
    whole = sympy.expand(sympy.powsimp(short), power_base=False, power_exp=False, log=False, func=False)
    parts = sympy.Add.make_args(whole)
    back = {name: inner for inner, name in names.items()}
    return [part.xreplace(back) for part in parts]


def _products(value: sympy.Expr) -> int:
    """How many products an expression is the sum of, once it is multiplied out and nothing cancels."""
    if value.is_Add:
        return sum(map(_products, value.args))
    if value.is_Mul:
        return math.prod(map(_products, value.args))
    if value.is_Pow and value.exp.is_Integer and value.exp > 0:
        one, n = _products(value.base), int(value.exp)
        return math.comb(one + n - 1, n)
    return 1


def _without_binomials(term: sympy.Expr, a: sympy.Symbol) -> sympy.Expr:
    """A term with the binomial coefficients that are polynomials in `a`, of few factors, as such."""
    import sympy

    known = {}
    for found in term.atoms(sympy.binomial):
        top, bottom = found.args
        for order in (bottom, sympy.expand(top - bottom)):
            if order.is_Integer and 0 <= order <= MOST_CANCELLED and found.has(a):
                known[found] = sympy.ff(top, order) / sympy.factorial(order)
    return term.xreplace(known)


def exponential_polynomial(term: sympy.Expr, a: sympy.Symbol) -> ExponentialPolynomial | None:
    """P and pairs (b, s) with term = P(a) times all b**(s a), P a polynomial in a; None where there are none."""
    import sympy

    polynomial = sympy.Integer(1)
    slopes: dict[Any, Any] = {}
    for factor in sympy.Mul.make_args(term):
        if factor.is_Pow and not factor.base.has(a) and factor.exp.has(a):
            slope = factor.exp.diff(a)
            if slope.has(a):
                return None
            slopes[factor.base] = slopes.get(factor.base, 0) + slope
            polynomial *= factor.base ** (factor.exp - slope * a).expand()
        elif not factor.has(a) or factor.is_polynomial(a):
            polynomial *= factor
        else:
            return None
    return polynomial, frozenset((base, slope) for base, slope in slopes.items() if slope != 0)


def _geometric(
    polynomial: sympy.Expr, powers: frozenset[Any], a: sympy.Symbol, start: sympy.Expr, end: sympy.Expr
) -> sympy.Expr:
    """The sum of P(a) times all b**(s a) over a = start, ..., end."""
    import sympy

    def power(place: sympy.Expr) -> sympy.Expr:
        """Base by base, so that no sign moves from one base to another."""
        return sympy.Mul(*(base ** sympy.expand(slope * place) for base, slope in powers))

    ratio = power(sympy.Integer(1))
    if ratio == 1:
        return sympy.factor(sympy.summation(sympy.expand(polynomial), (a, start, end)))
    # P(a) r**a = difference of Q(a) r**a, where r Q(a + 1) - Q(a) = P(a): solved from the leading coefficient down.
    coefficients = sympy.Poly(polynomial, a).all_coeffs()[::-1]
    degree = len(coefficients) - 1
    solved = [sympy.Integer(0)] * (degree + 1)
    for j in range(degree, -1, -1):
        carried = sum(solved[i] * sympy.binomial(i, j) for i in range(j + 1, degree + 1))
        solved[j] = (coefficients[j] - ratio * carried) / (ratio - 1)
    quotient = sum(c * a**j for j, c in enumerate(solved))

    def primitive(place: sympy.Expr) -> sympy.Expr:
        return sympy.powsimp(sympy.factor(quotient.subs(a, place)) * power(place))

    if end == sympy.oo:
        return -primitive(start)
    value = sympy.factor_terms(primitive(end + 1) - primitive(start))
    gap = sympy.expand(sympy.fraction(sympy.together(ratio - 1))[0])
    if ratio.is_number or gap.is_nonzero:
        return value
    flat = sympy.factor(sympy.summation(sympy.expand(polynomial), (a, start, end)))
    return sympy.Piecewise((flat, sympy.Eq(gap, 0)), (value, True))
