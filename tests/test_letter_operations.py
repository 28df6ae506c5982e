"""Every operation with letters: answers commute with the substitution of numbers, against the engine of numbers."""

import cmath
import pickle
from fractions import Fraction
from functools import cache

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Hypergeometric,
    Logarithmic,
    NegativeBinomial,
    Point,
    Poisson,
    PoissonBinomial,
    Skellam,
    Uniform,
    deconvolve,
    highest,
    isclose,
    lowest,
    maximum,
    minimum,
    mixture,
    monoids,
    order_statistic,
    posterior,
    power,
    root,
    sum_of,
    total_variation,
    wasserstein,
)

n = sympy.Symbol("n", integer=True, positive=True)
k = sympy.Symbol("k", integer=True)
a, p, q, lam, mu = sympy.symbols("a p q lam mu", positive=True)
z = sympy.Symbol("z")

fractions = st.integers(1, 22).map(lambda i: Fraction(i, 23))


def number(value):
    """A sympy number as a fraction."""
    value = sympy.sympify(value).doit()
    assert value.is_Rational, value
    return Fraction(int(value.p), int(value.q))


#: Laws of letters whose numbers are exact; each as a function of a, p, q, which may be letters or numbers.
OPERATIONS = {
    "zero-inflated": lambda a, p, q: mixture([(Point(0), a), (Geometric(p), 1 - a)]),
    "mixture of moved laws": lambda a, p, q: mixture([(2 * Geometric(p) + 1, a), (Geometric(q), 1 - a)]),
    "mixture with numbers": lambda a, p, q: mixture([(Geometric("1/3"), a), (Die(6), 1 - a)]),
    "nested mixture": lambda a, p, q: mixture(
        [(mixture([(Point(2), a), (Geometric(p), 1 - a)]), "1/4"), (NegativeBinomial(2, q), "3/4")]
    ),
    "sum with a mixture": lambda a, p, q: mixture([(Point(0), a), (Geometric(p), 1 - a)]) + Geometric(q),
    "truncated": lambda a, p, q: NegativeBinomial(2, p).truncate(low=2),
    "between": lambda a, p, q: Geometric(p).truncate(2, 5),
    "reflected": lambda a, p, q: (-Geometric(p)).truncate(high=-2),
    "scaled": lambda a, p, q: (3 * NegativeBinomial(2, p) + 1).truncate(low=2, high=12),
    "clipped above": lambda a, p, q: Geometric(p).clip(high=4),
    "clipped below": lambda a, p, q: NegativeBinomial(2, p).clip(low=2),
    "smallest": lambda a, p, q: minimum(Geometric(p), Geometric(q)),
    "smallest of moved": lambda a, p, q: minimum(Geometric(p), Geometric(q) + 2),
    "largest": lambda a, p, q: maximum(Geometric(p), Geometric(q)),
    "largest with a finite law": lambda a, p, q: maximum(Geometric(p), Bernoulli(q)),
    "second of three": lambda a, p, q: order_statistic(Geometric(p), 3, 2),
    "geometric number of geometric": lambda a, p, q: (Geometric(p) - 1) @ (Geometric(q) - 1),
    "binomial number of geometric": lambda a, p, q: Binomial(2, a) @ Geometric(p),
    "remainder": lambda a, p, q: Geometric(p) % 3,
    "given a sum": lambda a, p, q: Geometric(p).given_sum(Geometric(q), 5),
}


@cache
def with_letters(name):
    """The law with letters, made once, with what is asked of it."""
    law = OPERATIONS[name](a, p, q)
    return law, {x: (law.pmf(x), law.cdf(x)) for x in (-3, 0, 1, 2, 5)}, law.mean()


@pytest.mark.parametrize("name", OPERATIONS)
@settings(max_examples=3)
@given(values=st.tuples(fractions, fractions, fractions))
def test_operations_commute_with_substitution(name, values):
    law, answers, mean = with_letters(name)
    assert law.kind == "symbolic"
    chosen = {s: v for s, v in zip((a, p, q), values, strict=True) if s in law.letters}
    expected = OPERATIONS[name](*values)
    found = law.subs(chosen)
    for x, (pmf, cdf) in answers.items():
        assert number(pmf.subs(chosen)) == expected.pmf(x) == found.pmf(x), x
        assert number(cdf.subs(chosen)) == expected.cdf(x), x
    assert float(number(mean.subs(chosen))) == pytest.approx(float(expected.mean()), rel=1e-9)


THREE = {0: p, 1: q, 3: 1 - p - q}
FINITE = {
    "second of four": lambda X: order_statistic(X, 4, 2),
    "largest of four": lambda X: power(X, 4, monoid=monoids.maximum),
    "best three of four": lambda X: highest(X, 4, 3),
    "worst two of four": lambda X: lowest(X, 4, 2),
    "modulo": lambda X: power(X, 5, monoid=monoids.modulo(3)),
    "given a sum": lambda X: X.given_sum(X, 3),
    "random number": lambda X: Die(3) @ X,
    "truncated": lambda X: (3 @ X).truncate(low=2),
    "mixed": lambda X: mixture({X: "1/3", X + 1: "2/3"}),
}


@pytest.mark.parametrize("name", FINITE)
@settings(max_examples=4)
@given(parts=st.tuples(*[st.integers(1, 30)] * 3))
def test_finite_laws_with_letters(name, parts):
    values = {p: Fraction(parts[0], sum(parts)), q: Fraction(parts[1], sum(parts))}
    law = FINITE[name](Distribution(THREE))
    chosen = {s: v for s, v in values.items() if s in law.letters}
    assert law.subs(chosen) == FINITE[name](Distribution(THREE).subs(values))


def test_zero_inflated_poisson():
    law = mixture([(Point(0), a), (Poisson(lam), 1 - a)])
    assert law.pmf(0) == a + (1 - a) * sympy.exp(-lam)
    assert law.pmf(3) == lam**3 * (1 - a) * sympy.exp(-lam) / 6
    assert sympy.expand(law.mean() - (1 - a) * lam) == 0
    assert sympy.expand(law.var() - (1 - a) * lam * (1 + a * lam)) == 0
    assert law.pgf(z) == a + (1 - a) * sympy.exp(lam * (z - 1))
    assert law.formula.subs(k, 0) == law.pmf(0)
    assert law.subs({a: "1/3", lam: 2}) == mixture([(Point(0), "1/3"), (Poisson(2), "2/3")])
    assert law.subs({a: "1/3"}).subs({lam: 2}) == law.subs({a: "1/3", lam: 2})
    assert repr(law).startswith("mixture([(Point(0), a), (Poisson(lam), 1 - a)]): outcomes 0..")
    assert pickle.loads(pickle.dumps(law)) == law
    assert sympy.expand((2 @ law).pmf(1) - 2 * law.pmf(0) * law.pmf(1)) == 0
    with pytest.raises(DistconvValueError, match="there is no such law"):
        law.subs({a: 2})


def test_zero_truncated_poisson():
    law = Poisson(lam).truncate(low=1)
    assert law.pmf(0) == 0
    assert sympy.simplify(law.pmf(3) - lam**3 / (6 * (sympy.exp(lam) - 1))) == 0
    assert sympy.simplify(law.mean() - lam / (1 - sympy.exp(-lam))) == 0
    assert law.subs({lam: 2}) == Poisson(2).truncate(low=1)
    assert Poisson(lam).clip(low=1).pmf(1) == (lam + 1) * sympy.exp(-lam)


def test_laws_that_are_recognised():
    assert Geometric(p).truncate(low=3) == Geometric(p) + 2
    assert Geometric(p).given(lambda x: x > 2) == Geometric(p) + 2
    assert minimum(Geometric(p), Geometric(q)) == Geometric(p + q - p * q)
    assert minimum(Geometric(p), Geometric(q)).family == "Geometric"
    assert maximum(Die(n), Die(n)).mean() == (n + 1) * (4 * n - 1) / (6 * n)


def test_random_numbers_of_terms_that_are_recognised():
    assert Geometric(p) @ Geometric(q) == Geometric(p * q)
    assert Poisson(lam) @ Logarithmic(p) == NegativeBinomial(-lam / sympy.log(1 - p), 1 - p)
    assert (Poisson(lam) @ Logarithmic(p)).family == "NegativeBinomial"
    modified = (Geometric(p) - 1) @ Geometric(q)
    assert modified == mixture([(Point(0), p), (Geometric(p * q), 1 - p)])
    thinned = (Geometric(p) - 1) @ (Geometric(q) - 1)
    stay = p / (p * q - q + 1)
    assert sympy.cancel(thinned.pmf(0) - stay) == 0
    assert sympy.cancel(thinned.pmf(2) - (1 - stay) * stay * q * (1 - stay * q)) == 0
    assert (Binomial(2, p) @ Poisson(lam)).pmf(0) == (1 - p + p * sympy.exp(-lam)) ** 2


def test_remainders():
    root = sympy.sqrt(3)
    weights = (Poisson(lam) % 3).to_dict()
    assert sympy.expand(weights[0] - (1 + 2 * sympy.exp(-lam * 3 / 2) * sympy.cos(root * lam / 2)) / 3) == 0
    numbers = Poisson(2) % 3
    for r in range(3):
        assert float(weights[r].subs(lam, 2)) == pytest.approx(numbers.pmf(r), rel=1e-12)
    assert (Binomial(n, p) % 2).pmf(0) == (1 - 2 * p) ** n / 2 + sympy.Rational(1, 2)


def test_totals_that_are_letters():
    assert Geometric(p).given_sum(Geometric(p), n) == Uniform(1, n - 1)
    assert Geometric(p).given_sum(Geometric(p), 5) == Uniform(1, 4)
    assert Poisson(lam).given_sum(Poisson(2), 4) == Binomial(4, lam / (lam + 2))
    with pytest.raises(DistconvTypeError, match="no closed form is known for the total n"):
        Geometric(p).given_sum(Geometric(q), n)


def test_conditions_are_tried_at_numbers():
    # For a symbol k, k != 5 is True.
    with pytest.raises(DistconvTypeError, match="one interval"):
        Poisson(lam).given(lambda x: (x > 2) & (x != 5))
    beyond = Geometric("1/23").given(lambda x: x > 2)
    assert beyond.is_exact
    assert beyond == Geometric("1/23").truncate(3)
    assert not Geometric("1/23").given(lambda x: (x > 2) & (x != 5)).is_exact
    assert 5 not in Geometric("1/23").given(lambda x: (x > 2) & (x != 5))


def test_close_laws_with_letters_are_equal_ones():
    assert isclose(Poisson(lam), Poisson(lam))
    assert not isclose(Poisson(lam), Poisson(mu))
    assert not isclose(Binomial(3, p), Binomial(3, q))


def test_premiums():
    assert Poisson(lam).stop_loss(2) == lam - 2 + 2 * sympy.exp(-lam) + lam * sympy.exp(-lam)
    assert sympy.cancel(Geometric(p).stop_loss(3).subs(p, "1/3") - sympy.Rational(8, 9)) == 0
    with pytest.raises(DistconvValueError, match="finite sum"):
        Poisson(lam).stop_loss(n)


def test_sums_undone():
    law = Distribution(THREE)
    assert deconvolve(3 @ Bernoulli(p), Bernoulli(p)) == Binomial(2, p)
    assert root(3 @ Bernoulli(p), 3) == Bernoulli(p)
    assert deconvolve(law + Die(3), law) == Die(3)
    assert deconvolve(2 @ law, law) == root(3 @ law, 3) == law
    plane = Distribution({(0, 0): p, (1, 2): 1 - p})
    assert deconvolve(3 @ plane, plane) == 2 @ plane
    assert deconvolve(Poisson(lam + mu), Poisson(mu)) == Poisson(lam)
    assert deconvolve(Poisson(lam) + Geometric(p), Geometric(p)) == Poisson(lam)
    assert deconvolve(Poisson(lam), Poisson(mu)).assumptions == (lam - mu >= 0,)
    assert deconvolve(Poisson(lam), Poisson(lam)) == Point(0)
    assert root(Poisson(lam), 3) == Poisson(lam / 3)
    with pytest.raises(DistconvValueError, match=r"no X has this sum for all values of p, q"):
        deconvolve(law, Bernoulli(p))
    with pytest.raises(DistconvValueError, match=r"no X has this sum of 2 copies for all values of p"):
        root(Bernoulli(p), 2)


def test_lattices_of_multiples_have_no_outcomes_between():
    assert (2 * Poisson(lam)).pmf(k).subs(k, 3) == 0
    assert (2 * Poisson(lam)).pmf(k).subs(k, 4) == lam**2 * sympy.exp(-lam) / 2
    assert (2 * Geometric(p)).cdf(k).subs(k, 5) == (2 * Geometric(p)).cdf(k).subs(k, 4) != 0


def test_sums_over_outcomes():
    assert sympy.expand(Geometric(p).expect(lambda x: x**2) - (2 - p) / p**2) == 0
    bits = Geometric(p).entropy() - (-p * sympy.log(p) - (1 - p) * sympy.log(1 - p)) / p
    assert sympy.simplify(bits) == 0
    entropy = Poisson(lam).entropy().subs(lam, 3).doit().evalf(20)
    assert float(entropy) == pytest.approx(Poisson(3).entropy(), rel=1e-12)
    assert float(Geometric(p).entropy(2).subs(p, sympy.Rational(1, 2))) == 2
    assert Poisson(lam).prob(lambda x: x > 0) == 1 - sympy.exp(-lam)
    assert wasserstein(Geometric(p), Geometric(q)) == abs(p - q) / (p * q)
    distance = total_variation(Geometric(p), Geometric(q)).subs({p: sympy.Rational(1, 2), q: sympy.Rational(1, 3)})
    assert float(distance.evalf(15)) == pytest.approx(
        float(total_variation(Geometric("1/2"), Geometric("1/3"))), rel=1e-9
    )
    updated = posterior({"x": "1/2", "y": "1/2"}, {"x": Poisson(lam), "y": Poisson(mu)}, 2)
    assert sympy.simplify(updated["x"] - 1 / (1 + (mu / lam) ** 2 * sympy.exp(lam - mu))) == 0


def test_what_is_refused_says_why():
    for predicate in (lambda x: x % 100 == 0, lambda x: 2 < x < 5, lambda x: x == 3, lambda x: x in {1, 2}):
        with pytest.raises(DistconvTypeError, match=r"one interval.*X\.truncate\(low=3\)"):
            Geometric(p).given(predicate)
    with pytest.raises(DistconvTypeError, match=r"sympy\.Max"):
        Poisson(lam).expect(lambda x: max(x, 3))
    with pytest.raises(DistconvValueError, match="has probability 0"):
        Poisson(lam).truncate(high=-1)
    with pytest.raises(DistconvTypeError, match="float"):
        mixture([(Poisson(lam), 0.5), (Point(0), 0.5)])


# Bounded cost ---------------------------------------------------------------------------------------------------------


def test_extremes_of_few_outcomes_and_beside_one_tail_are_closed():
    few = minimum(Poisson(1), PoissonBinomial([p, q]))
    head = 1 - sympy.exp(-1)
    assert sympy.expand(few.mean() - (head * (p + q - p * q) + (1 - 2 * sympy.exp(-1)) * p * q)) == 0
    one = maximum(Poisson(lam), Distribution({0: q, "3/2": 1 - q}))
    short = sum(sympy.exp(-lam) * lam**x / sympy.factorial(x) * (sympy.Rational(3, 2) - x) for x in (0, 1))
    assert sympy.expand(one.mean() - lam - (1 - q) * short) == 0


def test_extremes_of_dice_of_letters_sides_have_moments_without_sums():
    mean = minimum(Die(n) + Geometric("1/2"), Die(n + 1)).mean()
    assert not mean.has(sympy.Sum, sympy.Piecewise)
    assert mean.subs(n, 4) == sympy.Rational(*minimum(Die(4) + Geometric("1/2"), Die(5)).mean().as_integer_ratio())


def test_stop_loss_is_the_shorter_sum_whichever_end_is_a_letter():
    assert (-Die(n)).stop_loss(2) == 0
    assert sympy.factor((Geometric(p) - Geometric(p)).stop_loss(1) - (1 - p) ** 2 / (p * (2 - p))) == 0


def test_entropies_take_no_log_of_a_negative_factor():
    m = sympy.Symbol("m", integer=True, positive=True)
    law = minimum(Hypergeometric(n + m, n, m), Bernoulli(p))
    at = {n: 6, m: 1, p: sympy.Rational(3, 4)}
    assert float(law.entropy().subs(at)) == pytest.approx(law.subs(at).entropy())


def test_letters_beside_a_lattice_become_any_number():
    by = sympy.Symbol("a", real=True)
    law = Die(n) + by
    assert law.subs({by: sympy.sqrt(2), n: 2}) == Die(2) + sympy.sqrt(2)
    assert law.pmf(3).subs({by: sympy.Rational(1, 2), n: 4}) == 0
    assert law.pmf(3).subs({by: 1, n: 4}) == sympy.Rational(1, 4)


def test_characteristic_functions_of_endless_laws_moved_by_a_root():
    found, root = (Poisson(1) + sympy.sqrt(2)).cf(4), 2**0.5
    assert found == pytest.approx(cmath.exp(4j * root + cmath.exp(4j) - 1))
    t = sympy.Symbol("t", real=True)
    expected = sympy.exp(sympy.sqrt(2) * sympy.I * t) * sympy.exp(sympy.exp(sympy.I * t) - 1)
    assert (Poisson(1) + sympy.sqrt(2)).cf(t) == expected


def test_laws_of_constants_by_formulas_are_laid_out_to_be_compared():
    two = Distribution({2: sympy.sqrt(2) / 2, "1/2": 1 - sympy.sqrt(2) / 2})
    law = minimum(Poisson(lam), two).subs({lam: sympy.Integer(2)})
    other = minimum(Poisson(sympy.Integer(2)), two)
    assert law == other
    assert other == law
    assert hash(law) == hash(other)


def test_laws_of_numbers_made_of_others_add_to_laws_with_letters():
    parts = (
        mixture([(Poisson(1), "1/3"), (Geometric("1/4"), "2/3")]),
        Geometric("1/4") @ Geometric("1/3"),
        Poisson(2) @ Die(2),
        Poisson(3).truncate(low=2),
        2 * Poisson(3).truncate(low=2) + 1,
    )
    for law in parts:
        total = law + Bernoulli(p)
        at = total.subs({p: Fraction(2, 7)})
        known = law + Bernoulli("2/7")
        for x in (1, 3, 6, 7):
            assert abs(float(total.pmf(x).subs(p, sympy.Rational(2, 7))) - float(known.pmf(x))) < 1e-13
            assert abs(float(at.pmf(x)) - float(known.pmf(x))) < 1e-13
        assert abs(float(total.var().subs(p, sympy.Rational(2, 7))) - float(known.var())) < 1e-12


def test_places_beside_an_outcome_with_a_letter_are_rounded_down():
    b = sympy.Symbol("b", real=True)
    at = {b: sympy.Rational(-23, 11), p: sympy.Rational(1, 3)}
    X = 2 @ NegativeBinomial(2, p) + 2 * b
    assert number(X.cdf(3).subs(at)) == (2 @ NegativeBinomial(2, "1/3")).cdf(7)
    assert number(X.cdf(2 * b + 3).subs(at)) == (2 @ NegativeBinomial(2, "1/3")).cdf(3)


def test_vectors_made_of_a_law_by_a_formula_are_refused():
    with pytest.raises(DistconvTypeError, match="values are numbers, not vectors"):
        Binomial(n, p).map(lambda x: (x, x * x))


def test_generating_functions_are_one_at_one():
    assert Die(n).pgf(1) == (Die(n) + 3).pgf(1) == Poisson(lam).pgf(1) == 1


def test_extremes_and_sums_of_numbers_with_irrational_weights():
    X = Distribution({0: sympy.sqrt(2) / 2, 3: 1 - sympy.sqrt(2) / 2})
    Y = maximum(Poisson(1), X)
    assert Y.median() == 1
    Z = maximum(NegativeBinomial(2, "1/3"), NegativeBinomial(2, "1/3"))
    both = sum_of([X, Z, X])
    assert both.low == 0
    assert abs(both.cdf(0) - 1 / 162) < 1e-15


def test_one_of_two_differences_once_their_sum_is_known():
    X = (Skellam(lam, mu) + 1).given_sum(Distribution({"1/2": q, 3: 1 - q}), 2)
    assert X.to_dict() == {-1: 1}
