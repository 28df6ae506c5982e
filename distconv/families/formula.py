"""Laws of your own by a formula: their PMF is an expression in the outcome and in letters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.distribution import Distribution

if TYPE_CHECKING:
    import sympy


def Formula(expr: sympy.Expr, k: sympy.Symbol, low: int | sympy.Expr, high: int | sympy.Expr) -> Distribution:
    """The law with P(X = k) = expr, k = low, ..., high, with letters in the expression or in the ends of the range.

    Args:
        expr: a sympy expression in k and letters.
        k: the symbol in it that stands for the outcome.
        low: the lowest outcome: an integer or an expression.
        high: the highest, or ``sympy.oo``.

    Raises:
        DistconvTypeError: k is no symbol, or stands in the ends too.
        DistconvValueError: the expression does not total 1, or is negative.

    Queries answer with expressions; what needs numbers (quantiles, random outcomes, a table) asks for ``X.subs``.

    >>> from sympy import symbols
    >>> from distconv import Formula
    >>> n, k = symbols("n k", integer=True, positive=True)
    >>> X = Formula(2 * k / (n * (n + 1)), k, 1, n)
    >>> X.mean()
    2*n/3 + 1/3
    >>> X.subs({n: 3}).to_dict()
    {1: Fraction(1, 6), 2: Fraction(1, 3), 3: Fraction(1, 2)}
    """
    from distconv.formulas.making import written

    return Distribution.of(written(expr, k, low, high))
