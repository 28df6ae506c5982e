"""n-fold sums of a floating measure by tilted transforms, without repeated squaring.

Under a tilt the n-fold sum is a bell around n times the tilted mean, some standard deviations wide, and its entries
there are one inverse transform of the n-th power of the step's characteristic function. Tilts are chosen from the
cumulant generating function so that the bells cover all outcomes (the saddle points of large deviations): if m(t) and
s(t) are mean and standard deviation of the tilted step, windows are equally spaced in the integral of s. Each entry
carries a bound on: the total of the tilted weights (n times), the characteristic function's error (n times), the
inverse transform's, and what is wrapped around (Chernoff).

Sources: Wilson and Keich (2016) and Keich's sisFFT (2005) for one exponential shift; the windows are ours
(docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods import ball, fft
from distconv.methods.characteristic import (
    CENTRED_ROUNDINGS,
    NEGLIGIBLE,
    SUM_ROUNDINGS,
    TOTAL_ERROR,
    Entries,
    Tilted,
    arb_power,
    by_all,
    by_near,
    chernoff,
)
from distconv.methods.operands import Operand
from distconv.methods.squaring import by_squaring
from distconv.methods.tilted import (
    BATCH,
    FEW_POINTS,
    THREADED,
    TILT_ERROR,
    Logs,
    Ragged,
    Result,
    stretches,
)
from distconv.numbers.doubles import normal_pairs
from distconv.numbers.smooth import smooth
from distconv.typing import AnyArray, FloatArray, IntArray

#: From so many copies on, the frequencies near 0 do for most outcomes; up to so many, every frequency is as good in
#: what they leave.
NEAR_COPIES, FULL_COPIES = 17, 256
#: Fewest uncertified entries for which another pass is made.
FEWEST = 64
#: Most entries at either end that are left to direct sums or ball arithmetic.
MOST_ENDS = 3000
#: Powers of ten of the smallest product, relative to the first, that direct sums of an end bear; the largest sum.
LEAST_HEAD_DIGITS = -250.0
MOST_HEAD = 1e250
#: How many stretches of outcomes windows are tried on, to predict what they leave, and how long these are.
TRIED, TRIED_LENGTH = 64, 24
#: Standard deviations, beyond a window's reach, at which wrapped-around mass begins.
SPREAD = 9.3
#: Bits below its top that windows reach, less than the certificate would allow; and how much wider transforms get.
PASSES: tuple[tuple[float, float], ...] = ((1.5, 1.0), (4.0, 1.3), (6.0, 2.0))
#: Neighbouring tilts of the table of means differ by less than this part of a window.
TABLE_WINDOWS = 0.4
TABLE_ROUNDS = 24


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Tilts in rising order with the means and standard deviations of the n-fold sum under them."""

    tilt: FloatArray
    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, step: Logs, n: int, width: float) -> Table:
        """A table fine enough that neighbours lie less than `TABLE_WINDOWS` windows of +-`width` deviations apart."""
        falls = step.hull.falls[:-1]
        last = len(step.significands) - 1
        longest = n * last + 1
        ends = np.array([float(falls[0]) - 1.0, float(falls[-1]) + 1.0])
        while True:
            # Outwards until half an outcome is expected beside the last one.
            outer = Tilted.of(step, ends, longest)
            far = np.array([n * outer.mean[0] > 0.5, n * (last - outer.mean[1]) > 0.5])
            if not far.any():
                break
            ends += np.where(far, np.maximum(1.0, np.abs(ends)) * (-1.0, 1.0), 0.0)

        def moments(tilt: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
            found = Tilted.of(step, tilt, longest)
            return found.tilt, n * found.mean, math.sqrt(n) * found.spread

        return cls.refined(np.concatenate((ends, np.quantile(falls, np.linspace(0, 1, 9)))), moments, width)

    @classmethod
    def refined(cls, tilts: FloatArray, moments: Callable[[FloatArray], tuple[FloatArray, ...]], width: float) -> Table:
        """A table through these tilts; `moments` gives (tilts as rounded, means, standard deviations)."""
        tilt, mean, spread = moments(np.unique(tilts))
        for _ in range(TABLE_ROUNDS):
            steps = _windows_between(tilt, spread, width)
            wide = (steps > TABLE_WINDOWS) | (np.abs(np.diff(np.log(spread + 1e-300))) > 0.7) & (steps > 0.05)
            if not wide.any():
                break
            new = moments((tilt[:-1][wide] + tilt[1:][wide]) / 2)
            tilt, order = np.unique(np.concatenate((tilt, new[0])), return_index=True)
            mean = np.concatenate((mean, new[1]))[order]
            spread = np.concatenate((spread, new[2]))[order]
        return cls(tilt, np.maximum.accumulate(mean), spread)

    def windows(self, outcomes: IntArray, width: float) -> tuple[FloatArray, IntArray, IntArray]:
        """(tilts, first outcomes, last outcomes) of windows of at most +-`width` deviations that hold the outcomes."""
        passed = np.concatenate(([0.0], np.cumsum(_windows_between(self.tilt, self.spread, width))))
        low, high = stretches(outcomes)
        begin, end = np.interp(low, self.mean, passed), np.interp(high, self.mean, passed)
        parts = np.clip(np.ceil(end - begin), 1, high - low + 1).astype(np.int64)
        ragged = Ragged.of(parts)
        base, rise = ragged.repeated(begin), ragged.repeated((end - begin) / parts)
        edges = np.interp(base + rise * ragged.index, passed, self.mean)
        edges[ragged.starts] = low
        first = np.maximum(np.floor(edges).astype(np.int64), ragged.repeated(low))
        last = np.append(first[1:] - 1, 0)
        last[np.append(ragged.starts[1:], len(first)) - 1] = high
        some = first <= last
        tilt = np.interp(base + rise * (ragged.index + 0.5), passed, self.tilt)
        return tilt[some], first[some], last[some]


def _windows_between(tilt: FloatArray, spread: FloatArray, width: float) -> FloatArray:
    """How many windows lie between neighbouring tilts: the mean moves by spread**2 log(2) per unit of tilt."""
    return np.diff(tilt) * (spread[1:] + spread[:-1]) / 2 * (math.log(2) / (2 * width))


def power(step: Operand, n: int, wanted: AnyArray | None, tolerance: float) -> Result:
    """The n-fold convolution of a 1-D array, both ends positive, as far as windows certify it.

    What they leave at either end, where few terms are summed, is computed from the ends of the step alone.
    """
    count = n * (step.shape[0] - 1) + 1
    result = Result.empty(count, wanted)
    _by_windows(step, n, tolerance, result)
    missed = np.flatnonzero(result.bad)
    if not len(missed):
        return result
    middle = count // 2
    left = int(missed[missed < middle].max(initial=-1)) + 1
    right = count - int(missed[missed >= middle].min(initial=count))
    if max(left, right) > MOST_ENDS:
        return result
    for size, backwards in ((left, False), (right, True)):
        if size:
            significands, exponents, error = _head(step.reversed() if backwards else step, n, size)
            if error > tolerance:
                return result
            ends = slice(None, -size - 1, -1) if backwards else slice(size)
            result.significands[ends], result.exponents[ends] = significands, exponents
            result.bad[ends] = False
            result.error = max(result.error, error)
    return result


def share_left(step: Operand, n: int, tolerance: float) -> float:
    """About which share of the outcomes windows leave, tried on some stretches; of a 1-D array without gaps.

    They leave many where neighbouring sums differ by more than doubles hold, as where a comb of steps is likelier by
    far than what lies between its teeth.
    """
    count = n * (step.shape[0] - 1) + 1
    starts = np.linspace(0, max(count - TRIED_LENGTH, 0), TRIED).astype(np.int64)
    wanted = np.zeros(count, dtype=bool)
    wanted[np.minimum(starts[:, None] + np.arange(TRIED_LENGTH), count - 1)] = True
    tried = Result.empty(count, wanted)
    _by_windows(step, n, tolerance, tried)
    return max(0, int(np.count_nonzero(tried.bad)) - FEWEST) / int(np.count_nonzero(wanted))


def plain(step: Operand, n: int) -> tuple[FloatArray, float]:
    """The n-fold convolution of a 1-D law by one transform, as doubles, and a bound on the absolute error of each."""
    count = n * (step.shape[0] - 1) + 1
    tilted = Tilted.of(Logs.of_operand(step), np.zeros(1), count, precise=True)
    length = smooth(count)
    values, _, error = by_all(tilted, n, np.array([length]))(np.array([0]), length)
    fraction, exponent = arb_power(tilted.scale[0], n)
    factor = math.ldexp(fraction, exponent + n * int(tilted.shift[0]))
    relative = n * TOTAL_ERROR + 2 * UNIT
    return values[0, :count] * factor, float(error[0]) * factor * bounds.PAD + relative


def support(positive: AnyArray, n: int) -> AnyArray:
    """Which outcomes of the n-fold sum are possible at all."""
    return by_squaring(positive, n, lambda x, y, _: fft.indicator_support(x, y))


def _head(step: Operand, n: int, count: int) -> tuple[FloatArray, IntArray, float]:
    """The first entries of the n-fold convolution, with their error: direct sums in doubles, or in ball arithmetic."""
    head = step.significands[:count]
    if step.exponents is None:
        found = _direct_head(head, n, count)
        if found is not None:
            return found
    significands, exponents = ball.power_head(step, n, count)
    return significands, exponents, ball.ERROR


def _direct_head(head: FloatArray, n: int, count: int) -> tuple[FloatArray, IntArray, float] | None:
    """The first entries by truncated direct products in doubles; None where the range of doubles does not do.

    Each product of sums errs by a summation of at most `count` terms, and n of them are multiplied at most.
    """
    error = bounds.repeated(bounds.summation(count), n)
    if error > 1e-11 or not head[0]:
        return None
    fraction, shift = math.frexp(float(head[0]))
    # Relative to the first entry an outcome below `count` is a product of fewer than that many others.
    with np.errstate(all="ignore"):
        square = head / head[0]
        least = float(square.min(where=square > 0, initial=1.0))
        if least == 0 or math.log10(least) * min(n, count - 1) < LEAST_HEAD_DIGITS:
            return None
        result = by_squaring(square, n, lambda x, y, _: np.convolve(x, y)[:count])
    if not float(result.max()) < MOST_HEAD:
        return None
    result = np.pad(result, (0, count - len(result)))
    first, exponent = arb_power(np.float64(fraction), n)
    significands, exponents = normal_pairs(result * first, exponent + n * shift)
    return significands, exponents, bounds.compose(error, bounds.repeated(bounds.UNIT, n), 4 * UNIT)


def _by_windows(step: Operand, n: int, tolerance: float, result: Result) -> None:
    """Certifies what windows can, in some passes of less and less reach; from all frequencies where few do not do."""
    logs = Logs.of_operand(step)
    count = len(result.bad)
    # Of the totals, and of the tilts that are undone.
    weights_error = n * TOTAL_ERROR + 2 * UNIT + TILT_ERROR
    if weights_error >= tolerance / 2 or len(logs.hull.x) < 2:
        return
    depth = 15 * math.log2(count + 2)
    ways = [(by_all, n * (depth / 3 + 3 + SUM_ROUNDINGS) * UNIT, PASSES)]
    if n >= NEAR_COPIES:
        passes = PASSES if n > FULL_COPIES else PASSES[:1]
        ways.insert(0, (by_near, (3 * CENTRED_ROUNDINGS * math.sqrt(n) + depth) * UNIT, passes))
    table: Table | None = None
    for way, error, passes in ways:
        for margin, widening in passes:
            reach = math.log2((tolerance - weights_error) / error) - margin
            outcomes = np.flatnonzero(result.bad)
            if not len(outcomes):
                return
            if reach < 0.5 or len(outcomes) <= FEWEST:
                continue
            width = math.sqrt(2 * math.log(2) * reach)
            table = table or Table.of(logs, n, width)
            tilt, low, high = table.windows(outcomes, width)
            rows = max(1, 2**20 // len(logs.significands))
            for start in range(0, len(tilt), rows):
                some = slice(start, start + rows)
                tilted = Tilted.of(logs, tilt[some], count, precise=True)
                job = Copies(way, tilted, n, count)
                fill(job, low[some], high[some], widening, result, tolerance, weights_error)


class Job(Protocol):
    """Laws of a sum under some tilts: where their bells are, and their entries by one transform each."""

    @property
    def tilt(self) -> FloatArray:
        """The tilts."""

    @property
    def center(self) -> FloatArray:
        """The means of the sums."""

    @property
    def spread(self) -> FloatArray:
        """The standard deviations of the sums."""

    @property
    def most(self) -> int:
        """No transform need be longer: the number of possible outcomes."""

    def entries(self, lengths: IntArray) -> Entries:
        """What transforms under the tilts, of these lengths, give."""

    def wrapped(self, low: IntArray, high: IntArray, length: IntArray) -> FloatArray:
        """Bounds on the mass that wraps around into [low, high], under every tilt, after transforms of a length."""

    def scales(self) -> tuple[FloatArray, IntArray]:
        """The totals of the tilted weights, as fractions and exponents."""


@dataclass(frozen=True, slots=True, eq=False)
class Copies:
    """n copies of a tilted step."""

    way: Callable[[Tilted, int, IntArray], Entries]
    tilted: Tilted
    n: int
    count: int

    @property
    def tilt(self) -> FloatArray:
        """The tilts."""
        return self.tilted.tilt

    @property
    def center(self) -> FloatArray:
        """The means of the sums."""
        return self.n * self.tilted.mean

    @property
    def spread(self) -> FloatArray:
        """The standard deviations of the sums."""
        return math.sqrt(self.n) * self.tilted.spread

    @property
    def most(self) -> int:
        """No transform need be longer: the number of possible outcomes."""
        return self.count

    def entries(self, lengths: IntArray) -> Entries:
        """What transforms under the tilts, of these lengths, give."""
        return self.way(self.tilted, self.n, lengths)

    def wrapped(self, low: IntArray, high: IntArray, length: IntArray) -> FloatArray:
        """Bounds on the mass that wraps around into [low, high], under every tilt, after transforms of a length."""
        total = np.zeros(len(low))
        for edge, side in ((low + length, 1.0), (high - length, -1.0)):
            inside = np.flatnonzero((edge >= 0) & (edge < self.count))
            total[inside] += self._beyond(inside, edge[inside], side)
        return total

    def _beyond(self, which: IntArray, edge: IntArray, side: float) -> FloatArray:
        """Bounds on the mass from an edge on: Chernoff's at the rates that lead to other windows' tilts.

        With Z_t the total of the step's weights times 2**(t k), the law under the tilt t has at most a mass of
        (Z_s / Z_t)**n 2**((t - s) edge) from the edge on, upwards for s > t, downwards for s < t. That is least for the
        s under which the edge is the mean, and the totals are known. Where no window lies there, as at the ends, the
        mass is bounded from the step itself.
        """
        tilt, n = self.tilt, self.n
        bits = np.log2(self.tilted.scale.astype(np.float64)) + self.tilted.shift
        near = np.searchsorted(self.center, edge)
        best = np.zeros(len(edge))
        for other in (near - 1, near):
            other = np.clip(other, 0, len(tilt) - 1)
            rise, product = n * (bits[other] - bits[which]), (tilt[other] - tilt[which]) * edge
            slack = 4 * UNIT * (n * (np.abs(bits[other]) + np.abs(bits[which]) + 1) + np.abs(product))
            beyond = side * (other - which) > 0
            best = np.where(beyond, np.minimum(best, rise - product + slack + 4 * n * TOTAL_ERROR), best)
        found = np.exp2(best) * (1 + 1e-6)
        open_ones = np.flatnonzero(best * math.log(2) > NEGLIGIBLE)
        if len(open_ones):
            found[open_ones] = chernoff(self.tilted.take(which[open_ones]), n, edge[open_ones], side)
        return np.asarray(found)

    def scales(self) -> tuple[FloatArray, IntArray]:
        """The totals of the tilted weights, as fractions and exponents."""
        pairs = [arb_power(scale, self.n) for scale in self.tilted.scale]
        exponents = np.array([e for _, e in pairs]) + self.n * self.tilted.shift
        return np.array([fraction for fraction, _ in pairs]), exponents


def fill(
    job: Job, low: IntArray, high: IntArray, widening: float, result: Result, tolerance: float, weights_error: float
) -> None:
    """Fills the windows [low, high], in batches of transforms of one length, on two threads where there are many."""
    spread, center, tilts = job.spread, job.center, job.tilt
    half = np.maximum(np.maximum(high - center, center - low), 1.0)
    need = np.minimum(half + SPREAD * widening * (spread + 1.0), job.most).astype(np.int64) + 16
    need = np.maximum(np.maximum(need, high - low + 1), 32)
    # Lengths in steps of 1/16 make few batches; where there are few points, calls cost more than they.
    steps = 1 if int(need.sum()) < FEW_POINTS else 4
    unit = np.maximum(np.exp2(np.floor(np.log2(need)) - steps), 64 if steps == 1 else 1).astype(np.int64)
    need = -(-need // unit) * unit
    lengths = np.zeros_like(need)
    batches: list[tuple[int, IntArray]] = []
    for size in np.unique(need):
        which, length = np.flatnonzero(need == size), smooth(int(size))
        lengths[which] = length
        most = max(1, BATCH // length)
        batches.extend((length, which[i : i + most]) for i in range(0, len(which), most))

    entries = job.entries(lengths)
    wrapped = job.wrapped(low, high, lengths)
    factors, exponents = job.scales()

    def run(batch: tuple[int, IntArray]) -> float:
        """One batch; returns its error bound."""
        length, which = batch
        values, offset, absolute = entries(which, length)
        absolute = absolute + wrapped[which]
        factor, exponent = factors[which], exponents[which]
        cells = Ragged.of(high[which] - low[which] + 1)
        places = (cells.repeated(low[which] - offset) + cells.index) % length
        places += cells.repeated(np.arange(len(which)) * length)
        return result.accept(
            cells,
            low[which],
            values.ravel()[places] * cells.repeated(factor),
            tilts[which],
            low[which],
            exponent,
            weights_error,
            absolute * factor * bounds.PAD,
            tolerance,
        )

    if sum(length * len(which) for length, which in batches) < THREADED:
        errors = [run(batch) for batch in batches]
    else:
        with ThreadPoolExecutor(2) as pool:
            errors = list(pool.map(run, batches))
    result.error = max(result.error, *errors, 0.0)
