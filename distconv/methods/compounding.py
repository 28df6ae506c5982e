"""Sums of a random number of terms by tilted transforms: Poisson and negative binomial counts.

With G the count's generating function and M(t) the tilted total of the step, the sum under a tilt t has the spectrum
G(M phi) / G(M): for a Poisson count of mean a that is exp(a M (phi - 1)), for a negative binomial one with ratio q and
shape r (1 - rho (phi - 1))**-r, rho = q M / (1 - q M): counts of the same kind again. Windows, certificates and what
wraps around are those of n-fold sums (`powering`); 1 - phi is summed in extended precision near 0 where the count is
large, and the first outcomes are a power series in ball arithmetic.

Sources: Panjer (1981) and Embrechts and Frei (2009) for recursion and exponential tilting of compound sums; windows and
bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.errors import AccuracyError
from distconv.methods import ball
from distconv.methods.boxes import Operand
from distconv.methods.characteristic import SUM_ROUNDINGS, TOTAL_ERROR, Tilted
from distconv.methods.powering import PASSES, Table, fill
from distconv.methods.tilted import TILT_ERROR, Logs, Result, dyadic
from distconv.numbers.balls import ball_of, ball_of_pair, is_narrow, pair_of, resolved, resolved_pair
from distconv.settings import current_settings
from distconv.typing import AnyArray, FloatArray, IntArray

#: Outcomes up to which the whole law is a power series in ball arithmetic.
SERIES = 1500
#: Bits in which that series, and the total of a tilted sum, are first computed: most are narrow at once.
SERIES_BITS, TOTAL_BITS = 64, 256
#: Outcomes at the left end that windows may leave to it.
MOST_HEAD = 20_000
#: Expected terms up to which every frequency is transformed; above, those near 0 at first.
FEW_TERMS = 40.0
#: Frequencies up to this many radians per standard deviation of the sum are near.
NEAR = 12.0
#: Near frequencies times entries of the step, at most.
MOST_NEAR = 30_000_000
#: Rounding of a sum in extended precision, in its units: a sine, an angle, a product, pairwise summation.
LONG_ROUNDINGS = 64
LONG_UNIT = float(np.finfo(np.longdouble).eps) / 2
#: 2 pi in extended precision: a double and what it lacks.
TURN = 2 * (np.longdouble(math.pi) + np.longdouble(1.2246467991473532e-16))


@dataclass(frozen=True, slots=True)
class Count:
    """A Poisson count (shape 0) or a negative binomial one (shape r) of terms that are not 0 with probability `keep`.

    With M the total of the tilted terms that are not 0, the generating function is exp(rate (M - keep)), or
    ((1 - rate keep) / (1 - rate M))**shape.
    """

    rate: Fraction
    shape: Fraction
    keep: Fraction = Fraction(1)

    def expected(self, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(mean, variance) of the count once its steps' total is `mass`; infinite where there is no such law."""
        if not self.shape:
            mean = float(self.rate) * mass
            return mean, mean
        with np.errstate(divide="ignore", invalid="ignore"):
            q = float(self.rate) * mass
            ratio = np.where(q < 1, q / (1 - q), np.inf)
        return float(self.shape) * ratio, float(self.shape) * ratio * (1 + ratio)

    def log_spectrum(self, mass: FloatArray, less: Any) -> Any:
        """log G(M phi) / G(M) for phi = 1 + less."""
        mean, variance = self.expected(mass)
        if not self.shape:
            return mean[:, None] * less
        ratio = (variance / mean - 1)[:, None]
        return -float(self.shape) * np.log(1 - ratio * less)

    def log_total(self, mass: Any) -> Any:
        """log G(M), as a FLINT ball."""
        rate, shape, keep = (ball_of(v) for v in (self.rate, self.shape, self.keep))
        if not self.shape:
            return rate * (mass - keep)
        return shape * ((1 - rate * keep).log() - (1 - rate * mass).log())


@dataclass(frozen=True, slots=True, eq=False)
class Laws:
    """The compound sum under some tilts."""

    count: Count
    tilted: Tilted
    center: FloatArray
    spread: FloatArray
    mass: FloatArray
    step_error: float
    near: bool

    @classmethod
    def of(cls, count: Count, logs: Logs, tilt: FloatArray, longest: int, step_error: float, near: bool) -> Laws:
        """The sum under tilts."""
        tilted = Tilted.of(logs, tilt, longest, precise=True)
        # Tilts under which the sum has no mean a double can hold serve no window.
        with np.errstate(invalid="ignore", over="ignore"):
            mass = np.ldexp(tilted.scale.astype(np.float64), np.clip(tilted.shift, -2000, 2000).astype(np.int32))
            mean, variance = count.expected(mass)
            center = mean * tilted.mean
            spread = np.sqrt(mean * tilted.spread**2 + variance * tilted.mean**2)
        return cls(count, tilted, center, spread, mass, step_error, near)

    @property
    def tilt(self) -> FloatArray:
        """The tilts."""
        return self.tilted.tilt

    def terms(self) -> FloatArray:
        """The expected numbers of terms."""
        return self.count.expected(self.mass)[0]

    def entries(self, which: IntArray, length: int) -> tuple[FloatArray, IntArray, FloatArray]:
        """(entries modulo the length, the offsets of entry 0, bounds on their errors) under some of the tilts."""
        p, mass = self.tilted.p[which], self.mass[which]
        near = self.terms()[which] > FEW_TERMS if self.near else np.zeros(len(which), dtype=bool)
        if not near.any():
            return self._all(p, mass, length)
        if near.all():
            return self._near(p, mass, float(self.spread[which].min()), length)
        values, errors = np.empty((len(which), length)), np.empty(len(which))
        values[near], _, errors[near] = self._near(p[near], mass[near], float(self.spread[which[near]].min()), length)
        values[~near], _, errors[~near] = self._all(p[~near], mass[~near], length)
        return values, np.zeros(len(which), dtype=np.int64), errors

    @property
    def most(self) -> int:
        """No bound: there may be any number of terms."""
        return 2**62

    def _all(self, p: FloatArray, mass: FloatArray, length: int) -> tuple[FloatArray, IntArray, FloatArray]:
        """Entries from every frequency."""
        size = p.shape[1]
        if size > length:
            p = np.pad(p, ((0, 0), (0, -size % length))).reshape(len(p), -1, length).sum(axis=1)
        less = np.fft.rfft(p, length) - 1.0
        stage = (bounds.FFT_STAGE * math.log2(length) * (1 + 1e-6) + 8 + size / length + SUM_ROUNDINGS) * UNIT
        logs = self.count.log_spectrum(mass, less)
        sizes = np.exp(logs.real)
        error = 2.0 / length * self._spectrum_error(sizes, logs, less, mass, stage + self._own())
        found = np.exp(logs)
        error += 2.0 / length * bounds.FFT_STAGE * math.log2(length) * UNIT * sizes.sum(axis=1)
        return np.fft.irfft(found, length), np.zeros(len(p), dtype=np.int64), error * (1 + 1e-9) + bounds.TINY

    def _own(self) -> float:
        """The relative error of the tilted weights."""
        return 2 * TILT_ERROR + SUM_ROUNDINGS * UNIT + self.step_error

    def _spectrum_error(self, sizes: FloatArray, logs: Any, less: Any, mass: FloatArray, slack: Any) -> FloatArray:
        """Sums of the errors of a spectrum whose phi errs by `slack`, and whose expected count errs by some roundings.

        d log G(M phi) / d phi is the expected number of terms at most, for |1 - rho (phi - 1)| >= 1.
        """
        mean = self.count.expected(mass)[0][:, None]
        ratio = 1.0 if not self.count.shape else float(self.count.shape)
        each = mean * (slack + 12 * UNIT * np.abs(less)) + 6 * UNIT * (
            1 + np.abs(logs) + ratio * (self.count.shape > 0)
        )
        return np.asarray((sizes * np.expm1(np.minimum(each, 50.0))).sum(axis=1))

    def _near(
        self, p: FloatArray, mass: FloatArray, least: float, length: int
    ) -> tuple[FloatArray, IntArray, FloatArray]:
        """Entries from the frequencies near 0, 1 - phi summed in extended precision there; the others are bounded."""
        half, size = length // 2, p.shape[1]
        number = min(half + 1, 2 + int(NEAR * length / (2 * math.pi * max(least, 1e-9))))
        if number * size > MOST_NEAR:
            return self._all(p, mass, length)
        turns = (np.arange(size)[:, None] * np.arange(number)) % length
        turns = np.where(2 * turns > length, turns - length, turns)
        angles = turns * (TURN / length)
        real = -2.0 * np.square(np.sin(angles / 2))
        exact = p.astype(np.longdouble)
        less = (exact @ real).astype(np.complex128) - 1j * (exact @ np.sin(angles)).astype(np.float64)
        omega = np.arange(number) * (2 * math.pi / length)
        first = (p * np.arange(size)).sum(axis=1)[:, None]
        slack = (self._own() + LONG_ROUNDINGS * LONG_UNIT + 2 * UNIT) * np.minimum(omega * first, 2.0) * (1 + 1e-9)
        logs = self.count.log_spectrum(mass, less)
        sizes = np.exp(logs.real)
        error = 2.0 / length * self._spectrum_error(sizes, logs, less, mass, slack)
        error += 2.0 / length * bounds.FFT_STAGE * math.log2(length) * UNIT * sizes.sum(axis=1)
        spectrum = np.zeros((len(p), half + 1), dtype=np.complex128)
        spectrum[:, :number] = np.exp(logs)
        if number <= half:
            error = error + self._far(p, mass, 2 * math.pi * number / length)
        return np.fft.irfft(spectrum, length), np.zeros(len(p), dtype=np.int64), error * (1 + 1e-9)

    def _far(self, p: FloatArray, mass: FloatArray, first: float) -> FloatArray:
        """Bounds on the spectrum's size for the frequencies from `first` to pi.

        E(1 - cos w k) is at least w**2 E k**2 / 2 - w**4 E k**4 / 24, which rises while w**2 < 6 E k**2 / E k**4;
        beyond, a grid's values and the curvature E k**2 of Re phi.
        """
        size = p.shape[1]
        k = np.arange(size, dtype=np.float64)
        second, fourth = (p * k**2).sum(axis=1), (p * k**4).sum(axis=1)
        points = 1 << max(2 * size - 1, int(32 * float(np.sqrt(second.max())))).bit_length()
        phi = np.fft.rfft(p, points).real
        rounding = (bounds.FFT_STAGE * math.log2(points) + SUM_ROUNDINGS) * UNIT * (1 + 1e-6) + self._own()
        turn = np.sqrt(6 * second / np.maximum(fourth, 1e-300)) * (1 - 1e-6)
        near = first**2 * (second / 2 - first**2 * fourth / 24 * (1 + 1e-6)) * (1 - 1e-6)
        start = np.minimum(np.floor(np.maximum(first, turn) * points / (2 * math.pi)), points // 2).astype(np.int64)
        grid = np.where(np.arange(points // 2 + 1) >= start[:, None], phi, -1.0).max(axis=1)
        away = 1 - grid - rounding - (2 * math.pi / points) ** 2 * second / 8 * (1 + 1e-6)
        away = np.where(first < turn, np.minimum(away, near - 8 * UNIT), away)
        logs = self.count.log_spectrum(mass, -np.maximum(away, 0.0)[:, None])[:, 0]
        return np.asarray(np.exp(logs * (1 - 1e-9)))

    def wrapped(self, which: IntArray, low: IntArray, high: IntArray, length: int) -> FloatArray:
        """Bounds on the mass that wraps around into [low, high]."""
        total = self.chernoff(which, low + length, 1.0)
        inside = np.flatnonzero(high - length >= 0)
        total[inside] += self.chernoff(which[inside], (high - length)[inside], -1.0)
        return total

    def chernoff(self, which: IntArray, edge: Any, side: float) -> FloatArray:
        """Bounds on the mass from an edge on, upwards (side 1) or downwards: at a Gaussian's best rate and less."""
        p, mass = self.tilted.p[which], self.mass[which]
        k = np.arange(p.shape[1], dtype=np.float64)
        distance = np.maximum(side * (edge - self.center[which]), 0.0)
        mean, variance = self.count.expected(mass)
        ratio = variance / np.maximum(mean, 1e-300) - 1
        best = np.zeros(len(which))
        for share in (1.0, 0.75, 0.55, 0.4, 0.25, 0.1):
            rate = side * share * distance / (self.spread[which] ** 2 + 1e-300)
            usable = np.abs(rate) * k[-1] < 600
            rate = np.where(usable, rate, 0.0)
            grown = (p * np.expm1(rate[:, None] * k)).sum(axis=1)
            if self.count.shape:
                usable &= ratio * grown < 0.999
                logs = -float(self.count.shape) * np.log1p(-np.minimum(ratio * grown, 0.999))
            else:
                logs = mean * grown
            slack = 1e-9 + 1e-13 * (np.abs(logs) + np.abs(rate * edge)) + mean * (self._own() + 1e-14) * (1 + grown)
            best = np.minimum(best, np.where(usable, logs - rate * edge + slack, 0.0))
        return np.asarray(np.exp(best))

    def scales(self, which: IntArray) -> tuple[FloatArray, IntArray]:
        """The totals of the tilted weights, as fractions and exponents."""

        def total(scale: Any, shift: int) -> Any:
            leading = float(scale)
            rest = float(scale - np.longdouble(leading))
            return self.count.log_total(ball_of_pair(leading, shift) + ball_of_pair(rest, shift)).exp()

        pairs = [
            resolved_pair(partial(total, scale, shift), "the total of a tilted compound sum", start=TOTAL_BITS)
            for scale, shift in zip(self.tilted.scale[which], self.tilted.shift[which].tolist(), strict=True)
        ]
        return np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64)


def compound(count: Count, step: Operand, last: int, step_error: float, tolerance: float) -> Result:
    """P(S = 0), ..., P(S = last) of a sum of a random number of steps, each step >= 1; every entry certified.

    `step` holds the probabilities of 0 (which is 0), 1, 2, ...; its weights err by `step_error`.

    Raises:
        AccuracyError: some entries could not be certified to the tolerance.
    """
    result = Result.empty(last + 1, reachable(step, last))
    if last > SERIES:
        _by_windows(count, step, last, step_error, tolerance, result)
    missed = np.flatnonzero(result.bad)
    if len(missed):
        head = int(missed[-1]) + 1
        if head > MOST_HEAD:
            wider = min(0.1, 1000 * current_settings().tolerance)
            raise AccuracyError(
                f"{len(missed):,} of {last + 1:,} probabilities of the compound sum are not right to {tolerance:g}; "
                f"ask for fewer digits: with settings(tolerance={wider:.0e}): ..."
            )
        _series(count, step, head, step_error, result)
    return result


def reachable(step: Operand, last: int) -> AnyArray:
    """Which outcomes up to the last are sums of steps at all: the numerical semigroup that they generate."""
    places = np.flatnonzero(step.significands[: last + 1]).tolist()
    result = np.ones(last + 1, dtype=bool)
    if not places:
        result[1:] = False
        return result
    if places[0] == 1:
        return result
    # From the product of the least and the largest step on every multiple of their common divisor, 1, is a sum.
    most = min(last, places[0] * places[-1]) + 1
    mask = (1 << most) - 1
    sums = 1
    for k in places:
        # One more of a step, then two more, four more, ...
        shift = k
        while shift < most:
            sums |= (sums << shift) & mask
            shift *= 2
    digits = np.frombuffer(sums.to_bytes(most // 8 + 1, "little"), dtype=np.uint8)
    result[:most] = np.unpackbits(digits, bitorder="little")[:most].astype(bool)
    return result


def _by_windows(count: Count, step: Operand, last: int, step_error: float, tolerance: float, result: Result) -> None:
    """Certifies what windows can."""
    logs = Logs.of_operand(step)
    longest = 4 * last + 16
    most_terms = float(
        Laws.of(count, logs, _reaching(count, logs, float(last), longest), longest, 0.0, False).terms()[0]
    )
    plain = float(count.expected(np.array([float(count.keep)]))[0][0])
    weights_error = 1.2 * (most_terms + plain + 1) * (TOTAL_ERROR + step_error) + 4 * UNIT
    depth = 15 * math.log2(last + 2)
    ways = [(False, (most_terms + 4) * (depth / 3 + 3 + SUM_ROUNDINGS) * UNIT)]
    if most_terms > FEW_TERMS:
        few = FEW_TERMS * (depth / 3 + 3 + SUM_ROUNDINGS)
        ways.insert(0, (True, max(few, 40 * math.sqrt(most_terms) + depth) * UNIT))
    if weights_error >= tolerance / 2:
        return
    table: Table | None = None
    for near, error in ways:
        for margin, widening in PASSES:
            reach = math.log2((tolerance - weights_error) / error) - margin
            outcomes = np.flatnonzero(result.bad)
            if not len(outcomes):
                return
            if reach < 0.5 or outcomes[-1] < SERIES:
                continue
            width = math.sqrt(2 * math.log(2) * reach)
            table = table or _table(count, logs, last, longest, width)
            tilt, low, high = table.windows(outcomes, width)
            rows = max(1, 2**20 // step.shape[0])
            for start in range(0, len(tilt), rows):
                some = slice(start, start + rows)
                job = Laws.of(count, logs, tilt[some], longest, step_error, near)
                fill(job, low[some], high[some], widening, result, tolerance, weights_error)


def _reaching(count: Count, logs: Logs, target: float, longest: int) -> FloatArray:
    """The tilt under which the sum's mean is just above a target, by bisection."""

    def mean(tilt: float) -> float:
        center = float(Laws.of(count, logs, np.array([tilt]), longest, 0.0, False).center[0])
        return center if center == center else math.inf

    low, high = -1.0, 1.0
    while mean(low) > target:
        low *= 2
    while mean(high) <= target:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        if mean(middle) > target:
            high = middle
        else:
            low = middle
        if 0 <= mean(high) - target <= max(0.02 * target, 0.5) and math.isfinite(mean(high)):
            break
    return dyadic(np.array([high]), longest)


def _table(count: Count, logs: Logs, last: int, longest: int, width: float) -> Table:
    """Tilts in rising order with the sum's means and deviations, from mean 1/2 to the last outcome."""

    def moments(tilt: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        laws = Laws.of(count, logs, tilt, longest, 0.0, False)
        return laws.tilt, laws.center, laws.spread

    ends = np.concatenate((_reaching(count, logs, 0.5, longest), _reaching(count, logs, float(last) + 1, longest)))
    return Table.refined(np.linspace(ends[0], ends[1], 9), moments, width)


def _series(count: Count, step: Operand, head: int, step_error: float, result: Result) -> None:
    """The first entries as a power series in ball arithmetic: exp(a (p - 1)), or ((1 - q) / (1 - q p))**r."""
    import flint

    balls = ball.entries(step, head)
    where = np.flatnonzero(result.bad[:head])

    def attempt() -> list[tuple[float, int]] | None:
        values = count.log_total(flint.arb_series(balls, head)).exp().coeffs()
        values += [flint.arb(0)] * (head - len(values))
        wanted = [values[k] for k in where.tolist()]
        return [pair_of(v) for v in wanted] if all(map(is_narrow, wanted)) else None

    pairs = resolved(attempt, "a probability of the compound sum", start=SERIES_BITS, terms=head)
    result.significands[where] = [s for s, _ in pairs]
    result.exponents[where] = [e for _, e in pairs]
    result.bad[where] = False
    # A relative error of each step's weight is carried by as many terms as there can be.
    result.error = max(result.error, bounds.compose(ball.ERROR, bounds.repeated(step_error, head)))


def upper_end(count: Count, step: Operand, log_tail: float) -> int:
    """An outcome beyond which the sum has at most a probability of exp(log_tail): Chernoff's bound at many tilts."""
    logs = Logs.of_operand(step)
    longest = 2**40
    most = step.shape[0]
    tilts = np.exp2(np.linspace(-60, 8, 12 * 68)) / most
    best = math.inf
    rows = max(1, 2**22 // most)
    for start in range(0, len(tilts), rows):
        tilt = tilts[start : start + rows]
        laws = Laws.of(count, logs, tilt, longest, 0.0, False)
        with np.errstate(all="ignore"):
            if count.shape:
                q = float(count.rate)
                total = float(count.shape) * (np.log1p(-q * float(count.keep)) - np.log1p(-q * laws.mass))
            else:
                total = float(count.rate) * (laws.mass - float(count.keep))
            slack = 1e-9 + 1e-12 * float(count.rate) * laws.mass * (1 if not count.shape else float(count.shape))
            ends = (total + slack - log_tail) / (laws.tilt * math.log(2)) * (1 + 1e-12)
        fine = np.isfinite(ends) & (laws.tilt > 0) & (laws.mass < 1 / float(count.rate) if count.shape else True)
        if fine.any():
            best = min(best, float(ends[fine].min()))
    if not best < 2**40:
        raise AccuracyError(
            "the compound sum's upper tail is too heavy for a window; ask for single probabilities: pmf(x)"
        )
    return math.ceil(best)
