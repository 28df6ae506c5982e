"""sympy's own: its numbers as places and weights, its random variables, its printers, against sympy itself."""

import pickle
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import E, I, Rational, cbrt, cos, pi, sqrt, stats

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    Distribution,
    Geometric,
    Hypergeometric,
    Multinomial,
    Poisson,
    PoissonBinomial,
    Uniform,
    from_sympy,
    maximum,
    product,
)
from distconv.errors import DistconvTypeError, DistconvValueError
from distconv.numbers.signs import floor_of, sign_of

lam = sympy.Symbol("lam", positive=True)
p, q = sympy.symbols("p q")

# Irrational places ---------------------------------------------------------------------------------------------------


@given(
    st.integers(-9, 9), st.integers(1, 9), st.sampled_from([pi, E, sqrt(2), cbrt(3), sympy.log(7), sympy.EulerGamma])
)
def test_a_law_of_fractions_answers_at_irrational_places(top, bottom, number):
    place = Rational(top, bottom) * number
    law = Distribution({-2: "1/7", "1/3": "2/7", "1/2": "1/7", 3: "3/7"})
    # The oracle: 60 digits, which no outcome is nearer to.
    digits = Fraction(str(sympy.N(place, 60)))
    below = sum((w for x, w in law if x <= digits), start=Fraction(0))
    if place == 0:
        return
    assert law.pmf(place) == 0
    assert law.cdf(place) == below
    assert law.sf(place) == 1 - below
    assert law.cdf_bounds(place) == (below, below)
    premium = sum(((sympy.Rational(x) - place) * sympy.Rational(w) for x, w in law if x > digits), start=0 * place)
    assert sympy.expand(sympy.sympify(law.stop_loss(place)) - premium) == 0


def test_places_that_are_whole_numbers_in_disguise_are_found_to_be():
    hidden = [sqrt(3 + 2 * sqrt(2)) - sqrt(2) + 1, cbrt(7 + 5 * sqrt(2)) + 1 - sqrt(2), 2 * cos(pi / 3) + 1]
    for two in [*hidden, sympy.sin(1) ** 2 + cos(1) ** 2 + 1]:
        assert Die(6).pmf(two) == Fraction(1, 6)
        assert Die(6).cdf(two) == Fraction(1, 3)
    assert Poisson(lam).pmf(hidden[1]) == lam**2 * sympy.exp(-lam) / 2


def test_every_kind_of_law_answers_at_irrational_places():
    assert Poisson(3).cdf(sqrt(50)) == Poisson(3).cdf(7)
    assert Poisson(3).logsf(pi) == Poisson(3).logsf(3)
    assert (Poisson(3) - Poisson(2)).cdf(-pi) == (Poisson(3) - Poisson(2)).cdf(-4)
    assert Die(6).to_float().cdf(pi) == 0.5
    assert Die(6).cdf([1, pi]).tolist() == [Fraction(1, 6), Fraction(1, 2)]
    assert Binomial(5, p).cdf(E) == Binomial(5, p).cdf(2)
    assert sympy.expand(Poisson(lam).cdf(E) - Poisson(lam).cdf(2)) == 0
    assert product(Die(6), Die(6)).pmf((1, pi)) == 0
    assert Die(6).truncate(E, 5).to_dict() == {x: Fraction(1, 3) for x in (3, 4, 5)}
    assert Die(2).clip(high=sqrt(3)).pmf(sqrt(3)) == Fraction(1, 2)
    assert Die(6).cdf(sympy.oo) == 1
    assert Poisson(3).sf(-sympy.oo) == 1


def test_places_that_are_letters_are_refused_where_cases_would_decide():
    for ask in (Die(6).pmf, Die(6).cdf, Poisson(3).sf, Die(6).truncate):
        with pytest.raises(DistconvTypeError, match="where p lies among the outcomes is not known"):
            ask(p)
    with pytest.raises(DistconvTypeError, match="I is a"):
        Die(6).cdf(I)


# Signs ---------------------------------------------------------------------------------------------------------------


def test_signs_are_those_of_balls():
    near = sympy.exp(pi * sqrt(163)) - 262537412640768744
    assert sign_of(near) == -1
    assert sign_of(sympy.besseli(0, 1) - sympy.besseli(1, 1)) == 1
    assert sign_of(sqrt(2) + sqrt(3) - sqrt(5 + 2 * sqrt(6))) == 0
    assert sign_of(sympy.zeta(3) - Rational(6, 5)) == 1
    root = sympy.Integer(-1) ** Rational(1, 3)
    assert sign_of(root - root**2 - 1) == 0
    assert sign_of(root - root**2 - Rational(9, 10)) == 1
    assert sign_of(sympy.sin(1) ** 2 + cos(1) ** 2 - 1) == 0


@given(st.integers(-(10**40), 10**40), st.integers(1, 10**6), st.sampled_from([pi, sqrt(2), E]))
def test_whole_parts_are_certain(top, bottom, number):
    value = Rational(top, bottom) * number
    found = floor_of(value)
    digits = sympy.N(value, 120)
    assert found <= digits < found + 1 or value == 0


# sympy's numbers as parameters, and answers in sympy's numbers -------------------------------------------------------


def test_irrational_parameters_make_exact_laws():
    third = Rational(1, 3)
    assert Bernoulli(sqrt(2) / 2).pmf(0) == 1 - sqrt(2) / 2
    assert sympy.expand(Binomial(3, 1 / pi).pmf(1) - 3 / pi * (1 - 1 / pi) ** 2) == 0
    assert Binomial(6, 1 / pi) == 6 @ Bernoulli(1 / pi)
    assert PoissonBinomial([sqrt(2) / 2, "1/3"]) == Bernoulli(sqrt(2) / 2) + Bernoulli("1/3")
    assert PoissonBinomial([sqrt(2) / 2, "1/3"]).mean() == sqrt(2) / 2 + third
    assert Multinomial(2, [sqrt(2) / 2, 1 - sqrt(2) / 2]).pmf((1, 1)) == sqrt(2) - 1
    assert Poisson(pi).pmf(2) == pi**2 * sympy.exp(-pi) / 2
    assert Poisson(pi) + Poisson(E) == Poisson(pi + E)
    assert Geometric(1 / pi).mean() == pi
    assert Binomial(4, sqrt(2) / 2).ppf("1/2") == 3
    assert Poisson(lam).subs({lam: pi}) == Poisson(pi)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Bernoulli(sqrt(2)),
        lambda: Bernoulli(-sqrt(2) / 2),
        lambda: PoissonBinomial([sqrt(2), "1/3"]),
        lambda: Poisson(-pi),
        lambda: Geometric(pi),
        lambda: Binomial(sqrt(2), "1/2"),
        lambda: Die(pi),
        lambda: Hypergeometric(10, 3, pi),
        lambda: Uniform(0, pi),
        lambda: Bernoulli(I),
        lambda: Bernoulli(sympy.nan),
        lambda: Poisson(sympy.oo),
    ],
)
def test_irrational_parameters_are_checked(make):
    with pytest.raises((DistconvValueError, DistconvTypeError)):
        make()


def test_a_number_of_sympys_in_means_one_out_where_answers_are_not_fractions_anyway():
    assert Poisson(sympy.Integer(3)).pmf(2) == 9 * sympy.exp(-3) / 2
    assert Geometric(Rational(1, 3)).sf(2) == Rational(4, 9)
    assert Die(sympy.Integer(6)).pmf(1) == Fraction(1, 6)
    assert Poisson(sympy.Float(3)).kind == "float"


FINITE = [
    Die(6),
    2 @ Die(6),
    Distribution({0: "1/3", "7/2": "2/3"}),
    product(Die(2), Bernoulli("1/3")),
    Distribution({lam: "1/2", -lam: "1/2"}),
    Distribution({1: "1/2", 2: "1/4"}, missing="1/4"),
]


@pytest.mark.parametrize("law", FINITE, ids=str)
def test_to_symbolic_changes_the_kind_of_answers_and_nothing_else(law):
    made = law.to_symbolic()
    assert made.kind == "symbolic"
    assert made == law
    assert law == made
    assert hash(made) == hash(law)
    assert {law: 1}[made] == 1
    assert made.to_symbolic() is made
    assert pickle.loads(pickle.dumps(made)) == made
    for (x, ours), (y, theirs) in zip(made, law, strict=True):
        assert x == y
        assert isinstance(ours, sympy.Rational)
        assert ours == sympy.Rational(theirs.numerator, theirs.denominator)


def test_answers_stay_sympys_in_what_is_made_of_symbolic_laws():
    made = Die(6).to_symbolic()
    for law in (
        made + made,
        made + Die(6),
        Die(6) - made,
        3 @ made,
        2 * made + 1,
        made.truncate(2, 4),
        maximum(made, made),
    ):
        assert isinstance(law.pmf(law.low), sympy.Rational), law
        assert isinstance(law.mean(), sympy.Rational)
    assert 3 @ made == 3 @ Die(6)
    assert made.to_float() == Die(6).to_float()
    assert made + Bernoulli(p) == Die(6) + Bernoulli(p)
    assert made.ppf("1/2") == 3
    assert sympy.Symbol("x") * (2 @ made).pmf(7) == sympy.Symbol("x") / 6
    assert made != Die(6).to_float()


def test_infinite_laws_become_symbolic_by_their_formulas():
    assert Poisson(3).to_symbolic() == Poisson(sympy.Integer(3))
    assert (Poisson(3) + Die(6)).to_symbolic().pmf(2) == 2 * sympy.exp(-3) / 3
    assert (2 * Poisson(3) + 1).to_symbolic().pmf(3) == 3 * sympy.exp(-3)
    with pytest.raises(DistconvTypeError, match=r"X.to_exact\(normalize=True\).to_symbolic\(\)"):
        Die(6).to_float().to_symbolic()
    assert Die(6).to_float().to_exact(normalize=True).to_symbolic().kind == "symbolic"
    with pytest.raises(DistconvTypeError, match="write it as a string"):
        Poisson(0.5).to_symbolic()


# sympy.stats ---------------------------------------------------------------------------------------------------------


def test_sums_of_random_variables_of_sympys_are_sums_of_laws():
    x, y, z = stats.Die("x", 6), stats.Die("y", 6), stats.Poisson("z", lam)
    assert from_sympy(x + y) == 2 @ Die(6)
    assert from_sympy(x + x) == 2 * Die(6)
    assert from_sympy(2 * x - y + 3) == 2 * Die(6) - Die(6) + 3
    assert from_sympy(z + x).pmf(1) == sympy.exp(-lam) / 6
    assert from_sympy(lam * x + lam).pmf(3 * lam) == Fraction(1, 6)
    # sympy's own density of the same sum.
    own = stats.density(2 * x - y).dict
    assert {expression: Rational(w) for expression, w in from_sympy(2 * x - y)} == own
    assert from_sympy(x * y) == product(Die(6), Die(6)).map(lambda v: v[0] * v[1])
    assert from_sympy(x**2) == Die(6).map(lambda v: v**2)
    assert from_sympy(sympy.sin(x)) == Die(6).map(sympy.sin)
    for wrong in (x * z, z**2, sympy.sin(z)):
        with pytest.raises(DistconvTypeError, match="no sum of independent variables"):
            from_sympy(wrong)
    with pytest.raises(DistconvTypeError, match="continuous"):
        from_sympy(x + stats.Normal("n", 0, 1))


def test_joint_laws_and_outcomes_with_letters_come_from_sympy():
    assert from_sympy(stats.Multinomial("m", 3, p, 1 - p)) == Multinomial(3, [p, 1 - p])
    assert from_sympy(stats.Multinomial("m", 2, "1/2", "1/2")) == Multinomial(2, ["1/2", "1/2"])
    law = Distribution({lam: "1/3", -lam: "2/3"})
    assert from_sympy(law.to_sympy()) == law
    roots = Distribution({0: sqrt(2) / 2, 1: 1 - sqrt(2) / 2})
    assert from_sympy(roots.to_sympy("R")) == roots
