"""The negative binomial law: failures before the r-th success."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.families import cumulants
from distconv.families.binomial import alike, power_of
from distconv.families.family import by_formula, constructor, made
from distconv.families.parameters import (
    Parameter,
    difference,
    is_exact,
    multiple,
    read_positive,
    read_probability,
    same,
    to_double,
    total,
)
from distconv.families.point import sure
from distconv.families.recurrence import RecurrentFamily, beyond
from distconv.families.sums import Curve, trigamma_fall
from distconv.laws.law import Law
from distconv.laws.registry import Family, Letters, Parameters
from distconv.laws.rules import rule
from distconv.methods.counts import Panjer
from distconv.numbers.balls import ball_of, rational
from distconv.queries.generating import size_of
from distconv.typing import AnyArray, FloatArray, Place, PointLike, ScalarLike, Transform
from distconv.weights import Rational
from distconv.weights.rational import reduced

if TYPE_CHECKING:
    import sympy

#: Numbers up to which numpy draws, as int64.
MOST_DRAWN = 2.0**62
#: 1 - (1 - p) / p (exp(t) - 1) below this has lost its digits to rounding: no rate t is taken there.
LEAST_REST = 1e-6
#: Rates beyond the exponents of doubles: no series converges there.
LARGEST_EXPONENT = 700.0


class NegativeBinomialLaw(RecurrentFamily):
    """P(X = k) = C(k + r - 1, k) p**r (1 - p)**k, k = 0, 1, 2, ..., for p < 1."""

    __slots__ = ("p", "r")
    family = "NegativeBinomial"
    parameters = ("r", "p")
    # (k + r) / (k + 1) * q: r, the sum, the quotient, q = 1 - p and the product are a rounding each.
    ratio_roundings = 5

    r: Parameter
    p: Parameter

    def __init__(self, r: Parameter, p: Parameter) -> None:
        self._keep(r, p)

    def curve(self) -> Curve:
        import flint

        r, p, size, chance = ball_of(self.r), ball_of(self.p), rational(self.r), rational(self.p)
        success, failure = r * p.log() - r.lgamma(), (-p).log1p()

        def mass(x: flint.arb | int) -> flint.arb:
            k = flint.arb(x)
            return ((r + k).lgamma() - (k + 1).lgamma() + success + k * failure).exp()

        def ratio(k: int) -> flint.fmpq:
            return (size + k) * (1 - chance) / (k + 1)

        excess = to_double(self.r) - 1

        def stretch(a: int, b: int) -> float:  # noqa: ARG001 - most at the lower end
            return trigamma_fall(a + 1, excess)

        # (k + r) / (k + 1) rises to 1 for r < 1, or is 1, and the weights fall.
        return Curve(0, None, mass, ratio, stretch, chance if self.r <= 1 else None)

    def mode(self) -> int:
        p, r = Fraction(self.p), Fraction(self.r)
        return max(-int(-(r * (1 - p) - 1) / p // 1), 0)

    def _size(self) -> int:
        # Outcomes up to 1 / p count, and for small r all but about r of the law lies on 0.
        r, p = Fraction(self.r), Fraction(self.p)
        return int(max(self.cumulant(1), r, 1 / p / min(r, Fraction(1))))

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        r, p = to_double(self.r), to_double(self.p)
        mean = r * to_double((1 - Fraction(self.p)) / Fraction(self.p))
        return generator.negative_binomial(r, p, counts) if mean + 40 * self.std() < MOST_DRAWN else None

    def _ratios(self, offset: FloatArray) -> FloatArray:
        return (offset + to_double(self.r)) / (offset + 1) * self._failure()

    def _failure(self) -> float:
        """1 - p, rounded once."""
        return to_double(1 - Fraction(self.p))

    def _ratio_above(self, k: int) -> float:
        # (j + r) / (j + 1) falls to 1 for r >= 1 and rises to it for r < 1.
        return beyond(max(to_double((k + Fraction(self.r)) / (k + 1)), 1.0) * self._failure())

    def _ratio_below(self, k: int) -> float:
        # j / (j + r - 1) rises to 1 for r >= 1; for r < 1 weights fall from the start on.
        failure, above = self._failure(), k + Fraction(self.r) - 1
        return beyond(to_double(k / above) / failure) if self.r >= 1 and failure and above else math.inf

    def _weight_bits(self, k: int) -> int | None:
        exact = isinstance(self.r, int) and is_exact(self.p)
        return (k + int(self.r)) * Fraction(self.p).denominator.bit_length() if exact else None

    def _exact_weights(self, low: int, high: int) -> Rational:
        import flint

        p, r = Fraction(self.p), int(self.r)
        success, failure, whole = p.numerator, p.denominator - p.numerator, p.denominator
        value = flint.fmpz(math.comb(low + r - 1, low) * success**r * failure**low * whole ** (high - low))
        values = [value]
        for k in range(low, high):
            value = value * (failure * (k + r)) // (whole * (k + 1))
            values.append(value)
        return reduced(values, whole ** (high + r))

    def cumulant(self, k: int) -> Fraction:
        p = Fraction(self.p)
        return cumulants.negative_binomial(k, Fraction(self.r), (1 - p) / p)

    def counted(self, keep: Fraction) -> Panjer:
        return Panjer.of(1 - Fraction(self.p), Fraction(self.r), keep)

    def repeats(self) -> bool:
        return bool(self.r == 1)

    def log_mgf(self, t: float) -> float:
        return log_mgf_of_failures(to_double(self.r), self.p, t)

    def pgf(self, z: Place) -> Transform:
        """(p / (1 - (1 - p) z))**r, for ``abs(z)`` < 1 / (1 - p)."""
        try:
            return pgf_of_failures(self.p, z) ** self.r
        except OverflowError:
            # As of other laws where the series is beyond the doubles.
            return math.inf


def log_mgf_of_failures(r: float, p: Parameter, t: float) -> float:
    """log E exp(t X) of the failures before r successes; infinite where it is, or nearly."""
    success = to_double(p)
    failure = 1 - success if isinstance(p, float) else to_double(1 - Fraction(p))
    rest = 1 - failure * math.expm1(t) / success if t < min(1 / success, LARGEST_EXPONENT) else 0.0
    return -r * math.log(rest) if rest > LEAST_REST else math.inf


def read_successes(r: ScalarLike) -> Parameter:
    """The number of successes r > 0."""
    return read_positive("r", r, at_zero="before no success there is no failure: Point(0)")


def read_chance(p: ScalarLike) -> Parameter:
    """The probability of success in (0, 1]."""
    return read_probability("p", p, zero=False, at_zero="with p = 0 no success ever comes")


def pgf_of_failures(p: Parameter, z: PointLike) -> Transform:
    """p / (1 - (1 - p) z): of the failures before one success.

    Raises:
        DistconvValueError: the series does not converge at z.
    """
    success = Fraction(p)
    if size_of(z) * (1 - success) >= 1:
        limit = to_double(1 / (1 - success)) if success != 1 else math.inf
        raise DistconvValueError(f"z must be below 1 / (1 - p) = {limit} in absolute value, got {z!r}")
    if is_exact(p):
        return success / (1 - (1 - success) * z)
    return to_double(success) / (1 - to_double(1 - success) * z)


def negative_binomial(r: ScalarLike, p: ScalarLike) -> Law:
    """The law of the failures before the r-th success; the point 0 for p = 1."""
    successes, chance = read_successes(r), read_chance(p)
    return sure(0, chance) if chance == 1 else NegativeBinomialLaw(successes, chance)


@constructor
def NegativeBinomial(r: ScalarLike, p: ScalarLike) -> Distribution:
    """The negative binomial law, of the failures before the r-th success: P(X = k) = C(k + r - 1, k) p**r (1 - p)**k.

    ``NegativeBinomial(r, 1)`` is `Point(0)`.

    Args:
        r: the number of successes, > 0, whole or not.
        p: the probability of success, in (0, 1]. Weights are exact where r is an integer and p is exact (up to
            ``settings.exact_limit``), else floating, right to about 2e-13.

    Raises:
        DistconvValueError: r <= 0, or p is outside (0, 1].
        DistconvTypeError: a parameter is no number.

    >>> from distconv import NegativeBinomial
    >>> NegativeBinomial(2, "1/2").pmf(3)
    Fraction(1, 8)
    >>> NegativeBinomial(2, "1/2").mean()
    Fraction(2, 1)
    """
    return made(FAMILY, r, p)


@rule("add", NegativeBinomialLaw, NegativeBinomialLaw)
def _sum(x: NegativeBinomialLaw, y: NegativeBinomialLaw) -> Law | None:
    return negative_binomial(total(x.r, y.r), x.p) if same(x.p, y.p) else None


@rule("copies", NegativeBinomialLaw)
def _copies(x: NegativeBinomialLaw, n: int) -> Law:
    return negative_binomial(multiple(n, x.r), x.p)


@rule("remove", NegativeBinomialLaw, NegativeBinomialLaw)
def _rest(x: NegativeBinomialLaw, y: NegativeBinomialLaw) -> Law | None:
    if x.p != y.p or x.r < y.r:
        return None
    return sure(0, x.p) if x.r == y.r else negative_binomial(difference(x.r, y.r), x.p)


@rule("root", NegativeBinomialLaw)
def _part(x: NegativeBinomialLaw, n: int) -> Law:
    return negative_binomial(multiple(Fraction(1, n), x.r), x.p)


def _successes_of(rate: sympy.Expr, z: sympy.Symbol) -> Parameters | None:
    """The number of successes, and the chance of one: the binomial law with n = -r and p - 1 over p in place of p."""
    import sympy

    found = power_of(rate, z)
    if found is None:
        return None
    size, odds = found
    return -size, sympy.cancel(1 / (1 - odds))


def _letters() -> Letters:
    import sympy as sp

    return Letters(
        formula=lambda k, r, p: (1 if r == 1 else sp.binomial(r + k - 1, k)) * p**r * (1 - p) ** k,
        ends=lambda *_: (sp.Integer(0), sp.oo),
        pgf=lambda z, r, p: (p / (1 - (1 - p) * z)) ** r,
        cgf=lambda t, r, p: r * (sp.log(p) - sp.log(1 - (1 - p) * sp.exp(t))),
        conditions=lambda r, p: (sp.Gt(r, 0), sp.Gt(p, 0), sp.Le(p, 1)),
        add=alike,
        copies=lambda n, x: (n * x[0], x[1]),
        recognise=_successes_of,
    )


FAMILY = Family(
    "NegativeBinomial",
    NegativeBinomialLaw.parameters,
    negative_binomial,
    partial(by_formula, "NegativeBinomial"),
    _letters,
    ((2, "1/3"), (2.5, 0.3), ("1/100", "1/2"), (2, 1)),
)
