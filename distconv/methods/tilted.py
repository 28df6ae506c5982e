"""Convolution by FFTs of exponentially tilted operands: right in the far tail at the speed of short transforms.

Multiplying f(k) and g(k) by 2**(t k) and the result by 2**(-t c) changes nothing but the rounding: the error of the
transform is relative to the largest *tilted* entries. A tilt t serves the outcomes around the point where the merged
hull of log f and log g has slope -t; windows, each under its own tilt, serve them all. Entries more than `CUT` bits
below a window's top are left out, and bounded. Every entry is accepted only where its window's bound certifies it.

Pairs of many rows are convolved at once: their windows are chosen together and transformed in batches by length.

Sources: Wilson and Keich, Accurate pairwise convolutions of non-negative vectors via FFT (2016); Keich's sisFFT (2005)
for the exponential shift. The hulls, the windows and the dyadic tilts are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.methods.hull import Hull
from distconv.methods.operands import Operand, Piece
from distconv.numbers.doubles import normal_pairs
from distconv.support.boxes import Region
from distconv.typing import AnyArray, FloatArray, IntArray, Shape

#: Bits below the top of a window's tilted operand at which entries are left out.
CUT = 52
#: Bits below the top of the merged hull at which outcomes may wrap around into a window.
CUT_SUM = 62
#: Tilts are multiples of this, and keep so few bits that t * k is exact in a double for the indices of a window.
TILT_UNIT = 2.0**-80
#: Those of windows are multiples of this and coarser: then so are their products with indices, which are small where
#: entries count, plus or minus whole numbers, and exact as doubles, too.
COARSE_UNIT = 2.0**-42
#: The least power of two by which entries are tilted, in bits: as good as nothing, and products are normal doubles;
#: and the largest, which only zeros have.
LEAST_POWER, MOST_POWER = -500.0, 16.0
#: Relative error of one tilting: exp2 within 4 units in the last place, one product (checked in tests/test_bounds.py).
TILT_ERROR = 10 * bounds.UNIT
#: How many bits below its top a window first reaches, less than the certificate would allow; then less and less.
MARGINS = (1.5, 5.0, 8.5)
#: A pass that certifies less than this part of what was left is the last: shorter windows do not help either.
LEAST_GAIN = 0.1
#: Wanted outcomes this far apart begin a new window.
GAP = 64
#: Most parts into which one stretch is cut at once.
MOST_PARTS = 256
#: Points of one batch of transforms, so that it stays in the processor's cache and in memory that is not given back
#: to the system between calls; on two threads batches are longer, so that they seldom wait for each other.
BATCH = 2**15
#: Points of all transforms below which windows of unlike lengths are batched together.
FEW_POINTS = 2**17
#: Points of all transforms from which batches run on two threads.
THREADED = 2**22


@dataclass(frozen=True, slots=True, eq=False)
class Logs:
    """Rows of weights side by side, ready to be tilted.

    Attributes:
        significands: 0 or in [1/2, 1), all rows one after the other.
        exponents: int64 of the same length.
        starts: where each row begins, and where the last one ends.
        hull: the rows' hulls on the axis of these arrays, up to `hull.SLACK` bits too low.
    """

    significands: FloatArray
    exponents: IntArray
    starts: IntArray
    hull: Hull

    @classmethod
    def of(cls, significands: FloatArray, exponents: IntArray | None, starts: IntArray) -> Logs:
        """The logs of rows of non-negative numbers x 2**exponents, each with a positive one."""
        fractions, powers = normal_pairs(significands, exponents)
        x = np.flatnonzero(fractions)
        first = starts if len(x) == len(fractions) else np.searchsorted(x, starts)
        return cls(fractions, powers, starts, Hull.of(x, np.log2(fractions[x]) + powers[x], first).thinned())

    @classmethod
    def of_operand(cls, operand: Operand) -> Logs:
        """The logs of one 1-D operand."""
        return cls.of(operand.significands, operand.exponents, np.array([0, operand.shape[0]]))

    def tilted(
        self, low: IntArray, widths: IntArray, tilts: FloatArray, shifts: IntArray, length: int
    ) -> tuple[FloatArray, FloatArray]:
        """Stretches under tilts as rows of an array, and bounds on their Euclidean norms.

        Row i holds entries low[i] + k, k < widths[i], times 2**(tilts[i] k - shifts[i]), which are about 1 at most;
        what is less than 2**`LEAST_POWER` is at most that. Where they are more the powers are exact: sums of multiples
        of tilts and of whole numbers, and so of `COARSE_UNIT`, below 2**11.
        """
        k = np.arange(int(widths.max()))
        where = low[:, None] + k
        whole = self.exponents.take(where, mode="clip")
        whole -= shifts[:, None]
        result = np.zeros((len(low), length))
        values = result[:, : len(k)]
        np.multiply(tilts[:, None], k, out=values)
        values += whole
        np.clip(values, LEAST_POWER, MOST_POWER, out=values)
        if int(widths.min()) < len(k):
            values[k >= widths[:, None]] = LEAST_POWER
        np.exp2(values, out=values)
        values *= self.significands.take(where, mode="clip")
        return result, np.sqrt(np.einsum("ij,ij->i", values, values)) * (1 + length * bounds.UNIT)


@dataclass(frozen=True, slots=True, eq=False)
class Ragged:
    """The cells of rows of different widths, one after the other: the index of each in its row."""

    widths: IntArray
    index: IntArray
    starts: IntArray

    @classmethod
    def of(cls, widths: IntArray) -> Ragged:
        """The cells of rows of these widths."""
        ends = np.cumsum(widths)
        starts = ends - widths
        return cls(widths, np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(starts, widths), starts)

    def repeated(self, values: AnyArray) -> AnyArray:
        """One value for each row, for each cell."""
        return np.repeat(values, self.widths)


@dataclass(slots=True, eq=False)
class Result:
    """Entries under construction, significands x 2**exponents, with the largest error bound among the certified."""

    significands: FloatArray
    exponents: IntArray
    bad: AnyArray
    error: float = 0.0

    @classmethod
    def empty(cls, count: int, wanted: AnyArray | None = None) -> Result:
        """No entry certified; those not wanted are 0 and good."""
        bad = np.ones(count, dtype=bool) if wanted is None else wanted.copy()
        return cls(np.zeros(count), np.zeros(count, dtype=np.int64), bad)

    def accept(
        self,
        cells: Ragged,
        low: IntArray,
        found: FloatArray,
        tilt: FloatArray,
        index: IntArray,
        exponents: IntArray,
        relative: float,
        absolute: FloatArray,
        tolerance: float,
    ) -> float:
        """Writes entries of rows of cells that their bounds certify, and returns a bound on the errors of these.

        Row i holds the entries low[i] + k, off by at most relative x truth + absolute[i] in its scale: what is found
        x 2**(exponents[i] - tilt[i] (index[i] + k)).
        """
        room = tolerance - relative
        if room <= 0 or not len(found):
            return 0.0
        least = bounds.least_certified(relative, absolute, room)
        where = cells.repeated(low) + cells.index
        good = found >= cells.repeated(least)
        good &= self.bad[where]
        powers: FloatArray = cells.repeated(-tilt) * (cells.repeated(index) + cells.index)
        whole = np.floor(powers)
        powers -= whole
        shifts = whole.astype(np.int64)
        shifts += cells.repeated(exponents)
        if good.all():
            lowest = np.minimum.reduceat(found, cells.starts)
        else:
            lowest = np.minimum.reduceat(np.where(good, found, np.inf), cells.starts)
            some = lowest < np.inf
            if not some.any():
                return 0.0
            lowest, absolute = lowest[some], absolute[some]
            where, found, powers, shifts = where[good], found[good], powers[good], shifts[good]
        np.exp2(powers, out=powers)
        powers *= found
        self.significands[where], self.exponents[where] = normal_pairs(powers, shifts)
        self.bad[where] = False
        return min(float(bounds.certified(relative, absolute, lowest).max()), tolerance)


@dataclass(frozen=True, slots=True, eq=False)
class Windows:
    """Stretches of outcomes, each served by one tilt.

    Attributes:
        tilt: multiples of `COARSE_UNIT`; bits per outcome.
        row: the pair of rows.
        low, high: the outcomes, high included, on the axis of all rows' sums.
    """

    tilt: FloatArray
    row: IntArray
    low: IntArray
    high: IntArray

    def take(self, which: AnyArray) -> Windows:
        """Some of the windows."""
        return Windows(self.tilt[which], self.row[which], self.low[which], self.high[which])


def power_of_two(exponent: FloatArray) -> tuple[FloatArray, IntArray]:
    """2**exponent as (a number in [1, 2), an integer exponent)."""
    whole = np.floor(exponent)
    return np.exp2(exponent - whole), whole.astype(np.int64)


def dyadic(tilts: FloatArray, longest: int, least: float = TILT_UNIT) -> FloatArray:
    """The nearest tilts, multiples of `least`, whose products with indices up to the longest are exact."""
    bits = 52 - int(longest).bit_length()
    unit = np.maximum(least, np.exp2(np.ceil(np.log2(np.abs(tilts) + least)) - bits))
    return np.asarray(np.rint(tilts / unit) * unit)


def least_error(shape: Shape) -> float:
    """A relative error below which windows of a convolution of that shape certify nothing."""
    return bounds.fft_convolution(int(2.0 * math.sqrt(max(shape))), 1.0, 1.0) + 3 * TILT_ERROR


def convolve(
    a: Operand, b: Operand, region: Region, wanted: AnyArray | None, tolerance: float
) -> tuple[Piece, AnyArray | None]:
    """The entries of a 1-D box, and which wanted ones no tilt certified (None for none)."""
    x = Logs.of_operand(a.part(region.part_a))
    y = x if a is b and region.part_a == region.part_b else Logs.of_operand(b.part(region.part_b))
    first, count = region.first[0], region.box.shape[0]
    result = Result.empty(region.shape[0], np.zeros(region.shape[0], dtype=bool))
    here = slice(first, first + count)
    result.bad[here] = True if wanted is None else wanted
    _fill(x, y, result, tolerance)
    bad = result.bad[here]
    piece = Piece(result.significands[here], result.exponents[here], result.error, 0.0)
    return piece, bad if bad.any() else None


def convolve_rows(x: Logs, y: Logs, wanted: AnyArray | None, tolerance: float) -> tuple[Result, IntArray]:
    """The convolutions of pairs of rows side by side, and where each begins; `wanted` are the positive entries."""
    starts = _sum_starts(x, y)
    result = Result.empty(int(starts[-1]), wanted)
    _fill(x, y, result, tolerance)
    return result, starts


def _sum_starts(x: Logs, y: Logs) -> IntArray:
    """Where the sums of pairs of rows begin, side by side."""
    return x.starts + y.starts - np.arange(len(x.starts))


def _fill(x: Logs, y: Logs, result: Result, tolerance: float) -> None:
    """Certifies what windows can, in some passes of less and less reach."""
    starts = _sum_starts(x, y)
    origins = starts[:-1].copy()
    for logs in (x, y):
        origins += logs.hull.x[logs.hull.starts[:-1]] - logs.starts[:-1]
    merged = x.hull.plus(y.hull, origins)
    longest = int(np.diff(starts).max())
    reach = math.log2(tolerance / bounds.fft_convolution(int(2.0 * math.sqrt(longest)), 1.0, 1.0))
    for margin in MARGINS:
        if reach - margin < 0.25:
            break
        outcomes = np.flatnonzero(result.bad)
        if not len(outcomes):
            break
        _transform_all(x, y, merged, starts, _windows(merged, starts, outcomes, reach - margin), result, tolerance)
        if np.count_nonzero(result.bad) > (1 - LEAST_GAIN) * len(outcomes):
            break


def _windows(merged: Hull, starts: IntArray, outcomes: IntArray, reach: float) -> Windows:
    """Windows that hold all the outcomes: stretches are cut until the merged hull above each is at most `reach` high.

    Over a stretch the tilt is the slope of its chord, so both ends lie equally far below the top. How many chords of
    that height follow the hull tells where to cut at first; where that was too few, height is taken as quadratic in
    the width, which tells into how many parts to cut again.
    """
    longest = int(np.diff(starts).max())
    low, high = _pieces(outcomes, *merged.cut(*stretches(outcomes, starts[1:-1]), reach))
    done: list[Windows] = []
    while len(low):
        row = merged.rows_at(low)
        at_low, width = merged.at(low), high - low
        slopes = (at_low - merged.at(high)) / np.maximum(width, 1)
        tilt = dyadic(np.where(width > 0, slopes, merged.flat_at(low)), longest, COARSE_UNIT)
        vertex = merged.touching(row, tilt)
        drop = merged.y[vertex] + tilt * (merged.x[vertex] - low) - at_low
        large = (drop > reach) & (width > 0)
        done.append(Windows(tilt, row, low, high).take(~large))
        low, width, drop = low[large], width[large] + 1, drop[large]
        parts = np.minimum(np.clip(np.ceil(np.sqrt(drop / reach)), 2, MOST_PARTS).astype(np.int64), width)
        ragged = Ragged.of(parts)
        base, size, count = ragged.repeated(low), ragged.repeated(width), ragged.repeated(parts)
        low, high = _pieces(outcomes, base + size * ragged.index // count, base + size * (ragged.index + 1) // count)
    return Windows(*(np.concatenate([getattr(w, name) for w in done]) for name in ("tilt", "row", "low", "high")))


def _pieces(outcomes: IntArray, low: IntArray, end: IntArray) -> tuple[IntArray, IntArray]:
    """The first and last outcomes of stretches [low, end), of those that hold any."""
    first, last = np.searchsorted(outcomes, low), np.searchsorted(outcomes, end) - 1
    some = first <= last
    return outcomes[first[some]], outcomes[last[some]]


def stretches(outcomes: IntArray, borders: IntArray | None = None) -> tuple[IntArray, IntArray]:
    """The first and last of outcomes that lie close together; a stretch ends at gaps, and before the borders."""
    if outcomes[-1] - outcomes[0] == len(outcomes) - 1:
        ends = np.zeros(0, dtype=np.int64)
    else:
        ends = np.flatnonzero(np.diff(outcomes) > GAP)
    if borders is not None and len(borders):
        inner = np.searchsorted(outcomes, borders)
        ends = np.union1d(ends, inner[(inner > 0) & (inner < len(outcomes))] - 1)
    return outcomes[np.concatenate(([0], ends + 1))], outcomes[np.append(ends, len(outcomes) - 1)]


def _transform_all(
    a: Logs, b: Logs, merged: Hull, starts: IntArray, windows: Windows, result: Result, tolerance: float
) -> None:
    """The windows in batches by length of transform, on two threads where there are many."""
    row, tilts = windows.row, windows.tilt
    low_a, high_a, top_a = a.hull.within(row, tilts, CUT)
    low_b, high_b, top_b = (low_a, high_a, top_a) if b is a else b.hull.within(row, tilts, CUT)
    low, high, _ = merged.within(row, tilts, CUT_SUM)
    shift_a, shift_b = np.ceil(top_a).astype(np.int64), np.ceil(top_b).astype(np.int64)
    # Outcomes of the entries kept, on the axis of the sums.
    base = low_a + low_b - a.starts[row] - b.starts[row] + starts[row]
    last = base + (high_a - low_a) + (high_b - low_b)
    low, high = np.maximum(low, base), np.minimum(high, last)
    first, end = np.maximum(windows.low, base), np.minimum(windows.high, last)
    # What is not far below the top must not wrap around into the window.
    need = np.maximum(np.maximum(high - first, end - low), np.maximum(high_a - low_a, high_b - low_b)) + 1
    lengths = _lengths(need, coarse=int(need.sum()) < FEW_POINTS)
    leakage = _left_out(a, windows, low_a, high_a) + _left_out(b, windows, low_b, high_b)
    leakage += (np.minimum(high_a - low_a, high_b - low_b) + 1) * math.ldexp(16.0, -CUT_SUM)

    def run(which: IntArray) -> float:
        """One batch; returns its error bound."""
        length, tilt = int(lengths[which[0]]), tilts[which]
        x, norms = a.tilted(low_a[which], (high_a - low_a)[which] + 1, tilt, shift_a[which], length)
        y, norms_y = (
            (x, norms) if b is a else b.tilted(low_b[which], (high_b - low_b)[which] + 1, tilt, shift_b[which], length)
        )
        spectra = np.fft.rfft(x)
        spectra *= spectra if b is a else np.fft.rfft(y)
        values = np.fft.irfft(spectra, length)
        absolute = bounds.fft_convolution(length, 1.0, 1.0) * (norms * norms_y) * bounds.PAD
        absolute += leakage[which] + 4 * length * 2.0**LEAST_POWER
        cells = Ragged.of((end - first)[which] + 1)
        index = (first - base)[which]
        places = cells.repeated(index) + cells.index
        # Sums are shorter than two transforms.
        places -= length * (places >= length)
        places += cells.repeated(np.arange(len(which)) * length)
        return result.accept(
            cells,
            first[which],
            values.ravel()[places],
            tilt,
            index,
            (shift_a + shift_b)[which],
            bounds.compose(TILT_ERROR, TILT_ERROR, TILT_ERROR),
            absolute,
            tolerance,
        )

    alone = int(lengths.sum()) < THREADED
    batches = _batches(lengths, np.flatnonzero(first <= end), BATCH if alone else 8 * BATCH)
    if alone:
        errors = [run(batch) for batch in batches]
    else:
        with ThreadPoolExecutor(2) as pool:
            errors = list(pool.map(run, batches))
    result.error = max(result.error, *errors, 0.0)


def _batches(lengths: IntArray, which: IntArray, points: int) -> list[IntArray]:
    """The windows grouped by length, in batches of some size."""
    which = which[np.argsort(lengths[which], kind="stable")]
    result: list[IntArray] = []
    for group in np.split(which, np.flatnonzero(np.diff(lengths[which])) + 1):
        if len(group):
            most = max(1, points // int(lengths[group[0]]))
            result.extend(group[i : i + most] for i in range(0, len(group), most))
    return result


def _lengths(need: IntArray, coarse: bool) -> IntArray:
    """The next of few 5-smooth lengths, so that windows go in batches: 5/8, 3/4, 15/16 or 1 times a power of 2.

    Where there are few points in all, calls cost more than they: the longest, a power of 2, and its quarters make fewer
    batches.
    """
    bits = np.maximum(np.ceil(np.log2(need)), 4).astype(np.int64)
    if coarse:
        most = int(bits.max())
        return 1 << (most - (most - bits) // 2 * 2)
    sixteenths = np.array([10, 12, 15, 16])
    unit = 1 << (bits - 4)
    return np.asarray(unit * sixteenths[np.searchsorted(sixteenths, -(-need // unit))])


def _left_out(logs: Logs, windows: Windows, low: IntArray, high: IntArray) -> FloatArray:
    """Bounds on what an operand's entries left out add to any outcome, in the windows' scales.

    Tilted entries are at most 2 in a window's scale, those left out at most 2**(2 - CUT) (one bit for the hull's slack
    and the rounding of the logs). The hull is concave, so on either side they fall at least as fast as the hull does at
    the cut: their sum is at most a geometric series.
    """
    hull = logs.hull
    first, last = hull.x[hull.starts[windows.row]], hull.x[hull.starts[windows.row + 1] - 1]
    total = np.zeros(len(low))
    for face, count, side in ((hull.faces(low - 1), low - first, 1.0), (hull.faces(high), last - high, -1.0)):
        rate = side * (windows.tilt - hull.falls[face]) * (1 - 1e-6)
        terms = 1 / -np.expm1(-math.log(2) * np.clip(rate, 1e-15, 1e3))
        total += np.minimum(terms, np.maximum(count, 0))
    return 2.0 * math.ldexp(4.0, -CUT) * total
