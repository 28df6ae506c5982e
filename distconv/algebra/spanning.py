"""Laws with letters and irrational numbers as outcomes: read from what callers write, and combined with other laws.

Two laws are brought into one frame, where they are laws of rational vectors; these do what laws of numbers do.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from distconv import construction
from distconv.algebra import sums
from distconv.algebra.compound import compound
from distconv.algebra.given_sum import given_sum
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.laws import joint
from distconv.laws.finite import Finite
from distconv.laws.law import Law
from distconv.laws.ordering import ascending, renamed
from distconv.laws.rules import rule
from distconv.laws.spanned import Spanned, aligned, common, framed, image_of, spanned
from distconv.measure.lookup import positive_vectors
from distconv.measure.reading import check_addable, read_matrix
from distconv.numbers.letters import expression_of, is_expression
from distconv.numbers.terms import elements_of
from distconv.support.frame import Axis, Frame, read_exact, read_expression, read_frame
from distconv.support.outcomes import NotRationalError, as_outcome, as_vector, whole
from distconv.transforms import images
from distconv.typing import Expressed, StepLike, Vector, WeightLike

# Reading -------------------------------------------------------------------------------------------------------------


def from_pairs(
    outcomes: list[Any],
    weights: list[Any],
    *,
    normalize: bool = False,
    missing: WeightLike = 0,
    step: StepLike | None = None,
) -> Law:
    """The law of outcomes and their weights: of numbers where all outcomes are fractions, else of expressions.

    Raises:
        DistconvTypeError: outcomes that are no real numbers, or expressions that are to be rounded to a step.
    """
    try:
        return Finite(construction.from_pairs(outcomes, weights, normalize=normalize, missing=missing, step=step))
    except NotRationalError:
        if step is not None:
            raise
    frame, vectors = read_frame(outcomes, lambda _: "outcome")
    return spanned(Finite(construction.from_vectors(vectors, weights, normalize=normalize, missing=missing)), frame)


def displaced(law: Law, by: Expressed, sign: int) -> Law | None:
    """The law moved by an expression, or by a vector with some; None where it is neither."""
    if not (is_expression(by) or isinstance(by, tuple | list | np.ndarray)):
        return None
    values = [read_expression(v, "constant") * sign for v in as_vector(read_exact(by, law.ndim, "constant"))]
    own = law.displaced(values[0]) if law.ndim == 1 else None
    if own is not None:
        return own
    base, frame = framed(law)
    axes = (Axis(axis.elements, axis.shift + v) for axis, v in zip(frame.axes, values, strict=True))
    return spanned(base, Frame(tuple(axes)))


def multiplied(law: Law, factor: Expressed) -> Law | None:
    """The law of a multiple by an expression; None where the factor is none."""
    if not is_expression(factor):
        return None
    by = read_expression(factor, "factor")
    base, frame = framed(law)
    return image_of(base, (frame.matrix() * by).tolist(), (frame.shifts * by).tolist())


def linear(law: Law, matrix: Expressed) -> Law:
    """The law of the image under a matrix of numbers or expressions."""
    if law.spelled() is None:
        try:
            return Finite(images.linear(law.measure, read_matrix(matrix, law.ndim)))
        except NotRationalError:
            pass
    rows = read_matrix(matrix, law.ndim, read_expression)
    base, frame = framed(law)
    table = np.array([[expression_of(v) for v in row] for row in rows], dtype=object)
    return image_of(base, (table @ frame.matrix()).tolist(), (table @ frame.shifts).tolist())


# Combining -----------------------------------------------------------------------------------------------------------


def added(x: Law, y: Law, add: Callable[[Law, Law], Law]) -> Law:
    """The law of the sum, of two independent laws, of which `add` adds the coordinates."""
    check_addable(x.ndim, y.ndim)
    pairs = [framed(x), framed(y)]
    if not (x.is_finite and y.is_finite) and x.ndim == 1:
        (one,), (other,) = (frame.axes for _, frame in pairs)
        every, relations = elements_of({*one.elements, *other.elements})
        if len(every) == len(one.elements) + len(other.elements) and not relations:
            # The sum of multiples of different elements is told by both: nothing is added up.
            axis = Axis((*one.elements, *other.elements), one.shift + other.shift)
            return spanned(joint.joined([base for base, _ in pairs]), Frame((axis,)))
    (a, b), elements = aligned(pairs)
    shifts = [p.shift + q.shift for p, q in zip(pairs[0][1].axes, pairs[1][1].axes, strict=True)]
    return spanned(add(a, b), Frame(tuple(Axis(*pair) for pair in zip(elements, shifts, strict=True))))


@rule("add", Spanned, Law, needed=True)
def _sum(x: Spanned, y: Law) -> Law:
    return added(x, y, sums.add)


@rule("copies", Spanned, needed=True)
def _copies(x: Spanned, n: int) -> Law:
    axes = (Axis(axis.elements, axis.shift * n) for axis in x.frame.axes)
    return spanned(sums.copies(x.base, n), Frame(tuple(axes)))


@rule("compound", Law, Spanned, needed=True)
def _compound(count: Law, term: Spanned) -> Law:
    (base,), frame = common([term])
    return spanned(compound(count, base), frame)


@rule("given_sum", Spanned, Law, needed=True)
def _given_total(x: Spanned, y: Law, total: Any) -> Law:
    return _given(x, y, total)


@rule("given_sum", Law, Spanned, needed=True)
def _given_other(x: Law, y: Spanned, total: Any) -> Law:
    return _given(x, y, total)


def _given(x: Law, y: Law, total: Any) -> Law:
    """The law of X once X + Y is known: in one frame."""
    (a, b), frame = common([x, y])
    wanted = frame.vector(read_exact(total, x.ndim, "total"))
    if wanted is None:
        raise DistconvValueError(f"X + Y is never {total}: see (X + Y).support")
    return spanned(given_sum(a, b, as_outcome(wanted)), frame)


def combined(laws: Sequence[Law], of: Callable[[list[Law]], Law]) -> Law | None:
    """What a function makes of laws of coordinates in one frame; None where all laws are of numbers."""
    if all(law.spelled() is None for law in laws):
        return None
    bases, frame = common(laws)
    return spanned(of(bases), frame)


def joined(laws: Sequence[Law]) -> Law:
    """The joint law of independent variables."""
    if all(law.spelled() is None for law in laws):
        return joint.joined(laws)
    pairs = [framed(law) for law in laws]
    axes = tuple(axis for _, frame in pairs for axis in frame.axes)
    return spanned(joint.joined([base for base, _ in pairs]), Frame(axes))


# By order ------------------------------------------------------------------------------------------------------------


def by_rank(laws: Sequence[Law], of: Callable[[list[Law]], Law], draws: int = 1) -> Law | None:
    """What a function makes of the ranks of outcomes in the order of all of them; None where all laws are of numbers.

    Args:
        laws: the laws.
        of: gives the law of the rank of one draw, or the law of the sum of so many draws at most, of which rank r is
            the number (draws + 1)**r: the digits of such a sum tell which outcomes it is the sum of.
        draws: how many draws are added up at most.

    Raises:
        DistconvTypeError: the order depends on letters, or a law has no end.
    """
    if all(law.spelled() is None for law in laws):
        return None
    if any(law.ndim > 1 for law in laws):
        raise DimensionError("extremes of vectors with letters or irrational coordinates: take X.marginal(0)")
    bases, frame = common(laws)
    if not all(base.is_finite for base in bases):
        raise DistconvTypeError("extremes of expressions are for laws with an end; cut the law first: X.given(...)")
    every = {v: None for base in bases for v in positive_vectors(base.measure)}
    (axis,) = frame.axes
    ordered = ascending(axis, list(every))
    unit = draws + 1
    ranks: dict[Vector, Vector] = {v: (i if draws == 1 else unit**i,) for i, v in enumerate(ordered)}
    moved = [renamed(base.measure, ranks) for base in bases]
    found = of([Finite(measure) for measure in moved])

    def back(place: int) -> Vector:
        """The outcome of a rank, or the sum of the outcomes that digits count."""
        if draws == 1:
            return ordered[place]
        counts = [place // unit**i % unit for i in range(len(ordered))]
        columns = zip(*ordered, strict=True)
        return tuple(whole(sum(n * v for n, v in zip(counts, column, strict=True))) for column in columns)

    names: dict[Vector, Vector] = {(place,): back(int(place)) for (place,) in positive_vectors(found.measure)}
    return spanned(Finite(renamed(found.measure, names), found.origin), frame)
