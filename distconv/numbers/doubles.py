"""Doubles of any range: a significand and an exponent of its own."""

from __future__ import annotations

import math


def ratio_to_double(numerator: int, denominator: int) -> tuple[float, int]:
    """(s, e) with s x 2**e = numerator / denominator (1 + d), abs(d) <= 2**-53, abs(s) in [1/2, 1] or 0."""
    if not numerator:
        return 0.0, 0
    shift = numerator.bit_length() - denominator.bit_length()
    # Python rounds the quotient of two integers correctly, however long they are.
    if shift >= 0:
        value = numerator / (denominator << shift)
    else:
        value = (numerator << -shift) / denominator
    fraction, exponent = math.frexp(value)
    return fraction, exponent + shift
