"""The convolution of two arrays of doubles: all pairs, or transforms."""

from __future__ import annotations

import math

import numpy as np

from distconv import bounds
from distconv.typing import FloatArray

#: Arrays up to so many products are convolved directly, others by transforms.
DIRECT_PRODUCTS = 200_000


def product(p: FloatArray, q: FloatArray) -> tuple[FloatArray, float]:
    """(the full convolution, a bound on the absolute error of each entry)."""
    if p.size * q.size <= DIRECT_PRODUCTS:
        found, roundings = _all_pairs(p, q), min(p.size, q.size) + 1.0
    else:
        from scipy.signal import fftconvolve

        found = fftconvolve(p, q)
        roundings = 15 * math.log2(found.size) + 3
    return found, roundings * bounds.UNIT * float(np.linalg.norm(p) * np.linalg.norm(q)) * 1.1


def _all_pairs(p: FloatArray, q: FloatArray) -> FloatArray:
    """The full convolution, the larger array shifted to every cell of the smaller."""
    if p.ndim == 1:
        return np.convolve(p, q)
    if p.size > q.size:
        p, q = q, p
    result = np.zeros(tuple(a + b - 1 for a, b in zip(p.shape, q.shape, strict=True)))
    for place in zip(*np.nonzero(p), strict=True):
        result[tuple(slice(int(i), int(i) + n) for i, n in zip(place, q.shape, strict=True))] += p[place] * q
    return result
