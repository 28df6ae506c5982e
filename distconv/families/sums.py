"""Sums of a family's weights over any number of outcomes, as balls, from a few hundred weights.

A family's weights are values of an analytic function f: gamma functions, and powers of constants. A long run of
outcomes is summed by the nodes of a Gauss rule (`quadrature`). What the rule errs by is bounded by the largest
abs(f) in an ellipse about the run: abs(gamma(x + iy)) <= gamma(x), and 1 / abs(gamma(x + iy)) <=
exp(y**2 psi'(x) / 2) / gamma(x), from the product of gamma(x)**2 / abs(gamma(x + iy))**2 = prod (1 + y**2 / (x + n)**2)
over n >= 0 (DLMF 5.8.3); a quotient gamma(x + r) / gamma(x + 1) grows by the difference of the psi', since
log((1 + a) / (1 + b)) <= a - b for a >= b >= 0. Along the real line log f is concave, or falls and is convex, so that
one slope bounds it.

Runs go outward from the middle of the law, where weights fall, so nothing ever cancels; what lies beyond the last is
less than a geometric series.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from distconv import bounds
from distconv.errors import AccuracyError
from distconv.families.quadrature import ELLIPSES, error_bits, rule
from distconv.numbers.balls import RESOLVED_BITS
from distconv.planning.plan import human_count

if TYPE_CHECKING:
    import flint

#: Outcomes up to which a run is summed one by one: about as quick as a rule of 24 nodes.
DIRECT = 64
#: Arguments above it are taken for it in bounds that fall: a double whose cube is one.
LARGEST = 2**300
#: Longest run: its length, and what it is multiplied by, are doubles.
LONGEST = 1 << 900
#: Runs of a sum past which something is wrong: a dozen is usual, some hundred where the outcomes span hundreds of
#: decades.
MOST_RUNS = 5000
#: Bits below a run's own size that its rule may err by, and below the sum that the rest may be.
RULE_BITS, REST_BITS = 67, 65


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """A family's weights as a function f of a real outcome, in balls of one working precision.

    Attributes:
        low: the lowest outcome.
        high: the highest; None where there is none.
        mass: f(x) for a real ball, or for an outcome.
        ratio: f(k + 1) / f(k) for an outcome k, exactly, as a FLINT rational.
        stretch: for low <= a < b (<= high) a bound over a <= x <= b on 2 log(abs(f(x + iy)) / f(x)) / y**2: the sum of
            psi' of the arguments of the gamma functions in denominators, of a quotient of two the difference.
        gap: None where log f is concave; else it is convex, f falls from the lowest outcome on, and this is 1 minus the
            limit of its ratios, a FLINT rational.
    """

    low: int
    high: int | None
    mass: Callable[[flint.arb | int], flint.arb]
    ratio: Callable[[int], flint.fmpq]
    stretch: Callable[[int, int], float]
    gap: flint.fmpq | None = None


def trigamma(x: int) -> float:
    """An upper bound on psi'(x) = sum 1 / (x + n)**2, x > 0: its first term, and the integral of the others."""
    x = min(x, LARGEST)
    return 1 / x + 1 / x / x


def trigamma_fall(x: int, distance: float) -> float:
    """An upper bound on psi'(x) - psi'(x + distance): the distance times psi''(x) = -2 sum 1 / (x + n)**3."""
    x = min(x, LARGEST)
    return min(trigamma(x), max(distance, 0.0) * (1 / x / x + 2 / x / x / x))


def head(curve: Curve, k: int, mode: int, width: float) -> flint.arb:
    """P(X <= k) as a ball, for an outcome k.

    Args:
        curve: the weights.
        k: the outcome.
        mode: an outcome of the largest weight: weights fall on both sides of it.
        width: a length over which f varies by a factor of some e, to start with.
    """
    if k <= mode:
        return _outward(curve, k, -1, curve.low, width)
    if _is_near(curve, k):
        return between(curve, curve.low, k, mode, width)
    value = 1 - _outward(curve, k + 1, 1, curve.high, width, of_rest=True)
    return value if value.rel_accuracy_bits() > RESOLVED_BITS else between(curve, curve.low, k, mode, width)


def tail(curve: Curve, k: int, mode: int, width: float) -> flint.arb:
    """P(X > k) as a ball, for an outcome k; see `head`."""
    if k >= mode:
        if _is_near(curve, k):
            value = 1 - between(curve, curve.low, k, mode, width, of_rest=True)
            if value.rel_accuracy_bits() > RESOLVED_BITS:
                return value
        return _outward(curve, k + 1, 1, curve.high, width)
    value = 1 - _outward(curve, k, -1, curve.low, width, of_rest=True)
    return value if value.rel_accuracy_bits() > RESOLVED_BITS else between(curve, k + 1, curve.high, mode, width)


def between(curve: Curve, low: int, high: int | None, mode: int, width: float, *, of_rest: bool = False) -> flint.arb:
    """The sum of the weights of low, ..., high, from the largest of them outward; see `head` and `_outward`."""
    middle = max(mode, low) if high is None else min(max(mode, low), high)
    above = _outward(curve, middle, 1, high, width, of_rest=of_rest)
    return above if middle == low else above + _outward(curve, middle - 1, -1, low, width, of_rest=of_rest)


def _is_near(curve: Curve, k: int) -> bool:
    """Whether an outcome is much nearer to the lowest than to where weights that fall slowly begin to fall quickly."""
    return curve.gap is not None and (k - curve.low) ** 2 * curve.gap < 1


def _outward(
    curve: Curve, first: int, direction: int, last: int | None, width: float, *, of_rest: bool = False
) -> flint.arb:
    """The sum of the weights from `first` on in a direction in which they fall, to the last or without end.

    It is right relative to itself, or to 1 minus itself.
    """
    import flint

    total, place = flint.arb(0), first
    length = 1 << max(int(min(width, LONGEST)), 1).bit_length()
    for _ in range(MOST_RUNS):
        if last is not None and direction * (last - place) < 0:
            return total
        room = None if last is None else direction * (last - place) + 1
        length, bits = _run(curve, place, direction, length if room is None else min(length, room))
        count = length if room is None else min(length, room)
        if bits is None:
            total = total + _one_by_one(curve, place, direction, count)
        else:
            total = total + _by_rule(curve, place, direction, count, bits)
        place += direction * count
        rest = _rest(curve, place, direction, last)
        if rest is not None and rest < (1 - total if of_rest else total) / 2**REST_BITS:
            return total + flint.arb(0, rest.upper())
        length = min(length * 4, LONGEST)
        if length == LONGEST and curve.gap is not None and curve.gap * LONGEST * MOST_RUNS < REST_BITS:
            # Even the longest runs left do not reach where the weights begin to fall quickly.
            break
    raise AccuracyError(
        f"the sum of the weights from outcome {human_count(first)} on is too long: over {MOST_RUNS} runs; "
        "ask for single probabilities: X.pmf(k), X.logpmf(k)"
    )


def _run(curve: Curve, place: int, direction: int, most: int) -> tuple[int, float | None]:
    """(the length of the next run, the bits by which its rule errs; None where it is summed one by one)."""
    below = place - curve.low
    # No ellipse about a longer run leaves out the lowest outcome: its half axis is 5 / 3 of half the run, or more.
    longest = max(1, 3 * below if direction > 0 else 3 * below // 4)
    length = 1 << (min(most, longest).bit_length() - 1)
    while length > DIRECT:
        bits = _error_of(curve, place, direction, length)
        if bits < -RULE_BITS:
            return length, bits
        length //= 2
    return DIRECT, None


def _error_of(curve: Curve, place: int, direction: int, length: int) -> float:
    """log2 of what a rule errs by over a run of even length, over length * f(middle)."""
    # The middle lies halfway between these two outcomes.
    left = (place if direction > 0 else place - length + 1) + length // 2 - 1
    right, half = left + 1, length / 2
    best = math.inf
    slope = None if curve.gap is not None else _steepness(curve, left, right)
    for rho in ELLIPSES:
        reach, height = half * (rho + 1 / rho) / 2, half * (rho - 1 / rho) / 2
        a, b = left - math.ceil(reach), right + math.ceil(reach)
        if a <= curve.low or (curve.high is not None and b >= curve.high):
            break
        steep = _steepness(curve, a, a) if slope is None else slope
        bend = height * math.sqrt(curve.stretch(a, b))
        best = min(best, error_bits(rho, steep * (reach + 1) + bend * bend / 2))
    return best


def _steepness(curve: Curve, left: int, right: int) -> float:
    """A bound on (log f(x) - log f(m)) / abs(x - m) for left <= m <= right, and all x that are looked at.

    Of a concave log f the tangent at m bounds it, which is no steeper than the chords before and behind; of a convex
    one that falls the chord before the first x is the steepest.
    """
    import flint

    before = flint.arb(curve.ratio(left - 1) - 1).log1p()
    if curve.gap is not None:
        return -float(before.lower()) * bounds.PAD
    behind = flint.arb(curve.ratio(right) - 1).log1p()
    return max(float(before.upper()), -float(behind.lower()), 0.0) * bounds.PAD


def _by_rule(curve: Curve, place: int, direction: int, length: int, bits: float) -> flint.arb:
    """The sum over a run by a Gauss rule, with its error in the radius."""
    import flint

    middle = flint.arb(2 * place + direction * (length - 1)) / 2
    total = sum((weight * curve.mass(middle + node) for node, weight in rule(length)), start=flint.arb(0))
    error = (curve.mass(middle) * length).upper() * flint.arb(2) ** math.ceil(bits)
    return total + flint.arb(0, error.upper())


def _one_by_one(curve: Curve, place: int, direction: int, length: int) -> flint.arb:
    """The sum over a run by the ratios of its weights."""
    weight = curve.mass(place)
    total = weight
    for k in range(place, place + direction * (length - 1), direction):
        weight = weight * curve.ratio(k) if direction > 0 else weight / curve.ratio(k - 1)
        total = total + weight
    return total


def _rest(curve: Curve, place: int, direction: int, last: int | None) -> flint.arb | None:
    """A bound on the sum from `place` on: its geometric series; None where that does not converge, or is over."""
    import flint

    if last is not None and direction * (last - place) < 0:
        return None
    if direction > 0:
        fall: flint.fmpq | int = 1 - curve.ratio(place) if curve.gap is None else curve.gap
    else:
        fall = 1 - 1 / curve.ratio(place - 1) if place > curve.low else 1
    return curve.mass(place) / flint.arb(fall) if fall > 0 else None
