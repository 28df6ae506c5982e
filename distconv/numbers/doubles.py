"""Doubles of any range: a significand and an exponent of its own."""

from __future__ import annotations

import math

#: Leading bits of long integers that mostly settle how their ratio is rounded; only once in 2**60 ratios they do not.
LEADING_BITS = 128


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


def lifted(significand: float, exponent: int) -> float:
    """significand x 2**exponent as a double, infinite where that is too large."""
    try:
        return math.ldexp(significand, max(exponent, -5000))
    except OverflowError:
        return math.copysign(math.inf, significand)
