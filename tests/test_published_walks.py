"""Numbers that others have published of walks: named, and met exactly or to the digits that they print."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
import sympy

from distconv import Die, Distribution, Walk

coin = Distribution({-1: "1/2", 1: "1/2"})
half = Fraction(1, 2)
ROOK = [(1, 0), (-1, 0), (0, 1), (0, -1)]
KNIGHT = [(a, b) for a, b in itertools.product((-2, -1, 1, 2), repeat=2) if abs(a) != abs(b)]


def equally(moves):
    return Distribution.from_counts(dict.fromkeys(moves, 1))


def in_quadrant(v):
    return v[0] >= 0 <= v[1]


def stays(moves, inside, most):
    """How many walks of 0, 1, ... steps never leave a region."""
    stay = Walk.repeat(equally(moves), most).stay(inside)
    return [p * len(moves) ** n for n, p in enumerate(stay.survival)]


def homes(moves, inside, times):
    """How many walks of so many steps never leave a region and end where they began."""
    stay = Walk.repeat(equally(moves), max(times)).stay(inside)
    start = 0 if isinstance(moves[0], int) else (0, 0)
    return [stay.prob(n, start) * len(moves) ** n for n in times]


#: On-Line Encyclopedia of Integer Sequences: (its number, what is counted, its terms).
SEQUENCES = {
    "A001405, above a line": (lambda: stays([1, -1], lambda x: x >= 0, 9), [1, 1, 2, 3, 6, 10, 20, 35, 70, 126]),
    "A000108, Catalan": (lambda: homes([1, -1], lambda x: x >= 0, range(0, 13, 2)), [1, 1, 2, 5, 14, 42, 132]),
    "A001006, Motzkin": (lambda: homes([1, 0, -1], lambda x: x >= 0, range(9)), [1, 1, 2, 4, 9, 21, 51, 127, 323]),
    "A005566, quarter plane": (lambda: stays(ROOK, in_quadrant, 7), [1, 2, 6, 18, 60, 200, 700, 2450]),
    "A001700, half plane": (lambda: stays(ROOK, lambda v: v[0] >= 0, 5), [1, 3, 10, 35, 126, 462]),
    "A005568, quarter plane and back": (lambda: homes(ROOK, in_quadrant, range(0, 9, 2)), [1, 2, 10, 70, 588]),
    "A006335, Kreweras": (
        lambda: homes([(-1, 0), (0, -1), (1, 1)], in_quadrant, range(0, 13, 3)),
        [1, 2, 16, 192, 2816],
    ),
    "A135404, Gessel": (
        lambda: homes([(-1, 0), (1, 0), (1, 1), (-1, -1)], in_quadrant, range(0, 11, 2)),
        [1, 2, 11, 85, 782, 8004],
    ),
    "A054474, first returns in the plane": (
        lambda: [Walk.repeat(equally(ROOK), 10).first_return().pmf(n) * 4**n for n in range(2, 11, 2)],
        [4, 20, 176, 1876, 22064],
    ),
    "A000045, Fibonacci: a strip of four places": (
        lambda: stays([1, -1], range(4), 9),
        [1, 1, 2, 3, 5, 8, 13, 21, 34, 55],
    ),
}


@pytest.mark.parametrize("name", SEQUENCES)
def test_sequences(name):
    count, terms = SEQUENCES[name]
    assert count() == terms


#: Feller, An Introduction to Probability Theory and Its Applications, volume I, third edition, XIV.2, table 1: the
#: chance to win, what is owned, the goal, P(ruin), E(duration).
RUIN = [
    ("0.5", 9, 10, "0.1", "9"),
    ("0.5", 90, 100, "0.1", "900"),
    ("0.5", 900, 1000, "0.1", "90000"),
    ("0.5", 950, 1000, "0.05", "47500"),
    ("0.5", 8000, 10000, "0.2", "16000000"),
    ("0.45", 9, 10, "0.210", "11"),
    ("0.45", 90, 100, "0.866", "765.6"),
    ("0.45", 99, 100, "0.182", "171.8"),
    ("0.4", 90, 100, "0.983", "441.3"),
    ("0.4", 99, 100, "0.333", "161.7"),
]


@pytest.mark.parametrize(("p", "owned", "goal", "ruin", "duration"), RUIN)
def test_fellers_table_of_ruin(p, owned, goal, ruin, duration):
    game = Distribution({1: p, -1: str(1 - Fraction(p))})
    forever = Walk.forever(game)
    ends = -owned, goal - owned
    for found, printed in ((forever.ruin(*ends), ruin), (forever.duration(*ends), duration)):
        digits = len(printed.partition(".")[2])
        assert abs(found - Fraction(printed)) <= Fraction(1, 2 * 10**digits)
    if goal == 10:
        out = Walk.repeat(game.to_float(), 1500, start=owned).first_exit(range(1, goal))
        assert float(out.prob(lambda end: end[1] == 0)) == pytest.approx(float(forever.ruin(*ends)))
        assert sum(t * w for (t, _), w in out.to_dict().items()) == pytest.approx(float(forever.duration(*ends)))


def test_the_arc_sine_law():
    """Feller I, III.4, table 1: the discrete arc sine distribution of order 10, time above in 20 tosses."""
    above = Walk.repeat(coin, 20).time_in(lambda x: x > 0, times=range(1, 20, 2))
    printed = [0.1762, 0.0927, 0.0736, 0.0655, 0.0617, 0.0606]
    assert [round(float(above.pmf(k)), 4) for k in range(11)] == printed + printed[-2::-1]


def test_time_above_as_sparre_andersen_found_it():
    """On the fluctuations of sums of random variables (1953): P(N_n = k) = P(N_k = k) P(N_(n - k) = 0)."""
    step, n = Distribution({-2: "1/3", 0: "1/6", 1: "1/2"}), 9
    above = Walk.repeat(step, n).time_in(lambda x: x > 0)
    always = Walk.repeat(step, n).record(lambda ok, x: ok and int(x > 0), 1)
    assert always.pmf(1) == above.pmf(n)

    def all_above(k):
        return Walk.repeat(step, k).time_in(lambda x: x > 0).pmf(k) if k else 1

    def none_above(k):
        return Walk.repeat(step, k).stay(lambda x: x <= 0).survival[-1] if k else 1

    assert [above.pmf(k) for k in range(n + 1)] == [all_above(k) * none_above(n - k) for k in range(n + 1)]


def test_maxima():
    """Feller I, III.7, theorem 1: P(M_n = r) is P(S_n = r) or P(S_n = r + 1), whichever is positive."""
    walk = Walk.repeat(coin, 11)
    top, end = walk.maximum(), walk.final
    assert [top.pmf(r) for r in range(12)] == [end.pmf(r) + end.pmf(r + 1) for r in range(12)]
    assert walk.minimum() == -top


def test_last_visits():
    """Feller I, III.4, theorem 1: the last visit to 0 in 2 n tosses is at 2 k with probability u_2k u_(2n - 2k)."""
    u = [Fraction(math.comb(2 * k, k), 4**k) for k in range(6)]
    clock = Walk.repeat(coin, 10).record(lambda note, x: (note[0] + 1, note[0] + 1 if x == 0 else note[1]), (0, 0))
    assert [clock.marginal(1).pmf(2 * k) for k in range(6)] == [u[k] * u[5 - k] for k in range(6)]


def test_changes_of_sign():
    """Feller I, III.5, theorem 1: P(r changes of sign in 2 n + 1 tosses) = 2 P(S_(2n + 1) = 2 r + 1)."""

    def update(note, x):
        last, changes = note
        return (x or last, changes) if not x or not last or (x > 0) == (last > 0) else (x, changes + 1)

    sides = Walk.repeat(coin, 11).record(lambda note, x: update(note, (x > 0) - (x < 0)), (0, 0)).marginal(1)
    assert [sides.pmf(r) for r in range(6)] == [2 * (11 @ coin).pmf(2 * r + 1) for r in range(6)]


@pytest.mark.parametrize(("a", "b"), [(7, 4), (10, 1), (6, 5), (30, 20)])
def test_the_ballot_theorem(a, b):
    """Bertrand, Comptes Rendus 105 (1887): the winner leads throughout with probability (a - b) / (a + b)."""
    count = Walk.repeat(coin, a + b).bridge(a - b)
    assert count.time_in(lambda x: x > 0).pmf(a + b) == Fraction(a - b, a + b)
    assert 1 - count.first_return().cdf(a + b) == Fraction(a - b, a + b) if b > 1 else True


def test_uniform_bridges():
    """Chung and Feller, On fluctuations in coin-tossing (1949): the time above is uniform where heads and tails tie."""
    above = Walk.repeat(coin, 20).bridge(0).time_in(lambda x: x > 0, times=range(1, 20, 2))
    assert [above.pmf(k) for k in range(11)] == [Fraction(1, 11)] * 11


def test_highest_points_of_bridges():
    """P(max >= m) of a bridge of 2 n is C(2n, n + m) / C(2n, n) (Smirnov's statistic of two equal samples)."""
    top = Walk.repeat(coin, 16).bridge(0).maximum()
    assert [top.at_least(m) for m in range(9)] == [Fraction(math.comb(16, 8 + m), math.comb(16, 8)) for m in range(9)]


def test_knights_on_boards():
    """LeetCode 688: N = 3, k = 2 from a corner is 0.0625; N = 1, k = 0 is 1."""
    step = equally(KNIGHT)
    assert Walk.repeat(step, 2).stay(np.ones((3, 3), dtype=bool)).survival[-1] == 0.0625
    assert Walk.repeat(step, 1).stay(np.ones((1, 1), dtype=bool)).survival[0] == 1


def test_reflected_walks_are_as_far_away_as_free_ones():
    """The reflection principle of Levy: abs(S_n) is the walk between mirrors."""
    for n in (1, 6, 11):
        assert Walk.repeat(coin, n).reflected(low=0).final == abs(n @ coin)


def test_waiting_times_are_clipped_walks():
    """Lindley (1952): W_n = max(0, W_(n - 1) + X_n), whose law is that of the highest of the sums of n steps."""
    step = Die(6) - Die(8)
    assert Walk.repeat(step, 8).clipped(low=0).final == Walk.repeat(step, 8).maximum()


def test_an_insurer_of_geometric_claims():
    """Gerber, Mathematical fun with the compound binomial process (1988): P(ruin) = A R**u for geometric claims.

    Premium 1; a claim with probability q, of k with probability (1 - a) a**(k - 1): then R = a / (1 - q), and A is
    (R - a) / (1 - a).
    """
    q, a, most = Fraction(1, 5), half, 60
    claim = {1 - k: float(q * (1 - a) * a ** (k - 1)) for k in range(1, most)}
    step = Distribution({1: float(1 - q), **claim}, normalize=True)
    for u in (0, 3, 10):
        ruin = Walk.repeat(step, 400, start=u).first_passage(lambda x: x < 0)
        assert ruin.cdf(400) == pytest.approx(0.25 * 0.625**u, rel=1e-9)
    assert step.mean() == pytest.approx(float(1 - q / (1 - a)))


def test_a_start_and_ends_with_letters():
    """Feller I, XIV.2, (2.4) and (3.4): from z, between 0 and a."""
    p, z, a = sympy.symbols("p z a", positive=True)
    walk = Walk.forever(Distribution({1: p, -1: 1 - p}), start=z)
    ruin, odds = walk.ruin(0, a), (1 - p) / p
    assert ruin.subs(p, "1/2") == (a - z) / a
    general = ruin.args[-1][0]
    assert sympy.simplify(general - (odds**a - odds**z) / (odds**a - 1)) == 0
    assert walk.duration(0, a).subs({p: "1/2", z: 3, a: 10}) == 21
    numbers = Walk.forever(Distribution({1: "1/3", -1: "2/3"}), start=3)
    assert walk.subs({z: 3}).ruin(0, 10).subs(p, "1/3") == numbers.ruin(0, 10)
    assert walk.subs({z: 2, p: "1/2"}).first_passage(3).pmf(1) == half


def test_mirrors_double_the_time():
    """Feller I, XIV.2, problem 15 ff.: with a mirror at 0 the walk is outside of (-n, n) after n**2 - z**2 steps."""
    for n, z in ((10, 0), (10, 4), (7, 3)):
        assert Walk.forever(coin, z).reflected(low=0).leave(range(n)).time == n * n - z * z
    # One that waits at the wall instead: n (n + 1) from 0.
    assert Walk.forever(coin).clipped(low=0).leave(range(10)).time == 110
    p = sympy.symbols("p", positive=True)
    out = Walk.forever(Distribution({1: p, -1: 1 - p})).reflected(low=0).leave([0, 1])
    assert sympy.simplify(out.time - 2 / p) == 0
    plane = Walk.forever(equally(ROOK), (0, 0)).reflected((0, 0))
    free = Walk.forever(equally(ROOK))
    assert plane.leave(lambda v: max(v) < 3).time == free.leave(lambda v: max(map(abs, v)) < 3).time
