"""Convolution undone: what was added is found again, and what was not is refused with the verdict."""

import time
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import distribution, laws, part, several

from distconv import (
    AccuracyError,
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Kernel,
    Logarithmic,
    NegativeBinomial,
    Point,
    Poisson,
    SizeLimitError,
    Skellam,
    Uniform,
    deconvolve,
    root,
)

d6 = Die(6)


def cells(law):
    return int(np.prod([float(n) for n in law.shape]))


@given(several(2, kind="exact"))
def test_what_was_added_is_found(pair):
    X, Y = map(distribution, pair)
    S = X + Y
    assume(cells(S) < 20_000)
    assert deconvolve(S, Y) == X
    assert deconvolve(S, X) == Y


@part(0.6)
@given(laws(kind="exact", most=4), st.integers(1, 4))
def test_what_was_multiplied_is_found(law, n):
    X = distribution(law)
    S = n @ X
    assume(cells(S) < 3000)
    assert root(S, n) == X


@part(0.5)
@given(st.integers(2, 12), st.integers(2, 12), st.integers(0, 10**6))
def test_floating_quotients_state_an_error_that_holds(m, n, seed):
    rng = np.random.default_rng(seed)
    X = Distribution.from_counts({k: int(v) for k, v in enumerate(rng.integers(1, 100, m))})
    # A steep law divides well from its heavy end.
    Y = Distribution.from_counts({k: 10 ** (n - k) for k in range(n)})
    found = deconvolve(X.to_float() + Y.to_float(), Y.to_float())
    assert found.support == X.support or list(found.support) == list(X.support)
    for k, p in X:
        assert abs(Fraction(found.pmf(k)) - p) <= Fraction(found.error) * p
    rooted = root((3 @ Y).to_float(), 3)
    for k, p in Y:
        assert abs(Fraction(rooted.pmf(k)) - p) <= Fraction(rooted.error) * p


def test_long_ones():
    started = time.perf_counter()
    assert deconvolve(1000 @ d6, 999 @ d6) == d6
    assert deconvolve(10 @ d6, 9 @ d6) == d6
    assert time.perf_counter() - started < 20
    plane = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
    assert deconvolve(7 @ plane, 4 @ plane) == 3 @ plane
    assert root(6 @ plane, 3) == 2 @ plane
    far = Distribution({10**15: "1/3", 10**15 + Fraction(1, 2): "2/3"})
    assert deconvolve(far + d6, d6) == far


def test_verdicts():
    with pytest.raises(DistconvValueError, match="remainder"):
        deconvolve(d6, Die(4))
    with pytest.raises(DistconvValueError, match="wider"):
        deconvolve(d6, Die(10))
    even = Distribution({0: "1/2", 2: "1/2"})
    with pytest.raises(DistconvValueError, match="remainder"):
        deconvolve(Uniform(0, 2), even)
    # (1 + z + z**2 + ... + z**5) / (1 + z) is positive, but 1 - z + z**2 is not.
    six = Distribution({0: "1/2", 3: "1/2"})
    with pytest.raises(DistconvValueError, match=r"signed measure.*-1"):
        deconvolve(six, Bernoulli("1/2"))
    kernel = deconvolve(six, Bernoulli("1/2"), signed=True)
    assert kernel == Kernel({0: 1, 1: -1, 2: 1})
    with pytest.raises(DistconvValueError, match=r"no polynomial|share"):
        root(d6, 2)
    with pytest.raises(DistconvValueError, match="share"):
        root(Distribution({0: "1/4", 1: "3/4"}), 2)
    bent = Distribution({0: "1/4", 1: "1/4", 2: "1/2"})
    with pytest.raises(DistconvValueError):
        root(bent, 2)
    hollow = 2 @ Distribution({0: "2/3", 1: "1/3"})
    assert root(hollow, 2).pmf(0) == Fraction(2, 3)
    with pytest.raises(DistconvValueError, match="no X"):
        deconvolve(d6.to_float(), Die(4).to_float())


def test_ill_conditioned_doubles_are_refused():
    with pytest.raises((AccuracyError, DistconvValueError)):
        deconvolve((200 @ d6).to_float(), (150 @ d6).to_float())


def test_families():
    assert root(Poisson(3), 3) == Poisson(1)
    assert root(NegativeBinomial(3, "1/3"), 2) == NegativeBinomial(Fraction(3, 2), "1/3")
    assert root(Binomial(6, "1/3"), 3) == Binomial(2, "1/3")
    assert root(Skellam(2, 4), 2) == Skellam(1, 2)
    assert root(Point(6), 4) == Point(Fraction(3, 2))
    assert root(3 * Poisson(4) + 2, 2) == 3 * Poisson(2) + 1
    assert 3 @ root(Geometric("1/3"), 3) == Geometric("1/3")
    assert root(d6, 1) is d6
    assert deconvolve(Poisson(5), Poisson(3)) == Poisson(2)
    assert deconvolve(Poisson(5) + 3, Poisson(3)) == Poisson(2) + 3
    assert deconvolve(Poisson(5), Point(2)) == Poisson(5) - 2
    assert deconvolve(3 @ Geometric("1/3"), Geometric("1/3")) == 2 @ Geometric("1/3")
    assert deconvolve(Skellam(3, 3), Skellam(1, 2)) == Skellam(2, 1)
    assert deconvolve(Poisson(3), Poisson(3)) == Point(0)


def test_letters_are_divided():
    import sympy

    p = sympy.symbols("p")
    assert root(2 @ Bernoulli(p), 2) == Bernoulli(p)


def test_what_is_refused():
    for call in (
        lambda: deconvolve(3, d6),
        lambda: deconvolve(Poisson(3), d6),
        lambda: deconvolve(Poisson(3), Poisson(4)),
        lambda: root(Logarithmic("1/2"), 2),
    ):
        with pytest.raises(DistconvTypeError):
            call()
    with pytest.raises(DimensionError):
        deconvolve(d6, Distribution({(0, 0): 1}))
    with pytest.raises(DistconvValueError):
        root(d6, 0)


def test_weights_near_and_below_the_smallest_double():
    """Balls of any range: no weight is taken for 0 because a double cannot hold it."""
    X = Distribution({0: 1.0, 1: 5e-324, 2: 3e-310})
    Y = Distribution({0: 1.0, 3: 1e-320})
    S = X + Y
    found = deconvolve(S, Y)
    truth = {0: 1, 1: Fraction(5e-324), 2: Fraction(3e-310)}
    assert list(found.support) == [0, 1, 2]
    for x, p in truth.items():
        assert abs(found.law.measure.weights.exact_at(x) - p) <= Fraction(found.error) * p
    tiny = 9 @ Distribution({0: 1.0, 1: 1e-300})
    again = root(tiny, 9)
    assert abs(again.law.measure.weights.exact_at(1) - Fraction(1e-300)) <= Fraction(again.error) * Fraction(1e-300)


def test_a_law_that_doubles_do_not_tell_is_refused_and_never_missing():
    """Far balls do not make others look like dust."""
    Y = Distribution({0: 1e-12, 1: 1 - 1e-12 - 1e-9, 2: 1e-9})
    S = 40 @ Y
    with pytest.raises((AccuracyError, DistconvValueError)):
        deconvolve(S, 39 @ Distribution({0: 0.5, 1: 0.5}))
    far = Distribution({0: 0.5, 1: 0.25, 10**9: 0.25})
    with pytest.raises(SizeLimitError, match="to be divided"):
        deconvolve(far, far)


def test_what_the_sum_misses_may_lie_anywhere():
    """A weight may be larger by all that is missing; one that might be 0 is refused."""
    S = Distribution({0: 0.25, 1: 0.5, 2: 0.25 - 1e-9}, missing=1e-9)
    found = deconvolve(S, Distribution({0: 0.5, 1: 0.5}))
    assert 1e-9 <= found.error < 1e-7
    assert found.missing >= 1e-9
    with pytest.raises(AccuracyError):
        deconvolve(Distribution({0: 0.5, 1: 1e-10, 2: 0.5 - 1e-9 - 1e-10}, missing=1e-9), Distribution({0: 1.0}))
