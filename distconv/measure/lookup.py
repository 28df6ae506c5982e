"""Finding points in measures: the rank of a point, how many lie at or below a number, those that carry weight."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import numpy as np

from distconv.measure.arranging import positive_cells
from distconv.measure.measure import Measure, kept
from distconv.measure.reading import read_query
from distconv.measure.terms import terms_of
from distconv.support.outcomes import as_outcome, quotient
from distconv.support.points import indices_of
from distconv.support.sequence import Outcomes
from distconv.typing import AnyArray, Asked, IntArray, Outcome, Scalar, Vector


def rank(measure: Measure, vector: Vector) -> int | None:
    """The rank of a point in the support, or None where the support does not hold it."""
    return measure.support.rank(vector)


def ranks(measure: Measure, x: AnyArray) -> IntArray | None:
    """The ranks of integers in a 1-D support of integers, -1 for those it does not hold; None if numpy cannot tell."""
    counts = counts_up_to(measure, x)
    if counts is None:
        return None
    box = measure.box
    origin, step = int(box.origin[0]), int(box.step[0])
    cell, remainder = np.divmod(x.astype(np.int64) - origin, step)
    found = (counts > 0) & (remainder == 0)
    last = np.maximum(counts - 1, 0)
    return np.where(found & (measure.support.cells_at(last) == cell), last, -1)


def count_up_to(measure: Measure, x: Scalar) -> int:
    """How many points of a 1-D support are <= x."""
    box = measure.box
    position = math.floor(quotient(x - box.origin[0], box.step[0])) + 1
    cells = min(max(position, 0), box.shape[0])
    return int(measure.support.count_below(cells))


def count_asked(measure: Measure, x: Asked) -> int:
    """How many points of a 1-D support are <= a number as callers write it."""
    value = read_query(x)
    if isinstance(value, float):
        return measure.support.size if value > 0 else 0
    return count_up_to(measure, value)


def counts_up_to(measure: Measure, x: AnyArray) -> IntArray | None:
    """`count_up_to` for an array, where numpy can do it exactly: integers on a lattice of integers. Else None."""
    box = measure.box
    origin, step = box.origin[0], box.step[0]
    if not (type(origin) is int and type(step) is int and x.dtype.kind in "iu"):
        return None
    if max(abs(origin), step, int(x.max(initial=0)), -int(x.min(initial=0))) >= 2**61:
        return None
    position = (x.astype(np.int64) - origin) // step + 1
    cells = np.clip(position, 0, min(box.shape[0], 2**62))
    return measure.support.count_below(cells)


def axis_indices(measure: Measure) -> list[AnyArray]:
    """The index of every point on every axis."""
    return indices_of(measure.support.cells, measure.box.shape)


def positive_vectors(measure: Measure) -> Iterator[Vector]:
    """The points that carry weight, ascending."""
    box = measure.box
    return (box.vector(int(cell)) for cell in positive_cells(measure))


def outcomes_of(measure: Measure) -> Iterator[Outcome]:
    """The outcomes, ascending, as callers see them."""
    return (as_outcome(v) for v in positive_vectors(measure))


def weights_of(measure: Measure) -> list[Fraction] | list[float]:
    """The positive weights in the order of the outcomes."""
    return measure.weights.numbers(measure.weights.positive())


def entries_of(measure: Measure) -> Iterator[tuple[Outcome, Any]]:
    """Pairs (outcome, weight) of the points that carry weight, ascending."""
    return zip(outcomes_of(measure), weights_of(measure), strict=True)


def event(measure: Measure, predicate: Callable[[Any], Any]) -> list[int]:
    """The ranks of the outcomes for which the predicate holds."""
    ranks = measure.weights.positive().tolist()
    return [r for r, v in zip(ranks, positive_vectors(measure), strict=True) if predicate(as_outcome(v))]


@kept
def support_of(measure: Measure) -> Outcomes:
    """The outcomes that carry weight, a lazy sorted sequence, kept once made."""
    box = measure.box
    return Outcomes(box, np.arange(box.size) if _adds_up_full(measure) else positive_cells(measure))


def _adds_up_full(measure: Measure) -> bool:
    """Whether this is known to be a sum of measures without holes, of one step: it has none either."""
    terms, step = terms_of(measure), measure.box.step
    return terms is not None and all(
        term.box.step == step and len(support_of(term)) == term.box.size for term, _ in terms
    )
