"""Sums of very many independent trials: values with probabilities of their own, asked without their law.

A trial is a value v with probability p, else 0. One with p > 1/2 is v and a trial of -v with probability 1 - p, which
is exact: all sums here are over probabilities c in (0, 1/2]. Under the tilt t a trial has the probability
q = c e**(v t) / (1 - c + c e**(v t)).

Trials of one value are gathered: in each of some cells of every binary octave of c, the trials are replaced by a few
points with the same first moments, once, in one pass over chunks of the array. Each sum over trials that is asked for
later is one over these points, some 10**5 whatever n is. In between, log(1 + c u) is interpolated: with
c = c0 (1 + h s), |s| <= 1, h half the width of a cell relative to its lower end, it is log(1 + h s y) and a
constant, y = c0 u / (1 + c0 u), and |y| <= 1, for c0 <= 1/2 and u = e**a - 1 > -1. So with m Chebyshev points a trial
errs by (h |y| / (1 - h))**m 2**(1 - m) / m at most.

Sources: Davis, Interpolation and Approximation (1963), section 3.3, for the interpolation's remainder; the bounds are
ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import Any

import numpy as np

from distconv.bounds import UNIT
from distconv.typing import AnyArray, FloatArray, IntArray

#: Trials in one go: those that are gathered, some 25 MB for each thread (40 ns a trial; 90 with chunks of 2**16), and
#: those that are summed one by one.
GATHER, CHUNK = 2**19, 2**17
#: Trials from which equal ones and their neighbours are gathered: below, all are summed one by one as quickly.
GATHERED = 2**16
#: Cells in every binary octave, a power of two, and points in each. More cells take longer, fewer need more moments.
CELL_BITS, NODES = 8, 7
#: Bits of a double below those that name its cell.
LOW_BITS = 52 - CELL_BITS
#: Trials of one cell in one go, at most: so many roundings do its moments suffer.
CROWD = 2**12
#: Half the width of a cell, relative to its lower end.
HALF_WIDTH = 2.0 ** -(CELL_BITS + 1)
#: Probabilities below this are kept one by one: powers of two near the end of the doubles round.
LEAST_CHANCE = 2.0**-900
#: Unit roundoff of extended precision (of a double where numpy has none).
LONG_UNIT = float(np.finfo(np.longdouble).eps) / 2
#: Roundings of one term in extended precision: expm1, product, log1p, weight, each a few units, at most 1.5 times.
TERM_ROUNDINGS = 16
#: Threads that gather.
WORKERS = 2


@dataclass(frozen=True, slots=True, eq=False)
class Points:
    """Trials, or points that stand for many: how probable, how many, and what each adds.

    Attributes:
        chances: in (0, 1/2].
        copies: how many trials each stands for; those of gathered ones may be fractions, and negative.
        values: whole numbers other than 0, as doubles.
    """

    chances: FloatArray
    copies: Any
    values: FloatArray

    def __len__(self) -> int:
        return len(self.chances)

    @property
    def counts(self) -> FloatArray:
        """The copies as doubles."""
        return np.asarray(self.copies, dtype=np.float64)

    def parts(self, size: int) -> Iterator[Points]:
        """The points in runs of at most so many."""
        for start in range(0, len(self), size):
            here = slice(start, start + size)
            yield Points(self.chances[here], self.copies[here], self.values[here])


@dataclass(frozen=True, slots=True, eq=False)
class Trials:
    """Arrays of probabilities, values and copies, never copied, as the terms of one sum.

    Attributes:
        chances: probabilities, doubles in [0, 1].
        values: whole numbers, or None: each is 1.
        copies: how many of each trial there are, or None: one.
        sign: 1, or -1 where the sum of what is asked is minus the sum of these.
    """

    chances: AnyArray
    values: AnyArray | None = None
    copies: AnyArray | None = None

    def __len__(self) -> int:
        return len(self.chances)

    def chunks(self, size: int = CHUNK) -> Iterator[tuple[FloatArray, FloatArray, FloatArray]]:
        """Probabilities, copies and values, so many at a time."""
        for start in range(0, len(self), size):
            yield self.chunk(start, size)

    def chunk(self, start: int, size: int) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Some probabilities with their copies and values."""
        here = slice(start, start + size)
        chances = np.asarray(self.chances[here], dtype=np.float64)
        one = np.ones(len(chances))
        copies = one if self.copies is None else np.asarray(self.copies[here], dtype=np.float64)
        return chances, copies, one if self.values is None else np.asarray(self.values[here], dtype=np.float64)

    def points(self, size: int = CHUNK) -> Iterator[tuple[Points, float]]:
        """The trials that are neither sure nor impossible, and what the others and those turned round add, a sum."""
        for chances, copies, values in self.chunks(size):
            yield turned(chances, copies, values)


def turned(chances: FloatArray, copies: FloatArray, values: FloatArray) -> tuple[Points, float]:
    """Trials as points, and the sum of what is sure."""
    high = chances > 0.5
    shift = float((copies * values)[high].sum())
    small = np.minimum(chances, 1 - chances)
    open_ = (small > 0) & (values != 0) & (copies != 0)
    values = np.where(high, -values, values)
    if open_.all():
        return Points(small, copies, values), shift
    return Points(small[open_], copies[open_], values[open_]), shift


def ends(trials: Trials) -> tuple[int, int]:
    """The lowest and the highest sum."""
    low = high = 0
    for chances, copies, values in trials.chunks():
        totals = copies * values
        sure = int(totals[chances == 1].sum())
        loose = totals[(chances > 0) & (chances < 1)]
        low += sure + int(loose[loose < 0].sum())
        high += sure + int(loose[loose > 0].sum())
    return low, high


@dataclass(frozen=True, slots=True, eq=False)
class Gathered:
    """All trials of a sum as points, for real tilts.

    Attributes:
        points: where they lie.
        shift: what is sure, a whole number.
        trials: how many trials there are.
        moment_error: the relative error of the moments of gathered trials from the second on; None of single ones.
    """

    points: Points
    shift: int
    trials: float
    moment_error: float | None


def gathered(trials: Trials) -> Gathered:
    """The points of a sum: its trials one by one, or those of one value as points that stand for them."""
    if trials.values is None and trials.copies is None and len(trials) > GATHERED:
        return _gather(trials)
    parts, shift = [], 0.0
    for points, sure in trials.points():
        parts.append(points)
        shift += sure
    if not parts:
        parts = [Points(np.zeros(0), np.zeros(0), np.zeros(0))]
    whole = Points(
        np.concatenate([p.chances for p in parts]),
        np.concatenate([p.copies for p in parts]),
        np.concatenate([p.values for p in parts]),
    )
    return Gathered(whole, int(shift), float(whole.copies.sum()), None)


@dataclass(slots=True, eq=False)
class _Table:
    """Moments of cells, keyed by twice the leading bits of a probability, plus 1 of one turned round."""

    keys: IntArray
    moments: Any
    crowd: int
    shift: float
    loose: list[Points]

    def beside(self, other: _Table) -> _Table:
        """Both together."""
        self.loose.extend(other.loose)
        self.crowd, self.shift = max(self.crowd, other.crowd), self.shift + other.shift
        if len(self.keys) == len(other.keys) and bool((self.keys == other.keys).all()):
            self.moments += other.moments
            return self
        keys = np.union1d(self.keys, other.keys)
        moments = np.zeros((len(self.moments), len(keys)), dtype=np.longdouble)
        moments[:, np.searchsorted(keys, self.keys)] += self.moments
        moments[:, np.searchsorted(keys, other.keys)] += other.moments
        self.keys, self.moments = keys, moments
        return self


def _gather(trials: Trials) -> Gathered:
    """The moments of all cells in one pass, as points."""
    starts = range(0, len(trials), GATHER)
    total: _Table | None = None
    with ThreadPoolExecutor(WORKERS) as pool:
        # A few at a time: what comes back is as large as what went in.
        for first in range(0, len(starts), 8 * WORKERS):
            every = pool.map(lambda start: _table(trials.chunk(start, GATHER)[0]), starts[first : first + 8 * WORKERS])
            for table in every:
                total = table if total is None else total.beside(table)
    assert total is not None
    points = _nodes(total)
    crowd = (total.crowd + 8) * UNIT
    count = float(total.moments[0].sum()) + sum(float(p.copies.sum()) for p in total.loose)
    return Gathered(points, int(total.shift), count, crowd)


def _table(chances: FloatArray) -> _Table:
    """The moments of one chunk."""
    # 1 - p is exact where it is the smaller one.
    small = np.minimum(chances, 1 - chances)
    turn = chances > 0.5
    shift, loose = float(np.count_nonzero(turn)), []
    if small.min() < LEAST_CHANCE:
        tiny = (small < LEAST_CHANCE) & (small > 0)
        if tiny.any():
            values = np.where(turn[tiny], -1.0, 1.0)
            loose = [Points(small[tiny], np.ones(len(values)), values)]
        kept = small >= LEAST_CHANCE
        small, turn = small[kept], turn[kept]
    if not len(small):
        return _Table(np.zeros(0, dtype=np.int64), np.zeros((NODES, 0), dtype=np.longdouble), 0, shift, loose)
    bits = small.view(np.int64)
    keys = bits >> LOW_BITS
    keys += keys
    keys += turn
    first = int(keys.min())
    keys -= first
    bits &= (1 << LOW_BITS) - 1
    found, moments, crowd = _moments(keys, bits)
    return _Table(found + first, moments, crowd, shift, loose)


def _moments(keys: IntArray, low: IntArray) -> tuple[IntArray, Any, int]:
    """The cells that are met, the sums of the powers of their places in [-1, 1), and the most trials of one cell."""
    counts = np.bincount(keys)
    crowd = int(counts.max())
    if crowd > CROWD:
        half = len(keys) // 2
        first, second = _moments(keys[:half], low[:half]), _moments(keys[half:], low[half:])
        tables = [_Table(k, m, c, 0.0, []) for k, m, c in (first, second)]
        both = tables[0].beside(tables[1])
        return both.keys, both.moments, both.crowd
    met = np.flatnonzero(counts)
    size = len(counts)
    part = LOW_BITS // 2
    sums = np.empty((NODES, len(met)), dtype=np.longdouble)
    sums[0] = counts[met]
    # Halves of the bits: their sums are exact.
    upper = np.bincount(keys, low >> part, size)[met]
    lower = np.bincount(keys, low & ((1 << part) - 1), size)[met]
    unit = 2.0 ** (1 - LOW_BITS)
    sums[1] = (upper.astype(np.longdouble) * 2.0**part + lower) * unit - sums[0]
    place = low * unit
    place -= 1
    power = place.copy()
    for k in range(2, NODES):
        power *= place
        sums[k] = np.bincount(keys, power, size)[met]
    return met, sums, crowd


@cache
def _lagrange() -> tuple[FloatArray, Any]:
    """Chebyshev's points, and the matrix that makes weights there of moments."""
    places = [Fraction(round(math.cos((2 * j + 1) * math.pi / (2 * NODES)) * 2**20), 2**20) for j in range(NODES)]
    rows = []
    for j, place in enumerate(places):
        poly = [Fraction(1)]
        for i, other in enumerate(places):
            if i != j:
                shifted = [Fraction(0), *poly]
                poly = [a - other * b for a, b in zip(shifted, [*poly, Fraction(0)], strict=True)]
                poly = [a / (place - other) for a in poly]
        rows.append([np.longdouble(c.numerator) / np.longdouble(c.denominator) for c in poly])
    return np.array([float(p) for p in places]), np.array(rows, dtype=np.longdouble)


def _nodes(table: _Table) -> Points:
    """The points that stand for the trials of every cell."""
    places, matrix = _lagrange()
    leading = table.keys >> 1
    exponents = (leading >> CELL_BITS) - 1023
    middle = 1 + ((leading & ((1 << CELL_BITS) - 1)) + 0.5) * 2.0**-CELL_BITS
    chances = np.ldexp(middle + places[:, None] * HALF_WIDTH, exponents.astype(np.int32))
    copies = np.zeros(chances.shape, dtype=np.longdouble)
    for k in range(NODES):
        copies += matrix[:, k, None] * table.moments[k]
    values = np.broadcast_to(np.where(table.keys & 1, -1.0, 1.0), chances.shape)
    parts = [Points(chances.ravel(), copies.ravel(), values.ravel()), *table.loose]
    return Points(
        np.concatenate([p.chances for p in parts]),
        np.concatenate([np.asarray(p.copies, dtype=np.longdouble) for p in parts]),
        np.concatenate([p.values for p in parts]),
    )


def depth(size: int) -> float:
    """Additions that a term passes in numpy's sums of runs, and in the sum of these (see `bounds.total`)."""
    return 2 * 25 + math.log2(size + 2)


def tilted(points: Points, tilt: float) -> tuple[FloatArray, FloatArray]:
    """q and 1 - q of each point under a tilt, each within 10 roundings (3 more for a product v t that rounds)."""
    half = np.exp(points.values * (tilt / 2)) if np.ndim(points.values) else math.exp(tilt / 2)
    with np.errstate(over="ignore", invalid="ignore"):
        hit = points.chances * half * half
        whole = (1 - points.chances) + hit
        q = np.where(hit < 1e300, hit / whole, 1.0)
        return q, (1 - points.chances) / whole


def added(points: Points, of: Callable[[Points], Sequence[object]], size: int = 2**15) -> list[AnyArray]:
    """The sum over runs of points of what a function gives for each: a tuple of numbers or arrays."""
    rows = [of(part) for part in points.parts(size)]
    return [np.sum(np.array(column), axis=0) for column in zip(*rows, strict=True)]
