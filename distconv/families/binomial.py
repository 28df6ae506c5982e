"""The binomial law: successes in n independent trials."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from distconv import construction
from distconv.algebra import sums
from distconv.distribution import Distribution
from distconv.families import cumulants
from distconv.families.family import by_formula, constructor, made, whole, with_conditions
from distconv.families.parameters import Parameter, is_exact, read_count, read_probability, same, to_double
from distconv.families.recurrence import FiniteRecurrence
from distconv.families.sums import Curve, trigamma
from distconv.laws.finite import Finite, zero
from distconv.laws.law import Law
from distconv.laws.registry import Family, Letters, Parameters
from distconv.laws.rules import rule
from distconv.measure import Measure
from distconv.methods.counts import Panjer
from distconv.numbers.balls import ball_of, rational, resolved_pair
from distconv.queries import generating
from distconv.transforms import mixing
from distconv.typing import AnyArray, FloatArray, IntegerLike, Place, PointLike, ScalarLike, Transform
from distconv.weights import Rational
from distconv.weights.rational import over, polynomial

if TYPE_CHECKING:
    import sympy


class BinomialLaw(FiniteRecurrence):
    """P(X = k) = C(n, k) p**k (1 - p)**(n - k), k = 0, ..., n."""

    __slots__ = ("n", "p")
    family = "Binomial"
    parameters = ("n", "p")
    # (n - k) / (k + 1) * odds: the integers are doubles; the quotient, the odds and the product are a rounding each.
    ratio_roundings = 3

    n: int
    p: Parameter

    def __init__(self, n: int, p: Parameter) -> None:
        self._keep(n, p)

    def span(self) -> tuple[int, int]:
        return (self.n if self.p == 1 else 0), (0 if self.p == 0 else self.n)

    def _bits(self) -> int:
        return 1 if self.p in (0, 1) else self.n * Fraction(self.p).denominator.bit_length() + 1

    def _exact(self) -> Rational:
        p = Fraction(self.p)
        if p in (0, 1):
            return over([1], 1)
        # In lowest terms: the first and last numerators are powers of 1 - p's and p's, prime to the denominator.
        numerators = polynomial([p.denominator - p.numerator, p.numerator]) ** self.n
        return Rational(numerators, p.denominator**self.n, self.n + 1)

    def curve(self) -> Curve:
        import flint

        n, p, exact = self.n, ball_of(self.p), rational(self.p)
        ways, hit, miss, odds = flint.arb(n + 1).lgamma(), p.log(), (-p).log1p(), exact / (1 - exact)

        def mass(x: flint.arb | int) -> flint.arb:
            k = flint.arb(x)
            return (ways - (k + 1).lgamma() - (n + 1 - k).lgamma() + hit * k + miss * (n - k)).exp()

        def ratio(k: int) -> flint.fmpq:
            return odds * (n - k) / (k + 1)

        def stretch(a: int, b: int) -> float:
            return trigamma(a + 1) + trigamma(n - b + 1)

        return Curve(0, n, mass, ratio, stretch)

    def mode(self) -> int:
        return min(max(-int(-(self.n + 1) * Fraction(self.p) // 1) - 1, 0), self.n)

    def _size(self) -> int:
        return self.n

    def _ratios(self, offset: FloatArray) -> FloatArray:
        p = Fraction(self.p)
        return (self.n - offset) / (offset + 1) * to_double(p / (1 - p) if p != 1 else p)

    def cumulant(self, k: int) -> Fraction:
        """kappa_1 = n p and kappa_(k+1) = p (1 - p) d kappa_k / dp."""
        return cumulants.negative_binomial(k, Fraction(-self.n), -Fraction(self.p))

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        return generator.binomial(self.n, to_double(self.p), counts) if self.n < 2**62 else None

    def trials(self, term: Law) -> tuple[Law, int] | None:
        """So many times what one trial adds: the term with probability p, else 0."""
        if not term.is_finite or (term.ndim == 1 and term.shape == (1,)):
            return None
        return trial_of(self.p, term), self.n

    def repeated(self) -> tuple[Law, int]:
        return BinomialLaw(1, self.p), self.n

    def counted(self, keep: Fraction) -> Panjer | None:
        p = Fraction(self.p)
        return None if p == 1 else Panjer.of(-p / (1 - p), Fraction(-self.n), keep)

    def log_mgf(self, t: float) -> float:
        p = to_double(self.p)
        if t > 1 and p:
            return self.n * (t + math.log(p + (1 - p) * math.exp(-t)))
        return self.n * math.log1p(p * math.expm1(t))

    def pgf(self, z: Place) -> Transform:
        """(1 - p + p z)**n, any z."""
        return pgf_of_trials(self.n, self.p, z)


def pgf_of_trials(n: int, p: Parameter, z: PointLike) -> Transform:
    """(1 - p + p z)**n: exact for exact p and z."""
    base = Fraction(p)
    if not isinstance(p, float):
        return (1 - base + base * generating.exact_place(z)) ** n
    factor = Fraction(0)
    if isinstance(z, int | float | Fraction) and math.isfinite(z):
        factor = 1 + base * (Fraction(z) - 1)
    if factor > 0:
        # The factor is exact, so that its power loses no digit, however large n is.
        significand, exponent = resolved_pair(lambda: (ball_of(factor).log() * n).exp(), f"pgf({z!r})", start=128)
        return math.ldexp(significand, max(exponent, -1100)) if exponent < 1024 else math.inf
    return (float(1 - base) + p * z) ** n


def binomial(n: IntegerLike, p: ScalarLike) -> BinomialLaw:
    """The law of the successes in n trials."""
    return BinomialLaw(read_count("n", n), read_probability("p", p))


@constructor
def Binomial(n: IntegerLike, p: ScalarLike) -> Distribution:
    """The binomial law, of the successes in n independent trials: P(X = k) = C(n, k) p**k (1 - p)**(n - k).

    Args:
        n: the number of trials, an integer >= 0.
        p: the probability of success, both ends in. Exact weights stay exact up to ``settings.exact_limit``; a float is
            the double that it is, and weights are then right to about 1e-13 relative, in the far tails too.

    Raises:
        DistconvValueError: n < 0, or p is outside [0, 1].
        DistconvTypeError: n is no integer, or p no number.

    >>> from distconv import Binomial
    >>> Binomial(10, "1/2").pmf(5)
    Fraction(63, 256)
    >>> Binomial(2, "1/3") + Binomial(3, "1/3") == Binomial(5, "1/3")
    True
    """
    return made(FAMILY, n, p)


@rule("add", BinomialLaw, BinomialLaw)
def _sum(x: BinomialLaw, y: BinomialLaw) -> Law | None:
    return binomial(x.n + y.n, x.p) if same(x.p, y.p) else None


@rule("copies", BinomialLaw)
def _copies(x: BinomialLaw, n: int) -> Law:
    return binomial(n * x.n, x.p)


@rule("root", BinomialLaw)
def _part(x: BinomialLaw, n: int) -> Law | None:
    return BinomialLaw(x.n // n, x.p) if x.n % n == 0 else None


def trial_of(p: Parameter, term: Law) -> Law:
    """A finite term with probability p, else 0: floating where the probability is."""
    chance = Fraction(p)
    found = mixing.mixed([(1 - chance, zero(term.ndim).measure), (chance, term.measure)])
    if not is_exact(p) and found.weights.is_exact:
        found = Measure(found.support, found.weights.as_floating(), found.missing)
    return Finite(found)


def with_letters(n: IntegerLike, p: ScalarLike) -> Law:
    """A number of trials that is a letter by the formula, others as so many trials."""
    trials, chance = with_conditions("Binomial", n, p)
    if not trials.is_Integer:
        return by_formula("Binomial", n, p)
    return sums.copies(Finite(construction.from_mapping({0: 1 - chance, 1: chance})), int(trials))


def alike(x: Parameters, y: Parameters) -> Parameters | None:
    """The parameters of a sum where the first ones add up and the second ones must be equal."""
    import sympy

    return (x[0] + y[0], x[1]) if sympy.simplify(x[1] - y[1]) == 0 else None


def power_of(rate: sympy.Expr, z: sympy.Symbol) -> Parameters | None:
    """(n, p) with G(z) = (1 - p + p z)**n, from G'(z) / G(z) = n p / (1 - p + p z); n is negative of failures."""
    import sympy

    top, bottom = sympy.fraction(rate)
    if top.has(z) or not bottom.is_polynomial(z) or sympy.degree(bottom, z) != 1:
        return None
    slope, offset = sympy.Poly(bottom, z).all_coeffs()
    if sympy.simplify(slope) == 0 or sympy.simplify(slope + offset) == 0:
        return None
    return sympy.cancel(top / slope), sympy.cancel(slope / (slope + offset))


def _letters() -> Letters:
    import sympy as sp

    return Letters(
        # Of a fair coin all sequences are alike, which sympy does not see in powers of 1/2.
        formula=lambda k, n, p: sp.binomial(n, k) * (p**n if p == 1 - p else p**k * (1 - p) ** (n - k)),
        ends=lambda n, _: (sp.Integer(0), n),
        pgf=lambda z, n, p: (1 - p + p * z) ** n,
        cgf=lambda t, n, p: n * sp.log(1 - p + p * sp.exp(t)),
        conditions=lambda n, p: (sp.Ge(n, 0), sp.Ge(p, 0), sp.Le(p, 1), *whole(n)),
        add=alike,
        copies=lambda n, x: (n * x[0], x[1]),
        recognise=power_of,
    )


FAMILY = Family(
    "Binomial",
    BinomialLaw.parameters,
    binomial,
    with_letters,
    _letters,
    ((10, "1/3"), (10, 0.3), (0, "1/3"), (5, 0), (5, 1)),
)
