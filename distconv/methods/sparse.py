"""Convolution of sparse measures: all pairs of points, equal sums merged. Any weights, any distance of the points.

Exact weights merge in a dict of integers; floating ones in numpy, by sorting the sums. Every floating weight is a sum
of non-negative products, so its relative error is that of a summation (`floating.reduce_groups`), however small it is.
"""

from __future__ import annotations

import numpy as np

from distconv import bounds, missing
from distconv.measure import Measure
from distconv.methods.alignment import cells_in, spread_of, sum_box
from distconv.support.points import Points, cell_array
from distconv.weights.floating import Floating, binary_exponents, reduce_groups
from distconv.weights.rational import Rational, polynomial


def convolve(a: Measure, b: Measure) -> Measure:
    """The convolution of two measures of one kind, on sparse points."""
    box = sum_box(a.box, b.box)
    cells_a, cells_b = (cells_in(m, spread_of(m, box.step)[0], box.shape) for m in (a, b))
    lost = missing.joined(a.missing, b.missing)
    if isinstance(a.weights, Rational) and isinstance(b.weights, Rational):
        cells, weights = _merge_exact(cells_a.tolist(), a.weights, cells_b.tolist(), b.weights)
        return Measure(Points(box, cell_array(cells, box.size)), weights, lost)
    assert isinstance(a.weights, Floating) and isinstance(b.weights, Floating)
    sums, floats = _merge_floating(cells_a, a.weights, cells_b, b.weights)
    return Measure(Points(box, sums), floats, lost)


def _merge_exact(cells_a: list[int], a: Rational, cells_b: list[int], b: Rational) -> tuple[list[int], Rational]:
    """Sorted distinct sums of cells, and their exact weights."""
    pairs_b = [(c, w) for c, w in zip(cells_b, b.integers(len(cells_b)), strict=True) if w]
    total: dict[int, object] = {}
    for cell_a, weight_a in zip(cells_a, a.integers(len(cells_a)), strict=True):
        if not weight_a:
            continue
        for cell_b, weight_b in pairs_b:
            cell = cell_a + cell_b
            if cell in total:
                total[cell] += weight_a * weight_b
            else:
                total[cell] = weight_a * weight_b
    cells = sorted(total)
    return cells, Rational(polynomial(total[c] for c in cells), a.denominator * b.denominator)


def _merge_floating(cells_a: np.ndarray, a: Floating, cells_b: np.ndarray, b: Floating) -> tuple[np.ndarray, Floating]:
    """Sorted distinct sums of cells, and their floating weights."""
    keep_a, keep_b = a.significands > 0, b.significands > 0
    a, b = a.take(keep_a), b.take(keep_b)
    sums = np.add.outer(cells_a[keep_a], cells_b[keep_b]).ravel()
    order = np.argsort(sums, kind="stable")
    sums = sums[order]
    starts = np.flatnonzero(np.concatenate(([True], sums[1:] != sums[:-1])))
    error = bounds.compose(a.error, b.error, bounds.UNIT)
    if a.exponents is None and b.exponents is None and _products_normal(a, b):
        products = np.multiply.outer(a.significands, b.significands).ravel()[order]
        return sums[starts], reduce_groups(products, None, starts, error)
    fractions_a, fractions_b = np.frexp(a.significands)[0], np.frexp(b.significands)[0]
    products = np.multiply.outer(fractions_a, fractions_b).ravel()[order]
    exponents = np.add.outer(binary_exponents(a), binary_exponents(b)).ravel()[order]
    return sums[starts], reduce_groups(products, exponents, starts, error)


def _products_normal(a: Floating, b: Floating) -> bool:
    """Whether no product of two of these positive weights leaves the normal doubles."""
    return float(a.significands.min()) * float(b.significands.min()) >= bounds.TINY
