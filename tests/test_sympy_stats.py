"""Every discrete law of sympy.stats reads, answers what sympy answers, and goes back; so do joint and compound ones."""

from fractions import Fraction

import pytest
import sympy
from sympy import Eq, Indexed, Rational, S, stats

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
    Distribution,
    Geometric,
    Multinomial,
    Poisson,
    from_sympy,
    joint,
    mixture,
    product,
)

p, q, a, b = sympy.symbols("p q a b", positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
THIRD = Rational(1, 3)

#: A variable of each discrete law of sympy.stats, outcomes to compare at, and its name there once it comes back.
SINGLE = {
    "DiscreteUniform": (stats.DiscreteUniform("X", [1, 3, 7]), (1, 2, 7), "Finite"),
    "Die": (stats.Die("X", 6), (0, 1, 6), "Finite"),
    "Die(n)": (stats.Die("X", n), (1, 2), "Die"),
    "Bernoulli": (stats.Bernoulli("X", p, 5, -2), (5, -2, 0), "Finite"),
    "Coin": (stats.Coin("X", THIRD), (sympy.Symbol("H"), sympy.Symbol("T")), "Finite"),
    "Binomial": (stats.Binomial("X", 4, p), (0, 3, 5), "Finite"),
    "Binomial(n)": (stats.Binomial("X", n, p), (0, 3), "Binomial"),
    "BetaBinomial": (stats.BetaBinomial("X", 4, 2, 3), (0, 2, 4), "Finite"),
    "BetaBinomial(a, b)": (stats.BetaBinomial("X", 3, a, b), (0, 2, 3), "Finite"),
    "BetaBinomial(n)": (stats.BetaBinomial("X", n, a, b), (0, 2), "BetaBinomial"),
    "Hypergeometric": (stats.Hypergeometric("X", 10, 5, 3), (0, 2, 4), "Finite"),
    "Hypergeometric(n)": (stats.Hypergeometric("X", n, 5, 3), (2, 3), "Hypergeometric"),
    "Rademacher": (stats.Rademacher("X"), (-1, 0, 1), "Finite"),
    "IdealSoliton": (stats.IdealSoliton("X", 6), (1, 2, 6), "Finite"),
    "IdealSoliton(n)": (stats.IdealSoliton("X", n), (), "IdealSoliton"),
    "RobustSoliton": (stats.RobustSoliton("X", 8, S.Half, Rational(3, 10)), (1, 2, 5, 8), "Finite"),
    "FiniteRV": (stats.FiniteRV("X", {1: p, 4: 1 - p}), (1, 2, 4), "Finite"),
    "FlorySchulz": (stats.FlorySchulz("X", p), (0, 1, 3), "FlorySchulz"),
    "Geometric": (stats.Geometric("X", p), (1, 4), "Geometric"),
    "Hermite": (stats.Hermite("X", a, b), (0, 3, 4), "Hermite"),
    "Hermite(1, 2)": (stats.Hermite("X", 1, 2), (0, 3, 4), "Hermite"),
    "Logarithmic": (stats.Logarithmic("X", p), (1, 3), "Logarithmic"),
    "NegativeBinomial": (stats.NegativeBinomial("X", 3, p), (0, 2), "NegativeBinomial"),
    "Poisson": (stats.Poisson("X", a), (0, 3), "Poisson"),
    "Skellam": (stats.Skellam("X", a, b), (-2, 0, 1), "Skellam"),
    "YuleSimon": (stats.YuleSimon("X", a), (1, 3), "YuleSimon"),
    "YuleSimon(3)": (stats.YuleSimon("X", 3), (1, 3), "YuleSimon"),
    "Zeta": (stats.Zeta("X", a), (1, 3), "Zeta"),
    "Zeta(4)": (stats.Zeta("X", 4), (1, 3), "Zeta"),
    "DiscreteRV": (
        stats.DiscreteRV(sympy.Symbol("X", integer=True), S.Half ** sympy.Symbol("X", integer=True), S.Naturals),
        (0, 1, 3),
        "DiscreteDistributionHandmade",
    ),
    "DiscreteRV, finite": (
        stats.DiscreteRV(sympy.Symbol("X"), sympy.Symbol("X") / 6, sympy.FiniteSet(1, 2, 3)),
        (0, 1, 3),
        "Finite",
    ),
}  # fmt: skip
#: Values of the letters at which densities that are told otherwise are compared.
VALUES = {p: THIRD, a: Rational(7, 2), b: Rational(5, 3), n: 6}


@pytest.mark.parametrize("name", SINGLE)
def test_single_laws_answer_what_sympy_answers(name):
    variable, places, _ = SINGLE[name]
    law, density = from_sympy(variable), stats.density(variable)
    listed = getattr(variable.pspace.distribution, "dict", None)
    for x in places:
        theirs = listed.get(x, 0) if hasattr(listed, "get") else density(sympy.sympify(x))
        difference = (sympy.sympify(law.pmf(x)) - theirs).subs(VALUES)
        assert abs(sympy.N(difference, 30)) < (1e-12 if "Robust" in name or name.endswith("(1, 2)") else 1e-25), x


@pytest.mark.parametrize("name", SINGLE)
def test_single_laws_go_back_by_their_names(name):
    variable, _, back = SINGLE[name]
    law = from_sympy(variable)
    returned = law.to_sympy("X")
    assert type(returned.pspace.distribution).__name__.startswith(back)
    assert from_sympy(returned) == law


def test_no_discrete_law_of_sympy_is_left_out():
    from sympy.stats import drv_types, frv_types, joint_rv_types

    # The names that make discrete laws; of joint ones those that say they are.
    joint_ones = [
        getattr(joint_rv_types, name)
        for name in dir(joint_rv_types)
        if name.endswith("Distribution") and getattr(getattr(joint_rv_types, name), "is_Discrete", False) is True
    ]
    known = {name.split("(")[0].split(",")[0] for name in SINGLE}
    known |= {"Multinomial", "MultivariateEwens", "NegativeMultinomial"}
    assert set(drv_types.__all__) | set(frv_types.__all__) <= known
    assert {c.__name__.removesuffix("Distribution") for c in joint_ones} <= known


def test_moments_are_closed():
    assert from_sympy(stats.Zeta("X", 5)).mean() == sympy.pi**4 / 90 / sympy.zeta(5)
    assert from_sympy(stats.Zeta("X", 2)).mean() == from_sympy(stats.Zeta("X", 3)).var() == sympy.oo
    assert from_sympy(stats.YuleSimon("X", a)).mean() == a / (a - 1)
    wanted = a**2 / ((a - 1) ** 2 * (a - 2))
    assert sympy.simplify(from_sympy(stats.YuleSimon("X", a)).var() - wanted) == 0
    assert from_sympy(stats.YuleSimon("X", 2)).cdf(4) == 1 - Rational(1, 15)
    soliton = from_sympy(stats.IdealSoliton("X", n))
    assert soliton.mean() == sympy.harmonic(n)
    assert soliton.subs({n: 6}) == from_sympy(stats.IdealSoliton("X", 6))
    assert soliton.subs({n: 6}).var() == Fraction(stats.variance(stats.IdealSoliton("X", 6)))
    assert soliton.cdf(3).subs(n, 7) == Rational(1, 7) + 1 - THIRD
    beta = from_sympy(stats.BetaBinomial("X", n, a, b))
    assert sympy.factor(beta.mean() - n * a / (a + b)) == 0
    spread = n * a * b * (a + b + n) / ((a + b) ** 2 * (a + b + 1))
    assert sympy.simplify(beta.var() - spread) == 0
    assert beta.subs({n: 4, a: 2, b: 3}) == from_sympy(stats.BetaBinomial("X", 4, 2, 3))


def test_joint_laws_there_and_back():
    law = from_sympy(stats.Multinomial("M", 3, THIRD, Rational(2, 3)))
    assert law == Multinomial(3, ["1/3", "2/3"]) == from_sympy(law.to_sympy("M"))
    assert type(law.to_sympy("M").pspace.distribution).__name__ == "MultinomialDistribution"
    ewens = stats.MultivariateEwens("E", 4, a)
    law = from_sympy(ewens)
    assert len(law.support) == 5
    for x in law.support:
        assert (law.pmf(x) - stats.density(ewens)(*x)).subs(VALUES) == 0
    failures = stats.NegativeMultinomial("N", 3, Rational(1, 4), THIRD)
    law = from_sympy(failures)
    assert law.pmf((1, 2)) == Fraction(stats.density(failures)(1, 2)) == Fraction(625, 10368)
    assert from_sympy(failures[0]).pmf(2) == law.marginal(0).pmf(2)


def test_any_finite_joint_law_goes_to_sympy():
    law = Distribution({(0, 1): p, (2, 5): 1 - p})
    variable = law.to_sympy("V")
    assert stats.density(variable)(2, 5) == 1 - p
    assert stats.density(variable)(2, 1) == 0
    assert stats.marginal_distribution(variable, 0)(2) == 1 - p
    assert from_sympy(variable) == law
    assert from_sympy(variable[0] + 2 * variable[1]) == law.map(lambda v: v[0] + 2 * v[1])
    with pytest.raises(DistconvTypeError, match="taken for continuous"):
        from_sympy(stats.JointRV("x", sympy.exp(-(Indexed("x", 0) ** 2) - Indexed("x", 1) ** 2) / sympy.pi))


def test_vectors_and_functions_of_variables():
    x, y, z = stats.Die("x", 6), stats.Die("y", 4), stats.Poisson("z", 2)
    assert from_sympy((x, y)) == product(Die(6), Die(4))
    assert from_sympy(sympy.Matrix([x + y, x - y])) == product(Die(6), Die(4)).map(lambda v: (v[0] + v[1], v[0] - v[1]))
    assert from_sympy((x, z, 1)).pmf((2, 3, 1)) == joint(Die(6), Poisson(2)).pmf((2, 3))
    assert from_sympy(x * y) == product(Die(6), Die(4)).map(lambda v: v[0] * v[1])
    assert from_sympy(sympy.Max(x, 3)) == Die(6).map(lambda v: max(v, 3))
    assert from_sympy(stats.given(x, x > 3)) == Die(6).given(lambda v: v > 3)
    process = stats.BernoulliProcess("B", p)
    assert from_sympy(process[1] + process[3]) == Binomial(2, p)
    assert from_sympy(stats.PoissonProcess("N", a)(3)) == Poisson(3 * a)


def test_compound_laws_are_mixtures():
    chance = stats.FiniteRV("P", {S.Half: THIRD, Rational(1, 4): Rational(2, 3)})
    wanted = mixture([(Binomial(5, "1/2"), "1/3"), (Binomial(5, "1/4"), "2/3")])
    assert from_sympy(stats.Binomial("X", 5, chance)) == wanted
    lettered = stats.FiniteRV("P", {S.Half: q, Rational(1, 4): 1 - q})
    assert from_sympy(stats.Bernoulli("X", lettered)).pmf(1) == q / 2 + (1 - q) / 4
    die = stats.Die("D", 3)
    found = from_sympy(stats.Poisson("X", die))
    assert found == mixture([(Poisson(i), "1/3") for i in (1, 2, 3)])
    assert abs(found.pmf(2) - float(stats.density(stats.Poisson("X", die))(2))) < 1e-15
    # The parameter of the parameter, and what hangs on both.
    assert from_sympy(stats.Binomial("Y", stats.Die("D", 2), S.Half)) == Die(2) @ Bernoulli("1/2")
    twice = from_sympy(die + stats.Binomial("Z", die, S.Half))
    assert twice == mixture([(Binomial(i, "1/2") + i, "1/3") for i in (1, 2, 3)])


def test_compound_laws_without_end_are_random_sums():
    count = stats.Geometric("G", p)
    assert from_sympy(stats.Poisson("X", 2 * count)) == Geometric(p) @ Poisson(2)
    assert from_sympy(stats.Binomial("X", stats.Poisson("N", a), p)) == Poisson(a * p)
    number = from_sympy(stats.Poisson("X", stats.Geometric("G", S.Half)))
    assert abs(number.pmf(0) - float(sympy.exp(-1) / (2 - sympy.exp(-1)))) < 1e-15
    with pytest.raises(DistconvTypeError, match="infinitely many values"):
        from_sympy(stats.Geometric("X", 1 / (1 + stats.Poisson("N", 1))))
    with pytest.raises(DistconvTypeError, match="is continuous"):
        from_sympy(stats.Poisson("X", stats.Exponential("E", 1)))


def test_laws_without_a_name_go_by_their_density():
    variable = mixture([(Poisson(1), "1/3"), (Poisson(2), "2/3")]).to_sympy("X")
    assert stats.P(Eq(variable, 0)) == (1 + 2 * sympy.exp(-1)) * sympy.exp(-1) / 3
    assert stats.density((2 * Poisson(a)).to_sympy("X"))(4) == a**2 * sympy.exp(-a) / 2
    assert stats.density(Poisson(3).truncate(low=2).to_sympy("X"))(1) == 0
    with pytest.raises(DistconvTypeError, match="no counterpart"):
        (Die(6) + Poisson(a) + 2 * Poisson(b)).to_sympy()
