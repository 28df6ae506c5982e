"""`Summand`: terms F(n, k) of sums over k; combinations of F(n, k), F(n + 1, k), ... that are differences in k.

Of these the sums are known, and that is a recurrence of the sums of F. Zeilberger (1990): for a hypergeometric term, of
which F(n + 1, k) / F(n, k) and F(n, k + 1) / F(n, k) are rational, look for polynomials p_0(n), ..., p_r(n) and a
rational function R(n, k) with p_0 F(n, k) + ... + p_r F(n + r, k) = R(n, k + 1) F(n, k + 1) - R(n, k) F(n, k). The
right side is summed by Gosper's algorithm, of which the unknown polynomial and the p_i are one system of linear
equations. R is the certificate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from distconv.formulas.telescoping import Telescoped, in_lowest_terms, null_vectors
from distconv.numbers.conditions import Facts

if TYPE_CHECKING:
    import sympy

#: Orders up to which recurrences of sums are looked for, and unknowns times letters: ten seconds.
MOST_ORDER = 6
MOST_UNKNOWNS = 60


@dataclass(frozen=True, slots=True)
class Summand:
    """F(n, k), of which the sum over k = low, ..., high(n) is asked for; `high` grows with n by whole steps.

    Args:
        letter: n.
        z: k.
        whole: F.
        low: the lowest k, a number.
        high: the highest.
        across: F(n, k + 1) / F(n, k).
        up: F(n + 1, k) / F(n, k).
    """

    letter: sympy.Symbol
    z: sympy.Symbol
    whole: sympy.Expr
    low: sympy.Expr
    high: sympy.Expr
    across: sympy.Expr
    up: sympy.Expr

    def shifted(self, count: int) -> sympy.Expr:
        """F(n + count, k) / F(n, k)."""
        import sympy

        return sympy.Mul(*(self.up.subs(self.letter, self.letter + i) for i in range(count)))

    def difference(self, certificate: sympy.Expr) -> sympy.Expr:
        """R(n, k + 1) F(n, k + 1) - R(n, k) F(n, k), over F."""
        return certificate.subs(self.z, self.z + 1) * self.across - certificate

    def total(self, index: int) -> sympy.Expr | None:
        """The sum at a number in place of n, term by term."""
        import sympy

        last = self.high.subs(self.letter, index)
        term = self.whole.subs(self.letter, index)
        return sympy.Add(*(term.subs(self.z, k) for k in range(int(self.low), int(last) + 1)))


def summand_of(
    whole: sympy.Expr, k: sympy.Symbol, low: sympy.Expr, high: sympy.Expr, letter: sympy.Symbol
) -> Summand | None:
    """A term and the ends of its sum; None where the ratios of neighbours are not rational, or ends move otherwise."""
    import sympy

    growth = sympy.diff(high, letter)
    if not (low.is_Integer and high.is_finite is not False and growth.is_Integer and growth >= 0):
        return None
    if (high - growth * letter).expand().is_Integer is not True:
        return None
    product = whole if whole.is_Mul or whole.is_Pow else sympy.factor(whole)
    ratios = [_ratio(product, step) for step in (k, letter)]
    across, up = ratios
    if across is None or up is None or not all(r.is_rational_function(k, letter) for r in (across, up)):
        return None
    return Summand(letter, k, product, low, high, across, up)


def _ratio(whole: sympy.Expr, step: sympy.Symbol) -> sympy.Expr | None:
    """F(step + 1) / F(step), factor by factor."""
    import sympy

    found = [sympy.Integer(1)]
    for factor in sympy.Mul.make_args(whole):
        base, times = factor.as_base_exp()
        if times.has(step) or not times.is_Integer:
            base, times = factor, sympy.Integer(1)
        if base.has(step):
            ratio = sympy.powsimp(sympy.combsimp(base.subs(step, step + 1) / base))
            found.append(ratio**times)
    return sympy.factor(sympy.Mul(*found))


def telescoped(term: Summand) -> Telescoped | None:
    """The recurrence of the lowest order that is found, with a certificate that leaves nothing at the ends of the sum.

    None where there is none.
    """
    for order in range(MOST_ORDER + 1):
        found = _of_order(term, order)
        if found is not None:
            left = _left(term, found)
            return found if left == 0 else None if left is None else _without(term, found, left)
    return None


def _of_order(term: Summand, order: int) -> Telescoped | None:
    """The recurrence of an order, of Gosper's equation A(k) x(k + 1) - B(k - 1) x(k) = C(k) sides(k)."""
    import sympy
    from sympy.concrete.gosper import gosper_normal

    k = term.z
    shifted = [sympy.together(term.shifted(i)) for i in range(order + 1)]
    bottom = sympy.Integer(1)
    for ratio in shifted:
        bottom = sympy.lcm(bottom, sympy.fraction(sympy.factor(ratio))[1])
    sides = [sympy.Poly(sympy.cancel(ratio * bottom), k) for ratio in shifted]
    rate = sympy.fraction(sympy.factor(term.across * bottom / bottom.subs(k, k + 1)))
    above, below, inner = gosper_normal(*rate, k)
    earlier = below.shift(-1)
    top = max((inner * side).degree() for side in sides)
    degree = _degree(above, earlier, top)
    letters = len(term.whole.free_symbols)
    if degree < 0 or (degree + order + 2) * letters > MOST_UNKNOWNS:
        return None
    powers = [sympy.Poly(k**j, k) for j in range(degree + 1)]
    columns = [above * p.shift(1) - earlier * p for p in powers] + [-inner * side for side in sides]
    found = null_vectors(columns, k)
    if found is None:
        return None
    ring, solutions = found
    # A constant x is one where A = B, and says nothing.
    solution = next((s for s in solutions if s[-1]), None)
    if solution is None:
        return None
    unknown, weights = solution[: degree + 1], solution[degree + 1 :]
    coefficients, parts = in_lowest_terms(ring, unknown, weights, term.letter)
    x = sympy.Add(*(c * k**j for j, c in enumerate(parts)))
    certificate = sympy.factor(earlier.as_expr() * x / (inner.as_expr() * bottom))
    return Telescoped(coefficients, certificate)


def _degree(above: sympy.Poly, earlier: sympy.Poly, top: int) -> int:
    """The degree that x has at most; below 0 where there is no x."""
    n, m = above.degree(), earlier.degree()
    if n != m or above.LC() != earlier.LC():
        return int(top - max(n, m))
    if not n:
        return int(max(top + 1, 0))
    special = (earlier.nth(n - 1) - above.nth(n - 1)) / above.LC()
    return int(max(top - n + 1, special if special.is_Integer else -1))


def _left(term: Summand, found: Telescoped) -> sympy.Expr | None:
    """What the sum of both sides over k = low, ..., high(n) leaves: p_0 S(n) + ... + p_r S(n + r), a term in n.

    There are left R F at `low` and at `high`, and those terms of F(n + i, k) that lie beyond high(n). None where R F
    may have a pole on the way.
    """
    import sympy

    n, k = term.letter, term.z
    rational, rest = term.whole.as_independent(sympy.binomial, sympy.factorial, sympy.gamma)
    parts = sympy.Mul.make_args(rational)
    # What is 0 in F may be a pole of R.
    powers = sympy.Mul(*(part for part in parts if not part.is_rational_function(n, k)))
    certified = sympy.factor(found.certificate * rational / powers)
    if not _is_regular(term, certified):
        return None

    def ended(place: sympy.Expr) -> sympy.Expr:
        """R F at a place."""
        product: sympy.Expr = certified * powers * rest
        return product.subs(k, place)

    # At high + 1, where F is 0 and R may be infinite, R F follows from the equation at high.
    left = [ended(term.high), -ended(term.low)]
    for i, p in enumerate(found.coefficients):
        last = int(sympy.expand(term.high.subs(n, n + i) - term.high))
        left += [p * term.whole.subs({n: n + i, k: term.high + j}, simultaneous=True) for j in range(last + 1)]
    return sympy.factor(sympy.powsimp(sympy.combsimp(sympy.Add(*left))))


def _without(term: Summand, found: Telescoped, left: sympy.Expr) -> Telescoped | None:
    """The recurrence of one order more of which nothing is left, where neighbours of what is left have a ratio."""
    import sympy

    n = term.letter
    ratio = _ratio(left, n)
    if ratio is None or not ratio.is_rational_function(n):
        return None
    above, below = sympy.fraction(ratio)
    later = [p.subs(n, n + 1) * below for p in found.coefficients]
    here = [-p * above for p in found.coefficients]
    both = [a + b for a, b in zip([sympy.Integer(0), *later], [*here, sympy.Integer(0)], strict=True)]
    common = sympy.Integer(0)
    for p in both:
        common = sympy.gcd(common, sympy.expand(p))
    certificate = below * found.certificate.subs(n, n + 1) * term.up - above * found.certificate
    return Telescoped(tuple(sympy.factor(p / common) for p in both), sympy.factor(certificate / common))


def _is_regular(term: Summand, certified: sympy.Expr) -> bool:
    """Whether a rational function has no pole at k = low, ..., high, whatever the letters are."""
    import sympy

    below = sympy.fraction(sympy.together(certified))[1]
    facts = Facts((sympy.Ge(term.z, term.low), sympy.Le(term.z, term.high)))
    factors = [f for f, _ in sympy.factor_list(below)[1] if f.has(term.z)]
    return all(facts.exclude(sympy.Eq(factor, 0)) for factor in factors)
