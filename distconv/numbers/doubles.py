"""Doubles of any range: a significand and an exponent of its own, for numbers that doubles cannot hold."""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from distconv.typing import AnyArray, FloatArray, IntArray, Moment, Scalar

if TYPE_CHECKING:
    from typing_extensions import TypeIs

#: Relative error of a weight that is held as two doubles, that nearest to it and that nearest to what is left.
PAIR_ERROR = 2.0**-104
#: Leading bits of long integers that mostly settle how their ratio is rounded; only once in 2**60 ratios they do not.
LEADING_BITS = 128
#: Roundings, in bits of the logarithm, of a probability that is found from its log: the log of a significand, the sum
#: and product that make the natural one, the quotient by log(2), and the power of 2.
LOG_ROUNDINGS = 16
#: What an exponent counts, as a natural log.
LOG2 = math.log(2)


def exactly(value: Moment) -> Moment:
    """A finite double as the fraction that it is; all else as it is."""
    return Fraction(value) if isinstance(value, float) and math.isfinite(value) else value


def is_pair(number: object) -> TypeIs[tuple[float, int]]:
    """Whether a number is kept as (s, e), which means s x 2**e."""
    return isinstance(number, tuple)


def log_of_sum(logs: Iterable[float]) -> float:
    """The log of the sum of numbers that are given by their logs."""
    known = list(logs)
    top = max(known, default=-math.inf)
    return top if math.isinf(top) else top + math.log(math.fsum(math.exp(v - top) for v in known))


def ratio_to_double(numerator: int, denominator: int) -> tuple[float, int]:
    """(s, e) with s x 2**e = numerator / denominator (1 + d), abs(d) <= 2**-53, abs(s) in [1/2, 1] or 0."""
    if not numerator:
        return 0.0, 0
    long = numerator.bit_length() - LEADING_BITS, denominator.bit_length() - LEADING_BITS
    if min(long) > LEADING_BITS:
        # The ratio lies between two of short integers: where they round alike, it rounds so too.
        top, below = numerator >> long[0], denominator >> long[1]
        fraction, exponent = _rounded(top, below + 1)
        if (fraction, exponent) == _rounded(top + 1, below):
            return fraction, exponent + long[0] - long[1]
    return _rounded(numerator, denominator)


def _rounded(numerator: int, denominator: int) -> tuple[float, int]:
    """The same, from all bits."""
    shift = numerator.bit_length() - denominator.bit_length()
    # Python rounds the quotient of two integers correctly, however long they are.
    if shift >= 0:
        value = numerator / (denominator << shift)
    else:
        value = (numerator << -shift) / denominator
    fraction, exponent = math.frexp(value)
    return fraction, exponent + shift


def normal_pairs(significands: FloatArray, exponents: AnyArray | int | None = None) -> tuple[FloatArray, IntArray]:
    """(f, e): the numbers significand x 2**exponent as f x 2**e, with abs(f) in [1/2, 1), or f and e 0."""
    fractions, shifts = np.frexp(significands)
    powers = shifts.astype(np.int64)
    return fractions, powers if exponents is None else np.where(fractions == 0, 0, powers + exponents)


def added_pairs(x: tuple[FloatArray, IntArray], y: tuple[FloatArray, IntArray]) -> tuple[FloatArray, IntArray]:
    """The sums of non-negative numbers f x 2**e in normal form, each rounded once, in normal form."""
    (f, d), (g, e) = x, y
    p, q = np.where(f > 0, d, -(2**61)), np.where(g > 0, e, -(2**61))
    top = np.maximum(p, q)
    total = np.ldexp(f, np.maximum(p - top, -1100).astype(np.int32))
    total += np.ldexp(g, np.maximum(q - top, -1100).astype(np.int32))
    return normal_pairs(total, top)


def lifted(significand: float, exponent: int) -> float:
    """significand x 2**exponent as a double, infinite where that is too large."""
    try:
        return math.ldexp(significand, max(exponent, -5000))
    except OverflowError:
        return math.copysign(math.inf, significand)


def exact_fraction(significand: float, exponent: int) -> Fraction:
    """significand x 2**exponent as a fraction."""
    numerator, denominator = significand.as_integer_ratio()
    if exponent >= 0:
        return Fraction(numerator << exponent, denominator)
    return Fraction(numerator, denominator << -exponent)


def added(x: tuple[float, int], y: tuple[float, int]) -> tuple[float, int]:
    """The sum of two numbers (significand, exponent), rounded once."""
    (p, e), (q, f) = (x, y) if x[1] >= y[1] else (y, x)
    total, shift = math.frexp(p + math.ldexp(q, max(f - e, -1070)))
    return total, e + shift


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


def log_of_pair(significand: float, exponent: int) -> float:
    """The natural log of significand x 2**exponent, minus infinity of 0."""
    return math.log(significand) + LOG2 * exponent if significand else -math.inf


def pair_of_log(log: float) -> tuple[tuple[float, int], float]:
    """exp(log) as (significand, exponent), of any range, and a bound on its relative error beside that of the log."""
    bits = log / LOG2
    if bits == -math.inf:
        return (0.0, 0), 0.0
    whole = math.floor(bits)
    return (2.0 ** (bits - whole - 1), whole + 1), math.expm1(LOG_ROUNDINGS * 2.0**-53 * (1 + abs(bits)))


def log_ratio(value: Fraction) -> float:
    """The natural log of a fraction >= 0, right also near 1 and below the smallest double."""
    if value and 2 * value > 1:
        return math.log1p(-float(1 - value))
    return log_of_pair(*ratio_to_double(value.numerator, value.denominator))


def root(value: Scalar | float) -> float:
    """The square root of a non-negative number, as a float, whatever its range."""
    if isinstance(value, float):
        return math.sqrt(max(value, 0.0))
    significand, exponent = ratio_to_double(value.numerator, value.denominator)
    return lifted(math.sqrt(math.ldexp(significand, exponent % 2)), exponent // 2)


def root_product(value: float, factor: Scalar) -> float:
    """A float times a positive rational, whatever the range of either."""
    significand, exponent = ratio_to_double(factor.numerator, factor.denominator)
    fraction, shift = math.frexp(value)
    return lifted(significand * fraction, exponent + shift)


def left_of(numerator: int, denominator: int, significand: float, exponent: int) -> float:
    """numerator / denominator / 2**exponent less a double significand, rounded to a double."""
    shift = 53 - exponent
    mantissa = int(math.ldexp(significand, 53))
    if shift >= 0:
        return math.ldexp(((numerator << shift) - mantissa * denominator) / denominator, -53)
    return math.ldexp((numerator - mantissa * (denominator << -shift)) / (denominator << -shift), -53)
