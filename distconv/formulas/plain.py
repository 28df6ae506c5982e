"""Answers of laws by formulas in the one form that equal ones share: a quotient in each case, of few cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from distconv.formulas.pieces import cases_in
from distconv.weights.quotients import tidy

if TYPE_CHECKING:
    import sympy

#: Cases up to which sums and products of expressions by cases become one expression by cases.
MOST_FOLDED = 8


def plain(value: sympy.Expr) -> sympy.Expr:
    """A value as one quotient, or by cases as one quotient in each; sums that are not closed stay as they are."""
    import sympy

    if not value.has(sympy.Piecewise):
        return tidy(value)
    if (value.is_Add or value.is_Mul) and cases_in(value) <= MOST_FOLDED and not value.has(sympy.Sum):
        value = sympy.piecewise_fold(value)
    if not value.is_Piecewise:
        return value
    return sympy.Piecewise(*((plain(inner), condition) for inner, condition in value.args))
