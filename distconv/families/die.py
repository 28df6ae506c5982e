"""A fair die."""

from __future__ import annotations

from distconv.checks import check_integer
from distconv.families.uniform import Equal
from distconv.typing import IntegerLike


class Die(Equal):
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

    def __init__(self, sides: IntegerLike) -> None:
        self._keep(check_integer("sides", sides, at_least=1))

    def _span(self) -> tuple[int, int]:
        return 1, self.sides
