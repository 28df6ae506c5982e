"""Laws by formulas: every closed form against exact sums at random numbers."""

import pickle
import random
import subprocess
import sys
from fractions import Fraction

import pytest
import sympy
from sympy import stats

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DistconvTypeError,
    DistconvValueError,
    Distribution,
    Formula,
    Geometric,
    Hypergeometric,
    Logarithmic,
    NegativeBinomial,
    Point,
    Poisson,
    Skellam,
    Uniform,
    from_sympy,
    latex,
)

n, m = sympy.symbols("n m", integer=True, positive=True)
p, q = sympy.symbols("p q", positive=True)
lam, mu = sympy.symbols("lam mu", positive=True)
k = sympy.Symbol("k", integer=True)
z = sympy.Symbol("z")


def number(value):
    """A sympy number as a fraction."""
    value = sympy.sympify(value).doit()
    assert value.is_Rational, value
    return Fraction(int(value.p), int(value.q))


def random_values(law, source):
    """Integers for n and m, fractions for p, q and rates."""
    return {
        s: source.randint(1, 7) if s in (n, m) else Fraction(source.randint(1, 22), 23)
        for s in sorted(law.letters, key=str)
    }


CLOSED = {
    "binomials": (lambda: Binomial(n, p) + Binomial(m, p), lambda v: Binomial(v[n], v[p]) + Binomial(v[m], v[p])),
    "geometrics": (lambda: Geometric(p) + Geometric(p), lambda v: Geometric(v[p]) + Geometric(v[p])),
    "two geometrics": (lambda: Geometric(p) + Geometric(q), lambda v: Geometric(v[p]) + Geometric(v[q])),
    "dice": (lambda: Die(n) + Die(n), lambda v: Die(v[n]) + Die(v[n])),
    "three dice": (lambda: Die(n) + Die(n) + Die(n), lambda v: 3 @ Die(v[n])),
    "dice of two kinds": (lambda: Die(n) + Die(m), lambda v: Die(v[n]) + Die(v[m])),
    "uniforms": (lambda: Uniform(0, n) + Uniform(0, m), lambda v: Uniform(0, v[n]) + Uniform(0, v[m])),
    "copies of a coin": (lambda: n @ Bernoulli(p), lambda v: v[n] @ Bernoulli(v[p])),
    "a difference": (lambda: Die(n) - Die(m), lambda v: Die(v[n]) - Die(v[m])),
    "a die and a number": (lambda: 2 * Die(n) + 3, lambda v: 2 * Die(v[n]) + 3),
    "a die and a fixed one": (lambda: Die(n) + Die(6), lambda v: Die(v[n]) + Die(6)),
    "a coin and a geometric": (lambda: Geometric(p) + Bernoulli(q), lambda v: Geometric(v[p]) + Bernoulli(v[q])),
    "hypergeometric": (lambda: Hypergeometric(n + m, n, 3), lambda v: Hypergeometric(v[n] + v[m], v[n], 3)),
    "negative binomials": (
        lambda: NegativeBinomial(n, p) + NegativeBinomial(m, p),
        lambda v: NegativeBinomial(v[n] + v[m], v[p]),
    ),
    "thinned": (lambda: Binomial(n, q) @ Bernoulli(p), lambda v: Binomial(v[n], v[p] * v[q])),
}


@pytest.mark.parametrize("name", CLOSED)
def test_closed_forms_agree_with_exact_sums(name):
    make, direct = CLOSED[name]
    law, source = make(), random.Random(name)
    assert law.kind == "symbolic"
    for _ in range(100):
        values = random_values(law, source)
        if name == "hypergeometric" and values[n] + values[m] < 3:
            continue
        expected = direct(values)
        x = source.randint(int(number(sympy.sympify(law.low).subs(values))) - 1, 30)
        assert number(sympy.sympify(law.pmf(x)).subs(values)) == expected.pmf(x), (values, x)


@pytest.mark.parametrize("name", CLOSED)
def test_letters_then_numbers_or_numbers_then_letters(name):
    make, direct = CLOSED[name]
    law, source = make(), random.Random(name + "again")
    for _ in range(5):
        values = random_values(law, source)
        if name == "hypergeometric" and values[n] + values[m] < 3:
            continue
        expected, found = direct(values), law.subs(values)
        assert found.kind == "exact"
        if expected.is_finite:
            assert found == expected
        assert number(sympy.sympify(law.mean()).subs(values)) == expected.mean()
        assert number(sympy.sympify(law.var()).subs(values)) == expected.var()
        assert number(sympy.sympify(law.cdf(8)).subs(values)) == expected.cdf(8)
        assert number(sympy.sympify(law.sf(4)).subs(values)) == expected.sf(4)


def test_poisson_sums():
    assert Poisson(lam) + Poisson(mu) == Poisson(lam + mu)
    assert 3 @ Poisson(lam) == Poisson(3 * lam)
    assert n @ Poisson(lam) == Poisson(n * lam)
    assert (Poisson(lam) + Poisson(mu)).subs({lam: 2, mu: 3}) == Poisson(5)
    difference = Poisson(lam) - Poisson(mu)
    assert difference == Skellam(lam, mu)
    assert difference.subs({lam: 2, mu: 1}).pmf(0) == pytest.approx(Skellam(2, 1).pmf(0), rel=1e-12)
    assert float(difference.pmf(1).subs({lam: 2, mu: 1})) == pytest.approx(Skellam(2, 1).pmf(1), rel=1e-12)


def test_symbolic_copies_of_any_law():
    law = n @ Die(6)
    assert law.mean() == sympy.Rational(7, 2) * n
    assert law.var() == sympy.Rational(35, 12) * n
    assert number(law.pmf(n + 3).subs(n, 5)) == (5 @ Die(6)).pmf(8)
    assert law.subs({n: 4}) == 4 @ Die(6)
    assert (n @ Geometric(p)).subs({n: 3, p: "1/3"}) == 3 @ Geometric("1/3")
    assert (n @ Distribution({0: p, 2: 1 - p})).subs({n: 2, p: "1/2"}).pmf(2) == Fraction(1, 2)
    assert number(law.pmf(20).subs(n, 5).doit()) == (5 @ Die(6)).pmf(20)
    with pytest.raises(DistconvValueError, match=r"no closed form.*subs"):
        (n @ Distribution({0: "1/2", 2: "1/4", 5: "1/4"})).pmf(sympy.Symbol("c", integer=True))
    with pytest.raises(DistconvTypeError, match="must be an integer"):
        sympy.Symbol("x", integer=False) @ Die(6)


def test_letters_beside_multiples_of_infinite_laws_of_numbers():
    law = Poisson(lam) + 2 * Poisson(3) + 5
    assert law.mean() == lam + 11
    assert law.subs({lam: 4}) == Poisson(4) + 2 * Poisson(3) + 5
    moved = Geometric(p) - 3 * Geometric("1/2")
    assert sympy.simplify(moved.mean() - (1 / p - 6)) == 0
    assert sympy.simplify(moved.var() - ((1 - p) / p**2 + 18)) == 0
    assert moved.subs({p: "1/3"}) == Geometric("1/3") - 3 * Geometric("1/2")


def test_a_law_of_which_mass_is_missing_has_no_formula():
    """What is missing may be anything: n copies of it are no binomial law, and their mean is not known."""
    cut = Distribution({0: "1/2", 1: "1/4"}, missing="1/4")
    for combine in (lambda law: n @ law, lambda law: Die(n) + law):
        with pytest.raises(DistconvTypeError, match=r"missing.*without_missing\(\)"):
            combine(cut)
    assert n @ cut.without_missing() == Binomial(n, "1/3")


def test_a_formula_read_from_its_pickle_still_adds():
    """In a fresh process, which has made no law with letters."""
    code = (
        "import pickle, sys\n"
        "X = pickle.loads(sys.stdin.buffer.read())\n"
        "sys.stdout.buffer.write(pickle.dumps((X + X, 3 @ X)))"
    )
    done = subprocess.run([sys.executable, "-c", code], input=pickle.dumps(Die(n)), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert pickle.loads(done.stdout) == (Die(n) + Die(n), 3 @ Die(n))


def test_moments_and_generating_functions():
    assert Geometric(p).mean() == 1 / p
    assert sympy.simplify(Die(n).var() - (n**2 - 1) / 12) == 0
    assert sympy.simplify(Binomial(n, p).skewness() - (1 - 2 * p) / sympy.sqrt(n * p * (1 - p))) == 0
    assert Poisson(lam).cumulant(5) == lam
    assert sympy.expand(Poisson(lam).moment(3) - (lam**3 + 3 * lam**2 + lam)) == 0
    assert sympy.simplify(Hypergeometric(n + m, n, 3).mean() - 3 * n / (n + m)) == 0
    assert sympy.simplify(Logarithmic(p).mean() + p / ((1 - p) * sympy.log(1 - p))) == 0
    assert (Poisson(lam) + 2).pgf(z) == z**2 * sympy.exp(lam * (z - 1))
    t = sympy.Symbol("t", real=True)
    assert sympy.simplify(Bernoulli(p).cf(t) - (1 - p + p * sympy.exp(sympy.I * t))) == 0
    assert sympy.simplify(Binomial(n, p).cf(t) - (1 - p + p * sympy.exp(sympy.I * t)) ** n) == 0


def test_laws_from_generating_functions():
    assert Distribution.from_pgf((z + z**2) / 2, z) == Uniform(1, 2)
    assert Distribution.from_pgf((1 - p + p * z) ** 3, z) == Binomial(3, p)
    assert Distribution.from_pgf(sympy.exp(3 * (z - 1)), z) == Poisson(3)
    assert Distribution.from_pgf(sympy.exp(lam * (z - 1)), z) == Poisson(lam)
    assert Distribution.from_pgf(sympy.exp(2 * (z - 1) + 3 * (1 / z - 1)), z) == Skellam(2, 3)
    assert Distribution.from_pgf(sympy.exp(lam * (z - 1) + 3 * (1 / z - 1)), z) == Skellam(lam, 3)
    assert Distribution.from_pgf((1 - p + p * z) ** n, z) == Binomial(n, p)
    assert Distribution.from_pgf((p / (1 - (1 - p) * z)) ** n, z) == NegativeBinomial(n, p)
    fibonacci = Distribution.from_pgf(1 / (3 - z - z**2), z)
    assert [number(fibonacci.pmf(i)) for i in range(4)] == [
        Fraction(1, 3),
        Fraction(1, 9),
        Fraction(4, 27),
        Fraction(7, 81),
    ]
    assert number(fibonacci.mean()) == 3
    cut = Distribution.from_pgf(1 / (2 - z), z, terms=10)
    assert cut.pmf(3) == Fraction(1, 16)
    assert 2**-10 <= cut.missing <= 2**-10 * (1 + 1e-12)
    irrational = Distribution.from_pgf(sympy.exp(z**2 - 1), z, terms=12)
    assert irrational.pmf(4) == pytest.approx(0.18393972058572117, rel=irrational.error)
    assert 1 - sum(irrational.pmf(i) for i in range(12)) <= irrational.missing <= 0.01
    with pytest.raises(DistconvValueError, match=r"is 1 at z = 1, this one is 2"):
        Distribution.from_pgf(2 * z, z)
    with pytest.raises(DistconvValueError, match=r"z\*\*2.*negative"):
        Distribution.from_pgf((1 - z**2 / 2) / (1 - z / 2), z, terms=4)


def test_compound_sums():
    assert Poisson(lam) @ Bernoulli(p) == Poisson(lam * p)
    assert Binomial(n, q) @ Bernoulli(p) == Binomial(n, p * q)
    assert (Poisson(lam) @ Die(6)).mean() == sympy.Rational(7, 2) * lam
    assert sympy.simplify((Poisson(lam) @ Die(6)).var() - sympy.Rational(91, 6) * lam) == 0
    assert sympy.simplify((Poisson(lam) @ Die(6)).pmf(1) - lam / 6 * sympy.exp(-lam)) == 0
    coin = Bernoulli(p)
    assert (Die(2) @ coin).subs({p: "1/3"}).pmf(1) == Fraction(1, 2) * Fraction(1, 3) + Fraction(1, 2) * Fraction(4, 9)


def test_formulas_of_your_own():
    law = Formula(2 * k / (n * (n + 1)), k, 1, n)
    assert law.subs({n: 4}).to_dict() == {i: Fraction(i, 10) for i in range(1, 5)}
    assert sympy.simplify(law.mean() - (2 * n + 1) / 3) == 0
    assert number((law + law).pmf(5).subs(n, 4)) == (law.subs({n: 4}) + law.subs({n: 4})).pmf(5)
    geometric = Formula(p * (1 - p) ** k, k, 0, sympy.oo)
    assert geometric == NegativeBinomial(1, p)
    assert geometric.subs({p: "1/2"}).pmf(3) == sympy.Rational(1, 16)
    unknown = Poisson(lam) + Geometric(p)
    assert unknown.pmf(k).has(sympy.Sum)
    exact = sum(lam**i * sympy.exp(-lam) / sympy.factorial(i) * p * (1 - p) ** (2 - i) for i in range(3))
    assert sympy.simplify(unknown.pmf(3) - exact) == 0
    assert unknown.subs({lam: 2, p: 0.5}).pmf(3) == pytest.approx(
        float(exact.subs({lam: 2, p: sympy.Rational(1, 2)})), rel=1e-12
    )


def test_equality():
    assert Binomial(n, p) != Binomial(n, q)
    assert Binomial(n, p) != Binomial(m, p)
    assert Geometric(p) + Geometric(p) == NegativeBinomial(2, p) + 2
    assert hash(Binomial(n, p) + Binomial(m, p)) == hash(Binomial(m + n, p))
    assert Die(n) != Die(6)
    assert pickle.loads(pickle.dumps(Die(n) + Die(n))) == Die(n) + Die(n)


def test_texts():
    assert repr(Binomial(n, p)) == "Binomial(n, p): outcomes 0..n, symbolic in n, p, mean n*p"
    assert repr(Geometric(p)).startswith("Geometric(p): outcomes 1..")
    assert repr(2 * Die(n) + 1).startswith("2*Die(n) + 1: outcomes 3..2*n + 1")
    assert latex(Poisson(lam)).startswith(r"\Pr(X = k) = \frac{lam^{k} e^{- lam}}{k!}, \quad k = 0,")
    assert r"\begin{cases}" in latex(Die(n) + Die(n))


def test_derivatives_and_functions():
    assert sympy.simplify(Binomial(n, p).diff(p).mean() - n) == 0
    assert Binomial(n, p).diff("p").mean() == n
    with pytest.raises(DistconvValueError, match=r"no letter p .*its letters are: n, p.*name it: 'p'"):
        Binomial(n, p).diff(sympy.Symbol("p"))
    with pytest.raises(DistconvValueError, match="no letter q"):
        (3 @ Bernoulli(p)).diff("q")
    f = Poisson(lam).lambdify(lam)
    assert f(2, 3.0) == pytest.approx(Poisson(3.0).pmf(2), rel=1e-12)


REFUSED = [
    ("quantile", lambda: Die(n).ppf(0.5), DistconvTypeError, r"substitute numbers.*n"),
    ("table", lambda: Die(n).to_dict(), DistconvTypeError, r"substitute numbers"),
    ("float", lambda: Binomial(n, 0.3), DistconvTypeError, r"'0\.3'"),
    ("total", lambda: Formula(k / n, k, 1, n), DistconvValueError, r"totals .*not 1"),
    ("negative", lambda: Formula((3 - 2 * k) / sympy.Integer(1), k, 1, 2), DistconvValueError, r"totals 0|negative"),
    ("clash", lambda: Formula(1 / n, n, 1, n), DistconvTypeError, r"contain the outcome's symbol n"),
    ("no-symbol", lambda: Formula(1 / n, 3, 1, n), DistconvTypeError, r"k must be the sympy symbol"),
    ("empty", lambda: Formula(p, k, 3, 1), DistconvValueError, r"is empty"),
    ("point", lambda: Point(sympy.I * n), DistconvTypeError, r"real|number"),
    ("parameter", lambda: Poisson(-lam), DistconvValueError, r"no law Poisson"),
    ("no-such-law", lambda: Binomial(n, p).subs({n: 3, p: 2}), DistconvValueError, r"does not hold"),
    ("half-a-die", lambda: Die(n).subs({n: "1/2"}), (DistconvTypeError, DistconvValueError), r"."),
    ("floating", lambda: Die(n) + Binomial(3, 0.5), DistconvTypeError, r"to_exact"),
]


@pytest.mark.parametrize(("ask", "kind", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_is_refused(ask, kind, message):
    with pytest.raises(kind, match=message):
        ask()


def test_sympy_stats_there_and_back():
    assert from_sympy(stats.Die("D", 6)) == Die(6)
    assert from_sympy(stats.Binomial("X", 10, sympy.Rational(1, 3))) == Binomial(10, "1/3")
    assert from_sympy(stats.Poisson("P", lam)) == Poisson(lam)
    assert from_sympy(stats.Geometric("G", p)) == Geometric(p)
    assert from_sympy(stats.FiniteRV("F", {1: p, 2: 1 - p})).to_dict() == {1: p, 2: 1 - p}
    # Whichever of the two p is the chance of, which versions of sympy differ in.
    waiting = stats.NegativeBinomial("B", 3, p)
    assert sympy.simplify(from_sympy(waiting).pmf(2) - stats.density(waiting)(2)) == 0
    assert from_sympy(stats.Binomial("X", 4, p, succ=3, fail=1)) == 2 * Binomial(4, p) + 4
    assert sympy.simplify(stats.E(Geometric(p).to_sympy("G")) - 1 / p) == 0
    assert stats.P(sympy.Eq((Die(6) + Die(6)).to_sympy("S"), 7)) == sympy.Rational(1, 6)
    assert from_sympy(Poisson(3).to_sympy("P")) == Poisson(3)
    with pytest.raises(DistconvTypeError, match="continuous"):
        from_sympy(stats.Normal("N", 0, 1))
    with pytest.raises(DistconvTypeError, match="random variable"):
        from_sympy(p)


def test_sums_of_geometric_terms_close_without_exceptions_that_cancel():
    p, q = sympy.symbols("p q", positive=True)
    k = sympy.Symbol("k", integer=True, positive=True)
    difference = Geometric(p) - Geometric(p)
    assert sympy.simplify(difference.pmf(k) - p * (1 - p) ** k / (2 - p)) == 0
    assert not difference.pmf(0).has(sympy.Piecewise, sympy.Sum)
    assert sympy.expand((Geometric(p) + Geometric(q)).pmf(3) - p * q * (2 - p - q)) == 0
    three = (Geometric(p) - Geometric(q) + Geometric(p)).pmf(-2)
    numbers = {p: sympy.Rational(1, 3), q: sympy.Rational(1, 4)}
    terms = (
        Fraction(1, 4) * Fraction(3, 4) ** (j + 1) * (j - 1) * Fraction(1, 9) * Fraction(2, 3) ** (j - 2)
        for j in range(2, 400)
    )
    assert abs(three.subs(numbers) - float(sum(terms))) < 1e-12


def test_conditions_on_whole_letters_are_whole():
    n = sympy.Symbol("n", integer=True, positive=True)
    answer = (3 @ Die(n)).pmf(5)
    assert [answer.subs(n, sides) for sides in (1, 2, 3, 6)] == [
        0,
        sympy.Rational(3, 8),
        sympy.Rational(2, 9),
        sympy.Rational(1, 36),
    ]
    assert len(answer.atoms(sympy.Piecewise)) <= 3


def test_random_sums_with_letters_answer_from_their_count_and_their_terms():
    lam, p, q = sympy.symbols("lam p q", positive=True)
    n = sympy.Symbol("n", integer=True, positive=True)
    third, half = sympy.Rational(1, 3), sympy.Rational(1, 2)
    cases = [
        (Binomial(n, p) @ Geometric(q), {n: 4, p: third, q: half}),
        (Binomial(n, p) @ Die(6), {n: 3, p: third}),
        (Binomial(3, p) @ Die(n), {n: 2, p: third}),
        (Geometric(p) @ Distribution({-1: q, 2: 1 - q}), {p: half, q: third}),
    ]
    for law, numbers in cases:
        plain = law.subs({letter: Fraction(int(v.p), int(v.q)) for letter, v in sympy.sympify(numbers).items()})
        assert law.mean().subs(numbers) == plain.mean()
        assert law.cumulant(3).subs(numbers) == plain.cumulant(3)
        assert law.low == (0 if plain.low == 0 else -sympy.oo)
        for x in range(5) if law.low == 0 else ():
            assert abs(law.pmf(x).subs(numbers) - plain.pmf(x)) < 1e-14
    assert (Poisson(lam) @ Die(n)).var() == lam * (n + 1) * (2 * n + 1) / 6
