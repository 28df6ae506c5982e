"""n copies of a law, n a letter: the sums that books print, against the exact engine at numbers."""

from fractions import Fraction
from math import comb

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from strategies import part

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Point,
    Poisson,
    Uniform,
    order_statistic,
)
from distconv.errors import DimensionError, DistconvTypeError, DistconvValueError

n, m = sympy.symbols("n m", integer=True, positive=True)
c, k = sympy.symbols("c k", integer=True)
p, q = sympy.symbols("p q", positive=True)
a = sympy.Symbol("a", positive=True)


def number(value):
    value = sympy.sympify(value)
    assert value.is_Rational, value
    return Fraction(int(value.p), int(value.q))


def at(expression, values):
    """An answer at numbers; its sums have numbers as their ends then."""
    return number(sympy.sympify(expression).subs(values).doit())


#: Laws whose copies have a closed form.
CLOSED = {
    "die": lambda: Die(6),
    "moved die": lambda: 3 * Die(4) - 2,
    "turned die": lambda: -Die(3),
    "range": lambda: Uniform(-2, 3),
    "two dice": lambda: Die(4) + Die(4),
    "difference of dice": lambda: Die(3) - Die(3),
    "two places": lambda: Distribution({"1/2": "1/3", 4: "2/3"}),
    "one place": lambda: Point(3),
    "binomial": lambda: Binomial(3, "1/3"),
    "moved binomial": lambda: 2 * Binomial(3, "1/3") - 1,
    "three in a row": lambda: Distribution({-1: "1/6", 0: "1/3", 1: "1/2"}),
    "three, the last apart": lambda: Distribution({0: "1/6", 2: "1/3", 8: "1/2"}),
    "three, the first apart": lambda: Distribution({-7: "1/6", 0: "1/3", 1: "1/2"}),
}


@pytest.mark.parametrize("name", CLOSED)
def test_probabilities_of_copies_are_those_of_numbers(name):
    one = CLOSED[name]()
    law = n @ one
    answer = law.pmf(c)
    for count in (1, 4, 8):
        whole = count @ one
        low, high = int(whole.low // 1), int(-(-whole.high // 1))
        step = max(1, (high - low) // 8)
        for place in (low - 1, *range(low, high, step), high, high + 1):
            assert at(answer, {n: count, c: place}) == whole.pmf(place), (count, place)
        assert law.subs({n: count}) == whole


@pytest.mark.parametrize("name", ["die", "turned die", "moved die", "two dice", "binomial", "moved binomial"])
def test_sums_of_probabilities_of_copies_are_those_of_numbers(name):
    one = CLOSED[name]()
    law = n @ one
    below, above = law.cdf(c), law.sf(c)
    whole = 4 @ one
    for place in range(int(whole.low) - 1, int(whole.high) + 2, 3):
        assert at(below, {n: 4, c: place}) == whole.cdf(place), place
        assert at(above, {n: 4, c: place}) == whole.sf(place), place


@pytest.mark.parametrize("name", ["die", "two dice", "three in a row", "difference of dice"])
@pytest.mark.parametrize("depth", [0, 1, 4, 9])
def test_near_the_ends_answers_are_polynomials_without_a_sum(name, depth):
    one = CLOSED[name]()
    law = n @ one
    for place in (law.low + depth, law.high - depth):
        answer = law.pmf(place)
        assert not answer.has(sympy.Sum) or name == "three in a row"
        for count in (2, 5):
            assert at(answer, {n: count}) == (count @ one).pmf(int(place.subs(n, count)))


def test_de_moivre():
    """The number of points of n dice, as de Moivre has it; and of dice of m sides, from low to high."""
    j = sympy.Symbol("j", integer=True, nonnegative=True)

    def printed(sides, top, bottom):
        term = (-1) ** j * sympy.binomial(n, j) * sympy.binomial(top - sides * j, bottom)
        return sympy.Sum(term, (j, 0, sympy.floor((c - n) / sides))) / sides**n

    assert (n @ Die(6)).pmf(c) == printed(6, c - 1, n - 1)
    assert (n @ Die(6)).cdf(c) == printed(6, c, n)
    assert (n @ Die(m)).pmf(c) == printed(m, c - 1, n - 1)
    low, high = sympy.symbols("low high", integer=True)
    answer = (n @ Uniform(low, high)).pmf(c)
    for first, last, count in ((1, 6, 3), (-2, 2, 4), (0, 0, 2)):
        whole = count @ Uniform(first, last)
        for place in range(whole.low - 1, whole.high + 2):
            assert at(answer, {n: count, c: place, low: first, high: last}) == whole.pmf(place)
    assert (n @ Uniform(low, high)).subs({n: 3, low: 2, high: 4}) == 3 @ Uniform(2, 4)


def test_a_sum_s_own_letter_is_none_of_the_law():
    j = sympy.Symbol("j", integer=True, nonnegative=True)
    answer = (j @ Die(6)).pmf(c)
    assert at(answer, {j: 3, c: 10}) == (3 @ Die(6)).pmf(10)
    assert at((n @ Die(6)).pmf(j), {n: 3, j: 10}) == (3 @ Die(6)).pmf(10)


def test_two_point_steps_are_binomial():
    step = Distribution({1: p, -1: 1 - p})
    assert (2 * n @ step).pmf(0) == sympy.binomial(2 * n, n) * p**n * (1 - p) ** n
    fair = (n @ Distribution({1: "1/2", -1: "1/2"})).pmf(n - 2 * k)
    assert at(fair, {n: 6, k: 2}) == Fraction(comb(6, 2), 2**6)
    assert fair.args[0].expr == sympy.binomial(n, n - k) / 2**n
    assert n @ step == 2 * Binomial(n, p) - n
    assert (n @ step).pmf(n + 1) == 0
    assert n @ Binomial(10, "1/3") == Binomial(10 * n, "1/3")
    assert n @ Binomial(3, p) == Binomial(3 * n, p)
    assert repr(n @ step).startswith("2*Binomial(n, p) - n: outcomes -n..n")


def test_shifts_and_multiples_of_families_that_add():
    lam = sympy.Symbol("lam", positive=True)
    assert n @ (2 * Poisson(lam) + 1) == 2 * Poisson(n * lam) + n
    assert (n @ (Geometric(p) - 1)).subs({n: 3, p: "1/3"}) == 3 @ (Geometric("1/3") - 1)
    die = n @ (Die(6) + c)
    assert die.mean() == n * (2 * c + 7) / 2
    assert die.subs({n: 2, c: 5}) == 2 @ (Die(6) + 5)
    assert at(die.pmf(n * c + k), {n: 2, k: 7, c: 3}) == (2 @ Die(6)).pmf(7)


def test_copies_of_dice_add_up():
    assert (n @ Die(6)) + (m @ Die(6)) == (n + m) @ Die(6)
    assert at(((n @ Die(6)) + Die(6)).pmf(c), {n: 2, c: 10}) == (3 @ Die(6)).pmf(10)
    assert at((20 @ Die(m)).pmf(c), {m: 6, c: 70}) == (20 @ Die(6)).pmf(70)
    assert at((n @ Die(10**12)).pmf(c), {n: 2, c: 10**12}) == Fraction(10**12 - 1, 10**24)


def test_places_that_are_letters():
    law = n @ Distribution({a: "1/2", -a: "1/2"})
    assert law.var() == n * a**2
    assert law.subs({n: 3, a: 2}) == 3 @ Distribution({2: "1/2", -2: "1/2"})
    assert at((2 * n @ Distribution({a: "1/2", -a: "1/2"})).pmf(0), {n: 3}) == Fraction(comb(6, 3), 64)
    b = sympy.Symbol("b", positive=True)
    bet = n @ Distribution({a: p, -b: 1 - p})
    assert sympy.expand(bet.mean() - n * (p * a - (1 - p) * b)) == 0
    assert bet.subs({n: 3, a: 3, b: 1, p: "1/4"}) == 3 @ Distribution({3: "1/4", -1: "3/4"})
    assert n @ Point(a) == n @ Point(1) + (n * a - n)
    with pytest.raises(DistconvTypeError, match=r"order.*sympy.Symbol\('x', positive=True\)"):
        n @ Distribution({sympy.Symbol("x"): "1/2", 0: "1/2"})


def test_what_has_no_closed_form_says_the_ways_out():
    law = n @ Distribution({0: "1/2", 2: "1/4", 5: "1/4"})
    with pytest.raises(DistconvValueError, match=r"no closed form.*X.pmf\(1\)"):
        law.pmf(c)
    assert at(law.pmf(4), {n: 3}) == (3 @ Distribution({0: "1/2", 2: "1/4", 5: "1/4"})).pmf(4)
    assert (n @ Hypergeometric(10, 4, 3)).var() == n * sympy.Rational(14, 25)
    with pytest.raises(DimensionError, match=r"spanned by.*3 @ X"):
        n @ (a * Bernoulli("1/2") + 3 * Bernoulli("1/2"))


@given(
    weights=st.lists(st.integers(1, 5), min_size=3, max_size=3),
    middle=st.booleans(),
    last=st.integers(2, 5),
    step=st.sampled_from([1, 2, Fraction(1, 2)]),
    shift=st.integers(-3, 3),
    count=st.integers(1, 8),
    data=st.data(),
)
@part(0.25)
def test_three_places_anywhere(weights, middle, last, step, shift, count, data):
    places = [shift + step * i for i in (0, 1 if middle else last - 1, last)]
    total = sum(weights)
    one = Distribution({x: Fraction(w, total) for x, w in zip(places, weights, strict=True)})
    lettered = Distribution({places[0]: p, places[1]: q, places[2]: 1 - p - q})
    whole = count @ one
    place = data.draw(st.integers(int(whole.low) - 2, int(whole.high) + 2))
    values = {n: count, c: place, p: sympy.Rational(weights[0], total), q: sympy.Rational(weights[1], total)}
    assert at((n @ lettered).pmf(c), values) == at((n @ one).pmf(c), values) == whole.pmf(place)


@given(low=st.integers(-5, 5), sides=st.integers(2, 9), count=st.integers(0, 8), data=st.data())
@part(0.25)
def test_dice_of_any_kind(low, sides, count, data):
    one = Uniform(low, low + sides - 1)
    whole = count @ one
    place = data.draw(st.integers(int(whole.low) - 9, int(whole.high) + 9))
    # A letter of which it is not said that it is positive may be 0.
    some = sympy.Symbol("n", integer=True)
    law = some @ one
    assert at(law.pmf(c), {some: count, c: place}) == whole.pmf(place)
    assert at(law.cdf(c), {some: count, c: place}) == whole.cdf(place)


# The largest, the smallest, the k-th of n draws ----------------------------------------------------------------------


def test_extremes_of_so_many_draws_are_powers_of_the_cdf():
    die = order_statistic(Die(6), n, n)
    assert die.cdf(5) == sympy.Rational(5, 6) ** n
    assert die.pmf(6) == 1 - sympy.Rational(5, 6) ** n
    largest = order_statistic(Geometric(p), n, n)
    assert largest.pmf(m) == (1 - (1 - p) ** m) ** n - (1 - (1 - p) ** (m - 1)) ** n
    smallest = order_statistic(Geometric(p), n, 1)
    assert smallest == Geometric(1 - (1 - p) ** n)
    assert sympy.simplify(smallest.mean() - 1 / (1 - (1 - p) ** n)) == 0
    assert not smallest.mean().has(sympy.Pow(-1, n))
    assert die.limit(n, sympy.oo) == Point(6)
    with pytest.raises(DistconvValueError, match=r"escapes to infinity.*only along n with n\*q\*\*m -> c"):
        order_statistic(Geometric(p), n, n).limit(n, sympy.oo)
    with pytest.raises(DistconvTypeError, match=r"count from the smallest, order_statistic\(X, n, 2\)"):
        order_statistic(Die(6), n, k)
    with pytest.raises(DistconvValueError, match="there is no draw 2 of 1"):
        order_statistic(Die(6), n, 2).subs({n: 1})
    with pytest.raises(DistconvValueError, match="k must be between 1 and n"):
        order_statistic(Die(6), n, n + 1)


@settings(deadline=None, max_examples=12)
@given(
    st.sampled_from([Die(4), Bernoulli("1/3"), Geometric("1/4"), 2 * Die(3) + 1, Distribution({0: "1/2", 3: "1/2"})]),
    st.integers(0, 2),
    st.booleans(),
    st.integers(3, 6),
    st.integers(0, 7),
)
def test_order_statistics_of_so_many_draws_are_those_of_the_number(law, place, is_high, count, x):
    found = order_statistic(law, n, n - place if is_high else 1 + place)
    known = order_statistic(law, count, count - place if is_high else 1 + place)
    if law.is_finite:
        assert found.subs({n: count}) == known
    for ask in ("pmf", "cdf"):
        assert at(getattr(found, ask)(x), {n: count}) == getattr(known, ask)(x)
