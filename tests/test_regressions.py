"""Answers that were once wrong, found by reviewers who tried to break the library; each with the truth it must give."""

import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy

from distconv import (
    Binomial,
    Die,
    DimensionError,
    DistconvValueError,
    Distribution,
    Geometric,
    Hypergeometric,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    SizeLimitError,
    Skellam,
    joint,
    latex,
    maximum,
    minimum,
    mixture,
    order_statistic,
    plan_compound,
    posterior,
    product,
    settings,
    sum_of,
    wasserstein,
)

F = Fraction


@pytest.mark.parametrize(("n", "q"), [(8, 1e-160), (8, 1e-110), (8, 1e-200), (9, 1e-100)])
def test_powers_keep_products_that_no_double_holds(n, q):
    X = Distribution({0: 1.0, 1: q})
    found = n @ X
    assert list(found.support) == list(range(n + 1))
    for k in range(n + 1):
        assert math.isclose(found.logpmf(k), math.log(math.comb(n, k)) + k * math.log(q), rel_tol=1e-12, abs_tol=1e-13)


def test_a_condition_far_out_is_asked_of_a_window_that_reaches_there():
    G = Geometric(F(1, 2)).given(lambda x: x >= 50)
    assert math.isclose(G.pmf(50), 0.5, rel_tol=1e-11)
    low, high = G.cdf_bounds(50)
    assert low <= 0.5 <= high
    H = Poisson(10).given(lambda x: x >= 46)
    low, high = H.cdf_bounds(46)
    truth = Poisson(10).pmf(46) / Poisson(10).sf(45)
    assert low * (1 - 1e-10) <= truth <= high * (1 + 1e-10)
    assert high - low < 1e-9


def test_equal_terms_keep_the_larger_error_and_the_weaker_kind():
    base = Distribution({k: F(k % 7 + 1) for k in range(300)}, normalize=True)
    with settings(tolerance=1e-3, exact_limit=0):
        rough = 40 @ base
    sharp = Distribution.from_arrays(*rough.to_arrays())
    assert sharp == rough
    for terms in ([sharp, rough], [rough, sharp]):
        assert sum_of(terms).error >= rough.error
    half, float_half = Distribution({0: "1/2", 1: "1/2"}), Distribution({0: 0.5, 1: 0.5})
    assert sum_of([half, float_half]).kind == sum_of([float_half, half]).kind == "float"
    assert not PoissonBinomial(["1/2", 0.5]).is_exact
    assert not PoissonBinomial([0.5, "1/2"]).is_exact


def test_bounds_of_a_cdf_near_one_hold_the_truth():
    X = Distribution({0: 1 - F(1, 10**30), 1: F(1, 10**30)}).to_float()
    low, high = X.cdf_bounds(0)
    assert F(low) < 1 - F(1, 10**30) < F(high) + F(1, 10**15)
    assert X.cdf_bounds(1) == (1.0, 1.0)
    assert X.cdf_bounds(-1) == (0.0, 0.0)


def test_quantiles_invert_what_cdf_and_sf_say():
    rng = np.random.default_rng(0)
    for _ in range(50):
        X = Distribution.from_array(rng.random(rng.integers(2, 9)), normalize=True)
        for x in X.support:
            assert X.ppf(X.cdf(x)) == x
            assert X.isf(X.sf(x)) == x
    dice = (1000 @ Die(6)).to_float()
    assert (dice.ppf("1e-500"), dice.isf("1e-500")) == (1262, 5738)


def test_characteristic_functions_of_far_laws():
    expected = sum(np.exp(1j * k) for k in range(1, 7)) / 6
    assert np.allclose((Die(6) + 10**17).cf(1.0), turned(expected))
    near = [sum(np.exp(1j * t * (k - 4)) for k in range(1, 7)) / 6 for t in (0.5, 2.0)]
    assert np.allclose((Die(6) - 4).cf([0.5, 2.0]), near)
    with pytest.raises(DimensionError):
        product(Die(2), Die(2)).cf(1)


def turned(value):
    """exp(i 10**17) times a value, the angle reduced with 60 digits."""
    import flint

    with flint.ctx.workprec(200):
        angle = flint.arb(10**17)
        return complex(float(angle.cos()), float(angle.sin())) * value


def test_distances_over_wide_gaps():
    places = (0, 1, 2, 10**15, 10**15 + 1)
    weights = [0.1, 0.25, 0.3, 0.15, 0.2]
    first = Distribution(dict(zip(places, weights, strict=True)))
    second = Distribution(dict(zip(places, [0.25, 0.1, 0.3, 0.2, 0.15], strict=True)))
    exact = wasserstein(
        Distribution({x: F(str(w)) for x, w in zip(places, weights, strict=True)}),
        Distribution({x: F(str(w)) for x, w in zip(places, [0.25, 0.1, 0.3, 0.2, 0.15], strict=True)}),
    )
    # The doubles' own sums differ by some 1e-17 on either side of the gap: so much of 10**15, and no more.
    assert math.isclose(wasserstein(first, second), exact, abs_tol=0.12)


@pytest.mark.parametrize("scale", [F(1, 10**200), F(1, 10**120), 1, 10**150, 10**200])
def test_shapes_have_no_scale(scale):
    s = Distribution({0: "1/2", 1: "1/4", 5: "1/4"})
    for law in (s, s.to_float()):
        assert math.isclose((law * scale).skewness(), 1.0272097060362337, rel_tol=1e-12)
        assert math.isclose((law * scale).kurtosis(), s.kurtosis(), rel_tol=1e-12)
        assert math.isclose((law * scale).std() / s.std(), float(scale), rel_tol=1e-12)


def test_shapes_of_very_lopsided_and_very_large_laws():
    assert math.isclose(Distribution({0: 1.0, 1: 1e-200}).kurtosis(), 1e200, rel_tol=1e-12)
    assert math.isclose(Poisson(1e17).kurtosis(), 1e-17, rel_tol=1e-12)
    assert math.isclose(Skellam(1e12, 1e12).kurtosis(), 5e-13, rel_tol=1e-12)
    assert math.isclose(Poisson(1e-200).kurtosis(), 1e200, rel_tol=1e-12)
    assert (10**400 * Die(6)).std() == math.inf


def test_logs_near_zero_keep_their_digits():
    assert Poisson(1e-17).logcdf(0) == -1e-17
    assert Poisson(1e-300).logcdf(0) == -1e-300
    expected = -(NegativeBinomial(F(1, 10**21), "1/2").sf(0))
    assert math.isclose(NegativeBinomial(F(1, 10**21), "1/2").logcdf(0), expected, rel_tol=1e-11)


def test_sums_of_infinite_laws_are_equal_however_they_are_written():
    pairs = [
        ((Poisson(3) + Die(6)) + Die(4), Poisson(3) + (Die(6) + Die(4))),
        ((Poisson(3) + Die(6)) + Die(6), Poisson(3) + 2 @ Die(6)),
        (sum_of([Poisson(3), Die(6), Die(4)]), Poisson(3) + (Die(6) + Die(4))),
        (Geometric("1/2") + Die(6), NegativeBinomial(1, "1/2") + 1 + Die(6)),
    ]
    for first, second in pairs:
        assert first == second
        assert hash(first) == hash(second)
    assert Poisson(3) + Die(6) != Poisson(3) + Die(4)


def test_laws_without_a_window_tell_their_error_and_are_shown():
    for law in (Geometric(1e-9), Poisson(1e20), Logarithmic(0.99999999999999), NegativeBinomial(4e-244, 4e-151)):
        assert 0 <= law.error < 1e-10
        assert 0 <= law.missing <= 1e-18
        assert repr(law)
        assert str(law)
    with settings(max_bytes=10**6), pytest.raises(SizeLimitError, match="max_bytes"):
        Poisson(1e11).truncate(high=10**11)
    with pytest.raises(SizeLimitError):
        Die(10**9).to_dict()
    assert Die(10**9).pmf(1) == F(1, 10**9)
    assert Die(10**9).mean() == F(10**9 + 1, 2)


def test_families_at_extreme_parameters():
    assert Hypergeometric(10**300, 10**300, 10**4).pmf(10**4) == 1
    assert Hypergeometric(10**306, 1, 1).pmf(0) > 0.999
    assert Binomial(10**20, 1).pmf(10**20) == 1
    assert Binomial(10**20, 1).is_exact
    X = Multinomial(1, [0.5, 0.5 + 4e-16])
    assert (X + X).parameters["n"] == 2


def test_generating_functions_of_far_laws():
    X = Die(6) + 10**6
    assert X.pgf(F(1, 3)) == F(1, 3) ** 10**6 * Die(6).pgf(F(1, 3))
    with pytest.raises(SizeLimitError, match="ask at a float"):
        (Die(6) + 10**15).pgf(F(1, 3))
    with pytest.raises(DistconvValueError, match="must not be 0"):
        (Die(6) - 3).pgf(0)


def test_numbers_with_absurd_exponents_are_refused_at_once():
    with pytest.raises(DistconvValueError, match="too many digits"):
        Distribution({"1e1000000000": 1})
    assert Distribution({"1e400": 1}).support[0] == 10**400


def test_the_least_integer_is_no_large_one():
    assert (3 * Die(6) + 7).sf(np.array([-(2**63)])).tolist() == [1]


def test_weights_below_the_doubles_are_read_whole():
    A = Distribution({0: 1.23456789e-160, 1: 1.0})
    exact = (A + A).to_exact(normalize=True)
    assert math.isclose(exact.pmf(0) / exact.pmf(2), F(1.23456789e-160) ** 2, rel_tol=1e-9)


def test_clips_at_one_point_are_that_point():
    for law in (Poisson(3), Logarithmic("1/3"), Geometric("1/2"), -Poisson(3), Skellam(1, 2)):
        assert law.clip(low=2, high=2) == Point(2)


def test_joint_laws_without_end_are_shown():
    law = joint(Poisson(3), Die(6))
    line = "Distribution(2-D, outcomes (0, 1).., float, mean (3, 3.5), sd (1.732, 1.708))"
    assert repr(law) == line
    assert str(law).startswith(line)
    assert line in latex(law)
    assert repr(joint(-Poisson(1), Die(2))).startswith("Distribution(2-D, outcomes ..(0, 2), float")
    assert mixture([(law, "1/2"), (joint(Die(6), Die(6)), "1/2")]).pmf((1, 1)) == pytest.approx(
        float(law.pmf((1, 1)) + F(1, 36)) / 2
    )
    letter = sympy.Symbol("l", positive=True)
    assert joint(Poisson(letter), Die(6)).pmf((0, 1)) == sympy.exp(-letter) / 6


def test_counts_that_are_one_number():
    assert Distribution({0: 1}) @ Poisson(1.5) == Point(0)
    assert (0 @ Die(6)) @ (Poisson(1.5) + F(1, 2)) == Point(0)
    assert Distribution({3: 1}) @ Poisson(1.5) == Poisson(4.5)
    assert Distribution({2: 1}) @ Die(6) == 2 @ Die(6)
    assert plan_compound(Point(3), Poisson(3)).method == "given"


def test_counts_whose_terms_soon_pass_a_window():
    count = Distribution({0: "5/12", 7: "2/12", 3: "5/12"})
    law = count @ Skellam(0.5, 1.5).truncate(low=1)
    first = Skellam(0.5, 1.5).truncate(low=1).pmf(1)
    assert [law.pmf(0), law.pmf(1), law.pmf(2)] == [F(5, 12), 0, 0]
    assert law.pmf(3) == pytest.approx(5 / 12 * first**3, rel=1e-9)


def likelihood(h):
    return Binomial(math.ceil(h) + 2, F(1, 3))


def test_posteriors_of_the_same_are_the_same():
    first, second = (posterior(Geometric("1/2"), likelihood, [2, 1]) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert pickle.loads(pickle.dumps(first)) == first
    assert first != posterior(Geometric("1/2"), likelihood, [2, 2])


def test_chances_far_below_all_fractions():
    law = Poisson(1e12).truncate(low=1)
    assert law.ppf(0.5) == Poisson(1e12).ppf(0.5)
    assert math.isclose(law.logcdf(5), Poisson(1e12).logcdf(5), rel_tol=1e-12)
    draws = law.rvs(5, 1)
    assert (abs(draws - 10**12) < 10**7).all()
    far = Poisson(1e12).truncate(low=2 * 10**12)
    assert math.isclose(far.pmf(2 * 10**12), 0.5, rel_tol=far.error)
    assert far.ppf(0.5) in (2 * 10**12, 2 * 10**12 + 1)
    clipped = Poisson(1e12).clip(low=5)
    assert clipped == Poisson(1e12).clip(low=5)
    assert hash(clipped) == hash(Poisson(1e12).clip(low=5))
    assert clipped != Poisson(1e12).clip(low=6)
    assert math.isclose(clipped.logpmf(5), Poisson(1e12).logcdf(5), rel_tol=1e-12)


def test_what_forgets_is_only_moved():
    assert Geometric("1/2").truncate(low=3) == Geometric("1/2") + 2
    assert (-Geometric("1/2")).truncate(high="-5/2") == -Geometric("1/2") - 2
    assert Geometric(1e-9).truncate(low=10**11).ppf(0.5) == 10**11 - 1 + Geometric(1e-9).ppf(0.5)


def test_truncated_laws_draw_what_is_kept():
    for law in (Poisson(3).truncate(low=2), (-Poisson(3)).truncate(high=-2), Poisson(3).truncate(low=12)):
        draws = law.rvs(2000, 1)
        assert draws.min() >= (law.low or -math.inf)
        assert abs(draws.mean() - law.mean()) < 5 * law.std() / math.sqrt(2000)
    assert isinstance(Poisson(3).truncate(low=2).rvs(), int)
    assert Poisson(3).truncate(low=2).rvs((2, 0)).shape == (2, 0)


def test_extremes_are_equal_wherever_they_are_scaled():
    assert minimum(2 * Poisson(3), 2 * Geometric("1/2")) == 2 * minimum(Poisson(3), Geometric("1/2"))
    assert maximum(Poisson(3) + 1, Die(6) + 1) == maximum(Die(6), Poisson(3)) + 1
    assert order_statistic(Poisson(3), 1, 1) == Poisson(3)
    assert maximum(Poisson(3), Die(6)) != maximum(Poisson(3), Die(4))
