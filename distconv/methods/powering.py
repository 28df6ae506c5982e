"""n-fold sums of a floating measure by tilted transforms, without repeated squaring.

Under a tilt the n-fold sum is a bell around n times the tilted mean, some standard deviations wide, and its entries
there are one inverse transform of the n-th power of the step's characteristic function. Tilts are chosen from the
cumulant generating function so that the bells cover all outcomes (the saddle points of large deviations): if m(t) and
s(t) are mean and standard deviation of the tilted step, windows are equally spaced in the integral of s. Each entry
carries a bound on: the total of the tilted weights (n times), the characteristic function's error (n times), the
inverse transform's, and what is wrapped around (Chernoff).

For large n only frequencies near 0 survive the power. There 1 - phi is summed from small terms about the mean, so that
its error, multiplied by n, stays small, and so does that of the tilted weights; only their total is needed to more
digits than a double has. The frequencies left out are bounded by a coarse grid of |phi| and its curvature.

Sources: Wilson and Keich (2016) and Keich's sisFFT (2005) for one exponential shift; Ozaki, Ogita, Oishi, Rump (2012)
for matrix products without rounding error; the windows, the centred sums and the bounds are ours
(docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods import ball, fft
from distconv.methods.boxes import Operand
from distconv.methods.tilted import (
    BATCH,
    FEW_POINTS,
    THREADED,
    TILT_ERROR,
    Logs,
    Ragged,
    Result,
    dyadic,
    power_of_two,
    stretches,
)
from distconv.typing import AnyArray, FloatArray, IntArray

#: Up to this many copies every frequency is transformed and raised to the n-th power; above, those near 0 at first.
FULL_COPIES = 256
#: Fewest uncertified entries for which another pass is made.
FEWEST = 64
#: Most entries at either end that are left to direct sums or ball arithmetic.
MOST_ENDS = 3000
#: Least positive entry relative to the first that direct sums of an end bear: what underflows is far smaller.
LEAST_HEAD = 1e-250
#: Standard deviations, beyond a window's reach, at which wrapped-around mass begins.
SPREAD = 9.3
#: Logs of bounds on wrapped-around mass below this need not be better.
NEGLIGIBLE = -43.0
#: Near frequencies: up to this many radians per standard deviation of the step.
NEAR = 0.75
#: Bits below its top that windows reach, less than the certificate would allow; and how much wider transforms get.
PASSES = ((1.5, 1.0), (4.0, 1.3), (6.0, 2.0))
#: Neighbouring tilts of the table of means differ by less than this part of a window.
TABLE_WINDOWS = 0.4
TABLE_ROUNDS = 24
#: Bits of the leading parts of factors whose products are summed without rounding.
LEADING_BITS = 23
#: Points per standard deviation of the step on the grid that bounds the far frequencies.
FAR_POINTS = 32
#: Rounding of a near frequency's sum of centred terms, in units of 2**-53, but for the sum's depth (see `_centred`).
CENTRED_ROUNDINGS = 25
#: Roundings of the tilted weights' total (numpy's pairwise summation) and of a quotient by it, in units of 2**-53.
SUM_ROUNDINGS = 24
#: Relative error of such a total in extended precision (in a double where numpy has none).
TOTAL_ERROR = 40 * float(np.finfo(np.longdouble).eps)


@dataclass(frozen=True, slots=True, eq=False)
class Tilted:
    """The step under some tilts, laws p with their moments: weights = p * scale * 2**shift * 2**(-tilt k).

    `p` has a row for each tilt; means and spreads (standard deviations) are in indices of the step.
    """

    tilt: FloatArray
    p: FloatArray
    scale: FloatArray
    shift: IntArray
    mean: FloatArray
    spread: FloatArray

    @classmethod
    def of(cls, step: Logs, tilt: FloatArray, longest: int, *, precise: bool = False) -> Tilted:
        """The step under tilts rounded so that products with indices up to the longest are exact.

        If precise, `scale` is summed in extended precision. Then each term errs by an exp2 and a product, and their
        sum by numpy's pairwise summation: `TOTAL_ERROR` allows 40 units.
        """
        size = len(step.significands)
        tilt = dyadic(tilt, longest)
        bits = tilt[:, None] * np.arange(size)
        factor, integers = power_of_two(bits)
        values = step.significands * factor
        exponents = step.exponents + integers
        shift = np.where(values > 0, exponents, -(2**62)).max(axis=1)
        exponents = np.maximum(exponents - shift[:, None], -1070).astype(np.int32)
        values = np.ldexp(values, exponents)
        scale = values.sum(axis=1)
        p = values / scale[:, None]
        if precise:
            longer = np.exp2((bits - integers).astype(np.longdouble)) * step.significands
            scale = np.ldexp(longer, exponents).sum(axis=1)
        k = np.arange(size, dtype=np.float64)
        mean = (p * k).sum(axis=1)
        spread = np.sqrt((p * (k - mean[:, None]) ** 2).sum(axis=1))
        return cls(tilt, p, scale, shift, mean, spread)

    def take(self, which: AnyArray) -> Tilted:
        """The step under some of the tilts."""
        return Tilted(*(getattr(self, name)[which] for name in ("tilt", "p", "scale", "shift", "mean", "spread")))


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
        tilt = np.unique(np.concatenate((ends, np.quantile(falls, np.linspace(0, 1, 9)))))
        found = Tilted.of(step, tilt, longest)
        tilt, mean, spread = found.tilt, n * found.mean, math.sqrt(n) * found.spread
        for _ in range(TABLE_ROUNDS):
            steps = _windows_between(tilt, spread, width)
            wide = (steps > TABLE_WINDOWS) | (np.abs(np.diff(np.log(spread + 1e-300))) > 0.7) & (steps > 0.05)
            if not wide.any():
                break
            new = Tilted.of(step, (tilt[:-1][wide] + tilt[1:][wide]) / 2, longest)
            tilt = np.concatenate((tilt, new.tilt))
            tilt, order = np.unique(tilt, return_index=True)
            mean = np.concatenate((mean, n * new.mean))[order]
            spread = np.concatenate((spread, math.sqrt(n) * new.spread))[order]
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


def power(step: Operand, n: int, tolerance: float) -> Result | None:
    """The n-fold convolution of a 1-D array, both ends positive, every entry within the tolerance.

    What the windows leave at either end, where few terms are summed, is computed from the ends of the step alone. None
    where windows do not do.
    """
    count = n * (step.shape[0] - 1) + 1
    result = Result.empty(count, None if step.is_full else _power_support(step.significands > 0, n))
    wanted = result.bad.copy()
    _by_windows(step, n, tolerance, result)
    missed = np.flatnonzero(result.bad)
    if not len(missed):
        return result
    middle = count // 2
    left = int(missed[missed < middle].max(initial=-1)) + 1
    right = count - int(missed[missed >= middle].min(initial=count))
    if max(left, right) > MOST_ENDS:
        return None
    for size, backwards in ((left, False), (right, True)):
        if size:
            significands, exponents, error = _head(step.reversed() if backwards else step, n, size)
            if error > tolerance:
                return None
            ends = slice(None, -size - 1, -1) if backwards else slice(size)
            result.significands[ends] = np.where(wanted[ends], significands, 0.0)
            result.exponents[ends] = np.where(wanted[ends], exponents, 0)
            result.error = max(result.error, error)
    return result


def plain(step: Operand, n: int) -> tuple[FloatArray, float]:
    """The n-fold convolution of a 1-D law by one transform, as doubles, and a bound on the absolute error of each."""
    from scipy.fft import next_fast_len

    count = n * (step.shape[0] - 1) + 1
    tilted = Tilted.of(Logs.of_operand(step), np.zeros(1), count, precise=True)
    values, _, error = _full(tilted, n, next_fast_len(count, real=True))
    fraction, exponent = arb_power(tilted.scale[0], n)
    factor = math.ldexp(fraction, exponent + n * int(tilted.shift[0]))
    relative = n * TOTAL_ERROR + 2 * UNIT
    return values[0, :count] * factor, float(error[0]) * factor * bounds.PAD + relative


def _power_support(positive: AnyArray, n: int) -> AnyArray:
    """Which outcomes of the n-fold sum are possible at all."""
    result, square = np.ones(1, dtype=bool), positive
    while True:
        if n & 1:
            result = fft.indicator_support(result, square)
        n >>= 1
        if not n:
            return result
        square = fft.indicator_support(square, square)


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
    # Entries relative to the first, so that no positive entry of a product is smaller than those of its factors.
    with np.errstate(all="ignore"):
        square, result, left = head / head[0], np.ones(1), n
        if float(square.min(where=square > 0, initial=1.0)) < LEAST_HEAD:
            return None
        while left:
            if left & 1:
                result = np.convolve(result, square)[:count]
            left >>= 1
            if left:
                square = np.convolve(square, square)[:count]
    if not float(result.max()) < 1 / LEAST_HEAD:
        return None
    result = np.pad(result, (0, count - len(result)))
    first, exponent = arb_power(np.float64(fraction), n)
    significands, shifts = np.frexp(result * first)
    where = result > 0
    exponents = np.where(where, shifts.astype(np.int64) + exponent + n * shift, 0)
    return significands, exponents, bounds.compose(error, bounds.repeated(bounds.UNIT, n), 4 * UNIT)


def _by_windows(step: Operand, n: int, tolerance: float, result: Result) -> None:
    """Certifies what windows can, in some passes of less and less reach; from all frequencies where few do not do."""
    logs = Logs.of_operand(step)
    count = len(result.bad)
    weights_error = n * TOTAL_ERROR + 2 * UNIT
    if weights_error >= tolerance / 2 or len(logs.hull.x) < 2:
        return
    depth = 15 * math.log2(count + 2)
    ways = [(_full, n * (depth / 3 + 3 + SUM_ROUNDINGS) * UNIT)]
    if n > FULL_COPIES:
        ways.insert(0, (_near, (3 * CENTRED_ROUNDINGS * math.sqrt(n) + depth) * UNIT))
    table: Table | None = None
    for way, error in ways:
        for margin, widening in PASSES:
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
                _transform_all(way, tilted, n, low[some], high[some], widening, result, tolerance, weights_error)


def _transform_all(
    way: Callable[[Tilted, int, int], tuple[FloatArray, IntArray, FloatArray]],
    tilted: Tilted,
    n: int,
    low: IntArray,
    high: IntArray,
    widening: float,
    result: Result,
    tolerance: float,
    weights_error: float,
) -> None:
    """Fills the windows [low, high], in batches of transforms of one length, on two threads where there are many."""
    from scipy.fft import next_fast_len

    count = len(result.bad)
    spread, center = math.sqrt(n) * tilted.spread, n * tilted.mean
    half = np.maximum(np.maximum(high - center, center - low), 1.0)
    need = np.minimum((half + SPREAD * widening * (spread + 1.0)).astype(np.int64), count) + 16
    need = np.maximum(np.maximum(need, high - low + 1), 32)
    # Lengths in steps of 1/16 make few batches; where there are few points, calls cost more than they.
    steps = 1 if int(need.sum()) < FEW_POINTS else 4
    unit = np.maximum(np.exp2(np.floor(np.log2(need)) - steps), 64 if steps == 1 else 1).astype(np.int64)
    need = -(-need // unit) * unit
    batches: list[tuple[int, IntArray]] = []
    for size in np.unique(need):
        which, length = np.flatnonzero(need == size), next_fast_len(int(size), real=True)
        most = max(1, BATCH // length)
        batches.extend((length, which[i : i + most]) for i in range(0, len(which), most))

    def run(batch: tuple[int, IntArray]) -> float:
        """One batch; returns its error bound."""
        length, which = batch
        part = tilted.take(which)
        values, offset, absolute = way(part, n, length)
        absolute = absolute + _wrapped(part, n, low[which], high[which], length, count)
        pairs = [arb_power(scale, n) for scale in part.scale]
        factor = np.array([fraction for fraction, _ in pairs])
        exponent = np.array([e for _, e in pairs]) + n * part.shift
        cells = Ragged.of(high[which] - low[which] + 1)
        where = cells.repeated(low[which]) + cells.index
        return result.accept(
            where,
            (values * factor[:, None]).ravel()[
                cells.repeated(np.arange(len(which)) * length) + (where - cells.repeated(offset)) % length
            ],
            cells.repeated(part.tilt),
            where,
            cells.repeated(exponent),
            weights_error,
            cells.repeated(absolute * factor * bounds.PAD),
            tolerance,
        )

    if sum(length * len(which) for length, which in batches) < THREADED:
        errors = [run(batch) for batch in batches]
    else:
        with ThreadPoolExecutor(2) as pool:
            errors = list(pool.map(run, batches))
    result.error = max(result.error, *errors, 0.0)


def arb_power(base: np.floating[Any], n: int) -> tuple[float, int]:
    """base**n as (significand, exponent), rounded once."""
    import flint

    bits = 128 + 2 * n.bit_length()
    leading = float(base)
    while True:
        with flint.ctx.workprec(bits):
            value = (flint.arb(leading) + flint.arb(float(base - leading))) ** n
        # FLINT's precision is one for all threads: what another thread changed meanwhile shows in the radius.
        if value.rel_accuracy_bits() >= ball.RESOLVED_BITS:
            return ball.rounded(value)
        bits *= 2


def _wrapped(tilted: Tilted, n: int, low: IntArray, high: IntArray, length: int, count: int) -> FloatArray:
    """Bounds on the mass that wraps around into [low, high]."""
    total = np.zeros(len(low))
    for edge, side in ((low + length, 1.0), (high - length, -1.0)):
        inside = np.flatnonzero((edge >= 0) & (edge < count))
        total[inside] += chernoff(tilted.take(inside), n, edge[inside], side)
    return total


def chernoff(tilted: Tilted, n: int, edge: IntArray, side: float) -> FloatArray:
    """Bounds on the n-fold sums' mass from an edge on, upwards (side 1) or downwards (-1).

    Chernoff's, at the rate that is best for a Gaussian and at smaller ones.
    """
    k = np.arange(tilted.p.shape[1], dtype=np.float64) - tilted.mean[:, None]
    variance = n * tilted.spread**2 + 1e-300
    distance = np.maximum(side * (edge - n * tilted.mean), 0.0)
    best = np.zeros(len(edge))
    for share in (1.0, 0.5, 0.25):
        which = np.flatnonzero(best > NEGLIGIBLE)
        if not len(which):
            break
        rate = share * distance[which] / variance[which]
        top = rate * np.maximum(side * k[which, 0], side * k[which, -1])
        usable = top < 600
        powers = np.exp(np.where(usable, side * rate, 0.0)[:, None] * k[which])
        growth = np.log((tilted.p[which] * powers).sum(axis=1) * (1 + k.shape[1] * UNIT))
        # Rounding of the exponents, at most `top` roundings, and of p, n times.
        slack = n * ((np.maximum(top, 1.0) * 4 + 4 + SUM_ROUNDINGS) * UNIT + 2 * TILT_ERROR)
        bound = np.where(usable, n * growth - rate * distance[which] * (1 - 4 * UNIT) + slack, 0.0)
        best[which] = np.minimum(best[which], bound)
    return np.asarray(np.exp(best) * (1 + 1e-6))


def _full(tilted: Tilted, n: int, length: int) -> tuple[FloatArray, IntArray, FloatArray]:
    """(entries modulo the length, the offsets of entry 0, bounds on their errors), from every frequency."""
    p = tilted.p
    size = p.shape[1]
    if size > length:
        p = np.pad(p, ((0, 0), (0, -size % length))).reshape(len(p), -1, length).sum(axis=1)
    phi = np.fft.rfft(p, length)
    rounding = bounds.FFT_STAGE * math.log2(length) * (1 + 1e-6) + 8 + size / length + SUM_ROUNDINGS
    stage = rounding * UNIT + 2 * TILT_ERROR
    sizes = np.abs(phi) + stage
    below = _powered(sizes, n - 1)
    slope = 2.0 * below.sum(axis=1) / length
    mass = 2.0 * (below * sizes).sum(axis=1) / length
    error = (n * stage * slope + (n * 3 * UNIT + stage) * mass) * (1 + 1e-9) + bounds.TINY
    return np.fft.irfft(_powered(phi, n), length), np.zeros(len(p), dtype=np.int64), error


def _powered(values: AnyArray, n: int) -> AnyArray:
    """values**n by repeated squaring: n - 1 roundings at most, sqrt(5) u each, are carried into the result."""
    result, square = np.ones_like(values), values
    while n:
        if n & 1:
            result = result * square
        n >>= 1
        if n:
            square = square * square
    return result


def _near(tilted: Tilted, n: int, length: int) -> tuple[FloatArray, IntArray, FloatArray]:
    """(entries modulo the length, the offsets of entry 0, bounds on their errors), from the frequencies near 0."""
    half = length // 2
    least = float(tilted.spread.min())
    count = half + 1 if least == 0 else min(half + 1, 2 + int(NEAR * length / (2 * math.pi * least)))
    center = np.rint(tilted.mean).astype(np.int64)
    real, imaginary, term_error = _centred(tilted.p, center, count, length)
    log_size = 0.5 * np.log1p(2 * real + real * real + imaginary * imaginary)
    angle = np.arctan2(imaginary, 1 + real)
    size = np.exp(n * log_size)
    roundings = 6 * UNIT * (1 + n * (np.abs(log_size) + np.abs(angle)))
    each = 2.0 / length * size * (n * term_error * 1.5 + roundings)
    mass = 2.0 / length * size.sum(axis=1)
    spectrum = np.zeros((len(tilted.p), half + 1), dtype=np.complex128)
    spectrum[:, :count] = size * np.exp(1j * (n * angle))
    error = each.sum(axis=1) + bounds.FFT_STAGE * math.log2(length) * UNIT * mass
    if count <= half:
        error = error + far_bound(tilted, n, 2 * math.pi * count / length)
    return np.fft.irfft(spectrum, length), n * center, error * (1 + 1e-9)


def _centred(p: FloatArray, center: IntArray, count: int, length: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Real and imaginary parts of sum_k p_k (exp(-i w_j (k - center)) - 1), w_j = 2 pi j / length, and their errors.

    Entries at both sides of the center make an even and an odd part over d = |k - center| = B q + r, and cos - 1 and
    sin of sums are products of those of the terms: short matrix products, whose leading parts are exact (`_exact`).

    With C, S for cos - 1 and sin of w B q and c, s for those of w r, the terms C, c, C c, S s and S, s, S c, C s are at
    most (1 + 2 min(2, w B)) w d in all. Each errs by 19 u of its size (9 u of each factor and a product), 2 u in the
    sums over r, 4 u in the sum of the four, log2(Q) u in the sum over q; both parts together by sqrt(2) times that.
    Of p itself, each entry relative to the true total errs by 2 `TILT_ERROR` and `SUM_ROUNDINGS` u: so much of w d.
    """
    rows, size = p.shape
    reach = int(max(center.max(), size - 1 - center.min())) + 1
    block = min(1 << max(1, reach.bit_length() // 2), 64)
    blocks = 1 << (-(-reach // block) - 1).bit_length()
    d = np.arange(blocks * block)
    padded = np.pad(p, ((0, 0), (0, 1)))
    right, left = center[:, None] + d, center[:, None] - d
    after = np.take_along_axis(padded, np.minimum(right, size), axis=1)
    before = np.take_along_axis(padded, np.where(left < 0, size, np.minimum(left, size)), axis=1)
    parts = np.concatenate((after + before, after - before))
    parts[:, 0] = 0.0
    cosines, sines = _steps(np.arange(block), count, length)
    factors = np.concatenate((cosines, sines, np.ones((block, 1))), axis=1)
    sums = _exact(parts.reshape(2 * rows, blocks, block), factors)
    c, s, total = sums[..., :count], sums[..., count : 2 * count], sums[..., 2 * count :]
    outer_c, outer_s = _steps(np.arange(blocks) * block, count, length)
    real = _pairwise(outer_c * (total[:rows] + c[:rows]) + (c[:rows] - outer_s * s[:rows]))
    imaginary = -_pairwise(outer_s * (total[rows:] + c[rows:]) + (s[rows:] + outer_c * s[rows:]))
    angles = np.arange(count) * (2 * math.pi / length)
    deviation = (parts[:rows] * d).sum(axis=1) * (1 + len(d) * UNIT)
    roundings = math.sqrt(2) * (CENTRED_ROUNDINGS + math.log2(blocks)) * UNIT
    factor = roundings * (1 + 2 * np.minimum(angles * block, 2.0)) + 2 * TILT_ERROR + SUM_ROUNDINGS * UNIT
    return real, imaginary, factor * angles * deviation[:, None]


def _steps(d: IntArray, count: int, length: int) -> tuple[FloatArray, FloatArray]:
    """cos(w_j d) - 1 and sin(w_j d) for all d and j < count; j * d is reduced modulo the length as an integer."""
    turns = (d[:, None] * np.arange(count)) % length
    turns = np.where(2 * turns > length, turns - length, turns)
    angles = turns * (2 * math.pi / length)
    return -2.0 * np.sin(angles / 2) ** 2, np.sin(angles)


def _exact(grid: FloatArray, factors: FloatArray) -> FloatArray:
    """grid @ factors, at most 64 terms a sum, each sum rounded once but for 2**-11 units of its largest product.

    The leading `LEADING_BITS` bits of both factors, relative to the largest of their row or column, are integers of one
    unit: their products are summed without rounding, in any order.
    """
    lead, lead_factors = _leading(grid, axis=-1), _leading(factors, axis=0)
    return np.asarray(lead @ lead_factors + ((grid - lead) @ factors + lead @ (factors - lead_factors)))


def _leading(values: FloatArray, axis: int) -> FloatArray:
    """The values rounded to multiples of 2**-LEADING_BITS of the power of two above the largest along an axis."""
    exponent = np.frexp(np.abs(values).max(axis=axis, keepdims=True))[1]
    return np.asarray(np.ldexp(np.rint(np.ldexp(values, LEADING_BITS - exponent)), exponent - LEADING_BITS))


def _pairwise(values: FloatArray) -> FloatArray:
    """The sums over the middle axis, whose length is a power of two, by halves."""
    while values.shape[1] > 1:
        half = values.shape[1] // 2
        values = values[:, :half] + values[:, half:]
    return values[:, 0]


def far_bound(tilted: Tilted, n: int, first: float) -> FloatArray:
    """Bounds on |phi|**n for the frequencies from `first` to pi: an expansion at 0, then a grid's values and curvature.

    |phi|**2 is the characteristic function of the difference D of two copies: 1 - |phi|**2 = E (1 - cos(w D)) is at
    least w**2 E D**2 / 2 - w**4 E D**4 / 24, which rises while w**2 < 6 E D**2 / E D**4. Its second derivative is at
    most E D**2; between points of a grid of width h it exceeds the larger value by at most h**2 E D**2 / 8.
    """
    size = tilted.p.shape[1]
    points = 1 << max(size - 1, int(FAR_POINTS * float(tilted.spread.max()))).bit_length()
    sizes = np.abs(np.fft.rfft(tilted.p, points))
    rounding = (bounds.FFT_STAGE * math.log2(points) + SUM_ROUNDINGS) * UNIT * (1 + 1e-6) + 2 * TILT_ERROR
    second = 2 * tilted.spread**2
    k = np.arange(size, dtype=np.float64) - tilted.mean[:, None]
    fourth = 2 * (tilted.p * k**4).sum(axis=1) + 1.5 * second**2
    turn = np.sqrt(6 * second / np.maximum(fourth, 1e-300)) * (1 - 1e-6)
    near = 1 - first**2 * (second / 2 - first**2 * fourth / 24 * (1 + 1e-6)) * (1 - 1e-6)
    start = np.floor(np.maximum(first, turn) * points / (2 * math.pi)).astype(np.int64)
    grid = np.where(np.arange(points // 2 + 1) >= np.minimum(start, points // 2)[:, None], sizes, 0.0).max(axis=1)
    highest = (grid + rounding) ** 2 + (2 * math.pi / points) ** 2 * second / 8 * (1 + 1e-6)
    highest = np.where(first < turn, np.maximum(highest, near + 8 * UNIT), highest)
    return np.asarray(np.exp(n / 2 * np.log(np.minimum(highest, 1.0))))
