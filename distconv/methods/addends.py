"""Independent terms whose sum is asked, not laid out: what one tilt tells of all of them in one pass.

A *tilt* t weighs outcome k of a term by exp(t k): the sum under the tilt is a bell around K'(t), K the log of the
moment generating function. Everything here is on the lattice of the integers, every term from its lowest outcome on.

Few terms, and those of many copies, are summed in ball arithmetic, whose radii are the error: n copies multiply what
doubles round. Many different terms are summed side by side in doubles, with a bound.

Source: Daniels, Saddlepoint approximations in statistics, Ann. Math. Statist. 25 (1954), for the tilt; the bounds are
ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from operator import mul
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.bounds import UNIT
from distconv.measure import Measure
from distconv.methods import ball, stacking
from distconv.methods.characteristic import folded
from distconv.methods.far import ROUNDING, far
from distconv.numbers.balls import precision, working_bits
from distconv.typing import AnyArray, FloatArray, IntArray, LongArray, Scalar

if TYPE_CHECKING:
    import flint

#: Terms up to which all are summed in balls; of more, those of so many copies each.
FEW_TERMS, MANY_COPIES = 48, 2**16
#: Points of a term from which it is summed in doubles where there are no more than so many copies of it.
LONG_TERM, FEW_COPIES = 4096, 4
#: Points of a term up to which differences of all pairs are counted; of longer ones the transform is squared.
FEW_POINTS = 64
#: What is rarer than one in so many is summed one by one: terms of a polynomial, points of a matrix.
SPARSE = 8
#: Error of the log of the total of all terms, beyond those in balls, up to which extended precision does.
MOST_OFF = 1e-12
#: How far the last point of a term may turn, in radians, where it is summed in balls: some bits for each.
MOST_TURNED = 700.0
#: The size of a term's characteristic function from which its log is taken.
SMALL = 0.5
#: Nodes times points in one go, and terms times distances from their centers that are multiplied out as a matrix.
BLOCK, MOST_CELLS = 2**20, 2**23
#: Unit roundoff of extended precision (of a double where numpy has none).
LONG_UNIT = float(np.finfo(np.longdouble).eps) / 2


@dataclass(frozen=True, slots=True, eq=False)
class About:
    """The mean and the variance of a tilted sum, to some digits."""

    mean: float
    variance: float


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """What windows of infinite terms leave out.

    Attributes:
        below, above: whether there are outcomes below, and above.
        room: how far every one of these terms is held, in steps of the lattice, from an end without outcomes beyond.
        mass: a bound on their mass in the sum under a tilt, over what the windows hold: of the tilt, and of the logs of
            the totals of all tilted terms.
    """

    below: bool
    above: bool
    room: int
    mass: Callable[[float, LongArray], float]


@dataclass(frozen=True, slots=True, eq=False)
class Terms:
    """Independent terms with their copies: the points of all of them one after the other.

    Attributes:
        points: positions, int64; the first of each term is 0.
        logs: the natural logs of the weights, in extended precision.
        numbers: the weights of a term, as FLINT's fractions or as exact balls.
        starts: where each term begins, and where the last one ends.
        copies: how many of each there are, Python's integers.
        counts: the same in extended precision.
        cut: what is left out of them; None of finite terms.
    """

    points: IntArray
    logs: LongArray
    numbers: Callable[[int], list[Any]]
    starts: IntArray
    copies: tuple[int, ...]
    counts: LongArray
    cut: Cut | None = None

    @classmethod
    def of(cls, summands: Sequence[tuple[Measure, int]], step: Scalar, cut: Cut | None = None) -> Terms:
        """Laws of numbers on a lattice of that step, with their copies; of infinite ones, windows."""
        measures = [measure for measure, _ in summands]
        points, logs, starts = stacking.stacked(measures, step)
        copies = tuple(n for _, n in summands)
        counts = np.array(copies, dtype=np.longdouble)
        return cls(points, logs, stacking.numbers_of(measures), starts, copies, counts, cut)

    @property
    def high(self) -> int:
        """The highest outcome of the sum; the lowest is 0."""
        return sum(map(mul, self.copies, self.points[self.starts[1:] - 1].tolist()))

    def tells(self, count: int, *, above: bool) -> bool:
        """Whether so many outcomes at an end of the sum come from what is held of the terms alone."""
        cut = self.cut
        return cut is None or (not (cut.above if above else cut.below) and count <= cut.room)

    def has_gaps(self) -> bool:
        """Whether places between the ends may be no outcomes: not where each term's gaps are filled by the others.

        A run of L + 1 outcomes and a term whose neighbours are at most L + 1 apart add up to a longer run.
        """
        here, ends = self.starts[:-1], self.starts[1:] - 1
        steps = np.diff(self.points, prepend=0)
        steps[here] = 0
        widest = np.maximum.reduceat(steps, here)
        run = 0
        for row in np.argsort(widest, kind="stable").tolist():
            if int(widest[row]) > run + 1:
                return True
            run += self.copies[row] * int(self.points[ends[row]])
        return False

    def central_moments(self, order: int) -> list[LongArray]:
        """The mean of each term, and its central moments from the second on up to an order."""
        here, p = self.starts[:-1], self._shares(0.0)[1]
        means = np.add.reduceat(p * self.points, here)
        distance = self.points - self.each(means)
        return [means, *(np.add.reduceat(p * distance**k, here) for k in range(2, order + 1))]

    def reflected(self) -> Terms:
        """The terms downwards, each again from 0 on."""
        widths = np.diff(self.starts)
        order = np.repeat(self.starts[:-1] + self.starts[1:] - 1, widths) - np.arange(len(self.points))
        ends = self.points[self.starts[1:] - 1]
        points, cut = (np.repeat(ends, widths) - self.points)[order], self.cut
        if cut is not None:
            mass = cut.mass
            cut = Cut(
                cut.above, cut.below, cut.room, lambda tilt, totals: mass(-tilt, totals - np.longdouble(tilt) * ends)
            )
        return replace(self, points=points, logs=self.logs[order], numbers=self._backwards, cut=cut)

    def _backwards(self, row: int) -> list[Any]:
        """The weights of a term from its last outcome to its first."""
        return self.numbers(row)[::-1]

    def head(self, count: int) -> list[flint.arb]:
        """The first weights of the sum, as balls."""
        import flint

        product = flint.arb_poly([1])
        for row, n in enumerate(self.copies):
            step = flint.arb_poly(self._dense(row, count))
            product = (product * ball.truncated_power(step, n, count)).truncate(count)
        found = product.coeffs()
        return [*found, *[flint.arb(0)] * (count - len(found))]

    def _dense(self, row: int, count: int | None = None) -> list[Any]:
        """The first weights of a term as balls, one for each position."""
        import flint

        a, b = int(self.starts[row]), int(self.starts[row + 1])
        last = int(self.points[b - 1]) + 1
        found = [flint.arb(0)] * (last if count is None else min(count, last))
        for place, number in zip(self.points[a:b].tolist(), self.numbers(row), strict=True):
            if place < len(found):
                found[place] = flint.arb(number)
        return found

    def value(self, row: int) -> Callable[[flint.acb], flint.acb]:
        """A function that gives the generating polynomial of a term at balls, at the working precision."""
        import flint

        a, b = int(self.starts[row]), int(self.starts[row + 1])
        places = self.points[a:b].tolist()
        if places[-1] < SPARSE * len(places):
            return flint.acb_poly(self._dense(row))
        weights = [flint.arb(number) for number in self.numbers(row)]
        return lambda z: sum((w * z**k for w, k in zip(weights, places, strict=True)), start=flint.acb(0))

    def log_totals(self, tilt: float) -> LongArray:
        """The logs of the totals of the tilted terms, in extended precision."""
        return self._shares(tilt)[0]

    def roundings(self, tilt: float, which: AnyArray | bool = True) -> np.longdouble:
        """A bound on the error of the sum of logs of totals times copies, and of its rounding, for some of the terms.

        A log of a weight, its tilt, their sum, an exponential and a sum of m of these err by 8 + m units of the
        largest, numpy's pairwise sums by 40 more.
        """
        n = self.counts * which
        return np.longdouble(LONG_UNIT * (n * (48 + np.diff(self.starts)) * (self.sizes(tilt) + 1)).sum())

    def sizes(self, tilt: float) -> FloatArray:
        """The largest logs of tilted weights of each term, before they are scaled: they err by units of these."""
        ends = np.abs(tilt) * self.points[self.starts[1:] - 1]
        largest: LongArray = np.maximum.reduceat(np.abs(self.logs), self.starts[:-1])
        found: FloatArray = (largest + ends).astype(np.float64)
        return found

    def each(self, values: AnyArray) -> AnyArray:
        """One value for each term, for each of its points."""
        return np.repeat(values, np.diff(self.starts))

    def _shares(self, tilt: float) -> tuple[LongArray, LongArray]:
        """(the logs of the totals of the tilted terms, their weights over these), in extended precision."""
        here = self.starts[:-1]
        values = self.logs + np.longdouble(tilt) * self.points
        top = np.maximum.reduceat(values, here)
        shares = np.exp(values - self.each(top))
        totals = np.add.reduceat(shares, here)
        return top + np.log(totals), shares / self.each(totals)

    def about(self, tilt: float) -> About:
        """The mean and the variance of the sum under a tilt, in doubles: quicker than `under`, to look for a tilt."""
        here = self.starts[:-1]
        values = self.logs.astype(np.float64) + tilt * self.points
        p = np.exp(values - self.each(np.maximum.reduceat(values, here)))
        p /= self.each(np.add.reduceat(p, here))
        means = np.add.reduceat(p * self.points, here)
        variances = np.add.reduceat(p * (self.points - self.each(means)) ** 2, here)
        counts = self.counts.astype(np.float64)
        return About(float(counts @ means), float(counts @ variances))

    def under(self, tilt: float) -> Bell:
        """The sum under a tilt."""
        here, (totals, p) = self.starts[:-1], self._shares(tilt)
        mean = np.add.reduceat(p * self.points, here)
        center = np.rint(mean).astype(np.int64)
        distance = (self.points - self.each(mean)).astype(np.float64)
        p64 = p.astype(np.float64)
        square = np.add.reduceat(p64 * distance**2, here)
        fourth = np.add.reduceat(p64 * distance**4, here)
        return Bell(self, tilt, totals, p, mean, center, square, 2 * fourth + 6 * square**2)


@dataclass(frozen=True, slots=True, eq=False)
class Bell:
    """A sum of terms under one tilt.

    Attributes:
        terms: the terms.
        tilt: in nats for each outcome; the double that it is.
        totals: the logs of the tilted terms' totals, in extended precision.
        p: the tilted terms' weights, each total 1, in extended precision.
        means, centers, squares: the terms' means, nearest integers, variances.
        fourths: E D**4 of the difference D of two copies of each term.
    """

    terms: Terms
    tilt: float
    totals: LongArray
    p: LongArray
    means: LongArray
    centers: IntArray
    squares: FloatArray
    fourths: FloatArray

    @property
    def copies(self) -> FloatArray:
        """The numbers of copies as doubles."""
        return self.terms.counts.astype(np.float64)

    @property
    def mean(self) -> np.longdouble:
        """The mean of the sum, in extended precision."""
        return np.longdouble((self.terms.counts * self.means).sum())

    @property
    def variance(self) -> float:
        """The variance of the sum."""
        return float((self.copies * self.squares).sum())

    @property
    def left_out(self) -> float:
        """A bound on the mass that windows of infinite terms leave out, over what they hold."""
        return 0.0 if self.terms.cut is None else self.terms.cut.mass(self.tilt, self.totals)

    @property
    def log_mgf(self) -> float:
        """K(tilt), rounded."""
        return float((self.terms.counts * self.totals).sum())

    def reach(self, side: float) -> float:
        """How far one term may lie from its mean, upwards (side 1) or downwards."""
        ends = self.terms.points[self.terms.starts[1:] - 1]
        return float((ends - self.means if side > 0 else self.means).max())

    def log_chernoff(self, rate: float, edge: int) -> float:
        """An upper bound on K(tilt + rate) - K(tilt) - rate * edge, in balls where there are few terms.

        That is the log of Chernoff's bound on the mass under the tilt from the edge on, upwards for a positive rate.
        """
        import flint

        terms, tilt = self.terms, self.tilt
        if len(terms.copies) <= FEW_TERMS:
            near, there = flint.acb(flint.arb(tilt).exp()), flint.acb((flint.arb(tilt) + flint.arb(rate)).exp())
            ratios = [f(there).real / f(near).real for f in map(terms.value, range(len(terms.copies)))]
            logs = (r.log() * n for r, n in zip(ratios, terms.copies, strict=True))
            total = sum(logs, start=flint.arb(rate) * -edge)
            return float(total.upper()) + UNIT * (1 + abs(float(total)))
        off = terms.roundings(tilt) + terms.roundings(tilt + rate)
        moved = np.longdouble(rate) * np.longdouble(edge)
        grown = (terms.counts * (terms.log_totals(tilt + rate) - self.totals)).sum()
        return float(grown - moved + off + 4 * LONG_UNIT * (abs(moved) + abs(grown))) + UNIT

    def log_total(self) -> flint.arb:
        """K(tilt) as a ball."""
        import flint

        terms, in_balls = self.terms, self._in_balls()
        found = np.where(in_balls, 0.0, terms.counts) * self.totals
        off = float(terms.roundings(self.tilt, ~in_balls))
        if off > MOST_OFF:
            in_balls, found, off = np.ones_like(in_balls), np.zeros_like(found), 0.0
        value = found.sum()
        leading = float(value)
        z = flint.acb(flint.arb(self.tilt).exp())
        rows = np.flatnonzero(in_balls).tolist()
        balls = (terms.value(row)(z).real.log() * terms.copies[row] for row in rows)
        return sum(balls, start=flint.arb(leading) + flint.arb(float(value - np.longdouble(leading)), off))

    def _in_balls(self, angle: float = 0.0) -> AnyArray:
        """Which terms are summed in balls at angles up to this one: not long ones, whose boxes turn and grow."""
        copies, ends = self.terms.copies, self.terms.points[self.terms.starts[1:] - 1]
        many = np.array([n > MANY_COPIES for n in copies])
        # Of few copies of a long term doubles are as good, and far quicker.
        slow = (np.diff(self.terms.starts) > LONG_TERM) & np.array([n <= FEW_COPIES for n in copies])
        found: AnyArray = many | ((len(copies) <= FEW_TERMS) & (ends * angle <= MOST_TURNED) & ~slow)
        return found

    def spectrum(self, count: int, length: int, place: int) -> list[flint.acb]:
        """The characteristic function of the sum less a place at the angles 2 pi j / length, j < count, as balls.

        Terms that are summed in doubles are so about their centers; where one is small its log would lose its digits,
        and its value is multiplied in.
        """
        import flint

        turned = np.arange(count, dtype=np.float64) * (2 * math.pi / length)
        in_balls = self._in_balls(float(turned[-1]))
        logs, factors = [flint.acb(0)] * count, [flint.acb(1)] * count
        rest = np.flatnonzero(~in_balls)
        if len(rest):
            real, imaginary, off = self._in_doubles(rest, turned)
            large = np.hypot(1 + real, imaginary).min(axis=0) >= SMALL
            logs = self._logs(rest[large], real[:, large], imaginary[:, large], off[:, large])
            for i in np.flatnonzero(~large).tolist():
                n = self.terms.copies[rest[i]]
                for j, (re, im, error) in enumerate(zip(real[:, i], imaginary[:, i], off[:, i], strict=True)):
                    factors[j] *= flint.acb(flint.arb(1 + re, error + UNIT), flint.arb(im, error)) ** n
            place -= sum(self.terms.copies[r] * int(self.centers[r]) for r in rest.tolist())
        ends = self.terms.points[self.terms.starts[1:] - 1]
        longest = int((ends * in_balls).max(initial=0))
        # A product of boxes that turn by w grows by at most 1 + w.
        with precision(working_bits() + int(1.5 * longest * turned[-1])):
            angles = [2 * flint.arb.pi() * j / length for j in range(count)]
            radius = flint.arb(self.tilt).exp()
            turns = [flint.acb(0, w).exp() * radius for w in angles]
            for row in np.flatnonzero(in_balls).tolist():
                n, value = self.terms.copies[row], self.terms.value(row)
                base = value(flint.acb(radius)).real.log()
                logs = [sofar + (log_of(value(z)) - base) * n for sofar, z in zip(logs, turns, strict=True)]
            found = zip(logs, factors, angles, strict=True)
            return [(log - flint.acb(0, w * place)).exp() * factor for log, factor, w in found]

    def _logs(self, rows: IntArray, real: FloatArray, imaginary: FloatArray, off: FloatArray) -> list[flint.acb]:
        """The sums of the terms' logs, of phi - 1 in doubles that is at least 1/2 from -1: it doubles their errors."""
        import flint

        n = self.copies[rows]
        log_size, angle = (
            0.5 * np.log1p(2 * real + real * real + imaginary * imaginary),
            np.arctan2(imaginary, 1 + real),
        )
        sizes = np.abs(log_size) + np.abs(angle)
        error = (4 * off + (8 + math.log2(len(rows) + 1) + len(rows)) * UNIT * sizes) @ n
        parts = zip(log_size @ n, angle @ n, error, strict=True)
        return [flint.acb(flint.arb(float(re), float(e)), flint.arb(float(im), float(e))) for re, im, e in parts]

    def _in_doubles(self, rows: IntArray, angles: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Real and imaginary part of phi - 1 of terms about their centers, in doubles, and bounds on their errors.

        Each is a sum of at most m products p sin(w d), p (cos(w d) - 1): these err by 8 u, that of the angles with it,
        and by what p does, their sum by m u more, of at most w E|d| in size.
        """
        widths = np.diff(self.terms.starts)
        chosen = np.zeros(len(widths), dtype=bool)
        chosen[rows] = True
        which, widths = np.flatnonzero(np.repeat(chosen, widths)), widths[rows]
        begins = np.concatenate(([0], np.cumsum(widths)[:-1]))
        p = self.p[which].astype(np.float64)
        distance = (self.terms.points[which] - np.repeat(self.centers[rows], widths)).astype(np.float64)
        each = (widths + 8.0) * UNIT + 4 * LONG_UNIT * (self.terms.sizes(self.tilt)[rows] + 8)
        off = each * np.add.reduceat(p * np.abs(distance), begins)
        places = np.unique(distance)
        if len(rows) * len(places) <= min(SPARSE * len(which), MOST_CELLS):
            # A product of matrices: what is 0 in a row rounds nothing.
            table = np.zeros((len(rows), len(places)))
            table[np.repeat(np.arange(len(rows)), widths), np.searchsorted(places, distance)] = p
            turned = angles[:, None] * places
            return -2.0 * np.sin(turned / 2) ** 2 @ table.T, np.sin(turned) @ table.T, angles[:, None] * off
        real, imaginary = np.empty((len(angles), len(rows))), np.empty((len(angles), len(rows)))
        step = max(1, BLOCK // len(which))
        for first in range(0, len(angles), step):
            some = slice(first, first + step)
            turned = angles[some, None] * distance
            real[some] = np.add.reduceat(-2.0 * np.sin(turned / 2) ** 2 * p, begins, axis=1)
            imaginary[some] = np.add.reduceat(np.sin(turned) * p, begins, axis=1)
        return real, imaginary, angles[:, None] * off

    def far(self) -> tuple[float, float]:
        """(an angle, a bound on the size of the characteristic function from there to pi)."""

        def loss(points: int) -> FloatArray:
            return np.asarray(self._loss(points) * (1 - ROUNDING) - ROUNDING * float(self.copies.sum()))

        return far(self.variance, float((self.copies * self.fourths).sum()), loss)

    def _loss(self, points: int) -> FloatArray:
        """The sum of n E (1 - cos(w D)) at the angles 2 pi j / points, j up to the half."""
        starts, widths = self.terms.starts, np.diff(self.terms.starts)
        p = self.p.astype(np.float64)
        total = np.zeros(points // 2 + 1)
        short = widths <= FEW_POINTS
        weights = np.zeros(points)
        n = self.terms.each(self.copies * short)
        row = self.terms.each(np.arange(len(widths)))
        for lag in range(1, int(widths[short].max(initial=0))):
            same = (row[lag:] == row[:-lag]) & (n[lag:] > 0)
            apart = (self.terms.points[lag:] - self.terms.points[:-lag])[same] % points
            mass = (p[lag:] * p[:-lag] * n[lag:])[same]
            weights += np.bincount(apart, mass, points)
        total += 2 * (weights.sum() - np.fft.rfft(weights).real)
        for r in np.flatnonzero(~short).tolist():
            dense = np.zeros((1, int(self.terms.points[starts[r + 1] - 1]) + 1))
            dense[0, self.terms.points[starts[r] : starts[r + 1]]] = p[starts[r] : starts[r + 1]]
            total += self.copies[r] * (1 - np.abs(np.fft.rfft(folded(dense, points), points)[0]) ** 2)
        return np.maximum(total, 0.0)


def log_of(value: flint.acb) -> flint.acb:
    """A log of a number, of whichever branch: away from the cut, on which a ball has two."""
    import flint

    return (-value).log() + flint.acb(0, flint.arb.pi()) if value.real < 0 else value.log()
