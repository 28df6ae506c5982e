"""Laws with letters in their weights: against sympy's own expansion, and against exact numbers by substitution."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

import distconv
from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Multinomial,
    PoissonBinomial,
    latex,
    product,
    sum_of,
)

a, b, p, q = sympy.symbols("a b p q")
lam = sympy.Symbol("lam", positive=True)
THREE = Distribution({1: a, 2: b, 3: 1 - a - b})

chances = st.fractions(0, 1, max_denominator=20)


def expanded(weights, n):
    """The n-fold convolution by sympy's expansion of a polynomial: the oracle."""
    x = sympy.Symbol("x_")
    poly = sympy.Poly(sympy.expand(sum(w * x**k for k, w in weights.items()) ** n), x)
    return {k: c for (k,), c in poly.terms()}


@st.composite
def lettered(draw, ndim=1):
    """A law with weights in a and b, and the same as a mapping."""
    size = draw(st.integers(2, 4))
    points = draw(st.lists(st.tuples(*[st.integers(-3, 3)] * ndim), min_size=size, max_size=size, unique=True))
    letters = draw(
        st.lists(st.sampled_from([a, b, a * b, a**2, sympy.Integer(0)]), min_size=size - 1, max_size=size - 1)
    )
    weights = [letter / (size + 2) for letter in letters]
    weights.append(1 - sum(weights))
    mapping = {(point if ndim > 1 else point[0]): w for point, w in zip(points, weights, strict=True)}
    return Distribution(mapping), mapping


@pytest.mark.parametrize("n", [2, 3, 5])
def test_copies_equal_sympy_expansion(n):
    found = (n @ THREE).to_dict()
    oracle = expanded({1: a, 2: b, 3: 1 - a - b}, n)
    assert found.keys() == oracle.keys()
    assert all(sympy.expand(found[k] - oracle[k]) == 0 for k in oracle)


@given(lettered(), lettered())
def test_sums_equal_the_sum_over_pairs(x, y):
    total = {}
    for i, u in x[1].items():
        for j, v in y[1].items():
            total[i + j] = total.get(i + j, 0) + u * v
    found = (x[0] + y[0]).to_dict()
    for outcome, weight in total.items():
        assert sympy.expand(found.get(outcome, 0) - weight) == 0


@given(lettered(), lettered(), chances, chances)
def test_substitution_commutes_with_sums(x, y, u, v):
    values = {a: u, b: v}
    at = [law.subs({s: w for s, w in values.items() if s in law.letters}) for law in (x[0], y[0])]
    total = x[0] + y[0]
    found = total.subs({s: w for s, w in values.items() if s in total.letters})
    assert found == at[0] + at[1]
    assert found.kind == "exact"


@given(lettered(ndim=2), lettered(ndim=2), chances, chances)
def test_vectors_too(x, y, u, v):
    total = x[0] + y[0]
    values = {a: u, b: v}

    def at(law):
        return law.subs({s: w for s, w in values.items() if s in law.letters})

    assert at(total) == at(x[0]) + at(y[0])
    assert at(total.marginal(1)) == at(x[0].marginal(1)) + at(y[0].marginal(1))
    assert at(product(x[0], y[0])) == product(at(x[0]), at(y[0]))


@given(lettered(), chances, chances)
def test_queries_agree_with_numbers(x, u, v):
    law = x[0]
    values = {s: w for s, w in {a: u, b: v}.items() if s in law.letters}
    numbers = law.subs(values)

    def at(expression):
        return Fraction(str(sympy.sympify(expression).subs(values)))

    for outcome in range(-4, 5):
        for query in ("pmf", "cdf", "sf"):
            assert at(getattr(law, query)(outcome)) == getattr(numbers, query)(outcome)
    for query in ("mean", "var"):
        assert at(getattr(law, query)()) == getattr(numbers, query)()
    for order in (1, 2, 3, 4):
        assert at(law.moment(order)) == numbers.moment(order)
        assert at(law.cumulant(order)) == numbers.cumulant(order)
    assert at(law.prob(lambda k: k % 2 == 0)) == numbers.prob(lambda k: k % 2 == 0)
    assert at(law.expect(lambda k: k * k)) == numbers.expect(lambda k: k * k)
    assert at(law.pgf(Fraction(2))) == numbers.pgf(Fraction(2))


@given(chances)
def test_floats_are_the_exact_numbers_rounded(u):
    law = 12 @ Distribution({0: 1 - p, 1: p})
    found, exact = law.subs({p: float(u)}), law.subs({p: sympy.Rational(float(u))})
    assert found.kind == "float"
    assert found.error <= 2.0**-52
    for k in range(13):
        assert abs(Fraction(found.pmf(k)) - exact.pmf(k)) <= Fraction(found.error) * exact.pmf(k)


def test_irrational_values_are_rounded_once():
    law = Distribution({0: sympy.exp(-lam), 1: 1 - sympy.exp(-lam)})
    found = (3 @ law).subs({lam: 40})
    exact = sympy.exp(-40) ** 3
    assert abs(sympy.N(exact, 40) - sympy.Float(found.pmf(0), 40)) <= found.error * sympy.N(exact, 40)
    assert found.kind == "float"


def test_roots_and_exponentials_are_generators():
    x = Distribution({0: sympy.sqrt(p), 1: 1 - sympy.sqrt(p)})
    y = Distribution({0: p, 1: 1 - p})
    assert sympy.expand((x + x).pmf(0) - p) == 0
    assert (x + x + y).pmf(0) == p**2
    e = Distribution({0: sympy.exp(-lam), 1: 1 - sympy.exp(-lam)})
    assert (e + e).pmf(0) == sympy.exp(-2 * lam)
    assert x.subs({p: "1/4"}).pmf(0) == Fraction(1, 2)


def test_fractions_of_polynomials_are_canonical():
    x = Distribution({0: a / (a + b), 1: b / (a + b)})
    y = Distribution({0: a, 1: b}, normalize=True)
    assert x == y
    assert hash(x) == hash(y)
    assert x.given(lambda k: k == 0).kind == "exact"
    assert THREE.given(lambda k: k < 3).pmf(1) == a / (a + b)
    assert (x + x).map(lambda k: 0).to_dict() == {0: 1}


def test_equal_laws_compare_equal():
    half = Distribution({0: "1/2", 1: "1/2"})
    assert THREE + half == half + THREE
    assert 4 @ THREE == (THREE + THREE) + (THREE + THREE)
    assert THREE != half
    assert THREE != Distribution({1: b, 2: a, 3: 1 - a - b})
    assert sum_of([THREE, half, THREE]) == 2 @ THREE + half
    assert pickle.loads(pickle.dumps(3 @ THREE)) == 3 @ THREE


def test_algebra_of_shifts_and_scales():
    assert (2 * THREE - 1).to_dict() == {1: a, 3: b, 5: 1 - a - b}
    assert (-THREE).to_dict() == {-3: 1 - a - b, -2: b, -1: a}
    assert (THREE - THREE).pmf(2) == a * (1 - a - b) or sympy.expand((THREE - THREE).pmf(2) - a * (1 - a - b)) == 0
    assert (0 @ THREE).to_dict() == {0: 1}


def test_families_with_letters_and_a_finite_range():
    assert Bernoulli(p).to_dict() == {0: 1 - p, 1: p}
    assert sympy.expand(Binomial(3, p).pmf(1) - 3 * p * (1 - p) ** 2) == 0
    assert PoissonBinomial([p, q]) == Bernoulli(p) + Bernoulli(q)
    assert Multinomial(2, [p, 1 - p]).marginal(0) == Binomial(2, p)
    assert Binomial(4, p).subs({p: "1/3"}) == Binomial(4, "1/3")


def test_assumptions_are_carried():
    assert set(THREE.assumptions) == {sympy.Ge(a, 0), sympy.Ge(b, 0), sympy.Ge(1 - a - b, 0)}
    assert set((THREE + Bernoulli(p)).assumptions) > set(THREE.assumptions)
    positive = sympy.Symbol("r", positive=True)
    assert Distribution({0: positive, 1: 1 - positive}).assumptions == (sympy.Ge(1 - positive, 0),)


def test_sensitivities():
    law = 5 @ Bernoulli(p)
    assert law.diff(p).mean() == 5
    assert sympy.expand(law.diff(p).pmf(0) + 5 * (1 - p) ** 4) == 0
    assert [sympy.expand(v) for v in law.diff(p).cdf([5, 6])] == [0, 0]
    with pytest.raises(AttributeError, match="no 'ppf'"):
        law.diff(p).ppf(0.5)


def test_lambdify_is_vectorised():
    law = 30 @ THREE
    f = law.lambdify(a, b)
    values = f(np.array([0.2, 0.3]), 0.25)
    assert values.shape == (2, 61)
    exact = law.subs({a: 0.2, b: 0.25})
    np.testing.assert_allclose(values[0], [exact.pmf(k) for k in range(30, 91)], rtol=1e-6)
    g = (200 @ Bernoulli(p)).lambdify("p")
    np.testing.assert_allclose(g(0.3)[199], 200 * 0.3**199 * 0.7, rtol=1e-10)
    with pytest.raises(DistconvValueError, match="b is missing"):
        law.lambdify(a)


def test_substituting_expressions():
    assert THREE.subs({a: p, b: p}).to_dict() == {1: p, 2: p, 3: 1 - 2 * p}
    assert THREE.subs({"a": "1/4"}).letters == {b}


def test_it_is_quick():
    # 61 weights of hundreds of terms each: polynomials, not expression trees.
    law = 30 @ THREE
    assert len(law.to_dict()) == 61
    assert len((200 @ Bernoulli(p)).support) == 201
    # Sympy multiplies out in half a minute what its rings of polynomials add up in half a second.
    ring = sympy.ring([a, b], sympy.QQ)[0]
    assert sum(map(ring.from_expr, law.to_dict().values()), ring.zero) == 1


def test_long_expressions_are_those_that_sympy_makes():
    weights = (4 @ THREE).law.measure.weights
    for value in map(weights.field.written, weights.numerators):
        made = sympy.Add(*(sympy.Mul(*sympy.Mul.make_args(term)) for term in sympy.Add.make_args(value)))
        assert (value, value.args, hash(value)) == (made, made.args, hash(made))
        assert value == sympy.expand(value)


REFUSED = [
    ("quantile", lambda: THREE.ppf(0.5), DistconvTypeError, r"quantiles depend on a, b.*subs"),
    ("mode", lambda: THREE.mode(), DistconvTypeError, r"the mode depend on a, b"),
    ("sample", lambda: THREE.rvs(3), DistconvTypeError, r"depend on a, b.*subs"),
    ("to-float", lambda: THREE.to_float(), DistconvTypeError, r"depend on a, b"),
    ("with-float", lambda: THREE + Bernoulli(0.5), DistconvTypeError, r"to_exact\(.*subs"),
    ("negative", lambda: THREE.subs({a: 2, b: 0}), DistconvValueError, r"a = 2, b = 0.*outcome 3 is -1"),
    ("negative-float", lambda: THREE.subs({a: 1.5, b: 0}), DistconvValueError, r"outcome 3 is -1/2"),
    ("unknown-letter", lambda: THREE.subs({"z": 1}), DistconvValueError, r"no letter z.*a, b"),
    ("no-mapping", lambda: THREE.subs(0.5), DistconvTypeError, r"needs a mapping"),
    (
        "division",
        lambda: Distribution({0: a / (a + b), 1: b / (a + b)}).subs({a: 0, b: 0}),
        DistconvValueError,
        r"vanishes",
    ),
    ("huge", lambda: 10_000 @ THREE, distconv.SizeLimitError, r"terms each"),
    ("method", lambda: distconv.convolve(THREE, Die(6), method="fft"), DistconvValueError, r"method='symbolic'"),
    ("wrong-p", lambda: Bernoulli(-sympy.Symbol("r", positive=True)), DistconvValueError, r"."),
]


@pytest.mark.parametrize(("ask", "kind", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_letters_cannot_answer_is_refused(ask, kind, message):
    with pytest.raises(kind, match=message):
        ask()


def test_texts():
    assert repr(THREE) == "Distribution(3 outcomes 1..3, symbolic in a, b, mean -2*a - b + 3)"
    lines = str(THREE + THREE).splitlines()
    assert lines[1].split() == ["outcome", "probability"]
    assert lines[2].split() == ["2", "a**2"]
    assert "21 more" in str(30 @ THREE)
    assert THREE._repr_html_() is None
    assert THREE._repr_latex_().startswith(r"$\displaystyle \Pr(X = x) = \begin{cases} a & x = 1")
    assert sympy.latex(THREE) == latex(THREE)
    assert r"\vdots & \text{49 more}" in latex(30 @ THREE)
    assert r"\frac{1}{6}" in latex(Die(6))
