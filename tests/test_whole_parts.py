"""Remainders, whole parts and rounding of outcomes that are expressions."""

import math
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from distconv import Binomial, Die, DistconvTypeError, DistconvValueError, Distribution, Poisson

a, b, p = sympy.symbols("a b p", positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
R2 = sympy.sqrt(2)
THREE = Distribution({0: "1/3", a: "1/3", 2 * a: "1/3"})
SIGNS = Distribution({a: "1/2", -a: "1/2"})
THIRD, HALF = Fraction(1, 3), Fraction(1, 2)

#: Laws, and what they are outcome by outcome.
KNOWN = [
    (lambda: THREE % (2 * a), {0: 2 * THIRD, a: THIRD}),
    (lambda: (SIGNS + SIGNS) % (3 * a), {0: HALF, a: HALF / 2, 2 * a: HALF / 2}),
    (lambda: Distribution({a / 3 + b: 1}) % (a + 3 * b), {a / 3 + b: 1}),
    (lambda: Distribution({2 * n + R2: "1/2", 3 * n: "1/2"}) % 1, {0: HALF, R2 - 1: HALF}),
    (lambda: Distribution({1: "1/2", R2: "1/2"}) % 1, {0: HALF, R2 - 1: HALF}),
    (lambda: Die(4) % R2, dict.fromkeys((1, 2 - R2, 3 - 2 * R2, 4 - 2 * R2), HALF / 2)),
    (lambda: Distribution({(a, 3): 1}) % (2 * a, 2), {(a, 1): 1}),
    (lambda: SIGNS // a, {-1: HALF, 1: HALF}),
    (lambda: SIGNS // (2 * a), {-1: HALF, 0: HALF}),
    (lambda: Die(3) / R2 // 1, {0: THIRD, 1: THIRD, 2: THIRD}),
    (lambda: Binomial(3, p) // 2, {0: (1 - p) ** 2 * (1 + 2 * p), 1: p**2 * (3 - 2 * p)}),
    (lambda: round(Die(3) / R2), {1: 2 * THIRD, 2: THIRD}),
    (lambda: round(Distribution({R2: "1/2", -R2 / 3: "1/2"}), 1), {Fraction(7, 5): HALF, -HALF: HALF}),
    (lambda: round(Distribution({HALF: "1/2", R2: "1/4", 3 * HALF: "1/4"})), {0: HALF, 1: HALF / 2, 2: HALF / 2}),
]


@pytest.mark.parametrize(("ask", "known"), KNOWN)
def test_outcome_by_outcome(ask, known):
    assert ask() == Distribution(known)


@given(st.integers(-9, 9), st.integers(-9, 9), st.fractions("1/9", 9, max_denominator=9), st.sampled_from([2, 3, 7]))
def test_irrational_numbers_as_their_digits(whole, times, unit, under):
    x = whole + times * sympy.sqrt(under)
    law = Distribution({x: 1})
    with mpmath.workdps(60):
        point = mpmath.mpf(whole) + times * mpmath.sqrt(under)
        part = int(mpmath.floor(point * unit.denominator / unit.numerator))
        near = int(mpmath.nint(point))
    assert (law // unit).mean() == part
    assert sympy.expand(sympy.sympify((law % unit).mean()) - x + part * sympy.Rational(str(unit))) == 0
    assert round(law).mean() == near


def test_laws_without_end():
    assert (a * Poisson(2)) % (3 * a) == a * (Poisson(2) % 3)
    assert (R2 * Poisson(p)) % (2 * R2) == R2 * (Poisson(p) % 2)


def test_what_is_refused_names_the_pair():
    with pytest.raises(DistconvTypeError, match=r"how often 2 goes into a depends on a.*X\.subs\(\{a: 2\}\)"):
        THREE % 2
    with pytest.raises(DistconvTypeError, match="how often b goes into a depends on a, b"):
        THREE // b
    with pytest.raises(DistconvValueError, match="must be > 0, got -a"):
        THREE % (-a)
    with pytest.raises(DistconvTypeError, match="the order of c and 0"):
        THREE % sympy.Symbol("c", real=True)
    with pytest.raises(DistconvTypeError, match="modulus n is symbolic"):
        Poisson(p) % n
    assert THREE.subs({a: 3}) % 2 == Distribution({0: 2 * THIRD, 1: THIRD})
    assert math.isclose(float((Die(3) / R2 % 1).mean()), sum(k / 2**0.5 % 1 for k in (1, 2, 3)) / 3)
