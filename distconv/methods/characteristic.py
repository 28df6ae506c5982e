"""The characteristic function of a tilted step, raised to high powers, with bounds on everything that rounds.

`by_all` transforms every frequency. For large n only frequencies near 0 survive the power: `by_near` sums 1 - phi there
from small terms about the mean, so that its error, multiplied by n, stays small, and so does that of the tilted
weights; only their total is needed to more digits than a double has. The frequencies left out are bounded by a coarse
grid of |phi| and its curvature (`far_bound`), what wraps around by Chernoff's inequality (`chernoff`).

Sources: Ozaki, Ogita, Oishi, Rump (2012) for matrix products without rounding error; the centred sums and the bounds
are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods.squaring import by_squaring
from distconv.methods.tilted import TILT_ERROR, Logs, dyadic, power_of_two
from distconv.numbers.balls import ball_of, resolved_pair
from distconv.typing import AnyArray, FloatArray, IntArray

#: Rounding of a near frequency's sum of centred terms, in units of 2**-53, but for the sum's depth (see `_centred`).
CENTRED_ROUNDINGS = 25
#: Bits of the leading parts of factors whose products are summed without rounding.
LEADING_BITS = 23
#: Roundings of the tilted weights' total (numpy's pairwise summation) and of a quotient by it, in units of 2**-53.
SUM_ROUNDINGS = 24
#: Relative error of such a total in extended precision (in a double where numpy has none).
TOTAL_ERROR = 40 * float(np.finfo(np.longdouble).eps)
#: Bits in which a power of a total is first computed, beside those that the exponent takes.
POWER_BITS = 128
#: Natural logs below a bell's top at which its spectrum ends: tolerances are of the order of exp(-23), and windows
#: reach some exp(-6) below the top.
DEPTH = 36.0
#: Radians per standard deviation of the step from which far frequencies are bounded by a grid alone.
TURN = 0.5
#: Points per standard deviation of the step on the grid that bounds the far frequencies, at least and at most.
FEWEST_FAR, MOST_FAR = 9.0, 128.0
#: Points of that grid below which it would hardly tell far frequencies from near ones.
FEW_FAR = 16
#: Tilts whose frequencies near 0 are computed together, and entries of their steps: tables take some megabytes.
NEAR_ROWS, NEAR_CELLS = 8, 2**16
#: Logs of bounds on wrapped-around mass below this need not be better.
NEGLIGIBLE = -43.0


#: (entries modulo the length, the offsets of entry 0, bounds on their errors) under some of the tilts, of a length.
Entries: TypeAlias = "Callable[[IntArray, int], tuple[FloatArray, IntArray, FloatArray]]"


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

    def take(self, which: AnyArray | slice) -> Tilted:
        """The step under some of the tilts."""
        return Tilted(*(getattr(self, name)[which] for name in ("tilt", "p", "scale", "shift", "mean", "spread")))


def arb_power(base: np.floating[Any], n: int) -> tuple[float, int]:
    """base**n as (significand, exponent), rounded once."""
    leading, rest = float(base), float(base - np.longdouble(float(base)))
    return resolved_pair(
        lambda: (ball_of(leading) + ball_of(rest)) ** n,
        f"the {n}-th power of a total",
        start=POWER_BITS + 2 * n.bit_length(),
    )


def chernoff(tilted: Tilted, n: int, edge: IntArray, side: float) -> FloatArray:
    """Bounds on the n-fold sums' mass from an edge on, upwards (side 1) or downwards (-1).

    Chernoff's, at the rate that is best for a Gaussian, at smaller ones, and at Bennett's, which is best where few of
    many steps move at all.
    """
    k = np.arange(tilted.p.shape[1], dtype=np.float64) - tilted.mean[:, None]
    variance = n * tilted.spread**2 + 1e-300
    distance = np.maximum(side * (edge - n * tilted.mean), 0.0)
    reach = np.maximum(side * k[:, 0], side * k[:, -1])
    best = np.zeros(len(edge))
    rates = [share * distance / variance for share in (1.0, 0.5, 0.25)]
    rates.append(np.log1p(reach * distance / variance) / np.maximum(reach, 1e-300))
    for every in rates:
        which = np.flatnonzero(best > NEGLIGIBLE)
        if not len(which):
            break
        rate = every[which]
        top = rate * reach[which]
        usable = top < 600
        powers = np.exp(np.where(usable, side * rate, 0.0)[:, None] * k[which])
        growth = np.log((tilted.p[which] * powers).sum(axis=1) * (1 + k.shape[1] * UNIT))
        # Rounding of the exponents, at most `top` roundings, and of p, n times.
        slack = n * ((np.maximum(top, 1.0) * 4 + 4 + SUM_ROUNDINGS) * UNIT + 2 * TILT_ERROR)
        bound = np.where(usable, n * growth - rate * distance[which] * (1 - 4 * UNIT) + slack, 0.0)
        best[which] = np.minimum(best[which], bound)
    return np.asarray(np.exp(best) * (1 + 1e-6))


def by_all(tilted: Tilted, n: int, lengths: IntArray) -> Entries:  # noqa: ARG001 - the frequencies of each batch
    """Entries from every frequency."""

    def entries(which: IntArray, length: int) -> tuple[FloatArray, IntArray, FloatArray]:
        p = tilted.p[which]
        phi = np.fft.rfft(folded(p, length), length)
        rounding = bounds.FFT_STAGE * math.log2(length) * (1 + 1e-6) + 8 + p.shape[1] / length + SUM_ROUNDINGS
        stage = rounding * UNIT + 2 * TILT_ERROR
        sizes = np.abs(phi) + stage
        below = powered(sizes, n - 1)
        slope = 2.0 * below.sum(axis=1) / length
        mass = 2.0 * (below * sizes).sum(axis=1) / length
        error = (n * stage * slope + (n * 3 * UNIT + stage) * mass) * (1 + 1e-9) + bounds.TINY
        return np.fft.irfft(powered(phi, n), length), np.zeros(len(phi), dtype=np.int64), error

    return entries


def folded(p: FloatArray, length: int) -> FloatArray:
    """Rows wrapped around after `length` entries, where they are longer: their transforms at so many frequencies."""
    size = p.shape[1]
    if size <= length:
        return p
    return np.asarray(np.pad(p, ((0, 0), (0, -size % length))).reshape(len(p), -1, length).sum(axis=1))


def powered(values: AnyArray, n: int) -> AnyArray:
    """values**n by repeated squaring: n - 1 roundings at most, sqrt(5) u each, are carried into the result."""
    return by_squaring(values, n, lambda x, y, _: x * y) if n else np.ones_like(values)


@dataclass(frozen=True, slots=True, eq=False)
class Spectra:
    """The n-th powers of characteristic functions at the frequencies near 0, those beyond them bounded.

    Attributes:
        values: a row for each tilt, 0 beyond the frequencies that count; about the offsets.
        offset: what lies at 0.
        error: bounds on the errors of the entries.
    """

    values: AnyArray
    offset: IntArray
    error: FloatArray

    @classmethod
    def of(cls, tilted: Tilted, n: int, lengths: IntArray) -> Spectra:
        """Of transforms of these lengths, one for each tilt."""
        half = lengths // 2
        counts = np.minimum(_end(n, tilted.spread) * lengths / (2 * math.pi), half - 1.0).astype(np.int64) + 2
        center = np.rint(tilted.mean).astype(np.int64)
        real, imaginary, term_error = _centred(tilted.p, center, int(counts.max()), lengths)
        # Of a frequency at which nothing is left no log is known: the row's error is nan, which certifies nothing.
        with np.errstate(divide="ignore", invalid="ignore"):
            log_size = 0.5 * np.log1p(2 * real + real * real + imaginary * imaginary)
            angle = np.arctan2(imaginary, 1 + real)
            size = np.where(np.arange(log_size.shape[1]) < counts[:, None], np.exp(n * log_size), 0.0)
            roundings = 6 * UNIT * (1 + n * (np.abs(log_size) + np.abs(angle)))
            share = 2.0 / lengths
            error = share * (size * (n * term_error * 1.5 + roundings)).sum(axis=1)
        error += bounds.FFT_STAGE * np.log2(lengths) * UNIT * share * size.sum(axis=1)
        beyond = np.flatnonzero(counts <= half)
        if len(beyond):
            error[beyond] += far_bound(tilted.take(beyond), n, 2 * math.pi * counts[beyond] / lengths[beyond])
        return cls(size * np.exp(1j * (n * angle)), n * center, error * (1 + 1e-9))


def by_near(tilted: Tilted, n: int, lengths: IntArray) -> Entries:
    """Entries from the frequencies near 0: all of these at once, then one transform for each batch."""
    # Rows that are neighbours have bells of like widths.
    rows = max(1, min(NEAR_ROWS, NEAR_CELLS // tilted.p.shape[1]))
    parts = [slice(i, i + rows) for i in range(0, len(lengths), rows)]
    spectra = [Spectra.of(tilted.take(part), n, lengths[part]) for part in parts]

    def entries(which: IntArray, length: int) -> tuple[AnyArray, IntArray, FloatArray]:
        spectrum = np.zeros((len(which), length // 2 + 1), dtype=np.complex128)
        offset, error = np.empty(len(which), dtype=np.int64), np.empty(len(which))
        for row, i in enumerate(which.tolist()):
            found, place = spectra[i // rows], i % rows
            values = found.values[place, : spectrum.shape[1]]
            spectrum[row, : len(values)] = values
            offset[row], error[row] = found.offset[place], found.error[place]
        return np.fft.irfft(spectrum, length), offset, error

    return entries


def _depth(n: int, spread: FloatArray) -> FloatArray:
    """Natural logs of a power's size below which its frequencies are negligible beside all that are nearer to 0."""
    return np.asarray(DEPTH + np.log1p(math.sqrt(n) * spread))


def _end(n: int, spread: FloatArray) -> FloatArray:
    """The frequencies from which the n-th power of a step's characteristic function is likely negligible.

    Chosen for two kinds of step of that standard deviation, for most others fall faster: of an exponential law,
    |phi|**2 = 1 / (1 + (spread w)**2), as steps under strong tilts are, where room is left for the curvature between
    the points of `far_bound`; and of rare single events, |phi|**n = exp(-n spread**2 (1 - cos w)).
    """
    depth = _depth(n, spread)
    square = np.expm1(np.minimum(2 * depth / n, 600.0))
    decay = np.sqrt(np.where(square < TURN**2, square, 1.5 * square + 0.5))
    with np.errstate(divide="ignore"):
        rare = 2 * np.arcsin(np.sqrt(np.minimum(depth / (2 * n * spread**2), 1.0)))
        return np.asarray(np.maximum(decay / spread, rare))


def _centred(
    p: FloatArray, center: IntArray, count: int, lengths: IntArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
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
    even, odd = after + before, after - before
    even[:, 0] = odd[:, 0] = 0.0
    cosines, sines = _steps(np.arange(block), count, lengths)
    factors = np.concatenate((cosines, sines, np.ones((rows, block, 1))), axis=2)
    outer_c, outer_s = _steps(np.arange(blocks) * block, count, lengths)
    both = np.concatenate((even, odd), axis=1).reshape(rows, 2 * blocks, block)
    c, s, total = np.split(_exact(both, factors), (count, 2 * count), axis=2)
    real = _pairwise(outer_c * (total + c)[:, :blocks] + (c[:, :blocks] - outer_s * s[:, :blocks]))
    imaginary = -_pairwise(outer_s * (total + c)[:, blocks:] + (s[:, blocks:] + outer_c * s[:, blocks:]))
    angles = np.arange(count) * (2 * math.pi / lengths)[:, None]
    deviation = (even * d).sum(axis=1) * (1 + len(d) * UNIT)
    roundings = math.sqrt(2) * (CENTRED_ROUNDINGS + math.log2(blocks)) * UNIT
    factor = roundings * (1 + 2 * np.minimum(angles * block, 2.0)) + 2 * TILT_ERROR + SUM_ROUNDINGS * UNIT
    return real, imaginary, factor * angles * deviation[:, None]


def _steps(d: IntArray, count: int, lengths: IntArray) -> tuple[FloatArray, FloatArray]:
    """cos(w_j d) - 1 and sin(w_j d) for every length, all d, j < count; j * d is reduced modulo the length exactly."""
    every = lengths[:, None, None]
    turns = (d[:, None] * np.arange(count)) % every
    turns = np.where(2 * turns > every, turns - every, turns)
    angles = turns * (2 * math.pi / every)
    return -2.0 * np.sin(angles / 2) ** 2, np.sin(angles)


def _exact(grid: FloatArray, factors: FloatArray) -> FloatArray:
    """grid @ factors, at most 64 terms a sum, each sum rounded once but for 2**-11 units of its largest product.

    The leading `LEADING_BITS` bits of both factors, relative to the largest of their row or column, are integers of one
    unit: their products are summed without rounding, in any order.
    """
    lead, lead_factors = _leading(grid, axis=-1), _leading(factors, axis=-2)
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


def far_bound(tilted: Tilted, n: int, first: float | FloatArray) -> FloatArray:
    """Bounds on |phi|**n for the frequencies from `first` to pi: an expansion at 0, then a grid's values and curvature.

    |phi|**2 is the characteristic function of the difference D of two copies: 1 - |phi|**2 = E (1 - cos(w D)) is at
    least w**2 E D**2 / 2 - w**4 E D**4 / 24, which rises while w**2 < 6 E D**2 / E D**4. Its second derivative is at
    most E D**2; between points of a grid of width h it exceeds the larger value by at most h**2 E D**2 / 8.
    """
    size = tilted.p.shape[1]
    # The curvature between neighbours adds pi**2 / (points per deviation)**2, a third of what is negligible (`_end`).
    spread = tilted.spread.max()
    fine = np.clip(math.sqrt(3) * math.pi * np.exp(np.minimum(_depth(n, spread) / n, 9.0)), FEWEST_FAR, MOST_FAR)
    points = 1 << max(int(fine * spread), FEW_FAR).bit_length()
    sizes = np.abs(np.fft.rfft(folded(tilted.p, points), points))
    rounding = (bounds.FFT_STAGE * math.log2(points) + size / points + SUM_ROUNDINGS) * UNIT * (1 + 1e-6)
    rounding += 2 * TILT_ERROR
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
