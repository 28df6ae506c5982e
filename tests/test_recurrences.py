"""Recurrences of probabilities in a letter: those that books print, and random ones against powers of polynomials."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from strategies import part

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Logarithmic,
    NegativeBinomial,
    Poisson,
    Uniform,
    mixture,
)
from distconv.errors import DistconvTypeError, DistconvValueError

n, m, k = sympy.symbols("n m k", integer=True, nonnegative=True)
a, b, p, lam = sympy.symbols("a b p lam", positive=True)

THREE = Distribution({-1: "1/3", 0: "1/3", 1: "1/3"})
COIN = Distribution({-1: p, 1: 1 - p})

#: (law, outcome, letter, base, the polynomials that are printed): of base**n P(X = x).
PRINTED = {
    "central binomials": (2 * n @ (2 * Die(2) - 3), 0, n, 4, (-2 * (2 * n + 1), n + 1)),
    "central trinomials, A002426": (n @ THREE, 0, n, 3, (-3 * (n + 1), -(2 * n + 3), n + 2)),
    "squares of binomials": (
        *(Binomial(n, p) - Binomial(n, p), 0, n, 1),
        ((n + 1) * (2 * p - 1) ** 2, -(2 * n + 3) * (2 * p**2 - 2 * p + 1), n + 2),
    ),
    "trinomials with letters": (
        *(n @ Distribution({-1: a, 0: b, 1: 1 - a - b}), 0, n, 1),
        ((n + 1) * (b**2 - 4 * a * (1 - a - b)), -b * (2 * n + 3), n + 2),
    ),
    "games won as often as lost": (n @ COIN, 0, n, 1, (-4 * p * (1 - p) * (n + 1), 0, n + 2)),
    "dice, by their sum": (n @ Die(6), k, k, 1, tuple(k + i - (6 - i) * n for i in range(6))),
    "Poisson": (Poisson(lam), k, k, 1, (-lam, k + 1)),
    "Poisson, by its copies": (n @ Poisson(lam), 3, n, 1, (-((n + 1) ** 3), n**3 * sympy.exp(lam))),
    "negative binomial": (NegativeBinomial(n, p), k, k, 1, ((p - 1) * (k + n), k + 1)),
    "hypergeometric": (Hypergeometric(m, n, 3), k, k, 1, (-(n - k) * (3 - k), (k + 1) * (m - n - 2 + k))),
    "logarithmic": (Logarithmic(p), k, k, 1, (-p * k, k + 1)),
    "Bessel": (Poisson(lam) - Poisson(a), k, k, 1, (-lam, k + 1, a)),
}


@pytest.mark.parametrize("case", PRINTED)
def test_recurrences_that_are_printed(case):
    law, outcome, letter, base, printed = PRINTED[case]
    found = law.recurrence(outcome, letter).times(base)
    assert found.is_proven()
    pairs = list(zip(found.coefficients, printed, strict=True))
    assert len({sympy.cancel(mine / theirs) for mine, theirs in pairs if theirs != 0}) == 1
    assert all(mine == 0 for mine, theirs in pairs if theirs == 0)


def test_integer_sequences():
    def counts(law, outcome, base, number=8):
        return [int(v) for v in law.recurrence(outcome, n).times(base).values(number)]

    assert counts(n @ THREE, 0, 3) == [1, 1, 3, 7, 19, 51, 141, 393]
    assert counts(n @ THREE, 1, 3) == [0, 1, 2, 6, 16, 45, 126, 357]
    assert counts(2 * n @ (2 * Die(2) - 3), 0, 4) == [1, 2, 6, 20, 70, 252, 924, 3432]
    assert counts(n @ Die(4), 2 * n, 4) == [1, 1, 3, 10, 31, 101, 336, 1128]
    # Motzkin's numbers are t(n) - t(n, 2): those of two recurrences.
    both = [counts(n @ THREE, x, 3, 9) for x in (0, 2)]
    assert [x - y for x, y in zip(*both, strict=True)] == [1, 1, 2, 4, 9, 21, 51, 127, 323]


#: (law, function, base, its recurrence where it is printed, its first values): of base**n E f(X).
HALF = Binomial(n, "1/2")
SUMS = {
    "squares": (HALF, HALF.pmf, 4, (-2 * (2 * n + 1), n + 1), [1, 2, 6, 20, 70]),
    "Franel, A000172": (
        *(HALF, lambda x: HALF.pmf(x) ** 2, 8),
        (-8 * (n + 1) ** 2, -(7 * n**2 + 21 * n + 16), (n + 2) ** 2),
        [1, 2, 10, 56, 346, 2252],
    ),
    "Delannoy, A001850": (
        *(HALF, lambda x: sympy.binomial(n + x, x), 2),
        (n + 1, -3 * (2 * n + 3), n + 2),
        [1, 3, 13, 63, 321],
    ),
    "Apery's for zeta(2), A005258": (
        *(HALF, lambda x: sympy.binomial(n, x) * sympy.binomial(n + x, x), 2),
        (-((n + 1) ** 2), -(11 * n**2 + 33 * n + 25), (n + 2) ** 2),
        [1, 3, 19, 147, 1251],
    ),
    # What the sum leaves at its ends is not 0: one order more.
    "inverses": (Binomial(n, p), lambda x: 1 / (x + 1), 1, None, [1, 1 - p / 2, 1 - p + p**2 / 3]),
    "factorials": (Binomial(n, p), sympy.factorial, 1, None, [1, 1, 1 + p**2, 1 + 3 * p**2 + 2 * p**3]),
    # What is 0 in the term is a pole of the certificate.
    "squares of outcomes": (Binomial(n, p), lambda x: x**2, 1, None, [0, p, 2 * p + 2 * p**2]),
    "a zero on the way": (HALF, lambda x: (x - 3) * HALF.pmf(x), 4, None, [-5, -12, -30, -70, -126, 0, 1716]),
    "a growing range": (Die(n), lambda x: x**2, 1, None, [1, Fraction(5, 2), Fraction(14, 3), Fraction(15, 2)]),
}


@pytest.mark.parametrize("case", SUMS)
def test_recurrences_of_sums(case):
    law, f, base, printed, first = SUMS[case]
    found = law.recurrence(f, n).times(base)
    assert found.is_proven()
    assert printed is None or len({sympy.cancel(p / q) for p, q in zip(found.coefficients, printed, strict=True)}) == 1
    assert all(sympy.expand(v - w) == 0 for v, w in zip(found.values(len(first)), first, strict=True))
    # The values that follow from those before them are the sums themselves.
    term = found.integrand
    for i, value in list(enumerate(found.values(9), found.start))[-2:]:
        ends = range(int(term.low), int(term.high.subs(n, i)) + 1)
        by_hand = sum(term.whole.subs({n: i, sympy.Symbol("k", integer=True): x}) for x in ends) * base**i
        assert sympy.expand(by_hand - value) == 0


def test_recurrences_of_sums_that_are_refused():
    for law, f in [(HALF, lambda x: x + sympy.sin(x)), (NegativeBinomial(n, p), lambda x: x), (Die(n), lambda x: 2**x)]:
        with pytest.raises(DistconvValueError, match="no recurrence in n of the mean"):
            law.recurrence(f, n)
    assert not replace(HALF.recurrence(HALF.pmf, n), certificate=k).is_proven()


def counted(weights, copies, place):
    """The coefficient of z**place in the power of a polynomial, by multiplying it out."""
    total = {0: Fraction(1)}
    for _ in range(copies):
        new = {}
        for x, v in total.items():
            for y, w in weights.items():
                new[x + y] = new.get(x + y, Fraction(0)) + v * w
        total = new
    return total.get(place, Fraction(0))


def holds(found, asked, count=9):
    """Whether a recurrence holds for numbers, from where it says on; asked(i) are the values of an oracle."""
    values = [asked(i) for i in range(found.start, found.start + count + found.order)]
    for i in range(count):
        at = {found.letter: found.start + i}
        total = sum(
            Fraction(str(sympy.sympify(c).subs(at))) * v for c, v in zip(found.coefficients, values[i:], strict=False)
        )
        if total != 0:
            return False
    return True


STEPS = st.dictionaries(st.integers(-2, 3), st.integers(1, 5), min_size=2, max_size=3).filter(
    lambda w: max(w) - min(w) <= 4
)


@part(0.05)
@given(STEPS, st.integers(-1, 1), st.integers(-2, 2))
def test_random_steps_in_the_number_of_copies(weights, slope, place):
    total = sum(weights.values())
    law = Distribution({x: Fraction(w, total) for x, w in weights.items()})
    exact = {x: Fraction(w, total) for x, w in weights.items()}
    found = (n @ law).recurrence(slope * n + place, n)
    assert found.is_proven()
    assert holds(found, lambda i: counted(exact, i, slope * i + place))
    assert found.values(7) == [counted(exact, i, slope * i + place) for i in range(found.start, found.start + 7)]


@part(0.2)
@given(STEPS, st.integers(0, 5), st.integers(-3, 3))
def test_random_steps_in_the_outcome(weights, copies, slope):
    total = sum(weights.values())
    law = Distribution({x: Fraction(w, total) for x, w in weights.items()})
    exact = {x: Fraction(w, total) for x, w in weights.items()}
    found = (n @ law).recurrence(k - 3, k)
    assert found.is_proven()
    at = [sympy.sympify(c).subs(n, copies) for c in found.coefficients]
    for i in range(-4, 8):
        values = (counted(exact, copies, i + j - 3) for j in range(found.order + 1))
        assert sum(Fraction(str(c.subs(k, i))) * v for c, v in zip(at, values, strict=True)) == 0


@part(0.05)
@given(st.fractions("1/9", "4/9", max_denominator=9), st.fractions("1/9", "4/9", max_denominator=9))
def test_letters_in_weights_at_numbers(first, second):
    law = Distribution({0: a, 1: b, 2: 1 - a - b})
    found = (n @ law).recurrence(n, n)
    exact = {0: first, 1: second, 2: 1 - first - second}
    at = {a: sympy.Rational(str(first)), b: sympy.Rational(str(second))}
    for i, value in enumerate(found.values(6)):
        assert Fraction(str(sympy.sympify(value).subs(at))) == counted(exact, i, i)


def test_sums_of_several_laws():
    law = NegativeBinomial(n, "1/3") + Binomial(n, "1/4") + Die(2)
    found = law.recurrence(n + 1, n)
    assert found.is_proven()
    assert holds(found, lambda i: law.subs({n: i}).pmf(i + 1), 4)


def test_long_sequences_come_quickly():
    found = (n @ Die(4)).recurrence(2 * n, n)
    values = found.values(150)
    assert values[-1] == (149 @ Die(4)).pmf(298)


def test_values_that_the_recurrence_cannot_tell_are_asked():
    found = (n @ Poisson(lam)).recurrence(3, n)
    assert [sympy.simplify(v - (i * lam) ** 3 * sympy.exp(-i * lam) / 6) for i, v in enumerate(found.values(4))] == [
        0
    ] * 4
    assert (4 @ Die(6)).recurrence(k, k).values(8) == [(4 @ Die(6)).pmf(i) for i in range(8)]


def test_a_letter_in_the_range_holds_from_where_it_is_there():
    found = Die(n).recurrence(3, n)
    assert found.start == 3
    assert found.values(3) == [Fraction(1, 3), Fraction(1, 4), Fraction(1, 5)]


def test_exact_numbers_as_weights():
    found = (n @ Distribution({0: sympy.sqrt(2) / 2, 1: 1 - sympy.sqrt(2) / 2})).recurrence(n - 1, n)
    law = Distribution({0: sympy.sqrt(2) / 2, 1: 1 - sympy.sqrt(2) / 2})
    assert found.is_proven()
    assert [sympy.expand(v - (i @ law).pmf(i - 1)) for i, v in enumerate(found.values(5), start=found.start)] == [0] * 5


def test_equations_are_sympys():
    sequence = sympy.Function("a")
    found = Geometric(p).recurrence(k + 1, k)
    assert sympy.simplify(sympy.rsolve(found.equation(), sequence(k), {sequence(0): p}) - p * (1 - p) ** k) == 0
    assert (
        repr((n @ THREE).recurrence(0, n).times(3))
        == "(n + 2)*a(n + 2) = (2*n + 3)*a(n + 1) + 3*(n + 1)*a(n) for n >= 0"
    )


@pytest.mark.parametrize(
    ("ask", "error", "says"),
    [
        (lambda: Binomial(n, p).recurrence(0, sympy.Symbol("x")), DistconvTypeError, "integer=True"),
        (lambda: Die(n).recurrence(k, k), DistconvValueError, "no product of powers"),
        (lambda: Binomial(n, lam / (n + 1)).recurrence(2, n), DistconvValueError, "no product of powers"),
        (lambda: mixture([(Poisson(lam), p), (Poisson(a), 1 - p)]).recurrence(k, k), DistconvValueError, "no product"),
        (lambda: (n @ Uniform(0, 12)).recurrence(6 * n, n), DistconvValueError, "ten seconds"),
        (lambda: (n @ Bernoulli(p)).recurrence(0, n).times(0), DistconvValueError, "must not be 0"),
    ],
)
def test_what_is_refused_says_where_it_stopped(ask, error, says):
    with pytest.raises(error, match=says):
        ask()


def test_orders_are_the_lowest():
    assert [(n @ Die(s)).recurrence(k, k).order for s in (2, 3, 6)] == [1, 2, 5]
    assert all(x < y for x, y in pairwise((n @ Die(s)).recurrence(n + 1, n).order for s in (2, 3, 4)))
