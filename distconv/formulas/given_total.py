"""One summand once the sum is known, of laws of which one is by a formula: by name, or outcome by outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.construction import from_vectors
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.formulas.laid import MOST_LAID_OUT
from distconv.formulas.law import FormulaLaw
from distconv.formulas.sums import together
from distconv.formulas.weighted import weighted
from distconv.laws import image, registry
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.rules import rule
from distconv.numbers.letters import has_letters, number_of
from distconv.support.outcomes import whole
from distconv.typing import OutcomeLike

if TYPE_CHECKING:
    import sympy


@rule("given_sum", FormulaLaw, Law, needed=True)
@rule("given_sum", Law, FormulaLaw, needed=True)
def given_total(x: Law, y: Law, total: OutcomeLike) -> Law | None:
    """The law of X given that X + Y is a number: f(a) g(total - a), divided by their sum over all a.

    Raises:
        DistconvTypeError: infinitely many outcomes can make up the total, or it depends on letters which can.
        DistconvValueError: none can.
    """
    import sympy

    if x.spelled() is not None or y.spelled() is not None:
        return None
    both = together(x, y)
    if both is None:
        return None
    (f, g), c = both, sympy.sympify(total)
    known = _by_name(f, g, c)
    if known is not None:
        return known
    if has_letters(c):
        try:
            return weighted(f, lambda a: g.at(c - a))
        except DistconvTypeError:
            return None
    low, high = sympy.Max(f.low, c - g.high), sympy.Min(f.high, c - g.low)
    if not (low.is_Rational and high.is_Rational) or high - low >= MOST_LAID_OUT * f.scale:
        values = ", ".join(f"{letter}: ..." for letter in sorted(map(str, f.letters | g.letters)))
        raise DistconvTypeError(
            f"the outcomes of X that can make up the total {c} are {low}..{high}; laws with letters are known one "
            f"summand only between two numbers: substitute numbers first, X.subs({{{values}}})"
        )
    start = low + (f.offset - low) % f.scale
    places = [start + i * f.scale for i in range(int((high - start) / f.scale) + 1)]
    weights: list[sympy.Expr] = [f.at(number_of(a)) * g.at(number_of(c - a)) for a in places]
    kept = [((whole(number_of(a)),), w) for a, w in zip(places, weights, strict=True) if w != 0]
    if any(w.has(sympy.Sum, sympy.Piecewise) for _, w in kept):
        raise DistconvTypeError(
            "which outcomes of X can make up the total depends on letters: substitute numbers for these first"
        )
    if not kept:
        raise DistconvValueError(f"X + Y is never {total}: no outcome of X and one of Y make it up")
    places_kept, chances = zip(*kept, strict=True)
    return Finite(from_vectors(places_kept, chances, normalize=True, assumptions=f.conditions | g.conditions))


def _by_name(x: FormulaLaw, y: FormulaLaw, total: sympy.Expr) -> Law | None:
    """Where both are of one family whose share of a total has a name, moved or not; None of others."""
    plain = all(len(law.summands) == 1 and law.summands[0].is_plain for law in (x, y))
    mine, theirs = (law.summands[0].atom.named() for law in (x, y))
    if not plain or mine is None or theirs is None or mine[0] != theirs[0]:
        return None
    found = _known_share(mine[0], mine[1], theirs[1], total - x.offset - y.offset)
    if found is None:
        return None
    return image.moved(found, 1, whole(number_of(x.offset))) if x.offset.is_Rational else None


def _known_share(
    name: str, first: tuple[sympy.Expr, ...], second: tuple[sympy.Expr, ...], total: sympy.Expr
) -> Law | None:
    """The law of the first of two variables of a family, once their sum is known; None where it has no name."""
    import sympy

    if name == "Poisson":
        return registry.with_expressions("Binomial", total, first[0] / (first[0] + second[0]))
    if name not in ("Binomial", "NegativeBinomial") or sympy.simplify(first[1] - second[1]) != 0:
        return None
    if name == "Binomial":
        return registry.with_expressions("Hypergeometric", first[0] + second[0], first[0], total)
    if first[0] == second[0] == 1:
        # Where one of the failures of two is known to lie says nothing of the chance.
        return registry.with_expressions("Uniform", sympy.Integer(0), total)
    return None
