"""What laws made of others ask of these parts, finite or not: a piece, a sum from one side, a share."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

from distconv import bounds
from distconv.laws.law import Law
from distconv.laws.unbounded import SAFETY
from distconv.measure import Measure
from distconv.numbers.doubles import exact_fraction, is_pair, log_of_pair, log_ratio, pair_of_log, ratio_to_double
from distconv.queries.totals import Side
from distconv.support.outcomes import quotient, whole
from distconv.transforms import conditioning
from distconv.transforms.mixing import Share, double
from distconv.typing import Scalar

#: Exponents of 2 below which numbers are not written out as fractions: far below all doubles, and some hundred bytes.
LEAST_EXPONENT = -5000
#: Sums above this are doubles that may be divided by; smaller ones are taken from their logs.
LEAST_SUM = 1e-290


def piece(law: Law, low: Scalar | None, high: Scalar | None) -> Measure | None:
    """The outcomes of a law from low to high (None: its end), complete and no others; None where there are none."""
    first, last = law.low, law.high
    low = first if low is None or (first is not None and first > low) else low
    high = last if high is None or (last is not None and last < high) else high
    assert low is not None
    assert high is not None
    if low > high:
        return None
    measure = law.measure if law.is_laid_out() else law.around(low, high)
    found = None if measure is None else conditioning.inside(measure, low, high)
    if found is not None and first is None and last is None and not found.weights.is_exact:
        # Without an end a weight is what a window holds of an infinite sum (`Unbounded.around`).
        found = replace(found, weights=found.weights.as_floating().off_by(law.limits.tolerance * SAFETY))
    return found


def lattice_of(law: Law) -> tuple[Scalar, Scalar]:
    """An outcome of a law, and a number of which the distances of all others from it are multiples: 0 of one point."""
    first, step = law.low, law.spacing()
    if not law.is_finite:
        return law.anchor(), step
    assert first is not None
    return first, 0 if first == law.high else step


def exact_head(law: Law, x: Scalar) -> Fraction | None:
    """P(X <= x) as an exact fraction; None where it is none, or too long."""
    if not law.is_exact:
        return None
    first, last = law.low, law.high
    if first is not None and x < first:
        return Fraction(0)
    if last is not None and x >= last:
        return Fraction(1)
    return Fraction(law.beside(x, "cdf")) if law.is_finite else law.exact_head(x)


def share_beside(law: Law, x: Scalar, side: Side) -> tuple[Share, float]:
    """P(X <= x) or P(X > x) as a share, however small, and its relative error: exact where that is a finite sum."""
    head = exact_head(law, x)
    if head is not None:
        return (head if side == "cdf" else 1 - head), 0.0
    beside = law.beside
    value = float(beside(x, side))
    if value >= LEAST_SUM:
        return math.frexp(value), law.sum_error()
    pair, error = pair_of_log(float(beside(x, side, log=True)))
    return pair, bounds.compose(law.sum_error(), error) if pair[0] else 0.0


def as_fraction(share: Share) -> Fraction:
    """The number that a share is; of one far below all doubles a number as far below them."""
    value, exponent = _split(share)
    return exact_fraction(1.0, max(exponent, LEAST_EXPONENT)) * value


def name_of(share: Share) -> Fraction | tuple[float, int]:
    """What shares that are the same number have in common."""
    return share if is_pair(share) and share[1] < LEAST_EXPONENT else as_fraction(share)


def _split(share: Share) -> tuple[Fraction, int]:
    """(f, e) with share = f x 2**e, which is short however small the share is."""
    return (Fraction(share[0]), share[1]) if is_pair(share) else (Fraction(share), 0)


def number(share: Share) -> Fraction | float:
    """A share to calculate with: a fraction, or a double."""
    return double(share) if is_pair(share) else Fraction(share)


def log_of(share: Share) -> float:
    """The natural log of a share."""
    return log_of_pair(*share) if is_pair(share) else log_ratio(Fraction(share))


def times(a: Share, b: Share) -> Share:
    """The product of two shares, rounded once where one of them is a double."""
    (f, d), (g, e) = _split(a), _split(b)
    return _like(f * g, d + e, a, b)


def over(a: Share, b: Share) -> Share:
    """The quotient of two shares, likewise."""
    (f, d), (g, e) = _split(a), _split(b)
    return _like(f / g, d - e, a, b)


def plus(a: Share, b: Share) -> Share:
    """The sum of two shares, likewise."""
    (f, d), (g, e) = _split(a), _split(b)
    top = max(d, e)
    return _like(_lowered(f, d - top) + _lowered(g, e - top), top, a, b)


def minus(a: Share, b: Share) -> Share:
    """The difference of two shares, likewise."""
    return plus(a, (-b[0], b[1]) if is_pair(b) else -b)


def _lowered(value: Fraction, exponent: int) -> Fraction:
    """value x 2**exponent, exponent <= 0; of one far below the digits of a double a number as far below them."""
    return value / (1 << min(-exponent, -LEAST_EXPONENT))


def _like(value: Fraction, exponent: int, *shares: Share) -> Share:
    """value x 2**exponent as a share: a double with an exponent where one of these is."""
    if not any(is_pair(share) for share in shares):
        return value
    significand, own = ratio_to_double(value.numerator, value.denominator)
    return significand, own + exponent


def before(law: Law, x: Scalar) -> Scalar:
    """A number below x from which no outcome is left until x."""
    anchor, step = lattice_of(law)
    return whole(anchor + step * (math.ceil(quotient(x - anchor, step)) - 1))


def after(law: Law, x: Scalar) -> Scalar:
    """A number above x until which there is no outcome."""
    anchor, step = lattice_of(law)
    return whole(anchor + step * (math.floor(quotient(x - anchor, step)) + 1))
