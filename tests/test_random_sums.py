"""Sums of a random number of terms, of all kinds of counts and terms: they end, in time, and state true errors."""

import math
import time
from fractions import Fraction

import mpmath
import numpy as np
import oracle
import pytest
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import (
    AccuracyError,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    SizeLimitError,
    Uniform,
    from_scipy,
    plan_compound,
    settings,
    sum_of,
)
from distconv.laws.finite import Finite
from distconv.weights import Floating

#: CPU seconds in which every answer here must come: most take milliseconds.
SECONDS = 5.0


@pytest.fixture(autouse=True)
def in_time():
    """Every test of this file ends in time."""
    before = time.process_time()
    yield
    assert time.process_time() - before < SECONDS


def poisson_series(lam, masses, last):
    """P(S = 0), ..., P(S = last) of a compound Poisson sum by Panjer's recursion in 60 digits, of {k: p}."""
    with mpmath.workdps(60):
        masses = {k: mpmath.mpf(p.numerator) / p.denominator for k, p in masses.items()}
        lam = mpmath.mpf(lam.numerator) / lam.denominator
        found = [mpmath.exp(lam * (masses.get(0, 0) - 1))]
        for k in range(1, last + 1):
            found.append(lam / k * mpmath.fsum(j * p * found[k - j] for j, p in masses.items() if 0 < j <= k))
        return found


def off(found, truth):
    """The relative error of a double."""
    with mpmath.workdps(60):
        return float(abs(mpmath.mpf(float(found)) - truth) / truth)


# Terms that lost mass, and long ones ----------------------------------------------------------------------------------


@pytest.mark.parametrize("lam", [3, 10])
def test_terms_that_lost_mass_take_the_quick_roads(lam):
    import scipy.stats

    X = from_scipy(scipy.stats.gamma(2, scale=1000), step=120, tail=1e-9)
    assert X.missing > 0
    S = Poisson(lam) @ X
    truth = poisson_series(Fraction(lam), {int(x / 120): Fraction(p) for x, p in X}, 400)
    for k in (0, 1, 7, 150, 400):
        assert off(S.pmf(120 * k), truth[k]) <= 1e-10
    # One lost term is enough to lose the sum.
    assert 0.99 * -math.expm1(-lam * X.missing) <= S.missing <= 1.01 * lam * X.missing + 1e-17
    held = float(mpmath.fsum(truth[401 - 50 :]))
    assert S.sf(120 * 350) >= held * (1 - 1e-9)
    assert S.ppf(0.99) > S.mean()


@pytest.mark.parametrize("count", [NegativeBinomial(1, 0.2), Logarithmic(0.7), Poisson(5), Uniform(0, 7)])
def test_counts_of_continuous_severities(count):
    import scipy.stats

    X = from_scipy(scipy.stats.expon(), step=0.1, rounding="up")
    S = count @ X
    assert S.mean() == pytest.approx(float(count.mean()) * float(X.mean()), rel=1e-9)
    assert S.sf(float(S.mean())) == pytest.approx(1 - S.cdf(float(S.mean())), rel=1e-6)
    assert 0 < S.missing < 1e-12


def test_a_waiting_time_of_geometric_pieces():
    # A geometric number of geometric steps is geometric: NB(1, p) of Geometric(q) is 0 or Geometric(p q / (1 - ...)).
    p, q = Fraction(1, 5), Fraction(1, 10)
    S = NegativeBinomial(1, p) @ Geometric(q)
    # G(z) = p / (1 - (1 - p) q z / (1 - (1 - q) z)): from 1 on geometric with ratio 1 - p q.
    ratio = 1 - p * q
    for k in (1, 5, 50, 700):
        assert off(S.pmf(k), mpmath.mpf(float(p * (1 - p) * q * ratio ** (k - 1)))) <= 1e-10


def test_scattered_terms_and_counts():
    rng = np.random.default_rng(5)
    places = np.sort(rng.choice(1000, 29, replace=False))
    X = Distribution.from_arrays(places, rng.random(29), normalize=True)
    masses = {int(x): Fraction(p) for x, p in X}
    for counts in ({n: Fraction(1, 6) for n in range(1, 7)}, {1: Fraction(1, 2), 4: Fraction(1, 2)}):
        S = Distribution(counts).to_float() @ X
        truth = {}
        powers = {0: Fraction(1)}
        for n in range(1, max(counts) + 1):
            powers = oracle.convolve(powers, masses) if n < 4 else powers
            if n < 4 and n in counts:
                for x, p in powers.items():
                    truth[x] = truth.get(x, 0) + counts[n] * p
        # The sums of up to three terms below the least sum of four are those of the law.
        few = 4 * int(places[0])
        for x, p in truth.items():
            if x < few:
                assert abs(Fraction(S.pmf(x)) - p) <= Fraction(S.error) * p + Fraction(1, 10**16) * p
    far = Uniform(0, 39).to_float() @ Distribution(dict.fromkeys(range(1, 92, 10), 0.1))
    assert far.error < 1e-9
    assert far.mean() == pytest.approx(19.5 * 46, rel=1e-9)


@pytest.mark.parametrize("count", [Poisson(5), Uniform(0, 30), Distribution({0: 0.5, 40: 0.5})])
def test_terms_in_the_plane(count):
    step = Distribution({(1, 0): 0.25, (0, 1): 0.25, (-1, 0): 0.25, (0, -1): 0.25})
    S = count @ step
    assert S.error < 1e-10
    # The axes of a four-neighbour step, turned by 45 degrees, are two independent signs.
    truth = Fraction(0)
    for n, p in (count.to_float() if count.is_finite else Distribution.of(Finite(count.law.measure))).to_dict().items():
        if n % 2 == 0:
            truth += Fraction(p) * Fraction(math.comb(n, n // 2), 2**n) ** 2
    assert abs(Fraction(S.pmf((0, 0))) - truth) <= (Fraction(S.error) + Fraction(1, 10**12)) * truth


# Counts that are others in disguise -----------------------------------------------------------------------------------


def test_shifted_and_scaled_counts():
    assert ((Geometric("1/5") - 1) @ Die(4)).cdf(3) == pytest.approx(216 / 625, rel=1e-14)
    assert ((Geometric("1/5") + 2) @ Die(4)).pmf(3) == pytest.approx(1 / 5 / 64, rel=1e-14)
    assert ((2 * Poisson(3)) @ Die(4)).logpmf(400) == pytest.approx(-160.4842410299, rel=1e-12)
    assert (Poisson(3) @ (2 @ Die(4))).logpmf(400) == pytest.approx(-160.4842410299, rel=1e-12)
    assert ((2 * Geometric("1/2") - 2) @ Die(2)).pmf(2) == pytest.approx(1 / 16, rel=1e-14)
    assert ((Poisson(3) + Geometric("1/2") - 1) @ Die(6)).pmf(0) == pytest.approx(math.exp(-3) / 2, rel=1e-13)
    nested = (Poisson(3) @ Die(2)) @ Die(6)
    assert nested.mean() == Fraction(63, 4)
    assert nested.logpmf(900) > -math.inf


def logarithmic(p, masses, last):
    """P(S = 0), ..., P(S = last) of a logarithmic number of terms >= 1, in 60 digits."""
    with mpmath.workdps(60):
        p = mpmath.mpf(p.numerator) / p.denominator
        masses = {k: mpmath.mpf(m.numerator) / m.denominator for k, m in masses.items()}
        found = [mpmath.mpf(0)]
        for k in range(1, last + 1):
            rest = mpmath.fsum((k - j) * m * found[k - j] for j, m in masses.items() if j < k)
            found.append(p * (masses.get(k, 0) + rest / k))
        return [v / -mpmath.log(1 - p) for v in found]


def test_deep_tails_of_every_count():
    truth = logarithmic(Fraction(1, 2), {k: Fraction(1, 4) for k in range(1, 5)}, 400)
    S = Logarithmic("1/2") @ Die(4)
    assert S.logpmf(400) == pytest.approx(float(mpmath.log(truth[400])), rel=1e-13)
    assert off(S.pmf(1), truth[1]) <= 1e-14
    assert S.pmf(0) == 0
    assert (Logarithmic("1/2") @ (Die(4) - 1)).pmf(0) == pytest.approx(math.log(7 / 8) / math.log(1 / 2), rel=1e-14)
    assert (Logarithmic("1/2") @ Die(4)).logsf(399) > S.logpmf(400)
    assert (Poisson(5) @ Die(6)).logsf(3000) == pytest.approx(-2481.2324997563, rel=1e-12)
    assert (Poisson(3.0) + Die(6)).cdf(300) == 1.0
    assert -math.inf < (Poisson(3.0) + Die(6)).logsf(300) < Poisson(3.0).logsf(294)
    # Ten trials of 0.3, each a Poisson number: all weights C(10, n) .3**n .7**(10 - n) (2 n)**300 exp(-2 n) / 300!.
    with mpmath.workdps(40):
        chance = mpmath.mpf(Fraction(0.3).numerator) / Fraction(0.3).denominator
        value = mpmath.fsum(
            mpmath.binomial(10, n)
            * chance**n
            * (1 - chance) ** (10 - n)
            * mpmath.exp(-2 * n)
            * mpmath.mpf(2 * n) ** 300
            / mpmath.factorial(300)
            for n in range(1, 11)
        )
    assert (Binomial(10, 0.3) @ Poisson(2.0)).logpmf(300) == pytest.approx(float(mpmath.log(value)), rel=1e-13)
    many = Binomial(10, 0.3) @ Poisson(2.0)
    assert many.cdf(6) + many.sf(6) == pytest.approx(1, abs=1e-12)


def test_finite_counts_of_endless_terms_stay_exact():
    S = Die(2) @ Geometric("1/2")
    # One term or two: 2**-k / 2 + (k - 1) 2**-k / 2.
    assert S.pmf(5) == Fraction(5, 64)
    assert S.pmf(200) == Fraction(200, 2**201)
    assert S.cdf(2) == Fraction(1, 4) + Fraction(1, 4)
    assert S.mean() == 3


def test_long_binomial_counts_of_endless_terms():
    S = Binomial(1000, 0.01) @ Poisson(2.0)
    for k in (0, 3, 20, 90):
        with mpmath.workdps(40):
            p = mpmath.mpf(Fraction(0.01).numerator) / Fraction(0.01).denominator
            value = mpmath.fsum(
                mpmath.binomial(1000, n) * p**n * (1 - p) ** (1000 - n) * mpmath.exp(-2 * n) * mpmath.mpf(2 * n) ** k
                for n in range(1, 200)
            ) / mpmath.factorial(k) + ((1 - p) ** 1000 if k == 0 else 0)
        assert off(S.pmf(k), value) <= 1e-10


# Stated errors --------------------------------------------------------------------------------------------------------


def wrong_by(masses, error, seed):
    """A law that states an error, each weight wrong by up to so much, and the true one as fractions."""
    rng = np.random.default_rng(seed)
    total = sum(masses)
    true = {k: Fraction(m, total) for k, m in enumerate(masses) if m}
    noise = {k: 1 + Fraction(error) * Fraction(float(rng.choice([-0.99, 0.99]))) for k in true}
    law = Distribution.from_arrays(list(true), [float(p * noise[k]) for k, p in true.items()], normalize=True)
    measure = law.law.measure
    weights = measure.weights
    assert isinstance(weights, Floating)
    stated = Floating(weights.significands, weights.exponents, 2.5 * error + 1e-15)
    return Distribution.of(Finite(type(measure)(measure.support, stated))), true


@part(0.3)
@given(
    st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(lambda m: sum(m[1:]) > 0 and sum(map(bool, m)) > 1),
    st.sampled_from([0.0, 1e-14, 1e-12, 8e-10, 1e-8]),
    st.sampled_from([1e-6, 1e-9, 1e-12, 1e-14]),
    st.sampled_from([Fraction(1, 3), Fraction(4), Fraction(60), Fraction(700)]),
    st.integers(0, 5),
)
def test_errors_of_terms_reach_the_sum(masses, error, tolerance, lam, seed):
    X, true = wrong_by(masses, error, seed)
    with settings(tolerance=tolerance):
        S = Poisson(lam) @ X
        stated = S.error
        assert stated >= tolerance
        truth = poisson_series(lam, true, 120)
        for k in (0, 1, 2, 5, 30, 119):
            if truth[k] > 1e-300:
                assert off(S.pmf(k), truth[k]) <= stated


@pytest.mark.parametrize("tolerance", [1e-14, 1e-10, 1e-6])
@pytest.mark.parametrize("error", [1e-13, 1e-9])
def test_errors_of_terms_reach_finite_counts(tolerance, error):
    X, true = wrong_by([3, 1, 4, 1, 5, 9, 2, 6], error, 1)
    with settings(tolerance=tolerance):
        S = Distribution({0: "1/4", 3: "1/4", 9: "1/2"}) @ X
        truth = {}
        for n, share in ((0, Fraction(1, 4)), (3, Fraction(1, 4)), (9, Fraction(1, 2))):
            for x, p in oracle.power(true, n).items():
                truth[x] = truth.get(x, 0) + share * p
        worst = max(abs(Fraction(S.pmf(x)) - p) / p for x, p in truth.items())
        assert worst <= Fraction(S.error)
        assert S.error < 100 * (error + tolerance)


def test_an_assumed_error_is_no_reason_to_refuse():
    X, _ = wrong_by([0, 3, 1, 4, 1, 5], 8e-8, 2)
    S = Poisson(250) @ X
    assert 250 * 8e-8 < S.error < 1e-3
    assert S.sf(900) > 0
    with settings(tolerance=1e-14):
        exactly = Poisson(700.0) @ Die(6).to_float()
        assert off(exactly.pmf(0), mpmath.exp(-700)) <= exactly.error < 1e-12


def test_of_equal_terms_the_worse_known_stays():
    good = Distribution.from_array([0.25, 0.75])
    measure = good.law.measure
    bad = Distribution.of(Finite(type(measure)(measure.support, Floating(measure.weights.significands, None, 1e-9))))
    for terms in ([good, bad, Poisson(3)], [bad, Poisson(3), good]):
        assert sum_of(terms).error >= 2e-9


# Limits and plans -----------------------------------------------------------------------------------------------------


def test_exact_sums_keep_to_the_limits():
    small = Uniform(1, 100) @ Die(6)
    assert small.is_exact
    assert small.pmf(2) == (Fraction(1, 6) + Fraction(1, 36)) / 100
    large = Uniform(1, 10_000) @ Die(6)
    assert not large.is_exact
    assert large.pmf(3) == pytest.approx((1 / 6 + 2 / 36 + 1 / 216) / 10_000, rel=1e-9)
    with settings(exact_limit=10**6):
        assert not (Uniform(1, 100) @ Die(6)).is_exact
    with settings(max_bytes=10**5), pytest.raises(SizeLimitError):
        Uniform(1, 10_000) @ Die(6)


def test_sums_of_scattered_points_that_fill_their_lattice_are_planned_in_balls():
    places = np.random.default_rng(1).choice(np.arange(1, 5000), 40, replace=False)
    scattered = Distribution.from_arrays(places, np.full(40, 1 / 40), normalize=True)
    # It takes 37 s on the reference machine.
    assert 10 < plan_compound(Die(500), scattered).seconds < 100
    # Few sums of few points stay pairs.
    assert plan_compound(Die(2), scattered).seconds < 0.1


def test_plans_of_random_sums():
    assert plan_compound(Die(4), Die(6)).kind == "exact"
    assert (Die(4) @ Die(6)).how().method == "compound"
    assert plan_compound(Poisson(5), Die(6)).method == "recursion"
    assert plan_compound(Poisson(1000), Uniform(1, 1000)).method == "tilted"
    assert plan_compound(Uniform(1, 100_000), Die(6)).kind == "float"
    assert plan_compound(Poisson(1000), Uniform(1, 1000)).seconds < 5
    with settings(max_bytes=10**6), pytest.raises(SizeLimitError):
        plan_compound(Poisson(1000), Uniform(1, 1000))


def test_mass_that_is_truly_missing_is_honoured():
    X = Distribution({1: "1/2", 2: "1/4"}, missing="1/4")
    S = Poisson(2) @ X
    assert S.missing == pytest.approx(0.5, rel=1e-9) or S.missing == pytest.approx(-math.expm1(-0.5), rel=1e-9)
    # What is certain: no lost term at all.
    assert S.pmf(0) == pytest.approx(math.exp(-2), rel=1e-13)
    assert S.cdf(1) == pytest.approx(math.exp(-2) * 2, rel=1e-13)
    for call in (lambda: S.sf(3), lambda: S.ppf(0.9), lambda: S.logsf(3)):
        with pytest.raises(AccuracyError, match="missing"):
            call()


def test_windows_are_no_closer_than_their_terms():
    """Severities of scipy down to 1e-14 are right to some 1e-9: a tolerance of 1e-10 refused all of the sum."""
    import scipy.stats

    X = from_scipy(scipy.stats.lognorm(0.9, scale=2000), step=100, tail=1e-14)
    assert X.error > 1e-9
    near = from_scipy(scipy.stats.lognorm(0.9, scale=2000), step=100, tail=1e-9)
    assert (Poisson(10) @ X).sf(100_000) == pytest.approx((Poisson(10) @ near).sf(100_000), rel=1e-4)
