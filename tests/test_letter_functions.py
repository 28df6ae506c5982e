"""Functions of letters for numpy, copies and pickles of laws with letters, and what first outcomes of sums weigh."""

import contextlib
import copy
import math
import pickle

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from sympy import Rational, sqrt

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Kernel,
    Multinomial,
    Point,
    Poisson,
    Skellam,
    Uniform,
    Walk,
    compound,
    deconvolve,
    maximum,
    mixture,
    order_statistic,
    product,
    root,
    sum_of,
)
from distconv.errors import DistconvError, DistconvTypeError, DistconvValueError

p, q = sympy.symbols("p q")
a, b, lam = sympy.symbols("a b lam", positive=True)
n, m = sympy.symbols("n m", integer=True, positive=True)
THREE = Distribution({0: p, 2: q, 5: 1 - p - q})

# Functions -----------------------------------------------------------------------------------------------------------

BY_FORMULA = {
    "skellam": (Skellam(a, b), {a: 3, b: "1/2"}, range(-4, 5)),
    "binomial": (Binomial(n, p), {n: 5, p: "1/3"}, range(-1, 8)),
    "halves": (Poisson(lam) / 2, {lam: 2}, [0, 0.5, 0.7, 1, 1.25]),
    "every-second": (2 * Binomial(n, p) + 1, {n: 3, p: "1/4"}, range(9)),
    "sum": (Poisson(lam) + Geometric(p), {lam: 2, p: "1/4"}, range(5)),
    "dice": (3 @ Die(n), {n: 4}, range(15)),
    "many-dice": (m @ Die(n), {m: 3, n: 4}, range(15)),
    "hypergeometric": (Hypergeometric(n, 3, 2), {n: 10}, range(5)),
    "mixed": (mixture([(Poisson(lam), p), (Point(0), 1 - p)]), {lam: 2, p: "1/4"}, range(-1, 5)),
    "highest": (maximum(Poisson(lam), Geometric(p)), {lam: 2, p: "1/4"}, range(-1, 5)),
    "restricted": (Poisson(lam).truncate(2, 5), {lam: 2}, range(8)),
    "far": (Poisson(lam), {lam: 2000}, [1000, 2000, 3000]),
}


@pytest.mark.filterwarnings("error::RuntimeWarning")
@pytest.mark.parametrize("name", BY_FORMULA)
def test_functions_of_laws_by_formulas_agree_with_laws_of_numbers(name):
    law, values, places = BY_FORMULA[name]
    f = law.lambdify(*values)
    places = list(places)
    numbers = [float(Rational(v)) for v in values.values()]
    right = [float(law.subs(values).pmf(x)) for x in places]
    np.testing.assert_allclose(f(places, *numbers), right, rtol=1e-9, atol=1e-300)
    assert f(places[1], *numbers) == pytest.approx(right[1], rel=1e-9)
    np.testing.assert_allclose(f(places[1], *([v, v] for v in numbers)), [right[1]] * 2, rtol=1e-9)


def test_functions_say_what_they_take():
    with pytest.raises(DistconvTypeError, match=r"an outcome and a value of each letter, f\(x, lam\); got 1 arg"):
        Poisson(lam).lambdify(lam)(3.0)
    with pytest.raises(DistconvTypeError, match=r"a value of each letter, f\(q, p\); got 1 arg"):
        THREE.lambdify(q, p)(0.2)
    assert "f(x, lam)" in Poisson(lam).lambdify("lam").__doc__
    with pytest.raises(DistconvValueError, match=r"n is missing: X.lambdify\('n', 'p'\)"):
        Binomial(n, p).lambdify(p)
    for law in (Die(6), Distribution({sqrt(2): "1/2", 1: "1/2"})):
        with pytest.raises(DistconvTypeError, match="numbers only"):
            law.lambdify(p)
    with pytest.raises(DistconvValueError, match=r"none is known for this law.*X.subs\(\{n: ..., p: ..., q: ...\}\)"):
        (n @ THREE).lambdify(n, p, q)


def test_functions_of_listed_laws_give_weights_in_the_order_of_the_outcomes():
    assert THREE.lambdify(p, q)(0.25, 0.5).tolist() == [0.25, 0.5, 0.25]
    assert product(Bernoulli(p), Bernoulli(q)).lambdify(p, q)(0.25, 0.5).tolist() == [0.375, 0.375, 0.125, 0.125]
    law = Distribution({3: q, a: 1 - q}) + Bernoulli("1/4")
    weights = law.lambdify(a, q)([1, 2], 0.5)
    assert weights.shape == (2, 4)
    assert weights[0].tolist() == [float(w.subs(q, 0.5)) for w in law.to_arrays()[1]]
    assert Distribution({a: "1/4", 2 * a: "3/4"}).lambdify(a)(7.0).tolist() == [0.25, 0.75]


def test_answers_are_taken_by_scipy():
    scipys = sympy.lambdify([a, b], [Skellam(a, b).pmf(2), Skellam(a, b).mean(), Skellam(a, b).kurtosis()], "scipy")
    expected = [stats.skellam(3, 2).pmf(2), 1, float(stats.skellam(3, 2).stats("k"))]
    np.testing.assert_allclose(scipys(3.0, 2.0), expected, rtol=1e-12)
    f = sympy.lambdify([n, p], [Binomial(n, p).cdf(3), Binomial(n, p).sf(1), Binomial(n, p).pmf(2)], "scipy")
    law = stats.binom(9, 0.25)
    np.testing.assert_allclose(f(9, 0.25), [law.cdf(3), law.sf(1), law.pmf(2)], rtol=1e-9)
    dice = sympy.lambdify(n, (3 @ Die(n)).pmf(8), "numpy")
    right = [float((3 @ Die(k)).pmf(8)) for k in range(1, 10)]
    np.testing.assert_allclose(dice(np.arange(1.0, 10.0)), right, rtol=1e-12)


# Copies and pickles --------------------------------------------------------------------------------------------------

FINITE = ["finite", "irrational", "irrational-letter", "multinomial", "vectors"]
KINDS = {
    "finite": lambda: THREE,
    "irrational": lambda: Distribution({0: sqrt(2) / 2, 1: 1 - sqrt(2) / 2}),
    "irrational-letter": lambda: Distribution({0: sqrt(2) * p, 1: 1 - sqrt(2) * p}),
    "multinomial": lambda: Multinomial(3, [p, q, 1 - p - q]),
    "outcomes": lambda: Distribution({a: q, 3: 1 - q}),
    "outcomes-sum": lambda: Distribution({a: q, 3: 1 - q}) + Distribution({b: "1/2", sqrt(2): "1/2"}),
    "vectors": lambda: Distribution({(a, 1): q, (0, b): 1 - q}),
    "point": lambda: Point(a),
    "poisson": lambda: Poisson(lam),
    "binomial": lambda: Binomial(n, p),
    "uniform": lambda: Uniform(n, n + 5),
    "hypergeometric": lambda: Hypergeometric(n + 10, 4, 3),
    "sum": lambda: Poisson(lam) + Geometric(p),
    "difference": lambda: 2 * Binomial(n, p) - Die(6) + 1,
    "moved": lambda: Poisson(lam) / 2 + a,
    "mixture": lambda: mixture([(Poisson(lam), p), (Point(0), 1 - p)]),
    "truncated": lambda: Poisson(lam).truncate(2, 5),
    "clipped": lambda: Geometric(p).clip(high=4),
    "maximum": lambda: maximum(Poisson(lam), Geometric(p)),
    "third": lambda: order_statistic(Geometric(p), 3, 2),
    "compound": lambda: compound(Poisson(lam), THREE),
    "compound-letters": lambda: compound(Binomial(n, p), Die(6)),
    "copies": lambda: n @ THREE,
    "copies-dice": lambda: m @ Die(n),
    "copies-irrational": lambda: n @ Distribution({0: sqrt(2) / 2, 2: 1 - sqrt(2) / 2 - p, 5: p}),
    "walk": lambda: Walk.repeat(Distribution({1: p, -1: 1 - p}), 4).position(3),
}


@pytest.mark.parametrize("name", KINDS)
def test_copies_and_pickles_are_the_law_with_its_very_letters(name):
    law = KINDS[name]()
    for other in (pickle.loads(pickle.dumps(law)), copy.deepcopy(law), copy.copy(law), KINDS[name]()):
        assert other == law
        assert hash(other) == hash(law)
        assert repr(other) == repr(law)
        assert other.letters == law.letters <= {a, b, lam, m, n, p, q}
        assert other.assumptions == law.assumptions


@pytest.mark.parametrize("thing", [Walk.repeat(Distribution({1: p, -1: 1 - p}), 3), Kernel({0: p, 1: q})])
def test_walks_and_kernels_with_letters_pickle(thing):
    other = pickle.loads(pickle.dumps(thing))
    assert repr(other) == repr(thing)
    assert repr(copy.deepcopy(thing)) == repr(thing)


# The first outcomes of sums ------------------------------------------------------------------------------------------


def weight(number):
    return Rational(number.numerator, number.denominator) if not isinstance(number, int) else sympy.Integer(number)


@settings(max_examples=25)
@given(
    st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any),
    st.integers(1, 7),
    st.integers(0, 12),
    st.fractions(min_value="1/10", max_value="9/10", max_denominator=10),
)
def test_first_outcomes_of_copies_by_letter_are_those_of_numbers(tail, count, place, value):
    # The outcomes -2, 2, 6, 12, 20, of which the first weighs most.
    parts = {(3 + i) * i - 2: p * t / (sum(tail) + 1) for i, t in enumerate(tail, 1) if t}
    law = Distribution({-2: 1 - sum(parts.values()), **parts})
    found = (n @ law).pmf(-2 * n + place)
    exact = (count @ law.subs({p: value})).pmf(place - 2 * count)
    assert sympy.simplify(found.subs({n: count, p: weight(value)}) - weight(exact)) == 0


def test_powers_of_polynomials_are_fast_and_in_factors():
    copies = n @ THREE
    assert copies.pmf(6) == n * (n - 1) * (n - 2) * p ** (n - 3) * q**3 / 6
    assert copies.pmf(3) == 0
    far = copies.pmf(20)
    assert far == copies.pmf(20)
    values = {p: Rational(1, 3), q: Rational(1, 4)}
    for count in (1, 4, 9, 15):
        right = (count @ THREE.subs(values)).pmf(20)
        assert far.subs(values).subs(n, count) == weight(right)
    # Multinomial coefficients: 20 = 10 * 2 = 5 * 2 + 2 * 5 = 4 * 5.
    by_hand = sum(
        math.factorial(12) // math.factorial(12 - i - j) // math.factorial(i) // math.factorial(j)
        * p ** (12 - i - j) * q**i * (1 - p - q) ** j
        for i, j in [(10, 0), (5, 2), (0, 4)]
    )  # fmt: skip
    assert sympy.expand(far.subs(n, 12) - by_hand) == 0


def test_first_outcomes_of_sums_of_several_laws():
    both = (n @ THREE) + Poisson(lam)
    values = {p: "1/3", q: "1/4"}
    for place in (0, 3, 7):
        at = both.pmf(place).subs({p: Rational(1, 3), q: Rational(1, 4)}).subs({n: 3, lam: 2})
        # By hand: the exact sum of three, and Poisson weights.
        three = 3 @ THREE.subs(values)
        by_hand = sum(weight(three.pmf(i)) * 2 ** (place - i) / sympy.factorial(place - i) for i in range(place + 1))
        assert sympy.simplify(at * sympy.exp(2) - by_hand) == 0
    assert (2 * Geometric(p) + Geometric(q)).pmf(5).equals(p * q * ((1 - q) ** 2 + 1 - p))
    root = n @ Distribution({0: sqrt(2) / 2, 3: 1 - sqrt(2) / 2})
    assert sympy.expand(root.pmf(6).subs(n, 4) - 6 * (1 - sqrt(2) / 2) ** 2 / 2) == 0


# Cases of one whole letter -------------------------------------------------------------------------------------------


def test_sums_of_dice_at_a_number_are_one_expression_by_cases():
    three = 3 @ Die(n)
    assert three.pmf(5) == sympy.Piecewise((6 / n**3, n >= 3), (Rational(3, 8), sympy.Eq(n, 2)), (0, True))
    assert three.pmf(3) == 1 / n**3
    assert (Die(n) + Die(6)).pmf(5) == sympy.Piecewise((2 / (3 * n), n >= 4), (Rational(1, 6), True))
    for place in range(2, 15):
        found = three.pmf(place)
        assert not found.is_Add
        for sides in range(1, 9):
            assert found.subs(n, sides) == weight((3 @ Die(sides)).pmf(place))


@settings(max_examples=20)
@given(st.integers(-6, 9), st.integers(1, 9), st.integers(1, 5), st.integers(0, 3))
def test_cases_are_those_of_numbers(place, sides, other, moved):
    law = Die(n + moved) - Die(2 * n) + Die(other)
    assert law.pmf(place).subs(n, sides) == weight((Die(sides + moved) - Die(2 * sides) + Die(other)).pmf(place))


KEPT = {
    "copies": lambda X: 3 @ X,
    "a multiple": lambda X: -2 * X,
    "a sum": lambda X: X + Die(3),
    "modulo": lambda X: X % 3,
    "given the sum": lambda X: X.given_sum(X, 3),
    "a mixture": lambda X: mixture([(X, "1/3"), (Die(2), "2/3")]),
    "a count": lambda X: X @ Die(2),
    "a term": lambda X: Die(2) @ X,
    "truncated": lambda X: X.truncate(low=1),
    "clipped": lambda X: X.clip(low=1),
    "the larger": lambda X: maximum(X, Die(2)),
    "an order statistic": lambda X: order_statistic(X, 3, 2),
    "an image": lambda X: X.map(lambda x: x // 2),
    "a quotient": lambda X: deconvolve(X + Die(3), Die(3)),
    "a root": lambda X: root(2 @ X, 2),
}


@pytest.mark.parametrize("name", KEPT)
def test_conditions_on_letters_that_stay_are_kept(name):
    mean, count = sympy.Symbol("mean"), sympy.Symbol("count", integer=True)
    answered = 0
    for X in (Distribution({0: p, 1: q, 2: 1 - p - q}), Geometric(p), Poisson(mean), Binomial(count, p)):
        with contextlib.suppress(DistconvError):
            found = KEPT[name](X)
            answered += 1
            kept = {c for c in X.assumptions if c.free_symbols & found.letters}
            assert kept <= set(found.assumptions)
    assert answered


def test_entropies_of_terms_that_overlap_are_refused_and_not_added():
    difference = Distribution({-1: "1/2", 3: "1/3", -2: "1/6"}) - Die(n + 1)
    with pytest.raises(DistconvValueError, match="overlap"):
        difference.entropy()
    assert abs(float((Die(n) + Die(n)).entropy().subs(n, 6).doit()) - (Die(6) + Die(6)).entropy()) < 1e-12


def test_remainders_of_dice_are_real():
    for sides, modulus in ((6, 3), (7, 3), (5, 4), (9, 6)):
        law = Die(n) % modulus
        assert not law.pmf(1).has(sympy.I)
        assert law.subs({n: sympy.Integer(sides)}) == Die(sides) % modulus


# Letters beside laws of numbers without an end -----------------------------------------------------------------------

COIN = Distribution({0: q, 1: 1 - q})
BESIDE = {
    "sum": lambda X, Y: X + Y,
    "difference": lambda X, Y: Y - X,
    "builtin sum": lambda X, Y: sum([Y, X, Y]),
    "sum_of": lambda X, Y: sum_of([X, Y, X]),
    "other steps": lambda X, Y: 2 * X + 3 * Y,
    "copies": lambda X, Y: 3 @ (X + Y),
    "highest": lambda X, Y: maximum(X + Y, Y),
    "mixture": lambda X, Y: mixture([(X, "1/3"), (Y, "2/3")]),
    "compound": lambda X, Y: Y @ X,
    "part": lambda X, Y: (X + Y).truncate(high=3),
}


@pytest.mark.parametrize("endless", [Geometric("1/2"), Poisson(3) + 1], ids=["exact", "floating"])
@pytest.mark.parametrize("name", BESIDE)
def test_letters_of_finite_laws_stay_beside_laws_of_numbers_without_an_end(name, endless):
    found = BESIDE[name](COIN, endless)
    right = BESIDE[name](COIN.subs({q: Rational(1, 4)}), endless)
    assert found.letters == {q}
    for x in (0, 1, 4):
        value = sympy.N(sympy.sympify(found.pmf(x)).subs(q, Rational(1, 4)).doit())
        assert math.isclose(value, right.pmf(x), rel_tol=1e-9, abs_tol=1e-12), x
    assert math.isclose(sympy.N(sympy.sympify(found.mean()).subs(q, Rational(1, 4))), right.mean(), rel_tol=1e-9)
