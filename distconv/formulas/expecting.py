"""What laws by formulas answer as sums over their outcomes: means of functions, entropy, events; closed where known."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.part import Part
from distconv.formulas.pieces import (
    MOST_PIECES,
    are_disjoint,
    closed_sum,
    exponential_polynomial,
    index_letter,
    separated,
    spread,
)
from distconv.numbers.letters import expression_of
from distconv.queries.interval import function_at, interval_of
from distconv.queries.remainders import remainders_of

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw


def expected(law: FormulaLaw, f: Callable[[Any], Any]) -> sympy.Expr:
    """E f(X), where f takes a symbol: by moments where f is a polynomial, else as a sum."""
    import sympy

    k = sympy.Symbol("k", integer=True)
    return _mean_of(law, function_at(f, k, "expect"), k)


def _mean_of(law: FormulaLaw, value: sympy.Expr, k: sympy.Symbol) -> sympy.Expr:
    """The mean of an expression in the outcome k: its polynomial part by moments, the rest as a sum."""
    import sympy

    parts = sympy.Add.make_args(sympy.expand(value))
    easy = sympy.Poly(sympy.Add(*(p for p in parts if p.is_polynomial(k))), k)
    by_moments = sum((c * law.moments.moment(n) for (n,), c in easy.terms() if n), start=easy.coeff_monomial(1))
    rest = sympy.Add(*(p for p in parts if not p.is_polynomial(k)))
    if rest == 0:
        return by_moments
    if law.pieces is None:
        raise DistconvValueError(
            f"no closed form is known for P(X = k), so none for the mean of {rest}; at numbers there is one: "
            "X.subs({...}).expect(f)"
        )
    index = index_letter()
    there = rest.subs(k, law.offset + law.scale * index)
    total = sum((closed_sum(p.expression * there, index, p.low, p.high) for p in law.pieces), start=by_moments)
    if total.has(sympy.Sum):
        generated = _generated(law, rest, k)
        return total if generated is None else by_moments + generated
    return total


def _generated(law: FormulaLaw, value: sympy.Expr, k: sympy.Symbol) -> sympy.Expr | None:
    """The mean of a sum of polynomials in k times powers c**k: from E z**X and its derivatives; None of others."""
    import sympy

    parts = spread(value, k)
    found = [] if parts is None else [exponential_polynomial(part, k) for part in parts]
    if not found or any(part is None for part in found):
        return None
    z = sympy.Dummy("z")
    function, total = law.generated(z), sympy.Integer(0)
    if function.has(sympy.Sum, sympy.Piecewise):
        return None
    for polynomial, powers in (part for part in found if part is not None):
        base = sympy.Mul(*(b**slope for b, slope in powers))
        turned = function
        for coefficient in sympy.Poly(polynomial, k).all_coeffs()[::-1]:
            total += coefficient * turned.subs(z, base)
            # z d/dz makes k z**k of z**k.
            turned = z * turned.diff(z)
    return None if total.has(sympy.nan, sympy.zoo) else total


def excess(law: FormulaLaw, d: sympy.Expr) -> sympy.Expr:
    """E max(X - d, 0): a sum over the outcomes above d, or what the mean exceeds d by and a sum over the others.

    Raises:
        DistconvValueError: how far d is above the lowest outcome is not known.
    """
    import sympy

    mean, place = expression_of(law.moments.mean()), (d - law.offset) / law.scale
    inner = law.displaced(-law.offset).scaled(1 / law.scale)
    if (law.low - d).is_nonnegative:
        return mean - d
    if not place.is_Rational:
        raise DistconvValueError(
            f"E max(X - {d}, 0) is a finite sum where {d} and an end of the law are numbers: X.subs({{...}}), or "
            "X.expect(lambda k: sympy.Max(k - d, 0))"
        )
    above = Part(inner, sympy.floor(place) + 1, sympy.oo)
    return above.total(lambda k: law.scale * (k - place), lambda: mean - d)


def entropy(law: FormulaLaw, base: float | None) -> sympy.Expr:
    """- sum p log p: E of -log p(X), of which the parts that are polynomials in X come from the moments.

    Raises:
        DistconvValueError: no formula is known for the PMF, or its terms overlap.
    """
    import sympy

    if law.pieces is None:
        raise DistconvValueError("no closed form is known for P(X = k), so none for the entropy; X.subs({...}) has it")
    pieces = law.pieces if are_disjoint(law.pieces) else separated(law.pieces, MOST_PIECES)
    if not are_disjoint(pieces):
        raise DistconvValueError(
            "the entropy takes the log of each probability, and which terms of P(X = k) overlap depends on letters; "
            "X.subs({...}) has it"
        )
    if len(pieces) > 1:
        index = index_letter()
        values = (_information(p.expression) * p.expression for p in pieces)
        found = sum(
            (closed_sum(v, index, p.low, p.high) for v, p in zip(values, pieces, strict=True)),
            start=expression_of(0),
        )
    else:
        k = sympy.Symbol("k", integer=True)
        place = (k - law.offset) / law.scale
        found = _mean_of(law, _information(pieces[0].expression).subs(index_letter(), place), k)
    return found / (1 if base is None else sympy.log(expression_of(base)))


def _information(weight: sympy.Expr) -> sympy.Expr:
    """-log of a weight, as a sum of the logs of its factors; those that may be negative stay in one log, together.

    The bases of powers with letters are positive.
    """
    import sympy

    apart, together = [sympy.Integer(0)], [sympy.Integer(1)]
    for factor in sympy.Mul.make_args(weight):
        if factor.is_positive or factor.is_Function or (factor.is_Pow and not factor.exp.is_number):
            apart.append(sympy.expand_log(sympy.log(factor), force=True))
        else:
            together.append(factor)
    return -sympy.Add(*apart, sympy.expand_log(sympy.log(sympy.Mul(*together))))


def probability(law: FormulaLaw, predicate: Callable[[Any], object]) -> sympy.Expr:
    """P(predicate(X)), of a predicate that holds on one interval, or for some remainders."""
    periodic = remainders_of(predicate)
    if periodic is not None:
        return sum(remainder_chances(law, *periodic), start=expression_of(0))
    low, high = interval_of(predicate, "X.cdf(5) - X.cdf(2)")
    upper = expression_of(1) if high.is_infinite else law.beside(high, "cdf")
    lower = expression_of(0) if low.is_infinite else law.beside(low - 1, "cdf")
    return upper - lower if low <= high else expression_of(0)


def remainder_chances(law: FormulaLaw, modulus: int, remainders: list[int]) -> list[sympy.Expr]:
    """P(X = r modulo m) of each remainder.

    Raises:
        DistconvTypeError: the outcomes are no whole numbers, or no closed form is known.
    """
    found = None if law.on_integers() is None else law.residues(modulus)
    if found is None or not found.is_finite:
        raise DistconvTypeError(
            f"no closed form is known for the remainders of {law.name()} modulo {modulus}; substitute numbers first, "
            "X.subs({...})"
        )
    return [expression_of(found.at(r)) for r in remainders]
