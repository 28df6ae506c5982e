"""The table of families: each module ends in a record that tells all of its family, with letters too."""

import inspect
import pickle
from fractions import Fraction

import pytest
import sympy

import distconv
from distconv import Binomial, Die, DistconvTypeError, Geometric, Multinomial, Poisson
from distconv.families.family import FamilyLaw
from distconv.laws import registry

names = pytest.mark.parametrize("name", registry.FAMILIES)
#: Values of letters at which a family with letters is compared with itself with numbers.
PLACES = {"n": 4, "p": Fraction(1, 3), "r": 2, "lam": 3, "mu1": 3, "mu2": 2, "M": 12, "N": 5, "low": 1, "high": 6}


@names
def test_a_record_stands_at_the_end_of_its_module(name):
    family = registry.family(name)
    assert family.name == name
    made = [family.law(*example) for example in family.examples]
    assert len(made) > 1
    assert made[0].family == name
    assert made[0].parameters == family.parameters
    assert isinstance(made[0], FamilyLaw)
    for law, example in zip(made, family.examples, strict=True):
        # A law at an edge may be a simpler one of another name.
        assert distconv.__getattr__(name)(*example).law == law
        again = pickle.loads(pickle.dumps(law))
        assert again == law
        assert hash(again) == hash(law)
        assert (type(again), again.kind, again.values()) == (type(law), law.kind, law.values())


@names
def test_the_public_function_reads_as_its_family(name):
    function = distconv.__getattr__(name)
    family = registry.family(name)
    assert (function.__name__, function.__module__) == (name, registry.FAMILIES[name])
    taken = inspect.signature(function).parameters
    assert tuple(p for p, kind in taken.items() if kind.kind is kind.POSITIONAL_OR_KEYWORD) == family.parameters
    first, _, rest = function.__doc__.partition("\n\n")
    assert "law" in first
    assert ">>> " in rest
    assert inspect.signature(function).return_annotation == "Distribution"
    with pytest.raises(DistconvTypeError, match=f"{name} takes {', '.join(family.parameters)}, not wrong"):
        function(wrong=3)
    with pytest.raises(DistconvTypeError, match="missing"):
        function()
    with pytest.raises(DistconvTypeError, match=f"got {len(taken) + 1} arguments"):
        function(*[1] * (len(taken) + 1))


@pytest.mark.parametrize("name", [n for n in registry.FAMILIES if registry.family(n).letters is not None])
def test_letters_are_the_numbers_they_stand_for(name):
    family = registry.family(name)
    k, z, t = sympy.Symbol("k", integer=True), sympy.Symbol("z"), sympy.Symbol("t")
    values = [PLACES[p] for p in family.parameters]
    law, letters = family.law(*values), registry.letters(name)
    expressions = [sympy.Rational(v.numerator, v.denominator) for v in map(Fraction, values)]
    low, high = letters.ends(*expressions)
    assert (None if low.is_infinite else int(low)) == law.low
    assert (None if high.is_infinite else int(high)) == law.high
    for x in (1, 2, 4):
        found = letters.formula(k, *expressions).subs(k, x).evalf(30)
        assert float(found) == pytest.approx(float(law.at(x)), rel=1e-12)
    assert sympy.false not in letters.conditions(*expressions)
    found = letters.pgf(z, *expressions).subs(z, sympy.Rational(1, 2)).doit().evalf(30)
    assert float(found) == pytest.approx(float(law.pgf(Fraction(1, 2))), rel=1e-12)
    for order in (1, 2):
        if letters.cgf is None:
            found = letters.cumulant(order, *expressions)
        else:
            found = sympy.diff(letters.cgf(t, *expressions), t, order).subs(t, 0)
        assert found is None or float(sympy.N(found, 30)) == pytest.approx(float(law.cumulant(order)), rel=1e-12)
    assert letters.add(tuple(expressions), tuple(expressions)) == letters.copies(sympy.Integer(2), tuple(expressions))


A = sympy.Symbol("a", positive=True)
N = sympy.Symbol("n", integer=True, positive=True)


@pytest.mark.parametrize(
    ("name", "parameters", "value"),
    [
        ("Bernoulli", (A,), "1/4"),
        ("Binomial", (5, A), "1/4"),
        ("Binomial", (N, "1/3"), 7),
        ("Die", (N,), 7),
        ("Geometric", (A,), "1/4"),
        ("Hypergeometric", (N, 4, 5), 12),
        ("Logarithmic", (A,), "1/4"),
        ("Multinomial", (3, [A, "1/2", sympy.Rational(1, 2) - A]), "1/4"),
        ("NegativeBinomial", (2, A), "1/4"),
        ("Poisson", (A,), "5/2"),
        ("PoissonBinomial", ([A, "1/2", 1 - A],), "1/4"),
        ("Skellam", (A, 2), "5/2"),
        ("Uniform", (-1, N), 7),
    ],
)
def test_letters_make_a_law_that_numbers_end(name, parameters, value):
    function, number = distconv.__getattr__(name), sympy.Rational(value)
    law = function(*parameters)
    assert law.kind == "symbolic"

    def told(parameter):
        whole = parameter if isinstance(parameter, list) else [parameter]
        values = [sympy.sympify(p).subs({A: number, N: number}) for p in whole]
        return values if isinstance(parameter, list) else values[0]

    assert law.subs(dict.fromkeys(law.letters, value)) == function(*map(told, parameters))


def test_a_point_may_be_a_letter():
    assert distconv.Point(A).subs({A: 3}) == distconv.Point(3)
    assert distconv.Point(A) + 1 == distconv.Point(A + 1)


def test_options_are_by_keyword_and_for_numbers():
    assert Multinomial(2, [1, 3], normalize=True) == Multinomial(2, ["1/4", "3/4"])
    with pytest.raises(DistconvTypeError, match="Multinomial takes n, ps, got 3 arguments"):
        Multinomial(2, [1, 3], True)
    with pytest.raises(DistconvTypeError, match="Binomial takes n, p; p is missing"):
        Binomial(10)
    with pytest.raises(DistconvTypeError, match="Binomial takes n, p, got 3 arguments"):
        Binomial(10, 0.3, 1)


def test_parameters_are_told_by_name():
    assert (Die(6).family, dict(Die(6).parameters)) == ("Die", {"sides": 6})
    assert dict(Poisson("5/2").parameters) == {"lam": Fraction(5, 2)}
    assert (Poisson(0).family, Geometric(1).family) == ("Point", "Point")
    assert ((Die(6) + Die(6)).family, dict((Die(6) + Die(6)).parameters)) == (None, {})
