"""Direct convolution: every entry is a sum of non-negative products, so it is right to a few roundings.

1-D by `numpy.convolve`, in blocks short enough for one BLAS thread; n-D by shifted copies of the larger operand.
Unbeaten below some thousand points; O(n m) beyond.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from distconv import bounds
from distconv.methods.boxes import Operand, Piece, Region
from distconv.typing import AnyArray, FloatArray, IntArray, Shape

#: Longest dot product handed to BLAS: above some ten thousand, OpenBLAS starts threads and is 40 times slower.
BLOCK = 8192
#: Up to so many positive cells of the shorter operand, a sum beyond the range of the doubles is made with an exponent
#: of its own for every entry.
SHORT = 128
#: The exponent of an entry that no term has reached.
NOWHERE = -(2**61)
#: Most entries at either end that `ends` sums.
MOST_ENDS = 512


def convolve(a: Operand, b: Operand, region: Region) -> Piece:
    """The entries of a box of the convolution of two operands."""
    x, shift_x, cut_x = a.part(region.part_a).scaled()
    y, shift_y, cut_y = b.part(region.part_b).scaled()
    short = min(np.count_nonzero(x), np.count_nonzero(y))
    if (cut_x or cut_y or not _no_underflow(x, y)) and short <= SHORT:
        return _wide(a.part(region.part_a), b.part(region.part_b), region)
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
    for index, target, source in _overlaps(x, y.shape, first, shape):
        result[target] += x[index] * y[source]
    return result


def _overlaps(x: FloatArray, longer: Shape, first: Shape, shape: Shape) -> Iterator[tuple[Any, Any, Any]]:
    """For every positive cell of x: its index, the part of the box that it reaches, and from where in the longer."""
    for index in zip(*np.nonzero(x), strict=True):
        target, source = [], []
        for i, start, count, n in zip(index, first, shape, longer, strict=True):
            # Cell c of the box takes y[start + c - i].
            low, high = max(0, int(i) - start), min(count, n + int(i) - start)
            if low >= high:
                break
            target.append(slice(low, high))
            source.append(slice(start + low - int(i), start + high - int(i)))
        else:
            yield index, tuple(target), tuple(source)


def _wide(a: Operand, b: Operand, region: Region) -> Piece:
    """The entries of a box, each summed relative to its own largest term: no product is too small for that."""
    if np.count_nonzero(a.significands) > np.count_nonzero(b.significands):
        a, b = b, a
    (x, ex), (y, ey) = _pairs(a), _pairs(b)
    shape = region.box.shape
    top = np.full(shape, NOWHERE, dtype=np.int64)
    parts = list(_overlaps(x, y.shape, region.first, shape))
    for index, target, source in parts:
        np.maximum(top[target], ex[index] + ey[source], out=top[target])
    values = np.zeros(shape)
    for index, target, source in parts:
        shifts = np.maximum(ex[index] + ey[source] - top[target], -1100).astype(np.int32)
        values[target] += np.ldexp(x[index] * y[source], shifts)
    top[values == 0] = 0
    # Terms shifted below the subnormals lose at most 2**-1074 each, beside a largest one >= 1/4.
    terms = len(parts)
    return Piece(values, top, bounds.compose(bounds.summation(terms), 8.0 * terms * bounds.SUBNORMAL), 0.0)


def _pairs(operand: Operand) -> tuple[FloatArray, IntArray]:
    """Fractions in [1/2, 1) or 0, and exponents; those of zeros are far below all others."""
    fractions, shifts = np.frexp(operand.significands)
    exponents = shifts.astype(np.int64) if operand.exponents is None else operand.exponents + shifts
    return fractions, np.where(fractions > 0, exponents, NOWHERE // 4)


def ends(
    a: Operand, b: Operand, piece: Piece, bad: AnyArray, error: float, tolerance: float
) -> tuple[AnyArray | None, float]:
    """The few uncertified entries at the two ends of a whole 1-D transform, summed at once without further planning.

    Nearly every transform leaves some, where few terms are summed. Returns what is still uncertified, and the error.
    """
    count = len(bad)
    if piece.values.ndim > 1 or a.exponents is not None or b.exponents is not None:
        return bad, error
    index = np.flatnonzero(bad)
    split = int(np.searchsorted(index, count // 2))
    left = int(index[split - 1]) + 1 if split else 0
    right = count - int(index[split]) if split < len(index) else 0
    most = max(left, right)
    if not isinstance(piece.shift, int) or piece.shift != 0:
        return bad, error
    if most > min(MOST_ENDS, a.shape[0], b.shape[0]) or bounds.summation(most) > tolerance:
        return bad, error
    parts = []
    for length, cut in ((left, slice(left)), (right, slice(None, -right - 1, -1))):
        if length:
            x, y = a.significands[cut], b.significands[cut]
            if not _no_underflow(x, y):
                return bad, error
            parts.append((cut, np.convolve(x, y)[:length]))
    for cut, values in parts:
        np.copyto(piece.values[cut], values, where=bad[cut])
    return None, max(error, bounds.summation(most))
