"""So many vectors as a letter says: multinomial laws, walks in the plane; with numbers they are what is added up."""

import pickle
from fractions import Fraction

import numpy as np
import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

from distconv import (
    Bernoulli,
    Binomial,
    Die,
    DimensionError,
    DistconvTypeError,
    Distribution,
    Geometric,
    Multinomial,
    Poisson,
    joint,
    product,
)

n = sympy.Symbol("n", integer=True, nonnegative=True)
x, y = sympy.symbols("x y", integer=True)
p, q = sympy.symbols("p q", positive=True)
CROSS = Distribution({(1, 0): "1/4", (-1, 0): "1/4", (0, 1): "1/4", (0, -1): "1/4"})
KING = Distribution({(i, j): "1/4" for i in (-1, 1) for j in (-1, 1)})


def number(value):
    value = sympy.sympify(value).doit()
    assert value.is_Rational, value
    return Fraction(int(value.p), int(value.q))


def test_multinomial_laws_with_a_letter_for_n():
    law = Multinomial(n, [p, q, 1 - p - q])
    assert law.pmf((1, 2, n - 3)).subs({n: 5, p: sympy.Rational(1, 2), q: sympy.Rational(1, 3)}).doit() == number(
        Multinomial(5, ["1/2", "1/3", "1/6"]).pmf((1, 2, 2))
    )
    assert list(law.mean()) == [n * p, n * q, n * (1 - p - q)]
    assert sympy.expand(law.cov()[0, 1] + n * p * q) == 0
    assert sympy.expand(law.var()[0] - n * p * (1 - p)) == 0
    assert law.marginal(0) == Binomial(n, p)
    known = Multinomial(4, [p, q, 1 - p - q]).marginal(1, 0).pmf((2, 1))
    assert sympy.expand(law.marginal(1, 0).pmf((2, 1)).subs(n, 4) - known) == 0
    assert law.subs({n: 3}) == Multinomial(3, [p, q, 1 - p - q])
    assert law.subs({n: 3, p: "1/2", q: "1/4"}) == Multinomial(3, ["1/2", "1/4", "1/4"])
    assert law.letters == {n, p, q}
    assert law.pgf((p, q, 1)) == (p**2 + q**2 + 1 - p - q) ** n
    assert "n @ Distribution(3-D, 3 outcomes)" in repr(law)


def test_walks_in_the_plane_come_home():
    for step in (CROSS, KING):
        assert (2 * n @ step).pmf((0, 0)) == sympy.binomial(2 * n, n) ** 2 / 16**n
    moved = n @ CROSS + (1, 2)
    assert moved.subs({n: 3}) == 3 @ CROSS + (1, 2)
    assert list(moved.mean()) == [1, 2]
    at = moved.pmf((x, y)).subs({n: 3, x: 2, y: 2})
    assert number(at) == (3 @ CROSS).pmf((1, 0))
    assert (n @ CROSS).marginal(0).subs({n: 4}) == 4 @ CROSS.marginal(0)
    assert (n @ CROSS + n @ CROSS) == 2 * n @ CROSS
    assert 2 * (n @ CROSS) == n @ (2 * CROSS)
    assert pickle.loads(pickle.dumps(moved)) == moved
    assert list((n @ CROSS).pmf([(0, 0), (1, 0)]).tolist()) == [(n @ CROSS).pmf((0, 0)), (n @ CROSS).pmf((1, 0))]


def test_what_has_no_answer_for_letters_says_so():
    lazy = Distribution({(i, j): "1/9" for i in (-1, 0, 1) for j in (-1, 0, 1)})
    with pytest.raises(DistconvTypeError, match=r"more than one number of copies, depends on letters.*X\.subs\(\{n: "):
        (n @ lazy).pmf((0, 0))
    assert (n @ lazy).cov()[0, 0] == 2 * n / 3
    assert (n @ lazy).subs({n: 2}) == 2 @ lazy
    with pytest.raises(DistconvTypeError, match="substitute numbers first"):
        (n @ CROSS).entropy()
    with pytest.raises(DimensionError, match="a tuple of 2 numbers"):
        (n @ CROSS).pmf(1)
    with pytest.raises(DistconvTypeError, match="must be an integer >= 0"):
        (n @ CROSS).subs({n: "1/2"})


@st.composite
def steps(draw):
    """A law of two to four vectors of small numbers, and weights that are fractions."""
    dimension = draw(st.integers(2, 3))
    vector = st.tuples(*[st.integers(-2, 2)] * dimension)
    vectors = draw(st.lists(vector, min_size=2, max_size=4, unique=True))
    weights = [draw(st.integers(1, 5)) for _ in vectors]
    return Distribution({v: Fraction(w, sum(weights)) for v, w in zip(vectors, weights, strict=True)})


@settings(deadline=None, max_examples=25)
@given(steps(), st.integers(0, 5), st.data())
def test_copies_by_letter_are_copies_once_the_letter_is_a_number(step, count, data):
    law, known = n @ step, count @ step
    assert law.subs({n: count}) == known
    assert [number(v.subs(n, count)) for v in law.mean()] == list(np.atleast_1d(known.mean()))
    places = [data.draw(st.sampled_from(list(known.support))), data.draw(st.tuples(*[st.integers(-6, 6)] * step.ndim))]
    for place in places:
        try:
            found = law.pmf(place)
        except DistconvTypeError:
            assert len(step.support) == 4
            continue
        assert number(sympy.sympify(found).subs(n, count)) == known.pmf(place)


# Joint laws and sums of laws without end ------------------------------------------------------------------------------

lam, mu, a = sympy.symbols("lam mu a", positive=True)


def test_joint_laws_of_endless_laws_with_letters_are_their_members():
    both = joint(Poisson(lam), Geometric(p), Die(2))
    assert both.pmf((1, 2, 1)) == sympy.expand(lam * sympy.exp(-lam)) * p * (1 - p) / 2
    assert list(both.mean()) == [lam, 1 / p, Fraction(3, 2)]
    assert both.cov()[0, 0] == lam
    assert both.cov()[0, 1] == 0
    assert both.marginal(1) == Geometric(p)
    assert both.subs({lam: 2, p: "1/3"}) == joint(Poisson(2), Geometric("1/3"), Die(2))
    assert both.subs({lam: 2}).letters == {p}
    assert sympy.simplify(both.pgf((x, 1, 1)) - sympy.exp(lam * (x - 1))) == 0
    assert sympy.expand(joint(Bernoulli(p), Poisson(3)).pmf((0, 1)) - 3 * (1 - p) * sympy.exp(-3)) == 0
    assert joint(Die(n), Die(2)).subs({n: 3}) == product(Die(3), Die(2))
    assert both == joint(Poisson(lam), Geometric(p), Die(2))
    assert hash(both) == hash(pickle.loads(pickle.dumps(both)))
    assert repr(joint(Poisson(lam), Poisson(mu))) == "joint(Poisson(lam), Poisson(mu)): 2-D, symbolic in lam, mu"


def test_endless_laws_with_letters_add_to_outcomes_that_are_letters():
    signs = Distribution({a: "1/2", -a: "1/2"})
    total = Poisson(lam) + signs
    assert total.pmf(2 + a) == lam**2 * sympy.exp(-lam) / 4
    assert total.mean() == lam
    assert total.var() == a**2 + lam
    assert sympy.simplify(total.pgf(mu) - sympy.exp(lam * (mu - 1)) * (mu**a + mu**-a) / 2) == 0
    assert total.letters == {lam, a}
    assert (2 @ total).var() == 2 * a**2 + 2 * lam
    # With numbers the coordinates add up.
    known = Poisson(2) + Distribution({3: "1/2", -3: "1/2"})
    assert total.subs({a: 3, lam: 2}).pmf(4) == pytest.approx(known.pmf(4), rel=1e-14)
    assert float(total.subs({a: 3}).pmf(4).subs(lam, 2)) == pytest.approx(known.pmf(4), rel=1e-14)
    assert total.subs({lam: 2}).subs({a: 3}).pmf(-1) == pytest.approx(known.pmf(-1), rel=1e-14)
