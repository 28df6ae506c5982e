"""Laws that users can run: by name, on laws of every kind and on classes of their own; and what is broken is caught."""

import operator
import re
import subprocess
import sys
import tomllib
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from importlib import import_module
from pathlib import Path

import pytest
import scipy.stats
import sympy
from hypothesis import Phase, find, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from strategies import part

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Geometric,
    Kernel,
    Logarithmic,
    Multinomial,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    Walk,
    from_scipy,
    joint,
    maximum,
    mixture,
    monoids,
)
from distconv.monoids import Monoid
from distconv.testing import (
    LAWS,
    assert_law,
    assert_laws,
    differences,
    distributions,
    families,
    generic_law,
    kernels,
    law_suite,
    laws,
    mixtures,
    monoids_with_laws,
    walks,
)
from distconv.testing.registration import register

pytest_plugins = ["pytester"]
p, q, lam = sympy.symbols("p q lam", positive=True)
n = sympy.Symbol("n", integer=True, positive=True)
a = sympy.Symbol("a", real=True)
d3, d4, d6 = Die(3), Die(4), Die(6)
cross = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})

#: Enough to find what is broken, and no time spent on smaller examples of it.
QUICK = examples(deadline=None, max_examples=12, phases=[Phase.generate], report_multiple_bugs=False)

# Every kind of law passes. ------------------------------------------------------------------------------------------

KINDS = {
    "letters": lambda: (Bernoulli(p), Bernoulli(q), d3),
    "a letter as a size": lambda: (Die(n), Bernoulli(p), d3),
    "a letter as an outcome": lambda: (Distribution({0: "1/2", a: "1/2"}), d3, Distribution({0: "1/3", 2 * a: "2/3"})),
    "algebraic weights": lambda: (Bernoulli(sympy.sqrt(2) / 2), d3, Bernoulli(sympy.sqrt(3) / 2)),
    "algebraic outcomes": lambda: (Distribution({0: "1/2", sympy.sqrt(2): "1/2"}), d3, d4),
    "floats": lambda: (d6.to_float(), d3, Distribution({0: 0.1, 7: 0.9})),
    "formulas": lambda: (Poisson(lam), Poisson(q), d3),
    "infinite": lambda: (Poisson(3), Poisson(4), d3),
    "infinite, exact": lambda: (Geometric("1/2"), Geometric("1/3"), NegativeBinomial(2, "1/3")),
    "without ends": lambda: (Skellam(1, 2), d3, d4),
    "logarithmic": lambda: (Logarithmic("1/2"), d3, d4),
    "mixtures": lambda: (mixture({Point(0): "1/2", Poisson(3): "1/2"}), d3, d4),
    "known parts": lambda: (Poisson(3).truncate(low=1), d3, d4),
    "compounds": lambda: (Poisson(3) @ d4, d3, Geometric("1/2")),
    "extremes": lambda: (maximum(Poisson(3), Poisson(4)), d3, d4),
    "cells": lambda: (from_scipy(scipy.stats.gamma(2), step="1/20"), d3, d4),
    "in the plane": lambda: (cross, cross.to_float(), 2 @ cross),
    "joint": lambda: (joint(Poisson(3), d4), joint(d3, d4), joint(d3, d4)),
    "vectors with letters": lambda: (Multinomial(2, [p, q, 1 - p - q]),) * 3,
    "with something missing": lambda: (Distribution({0: "1/2"}, missing="1/2"), d3, d4),
    "with something missing, floats": lambda: (Distribution({0: 0.5, 1: 0.25}, missing=0.25), d3, d4),
}


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_law_passes(kind):
    X, Y, Z = KINDS[kind]()
    report = assert_laws(X, Y, Z, skip=["mixtures"] if X.letters else ())
    assert {"associative", "commutative", "identity", "reflection", "cumulants"} <= {e.law for e in report.evidence}
    of_laws = [e for e in report.evidence if e.on == "laws"]
    assert all(e.proved for e in of_laws) if X.letters and kind != "a letter as an outcome" else True


def test_what_cannot_be_asked_is_told():
    report = assert_laws(Distribution({0: "1/2"}, missing="1/2"), d3, d4)
    (found,) = (e for e in report.evidence if e.law == "cumulants")
    assert found.cases == 0
    assert "not asked, AccuracyError" in str(found)
    with pytest.raises(DimensionError, match="of one dimension, got 2-D, 1-D, 1-D"):
        assert_laws(cross, d3, d4)


# Laws by name. ------------------------------------------------------------------------------------------------------


def test_every_law_is_asked_by_name():
    """Each says what it says of some operation: none is empty."""
    of_planes = assert_law("marginals", cross, 2 @ cross)
    doubled = assert_law("homomorphism", d6, d4, image=lambda x: 2 * x)
    best = assert_law("max-plus", d6, d4, d3, operation=monoids.maximum)
    worst = assert_law("max-plus", d6, d4, d3, operation=monoids.minimum)
    fast = assert_law("pairs", d6, d4, operation=monoids.multiply)
    group = assert_law("inverse", d3, operation=monoids.modulo(5))
    for report in (of_planes, doubled, best, worst, fast, group):
        assert sum(e.cases for e in report.evidence) > 0
    others = set(LAWS) - {"marginals", "homomorphism", "max-plus", "pairs", "inverse"}
    report = assert_laws(d6, d4, d3, only=others)
    assert {e.law for e in report.evidence if e.cases} == others


def test_names_are_checked():
    with pytest.raises(DistconvValueError, match="there is no law 'abelian'; the laws are associative, commutative"):
        assert_law("abelian", d6)
    with pytest.raises(DistconvTypeError, match="give one of them"):
        assert_laws(d6, operation=monoids.add, monoid=monoids.add)
    with pytest.raises(DistconvTypeError, match="convolves distributions, got 1"):
        assert_laws(1, 2, 3, operation=monoids.add)
    with pytest.raises(DistconvTypeError, match="image=f"):
        assert_laws(d6, into=monoids.add)
    with pytest.raises(DistconvTypeError, match="must be a Monoid or a function"):
        assert_laws(d6, operation="add")


def test_a_map_that_respects_nothing_is_caught():
    assert_law("homomorphism", d6, d4, image=lambda x: x % 5, into=monoids.modulo(5))
    assert_law("homomorphism", d6, d4, image=lambda x: 2**x, into=monoids.multiply)
    assert_law("homomorphism", d6, d4, operation=operator.add, image=Distribution.mean)
    assert_law("homomorphism", d6.to_float(), d4, operation=operator.add, image=Distribution.var)
    with pytest.raises(AssertionError, match=r"f\(X o Y\) and f\(X\) o' f\(Y\) differ"):
        assert_law("homomorphism", d6, d4, image=lambda x: x * x)
    with pytest.raises(AssertionError):
        assert_law("homomorphism", d6, d4, operation=operator.add, image=Distribution.std)


# Proved, or checked. ------------------------------------------------------------------------------------------------


def test_finite_monoids_are_proved():
    swap = Distribution({(0, 1, 2): "1/2", (1, 0, 2): "1/2"})
    group = assert_law("inverse", swap, operation=monoids.symmetric(3))
    assert str(group.evidence[0]) == "inverse on outcomes: proved, all 6 elements: it is a group"
    assert group.proved == ("inverse",)
    clock = assert_laws(d3, d4, operation=monoids.modulo(12))
    assert "associative on outcomes: proved, all 1728 triples of its 12 elements" in str(clock)
    assert clock.proved == ()
    chain = Monoid.from_table([[0, 1], [1, 1]])
    with pytest.raises(AssertionError, match="1 has no inverse in table"):
        assert_law("inverse", Bernoulli("1/2"), operation=chain)


def test_letters_are_a_proof():
    report = assert_laws(Bernoulli(p), Bernoulli(q), d3, skip=["mixtures"])
    assert "commutative on laws: proved, by algebra, for all p, q" in str(report)
    assert "commutative on outcomes: checked on 4 cases" in str(report)
    everything = assert_laws(*(generic_law(range(2), letter) for letter in "abc"), operation=monoids.modulo(2))
    assert everything.proved == tuple(dict.fromkeys(e.law for e in everything.evidence))


def test_generic_laws_are_all_laws():
    X = generic_law(range(4))
    assert X.subs({"a0": "1/2", "a1": "1/4", "a2": "1/8"}).to_dict() == {
        0: Fraction(1, 2),
        1: Fraction(1, 4),
        2: Fraction(1, 8),
        3: Fraction(1, 8),
    }


# Ten broken monoids. ------------------------------------------------------------------------------------------------


def table(change):
    """The cyclic group of 5 elements with one product changed."""
    rows = [[(i + j) % 5 for j in range(5)] for i in range(5)]
    change(rows)
    return Monoid(lambda x, y: rows[x][y], 0, name="changed", elements=tuple(range(5)))


def changed(rows):
    rows[3][4] = rows[4][3] = 1


def one_sided(rows):
    rows[1][2], rows[2][1] = 4, 3


def outside(rows):
    rows[2][2] = 7


BROKEN_MONOIDS = {
    "a difference": (Monoid(operator.sub, 0), "not associative"),
    "a mean": (Monoid(lambda x, y: Fraction(x + y, 2), None), "not associative"),
    "a distance": (Monoid(lambda x, y: abs(x - y), 0), "not associative"),
    "a sum that saturates on one side": (
        Monoid(lambda x, y: min(x + y, 7) - (x > 6), 0),
        "not associative|no identity",
    ),
    "a sum that rounds": (Monoid(lambda x, y: (x + y) // 2 * 2, None), "not associative"),
    "the first one, said to commute": (Monoid(lambda x, _: x, None), "does not commute"),
    "the largest one from 3 on, with a wrong identity": (Monoid(max, 3), "no identity"),
    "a fast way that is another operation": (Monoid(operator.add, 0, way="maximum"), "fast way and all pairs"),
    "a group with one product changed": (table(changed), "not associative"),
    "a table that leaves its elements": (table(outside), "leaves its elements"),
    "a group with two products swapped": (table(one_sided), "not associative|does not commute"),
    "words that forget a letter": (Monoid(lambda x, y: (x + y) if x + y != 5 else 6, 0), "not associative"),
}


def broken_laws(suite):
    """What the tests of a suite that fail say."""
    broken = {}
    for law in [law for law in vars(suite) if law.startswith("test")]:
        try:
            getattr(suite(), law)(lambda *told: None)
        except AssertionError as wrong:
            broken[law] = str(wrong)
        except pytest.skip.Exception:
            # Marginals of numbers.
            continue
    return broken


@pytest.mark.parametrize("name", BROKEN_MONOIDS)
def test_broken_monoids_are_caught(name):
    monoid, words = BROKEN_MONOIDS[name]
    drawn = distributions(outcomes=range(5) if monoid.elements else range(1, 9), max_size=3)
    suite = law_suite(monoid, drawn, skip=["copies", "mixtures"], settings=QUICK)
    assert any(re.search(words, text) for text in broken_laws(suite).values())


# Ten broken distributions: classes that users might write. ------------------------------------------------------------


@dataclass(frozen=True)
class Mine:
    """A law as a table, as one writes it in ten lines. Its mistakes are subclasses."""

    table: tuple

    @classmethod
    def of(cls, X):
        return cls(tuple(sorted(X.to_dict().items())))

    def __add__(self, other):
        total = Counter()
        for x, v in self.table:
            for y, w in other.table:
                total[x + y] += v * w
        return type(self)(tuple(sorted(total.items())))


class ForgetsTies(Mine):
    """Overwrites where it should add."""

    def __add__(self, other):
        return type(self)(tuple(sorted({x + y: v * w for x, v in self.table for y, w in other.table}.items())))


class DoublesItself(Mine):
    """Takes X + X for 2 X."""

    def __add__(self, other):
        if self == other:
            return type(self)(tuple((2 * x, v) for x, v in self.table))
        return super().__add__(other)


class DropsTheRare(Mine):
    """Leaves out what is rare, and says nothing."""

    def __add__(self, other):
        found = super().__add__(other).table
        return type(self)(tuple((x, v) for x, v in found if v > Fraction(1, 50)))


class Rounds(Mine):
    """Keeps three decimals."""

    def __add__(self, other):
        return type(self)(tuple((x, round(v, 3)) for x, v in super().__add__(other).table))


class Wraps(Mine):
    """A circular convolution that is too short."""

    def __add__(self, other):
        total = Counter()
        for x, v in super().__add__(other).table:
            total[x % 16] += v
        return type(self)(tuple(sorted(total.items())))


class Renormalises(Mine):
    """Cuts the last outcome of a long law, and divides by what is left."""

    def __add__(self, other):
        found = super().__add__(other).table
        kept = found[:-1] if len(found) > 6 else found
        rest = sum(v for _, v in kept)
        return type(self)(tuple((x, v / rest) for x, v in kept))


class OffByOne(Mine):
    """Starts at the first outcome of the one, not at the sum of both."""

    def __add__(self, other):
        first = other.table[0][0]
        return type(self)(tuple((x - first, v) for x, v in super().__add__(other).table))


class Subtracts(Mine):
    """Correlates in place of convolving."""

    def __add__(self, other):
        return super().__add__(type(self)(tuple(sorted((-y, w) for y, w in other.table))))


class Mixes(Mine):
    """Averages the probabilities."""

    def __add__(self, other):
        total = Counter()
        for x, v in self.table + other.table:
            total[x] += v / 2
        return type(self)(tuple(sorted(total.items())))


class Sorts(Mine):
    """Pairs the outcomes in order, as if both were drawn by the same number."""

    def __add__(self, other):
        pairs = zip(self.table, other.table, strict=False)
        found = [(x + y, max(v, w)) for (x, v), (y, w) in pairs]
        rest = sum(v for _, v in found)
        return type(self)(tuple((x, v / rest) for x, v in found))


class InFloats(Mine):
    """Goes through doubles."""

    def __add__(self, other):
        return type(self)(tuple((x, Fraction(float(v))) for x, v in super().__add__(other).table))


BROKEN = (
    ForgetsTies,
    DoublesItself,
    DropsTheRare,
    Rounds,
    Wraps,
    Renormalises,
    OffByOne,
    Subtracts,
    Mixes,
    Sorts,
    InFloats,
)


def suite_of(kind):
    """The laws of + among laws of this class, and that they add as ours do."""
    drawn = distributions(outcomes=range(1, 10)).map(kind.of)
    return law_suite(operator.add, drawn, image=lambda mine: dict(mine.table), into=by_hand, settings=QUICK)


def by_hand(f, g):
    """The convolution of two tables, by the library."""
    return (Distribution(f) + Distribution(g)).to_dict()


def test_a_right_class_passes():
    assert broken_laws(suite_of(Mine)) == {}


@pytest.mark.parametrize("kind", BROKEN)
def test_broken_distributions_are_caught(kind):
    assert "test_homomorphism" in broken_laws(suite_of(kind))


# Own classes. -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Money:
    """Cents that add."""

    cents: int

    def __add__(self, other):
        return Money(self.cents + other.cents)


def test_own_classes_and_operations():
    report = assert_laws(
        *map(Money, (1, 2, 3)),
        identity=Money(0),
        inverse=lambda m: Money(-m.cents),
        image=lambda m: m.cents,
    )
    assert [e.law for e in report.evidence] == ["associative", "commutative", "identity", "inverse", "homomorphism"]
    assert {e.on for e in report.evidence} == {"values"}
    assert_laws("a", "b", "c", commutative=False, identity="")
    assert_laws(6, 10, 15, operation=lambda x, y: x * y)
    with pytest.raises(AssertionError, match="X o Y and Y o X differ"):
        assert_laws("a", "b", "c")
    with pytest.raises(AssertionError, match="X o X' and e differ"):
        assert_laws(*map(Money, (1, 2, 3)), identity=Money(0), inverse=lambda m: m)
    with pytest.raises(AssertionError, match="e o X and X differ"):
        assert_laws(*map(Money, (1, 2, 3)), identity=Money(1))
    filters = assert_laws(
        Kernel({0: 1, 1: -1}), Kernel({0: 1, 1: "1/2"}), Kernel({0: 0.1, 2: 3.0}), operation=operator.mul
    )
    assert len(filters.evidence) == 2
    assert_laws(1.0, 0.1, 0.7)
    with pytest.raises(AssertionError):
        assert_laws(1.0, 0.1, 0.7, rtol=0.0, operation=lambda x, y: x + y + 1e-10 * x)


# Suites. ------------------------------------------------------------------------------------------------------------


def told_by(suite):
    """What the tests of a suite tell pytest."""
    told = []
    for law in [law for law in vars(suite) if law.startswith("test")]:
        getattr(suite(), law)(lambda _, text: told.append(text))
    return told


def test_suites_tell_what_is_proved():
    told = told_by(law_suite(monoids.modulo(2), only=["associative", "inverse", "mixtures"], settings=QUICK))
    assert told == [
        "modulo 2: associative on outcomes: proved, all 8 triples of its 2 elements",
        "modulo 2: associative on laws: checked on 12 cases",
        "modulo 2: associative on laws: proved, by algebra, for all laws on its 2 elements",
        "modulo 2: inverse on outcomes: proved, all 2 elements: it is a group",
        "modulo 2: mixtures on laws: checked on 12 cases",
        "modulo 2: mixtures on laws: proved, by algebra, for all laws on its 2 elements",
    ]


@pytest.mark.parametrize("ndim", [1, 2])
def test_suites_take_triples_of_any_dimension(ndim):
    suite = law_suite(triples=laws(3, ndim=ndim, max_size=2), only=["associative", "marginals"], settings=QUICK)
    if ndim == 2:
        assert [text.partition(":")[2].partition(" on ")[0] for text in told_by(suite)].count(" marginals") == 1
    else:
        with pytest.raises(pytest.skip.Exception, match="marginals: not asked, it says nothing of what was drawn"):
            told_by(suite)


def test_suites_name_their_tests():
    suite = law_suite(monoids.maximum, kernels(), skip=["pairs"])
    assert suite.test_max_plus.__doc__ == LAWS["max-plus"]
    assert not hasattr(suite, "test_pairs")
    assert not hasattr(law_suite(), "test_pairs")
    with pytest.raises(DistconvTypeError, match="needs a strategy"):
        law_suite(operator.add)
    with pytest.raises(DistconvTypeError, match="give one of them"):
        law_suite(monoids.add, distributions(), triples=laws(3))


# Strategies. --------------------------------------------------------------------------------------------------------


@part(0.5)
@given(distributions(), distributions(), laws(2, kind=None, ndim=None, max_size=3))
def test_draws_fit_each_other(X, Y, pair):
    assert X + Y == Y + X
    assert X.is_exact
    assert X.ndim == 1
    U, V = pair
    assert (U + V).ndim == U.ndim
    assert U.kind == V.kind


@part(0.3)
@given(distributions(outcomes=range(7), infinite=True, mixtures=True), families(kind="float"), mixtures(families()))
def test_infinite_laws_and_mixtures(X, Y, Z):
    assert X.cdf(6) >= 0
    assert not Y.is_finite
    assert not Z.is_finite


@part(0.3)
@given(kernels(), kernels(kind="float"), kernels(kind="symbolic", ndim=2), walks(ndim=2), walks(known=True))
def test_kernels_and_walks(k, l, m, plane, walk):
    assert k.kind == "exact"
    assert (k * l).kind == "float"
    assert m.ndim == plane.ndim == 2
    assert len(plane) <= 4
    assert walk.final.ndim == 1


@part(0.3)
@given(monoids_with_laws(2))
def test_monoids_come_with_laws(drawn):
    monoid, (X, Y) = drawn
    assert_laws(X, Y, operation=monoid, only=["associative", "identity"])


SHRINKING = {
    "exact": (distributions(), lambda X: len(X.support) > 2, Distribution.from_counts({0: 1, 1: 1, 2: 1})),
    "exact, far": (distributions(), lambda X: X.mean() > 5, Point(6)),
    "floats": (distributions(kind="float"), lambda X: len(X.support) > 1, Distribution({0: 0.5, 1: 0.5})),
    "infinite": (distributions(infinite=True), lambda X: not X.is_finite, Geometric("1/2")),
    "kernels": (kernels(), lambda k: k.total < 0, Kernel({0: -1})),
    "walks": (walks(), lambda walk: walk.final.mean() > 0, Walk([Point(1)])),
}


@pytest.mark.parametrize("name", SHRINKING)
def test_examples_shrink(name):
    strategy, condition, smallest = SHRINKING[name]
    assert find(strategy, condition, settings=examples(max_examples=200)) == smallest


def test_strategies_refuse_what_does_not_fit():
    with pytest.raises(DistconvTypeError, match="outcomes= and infinite="):
        distributions(ndim=None, infinite=True)
    with pytest.raises(DistconvTypeError, match="ndim must be 1, got 2"):
        distributions(ndim=2, infinite=True)
    with pytest.raises(DistconvTypeError, match="kind must be"):
        kernels(kind="letters")


@part(0.2)
@given(st.from_type(Distribution), st.from_type(Kernel), st.from_type(Walk), st.from_type(Monoid))
def test_types_are_known_to_hypothesis(X, k, walk, monoid):
    assert (type(X), type(k), type(walk), type(monoid)) == (Distribution, Kernel, Walk, Monoid)
    assert X.is_exact


# What differs. ------------------------------------------------------------------------------------------------------


def test_kernels_walks_and_containers_are_explained():
    lines = differences(Kernel({0: 1, 1: 2}), Kernel({0: 1, 1: 3}))
    assert "at 1: 2 and 3, a relative difference of 0.333" in lines
    lines = differences(Walk([d6, d4]), Walk([d6, d3]))
    assert "step 2 of 2:" in lines
    assert "  only on the left: 4 (probability 1/4)" in lines
    assert "steps: 1 and 2" in differences(Walk([d6]), Walk([d6, d6]))
    assert differences(Kernel({0: 1}), Kernel({(0, 0): 1})) == ["dimensions: 1 and 2"]
    assert any("lam" in line for line in differences(Poisson(lam), Poisson(q)))
    assert differences(Binomial(10**9, "1/2"), Binomial(10**9, "1/3"))[0].startswith("left:  Binomial")
    assert differences(3, 4) == ["left:  3", "right: 4"]


def test_the_table_of_the_docs_is_that_of_the_kit():
    page = (Path(__file__).parents[1] / "docs" / "how-to" / "check-laws.md").read_text("utf-8")
    rows = re.findall(r"^\| `([a-z -]+)` \| (.+?) \| .+ \|$", page, flags=re.MULTILINE)
    assert dict(rows) == LAWS


# In pytest. ---------------------------------------------------------------------------------------------------------

FIRST = """
import math
from hypothesis import HealthCheck, Phase, given, settings
from sympy import symbols
from distconv import Bernoulli, Die, Kernel, Walk
from distconv.monoids import Monoid
from distconv.testing import assert_laws, distributions, law_suite, laws

few = settings(
    max_examples=3,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
p, q = symbols("p q", positive=True)

@few
@given(distributions(), distributions())
def test_numbers(X, Y):
    assert X + Y == Y + X

@few
@given(laws(3, ndim=2, max_size=3))
def test_plane(triple):
    X, Y, Z = triple
    assert (X + Y) + Z == X + (Y + Z)

@few
@given(laws(3, kind="float", max_size=3))
def test_floats(triple):
    assert_laws(*triple)

def test_letters():
    assert_laws(Bernoulli(p), Bernoulli(q), Die(3))

TestGcd = law_suite(Monoid(math.gcd, 0, name="gcd"), distributions(outcomes=range(9)), settings=few)
minus = Monoid(lambda a, b: a - b, 0, name="minus")
TestBroken = law_suite(minus, distributions(outcomes=range(3)), only=["associative"], settings=few)

def test_kernels():
    assert Kernel({0: 1}) == Kernel({0: 2})

def test_nested():
    assert {"a": [Die(6)], "b": 1} == {"a": [Die(4)], "b": 1}

def test_walks():
    assert (1, Walk([Die(6)])) == (1, Walk([Die(4)]))
"""


def test_the_first_test_file_runs_as_typed(pytester):
    pytester.makepyfile(FIRST)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider", "-p", "no:xdist", "-p", "no:randomly")
    result.assert_outcomes(passed=9, failed=4)
    result.stdout.fnmatch_lines(
        [
            "*minus is not associative: *",
            "*two kernels that should be equal*",
            "*at 0: 1 and 2, a relative difference of 0.5*",
            "*the laws at [[]'a'][[]0] should be equal*",
            "*only on the left: 5 (probability 1/6), 6*",
            "*the walks at [[]1] should be equal*",
            "*gcd: associative on laws: checked on 3 cases*",
        ]
    )


def test_hypothesis_calls_what_the_entry_point_names():
    project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))["project"]
    module, _, name = project["entry-points"]["hypothesis"]["distconv"].partition(":")
    assert getattr(import_module(module), name) is register


def test_the_package_does_not_load_hypothesis():
    code = "import sys, distconv; distconv.Die(6) + 1; assert 'hypothesis' not in sys.modules"
    subprocess.run([sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"], check=True)
