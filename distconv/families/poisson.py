"""The Poisson law: how many of many rare, independent things happen."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

import numpy as np

from distconv.distribution import Distribution
from distconv.families.bernoulli import BernoulliLaw
from distconv.families.binomial import binomial
from distconv.families.family import by_formula, constructor, made
from distconv.families.parameters import (
    Parameter,
    difference,
    is_exact,
    multiple,
    product,
    read_positive,
    to_double,
    total,
)
from distconv.families.point import PointLaw
from distconv.families.recurrence import RecurrentFamily, beyond
from distconv.families.sums import Curve, trigamma
from distconv.laws.jumps import Jumps
from distconv.laws.law import Law
from distconv.laws.registry import Family, Letters
from distconv.laws.rules import rule
from distconv.methods.counts import Panjer
from distconv.numbers.balls import ball_of, rational
from distconv.numbers.letters import is_expression
from distconv.typing import AnyArray, FloatArray, Outcome, Place, PointLike, ScalarLike, Transform

#: Means up to which numpy draws Poisson numbers, as int64.
MOST_DRAWN = 2**62
#: Exponents whose powers of e are doubles.
LARGEST_EXPONENT = 700.0


class PoissonLaw(RecurrentFamily):
    """P(X = k) = exp(-lam) lam**k / k!, k = 0, 1, 2, ..., for lam > 0."""

    __slots__ = ("lam",)
    family = "Poisson"
    parameters = ("lam",)
    # lam, the quotient, and one to spare: k + 1 is a double.
    ratio_roundings = 3

    lam: Parameter

    def __init__(self, lam: Parameter) -> None:
        self._keep(lam)

    def curve(self) -> Curve:
        import flint

        lam, exact = ball_of(self.lam), rational(self.lam)
        log = lam.log()

        def mass(x: flint.arb | int) -> flint.arb:
            k = flint.arb(x)
            return (log * k - lam - (k + 1).lgamma()).exp()

        return Curve(
            0,
            None,
            mass,
            lambda k: exact / (k + 1),
            lambda a, b: trigamma(a + 1),  # noqa: ARG005
        )

    def mode(self) -> int:
        return max(-int(-Fraction(self.lam) // 1) - 1, 0)

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        return generator.poisson(to_double(self.lam), counts) if self.lam < MOST_DRAWN else None

    def _ratios(self, offset: FloatArray) -> FloatArray:
        return to_double(self.lam) / (offset + 1)

    def _ratio_above(self, k: int) -> float:
        return beyond(to_double(self.lam) / (k + 1))

    def _ratio_below(self, k: int) -> float:
        return beyond(to_double(k / Fraction(self.lam)))

    def cumulant(self, k: int) -> Fraction:
        return Fraction(self.lam)

    def counted(self, keep: Fraction) -> Panjer:
        return Panjer.of(Fraction(self.lam), Fraction(0), keep)

    def jumps(self) -> Jumps:
        return Jumps(Fraction(self.lam), PointLaw(1), poisson)

    def log_mgf(self, t: float) -> float:
        return to_double(self.lam) * math.expm1(t) if t < LARGEST_EXPONENT else math.inf

    def pgf(self, z: Place) -> Transform:
        """exp(lam (z - 1)), any z."""
        return exponential(self.lam * (z - 1))


def exponential(value: PointLike) -> Transform:
    """The exponential of a number, real (infinite beyond the doubles), complex or symbolic."""
    import cmath
    import math

    if is_expression(value):
        import sympy

        return sympy.exp(value)
    if isinstance(value, complex):
        return cmath.exp(value)
    try:
        return math.exp(value)
    except OverflowError:
        return math.inf if value > 0 else 0.0


def poisson(lam: ScalarLike) -> Law:
    """The law of a mean; the point 0 for the mean 0."""
    mean = read_positive("lam", lam, zero=True)
    return PoissonLaw(mean) if mean else PointLaw(0, floating=True)


@constructor
def Poisson(lam: ScalarLike) -> Distribution:
    """The Poisson law: P(X = k) = exp(-lam) lam**k / k!, k = 0, 1, 2, ...

    ``Poisson(0)`` is `Point(0)`.

    Args:
        lam: the mean, >= 0. Weights hold exp(-lam), so they are floating, right to about 1e-13.

    Raises:
        DistconvValueError: lam is negative or not finite.
        DistconvTypeError: lam is no number.

    >>> from distconv import Poisson
    >>> Poisson(2) + Poisson(3) == Poisson(5)
    True
    """
    return made(FAMILY, lam)


@rule("add", PoissonLaw, PoissonLaw)
def _sum(x: PoissonLaw, y: PoissonLaw) -> Law:
    return poisson(total(x.lam, y.lam))


@rule("copies", PoissonLaw)
def _copies(x: PoissonLaw, n: int) -> Law:
    return poisson(multiple(n, x.lam))


@rule("remove", PoissonLaw, PoissonLaw)
def _rest(x: PoissonLaw, y: PoissonLaw) -> Law | None:
    return poisson(difference(x.lam, y.lam)) if x.lam > y.lam else None


@rule("root", PoissonLaw)
def _part(x: PoissonLaw, n: int) -> Law:
    return poisson(multiple(Fraction(1, n), x.lam))


@rule("compound", PoissonLaw, BernoulliLaw)
def _thinned(count: PoissonLaw, trial: BernoulliLaw) -> Law:
    return poisson(product(count.lam, trial.p))


@rule("given_sum", PoissonLaw, PoissonLaw)
def _given_sum(x: PoissonLaw, y: PoissonLaw, total_: Outcome) -> Law | None:
    if not isinstance(total_, int) or total_ < 0 or not is_exact(x.lam, y.lam):
        return None
    return binomial(total_, Fraction(x.lam) / (Fraction(x.lam) + Fraction(y.lam)))


def _letters() -> Letters:
    import sympy as sp

    return Letters(
        formula=lambda k, lam: sp.exp(-lam) * lam**k / sp.factorial(k),
        ends=lambda *_: (sp.Integer(0), sp.oo),
        pgf=lambda z, lam: sp.exp(lam * (z - 1)),
        cgf=lambda t, lam: lam * (sp.exp(t) - 1),
        conditions=lambda lam: (sp.Ge(lam, 0),),
        add=lambda x, y: (x[0] + y[0],),
        copies=lambda n, x: (n * x[0],),
        recognise=lambda rate, z: None if rate == 0 or rate.has(z) else (sp.simplify(rate),),
    )


FAMILY = Family(
    "Poisson",
    PoissonLaw.parameters,
    poisson,
    partial(by_formula, "Poisson"),
    _letters,
    ((3,), (2.5,), ("1/1000",), (0,)),
)
