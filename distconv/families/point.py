"""One certain outcome: the identity of sums at 0, a shift elsewhere."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from distconv.algebra import spanning
from distconv.distribution import Distribution
from distconv.errors import DistconvError
from distconv.families.family import FiniteFamily, constructor, made
from distconv.families.parameters import Parameter, is_exact
from distconv.laws import image
from distconv.laws.law import Law
from distconv.laws.registry import Family
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.measure.reading import read_shift
from distconv.support import Lattice
from distconv.support.outcomes import NotRationalError, as_outcome, as_vector, quotient, read_outcome, whole
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


class PointLaw(FiniteFamily):
    """P(X = x) = 1, with an exact or a floating weight."""

    __slots__ = ("_floating", "x")
    family = "Point"
    parameters = ("x",)

    x: Outcome
    _floating: bool

    def __init__(self, x: Outcome, floating: bool = False) -> None:
        self._keep(x)
        write(self, "_floating", floating)

    def anew(self) -> tuple[Callable[..., Law], tuple[Outcome, bool]]:
        return PointLaw, (self.x, self._floating)

    def _materialise(self) -> Measure:
        vector = as_vector(self.x)
        ones = (1,) * len(vector)
        weights = Floating(np.ones(1)) if self._floating else over([1], 1)
        return Measure(Lattice(vector, ones, ones), weights)

    def _moved(self, vector: Vector) -> PointLaw:
        """The point at another place."""
        return PointLaw(as_outcome(tuple(map(whole, vector))), self._floating)

    def shifted(self, by: Vector) -> PointLaw:
        """The point moved by a vector."""
        return self._moved(tuple(a + b for a, b in zip(as_vector(self.x), by, strict=True)))

    def scaled(self, factor: Scalar) -> PointLaw:
        """The point at a multiple of its place."""
        return self._moved(tuple(factor * a for a in as_vector(self.x)))

    def trials(self, term: Law) -> tuple[Law, int]:
        """So many terms."""
        assert isinstance(self.x, int)
        return term, self.x


def point(x: OutcomeLike) -> Law:
    """The law of a constant."""
    try:
        return PointLaw(read_outcome(x, "x"))
    except NotRationalError:
        return _with_letters(x)


def sure(x: Outcome, *parameters: Parameter) -> PointLaw:
    """The point that a family comes to at its edge: of floating weight where any of its parameters is a float."""
    return PointLaw(x, not is_exact(*parameters))


@constructor
def Point(x: OutcomeLike) -> Distribution:
    """The law of a constant: P(X = x) = 1.

    Args:
        x: any outcome: a number, or a tuple of numbers for a law in several dimensions.

    Raises:
        DistconvValueError: x is not finite, or no number.
        DistconvTypeError: x is of another kind.

    >>> from distconv import Die, Point
    >>> (Die(6) + Point(10)).mean()
    Fraction(27, 2)
    """
    return made(FAMILY, x)


@rule("add", PointLaw, Law)
def _sum(x: PointLaw, y: Law) -> Law:
    return image.shifted(y, read_shift(x.x, y.ndim, "add"))


@rule("copies", PointLaw)
def _copies(x: PointLaw, n: int) -> Law:
    return x.scaled(n)


@rule("root", PointLaw)
def _part(x: PointLaw, n: int) -> Law:
    return x.scaled(quotient(1, n))


def _with_letters(x: object) -> Law:
    """The law of a constant with letters, or of an irrational one."""
    return spanning.from_pairs([x], [1])


FAMILY = Family("Point", PointLaw.parameters, point, _with_letters, None, ((3,), (0,), ("-1/2",), ((1, 2),)))
