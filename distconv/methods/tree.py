"""Sums of many different floating rows: a balanced tree, each level of which is computed at once.

Short rows are summed directly, in doubles under one tilt for either pair, as in `direct.Level`; longer ones
by tilted windows (`methods.tilted`), those of all pairs of a level in common batches. What no window certifies is left
to the pair's own certified convolution.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.methods import certified, direct, fft, shares, tilted
from distconv.methods.operands import Operand
from distconv.methods.tilted import Logs, Ragged
from distconv.numbers.doubles import normal_pairs
from distconv.typing import AnyArray, FloatArray, IntArray

#: Sums of two rows of up to this many products of entries are direct: a few milliseconds.
DIRECT_PRODUCTS = 2**24
#: Entries of a sum from which windows may be needed.
DIRECT_LEAST = 1024
#: How many times longer than the middle one rows are that wait for a later level.
FAR_LONGER = 4
#: The smallest part of the tolerance that one sum of many is asked for: below, transforms certify little. Where shares
#: would be smaller the stated error exceeds the tolerance.
LEAST_PART = 0.04


@dataclass(frozen=True, slots=True, eq=False)
class Rows:
    """Non-negative numbers in rows of any lengths, one after the other.

    Attributes:
        significands: 0 or in [1/2, 1).
        exponents: int64; 0 for zeros.
        starts: where each row begins, and where the last one ends.
        terms: how many terms each row is the sum of.
        errors: bounds on the relative errors of each row's entries.
    """

    significands: FloatArray
    exponents: IntArray
    starts: IntArray
    terms: IntArray
    errors: FloatArray

    @classmethod
    def of(cls, operands: Sequence[tuple[Operand, int, float]]) -> Rows:
        """Rows of 1-D operands, each with its number of terms and its error."""
        pairs = [operand.pairs() for operand, _, _ in operands]
        starts = np.concatenate(([0], np.cumsum([len(s) for s, _ in pairs])))
        terms = np.array([n for _, n, _ in operands])
        errors = np.array([error for _, _, error in operands])
        return cls(np.concatenate([s for s, _ in pairs]), np.concatenate([e for _, e in pairs]), starts, terms, errors)

    @classmethod
    def even(cls, significands: FloatArray, exponents: IntArray, terms: int, error: float) -> Rows:
        """Rows of equal lengths, from arrays with one row each."""
        count, length = significands.shape
        fractions, powers = normal_pairs(significands.ravel(), exponents.ravel())
        return cls(fractions, powers, np.arange(count + 1) * length, np.full(count, terms), np.full(count, error))

    def beside(self, other: Rows) -> Rows:
        """These rows and others."""
        return Rows(
            np.concatenate((self.significands, other.significands)),
            np.concatenate((self.exponents, other.exponents)),
            np.concatenate((self.starts, self.starts[-1] + other.starts[1:])),
            np.concatenate((self.terms, other.terms)),
            np.concatenate((self.errors, other.errors)),
        )

    def __len__(self) -> int:
        return len(self.terms)

    @property
    def lengths(self) -> IntArray:
        """The number of entries of each row."""
        return np.diff(self.starts)

    def take(self, which: IntArray) -> Rows:
        """Some of the rows."""
        cells = Ragged.of(self.lengths[which])
        where = cells.repeated(self.starts[which]) + cells.index
        starts = np.append(cells.starts, len(where))
        return Rows(self.significands[where], self.exponents[where], starts, self.terms[which], self.errors[which])

    def cut(self, most: int) -> Rows:
        """The first entries of each row, at most so many."""
        return self._between(np.zeros(len(self), dtype=np.int64), np.minimum(self.lengths, most))

    def trimmed(self, spare: float) -> tuple[Rows, IntArray]:
        """The rows without entries at either end that add up to at most `spare`, and how many first ones each lost."""
        values = np.ldexp(self.significands, np.maximum(self.exponents, -1100).astype(np.int32))
        # Half of it at each end, with room for errors, for the roundings of sums, and for what is no double.
        certain = 1 - min(float(self.errors.max()) + len(values) * bounds.UNIT, 1.0)
        most = spare / 2 * certain - len(values) * bounds.TINY
        first, last = np.zeros(len(self), dtype=np.int64), self.lengths
        for row, (start, end) in enumerate(zip(self.starts[:-1].tolist(), self.starts[1:].tolist(), strict=True)):
            own = values[start:end]
            first[row] = min(int(np.searchsorted(np.cumsum(own), most, side="right")), end - start - 1)
            last[row] -= np.searchsorted(np.cumsum(own[::-1]), most, side="right")
            last[row] = max(last[row], first[row] + 1)
        return self._between(first, last), first

    def _between(self, first: IntArray, last: IntArray) -> Rows:
        """The entries of each row from one on, before another."""
        cells = Ragged.of(last - first)
        where = cells.repeated(self.starts[:-1] + first) + cells.index
        starts = np.append(cells.starts, len(where))
        return Rows(self.significands[where], self.exponents[where], starts, self.terms, self.errors)

    def operand(self, row: int) -> Operand:
        """One row."""
        here = slice(int(self.starts[row]), int(self.starts[row + 1]))
        significands = self.significands[here]
        return Operand(significands, self.exponents[here], bool(significands.min() > 0))


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is wanted of a sum of rows.

    Attributes:
        most: so many of its first entries; None for all.
        spare: what entries at the ends may add up to that are left out, of rows that add up to at most 1.
    """

    most: int | None = None
    spare: float = 0.0

    def of(self, rows: Rows, share: float) -> tuple[Rows, int]:
        """What the whole depends on of some rows, each of which may leave out that share of what is spare.

        Also how many first entries they lost, together.
        """
        rows = rows if self.most is None else rows.cut(self.most)
        if not self.spare:
            return rows, 0
        rows, first = rows.trimmed(self.spare * share)
        return rows, int(first.sum())


WHOLE = Wanted()


def total(rows: Rows, tolerance: float, advance: Callable[[int], object]) -> Rows:
    """The convolution of all rows, as one row; `advance` is told how many sums have been made."""
    return part(rows, tolerance, advance, WHOLE)[0]


def part(rows: Rows, tolerance: float, advance: Callable[[int], object], wanted: Wanted) -> tuple[Rows, int]:
    """What is wanted of the convolution of all rows, as one row, and how many first entries it lost.

    The error of a sum of m of all n terms is carried into the result beside n - m others, so it gets the share m / n of
    its level's part of the tolerance, but no less than `LEAST_PART`.
    """
    whole = int(rows.terms.sum())
    # Direct sums need no share.
    skipped, share_of_sum = 0, 1 / len(rows)
    levels = max(1, min(len(rows), int(rows.lengths.sum()) // DIRECT_LEAST).bit_length())
    while len(rows) > 1:
        order = np.argsort(rows.lengths, kind="stable")
        # Rows far longer than most wait: each of their sums takes long.
        near = int(np.count_nonzero(rows.lengths <= FAR_LONGER * rows.lengths[order[len(rows) // 2]]))
        pairs = near // 2
        left, right = rows.take(order[: 2 * pairs : 2]), rows.take(order[1 : 2 * pairs : 2])
        share = float((left.terms + right.terms).min()) / whole / levels
        joined = _joined(left, right, tolerance * max(share, LEAST_PART))
        joined, first = wanted.of(joined, share_of_sum)
        skipped += first
        rows = joined.beside(rows.take(order[2 * pairs :])) if len(rows) > 2 * pairs else joined
        advance(pairs)
    return rows, skipped


def _joined(x: Rows, y: Rows, tolerance: float) -> Rows:
    """The convolutions of pairs of rows: direct where that is exact to few roundings, by windows elsewhere."""
    lengths = x.lengths + y.lengths - 1
    starts = np.concatenate(([0], np.cumsum(lengths)))
    significands, exponents = np.zeros(starts[-1]), np.zeros(starts[-1], dtype=np.int64)
    errors = np.zeros(len(x))
    shorter = np.minimum(x.lengths, y.lengths)
    short = np.flatnonzero((shorter <= shares.DIRECT_LONGEST) & (x.lengths * y.lengths <= DIRECT_PRODUCTS))
    if len(short):
        done = short[_direct(x, y, short, starts, significands, exponents, errors)]
        left = np.setdiff1d(np.arange(len(x)), done)
    else:
        left = np.arange(len(x))
    if len(left):
        cells = Ragged.of(lengths[left])
        where = cells.repeated(starts[left]) + cells.index
        # Short rows of a range that direct sums do not bear: no share was set aside for them.
        asked = tolerance if int(lengths[left].max()) > DIRECT_LEAST else tolerance * LEAST_PART
        # Never less than their methods can give.
        asked = shares.asked(asked, int(lengths[left].max()))
        significands[where], exponents[where], errors[left] = _windowed(x.take(left), y.take(left), asked)
    together = x.errors + y.errors + errors
    compound = (together + x.errors * y.errors + errors * (x.errors + y.errors) * (1 + x.errors)) * bounds.PAD
    return Rows(significands, exponents, starts, x.terms + y.terms, compound)


def _direct(
    x: Rows,
    y: Rows,
    pairs: IntArray,
    starts: IntArray,
    totals: FloatArray,
    exponents: IntArray,
    errors: FloatArray,
) -> AnyArray:
    """Writes the direct sums of pairs of rows whose products fit the range of doubles; returns which do.

    Both rows are under one tilt, under which the ends of the sum are equally large, as in `direct.Level`.
    """
    first = x.exponents[x.starts[pairs]] + y.exponents[y.starts[pairs]]
    last = x.exponents[x.starts[pairs + 1] - 1] + y.exponents[y.starts[pairs + 1] - 1]
    lengths = x.lengths[pairs] + y.lengths[pairs] - 1
    longest = int(lengths.max())
    tilts = tilted.dyadic((first - last) / np.maximum(lengths - 1, 1), longest, tilted.COARSE_UNIT)
    lift = direct.lift_of(longest)
    scaled, shifts, least = [], np.zeros(len(pairs), dtype=np.int64), np.zeros(len(pairs))
    fits = np.ones(len(pairs), dtype=bool)
    for rows in (x, y):
        cells = Ragged.of(rows.lengths[pairs])
        where = cells.repeated(rows.starts[pairs]) + cells.index
        significands, powers = rows.significands[where], rows.exponents[where]
        steps = cells.repeated(tilts) * cells.index
        heights = steps + powers
        positive = significands > 0
        top = np.ceil(np.maximum.reduceat(np.where(positive, heights, -np.inf), cells.starts)).astype(np.int64) - lift
        lowest = np.minimum.reduceat(np.where(positive, heights, np.inf), cells.starts) - top
        fits &= lowest > direct.LEAST_LEVEL
        least += lowest
        shifts += top
        steps += powers - cells.repeated(top)
        np.clip(steps, direct.LEAST_LEVEL, lift + 1.0, out=steps)
        scaled.append((significands * np.exp2(steps), np.append(cells.starts, len(where))))
    fits &= least > direct.LEAST_LEVEL
    (a, starts_a), (b, starts_b) = scaled
    for i in np.flatnonzero(fits).tolist():
        values = np.convolve(a[starts_a[i] : starts_a[i + 1]], b[starts_b[i] : starts_b[i + 1]])
        totals[starts[pairs[i]] : starts[pairs[i] + 1]] = values
    cells = Ragged.of(lengths[fits])
    where = cells.repeated(starts[pairs[fits]]) + cells.index
    steps = cells.repeated(-tilts[fits]) * cells.index
    whole = np.floor(steps)
    values = totals[where] * np.exp2(steps - whole)
    totals[where], exponents[where] = normal_pairs(values, whole.astype(np.int64) + cells.repeated(shifts[fits]))
    roundings = np.minimum(x.lengths[pairs], y.lengths[pairs])[fits] * bounds.UNIT
    errors[pairs[fits]] = (roundings / (1 - roundings) + 2 * direct.LEVEL_ERROR) * bounds.PAD
    return fits


def _windowed(x: Rows, y: Rows, tolerance: float) -> tuple[FloatArray, IntArray, FloatArray]:
    """The convolutions of pairs of rows by tilted windows, and by ball arithmetic or otherwise what these leave."""
    logs = [Logs.of(rows.significands, rows.exponents, rows.starts) for rows in (x, y)]
    supports = None
    if not (x.significands.all() and y.significands.all()):
        pairs = [(x.operand(i).significands, y.operand(i).significands) for i in range(len(x))]
        supports = np.concatenate([fft.indicator_support(a, b) for a, b in pairs])
    result, starts = tilted.convolve_rows(logs[0], logs[1], supports, tolerance)
    errors = np.full(len(x), result.error)
    for row in np.flatnonzero(np.add.reduceat(result.bad, starts[:-1])).tolist():
        canvas = certified.convolve(x.operand(row), y.operand(row), tolerance, "fft")
        here = slice(int(starts[row]), int(starts[row + 1]))
        operand = Operand(canvas.significands, canvas.exponents, False)
        result.significands[here], result.exponents[here] = operand.pairs()
        errors[row] = canvas.error
    return result.significands, result.exponents, errors
