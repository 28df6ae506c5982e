"""Walks with a start, regions, walls and notes: every path counted, and published numbers."""

import itertools
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from distconv import (
    DistconvValueError,
    Distribution,
    Walk,
)
from distconv.walk import rows

coin = Distribution({-1: "1/2", 1: "1/2"})
half = Fraction(1, 2)
KNIGHT = Distribution.from_counts(
    {(a, b): 1 for a, b in itertools.product((-2, -1, 1, 2), repeat=2) if abs(a) != abs(b)}
)


# Every path -----------------------------------------------------------------------------------------------------------


def plus(x, y):
    return tuple(u + v for u, v in zip(x, y, strict=True)) if isinstance(x, tuple) else x + y


def paths(steps, start, fold=lambda x: x):
    """Every path with its chance."""
    found = {(start,): Fraction(1)}
    for step in steps:
        longer = {}
        for (path, p), (x, q) in itertools.product(found.items(), step.items()):
            new = (*path, fold(plus(path[-1], x)))
            longer[new] = longer.get(new, Fraction(0)) + p * q
        found = longer
    return found


def law_of(every, f):
    found = {}
    for path, p in every.items():
        value = f(path)
        if value is not None:
            found[value] = found.get(value, Fraction(0)) + p
    return found


def given_that(every, condition):
    kept = {path: p for path, p in every.items() if condition(path)}
    whole = sum(kept.values())
    return {path: p / whole for path, p in kept.items()}


def mirrored(low, high):
    """Mirrors, one bounce after the other."""

    def fold(x):
        while (low is not None and x < low) or (high is not None and x > high):
            x = 2 * low - x if low is not None and x < low else 2 * high - x
        return x

    return fold


def clip(low, high):
    return lambda x: min(max(x, -99 if low is None else low), 99 if high is None else high)


@st.composite
def some_walks(draw, most=4):
    """(a walk, all its paths): from anywhere, between walls or not."""
    count = draw(st.integers(1, most))
    weights = st.dictionaries(st.integers(-2, 2), st.integers(1, 4), min_size=1, max_size=3)
    steps = [draw(weights)] * count if draw(st.booleans()) else [draw(weights) for _ in range(count)]
    steps = [{x: Fraction(w, sum(step.values())) for x, w in step.items()} for step in steps]
    start = draw(st.integers(-2, 2))
    walk = Walk([Distribution(step) for step in steps], start)
    walls = draw(st.sampled_from(["none", "mirror", "clip"]))
    if walls == "none":
        return walk, paths(steps, start)
    low = draw(st.none() | st.integers(start - 2, start))
    high = draw(st.integers(start, start + 2) if low is None else st.none() | st.integers(start, start + 2))
    if walls == "clip":
        return walk.clipped(low, high), paths(steps, start, clip(low, high))
    assume(low != high)
    return walk.reflected(low, high), paths(steps, start, mirrored(low, high))


def places_of(every):
    return sorted({x for path in every for x in path})


@st.composite
def known_walks(draw):
    """(a walk, its paths given what is known of it)."""
    walk, every = draw(some_walks())
    some = draw(st.sampled_from(sorted(every)))
    for k in draw(st.lists(st.integers(0, len(walk)), max_size=2, unique=True)):
        walk = walk.given(k, some[k])
        every = given_that(every, lambda path, k=k: path[k] == some[k])
    if draw(st.booleans()):
        region = {*some, *draw(st.sets(st.sampled_from(places_of(every))))}
        walk = walk.staying(region)
        every = given_that(every, region.issuperset)
    return walk, every


@given(known_walks())
def test_positions(case):
    walk, every = case
    for k, law in enumerate(walk):
        truth = law_of(every, lambda path, k=k: path[k])
        assert law.to_dict() == walk.position(k).to_dict() == truth


@given(known_walks(), st.data())
def test_stays_and_exits(case, data):
    walk, every = case
    region = data.draw(st.sets(st.sampled_from(places_of(every)), min_size=1))
    stay = walk.stay(region)
    for k in range(len(walk) + 1):
        inside = {path: p for path, p in every.items() if region.issuperset(path[: k + 1])}
        assert stay.survival[k] == sum(inside.values())
        if inside:
            law = law_of(inside, lambda path, k=k: path[k])
            assert stay.position(k).to_dict() == {x: p / sum(law.values()) for x, p in law.items()}
            assert stay.prob(k, max(law)) == law[max(law)]

    def leaves(path):
        return next(((k, x) for k, x in enumerate(path) if x not in region), None)

    truth = law_of(every, leaves)
    if not truth:
        with pytest.raises(DistconvValueError, match="never leaves"):
            walk.first_exit(region)
        return
    out = walk.first_exit(region)
    assert out.to_dict() == truth
    first = walk.first_passage(lambda x: x not in region)
    assert first == out.marginal(0)
    assert first.missing >= 1 - sum(truth.values())
    assert first.missing == pytest.approx(float(1 - sum(truth.values())), abs=1e-15)


@given(known_walks())
def test_returns(case):
    walk, every = case
    truth = law_of(every, lambda path: next((k for k, x in enumerate(path) if k and x == path[0]), None))
    if truth:
        assert walk.first_return().to_dict() == truth
    else:
        with pytest.raises(DistconvValueError, match="never returns"):
            walk.first_return()


@given(known_walks(), st.data())
def test_what_is_met_along_the_way(case, data):
    walk, every = case
    assert walk.maximum().to_dict() == law_of(every, max)
    assert walk.minimum().to_dict() == law_of(every, min)
    region = data.draw(st.sets(st.sampled_from(places_of(every))))
    assert walk.time_in(region).to_dict() == law_of(every, lambda path: sum(x in region for x in path[1:]))
    odd = range(1, len(walk) + 1, 2)
    assert walk.time_in(region, times=odd).to_dict() == law_of(every, lambda p: sum(p[k] in region for k in odd))
    rests = walk.record(lambda note, x: (note[0] + (x == note[1]), x), (0, 7))
    assert rests.to_dict() == law_of(every, lambda p: (sum(a == b for a, b in itertools.pairwise(p[1:])), p[-1]))


@given(known_walks())
@settings(max_examples=15)
def test_random_paths_are_paths(case):
    walk, every = case
    drawn = walk.paths(20, 1)
    assert {tuple(path) for path in drawn.tolist()} <= set(every)


def test_random_paths_have_the_law():
    walk = Walk.repeat(coin, 6).bridge(0).staying(lambda x: x >= 0)
    every = given_that(paths([{-1: half, 1: half}] * 6, 0), lambda p: p[-1] == 0 and min(p) >= 0)
    drawn = [tuple(p) for p in walk.paths(4000, 3).tolist()]
    for path, p in every.items():
        assert abs(drawn.count(path) / 4000 - p) < 0.04
    walled = Walk.repeat(coin, 6).reflected(0, 3)
    ends = walled.paths(4000, 4)[:, -1]
    for x, p in walled.final.to_dict().items():
        assert abs((ends == x).mean() - p) < 0.04


plane_steps = st.dictionaries(
    st.tuples(st.integers(-1, 1), st.integers(-1, 1)), st.integers(1, 3), min_size=1, max_size=3
)


@given(plane_steps, st.integers(1, 4), st.data())
@settings(max_examples=30)
def test_walks_in_the_plane(weights, count, data):
    step = {x: Fraction(w, sum(weights.values())) for x, w in weights.items()}
    start = (1, 0)
    every = paths([step] * count, start)
    walk = Walk.repeat(Distribution(step), count, start=start)
    board = np.array(data.draw(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=3, max_size=3)))

    def inside(v):
        return 0 <= v[0] < 3 and 0 <= v[1] < 3 and bool(board[v])

    survival = [sum(p for path, p in every.items() if all(map(inside, path[: k + 1]))) for k in range(count + 1)]
    assert walk.stay(board).survival == walk.stay(inside).survival == survival
    truth = law_of(every, lambda p: next(((k, *x) for k, x in enumerate(p) if not inside(x)), None))
    if truth:
        assert walk.first_exit(board).to_dict() == truth
    mirrors = walk.reflected((0, -1), (2, 1))
    fold = mirrored(0, 2), mirrored(-1, 1)
    every = paths([step] * count, start, lambda v: (fold[0](v[0]), fold[1](v[1])))
    assert mirrors.final.to_dict() == law_of(every, lambda p: p[-1])
    assert walk.time_in(lambda v: v[0] > 1).mean() == sum(
        walk.position(k).marginal(0).sf(1) for k in range(1, count + 1)
    )


# Doubles in rows ------------------------------------------------------------------------------------------------------

floats = st.dictionaries(
    st.integers(-3, 3), st.sampled_from([1.0, 0.5, 0.3, 1e-3, 1e-90, 1e-250]), min_size=1, max_size=4
)


def exactly(step):
    weights = step.law.measure.weights
    return {x: weights.exact_at(step.law.measure.support.rank((x,))) for x in step.support}


@given(st.lists(floats, min_size=1, max_size=2), st.integers(1, 25), st.integers(-3, 3), st.sampled_from([0, 1, 2]))
@settings(max_examples=25)
def test_rows_of_doubles_keep_their_error(weights, n, start, kind):
    laws = [Distribution.from_counts(w) for w in weights]
    inside = [lambda x: x >= -4, lambda x: -4 <= x <= 5, lambda x: x % 5 != 2][kind]
    steps = [laws[k % len(laws)] for k in range(n)]
    assume(not all(law.is_exact for law in steps))
    walk = Walk(steps, start)
    stay, here, gone = walk.stay(inside), {start: Fraction(1)} if inside(start) else {}, {}
    if not here:
        gone[0, start] = Fraction(1)
    for k, law in enumerate(steps, 1):
        after = {}
        for (x, p), (s, q) in itertools.product(here.items(), exactly(law).items()):
            after[x + s] = after.get(x + s, Fraction(0)) + p * q
        here = {x: p for x, p in after.items() if inside(x)}
        gone |= {(k, x): p for x, p in after.items() if not inside(x)}
        truth = sum(here.values())
        if truth > Fraction(10) ** -290:
            assert abs(Fraction(stay.survival[k]) - truth) <= Fraction(stay.error(k)) * truth
    if here:
        part = stay._left.part(n)
        found = {x: part.weights.exact_at(r) for r, x in ((part.support.rank((x,)), x) for x in here)}
        assert len(part.weights.positive()) == len(here)
        assert all(abs(found[x] - p) <= Fraction(stay.error(n)) * p for x, p in here.items())
    assert stay.error(n) < 1e-11
    if gone:
        out = walk.first_exit(inside)
        measure = out.law.measure
        assert sorted(out.support) == sorted(gone)
        for end, p in gone.items():
            assert abs(measure.weights.exact_at(measure.support.rank(end)) - p) <= Fraction(out.error) * p
        first = walk.first_passage(lambda x: not inside(x)).law.measure
        for k in {k for k, _ in gone}:
            p = sum(p for (time, _), p in gone.items() if time == k)
            assert abs(first.weights.exact_at(first.support.rank((k,))) - p) <= Fraction(first.weights.error) * p


@given(floats, st.integers(1, 12))
@example({3: 0.001, -2: 1.0, 0: 1e-90}, 6)
@settings(max_examples=30)
def test_rows_return(weights, n):
    step = Distribution.from_counts(weights)
    here, gone = {0: Fraction(1)}, {}
    for k in range(1, n + 1):
        after = {}
        for (x, p), (s, q) in itertools.product(here.items(), exactly(step).items()):
            after[x + s] = after.get(x + s, Fraction(0)) + p * q
        if 0 in after:
            gone[k] = after.pop(0)
        here = after
    if not gone:
        return
    measure = Walk.repeat(step, n).first_return().law.measure
    assert [measure.support.vector(r)[0] for r in measure.weights.positive()] == sorted(gone)
    for k, p in gone.items():
        found = measure.weights.exact_at(measure.support.rank((k,)))
        assert abs(found - p) <= Fraction(measure.weights.error) * p


@pytest.mark.parametrize("n", [255, 256, 257, 700, 2000])
def test_rows_over_many_batches(n):
    """Exactly C(n, n // 2) / 2**n, and the far end as right as the middle."""
    stay = Walk.repeat(coin.to_float(), n).stay(lambda x: x >= 0)
    truth = Fraction(math.comb(n, n // 2), 2**n)
    assert abs(Fraction(stay.survival[n]) - truth) <= Fraction(stay.error(n)) * truth
    assert stay.error(n) < 1e-11
    for x in (n, n - 2, n % 2):
        # The ballot numbers, by reflection.
        ways = math.comb(n, (n + x) // 2) - (math.comb(n, (n + x) // 2 + 1) if x < n else 0)
        assert stay.position(n).logpmf(x) == pytest.approx(math.log(ways) - math.log(math.comb(n, n // 2)), rel=1e-11)
    assert len(stay.position(n).support) == n // 2 + 1


def test_rows_in_the_plane_close_when_the_board_is_known():
    stay = Walk.repeat(KNIGHT.to_float(), 300).stay(lambda v: 0 <= v[0] < 8 and 0 <= v[1] < 8)
    exact = Walk.repeat(KNIGHT, 60).stay(lambda v: 0 <= v[0] < 8 and 0 <= v[1] < 8)
    assert stay.survival[60] == pytest.approx(float(exact.survival[60]), rel=1e-13)
    board = np.ones((8, 8), dtype=bool)
    matrix = np.zeros((64, 64))
    for a, b in itertools.product(range(8), repeat=2):
        for (x, y), p in KNIGHT.to_dict().items():
            if 0 <= a + x < 8 and 0 <= b + y < 8:
                matrix[8 * a + b, 8 * (a + x) + b + y] = p
    row = np.linalg.matrix_power(matrix, 300)[0]
    assert stay.survival[-1] == pytest.approx(row.sum(), rel=1e-11)
    assert stay.final.pmf((3, 3)) == pytest.approx(row[27] / row.sum(), rel=1e-11)
    assert Walk.repeat(KNIGHT.to_float(), 300).stay(board).survival == stay.survival


def test_weights_too_far_apart_for_rows_are_measures(monkeypatch):
    step = Distribution({-1: 1e-300, 0: 1 - 2.0**-53, 1: 1e-300})
    assert Walk.repeat(step, 5).stay(lambda x: x >= 0).final.logpmf(5) == pytest.approx(-1500 * math.log(10), rel=1e-12)
    walk = Walk.repeat(Distribution({-1: 0.25, 2: 0.75}), 30)
    quick = walk.stay(lambda x: x >= 0)
    monkeypatch.setattr(rows, "MOST_FACTORS", 10)
    slow = walk.stay(lambda x: x >= 0)
    assert slow.survival == pytest.approx(quick.survival, rel=1e-13)
    assert slow.final.support == quick.final.support
    assert pickle.loads(pickle.dumps(quick)).survival == pytest.approx(quick.survival, rel=1e-14)


def test_a_predicate_is_asked_of_places_that_are_reached_only():
    table = {x: x >= 0 for x in range(-1, 11)}
    stay = Walk.repeat(coin.to_float(), 10).stay(lambda x: table[x])
    assert stay.survival[-1] == pytest.approx(math.comb(10, 5) / 2**10, rel=1e-14)
    asked = []
    Walk.repeat(coin, 50).stay(lambda x: asked.append(x) or x >= 0)
    assert len(asked) == len(set(asked)) == 52
