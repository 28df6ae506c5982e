"""The tail of an n-fold sum at one place, without its PMF: one contour integral under one tilt.

With d = c + 1, a = t log(2) > 0 and q the law of the sum under the tilt t, P(S > c) is W**n 2**(-t d) times the sum of
e**(-a (j - d)) q_j over j >= d, where W is the total of the tilted step. That sum is the mean over all frequencies of
phi(w)**n e**(-i w c) / (e**(i w) - e**(-a)), and the trapezoidal rule with L nodes errs by what wraps around after L
outcomes alone. Only the nodes near 0 count, some hundred whatever n is; the others are bounded. phi about its mean is
summed in extended precision.

Sources: Lugannani, Rice (1980) for the integral; Wilson and Keich (2016) for one exponential shift in place of a full
convolution; the bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv.bounds import UNIT
from distconv.errors import AccuracyError
from distconv.measure import Measure
from distconv.methods import alignment, ball, characteristic
from distconv.methods.characteristic import Tilted
from distconv.methods.operands import Operand
from distconv.methods.tilted import Logs
from distconv.numbers.balls import ball_of_pair, is_narrow, precision, resolved
from distconv.typing import FloatArray

#: Bits of balls that are multiplied and summed, beside those that a power takes.
BITS = 192
#: Relative error of a weight that is held as two doubles, that nearest to it and that nearest to what is left.
PAIR_ERROR = 2.0**-104
#: Up to so many outcomes the tail is summed from the end of the n-fold sum itself.
ENDS = 512
#: Standard deviations of the sum to either side, and natural logs of decay, after which nodes may wrap around.
WIDTH = 20.0
DECAY = 90.0
#: Standard deviations of the sum's characteristic function up to which nodes count.
NODES = 9.5
#: A bound on the far nodes below which they are left out; else all are summed, up to so many nodes times entries.
NEGLIGIBLE = 1e-16
MOST_TERMS = 2**25
#: Nodes times entries of the step in one go.
BLOCK = 2**21
#: Unit roundoff of extended precision (of a double where numpy has none).
LONG_UNIT = float(np.finfo(np.longdouble).eps) / 2
#: Rounding of a centred sum in extended precision, in its units: a sine, an angle, a product, pairwise summation.
LONG_ROUNDINGS = 64


@dataclass(frozen=True, slots=True, eq=False)
class Step:
    """One step: a 1-D law whose two ends are positive and whose positions have no common divisor.

    n copies raise its total to the n-th power, so exact weights must not be rounded to doubles.

    Attributes:
        doubles: the weights as doubles in [1/2, 1) or 0 with exponents.
        rest: what they leave of exact weights, in units of 2**exponent.
    """

    doubles: Operand
    rest: FloatArray

    @classmethod
    def of(cls, measure: Measure) -> Step:
        """A law of numbers as a step."""
        weights = measure.weights
        floats = weights.as_floating()
        doubles = Operand(*alignment.dense_doubles(Measure(measure.support, floats), measure.box.step), False)
        step = cls.of_doubles(doubles)
        if not weights.is_exact:
            return step
        stored = weights.as_rational()
        exponents = step.doubles.exponents
        assert exponents is not None
        cells = alignment.cells_in(measure, (1,), measure.box.shape).tolist()
        for cell, numerator in zip(cells, stored.integers(), strict=True):
            held = float(step.doubles.significands[cell]), int(exponents[cell])
            step.rest[cell] = left_of(int(numerator), stored.denominator, *held)
        return step

    @classmethod
    def of_doubles(cls, doubles: Operand) -> Step:
        """A step whose weights are these doubles."""
        fractions, exponents = doubles.pairs()
        return cls(Operand(fractions, exponents, doubles.is_full), np.zeros(len(fractions)))

    def reversed(self) -> Step:
        """The step downwards."""
        return Step(self.doubles.reversed(), self.rest[::-1])

    def balls(self) -> list[Any]:
        """The weights as balls."""
        import flint

        shifts = self.doubles.exponents
        assert shifts is not None
        within = flint.arb(1, PAIR_ERROR)
        pairs = zip(self.doubles.significands.tolist(), self.rest.tolist(), shifts.tolist(), strict=True)
        return [(ball_of_pair(s, e) + ball_of_pair(r, e)) * within if r else ball_of_pair(s, e) for s, r, e in pairs]


def left_of(numerator: int, denominator: int, significand: float, exponent: int) -> float:
    """numerator / denominator / 2**exponent less a double significand, rounded to a double."""
    shift = 53 - exponent
    mantissa = int(math.ldexp(significand, 53))
    if shift >= 0:
        return math.ldexp(((numerator << shift) - mantissa * denominator) / denominator, -53)
    return math.ldexp((numerator - mantissa * (denominator << -shift)) / (denominator << -shift), -53)


def log_tail(step: Step, n: int, position: int, tolerance: float, *, above: bool) -> float:
    """log P(S > position), or of P(S <= position), S the sum of n independent positions of the step.

    The smaller of both is computed, within the tolerance, relative; the other is 1 minus it.
    """
    upper = position >= n * mean_of(step.doubles)
    found = one_tail(step, n, position, tolerance, upper=upper)
    if not found < 0.5:
        # The median lies on the other side of the mean.
        upper = not upper
        found = one_tail(step, n, position, tolerance, upper=upper)
    with precision(BITS):
        return float(found.log() if upper == above else (-found).log1p())


def mean_of(step: Operand) -> float:
    """The mean position of a 1-D law."""
    values, _, _ = step.scaled()
    return float((values * np.arange(len(values))).sum() / values.sum())


def one_tail(step: Step, n: int, position: int, tolerance: float, *, upper: bool) -> Any:
    """P(S > position), or P(S <= position), as a ball."""
    if not upper:
        step, position = step.reversed(), n * (step.doubles.shape[0] - 1) - position - 1
    left = n * (step.doubles.shape[0] - 1) - position
    if left <= ENDS:
        return _end(step, n, left)
    tilted = _saddle(Logs.of_operand(step.doubles), n, position)
    return _integral(step, tilted, n, position, tolerance)


def _end(step: Step, n: int, count: int) -> Any:
    """The total of the last `count` weights of the n-fold sum."""
    import flint

    def attempt() -> Any:
        head = flint.arb_poly(step.reversed().balls()[:count])
        found = sum(ball.truncated_power(head, n, count).coeffs(), start=flint.arb(0))
        return found if is_narrow(found) else None

    return resolved(attempt, f"the total of the last {count} weights of a power", start=BITS)


def _saddle(step: Logs, n: int, position: int) -> Tilted:
    """The step under the tilt a / log(2) where n times the mean is position + 1 / a: where the integrand is largest."""
    low, high, size = 0.0, 1.0, len(step.significands)

    def excess(tilt: float) -> float:
        found = Tilted.of(step, np.array([tilt]), size)
        return n * float(found.mean[0]) - position - 1 / max(math.log(2) * float(found.tilt[0]), 1e-300)

    while excess(high) < 0 and high < 1e6:
        low, high = high, 2 * high
    for _ in range(50):
        middle = (low + high) / 2
        if excess(middle) < 0:
            low = middle
        else:
            high = middle
    return Tilted.of(step, np.array([high]), size)


def _integral(step: Step, tilted: Tilted, n: int, position: int, tolerance: float) -> Any:
    """The tail from the nodes near 0, with everything left out in the ball's radius."""
    import flint

    tilt, mean, spread = float(tilted.tilt[0]), float(tilted.mean[0]), float(tilted.spread[0])
    rate = tilt * math.log(2)
    deviation = math.sqrt(n) * spread
    length = int(max(WIDTH * deviation, DECAY / rate)) + 64
    half = length // 2 + 1
    count = min(half, 2 + int(NODES / deviation * length / (2 * math.pi)))
    far = float(characteristic.far_bound(tilted, n, 2 * math.pi * count / length)[0]) if count < half else 0.0
    if far > NEGLIGIBLE and half * step.doubles.shape[0] <= MOST_TERMS:
        count, far = half, 0.0
    nodes = np.arange(count) * (8 * np.arctan(np.longdouble(1)) / length)
    center = round(mean)
    real, imaginary, term_error = _centred(step, tilted, center, nodes)
    log_size = 0.5 * np.log1p(2 * real + real * real + imaginary * imaginary)
    angle = np.arctan2(imaginary, 1 + real)
    size = np.exp((n * log_size).astype(np.float64))
    # n * center and the position are integers: their difference is exact.
    offset = nodes * np.longdouble(n * center - position)
    phase = (n * angle + offset).astype(np.float64)
    angles = nodes.astype(np.float64)
    divisor = -math.expm1(-rate) + (-2 * np.sin(angles / 2) ** 2 + 1j * np.sin(angles))
    factors = np.exp(1j * phase) / divisor
    weights = np.full(count, 2.0 / length)
    weights[0] = 1.0 / length
    if count == half and length % 2 == 0:
        weights[-1] = 1.0 / length
    value = float((weights * size * factors.real).sum())
    sizes = weights * size * np.abs(factors)
    shift = (np.abs(offset) + n * np.abs(angle) + n * np.abs(log_size)).astype(np.float64)
    each = n * 1.5 * term_error + LONG_UNIT * 8 * shift
    each = each + UNIT * (32 + 4 * np.abs((n * log_size).astype(np.float64)) + 4 * np.abs(phase))
    error = float((sizes * each).sum()) + len(nodes) * UNIT * float(sizes.sum())
    error += far / -math.expm1(-rate) + _wrapped(tilted, n, position, length, rate)
    if not error < tolerance * (value - error):
        reached = error / (value - error) if value > error else math.inf
        # Twice what is reached: the advice is rounded to one digit.
        way_out = (
            f"ask for less: with distconv.settings(tolerance={2 * reached:.1g}): ..."
            if 2 * reached < 0.5
            else f"take it from the law of the whole sum: ({n} @ X).logsf(x), or logcdf"
        )
        raise AccuracyError(
            f"the tail of {n} copies beyond position {position} is not certified to {tolerance:g} (bound "
            f"{reached:.2g}); {way_out}"
        )
    with precision(BITS + 2 * n.bit_length()):
        total = flint.arb_poly(step.balls())(flint.arb(2) ** flint.arb(tilt))
        return total**n * flint.arb(2) ** (-flint.arb(tilt) * (position + 1)) * flint.arb(value, error)


def _centred(step: Step, tilted: Tilted, center: int, nodes: Any) -> tuple[Any, Any, FloatArray]:
    """sum_k p_k (e**(i w (k - center)) - 1) in extended precision, and its errors."""
    significands, exponents = step.doubles.significands, step.doubles.exponents
    assert exponents is not None
    size = len(significands)
    bits = float(tilted.tilt[0]) * np.arange(size)
    whole = np.floor(bits)
    powers = np.maximum(exponents + whole.astype(np.int64) - int(tilted.shift[0]), -16000).astype(np.int32)
    weights = significands + step.rest.astype(np.longdouble)
    p = np.ldexp(np.exp2((bits - whole).astype(np.longdouble)) * weights, powers)
    p /= p.sum()
    distance = np.arange(size, dtype=np.int64) - center
    real = np.zeros(len(nodes), dtype=np.longdouble)
    imaginary = np.zeros(len(nodes), dtype=np.longdouble)
    rows = max(1, BLOCK // size)
    for start in range(0, len(nodes), rows):
        angles = nodes[start : start + rows, None] * distance
        imaginary[start : start + rows] = (np.sin(angles) * p).sum(axis=1)
        real[start : start + rows] = -2 * (np.sin(angles / 2) ** 2 * p).sum(axis=1)
    deviation = float((p * np.abs(distance)).sum()) * (1 + 2.0**-40)
    return real, imaginary, LONG_ROUNDINGS * LONG_UNIT * nodes.astype(np.float64) * deviation


def _wrapped(tilted: Tilted, n: int, position: int, length: int, rate: float) -> float:
    """A bound on what wraps around: outcomes `length` and more above, and those below, which decay has made small.

    Below, an outcome i > c - k L / 2 counts for e**(-a (k L / 2 - 1)) at most in the k-th copy, and the others for 1.
    """
    total = math.exp(-rate * (length / 2 - 1)) / -math.expm1(-rate * length / 2)
    for k in range(1, 4):
        above = characteristic.chernoff(tilted, n, np.array([position + k * length]), 1.0)
        below = characteristic.chernoff(tilted, n, np.array([position - k * (length // 2)]), -1.0)
        # Of each following copy less than half: the bounds fall faster than geometrically.
        total += (2.0 if k == 3 else 1.0) * float(above[0] + below[0])
    return total
