"""The logarithmic (log-series) law."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.families import cumulants
from distconv.families.family import by_formula, constructor, made
from distconv.families.parameters import Parameter, read_probability, to_double
from distconv.families.recurrence import RecurrentFamily, beyond
from distconv.families.sums import Curve
from distconv.laws.registry import Family, Letters, Parameters
from distconv.methods.counts import Series
from distconv.numbers.balls import ball_of, is_narrow, rational, resolved
from distconv.numbers.letters import is_expression
from distconv.typing import AnyArray, FloatArray, Moment, Place, ScalarLike, Transform

if TYPE_CHECKING:
    import sympy

#: Bits to which a cumulant is known: what is made of several loses a few.
CUMULANT_BITS = 128
#: 1 - p from which numpy draws, as int64.
LEAST_DRAWN = 2.0**-50


class LogarithmicLaw(RecurrentFamily):
    """P(X = k) = -p**k / (k log(1 - p)), k = 1, 2, 3, ..."""

    __slots__ = ("p",)
    family = "Logarithmic"
    parameters = ("p",)
    start = 1
    # p k / (k + 1): p, the product and the quotient.
    ratio_roundings = 3

    p: Parameter

    def __init__(self, p: Parameter) -> None:
        self._keep(p)

    def curve(self) -> Curve:
        import flint

        p, exact = ball_of(self.p), rational(self.p)
        log, factor = p.log(), -1 / (-p).log1p()

        def mass(x: flint.arb | int) -> flint.arb:
            return factor * (log * x).exp() / x

        def ratio(k: int) -> flint.fmpq:
            return exact * flint.fmpq(k, k + 1)

        # p**x / x has no gamma function, and k / (k + 1) rises to 1.
        return Curve(1, None, mass, ratio, lambda a, b: 0.0, 1 - exact)  # noqa: ARG005

    def mode(self) -> int:
        return 1

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        return generator.logseries(to_double(self.p), counts) if 1 - Fraction(self.p) > LEAST_DRAWN else None

    def _ratios(self, offset: FloatArray) -> FloatArray:
        return to_double(self.p) * (offset + 1) / (offset + 2)

    def _ratio_above(self, k: int) -> float:
        return beyond(to_double(self.p))

    def _ratio_below(self, k: int) -> float:
        return math.inf

    def cumulant(self, k: int) -> Fraction:
        """The k-th cumulant to `CUMULANT_BITS`, as a fraction.

        From the factorial moments E[X (X - 1) ... (X - j + 1)] = -(j - 1)! (p / (1 - p))**j / log(1 - p).
        """

        def attempt() -> Fraction | None:
            p = ball_of(self.p)
            odds, factor = p / (1 - p), -1 / (-p).log1p()
            falling = [1, *(factor * odds**j * math.factorial(j - 1) for j in range(1, k + 1))]
            found = cumulants.from_factorial_moments(falling)[k]
            if not is_narrow(found, CUMULANT_BITS):
                return None
            mantissa, exponent = found.mid().man_exp()
            return int(mantissa) * Fraction(2) ** int(exponent)

        return resolved(attempt, f"cumulant {k}", start=2 * CUMULANT_BITS)

    def told(self, value: Moment) -> float:
        return to_double(value)

    def counted(self, keep: Fraction) -> Series:
        return Series(Fraction(self.p), keep)

    def pgf(self, z: Place) -> Transform:
        """log(1 - p z) / log(1 - p), for ``abs(z)`` < 1 / p."""
        p = Fraction(self.p)
        if is_expression(z):
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


def logarithmic(p: ScalarLike) -> LogarithmicLaw:
    """The logarithmic law."""
    chance = read_probability("p", p, zero=False, one=False, at_zero="as p falls to 0 the law becomes Point(1)")
    return LogarithmicLaw(chance)


@constructor
def Logarithmic(p: ScalarLike) -> Distribution:
    """The logarithmic (log-series) law: P(X = k) = -p**k / (k log(1 - p)), k = 1, 2, 3, ... (scipy.stats.logser).

    Args:
        p: in (0, 1), both ends out. Weights hold log(1 - p), so they are floating, right to about 1e-13.

    Raises:
        DistconvValueError: p is outside (0, 1).
        DistconvTypeError: p is no number.

    >>> from distconv import Logarithmic
    >>> round(Logarithmic("1/2").mean(), 6)  # 1 / log(2)
    1.442695
    """
    return made(FAMILY, p)


def _chance_of(rate: sympy.Expr, z: sympy.Symbol) -> Parameters | None:
    """The p of log(1 - p z), which stands in the logarithmic derivative."""
    import sympy

    whole = sympy.expand_log(rate, force=True)
    logs = [found for found in whole.atoms(sympy.log) if found.has(z)]
    if len(logs) != 1 or not logs[0].args[0].is_polynomial(z) or sympy.degree(logs[0].args[0], z) != 1:
        return None
    line = sympy.Poly(logs[0].args[0], z)
    p = sympy.cancel(-line.coeff_monomial(z) / line.coeff_monomial(1))
    same = sympy.simplify(whole + p / ((1 - p * z) * sympy.log(sympy.expand(1 - p * z)))) == 0
    return (p,) if same else None


def _letters() -> Letters:
    import sympy as sp

    return Letters(
        formula=lambda k, p: -(p**k) / (k * sp.log(1 - p)),
        ends=lambda *_: (sp.Integer(1), sp.oo),
        pgf=lambda z, p: sp.log(1 - p * z) / sp.log(1 - p),
        cgf=lambda t, p: sp.log(sp.log(1 - p * sp.exp(t)) / sp.log(1 - p)),
        conditions=lambda p: (sp.Gt(p, 0), sp.Lt(p, 1)),
        recognise=_chance_of,
    )


FAMILY = Family(
    "Logarithmic",
    LogarithmicLaw.parameters,
    logarithmic,
    partial(by_formula, "Logarithmic"),
    _letters,
    (("1/3",), (0.3,), ("1/1000",), ("999/1000",)),
)
