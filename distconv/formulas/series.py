"""Coefficients of power series: of rational functions and of powers by recurrences, of others by differentiation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
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
        try:
            value = sympy.limit(derivative, z, 0)
        except NotImplementedError as unsure:
            raise DistconvValueError(
                f"no closed form is known for the coefficient of z**{order}: it hangs on cases of the letters; at "
                "numbers there is one: X.subs({...})"
            ) from unsure
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


def power_coefficients(series: Sequence[sympy.Expr], exponent: sympy.Expr) -> list[sympy.Expr]:
    """As many coefficients of f**n as are given of a power series f with f(0) != 0; n may be a letter.

    g = f**n satisfies f g' = n f' g, so that f_0 k g_k is the sum of ((n + 1) j - k) f_j g_(k - j) over j = 1, ..., k
    (Euler's recurrence, often called Miller's). What stands before g_0 is a rational function of n and of the f_j.
    """
    import sympy
    from sympy.polys.constructor import construct_domain

    first = series[0]
    if exponent == 1:
        return list(series)
    field, (count, *ratios) = construct_domain([exponent, *(f / first for f in series)], field=True, extension=True)
    found = [field.one]
    for k in range(1, len(series)):
        terms = [
            (count * field(j) + field(j - k)) * ratios[j] * found[k - j] for j in range(1, k + 1) if ratios[j] != 0
        ]
        found.append(sum(terms, start=field.zero) / field(k))
    return [first**exponent * sympy.sympify(field.to_sympy(value)) for value in found]
