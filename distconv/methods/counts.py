"""Random numbers of terms by their generating functions, as tilted transforms and recursions take them.

With M(z) the generating function of the terms that are not 0, a count is known by the generating function of the sum:
`Panjer` is Panjer's class (a, b, 0), exp(rate (M - keep)) or ((1 - rate keep) / (1 - rate M))**shape: Poisson counts
(shape 0), negative binomial ones (shape r > 0), binomial ones (shape -n, rate < 0). `Series` is the logarithmic count.

Sources: Panjer (1981), Sundt and Jewell (1981) for the class and its recursion.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, TypeVar

import numpy as np

from distconv import bounds
from distconv.bounds import UNIT
from distconv.methods import series
from distconv.numbers.balls import ball_of, rational
from distconv.typing import AnyArray, FloatArray

if TYPE_CHECKING:
    import flint

#: What a generating function is asked at: a ball, or a power series of balls.
Mass = TypeVar("Mass", "flint.arb", "flint.arb_series")


class Count(Protocol):
    """What a power series and a recursion need to know of a random number of terms."""

    @property
    def is_whole(self) -> bool:
        """Whether `total` holds P(S = 0), too, so that `at_zero` has nothing beside it."""

    @property
    def passes(self) -> int:
        """How many sums over its terms the recursion takes for each number; 0 where it would subtract."""

    def at_zero(self) -> flint.arb:
        """What P(S = 0) has beside `total` at M = 0."""

    def total(self, mass: Mass) -> Mass:
        """The generating function at M, a FLINT ball or power series, but for what the sum 0 has beside it."""

    def scale(self) -> flint.arb:
        """What the recursion's numbers are multiplied by."""

    def series(self, step: flint.fmpq_poly, size: int) -> flint.fmpq_poly | None:
        """The generating function at an exact power series, to so many terms; None where it has no such one."""

    def recursion(self, step: AnyArray) -> Recursion | None:
        """The recursion of the sum's probabilities; None where it would subtract."""


@dataclass(frozen=True, slots=True, eq=False)
class Recursion:
    """k p_k = k first_k + sum_j (a_j (k - j) + b_j) p_(k-j), none of them negative; None are all 0."""

    start: float
    a: AnyArray | None
    b: AnyArray | None
    first: AnyArray | None


#: Roundings of the doubles that a spectrum's logarithm is made of, in units of 2**-53 of its size, and beside it.
SPECTRUM_ROUNDINGS = 6
#: The same of the expected number of terms and of its product with phi - 1.
MEAN_ROUNDINGS = 12
#: Logs above this are not raised: their errors are beyond all use.
LARGEST_LOG = 50.0
#: A geometric ratio so near 1 that the series does not converge for certain.
NEARLY_ONE = 0.999


@dataclass(frozen=True, slots=True)
class Panjer:
    """A count of Panjer's class: Poisson (shape 0), negative binomial (shape r > 0) or binomial (shape -n, rate < 0).

    `keep` is 1 less the probability that a term is 0.
    """

    rate: Fraction
    shape: Fraction
    keep: Fraction = Fraction(1)

    is_whole = True

    @property
    def passes(self) -> int:
        """One of Poisson counts, two of negative binomial ones, none of binomial ones."""
        return 0 if self.shape < 0 else 2 if self.shape else 1

    @classmethod
    def of(cls, ratio: Fraction, shape: Fraction, keep: Fraction) -> Panjer:
        """The count of terms that are not 0, of a count with this rate (shape 0) or ratio q of successive weights."""
        return cls(ratio if not shape else ratio / (1 - ratio * (1 - keep)), shape, keep)

    def expected(self, mass: FloatArray) -> tuple[FloatArray, FloatArray]:
        """(mean, variance) of the count once its terms' total is `mass`; infinite where there is no such law."""
        if not self.shape:
            mean = float(self.rate) * mass
            return mean, mean
        with np.errstate(divide="ignore", invalid="ignore"):
            q = float(self.rate) * mass
            ratio = np.where(q < 1, q / (1 - q), np.inf)
        return float(self.shape) * ratio, float(self.shape) * ratio * (1 + ratio)

    def _ratio(self, mass: FloatArray) -> FloatArray:
        """variance / mean - 1: rho of (1 - rho (phi - 1))**-shape, as a column."""
        mean, variance = self.expected(mass)
        return np.asarray((variance / np.maximum(mean, 1e-300) - 1)[:, None])

    def log_spectrum(self, mass: FloatArray, less: AnyArray) -> AnyArray:
        """log G(M phi) / G(M) for phi = 1 + less."""
        if not self.shape:
            return self.expected(mass)[0][:, None] * less
        base = 1 - self._ratio(mass) * less
        return -float(self.shape) * np.log(np.where(base == 0, bounds.TINY, base))

    def spectrum_errors(self, mass: FloatArray, less: AnyArray, logs: AnyArray, slack: FloatArray) -> FloatArray:
        """Bounds on the errors of exp(logs), where phi errs by `slack` and the rest by some roundings.

        d log G(M phi) / d phi is the expected number of terms at most, where |1 - rho (phi - 1)| >= 1; of binomial
        counts it is that number over |1 - rho (phi - 1)|, whose powers err by (size + error)**n - size**n.
        """
        mean = self.expected(mass)[0][:, None]
        shape = abs(float(self.shape))
        sizes = np.exp(np.real(logs))
        roundings = SPECTRUM_ROUNDINGS * UNIT * (1 + np.abs(logs) + shape)
        change = slack + MEAN_ROUNDINGS * UNIT * np.abs(less)
        if self.shape >= 0:
            return np.asarray(sizes * np.expm1(np.minimum(mean * change + roundings, LARGEST_LOG)))
        base = np.abs(1 - self._ratio(mass) * less)
        off = mean / shape * change + SPECTRUM_ROUNDINGS * UNIT
        kept = np.maximum(base, off)
        grown = shape * np.log1p(off / kept) + SPECTRUM_ROUNDINGS * UNIT * (1 + np.abs(logs))
        return np.asarray(kept**shape * np.expm1(np.minimum(grown, LARGEST_LOG)) + (base <= off) * (2 * kept) ** shape)

    def log_far(self, mass: FloatArray, away: FloatArray) -> FloatArray:
        """An upper bound on log |G(M phi) / G(M)| for |phi| <= 1 with real part at most 1 - away.

        |1 - pi + pi phi|**2 is at most 1 - 2 pi (1 - pi) away: the binomial counts'.
        """
        if self.shape >= 0:
            return np.asarray(self.log_spectrum(mass, -away[:, None])[:, 0])
        chance = -self._ratio(mass)[:, 0]
        return np.asarray(-float(self.shape) / 2 * np.log1p(-2 * chance * (1 - chance) * away))

    def log_growth(self, mass: FloatArray, grown: FloatArray) -> FloatArray:
        """log G(M (1 + grown)) / G(M), grown >= 0; infinite where there is no such number."""
        if not self.shape:
            return self.expected(mass)[0] * grown
        ratio = self._ratio(mass)[:, 0]
        if self.shape < 0:
            return np.asarray(-float(self.shape) * np.log1p(-ratio * grown))
        with np.errstate(invalid="ignore"):
            more = np.where(ratio * grown < NEARLY_ONE, ratio * grown, np.nan)
            return np.asarray(np.nan_to_num(-float(self.shape) * np.log1p(-more), nan=np.inf))

    def at_zero(self) -> flint.arb:
        """Nothing: the sum 0 is in the generating function."""
        return ball_of(0)

    def total(self, mass: Mass) -> Mass:
        """The generating function at M, of a FLINT ball or power series."""
        return self.log_total(mass).exp()

    def scale(self) -> flint.arb:
        """P(S = 0)."""
        return self.total(ball_of(Fraction(0)))

    def log_total(self, mass: Mass) -> Mass:
        """The logarithm of `total`."""
        rate, shape, keep = ball_of(self.rate), ball_of(self.shape), ball_of(self.keep)
        if not self.shape:
            return rate * (mass - keep)
        return shape * ((1 - rate * keep).log() - (1 - rate * mass).log())

    def series(self, step: flint.fmpq_poly, size: int) -> flint.fmpq_poly | None:
        """The generating function at an exact power series, to so many terms; None where its numbers are no fractions.

        `keep` is 1: the step holds the chance of a term that is 0.
        """
        if not self.shape or self.shape.denominator > 1:
            return None
        rate = rational(self.rate)
        base = (1 - rate * step) / (1 - rate)
        return series.power(series.inverse(base, size) if self.shape > 0 else base, abs(int(self.shape)), size)

    def recursion(self, step: AnyArray) -> Recursion | None:
        """p_k = rate sum_j (1 + (shape - 1) j / k) f_j p_(k-j), but for `scale`."""
        if self.shape < 0:
            return None
        places = np.arange(len(step))
        base = _long(self.rate) * step
        if not self.shape:
            return Recursion(1.0, None, base * places, None)
        return Recursion(1.0, base, base * places * _long(self.shape), None)


@dataclass(frozen=True, slots=True)
class Series:
    """A logarithmic count with parameter `chance`, of terms that are not 0 with probability `keep`.

    The sum's generating function is -log(1 - rate M) / -log(1 - chance), rate = chance / (1 - chance (1 - keep)), and
    what the sum 0 has.
    """

    chance: Fraction
    keep: Fraction = Fraction(1)

    is_whole = False
    passes = 1

    @property
    def rate(self) -> Fraction:
        """What the total of the terms that are not 0 is multiplied by."""
        return self.chance / (1 - self.chance * (1 - self.keep))

    def at_zero(self) -> flint.arb:
        """P(S = 0), all terms are 0, as a FLINT ball."""
        return (1 - ball_of(self.chance * (1 - self.keep))).log() / (1 - ball_of(self.chance)).log()

    def total(self, mass: Mass) -> Mass:
        """The generating function at M without the sum 0, of a FLINT ball or power series."""
        return (1 - ball_of(self.rate) * mass).log() / (1 - ball_of(self.chance)).log()

    def scale(self) -> flint.arb:
        """What the recursion's numbers are multiplied by, a FLINT ball."""
        return -1 / (1 - ball_of(self.chance)).log()

    def series(self, step: flint.fmpq_poly, size: int) -> None:
        """None: a logarithm is in every number."""

    def recursion(self, step: AnyArray) -> Recursion:
        """p_k = rate f_k + rate sum_j (1 - j / k) f_j p_(k-j), but for `scale`; p_0 = 0."""
        base = _long(self.rate) * step
        return Recursion(0.0, base, None, base)


def _long(value: Fraction) -> np.longdouble:
    """A number in extended precision."""
    leading = float(value)
    return np.longdouble(leading) + np.longdouble(float(value - Fraction(leading)))
