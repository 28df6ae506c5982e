"""Sums of values over independent trials, against exact sums of the same, however many there are."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from distconv import Binomial, Die, Distribution, PoissonBinomial, Trials, sum_of
from distconv.errors import AccuracyError, DistconvTypeError, DistconvValueError
from distconv.families.many_trials import ManyTrials

CHANCES = st.fractions(0, 1, max_denominator=12)
KINDS = st.lists(st.tuples(CHANCES, st.integers(-9, 9), st.integers(0, 3)), min_size=1, max_size=6)


def summed(kinds):
    """The sum of the scaled binomial laws."""
    return sum_of([value * Binomial(n, p) for p, value, n in kinds])


@given(KINDS)
def test_exact_trials_are_the_sum_of_scaled_binomial_laws(kinds):
    ps, values, n = map(list, zip(*kinds, strict=True))
    found = Trials(ps, values, n)
    assert found == summed(kinds)
    assert found.is_exact
    assert found.mean() == sum(p * v * k for p, v, k in kinds)
    if all(value for value in values):
        halves = Trials(ps, [Fraction(v, 6) for v in values], n)
        assert halves == found / 6


@given(KINDS)
def test_floating_trials_have_the_exact_weights(kinds):
    ps, values, n = map(list, zip(*kinds, strict=True))
    doubles = np.array([float(p) for p in ps])
    found = Trials(doubles, np.array(values), np.array(n))
    right = summed([(Fraction(float(p)), v, k) for p, v, k in kinds])
    for x in right.support:
        assert math.isclose(found.pmf(x), right.pmf(x), rel_tol=1.1e-10)


def test_left_out_numbers_are_ones():
    assert Trials(["1/2", "1/3"]) == PoissonBinomial(["1/2", "1/3"])
    assert Trials(["1/2", "1/3"], 2, 3) == Trials(["1/2", "1/3"], [2, 2], [3, 3])
    assert Trials([], []) == Trials(["1/2"], [1], [0]) == Distribution({0: 1})
    assert Trials([1, 0], [5, 3], [2, 2]) == Distribution({10: 1})


def test_letters_among_the_chances():
    p = sympy.Symbol("p", positive=True)
    X = Trials([p, "1/3"], [2, 3], [2, 1])
    assert X.pmf(4) == sympy.factor(2 * p**2 / 3)
    assert sympy.expand(X.mean() - 4 * p - 1) == 0


@pytest.fixture(scope="module")
def loans():
    """Loans of up to 10,000 in steps of 50: a law of more than a hundred thousand outcomes."""
    rng = np.random.default_rng(12)
    chances = rng.random(1200) * 0.1
    return chances, 50 * rng.integers(1, 201, 1200)


def test_many_trials_are_asked_and_agree_with_the_law_laid_out(loans):
    X, (base, step, _) = Trials(*loans), Trials(*loans).law.parts()
    assert isinstance(base, ManyTrials)
    assert step == 50
    whole = X.hold()
    for x in (int(X.mean()) // 50 * 50, 0, 150_000, 1_000_000):
        assert math.isclose(X.logpmf(x), whole.logpmf(x), rel_tol=1e-13, abs_tol=2.2e-10)
        assert math.isclose(X.logsf(x), whole.logsf(x), rel_tol=1e-13, abs_tol=2.2e-10)
    assert [X.ppf(q) for q in (1e-9, 0.5, 0.999)] == [whole.ppf(q) for q in (1e-9, 0.5, 0.999)]


def test_sums_of_more_outcomes_than_anyone_holds():
    """Against the law with amounts rounded down and up, between which it lies."""
    rng = np.random.default_rng(3)
    chances, fine = rng.random(20_000) * 0.1, rng.integers(1, 300_000, 20_000)
    X = Trials(chances, fine)
    place = float(X.mean()) + 5 * float(X.std())
    found = X.logsf(int(place))
    low, high = (Trials(chances, units).logsf(int(place / 100)) for units in (fine // 100, fine // 100 + 1))
    assert low < found < high < low + 0.2
    assert isinstance(X.ppf(0.99), int)


def test_trials_of_amounts_that_no_frequencies_tell_apart_are_refused():
    rng = np.random.default_rng(0)
    X = Trials(rng.random(2000) * 0.1, rng.integers(1, 10**9, 2000))
    with pytest.raises(AccuracyError, match="larger units"):
        X.sf(X.mean() + 5 * X.std())


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        (([0.1], [1, 2]), DistconvValueError, r"values must hold one number for each of 1 probabilities, it holds 2"),
        (([0.1, 0.2], [[1, 2]]), DistconvValueError, "it holds 1 x 2"),
        (([0.1, 1.2], [1, 2]), DistconvValueError, r"ps\[1\] must be a probability"),
        (([0.1, 0.2], [1, 2], [1.5, 2]), DistconvTypeError, r"n\[0\] must be an integer"),
        (([0.1, 0.2], [1, 2], np.array([1, -2])), DistconvValueError, r"n\[1\] must be >= 0, got -2"),
        ((["1/2", 0.2], [1, 2], [1, -2]), DistconvValueError, r"n\[1\] must be >= 0"),
        (([0.1, 0.2], ["a", 2]), DistconvValueError, r"values\[0\] 'a' is not a number"),
        ((0.1, [2]), DistconvTypeError, "ps must be an array or a sequence"),
        ((np.full(2000, 0.3), np.full(2000, 10**16) + np.arange(2000)), DistconvValueError, "coarser step"),
    ],
)
def test_wrong_arguments_say_which(arguments, error, message):
    with pytest.raises(error, match=message):
        Trials(*arguments)


def test_sums_take_numbers_of_copies():
    assert sum_of([Die(6), Die(8), 3], [2, 1, 5]) == 2 @ Die(6) + Die(8) + 15
    assert sum_of([Die(6)], counts=[0]) == Distribution({0: 1})
    plane = Distribution({(0, 1): "1/2", (1, 0): "1/2"})
    assert sum_of([plane], [0]) == 0 @ plane
    assert math.isclose(sum_of([Die(6), Die(8)], [10**12, 10**11]).mean(), 3.95 * 10**12)
    with pytest.raises(DistconvValueError, match=r"one number for each of 2 terms, it holds 1"):
        sum_of([Die(6), Die(8)], [1])
    with pytest.raises(DistconvTypeError, match=r"counts\[0\] must be an integer"):
        sum_of([Die(6)], [1.5])
