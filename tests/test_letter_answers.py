"""Plain answers of laws with letters: ready for limit, series and diff, and true outside the usual range, too."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import (
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    NegativeBinomial,
    Poisson,
    Skellam,
    Uniform,
)
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.queries.remainders import remainders_of

n, m, N = sympy.symbols("n m N", integer=True, positive=True)
k = sympy.Symbol("k", integer=True)
a, b, p, lam, mu = sympy.symbols("a b p lam mu", positive=True)


def number(value):
    value = sympy.sympify(value)
    assert value.is_Rational, value
    return Fraction(int(value.p), int(value.q))


@pytest.mark.parametrize("count", range(5))
def test_limits_of_plain_answers(count):
    poisson = lam**count * sympy.exp(-lam) / sympy.factorial(count)
    assert sympy.simplify(sympy.limit(Binomial(n, lam / n).pmf(count), n, sympy.oo) - poisson) == 0
    assert sympy.simplify(sympy.limit(NegativeBinomial(n, n / (n + lam)).pmf(count), n, sympy.oo) - poisson) == 0


@pytest.mark.parametrize("count", range(4))
def test_hypergeometric_laws_become_binomial(count):
    assert sympy.limit(Hypergeometric(3 * N, N, 3).pmf(count), N, sympy.oo) == Binomial(3, "1/3").pmf(count)


def test_series_and_derivatives_of_plain_answers():
    value = Binomial(n, p).pmf(2)
    assert not value.has(sympy.Piecewise)
    assert sympy.expand(sympy.series(value, p, 0, 3).removeO() - n * (n - 1) * p**2 / 2) == 0
    at = {n: 5, p: sympy.Rational(1, 3)}
    slope = sympy.diff(10 * p**2 * (1 - p) ** 3, p).subs(p, sympy.Rational(1, 3))
    assert sympy.diff(value, p).subs(at) == slope
    below = Binomial(n, p).cdf(1) - (1 - p) ** (n - 1) * (1 + (n - 1) * p)
    assert all(sympy.expand(below.subs(n, size)) == 0 for size in range(1, 6))


@part(0.5)
@given(st.integers(1, 6), st.integers(0, 8), st.fractions("1/9", "8/9", max_denominator=9))
def test_plain_answers_are_true_below_their_range(size, count, chance):
    at = {n: size, p: sympy.Rational(str(chance))}
    assert number(Binomial(n, p).pmf(count).subs(at)) == Binomial(size, chance).pmf(count)
    assert number(Binomial(n + 1, p).cdf(count).subs(at)) == Binomial(size + 1, chance).cdf(count)


@part(0.5)
@given(st.integers(3, 9), st.integers(1, 9), st.integers(0, 3))
def test_plain_hypergeometric_answers_are_true_below_their_range(whole, marked, count):
    marked = min(marked, whole)
    value = Hypergeometric(N, n, 3).pmf(count)
    assert not value.has(sympy.Piecewise)
    assert number(value.subs({N: whole, n: marked})) == Hypergeometric(whole, marked, 3).pmf(count)


def test_cases_that_are_needed_stay():
    assert Die(n).pmf(3) == sympy.Piecewise((1 / n, n >= 3), (0, True))
    assert Binomial(n, p).pmf(20).has(sympy.Piecewise)


THREE = ({0: a, 1: b, 2: 1 - a - b}, {0: a, 2: b, 3: 1 - a - b}, {-1: a, 0: b, 1: 1 - a - b})


@part(0.1)
@given(st.sampled_from(THREE), st.integers(1, 4), st.integers(-5, 13), st.integers(1, 4), st.integers(1, 4))
def test_sums_of_three_outcomes_up_to_a_letter(weights, copies, place, first, second):
    values = {a: sympy.Rational(first, 9), b: sympy.Rational(second, 9)}
    exact = copies @ Distribution({x: sympy.sympify(w).subs(values) for x, w in weights.items()})
    found = (n @ Distribution(weights)).cdf(k).subs({n: copies, k: place}).doit().subs(values)
    assert number(found) == exact.cdf(place)


PERIODIC = {
    "even": lambda x: x % 2 == 0,
    "odd": lambda x: x % 2 == 1,
}


@pytest.mark.parametrize("name", PERIODIC)
@part(0.05)
@given(size=st.integers(2, 7), chance=st.fractions("1/9", "4/9", max_denominator=9))
def test_known_remainders_commute_with_numbers(name, size, chance):
    holds = PERIODIC[name]
    exact = Binomial(size, chance)
    law = Binomial(n, p).given(holds)
    assert law.subs({n: size, p: chance}) == exact.given(holds)
    values = {n: size, p: sympy.Rational(str(chance))}
    assert sympy.nsimplify(sympy.simplify(Binomial(n, p).prob(holds).subs(values))) == exact.prob(holds)


def test_even_counts():
    even, odd = (Poisson(lam).given(lambda x, r=r: x % 2 == r) for r in (0, 1))
    assert sympy.simplify((even.pmf(4) - lam**4 / 24 / sympy.cosh(lam)).rewrite(sympy.exp)) == 0
    assert sympy.simplify((odd.pmf(3) - lam**3 / 6 / sympy.sinh(lam)).rewrite(sympy.exp)) == 0
    assert even.pmf(3) == odd.pmf(2) == 0
    assert sympy.simplify((even.mean() - lam * sympy.tanh(lam)).rewrite(sympy.exp)) == 0
    assert sympy.simplify(Poisson(lam).prob(lambda x: x % 2 == 0) - (1 + sympy.exp(-2 * lam)) / 2) == 0
    by_numbers = Poisson(3).given(lambda x: x % 2 == 0)
    assert abs(float(even.var().subs(lam, 3)) - by_numbers.var()) < 1e-12
    assert abs(even.subs({lam: 3}).pmf(4) - by_numbers.pmf(4)) < 1e-15
    assert Geometric(p).given(lambda x: x % 2 == 1).pmf(3).equals(p * (1 - p) ** 2 * (2 - p))
    chance = Skellam(lam, mu).prob(lambda x: x % 2 == 0)
    assert sympy.simplify(chance - (1 + sympy.exp(-2 * lam - 2 * mu)) / 2) == 0


def test_several_remainders_of_three():
    chance, rest = Fraction(1, 3), Fraction(2, 3)
    found = Geometric(p).given(lambda x: x % 3 != 1).pmf(5)
    assert number(found.subs(p, sympy.Rational(1, 3))) == chance * rest**4 / (1 - chance / (1 - rest**3))


def test_remainders_are_read_by_asking_for_them():
    assert remainders_of(lambda x: x % 4 in (1, 2)) == (4, [1, 2])
    assert remainders_of(lambda x: x % 2 == 0 and x % 3 == 0) == (6, [0])
    for other in (
        lambda x: x > 2,
        lambda x: x == 2,
        lambda x: x + 1 == 2,
        bool,
        lambda x: x % 2.5 == 0,
        lambda _: True,
    ):
        assert remainders_of(other) is None
    assert remainders_of(lambda x: x % 100 == 0) is None


def test_multiples_are_laws_by_formulas():
    assert Binomial(n, p).map(lambda x: 2 * x + 1) == 2 * Binomial(n, p) + 1
    assert Die(n).map(lambda x: n + 1 - x) == Die(n)
    assert Poisson(lam).map(lambda x: 3 * x).pmf(6) == Poisson(lam).pmf(2)
    assert Uniform(1, n).map(lambda x: x + m).low == m + 1


def test_what_is_refused_says_why():
    with pytest.raises(DistconvTypeError, match=r"a\*k \+ b"):
        Poisson(lam).map(lambda x: x**2)
    with pytest.raises(DistconvValueError, match="probability 0"):
        Poisson(lam).given(lambda x: x % 2 == 5)
    with pytest.raises(DistconvTypeError, match="remainders"):
        (2 * Poisson(lam)).given(lambda x: x % 2 == 1)
