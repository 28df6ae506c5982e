"""Laws by formulas between two numbers, laid out: each outcome with its probability, an expression."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.formulas.pieces import index_letter
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.numbers.letters import number_of
from distconv.support.outcomes import whole
from distconv.weights.symbolic import from_expressions

if TYPE_CHECKING:
    import sympy

    from distconv.formulas.law import FormulaLaw

#: Outcomes up to which a law with letters is laid out: a quarter of a second.
MOST_LAID_OUT = 60


def laid_out(law: FormulaLaw) -> Measure | None:
    """The outcomes and their probabilities; None where an end is no number, or there are many, or cases of letters.

    The probabilities are in lowest terms, so that those which total 1 do.
    """
    import sympy

    low, high, step = law.low, law.high, law.scale
    if not (low.is_Rational and high.is_Rational and step.is_Rational) or (high - low) / step >= MOST_LAID_OUT:
        return None
    places = [low + i * step for i in range(int((high - low) / step) + 1)]
    weights = [_in_lowest_terms(law.at(number_of(place))) for place in places]
    kept = [(whole(number_of(place)), w) for place, w in zip(places, weights, strict=True) if w != 0]
    if any(w.has(sympy.Sum, sympy.Piecewise, index_letter()) for _, w in kept):
        return None
    found = from_expressions([w for _, w in kept], law.conditions)
    return arranged_vectors([(place,) for place, _ in kept], found) if found.total() == 1 else None


def _in_lowest_terms(weight: sympy.Expr) -> sympy.Expr:
    """A weight without binomial coefficients where these are polynomials in their letters."""
    import sympy

    if not weight.has(sympy.binomial, sympy.factorial, sympy.gamma):
        return weight
    return sympy.factor(sympy.combsimp(weight.rewrite(sympy.gamma)))
