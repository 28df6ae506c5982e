"""Laws in proportion to weights by a formula: told from the ratio of neighbours, as families are, else by their total.

Of a Poisson law w(k + 1) / w(k) is c / (k + 1), of a negative binomial one c (k + r) / (k + 1), of a binomial one
c (n - k) / (k + 1), of a geometric one c, of a hypergeometric one (n - k) (m - k) / ((k + 1) (k + l)). So the total
need not be known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from distconv.errors import DistconvTypeError
from distconv.formulas.atoms import FormulaAtom, NamedAtom
from distconv.formulas.law import FormulaLaw, of_atom
from distconv.formulas.pieces import Piece, closed_sum, index_letter
from distconv.numbers.letters import expression_of
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy

    #: A family's name, its parameters, and what is added to it.
    Named = tuple[str, tuple[sympy.Expr, ...], sympy.Expr]


def weighted(law: FormulaLaw, likelihood: Callable[[sympy.Expr], object]) -> FormulaLaw:
    """The law in proportion to P(X = k) times the likelihood of k, of a law on whole numbers by one formula.

    Raises:
        DistconvTypeError: neither a family nor the total is known.
    """
    import sympy

    pieces = law.on_integers()
    k = sympy.Symbol(
        "k", integer=True, positive=law.low.is_positive or None, nonnegative=law.low.is_nonnegative or None
    )
    value = expression_of(likelihood(k))
    if pieces is not None and len(pieces) == 1 and law.scale == 1:
        (piece,) = pieces
        inner, bounds = _bounded(value, k)
        low = sympy.Max(piece.low, *(b for sign, b in bounds if sign > 0))
        high = sympy.Min(piece.high, *(b for sign, b in bounds if sign < 0))
        weight = piece.expression.subs(index_letter(), k) * inner
        if not weight.has(sympy.Piecewise, sympy.Sum):
            found = _named(weight, k, low, high)
            if found is not None:
                name, parameters, shift = found
                return of_atom(NamedAtom(name, parameters), shift, law.conditions)
            total = closed_sum(weight, k, low, high)
            if not total.has(sympy.Sum, sympy.Piecewise):
                return of_atom(FormulaAtom(Piece(weight / total, low, high), k), 0, law.conditions)
    raise DistconvTypeError(
        f"no closed form is known for the law of X = {law.name()} in proportion to its probabilities times {value}; "
        "substitute numbers first, X.subs({...})"
    )


def _bounded(value: sympy.Expr, k: sympy.Symbol) -> tuple[sympy.Expr, list[tuple[int, sympy.Expr]]]:
    """An expression without the cases in which it is 0, and these as bounds on k: (1, low), (-1, high)."""
    import sympy

    inside: list[sympy.Expr] = []
    bounds: list[tuple[int, sympy.Expr]] = []
    for factor in sympy.Mul.make_args(value):
        if not (factor.is_Piecewise and len(factor.args) == 2 and factor.args[1].expr == 0):
            inside.append(factor)
            continue
        inner, condition = factor.args[0]
        inside.append(inner)
        for part in sympy.And.make_args(condition):
            excess = sympy.expand(part.gts - part.lts) if part.func in (sympy.Ge, sympy.Le) else k**2
            slope = sympy.diff(excess, k)
            if slope not in (1, -1):
                return value, []
            bounds.append((int(slope), sympy.expand(k - excess / slope)))
    return sympy.Mul(*inside), bounds


def _named(weight: sympy.Expr, k: sympy.Symbol, low: sympy.Expr, high: sympy.Expr) -> Named | None:
    """The family with weights of these ratios; None where it is none of those that are known."""
    import sympy

    ratio = sympy.factor(sympy.powsimp(sympy.combsimp(weight.subs(k, k + 1) / weight)))
    if not ratio.is_rational_function(k):
        return None
    for start in _starts(weight, ratio, k, low):
        above, below = (sympy.Poly(side, k) for side in sympy.fraction(sympy.factor(ratio.subs(k, k + start))))
        c = above.LC() / below.LC()
        ups, downs = _roots(above), _roots(below)
        if ups is None or downs is None:
            continue
        found = _family(c, ups, downs, sympy.expand(high - start))
        if found is not None:
            name, parameters = found
            # Logarithmic laws begin at 1.
            return name, tuple(tidy(p) for p in parameters), start - int(name == "Logarithmic")
    return None


def _starts(weight: sympy.Expr, ratio: sympy.Expr, k: sympy.Symbol, low: sympy.Expr) -> Iterator[sympy.Expr]:
    """Where the weights may begin: at `low`, or where they are 0 before."""
    import sympy

    yield low
    for root in _roots(sympy.Poly(sympy.fraction(ratio)[1], k)) or ():
        start = sympy.expand(root + 1)
        if start.is_Integer and low.is_Integer:
            if all(weight.subs(k, place) == 0 for place in range(int(low), int(start))) and start > low:
                yield start
        elif weight.has(sympy.binomial(k, start)) and low.is_nonnegative:
            yield start


def _roots(polynomial: sympy.Poly) -> list[sympy.Expr] | None:
    """The roots of a polynomial that is a product of linear factors; None of others."""
    factors = polynomial.factor_list()[1]
    if any(factor.degree() > 1 for factor, _ in factors):
        return None
    return [-factor.nth(0) / factor.nth(1) for factor, times in factors for _ in range(times)]


def _family(
    c: sympy.Expr, ups: list[sympy.Expr], downs: list[sympy.Expr], last: sympy.Expr
) -> tuple[str, tuple[sympy.Expr, ...]] | None:
    """The family on 0..last of which w(k + 1) / w(k) is c times the product of k - up over that of k - down."""
    import sympy

    if last.is_infinite and not ups and not downs:
        return "NegativeBinomial", (sympy.Integer(1), 1 - c)
    if last.is_infinite and (ups, downs) == ([-1], [-2]):
        return "Logarithmic", (c,)
    if -1 not in downs:
        return None
    downs = [d for i, d in enumerate(downs) if i != downs.index(-1)]
    ups = [sympy.expand(u) for u in ups]
    if last.is_infinite:
        if not downs and not ups:
            return "Poisson", (c,)
        if not downs and len(ups) == 1:
            return "NegativeBinomial", (-ups[0], 1 - c)
        return None
    if last not in ups:
        return None
    if not downs and len(ups) == 1:
        return "Binomial", (last, -c / (1 - c))
    if c == 1 and len(ups) == 2 and len(downs) == 1 and all(up.is_nonnegative for up in ups):
        first, second = ups
        return "Hypergeometric", (sympy.expand(first + second - downs[0] - 1), first, second)
    return None
