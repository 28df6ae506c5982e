"""Bringing two measures onto one lattice: common steps, row-major cells, dense arrays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from distconv.measure import Measure
from distconv.methods.operands import Operand
from distconv.support.lattice import spread_shape, strides_on
from distconv.support.points import INT64_CELLS, cells_of, indices_of
from distconv.typing import AnyArray, Shape, Vector

if TYPE_CHECKING:
    import flint

#: Bits of the numerators that FLINT keeps in one word: copies of those are so quick that rows are set apart by halving
#: a polynomial, in half the time that lists of coefficients take (longer ones: twice).
WORD_BITS = 62


def spread_of(measure: Measure, step: Vector) -> tuple[Shape, Shape]:
    """The strides of a measure's cells on a finer lattice, and the shape that its box has there."""
    box = measure.box
    strides = strides_on(box, step)
    return strides, spread_shape(box.shape, strides)


def cells_in(measure: Measure, strides: Shape, shape: Shape) -> AnyArray:
    """The number that each point of a measure has among the cells of a larger box of that shape, same origin."""
    box = measure.box
    dtype = np.int64 if math.prod(shape) < INT64_CELLS else object
    cells = measure.support.cells.astype(dtype, copy=False)
    if strides == (1,) * len(strides) and box.shape[1:] == shape[1:]:
        return cells
    indices = [index * k for index, k in zip(indices_of(cells, box.shape), strides, strict=True)]
    return cells_of(indices, shape)


def dense_doubles(measure: Measure, step: Vector) -> tuple[AnyArray, AnyArray | None]:
    """A floating measure's significands and exponents as n-D arrays on a lattice with these steps."""
    weights = measure.weights.as_floating()
    strides, shape = spread_of(measure, step)
    exponents = None if weights.exponents is None else _place(measure, weights.exponents, strides, shape)
    return _place(measure, weights.significands, strides, shape), exponents


def operand(measure: Measure, step: Vector) -> Operand:
    """A floating measure as a dense array on a lattice with these steps."""
    significands, exponents = dense_doubles(measure, step)
    return Operand(significands, exponents, bool(significands.min() > 0))


def _place(measure: Measure, values: AnyArray, strides: Shape, shape: Shape) -> AnyArray:
    """Values of a measure's points set into a dense array of zeros."""
    if not measure.is_sparse:
        return spread(values.reshape(measure.box.shape), strides)
    result = np.zeros(shape, dtype=values.dtype)
    result.ravel()[cells_in(measure, strides, shape)] = values
    return result


def spread(array: AnyArray, strides: Shape) -> AnyArray:
    """An array with its cells so far apart, zeros between them."""
    shape = spread_shape(array.shape, strides)
    if shape == array.shape:
        return array
    result = np.zeros(shape, dtype=array.dtype)
    result[tuple(slice(None, None, k) for k in strides)] = array
    return result


def flat_polynomial(measure: Measure, strides: Shape, shape: Shape) -> flint.fmpz_poly:
    """The numerators of an exact measure as a polynomial in the cells of a larger box (Kronecker substitution).

    The last axis may be wider in the box than in `shape`: only the strides of the leading axes matter.
    """
    import flint

    numerators = measure.weights.as_rational().numerators
    box = measure.box
    if len(shape) == 1 and not measure.is_sparse:
        return numerators if strides == (1,) else numerators.inflate(strides[0])
    if not measure.is_sparse:
        if strides == (1,) * len(strides):
            if box.shape[1:] == shape[1:]:
                return numerators
            if measure.weights.bits <= WORD_BITS:
                return _with_gaps(numerators, box.shape, shape)
        return flint.fmpz_poly(_padded_rows(measure, strides, shape))
    cells = cells_in(measure, strides, shape)
    values: list[Any] = [0] * (int(cells[-1]) + 1)
    for cell, value in zip(cells.tolist(), numerators.coeffs(), strict=True):
        values[cell] = value
    return flint.fmpz_poly(values)


def _with_gaps(poly: flint.fmpz_poly, shape: Shape, wide: Shape) -> flint.fmpz_poly:
    """A polynomial in the cells of a box as one in the cells of a larger box, axis by axis from the last one."""
    width, count = 1, math.prod(shape)
    for n, m in zip(reversed(shape), reversed(wide), strict=True):
        # Blocks of so many coefficients become the rows of this axis; the next axis has them m / n times as far apart.
        count //= n
        poly = _apart(poly, count, width * n, width * m)
        width *= m
    return poly


def _apart(poly: flint.fmpz_poly, rows: int, width: int, wide: int) -> flint.fmpz_poly:
    """The polynomial whose rows of `width` coefficients have been set `wide` apart."""
    if rows == 1 or width == wide:
        return poly
    half = rows // 2
    first = _apart(poly.truncate(half * width), half, width, wide)
    last = _apart(poly.right_shift(half * width), rows - half, width, wide)
    return first + last.left_shift(half * wide)


def _padded_rows(measure: Measure, strides: Shape, shape: Shape) -> list[Any]:
    """The numerators of a dense n-D measure, its rows padded to the strides of a larger box."""
    box = measure.box
    values = measure.weights.as_rational().integers()
    width, gap = box.shape[-1], strides[-1]
    first = np.arange(0, box.size, width, dtype=np.int64)
    indices = [i * k for i, k in zip(indices_of(first, box.shape), strides, strict=True)]
    starts = cells_of(indices, shape).tolist()
    result: list[Any] = [0] * (starts[-1] + (width - 1) * gap + 1)
    for row, start in enumerate(starts):
        result[start : start + (width - 1) * gap + 1 : gap] = values[row * width : (row + 1) * width]
    return result
