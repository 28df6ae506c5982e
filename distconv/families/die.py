"""A fair die."""

from __future__ import annotations

from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.families.family import by_formula, constructor, made
from distconv.families.uniform import Equal
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.typing import IntegerLike


class DieLaw(Equal):
    """P(X = k) = 1 / sides, k = 1, ..., sides."""

    __slots__ = ("sides",)
    family = "Die"
    parameters = ("sides",)

    sides: int

    def __init__(self, sides: int) -> None:
        self._keep(sides)

    def span(self) -> tuple[int, int]:
        return 1, self.sides


def die(sides: IntegerLike) -> DieLaw:
    """The law of a fair die."""
    return DieLaw(check_integer("sides", sides, at_least=1))


@constructor
def Die(sides: IntegerLike) -> Distribution:
    """The law of a fair die: P(X = k) = 1 / sides, k = 1, ..., sides.

    Args:
        sides: an integer >= 1.

    Raises:
        DistconvTypeError: sides is no integer.
        DistconvValueError: sides < 1.

    >>> from distconv import Die
    >>> (Die(6) + Die(6)).pmf(7)
    Fraction(1, 6)
    """
    return made(FAMILY, sides)


def _with_letters(sides: IntegerLike) -> Law:
    return by_formula("Uniform", 1, sides)


FAMILY = Family("Die", DieLaw.parameters, die, _with_letters, None, ((6,), (1,), (1000,)))
