"""All integers of a range, equally likely."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from distconv.checks import check_integer
from distconv.errors import DistconvValueError
from distconv.families.family import Family, check_cells
from distconv.measure import Measure
from distconv.support import Lattice
from distconv.weights import Rational
from distconv.weights.rational import polynomial


class Uniform(Family):
    """P(X = k) = 1 / (high - low + 1), k = low, ..., high: integers, both ends in.

    Args:
        low: an integer.
        high: an integer >= low (scipy.stats.randint stops one before it).

    Raises:
        DistconvTypeError: an end is no integer.
        DistconvValueError: high < low.

    >>> from distconv import Uniform
    >>> Uniform(-1, 1).var()
    Fraction(2, 3)
    """

    __slots__ = ("high", "low")
    parameters = ("low", "high")

    low: int
    high: int

    def __init__(self, low: Any, high: Any) -> None:
        least, most = check_integer("low", low), check_integer("high", high)
        if least > most:
            raise DistconvValueError(
                f"low must be <= high, got low={least}, high={most}; write Uniform({most}, {least})"
            )
        self._keep(least, most)

    def _materialise(self) -> Measure:
        count = self.high - self.low + 1
        check_cells(count, self._name())
        return Measure(Lattice((self.low,), (1,), (count,)), Rational(polynomial([1] * count), count))

    def mean(self) -> Fraction:
        """(low + high) / 2."""
        return Fraction(self.low + self.high, 2)

    def var(self) -> Fraction:
        """((high - low + 1)**2 - 1) / 12."""
        return Fraction((self.high - self.low + 1) ** 2 - 1, 12)
