"""Direct convolution: every entry is a sum of non-negative products, so it is right to a few roundings.

1-D by `numpy.convolve`, in blocks short enough for one BLAS thread; n-D, and where few cells are positive, by shifted
copies of the other operand.
Unbeaten below some thousand points; O(n m) beyond, whatever the operands' range: weights of a row further apart than
the doubles reach are tilted so that the ends of the sum are equally large, which fits most of a thousand entries. All
others are summed in bands, each pair of bands with a scale of its own, and the bands' sums are added with exponents.

The bound of a sum of n products is n roundings. Where less is asked for, blocks are shorter and their sums are added in
pairs, so that n products take as many roundings as a block is long, and one for each doubling beyond.
Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed. (2002), section 4.2 (pairwise summation).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from distconv import bounds
from distconv.methods.operands import Operand, Piece, certified
from distconv.methods.tilted import COARSE_UNIT, TILT_ERROR, dyadic
from distconv.numbers.doubles import added_pairs, normal_pairs
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Patch
from distconv.support.boxes import Box, Region
from distconv.typing import FloatArray, IntArray, Shape

#: Longest dot product handed to BLAS: above some ten thousand, OpenBLAS starts threads and is 40 times slower.
BLOCK = 8192
#: Shortest blocks, for the smallest bounds: shorter ones would cost more in additions than in products.
LEAST_BLOCK = 16
#: Cells for each positive one, of the shorter 1-D operand, from which shifted copies are quicker (benchmarks/costs.py).
SPARSE = 10
#: Entries of a result that one call to BLAS computes, so that Ctrl-C waits for a fraction of a second at most.
CHUNK = 2**20
#: Bits of one band: the products of two bands, twice as many, stay within the normal doubles.
BAND_BITS = 480
#: Relative error of tilting both operands and undoing it.
LEVEL_ERROR = bounds.compose(TILT_ERROR, TILT_ERROR, TILT_ERROR)
#: The least power of two by which entries are lifted on one level, in bits: products of two are normal doubles.
LEAST_LEVEL = -1018.0
#: Cells of a gap at which one band becomes two: a pair of bands costs as much to start as some hundred products.
BAND_GAP = 512


def roundings(terms: int, length: int, block: int) -> int:
    """How many roundings a sum of `terms` products of an operand of that length passes, in blocks added in pairs."""
    return min(terms, block + (-(-length // block) - 1).bit_length())


def least_error(length: int) -> float:
    """The smallest relative error bound that the direct sums of a shorter operand of that length can be given."""
    return bounds.summation(roundings(length, length, LEAST_BLOCK))


def _block_for(terms: int, length: int, tolerance: float) -> int:
    """The longest blocks whose sums are within a tolerance, or the shortest there are."""
    block = BLOCK
    while block > LEAST_BLOCK and bounds.summation(roundings(terms, length, block)) > tolerance:
        block //= 2
    return block


def convolve(a: Operand, b: Operand, region: Region, tolerance: float = math.inf) -> Piece:
    """The entries of a box of the convolution of two operands, within the tolerance where `least_error` is."""
    part_a, part_b = a.part(region.part_a), b.part(region.part_b)
    x, shift_x, cut_x = part_a.scaled()
    y, shift_y, cut_y = part_b.scaled()
    if cut_x or cut_y or not _no_underflow(x, y):
        room = tolerance - 2 * LEVEL_ERROR
        level = Level.of(part_a, part_b) if room >= least_error(min(x.size, y.size)) else None
        if level is not None:
            return level.piece(region, room)
        return _banded(part_a, part_b, region, tolerance)
    values, error = _sums(x, y, region.first, region.box.shape, tolerance)
    return Piece(values, shift_x + shift_y, error, 0.0)


def _no_underflow(x: FloatArray, y: FloatArray) -> bool:
    """Whether every positive product is a normal double."""
    least_x = float(x.min(where=x > 0, initial=1.0))
    least_y = float(y.min(where=y > 0, initial=1.0))
    return least_x * least_y >= bounds.TINY


def _sums(x: FloatArray, y: FloatArray, first: Shape, shape: Shape, tolerance: float) -> tuple[FloatArray, float]:
    """The entries of a box of a convolution whose products are normal doubles, and their relative error bound."""
    counts = int(np.count_nonzero(x)), int(np.count_nonzero(y))
    terms = min(counts)
    if x.ndim == 1 and min(len(x), len(y)) < SPARSE * terms:
        if len(x) > len(y):
            x, y = y, x
        block = _block_for(terms, len(x), tolerance)
        return rows(x, y, first[0], shape[0], block), bounds.summation(roundings(terms, len(x), block))
    if counts[0] > counts[1]:
        x, y = y, x
    block = _block_for(terms, terms, tolerance)
    return _shifted(x, y, first, shape, block), bounds.summation(roundings(terms, terms, block))


class _Pairwise:
    """A sum of arrays in which each passes as many additions as the logarithm of their number."""

    def __init__(self) -> None:
        self._sums: list[FloatArray | None] = []

    def add(self, values: FloatArray) -> None:
        """Adds one array, which it keeps and changes."""
        for level, held in enumerate(self._sums):
            if held is None:
                self._sums[level] = values
                return
            values += held
            self._sums[level] = None
        self._sums.append(values)

    def total(self, shape: Shape) -> FloatArray:
        """The sum of all."""
        held = [values for values in self._sums if values is not None]
        if not held:
            return np.zeros(shape)
        result = held[0]
        for values in held[1:]:
            result += values
        return result


def rows(x: FloatArray, y: FloatArray, first: int, count: int, block: int = BLOCK) -> FloatArray:
    """Entries first, ..., first + count - 1 of the 1-D convolution of a shorter with a longer array."""
    full = len(x) + len(y) - 1
    if len(x) <= block and first == 0 and count == full <= CHUNK:
        return np.convolve(y, x)
    if count > CHUNK:
        parts = [rows(x, y, first + i, min(CHUNK, count - i), block) for i in range(0, count, CHUNK)]
        return np.concatenate(parts)
    result = _Pairwise()
    for start in range(0, len(x), block):
        part = x[start : start + block]
        # Entries of this block's convolution reach from start to start + len(part) + len(y) - 1.
        low, high = first - start, first - start + count
        window = _padded(y, low - len(part) + 1, high)
        result.add(np.convolve(window, part, mode="valid"))
    return result.total((count,))


def _padded(y: FloatArray, low: int, high: int) -> FloatArray:
    """y[low:high], with zeros where that leaves the array."""
    result = np.zeros(high - low)
    inside_low, inside_high = max(low, 0), min(high, len(y))
    if inside_low < inside_high:
        result[inside_low - low : inside_high - low] = y[inside_low:inside_high]
    return result


def _shifted(x: FloatArray, y: FloatArray, first: Shape, shape: Shape, block: int) -> FloatArray:
    """Entries of a box of a convolution: the second operand added up at every positive cell of the first."""
    result, part, count = _Pairwise(), np.zeros(shape), 0
    for index, target, source in _overlaps(x, y.shape, first, shape):
        if count == block:
            result.add(part)
            part, count = np.zeros(shape), 0
        part[target] += x[index] * y[source]
        count += 1
    result.add(part)
    return result.total(shape)


def _overlaps(x: FloatArray, other: Shape, first: Shape, shape: Shape) -> Iterator[tuple[Any, Any, Any]]:
    """For every positive cell of x: its index, the part of the box that it reaches, and from where in the other."""
    for index in zip(*np.nonzero(x), strict=True):
        target, source = [], []
        for i, start, count, n in zip(index, first, shape, other, strict=True):
            # Cell c of the box takes y[start + c - i].
            low, high = max(0, int(i) - start), min(count, n + int(i) - start)
            if low >= high:
                break
            target.append(slice(low, high))
            source.append(slice(start + low - int(i), start + high - int(i)))
        else:
            yield index, tuple(target), tuple(source)


def lift_of(length: int) -> int:
    """Bits to which the largest entries of both rows are lifted: sums of that length stay below the largest double."""
    return (1020 - length.bit_length()) // 2


@dataclass(frozen=True, slots=True, eq=False)
class Level:
    """Two rows under one tilt, scaled so that their sums fill the range of doubles: x is a times 2**(tilt k - shift).

    Every product is a normal double, and so is every sum.
    """

    x: FloatArray
    y: FloatArray
    tilt: float
    shift: int

    @classmethod
    def of(cls, a: Operand, b: Operand) -> Level | None:
        """The rows under the tilt that makes the ends of their sum equally large; None where that does not do."""
        if a.significands.ndim > 1:
            return None
        length = a.shape[0] + b.shape[0] - 1
        tilt = float(dyadic(np.array([_slope(a, b)]), length, COARSE_UNIT)[0])
        lift = lift_of(length)
        scaled, shift, least = [], 0, 0.0
        for operand in (a, b):
            fractions, powers = operand.pairs()
            positive = fractions > 0
            steps = tilt * np.arange(len(fractions))
            top = math.ceil(float((powers + steps).max(where=positive, initial=-math.inf))) - lift
            # Exact: multiples of `COARSE_UNIT` below 2**11.
            steps += powers - top
            lowest = float(steps.min(where=positive, initial=lift))
            if lowest < LEAST_LEVEL:
                return None
            least += lowest
            shift += top
            scaled.append((fractions, steps))
            if b is a:
                scaled.append(scaled[0])
                least, shift = 2 * least, 2 * shift
                break
        if least < LEAST_LEVEL:
            return None
        x, y = (fractions * np.exp2(np.clip(steps, LEAST_LEVEL, lift + 1)) for fractions, steps in scaled)
        return cls(x, y, tilt, shift)

    def piece(self, region: Region, tolerance: float) -> Piece:
        """The entries of a box of their convolution."""
        values, error = _sums(self.x, self.y, region.first, region.box.shape, tolerance)
        steps = -self.tilt * np.arange(region.first[0], region.first[0] + region.box.shape[0])
        whole = np.floor(steps)
        steps -= whole
        significands, exponents = normal_pairs(values * np.exp2(steps), whole.astype(np.int64) + self.shift)
        return Piece(significands, exponents, bounds.compose(error, LEVEL_ERROR), 0.0)


@dataclass(frozen=True, slots=True, eq=False)
class Band:
    """The weights of an operand that lie within `BAND_BITS` bits: values x 2**-(BAND_BITS * level), from cell `low`."""

    level: int
    low: Shape
    values: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class _Stretch:
    """The positive cells of one band, by rank among all cells, and the box around them."""

    level: int
    cells: IntArray
    box: Box


def _stretches(powers: IntArray, cells: IntArray, shape: Shape) -> Iterator[_Stretch]:
    """The positive cells of an array, by bands of their exponents below the largest; in 1-D a wide gap ends a band.

    One level of a row whose ends are small is two bands.
    """
    levels = (powers.max() - powers) // BAND_BITS
    order = np.argsort(levels, kind="stable")
    levels, cells = levels[order], cells[order]
    ends = np.diff(levels) > 0
    if len(shape) == 1:
        ends |= np.diff(cells) > BAND_GAP
    starts = np.concatenate(([0], np.flatnonzero(ends) + 1))
    for level, some in zip(levels[starts].tolist(), np.split(cells, starts[1:]), strict=True):
        if len(shape) == 1:
            yield _Stretch(level, some, Box((int(some[0]),), (int(some[-1]) + 1,)))
        else:
            index = np.unravel_index(some, shape)
            low, high = tuple([int(i.min()) for i in index]), tuple([int(i.max()) + 1 for i in index])
            yield _Stretch(level, some, Box(low, high))


def _bands(operand: Operand, tilt: int) -> tuple[list[Band], int]:
    """An operand times 2**(tilt * cell), in bands below its largest entry, whose exponent is returned beside them."""
    fractions, powers = _pairs(operand, tilt)
    fractions, powers = fractions.ravel(), powers.ravel()
    cells = np.flatnonzero(fractions)
    if not len(cells):
        return [], 0
    top = int(powers[cells].max())
    result = []
    for stretch in _stretches(powers[cells], cells, operand.shape):
        some, low = stretch.cells, stretch.box.low
        values = np.zeros(stretch.box.shape)
        index = np.unravel_index(some, operand.shape)
        lifted = (powers[some] - top + stretch.level * BAND_BITS).astype(np.int32)
        values[tuple([i - lo for i, lo in zip(index, low, strict=True)])] = np.ldexp(fractions[some], lifted)
        result.append(Band(stretch.level, low, values))
    return result, top


def _pairs(operand: Operand, tilt: int) -> tuple[FloatArray, IntArray]:
    """Fractions in [1/2, 1) or 0, and exponents, of an operand times 2**(tilt * cell) (1-D where tilted)."""
    fractions, exponents = operand.pairs()
    return fractions, exponents + tilt * np.arange(len(fractions)) if tilt else exponents


def _banded(a: Operand, b: Operand, region: Region, tolerance: float) -> Piece:
    """The entries of a box of a convolution of any range: a sum for each pair of bands, each relative to its scale."""
    tilt = _levelling(a, b)
    (bands_a, top_a), (bands_b, top_b) = _bands(a, tilt), _bands(b, tilt)
    first, shape = region.first, region.box.shape
    pairs: dict[int, list[tuple[Box, Band, Band]]] = {}
    for x, y in product(bands_a, bands_b):
        inner = _inside(x, y, first, shape)
        if inner is not None:
            pairs.setdefault(x.level + y.level, []).append((inner, x, y))
    significands, exponents = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    passed, error = np.zeros(shape, dtype=np.int64), 0.0
    for level in sorted(pairs):
        for around, some in _clusters(pairs[level]):
            held = np.zeros(around.shape)
            for inner, x, y in some:
                start = tuple([f + lo - p - q for f, lo, p, q in zip(first, inner.low, x.low, y.low, strict=True)])
                values, bound = _sums(x.values, y.values, start, inner.shape, tolerance / 2)
                held[inner.within(around).slices] += values
                passed[inner.slices] += 1
                error = max(error, bound)
            here = around.slices
            found = added_pairs((significands[here], exponents[here]), normal_pairs(held, -level * BAND_BITS))
            significands[here], exponents[here] = found
    exponents += top_a + top_b
    if tilt:
        exponents -= tilt * (first[0] + np.arange(shape[0]))
    exponents[significands == 0] = 0
    # Each addition of a pair's sum rounds once; what is shifted below the subnormals loses less beside a sum >= 1/2.
    most = int(passed.max())
    additions = bounds.compose(bounds.summation(most), 8.0 * most * bounds.SUBNORMAL) if most > 1 else 0.0
    return Piece(significands, exponents, bounds.compose(error, additions), 0.0)


def _clusters(pairs: list[tuple[Box, Band, Band]]) -> Iterator[tuple[Box, list[tuple[Box, Band, Band]]]]:
    """Pairs of bands whose sums lie together along the first axis, with the box around them."""
    some: list[tuple[Box, Band, Band]] = []
    end = 0
    for pair in sorted(pairs, key=lambda pair: pair[0].low):
        if some and pair[0].low[0] >= end:
            yield Box.around([box for box, _, _ in some]), some
            some = []
        some.append(pair)
        end = max(end, pair[0].high[0])
    yield Box.around([box for box, _, _ in some]), some


def _inside(x: Band, y: Band, first: Shape, shape: Shape) -> Box | None:
    """The cells of a box, counted from its corner `first`, that the sums of two bands reach; None where none."""
    low, high = [], []
    for start, count, p, q, m, n in zip(first, shape, x.low, y.low, x.values.shape, y.values.shape, strict=True):
        low.append(max(0, p + q - start))
        high.append(min(count, p + q + m + n - 1 - start))
        if low[-1] >= high[-1]:
            return None
    return Box(tuple(low), tuple(high))


def work(a: Operand, b: Operand) -> tuple[float, int]:
    """(how many times more multiply-adds bands take than one sum of doubles, how many pairs of bands there are)."""
    if a.range_bits() + b.range_bits() < 1000 or Level.of(a, b) is not None:
        return 1.0, 1
    tilt = _levelling(a, b)
    factor, pairs = 1.0, 1
    for operand in (a, b):
        fractions, powers = _pairs(operand, tilt)
        cells = np.flatnonzero(fractions)
        sizes = [s.box.size for s in _stretches(powers.ravel()[cells], cells, operand.shape)] if len(cells) else []
        factor *= sum(sizes) / operand.significands.size
        pairs *= len(sizes)
    return factor, pairs


def _levelling(a: Operand, b: Operand) -> int:
    """A whole tilt, in bits a cell, under which the ends of a 1-D sum are about equally large."""
    return 0 if a.significands.ndim > 1 else round(_slope(a, b))


def _slope(a: Operand, b: Operand) -> float:
    """By how many bits a cell a 1-D sum falls from its first end to its last."""
    ends, length = 0, -1
    for operand in (a, b):
        places = np.flatnonzero(operand.significands)
        if not len(places):
            return 0.0
        both = operand.part(Box((int(places[0]),), (int(places[-1]) + 1,)))
        fractions, powers = both.pairs()
        ends += int(powers[0]) - int(powers[-1])
        length += len(fractions)
    return ends / length if length > 0 else 0.0


def _seconds(patch: Patch) -> float:
    """Seconds of shifted copies, or in 1-D of dot products."""
    region, cells = patch.region, patch.cells
    shifts = min(patch.few, patch.small)
    longer = max(region.part_a.size, region.part_b.size)
    shifted = shifts * (costs.SHIFT_SECONDS + costs.SHIFTED_SECONDS * min(cells, longer))
    if len(region.first) > 1:
        return shifted
    return min(shifted, costs.DIRECT_START_SECONDS + costs.DIRECT_SECONDS * patch.small * cells)


METHOD = Method(
    name="direct",
    applies=lambda patch: least_error(patch.small) <= patch.tolerance,
    cost=_seconds,
    bytes=lambda patch: patch.cells * costs.DIRECT_BYTES,
    run=lambda a, b, region, wanted, tolerance: certified(convolve(a, b, region, tolerance), wanted, tolerance),
)
