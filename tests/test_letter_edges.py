"""Edges of laws with letters, found by random programs: one outcome left, no lowest end, irrational numbers."""

from fractions import Fraction

import pytest
import sympy

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Formula,
    Geometric,
    NegativeBinomial,
    Point,
    Poisson,
    Walk,
    highest,
    mixture,
    monoids,
    order_statistic,
    posterior,
    power,
    product,
    total_variation,
    wasserstein,
)

F = Fraction
p, q = sympy.symbols("p q", positive=True)
n, m = sympy.symbols("n m", integer=True, positive=True)
a = sympy.Symbol("a", real=True)
k = sympy.Symbol("k", integer=True, positive=True)
z = sympy.Symbol("z")
GOLDEN = (sympy.sqrt(5) - 1) / 2


@pytest.mark.parametrize("modulus", [2, 3, 4, 5, 6])
def test_remainders_with_letters_are_those_of_numbers(modulus):
    law = Binomial(n, p) % modulus
    for trials in (1, 4):
        assert law.subs({n: trials, p: F(1, 3)}) == Binomial(trials, F(1, 3)) % modulus


def test_a_remainder_takes_each_pair_of_roots_once():
    assert len((Binomial(n, p) % 3).pmf(0).atoms(sympy.re)) == 1


@pytest.mark.parametrize("x", [-3, -1, 0, 1, 2, 5])
def test_a_law_without_a_lowest_outcome_sums_from_its_highest(x):
    law = Binomial(2, p) - NegativeBinomial(2, p)
    numbers = law.subs({p: F(1, 3)})
    assert law.cdf(x).subs(p, F(1, 3)) == numbers.cdf(x)
    assert law.sf(x).subs(p, F(1, 3)) == numbers.sf(x)


def test_all_is_below_the_highest_outcome():
    law = -NegativeBinomial(n, q)
    assert [law.cdf(x) for x in (0, 1)] == [1, 1]


def test_sums_from_far_below_turn_round():
    law = Binomial(n, p) - NegativeBinomial(2, p)
    value = law.cdf(-1).subs({n: 3, p: F(1, 3)}).doit()
    assert value == (Binomial(3, F(1, 3)) - NegativeBinomial(2, F(1, 3))).cdf(-1)


def test_conditions_on_copies_by_letter_take_numbers():
    step = Distribution({-1: "1/3", 3: "2/3"})
    given = (2 * m @ step).given(lambda x: x > 2)
    assert given.subs({m: 2}) == (4 @ step).given(lambda x: x > 2)


def test_one_outcome_left_has_extremes():
    found = power(Geometric(p).truncate(F(3, 2), 2), 2, monoid=monoids.maximum)
    assert found.subs({p: F(1, 3)}) == Point(2)


def test_a_joint_law_without_end_generates_exactly():
    law = product(Geometric("1/2"), Binomial(4, "1/4"))
    assert law.pgf((F(1, 2), F(1, 3))) == Geometric("1/2").pgf(F(1, 2)) * Binomial(4, "1/4").pgf(F(1, 3))
    with pytest.raises(DistconvValueError, match="z must be below"):
        product(-Geometric("4/21"), Die(3)).pgf((F(1, 2), z))


def test_a_posterior_of_an_irrational_prior_has_extremes():
    prior = Geometric(sympy.sqrt(2) / 2)
    after = posterior(prior, lambda x: Bernoulli("1/2" if x > 1 else "1/3"), 1)
    assert after.high is None
    first = after.pmf(1)
    assert order_statistic(after, 2, 2).pmf(1) == pytest.approx(first**2, rel=1e-12)


def test_a_mixture_of_irrational_parts_folds():
    law = NegativeBinomial(2, "1/2")
    other = Distribution({0: sympy.sqrt(2) / 2, 1: 1 - sympy.sqrt(2) / 2})
    mixed = mixture([(law, "1/3"), (other, "2/3")])
    folded = power(mixed, 2, monoid=monoids.modulo(3))
    chances = [float(mixed.prob(lambda x, r=r: x % 3 == r)) for r in range(3)]
    expected = [sum(chances[i] * chances[(r - i) % 3] for i in range(3)) for r in range(3)]
    assert [float(folded.pmf(r)) for r in range(3)] == pytest.approx(expected, rel=1e-12)


def test_letters_as_shares_of_vectors_without_end_say_what_they_need():
    vectors = Poisson(1).map(lambda x: (x, x * x))
    with pytest.raises(DistconvTypeError, match="numbers depend on p"):
        mixture([(vectors, p), (vectors, 1 - p)])


def test_what_is_missing_is_the_same_however_it_was_made():
    def made(share, other):
        passage = Walk.repeat(Binomial(3, "1/4").round(2), 3).first_passage({1, 2})
        return mixture([(Point(0), share * other), (passage, 1 - share * other)])

    assert made(p, q).subs({p: F(3, 4), q: 1 / sympy.pi}) == made(F(3, 4), 1 / sympy.pi)


def test_the_best_of_an_irrational_law_folds():
    best = highest(NegativeBinomial(2, GOLDEN), 2, 2)
    folded = best % 2
    assert float(folded.pmf(0)) == pytest.approx(float((1 + best.pgf(-1)) / 2), rel=1e-12)


def test_nobody_knows_the_remainder_of_an_outcome_moved_by_a_letter():
    law = (n + 1) @ Distribution({a: p, a + 1: 1 - p})
    with pytest.raises(DistconvTypeError, match="no closed form is known for the remainders"):
        law.prob(lambda x: x % 2 == 0)


@pytest.mark.parametrize("distance", [total_variation, wasserstein])
def test_distances_of_letters_and_doubles_say_that_they_do_not_mix(distance):
    with pytest.raises(DistconvTypeError, match="do not mix"):
        distance(Geometric("1/2").given(lambda x: x % 2 == 0), Distribution({3: p, 2: 1 - p}))


def test_a_number_of_terms_with_letters_is_whole_and_not_negative():
    for count in (1 - Geometric(p), Geometric(p) - NegativeBinomial(n, q)):
        with pytest.raises(DistconvValueError, match="must be >= 0, its law starts at -inf"):
            count @ Binomial(n, q)
    with pytest.raises(DistconvValueError, match="must be whole"):
        (Geometric(p) + sympy.sqrt(2)) @ Binomial(n, q)


def test_irrational_shares_of_laws_on_two_lattices_take_numbers():
    share = sympy.sqrt(2) / 2
    law = mixture([(Binomial(n, p) + 2 * a, share), (Binomial(n, p), 1 - share)])
    other = Binomial(3, "9/10")
    assert law.subs({n: 3, p: F(9, 10), a: F(-23, 11)}) == mixture([(other - F(46, 11), share), (other, 1 - share)])
    assert law.pmf(-1).subs({n: 3, p: F(9, 10), a: F(-23, 11)}) == 0


def test_irrational_weights_beside_a_law_without_end_become_doubles():
    share = sympy.sqrt(2) / 2
    law = (Poisson(1) + Distribution({2 * a: share, 0: 1 - share})).subs({a: F(5, 17)})
    assert law.var() == pytest.approx(1 + float((share - share**2) * F(100, 289)), rel=1e-12)


def test_the_shape_of_a_mixture_with_roots_is_quick():
    # What the signs of long sums are, sympy looked for by their roots, for half a minute.
    clip = Distribution({-1: sympy.sqrt(2) / 2, 2: 1 - sympy.sqrt(2) / 2})
    value = mixture([(clip, p), (Geometric(p), 1 - p)]).skewness().xreplace({p: sympy.Rational(2, 7)})
    numbers = mixture([(clip, F(2, 7)), (Geometric("2/7"), F(5, 7))])
    assert float(value) == pytest.approx(float(numbers.skewness()), rel=1e-9)


def test_moments_of_extremes_are_those_of_numbers():
    law = power(Geometric(q), 2, monoid=monoids.maximum)
    numbers = law.subs({q: F(1, 3)})
    for order in (1, 2, 3):
        assert float((2 * law - 1).moment(order).subs(q, F(1, 3))) == pytest.approx(
            (2 * numbers - 1).moment(order), rel=1e-12
        )
        assert float(law.cumulant(order).subs(q, F(1, 3))) == pytest.approx(numbers.cumulant(order), rel=1e-12)


def test_distances_of_copies_by_letter_are_those_of_numbers():
    step = Distribution({0: p**2, -1: 2 * p * (1 - p), 1: (1 - p) ** 2})
    half = {p: F(1, 2)}
    found = total_variation(n @ step, Binomial(2, p)).subs({n: 2, p: sympy.Rational(1, 2)})
    (outer,) = (e for e in found.atoms(sympy.Sum) if e.has(sympy.Abs, sympy.Piecewise))
    index, low, high = outer.limits[0]
    terms = (outer.function.subs(index, place).doit() for place in range(int(low), int(high) + 1))
    truth = total_variation(2 @ step.subs(half), Binomial(2, "1/2"))
    assert found.xreplace({outer: sympy.Add(*terms)}) == sympy.Rational(truth.numerator, truth.denominator)


def test_a_clipped_law_adds_to_outcomes_that_are_letters():
    law = Poisson(q).clip(-1, 2) + Distribution({a + 1: p, z: 1 - p})
    numbers = Poisson(1).clip(-1, 2) + Distribution({6: F(1, 3), 7: F(2, 3)})
    found = law.subs({q: 1, p: F(1, 3), a: 5, z: 7})
    assert [float(found.pmf(x)) for x in (6, 7, 9)] == pytest.approx([numbers.pmf(x) for x in (6, 7, 9)], rel=1e-12)


def test_totals_of_numbers_that_sympy_knows_by_name_are_exact():
    # Checked in balls, and again for letters that there are none of, it took 20 seconds.
    law = Formula(1 / (sympy.zeta(3) * k**3), k, 1, sympy.oo)
    assert law.pmf(2) == 1 / (8 * sympy.zeta(3))
    assert law.assumptions == ()
    with pytest.raises(DistconvValueError, match=r"totals zeta\(3\), not 1"):
        Formula(1 / k**3, k, 1, sympy.oo)


def test_distances_of_mixtures_on_two_lattices_are_refused():
    p, q, b = sympy.symbols("p q b")
    n = sympy.Symbol("n", integer=True, positive=True)
    X = mixture([(Point(0), p), (Binomial(n, q) + b, 1 - p)])
    with pytest.raises(DistconvTypeError, match="laws on one lattice"):
        total_variation(X, Distribution({0: p, 1: 1 - p}))
    m = sympy.Symbol("m", integer=True)
    Y = mixture([(Point(0), p), (Binomial(n, q) + m, 1 - p)])
    values = {p: "1/3", q: "1/4", n: 2, m: 1}
    right = total_variation(Y.subs(values), Distribution({0: "1/2", 1: "1/2"}))
    assert total_variation(Y, Distribution({0: "1/2", 1: "1/2"})).subs(values).doit() == sympy.Rational(right)
