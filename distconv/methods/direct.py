"""Direct convolution: every entry is a sum of non-negative products, so it is right to a few roundings.

1-D by `numpy.convolve`, in blocks short enough for one BLAS thread; n-D by shifted copies of the larger operand.
Unbeaten below some thousand points; O(n m) beyond.
"""

from __future__ import annotations

import numpy as np

from distconv import bounds
from distconv.methods.boxes import Operand, Piece, Region
from distconv.typing import FloatArray, Shape

#: Longest dot product handed to BLAS: above some ten thousand, OpenBLAS starts threads and is 40 times slower.
BLOCK = 8192


def convolve(a: Operand, b: Operand, region: Region) -> Piece:
    """The entries of a box of the convolution of two operands."""
    x, shift_x, cut_x = a.part(region.part_a).scaled()
    y, shift_y, cut_y = b.part(region.part_b).scaled()
    if x.size > y.size:
        x, y = y, x
    if x.ndim == 1:
        values = _rows(x, y, region.first[0], region.box.shape[0])
    else:
        values = _shifted(x, y, region.first, region.box.shape)
    absolute = 0.0
    if cut_x or cut_y or not _no_underflow(x, y):
        absolute = (x.size + y.size) * bounds.TINY
    return Piece(values, shift_x + shift_y, bounds.summation(int(x.size)), absolute)


def _no_underflow(x: FloatArray, y: FloatArray) -> bool:
    """Whether every positive product is a normal double."""
    least_x = float(x.min(where=x > 0, initial=1.0))
    least_y = float(y.min(where=y > 0, initial=1.0))
    return least_x * least_y >= bounds.TINY


def _rows(x: FloatArray, y: FloatArray, first: int, count: int) -> FloatArray:
    """Entries first, ..., first + count - 1 of the 1-D convolution of a shorter with a longer array."""
    full = len(x) + len(y) - 1
    if len(x) <= BLOCK and first == 0 and count == full:
        return np.convolve(y, x)
    result = np.zeros(count)
    for start in range(0, len(x), BLOCK):
        block = x[start : start + BLOCK]
        # Entries of this block's convolution reach from start to start + len(block) + len(y) - 1.
        low, high = first - start, first - start + count
        window = _padded(y, low - len(block) + 1, high)
        result += np.convolve(window, block, mode="valid")
    return result


def _padded(y: FloatArray, low: int, high: int) -> FloatArray:
    """y[low:high], with zeros where that leaves the array."""
    result = np.zeros(high - low)
    inside_low, inside_high = max(low, 0), min(high, len(y))
    if inside_low < inside_high:
        result[inside_low - low : inside_high - low] = y[inside_low:inside_high]
    return result


def _shifted(x: FloatArray, y: FloatArray, first: Shape, shape: Shape) -> FloatArray:
    """Entries of a box of an n-D convolution: the longer operand added up at every shift of the shorter."""
    result = np.zeros(shape)
    for index in zip(*np.nonzero(x), strict=True):
        target, source = [], []
        for i, start, count, n in zip(index, first, shape, y.shape, strict=True):
            # Cell c of the box takes y[start + c - i].
            low, high = max(0, int(i) - start), min(count, n + int(i) - start)
            if low >= high:
                break
            target.append(slice(low, high))
            source.append(slice(start + low - int(i), start + high - int(i)))
        else:
            result[tuple(target)] += x[index] * y[tuple(source)]
    return result
