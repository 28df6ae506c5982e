"""Exact numbers that are no fractions as weights: against pairs of fractions, and against sixty digits."""

from __future__ import annotations

import operator
import pickle
from fractions import Fraction
from functools import reduce

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from sympy import Integer, Rational, exp, log, pi, sqrt

from distconv import (
    Bernoulli,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Kernel,
    Poisson,
    deconvolve,
    maximum,
    minimum,
    mixture,
    product,
    sum_of,
    total_variation,
    wasserstein,
)

ROOT = sqrt(2)
HALF = Distribution({0: ROOT / 2, 1: 1 - ROOT / 2})
GOLDEN = (sqrt(5) - 1) / 2
p, lam = sympy.symbols("p lam", positive=True)


class Pair:
    """a + b sqrt(2), two fractions: the oracle's own numbers."""

    def __init__(self, a, b=0):
        self.a, self.b = Fraction(a), Fraction(b)

    def __add__(self, other):
        return Pair(self.a + other.a, self.b + other.b)

    def __mul__(self, other):
        return Pair(self.a * other.a + 2 * self.b * other.b, self.a * other.b + self.b * other.a)

    def __truediv__(self, other):
        norm = other.a**2 - 2 * other.b**2
        return self * Pair(other.a / norm, -other.b / norm)

    def sign(self):
        """By squares: a + b sqrt(2) > 0."""
        if self.a >= 0 and self.b >= 0:
            return int(self.a > 0 or self.b > 0)
        if self.a <= 0 and self.b <= 0:
            return -1
        larger = self.a**2 - 2 * self.b**2
        return (1 if larger > 0 else -1) * (1 if self.a > 0 else -1)

    def expression(self):
        return Rational(self.a.numerator, self.a.denominator) + ROOT * Rational(self.b.numerator, self.b.denominator)


def added(f, g):
    """The convolution of two dicts of pairs."""
    found = {}
    for (x, v), (y, w) in ((one, other) for one in f.items() for other in g.items()):
        found[x + y] = found.get(x + y, Pair(0)) + v * w
    return found


def agrees(law, oracle):
    """Whether a law has just these weights."""
    weights = {x: w.expression() for x, w in oracle.items() if w.a or w.b}
    return law.to_dict() == weights


small = st.fractions(min_value=0, max_value=3, max_denominator=5)
weights = st.lists(st.tuples(small, small), min_size=1, max_size=4).filter(lambda row: any(a or b for a, b in row))


@st.composite
def in_root_two(draw):
    """A law over Q(sqrt(2)) and the oracle's."""
    row = [Pair(a, b) for a, b in draw(weights)]
    whole = reduce(operator.add, row)
    oracle = {x: w / whole for x, w in enumerate(row)}
    return Distribution({x: w.expression() for x, w in oracle.items()}), oracle


@given(in_root_two(), in_root_two(), st.integers(1, 4))
def test_sums_over_the_field_of_a_root(x, y, n):
    (X, f), (Y, g) = x, y
    assert agrees(X, f)
    assert agrees(X + Y, added(f, g))
    assert agrees(n @ X, reduce(added, [f] * n))
    assert X + Y == Y + X
    assert hash(X + Y) == hash(Y + X)
    assert sum_of([X, Y, X]) == 2 @ X + Y


@given(in_root_two(), st.fractions(min_value=0, max_value=1, max_denominator=12))
def test_levels_are_compared_exactly(x, q):
    X, f = x
    S, g = 3 @ X, reduce(added, [f] * 3)
    places = sorted(k for k, w in g.items() if w.a or w.b)
    heads = [(k, reduce(operator.add, (g[j] for j in places[: i + 1]))) for i, k in enumerate(places)]
    assert S.ppf(q) == next(k for k, head in heads if (head + Pair(-q)).sign() >= 0)
    assert S.isf(q) == next(k for k, head in heads if (Pair(1 - q) + head * Pair(-1)).sign() <= 0)
    top = places[0]
    for k in places:
        top = k if (g[k] + g[top] * Pair(-1)).sign() > 0 else top
    assert S.mode() == top
    for k, head in heads:
        assert S.cdf(k) == head.expression()


@given(in_root_two())
def test_queries_over_the_field_of_a_root(x):
    X, f = x
    mean = reduce(operator.add, (w * Pair(k) for k, w in f.items()))
    square = reduce(operator.add, (w * Pair(k * k) for k, w in f.items()))
    assert X.mean() == mean.expression()
    assert sympy.expand(X.var() - (square + mean * mean * Pair(-1)).expression()) == 0
    assert X.moment(2) == square.expression()
    floats = X.to_float()
    for k, w in f.items():
        assert abs(floats.pmf(k) - float(w.expression())) <= (floats.error + 2.0**-52) * float(w.expression())
    assert pickle.loads(pickle.dumps(X)) == X
    assert not X.letters


def test_the_first_example():
    assert (HALF.kind, HALF.is_exact, HALF.letters, HALF.error) == ("symbolic", True, frozenset(), 0.0)
    assert (2 @ HALF).pmf(1) == ROOT - 1
    assert (2 @ HALF).pmf(0) == Rational(1, 2)


#: Laws of two outcomes, by the weight of the first.
CONSTANTS = {
    "root": ROOT / 2,
    "golden ratio": GOLDEN,
    "GoldenRatio": 2 - sympy.GoldenRatio,
    "nested": sqrt(2 + ROOT) / 2,
    "two roots": sqrt(3) - ROOT,
    "cube root": Integer(3) ** Rational(1, 3) / 2,
    "mixed roots": Integer(12) ** Rational(1, 3) / 4 + ROOT / 10,
    "cosine": sympy.cos(pi / 5),
    "seventh": sympy.cos(pi / 7),
    "pi": 1 / pi,
    "root of pi": 1 / sqrt(pi),
    "exponential": exp(-3),
    "log": log(2),
    "logs": log(6) / 3,
    "hyperbolic": sympy.tanh(1),
    "sine": sympy.sin(1),
    "power": 2 ** (-ROOT),
    "polynomial": sympy.CRootOf(sympy.Symbol("x") ** 5 + sympy.Symbol("x") - 1, 0),
}


def digits(expression):
    """A number to 60 digits."""
    return sympy.N(expression, 60)


@pytest.mark.parametrize("value", CONSTANTS.values(), ids=CONSTANTS)
def test_constants_of_every_kind(value):
    X = Distribution({0: value, 1: 1 - value})
    S = 3 @ X
    assert S.kind == "symbolic"
    assert not S.letters
    for k in range(4):
        right = sympy.binomial(3, k) * digits(value) ** (3 - k) * (1 - digits(value)) ** k
        assert abs(digits(S.pmf(k)) - right) < 1e-50
        found = S.to_float()
        assert abs(found.pmf(k) - float(right)) <= (found.error + 2.0**-52) * float(right)
    assert S == X + X + X
    assert X == Distribution({0: value, 1: 1 - value})
    assert S.ppf("1/2") == S.median()
    assert abs(float(S.sf(0)) - float(1 - digits(value) ** 3)) < 1e-15
    assert pickle.loads(pickle.dumps(S)) == S


def test_numbers_that_are_related_know_of_each_other():
    three = Distribution({0: exp(-3), 1: 1 - exp(-3)})
    six = Distribution({0: exp(-6), 1: 1 - exp(-6)})
    assert (three + three).pmf(0) == six.pmf(0)
    assert (three + six).pmf(1) == sympy.expand(exp(-3) * (1 - exp(-6)) + exp(-6) * (1 - exp(-3)))
    two, four = Distribution({0: log(2), 1: 1 - log(2)}), Distribution({0: log(4) / 2, 1: 1 - log(4) / 2})
    assert two == four
    assert hash(two) == hash(four)
    roots = Distribution({0: sqrt(2) / 2, 1: 1 - sqrt(2) / 2}) + Distribution({0: sqrt(3) / 2, 1: 1 - sqrt(3) / 2})
    assert roots.pmf(0) == sqrt(6) / 4
    assert (roots + Distribution({0: sqrt(6) / 4, 1: 1 - sqrt(6) / 4})).pmf(0) == Rational(3, 8)
    eight = Distribution({k: (1 + sympy.cos(2 * pi * k / 8)) / 8 for k in range(8)})
    assert (eight % 8 + Distribution({k: Rational(1, 8) for k in range(8)})) % 8 == Distribution(
        dict.fromkeys(range(8), "1/8")
    )


def test_totals_that_are_one_only_after_simplification():
    assert Distribution({0: ROOT / 2, 1: 1 / (2 + ROOT)}) == HALF
    assert Distribution({0: sympy.sin(1) ** 2, 1: sympy.cos(1) ** 2}).kind == "symbolic"
    nested = sqrt(3 + 2 * ROOT) - ROOT
    assert Distribution({0: nested / 2, 1: "1/2"}) == Distribution({0: "1/2", 1: "1/2"})
    assert Distribution({0: ROOT, 1: 1}, normalize=True).to_dict() == {0: 2 - ROOT, 1: ROOT - 1}
    zero = sqrt(2) * sqrt(3) - sqrt(6) + sqrt(5 + 2 * sqrt(6)) - sqrt(2) - sqrt(3)
    assert 2 not in Distribution({0: ROOT / 2, 1: 1 - ROOT / 2, 2: zero}).support


def test_what_is_no_law_is_refused_with_the_number():
    with pytest.raises(DistconvValueError, match=r"outcome 0 is 1 - sqrt\(2\)"):
        Distribution({0: 1 - ROOT, 1: ROOT})
    with pytest.raises(DistconvValueError, match=r"sum to 1\.2071067811\d* = 1/2 \+ sqrt\(2\)/2, not 1"):
        Distribution({0: ROOT / 2, 1: "1/2"})
    with pytest.raises(DistconvTypeError, match="real number"):
        Distribution({0: sympy.I, 1: 1 - sympy.I})
    tiny = exp(-1000) * pi
    with pytest.raises(DistconvValueError, match="outcome 1 is"):
        Distribution({0: 1, 1: -tiny})
    assert Distribution({0: 1 - tiny, 1: tiny}).isf("1e-500") == 1
    assert Distribution({0: 1 - tiny, 1: tiny}).isf("1e-400") == 0


def test_what_is_nearly_equal_is_told_apart():
    near = sympy.floor(ROOT * 10**80) / Integer(10) ** 80 / 2
    X = Distribution({0: near, 1: ROOT / 2 - near, 2: 1 - ROOT / 2})
    assert X.ppf(Fraction(int(near.p), int(near.q))) == 0
    assert X.ppf(Fraction(int(near.p), int(near.q)) + Fraction(1, 10**100)) == 1
    assert Distribution({0: near, 1: 1 - near}) != HALF


def test_operations_of_exact_numbers():
    S = 3 @ HALF
    a, b = ROOT / 2, 1 - ROOT / 2
    whole = 1 - a**3
    assert S.given(lambda k: k > 0).pmf(3) == sympy.expand(sympy.radsimp(sympy.expand(b**3) / sympy.expand(whole)))
    assert S.truncate(low=1) == S.given(lambda k: k > 0)
    assert maximum(HALF, HALF).to_dict() == {0: Fraction(1, 2), 1: Fraction(1, 2)}
    assert minimum(HALF, HALF).pmf(1) == sympy.expand(b**2)
    assert S.clip(1, 2).pmf(1) == sympy.expand(a**3 + 3 * a**2 * b)
    assert HALF.map(lambda k: 2 * k + 1) == 2 * HALF + 1
    assert mixture({HALF: "1/2", Die(2): "1/2"}).pmf(1) == sympy.expand(b / 2 + Rational(1, 4))
    assert mixture([(Die(2), a), (Die(3), b)]).pmf(3) == sympy.expand(b / 3)
    assert product(HALF, HALF).pmf((0, 1)) == sympy.expand(a * b)
    assert total_variation(HALF, Die(2) - 1) == (ROOT - 1) / 2
    assert wasserstein(HALF, Die(2) - 1) == (ROOT - 1) / 2
    assert sympy.simplify(HALF.entropy() + a * log(a) + b * log(b)) == 0
    assert HALF.std() == sqrt(sympy.expand(a * b))
    assert (HALF @ HALF).pmf(1) == sympy.expand(b * b)
    assert set(HALF.rvs(100, rng=3)) == {0, 1}
    assert sorted(HALF.interval("1/2")) == [0, 1]
    assert str(HALF).splitlines()[0] == "Distribution(2 outcomes 0..1, symbolic, mean 1 - sqrt(2)/2)"


def test_letters_beside_exact_numbers():
    X = Distribution({0: ROOT * p / 2, 1: 1 - ROOT * p / 2})
    assert (2 @ X).pmf(0) == p**2 / 2
    assert (2 @ X).letters == {p}
    assert (2 @ X).subs({p: "1/3"}) == 2 @ Distribution({0: ROOT / 6, 1: 1 - ROOT / 6})
    assert (HALF + Bernoulli(p)).subs({p: "1/4"}) == HALF + Bernoulli("1/4")
    ratio = Distribution({0: p / (p + ROOT), 1: ROOT / (p + ROOT)})
    assert sympy.simplify((2 @ ratio).pmf(0) - p**2 / (p + ROOT) ** 2) == 0
    assert Distribution({0: p, 1: 1 - p}).subs({p: ROOT / 2}) == HALF
    waiting = Distribution({0: exp(-lam), 1: 1 - exp(-lam)})
    assert (2 @ waiting).subs({lam: Integer(3)}).pmf(0) == exp(-6)
    assert (2 @ waiting).subs({lam: 3}).kind == "float"


def test_floats_beside_exact_numbers_make_floats():
    half = Distribution({0: 0.5, 1: 0.5})
    for found in (HALF + half, half + HALF, sum_of([HALF, half, HALF])):
        assert found.kind == "float"
    assert abs((HALF + half).pmf(0) - float(ROOT / 4)) <= (HALF + half).error
    assert mixture({HALF: "1/2", half: "1/2"}).kind == "float"
    mixed = mixture([(half, ROOT / 2), (Die(2), 1 - ROOT / 2)])
    assert abs(mixed.pmf(1) - 0.5) <= mixed.error
    assert abs(mixed.pmf(0) - float(ROOT / 4)) <= mixed.error
    assert maximum(HALF, half).kind == "float"


def test_laws_without_an_end_make_floats_of_exact_numbers():
    floats = HALF.to_float()
    for found, right in ((HALF + Poisson(3), floats + Poisson(3)), (Poisson(3) @ HALF, Poisson(3) @ floats)):
        assert found.kind == "float"
        assert abs(found.pmf(2) - right.pmf(2)) <= 1e-12
    with pytest.raises(DistconvTypeError, match=r"X\.to_float\(\)"):
        deconvolve(2 @ HALF, HALF)
    assert abs(deconvolve((2 @ HALF).to_float(), floats).pmf(0) - float(ROOT / 2)) < 1e-12


def test_pictures_of_exact_numbers():
    pytest.importorskip("matplotlib").use("agg")
    axes = (5 @ HALF).plot()
    assert [bar.get_height() for bar in axes.patches] == pytest.approx([float(w) for _, w in 5 @ HALF])


def test_kernels_of_exact_numbers():
    plus, minus = Kernel({0: ROOT, 1: sqrt(3)}), Kernel({0: ROOT, 1: -sqrt(3)})
    assert (plus * minus).to_dict() == {0: 2, 2: -3}
    assert np.allclose(minus.to_array(float), [2**0.5, -(3**0.5)])


@given(st.lists(st.integers(1, 6), min_size=2, max_size=3), st.integers(1, 3))
def test_transcendental_numbers_to_sixty_digits(row, n):
    """Weights in pi, exp(-1) and log(2) at once: no theorem says that these are independent."""
    parts = [k / pi + j * exp(-1) + log(2) / (k + j) for j, k in enumerate(row)]
    X = Distribution(dict(enumerate(parts)), normalize=True)
    with mpmath.workdps(60):
        values = [k / mpmath.pi + j * mpmath.exp(-1) + mpmath.log(2) / (k + j) for j, k in enumerate(row)]
        f = {k: v / sum(values) for k, v in enumerate(values)}
        g = {0: mpmath.mpf(1)}
        for _ in range(n):
            g = {s: sum(g.get(s - k, 0) * f[k] for k in f) for s in range((len(row) - 1) * n + 1)}
        for k, right in g.items():
            assert abs(mpmath.mpf(str(digits((n @ X).pmf(k)))) - right) < 1e-50
    assert n @ X == sum_of([X] * n)


def test_tables_of_irrational_weights_show_decimals_where_asked_or_long():
    law = Distribution({0: sympy.sqrt(2) / 2, 1: 1 - sympy.sqrt(2) / 2})
    assert str(law).splitlines()[1].split() == ["outcome", "probability"]
    assert f"{law:decimal}".splitlines()[2].split() == ["0", "sqrt(2)/2", "0.707107"]
    assert f"{law:percent.1}".splitlines()[3].split()[-2:] == ["29.3", "%"]
    assert str(20 @ law).splitlines()[2].split()[-1] == "0.000976562"
    letter = sympy.Symbol("p", positive=True)
    assert f"{Distribution({0: letter, 1: 1 - letter}):decimal}".splitlines()[1].split() == ["outcome", "probability"]
