"""One certain outcome: the identity of sums at 0, a shift elsewhere."""

from __future__ import annotations

from typing import Any

import numpy as np

from distconv import closed_forms
from distconv.distribution import Distribution
from distconv.errors import DistconvError
from distconv.families.family import Family
from distconv.measure import Measure
from distconv.support import Lattice
from distconv.support.outcomes import as_outcome, read_outcome, whole
from distconv.typing import Outcome, OutcomeLike, Scalar, Vector
from distconv.value import write
from distconv.weights import Floating
from distconv.weights.rational import over


def constant_hint(value: object) -> str:
    """How a number or a vector that stands where a law should is written as one, for messages; nothing for others."""
    try:
        read_outcome(value)
    except DistconvError:
        return ""
    return f"; the law of a constant is Point({value!r})"


class Point(Family):
    """P(X = x) = 1.

    Args:
        x: any outcome: a number, or a tuple of numbers for a law in several dimensions.

    Raises:
        DistconvValueError: x is not finite, or no number.
        DistconvTypeError: x is of another kind.

    >>> from distconv import Die, Point
    >>> (Die(6) + Point(10)).mean()
    Fraction(27, 2)
    """

    __slots__ = ("_floating", "x")
    parameters = ("x",)

    x: Outcome
    _floating: bool

    def __init__(self, x: OutcomeLike) -> None:
        self._keep(read_outcome(x, "x"))
        write(self, "_floating", False)

    @classmethod
    def floating(cls, x: Outcome) -> Point:
        """The point with a floating weight: what a family with float parameters comes to at their edge."""
        law = cls(x)
        write(law, "_floating", True)
        return law

    def __reduce__(self) -> Any:
        return (Point.floating if self._floating else Point), (self.x,)

    def _vector(self) -> Vector:
        return self.x if isinstance(self.x, tuple) else (self.x,)

    def _materialise(self) -> Measure:
        vector = self._vector()
        ones = (1,) * len(vector)
        weights = Floating(np.ones(1)) if self._floating else over([1], 1)
        return Measure(Lattice(vector, ones, ones), weights)

    def _moved(self, vector: Vector) -> Point:
        """The point at another place."""
        place = as_outcome(tuple(map(whole, vector)))
        return Point.floating(place) if self._floating else Point(place)

    def _shifted(self, by: Vector) -> Distribution:
        return self._moved(tuple(a + b for a, b in zip(self._vector(), by, strict=True)))

    def _scaled(self, factor: Scalar) -> Distribution:
        return self._moved(tuple(factor * a for a in self._vector()))


@closed_forms.register_any(Point)
def _sum(x: Point, y: Distribution) -> Distribution:
    return y._shift(x.x, "add")


@closed_forms.register_power(Point)
def _copies(x: Point, n: int) -> Distribution:
    return x._scaled(n)
