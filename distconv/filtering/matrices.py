"""The sparse matrix of a kernel: Toeplitz, in n-D block Toeplitz, circulant where the signal wraps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.filtering.limits import allowed
from distconv.filtering.slide import Slide
from distconv.filtering.taps import Taps
from distconv.planning import Plan, costs
from distconv.typing import Boundary, Shape

if TYPE_CHECKING:
    from scipy.sparse import csr_array


def matrix(taps: Taps, slide: Slide, boundary: Boundary, stride: Shape) -> csr_array:
    """The sparse matrix W with W @ x.ravel() the raveled output.

    Raises:
        SizeLimitError: it would pass ``settings.max_bytes``.
    """
    from scipy.sparse import coo_array

    rows = math.prod(-(-n // s) for n, s in zip(slide.shape, stride, strict=True))
    count = max(taps.count, 1) * rows + math.prod(slide.shape) + math.prod(slide.sizes)
    plan = Plan("matrix", "", count, count * costs.MATRIX_ENTRY_BYTES, count * costs.MATRIX_ENTRY_SECONDS)
    allowed(plan, "the matrix", "apply the kernel itself: k.apply(signal)")
    taps, slide = slide.near(taps, boundary)
    integers = taps.weights is None and taps.denominator == 1 and all(abs(n) < 2**63 for n in taps.numerators)
    weights = np.array(taps.numerators, dtype=np.int64) if integers else taps.floats
    strided = tuple(slice(None, None, s) for s in stride)
    parts: list[list[Any]] = [[np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros(0, weights.dtype)]]
    if taps.count:
        padded = slide.placed(boundary)
        for start, weight in zip(taps.starts(), weights, strict=True):
            window = padded[tuple(slice(s, s + n) for s, n in zip(start, slide.shape, strict=True))]
            read = window[strided].ravel()
            known = np.flatnonzero(read >= 0)
            for part, values in zip(parts, (known, read[known], np.full(len(known), weight)), strict=True):
                part.append(values)
    row, column, data = (np.concatenate(part) for part in parts)
    return coo_array((data, (row, column)), shape=(rows, math.prod(slide.sizes))).tocsr()
