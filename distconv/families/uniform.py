"""All integers of a range, equally likely."""

from __future__ import annotations

import math
from fractions import Fraction
from functools import partial

import numpy as np

from distconv.checks import check_integer
from distconv.distribution import Distribution
from distconv.errors import DistconvValueError
from distconv.families import cumulants
from distconv.families.family import by_formula, constructor, made, whole
from distconv.families.formulaic import LAST_SUM_BITS, SUM_BITS, FiniteFormulaic, check_window
from distconv.laws.law import Law
from distconv.laws.registry import Family, Letters
from distconv.measure import Measure
from distconv.numbers.balls import RESOLVED_BITS, resolved
from distconv.numbers.copies import of_equal, of_equal_below
from distconv.queries.totals import Side
from distconv.ratio import Ratio
from distconv.settings import under_own_settings
from distconv.support import Lattice
from distconv.typing import AnyArray, IntegerLike, Key, Place, Scalar, Transform
from distconv.weights.rational import over


class Equal(FiniteFormulaic):
    """A law of equally likely integers: exact, however many there are. Subclasses define `span`."""

    __slots__ = ()

    @property
    def is_exact(self) -> bool:
        """True: the weights are fractions."""
        return True

    @property
    def error(self) -> float:
        """0.0: nothing is rounded."""
        return 0.0

    def key(self) -> Key:
        return ("Equal", self.shape[0]), 1, self.low

    def mirrored(self) -> Law | None:
        return None if self.is_laid_out() else UniformLaw(-self.high, -self.low)

    def _materialise(self) -> Measure:
        self.check_length()
        return self.window(*self.span())

    @under_own_settings
    def window(self, low: int, high: int) -> Measure:
        count = high - low + 1
        check_window(count, self.name())
        return Measure(Lattice((low,), (1,), (count,)), over([1] * count, self.shape[0]))

    def exact_head(self, x: Scalar) -> Fraction:
        return Fraction(int(x // 1) - self.low + 1, self.shape[0])

    def reaching(self, level: Fraction, side: Side) -> int:
        share = level if side == "cdf" else 1 - level
        return self.low - 1 - int(-share * self.shape[0] // 1)

    def mode(self) -> int:
        return self.low

    def cumulant(self, k: int) -> Fraction:
        return cumulants.uniform(k, self.shape[0]) + (Fraction(self.low) if k == 1 else 0)

    def log_mgf(self, t: float) -> float:
        size = abs(t)
        if not size:
            return 0.0
        # The largest term, and how much more or less the mean of all is.
        among = math.log(math.expm1(-size * self.shape[0]) / (self.shape[0] * math.expm1(-size)))
        return t * (self.high if t > 0 else self.low) + among

    def pgf(self, z: Place) -> Transform:
        """(z**low - z**(high + 1)) / (n (1 - z)) for n outcomes, any z; small laws as any finite law."""
        if z == 1:
            return z if isinstance(z, float | complex) else Ratio(1)
        if self.is_laid_out() or not isinstance(z, float | complex) or not z:
            return super().pgf(z)
        import flint

        count, low = self.shape[0], self.low

        def attempt() -> complex | None:
            base = flint.acb(z)
            value = base**low * (base**count - 1) / (count * (base - 1))
            return complex(value) if value.rel_accuracy_bits() > RESOLVED_BITS else None

        found = resolved(attempt, f"pgf({z!r})", start=SUM_BITS + 2 * self.high.bit_length(), last=LAST_SUM_BITS)
        return found if isinstance(z, complex) else found.real

    def _drawn(self, generator: np.random.Generator, counts: tuple[int, ...]) -> AnyArray | None:
        fits = self.low >= -(2**63) and self.high < 2**63
        return generator.integers(self.low, self.high, size=counts, endpoint=True) if fits else None


class UniformLaw(Equal):
    """P(X = k) = 1 / (high - low + 1), k = low, ..., high."""

    __slots__ = ("high", "low")
    family = "Uniform"
    parameters = ("low", "high")

    low: int
    high: int

    def __init__(self, low: int, high: int) -> None:
        self._keep(low, high)

    def span(self) -> tuple[int, int]:
        return self.low, self.high


def uniform(low: IntegerLike, high: IntegerLike) -> UniformLaw:
    """The law of equally likely integers."""
    least, most = check_integer("low", low), check_integer("high", high)
    if least > most:
        raise DistconvValueError(f"low must be <= high, got low={least}, high={most}; write Uniform({most}, {least})")
    return UniformLaw(least, most)


@constructor
def Uniform(low: IntegerLike, high: IntegerLike) -> Distribution:
    """The law of equally likely integers: P(X = k) = 1 / (high - low + 1), k = low, ..., high, both ends in.

    Args:
        low: an integer.
        high: an integer >= low (scipy.stats.randint stops one before it).

    Raises:
        DistconvTypeError: an end is no integer.
        DistconvValueError: high < low.

    >>> from distconv import Uniform
    >>> Uniform(-1, 1).var()
    Fraction(2, 3)
    """
    return made(FAMILY, low, high)


def _letters() -> Letters:
    import sympy as sp

    return Letters(
        formula=lambda _, low, high: 1 / (high - low + 1),
        ends=lambda low, high: (low, high),
        pgf=lambda z, low, high: (z**low - z ** (high + 1)) / ((high - low + 1) * (1 - z)),
        cgf=None,
        conditions=lambda low, high: (sp.Le(low, high), *whole(high - low)),
        many=of_equal,
        many_below=of_equal_below,
    )


FAMILY = Family(
    "Uniform",
    UniformLaw.parameters,
    uniform,
    partial(by_formula, "Uniform"),
    _letters,
    ((-1, 1), (4, 4), (-1000, 1000)),
)
