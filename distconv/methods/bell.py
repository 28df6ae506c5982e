"""The bell of an n-fold sum in any dimension under a tilt: its entries on a box, from the nodes near 0 alone.

Under a tilt whose mean lies in a box of outcomes the n-th power of the step's characteristic function vanishes but for
some 40 nodes an axis around 0. The entries of the box are the array of these nodes times one thin matrix of phases for
each axis. The characteristic function is summed from small terms about the mean, in extended precision; everything that
is left out is bounded:

- Far nodes: the modulus of a characteristic function at w is at most the sum of those of the rows along one axis, which
  are functions of one coordinate of w alone; they are bounded between the points of a grid by their curvature.
- What wraps around leaves the period on one axis at least: Chernoff's bounds of the axes' marginals.

Sources: Daniels (1954) for saddle points; the thin matrices and the bounds are ours (docs/explanation/error-model).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods.characteristic import TOTAL_ERROR, Tilted, arb_power, chernoff
from distconv.methods.operands import Operand
from distconv.methods.tilted import dyadic
from distconv.support.boxes import Box
from distconv.typing import AnyArray, FloatArray, IntArray

#: Natural logs below a bell's top at which far nodes and what wraps around are left out: a tenth of the rounding.
DROP = 35.0
#: Neighbours on the grid that bounds the far nodes lie apart by this part of their distance from 0.
FAR_STEP = 1 / 16
#: Standard deviations of the sum, from the far end of a box, after which outcomes may wrap around; lengths that are too
#: short grow by this factor.
SPREAD = 8.6
LONGER = 1.08
#: Unit roundoff of extended precision (of a double where numpy has none).
LONG_UNIT = float(np.finfo(np.longdouble).eps) / 2
#: Moduli of the characteristic function below which its power is nothing, of 8 copies and more.
LEAST_MODULUS = 1e-3
#: Multiplications of one product of matrices up to which BLAS starts no threads, which stall on busy cores.
ONE_THREAD = 2**18
#: Circles of so many points at most are kept, and so many of them (16 MB).
KEPT_LENGTH = 1024
KEPT_CIRCLES = 1024
#: Twice pi in extended precision.
TURN = 8 * np.arctan(np.longdouble(1))


@dataclass(frozen=True, slots=True, eq=False)
class Dual:
    """The nodes at which the characteristic function has modulus 1: where the step's differences make whole turns.

    Attributes:
        period: how many parts a turn has.
        turns: so many parts of a turn along each axis, for each of the nodes.
        cell: a cell of the step.
    """

    period: int
    turns: tuple[tuple[int, ...], ...]
    cell: tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Bells:
    """The sum of n copies of a step under some tilts, a row each.

    Attributes:
        n: how many copies, 8 or more.
        tilt: base 2, one for each axis.
        p: the tilted step with total 1, in extended precision.
        scale, shift: the total of the tilted weights is scale x 2**shift.
        center: the step's mean, rounded to so few bits that n times it is exact.
        middle: the cell next to the sum's mean.
        marginals: the laws of the step's coordinates.
    """

    n: int
    tilt: FloatArray
    p: AnyArray
    scale: AnyArray
    shift: IntArray
    center: FloatArray
    middle: IntArray
    marginals: tuple[Tilted, ...]

    @classmethod
    def of(cls, step: Operand, n: int, tilt: FloatArray, *, rest: FloatArray | None = None, longest: int = 0) -> Bells:
        """The sum of n copies of an array under some tilts, rounded so that their products with cells are exact.

        Args:
            step: the array.
            n: how many copies.
            tilt: the tilts, a row for each bell.
            rest: what is left of the step's numbers beside its significands, in [1/2, 1), and exponents.
            longest: the largest index with which products of tilts are to be exact; the last cell of the sum if 0.
        """
        dimension = len(step.shape)
        tilt = dyadic(tilt, longest or n * max(step.shape))
        fractions, exponents = step.pairs()
        factor: AnyArray = np.ones((len(tilt), *(1,) * dimension), dtype=np.longdouble)
        powers: IntArray = np.zeros(factor.shape, dtype=np.int64)
        for axis, count in enumerate(step.shape):
            bits = tilt[:, axis, None] * np.arange(count, dtype=np.float64)
            whole = np.floor(bits)
            along = (len(tilt), *(count if i == axis else 1 for i in range(dimension)))
            factor = factor * np.exp2((bits - whole).astype(np.longdouble)).reshape(along)
            powers = powers + whole.astype(np.int64).reshape(along)
        powers = powers + exponents
        inner, every = tuple(range(1, dimension + 1)), (len(tilt), *(1,) * dimension)
        shift = np.where(fractions > 0, powers, -(2**62)).max(axis=inner)
        powers = np.maximum(powers - shift.reshape(every), -16000).astype(np.int32)
        p = np.ldexp(factor * (fractions if rest is None else fractions + rest.astype(np.longdouble)), powers)
        scale = p.sum(axis=inner)
        return cls.of_laws(n, tilt, p / scale.reshape(every), scale, shift)

    @classmethod
    def of_laws(cls, n: int, tilt: FloatArray, p: AnyArray, scale: AnyArray, shift: IntArray) -> Bells:
        """The sum of n copies of laws that are tilted already."""
        marginals = tuple(_marginal(p, tilt, axis) for axis in range(tilt.shape[1]))
        mean = np.stack([one.mean for one in marginals], axis=1)
        places = 52 - n.bit_length() - max(p.shape[1:]).bit_length()
        center = np.rint(mean * 2.0**places) * 2.0**-places
        return cls(n, tilt, p, scale, shift, center, np.rint(n * center).astype(np.int64), marginals)

    @property
    def deviation(self) -> FloatArray:
        """The standard deviations of the sum on each axis."""
        return math.sqrt(self.n) * np.stack([one.spread for one in self.marginals], axis=1)

    @property
    def log_top(self) -> FloatArray:
        """About the logs of the largest entries, rather too low."""
        return np.asarray(-np.log1p(2.5 * self.deviation).sum(axis=1))

    def lengths(self, low: IntArray, high: IntArray) -> tuple[IntArray, FloatArray]:
        """(periods for boxes [low, high) on each axis, bounds on the mass that wraps around into the boxes)."""
        counts = self.n * (np.array(self.p.shape[1:]) - 1) + 1
        mean = self.n * self.center
        reach = np.maximum(np.maximum(high - mean, mean - low), 1.0)
        jumps = np.minimum(np.array(self.p.shape[1:]) - 1, 4.0 + 2 * self.deviation)
        lengths = np.ceil(reach + SPREAD * self.deviation + 2.0 * jumps).astype(np.int64)
        most = np.exp(self.log_top - DROP) / (2 * counts.size)
        wrapped = np.zeros(len(low))
        for axis, (one, count) in enumerate(zip(self.marginals, counts.tolist(), strict=True)):
            first, end = low[:, axis], high[:, axis]
            lengths[:, axis] = np.minimum(np.maximum(lengths[:, axis], end - first), count)
            for side in (1.0, -1.0):
                pending = np.arange(len(low))
                while len(pending):
                    length = lengths[pending, axis]
                    edge = first[pending] + length if side > 0 else end[pending] - 1 - length
                    mass = np.where((edge >= 0) & (edge < count), chernoff(one.take(pending), self.n, edge, side), 0.0)
                    short = (mass > most[pending]) & (length < count)
                    wrapped[pending[~short]] += mass[~short]
                    pending = pending[short]
                    longer = np.ceil(LONGER * lengths[pending, axis]).astype(np.int64)
                    lengths[pending, axis] = np.minimum(longer, count)
        # Lengths may have grown for the other side since, which only lowers the mass.
        return lengths, wrapped

    def near(self, lengths: IntArray) -> tuple[IntArray, FloatArray]:
        """(the last near node on each axis, -1 where all are; bounds on the powers at all other nodes)."""
        angles, far = self.reach()
        nodes = np.ceil(np.minimum(angles, math.pi) * lengths / (2 * math.pi) * (1 + 1e-9)).astype(np.int64) - 1
        some = (angles < math.pi) & (2 * nodes + 1 < lengths)
        return np.where(some, nodes, -1), np.where(some, far, 0.0).max(axis=1)

    def reach(self) -> tuple[FloatArray, FloatArray]:
        """(angles on each axis from which on powers are nothing, pi where they never are; bounds on the powers)."""
        angles, far = np.full(self.tilt.shape, math.pi), np.zeros(self.tilt.shape)
        deepest = self.log_top - DROP
        for axis in range(self.tilt.shape[1]):
            grid, logs = self._row_bounds(axis)
            small = self.n * logs <= deepest[:, None]
            first, some = small.argmax(axis=1), small.any(axis=1)
            at_first = np.take_along_axis(logs, first[:, None], axis=1)[:, 0]
            angles[some, axis] = grid[first[some]]
            far[some, axis] = np.exp(np.minimum(self.n * at_first[some], 0.0))
        return angles, far

    def _row_bounds(self, axis: int) -> tuple[FloatArray, FloatArray]:
        """(angles from small ones up, bounds on log |phi| at all nodes whose coordinate is that far from 0 or more).

        |phi|**2 of a row of mass m and variance v has a second derivative of at most 2 m**2 v, so that between points
        of a grid h apart it exceeds the larger value by at most h**2 m**2 v / 4.
        """
        size = self.p.shape[axis + 1]
        rows = np.moveaxis(self.p, axis + 1, -1).astype(np.float64).reshape(len(self.p), -1, size)
        k = np.arange(size, dtype=np.float64)
        mass = rows.sum(axis=2)
        mean = (rows * k).sum(axis=2) / np.maximum(mass, 1e-300)
        spread = mass * (rows * (k - mean[..., None]) ** 2).sum(axis=2)
        least = 3.0 / max(float(self.deviation[:, axis].max()), 1.0)
        count = math.ceil(math.log(math.pi / least) / math.log1p(FAR_STEP)) + 1 if least < math.pi else 2
        angles = np.geomspace(min(least, 3.0), math.pi, max(count, 2))
        turns = np.outer(k, angles)
        squares = (rows @ np.cos(turns)) ** 2 + (rows @ np.sin(turns)) ** 2
        between = np.diff(angles) ** 2 / 4 * (1 + 1e-6)
        higher = np.maximum(squares[..., 1:], squares[..., :-1]) + spread[..., None] * between
        # Sums of so many terms, the sines and the angles, whose errors are relative to them.
        rounding = (4 * size + math.pi * size + 32) * UNIT
        modulus = np.sqrt(higher).sum(axis=1) + rounding
        highest = np.maximum.accumulate(modulus[:, ::-1], axis=1)[:, ::-1]
        return angles[:-1], np.log(np.minimum(highest, 1.0))

    def entries(
        self, row: int, box: Box, lengths: IntArray, last: IntArray, left: float
    ) -> tuple[FloatArray, int, float]:
        """(entries of a box, the exponent they share, a bound on their absolute error) from the nodes near 0.

        `left` bounds what the far nodes and what wraps around add to each entry.
        """
        axes = range(len(box.low))
        nodes = [_nodes(int(lengths[i]), int(last[i]), half=i == axes[-1]) for i in axes]
        angles = [j * (TURN / int(length)) for j, length in zip(nodes, lengths, strict=True)]
        values, errors = self._powers(row, angles)
        weights = _twice(nodes[-1], int(lengths[-1]))
        values *= weights
        sizes = np.abs(values)
        mass = float(sizes.sum())
        error = float((errors * weights).sum())
        error += math.sqrt(2) * sum(len(j) + 6 for j in nodes) * UNIT * mass * 1.01 + bounds.TINY
        for i in axes:
            cells = np.arange(box.low[i], box.high[i]) - int(self.middle[row, i])
            phases = _phases(nodes[i], cells, int(lengths[i]))
            values = _product(values, phases, real=i == axes[-1])
        count = math.prod(lengths.tolist())
        fraction, exponent = arb_power(self.scale[row], self.n)
        absolute = (error / count + left) * fraction * bounds.PAD
        return values * (fraction / count), exponent + self.n * int(self.shift[row]), absolute

    def relative(self, dimension: int) -> float:
        """A bound on the relative error of the totals' powers, and of taking tilts back from the entries of a box."""
        return self.n * TOTAL_ERROR + (12 * dimension + 4) * UNIT

    def total(
        self, low: IntArray, high: IntArray, lengths: IntArray, last: IntArray, dual: Dual
    ) -> tuple[float, float]:
        """(the sum of 2**(-tilt (c - corner)) times the entries of cells low <= c <= high, a bound on its error).

        Of the first bell. The corner is the cell of the box where the power of 2 is largest; the periods are longer
        than the box. A geometric sum along each axis stands in place of phases.
        """
        half = len(dual.turns) == 1
        nodes = [
            _nodes(int(length), int(end), half=half and i == len(low) - 1)
            for i, (length, end) in enumerate(zip(lengths, last, strict=True))
        ]
        angles = [j * (TURN / int(length)) for j, length in zip(nodes, lengths, strict=True)]
        powers, errors = self._powers(0, angles)
        if half:
            twice = _twice(nodes[-1], int(lengths[-1]))
            powers, errors = powers * twice, errors * twice
        up = self.tilt[0] >= 0
        corner = np.where(up, low, high)
        value, error = 0.0, 0.0
        for turns in dual.turns:
            # Another node of the lattice of the step's differences has the same powers, turned.
            turned = sum(k * (self.n * int(f) - int(c)) for k, f, c in zip(turns, dual.cell, corner, strict=True))
            values, sizes = powers * _circle(np.array([-turned % dual.period]), dual.period)[0], errors
            for i in range(len(low)):
                rate = abs(float(self.tilt[0, i])) * math.log(2)
                angle = angles[i] + turns[i] * TURN / dual.period
                along = _geometric(rate, angle if up[i] else -angle, int(high[i] - low[i]) + 1)
                phases = _phases(nodes[i], corner[i : i + 1] - int(self.middle[0, i]), int(lengths[i]))[:, 0] * along
                every = (-1, *(1,) * (len(low) - 1 - i))
                values, sizes = values * phases.reshape(every), sizes * np.abs(phases).reshape(every)
            value += float(np.ascontiguousarray(values.real).ravel().sum())
            roundings = bounds.total(values.size) + 24 * len(low) * UNIT
            error += float((sizes + roundings * np.abs(values)).sum())
        count = math.prod(lengths.tolist())
        return value / count, error / count * bounds.PAD

    def _powers(self, row: int, angles: list[Any]) -> tuple[AnyArray, FloatArray]:
        """phi**n about the middle cell at the nodes, and bounds on the errors.

        With z = exp(i w x) - 1 for one axis and U = E (exp(i w x) - 1) for the axes before it, each sum of both is
        U + (U + m) z: all terms are of the size of w E|x|.
        """
        mass = self.p[row]
        found: Any = np.zeros(mass.shape, dtype=np.clongdouble)
        moduli: FloatArray = np.zeros(())
        terms = 0
        for axis, angle in enumerate(angles):
            x = np.arange(self.p.shape[axis + 1]) - np.longdouble(self.center[row, axis])
            turns = np.outer(x, angle)
            z = -2 * np.sin(turns / 2) ** 2 + 1j * np.sin(turns)
            lifted = found + mass.reshape(mass.shape + (1,) * axis)
            found = found.sum(axis=0)[..., None] + _product(lifted, z, real=False)
            mass = mass.sum(axis=0)
            one = self.marginals[axis]
            moved = float((one.p[row] * np.abs(x)).sum().astype(np.float64)) * (1 + 1e-9)
            moduli = np.add.outer(moduli, np.abs(angle).astype(np.float64) * moved)
            terms += len(x) + 16
        # The weights themselves err by their total and by a power of 2 for each axis.
        centred = (4 * terms * LONG_UNIT + TOTAL_ERROR) * moduli
        return self._raised(row, angles, found, centred)

    def _raised(self, row: int, angles: list[Any], found: Any, centred: FloatArray) -> tuple[AnyArray, FloatArray]:
        """(1 + found)**n about the middle cell, and bounds on the errors.

        The logs are small, and doubles tell them to some roundings of their own size, which n times are of that of the
        exponent.
        """
        n, real, imaginary = self.n, found.real.astype(np.float64), found.imag.astype(np.float64)
        square = real * (2 + real) + imaginary * imaginary
        log_size = 0.5 * np.log1p(np.maximum(square, LEAST_MODULUS**2 / 4 - 1))
        angle = np.arctan2(imaginary, 1 + real)
        off = np.zeros(())
        for axis, each in enumerate(angles):
            by = float(self.middle[row, axis] - n * self.center[row, axis])
            off = np.add.outer(off, each.astype(np.float64) * by)
        turned = n * angle - off
        size, modulus = np.exp(n * log_size), np.exp(log_size)
        parts = np.abs(real) + np.abs(imaginary)
        lost = 5 * (parts * (2 + parts) / (modulus * modulus) - log_size + np.abs(angle))
        growth = n * (1.01 * centred / modulus + UNIT * lost) + (8 + 2 * np.abs(turned) + 4 * np.abs(off)) * UNIT
        errors = np.where(modulus > LEAST_MODULUS, size * np.expm1(growth), (2 * LEAST_MODULUS) ** n)
        return size * np.exp(1j * turned), errors


def _marginal(p: AnyArray, tilt: FloatArray, axis: int) -> Tilted:
    """The laws of one coordinate of tilted steps."""
    others = tuple(i + 1 for i in range(p.ndim - 1) if i != axis)
    row = p.sum(axis=others).astype(np.float64)
    k = np.arange(row.shape[1], dtype=np.float64)
    mean = (row * k).sum(axis=1)
    spread = np.sqrt((row * (k - mean[:, None]) ** 2).sum(axis=1))
    return Tilted(tilt[:, axis], row, np.ones(len(row)), np.zeros(len(row), dtype=np.int64), mean, spread)


def _nodes(length: int, last: int, *, half: bool) -> IntArray:
    """The nodes of one axis up to the last near one, all where that is -1; without the negative ones if half."""
    if last < 0:
        return np.arange(length // 2 + 1) if half else np.arange(length) - length // 2
    return np.arange(0 if half else -last, last + 1)


def _geometric(rate: float, angles: Any, count: int) -> AnyArray:
    """The sums of exp(-(rate + i angle) k) over 0 <= k < count, in extended precision, rounded once."""
    exponent = -rate - 1j * angles
    with np.errstate(invalid="ignore", divide="ignore"):
        found = np.expm1(count * exponent) / np.expm1(exponent)
    return np.asarray(np.where(exponent == 0, count, found).astype(np.complex128))


def _product(values: AnyArray, phases: AnyArray, *, real: bool) -> AnyArray:
    """The sums over the first axis of values times phases, whose cells become the last axis; only their real parts.

    In real numbers, and so few at once that BLAS starts no threads.
    """
    first, rest = len(values), values.shape[1:]
    rows = np.concatenate((values.real, values.imag)).reshape(2 * first, -1).T
    factors = np.concatenate((phases.real, -phases.imag))
    if not real:
        factors = np.concatenate((factors, np.concatenate((phases.imag, phases.real))), axis=1)
    result = np.empty((len(rows), factors.shape[1]), dtype=rows.dtype)
    # As square as they may be: products of a matrix and a vector start threads sooner.
    wide = min(max(8, math.isqrt(ONE_THREAD // len(factors))), factors.shape[1])
    high = max(8, ONE_THREAD // (wide * len(factors)))
    for start in range(0, len(rows), high):
        for first in range(0, factors.shape[1], wide):
            block = slice(start, start + high), slice(first, first + wide)
            np.matmul(rows[block[0]], factors[:, block[1]], out=result[block])
    if real:
        return result.reshape(*rest, -1)
    cells = phases.shape[1]
    return (result[:, :cells] + 1j * result[:, cells:]).reshape(*rest, cells)


def _twice(nodes: IntArray, length: int) -> FloatArray:
    """How often each node of half an axis counts: the others' values are the conjugate ones."""
    return np.where((nodes == 0) | (2 * nodes == length), 1.0, 2.0)


def _phases(nodes: IntArray, cells: IntArray, length: int) -> AnyArray:
    """exp(-2 pi i j c / length) for all nodes and cells, j c reduced as integers, each rounded once."""
    turns = np.multiply.outer(nodes, cells) % length
    if length <= KEPT_LENGTH:
        return np.asarray(_whole_circle(length)[turns])
    if turns.size > length:
        return np.asarray(_circle(np.arange(length), length)[turns])
    return _circle(turns, length)


@lru_cache(maxsize=KEPT_CIRCLES)
def _whole_circle(length: int) -> AnyArray:
    """All of a circle's points, which many boxes share."""
    return _circle(np.arange(length), length)


def _circle(turns: IntArray, length: int) -> AnyArray:
    """exp(-2 pi i r / length), each rounded once."""
    angles = np.where(2 * turns > length, turns - length, turns) * (TURN / length)
    return np.asarray(np.cos(angles).astype(np.float64) - 1j * np.sin(angles).astype(np.float64))
