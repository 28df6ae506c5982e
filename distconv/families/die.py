"""A fair die."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from distconv.checks import check_integer
from distconv.families.family import Family, check_cells
from distconv.measure import Measure
from distconv.support import Lattice
from distconv.weights import Rational
from distconv.weights.rational import polynomial


class Die(Family):
    """P(X = k) = 1 / sides, k = 1, ..., sides.

    Args:
        sides: an integer >= 1.

    Raises:
        DistconvTypeError: sides is no integer.
        DistconvValueError: sides < 1.

    >>> from distconv import Die
    >>> (Die(6) + Die(6)).pmf(7)
    Fraction(1, 6)
    """

    __slots__ = ("sides",)
    parameters = ("sides",)

    sides: int

    def __init__(self, sides: Any) -> None:
        self._keep(check_integer("sides", sides, at_least=1))

    def _materialise(self) -> Measure:
        check_cells(self.sides, self._name())
        return Measure(Lattice((1,), (1,), (self.sides,)), Rational(polynomial([1] * self.sides), self.sides))

    def mean(self) -> Fraction:
        """(sides + 1) / 2."""
        return Fraction(self.sides + 1, 2)

    def var(self) -> Fraction:
        """(sides**2 - 1) / 12."""
        return Fraction(self.sides**2 - 1, 12)
