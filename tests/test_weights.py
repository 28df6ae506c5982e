"""Every member of the protocol of weights, in every number system, against dicts of fractions."""

import math
import operator
import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from distconv.errors import DistconvTypeError
from distconv.weights import Floating, Rational, Symbolic
from distconv.weights.floating import from_doubles
from distconv.weights.rational import exactly, from_fractions
from distconv.weights.symbolic import from_expressions
from distconv.weights.unify import alike, numeric, same, unified

KINDS = ["exact", "symbolic", "float"]
#: The letter of symbolic weights, and the number at which they are compared with fractions.
P, HALF = sympy.Symbol("p", positive=True), Fraction(1, 2)

numbers = st.lists(st.fractions(0, 1, max_denominator=40), min_size=1, max_size=7).filter(any)
sizes = st.sampled_from(KINDS)


def made(kind, values):
    """Weights of these values: dyadic near them where they are doubles, times 2 p where they have letters."""
    if kind == "exact":
        return from_fractions(values)
    if kind == "symbolic":
        return from_expressions([2 * P * sympy.Rational(v.numerator, v.denominator) for v in values])
    return from_doubles([math.frexp(float(v)) for v in values], 0.0)


def true(values, kind):
    """The numbers that such weights hold."""
    return [Fraction(float(v)) for v in values] if kind == "float" else list(values)


def number(value):
    """A weight as a fraction."""
    if hasattr(value, "free_symbols"):
        value = value.subs(P, sympy.Rational(1, 2))
        return Fraction(int(value.p), int(value.q))
    return Fraction(value)


def held(weights):
    """All weights as the fractions that they are."""
    return [number(weights.exact_at(i)) for i in range(weights.size)]


def near(found, wanted, error):
    """Equal to within a relative error, which is 0 where things are exact."""
    return all(abs(f - w) <= abs(w) * Fraction(error) for f, w in zip(found, wanted, strict=True))


@given(sizes, numbers)
def test_single_weights(kind, values):
    w, exact = made(kind, values), true(values, kind)
    assert w.size == len(values)
    assert w.error == 0
    assert w.is_exact is (kind != "float")
    assert held(w) == exact
    assert [number(w.at(i)) for i in range(w.size)] == exact
    assert w.positive().tolist() == [i for i, v in enumerate(values) if v]
    assert [number(v) for v in w.numbers(np.arange(w.size)[::-1])] == exact[::-1]
    assert w.bits == (w.denominator.bit_length() if kind == "exact" else 0)
    if kind != "symbolic":
        assert w.kind == kind
        assert [w.fingerprint(i) for i in range(w.size)] == list(map(hash, exact))
        for i, v in enumerate(exact):
            assert w.log_at(i) == pytest.approx(math.log(v) if v else -math.inf, rel=1e-15, abs=1e-16)
    else:
        for i, v in enumerate(exact):
            assert w.log_at(i) == (sympy.log(2 * P * sympy.Rational(v.numerator, v.denominator)) if v else -sympy.oo)
    assert held(pickle.loads(pickle.dumps(w))) == exact


@given(sizes, numbers, st.data())
def test_other_points(kind, values, data):
    w, exact = made(kind, values), true(values, kind)
    ranks = data.draw(st.lists(st.integers(0, len(values) - 1), min_size=1))
    assert held(w.take(np.array(ranks))) == [exact[r] for r in ranks]
    assert held(w.reversed()) == exact[::-1]
    cells = sorted(data.draw(st.sets(st.integers(0, 20), min_size=len(values), max_size=len(values))))
    wide = [Fraction(0)] * 21
    for cell, value in zip(cells, exact, strict=True):
        wide[cell] = value
    spread = w.spread(np.array(cells), 21)
    assert held(spread) == wide
    assert spread.equals(w)
    assert same(spread, w)
    starts = sorted({0, *data.draw(st.sets(st.integers(0, len(values) - 1)))})
    groups = [sum(exact[i:j]) for i, j in zip(starts, [*starts[1:], len(values)], strict=True)]
    merged = w.merged(np.array(starts))
    assert near(held(merged), groups, merged.error)
    joined = w.joined([w, spread, w.reversed()])
    assert held(joined) == exact + wide + exact[::-1]


@given(sizes, numbers, st.data())
def test_sums(kind, values, data):
    w, exact = made(kind, values), true(values, kind)
    unit = 0 if w.is_exact else 2.0**-53
    count = data.draw(st.integers(0, len(values)))
    assert near([number(w.head(count)), number(w.tail(count))], [sum(exact[:count]), sum(exact[count:])], unit)
    assert near([number(w.total())], [sum(exact)], unit)
    integers = data.draw(st.lists(st.integers(-(10**6), 10**6), min_size=len(values), max_size=len(values)))
    whole = Fraction(1, 1) if kind == "symbolic" else sum(exact)
    mean = sum(map(operator.mul, exact, integers), Fraction(0)) / whole
    found = number(w.average(np.array(integers)))
    assert abs(found - mean) <= 20 * unit * max(abs(i - integers[0]) for i in [*integers, integers[0] + 1]) * 2


@given(sizes, numbers, numbers, st.fractions(0, 3, max_denominator=9).filter(bool))
def test_products(kind, values, others, share):
    w, x = made(kind, values), made(kind, others)
    a, b = true(values, kind), true(others, kind)
    product = w.outer(x)
    assert near(held(product), [p * q for p in a for q in b], product.error)
    product = w.times(w.reversed())
    assert near(held(product), list(map(operator.mul, a, a[::-1])), product.error)
    scaled = w.scaled(share)
    assert near(held(scaled), [v * share for v in a], scaled.error)
    for missing in (Fraction(0), Fraction(1, 8)):
        whole = sum(a) + missing
        found, rest = w.normalised(missing)
        assert near(held(found), [v / whole for v in a], found.error)
        assert missing / whole <= Fraction(rest)
        assert Fraction(rest) <= 1


@given(numbers)
def test_systems_become_one(values):
    exact, floats, letters = (made(kind, values) for kind in ("exact", "float", "symbolic"))
    rounded = exact.as_floating()
    assert near(held(rounded), values, rounded.error)
    assert held(exactly(floats)) == true(values, "float")
    assert exact.as_rational() is exactly(exact) is exact
    assert floats.as_floating() is floats
    x, y = unified(exact, floats)
    assert (x.kind, y.kind) == ("float", "float")
    x, y = unified(letters, exact)
    assert (x.kind, y.kind) == ("symbolic", "symbolic")
    assert held(y) == values
    assert [w.kind for w in alike([exact, letters, exact])] == ["symbolic"] * 3
    assert same(floats, exactly(floats))
    assert same(exact, floats) is (values == true(values, "float"))
    assert not same(letters, exact)
    assert numeric(exact, "numbers") is exact
    for refused in (letters.as_floating, letters.as_rational, lambda: numeric(letters, "quantiles")):
        with pytest.raises(DistconvTypeError, match="depend on p: substitute numbers first"):
            refused()
    with pytest.raises(DistconvTypeError, match="no common denominator"):
        floats.as_rational()
    with pytest.raises(DistconvTypeError, match="do not mix"):
        unified(letters, floats)


def test_weights_of_any_range():
    """Doubles with exponents keep what doubles lose."""
    w = from_doubles([(0.75, -5000), (0.5, -5001), (0.625, 0)], 0.0)
    assert w.at(0) == 0
    assert w.exact_at(0) == Fraction(3, 2**5002)
    assert w.log_at(1) == pytest.approx(-5002 * math.log(2), rel=1e-15)
    assert held(w.times(w))[0] == Fraction(9, 2**10004)
    assert held(w.scaled((0.5, -9000)))[2] == Fraction(5, 2**9004)
    assert [w.fingerprint(i) for i in range(3)] == [hash(w.exact_at(i)) for i in range(3)]
    assert held(w.merged(np.array([0, 2])))[0] == Fraction(3, 2**5002) + Fraction(1, 2**5002)


def test_sums_of_weights_below_the_smallest_double_are_rounded_once():
    # Each is 1.4 times the smallest double, which it is rounded to; their sum is 4.2 times that.
    w = Floating(np.full(3, 0.7), np.full(3, -1073), 0.0)
    assert w.total() == 4 * 2.0**-1074
    assert w.head(2) == w.tail(1) == 3 * 2.0**-1074
    assert Floating(np.array([0.0, 0.5]), np.array([0, -(10**12)]), 0.0).total() == 0


def test_letters_that_cancel_leave_fractions():
    w = from_expressions([P, 1 - P])
    assert isinstance(w.merged(np.array([0])), Rational)
    assert isinstance(from_expressions([P]).times(from_expressions([1 / P])), Rational)
    assert isinstance(from_fractions([Fraction(1, 3)]).as_floating(), Floating)
    assert isinstance(w, Symbolic)
