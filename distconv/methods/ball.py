"""Convolution in ball arithmetic by FLINT's ``arb_poly``: relatively accurate however large the range.

Slow (some microseconds an entry), always right: every entry comes with its own radius, and the precision is doubled
until each is certified. The last resort for what no transform certifies.

Source: Johansson, Arb: efficient arbitrary-precision midpoint-radius interval arithmetic, IEEE Trans. Comput. 66
(2017); van der Hoeven, Making fast multiplication of polynomials numerically stable (2008), for the scaled blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from distconv import bounds
from distconv.methods.operands import Operand, Piece, certified
from distconv.methods.squaring import by_squaring
from distconv.numbers.balls import is_narrow, pair_of, resolved
from distconv.planning import costs
from distconv.planning.registry import Method
from distconv.planning.tasks import Patch
from distconv.support.boxes import Box, Region
from distconv.typing import AnyArray, FloatArray, IntArray, Shape

if TYPE_CHECKING:
    import flint

#: Precision at which the search starts, in bits: 11 to spare beyond a double's.
START_BITS = 64
#: Relative error of an entry: 2**-55 of its ball and the rounding of its midpoint to a double.
ERROR = 1.5 * bounds.UNIT
#: Bits of relative accuracy at which a ball is rounded to a double.
RESOLVED_BITS = 55


def convolve(a: Operand, b: Operand, region: Region, wanted: AnyArray | None = None) -> Piece:
    """The entries of a box of the convolution of two operands, each rounded to a double significand.

    Cells that are not `wanted` (those of no weight at all above everything) come out as 0.
    """
    import flint

    cells = _flat_cells(region.first, region.box.shape, region.shape)
    if wanted is not None:
        cells = np.where(wanted.ravel(), cells, -1)
    x, y = a.part(region.part_a), b.part(region.part_b)

    def attempt() -> tuple[FloatArray, IntArray] | None:
        return _read(flint.arb_poly(_balls(x, region.shape)) * flint.arb_poly(_balls(y, region.shape)), cells)

    significands, exponents = resolved(
        attempt,
        f"a weight of the cells {region.box.low} to {region.box.high}",
        start=START_BITS,
        way_out="ask for exact weights: X.to_exact(normalize=True)",
    )
    return Piece(significands.reshape(region.box.shape), exponents.reshape(region.box.shape), ERROR, 0.0)


def power_head(step: Operand, n: int, count: int) -> tuple[FloatArray, IntArray]:
    """The first `count` entries of the n-fold convolution of a 1-D operand, n >= 1: significands and exponents."""
    import flint

    head = step.part(Box((0,), (min(count, step.shape[0]),)))

    def attempt() -> tuple[FloatArray, IntArray] | None:
        return _read(truncated_power(flint.arb_poly(_balls(head, head.shape)), n, count), np.arange(count))

    return resolved(attempt, f"one of the first {count} weights of a power", start=START_BITS)


def truncated_power(square: flint.arb_poly, n: int, count: int) -> flint.arb_poly:
    """The first `count` coefficients of the n-th power of a polynomial of balls, by repeated squaring."""
    return by_squaring(square.truncate(count), n, lambda x, y, _: (x * y).truncate(count))


def entries(operand: Operand, count: int) -> list[Any]:
    """The first entries of a 1-D operand as exact balls."""
    head = operand.part(Box((0,), (min(count, operand.shape[0]),)))
    return _balls(head, head.shape)


def _flat_cells(first: Shape, counts: Shape, shape: Shape) -> AnyArray:
    """The row-major cells of a box inside a shape."""
    cells = np.zeros((1,) * len(shape), dtype=np.int64)
    for axis, (start, count) in enumerate(zip(first, counts, strict=True)):
        index = np.arange(start, start + count, dtype=np.int64)
        cells = cells * shape[axis] + index.reshape((-1,) + (1,) * (len(shape) - 1 - axis))
    return cells.ravel()


def _balls(operand: Operand, shape: Shape) -> list[Any]:
    """The operand as exact balls, its rows padded to the strides of a shape (Kronecker substitution)."""
    import flint

    mantissas, exponents = operand.pairs()
    integers, exponents = np.ldexp(mantissas, 53).astype(np.int64), exponents - 53
    where = _flat_cells((0,) * len(shape), operand.shape, shape)
    zero = flint.arb(0)
    result = [zero] * (int(where[-1]) + 1)
    for cell, mantissa, exponent in zip(
        where.tolist(), integers.ravel().tolist(), exponents.ravel().tolist(), strict=True
    ):
        if mantissa:
            result[cell] = flint.arb((mantissa, exponent))
    return result


def _read(product: Any, cells: AnyArray) -> tuple[FloatArray, IntArray] | None:
    """Significands and exponents of some coefficients, or None where one is not accurate to a double."""
    coefficients = product.coeffs()
    significands, exponents = [], []
    for cell in cells.tolist():
        value: Any = coefficients[cell] if 0 <= cell < len(coefficients) else 0
        if value == 0:
            significands.append(0.0)
            exponents.append(0)
            continue
        if not is_narrow(value, RESOLVED_BITS):
            return None
        fraction, exponent = pair_of(value)
        significands.append(fraction)
        exponents.append(exponent)
    return np.array(significands), np.array(exponents, dtype=np.int64)


def _seconds(patch: Patch) -> float:
    """Seconds of one product of polynomials; rows of n-D ones are padded."""
    spread = costs.SPREAD_BALL if len(patch.region.first) > 1 else 1.0
    return spread * (costs.BALL_START_SECONDS + costs.BALL_SECONDS * patch.length)


METHOD = Method(
    name="ball",
    applies=lambda patch: patch.tolerance > ERROR,
    cost=_seconds,
    bytes=lambda patch: patch.length * costs.BALL_BYTES,
    run=lambda a, b, region, wanted, tolerance: certified(convolve(a, b, region, wanted), wanted, tolerance),
)
