"""Convolution of sparse measures: all pairs of points, equal sums merged. Any weights, any distance of the points.

Exact weights merge in a dict of integers; floating ones in numpy, by sorting the sums. Every floating weight is a sum
of non-negative products, so its relative error is that of a summation (`floating.reduce_groups`), however small it is.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from distconv import bounds, missing
from distconv.measure import Measure
from distconv.measure.arranging import arranged, compacted
from distconv.methods.alignment import cells_in, spread_of
from distconv.planning import costs
from distconv.planning.limits import within_exact
from distconv.planning.registry import Method
from distconv.planning.tasks import Pair
from distconv.settings import current_settings
from distconv.support.lattice import sum_box
from distconv.support.points import Points, cell_array, indices_of
from distconv.typing import AnyArray
from distconv.weights.floating import Floating, reduce_groups
from distconv.weights.rational import Rational, over
from distconv.weights.unify import are_numbers, unified

#: Pairs of floating points that are sorted at once.
BLOCK_PAIRS = 2**16
#: Points of each operand by which stretches of sums are chosen.
CUT_SAMPLE = 256


def convolve(a: Measure, b: Measure) -> Measure:
    """The convolution of two measures of one kind, on sparse points."""
    box = sum_box(a.box, b.box)
    cells_a, cells_b = (cells_in(m, spread_of(m, box.step)[0], box.shape) for m in (a, b))
    lost = missing.joined(a.missing, b.missing)
    if a.weights.is_exact and b.weights.is_exact:
        p, q = a.weights.as_rational(), b.weights.as_rational()
        cells, weights = _merge_exact(cells_a.tolist(), p, cells_b.tolist(), q)
        return Measure(Points(box, cell_array(cells, box.size)), weights, lost)
    sums, floats = _merge_floating(cells_a, a.weights.as_floating(), cells_b, b.weights.as_floating())
    return Measure(Points(box, sums), floats, lost)


def by_pairs(a: Measure, b: Measure) -> Measure:
    """The convolution of two measures of any weights that become of one kind, on the support that suits it."""
    box = sum_box(a.box, b.box)
    ranks = [m.weights.positive() for m in (a, b)]
    cells = [cells_in(m, spread_of(m, box.step)[0], box.shape)[r] for m, r in zip((a, b), ranks, strict=True)]
    x, y = unified(a.weights.take(ranks[0]), b.weights.take(ranks[1]))
    indices = indices_of(np.add.outer(*cells).ravel(), box.shape)
    return arranged(indices, box.origin, box.step, x.outer(y), missing.joined(a.missing, b.missing))


def _merge_exact(cells_a: list[int], a: Rational, cells_b: list[int], b: Rational) -> tuple[list[int], Rational]:
    """Sorted distinct sums of cells, and their exact weights."""
    pairs_b = [(c, w) for c, w in zip(cells_b, b.integers(), strict=True) if w]
    total: dict[int, object] = {}
    for cell_a, weight_a in zip(cells_a, a.integers(), strict=True):
        if not weight_a:
            continue
        for cell_b, weight_b in pairs_b:
            cell = cell_a + cell_b
            if cell in total:
                total[cell] += weight_a * weight_b
            else:
                total[cell] = weight_a * weight_b
    cells = sorted(total)
    return cells, over([total[c] for c in cells], a.denominator * b.denominator)


def _merge_floating(cells_a: AnyArray, a: Floating, cells_b: AnyArray, b: Floating) -> tuple[AnyArray, Floating]:
    """Sorted distinct sums of cells, and their floating weights.

    Many pairs are taken stretch by stretch of their sums, so that memory goes by distinct sums.
    """
    keep_a, keep_b = a.significands > 0, b.significands > 0
    a, b, cells_a, cells_b = a.take(keep_a), b.take(keep_b), cells_a[keep_a], cells_b[keep_b]
    if len(cells_a) > len(cells_b):
        a, b, cells_a, cells_b = b, a, cells_b, cells_a
    if a.exponents is not None or b.exponents is not None or not _products_normal(a, b):
        a, b = (Floating(*w.pairs(), w.error) for w in (a, b))
    error = bounds.compose(a.error, b.error, bounds.UNIT)
    if len(cells_a) * len(cells_b) <= BLOCK_PAIRS:
        rank_a, rank_b = (index.ravel() for index in np.indices((len(cells_a), len(cells_b))))
        return _grouped(cells_a, a, rank_a, cells_b, b, rank_b, error)
    edges = [np.searchsorted(cells_b, cut - cells_a) for cut in _cuts(cells_a, cells_b)]
    edges = [np.zeros(len(cells_a), dtype=np.int64), *edges, np.full(len(cells_a), len(cells_b))]
    parts = []
    for low, high in pairwise(edges):
        counts = high - low
        if counts.any():
            rank_a = np.repeat(np.arange(len(cells_a)), counts)
            rank_b = np.arange(len(rank_a)) + np.repeat(low - (np.cumsum(counts) - counts), counts)
            parts.append(_grouped(cells_a, a, rank_a, cells_b, b, rank_b, error))
    return np.concatenate([cells for cells, _ in parts]), Floating.joined([weights for _, weights in parts])


def _cuts(cells_a: AnyArray, cells_b: AnyArray) -> AnyArray:
    """Ascending sums, about `BLOCK_PAIRS` pairs between neighbours, judged by a part of the pairs."""
    few = [cells[:: max(1, len(cells) // CUT_SAMPLE)] for cells in (cells_a, cells_b)]
    sums = np.sort(np.add.outer(*few).ravel())
    blocks = -(-len(cells_a) * len(cells_b) // BLOCK_PAIRS)
    return np.unique(sums[np.arange(1, blocks) * len(sums) // blocks])


def _grouped(
    cells_a: AnyArray, a: Floating, rank_a: AnyArray, cells_b: AnyArray, b: Floating, rank_b: AnyArray, error: float
) -> tuple[AnyArray, Floating]:
    """Sorted distinct sums of some pairs of cells, and their weights."""
    sums = cells_a[rank_a] + cells_b[rank_b]
    order = np.argsort(sums)
    sums, rank_a, rank_b = sums[order], rank_a[order], rank_b[order]
    starts = np.flatnonzero(np.concatenate(([True], sums[1:] != sums[:-1])))
    products = a.significands[rank_a] * b.significands[rank_b]
    exponents = None
    if a.exponents is not None and b.exponents is not None:
        exponents = a.exponents[rank_a] + b.exponents[rank_b]
    return sums[starts], reduce_groups(products, exponents, starts, error)


def _products_normal(a: Floating, b: Floating) -> bool:
    """Whether no product of two of these positive weights leaves the normal doubles."""
    return float(a.significands.min()) * float(b.significands.min()) >= bounds.TINY


def _distinct(pair: Pair) -> int:
    """How many distinct sums there may be."""
    return min(pair.pairs, pair.cells)


def _applies(pair: Pair) -> bool:
    """Whether weights are floating, or exact within the limit, or of a system that has no other way."""
    if pair.kind != "exact":
        return pair.kind != "symbolic"
    return _distinct(pair) * (pair.bits + 8 * costs.POINT_BYTES) <= current_settings().exact_limit


def _run(a: Measure, b: Measure) -> Measure:
    return compacted(convolve(a, b)) if are_numbers(a.weights, b.weights) else by_pairs(a, b)


def _seconds(pair: Pair) -> float:
    if pair.kind != "float":
        return pair.pairs * (costs.PAIR_EXACT_SECONDS + pair.bits * costs.PAIR_BIT_SECONDS)
    return costs.PAIR_START_SECONDS + pair.pairs * costs.PAIR_FLOAT_SECONDS


def _bytes(pair: Pair) -> int:
    return _distinct(pair) * (costs.PAIR_BYTES if pair.kind == "float" else costs.POINT_BYTES + pair.bits // 8)


METHOD = Method(
    name="sparse",
    applies=_applies,
    cost=_seconds,
    bytes=_bytes,
    run=_run,
    cells=lambda pair: pair.pairs,
    reason=lambda pair: within_exact(_distinct(pair), pair.bits, "points") if pair.kind == "exact" else "",
)
