"""Order statistics, powers under extremes, sums of the best: every one ends, and every weight is within its error."""

import math
from fractions import Fraction
from itertools import combinations_with_replacement

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from strategies import exactly, laws, part

from distconv import (
    Die,
    DistconvWarning,
    Distribution,
    SizeLimitError,
    Uniform,
    highest,
    lowest,
    monoids,
    notation,
    order_statistic,
    power,
    settings,
)
from distconv.weights.rational import reduced

FAR = Distribution({0: 0.25, 1: 0.25, 10**9: 0.5})


def stored(law):
    """The positive weights as the numbers they are, whatever their range."""
    weights = law.law.measure.weights
    if law.is_exact:
        return weights.numbers(weights.positive())
    return [weights.exact_at(int(i)) for i in np.flatnonzero(weights.significands)]


def assert_is(found, truth):
    """The law found is the true one, exactly or within its stated error."""
    assert list(found.support) == sorted(truth)
    bound = Fraction(found.error)
    for x, value in zip(found.support, stored(found), strict=True):
        assert abs(value - truth[x]) <= bound * truth[x], (x, float(value / truth[x] - 1), found.error)


def smallest(f, n, k):
    """The k-th smallest of n draws: differences of binomial tails of the CDF, in integers over one denominator."""
    whole = math.lcm(*(p.denominator for p in f.values()))
    result, head, before = {}, 0, 0
    for x in sorted(f):
        head += int(f[x] * whole)
        tail = sum(math.comb(n, i) * head**i * (whole - head) ** (n - i) for i in range(k, n + 1))
        result[x], before = Fraction(tail - before, whole**n), tail
    return result


def best(f, n, keep):
    """The sum of the best `keep` of n draws, multiset by multiset."""
    result = {}
    for draws in combinations_with_replacement(sorted(f), n):
        p = Fraction(math.factorial(n))
        for x in set(draws):
            p *= f[x] ** draws.count(x) / math.factorial(draws.count(x))
        total = sum(draws[n - keep :])
        result[total] = result.get(total, 0) + p
    return result


def scaled(f):
    total = sum(f.values())
    return {x: p / total for x, p in f.items()}


@pytest.mark.parametrize("limit", [0, 10**9])
@part(0.5)
@given(laws(ndim=1, most=5), st.data())
def test_the_kth_smallest_in_integers_and_in_balls(limit, law, data):
    n = data.draw(st.integers(2, 15))
    k = data.draw(st.integers(1, n))
    f = scaled(exactly(law))
    X = Distribution(law)
    with settings(exact_limit=limit):
        found = order_statistic(X, n, k)
        assert found.how().method == ("exact" if X.is_exact and limit else "beta")
    assert_is(found, smallest(f, n, k))
    if found.is_exact:
        weights = found.law.measure.weights
        assert reduced(weights.integers(), weights.denominator) == weights


@pytest.mark.parametrize("limit", [0, 10**9])
@part(0.5)
@given(laws(ndim=1, most=4), st.data())
def test_sums_of_the_best_on_every_lattice(limit, law, data):
    n = data.draw(st.integers(2, 6))
    keep = data.draw(st.integers(1, n - 1))
    f = scaled(exactly(law))
    with settings(exact_limit=limit):
        high, low = highest(Distribution(law), n, keep), lowest(Distribution(law), n, keep)
    assert_is(high, best(f, n, keep))
    assert_is(low, {-x: p for x, p in best({-x: p for x, p in f.items()}, n, keep).items()})


def test_large_exact_order_statistics_are_quick_and_exact():
    found = order_statistic(Die(20), 10**4, 5000)
    assert found.how().method == "exact"
    assert 20**10**4 % found.law.measure.weights.denominator == 0
    # The 5000th smallest from below is the 5001st from above.
    assert found.pmf(10) == order_statistic(Die(20), 10**4, 5001).pmf(11)
    assert float(found.cdf(9)) == pytest.approx(scipy.stats.binom.sf(4999, 10**4, 9 / 20), rel=1e-9)
    assert order_statistic(Die(20), 1000, 500).to_dict() == smallest(dict(Die(20).to_dict()), 1000, 500)


def test_the_largest_of_a_million_dice():
    flint, mpmath = pytest.importorskip("flint"), pytest.importorskip("mpmath")
    n = 10**6
    found = power(Die(6), n, monoid=monoids.maximum)
    powers = [flint.fmpz(x) ** n for x in range(7)]
    assert found.is_exact
    assert found.law.measure.weights.denominator == int(powers[6])
    assert found.law.measure.weights.integers() == [powers[x] - powers[x - 1] for x in range(1, 7)]
    least = power(Die(6), n, monoid=monoids.minimum).law.measure.weights
    assert least.integers() == [powers[x] - powers[x - 1] for x in range(6, 0, -1)]
    assert order_statistic(Die(6), n, n) == found
    with settings(exact_limit=10**6):
        floating = power(Die(6), n, monoid=monoids.maximum)
    assert (floating.kind, floating.how().method) == ("float", "beta")
    assert "exact_limit" in floating.how().reason
    weights = floating.law.measure.weights
    assert weights.error < 2e-16
    with mpmath.workdps(60):
        for x, s, e in zip(range(1, 7), weights.significands, weights.exponents, strict=True):
            truth = (mpmath.mpf(x) / 6) ** n - (mpmath.mpf(x - 1) / 6) ** n
            assert abs(mpmath.ldexp(mpmath.mpf(float(s)), int(e)) / truth - 1) <= weights.error


def test_ranks_of_a_billion_draws():
    """Beyond any enumeration: against the incomplete beta function of mpmath."""
    mpmath = pytest.importorskip("mpmath")
    n, k = 10**9, 5 * 10**8
    found = order_statistic(Die(6), n, k)
    assert found.kind == "float"
    with mpmath.workdps(60):
        # P(the k-th smallest is at most 3) = P(Binomial(n, 1/2) >= n / 2), half of all but the middle term.
        middle = mpmath.binomial(n, k) / mpmath.mpf(2) ** n
        assert abs(found.cdf(3) / float((1 + middle) / 2) - 1) < 1e-15
        # Far below, the first term and its geometric followers: at least k ones.
        ratio = mpmath.mpf(n - k) / (k + 1) / 5
        head = mpmath.log(mpmath.binomial(n, k)) + (n - k) * mpmath.log(5) - n * mpmath.log(6)
        assert abs(found.logpmf(1) / float(head - mpmath.log(1 - ratio)) - 1) < 1e-8


def test_points_far_apart_cost_their_number():
    assert highest(FAR, 2, 1).to_dict() == {0: 1 / 16, 1: 3 / 16, 10**9: 3 / 4}
    assert highest(FAR, 2, 1).how().method == "sparse best"
    three = Distribution({0: "1/4", 1: "1/4", 3 * 10**6: "1/2"})
    for n, keep in ((4, 2), (6, 4)):
        found = highest(three, n, keep)
        assert found.how().method == "sparse best"
        assert found.how().cells < 20
        assert found.to_dict() == best(dict(three.to_dict()), n, keep)
    assert order_statistic(FAR, 40, 20).support == [0, 1, 10**9]
    huge = Distribution({0: "1/2", 10**30: "1/2"})
    assert highest(huge, 3, 2).to_dict() == {0: Fraction(1, 8), 10**30: Fraction(3, 8), 2 * 10**30: Fraction(1, 2)}


def test_the_best_hundred_of_a_thousand_dice():
    found = notation.read("1000d6kh100")
    assert found == highest(Die(6), 1000, 100)
    assert found.how().method == "best"
    assert found.pmf(100) == Fraction(1, 6**1000)
    # All hundred are sixes where at least a hundred of the thousand are.
    fewer = sum(math.comb(1000, i) * Fraction(5, 6) ** (1000 - i) / Fraction(6) ** i for i in range(100))
    assert found.pmf(600) == 1 - fewer
    with settings(exact_limit=10**5):
        floating = highest(Die(6), 1000, 100)
    assert floating.how().kind == "float"
    truth = dict(found.to_dict())
    assert_is(floating, truth)


def test_weights_of_any_range():
    X = Distribution({0: 1e-300, 1: 1e-9, 2: 1 - 1e-9})
    f = scaled({x: Fraction(p) for x, p in X.to_dict().items()})
    for n, k in ((2, 1), (40, 1), (40, 3), (40, 40), (100, 2)):
        assert_is(order_statistic(X, n, k), smallest(f, n, k))
    assert order_statistic(X, 1000, 1000).logpmf(0) == pytest.approx(1000 * math.log(1e-300), rel=1e-14)


def test_plans_are_told_refused_and_announced():
    wide = Uniform(1, 10**5).to_float()
    with settings(warn_seconds=1e-6), pytest.warns(DistconvWarning, match="beta"):
        order_statistic(FAR, 10, 5)
    with settings(warn_seconds=1e-6), pytest.warns(DistconvWarning, match="best"):
        highest(Die(6), 10, 5)
    with settings(warn_seconds=1e-6), pytest.warns(DistconvWarning, match="pairs"):
        power(Die(6), 3, monoid=monoids.Monoid(math.gcd, 0, name="gcd"))
    with settings(warn_seconds=1e-6), pytest.warns(DistconvWarning, match="direct|fft"):
        power(Die(6).to_float(), 100, monoid=monoids.modulo(5))
    with settings(max_bytes=10**6), pytest.raises(SizeLimitError, match="raise the limit"):
        order_statistic(wide, 100, 50)
    with settings(max_bytes=10**6), pytest.raises(SizeLimitError, match="raise the limit"):
        highest(wide, 100, 50)
    with settings(max_bytes=10**4), pytest.raises(SizeLimitError, match="pairs"):
        power(Die(60), 3, monoid=monoids.Monoid(math.gcd, 0, name="gcd"))
    plan = order_statistic(Die(6), 10, 5).how()
    assert (plan.method, plan.kind, plan.cells) == ("exact", "exact", 6)
    assert 0 < plan.seconds < 1e-3
    assert plan.bytes > 0


def test_floating_residues_share_the_tolerance():
    X = (Die(6) % 7).to_float()
    found = power(X, 10**6, monoid=monoids.modulo(7))
    truth = (1 + 6 * Fraction(1, 6**10**6)) / 7
    assert abs(Fraction(found.pmf(0)) / truth - 1) <= found.error < 1e-8
