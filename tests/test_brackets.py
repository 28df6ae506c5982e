"""Brackets: every law between the two has answers between theirs; and cells that keep moments, against quadrature."""

import math
import pickle
from fractions import Fraction

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from distconv import Bernoulli, Bracket, Die, DimensionError, Distribution, Poisson, from_scipy, maximum, product
from distconv.errors import DistconvTypeError, DistconvValueError

#: Monotone questions, each of a bracket and of a law.
QUESTIONS = {
    "cdf": lambda X: X.cdf(4),
    "sf": lambda X: X.sf(4),
    "at_most": lambda X: X.at_most(Fraction(7, 2)),
    "at_least": lambda X: X.at_least(4),
    "ppf": lambda X: X.ppf("9/10"),
    "median": lambda X: X.median(),
    "mean": lambda X: X.mean(),
    "stop_loss": lambda X: X.stop_loss(3),
    "limited_mean": lambda X: X.limited_mean(5),
    "tail_mean": lambda X: X.tail_mean("3/4"),
}
#: What keeps the order, of a bracket and of a law.
OPERATIONS = {
    "itself": lambda X: X,
    "sum": lambda X: X + Die(4),
    "difference": lambda X: Die(4) - X,
    "shift": lambda X: 2 + X - Fraction(1, 2),
    "scaled": lambda X: X * -2,
    "copies": lambda X: 3 @ X,
    "random sum": lambda X: Die(3) @ X,
    "limits": lambda X: X.clip(1, 5),
    "layer": lambda X: (2 @ X).layer(3, 4),
    "above": lambda X: X.layer(2),
}


@st.composite
def ordered(draw):
    """Three laws in stochastic order: outcomes that only move up."""
    weights = draw(st.lists(st.integers(1, 6), min_size=1, max_size=5))
    total = sum(weights)
    places = [draw(st.integers(-3, 6)) for _ in weights]
    laws = []
    for _ in range(3):
        law = {}
        for x, w in zip(places, weights, strict=True):
            law[x] = law.get(x, 0) + Fraction(w, total)
        laws.append(Distribution(law))
        places = [x + draw(st.integers(0, 2)) for x in places]
    return laws


@given(ordered(), st.sampled_from(list(OPERATIONS)), st.booleans())
def test_a_law_between_has_answers_between(laws, name, floating):
    lower, X, upper = laws
    B = Bracket(lower.to_float(), upper.to_float()) if floating else Bracket(lower, upper)
    found, true = OPERATIONS[name](B), OPERATIONS[name](X)
    for question in QUESTIONS.values():
        low, high = question(found)
        assert low <= question(true) <= high
    for question in QUESTIONS.values():
        alone = question(OPERATIONS[name](Bracket(X, X)))
        # Of one law both ends are its answer.
        assert alone == (question(true), question(true))


@given(ordered(), ordered())
def test_sums_of_brackets(some, others):
    B, C = Bracket(some[0], some[2]), Bracket(others[0], others[2])
    for found, true in ((B + C, some[1] + others[1]), (B - C, some[1] - others[1]), (sum([B, C]), some[1] + others[1])):
        for question in QUESTIONS.values():
            low, high = question(found)
            assert low <= question(true) <= high


CLAIM = stats.lognorm(0.9, scale=2000)


def test_cells_by_both_bounds():
    B = from_scipy(CLAIM, step=100, rounding="both", high=20_000)
    assert B.lower == from_scipy(CLAIM, step=100, rounding="down", high=20_000)
    with mpmath.workdps(30):

        def above(x):
            return mpmath.ncdf(-mpmath.log(x / mpmath.mpf(2000)) / mpmath.mpf("0.9")) if x > 0 else mpmath.mpf(1)

        for d in (0, 1000, 12_345):
            low, high = B.stop_loss(d)
            assert low <= mpmath.quad(above, [d, 2 * d + 1000, 20_000]) <= high
            low, high = B.sf(d)
            assert low <= above(d) <= high
    layer = (Poisson(3) @ B).layer(10_000, 20_000)
    low, high = layer.mean()
    assert low < high < 1.1 * low
    finer = (Poisson(3) @ from_scipy(CLAIM, step=20, rounding="both", high=20_000)).layer(10_000, 20_000).mean()
    assert low <= finer[0] <= finer[1] <= high


def test_what_is_missing_is_anywhere():
    B = from_scipy(CLAIM, step=100, rounding="both", tail=1e-3)
    assert 0 < B.upper.missing <= 1e-3
    assert not B.lower.missing
    assert B.mean()[1] == B.stop_loss(0)[1] == B.tail_mean(0.9)[1] == math.inf
    assert B.mean()[0] <= CLAIM.mean()
    assert B.sf(50_000)[0] <= CLAIM.sf(50_000) <= B.sf(50_000)[1]
    # A limit says where it is.
    paid = B.layer(500, 10_000)
    low, high = paid.mean()
    with mpmath.workdps(20):
        right = mpmath.quad(lambda x: mpmath.ncdf(-mpmath.log(x / 2000) / 0.9), [500, 3000, 10_500])
    assert low <= right <= high < math.inf
    exact = Bracket(Distribution({0: "1/2"}, missing="1/2"), Distribution({3: "1/4"}, missing="3/4"))
    assert exact.clip(-1, 5).mean() == (Fraction(-1, 2), Fraction(9, 2))
    assert exact.mean() == (-math.inf, math.inf)
    # Far below 0 without an end.
    assert from_scipy(stats.norm(), step=1, rounding="both").mean() == (-math.inf, math.inf)


def test_a_distribution_function_of_your_own_by_both_bounds():
    def above(x):
        return math.exp(-max(x, 0))

    B = Distribution.from_cdf(lambda x: 1 - above(x), sf=above, step="1/10", high=50, rounding="both")
    low, high = (5 @ B).sf(10)
    assert low <= stats.gamma(5).sf(10) <= high
    assert high - low < 0.02


def test_arrays_of_numbers():
    B = Bracket(Die(6).to_float(), Die(6).to_float() + 1)
    for name in ("cdf", "sf", "at_least", "at_most", "stop_loss", "limited_mean"):
        low, high = getattr(B, name)([1, 3, 9])
        assert low.shape == high.shape == (3,)
        assert [(a, b) for a, b in zip(low, high, strict=True)] == [getattr(B, name)(v) for v in (1, 3, 9)]
    assert B.at_least(math.inf) == (0, 0)
    assert B.limited_mean(math.inf) == B.mean()


def test_values():
    B = Bracket(Die(6), Die(6) + 1)
    assert pickle.loads(pickle.dumps(B)) == B == B.each(lambda X: X)
    assert hash(B) == hash(Bracket(Die(6), Die(6) + 1))
    assert B != Bracket(Die(6), Die(6))
    assert repr(B).startswith("Bracket(Die(6): 6 outcomes")
    assert B.each(lambda X: maximum(X, Die(4))).mean() == (
        maximum(Die(6), Die(4)).mean(),
        maximum(Die(6) + 1, Die(4)).mean(),
    )
    with pytest.raises(AttributeError, match="set"):
        B.lower = Die(4)


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (lambda: Bracket(Die(6) + 1, Die(6)), DistconvValueError, r"P\(X <= 5\).*Bracket\(minimum\(X, Y\)"),
        (lambda: Bracket(3, Die(6)), DistconvTypeError, "lower must be a Distribution"),
        (lambda: Bracket(product(Die(6), Die(6)), Die(6)), DimensionError, "lower is 2-D"),
        (lambda: Bracket(Die(6), Die(6)).pmf(3), AttributeError, r"ask both laws: B\.lower\.pmf"),
        (lambda: Bracket(Die(6), Die(6)).foo, AttributeError, "no attribute 'foo'"),
        (lambda: Bracket(Die(6), Die(6)) * Die(6), DistconvTypeError, r"3 @ B"),
        (lambda: Bracket(Die(6), Die(6)).tail_mean(1), DistconvValueError, "q must be below 1"),
        (lambda: Bracket(Die(6), Die(6) + 1).each(lambda X: -X), DistconvValueError, "not in order"),
    ],
)
def test_what_is_no_bracket_says_why(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


# Cells that keep moments ----------------------------------------------------------------------------------------------

SMOOTH = {
    "gamma": stats.gamma(2, scale=10),
    "root at 0": stats.gamma(0.5, scale=10),
    "exponential": stats.expon(scale=10),
    "normal": stats.norm(3, 4),
    "uniform": stats.uniform(0, 2.5),
    "lognormal": stats.lognorm(0.9, scale=20),
}


@pytest.mark.parametrize("name", SMOOTH)
def test_the_mean_stays(name):
    law = SMOOTH[name]
    X = from_scipy(law, step=1, rounding="unbiased", tail=1e-13)
    assert X.mean() == pytest.approx(law.mean(), rel=1e-8)
    assert X.error < 1e-7
    low, high = X.support[0], X.support[-1]
    for k in (round(law.mean()), round(law.mean()) + 5):
        if low < k < high:
            # E of the tent over two cells.
            with mpmath.workdps(20):
                right = law.expect(lambda x, k=k: max(0.0, 1 - abs(x - k)), lb=k - 1, ub=k + 1)
            assert X.pmf(k) == pytest.approx(right, rel=1e-6)


@pytest.mark.parametrize("name", ["gamma", "root at 0", "exponential"])
@pytest.mark.parametrize("order", [2, 3])
def test_higher_moments_stay(name, order):
    law = SMOOTH[name]
    X = from_scipy(law, step=1, rounding="unbiased", order=order, tail=1e-13)
    for k in range(1, order + 1):
        assert X.moment(k) == pytest.approx(law.moment(k), rel=1e-8)
    plain = from_scipy(law, step=1, rounding="unbiased", tail=1e-13)
    assert abs(plain.var() / law.var() - 1) > 1e-5


def test_unbiased_cells_by_hand():
    """The exponential law in units of its mean: 1 - (1 - e**-1) at 0, (1 - e**-1)(e - 1) e**-k at k."""
    X = from_scipy(stats.expon(), step=1, rounding="unbiased", tail=1e-13)
    assert X.pmf(0) == pytest.approx(math.exp(-1), rel=1e-12)
    for k in (1, 2, 10):
        assert X.pmf(k) == pytest.approx((1 - math.exp(-1)) * math.expm1(1) * math.exp(-k), rel=1e-10)
    paid = from_scipy(stats.expon(), step="1/4", rounding="unbiased", low="1/2", high=3)
    assert paid.mean() == pytest.approx(0.5 + math.exp(-0.5) - math.exp(-3), rel=1e-12)
    assert paid.support[0] == Fraction(1, 2)
    assert paid.support[-1] == 3
    within = from_scipy(stats.expon(), step="1/4", rounding="unbiased", low="1/2", high=3, outside="given")
    inside = math.exp(-0.5) - math.exp(-3)
    assert within.mean() == pytest.approx((1.5 * math.exp(-0.5) - 4 * math.exp(-3)) / inside, rel=1e-12)


def test_what_a_mean_of_a_compound_gains():
    """Expected payments of an aggregate layer: unbiased cells beat rounded ones, and lie in the bracket."""
    steps = {
        way: from_scipy(stats.gamma(2, scale=10), step=5, rounding=way, tail=1e-12) for way in ("nearest", "unbiased")
    }
    true = (Poisson(4) @ from_scipy(stats.gamma(2, scale=10), step="1/10", rounding="unbiased", tail=1e-12)).stop_loss(
        150
    )
    off = {way: abs((Poisson(4) @ X).stop_loss(150) - true) for way, X in steps.items()}
    B = Poisson(4) @ from_scipy(stats.gamma(2, scale=10), step=5, rounding="both", tail=1e-12)
    assert B.lower.stop_loss(150) < true < B.upper.stop_loss(150)
    assert off["unbiased"] < true / 20


@pytest.mark.parametrize(
    ("ask", "error", "message"),
    [
        (
            lambda: from_scipy(CLAIM, step=100, rounding="unbiased", order=2, tail=1e-6),
            DistconvValueError,
            "below 0; .*order=1",
        ),
        (lambda: from_scipy(CLAIM, step=100, rounding="unbiased", tail=0), DistconvValueError, "tail=1e-12"),
        (lambda: from_scipy(CLAIM, step=100, order=2), DistconvValueError, "rounding='unbiased'"),
        (lambda: from_scipy(CLAIM, step=100, rounding="unbiased", order=0), DistconvValueError, "order must be >= 1"),
        (lambda: from_scipy(CLAIM, step=100, rounding="exact"), DistconvValueError, "'unbiased', 'both'"),
        (lambda: from_scipy(stats.binom(3, 0.5), rounding="both"), DistconvValueError, "for continuous laws"),
    ],
)
def test_what_cannot_be_cut_says_why(ask, error, message):
    with pytest.raises(error, match=message):
        ask()


def test_coins_in_between():
    """A probability that is known to lie between two numbers."""
    B = 100 @ Bracket(Bernoulli("1/3"), Bernoulli("2/5"))
    assert B.mean() == (Fraction(100, 3), 40)
    assert np.all(np.array(B.cdf(40)) == ((100 @ Bernoulli("2/5")).cdf(40), (100 @ Bernoulli("1/3")).cdf(40)))
