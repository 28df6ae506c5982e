"""n-D windows: tilts are vectors, chosen so that the tilted sum has its mean where entries are still to be certified.

A box of wanted cells is cut until it is no wider than the bell of the sum under the tilt of its centre (the saddle
point), then served by one transform, of which every cell within reach is certified. Pairs of operands are cut down to
the entries that matter under the tilt; n-fold sums are one transform of the tilted step, raised to the n-th power.

Tilts may be any numbers, so they are found on coarse operands: the largest entry of each block of cells.

Source: the 1-D methods (`methods.tilted`, `methods.powering`); the vector tilts and boxes are ours
(docs/explanation/error-model).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods import fft
from distconv.methods import tilted as lines
from distconv.methods.characteristic import SUM_ROUNDINGS, TOTAL_ERROR, Tilted, arb_power, chernoff, powered
from distconv.methods.operands import Operand, Piece
from distconv.methods.powering import SPREAD
from distconv.methods.tilted import TILT_ERROR, dyadic, power_of_two
from distconv.numbers.doubles import normal_pairs
from distconv.numbers.smooth import smooth
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Patch
from distconv.support.boxes import Box, Region, shrunk
from distconv.support.lattice import sum_shape
from distconv.typing import AnyArray, FloatArray, IntArray, Shape

#: Bits below the top of a tilted operand at which whole blocks of entries are left out.
CUT = 60
#: Blocks of a coarse operand, in all.
BLOCKS = 1024
#: Bits below its top that windows reach, less than the certificate would allow; then less and less.
MARGINS = (2.0, 4.5)
#: Bits of reach below which windows would be too many.
LEAST_REACH = 1.5
#: Newton steps to a saddle point.
STEPS = 12
#: A box is cut where it is this much wider than its window, into at most so many parts at once.
WIDE = 1.25
MOST_PARTS = 8
#: Fewest uncertified cells for which another pass is made.
FEWEST = 16


@dataclass(frozen=True, slots=True, eq=False)
class Coarse:
    """The largest entries of the blocks of an operand.

    Attributes:
        places: the centres of the blocks that hold any, one row each.
        logs: log2 of the largest entry of each.
        counts: how many cells each block has.
        low, high: the first and last cells of each block, one row each.
    """

    places: FloatArray
    logs: FloatArray
    counts: IntArray
    low: IntArray
    high: IntArray

    @classmethod
    def of(cls, operand: Operand) -> Coarse:
        """The coarse operand of at most about `BLOCKS` blocks."""
        shape = operand.shape
        parts = max(1, int(BLOCKS ** (1 / len(shape))))
        sides = [-(-n // parts) for n in shape]
        fractions, exponents = operand.pairs()
        with np.errstate(divide="ignore"):
            logs = np.log2(fractions) + exponents
        padded = np.pad(logs, [(0, -n % side) for n, side in zip(shape, sides, strict=True)], constant_values=-np.inf)
        split = [k for n, side in zip(padded.shape, sides, strict=True) for k in (n // side, side)]
        pooled = padded.reshape(split).max(axis=tuple(range(1, 2 * len(shape), 2)))
        blocks = np.argwhere(np.isfinite(pooled))
        low = blocks * sides
        high = np.minimum(low + sides, shape) - 1
        counts = (high - low + 1).prod(axis=1)
        return cls((low + high) / 2, pooled[np.isfinite(pooled)], counts, low, high)

    def moments(self, tilt: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and covariance under a tilt."""
        logs = self.logs + self.places @ tilt
        weights = np.exp2(logs - logs.max())
        weights /= weights.sum()
        mean = weights @ self.places
        centred = self.places - mean
        return mean, (centred * weights[:, None]).T @ centred

    def within(self, tilt: FloatArray, drop: float) -> tuple[Box, float, float]:
        """(the box of the blocks that matter under a tilt, the top's log2, a bound on the mass of the others / top).

        An entry of a block is at most its largest one times the largest factor on the block.
        """
        corners = np.where(tilt > 0, self.high, self.low)
        upper = self.logs + corners @ tilt
        lower = self.logs + np.where(tilt > 0, self.low, self.high) @ tilt
        top = float(lower.max())
        kept = upper >= top - drop
        low, high = self.low[kept].min(axis=0), self.high[kept].max(axis=0)
        outside = ((self.low < low) | (self.high > high)).any(axis=1)
        # Twice for the rounding of the logs.
        left = 2.0 * float((self.counts[outside] * np.exp2(upper[outside] - top)).sum())
        return Box(tuple(low.tolist()), tuple((high + 1).tolist())), top, left


@dataclass(slots=True, eq=False)
class Field:
    """Entries under construction on an n-D box of a result, and which are still to be certified."""

    significands: FloatArray
    exponents: IntArray
    bad: AnyArray
    error: float = 0.0

    @classmethod
    def of(cls, wanted: AnyArray) -> Field:
        """No entry certified; those not wanted are 0 and good."""
        return cls(np.zeros(wanted.shape), np.zeros(wanted.shape, dtype=np.int64), wanted.copy())

    def accept(
        self, box: Box, found: FloatArray, tilt: FloatArray, shift: int, relative: float, absolute: float, room: float
    ) -> None:
        """Writes the entries of a box, found x 2**(shift - tilt . cell), that their bound certifies."""
        if room <= 0:
            return
        here = box.slices
        good = (found >= bounds.least_certified(relative, absolute, room)) & self.bad[here]
        if not good.any():
            return
        factor, integers = separable(-tilt, box.low, box.shape)
        fractions, powers = normal_pairs(found * factor, integers + shift)
        np.copyto(self.significands[here], fractions, where=good)
        np.copyto(self.exponents[here], powers, where=good)
        self.bad[here] &= ~good
        least = float(found.min(where=good, initial=math.inf))
        self.error = max(self.error, bounds.certified(relative, absolute, least))


def separable(tilt: FloatArray, low: Shape, shape: Shape) -> tuple[FloatArray, IntArray]:
    """2**(tilt . cell) on a box of cells as (factors in [1, 2**d), integer exponents)."""
    factor, integers = np.ones(()), np.zeros((), dtype=np.int64)
    for t, start, count in zip(tilt.tolist(), low, shape, strict=True):
        along, powers = power_of_two(t * np.arange(start, start + count, dtype=np.float64))
        factor, integers = np.multiply.outer(factor, along), np.add.outer(integers, powers)
    return factor, integers


def tilted(operand: Operand, box: Box, tilt: FloatArray) -> tuple[FloatArray, int]:
    """The entries of a box times 2**(tilt . cell - shift), largest near 1, and the shift."""
    part = operand.part(box)
    factor, integers = separable(tilt, box.low, box.shape)
    more = integers if part.exponents is None else integers + part.exponents
    fractions, exponents = normal_pairs(part.significands * factor, more)
    shift = int(exponents.max(where=fractions > 0, initial=-(2**62)))
    return np.ldexp(fractions, np.clip(exponents - shift, -1070, 0).astype(np.int32)), shift


def fill(
    field: Field, terms: list[tuple[Coarse, int]], reach: float, window: Callable[[FloatArray, Box], None]
) -> None:
    """Serves all cells still bad: boxes are cut to the size of their windows, each given its tilt and its reach."""
    dimension = field.bad.ndim
    longest = max(field.bad.shape)
    radius = math.sqrt(2 * math.log(2) * reach)
    pending = [(Box.whole(field.bad.shape), np.zeros(dimension))]
    while pending:
        box, start = pending.pop()
        small = shrunk(field.bad, box)
        if small is None:
            continue
        center = np.argwhere(field.bad[small.slices]).mean(axis=0) + small.low
        tilt, deviation = _saddle(terms, center, field.bad.shape, start)
        half = radius * deviation / math.sqrt(dimension) + 0.5
        ratio = np.array(small.shape) / (2 * half)
        axis = int(ratio.argmax())
        if ratio[axis] > WIDE and small.shape[axis] > 1:
            pending.extend((part, tilt) for part in small.parts(axis, math.ceil(min(ratio[axis], MOST_PARTS))))
            continue
        extent = np.ceil(radius * deviation).astype(np.int64) + 1
        low = np.maximum(np.minimum(small.low, np.floor(center).astype(np.int64) - extent), 0)
        high = np.minimum(np.maximum(small.high, np.ceil(center).astype(np.int64) + extent + 1), field.bad.shape)
        window(dyadic(tilt, longest), Box(tuple(low.tolist()), tuple(high.tolist())))


def _saddle(
    terms: list[tuple[Coarse, int]], center: FloatArray, shape: Shape, start: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """(the tilt under which the sum has its mean at a cell, its standard deviations there).

    Newton's method on a convex function, the steps shortened to where the mean moves by no more than some deviations;
    any tilt is a valid one, so a rough answer will do. Cells at the border are aimed at from half a cell inside.
    """
    target = np.clip(center, 0.5, np.maximum(np.array(shape) - 1.5, 0.5))
    tilt = start.copy()
    deviation = np.zeros(len(target))
    for _ in range(STEPS):
        mean, covariance = np.zeros(len(target)), np.zeros((len(target), len(target)))
        for coarse, copies in terms:
            part, spread = coarse.moments(tilt)
            mean += copies * part
            covariance += copies * spread
        deviation = np.sqrt(np.maximum(np.diag(covariance), 0.0))
        off = target - mean
        scale = np.maximum(deviation, 0.3)
        if (np.abs(off) < 0.15 * scale).all():
            break
        damped = covariance + np.diag(np.maximum(1e-9 * scale**2, 1e-3))
        tilt = tilt + np.linalg.solve(damped, np.clip(off, -4 * scale, 4 * scale)) / math.log(2)
    return tilt, np.maximum(deviation, 0.5)


def convolve(
    a: Operand, b: Operand, region: Region, wanted: AnyArray | None, tolerance: float
) -> tuple[Piece, AnyArray | None]:
    """The entries of an n-D box of a convolution, and which wanted ones no window certified (None for none)."""
    x, y = a.part(region.part_a), b.part(region.part_b)
    coarse_x = Coarse.of(x)
    coarse_y = coarse_x if y is x else Coarse.of(y)
    whole = np.zeros(region.shape, dtype=bool)
    whole[region.slices] = True if wanted is None else wanted
    field = Field.of(whole)

    def window(tilt: FloatArray, reached: Box) -> None:
        _pair(field, (x, coarse_x), (y, coarse_y), tilt, reached, tolerance)

    reach = math.log2(tolerance / bounds.fft_convolution(2**12, 1.0, 1.0))
    for margin in MARGINS:
        if reach - margin < LEAST_REACH or np.count_nonzero(field.bad) < FEWEST:
            break
        fill(field, [(coarse_x, 1), (coarse_y, 1)], reach - margin, window)
    here = region.slices
    bad = field.bad[here]
    piece = Piece(field.significands[here], field.exponents[here], field.error, 0.0)
    return piece, bad if bad.any() else None


def _pair(
    field: Field,
    first: tuple[Operand, Coarse],
    second: tuple[Operand, Coarse],
    tilt: FloatArray,
    reached: Box,
    tolerance: float,
) -> None:
    """One window of a pair: the entries that matter under the tilt, transformed."""
    distinct = (first,) if second[0] is first[0] else (first, second)
    parts = [_cut_down(operand, coarse, tilt) for operand, coarse in distinct]
    (box_x, p, shift_x, left_x), (box_y, q, shift_y, left_y) = parts[0], parts[-1]
    base = np.add(box_x.low, box_y.low)
    low, high = np.maximum(reached.low, base), np.minimum(reached.high, base + sum_shape(p.shape, q.shape))
    if (low >= high).any():
        return
    inner = Box(tuple((low - base).tolist()), tuple((high - base).tolist()))
    lengths = fft.transform_shape(Region(inner, Box.whole(p.shape), Box.whole(q.shape), inner.low))
    values = fft.product(p, q, lengths)[inner.slices]
    size = math.prod(lengths)
    # Entries are at most 1 in the window's scale.
    absolute = bounds.fft_convolution(size, fft.norm(p), fft.norm(q)) + left_x + left_y + 4 * size * bounds.TINY
    relative = bounds.repeated(len(lengths) * TILT_ERROR, 3)
    box = Box(tuple(low.tolist()), tuple(high.tolist()))
    field.accept(box, values, tilt, shift_x + shift_y, relative, absolute, tolerance - relative)


def _cut_down(operand: Operand, coarse: Coarse, tilt: FloatArray) -> tuple[Box, FloatArray, int, float]:
    """(a box, its tilted entries, their shift, a bound on the mass of all others in their scale)."""
    box, top, left = coarse.within(tilt, CUT)
    values, shift = tilted(operand, box, tilt)
    # The top is the log of an entry, which is at most 1 after the shift.
    return box, values, shift, left * math.ldexp(1.0, min(1, math.ceil(top - shift)))


def power(step: Operand, n: int, wanted: AnyArray, tolerance: float) -> Field:
    """The n-fold convolution of an n-D array, as far as windows certify it."""
    field = Field.of(wanted)
    coarse = Coarse.of(step)

    def window(tilt: FloatArray, reached: Box) -> None:
        _copies(field, step, n, tilt, reached, tolerance)

    error = n * (bounds.FFT_STAGE * 17 + SUM_ROUNDINGS + 20 * wanted.ndim) * UNIT
    for margin in MARGINS:
        reach = math.log2(tolerance / error) - margin
        if reach < LEAST_REACH or np.count_nonzero(field.bad) < FEWEST:
            break
        fill(field, [(coarse, n)], reach, window)
    return field


def _copies(field: Field, step: Operand, n: int, tilt: FloatArray, reached: Box, tolerance: float) -> None:
    """One window of a power: one transform of the tilted step, raised to the n-th power."""
    from scipy.fft import irfftn, rfftn

    values, shift = tilted(step, Box.whole(step.shape), tilt)
    p = values / values.sum()
    dimension = p.ndim
    marginals = [_marginal(p, tilt, axis) for axis in range(dimension)]
    need = []
    for one, low, high, size, count in zip(marginals, reached.low, reached.high, p.shape, field.bad.shape, strict=True):
        mean, spread = n * float(one.mean[0]), math.sqrt(n) * float(one.spread[0])
        half = max(high - mean, mean - low, 1.0) + SPREAD * (spread + 1.0)
        need.append(max(min(int(half), count) + 16, high - low, size))
    lengths = tuple(smooth(k) for k in need)
    phi = rfftn(p, lengths, workers=2)
    size = math.prod(lengths)
    roundings = bounds.FFT_STAGE * math.log2(size) * (1 + 1e-6) + 8 + SUM_ROUNDINGS
    stage = roundings * UNIT + 2 * dimension * TILT_ERROR
    sizes = np.abs(phi) + stage
    below = powered(sizes, n - 1)
    slope, mass = 2.0 * float(below.sum()) / size, 2.0 * float((below * sizes).sum()) / size
    absolute = (n * stage * slope + (n * 3 * UNIT + stage) * mass) * (1 + 1e-9) + bounds.TINY
    # What wraps around leaves the window's period on one axis at least.
    for one, low, high, length, count in zip(
        marginals, reached.low, reached.high, lengths, field.bad.shape, strict=True
    ):
        for edge, side in ((low + length, 1.0), (high - 1 - length, -1.0)):
            if 0 <= edge < count:
                absolute += float(chernoff(one, n, np.array([edge]), side)[0])
    found = irfftn(powered(phi, n), lengths, workers=2)
    index = [np.arange(low, high) % k for low, high, k in zip(reached.low, reached.high, lengths, strict=True)]
    fraction, exponent = arb_power(_total(step, tilt, shift), n)
    relative = bounds.repeated(dimension * TILT_ERROR, 2) + n * TOTAL_ERROR
    absolute *= fraction * bounds.PAD
    found = found[np.ix_(*index)] * fraction
    field.accept(reached, found, tilt, exponent + n * shift, relative, absolute, tolerance - relative)


def _marginal(p: FloatArray, tilt: FloatArray, axis: int) -> Tilted:
    """The law of one coordinate of a tilted step."""
    row = p.sum(axis=tuple(i for i in range(p.ndim) if i != axis))
    k = np.arange(len(row), dtype=np.float64)
    mean = float((row * k).sum())
    spread = math.sqrt(float((row * (k - mean) ** 2).sum()))
    one, shift = np.ones(1), np.zeros(1, dtype=np.int64)
    return Tilted(tilt[axis : axis + 1], row[None], one, shift, np.array([mean]), np.array([spread]))


def _total(step: Operand, tilt: FloatArray, shift: int) -> Any:
    """The total of the tilted weights x 2**-shift in extended precision."""
    factor, integers = np.ones((), dtype=np.longdouble), np.zeros((), dtype=np.int64)
    for t, count in zip(tilt.tolist(), step.shape, strict=True):
        bits = t * np.arange(count, dtype=np.float64)
        whole = np.floor(bits)
        factor = np.multiply.outer(factor, np.exp2((bits - whole).astype(np.longdouble)))
        integers = np.add.outer(integers, whole.astype(np.int64))
    if step.exponents is not None:
        integers = integers + step.exponents
    values = np.ldexp(factor * step.significands, np.maximum(integers - shift, -16000).astype(np.int32))
    return values.sum()


# Windows in any dimension: in 1-D those of `tilted` and `powering` ---------------------------------------------------

#: The fewest entries that windows are tried on.
LEAST_CELLS = 64


def _run(
    a: Operand, b: Operand, region: Region, wanted: AnyArray | None, tolerance: float
) -> tuple[Piece, AnyArray | None, float]:
    """A box of a convolution by windows, which of its entries none certified, the error of the others."""
    windows = lines.convolve if len(region.first) == 1 else convolve
    piece, bad = windows(a, b, region, wanted, tolerance)
    return piece, bad, piece.relative


def _seconds(patch: Patch) -> float:
    if len(patch.region.first) == 1:
        return costs.TILTED_START_SECONDS + costs.TILTED_SECONDS * patch.length
    return costs.SADDLE_START_SECONDS + costs.SADDLE_SECONDS * patch.length


METHOD = Method(
    name="tilted",
    applies=lambda patch: patch.cells >= LEAST_CELLS and lines.least_error(patch.region.shape) < patch.tolerance,
    cost=_seconds,
    bytes=lambda patch: patch.length * costs.TILTED_BYTES,
    run=_run,
)
