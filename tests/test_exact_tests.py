"""Exact p-values: every arrangement counted one by one, scipy where scipy is exact, and numbers in print."""

import copy
import math
import pickle
from fractions import Fraction
from itertools import combinations, permutations, product

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import Bernoulli, DimensionError, DistconvTypeError, DistconvValueError, exact_tests, sum_of

ALTERNATIVES = ("two-sided", "less", "greater")
#: Few values, so that most samples have ties.
VALUES = st.integers(0, 6)
SAMPLES = st.lists(VALUES, min_size=1, max_size=5)


def p_values(statistics, seen):
    """The p-values of a statistic among all that are equally likely, twice the smaller tail for two sides."""
    less, greater = (
        Fraction(sum(map(op, statistics)), len(statistics)) for op in (lambda s: s <= seen, lambda s: s >= seen)
    )
    return {"less": less, "greater": greater, "two-sided": min(Fraction(1), 2 * min(less, greater))}


def assert_found(call, statistics, seen):
    for alternative, right in p_values(statistics, seen).items():
        found = call(alternative)
        assert found.statistic == seen
        assert found.pvalue == right
        assert {found.less, found.greater, found.two_sided} >= {right}


def wins(x, y):
    """U of x: pairs that it wins, ties counting one half."""
    return sum(Fraction((a > b) - (a < b) + 1, 2) for a in x for b in y)


def deals(pool, m):
    """All ways to deal m of the values to the first sample."""
    for chosen in combinations(range(len(pool)), m):
        rest = [v for i, v in enumerate(pool) if i not in chosen]
        yield [pool[i] for i in chosen], rest


@given(SAMPLES, SAMPLES)
def test_two_samples_are_dealt_in_every_way(x, y):
    dealt = list(deals([*x, *y], len(x)))
    tenths = [v / 10 for v in x], [v / 10 for v in y]
    assert_found(
        lambda side: exact_tests.rank_sum(*tenths, alternative=side), [wins(a, b) for a, b in dealt], wins(x, y)
    )

    def gap(a, b):
        return (Fraction(sum(a), len(a)) - Fraction(sum(b), len(b))) / 10

    assert_found(
        lambda side: exact_tests.permutation_of_means(*tenths, alternative=side),
        [gap(a, b) for a, b in dealt],
        gap(x, y),
    )


def positive_ranks(differences, zeros):
    """V: the ranks of positive differences, equal sizes sharing the mean of theirs; and the ranks of all others."""
    sizes = sorted(abs(d) for d in differences if d or zeros == "pratt")
    ranks = {s: Fraction(sum(i for i, t in enumerate(sizes, 1) if t == s), sizes.count(s)) for s in sizes}
    return [(ranks[abs(d)], d > 0) for d in differences if d]


@pytest.mark.parametrize("zeros", ["wilcox", "pratt"])
@part(0.5)
@given(st.lists(st.integers(-4, 4), min_size=1, max_size=8).filter(any))
def test_signs_are_dealt_in_every_way(zeros, differences):
    ranked = positive_ranks(differences, zeros)
    every = [
        sum(r for (r, _), plus in zip(ranked, signs, strict=True) if plus)
        for signs in product((0, 1), repeat=len(ranked))
    ]
    seen = sum(r for r, plus in ranked if plus)
    assert_found(lambda side: exact_tests.signed_rank(differences, zeros=zeros, alternative=side), every, seen)
    pairs = [d / 10 + 0.3 for d in differences], [0.3] * len(differences)
    assert exact_tests.signed_rank(*pairs, zeros=zeros).pvalue == p_values(every, seen)["two-sided"]


@part(0.5)
@given(st.lists(st.integers(0, 2), min_size=2, max_size=6), st.randoms())
def test_pairs_are_dealt_in_every_way(x, rng):
    """Kendall's tau with ties in one sample, on either side."""
    y = rng.sample(range(20), len(x))
    pairs = len(x) * (len(x) - 1) // 2

    def tau(a, b):
        signs = [np.sign(a[i] - a[j]) * np.sign(b[i] - b[j]) for i in range(len(a)) for j in range(i)]
        return Fraction(int(sum(signs)), pairs)

    every = [tau(x, dealt) for dealt in permutations(y)]
    assert_found(lambda side: exact_tests.kendall(x, y, alternative=side), every, tau(x, y))
    assert exact_tests.kendall(y, x).pvalue == exact_tests.kendall(x, y).pvalue


@pytest.mark.parametrize("alternative", ALTERNATIVES)
@pytest.mark.parametrize("seed", range(8))
def test_what_scipy_finds_exactly(seed, alternative):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(4, 12))
    x, y = rng.permutation(100)[:size].tolist(), rng.permutation(100)[: size + 3].tolist()
    y = [v + 0.5 for v in y]
    found = exact_tests.rank_sum(x, y, alternative=alternative)
    right = scipy.stats.mannwhitneyu(x, y, method="exact", alternative=alternative)
    assert (float(found.statistic), float(found.pvalue)) == pytest.approx((right.statistic, right.pvalue), rel=1e-12)
    differences = [a - b for a, b in zip(x, y, strict=False)]
    if len({abs(d) for d in differences}) == size:
        found = exact_tests.signed_rank(differences, alternative=alternative)
        right = scipy.stats.wilcoxon(differences, method="exact", alternative=alternative)
        assert float(found.pvalue) == pytest.approx(right.pvalue, rel=1e-12)
    found = exact_tests.kendall(x, y[:size], alternative=alternative)
    right = scipy.stats.kendalltau(x, y[:size], method="exact", alternative=alternative)
    assert (float(found.statistic), float(found.pvalue)) == pytest.approx((right.statistic, right.pvalue), rel=1e-12)
    k, p = int(rng.integers(0, 21)), ("1/2", "1/4", "0.9", 0.3)[seed % 4]
    right = scipy.stats.binomtest(k, 20, float(Fraction(p)), alternative=alternative).pvalue
    assert float(exact_tests.binomial(k, 20, p, alternative=alternative).pvalue) == pytest.approx(right, rel=1e-11)
    table = rng.integers(1, 15, (2, 2)).tolist()
    right = scipy.stats.fisher_exact(table, alternative=alternative).pvalue
    assert float(exact_tests.fisher(table, alternative=alternative).pvalue) == pytest.approx(right, rel=1e-9)


def test_two_sides_of_counts_are_those_no_likelier():
    """Every count, against the sum over all of them."""
    for p in (Fraction(1, 2), Fraction(1, 5), Fraction(9, 10)):
        for k in range(13):
            found = exact_tests.binomial(k, 12, p)
            right = sum(q for q in found.law.to_dict().values() if q <= found.law.pmf(k))
            assert found.pvalue == right
    assert exact_tests.binomial(0, 5, 0).pvalue == exact_tests.binomial(5, 5, 1).pvalue == 1


def test_numbers_in_print():
    # Darwin's maize, in eighths of an inch (Fisher, The Design of Experiments, 1935, section 21): of 2**15 ways to deal
    # the signs, 863 have a sum as large as that of the data. Its signed ranks: 0.0413.
    darwin = [49, -67, 8, 16, 6, 23, 28, 41, 14, 29, 56, 24, 75, 60, -48]
    plus = sum_of([abs(d) * Bernoulli("1/2") for d in darwin])
    assert plus.prob_box(sum(d for d in darwin if d > 0)) == Fraction(863, 2**15)
    found = exact_tests.signed_rank(darwin)
    assert (found.statistic, found.pvalue) == (96, Fraction(1352, 2**15))
    # The depression scores of Hollander and Wolfe (1973), as in R's help of wilcox.test: V = 40, p = 0.01953.
    before = [1.83, 0.50, 1.62, 2.48, 1.68, 1.88, 1.55, 3.06, 1.30]
    after = [0.878, 0.647, 0.598, 2.05, 1.06, 1.29, 1.06, 3.14, 1.29]
    found = exact_tests.signed_rank(before, after, alternative="greater")
    assert (found.statistic, round(float(found.pvalue), 5)) == (40, 0.01953)
    # Permeability of the placenta, there too: W = 35, p = 0.1272.
    term = [0.80, 0.83, 1.89, 1.04, 1.45, 1.38, 1.91, 1.64, 0.73, 1.46]
    early = [1.15, 0.88, 0.90, 0.74, 1.21]
    found = exact_tests.rank_sum(term, early, alternative="greater")
    assert (found.statistic, round(float(found.pvalue), 4)) == (35, 0.1272)
    # Tuna, in R's help of cor.test (Hollander and Wolfe, p. 187): T = 26, tau = 0.4444, p = 0.05972, one-sided.
    lightness = [44.4, 45.9, 41.9, 53.3, 44.7, 44.1, 50.7, 45.2, 60.1]
    panel = [2.6, 3.1, 2.5, 5.0, 3.6, 4.0, 5.2, 2.8, 3.8]
    found = exact_tests.kendall(lightness, panel, alternative="greater")
    assert (round(float(found.statistic), 4), round(float(found.pvalue), 5)) == (0.4444, 0.05972)
    # Mendel's peas in R's help of binom.test (Conover 1971): 0.3825.
    assert round(float(exact_tests.binomial(682, 925, 0.75).pvalue), 4) == 0.3825
    # Fisher's tea (R's help of fisher.test): 0.2429; convictions of twins: 0.0004652.
    assert round(float(exact_tests.fisher([[3, 1], [1, 3]], alternative="greater").pvalue), 4) == 0.2429
    assert round(float(exact_tests.fisher([[2, 10], [15, 3]], alternative="less").pvalue), 7) == 0.0004652
    # Pitman (1937), his example: 0 11 12 20 against 16 19 22 24 29; 3 of 126 means are as small.
    found = exact_tests.permutation_of_means([0, 11, 12, 20], [16, 19, 22, 24, 29], alternative="less")
    assert found.pvalue == Fraction(3, 126)


def test_far_tails_are_no_differences():
    # scipy issue 26026: one-sided 51499060970173 / 2**100.
    found = exact_tests.signed_rank([-i if i > 27 or i < 13 else i for i in range(1, 101)], alternative="less")
    assert found.law.cdf(366) == Fraction(51499060970173, 2**100)
    assert exact_tests.rank_sum(range(50), range(50, 100)).pvalue == Fraction(2, math.comb(100, 50))


def test_a_test_is_a_value():
    found = exact_tests.binomial(3, 10)
    assert repr(found) == "ExactTest(statistic=3, alternative='two-sided')"
    for again in (copy.deepcopy(found), pickle.loads(pickle.dumps(found))):
        assert again == found
    with pytest.raises(AttributeError):
        found.alternative = "less"


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: exact_tests.rank_sum([1], [2], alternative="both"), DistconvValueError, "one of 'two-sided', 'less'"),
        (lambda: exact_tests.signed_rank([1], zeros="split"), DistconvValueError, "zeros must be one of 'wilcox'"),
        (lambda: exact_tests.rank_sum([], [2]), DistconvValueError, "both samples need values, got 0 and 1"),
        (lambda: exact_tests.rank_sum([(1, 2)], [(2, 3)]), DimensionError, "must be numbers, got vectors"),
        (lambda: exact_tests.rank_sum([1, float("nan")], [2]), DistconvValueError, "(?i)nan"),
        (lambda: exact_tests.signed_rank([1, 2], [1]), DistconvValueError, "as many x as y, got 2 and 1"),
        (lambda: exact_tests.signed_rank([0, 0]), DistconvValueError, "all 2 differences are 0"),
        (lambda: exact_tests.signed_rank([]), DistconvValueError, "at least one value"),
        (lambda: exact_tests.kendall([1, 2], [1]), DistconvValueError, "got 2 x and 1 y"),
        (lambda: exact_tests.kendall([1, 1, 2], [1, 2, 2]), DistconvValueError, "ties in both"),
        (lambda: exact_tests.binomial(5, 3), DistconvValueError, "at most n = 3, got 5"),
        (lambda: exact_tests.mcnemar([[1, 0], [0, 1]]), DistconvValueError, "no pair"),
        (lambda: exact_tests.fisher([1, 2]), DistconvTypeError, "two rows of two counts"),
        (lambda: exact_tests.fisher([[1, 2, 3], [4, 5, 6]]), DistconvTypeError, "two rows of two counts"),
        (lambda: exact_tests.fisher([[1, -2], [4, 5]]), DistconvValueError, ">= 0, got -2"),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()
