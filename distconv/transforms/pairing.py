"""Pointwise products of measures: what Bayes' rule makes of two laws that both know something of one point."""

from __future__ import annotations

import numpy as np

from distconv.measure import Measure
from distconv.measure.arranging import arranged
from distconv.support import Lattice
from distconv.support.points import indices_of
from distconv.transforms.comparison import common_cells
from distconv.weights import Weights
from distconv.weights.unify import unified


def product(a: Measure, b: Measure) -> Measure | None:
    """The measure whose weights are the products of both weights of every common point; None where there is none.

    Exact where both are; floating products are rounded once, whatever their range.
    """
    ranks_a, ranks_b = common_ranks(a, b)
    if not len(ranks_a):
        return None
    x, y = unified(a.weights.take(ranks_a), b.weights.take(ranks_b))
    return _on(a, ranks_a, x.times(y))


def common_ranks(a: Measure, b: Measure) -> tuple[np.ndarray, np.ndarray]:
    """The ranks, in each support, of the points that carry weight in both."""
    p, q = a.support, b.support
    if isinstance(p, Lattice) and isinstance(q, Lattice) and p.ndim == 1 and p.step == q.step:
        # On one lattice the common part is a slice.
        shift = (q.origin[0] - p.origin[0]) / p.step[0] if p.step[0] != 1 else q.origin[0] - p.origin[0]
        if shift != int(shift):
            return np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
        start, end = max(0, int(shift)), min(p.size, q.size + int(shift))
        ranks = np.arange(start, max(start, end))
        ranks = ranks[_carrying(a.weights)[ranks] & _carrying(b.weights)[ranks - int(shift)]]
        return ranks, ranks - int(shift)
    cells_a, cells_b = common_cells(a, b)
    _, first, second = np.intersect1d(cells_a, cells_b, assume_unique=True, return_indices=True)
    return a.weights.positive()[first], b.weights.positive()[second]


def _carrying(weights: Weights) -> np.ndarray:
    """Which ranks carry weight."""
    carrying = np.zeros(weights.size, dtype=bool)
    carrying[weights.positive()] = True
    return carrying


def _on(measure: Measure, ranks: np.ndarray, weights: Weights) -> Measure:
    """Weights on some of a measure's points."""
    box, cells = measure.box, measure.support.cells_at(ranks)
    return arranged(indices_of(cells, box.shape), box.origin, box.step, weights, measure.missing)
