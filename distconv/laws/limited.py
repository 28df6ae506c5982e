"""Infinite laws known to lie in an interval, or moved into it: finite where that has ends, else asked."""

from __future__ import annotations

from fractions import Fraction

from distconv import construction
from distconv.laws.finite import Finite
from distconv.laws.image import moved, scaled
from distconv.laws.law import Law
from distconv.laws.mixture import mixture_of
from distconv.laws.parts import after, before, piece, share_beside
from distconv.laws.truncated import truncated_above, truncated_below
from distconv.measure import Measure
from distconv.planning import Origin
from distconv.transforms import images, mixing
from distconv.transforms.mixing import Share
from distconv.typing import Scalar


def truncated(law: Law, low: Scalar | None, high: Scalar | None) -> Law | None:
    """The law of X known that low <= X <= high where that is infinite too; None where it is finite, or nothing."""
    low, high = _effective(law, low, high)
    if low is None and high is None:
        return law
    if high is None and law.high is None:
        assert low is not None
        return truncated_above(law, low)
    if low is None and law.low is None:
        assert high is not None
        return truncated_below(law, high)
    return None


def clipped(law: Law, low: Scalar | None, high: Scalar | None) -> Law:
    """The law of min(max(X, low), high): what lies between, and points at the ends with what lies beyond."""
    images.check_ends(None if low is None else (low,), None if high is None else (high,))
    low, high = _effective(law, low, high)
    if low is None and high is None:
        return law
    if low is not None and (low == high or (law.high is not None and low >= law.high)):
        return Finite(_point(low))
    if high is not None and law.low is not None and high <= law.low:
        return Finite(_point(high))
    if high is None and law.high is None:
        assert low is not None
        return _clipped_below(law, low)
    if low is None and law.low is None:
        assert high is not None
        return scaled(_clipped_below(moved(law, -1, 0), -high), -1)
    return _clipped_between(law, low, high)


def _clipped_below(law: Law, low: Scalar) -> Law:
    """The law of max(X, low), of a law without a highest outcome."""
    (beyond, off), (rest, wrong) = share_beside(law, low, "cdf"), share_beside(law, low, "sf")
    above = truncated_above(law, after(law, low))
    return mixture_of([(Finite(_point(low)), beyond), (above, rest)], max(off, wrong))


def _clipped_between(law: Law, low: Scalar | None, high: Scalar | None) -> Law:
    """The same as a finite law: the chances of both ends are sums from their own sides."""
    parts: list[tuple[Share, Measure]] = []
    errors = [0.0]
    if low is not None:
        share, error = share_beside(law, low, "cdf")
        parts.append((share, _point(low)))
        errors.append(error)
    if high is not None:
        share, error = share_beside(law, before(law, high), "sf")
        parts.append((share, _point(high)))
        errors.append(error)
    inner = piece(law, None if low is None else after(law, low), None if high is None else before(law, high))
    if inner is not None:
        parts.append((1, Measure(inner.support, inner.weights)))
    found = mixing.mixed(parts, max(errors))
    return Finite(found, Origin("given", "what lies outside moved to the ends"))


def _effective(law: Law, low: Scalar | None, high: Scalar | None) -> tuple[Scalar | None, Scalar | None]:
    """The ends beyond which there are outcomes; None for the others."""
    first, last = law.low, law.high
    return (
        None if low is None or (first is not None and low <= first) else low,
        None if high is None or (last is not None and high >= last) else high,
    )


def _point(x: Scalar) -> Measure:
    """All mass at one number."""
    return construction.exact_measure({(x,): Fraction(1)})
