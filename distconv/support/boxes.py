"""Boxes of the array of a sum, and the parts of the two arrays whose cells meet there."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from distconv.typing import AnyArray, Shape

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

    def within(self, other: Box) -> Box:
        """The box, counted from the corner of another."""
        low, high = ([c - o for c, o in zip(edge, other.low, strict=True)] for edge in (self.low, self.high))
        return Box(tuple(low), tuple(high))

    def parts(self, axis: int, count: int) -> list[Box]:
        """The box cut into so many parts along an axis, fewer where it is not so wide."""
        count = min(count, self.shape[axis])
        edges = [self.low[axis] + self.shape[axis] * i // count for i in range(count + 1)]
        before, after = (slice(axis), slice(axis + 1, None))
        return [
            Box((*self.low[before], edges[i], *self.low[after]), (*self.high[before], edges[i + 1], *self.high[after]))
            for i in range(count)
        ]

    @classmethod
    def around(cls, boxes: Sequence[Box]) -> Box:
        """The smallest box that holds boxes, of which there are some."""
        low = [min(edges) for edges in zip(*[box.low for box in boxes], strict=True)]
        high = [max(edges) for edges in zip(*[box.high for box in boxes], strict=True)]
        return cls(tuple(low), tuple(high))

    @classmethod
    def whole(cls, shape: Shape) -> Box:
        """The box of a whole array."""
        return cls((0,) * len(shape), shape)


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
