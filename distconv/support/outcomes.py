"""Reading outcomes: numbers as exact rationals, tuples as vectors."""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.numbers.letters import has_letters, is_expression, number_of
from distconv.typing import Outcome, Scalar, Vector

#: The exponent of a number in scientific notation, and how many digits it may have.
EXPONENT = re.compile(r"[eE][+-]?0*(\d+)\s*$")
EXPONENT_DIGITS = 5


class NotRationalError(DistconvTypeError):
    """A number that is no fraction, or an expression with letters, where a fraction was read."""


def whole(value: Scalar) -> Scalar:
    """The number as ``int`` where it is whole, else as ``Fraction``."""
    return value.numerator if value.denominator == 1 else value


def read_scalar(value: Any, name: str = "outcome") -> Scalar:
    """A number as an exact rational; a float is read as its shortest decimal, so 0.1 is 1/10.

    Raises:
        DistconvValueError: NaN, an infinity, or a string that is no number.
        DistconvTypeError: anything that is not a rational number.
    """
    kind = type(value)
    if kind is int:
        return value  # type: ignore[no-any-return]
    if isinstance(value, float | np.floating | Decimal) or getattr(value, "is_Float", False):
        if not math.isfinite(value):
            way = "; leave it out, and say how likely it is: Distribution({...}, missing=0.1)"
            named = name == "outcome" and not math.isnan(value)
            raise DistconvValueError(
                f"{name} {value} is not finite; outcomes must be finite numbers{way if named else ''}"
            )
        return whole(Fraction(str(value)))
    if isinstance(value, Fraction):
        return whole(value)
    if isinstance(value, str):
        power = EXPONENT.search(value)
        if power and len(power[1]) > EXPONENT_DIGITS:
            raise DistconvValueError(f"{name} {value!r} has too many digits: write at most e{'9' * EXPONENT_DIGITS}")
        try:
            return whole(Fraction(value))
        except (ValueError, ZeroDivisionError):
            raise DistconvValueError(f'{name} {value!r} is not a number like "7", "0.1" or "1/10"') from None
    if isinstance(value, int | np.integer | np.bool_):
        return int(value)
    if getattr(value, "is_Rational", False):  # sympy, without importing it
        return whole(number_of(value))
    try:
        return operator.index(value)
    except TypeError:
        pass
    if isinstance(value, np.ndarray) and value.ndim == 0:
        return read_scalar(value[()], name)
    if is_expression(value) and getattr(value, "is_real", False) is not False:
        what = "symbolic" if has_letters(value) else "irrational"
        raise NotRationalError(f"{name} {value} is {what}; here it must be a fraction: an int, '1/10', a float")
    raise DistconvTypeError(
        f"{name} {value!r} is a {kind.__name__}; "
        "an outcome is a number (int, Fraction, Decimal, float, '1/10') or a tuple of numbers"
    )


def read_outcome(value: object, name: str = "outcome") -> Outcome:
    """An outcome: a scalar, or a tuple of scalars (a tuple of one is that scalar)."""
    if isinstance(value, tuple):
        if not value:
            raise DistconvValueError(f"{name} () is an empty tuple; a vector needs at least one coordinate")
        coordinates = tuple(read_scalar(v, f"{name} {value!r}: coordinate") for v in value)
        return coordinates if len(coordinates) > 1 else coordinates[0]
    return read_scalar(value, name)


def read_vector(value: object, ndim: int, name: str = "outcome") -> Vector:
    """An outcome as a tuple of `ndim` scalars.

    Raises:
        DimensionError: the outcome has another dimension.
    """
    if ndim > 1 and isinstance(value, list | np.ndarray):
        value = tuple(value)
    outcome = read_outcome(value, name)
    vector = as_vector(outcome)
    if len(vector) != ndim:
        raise DimensionError(
            f"{name} {value!r} is {dimension_name(len(vector))}, but this law is {dimension_name(ndim)}"
        )
    return vector


def as_vector(outcome: Outcome) -> Vector:
    """The outcome as a tuple of its coordinates, one in 1-D."""
    return outcome if isinstance(outcome, tuple) else (outcome,)


def as_outcome(vector: Vector) -> Outcome:
    """The vector as callers see it: a scalar in 1-D, a tuple in n-D."""
    return vector if len(vector) > 1 else vector[0]


def on_each_axis(value: Outcome, ndim: int) -> Vector:
    """A vector as it stands, a number on each of so many axes."""
    return value if isinstance(value, tuple) else (value,) * ndim


def dimension_name(ndim: int) -> str:
    """``scalar (1-D)``, ``a 2-vector``, ... for messages."""
    return "scalar" if ndim == 1 else f"a {ndim}-vector"


def rational_gcd(a: Scalar, b: Scalar) -> Scalar:
    """The largest rational of which both are whole multiples; gcd(a, 0) is a."""
    if type(a) is int and type(b) is int:
        return math.gcd(a, b)
    p, q = Fraction(a), Fraction(b)
    denominator = math.lcm(p.denominator, q.denominator)
    return whole(Fraction(math.gcd(int(p * denominator), int(q * denominator)), denominator))


def rational_lcm(values: Iterable[Scalar]) -> Scalar:
    """The least positive number of which all of these, positive, are divisors."""
    fractions = [Fraction(value) for value in values]
    over = math.gcd(*(f.denominator for f in fractions))
    return whole(Fraction(math.lcm(*(f.numerator for f in fractions)), over))


def quotient(a: Scalar, b: Scalar) -> Scalar:
    """a / b as an exact rational."""
    return whole(Fraction(a) / b)
