"""Events and numbers written as of a number: at least, at most, rounded, divided, absolute, lengths."""

import math
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from distconv import Bernoulli, Die, DimensionError, Distribution, Geometric, Poisson, Uniform, joint, product
from distconv.errors import DistconvTypeError, DistconvValueError

OUTCOMES = st.dictionaries(
    st.one_of(st.integers(-30, 30), st.fractions(-5, 5, max_denominator=6)), st.integers(1, 9), min_size=1, max_size=6
)


@given(OUTCOMES, st.integers(-30, 30), st.fractions(-4, 4, max_denominator=4).filter(bool), st.integers(-1, 2))
def test_laws_are_rounded_divided_and_compared_as_numbers_are(counts, x, step, digits):
    X = Distribution.from_counts(counts)

    def truth(f):
        images = {}
        for outcome, n in counts.items():
            images[f(outcome)] = images.get(f(outcome), 0) + n
        return Distribution.from_counts(images)

    total = sum(counts.values())
    assert X.at_least(x) == Fraction(sum(n for v, n in counts.items() if v >= x), total)
    assert X.at_most(x) == X.cdf(x) == Fraction(sum(n for v, n in counts.items() if v <= x), total)
    assert X // step == truth(lambda v: v // step)
    assert abs(X) == X.norm() == truth(abs)
    assert round(X) == truth(lambda v: round(Fraction(v)))
    assert round(X, digits) == truth(lambda v: round(Fraction(v), digits))
    assert math.floor(X) == truth(math.floor)
    assert math.ceil(X) == truth(math.ceil)


def test_tails_that_hold_their_end_keep_their_digits():
    X, far = Poisson(3), 200
    assert X.at_least(far) == pytest.approx(float(sympy.N(sympy.exp(-3) * sum(_terms(far)), 30)), rel=1e-9)
    assert (500 @ Die(6)).at_least(3000) == Fraction(1, 6**500)
    np.testing.assert_allclose(X.at_least([1, 2, 3]), 1 - X.cdf(np.array([0, 1, 2])), rtol=1e-12)
    p = sympy.Symbol("p", positive=True)
    assert sympy.simplify(Bernoulli(p).at_least(1) - p) == 0


@given(st.lists(st.integers(1, 10**6), min_size=2, max_size=6))
def test_what_is_certain_is_no_more_than_certain(counts):
    X = Distribution.from_counts(dict(enumerate(counts))).to_float()
    assert X.at_least(0) <= 1
    assert X.at_least([0, 1]).max() <= 1


def _terms(first):
    return [sympy.Rational(3) ** k / sympy.factorial(k) for k in range(first, first + 80)]


def test_infinite_laws_are_divided_in_windows():
    X = Geometric("1/2") // 2
    assert X.missing <= 1e-17
    assert X.pmf(1) == pytest.approx(0.25 + 0.125, rel=1e-12)


@pytest.mark.parametrize("order", [1, 2, math.inf])
def test_lengths_are_exact(order):
    S = joint(Die(3) - 2, Die(4), Uniform(-1, 1) / 2)
    of = {1: lambda p: sum(map(abs, p)), math.inf: lambda p: max(map(abs, p))}.get(
        order, lambda p: sympy.sqrt(sum(sympy.Rational(str(v)) ** 2 for v in p))
    )
    assert S.norm(order) == S.map(of)
    if order == 2:
        assert S.norm().pmf(sympy.sqrt(5) / 2) == 2 * Fraction(1, 36)


def test_a_row_of_numbers_makes_a_number_of_a_vector():
    S = product(Die(6), Die(4))
    assert [1, 1] @ S == Die(6) + Die(4)
    assert np.array([1, -2]) @ S == [[1, -2]] @ S == Die(6) - 2 * Die(4)
    with pytest.raises(DimensionError, match=r"matrix must have shape \(m, 2\)"):
        [1, 1, 1] @ S


def test_what_is_no_number_is_refused():
    X, S = Die(6), product(Die(6), Die(4))
    with pytest.raises(DimensionError, match=r"X\.norm\(\)"):
        abs(S)
    with pytest.raises(DistconvValueError, match="cannot divide a law by 0"):
        X // 0
    with pytest.raises(DistconvTypeError, match="divided by a number"):
        X // "two"
    with pytest.raises(DistconvValueError, match=r"orders 1, 2 and math\.inf"):
        S.norm(3)
    with pytest.raises(DistconvTypeError, match=r"X\.at_least\(7\)"):
        X >= 7  # noqa: B015
    with pytest.raises(AttributeError, match=r"write X\.low"):
        X.min  # noqa: B018
    with pytest.raises(AttributeError, match=r"write X\.prob_box\(3, 5\)"):
        X.between(3, 5)


class Asked:
    """A function that tells how often it was asked."""

    def __init__(self, f):
        self.f, self.times = f, 0

    def __call__(self, x):
        self.times += 1
        return self.f(x)


ONE = 3000 @ Die(6).to_float()
TWO = product(Uniform(-50, 49), Uniform(0, 99)).to_float()
THIRDS = ONE / 3


@pytest.mark.parametrize(
    ("X", "f", "in_one_call"),
    [
        (ONE, np.sqrt, True),
        (ONE, lambda x: x * x, True),
        (ONE, lambda x: x % 7 == 3, True),
        (TWO, lambda p: p[0] * p[1] + 0.5, True),
        (TWO, lambda p: p[0] > p[1], True),
        # What is too large for doubles, for machine integers, or for both.
        (ONE, lambda x: 3**x % 7 == 3, False),
        (ONE, lambda x: (x * 10**15) % 7 == 3, False),
        (ONE, lambda x: x**8, False),
        # What arrays cannot be asked, or would be told something else.
        (ONE, lambda x: max(x - 10_000, 0), False),
        (ONE, lambda x: 1.5, False),
        (ONE, lambda x: x - np.mean(x), False),
        (ONE, lambda x: np.cumsum(x), False),
        (ONE, lambda x: x in (3, 10_500), False),
        (ONE, lambda x: len(str(x)), False),
        (ONE, lambda x: np.exp(x - 18_000.0), True),
        (THIRDS, lambda x: x >= Fraction(10_501, 3), False),
    ],
)
def test_functions_of_arrays_are_asked_once_and_others_outcome_by_outcome(X, f, in_one_call):
    asked = Asked(f)
    outcomes = [x for x, _ in X]
    right = math.fsum(float(np.sum(f(x))) * float(w) for x, w in X)
    assert X.expect(asked) == pytest.approx(right, rel=1e-12)
    assert (asked.times < 100) is in_one_call
    if isinstance(f(outcomes[0]), bool | np.bool_):
        assert X.prob(f) == pytest.approx(right, rel=1e-12)


def test_errors_of_a_function_are_its_own():
    with pytest.raises(ZeroDivisionError):
        TWO.expect(lambda p: 1 / p[1])
