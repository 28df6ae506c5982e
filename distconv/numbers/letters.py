"""Letters: sympy's numbers and expressions, and the fractions that they may be. sympy is imported on first use."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv.bounds import PAD, upper_float

if TYPE_CHECKING:
    import sympy


def is_expression(value: object) -> bool:
    """Whether a value is sympy's: an expression or one of its numbers."""
    return hasattr(value, "free_symbols")


def infinity_of(value: object) -> float | None:
    """sympy's oo or -oo as a double; None of others."""
    if not (getattr(value, "is_infinite", False) and getattr(value, "is_extended_real", False)):
        return None
    return math.inf if getattr(value, "is_extended_positive", False) else -math.inf


def has_letters(value: object) -> bool:
    """Whether a value is an expression in letters."""
    return bool(getattr(value, "free_symbols", None))


def any_letters(*values: Any) -> bool:
    """Whether any value, or any in a list or tuple of them, is an expression in letters."""
    for v in values:
        cls = type(v)
        if cls is int or cls is float:
            continue
        if any_letters(*v) if cls in (list, tuple) else getattr(v, "free_symbols", None):
            return True
    return False


def any_expressions(*values: Any) -> bool:
    """Whether any value, or any in a list or tuple of them, has letters or is an irrational number of sympy's."""
    for v in values:
        cls = type(v)
        if cls is int or cls is float:
            continue
        if cls in (list, tuple):
            if any_expressions(*v):
                return True
        elif is_expression(v) and not (getattr(v, "is_Rational", False) or getattr(v, "is_Float", False)):
            return True
    return False


def letters_of(value: object) -> set[Any]:
    """The letters in a value: none in numbers."""
    return set(getattr(value, "free_symbols", ()))


def expression_of(value: object) -> sympy.Expr:
    """A number or expression as sympy's; a fraction in lowest terms as it stands."""
    import sympy

    if isinstance(value, Fraction):
        return sympy.Rational(value.numerator, value.denominator)
    return sympy.sympify(value)


def exact_expression(value: object) -> sympy.Expr:
    """A number or expression as sympy's, a float as the fraction that it is."""
    return expression_of(Fraction(value) if isinstance(value, float) else value)


def number_of(value: sympy.Expr) -> Fraction | sympy.Expr:
    """A sympy number as a fraction where it is one; other expressions as they are."""
    return Fraction(int(value.p), int(value.q)) if value.is_Rational else value


def upper_bound(probability: sympy.Expr) -> float:
    """What a probability may be at most, as a double: 1 where it has letters."""
    if has_letters(probability):
        return 1.0
    return upper_float(number_of(probability) if probability.is_Rational else min(1.0, float(probability) * PAD))


def log(value: object) -> sympy.Expr:
    """The natural log of an expression; minus infinity of 0."""
    import sympy

    return -sympy.oo if value == 0 else sympy.log(value)


def square_root(value: object) -> sympy.Expr:
    """The square root of an expression."""
    import sympy

    return sympy.sqrt(value)
