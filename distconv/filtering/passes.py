"""Direct passes: every tap, or every value of the signal, adds a shifted array; axes one by one where that is the same.

Each is a sum of products, so an output errs by at most `bounds.summation` of its taps times the sum of |k| |x| there,
is 0 where nothing is reached, and not negative where nothing is.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

import numpy as np

from distconv.filtering.taps import Taps
from distconv.typing import AnyArray, DTypeLike, FloatArray

#: Cells of a block that stays in the cache while all taps are added to it.
BLOCK_CELLS = 32_768
#: Kernels that are a product are recognised to this part of their largest weight.
RANK_ONE = 1e-15


def shifted(taps: Taps, weights: Iterable[float], padded: AnyArray, dtype: DTypeLike) -> AnyArray:
    """The sum of the padded signal shifted to every tap (axes of channels behind the kernel's own are left alone)."""
    shape = tuple(n - k + 1 for n, k in zip(padded.shape, taps.shape, strict=False)) + padded.shape[len(taps.low) :]
    result = np.zeros(shape, dtype=dtype)
    padded = padded.astype(dtype, copy=False)
    rows = max(1, BLOCK_CELLS // max(1, math.prod(shape[1:])))
    starts = taps.starts()
    for top in range(0, shape[0], rows):
        block = result[top : top + rows]
        product = np.empty_like(block)
        for (first, *others), weight in zip(starts, weights, strict=True):
            across = [slice(s, s + n) for s, n in zip(others, shape[1:], strict=False)]
            window = padded[(slice(first + top, first + top + len(block)), *across)]
            if weight == 1:
                block += window
            else:
                np.multiply(window, weight, out=product)
                block += product
    return result


def scattered(taps: Taps, weights: FloatArray, padded: FloatArray) -> FloatArray:
    """The same for a signal of few values: the sum of the kernel shifted to each of them."""
    ndim = len(taps.low)
    dense, where = taps.dense(weights), taps.dense(np.ones(taps.count), bool)
    spans = taps.shape
    shape = tuple(n - k + 1 for n, k in zip(padded.shape, spans, strict=False)) + padded.shape[ndim:]
    result = np.zeros(shape)
    for place in zip(*(axis.tolist() for axis in np.nonzero(padded)), strict=True):
        value = padded[place]
        outs, ins = [], []
        for p, k, n in zip(place[:ndim], spans, shape[:ndim], strict=True):
            # The kernel's cell i falls on output p - (k - 1) + i.
            low = p - (k - 1)
            outs.append(slice(max(low, 0), min(low + k, n)))
            ins.append(slice(max(-low, 0), min(k, n - low)))
        window = result[(*outs, *place[ndim:])]
        np.add(window, value * dense[tuple(ins)], out=window, where=where[tuple(ins)])
    return result


def factors_of(dense: FloatArray) -> list[FloatArray] | None:
    """One factor for each axis whose product the kernel is, zeros included, or None: found at its largest weight."""
    if dense.ndim == 1:
        return None
    top = np.unravel_index(int(np.abs(dense).argmax()), dense.shape)
    largest = float(dense[top])
    factors = []
    for axis in range(dense.ndim):
        line = tuple(slice(None) if i == axis else top[i] for i in range(dense.ndim))
        factors.append(np.asarray(dense[line], dtype=np.float64) / (largest if axis else 1.0))
    product = factors[0]
    for factor in factors[1:]:
        product = np.multiply.outer(product, factor)
    same = np.abs(product - dense).max() <= RANK_ONE * abs(largest) and np.array_equal(product == 0, dense == 0)
    return factors if same else None


def along_axes(factors: list[FloatArray], padded: FloatArray) -> FloatArray:
    """One pass along each axis, the places that no longer matter cut off after each."""
    result = padded
    for axis, factor in enumerate(factors):
        places = np.arange(len(factor)).reshape(-1, 1)[factor != 0]
        line = Taps(places, (0,), (len(factor) - 1,), factor[factor != 0])
        moved = np.moveaxis(result, axis, 0)
        result = np.moveaxis(shifted(line, line.floats.tolist(), moved, np.float64), 0, axis)
    return np.ascontiguousarray(result)
