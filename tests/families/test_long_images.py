"""Shifts, multiples and reflections of finite families that no one lays out, and sums with such terms.

Against FLINT's balls, mpmath and whole numbers.
"""

import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from conformance import mpf
from hypothesis import given, settings
from hypothesis import strategies as st
from test_large import ENOUGH, binomial, in_double

from distconv import (
    Binomial,
    Die,
    DistconvValueError,
    Geometric,
    Hypergeometric,
    Point,
    Poisson,
    SizeLimitError,
    Skellam,
    Uniform,
    maximum,
    mixture,
    root,
)
from distconv.numbers.balls import precision

N, P = 10**9, 0.3
TRIALS = Binomial(N, P)
SPREAD = 14491
BIG = 10**12

scales = st.fractions(min_value=-5, max_value=5, max_denominator=7).filter(bool)
shifts = st.fractions(min_value=-(10**6), max_value=10**6, max_denominator=7)
deviations = st.integers(-20 * SPREAD, 20 * SPREAD)


@pytest.fixture(autouse=True)
def digits():
    """Enough for logs of weights that are differences of numbers near 10**11."""
    with mpmath.workdps(60):
        yield


@settings(max_examples=12)
@given(scales, shifts, deviations)
def test_binomial_laws_that_are_moved(scale, shift, deviation):
    X, truth = scale * TRIALS + shift, binomial(N, P)
    k = 3 * N // 10 + deviation
    x = scale * k + shift
    with mpmath.workdps(60):
        log = truth.log(k)
        assert X.logpmf(x) == pytest.approx(float(log), rel=1e-13)
        assert X.pmf(x) == pytest.approx(float(mpmath.exp(log)), rel=2e-13)
    assert X.pmf(x + scale / 2) == 0
    with precision(200):
        below, above = ("cdf", "sf") if scale > 0 else ("sf", "cdf")
        head, tail = truth.head(k if scale > 0 else k - 1), truth.tail(k if scale > 0 else k - 1)
        for name, ball, other in ((below, head, tail), (above, tail, head)):
            if ball.rel_accuracy_bits() > ENOUGH:
                assert getattr(X, name)(x) == pytest.approx(in_double(ball), rel=1e-15)
            log = ball.log() if ball < 0.5 else (-other).log1p()
            if log.rel_accuracy_bits() > ENOUGH:
                assert getattr(X, "log" + name)(x) == pytest.approx(in_double(log), rel=1e-15, abs=1e-320)
    if 0 < X.cdf(x) < 1 and X.cdf(x - abs(scale)) < X.cdf(x):
        assert X.ppf(X.cdf(x)) == x
    if 0 < X.sf(x) < 1 and X.sf(x - abs(scale)) > X.sf(x):
        assert X.isf(X.sf(x)) == x


@given(scales, shifts)
def test_what_is_known_of_moved_laws(scale, shift):
    X, p = scale * TRIALS + shift, Fraction(P)
    assert X.mean() == pytest.approx(float(scale * N * p + shift), rel=1e-15)
    assert X.var() == pytest.approx(float(scale**2 * N * p * (1 - p)), rel=1e-15)
    assert X.cumulant(3) == pytest.approx(float(scale**3 * N * p * (1 - p) * (1 - 2 * p)), rel=1e-14)
    assert (X.low, X.high) == tuple(sorted([shift, scale * N + shift]))
    assert X.mode() == scale * (3 * N // 10) + shift
    assert X.shape == (N + 1,)
    assert list(X.support[:2]) == [X.low, X.low + abs(scale)]
    assert (X.ppf(0), X.ppf(1)) == (X.low, X.high)
    assert X.rvs(rng=1) in X
    drawn = X.rvs((50, 40), 1).astype(float)
    assert abs(drawn.mean() - float(X.mean())) <= 5 * X.std() / 2000**0.5
    for other in (pickle.loads(pickle.dumps(X)), (X - shift) / scale * scale + shift, 0 - (0 - X)):
        assert (other, hash(other)) == (X, hash(X))
    assert (X - shift) / scale == TRIALS
    assert X != X + 1
    assert X != 2 * X
    with pytest.raises(SizeLimitError, match="of this law need"):
        X.to_dict()


@given(scales, shifts, st.integers(1, BIG))
def test_equal_weights_stay_exact(scale, shift, k):
    X = scale * Die(BIG) + shift
    x = scale * k + shift
    assert X.is_exact
    assert X.pmf(x) == Fraction(1, BIG)
    below = k if scale > 0 else BIG - k + 1
    assert (X.cdf(x), X.sf(x)) == (Fraction(below, BIG), 1 - Fraction(below, BIG))
    assert X.ppf(X.cdf(x)) == x
    assert X.isf(X.sf(x)) == x
    assert X.mean() == scale * Fraction(BIG + 1, 2) + shift
    assert X.var() == scale**2 * Fraction(BIG**2 - 1, 12)
    assert X.mode() == X.low
    part = X.truncate(x, x + 3 * abs(scale))
    assert part == Uniform(0, len(part.support) - 1) * abs(scale) + x


def test_one_law_however_it_is_written():
    assert Die(BIG) - 3 == Uniform(-2, BIG - 3)
    assert hash(Die(BIG) - 3) == hash(Uniform(-2, BIG - 3))
    assert -Die(BIG) == Uniform(-BIG, -1)
    assert 2 * Die(BIG) != Die(BIG)
    assert (TRIALS + 1) + (TRIALS + 2) == Binomial(2 * N, P) + 3
    assert 2 * TRIALS + 2 * Binomial(10**8, P) == 2 * Binomial(N + 10**8, P)
    assert 3 @ (1 - TRIALS) == 3 - Binomial(3 * N, P)
    assert root(2 * TRIALS + 20, 10) == 2 * Binomial(N // 10, P) + 2
    assert TRIALS + Point(3) == TRIALS + 3
    assert mixture({TRIALS + 1: "1/2", Poisson(3): "1/2"}).pmf(N) == (TRIALS + 1).pmf(N) / 2
    assert maximum(TRIALS + 1, Poisson(3)).logsf(4 * N // 10) == pytest.approx(TRIALS.logsf(4 * N // 10 - 1), rel=1e-9)


def test_generating_functions_of_moved_laws():
    z = 1 - 1e-9
    assert (2 * TRIALS + 3).pgf(z) == pytest.approx(
        float(mpf(z) ** 3 * (1 + mpf(P) * (mpf(z) ** 2 - 1)) ** N), rel=1e-6
    )
    assert (N - TRIALS).pgf(0) == TRIALS.pmf(N)
    assert (Die(BIG) - 1).pgf(0) == Fraction(1, BIG)
    for X in (-TRIALS, Poisson(3) - 1, -Poisson(3)):
        with pytest.raises(DistconvValueError, match="z must not be 0 for a law of negative outcomes"):
            X.pgf(0)


def mass_of_sum(x, n, p):
    """P(Poisson(3) + Binomial(n, p) = x) and P(... <= x), term by term."""
    log, head = binomial(n, p).log, binomial(n, p).head
    counts = [(j, mpmath.exp(-3) * mpf(3) ** j / mpmath.factorial(j)) for j in range(50)]
    mass = mpmath.fsum(w * mpmath.exp(log(x - j)) for j, w in counts if 0 <= x - j)
    with precision(160):
        return mass, mpmath.fsum(w * mpf(in_double(head(x - j))) for j, w in counts if 0 <= x - j)


def test_sums_of_an_infinite_and_a_long_law():
    n, p = 10**10, 0.1
    X = Poisson(3) + Binomial(n, p)
    for x in (5, 10**9 - 2 * 10**5, 10**9, 10**9 + 10**5):
        mass, head = mass_of_sum(x, n, p)
        assert X.logpmf(x) == pytest.approx(float(mpmath.log(mass)), rel=1e-10)
        assert X.cdf(x) == pytest.approx(float(head), rel=4e-10, abs=1e-300)
        assert X.sf(x) == pytest.approx(1 - float(head), rel=1e-9)
    assert X.mean() == pytest.approx(10**9 + 3, rel=1e-12)
    assert (X.low, X.high) == (0, None)
    assert X.cdf(X.ppf(0.01)) >= 0.01 > X.cdf(X.ppf(0.01) - 1)
    assert X == Poisson(1) + Binomial(n, p) + Poisson(2)
    assert hash(X) == hash(Binomial(n, p) + Poisson(3))
    assert X != Poisson(3) + Binomial(n, 0.2)
    assert (X + 1).pmf(10**9 + 1) == X.pmf(10**9)
    assert (Poisson(3) - Binomial(n, p)).mean() == pytest.approx(3 - 10**9, rel=1e-12)
    assert (Skellam(3, 2) + Binomial(n, p)).pmf(10**9) == pytest.approx(X.pmf(10**9), rel=1e-3)
    exact = Geometric("1/2") + Die(BIG)
    assert exact.pmf(5) == Fraction(15, 16 * BIG)
    assert exact.cdf(5) == Fraction(49, 16 * BIG)


def test_moved_counts_of_marked_ones():
    X = 5 - 2 * Hypergeometric(BIG, 10**10, N)
    assert X.mean() == 5 - 2 * 10**7
    assert X.cdf(X.median()) >= 0.5 > X.cdf(X.median() - 2)
    assert np.all(X.rvs(5, 1) % 2 == 1)
