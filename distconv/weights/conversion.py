"""The only order between kinds of weights: exact becomes floating, never back in silence."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.bounds import UNIT
from distconv.errors import DistconvTypeError
from distconv.numbers.doubles import lifted
from distconv.numbers.doubles import ratio_to_double as ratio_to_double
from distconv.typing import AnyArray, FloatArray, Scalar
from distconv.weights.floating import Floating, normal_form
from distconv.weights.rational import Rational, from_fractions
from distconv.weights.symbolic import Symbolic

Weights = Rational | Symbolic | Floating


def to_floating(weights: Weights, size: int) -> Floating:
    """The weights as floating ones; every exact one is rounded once (error <= 2**-53, or 0 where all are doubles)."""
    numbers = numeric(weights, "numbers")
    if isinstance(numbers, Floating):
        return numbers
    return ratios_to_floating(numbers.integers(size), numbers.denominator)


def numeric(weights: Weights, what: str) -> Rational | Floating:
    """The weights themselves, which hold numbers; `what` is what is asked of them.

    Raises:
        DistconvTypeError: letters are in them.
    """
    if not isinstance(weights, Symbolic):
        return weights
    letters = sorted(map(str, weights.symbols()))
    values = ", ".join(f"{letter}: 0.3" for letter in letters)
    raise DistconvTypeError(
        f"{what} depend on {', '.join(letters)}: substitute numbers first, X.subs({{{values}}}), "
        "or fractions as strings, '1/3', for exact answers"
    )


def ratios_to_floating(numerators: list[Any], denominator: int) -> Floating:
    """numerators / denominator, each correctly rounded to a double significand."""
    if denominator.bit_length() <= 53 and max((int(n.bit_length()) for n in numerators), default=0) <= 53:
        # Both are doubles, so one IEEE division rounds once.
        values = np.array([int(n) for n in numerators], dtype=np.float64) / float(denominator)
        return Floating(values, None, 0.0 if denominator & (denominator - 1) == 0 else UNIT)
    pairs = [ratio_to_double(int(n), denominator) for n in numerators]
    significands = np.array([s for s, _ in pairs], dtype=np.float64)
    exponents = np.array([e for _, e in pairs], dtype=np.int64)
    return normal_form(significands, exponents, UNIT)


def to_rational(weights: Weights) -> Rational:
    """The weights as exact ones: a floating weight is the dyadic number that it holds."""
    numbers = numeric(weights, "exact numbers")
    if isinstance(numbers, Rational):
        return numbers
    values: list[Fraction | int] = [numbers.exact_at(i) for i in range(len(numbers.significands))]
    return from_fractions(values)


def root(value: Any) -> float:
    """The square root of a non-negative number, as a float, whatever its range."""
    if isinstance(value, float):
        return math.sqrt(max(value, 0.0))
    significand, exponent = ratio_to_double(value.numerator, value.denominator)
    return lifted(math.sqrt(math.ldexp(significand, exponent % 2)), exponent // 2)


def to_double(value: Scalar | float) -> float:
    """A number as a double: infinite beyond their range, 0 or subnormal below it."""
    if isinstance(value, float):
        return value
    significand, exponent = ratio_to_double(abs(value.numerator), value.denominator)
    size = lifted(significand, exponent)
    return -size if value < 0 else size


def multiples(step: Scalar, integers: AnyArray) -> FloatArray:
    """step * k for an array of integers, as doubles, whatever the range of either."""
    if integers.dtype != object:
        return np.asarray(to_double(step) * integers.astype(np.float64))
    return np.array([to_double(step * k) for k in integers.tolist()], dtype=np.float64)


def root_product(value: float, factor: Scalar) -> float:
    """A float times a positive rational, whatever the range of either."""
    significand, exponent = ratio_to_double(factor.numerator, factor.denominator)
    fraction, shift = math.frexp(value)
    return lifted(significand * fraction, exponent + shift)
