"""Single questions to a sum of independent whole numbers, without its law: one contour integral under one tilt.

Under the tilt t > 0 the sum has the law q, and with K(t) = log E exp(t S)

    P(S >= d) = e**(K(t) - t d) sum_(j >= d) e**(-t (j - d)) q_j,    P(S = d) = e**(K(t) - t d) q_d.

With c = d - 1 the first sum is the mean over all frequencies of phi(w) e**(-i w c) / (e**(i w) - e**(-t)), and q_d
that of phi(w) e**(-i w d). The trapezoidal rule with L nodes gives j the weight
e**(-t ((j - d) mod L)) / (1 - e**(-t L)), so that it errs by e**(-t L) of itself, and by at most
(P(S >= d + L) + P(S <= d - L / 2) + e**(-t L / 2)) / (1 - e**(-t L)) under the tilt; the point's by P(|S - d| >= L).
Chernoff's inequality bounds these. Nodes at which |phi| is proven to be small are left out: some hundred are left.

Sources: Lugannani, Rice (1980) for the integral; Daniels (1987) for the saddle point; the bounds are ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol, Self

import numpy as np

from distconv.bounds import UNIT
from distconv.errors import AccuracyError
from distconv.methods.trials import LONG_UNIT
from distconv.typing import AnyArray, FloatArray, IntArray

#: Standard deviations to either side, and natural logs of decay, after which nodes may wrap around.
WIDTH, DECAY = 20.0, 90.0
#: Natural logs below its value at 0 at which a characteristic function is left out, beside those that count nodes.
DEPTH = 42.0
#: Nodes up to which each is looked at; of more, those near 0 are taken, so many at most.
MOST_SEEN, MOST_NODES = 2**20, 2**16
#: Rates of Chernoff's bounds times the largest value, at most: exponentials are doubles.
MOST_GROWTH = 600.0
#: Steps of Newton's method and of halving.
STEPS = 200
#: The least tilt of a tail is the inverse of so many standard deviations.
FLATTEST = 128
#: Standard deviations from its place to which a saddle point is sought.
NEAR = 0.02


class Spectral(Protocol):
    """A characteristic function: exp(log_size + i phase), with bounds on the errors of that exponent."""

    @property
    def log_size(self) -> FloatArray:
        """log|phi| at each node."""

    @property
    def phase(self) -> FloatArray:
        """The argument of phi, modulo whole turns."""

    @property
    def error(self) -> FloatArray:
        """Bounds on the errors of log phi."""


class Askable(Protocol):
    """A sum of whole numbers that answers under a tilt (`trial_sums.TrialSum`)."""

    @property
    def low(self) -> int:
        """The least outcome."""

    @property
    def high(self) -> int:
        """The largest outcome."""

    @property
    def largest(self) -> float:
        """The most that one term adds or takes."""

    @property
    def steepest(self) -> float:
        """The largest tilt, either way."""

    def mirrored(self) -> Self:
        """Minus this sum."""

    def mean_and_variance(self, tilt: float) -> tuple[float, float]:
        """Of the tilted sum, the mean from `low` on."""

    def log_total(self, tilt: float, place: int) -> tuple[np.longdouble, float]:
        """log E exp(tilt (S - place)) and a bound on its error."""

    def growth(self, tilt: float, more: float) -> float:
        """An upper bound on log E exp(more (S - mean)) under the tilt."""

    def decay(self, tilt: float, variance: float, length: int) -> FloatArray:
        """Lower bounds on -log|phi| at the nodes 2 pi j / length, j = 0, ..., length // 2."""

    def far(self, tilt: float, variance: float) -> tuple[float, float]:
        """(an angle, a bound on |phi| from there to pi)."""

    def spectrum(self, tilt: float, place: int, nodes: IntArray, length: int) -> Spectral:
        """log phi of S - place under the tilt at some of the nodes."""


@dataclass(frozen=True, slots=True, eq=False)
class Asked:
    """The log of a probability, and a bound on its absolute error."""

    log: float
    error: float


@dataclass(frozen=True, slots=True, eq=False)
class Saddle:
    """A tilt with the mean (above `low`) and the variance of the tilted sum."""

    tilt: float
    mean: float
    variance: float

    @classmethod
    def at(cls, total: Askable, place: int, *, tail: bool) -> Saddle:
        """Where K'(t) = place, or place + 1 / (e**t - 1) with t > 0: the integrand is largest there.

        Half an outcome from the ends at least, where tilts have no end.
        """
        room = total.high - total.low
        aim = float(place - total.low)
        least, most = min(0.5, room / 4), room - min(0.5, room / 4)

        def excess(tilt: float) -> tuple[float, float, float, float]:
            mean, variance = total.mean_and_variance(tilt)
            pull, slope = 0.0, 0.0
            if tail:
                step = math.expm1(min(tilt, 700.0))
                pull, slope = 1 / step, (1 + step) / step / step
            goal = aim + pull
            kept = min(max(goal, least), most)
            return mean - kept, variance + (slope if kept == goal else 0.0), mean, variance

        _, variance = total.mean_and_variance(0.0)
        # Any tilt is right; the smaller one is, the more nodes a tail takes.
        low, high = 1 / (FLATTEST * (math.sqrt(variance) + 1)) if tail else -total.steepest, total.steepest
        tilt = 1 / math.sqrt(variance + 1) if tail else 0.0
        mean = 0.0
        for _ in range(STEPS):
            tilt = _few_bits(tilt)
            gap, slope, mean, variance = excess(tilt)
            if abs(gap) <= NEAR * math.sqrt(variance) or high - low <= 2**-16 * max(abs(low), abs(high)):
                break
            if gap > 0:
                high = tilt
            else:
                low = tilt
            following = tilt - gap / slope if slope > 0 else math.nan
            if not low < following < high:
                following = _middle(low, high)
            tilt = following
        return cls(tilt, mean, variance)


def _few_bits(tilt: float) -> float:
    """A number of 20 bits: its products with values are exact."""
    fraction, exponent = math.frexp(tilt)
    return math.ldexp(round(fraction * 2**20), exponent - 20)


def _middle(low: float, high: float) -> float:
    """A number between two, by orders of magnitude where both are far apart."""
    if low >= 0 and high > 16 * low:
        return math.sqrt(max(low, high * 2.0**-40) * high)
    if high <= 0 and low < 16 * high:
        return -math.sqrt(max(-high, -low * 2.0**-40) * -low)
    return (low + high) / 2


def log_tail(total: Askable, place: int) -> Asked:
    """log P(S >= place), best where that is at most some 1/2: low < place <= high."""
    saddle = Saddle.at(total, place, tail=True)
    tilt, deviation = saddle.tilt, math.sqrt(saddle.variance)
    length = int(max(WIDTH * deviation, DECAY / tilt)) + 64
    nodes, left_out = _nodes(total, saddle, length)
    found = total.spectrum(tilt, place - 1, nodes, length)
    angles = nodes * (2 * math.pi / length)
    least = -math.expm1(-tilt)
    divisor = least + (-2 * np.sin(angles / 2) ** 2 + 1j * np.sin(angles))
    wrapped = _beyond(total, saddle, place + length, 1) + _beyond(total, saddle, place - length // 2, -1)
    wrapped += math.exp(-tilt * (length // 2)) * 1.01
    wrapped = wrapped * 1.01 + math.exp(-tilt * length)
    weights = np.where((nodes == 0) | (2 * nodes == length), 1.0, 2.0) / length
    sizes = weights * np.exp(found.log_size) / np.abs(divisor)
    value = float((weights * np.exp(found.log_size) * (np.exp(1j * found.phase) / divisor).real).sum())
    error = float((sizes * (np.expm1(np.minimum(found.error, 1.0)) + UNIT * (24 + 4 * np.abs(found.phase)))).sum())
    error += float(sizes.sum()) * UNIT * (64 + len(nodes)) + left_out / least + wrapped
    if not value > error:
        return Asked(-math.inf, math.inf)
    scale, scale_error = total.log_total(tilt, place)
    log = float(scale + np.log(np.longdouble(value)))
    return Asked(log, scale_error + -math.log1p(-error / value) + 2 * UNIT * abs(log))


def log_points(total: Askable, low: int, high: int) -> tuple[AnyArray, FloatArray]:
    """log P(S = k) for k = low, ..., high and bounds on their errors, infinite where none is told.

    Places near one tilt are computed together.
    """
    logs, errors = np.empty(high - low + 1, dtype=np.longdouble), np.empty(high - low + 1)
    first = low
    while first <= high:
        saddle = Saddle.at(total, first, tail=False)
        # A deviation and a half: entries at its end are a third of that at the tilt's own mean.
        count = min(1 + int(1.5 * math.sqrt(saddle.variance)), high - first + 1)
        middle = first + count // 2
        if count > 2:
            saddle = Saddle.at(total, middle, tail=False)
        length = int(WIDTH * math.sqrt(saddle.variance)) + count + 64
        nodes, left_out = _nodes(total, saddle, length)
        found = total.spectrum(saddle.tilt, middle, nodes, length)
        reach = max(middle - first, first + count - 1 - middle)
        left_out += _beyond(total, saddle, middle + length - reach, 1)
        left_out += _beyond(total, saddle, middle - length + reach, -1)
        here = slice(first - low, first - low + count)
        places = np.arange(count) + (first - middle)
        logs[here], errors[here] = _answers(total, saddle, middle, places, nodes, length, found, left_out)
        first += count
    return logs, errors


def _answers(
    total: Askable,
    saddle: Saddle,
    middle: int,
    places: IntArray,
    nodes: IntArray,
    length: int,
    found: Spectral,
    left_out: float,
) -> tuple[AnyArray, FloatArray]:
    """Points at distances from the middle, by one short transform."""
    weights = np.where((nodes == 0) | (2 * nodes == length), 1.0, 2.0) / length
    sizes = weights * np.exp(found.log_size)
    spectrum = sizes * np.exp(1j * found.phase)
    turns = (places[:, None] * nodes) % length
    angles = np.where(2 * turns > length, turns - length, turns) * (2 * math.pi / length)
    values = np.cos(angles) @ spectrum.real + np.sin(angles) @ spectrum.imag
    error = float((sizes * (np.expm1(np.minimum(found.error, 1.0)) + UNIT * (24 + 4 * np.abs(found.phase)))).sum())
    error += float(sizes.sum()) * UNIT * (64 + len(nodes)) + left_out
    scale, scale_error = total.log_total(saddle.tilt, middle)
    certain = values > error
    logs = np.full(len(places), -np.inf, dtype=np.longdouble)
    errors = np.full(len(places), math.inf)
    shifted = scale - np.longdouble(saddle.tilt) * places
    logs[certain] = shifted[certain] + np.log(values[certain].astype(np.longdouble))
    own = LONG_UNIT * (4 * np.abs(logs[certain]) + 4 * abs(scale)).astype(np.float64)
    errors[certain] = scale_error - np.log1p(-error / values[certain]) + own
    return logs, errors


def _nodes(total: Askable, saddle: Saddle, length: int) -> tuple[IntArray, float]:
    """The nodes that count, and a bound on the mean of |phi| over the others.

    Raises:
        AccuracyError: there are too many of them.
    """
    if length > MOST_SEEN:
        first, bound = total.far(saddle.tilt, saddle.variance)
        count = min(length // 2 + 1, 2 + int(first * length / (2 * math.pi)))
        if count > MOST_NODES:
            raise AccuracyError(
                f"{count:,} frequencies of this sum count, more than {MOST_NODES:,}; give values in larger units"
            )
        return np.arange(count), bound if count <= length // 2 else 0.0
    decay = total.decay(saddle.tilt, saddle.variance, length)
    near = decay <= DEPTH
    nodes = np.flatnonzero(near)
    return nodes, float(np.exp(-decay[~near]).sum()) * 2 / length * (1 + 1e-9)


def _beyond(total: Askable, saddle: Saddle, place: int, side: int) -> float:
    """A bound on P(S >= place) under the tilt, or for side -1 P(S <= place), by Chernoff's inequality."""
    edge = place - total.low
    if (side > 0 and place > total.high) or (side < 0 and place < total.low):
        return 0.0
    distance = side * (edge - saddle.mean)
    if distance <= 0:
        return 1.0
    best, reach = 0.0, total.largest
    steep = distance / (saddle.variance + 1e-300)
    for rate in (steep, steep / 2, math.log1p(reach * steep) / reach, 1 / reach):
        if best < -DEPTH - 5 or rate * reach > MOST_GROWTH or abs(saddle.tilt) + rate > total.steepest:
            continue
        best = min(best, total.growth(saddle.tilt, side * rate) - rate * distance * (1 - 1e-12))
    return math.exp(best)
