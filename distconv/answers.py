"""The forms of questions and answers: levels, logs and roots of fractions, arrays of outcomes and numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.errors import DistconvValueError
from distconv.numbers.balls import ball_of, precision
from distconv.numbers.doubles import ratio_to_double
from distconv.support.outcomes import read_scalar
from distconv.typing import AnyArray, Scalar

LOG2 = math.log(2)


def read_level(value: Any, name: str) -> Fraction:
    """A probability in [0, 1] as a fraction; a float is read as its shortest decimal."""
    if isinstance(value, float | np.floating) and math.isnan(value):
        raise DistconvValueError(f"{name} is NaN; it must be a probability in [0, 1]")
    level = Fraction(read_scalar(value, name))
    if not 0 <= level <= 1:
        raise DistconvValueError(f"{name} must be a probability in [0, 1], got {value!r}")
    return level


def log_fraction(value: Fraction) -> float:
    """The natural log of a fraction >= 0, right also near 1 and below the smallest double."""
    if not value:
        return -math.inf
    if 2 * value > 1:
        return math.log1p(-float(1 - value))
    significand, exponent = ratio_to_double(value.numerator, value.denominator)
    return math.log(significand) + LOG2 * exponent


def turned(angle: AnyArray, center: Sequence[Scalar]) -> complex:
    """exp(i t . x) for doubles t and rationals x of any size, their product reduced exactly."""
    product = sum((Fraction(float(t)) * Fraction(x) for t, x in zip(angle, center, strict=True)), start=Fraction(0))
    bits = 80 + max(0, product.numerator.bit_length() - product.denominator.bit_length())
    with precision(bits):
        x = ball_of(product)
        return complex(float(x.cos()), float(x.sin()))


def outcome_array(values: list[Scalar], shape: tuple[int, ...]) -> AnyArray:
    """Outcomes as an array: int64 where all are integers that fit, else of objects."""
    if all(type(v) is int and abs(v) < 2**63 for v in values):
        return np.array(values, dtype=np.int64).reshape(shape)
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result.reshape(shape)


def number_array(values: list[Any], shape: tuple[int, ...]) -> AnyArray:
    """Numbers as an array: float64 where any is a float, else of `Fraction` objects."""
    if any(isinstance(v, float) for v in values):
        return np.array(values, dtype=np.float64).reshape(shape)
    result = np.empty(len(values), dtype=object)
    result[:] = values
    return result.reshape(shape)
