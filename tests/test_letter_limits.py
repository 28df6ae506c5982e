"""Limits of laws with letters, answers under conditions, expansions about the normal law."""

import math
import operator
import pickle
from fractions import Fraction
from functools import cache
from itertools import product

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import oo

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Formula,
    Geometric,
    Hypergeometric,
    Logarithmic,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    Uniform,
    cornish_fisher,
    edgeworth,
    mixture,
)
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError
from distconv.numbers.conditions import Facts
from distconv.numbers.limits import limit_of

p, q, lam, mu, r, a, b, z = sympy.symbols("p q lam mu r a b z", positive=True)
n, m, N, K, k = sympy.symbols("n m N K k", integer=True, positive=True)
c = sympy.Symbol("c", integer=True)
x = sympy.Symbol("x", real=True)

LIMITS = [
    (lambda: Binomial(n, lam / n), n, oo, lambda: Poisson(lam)),
    (lambda: Binomial(n, lam / (n + 1)), "n", oo, lambda: Poisson(lam)),
    (lambda: Binomial(n, 1 - sympy.exp(-lam / n)), n, oo, lambda: Poisson(lam)),
    (lambda: Hypergeometric(N, p * N, n), N, oo, lambda: Binomial(n, p)),
    (lambda: Hypergeometric(2 * N, N, n), N, oo, lambda: Binomial(n, "1/2")),
    (lambda: Hypergeometric(N, K, lam * N / K), N, oo, lambda: Binomial(K, lam / K)),
    (lambda: Hypergeometric(N, K, n), N, oo, lambda: Point(0)),
    (lambda: NegativeBinomial(r, r / (r + lam)), r, oo, lambda: Poisson(lam)),
    (lambda: NegativeBinomial(lam / p, 1 - p), p, 0, lambda: Poisson(lam)),
    (lambda: NegativeBinomial(r, p).truncate(low=1), r, 0, lambda: Logarithmic(1 - p)),
    (lambda: Geometric(p), p, 1, lambda: Point(1)),
    (lambda: Poisson(lam), lam, 0, lambda: Point(0)),
    (lambda: Poisson(lam).truncate(low=1), lam, 0, lambda: Point(1)),
    (lambda: Logarithmic(p), p, 0, lambda: Point(1)),
    (lambda: Skellam(lam, mu), mu, 0, lambda: Poisson(lam)),
    (lambda: Bernoulli(p), p, "1/3", lambda: Bernoulli("1/3")),
    (lambda: Distribution({0: 1 - p - 1 / n, 1: p, 2: 1 / n}), n, oo, lambda: Bernoulli(p)),
    (lambda: Distribution({1 / n: p, a: 1 - p}), n, oo, lambda: Distribution({0: p, a: 1 - p})),
    (lambda: Binomial(n, lam / n) + Poisson(mu), n, oo, lambda: Poisson(lam + mu)),
    (lambda: Binomial(n, lam / n) - Binomial(n, mu / n), n, oo, lambda: Skellam(lam, mu)),
    (lambda: 2 * Binomial(n, lam / n) + 1, n, oo, lambda: 2 * Poisson(lam) + 1),
    (lambda: Binomial(n, 1 - lam / n) - n, n, oo, lambda: -Poisson(lam)),
    (lambda: n @ Logarithmic(lam / n) - n, n, oo, lambda: Poisson(lam / 2)),
    (lambda: n @ (Geometric(1 - lam / n) - 1), n, oo, lambda: Poisson(lam)),
    (lambda: Poisson(lam) @ Geometric(p), p, 1, lambda: Poisson(lam)),
    (lambda: mixture([(Point(0), a), (Poisson(lam), 1 - a)]), a, 0, lambda: Poisson(lam)),
]


@pytest.mark.parametrize(("law", "letter", "point", "known"), LIMITS)
def test_limit_laws_that_have_names(law, letter, point, known):
    assert law().limit(letter, point) == known()


def test_a_limit_of_no_family_is_asked_by_coefficients():
    """n steps that are rarely 1 or 2 tend to a compound Poisson law; its values are sums over pairs of Poisson ones."""
    step = Distribution({0: 1 - 2 * lam / n, 1: lam / n, 2: lam / n})
    found = (n @ step).limit(n, oo)
    for at in range(5):
        pairs = [(at - 2 * j, j) for j in range(at // 2 + 1)]
        value = sum(lam ** (i + j) / (sympy.factorial(i) * sympy.factorial(j)) for i, j in pairs) * sympy.exp(-2 * lam)
        assert sympy.simplify(found.pmf(at) - value) == 0


@pytest.mark.parametrize(("law", "letter", "point", "known"), [LIMITS[i] for i in (0, 3, 7, 9, 22)])
def test_the_laws_near_the_point_are_near_the_limit(law, letter, point, known):
    """Without the library's own limits: probabilities of the law far out, by exact numbers, beside the limit's."""
    values = {"lam": "7/5", "p": "2/7", "n": 5}
    far = {"n": 10**4, "N": 10**4 - 4, "r": 10**4} if point is oo else {"r": Fraction(1, 10**4)}
    name = str(letter)
    near = law().subs({s: far[name] if str(s) == name else values[str(s)] for s in law().letters})
    limit = known().subs({s: values[str(s)] for s in known().letters})
    for at in range(1, 6):
        assert float(near.pmf(at)) == pytest.approx(float(limit.pmf(at)), rel=5e-3)


ESCAPES = [
    (lambda: Die(n).limit(n, oo), "the mass escapes to infinity"),
    (lambda: Uniform(-n, n).limit(n, oo), "the mass escapes to infinity"),
    (lambda: Geometric(p).limit(p, 0), "the mass escapes to infinity"),
    (lambda: Geometric(lam / n).limit(n, oo), "the mass escapes to infinity"),
    (lambda: Binomial(n, p).limit(n, oo), "the mass escapes to infinity"),
    (lambda: Poisson(lam).limit(lam, oo), "the mass escapes to infinity"),
    (lambda: Logarithmic(p).limit(p, 1), "the mass escapes to infinity"),
    (lambda: mixture([(Die(n), a), (Poisson(lam), 1 - a)]).limit(n, oo), "the mass a escapes to infinity"),
    (lambda: Binomial(n, n * p).limit(n, oo), r"there is no Binomial\(n, n\*p\) for n near oo"),
    (lambda: Hypergeometric(N, K, n).limit(n, oo), r"N >= n does not hold there"),
    (lambda: Geometric(p).limit(p, -1), "its own assumptions exclude that"),
    (lambda: Geometric(p).limit(q, 0), "there is no letter q in this law"),
    (lambda: Poisson(3).limit(n, oo), "there is no letter n"),
    (lambda: Formula(2 * m / (n * (n + 1)), m, 1, n).limit(n, oo), "the mass escapes to infinity"),
    (lambda: (Binomial(n, p) - Binomial(n, p)).limit(n, oo), "no limit of .* was found"),
    (
        lambda: Poisson(2 + sympy.sin(n)).limit(n, oo),
        r"no limit of Poisson\(sin\(n\) \+ 2\) as n -> oo was found; what is near",
    ),
    (lambda: Distribution({a: p, 0: 1 - p}).limit(a, oo), "no limit of a, of which outcomes are made"),
]


@pytest.mark.parametrize(("ask", "match"), ESCAPES)
def test_where_there_is_no_limit_law_it_says_so(ask, match):
    with pytest.raises(DistconvValueError, match=match):
        ask()


def test_limits_of_expressions_of_unknown_sign_and_of_no_bound_in_time_are_not_told():
    s = sympy.Symbol("s")
    assert limit_of(s * n, n, oo) is sympy.zoo
    assert limit_of((1 + s) ** n, n, oo) is None
    assert limit_of(sympy.Sum(s**m, (m, 0, n)), n, oo) is None
    assert limit_of((1 - p + p / (1 + mu)) ** n, n, oo, bounded=True) == 0


# Conditions -----------------------------------------------------------------------------------------------------------

ASSUMED = [
    (lambda: Binomial(n, lam / n).pmf(2, assume=n >= 2), lam**2 * (n - 1) * (1 - lam / n) ** (n - 2) / (2 * n)),
    (lambda: Binomial(n, p).pmf(k, assume=k <= n), sympy.binomial(n, k) * p**k * (1 - p) ** (n - k)),
    (lambda: (n @ Geometric(p)).pmf(n, assume=n > 2), p**n),
    (lambda: (Die(n) + Die(n)).pmf(k, assume=k <= n), (k - 1) / n**2),
    (lambda: (Die(n) + Die(n)).pmf(n + k, assume=k <= n), (n - k + 1) / n**2),
    (lambda: (Die(n) + Die(n)).pmf(c, assume=sympy.And(c >= 2, c <= n)), (c - 1) / n**2),
    (lambda: (Die(n) + Die(n)).cdf(k, assume=k <= n), k * (k - 1) / (2 * n**2)),
    (lambda: (3 @ Die(n)).pmf(5, assume=n >= 3), 6 / n**3),
    (lambda: (3 @ Die(n)).pmf(k, assume=k <= n), (k - 1) * (k - 2) / (2 * n**3)),
    (lambda: (Die(n) + Die(m)).pmf(k, assume=[k <= m, k <= n]), (k - 1) / (m * n)),
    (lambda: (Die(n) + Die(m)).pmf(k, assume=[m <= n, k > m, k <= n]), 1 / n),
    (lambda: (Die(n) - Die(n)).pmf(c, assume=[c >= 0, c < n]), (n - c) / n**2),
    (lambda: (Die(n) - Die(n)).pmf(c, assume=[c <= 0, c > -n]), (n + c) / n**2),
    (
        lambda: Hypergeometric(N, K, n).pmf(1, assume=[n <= N - K, K <= N]),
        K * sympy.binomial(N - K, n - 1) / sympy.binomial(N, n),
    ),
]


@pytest.mark.parametrize(("ask", "plain"), ASSUMED)
def test_conditions_leave_the_plain_expression(ask, plain):
    found = ask()
    assert not found.has(sympy.Piecewise)
    assert found == plain or sympy.simplify(found - plain) == 0


def test_sympy_goes_on_with_them():
    value = Binomial(n, lam / n).pmf(2, assume=n >= 2)
    assert sympy.limit(value, n, oo) == lam**2 * sympy.exp(-lam) / 2
    assert sympy.diff(Binomial(n, p).pmf(2, assume=n >= 2), p).subs({n: 3, p: sympy.Rational(1, 3)}) == 1
    assert not sympy.diff((Die(n) + Die(n)).pmf(k, assume=k <= n), k).has(k)


def test_all_questions_about_outcomes_take_conditions():
    X = Binomial(n, p)
    for name in ("pmf", "logpmf", "cdf", "sf", "logcdf", "logsf"):
        ask = getattr(X, name)
        assert not ask(3, assume=n >= 4).has(sympy.Piecewise)
        values = {n: 6, p: sympy.Rational(1, 3)}
        assert sympy.simplify(ask(3, assume=n >= 4).subs(values) - ask(3).subs(values)) == 0
    assert not any(v.has(sympy.Piecewise) for v in X.pmf([0, 1, 2, 3], assume=n > 3))
    # The answers of numbers hold under every condition.
    assert Die(6).pmf(3, assume=n >= 2) == Fraction(1, 6)


def test_what_conditions_leave_open_stays_in_cases():
    value = (Die(n) + Die(n)).pmf(c, assume=c <= n)
    assert value == sympy.Piecewise(((c - 1) / n**2, c >= 2), (0, True))
    # A letter that is no whole number may lie between.
    t = sympy.Symbol("t", real=True)
    assert Facts([t > 1]).truth(t >= 2) is None
    assert Facts([c > 1]).truth(c >= 2) is True


@pytest.mark.parametrize(
    ("assume", "error", "match"),
    [
        (3, DistconvTypeError, "assume takes conditions on letters, got 3"),
        ("n >= 2", DistconvTypeError, "write assume=n >= 2"),
        ([n >= 2, n], DistconvTypeError, "got n"),
        (n < 1, DistconvValueError, "assume cannot hold"),
        ([n > k, k > n], DistconvValueError, "assume cannot hold"),
        (False, DistconvValueError, "assume cannot hold"),
    ],
)
def test_conditions_that_are_none_or_cannot_hold_are_refused(assume, error, match):
    with pytest.raises(error, match=match):
        Die(n).pmf(k, assume=assume)


def test_conditions_that_the_law_excludes_are_refused():
    with pytest.raises(DistconvValueError, match=r"assume cannot hold: .*N >= n"):
        Hypergeometric(N, K, n).pmf(1, assume=n > N)


WAYS = {sympy.Ge: operator.ge, sympy.Le: operator.le, sympy.Gt: operator.gt, sympy.Lt: operator.lt}
places = st.integers(0, 2)
lines = st.tuples(places, places, st.sampled_from([1, -1, 2]), st.integers(-3, 3), st.sampled_from(list(WAYS)))


def told(line):
    """A line as a condition of sympy."""
    i, j, factor, bound, way = line
    return way((n, m, c)[i] + factor * (n, m, c)[j], bound)


def holds(line, values):
    """Whether it holds at three numbers."""
    i, j, factor, bound, way = line
    return WAYS[way](values[i] + factor * values[j], bound)


@settings(max_examples=60)
@given(st.lists(lines, min_size=1, max_size=3), lines)
def test_what_follows_from_conditions_holds_at_all_numbers(conditions, asked):
    """No point of a grid contradicts what is said to follow, or satisfies conditions that are said to exclude it."""
    facts = Facts(map(told, conditions))
    truth, empty = facts.truth(told(asked)), facts.are_contradictory()
    for values in product(range(1, 6), range(1, 6), range(-5, 7)):
        if all(holds(line, values) for line in conditions):
            assert not empty
            assert truth is None or holds(asked, values) == truth


CONDITIONS = ([k <= n], [n <= m, k > n], [k > n + m], [n <= m, k <= n + 1])


@cache
def sum_under(place):
    """P(Die(n) + Die(m) = k) under conditions; each is asked once."""
    return (Die(n) + Die(m)).pmf(k, assume=CONDITIONS[place])


@settings(max_examples=25)
@given(st.integers(1, 6), st.integers(1, 6), st.integers(1, 14))
def test_answers_under_conditions_are_the_answers_where_these_hold(sides, others, total):
    values = {n: sides, m: others, k: total}
    right = (Die(sides) + Die(others)).pmf(total)
    for place, conditions in enumerate(CONDITIONS):
        if all(condition.subs(values) == sympy.true for condition in conditions):
            assert sum_under(place).subs(values) == right


# Expansions -----------------------------------------------------------------------------------------------------------


def _phi(at):
    return sympy.exp(-(at**2) / 2) / sympy.sqrt(2 * sympy.pi)


def test_edgeworth_is_the_printed_formula():
    """Hall (1992), section 2.3: -k3 (x**2 - 1)/6 and -x (k4 (x**2 - 3)/24 + k3**2 (x**4 - 10 x**2 + 15)/72)."""
    k3, k4 = 1 / sympy.sqrt(lam), 1 / lam
    p1 = -k3 * (x**2 - 1) / 6
    p2 = -x * (k4 * (x**2 - 3) / 24 + k3**2 * (x**4 - 10 * x**2 + 15) / 72)
    normal = (1 + sympy.erf(x / sympy.sqrt(2))) / 2
    X = Poisson(lam)
    for order, terms in ((0, 0), (1, p1), (2, p1 + p2)):
        assert sympy.simplify(edgeworth(X, x, order=order) - normal - _phi(x) * terms) == 0
        slope = sympy.diff(edgeworth(X, x, order=order), x)
        assert sympy.simplify(slope - edgeworth(X, x, order=order, density=True)) == 0


def test_cornish_fisher_is_the_printed_formula():
    """Johnson, Kotz, Balakrishnan, 12.5: the terms to the second order, and the third in k3**3, k3 k4 and k5."""
    for X in (Binomial(9, "1/5"), 40 @ Bernoulli("2/3")):
        var = sympy.Rational(str(X.var()))
        k3, k4, k5 = (sympy.Rational(str(X.cumulant(i))) / var ** sympy.Rational(i, 2) for i in (3, 4, 5))
        printed = z + k3 * (z**2 - 1) / 6 + k4 * (z**3 - 3 * z) / 24 - k3**2 * (2 * z**3 - 5 * z) / 36
        printed += k5 * (z**4 - 6 * z**2 + 3) / 120 - k3 * k4 * (z**4 - 5 * z**2 + 2) / 24
        printed += k3**3 * (12 * z**4 - 53 * z**2 + 17) / 324
        assert sympy.expand(cornish_fisher(X, z, order=3) - printed) == 0


@pytest.mark.parametrize(("law", "start"), [(Die(6), 1), (Distribution({0: "3/5", 1: "3/10", 3: "1/10"}), 0)])
def test_edgeworth_errors_fall_as_its_order_says(law, start):
    """At the middles of the steps the error of order j falls with n**(-(j + 1)/2), against exact CDFs."""
    worst = {}
    for count in (50, 200, 400):
        S = count @ law
        middle, sd = round(float(S.mean())), float(S.std())
        places = [round(middle + s * sd / 4) for s in range(-10, 11)]
        for order in (2, 4):
            curve = sympy.lambdify(x, edgeworth(S, x, order=order, step=1), "scipy")
            errors = [abs(float(S.cdf(at)) - curve((at + 0.5 - float(S.mean())) / sd)) for at in places]
            worst[count, order] = max(errors)
    for order in (2, 4):
        assert worst[400, order] < worst[50, order] * (50 / 400) ** ((order + 1) / 2) * 1.6
        assert worst[200, 4] < worst[200, 2] / 10


def test_densities_times_the_step_are_probabilities():
    S = 100 @ (2 * Die(6))
    curve = edgeworth(S, x, order=4, density=True)
    for at in (700, 740, 660):
        value = 2 / S.std() * float(curve.subs(x, (at - S.mean()) / S.std()))
        assert value == pytest.approx(float(S.pmf(at)), rel=1e-6)


def test_cornish_fisher_finds_quantiles():
    S = 100 @ Distribution({0: "3/5", 1: "3/10", 3: "1/10"})
    for level, normal in ((0.975, 1.959963984540054), (0.01, -2.3263478740408408)):
        place = float(S.mean()) + S.std() * float(cornish_fisher(S, normal, order=4, step=1)) - 0.5
        assert math.ceil(place - 1e-3) == S.ppf(level)


def test_expansions_of_other_laws_are_refused():
    with pytest.raises(DistconvValueError, match="its variance is 0"):
        edgeworth(Point(3), x)
    with pytest.raises(DistconvValueError, match=r"order must be in 0\.\.8, got 9"):
        edgeworth(Die(6), x, order=9)
    with pytest.raises(DistconvValueError, match=r"edgeworth\(X, x, order=1, density=True\)"):
        edgeworth(Die(6), x, order=1, density=True, step=1)
    with pytest.raises(DimensionError, match=r"X\.marginal\(0\)"):
        cornish_fisher(Distribution({(0, 1): "1/2", (1, 0): "1/2"}), z)


def test_what_limits_give_pickles():
    found = (n @ Distribution({0: 1 - 2 * lam / n, 1: lam / n, 2: lam / n})).limit(n, oo)
    assert pickle.loads(pickle.dumps(found)).pmf(1) == found.pmf(1)
