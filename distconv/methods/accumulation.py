"""Sums of terms of few points each on one lattice: term after term is added to the whole so far, by shifted copies.

It costs points times cells, for every term, in plain multiply-adds: nothing is quicker where points lie far apart and
their sums do not (different loans, stakes, masses). Every entry is a sum of non-negative products, so it is right to a
few roundings a term. One tilt for all terms (2**(tilt * cell)) keeps entries together; those that fall too far below
the others for one scale are kept in bands of their own (`Sums`), so no entry ever leaves the range of doubles.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.methods.tilted import TILT_ERROR, dyadic, power_of_two
from distconv.numbers.doubles import added_pairs, normal_pairs
from distconv.typing import FloatArray, IntArray

#: Cells that are summed at once, few enough to stay in the processor's cache.
CHUNK = 2**15
#: Bits of a band: its entries begin below 2**BAND_BITS, and products of them stay normal while they are above
#: 2**LEAST_FLOOR, for no weight is below 2**-BAND_BITS.
BAND_BITS = 900
LEAST_FLOOR = -100.0
#: Part of the multiply-adds of one band that each further one takes.
BAND_PART = 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Term:
    """The positive points of a term: ascending cells, the first of them 0, and weights significands x 2**exponents."""

    cells: IntArray
    significands: FloatArray
    exponents: IntArray

    @classmethod
    def of(cls, cells: IntArray, significands: FloatArray, exponents: IntArray | None) -> Term:
        """The term of some points, of which those of weight 0 are left out."""
        fractions, powers = normal_pairs(significands, exponents)
        keep = fractions > 0
        return cls(cells[keep] - cells[keep][0], fractions[keep], powers[keep])

    @property
    def span(self) -> int:
        """The last cell."""
        return int(self.cells[-1])


def ordered(sizes: Sequence[tuple[int, int]]) -> list[int]:
    """The order in which terms of these (points, spans) are added: the one of most points first, then the shortest."""
    first = max(range(len(sizes)), key=lambda i: sizes[i])
    return [first, *sorted((i for i in range(len(sizes)) if i != first), key=lambda i: (sizes[i][1], sizes[i][0]))]


def work(sizes: Sequence[tuple[int, int]]) -> int:
    """The multiply-adds of the sum of terms of these (points, spans)."""
    order = ordered(sizes)
    span, total = sizes[order[0]][1], 0
    for i in order[1:]:
        span += sizes[i][1]
        total += sizes[i][0] * (span + 1)
    return total


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """A term's weights on the scale of the sum: values x 2**(-BAND_BITS * bands), for points at some cells."""

    cells: list[int]
    values: list[float]
    bands: list[int]
    least: float


def total(terms: Sequence[Term], advance: Callable[[int], object]) -> tuple[FloatArray, IntArray, float]:
    """The convolution of all terms: significands in [1/2, 1) or 0, exponents, and the error of every entry.

    `advance` is told when a term has been added.
    """
    order = ordered([(len(term.cells), term.span) for term in terms])
    terms = [terms[i] for i in order]
    cells = sum(term.span for term in terms) + 1
    tilt, _ = tilt_of(terms)
    sums, exponent, span = Sums(cells), 0, 0
    for weights, shift in _scaled(terms, tilt):
        exponent += shift
        span += weights.cells[-1]
        sums.add(weights, span)
        advance(1)
    significands, exponents = sums.read()
    where = np.arange(cells)
    if tilt:
        factor, integers = power_of_two(np.asarray(-tilt * where))
        significands, exponents = normal_pairs(significands * factor, exponents + integers)
    exponents = np.where(significands == 0, 0, exponents + exponent)
    error = rounding([len(term.cells) for term in terms], tilted=bool(tilt))
    return significands, exponents, bounds.compose(error, bounds.summation(len(sums.bands)))


def rounding(points: Sequence[int], *, tilted: bool) -> float:
    """The relative error of any entry of the sum of terms of so many points, but for its last sum over the bands."""
    # A term sums as many products as it has points, and may move a sum into another band's; if tilted, its weights are
    # tilted first, and the tilt is taken off at the end.
    products = bounds.summation(sum(points) + len(points))
    return bounds.compose(products, bounds.repeated(TILT_ERROR, len(points) + 1)) if tilted else products


def tilt_of(terms: Sequence[Term]) -> tuple[float, float]:
    """(a tilt under which the sum's ends are alike, 0 where none is needed; the bits that are left).

    Bits a cell; those left lie between the largest and the smallest product of all terms' tilted weights.
    """
    logs = [np.log2(term.significands) + term.exponents for term in terms]
    bits = sum(float(np.ptp(row)) for row in logs)
    cells = sum(term.span for term in terms) + 1
    if cells == 1 or bits < BAND_BITS:
        return 0.0, bits
    fall = sum(float(row[0] - row[-1]) for row in logs) / (cells - 1)
    tilt = float(dyadic(np.array([fall]), cells)[0])
    tilted = sum(float(np.ptp(row + tilt * term.cells)) for row, term in zip(logs, terms, strict=True))
    return (tilt, tilted) if tilted < bits else (0.0, bits)


def _scaled(terms: Sequence[Term], tilt: float) -> Iterator[tuple[Weights, int]]:
    """Every term's weights under a tilt, scaled by a power of 2, and that power's exponent.

    The product of the first totals lies between 1/2 and 1, however many they are, so no sum is more than twice as large
    as the sums before it.
    """
    passed = 0.0
    for term in terms:
        factor, integers = power_of_two(np.asarray(tilt * term.cells))
        fractions, powers = normal_pairs(factor * term.significands, integers + term.exponents)
        top = int(powers.max())
        passed += top + math.log2(float(np.ldexp(fractions, np.maximum(powers - top, -1000).astype(np.int32)).sum()))
        shift = math.floor(passed) + 1
        passed -= shift
        powers -= shift
        bands = np.maximum(-powers // BAND_BITS, 0)
        values = np.ldexp(fractions, (powers + BAND_BITS * bands).astype(np.int32))
        least = math.log2(float(values.min()))
        yield Weights(term.cells.tolist(), values.tolist(), bands.tolist(), least), shift


class Sums:
    """The sums so far, in bands: an entry is the sum over bands i of its values there x 2**(-BAND_BITS * (i + 1)).

    Attributes:
        bands: values of each band, on all cells.
        filled: for each band and chunk of cells, whether it holds anything.
        floors: for each band a lower bound on the log2 of its positive values.
    """

    def __init__(self, cells: int) -> None:
        """The sum of no terms: all at cell 0."""
        self.cells = cells
        self.bands: list[FloatArray] = []
        self.filled: list[bytearray] = []
        self.floors: list[float] = []
        # Arrays that are used again: new ones would cost more than the products.
        self.room = np.empty(CHUNK)
        self.spare: list[FloatArray] = []
        self._reach(0)
        self.bands[0][0] = math.ldexp(1.0, BAND_BITS)
        self.filled[0][0] = 1
        self.floors[0] = BAND_BITS

    def _reach(self, band: int) -> None:
        """Makes room for a band."""
        while len(self.bands) <= band:
            self.bands.append(np.zeros(self.cells))
            self.filled.append(bytearray(-(-self.cells // CHUNK)))
            self.floors.append(math.inf)

    def add(self, weights: Weights, span: int) -> None:
        """Adds one more term, with which the sums reach up to `span`: chunk by chunk, from the last to the first."""
        points = list(zip(weights.cells, weights.values, weights.bands, strict=True))
        for low in range(span // CHUNK * CHUNK, -1, -CHUNK):
            # Entries below this chunk are still those of the sum before.
            self._write(low, self._chunk(points, low, min(low + CHUNK, span + 1)))
        floors, self.floors = self.floors, [math.inf] * len(self.bands)
        for band, floor in enumerate(floors):
            for more in set(weights.bands) if floor < math.inf else ():
                self._reach(band + more)
                self.floors[band + more] = min(self.floors[band + more], floor + weights.least)
        for band in range(len(self.bands)):
            if self.floors[band] < LEAST_FLOOR:
                self._lower(band)

    def _chunk(self, points: list[tuple[int, float, int]], low: int, high: int) -> dict[int, FloatArray]:
        """The new values of a chunk of cells, by band."""
        found: dict[int, FloatArray] = {}
        for shift, weight, more in points:
            if shift >= high:
                break
            start = max(low, shift)
            chunks = slice((start - shift) // CHUNK, (high - 1 - shift) // CHUNK + 1)
            for band, values in enumerate(self.bands):
                if not any(self.filled[band][chunks]):
                    continue
                source = values[start - shift : high - shift]
                if band + more in found:
                    found[band + more][start - low :] += np.multiply(source, weight, out=self.room[: high - start])
                else:
                    buffer = self.spare.pop() if self.spare else np.empty(CHUNK)
                    target = found[band + more] = buffer[: high - low]
                    target[: start - low] = 0.0
                    np.multiply(source, weight, out=target[start - low :])
        return found

    def _write(self, low: int, found: dict[int, FloatArray]) -> None:
        """Replaces a chunk of cells in all bands."""
        for band, values in found.items():
            self._reach(band)
            self.bands[band][low : low + len(values)] = values
            assert values.base is not None
            self.spare.append(values.base)
        for band in range(len(self.bands)):
            if band not in found and self.filled[band][low // CHUNK]:
                self.bands[band][low : low + CHUNK] = 0.0
            self.filled[band][low // CHUNK] = band in found

    def _lower(self, band: int) -> None:
        """Moves values below 1 into the next band."""
        self._reach(band + 1)
        for chunk, filled in enumerate(self.filled[band]):
            if not filled:
                continue
            here = slice(chunk * CHUNK, (chunk + 1) * CHUNK)
            values = self.bands[band][here]
            small = (values > 0) & (values < 1)
            if small.any():
                self.bands[band + 1][here][small] += np.ldexp(values[small], BAND_BITS)
                self.filled[band + 1][chunk] = 1
                values[small] = 0.0
                self.filled[band][chunk] = bool(values.any())
        self.floors[band + 1] = min(self.floors[band + 1], self.floors[band] + BAND_BITS)
        self.floors[band] = 0.0

    def read(self) -> tuple[FloatArray, IntArray]:
        """The entries as fractions in [1/2, 1) or 0, and exponents."""
        significands, exponents = np.zeros(self.cells), np.zeros(self.cells, dtype=np.int64)
        for low in range(0, self.cells, CHUNK):
            here = slice(low, low + CHUNK)
            for band, values in enumerate(self.bands):
                if self.filled[band][low // CHUNK]:
                    more = normal_pairs(values[here], -BAND_BITS * (band + 1))
                    significands[here], exponents[here] = added_pairs((significands[here], exponents[here]), more)
        return significands, exponents
