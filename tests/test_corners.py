"""Corners of a box of sums: every entry that a transform leaves there is a direct sum, right to a few roundings."""

from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from distconv import Distribution, bounds
from distconv.methods import corners, fft
from distconv.methods.operands import Operand
from distconv.support.boxes import Box, Region
from distconv.support.lattice import sum_shape


def _operands(shape: tuple[int, ...], seed: int) -> tuple[Operand, Operand]:
    rng = np.random.default_rng(seed)
    return Operand(rng.random(shape) + 1e-3, None, True), Operand(rng.random(shape) + 1e-3, None, True)


def _settled(a: Operand, b: Operand, bad: np.ndarray, tolerance: float = 1e-10):
    """What is left of a transform whose marked entries are spoilt, the error, and the values."""
    whole = Region.of(a.shape, b.shape, Box.whole(sum_shape(a.shape, b.shape)))
    piece = fft.convolve(a, b, whole)
    piece.values[bad] = math.nan
    left, error = corners.settled(a, b, piece, bad, 0.0, tolerance)
    return left, error, piece.values


@given(
    st.sampled_from([(40,), (3, 50), (12, 13), (5, 6, 7), (2, 2, 2, 30)]),
    st.integers(0, 10**6),
    st.floats(1, 30),
)
def test_entries_below_hyperbolas_are_direct_sums(shape, seed, reach):
    """Beside sums in longer doubles, at all corners at once; the other entries stay as they were."""
    a, b = _operands(shape, seed)
    b = Operand(b.significands[tuple([slice(None, max(1, n - 1)) for n in shape])], None, True)
    full = sum_shape(a.shape, b.shape)
    near = [np.minimum(np.arange(n), np.arange(n)[::-1]) + 1 for n in full]
    bad = math.prod(np.ix_(*near)) <= reach
    left, error, values = _settled(a, b, bad)
    if left is not None:
        # Too many, or further than an operand goes: nothing is touched.
        assert left is bad
        assert np.isnan(values[bad]).all()
        return
    exact = np.zeros(full, dtype=np.longdouble)
    for index in product(*map(range, b.shape)):
        here = tuple([slice(i, i + n) for i, n in zip(index, a.shape, strict=True)])
        exact[here] += a.significands.astype(np.longdouble) * b.significands[index]
    assert 0 < error <= bounds.summation(math.prod(a.shape))
    assert (np.abs(values - exact)[bad] <= error * exact[bad]).all()
    assert np.isfinite(values).all()


def test_corners_of_few_entries_are_never_left():
    """One entry at each of the corners, and one more beside one of them."""
    a, b = _operands((9, 9), 1)
    bad = np.zeros((17, 17), dtype=bool)
    bad[[0, 0, -1, -1, 0], [0, -1, 0, -1, 1]] = True
    left, error, values = _settled(a, b, bad)
    assert left is None
    assert error == bounds.summation(2)
    assert values[0, -1] == a.significands[0, -1] * b.significands[0, -1]


@pytest.mark.parametrize("why", ["tiny products", "exponents", "a small tolerance", "the middle"])
def test_what_is_no_sum_of_few_normal_doubles_is_left(why):
    """It is planned like any other box."""
    a, b = _operands((30, 30), 2)
    bad = np.zeros((59, 59), dtype=bool)
    bad[:5, 0] = True
    tolerance = 1e-10
    if why == "tiny products":
        a.significands[1, 0], b.significands[1, 0] = 1e-170, 1e-170
    elif why == "exponents":
        a = Operand(a.significands, np.zeros((30, 30), dtype=np.int64), True)
    elif why == "a small tolerance":
        tolerance = 4e-16
    else:
        bad[20:40, 20:40] = True
    left, _, values = _settled(a, b, bad, tolerance)
    assert left is bad
    assert np.isnan(values[bad]).all()


def test_a_plane_that_is_filled_evenly_takes_one_transform():
    """Nothing of it is planned again, and its corners are right to the stated error."""
    rng = np.random.default_rng(3)
    x, y = (Distribution.from_array(rng.random((64, 80)), normalize=True) for _ in range(2))
    total = x + y
    assert total.how().reason == "predicted quickest"
    assert 0 < total.error <= 1.001e-10
    corner = float(x.pmf((63, 79))) * float(y.pmf((63, 79)))
    assert abs(total.pmf((126, 158)) - corner) <= total.error * corner
