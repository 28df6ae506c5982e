"""Every question of a law, against the definitions: scalar and array, on and off the lattice, exact and floating."""

import copy
import functools
import itertools
import math
import pickle
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

import numpy as np
import oracle
import pytest
import sympy
from agreement import assert_close, assert_law
from hypothesis import given
from hypothesis import strategies as st
from strategies import SHAPES, distribution, exactly, laws, part, weights_of

from distconv import Die, Distribution, convolve, isclose, settings, sum_of
from distconv.measure.terms import terms_of

F = Fraction

#: 1-D laws of all kinds of storage: dense, with holes, sparse, fractional, one point, offset.
ONE_D = {
    "die": Die(6),
    "sum": 3 @ Die(6),
    "float": (3 @ Die(6)).to_float(),
    "holes": Distribution({-2: "1/2", 0: "1/8", 1: "1/8", 5: "1/4"}),
    "holes-float": Distribution({-2: 0.5, 0: 0.125, 1: 0.125, 5: 0.25}),
    "sparse": Distribution({0: "1/4", 1: "1/4", 10**9: "1/2"}),
    "sparse-float": Distribution({0: 0.25, 1: 0.25, 10**9: 0.5}),
    "fractional": Distribution({"-1/3": "1/5", "1/2": "3/5", 4: "1/5"}),
    "fractional-float": Distribution({"-1/3": 0.2, "1/2": 0.6, 4: 0.2}),
    "point": Distribution({7: 1}),
    "point-float": Distribution({7: 1.0}),
    "far": Die(6) + 10**15,
    "huge": Distribution({0: "1/3", 10**30: "2/3"}),
}
PLANE = {
    "walk": 3 @ Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"}),
    "walk-float": (3 @ Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})).to_float(),
    "sparse": Distribution({(0, 0): "1/2", (1, 10**9): "1/4", (10**9, F(1, 3)): "1/4"}),
    "sparse-float": Distribution({(0, 0): 0.5, (1, 10**9): 0.25, (10**9, F(1, 3)): 0.25}),
}
SPACE = Distribution({(0, 0, 0): "1/3", (1, 2, 3): "1/6", (1, 0, F(1, 2)): "1/2"})

one_d = pytest.mark.parametrize("X", ONE_D.values(), ids=ONE_D.keys())
plane = pytest.mark.parametrize("X", PLANE.values(), ids=PLANE.keys())


def law_of(X):
    return {x: F(p) for x, p in X.to_dict().items()}


def questions(X):
    """Numbers on, between and beyond the outcomes."""
    points = list(X.support)
    between = [(F(a) + b) / 2 for a, b in itertools.pairwise(points)]
    return sorted({points[0] - 1, *points, *between, points[-1] + 1, points[0] - F(1, 7), 0, 10**40, -(10**40)})


def matches(found, truth, X, rel=1e-13):
    """Of an exact law: equal, and a Fraction. Of a floating one: a float, within a few roundings."""
    if X.is_exact:
        return isinstance(found, F) and found == truth
    return isinstance(found, float) and math.isclose(found, float(truth), rel_tol=rel)


# What it is -----------------------------------------------------------------------------------------------------------


def test_what_it_is():
    X, Y = Die(6), Die(6).to_float()
    assert (X.ndim, X.shape, X.is_exact, X.kind, X.error, X.missing) == (1, (6,), True, "exact", 0.0, 0.0)
    assert (Y.ndim, Y.shape, Y.is_exact, Y.kind, Y.missing) == (1, (6,), False, "float", 0.0)
    assert 0 < Y.error <= 2.0**-53
    assert (SPACE.ndim, SPACE.is_exact) == (3, True)
    assert Distribution({0: 0.5, 1: 0.5}).error == 0.0


def test_one_float_makes_all_floating():
    X = Distribution({0: "1/3", 1: 1 / 3, 2: F(1, 3)})
    assert X.kind == "float"
    assert_law(X, {0: F(1, 3), 1: F(1 / 3), 2: F(1, 3)})
    assert X.error > 0


@one_d
def test_the_support_is_a_lazy_sorted_sequence(X):
    outcomes = list(X.to_dict())
    support = X.support
    assert isinstance(support, Sequence)
    assert list(support) == sorted(outcomes)
    assert len(support) == len(outcomes)
    assert support[0] == outcomes[0]
    assert support[-1] == outcomes[-1]
    assert list(support[1:3]) == outcomes[1:3]
    assert list(support[::-1]) == outcomes[::-1]
    assert list(reversed(support)) == outcomes[::-1]
    assert support == outcomes
    assert support.index(outcomes[-1]) == len(outcomes) - 1
    assert all(x in support for x in outcomes)
    assert outcomes[0] - F(1, 97) not in support
    assert (0, 0) not in support
    assert all(type(x) is int or (type(x) is F and x.denominator > 1) for x in support)
    with pytest.raises(IndexError):
        support[len(outcomes)]
    with pytest.raises(IndexError):
        support[-len(outcomes) - 1]


def test_a_long_support_is_not_listed_to_be_asked():
    support = Distribution.from_array(np.full(10**6, 1e-6)).support
    assert len(support) == 10**6
    assert support[999_999] == 999_999
    assert 5 in support
    assert len(repr(support)) < 200


@plane
def test_the_support_in_the_plane(X):
    assert list(X.support) == sorted(X.to_dict())
    assert all(type(x) is tuple and all(type(v) is int or type(v) is F for v in x) for x in X.support)
    assert X.support[0] in X.support
    assert (F(1, 9), 0) not in X.support


# Probabilities --------------------------------------------------------------------------------------------------------


@one_d
def test_pmf(X):
    law = law_of(X)
    for x in questions(X):
        assert matches(X.pmf(x), law.get(x, F(0)), X)
        assert X.pmf(x) == X.pmf((x,))
    assert X.pmf(math.inf) == X.pmf(-math.inf) == 0


@one_d
def test_cdf_and_sf(X):
    law = law_of(X)
    for x in questions(X):
        head, tail = sum(p for y, p in law.items() if y <= x), sum(p for y, p in law.items() if y > x)
        assert matches(X.cdf(x), F(head), X)
        assert matches(X.sf(x), F(tail), X)
        low, high = X.cdf_bounds(x)
        assert low <= head <= high
        assert high - low <= 1e-12
    assert (X.cdf(-math.inf), X.cdf(math.inf), X.sf(-math.inf), X.sf(math.inf)) == (0, 1, 1, 0)
    assert X.cdf(X.support[-1]) == 1
    assert X.sf(X.support[-1]) == 0
    assert X.cdf(X.support[0] - 1) == 0
    assert X.sf(X.support[0] - 1) == 1


@one_d
def test_logs(X):
    for x in questions(X):
        for query, log in ((X.pmf, X.logpmf), (X.cdf, X.logcdf), (X.sf, X.logsf)):
            value, found = query(x), log(x)
            assert type(found) is float
            assert found <= 0
            if value:
                assert_close(found, math.log(value), 1e-12, 1e-15)
            else:
                assert found == -math.inf


@one_d
@pytest.mark.parametrize("query", ["pmf", "cdf", "sf", "logpmf", "logcdf", "logsf"])
def test_arrays_in_same_shape_out(X, query):
    ask = getattr(X, query)
    points = list(X.support)[:4]
    grid = np.empty((2, 3), dtype=object)
    grid.ravel()[:] = [points[0], points[-1], points[0] - 1, F(1, 7), points[len(points) // 2], 10**30]
    expected_dtype = object if X.is_exact and not query.startswith("log") else np.float64
    for asked in (grid, grid.tolist(), grid[0], grid[:, :0], np.array([], dtype=np.int64)):
        found = ask(asked)
        assert isinstance(found, np.ndarray)
        assert found.shape == np.shape(asked)
        assert found.dtype == expected_dtype
        flat = np.asarray(asked, dtype=object).ravel()
        assert all(a == ask(x) for a, x in zip(found.ravel(), flat, strict=True))
    whole = [x for x in points if isinstance(x, int) and abs(x) < 2**62] + [0, -5, 3]
    for dtype in (np.int64, np.float64, object):
        if dtype is np.float64 and max(map(abs, whole)) > 2**53:
            continue
        found = ask(np.array(whole, dtype=dtype))
        assert found.dtype == expected_dtype
        assert found.tolist() == [ask(x) for x in whole]
    small = np.array([0, 1, 7], dtype=np.uint8)
    assert ask(small).tolist() == [ask(int(x)) for x in small]
    one = ask(np.array(3))
    assert np.ndim(one) == 0
    assert one == ask(3)


@one_d
def test_numbers_of_every_kind_are_asked_alike(X):
    for x in (0, 1, 7):
        for same in (
            np.int64(x),
            np.float64(x),
            float(x),
            Decimal(x),
            F(x),
            np.int8(x),
            sympy.Integer(x),
            True if x == 1 else x,
        ):
            assert X.pmf(same) == X.pmf(x)
            assert X.cdf(same) == X.cdf(x)
    for same in (0.5, F(1, 2), Decimal("0.5"), np.float64(0.5), sympy.Rational(1, 2), np.float32(0.5)):
        assert X.pmf(same) == X.pmf(F(1, 2))
        assert X.sf(same) == X.sf(F(1, 2))


def test_infinities_in_arrays():
    for X in (Die(6), Die(6).to_float()):
        points = np.array([-np.inf, 3.0, np.inf])
        assert X.cdf(points).tolist() == [0, X.cdf(3), 1]
        assert X.sf(points).tolist() == [1, X.sf(3), 0]
        assert X.pmf(points).tolist() == [0, X.pmf(3), 0]
        assert X.logpmf(points).tolist() == [-math.inf, X.logpmf(3), -math.inf]


@plane
def test_pmf_in_the_plane(X):
    law = law_of(X)
    asked = [*list(law)[:5], (F(1, 7), 0), (10**30, 0), (-5, -5), (0.5, 0)]
    for x in asked:
        assert matches(X.pmf(x), law.get(tuple(F(v) for v in x), F(0)), X)
        assert X.logpmf(x) == (pytest.approx(math.log(X.pmf(x)), rel=1e-14) if X.pmf(x) else -math.inf)
    found = X.pmf(np.array(asked, dtype=object))
    assert found.shape == (len(asked),)
    assert found.dtype == (object if X.is_exact else np.float64)
    assert found.tolist() == [X.pmf(x) for x in asked]
    grid = np.stack(np.meshgrid(np.arange(-3, 4), np.arange(-2, 3), indexing="ij"), axis=-1)
    for query in ("pmf", "logpmf"):
        found = getattr(X, query)(grid)
        assert found.shape == (7, 5)
        assert all(found[i, j] == getattr(X, query)((i - 3, j - 2)) for i in range(7) for j in range(5))
    assert X.pmf([(0, 0), (1, 0)]).tolist() == [X.pmf((0, 0)), X.pmf((1, 0))]
    assert X.pmf(np.array([1, 0])) == X.pmf((1, 0))
    assert X.pmf(np.zeros((0, 2), dtype=int)).shape == (0,)


def test_pmf_in_space():
    assert SPACE.pmf((1, 2, 3)) == F(1, 6)
    assert SPACE.pmf((1, 2, 4)) == 0
    assert SPACE.pmf(np.zeros((4, 2, 3), dtype=int)).shape == (4, 2)


@part(0.5)
@given(laws(ndim=1), st.data())
def test_queries_of_any_law(law, data):
    X, f = distribution(law), exactly(law)
    x = data.draw(st.sampled_from([*f, next(iter(f)) - F(1, 3)])) + data.draw(st.sampled_from([0, F(1, 2), -(10**15)]))
    head, tail = sum(p for y, p in f.items() if y <= x), sum(p for y, p in f.items() if y > x)
    if X.is_exact:
        assert (X.pmf(x), X.cdf(x), X.sf(x)) == (f.get(x, 0), head, tail)
    else:
        assert_close(X.pmf(x), f.get(x, 0), 1e-15, 5e-324)
        assert_close(X.cdf(x), head, 1e-14, 5e-324)
        assert_close(X.sf(x), tail, 1e-14, 5e-324)
        for found, truth in ((X.logcdf(x), head), (X.logsf(x), tail), (X.logpmf(x), f.get(x, 0))):
            assert (
                found == -math.inf if not truth else math.isclose(found, exact_log(truth), rel_tol=1e-13, abs_tol=1e-14)
            )


def exact_log(value):
    value = F(value)
    if 2 * value > 1:
        return math.log1p(float(value - 1))
    if value > F(1, 10**300):
        return math.log(float(value))
    return math.log(value.numerator) - math.log(value.denominator)


def test_deep_tails_of_exact_laws():
    X = 1000 @ Die(6)
    assert X.pmf(1000) == F(1, 6**1000)
    assert_close(X.logpmf(1000), -1000 * math.log(6), 1e-15)
    assert_close(X.logcdf(1000), -1000 * math.log(6), 1e-15)
    assert_close(X.logsf(5999), -1000 * math.log(6), 1e-15)
    assert_close(X.logsf(5998), -1000 * math.log(6) + math.log(1001), 1e-14)
    assert X.logsf(6000) == -math.inf
    assert X.logcdf(6000) == 0.0
    assert 0 > X.logcdf(5000) > -1e-100
    assert float(X.pmf(1000)) == 0.0


def test_deep_tails_of_floating_laws():
    """A sum that no double holds is right in the log."""
    exact = 1000 @ Die(6)
    with settings(exact_limit=0):
        X = 1000 @ Die(6)
    assert X.kind == "float"
    for x in (1000, 1001, 1500, 2500, 3500, 4500, 5999):
        assert math.isclose(X.logpmf(x), exact.logpmf(x), rel_tol=1e-12, abs_tol=X.error)
        assert math.isclose(X.logcdf(x), exact.logcdf(x), rel_tol=1e-10)
        assert math.isclose(X.logsf(x), exact.logsf(x), rel_tol=1e-10)
    assert X.logsf(6000) == X.logcdf(999) == -math.inf
    assert X.logcdf(6000) == X.logsf(999) == 0.0


def test_sf_is_never_one_minus_cdf():
    X = Distribution({0: 1.0, 1: 1e-30, 2: 1e-40})
    assert X.sf(0) == pytest.approx(1e-30, rel=1e-15)
    assert X.sf(1) == pytest.approx(1e-40, rel=1e-15)
    assert X.logcdf(1) == pytest.approx(-1e-40, rel=1e-15)
    assert (-X).cdf(-1) == pytest.approx(1e-30, rel=1e-15)
    assert (-X).logsf(-2) == pytest.approx(-1e-40, rel=1e-15)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_cdf_rises_from_0_to_exactly_1(shape):
    X = Distribution.from_array(weights_of(shape, 3000))
    Y = convolve(X, X, method="fft")
    for Z in (X, Y):
        x = np.arange(Z.support[0] - 1, Z.support[-1] + 2)
        cdf, sf = Z.cdf(x), Z.sf(x)
        assert cdf[0] == sf[-1] == 0.0
        assert cdf[-1] == sf[0] == 1.0
        assert (np.diff(cdf) >= 0).all()
        assert (np.diff(sf) <= 0).all()
        assert (Z.pmf(x) >= 0).all()
        assert cdf.max() <= 1
        assert sf.max() <= 1
        assert np.allclose(cdf + sf, 1, atol=1e-9)


def test_cdf_bounds_hold_the_truth():
    f = {k: F(w) for k, w in enumerate(weights_of(SHAPES[2], 200).tolist())}
    truth = oracle.convolve(f, f)
    X = Distribution.from_array(weights_of(SHAPES[2], 200))
    Y = convolve(X, X, method="fft")
    total = sum(truth.values())
    head = F(0)
    for x, p in sorted(truth.items()):
        head += p
        low, high = Y.cdf_bounds(x)
        assert low <= head / total * (1 + F(1, 10**16))
        assert head <= high * (1 + F(1, 10**15)) + F(1, 10**15)
        assert low <= Y.cdf(x) <= high


# Quantiles ------------------------------------------------------------------------------------------------------------


@one_d
def test_quantiles_are_the_smallest_outcomes_that_reach_the_level(X):
    law = sorted(law_of(X).items())
    levels = [F(1, 10**9), F(1, 7), F(1, 4), F(1, 2), F(5, 8), F(3, 4), F(9, 10), 1 - F(1, 10**9)]
    heads = list(itertools.accumulate(p for _, p in law))
    if X.is_exact:
        levels += heads
    for q in levels:
        expected = next((x for (x, _), head in zip(law, heads, strict=True) if head >= q), law[-1][0])
        assert X.ppf(q) == expected
        assert X.isf(1 - q) == expected
        assert type(X.ppf(q)) is type(expected)
    assert X.ppf(0) == X.isf(1) == law[0][0]
    assert X.ppf(1) == X.isf(0) == law[-1][0]
    assert X.median() == X.ppf("1/2")


def test_quantiles_compare_exactly():
    assert Die(20).ppf(0.95) == 19
    assert Die(20).ppf(F(19, 20)) == 19
    assert Die(20).ppf(np.nextafter(0.95, 1)) == 20
    assert Die(20).ppf(Decimal("0.95")) == 19
    assert Die(20).ppf("0.95") == 19
    assert Die(20).isf(0.05) == 19
    assert Die(10).ppf(0.3) == 3
    assert [Die(10).ppf(k / 10) for k in range(1, 11)] == list(range(1, 11))
    assert [Die(10).ppf(float(Die(10).cdf(k))) for k in range(1, 11)] == list(range(1, 11))
    assert Die(6).ppf(Die(6).cdf(5)) == 5


def test_quantiles_in_arrays():
    for X in (Die(20), Die(20).to_float(), Distribution({"1/2": "1/2", 3: "1/2"})):
        levels = np.array([[0.0, 0.3, 0.5], [0.77, 0.9, 1.0]])
        for query in (X.ppf, X.isf):
            found = query(levels)
            assert found.shape == (2, 3)
            assert found.tolist() == [[query(q) for q in row] for row in levels.tolist()]
            assert query([0.3, 0.5]).shape == (2,)
            assert query(np.array([])).shape == (0,)
    assert Die(20).ppf(np.array([0.5])).dtype == np.int64


def test_quantiles_far_in_the_tail():
    X = 1000 @ Die(6)
    assert X.sf(X.isf(1e-300)) <= F(1, 10**300) < X.sf(X.isf(1e-300) - 1)
    assert X.isf("1e-700") > X.isf(1e-300)
    with settings(exact_limit=0):
        Y = 1000 @ Die(6)
    assert Y.isf(1e-300) == X.isf(1e-300)
    assert Y.ppf(1e-300) == X.ppf(1e-300)
    assert Y.isf(1e-12) == X.isf(1e-12)


def test_quantiles_skip_outcomes_that_floats_cannot_tell_apart():
    X = Distribution({0: 0.5, 1: 1e-300, 2: 0.5})
    assert X.ppf(0.5) == 0
    assert X.ppf(0.5000001) == 2
    assert X.isf(0.5) in (0, 1)
    assert X.ppf(0) == 0
    assert X.ppf(1) == 2


@pytest.mark.parametrize("shape", SHAPES, ids=lambda s: s.__name__)
def test_floating_quantiles_stay_inside_the_support(shape):
    X = Distribution.from_array(weights_of(shape, 500))
    support = set(X.support)
    levels = [0, 5e-324, 1e-300, 1e-17, 0.25, 0.5, 0.75, 1 - 2**-53, 1]
    found = [X.ppf(q) for q in levels]
    assert found == sorted(found)
    assert set(found) <= support
    assert {X.isf(q) for q in levels} <= support
    assert found[0] == X.support[0]
    assert found[-1] == X.support[-1]


def test_interval():
    assert Die(20).interval("9/10") == (1, 19)
    assert Die(20).interval(0.9) == (1, 19)
    assert Die(6).interval(1) == (1, 6)
    assert Die(6).interval(0) == (3, 3)
    low, high = (100 @ Die(6)).interval(0.95)
    assert 0.95 <= (100 @ Die(6)).prob(lambda x: low <= x <= high) < 0.96


def test_median_and_mode():
    assert Die(6).median() == 3
    assert Die(5).median() == 3
    assert Distribution({0: "1/2", 1: "1/2"}).median() == 0
    assert (2 @ Die(6)).mode() == 7
    assert Die(6).mode() == 1
    assert Distribution({0: 0.25, 10**9: 0.5, 5: 0.25}).mode() == 10**9
    assert Distribution({(0, 1): "1/3", (1, 0): "2/3"}).mode() == (1, 0)
    assert Distribution({0: 1e-300, 1: 1.0}).mode() == 1
    deep = Distribution({0: 1e-300, 1: 1.0, 2: 1e-300})
    assert (4 @ deep).mode() == 4


# Moments --------------------------------------------------------------------------------------------------------------


@one_d
def test_moments_are_the_definitions(X):
    law = law_of(X)
    total = sum(law.values())
    mean = oracle.expect(law, F) / total
    central = {k: oracle.expect(law, lambda x, k=k: (x - mean) ** k) / total for k in range(9)}
    reach = float(X.support[-1] - X.support[0])
    assert matches(X.mean(), mean, X)
    if X.is_exact:
        assert X.var() == central[2]
        assert isinstance(X.var(), F)
        for k in range(7):
            assert X.moment(k) == oracle.expect(law, lambda x, k=k: F(x) ** k)
        assert X.cumulant(1) == mean
        assert X.cumulant(2) == central[2]
        assert X.cumulant(3) == central[3]
        assert X.cumulant(4) == central[4] - 3 * central[2] ** 2
        assert X.cumulant(5) == central[5] - 10 * central[3] * central[2]
        assert X.cumulant(6) == central[6] - 15 * central[4] * central[2] - 10 * central[3] ** 2 + 30 * central[2] ** 3
    else:
        assert_close(X.var(), central[2], 1e-13)
        assert_close(X.moment(3), oracle.expect(law, lambda x: F(x) ** 3), 1e-12)
        assert_close(X.cumulant(3), central[3], 1e-12, 1e-13 * reach**3)
        assert_close(X.cumulant(4), central[4] - 3 * central[2] ** 2, 1e-12, 1e-13 * reach**4)
    assert_close(X.std(), sympy.sqrt(sympy.Rational(central[2].numerator, central[2].denominator)).evalf(30), 1e-13)
    assert isinstance(X.std(), float)
    if central[2]:
        sigma = float(X.std())
        assert_close(X.skewness(), float(central[3]) / sigma**3, 1e-10, 1e-10)
        assert_close(X.kurtosis(), central[4] / central[2] ** 2 - 3, 1e-10, 1e-10)
    else:
        assert math.isnan(X.skewness())
        assert math.isnan(X.kurtosis())


def test_moments_of_dice():
    assert Die(6).mean() == F(7, 2)
    assert Die(6).var() == F(35, 12)
    assert Die(6).kurtosis() == F(-222, 175)
    assert Die(6).skewness() == 0.0
    assert (10**6 @ Distribution({0: "1/2", 1: "1/2"}).to_float()).mean() == pytest.approx(5 * 10**5, rel=1e-12)
    assert Die(6).moment(0) == 1
    assert (100 @ Die(6)).cumulant(4) == 100 * Die(6).cumulant(4)


def test_moments_of_a_sum_far_away():
    X = (3 @ Die(6)).to_float() + 10**15
    assert X.mean() == pytest.approx(10**15 + 10.5, rel=1e-16)
    assert X.var() == pytest.approx(8.75, rel=1e-14)
    assert X.std() == pytest.approx(math.sqrt(8.75), rel=1e-14)
    assert X.cumulant(4) == pytest.approx(float((3 @ Die(6)).cumulant(4)), rel=1e-12)


@plane
def test_moments_in_the_plane(X):
    law = law_of(X)
    mean = [oracle.expect(law, lambda x, i=i: F(x[i])) for i in range(2)]
    cov = [
        [oracle.expect(law, lambda x, i=i, j=j: (x[i] - mean[i]) * (x[j] - mean[j])) for j in range(2)]
        for i in range(2)
    ]
    assert X.mean().shape == (2,)
    assert X.var().shape == (2,)
    assert X.std().shape == (2,)
    assert X.cov().shape == (2, 2)
    if X.is_exact:
        assert X.mean().tolist() == mean
        assert X.cov().tolist() == cov
        assert X.var().tolist() == [cov[0][0], cov[1][1]]
        assert X.cov().dtype == object
    else:
        assert np.allclose(X.mean(), np.array(mean, dtype=float), rtol=1e-13, atol=1e-13)
        assert np.allclose(X.cov(), np.array(cov, dtype=float), rtol=1e-13, atol=1e-13)
        assert X.cov().dtype == np.float64
    assert np.allclose(X.std(), np.sqrt(X.var().astype(float)))


def test_cov_of_one_dimension_is_a_matrix():
    assert Die(6).cov().tolist() == [[F(35, 12)]]


@one_d
def test_entropy(X):
    expected = -math.fsum(float(p) * math.log(float(p)) for p in law_of(X).values() if float(p))
    assert X.entropy() == pytest.approx(expected, rel=1e-12)
    assert X.entropy(base=2) == pytest.approx(expected / math.log(2), rel=1e-12)
    assert type(X.entropy()) is float


def test_entropy_of_known_laws():
    assert Die(8).entropy(base=2) == pytest.approx(3, rel=1e-15)
    assert Distribution({7: 1}).entropy() == 0.0
    assert math.copysign(1, Distribution({7: 1}).entropy()) == 1
    assert Distribution({0: 1.0, 1: 1e-300}).entropy() == pytest.approx(1e-300 * 300 * math.log(10), rel=1e-12)
    assert PLANE["sparse"].entropy(base=2) == pytest.approx(1.5, rel=1e-15)


# Sums over outcomes ---------------------------------------------------------------------------------------------------


@one_d
def test_expect_and_prob(X):
    law = law_of(X)
    assert matches(X.expect(lambda x: x * x), oracle.expect(law, lambda x: F(x) ** 2), X)
    assert matches(X.expect(lambda _: 1), F(1), X)
    middle = X.support[len(X.support) // 2]
    assert matches(X.prob(lambda x: x <= middle), oracle.expect(law, lambda x: x <= middle), X)
    assert X.prob(lambda _: False) == 0
    assert X.prob(lambda _: True) == 1
    assert isinstance(X.expect(lambda x: math.sin(float(x))), float)


def test_prob_and_expect_in_the_plane():
    X = PLANE["walk"]
    assert X.prob(lambda p: p[0] == 1 and p[1] == 0) == X.pmf((1, 0))
    assert X.expect(lambda p: p[0] ** 2 + p[1] ** 2) == 3
    assert X.expect(lambda p: np.float64(p[0])) == 0.0
    assert X.expect(lambda p: 1j * p[0] + p[1]) == 0


def test_generating_functions():
    assert Die(6).pgf(F(1, 2)) == sum(F(1, 6) * F(1, 2) ** k for k in range(1, 7))
    assert Die(6).pgf(0) == 0
    assert Die(6).pgf(1) == 1
    assert Die(6).to_float().pgf(0.5) == pytest.approx(float(Die(6).pgf(F(1, 2))))
    assert Die(6).pgf(1j) == pytest.approx(sum(1j**k / 6 for k in range(1, 7)))
    z = sympy.Symbol("z")
    assert sympy.simplify(Die(2).pgf(z) - (z + z**2) / 2) == 0
    X = PLANE["walk"]
    assert X.pgf((F(2), F(3))) == ((2 + F(1, 2) + 3 + F(1, 3)) / 4) ** 3


def test_characteristic_functions():
    assert Die(6).cf(0) == pytest.approx(1, rel=1e-14)
    assert Die(6).cf(0.7) == pytest.approx(sum(np.exp(0.7j * k) / 6 for k in range(1, 7)))
    assert Die(6).cf(np.array([[0.1, 0.2]])).shape == (1, 2)
    assert isinstance(complex(Die(6).cf(0.3)), complex)
    X = PLANE["walk"]
    t = np.array([[0.1, 0.2], [1.0, -2.0], [0.0, 0.0]])
    expected = [((np.cos(a) + np.cos(b)) / 2) ** 3 for a, b in t]
    assert np.allclose(X.cf(t), expected)
    assert X.cf(t).shape == (3,)


# Random outcomes ------------------------------------------------------------------------------------------------------


def test_random_outcomes_can_be_repeated():
    X = Die(6)
    first = X.rvs(1000, rng=7)
    assert np.array_equal(first, X.rvs(1000, rng=7))
    assert not np.array_equal(first, X.rvs(1000, rng=8))
    assert np.array_equal(first, X.rvs(1000, rng=np.random.default_rng(7)))
    generator = np.random.default_rng(7)
    assert not np.array_equal(X.rvs(1000, rng=generator), X.rvs(1000, rng=generator))
    assert first.dtype == np.int64
    assert set(first) == {1, 2, 3, 4, 5, 6}
    assert abs(first.mean() - 3.5) < 0.2


@one_d
def test_random_outcomes_are_outcomes(X):
    one = X.rvs(rng=1)
    assert one in X.support
    assert type(one) is int or type(one) is F
    many = X.rvs((2, 5), rng=1)
    assert many.shape == (2, 5)
    assert X.rvs(0, rng=1).shape == (0,)
    floats = {float(x) for x in X.support}
    assert {float(v) for v in many.ravel()} <= floats


def test_random_vectors():
    X = PLANE["walk"]
    assert X.rvs(rng=1) in X.support
    assert X.rvs((3, 4), rng=1).shape == (3, 4, 2)
    assert X.rvs(7, rng=1).shape == (7, 2)
    assert {tuple(v) for v in X.rvs(500, rng=1).tolist()} <= set(X.support)


def test_random_outcomes_follow_the_law():
    X = 2 @ Die(6)
    drawn = X.rvs(200_000, rng=3)
    for x in range(2, 13):
        p = float(X.pmf(x))
        assert abs(np.mean(drawn == x) - p) < 5 * math.sqrt(p * (1 - p) / 200_000)


def test_outcomes_of_weight_zero_are_never_drawn():
    X = Distribution({0: 0.5, 2: 1e-300, 3: 0.5, 5: 0.0})
    assert set(X.rvs(10_000, rng=1).tolist()) == {0, 3}


# Taking it apart ------------------------------------------------------------------------------------------------------


@one_d
def test_dicts(X):
    assert dict(X) == X.to_dict()
    assert list(X) == list(X.to_dict().items())
    assert all(isinstance(p, F if X.is_exact else float) for p in X.to_dict().values())
    assert isclose(Distribution(X.to_dict()), X, rtol=1e-15)
    if X.is_exact:
        assert Distribution(X.to_dict()) == X


@one_d
def test_arrays_out(X):
    outcomes, weights = X.to_arrays()
    assert outcomes.shape == weights.shape == (len(X.support),)
    assert outcomes.tolist() == list(X.support)
    assert weights.tolist() == list(X.to_dict().values())
    assert weights.dtype == (object if X.is_exact else np.float64)
    assert isclose(Distribution.from_arrays(outcomes, weights), X, rtol=1e-15)


@plane
def test_arrays_out_in_the_plane(X):
    outcomes, weights = X.to_arrays()
    assert outcomes.shape == (len(X.support), 2)
    assert list(map(tuple, outcomes.tolist())) == list(X.support)
    assert weights.tolist() == list(X.to_dict().values())
    if X.is_exact:
        assert Distribution.from_arrays(outcomes, weights) == X


def test_exact_and_floating_forms():
    X = Distribution({0: 0.1, 1: 0.2, 2: 0.7})
    assert X.to_exact().to_dict() == {0: F(1, 10), 1: F(1, 5), 2: F(7, 10)}
    assert X.to_exact().is_exact
    assert X.to_float() == X
    Y = Distribution({0: "1/3", 1: "2/3"})
    assert Y.to_exact() == Y
    assert Y.to_float().to_dict() == {0: 1 / 3, 1: 2 / 3}
    assert (X + X + X).to_exact(normalize=True).is_exact
    tiny = (1000 @ Die(6)).to_float()
    assert tiny.pmf(1000) == 0.0
    assert_close(tiny.logpmf(1000), -1000 * math.log(6), 1e-15)


@pytest.mark.parametrize("X", [*ONE_D.values(), *PLANE.values(), SPACE], ids=str)
def test_copies_and_pickles_are_the_same_law(X):
    for protocol in range(2, pickle.HIGHEST_PROTOCOL + 1):
        again = pickle.loads(pickle.dumps(X, protocol))
        assert again == X
        assert hash(again) == hash(X)
        assert again.to_dict() == X.to_dict()
        assert (again.error, again.missing, again.kind) == (X.error, X.missing, X.kind)
        assert again.how() == X.how()
        assert type(again) is type(X)
    assert copy.copy(X) == X
    assert copy.deepcopy(X) == X
    assert copy.deepcopy([X, X])[0] == X


# Equality and hash ----------------------------------------------------------------------------------------------------


def test_laws_are_keys():
    calls = []

    @functools.lru_cache
    def mean(X):
        calls.append(X)
        return X.mean()

    assert mean(Die(6) + Die(6)) == mean(2 @ Die(6)) == 7
    assert len(calls) == 1
    assert {Die(6): 1, Distribution(dict.fromkeys(range(1, 7), "1/6")): 2} == {Die(6): 2}
    assert len({1 @ Die(6), Die(6) + 0, Die(6), Die(6).to_float()}) == 2


def test_equality():
    assert Die(6) == Distribution(dict.fromkeys(range(1, 7), "1/6"))
    assert Die(6) != Die(8)
    assert Die(6) != Die(6) + 1
    assert Die(6) != 2 * Die(6)
    assert Die(6) != Die(6).to_float()
    assert Distribution({0: 0.5, 1: 0.5}) == Distribution({0: "1/2", 1: "1/2"})
    assert hash(Distribution({0: 0.5, 1: 0.5})) == hash(Distribution({0: "1/2", 1: "1/2"}))
    assert Distribution({0: 1}) == Distribution({0: 1.0})
    assert Distribution({0: 1}) != Distribution({(0, 0): 1})
    assert Die(6) != 6
    assert (Die(6) == 6) is False
    assert (Die(6) == Die(6)) is True
    assert Die(6) not in ["die", None, 6]


def test_association_and_storage_do_not_show():
    steps = [Die(2), Die(3) - 5, Distribution({0: "1/2", 10: "1/2"}), Distribution({"1/2": "1/3", 2: "2/3"})]
    sums = {functools.reduce(lambda x, y: x + y, order) for order in itertools.permutations(steps)}
    sums |= {sum_of(order) for order in itertools.permutations(steps)}
    sums |= {(steps[0] + steps[1]) + (steps[2] + steps[3]), (steps[0] + steps[3]) + (steps[2] + steps[1])}
    assert len(sums) == 1


def test_laws_are_frozen():
    X = Die(6)
    before = X.to_dict()
    X.to_arrays()[1][:] = 0
    X.to_dict().clear()
    X.cdf(np.arange(7))[:] = 5
    X.pmf(np.arange(7))[:] = 5
    assert X.to_dict() == before
    Y = X.to_float()
    values = Y.to_dict()
    Y.to_arrays()[1][:] = 0
    Y.pmf(np.arange(7))[:] = 0
    assert Y.to_dict() == values
    array = np.array([0.25, 0.75])
    Z = Distribution.from_array(array)
    array[:] = 9
    assert Z.to_dict() == {0: 0.25, 1: 0.75}
    masses = np.array([0.25, 0.75])
    Z = Distribution.from_arrays(np.array([1, 5]), masses)
    masses[:] = 9
    assert Z.to_dict() == {1: 0.25, 5: 0.75}


# Making ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "outcome",
    ["0.1", "1/10", 0.1, Decimal("0.1"), F(1, 10), np.float64(0.1), np.float32(0.1), sympy.Rational(1, 10), " 1/10 "],
)
def test_outcomes_are_exact(outcome):
    X = Distribution({outcome: 1})
    assert list(X.support) == [F(1, 10)]
    assert isinstance(X.support[0], F)


@pytest.mark.parametrize(
    "outcome", [3, 3.0, "3", F(3), Decimal(3), np.int64(3), np.uint8(3), np.float64(3), sympy.Integer(3), (3,), "6/2"]
)
def test_whole_outcomes_are_ints(outcome):
    X = Distribution({outcome: 1})
    assert list(X.support) == [3]
    assert type(X.support[0]) is int


@pytest.mark.parametrize("weight", ["1/4", "0.25", F(1, 4), Decimal("0.25"), sympy.Rational(1, 4)])
def test_exact_weights(weight):
    X = Distribution({0: weight, 1: "3/4"})
    assert X.pmf(0) == F(1, 4)
    assert X.is_exact


@pytest.mark.parametrize("weight", [0.25, np.float64(0.25), np.float32(0.25), sympy.Float(0.25)])
def test_floating_weights(weight):
    X = Distribution({0: weight, 1: 0.75})
    assert X.pmf(0) == 0.25
    assert X.kind == "float"


@pytest.mark.parametrize("weight", [1, np.int64(1), np.uint8(1), True, sympy.Integer(1)])
def test_integer_weights(weight):
    assert Distribution({0: weight, 1: 0}).to_dict() == {0: F(1)}
    assert Distribution({0: weight, 1: 3}, normalize=True).pmf(0) == F(1, 4)


def test_equal_outcomes_merge():
    X = Distribution({0.1: "1/4", "0.1": "1/4", F(1, 10): "1/4", 1: "1/4"})
    assert X.to_dict() == {F(1, 10): F(3, 4), 1: F(1, 4)}
    assert Distribution({"1": 0.5, 1: 0.5}).to_dict() == {1: 1.0}


def test_outcomes_of_weight_zero_leave_the_support():
    X = Distribution({0: 0, 1: "1/2", 2: 0, 3: "1/2", 9: 0})
    assert list(X.support) == [1, 3]
    assert X.pmf(0) == X.pmf(2) == 0
    Y = Distribution.from_array([0.0, 0.5, 0.0, 0.5, 0.0])
    assert list(Y.support) == [1, 3]
    assert (Y.ppf(0), Y.ppf(1)) == (1, 3)


def test_order_does_not_matter():
    assert Distribution({3: "1/2", 1: "1/4", 2: "1/4"}) == Distribution({1: "1/4", 2: "1/4", 3: "1/2"})
    assert list(Distribution({(1, 0): "1/2", (0, 5): "1/2"}).support) == [(0, 5), (1, 0)]


def test_from_arrays():
    assert Distribution.from_arrays([3, 1, 3], ["1/4", "1/2", "1/4"]).to_dict() == {1: F(1, 2), 3: F(1, 2)}
    assert Distribution.from_arrays(np.array([0.1, 0.3]), np.array([0.5, 0.5])).to_dict() == {
        F(1, 10): 0.5,
        F(3, 10): 0.5,
    }
    X = Distribution.from_arrays(np.array([[0, 1], [1, 0], [0, 1]]), [0.25, 0.5, 0.25])
    assert X.to_dict() == {(0, 1): 0.5, (1, 0): 0.5}
    assert Distribution.from_arrays([(0, 1), (1, 0)], ["1/2", "1/2"]).pmf((0, 1)) == F(1, 2)
    assert Distribution.from_arrays(np.arange(11) / 10, np.full(11, 1 / 11)).support[3] == F(3, 10)
    assert Distribution.from_arrays([1, 2], [3, 1], normalize=True).pmf(1) == F(3, 4)
    assert Distribution.from_arrays([1, 2], np.array([3.0, 1.0]), normalize=True).pmf(1) == 0.75
    assert Distribution.from_arrays(np.array([1e300, 0.0]), [0.5, 0.5]).support[-1] == 10**300


def test_from_array():
    X = Distribution.from_array([[0.25, 0.0], [0.0, 0.75]], origin=(10, "1/2"), step=(5, "1/2"))
    assert X.to_dict() == {(10, F(1, 2)): 0.25, (15, 1): 0.75}
    assert Distribution.from_array(["1/4", "3/4"], origin=10, step=5).to_dict() == {10: F(1, 4), 15: F(3, 4)}
    assert Distribution.from_array([1, 1], normalize=True).pmf(0) == F(1, 2)
    cube = Distribution.from_array(np.full((2, 2, 2), 0.125))
    assert cube.ndim == 3
    assert cube.pmf((1, 1, 1)) == 0.125
    assert Distribution.from_array([1.0]).to_dict() == {0: 1.0}
    assert Distribution.from_array(np.array([0.5, 0.5], dtype=np.float32)).kind == "float"


def test_from_counts():
    assert Distribution.from_counts({1: 3, 2: 1}).pmf(1) == F(3, 4)
    assert Distribution.from_counts({0: 10**40, 1: 1}).pmf(1) == F(1, 10**40 + 1)
    assert Distribution.from_counts({0: 0.5, 1: 1.5}).pmf(1) == 0.75
    assert Distribution.from_counts({(0, 0): 1, (1, 1): 1}).ndim == 2


def test_from_samples():
    X = Distribution.from_samples([3, 5, 3, 6])
    assert X.to_dict() == {3: F(1, 2), 5: F(1, 4), 6: F(1, 4)}
    assert Distribution.from_samples(np.array([[0, 1], [0, 1], [1, 1]])).pmf((0, 1)) == F(2, 3)
    assert Distribution.from_samples([0.11, 0.19, 0.31], step=0.1).to_dict() == {
        F(1, 10): F(1, 3),
        F(1, 5): F(1, 3),
        F(3, 10): F(1, 3),
    }
    assert Distribution.from_samples(x for x in (1, 1, 2)).pmf(1) == F(2, 3)
    assert Distribution.from_samples([(0, 1), (1, 0)]).ndim == 2


def test_totals_within_rounding_are_taken_as_they_are():
    X = Distribution(dict.fromkeys(range(10), 0.1))
    assert X.pmf(3) == 0.1
    assert Distribution({0: 1 / 3, 1: 1 / 3, 2: 1 / 3}).pmf(0) == 1 / 3
    assert Distribution({k: 0.0833 if k < 11 else 0.0837 for k in range(12)}).cdf(11) == 1.0


@pytest.mark.parametrize("weights", [(5e-324, 5e-324), (1e308, 1e308), (1.0, 1e-300), (5e-324, 1e308)], ids=str)
def test_normalizing_works_over_the_whole_range_of_doubles(weights):
    exact = [F(w) / sum(map(F, weights)) for w in weights]
    for X in (
        Distribution(dict(enumerate(weights)), normalize=True),
        Distribution.from_counts(dict(enumerate(weights))),
        Distribution.from_array(np.array(weights), normalize=True),
        Distribution.from_arrays(np.array([0, 1]), np.array(weights), normalize=True),
    ):
        assert_law(X, dict(enumerate(exact)))


def test_weights_below_the_doubles_are_not_lost_on_the_way():
    """Whatever happens to a law after a sum: 1e-900 stays what it is."""
    deep = 3 * math.log(1e-300)
    X = 3 @ Distribution({0: 1.0, 1: 1e-300})
    assert X.given(lambda x: x >= 2).logpmf(3) == pytest.approx(deep - math.log(3) - 2 * math.log(1e-300), rel=1e-13)
    assert X.map(lambda x: x // 2).logpmf(1) == pytest.approx(math.log(3) + 2 * math.log(1e-300), rel=1e-13)
    assert (10 * X + 1).logpmf(31) == pytest.approx(deep, rel=1e-14)
    assert X.clip(0, 3).logpmf(3) == pytest.approx(deep, rel=1e-14)
    assert pickle.loads(pickle.dumps(X)).logpmf(3) == pytest.approx(deep, rel=1e-14)
    plane = 3 @ Distribution({(0, 0): 1.0, (1, 1): 1e-300})
    assert plane.logpmf((3, 3)) == pytest.approx(deep, rel=1e-14)
    assert plane.marginal(1).logpmf(3) == pytest.approx(deep, rel=1e-14)
    assert ([[1, 1]] @ plane).logpmf(6) == pytest.approx(deep, rel=1e-14)
    assert X.to_exact(normalize=True).logpmf(3) == pytest.approx(deep, rel=1e-13)


# Large exact sums know their terms ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "make",
    [
        lambda: 1000 @ Die(6),
        lambda: 900 @ Die(6) + 50 @ Distribution({0: "1/3", 40: "2/3"}),
        lambda: 2 @ (900 @ Die(6)) - 3 * (300 @ Die(6)),
        lambda: 70 @ Distribution({(0, 1): "1/3", (1, 0): "1/6", (2, 2): "1/2"}),
    ],
)
def test_a_large_exact_sum_has_the_moments_of_its_weights(make):
    """What a sum answers from its terms is what the same law without them answers."""
    X = make()
    bare = pickle.loads(pickle.dumps(X))
    assert terms_of(bare.law.measure) is None
    assert np.array_equal(X.mean(), bare.mean())
    assert np.array_equal(X.var(), bare.var())
    assert np.array_equal(X.cov(), bare.cov())
    assert np.allclose(X.std(), bare.std(), rtol=1e-15, atol=0)
    assert list(X.support) == list(bare.support)
    assert repr(X) == repr(bare)
    if X.ndim == 1:
        assert [X.moment(k) for k in range(7)] == [bare.moment(k) for k in range(7)]
        assert [X.cumulant(k) for k in range(1, 7)] == [bare.cumulant(k) for k in range(1, 7)]


def test_a_loop_of_sums_holds_its_terms_and_no_sum_between():
    X = 900 @ Die(6)
    for _ in range(20):
        X = X + Die(4)
    terms, copies = zip(*terms_of(X.law.measure), strict=True)
    assert sum(copies) == 920
    assert max(term.support.size for term in terms) == 6


def test_stop_loss_premiums_below_the_doubles_of_their_weights():
    X = Distribution({0: 1.0, 1: 2.0**-1010, 2: 2.0**-1012})
    assert X.stop_loss(0) == float(Fraction(2) ** -1010 + 2 * Fraction(2) ** -1012)
    assert X.stop_loss(1) == 2.0**-1012
    far = Distribution({0: 1.0, 1: 1e-12, 10**250: 1e-300})
    assert math.isclose(far.stop_loss(0), 1e-12 + 1e-50, rel_tol=1e-14)
    assert math.isclose(far.stop_loss(1), 1e-50, rel_tol=1e-14)


# Thousands of digits ----------------------------------------------------------------------------------------------


def test_generating_functions_of_ten_thousand_dice():
    """By the closed form ((z + ... + z**6) / 6)**10000."""
    S = 10_000 @ Die(6)
    assert S.pgf(2) == Fraction(126, 6) ** 10_000
    assert S.pgf(Fraction(-1, 3)) == Fraction(-182, 6 * 729) ** 10_000
    assert S.pgf(1.0) == 1.0
    assert S.pgf(2.0) == math.inf
    assert S.pgf(-1.0) == S.pgf(0.0) == 0.0
    for z in (0.999, 1.00001):
        closed = float((sum(Fraction(z) ** k for k in range(1, 7)) / 6) ** 10_000)
        assert math.isclose(S.pgf(z), closed, rel_tol=3e-16)


def test_generating_functions_are_rounded_once_however_terms_cancel():
    X = Distribution({-1: "1/2", 0: "1/4", 5: "1/4"})
    for z in (-1.3, -0.5, 1e-3, 0.7, 3.0):
        exact = sum(p * Fraction(z) ** x for x, p in X)
        assert abs(Fraction(X.pgf(z)) - exact) <= abs(exact) * Fraction(2) ** -52
    assert Distribution({0: "1/2", 1: "1/2"}).pgf(-1.0) == 0.0
    assert abs(X.pgf(0.5j) - (0.5 / 0.5j + 0.25 + 0.25 * 0.5j**5)) < 1e-15


def test_conditions_of_long_probability_are_told_short():
    S = 10_000 @ Die(6)
    assert str(S.truncate(high=11_000).how()) == "given: known an event of probability 8.43693e-6329"
    assert "probability 1.79084e-190" in str(S.given(lambda x: x > 40_000).how())
    assert "probability 1/2" in str(Die(6).given(lambda x: x > 3).how())


def test_draws_of_long_integers_keep_their_digits():
    drawn = Distribution({10**20: "1/2", 10**20 + 1: "1/2"}).rvs(20, rng=1)
    assert set(drawn.tolist()) == {10**20, 10**20 + 1}
    assert all(10**29 < x <= 10**30 and type(x) is int for x in Die(10**30).rvs(2, rng=2) if x > 10**29)
