"""Sums of weights from either end, and levels found in them: CDFs, survival functions and their inverses.

Every sum starts at its own small end, so a tail probability is as accurate as the weights it is made of; nothing is
ever computed as 1 minus a sum, except exactly.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from distconv import bounds
from distconv.measure.measure import Measure, kept
from distconv.numbers import letters
from distconv.numbers.doubles import log_ratio, ratio_to_double
from distconv.typing import Answer, FloatArray, IntArray
from distconv.weights import Floating, Rational, Symbolic
from distconv.weights.floating import normal_form
from distconv.weights.rational import fraction
from distconv.weights.symbolic import with_letters

if TYPE_CHECKING:
    import sympy

#: The side of a number that is summed: "cdf" for P(X <= x), "sf" for P(X > x).
Side = Literal["cdf", "sf"]
OTHER_SIDE: dict[Side, Side] = {"cdf": "sf", "sf": "cdf"}
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

    def first(self, q: Fraction, side: Side, rounded: bool) -> int:  # noqa: ARG002 - exact sums need not be told
        """The first point at which the total from below is >= q ("cdf"), or above which it is <= q ("sf")."""
        last = len(self.numerators) - 1
        if side == "sf":
            return _first(last, lambda k: self.tail(k + 1) <= q)
        level = min(q, self.head(last))
        return _first(last, lambda k: self.head(k + 1) >= level) if level > 0 else 0


@dataclass(frozen=True, slots=True, eq=False)
class RealSums:
    """Running totals of exact weights that are no fractions."""

    weights: Symbolic

    def head(self, count: int) -> sympy.Expr:
        """The total of the first `count` weights."""
        return self.weights.head(count)

    def tail(self, count: int) -> sympy.Expr:
        """The total of all but the first `count` weights."""
        return self.weights.tail(count)

    def first(self, q: Fraction, side: Side, rounded: bool) -> int:  # noqa: ARG002 - exact sums need not be told
        """The first point at which the total from below is >= q ("cdf"), or above which it is <= q ("sf")."""
        running, sign = self.weights.running(), self.weights.sign
        last = len(running) - 1
        if side == "sf":
            return _first(last, lambda k: sign(running[-1] - running[k + 1], q) <= 0)
        return _first(last, lambda k: sign(running[k + 1], q) >= 0) if q > 0 else 0


@dataclass(frozen=True, slots=True, eq=False)
class FloatSums:
    """Running totals of floating weights from both ends.

    Attributes:
        weights: what is summed.
        is_whole: whether nothing is missing, so that all together are 1.
        heads: heads[k] is the total of the first k + 1 weights.
        tails: tails[k] is the total of the weights from k on.
    """

    weights: Floating
    is_whole: bool
    heads: Floating
    tails: Floating

    @classmethod
    def of(cls, weights: Floating, is_whole: bool) -> FloatSums:
        """The running totals of these weights."""
        turned = weights.reversed()
        backwards = running_sums(turned.significands, turned.exponents, weights.error)
        forwards = running_sums(weights.significands, weights.exponents, weights.error)
        return cls(weights, is_whole, forwards, backwards.reversed())

    @property
    def size(self) -> int:
        """The number of points."""
        return len(self.heads.significands)

    def head(self, count: int) -> float:
        """The total of the first `count` weights."""
        if count >= self.size and self.is_whole:
            return 1.0
        return min(1.0, self.heads.at(count - 1)) if count else 0.0

    def tail(self, count: int) -> float:
        """The total of all but the first `count` weights."""
        if count >= self.size:
            return 0.0
        return 1.0 if count == 0 and self.is_whole else min(1.0, self.tails.at(count))

    def log(self, count: int, side: Side) -> float:
        """The log of `head` or of `tail`, right also far below the smallest double."""
        is_head = side == "cdf"
        if count == (0 if is_head else self.size):
            return -math.inf
        if count == (self.size if is_head else 0) and self.is_whole:
            return 0.0
        # Near 1 the other end's sum tells how far from 1.
        other = self.tail(count) if is_head else self.head(count)
        if other < 0.5 and self.is_whole:
            return math.log1p(-other)
        totals, place = self.place(count, side)
        return min(0.0, totals.log_at(place))

    def place(self, count: int, side: Side) -> tuple[Floating, int]:
        """Where the total of the first `count` weights, or of the others, stands: running totals and a place there."""
        return (self.heads, count - 1) if side == "cdf" else (self.tails, count)

    def first(self, q: Fraction, side: Side, rounded: bool) -> int:
        """The first point of weight at which the total from below is >= q ("cdf"), or above which it is <= q ("sf").

        A level above 1/2 is searched from the other end, where sums are small; of a `rounded` one, a double that `head`
        or `tail` may have given, these have the last word.
        """
        below, above = (q, 1 - q) if side == "cdf" else (1 - q, q)
        if above <= 0:
            return self.size - 1
        rank = self._reaching(below) if (side == "cdf") == (q <= 0.5) else self._leaving(above)
        rank = self._with_weight(rank)
        if not rounded or q <= 0.5:
            return rank
        level = float(q)

        def reached(count: int) -> bool:
            return self.head(count) >= level if side == "cdf" else self.tail(count) <= level

        while rank and reached(rank):
            rank -= 1
        while rank < self.size - 1 and not reached(rank + 1):
            rank += 1
        return self._with_weight(rank)

    def _reaching(self, q: Fraction) -> int:
        """The first point at which the total from below is >= q, however small q is."""
        return min(_rank(self.heads, q, "left"), self.size - 1) if q > 0 else 0

    def _leaving(self, q: Fraction) -> int:
        """The first point above which the total is <= q, however small q is."""
        above = self.tails.take(slice(None, 0, -1))
        return self.size - 1 - _rank(above, q, "right")

    def _with_weight(self, rank: int) -> int:
        """The rank itself, or the next one that carries weight."""
        while rank < self.size - 1 and self.weights.significands[rank] == 0:
            rank += 1
        return rank


@kept
def float_totals(measure: Measure) -> FloatSums:
    """The running totals of floating weights; kept once made."""
    return FloatSums.of(measure.weights.as_floating(), is_whole=not measure.missing)


@kept
def totals(measure: Measure) -> ExactSums | RealSums | FloatSums:
    """The running totals of the weights of a measure, which are numbers; kept once made."""
    weights = measure.weights
    if weights.kind == "symbolic":
        return RealSums(with_letters(weights))
    if weights.is_exact:
        return ExactSums.of(weights.as_rational())
    return float_totals(measure)


def total(measure: Measure, count: int, side: Side) -> Answer:
    """The total of the first `count` weights ("cdf"), or of all others ("sf").

    Of exact weights running totals are only used once there are some: a single total is quicker by itself.
    """
    is_floating = measure.weights.kind == "float"
    sums = totals(measure) if is_floating else measure.memory.get(totals, measure.weights)
    return sums.head(count) if side == "cdf" else sums.tail(count)


def log_total(measure: Measure, count: int, side: Side) -> Answer:
    """The log of such a total: a float, of expressions an expression."""
    if measure.weights.kind == "symbolic":
        return letters.log(total(measure, count, side))
    if measure.weights.is_exact:
        return log_ratio(Fraction(total(measure, count, side)))
    return float_totals(measure).log(count, side)


def _rank(totals: Floating, q: Fraction, side: Literal["left", "right"]) -> int:
    """Where q would stand in rising totals: before (left) or behind (right) those that equal its double."""
    if q <= 0:
        return int(np.searchsorted(totals.significands > 0, True)) if side == "right" else 0
    fractions, exponents = totals.pairs()
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
