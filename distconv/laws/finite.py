"""A law that is laid out: a measure, and nothing more."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from distconv import construction
from distconv.laws.law import GIVEN, Law
from distconv.measure import Measure
from distconv.planning import How
from distconv.queries import letters as symbols
from distconv.transforms import affine, comparison
from distconv.typing import Scalar, ScalarLike, Vector
from distconv.value import write

if TYPE_CHECKING:
    import sympy


class Finite(Law):
    """Finitely many outcomes and their weights.

    Args:
        measure: weights that total 1, but for what is missing.
        origin: how it was made.
    """

    __slots__ = ("measure",)

    measure: Measure

    def __init__(self, measure: Measure, origin: How = GIVEN) -> None:
        write(self, "measure", measure)
        write(self, "origin", origin)
        write(self, "_memory", None)

    def scaled(self, factor: Scalar) -> Finite:
        """The law of a multiple."""
        return Finite(affine.scaled(self.measure, factor), self.origin)

    def shifted(self, by: Vector) -> Finite:
        """The law moved by a vector."""
        return Finite(affine.shifted(self.measure, by), self.origin)

    def subs(self, values: Mapping[Any, ScalarLike]) -> Law:
        """The law with values in place of letters."""
        if self.kind != "symbolic":
            return super().subs(values)
        return Finite(symbols.substituted(self.measure, values), self.origin)

    def limit(self, letter: sympy.Symbol, point: sympy.Expr) -> Law:
        """The law of the limits of the weights."""
        return Finite(symbols.limited(self.measure, letter, point), self.origin)

    def trials(self, term: Law) -> tuple[Law, int] | None:
        """So many terms, of a count that is one number."""
        is_certain = self.ndim == 1 and self.shape == (1,) and not self.missing
        return (term, int(self.low)) if is_certain else None

    def __eq__(self, other: object) -> bool:
        """Whether both have the same outcomes with the same weights; other kinds of law know how to compare."""
        if type(other) is not Finite:
            return NotImplemented
        return self is other or comparison.equal(self.measure, other.measure)

    def __hash__(self) -> int:
        return comparison.fingerprint(self.measure)

    def __reduce__(self) -> Any:
        return Finite, (self.measure, self.origin)


def zero(ndim: int) -> Finite:
    """The law of the constant 0."""
    return Finite(construction.exact_measure({(0,) * ndim: Fraction(1)}))
