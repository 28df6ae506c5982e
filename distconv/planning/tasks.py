"""What a method may be asked to compute, as far as the planner knows it: a sum of two, of copies, a box of a sum."""

from __future__ import annotations

import math
from dataclasses import dataclass

from distconv.measure import Measure
from distconv.planning.outline import Outline
from distconv.support.boxes import Box, Region
from distconv.support.lattice import Lattice, power_box, spread_shape, strides_on, sum_box


@dataclass(frozen=True, slots=True)
class Pair:
    """The sum of two operands.

    Attributes:
        a, b: the operands.
        box: the box of all sums of a point of one and a point of the other.
    """

    a: Outline
    b: Outline
    box: Lattice

    @classmethod
    def of(cls, a: Outline, b: Outline) -> Pair:
        """The sum of two operands."""
        return cls(a, b, sum_box(a.box, b.box))

    @property
    def kind(self) -> str:
        """Of what kind the weights of the sum are."""
        if self.a.system or self.b.system:
            # Doubles beside another system make doubles of all.
            return "float" if "float" in (self.a.kind, self.b.kind) else self.a.system or self.b.system
        return "exact" if self.a.bits and self.b.bits else "float"

    @property
    def bits(self) -> int:
        """Bits that the exact numerators of the sum take at most."""
        return self.a.bits + self.b.bits

    @property
    def cells(self) -> int:
        """How many cells the sum's box has."""
        return self.box.size

    @property
    def pairs(self) -> int:
        """How many pairs of points there are."""
        return self.a.points * self.b.points

    def rounded(self) -> Pair:
        """The sum of the same operands with floating weights."""
        return Pair(self.a.rounded(), self.b.rounded(), self.box)

    def patch(self) -> Patch:
        """The whole box of the sum, as one patch."""
        one, other = (spread_shape(m.box.shape, strides_on(m.box, self.box.step)) for m in (self.a, self.b))
        rough = self.a.is_rough or self.b.is_rough
        gaps = rough or self.a.points < math.prod(one) or self.b.points < math.prod(other)
        return Patch(Region.of(one, other, Box.whole(self.box.shape)), min(self.a.points, self.b.points), gaps)


@dataclass(frozen=True, slots=True)
class Copies:
    """The sum of n copies of one operand.

    Attributes:
        a: the operand.
        n: how many copies, 2 or more.
        points: how many points of it have a positive weight, where that is known; else as many as are stored.
    """

    a: Outline
    n: int
    points: int

    @classmethod
    def of(cls, a: Measure, n: int) -> Copies:
        """The sum of n copies of a measure."""
        outline = Outline.of(a)
        return cls(outline, n, outline.points)

    @property
    def kind(self) -> str:
        """Of what kind the weights of the sum are."""
        return self.a.kind

    @property
    def box(self) -> Lattice:
        """The box of all sums."""
        return power_box(self.a.box, self.n)

    @property
    def cells(self) -> int:
        """How many cells the sum's box has."""
        return self.box.size

    def rounded(self) -> Copies:
        """The sum of as many copies with floating weights."""
        return Copies(self.a.rounded(), self.n, self.points)


@dataclass(frozen=True, slots=True)
class Patch:
    """A box of the convolution of two dense floating arrays.

    Attributes:
        region: the box, and the parts of the arrays that it needs.
        few: positive cells of the array that has fewer.
        has_gaps: whether an array has gaps, around which a transform certifies little.
        tolerance: the relative error that its entries are certified to.
    """

    region: Region
    few: int
    has_gaps: bool = False
    tolerance: float = math.inf

    @property
    def kind(self) -> str:
        """Of what kind the weights are."""
        return "float"

    @property
    def cells(self) -> int:
        """How many cells the box has."""
        return self.region.box.size

    @property
    def length(self) -> int:
        """How many cells the convolution of the parts has."""
        return math.prod(self.region.shape)

    @property
    def small(self) -> int:
        """How many cells the shorter part has."""
        return min(self.region.part_a.size, self.region.part_b.size)
