"""The binomial law: successes in n independent trials."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from distconv import closed_forms
from distconv.families import cumulants
from distconv.families.parameters import Parameter, read_count, read_probability, same, to_double
from distconv.families.recurrence import FiniteRecurrence
from distconv.families.sums import Curve, trigamma
from distconv.methods.counts import Panjer
from distconv.numbers.balls import ball_of, rational, resolved_pair
from distconv.typing import AnyArray, FloatArray, IntegerLike, PointLike, ScalarLike, Transform
from distconv.weights import Rational
from distconv.weights.rational import over, polynomial


class Binomial(FiniteRecurrence):
    """P(X = k) = C(n, k) p**k (1 - p)**(n - k), k = 0, ..., n.

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

    __slots__ = ("n", "p")
    parameters = ("n", "p")
    # (n - k) / (k + 1) * odds: the integers are doubles; the quotient, the odds and the product are a rounding each.
    ratio_roundings = 3

    n: int
    p: Parameter

    def __init__(self, n: IntegerLike, p: ScalarLike) -> None:
        self._keep(read_count("n", n), read_probability("p", p))

    def _span(self) -> tuple[int, int]:
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

    def _curve(self) -> Curve:
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

    def _mode(self) -> int:
        return min(max(-int(-(self.n + 1) * Fraction(self.p) // 1) - 1, 0), self.n)

    def _size(self) -> int:
        return self.n

    def _ratios(self, offset: FloatArray) -> FloatArray:
        p = Fraction(self.p)
        return (self.n - offset) / (offset + 1) * to_double(p / (1 - p) if p != 1 else p)

    def _cumulant(self, k: int) -> Fraction:
        """kappa_1 = n p and kappa_(k+1) = p (1 - p) d kappa_k / dp."""
        return cumulants.negative_binomial(k, Fraction(-self.n), -Fraction(self.p))

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        return generator.binomial(self.n, to_double(self.p), counts) if self.n < 2**62 else None

    def _counted(self, keep: Fraction) -> Panjer | None:
        p = Fraction(self.p)
        return None if p == 1 else Panjer.of(-p / (1 - p), Fraction(-self.n), keep)

    def _log_mgf(self, t: float) -> float:
        p = to_double(self.p)
        if t > 1 and p:
            return self.n * (t + math.log(p + (1 - p) * math.exp(-t)))
        return self.n * math.log1p(p * math.expm1(t))

    def pgf(self, z: PointLike) -> Transform:
        """(1 - p + p z)**n, any z."""
        return pgf_of_trials(self.n, self.p, z)


def pgf_of_trials(n: int, p: Parameter, z: PointLike) -> Transform:
    """(1 - p + p z)**n: exact for exact p and z."""
    base = Fraction(p)
    if not isinstance(p, float):
        return (1 - base + base * (Fraction(z) if isinstance(z, int) else z)) ** n
    factor = Fraction(0)
    if isinstance(z, int | float | Fraction) and math.isfinite(z):
        factor = 1 + base * (Fraction(z) - 1)
    if factor > 0:
        # The factor is exact, so that its power loses no digit, however large n is.
        significand, exponent = resolved_pair(lambda: (ball_of(factor).log() * n).exp(), f"pgf({z!r})", start=128)
        return math.ldexp(significand, max(exponent, -1100)) if exponent < 1024 else math.inf
    return (float(1 - base) + p * z) ** n


@closed_forms.register(Binomial, Binomial)
def _sum(x: Binomial, y: Binomial) -> Binomial | None:
    return Binomial(x.n + y.n, x.p) if same(x.p, y.p) else None


@closed_forms.register_power(Binomial)
def _copies(x: Binomial, n: int) -> Binomial:
    return Binomial(n * x.n, x.p)
