"""The logarithmic (log-series) law."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

from distconv.errors import DistconvValueError
from distconv.families.cumulants import stirling
from distconv.families.parameters import Parameter, read_probability, to_double
from distconv.families.recurrence import ANCHOR_BITS, RecurrentFamily, beyond
from distconv.numbers.balls import ball_of, resolved_pair
from distconv.typing import FloatArray


class Logarithmic(RecurrentFamily):
    """P(X = k) = -p**k / (k log(1 - p)), k = 1, 2, 3, ... (scipy.stats.logser).

    Args:
        p: in (0, 1), both ends out. Weights hold log(1 - p), so they are floating, right to about 1e-13.

    Raises:
        DistconvValueError: p is outside (0, 1).
        DistconvTypeError: p is no number.

    >>> from distconv import Logarithmic
    >>> round(Logarithmic("1/2").mean(), 6)  # 1 / log(2)
    1.442695
    """

    __slots__ = ("p",)
    parameters = ("p",)
    start = 1
    # p k / (k + 1): p, the product and the quotient.
    ratio_roundings = 3

    p: Parameter

    def __init__(self, p: Any) -> None:
        chance = read_probability("p", p, zero=False, one=False, at_zero="as p falls to 0 the law becomes Point(1)")
        self._keep(chance)

    def _anchor(self, k: int) -> Any:
        p = ball_of(self.p)
        return (p.log() * k).exp() / (-(-p).log1p() * k)

    def _ratios(self, offset: FloatArray) -> FloatArray:
        return to_double(self.p) * (offset + 1) / (offset + 2)

    def _ratio_above(self, k: int) -> float:  # noqa: ARG002 - p k / (k + 1) rises to p
        return beyond(to_double(self.p))

    def _ratio_below(self, k: int) -> float:  # noqa: ARG002 - weights fall from the start on
        return math.inf

    def _cumulant(self, k: int) -> float:
        significand, exponent = resolved_pair(lambda: self._cumulant_ball(k), f"cumulant {k}", start=ANCHOR_BITS)
        return math.ldexp(significand, exponent)

    def _cumulant_ball(self, order: int) -> Any:
        """From the factorial moments E[X (X - 1) ... (X - j + 1)] = -(j - 1)! (p / (1 - p))**j / log(1 - p)."""
        p = ball_of(self.p)
        odds, factor = p / (1 - p), -1 / (-p).log1p()
        falling = [factor * odds**j * math.factorial(j - 1) for j in range(1, order + 1)]
        raw = [1, *(sum(s * falling[j - 1] for j, s in stirling(k)) for k in range(1, order + 1))]
        cumulants: list[Any] = [0]
        for k in range(1, order + 1):
            cumulants.append(raw[k] - sum(math.comb(k - 1, j - 1) * cumulants[j] * raw[k - j] for j in range(1, k)))
        return cumulants[order]

    def pgf(self, z: Any) -> Any:
        """log(1 - p z) / log(1 - p), for ``abs(z)`` < 1 / p."""
        p = Fraction(self.p)
        if hasattr(z, "free_symbols"):
            import sympy

            return sympy.log(1 - p * z) / _log_of_rest(p)
        if abs(z) * p >= 1:
            raise DistconvValueError(f"z must be below 1 / p = {to_double(1 / p)} in absolute value, got {z!r}")
        if isinstance(z, complex):
            import cmath

            return cmath.log(1 - to_double(p) * z) / _log_of_rest(p)
        return _log_of_rest(p * Fraction(z)) / _log_of_rest(p)


def _log_of_rest(p: Fraction) -> float:
    """log(1 - p), right also where p is small or near 1."""
    return math.log1p(-to_double(p)) if p < Fraction(1, 2) else math.log(to_double(1 - p))
