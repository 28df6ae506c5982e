"""Sums of a random number of terms, by recursion, by tilted transforms and as power series in ball arithmetic.

Panjer's recursion subtracts nothing: in extended precision it is right to many digits, and the quickest way to some
thousand outcomes. For more, with G the count's generating function and M(t) the tilted total of the step, the sum under
a tilt t has the spectrum G(M phi) / G(M): for a Poisson count of mean a that is exp(a M (phi - 1)), for a negative
binomial one with ratio q and shape r (1 - rho (phi - 1))**-r, rho = q M / (1 - q M): counts of the same kind again.
Windows, certificates and what wraps around are those of n-fold sums (`powering`); 1 - phi is summed in extended
precision near 0 where the count is large.

Sources: Panjer (1981) and Embrechts and Frei (2009) for recursion and exponential tilting of compound sums; windows and
bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.errors import AccuracyError
from distconv.methods import ball, recursion
from distconv.methods.characteristic import SUM_ROUNDINGS, TOTAL_ERROR, Entries, Tilted
from distconv.methods.counts import Panjer, Series
from distconv.methods.operands import Operand
from distconv.methods.powering import PASSES, Table, fill
from distconv.methods.tilted import TILT_ERROR, Logs, Result, dyadic
from distconv.numbers.balls import ball_of_pair, is_narrow, pair_of, resolved, resolved_pair
from distconv.planning import costs
from distconv.typing import AnyArray, FloatArray, IntArray

if TYPE_CHECKING:
    import flint

#: Outcomes up to which what nothing else certifies is a power series in ball arithmetic; fewer are not left to windows.
SERIES = 1500
LEAST_WINDOWS = 64
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
#: The steepest tilt that is tried, in bits an outcome.
STEEPEST = 2.0**12
#: Relative error of the tilted weights.
OWN = 2 * TILT_ERROR + SUM_ROUNDINGS * UNIT
#: 2 pi in extended precision: a double and what it lacks.
TURN = 2 * (np.longdouble(math.pi) + np.longdouble(1.2246467991473532e-16))


@dataclass(frozen=True, slots=True, eq=False)
class Laws:
    """The compound sum under some tilts."""

    count: Panjer
    tilted: Tilted
    center: FloatArray
    spread: FloatArray
    mass: FloatArray
    near: bool

    @classmethod
    def of(cls, count: Panjer, logs: Logs, tilt: FloatArray, longest: int, *, near: bool = False) -> Laws:
        """The sum under tilts."""
        tilted = Tilted.of(logs, tilt, longest, precise=True)
        # Tilts under which the sum has no mean a double can hold serve no window.
        with np.errstate(invalid="ignore", over="ignore"):
            mass = np.ldexp(tilted.scale.astype(np.float64), np.clip(tilted.shift, -2000, 2000).astype(np.int32))
            mean, variance = count.expected(mass)
            center = mean * tilted.mean
            spread = np.sqrt(mean * tilted.spread**2 + variance * tilted.mean**2)
        return cls(count, tilted, center, spread, mass, near)

    @property
    def tilt(self) -> FloatArray:
        """The tilts."""
        return self.tilted.tilt

    def terms(self) -> FloatArray:
        """The expected numbers of terms."""
        return self.count.expected(self.mass)[0]

    def entries(self, lengths: IntArray) -> Entries:  # noqa: ARG002 - each batch has its own frequencies
        """What transforms under the tilts give."""
        return self._entries

    def _entries(self, which: IntArray, length: int) -> tuple[FloatArray, IntArray, FloatArray]:
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
        error = 2.0 / length * self.count.spectrum_errors(mass, less, logs, stage + OWN).sum(axis=1)
        found = np.exp(logs)
        error += 2.0 / length * bounds.FFT_STAGE * math.log2(length) * UNIT * sizes.sum(axis=1)
        return np.fft.irfft(found, length), np.zeros(len(p), dtype=np.int64), error * (1 + 1e-9) + bounds.TINY

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
        slack = (OWN + LONG_ROUNDINGS * LONG_UNIT + 2 * UNIT) * np.minimum(omega * first, 2.0) * (1 + 1e-9)
        logs = self.count.log_spectrum(mass, less)
        sizes = np.exp(logs.real)
        error = 2.0 / length * self.count.spectrum_errors(mass, less, logs, slack).sum(axis=1)
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
        rounding = (bounds.FFT_STAGE * math.log2(points) + SUM_ROUNDINGS) * UNIT * (1 + 1e-6) + OWN
        turn = np.sqrt(6 * second / np.maximum(fourth, 1e-300)) * (1 - 1e-6)
        near = first**2 * (second / 2 - first**2 * fourth / 24 * (1 + 1e-6)) * (1 - 1e-6)
        start = np.minimum(np.floor(np.maximum(first, turn) * points / (2 * math.pi)), points // 2).astype(np.int64)
        grid = np.where(np.arange(points // 2 + 1) >= start[:, None], phi, -1.0).max(axis=1)
        away = 1 - grid - rounding - (2 * math.pi / points) ** 2 * second / 8 * (1 + 1e-6)
        away = np.where(first < turn, np.minimum(away, near - 8 * UNIT), away)
        return np.asarray(np.exp(self.count.log_far(mass, np.maximum(away, 0.0)) * (1 - 1e-9)))

    def wrapped(self, low: IntArray, high: IntArray, length: IntArray) -> FloatArray:
        """Bounds on the mass that wraps around into [low, high], under every tilt, after transforms of a length."""
        total = self.chernoff(np.arange(len(low)), low + length, 1.0)
        inside = np.flatnonzero(high - length >= 0)
        total[inside] += self.chernoff(inside, (high - length)[inside], -1.0)
        return total

    def chernoff(self, which: IntArray, edge: FloatArray | IntArray, side: float) -> FloatArray:
        """Bounds on the mass from an edge on, upwards (side 1) or downwards: at a Gaussian's best rate and less."""
        p, mass = self.tilted.p[which], self.mass[which]
        k = np.arange(p.shape[1], dtype=np.float64)
        distance = np.maximum(side * (edge - self.center[which]), 0.0)
        mean, _ = self.count.expected(mass)
        best = np.zeros(len(which))
        for share in (1.0, 0.75, 0.55, 0.4, 0.25, 0.1):
            rate = side * share * distance / (self.spread[which] ** 2 + 1e-300)
            usable = np.abs(rate) * k[-1] < 600
            rate = np.where(usable, rate, 0.0)
            grown = (p * np.expm1(rate[:, None] * k)).sum(axis=1)
            logs = self.count.log_growth(mass, grown)
            usable &= np.isfinite(logs)
            logs = np.where(usable, logs, 0.0)
            slack = 1e-9 + 1e-13 * (np.abs(logs) + np.abs(rate * edge)) + mean * (OWN + 1e-14) * (1 + grown)
            best = np.minimum(best, np.where(usable, logs - rate * edge + slack, 0.0))
        return np.asarray(np.exp(best))

    def scales(self) -> tuple[FloatArray, IntArray]:
        """The totals of the tilted weights, as fractions and exponents."""

        def total(scale: np.longdouble, shift: int) -> flint.arb:
            leading = float(scale)
            rest = float(scale - np.longdouble(leading))
            return self.count.total(ball_of_pair(leading, shift) + ball_of_pair(rest, shift))

        pairs = [
            resolved_pair(partial(total, scale, shift), "the total of a tilted compound sum", start=TOTAL_BITS)
            for scale, shift in zip(self.tilted.scale, self.tilted.shift.tolist(), strict=True)
        ]
        return np.array([s for s, _ in pairs]), np.array([e for _, e in pairs], dtype=np.int64)


def compound(count: Panjer | Series, step: Operand, last: int, tolerance: float) -> Result:
    """P(S = 0), ..., P(S = last) of a sum of a random number of steps, each step >= 1; every entry certified.

    `step` holds the probabilities of 0 (which is 0), 1, 2, ...: its weights are taken as the numbers that they are.

    Raises:
        AccuracyError: some entries could not be certified to the tolerance.
    """
    wanted = reachable(step, last)
    if not count.is_whole:
        wanted[0] = False
    result = Result.empty(last + 1, wanted)
    reached = recursion.error(count, step, last)
    cheap = recursion.seconds(count, step, last) <= windows_seconds(last) or not count.is_whole
    if cheap and reached <= tolerance / 2:
        recursion.fill(count, step, last, result)
    if isinstance(count, Panjer) and last >= LEAST_WINDOWS and result.bad.any():
        _by_windows(count, step, last, tolerance, result)
    missed = np.flatnonzero(result.bad)
    if len(missed):
        head = int(missed[-1]) + 1
        reached = recursion.error(count, step, head - 1)
        if head > SERIES and reached <= tolerance / 2:
            recursion.fill(count, step, head - 1, result)
    missed = np.flatnonzero(result.bad)
    if len(missed):
        head = int(missed[-1]) + 1
        if head > MOST_HEAD:
            raise AccuracyError(_not_right(len(missed), last, tolerance, reached))
        _series(count, step, head, result)
    if not count.is_whole:
        result.significands[0], result.exponents[0] = resolved_pair(count.at_zero, "P(S = 0)", start=TOTAL_BITS)
    return result


def _not_right(missed: int, last: int, tolerance: float, reached: float) -> str:
    """What is said where some probabilities are not certified."""
    digits = 10.0 ** math.ceil(math.log10(4 * reached)) if reached < 0.01 else 0.0
    way = (
        f"ask for fewer digits: with settings(tolerance={digits:g}): ..."
        if digits > tolerance
        else ("round the outcomes of the terms to a coarser step, X.round(step)")
    )
    return f"{missed:,} of {last + 1:,} probabilities of the compound sum are not right to {tolerance:g}; {way}"


def predict(last: int, size: int) -> tuple[str, float]:
    """The way to the outcomes up to the last of a step of so many cells, and its predicted seconds."""
    ways = {"recursion": recursion.predict(last, size), "tilted": windows_seconds(last)}
    best = min(ways, key=ways.__getitem__)
    return best, ways[best]


def windows_seconds(last: int) -> float:
    """The predicted time of tilted windows."""
    return costs.COMPOUND_WINDOWS_START_SECONDS + costs.COMPOUND_WINDOW_CELL_SECONDS * last


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


def _by_windows(count: Panjer, step: Operand, last: int, tolerance: float, result: Result) -> None:
    """Certifies what windows can."""
    logs = Logs.of_operand(step)
    longest = 4 * last + 16
    most_terms = float(Laws.of(count, logs, _reaching(count, logs, float(last), longest), longest).terms()[0])
    plain = float(count.expected(np.array([float(count.keep)]))[0][0])
    weights_error = 1.2 * (most_terms + plain + 1) * TOTAL_ERROR + 4 * UNIT + TILT_ERROR
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
            if reach < 0.5 or outcomes[-1] < LEAST_WINDOWS:
                continue
            width = math.sqrt(2 * math.log(2) * reach)
            table = table or _table(count, logs, last, longest, width)
            tilt, low, high = table.windows(outcomes, width)
            rows = max(1, 2**20 // step.shape[0])
            for start in range(0, len(tilt), rows):
                some = slice(start, start + rows)
                job = Laws.of(count, logs, tilt[some], longest, near=near)
                fill(job, low[some], high[some], widening, result, tolerance, weights_error)


def _reaching(count: Panjer, logs: Logs, target: float, longest: int) -> FloatArray:
    """The tilt under which the sum's mean is just above a target, by bisection."""

    def mean(tilt: float) -> float:
        center = float(Laws.of(count, logs, np.array([tilt]), longest).center[0])
        return center if center == center else math.inf

    low, high = -1.0, 1.0
    while mean(low) > target:
        low *= 2
    while mean(high) <= target and high < STEEPEST:
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


def _table(count: Panjer, logs: Logs, last: int, longest: int, width: float) -> Table:
    """Tilts in rising order with the sum's means and deviations, from mean 1/2 to the last outcome."""

    def moments(tilt: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        laws = Laws.of(count, logs, tilt, longest)
        return laws.tilt, laws.center, laws.spread

    ends = np.concatenate((_reaching(count, logs, 0.5, longest), _reaching(count, logs, float(last) + 1, longest)))
    return Table.refined(np.linspace(ends[0], ends[1], 9), moments, width)


def _series(count: Panjer | Series, step: Operand, head: int, result: Result) -> None:
    """The first entries as a power series in ball arithmetic."""
    import flint

    balls = ball.entries(step, head)
    where = np.flatnonzero(result.bad[:head])

    def attempt() -> list[tuple[float, int]] | None:
        values = count.total(flint.arb_series(balls, head)).coeffs()
        values += [flint.arb(0)] * (head - len(values))
        wanted = [values[k] for k in where.tolist()]
        return [pair_of(v) for v in wanted] if all(map(is_narrow, wanted)) else None

    pairs = resolved(attempt, "a probability of the compound sum", start=SERIES_BITS, terms=head)
    result.significands[where] = [s for s, _ in pairs]
    result.exponents[where] = [e for _, e in pairs]
    result.bad[where] = False
    result.error = max(result.error, ball.ERROR)
