"""Floating weights: significand x 2**exponent, with a proven bound on the relative error of every one.

Range is no concern: 10**-100000 is a weight like any other. Where all weights are normal doubles (or 0) the exponents
are left out and the significands are the weights.

Invariants: significands are >= 0 and finite; a weight of 0 is a true zero. Without exponents every positive
significand is a normal double; with exponents every positive one is in [1/2, 1) and every zero has exponent 0.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from distconv import bounds
from distconv.typing import AnyArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True, eq=False)
class Floating:
    """Doubles with exponents of their own.

    Attributes:
        significands: float64, one for each point.
        exponents: int64 of the same length, or None where all are 0.
        error: bound on the relative error of every weight.
    """

    significands: FloatArray
    exponents: IntArray | None = None
    error: float = 0.0

    is_exact = False
    kind = "float"

    def at(self, index: int) -> float:
        """The weight of point `index` as a double (0.0 below the smallest one)."""
        value = float(self.significands[index])
        return value if self.exponents is None else math.ldexp(value, int(self.exponents[index]))

    def values(self) -> FloatArray:
        """All weights as doubles; those below the smallest double come out as 0."""
        return as_doubles(self.significands, self.exponents)

    def total(self) -> float:
        """The sum of all weights as doubles, rounded once."""
        return math.fsum(self.values())

    def exact_at(self, index: int) -> Fraction:
        """The stored number itself, as a fraction."""
        return exact_fraction(float(self.significands[index]), self.exponent_at(index))

    def exponent_at(self, index: int) -> int:
        """The exponent of point `index`."""
        return 0 if self.exponents is None else int(self.exponents[index])

    def take(self, indices: AnyArray | slice, error: float | None = None) -> Floating:
        """The weights of some points."""
        exponents = None if self.exponents is None else self.exponents[indices]
        return normal_form(self.significands[indices], exponents, self.error if error is None else error)


def as_doubles(significands: FloatArray, exponents: IntArray | None) -> FloatArray:
    """significand x 2**exponent as doubles."""
    if exponents is None:
        return significands
    return np.ldexp(significands, np.clip(exponents, -5000, 5000).astype(np.int32))


def exact_fraction(significand: float, exponent: int) -> Fraction:
    """significand x 2**exponent as a fraction."""
    numerator, denominator = significand.as_integer_ratio()
    if exponent >= 0:
        return Fraction(numerator << exponent, denominator)
    return Fraction(numerator, denominator << -exponent)


def normal_form(significands: FloatArray, exponents: IntArray | None, error: float) -> Floating:
    """Floating weights that keep the invariants, from any non-negative doubles and exponents."""
    if exponents is None:
        if significands.size == 0 or _all_normal(significands):
            return Floating(significands, None, error)
        exponents = np.zeros(significands.shape, dtype=np.int64)
    fractions, shifts = np.frexp(significands)
    return from_pairs(fractions, np.where(fractions > 0, exponents + shifts, 0), error)


def from_pairs(fractions: FloatArray, exponents: IntArray, error: float) -> Floating:
    """Floating weights from fractions in [1/2, 1) or 0, those with exponent 0."""
    if exponents.size == 0 or (exponents.min() > -1000 and exponents.max() < 1000):
        return Floating(np.ldexp(fractions, exponents.astype(np.int32)), None, error)
    return Floating(fractions, exponents, error)


def _all_normal(values: FloatArray) -> bool:
    """Whether every positive value is a normal double."""
    least = values.min()
    if least >= bounds.TINY:
        return True
    positive = values[values > 0]
    return bool(positive.size == 0 or positive.min() >= bounds.TINY)


def binary_exponents(weights: Floating) -> IntArray:
    """The exponent e of every weight with 2**(e-1) <= weight < 2**e; 0 for zeros."""
    if weights.exponents is not None:
        return weights.exponents
    return np.frexp(weights.significands)[1].astype(np.int64)


def reduce_groups(significands: FloatArray, exponents: IntArray | None, starts: AnyArray, error: float) -> Floating:
    """The sums of weights over groups of neighbours that start at these positions.

    Each sum errs by a summation of as many terms as the largest group has (`bounds.summation`).
    """
    lengths = np.diff(np.append(starts, len(significands)))
    most = int(lengths.max(initial=1))
    bound = bounds.compose(error, bounds.summation(most)) if most > 1 else error
    if exponents is None:
        return normal_form(np.add.reduceat(significands, starts), None, bound)
    largest = np.maximum.reduceat(np.where(significands > 0, exponents, -(2**62)), starts)
    shifts = np.maximum(exponents - np.repeat(largest, lengths), -1100)
    totals = np.add.reduceat(np.ldexp(significands, shifts.astype(np.int32)), starts)
    # A term shifted below the subnormals loses at most 2**-1074 beside a largest term >= 1/4.
    return normal_form(totals, largest, bounds.compose(bound, 8.0 * most * bounds.SUBNORMAL))


def times(x: Floating, y: Floating) -> Floating:
    """The products of weights, pair by pair, each rounded once whatever its range."""
    if x.exponents is None and y.exponents is None:
        values = x.significands * y.significands
        if _all_normal(values) and not ((values == 0) & (x.significands > 0) & (y.significands > 0)).any():
            return Floating(values, None, bounds.compose(x.error, y.error, bounds.UNIT))
    significands = np.frexp(x.significands)[0] * np.frexp(y.significands)[0]
    exponents = binary_exponents(x) + binary_exponents(y)
    return normal_form(significands, exponents, bounds.compose(x.error, y.error, bounds.UNIT))


def plus(x: Floating, y: Floating) -> Floating:
    """The sums of weights, pair by pair, each rounded once whatever its range."""
    error = bounds.compose(max(x.error, y.error), 2 * bounds.UNIT)
    if x.exponents is None and y.exponents is None:
        return Floating(x.significands + y.significands, None, error)
    p, q = (np.where(w.significands > 0, binary_exponents(w), -(2**61)) for w in (x, y))
    top = np.maximum(p, q)
    values = np.ldexp(np.frexp(x.significands)[0], np.maximum(p - top, -1100).astype(np.int32))
    values += np.ldexp(np.frexp(y.significands)[0], np.maximum(q - top, -1100).astype(np.int32))
    return normal_form(values, np.where(values > 0, top, 0), error)


def total_of(weights: Floating) -> tuple[float, int]:
    """(t, e): the weights total t x 2**e, to `bounds.total` (weights 2**-1000 below the largest are lost)."""
    positive = weights.significands > 0
    if not positive.any():
        return 0.0, 0
    exponents = binary_exponents(weights)
    top = int(exponents.max(where=positive, initial=-(2**62)))
    fractions = np.frexp(weights.significands)[0]
    scaled = np.ldexp(fractions, np.maximum(exponents - top, -1000).astype(np.int32))
    total, shift = math.frexp(math.fsum(scaled) if len(scaled) <= bounds.FEW else float(scaled.sum()))
    return total, top + shift


def divided(weights: Floating, total: float, exponent: int) -> Floating:
    """The weights divided by their total, total x 2**exponent: its rounding and the quotients' are in the error."""
    fractions = np.frexp(weights.significands)[0]
    error = bounds.compose(weights.error, 2 * bounds.UNIT, bounds.total(len(fractions)))
    return normal_form(fractions / total, binary_exponents(weights) - exponent, error)
