"""The kit for tests, tested: it passes what is right, and says what is wrong."""

from fractions import Fraction

import pytest
import sympy
from hypothesis import find, given, settings
from hypothesis import strategies as st
from strategies import part

from distconv import Bernoulli, Binomial, Die, DistconvTypeError, Distribution, Poisson, monoids
from distconv.monoids import Monoid
from distconv.testing import assert_close, assert_laws, differences, distributions, families_with_letters, laws_on
from distconv.testing import monoids as any_monoid

pytest_plugins = ["pytester"]
d6 = Die(6)


@part(0.3)
@given(st.data())
def test_our_own_monoids_obey_their_laws(data):
    monoid = data.draw(any_monoid())
    X, Y, Z = (data.draw(laws_on(monoid, max_size=4)) for _ in range(3))
    assert_laws(X, Y, Z, monoid=monoid)


@part(0.3)
@given(st.integers(1, 3).flatmap(lambda n: st.tuples(*[distributions(ndim=n, max_size=4)] * 3)))
def test_sums_obey_theirs(triple):
    assert_laws(*triple)


p, q, lam = sympy.symbols("p q lam", positive=True)


@pytest.mark.parametrize("monoid", [monoids.maximum, monoids.minimum, monoids.multiply])
def test_our_own_monoids_obey_their_laws_with_letters(monoid):
    start = 1 if monoid is monoids.multiply else 0
    assert_laws(Bernoulli(p) + start, Bernoulli(q) + start, Bernoulli(p) + start, monoid=monoid)


@settings(max_examples=5)
@given(laws_on(monoids.maximum, kind="symbolic", max_size=2), laws_on(monoids.xor, kind="symbolic", max_size=2))
def test_laws_with_letters_lie_where_a_monoid_is_defined(X, Y):
    assert X.ndim == 1
    assert all(isinstance(x, int) and x >= 0 for x in Y.support)


@settings(max_examples=6)
@given(st.integers(1, 2).flatmap(lambda n: st.tuples(*[distributions(kind="symbolic", ndim=n, max_size=3)] * 3)))
def test_sums_with_letters_obey_theirs(triple):
    assert_laws(*triple)


@settings(max_examples=4)
@given(families_with_letters(), families_with_letters())
def test_families_with_letters_obey_theirs(X, Y):
    assert X.letters
    assert_laws(X, Y, Die(3))


@settings(max_examples=30)
@given(distributions(kind="symbolic", ndim=1, max_size=3))
def test_laws_with_letters_are_laws(X):
    assert X.letters <= {p, q}
    assert X.is_exact
    assert len(X.support) <= 3
    assert all(0 <= w <= 1 for w in X.subs(dict.fromkeys(X.letters, "1/3")).to_dict().values())
    assert sum(X.subs(dict.fromkeys(X.letters, "1/3")).to_dict().values()) == 1


def test_examples_with_letters_shrink():
    found = find(distributions(kind="symbolic", ndim=1, max_size=3), lambda X: len(X.support) > 1 and bool(X.letters))
    assert found.letters == {p}
    assert len(found.support) == 2


def test_broken_monoids_are_named_by_letters():
    """The first outcomes commute; that the last do not shows in the weights."""
    wide = Distribution({**dict.fromkeys(range(9), p / 9), 9: 1 - p})
    wrong = Monoid(lambda a, b: a if max(a, b) > 8 else min(a, b), None, name="wrong")
    with pytest.raises(AssertionError, match="X o Y and Y o X differ"):
        assert_laws(wide, Bernoulli(q), Bernoulli(q), monoid=wrong)


def test_unequal_laws_with_letters_are_explained():
    long = sum(p**k * q**k for k in range(1, 9)) / 9
    far = Distribution({0: 1 - long, 1: long})
    lines = differences(Bernoulli(p), far)
    assert any("at 1: p and" in line for line in lines)
    assert_laws(Bernoulli(p), Bernoulli(q), Die(3))
    assert_laws(Poisson(lam), Bernoulli(p), Binomial(2, q))


def test_infinite_laws_too():
    assert_laws(d6, Die(4), 2 * Die(3))


@settings(max_examples=30)
@given(distributions(kind="exact", ndim=2), distributions(kind="float", ndim=1, max_size=3))
def test_strategies_give_what_is_asked(X, Y):
    assert X.is_exact
    assert X.ndim == 2
    assert Y.kind == "float"
    assert len(Y.support) <= 3


@pytest.mark.parametrize(
    ("monoid", "words"),
    [
        (
            Monoid(lambda a, b: a - b, 0, name="minus"),
            r"minus is not associative: \(1 o 1\) o 1 = -1, but 1 o \(1 o 1\) = 1",
        ),
        (Monoid(lambda a, b: max(a, b), 3, name="bad unit"), "3 is no identity of bad unit: 3 o 1 = 3"),
        (Monoid(lambda a, b: a, None, name="first"), r"first does not commute: 1 o 2 = 1, but 2 o 1 = 2"),
        (Monoid(lambda a, b: a + b, 0, name="wrong way", way="maximum"), "the fast way and all pairs"),
    ],
)
def test_broken_monoids_are_named(monoid, words):
    with pytest.raises(AssertionError, match=words):
        assert_laws(d6, d6, d6, monoid=monoid)


def test_the_first_is_associative_if_it_does_not_claim_to_commute():
    assert_laws(d6, Die(4), d6, monoid=Monoid(lambda a, b: a, None, name="first", commutative=False))


def test_differences_are_explained():
    assert_close(d6, d6.to_float())
    bent = Distribution({1: 0.5, 2: 0.3, 7: 0.2})
    with pytest.raises(AssertionError) as caught:
        assert_close(d6, bent)
    text = str(caught.value)
    for words in (
        "more than 1e-09",
        "only on the left: 3 (probability 1/6), 4",
        "only on the right: 7 (probability 0.2)",
        "at 1: 1/6 and 0.5, a relative difference of 0.667",
        "total variation distance: 0.666667",
    ):
        assert words in text
    assert differences(d6, Distribution({(0, 0): 1})) == ["dimensions: 1 and 2"]
    many = Distribution.from_counts(dict.fromkeys(range(20), 1))
    assert any("and 9 more" in line for line in differences(many, d6))
    assert any(
        "and at 1 more" in line for line in differences(d6, Distribution.from_counts({k: k for k in range(1, 7)}))
    )
    assert_close(Poisson(3), Poisson(3))
    with pytest.raises(DistconvTypeError):
        assert_close(d6, 3)
    with pytest.raises(DistconvTypeError):
        distributions(kind="letters")
    with pytest.raises(DistconvTypeError):
        assert_laws(d6, d6, d6, monoid=max)
    assert monoids.add.name == "add"
    assert Fraction(1, 6) == d6.pmf(1)


def test_pytest_explains_unequal_laws(pytester):
    pytester.makepyfile(
        """
        from distconv import Die

        def test_dice():
            assert Die(6) == Die(4)
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*two laws that should be equal*", "*only on the left: 5 (probability 1/6), 6*"])
