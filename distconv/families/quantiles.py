"""Quantiles of laws whose sums are known by formula: Newton's method on the log of the smaller side."""

from __future__ import annotations

import math
from fractions import Fraction
from statistics import NormalDist
from typing import TYPE_CHECKING

from distconv.errors import AccuracyError
from distconv.numbers.doubles import LOG2, log_ratio
from distconv.queries.totals import OTHER_SIDE, Side

if TYPE_CHECKING:
    from distconv.families.formulaic import Formulaic

#: Levels nearer to a sum than this, relatively, are compared with all digits.
CLOSE = 1e-9
#: Steps of Newton's method, after which the bracket is halved or doubled instead.
NEWTON = 12
#: The largest standard deviation of a law whose quantiles are computed: beyond it sums are not resolved in the digits
#: that FLINT is given (tests/families/test_large.py).
WIDEST = 1e21
#: Longest step that is tried, in outcomes: a double.
LONGEST = 1e300
#: Levels below this have normal quantiles by the tail's leading term.
LEAST_NORMAL = 1e-300


def edge_of(level: float, side: Side) -> Fraction:
    """Where the numbers begin (of "cdf") or end (of "sf") that are answered as a double: quantiles invert `cdf` so."""
    neighbour = math.nextafter(level, -math.inf if side == "cdf" else math.inf)
    return (Fraction(level) + Fraction(neighbour)) / 2


def first_reaching(law: Formulaic, level: Fraction, query: Side) -> int:
    """The first outcome x of a `Formulaic` law with P(X <= x) >= level ("cdf") or P(X > x) <= level ("sf").

    The level lies inside (0, 1).
    """
    side = query if 2 * level <= 1 else OTHER_SIDE[query]
    small = level if side == query else 1 - level
    target = log_ratio(small)
    below = None if law.low is None else int(law.low) - 1
    above = None if law.high is None else int(law.high)
    if not law.std() < WIDEST:
        raise AccuracyError(
            f"quantiles are told apart by sums in doubles, up to a standard deviation of {WIDEST:g}, and this law's is "
            f"{law.std():g}; ask for X.logcdf(x)"
        )
    k, steps, reach = _guess(law, target, side), 0, 1 + int(min(law.std(), LONGEST))
    while below is None or above is None or above - below > 1:
        k = _inside(k, below, above)
        log, reached = _ask(law, k, side, small, target)
        if reached:
            above = k
        else:
            below = k
        steps += 1
        step = _newton(law, k, log - target, log, side) if steps <= NEWTON else None
        if step is not None:
            k += step or (-1 if reached else 1)
        elif below is not None and above is not None:
            k = (below + above) // 2
        else:
            k += -reach if reached else reach
            reach *= 2
    return above


def _ask(law: Formulaic, k: int, side: Side, small: Fraction, target: float) -> tuple[float, bool]:
    """(the log of the sum on the smaller side, whether the outcome reaches the level)."""
    exact = law.exact_head(k) if law.is_exact else None
    if exact is not None:
        value = exact if side == "cdf" else 1 - exact
        return log_ratio(value), value >= small if side == "cdf" else value <= small
    significand, exponent = law.side(k, side)
    log = math.log(significand) + LOG2 * exponent
    if abs(log - target) > CLOSE:
        return log, log > target if side == "cdf" else log < target
    held = Fraction(significand) * Fraction(2) ** exponent
    return log, held >= small if side == "cdf" else held <= small


def _newton(law: Formulaic, k: int, excess: float, log: float, side: Side) -> int | None:
    """By how much to move for the log of the sum to change by -excess; None where that is not known."""
    if not math.isfinite(log):
        return None
    rate = log - float(law.at(k, log=True))
    if not rate < 700:
        return None
    size = excess * math.exp(rate)
    if not math.isfinite(size):
        return None
    return round(-size if side == "cdf" else size)


def _inside(k: int, below: int | None, above: int | None) -> int:
    """The number nearest to k that lies between the bounds, which it may not touch."""
    if below is not None and k <= below:
        k = below + 1
    if above is not None and k >= above:
        k = above - 1
    return k


def _guess(law: Formulaic, target: float, side: Side) -> int:
    """The quantile by the normal law, corrected for skewness (Cornish and Fisher)."""
    level = math.exp(target)
    z = NormalDist().inv_cdf(level) if LEAST_NORMAL < level < 1 else -math.sqrt(-2 * target)
    z = z if side == "cdf" else -z
    skewness = law.moments.skewness()
    lean = skewness * (z * z - 1) / 6 if math.isfinite(skewness) else 0.0
    place = z + max(min(lean, abs(z) + 1), -abs(z) - 1)
    return int(law.cumulant(1)) + int(Fraction(min(law.std(), LONGEST)) * Fraction(place))
