"""Dense floating operands, and pieces of their convolution with the error that each has."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from distconv import bounds
from distconv.numbers.doubles import normal_pairs
from distconv.support.boxes import Box
from distconv.typing import AnyArray, FloatArray, IntArray, Shape


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

    def pairs(self) -> tuple[FloatArray, IntArray]:
        """The entries as significands in [1/2, 1) or 0, and exponents."""
        return normal_pairs(self.significands, self.exponents)

    def range_bits(self) -> int:
        """Bits between the largest and the smallest positive entry."""
        if self.exponents is None and self.is_full:
            return math.frexp(float(self.significands.max()))[1] - math.frexp(float(self.significands.min()))[1]
        positive = self.significands > 0
        _, exponents = self.pairs()
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

    @property
    def common_shift(self) -> int | None:
        """The exponent that all values share; None where each has its own."""
        return self.shift if isinstance(self.shift, int) else None


def certified(piece: Piece, wanted: AnyArray | None, tolerance: float) -> tuple[Piece, AnyArray | None, float]:
    """A piece, which of its wanted entries are not within the tolerance, and the relative error of the others."""
    return piece, *certify(piece, wanted, tolerance)


def certify(piece: Piece, wanted: AnyArray | None, tolerance: float) -> tuple[AnyArray | None, float]:
    """(which wanted entries are not within the tolerance, None for none; the relative error bound of the others)."""
    room = tolerance - piece.relative
    if room <= 0:
        return np.ones(piece.values.shape, dtype=bool) if wanted is None else wanted, 0.0
    if piece.absolute == 0.0:
        return None, piece.relative
    threshold = bounds.least_certified(piece.relative, piece.absolute, room)
    least = float(piece.values.min() if wanted is None else piece.values.min(where=wanted, initial=math.inf))
    if least >= threshold:
        return None, bounds.certified(piece.relative, piece.absolute, least)
    bad = piece.values < threshold
    if wanted is not None:
        bad &= wanted
    return bad, tolerance
