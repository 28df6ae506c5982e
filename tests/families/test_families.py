"""Every family, with exact, floating and edge parameters, against its formula; closed forms; what is refused."""

import functools
import itertools
import math
from decimal import Decimal
from fractions import Fraction

import conformance
import mpmath
import numpy as np
import pytest
import scipy.stats
import sympy
from conformance import Case, mpf
from hypothesis import given, settings
from hypothesis import strategies as st

import distconv
from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
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
    Uniform,
    convolution,
    sum_of,
)
from distconv.families.recurrence import FiniteRecurrence
from distconv.laws.finite import Finite
from distconv.laws.image import Image
from distconv.laws.sum import Sum

# Formulas ---------------------------------------------------------------------------------------------------------


def exact_or_mp(*values):
    """The parameters as they are calculated with: Fractions if all are exact, else mpmath numbers."""
    if any(isinstance(v, float) for v in values):
        return [conformance.number(v) if isinstance(v, float) else conformance.number(Fraction(v)) for v in values]
    return [Fraction(v) for v in values]


def choose(n, k):
    return Fraction(math.comb(n, k))


def binomial(n, p):
    (p,) = exact_or_mp(p)
    if isinstance(p, Fraction):
        return lambda k: choose(n, k) * p**k * (1 - p) ** (n - k)
    return lambda k: mpf(math.comb(n, k)) * p**k * (1 - p) ** (n - k)


def hypergeometric(M, n, N):
    return lambda k: choose(n, k) * choose(M - n, N - k) / choose(M, N)


def negative_binomial(r, p):
    r, p = exact_or_mp(r, p)
    if isinstance(p, Fraction):
        return lambda k: choose(int(r) + k - 1, k) * p ** int(r) * (1 - p) ** k
    return lambda k: mpmath.rf(r, k) / mpmath.factorial(k) * p**r * (1 - p) ** k


def geometric(p):
    (p,) = exact_or_mp(p)
    return lambda k: p * (1 - p) ** (k - 1)


def poisson(lam):
    lam = conformance.number(Fraction(lam))
    return lambda k: mpmath.exp(-lam) * lam**k / mpmath.factorial(k)


def skellam(mu1, mu2):
    a, b = conformance.number(Fraction(mu1)), conformance.number(Fraction(mu2))
    return lambda k: mpmath.exp(-a - b) * (a / b) ** (mpf(k) / 2) * mpmath.besseli(abs(k), 2 * mpmath.sqrt(a * b))


def logarithmic(p):
    p = conformance.number(Fraction(p))
    return lambda k: -(p**k) / (k * mpmath.log(1 - p))


def poisson_binomial(ps):
    # Numerators over the product of all denominators.
    ways, whole = [1], 1
    for p in map(Fraction, ps):
        hit, miss = p.numerator, p.denominator - p.numerator
        ways = [a * miss + b * hit for a, b in zip([*ways, 0], [0, *ways], strict=True)]
        whole *= p.denominator
    if any(isinstance(p, float) for p in ps):
        return lambda k: mpf(ways[k]) / mpf(whole)
    return lambda k: Fraction(ways[k], whole)


# Cases ------------------------------------------------------------------------------------------------------------


def finite(name, make, mass, low, high, kind="exact"):
    points = sorted({low, high, (low + high) // 2, *range(low, min(high, low + 4) + 1), low + 3 * (high - low) // 4})
    return Case(name, make, functools.cache(mass), low, high, tuple(points), kind, summable=high - low < 300)


def infinite(name, make, mass, low, points, kind, **options):
    return Case(name, make, functools.cache(mass), low, None, points, kind, **options)


MIXED = [0.1, 0.2, 0.5, 0.999, 1e-9, 0.1, 1.0, 0.0]
RANDOM = np.random.default_rng(1).random(150).tolist()
# Probabilities of all sizes: products of them leave the range of doubles.
WILD = [10.0**-k for k in range(1, 290, 3)] + [1 - 2.0**-k for k in range(1, 50)]
RATIONAL = ["1/2", "1/3", "2/7", "1/3", 0, 1]

FINITE = [
    finite("Die(1)", lambda: Die(1), lambda k: Fraction(1), 1, 1),
    finite("Die(20)", lambda: Die(20), lambda k: Fraction(1, 20), 1, 20),
    finite("Point(7)", lambda: Point(7), lambda k: Fraction(1), 7, 7),
    finite("Uniform(3, 3)", lambda: Uniform(3, 3), lambda k: Fraction(1), 3, 3),
    finite("Uniform(-5, 4)", lambda: Uniform(-5, 4), lambda k: Fraction(1, 10), -5, 4),
    finite("Bernoulli(0)", lambda: Bernoulli(0), lambda k: Fraction(1), 0, 0),
    finite("Bernoulli(1)", lambda: Bernoulli(1), lambda k: Fraction(1), 1, 1),
    finite("Bernoulli('1/3')", lambda: Bernoulli("1/3"), binomial(1, "1/3"), 0, 1),
    finite("Bernoulli(Decimal('0.3'))", lambda: Bernoulli(Decimal("0.3")), binomial(1, "3/10"), 0, 1),
    finite("Bernoulli(Rational(1, 7))", lambda: Bernoulli(sympy.Rational(1, 7)), binomial(1, "1/7"), 0, 1),
    finite("Bernoulli(0.1)", lambda: Bernoulli(0.1), binomial(1, 0.1), 0, 1, "float"),
    finite("Bernoulli(1e-20)", lambda: Bernoulli(1e-20), binomial(1, 1e-20), 0, 1, "float"),
    finite("Bernoulli(0.0)", lambda: Bernoulli(0.0), lambda k: mpf(1), 0, 0, "float"),
    finite("Binomial(0, '1/2')", lambda: Binomial(0, "1/2"), lambda k: Fraction(1), 0, 0),
    finite("Binomial(0, 0.5)", lambda: Binomial(0, 0.5), lambda k: mpf(1), 0, 0, "float"),
    finite("Binomial(5, 0)", lambda: Binomial(5, 0), lambda k: Fraction(1), 0, 0),
    finite("Binomial(5, 1)", lambda: Binomial(5, 1), lambda k: Fraction(1), 5, 5),
    finite("Binomial(5, 1.0)", lambda: Binomial(5, 1.0), lambda k: mpf(1), 5, 5, "float"),
    finite("Binomial(10, '3/10')", lambda: Binomial(10, "3/10"), binomial(10, "3/10"), 0, 10),
    finite("Binomial(12, '2/6')", lambda: Binomial(12, "2/6"), binomial(12, "1/3"), 0, 12),
    finite("Binomial(200, Fraction(1, 7))", lambda: Binomial(200, Fraction(1, 7)), binomial(200, "1/7"), 0, 200),
    finite("Binomial(3, 0.3)", lambda: Binomial(3, 0.3), binomial(3, 0.3), 0, 3, "float"),
    finite("Binomial(255, 0.7)", lambda: Binomial(255, 0.7), binomial(255, 0.7), 0, 255, "float"),
    finite("Binomial(256, 0.7)", lambda: Binomial(256, 0.7), binomial(256, 0.7), 0, 256, "float"),
    finite("Binomial(5000, 0.3)", lambda: Binomial(5000, 0.3), binomial(5000, 0.3), 0, 5000, "float"),
    finite("Binomial(3000, 1e-12)", lambda: Binomial(3000, 1e-12), binomial(3000, 1e-12), 0, 3000, "float"),
    finite("Binomial(300, 1 - 1e-12)", lambda: Binomial(300, 1 - 1e-12), binomial(300, 1 - 1e-12), 0, 300, "float"),
    finite("Binomial(299, 1e-310)", lambda: Binomial(299, 1e-310), binomial(299, 1e-310), 0, 299, "float"),
    finite("Hypergeometric(52, 4, 5)", lambda: Hypergeometric(52, 4, 5), hypergeometric(52, 4, 5), 0, 4),
    finite("Hypergeometric(10, 7, 8)", lambda: Hypergeometric(10, 7, 8), hypergeometric(10, 7, 8), 5, 7),
    finite("Hypergeometric(0, 0, 0)", lambda: Hypergeometric(0, 0, 0), lambda k: Fraction(1), 0, 0),
    finite("Hypergeometric(5, 0, 3)", lambda: Hypergeometric(5, 0, 3), lambda k: Fraction(1), 0, 0),
    finite("Hypergeometric(5, 5, 2)", lambda: Hypergeometric(5, 5, 2), lambda k: Fraction(1), 2, 2),
    finite("Hypergeometric(6, 3, 0)", lambda: Hypergeometric(6, 3, 0), lambda k: Fraction(1), 0, 0),
    finite("PoissonBinomial([])", lambda: PoissonBinomial([]), lambda k: Fraction(1), 0, 0),
    finite("PoissonBinomial(RATIONAL)", lambda: PoissonBinomial(RATIONAL), poisson_binomial(RATIONAL), 1, 5),
    finite("PoissonBinomial(MIXED)", lambda: PoissonBinomial(MIXED), poisson_binomial(MIXED), 1, 7, "float"),
    finite("PoissonBinomial(RANDOM)", lambda: PoissonBinomial(RANDOM), poisson_binomial(RANDOM), 0, 150, "float"),
    finite("PoissonBinomial(WILD)", lambda: PoissonBinomial(WILD), poisson_binomial(WILD), 0, len(WILD), "float"),
]

INFINITE = [
    infinite("Poisson(3)", lambda: Poisson(3), poisson(3), 0, (0, 3, 17, 500, 5000), "float"),
    infinite("Poisson('7/2')", lambda: Poisson("7/2"), poisson("7/2"), 0, (0, 3, 17, 300), "float"),
    infinite("Poisson(0.1)", lambda: Poisson(0.1), poisson(0.1), 0, (0, 1, 300, 10**6), "float"),
    infinite("Poisson(1e-300)", lambda: Poisson(1e-300), poisson(1e-300), 0, (0, 1, 5), "float", summable=False),
    infinite("Poisson(5e-324)", lambda: Poisson(5e-324), poisson(5e-324), 0, (0, 1, 5), "float", summable=False),
    infinite("Poisson(400)", lambda: Poisson(400), poisson(400), 0, (0, 100, 400, 900, 2000), "float"),
    infinite("Poisson(1e6)", lambda: Poisson(1e6), poisson(1e6), 0, (0, 10**6, 2 * 10**6), "float", summable=False),
    infinite("Geometric('1/6')", lambda: Geometric("1/6"), geometric("1/6"), 1, (1, 2, 7, 300, 1000), "exact"),
    infinite("Geometric(0.3)", lambda: Geometric(0.3), geometric(0.3), 1, (1, 2, 7, 257, 900), "float"),
    infinite("Geometric(1e-9)", lambda: Geometric(1e-9), geometric(1e-9), 1, (1, 10**9), "float", summable=False),
    infinite("Geometric(1 - 1e-9)", lambda: Geometric(1 - 1e-9), geometric(1 - 1e-9), 1, (1, 2, 30), "float"),
    infinite(
        "NegativeBinomial(3, '1/4')",
        lambda: NegativeBinomial(3, "1/4"),
        negative_binomial(3, "1/4"),
        0,
        (0, 1, 9, 400),
        "exact",
    ),
    infinite(
        "NegativeBinomial(3, 0.25)",
        lambda: NegativeBinomial(3, 0.25),
        negative_binomial(3, 0.25),
        0,
        (0, 1, 9, 2000),
        "float",
    ),
    infinite(
        "NegativeBinomial(2.5, 0.3)",
        lambda: NegativeBinomial(2.5, 0.3),
        negative_binomial(2.5, 0.3),
        0,
        (0, 1, 9, 2000),
        "float",
    ),
    infinite(
        "NegativeBinomial('5/2', '1/3')",
        lambda: NegativeBinomial("5/2", "1/3"),
        negative_binomial(2.5, "1/3"),
        0,
        (0, 1, 9, 900),
        "float",
    ),
    infinite(
        "NegativeBinomial(0.01, 0.5)",
        lambda: NegativeBinomial(0.01, 0.5),
        negative_binomial(0.01, 0.5),
        0,
        (0, 1, 9, 300),
        "float",
    ),
    infinite(
        "NegativeBinomial(1000, 0.9)",
        lambda: NegativeBinomial(1000, 0.9),
        negative_binomial(1000, 0.9),
        0,
        (0, 20, 110, 900),
        "float",
    ),
    infinite("Skellam(3, 2)", lambda: Skellam(3, 2), skellam(3, 2), None, (-300, -2, 0, 1, 9, 400), "float"),
    infinite("Skellam(0.1, 50)", lambda: Skellam(0.1, 50), skellam(0.1, 50), None, (-200, -50, 0, 60), "float"),
    infinite("Skellam(1e-9, 1e-9)", lambda: Skellam(1e-9, 1e-9), skellam(1e-9, 1e-9), None, (-3, 0, 9), "float"),
    infinite(
        "Skellam(1e4, 2e4)",
        lambda: Skellam(1e4, 2e4),
        skellam(1e4, 2e4),
        None,
        (-(10**4), 0, 300),
        "float",
        summable=False,
    ),
    infinite("Logarithmic(0.3)", lambda: Logarithmic(0.3), logarithmic(0.3), 1, (1, 2, 7, 600), "float"),
    infinite("Logarithmic('9/10')", lambda: Logarithmic("9/10"), logarithmic("9/10"), 1, (1, 2, 7, 5000), "float"),
    infinite(
        "Logarithmic(1 - 1e-12)",
        lambda: Logarithmic(1 - 1e-12),
        logarithmic(1 - 1e-12),
        1,
        (1, 10**6),
        "float",
        summable=False,
    ),
]
CASES = FINITE + INFINITE
SUMMABLE = [case for case in CASES if case.summable]


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_weights_are_the_formulas(case):
    conformance.check_weights(case)


@pytest.mark.parametrize("case", CASES, ids=repr)
def test_supports(case):
    conformance.check_support(case)


@pytest.mark.parametrize("case", SUMMABLE, ids=repr)
def test_tails_are_sums_of_weights(case):
    conformance.check_tails(case)


@pytest.mark.parametrize("case", SUMMABLE, ids=repr)
def test_quantiles_invert_the_cdf(case):
    conformance.check_quantiles(case)


@pytest.mark.parametrize("case", SUMMABLE, ids=repr)
def test_moments_are_sums_over_weights(case):
    conformance.check_moments(case)


@pytest.mark.parametrize("case", SUMMABLE, ids=repr)
def test_generating_functions_are_sums_over_weights(case):
    conformance.check_pgf(case)


@pytest.mark.parametrize("case", [case for case in INFINITE if case.summable], ids=repr)
def test_missing_is_a_true_bound(case):
    conformance.check_missing(case)


@pytest.mark.parametrize("case", [case for case in CASES if case.name != "Poisson(1e6)"], ids=repr)
def test_identity(case):
    conformance.check_identity(case)


# Past the exact limit ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "mass"),
    [
        (lambda: Binomial(700, "3/10"), binomial(700, "3/10")),
        (lambda: Hypergeometric(3000, 1200, 700), hypergeometric(3000, 1200, 700)),
        (lambda: Hypergeometric(10**17, 10**17 - 3, 10**17 - 400), None),
        (lambda: PoissonBinomial([Fraction(i, 301) for i in range(1, 301)]), None),
        (lambda: NegativeBinomial(3, "1/4"), negative_binomial(3, "1/4")),
        (lambda: Geometric("1/6"), geometric("1/6")),
    ],
)
def test_past_the_limit_weights_are_floating_and_as_good(make, mass):
    with distconv.settings(exact_limit=1):
        law = make()
        if mass is not None:
            for k in (1, 2, 17, 255, 256, 699):
                found, error = conformance.weight(law, k)
                assert error > 0
                truth = conformance.number(mass(k))
                assert abs(found - truth) <= error * truth
        assert law.kind == "float"
    if law.is_finite:
        assert distconv.isclose(law, make(), rtol=law.error + 1e-15)


def test_a_weight_has_the_same_digits_in_every_window():
    for law in (Poisson(50), NegativeBinomial(2.5, 0.3), Logarithmic(0.9), Skellam(30, 20)):
        window = law.pmf(list(range(1, 600)))
        assert all(law.pmf(k) == window[k - 1] for k in (1, 2, 255, 256, 257, 599))


def test_many_axes_are_refused():
    with pytest.raises(SizeLimitError, match=r"X\.mean\(\), X\.var\(\)"):
        Multinomial(1000, [0.1] * 10).pmf((100,) * 10)


def test_far_tails_of_large_laws():
    assert Poisson(3).cdf(10**12) == 1
    assert Poisson(1e6).logcdf(10) == pytest.approx(-999876.9492969933)
    # P(X > k) is its first weight times 1 + lam / (k + 2) + ...
    rest = math.log1p(3 / 502 + 9 / 502 / 503)
    assert Poisson(3).logsf(500) == pytest.approx(Poisson(3).logpmf(501) + rest, rel=1e-9)
    assert Geometric(1e-9).logsf(10**12) == pytest.approx(10**12 * math.log1p(-1e-9), rel=1e-13)
    assert Geometric("1/1000000").ppf("1/2") == 693147
    assert Skellam(3, 2).logsf(5000) < Skellam(3, 2).logpmf(5001) + 1e-3 < -30_000


# Point, Uniform, Multinomial --------------------------------------------------------------------------------------


def test_a_point_shifts_whatever_it_is_added_to():
    for law in (Die(6), Binomial(3, 0.3), Poisson(2), Skellam(2, 3), Geometric("1/2") + Poisson(1), -Geometric("1/2")):
        assert (law + Point(0)).law is law.law
        assert Point(3) + law == law + 3
        assert law - Point(3) == law + (-3)
    assert Point((1, 2)) + Point((3, 4)) == Point((4, 6))
    assert (Point((1, 2)) + Multinomial(1, ["1/2", "1/2"])).to_dict() == {
        (1, 3): Fraction(1, 2),
        (2, 2): Fraction(1, 2),
    }
    assert (-Point(3) + Point("1/2")).family == "Point"
    assert (3 @ Point((1, 2))) == Point((3, 6))
    assert 2 * Point((1, 2)) == Point((2, 4))
    with pytest.raises(distconv.DimensionError, match="1-D"):
        Point((1, 2)) + Die(6)


def test_edges_of_infinite_families_are_points():
    for law, x, kind in [
        (Poisson(0), 0, "float"),
        (Skellam(0, 0), 0, "float"),
        (Geometric(1), 1, "exact"),
        (Geometric(1.0), 1, "float"),
        (NegativeBinomial(3, 1), 0, "exact"),
        (NegativeBinomial(2.5, 1.0), 0, "float"),
    ]:
        assert law == Point(x)
        assert law.kind == kind
        assert law.pmf(x) == 1
        assert law.sf(x) == 0
        assert law.mean() == x
        assert law.missing == 0
    assert Poisson(0) + Poisson(3) == Poisson(3)
    assert Skellam(3, 0) == Poisson(3)
    assert Skellam(0, 3) == -Poisson(3)
    assert Skellam(0, 3).high == 0
    assert Skellam(0, 3).cdf(-4) == pytest.approx(Poisson(3).sf(3), rel=1e-12)
    assert Poisson(3) - Poisson(0) == Poisson(3)


def multinomial(n, ps):
    """All weights by the formula."""
    weights = {}
    for counts in itertools.product(range(n + 1), repeat=len(ps)):
        if sum(counts) == n:
            value = Fraction(math.factorial(n))
            for k, p in zip(counts, ps, strict=True):
                value *= Fraction(p) ** k / math.factorial(k)
            if value:
                weights[counts] = value
    return weights


@pytest.mark.parametrize(
    ("n", "ps"),
    [
        (0, ["1/2", "1/2"]),
        (4, ["1/2", "1/3", "1/6"]),
        (3, [0, 1, 0]),
        (3, ["1/2", 0, "1/4", "1/4"]),
        (2, [Decimal("0.1")] * 10),
        (9, ["1/3", "2/3"]),
    ],
)
def test_multinomial_exact(n, ps):
    law = Multinomial(n, ps)
    weights = multinomial(n, ps)
    assert law.to_dict() == weights
    assert law.is_exact
    for i, p in enumerate(ps):
        assert law.mean()[i] == n * Fraction(p)
        assert law.cov()[i, i] == law.var()[i] == law.marginal(i).var()
        assert law.marginal(i) == Binomial(n, p)
    assert law.cov()[0, 1] == sum(w * x[0] * x[1] for x, w in weights.items()) - law.mean()[0] * law.mean()[1]


@pytest.mark.parametrize(("n", "ps"), [(3, [0.2, 0.3, 0.5]), (60, [0.2, 0.3, 0.5]), (25, [1e-30, 0.25, 0.75])])
def test_multinomial_floating(n, ps):
    law = Multinomial(n, ps)
    assert law.kind == "float"
    for x, truth in multinomial(n, ps).items():
        found, error = conformance.weight(law, x)
        assert error < 1e-14
        assert abs(found - conformance.number(truth)) <= error * conformance.number(truth)
    assert law.pgf((1, 1, 1)) == pytest.approx(1)


def test_multinomial_of_one_result_is_a_point():
    assert Multinomial(3, [1]) == Point(3)


# Closed forms -----------------------------------------------------------------------------------------------------

THIRD, TENTH = Fraction(1, 3), 0.1
SPLIT = ["1/2", "1/3", "1/6"]

MERGING = [
    (Binomial(2, THIRD), Binomial(3, THIRD), Binomial(5, THIRD)),
    (Binomial(2, TENTH), Binomial(3, TENTH), Binomial(5, TENTH)),
    (Bernoulli(THIRD), Bernoulli(THIRD), Binomial(2, THIRD)),
    (Bernoulli(TENTH), Binomial(300, TENTH), Binomial(301, TENTH)),
    (Binomial(3, THIRD), Bernoulli(THIRD), Binomial(4, THIRD)),
    (PoissonBinomial([THIRD, "1/2"]), PoissonBinomial(["1/5"]), PoissonBinomial(["1/5", "1/2", THIRD])),
    (PoissonBinomial([THIRD, "1/2"]), Bernoulli("1/5"), PoissonBinomial(["1/5", "1/2", THIRD])),
    (Bernoulli(0.2), PoissonBinomial(["1/2"]), PoissonBinomial([0.2, 0.5])),
    (Multinomial(2, SPLIT), Multinomial(1, SPLIT), Multinomial(3, SPLIT)),
    (Poisson(2), Poisson("1/2"), Poisson("5/2")),
    (Poisson(2) + 1, Poisson(3) - 5, Poisson(5) - 4),
    (2 * Poisson(2), 2 * Poisson(3), 2 * Poisson(5)),
    (Geometric(THIRD), Geometric(THIRD), NegativeBinomial(2, THIRD) + 2),
    (Geometric(TENTH), NegativeBinomial(1.5, TENTH), NegativeBinomial(2.5, TENTH) + 1),
    (NegativeBinomial(2, THIRD), NegativeBinomial(3, THIRD), NegativeBinomial(5, THIRD)),
    (-NegativeBinomial(2, THIRD), -NegativeBinomial(3, THIRD), -NegativeBinomial(5, THIRD)),
    (Poisson(2), -Poisson(3), Skellam(2, 3)),
    (-Poisson(3), Poisson(2), Skellam(2, 3)),
    (Skellam(1, 2), Skellam(3, 4), Skellam(4, 6)),
    (Skellam(1, 2), Poisson(3), Skellam(4, 2)),
    (Skellam(1, 2), -Poisson(3), Skellam(1, 5)),
    (Poisson(3) + 4, -Skellam(1, 2), Skellam(5, 1) + 4),
    (3 * Poisson(2), 1 - 3 * Poisson(3), 3 * Skellam(2, 3) + 1),
]


@pytest.mark.parametrize(("x", "y", "closed"), MERGING)
def test_closed_forms_are_the_convolution(x, y, closed):
    total = x + y
    assert type(total.law) is type(closed.law)
    assert not isinstance(total.law, Sum)
    assert total == closed
    assert y + x == closed
    assert sum_of([x, y]) == closed
    assert hash(y + x) == hash(closed)
    if total.is_finite:
        direct = Distribution.of(Finite(convolution.convolve(x.law.measure, y.law.measure)[0]))
        assert direct == total if total.is_exact else distconv.isclose(direct, total, rtol=direct.error + total.error)
        return
    # The windows miss at most 1e-60 each, and so does their sum beside the weights of its middle.
    direct = Distribution.of(Finite(convolution.convolve(x.law.covering(1e-60), y.law.covering(1e-60))[0]))
    middle = round(total.mean())
    for k in range(middle - 9, middle + 10):
        assert float(total.pmf(k)) == pytest.approx(float(direct.pmf(k)), rel=1e-11)


NOT_MERGING = [
    (Binomial(2, 0.3), Binomial(3, math.nextafter(0.3, 1))),
    (Binomial(2, 0.5), Binomial(3, "1/2")),
    (Binomial(2, "1/3"), Binomial(3, 1 / 3)),
    (Bernoulli(0.3), Bernoulli(math.nextafter(0.3, 1))),
    (Bernoulli(0.5), Binomial(3, "1/2")),
    (Multinomial(2, [0.3, 0.7]), Multinomial(1, [math.nextafter(0.3, 1), 0.7])),
    (Geometric(0.3), Geometric(math.nextafter(0.3, 1))),
    (Geometric(0.3), NegativeBinomial(2, math.nextafter(0.3, 1))),
    (NegativeBinomial(2, 0.5), NegativeBinomial(3, "1/2")),
    (Geometric(0.5), Geometric("1/2")),
    (2 * Poisson(2), Poisson(3)),
    (2 * Poisson(2), -Poisson(3)),
    (Logarithmic(0.5), Logarithmic(0.5)),
]


@pytest.mark.parametrize(("x", "y"), NOT_MERGING)
def test_nearly_equal_parameters_do_not_merge(x, y):
    total = x + y
    assert type(total.law) in (Finite, Sum, Image)
    assert not isinstance(total.law, Image) or isinstance(total.law.base, Sum)
    assert total.is_exact == (x.is_exact and y.is_exact)
    assert total == y + x
    assert total.mean() == pytest.approx(x.mean() + y.mean())


@pytest.mark.parametrize(
    ("law", "n", "closed"),
    [
        (Bernoulli(THIRD), 4, Binomial(4, THIRD)),
        (Binomial(3, TENTH), 4, Binomial(12, TENTH)),
        (PoissonBinomial([THIRD, "1/2"]), 3, PoissonBinomial([THIRD, "1/2"] * 3)),
        (Multinomial(2, ["1/2", "1/2"]), 3, Multinomial(6, ["1/2", "1/2"])),
        (Poisson(2), 10**6, Poisson(2 * 10**6)),
        (Geometric(THIRD), 4, NegativeBinomial(4, THIRD) + 4),
        (NegativeBinomial(1.5, TENTH), 4, NegativeBinomial(6, TENTH)),
        (Skellam(1, 2), 4, Skellam(4, 8)),
        (2 - Poisson(2), 3, 6 - Poisson(6)),
        (Geometric(THIRD) - 1, 3, NegativeBinomial(3, THIRD)),
    ],
)
def test_copies_in_closed_form(law, n, closed):
    assert n @ law == closed
    assert type((n @ law).law) is type(closed.law)
    assert sum_of([law] * min(n, 50)) == min(n, 50) @ law
    assert 0 @ law == Point(0 if law.ndim == 1 else (0,) * law.ndim)


def test_sums_of_floats_are_not_rounded():
    total = Poisson(0.1) + Poisson(0.2)
    assert Fraction(total.parameters["lam"]) == Fraction(0.1) + Fraction(0.2)
    assert total == Poisson(0.2) + Poisson(0.1)
    assert total != Poisson(0.1 + 0.2)
    assert total.mean() == 0.1 + 0.2
    assert type(total.mean()) is float
    assert total.law.name() == "Poisson(0.30000000000000004)"
    truth = poisson(Fraction(0.1) + Fraction(0.2))(10**5)
    found, error = conformance.weight(total, 10**5)
    assert abs(found - truth) <= error * truth
    assert 10 @ Poisson(0.1) == sum_of([Poisson(0.1)] * 10)


def test_equality_compares_laws():
    assert Binomial(1, "1/2") == Bernoulli("1/2") == Distribution({0: "1/2", 1: "1/2"})
    assert hash(Binomial(1, "1/2")) == hash(Bernoulli("1/2")) == hash(Distribution({0: "1/2", 1: "1/2"}))
    assert Binomial(1, 0.3) == Bernoulli(0.3)
    assert PoissonBinomial([0.3] * 5) == Binomial(5, 0.3)
    assert PoissonBinomial([0.1, 0.2, 0.7]) == PoissonBinomial([0.7, 0.1, 0.2])
    assert Hypergeometric(10, 4, 3) == Hypergeometric(10, 3, 4)
    assert Uniform(1, 6) == Die(6)
    assert NegativeBinomial(1, "1/3") + 1 == Geometric("1/3")
    assert hash(NegativeBinomial(1, "1/3") + 1) == hash(Geometric("1/3"))
    assert Poisson(3) == Poisson(3.0)
    assert Geometric("1/2") == Geometric(0.5)
    assert Geometric("1/10") != Geometric(0.1)
    assert Poisson(3) != Poisson(4)
    assert Poisson(3) != Skellam(3, 1)
    assert Poisson(3) != Die(6)
    assert Binomial(10**7, 0.3) == Binomial(10**7, 0.3)


def test_sums_without_a_name_are_kept_in_one_form():
    a, b, die = Poisson(2), Geometric("1/3"), Die(6)
    assert (a + b) + Poisson(3) == Poisson(5) + b
    assert (a + 4) + (b - 1) == (a + b) + 3
    assert -(a + b) == -a - b
    assert 2 * (a + die) == 2 * a + 2 * die
    assert sum_of([a, die, b, b, 7]) == a + die + (NegativeBinomial(2, "1/3") + 9)
    assert (a + die) - Poisson(1) == Skellam(2, 1) + die
    assert (b - b).pmf(0) == pytest.approx(1 / 5, rel=1e-11)
    assert not (b - b).is_exact
    assert (b + die).pmf(3) == Fraction(1, 6) * (Fraction(1, 3) + Fraction(2, 9))


def test_two_sided_sums_tell_true_zeros_from_far_tails():
    law = 3 * Poisson(3) - 3 * Geometric(0.5) + Die(2)
    assert list(law.pmf([3, 300])) == [0, 0]
    gap = Skellam(1, 1) + Distribution({0: "1/2", 10**6: "1/2"})
    assert gap.pmf(40) == pytest.approx(Skellam(1, 1).pmf(40) / 2, rel=1e-9)
    with pytest.raises(distconv.AccuracyError):
        gap.pmf(5000)


@settings(max_examples=25)
@given(st.integers(0, 40), st.integers(0, 40), st.fractions(0, 1, max_denominator=50), st.booleans())
def test_binomials_add(m, n, p, floating):
    p = float(p) if floating else p
    x, y = Binomial(m, p), Binomial(n, p)
    direct = Distribution.of(Finite(convolution.convolve(x.law.measure, y.law.measure)[0]))
    assert distconv.isclose(direct, x + y, rtol=direct.error + (x + y).error + 1e-15)
    assert direct == x + y or floating


@settings(max_examples=25)
@given(st.data())
def test_hypergeometrics_are_the_formula(data):
    M = data.draw(st.integers(0, 60))
    n, N = data.draw(st.integers(0, M)), data.draw(st.integers(0, M))
    law, mass = Hypergeometric(M, n, N), hypergeometric(M, n, N)
    assert law.to_dict() == {k: mass(k) for k in range(max(0, N + n - M), min(n, N) + 1)}
    assert (law.mean(), law.var()) == (Distribution(law.to_dict()).mean(), Distribution(law.to_dict()).var())


# scipy.stats, loosely ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("law", "peer"),
    [
        (Bernoulli(0.3), scipy.stats.bernoulli(0.3)),
        (Binomial(20, 0.3), scipy.stats.binom(20, 0.3)),
        (Geometric(0.3), scipy.stats.geom(0.3)),
        (NegativeBinomial(2.5, 0.3), scipy.stats.nbinom(2.5, 0.3)),
        (Poisson(3.5), scipy.stats.poisson(3.5)),
        (Hypergeometric(50, 20, 10), scipy.stats.hypergeom(50, 20, 10)),
        (Skellam(3.5, 2), scipy.stats.skellam(3.5, 2)),
        (Logarithmic(0.6), scipy.stats.logser(0.6)),
        (Uniform(2, 9), scipy.stats.randint(2, 10)),
    ],
)
def test_parameters_and_supports_are_scipys(law, peer):
    points = range(-3, 30)
    assert np.asarray(law.pmf(list(points)), dtype=float) == pytest.approx(peer.pmf(points), rel=1e-9, abs=1e-15)
    assert [float(law.cdf(x)) for x in points] == pytest.approx(peer.cdf(points), rel=1e-9, abs=1e-15)
    mean, var, skew, kurtosis = map(float, peer.stats("mvsk"))
    assert float(law.mean()) == pytest.approx(mean)
    assert float(law.var()) == pytest.approx(var)
    assert law.skewness() == pytest.approx(skew, abs=1e-9)
    assert float(law.kurtosis()) == pytest.approx(kurtosis, abs=1e-9)
    assert law.ppf(0.7) == peer.ppf(0.7)


# Names of parameters ----------------------------------------------------------------------------------------------

A, B = sympy.symbols("a b", positive=True)
N = sympy.Symbol("n", integer=True, positive=True)
P = sympy.Symbol("p", positive=True)


def test_names_bind_letters_as_they_bind_numbers():
    assert Skellam(mu2=B, mu1=A).mean() == A - B
    assert Skellam(mu2=2, mu1=5).mean() == 3
    assert Hypergeometric(N=5, M=A, n=3).mean() == 15 / A
    assert Hypergeometric(N=5, M=20, n=3).mean() == Fraction(15, 20)
    assert Binomial(p=P, n=N) == Binomial(N, P)
    assert Binomial(p="1/3", n=4) == Binomial(4, "1/3")
    assert Uniform(high=N, low=1) == Uniform(1, N)
    assert Uniform(high=7, low=1) == Uniform(1, 7)
    assert NegativeBinomial(p=P, r=2).mean() == NegativeBinomial(2, P).mean()
    assert Multinomial(ps=[P, 1 - P], n=2).pmf((1, 1)) == Multinomial(2, [P, 1 - P]).pmf((1, 1))
    assert PoissonBinomial(ps=[P, P]).mean() == 2 * P
    assert Poisson(lam=A) == Poisson(A)
    assert Multinomial(2, ps=[1, 3], normalize=True) == Multinomial(2, ["1/4", "3/4"])


# What is refused --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Binomial(2.5, 0.1), DistconvTypeError, r"n must be an integer >= 0, got 2\.5"),
        (lambda: Binomial(10.0, 0.1), DistconvTypeError, r"got 10\.0; write n=10"),
        (lambda: Binomial(-1, 0.1), DistconvValueError, "n must be >= 0, got -1"),
        (lambda: Binomial("ten", 0.1), DistconvTypeError, "n must be an integer"),
        (lambda: Bernoulli(1.2), DistconvValueError, r"p must be a probability in \[0, 1\], got 1\.2"),
        (lambda: Bernoulli(30), DistconvValueError, r"for 30 % write p=30/100"),
        (lambda: Bernoulli(math.nan), DistconvValueError, "p must be finite, got nan"),
        (lambda: Bernoulli([0.1]), DistconvTypeError, r"p must be a number .*got \[0\.1\]"),
        (lambda: Bernoulli(-sympy.Symbol("p", positive=True)), DistconvValueError, "no law Binomial"),
        (lambda: Bernoulli("half"), DistconvValueError, "p 'half' is not a number"),
        (lambda: Geometric(0), DistconvValueError, r"p must be a probability in \(0, 1\], got 0; .*no success"),
        (lambda: NegativeBinomial(0, 0.1), DistconvValueError, r"r must be > 0, got 0; .*Point\(0\)"),
        (lambda: NegativeBinomial(-2, 0.1), DistconvValueError, "r must be > 0, got -2"),
        (lambda: NegativeBinomial(2, 0), DistconvValueError, r"p must be a probability in \(0, 1\]"),
        (lambda: Poisson(-1), DistconvValueError, "lam must be >= 0, got -1"),
        (lambda: Poisson(math.inf), DistconvValueError, "lam must be finite, got inf"),
        (lambda: Skellam(1, -2), DistconvValueError, "mu2 must be >= 0, got -2"),
        (lambda: Logarithmic(1), DistconvValueError, r"p must be a probability in \(0, 1\), got 1"),
        (lambda: Logarithmic(0), DistconvValueError, r"got 0; .*Point\(1\)"),
        (lambda: Hypergeometric(5, 6, 2), DistconvValueError, "n must be <= M, got n=6, M=5.*Hypergeometric"),
        (lambda: Hypergeometric(5, 2, 6), DistconvValueError, "N must be <= M, got N=6, M=5"),
        (lambda: Hypergeometric(5, 2, 1.5), DistconvTypeError, r"N must be an integer >= 0, got 1\.5"),
        (lambda: Uniform(3, 2), DistconvValueError, r"low must be <= high, got low=3, high=2; write Uniform\(2, 3\)"),
        (lambda: Uniform(0.5, 2), DistconvTypeError, r"low must be an integer, got 0\.5"),
        (lambda: PoissonBinomial([0.1, 1.5]), DistconvValueError, r"ps\[1\] must be a probability in .* got 1\.5"),
        (lambda: PoissonBinomial(0.5), DistconvTypeError, r"ps must be a sequence.*write ps=\[0\.5\]"),
        (lambda: PoissonBinomial("1/2"), DistconvTypeError, "ps must be a sequence"),
        (lambda: Multinomial(2, [0.5, 0.4]), DistconvValueError, r"ps must total 1, got .* 0\.9: .* short by 0\.1;"),
        (lambda: Multinomial(2, ["1/2", "1/3"]), DistconvValueError, "total 5/6: they fall short by 1/6"),
        (lambda: Multinomial(2, [0.9, 0.2]), DistconvValueError, r"exceed it by 0\.1"),
        (lambda: Multinomial(2, []), DistconvValueError, "at least one result"),
        (lambda: Point(math.nan), DistconvValueError, "not finite"),
        (lambda: Point([1, 2]), DistconvTypeError, "list"),
        (lambda: Die(0), DistconvValueError, "sides must be >= 1, got 0"),
        (lambda: Poisson(mu=3), DistconvTypeError, r"Poisson takes lam, not mu; write Poisson\(lam=3\)"),
        (lambda: Poisson(wrong=A), DistconvTypeError, r"Poisson takes lam, not wrong; write Poisson\(lam=a\)"),
        (lambda: Skellam(A, sd=2), DistconvTypeError, r"takes mu1, mu2, not sd; write Skellam\(a, mu2=2\)"),
        (lambda: Uniform(A, low=2), DistconvTypeError, "Uniform takes low, high, got low twice: a and 2"),
        (lambda: Binomial(3), DistconvTypeError, "Binomial takes n, p; p is missing"),
        (lambda: Hypergeometric(n=A), DistconvTypeError, "Hypergeometric takes M, n, N; M and N are missing"),
        (lambda: Die(1, A), DistconvTypeError, "Die takes sides, got 2 arguments: 1, a"),
        (lambda: Multinomial(2, [A, 1 - A], normalize=True), DistconvTypeError, "normalize is for numbers"),
        (lambda: Poisson(3).pmf("3"), DistconvTypeError, "x must be a number, got the string '3'"),
        (lambda: Poisson(3).pmf((1, 2)), distconv.DimensionError, "x"),
        (lambda: Poisson(3).ppf(1), DistconvValueError, "infinite"),
        (lambda: Poisson(3).to_dict(), DistconvTypeError, "infinitely many outcomes"),
        (lambda: Geometric(0.5).pgf(3), DistconvValueError, "z must be below"),
    ],
)
def test_bad_parameters_say_what_is_wrong(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_every_family_keeps_its_parameters():
    for law in (Die(6), Binomial(3, "1/3"), Poisson(2), Skellam(1, 2), Multinomial(2, ["1/2", "1/2"]), Uniform(1, 2)):
        assert distconv.__dict__[law.family](**law.parameters) == law
    assert Binomial(3, "1/3").parameters == {"n": 3, "p": THIRD}
    n, p = sympy.symbols("n p", positive=True)
    for law in (Binomial(n, p), Geometric(p), Die(n), Poisson(p), Hypergeometric(n, 3, 2)):
        assert distconv.__dict__[law.family](**law.parameters) == law
    assert (Binomial(n, p).family, Binomial(n, p).parameters) == ("Binomial", {"n": n, "p": p})
    assert (Geometric(p).family, Geometric(p).parameters) == ("Geometric", {"p": p})
    for law in (Binomial(n, p) + 1, 2 * Poisson(p), Poisson(p) + Geometric(p)):
        assert (law.family, law.parameters) == (None, {})
    assert PoissonBinomial([0.25] * 9).law.name() == "PoissonBinomial((0.25, 0.25, 0.25, ..., 0.25; 9 in all))"
    assert isinstance(Binomial(3, THIRD).law, FiniteRecurrence)


def test_endless_outcomes():
    assert Poisson(3).support[:4] == [0, 1, 2, 3]
    assert (-Geometric("1/2")).support[2] == -3
    assert list(itertools.islice(Geometric("1/2"), 2)) == [(1, Fraction(1, 2)), (2, Fraction(1, 4))]
    assert 500 in Poisson(3).support
    assert -1 not in Poisson(3).support


def test_generating_functions_beyond_the_doubles_are_infinite():
    for value in (
        Poisson(800).pgf(3),
        Poisson(3).pgf(10**400),
        Skellam(800, 3).pgf(3),
        Skellam(20.5, 1000).pgf(0.5),
        NegativeBinomial(1000, 0.5).pgf(1.9),
        Binomial(2000, 0.5).pgf(3),
    ):
        assert value == math.inf
