"""Exponential polynomials, sums of P(k) r**k: the weights of geometric and uniform laws, of their extremes and sums.

They add, multiply, shift and sum in closed form, so that their canonical form is quick: one polynomial for each ratio.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from distconv.formulas.pieces import spread

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True, slots=True)
class Exponential:
    """The sum of P(k) r**k over pairs (r, P), in one index k."""

    index: sympy.Symbol
    parts: tuple[tuple[Any, Any], ...]

    def written(self, low: sympy.Expr) -> sympy.Expr:
        """As an expression: each polynomial in factors, powers counted from an outcome on."""
        import sympy

        start = low if low.is_number and low.is_finite else sympy.Integer(0)
        return sympy.Add(*(sympy.factor(p * r**start) * r ** (self.index - start) for r, p in self.parts))

    def forgets(self, low: sympy.Expr) -> sympy.Expr | None:
        """1 - r where it is c r**(k - low), so that a law of it on low, low + 1, ... is geometric; None of others."""
        import sympy

        if len(self.parts) != 1:
            return None
        ((ratio, factor),) = self.parts
        if factor.has(self.index) or ratio == 1:
            return None
        return sympy.expand(1 - ratio) if sympy.cancel(factor * ratio**low + ratio - 1) == 0 else None


def exponential(expression: sympy.Expr, index: sympy.Symbol) -> Exponential | None:
    """An expression as a sum of P(k) r**k, equal ratios together; None where it is none, or a very long one."""
    import sympy

    kept: dict[Any, list[Any]] = {}
    terms = None if expression.has(sympy.Sum, sympy.Piecewise) else spread(expression, index)
    if terms is None:
        return None
    for part in terms:
        found = _part(part, index)
        if found is None:
            return None
        ratio, polynomial = found
        kept.setdefault(sympy.expand(ratio), [ratio, sympy.Integer(0)])[1] += polynomial
    pairs = ((ratio, sympy.cancel(polynomial)) for ratio, polynomial in kept.values())
    return Exponential(index, tuple((r, p) for r, p in pairs if p != 0))


def _part(term: sympy.Expr, index: sympy.Symbol) -> tuple[Any, Any] | None:
    """(r, P) with term = P(k) r**k, P a polynomial in k; None where there are none."""
    import sympy

    polynomial, ratio = sympy.Integer(1), sympy.Integer(1)
    for factor in sympy.Mul.make_args(term):
        base, power = factor.as_base_exp()
        if power.has(index) and not base.has(index):
            slope = power.diff(index)
            if slope.has(index):
                return None
            ratio *= base**slope
            polynomial *= base ** (power - slope * index).expand()
        elif not factor.has(index) or factor.is_polynomial(index):
            polynomial *= factor
        else:
            return None
    return ratio, polynomial
