"""To and from scipy.stats, and the numbers that other libraries hand over as outcomes and weights."""

import math
import pickle
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import pytest
import scipy.stats as st
import sympy
from agreement import stored, worst_error

from distconv import (
    AccuracyError,
    Binomial,
    Die,
    DimensionError,
    DistconvError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Hypergeometric,
    NegativeBinomial,
    Poisson,
    SizeLimitError,
    from_scipy,
    isclose,
    settings,
)

DIGITS = 60


def fraction(value):
    """The exact value of a long mpmath number."""
    sign, mantissa, exponent, _ = mpmath.mpf(value)._mpf_
    return (-1) ** sign * Fraction(int(mantissa)) * Fraction(2) ** exponent


def log_choose(n, k):
    return mpmath.loggamma(n + 1) - mpmath.loggamma(k + 1) - mpmath.loggamma(n - k + 1)


def true_binomial(n, p):
    p = mpmath.mpf(p)
    return lambda k: mpmath.exp(log_choose(n, k) + k * mpmath.log(p) + (n - k) * mpmath.log(1 - p))


def true_poisson(mu):
    mu = mpmath.mpf(mu)
    return lambda k: mpmath.exp(-mu + k * mpmath.log(mu) - mpmath.loggamma(k + 1))


def true_negative_binomial(r, p):
    r, p = mpmath.mpf(r), mpmath.mpf(p)
    return lambda k: mpmath.exp(
        mpmath.loggamma(k + r) - mpmath.loggamma(k + 1) - mpmath.loggamma(r) + r * mpmath.log(p) + k * mpmath.log(1 - p)
    )


def true_hypergeometric(M, n, N):
    return lambda k: mpmath.exp(log_choose(n, k) + log_choose(M - n, N - k) - log_choose(M, N))


def true_geometric(p):
    p = mpmath.mpf(p)
    return lambda k: p * (1 - p) ** (k - 1)


def phi(x):
    """The normal CDF, to 60 digits."""
    return mpmath.erfc(-mpmath.mpf(x) / mpmath.sqrt(2)) / 2


def exact(x):
    """A rational as a long mpmath number."""
    x = Fraction(x)
    return mpmath.mpf(x.numerator) / x.denominator


#: scipy's newer kind of laws is whole from 1.16 on; of an older scipy its cases are left out.
NEWER = hasattr(st, "Binomial")


def newer(*makers):
    """What these functions make, where scipy has it."""
    return [make() for make in makers] if NEWER else []


# Discrete laws --------------------------------------------------------------------------------------------------------

DISCRETE = [
    (st.binom(10, 0.3), true_binomial(10, 0.3)),
    (st.binom(2000, 0.001), true_binomial(2000, 0.001)),
    (st.binom(1000, 0.5), true_binomial(1000, 0.5)),
    (st.poisson(0.1), true_poisson(0.1)),
    (st.poisson(3), true_poisson(3)),
    (st.poisson(10_000), true_poisson(10_000)),
    (st.nbinom(2.5, 0.1), true_negative_binomial(2.5, 0.1)),
    (st.nbinom(1000, 0.5), true_negative_binomial(1000, 0.5)),
    (st.hypergeom(50, 10, 20), true_hypergeometric(50, 10, 20)),
    (st.hypergeom(10**6, 10, 10), true_hypergeometric(10**6, 10, 10)),
    (st.geom(0.2), true_geometric(0.2)),
    *newer(
        lambda: (st.Binomial(n=10, p=0.3), true_binomial(10, 0.3)),
        lambda: (st.make_distribution(st.poisson)(mu=3.0), true_poisson(3)),
    ),
]


def named(case):
    law = case[0] if isinstance(case, tuple) else case
    return f"{law.dist.name}{law.args}" if hasattr(law, "dist") else str(law)


@pytest.mark.parametrize("case", DISCRETE, ids=named)
def test_probabilities_are_right_to_the_assumed_error(case):
    law, pmf = case
    X = from_scipy(law)
    assert X.kind == "float"
    with mpmath.workdps(DIGITS):
        some = {x: p for i, (x, p) in enumerate(stored(X).items()) if len(X.support) < 400 or i % 29 == 0}
        worst = max(abs(p / fraction(pmf(x)) - 1) for x, p in some.items())
    assert worst <= X.error < 1e-7


@pytest.mark.parametrize(
    ("frozen", "law"),
    [
        (st.binom(10, 0.3), Binomial(10, 0.3)),
        (st.binom(3000, 0.9), Binomial(3000, 0.9)),
        (st.poisson(500.5), Poisson(500.5)),
        (st.geom(0.25), Geometric(0.25)),
        (st.nbinom(4, 0.3), NegativeBinomial(4, 0.3)),
        (st.hypergeom(50, 20, 10), Hypergeometric(50, 20, 10)),
    ],
    ids=named,
)
def test_the_families_agree_within_both_errors(frozen, law):
    X = from_scipy(frozen)
    assert X.missing <= 1e-15
    for x in X.support:
        truth = float(law.pmf(x))
        if truth > 1e-290:
            assert abs(X.pmf(x) - truth) <= (X.error + law.error + 2**-52) * truth


def test_the_assumed_error_is_not_lavish():
    # A claim that is a thousand times too large would pass every test of being right.
    assert from_scipy(st.binom(10, 0.3)).error < 1e-13
    assert from_scipy(st.poisson(3)).error < 1e-13
    assert from_scipy(st.norm(), step=0.1).error < 1e-11


@pytest.mark.parametrize("tail", [1e-3, 1e-15, 1e-100])
@pytest.mark.parametrize(
    ("law", "pmf", "first"),
    [(st.poisson(3), true_poisson(3), 0), (st.nbinom(2.5, 0.4), true_negative_binomial(2.5, 0.4), 0)],
    ids=["poisson", "nbinom"],
)
def test_what_is_cut_off_is_missing_and_at_most_tail(law, pmf, first, tail):
    X = from_scipy(law, tail=tail)
    with mpmath.workdps(150):
        outside = 1 - sum(pmf(k) for k in range(first, X.support[-1] + 1))
        assert 0 < outside <= X.missing <= tail
        # No outcome fewer would do.
        assert outside + pmf(X.support[-1]) > tail
    assert X.support[0] == first


def test_the_pmf_is_not_renormalised():
    X = from_scipy(st.poisson(3), tail=0.05)
    assert X.missing > 0.01
    assert math.isclose(math.fsum(p for _, p in X) + X.missing, 1, rel_tol=1e-13)
    assert X.pmf(2) == st.poisson(3).pmf(2)


def test_both_ends_share_the_tail():
    law = st.dlaplace(0.8)
    X = from_scipy(law, tail=1e-6)
    assert X.support[0] == -X.support[-1]
    assert 2 * law.cdf(X.support[0] - 1) <= X.missing <= 1e-6


def test_a_finite_support_is_not_cut_while_it_fits():
    assert from_scipy(st.binom(60, 0.5)).missing == 0
    assert len(from_scipy(st.binom(60, 0.5)).support) == 61


def test_a_long_finite_support_is_cut_at_the_tail():
    X = from_scipy(st.binom(10**9, 0.5))
    assert len(X.support) < 300_000
    assert 0 < X.missing <= 1e-15
    assert math.isclose(X.mean(), 5e8, rel_tol=1e-12)


def test_probabilities_below_the_doubles_are_missing_and_true_zeros_are_not():
    X = from_scipy(st.binom(2000, 0.5))
    assert X.support[0] > 0
    assert 2 * sum(math.comb(2000, k) for k in range(X.support[0])) <= Fraction(X.missing) * 2**2000
    assert 0 < X.missing < 1e-300

    class Even(st.rv_discrete):
        def _pmf(self, k):
            return np.where(k % 2 == 0, 0.25, 0.0)

    evens = from_scipy(Even(name="even", a=0, b=6)())
    assert evens.to_dict() == {0: 0.25, 2: 0.25, 4: 0.25, 6: 0.25}
    assert evens.missing == 0


@pytest.mark.parametrize("law", [st.binom(10, 0.3, 7), st.binom(10, 0.3, loc=7), st.binom(n=10, p=0.3, loc=7)])
def test_shifts(law):
    assert from_scipy(law).to_dict() == (from_scipy(st.binom(10, 0.3)) + 7).to_dict()


def test_a_shift_is_read_as_its_shortest_decimal():
    # scipy's own pmf is 0 at most of these points: 3.1 - 0.1 is not 3.
    X = from_scipy(st.binom(10, 0.3, loc=0.1))
    assert list(X.support) == [Fraction(10 * k + 1, 10) for k in range(11)]
    assert X.pmf(3.1) == st.binom(10, 0.3).pmf(3)


def test_degenerate_laws():
    assert from_scipy(st.bernoulli(0)).to_dict() == {0: 1.0}
    assert from_scipy(st.poisson(0)).to_dict() == {0: 1.0}
    assert from_scipy(st.geom(1.0)).to_dict() == {1: 1.0}
    assert from_scipy(st.randint(1, 7)).to_dict() == dict.fromkeys(range(1, 7), 1 / 6)


@pytest.mark.parametrize(
    "law",
    [
        st.skellam(3, 4), st.logser(0.5), st.zipf(5), st.planck(0.5), st.yulesimon(11), st.betabinom(10, 2, 3),
        st.betanbinom(5, 20, 3), st.nhypergeom(20, 7, 12), st.nchypergeom_fisher(140, 80, 60, 0.5),
        st.boltzmann(1.4, 19), st.zipfian(1.3, 10),
        *newer(lambda: st.poisson_binom([0.1, 0.2, 0.7]), lambda: st.make_distribution(st.skellam)(mu1=3.0, mu2=4.0)),
    ],
    ids=named,
)  # fmt: skip
def test_every_kind_of_discrete_law(law):
    X = from_scipy(law)
    assert X.missing <= 1e-15
    points = np.array([int(x) for x in X.support])
    np.testing.assert_array_equal(X.pmf(points), law.pmf(points.astype(float)))
    assert math.isclose(math.fsum(X.to_dict().values()), 1, rel_tol=1e-12)


def test_a_law_of_ones_own():
    class Halving(st.rv_discrete):
        def _pmf(self, k):
            return 0.5 ** (k + 1)

    for law in (Halving(name="halving"), Halving(name="halving")()):
        X = from_scipy(law)
        assert X.pmf(3) == 1 / 16
        assert 2.0 ** -(X.support[-1] + 1) <= X.missing <= 1e-15


def test_values_keep_their_points_and_probabilities():
    law = st.rv_discrete(values=([0.3, 0.1, 7], [0.25, 0.5, 0.25]))
    for given in (law, law()):
        X = from_scipy(given)
        assert X.to_dict() == {Fraction(1, 10): 0.5, Fraction(3, 10): 0.25, 7: 0.25}
        assert X.error == X.missing == 0
    assert list(from_scipy(law(loc=0.2)).support) == [Fraction(3, 10), Fraction(1, 2), Fraction(36, 5)]
    assert list(from_scipy(law(-7)).support) == [Fraction(-69, 10), Fraction(-67, 10), 0]


def test_values_that_are_fractions_stay_exact():
    law = st.rv_discrete(values=([1, 2], [Fraction(1, 3), Fraction(2, 3)]))
    assert from_scipy(law).to_dict() == {1: Fraction(1, 3), 2: Fraction(2, 3)}


# Continuous laws ------------------------------------------------------------------------------------------------------

NORMALS = [
    (st.norm(), 0, 1),
    (st.norm(1000, 7), 1000, 7),
    *newer(
        lambda: (st.Normal(), 0, 1),
        lambda: (2 * st.Normal() + 1, 1, 2),
        lambda: (st.Normal(mu=-3.0, sigma=0.5), -3, 0.5),
    ),
]


@pytest.mark.parametrize("step", ["1/4", 0.1, "1/3"])
@pytest.mark.parametrize(("rounding", "shift"), [("nearest", Fraction(-1, 2)), ("down", 0), ("up", -1)])
@pytest.mark.parametrize("case", NORMALS, ids=lambda case: str(named(case)))
def test_cells_of_normal_laws(case, rounding, shift, step):
    law, mu, sigma = case
    X = from_scipy(law, step=step, rounding=rounding)
    h = Fraction(step) if isinstance(step, str) else Fraction(str(step))
    weights = stored(X)
    assert all((x / h).denominator == 1 for x in weights)
    low, high = X.support[0], X.support[-1]
    with mpmath.workdps(DIGITS):

        def below(x):
            return phi((exact(x) - mu) / mpmath.mpf(sigma))

        def above(x):
            return phi(-(exact(x) - mu) / mpmath.mpf(sigma))

        for x, p in weights.items():
            left, right = x + shift * h, x + (shift + 1) * h
            true = below(right) - below(left) if right < mu else above(left) - above(right)
            if rounding == "down" and x == high:
                true = above(left)
            if rounding == "up" and x == low:
                true = below(right)
            assert abs(p / fraction(true) - 1) <= X.error, x
        outside = mpmath.mpf(0)
        if rounding != "up":
            outside += below(low + shift * h)
        if rounding != "down":
            outside += above(high + (shift + 1) * h)
        assert outside <= X.missing <= 1e-15
    assert X.error < 1e-10


@pytest.mark.parametrize(
    "law",
    [st.norm(), st.expon(), st.gamma(0.5), st.t(5), st.beta(2, 3), st.uniform(0.05, 0.8), st.rice(2.0),
     *newer(
         lambda: st.Uniform(a=0.0, b=1.0), lambda: st.truncate(st.Normal(), 0.0, np.inf), lambda: st.exp(st.Normal()),
         lambda: st.Mixture([st.Normal(), st.Normal(mu=9.0)], weights=[0.4, 0.6]),
         lambda: st.make_distribution(st.gamma)(a=2.0),
     )],
    ids=named,
)  # fmt: skip
def test_down_and_up_bound_the_true_law_on_both_sides(law):
    tail = 1e-9
    down, up = (from_scipy(law, step=0.1, rounding=word, tail=tail) for word in ("down", "up"))
    assert down.missing < 2e-9
    assert up.missing < 2e-9
    points = sorted({*down.support[::7], *up.support[::7], Fraction(-30), Fraction(200)})
    for x in points:
        true = float(law.cdf(float(x)))
        roundoff = 1e-11 * true
        assert float(down.cdf_bounds(x)[1]) >= true - roundoff, x
        assert float(up.cdf_bounds(x)[0]) <= true + roundoff, x
        # What is cut off never weakens the bound that a rounding is for: down's sf is too small as it stands.
        survival = float(law.ccdf(float(x)) if hasattr(law, "ccdf") else law.sf(float(x)))
        assert float(down.sf(x)) <= survival * (1 + 1e-9) + 1e-15, x
        assert float(up.cdf(x)) <= true * (1 + 1e-9) + 1e-15, x


def test_bounds_survive_sums():
    law = st.expon()
    down, up = (5 @ from_scipy(law, step="1/20", rounding=word) for word in ("down", "up"))
    total = st.gamma(5)
    assert math.isclose(up.mean() - down.mean(), 5 / 20, rel_tol=1e-9)
    for x in range(1, 30):
        assert down.sf(x) <= total.sf(x) <= up.cdf_bounds(x)[1] + up.sf(x)
        assert down.sf(x) <= total.sf(x) <= up.sf(x) + up.missing


@pytest.mark.parametrize("law", [st.norm(), *newer(lambda: st.Normal())], ids=named)
def test_sums_of_discretised_normals_converge_with_the_square_of_the_step(law):
    worst = []
    for step in ("1/2", "1/4", "1/8"):
        h = Fraction(step)
        S = 4 @ from_scipy(law, step=h)
        edges = [x * h for x in range(int(-8 / h), int(8 / h))]
        worst.append(max(abs(float(S.cdf(x)) - st.norm(0, 2).cdf(float(x + h / 2))) for x in edges))
        # Sheppard: rounding adds h**2 / 12 to the variance of each term.
        assert math.isclose(S.var(), 4 * (1 + float(h) ** 2 / 12), rel_tol=1e-9)
    assert worst[0] > 3.5 * worst[1] > 3.5 * 3.5 * worst[2] > 0


def test_uniform_cells_are_exactly_what_they_should_be():
    for law in (st.uniform(), *newer(lambda: st.Uniform(a=0.0, b=1.0))):
        assert from_scipy(law, step="1/4").to_dict() == {
            0: 0.125, Fraction(1, 4): 0.25, Fraction(1, 2): 0.25, Fraction(3, 4): 0.25, 1: 0.125,
        }  # fmt: skip
        down, up = (from_scipy(law, step="1/4", rounding=word) for word in ("down", "up"))
        assert list(down.support) == [0, Fraction(1, 4), Fraction(1, 2), Fraction(3, 4)]
        assert up == down + Fraction(1, 4)
        assert down.missing == up.missing == 0
        # Edges that are no doubles lose nothing at the ends either.
        assert from_scipy(law, step=0.1, rounding="down").missing == 0


def test_a_step_coarser_than_the_law():
    assert from_scipy(st.norm(0, 1e-6), step=1).to_dict() == {0: 1.0}
    assert from_scipy(st.uniform(0.2, 0.1), step=1, rounding="down").to_dict() == {0: 1.0}
    assert from_scipy(st.uniform(0.2, 0.1), step=1, rounding="up").to_dict() == {1: 1.0}


@pytest.mark.skipif(not NEWER, reason="a law of scipy's newer kind")
def test_the_valley_of_a_mixture_keeps_its_digits():
    X = from_scipy(st.Mixture([st.Normal(), st.Normal(mu=30.0)], weights=[0.5, 0.5]), step=1)
    with mpmath.workdps(DIGITS):
        # The cdf is 1/2 in all digits there, so differences of it have none.
        for x in (7, 8, 22, 23):
            near = min(x, 30 - x)
            truth = (phi(-(near - 0.5)) - phi(-(near + 0.5))) / 2
            assert abs(stored(X)[x] / fraction(truth) - 1) <= X.error
    assert X.missing <= 1e-15


def test_what_no_cdf_resolves_is_missing():
    class Gap(st.rv_continuous):
        """Half the law at 0, half at 20, by cdf alone."""

        def _cdf(self, x):
            return (st.norm.cdf(x) + st.norm.cdf(x - 20)) / 2

        def _sf(self, x):
            return (st.norm.sf(x) + st.norm.sf(x - 20)) / 2

        def _ppf(self, q):
            return np.where(q < 0.5, 0.0, 20.0)

    X = from_scipy(Gap(name="gap")(), step=1)
    lost = [x for x in range(-5, 26) if x not in X.support]
    assert lost
    assert lost == list(range(lost[0], lost[-1] + 1))
    assert sum(float(phi(0.5 - min(x, 20 - x)) - phi(-0.5 - min(x, 20 - x))) / 2 for x in lost) <= X.missing < 1e-8
    truth = float(phi(-4.5) - phi(-5.5)) / 2
    assert abs(X.pmf(5) / truth - 1) <= X.error


def test_an_sf_that_is_one_minus_cdf_is_not_trusted_to_its_last_digit():
    assert from_scipy(st.skellam(3, 4)).missing >= 2**-51
    # A tail that the sf of every supported scipy resolves.
    X = from_scipy(st.rice(2.0), step=0.1, tail=1e-14)
    # The far tail is lost in the subtraction; what it may hold is missing.
    assert 1 - math.fsum(X.to_dict().values()) <= X.missing < 1e-8


def test_an_sf_that_stalls_is_refused_with_a_tail_that_works():
    law = st.betanbinom(20, 20, 3)
    with pytest.raises(DistconvValueError, match=r"1 - cdf.*below 1\.\de-15.*tail=1e-14 say"):
        from_scipy(law)
    assert from_scipy(law, tail=1e-14).missing <= 1e-14


def test_a_density_of_ones_own_is_integrated():
    class Exponential(st.rv_continuous):
        def _pdf(self, x):
            return np.exp(-x)

    X = from_scipy(Exponential(name="exponential", a=0)(), step=1, rounding="down")
    for x in range(10):
        assert abs(X.pmf(x) / (math.exp(-x) * -math.expm1(-1)) - 1) <= X.error


def test_laws_far_from_zero():
    X = from_scipy(st.norm(1e9, 1), step=0.1)
    assert math.isclose(X.mean(), 1e9, rel_tol=1e-12)
    assert 1e-9 < X.error < 1e-5, "edges near 1e9 are rounded, and the law says so"
    # With edges that are doubles nothing is rounded.
    assert from_scipy(st.norm(2.0**30, 1), step="1/8").error < 1e-11


def test_through_distribution():
    X = Distribution.from_scipy(st.norm(), step=0.5, tail=1e-6, rounding="up")
    assert X == from_scipy(st.norm(), step=0.5, tail=1e-6, rounding="up")
    assert Distribution.from_scipy(st.binom(10, 0.3)) == from_scipy(st.binom(10, 0.3))


# Back to scipy --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "X",
    [Die(6), 3 @ Die(6), Die(6) / 2, Distribution({"0.1": "1/2", "0.3": "1/3", 7: "1/6"}), Binomial(20, 0.3)],
    ids=["die", "dice", "halves", "decimals", "binomial"],
)
def test_to_scipy_and_back(X):
    law = X.to_scipy()
    for x, p in X.to_dict().items():
        assert math.isclose(law.pmf(float(x)), p, rel_tol=1e-14)
        assert math.isclose(law.cdf(float(x)), X.cdf(x), rel_tol=1e-14)
        assert math.isclose(law.sf(float(x)), X.sf(x), abs_tol=1e-14)
    assert law.pmf(1234.5) == 0
    between = (float(X.support[0]) + float(X.support[1])) / 2
    assert math.isclose(law.cdf(between), X.pmf(X.support[0]), rel_tol=1e-14)
    assert math.isclose(law.mean(), X.mean(), rel_tol=1e-13)
    assert math.isclose(law.var(), X.var(), rel_tol=1e-12)
    assert law.support() == (float(X.support[0]), float(X.support[-1]))
    back = from_scipy(law)
    assert list(back.support) == list(X.support)
    assert worst_error(back, stored(X)) < 1e-15


def test_scipy_accepts_what_distconv_accepts():
    # Floating weights may total 1 to 1e-9 only; scipy gets them divided by their sum.
    law = Distribution(dict.fromkeys(range(12), 0.08333333337)).to_scipy()
    assert math.isclose(law.cdf(11), 1, rel_tol=1e-15)
    assert math.isclose(law.dist.pk.sum(), 1, rel_tol=1e-15)


def test_to_scipy_can_draw():
    draws = Die(6).to_scipy().rvs(size=200, random_state=np.random.default_rng(1))
    assert set(draws) == {1, 2, 3, 4, 5, 6}


def test_the_way_out_of_missing_mass_works():
    X = from_scipy(st.poisson(3), tail=1e-2)
    with pytest.raises(AccuracyError, match=r"missing.*X\.without_missing\(\)\.to_scipy\(\)"):
        X.to_scipy()
    assert math.isclose(X.without_missing().to_scipy().pmf(2), X.without_missing().pmf(2), rel_tol=1e-14)
    assert math.isclose(from_scipy(st.poisson(3)).to_scipy().pmf(2), st.poisson(3).pmf(2), rel_tol=1e-14)


# What is refused ------------------------------------------------------------------------------------------------------


class Wrong(st.rv_discrete):
    """A pmf that totals 3/5."""

    def _pmf(self, k):
        return np.where(k < 3, 0.2, 0.0)


class Undefined(st.rv_discrete):
    """A pmf without a value."""

    def _pmf(self, k):
        return np.where(k == 0, np.nan, 1.0)


def small(law):
    """A law read under a limit that is reached soon."""
    with settings(max_bytes=64 * 10**6):
        return from_scipy(law)


T, V, D, S = DistconvTypeError, DistconvValueError, DimensionError, SizeLimitError

#: Of scipy's newer kind of laws.
REFUSED_NEWER = [
    ("new", lambda: from_scipy(st.Normal()), T, r"StandardNormal\(\) is continuous.*'down' and rounding='up'"),
    ("mixture", lambda: from_scipy(st.Mixture([st.Normal()])), T, r"is continuous; discretise"),
    ("class", lambda: from_scipy(st.Normal), T, r"the class Normal; call it: Normal\(\.\.\.\)"),
    ("many new", lambda: from_scipy(st.Normal(mu=[0.0, 1.0]), step=1), T, r"arrays as parameters"),
]
REFUSED = [
    *(REFUSED_NEWER if NEWER else []),
    ("continuous", lambda: from_scipy(st.norm()), T, r"scipy\.stats\.norm is continuous; discretise first.*step=0\.1"),
    (
        "unfrozen norm",
        lambda: from_scipy(st.norm),
        T,
        r"is continuous; discretise first: from_scipy\(dist, step=0\.1\)",
    ),
    ("unfrozen", lambda: from_scipy(st.binom), T, r"no parameters yet; freeze it first: scipy\.stats\.binom\(n, p\)"),
    ("number", lambda: from_scipy(3), T, r"frozen scipy\.stats law of one variable.*got 3"),
    ("kde", lambda: from_scipy(st.gaussian_kde([1.0, 2, 4])), T, r"frozen scipy\.stats law"),
    ("distribution", lambda: from_scipy(Die(6)), T, r"frozen scipy\.stats law.*got Die\(6\)"),
    ("normal plane", lambda: from_scipy(st.multivariate_normal([0, 0])), T, r"one variable.*product\(X, Y\)"),
    ("multinomial", lambda: from_scipy(st.multinomial(3, [0.5, 0.5])), T, r"Multinomial\(n, ps\)"),
    ("many", lambda: from_scipy(st.binom([3, 4], 0.3)), T, r"arrays as parameters.*one of them"),
    ("many shifts", lambda: from_scipy(st.binom(3, 0.3, loc=[0, 1])), T, r"arrays as parameters"),
    ("domain", lambda: from_scipy(st.binom(10, 1.5)), V, r"binom has no support.*outside its domain"),
    ("tail -1", lambda: from_scipy(st.poisson(3), tail=-1), V, r"tail must be >= 0 and < 1, got -1"),
    ("tail 1", lambda: from_scipy(st.poisson(3), tail=1), V, r"tail must be >= 0 and < 1, got 1"),
    ("tail nan", lambda: from_scipy(st.poisson(3), tail=math.nan), V, r"tail must be"),
    ("tail text", lambda: from_scipy(st.poisson(3), tail="small"), T, r"tail must be a number, got 'small'"),
    ("tail too small", lambda: from_scipy(st.skellam(3, 4), tail=1e-20), V, r"1 - cdf.*below 4\.4e-16.*tail=1e-14 say"),
    ("step 0", lambda: from_scipy(st.norm(), step=0), V, r"step must be > 0, got 0"),
    ("step -1", lambda: from_scipy(st.norm(), step=-1), V, r"step must be > 0, got -1"),
    ("step nan", lambda: from_scipy(st.norm(), step=math.nan), V, r"step nan"),
    ("step text", lambda: from_scipy(st.norm(), step="wide"), V, r"step 'wide'"),
    ("step list", lambda: from_scipy(st.norm(), step=[1]), T, r"step \[1\]"),
    ("rounding", lambda: from_scipy(st.norm(), step=1, rounding="floor"), V, r"'unbiased', 'both', got 'floor'"),
    ("discrete step", lambda: from_scipy(st.binom(3, 0.5), step=1), V, r"for continuous laws; scipy\.stats\.binom"),
    ("discrete rounding", lambda: from_scipy(st.binom(3, 0.5), rounding="up"), V, r"for continuous laws"),
    ("heavy tail", lambda: small(st.zipf(1.5)), S, r"zipf needs more than 1,000,000 outcomes.*61\.0 MiB.*larger tail="),
    ("cauchy", lambda: from_scipy(st.cauchy(), step=0.1), S, r"coarser step=, a larger tail="),
    ("tiny step", lambda: from_scipy(st.uniform(), step=1e-9), S, r"coarser step="),
    ("hopeless step", lambda: from_scipy(st.norm(1e15, 1), step=1e-3), V, r"step 1/1000 is finer than"),
    ("total", lambda: from_scipy(Wrong(name="wrong", a=0, b=5)), V, r"Wrong on 0\.\.2 sum to 0\.6, not 1|sum to 0\.6"),
    ("undefined", lambda: from_scipy(Undefined(name="undefined", a=0, b=1)), V, r"negative or not finite"),
    ("circle", lambda: from_scipy(st.vonmises(2.0), step=0.1), V, r"vonmises_line"),
    (
        "values' total",
        lambda: from_scipy(st.rv_discrete(values=([1, 2], [0.500001, 0.5]))),
        V,
        r"sum to 1\.000001, not 1.*from_arrays\(xk, pk, normalize=True\)",
    ),
    ("to plane", lambda: Distribution({(0, 1): 1}).to_scipy(), D, r"2-D.*X\.marginal\(0\)"),
    ("to missing", lambda: from_scipy(st.poisson(3), tail=1e-2).to_scipy(), AccuracyError, r"missing.*without_missing"),
    ("to twins", lambda: Distribution({10**17: 0.5, 10**17 + 1: 0.5}).to_scipy(), V, r"same double, 1e\+17"),
    ("to huge", lambda: Distribution({10**400: 1}).to_scipy(), V, r"1\.8e308"),
]


@pytest.mark.parametrize(("call", "kind", "message"), [row[1:] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_what_is_refused(call, kind, message):
    with pytest.raises(DistconvError, match=message) as caught:
        call()
    assert type(caught.value) is kind


def test_the_size_limit_is_the_callers():
    with settings(max_bytes=64 * 1000), pytest.raises(SizeLimitError, match="1,000 outcomes"):
        from_scipy(st.norm(), step=1e-3)
    with settings(max_bytes=64 * 1000):
        assert len(from_scipy(st.norm(), step="1/32").support) < 1000


# Other libraries' numbers ---------------------------------------------------------------------------------------------

TENTHS = [
    0.1, "0.1", "1/10", Decimal("0.1"), Fraction(1, 10), np.float64(0.1), np.float32(0.1), np.float16(0.1),
    sympy.Rational(1, 10), np.array(0.1),
]  # fmt: skip
THREES = [
    3, 3.0, "3", Decimal(3), Fraction(3), np.int8(3), np.uint64(3), np.float32(3), sympy.Integer(3), np.array(3),
]  # fmt: skip
QUARTERS = ["1/4", "0.25", Decimal("0.25"), Fraction(1, 4), sympy.Rational(1, 4)]
FLOATING_QUARTERS = [0.25, np.float64(0.25), np.float32(0.25), np.float16(0.25), sympy.Float(0.25), np.longdouble(0.25)]
ONES = [1, True, np.int64(1), np.bool_(True), sympy.Integer(1), Decimal(1), "1"]


def kind_of(value):
    return f"{type(value).__name__}-{value}"


@pytest.mark.parametrize("tenth", [t for t in TENTHS if not isinstance(t, np.ndarray)], ids=kind_of)
def test_a_tenth_is_a_tenth_whoever_says_it(tenth):
    X = Distribution({tenth: "1/2", 1: "1/2"})
    assert list(X.support) == [Fraction(1, 10), 1]
    assert Distribution({(tenth, 0): 1}).support[0] == (Fraction(1, 10), 0)
    assert Distribution.from_counts({tenth: 1, 1: 1}) == X


@pytest.mark.parametrize("tenth", TENTHS, ids=kind_of)
def test_a_tenth_can_be_asked_for_and_added(tenth):
    X = Distribution({"0.1": "1/2", 1: "1/2"})
    if not isinstance(tenth, str):  # a law is asked for numbers only
        assert X.pmf(tenth) == Fraction(1, 2)
        assert X + tenth == Distribution({"0.2": "1/2", "1.1": "1/2"})


@pytest.mark.parametrize("three", [t for t in THREES if not isinstance(t, np.ndarray)], ids=kind_of)
def test_a_three_is_an_int(three):
    (outcome,) = Distribution({three: 1}).support
    assert outcome == 3
    assert type(outcome) is int
    if not isinstance(three, str):
        assert (Die(6) * three).support[-1] == 18


@pytest.mark.parametrize("quarter", QUARTERS, ids=kind_of)
def test_exact_weights(quarter):
    X = Distribution({0: quarter, 1: "3/4"})
    assert X.is_exact
    assert X.pmf(0) == Fraction(1, 4)


@pytest.mark.parametrize("quarter", FLOATING_QUARTERS, ids=kind_of)
def test_floating_weights(quarter):
    X = Distribution({0: quarter, 1: 0.75})
    assert X.kind == "float"
    assert X.pmf(0) == 0.25


@pytest.mark.parametrize("one", ONES, ids=kind_of)
def test_counts_of_one(one):
    assert Distribution({0: one}).to_dict() == {0: Fraction(1)}
    assert Distribution.from_counts({0: one, 5: 3}).pmf(0) == Fraction(1, 4)


def test_numpy_booleans_are_0_and_1():
    assert Distribution({np.bool_(True): "1/2", np.bool_(False): "1/2"}).to_dict() == {0: 0.5, 1: 0.5}
    assert Distribution.from_samples(np.array([True, False, True])).to_dict() == {0: Fraction(1, 3), 1: Fraction(2, 3)}


def test_counters():
    assert Distribution.from_counts(Counter([3, 5, 3])).to_dict() == {3: Fraction(2, 3), 5: Fraction(1, 3)}
    assert Distribution.from_counts(Counter("1121")).to_dict() == {1: Fraction(3, 4), 2: Fraction(1, 4)}
    values, counts = np.unique([1.5, 2.5, 2.5], return_counts=True)
    assert Distribution.from_counts(dict(zip(values, counts, strict=True))).pmf(2.5) == Fraction(2, 3)
    with pytest.raises(DistconvValueError, match=r"outcome 2 is -1"):
        Distribution.from_counts(Counter({1: 2, 2: -1}))
    with pytest.raises(DistconvValueError, match=r"'a' is not a number"):
        Distribution.from_counts(Counter("abba"))


@pytest.mark.parametrize(
    "data",
    [
        [3, 5, 3], (3, 5, 3), np.array([3, 5, 3]), np.array([3.0, 5, 3]), np.array([3, 5, 3], dtype=np.uint8),
        ["3", "5", "3"], np.array(["3", "5", "3"]), [Decimal(3), Fraction(5), 3], (x for x in (3, 5, 3)),
        np.array([3, 5, 3], dtype=object), [sympy.Integer(3), 5, 3], np.array([[3], [5], [3]]),
    ],
    ids=lambda data: type(data).__name__,
)  # fmt: skip
def test_samples(data):
    assert Distribution.from_samples(data).to_dict() == {3: Fraction(2, 3), 5: Fraction(1, 3)}


def test_samples_in_the_plane():
    truth = {(0, 1): Fraction(1, 3), (1, 2): Fraction(2, 3)}
    for data in (np.array([[1, 2], [0, 1], [1, 2]]), [(1, 2), (0, 1), (1, 2)], [[1, 2], [0, 1], [1.0, 2.0]]):
        assert Distribution.from_samples(data).to_dict() == truth


def test_samples_are_rounded_to_the_step_exactly():
    X = Distribution.from_samples([0.12, 0.26, 0.31, 0.29], step=0.1)
    assert X.to_dict() == {Fraction(1, 10): Fraction(1, 4), Fraction(3, 10): Fraction(3, 4)}
    Y = Distribution.from_samples(np.array([[0.12, 7], [0.26, 8]]), step=(0.1, 5))
    assert Y.to_dict() == {(Fraction(1, 10), 5): Fraction(1, 2), (Fraction(3, 10), 10): Fraction(1, 2)}
    # Ties go to the even multiple, as Python's round does, so that no side is favoured.
    assert Distribution.from_samples([0.5, 1.5, 2.5], step=1).to_dict() == {0: Fraction(1, 3), 2: Fraction(2, 3)}
    with pytest.raises(DistconvValueError, match=r"step must be > 0, got -1"):
        Distribution.from_samples([1], step=-1)


def test_samples_that_are_not_finite():
    for bad in (math.nan, math.inf):
        for data in ([1.0, bad], np.array([1.0, bad])):
            with pytest.raises(DistconvValueError, match="not finite"):
                Distribution.from_samples(data)
            with pytest.raises(DistconvValueError, match="not finite"):
                Distribution.from_samples(data, step=1)


@pytest.mark.parametrize("data", [[(1, 2), (1,)], [(1, 2), 3]])
def test_ragged_samples(data):
    with pytest.raises(DimensionError, match="different dimensions"):
        Distribution.from_samples(data)


def test_a_number_is_no_sample():
    with pytest.raises(DistconvTypeError):
        Distribution.from_samples(5)


def test_a_mapping_is_no_sample():
    with pytest.raises(DistconvTypeError, match="from_counts"):
        Distribution.from_samples(Counter([1, 1, 2]))


# Bugs of construction.py, reported; strict, so that the marks go when the bugs do.


@pytest.mark.parametrize("kind", [np.float32, np.float16])
def test_single_precision_samples_are_read_as_their_own_shortest_decimals(kind):
    for X in (
        Distribution.from_samples(np.array([0.1, 0.1], dtype=kind)),
        Distribution.from_samples([kind(0.1), 1]),
        Distribution.from_arrays([kind(0.1), 1], ["1/2", "1/2"]),
    ):
        assert X.support[0] == Fraction(1, 10)


def test_long_integers_beside_floats_keep_their_digits():
    assert Distribution.from_samples([2**53 + 1, 0.5]).support[-1] == 2**53 + 1
    assert Distribution.from_samples([2**63, -1]).support[-1] == 2**63
    assert Distribution.from_arrays([2**53 + 1, 0.5], [0.5, 0.5]).support[-1] == 2**53 + 1


def test_the_least_int64_is_an_outcome_like_any_other():
    X = Distribution.from_arrays(np.array([-(2**63), 1]), [0.5, 0.5])
    assert X.to_dict() == {-(2**63): 0.5, 1: 0.5}


def test_a_sympy_float_is_read_as_a_double_is():
    assert Distribution({sympy.Float(0.1): 1}).support[0] == Fraction(1, 10)


# Asked, not cut: tail=0 ----------------------------------------------------------------------------------------------


def exponential_cell(k, h):
    """P(cell k) of an exponential law in cells of width h about its multiples, to 50 digits."""
    return 1 - mpmath.exp(-h / 2) if k == 0 else mpmath.exp(-(k - mpmath.mpf(1) / 2) * h) * (1 - mpmath.exp(-h))


def test_a_law_of_scipy_that_is_not_cut_answers_in_its_tails():
    X = from_scipy(st.norm(), step="1/10", tail=0)
    assert not X.is_finite
    assert X.missing < 1e-15
    with mpmath.workdps(50):
        half = mpmath.mpf(1) / 20

        def above(x):
            return mpmath.ncdf(-(mpmath.mpf(x) + half))

        for x in (0, 3, 8, 20, 37):
            assert X.sf(x) == pytest.approx(float(above(x)), rel=1e-9)
            assert X.pmf(x) == pytest.approx(float(mpmath.ncdf(half - x) - mpmath.ncdf(-half - x)), rel=1e-9)
        assert X.logsf(60) == pytest.approx(float(mpmath.log(above(60))), rel=1e-12)
        assert X.logpmf(60) == pytest.approx(
            float(mpmath.log(mpmath.ncdf(-(60 - half)) - mpmath.ncdf(-(60 + half)))), rel=1e-12
        )
    assert X.isf(1e-30) == Fraction(23, 2)
    assert X.ppf(0.5) == 0
    assert X.low is None
    assert X.high is None
    assert X.var() == pytest.approx(1 + 0.01 / 12, rel=1e-12)


@pytest.mark.parametrize("x", [0, 5, 60, 150])
def test_sums_of_laws_that_are_not_cut_keep_their_tails(x):
    E = from_scipy(st.expon(), step="1/10", tail=0)
    S = E + E
    with mpmath.workdps(50):
        h = mpmath.mpf(1) / 10
        cells = [exponential_cell(k, h) for k in range(10 * x + 1)]
        exact = sum(a * b for a, b in zip(cells, reversed(cells), strict=True))
    assert S.pmf(x) == pytest.approx(float(exact), rel=1e-9)
    assert E.low == 0
    assert (E.truncate(low=x) if x else E).sf(x) <= 1


def test_exponential_rates_of_a_law_that_is_not_cut():
    law = from_scipy(st.expon(), step="1/10", tail=0).law
    with mpmath.workdps(50):
        h = mpmath.mpf(1) / 10
        exact = mpmath.log(sum(exponential_cell(k, h) * mpmath.exp(k * h / 2) for k in range(4000)))
    assert law.log_mgf(0.5) == pytest.approx(float(exact), rel=1e-12)
    assert law.log_mgf(1.5) == math.inf
    assert from_scipy(st.cauchy(), step=1, tail=0).law.log_mgf(1e-3) == math.inf


def test_heavy_and_discrete_laws_that_are_not_cut():
    C = from_scipy(st.cauchy(), step="1/10", tail=0)
    assert C.sf(1000) == pytest.approx(float(mpmath.atan(1 / mpmath.mpf("1000.05")) / mpmath.pi), rel=1e-9)
    P = from_scipy(st.poisson(3), tail=0)
    assert P.pmf(60) == pytest.approx(Poisson(3).pmf(60), rel=1e-10)
    assert P.logpmf(400) == pytest.approx(Poisson(3).logpmf(400), rel=1e-10)
    assert (P + 2).low == 2
    assert isclose(from_scipy(st.binom(10, 0.3), tail=0), Binomial(10, 0.3))


def test_laws_that_are_not_cut_are_values():
    X, Y = (from_scipy(st.norm(1, 2), step="1/4", tail=0) for _ in range(2))
    assert X == Y
    assert hash(X) == hash(Y)
    assert X != from_scipy(st.norm(1, 3), step="1/4", tail=0)
    assert pickle.loads(pickle.dumps(2 * X + 1)) == 2 * Y + 1
    assert "asked" in str(X.how())


def test_what_scipy_does_not_resolve_is_cut():
    with pytest.raises(DistconvValueError, match=r"1 - cdf.*tail=1e-12"):
        from_scipy(st.zipf(2.5), tail=0)
    assert from_scipy(st.zipf(4), tail=1e-9).is_finite
