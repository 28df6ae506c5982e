"""Letters and irrational numbers as outcomes: against dicts of sympy's expressions, and the exact engine after subs."""

import math
import pickle
import subprocess
import sys
from collections import defaultdict
from fractions import Fraction
from itertools import product as pairs

import mpmath
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import distconv
from distconv import Binomial, Die, DimensionError, DistconvTypeError, Distribution, Point, Poisson, monoids
from distconv.numbers.signs import sign_of
from distconv.numbers.terms import terms_of

F = Fraction
a, b = sympy.symbols("a b")
p = sympy.Symbol("p", positive=True)
n = sympy.Symbol("n")
z = sympy.Symbol("z")
R2, R3 = sympy.sqrt(2), sympy.sqrt(3)
X = Distribution({a: "1/2", -a: "1/2"})
TURN = [[R2 / 2, -R2 / 2], [R2 / 2, R2 / 2]]
BACK = [[R2 / 2, R2 / 2], [-R2 / 2, R2 / 2]]
SQUARE = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})

#: What random outcomes are made of.
PIECES = [sympy.Integer(1), a, b, a * b, a**2, R2, R2 * a, R3, sympy.sqrt(6), sympy.pi, 1 / (b + 7), a / (b + 7)]
small = st.fractions(min_value=-2, max_value=2, max_denominator=2)
values = st.fractions(min_value=-3, max_value=3, max_denominator=3)


@st.composite
def outcomes(draw, pieces=PIECES):
    chosen = draw(st.lists(st.sampled_from(pieces), min_size=1, max_size=2))
    return sum((sympy.Rational(*draw(small).as_integer_ratio()) * piece for piece in chosen), start=sympy.Integer(0))


@st.composite
def laws(draw, pieces=PIECES, lettered=False):
    places = draw(st.lists(outcomes(pieces), min_size=1, max_size=3))
    counts = [draw(st.integers(1, 4)) for _ in places]
    weights = [F(c, sum(counts)) for c in counts]
    if lettered and len(places) > 1:
        weights = [p * weights[0], 1 - p * weights[0] - sum(weights[2:]), *weights[2:]]
    return Distribution.from_arrays(places, weights)


LETTERS = [piece for piece in PIECES if not piece.is_number or piece == 1]
letter_laws = laws(LETTERS)


def spelled(law):
    """A law as a dict of expanded expressions: what sympy itself takes for equal, over one denominator."""
    found = defaultdict(F)
    for x, w in law:
        found[sympy.expand(sympy.sympify(x) * (b + 7))] += w
    return dict(found)


# Sums are those of sympy's expressions --------------------------------------------------------------------------------


@settings(max_examples=30, deadline=None)
@given(laws(), laws())
def test_sums_are_those_of_expressions(x, y):
    found = defaultdict(F)
    for (u, v), (s, t) in pairs(x, y):
        found[sympy.expand((sympy.sympify(u) + s) * (b + 7))] += v * t
    assert spelled(x + y) == found
    assert x + y == y + x
    assert hash(x + y) == hash(y + x)
    assert 3 @ x == x + x + x
    assert x - y == -(y - x)


@settings(max_examples=15, deadline=None)
@given(laws(), st.integers(1, 4))
def test_moments_are_sums_over_outcomes(x, k):
    def tidy(value):
        return sympy.expand(sympy.cancel(sympy.expand(value)))

    total = sum((sympy.sympify(v) ** k * sympy.Rational(*w.as_integer_ratio()) for v, w in x), start=sympy.Integer(0))
    assert tidy(total - x.moment(k)) == 0
    mean, var = (x.moment(1), x.var())
    assert tidy(x.mean() - mean) == 0
    assert tidy(var - (x.moment(2) - mean**2)) == 0
    assert tidy((x + x).cumulant(3) - 2 * x.cumulant(3)) == 0


# All operations commute with numbers in place of letters --------------------------------------------------------------

OPERATIONS = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "copies": lambda x, y: 3 @ x + y,
    "scale": lambda x, y: F(2, 3) * x + 1 - y,
    "square": lambda x, y: x.map(lambda v: v**2) + y,
    "product": lambda x, y: distconv.product(x, y),
    "marginal": lambda x, y: distconv.product(x, y).marginal(1, 0),
    "matrix": lambda x, y: [[1, 2], [1, -1]] @ distconv.product(x, y),
    "mixture": lambda x, y: distconv.mixture([(x, "1/3"), (y, "2/3")]),
    "compound": lambda x, y: Binomial(2, "1/3") @ x + y,
    "with numbers": lambda x, y: x + Die(3) + y,
    "sum_of": lambda x, y: distconv.sum_of([x, y, x, Die(2)]),
}


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(sorted(OPERATIONS)), letter_laws, letter_laws, values, values)
def test_operations_commute_with_subs(name, x, y, u, v):
    def at(law):
        known = {letter: value for letter, value in ((a, u), (b, v)) if letter in law.letters}
        return law.subs(known) if known else law

    operation = OPERATIONS[name]
    assert at(operation(x, y)) == operation(at(x), at(y))


@settings(max_examples=25, deadline=None)
@given(laws(LETTERS, lettered=True), letter_laws, values, values)
def test_letters_in_outcomes_and_weights_together(x, y, u, v):
    def at(law):
        known = {k: w for k, w in ((a, u), (b, v), (p, F(1, 3))) if k in law.letters}
        return law.subs(known) if known else law

    assert at(2 @ x + y) == 2 @ at(x) + at(y)
    mean = sympy.sympify(x.mean()).subs({a: sympy.Rational(u), b: sympy.Rational(v), p: sympy.Rational(1, 3)})
    assert mean == at(x).mean()


@settings(max_examples=25, deadline=None)
@given(letter_laws, values, values)
def test_questions_commute_with_subs(x, u, v):
    known = {k: w for k, w in ((a, u), (b, v)) if k in x.letters}
    law = x.subs(known) if known else x
    exact = {k: sympy.Rational(*w.as_integer_ratio()) for k, w in known.items()}
    for found, number in ((x.var(), law.var()), (x.moment(3), law.moment(3)), (x.cumulant(3), law.cumulant(3))):
        assert sympy.sympify(found).subs(exact) == number
    generating = sum((z**v * sympy.Rational(*w.as_integer_ratio()) for v, w in x), start=sympy.Integer(0))
    assert sympy.expand(x.pgf(z) - generating) == 0


# Lattices come home ---------------------------------------------------------------------------------------------------


def test_triangular_lattice_comes_home():
    """Closed walks on the triangular lattice (OEIS A002898)."""
    half = sympy.Rational(1, 2)
    steps = [(1, 0), (-1, 0), (half, R3 / 2), (-half, R3 / 2), (half, -R3 / 2), (-half, -R3 / 2)]
    step = Distribution(dict.fromkeys(steps, "1/6"))
    known = [1, 0, 6, 12, 90, 360, 2040, 10080, 54810, 290640]
    assert [(k @ step).pmf((0, 0)) * 6**k for k in range(10)] == known
    assert (100 @ step).pmf((0, 0)) == sum(
        (-3) ** (100 - k) * math.comb(100, k) * sum(math.comb(k, j) ** 2 * math.comb(2 * j, j) for j in range(k + 1))
        for k in range(101)
    ) / F(6) ** 100
    assert step.mean().tolist() == [0, 0]
    assert step.cov().tolist() == [[F(1, 2), 0], [0, F(1, 2)]]


def test_a_turned_square_lattice_comes_home():
    step = TURN @ SQUARE
    assert (R2 / 2, R2 / 2) in step
    assert [(2 * k @ step).pmf((0, 0)) for k in range(6)] == [F(math.comb(2 * k, k) ** 2, 16**k) for k in range(6)]
    assert BACK @ step == SQUARE
    assert sympy.Matrix(BACK) @ step == SQUARE
    assert TURN @ (3 @ SQUARE) == 3 @ step


def test_distances_merge_and_rational_ones_are_numbers():
    far = (2 @ SQUARE).map(lambda s: sympy.sqrt(s[0] ** 2 + s[1] ** 2))
    assert far.to_dict() == {0: F(1, 4), R2: F(1, 2), 2: F(1, 4)}
    assert type(far.support[2]) is int
    assert far.mean() == R2 / 2 + F(1, 2)
    assert far.map(lambda r: r**2) == Distribution({0: "1/4", 2: "1/2", 4: "1/4"})
    assert far.cdf(R2) == far.cdf(1.9) == F(3, 4)
    assert far.median() == R2


def test_seventh_roots_of_unity():
    """cos(2 pi/7) + cos(4 pi/7) + cos(6 pi/7) = -1/2: found in the number field, with no root of a number in it."""
    turns = Distribution.from_samples([sympy.cos(2 * sympy.pi * k / 7) for k in range(7)])
    assert len(turns.support) == 4
    assert turns.mean() == 0
    assert (3 @ turns).pmf("-1/2") == F(6 * 8, 343)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (sympy.sqrt(5 + 2 * sympy.sqrt(6)), R2 + R3),
        (sympy.GoldenRatio, (1 + sympy.sqrt(5)) / 2),
        (1 / (R2 - 1), R2 + 1),
        (sympy.sqrt(2 + R2) * sympy.sqrt(2 - R2), R2),
        (sympy.log(6), sympy.log(2) + sympy.log(3)),
        (2 ** sympy.Rational(1, 3) * sympy.sqrt(6), 2 ** sympy.Rational(5, 6) * R3),
        (b / (b + 1), 1 - 1 / (b + 1)),
        ((a + b) ** 2, a**2 + 2 * a * b + b**2),
        (0.5 * a, a / 2),
    ],
)
def test_equal_expressions_are_one_outcome(x, y):
    law = Distribution.from_arrays([x, y, 1], ["1/4", "1/4", "1/2"])
    assert len(law.support) == 2
    assert law.pmf(x) == law.pmf(y) == F(1, 2)
    assert Distribution({x: "1/2", 1: "1/2"}) == Distribution({y: "1/2", 1: "1/2"}) == law


# Order ----------------------------------------------------------------------------------------------------------------


@settings(max_examples=25, deadline=None)
@given(laws([sympy.Integer(1), R2, R3, sympy.sqrt(6), sympy.pi, sympy.cbrt(2)]), st.fractions(-9, 9))
def test_order_is_that_of_real_numbers(x, t):
    with mpmath.workdps(60):
        placed = sorted((sympy.N(sympy.sympify(v), 50), v, w) for v, w in 2 @ x)
        assert [v for _, v, _ in placed] == list((2 @ x).support)
        assert (2 @ x).cdf(t) == sum((w for s, _, w in placed if s <= t), start=F(0))
    heads = [sum(w for _, _, w in placed[: i + 1]) for i in range(len(placed))]
    assert (2 @ x).ppf("1/3") == next(v for head, (_, v, _) in zip(heads, placed, strict=True) if head >= F(1, 3))
    assert [(2 @ x).cdf(v) for _, v, _ in placed] == heads
    assert [(2 @ x).sf(v) for _, v, _ in placed] == [1 - head for head in heads]


def test_order_of_what_doubles_do_not_tell_apart():
    near = sympy.exp(sympy.pi * sympy.sqrt(163))
    whole = 262537412640768744
    assert sign_of(near - whole) == -1
    law = Distribution({near: "1/2", whole: "1/4", R2: "1/4"})
    assert law.support[1] == near
    assert law.cdf(near) == F(3, 4)
    root = Distribution({R2: "1/2", F(141421356237309504880, 10**20): "1/2"})
    assert root.median() == F(141421356237309504880, 10**20)


def test_order_by_assumptions():
    law = Distribution({p: "1/4", -p: "1/4", 0: "1/2"})
    assert list(law.support) == [-p, 0, p]
    assert (law.low, law.high, law.median()) == (-p, p, 0)
    assert [law.cdf(x) for x in (-p, -p / 2, 0, p, 2 * p)] == [F(1, 4), F(1, 4), F(3, 4), 1, 1]
    assert law.clip(low=0) == Distribution({0: "3/4", p: "1/4"})
    assert law.truncate(low=0) == Distribution({0: "2/3", p: "1/3"})
    assert distconv.maximum(law, law).to_dict() == {-p: F(1, 16), 0: F(1, 2), p: F(7, 16)}
    assert distconv.order_statistic(law, 3, 2) == -distconv.order_statistic(law, 3, 2)
    assert distconv.power(law, 3, monoid=monoids.minimum).pmf(p) == F(1, 64)
    moved = Distribution({a: "1/2", a + 1: "1/2"})
    assert moved.cdf(a + F(1, 2)) == F(1, 2)
    assert (Die(6) + n).median() == n + 3
    assert (p * Die(6)).cdf(7 * p / 2) == F(1, 2)
    assert (-p * Die(6)).cdf(-2 * p) == F(5, 6)


@pytest.mark.parametrize(
    "ask", [lambda: X.cdf(0), lambda: X.median(), lambda: X.clip(low=0), lambda: X.low, lambda: distconv.maximum(X, X)]
)
def test_an_unknown_order_is_refused_with_ways_out(ask):
    with pytest.raises(DistconvTypeError, match=r"the order of .* is not known: .*positive=True.*X\.subs\(\{a: 2\}\)"):
        ask()
    assert X.subs({a: 2}).median() == -2


# Endless laws ---------------------------------------------------------------------------------------------------------


def test_laws_without_end_are_moved_and_scaled_by_expressions():
    base = Poisson(3)
    moved = base + n
    assert moved.pmf(n + 3) == base.pmf(3)
    assert moved.cdf(n + 3) == base.cdf(3)
    assert moved.mean() == n + 3
    assert moved.subs({n: 2}) == base + 2
    assert moved + Poisson(4) == Poisson(7) + n
    scaled = R2 * base
    assert scaled.pmf(2 * R2) == base.pmf(2)
    assert scaled.cdf(4) == base.cdf(2)
    assert scaled.ppf("9/10") == 5 * R2
    assert (-R2 * base).cdf(-4) == pytest.approx(base.sf(2))
    assert scaled.var() == 6
    assert (scaled / R2) == base
    assert (X + base).pmf(a + 3) == pytest.approx(base.pmf(3) / 2)
    assert scaled.truncate(high=4) == R2 * base.truncate(high=2)
    assert "without end" in repr(X + base)


# As values and as text ------------------------------------------------------------------------------------------------


def test_letters_as_values():
    assert X == -X
    assert hash(X) == hash(-X)
    assert X != Die(2)
    assert Die(2) != X
    assert pickle.loads(pickle.dumps(X + R2)) == X + R2
    assert a in X
    assert 2 * a not in X
    assert (2 @ X).pmf(0) == F(1, 2)
    assert (3 @ X).pmf([a, 2 * a]).tolist() == [F(3, 8), 0]
    assert Point(a) + Point(R2) == Point(a + R2)
    assert X.letters == {a}
    assert X.to_float().to_exact() == X
    assert X.to_arrays()[0].tolist() == [-a, a]
    assert sympy.simplify(X.pgf(z) - (z**a + z**-a) / 2) == 0
    assert sympy.simplify((X.cf(z) - sympy.cos(a * z)).rewrite(sympy.exp)) == 0
    assert X.diff(a).var() == 2 * a
    assert X.entropy() == pytest.approx(math.log(2))
    assert set(X.rvs(50, rng=1).tolist()) == {a, -a}
    assert X.given_sum(Die(2), a + 1) == Point(a)
    assert X.prob(lambda v: v == a) == F(1, 2)
    assert X.expect(lambda v: v**2) == a**2
    assert distconv.convolve(X, X, method="sparse") == 2 @ X
    assert distconv.total_variation(X, X + 1) == 1
    assert X.given(lambda v: v == a) == Point(a)


def test_letters_as_text():
    assert repr(X) == "Distribution(2 outcomes -a, a, exact, mean 0, sd sqrt(a**2))"
    assert "      a       1/2" in str(X)
    assert distconv.latex(X).endswith(r"\frac{1}{2} & x = a \end{cases}")
    assert "1/2" in X._repr_html_()
    law = Distribution({(a, 0): p, (0, b): 1 - p})
    assert repr(law) == "Distribution(2-D, 2 outcomes (0, b), (a, 0), symbolic in a, b, p, mean (a*p, -b*p + b))"
    assert law.subs({a: 2, b: 3, p: "1/3"}) == Distribution({(2, 0): "1/3", (0, 3): "2/3"})
    assert law.cov()[0, 1] == sympy.expand(-a * b * p * (1 - p))


def test_what_is_made_of_numbers_is_a_law_of_numbers():
    assert Distribution({sympy.sqrt(4): 1}) == Point(2)
    assert X.subs({a: 0}) == Point(0)
    assert X - X != Point(0)
    assert (X + X).map(lambda v: v / a) == 2 @ Distribution({1: "1/2", -1: "1/2"})
    assert X.subs({a: R2}).map(lambda v: v**2) == Point(2)


def test_other_dimensions_and_imaginary_numbers_are_refused():
    with pytest.raises(DimensionError, match="dimension"):
        X + distconv.product(X, X)
    with pytest.raises(DimensionError, match="different dimensions"):
        Distribution({(a, 1): "1/2", b: "1/2"})
    with pytest.raises(DistconvTypeError, match="no real number"):
        Distribution({a + sympy.I: 1})
    with pytest.raises(DistconvTypeError, match=r"expressions in a; X\.subs\(\{a: 2\}\)"):
        X.round(1)


@pytest.mark.parametrize(
    ("expression", "terms"),
    [
        (2 * a + sympy.sqrt(12), {a: 2, R3: 2}),
        (sympy.sqrt(8) / 3 + F(1, 2), {R2: F(2, 3), 1: F(1, 2)}),
        (sympy.Integer(0), {}),
    ],
)
def test_terms(expression, terms):
    assert terms_of(expression) == terms


SOME = st.dictionaries(st.tuples(st.integers(-2, 2), st.integers(-2, 2)), st.integers(1, 3), min_size=1, max_size=3)


@given(st.lists(SOME, min_size=2, max_size=3), st.data())
def test_sums_of_the_best_against_all_draws(tables, data):
    def law(table):
        return Distribution({x + y * R2: F(w, sum(table.values())) for (x, y), w in table.items()})

    ranks = data.draw(st.sets(st.integers(0, len(tables) - 1), min_size=1))
    found = distconv.kept([law(table) for table in tables], sorted(ranks))
    known = defaultdict(F)
    for drawn in pairs(*(table.items() for table in tables)):
        chance = math.prod(F(w, sum(table.values())) for (_, w), table in zip(drawn, tables, strict=True))
        ascending = sorted((v for v, _ in drawn), key=lambda v: v[0] + v[1] * math.sqrt(2))
        known[sum(ascending[r][0] + ascending[r][1] * R2 for r in ranks)] += chance
    assert found == Distribution(known)


def test_best_of_letters_as_of_numbers():
    positive = sympy.Symbol("a", positive=True)
    for keep in (1, 2, 3):
        known = distconv.highest(Die(3), 3, keep)
        assert distconv.highest(positive * Die(3), 3, keep) == positive * known
        assert distconv.lowest(-positive * Die(3), 3, keep) == -positive * known
    p = sympy.Symbol("p", positive=True)
    assert distconv.highest(Distribution({0: 1 - p, R2: p}), 3, 2).pmf(R2) == 3 * p * (1 - p) ** 2
    with pytest.raises(DistconvTypeError, match=r"the order of (b and a|a and b) is not known"):
        distconv.highest(Distribution({a: "1/2", b: "1/2"}), 3, 2)


def test_copies_by_the_thousand():
    assert (10**4 @ X).pmf(0) == (10**4 @ Distribution({1: "1/2", -1: "1/2"})).pmf(0)
    assert (10**4 @ X).var() == 10**4 * a**2


def test_laws_of_numbers_load_no_sympy():
    code = (
        "import sys; from distconv import Distribution\n"
        "X = Distribution({1: '1/2', 2: '1/2'}); Y = 2 * X + X + 3; Y.map(abs); [[2]] @ X; X.mean(); repr(Y); str(Y)\n"
        "assert 'sympy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
