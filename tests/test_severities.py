"""Amounts cut into cells within limits, and what retentions and limits leave of them, against scipy and by hand."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from distconv import (
    Binomial,
    Die,
    DimensionError,
    Distribution,
    Geometric,
    NegativeBinomial,
    Poisson,
    from_scipy,
    product,
)
from distconv.errors import DistconvTypeError, DistconvValueError

AMOUNTS = stats.expon(scale=10)
#: Where the lower edge of the cell of x lies, in steps.
LOWER = {"nearest": -0.5, "down": 0.0, "up": -1.0}


def cells(rounding, low, high, outside):
    """The probabilities of low, ..., high, cell by cell from the distribution function."""
    found = {}
    for k in range(low - 1, high + 2):
        a, b = (min(max(k + LOWER[rounding] + side, low), high) for side in (0, 1))
        found[k] = AMOUNTS.cdf(b) - AMOUNTS.cdf(a)
    if outside == "clip":
        found[low] += AMOUNTS.cdf(low)
        found[high] += AMOUNTS.sf(high)
    if outside == "given":
        inside = AMOUNTS.cdf(high) - AMOUNTS.cdf(low)
        found = {k: p / inside for k, p in found.items()}
    return {k: p for k, p in found.items() if p > 0}


@pytest.mark.parametrize("rounding", LOWER)
@pytest.mark.parametrize("outside", ["clip", "given", "missing"])
def test_limits_come_before_the_cells(rounding, outside):
    X = from_scipy(AMOUNTS, step=1, rounding=rounding, low=2, high=20, outside=outside)
    right = cells(rounding, 2, 20, outside)
    assert X.to_dict().keys() == right.keys()
    for k, p in right.items():
        assert math.isclose(X.pmf(k), p, rel_tol=1e-11)
    lost = AMOUNTS.cdf(2) + AMOUNTS.sf(20) if outside == "missing" else 0.0
    assert lost <= X.missing <= lost + 1e-12


def test_one_limit_and_a_long_tail():
    X = from_scipy(stats.lognorm(1, scale=100), step=5, low=50, tail=1e-9)
    frozen = stats.lognorm(1, scale=100)
    assert X.low == 50
    assert X.pmf(50) == pytest.approx(frozen.cdf(52.5), rel=1e-11)
    assert X.at_least(1000) == pytest.approx(frozen.sf(997.5), abs=2e-9)


def test_a_distribution_function_of_your_own():
    def above(x):
        return math.exp(-max(x, 0))

    X = Distribution.from_cdf(lambda x: 1 - above(x), sf=above, step="1/10")
    right = from_scipy(stats.expon(), step="1/10", tail=1e-12)
    for x in (0, 1, 5, 20):
        assert X.pmf(x) == pytest.approx(right.pmf(x), rel=1e-9)
    # Functions of arrays, and without an sf of its own.
    Y = Distribution.from_cdf(lambda x: 1 - np.exp(-np.maximum(x, 0)), step="1/10")
    assert Y.pmf(1) == pytest.approx(right.pmf(1), rel=1e-9)
    assert Y.missing <= 1e-8


@given(
    st.dictionaries(st.fractions(-5, 40, max_denominator=4), st.integers(1, 9), min_size=1, max_size=6),
    st.fractions(-10, 50, max_denominator=3),
    st.integers(1, 30),
)
def test_layers_excesses_and_limited_means(counts, d, limit):
    X, total = Distribution.from_counts(counts), sum(counts.values())
    paid = {}
    for x, n in counts.items():
        y = min(max(x - d, 0), limit)
        paid[y] = paid.get(y, 0) + n
    assert X.layer(d, limit) == Distribution.from_counts(paid)
    assert X.limited_mean(d) == sum(min(x, d) * Fraction(n, total) for x, n in counts.items())
    above = {x - d: n for x, n in counts.items() if x > d}
    if above:
        assert X.excess(d) == Distribution.from_counts(above)
        assert X.excess(d).mean() * X.sf(d) == X.stop_loss(d)
    else:
        with pytest.raises(DistconvValueError, match="never above"):
            X.excess(d)


def test_infinite_laws_keep_their_ends():
    X = Poisson(3)
    assert X.excess(2).pmf(1) == pytest.approx(X.pmf(3) / X.sf(2), rel=1e-12)
    assert Geometric("1/3").excess(5) == Geometric("1/3")
    np.testing.assert_allclose(
        X.limited_mean([0, 1, 2, 50]), [0, 1 - math.exp(-3), 2 - 5 * math.exp(-3), 3], rtol=1e-12
    )
    far = NegativeBinomial(2, "1/1000")
    assert far.limited_mean(1) == 1 - Fraction(1, 10**6)
    assert X.layer(2, 3).pmf(3) == pytest.approx(X.sf(4), rel=1e-12)


def test_letters_commute_with_numbers():
    p, lam, third = sympy.Symbol("p", positive=True), sympy.Symbol("lam", positive=True), sympy.Rational(1, 3)
    for X, letter in ((Binomial(3, p), p), (Poisson(lam), lam)):
        right = X.subs({letter: Fraction(1, 3)})
        for found, number in (
            (X.limited_mean(2), right.limited_mean(2)),
            (X.layer(1, 2).mean(), right.layer(1, 2).mean()),
            (X.excess(1).pmf(1), right.excess(1).pmf(1)),
        ):
            assert float(found.subs(letter, third)) == pytest.approx(float(number), rel=1e-9)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: from_scipy(AMOUNTS, step=1, low=2.5), DistconvValueError, "low=5/2 is no multiple of the step 1"),
        (lambda: from_scipy(AMOUNTS, step=1, low=5, high=2), DistconvValueError, "no outcome between low=5 and high=2"),
        (lambda: from_scipy(AMOUNTS, step=1, outside="cut"), DistconvValueError, "'clip', 'given', 'missing'"),
        (lambda: from_scipy(stats.poisson(3), low=2), DistconvValueError, r"X\.clip\(low, high\)"),
        (lambda: Distribution.from_cdf(3, step=1), DistconvTypeError, "cdf must be a function"),
        (lambda: product(Die(6), Die(6)).excess(2), DimensionError, "laws of numbers"),
    ],
)
def test_what_cannot_be_cut_says_why(ask, error, message):
    with pytest.raises(error, match=message):
        ask()
