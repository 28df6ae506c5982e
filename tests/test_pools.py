"""Pools of dice: every roll counted one by one, rankings of a hundred different dice, and odds in print."""

import itertools
import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import exactly, laws, part

from distconv import (
    AccuracyError,
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Poisson,
    SizeLimitError,
    Uniform,
    count_of,
    explode,
    highest,
    kept,
    lowest,
    maximum,
    minimum,
    most_alike,
    order_statistic,
    reroll,
    settings,
    sum_of,
)
from distconv.laws.finite import Finite
from distconv.transforms import pools as engine

d6, d8, d10 = Die(6), Die(8), Die(10)


def rolled(pool, of):
    """The law of a function of all rolls, roll by roll."""
    result = {}
    for roll in itertools.product(*(exactly(law).items() for law in pool)):
        value = of([x for x, _ in roll])
        result[value] = result.get(value, 0) + math.prod((p for _, p in roll), start=Fraction(1))
    return dict(sorted(result.items()))


def scaled(law):
    total = sum(exactly(law).values())
    return {x: p / total for x, p in exactly(law).items()}


def assert_is(found, right):
    assert list(found.support) == sorted(right)
    for x in found.support:
        value = found.law.measure.weights.exact_at(found.law.measure.support.rank((x,)))
        assert abs(Fraction(value) - right[x]) <= Fraction(found.error) * right[x]


@given(st.lists(laws(ndim=1, most=4), min_size=1, max_size=4), st.data())
def test_any_ranks_of_any_laws(pool, data):
    ranks = data.draw(st.lists(st.integers(0, len(pool) - 1), unique=True, min_size=1))
    found = kept([Distribution(law) for law in pool], ranks)
    if len(ranks) < len(pool):
        assert_is(found, rolled(map(scaled, pool), lambda xs: sum(sorted(xs)[r] for r in ranks)))


@part(0.5)
@given(st.lists(laws(ndim=1, kind="exact", most=4), min_size=2, max_size=3), st.integers(1, 2), st.data())
def test_both_ways_count_alike(pool, copies, data):
    """The best by what lies above, and outcome by outcome; coefficients and terms."""
    draws = [(Distribution(law).law.measure, copies) for law in pool]
    n = copies * len(pool)
    keep = data.draw(st.integers(1, n - 1))
    by_rank, _ = engine.ranked(draws, range(n - keep, n))
    by_best, _ = engine.best(draws, keep)
    assert Distribution.of(engine_law(by_rank)) == Distribution.of(engine_law(by_best))


def engine_law(measure):
    return Finite(measure)


@pytest.mark.parametrize("ranks", [[0], [2], [0, 2], [1, 2], [0, 1]])
def test_laws_with_letters(ranks):
    p = sympy.Symbol("p", positive=True)
    pool = [Bernoulli(p), 2 * Bernoulli("1/3"), Distribution({0: p, 5: 1 - p})]
    found = kept(pool, ranks)
    for value in ("1/3", "3/5"):
        assert found.subs({p: value}) == kept([X.subs({p: value}) if X.letters else X for X in pool], ranks)
    assert most_alike(pool).subs({p: "2/7"}) == most_alike([X.subs({p: "2/7"}) if X.letters else X for X in pool])


def test_it_is_what_there_was_for_equal_dice():
    assert kept([d6] * 4, slice(1, None)) == highest(d6, 4, 3)
    assert kept({d6: 4}, [0, 1]) == lowest(d6, 4, 2)
    assert kept({d6: 9}, [3]) == order_statistic(d6, 9, 4)
    assert kept([d6, d8], [0]) == minimum(d6, d8)
    assert kept([d6, d8, d10], [-1]) == maximum(d6, d8, d10) == highest([d6, d8, d10], 1)
    assert kept([d6, d8], range(2)) == d6 + d8
    assert kept([d6, d8], []).to_dict() == {0: 1}
    assert lowest([d6, d8, d10], 2) + 0 == kept([d6, d8, d10], [0, 1])
    everything = sum_of([d6, d8, d10]).mean()
    assert kept([d6, d8, d10], [0]).mean() + kept([d6, d8, d10], [1, 2]).mean() == everything


def test_a_hundred_different_dice():
    """The highest is a product of distribution functions; the lowest, of the tails."""
    dice = [Die(s) for s in range(3, 103)]
    top = kept(dice, [99])
    assert top.cdf(80) == math.prod(X.cdf(80) for X in dice)
    best = kept({d6: 40, d8: 30, d10: 30}, range(95, 100))
    # All five show 10: at least five of the thirty.
    assert best.pmf(50) == Binomial(30, "1/10").sf(4)
    worst = kept({d6: 40, d8: 30, d10: 30}, range(3))
    ones = sum_of([40 @ Bernoulli("1/6"), 30 @ Bernoulli("1/8"), 30 @ Bernoulli("1/10")])
    assert worst.pmf(3) == ones.sf(2)


def test_doubles_are_rounded_once():
    pool = [Distribution({0: 0.1, 1: 0.7, 3: 0.2}), d6.to_float(), d8]
    found = kept(pool, [1, 2])
    assert found.kind == "float"
    assert 0 < found.error < 1e-14
    right = rolled([scaled(dict(X.to_dict())) for X in pool], lambda xs: sum(sorted(xs)[1:]))
    assert_is(found, right)
    assert kept([Poisson(3), Poisson(4), d6], [0, 1]).missing > 0


# Explosions -----------------------------------------------------------------------------------------------------------


def exploded(die, times, again):
    """The law of a die that explodes so often at most, roll by roll."""
    result = {}
    for x, p in die.items():
        tails = exploded(die, times - 1, again) if times and x in again else {0: Fraction(1)}
        for rest, q in tails.items():
            result[x + rest] = result.get(x + rest, 0) + p * q
    return result


@pytest.mark.parametrize("on", [[6], [5, 6], [1, 3]])
@pytest.mark.parametrize("times", [0, 1, 2, 4])
def test_dice_that_explode(times, on):
    right = exploded(dict(d6.to_dict()), times, on)
    assert explode(d6, times, on=on).to_dict() == dict(sorted(right.items()))
    assert explode(d6, times, on=lambda x: x in on).to_dict() == dict(sorted(right.items()))
    # For ever is the same where so many explosions cannot lead.
    endless = explode(d6, on=on)
    for x in range(1, (times + 1) * min(on) + 1):
        assert endless.pmf(x) == exploded(dict(d6.to_dict()), 6, on).get(x, 0)


def test_explosions_for_ever_are_exact():
    X = explode(d6)
    assert X.is_exact
    assert not X.is_finite
    # The mean of an exploding d6 is 4.2 (AnyDice's documentation of explode), its tail that of sixes.
    assert X.mean() == Fraction(21, 5)
    assert X.sf(600) == Fraction(1, 6**100)
    assert explode(Die(20)).mean() == Fraction(21, 2) / (1 - Fraction(1, 20))
    assert explode(d6, on=[5, 6]).mean() == Fraction(7, 2) / (1 - Fraction(1, 3))
    assert explode(d6, on=7) == d6
    assert (3 @ explode(d6)).pmf(3) == Fraction(1, 216)
    p = sympy.Symbol("p", positive=True)
    coin = explode(Distribution({0: 1 - p, 1: p}), 2)
    assert coin.subs({p: "1/3"}) == explode(Bernoulli("1/3"), 2)
    assert explode(Bernoulli("1/3")) == Geometric("2/3") - 1
    assert explode(Distribution({2: 1}), 3).to_dict() == {8: 1}


@pytest.mark.parametrize("times", [0, 1, 3])
def test_dice_that_are_rolled_again(times):
    def again(x, left):
        return {x: Fraction(1)} if x > 2 or not left else rerolled(left - 1)

    def rerolled(left):
        result = {}
        for x, p in d6.to_dict().items():
            for y, q in again(x, left).items():
                result[y] = result.get(y, 0) + p * q
        return result

    assert reroll(d6, [1, 2], times).to_dict() == dict(sorted(rerolled(times).items()))
    assert reroll(d6, lambda x: x < 3) == Uniform(3, 6)
    assert reroll(d6, 9, times) == d6
    assert reroll(Die(20), {1}, 1).mean() == Fraction(21, 2) + Fraction(19, 40)


# Counts ---------------------------------------------------------------------------------------------------------------


def test_successes():
    pool = [d6, d6, d8, d10]
    right = rolled([dict(X.to_dict()) for X in pool], lambda xs: sum(x >= 5 for x in xs))
    assert count_of(pool, lambda x: x >= 5).to_dict() == right
    assert count_of({d10: 5}, [8, 9, 10]) == Binomial(5, "3/10")
    assert count_of([Bernoulli("0.1")], 1) == Bernoulli("1/10")
    assert count_of([Distribution({(0, 1): "1/2", (1, 1): "1/2"})], lambda v: v[0] == 1) == Bernoulli("1/2")
    assert count_of([Distribution({0.1: "1/2", 1: "1/2"})], 0.1) == Bernoulli("1/2")


@pytest.mark.parametrize("pool", [[d6] * 5, [d6, d6, d8], [Die(2), Die(3), Die(4), d6], [d6]])
def test_the_most_alike(pool):
    right = rolled([dict(X.to_dict()) for X in pool], lambda xs: max(map(xs.count, xs)))
    assert most_alike(pool).to_dict() == right


def test_odds_in_print():
    # Yahtzee in one roll: 1/1296; four of a kind 25/1296, three 250/1296, nothing alike 120/1296 (Feller I, table 3;
    # poker dice).
    five = most_alike({d6: 5})
    assert [five.pmf(m) for m in (5, 4, 3)] == [Fraction(1, 1296), Fraction(25, 1296), Fraction(250, 1296)]
    assert five.pmf(1) == Fraction(720, 7776)
    # Birthdays (Feller I, II.3): 0.507 of 23.
    assert float(most_alike({Uniform(1, 365): 23}).sf(1)) == pytest.approx(0.507297234323985, rel=1e-13)
    # 4d6, drop the lowest: mean 12.2446, P(18) = 21/1296 (Dungeons & Dragons).
    assert kept({d6: 4}, [1, 2, 3]).pmf(18) == Fraction(21, 1296)
    # Risk: three dice against two; the highest of three is 6 with 91/216, the second of them 6 with 16/216.
    assert highest(d6, 3, 1).pmf(6) == Fraction(91, 216)
    assert kept({d6: 3}, [1]).pmf(6) == Fraction(16, 216)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: kept([d6, d8], [2]), DistconvValueError, "rank 2 is not there: 2 laws have ranks 0 to 1"),
        (lambda: kept([d6, d8], [0, -2]), DistconvValueError, "each rank can be kept once"),
        (lambda: kept([d6, d8], 1), DistconvTypeError, r"write \[1\]"),
        (lambda: kept(d6, [0]), DistconvTypeError, "a pool is a list of laws"),
        (lambda: kept([d6, 3], [0]), DistconvTypeError, "must be a Distribution, got 3"),
        (lambda: kept([], [0]), DistconvTypeError, "a pool is a list of laws"),
        (lambda: kept([Distribution({(0, 1): 1}), d6], [0]), DimensionError, "vectors have no order"),
        (lambda: highest([d6, d8], 3), DistconvValueError, "keep must be at most n = 2, got 3"),
        (lambda: highest(d6, 3), DistconvTypeError, r"highest\(X, 4, 3\)"),
        (lambda: explode(Distribution({6: 1})), DistconvValueError, "every outcome"),
        (lambda: explode(Geometric("1/2")), DistconvValueError, "no highest outcome"),
        (lambda: explode(d6.to_float()), DistconvTypeError, "to_exact"),
        (lambda: explode(d6, -1), DistconvValueError, "times must be >= 0"),
        (lambda: reroll(d6, range(1, 7)), DistconvValueError, "every outcome"),
        (lambda: count_of({d6: -1}, 6), DistconvValueError, "number of draws must be >= 0"),
        (lambda: count_of(d6, 6), DistconvTypeError, "a pool is a list of laws"),
    ],
)
def test_what_is_refused(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_too_many_kinds_are_refused_before_they_are_counted():
    dice = [Die(s) for s in range(3, 43)]
    for call in (lambda: most_alike(dice), lambda: kept(dice, [20])):
        with pytest.raises(SizeLimitError, match="the pool"):
            call()
    with settings(max_bytes=100), pytest.raises(SizeLimitError):
        kept([d6, d8, d10], [1, 2])


@pytest.mark.parametrize("ask", [lambda X: explode(X, 1), lambda X: reroll(X, [1]), lambda X: count_of({X: 2}, 1)])
def test_chances_of_laws_of_which_much_is_missing_are_refused(ask):
    with pytest.raises(AccuracyError, match="missing, and may lie anywhere"):
        ask(Distribution({1: "1/2", 2: "1/4"}, missing="1/4"))
