"""Public type aliases: what callers may pass and what they get back.

Names that end in ``Like`` are for arguments, the others for results. A union with `Any` stands where the dimension of a
law or the kind of an argument decides: the first members are what a law of numbers gives, so that no cast is needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeAlias, overload

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt
    import sympy


class Expression(Protocol):
    """A sympy expression as an argument: a letter, what is made of letters, or one of sympy's numbers."""

    @property
    def free_symbols(self) -> set[Any]:
        """The letters in it."""

    def __neg__(self) -> Any: ...


class SupportsArray(Protocol):
    """What numpy reads as an array of outcomes: an array, a pandas Series."""

    def __len__(self) -> int: ...

    def __array__(self) -> Any: ...


class Asks(Protocol):
    """A question about outcomes, under conditions on letters: of one it tells a number, of many an array."""

    @overload
    def __call__(self, x: Asked, *, assume: object = None) -> Number: ...
    @overload
    def __call__(self, x: Many, *, assume: object = None) -> AnyArray: ...


class AsksLoss(Protocol):
    """A question about retentions, likewise."""

    @overload
    def __call__(self, d: Asked) -> Number: ...
    @overload
    def __call__(self, d: Many) -> AnyArray: ...


class AsksLevel(Protocol):
    """A question about levels, likewise."""

    @overload
    def __call__(self, q: ScalarLike) -> Number: ...
    @overload
    def __call__(self, q: Many) -> AnyArray: ...


class AsksQuantile(Protocol):
    """A question about levels that outcomes answer."""

    @overload
    def __call__(self, q: ScalarLike) -> Scalar: ...
    @overload
    def __call__(self, q: Many) -> AnyArray: ...


class Draws(Protocol):
    """Random outcomes: one, or an array of that shape."""

    @overload
    def __call__(self, size: None = None, rng: RandomState = None) -> Outcome: ...
    @overload
    def __call__(self, size: int | tuple[int, ...], rng: RandomState = None) -> AnyArray: ...


class FrozenLaw(Protocol):
    """A frozen law of scipy.stats, of the older kind or the newer one."""

    def cdf(self, x: Any, /) -> Any:
        """P(X <= x)."""

    def support(self) -> Any:
        """The ends between which it lies."""


#: What the weights of a law are.
Kind = Literal["exact", "symbolic", "float"]
#: How a sum is computed: as the planner chooses, or by one of the methods.
MethodName = Literal["auto", "exact", "sparse", "symbolic", "direct", "fft", "tilted", "ball"]
#: What is certified of a floating sum: each weight to a relative error, or all to one absolute error.
Accuracy = Literal["relative", "absolute"]
#: Which places a filtered signal has.
Mode = Literal["full", "same", "valid"]
#: What lies outside of a signal: numpy.pad's words, "zero" in place of "constant".
Boundary = Literal["zero", "edge", "reflect", "symmetric", "wrap"]
#: To which multiple of the step the probability of a cell goes.
Rounding = Literal["nearest", "down", "up"]
#: What else may become of it: it is split between points so that moments stay as they are.
Cells = Literal["nearest", "down", "up", "unbiased"]
#: A function of a number that may take an array of them, too.
RealFunction: TypeAlias = "Callable[[Any], Any]"
#: What becomes of what lies outside of limits: it is moved to these, is known not to be there, or is missing.
Outside = Literal["clip", "given", "missing"]
#: A coordinate as the library keeps it: ``int`` where it is whole, else ``Fraction``.
Scalar = int | Fraction
#: An outcome as the library returns it: a scalar in 1-D, a tuple of scalars in n-D.
Outcome = Scalar | tuple[Scalar, ...]
#: An outcome, or a coordinate, that may be an expression.
Expressed: TypeAlias = "sympy.Expr | Any"
#: An end of a law of numbers, or None where it has none; an expression with letters, and a vector in n-D.
End: TypeAlias = "Scalar | Any"
#: A corner of a box: a number on each axis, None where it is open there; None where it is on all.
Corner: TypeAlias = "Sequence[Scalar | None] | None"
#: (core, scale, shift), by which laws that are not laid out are compared.
Key: TypeAlias = "tuple[object, Scalar, Scalar]"
#: A number as the library returns it: a `Fraction` of an exact law, else a float; with letters an expression.
Number: TypeAlias = "Fraction | float | sympy.Expr"
#: A probability, or the log of one, as the library returns it.
Probability: TypeAlias = "Number"
#: An exact number as the library returns it.
Exact: TypeAlias = "Fraction | sympy.Expr"
#: A weight of a kernel as the library returns it: whole ones are ints.
Coefficient: TypeAlias = "int | Number"
#: A mean, a variance: a number in 1-D, an array of one number for each axis in n-D.
Moment: TypeAlias = "Number | Any"
#: What a generating function gives: a number at a number, complex at a complex one, an expression at a letter.
Transform: TypeAlias = "Number | Any"
#: A whole number as callers may write it, or a letter for one.
IntegerLike: TypeAlias = "int | Fraction | np.integer[Any] | Expression"
#: A number as callers may write it.
NumberLike: TypeAlias = "int | float | Fraction | Decimal | np.integer[Any] | np.floating[Any] | Expression"
#: A coordinate as callers may write it: strings like "1/10" are exact.
ScalarLike: TypeAlias = "NumberLike | str"
#: An outcome as callers may write it.
OutcomeLike: TypeAlias = "ScalarLike | tuple[ScalarLike, ...]"
#: A corner of a box as callers may write it: None leaves an end open, of all axes or of one.
CornerLike: TypeAlias = "OutcomeLike | tuple[ScalarLike | None, ...] | None"
#: What is added to a law: a number or a vector.
Shift: TypeAlias = "Asked | AnyArray"
#: A weight as callers may write it.
WeightLike: TypeAlias = "ScalarLike"
#: Weights by outcome, or by name.
WeightMapping: TypeAlias = "Mapping[Any, WeightLike]"
#: What a question asks for: one outcome, of which it tells a number ...
Asked: TypeAlias = "NumberLike | tuple[NumberLike, ...]"
#: ... or many, of which it tells an array.
Many: TypeAlias = "list[Any] | range | Iterator[Any] | SupportsArray"
#: ... whichever it is; a level that is asked for may be a string.
Question: TypeAlias = "Asked | Many"
Level: TypeAlias = "ScalarLike | Many"
#: What a question is answered with: a number, or an array of the answers to many.
Answer: TypeAlias = "Number | Any"
#: Where a generating function is asked, on each axis.
PointLike: TypeAlias = "complex | Fraction | sympy.Expr"
#: ... of a law of any dimension: in n-D a tuple.
Place: TypeAlias = "PointLike | Any"
#: A random outcome, or an array of many.
Drawn: TypeAlias = "Outcome | Any"
#: numpy's words for kinds of numbers.
DTypeLike: TypeAlias = "npt.DTypeLike"
#: Probabilities or counts by outcome: a mapping, pairs of both, a pandas Series.
Table: TypeAlias = "Mapping[Any, WeightLike] | Iterable[tuple[Any, WeightLike]] | SupportsArray"
#: A matrix, by rows.
Matrix: TypeAlias = "Sequence[Any] | AnyArray"
#: Many numbers or vectors at once: lists, arrays, tables, iterators.
ArrayLike: TypeAlias = "Iterable[Any] | SupportsArray"
#: A step, an origin: one number, or one for each axis.
StepLike: TypeAlias = "ScalarLike | Sequence[ScalarLike] | AnyArray"
#: Lengths, strides: one whole number, or one for each axis.
ShapeLike: TypeAlias = "int | Sequence[int]"
#: A seed, or numpy's generator of random numbers.
RandomState: TypeAlias = "int | np.random.Generator | np.random.BitGenerator | np.random.SeedSequence | None"
# Spelled out, for `numpy.typing` would be loaded with the library.
FloatArray = np.ndarray[Any, np.dtype[np.float64]]
IntArray = np.ndarray[Any, np.dtype[np.int64]]
LongArray = np.ndarray[Any, np.dtype[np.longdouble]]
AnyArray = np.ndarray[Any, np.dtype[Any]]
Vector = tuple[Scalar, ...]
Shape = tuple[int, ...]
