"""Walks, and the law of one summand given the sum: against enumeration of every path."""

import itertools
import math
from fractions import Fraction

import numpy as np
import oracle
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from strategies import distribution, exactly, laws, part, several

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Hypergeometric,
    Poisson,
    SizeLimitError,
    Skellam,
    Uniform,
    Walk,
)

d6 = Die(6)
coin = Distribution({-1: "1/2", 1: "1/2"})
rook = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})


def posterior(f, g, condition):
    """The law of the first of two, known that the condition holds of the sum: by enumeration."""
    pairs = {pair: p for pair, p in oracle.product(f, g).items() if p and condition(oracle.plus(*pair))}
    total = sum(pairs.values())
    return oracle.push({pair: p / total for pair, p in pairs.items()}, lambda pair: pair[0])


def assert_near(found, truth, slack=Fraction(0)):
    """The same law: exactly, or within the stated error and what the oracle's totals are off."""
    assert list(found.support) == sorted(truth)
    for x, p in truth.items():
        if found.is_exact:
            assert found.pmf(x) == p
        elif p > 1e-290:
            assert abs(Fraction(found.pmf(x)) - p) <= (Fraction(found.error) + slack) * p


# Given the sum --------------------------------------------------------------------------------------------------------


@given(several(2), st.data())
def test_given_the_total(pair, data):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    total = data.draw(st.sampled_from(sorted(oracle.convolve(f, g))))
    found = X.given_sum(Y, total)
    truth = posterior(f, g, lambda s: s == total)
    assert_near(found, truth)
    assert sum(truth.values()) == 1


@part(0.5)
@given(several(2), st.data())
def test_given_an_event_of_the_total(pair, data):
    f, g = map(exactly, pair)
    X, Y = map(distribution, pair)
    places = sorted(oracle.convolve(f, g))
    chosen = set(data.draw(st.lists(st.sampled_from(places), min_size=1)))
    found = X.given_sum(Y, lambda s: s in chosen)
    assert_near(found, posterior(f, g, lambda s: s in chosen))


def test_the_first_drop_of_the_essay():
    table = d6.given_sum(d6, 4)
    assert table.to_dict() == {1: Fraction(1, 3), 2: Fraction(1, 3), 3: Fraction(1, 3)}
    assert "1" in str(table)
    assert d6.given_sum(d6, lambda s: s >= 10).pmf(6) == Fraction(1, 2)


def test_infinite_laws():
    assert Poisson(1).given_sum(Poisson(2), 3) == Binomial(3, Fraction(1, 3))
    assert Binomial(5, "1/3").given_sum(Binomial(7, "1/3"), 4) == Hypergeometric(12, 5, 4)
    assert Geometric("1/3").given_sum(Geometric("1/3"), 5) == Uniform(1, 4)
    assert (-Geometric("1/3")).given_sum(-Geometric("1/3"), -5) == Uniform(-4, -1)
    assert Geometric("1/3").given_sum(d6, 5) == Distribution.from_counts({k: Fraction(2, 3) ** k for k in range(1, 5)})
    mixed = Poisson(2).given_sum(Geometric("1/2"), 4)
    counts = {k: 2**k / math.factorial(k) * 0.5 ** (4 - k) for k in range(4)}
    for k, w in counts.items():
        assert mixed.pmf(k) == pytest.approx(w / sum(counts.values()), rel=1e-14)
    difference = Poisson(2).given_sum(-Poisson(3), 1)
    skellam = Skellam(2, 3).pmf(1)
    assert difference.pmf(2) == pytest.approx(Poisson(2).pmf(2) * Poisson(3).pmf(1) / skellam, rel=1e-12)
    both_ends = Skellam(1, 1).given_sum(Skellam(1, 2), 0)
    assert both_ends.missing < 1e-15
    assert both_ends.pmf(0) == pytest.approx(
        Skellam(1, 1).pmf(0) * Skellam(1, 2).pmf(0) / (Skellam(2, 3)).pmf(0), rel=1e-12
    )


def test_letters():
    import sympy

    lam, mu = sympy.symbols("lam mu", positive=True)
    n, m, c = sympy.symbols("n m c", integer=True, positive=True)
    p, q = sympy.symbols("p q")
    assert Poisson(lam).given_sum(Poisson(mu), c) == Binomial(c, lam / (lam + mu))
    assert Binomial(n, p).given_sum(Binomial(m, p), c) == Hypergeometric(n + m, n, c)
    assert (
        sympy.simplify(Bernoulli(p).given_sum(Bernoulli(q), 1).pmf(1) - p * (1 - q) / (p * (1 - q) + q * (1 - p))) == 0
    )
    with pytest.raises(DistconvTypeError, match="closed form"):
        d6.given_sum(d6, c)


def test_what_cannot_have_been():
    with pytest.raises(DistconvValueError, match="between 2 and 12"):
        d6.given_sum(d6, 13)
    with pytest.raises(DistconvValueError, match="never"):
        Poisson(2).given_sum(Poisson(3) + 1, 0)
    with pytest.raises(DistconvValueError, match="never"):
        coin.given_sum(coin, 1)
    with pytest.raises(DistconvValueError, match="no sum"):
        d6.given_sum(d6, lambda s: s > 12)
    with pytest.raises(DistconvTypeError):
        d6.given_sum(3, 4)
    with pytest.raises(DimensionError):
        d6.given_sum(rook, 4)
    with pytest.raises(DimensionError):
        d6.given_sum(d6, (4, 4))
    with pytest.raises(SizeLimitError, match="pairs"):
        Uniform(1, 5000).given_sum(Uniform(1, 5000), lambda s: s > 5)


# Walks ----------------------------------------------------------------------------------------------------------------


def paths(steps):
    """Every path of the steps with its probability."""
    zero = oracle.times(0, next(iter(steps[0])))
    result = {(zero,): Fraction(1)}
    for step in steps:
        result = {(*path, oracle.plus(path[-1], x)): p * q for path, p in result.items() for x, q in step.items() if q}
    return result


def conditioned(every, known):
    kept = {path: p for path, p in every.items() if all(path[k] == v for k, v in known.items())}
    total = sum(kept.values()) if any(known) else Fraction(1)
    return {path: p / total for path, p in kept.items()}


@part(0.4)
@given(st.integers(1, 4).flatmap(lambda n: several(n, most=3)), st.data())
def test_positions_by_enumeration(steps, data):
    every = paths([exactly(s) for s in steps])
    assume(len(every) <= 200)
    walk = Walk([distribution(s) for s in steps])
    some = data.draw(st.sampled_from(sorted(every)))
    times = data.draw(st.lists(st.integers(0, len(steps)), max_size=2, unique=True))
    known = {k: some[k] for k in times}
    for k, v in known.items():
        walk = walk.given(k, v)
    for k, law in enumerate(walk):
        # Doubles do not total 1 exactly: steps after the position must not count unless they are conditioned on.
        last = max([k, *known])
        truth = conditioned(paths([exactly(s) for s in steps[:last]]) if last else {some[:1]: Fraction(1)}, known)
        expected = oracle.push(truth, lambda path, k=k: path[k])
        for found in (law, walk.position(k)):
            if found.is_exact or found.error < 1e-9:
                assert_near(found, expected, slack=Fraction(4, 10**15))
            else:
                assert list(found.support) == sorted(expected)


@part(0.4)
@given(st.integers(1, 4).flatmap(lambda n: several(n, most=3, kind="exact")), st.data())
def test_staying_by_enumeration(steps, data):
    every = paths([exactly(s) for s in steps])
    assume(len(every) <= 200)
    places = sorted({x for path in every for x in path})
    region = set(data.draw(st.lists(st.sampled_from(places), min_size=1)))
    walk = Walk([distribution(s) for s in steps])
    stay = walk.stay(region)
    for k in range(len(steps) + 1):
        inside = {path: p for path, p in every.items() if all(x in region for x in path[: k + 1])}
        assert stay.survival[k] == sum(inside.values())
        if inside:
            law = oracle.push(inside, lambda path, k=k: path[k])
            total = sum(law.values())
            assert stay.position(k).to_dict() == {x: p / total for x, p in law.items()}
            assert stay.prob(k, max(law)) == law[max(law)]
    first = {}
    for path, p in every.items():
        time = next((k for k, x in enumerate(path) if x in region), None)
        if time is not None:
            first[time] = first.get(time, Fraction(0)) + p
    if first:
        law = walk.first_passage(region)
        assert law.to_dict() == first
        assert law.missing == float(1 - sum(first.values())) or law.missing >= 1 - sum(first.values())
    else:
        with pytest.raises(DistconvValueError, match="never comes"):
            walk.first_passage(region)


def test_the_ruin_of_a_gambler():
    # From 3 with walls at 0 and 10 and a fair coin: ruin before 10 has probability 7/10.
    stay = Walk.repeat(coin, 2000).stay(range(-2, 7))
    assert float(stay.survival[-1]) < 1e-40
    bias = Distribution({1: "9/19", -1: "10/19"})
    alive = Walk.repeat(bias, 400).stay(range(-9, 10)).survival
    assert all(a >= b for a, b in itertools.pairwise(alive))
    assert alive[9] == 1
    assert alive[10] == 1 - bias.pmf(1) ** 10 - bias.pmf(-1) ** 10


def test_the_ballot():
    """Of the orders of 7 votes for A and 4 for B, A leads throughout in (7 - 4) / (7 + 4)."""
    ahead = Walk.repeat(coin, 11).stay(lambda x: x >= 0)
    walk = Walk([coin] * 11)
    always = Walk([coin] * 10).stay(lambda x: x >= 0)
    # The first vote must be A's; from then on the lead never falls below 1.
    together = Fraction(1, 2) * always.prob(10, 2)
    assert together / walk.final.pmf(3) == Fraction(3, 11)
    assert ahead.survival[11] == Fraction(math.comb(11, 5), 2**11)


def test_a_knight_on_a_board():
    moves = [(a, b) for a in (-2, -1, 1, 2) for b in (-2, -1, 1, 2) if abs(a) != abs(b)]
    knight = Distribution.from_counts(dict.fromkeys(moves, 1))
    board = Walk.repeat(knight, 3).stay(lambda x: 0 <= x[0] < 8 and 0 <= x[1] < 8)
    # From a corner, 2 of 8 moves stay; the known answer for 3 moves on 3 x 3 boards differs from 8 x 8.
    assert board.survival[1] == Fraction(1, 4)
    grid = {(0, 0): Fraction(1)}
    for k in range(1, 4):
        grid = oracle.push({(x, m): p / 8 for x, p in grid.items() for m in moves}, lambda pair: oracle.plus(*pair))
        grid = {x: p for x, p in grid.items() if all(0 <= v < 8 for v in x)}
        assert board.survival[k] == sum(grid.values())


def test_a_bridge_over_a_thousand_drops():
    walk = Walk.repeat(d6, 1000).bridge(3500)
    middle = walk.position(500)
    assert middle.is_exact
    assert middle.mean() == 1750
    floating = Walk.repeat(d6.to_float(), 1000).bridge(3500)
    laws_ = list(floating)
    assert len(laws_) == 1001
    assert laws_[0].to_dict() == {0: 1}
    assert laws_[-1].to_dict() == {3500: 1}
    assert laws_[500].error < 1e-10
    assert laws_[500].logpmf(600) == pytest.approx(middle.logpmf(600), rel=1e-13)
    for x in (1750, 1600, 1500, 2000):
        truth = middle.pmf(x)
        assert abs(Fraction(laws_[500].pmf(x)) - truth) <= Fraction(laws_[500].error) * truth


def test_paths_have_the_law_of_the_walk():
    rng = np.random.default_rng(5)
    free = Walk([d6, coin, d6]).paths(4000, rng)
    assert free.shape == (4000, 4)
    assert free.dtype == np.int64
    assert (free[:, 0] == 0).all()
    assert abs(free[:, 3].mean() - 7) < 0.2
    bridge = Walk.repeat(coin, 6).bridge(0).given(2, 2)
    drawn = bridge.paths(6000, rng)
    assert (drawn[:, 2] == 2).all()
    assert (drawn[:, 6] == 0).all()
    assert set(np.diff(drawn).ravel()) == {-1, 1}
    law = bridge.position(4)
    for x in law.support:
        assert abs((drawn[:, 4] == x).mean() - float(law.pmf(x))) < 0.03
    plane = Walk.repeat(rook, 4).bridge((0, 0)).paths(50, 1)
    assert plane.shape == (50, 5, 2)
    assert (plane[:, 4] == 0).all()
    assert np.array_equal(plane, Walk.repeat(rook, 4).bridge((0, 0)).paths(50, 1))
    assert Walk.repeat(coin / 3, 2).paths(2, 0).dtype == np.float64
    assert Walk.repeat(Poisson(2), 3).paths(3, 0).shape == (3, 4)


def test_infinite_steps():
    walk = Walk.repeat(Poisson(2), 4)
    assert walk.final == Poisson(8)
    assert walk.bridge(5).position(1) == Binomial(5, Fraction(1, 4))


def test_wide_floating_steps_do_not_lose_their_tails():
    step = Distribution({0: 1e-200, 1: 1 - 1e-200})
    walk = Walk.repeat(step, 30)
    last = list(walk)[-1]
    assert last.logpmf(0) == pytest.approx(-30 * 200 * math.log(10), rel=1e-12)
    assert last.error < 1e-12


def test_what_walks_refuse():
    walk = Walk.repeat(coin, 4)
    for call, words in [
        (lambda: Walk([]), "at least one"),
        (lambda: walk.position(5), "between 0 and 4"),
        (lambda: walk.bridge(1), "never at 1"),
        (lambda: walk.stay([7]).position(0), "left the region"),
        (lambda: walk.stay([0]).position(9), "between 0 and 4"),
        (lambda: walk.paths(-1), "size"),
    ]:
        with pytest.raises(DistconvValueError, match=words):
            call()
    for call in (lambda: Walk([3]), lambda: Walk.repeat(3, 4), lambda: walk.stay(3), lambda: walk.stay("a")):
        with pytest.raises(DistconvTypeError):
            call()
    with pytest.raises(DimensionError):
        Walk([coin, rook])
    with pytest.raises(DimensionError):
        walk.bridge((0, 0))
    with pytest.raises(AttributeError, match="value"):
        walk.steps = ()
    assert repr(walk.bridge(0)) == "Walk(4 steps, 1-D, given S_4 = 0)"
    assert len(walk) == len(walk.stay([0])) == 4


@given(laws(ndim=1, kind="float", most=4), st.integers(1, 12))
def test_the_running_sums_of_a_walk_keep_their_bound(law, n):
    f, X = exactly(law), distribution(law)
    last = list(Walk.repeat(X, n))[-1]
    truth = oracle.power(f, n)
    for x, p in truth.items():
        if p > Fraction(10) ** -290:
            assert abs(Fraction(last.pmf(x)) - p) <= Fraction(last.error) * p


SUBLATTICES = (
    {(1, 0): 0.1, (-1, 0): 0.2, (0, 1): 0.3, (0, -1): 0.4},
    {(1, 2): 0.5, (-2, 1): 0.25, (2, -1): 0.125, (-1, -2): 0.125},
    {(0, 0): 0.25, (3, 3): 0.75},
    {(0, 0, 0): 0.25, (1, 1, 0): 0.25, (0, 1, 1): 0.5},
    {(0, 10**15): 0.5, (2, 10**15 + 4): 0.25, (4, 10**15 - 2): 0.25},
)


@pytest.mark.parametrize("step", SUBLATTICES)
@pytest.mark.parametrize("n", [2, 5, 9])
def test_powers_of_steps_on_a_sublattice(step, n, monkeypatch):
    # So few points would be counted.
    monkeypatch.setattr("distconv.methods.compositions.MOST_POINTS", 0)
    found = n @ Distribution(step)
    assert_near(found, oracle.power(exactly(step), n))
    assert "sublattice" in found.how().reason


def test_hundreds_of_steps_of_a_rook_reach_the_far_corner():
    law = 300 @ rook.to_float()
    assert law.logpmf((300, 0)) == pytest.approx(-300 * math.log(4), rel=1e-13)
    diagonal = (300 @ Bernoulli("1/2")).pmf(150)
    assert abs(law.pmf((0, 0)) / float(diagonal**2) - 1) <= law.error


def test_first_passages_of_floating_steps_keep_their_tails():
    """Sums of what arrives, not differences of what is left: right however small, with an error that holds."""
    p = Fraction(0.1)
    step = Distribution({-1: 0.9, 1: 0.1})
    law = Walk.repeat(step, 40).first_passage([21])
    q = {-1: Fraction(0.9), 1: p}
    alive, truth = {0: Fraction(1)}, {}
    for time in range(1, 41):
        moved = oracle.convolve(alive, q)
        truth[time] = moved.pop(21, Fraction(0))
        alive = moved
    assert list(law.support) == [time for time, chance in truth.items() if chance]
    for time, chance in truth.items():
        assert abs(Fraction(law.pmf(time)) - chance) <= Fraction(law.error) * chance
    assert law.error < 1e-12
    assert law.missing >= sum(alive.values()) - 40 * Fraction(1, 2**53)
    impossible = Walk.repeat(Distribution({-1: 0.5, 1: 0.5}), 3)
    with pytest.raises(DistconvValueError, match="never comes"):
        impossible.first_passage([4])


def test_a_stay_states_its_error():
    stay = Walk.repeat(Distribution({-1: 0.3, 1: 0.7}), 5).stay(range(-1, 3))
    assert stay.error(0) == 0.0
    assert 0 < stay.error(5) < 1e-13
    assert Walk.repeat(Die(6), 2).stay(range(10)).error(2) == 0.0
