"""The order of outcomes that are expressions: proven between neighbours, or refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from distconv.errors import DistconvTypeError
from distconv.laws.finite import Finite
from distconv.laws.image import moved, scaled
from distconv.laws.law import Law
from distconv.measure import Measure
from distconv.measure.arranging import arranged_vectors
from distconv.measure.lookup import positive_vectors
from distconv.numbers.letters import expression_of, has_letters, infinity_of, letters_of
from distconv.numbers.signs import sign_of
from distconv.support import Lattice
from distconv.support.frame import Axis, Frame, read_expression
from distconv.support.outcomes import whole
from distconv.typing import Expressed, Scalar, Vector

#: Doubles whose distance is more than this part of the largest are in their order: a sum of some terms errs by less.
APART = 1e-9


@dataclass(frozen=True, slots=True)
class Line:
    """A law of rational numbers that lie in the order of outcomes that are expressions.

    Attributes:
        law: the law of the places of outcomes.
        place: a place such that the outcomes up to there are those that are <= an expression.
        coordinates: the coordinates of the outcome at a place.
        axis: what makes outcomes of coordinates.
        back: makes a law of coordinates of one of places.
    """

    law: Law
    place: Callable[[Any], Scalar]
    coordinates: Callable[[Any], Vector]
    axis: Axis
    back: Callable[[Law], Law]

    def outcome(self, place: Expressed) -> Expressed:
        """The outcome at a place."""
        return self.axis.at(self.coordinates(place))

    def equal_to(self, x: Expressed) -> Vector | None:
        """The coordinates of the outcome that is equal to a number; None where none is."""
        place = self.place(x)
        return self.coordinates(place) if self.law.contains(place) and compared(self.outcome(place), x) == 0 else None

    def ends(self, low: Expressed, high: Expressed) -> tuple[Vector | None, Vector | None]:
        """Places between which the outcomes between two expressions lie; None leaves an end open."""
        least = None
        if low is not None:
            place = self.place(low)
            above = compared(self.outcome(place), low) < 0 if self.law.contains(place) else False
            least = (whole(place + (self.law.spacing() or 1)) if above else place,)
        return least, None if high is None else (self.place(high),)


def holds(predicate: Callable[[Any], object], x: Expressed) -> bool:
    """Whether a predicate holds of an outcome: of a comparison of expressions, whether it is true.

    Raises:
        DistconvTypeError: that depends on letters, or is not to be told.
    """
    try:
        found: Any = predicate(x)
        if not getattr(found, "is_Relational", False):
            return bool(found)
    except TypeError as error:
        raise DistconvTypeError(
            f"whether the condition holds of the outcome {x} depends on letters ({error}); say what these are, "
            "sympy.Symbol('a', positive=True), or give them values, X.subs({...})"
        ) from error
    equal = {"==": True, "!=": False}.get(found.rel_op)
    if equal is not None:
        return bool(found.lhs == found.rhs) == equal
    order = compared(found.lhs, found.rhs)
    return bool(order < 0 if "<" in found.rel_op else order > 0) or (order == 0 and "=" in found.rel_op)


def compared(x: Expressed, y: Expressed) -> int:
    """-1, 0 or 1: whether x is below y, or above.

    Raises:
        DistconvTypeError: their order depends on letters, or is not to be told.
    """
    difference = expression_of(x) - expression_of(y)
    found = sign_of(difference)
    if found is None:
        names = sorted(map(str, letters_of(difference)))
        if not names:
            raise DistconvTypeError(f"the order of {x} and {y} is not known: no precision tells them apart")
        values = ", ".join(f"{name}: 2" for name in names)
        raise DistconvTypeError(
            f"the order of {x} and {y} is not known: say what the letters are, sympy.Symbol({names[0]!r}, "
            f"positive=True), or give them values, X.subs({{{values}}})"
        )
    return found


def may_be_another(x: Expressed) -> bool:
    """Whether a number that is no combination of others as far as algebra knows may be one: sin(1)**2 + cos(1)**2."""
    e = expression_of(x)
    return not (has_letters(e) or e.is_algebraic or e.is_irrational)


def _sample(elements: Iterable[Any]) -> list[float]:
    """Elements as doubles, letters at numbers that are as their assumptions say, and know no relation."""
    rows = list(elements)
    letters = sorted({s for e in rows for s in letters_of(e)}, key=str)
    values = {s: (-1 if s.is_negative else 1) * (2 + (0.6180339887 * (i + 1)) % 1) for i, s in enumerate(letters)}
    return [float(expression_of(e).subs(values)) for e in rows]


def ascending(axis: Axis, parts: Sequence[Vector]) -> list[Vector]:
    """Different coordinates on an axis in the order of their expressions.

    Sorted where letters are some numbers: if there is an order at all, it is that one, and neighbours prove it.

    Raises:
        DistconvTypeError: their order depends on letters, or is not to be told.
    """
    factors = _sample(axis.elements)
    table = np.array([[float(c) for c in part] for part in parts]).reshape(len(parts), len(factors))
    places = table @ np.array(factors)
    order = np.argsort(places, kind="stable").tolist()
    if len(axis.elements) == 1:
        compared(0, axis.elements[0])
        return [parts[i] for i in order]
    room = APART * float((np.abs(table) @ np.abs(np.array(factors))).max())
    lettered = any(map(has_letters, axis.elements))
    found = [parts[i] for i in order]
    for k in range(1, len(found)):
        if not lettered and places[order[k]] - places[order[k - 1]] > room:
            continue
        # Doubles that are that near may be in the wrong order: the new one is moved down to its place.
        at = k
        while at and compared(axis.at(found[at - 1]), axis.at(found[at])) > 0:
            found[at - 1], found[at] = found[at], found[at - 1]
            at -= 1
    return found


def sorted_vectors(frame: Frame, vectors: Sequence[Vector]) -> list[Vector]:
    """Coordinates of outcomes, these ascending, first by their first coordinate; as they are where that is unknown."""
    ranks: list[dict[Vector, int]] = []
    for axis, part in zip(frame.axes, frame.slices, strict=True):
        different = list(dict.fromkeys(v[part] for v in vectors))
        try:
            different = ascending(axis, different)
        except DistconvTypeError:
            return list(vectors)
        ranks.append({vector: i for i, vector in enumerate(different)})
    return sorted(vectors, key=lambda v: tuple(r[v[part]] for r, part in zip(ranks, frame.slices, strict=True)))


def line_of(base: Law, axis: Axis) -> Line:
    """The line of the outcomes of an axis.

    Raises:
        DistconvTypeError: their order is not known, or they are sums of infinitely many of different kinds.
    """
    if len(axis.elements) == 1:
        return _along(base, axis)
    if not base.is_finite:
        raise DistconvTypeError(
            "infinitely many sums of different expressions are in no order that could be listed; cut the law first, "
            "X.given(lambda x: ...), or ask for single outcomes: X.pmf(x)"
        )
    measure = base.measure
    vectors = list(positive_vectors(measure))
    ranks = measure.weights.positive()
    places = {vector: i for i, vector in enumerate(vectors)}
    ordered = ascending(axis, vectors)
    weights = measure.weights.take(ranks[np.array([places[v] for v in ordered], dtype=np.int64)])
    law = Finite(Measure(Lattice((0,), (1,), (len(ordered),)), weights, measure.missing))
    names: dict[Vector, Vector] = {(i,): vector for i, vector in enumerate(ordered)}

    def back(found: Law) -> Law:
        return Finite(renamed(found.measure, names), found.origin)

    return Line(law, lambda x: _count(axis, ordered, x) - 1, lambda i: ordered[int(i)], axis, back)


def _count(axis: Axis, ordered: Sequence[Vector], x: Any) -> int:
    """How many of some ascending coordinates have an expression <= x."""
    low, high = 0, len(ordered)
    while low < high:
        middle = (low + high) // 2
        if compared(axis.at(ordered[middle]), x) <= 0:
            low = middle + 1
        else:
            high = middle
    return low


def _along(base: Law, axis: Axis) -> Line:
    """The line of multiples of one element: the base law, mirrored where the element is negative."""
    (element,) = axis.elements
    sign = compared(element, 0)
    law = base if sign > 0 else moved(base, -1, 0)

    def place(x: Expressed) -> Scalar:
        exact = axis.coordinates(expression_of(x))
        if exact is not None:
            return whole(sign * exact[0])
        # Below x on the lattice of the outcomes: every place between two neighbours has the same outcomes below it.
        return _floor(law, lambda v: compared(axis.at((sign * v,)), x) <= 0)

    return Line(law, place, lambda v: (sign * v,), axis, lambda found: scaled(found, sign))


def _floor(law: Law, is_below: Callable[[Scalar], bool]) -> Scalar:
    """The highest place of a law's lattice at which something holds that holds up to somewhere."""
    anchor, step = law.anchor(), law.spacing() or 1
    reach = 1
    if is_below(anchor):
        while is_below(whole(anchor + step * reach)):
            reach *= 2
        low, high = 0, reach
    else:
        while not is_below(whole(anchor - step * reach)):
            reach *= 2
        low, high = -reach, 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if is_below(whole(anchor + step * middle)) else (low, middle)
    return whole(anchor + step * low)


def read_place(line: Line, x: Expressed) -> Expressed:
    """The place of a number or an expression that callers ask about; infinities as they are."""
    end = infinity_of(x)
    if end is not None or (isinstance(x, float | np.floating) and np.isinf(x)):
        return float(x) if end is None else end
    return line.place(read_expression(x, "x"))


def renamed(measure: Measure, names: Mapping[Vector, Vector]) -> Measure:
    """A measure with other points in place of its own."""
    weights = measure.weights.take(measure.weights.positive())
    return arranged_vectors([names[v] for v in positive_vectors(measure)], weights, measure.missing)
