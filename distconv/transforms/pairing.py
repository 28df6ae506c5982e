"""Pointwise products of measures: what Bayes' rule makes of two laws that both know something of one point."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from distconv.measure import Measure
from distconv.measure.arranging import arranged, positive_ranks, reordered
from distconv.support import Lattice
from distconv.support.points import indices_of
from distconv.transforms.comparison import common_cells
from distconv.weights import Floating, Rational, Symbolic
from distconv.weights.conversion import to_floating
from distconv.weights.floating import times
from distconv.weights.rational import polynomial


def product(a: Measure, b: Measure) -> Measure | None:
    """The measure whose weights are the products of both weights of every common point; None where there is none.

    Exact where both are; floating products are rounded once, whatever their range.
    """
    ranks_a, ranks_b = common_ranks(a, b)
    if not len(ranks_a):
        return None
    x, y = a.weights, b.weights
    if isinstance(x, Floating) or isinstance(y, Floating):
        p, q = to_floating(x, a.support.size).take(ranks_a), to_floating(y, b.support.size).take(ranks_b)
        return _on(a, ranks_a, times(p, q))
    if isinstance(x, Symbolic) or isinstance(y, Symbolic):
        from distconv.methods.symbolic import paired

        s, t = paired(reordered(x, ranks_a), len(ranks_a), reordered(y, ranks_b), len(ranks_b))
        tops = tuple(u * v for u, v in zip(s.numerators, t.numerators, strict=True))
        letters = replace(
            s,
            numerators=tops,
            denominator=s.denominator * t.denominator,
            assumptions=s.assumptions | t.assumptions,
            _shown={},
        )
        return _on(a, ranks_a, letters.lowest())
    p_tops, q_tops = x.integers(a.support.size), y.integers(b.support.size)
    values = [p_tops[i] * q_tops[j] for i, j in zip(ranks_a.tolist(), ranks_b.tolist(), strict=True)]
    return _on(a, ranks_a, Rational(polynomial(values), x.denominator * y.denominator))


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
        if isinstance(a.weights, Floating) and isinstance(b.weights, Floating):
            kept = (a.weights.significands[ranks] > 0) & (b.weights.significands[ranks - int(shift)] > 0)
            ranks = ranks[kept]
        else:
            mine, theirs = positive_ranks(a.weights), positive_ranks(b.weights) + int(shift)
            ranks = np.intersect1d(np.intersect1d(ranks, mine), theirs)
        return ranks, ranks - int(shift)
    cells_a, cells_b = common_cells(a, b)
    _, first, second = np.intersect1d(cells_a, cells_b, assume_unique=True, return_indices=True)
    return positive_ranks(a.weights)[first], positive_ranks(b.weights)[second]


def _on(measure: Measure, ranks: np.ndarray, weights: Rational | Symbolic | Floating) -> Measure:
    """Weights on some of a measure's points."""
    box, support = measure.box, measure.support
    cells = ranks if isinstance(support, Lattice) else support.cells[ranks]
    return arranged(indices_of(cells, box.shape), box.origin, box.step, weights, measure.missing)
