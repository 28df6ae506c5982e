"""What the planner needs to know of an operand."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from distconv.measure.measure import Measure, kept
from distconv.support.lattice import Lattice, power_box
from distconv.weights.unify import are_numbers


@dataclass(frozen=True, slots=True)
class Outline:
    """What the planner needs to know of an operand.

    Attributes:
        box: the smallest box that holds its points.
        points: how many points it stores.
        bits: bits that its exact numerators take at most (a probability is at most its denominator); 0 if floating.
        is_rough: a sum of sparse points, whose neighbours differ widely even where all cells are filled.
        system: the kind of its weights where they are neither fractions nor doubles, else empty.
    """

    box: Lattice
    points: int
    bits: int
    is_rough: bool = False
    system: str = ""

    @staticmethod
    @kept
    def of(measure: Measure) -> Outline:
        """The outline of a measure, kept with it."""
        weights = measure.weights
        system = "" if are_numbers(weights) else weights.kind
        return Outline(measure.box, measure.support.size, weights.bits, system=system)

    @property
    def kind(self) -> str:
        """``exact``, ``float``, ``symbolic`` or the name of another number system."""
        return self.system or ("exact" if self.bits else "float")

    @property
    def is_dense(self) -> bool:
        """Whether every cell of the box is stored."""
        return self.points == self.box.size

    def rounded(self) -> Outline:
        """The outline of the same law with floating weights."""
        return replace(self, bits=0, system="")

    def copies(self, n: int) -> Outline:
        """The outline of the sum of n copies; of sparse points as many as there can be."""
        if n == 1:
            return self
        box = power_box(self.box, n)
        points = box.size if self.is_dense else min(box.size, math.comb(self.points + n - 1, n))
        return replace(self, box=box, points=points, bits=n * self.bits, is_rough=self.is_rough or not self.is_dense)
