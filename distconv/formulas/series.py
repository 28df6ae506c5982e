"""Coefficients of power series: of rational functions by their recurrence, of others by differentiation."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING

from distconv.errors import DistconvValueError
from distconv.weights.symbolic import tidied

if TYPE_CHECKING:
    import sympy


def coefficient(expression: sympy.Expr, z: sympy.Expr, order: int) -> sympy.Expr:
    """The coefficient of z**order in the power series of an expression about 0, simplified.

    Raises:
        DistconvValueError: the expression is a sum of many terms, whose ends are letters.
    """
    import sympy

    if expression.has(sympy.Sum):
        raise DistconvValueError(
            f"no closed form is known for the coefficient of z**{order}: the generating function is a sum between ends "
            "that are letters; at numbers there is one: X.subs({...})"
        )
    whole = sympy.cancel(expression) if expression.is_rational_function(z) else expression
    if whole.is_rational_function(z):
        return next(islice(rational_coefficients(whole, z), order, None))
    derivative = sympy.diff(expression, z, order) / sympy.factorial(order)
    value = derivative.subs(z, 0)
    if value.has(sympy.nan, sympy.zoo):
        value = sympy.limit(derivative, z, 0)
    return sympy.simplify(value)


def rational_coefficients(expression: sympy.Expr, z: sympy.Expr) -> Iterator[sympy.Expr]:
    """The coefficients of P(z) / Q(z), one after the other: q_0 c_k = p_k - q_1 c_(k-1) - q_2 c_(k-2) - ..."""
    import sympy

    top, bottom = sympy.fraction(sympy.together(expression))
    p, q = (sympy.Poly(part, z).all_coeffs()[::-1] for part in (top, bottom))
    if q[0] == 0:
        raise ZeroDivisionError(f"{expression} has a pole at {z} = 0")
    found: list[sympy.Expr] = []
    while True:
        k = len(found)
        value = p[k] if k < len(p) else sympy.Integer(0)
        value -= sum(q[j] * found[k - j] for j in range(1, min(k, len(q) - 1) + 1))
        found.append(tidied(value / q[0]))
        yield found[-1]
