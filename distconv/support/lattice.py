"""A dense box of a lattice: origin + step * index on each axis, all exact rationals."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np

from distconv.support.outcomes import quotient, rational_gcd, whole
from distconv.typing import AnyArray, IntArray, Scalar, Shape, Vector


@dataclass(frozen=True, slots=True)
class Lattice:
    """The points origin + step * index, 0 <= index < shape, on every axis; cells are numbered row-major.

    Steps are positive; an axis of one cell has step 1.

    Attributes:
        origin: the lowest corner.
        step: the distance of neighbours on each axis.
        shape: how many cells each axis has.
    """

    origin: Vector
    step: Vector
    shape: Shape

    @property
    def ndim(self) -> int:
        """The number of axes."""
        return len(self.shape)

    @property
    def size(self) -> int:
        """The number of cells."""
        return math.prod(self.shape)

    @property
    def high(self) -> Vector:
        """The highest corner."""
        return tuple(whole(o + s * (n - 1)) for o, s, n in zip(self.origin, self.step, self.shape, strict=True))

    def vector(self, cell: int) -> Vector:
        """The point of a cell, as a tuple."""
        if len(self.shape) == 1:
            return (whole(self.origin[0] + self.step[0] * cell),)
        coordinates: list[Scalar] = []
        for o, s, n in zip(reversed(self.origin), reversed(self.step), reversed(self.shape), strict=True):
            cell, index = divmod(cell, n)
            coordinates.append(whole(o + s * index))
        return tuple(reversed(coordinates))

    def cell(self, vector: Vector) -> int | None:
        """The cell of a point, or None where the point is not on the box."""
        cell = 0
        for x, o, s, n in zip(vector, self.origin, self.step, self.shape, strict=True):
            index = x - o if s == 1 else quotient(x - o, s)
            if index.denominator != 1:
                return None
            if not 0 <= index < n:
                return None
            cell = cell * n + index.numerator
        return cell

    # As a support: every cell is a point, and its rank ----------------------------------------------------------------

    rank = cell

    @property
    def cells(self) -> AnyArray:
        """The cells of all points."""
        return np.arange(self.size)

    def cells_at(self, ranks: AnyArray) -> AnyArray:
        """The cells of the points with these ranks."""
        return ranks

    def count_below(self, cells: int | AnyArray) -> IntArray | Any:
        """How many points come before each of these cells."""
        return cells

    def on(self, box: Lattice) -> Lattice:
        """The same points in another box of that shape."""
        return box

    def vectors(self) -> Iterator[Vector]:
        """All points, in the order of the cells."""
        return product(*(self.axis(i) for i in range(self.ndim)))

    def axis(self, i: int) -> list[Scalar]:
        """The coordinates that axis i takes."""
        o, s = self.origin[i], self.step[i]
        return [whole(o + s * k) for k in range(self.shape[i])]

    def shifted(self, by: Vector) -> Lattice:
        """The box moved by a vector."""
        return Lattice(tuple(whole(o + b) for o, b in zip(self.origin, by, strict=True)), self.step, self.shape)

    def scaled(self, factor: Scalar) -> Lattice:
        """The box with every coordinate times a positive factor."""
        step = tuple(whole(s * factor) if n > 1 else 1 for s, n in zip(self.step, self.shape, strict=True))
        return Lattice(tuple(whole(o * factor) for o in self.origin), step, self.shape)

    def reflected(self) -> Lattice:
        """The box of the negated points; cell k of one is cell size - 1 - k of the other."""
        return Lattice(tuple(-h for h in self.high), self.step, self.shape)


def smallest_lattice(points: Sequence[Vector]) -> tuple[Lattice, tuple[list[int], ...]]:
    """(the smallest lattice that holds some points, the index of each of them on every axis)."""
    origin, step, indices = [], [], []
    for places in zip(*points, strict=True):
        low = min(places)
        unit: Scalar = 0
        for place in places:
            unit = rational_gcd(unit, place - low)
        origin.append(low)
        step.append(unit or 1)
        indices.append([int(quotient(place - low, unit or 1)) for place in places])
    return Lattice(tuple(origin), tuple(step), tuple(max(places) + 1 for places in indices)), tuple(indices)


def common_step(*boxes: Lattice) -> Vector:
    """The coarsest steps on which all the boxes fit, up to shifts: per axis the gcd of their steps."""
    steps: list[Scalar] = []
    for axis in range(boxes[0].ndim):
        step: Scalar = 0
        for box in boxes:
            if box.shape[axis] > 1 and box.step[axis] != step:
                step = rational_gcd(step, box.step[axis])
        steps.append(step or 1)
    return tuple(steps)


def aligned_step(*boxes: Lattice) -> Vector:
    """The coarsest steps of one lattice that holds the points of all the boxes, shifts included."""
    step = common_step(*boxes)
    return tuple(_aligned(axis, s, boxes) for axis, s in enumerate(step))


def _aligned(axis: int, step: Scalar, boxes: tuple[Lattice, ...]) -> Scalar:
    """The gcd of an axis' steps and of the distances of the boxes' origins."""
    spread = any(box.shape[axis] > 1 for box in boxes)
    result: Scalar = step if spread else 0
    for box in boxes[1:]:
        if box.origin[axis] != boxes[0].origin[axis]:
            result = rational_gcd(result, box.origin[axis] - boxes[0].origin[axis])
    return result or 1


def strides_on(box: Lattice, step: Vector) -> Shape:
    """How many cells of a lattice with finer steps one cell of the box spans, per axis."""
    return tuple(
        1 if n == 1 or s == fine else quotient(s, fine).numerator
        for s, fine, n in zip(box.step, step, box.shape, strict=True)
    )


def spread_shape(shape: Shape, strides: Shape) -> Shape:
    """The shape of a box whose cells have been set `strides` apart."""
    return tuple((n - 1) * k + 1 for n, k in zip(shape, strides, strict=True))


def sum_shape(a: Shape, b: Shape) -> Shape:
    """The shape of the box of sums."""
    return tuple(m + n - 1 for m, n in zip(a, b, strict=True))


def sum_box(a: Lattice, b: Lattice) -> Lattice:
    """The box of all sums of a point of one box and a point of the other, on their common refinement."""
    if len(a.shape) == 1 and a.step == b.step:
        # The commonest sums are the smallest, too, and spend a good part of their time here.
        return Lattice((whole(a.origin[0] + b.origin[0]),), a.step, (a.shape[0] + b.shape[0] - 1,))
    if a.step == b.step:
        step, shape = a.step, sum_shape(a.shape, b.shape)
    else:
        step, shape = _refined_shape(a, b)
    origin = tuple(whole(p + q) for p, q in zip(a.origin, b.origin, strict=True))
    return Lattice(origin, step, shape)


def _refined_shape(a: Lattice, b: Lattice) -> tuple[Vector, Shape]:
    """The steps and the shape of the box of sums of boxes of different steps."""
    step = common_step(a, b)
    shape = sum_shape(spread_shape(a.shape, strides_on(a, step)), spread_shape(b.shape, strides_on(b, step)))
    return step, shape


def power_box(box: Lattice, n: int) -> Lattice:
    """The box of the sums of n points of a box."""
    shape: Shape = tuple([n * (k - 1) + 1 for k in box.shape])
    return Lattice(tuple([whole(n * o) for o in box.origin]), box.step, shape)
