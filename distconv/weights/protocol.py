"""What every kind of weights can do: the one list of questions that measures ask, whatever numbers they carry.

A number system is a frozen container with these members, in a file of its own, and a place in the order of
`distconv.weights.unify`. What stands above asks the container and never which kind it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Protocol, Self

from distconv.typing import AnyArray, Kind, Number

if TYPE_CHECKING:
    from distconv.weights.floating import Floating
    from distconv.weights.rational import Rational


class Weights(Protocol):
    """One number for each point of a support, in its order. *Ranks* are places in that order, from 0."""

    @property
    def kind(self) -> Kind:
        """The number system's name, as callers see it: ``exact``, ``symbolic`` or ``float``."""

    @property
    def is_exact(self) -> bool:
        """Whether the weights are right, and not only near."""

    @property
    def error(self) -> float:
        """A bound on the relative error of every weight; 0 where they are exact."""

    @property
    def size(self) -> int:
        """How many there are."""

    @property
    def bits(self) -> int:
        """How long a weight's numerator may be in bits, where weights are fractions over one denominator; else 0."""

    @property
    def letters(self) -> frozenset[Any]:
        """The free symbols that weights depend on; empty where they are numbers."""

    # One weight, or which ----------------------------------------------------------------------------------------

    def at(self, rank: int) -> Number:
        """The weight of a point, as callers see it."""

    def exact_at(self, rank: int) -> Number:
        """The number that is stored, exactly: a fraction, or an expression where there are letters."""

    def log_at(self, rank: int) -> Number:
        """The natural log of a weight: a float, minus infinity for 0; an expression where there are letters."""

    def numbers(self, ranks: AnyArray) -> list[Any]:
        """The weights of some points, as callers see them."""

    def positive(self) -> AnyArray:
        """The ranks of the points that carry weight, ascending."""

    def heaviest(self) -> int:
        """The rank of the largest weight, the first of several.

        Raises:
            DistconvTypeError: letters are in them.
        """

    def fingerprint(self, rank: int) -> int:
        """The hash of a weight, which equal numbers of every system share."""

    def equals(self, other: Self) -> bool:
        """Whether the weights that are not 0 are the same numbers in the same order."""

    # Other points ------------------------------------------------------------------------------------------------

    def take(self, ranks: AnyArray) -> Self:
        """The weights of these points, in this order."""

    def reversed(self) -> Self:
        """The same weights from the last to the first."""

    def spread(self, cells: AnyArray, size: int) -> Self:
        """Weights of `size` points: these at the cells, in their order, and 0 elsewhere."""

    def merged(self, starts: AnyArray) -> Weights:
        """The sums of weights over groups of neighbours that start at these ranks."""

    @staticmethod
    def joined(parts: Sequence[Any]) -> Weights:
        """All weights of several containers of this system, one after the other."""

    # Sums --------------------------------------------------------------------------------------------------------

    def total(self) -> Number:
        """The sum of all weights."""

    def head(self, count: int) -> Number:
        """The sum of the first `count` weights."""

    def tail(self, count: int) -> Number:
        """The sum of all but the first `count` weights."""

    def spare(self, missing: Fraction | float) -> Number:
        """What the total leaves of 1, if that is less than `missing`; an expression where there are letters."""

    def average(self, integers: AnyArray) -> Number:
        """The mean of an integer for each point, by weight: of floating weights a fraction near to it."""

    # Products ----------------------------------------------------------------------------------------------------

    def times(self, other: Self) -> Weights:
        """The products of two weights of one rank."""

    def outer(self, other: Self) -> Weights:
        """All products of one of these weights and one of the other's, the other's rank running fastest."""

    def scaled(self, share: Any) -> Weights:
        """The weights times a number: a fraction, or (s, e) for s x 2**e where weights are floating."""

    def normalised(self, missing: Fraction | float = 0) -> tuple[Weights, float]:
        """The weights over their total and what is missing beside it; and no less than what is missing then."""

    def shares_of(self, others: Self) -> Weights:
        """The weights over the total of others."""

    # Other systems -----------------------------------------------------------------------------------------------

    def as_floating(self) -> Floating:
        """The weights as doubles with exponents: exact ones rounded once (error <= 2**-53, or 0 if all are doubles).

        Raises:
            DistconvTypeError: letters are in them.
        """

    def as_rational(self) -> Rational:
        """The weights themselves, where they are fractions over one denominator.

        Raises:
            DistconvTypeError: they are others.
        """
