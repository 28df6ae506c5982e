"""n-fold sums in the plane and beyond: every cell against whole numbers, computed without the library."""

import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distconv import Distribution, power
from distconv.methods import plane, powering
from distconv.methods.operands import Operand

#: Whole numbers that doubles hold, and some that lie far apart.
COUNTS = st.one_of(st.integers(1, 2**40), st.sampled_from([1, 2**20, 2**50]))


def whole_power(step, n):
    """The n-fold convolution of an array of whole numbers: one power of a polynomial, rows set apart."""
    shape = [n * (size - 1) + 1 for size in step.shape]
    strides = [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]
    terms = [0] * (sum((size - 1) * by for size, by in zip(step.shape, strides, strict=True)) + 1)
    for index in np.ndindex(step.shape):
        terms[sum(i * by for i, by in zip(index, strides, strict=True))] = int(step[index])
    found = (flint.fmpz_poly(terms) ** n).coeffs()
    return [int(v) for v in found] + [0] * (math.prod(shape) - len(found))


def worst_error(field, truth):
    """The largest relative error of what a field certifies; zeros are exact."""
    worst = Fraction(0)
    entries = zip(field.significands.ravel().tolist(), field.exponents.ravel().tolist(), strict=True)
    for (fraction, exponent), true, bad in zip(entries, truth, field.bad.ravel().tolist(), strict=True):
        if bad:
            continue
        assert (fraction > 0) == (true > 0)
        if true:
            held, shift = int(math.ldexp(fraction, 53)), exponent - 53
            off, by = (held << shift) - true if shift >= 0 else held - (true << -shift), max(-shift, 0)
            worst = max(worst, Fraction(abs(off), true << by))
    return worst


def field_of(step, n):
    step = np.array(step, dtype=float)
    full = bool((step > 0).all())
    shape = [n * (size - 1) + 1 for size in step.shape]
    wanted = np.ones(shape, dtype=bool) if full else powering.support(step > 0, n)
    return plane.power(Operand(step, None, full), n, wanted, 1e-10)


@pytest.mark.parametrize(
    ("shape", "n"), [((2, 2), 60), ((3, 3), 20), ((3, 3), 41), ((2, 5), 17), ((2, 2, 2), 16), ((3, 1, 2), 30)]
)
def test_every_cell_is_certified_and_right(shape, n):
    step = np.random.default_rng(n).integers(1, 2**20, shape)
    field = field_of(step, n)
    assert not field.bad.any()
    assert worst_error(field, whole_power(step, n)) <= Fraction(field.error) <= Fraction(1.01e-10)


@settings(max_examples=25)
@given(st.data())
def test_what_is_certified_is_right_whatever_the_step(data):
    shape = data.draw(st.sampled_from([(2, 2), (2, 3), (3, 3), (4, 2), (2, 2, 2)]))
    weights = st.one_of(st.just(0), COUNTS)
    step = np.array(data.draw(st.lists(weights, min_size=math.prod(shape), max_size=math.prod(shape))), dtype=object)
    step = step.reshape(shape)
    # Both ends of every axis carry weight: boxes are tight.
    step.flat[0], step.flat[-1] = data.draw(COUNTS), data.draw(COUNTS)
    n = data.draw(st.integers(8, 24 if len(shape) == 2 else 12))
    field = field_of(step.astype(float), n)
    assert worst_error(field, whole_power(step, n)) <= Fraction(field.error) <= Fraction(1.01e-10)


@given(st.integers(0, 2**32), st.integers(8, 24))
def test_laws_of_few_points_are_right_as_a_whole(seed, n):
    """Through the front door: sublattices, lines in the plane, gaps, weights down to 1e-260."""
    rng = np.random.default_rng(seed)
    points = sorted({tuple(int(v) for v in rng.integers(0, 3, 2)) for _ in range(int(rng.integers(2, 6)))})
    raw = np.exp(rng.uniform(0, rng.choice([2.0, 30.0, 600.0]), len(points)))
    weights = raw / raw.sum()
    step = np.zeros((3, 3), dtype=object)
    for point, weight in zip(points, weights.tolist(), strict=True):
        step[point] = int(Fraction(weight) * 2**1000)
    side = 2 * n + 1
    truth = {(k // side, k % side): v for k, v in enumerate(whole_power(step, n)) if v}
    S = n @ Distribution.from_arrays(np.array(points), weights)
    assert list(S.support) == sorted(truth)
    for place in rng.permutation(sorted(truth))[:60].tolist():
        log = S.logpmf(tuple(place))
        exact = (flint.arb(truth[tuple(place)]) / flint.arb(2) ** (1000 * n)).log()
        assert abs(float(flint.arb(log) - exact)) <= S.error * 1.01 + 8e-16 * abs(log)


def four_neighbours(n, weights, place):
    """P(S = place) of n steps to the four neighbours, weights right, left, up, down, as a fraction: all ways."""
    right, left, up, down = map(Fraction, weights)
    x, y = place
    total = Fraction(0)
    for across in range(abs(x), n - abs(y) + 1, 2):
        r, u = (across + x) // 2, (n - across + y) // 2
        ways = math.factorial(n) // (
            math.factorial(r) * math.factorial(across - r) * math.factorial(u) * math.factorial(n - across - u)
        )
        total += ways * right**r * left ** (across - r) * up**u * down ** (n - across - u)
    return total


def test_a_hundred_and_fifty_steps_to_the_four_neighbours():
    weights = (0.25, 0.125, 0.5, 0.125)
    n = 150
    X = Distribution(dict(zip([(1, 0), (-1, 0), (0, 1), (0, -1)], weights, strict=True)))
    S = power(X, n, method="tilted")
    assert S.how().reason.endswith("on the sublattice of the steps")
    for place in [(0, 0), (n, 0), (0, -n), (-n + 1, 1), (n // 2, n // 2), (19, 55), (-1, -n + 1), (-75, 75), (1, 148)]:
        if (n + sum(place)) % 2:
            place = (place[0], place[1] + 1)
        true = four_neighbours(n, weights, place)
        assert abs(Fraction(S.pmf(place)) / true - 1) <= Fraction(S.error)
    assert S.pmf((0, 1)) == 0


def test_boxes_are_planned_and_more_of_them_take_longer():
    X = Distribution.from_array(np.full((3, 3), 1 / 9))
    few, many = (power(X, n, method="tilted").how() for n in (10, 60))
    assert few.method == many.method == "tilted"
    assert few.seconds < many.seconds < 1
