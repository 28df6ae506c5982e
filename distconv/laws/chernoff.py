"""Chernoff's bound: where an upper tail ends, from the moment generating function alone, however far out."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from distconv.errors import AccuracyError
from distconv.measure import Measure
from distconv.queries import probabilities
from distconv.queries.totals import Side
from distconv.support.outcomes import whole
from distconv.transforms import affine
from distconv.typing import Scalar

if TYPE_CHECKING:
    from distconv.laws.law import Law

#: Probability that the default window of an infinite law may miss.
WINDOW_TAIL = 1e-18
#: Rates that are tried, in powers of 2 relative to the inverse of the law's standard deviation, from and to.
SLOWEST, FASTEST = -30, 40
#: How often the best rate's surroundings are searched again, and at how many rates each time.
ROUNDS = 3
RATES = 9
#: What the logarithms' rounding may add, absolute and relative.
SLACK = 1e-9
SLACK_PART = 1e-12
#: Ends from here on are no use: no window reaches so far.
FARTHEST = 2.0**62
#: How far below what a bound tells a window reaches, in nats; how many windows are tried.
MARGIN = 5.0
MOST_WINDOWS = 12


@dataclass(frozen=True, slots=True, eq=False)
class Mirrored:
    """What Chernoff's bound asks of the law of -X, where the outcomes of X have a highest one."""

    law: Law

    def log_mgf(self, t: float) -> float:
        """log E exp(-t X)."""
        return self.law.log_mgf(-t)

    def up_to(self, x: Scalar) -> Measure | None:
        """All outcomes of -X up to x."""
        part = self.law.down_to(-x)
        return None if part is None else affine.reflected(part)

    def std(self) -> float:
        """The standard deviation."""
        return float(self.law.std())

    def spacing(self) -> Scalar:
        """The distance of neighbours."""
        return self.law.spacing()


@dataclass(frozen=True, slots=True, eq=False)
class Tilted:
    """What Chernoff's bound asks of a law whose outcomes x are weighed by exp(tilt x - log_total)."""

    law: Law | Mirrored
    tilt: float
    log_total: float

    def log_mgf(self, t: float) -> float:
        """log E exp(t X) under the tilt."""
        return self.law.log_mgf(self.tilt + t) - self.log_total

    def up_to(self, x: Scalar) -> Measure | None:
        """All outcomes up to x, as they are without the tilt."""
        return self.law.up_to(x)

    def std(self) -> float:
        """The standard deviation of the law: a scale of rates."""
        return float(self.law.std())

    def spacing(self) -> Scalar:
        """The distance of neighbours."""
        return self.law.spacing()


def log_tail(law: Law | Mirrored | Tilted, x: Scalar) -> float:
    """An upper bound on log P(X > x): the least of log E exp(t X) - t x over rates t > 0, at most 0."""
    place = float(x)

    def bound(t: float) -> float:
        value = law.log_mgf(t)
        return float(value + SLACK + SLACK_PART * (abs(value) + abs(t * place)) - t * place)

    return min(0.0, _least(bound, width(law)))


def upper_end(law: Law | Mirrored, log_mass: float) -> Scalar:
    """An outcome beyond which the law has at most a probability of exp(log_mass), for certain.

    Raises:
        AccuracyError: no rate tells one.
    """

    def outcome(t: float) -> float:
        value = law.log_mgf(t)
        return float((value + SLACK + SLACK_PART * (abs(value) + abs(log_mass)) - log_mass) / t)

    found = _least(outcome, width(law))
    if not found < FARTHEST:
        raise AccuracyError(
            "the upper tail is too heavy for a window that misses little; ask for single probabilities: X.pmf(x)"
        )
    return math.ceil(found)


def width(law: Law | Mirrored | Tilted) -> float:
    """The standard deviation, or the distance of neighbours where that is more, or the other is not known.

    Of a rare event far away the deviation is next to nothing, and no rate goes with it.
    """
    step = float(law.spacing())
    try:
        return max(float(law.std()), step)
    except AccuracyError:
        return step


def some(measure: Measure | None) -> Measure:
    """The measure, known not to be None."""
    assert measure is not None
    return measure


def _least(bound: Callable[[float], float], scale: float) -> float:
    """The least value of a bound over rates, on a grid that narrows around the best; nan and infinite ones are none."""
    unit = 1 / scale if 0 < scale < math.inf else 1.0
    exponents = [float(e) for e in range(SLOWEST, FASTEST, 2)]
    best, where, step = math.inf, 0.0, 2.0
    for _ in range(ROUNDS + 1):
        for e in exponents:
            value = bound(unit * 2.0**e)
            if value < best:
                best, where = value, e
        exponents = [where + step * (2 * i / (RATES - 1) - 1) for i in range(RATES)]
        step = 2 * step / (RATES - 1)
    return best


def window_above(law: Law | Mirrored, x: Scalar, share: float) -> Measure:
    """A window from the low end on that misses at most exp(share) of P(X > x).

    Raises:
        AccuracyError: the bound is too far from the probability.
    """
    mass = log_tail(law, x) + share - MARGIN
    for _ in range(MOST_WINDOWS):
        window: Measure | None = law.up_to(max(upper_end(law, mass), x))
        found = -math.inf if window is None else float(probabilities.log_beside(window, x, "sf"))
        if window is not None and mass <= found + share:
            return window
        # Nothing there yet: the outcomes are far apart, or their probability falls at once.
        mass = 2 * mass if found == -math.inf else found + share - MARGIN
    raise AccuracyError(f"P(X > {x}) is too far below what Chernoff's bound tells; ask for single ones: X.pmf(x)")


def whole_side(law: Law, x: Scalar, side: Side, share: float) -> Measure:
    """A window with all outcomes on one side of x, or with so many that the others are at most that share of them.

    Of a law with a low or a high end; `side` is ``"cdf"`` for the side up to x, else ``"sf"``.
    """
    if law.low is not None:
        return some(law.up_to(x)) if side == "cdf" else window_above(law, x, math.log(share))
    if side == "sf":
        return some(law.down_to(x))
    edge = whole(-x - Fraction(law.spacing()) / 2)
    return affine.reflected(window_above(Mirrored(law), edge, math.log(share)))
