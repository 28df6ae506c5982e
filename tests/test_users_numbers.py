"""Numbers that users brought to forums, papers and issues, each computed there or here by other means.

Every one was checked with exact integers, mpmath or direct sums of non-negative numbers.
"""

import csv
import itertools
import math
from fractions import Fraction
from pathlib import Path

import numpy as np
import oracle
import pytest
from agreement import assert_close, assert_law

from distconv import Bernoulli, Binomial, Die, Distribution, PoissonBinomial, settings, sum_of

F = Fraction

#: Electors of the 50 states and the District of Columbia in 2024, largest first.
ELECTORS_2024 = (
    *(54, 40, 30, 28, 19, 19, 17, 16, 16, 15, 14, 13, 12, 11, 11, 11, 11, 10, 10, 10, 10, 10, 9, 9, 8, 8, 8),
    *(7, 7, 6, 6, 6, 6, 6, 6, 5, 5, 4, 4, 4, 4, 4, 4, 4, 3, 3, 3, 3, 3, 3, 3),
)


def close(found, expected, rel=1e-14):
    assert_close(found, expected, rel)


# Dice and teaching ----------------------------------------------------------------------------------------------------


def test_three_dice():
    X = 3 @ Die(6)
    assert X.pmf(10) == F(1, 8)
    assert X.sf(10) == F(1, 2)


def test_one_of_each_die():
    X = sum([Die(n) for n in (24, 23, 20, 16, 11, 9, 7, 4)])
    assert X.sf(64) == F(64800983, 163215360)
    assert sum_of([Die(n) for n in (24, 23, 20, 16, 11, 9, 7, 4)]) == X


def test_project_euler_205():
    difference = 9 @ Die(4) - 6 @ Die(6)
    assert difference.sf(0) == F(48679795, 84934656)
    close(difference.sf(0), 0.5731440767829801)
    assert difference.pmf(0) == F(144252007, 2038431744)
    assert difference.cdf(-1) == 1 - F(48679795, 84934656) - F(144252007, 2038431744)


def test_many_dice():
    close((20 @ Die(20)).pmf(200), 0.014272499146706526)
    fifty = sum([Die(6)] * 50)
    assert fifty == 50 @ Die(6)
    close(fifty.pmf(175), 0.03293067620289261)
    close(fifty.sf(249), 5.789963891416519e-11)


@pytest.mark.parametrize("kind", ["exact", "float"])
def test_a_thousand_dice(kind):
    with settings(exact_limit=0 if kind == "float" else 2_000_000_000):
        X = 1000 @ Die(6)
    assert X.kind == kind
    rel = 1e-14 if kind == "exact" else 1e-10
    close(X.pmf(3500), 0.007385804208880716, rel)
    close(X.sf(3999), 7.704190185348998e-21, rel)
    close(X.logsf(4499) / math.log(10), -78.95397914052114, rel)
    close(X.logpmf(1000) / math.log(10), -1000 * math.log10(6), rel)
    close(X.cdf(3500) - X.pmf(3500) / 2, 0.5, 1e-12)
    assert X.ppf(0.5) == 3500
    if kind == "exact":
        assert X.pmf(1000) == F(1, 6**1000)
        assert X.cdf(3499) == X.sf(3500)


def test_as_many_dice_as_a_die_says():
    """The law of a random number of dice, written out as a mixture (compound laws come later)."""
    total = {}
    for n in range(1, 7):
        for x, p in (n @ Die(6)).to_dict().items():
            total[x] = total.get(x, 0) + p / 6
    X = Distribution(total)
    assert X.mean() == F(49, 4)
    assert X.var() == F(735, 16)
    assert X.pmf(6) == F(16807, 279936)


def test_loaded_dice():
    loaded = Distribution({1: "1/7", 2: "1/7", 3: "1/7", 4: "1/7", 5: "1/7", 6: "2/7"})
    assert (3 @ loaded).pmf(10) == F(36, 343)


def test_a_hundred_times_5_10_or_15():
    X = 100 @ Distribution.from_counts({5: 1, 10: 1, 15: 1})
    close(X.cdf(900), 0.008336093451070257)
    assert (X.support[0], X.support[-1], len(X.support)) == (500, 1500, 201)


def test_the_first_failures_of_a_chain():
    """Mathematica Stack Exchange 149127: outcome k with probability prod_{j<k} q(j) * (1 - q(k)), 1 <= k <= 10."""
    q = [math.exp(-j) / (1 + math.exp(-j)) for j in range(1, 10)] + [0.0]
    X = Distribution({k: math.prod(q[: k - 1]) * (1 - q[k - 1]) for k in range(1, 11)})
    S = 40 @ X
    close(S.pmf(60), 0.009032648422644207, 1e-12)
    close(S.pmf(100), 1.2121336408710536e-26, 1e-12)


# Elections and power --------------------------------------------------------------------------------------------------


def swings(quota, weights):
    """How many coalitions of the others each voter turns into winning ones."""
    result = []
    for i, w in enumerate(weights):
        others = sum_of([Distribution({0: "1/2", v: "1/2"}) for j, v in enumerate(weights) if j != i])
        result.append((others.cdf(quota - 1) - others.cdf(quota - w - 1)) * 2 ** (len(weights) - 1))
    return result


def test_banzhaf_swings():
    assert swings(12, [4, 4, 4, 2, 2, 1]) == [10, 10, 10, 6, 6, 0]
    assert swings(16, [9, 9, 7, 3, 1, 1]) == [16, 16, 16, 0, 0, 0]


def test_a_tie_of_51_fair_blocs():
    assert len(ELECTORS_2024) == 51
    assert sum(ELECTORS_2024) == 538
    blocs = [Distribution({0: "1/2", n: "1/2"}) for n in ELECTORS_2024]
    tie = F(4257307290001, 562949953421312)
    assert sum(blocs).pmf(269) == tie
    assert sum_of(blocs).pmf(269) == tie
    close(tie, 0.007562496922021822)
    floating = sum_of([X.to_float() for X in blocs])
    assert not floating.is_exact
    assert abs(F(floating.pmf(269)) - tie) <= F(floating.error) * tie


def test_the_electors_of_the_example_are_those():
    table = Path(__file__).parents[1] / "examples" / "data" / "electors_2024.csv"
    with table.open(encoding="utf-8") as file:
        electors = sorted((int(row["electors"]) for row in csv.DictReader(file)), reverse=True)
    assert electors == sorted(ELECTORS_2024, reverse=True)


def test_certain_and_impossible_blocs_just_work():
    """Tables of win probabilities hold 0.000 and 1.000."""
    X = sum_of([Distribution({0: 1 - p, n: p}) for n, p in ((9, 0.0), (3, 1.0), (11, 0.5), (6, 1.0))])
    assert list(X.support) == [9, 20]
    assert X.pmf(20) == 0.5


# Exact p-values -------------------------------------------------------------------------------------------------------


def test_wilcoxon_signed_ranks():
    W = sum_of([k * Bernoulli("1/2") for k in range(1, 101)])
    one_sided = F(51499060970173, 2**100)
    assert W.cdf(366) == one_sided
    assert W.sf(5050 - 367) == one_sided
    close(2 * W.cdf(366), 8.12511917099255e-17)
    floating = sum_of([k * Bernoulli(0.5) for k in range(1, 101)])
    close(floating.cdf(366), one_sided, 1e-10)
    close(floating.sf(5050 - 367), one_sided, 1e-10)


def test_sisfft_last_cell():
    weights = np.exp(np.arange(30, 0, -1.0))
    X = Distribution.from_array(weights / math.fsum(weights))
    S = 100 @ X
    assert S.support[-1] == 2900
    close(S.logpmf(2900), -2945.8675145386987, 1e-13)


@pytest.mark.parametrize("one", [1, 1.0])
def test_certain_successes(one):
    X = PoissonBinomial([one] * 100)
    assert X.pmf(0) == 0
    assert X.cdf(10) == 0
    assert X.pmf(100) == 1
    assert X.cdf(99) == 0
    assert X.sf(99) == 1
    assert list(X.support) == [100]


# Risk and reliability -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rate", ["0.01", 0.01], ids=["exact", "float"])
def test_a_thousand_loans(rate):
    loss = sum_of([(i % 100 + 1) * Bernoulli(rate) for i in range(1000)])
    rel = 1e-14 if loss.is_exact else 1e-9
    close(loss.mean(), 505, 1e-12)
    assert loss.ppf(0.999) == 1168
    close(loss.sf(1999), 6.896103454793859e-10, rel)
    close(loss.pmf(0), 4.317124741065786e-05, rel)
    close(loss.logpmf(50_500), -2000 * math.log(10), rel)
    assert loss.support[-1] == 50_500


def test_capacity_outage_table():
    capacity = sum_of(
        [
            Distribution({0: p, c: 1 - F(p)})
            for c, p in ((80, "0.1"), (40, "0.1"), (50, "0.2"), (40, "0.1"), (50, "0.1"))
        ]
    )
    assert capacity.cdf(49) == F(19, 50000)
    assert capacity.cdf(89) == F(61, 25000)
    assert capacity.cdf(99) == F(89, 12500)
    assert capacity.cdf(124) == F(277, 25000)
    assert capacity.prob(lambda c: c < 50) == F(19, 50000)


def test_three_stones():
    weight = sum([Distribution({0: "1/2", stone: "1/2"}) for stone in (4, 5.5, 10)])
    assert weight.pmf(9.5) == F(1, 8)
    assert weight.pmf(F(19, 2)) == F(1, 8)
    assert list(weight.support) == [0, 4, F(11, 2), F(19, 2), 10, 14, F(31, 2), F(39, 2)]
    assert all(F(x * 2).denominator == 1 for x in weight.support)


def test_tenths_merge():
    X = Distribution({0.1: 0.5, 0.2: 0.5})
    assert list((X + X).support) == [F(1, 5), F(3, 10), F(2, 5)]
    assert (X + X).pmf(0.3) == 0.5
    assert (0.1 + X).pmf(0.3) == 0.5


# Privacy --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", ["0.55", 0.55], ids=["exact", "float"])
def test_randomized_response(p):
    """Privacy losses are integer multiples of ln(11/9): the law is kept on the integers."""
    unit = math.log(11 / 9)
    S = 1000 @ Distribution({1: p, -1: 1 - F(p) if isinstance(p, str) else 1 - p})
    assert list(S.support) == list(range(-1000, 1001, 2))

    def delta(epsilon):
        return math.fsum(
            -math.expm1(epsilon - k * unit) * math.exp(S.logpmf(k)) for k in S.support if k * unit > epsilon
        )

    for epsilon, expected, digits in (
        (10, 0.921519801945415, 1e-14),
        (40, 4.918240498e-4, 1e-9),
        (60, 4.13132666e-11, 1e-8),
        (80, 8.152991579e-23, 1e-9),
        (100, 1.268834212e-39, 1e-9),
    ):
        close(delta(epsilon), expected, max(digits, 1e-11))


# Many dimensions ------------------------------------------------------------------------------------------------------

SIMPLE = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
KING = Distribution({(i, j): "1/8" for i in (-1, 0, 1) for j in (-1, 0, 1) if (i, j) != (0, 0)})


def test_a_walk_in_the_plane():
    X = 100 @ SIMPLE
    home = F(math.comb(100, 50), 2**100) ** 2
    assert X.pmf((0, 0)) == home
    close(home, 0.006334446707872693)
    assert all((i + j) % 2 == 0 for i, j in X.support)
    assert len(X.support) == 101**2
    # Turned by 45 degrees the two coordinates are independent.
    for i, j in ((0, 0), (10, 20), (-50, 50), (100, 0), (37, -3)):
        assert X.pmf((i, j)) == F(math.comb(100, (100 + i + j) // 2) * math.comb(100, (100 + i - j) // 2), 4**100)


def test_a_king_walks_home():
    X = 40 @ KING
    assert X.is_exact
    assert X.pmf((0, 0)) == F(6973671989327012332278726638402640, 8**40)
    close(X.pmf((0, 0)), 0.005246407697882577)


def test_a_king_walks_as_the_oracle_says():
    assert_law(9 @ KING, oracle.power(KING.to_dict(), 9))


def test_a_king_walks_a_hundred_steps():
    """A king's 8 steps are (1 + x + 1/x)(1 + y + 1/y) - 1: the binomial theorem, on trinomial coefficients."""
    n = 100
    rows = [[1]]
    for _ in range(n):
        row = [0, 0, *rows[-1], 0, 0]
        rows.append([row[i] + row[i + 1] + row[i + 2] for i in range(len(row) - 2)])

    def trinomial(m, i):
        return rows[m][m + i] if abs(i) <= m else 0

    X = n @ KING
    assert X.is_exact
    assert X.shape == (201, 201)
    assert len(X.support) == 201**2
    for i, j in ((0, 0), (1, 0), (5, -7), (50, 50), (99, 3), (100, 100), (-100, 99)):
        ways = sum((-1) ** (n - m) * math.comb(n, m) * trinomial(m, i) * trinomial(m, j) for m in range(n + 1))
        assert X.pmf((i, j)) == F(ways, 8**n)
    assert X.prob(lambda _: True) == 1
    assert X.mean().tolist() == [0, 0]
    assert X.cov().tolist() == [[75, 0], [0, 75]]


def test_pairs_that_depend_on_each_other():
    pair = Distribution({(0, 0): "0.4", (0, 1): "0.1", (1, 0): "0.2", (1, 1): "0.3"})
    X = 100 @ pair
    close(X.pmf((50, 40)), 0.007087871963297259)
    assert X.marginal(0) == Binomial(100, "1/2")
    assert X.marginal(1) == Binomial(100, "2/5")
    close((100 @ pair.to_float()).pmf((50, 40)), 0.007087871963297259, 1e-10)


def test_isotopes_of_five_carbons():
    X = 5 @ Distribution({12: "0.989", 13: "0.011"})
    for mass, expected in zip(range(60, 66), (0.946, 0.0526, 0.00117, 1.30e-5, 7.24e-8, 1.61e-10), strict=True):
        assert f"{float(X.pmf(mass)):.3g}" == f"{expected:.3g}"
        assert X.pmf(mass) == math.comb(5, mass - 60) * F(11, 1000) ** (mass - 60) * F(989, 1000) ** (65 - mass)


# The first ten minutes ------------------------------------------------------------------------------------------------


def test_the_first_ten_minutes():
    d6, d20 = Die(6), Die(20)
    assert sum([d6] * 3) == 3 @ d6
    X = 3 @ d6 + 2
    assert (X.support[0], X.support[-1], X.mean()) == (5, 20, F(25, 2))
    Y = d20 + 5 - d6
    assert Y.mean() == F(21, 2) + 5 - F(7, 2)
    assert Y.cdf(5) == F(7, 40)
    assert d20.ppf(0.95) == 19
    assert dict(d6) == {k: F(1, 6) for k in range(1, 7)}
    assert (d6 + d20) + d6 == d6 + (d20 + d6)
    assert (2 @ d6).pmf(10) == F(1, 12)
    assert (2 @ d6).sf(10) == F(1, 12)
    assert "6" in repr(d6)
    assert str(d6)
    assert f"{d6}"


def test_exact_counts_do_not_overflow():
    """30 dice in 64-bit counts do."""
    assert (30 @ Die(6)).pmf(105) == F(sum_of_dice_count(30, 105), 6**30)


def sum_of_dice_count(n, total):
    return sum((-1) ** k * math.comb(n, k) * math.comb(total - 6 * k - 1, n - 1) for k in range((total - n) // 6 + 1))


def test_every_way_of_adding_dice_agrees():
    four = [Die(4), Die(6), Die(8), Die(6)]
    laws = {sum(order) for order in itertools.permutations(four)}
    assert laws == {sum_of(four)}
