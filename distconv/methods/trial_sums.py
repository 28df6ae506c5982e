"""What is asked of a sum of trials under a tilt: its log total, mean, variance and characteristic function.

The characteristic function phi of the tilted sum is asked at nodes w. Trials with |v| w <= `SOFT` at all of them enter
by cumulants: with f(z) = log(1 - q + q e**z), |f''(z)| <= q (1 - q) e**r / cos(r / 2)**2 =: q (1 - q) M on the circle
|z| = r < pi, for |1 - q + q e**(x + i y)| >= (1 - q + q e**x) cos(y / 2) and (1 - q + q e**x)**2 >= e**(-|x|) e**x. By
Cauchy, the series of f from the power J + 1 on is at most
q (1 - q) |z|**2 M (|z| / r)**(J - 1) / (J (J + 1) (1 - |z| / r)).
Others enter one by one, or, where v = +-1 and q or 1 - q is small, by the sums of their powers:
log(1 + q u) = sum_k (-1)**(k + 1) q**k u**k / k, |u| = |e**(i w) - 1| <= 2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np

from distconv.bounds import UNIT
from distconv.methods.far import far
from distconv.methods.trials import (
    HALF_WIDTH,
    LONG_UNIT,
    NODES,
    TERM_ROUNDINGS,
    Gathered,
    Points,
    Trials,
    added,
    depth,
    ends,
    gathered,
    tilted,
)
from distconv.typing import FloatArray, IntArray

#: Radians times a value up to which cumulants serve, the radius at which their remainder is bounded, and how many there
#: may be.
SOFT, RADIUS, MOST_CUMULANTS = 0.5, 2.5, 32
#: What the remainder of the cumulants may be, absolute.
LEFT_OUT = 1e-15
#: Probabilities below this enter by the sums of so many of their powers: the rest is below 1e-16 of their mean.
RARE, POWERS = 1 / 32, 14
#: Points times nodes in one go.
GRID = 2**19
#: Tilts times the largest value: e**(v t) is computed by halves, of which each is a double.
STEEPEST = 1400.0
#: Values below this times a tilt of 20 bits are exact in a double.
EXACT_VALUES = 2**33


@dataclass(frozen=True, slots=True, eq=False)
class Spectrum:
    """A characteristic function at some nodes: exp(log_size + i phase), with bounds on the errors of that exponent."""

    log_size: FloatArray
    phase: FloatArray
    error: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class TrialSum:
    """The sum of many trials.

    Attributes:
        trials: the arrays.
        held: the points that stand for them.
        low: the least outcome.
        high: the largest one.
    """

    trials: Trials
    held: Gathered
    low: int
    high: int

    @classmethod
    def of(cls, trials: Trials) -> TrialSum:
        """The sum of all trials of some arrays."""
        held = gathered(trials)
        return cls(trials, held, *ends(trials))

    def mirrored(self) -> TrialSum:
        """Minus this sum."""
        values = self.trials.values
        negated = np.broadcast_to(-1.0, (len(self.trials),)) if values is None else -np.asarray(values, dtype=float)
        trials = replace(self.trials, values=negated)
        held = replace(
            self.held, points=replace(self.held.points, values=-self.held.points.values), shift=-self.held.shift
        )
        return TrialSum(trials, held, -self.high, -self.low)

    @property
    def steepest(self) -> float:
        """The largest tilt, either way."""
        return STEEPEST / self.largest

    @property
    def largest(self) -> float:
        """The largest |value|."""
        values = self.held.points.values
        return float(np.abs(values).max()) if len(values) else 1.0

    def mean_and_variance(self, tilt: float) -> tuple[float, float]:
        """Of the tilted sum, about `low`, to some ten digits."""

        def of(part: Points) -> tuple[Any, ...]:
            q, miss = tilted(part, tilt)
            up = part.values > 0
            # From the low end: v q of those that add, |v| (1 - q) of those that take away.
            rise = np.where(up, part.values * q, -part.values * miss)
            return (part.counts * rise).sum(), (part.counts * part.values**2 * q * miss).sum()

        mean, variance = added(self.held.points, of) if len(self.held.points) else (0.0, 0.0)
        return float(mean), float(variance)

    def log_total(self, tilt: float, place: int) -> tuple[np.longdouble, float]:
        """log E exp(tilt (S - place)) in extended precision, and a bound on its error.

        Each log1p(c expm1(a)) errs by `TERM_ROUNDINGS` units, for an error of its argument y is carried with
        y / (1 + y) / log1p(y) <= 1.5, y >= -1/2, and by its part of |a| q where the product v t rounds.
        """
        rate = np.longdouble(tilt)

        def of(part: Points) -> tuple[Any, ...]:
            angle = part.values * rate
            lift = np.expm1(angle)
            terms = part.copies * np.log1p(part.chances * lift)
            slope = np.abs(part.copies * angle) * tilted(part, tilt)[0] if inexact else terms[:1] * 0
            return terms.sum(), np.abs(terms).sum(), slope.sum()

        inexact = self.largest >= EXACT_VALUES or LONG_UNIT == UNIT
        size = len(self.held.points)
        rows = [np.longdouble(row) for row in added(self.held.points, of)] if size else [np.longdouble(0)] * 3
        offset = rate * np.longdouble(self.held.shift - place)
        value = rows[0] + offset
        units = (TERM_ROUNDINGS + depth(size)) * float(rows[1]) + float(rows[2]) + 3 * float(abs(offset))
        error = LONG_UNIT * (units + 2 * float(abs(value)))
        if self.held.moment_error is not None:
            reach = min(1.0, abs(math.expm1(abs(tilt)))) * (1 + 4 * HALF_WIDTH)
            count = self.held.trials
            error += count * (
                self.held.moment_error * (reach * HALF_WIDTH) ** 2 + 2.0 ** (1 - NODES) * (reach * HALF_WIDTH) ** NODES
            )
        return np.longdouble(value), error

    def growth(self, tilt: float, more: float) -> float:
        """An upper bound on log E exp(more (S - mean)) under a tilt, the mean as `mean_and_variance` has it."""

        def of(part: Points) -> tuple[Any, ...]:
            q, miss = tilted(part, tilt)
            # From the low end each trial adds |v| with the probability `chance`.
            is_up = part.values > 0
            chance, other, angle = np.where(is_up, q, miss), np.where(is_up, miss, q), more * np.abs(part.values)
            drift = angle * chance
            down = np.where((angle < -1) & (chance > 0.5), angle, 0.0)
            near = np.log1p(chance * np.expm1(np.where(down < 0, 0.0, angle)))
            up = np.where(down < 0, np.log(other + chance * np.exp(down)), near)
            return (part.counts * (up - drift)).sum(), (np.abs(part.counts) * (np.abs(up) + np.abs(drift))).sum()

        if not len(self.held.points):
            return 0.0
        value, size = added(self.held.points, of)
        return float(value) + float(size) * 1e-13 + 1e-9

    def decay(self, tilt: float, variance: float, length: int) -> FloatArray:
        """Lower bounds on -log|phi| at the nodes 2 pi j / length, j = 0, ..., length // 2.

        |1 - q + q e**(i v w)|**2 = 1 - 2 q (1 - q) (1 - cos(v w)) <= exp(-2 q (1 - q) (1 - cos(v w))).
        """
        if self.largest == 1.0:
            nodes = np.arange(length // 2 + 1) * (2 * math.pi / length)
            return np.asarray(2 * variance * np.sin(nodes / 2) ** 2 * (1 - 1e-9))
        bins = np.zeros(length)
        for part in self.held.points.parts(2**15):
            q, miss = tilted(part, tilt)
            places = part.values.astype(np.int64) % length
            bins += np.bincount(places, np.asarray(part.counts * q * miss, dtype=np.float64), length)
        return np.asarray(np.maximum(bins.sum() * (1 - 1e-9) - np.fft.rfft(bins).real, 0.0))

    def far(self, tilt: float, variance: float) -> tuple[float, float]:
        """(an angle, a bound on |phi| from there to pi): the difference of two copies of a trial is 0 or +-v."""

        def of(part: Points) -> tuple[Any, ...]:
            q, miss = tilted(part, tilt)
            return ((2 * part.counts * q * miss * part.values**4).sum(),)

        (fourth,) = added(self.held.points, of)
        return far(variance, float(fourth) * (1 + 1e-9), lambda points: 2 * self.decay(tilt, variance, points))

    def spectrum(self, tilt: float, place: int, nodes: IntArray, length: int) -> Spectrum:
        """log phi of S - place under a tilt at the nodes 2 pi j / length."""
        angles = nodes * (8 * np.arctan(np.longdouble(1)) / length)
        top = float(angles.max())
        if self.largest * top <= SOFT:
            return self._soft(tilt, place, angles)
        return self._stiff(tilt, place, nodes, length)

    def _soft(self, tilt: float, place: int, angles: Any) -> Spectrum:
        """From the cumulants of all points."""
        top, largest = float(angles.max()), self.largest
        variance = self.mean_and_variance(tilt)[1]
        count = _cumulants_needed(variance * top * top, top * largest)
        rate = np.longdouble(tilt)

        def of(part: Points) -> tuple[Any, ...]:
            hit = part.chances * np.exp(part.values * rate)
            mean = part.copies * part.values * (hit / (1 - part.chances + hit))
            q, miss = tilted(part, tilt)
            spread, sizes = q * miss, part.counts * 1.0
            sums = []
            for j, poly in enumerate(polynomials(count), 2):
                value = np.full(len(q), float(poly[-1]))
                for coefficient in poly[-2::-1]:
                    value = value * spread + coefficient
                sizes = sizes * part.values
                odd = (miss - q) if j % 2 else 1.0
                sums.append((sizes * part.values * spread * value * odd).sum())
            return mean.sum(), np.abs(mean).sum(), (np.abs(part.counts) * part.values**2 * spread).sum(), np.array(sums)

        points = self.held.points
        mean, mean_size, spread, sums = added(points, of)
        offset = mean + np.longdouble(self.held.shift - place)
        real, imaginary = np.zeros(len(angles)), np.zeros(len(angles))
        w = np.asarray(angles, dtype=np.float64)
        units = depth(len(points)) + 2 * TERM_ROUNDINGS
        error = np.asarray(LONG_UNIT * w * float((TERM_ROUNDINGS + depth(len(points))) * mean_size + 2 * abs(offset)))
        for j, poly in enumerate(polynomials(count), 2):
            term = float(sums[j - 2]) * w**j / math.factorial(j)
            sign = (1, 1, -1, -1)[j % 4]
            if j % 2:
                imaginary += sign * term
            else:
                real += sign * term
            size = sum(abs(c) / 4.0**k for k, c in enumerate(poly)) * largest ** (j - 2) * float(spread)
            error = error + size * w**j / math.factorial(j) * (units + 4 * j) * UNIT
        error = error + _remainder(count, float(spread) * w * w, w * largest)
        if self.held.moment_error is not None:
            # Derivatives of q by the place in a cell are at most q (1 - q) / (1 - c) times powers of its half-width.
            square = HALF_WIDTH**2 * self.held.moment_error + 2.0 * NODES * HALF_WIDTH**NODES
            error = error + 16 * float(spread) * square * (w + w * w)
        phase = np.asarray(angles * offset, dtype=np.float64) + imaginary
        return Spectrum(real, phase, np.asarray(error) + UNIT * (np.abs(phase) + np.abs(real)))

    def _stiff(self, tilt: float, place: int, nodes: IntArray, length: int) -> Spectrum:
        """From every trial, or from the powers of rare ones."""
        powers = np.zeros(POWERS + 1)
        turned_powers = np.zeros(POWERS + 1)
        real, imaginary, error = np.zeros(len(nodes)), np.zeros(len(nodes)), np.zeros(len(nodes))
        shift, trials = 0.0, 0
        for points, sure in self.trials.points():
            q, miss = tilted(points, tilt)
            flip = q > miss
            chances, values = np.where(flip, miss, q), np.where(flip, -points.values, points.values)
            shift += sure + float((points.copies * points.values)[flip].sum())
            trials += len(chances)
            for sign, sums in ((1.0, powers), (-1.0, turned_powers)):
                rare = (values == sign) & (chances < RARE)
                small, weight = chances[rare], points.copies[rare]
                for k in range(1, POWERS + 1):
                    weight = weight * small
                    sums[k] += weight.sum()
            left = (np.abs(values) != 1) | (chances >= RARE)
            rest = Points(chances[left], points.copies[left], values[left])
            for part in rest.parts(max(1, GRID // len(nodes))):
                for total, found in zip((real, imaginary, error), _each(part, nodes, length), strict=True):
                    total += found
        w = nodes * (2 * math.pi / length)
        u = -2 * np.sin(w / 2) ** 2 + 1j * np.sin(w)
        for base, sums in ((u, powers), (np.conj(u), turned_powers)):
            power = np.ones(len(nodes), dtype=complex)
            for k in range(1, POWERS + 1):
                power = power * base
                term = (-1) ** (k + 1) / k * sums[k] * power
                real, imaginary = real + term.real, imaginary + term.imag
            rounding = UNIT * (64 + math.log2(trials + 2) + trials / 2**17)
            error += np.abs(base) * sums[1] * (2 * rounding + (2 * RARE) ** POWERS)
        # Whole numbers: turns are taken out exactly.
        turns = np.array([(int(j) * (int(shift) - place)) % length for j in nodes], dtype=np.float64)
        turns = np.where(2 * turns > length, turns - length, turns)
        phase = turns * (2 * math.pi / length) + imaginary
        return Spectrum(real, phase, error + 4 * UNIT * (8 + np.abs(imaginary)))


def _each(part: Points, nodes: IntArray, length: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The sums of log|.|, of the arguments and of the errors of 1 + q (e**(i v w) - 1), at every node."""
    turns = (nodes[:, None] * part.values.astype(np.int64)) % length
    half = turns * (math.pi / length)
    sine, q = np.sin(half), part.chances
    square = sine * sine
    # |.|**2 = (1 - 2 q)**2 + 4 q (1 - q) cos(v w / 2)**2, near 1 from what is missing.
    gone = 4 * q * (1 - q) * square
    far = (1 - 2 * q) ** 2 + 4 * q * (1 - q) * np.cos(half) ** 2
    log_size = 0.5 * np.where(gone < 0.5, np.log1p(-np.minimum(gone, 0.5)), np.log(np.maximum(far, 1e-60)))
    angle = np.arctan2(2 * q * sine * np.cos(half), 1 - 2 * q * square)
    error = 24 * UNIT * (np.abs(log_size) + np.abs(angle)) / np.sqrt(np.maximum(far, 1e-60))
    copies = part.counts
    return log_size @ copies, angle @ copies, error @ copies + len(copies) * UNIT * (np.abs(angle) @ copies)


@cache
def polynomials(count: int) -> tuple[tuple[int, ...], ...]:
    """The cumulants 2, ..., count of a trial as polynomials in s = q (1 - q), divided by s, and 1 - 2 q if odd.

    kappa_(j + 1) = q (1 - q) d kappa_j / dq, with ds/dq = 1 - 2 q and (1 - 2 q)**2 = 1 - 4 s.
    """
    found: list[tuple[int, ...]] = [(0, 1)]
    for j in range(2, count):
        poly = found[-1]
        slope = [k * c for k, c in enumerate(poly)][1:]
        if j % 2 == 0:
            # (P(s))' = P'(s) (1 - 2 q).
            following = [0, *slope]
        else:
            # ((1 - 2 q) P(s))' = P'(s) (1 - 4 s) - 2 P(s).
            following = [0] * (len(poly) + 1)
            for k, c in enumerate(slope):
                following[k + 1] += c
                following[k + 2] -= 4 * c
            for k, c in enumerate(poly):
                following[k + 1] -= 2 * c if k + 1 < len(following) else 0
        while len(following) > 2 and following[-1] == 0:
            following.pop()
        found.append(tuple(following))
    return tuple(poly[1:] for poly in found)


def _remainder(count: int, size: Any, angle: Any) -> Any:
    """A bound on the cumulants' series beyond so many, of a variance times w**2, and w times the largest value."""
    most = math.exp(RADIUS) / math.cos(RADIUS / 2) ** 2
    part = angle / RADIUS
    return size * most * part ** (count - 1) / (count * (count + 1) * (1 - part))


def _cumulants_needed(size: float, angle: float) -> int:
    """How many cumulants leave out next to nothing."""
    for count in range(4, MOST_CUMULANTS):
        if _remainder(count, size, angle) <= LEFT_OUT:
            return count
    return MOST_CUMULANTS
