"""Floating weights: significand x 2**exponent, with a proven bound on the relative error of every one.

Range is no concern: 10**-100000 is a weight like any other. Where all weights are normal doubles (or 0) the exponents
are left out and the significands are the weights.

Invariants: significands are >= 0 and finite; a weight of 0 is a true zero. Without exponents every positive
significand is a normal double; with exponents every positive one is in [1/2, 1) and every zero has exponent 0.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, NoReturn

import numpy as np

from distconv import bounds
from distconv.errors import DistconvTypeError
from distconv.numbers.doubles import (
    added,
    added_pairs,
    exact_fraction,
    is_pair,
    lifted,
    log_of_pair,
    normal_pairs,
    ratio_to_double,
)
from distconv.typing import AnyArray, FloatArray, IntArray, Kind


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
    kind: ClassVar[Kind] = "float"
    letters: ClassVar[frozenset[Any]] = frozenset()

    bits = 0

    @property
    def size(self) -> int:
        """How many points there are."""
        return len(self.significands)

    def at(self, rank: int) -> float:
        """The weight of a point as a double (0.0 below the smallest one)."""
        value = float(self.significands[rank])
        return value if self.exponents is None else math.ldexp(value, int(self.exponents[rank]))

    def exact_at(self, rank: int) -> Fraction:
        """The stored number itself, as a fraction."""
        return exact_fraction(float(self.significands[rank]), self.exponent_at(rank))

    def log_at(self, rank: int) -> float:
        """The natural log of a weight, whatever its range."""
        return log_of_pair(float(self.significands[rank]), self.exponent_at(rank))

    def exponent_at(self, rank: int) -> int:
        """The exponent of a point."""
        return 0 if self.exponents is None else int(self.exponents[rank])

    def numbers(self, ranks: AnyArray) -> list[float]:
        """The weights of some points as doubles."""
        return list(map(float, self.values()[ranks]))

    def values(self) -> FloatArray:
        """All weights as doubles; those below the smallest double come out as 0."""
        return as_doubles(self.significands, self.exponents)

    def positive(self) -> AnyArray:
        """The ranks of the points that carry weight."""
        return np.flatnonzero(self.significands)

    def heaviest(self) -> int:
        """The rank of the largest weight, the first of several."""
        if self.exponents is None:
            return int(np.argmax(self.significands))
        top = int(self.exponents.max(where=self.significands > 0, initial=-(2**62)))
        return int(np.argmax(np.where(self.exponents == top, self.significands, 0.0)))

    def fingerprint(self, rank: int) -> int:
        """The hash of the number that a weight is; Python's own, without writing out 2**-(10**12)."""
        if self.exponents is None:
            return hash(float(self.significands[rank]))
        numerator, denominator = float(self.significands[rank]).as_integer_ratio()
        modulus, shift = sys.hash_info.modulus, self.exponent_at(rank) - (denominator.bit_length() - 1)
        return numerator * pow(2, shift, modulus) % modulus

    def equals(self, other: Floating) -> bool:
        """Whether the weights that are not 0 are the same."""
        (f, p), (g, q) = (w.take(w.positive()).pairs() for w in (self, other))
        return np.array_equal(f, g) and np.array_equal(p, q)

    def pairs(self) -> tuple[FloatArray, IntArray]:
        """The weights as significands in [1/2, 1) or 0, and exponents."""
        if self.exponents is not None:
            return self.significands, self.exponents
        return normal_pairs(self.significands)

    def take(self, ranks: AnyArray | slice) -> Floating:
        """The weights of some points."""
        exponents = None if self.exponents is None else self.exponents[ranks]
        return normal_form(self.significands[ranks], exponents, self.error)

    def reversed(self) -> Floating:
        """The same weights from the last to the first."""
        exponents = None if self.exponents is None else self.exponents[::-1]
        return Floating(self.significands[::-1], exponents, self.error)

    def spread(self, cells: AnyArray, size: int) -> Floating:
        """These weights at some of `size` points, 0 elsewhere."""
        significands = np.zeros(size)
        significands[cells] = self.significands
        exponents = None
        if self.exponents is not None:
            exponents = np.zeros(size, dtype=np.int64)
            exponents[cells] = self.exponents
        return Floating(significands, exponents, self.error)

    def merged(self, starts: AnyArray) -> Floating:
        """The sums over groups of neighbours."""
        return reduce_groups(self.significands, self.exponents, starts, self.error)

    @staticmethod
    def joined(parts: Sequence[Floating]) -> Floating:
        """Weights one after the other."""
        error = max(part.error for part in parts)
        if all(part.exponents is None for part in parts):
            return Floating(np.concatenate([part.significands for part in parts]), None, error)
        fractions, exponents = zip(*(part.pairs() for part in parts), strict=True)
        return from_pairs(np.concatenate(fractions), np.concatenate(exponents), error)

    def total(self) -> float:
        """The sum of all weights, rounded once to a double."""
        return rounded_sum(self.significands, self.exponents)

    def head(self, count: int) -> float:
        """The total of the first `count` weights, rounded once to a double."""
        return rounded_sum(self.significands[:count], None if self.exponents is None else self.exponents[:count])

    def tail(self, count: int) -> float:
        """The total of all but the first `count` weights, rounded once to a double."""
        return rounded_sum(self.significands[count:], None if self.exponents is None else self.exponents[count:])

    def average(self, integers: AnyArray) -> Fraction:
        """The mean of an integer for each point, taken about that of the largest weight: heavy ones lose no digit."""
        masses = self.values()
        middle = int(integers[int(np.argmax(masses))])
        distances = (integers - middle).astype(np.float64)
        return middle + Fraction(float(np.dot(masses, distances) / masses.sum()))

    def times(self, other: Floating) -> Floating:
        """The products of two weights of one rank, each rounded once whatever its range."""
        error = bounds.compose(self.error, other.error, bounds.UNIT)
        p, q = self.significands, other.significands
        if self.exponents is None and other.exponents is None:
            values = p * q
            if _all_normal(values) and not ((values == 0) & (p > 0) & (q > 0)).any():
                return Floating(values, None, error)
        (f, d), (g, e) = self.pairs(), other.pairs()
        return normal_form(f * g, d + e, error)

    def outer(self, other: Floating) -> Floating:
        """All products of one of these weights and one of the other's, each rounded once."""
        (f, d), (g, e) = self.pairs(), other.pairs()
        error = bounds.compose(self.error, other.error, bounds.UNIT)
        return normal_form(np.multiply.outer(f, g).ravel(), np.add.outer(d, e).ravel(), error)

    def scaled(self, share: Fraction | int | tuple[float, int]) -> Floating:
        """The weights times a fraction, or times (s, e) for s x 2**e, each rounded twice."""
        fraction, shift = share if is_pair(share) else ratio_to_double(share.numerator, share.denominator)
        fractions, exponents = self.pairs()
        return normal_form(fractions * fraction, exponents + shift, bounds.compose(self.error, 2 * bounds.UNIT))

    def spare(self, missing: Fraction | float) -> float:
        """What is missing: a total of doubles does not tell."""
        return float(missing)

    def normalised(self, missing: Fraction | float = 0) -> tuple[Floating, float]:
        """The weights over their total and what is missing; and no less than what is missing then."""
        top, exponent = total_of(self)
        lost, shift = math.frexp(missing)
        if missing:
            top, exponent = added((top, exponent), (lost, shift))
        # The total is as far off as the weights are, in the same direction or the other.
        found = divided(self, top, exponent)
        found = replace(found, error=bounds.quotient(found.error, self.error))
        share = math.ldexp(lost / top, max(shift - exponent, -1000)) if missing else 0.0
        return found, min(1.0, share * bounds.PAD)

    def shares_of(self, others: Floating) -> Floating:
        """The weights over the total of others, each rounded once."""
        found = divided(self, *total_of(others))
        return replace(
            found, error=bounds.quotient(bounds.compose(found.error, bounds.total(others.size)), others.error)
        )

    def off_by(self, *errors: float) -> Floating:
        """The same weights, of which less is known: relative errors of these sizes come to their own."""
        return replace(self, error=bounds.compose(self.error, *errors))

    def as_floating(self) -> Floating:
        """The weights themselves."""
        return self

    def as_rational(self) -> NoReturn:
        """The refusal of one denominator: exact weights become floating, never back in silence."""
        raise DistconvTypeError("doubles have no common denominator: X.to_exact() makes fractions of them")


def as_doubles(significands: FloatArray, exponents: IntArray | None) -> FloatArray:
    """significand x 2**exponent as doubles."""
    if exponents is None:
        return significands
    return np.ldexp(significands, np.clip(exponents, -5000, 5000).astype(np.int32))


def normal_form(significands: FloatArray, exponents: IntArray | None, error: float) -> Floating:
    """Floating weights that keep the invariants, from any non-negative doubles and exponents."""
    if exponents is None and (significands.size == 0 or _all_normal(significands)):
        return Floating(significands, None, error)
    return from_pairs(*normal_pairs(significands, exponents), error)


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


def plus(x: Floating, y: Floating) -> Floating:
    """The sums of weights, pair by pair, each rounded once whatever its range."""
    error = bounds.compose(max(x.error, y.error), 2 * bounds.UNIT)
    if x.exponents is None and y.exponents is None:
        return Floating(x.significands + y.significands, None, error)
    return from_pairs(*added_pairs(x.pairs(), y.pairs()), error)


def rounded_sum(significands: FloatArray, exponents: IntArray | None) -> float:
    """The sum of significands x 2**exponents, rounded once to a double: weights below the smallest one count, too."""
    if exponents is None or not len(exponents):
        return math.fsum(significands)
    top = int(exponents.max(where=significands > 0, initial=-(2**62)))
    return lifted(math.fsum(as_doubles(significands, exponents - top)), top)


def total_of(weights: Floating) -> tuple[float, int]:
    """(t, e): the weights total t x 2**e, to `bounds.total` (weights 2**-1000 below the largest are lost)."""
    positive = weights.significands > 0
    if not positive.any():
        return 0.0, 0
    fractions, exponents = weights.pairs()
    top = int(exponents.max(where=positive, initial=-(2**62)))
    scaled = np.ldexp(fractions, np.maximum(exponents - top, -1000).astype(np.int32))
    total, shift = math.frexp(math.fsum(scaled) if len(scaled) <= bounds.FEW else float(scaled.sum()))
    return total, top + shift


def divided(weights: Floating, total: float, exponent: int) -> Floating:
    """The weights divided by their total, total x 2**exponent: its rounding and the quotients' are in the error."""
    fractions, exponents = weights.pairs()
    error = bounds.compose(weights.error, 2 * bounds.UNIT, bounds.total(len(fractions)))
    return normal_form(fractions / total, exponents - exponent, error)


def from_ratios(numerators: Sequence[Any], denominator: int) -> Floating:
    """numerators / denominator, each correctly rounded to a double significand."""
    if denominator.bit_length() <= 53 and max((int(n.bit_length()) for n in numerators), default=0) <= 53:
        # Both are doubles, so one IEEE division rounds once.
        values = np.array([int(n) for n in numerators], dtype=np.float64) / float(denominator)
        return Floating(values, None, 0.0 if denominator & (denominator - 1) == 0 else bounds.UNIT)
    return from_doubles([ratio_to_double(int(n), denominator) for n in numerators], bounds.UNIT)


def from_doubles(pairs: Sequence[tuple[float, int]], error: float) -> Floating:
    """Floating weights from (significand, exponent) each, in normal form or not."""
    significands = np.array([s for s, _ in pairs], dtype=np.float64)
    return normal_form(significands, np.array([e for _, e in pairs], dtype=np.int64), error)
