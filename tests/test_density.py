"""Piecewise polynomial densities: against sympy's integrals and the closed form of Irwin and Hall."""

import math
from fractions import Fraction

import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st

from distconv import Bernoulli, Density, Die, DistconvTypeError, DistconvValueError, Distribution, Poisson

x = sympy.Symbol("x", real=True)
a, b = sympy.symbols("a b", positive=True)
BOX = Density.box(0, 1)

sizes = st.fractions("1/5", 4, max_denominator=6)
places = st.fractions(-3, 3, max_denominator=6)


def irwin_hall(n, at):
    """The density of n boxes: sum (-1)**k C(n, k) (x - k)_+**(n - 1) / (n - 1)!."""
    return sum((-1) ** k * math.comb(n, k) * (at - k) ** (n - 1) for k in range(n + 1) if at >= k) / Fraction(
        math.factorial(n - 1)
    )


def test_three_boxes():
    assert (BOX + BOX + BOX).pdf("3/2") == Fraction(3, 4)
    assert isinstance((BOX + BOX + BOX).pdf("3/2"), Fraction)
    assert (BOX + BOX).to_piecewise(x) == sympy.Piecewise(
        (x, (x >= 0) & (x < 1)), (2 - x, (x >= 1) & (x < 2)), (0, True)
    )


@given(st.integers(2, 12), st.fractions(-1, 13, max_denominator=30))
def test_irwin_hall(n, at):
    assert (n @ BOX).pdf(at) == irwin_hall(n, at)


@given(places, sizes, places, sizes, st.fractions(-8, 8, max_denominator=12))
def test_two_boxes_are_a_trapezoid(u, v, s, t, at):
    total = Density.box(u, u + v) + Density.box(s, s + t)
    overlap = max(Fraction(0), min(u + v, at - s) - max(u, at - s - t))
    assert total.pdf(at) == overlap / (v * t)
    assert total.mean() == u + v / 2 + s + t / 2
    assert total.var() == (v**2 + t**2) / 12


@given(places, sizes, sizes, st.fractions(-8, 8, max_denominator=12))
def test_reflection_scale_and_tails(u, v, t, at):
    total = Density.box(u, u + v) + Density.box(0, t) + Density.box(0, 1)
    assert (-total).cdf(at) == 1 - total.cdf(-at)
    assert (3 * total).pdf(at) == total.pdf(at / 3) / 3
    assert (-2 * total).pdf(-2 * at) == total.pdf(at) / 2
    assert (total + 5).cdf(at + 5) == total.cdf(at)
    assert total.sf(at) == 1 - total.cdf(at)
    assert 0 <= total.cdf(at) <= 1


def test_against_sympy_integrals():
    ramp = Density.from_pieces([(0, 1, [0, 2])])
    total = ramp + BOX
    for at in (Fraction(1, 3), Fraction(1), Fraction(5, 4)):
        low, high = max(0, at - 1), min(1, at)
        assert total.pdf(at) == Fraction(str(sympy.integrate(2 * x, (x, low, high))))
    assert ramp.cdf("1/2") == Fraction(1, 4)
    assert ramp.moment(3) == Fraction(2, 5)
    assert Density.from_piecewise(sympy.Piecewise((2 * x, (x >= 0) & (x <= 1)), (0, True)), x) == ramp


def test_quantiles_are_exact():
    triangle = BOX + BOX
    assert triangle.ppf("1/8") == Fraction(1, 2)
    assert triangle.ppf("1/3") == sympy.sqrt(6) / 3
    assert triangle.ppf(0) == 0
    assert triangle.ppf(1) == 2
    root = (5 @ BOX).ppf("1/7")
    assert abs(sympy.N((5 @ BOX).to_piecewise(x).subs(x, root))) > 0
    assert abs(float(sympy.integrate((5 @ BOX).to_piecewise(x), (x, 0, sympy.N(root, 30)))) - 1 / 7) < 1e-12


def test_letters():
    total = Density.box(0, a) + Density.box(0, b)
    assert sympy.expand(total.mean() - a / 2 - b / 2) == 0
    assert sympy.simplify(total.var() - (a**2 + b**2) / 12) == 0
    assert total.subs({a: 1, b: 1}) == BOX + BOX
    assert total.subs({a: 1}).subs({b: 1}) == BOX + BOX
    at = total.to_piecewise(x).subs({a: 1, b: 2})
    expected = Density.box(0, 1) + Density.box(0, 2)
    for value in (Fraction(1, 2), Fraction(3, 2), Fraction(5, 2), Fraction(4)):
        assert Fraction(str(at.subs(x, sympy.Rational(value.numerator, value.denominator)))) == expected.pdf(value)


def test_a_discrete_law_and_a_density():
    total = Die(6) + BOX
    assert total == Density.box(1, 7)
    assert (BOX + Bernoulli("1/4")).pdf("3/2") == Fraction(1, 4)
    assert 3 + BOX == Density.box(3, 4)
    assert 1 - BOX == BOX


def test_rounding_to_a_lattice():
    triangle = BOX + BOX
    law = triangle.discretize("1/2")
    assert law.pmf(1) == Fraction(7, 16)
    assert sum(law.to_dict().values()) == 1
    low, high = triangle.discretize("1/8", rounding="down"), triangle.discretize("1/8", rounding="up")
    for at in (Fraction(1, 4), Fraction(1), Fraction(7, 4)):
        assert high.cdf(at - Fraction(1, 8)) <= triangle.cdf(at) <= low.cdf(at)
        assert high.cdf(at) == triangle.cdf(at)


SINE = sympy.Piecewise((sympy.sin(x), (x > 0) & (x < 1)), (0, True))

REFUSED = [
    ("order", lambda: Density.box(1, 0), DistconvValueError, r"low < high"),
    ("total", lambda: Density.from_pieces([(0, 1, [2])]), DistconvValueError, r"integrates to 2"),
    ("negative", lambda: Density.from_pieces([(0, 1, [-1, 4])]), DistconvValueError, r"is -1 at 0"),
    ("dip", lambda: Density.from_pieces([(0, 2, ["7/2", -9, "9/2"])]), DistconvValueError, r"is -1 at 1"),
    ("constant", lambda: 0 * BOX, DistconvValueError, r"Point\(0\)"),
    ("none", lambda: 0 @ BOX, DistconvValueError, r"Point\(0\)"),
    ("constructor", lambda: Density(), DistconvTypeError, r"Density\.box"),
    ("truth", lambda: bool(BOX), DistconvTypeError, r"X == Y"),
    ("compare", lambda: BOX > 1, DistconvTypeError, r"X\.sf\(1\)"),
    ("level", lambda: BOX.ppf(2), DistconvValueError, r"in \[0, 1\]"),
    ("letters", lambda: Density.box(0, a).ppf("1/2"), DistconvTypeError, r"depend on a"),
    ("product", lambda: BOX * BOX, DistconvTypeError, r"n @ X"),
    ("float", lambda: BOX + Distribution({0: 0.5, 1: 0.5}), DistconvTypeError, r"to_exact"),
    ("infinite", lambda: BOX + Poisson(3), DistconvTypeError, r"infinite"),
    ("step", lambda: BOX.discretize(0), DistconvValueError, r"step must be > 0"),
    ("sine", lambda: Density.from_piecewise(SINE, x), DistconvTypeError, r"polynomial"),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "kind", "message"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_is_no_density_is_refused(ask, kind, message):
    with pytest.raises(kind, match=message):
        ask()


def test_texts():
    assert repr(BOX + BOX) == "Density(0..2, 2 pieces of degree 1, mean 1)"
    assert r"\begin{cases}" in sympy.latex(BOX)
