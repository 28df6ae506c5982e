"""Frames: how outcomes that are expressions are made of rational coordinates, and what coordinates they have."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from distconv.errors import DimensionError, DistconvTypeError
from distconv.numbers.letters import expression_of, is_expression, letters_of
from distconv.numbers.terms import Terms, combination, combined, elements_of, terms_of
from distconv.support.outcomes import as_vector, dimension_name, read_scalar, whole
from distconv.typing import AnyArray, Expressed, Vector
from distconv.value import Value, write

if TYPE_CHECKING:
    import sympy


@dataclass(frozen=True)
class Axis:
    """One coordinate of outcomes: shift + the sum of rational number * element.

    Attributes:
        elements: expressions of which none is a rational combination of the others.
        shift: what all outcomes have in common; without a rational part where 1 is an element.
    """

    elements: tuple[Any, ...]
    shift: Any

    def at(self, coordinates: Sequence[Any]) -> Expressed:
        """The expression with these coordinates; an int or a `Fraction` where it is a rational number."""
        found = combination(zip(self.elements, coordinates, strict=True), self.shift)
        return whole(found) if isinstance(found, Fraction) else found

    def coordinates(self, value: sympy.Expr) -> Vector | None:
        """The coordinates of an expression; None where it is no combination of the elements."""
        terms = terms_of(value - self.shift)
        _, relations = elements_of({*terms}, self.elements)
        found = combined(terms, relations)
        # Others may cancel: sqrt(2) in what is (1 + sqrt(2)) - sqrt(2), written as roots of roots.
        if not found.keys() <= {*self.elements}:
            return None
        return tuple(whole(found.get(element, Fraction(0))) for element in self.elements)


@dataclass(frozen=True)
class Frame:
    """The map from rational vectors to outcomes that are expressions: the coordinates of one axis after the other's."""

    axes: tuple[Axis, ...]

    @property
    def ndim(self) -> int:
        """The dimension of the outcomes."""
        return len(self.axes)

    @cached_property
    def slices(self) -> tuple[slice, ...]:
        """Which coordinates are those of each axis."""
        ends = list(accumulate((len(axis.elements) for axis in self.axes), initial=0))
        return tuple(slice(a, b) for a, b in pairwise(ends))

    @property
    def letters(self) -> frozenset[Any]:
        """The letters in outcomes."""
        return frozenset(s for axis in self.axes for e in (axis.shift, *axis.elements) for s in letters_of(e))

    def outcome(self, vector: Vector) -> Expressed:
        """The outcome with these coordinates, as callers see it."""
        found = tuple(axis.at(vector[part]) for axis, part in zip(self.axes, self.slices, strict=True))
        return found if len(found) > 1 else found[0]

    def vector(self, outcome: Expressed) -> Vector | None:
        """The coordinates of an outcome as `read_exact` gives it; None where the frame does not reach it."""
        values = outcome if isinstance(outcome, tuple) else (outcome,)
        found: list[Any] = []
        for axis, value in zip(self.axes, values, strict=True):
            part = axis.coordinates(expression_of(value))
            if part is None:
                return None
            found.extend(part)
        return tuple(found)

    def matrix(self) -> AnyArray:
        """The elements as a matrix of expressions that makes outcomes, without their shift, of coordinates."""
        rows = np.full((self.ndim, self.slices[-1].stop), expression_of(0), dtype=object)
        for i, (axis, part) in enumerate(zip(self.axes, self.slices, strict=True)):
            rows[i, part] = axis.elements
        return rows

    @property
    def shifts(self) -> AnyArray:
        """The shift on each axis."""
        found = np.empty(self.ndim, dtype=object)
        found[:] = [axis.shift for axis in self.axes]
        return found


def read_expression(value: Expressed, name: str = "outcome") -> sympy.Expr:
    """A number or an expression, exact: floats in it are read as their shortest decimals.

    Raises:
        DistconvTypeError: it is no number, or not a real one.
    """
    if not is_expression(value) or value.is_Rational or value.is_Float:
        return expression_of(Fraction(read_scalar(value, name)))
    import sympy

    refused = (
        not isinstance(value, sympy.Expr) or value.is_real is False or value.is_finite is False or value.has(sympy.nan)
    )
    if refused or (value.is_real is None and value.has(sympy.I)):
        raise DistconvTypeError(f"{name} {value} is no real number; outcomes are real: numbers, letters, expressions")
    floats = value.atoms(sympy.Float)
    return value.xreplace({f: sympy.Rational(str(f)) for f in floats}) if floats else value


def read_exact(value: Expressed, ndim: int, name: str = "outcome") -> Expressed:
    """An outcome of so many dimensions whose coordinates are sympy's expressions.

    Raises:
        DimensionError: the outcome has another dimension.
    """
    if ndim > 1 and isinstance(value, list | np.ndarray):
        value = tuple(value)
    values = value if isinstance(value, tuple) else (value,)
    if len(values) != ndim:
        raise DimensionError(
            f"{name} {value!r} is {dimension_name(len(values))}, but this law is {dimension_name(ndim)}"
        )
    found = tuple(read_expression(v, name) for v in values)
    return found if ndim > 1 else found[0]


def spanning(columns: Sequence[Sequence[sympy.Expr]]) -> tuple[Frame, list[Vector]]:
    """The frame of the outcomes with these columns, one for each axis, and the coordinates of each outcome."""
    axes: list[Axis] = []
    parts: list[list[list[Any]]] = []
    for column in columns:
        rows: list[Terms] = [terms_of(value) for value in column]
        elements, relations = elements_of(term for row in rows for term in row)
        # An axis of zeros has no term.
        elements = elements or (expression_of(1),)
        found = [combined(row, relations) for row in rows]
        axes.append(Axis(elements, expression_of(0)))
        parts.append([[whole(row.get(e, Fraction(0))) for e in elements] for row in found])
    vectors = [tuple(c for part in outcome for c in part) for outcome in zip(*parts, strict=True)]
    return Frame(tuple(axes)), vectors


def read_frame(rows: Sequence[Any], name: Callable[[int], str]) -> tuple[Frame, list[Vector]]:
    """The frame of outcomes as callers write them, some of them expressions, and their coordinates.

    Raises:
        DimensionError: outcomes of different dimensions.
    """
    ndim = len(as_vector(rows[0]))
    for row in rows:
        if len(as_vector(row)) != ndim:
            raise DimensionError(f"outcomes {rows[0]!r} and {row!r} have different dimensions")
    read = [as_vector(read_exact(row if ndim > 1 else as_vector(row)[0], ndim, name(i))) for i, row in enumerate(rows)]
    return spanning(list(zip(*read, strict=True)))


class Spelled(Value, Sequence[Any]):
    """Outcomes that are expressions, in an order, each made when it is asked for."""

    __slots__ = ("_frame", "_ranks", "_vectors")
    _anew = "X.support"

    _frame: Frame
    _vectors: Sequence[Vector]
    _ranks: dict[Vector, int]

    def __init__(self, frame: Frame, vectors: Sequence[Vector]) -> None:
        write(self, "_frame", frame)
        write(self, "_vectors", vectors)
        write(self, "_ranks", {})

    def __reduce__(self) -> Any:
        return Spelled, (self._frame, self._vectors)

    def __len__(self) -> int:
        return len(self._vectors)

    @property
    def size(self) -> int:
        """How many outcomes there are."""
        return len(self._vectors)

    @overload
    def __getitem__(self, index: int) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Spelled: ...
    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return Spelled(self._frame, self._vectors[index])
        return self._frame.outcome(self._vectors[index])

    def __iter__(self) -> Iterator[Any]:
        return map(self._frame.outcome, self._vectors)

    def rank(self, outcome: Expressed) -> int | None:
        """The rank of an outcome; None where it is none of them."""
        if not self._ranks:
            self._ranks.update({vector: i for i, vector in enumerate(self._vectors)})
        found = self._frame.vector(read_exact(outcome, self._frame.ndim))
        return None if found is None else self._ranks.get(found)

    def __contains__(self, outcome: Any) -> bool:
        return len(as_vector(outcome)) == self._frame.ndim and self.rank(outcome) is not None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sequence):
            return NotImplemented
        return len(self) == len(other) and all(x == y for x, y in zip(self, other, strict=True))

    def __hash__(self) -> int:
        return hash((self._frame.ndim, len(self)))

    def __repr__(self) -> str:
        if len(self) <= 8:
            return f"Outcomes({list(self)!r})"
        ends = ", ".join([*map(repr, self[:3]), "...", *map(repr, self[-2:])])
        return f"Outcomes([{ends}], {len(self)} in all)"
