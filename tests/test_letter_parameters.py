"""Laws by formulas without letters, whose parameters are sympy's numbers: every question against sums of 50 digits."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from functools import cache

import mpmath
import pytest
import sympy
from mpmath import mp, mpf
from sympy import Integer, Rational, exp, pi, sqrt

import distconv
from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    Skellam,
    maximum,
    mixture,
)

#: Decimal digits of the oracle, outcomes that it sums, and how far an answer may be from it.
DIGITS, OUTCOMES, CLOSE = 60, 400, mpf(10) ** -40
# For the numbers in the cases below.
mp.dps = DIGITS


@pytest.fixture(autouse=True)
def own_digits():
    """The digits of the oracle, whatever other files have left."""
    with mp.workdps(DIGITS):
        yield


def poisson(mean):
    return lambda k: mpmath.exp(-mean) * mean**k / mpmath.factorial(k) if k >= 0 else mpf(0)


def failures(r, p):
    return lambda k: mpmath.binomial(r + k - 1, k) * p**r * (1 - p) ** k if k >= 0 else mpf(0)


def geometric(p):
    return lambda k: failures(1, p)(k - 1)


def added(f, g):
    return lambda k: mpmath.fsum(f(k - j) * g(j) for j in range(7))


def die(k):
    return mpf(1) / 6 if 1 <= k <= 6 else mpf(0)


def largest(f):
    def below(k):
        return mpmath.fsum(f(j) for j in range(k + 1))

    return lambda k: below(k) ** 2 - below(k - 1) ** 2


def panjer(k):
    """P(the sum of a Poisson number of dice is k), by Panjer's recursion."""
    mean = mpf(3)
    known = [mpmath.exp(-mean)]
    for n in range(1, k + 1):
        known.append(mean / n * mpmath.fsum(j * die(j) * known[n - j] for j in range(1, min(n, 6) + 1)))
    return known[k]


R2, P = mpmath.sqrt(2), 1 / mpmath.pi


@dataclass(frozen=True)
class Case:
    """A law, and the probabilities of its outcomes from 0 on as the oracle has them."""

    make: Callable[[], Distribution]
    pmf: Callable[[int], mpf]
    outcomes: int = OUTCOMES
    orders: int = 3


CASES = {
    "Poisson(3)": Case(lambda: Poisson(Integer(3)), poisson(mpf(3))),
    "Poisson(sqrt(2))": Case(lambda: Poisson(sqrt(2)), poisson(R2)),
    "Geometric(1/3)": Case(lambda: Geometric(Rational(1, 3)), geometric(mpf(1) / 3)),
    "Geometric(1/pi)": Case(lambda: Geometric(1 / pi), geometric(P)),
    "NegativeBinomial(2, 1/pi)": Case(lambda: NegativeBinomial(2, 1 / pi), failures(2, P)),
    "NegativeBinomial(5/2, 1/2)": Case(
        lambda: NegativeBinomial("5/2", Rational(1, 2)), failures(mpf("2.5"), mpf("0.5"))
    ),
    "Logarithmic(1/pi)": Case(
        lambda: Logarithmic(1 / pi), lambda k: -(P**k) / (k * mpmath.log(1 - P)) if k else mpf(0), orders=2
    ),
    "Poisson(3) + Die(6)": Case(lambda: Poisson(Integer(3)) + Die(6), added(poisson(mpf(3)), die), 80),
    "2*Poisson(sqrt(2)) + 1": Case(
        lambda: 2 * Poisson(sqrt(2)) + 1, lambda k: poisson(R2)((k - 1) // 2) if k % 2 else mpf(0)
    ),
    "Poisson(3) + Poisson(sqrt(2))": Case(lambda: Poisson(3) + Poisson(sqrt(2)), poisson(3 + R2)),
    "zero-inflated": Case(
        lambda: mixture([(Point(0), Rational(1, 3)), (Poisson(sqrt(2)), Rational(2, 3))]),
        lambda k: (mpf(1) / 3 if k == 0 else 0) + mpf(2) / 3 * poisson(R2)(k),
    ),
    "truncated": Case(
        lambda: Poisson(Integer(3)).truncate(low=2),
        lambda k: poisson(mpf(3))(k) / (1 - 4 * mpmath.exp(-3)) if k >= 2 else mpf(0),
    ),
    "the larger of two": Case(lambda: maximum(*[Poisson(Integer(3))] * 2), largest(poisson(mpf(3))), 40, 0),
    "Poisson(3) @ Die(6)": Case(lambda: Poisson(Integer(3)) @ Die(6), panjer, 90, 1),
    "Binomial(3, 1/pi)": Case(
        lambda: Binomial(3, 1 / pi), lambda k: mpmath.binomial(3, k) * P**k * (1 - P) ** (3 - k) if k <= 3 else mpf(0)
    ),
    "Bernoulli(sqrt(2)/2)": Case(
        lambda: Bernoulli(sqrt(2) / 2), lambda k: [1 - R2 / 2, R2 / 2][k] if k < 2 else mpf(0)
    ),
}
by_case = pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))


@cache
def law_of(case):
    return case.make()


@cache
def weights_of(case):
    return [case.pmf(k) for k in range(case.outcomes)]


def digits(value):
    """A number of sympy's, of which 40 digits are sure, as mpmath's; a float is none."""
    assert isinstance(value, sympy.Expr | int), type(value)
    return mpf(str(sympy.N(value, DIGITS, maxn=400)))


def close(value, expected):
    return abs(digits(value) - expected) <= CLOSE * max(abs(expected), mpf(10) ** -5)


@by_case
def test_probabilities_are_expressions(case):
    X, weights = law_of(case), weights_of(case)
    assert X.kind == "symbolic"
    assert X.is_exact
    assert not X.letters
    for k in range(6):
        assert close(X.pmf(k), weights[k])
        head = mpmath.fsum(weights[: k + 1])
        assert close(X.cdf(k), head)
        assert close(X.sf(k), 1 - head)
    assert X.pmf(Rational(1, 2)) == 0


@by_case
def test_moments_are_expressions(case):
    X, weights = law_of(case), weights_of(case)
    for order in range(1, case.orders + 1):
        expected = mpmath.fsum(w * mpf(k) ** order for k, w in enumerate(weights))
        assert close(X.moment(order), expected) or case.outcomes < OUTCOMES
    if not case.orders:
        return
    mean = mpmath.fsum(w * k for k, w in enumerate(weights))
    assert abs(digits(X.mean()) - mean) < mpf(10) ** -9


@by_case
def test_quantiles_are_decided(case):
    X, weights = law_of(case), weights_of(case)
    heads = [mpf(0)]
    for w in weights:
        heads.append(heads[-1] + w)
    for q in (Fraction(1, 1000), Fraction(1, 3), Fraction(1, 2), Fraction(9, 10), Fraction(9999, 10000)):
        level = mpf(q.numerator) / q.denominator
        assert X.ppf(q) == next(
            k for k in range(case.outcomes) if weights[k] and heads[k + 1] >= level - mpf(10) ** (5 - DIGITS)
        )
    assert X.median() == X.ppf("1/2")
    assert X.isf("1/10") == X.ppf("9/10")
    assert X.interval("8/10") == (X.ppf("1/10"), X.ppf("9/10"))
    assert weights[X.mode()] == max(weights)


@by_case
def test_numbers_are_doubles_of_the_same_law(case):
    X, weights = law_of(case), weights_of(case)
    Y = X.to_float()
    assert Y.kind == "float"
    for k in range(6):
        assert abs(mpf(float(Y.pmf(k))) - weights[k]) <= (mpf(Y.error) + mpf(10) ** -12) * weights[k]
    drawn = X.rvs(50, rng=1)
    assert all(weights[int(k)] > 0 for k in drawn)
    assert pickle.loads(pickle.dumps(X)).pmf(2) == X.pmf(2)


def test_a_number_of_sympy_in_is_one_out():
    assert Poisson(Integer(3)).pmf(2) == 9 * exp(-3) / 2
    assert Poisson(Integer(3)).cdf(2) == 17 * exp(-3) / 2
    assert isinstance(Geometric(Rational(1, 3)).cdf(4), sympy.Rational)
    assert Poisson(Integer(1)).moment(5) == 52
    assert (2 @ Bernoulli(2 / pi)).pmf(2) == 4 / pi**2
    assert (2 @ Bernoulli(sympy.GoldenRatio - 1)).pmf(1) == 2 * sqrt(5) - 4
    assert Multinomial(2, [1 / pi, 1 - 1 / pi]).pmf((2, 0)) == pi**-2
    assert PoissonBinomial([sqrt(2) / 2, "1/3"]).pmf(2) == sqrt(2) / 6
    assert Skellam(Integer(1), sqrt(2)).var() == 1 + sqrt(2)
    assert (Poisson(Integer(3)) % 2).pmf(0) == exp(-6) / 2 + Rational(1, 2)
    assert Poisson(Integer(3)).stop_loss(2) == 1 + 5 * exp(-3)
    assert Poisson(Integer(3)).clip(high=1).pmf(1).expand() == 1 - exp(-3)


def test_a_number_of_sympy_in_place_of_a_letter_is_one_out():
    lam, p = sympy.symbols("lam p", positive=True)
    X = Poisson(lam)
    assert X.subs({lam: Integer(3)}) == Poisson(Integer(3))
    assert X.subs({lam: Integer(3)}).pmf(2) == 9 * exp(-3) / 2
    assert X.subs({lam: 3}).pmf(2) == Poisson(3).pmf(2)
    assert X.subs({"lam": "3"}).kind == X.subs({lam: 3.0}).kind == X.subs({lam: sympy.Float(3)}).kind == "float"
    assert (Poisson(lam * p) + Die(6)).subs({lam: Integer(3), p: Rational(1, 3)}).pmf(2) == exp(-1) / 3
    assert mixture([(Point(0), p), (X, 1 - p)]).subs({lam: Integer(3), p: Rational(1, 2)}).pmf(2) == 9 * exp(-3) / 4
    assert X.truncate(high=1).subs({lam: Integer(3)}).pmf(1) == Rational(3, 4)
    assert X.subs({lam: Integer(3)}).median() == 3
    # What is a fraction with either is one.
    assert Geometric(p).subs({p: Rational(1, 3)}) == Geometric("1/3")


def test_sizes_are_numbers_like_any_other():
    for X, Y in [
        (Die(Integer(6)), Die(6)),
        (Binomial(Integer(3), "1/2"), Binomial(3, "1/2")),
    ]:
        assert X.kind == "exact"
        assert X == Y


def test_edges_are_points():
    assert Poisson(Integer(0)) == Point(0)
    assert Geometric(Integer(1)) == Point(1)
    assert Geometric((sqrt(2) - 1) * (sqrt(2) + 1)) == Point(1)


def test_equal_laws_are_equal_and_hash_alike():
    for X, Y in [(Poisson(Integer(3)), Poisson(3)), (Geometric(Rational(1, 3)), Geometric("1/3"))]:
        assert X == Y
        assert Y == X
        assert hash(X) == hash(Y)
    assert 2 * Poisson(Integer(3)) + 1 == 2 * Poisson(3) + 1
    assert Poisson(sqrt(2)) != Poisson(3)
    assert Poisson(Integer(3)) != Poisson(4)
    assert Poisson(sqrt(2)) == Poisson(2 / sqrt(2))


def test_laws_of_numbers_beside_them():
    assert Poisson(Integer(3)) + Poisson(4) == Poisson(7)
    assert (Poisson(Integer(3)) + Poisson(4)).kind == "symbolic"
    assert (Poisson(Integer(3)) + Poisson(2.5)).kind == "float"
    assert Poisson(Integer(3)) + Poisson(2.5) == Poisson(5.5)
    assert (Poisson(sqrt(2)) + Poisson(2.5)).pmf(1) == pytest.approx(float(poisson(R2 + 2.5)(1)), rel=1e-12)
    floating = mixture([(Point(0), 0.5), (Poisson(sqrt(2)), 0.5)])
    assert floating.pmf(1) == pytest.approx(float(poisson(R2)(1)) / 2, rel=1e-12)
    assert (Poisson(Integer(2)) @ Distribution({1: 0.5, 2: 0.5})).mean() == pytest.approx(3, rel=1e-12)


def test_laws_of_numbers_are_told_in_expressions():
    assert Poisson(3).to_symbolic().pmf(2) == 9 * exp(-3) / 2
    assert (2 * Poisson(3) + 1).to_symbolic().pmf(3) == 3 * exp(-3)
    assert (Poisson(3) + Die(6)).to_symbolic().pmf(1) == exp(-3) / 6
    assert Geometric("1/3").to_symbolic() == Geometric("1/3")
    with pytest.raises(DistconvTypeError, match=r"2\.5"):
        Poisson(2.5).to_symbolic()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Poisson(Integer(-1)), DistconvValueError, "lam must be >= 0"),
        (lambda: Poisson(-sqrt(2)), DistconvValueError, "no law Poisson"),
        (lambda: Bernoulli(pi), DistconvValueError, "no law Binomial"),
        (lambda: Poisson(sympy.I), DistconvTypeError, "no real number"),
        (lambda: Poisson(sympy.oo), DistconvTypeError, "no real number"),
        (lambda: Poisson(pi + 0.5), DistconvTypeError, "has a float in it"),
        (lambda: Poisson(Integer(3)).to_dict(), DistconvTypeError, "infinitely many"),
    ],
)
def test_what_is_no_parameter_is_refused(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_levels_that_are_met_exactly():
    assert Geometric(Rational(1, 2)).ppf("3/4") == 2
    # P(X = 0) = (1 - p)**2 = 1/2, which no ball tells from 1/2.
    assert Binomial(2, 1 - sqrt(2) / 2).ppf("1/2") == 0
    assert (NegativeBinomial(2, sqrt(2) / 2)).ppf("1/2") == 0
    assert (NegativeBinomial(2, sqrt(2) / 2)).isf("1/2") == 0
    assert NegativeBinomial(2, sqrt(2) / 2).ppf("500000001/1000000000") == 1


def test_names_are_unchanged():
    assert repr(Poisson(sqrt(2))) == "Poisson(sqrt(2)): outcomes 0.., symbolic, mean sqrt(2)"
    assert distconv.Poisson(Integer(3)).parameters == {"lam": 3}
