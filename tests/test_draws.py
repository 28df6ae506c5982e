"""Draws without replacement: every subset counted one by one, tables in print, and every way to the same law."""

import math
from collections import Counter
from fractions import Fraction
from itertools import combinations, product

import numpy as np
import pytest
import scipy.stats
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import (
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Hypergeometric,
    SizeLimitError,
    settings,
    sum_of_draws,
)
from distconv.transforms import drawing

#: What values are drawn from: ties, gaps, points far apart, other lattices.
POOLS = (range(3), range(7), (0, 1, 10**9), (Fraction(1, 2), 3, 7, -2), (-6, -3, 0, 3), (0, 10**30, 3 * 10**30 + 1))


def one_by_one(values, k):
    """The law of the sum of k of the values, subset by subset."""
    vectors = [v if isinstance(v, tuple) else (v,) for v in values]
    sums = Counter(tuple(map(sum, zip(*drawn, strict=True))) for drawn in combinations(vectors, k))
    total = sum(sums.values())
    return {x if len(x) > 1 else x[0]: Fraction(m, total) for x, m in sorted(sums.items())}


@st.composite
def populations(draw):
    """Some values, of which several may be equal, of one or two dimensions."""
    one = st.sampled_from(draw(st.sampled_from(POOLS)))
    if draw(st.booleans()):
        one = st.tuples(one, st.sampled_from(draw(st.sampled_from(POOLS))))
    return draw(st.lists(one, min_size=2, max_size=8))


@given(populations(), st.data())
def test_sums_are_those_of_all_subsets(values, data):
    k = data.draw(st.integers(1, len(values)))
    found = sum_of_draws(values, k)
    assert found.is_exact
    assert found.to_dict() == one_by_one(values, k)
    assert sum_of_draws(Counter(values), k) == found


@part(0.5)
@given(st.lists(st.integers(0, 30), min_size=2, max_size=10), st.data())
def test_every_way_counts_alike(values, data):
    """All coefficients kept, terms kept, and the polynomial written out, one factor after the other."""
    k = data.draw(st.integers(1, len(values) - 1))
    groups = sorted(Counter(values).items())
    y, z = sympy.symbols("y z")
    whole = sympy.Poly(math.prod((1 + y * z**v) ** m for v, m in groups), y, z)
    right = {power: int(c) for (draws, power), c in whole.terms() if draws == k}
    if len(groups) > 1:
        start = drawing.reach_of(groups, k).lows[k]
        coefficients = drawing.dense(groups, k).coeffs()
        assert {start + i: int(c) for i, c in enumerate(coefficients) if c} == right
    terms = drawing.sparse(groups, k)
    assert {int(power): int(c) for (power,), c in zip(terms.monoms(), terms.coeffs(), strict=True)} == right


@pytest.mark.parametrize(("n", "k"), [(n, k) for n in range(2, 13) for k in range(1, n)])
def test_a_gaussian_coefficient_is_the_tree(n, k):
    groups = [(v, 1) for v in range(n)]
    start = drawing.reach_of(groups, k).lows[k]
    assert start == math.comb(k, 2)
    assert drawing.gaussian(n, k) == drawing.dense(groups, k)


def test_which_way_is_taken():
    assert sum_of_draws(range(0, 90, 3), 5).how().method == "gaussian"
    assert sum_of_draws([1, 1, *range(2, 20)], 5).how().method == "halves"
    assert sum_of_draws([0, 1, 10**12, 10**20], 2).how().method == "terms"


def test_two_kinds_are_hypergeometric():
    assert sum_of_draws({1: 13, 0: 39}, 5) == Hypergeometric(52, 13, 5)
    # More values than could be kept apart.
    found = sum_of_draws({1: 10**6, 0: 10**6}, 20)
    assert found.pmf(20) == Fraction(math.comb(10**6, 20), math.comb(2 * 10**6, 20))


def test_several_kinds_are_counted_at_once():
    """Hands at bridge: how many cards of each of three suits."""
    suits = {(1, 0, 0): 13, (0, 1, 0): 13, (0, 0, 1): 13, (0, 0, 0): 13}
    hands = sum_of_draws(suits, 13)
    law = scipy.stats.multivariate_hypergeom([13] * 4, 13)
    assert hands.pmf((4, 4, 3)) == Fraction(
        math.comb(13, 4) ** 2 * math.comb(13, 3) * math.comb(13, 2), math.comb(52, 13)
    )
    assert float(hands.pmf((5, 3, 3))) == pytest.approx(law.pmf([5, 3, 3, 2]), rel=1e-12)
    # 4-4-3-2 in any order of the suits, 21.55 % (Encyclopedia of Bridge).
    assert float(12 * hands.pmf((4, 4, 3))) == pytest.approx(0.2155, abs=5e-5)
    assert hands.marginal(0) == Hypergeometric(52, 13, 13)


def test_numbers_in_print():
    # Blackjack from one deck: 64 of 1326 hands are naturals (Thorp, Beat the Dealer).
    cards = {11: 4, 10: 16} | dict.fromkeys(range(2, 10), 4)
    assert sum_of_draws(cards, 2).pmf(21) == Fraction(64, 1326)
    # High-card points of a bridge hand: mean 10, variance 290/17, 9.41 % have 10 (Encyclopedia of Bridge).
    points = sum_of_draws({4: 4, 3: 4, 2: 4, 1: 4, 0: 36}, 13)
    assert (points.mean(), points.var()) == (10, Fraction(290, 17))
    assert float(points.pmf(10)) == pytest.approx(0.0941, abs=5e-5)
    # No honours at all: 0.36 %; all 37 points: 4 of 635013559600 hands.
    assert float(points.pmf(0)) == pytest.approx(0.0036, abs=5e-5)
    assert points.pmf(37) == Fraction(4, 635013559600)
    # Sums of the lotto 6 of 49: 165772 draws have the most likely one, 150.
    lotto = sum_of_draws(range(1, 50), 6)
    assert lotto.mode() == 150
    assert lotto.pmf(150) == Fraction(165772, 13983816)


#: The largest U of two samples of so many that is significant at 5 %, two-sided: the table of Mann and Whitney (1947)
#: as textbooks have it (Siegel, Nonparametric Statistics, table K).
CRITICAL = {5: 2, 6: 5, 7: 8, 8: 13, 9: 17, 10: 23, 11: 30, 12: 37, 13: 45, 14: 55, 15: 64, 16: 75, 17: 87, 20: 127}


@pytest.mark.parametrize("n", CRITICAL)
def test_rank_sums_are_those_of_the_table(n):
    u = sum_of_draws(range(2 * n), n) - math.comb(n, 2)
    assert 2 * u.cdf(CRITICAL[n]) <= Fraction(5, 100) < 2 * u.cdf(CRITICAL[n] + 1)


def test_strata_add():
    """So many from each stratum: every pair of subsets."""
    first, second = [1, 1, 2, 5], [0, 3, 3, 4, 7]
    sums = Counter(sum(a) + sum(b) for a, b in product(combinations(first, 2), combinations(second, 3)))
    right = {x: Fraction(m, 6 * 10) for x, m in sorted(sums.items())}
    assert (sum_of_draws(first, 2) + sum_of_draws(second, 3)).to_dict() == right


def test_what_is_drawn_and_what_is_left_are_the_whole():
    values = [1, 2, 2, 3, 5, 8, 8, 13, 21, 40]
    for k in range(1, 10):
        assert sum_of_draws(values, k) == sum(values) - sum_of_draws(values, 10 - k)
    assert sum_of_draws(values, 10).to_dict() == {sum(values): 1}
    assert sum_of_draws(values, 0).to_dict() == {0: 1}
    assert sum_of_draws([3] * 5, 4).to_dict() == {12: 1}
    assert sum_of_draws(values, 1) == Distribution.from_samples(values)


def test_many_ranks_with_ties():
    """Mean and variance of finite sampling (Cochran, Sampling Techniques, section 2.5), and symmetry, at 60 of 120."""
    values = [round(30 * math.sin(i) ** 3) for i in range(120)]
    found = sum_of_draws(values, 60)
    mean = Fraction(sum(values), 120)
    spread = sum((v - mean) ** 2 for v in values) / 119
    assert found.mean() == 60 * mean
    assert found.var() == 60 * Fraction(60, 120) * spread
    assert sum(found.to_dict().values()) == 1
    assert found.cumulant(3) == 0


def test_values_as_people_have_them():
    right = sum_of_draws([1, 2, 3, 3], 2)
    assert sum_of_draws(np.array([1, 2, 3, 3]), 2) == right
    assert sum_of_draws(iter([1, 2, 3, 3]), 2) == right
    assert sum_of_draws({1: 1, 2: 1, 3: 2, 9: 0}, 2) == right
    assert sum_of_draws([0.1, 0.2, 0.3, 0.3], 2) == right / 10
    assert sum_of_draws(np.array([[1, 0], [2, 0], [3, 1]]), 2).pmf((3, 0)) == Fraction(1, 3)
    assert sum_of_draws([0.14, 0.22, 0.29, 0.33], 2, step=0.1) == right / 10


def test_values_with_letters():
    a = sympy.Symbol("a", positive=True)
    found = sum_of_draws([a, 1, sympy.sqrt(2), 1], 2)
    assert found.pmf(a + 1) == found.pmf(1 + sympy.sqrt(2)) == Fraction(1, 3)
    assert found.subs({a: 5}) == sum_of_draws([5, 1, sympy.sqrt(2), 1], 2)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: sum_of_draws([1, 2], 3), DistconvValueError, "which is 2, got 3; with replacement"),
        (lambda: sum_of_draws([1, 2], -1), DistconvValueError, "k must be >= 0"),
        (lambda: sum_of_draws([1, 2], 1.5), DistconvTypeError, "k must be an integer"),
        (lambda: sum_of_draws([], 0), DistconvValueError, "no values to draw from"),
        (lambda: sum_of_draws({1: 0}, 0), DistconvValueError, "no values to draw from"),
        (lambda: sum_of_draws({1: -2, 2: 5}, 1), DistconvValueError, "number of values 1 must be >= 0"),
        (lambda: sum_of_draws({1: 0.5}, 0), DistconvTypeError, "number of values 1 must be an integer"),
        (lambda: sum_of_draws(Die(6), 2), DistconvTypeError, "with replacement, 3 @ X"),
        (lambda: sum_of_draws(5, 2), DistconvTypeError, "values must be an array or a sequence"),
        (lambda: sum_of_draws(["x", "y"], 2), DistconvValueError, "'x' is not a number"),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_what_is_too_large_is_refused_before_it_is_made():
    rng = np.random.default_rng(1)
    values = rng.integers(0, 10**6, 1000).tolist()
    with pytest.raises(SizeLimitError, match="round the values to a coarser step") as refused:
        sum_of_draws(values, 500)
    assert "step=" in str(refused.value)
    with settings(max_bytes=10**4), pytest.raises(SizeLimitError):
        sum_of_draws(range(100), 50)
    assert len(sum_of_draws(values[:40], 20, step=10**4).support) == 988
