"""Copies of laws of vectors that are asked, not held: points, boxes, coordinates, against whole numbers."""

import itertools
import math
from fractions import Fraction

import flint
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import distconv
from distconv import Binomial, Die, Distribution, Geometric, Poisson, joint
from distconv.errors import AccuracyError, DimensionError, SizeLimitError
from distconv.laws.copied import Copied

FOUR = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})


def kept(X, n, offset=None):
    """n copies that are asked, however cheap the whole is."""
    return Distribution.of(Copied(X.law, n, offset or (0,) * X.ndim))


def truth(weights, n):
    """Whole numbers by place: the n-fold sum, one term after the other."""
    found = {(0,) * len(next(iter(weights))): 1}
    for _ in range(n):
        more = {}
        for place, count in found.items():
            for step, weight in weights.items():
                to = tuple(a + b for a, b in zip(place, step, strict=True))
                more[to] = more.get(to, 0) + count * weight
        found = more
    return found


def off(log, true):
    """How far a log is from that of a fraction."""
    exact = flint.arb(flint.fmpq(true.numerator, true.denominator)).log()
    return abs(float(flint.arb(log) - exact))


POINTS = st.one_of(
    st.sets(st.tuples(st.integers(0, 2), st.integers(0, 2)), min_size=2, max_size=6),
    st.sets(st.tuples(st.integers(-3, 3), st.integers(-3, 3)), min_size=2, max_size=4),
    st.sets(st.tuples(*[st.integers(0, 1)] * 3), min_size=2, max_size=4),
)
WEIGHTS = st.one_of(st.integers(1, 20), st.sampled_from([1, 10**9, 10**60]))


@settings(max_examples=20)
@given(st.data())
def test_points_and_boxes_are_the_exact_ones(data):
    points = sorted(data.draw(POINTS))
    weights = {point: data.draw(WEIGHTS) for point in points}
    n = data.draw(st.integers(8, 12))
    counts = truth(weights, n)
    total = sum(weights.values()) ** n
    S = kept(Distribution.from_counts(weights), n)
    assert S.error <= 1.01e-10
    axes = [[place[i] for place in counts] for i in range(S.ndim)]
    for _ in range(2):
        place = data.draw(st.sampled_from(sorted(counts)))
        assert off(S.logpmf(place), Fraction(counts[place], total)) <= S.error
        ends = [sorted(data.draw(st.tuples(*[st.integers(min(x) - 1, max(x) + 1)] * 2))) for x in axes]
        low, high = (tuple(end) for end in zip(*ends, strict=True))
        inside = [v for c, v in counts.items() if all(a <= x <= b for a, x, b in zip(low, c, high, strict=True))]
        found, true = S.prob_box(low, high), Fraction(sum(inside), total)
        assert abs(Fraction(found) - true) <= Fraction(S.error * 1.01) * true + Fraction(5e-324)
        gone = tuple(data.draw(st.integers(min(x) - 2, max(x) + 2)) for x in axes)
        assert (S.pmf(gone) > 0) <= (gone in counts)


@pytest.mark.parametrize("n", [1000, 10**6, 10**9, 10**11])
def test_steps_to_the_four_neighbours_are_two_coins(n):
    """x + y and x - y are independent sums of n steps up or down."""
    S = n @ FOUR
    assert not S.is_exact
    side = math.isqrt(n)
    places = [(0, 0), (side - side % 2, 0), (n // 4, n // 8), (n, 0), (n - 2, 2), (-1, n - 1), (n // 2 - 3, n // 2 + 1)]
    for x, y in [(x, y + (n + x + y) % 2) for x, y in places]:
        with distconv.numbers.balls.precision(400):
            ups = [(n + x + y) // 2, (n + x - y) // 2]
            exact = (
                sum(flint.arb(n + 1).lgamma() - flint.arb(k + 1).lgamma() - flint.arb(n - k + 1).lgamma() for k in ups)
                - 2 * n * flint.arb(2).log()
            )
            apart = abs(float(flint.arb(S.logpmf((x, y))) - exact))
        assert apart <= 1e-10 + 4e-16 * float(abs(exact))
    assert S.pmf((n - 1, 0)) == S.pmf((n, 2)) == S.pmf((0, n + 1)) == 0
    assert S.pmf((Fraction(1, 2), 0)) == 0
    assert (0, n) in S
    assert (1, n) not in S


def test_a_million_steps_in_the_plane_and_in_space():
    S = 10**6 @ FOUR
    M = S.marginal(0)
    assert M.ndim == 1
    for low, high in [((-1000, None), (500, None)), ((2000, None), None), (None, (-4000, None))]:
        cells = M.prob_box(None if low is None else low[0], None if high is None else high[0])
        assert S.prob_box(low, high) == pytest.approx(cells, rel=3e-10)
    assert S.prob_box((-(10**6), -(10**6)), (10**6, 10**6)) == pytest.approx(1, rel=1e-10)
    quarter = S.prob_box((1, 1))
    axes = S.prob_box((0, 1), (0, None)) + S.prob_box((1, 0), (None, 0))
    assert 4 * quarter + 2 * axes + S.pmf((0, 0)) == pytest.approx(1, rel=1e-9)
    cube = Distribution({p: "1/6" for p in itertools.product((-1, 0, 1), repeat=3) if sum(map(abs, p)) == 1})
    T = 10**6 @ cube
    # The local limit theorem, and the two classes of an even and an odd sum.
    assert T.pmf((0, 0, 0)) == pytest.approx(2 * (2 * math.pi * 10**6 / 3) ** -1.5, rel=1e-5)
    assert T.pmf((1, 0, 0)) == 0


def test_what_needs_no_cells_takes_none():
    S = 10**6 @ Distribution({(0, 0): "1/2", (1, 3): "1/3", (2, 1): "1/6"}) + (5, "1/2")
    assert S.mean().tolist() == [10**6 * Fraction(2, 3) + 5, 10**6 * Fraction(7, 6) + Fraction(1, 2)]
    assert S.var().tolist() == [10**6 * Fraction(5, 9), 10**6 * Fraction(65, 36)]
    assert S.cov()[0, 1] == 10**6 * (Fraction(4, 3) - Fraction(7, 9))
    assert S.std()[0] == pytest.approx(math.sqrt(10**6 * 5 / 9), rel=1e-12)
    assert S.shape == (2 * 10**6 + 1, 3 * 10**6 + 1)
    drawn = S.rvs(4000, rng=3)
    assert drawn.shape == (4000, 2)
    assert np.abs(drawn.mean(axis=0) - S.mean().astype(float)).max() < 5 * 1400 / math.sqrt(4000)
    assert "outcomes (5, 1/2)..(2000005, 6000001/2)" in repr(S)
    assert "copies" in str(S.how())
    with pytest.raises(SizeLimitError, match=r"X\.pmf\(x\), X\.prob_box"):
        S.to_dict()
    with pytest.raises(DimensionError):
        S.cdf((1, 1))
    with pytest.raises(DimensionError):
        S.pmf((1, 1, 1))


def test_copies_add_up_scale_and_compare():
    a, b = 10**6 @ FOUR, 10**5 @ FOUR
    assert a + b == (10**6 + 10**5) @ FOUR
    assert a + FOUR == (10**6 + 1) @ FOUR
    assert 3 @ a == 3 * 10**6 @ FOUR
    assert a != b
    assert hash(a + b) == hash((10**6 + 10**5) @ FOUR)
    assert (
        (-a).pmf((0, 2))
        == (2 * a).pmf((0, 4))
        == distconv.laws.image.shifted(a.law, (1, 1)).at((1, 3))
        == a.pmf((0, 2))
    )
    assert a.pmf([(0, 0), (1, 0), (1, 1)]).tolist() == [a.pmf((0, 0)), 0.0, a.pmf((1, 1))]


def test_sums_that_are_kept_are_laid_out_when_the_whole_is_asked():
    X = Distribution.from_array(np.array([[0.1, 0.2], [0.3, 0.4]]))
    S = kept(X, 20, (1, 1))
    by = (1, 1)
    whole = distconv.power(X, 20) + by
    assert S == whole
    assert S.to_dict() == whole.to_dict()
    for place in [(1, 1), (7, 15), (21, 21)]:
        assert S.pmf(place) == pytest.approx(whole.pmf(place), rel=2e-10)


def test_places_between_likelier_ones_take_the_whole():
    """Odd places are 10**-40 times as likely as their neighbours: no tilt makes them the likeliest."""
    X = Distribution.from_counts({(0, 0): 10**40, (1, 0): 1, (2, 0): 10**40, (0, 1): 10**40})
    S = kept(X, 10)
    counts = truth({(0, 0): 10**40, (1, 0): 1, (2, 0): 10**40, (0, 1): 10**40}, 10)
    assert off(S.logpmf((5, 1)), Fraction(counts[5, 1], (3 * 10**40 + 1) ** 10)) <= S.error
    far = {(0, 2): 1, (1, 0): 1, (1, 1): 1, (2, 0): 10**60}
    log = kept(Distribution.from_counts(far), 8).logpmf((1, 15))
    assert off(log, Fraction(8, (3 + 10**60) ** 8)) <= 1.1e-10
    with pytest.raises(AccuracyError, match=r"X\.marginal\(0\)"):
        (10**6 @ X).pmf((5, 1))


@pytest.mark.parametrize(
    ("X", "low", "high", "expected"),
    [
        (Die(6), 2, 4, Fraction(1, 2)),
        (Die(6), None, 4, Fraction(2, 3)),
        (Die(6), 5, None, Fraction(1, 3)),
        (Die(6), 5, 2, 0),
        (Die(6), "5/2", "7/2", Fraction(1, 6)),
        (Die(6), None, None, 1),
        (joint(Die(6), Die(6)), (2, 5), (3, None), Fraction(1, 9)),
        (joint(Die(6), Geometric("1/2")), (2, 5), (3, None), Fraction(1, 48)),
        (Geometric("1/2"), 2, 3, Fraction(3, 8)),
        (Geometric("1/2"), 3, None, Fraction(1, 4)),
        (Geometric("1/2"), None, None, 1),
    ],
)
def test_boxes_of_any_law(X, low, high, expected):
    assert X.prob_box(low, high) == expected


@settings(max_examples=10)
@given(st.integers(0, 80), st.integers(0, 80))
def test_boxes_of_numbers_are_sums(low, high):
    assume(low <= high)
    for X in (Poisson(20), Binomial(80, 0.3), 3 @ Poisson(4) + Die(6)):
        expected = math.fsum(X.pmf(np.arange(low, high + 1)))
        assert X.prob_box(low, high) == pytest.approx(expected, rel=1e-9)
