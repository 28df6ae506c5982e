"""To and from scipy.stats; counts, samples and the kinds of numbers that callers bring."""

import math
from collections import Counter
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import sympy
from scipy import stats

from distconv import (
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
    product,
)
from distconv.interop.scipy_stats import SCIPY_ERROR

PAIRS = [
    (stats.binom(10, 0.3), Binomial(10, 0.3)),
    (stats.binom(3000, 0.9), Binomial(3000, 0.9)),
    (stats.poisson(3), Poisson(3)),
    (stats.poisson(500.5), Poisson(500.5)),
    (stats.geom(0.25), Geometric(0.25)),
    (stats.nbinom(4, 0.3), NegativeBinomial(4, 0.3)),
    (stats.hypergeom(50, 20, 10), Hypergeometric(50, 20, 10)),
]


@pytest.mark.parametrize(("frozen", "law"), PAIRS, ids=lambda v: getattr(v, "_name", lambda: "scipy")())
def test_discrete_laws_come_with_scipys_probabilities(frozen, law):
    X = from_scipy(frozen)
    assert X.missing <= 1e-15
    for x in X.support:
        truth = float(law.pmf(x))
        if truth > 1e-290:
            # scipy's own deviation from our proven weights stays within what we assume of it.
            assert abs(X.pmf(x) - truth) <= (SCIPY_ERROR + law.error) * truth


def test_shifted_laws_and_laws_of_values():
    assert from_scipy(stats.binom(3, 0.5, loc=7)).support == [7, 8, 9, 10]
    made = stats.rv_discrete(values=([0.1, 0.3], [0.25, 0.75]))
    assert from_scipy(made).to_dict() == {Fraction(1, 10): 0.25, Fraction(3, 10): 0.75}
    assert from_scipy(made(loc=2)).support == [Fraction(21, 10), Fraction(23, 10)]


def test_the_newer_objects():
    assert from_scipy(stats.Binomial(n=10, p=0.3)).pmf(3) == pytest.approx(Binomial(10, 0.3).pmf(3), rel=1e-12)
    assert from_scipy(stats.make_distribution(stats.poisson)(mu=3)).pmf(4) == pytest.approx(
        Poisson(3).pmf(4), rel=1e-12
    )
    X = from_scipy(2 * stats.Normal() + 1, step="1/2")
    assert X.mean() == pytest.approx(1, abs=1e-9)
    Y = from_scipy(stats.Mixture([stats.Normal(mu=-3), stats.Normal(mu=3)], weights=[0.5, 0.5]), step="1/4")
    assert Y.mean() == pytest.approx(0, abs=1e-9)


def test_continuous_cells_rounded_to_nearest():
    X = from_scipy(stats.norm(), step=0.5)
    assert X.support[0] < -8
    assert X.pmf(0) == pytest.approx(stats.norm.cdf(0.25) - stats.norm.cdf(-0.25), rel=1e-12)
    # The upper tail keeps its digits: it comes from scipy's sf.
    assert X.pmf(7) == pytest.approx(stats.norm.sf(6.75) - stats.norm.sf(7.25), rel=1e-12)
    assert X.pmf(7) == pytest.approx(X.pmf(-7), rel=1e-12)


@pytest.mark.parametrize(
    "frozen",
    [stats.norm(1, 2), stats.expon(), stats.uniform(-1, 3), stats.Normal()],
    ids=["norm", "expon", "uniform", "Normal"],
)
def test_rounding_down_and_up_bounds_the_law_on_both_sides(frozen):
    low, high = (from_scipy(frozen, step="1/4", rounding=r) for r in ("down", "up"))
    for k in range(-8, 20):
        x = Fraction(k, 4)
        true = float(frozen.cdf(float(x)))
        assert low.cdf(x) >= true - 1e-14
        assert high.cdf(x) <= true + 1e-14
    assert low.mean() < high.mean()
    assert float(high.mean()) - float(low.mean()) == pytest.approx(0.25, abs=1e-9)


def test_the_step_is_exact():
    X = from_scipy(stats.norm(), step=0.1)
    assert Fraction(3, 10) in X.support


def test_mass_outside_is_accounted_for():
    X = from_scipy(stats.norm(), step=1, tail=1e-3)
    assert 0 < X.missing <= 1e-3
    assert math.fsum(p for _, p in X) + X.missing == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: from_scipy(stats.norm()), DistconvTypeError, "discretise first"),
        (lambda: from_scipy(stats.Normal()), DistconvTypeError, "step=0.1"),
        (lambda: from_scipy(stats.binom), DistconvTypeError, "freeze it first"),
        (lambda: from_scipy(3), DistconvTypeError, "frozen scipy.stats law"),
        (lambda: from_scipy(stats.multivariate_normal([0, 0])), DistconvTypeError, "one variable"),
        (lambda: from_scipy(stats.norm(), step=0), DistconvValueError, "step must be > 0"),
        (lambda: from_scipy(stats.norm(), step=-1), DistconvValueError, "step must be > 0"),
        (lambda: from_scipy(stats.norm(), step=1, rounding="off"), DistconvValueError, "'nearest', 'down', 'up'"),
        (lambda: from_scipy(stats.norm(), step=1, tail=2), DistconvValueError, "tail must be > 0 and < 1"),
        (lambda: from_scipy(stats.binom(2, 0.5), step=1), DistconvValueError, "continuous laws"),
        (lambda: from_scipy(stats.norm(), step="1/10000000000"), SizeLimitError, "coarser step"),
        (lambda: from_scipy(stats.cauchy(), step=1), DistconvError, "tail="),
        (lambda: product(Die(6), Die(6)).to_scipy(), DimensionError, "marginal"),
        (lambda: from_scipy(stats.poisson(3)).to_scipy(), DistconvValueError, "missing"),
    ],
)
def test_refusals_name_the_way_out(call, kind, words):
    with pytest.raises(kind, match=words.replace("(", r"\(")):
        call()


def test_to_scipy_and_back():
    X = Die(6) + Die(6)
    frozen = X.to_scipy()
    assert frozen.pmf(7) == pytest.approx(1 / 6)
    assert frozen.mean() == pytest.approx(7)
    back = from_scipy(frozen)
    assert list(back.support) == list(X.support)
    Y = Distribution({"0.1": "1/2", "0.3": "1/2"})
    assert Y.to_scipy().cdf(0.2) == pytest.approx(0.5)


def test_counts_and_samples():
    assert Distribution.from_counts(Counter("aab".replace("a", "1").replace("b", "2"))).pmf(1) == Fraction(2, 3)
    assert Distribution.from_samples([3, 5, 3, 6]).to_dict() == {
        3: Fraction(1, 2),
        5: Fraction(1, 4),
        6: Fraction(1, 4),
    }
    assert Distribution.from_samples(np.array([0.1, 0.1, 0.2])).pmf(0.1) == Fraction(2, 3)
    assert Distribution.from_samples(np.array([[0, 1], [0, 1], [2, 1]])).pmf((0, 1)) == Fraction(2, 3)
    assert Distribution.from_samples([0.12, 0.13, 0.19], step=0.1).to_dict() == {
        Fraction(1, 10): Fraction(2, 3),
        Fraction(1, 5): Fraction(1, 3),
    }


@pytest.mark.parametrize(
    "half",
    [Fraction(1, 2), Decimal("0.5"), "1/2", "0.5", sympy.Rational(1, 2)],
    ids=lambda v: type(v).__name__,
)
def test_exact_weights_of_every_kind(half):
    X = Distribution({0: half, 1: half})
    assert X.is_exact
    assert X.pmf(1) == Fraction(1, 2)


@pytest.mark.parametrize(
    "half", [0.5, np.float64(0.5), np.float32(0.5), sympy.Float(0.5)], ids=lambda v: type(v).__name__
)
def test_floating_weights_of_every_kind(half):
    X = Distribution({0: half, 1: half})
    assert X.kind == "float"
    assert X.pmf(1) == 0.5


@pytest.mark.parametrize(
    "tenth",
    [0.1, "0.1", "1/10", Decimal("0.1"), Fraction(1, 10), sympy.Rational(1, 10), np.float64(0.1), np.float32(0.1)],
    ids=lambda v: type(v).__name__,
)
def test_outcomes_of_every_kind(tenth):
    X = Distribution({tenth: 1})
    assert X.support == [Fraction(1, 10)]
    assert (X + X + X).support == [Fraction(3, 10)]


@pytest.mark.parametrize("one", [1, np.int8(1), np.uint64(1), True, np.bool_(True), sympy.Integer(1), 1.0, Decimal(1)])
def test_whole_outcomes_come_back_as_int(one):
    (x,) = Distribution({one: 1}).support
    assert type(x) is int
    assert x == 1
