"""n-fold sums of a floating measure by tilted transforms, without repeated squaring.

Under a tilt the n-fold sum is a bell around n times the tilted mean, some standard deviations wide, and its entries
there are one inverse transform of the n-th power of the step's characteristic function. Tilts are chosen from the
cumulant generating function so that the bells cover all outcomes (the saddle points of large deviations). Each entry
carries a bound on: the weights' tilting (n times), the characteristic function's error (n times), the inverse
transform's, and what is wrapped around (Chernoff).

For large n only frequencies near 0 survive the power. There 1 - phi is summed from small terms about the mean, so that
its error, multiplied by n, stays small; the frequencies left out are bounded by a coarse grid of |phi| and its slope.

Sources: Wilson and Keich (2016) and Keich's sisFFT (2005) for one exponential shift; the walk, the centred sums and the
bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods import ball
from distconv.methods.boxes import Operand
from distconv.methods.tilted import TILT_ERROR, TILT_UNIT, Logs, Result, power_of_two
from distconv.typing import AnyArray, FloatArray

#: Up to this many copies every frequency is transformed and raised to the n-th power; above, those near 0.
FULL_COPIES = 256
#: Most entries at either end that are left to ball arithmetic.
MOST_ENDS = 3000
#: Standard deviations, beyond a window's reach, at which wrapped-around mass begins.
SPREAD = 9.3
#: Near frequencies: up to this many radians per standard deviation of the step.
NEAR = 0.75
#: Relative rounding of a sum of numpy's pairwise summation and of one sine, in units of 2**-53.
SUM_ROUNDINGS = 40
#: Bits below its top that windows reach, less than the certificate would allow; and how much wider transforms get.
PASSES = ((1.5, 1.0), (4.0, 1.3), (6.0, 2.0))


@dataclass(frozen=True, slots=True)
class Tilted:
    """The step under a tilt, a law p with its moments: weights = p * scale * 2**shift * 2**(-tilt k)."""

    tilt: float
    p: FloatArray
    scale: float
    shift: int
    mean: float
    spread: float

    @classmethod
    def of(cls, step: Logs, tilt: float) -> Tilted:
        """The step under a tilt (a multiple of `TILT_UNIT`)."""
        size = len(step.significands)
        values = np.zeros(size)
        shift = step.tilted(0, size - 1, tilt, values)
        scale = float(values.sum())
        p = values / scale
        k = np.arange(size, dtype=np.float64)
        mean = float((p * k).sum())
        spread = math.sqrt(max(float((p * (k - mean) ** 2).sum()), 0.0))
        return cls(tilt, p, scale, shift, mean, spread)


def power(step: Operand, n: int, tolerance: float) -> Result | None:
    """The n-fold convolution of a full 1-D array, every entry within the tolerance; None where windows do not do.

    What the windows leave at either end, where few terms are summed, is computed from the ends of the step alone, in
    ball arithmetic.
    """
    result, bad = _by_windows(step, n, tolerance)
    missed = np.flatnonzero(bad)
    if not len(missed):
        return result
    middle = len(bad) // 2
    left = int(missed[missed < middle].max(initial=-1)) + 1
    right = len(bad) - int(missed[missed >= middle].min(initial=len(bad)))
    if max(left, right) > MOST_ENDS:
        return None
    for count, backwards in ((left, False), (right, True)):
        if count:
            significands, exponents = ball.power_head(step.reversed() if backwards else step, n, count)
            ends = slice(None, -count - 1, -1) if backwards else slice(count)
            result.significands[ends], result.exponents[ends] = significands, exponents
            result.error = max(result.error, ball.ERROR)
    return result


def _by_windows(step: Operand, n: int, tolerance: float) -> tuple[Result, AnyArray]:
    """The n-fold convolution, and which entries no window certified."""
    logs = Logs.of(step)
    count = n * (len(logs.significands) - 1) + 1
    result = Result(0, np.zeros(count), np.zeros(count, dtype=np.int64))
    bad = np.ones(count, dtype=bool)
    weights_error = n * (TILT_ERROR + 3 * UNIT)
    if weights_error >= tolerance / 2:
        return result, bad
    reach = math.log2(max((tolerance - weights_error) / max(_characteristic_error(n, count), UNIT), 1.0))
    for margin, widening in PASSES:
        if reach - margin < 0.5:
            continue
        position = 0
        while position < count:
            if not bad[position]:
                ahead = np.flatnonzero(bad[position : position + 4096])
                position += int(ahead[0]) if len(ahead) else 4096
                continue
            tilted = _tilt_from(logs, n, position, reach - margin)
            position = _window(tilted, n, position, reach - margin, widening, result, bad, tolerance, weights_error)
        if not bad.any():
            break
    return result, bad


def _characteristic_error(n: int, count: int) -> float:
    """About the error of an entry relative to its window's top, to choose the windows' reach."""
    if n <= FULL_COPIES:
        return n * (bounds.FFT_STAGE * math.log2(count + 2) + 3) * UNIT
    return 8.5 * SUM_ROUNDINGS * math.sqrt(n) * UNIT


def _tilt_from(step: Logs, n: int, left: int, reach: float) -> Tilted:
    """The step under the tilt whose bell of the n-fold sum has dropped by `reach` bits at its left edge."""
    width = math.sqrt(2 * math.log(2) * reach)

    def edge(tilted: Tilted) -> float:
        """Where the bell has dropped: exact at the left end of all outcomes, Gaussian elsewhere."""
        if left == 0:
            return -reach - n * math.log2(max(float(tilted.p[0]), 2.0**-1000))
        return n * tilted.mean - width * math.sqrt(n) * tilted.spread - left

    low, high = -1.0, 1.0
    slopes = step.hull.falls
    if len(slopes):
        low, high = float(slopes[0]) - 1.0, float(slopes[-1]) + 1.0
    while edge(Tilted.of(step, _dyadic(low))) > 0 and low > -1e6:
        low -= max(1.0, abs(low))
    while edge(Tilted.of(step, _dyadic(high))) < 0 and high < 1e6:
        high += max(1.0, abs(high))
    for _ in range(60):
        middle = (low + high) / 2
        found = Tilted.of(step, _dyadic(middle))
        value = edge(found)
        if value > 0:
            high = middle
        else:
            low = middle
            if value > -0.1 * width * math.sqrt(n) * found.spread - 0.5 or high - low < 2 * TILT_UNIT:
                break
    return Tilted.of(step, _dyadic(low))


def _dyadic(tilt: float) -> float:
    return round(tilt / TILT_UNIT) * TILT_UNIT


def _window(
    tilted: Tilted,
    n: int,
    left: int,
    reach: float,
    widening: float,
    result: Result,
    bad: AnyArray,
    tolerance: float,
    weights_error: float,
) -> int:
    """Fills the entries from `left` on that one tilt serves; returns where the next window starts."""
    from scipy.fft import next_fast_len

    count = len(bad)
    spread = math.sqrt(n) * tilted.spread
    center = n * tilted.mean
    right = min(count - 1, max(left, int(center + math.sqrt(2 * math.log(2) * reach) * spread + 0.5 * reach)))
    half = max(right - center, center - left, 1.0)
    length = min(int(half + SPREAD * widening * (spread + 1.0)), count) + 16
    length = next_fast_len(max(length, right - left + 1, 32), real=True)
    wrapped = _wrapped(tilted, n, left, right, length, count)
    if n <= FULL_COPIES:
        values, offset, error = _full(tilted, n, length)
    else:
        values, offset, error = _near(tilted, n, length)
    index = (np.arange(left, right + 1) - offset) % length
    found = values[index]
    absolute = error + wrapped
    threshold = absolute * (1 + (1 + weights_error) / (tolerance - weights_error)) * bounds.PAD
    good = (found >= threshold) & bad[left : right + 1]
    factor, integers = power_of_two(-tilted.tilt * np.arange(left, right + 1, dtype=np.float64))
    scale, exponent = _scale(tilted, n)
    fractions, shifts = np.frexp(found * factor * scale)
    here = slice(left, right + 1)
    np.copyto(result.significands[here], fractions, where=good)
    np.copyto(result.exponents[here], shifts + integers + exponent, where=good)
    bad[here] &= ~good
    result.note(found, good, weights_error, absolute)
    return right + 1


def _scale(tilted: Tilted, n: int) -> tuple[float, int]:
    """scale**n * 2**(n shift), rounded once."""
    import flint

    bits = 128 + 2 * n.bit_length()
    while True:
        with flint.ctx.workprec(bits):
            value = flint.arb(tilted.scale) ** n
        # FLINT's precision is one for all threads: what another thread changed meanwhile shows in the radius.
        if value.rel_accuracy_bits() >= ball.RESOLVED_BITS:
            fraction, exponent = ball.rounded(value)
            return fraction, exponent + n * tilted.shift
        bits *= 2


def _wrapped(tilted: Tilted, n: int, left: int, right: int, length: int, count: int) -> float:
    """A bound on the mass that wraps around into [left, right] (Chernoff's, at the Gaussian's tilt)."""
    total = 0.0
    for edge, side in ((left + length, 1.0), (right - length, -1.0)):
        if not 0 <= edge < count:
            continue
        distance = side * (edge - n * tilted.mean)
        if distance <= 0:
            return 1.0
        k = np.arange(len(tilted.p), dtype=np.float64) - tilted.mean
        variance = n * tilted.spread**2 + 1e-300
        best = 0.0
        for share in (1.0, 0.5, 0.25):
            rate = share * distance / variance
            top = rate * float(max(side * k[0], side * k[-1]))
            if top > 600:
                continue
            growth = math.log(float((tilted.p * np.exp(side * rate * k)).sum()) * (1 + len(k) * UNIT))
            best = min(best, n * growth - rate * distance * (1 - 4 * UNIT))
        total += math.exp(best)
    return total * (1 + 1e-6)


def _full(tilted: Tilted, n: int, length: int) -> tuple[FloatArray, int, float]:
    """(entries modulo the length, the offset of entry 0, bound on their error), from every frequency."""
    p = tilted.p
    if len(p) > length:
        padded = np.zeros(-(-len(p) // length) * length)
        padded[: len(p)] = p
        p = padded.reshape(-1, length).sum(axis=0)
    phi = np.fft.rfft(p, length)
    stage = (bounds.FFT_STAGE * math.log2(length) * (1 + 1e-6) + 8 + len(tilted.p) / length) * UNIT
    size = np.abs(phi) + stage
    logs = np.log(np.maximum(size, 1e-300))
    mass = 2.0 * float(np.exp(n * logs).sum()) / length
    slope = 2.0 * float(np.exp((n - 1) * logs).sum()) / length
    error = n * stage * slope + (n * 3 * UNIT + stage) * mass
    return np.fft.irfft(_complex_power(phi, n), length), 0, error * (1 + 1e-9)


def _complex_power(values: AnyArray, n: int) -> AnyArray:
    """values**n by repeated squaring: n - 1 roundings of sqrt(5) u at most are carried into the result."""
    result, square = np.ones_like(values), values
    while n:
        if n & 1:
            result = result * square
        n >>= 1
        if n:
            square = square * square
    return result


def _near(tilted: Tilted, n: int, length: int) -> tuple[FloatArray, int, float]:
    """(entries modulo the length, the offset of entry 0, bound on their error), from the frequencies near 0."""
    p, half = tilted.p, length // 2
    count = half + 1 if tilted.spread == 0 else min(half + 1, 2 + int(NEAR * length / (2 * math.pi * tilted.spread)))
    center = round(tilted.mean)
    shifts = (np.arange(len(p), dtype=np.int64) - center) % length
    # j * d is reduced modulo the length as an integer, so every angle is rounded once.
    angles = (np.arange(count, dtype=np.int64)[:, None] * shifts) % length * (2 * math.pi / length)
    sines = np.sin(angles)
    imaginary = (sines * p).sum(axis=1)
    reach = (np.abs(sines) * p).sum(axis=1)
    real = (2 * np.sin(angles / 2) ** 2 * p).sum(axis=1)
    excess = math.fsum(p) - 1.0
    x, y = excess - real, -imaginary
    log_size = 0.5 * np.log1p(2 * x + x * x + y * y)
    angle = np.arctan2(y, 1 + x)
    term_error = SUM_ROUNDINGS * UNIT * (reach + real) + 2 * UNIT * abs(excess)
    size = np.exp(n * log_size)
    each = 2.0 / length * size * (n * term_error * 1.5 + 6 * UNIT * (1 + n * (np.abs(log_size) + np.abs(angle))))
    mass = 2.0 / length * float(size.sum())
    spectrum = np.zeros(half + 1, dtype=np.complex128)
    spectrum[:count] = size * np.exp(1j * (n * angle))
    stage = bounds.FFT_STAGE * math.log2(length) * UNIT
    error = float(each.sum()) + stage * mass
    if count <= half:
        error += _far(tilted, n, 2 * math.pi * count / length)
    return np.fft.irfft(spectrum, length), n * center, error * (1 + 1e-9)


def _far(tilted: Tilted, n: int, first: float) -> float:
    """A bound on |phi|**n averaged over the frequencies from `first` to pi: a grid's values and the largest slope."""
    points = 1 << (16 * len(tilted.p)).bit_length()
    sizes = np.abs(np.fft.rfft(tilted.p, points))
    start = max(int(first * points / (2 * math.pi)) - 1, 0)
    # |d phi / d theta| of the centred law is at most its mean absolute deviation, so at most its standard deviation.
    slack = tilted.spread * math.pi / points + bounds.FFT_STAGE * math.log2(points) * UNIT
    return math.exp(n * math.log(min(float(sizes[start:].max()) + slack * (1 + 1e-6), 1.0)))
