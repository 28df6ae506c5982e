"""Cases that need not be told: where an expression is 0 by itself wherever its condition does not hold."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from distconv.numbers.conditions import Facts

if TYPE_CHECKING:
    import sympy

#: Numbers below a bound at which an expression is tried: those of small outcomes, a millisecond each.
MOST_TRIED = 8


def without_needless_cases(value: sympy.Expr, conditions: frozenset[sympy.Basic]) -> sympy.Expr:
    """A value by cases, (value if it is in the range, else 0), as the value, where that is 0 beyond the range, too.

    ``binomial(n, 2)`` needs no ``n >= 2``: the one n >= 1 below is tried. What is left is an expression with which
    sympy's `limit`, `series` and `diff` go on.

    Args:
        value: the expression.
        conditions: what holds of the letters in any case.
    """
    import sympy

    if not value.is_Piecewise or len(value.args) != 2 or value.args[1] != (0, True):
        return value
    inside, condition = value.args[0]
    excesses = list(_excesses(condition))
    if None in excesses or inside.has(sympy.Sum, sympy.Piecewise):
        return value
    facts = Facts(conditions)
    return inside if all(e is not None and _is_zero_below(inside, e, facts) for e in excesses) else value


def _excesses(condition: sympy.Basic) -> Iterator[sympy.Expr | None]:
    """Expressions that are all >= 0 exactly if a condition holds; None among them where there are no such."""
    import sympy

    for part in sympy.And.make_args(condition):
        if part.func not in (sympy.Ge, sympy.Le):
            yield None
            continue
        for large in sympy.Min.make_args(part.gts):
            for small in sympy.Max.make_args(part.lts):
                excess = sympy.expand(large - small)
                yield None if excess.has(sympy.Min, sympy.Max) else excess


def _is_zero_below(inside: sympy.Expr, excess: sympy.Expr, facts: Facts) -> bool:
    """Whether an expression is 0 at all whole numbers < 0 which the excess may be."""
    import sympy

    if excess.is_nonnegative:
        return True
    letters = sorted(excess.free_symbols, key=str)
    steps = [sympy.diff(excess, s) for s in letters]
    # Of several letters, one that moves by ones; a single letter takes those values that are whole.
    places = [(s, step) for s, step in zip(letters, steps, strict=True) if step in (1, -1) or len(letters) == 1]
    if not places or not all(s.is_integer and step.is_Integer for s, step in zip(letters, steps, strict=True)):
        return False
    letter, step = places[0]
    for i in range(1, MOST_TRIED + 1):
        if facts.truth(sympy.Ge(excess, 1 - i)):
            return True
        place = sympy.expand(letter - (excess + i) / step)
        there = sympy.Integer(0) if place.is_integer is False else inside.subs(letter, place)
        if there != 0 and sympy.expand_func(there) != 0:
            return False
    return False
