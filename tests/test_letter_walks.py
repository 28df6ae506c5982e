"""Walks with letters and walks without end: paths counted one by one, equations by hand, published numbers."""

import itertools
import math
import pickle
from fractions import Fraction

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Abs, Eq, Piecewise, Rational, Symbol, catalan, oo, sqrt, symbols

from distconv import (
    AccuracyError,
    Bernoulli,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Poisson,
    SizeLimitError,
    Walk,
)

p, q, a, b, z = symbols("p q a b z", positive=True)
n, k = symbols("n k", integer=True, positive=True)
bent = Distribution({1: p, -1: 1 - p})
lazy = Distribution({1: p, 0: 1 - p - q, -1: q})
coin = Distribution({1: "1/2", -1: "1/2"})
down = Distribution({1: "1/3", -1: "2/3"})
plane = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
SHIFTS = [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]


def paths(step, steps):
    """(positions from the start on, chance) of all paths."""
    for moves in itertools.product(step.items(), repeat=steps):
        yield list(itertools.accumulate((move for move, _ in moves), initial=0)), math.prod(w for _, w in moves)


def rational(value):
    return Rational(value.numerator, value.denominator)


def is_same(x, y):
    return sympy.expand(sympy.together(sympy.sympify(x) - y)) == 0


# Walks that end ---------------------------------------------------------------------------------------------------

chances = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)
regions = st.sets(st.integers(-3, 3), min_size=1)


@settings(max_examples=15)
@given(regions, st.integers(1, 5))
def test_stays_and_first_passages_count_paths(region, steps):
    weights = {1: p, 0: 1 - p - q, -1: q}
    walk = Walk.repeat(lazy, steps)
    stays = walk.stay(region)
    survival = sum(w for path, w in paths(weights, steps) if region.issuperset(path))
    assert is_same(stays.survival[-1], survival)
    first = {}
    for path, w in paths(weights, steps):
        time = next((i for i, x in enumerate(path) if x in region), None)
        if time is not None:
            first[time] = first.get(time, 0) + w
    if not first:
        with pytest.raises(DistconvValueError, match="never comes"):
            walk.first_passage(region)
        return
    found = walk.first_passage(region)
    assert set(found.support) == {t for t, w in first.items() if sympy.expand(w) != 0}
    assert all(is_same(found.pmf(t), w) for t, w in first.items())


@settings(max_examples=15)
@given(regions, st.integers(1, 7), chances)
def test_first_passages_commute_with_numbers(region, steps, chance):
    walk = Walk.repeat(bent, steps)
    numbers = walk.subs({p: chance})
    assert numbers.steps[0] == bent.subs({p: chance})
    survival = sympy.sympify(walk.stay(region).survival[-1])
    assert survival.subs(p, rational(chance)) == rational(numbers.stay(region).survival[-1])
    try:
        expected = numbers.first_passage(region)
    except DistconvValueError:
        return
    found = walk.first_passage(region)
    found = found.subs({p: chance}) if found.letters else found
    assert found == expected
    assert found.missing == expected.missing


def test_what_has_not_come_depends_on_the_letters():
    T = Walk.repeat(bent, 3).first_passage([1])
    assert T.to_dict() == {1: p, 3: p**2 * (1 - p)}
    assert T.missing == 1.0
    assert "total p*(-p**2 + p + 1)" in repr(T)
    assert T.cdf(3) == p * (1 + p - p**2)
    low, high = T.cdf_bounds(1)
    assert low == p
    assert is_same(high, 1 - p**2 * (1 - p))
    with pytest.raises(AccuracyError, match="mean"):
        T.mean()
    with pytest.raises(AccuracyError, match=r"between p\*\*2\*\(1 - p\) and 1 - p"):
        T.sf(1)
    assert T.without_missing().pmf(1) == 1 / (1 + p - p**2)
    assert is_same(T.given(lambda t: t < 2).pmf(1), p / (p + 1 - T.cdf(3)))
    assert T.subs({p: "1/3"}).missing == pytest.approx(16 / 27, rel=1e-15)
    assert T.subs({p: 0.3}).missing == pytest.approx(0.637, rel=1e-15)
    assert T.subs({p: q**2}).pmf(3) == -(q**6) + q**4
    assert T.subs({p: q**2}).missing == 1.0
    twice = 2 @ T
    assert twice.pmf(2) == p**2
    assert twice.missing == 1.0
    assert twice.subs({p: "1/3"}).missing == pytest.approx(1 - (11 / 27) ** 2, rel=1e-15)
    assert (Bernoulli(p) + Distribution({0: "1/2"}, missing="1/2")).missing == 0.5
    everything = Walk.repeat(bent, 2).first_passage([1, -1])
    assert everything.to_dict() == {1: 1}
    assert everything.missing == 0


def test_bridges_of_two_steps_know_no_letter():
    walk = Walk.repeat(bent, 6)
    for x in (-2, 0, 4):
        middle = walk.bridge(x).position(3)
        assert middle.kind == "exact"
        assert middle == Walk.repeat(coin, 6).bridge(x).position(3)
    mixed = Walk([bent, Distribution({1: q, -1: 1 - q}), bent])
    assert is_same(mixed.given(1, 1).position(3).pmf(3), p * q)
    assert mixed.bridge(1).position(2).letters == {p, q}
    assert mixed.subs({p: "1/3"}).final.letters == {q}
    assert mixed.subs({q: p}) == Walk([bent] * 3)
    with pytest.raises(DistconvValueError, match="no letter"):
        mixed.subs({z: 1})


def test_stays_in_the_plane():
    step = Distribution({(1, 0): p, (-1, 0): p, (0, 1): Rational(1, 2) - p, (0, -1): Rational(1, 2) - p})
    stay = Walk.repeat(step, 2).stay(lambda v: v[0] == 0)
    assert stay.survival == [1, 1 - 2 * p, (1 - 2 * p) ** 2]
    assert stay.prob(2, (0, 0)) == (1 - 2 * p) ** 2 / 2
    assert stay.position(2).pmf((0, 2)) == Rational(1, 4)
    assert "probability (1 - 2*p)**2 of staying" in repr(stay)
    assert "a probability with letters" in repr(Walk.repeat(lazy, 8).stay([0, 1]))


# Ruin -------------------------------------------------------------------------------------------------------------


def solved(step, low, high):
    """(P(ends at low or below), expected time) by equations h(x) = sum w h(x + d), each written out."""
    places = range(low + 1, high)
    h, t = ({x: Symbol(f"{name}_{x - low}") for x in places} for name in "ht")

    def at(values, x):
        return values.get(x, 1 if values is h and x <= low else 0)

    equations = [at(h, x) - sum(w * at(h, x + d) for d, w in step.items()) for x in places]
    equations += [at(t, x) - 1 - sum(w * at(t, x + d) for d, w in step.items()) for x in places]
    found = sympy.solve(equations, [*h.values(), *t.values()], dict=True)[0]
    return found[h[0]], found[t[0]]


@settings(max_examples=25)
@given(
    st.dictionaries(st.integers(-3, 3), st.integers(1, 5), min_size=2, max_size=4),
    st.integers(-4, -1),
    st.integers(1, 4),
)
def test_ruin_solves_its_equations(counts, low, high):
    step = Distribution.from_counts(counts)
    weights = {x: Rational(w, sum(counts.values())) for x, w in counts.items()}
    walk = Walk.forever(step)
    assert (walk.ruin(low, high), walk.duration(low, high)) == solved(weights, low, high)
    assert isinstance(walk.ruin(low, high), Fraction)
    out = walk.leave(range(low + 1, high))
    assert sum(out.position.to_dict().values()) == 1
    assert out.time == walk.duration(low, high)


@pytest.mark.parametrize(
    "weights", [{1: p, -1: 1 - p}, {1: p, 0: 1 - p - q, -1: q}, {1: p, -2: 1 - p}, {2: p, 1: q, -1: 1 - p - q}]
)
@pytest.mark.parametrize(("low", "high"), [(-1, 1), (-2, 3), (-3, 2)])
def test_ruin_with_letters_solves_its_equations(weights, low, high):
    walk = Walk.forever(Distribution(weights))
    ruin, time = solved(weights, low, high)
    assert is_same(walk.ruin(low, high), ruin)
    assert is_same(walk.duration(low, high), time)


@settings(max_examples=20)
@given(chances, st.integers(1, 6), st.integers(1, 6))
def test_letters_as_ends_commute_with_numbers(chance, low, high):
    walk, numbers = Walk.forever(bent), Walk.forever(bent.subs({p: chance}))
    at = {p: rational(chance), a: low, b: high}
    assert walk.ruin(-a, b).subs(at) == numbers.ruin(-low, high) == numbers.ruin(-a, b).subs(at)
    assert walk.duration(-a, b).subs(at) == numbers.duration(-low, high)
    assert walk.ruin(-low, high).subs(at) == numbers.ruin(-low, high)
    assert numbers.leave(range(1 - low, high)).position.pmf(-low) == numbers.ruin(-low, high)


def test_the_formulas_of_the_books():
    """Feller, volume I, XIV (2.4), (2.5), (3.4), (3.5), with the fortune a and the sum of both a + b."""
    walk = Walk.forever(lazy)
    u = q / p
    assert walk.ruin(-a, b) == Piecewise((b / (a + b), Eq(p, q)), ((u**a - u ** (a + b)) / (1 - u ** (a + b)), True))
    game = Walk.forever(bent)
    assert game.ruin(-a, b).subs(p, Rational(1, 2)) == b / (a + b)
    assert game.duration(-a, b).subs(p, Rational(1, 2)) == a * b
    half = {p: Rational(1, 4), q: Rational(1, 4)}
    assert walk.ruin(-a, b).subs(half) == b / (a + b)
    assert walk.duration(-a, b).subs(half) == 2 * a * b
    # Feller's table: p = 0.45, fortunes 9 and 1, 90 and 10, of 10 and 100.
    unfair = Walk.forever(Distribution({1: "0.45", -1: "0.55"}))
    assert round(float(unfair.ruin(-9, 1)), 3) == 0.210
    assert round(float(unfair.ruin(-90, 10)), 3) == 0.866
    assert round(float(unfair.duration(-9, 1)), 1) == 11.0
    assert round(float(unfair.duration(-90, 10)), 1) == 765.6
    assert walk.ruin(-2, oo) == Walk.forever(lazy).first_passage(-2).probability
    assert Walk.forever(coin).duration(-2, oo) == oo
    assert Walk.forever(down).duration(-2, math.inf) == 6
    assert Walk.forever(3 * coin).ruin(-4, 8) == Fraction(3, 5)
    assert Walk.forever(coin).duration(-(10**6), 10**6) == 10**12


def test_leaving_regions():
    out = Walk.forever(plane).leave(lambda v: max(map(abs, v)) < 2)
    # By symmetry: centre c = 1 + s, side s = 1 + c/4 + d/2, corner d = 1 + s/2.
    assert out.time == Fraction(9, 2)
    assert out.position.pmf((2, 0)) == Fraction(1, 8)
    assert out.position.pmf((2, 1)) == Fraction(1, 16)
    dice = Walk.forever(Die(6)).leave(range(10))
    # Through 0, ..., 9: the chance of each is the mean of those of the six before.
    met = [Fraction(1)]
    for x in range(1, 10):
        met.append(sum(met[max(0, x - 6) : x], start=Fraction(0)) / 6)
    assert [dice.visits[x] for x in range(10)] == met
    assert dice.time == sum(met)
    assert Walk.forever(bent).leave([1]).position.to_dict() == {0: 1}
    assert Walk.forever(bent).leave([1]).time == 0
    assert "5 places" in repr(Walk.forever(coin).leave(range(-2, 3)))
    assert pickle.loads(pickle.dumps(dice)).position == dice.position


# First passages and returns ---------------------------------------------------------------------------------------


@settings(max_examples=12)
@given(
    st.dictionaries(st.integers(-3, 0), st.integers(1, 4), min_size=1, max_size=3), st.integers(1, 4), st.integers(1, 3)
)
def test_first_passages_are_those_of_walks_that_end(counts, up, level):
    step = Distribution.from_counts({**counts, 1: up})
    found = Walk.forever(step).first_passage(level)
    mirrored = Walk.forever(-step).first_passage(-level)
    ended = Walk.repeat(step, 9).first_passage(lambda x: x >= level)
    for time in range(10):
        assert found.pmf(time) == ended.pmf(time) == mirrored.pmf(time)
    assert found.cdf(9) == sum(ended.to_dict().values())
    assert found.sf(9) == 1 - found.cdf(9)
    assert found.within(9) == ended
    assert found.mean() == mirrored.mean()


def test_first_passages_with_letters():
    walk = Walk.forever(bent)
    T = walk.first_passage(2)
    ended = Walk.repeat(bent, 8).first_passage([2])
    assert all(T.pmf(t) == ended.pmf(t) for t in range(9))
    assert T.within(8) == ended
    formula = walk.first_passage(k).pmf(n)
    for level, time in itertools.product((1, 2, 3), range(1, 9)):
        assert is_same(formula.subs({k: level, n: time}), walk.first_passage(level).pmf(time))
    slow = Walk.forever(lazy).first_passage(2)
    assert all(is_same(slow.pmf(t), Walk.repeat(lazy, 5).first_passage([2]).pmf(t)) for t in range(6))
    assert [walk.first_passage(1).pmf(2 * m + 1) for m in range(6)] == [
        catalan(m) * p ** (m + 1) * (1 - p) ** m for m in range(6)
    ]
    assert T.probability == Piecewise((1, p >= Rational(1, 2)), (p**2 / (1 - p) ** 2, True))
    assert T.missing.subs(p, Rational(1, 3)) == Rational(3, 4)
    assert T.mean() == Piecewise((2 / (2 * p - 1), p > Rational(1, 2)), (oo, True))
    assert T.subs({p: "1/3"}) == Walk.forever(down).first_passage(2)
    assert walk.first_passage(k).subs({k: 2}) == T
    assert walk.first_passage(k).letters == {p, k}


@pytest.mark.parametrize("step", [bent, lazy])
def test_generating_functions_of_first_passages(step):
    level = 2
    T = Walk.forever(step).first_passage(level)
    series = sympy.series(T.pgf(z), z, 0, 5).removeO()
    assert all(is_same(series.coeff(z, t), T.pmf(t)) for t in range(5))
    home = Walk.forever(step).first_return()
    series = sympy.series(home.pgf(z), z, 0, 5).removeO()
    assert all(is_same(series.coeff(z, t), home.pmf(t)) for t in range(5))
    numbers = Walk.forever(down).first_passage(level)
    assert numbers.pgf(1) == numbers.probability == Fraction(1, 4)
    textbook = (1 - sqrt(1 - 4 * p * (1 - p) * z**2)) / (2 * (1 - p) * z)
    assert sympy.simplify(Walk.forever(bent).first_passage(1).pgf(z) - textbook) == 0


def test_the_mean_and_the_variance_of_first_passages():
    up = Walk.forever(-down).first_passage(2)
    z_ = Symbol("z")
    cumulant = sympy.log(up.pgf(z_).subs(z_, sympy.exp(z_)))
    assert up.mean() == sympy.simplify(sympy.diff(cumulant, z_).subs(z_, 0)) == 6
    assert up.var() == sympy.simplify(sympy.diff(cumulant, z_, 2).subs(z_, 0)) == 48
    assert Walk.forever(Distribution({1: "3/4", -2: "1/4"})).first_passage(1).mean() == 4
    assert Walk.forever(coin).first_passage(1).mean() == oo
    assert Walk.forever(coin).first_passage(1).probability == 1


def test_a_walk_that_drifts_away_by_longer_steps():
    T = Walk.forever(Distribution({1: "1/4", -1: "1/2", -2: "1/4"})).first_passage(1)
    # x = 1/4 + x**2 / 2 + x**3 / 4, divided by x - 1.
    assert T.probability == (sqrt(13) - 3) / 2
    assert float(T.cdf(60)) == pytest.approx(float(T.probability), rel=1e-7)
    third = Walk.forever(Distribution({1: "1/4", -1: "1/2", -2: "1/4"})).first_passage(3)
    assert sympy.simplify(third.probability - T.probability**3) == 0


def test_returns_on_the_line():
    home = Walk.forever(bent).first_return()
    assert home.probability == 1 - Abs(2 * p - 1)
    assert home.visits == 1 / Abs(2 * p - 1)
    assert Walk.forever(lazy).first_return().probability == 1 - Abs(p - q)
    for weights, step, most in (({1: p, -1: 1 - p}, bent, 7), ({1: p, 0: 1 - p - q, -1: q}, lazy, 5)):
        T = Walk.forever(step).first_return()
        for time in range(1, most):
            counted = sum(w for path, w in paths(weights, time) if path[-1] == 0 and 0 not in path[1:-1])
            assert is_same(T.pmf(time), counted)
            assert is_same(T.home(time), sum(w for path, w in paths(weights, time) if path[-1] == 0))
    assert all(
        home.pmf(n).subs(n, t) - home.pmf(t) == 0 or is_same(home.pmf(n).subs(n, t), home.pmf(t)) for t in range(1, 9)
    )
    fair = Walk.forever(coin).first_return()
    assert fair.probability == 1
    assert fair.visits == oo
    assert fair.missing == 0
    assert all(fair.pmf(2 * m) == Fraction(math.comb(2 * m, m), (2 * m - 1) * 4**m) for m in range(1, 9))
    assert home.within(4).to_dict() == {2: home.pmf(2), 4: home.pmf(4)}
    assert home.within(4).missing == 1.0
    assert home.subs({p: "1/3"}).within(2).missing == pytest.approx(5 / 9, rel=1e-15)
    assert home.subs({p: "1/3"}).probability == Fraction(2, 3)
    assert Walk.forever(Distribution({2: "1/3", -1: "2/3"})).first_return().probability == 1


def test_returns_in_the_plane_and_in_space():
    T = Walk.forever(plane).first_return()
    assert T.probability == 1
    # The series of the returns: u_2m = (C(2m, m) / 4**m)**2 = sum of f_2j u_(2m - 2j).
    for m in range(6):
        assert T.home(2 * m) == Fraction(math.comb(2 * m, m), 4**m) ** 2
    for m in range(1, 6):
        assert sum(T.pmf(2 * j) * T.home(2 * m - 2 * j) for j in range(1, m + 1)) == T.home(2 * m)
    assert T.within(4).to_dict() == {2: Fraction(1, 4), 4: Fraction(5, 64)}
    simple = Walk.forever(Distribution(dict.fromkeys(SHIFTS, Fraction(1, 6)))).first_return()
    # OEIS A086230 and A086231.
    assert str(sympy.N(simple.probability, 21)) == "0.340537329550999142826"
    assert str(sympy.N(simple.visits, 21)) == "1.51638605915197801816"
    slow = Distribution({**dict.fromkeys(SHIFTS, Fraction(1, 12)), (0, 0, 0): "1/2"})
    resting = Walk.forever(slow).first_return().probability
    assert sympy.N(1 - resting - (1 - simple.probability) / 2, 30) == pytest.approx(0, abs=1e-25)
    assert simple.within(4).to_dict() == {2: Fraction(1, 6), 4: Fraction(1, 24)}
    with pytest.raises(DistconvValueError, match=r"within\(100\)"):
        _ = Walk.forever(Distribution({(1, 0): "1/2", (0, -1): "1/2"})).first_return().probability


# What is refused, and what values do ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "error", "words"),
    [
        (lambda: Walk.forever(Bernoulli(0.3)), DistconvTypeError, r"to_exact\(normalize=True\)"),
        (lambda: Walk.forever(Poisson(3)), DistconvTypeError, r"truncate\(high=100\)"),
        (lambda: Walk.forever(Distribution({1: "1/2"}, missing="1/2")), DistconvValueError, r"without_missing\(\)"),
        (lambda: Walk.forever(coin).ruin(1, 2), DistconvValueError, "low must be < 0"),
        (lambda: Walk.forever(coin).ruin(-1, 0), DistconvValueError, "high must be > 0"),
        (lambda: Walk.forever(coin).ruin(-oo, 1), DistconvValueError, r"first_passage\(high\)"),
        (lambda: Walk.forever(plane).ruin(-1, 1), DistconvTypeError, r"leave\(region\)"),
        (lambda: Walk.forever(plane).first_passage(1), DistconvTypeError, "2-D"),
        (lambda: Walk.forever(Die(3)).ruin(-a, b), DistconvValueError, r"ruin\(-3, 7\)"),
        (lambda: Walk.forever(coin - 1).leave(lambda x: True), SizeLimitError, "1000 places"),
        (lambda: Walk.forever(0 * coin).leave([0]), DistconvValueError, "always 0"),
        (lambda: Walk.forever(coin).first_passage(0), DistconvValueError, r"first_return\(\)"),
        (lambda: Walk.forever(coin).first_passage(Symbol("m")), DistconvValueError, "positive=True"),
        (lambda: Walk.forever(Die(3)).first_passage(4), DistconvValueError, r"lambda x: x >= 4"),
        (lambda: Walk.forever(-coin - 2).first_passage(4), DistconvValueError, "none"),
        (
            lambda: Walk.forever(Distribution({1: p, -2: 1 - p})).first_passage(1).pgf(z),
            DistconvValueError,
            r"pmf\(10\)",
        ),
        (lambda: Walk.forever(lazy).first_passage(1).pmf(n), DistconvValueError, "closed form"),
        (lambda: Walk.forever(bent).first_passage(k).within(3), DistconvTypeError, r"subs\({k: 2}\)"),
        (lambda: Walk.forever(lazy).first_return().pmf(n), DistconvValueError, "closed form"),
        (lambda: Walk.forever(Die(3)).first_return().within(3), DistconvValueError, r"within\(6\)"),
        (lambda: Walk.forever(Die(3)).first_return().pgf(z), DistconvValueError, r"within\(100\)"),
    ],
)
def test_refusals_say_what_to_do(ask, error, words):
    with pytest.raises(error, match=words):
        ask()


def test_endless_walks_are_values():
    walk = Walk.forever(bent)
    assert walk == Walk.forever(bent) != Walk.forever(coin)
    assert walk.subs({p: "1/2"}) == Walk.forever(coin)
    things = [walk, walk.first_passage(2), walk.first_return()]
    for thing in things:
        assert pickle.loads(pickle.dumps(thing)) == thing
        assert hash(pickle.loads(pickle.dumps(thing))) == hash(thing)
        assert type(thing).__name__ in repr(thing)
        with pytest.raises(AttributeError, match="is a value"):
            thing.step = coin
