"""Conditions on an outcome that are intervals: predicates, read by asking them for a symbol, and at some numbers."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from distconv.errors import DistconvTypeError

if TYPE_CHECKING:
    import sympy

#: How far around 0 and around its ends an interval is tried at numbers.
SEEN = 20


def interval_of(predicate: Callable[[Any], object], way: str) -> tuple[sympy.Expr, sympy.Expr]:
    """(low, high): the integers for which a predicate holds, low > high where there are none.

    Raises:
        DistconvTypeError: it is no interval, or no condition that sympy could read.
    """
    import sympy

    x = sympy.Dummy("x", real=True)
    try:
        told: Any = predicate(x)
        # Python's own False is how a symbol answers to ==, which says nothing of numbers.
        if told is True or told is False:
            raise TypeError("no condition")
        where = told.as_set() if told not in (sympy.true, sympy.false) else None
    except Exception as error:
        raise _unread(way) from error
    if told == sympy.true:
        return -sympy.oo, sympy.oo
    if told == sympy.false or where == sympy.S.EmptySet:
        return sympy.Integer(1), sympy.Integer(0)
    if isinstance(where, sympy.FiniteSet) and len(where) == 1:
        return where.args[0], where.args[0]
    if not isinstance(where, sympy.Interval):
        raise _unread(way)
    low, high = where.inf, where.sup
    first = sympy.floor(low) + 1 if where.left_open and low.is_finite else sympy.ceiling(low)
    last = sympy.ceiling(high) - 1 if where.right_open and high.is_finite else sympy.floor(high)
    # A symbol is unequal to 5: that a condition leaves out 5 is seen at 5 alone.
    if any(_holds(predicate, k) is not bool(first <= k <= last) for k in _tried(first, last)):
        raise _unread(way)
    return first, last


def _holds(predicate: Callable[[Any], object], k: int) -> bool:
    """Whether a condition holds; where it fails it does not."""
    try:
        return bool(predicate(k))
    except (ArithmeticError, ValueError):
        return False


def _tried(first: sympy.Expr, last: sympy.Expr) -> set[int]:
    """Whole numbers at which a condition is asked: around 0, and around the ends."""
    ends = [int(end) for end in (first, last) if end.is_finite]
    return {*range(-SEEN, SEEN + 1), *(end + k for end in ends for k in range(-SEEN, SEEN + 1))}


def function_at(f: Callable[[Any], Any], index: sympy.Symbol, what: str) -> sympy.Expr:
    """f at a symbol that stands for the outcome.

    Raises:
        DistconvTypeError: f takes numbers only, or its values are vectors.
    """
    import sympy

    try:
        value = sympy.sympify(f(index))
    except Exception as error:
        raise DistconvTypeError(
            f"{what} of a law by a formula asks f for a symbol, which it cannot take ({error}); write it with sympy's "
            "functions: sympy.Max(k, 3) for max(k, 3)"
        ) from error
    if isinstance(value, sympy.Tuple):
        raise DistconvTypeError(
            f"{what} of a law by a formula takes functions whose values are numbers, not vectors such as {value}; "
            "substitute numbers for the letters first, X.subs({...})"
        )
    return value


def _unread(way: str) -> DistconvTypeError:
    return DistconvTypeError(
        "of a law by a formula the condition must be one interval, and is read by asking it for a symbol: write one "
        f"comparison, lambda k: k > 2, or give the ends: {way}"
    )
