"""The Poisson law: how many of many rare, independent things happen."""

from __future__ import annotations

import math
from typing import Any

from distconv import closed_forms
from distconv.families.parameters import Parameter, read_positive
from distconv.families.recurrence import RecurrentFamily, ball
from distconv.typing import FloatArray


class Poisson(RecurrentFamily):
    """P(X = k) = exp(-lam) lam**k / k!, k = 0, 1, 2, ...

    Args:
        lam: the mean, >= 0. Weights hold exp(-lam), so they are floating, right to about 1e-13.

    Raises:
        DistconvValueError: lam is negative or not finite.

    >>> from distconv import Poisson
    >>> Poisson(2) + Poisson(3) == Poisson(5)
    True
    """

    __slots__ = ("lam",)
    parameters = ("lam",)
    #: lam and k + 1 are one rounding each at most, the quotient a third.
    ratio_roundings = 3

    lam: Parameter

    def __init__(self, lam: Any) -> None:
        self._keep(read_positive("lam", lam))

    def _anchor(self, k: int) -> Any:
        import flint

        lam = ball(self.lam)
        return (lam.log() * k - lam - flint.arb(k + 1).lgamma()).exp()

    def _ratios(self, k: FloatArray) -> FloatArray:
        return float(self.lam) / (k + 1)

    def _ratio_above(self, k: int) -> float:
        return math.nextafter(float(self.lam) / (k + 1), math.inf)

    def _ratio_below(self, k: int) -> float:
        return math.nextafter(k / float(self.lam), math.inf)

    def _cumulant(self, k: int) -> Any:
        return self.lam

    def pgf(self, z: Any) -> Any:
        """exp(lam (z - 1))."""
        return _exp(self.lam * (z - 1))


def _exp(value: Any) -> Any:
    """The exponential of a number, real, complex or symbolic."""
    if hasattr(value, "free_symbols"):
        return type(value).exp(value) if hasattr(type(value), "exp") else value.exp()
    import cmath

    return cmath.exp(value) if isinstance(value, complex) else math.exp(value)


@closed_forms.register(Poisson, Poisson)
def _sum(x: Poisson, y: Poisson) -> Poisson:
    return Poisson(x.lam + y.lam)


@closed_forms.register_power(Poisson)
def _copies(x: Poisson, n: int) -> Poisson:
    return Poisson(n * x.lam)
