"""Extremes, joint laws, remainders, posteriors and sums once known, of infinite laws: against mpmath and fractions."""

import math
import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from distconv import (
    Binomial,
    Die,
    Distribution,
    Geometric,
    NegativeBinomial,
    Poisson,
    Skellam,
    convolve,
    joint,
    maximum,
    minimum,
    monoids,
    order_statistic,
    posterior,
    power,
    product,
)
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError, SizeLimitError

#: What floating answers keep to: ten digits.
TOLERANCE = 1e-10
WORK = mpmath.workdps(50)


def log(value):
    return float(mpmath.log(value))


def poisson(lam, k):
    """P(X = k) of a Poisson law."""
    return mpmath.exp(-mpmath.mpf(lam)) * mpmath.mpf(lam) ** k / mpmath.factorial(k) if k >= 0 else mpmath.mpf(0)


def negative_binomial(r, p, k):
    """P(X = k) of a negative binomial law that counts failures."""
    if k < 0:
        return mpmath.mpf(0)
    p = mpmath.mpf(p)
    return mpmath.gamma(k + r) / mpmath.gamma(r) / mpmath.factorial(k) * p**r * (1 - p) ** k


def skellam(a, b, k):
    """P(X - Y = k) of two Poisson laws."""
    a, b = mpmath.mpf(a), mpmath.mpf(b)
    return mpmath.exp(-a - b) * (a / b) ** (mpmath.mpf(k) / 2) * mpmath.besseli(abs(k), 2 * mpmath.sqrt(a * b))


LAWS = {
    "poisson": (Poisson(3.5), lambda k: poisson(3.5, k), 0),
    "heavy": (NegativeBinomial(2.5, 0.25), lambda k: negative_binomial(2.5, 0.25, k), 0),
    "both ends": (Skellam(2.0, 1.5), lambda k: skellam(2.0, 1.5, k), -300),
    "finite": (Binomial(20, 0.5), lambda k: mpmath.binomial(20, k) * mpmath.mpf(2) ** -20 if k >= 0 else 0, 0),
}


def sums(pmf, start, x, reach=400):
    """(P(X <= x), P(X > x)), each summed from its own terms."""
    return mpmath.fsum(pmf(k) for k in range(start, x + 1)), mpmath.fsum(pmf(k) for k in range(x + 1, x + reach))


@pytest.mark.parametrize(("one", "two"), [("poisson", "heavy"), ("poisson", "both ends"), ("finite", "heavy")])
@pytest.mark.parametrize("x", [0, 4, 60, 250])
def test_maxima_are_right_wherever_they_are_asked(one, two, x):
    (X, f, low), (Y, g, start) = LAWS[one], LAWS[two]
    M = maximum(X, Y)
    with WORK:
        (head, tail), (other_head, other_tail) = sums(f, low, x), sums(g, start, x)
        weight = f(x) * other_head + (head - f(x)) * g(x)
        above = tail + head * other_tail
        assert M.logpmf(x) == pytest.approx(log(weight), rel=1e-13, abs=TOLERANCE)
        assert M.logsf(x) == pytest.approx(log(above), rel=1e-13, abs=TOLERANCE)
        assert M.logcdf(x) == pytest.approx(log(head * other_head), rel=1e-10)
        assert abs(mpmath.exp(M.logpmf(x)) / weight - 1) <= M.error + 1e-12
        assert M.sf(x) == pytest.approx(float(above), rel=TOLERANCE)


@pytest.mark.parametrize(("one", "two"), [("poisson", "heavy"), ("poisson", "both ends"), ("both ends", "finite")])
@pytest.mark.parametrize("x", [-150, -3, 0, 7, 19])
def test_minima_are_right_wherever_they_are_asked(one, two, x):
    (X, f, low), (Y, g, start) = LAWS[one], LAWS[two]
    M = minimum(X, Y)
    with WORK:
        (head, tail), (other_head, other_tail) = sums(f, low, x), sums(g, start, x)
        below = head + tail * other_head
        assert M.cdf(x) == pytest.approx(float(below), rel=TOLERANCE)
        assert M.sf(x) == pytest.approx(float(tail * other_tail), rel=TOLERANCE)
        weight = f(x) * (other_tail + g(x)) + tail * g(x)
        assert M.pmf(x) == pytest.approx(float(weight), rel=TOLERANCE)


def test_what_was_cut_off():
    """The tail of a maximum was that of a window: 0."""
    assert maximum(Poisson(3), Poisson(5)).sf(60) == pytest.approx(6.261195500181678e-44, rel=1e-12)
    assert (Poisson(3) % 1000).pmf(60) == pytest.approx(2.536395582213327e-55, rel=1e-12)
    assert not maximum(Poisson(3), Poisson(5)).is_finite


def test_a_minimum_of_an_infinite_and_a_finite_law_is_finite():
    M = minimum(Geometric("1/2"), Die(6))
    assert M.is_finite
    assert M.is_exact
    above = {k: Fraction(1, 2**k) * Fraction(6 - k, 6) for k in range(7)}
    assert M.to_dict() == {k: above[k - 1] - above[k] for k in range(1, 7)}
    assert not maximum(Geometric("1/2"), Die(6)).is_finite
    assert not minimum(Skellam(1, 1), Die(6)).is_finite
    assert maximum(-Geometric("1/2"), Die(6)) == Die(6)


@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 9), st.integers(1, 9), st.integers(1, 40))
@settings(max_examples=25)
def test_exact_maxima_and_order_statistics(n, k, a, b, x):
    p, q = Fraction(a, 10), Fraction(b, 10)
    f, g = 1 - (1 - p) ** x, 1 - (1 - q) ** x
    M = maximum(Geometric(p), Geometric(q))
    assert M.cdf(x) == f * g
    assert M.sf(x) == 1 - f * g
    assert M.is_exact
    assert isinstance(M.pmf(x), Fraction)
    n, k = max(n, k), min(n, k)
    assert order_statistic(Geometric(p), n, k).cdf(x) == sum(
        math.comb(n, i) * f**i * (1 - f) ** (n - i) for i in range(k, n + 1)
    )


@pytest.mark.parametrize(("n", "k"), [(5, 1), (5, 3), (5, 5), (40, 20)])
def test_order_statistics_far_out(n, k):
    X, f, _ = LAWS["heavy"]
    O = order_statistic(X, n, k)
    for x in (3, 400):
        with WORK:
            head, tail = sums(f, 0, x, 1500)
            above = mpmath.fsum(mpmath.binomial(n, i) * head**i * tail ** (n - i) for i in range(k))
            assert O.logsf(x) == pytest.approx(log(above), rel=1e-12)


def test_extremes_shift_scale_add_compare_and_pickle():
    M = maximum(Poisson(3), Poisson(5))
    assert M == maximum(Poisson(5), Poisson(3))
    assert hash(M) == hash(maximum(Poisson(5), Poisson(3)))
    assert M != maximum(Poisson(3), Poisson(4))
    assert pickle.loads(pickle.dumps(M)) == M
    assert (2 * M + 1).pmf(121) == pytest.approx(M.pmf(60), rel=1e-14)
    assert (-minimum(-Poisson(3), -Poisson(5))).sf(60) == pytest.approx(M.sf(60), rel=TOLERANCE)
    assert power(Poisson(3), 2, monoid=monoids.maximum).sf(50) == pytest.approx(maximum(*[Poisson(3)] * 2).sf(50))
    total = M + Die(6)
    assert total.sf(60) == pytest.approx(sum(M.sf(60 - k) for k in range(1, 7)) / 6, rel=TOLERANCE)


@pytest.mark.parametrize("level", [1e-60, 1e-9, 0.3, 0.5, 0.999])
def test_quantiles_of_extremes_invert_what_is_told(level):
    for M in (maximum(Poisson(3), Geometric("1/3")), minimum(Skellam(2, 3), Poisson(4)), maximum(*[Skellam(1, 2)] * 2)):
        x = M.ppf(level)
        assert M.cdf(x) >= level > M.cdf(x - 1)
        y = M.isf(level)
        assert M.sf(y) <= level < M.sf(y - 1)
        assert M.ppf(M.cdf(5)) == 5


def test_moments_of_extremes():
    M = maximum(Geometric("1/2"), Geometric("1/3"))
    # E max = E X + E Y - E min, and the minimum of geometric laws is geometric.
    assert M.mean() == pytest.approx(3.5, rel=1e-14)
    with WORK:
        second = mpmath.nsum(
            lambda k: (2 * k + 1) * (1 - (1 - mpmath.mpf(2) ** -k) * (1 - (mpmath.mpf(2) / 3) ** k)), [0, mpmath.inf]
        )
    assert M.moment(2) == pytest.approx(float(second), rel=1e-12)
    assert M.rvs(5, rng=1).shape == (5,)


# Joint laws -----------------------------------------------------------------------------------------------------------


def test_joint_laws_are_asked_by_members():
    J = joint(Poisson(3), Geometric("1/2"), Die(6))
    with WORK:
        assert J.logpmf((600, 200, 3)) == pytest.approx(log(poisson(3, 600) * mpmath.mpf(2) ** -200 / 6), rel=1e-13)
    assert J.pmf([(1, 1, 1), (1, 1, 7)]).tolist() == [J.pmf((1, 1, 1)), 0]
    assert not J.is_finite
    assert J.ndim == 3
    assert J.marginal(1) == Geometric("1/2")
    assert J.marginal(2, 0) == product(Die(6), Poisson(3))
    assert J == product(product(Poisson(3), Geometric("1/2")), Die(6))
    assert hash(J) == hash(product(product(Poisson(3), Geometric("1/2")), Die(6)))
    assert pickle.loads(pickle.dumps(J)) == J
    assert J.mean().tolist() == [3, 2, Fraction(7, 2)]
    assert np.array_equal(J.cov(), np.diag(J.var()))
    assert J.rvs(4, rng=0).shape == (4, 3)
    assert J.members == (Poisson(3), Geometric("1/2"), Die(6))
    assert Poisson(3) != J != 2 * Poisson(3) + 1
    assert (1, 2, 3) in J
    assert "joint" in str(J.how())


def test_joint_laws_move_add_and_are_cut_member_by_member():
    P = product(Geometric("1/2"), Geometric("1/3"))
    assert P.pmf((200, 1)) == Fraction(1, 2**200) / 3
    assert (P + P).marginal(0) == 2 @ Geometric("1/2")
    assert (3 @ P).pmf((3, 3)) == Fraction(1, 8) * Fraction(1, 27)
    assert (2 * P + (1, 0)).pmf((5, 4)) == P.pmf((2, 2))
    assert (P % (2, 3)).is_exact
    assert (P % (2, 3)).pmf((1, 2)) == Fraction(2, 3) * Fraction(6, 19)
    assert P.truncate(high=(2, 1)).to_dict() == {(1, 1): Fraction(2, 3), (2, 1): Fraction(1, 3)}
    known = P.given(lambda p: p[0] + p[1] == 4)
    assert known.pmf((1, 3)) == pytest.approx(
        float(Fraction(4, 9) / (Fraction(4, 9) + Fraction(1, 3) + Fraction(1, 4)))
    )
    assert 0 < P.missing < 1e-17
    assert P.prob(lambda p: p[0] > p[1]) == pytest.approx(0.25, rel=1e-15)


@pytest.mark.parametrize("ask", [lambda J: J.support, list, lambda J: J.to_dict(), lambda J: J.to_arrays()])
def test_outcomes_of_joint_laws_have_no_end(ask):
    with pytest.raises(DistconvTypeError, match="has no end"):
        ask(joint(Poisson(3), Die(6)))


# Remainders -----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 9), st.integers(1, 12))
def test_remainders_of_geometric_laws_are_exact(a, n):
    p = Fraction(a, 10)
    found = Geometric(p) % n
    q = 1 - p
    assert found.is_exact
    assert found.missing == 0
    assert found.to_dict() == {r: p * q ** ((r - 1) % n) / (1 - q**n) for r in range(n)}


@pytest.mark.parametrize("n", [1, 2, 7, 100, 1000])
def test_remainders_are_right_however_rare(n):
    found = Poisson(3.5) % n
    assert not found.is_exact
    assert found.missing == 0
    assert len(found.support) == n
    for r in {0, n // 3, n - 1}:
        with WORK:
            right = mpmath.fsum(poisson(3.5, r + j * n) for j in range(200 if n < 10 else 3))
            assert found.logpmf(r) == pytest.approx(log(right), rel=1e-13, abs=1e-13)
            assert abs(mpmath.exp(found.logpmf(r)) / right - 1) <= found.error + 1e-12


def test_remainders_of_other_laws():
    with WORK:
        for r in range(5):
            right = mpmath.fsum(skellam(2, 3, r + 5 * j) for j in range(-40, 41))
            assert (Skellam(2, 3) % 5).pmf(r) == pytest.approx(float(right), rel=1e-13)
    assert ((2 * Geometric("1/3")) % 6).to_dict() == {2 * r % 6: w for r, w in Geometric("1/3") % 3}
    assert ((6 * Poisson(3)) % 4).support.size == 2
    assert (Poisson(3) % Fraction(7, 2)).support.size == 7
    assert convolve(Poisson(3), Die(6), monoid=monoids.modulo(7)).pmf(3) == pytest.approx(
        ((Poisson(3) + Die(6)) % 7).pmf(3), rel=1e-12
    )
    with pytest.raises(SizeLimitError, match="remainders modulo 10000000000"):
        Poisson(3) % 10**10
    with pytest.raises(DimensionError):
        Poisson(3) % (7, 2)


# Known once more ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("total", [1, 50, 1000, -300])
def test_one_summand_of_two_that_run_apart(total):
    D = Poisson(2.0).given_sum(-Poisson(3.0), total)
    low = max(0, total)
    assert (D.low, D.high, D.is_finite) == (low, None, False)
    with WORK:
        weights = [poisson(2, a) * poisson(3, a - total) for a in range(low, low + 400)]
        whole = mpmath.fsum(weights)
        for k in (0, 1, 30, 300):
            assert D.logpmf(low + k) == pytest.approx(log(weights[k] / whole), rel=1e-12, abs=TOLERANCE)
        assert D.logsf(low + 20) == pytest.approx(log(mpmath.fsum(weights[21:]) / whole), rel=1e-12)
        assert D.cdf(low + 1) == pytest.approx(float(mpmath.fsum(weights[:2]) / whole), rel=TOLERANCE)
        mean = mpmath.fsum(w * (low + k) for k, w in enumerate(weights)) / whole
        assert D.mean() == pytest.approx(float(mean), rel=TOLERANCE)
    assert "makes up the total" in str(D.how())


@pytest.mark.parametrize("total", [0, 200])
def test_one_summand_of_two_without_ends(total):
    D = Skellam(1.0, 1.0).given_sum(Skellam(1.0, 2.0), total)
    with WORK:
        whole = mpmath.fsum(skellam(1, 1, a) * skellam(1, 2, total - a) for a in range(-100, 300))
        for k in (0, 100, -100):
            right = skellam(1, 1, k) * skellam(1, 2, total - k) / whole
            assert D.logpmf(k) == pytest.approx(log(right), rel=1e-12)


@pytest.mark.parametrize("total", [5, np.int64(5), 5.0, Fraction(5), "5"])
def test_totals_however_they_are_written(total):
    assert Poisson(2).given_sum(Geometric("1/2"), total) == Poisson(2).given_sum(Geometric("1/2"), 5)
    D = Skellam(2, 3).given_sum(Poisson(3), total)
    with WORK:
        whole = mpmath.fsum(skellam(2, 3, a) * poisson(3, 5 - a) for a in range(-100, 6))
        assert D.pmf(2) == pytest.approx(float(skellam(2, 3, 2) * poisson(3, 3) / whole), rel=TOLERANCE)
    assert D == Skellam(2, 3).given_sum(Poisson(3), 5)


def test_totals_in_an_event_are_tried_on_windows_which_is_said():
    D = Skellam(2, 3).given_sum(Poisson(3), lambda s: s > 4)
    assert 0 < D.missing < 1e-14
    assert "windows" in str(D.how())
    assert "windows" not in str(Die(6).given_sum(Die(6), lambda s: s > 4).how())


def test_totals_that_cannot_be():
    with pytest.raises(DistconvValueError, match="never 1"):
        (2 * Poisson(3)).given_sum(-2 * Poisson(2), 1)
    with pytest.raises(DistconvValueError, match="never 0"):
        Poisson(2).given_sum(Geometric("1/2"), 0)


@pytest.mark.parametrize("far", [20, 120])
def test_posteriors_of_infinite_priors(far):
    D = posterior(Poisson(8.0), lambda n: Binomial(n, 0.25), [5, 3])
    with WORK:

        def weight(n):
            chance = [mpmath.binomial(n, k) * mpmath.mpf(3) ** (n - k) / mpmath.mpf(4) ** n for k in (5, 3)]
            return poisson(8, n) * chance[0] * chance[1]

        weights = {n: weight(n) for n in range(5, 300)}
        whole = mpmath.fsum(weights.values())
        assert D.logpmf(far) == pytest.approx(log(weights[far] / whole), rel=1e-12)
        assert D.logsf(far) == pytest.approx(
            log(mpmath.fsum(weights[n] for n in range(far + 1, 300)) / whole), rel=1e-12
        )
        assert D.mean() == pytest.approx(float(mpmath.fsum(n * w for n, w in weights.items()) / whole), rel=TOLERANCE)
    assert not D.is_finite
    assert not D.is_exact
    assert D.low == D.ppf(0) == 5
    assert D.pmf(4) == 0


def test_posteriors_of_what_the_prior_hardly_expects():
    """The whole, 1e-124, lies far below what a window of 1e-18 would miss."""
    D = posterior(Poisson(3.0), lambda h: Poisson(h + 1.0), 300)
    with WORK:
        weights = [poisson(3, h) * poisson(h + 1, 300) for h in range(1500)]
        whole = mpmath.fsum(weights)
        for h in (0, 75, 200):
            assert D.logpmf(h) == pytest.approx(log(weights[h] / whole), rel=1e-12)
    with pytest.raises(DistconvValueError, match="impossible"):
        posterior(Poisson(3), lambda h: Die(6), 7)


def test_finite_laws_answer_as_ever():
    assert maximum(Die(6), Die(6)).pmf(6) == Fraction(11, 36)
    assert type(product(Die(6), Die(4))) is Distribution
    assert posterior({"d4": "1/2", "d6": "1/2"}, {"d4": Die(4), "d6": Die(6)}, [3, 1]) == {
        "d4": Fraction(9, 13),
        "d6": Fraction(4, 13),
    }
