"""Quantiles of laws whose sums are known from either side, by bisection on the lattice of their outcomes."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from distconv.numbers.doubles import log_ratio
from distconv.queries.totals import Side
from distconv.support.outcomes import quotient, whole
from distconv.typing import Scalar

if TYPE_CHECKING:
    from distconv.laws.law import Law

#: Levels below this are compared by their logs: doubles lose digits there.
LEAST_LEVEL = Fraction(1, 10**290)


def first_reaching(law: Law, q: Fraction, side: Side, *, rounded: bool, start: Scalar) -> Scalar:
    """The smallest outcome x with P(X <= x) >= q ("cdf") or P(X > x) <= q ("sf"), sought from an outcome on.

    Sums are taken from the smaller side. Of a `rounded` level, a double that may have been answered as such a sum, the
    answers have the last word: quantiles invert them.
    """
    below, above = (q, 1 - q) if side == "cdf" else (1 - q, q)
    small: Side = "cdf" if below <= above else "sf"
    target = min(below, above)
    log_target, beside, step = log_ratio(target), law.beside, law.spacing()

    def reaches(x: Scalar) -> bool:
        if target < LEAST_LEVEL:
            log = float(beside(x, small, log=True))
            return log >= log_target if small == "cdf" else log <= log_target
        value = beside(x, small)
        return bool(value >= target if small == "cdf" else value <= target)

    found = _first(reaches, start, step)
    if not rounded or law.is_exact:
        return found
    level = float(q)

    def answered(x: Scalar) -> bool:
        value = beside(x, side)
        return bool(value >= level if side == "cdf" else value <= level)

    return _first(answered, found, step)


def _first(reaches: Callable[[Scalar], bool], start: Scalar, step: Scalar) -> Scalar:
    """The first of start, start +- step, ... from which on a condition holds: steps double, then the bracket halves."""
    reached = reaches(start)
    inside, reach = start, step
    outside = whole(inside - reach if reached else inside + reach)
    while reaches(outside) == reached:
        inside, reach = outside, whole(2 * reach)
        outside = whole(inside - reach if reached else inside + reach)
    below, above = (outside, inside) if reached else (inside, outside)
    while above - below > step:
        middle = whole(below + step * (int(quotient(above - below, step)) // 2))
        below, above = (below, middle) if reaches(middle) else (middle, above)
    return above
