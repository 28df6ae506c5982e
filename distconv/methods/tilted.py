"""Convolution by FFTs of exponentially tilted operands: right in the far tail at the speed of short transforms.

Multiplying f(k) and g(k) by 2**(t k) and the result by 2**(-t c) changes nothing but the rounding: the error of the
transform is relative to the largest *tilted* entries. A tilt t serves the outcomes around the point where the merged
hull of log f and log g has slope -t; a walk of such windows serves them all. Entries more than `CUT` bits below a
window's top are left out, and bounded. Every entry is accepted only where its window's bound certifies it.

Sources: Wilson and Keich, Accurate pairwise convolutions of non-negative vectors via FFT (2016); Keich's sisFFT (2005)
for the exponential shift. The hulls, the walk and the dyadic tilts are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.methods.boxes import Operand, Piece, Region
from distconv.methods.fft import norm
from distconv.methods.hull import Hull
from distconv.typing import AnyArray, FloatArray, IntArray

#: Bits below the top of a window's tilted operand at which entries are left out.
CUT = 80
#: Tilts are multiples of this: t * k is then exact in a double for the indices of a window.
TILT_UNIT = 2.0**-24
#: Relative error of one tilting: exp2 within 4 units in the last place, one product (checked in tests/test_bounds.py).
TILT_ERROR = 10 * bounds.UNIT
#: How many bits below its top a window first reaches, less than the certificate would allow; then less and less.
MARGINS = (2.0, 5.0, 8.5)


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of outcomes served by one tilt.

    Attributes:
        tilt: multiple of `TILT_UNIT`; bits per outcome.
        low, high: the outcomes, high included.
        low_a, high_a, low_b, high_b: the entries of the operands that matter, ends included.
        length: the transform's.
    """

    tilt: float
    low: int
    high: int
    low_a: int
    high_a: int
    low_b: int
    high_b: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class Logs:
    """An operand, ready to be tilted: significands in [1/2, 1) and exponents, with the hull of the logs."""

    significands: FloatArray
    exponents: IntArray
    hull: Hull

    @classmethod
    def of(cls, operand: Operand) -> Logs:
        """The logs of a 1-D operand."""
        significands, shifts = np.frexp(operand.significands)
        exponents = shifts.astype(np.int64)
        if operand.exponents is not None:
            exponents += operand.exponents
        x = np.flatnonzero(significands)
        return cls(significands, exponents, Hull.of(x, np.log2(significands[x]) + exponents[x]))

    def tilted(self, low: int, high: int, tilt: float, out: FloatArray) -> int:
        """Entries low..high times 2**(tilt k) x 2**-shift written to `out`, largest near 1; returns the shift."""
        index = np.arange(high - low + 1, dtype=np.float64)
        factor, integers = power_of_two(tilt * index)
        exponents = self.exponents[low : high + 1] + integers
        values = self.significands[low : high + 1] * factor
        positive = values > 0
        shift = int(exponents.max(where=positive, initial=-(2**62)))
        np.ldexp(values, np.maximum(exponents - shift, -1070).astype(np.int32), out=out[: high - low + 1])
        return shift


def power_of_two(exponent: FloatArray) -> tuple[FloatArray, IntArray]:
    """2**exponent as (a number in [1, 2), an integer exponent)."""
    whole = np.floor(exponent)
    return np.exp2(exponent - whole), whole.astype(np.int64)


def convolve(
    a: Operand, b: Operand, region: Region, wanted: AnyArray | None, tolerance: float
) -> tuple[Piece, AnyArray | None]:
    """The entries of a 1-D box, and which wanted ones no tilt certified (None for none)."""
    x = Logs.of(a.part(region.part_a))
    y = x if a is b and region.part_a == region.part_b else Logs.of(b.part(region.part_b))
    first, count = region.first[0], region.box.shape[0]
    result = Result(first, np.zeros(count), np.zeros(count, dtype=np.int64))
    bad = np.ones(count, dtype=bool) if wanted is None else wanted.copy()
    merged = x.hull.plus(y.hull)
    points = 2.0 * math.sqrt(len(x.significands) + len(y.significands))
    reach = math.log2(tolerance / bounds.fft_convolution(int(points), 1.0, 1.0))
    for margin in MARGINS:
        if reach - margin < 0.25:
            break
        windows = _walk(x.hull, y.hull, merged, first + np.flatnonzero(bad), reach - margin)
        groups: dict[int, list[Window]] = {}
        for window in windows:
            groups.setdefault(window.length, []).append(window)
        for length, group in groups.items():
            for start in range(0, len(group), max(1, 2**20 // length)):
                _transform(x, y, length, group[start : start + max(1, 2**20 // length)], result, bad, tolerance)
        if not bad.any():
            break
    piece = Piece(result.significands, result.exponents, result.error, 0.0)
    return piece, bad if bad.any() else None


@dataclass(slots=True, eq=False)
class Result:
    """The entries from `first` on, as significands and exponents, with the largest error bound among them."""

    first: int
    significands: FloatArray
    exponents: IntArray
    error: float = 0.0

    def note(self, values: FloatArray, good: AnyArray, relative: float, absolute: float) -> None:
        """Raises the error to the bound of the good values of a window."""
        least = float(values.min(where=good, initial=math.inf))
        if least < math.inf:
            error = relative + absolute * (1 + relative) / (least - absolute)
            self.error = max(self.error, error * bounds.PAD)


def _walk(a: Hull, b: Hull, merged: Hull, outcomes: IntArray, reach: float) -> list[Window]:
    """Windows that hold all the outcomes, from left to right, each as far as the merged hull allows."""
    windows: list[Window] = []
    index = 0
    while index < len(outcomes):
        low = int(outcomes[index])
        tilt = round(merged.tilt_for(low, reach) / TILT_UNIT) * TILT_UNIT
        last = int(np.searchsorted(outcomes, max(low, merged.within(tilt, reach)[1]), side="right"))
        high = int(outcomes[last - 1])
        low_a, high_a = a.within(tilt, CUT)
        low_b, high_b = (low_a, high_a) if b is a else b.within(tilt, CUT)
        # Wrapped-around entries must miss the window.
        base = low_a + low_b
        full = high_a + high_b - base + 1
        need = max(full - max(low - base, 0), min(high - base + 1, full), high_a - low_a + 1, high_b - low_b + 1)
        windows.append(Window(tilt, low, high, low_a, high_a, low_b, high_b, _length(need)))
        index = last
    return windows


def _length(need: int) -> int:
    """The next of few 5-smooth lengths, 5/8, 3/4, 15/16 or 1 times a power of 2: windows of one go in batches."""
    power = 1 << max(need - 1, 15).bit_length()
    return next(power // 16 * sixteenths for sixteenths in (10, 12, 15, 16) if power // 16 * sixteenths >= need)


def _transform(
    a: Logs, b: Logs, length: int, windows: list[Window], result: Result, bad: AnyArray, tolerance: float
) -> None:
    """The windows of one length in one batch of transforms; what is certified is written and no longer bad."""
    batches = [np.zeros((len(windows), length)) for _ in ((a,) if b is a else (a, b))]
    shifts = []
    for i, w in enumerate(windows):
        shift = a.tilted(w.low_a, w.high_a, w.tilt, batches[0][i])
        shifts.append(shift + (shift if b is a else b.tilted(w.low_b, w.high_b, w.tilt, batches[1][i])))
    norms = [[norm(row) for row in batch] for batch in batches]
    spectra = [np.fft.rfft(batch) for batch in batches]
    spectra[0] *= spectra[-1]
    values = np.fft.irfft(spectra[0], length)
    relative = bounds.compose(TILT_ERROR, TILT_ERROR, TILT_ERROR)
    room = tolerance - relative
    for i, w in enumerate(windows):
        absolute = bounds.fft_convolution(length, norms[0][i], norms[-1][i]) + _left_out(w, a, b)
        threshold = absolute * (1 + (1 + relative) / room) * bounds.PAD
        base = w.low_a + w.low_b
        low, high = max(w.low, base), min(w.high, w.high_a + w.high_b)
        if low > high or room <= 0:
            continue
        found = values[i, low - base : high - base + 1]
        here = slice(low - result.first, high - result.first + 1)
        good = (found >= threshold) & bad[here]
        index = np.arange(low - base, high - base + 1, dtype=np.float64)
        factor, integers = power_of_two(-w.tilt * index)
        fractions, exponents = np.frexp(found * factor)
        np.copyto(result.significands[here], fractions, where=good)
        np.copyto(result.exponents[here], exponents + integers + shifts[i], where=good)
        bad[here] &= ~good
        result.note(found, good, relative, absolute)


def _left_out(window: Window, a: Logs, b: Logs) -> float:
    """A bound on what the entries left out add to any outcome of a window, in its scale.

    Tilted entries are at most 1 in the window's scale and 2**(1 - CUT) where left out (the hull is concave, so they
    fall on both sides; one bit for the rounding of the logs); an outcome sums fewer terms than there are entries.
    """
    entries = len(a.significands) + len(b.significands)
    return entries * (math.ldexp(4.0, -CUT) + bounds.TINY) + 16 * window.length * bounds.SUBNORMAL
