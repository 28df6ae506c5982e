"""Sums of weights from either end, and quantiles found in them: CDFs, survival functions and their inverses.

Every sum starts at its own small end, so a tail probability is as accurate as the weights it is made of; nothing is
ever computed as 1 minus a sum, except exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import Any, Literal

import numpy as np

from distconv import bounds
from distconv.numbers.doubles import ratio_to_double
from distconv.typing import FloatArray, IntArray
from distconv.weights.floating import Floating, normal_form
from distconv.weights.rational import Rational, fraction

#: Weights are summed in blocks of this many, and then the blocks: errors grow with the square root of the count.
BLOCK = 1024
#: Exponents are taken off running sums in steps of this many bits.
CHUNK_BITS = 512


@dataclass(frozen=True, slots=True, eq=False)
class ExactSums:
    """Running totals of exact weights: numerators[k] of the first k points."""

    numerators: list[Any]
    denominator: int

    @classmethod
    def of(cls, weights: Rational) -> ExactSums:
        """The running totals of these weights."""
        import flint

        return cls(list(accumulate(weights.integers(), initial=flint.fmpz(0))), weights.denominator)

    def head(self, count: int) -> Fraction:
        """The total of the first `count` weights."""
        return fraction(self.numerators[count], self.denominator)

    def tail(self, count: int) -> Fraction:
        """The total of all but the first `count` weights."""
        return fraction(self.numerators[-1] - self.numerators[count], self.denominator)

    def reaching(self, q: Fraction) -> int:
        """The first point at which the total from below is >= q, for 0 <= q <= the whole total."""
        if q <= 0:
            return 0
        return _first(len(self.numerators) - 1, lambda k: self.head(k + 1) >= q)

    def leaving(self, q: Fraction) -> int:
        """The first point above which the total is <= q."""
        return _first(len(self.numerators) - 1, lambda k: self.tail(k + 1) <= q)


@dataclass(frozen=True, slots=True, eq=False)
class FloatSums:
    """Running totals of floating weights from both ends.

    Attributes:
        heads: heads[k] is the total of the first k + 1 weights.
        tails: tails[k] is the total of the weights from k on.
    """

    heads: Floating
    tails: Floating

    @classmethod
    def of(cls, weights: Floating) -> FloatSums:
        """The running totals of these weights."""
        exponents = weights.exponents
        backwards = running_sums(
            weights.significands[::-1], None if exponents is None else exponents[::-1], weights.error
        )
        flipped = None if backwards.exponents is None else backwards.exponents[::-1]
        return cls(
            running_sums(weights.significands, exponents, weights.error),
            Floating(backwards.significands[::-1], flipped, backwards.error),
        )

    @property
    def size(self) -> int:
        """The number of points."""
        return len(self.heads.significands)

    def reaching(self, q: Fraction) -> int:
        """The first point at which the total from below is >= q, however small q is."""
        return min(_rank(self.heads, q, "left"), self.size - 1) if q > 0 else 0

    def leaving(self, q: Fraction) -> int:
        """The first point above which the total is <= q, however small q is."""
        above = self.tails.take(slice(None, 0, -1))
        return self.size - 1 - _rank(above, q, "right")


def _rank(totals: Floating, q: Fraction, side: Literal["left", "right"]) -> int:
    """Where q would stand in rising totals: before (left) or behind (right) those that equal its double."""
    if q <= 0:
        return int(np.searchsorted(totals.significands > 0, True)) if side == "right" else 0
    fractions, shifts = np.frexp(totals.significands)
    exponents = shifts.astype(np.int64) if totals.exponents is None else shifts + totals.exponents
    significand, exponent = ratio_to_double(q.numerator, q.denominator)
    # Zeros come first; behind them exponents rise, and significands within one exponent.
    start = int(np.searchsorted(fractions > 0, True))
    low = start + int(np.searchsorted(exponents[start:], exponent, side="left"))
    high = start + int(np.searchsorted(exponents[start:], exponent, side="right"))
    return low + int(np.searchsorted(fractions[low:high], significand, side=side))


def _first(size: int, condition: Any) -> int:
    """The first index for which a monotone condition holds; the last one where none does."""
    low, high = 0, size - 1
    while low < high:
        middle = (low + high) // 2
        if condition(middle):
            high = middle
        else:
            low = middle + 1
    return low


def running_sums(significands: FloatArray, exponents: IntArray | None, error: float) -> Floating:
    """The running totals of non-negative weights, with a bound on their relative error."""
    terms = min(BLOCK, len(significands)) + len(significands) // BLOCK + 2
    bound = bounds.compose(error, bounds.summation(terms))
    if exponents is None:
        return normal_form(_blocked(significands), None, bound)
    # The exponent of a running total never falls: cut the sequence where it has grown by CHUNK_BITS, and sum each part
    # at its own scale. Terms 2**-1074 below the total of their part are lost: far less than a rounding.
    top = np.maximum.accumulate(np.where(significands > 0, exponents, -(2**62)))
    started = top > -(2**62)
    first = int(np.argmax(started)) if started.any() else len(top)
    totals, scales = np.zeros(len(top)), np.zeros(len(top), dtype=np.int64)
    carry, carry_scale = 0.0, 0
    start, chunks = first, 0
    while start < len(top):
        base = int(top[start])
        end = start + int(np.searchsorted(top[start:], base + CHUNK_BITS, side="left"))
        shifts = np.maximum(exponents[start:end] - base, -1080).astype(np.int32)
        values = np.ldexp(significands[start:end], shifts)
        values[0] += math.ldexp(carry, max(carry_scale - base, -1080))
        totals[start:end] = _blocked(values)
        scales[start:end] = base
        carry, carry_scale = math.frexp(float(totals[end - 1]))
        carry_scale += base
        start, chunks = end, chunks + 1
    return normal_form(totals, scales, bounds.compose(bound, bounds.summation(2 * chunks + 2)))


def _blocked(values: FloatArray) -> FloatArray:
    """Running totals, block by block."""
    if len(values) <= BLOCK:
        return np.cumsum(values)
    padded = np.zeros(-(-len(values) // BLOCK) * BLOCK)
    padded[: len(values)] = values
    sums = np.cumsum(padded.reshape(-1, BLOCK), axis=1)
    sums[1:] += np.cumsum(sums[:-1, -1])[:, None]
    return sums.ravel()[: len(values)]
