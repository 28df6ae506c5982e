"""Boxes of a result: what of the operands they need, and how a ragged set of cells is covered by them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distconv.typing import AnyArray, FloatArray, IntArray, Shape

#: A box is taken whole once this part of its cells is wanted; below, it is halved.
FILL = 0.25
#: Boxes of no more than this many cells are taken whole.
SMALL = 64


@dataclass(frozen=True, slots=True)
class Box:
    """Cells low <= index < high of a result, on every axis."""

    low: Shape
    high: Shape

    @property
    def shape(self) -> Shape:
        """How many cells each axis has."""
        return tuple([h - lo for lo, h in zip(self.low, self.high, strict=True)])

    @property
    def size(self) -> int:
        """The number of cells."""
        return math.prod(self.shape)

    @property
    def slices(self) -> tuple[slice, ...]:
        """The box as an index of an array of the result's shape."""
        return tuple([slice(lo, h) for lo, h in zip(self.low, self.high, strict=True)])

    @classmethod
    def whole(cls, shape: Shape) -> Box:
        """The box of a whole array."""
        return cls((0,) * len(shape), shape)


@dataclass(frozen=True, slots=True, eq=False)
class Operand:
    """A dense non-negative array: significands x 2**exponents.

    Attributes:
        significands: float64, n-D.
        exponents: int64 of the same shape, or None where all are 0.
        is_full: whether every cell is positive.
    """

    significands: FloatArray
    exponents: IntArray | None
    is_full: bool

    @property
    def shape(self) -> Shape:
        """The array's shape."""
        return tuple(self.significands.shape)

    def part(self, box: Box) -> Operand:
        """The cells of a box."""
        if box.shape == self.shape:
            return self
        exponents = None if self.exponents is None else self.exponents[box.slices]
        return Operand(self.significands[box.slices], exponents, self.is_full)

    def reversed(self) -> Operand:
        """The array backwards on every axis."""
        flip = (slice(None, None, -1),) * self.significands.ndim
        exponents = None if self.exponents is None else self.exponents[flip]
        return Operand(self.significands[flip], exponents, self.is_full)

    def range_bits(self) -> int:
        """Bits between the largest and the smallest positive entry."""
        if self.exponents is None and self.is_full:
            return math.frexp(float(self.significands.max()))[1] - math.frexp(float(self.significands.min()))[1]
        positive = self.significands > 0
        exponents = np.frexp(self.significands)[1].astype(np.int64)
        if self.exponents is not None:
            exponents += self.exponents
        top = int(exponents.max(where=positive, initial=-(2**62)))
        return max(0, top - int(exponents.min(where=positive, initial=2**62)))

    def scaled(self) -> tuple[FloatArray, int, bool]:
        """(x, e, cut): the array as x * 2**e with max(x) < 1, and whether entries below 2**-1022 were cut to 0."""
        if self.exponents is None:
            top = float(self.significands.max())
            shift = math.frexp(top)[1]
            if shift > -64:
                return self.significands, 0, False
            return self.significands * math.ldexp(1.0, min(-shift, 1000)), max(shift, -1000), False
        positive = self.significands > 0
        shift = int(self.exponents.max(where=positive, initial=-(2**62)))
        if shift == -(2**62):
            return np.zeros(self.shape), 0, False
        lifted = self.exponents - shift
        cut = bool((lifted.min(where=positive, initial=0)) < -1020)
        lifted = np.clip(lifted, -1100, 0).astype(np.int32)
        values = np.ldexp(self.significands, lifted)
        if cut:
            values[lifted < -1020] = 0.0
        return values, shift, cut


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """The values of a box: v x 2**shift, |v - true| <= relative * true + absolute (true and absolute in v's scale).

    Attributes:
        values: float64 of the box's shape.
        shift: exponent common to all values (or an int64 array of the box's shape).
        relative: bound on the relative part of the error.
        absolute: bound on the absolute part of the error.
    """

    values: FloatArray
    shift: int | IntArray
    relative: float
    absolute: float


@dataclass(frozen=True, slots=True)
class Region:
    """A box of a result, with the parts of the two operands of which the sums of indices reach it.

    Attributes:
        box: the cells of the result.
        part_a: the cells of the first operand that count.
        part_b: the cells of the second.
        first: where the box begins in the convolution of the parts alone.
    """

    box: Box
    part_a: Box
    part_b: Box
    first: Shape

    @classmethod
    def of(cls, a: Shape, b: Shape, box: Box) -> Region:
        """The region of a box of the convolution of arrays of these shapes."""
        axes = list(zip(a, b, box.low, box.high, strict=True))
        low_a = tuple([max(0, low - n + 1) for _, n, low, _ in axes])
        low_b = tuple([max(0, low - m + 1) for m, _, low, _ in axes])
        part_a = Box(low_a, tuple([min(m, high) for m, _, _, high in axes]))
        part_b = Box(low_b, tuple([min(n, high) for _, n, _, high in axes]))
        first = tuple([low - p - q for (_, _, low, _), p, q in zip(axes, low_a, low_b, strict=True)])
        return cls(box, part_a, part_b, first)

    @property
    def shape(self) -> Shape:
        """The shape of the convolution of the parts."""
        return tuple([m + n - 1 for m, n in zip(self.part_a.shape, self.part_b.shape, strict=True)])

    @property
    def slices(self) -> tuple[slice, ...]:
        """The box as an index of the convolution of the parts."""
        return tuple([slice(f, f + n) for f, n in zip(self.first, self.box.shape, strict=True)])


def cover(wanted: AnyArray) -> list[Box]:
    """Boxes that together hold every wanted cell of a boolean array, and not many others."""
    result: list[Box] = []
    pending = [Box.whole(wanted.shape)]
    while pending:
        box = shrunk(wanted, pending.pop())
        if box is None:
            continue
        count = int(np.count_nonzero(wanted[box.slices]))
        if box.size <= SMALL or count >= FILL * box.size:
            result.append(box)
            continue
        axis = max(range(len(box.low)), key=lambda i: box.high[i] - box.low[i])
        middle = (box.low[axis] + box.high[axis]) // 2
        pending.append(Box(box.low, (*box.high[:axis], middle, *box.high[axis + 1 :])))
        pending.append(Box((*box.low[:axis], middle, *box.low[axis + 1 :]), box.high))
    return result


def shrunk(wanted: AnyArray, box: Box) -> Box | None:
    """The smallest box that holds the wanted cells of a box; None where there are none."""
    part = wanted[box.slices]
    low, high = list(box.low), list(box.high)
    for axis in range(part.ndim):
        others = tuple(i for i in range(part.ndim) if i != axis)
        hits = np.flatnonzero(part.any(axis=others) if others else part)
        if not len(hits):
            return None
        low[axis], high[axis] = box.low[axis] + int(hits[0]), box.low[axis] + int(hits[-1]) + 1
    return Box(tuple(low), tuple(high))
