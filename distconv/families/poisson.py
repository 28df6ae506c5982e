"""The Poisson law: how many of many rare, independent things happen."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

from distconv import closed_forms
from distconv.families.binomial import Binomial
from distconv.families.parameters import Parameter, is_exact, multiple, read_positive, to_double, total
from distconv.families.point import Point
from distconv.families.recurrence import RecurrentFamily, beyond
from distconv.families.sums import Curve, trigamma
from distconv.methods.counts import Panjer
from distconv.numbers.balls import ball_of, rational
from distconv.numbers.letters import is_expression
from distconv.typing import AnyArray, FloatArray, Outcome, PointLike, ScalarLike, Transform
from distconv.unbounded import Jumps

#: Means up to which numpy draws Poisson numbers, as int64.
MOST_DRAWN = 2**62
#: Exponents whose powers of e are doubles.
LARGEST_EXPONENT = 700.0


class Poisson(RecurrentFamily):
    """P(X = k) = exp(-lam) lam**k / k!, k = 0, 1, 2, ...

    ``Poisson(0)`` is `Point(0)`: the constructor returns that law.

    Args:
        lam: the mean, >= 0. Weights hold exp(-lam), so they are floating, right to about 1e-13.

    Raises:
        DistconvValueError: lam is negative or not finite.
        DistconvTypeError: lam is no number.

    >>> from distconv import Poisson
    >>> Poisson(2) + Poisson(3) == Poisson(5)
    True
    """

    __slots__ = ("lam",)
    parameters = ("lam",)
    # lam, the quotient, and one to spare: k + 1 is a double.
    ratio_roundings = 3

    lam: Parameter

    def __new__(cls, lam: ScalarLike) -> Poisson:
        """The law, or the point 0 for lam = 0."""
        if read_positive("lam", lam, zero=True) == 0:
            return Point.floating(0)  # type: ignore[return-value]
        return object.__new__(cls)

    def __init__(self, lam: ScalarLike) -> None:
        self._keep(read_positive("lam", lam))

    def _curve(self) -> Curve:
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

    def _mode(self) -> int:
        return max(-int(-Fraction(self.lam) // 1) - 1, 0)

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        return generator.poisson(to_double(self.lam), counts) if self.lam < MOST_DRAWN else None

    def _ratios(self, offset: FloatArray) -> FloatArray:
        return to_double(self.lam) / (offset + 1)

    def _ratio_above(self, k: int) -> float:
        return beyond(to_double(self.lam) / (k + 1))

    def _ratio_below(self, k: int) -> float:
        return beyond(to_double(k / Fraction(self.lam)))

    def _cumulant(self, k: int) -> Fraction:  # noqa: ARG002 - all are equal
        return Fraction(self.lam)

    def _counted(self, keep: Fraction) -> Panjer:
        return Panjer.of(Fraction(self.lam), Fraction(0), keep)

    def _jumps(self) -> Jumps:
        return Jumps(Fraction(self.lam), Point(1), Poisson)

    def _log_mgf(self, t: float) -> float:
        return to_double(self.lam) * math.expm1(t) if t < LARGEST_EXPONENT else math.inf

    def pgf(self, z: PointLike) -> Transform:
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


@closed_forms.register(Poisson, Poisson)
def _sum(x: Poisson, y: Poisson) -> Poisson:
    return Poisson(total(x.lam, y.lam))


@closed_forms.register_power(Poisson)
def _copies(x: Poisson, n: int) -> Poisson:
    return Poisson(multiple(n, x.lam))


@closed_forms.register_given_sum(Poisson, Poisson)
def _given_sum(x: Poisson, y: Poisson, total_: Outcome) -> Binomial | None:
    if not isinstance(total_, int) or total_ < 0 or not is_exact(x.lam, y.lam):
        return None
    return Binomial(total_, Fraction(x.lam) / (Fraction(x.lam) + Fraction(y.lam)))
