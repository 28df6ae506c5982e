"""Answers with letters have one form: equal ones are ==, and none is longer than sympy's `factor` would leave it."""

import pytest
import sympy

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    NegativeBinomial,
    Point,
    Poisson,
    Uniform,
    maximum,
    minimum,
    mixture,
    order_statistic,
)
from distconv.weights.quotients import told

n, m = sympy.symbols("n m", integer=True, positive=True)
k = sympy.Symbol("k", integer=True)
p, q, lam, mu, z = sympy.symbols("p q lam mu z", positive=True)

#: One question, asked in two ways.
TWICE = {
    "mean of copies": (lambda: (n @ Bernoulli(p)).mean(), lambda: Binomial(n, p).mean()),
    "variance of copies": (lambda: (n @ Bernoulli(p)).var(), lambda: n * Bernoulli(p).var()),
    "variance from moments": (
        lambda: Binomial(n, p).cumulant(2),
        lambda: told(Binomial(n, p).moment(2) - Binomial(n, p).mean() ** 2),
    ),
    "variance of a sum": (lambda: (Poisson(lam) + Poisson(mu)).var(), lambda: Poisson(lam + mu).var()),
    "variance of a difference": (lambda: (Geometric(p) - Geometric(p)).var(), lambda: (2 @ Geometric(p)).var()),
    "third cumulant, reflected": (lambda: (-Binomial(n, p)).cumulant(3), lambda: told(-Binomial(n, p).cumulant(3))),
    "skewness, moved": (lambda: (Binomial(n, p) + 3).skewness(), lambda: Binomial(n, p).skewness()),
    "kurtosis, scaled": (lambda: (2 * Geometric(p)).kurtosis(), lambda: Geometric(p).kurtosis()),
    "largest of two": (
        lambda: maximum(Geometric(p), Geometric(p)).pmf(3),
        lambda: order_statistic(Geometric(p), 2, 2).pmf(3),
    ),
    "smallest of two": (
        lambda: minimum(Geometric(p), Geometric(p)).mean(),
        lambda: order_statistic(Geometric(p), 2, 1).mean(),
    ),
    "smallest by name": (
        lambda: minimum(Geometric(p), Geometric(q)).mean(),
        lambda: Geometric(1 - (1 - p) * (1 - q)).mean(),
    ),
    "mixture": (
        lambda: mixture([(Point(0), p), (Poisson(lam), 1 - p)]).mean(),
        lambda: mixture([(Poisson(lam), 1 - p), (Point(0), p)]).mean(),
    ),
    "truncated": (
        lambda: Poisson(lam).truncate(low=1).mean(),
        lambda: Poisson(lam).given(lambda x: x > 0).mean(),
    ),
    "uniform, moved": (lambda: Uniform(0, n).var(), lambda: Die(n + 1).var()),
    "two dice": (lambda: (Die(n) + Die(n)).var(), lambda: (2 @ Die(n)).var()),
    "negative binomial": (lambda: (n @ NegativeBinomial(2, p)).var(), lambda: (2 * n @ NegativeBinomial(1, p)).var()),
    "posterior": (
        lambda: Binomial(n, p).given_sum(Binomial(m, p), 1).pmf(1),
        lambda: Hypergeometric(n + m, n, 1).pmf(1),
    ),
    "three outcomes": (
        lambda: (2 @ Distribution({0: p, 1: q, 2: 1 - p - q})).var(),
        lambda: 2 * Distribution({0: p, 1: q, 2: 1 - p - q}).var(),
    ),
}
#: Answers, each beside a formula that is equal to it.
SHORT = {
    "hypergeometric head": (
        lambda: Hypergeometric(7, 3, m).cdf(1),
        (sympy.binomial(4, m) + 3 * sympy.binomial(4, m - 1)) / sympy.binomial(7, m),
    ),
    "probability": (lambda: Binomial(n, p).pmf(2), n * (n - 1) * p**2 * (1 - p) ** (n - 2) / 2),
    "copies of a trial": (lambda: (5 @ Bernoulli(p)).pmf(3), 10 * p**3 * (1 - p) ** 2),
    "tail of copies": (lambda: (3 @ Bernoulli(p)).sf(1), p**2 * (3 - 2 * p)),
    "head of copies": (lambda: (3 @ Bernoulli(p)).cdf(1), (1 - p) ** 2 * (1 + 2 * p)),
    "all but the last": (lambda: Binomial(n, p).cdf(n - 1), 1 - p**n),
    "only the last": (lambda: Binomial(n, p).sf(n - 1), p**n),
    "head": (lambda: Poisson(lam).cdf(2), (1 + lam + lam**2 / 2) * sympy.exp(-lam)),
    "tail": (lambda: Geometric(p).sf(7), (1 - p) ** 7),
    "event": (lambda: Geometric(p).prob(lambda x: x > 3), (1 - p) ** 3),
    "negative binomial head": (
        lambda: NegativeBinomial(n, p).cdf(2),
        p**n * (n * (n + 1) * (1 - p) ** 2 / 2 + n * (1 - p) + 1),
    ),
    "by cases": (lambda: Die(n).cdf(3), sympy.Piecewise((3 / n, n >= 3), (1, True))),
    "tail by cases": (lambda: Die(n).sf(3), sympy.Piecewise(((n - 3) / n, n >= 3), (0, True))),
    "two dice": (lambda: (Die(n) + Die(n)).cdf(3), sympy.Piecewise((3 / n**2, n >= 2), (1, True))),
    "truncated": (lambda: Poisson(lam).truncate(low=1).pmf(2), lam**2 / (2 * (sympy.exp(lam) - 1))),
    "generating function": (lambda: Geometric(p).pgf(z), p * z / (1 - z + p * z)),
    "generating function of copies": (lambda: (5 @ Bernoulli(p)).pgf(z), (1 - p + p * z) ** 5),
    "powers": (lambda: Binomial(n, p).expect(lambda x: 2**x), (1 + p) ** n),
    "powers and polynomials": (lambda: Poisson(lam).expect(lambda x: x * 2**x), 2 * lam * sympy.exp(lam)),
    "mixed counts": (lambda: (Binomial(2, p) @ Poisson(lam)).pmf(0), (1 - p + p * sympy.exp(-lam)) ** 2),
    "largest of dice": (lambda: order_statistic(Die(6), n, n).cdf(5), sympy.Rational(5, 6) ** n),
    "weight": (lambda: Distribution({0: p * (1 - p), 1: 1 - p + p**2}).pmf(0), p * (1 - p)),
    "mean of a function": (lambda: Bernoulli(p).expect(lambda x: x * p - p**2 * x), p**2 * (1 - p)),
}
#: Expressions that are equal, written in several ways.
WRITTEN = [
    [(1 - p) ** k, (-1) ** k * (p - 1) ** k],
    [p * (1 - p) ** (n + 1), p * (1 - p) ** n - p**2 * (1 - p) ** n, -p * (p - 1) * (1 - p) ** n],
    [n * (n + 1), sympy.factorial(n + 1) / sympy.factorial(n - 1), 2 * sympy.binomial(n + 1, 2)],
    [1 - sympy.exp(-2 * lam), (1 - sympy.exp(-lam)) * (1 + sympy.exp(-lam))],
    [6**n / p, 2**n * 3**n / p],
    [(1 - 2 * p) / sympy.sqrt(1 - p), (1 - 2 * p) * (1 - p) / sympy.sqrt(1 - p) ** 3],
    # A base with letters in exponents stays whole.
    [(2**n * p + 1) ** k * p + p, p * ((2**n * p + 1) ** k + 1)],
    [(1 - sympy.sqrt(2) / 2) ** n * p, p * (1 - sympy.sqrt(2) / 2) ** n],
    [sympy.Rational(5, 6) ** n, 5**n / 6**n],
    [(1 - p + p * sympy.exp(-lam)) ** 2, (p + (1 - p) * sympy.exp(lam)) ** 2 * sympy.exp(-2 * lam)],
    [sympy.Integer(0), (p + 1) ** 2 - p**2 - 2 * p - 1],
]


@pytest.mark.parametrize("name", TWICE)
def test_one_question_asked_in_two_ways_has_one_answer(name):
    first, second = (ask() for ask in TWICE[name])
    assert told(sympy.sympify(first)) == told(sympy.sympify(second))


@pytest.mark.parametrize("name", [name for name in TWICE if name != "three outcomes"])
def test_answers_are_no_longer_than_factors(name):
    found = TWICE[name][0]()
    assert found.count_ops() <= sympy.factor(found).count_ops()
    assert found.count_ops() <= sympy.simplify(found).count_ops()


@pytest.mark.parametrize("name", SHORT)
def test_answers_are_the_formulas_of_textbooks(name):
    ask, formula = SHORT[name]
    found = ask()
    assert found.count_ops() <= formula.count_ops()
    if found.is_Piecewise:
        assert found == formula
        return
    assert told(found) == told(formula)
    assert found.count_ops() <= min(sympy.factor(found).count_ops(), sympy.simplify(found).count_ops())


def test_tables_and_answers_at_numbers_have_one_form():
    six = 6 @ Bernoulli(p)
    for k, weight in six.to_dict().items():
        assert weight == six.pmf(k) == told(Binomial(n, p).pmf(k).subs(n, 6))


@pytest.mark.parametrize("ways", WRITTEN, ids=str)
def test_equal_expressions_have_one_form(ways):
    assert len({told(way) for way in ways}) == 1
    at = {p: sympy.Rational(2, 7), lam: sympy.Rational(3, 2), n: 4, k: 3}
    for way in ways:
        assert sympy.simplify(told(way).subs(at) - way.subs(at)) == 0
